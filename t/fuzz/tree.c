/*
 * Lines from several inputs at once, as --tree has them: in whatever pieces
 * they come, and whatever happens to the connection and to the reader, each
 * whole line is answered once, with the name of its input and in its turn; what
 * is typed to a contact goes to no other; and byte by byte it is the same.
 *
 * An input is steps; the first byte of one says what it is:
 *
 *     0 to 191  modulo 4, the input that is given the bytes that follow: 0 and
 *               1 are for anybody, 2 for bob, 3 for carol; divided by 4, how
 *               many bytes that are
 *     192..     the connection is lost
 *     208..     the dial ends, and we log in
 *     224..     a second passes
 *     240..     the reader stops, or goes on
 *     248..     a line of an earlier run was not answered
 */
#include "line/core/door.h"
#include "line/text/event.h"
#include "line/text/fields.h"
#include "t/unit/fake-tls.h"
#include "t/unit/play-world.h"

#define INPUTS	4
#define LINES	256
#define SIZE	4096
#define EARLIER 1000000 /* the first number of lines of an earlier run */
/* Milliseconds after which all is over, with no input and no server. */
#define END (30 * 60 * 1000)

struct life {
	struct world w;
	struct {
		struct source *source; /* NULL: standard input */
		const char *jid;       /* NULL: anybody */
		unsigned long whole;   /* lines */
		unsigned long last;    /* that was answered */
		int is_text[LINES];
		int begins; /* the next byte is the first of a line */
		char last_byte;
	} in[INPUTS];
	int may_quit;	       /* a line has `/q`, which may be the command */
	unsigned long earlier; /* that were told */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fault(struct life *l, const char *why, const char *line)
{
	if (l->w.fault[0] == '\0')
		snprintf(
		    l->w.fault, sizeof l->w.fault, "%s: %.100s", why, line);
}

/* Returns which input the event F is about. */
static size_t
input_of(const struct fields *f)
{
	struct field in = fields_get(f, "in");

	return in.p == NULL			   ? 0
	       : field_is(in, ".")		   ? 1
	       : field_is(in, "bob@example.org")   ? 2
	       : field_is(in, "carol@example.org") ? 3
						   : INPUTS;
}

/* Looks at the event F, which answers a line of an input. */
static void
check_answer(struct life *l, const struct fields *f, const char *line)
{
	size_t i = input_of(f);
	struct field number = fields_get(f, "line");
	unsigned long n = number.p == NULL ? 0 : strtoul(number.p, NULL, 10);

	if (i == INPUTS)
		fault(l, "of no input", line);
	else if (n >= EARLIER)
		l->earlier += f->tag == EVENT_WARNING;
	else if (n == 0)
		return;
	else if (n > l->in[i].whole)
		fault(l, "of no line", line);
	else if (n != l->in[i].last + 1)
		fault(l, "out of turn", line);
	else
		l->in[i].last = n;
	if (l->w.fault[0] == '\0' && n > 0 && n < LINES && i > 1 &&
	    l->in[i].is_text[n] && f->tag == EVENT_SENT &&
	    !field_same(field_bare(f->peer), field_of(l->in[i].jid)))
		fault(l, "sent to another", line);
}

/* Looks at all that came out. */
static void
look(struct life *l)
{
	char *p = buf_str(&l->w.text), *lf;
	struct fields f;

	for (; (lf = strchr(p, '\n')) != NULL; p = lf + 1) {
		*lf = '\0';
		if (fields_read(&f, p, (size_t)(lf - p)) == -1)
			fault(l, "no event", p);
		else if (f.tag == EVENT_OK || f.tag == EVENT_ERROR ||
			 f.tag == EVENT_SENT || f.tag == EVENT_WARNING)
			check_answer(l, &f, p);
	}
	buf_reset(&l->w.text);
	l->w.late = l->w.held;
}

static void
pump(struct life *l)
{
	if (l->w.fault[0] == '\0')
		world_pump(&l->w);
	look(l);
}

/* Counts the lines of input I as its bytes come. */
static void
count_byte(struct life *l, size_t i, char c)
{
	unsigned long n = l->in[i].whole + 1;

	if (l->in[i].begins && n < LINES)
		l->in[i].is_text[n] = c != '/';
	l->in[i].begins = c == '\n';
	l->may_quit |= l->in[i].last_byte == '/' && c == 'q';
	l->in[i].last_byte = c;
	l->in[i].whole += c == '\n';
}

/* Gives the N bytes at P to input I, in pieces of PIECE, as far as they are
 * welcome: an input that is full or over is not read. */
static void
give(struct life *l, size_t i, const char *p, size_t n, size_t piece)
{
	size_t k, len;

	for (; n > 0 && l->w.fault[0] == '\0'; p += len, n -= len) {
		len = n < piece ? n : piece;
		if (l->in[i].source != NULL &&
		    !client_source_wants(l->w.client, l->in[i].source))
			break;
		for (k = 0; k < len; k++)
			count_byte(l, i, p[k]);
		world_tell_time(&l->w);
		if (l->in[i].source == NULL)
			buf_add(&l->w.in, p, len);
		else
			client_source_input(
			    l->w.client, l->in[i].source, p, len);
		pump(l);
	}
}

static void
lose(struct life *l)
{
	world_hang_up(&l->w);
	world_tell_time(&l->w);
	client_lost(l->w.client);
	pump(l);
}

static void
log_in(struct life *l)
{
	if (!l->w.dial)
		return;
	buf_reset(&l->w.wire);
	world_login(&l->w);
	pump(l);
}

static void
start(struct life *l, size_t piece)
{
	static const char *const names[INPUTS] = {
	    NULL, ".", "bob@example.org", "carol@example.org"};
	size_t i;

	memset(l->in, 0, sizeof l->in);
	l->earlier = 0;
	l->may_quit = 0;
	world_init(&l->w, piece);
	l->w.options.connect = 1;
	world_start(&l->w);
	for (i = 0; i < INPUTS; i++) {
		l->in[i].jid = i > 1 ? names[i] : NULL;
		l->in[i].begins = 1;
		if (names[i] != NULL)
			l->in[i].source =
			    client_open(l->w.client, names[i], l->in[i].jid);
	}
	log_in(l);
	look(l);
}

/* Nothing comes any more: it ends, and what it owes is there. */
static void
finish(struct life *l, unsigned long earlier)
{
	int passed;
	size_t i;

	l->w.held = 0;
	l->w.late = 1;
	pump(l);
	/* The end of standard input ends a line. Behind /quit nothing is
	 * answered: the journals of --tree keep it. */
	l->in[0].whole += !l->in[0].begins;
	l->w.ended += l->w.ended == 0;
	pump(l);
	for (passed = 0;
	     passed < END && l->w.fault[0] == '\0' && !client_done(l->w.client);
	     passed += 10000) {
		world_pass(&l->w, 10000);
		look(l);
	}
	if (l->w.fault[0] == '\0' && !client_done(l->w.client))
		fault(l, "it does not end", "");
	for (i = 0; i < INPUTS && !l->may_quit; i++)
		if (l->in[i].last != l->in[i].whole)
			fault(l, "a line has no answer",
			    l->in[i].source == NULL ? "stdin"
			    : l->in[i].jid == NULL  ? "."
						    : l->in[i].jid);
	if (l->earlier != earlier)
		fault(l, "a line of an earlier run is not told", "");
}

static void
live(struct life *l, const char *p, size_t n, size_t piece)
{
	unsigned long earlier = 0;
	size_t len;
	unsigned c;

	start(l, piece);
	while (n > 0 && l->w.fault[0] == '\0' && !client_done(l->w.client)) {
		c = (unsigned char)*p++;
		n--;
		len = c / 4 < n ? c / 4 : n;
		if (c < 192) {
			give(l, c % 4, p, len, piece);
			p += len;
			n -= len;
		} else if (c < 208) {
			lose(l);
		} else if (c < 224) {
			log_in(l);
		} else if (c < 240) {
			world_pass(&l->w, 1000);
			look(l);
		} else if (c < 248) {
			l->w.held = !l->w.held;
			l->w.late = 1;
			pump(l);
		} else {
			client_unanswered(l->w.client, l->in[1 + c % 3].source,
			    EARLIER + earlier++, "/earlier", 8);
			pump(l);
		}
	}
	finish(l, earlier);
	if (l->w.fault[0] != '\0') {
		fprintf(stderr, "fault: %s\n", l->w.fault);
		abort();
	}
}

/* Ids are made of random bytes, of which more are used where more is sent. */
static void
hide_ids(struct life *l)
{
	char *p = buf_str(&l->w.all[1]);

	while ((p = strstr(p, "\tid=")) != NULL)
		for (p += 4; *p != '\t' && *p != '\n'; p++)
			*p = '-';
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct life once, again;

	if (size > SIZE)
		return 0;
	live(&once, (const char *)data, size, WORLD_CHUNK);
	if (size % 8 == 0) {
		live(&again, (const char *)data, size, 1);
		hide_ids(&once);
		hide_ids(&again);
		if (!file_same(&once.w.all[1], &again.w.all[1])) {
			fprintf(stderr, "fault: not the same byte by byte\n");
			abort();
		}
		world_clear(&again.w);
	}
	world_clear(&once.w);
	return 0;
}
