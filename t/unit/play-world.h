/*
 * The world around a client in a play: a clock, a connection, a typist and a
 * reader, none of them real. It does what jackline.c does: actions, wire, text
 * and wire again, and time goes from deadline to deadline.
 */
#ifndef T_PLAY_WORLD_H
#define T_PLAY_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "line/core/door.h"
#include "otr/privkey.h"
#include "t/unit/file.h"
#include "t/unit/play-line.h"
#include "xmpp/stream.h"

#define WORLD_MONO	INT64_C(1000000)
#define WORLD_WALL	INT64_C(1767323045678) /* 2026-01-02T03:04:05.678Z */
#define WORLD_MAX	((size_t)1 << 28)      /* bytes that one can hold */
#define WORLD_POSITIONS 8
#define WORLD_CHUNK	((size_t)65536)

struct world {
	struct client *client;
	struct client_options options;
	char word[5][200]; /* what the options point to */
	unsigned char seed[32], pin[TLS_PIN];
	int64_t now;   /* milliseconds since the play began, awake */
	int64_t slept; /* and asleep, which only the wall clock counts */
	int started, connected, ended;
	int dial, hangup; /* actions that the play has not seen yet */
	int next;	  /* the next target is to be dialled, not seen yet */
	size_t more;	  /* targets that are left, as the next dial says */
	int dials, connects;   /* connections ever asked for, and by lines */
	int64_t dialled[2];    /* when the last two were */
	const char *store_why; /* why no file is written, or NULL */
	int held, late;	       /* nobody reads; lines may be older than now */
	int clogged;	       /* the socket takes no bytes */
	size_t piece;	       /* bytes fed at once */
	struct buf sock, in;   /* not yet taken by the client */
	struct buf wire, text; /* not yet seen by the play */
	struct buf all[3];     /* ever: wire, text, actions */
	/* The files of archives, in the order in which they were made; those of
	 * OMEMO have `omemo/` before their names. */
	struct world_position {
		char name[200];
		struct buf bytes;
	} positions[WORLD_POSITIONS];
	char fails[200]; /* how the names begin of files not written */
	int unstored;	 /* Something was not written. */
	struct stream_offer offer; /* of the server; used with option ahead */
	char fault[200];
};

/* Returns the OTR key of every world: to read one takes as long as a life. */
static struct privkey *
world_key(void)
{
	static struct privkey *key;
	char why[160];
	struct buf b;

	if (key != NULL)
		return key;
	buf_init(&b, 4096);
	file_read("t/samples/gen-min/otr_dsa.sexp", &b);
	key = privkey_parse(buf_data(&b), buf_len(&b), why);
	buf_clear(&b);
	return key;
}

static void
world_init(struct world *w, size_t piece)
{
	size_t i;

	memset(w, 0, sizeof *w);
	for (i = 0; i < 32; i++)
		w->seed[i] = (unsigned char)(7 * i);
	w->options = (struct client_options){.jid = "alice@example.org/desk",
	    .password = "secret",
	    .pin = w->pin,
	    .wait = 30,
	    .muc_max_stanzas = -1,
	    .seed = w->seed};
	w->piece = piece;
	w->options.otr_key = world_key();
	buf_init(&w->sock, WORLD_MAX);
	buf_init(&w->in, WORLD_MAX);
	buf_init(&w->wire, WORLD_MAX);
	buf_init(&w->text, WORLD_MAX);
	for (i = 0; i < 3; i++)
		buf_init(&w->all[i], WORLD_MAX);
	for (i = 0; i < WORLD_POSITIONS; i++)
		buf_init(&w->positions[i].bytes, WORLD_MAX);
}

static void
world_clear(struct world *w)
{
	size_t i;

	client_free(w->client);
	buf_clear(&w->sock);
	buf_clear(&w->in);
	buf_clear(&w->wire);
	buf_clear(&w->text);
	for (i = 0; i < 3; i++)
		buf_clear(&w->all[i]);
	for (i = 0; i < WORLD_POSITIONS; i++)
		buf_clear(&w->positions[i].bytes);
}

static int64_t
world_wall(const struct world *w)
{
	return WORLD_WALL + w->now + w->slept;
}

static void
world_tell_time(struct world *w)
{
	client_now(w->client, WORLD_MONO + w->now, world_wall(w));
}

/* Returns what TIME says now. */
static void
world_time(const struct world *w, char out[64])
{
	time_t seconds = (time_t)(world_wall(w) / 1000);
	struct tm tm;
	size_t n;

	gmtime_r(&seconds, &tm);
	n = strftime(out, 64, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, 64 - n, ".%03dZ", (int)(world_wall(w) % 1000));
}

/* Every line that comes out is an event, of now; what /archive tells came page
 * by page. */
static void
world_check(struct world *w, const char *p, size_t n)
{
	const char *lf, *fault, *tab;
	char when[64];

	if (n > 0)
		world_time(w, when);
	for (; n > 0; n -= (size_t)(lf - p) + 1, p = lf + 1) {
		if ((lf = memchr(p, '\n', n)) == NULL) {
			snprintf(w->fault, sizeof w->fault, "half a line");
			return;
		}
		fault = play_line_fault(p, (size_t)(lf - p), w->options.ascii);
		tab = memchr(p, '\t', n);
		if (fault == NULL && !w->late && tab != NULL &&
		    strncmp(p, "history\t", 8) != 0 &&
		    memcmp(tab + 1, when, strlen(when)) != 0)
			fault = "TIME is not now";
		if (fault != NULL)
			snprintf(w->fault, sizeof w->fault, "%s: %.*s", fault,
			    lf - p > 120 ? 120 : (int)(lf - p), p);
	}
}

static void
world_take(struct buf *all, struct buf *pending, const void *p, size_t n)
{
	buf_add(all, p, n);
	buf_add(pending, p, n);
}

static void
world_hang_up(struct world *w)
{
	const unsigned char *p;
	size_t n;

	while (w->connected && !w->clogged &&
	       (p = client_wire_buf(w->client, &n), n > 0)) {
		world_take(&w->all[0], &w->wire, p, n);
		client_wire_done(w->client, n);
	}
	w->connected = w->dial = 0;
	buf_reset(&w->sock);
}

/*
 * Connections are not made in a storm: but for each /connect of a line, the
 * third comes a second after the first.
 */
static void
world_count_dial(struct world *w)
{
	int64_t before = w->dialled[1];

	w->dialled[1] = w->dialled[0];
	w->dialled[0] = w->now;
	if (w->dials++ >= 2 && w->now - before < 1000 && w->connects-- <= 0)
		snprintf(w->fault, sizeof w->fault,
		    "three connections within a second");
}

/* Returns the file NAME below positions/, made if there is none; NULL: there
 * are too many. */
static struct world_position *
world_position(struct world *w, const char *name)
{
	struct world_position *p;

	for (p = w->positions; p < w->positions + WORLD_POSITIONS; p++) {
		if (p->name[0] == '\0')
			snprintf(p->name, sizeof p->name, "%s", name);
		if (strcmp(p->name, name) == 0)
			return p;
	}
	return NULL;
}

/* Keeps what is written to the file of a position. */
static void
world_store_position(struct world *w, const struct client_store *store)
{
	struct world_position *p;

	if (strncmp(store->name, "positions/", 10) == 0)
		p = world_position(w, store->name + 10);
	else if (strncmp(store->name, "omemo/", 6) == 0)
		p = world_position(w, store->name);
	else
		return;
	if (store->what == CLIENT_READ)
		client_file(w->client,
		    p == NULL || buf_len(&p->bytes) == 0 ? NULL
							 : buf_data(&p->bytes),
		    p == NULL ? 0 : buf_len(&p->bytes));
	if (p == NULL || store->what == CLIENT_READ)
		return;
	if (store->what == CLIENT_REPLACE || store->what == CLIENT_REMOVE)
		buf_reset(&p->bytes);
	buf_add(&p->bytes, store->bytes, store->len);
}

/* Notes that STORE was seen; records that follow each other in one history are
 * one, since how many are appended at once depends on the pieces. */
static void
world_note_store(struct world *w, const struct client_store *store)
{
	char note[300];
	const char *all = buf_str(&w->all[2]);
	size_t n = (size_t)snprintf(
		   note, sizeof note, "store %s ", store->name),
	       len = buf_len(&w->all[2]);

	if (store->what != CLIENT_APPEND || len < n ||
	    strcmp(all + len - n, note) != 0)
		buf_adds(&w->all[2], note);
}

/* Other files are written into nothing, or fail. */
static void
world_act(struct world *w)
{
	const struct client_store *store;
	enum client_action action;
	int fails;

	while ((store = client_store(w->client)) != NULL) {
		world_note_store(w, store);
		fails = w->fails[0] != '\0' &&
			strncmp(store->name, w->fails, strlen(w->fails)) == 0;
		w->unstored |= fails || w->store_why != NULL;
		if (!fails)
			world_store_position(w, store);
		client_stored(
		    w->client, fails ? "the disk is full" : w->store_why);
	}

	while ((action = client_action(w->client)) != CLIENT_NOTHING) {
		world_hang_up(w);
		if (action == CLIENT_DIAL)
			world_count_dial(w);
		w->dial |= action == CLIENT_DIAL || action == CLIENT_DIAL_NEXT;
		w->next |= action == CLIENT_DIAL_NEXT;
		w->hangup |= action == CLIENT_HANGUP;
		buf_adds(&w->all[2], action == CLIENT_DIAL     ? "dial "
				     : action == CLIENT_HANGUP ? "hangup "
							       : "next ");
	}
}

static size_t
world_write(struct world *w)
{
	const unsigned char *p;
	size_t n, all = 0;

	while (w->connected && !w->clogged &&
	       (p = client_wire_buf(w->client, &n), n > 0)) {
		world_take(&w->all[0], &w->wire, p, n);
		client_wire_done(w->client, n);
		all += n;
	}
	return all;
}

/* Reads all the text, or LINES lines of it (0: all). */
static size_t
world_read(struct world *w, long lines)
{
	const unsigned char *p = client_text_buf(w->client, &(size_t){0});
	const char *lf, *from = (const char *)p;
	size_t n;

	p = client_text_buf(w->client, &n);
	while (lines-- > 0 && n > 0) {
		lf = memchr(from, '\n', n - (size_t)(from - (const char *)p));
		from = lf + 1;
		if (lines == 0)
			n = (size_t)(from - (const char *)p);
	}
	world_check(w, (const char *)p, n);
	world_take(&w->all[1], &w->text, p, n);
	if (n > 0)
		client_text_done(w->client, n);
	return n;
}

/* Gives the client of QUEUE what it takes now; whether it took some. */
static int
world_feed(struct world *w, struct buf *queue, size_t room,
    void (*take)(struct client *, const void *, size_t))
{
	/* One by one is for what a person could read. */
	size_t n =
	    w->piece == 1 && buf_len(queue) > WORLD_CHUNK ? 61 : w->piece;

	if (n > buf_len(queue))
		n = buf_len(queue);
	if (n > room)
		n = room;
	if (n == 0)
		return 0;
	world_tell_time(w);
	take(w->client, buf_data(queue), n);
	buf_drop(queue, n);
	return 1;
}

/* A deadline that is over and stays would make the loop turn for ever. */
static void
world_check_deadline(struct world *w)
{
	int64_t at = client_deadline(w->client);

	if (at >= 0 && at - WORLD_MONO <= w->now && !client_done(w->client))
		snprintf(
		    w->fault, sizeof w->fault, "a deadline that is over stays");
}

/* Goes on until nothing can be done without the play. */
static void
world_pump(struct world *w)
{
	const char *line = buf_str(&w->in);
	int again;

	/* At a terminal the beginning of a command is enough. */
	while ((line = strstr(line, "/conn")) != NULL)
		line += strlen("/conn"), w->connects++;
	do {
		do {
			again = 0;
			world_act(w);
			if (w->connected && client_wants_bytes(w->client))
				again |= world_feed(
				    w, &w->sock, WORLD_CHUNK, client_received);
			again |= world_feed(w, &w->in,
			    client_input_room(w->client), client_input);
		} while (again);
		if (w->ended == 1 && buf_len(&w->in) == 0) {
			w->ended = 2;
			world_tell_time(w);
			client_input_end(w->client);
			again = 1;
		}
		world_tell_time(w);
		client_tick(w->client);
		world_act(w);
		again |= world_write(w) > 0;
		if (!w->held)
			again |= world_read(w, 0) > 0;
		again |= world_write(w) > 0;
		if (w->fault[0] != '\0')
			return;
	} while (again);
	world_act(w);
	world_check_deadline(w);
}

static void
world_start(struct world *w)
{
	size_t i;

	w->client = client_new(&w->options);
	w->started = 1;
	world_tell_time(w);
	for (i = 0; i < WORLD_POSITIONS; i++)
		if (w->positions[i].name[0] != '\0' &&
		    strncmp(w->positions[i].name, "omemo/", 6) != 0)
			client_position(w->client, w->positions[i].name,
			    buf_data(&w->positions[i].bytes),
			    buf_len(&w->positions[i].bytes));
	client_start(w->client);
	world_pump(w);
}

/* Milliseconds pass; what is due on the way is done in its time. */
__attribute__((unused)) static void
world_pass(struct world *w, int64_t milliseconds)
{
	int64_t end = w->now + milliseconds, at;

	for (;;) {
		at = client_deadline(w->client);
		if (at < 0 || at - WORLD_MONO > end)
			break;
		w->now = at - WORLD_MONO;
		world_tell_time(w);
		client_tick(w->client);
		world_pump(w);
		if (w->fault[0] != '\0')
			return;
	}
	w->now = end;
	world_tell_time(w);
	client_tick(w->client);
	world_pump(w);
}

static void
world_dialled(struct world *w, int direct, const char *cause, const char *why)
{
	struct dial_result r = {.fd = -1,
	    .host = "xmpp.example.org",
	    .port = 5222,
	    .address = "127.0.0.1",
	    .direct = direct,
	    .more = w->more,
	    .cause = cause,
	    .why = why};

	w->dial = 0;
	w->connected = cause == NULL;
	world_tell_time(w);
	client_dialled(w->client, &r);
	world_pump(w);
}

/* Logs in over direct TLS, with bob in the roster. */
__attribute__((unused)) static void
world_login(struct world *w)
{
	static const char header[] =
	    "<stream:stream xmlns='jabber:client' version='1.0' "
	    "xmlns:stream='http://etherx.jabber.org/streams'>";
	static const char *const answers[] = {
	    "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
	    "<jid>alice@example.org/desk</jid></bind>",
	    "<query xmlns='jabber:iq:roster'>"
	    "<item jid='bob@example.org' subscription='both'/></query>"};
	const char *id;
	int i;

	world_dialled(w, 1, NULL, NULL);
	buf_addf(&w->sock,
	    "TLS-HELLO;%s<stream:features><mechanisms xmlns='urn:ietf:params:"
	    "xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>"
	    "</stream:features><success xmlns='urn:ietf:params:xml:ns:xmpp-"
	    "sasl'/>%s<stream:features><bind xmlns='urn:ietf:params:xml:ns:"
	    "xmpp-bind'/></stream:features>",
	    header, header);
	world_pump(w);
	for (i = 0; i < 2; i++) {
		id = strstr(buf_str(&w->wire), " id='");
		if (id == NULL)
			abort();
		buf_addf(&w->sock, "<iq type='result' id='%.24s'>%s</iq>",
		    id + 5, answers[i]);
		buf_drop(&w->wire, (size_t)(id + 5 - buf_str(&w->wire)));
		world_pump(w);
	}
}

#endif
