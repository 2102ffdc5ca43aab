#include "line/prompt.h"

#include <string.h>

#define WIDE 60 /* columns from which on all is spelt out */

enum paint { PAINT_RED = 1, PAINT_GREEN, PAINT_YELLOW, PAINT_INVERSE };

/* Adds TEXT in a colour; what is invisible is put between marks. */
static void
add(struct buf *out, const struct render_style *s, enum paint paint,
    const char *text)
{
	struct colours_entry entry = {COLOURS_NAMED, {(int)paint, 0, 0}};

	if (paint != PAINT_INVERSE && s->depth == 0) {
		buf_adds(out, text);
		return;
	}
	buf_addc(out, PROMPT_ESCAPE);
	if (paint == PAINT_INVERSE)
		buf_adds(out, "\033[7m");
	else
		render_colour(out, s->depth, &entry);
	buf_addc(out, PROMPT_ESCAPE);
	buf_adds(out, text);
	buf_addf(out, "%c\033[0m%c", PROMPT_ESCAPE, PROMPT_ESCAPE);
}

static char
letter(const char *show)
{
	static const char words[] = "offline\0_free\0fonline\0oaway\0a"
				    "dnd\0dxa\0x";
	const char *p;

	for (p = words; *p != '\0'; p += strlen(p) + 2)
		if (strcmp(p, show) == 0)
			return p[strlen(p) + 1];
	return '?';
}

/* The front of the JID that takes at most ROOM columns, with a mark if cut. */
static void
name(const struct render_style *s, struct field jid, int room, char out[256])
{
	const char *at;
	size_t n = jid.n;

	if (s->columns < WIDE) {
		at = memchr(jid.p, '@', jid.n);
		n = at == NULL ? n : (size_t)(at - jid.p);
	}
	if (n > 250)
		n = 250;
	while (n > 0 && render_width(s, jid.p, n) > room) {
		/* Whole characters. */
		do
			n--;
		while (n > 0 && ((unsigned char)jid.p[n] & 0xc0) == 0x80);
	}
	memcpy(out, jid.p, n);
	out[n] = '\0';
	at = memchr(jid.p, '@', jid.n);
	if (n < jid.n && (at == NULL || (size_t)(at - jid.p) != n))
		strcat(out, "~");
}

static void
security(struct buf *out, const struct render_style *s,
    const struct view_state *state, int wide)
{
	int verified =
	    state->trust != NULL && strcmp(state->trust, "verified") == 0;

	if (state->room) {
		if (wide)
			buf_adds(out, "room");
		return;
	}
	if (state->trust == NULL) {
		add(out, s, PAINT_RED,
		    !wide	      ? "-"
		    : state->finished ? "finished"
				      : "clear");
		return;
	}
	/* Never one mark behind the other: libedit shows the second. */
	if (wide) {
		add(out, s, PAINT_GREEN, "otr");
		buf_addc(out, ' ');
		add(out, s, verified ? PAINT_GREEN : PAINT_RED, state->trust);
	} else if (verified) {
		add(out, s, PAINT_GREEN, "O");
	} else {
		add(out, s, PAINT_RED, "O?");
	}
}

void
prompt_write(
    const struct view *v, const struct render_style *s, struct buf *out)
{
	struct field active = view_active(v);
	int wide = s->columns >= WIDE, room;
	struct view_state state;
	char text[256];

	view_state(v, &state);
	if (state.unread > 0) {
		add(out, s, PAINT_YELLOW, "##");
		buf_addc(out, ' ');
	}
	if (!state.online)
		buf_adds(out, wide ? "(offline) " : "(off) ");
	if (active.p != NULL) {
		/* What is typed has a third of the row at least. */
		room = wide ? s->columns * 2 / 3 - 24 : s->columns / 2 - 6;
		name(s, active, room, text);
		if (state.logging)
			add(out, s, PAINT_INVERSE, text);
		else
			buf_adds(out, text);
		buf_addf(out, wide ? " [%c] " : " %c", letter(state.show));
		security(out, s, &state, wide);
	}
	buf_adds(out, "> ");
}
