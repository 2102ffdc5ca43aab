/*
 * Records `((name value) ...)` of the data directory, read and built as
 * sexplib's converters do; shared by the readers in store/. Pure.
 */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include <stdint.h>

#include "sexp/buf.h"
#include "sexp/sexp.h"

/* How a field is read, and into what at the offset in the object. */
enum record_type {
	RECORD_STRING, /* char *: a word */
	RECORD_OPTION, /* char *: an optional word, NULL for none */
	RECORD_BOOL,   /* int */
	RECORD_COUNT,  /* int64_t, not negative */
	RECORD_DATE,   /* int64_t: a float, cut down to the day */
	RECORD_CUSTOM  /* by the function read */
};

#define RECORD_REQUIRED 1

struct record_field {
	const char *name;
	enum record_type type;
	size_t offset; /* in the object */
	int options;
	int (*read)(
	    void *object, const struct sexp *value, struct sexp_error *e);
};

/* A field of TYPE that is MEMBER of struct OBJECT under its own NAME. */
#define RECORD(name, type, object, member)                                     \
	{                                                                      \
		name, type, offsetof(struct object, member), RECORD_REQUIRED,  \
		    NULL                                                       \
	}
/* A field that READ reads. */
#define RECORD_READ(name, options, read)                                       \
	{                                                                      \
		name, RECORD_CUSTOM, 0, options, read                          \
	}

/*
 * Reads the record S into OBJECT by the COUNT fields of FIELD. What is not
 * among them is appended to EXTRA in mach form (NULL: dropped). -1 with E: no
 * list, a value of another form, a field twice, a required one missing.
 */
int record_read(const struct sexp *s, void *object,
    const struct record_field *field, size_t count, struct buf *extra,
    struct sexp_error *e);
/* The value of the field NAME of record S, NULL where it has none. */
const struct sexp *record_find(const struct sexp *s, const char *name);

/* Fills E with the place of S and the words "expected WHAT"; returns -1. */
int record_fail(const struct sexp *s, const char *what, struct sexp_error *e);
/* Whether S is the atom TEXT. */
int record_is(const struct sexp *s, const char *text);
/* Element I of list S, NULL where there is none (or S is an atom). */
const struct sexp *record_item(const struct sexp *s, size_t i);
/* The atom S as a new string *OUT, what was there is freed. -1: E. */
int record_string(const struct sexp *s, char **out, struct sexp_error *e);
/* The option S: *VALUE what is inside, or NULL. -1: E. */
int record_option(
    const struct sexp *s, const struct sexp **value, struct sexp_error *e);
/* The whole number S, MIN to MAX, into *OUT. -1: E. */
int record_int(const struct sexp *s, int64_t min, int64_t max, int64_t *out,
    struct sexp_error *e);
/* The finite float S into *OUT. -1: E. */
int record_float(const struct sexp *s, double *out, struct sexp_error *e);
/* The date S into *OUT: seconds at UTC midnight; 0 for an absurd one. -1: E. */
int record_date(const struct sexp *s, int64_t *out, struct sexp_error *e);
/* The list of words S into a new array *LIST of *COUNT. -1: E. */
int record_strings(
    const struct sexp *s, char ***list, size_t *count, struct sexp_error *e);
/* Frees what record_strings gave. */
void record_strings_free(char **list, size_t count);
/*
 * Which of the words WORD[] (ended by NULL) the atom S is. -1 with E, which
 * names WHAT.
 */
int record_word(const struct sexp *s, const char *const word[],
    const char *what, struct sexp_error *e);
/*
 * The list S of such words as bits of *SET, 1 << index; *ORDER keeps in which
 * order they stood (at most 7 words). -1 with E.
 */
int record_set(const struct sexp *s, const char *const word[], unsigned *set,
    unsigned *order, struct sexp_error *e);
/* `(user host)` as `user@host`, a new string *OUT. -1: E. */
int record_jid(const struct sexp *s, char **out, struct sexp_error *e);

/* The words of OTR policies and versions, in the order of the CONFIG_ bits. */
extern const char *const record_policies[], *const record_versions[];

/* Appends `(NAME VALUE)` to LIST. */
void record_put(struct sexp_tree *t, struct sexp *list, const char *name,
    struct sexp *value);
/* The option of S, which may be NULL. */
struct sexp *record_some(struct sexp_tree *t, struct sexp *s);
/* The optional string TEXT, which may be NULL. */
struct sexp *record_optional(struct sexp_tree *t, const char *text);
/* `true` or `false`. */
struct sexp *record_bool(struct sexp_tree *t, int value);
/* A whole number. */
struct sexp *record_number(struct sexp_tree *t, int64_t value);
/* A float: 15 digits, or 17 where that loses bits. */
struct sexp *record_real(struct sexp_tree *t, double value);
/* The COUNT strings of LIST. */
struct sexp *record_texts(struct sexp_tree *t, char *const *list, size_t count);
/* The words of SET: those of ORDER first, the others as in WORD. */
struct sexp *record_words(struct sexp_tree *t, const char *const word[],
    unsigned set, unsigned order);
/* `user@host` as `(user host)`; LEN bytes of JID. */
struct sexp *record_address(struct sexp_tree *t, const char *jid, size_t len);
/* Appends the fields of EXTRA (mach form; may be NULL) to LIST. */
void record_put_extra(
    struct sexp_tree *t, struct sexp *list, const char *extra);

#endif
