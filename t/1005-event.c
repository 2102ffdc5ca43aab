/* line/event.c: columns, fixed attributes in their places, dates. */
#include "line/event.h"
#include "t/play-line.h"
#include "t/tap.h"

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
	      "group=\\t\\xff\tlabel=tok\n"),
	    "absent, empty, a lone -, keys twice, the label last");
	event_begin(&w, EVENT_TOPIC, "r@s/n", "", 0);
	event_end(&w);
	ok(is("topic\t1970-01-01T00:00:00.000Z\tr@s/n\t\\e\n"),
	    "a tag without attributes, an empty text");
}

/* Every tag that there is makes a line that the grammar of LINES.md takes. */
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
	ok(EVENT_TAGS == tags, "as many tags as in LINES.md");
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
	    "exit statuses of LINES.md 2.2");
	ok(event_sentence("dns") != NULL && event_sentence("gone") == NULL,
	    "causes have sentences");
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
	event_clear(&w);
	buf_clear(&out);
	return tap_done();
}
