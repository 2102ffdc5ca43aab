#include "line/complete.h"

#include <string.h>

static const struct {
	const char *name, *arguments;
} commands[] = {
#define COMMAND(name, arguments, help) {#name, arguments},
#include "line/command.def"
#undef COMMAND
};

#define COMMANDS (sizeof commands / sizeof *commands)

/* Candidates are offered one after the other. */
struct search {
	const char *word; /* what stands there already */
	size_t n;
	const char *before, *behind; /* of each: "/" or "", " " or ": " */
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
		buf_add(s->list, buf_data(&b), buf_len(&b));
		buf_addc(s->list, ' ');
	}
	buf_clear(&b);
}

static void
offer_string(struct search *s, const char *word)
{
	offer(s, word, strlen(word));
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

static void
offer_commands(struct search *s)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		offer_string(s, commands[i].name);
}

static void
offer_contacts(struct search *s, const struct view *v)
{
	const char *jid;
	size_t i;

	for (i = 0; (jid = view_contact(v, i)) != NULL; i++)
		offer_string(s, jid);
}

/*
 * What ARGUMENTS of the table names: words in small letters stand for
 * themselves, those in capitals for others. INDEX is that of the word.
 */
static void
offer_arguments(
    struct search *s, const struct view *v, const char *arguments, int index)
{
	static const char small[] = "abcdefghijklmnopqrstuvwxyz_";
	enum event_tag tag;
	size_t n;

	if (strstr(arguments, "JID") != NULL &&
	    (index == 1 || strncmp(arguments, "JID", 3) != 0))
		offer_contacts(s, v);
	if (strstr(arguments, "PRESENCE") != NULL && index == 1)
		offer_words(s, "free away dnd xa offline online");
	if (strstr(arguments, "COMMAND") != NULL)
		offer_commands(s);
	if (strstr(arguments, "POLICY") != NULL)
		offer_words(s, "+REQUIRE_ENCRYPTION -REQUIRE_ENCRYPTION "
			       "+SEND_WHITESPACE_TAG -SEND_WHITESPACE_TAG "
			       "+WHITESPACE_START_AKE -WHITESPACE_START_AKE "
			       "+ERROR_START_AKE -ERROR_START_AKE");
	for (tag = 0; strncmp(arguments, "TAG", 3) == 0 && index == 1 &&
		      tag < EVENT_TAGS;
	     tag++)
		offer_string(s, event_name(tag));
	while (*(arguments += strcspn(arguments, small)) != '\0') {
		n = strspn(arguments, small);
		offer(s, arguments, n);
		arguments += n;
	}
}

/* The arguments of the command NAME, of N bytes and perhaps cut short. */
static const char *
arguments_of(const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (strlen(commands[i].name) == n &&
		    memcmp(commands[i].name, name, n) == 0)
			return commands[i].arguments;
	for (i = 0; i < COMMANDS; i++)
		if (strncmp(commands[i].name, name, n) == 0)
			return commands[i].arguments;
	return "";
}

/* Whether LINE begins with COMMAND and one word more; its length. */
static size_t
prefix(const char *line, size_t n, const char *command)
{
	size_t len = strlen(command);
	const char *blank;

	if (n <= len || memcmp(line, command, len) != 0)
		return 0;
	blank = memchr(line + len, ' ', n - len);
	return blank == NULL ? 0 : (size_t)(blank - line) + 1;
}

static void
search(struct search *s, const struct view *v, const char *line, size_t n)
{
	const char *blank = memchr(line, ' ', n), *p, *nick;
	int index = 0;
	size_t i;

	while (s->word > line && s->word[-1] != ' ')
		s->word--;
	s->n = (size_t)(line + n - s->word);
	for (p = line; p < s->word; p++)
		index += *p == ' ';
	if (*line == '/' && blank == NULL) {
		s->before = "/";
		offer_commands(s);
	} else if (*line == '/') {
		offer_arguments(s, v,
		    arguments_of(line + 1, (size_t)(blank - line) - 1), index);
	} else {
		s->behind = index == 0 ? ": " : " ";
		for (i = 0; (nick = view_nick(v, i)) != NULL; i++)
			offer_string(s, nick);
	}
}

int
complete_line(const struct view *v, const char *line, size_t n,
    struct buf *insert, struct buf *list)
{
	struct search s = {.before = "", .behind = " ", .list = list};
	size_t skip;

	while ((skip = prefix(line, n, "/with ")) > 0 ||
	       (skip = prefix(line, n, "/label ")) > 0) {
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
	buf_clear(&s.common);
	return s.count;
}
