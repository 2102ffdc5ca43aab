/* Our DSA key: read, printed back, generated, refused. */
#include "otr/privkey.h"

#include "t/unit/file.h"
#include "t/unit/tap.h"

static const struct {
	const char *dir, *fingerprint; /* as the original printed it */
} samples[] = {
    {"gen-full", "fda69d1d0024e0b71a9b70fce30f118690c208a4"},
    {"gen-min", "ff885a35cbe296cb2bfd86c0bacfca2b59905cd6"},
    {"live-alice", "cb63a504767a5b6c7d4ebd9729b85cf22feadadd"},
};

static void
sample(size_t i)
{
	struct buf in, out, expected;
	struct privkey *k;
	char path[80], why[160] = "";

	buf_init(&in, 65536);
	buf_init(&out, 65536);
	buf_init(&expected, 65536);
	snprintf(
	    path, sizeof path, "t/samples/%s/otr_dsa.sexp", samples[i].dir);
	file_read(path, &in);
	k = privkey_parse(buf_data(&in), buf_len(&in), why);
	ok(k != NULL, "%s is read %s", path, why);
	if (k == NULL)
		return;
	ok(strcmp(privkey_fingerprint(k), samples[i].fingerprint) == 0,
	    "its fingerprint is %s", privkey_fingerprint(k));
	snprintf(
	    path, sizeof path, "t/samples/%s.expected.txt", samples[i].dir);
	file_read(path, &expected);
	ok(strstr(buf_str(&expected), privkey_fingerprint(k)) != NULL,
	    "which the expected file names");
	ok(privkey_print(k, &out) == 0 && file_same(&in, &out),
	    "it is printed byte for byte");
	buf_clear(&in);
	buf_init(&in, 10);
	ok(privkey_print(k, &in) == -1, "no room is a failure");
	privkey_free(k);
	buf_clear(&in);
	buf_clear(&out);
	buf_clear(&expected);
}

static void
generated(void)
{
	struct privkey *k = privkey_generate(), *again;
	struct buf b;
	char why[160];

	ok(k != NULL, "a key is generated");
	buf_init(&b, 65536);
	ok(privkey_print(k, &b) == 0, "it is printed");
	again = privkey_parse(buf_data(&b), buf_len(&b), why);
	ok(again != NULL &&
		strcmp(privkey_fingerprint(k), privkey_fingerprint(again)) == 0,
	    "read again it has the same fingerprint");
	privkey_free(k);
	privkey_free(again);
	buf_clear(&b);
}

/* The good key with the first OLD replaced by NEW. */
static void
damaged(const char *what, const char *old, const char *new)
{
	struct buf in, bad;
	struct privkey *k;
	char *at, why[160] = "";

	buf_init(&in, 65536);
	buf_init(&bad, 65536);
	file_read("t/samples/gen-min/otr_dsa.sexp", &in);
	at = strstr(buf_str(&in), old);
	if (at == NULL) {
		ok(0, "%s: nothing to damage", what);
		return;
	}
	buf_add(&bad, buf_data(&in), (size_t)(at - buf_str(&in)));
	buf_adds(&bad, new);
	buf_adds(&bad, at + strlen(old));
	k = privkey_parse(buf_data(&bad), buf_len(&bad), why);
	ok(k == NULL && why[0] != '\0', "%s is refused: %s", what, why);
	privkey_free(k);
	buf_clear(&in);
	buf_clear(&bad);
}

int
main(void)
{
	struct buf in, b;
	struct privkey *k;
	char why[160], digits[1000];
	size_t i;

	for (i = 0; i < sizeof samples / sizeof *samples; i++)
		sample(i);
	generated();
	damaged("a wrong p", "12551932102", "12551932103");
	damaged("a wrong q", "1452066415143", "1452066415145");
	damaged("a wrong g", "12185968300", "12185968301");
	damaged("a wrong x", "247455255", "247455256");
	damaged("a wrong y", "36659035850", "36659035851");
	damaged("a missing field", "(x ", "(z ");
	damaged("a field that stands twice", "(y", "(q 5) (y");
	damaged("a hexadecimal number", "247455255", "0x7455255");
	damaged("a negative number", "247455255", "-247455255");
	damaged("an empty number",
	    "(q 1452066415143769335636492897326877544"
	    "726445484607)",
	    "(q \"\")");
	damaged(
	    "zero", "247455255082369792292826594445248983881583199740", "0");
	damaged("a list for a number", "(x 247", "(x (1) 247");
	damaged("a torn file", "(gg", "((gg");
	memset(digits, '9', sizeof digits - 1);
	digits[sizeof digits - 1] = '\0';
	damaged("a number of 999 digits",
	    "247455255082369792292826594445248983881583199740", digits);
	k = privkey_parse("", 0, why);
	ok(k == NULL, "an empty file is refused: %s", why);
	k = privkey_parse("p", 1, why);
	ok(k == NULL, "an atom is refused: %s", why);

	buf_init(&in, 65536);
	buf_init(&b, 65536);
	file_read("t/samples/gen-min/otr_dsa.sexp", &in);
	buf_adds(&b, "; mine\n((later (1 2))(flag)");
	buf_adds(&b, strchr(buf_str(&in), '(') + 1);
	k = privkey_parse(buf_data(&b), buf_len(&b), why);
	ok(k == NULL, "a field without a value is refused: %s", why);
	buf_reset(&b);
	buf_adds(&b, "; mine\n((later (1 2))");
	buf_adds(&b, strchr(buf_str(&in), '(') + 1);
	k = privkey_parse(buf_data(&b), buf_len(&b), why);
	ok(k != NULL, "comments and unknown fields are skipped");
	privkey_free(k);
	privkey_free(NULL);
	buf_clear(&in);
	buf_clear(&b);
	return tap_done();
}
