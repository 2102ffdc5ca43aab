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

struct scrollback_line *
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
	line->replay = 0;
	return line;
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
	s->lines[0].replay = 0;
}

/* Returns whether a line has ID, which may be absent. */
static int
has_id(const struct scrollback *s, struct field id)
{
	return id.p != NULL && scrollback_find(s, id) != NULL;
}

/* Returns whether CORRECTION corrects the stored line F. */
static int
is_correction_of(const struct fields *correction, const struct fields *f)
{
	struct field of = fields_get(correction, "replaces");

	return of.p != NULL &&
	       (field_same(fields_get(f, "id"), of) ||
		   field_same(fields_get(f, "replaces"), of)) &&
	       field_same(field_bare(correction->peer), field_bare(f->peer));
}

/*
 * Returns the last of the COUNT lines of LINES behind I that corrects the line
 * I, whose place it takes, and forgets it and those before it; or I itself.
 */
static struct fields
take_corrected(struct fields *lines, size_t count, size_t i)
{
	struct fields f = lines[i];
	size_t k;

	for (k = i + 1; k < count; k++)
		if (lines[k].line.p != NULL &&
		    is_correction_of(&lines[k], &lines[i])) {
			f = lines[k];
			lines[k].line.p = NULL;
		}
	return f;
}

/* Reads the `history` lines of TEXT that are older than SINCE into LINES, which
 * the caller frees; returns how many. */
static size_t
read_recalled(const char *text, int64_t since, struct fields **lines)
{
	const char *lf;
	struct fields f;
	size_t count = 0;

	*lines = NULL;
	for (; (lf = strchr(text, '\n')) != NULL; text = lf + 1) {
		if (fields_read(&f, text, (size_t)(lf - text)) == -1 ||
		    f.tag != EVENT_HISTORY ||
		    field_time(fields_get(&f, "stamp")) >= since - 1)
			continue;
		*lines = buf_realloc(*lines, count + 1, sizeof **lines);
		(*lines)[count++] = f;
	}
	return count;
}

void
scrollback_recall(struct scrollback *s, const char *text)
{
	const struct scrollback_line *line = scrollback_line(s, 0);
	int64_t since = INT64_MAX;
	struct fields f, *lines;
	size_t count, i;

	if (line != NULL &&
	    fields_read(&f, line->text, strlen(line->text)) == 0)
		since = f.time;
	/* A stored time may have lost a millisecond. */
	count = read_recalled(text, since, &lines);
	for (i = 0; i < count; i++)
		if (lines[i].line.p != NULL)
			lines[i] = take_corrected(lines, count, i);
	/* The newest first. */
	for (i = count; i-- > 0;)
		if (lines[i].line.p != NULL &&
		    !has_id(s, fields_get(&lines[i], "archived")) &&
		    !has_id(s, fields_get(&lines[i], "id")))
			add_first(s, &lines[i]);
	free(lines);
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
