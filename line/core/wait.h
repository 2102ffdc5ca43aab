/*
 * /wait: compares the lines of events past and to come with what a line waits
 * for. Owns the events since the last message line of each source was answered;
 * one that is for a JID looks at the events about that JID and its own.
 */
#ifndef LINE_CORE_WAIT_H
#define LINE_CORE_WAIT_H

#include "line/core/state.h"

#define WAIT_SECONDS 30 /* the default */

/* Makes S, which was just added to the sources, ready for wait_scan. */
void wait_init(struct source *s);
/* Frees what wait_init made for all sources of C, before they are freed. */
void wait_clear(struct client *c);
/* Does `/wait ARGS` for the current line. */
void wait_command(struct client *c, const char *args);
/*
 * Looks at the events made since the last call and answers the lines that wait
 * for them. Called before any of them is dropped from the text.
 */
void wait_scan(struct client *c);

#endif
