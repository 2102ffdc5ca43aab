/*
 * Bytes that grow up to a bound, and the only place that asks for memory.
 * Owns its storage; knows nothing of what the bytes mean. When the system has
 * no memory left the program ends here, in one place, with status 71.
 */
#ifndef SEXP_BUF_H
#define SEXP_BUF_H

#include <stddef.h>

/* Bytes data[off..len) are held; what is before off is already consumed. */
struct buf {
	unsigned char *data;
	size_t off, len, cap, max;
};

/* Makes B empty; it never holds more than MAX bytes. Allocates nothing. */
void buf_init(struct buf *b, size_t max);
/* Wipes and frees what B holds; B is as after buf_init. */
void buf_clear(struct buf *b);
/* Empties B and keeps its memory. */
void buf_reset(struct buf *b);
/* The number of bytes held. */
size_t buf_len(const struct buf *b);
/* The bytes held; borrowed until the next call on B; never NULL. */
const unsigned char *buf_data(const struct buf *b);
/* The bytes held and a NUL behind them; borrowed until the next call on B. */
char *buf_str(struct buf *b);
/* Appends N bytes of P. -1, and nothing appended, where max is exceeded. */
int buf_add(struct buf *b, const void *p, size_t n);
/* Appends the string S without its NUL. -1 as buf_add. */
int buf_adds(struct buf *b, const char *s);
/* Appends the byte C. -1 as buf_add. */
int buf_addc(struct buf *b, int c);
/* Appends as printf does. -1 as buf_add. */
int buf_addf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Drops N (at most buf_len) bytes from the front. */
void buf_drop(struct buf *b, size_t n);
/* Cuts the bytes held to the first N (at most buf_len). */
void buf_cut(struct buf *b, size_t n);

/* N zeroed bytes of the heap; never NULL. The caller frees. */
void *buf_alloc(size_t n);
/* As realloc, for COUNT members of SIZE bytes; never NULL. */
void *buf_realloc(void *p, size_t count, size_t size);
/* A copy of the string S on the heap, NULL where S is NULL. Caller frees. */
char *buf_strdup(const char *s);
/* A copy of N bytes of P and a NUL behind them. The caller frees. */
char *buf_memdup(const void *p, size_t n);
/* Overwrites N bytes of P so that the compiler cannot leave it out. */
void buf_wipe(void *p, size_t n);
/* Wipes the string S (NULL is accepted), then frees it. */
void buf_free_secret(char *s);

#endif
