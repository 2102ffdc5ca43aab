/* No secret stays in memory that was freed. */
#if defined(NO_OMEMO)
#include "t/unit/skip-omemo.h"
#else
#define _DEFAULT_SOURCE
#include <stdint.h>
#include <unistd.h>

#include "sexp/hex.h"
#include "t/unit/omemo-pair.h"

#define ALICE "alice@example.org"
#define BOB   "bob@example.org"

/* Counts the N bytes of P between START and the end of the heap. */
static int
count(const unsigned char *start, const unsigned char *p, size_t n)
{
	const unsigned char *at, *end = sbrk(0);
	int found = 0;

	for (at = start; at + n <= end; at++)
		found += at != p && *at == *p && memcmp(at, p, n) == 0;
	return found;
}

int
main(void)
{
	static unsigned char session[64], digits[64],
	    text[] = "a text that nobody else may ever read, whatever happens";
	static char found[64];
	const unsigned char *start = sbrk(0);
	struct omemo_contact c;
	struct sexp_error e;
	struct host *a, *b;
	struct file *f;
	int i;

#if !defined(__GLIBC__) || defined(__SANITIZE_ADDRESS__)
	puts("1..0 # SKIP free(3) does not wipe here");
	return 0;
#endif
	a = pair_new(ALICE);
	b = pair_new(BOB);
	pair_meet();
	pair_say(a, BOB, (char *)text);
	pair_deliver();
	pair_say(b, ALICE, (char *)text);
	pair_deliver();
	f = pair_file(a, BOB);
	ok(omemo_contact_parse(
	       &c, buf_data(&f->bytes), buf_len(&f->bytes), &e) == 0,
	    "a session");
	/* Secrets of the ratchet, and the same as they are in the file. */
	memcpy(session, c.device[0].session + c.device[0].session_len / 2,
	    sizeof session);
	hex_write(session, 31, found);
	memcpy(digits, found, 62);
	omemo_contact_clear(&c);
	ok(count(start, session, 32) == 1 && count(start, digits, 62) == 1,
	    "in memory once, and in the test's file: %d %d",
	    count(start, session, 32), count(start, digits, 62));
	memset(found, 0, sizeof found);
	for (i = 0; i < PAIR_FILES; i++) {
		buf_clear(&a->file[i].bytes);
		buf_clear(&b->file[i].bytes);
	}
	buf_wipe(a->got, sizeof a->got);
	buf_wipe(b->got, sizeof b->got);
	ok(count(start, text, sizeof text - 1) == 0, "no text");
	pair_end();
	ok(count(start, session, 32) == 0 && count(start, digits, 62) == 0,
	    "nowhere when all is freed");
	return tap_done();
}
#endif
