/*
 * The laws of the event lines of a client, whatever was done to it: each
 * line that was typed is answered once and in its turn, each message has one
 * fate, and text goes in the clear only where that may be.
 */
#ifndef T_FUZZ_LAWS_H
#define T_FUZZ_LAWS_H

#include <stddef.h>

#include "t/fuzz/fuzz-wire.h"
#include "t/unit/play-world.h"

#define LAWS_COLUMNS 40
#define LAWS_SENT    600
#define LAWS_WISHES  16

struct laws {
	const char *lines[WIRE_LINES]; /* as typed, from 1 */
	size_t typed;
	unsigned char answered[WIRE_LINES], asked[WIRE_LINES];
	unsigned char clear[WIRE_LINES]; /* was `sent` without encryption */
	unsigned long last;		 /* line that was answered */
	int overtaking;			 /* -n, or a terminal */
	char active[WIRE_JID];		 /* "" where nobody is, or who knows */
	char wishes[LAWS_WISHES][WIRE_JID]; /* after /otr start and
					     * /encryption omemo */
	int online, refused;	/* ever; a line, message or connection failed */
	char forged[32];	/* is never told */
	unsigned char read[10]; /* the texts of OMEMO that were told */
	char fault[200];
	size_t sents;
	struct {
		char id[WIRE_NAME];
		enum { OPEN, ACKED, OVER } fate;
	} sent[LAWS_SENT];
};

/* Makes L, whatever it holds, ready for a run; what counts none is left. */
static void
laws_begin(struct laws *l)
{
	memset(l, 0, offsetof(struct laws, sent));
}

static void
laws_fault(struct laws *l, const char *why, const char *more)
{
	if (l->fault[0] == '\0')
		snprintf(l->fault, sizeof l->fault, "%s: %s", why, more);
}

/* Returns the value of KEY behind the text, or `-`. */
static const char *
laws_value(char **columns, const char *key)
{
	size_t n = strlen(key);
	int i;

	for (i = 0; i < 4 && *columns != NULL; i++)
		columns++;
	for (; *columns != NULL; columns++)
		if (strncmp(*columns, key, n) == 0 && (*columns)[n] == '=')
			return *columns + n + 1;
	return "-";
}

static char *
laws_wish(struct laws *l, const char *bare)
{
	size_t i;

	for (i = 0; i < LAWS_WISHES; i++)
		if (strcmp(l->wishes[i], bare) == 0)
			return l->wishes[i];
	return NULL;
}

static void
laws_bare(char out[WIRE_JID], const char *jid, size_t n)
{
	size_t bare = strcspn(jid, "/");

	if (bare > n)
		bare = n;
	snprintf(out, WIRE_JID, "%.*s", (int)bare, jid);
}

/* The command of LINE behind all that may stand before it; *WITH is whom
 * it is about. */
static const char *
laws_command(const struct laws *l, const char *line, char with[WIRE_JID])
{
	const char *word;

	memcpy(with, l->active, WIRE_JID);
	while (strncmp(line, "/with ", 6) == 0 ||
	       strncmp(line, "/label ", 7) == 0) {
		word = strchr(line, ' ') + 1;
		if (line[1] == 'w')
			laws_bare(with, word, strcspn(word, " "));
		line = word + strcspn(word, " ");
		line += *line == ' ';
	}
	return line;
}

/* Notes what the answered LINE means for what may follow; REFUSED is its cause.
 */
static void
laws_executed(struct laws *l, const char *line, char **columns, int good)
{
	const char *cause = laws_value(columns, "cause"), *command;
	char with[WIRE_JID], *wish;

	command = laws_command(l, line, with);
	/* A /go that was answered before may have been typed behind it. */
	if (l->overtaking && command == line)
		laws_bare(with, columns[2], strlen(columns[2]));
	if (strncmp(command, "/go ", 4) == 0) {
		l->active[0] = '\0';
		if (good)
			laws_bare(l->active, columns[2], strlen(columns[2]));
	}
	/* There is no OTR in a room, and everybody there knows. */
	if (strncmp(command, "/join ", 6) == 0 && good) {
		laws_bare(with, columns[2], strlen(columns[2]));
		if ((wish = laws_wish(l, with)) != NULL)
			wish[0] = '\0';
		return;
	}
	if (with[0] == '\0' || strchr(with, '@') == NULL)
		return;
	wish = laws_wish(l, with);
	if (wish == NULL &&
	    ((strcmp(command, "/encryption omemo") == 0 && good) ||
		(strcmp(command, "/otr start") == 0 &&
		    (good || strcmp(cause, "timeout") == 0)))) {
		wish = laws_wish(l, "");
		if (wish != NULL)
			snprintf(wish, WIRE_JID, "%s", with);
	} else if (wish != NULL && good &&
		   (strcmp(command, "/otr stop") == 0 ||
		       (strncmp(command, "/encryption ", 12) == 0 &&
			   strstr(command, "omemo") == NULL))) {
		wish[0] = '\0';
	}
}

static void
laws_answer(struct laws *l, char **columns)
{
	unsigned long n = strtoul(laws_value(columns, "line"), NULL, 10);
	int good = strcmp(columns[0], "error") != 0;

	if (n == 0)
		return;
	if (n > l->typed)
		laws_fault(l, "a line was answered that nobody typed",
		    laws_value(columns, "line"));
	else if (l->answered[n]++)
		laws_fault(l, "answered twice", l->lines[n]);
	else if (n != l->last + 1 && !l->overtaking && !l->asked[n])
		laws_fault(l, "answered out of turn", l->lines[n]);
	if (l->fault[0] != '\0')
		return;
	if (!l->asked[n])
		l->last = n;
	laws_executed(l, l->lines[n], columns, good);
}

/* An asked line is answered behind the one that brings what it asks for. */
static void
laws_ask(struct laws *l, char **columns)
{
	unsigned long n = strtoul(laws_value(columns, "line"), NULL, 10);

	if (n > 0 && n <= l->typed && !l->asked[n]++ && n == l->last + 1)
		l->last = n;
}

static void
laws_sent(struct laws *l, char **columns)
{
	const char *id = laws_value(columns, "id");
	unsigned long n = strtoul(laws_value(columns, "line"), NULL, 10);
	char bare[WIRE_JID];

	laws_answer(l, columns);
	if (l->sents < LAWS_SENT) {
		l->sent[l->sents].fate = OPEN;
		wire_copy(l->sent[l->sents++].id, WIRE_NAME, id);
	}
	if (strcmp(laws_value(columns, "enc"), "none") != 0)
		return;
	if (n > 0 && n < WIRE_LINES)
		l->clear[n] = 1;
	laws_bare(bare, columns[2], strlen(columns[2]));
	if (laws_wish(l, bare) != NULL)
		laws_fault(l, "in the clear after it was refused", columns[3]);
}

static void
laws_fate(struct laws *l, char **columns)
{
	const char *id = laws_value(columns, "id"), *tag = columns[0];
	int ends = strcmp(tag, "acked") != 0;
	size_t i;

	for (i = 0; i < l->sents; i++)
		if (strcmp(l->sent[i].id, id) == 0)
			break;
	if (i == l->sents && l->sents < LAWS_SENT)
		laws_fault(l, "the fate of what was never sent", tag);
	else if (i == l->sents)
		return;
	else if (l->sent[i].fate == OVER ||
		 (l->sent[i].fate == ACKED &&
		     (!ends || strcmp(tag, "unknown") == 0)) ||
		 (l->sent[i].fate == OPEN && strcmp(tag, "delivered") == 0))
		laws_fault(l, "another fate", tag);
	else
		l->sent[i].fate = ends ? OVER : ACKED;
}

/* A text that was encrypted by OMEMO is one of those that bob has said, and of
 * him it is told once. Others can pass on what he has said as theirs: the first
 * message of a session proves nothing about a JID. */
static void
laws_omemo(struct laws *l, char **columns)
{
	const char *text = columns[3];

	if (strcmp(laws_value(columns, "enc"), "omemo") != 0 ||
	    strcmp(columns[0], "message") != 0)
		return;
	if (strncmp(text, "omemo ", 6) != 0 || text[6] < '0' || text[6] > '9' ||
	    strcmp(text + 7, ".") != 0)
		laws_fault(l, "nobody said that with OMEMO", text);
	else if (strncmp(columns[2], "bob@example.org/", 16) == 0 &&
		 l->read[text[6] - '0']++)
		laws_fault(l, "told twice", text);
}

static void
laws_event(struct laws *l, char **columns)
{
	const char *tag = columns[0];

	if (l->forged[0] != '\0' && strstr(columns[3], l->forged) != NULL)
		laws_fault(l, "what was forged is told", tag);
	laws_omemo(l, columns);
	if (strcmp(tag, "ok") == 0 || strcmp(tag, "error") == 0)
		laws_answer(l, columns);
	else if (strcmp(tag, "ask") == 0)
		laws_ask(l, columns);
	else if (strcmp(tag, "sent") == 0)
		laws_sent(l, columns);
	else if (strcmp(tag, "acked") == 0 || strcmp(tag, "delivered") == 0 ||
		 strcmp(tag, "failed") == 0 || strcmp(tag, "unknown") == 0)
		laws_fate(l, columns);
	else if (strcmp(tag, "state") == 0)
		l->online |= strcmp(columns[3], "online") == 0;
	if (strcmp(tag, "error") == 0 || strcmp(tag, "failed") == 0 ||
	    strcmp(tag, "unknown") == 0)
		l->refused = 1;
}

/* Takes all the lines of TEXT. */
static void
laws_read(struct laws *l, struct buf *text)
{
	char *columns[LAWS_COLUMNS + 1], *line, *lf, *tab, *all;
	size_t n;

	if (buf_len(text) == 0)
		return;
	all = buf_memdup(buf_data(text), buf_len(text));
	for (line = all; (lf = strchr(line, '\n')) != NULL; line = lf + 1) {
		*lf = '\0';
		for (n = 0; line != NULL && n < LAWS_COLUMNS; n++) {
			columns[n] = line;
			tab = strchr(line, '\t');
			if (tab != NULL)
				*tab++ = '\0';
			line = tab;
		}
		columns[n] = NULL;
		if (n > 3)
			laws_event(l, columns);
	}
	free(all);
	buf_reset(text);
}

/* Whatever stood in a body is what a `sent` without encryption said. */
static void
laws_clear(struct laws *l, const struct wire *w)
{
	size_t n;

	for (n = 1; n < WIRE_LINES; n++)
		if (w->clear[n] && !l->clear[n])
			laws_fault(l, "it is on the wire in the clear",
			    n <= l->typed ? l->lines[n] : "?");
}

/* Everything is over: ALL: each line has its answer; FATES: each message. */
static void
laws_end(struct laws *l, int all, int fates)
{
	size_t i;

	for (i = 1; all && i <= l->typed; i++)
		if (!l->answered[i])
			laws_fault(l, "never answered", l->lines[i]);
	for (i = 0; fates && i < l->sents; i++)
		if (l->sent[i].fate == OPEN)
			laws_fault(l, "without a fate", l->sent[i].id);
}

static void
laws_forget(struct laws *l)
{
	size_t i;

	for (i = 1; i <= l->typed; i++)
		free((void *)(uintptr_t)l->lines[i]);
}

#endif
