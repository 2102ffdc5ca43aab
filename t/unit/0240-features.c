/* The file features: what is printed is read, and nothing else is. */
#include <string.h>

#include "store/features.h"
#include "t/unit/tap.h"

static void
refuse(const char *text, const char *why)
{
	struct features f;
	struct sexp_error e;

	ok(features_parse(&f, text, strlen(text), &e) == -1 &&
		strstr(e.why, why) != NULL && f.mechanisms == 0 &&
		f.stream == 0,
	    "refused: %s: %s", text, e.why);
}

static void
test_all(void)
{
	struct features f, g;
	struct sexp_error e;
	struct buf out;
	int bad = 0;
	unsigned i;

	buf_init(&out, 1000);
	for (i = 0; i < 0x80 * 2 * 8; i++) {
		f = (struct features){i & 0x7f, i >> 7 & 1, i >> 8};
		buf_reset(&out);
		bad |= features_print(&f, &out) == -1 ||
		       features_parse(&g, buf_data(&out), buf_len(&out), &e) ==
			   -1 ||
		       g.mechanisms != f.mechanisms || g.unique != f.unique ||
		       g.stream != f.stream;
	}
	ok(!bad, "each is read as it was printed");
	f = (struct features){0x12, 1, 3};
	buf_reset(&out);
	features_print(&f, &out);
	ok(strcmp(buf_str(&out),
	       "((version 1) (mechanisms (SCRAM-SHA-256-PLUS SCRAM-SHA-256))\n"
	       " (tls-unique true) (stream (ver sm)))") == 0,
	    "as words");
	buf_clear(&out);
	buf_init(&out, 20);
	ok(features_print(&f, &out) == -1 && buf_len(&out) == 0,
	    "nothing where it does not fit");
	buf_clear(&out);
}

int
main(void)
{
	test_all();
	refuse("", "");
	refuse("()", "version");
	refuse("((version 2) (mechanisms ()) (tls-unique true) (stream ()))",
	    "version 1");
	refuse("((version 1) (mechanisms (NTLM)) (tls-unique true)"
	       " (stream ()))",
	    "");
	refuse("((version 1) (mechanisms ()) (tls-unique maybe) (stream ()))",
	    "true or false");
	refuse("((version 1) (mechanisms ()) (tls-unique true) (stream (tls)))",
	    "");
	refuse("((version 1) (mechanisms ()) (tls-unique true))", "stream");
	return tap_done();
}
