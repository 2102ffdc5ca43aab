/* line/event.c: columns, fixed attributes in their places, dates. */
#include "line/text/event.h"
#include "t/unit/play-line.h"
#include "t/unit/tap.h"

#include <time.h>

static struct buf out;
static struct event_writer w;

static int
is(const char *want)
{
	int good = strcmp(buf_str(&out), want) == 0;

	if (!good)
		printf("# got: %s", buf_str(&out));
	buf_reset(&out);
	return good;
}

static void
test_lines(void)
{
	w.now = 0;
	event_begin(&w, EVENT_HELLO, NULL, "hi", 2);
	event_set(&w, "lines", "1");
	event_end(&w);
	ok(is("hello\t1970-01-01T00:00:00.000Z\t-\thi\tlines=1\n"), "hello");
	event_begin(&w, EVENT_MESSAGE, "a@b/c d", "x y\n", 4);
	event_set(&w, "stamp", "now");
	event_set(&w, "id", "1 2");
	event_set(&w, "enc", "none");
	event_set(&w, "replaces", NULL);
	event_end(&w);
	ok(is("message\t1970-01-01T00:00:00.000Z\ta@b/c\\sd\tx y\\n\tenc=none\t"
	      "trust=-\tsrc=-\tkind=-\tid=1\\s2\tstamp=now\n"),
	    "fixed attributes in order, those not set as -, others behind");
	event_begin(&w, EVENT_ROSTER, "a@b", NULL, 0);
	event_set(&w, "sub", "");
	event_set(&w, "group", "-");
	event_set(&w, "group", "\t\xff");
	w.label = "tok";
	event_end(&w);
	w.label = NULL;
	ok(is("roster\t1970-01-01T00:00:00.000Z\ta@b\t-\tsub=\\e\tgroup=\\-\t"
	      "group=\\t\\xff\n"),
	    "absent, empty, a lone -, keys twice, no label of a line");
	event_begin(&w, EVENT_OTR, "a@b/c", "encrypted", 9);
	event_set(&w, "trust", "verified");
	w.label = "tok";
	event_end(&w);
	w.label = NULL;
	ok(is("otr\t1970-01-01T00:00:00.000Z\ta@b/c\tencrypted\t"
	      "trust=verified\tfp=-\tlabel=tok\n"),
	    "the label last, where a tag may have one");
	event_begin(&w, EVENT_TOPIC, "r@s/n", "", 0);
	event_end(&w);
	ok(is("topic\t1970-01-01T00:00:00.000Z\tr@s/n\t\\e\n"),
	    "a tag without attributes, an empty text");
}

/* Every tag that there is makes a line that the grammar of jackline-lines(7)
 * takes. */
static void
test_tags(void)
{
	size_t tags = sizeof play_line_tags / sizeof *play_line_tags, i, j;
	const char *name, *other;
	int apart = 1;

	for (i = 0; i < EVENT_TAGS; i++) {
		name = event_name((enum event_tag)i);
		event_begin(&w, (enum event_tag)i, "a@b", "x", 1);
		event_end(&w);
		ok(play_line_fault(buf_str(&out), buf_len(&out) - 1, 0) == NULL,
		    "%s", name);
		buf_reset(&out);
		for (j = 0; j < EVENT_TAGS; j++) {
			other = event_name((enum event_tag)j);
			apart &=
			    i == j || strncmp(name, other, strlen(name)) != 0;
		}
		apart &= event_find(name, strlen(name)) == (enum event_tag)i;
	}
	ok(EVENT_TAGS == tags, "as many tags as in the manual");
	ok(apart, "no tag begins with another");
	ok(event_has(EVENT_MESSAGE, "id=7", 2) &&
		event_has(EVENT_MESSAGE, "dup", 3) &&
		!event_has(EVENT_MESSAGE, "d", 1) &&
		!event_has(EVENT_TOPIC, "line", 4),
	    "a tag has its attributes");
	ok(event_find("mess", 4) == EVENT_TAGS &&
		event_find("message ", 8) == EVENT_TAGS,
	    "a part of a tag is none");
}

static void
test_times(void)
{
	char got[32], want[64];
	time_t t;
	struct tm tm;
	int64_t at;
	int good = 1;

	/* From 1900 to 2100 in steps of about nine days. */
	for (at = -2208988800; at < 4102444800; at += 777777) {
		t = (time_t)at;
		gmtime_r(&t, &tm);
		strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S.007Z", &tm);
		event_time(at * 1000 + 7, got);
		good &= strcmp(got, want) == 0;
	}
	ok(good, "dates of two centuries");
	event_time(-1, got);
	ok(strcmp(got, "1969-12-31T23:59:59.999Z") == 0, "before 1970");
	event_time(951782400000, got);
	ok(strcmp(got, "2000-02-29T00:00:00.000Z") == 0, "a leap day");
}

static void
test_causes(void)
{
	ok(event_status("dns") == 69 && event_status("tls-name") == 76 &&
		event_status("auth-refused") == 77 &&
		event_status("usage") == 1 && event_status("gone") == 1,
	    "exit statuses of jackline-lines(7)");
	ok(event_sentence("dns") != NULL && event_sentence("gone") == NULL,
	    "causes have sentences");
}

static void
test_only(void)
{
	static const char lines[] = "message\t1\n"
				    "message\t2\n"
				    "ok\t3\n"
				    "messages\t4\n"
				    "message\t5\n";
	size_t n = sizeof lines - 1, first = 20, second = 16;
	uint64_t tags;
	int shown = -1;

	ok(event_read_tags("message,sent", &tags) == 0 &&
		tags ==
		    (UINT64_C(1) << EVENT_MESSAGE | UINT64_C(1) << EVENT_SENT),
	    "tags with commas");
	ok(event_read_tags("message,", &tags) == -1 &&
		event_read_tags("", &tags) == -1 &&
		event_read_tags("message, sent", &tags) == -1 &&
		event_read_tags("messages", &tags) == -1,
	    "and nothing else");
	event_read_tags("message", &tags);
	ok(event_run(lines, n, tags, &shown) == first && shown == 1,
	    "lines that are shown");
	ok(event_run(lines + first, n - first, tags, &shown) == second &&
		shown == 0,
	    "and lines that are not");
	ok(event_run(lines, first - 1, tags, &shown) == first / 2,
	    "a line that is not whole waits");
	ok(event_run(lines, n, UINT64_MAX, &shown) == n && shown == 1,
	    "all lines are shown");
	ok(event_run(lines, first - 1, UINT64_MAX, &shown) == first / 2,
	    "up to the one that is not whole");
}

int
main(void)
{
	buf_init(&out, 100000);
	event_init(&w, &out, 0);
	test_lines();
	test_tags();
	test_times();
	test_causes();
	test_only();
	event_clear(&w);
	buf_clear(&out);
	return tap_done();
}
