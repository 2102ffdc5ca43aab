#include "sexp/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/memory.h"

void *
buf_alloc(size_t n)
{
	return memory_check(calloc(1, n > 0 ? n : 1));
}

void *
buf_realloc(void *p, size_t count, size_t size)
{
	if (size > 0 && count > (size_t)-1 / size)
		return memory_check(NULL);
	return memory_check(realloc(p, count * size > 0 ? count * size : 1));
}

char *
buf_memdup(const void *p, size_t n)
{
	char *copy = buf_alloc(n + 1);

	if (n > 0)
		memcpy(copy, p, n);
	return copy;
}

void
buf_copy(char *to, size_t size, const char *from)
{
	size_t n = strlen(from);

	if (n >= size)
		n = size - 1;
	memcpy(to, from, n);
	to[n] = '\0';
}

char *
buf_strdup(const char *s)
{
	return s == NULL ? NULL : buf_memdup(s, strlen(s));
}

void
buf_wipe(void *p, size_t n)
{
	if (n > 0)
		memset(p, 0, n);
	/* The compiler must assume that the bytes are read after this. */
	__asm__ __volatile__("" : : "r"(p) : "memory");
}

void
buf_free_secret(char *s)
{
	if (s != NULL)
		buf_wipe(s, strlen(s));
	free(s);
}

void
buf_init(struct buf *b, size_t max)
{
	memset(b, 0, sizeof *b);
	b->max = max;
}

void
buf_clear(struct buf *b)
{
	size_t max = b->max;

	if (b->data != NULL)
		buf_wipe(b->data, b->cap);
	free(b->data);
	buf_init(b, max);
}

void
buf_reset(struct buf *b)
{
	buf_drop(b, buf_len(b));
}

size_t
buf_len(const struct buf *b)
{
	return b->len - b->off;
}

const unsigned char *
buf_data(const struct buf *b)
{
	return b->data == NULL ? (const unsigned char *)"" : b->data + b->off;
}

/*
 * Makes the capacity of B CAP, which is larger. The old bytes are wiped, as any
 * buffer may hold a secret and realloc(3) leaves a copy of it behind.
 */
static void
grow_buf(struct buf *b, size_t cap)
{
	unsigned char *data = memory_check(malloc(cap));

	if (b->data != NULL) {
		memcpy(data, b->data, b->len);
		buf_wipe(b->data, b->cap);
	}
	free(b->data);
	b->data = data;
	b->cap = cap;
}

/*
 * Makes room for N more bytes and a NUL. Moves the bytes to the front before it
 * allocates.
 */
static int
make_space(struct buf *b, size_t n)
{
	size_t held = b->len - b->off;
	size_t cap;

	if (n > b->max || held > b->max - n) {
		b->refused = 1;
		return -1;
	}
	if (b->cap - b->len > n)
		return 0;
	if (b->off > 0 && b->off >= held) {
		memmove(b->data, b->data + b->off, held);
		buf_wipe(b->data + held, b->len - held);
		b->off = 0;
		b->len = held;
		if (b->cap - b->len > n)
			return 0;
	}
	for (cap = b->cap > 0 ? b->cap : 64; cap - b->len <= n; cap *= 2)
		;
	grow_buf(b, cap);
	return 0;
}

/* Returns 1 if N more bytes and a NUL fit into B as it is. */
static int
has_space(const struct buf *b, size_t n)
{
	return b->cap - b->len > n && n <= b->max &&
	       b->len - b->off <= b->max - n;
}

char *
buf_str(struct buf *b)
{
	if (b->cap == 0 || b->cap == b->len)
		grow_buf(b, b->len + 64);
	b->data[b->len] = '\0';
	return (char *)b->data + b->off;
}

int
buf_add(struct buf *b, const void *p, size_t n)
{
	if (!has_space(b, n) && make_space(b, n) == -1)
		return -1;
	if (n > 0)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	return 0;
}

int
buf_adds(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int
buf_addc(struct buf *b, int c)
{
	if (!has_space(b, 1) && make_space(b, 1) == -1)
		return -1;
	b->data[b->len++] = (unsigned char)c;
	return 0;
}

int
buf_add_number(struct buf *b, long long n)
{
	char text[32], *end = text + sizeof text, *p = end;
	unsigned long long left = (unsigned long long)n;

	if (n < 0)
		left = -left;
	do
		*--p = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (n < 0)
		*--p = '-';
	return buf_add(b, p, (size_t)(end - p));
}

int
buf_addf(struct buf *b, const char *format, ...)
{
	size_t room = b->cap - b->len;
	va_list args;
	int n;

	/* The first attempt prints right into B, and is enough if it fits. */
	va_start(args, format);
	n = vsnprintf(
	    room > 0 ? (char *)b->data + b->len : NULL, room, format, args);
	va_end(args);
	if (n < 0 || make_space(b, (size_t)n) == -1)
		return -1;
	if ((size_t)n < room) {
		b->len += (size_t)n;
		return 0;
	}
	va_start(args, format);
	vsnprintf((char *)b->data + b->len, (size_t)n + 1, format, args);
	va_end(args);
	b->len += (size_t)n;
	return 0;
}

void
buf_drop(struct buf *b, size_t n)
{
	b->off += n;
	if (b->off < b->len)
		return;
	if (b->len > 0)
		buf_wipe(b->data, b->len);
	b->off = b->len = 0;
}

void
buf_cut(struct buf *b, size_t n)
{
	if (buf_len(b) > n)
		buf_wipe(b->data + b->off + n, buf_len(b) - n);
	b->len = b->off + n;
}
