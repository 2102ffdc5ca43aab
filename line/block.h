/*
 * Blocking (XEP-0191): /block, /unblock and /blocked, and what other clients
 * of the account do meanwhile. The list is the server's; nothing is kept.
 */
#ifndef LINE_BLOCK_H
#define LINE_BLOCK_H

#include "line/state.h"

/*
 * Tells what the push X from FROM says was blocked or no longer; 0: it is
 * none, or not of our own account itself.
 */
int block_push(struct client *c, const char *from, const struct stanza *x);

#endif
