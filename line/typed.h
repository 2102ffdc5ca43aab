/*
 * What the last lines were that were typed, as far as a terminal does something
 * about them when they are answered `ok`. Pure.
 */
#ifndef LINE_TYPED_H
#define LINE_TYPED_H

#include <stddef.h>

#define TYPED_LINES 16 /* that are remembered */

enum typed_kind {
	TYPED_OTHER,
	TYPED_LEARN, /* what it changes is to be known anew */
	TYPED_GO,
	TYPED_CLEAR,
	TYPED_FILTER,
	TYPED_PRESENCE,
	TYPED_LOG,
	TYPED_HELP
};

/* To be zeroed before the first use. */
struct typed {
	struct {
		unsigned long line;
		enum typed_kind kind;
		char *rest;
	} lines[TYPED_LINES];
	size_t next;
};

/* Takes note that line NUMBER is TEXT. */
void typed_note(struct typed *t, unsigned long number, const char *text);
/*
 * What line NUMBER was, which is forgotten; REST is what stood behind the
 * command, to be freed, or NULL.
 */
enum typed_kind typed_take(struct typed *t, unsigned long number, char **rest);
/* Frees what T holds. */
void typed_clear(struct typed *t);

#endif
