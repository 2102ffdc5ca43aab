/*
 * Completes a line at Tab: commands and their arguments, as the table of
 * commands has them, JIDs, rooms, fingerprints, nicks. Pure; asks the machine
 * who there is.
 */
#ifndef LINE_TTY_COMPLETE_H
#define LINE_TTY_COMPLETE_H

#include "line/tty/view.h"
#include "sexp/buf.h"

/* The candidates that fit a line. */
struct completion {
	int count;	   /* of them */
	size_t cut;	   /* bytes before the cursor that INSERT replaces */
	struct buf insert; /* how all of them go on */
	struct buf list;   /* all of them, each with a blank; 100 at most */
};

/*
 * Fills OUT with what fits LINE, the N bytes and a NUL before the cursor. What
 * is to be inserted ends in a blank or the like if there is one candidate; it
 * replaces something only where that was typed in another case. V spells JIDs.
 * OUT is to be cleared by complete_clear.
 */
void complete_line(const struct view *v, struct client *c, const char *line,
    size_t n, struct completion *out);
/* Frees what complete_line made. */
void complete_clear(struct completion *out);

#endif
