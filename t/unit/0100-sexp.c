/* S-expressions: as sexplib prints and reads them, and what is refused. */
#include <stdint.h>

#include "sexp/sexp.h"
#include "t/unit/file.h"
#include "t/unit/tap.h"

#define MAX ((size_t)1 << 24)

static int
digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* The next column of hexadecimal at *P into OUT. */
static void
column(const char **p, struct buf *out)
{
	buf_reset(out);
	for (; **p != '\t' && **p != '\n' && **p != '\0'; *p += 2)
		buf_addc(out, digit((*p)[0]) * 16 + digit((*p)[1]));
	if (**p != '\0')
		(*p)++;
}

static struct buf in, mach, hum, out;

static int
prints(const struct sexp *s)
{
	int good;

	buf_reset(&out);
	good = sexp_mach(s, &out) == 0 && file_same(&out, &mach);
	buf_reset(&out);
	return good && sexp_hum(s, &out) == 0 && file_same(&out, &hum);
}

static int
reads(const struct buf *text, const struct sexp *want)
{
	struct sexp_error e;
	struct sexp_tree *t = sexp_parse(buf_data(text), buf_len(text), &e);
	struct buf a, b;
	int good = t != NULL;

	buf_init(&a, MAX);
	buf_init(&b, MAX);
	if (good) {
		sexp_mach(sexp_root(t), &a);
		sexp_mach(want, &b);
		good = file_same(&a, &b);
	}
	buf_clear(&a);
	buf_clear(&b);
	sexp_free(t);
	return good;
}

static void
test_atoms(void)
{
	struct buf file;
	struct sexp_tree *t;
	struct sexp *s;
	const char *p;
	int count = 0, good = 0;

	buf_init(&file, MAX);
	file_read("t/samples/sexp/atoms.tsv", &file);
	for (p = buf_str(&file); *p != '\0'; count++) {
		column(&p, &in);
		column(&p, &mach);
		column(&p, &hum);
		t = sexp_new();
		s = sexp_atom(t, buf_data(&in), buf_len(&in));
		if (prints(s) && reads(&mach, s) && reads(&hum, s))
			good++;
		else
			printf("# line %d: %s\n", count + 1, buf_str(&mach));
		sexp_free(t);
	}
	ok(count == 90 && good == count, "atoms.tsv: %d of 90", good);
	buf_clear(&file);
}

static void
test_trees(void)
{
	struct buf file;
	struct sexp_tree *t;
	struct sexp_error e;
	const char *p;
	int count = 0, good = 0;

	buf_init(&file, MAX);
	file_read("t/samples/sexp/trees.tsv", &file);
	for (p = buf_str(&file); *p != '\0'; count++) {
		column(&p, &in);
		column(&p, &mach);
		column(&p, &hum);
		t = sexp_parse(buf_data(&in), buf_len(&in), &e);
		if (t != NULL && prints(sexp_root(t)) &&
		    reads(&mach, sexp_root(t)) && reads(&hum, sexp_root(t)))
			good++;
		else
			printf("# line %d: %s\n", count + 1, buf_str(&in));
		sexp_free(t);
	}
	ok(count == 50 && good == count, "trees.tsv: %d of 50", good);
	buf_clear(&file);
}

/* Each file of the samples in hum form comes out as it went in. */
static void
test_files(void)
{
	static const char *const names[] = {"gen-full/config.sexp",
	    "gen-full/otr_dsa.sexp", "gen-full/users/alice@example.org",
	    "gen-full/users/carol@example.org", "gen-min/config.sexp",
	    "gen-min/otr_dsa.sexp", "live-alice/config.sexp",
	    "live-alice/users/bob@jl.test", "legacy-v2/config.sexp",
	    "legacy-v2/users.sexp"};
	struct sexp_error e;
	struct sexp_tree *t;
	char path[128];
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "t/samples/%s", names[i]);
		file_read(path, &in);
		t = sexp_parse(buf_data(&in), buf_len(&in), &e);
		buf_reset(&out);
		ok(t != NULL && sexp_hum(sexp_root(t), &out) == 0 &&
			file_same(&in, &out),
		    "%s is printed as it stands", names[i]);
		sexp_free(t);
	}
}

static uint32_t seed = 1;

static uint32_t
chance(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static struct sexp *
random_tree(struct sexp_tree *t, int depth)
{
	static const char bytes[] = "ab(|#;\" \\\n\t\x01\x7f\xc3\xa4";
	struct sexp *s;
	char text[48];
	size_t i, n;

	if (depth == 0 || chance(3) == 0) {
		n = chance(4) == 0 ? chance(48) : chance(6);
		for (i = 0; i < n; i++)
			text[i] = chance(3) ? 'x' : bytes[chance(sizeof bytes)];
		return sexp_atom(t, text, n);
	}
	s = sexp_list(t);
	for (n = chance(7); n > 0; n--)
		sexp_append(s, random_tree(t, depth - 1));
	return s;
}

static int
same(const struct sexp *a, const struct sexp *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if ((a->text == NULL) != (b->text == NULL) || a->len != b->len)
		return 0;
	if (a->text != NULL && memcmp(a->text, b->text, a->len) != 0)
		return 0;
	for (a = a->first, b = b->first; a != NULL && b != NULL;
	     a = a->next, b = b->next)
		if (!same(a, b))
			return 0;
	return a == b;
}

static void
test_random(void)
{
	struct sexp_tree *t, *u;
	struct sexp_error e;
	struct sexp_scan scan;
	struct sexp *s;
	int i, good[3] = {0, 0, 0};

	for (i = 0; i < 3000; i++) {
		t = sexp_new();
		s = random_tree(t, 6);
		buf_reset(&out);
		sexp_mach(s, &out);
		u = sexp_parse(buf_data(&out), buf_len(&out), &e);
		good[0] += u != NULL && same(s, sexp_root(u));
		sexp_free(u);
		memset(&scan, 0, sizeof scan);
		good[2] +=
		    s->text != NULL ||
		    (sexp_scan(&scan, buf_data(&out), buf_len(&out) - 1) == 0 &&
			sexp_scan(&scan, buf_data(&out), buf_len(&out)) == 1 &&
			scan.at == buf_len(&out));
		buf_reset(&out);
		sexp_hum(s, &out);
		u = sexp_parse(buf_data(&out), buf_len(&out), &e);
		good[1] += u != NULL && same(s, sexp_root(u));
		sexp_free(u);
		sexp_free(t);
	}
	ok(good[0] == i, "parse(mach(x)) = x, %d of %d", good[0], i);
	ok(good[1] == i, "parse(hum(x)) = x, %d of %d", good[1], i);
	ok(good[2] == i, "the scanner finds the end, %d of %d", good[2], i);
}

/* TEXT is read as what has the mach form WANT. */
static void
accept(const char *text, const char *want)
{
	struct sexp_error e;
	struct sexp_tree *t = sexp_parse(text, strlen(text), &e);

	buf_reset(&out);
	if (t != NULL)
		sexp_mach(sexp_root(t), &out);
	if (!ok(t != NULL && file_is(&out, want), "something is %s", want))
		printf("# not: %s\n", t == NULL ? e.why : buf_str(&out));
	sexp_free(t);
}

static void
refuse(const char *text, int line, int at, const char *why)
{
	struct sexp_error e = {0, 0, ""};
	struct sexp_tree *t = sexp_parse(text, strlen(text), &e);

	if (!ok(t == NULL && e.line == line && e.column == at &&
		    strcmp(e.why, why) == 0,
		"%s at %d:%d", why, line, at))
		printf("# %d:%d %s\n", e.line, e.column, e.why);
	sexp_free(t);
}

static void
test_reading(void)
{
	accept(" ( a ;c\n b #|x #| \"|#\" |# y|#c ) ", "(a b c)");
	accept("(#;(a b) c #; #; d e f)", "(c f)");
	accept("\"\\x41\\065\\q\\'\\ \\\\\"", "\"AA\\\\q' \\\\\"");
	accept("\"a\\\n   b\\\r\n\tc\"", "abc");
	accept("(# | ' + / @ #a a#)", "(# | ' + / @ #a a#)");
	accept("(\"a\nb\")", "(\"a\\nb\")");
	accept("\"\\1a\\x4\"", "\"\\\\1a\\\\x4\"");
	refuse("", 1, 1, "expected an expression");
	refuse(" ; x", 1, 5, "expected an expression");
	refuse("(a\n b", 2, 3, "expected a closing bracket");
	refuse("(a))", 1, 4, "expected nothing after the expression");
	refuse(")", 1, 1, "expected an expression, not a closing bracket");
	refuse("a b", 1, 3, "expected nothing after the expression");
	refuse("(\"a", 1, 4, "expected a closing quote");
	refuse("\"\\256\"", 1, 2, "expected an escape of at most \\255");
	refuse("(a #| b", 1, 8, "expected |# to close the comment");
	refuse("(a#|b|#)", 1, 3, "expected no comment mark in an atom");
	refuse("(a #;)", 1, 6, "expected an expression after #;");
	refuse("a #;", 1, 5, "expected an expression after #;");
}

static void
test_bounds(void)
{
	struct sexp_error e;
	struct sexp_tree *t;
	struct buf b;
	char *text = buf_alloc(2 * (SEXP_DEPTH + 1));
	int i;

	memset(text, '(', SEXP_DEPTH + 1);
	memset(text + SEXP_DEPTH + 1, ')', SEXP_DEPTH + 1);
	t = sexp_parse(text + 1, 2 * SEXP_DEPTH, &e);
	buf_reset(&out);
	ok(t != NULL && sexp_hum(sexp_root(t), &out) == 0 &&
		buf_len(&out) == 2 * SEXP_DEPTH,
	    "%d levels are read and printed", SEXP_DEPTH);
	sexp_free(t);
	t = sexp_parse(text, 2 * (SEXP_DEPTH + 1), &e);
	ok(t == NULL && e.column == SEXP_DEPTH + 1, "one more is refused");
	sexp_free(t);
	free(text);
	text = buf_alloc(SEXP_SIZE + 1);
	memset(text, ' ', SEXP_SIZE + 1);
	text[0] = 'a';
	ok(sexp_parse(text, SEXP_SIZE + 1, &e) == NULL, "and too many bytes");
	free(text);
	t = sexp_parse_many("(a) b \"c d\"", 11, &e);
	ok(t != NULL && sexp_root(t)->len == 3, "several where asked");
	buf_init(&b, 6);
	buf_adds(&b, "xy");
	i = t == NULL ? 0 : sexp_mach(sexp_root(t), &b);
	ok(i == -1 && file_is(&b, "xy"), "a full buffer stays as it was");
	i = t == NULL ? 0 : sexp_hum(sexp_root(t), &b);
	ok(i == -1 && file_is(&b, "xy"), "also in hum form");
	buf_clear(&b);
	sexp_free(t);
}

static void
test_scan(void)
{
	static const char text[] =
	    " ; (\n #| ) \"|#\" |# (a \"\\\")\" ;)\n (b))(";
	struct sexp_scan s = {0};
	size_t n;
	int status = 0;

	for (n = 0; n < sizeof text && status == 0; n++)
		status = sexp_scan(&s, text, n);
	ok(status == 1 && s.at == strlen(text) - 1, "byte by byte");
	memset(&s, 0, sizeof s);
	ok(sexp_scan(&s, "  a(", 4) == -1 && s.at == 2, "an atom outside");
	memset(&s, 0, sizeof s);
	ok(sexp_scan(&s, " )", 2) == -1 && s.at == 1, "a bracket outside");
}

int
main(void)
{
	buf_init(&in, MAX);
	buf_init(&mach, MAX);
	buf_init(&hum, MAX);
	buf_init(&out, MAX);
	test_atoms();
	test_trees();
	test_files();
	test_random();
	test_reading();
	test_bounds();
	test_scan();
	buf_clear(&in);
	buf_clear(&mach);
	buf_clear(&hum);
	buf_clear(&out);
	return tap_done();
}
