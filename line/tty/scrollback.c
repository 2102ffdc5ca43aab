#include "line/tty/scrollback.h"

#include <stdlib.h>
#include <string.h>

void
scrollback_clear(struct scrollback *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		free(s->lines[i].text);
	free(s->lines);
}

struct scrollback_line *
scrollback_line(const struct scrollback *s, size_t i)
{
	return i < s->count ? &s->lines[(s->first + i) % SCROLLBACK_LINES]
			    : NULL;
}

/* Makes room for one more line unless there are SCROLLBACK_LINES. */
static void
grow_lines(struct scrollback *s)
{
	if (s->count < s->size || s->size == SCROLLBACK_LINES)
		return;
	s->size = s->size * 2 + 8;
	if (s->size > SCROLLBACK_LINES)
		s->size = SCROLLBACK_LINES;
	s->lines = buf_realloc(s->lines, s->size, sizeof *s->lines);
}

void
scrollback_add(struct scrollback *s, const struct fields *f)
{
	struct scrollback_line *line;

	grow_lines(s);
	if (s->count < SCROLLBACK_LINES) {
		line = &s->lines[s->count++];
	} else {
		line = &s->lines[s->first];
		s->first = (s->first + 1) % SCROLLBACK_LINES;
		free(line->text);
	}
	line->text = buf_memdup(f->line.p, f->line.n);
	line->look = f->tag == EVENT_SENT ? RENDER_OPEN : RENDER_PLAIN;
}

/* Adds F as the oldest line, if there is room. */
static void
add_first(struct scrollback *s, const struct fields *f)
{
	grow_lines(s);
	if (s->count == SCROLLBACK_LINES)
		return;
	memmove(s->lines + 1, s->lines, s->count++ * sizeof *s->lines);
	s->lines[0].text = buf_memdup(f->line.p, f->line.n);
	s->lines[0].look = RENDER_PLAIN;
}

void
scrollback_recall(struct scrollback *s, const char *text)
{
	const struct scrollback_line *line = scrollback_line(s, 0);
	const char *lf = text + strlen(text), *p;
	int64_t since = INT64_MAX;
	struct fields f;

	if (line != NULL &&
	    fields_read(&f, line->text, strlen(line->text)) == 0)
		since = f.time;
	/* The newest first. A stored time may have lost a millisecond. */
	for (; lf > text; lf = p) {
		for (p = lf - 1; p > text && p[-1] != '\n'; p--)
			;
		if (fields_read(&f, p, (size_t)(lf - p) - 1) == 0 &&
		    f.tag == EVENT_HISTORY &&
		    field_time(fields_get(&f, "stamp")) < since - 1)
			add_first(s, &f);
	}
}

struct scrollback_line *
scrollback_find(const struct scrollback *s, struct field id)
{
	struct scrollback_line *line, *corrected = NULL;
	struct fields f;
	size_t i;

	for (i = s->count; i-- > 0;) {
		line = scrollback_line(s, i);
		if (fields_read(&f, line->text, strlen(line->text)) == -1)
			continue;
		if (field_same(fields_get(&f, "id"), id) ||
		    field_same(fields_get(&f, "archived"), id))
			return line;
		/* The first of several corrections stands where the message
		 * stood. */
		if (field_same(fields_get(&f, "replaces"), id))
			corrected = line;
	}
	return corrected;
}

struct scrollback_line *
scrollback_sent(const struct scrollback *s, const struct fields *f)
{
	struct field id = fields_get(f, "id");
	struct scrollback_line *line;
	struct fields sent;
	size_t i;

	/* Mostly the last one is wanted. */
	for (i = s->count; i-- > 0;) {
		line = scrollback_line(s, i);
		if (*line->text == 's' &&
		    fields_read(&sent, line->text, strlen(line->text)) == 0 &&
		    field_same(fields_get(&sent, "id"), id))
			return line;
	}
	return NULL;
}
