/* Histories: all versions, what is torn, what only looks like a record. */
#include "store/history.h"
#include "t/unit/expect.h"
#include "t/unit/tap.h"

#define MAX ((size_t)1 << 26)

static struct buf in, out, want, seen;

static void
describe(const struct history_message *m)
{
	static const char *const words[] = {"From", "To", "Local"};
	static const char *const kinds[] = {"Chat", "GroupChat", "Presence",
	    "Info", "Warning", "Error", "Success", "Transit"};

	buf_addf(&seen, "   msg %s \"%s\"", words[m->direction], m->jid);
	if (m->direction == HISTORY_TO) {
		buf_adds(&seen, " id=");
		expect_quoted(&seen, m->id, strlen(m->id));
	} else if (m->direction == HISTORY_LOCAL) {
		buf_addc(&seen, ' ');
		expect_quoted(&seen, m->id, strlen(m->id));
	}
	buf_addf(&seen, " enc=%s recv=%s ts=", m->encrypted ? "true" : "false",
	    m->received ? "true" : "false");
	expect_time(&seen, m->timestamp);
	buf_addf(&seen, " kind=%s persistent=true ", kinds[m->kind]);
	expect_quoted(&seen, m->text, m->text_len);
	buf_addc(&seen, '\n');
}

static struct history *
read_pieces(const char *jid, const void *p, size_t n, size_t piece, size_t keep)
{
	struct history *h = history_new(jid, keep, 0);
	const char *byte = p;
	size_t i, len;

	for (i = 0; i < n; i += len) {
		len = n - i < piece ? n - i : piece;
		history_feed(h, byte + i, len);
	}
	history_end(h);
	return h;
}

static void
test_directory(const char *name, const char *const jids[])
{
	static const char *const prefix[] = {"   msg ", NULL};
	struct history *h, *slow;
	char path[128];
	size_t k;
	int i;

	buf_reset(&seen);
	for (i = 0; jids[i] != NULL; i++) {
		snprintf(path, sizeof path, "t/samples/%s/histories/%s", name,
		    jids[i]);
		file_read(path, &in);
		h = read_pieces(
		    jids[i], buf_data(&in), buf_len(&in), 1u << 16, 1000);
		slow = read_pieces(jids[i], buf_data(&in), buf_len(&in), 1, 2);
		ok(history_torn(h) == 0 && history_tail(h) == 0, "%s is whole",
		    jids[i]);
		for (k = history_count(h); k > 0; k--)
			describe(history_message(h, k - 1));
		k = history_count(h);
		ok(history_total(slow) == k && history_total(h) == k &&
			history_count(slow) == 2 &&
			strcmp(history_message(slow, 1)->text,
			    history_message(h, k - 1)->text) == 0 &&
			strcmp(history_message(slow, 0)->text,
			    history_message(h, k - 2)->text) == 0,
		    "byte by byte, the last two of %zu", k);
		history_free(h);
		history_free(slow);
	}
	expect_lines(name, prefix, &want);
	ok(buf_len(&want) > 0 && expect_same(&seen, &want),
	    "%s: the values that the original sees", name);
}

/* The content of a group of the original comes out of history_print again. */
static void
test_print(const char *path, const char *jid)
{
	struct history *h;
	struct buf group;
	size_t i, found = 0, count;

	file_read(path, &in);
	h = read_pieces(jid, buf_data(&in), buf_len(&in), 4096, 1000);
	buf_init(&group, MAX);
	count = history_count(h);
	for (i = 0; i < count; i++) {
		buf_reset(&group);
		history_print(history_message(h, i), &group);
		/* without (3( and )) it stands there word for word */
		buf_cut(&group, buf_len(&group) - 2);
		found += strstr(buf_str(&in), buf_str(&group) + 3) != NULL;
	}
	ok(count > 0 && found == count, "%s: %zu messages printed as they were",
	    jid, found);
	buf_clear(&group);
	history_free(h);
}

/* Times are printed as OCaml does, whichever way is taken. */
static void
test_times(void)
{
	static const double times[] = {0, 1, 1e9, 0.001, 0.5, 1795362616.1,
	    1795362616.12, 1795362616.123, 1795362616.999, 1795362616.0005,
	    1795362616.1537826, 99999999999.999, 1e11, 1e15, 1e16, 1e-5, -1.5,
	    4294967296.25, 1.0 / 3};
	struct history_message m = {.direction = HISTORY_FROM,
	    .jid = (char *)"a@b",
	    .text = (char *)"x",
	    .text_len = 1};
	size_t i, good = 0, n = sizeof times / sizeof *times;
	char text[64], line[80];
	struct buf b;

	buf_init(&b, MAX);
	for (i = 0; i < n; i++) {
		snprintf(text, sizeof text, "%.15G", times[i]);
		if (strtod(text, NULL) != times[i])
			snprintf(text, sizeof text, "%.17G", times[i]);
		snprintf(line, sizeof line, "(timestamp %s)", text);
		buf_reset(&b);
		m.timestamp = times[i];
		history_print(&m, &b);
		if (strstr(buf_str(&b), line) != NULL)
			good++;
		else
			printf("# %s in %s\n", line, buf_str(&b));
	}
	for (i = 0; i < 100000; i++) {
		m.timestamp = (double)(1795362616000 + (int64_t)i * 317) / 1000;
		snprintf(line, sizeof line, "(timestamp %.15G)", m.timestamp);
		buf_reset(&b);
		history_print(&m, &b);
		good += strstr(buf_str(&b), line) != NULL;
	}
	ok(good == n + i, "times are printed as OCaml does");
	buf_clear(&b);
}

static void
add(struct buf *b, const char *text, int number)
{
	struct history_message m = {0};

	m.direction = HISTORY_FROM;
	m.jid = (char *)"bob@jl.test/pad";
	m.received = 1;
	m.timestamp = 1795362616.1537826 + number;
	m.text = (char *)text;
	m.text_len = strlen(text);
	history_print(&m, b);
}

/* The texts of H, newest last, in one string. */
static const char *
texts(const struct history *h)
{
	size_t i;

	buf_reset(&seen);
	for (i = 0; i < history_count(h); i++)
		buf_addf(&seen, "%s%s", i > 0 ? "," : "",
		    history_message(h, i)->text);
	return buf_str(&seen);
}

static void
test_record(void)
{
	buf_reset(&out);
	add(&out, "hello al", 0);
	ok(file_is(&out,
	       "(3(((direction(From(Full((bob jl.test)pad))))(encrypted false)"
	       "(received true)(timestamp 1795362616.1537826)"
	       "(message\"hello al\")(kind Chat))))"),
	    "a record is a group of one");
}

/* OMEMO is told from OTR by a field that the original does not have. */
static void
test_omemo(void)
{
	struct history_message m = {.direction = HISTORY_TO,
	    .jid = (char *)"bob@jl.test",
	    .id = (char *)"one",
	    .encrypted = 1,
	    .timestamp = 1,
	    .text = (char *)"(omemo false)",
	    .text_len = 13};
	struct history *h;
	size_t len;

	buf_reset(&out);
	history_print(&m, &out);
	m.omemo = 1;
	history_print(&m, &out);
	h = read_pieces("bob@jl.test", buf_data(&out), buf_len(&out), 7, 9);
	ok(history_torn(h) == 0 && history_count(h) == 2, "both are read");
	ok(history_message(h, 0)->encrypted && history_message(h, 1)->encrypted,
	    "both were encrypted");
	ok(!history_message(h, 0)->omemo && history_message(h, 1)->omemo,
	    "one of them by OMEMO");
	history_free(h);
	buf_reset(&out);
	history_front(&m, 0, &out);
	len = buf_len(&out);
	history_print(&m, &out);
	ok(memcmp(buf_data(&out), buf_data(&out) + len, len) == 0,
	    "its front is found again by a receipt");
	buf_reset(&out);
	m.omemo = 0;
	history_print(&m, &out);
	buf_cut(&out, buf_len(&out) - 4);
	buf_adds(&out, "(omemo maybe))))");
	h = read_pieces("bob@jl.test", buf_data(&out), buf_len(&out), 7, 9);
	ok(history_torn(h) == 1 && history_count(h) == 0,
	    "no truth, no record");
	history_free(h);
}

/* Three records; the one in the middle, then the last, cut at every byte. */
static void
test_torn(void)
{
	static const char *const all[] = {"one", "two \"quoted\" (x", "three"};
	struct history *h;
	struct buf r[3];
	uint64_t at;
	size_t n, piece, good = 0, cuts = 0;
	int i;

	for (i = 0; i < 3; i++) {
		buf_init(&r[i], MAX);
		add(&r[i], all[i], i);
	}
	for (n = 1; n < buf_len(&r[1]); n++)
		for (piece = 1; piece < 5000; piece *= 60, cuts++) {
			buf_reset(&out);
			buf_add(&out, buf_data(&r[0]), buf_len(&r[0]));
			buf_add(&out, buf_data(&r[1]), n);
			buf_add(&out, buf_data(&r[2]), buf_len(&r[2]));
			h = read_pieces("bob@jl.test", buf_data(&out),
			    buf_len(&out), piece, 9);
			if (strcmp(texts(h), "one,three") == 0 &&
			    history_torn(h) == 1 && history_tail(h) == 0 &&
			    history_why(h, &at) != NULL && at == buf_len(&r[0]))
				good++;
			else
				printf("# %zu: %s\n", n, texts(h));
			history_free(h);
		}
	ok(good == cuts, "torn in the middle: %zu of %zu", good, cuts);
	good = 0;
	for (n = 1; n < buf_len(&r[1]); n++) {
		buf_reset(&out);
		buf_add(&out, buf_data(&r[0]), buf_len(&r[0]));
		buf_add(&out, buf_data(&r[2]), buf_len(&r[2]));
		buf_add(&out, buf_data(&r[1]), n);
		h = read_pieces(
		    "bob@jl.test", buf_data(&out), buf_len(&out), 4096, 9);
		good += strcmp(texts(h), "one,three") == 0 &&
			history_torn(h) == 1 && history_tail(h) == n;
		history_free(h);
	}
	ok(good == n - 1, "torn at the end: %zu of %zu", good, n - 1);
	for (i = 0; i < 3; i++)
		buf_clear(&r[i]);
}

/* A file of the original, cut at every byte: whole groups stay. */
static void
test_cut(void)
{
	static const char second[] = "(3(((direction(From(Full((alice "
				     "example.org)phone/2";
	struct history *h;
	size_t n, first, good = 0, whole, end;

	file_read("t/samples/gen-full/histories/alice@example.org", &in);
	first = (size_t)(strstr(buf_str(&in), second) - buf_str(&in));
	end = buf_len(&in);
	for (n = 0; n <= end; n++) {
		h = read_pieces("alice@example.org", buf_data(&in), n, 4096, 9);
		whole = n < first ? 0 : n < end ? first : end;
		good += history_tail(h) == n - whole &&
			history_torn(h) == (n > whole) &&
			history_count(h) == (whole == 0	      ? 0
						: whole < end ? 5
							      : 6);
		history_free(h);
	}
	ok(good == end + 1, "alice cut at every byte: %zu of %zu", good,
	    end + 1);
}

static void
expect_all(const char *what, const char *found, size_t torn, uint64_t tail)
{
	struct history *h =
	    read_pieces("bob@jl.test", buf_data(&out), buf_len(&out), 4096, 99);

	if (!ok(strcmp(texts(h), found) == 0 && history_torn(h) == torn &&
		    history_tail(h) == tail,
		"%s", what))
		printf("# %s, %zu torn, tail %llu\n", texts(h), history_torn(h),
		    (unsigned long long)history_tail(h));
	history_free(h);
}

static void
test_damage(void)
{
	buf_reset(&out);
	expect_all("an empty file", "", 0, 0);
	buf_adds(&out, " \n;c\n");
	expect_all("blanks and a comment", "", 0, 0);
	add(&out, "one", 1);
	buf_adds(&out, "\n#| between |#\n");
	add(&out, "two", 2);
	buf_adds(&out, "\n");
	expect_all("blanks between", "one,two", 0, 0);
	buf_add(&out, "\0\0\0\0", 4);
	expect_all("zeros behind", "one,two", 1, 5);
	add(&out, "a b", 3);
	expect_all("zeros between", "one,two,a b", 1, 0);
	buf_adds(&out, "(4(((direction(From(Bare(bob jl.test)))))))");
	add(&out, "four", 4);
	expect_all("a version to come", "one,two,a b,four", 2, 0);
	buf_adds(&out, "(3(((direction(Off x))(kind Chat))");
	buf_adds(&out, "))");
	expect_all("a message that is none", "one,two,a b,four", 3, 0);
	buf_adds(&out, ")");
	expect_all("a bracket too many", "one,two,a b,four", 4, 1);
	buf_reset(&out);
	buf_adds(&out, "(3())");
	expect_all("an empty group", "", 0, 0);
}

/*
 * A message of somebody else that holds what looks like records is one
 * message, whole, torn before, torn inside, and where we come in inside.
 */
static void
test_forged(void)
{
	struct buf fake;
	struct history *h;
	size_t cut, first, good = 0, total = 0;

	buf_init(&fake, MAX);
	buf_adds(&fake, "see \"this\": ");
	add(&fake, "forged", 7);
	add(&fake, "forged", 8);
	buf_reset(&out);
	add(&out, "one", 1);
	add(&out, buf_str(&fake), 2);
	first = buf_len(&out);
	add(&out, "three", 3);
	add(&out, "four words", 4);
	h = read_pieces("bob@jl.test", buf_data(&out), buf_len(&out), 100, 99);
	ok(history_count(h) == 4 && history_torn(h) == 0 &&
		strcmp(history_message(h, 1)->text, buf_str(&fake)) == 0,
	    "text with records inside is text");
	history_free(h);
	for (cut = 1; cut < first; cut++, total++) {
		h = history_new("bob@jl.test", 99, 1);
		history_feed(h, buf_data(&out) + cut, buf_len(&out) - cut);
		history_end(h);
		if (strstr(texts(h), "three,four words") != NULL &&
		    strncmp(texts(h), "forged", 6) != 0 &&
		    strstr(texts(h), ",forged") == NULL)
			good++;
		else
			printf("# %zu: %s\n", cut, texts(h));
		history_free(h);
	}
	ok(good == total, "also where we come in inside: %zu of %zu", good,
	    total);
	buf_cut(&out, first - 20);
	add(&out, "three", 3);
	add(&out, "four words", 4);
	expect_all("also where it is torn", "one,three,four words", 1, 0);
	buf_clear(&fake);
}

static void
test_middle(void)
{
	struct history *h;
	size_t cut, good = 0, one;
	int i;

	buf_reset(&out);
	add(&out, "0 0", 0);
	one = buf_len(&out);
	for (i = 1; i < 5; i++)
		add(&out, i % 2 ? "x" : "y", i);
	for (cut = 1; cut < one; cut++) {
		h = history_new("bob@jl.test", 2, 1);
		history_feed(h, buf_data(&out) + cut, buf_len(&out) - cut);
		history_end(h);
		good += history_total(h) == 4 && history_torn(h) == 0 &&
			history_tail(h) == 0 && strcmp(texts(h), "x,y") == 0;
		history_free(h);
	}
	ok(good == one - 1, "from anywhere in a record: %zu of %zu", good,
	    one - 1);
}

/* Far more than is held at once, torn at the front. */
static void
test_large(void)
{
	struct history *h = history_new("bob@jl.test", 3, 0);
	struct buf piece;
	uint64_t at;
	int i;

	buf_init(&piece, MAX);
	buf_adds(&piece, "(3(((direction(From(Full((bob jl.test)pad))))(");
	for (i = 0; i < 3000; i++)
		add(&piece, "w", i);
	for (i = 0; i < 40; i++)
		history_feed(h, buf_data(&piece), buf_len(&piece));
	history_end(h);
	ok(history_total(h) == 120000 && history_torn(h) == 40 &&
		history_count(h) == 3 && history_why(h, &at) != NULL && at == 0,
	    "one-word records in great number, torn forty times");
	history_free(h);
	h = history_new("bob@jl.test", 3, 0);
	buf_reset(&piece);
	for (i = 0; i < (1 << 20); i++)
		buf_addc(&piece, '(');
	for (i = 0; i < 20; i++)
		history_feed(h, buf_data(&piece), buf_len(&piece));
	history_end(h);
	ok(history_total(h) == 0 && history_tail(h) == 20u << 20,
	    "20 MiB of brackets are one torn tail");
	history_free(h);
	buf_clear(&piece);
}

int
main(void)
{
	static const char *const full[] = {"jackline@conference.example.org",
	    "alice@example.org", "carol@example.org", NULL};
	static const char *const live[] = {
	    "room1@conference.jl.test", "bob@jl.test", NULL};
	static const char *const old[] = {"one@example.org", NULL};

	buf_init(&in, MAX);
	buf_init(&out, MAX);
	buf_init(&want, MAX);
	buf_init(&seen, MAX);
	test_directory("gen-full", full);
	test_directory("live-alice", live);
	test_directory("legacy-v0", old);
	test_print("t/samples/gen-full/histories/alice@example.org",
	    "alice@example.org");
	test_print("t/samples/gen-full/histories/carol@example.org",
	    "carol@example.org");
	test_print("t/samples/live-alice/histories/bob@jl.test", "bob@jl.test");
	test_print("t/samples/live-alice/histories/room1@conference.jl.test",
	    "room1@conference.jl.test");
	test_times();
	test_record();
	test_omemo();
	test_torn();
	test_cut();
	test_damage();
	test_forged();
	test_middle();
	test_large();
	buf_clear(&in);
	buf_clear(&out);
	buf_clear(&want);
	buf_clear(&seen);
	return tap_done();
}
