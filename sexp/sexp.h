/*
 * S-expressions as sexplib reads and prints them (FILES.md, S-expressions):
 * bytes to a tree and back. A tree lives in one arena and is freed whole; its
 * nodes are borrowed from it. Pure: no files, and no opinion about meaning.
 */
#ifndef SEXP_SEXP_H
#define SEXP_SEXP_H

#include "sexp/buf.h"

#define SEXP_DEPTH 256	       /* lists inside each other, at most */
#define SEXP_SIZE  (16u << 20) /* bytes of one input, at most */

/* An atom or a list. What is read and what is built look the same. */
struct sexp {
	const char *text;   /* atom: its bytes and a NUL; list: NULL */
	size_t len;	    /* atom: bytes (may hold NULs); list: elements */
	struct sexp *first; /* list: the first element, or NULL */
	struct sexp *last;  /* list: the last element, or NULL */
	struct sexp *next;  /* the following element of the same list */
	int line, column;   /* where it starts, both from 1; 0: was built */
};

/* What is wrong where: bytes are counted for columns, LF ends a line. */
struct sexp_error {
	int line, column; /* from 1 */
	char why[160];	  /* what is expected there; printable ASCII */
};

struct sexp_tree;

/*
 * Reads N bytes at P, which must hold exactly one expression (comments and
 * blanks beside it). NULL with E filled. The caller frees with sexp_free.
 */
struct sexp_tree *sexp_parse(const void *p, size_t n, struct sexp_error *e);
/* The same for any number of expressions: the root is a list of them. */
struct sexp_tree *sexp_parse_many(
    const void *p, size_t n, struct sexp_error *e);
/* An empty tree for building. The caller frees with sexp_free. */
struct sexp_tree *sexp_new(void);
/* Wipes and frees the whole tree; NULL is accepted. */
void sexp_free(struct sexp_tree *t);
/* What was read; NULL for a tree of sexp_new. */
const struct sexp *sexp_root(const struct sexp_tree *t);

/* A new atom of T with a copy of N bytes of P. */
struct sexp *sexp_atom(struct sexp_tree *t, const void *p, size_t n);
/* The same for the string S. */
struct sexp *sexp_string(struct sexp_tree *t, const char *s);
/* A new empty list of T. */
struct sexp *sexp_list(struct sexp_tree *t);
/* Puts ITEM, which is in no list yet, at the end of LIST; returns LIST. */
struct sexp *sexp_append(struct sexp *list, struct sexp *item);
/* A deep copy of S inside T. */
struct sexp *sexp_copy(struct sexp_tree *t, const struct sexp *s);

/*
 * Appends S to OUT in mach form: a blank only between two bare atoms. -1, and
 * OUT as before, where its bound is exceeded.
 */
int sexp_mach(const struct sexp *s, struct buf *out);
/*
 * Appends S to OUT in hum form: boxes of indent 1 filled up to column 78, as
 * OCaml's Format does it. -1, and OUT as before, where its bound is exceeded.
 */
int sexp_hum(const struct sexp *s, struct buf *out);

/*
 * Finds the end of one expression in bytes that come piece by piece. Zeroed
 * before the first use. It looks at brackets, quotes and comments alone.
 */
struct sexp_scan {
	size_t at;	    /* bytes looked at so far */
	int depth, comment; /* open brackets, open #| */
	int state;	    /* private to sexp.c */
};

/*
 * Goes on over N bytes at P (the same as before and more). Returns 1 with
 * S->at just behind the first list that is complete; 0 where more is needed
 * or only blanks and comments were there; -1 with S->at at a byte that can
 * stand before no list: a closing bracket, or an atom outside of lists.
 */
int sexp_scan(struct sexp_scan *s, const void *p, size_t n);

#endif
