#include "line/complete.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *arguments;
} commands[] = {
#define COMMAND(name, arguments, help) {#name, arguments},
#include "line/command.def"
#undef COMMAND
};

#define COMMANDS (sizeof commands / sizeof *commands)
#define LISTED	 100 /* candidates, at most */

/* Candidates are offered one after the other. */
struct search {
	const char *word; /* what stands there already */
	size_t n;
	const char *before, *behind; /* of each: "/" or "", " " or ": " */
	const char *first;	     /* word behind the command, or NULL */
	int count;
	struct buf common, *list;
};

static void
offer(struct search *s, const char *word, size_t n)
{
	const unsigned char *common;
	size_t before = strlen(s->before), i;
	struct buf b;

	buf_init(&b, before + n + 1);
	buf_adds(&b, s->before);
	buf_add(&b, word, n);
	if (buf_len(&b) >= s->n && memcmp(buf_data(&b), s->word, s->n) == 0) {
		if (s->count++ == 0)
			buf_add(&s->common, buf_data(&b), buf_len(&b));
		common = buf_data(&s->common);
		for (i = 0; i < buf_len(&b) && i < buf_len(&s->common); i++)
			if (common[i] != buf_data(&b)[i])
				break;
		/* Whole characters. */
		while (i > s->n && i < buf_len(&s->common) &&
		       (common[i] & 0xc0) == 0x80)
			i--;
		buf_cut(&s->common, i);
		if (s->count <= LISTED) {
			buf_add(s->list, buf_data(&b), buf_len(&b));
			buf_addc(s->list, ' ');
		}
	}
	buf_clear(&b);
}

static void
offer_string(struct search *s, const char *word)
{
	offer(s, word, strlen(word));
}

/* The same with the escapes of PEER undone, where they can be typed. */
static void
offer_plain(struct search *s, const char *word)
{
	char *copy = buf_strdup(word), *to = copy;

	for (; *word != '\0'; word++, to++) {
		if (word[0] == '\\' && (word[1] == 's' || word[1] == '\\'))
			*to = *++word == 's' ? ' ' : '\\';
		else
			*to = *word;
	}
	*to = '\0';
	offer_string(s, copy);
	free(copy);
}

static void
offer_words(struct search *s, const char *words)
{
	size_t n;

	for (; *words != '\0'; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		offer(s, words, n);
	}
}

/* To be turned on or off. */
static void
offer_policies(struct search *s)
{
	static const char *const words[] = {"require_encryption",
	    "send_whitespace_tag", "whitespace_start_ake", "error_start_ake",
	    "reveal_macs", "v2", "v3"};
	const char *before = s->before;
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++) {
		s->before = "+";
		offer_string(s, words[i]);
		s->before = "-";
		offer_string(s, words[i]);
	}
	s->before = before;
}

static void
offer_commands(struct search *s)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		offer_string(s, commands[i].name);
}

/* Bare JIDs; the full ones of what stands there in whole already. */
static void
offer_contacts(struct search *s, const struct view *v)
{
	const char *jid, *full, *more = s->behind;
	size_t i, k, n;
	int one = 0;

	for (i = 0; (jid = view_contact(v, i)) != NULL; i++) {
		k = (size_t)s->count;
		offer_string(s, jid);
		/* A resource may follow. */
		if ((size_t)s->count > k && !view_room(v, i) &&
		    view_session(v, i, 1) != NULL)
			one = 1;
		n = strlen(jid);
		if (s->n < n || memcmp(s->word, jid, n) != 0 ||
		    (s->n > n && s->word[n] != '/'))
			continue;
		for (k = 0; (full = view_session(v, i, k)) != NULL; k++)
			offer_string(s, full);
	}
	s->behind = one ? "" : more;
}

/* The words in small letters, which stand for themselves. */
static void
offer_small(struct search *s, const char *arguments, int index)
{
	static const char small[] = "abcdefghijklmnopqrstuvwxyz_";
	size_t n, len, first = 0, typed;
	const char *word = arguments;
	int at = 1;

	typed = s->first == NULL ? 0 : strcspn(s->first, " ");
	for (; *arguments != '\0'; arguments += n) {
		n = strcspn(arguments, " |");
		len = strspn(arguments + (*arguments == '?'), small);
		word = arguments + (*arguments == '?');
		if (n > 0 && at == 1)
			/* Whether what follows is meant. */
			first = index > 1 && len == typed &&
				memcmp(word, s->first, len) == 0;
		if (n > 0 && at == index && len > 0 && (index == 1 || first))
			offer(s, word, len);
		at = n > 0 ? at + 1 : at;
		if (n == 0 && *arguments == '|')
			at = 1;
		n += n == 0;
	}
}

/*
 * What ARGUMENTS of the table names: words in small letters stand for
 * themselves, those in capitals for others. INDEX is that of the word.
 */
static void
offer_arguments(
    struct search *s, const struct view *v, const char *arguments, int index)
{
	enum event_tag tag;

	if (strstr(arguments, "JID") != NULL &&
	    (index == 1) == (strncmp(arguments, "JID", 3) == 0))
		offer_contacts(s, v);
	if (strstr(arguments, "PRESENCE") != NULL && index == 1)
		offer_words(s, "free away dnd xa offline online");
	if (strstr(arguments, "COMMAND") != NULL)
		offer_commands(s);
	if (strstr(arguments, "POLICY") != NULL)
		offer_policies(s);
	for (tag = 0; strncmp(arguments, "TAG", 3) == 0 && index == 1 &&
		      tag < EVENT_TAGS;
	     tag++)
		offer_string(s, event_name(tag));
	offer_small(s, arguments, index);
}

/*
 * The arguments of the command NAME, of N bytes and perhaps cut short; empty
 * where several commands begin so.
 */
static const char *
arguments_of(const char *name, size_t n)
{
	size_t i, found = COMMANDS, matches = 0;

	for (i = 0; i < COMMANDS; i++) {
		if (strncmp(commands[i].name, name, n) != 0)
			continue;
		if (commands[i].name[n] == '\0')
			return commands[i].arguments;
		found = i;
		matches++;
	}
	return matches == 1 ? commands[found].arguments : "";
}

/*
 * Whether LINE begins with COMMAND, called by LEAST of its letters or more, and
 * one word more; its length.
 */
static size_t
prefix(const char *line, size_t n, const char *command, size_t least)
{
	const char *blank = memchr(line, ' ', n);
	size_t len = blank == NULL ? n : (size_t)(blank - line);

	if (len++ == n || len <= least || len > strlen(command) + 1 ||
	    memcmp(line, command, len - 1) != 0)
		return 0;
	blank = memchr(line + len, ' ', n - len);
	return blank == NULL ? 0 : (size_t)(blank - line) + 1;
}

static void
offer_nicks(struct search *s, const struct view *v)
{
	const char *nick;
	size_t i;

	for (i = 0; (nick = view_nick(v, i)) != NULL; i++)
		offer_plain(s, nick);
}

static void
search(struct search *s, const struct view *v, const char *line, size_t n)
{
	const char *blank = memchr(line, ' ', n), *p;
	int index = 0;

	while (s->word > line && s->word[-1] != ' ')
		s->word--;
	s->n = (size_t)(line + n - s->word);
	for (p = line; p < s->word; p++)
		index += *p == ' ';
	if (*line == '/' && blank == NULL) {
		s->before = "/";
		offer_commands(s);
	} else if (*line == '/') {
		s->first = blank + 1;
		offer_arguments(s, v,
		    arguments_of(line + 1, (size_t)(blank - line) - 1), index);
	} else {
		s->behind = index == 0 ? ": " : " ";
		offer_nicks(s, v);
		if (s->count > 0 || index == 0)
			return;
		/* The nick that a line begins with may have blanks. */
		s->word = line;
		s->n = n;
		s->behind = ": ";
		offer_nicks(s, v);
	}
}

int
complete_line(const struct view *v, const char *line, size_t n,
    struct buf *insert, struct buf *list)
{
	struct search s = {.before = "", .behind = " ", .list = list};
	size_t skip;

	while ((skip = prefix(line, n, "/with", 3)) > 0 ||
	       (skip = prefix(line, n, "/label", 3)) > 0) {
		line += skip;
		n -= skip;
	}
	if (n == 0)
		return 0;
	buf_init(&s.common, 65536);
	s.word = line + n;
	search(&s, v, line, n);
	if (s.count > 0)
		buf_add(insert, buf_data(&s.common) + s.n,
		    buf_len(&s.common) - s.n);
	if (s.count == 1)
		buf_adds(insert, s.behind);
	if (s.count > LISTED)
		buf_addf(list, "and %d more", s.count - LISTED);
	buf_clear(&s.common);
	return s.count;
}
