/*
 * Reads colours.sexp, the colour of each kind of message at a terminal
 * (jackline(1), FILES). Pure; owns nothing.
 */
#ifndef STORE_COLOURS_H
#define STORE_COLOURS_H

#include "sexp/sexp.h"
#include "store/history.h"

enum colours_type {
	COLOURS_NONE,  /* the default colour of the terminal */
	COLOURS_NAMED, /* value[0]: 0..15, the ANSI number */
	COLOURS_GRAY,  /* value[0]: 0..23, of the grayscale ramp */
	COLOURS_RGB    /* value[0..2]: 0..5 each, of the colour cube */
};

struct colours_entry {
	enum colours_type type;
	int value[3];
};

struct colours {
	struct colours_entry kind[HISTORY_KINDS];
};

/* How well something is: encrypted or verified, perhaps, not at all. */
enum colours_state { COLOURS_GOOD, COLOURS_DOUBTFUL, COLOURS_BAD };

/*
 * Returns the colour of STATE, static. Like the default colours it can be read
 * on white and on black, where there are 256 colours.
 */
const struct colours_entry *colours_state(enum colours_state state);

/* Sets C to the default colours. */
void colours_init(struct colours *c);
/*
 * Reads N bytes at P as colours.sexp into C. A kind that is not named there
 * keeps its default. Returns -1 with E filled and the defaults in C if they
 * cannot be read.
 */
int colours_parse(
    struct colours *c, const void *p, size_t n, struct sexp_error *e);

#endif
