/*
 * What Tab adds to a line: commands, their words, JIDs, nicks. Pure; reads the
 * tables of commands and tags, and what the view knows.
 */
#ifndef LINE_COMPLETE_H
#define LINE_COMPLETE_H

#include "line/view.h"
#include "sexp/buf.h"

/*
 * Looks at the N bytes of LINE before the cursor. Appends to INSERT what all
 * candidates go on with, and a blank behind the only one; to LIST all of them,
 * each with a blank. Returns how many there are.
 */
int complete_line(const struct view *v, const char *line, size_t n,
    struct buf *insert, struct buf *list);

#endif
