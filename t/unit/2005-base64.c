/* Base64: the vectors of RFC 4648 section 10, and all that is not base64. */
#include "xmpp/base64.h"

#include <string.h>

#include "t/unit/tap.h"

static const struct {
	const char *bytes, *text;
} vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

static const char *const wrong[] = {
    "Z", "Zg", "Zg=", "Zm9", "Zm9vY",			/* length */
    "=", "==", "===", "====", "Z===",			/* too much padding */
    "Zg==Zg==", "Zm8=Zm8=", "Zg=g", "=Zg=", "Zm9v====", /* in the middle */
    "Zh==", "Zm9=", "Zv==",				/* unused bits */
    "Zm9 ", " Zm9", "Zm\n9", "Zm9v\n", "Zg==\n\n\n\n",	/* white space */
    "Zm-_", "Zm9*", "Z\xc3\xa9v", "Zm9\x80",		/* alphabet */
};

static void
test_vectors(void)
{
	size_t i;

	for (i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		const char *bytes = vectors[i].bytes, *text = vectors[i].text;
		struct buf b;

		buf_init(&b, 100);
		ok(base64_encode(&b, bytes, strlen(bytes)) == 0 &&
			strcmp(buf_str(&b), text) == 0,
		    "\"%s\" is written \"%s\"", bytes, text);
		buf_reset(&b);
		ok(base64_decode(&b, text, strlen(text)) == 0 &&
			strcmp(buf_str(&b), bytes) == 0,
		    "\"%s\" is read \"%s\"", text, bytes);
		buf_clear(&b);
	}
}

static void
test_wrong(void)
{
	struct buf b;
	size_t i;

	buf_init(&b, 100);
	buf_adds(&b, "kept");
	for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ok(base64_decode(&b, wrong[i], strlen(wrong[i])) == -1 &&
			strcmp(buf_str(&b), "kept") == 0,
		    "wrong text %zu is refused whole", i);
	ok(base64_decode(&b, "Zg\0=", 4) == -1, "a NUL is refused");
	buf_clear(&b);
}

static void
test_bytes(void)
{
	static unsigned char bytes[3000]; /* some pieces of the decoder */
	struct buf text, back;
	size_t n, good = 0;

	for (n = 0; n < sizeof bytes; n++)
		bytes[n] = (unsigned char)(n * 167 + 13);
	for (n = 0; n <= sizeof bytes; n++) {
		buf_init(&text, 2 * sizeof bytes);
		buf_init(&back, sizeof bytes);
		if (base64_encode(&text, bytes, n) == 0 &&
		    buf_len(&text) == (n + 2) / 3 * 4 &&
		    base64_decode(&back, (const char *)buf_data(&text),
			buf_len(&text)) == 0 &&
		    buf_len(&back) == n &&
		    memcmp(buf_data(&back), bytes, n) == 0)
			good++;
		buf_clear(&text);
		buf_clear(&back);
	}
	ok(good == sizeof bytes + 1, "every length comes back");
	buf_init(&text, 2 * sizeof bytes);
	buf_init(&back, sizeof bytes);
	base64_encode(&text, bytes, sizeof bytes);
	for (good = n = 0; n < buf_len(&text); n += 97) {
		char *at = buf_str(&text) + n, was = *at;

		*at = '=';
		good += base64_decode(&back, buf_str(&text), buf_len(&text)) ==
			    -1 &&
			buf_len(&back) == 0;
		*at = was;
	}
	ok(good == (n + 96) / 97, "wrong anywhere: nothing is read");
	buf_clear(&text);
	buf_clear(&back);
}

/* Among the 64 * 64 endings "xy==" exactly 256 stand for a byte. */
static void
test_canonical(void)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char text[] = "xy==";
	struct buf b;
	int i, j, good = 0;

	buf_init(&b, 1024);
	for (i = 0; i < 64; i++)
		for (j = 0; j < 64; j++) {
			text[0] = alphabet[i];
			text[1] = alphabet[j];
			good += base64_decode(&b, text, 4) == 0;
		}
	ok(good == 256 && buf_len(&b) == 256, "one spelling for each byte");
	for (i = 0; i < 256; i++)
		if (buf_data(&b)[i] != i)
			break;
	ok(i == 256, "and each is right");
	buf_clear(&b);
}

static void
test_bounds(void)
{
	struct buf b;

	buf_init(&b, 7);
	ok(base64_encode(&b, "foobar", 6) == -1 && buf_len(&b) == 0,
	    "writing stops whole at the maximum");
	ok(base64_decode(&b, "Zm9vYmFyZm9v", 12) == -1 && buf_len(&b) == 0,
	    "reading stops whole at the maximum");
	ok(base64_decode(&b, "Zm9vYmFyZg==", 12) == 0 && buf_len(&b) == 7,
	    "the maximum itself is reached");
	buf_clear(&b);
}

int
main(void)
{
	test_vectors();
	test_wrong();
	test_bytes();
	test_canonical();
	test_bounds();
	return tap_done();
}
