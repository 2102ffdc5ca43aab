/* The records: printed and read, damaged, hostile; what the user decided. */
#include "omemo/contact.h"

#include <stdlib.h>
#include <string.h>

#include "sexp/hex.h"
#include "t/unit/tap.h"

static const char *
fail_of(const char *record)
{
	static struct sexp_error e;
	struct omemo_contact c;
	struct sexp_tree *t;
	struct buf out;

	/* The checksum is right, so that the form is looked at. */
	buf_init(&out, FORM_MAX);
	t = sexp_parse(record, strlen(record), &e);
	if (t == NULL)
		return "no expression";
	form_print(t, (struct sexp *)(uintptr_t)sexp_root(t), &out);
	e.why[0] = '\0';
	if (omemo_contact_parse(&c, buf_data(&out), buf_len(&out), &e) == 0)
		omemo_contact_clear(&c);
	sexp_free(t);
	buf_clear(&out);
	return e.why;
}

#define KEY   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define TOKEN "00112233445566778899aabbccddeeff"
#define HEAD  "((encryption auto)(verified false)(used true)"
#define DEVICE                                                                 \
	"(id 5)(active true)(first 1)(latest 2)(key " KEY ")(session 00ff)"

/* Forms of the record; GOOD ones are read. */
static const struct {
	int good;
	const char *record;
} forms[] = {
    {1, HEAD "(devices())(keys())(kept()))"},
    {1, HEAD "(devices((" DEVICE ")))(keys())(kept()))"},
    {1, "((kept())(keys())(devices())(used false)(verified true)"
	"(encryption none))"},
    {1, HEAD "(devices())(keys(((key " KEY ")(trust revoked)(date 9))))"
	     "(kept()))"},
    {1, HEAD "(devices())(keys())(kept(" TOKEN "0000000500000000" KEY ")))"},
    {1, HEAD "(devices())(keys())(kept(" TOKEN "0000000500000000" TOKEN ")))"},
    {0, "x"},
    {0, "()"},
    {0, "((a b c))"},
    {0, "(a)"},
    {0, HEAD "(devices())(keys()))"},
    {0, HEAD "(devices())(keys())(kept())(kept()))"},
    {0, HEAD "(devices())(keys())(kept())(more ()))"},
    {0, HEAD "(devices x)(keys())(kept()))"},
    {0, HEAD "(devices())(keys x)(kept()))"},
    {0, HEAD "(devices())(keys())(kept x))"},
    {0, HEAD "(devices(()))(keys())(kept()))"},
    {0, HEAD "(devices((" DEVICE ")(" DEVICE ")))(keys())(kept()))"},
    {0, HEAD "(devices(((id 0)(active true)(first 1)(latest 2)(key \"\")"
	     "(session \"\"))))(keys())(kept()))"},
    {0, HEAD "(devices(((id 4294967296)(active true)(first 1)(latest 2)"
	     "(key \"\")(session \"\"))))(keys())(kept()))"},
    {0, HEAD "(devices(((id 05)(active true)(first 1)(latest 2)(key \"\")"
	     "(session \"\"))))(keys())(kept()))"},
    {0, HEAD "(devices(((id 5)(active maybe)(first 1)(latest 2)(key \"\")"
	     "(session \"\"))))(keys())(kept()))"},
    {0, HEAD "(devices(((id 5)(active true)(first -1)(latest 2)(key \"\")"
	     "(session \"\"))))(keys())(kept()))"},
    {0, HEAD "(devices(((id 5)(active true)(first 1)(latest x)(key \"\")"
	     "(session \"\"))))(keys())(kept()))"},
    {0, HEAD "(devices(((id 5)(active true)(first 1)(latest 2)(key 00)"
	     "(session \"\"))))(keys())(kept()))"},
    {0, HEAD "(devices(((id 5)(active true)(first 1)(latest 2)(key ())"
	     "(session \"\"))))(keys())(kept()))"},
    {0, HEAD "(devices(((id 5)(active true)(first 1)(latest 2)(key " KEY ")"
	     "(session 0))))(keys())(kept()))"},
    {0, HEAD "(devices(((id 5)(active true)(first 1)(latest 2)(key " KEY ")"
	     "(session 0g))))(keys())(kept()))"},
    {0, HEAD "(devices(((id 5)(active true)(first 1)(latest 2)(key \"\")"
	     "(session 00))))(keys())(kept()))"},
    {1, HEAD "(devices())(keys(((key " KEY ")(trust revoked-verified)(date "
	     "9))))(kept()))"},
    {0, HEAD "(devices())(keys(((key " KEY ")(trust unverified)(date 9))))"
	     "(kept()))"},
    {0, HEAD "(devices())(keys(((key " KEY ")(trust verified)(date 9))"
	     "((key " KEY ")(trust revoked)(date 9))))(kept()))"},
    {0, HEAD "(devices())(keys(((key 00)(trust verified)(date 9))))"
	     "(kept()))"},
    {0, HEAD "(devices())(keys(((key " KEY ")(trust verified)"
	     "(date 999999999999999))))(kept()))"},
    {0, HEAD "(devices())(keys())(kept(())))"},
    {0, HEAD "(devices())(keys())(kept(" TOKEN ")))"},
    {0, HEAD "(devices())(keys())(kept(" TOKEN "000000050000000g" KEY ")))"},
    {0, "((encryption maybe)(verified false)(used true)(devices())(keys())"
	"(kept()))"},
    {0, "((encryption auto)(verified yes)(used true)(devices())(keys())"
	"(kept()))"},
    {0, "((encryption auto)(verified true)(used 1)(devices())(keys())"
	"(kept()))"},
};

static void
all_forms(void)
{
	size_t i;
	const char *why;

	for (i = 0; i < sizeof forms / sizeof *forms; i++) {
		why = fail_of(forms[i].record);
		ok((why[0] == '\0') == forms[i].good, "form %zu: %s", i,
		    why[0] == '\0' ? "read" : why);
	}
}

/* Fills C with as much as it can hold. */
static void
fill(struct omemo_contact *c)
{
	struct omemo_device *d;
	struct omemo_kept *k;
	unsigned char key[OMEMO_KEY] = {0};
	size_t i;

	omemo_contact_init(c);
	for (i = 0; i < OMEMO_DEVICES; i++) {
		d = omemo_contact_add(c, (uint32_t)i + 1);
		d->active = d->has_key = 1;
		d->key[0] = (unsigned char)i;
		d->session_len = OMEMO_SESSIONS / OMEMO_DEVICES;
		d->session = buf_alloc(d->session_len);
	}
	for (i = 0; i < OMEMO_DECIDED; i++) {
		key[1] = (unsigned char)i;
		ok(omemo_contact_decide(c, key, OMEMO_VERIFIED, 5) == 0,
		    "decision %zu", i);
	}
	for (i = 0; i < OMEMO_KEPT_MAX; i++) {
		k = omemo_contact_keep(c);
		k->seen = 1;
		k->token[0] = (unsigned char)i;
		k->token[1] = (unsigned char)(i >> 8);
		k->key_len = 32;
	}
}

static void
full(void)
{
	unsigned char key[OMEMO_KEY] = {9};
	struct omemo_contact c, again;
	struct sexp_error e;
	struct buf out, twice;
	unsigned char *p;
	size_t i, bad = 0;

	fill(&c);
	ok(omemo_contact_add(&c, 1000) == NULL && !omemo_contact_has_room(&c),
	    "no device more");
	ok(omemo_contact_decide(&c, key, OMEMO_REVOKED, 5) == -1,
	    "no decision more");
	ok(omemo_contact_keep(&c) == NULL, "no key more");
	c.kept[7].seen = 0;
	ok(omemo_contact_keep(&c) != NULL && c.kepts == OMEMO_KEPT_MAX,
	    "but in place of one of an earlier run");
	c.kept[c.kepts - 1].key_len = 32;
	c.device[7].latest = 1;
	c.device[7].active = c.device[9].active = 0;
	ok(omemo_contact_add(&c, 1000) == &c.device[9],
	    "an inactive one gives way, the one that wrote least lately");
	buf_init(&out, FORM_MAX);
	buf_init(&twice, FORM_MAX);
	ok(omemo_contact_print(&c, &out) == 0, "the fullest record is printed");
	ok(omemo_contact_parse(&again, buf_data(&out), buf_len(&out), &e) == 0,
	    "and read");
	ok(omemo_contact_print(&again, &twice) == 0 &&
		strcmp(buf_str(&out), buf_str(&twice)) == 0,
	    "to the same");
	omemo_contact_clear(&again);
	/* A bit of it, here and there. */
	p = (unsigned char *)(uintptr_t)buf_data(&out);
	for (i = 0; i < 20; i++) {
		p[i * 227919 % buf_len(&out)] ^= 1;
		bad += omemo_contact_parse(
			   &again, buf_data(&out), buf_len(&out), &e) == -1;
		p[i * 227919 % buf_len(&out)] ^= 1;
	}
	ok(bad == 20, "damaged at one of 20 places it is not: %zu", bad);
	ok(again.devices == 0, "and empty");
	buf_clear(&out);
	buf_clear(&twice);
	buf_init(&out, 100);
	ok(omemo_contact_print(&c, &out) == -1, "no room to print");
	buf_clear(&out);
	omemo_contact_clear(&c);
}

/* Every combination of decisions. */
static void
trust(void)
{
	static const unsigned char mine[OMEMO_KEY] = {1},
				   other[OMEMO_KEY] = {2};
	struct omemo_contact c;
	struct omemo_device *d;
	int t, o, v, expected;

	omemo_contact_init(&c);
	d = omemo_contact_add(&c, 1);
	ok(!omemo_contact_may_use(&c, d, 0), "not without a key");
	d->has_key = 1;
	memcpy(d->key, mine, sizeof mine);
	for (t = OMEMO_UNVERIFIED; t <= OMEMO_REVOKED; t++)
		for (o = OMEMO_UNVERIFIED; o <= OMEMO_REVOKED; o++)
			for (v = 0; v <= 1; v++) {
				omemo_contact_decide(
				    &c, mine, (enum omemo_trust)t, 1);
				omemo_contact_decide(
				    &c, other, (enum omemo_trust)o, 1);
				expected = t == OMEMO_VERIFIED ||
					   (t == OMEMO_UNVERIFIED && !v &&
					       o == OMEMO_UNVERIFIED);
				ok(omemo_contact_may_use(&c, d, v) == expected,
				    "%d beside %d, %d: %d", t, o, v, expected);
			}
	omemo_contact_decide(&c, mine, OMEMO_UNVERIFIED, 1);
	omemo_contact_decide(&c, other, OMEMO_UNVERIFIED, 1);
	ok(c.decisions == 0 && !omemo_contact_is_verified(&c), "taken back");
	omemo_contact_decide(&c, other, OMEMO_REVOKED, 1);
	ok(omemo_contact_may_use(&c, d, 0), "blindly beside one revoked");
	omemo_contact_decide(&c, other, OMEMO_VERIFIED, 1);
	omemo_contact_decide(&c, other, OMEMO_REVOKED, 1);
	ok(!omemo_contact_may_use(&c, d, 0) && !omemo_contact_is_verified(&c),
	    "not beside one that had been verified");
	omemo_contact_clear(&c);
}

static void
digits(void)
{
	unsigned char out[4];
	char text[9];

	ok(form_from_hex("00 1a:FF b2", out, 4) == 0, "groups, both cases");
	hex_write(out, 4, text);
	ok(strcmp(text, "001affb2") == 0, "and back: %s", text);
	ok(form_from_hex("001affb", out, 4) == -1, "too short");
	ok(form_from_hex("001affb2c", out, 4) == -1, "too long");
	ok(form_from_hex("001affbg", out, 4) == -1, "no digit");
}

static void
wholes(void)
{
	static const char *const bad[] = {"", "x", "(1)", "(2 a b)",
	    "((1) 2 3)", "(1 2 (3))", "(1 00112233445566778899aabbccddeeff x)",
	    "(1 00112233445566778899aabbccddeeff (x))", "(1 2 3 4)"};
	struct omemo_contact c;
	struct sexp_error e;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		e.why[0] = '\0';
		ok(omemo_contact_parse(&c, bad[i], strlen(bad[i]), &e) == -1 &&
			e.why[0] != '\0',
		    "%s: %s", bad[i], e.why);
	}
}

int
main(void)
{
	all_forms();
	full();
	trust();
	digits();
	wholes();
	return tap_done();
}
