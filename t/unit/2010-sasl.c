/*
 * SASL: the vectors of RFC 5802, RFC 7677 and RFC 6070; for SHA-512, which has
 * none, and for channel binding, values computed with Python's hashlib and
 * hmac. Then every way in which a server can be wrong.
 */
#include "xmpp/sasl.h"

#include <string.h>

#include "otr/hash.h"
#include "xmpp/scram.h"
#include "t/unit/stack.h"
#include "t/unit/tap.h"

#define NONCE "rOprNGfwEbeRWgbNEkqOAAAA"
#define SALT  "W22ZaJ0SNY7soEsUEjb6gQ=="
#define FIRST "r=" NONCE "%hvY,s=" SALT ",i=10000"
#define LAST  "v=VZzmW2ZhTcehpWrJZUq2AXJvTwY=" /* for FIRST by SHA-1-PLUS */

static const unsigned char binding[SASL_BINDING] = {
    0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff};

/* Whole logins that succeed. */
static const struct {
	const char *what, *user, *password, *nonce, *mechanism;
	unsigned offered;
	int bind;
	const char *client_first, *server_first, *client_final, *server_final;
} logins[] = {
    {"RFC 5802", "user", "pencil", "fyko+d2lbbFgONRv9qkxdawL", "SCRAM-SHA-1",
	SASL_SCRAM_SHA_1, 0, "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
	"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
	"s=QSXCR+Q6sek8bf92,i=4096",
	"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
	"p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
	"v=rmF9pqV8S7suAoZWja4dJRkFsKQ="},
    {"RFC 7677", "user", "pencil", "rOprNGfwEbeRWgbNEkqO\0\0\0",
	"SCRAM-SHA-256", SASL_SCRAM_SHA_256, 0,
	"n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
	"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=" SALT
	",i=4096",
	"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
	"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="},
    {"hashlib, SHA-512", "user", "pencil", NONCE, "SCRAM-SHA-512",
	SASL_SCRAM_SHA_512, 0, "n,,n=user,r=" NONCE,
	"r=" NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=" SALT ",i=4096",
	"c=biws,r=" NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	"p=g9wpiTE9FsYoSB4jD+gLHTF3rcc7FXUYj8Tkf+ztPhca7fJwMsJrZExIH4iAQc35"
	"BEB/h+6MobAdRW8afdhldw==",
	"v=MCwguCvskS2G8rIfxwx/cD9WrtZCtD38WJn/ds8oucpAhKoYsZyRVpMdPW8ni7q+"
	"NAmLyh3oyYTGBqZ5VLo/BA=="},
    {"hashlib, SHA-512-PLUS", "user", "pencil", NONCE, "SCRAM-SHA-512-PLUS",
	SASL_SCRAM_SHA_512_PLUS | SASL_SCRAM, 1,
	"p=tls-unique,,n=user,r=" NONCE, FIRST,
	"c=cD10bHMtdW5pcXVlLCz09fb3+Pn6+/z9/v8=,r=" NONCE "%hvY,"
	"p=FpO8vHC9tBCd8NjMCEG7onkVuxAjXmyABWND2WQkM3rCSbb5WNNWwj9zuh9nh+GS"
	"cHm9Eif/h5SsqYx043YW6Q==",
	"v=5OmrqaO5/L8WsySp7ukEnUi2SwmkXgICJKphsDSR2eZQwyLH2k1duHPsAqCiM6+t"
	"5jw+sCUrc07QXosqfWDaDw=="},
    {"hashlib, SHA-256-PLUS", "user", "pencil", NONCE, "SCRAM-SHA-256-PLUS",
	SASL_SCRAM_SHA_256_PLUS | SASL_SCRAM_SHA_512 | SASL_PLAIN, 1,
	"p=tls-unique,,n=user,r=" NONCE, FIRST,
	"c=cD10bHMtdW5pcXVlLCz09fb3+Pn6+/z9/v8=,r=" NONCE "%hvY,"
	"p=NeJ958cdvg6KvYMEChXcHej47AuppL/MUCmnJn/l7zM=",
	"v=IIitvBejoKs9HLDPDsTq7coRVROOLVo5tS/i9iurHbk="},
    {"hashlib, SHA-1-PLUS", "user", "pencil", NONCE, "SCRAM-SHA-1-PLUS",
	SASL_SCRAM_SHA_1_PLUS | SASL_SCRAM_SHA_1, 1,
	"p=tls-unique,,n=user,r=" NONCE, FIRST,
	"c=cD10bHMtdW5pcXVlLCz09fb3+Pn6+/z9/v8=,r=" NONCE "%hvY,"
	"p=n3HqUKJNBvJAYaRsY2TUg+aOEo8=",
	"v=VZzmW2ZhTcehpWrJZUq2AXJvTwY="},
    /* SASLprep: a soft hyphen goes, U+00A0 is a space, U+2168 is IX. */
    {"hashlib, prepared and escaped", "a,b=c", "I\xc2\xadX\xc2\xa0\xe2\x85\xa8",
	NONCE, "SCRAM-SHA-256", SASL_SCRAM_SHA_256 | SASL_PLAIN, 1,
	"y,,n=a=2Cb=3Dc,r=" NONCE, "r=" NONCE "!,s=MQ==,i=4096",
	"c=eSws,r=" NONCE "!,p=T+W6BT4ZXzN5tbqEa8jaVSRHXS+Xg214U10LniKwBmc=",
	"v=XcqmNat9sDyioCxuguc39hxpFhnIL/rW/Ma49Zk3NCc="},
};

/* Returns what was appended, as a string. */
static int
said(struct buf *out, const char *text)
{
	int same = buf_len(out) == strlen(text) &&
		   memcmp(buf_data(out), text, strlen(text)) == 0;

	if (!same)
		printf("# said %s\n", buf_str(out));
	buf_reset(out);
	return same;
}

/* The last call failed for CAUSE, and for good. */
static int
failed(struct sasl *s, const char *cause)
{
	struct buf out;
	int dead;

	buf_init(&out, 100);
	dead = sasl_success(s, "", 0) == -1 &&
	       sasl_challenge(s, FIRST, strlen(FIRST), &out) == -1 &&
	       buf_len(&out) == 0 && sasl_cause(s) != NULL &&
	       sasl_why(s) != NULL && *sasl_why(s) != '\0';
	buf_clear(&out);
	if (dead && strcmp(sasl_cause(s), cause) == 0)
		return 1;
	printf("# cause %s, %s\n", dead ? sasl_cause(s) : "none",
	    dead ? sasl_why(s) : "");
	return 0;
}

static int
cannot(const char *hash, const char *password, const void *salt, size_t n,
    uint32_t rounds, unsigned char *out)
{
	(void)hash, (void)password, (void)salt, (void)n, (void)rounds;
	*out = 0;
	return -1;
}

static int hashed; /* calls of count_hi */

static int
count_hi(const char *hash, const char *password, const void *salt, size_t n,
    uint32_t rounds, unsigned char *out)
{
	hashed++;
	return hash_hi(hash, password, salt, n, rounds, out);
}

/* Computes a key of zeros. */
static int
zero_hi(const char *hash, const char *password, const void *salt, size_t n,
    uint32_t rounds, unsigned char *out)
{
	(void)hash, (void)password, (void)salt, (void)n, (void)rounds;
	memset(out, 0, 20);
	return 0;
}

static void
test_login(size_t i, int early, sasl_hi *hi, struct sasl_salted *kept)
{
	const char *first = logins[i].server_first;
	const char *last = logins[i].server_final;
	struct sasl *s =
	    sasl_new(logins[i].user, logins[i].password, logins[i].nonce);
	const char *name;
	unsigned seen = 0;
	struct buf out;

	buf_init(&out, 10000);
	sasl_hash_by(s, hi, kept);
	name = sasl_start(s, logins[i].offered, logins[i].bind ? binding : NULL,
	    1, &seen, &out);
	ok(name != NULL && strcmp(name, logins[i].mechanism) == 0, "%s: %s",
	    logins[i].what, logins[i].mechanism);
	ok(said(&out, logins[i].client_first), "client-first");
	ok(sasl_challenge(s, first, strlen(first), &out) == 0, "server-first");
	ok(said(&out, logins[i].client_final), "client-final");
	if (early) {
		ok(sasl_challenge(s, last, strlen(last), &out) == 0 &&
			buf_len(&out) == 0,
		    "server-final as a challenge");
		ok(sasl_success(s, NULL, 0) == 0, "success");
	} else {
		ok(sasl_success(s, last, strlen(last)) == 0,
		    "server-final with success");
	}
	ok(sasl_cause(s) == NULL && sasl_why(s) == NULL, "no cause");
	ok(sasl_success(s, NULL, 0) == -1 && failed(s, "protocol"),
	    "success comes once");
	buf_clear(&out);
	sasl_free(s);
}

/* The salted password is computed once for each salt. */
static void
test_kept(void)
{
	struct sasl_salted kept = {0};
	size_t i, behind = 0;

	for (i = 0; i < sizeof logins / sizeof *logins; i++) {
		memset(&kept, 0, sizeof kept);
		hashed = 0;
		test_login(i, 0, count_hi, &kept);
		test_login(i, 1, count_hi, &kept);
		ok(hashed == 1, "%s: hashed once", logins[i].what);
	}
	/* RFC 5802 and 7677: the same password with another salt and hash. */
	memset(&kept, 0, sizeof kept);
	hashed = 0;
	test_login(0, 0, count_hi, &kept);
	test_login(1, 0, count_hi, &kept);
	test_login(0, 0, count_hi, &kept);
	ok(hashed == 3, "another salt: hashed again");
	for (i = 20; i < sizeof kept.key; i++)
		behind += kept.key[i];
	ok(behind == 0, "nothing is kept behind a shorter key");
	kept.rounds++;
	test_login(0, 0, count_hi, &kept);
	ok(hashed == 4, "another number of iterations: hashed again");
	kept.salt_len--;
	test_login(0, 0, count_hi, &kept);
	ok(hashed == 5, "a longer salt: hashed again");
	kept.salt[0] ^= 1;
	test_login(0, 0, count_hi, &kept);
	ok(hashed == 6, "a salt that begins otherwise: hashed again");
}

/* The choice of the mechanism: 512+ and so on as in the header. */
static const struct {
	unsigned offered;
	int bind, types;
	unsigned seen;
	const char *mechanism, *front; /* or NULL and the cause */
} choices[] = {
    {SASL_PLUS | SASL_SCRAM | SASL_PLAIN, 1, 1, 0, "SCRAM-SHA-512-PLUS", "p="},
    {SASL_PLUS | SASL_SCRAM, 1, 0, 0, "SCRAM-SHA-512", "n,,"},
    {SASL_PLUS | SASL_SCRAM, 0, 1, 0, "SCRAM-SHA-512", "n,,"},
    {SASL_SCRAM_SHA_1_PLUS | SASL_SCRAM_SHA_512, 1, 1, 0, "SCRAM-SHA-1-PLUS",
	"p="},
    {SASL_SCRAM_SHA_1 | SASL_SCRAM_SHA_256, 1, 1, 0, "SCRAM-SHA-256", "y,,"},
    {SASL_SCRAM_SHA_1 | SASL_PLAIN, 1, 1, 0, "SCRAM-SHA-1", "y,,"},
    {SASL_SCRAM_SHA_1, 1, 0, 0, "SCRAM-SHA-1", "n,,"},
    {SASL_SCRAM_SHA_1, 0, 1, SASL_SCRAM, "SCRAM-SHA-1", "n,,"},
    {SASL_PLAIN, 1, 1, 0, "PLAIN", ""},
    {SASL_PLAIN, 0, 0, SASL_PLAIN, "PLAIN", ""},
    {SASL_PLAIN, 1, 1, SASL_SCRAM_SHA_1, NULL, "downgrade"},
    {SASL_PLAIN, 0, 1, SASL_SCRAM_SHA_256_PLUS, NULL, "downgrade"},
    {SASL_PLAIN | SASL_SCRAM_SHA_1_PLUS, 0, 1, 0, NULL, "no-mechanism"},
    {SASL_SCRAM_SHA_1_PLUS, 0, 1, 0, NULL, "no-mechanism"},
    {SASL_SCRAM_SHA_1_PLUS, 1, 0, 0, NULL, "no-mechanism"},
    {0, 1, 1, 0, NULL, "no-mechanism"},
    {0, 1, 1, SASL_SCRAM, NULL, "no-mechanism"},
    {SASL_PLUS | SASL_SCRAM, 1, 0, SASL_BINDS, NULL, "downgrade"},
    {SASL_SCRAM, 1, 0, SASL_BINDS, NULL, "downgrade"},
    {SASL_SCRAM_SHA_1, 1, 1, SASL_BINDS, "SCRAM-SHA-1", "y,,"},
    {SASL_SCRAM_SHA_1, 1, 0, SASL_PLUS, "SCRAM-SHA-1", "n,,"},
};

static void
test_choices(void)
{
	size_t i;

	for (i = 0; i < sizeof choices / sizeof *choices; i++) {
		struct sasl *s = sasl_new("user", "pencil", NONCE);
		const char *name, *front = choices[i].front;
		unsigned seen = choices[i].seen;
		struct buf out;

		buf_init(&out, 1000);
		name = sasl_start(s, choices[i].offered,
		    choices[i].bind ? binding : NULL, choices[i].types, &seen,
		    &out);
		if (choices[i].mechanism == NULL)
			ok(name == NULL && buf_len(&out) == 0 &&
				failed(s, front),
			    "choice %zu: none, %s", i, front);
		else
			ok(name != NULL &&
				strcmp(name, choices[i].mechanism) == 0 &&
				memcmp(buf_str(&out), front, strlen(front)) ==
				    0,
			    "choice %zu: %s %s", i, choices[i].mechanism,
			    front);
		ok(seen == (choices[i].seen | choices[i].offered |
			       (choices[i].bind && choices[i].types &&
					   (choices[i].offered & SASL_PLUS) != 0
				       ? SASL_BINDS
				       : 0u)),
		    "choice %zu: what was offered is kept in mind", i);
		buf_clear(&out);
		sasl_free(s);
	}
}

static void
test_names(void)
{
	ok(sasl_mechanism("SCRAM-SHA-1") == SASL_SCRAM_SHA_1 &&
		sasl_mechanism("SCRAM-SHA-256") == SASL_SCRAM_SHA_256 &&
		sasl_mechanism("SCRAM-SHA-512") == SASL_SCRAM_SHA_512 &&
		sasl_mechanism("SCRAM-SHA-1-PLUS") == SASL_SCRAM_SHA_1_PLUS &&
		sasl_mechanism("SCRAM-SHA-256-PLUS") ==
		    SASL_SCRAM_SHA_256_PLUS &&
		sasl_mechanism("SCRAM-SHA-512-PLUS") ==
		    SASL_SCRAM_SHA_512_PLUS &&
		sasl_mechanism("PLAIN") == SASL_PLAIN,
	    "names of mechanisms");
	ok(sasl_mechanism("DIGEST-MD5") == 0 && sasl_mechanism("") == 0 &&
		sasl_mechanism("plain") == 0 &&
		sasl_mechanism("EXTERNAL") == 0 &&
		sasl_mechanism("SCRAM-SHA-1-PLUSS") == 0,
	    "names of none");
}

static void
test_plain(void)
{
	struct sasl *s = sasl_new("u,=", "p\xc3\xa4ss", NONCE);
	struct buf out;

	buf_init(&out, 100);
	buf_adds(&out, "x");
	ok(sasl_start(s, SASL_PLAIN, NULL, 1, &(unsigned){0}, &out) != NULL &&
		buf_len(&out) == 11 &&
		memcmp(buf_data(&out), "x\0u,=\0p\xc3\xa4ss", 11) == 0,
	    "PLAIN says name and password");
	ok(sasl_success(s, NULL, 0) == 0, "PLAIN: the server proves nothing");
	sasl_free(s);
	s = sasl_new("user", "pencil", NONCE);
	sasl_start(s, SASL_PLAIN, NULL, 1, &(unsigned){0}, &out);
	buf_reset(&out);
	ok(sasl_challenge(s, "", 0, &out) == -1 && failed(s, "protocol"),
	    "PLAIN: no challenge is due");
	sasl_free(s);
	buf_clear(&out);
}

/*
 * A name or password may hold characters that Unicode 3.2 did not assign (RFC
 * 5802 5.1, RFC 4616 2): it goes as it is, in the name and in the password.
 */
static void
test_unassigned(void)
{
	static const char *const names[] = {
	    "\xf0\x9f\x98\x80", "p\xe1\xba\x9ess", "\xe2\x82\xbf", "\xc8\xa1"};
	unsigned seen = 0;
	struct buf out;
	size_t i;

	buf_init(&out, 100);
	for (i = 0; i < sizeof names / sizeof *names; i++) {
		struct sasl *s = sasl_new(names[i], names[i], NONCE);
		size_t n = strlen(names[i]);

		buf_reset(&out);
		ok(sasl_start(s, SASL_PLAIN, NULL, 1, &seen, &out) != NULL &&
			buf_len(&out) == 2 * n + 2 &&
			memcmp(buf_str(&out) + 1, names[i], n) == 0 &&
			memcmp(buf_str(&out) + n + 2, names[i], n) == 0,
		    "unassigned in Unicode 3.2, %zu", i);
		sasl_free(s);
	}
	buf_clear(&out);
}

/* Credentials that cannot be sent. */
static void
test_prepare(void)
{
	static const struct {
		const char *user, *password, *cause;
	} rows[] = {
	    {"", "pencil", "bad-char"}, {"\xc2\xad", "pencil", "bad-char"},
	    {"us\x07"
	     "er",
		"pencil", "bad-char"},
	    {"user", "", "bad-char"}, {"user", "pen\ncil", "bad-char"},
	    {"user", "\xff\xfe", "bad-char"}, {"user", "pen\x7f", "bad-char"},
	    {"user", "\xe2\x80\xae", "bad-char"}, /* a bidi control */
	    {"user", "\xef\xbf\xbe", "bad-char"}, /* a non-character */
	    {"user",
		"\xd8\xa7"
		"1",
		"bad-char"}, /* half right to left */
	};
	struct buf out;
	size_t i;

	buf_init(&out, 10000);
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sasl *s =
		    sasl_new(rows[i].user, rows[i].password, NONCE);

		ok(sasl_start(s, SASL_SCRAM | SASL_PLAIN, NULL, 1,
		       &(unsigned){0}, &out) == NULL &&
			buf_len(&out) == 0 && failed(s, rows[i].cause),
		    "credentials %zu: %s", i, rows[i].cause);
		sasl_free(s);
	}
	buf_clear(&out);
}

/* The first challenge is wrong. */
static const struct {
	const char *what, *challenge, *cause;
} firsts[] = {
    {"nothing", "", "protocol"},
    {"no attribute", "hello", "protocol"},
    {"nonce alone", "r=" NONCE "x", "protocol"},
    {"no salt", "r=" NONCE "x,i=4096", "protocol"},
    {"no iterations", "r=" NONCE "x,s=" SALT, "protocol"},
    {"another letter for r", "q=" NONCE "x,s=" SALT ",i=4096", "protocol"},
    {"another letter for s", "r=" NONCE "x,t=" SALT ",i=4096", "protocol"},
    {"another letter for i", "r=" NONCE "x,s=" SALT ",j=4096", "protocol"},
    {"a large R", "R=" NONCE "x,s=" SALT ",i=4096", "protocol"},
    {"a large S", "r=" NONCE "x,S=" SALT ",i=4096", "protocol"},
    {"a large I", "r=" NONCE "x,s=" SALT ",I=4096", "protocol"},
    {"a salt where i should be", "r=" NONCE "x,s=" SALT ",s=4096", "protocol"},
    {"another order", "s=" SALT ",r=" NONCE "x,i=4096", "protocol"},
    {"our nonce alone", "r=" NONCE ",s=" SALT ",i=4096", "protocol"},
    {"a shorter nonce", "r=rOprNG,s=" SALT ",i=4096", "protocol"},
    {"an empty nonce", "r=,s=" SALT ",i=4096", "protocol"},
    {"another nonce", "r=sOprNGfwEbeRWgbNEkqOAAAAx,s=" SALT ",i=4096",
	"protocol"},
    {"ours at the end", "r=x" NONCE ",s=" SALT ",i=4096", "protocol"},
    {"a space in the nonce", "r=" NONCE " x,s=" SALT ",i=4096", "protocol"},
    {"DEL in the nonce", "r=" NONCE "\x7f,s=" SALT ",i=4096", "protocol"},
    {"non-ASCII in the nonce", "r=" NONCE "\xc3\xa4,s=" SALT ",i=4096",
	"protocol"},
    {"an empty salt", "r=" NONCE "x,s=,i=4096", "protocol"},
    {"a salt not base64", "r=" NONCE "x,s=W22Z*J0S,i=4096", "protocol"},
    {"a salt cut", "r=" NONCE "x,s=W22ZaJ0,i=4096", "protocol"},
    {"a salt with slack bits", "r=" NONCE "x,s=Zh==,i=4096", "protocol"},
    {"no number", "r=" NONCE "x,s=" SALT ",i=", "protocol"},
    {"zero", "r=" NONCE "x,s=" SALT ",i=0", "protocol"},
    {"a leading zero", "r=" NONCE "x,s=" SALT ",i=04096", "protocol"},
    {"a negative number", "r=" NONCE "x,s=" SALT ",i=-4096", "protocol"},
    {"a sign", "r=" NONCE "x,s=" SALT ",i=+4096", "protocol"},
    {"words for a number", "r=" NONCE "x,s=" SALT ",i=4096x", "protocol"},
    {"one iteration", "r=" NONCE "x,s=" SALT ",i=1", "limit"},
    {"4095 iterations", "r=" NONCE "x,s=" SALT ",i=4095", "limit"},
    {"1000001 iterations", "r=" NONCE "x,s=" SALT ",i=1000001", "limit"},
    {"2^32 + 4096", "r=" NONCE "x,s=" SALT ",i=4294971392", "limit"},
    {"2^64 + 4096", "r=" NONCE "x,s=" SALT ",i=18446744073709555712", "limit"},
    {"m= in front", "m=x,r=" NONCE "x,s=" SALT ",i=4096", "protocol"},
    {"m= behind", "r=" NONCE "x,s=" SALT ",i=4096,m=x", "protocol"},
    {"m= after another", "r=" NONCE "x,s=" SALT ",i=4096,d=x,m=", "protocol"},
    {"r twice", "r=" NONCE "x,s=" SALT ",i=4096,r=" NONCE "x", "protocol"},
    {"i twice", "r=" NONCE "x,s=" SALT ",i=4096,i=5000", "protocol"},
    {"i twice at once", "r=" NONCE "x,s=" SALT ",i=1,i=5000", "protocol"},
    {"an extension twice", "r=" NONCE "x,s=" SALT ",i=4096,d=x,d=x",
	"protocol"},
    {"a comma at the end", "r=" NONCE "x,s=" SALT ",i=4096,", "protocol"},
    {"two commas", "r=" NONCE "x,,s=" SALT ",i=4096", "protocol"},
    {"a comma in front", ",r=" NONCE "x,s=" SALT ",i=4096", "protocol"},
    {"no letter", "r=" NONCE "x,s=" SALT ",i=4096,1=x", "protocol"},
    {"no letter, ]", "r=" NONCE "x,s=" SALT ",i=4096,]=x", "protocol"},
    {"no letter, ~", "r=" NONCE "x,s=" SALT ",i=4096,~=x", "protocol"},
    {"no equals", "r=" NONCE "x,s=" SALT ",i=4096,dx", "protocol"},
    {"server-final at once", "v=VZzmW2ZhTcehpWrJZUq2AXJvTwY=", "protocol"},
};

static void
test_firsts(void)
{
	struct buf out;
	size_t i;

	buf_init(&out, 10000);
	for (i = 0; i < sizeof firsts / sizeof *firsts; i++) {
		struct sasl *s = sasl_new("user", "pencil", NONCE);
		const char *text = firsts[i].challenge;

		sasl_start(s, SASL_SCRAM_SHA_1, NULL, 1, &(unsigned){0}, &out);
		buf_reset(&out);
		ok(sasl_challenge(s, text, strlen(text), &out) == -1 &&
			buf_len(&out) == 0 && failed(s, firsts[i].cause),
		    "challenge with %s: %s", firsts[i].what, firsts[i].cause);
		sasl_free(s);
	}
	buf_clear(&out);
}

/* The readers alone, whatever is made of what they read: WHY is a part of the
 * reason, or NULL. */
static void
test_readers(void)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
	    {"r=x,s=MQ==,i=1", NULL},
	    {"r=,s=MQ==,i=1", "nonce"},
	    {"r=\x01x,s=MQ==,i=1", "nonce"},
	    {"x=x,s=MQ==,i=1", "nonce"},
	    {"m=x,r=x,s=MQ==,i=1", "extension that is not supported"},
	    {"r=x,s=MQ==,i=4294967295", NULL},
	    {"r=x,s=,i=1", "salt"},
	    {"r=x,s=MQ==,i=0", "iteration count"},
	    {"r=x,s=MQ==,i=1,x", "malformed"},
	    {"r=x,s=MQ==,i=1,a=,a=", "twice"},
	};
	struct scram_final final;
	struct scram_first first;
	const char *why;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		why = scram_read_first(
		    &first, rows[i].text, strlen(rows[i].text));
		ok(rows[i].why == NULL
			? why == NULL && first.nonce_len == 1 &&
			      *first.nonce == 'x' && first.salt_len == 1 &&
			      *first.salt == '1' && first.rounds > 0
			: why != NULL && strstr(why, rows[i].why) != NULL,
		    "%s: %s", rows[i].text, why == NULL ? "read" : why);
	}
	memset(&final, 'x', sizeof final);
	ok(scram_read_final(&final, "v=MQ==", 6) == NULL &&
		final.signature_len == 1 && *final.signature == '1' &&
		final.error == NULL,
	    "a signature, and no error");
	memset(&final, 'x', sizeof final);
	ok(scram_read_final(&final, "e=no,x=y", 8) == NULL &&
		final.signature_len == 0 && final.error_len == 2 &&
		memcmp(final.error, "no", 2) == 0,
	    "an error, and no signature");
}

/* A login by SCRAM-SHA-1-PLUS up to the client's last message. */
static struct sasl *
proved(struct buf *out)
{
	struct sasl *s = sasl_new("user", "pencil", NONCE);

	sasl_start(s, SASL_SCRAM_SHA_1_PLUS, binding, 1, &(unsigned){0}, out);
	buf_reset(out);
	ok(sasl_challenge(s, FIRST, strlen(FIRST), out) == 0 &&
		said(out,
		    "c=cD10bHMtdW5pcXVlLCz09fb3+Pn6+/z9/v8=,r=" NONCE "%hvY,"
		    "p=n3HqUKJNBvJAYaRsY2TUg+aOEo8="),
	    "the client has proved");
	return s;
}

/* The longest and shortest values that are allowed. */
static void
test_edges(void)
{
	static const char nonce[] = NONCE "x", /* as long as NONCE is read */
	    first[] = "r=" NONCE "!~,s=" SALT ",i=4096,a=1,z=1,A=1,Z=1";
	struct sasl *s = sasl_new("user", "pencil", nonce);
	struct buf out, other;
	int i;

	buf_init(&out, 1000);
	sasl_start(s, SASL_SCRAM_SHA_1, NULL, 1, &(unsigned){0}, &out);
	ok(said(&out, "n,,n=user,r=" NONCE), "a nonce that goes on");
	ok(sasl_challenge(s, first, strlen(first), &out) == 0,
	    "every letter, and the first and last character of a nonce");
	sasl_free(s);
	buf_init(&other, 1000);
	for (i = 0; i < 2; i++) {
		s = sasl_new("user", "pencil", NONCE);
		sasl_hash_by(s, i == 0 ? zero_hi : NULL, NULL);
		sasl_start(
		    s, SASL_SCRAM_SHA_1, NULL, 1, &(unsigned){0}, &other);
		buf_reset(i == 0 ? &out : &other);
		sasl_challenge(s, FIRST, strlen(FIRST), i == 0 ? &out : &other);
		sasl_free(s);
	}
	ok(buf_len(&out) > 0 && buf_len(&out) == buf_len(&other) &&
		strcmp(buf_str(&out), buf_str(&other)) != 0,
	    "the key is that of the function that can compute it");
	buf_clear(&other);
	buf_clear(&out);
}

/* The last message is wrong. */
static const struct {
	const char *what, *text, *cause;
} finals[] = {
    {"the signature of another",
	"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "server-proof"},
    {"a bit wrong", "v=VZzmW2ZhTcehpWrJZUq2AXJvTwc=", "server-proof"},
    {"a byte less", "v=VZzmW2ZhTcehpWrJZUq2AXJvTw==", "server-proof"},
    {"a byte more", "v=VZzmW2ZhTcehpWrJZUq2AXJvTwYA", "server-proof"},
    {"64 bytes more",
	"v=5OmrqaO5/L8WsySp7ukEnUi2SwmkXgICJKphsDSR2eZQwyLH2k1duHPsAqCi"
	"M6+t5jw+sCUrc07QXosqfWDaDwAAAA==",
	"server-proof"},
    {"no signature", "v=", "server-proof"},
    {"no base64", "v=VZzmW2ZhTcehpWrJZUq2AXJvTwY", "server-proof"},
    {"slack bits", "v=VZzmW2ZhTcehpWrJZUq2AXJvTwZ=", "server-proof"},
    {"something else", "x=VZzmW2ZhTcehpWrJZUq2AXJvTwY=", "server-proof"},
    {"nonsense", "hello", "server-proof"},
    {"two of them",
	"v=VZzmW2ZhTcehpWrJZUq2AXJvTwY=,v=VZzmW2ZhTcehpWrJZUq2AXJvTwY=",
	"server-proof"},
    {"m= behind", "v=VZzmW2ZhTcehpWrJZUq2AXJvTwY=,m=x", "server-proof"},
    {"an error behind", "v=VZzmW2ZhTcehpWrJZUq2AXJvTwY=,e=other-error",
	"server-proof"},
    {"an error", "e=invalid-proof", "auth-refused"},
    {"an error in capitals", "e=INVALID-PROOF", "auth-refused"},
    {"an unknown error", "e=", "auth-refused"},
    {"other binding", "e=channel-bindings-dont-match", "auth-refused"},
    {"binding denied", "e=server-does-support-channel-binding", "downgrade"},
};

static void
test_finals(void)
{
	struct buf out;
	size_t i;
	int early;

	buf_init(&out, 10000);
	for (i = 0; i < 2 * (sizeof finals / sizeof *finals); i++) {
		const char *text = finals[i / 2].text;
		struct sasl *s = proved(&out);
		int r;

		early = i % 2 == 0;
		if (early)
			r = sasl_challenge(s, text, strlen(text), &out);
		else
			r = sasl_success(s, text, strlen(text));
		ok(r == -1 && buf_len(&out) == 0 &&
			failed(s, finals[i / 2].cause),
		    "%s with %s: %s", early ? "challenge" : "success",
		    finals[i / 2].what, finals[i / 2].cause);
		sasl_free(s);
	}
	buf_clear(&out);
}

/* The errors of RFC 5802 that have a sentence of their own. */
static void
test_errors(void)
{
	static const char *const rows[][2] = {
	    {"e=invalid-proof", "the password is wrong"},
	    {"e=unknown-user", "knows no such user"},
	    {"e=no-resources", "has no resources"},
	    {"e=channel-bindings-dont-match", "another TLS connection"},
	    {"e=server-does-support-channel-binding", "the -PLUS mechanisms"},
	    {"e=invalid-proofs", "refused the login"},
	    {"e=INVALID-PROOF", "refused the login"},
	    {"e=", "refused the login"},
	    {"v", "malformed"},
	};
	struct sasl *s;
	struct buf out;
	size_t i;

	buf_init(&out, 10000);
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		s = proved(&out);
		ok(sasl_success(s, rows[i][0], strlen(rows[i][0])) == -1 &&
			strstr(sasl_why(s), rows[i][1]) != NULL,
		    "%s: %s", rows[i][0], rows[i][1]);
		sasl_free(s);
	}
	buf_clear(&out);
}

/* Success or a challenge when it is not due. */
static void
test_order(void)
{
	static const char last[] = LAST;
	struct sasl *s = sasl_new("user", "pencil", NONCE);
	struct buf out;

	buf_init(&out, 10000);
	ok(sasl_challenge(s, FIRST, strlen(FIRST), &out) == -1 &&
		failed(s, "protocol"),
	    "a challenge before the start");
	sasl_free(s);
	s = sasl_new("user", "pencil", NONCE);
	ok(sasl_success(s, NULL, 0) == -1 && failed(s, "protocol"),
	    "success before the start");
	sasl_free(s);
	s = sasl_new("user", "pencil", NONCE);
	sasl_start(s, SASL_SCRAM, NULL, 1, &(unsigned){0}, &out);
	buf_reset(&out);
	ok(sasl_challenge(s, NULL, 0, &out) == -1 && buf_len(&out) == 0 &&
		failed(s, "protocol"),
	    "a challenge without a text");
	sasl_free(s);
	s = sasl_new("user", "pencil", NONCE);
	sasl_start(s, SASL_SCRAM, NULL, 1, &(unsigned){0}, &out);
	ok(sasl_success(s, NULL, 0) == -1 && failed(s, "server-proof"),
	    "success instead of a challenge");
	sasl_free(s);
	s = sasl_new("user", "pencil", NONCE);
	sasl_start(s, SASL_SCRAM_SHA_1, NULL, 1, &(unsigned){0}, &out);
	ok(sasl_success(s, last, strlen(last)) == -1 &&
		failed(s, "server-proof"),
	    "success with a signature instead of a challenge");
	sasl_free(s);
	s = sasl_new("user", "pencil", NONCE);
	sasl_start(s, SASL_SCRAM, NULL, 1, &(unsigned){0}, &out);
	ok(sasl_start(s, SASL_SCRAM, NULL, 1, &(unsigned){0}, &out) == NULL &&
		failed(s, "protocol"),
	    "a second start");
	sasl_free(s);
	buf_reset(&out);
	s = proved(&out);
	ok(sasl_success(s, NULL, 0) == -1 && failed(s, "server-proof"),
	    "success without the signature");
	sasl_free(s);
	s = proved(&out);
	ok(sasl_challenge(s, FIRST, strlen(FIRST), &out) == -1 &&
		failed(s, "server-proof"),
	    "the first challenge again");
	sasl_free(s);
	s = proved(&out);
	ok(sasl_challenge(s, last, strlen(last), &out) == 0 &&
		sasl_challenge(s, last, strlen(last), &out) == -1 &&
		failed(s, "protocol"),
	    "a third challenge");
	sasl_free(s);
	s = proved(&out);
	ok(sasl_success(s, LAST ",x=future", 39) == 0,
	    "an extension behind the signature is skipped");
	sasl_free(s);
	buf_clear(&out);
}

/* A challenge of FRONT, N times C, and BACK, to a login whose output is OUT. */
static struct sasl *
long_challenge(const char *front, size_t n, const char *back, struct buf *out)
{
	struct sasl *s = sasl_new("user", "pencil", NONCE);
	struct buf text;

	buf_init(&text, 100000);
	buf_adds(&text, front);
	while (n-- > 0)
		buf_addc(&text, 'A');
	buf_adds(&text, back);
	sasl_start(s, SASL_SCRAM_SHA_1, NULL, 1, &(unsigned){0}, out);
	buf_reset(out);
	sasl_challenge(s, buf_data(&text), buf_len(&text), out);
	buf_clear(&text);
	return s;
}

static void
test_bounds(void)
{
	static const char nul[] = "r=" NONCE "x\0y,s=" SALT ",i=4096";
	char user[1100], long_text[5000];
	struct sasl *s;
	struct buf out;

	buf_init(&out, 10000);
	s = long_challenge("r=" NONCE "x,s=", 340, ",i=4096", &out);
	ok(sasl_cause(s) == NULL, "a salt of 255 bytes");
	sasl_free(s);
	s = long_challenge("r=" NONCE "x,s=", 344, ",i=4096", &out);
	ok(failed(s, "protocol"), "a salt of 258 bytes");
	sasl_free(s);
	s = long_challenge("r=" NONCE, 4056, ",s=MQ==,i=4096", &out);
	ok(sasl_cause(s) == NULL, "a challenge of 4096 bytes");
	sasl_free(s);
	s = long_challenge("r=" NONCE, 4057, ",s=MQ==,i=4096", &out);
	ok(failed(s, "limit"), "a challenge of 4097 bytes");
	sasl_free(s);
	memset(long_text, 'A', sizeof long_text);
	memcpy(long_text, LAST ",x=", strlen(LAST ",x="));
	s = proved(&out);
	ok(sasl_success(s, long_text, 4096) == 0,
	    "a last message of 4096 bytes");
	sasl_free(s);
	s = proved(&out);
	ok(sasl_success(s, long_text, 4097) == -1 && failed(s, "limit"),
	    "a last message of 4097 bytes");
	sasl_free(s);
	s = long_challenge("r=" NONCE "x,s=MQ==,i=1000000,d=", 9, "", &out);
	ok(sasl_cause(s) == NULL, "1000000 iterations and an extension");
	sasl_free(s);
	s = sasl_new("user", "pencil", NONCE);
	sasl_start(s, SASL_SCRAM_SHA_1, NULL, 1, &(unsigned){0}, &out);
	buf_reset(&out);
	ok(sasl_challenge(s, nul, sizeof nul - 1, &out) == -1 &&
		failed(s, "protocol"),
	    "a NUL in the challenge");
	sasl_free(s);
	memset(user, ',', sizeof user);
	user[1023] = '\0';
	s = sasl_new(user, "pencil", NONCE);
	ok(sasl_start(s, SASL_SCRAM_SHA_1, NULL, 1, &(unsigned){0}, &out) !=
		NULL,
	    "a name of 1023 commas");
	buf_reset(&out);
	ok(sasl_challenge(s, FIRST, strlen(FIRST), &out) == 0, "logs in");
	sasl_free(s);
	user[1023] = 'x';
	user[1024] = '\0';
	s = sasl_new(user, "pencil", NONCE);
	ok(sasl_start(s, SASL_SCRAM, NULL, 1, &(unsigned){0}, &out) == NULL &&
		failed(s, "too-long"),
	    "a name of 1024 bytes");
	sasl_free(s);
	buf_clear(&out);
	buf_init(&out, 30);
	s = sasl_new("user", "pencil", NONCE);
	ok(sasl_start(s, SASL_SCRAM, NULL, 1, &(unsigned){0}, &out) == NULL &&
		buf_len(&out) == 0 && failed(s, "limit"),
	    "output that is full at the start");
	sasl_free(s);
	buf_clear(&out);
	buf_init(&out, 60);
	s = long_challenge("r=" NONCE, 20, ",s=MQ==,i=4096", &out);
	ok(buf_len(&out) == 0 && failed(s, "limit"),
	    "output that is full at the answer");
	sasl_free(s);
	buf_clear(&out);
	sasl_free(NULL);
}

/* A server that has channel binding and offers none is told apart. */
static void
test_not_offered(void)
{
	struct sasl *s = sasl_new("user", "pencil", NONCE);
	struct buf out;

	buf_init(&out, 1000);
	ok(sasl_not_offered(s) == NULL, "nothing was offered yet");
	sasl_start(s, SASL_SCRAM_SHA_1, binding, 1, &(unsigned){0}, &out);
	ok(sasl_not_offered(s) != NULL, "we could bind, and it offers none");
	sasl_challenge(s, FIRST, strlen(FIRST), &out);
	ok(sasl_not_offered(s) == NULL, "it has let that pass");
	sasl_free(s);
	s = sasl_new("user", "pencil", NONCE);
	sasl_start(s, SASL_SCRAM_SHA_1, NULL, 1, &(unsigned){0}, &out);
	ok(sasl_not_offered(s) == NULL, "we could not bind");
	sasl_free(s);
	buf_clear(&out);
}

/* Whatever the room for the output, all or nothing is written. */
static void
test_room(void)
{
	static const unsigned offers[] = {
	    SASL_PLAIN, SASL_SCRAM_SHA_1, SASL_SCRAM_SHA_1_PLUS};
	size_t i, room, whole, wrong = 0;
	const char *mechanism;
	struct sasl *s;
	struct buf out;

	for (i = 0; i < sizeof offers / sizeof *offers; i++)
		for (room = 1, whole = 0; room < 200 && whole < 2; room++) {
			s = sasl_new("us,=", "pencil", NONCE);
			buf_init(&out, room);
			buf_adds(&out, "!");
			mechanism = sasl_start(
			    s, offers[i], binding, 1, &(unsigned){0}, &out);
			if (mechanism == NULL)
				wrong += buf_len(&out) != 1 || whole > 0 ||
					 !failed(s, "limit");
			else
				whole++;
			buf_clear(&out);
			sasl_free(s);
		}
	ok(wrong == 0 && whole == 2, "a start has all room that it needs");
	for (room = 1, whole = 0; room < 200 && whole < 2; room++) {
		s = sasl_new("user", "pencil", NONCE);
		buf_init(&out, 1000);
		sasl_start(s, SASL_SCRAM_SHA_1, NULL, 1, &(unsigned){0}, &out);
		buf_clear(&out);
		buf_init(&out, room);
		buf_adds(&out, "!");
		if (sasl_challenge(s, FIRST, strlen(FIRST), &out) == -1)
			wrong += buf_len(&out) != 1 || whole > 0 ||
				 !failed(s, "limit");
		else
			whole++;
		buf_clear(&out);
		sasl_free(s);
	}
	ok(wrong == 0 && whole == 2, "and so has an answer");
	for (room = 0, whole = 0; room < 30 && whole == 0; room++) {
		buf_init(&out, room);
		whole = scram_write_first(&out, "a,=", "n") == 0 ? room : 0;
		buf_clear(&out);
	}
	ok(whole == strlen("n=a=2C=3D,r=n"), "and a first message");
}

/* Bytes that may hold a NUL. */
struct bytes {
	const char *p;
	size_t n;
};

/* Hi(): RFC 6070 for SHA-1 (of one block), hashlib for the others. */
static void
test_hi(const br_hash_class *hash, struct bytes password, struct bytes salt,
    uint32_t rounds, const char *hex)
{
	unsigned char out[SCRAM_HASH], fast[SCRAM_HASH];
	char text[2 * SCRAM_HASH + 1] = "";
	br_hmac_key_context key;
	size_t i;

	br_hmac_key_init(&key, hash, password.p, password.n);
	scram_hi(&key, salt.p, salt.n, rounds, out);
	for (i = 0; i < scram_hash_size(hash); i++)
		snprintf(text + 2 * i, 3, "%02x", out[i]);
	ok(memcmp(text, hex, strlen(hex)) == 0, "PBKDF2, %zu bytes, %u rounds",
	    i, (unsigned)rounds);
	if (memchr(password.p, '\0', password.n) != NULL)
		return;
	ok(hash_hi(i == 20   ? "SHA1"
		   : i == 32 ? "SHA256"
			     : "SHA512",
	       password.p, salt.p, salt.n, rounds, fast) == 0 &&
		memcmp(out, fast, i) == 0,
	    "the same by libgcrypt");
}

/* Nothing is written behind the hash. */
static void
test_hash_end(void)
{
	unsigned char out[SCRAM_HASH], salted[SCRAM_HASH] = {0};
	unsigned char signature[SCRAM_HASH];
	const br_hash_class *hash = &br_sha1_vtable;
	br_hmac_key_context key;
	struct buf auth;
	size_t i, wrong = 0;

	memset(out, 0, sizeof out);
	br_hmac_key_init(&key, hash, "x", 1);
	stack_fill();
	scram_hi(&key, "salt", 4, 2, out);
	for (i = 20; i < sizeof out; i++)
		wrong += out[i] != 0;
	ok(wrong == 0, "nothing is written behind a salted password");
	memset(out, 0, sizeof out);
	buf_init(&auth, 10);
	stack_fill();
	scram_proof(hash, salted, &auth, out, signature);
	for (i = 20; i < sizeof out; i++)
		wrong += out[i] != 0;
	ok(wrong == 0, "nor behind a proof");
}

static void
test_his(void)
{
	static const struct bytes password = {"password", 8},
				  salt = {"salt", 4},
				  odd_password = {"pass\0word", 9},
				  odd_salt = {"sa\0lt", 5};
	const br_hash_class *sha1 = &br_sha1_vtable,
			    *sha256 = &br_sha256_vtable,
			    *sha512 = &br_sha512_vtable;

	test_hi(sha1, password, salt, 1,
	    "0c60c80f961f0e71f3a9b524af6012062fe037a6");
	test_hi(sha1, password, salt, 2,
	    "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
	test_hi(sha1, password, salt, 4096,
	    "4b007901b765489abead49d926f721d065a429c1");
	test_hi(sha1, odd_password, odd_salt, 4096,
	    "56fa6aa75548099dcc37d7f03425e0c3");
	test_hi(sha256, password, salt, 1,
	    "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b");
	test_hi(sha256, odd_password, odd_salt, 4096,
	    "89b69d0516f829893c696226650a86878c029ac13ee276509d5ae58b6466a724");
	test_hi(sha512, password, salt, 2,
	    "e1d9c16aa681708a45f5c7c4e215ceb66e011a2e9f0040713f18aefdb866d53c"
	    "f76cab2868a39b9f7840edce4fef5a82be67335c77a6068e04112754f27ccf4e");
	test_hi(sha512, odd_password, odd_salt, 4096,
	    "9d9e9c4cd21fe4be24d5b8244c759665f39d98fc12a9ca759bb021db3cfadf34"
	    "5844aebe70dd8b2f6966f25f3613e1187bbd24ed2ca43ed13b246e4675be7ab9");
}

int
main(void)
{
	size_t i;

	test_his();
	test_hash_end();
	test_names();
	for (i = 0; i < 2 * (sizeof logins / sizeof *logins); i++)
		test_login(
		    i / 2, i % 2 == 0, i % 2 == 0 ? hash_hi : cannot, NULL);
	test_kept();
	test_choices();
	test_plain();
	test_unassigned();
	test_prepare();
	test_readers();
	test_firsts();
	test_finals();
	test_errors();
	test_order();
	test_edges();
	test_bounds();
	test_room();
	test_not_offered();
	ok(scram_equal("abc", "abc", 3) && !scram_equal("abc", "abd", 3) &&
		!scram_equal("abc", "bbc", 3) && scram_equal("a", "b", 0),
	    "comparison");
	return tap_done();
}
