/* xmpp/jid.c: what a JID is and how it is prepared (RFC 7622, RFC 6122). */
#define _GNU_SOURCE /* for RTLD_NEXT */
#include "xmpp/jid.h"
#include "sexp/utf8.h"
#include "t/unit/tap.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <idna.h>
#include <stringprep.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define HEBREW	     "\xd7\xa9\xd7\x9c"
#define SMILE	     "\xf0\x9f\x98\x80"

static int unsettled; /* So often preparing changes a text. */
static int fails;     /* Unicode cannot be made of A-labels. */

/* In the place of libidn's own. */
int
stringprep(char *text, size_t room, Stringprep_profile_flags flags,
    const Stringprep_profile *profile)
{
	static int (*real)(char *, size_t, Stringprep_profile_flags,
	    const Stringprep_profile *);

	if (real == NULL)
		*(void **)(&real) = dlsym(RTLD_NEXT, "stringprep");
	if (unsettled > 0) {
		unsettled--;
		text[1] ^= 1;
		return STRINGPREP_OK;
	}
	return real(text, room, flags, profile);
}

int
idna_to_unicode_8z8z(const char *in, char **out, int flags)
{
	static int (*real)(const char *, char **, int);

	if (real == NULL)
		*(void **)(&real) = dlsym(RTLD_NEXT, "idna_to_unicode_8z8z");
	return fails ? IDNA_MALLOC_ERROR : real(in, out, flags);
}

/* Prepares P; whether that worked and preparing the result changes nothing. */
static int
stable(const char *p, size_t n, char out[JID_SIZE])
{
	char again[JID_SIZE];

	return jid_parse(p, n, out, NULL) == 0 &&
	       jid_parse(out, strlen(out), again, NULL) == 0 &&
	       strcmp(out, again) == 0;
}

static const char *const good[][2] = {
    {"example.org", NULL},
    {"alice@example.org", NULL},
    {"alice@example.org/balcony", NULL},
    {"Alice@Example.ORG/Balcony", "alice@example.org/Balcony"},
    {"a@b/c@d/e", NULL},
    {"example.org/a@b", NULL},
    {"a@b/ two words ", NULL},
    {"a@b/<&'\">", NULL},
    {"!#$%()*+,-.;=?[]^_`{|}~\\@b", NULL},
    {"a@example.org.", "a@example.org"},
    {"a@example.org./r", "a@example.org/r"},
    {"a_b.example", NULL},
    {"-a-.example", NULL},
    {"AZaz09_@AZaz09_.example/AZ", "azaz09_@azaz09_.example/AZ"},
    {"A.@b/\xc3\xa4.", "a.@b/\xc3\xa4."},
    {"localhost", NULL},
    {"192.0.2.1", NULL},
    {"a@[::1]", NULL},
    {"a@[::]", NULL},
    {"a@[0000:0000:0000:0000:0000:ffff:255.255.255.255]", NULL},
    {"a@[2001:DB8::192.0.2.1]/r", "a@[2001:db8::192.0.2.1]/r"},
    {"xn--bcher-kva.example", "b\xc3\xbc"
			      "cher.example"},
    {"b\xc3\xbc"
     "cher.example",
	NULL},
    {"B\xc3\x9c"
     "CHER.example",
	"b\xc3\xbc"
	"cher.example"},
    {"bu\xcc\x88"
     "cher.example",
	"b\xc3\xbc"
	"cher.example"},
    {"STRA\xc3\x9f"
     "E@stra\xc3\x9f"
     "e.example/Stra\xc3\x9f"
     "e",
	"strasse@strasse.example/Stra\xc3\x9f"
	"e"},
    /* fullwidth letters, soft hyphen */
    {"\xef\xbc\xa1@\xef\xbc\xa2/\xef\xbc\xa3", "a@b/C"},
    {"a\xc2\xad"
     "b@c\xc2\xad"
     "d/e\xc2\xad"
     "f",
	"ab@cd/ef"},
    /* the dots of IDNA */
    {"a@b\xe3\x80\x82"
     "c",
	"a@b.c"},
    {"a@b\xef\xbc\x8e"
     "c",
	"a@b.c"},
    {"a@b\xef\xbd\xa1"
     "c\xe3\x80\x82/r",
	"a@b.c/r"},
    /* A-labels are the same as U-labels; what is none stays */
    {"a@xn--bcher-kva.example/r", "a@b\xc3\xbc"
				  "cher.example/r"},
    {"a@x.XN--BCHER-KVA.Example", "a@x.b\xc3\xbc"
				  "cher.example"},
    {"xn--ls8h.example", "\xf0\x9f\x92\xa9.example"},
    {"xn--a.example", NULL},
    {"xn--.example", NULL},
    {"xn--abc-.example", NULL},
    {"a@b/xn--bcher-kva", NULL},
    /* characters younger than the profiles */
    {SMILE "@example.org/" SMILE, NULL},
    {SMILE ".example", NULL},
    {"a@b/\xf0\x9f\xab\xa0", NULL},
    {"a@b/\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
	"a@b/\xf0\x9f\x91\xa9\xf0\x9f\x92\xbb"},
    {HEBREW "@" HEBREW "." HEBREW "/" HEBREW, NULL},
    {"a@xn--hebz.xn--hebz", "a@" HEBREW "." HEBREW},
    {"a@XN--hebz.example", "a@xn--hebz.example"},
};

static void
test_good(void)
{
	char out[JID_SIZE];
	const char *want;
	size_t i;

	for (i = 0; i < COUNT(good); i++) {
		want = good[i][1] != NULL ? good[i][1] : good[i][0];
		ok(stable(good[i][0], strlen(good[i][0]), out) &&
			strcmp(out, want) == 0,
		    "good: case %zu: %s", i, want);
	}
}

static const struct {
	const char *jid, *why;
} bad[] = {
    {"", "empty domain"},
    {"@", "empty local part"},
    {"/", "empty domain"},
    {"@example.org", "empty local part"},
    {"a@", "empty domain"},
    {"a@/r", "empty domain"},
    {"/r", "empty domain"},
    {"a@b/", "empty resource"},
    {"\xc2\xad@b", "empty local part"},
    {"a@\xc2\xad", "empty domain"},
    {"a@b/\xc2\xad", "empty resource"},
    {".", "empty domain"},
    {"a@.", "empty domain"},
    {"a@b@c", "character not allowed in a domain"},
    {"a b@c", "character not allowed before the @"},
    {"a\"b@c", "character not allowed before the @"},
    {"a'b@c", "character not allowed before the @"},
    {"a&b@c", "character not allowed before the @"},
    {"a:b@c", "character not allowed before the @"},
    {"a<b@c", "character not allowed before the @"},
    {"a>b@c", "character not allowed before the @"},
    {"a\tb@c", "character not allowed before the @"},
    {"a\x7f@c", "character not allowed before the @"},
    /* they would become @, / and a space */
    {"a\xef\xbc\xa0@c", "character not allowed before the @"},
    {"a\xef\xbc\x8f@c", "character not allowed before the @"},
    {"a\xe3\x80\x80@c", "character not allowed before the @"},
    {"a@b\xef\xbc\xa0"
     "c",
	"character not allowed in a domain"},
    {"a@b\xef\xbc\x8f"
     "c",
	"character not allowed in a domain"},
    {"a@b\xe2\x84\x80", "character not allowed in a domain"},
    {"a@b\xc2\xa0"
     "c",
	"character not allowed in a domain"},
    {"a@b c", "character not allowed in a domain"},
    {"a@b\nc", "character not allowed in a domain"},
    {"a@b:5222", "character not allowed in a domain"},
    {"a@b?c", "character not allowed in a domain"},
    {"a@b..c", "not a domain name"},
    {"a@.b", "not a domain name"},
    {"a@b..", "not a domain name"},
    {"a@b\xe3\x80\x82.\xe3\x80\x82", "not a domain name"},
    {"a@xn--\xc3\xbc", "not a domain name"},
    {"a@[]", "character not allowed in a domain"},
    {"a@[1:2:3:4:5:6:7:8:9:a:b:c:d:e:f:0:1:2:3:4:5:6:7:8:9:a:b:c:d:e:f:0:1:2:3:"
     "4:5:6:7:8:9:a:b:c:d:e:f:0:1:2:3:4:5:6:7:8:9:a:b:c:d:e:f:0:1:2:3:4:5:6:7]",
	"character not allowed in a domain"},
    {"a@[0000:0000:0000:0000:0000:ffff:255.255.255.2555]",
	"character not allowed in a domain"},
    {"a@[::1", "character not allowed in a domain"},
    {"a@[::1]x", "character not allowed in a domain"},
    {"a@[192.0.2.1]", "character not allowed in a domain"},
    {"a@[fe80::1%1]", "character not allowed in a domain"},
    {"a@::1", "character not allowed in a domain"},
    {"a@b/c\nd", "character not allowed in a resource"},
    {"a@b/\x7f", "character not allowed in a resource"},
    {"a@b/\xc2\x85", "character not allowed in a resource"},
    {"a@b/\xe2\x80\xae", "character not allowed in a resource"},
    {"a@b/\xee\x80\x80", "character not allowed in a resource"},
    {"a@b/\xef\xbf\xbd", "character not allowed in a resource"},
    {"a@b/\xc2\xa0", ""}, /* becomes a space: allowed */
    {"a@b/" HEBREW "x", "character not allowed in a resource"},
    {HEBREW ".example", "character not allowed in a domain"},
    {"a\xff@b", "not UTF-8"},
    {"a@b/\xed\xa0\x80", "not UTF-8"},
    {"a@b/\xc0\xaf", "not UTF-8"},
};

static void
test_bad(void)
{
	char out[JID_SIZE];
	const char *why;
	size_t i;
	int failed;

	for (i = 0; i < COUNT(bad); i++) {
		why = "";
		strcpy(out, "?");
		failed =
		    jid_parse(bad[i].jid, strlen(bad[i].jid), out, &why) == -1;
		ok(failed == (bad[i].why[0] != '\0') &&
			strcmp(why, bad[i].why) == 0 &&
			(out[0] == '\0') == failed,
		    "bad: case %zu: %s", i, why);
	}
	ok(jid_parse("a@b\0c", 5, out, &why) == -1 &&
		jid_parse("a\0@b", 4, out, NULL) == -1 &&
		jid_parse("a@b/\0", 5, out, NULL) == -1,
	    "bad: NUL");
}

/* Writes COUNT times UNIT to OUT; returns where it ends. */
static char *
repeat(char *out, size_t count, const char *unit)
{
	while (count-- > 0) {
		strcpy(out, unit);
		out += strlen(unit);
	}
	return out;
}

static void
test_lengths(void)
{
	char in[2 * JID_SIZE], out[JID_SIZE], *p;
	const char *why = "";
	size_t n;

	for (n = 1023; n <= 1024; n++) {
		strcpy(repeat(in, n, "a"), "@b/c");
		ok(stable(in, strlen(in), out) == (n == 1023),
		    "local part of %zu bytes", n);
		strcpy(repeat(repeat(in, 15, "x."), n - 30, "a"), "/c");
		ok(!stable(in, strlen(in), out), "one label of %zu", n - 30);
		p = repeat(in, 511, "x.");
		p = repeat(p, n - 1022, "x");
		strcpy(p, "/c");
		ok(stable(in, strlen(in), out) == (n == 1023),
		    "domain of %zu bytes", n);
		repeat(in, 4, "a@b/");
		repeat(in + 4, n, "r");
		ok(stable(in, strlen(in), out) == (n == 1023),
		    "resource of %zu bytes", n);
	}
	p = repeat(in, 1023, "L");
	p = repeat(p, 1, "@");
	p = repeat(p, 511, "x.");
	p = repeat(p, 1, "x/");
	p = repeat(p, 1023, "r");
	ok(stable(in, strlen(in), out) && strlen(out) == JID_SIZE - 1,
	    "three parts as long as they may be");
	repeat(p, 1, "r");
	ok(jid_parse(in, strlen(in), out, &why) == -1 &&
		strcmp(why, "longer than any JID") == 0,
	    "and one more byte");
	/* one character that becomes eighteen */
	strcpy(in, "a@b/");
	repeat(in + 4, 31, "\xef\xb7\xba");
	ok(stable(in, strlen(in), out) && strlen(out) == 4 + 1023,
	    "growing up to the bound");
	repeat(in + 4, 32, "\xef\xb7\xba");
	ok(jid_parse(in, strlen(in), out, &why) == -1 &&
		strcmp(why, "resource over 1023 bytes") == 0,
	    "growing past the bound");
	strcpy(repeat(in, 63, "l"), ".example");
	ok(stable(in, strlen(in), out), "a label of 63 bytes");
	strcpy(repeat(in, 64, "l"), ".example");
	ok(!stable(in, strlen(in), out), "a label of 64 bytes");
	ok(!stable(in, 64, out), "nor is it a domain alone");
	strcpy(repeat(in, 62, "l"), "_.example");
	ok(stable(in, strlen(in), out), "one of 63 with an underscore");
	strcpy(repeat(in, 63, "l"), "_.example");
	ok(!stable(in, strlen(in), out), "and one of 64");
	strcpy(repeat(in, 509, "x."), "\xe3\x80\x82xx");
	ok(!stable(in, strlen(in), out), "two dots behind each other");
	strcpy(repeat(in, 508, "x."), "x\xe3\x80\x82xxx");
	ok(stable(in, strlen(in), out) && strlen(in) == 1023 &&
		strlen(out) == 1021,
	    "a domain of 1,023 bytes that becomes shorter");
	repeat(in, 40, "\xd0\xb0");
	ok(stable(in, strlen(in), out), "a U-label whose A-label fits");
	strcpy(repeat(in, 31, "\xd0\xb0\xd1\x8f"), ".example");
	ok(!stable(in, strlen(in), out), "a U-label whose A-label does not");
}

/*
 * Each part as long as it may be only once it is prepared, and one byte more:
 * U+33C2 is three bytes and becomes four, `a.m.`.
 */
static void
test_grown(void)
{
	static const struct {
		const char *front, *back, *why;
	} parts[] = {{"", "@b/c", "local part over 1023 bytes"},
	    {"a@", "/c", "domain over 1023 bytes"},
	    {"a@b/", "", "resource over 1023 bytes"}};
	char in[JID_SIZE], out[JID_SIZE];
	const char *why;
	size_t i, rest;

	for (i = 0; i < COUNT(parts); i++) {
		rest = strlen(parts[i].front) + strlen(parts[i].back);
		strcpy(in, parts[i].front);
		strcpy(repeat(repeat(in + strlen(in), 255, "\xe3\x8f\x82"), 3,
			   "b"),
		    parts[i].back);
		ok(stable(in, strlen(in), out) && strlen(out) == rest + 1023,
		    "part %zu: 1,023 bytes when it is prepared", i);
		strcpy(in, parts[i].front);
		strcpy(repeat(repeat(in + strlen(in), 255, "\xe3\x8f\x82"), 4,
			   "b"),
		    parts[i].back);
		why = "";
		ok(jid_parse(in, strlen(in), out, &why) == -1 &&
			strcmp(why, parts[i].why) == 0,
		    "part %zu: not 1,024: %s", i, why);
	}
}

static void
test_parts(void)
{
	static const char *const cases[][4] = {
	    /* jid, bare, local, domain */
	    {"a@b/c", "a@b", "a", "b"},
	    {"a@b", "a@b", "a", "b"},
	    {"b", "b", "", "b"},
	    {"b/c@d/e", "b", "", "b"},
	    {"a@b/c@d/e", "a@b", "a", "b"},
	    {"a@[::1]/r", "a@[::1]", "a", "[::1]"},
	};
	static const char *const resources[] = {
	    "c", NULL, NULL, "c@d/e", "c@d/e", "r"};
	char bare[JID_SIZE], local[JID_SIZE], domain[JID_SIZE];
	const char *jid, *resource;
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		jid = cases[i][0];
		jid_bare(jid, bare);
		jid_local(jid, local);
		jid_domain(jid, domain);
		resource = jid_resource(jid);
		ok(strcmp(bare, cases[i][1]) == 0 &&
			jid_bare_len(jid) == strlen(bare) &&
			strcmp(local, cases[i][2]) == 0 &&
			jid_has_local(jid) == (*local != '\0') &&
			strcmp(domain, cases[i][3]) == 0 &&
			(resource == NULL) == (resources[i] == NULL) &&
			(resource == NULL ||
			    strcmp(resource, resources[i]) == 0),
		    "the parts of %s", jid);
	}
	ok(jid_same_bare("a@b/c", "a@b") && jid_same_bare("a@b", "a@b/d") &&
		jid_same_bare("b", "b/a@b") && jid_same_bare("a@b/1", "a@b/2"),
	    "the same bare part");
	ok(!jid_same_bare("bob@x.com", "bob@x.com.evil") &&
		!jid_same_bare("bob@x.com.evil/r", "bob@x.com/r") &&
		!jid_same_bare("b", "a@b") && !jid_same_bare("a@b", "c@b"),
	    "another one, whatever it begins with");
	ok(jid_order("al@z", "al-2@a") < 0 && jid_order("al@b", "al@a") > 0 &&
		jid_order("x", "a@b") < 0 && jid_order("a@b", "x") > 0 &&
		jid_order("a", "b") < 0 && jid_order("a@b", "a@b") == 0,
	    "the order of lists");
}

static void
test_ascii_domain(void)
{
	static const char *const cases[][2] = {
	    {"example.org", "example.org"},
	    {"a_b.example", "a_b.example"},
	    {"b\xc3\xbc"
	     "cher.example",
		"xn--bcher-kva.example"},
	    {"xn--bcher-kva.example", "xn--bcher-kva.example"},
	    {SMILE ".example", "xn--e28h.example"},
	    {"192.0.2.1", "192.0.2.1"},
	    {"[2001:db8::1]", "2001:db8::1"},
	};
	char out[256], domain[JID_SIZE];
	size_t i;

	for (i = 0; i < COUNT(cases); i++)
		ok(jid_ascii_domain(cases[i][0], out) == 0 &&
			strcmp(out, cases[i][1]) == 0,
		    "A-labels: %s", cases[i][1]);
	strcpy(repeat(domain, 127, "x."), "x");
	ok(jid_ascii_domain(domain, out) == 0 && strlen(out) == 255,
	    "A-labels: 255 bytes");
	strcpy(repeat(domain, 127, "x."), "xx");
	ok(jid_ascii_domain(domain, out) == -1, "A-labels: not 256");
	ok(jid_ascii_domain("", out) == -1 &&
		jid_ascii_domain("a..b", out) == -1,
	    "A-labels: no name");
}

/* Sequences that one pass of NFKC, as libidn has it, leaves half composed. */
static void
test_passes(void)
{
	static const char *const cases[] = {
	    "a@b/\xe1\x84\x80\xcc\x80\xe1\x85\xb3\xcc\xaf",
	    "\xe1\x84\x81\xcd\xaa\xe1\x85\xa6\xcc\xa6@b",
	    "a@\xe1\x84\x8c\xcc\xb2\xef\xbf\x96\xcc\xb8",
	};
	char out[JID_SIZE];
	size_t i;

	for (i = 0; i < COUNT(cases); i++)
		ok(stable(cases[i], strlen(cases[i]), out),
		    "more than one pass: case %zu", i);
}

/* A JID that is accepted is stable, alone and between marks, in every part. */
static void
test_characters(void)
{
	static const char *const frames[][2] = {{"", "@b"}, {"a@", ".b"},
	    {"a@b/", ""}, {"a@b/e\xcc\xa7", "\xcc\x81\xcc\xa7"},
	    {"E\xcd\x85", "\xcd\x85@b"}};
	char in[64], out[JID_SIZE];
	size_t accepted[COUNT(frames)] = {0}, wrong = 0, i, n;
	unsigned char utf8[4];
	uint32_t cp;

	for (cp = 1; cp <= 0x10ffff; cp++) {
		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		/* Little is mapped in what is left out. */
		if (cp > 0x3400 && cp % 61 != 0 &&
		    !(cp >> 8 >= 0xf9 && cp >> 16 == 0))
			continue;
		for (i = 0; i < COUNT(frames); i++) {
			n = utf8_encode(cp, utf8);
			snprintf(in, sizeof in, "%s%.*s%s", frames[i][0],
			    (int)n, (char *)utf8, frames[i][1]);
			if (jid_parse(in, strlen(in), out, NULL) == -1)
				continue;
			accepted[i]++;
			wrong += !stable(in, strlen(in), out);
		}
	}
	ok(wrong == 0, "whatever is accepted is prepared once and for all");
	for (i = 0; i < COUNT(frames); i++)
		ok(accepted[i] > 20000, "frame %zu: %zu accepted", i,
		    accepted[i]);
}

/* The order of JIDs: domains, then by local part, then by domain. */
static void
test_order(void)
{
	static const char *const jids[] = {"a.example", "b.example",
	    "a@a.example", "a@b.example", "ab@a.example", "b@a.example"};
	size_t i, k, wrong = 0;
	int order;

	for (i = 0; i < COUNT(jids); i++)
		for (k = 0; k < COUNT(jids); k++) {
			order = jid_order(jids[i], jids[k]);
			wrong += i < k	 ? order >= 0
				 : i > k ? order <= 0
					 : order != 0;
		}
	ok(wrong == 0, "each JID is in its place");
}

/* Rules of stringprep that libidn gets wrong or leaves out. */
static void
test_libidn(void)
{
	/* 48 characters of four bytes each in a label. */
	static const char label[] =
	    "xn--ls8haaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.";
	char in[JID_SIZE] = "", out[JID_SIZE];
	size_t i;

	unsettled = 4;
	ok(jid_parse("\xc3\xa4@b", 4, out, NULL) == -1 && unsettled == 0,
	    "a text that is still changed the fourth time is refused");
	unsettled = 3;
	ok(jid_parse("\xc3\xa4@b", 4, out, NULL) == 0,
	    "one that is not is accepted");
	fails = 1;
	ok(jid_parse("xn--bcher-kva.example", 21, out, NULL) == 0 &&
		strcmp(out, "xn--bcher-kva.example") == 0,
	    "A-labels stay where libidn fails");
	fails = 0;
	for (i = 0; i < 8; i++)
		strcat(in, label);
	strcat(in, "example");
	ok(stable(in, strlen(in), out) && strcmp(in, out) == 0,
	    "and where Unicode would be too long");
	/* Five labels of 192 bytes and a dot, and a name of 58. */
	in[5 * strlen(label)] = '\0';
	strcat(
	    in, "a-name-that-makes-it-as-long-as-a-domain-may-ever-be.invalid");
	in[strlen(in) - 2] = '\0';
	ok(jid_parse(in, strlen(in), out, NULL) == 0 && strlen(out) == 1023 &&
		strncmp(out, "\xf0\x9f\x92\xa9", 4) == 0,
	    "but not where it is as long as it may be");
}

/* A JID need not have a byte before or behind it: here none can be read. */
static void
test_edge(void)
{
	static const char *const jids[] = {"b", "-b", "example.org", "a@b",
	    "a@b/c", "a@b.c/d", "B", "\xc3\xa4@b"};
	size_t page = (size_t)sysconf(_SC_PAGESIZE), i, n, whole = 0;
	char *p = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char out[JID_SIZE], *places[2];

	if (p == MAP_FAILED || mprotect(p, page, PROT_NONE) == -1 ||
	    mprotect(p + 2 * page, page, PROT_NONE) == -1) {
		ok(0, "no page");
		return;
	}
	for (i = 0; i < 2 * COUNT(jids); i++) {
		n = strlen(jids[i / 2]);
		places[0] = p + page;
		places[1] = p + 2 * page - n;
		memcpy(places[i % 2], jids[i / 2], n);
		whole += jid_parse(places[i % 2], n, out, NULL) == 0 &&
			 strlen(out) == n;
	}
	ok(whole == 2 * COUNT(jids), "a JID is read from its first byte to its "
				     "last");
	munmap(p, 3 * page);
}

int
main(void)
{
	test_good();
	test_bad();
	test_lengths();
	test_grown();
	test_parts();
	test_ascii_domain();
	test_passes();
	test_characters();
	test_libidn();
	test_edge();
	test_order();
	return tap_done();
}
