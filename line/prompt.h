/*
 * The prompt: whom one writes to, their presence, how safe it is, what is
 * unread. Pure.
 */
#ifndef LINE_PROMPT_H
#define LINE_PROMPT_H

#include "line/render.h"
#include "line/view.h"

#define PROMPT_ESCAPE '\1' /* before and behind what takes no column */

/* Appends the prompt for V to OUT, which leaves a third of the row at least. */
void prompt_write(
    const struct view *v, const struct render_style *s, struct buf *out);

#endif
