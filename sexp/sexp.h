/*
 * Reads and prints S-expressions as OCaml's sexplib does: bytes to a tree and
 * back. A tree is one arena: its nodes are borrowed from it and freed with it.
 * Pure: knows no files, and not what an expression means.
 */
#ifndef SEXP_SEXP_H
#define SEXP_SEXP_H

#include "sexp/buf.h"

#define SEXP_DEPTH 256	       /* lists inside each other, at most */
#define SEXP_SIZE  (16u << 20) /* bytes of one input, at most */

/* An atom or a list. */
struct sexp {
	const char *text;   /* atom: its bytes and a NUL; list: NULL */
	size_t len;	    /* atom: bytes (may hold NULs); list: elements */
	struct sexp *first; /* list: the first element, or NULL */
	struct sexp *last;  /* list: the last element, or NULL */
	struct sexp *next;  /* the following element of the same list */
	int line, column;   /* its place, from 1; 0 if it was built */
};

/* The place and the reason of an error. Columns are counted in bytes. */
struct sexp_error {
	int line, column; /* from 1 */
	char why[160];	  /* "expected ..." in printable ASCII */
};

struct sexp_tree;

/*
 * Reads N bytes at P, which must be exactly one expression, with blanks and
 * comments around it. NULL with E filled. The caller frees with sexp_free.
 */
struct sexp_tree *sexp_parse(const void *p, size_t n, struct sexp_error *e);
/* The same for any number of expressions: the root is the list of them. */
struct sexp_tree *sexp_parse_many(
    const void *p, size_t n, struct sexp_error *e);
/* Returns an empty tree to build in. The caller frees with sexp_free. */
struct sexp_tree *sexp_new(void);
/* Wipes and frees the whole tree; NULL is accepted. */
void sexp_free(struct sexp_tree *t);
/* Returns the expression that was read, or NULL for a tree of sexp_new. */
const struct sexp *sexp_root(const struct sexp_tree *t);

/* Returns a new atom of T with a copy of N bytes of P. */
struct sexp *sexp_atom(struct sexp_tree *t, const void *p, size_t n);
/* Returns a new atom of T with a copy of the string S. */
struct sexp *sexp_string(struct sexp_tree *t, const char *s);
/* Returns a new empty list of T. */
struct sexp *sexp_list(struct sexp_tree *t);
/* Appends ITEM, which must be in no list yet, to LIST. Returns LIST. */
struct sexp *sexp_append(struct sexp *list, struct sexp *item);
/* Returns a deep copy of S in T. */
struct sexp *sexp_copy(struct sexp_tree *t, const struct sexp *s);

/*
 * Appends S to OUT in machine form: on one line, with a blank only between two
 * atoms without quotes. -1 with OUT as before if its bound is exceeded.
 */
int sexp_mach(const struct sexp *s, struct buf *out);

/*
 * Prints machine form piece by piece, without a tree. To be zeroed but for OUT.
 * FAILED becomes 1 if the bound of OUT is exceeded.
 */
struct sexp_writer {
	struct buf *out;
	int bare; /* the last thing printed is an atom without quotes */
	int failed;
};

/* Begins a list. */
void sexp_put_open(struct sexp_writer *w);
/* Ends the innermost list. */
void sexp_put_close(struct sexp_writer *w);
/* Prints the N bytes at P as an atom. */
void sexp_put_atom(struct sexp_writer *w, const void *p, size_t n);
/* Prints the string S as an atom. */
void sexp_put_string(struct sexp_writer *w, const char *s);

/*
 * Appends S to OUT in human form: in lines of up to 78 columns with an indent
 * of 1, byte for byte as OCaml's Format breaks them. -1 with OUT as before if
 * its bound is exceeded.
 */
int sexp_hum(const struct sexp *s, struct buf *out);

/*
 * Finds the end of a list in bytes that come piece by piece, by brackets,
 * quotes and comments only. To be zeroed before the first use.
 */
struct sexp_scan {
	size_t at;	    /* the bytes scanned so far */
	int depth, comment; /* the number of open brackets and of open #| */
	int state;	    /* private to sexp.c */
};

/*
 * Continues with N bytes at P, which are those of the last call and more.
 * Returns 1 with S->at behind the first whole list; 0 if it needs more, also if
 * all was blanks and comments; -1 with S->at at a byte that cannot come before
 * a list: a closing bracket, or an atom.
 */
int sexp_scan(struct sexp_scan *s, const void *p, size_t n);

#endif
