/*
 * What is said in rooms, and its fate: the second half of muc.h.
 */
#ifndef LINE_MUC_TALK_H
#define LINE_MUC_TALK_H

#include "line/muc.h"

/*
 * The session is over: what M has not reflected is `unknown`, by CAUSE, and
 * `failed` where the server says that it did not have it.
 */
void muc_forget(struct client *c, struct muc *m, const char *cause);
/* The stanza of that number is none any more; those behind it are one less. */
void muc_dropped(struct client *c, uint64_t number);
/*
 * We are not in M any more. Of what it has not shown it may still tell what
 * became of it, before it answers a question put now, or for MUC_SECONDS; then
 * that is `unknown`.
 */
void muc_settle(struct client *c, struct muc *m);
/* Frees what M has said. */
void muc_said_clear(struct muc *m);

#endif
