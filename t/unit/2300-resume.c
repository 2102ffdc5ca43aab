/* The state of XEP-0198: what is kept, counted, dropped and sent again. */
#include "t/unit/tap.h"
#include "xmpp/resume.h"

#include <stdlib.h>
#include <string.h>

#define ONE   "<message to='a'><body>1 &gt; 0</body><x/></message>"
#define TWO   "<iq type='get' id='i'><ping xmlns='urn:xmpp:ping'/></iq>"
#define THREE "<presence/>"
#define ASK   "<r xmlns='urn:xmpp:sm:3'/>"

static long
take(struct resume *r, const char *text)
{
	return resume_keep_sent(r, text, strlen(text));
}

static int
is_again(const struct resume *r, const char *wanted)
{
	struct buf b;
	int same;

	buf_init(&b, 1 << 20);
	same = resume_send_again(r, &b, NULL) == 0 &&
	       strcmp(buf_str(&b), wanted) == 0;
	buf_clear(&b);
	return same;
}

static void
test_taking(void)
{
	struct resume r = {0};

	resume_begin(&r);
	ok(take(&r, ONE ASK TWO THREE) == (long)strlen(ONE ASK TWO THREE),
	    "all is taken");
	ok(r.sent == 3, "<r/> is no stanza");
	ok(take(&r, "<message><body>") == 0, "half a stanza is left");
	ok(take(&r, THREE "<messages/>" THREE) == 33 && r.sent == 5,
	    "<messages/> is no message");
	ok(take(&r, "</stream:stream>") == 16 && r.sent == 5,
	    "nor is the end of the stream");
	ok(is_again(&r, ONE TWO THREE THREE THREE), "and the bytes are kept");
	resume_off(&r);
	ok(r.acked == 5 && is_again(&r, ""), "off: nothing is kept");
	ok(take(&r, ONE) > 0 && r.sent == 6 && r.acked == 6,
	    "off: numbers go on");
	resume_clear(&r);
}

static void
test_pieces(void)
{
	const char *all = ONE TWO THREE;
	size_t n = strlen(all), one = strlen(ONE), two = one + strlen(TWO);

	ok(resume_whole_elements(all, n, n) == n, "all of it");
	ok(resume_whole_elements(all, n, n - 1) == two, "two are whole");
	ok(resume_whole_elements(all, n, one) == one, "one is");
	ok(resume_whole_elements(all, n, 1) == one,
	    "one that is too long is alone");
	ok(resume_whole_elements(all, n - 1, n) == two,
	    "the last is not whole");
	ok(resume_whole_elements(all, one - 1, n) == one - 1, "none is");
	ok(resume_whole_elements(all, 0, n) == 0, "there is none");
}

static void
test_limit(void)
{
	struct resume r = {0};
	static char big[1 << 20];
	int i;

	resume_begin(&r);
	memset(big, 'x', sizeof big);
	memcpy(big, "<message>", 9);
	memcpy(big + sizeof big - 10, "</message>", 10);
	for (i = 0; i < 11; i++)
		if (resume_keep_sent(&r, big, sizeof big) != (long)sizeof big)
			break;
	ok(i == 11, "11 MiB are kept");
	ok(resume_keep_sent(&r, big, sizeof big) == -1, "13 are not");
	resume_clear(&r);
}

static void
test_acks(void)
{
	struct resume r = {0};
	uint64_t base = UINT64_C(0x1fffffffe);

	resume_begin(&r);
	take(&r, ONE TWO THREE);
	ok(resume_ack(&r, 4) == -1 && r.acked == 0, "more than was sent");
	ok(resume_ack(&r, 2) == 0 && is_again(&r, THREE), "two of three");
	ok(resume_ack(&r, 1) == -1 && r.acked == 2, "less than before");
	ok(resume_ack(&r, 2) == 0, "the same once more");
	ok(resume_ack(&r, 3) == 0 && is_again(&r, ""), "all");
	ok(resume_ack(&r, UINT32_MAX) == -1, "far behind");
	resume_begin(&r);
	r.sent = r.acked = base;
	take(&r, ONE TWO THREE);
	ok(resume_ack(&r, 0) == 0 && r.acked == base + 2,
	    "the wire's number goes round");
	ok(resume_ack(&r, UINT32_MAX) == -1, "and not back");
	ok(resume_ack(&r, 2) == -1, "nor beyond");
	ok(resume_ack(&r, 1) == 0 && r.acked == r.sent, "but to the end");
	resume_clear(&r);
}

static void
test_drop(void)
{
	struct resume r = {0};

	resume_begin(&r);
	take(&r, ONE TWO THREE);
	resume_ack(&r, 1);
	resume_drop(&r, 9);
	ok(r.sent == 3, "what is not there cannot be taken out");
	resume_drop(&r, 2);
	ok(r.sent == 2 && is_again(&r, THREE), "the first");
	take(&r, ONE);
	resume_drop(&r, 3);
	ok(r.sent == 2 && is_again(&r, THREE), "the last");
	ok(resume_ack(&r, 3) == -1 && resume_ack(&r, 2) == 0,
	    "which was never sent");
	resume_clear(&r);
}

static void
test_handled(void)
{
	struct resume r = {0};

	resume_begin(&r);
	resume_enabled(&r, "token");
	ok(resume_can(&r), "it can be resumed");
	resume_received(&r, 100);
	resume_received(&r, 100);
	resume_received(&r, 250);
	resume_written(&r, 99);
	ok(resume_h(&r) == 0, "nothing is written");
	resume_written(&r, 249);
	ok(resume_h(&r) == 2, "two are");
	resume_asked(&r, 1000);
	ok(!resume_answer_due(&r, 1000), "the server waits for the third");
	ok(!resume_answer_due(&r, 10999) && resume_answer_due(&r, 11000),
	    "10 s, then it hears of two");
	ok(!resume_answer_due(&r, 99999), "once");
	resume_asked(&r, 20000);
	resume_written(&r, 250);
	ok(resume_answer_due(&r, 20000) && resume_h(&r) == 3,
	    "or at once, when it is written");
	resume_received(&r, 300);
	resume_received(&r, 400);
	ok(resume_attempt(&r) == 3, "for <resume/>, what is handled");
	resume_written(&r, 300);
	resume_resumed(&r);
	ok(resume_is_repeat(&r) && resume_is_repeat(&r) &&
		!resume_is_repeat(&r),
	    "two come once more");
	ok(r.received == 5 && r.handled == 4, "and are counted once");
	resume_forget(&r);
	ok(!resume_can(&r), "forgotten");
	resume_clear(&r);
}

/* A long way back is asked about more than once. */
static void
test_stride(void)
{
	static const char ask[] = ASK;
	size_t each = RESUME_STRIDE / 2, i, n = strlen(ONE) + each;
	struct resume r = {0};
	struct buf b;
	size_t max;
	char *p;

	buf_init(&b, 1 << 20);
	for (i = 0; i < each; i++)
		buf_addc(&b, 'x');
	p = buf_strdup(buf_str(&b));
	resume_begin(&r);
	for (i = 0; i < 5; i++) {
		buf_reset(&b);
		buf_addf(&b,
		    "<message to='a'><body>%s1 &gt; 0</body><x/>"
		    "</message>",
		    p);
		take(&r, buf_str(&b));
	}
	ok(r.bytes == 5 * n, "all bytes are counted");
	buf_reset(&b);
	ok(resume_send_again(&r, &b, ask) == 2, "two questions on the way");
	max = b.max;
	b.max = buf_len(&b) - 1;
	buf_reset(&b);
	ok(resume_send_again(&r, &b, ask) == -1 && buf_len(&b) == 0,
	    "all is sent again, or nothing");
	b.max = max;
	resume_send_again(&r, &b, ask);
	ok(buf_len(&b) == 5 * n + 2 * strlen(ask) &&
		memcmp(buf_data(&b) + 2 * n, ask, strlen(ask)) == 0,
	    "each behind a stride");
	free(p);
	buf_clear(&b);
	resume_clear(&r);
}

int
main(void)
{
	test_stride();
	test_taking();
	test_pieces();
	test_limit();
	test_acks();
	test_drop();
	test_handled();
	return tap_done();
}
