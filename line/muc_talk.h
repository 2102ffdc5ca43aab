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
/* Frees what M has said. */
void muc_said_clear(struct muc *m);

#endif
