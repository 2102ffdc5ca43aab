/*
 * Reads and builds the records `((name value) ...)` of the files in the
 * configuration directory, as OCaml's sexplib converts them. Shared by the
 * readers in store/. Pure. A reader that fails returns -1 and fills E.
 */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include <stdint.h>

#include "sexp/buf.h"
#include "sexp/sexp.h"

/* The form of a field, and the type of the member that it is read into. */
enum record_type {
	RECORD_STRING, /* a word; char * */
	RECORD_OPTION, /* an optional word; char *, NULL for none */
	RECORD_BOOL,   /* true or false; int */
	RECORD_COUNT,  /* a number that is not negative; int64_t */
	RECORD_DATE,   /* a float, rounded down to the day; int64_t */
	RECORD_CUSTOM  /* The function `read` reads it. */
};

#define RECORD_REQUIRED 1
#define RECORD_REAL	40 /* bytes of a float as text, at most */

struct record_field {
	const char *name;
	enum record_type type;
	size_t offset; /* in the object */
	int options;
	int (*read)(
	    void *object, const struct sexp *value, struct sexp_error *e);
};

/* The required field NAME of TYPE, read into MEMBER of struct OBJECT. */
#define RECORD(name, type, object, member)                                     \
	{                                                                      \
		name, type, offsetof(struct object, member), RECORD_REQUIRED,  \
		    NULL                                                       \
	}
/* The field NAME, which the function READ reads. */
#define RECORD_READ(name, options, read)                                       \
	{                                                                      \
		name, RECORD_CUSTOM, 0, options, read                          \
	}

/*
 * Reads the record S into OBJECT by the COUNT fields of FIELD. Other fields are
 * appended to EXTRA in machine form, or dropped if EXTRA is NULL. Fails if S is
 * no list, a value has another form, a field comes twice, or a required one is
 * missing.
 */
int record_read(const struct sexp *s, void *object,
    const struct record_field *field, size_t count, struct buf *extra,
    struct sexp_error *e);
/* Returns the value of the field NAME of the record S, or NULL. */
const struct sexp *record_find(const struct sexp *s, const char *name);

/* Fills E with the place of S and "expected WHAT". Returns -1. */
int record_fail(const struct sexp *s, const char *what, struct sexp_error *e);
/* Returns 1 if S is the atom TEXT, byte for byte. */
int record_is(const struct sexp *s, const char *text);
/* Copies the atom S to a new string *OUT, after freeing the one there. */
int record_string(const struct sexp *s, char **out, struct sexp_error *e);
/* Sets *VALUE to the value inside the option S, or to NULL if it is empty. */
int record_option(
    const struct sexp *s, const struct sexp **value, struct sexp_error *e);
/* Reads the whole number S, MIN to MAX, into *OUT. */
int record_int(const struct sexp *s, int64_t min, int64_t max, int64_t *out,
    struct sexp_error *e);
/* Reads the finite float S into *OUT. */
int record_float(const struct sexp *s, double *out, struct sexp_error *e);
/*
 * Reads the date S into *OUT, as seconds since 1970 rounded down to midnight
 * UTC; 0 if it is not in the years 0 to 9999.
 */
int record_date(const struct sexp *s, int64_t *out, struct sexp_error *e);
/* Reads the list of words S into a new array *LIST of *COUNT strings. */
int record_strings(
    const struct sexp *s, char ***list, size_t *count, struct sexp_error *e);
/* Frees an array of record_strings. */
void record_strings_free(char **list, size_t count);
/*
 * Returns the index of the atom S in WORD, which a NULL ends; -1 with "expected
 * WHAT" in E.
 */
int record_word(const struct sexp *s, const char *const word[],
    const char *what, struct sexp_error *e);
/*
 * Reads the list S of words of WORD, which has 7 at most, into *SET: the bit of
 * a word is 1 << its index. *ORDER keeps the order, for record_words.
 */
int record_set(const struct sexp *s, const char *const word[], unsigned *set,
    unsigned *order, struct sexp_error *e);
/* Reads `(user host)` into a new string *OUT, `user@host`. */
int record_jid(const struct sexp *s, char **out, struct sexp_error *e);

/* The words of the OTR policies and versions, in the order of their bits. */
extern const char *const record_policies[], *const record_versions[];

/* Appends `(NAME VALUE)` to LIST. */
void record_put(struct sexp_tree *t, struct sexp *list, const char *name,
    struct sexp *value);
/* Builds the option of S; NULL gives an empty one. */
struct sexp *record_some(struct sexp_tree *t, struct sexp *s);
/* Builds the option of the string TEXT; NULL gives an empty one. */
struct sexp *record_optional(struct sexp_tree *t, const char *text);
/* Builds `true` or `false`. */
struct sexp *record_bool(struct sexp_tree *t, int value);
/* Builds a whole number. */
struct sexp *record_number(struct sexp_tree *t, int64_t value);
/* Writes the float VALUE to TEXT in 15 digits, or 17 if it needs them. */
void record_real(double value, char text[RECORD_REAL]);
/* Builds a list of the COUNT strings of LIST. */
struct sexp *record_texts(struct sexp_tree *t, char *const *list, size_t count);
/* Builds the list of the words in SET: first in ORDER, the rest as in WORD. */
struct sexp *record_words(struct sexp_tree *t, const char *const word[],
    unsigned set, unsigned order);
/* Builds `(user host)` of the first LEN bytes of JID, `user@host`. */
struct sexp *record_address(struct sexp_tree *t, const char *jid, size_t len);
/* Appends the fields of EXTRA, in machine form, to LIST. EXTRA may be NULL. */
void record_put_extra(
    struct sexp_tree *t, struct sexp *list, const char *extra);

#endif
