/*
 * colours.sexp: the colour of each kind of message (FILES.md). Bytes to
 * struct; knows no terminal.
 */
#ifndef STORE_COLOURS_H
#define STORE_COLOURS_H

#include "sexp/sexp.h"
#include "store/history.h"

enum colours_type {
	COLOURS_NONE,  /* the terminal's own */
	COLOURS_NAMED, /* value[0]: 0..15 as ANSI counts them */
	COLOURS_GRAY,  /* value[0]: 0..23 */
	COLOURS_RGB    /* value[0..2]: 0..5 each, the colour cube */
};

struct colours_entry {
	enum colours_type type;
	int value[3];
};

struct colours {
	struct colours_entry kind[HISTORY_KINDS];
};

/* Sets C to what holds without a file. */
void colours_init(struct colours *c);
/*
 * Reads N bytes at P as colours.sexp into C; what it does not name keeps its
 * default. -1 with E filled; C then holds the defaults.
 */
int colours_parse(
    struct colours *c, const void *p, size_t n, struct sexp_error *e);

#endif
