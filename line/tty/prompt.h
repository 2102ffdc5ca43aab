/*
 * The prompt: who is active, their presence, how safe what is typed will be,
 * and that something is unread. Pure.
 */
#ifndef LINE_TTY_PROMPT_H
#define LINE_TTY_PROMPT_H

#include "line/room/people.h"
#include "line/tty/render.h"

#define PROMPT_ESCAPE '\1' /* before and behind what takes no column */

/*
 * Appends the prompt for STATE to OUT, in at most two thirds of a row. NAME is
 * the active contact as PEER has it, or NULL.
 */
void prompt_write(const struct people_state *state, const char *name,
    const struct render_style *style, struct buf *out);

#endif
