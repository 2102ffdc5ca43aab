#include "line/tty/prompt.h"

#include <string.h>

#define WIDE 60 /* columns from which on the states are words */

enum paint {
	PAINT_GREEN = COLOURS_GOOD,
	PAINT_YELLOW = COLOURS_DOUBTFUL,
	PAINT_RED = COLOURS_BAD,
	PAINT_INVERSE
};

/* Adds TEXT in a colour, whose sequences stand between marks. */
static void
add_painted(struct buf *out, const struct render_style *s, enum paint paint,
    const char *text)
{
	if (paint != PAINT_INVERSE && s->depth == 0) {
		buf_adds(out, text);
		return;
	}
	buf_addc(out, PROMPT_ESCAPE);
	if (paint == PAINT_INVERSE)
		buf_adds(out, "\033[7m");
	else
		render_colour(
		    out, s->depth, colours_state((enum colours_state)paint));
	buf_addc(out, PROMPT_ESCAPE);
	buf_adds(out, text);
	buf_addf(out, "%c\033[0m%c", PROMPT_ESCAPE, PROMPT_ESCAPE);
}

static char
letter_of(const char *show)
{
	static const char words[] = "offline\0_free\0fonline\0oaway\0a"
				    "dnd\0dxa\0x";
	const char *p;

	for (p = words; *p != '\0'; p += strlen(p) + 2)
		if (strcmp(p, show) == 0)
			return p[strlen(p) + 1];
	return '?';
}

/* Stores the front of JID that has ROOM columns in OUT, with `~` if cut. */
static void
cut_name(
    const struct render_style *s, struct field jid, int room, char out[256])
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

/*
 * Shows OMEMO. A key that is not verified is the usual case with it, and no
 * alarm: it has a colour of its own.
 */
static void
add_omemo(
    struct buf *out, const struct render_style *s, const char *trust, int wide)
{
	int verified = strcmp(trust, "verified") == 0;
	enum paint paint = verified ? PAINT_GREEN : PAINT_YELLOW;

	if (!wide) {
		add_painted(out, s, paint, verified ? "M" : "M?");
		return;
	}
	add_painted(out, s, PAINT_GREEN, "omemo");
	buf_addc(out, ' ');
	add_painted(out, s, paint, trust);
}

static void
add_safety(struct buf *out, const struct render_style *s,
    const struct people_state *state, int wide)
{
	static const char *const words[] = {[PEOPLE_CLEAR] = "clear",
	    [PEOPLE_OTR] = "otr",
	    [PEOPLE_FINISHED] = "finished",
	    [PEOPLE_ELSEWHERE] = "elsewhere"};
	int verified;

	if (state->is_room) {
		buf_adds(out, wide ? "room" : "");
		return;
	}
	if (state->safety == PEOPLE_OMEMO) {
		add_omemo(out, s, state->trust, wide);
		return;
	}
	if (state->safety != PEOPLE_OTR) {
		add_painted(
		    out, s, PAINT_RED, wide ? words[state->safety] : "-");
		return;
	}
	verified = strcmp(state->trust, "verified") == 0;
	/* Never one mark behind the other: libedit shows the second. */
	if (wide) {
		add_painted(out, s, PAINT_GREEN, words[PEOPLE_OTR]);
		buf_addc(out, ' ');
		add_painted(
		    out, s, verified ? PAINT_GREEN : PAINT_RED, state->trust);
	} else if (verified) {
		add_painted(out, s, PAINT_GREEN, "O");
	} else {
		add_painted(out, s, PAINT_RED, "O?");
	}
}

void
prompt_write(const struct people_state *state, const char *name,
    const struct render_style *s, struct buf *out)
{
	int wide = s->columns >= WIDE, room;
	char text[256];

	if (state->unread > 0) {
		add_painted(out, s, PAINT_YELLOW, "##");
		buf_addc(out, ' ');
	}
	if (!state->is_online)
		buf_adds(out, wide ? "(offline) " : "(off) ");
	if (name != NULL) {
		/* The typed line gets a third of the row at least. */
		room = wide ? s->columns * 2 / 3 - 24 : s->columns / 2 - 6;
		cut_name(s, field_of(name), room, text);
		if (state->is_logged)
			add_painted(out, s, PAINT_INVERSE, text);
		else
			buf_adds(out, text);
		buf_addf(out, wide ? " [%c] " : " %c", letter_of(state->show));
		add_safety(out, s, state, wide);
	}
	buf_adds(out, "> ");
}
