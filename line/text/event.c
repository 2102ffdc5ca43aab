#include "line/text/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/text/escape.h"

/* A line of one stanza of the largest size, each byte escaped. */
#define EVENT_MAX ((size_t)128 * 1024 * 1024)

static const struct {
	const char *tag, *fixed, *further;
} events[] = {
#define EVENT(id, tag, fixed, further) {tag, fixed, further},
#include "line/text/event.def"
#undef EVENT
};

static const struct {
	const char *token;
	int status;
	const char *sentence;
} causes[] = {
#define CAUSE(token, status, sentence) {token, status, sentence},
#include "xmpp/cause.def"
#undef CAUSE
};

#define CAUSES (sizeof causes / sizeof *causes)

void
event_init(struct event_writer *w, struct buf *out, int ascii)
{
	size_t i;

	memset(w, 0, sizeof *w);
	w->out = out;
	event_set_time(w, 0);
	w->ascii = ascii ? ESCAPE_ASCII : 0;
	buf_init(&w->head, EVENT_MAX);
	buf_init(&w->further, EVENT_MAX);
	for (i = 0; i < EVENT_FIXED; i++)
		buf_init(&w->fixed[i], EVENT_MAX);
}

void
event_clear(struct event_writer *w)
{
	size_t i;

	buf_clear(&w->head);
	buf_clear(&w->further);
	for (i = 0; i < EVENT_FIXED; i++)
		buf_clear(&w->fixed[i]);
}

/* Days since 1970 to a date of the proleptic Gregorian calendar. */
static void
date_of_days(int64_t days, int64_t *year, int *month, int *day)
{
	int64_t z = days + 719468; /* from 0000-03-01 */
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = yoe + era * 400 + (*month <= 2);
}

static void
write_digits(char *to, int n, int64_t value)
{
	while (n-- > 0) {
		to[n] = (char)('0' + value % 10);
		value /= 10;
	}
}

void
event_time(int64_t t, char out[32])
{
	int64_t days, left, year;
	int month, day;

	days = t / 86400000;
	left = t % 86400000;
	if (left < 0) {
		days--;
		left += 86400000;
	}
	date_of_days(days, &year, &month, &day);
	memcpy(out, "0000-00-00T00:00:00.000Z", 25);
	write_digits(out, 4, year);
	write_digits(out + 5, 2, month);
	write_digits(out + 8, 2, day);
	write_digits(out + 11, 2, left / 3600000);
	write_digits(out + 14, 2, left / 60000 % 60);
	write_digits(out + 17, 2, left / 1000 % 60);
	write_digits(out + 20, 3, left % 1000);
}

void
event_begin(struct event_writer *w, enum event_tag tag, const char *peer,
    const void *text, size_t n)
{
	size_t i;

	w->tag = tag;
	for (i = 0; i < EVENT_FIXED; i++)
		buf_reset(&w->fixed[i]);
	buf_reset(&w->further);
	buf_reset(&w->head);
	buf_adds(&w->head, events[tag].tag);
	buf_addc(&w->head, '\t');
	buf_adds(&w->head, w->when);
	buf_addc(&w->head, '\t');
	escape_write(&w->head, peer, peer == NULL ? 0 : strlen(peer),
	    w->ascii | ESCAPE_VALUE);
	buf_addc(&w->head, '\t');
	escape_write(&w->head, text, n, w->ascii);
}

void
event_begins(struct event_writer *w, enum event_tag tag, const char *peer,
    const char *text)
{
	event_begin(w, tag, peer, text, text == NULL ? 0 : strlen(text));
}

/* Returns the length of the word at the front of WORDS. */
static size_t
word_len(const char *words)
{
	size_t n = 0;

	while (words[n] != ' ' && words[n] != '\0')
		n++;
	return n;
}

/* The index in WORDS of the word KEY of LEN bytes, -1: it is not there. */
static int
word_index(const char *words, const char *key, size_t len)
{
	size_t n;
	int i;

	for (i = 0; *words != '\0'; i++) {
		n = word_len(words);
		if (n == len && memcmp(words, key, n) == 0)
			return i;
		words += n + (words[n] == ' ');
	}
	return -1;
}

/* Begins the attribute KEY. Returns the buffer that its value goes to. */
static struct buf *
begin_attr(struct event_writer *w, const char *key)
{
	size_t n = strlen(key);
	struct buf *b;
	int i;

	i = word_index(events[w->tag].fixed, key, n);
	if (i >= 0)
		return &w->fixed[i];
	b = &w->further;
	buf_addc(b, '\t');
	buf_add(b, key, n);
	buf_addc(b, '=');
	return b;
}

void
event_set(struct event_writer *w, const char *key, const char *value)
{
	if (value == NULL)
		return;
	escape_write(
	    begin_attr(w, key), value, strlen(value), w->ascii | ESCAPE_VALUE);
}

void
event_set_number(struct event_writer *w, const char *key, long long n)
{
	buf_add_number(begin_attr(w, key), n);
}

char *
event_label(char *token, const char *in)
{
	struct buf label;
	char *copy;

	if (in == NULL)
		return token;
	buf_init(&label, EVENT_MAX);
	buf_addf(&label, "%s/%s", token == NULL ? "" : token, in);
	copy = buf_strdup(buf_str(&label));
	buf_clear(&label);
	return copy;
}

static void
set_label(struct event_writer *w)
{
	const char *slash = strchr(w->label, '/');
	char *token;

	if (slash == NULL) {
		event_set(w, "label", w->label);
		return;
	}
	token = buf_memdup(w->label, (size_t)(slash - w->label));
	event_set(w, "label", *token == '\0' ? NULL : token);
	event_set(w, "in", slash + 1);
	free(token);
}

void
event_end(struct event_writer *w)
{
	const char *words = events[w->tag].fixed;
	struct buf *line = &w->head;
	size_t i, n;

	if (w->label != NULL && event_has(w->tag, "label", sizeof "label" - 1))
		set_label(w);
	for (i = 0; *words != '\0'; i++) {
		n = word_len(words);
		buf_addc(line, '\t');
		buf_add(line, words, n);
		buf_addc(line, '=');
		if (buf_len(&w->fixed[i]) == 0)
			buf_addc(line, '-');
		buf_add(line, buf_data(&w->fixed[i]), buf_len(&w->fixed[i]));
		words += n + (words[n] == ' ');
	}
	buf_add(line, buf_data(&w->further), buf_len(&w->further));
	buf_addc(line, '\n');
	/* Whole or not at all: the second half of a line could pass for one. */
	buf_add(w->out, buf_data(line), buf_len(line));
	buf_drop(line, buf_len(line)); /* wiped: it may be decrypted text */
}

const char *
event_relabel(struct event_writer *w, const char *label)
{
	const char *before = w->label;

	w->label = label;
	return before;
}

struct buf *
event_redirect(struct event_writer *w, struct buf *out, const char **label)
{
	struct buf *before = w->out;

	*label = event_relabel(w, NULL);
	w->out = out;
	return before;
}

void
event_restore(struct event_writer *w, struct buf *out, const char *label)
{
	w->out = out;
	w->label = label;
}

void
event_set_time(struct event_writer *w, int64_t now)
{
	if (now != w->now || *w->when == '\0')
		event_time(now, w->when);
	w->now = now;
}

const char *
event_name(enum event_tag tag)
{
	return events[tag].tag;
}

enum event_tag
event_find(const char *name, size_t n)
{
	enum event_tag tag;

	for (tag = 0; tag < EVENT_TAGS; tag++)
		if (strlen(events[tag].tag) == n &&
		    memcmp(events[tag].tag, name, n) == 0)
			return tag;
	return EVENT_TAGS;
}

int
event_read_tags(const char *words, uint64_t *tags)
{
	enum event_tag tag;
	size_t n;

	*tags = 0;
	for (;; words += n + 1) {
		n = strcspn(words, ",");
		tag = event_find(words, n);
		if (tag == EVENT_TAGS)
			return -1;
		*tags |= UINT64_C(1) << tag;
		if (words[n] == '\0')
			return 0;
	}
}

size_t
event_run(const void *p, size_t n, uint64_t tags, int *shown)
{
	const char *start = p, *at = p, *end = start + n, *tab, *lf;
	enum event_tag tag;
	int is_shown;

	if (tags == UINT64_MAX) {
		*shown = 1;
		while (n > 0 && start[n - 1] != '\n')
			n--;
		return n;
	}
	for (; at < end; at = lf + 1) {
		tab = memchr(at, '\t', (size_t)(end - at));
		lf = memchr(at, '\n', (size_t)(end - at));
		if (tab == NULL || lf == NULL)
			break;
		tag = event_find(at, (size_t)(tab - at));
		is_shown = tag != EVENT_TAGS && (tags >> tag & 1) != 0;
		if (at == start)
			*shown = is_shown;
		else if (is_shown != *shown)
			break;
	}
	return (size_t)(at - start);
}

int
event_has(enum event_tag tag, const char *key, size_t n)
{
	return word_index(events[tag].fixed, key, n) >= 0 ||
	       word_index(events[tag].further, key, n) >= 0;
}

int
event_status(const char *cause)
{
	size_t i;

	for (i = 0; i < CAUSES; i++)
		if (strcmp(causes[i].token, cause) == 0)
			return causes[i].status;
	return 1;
}

const char *
event_sentence(const char *cause)
{
	size_t i;

	for (i = 0; i < CAUSES; i++)
		if (strcmp(causes[i].token, cause) == 0)
			return causes[i].sentence;
	return NULL;
}

void
event_tables(struct buf *out)
{
	size_t i;

	for (i = 0; i < EVENT_TAGS; i++)
		buf_addf(out, "tag\t%s\t%s\t%s\n", events[i].tag,
		    *events[i].fixed == '\0' ? "-" : events[i].fixed,
		    *events[i].further == '\0' ? "-" : events[i].further);
	for (i = 0; i < CAUSES; i++)
		buf_addf(out, "cause\t%s\t%d\t%s\n", causes[i].token,
		    causes[i].status, causes[i].sentence);
}
