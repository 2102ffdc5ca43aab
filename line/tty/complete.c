#include "line/tty/complete.h"

#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "line/command/args.h"
#include "line/command/table.h"
#include "line/room/people.h"
#include "line/text/address.h"
#include "line/text/escape.h"
#include "sexp/utf8.h"

#define LISTED	  100		     /* candidates, at most */
#define WORD_MAX  65536		     /* bytes of one */
#define NAMES_MAX ((size_t)16 << 20) /* a room has half of that at most */

/* A search, to which candidates are offered one after the other. */
struct search {
	const char *word; /* the part of the line that is completed */
	size_t n;
	const char *before, *behind; /* of each: "/" or "", " " or ": " */
	const struct view *view;
	struct client *client;
	char to[JID_SIZE]; /* the contact that the line is for, or "" */
	int is_message;	   /* The line is text, or a command that sends some. */
	int any_case;	   /* Candidates are compared whatever their case. */
	struct map offered; /* all candidates, so that none is counted twice */
	struct buf common;
	struct completion *out;
};

/* Reads a character of the N bytes at P, folded if the case does not matter. */
static size_t
next_character(const struct search *s, const char *p, size_t n, uint32_t *cp)
{
	size_t len = utf8_decode(p, n, cp);

	if (len == 0) {
		*cp = (unsigned char)*p | 0x80000000u;
		return 1;
	}
	if (s->any_case)
		*cp = (uint32_t)towlower((wint_t)*cp);
	return len;
}

/*
 * Returns how many of the M bytes at Q are the same characters as those that
 * the N bytes at P begin with, and stores in SAME how many bytes of P those
 * are.
 */
static size_t
same_bytes(const struct search *s, const char *p, size_t n, const char *q,
    size_t m, size_t *same)
{
	size_t i = 0, k = 0, len, other;
	uint32_t a, b;

	while (i < n && k < m) {
		len = next_character(s, p + i, n - i, &a);
		other = next_character(s, q + k, m - k, &b);
		if (a != b)
			break;
		i += len;
		k += other;
	}
	*same = i;
	return k;
}

/* Counts the N bytes of WORD as a candidate if they begin like s->word. */
static void
offer_bytes(struct search *s, const char *word, size_t n)
{
	size_t same, kept;
	struct buf b;

	buf_init(&b, strlen(s->before) + n + 1);
	buf_adds(&b, s->before);
	buf_add(&b, word, n);
	same_bytes(s, s->word, s->n, buf_str(&b), buf_len(&b), &same);
	if (same == s->n && map_find(&s->offered, buf_str(&b)) == NULL) {
		map_add(&s->offered, buf_str(&b), s);
		if (s->out->count++ == 0)
			buf_add(&s->common, buf_data(&b), buf_len(&b));
		same_bytes(s, buf_str(&s->common), buf_len(&s->common),
		    buf_str(&b), buf_len(&b), &kept);
		buf_cut(&s->common, kept);
		if (s->out->count <= LISTED) {
			buf_add(&s->out->list, buf_data(&b), buf_len(&b));
			buf_addc(&s->out->list, ' ');
		}
	}
	buf_clear(&b);
}

static void
offer_string(struct search *s, const char *word)
{
	offer_bytes(s, word, strlen(word));
}

/* Offers JID, as PEER has it; returns whether it stands there in whole, and
 * perhaps a resource. */
static int
offer_jid(struct search *s, const char *jid)
{
	char *spelt = view_spell(s->view, jid, ESCAPE_VALUE);
	size_t n = strlen(spelt), same;
	int is_whole;

	is_whole = same_bytes(s, s->word, s->n, spelt, n, &same) == n &&
		   (same == s->n || s->word[same] == '/');
	offer_string(s, spelt);
	free(spelt);
	return is_whole;
}

/* Offers NICK as it is typed in text, where a backslash stands for itself. */
static void
offer_nick(struct search *s, const char *nick)
{
	char *spelt = view_spell(s->view, nick, 0), *from = spelt, *to = spelt;

	for (; *from != '\0'; from++) {
		if (from[0] == '\\' && from[1] == '\\')
			from++;
		*to++ = *from;
	}
	*to = '\0';
	offer_string(s, spelt);
	free(spelt);
}

static void
offer_words(struct search *s, const char *words)
{
	size_t n;

	for (; *words != '\0'; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		offer_bytes(s, words, n);
	}
}

/* Offers OTR policies to be turned on or off. */
static void
offer_policies(struct search *s)
{
	static const char words[] =
	    "require_encryption send_whitespace_tag whitespace_start_ake "
	    "error_start_ake reveal_macs v2 v3";
	const char *before = s->before;

	s->before = "+";
	offer_words(s, words);
	s->before = "-";
	offer_words(s, words);
	s->before = before;
}

static void
offer_commands(struct search *s)
{
	const struct command_row *row;
	size_t i;

	s->before = s->n > 0 && *s->word == '/' ? "/" : "";
	for (i = 0; (row = command_row(i)) != NULL; i++)
		offer_string(s, row->name);
}

static void
offer_presences(struct search *s)
{
	offer_words(s, "free away dnd xa offline online");
}

static void
offer_tags(struct search *s)
{
	enum event_tag tag;

	for (tag = 0; tag < EVENT_TAGS; tag++)
		offer_string(s, event_name(tag));
}

/* Offers each string of NAMES, which end in NULs, as a JID, and frees NAMES. */
static void
offer_jids(struct search *s, struct buf *names)
{
	const char *name;
	size_t at;

	for (at = 0; at < buf_len(names); at += strlen(name) + 1) {
		name = buf_str(names) + at;
		offer_jid(s, name);
	}
	buf_clear(names);
}

static void
offer_rooms(struct search *s)
{
	struct buf names;

	s->any_case = 1;
	buf_init(&names, NAMES_MAX);
	people_rooms(s->client, &names);
	offer_jids(s, &names);
}

/* Offers our server, and those that have a room or contact that we know. */
static void
offer_servers(struct search *s)
{
	char domain[JID_SIZE];
	struct people p;
	size_t i;

	s->any_case = 1;
	people_gather(s->client, &p);
	for (i = 0; i < p.count; i++) {
		jid_domain(p.jids[i], domain);
		offer_jid(s, domain);
	}
	people_clear(&p);
}

static void
offer_fingerprints(struct search *s)
{
	struct buf names;

	if (*s->to == '\0')
		return;
	s->any_case = 1;
	buf_init(&names, NAMES_MAX);
	people_fingerprints(s->client, s->to, &names);
	offer_jids(s, &names);
}

/* Returns how many resources JID has; offers its full JIDs if IS_WHOLE. */
static size_t
offer_resources(struct search *s, const char *jid, int is_whole)
{
	struct buf names, full;
	size_t at, count = 0;

	buf_init(&names, NAMES_MAX);
	buf_init(&full, 2 * JID_SIZE);
	people_resources(s->client, jid, &names);
	for (at = 0; at < buf_len(&names); count++) {
		buf_reset(&full);
		buf_addf(&full, "%s/%s", jid, buf_str(&names) + at);
		at += strlen(buf_str(&names) + at) + 1;
		if (is_whole)
			offer_jid(s, buf_str(&full));
	}
	buf_clear(&names);
	buf_clear(&full);
	return count;
}

/*
 * Offers bare JIDs, and the full ones of a bare one that stands there in whole.
 */
static void
offer_contacts(struct search *s)
{
	int before, is_whole, fits, goes_on = 0;
	struct people p;
	size_t i, n;

	s->any_case = 1;
	people_gather(s->client, &p);
	for (i = 0; i < p.count; i++) {
		before = s->out->count;
		is_whole = offer_jid(s, p.jids[i]);
		fits = s->out->count > before;
		if (!is_whole && !fits)
			continue;
		n = offer_resources(s, p.jids[i], is_whole);
		/* A resource may follow. */
		goes_on |= fits && n > 1 && i >= p.rooms;
	}
	people_clear(&p);
	if (goes_on)
		s->behind = "";
}

/* Offers the nicks in the room that the line is for, save our own. */
static void
offer_nicks(struct search *s)
{
	const char *own, *nick;
	struct buf names;
	size_t at;

	if (*s->to == '\0' || !people_is_room(s->client, s->to))
		return;
	own = people_own_nick(s->client, s->to);
	s->any_case = 1;
	buf_init(&names, NAMES_MAX);
	people_resources(s->client, s->to, &names);
	for (at = 0; at < buf_len(&names); at += strlen(nick) + 1) {
		nick = buf_str(&names) + at;
		if (strcmp(nick, own) != 0)
			offer_nick(s, nick);
	}
	buf_clear(&names);
}

/* Offers the nicks that may stand in TEXT, of which s->word is the end. */
static void
offer_text(struct search *s, const char *text)
{
	const char *addressed = s->is_message ? ": " : " ";

	s->behind = s->word == text ? addressed : " ";
	offer_nicks(s);
	if (s->out->count > 0 || s->word == text)
		return;
	/* The nick that a text begins with may have blanks. */
	s->n += (size_t)(s->word - text);
	s->word = text;
	s->behind = addressed;
	offer_nicks(s);
}

/* The words in capitals of command.def and what each offers. */
static const struct {
	const char *name;
	void (*offer)(struct search *);
} kinds[] = {
    {"JID", offer_contacts},
    {"ROOM", offer_rooms},
    {"SERVER", offer_servers},
    {"FP", offer_fingerprints},
    {"PRESENCE", offer_presences},
    {"POLICY", offer_policies},
    {"COMMAND", offer_commands},
    {"TAG", offer_tags},
};

/*
 * An argument of a command, as command.def has it: words separated by `|`,
 * those in small letters to be typed as they are.
 */
struct argument {
	const char *p;
	size_t n;
	int is_optional;
	int is_repeated; /* may be given several times */
	int is_text;	 /* takes the rest of the line */
};

static const char small[] = "abcdefghijklmnopqrstuvwxyz_";
static const char capital[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/*
 * Returns the end of the form of a command that begins at FORM: where a `|`
 * begins another, as in `shared SECRET | abort` and `start ?verified|stop`, or
 * the end of the string.
 */
static const char *
form_end(const char *form)
{
	size_t n, i, arguments = 0;

	for (; *form != '\0'; form += n + (form[n] == ' '), arguments++) {
		n = strcspn(form, " ");
		if (*form == '|')
			return form;
		for (i = 0; i < n; i++)
			if (form[i] == '|' && arguments > 0 &&
			    strcspn(form, capital) >= n && form[i + 1] != '-')
				return form + i;
	}
	return form;
}

/* Reads the argument at FORM, which ends at END, and returns what follows. */
static const char *
take_argument(const char *form, const char *end, struct argument *a)
{
	static const char *const texts[] = {"TEXT", "MESSAGE", "REASON"};
	const char *capitals;
	size_t i;

	a->p = form;
	a->n = strcspn(form, " ");
	if (a->n > (size_t)(end - form))
		a->n = (size_t)(end - form);
	a->is_optional = *form == '?' || *form == '[';
	a->is_repeated = a->n > 3 && form[a->n - 1] == '.';
	a->is_text = 0;
	capitals = form + strcspn(form, capital);
	for (i = 0; i < sizeof texts / sizeof *texts; i++)
		if (capitals < form + a->n &&
		    strncmp(capitals, texts[i], strlen(texts[i])) == 0)
			a->is_text = 1;
	form += a->n;
	return form < end && *form == ' ' ? form + 1 : form;
}

/*
 * Returns the next of the words that A may be, of *N bytes, and moves *AT
 * behind it; NULL behind the last.
 */
static const char *
next_choice(const struct argument *a, size_t *at, size_t *n)
{
	const char *word, *end = a->p + a->n;

	if (*at >= a->n)
		return NULL;
	word = a->p + *at;
	*n = strcspn(word, "|");
	if (*n > (size_t)(end - word))
		*n = (size_t)(end - word);
	*at += *n + 1;
	for (; *n > 1 && strchr("?[(", *word) != NULL; (*n)--)
		word++;
	return word;
}

/* Returns whether A may be the N bytes of WORD. */
static int
may_be(const struct argument *a, const char *word, size_t n)
{
	const char *choice;
	size_t at = 0, len, letters;

	while ((choice = next_choice(a, &at, &len)) != NULL) {
		letters = strspn(choice, small);
		if (*choice == '-' && n == 1 && *word == '-')
			return 1;
		if (letters > 0 && letters == n && memcmp(choice, word, n) == 0)
			return 1;
		if (letters == 0 && *choice != '-' &&
		    (strncmp(choice, "JID", 3) != 0 ||
			memchr(word, '=', n) == NULL))
			return 1;
	}
	return 0;
}

/* Offers all that A may be. */
static void
offer_argument(struct search *s, const struct argument *a)
{
	const char *choice;
	size_t at = 0, n, letters, i;

	while ((choice = next_choice(a, &at, &n)) != NULL) {
		letters = strspn(choice, small);
		if (letters > 0 && letters <= n)
			offer_bytes(s, choice, letters);
		choice += strcspn(choice, capital);
		letters = strspn(choice, capital);
		for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
			if (choice < a->p + a->n &&
			    letters == strlen(kinds[i].name) &&
			    memcmp(choice, kinds[i].name, letters) == 0)
				kinds[i].offer(s);
	}
}

/* Makes the JID that WORD begins with the contact that the line is for. */
static void
take_address(struct search *s, const char *word)
{
	char jid[JID_SIZE];
	const char *why;

	if (address_read(word, strcspn(word, " "), jid, &why) == 0)
		memcpy(s->to, jid, sizeof jid);
}

/*
 * Offers what may follow the words at TYPED in the form of a command from FORM
 * to END.
 */
static void
offer_form(
    struct search *s, const char *form, const char *end, const char *typed)
{
	struct argument a;
	const char *rest;
	size_t n;

	while (form < end) {
		rest = take_argument(form, end, &a);
		if (a.is_text) {
			offer_text(s, typed);
			return;
		}
		if (a.is_optional)
			offer_form(s, rest, end, typed);
		if (typed == s->word) {
			offer_argument(s, &a);
			return;
		}
		n = strcspn(typed, " ");
		if (!may_be(&a, typed, n))
			return;
		if (s->is_message && strncmp(a.p, "JID", 3) == 0)
			take_address(s, typed);
		typed += n + 1;
		form = a.is_repeated ? form : rest;
	}
}

/* Offers what ROW's command may have behind the words at TYPED. */
static void
offer_arguments(
    struct search *s, const struct command_row *row, const char *typed)
{
	const char *form = row->arguments, *end;

	s->is_message = row->is_message;
	for (; *form != '\0'; form = end + strspn(end, "| ")) {
		end = form_end(form);
		while (end > form && end[-1] == ' ')
			end--;
		offer_form(s, form, end, typed);
	}
}

static void
search_line(struct search *s, const char *line, size_t n)
{
	const char *blank = memchr(line, ' ', n);
	const struct command_row *row;

	while (s->word > line && s->word[-1] != ' ')
		s->word--;
	s->n = (size_t)(line + n - s->word);
	if (*line != '/' || s->client->options.text_to != NULL) {
		s->is_message = 1;
		offer_text(s, line);
	} else if (blank == NULL) {
		offer_commands(s);
	} else {
		row = command_find(
		    s->client, line + 1, (size_t)(blank - line) - 1);
		if (row != NULL)
			offer_arguments(s, row, blank + 1);
	}
}

/* Stores in S's completion how the line goes on. */
static void
add_insertion(struct search *s)
{
	const char *common = buf_str(&s->common);
	struct completion *out = s->out;
	size_t n = buf_len(&s->common), typed, same;

	typed = same_bytes(s, s->word, s->n, common, n, &same);
	if (out->count == 0 || (out->count > 1 && typed == n))
		return;
	if (typed != s->n || memcmp(common, s->word, typed) != 0) {
		out->cut = s->n;
		typed = 0;
	}
	buf_add(&out->insert, common + typed, n - typed);
	if (out->count == 1)
		buf_adds(&out->insert, s->behind);
}

void
complete_line(const struct view *v, struct client *c, const char *line,
    size_t n, struct completion *out)
{
	struct search s = {
	    .before = "", .behind = " ", .view = v, .client = c, .out = out};
	const char *active = people_active(c);
	size_t prefix;

	out->count = 0;
	out->cut = 0;
	buf_init(&out->insert, WORD_MAX);
	buf_init(&out->list, (LISTED + 1) * WORD_MAX);
	if (active != NULL)
		strncat(s.to, active, sizeof s.to - 1);
	for (; (prefix = address_prefix(line, n)) > 0; n -= prefix) {
		if (line[1] == 'w')
			take_address(&s, strchr(line, ' ') + 1);
		line += prefix;
	}
	if (n == 0)
		return;
	buf_init(&s.common, WORD_MAX);
	s.word = line + n;
	search_line(&s, line, n);
	add_insertion(&s);
	if (out->count > LISTED)
		buf_addf(&out->list, "and %d more", out->count - LISTED);
	buf_clear(&s.common);
	map_clear(&s.offered);
}

void
complete_clear(struct completion *out)
{
	buf_clear(&out->insert);
	buf_clear(&out->list);
}
