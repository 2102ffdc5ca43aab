#include "line/talk/mark.h"

#include <stdlib.h>
#include <string.h>

#include "line/core/notice.h"
#include "line/talk/chat.h"

#define EMOJI_MAX 2048 /* bytes of all reactions of one message */

enum mark_type { MARK_NONE, MARK_REACTION, MARK_RETRACTION, MARK_DISPLAYED };

/* A mark, borrowed from its stanza. */
struct mark {
	enum mark_type type;
	const char *of;		      /* the id of the message, or NULL */
	const struct stanza *emoji;   /* the first of them */
	const struct stanza *retract; /* what retracts it, or NULL */
};

/*
 * Reads the child S of X into MARK. A moderator's retraction has a <moderated/>
 * around it or in it (XEP-0425); a <retracted/> is what is left in an archive
 * of a message that was retracted.
 */
static void
read_mark(const struct stanza *x, const struct stanza *s, struct mark *mark)
{
	memset(mark, 0, sizeof *mark);
	mark->of = stanza_get(s, "id");
	if (stanza_is(s, "reactions", NS_REACTIONS)) {
		mark->type = MARK_REACTION;
		mark->emoji = s->child;
	} else if (stanza_is(s, "displayed", NS_MARKERS) ||
		   stanza_is(s, "acknowledged", NS_MARKERS)) {
		mark->type = MARK_DISPLAYED;
	} else if (stanza_is(s, "retract", NS_RETRACT) ||
		   (stanza_is(s, "apply-to", NS_FASTEN) && s->child != NULL)) {
		mark->type = MARK_RETRACTION;
		mark->retract = s;
	} else if (stanza_is(s, "retracted", NS_RETRACT) ||
		   stanza_is(s, "retracted", NS_RETRACT_OLD)) {
		mark->type = MARK_RETRACTION;
		mark->of = stanza_get(x, "id");
	}
}

static int
has_mark(const struct stanza *x)
{
	const struct stanza *s;
	struct mark mark;

	for (s = x->child; s != NULL; s = s->next) {
		read_mark(x, s, &mark);
		if (mark.type != MARK_NONE)
			return 1;
	}
	return 0;
}

/* Returns 1 if S, a <fallback/>, is about the body as a whole. */
static int
is_whole(const struct stanza *s)
{
	const struct stanza *body = stanza_child(s, "body", NS_FALLBACK);

	return body == NULL || (stanza_get(body, "start") == NULL &&
				   stanza_get(body, "end") == NULL);
}

/* Returns 1 if NS (NULL: not told) is of a mark. */
static int
is_of_mark(const char *ns)
{
	return ns == NULL || strcmp(ns, NS_REACTIONS) == 0 ||
	       strcmp(ns, NS_RETRACT) == 0 || strcmp(ns, NS_MARKERS) == 0 ||
	       strcmp(ns, NS_RETRACT_OLD) == 0 || strcmp(ns, NS_FASTEN) == 0;
}

int
mark_is_fallback(const struct stanza *x)
{
	const struct stanza *s;

	for (s = x->child; s != NULL; s = s->next)
		if (stanza_is(s, "fallback", NS_FALLBACK) && is_whole(s) &&
		    is_of_mark(stanza_get(s, "for")))
			return has_mark(x);
	return 0;
}

/* Writes the event of MARK of M. */
static void
mark_event(struct client *c, const struct incoming *m, const struct mark *mark)
{
	static const char *const types[] = {[MARK_REACTION] = "reaction",
	    [MARK_RETRACTION] = "retraction",
	    [MARK_DISPLAYED] = "displayed"};
	const struct stanza *s;
	struct buf text;

	buf_init(&text, EMOJI_MAX);
	for (s = mark->emoji; s != NULL; s = s->next) {
		if (!stanza_is(s, "reaction", NS_REACTIONS) ||
		    buf_len(&text) + s->text_len + 1 > EMOJI_MAX)
			continue;
		buf_adds(&text, buf_len(&text) == 0 ? "" : " ");
		buf_add(&text, s->text, s->text_len);
	}
	event_begin(&c->event, EVENT_MARK, m->from,
	    buf_len(&text) == 0 ? NULL : buf_data(&text), buf_len(&text));
	event_set(&c->event, "type", types[mark->type]);
	event_set(&c->event, "of", mark->of);
	event_set(&c->event, "id", stanza_get(m->x, "id"));
	incoming_set_sender(c, m);
	event_end(&c->event);
	buf_clear(&text);
}

/* Says who removed a message in a room and why, where X tells the reason. */
static void
tell_reason(struct client *c, const struct incoming *m, const struct mark *mark)
{
	const struct stanza *s = mark->retract, *by;
	const char *reason = NULL, *who;
	struct buf text;

	by = s == NULL ? NULL : s->child;
	for (; by != NULL && strcmp(by->name, "moderated") != 0; by = by->next)
		;
	if (by == NULL)
		return;
	reason = stanza_child_text(by, "reason");
	if (reason == NULL)
		reason = stanza_child_text(s, "reason");
	who = stanza_get(by, "by");
	buf_init(&text, 2 * STANZA_MAX);
	buf_addf(&text, "a message was removed by %s%s%s",
	    who == NULL ? "a moderator" : who, reason == NULL ? "" : ": ",
	    reason == NULL ? "" : reason);
	event_begin(
	    &c->event, EVENT_INFO, m->from, buf_data(&text), buf_len(&text));
	event_set(&c->event, "kind", "retraction");
	event_set(&c->event, "of", mark->of);
	event_set(&c->event, "id", stanza_get(m->x, "id"));
	incoming_set_sender(c, m);
	event_end(&c->event);
	buf_clear(&text);
}

int
mark_tell(struct client *c, const struct incoming *m)
{
	const struct stanza *s;
	struct mark mark;
	unsigned told = 0;
	int count = 0;

	/* One of each type: each event repeats the id of the message, and
	 * there is room for thousands of marks in it. */
	for (s = m->x->child; s != NULL; s = s->next) {
		read_mark(m->x, s, &mark);
		if (mark.type == MARK_NONE || (told & 1U << mark.type) != 0)
			continue;
		told |= 1U << mark.type;
		mark_event(c, m, &mark);
		tell_reason(c, m, &mark);
		count++;
		if (!m->own || m->again || mark.type != MARK_DISPLAYED)
			continue;
		chat_read(c, m->peer);
		notice_seen(c, m->peer);
	}
	return count;
}

/* Returns how many characters the UTF-8 TEXT has. */
static long
count_characters(const char *text)
{
	long n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/*
 * Returns how many characters at the beginning of BODY are the fallback of a
 * reply in the <fallback/> S (XEP-0461 3.1); 0: none.
 */
static long
reply_fallback(const struct stanza *s, const char *body)
{
	const struct stanza *b = stanza_child(s, "body", NS_FALLBACK);
	const char *start = stanza_get(b, "start"), *end = stanza_get(b, "end");
	long all = count_characters(body), n;

	if (start != NULL && strtol(start, NULL, 10) != 0)
		return 0;
	n = end == NULL ? all : strtol(end, NULL, 10);
	return n < 0 ? 0 : n > all ? all : n;
}

void
mark_set_reply(struct client *c, const struct stanza *x, const char *body)
{
	const char *of = stanza_get(stanza_child(x, "reply", NS_REPLY), "id");
	const struct stanza *s;
	const char *ns;
	long n = 0;

	if (of == NULL)
		return;
	event_set(&c->event, "reply", of);
	for (s = x->child; s != NULL && n == 0; s = s->next) {
		ns = stanza_get(s, "for");
		if (stanza_is(s, "fallback", NS_FALLBACK) && ns != NULL &&
		    strcmp(ns, NS_REPLY) == 0)
			n = reply_fallback(s, body);
	}
	if (n > 0)
		event_set_number(&c->event, "fallback", n);
}
