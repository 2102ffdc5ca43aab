/* sexp/buf.c: bytes that grow up to a bound. */
#include "sexp/buf.h"
#include "t/unit/tap.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int
holds(struct buf *b, const char *s)
{
	return buf_len(b) == strlen(s) &&
	       memcmp(buf_data(b), s, strlen(s)) == 0 &&
	       strcmp(buf_str(b), s) == 0;
}

static void
test_empty(void)
{
	struct buf b;

	buf_init(&b, 0);
	ok(buf_len(&b) == 0 && buf_data(&b) != NULL, "nothing in a new one");
	ok(buf_add(&b, NULL, 0) == 0, "nothing fits into a bound of 0");
	ok(buf_addc(&b, 'x') == -1, "a byte does not");
	ok(strcmp(buf_str(&b), "") == 0, "it is an empty string");
	buf_clear(&b);
	buf_clear(&b);
	ok(b.data == NULL && b.max == 0, "cleared twice");
}

static void
test_bound(void)
{
	struct buf b;

	buf_init(&b, 10);
	ok(buf_adds(&b, "12345") == 0 && buf_adds(&b, "678901") == -1 &&
		holds(&b, "12345"),
	    "a string past the bound is not added at all");
	ok(buf_addf(&b, "%s-%d", "abc", 78) == -1 && holds(&b, "12345"),
	    "nor what is formatted");
	ok(buf_addf(&b, "%s-%d", "ab", 78) == 0 && holds(&b, "12345ab-78"),
	    "up to the bound all is");
	ok(buf_add(&b, "", (size_t)-1) == -1, "no wrap around");
	buf_drop(&b, 3);
	ok(buf_adds(&b, "xyz") == 0 && holds(&b, "45ab-78xyz"),
	    "what is consumed gives room");
	buf_cut(&b, 2);
	ok(holds(&b, "45"), "cut after a drop");
	buf_drop(&b, 2);
	ok(buf_len(&b) == 0 && b.off == 0, "all consumed starts anew");
	buf_clear(&b);
	ok(buf_adds(&b, "1234567890") == 0, "the bound outlives buf_clear");
	buf_reset(&b);
	ok(holds(&b, "") && b.cap > 0, "buf_reset keeps the memory");
	buf_clear(&b);
}

/* Returns 1 if no byte of B that it holds no more is still there. */
static int
is_wiped(const struct buf *b)
{
	size_t i;

	for (i = b->len; i < b->cap && b->data[i] != 'x'; i++)
		;
	return i == b->cap;
}

/* Any buffer may have held a secret. */
static void
test_wipe(void)
{
	static const char text[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	struct buf b;

	buf_init(&b, 100);
	buf_adds(&b, ""); /* memory for 64 bytes */
	memset(b.data, 0, b.cap);
	buf_adds(&b, text);
	buf_cut(&b, 1);
	ok(is_wiped(&b), "what is cut off is wiped");
	buf_adds(&b, text + 1);
	buf_reset(&b);
	ok(is_wiped(&b), "what is reset is");
	buf_adds(&b, text);
	buf_drop(&b, 38);
	buf_add(&b, "123456789012345678901234567890", 30);
	ok(holds(&b, "xx123456789012345678901234567890") && is_wiped(&b),
	    "what moves to the front leaves nothing behind");
	buf_clear(&b);
}

/* A queue that never holds much must not grow however much goes through. */
static void
test_queue(void)
{
	struct buf b;
	unsigned char in = 0, out = 0;
	size_t i, n, bad = 0, cap = 0;

	buf_init(&b, 1000);
	for (i = 0; i < 20000; i++) {
		for (n = i % 90; n > 0; n--)
			bad += buf_addc(&b, in++) != 0;
		for (n = buf_len(&b); n > i % 7; n--) {
			bad += buf_data(&b)[0] != out++;
			buf_drop(&b, 1);
		}
		if (b.cap > cap)
			cap = b.cap;
	}
	ok(bad == 0, "bytes come out as they went in");
	ok(cap <= 1024, "and the memory stays small (%zu)", cap);
	buf_clear(&b);
}

static void
test_memory(void)
{
	char *a = buf_alloc(0), *s = buf_memdup("a\0b", 3), *secret;
	unsigned char wiped[4] = {1, 2, 3, 4};

	ok(a != NULL, "no bytes are some memory");
	ok(memcmp(s, "a\0b", 4) == 0, "buf_memdup ends with NUL");
	ok(buf_strdup(NULL) == NULL, "buf_strdup takes NULL");
	secret = buf_strdup("secret");
	ok(strcmp(secret, "secret") == 0, "buf_strdup");
	s = buf_realloc(s, 100, 10);
	ok(memcmp(s, "a\0b", 4) == 0, "buf_realloc keeps what there is");
	buf_wipe(wiped, 3);
	ok(memcmp(wiped, "\0\0\0\4", 4) == 0, "buf_wipe, and not one more");
	buf_free_secret(secret);
	buf_free_secret(NULL);
	free(s);
	free(a);
}

static void
test_number(void)
{
	struct buf b;
	char few[4];

	buf_init(&b, 64);
	buf_add_number(&b, 0);
	buf_addc(&b, ' ');
	buf_add_number(&b, INT64_MIN);
	buf_addc(&b, ' ');
	buf_add_number(&b, INT64_MAX);
	ok(strcmp(buf_str(&b), "0 -9223372036854775808 9223372036854775807") ==
		0,
	    "numbers");
	buf_clear(&b);
	buf_copy(few, sizeof few, "abc");
	ok(strcmp(few, "abc") == 0, "a string that fits is copied");
	buf_copy(few, sizeof few, "abcd");
	ok(strcmp(few, "abc") == 0, "a longer one is cut");
}

int
main(void)
{
	test_empty();
	test_bound();
	test_wipe();
	test_queue();
	test_memory();
	test_number();
	return tap_done();
}
