/*
 * The debug log (-d): one line for each piece that is sent or received, escaped
 * like a column of an event line, so that nobody can forge one. Passwords are
 * left out of it: of rooms, of invitations and of forms, however the pieces are
 * cut. What is said at login is left to the caller. Pure.
 */
#ifndef LINE_CORE_DEBUG_H
#define LINE_CORE_DEBUG_H

#include "sexp/buf.h"

#define DEBUG_NAME 64 /* bytes of a name or value that are looked at */

enum debug_state {
	DEBUG_TEXT,
	DEBUG_OPEN,    /* behind `<` */
	DEBUG_NAMED,   /* in the name of an element */
	DEBUG_TAG,     /* in a tag, between attributes */
	DEBUG_KEY,     /* in the name of an attribute */
	DEBUG_EQUALS,  /* behind it, up to the quote */
	DEBUG_VALUE,   /* in quotes */
	DEBUG_SPECIAL, /* behind `<!` or `<?` */
	DEBUG_CDATA
};

/* One direction of a stream; zeroed is the beginning. */
struct debug {
	enum debug_state state;
	char name[DEBUG_NAME], key[DEBUG_NAME], value[DEBUG_NAME];
	size_t name_len, key_len, value_len;
	char quote;	      /* that ends the value */
	char last, before;    /* the last two bytes */
	int is_end, is_empty; /* the tag ends an element, is both */
	int is_secret;	      /* its attributes say that it holds one */
	unsigned hidden;      /* elements around us that hold one, in a row */
	int told;	      /* that something was left out here */
};

/*
 * Appends the N bytes of P, which went in the direction WAY ("<" or ">"), to
 * OUT as a line, without what is secret. Where OUT's bound is exceeded the
 * line is lost whole.
 */
void debug_note(
    struct debug *d, struct buf *out, const char *way, const void *p, size_t n);
/* As debug_note for what is all secret: nothing is appended. */
void debug_skip(struct debug *d, const void *p, size_t n);

#endif
