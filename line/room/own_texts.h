/*
 * The texts of our own encrypted messages to rooms, until the room shows them:
 * what it shows is encrypted for the others, and cannot be read here. Owns the
 * texts; knows rooms by their JID alone.
 */
#ifndef LINE_ROOM_OWN_TEXTS_H
#define LINE_ROOM_OWN_TEXTS_H

#include <stddef.h>

#include "sexp/map.h"

/*
 * Past either, the oldest texts are forgotten. FATE_OPEN_MAX messages, which
 * is all that can be waiting for a room to show them, are fewer.
 */
#define OWN_TEXTS ((size_t)1024)
#define OWN_BYTES ((size_t)4 * 1024 * 1024)

/* The text of one message. */
struct own_text {
	struct own_text *next, *before;
	char *room; /* its bare JID */
	char *id;   /* of the message, as we gave it */
	char *text;
	const char *trust; /* of the keys, static */
};

/* All of them; zeroed, it is empty. */
struct own_texts {
	struct map by_id;
	struct own_text *first, *last; /* the oldest and the newest */
	size_t count, bytes;
};

/*
 * Keeps copies of ROOM, ID, which is new, and TEXT, with TRUST; forgets the
 * oldest texts if there are too many.
 */
void own_texts_keep(struct own_texts *o, const char *room, const char *id,
    const char *text, const char *trust);
/*
 * Takes the text of the message ID (NULL: none) to ROOM out. Returns NULL if
 * there is none; the caller frees it by own_text_free.
 */
struct own_text *own_texts_take(
    struct own_texts *o, const char *room, const char *id);
/* Wipes and frees T (NULL: nothing). */
void own_text_free(struct own_text *t);
/* Wipes and frees all texts. */
void own_texts_clear(struct own_texts *o);

#endif
