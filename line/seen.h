/*
 * Messages that came before: those of late, so that what the server delivers
 * twice, on two sessions, is told once (XEP-0359, SAFETY.md). Bounded.
 */
#ifndef LINE_SEEN_H
#define LINE_SEEN_H

#include "line/state.h"

/* About what 2 MiB of events that nobody reads hold. */
#define SEEN_KEPT 8192

enum seen {
	SEEN_NEW,
	SEEN_MAYBE, /* from the same, with the same id and words */
	SEEN_AGAIN  /* by the id that our own server gave it, with its words */
};

/*
 * Notes the message X from FROM with BODY, and says whether it came before. A
 * sender can only make his own messages look as if they had.
 */
enum seen seen_note(struct client *c, const char *from, const struct stanza *x,
    const struct stanza *body);
/* Frees all. */
void seen_clear(struct client *c);

#endif
