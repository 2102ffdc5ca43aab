/*
 * Buffers of bytes that grow up to a bound, and the only place that allocates
 * memory. A buffer owns its storage. If the system has no memory left, the
 * program ends here, with status 71.
 */
#ifndef SEXP_BUF_H
#define SEXP_BUF_H

#include <stddef.h>

/* The buffer holds data[off..len); the bytes before off are consumed. */
struct buf {
	unsigned char *data;
	size_t off, len, cap, max;
	int refused; /* something did not fit, since buf_init */
};

/* Makes B empty and bounds it to MAX bytes. Allocates nothing. */
void buf_init(struct buf *b, size_t max);
/* Wipes and frees the bytes of B, which is then as after buf_init. */
void buf_clear(struct buf *b);
/* Wipes the bytes of B, which is then empty, and keeps its memory. */
void buf_reset(struct buf *b);
/* Returns the number of bytes held. */
size_t buf_len(const struct buf *b);
/* Returns the bytes held, borrowed until the next call on B; never NULL. */
const unsigned char *buf_data(const struct buf *b);
/* Returns the bytes held and a NUL, borrowed until the next call on B. */
char *buf_str(struct buf *b);
/* Appends N bytes of P. -1 and nothing is appended if max would be exceeded. */
int buf_add(struct buf *b, const void *p, size_t n);
/* Appends the string S without its NUL. -1 as buf_add. */
int buf_adds(struct buf *b, const char *s);
/* Appends the byte C. -1 as buf_add. */
int buf_addc(struct buf *b, int c);
/* Appends N in decimal. -1 as buf_add. */
int buf_add_number(struct buf *b, long long n);
/* Appends as printf does. -1 as buf_add. */
int buf_addf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/*
 * Drops N (at most buf_len) bytes from the front. When none is left, the memory
 * of all that were there is wiped, since it may have been secret.
 */
void buf_drop(struct buf *b, size_t n);
/* Cuts the bytes held to the first N (at most buf_len) and wipes the rest. */
void buf_cut(struct buf *b, size_t n);

/* Returns N zeroed bytes; never NULL. The caller frees. */
void *buf_alloc(size_t n);
/* realloc(3) for COUNT members of SIZE bytes; never NULL. */
void *buf_realloc(void *p, size_t count, size_t size);
/* Copies the string FROM to TO, which has SIZE bytes; what is over is cut. */
void buf_copy(char *to, size_t size, const char *from);
/* Returns a copy of the string S, or NULL if S is NULL. The caller frees. */
char *buf_strdup(const char *s);
/* Returns a copy of N bytes of P and a NUL. The caller frees. */
char *buf_memdup(const void *p, size_t n);
/* Overwrites N bytes of P; the compiler cannot optimise that away. */
void buf_wipe(void *p, size_t n);
/* Wipes and frees the string S. NULL is accepted. */
void buf_free_secret(char *s);

#endif
