/*
 * Plays: transcripts of the whole machine, t/play/NAME.play. Each is played as
 * it is written, again (the same must come out), and with all that goes in
 * byte by byte (the same must come out). With arguments
 *
 *     build/t/unit/3000-play [--record] FILE...
 *
 * only those are played; --record prints FILE with what really came out in
 * place of what was expected, to be read with care and then kept.
 *
 * A line of a play is a word and its argument. What goes in:
 *
 *     with NAME=VALUE | NAME=VALUE	a row of a table: the whole play is
 *     played once for each, with these variables
 *     option NAME VALUE	before `start`; see options below
 *     start		the client says hello
 *     > LINE		typed, with an LF; `>\ BYTES` with the escapes of C, no
 * LF < BYTES		sent by the server; `<\ BYTES` with the escapes of C
 *     connected ?direct ?more	the dial succeeds, and there are more targets;
 *     `dialled CAUSE WORDS`: it
 * fails
 *     sleep SECONDS	the machine does; stop SECONDS: only we do
 *     + SECONDS	time passes; then: none; eof, lost, signal: they happen
 *     hold, take N, release	nobody reads, N lines are read, all is
 *     clog, unclog	the socket takes no bytes, takes them again
 *     position NAME BYTES	the file positions/NAME holds BYTES, with the
 *     escapes of C; before `start`
 *     fails FRONT	files whose names begin so are not written; none: all
 *
 * What must have come out, all of it before the next thing goes in:
 *
 *     = XML		on the wire; `=\ XML` with the escapes of C
 *     ! TAG | PEER | TEXT | KEY=VALUE...	an event line; TIME must be now
 *     hangup		the connection is to be closed
 *     next		and the next target to be tried
 *     scram KEY=VALUE...	<auth/> of SCRAM, and the server's challenge
 *     proof KEY=VALUE...	a right <response/>, and the server's answer
 *     wants yes|no	bytes of the server; room yes|no: of input
 *     keeps BYTES	what the first file of positions/ holds, with the
 *     escapes of C; holds NAME BYTES: and that of NAME
 *     exit STATUS WORDS	it is over
 *
 * And: `# comment`, `play NAME` (the lines of t/play/NAME.part), `let NAME
 * VALUE`, `repeat N LINE` ($i counts from 0), `forget NAME`, `pad N BYTE LINE`
 * ($pad is N such bytes). Variables are as t/unit/play-text.h says.
 */
#include "t/unit/fake-tls.h"
#include "t/unit/file.h"
#include "t/unit/play-scram.h"
#include "t/unit/play-text.h"
#include "t/unit/play-world.h"
#include "t/unit/tap.h"

#include <dirent.h>

struct play {
	struct world w;
	struct play_variables vars;
	struct play_scram scram;
	const char *file;
	int line, failed, record, depth, exited;
	int names;     /* of ids, given out by --record */
	int row, rows; /* the row that is played, from 1; those seen so far */
};

static void play_lines(struct play *p, const char *path);

#include "t/unit/play-record.h"

/* More plays than this fail the test. */
#define PLAYS_MAX 4000

/* Nothing may be left that the play did not expect. */
static int
settled(struct play *p)
{
	struct world *w = &p->w;

	if (p->record)
		record_output(p);
	if (w->fault[0] != '\0')
		return complain(p, w->fault, NULL, NULL, 0);
	if (buf_len(&w->wire) > 0)
		return complain(p, "not expected on the wire", NULL,
		    buf_str(&w->wire), buf_len(&w->wire));
	if (buf_len(&w->text) > 0)
		return complain(p, "event not expected", NULL,
		    buf_str(&w->text), buf_len(&w->text));
	if (w->next)
		return complain(p, "next target not expected", NULL, NULL, 0);
	if (w->hangup)
		return complain(p, "hangup not expected", NULL, NULL, 0);
	return 1;
}

static void
expect_wire(struct play *p, const char *pattern)
{
	struct buf *got = &p->w.wire;
	long n = play_match(&p->vars, pattern, buf_str(got), buf_len(got));

	if (n < 0)
		complain(p, "wire", pattern, buf_str(got), buf_len(got));
	else
		buf_drop(got, (size_t)n);
}

/* `tag | peer | text | a=b c=d` as the columns of a line, TIME left out. */
static void
expect_event(struct play *p, const char *pattern)
{
	struct buf *got = &p->w.text, want;
	const char *bar, *last = NULL, *text;
	char *lf;
	long n;

	buf_init(&want, PLAY_MAX);
	for (bar = pattern; (bar = strstr(bar, " |")) != NULL; bar++)
		last = bar;
	bar = strstr(pattern, " | ");
	text = bar == NULL ? NULL : strstr(bar + 3, " | ");
	if (text == NULL || last == text) {
		complain(p, "this is no event", pattern, NULL, 0);
		return;
	}
	buf_add(&want, pattern, (size_t)(bar - pattern));
	buf_adds(&want, "\t$_\t");
	buf_add(&want, bar + 3, (size_t)(text - bar) - 3);
	buf_addc(&want, '\t');
	buf_add(&want, text + 3, (size_t)(last - text) - 3);
	for (bar = last + 2; *bar == ' '; bar += n) {
		n = (long)strcspn(++bar, " ");
		buf_addc(&want, '\t');
		buf_add(&want, bar, (size_t)n);
	}
	buf_addc(&want, '\n');
	n = play_match(&p->vars, buf_str(&want), buf_str(got), buf_len(got));
	lf = strchr(buf_str(got), '\n');
	if (n < 0)
		complain(p, "event", pattern, buf_str(got),
		    lf == NULL ? 0 : (size_t)(lf - buf_str(got)));
	else
		buf_drop(got, (size_t)n);
	buf_clear(&want);
}

/* The value of KEY in ARGS, `key=value key=value`, into OUT; or NULL. */
static const char *
key_value(const char *args, const char *key, char out[100])
{
	size_t n = strlen(key);

	while (*args != '\0') {
		if (strncmp(args, key, n) == 0 && args[n] == '=') {
			snprintf(out, 100, "%.*s",
			    (int)strcspn(args + n + 1, " "), args + n + 1);
			return out;
		}
		args += strcspn(args, " ");
		args += *args == ' ';
	}
	return NULL;
}

/* Sends the element NAME with N bytes of TEXT in base64. */
static void
send_sasl(struct play *p, const char *name, const void *text, size_t n)
{
	struct buf b;

	buf_init(&b, PLAY_SCRAM_MAX * 2);
	base64_encode(&b, text, n);
	buf_addf(&p->w.sock,
	    "<%s xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>%s</%s>", name,
	    buf_str(&b), name);
	buf_clear(&b);
	world_pump(&p->w);
}

static void
do_challenge(struct play *p)
{
	send_sasl(p, "challenge", p->scram.server, strlen(p->scram.server));
}

static void
do_scram(struct play *p, const char *args)
{
	char nonce[100], rounds[100];
	struct play_scram_lies lies = {.nonce = key_value(args, "nonce", nonce),
	    .rounds = key_value(args, "rounds", rounds)};
	const char *fault;

	fault = play_scram_first(&p->scram, buf_str(&p->w.wire), &lies);
	if (fault != NULL) {
		complain(
		    p, fault, NULL, buf_str(&p->w.wire), buf_len(&p->w.wire));
		return;
	}
	buf_reset(&p->w.wire);
	if (strcmp(args, "ahead") != 0)
		do_challenge(p);
}

static void
do_proof(struct play *p, const char *args)
{
	char error[100], as[100];
	struct play_scram_lies lies = {.error = key_value(args, "error", error),
	    .wrong = strstr(args, "wrong") != NULL};
	const char *element = key_value(args, "as", as), *fault;
	struct buf last;

	buf_init(&last, PLAY_SCRAM_MAX);
	fault = play_scram_final(&p->scram, buf_str(&p->w.wire), "secret",
	    FAKE_TLS_UNIQUE, &lies, &last);
	if (fault != NULL) {
		complain(
		    p, fault, NULL, buf_str(&p->w.wire), buf_len(&p->w.wire));
	} else {
		buf_reset(&p->w.wire);
		send_sasl(p, element == NULL ? "success" : element,
		    buf_data(&last), buf_len(&last));
	}
	buf_clear(&last);
}

/* Puts ARGS, a name and bytes, into the file of a position. */
static void
do_position(struct play *p, char *args)
{
	size_t n = strcspn(args, " ");
	char *bytes = args + n + (args[n] == ' ');

	args[n] = '\0';
	buf_add(&world_position(&p->w, args)->bytes, bytes,
	    play_unescape(bytes, strlen(bytes)));
}

/* The file of the position NAME (NULL: the first) must hold BYTES. */
static void
expect_position(struct play *p, const char *name, char *bytes)
{
	struct buf *got = name == NULL ? &p->w.positions->bytes
				       : &world_position(&p->w, name)->bytes;
	long n;

	bytes[play_unescape(bytes, strlen(bytes))] = '\0';
	n = play_match(&p->vars, bytes, buf_str(got), buf_len(got));
	if (p->record) {
		printf(name == NULL ? "keeps " : "holds %s ", name);
		record_escaped(p, buf_str(got), buf_len(got));
		putchar('\n');
	} else if (n != (long)buf_len(got))
		complain(p, "the position", bytes, buf_str(got), buf_len(got));
}

static void
do_option(struct play *p, const char *args)
{
	struct client_options *o = &p->w.options;
	size_t n = strcspn(args, " ");
	const char *value = args + n + (args[n] == ' ');
	struct {
		const char *name;
		int *flag;
		const char **word;
	} options[] = {{"ascii", &o->ascii, NULL}, {"torn", &o->torn, NULL},
	    {"carbons", &o->carbons, NULL}, {"bookmarks", &o->bookmarks, NULL},
	    {"kept", &o->bookmarks_kept, NULL}, {"connect", &o->connect, NULL},
	    {"escaped", &o->escaped, NULL}, {"stay", &o->stay, NULL},
	    {"nowait", &o->no_wait, NULL}, {"stop", &o->stop, NULL},
	    {"delivered", &o->delivered, NULL},
	    {"sanitize", &o->sanitize, NULL}, {"norooms", &o->no_rooms, NULL},
	    {"terminal", &o->terminal, NULL}, {"log", &o->log, NULL},
	    {"wait", &o->wait, NULL}, {"priority", &o->priority, NULL},
	    {"stanzas", &o->muc_max_stanzas, NULL},
	    {"policies", (int *)&o->otr_policies, NULL},
	    {"versions", (int *)&o->otr_versions, NULL}, {"go", NULL, &o->go},
	    {"to", NULL, &o->text_to}, {"jid", NULL, &o->jid},
	    {"archive", &o->archive, NULL}, {"queue", NULL, &o->queue},
	    {"after", NULL, &o->after}, {"readonly", &o->read_only, NULL}};
	size_t i;

	for (i = 0; i < sizeof options / sizeof *options; i++) {
		if (strlen(options[i].name) != n ||
		    memcmp(options[i].name, args, n) != 0)
			continue;
		if (options[i].flag != NULL) {
			*options[i].flag = *value == '\0' ? 1 : atoi(value);
			return;
		}
		snprintf(p->w.word[i % 5], 200, "%s", value);
		*options[i].word = p->w.word[i % 5];
		return;
	}
	if (strcmp(args, "ahead") == 0 || strcmp(args, "known") == 0)
		o->offer = &p->w.offer;
	if (strcmp(args, "known") == 0)
		p->w.offer = (struct stream_offer){
		    SASL_SCRAM_SHA_256 | SASL_PLAIN, 1, STREAM_MANAGEMENT};
	if (o->offer == NULL)
		complain(p, "unknown option", args, NULL, 0);
}

static void
do_exit(struct play *p, const char *args)
{
	const char *words = strchr(args, ' '), *why = "";
	int status = client_status(p->w.client, &why);
	char got[600];
	long n = -1;

	p->exited = 1;
	snprintf(got, sizeof got, "%d %s", status, status == 0 ? "" : why);
	if (p->record)
		printf("exit %s\n", got);
	if (words != NULL)
		n = play_match(&p->vars, words + 1, why, strlen(why));
	if (!p->record && (!client_done(p->w.client) || status != atoi(args) ||
			      (status != 0 && n != (long)strlen(why))))
		complain(p,
		    client_done(p->w.client) ? "exit" : "it is not over", args,
		    got, strlen(got));
}

static void
do_answer(struct play *p, const char *what, int got, const char *args)
{
	if (got != (strcmp(args, "yes") == 0))
		complain(p, what, args, NULL, 0);
}

/* Does WORD if it puts something in; 0 where WORD is none of it. */
static int
play_input(struct play *p, const char *word, const char *args)
{
	struct world *w = &p->w;
	size_t n = strcspn(args, " ");
	static char cause[32]; /* is kept, as those of dial.c are static */

	if (strcmp(word, "start") == 0) {
		world_start(w);
	} else if (strcmp(word, "connected") == 0) {
		if (!w->dial)
			complain(p, "it does not dial", NULL, NULL, 0);
		w->more = strstr(args, "more") != NULL;
		world_dialled(w, strstr(args, "direct") != NULL, NULL, NULL);
		w->more = 0;
	} else if (strcmp(word, "dialled") == 0) {
		snprintf(cause, sizeof cause, "%.*s", (int)n, args);
		world_dialled(w, 0, cause, args + n + 1);
	} else if (strcmp(word, "+") == 0) {
		world_pass(w, (int64_t)(atof(args) * 1000 + .5));
	} else if (strcmp(word, "sleep") == 0 || strcmp(word, "stop") == 0) {
		*(word[1] == 'l' ? &w->slept : &w->now) +=
		    (int64_t)atoi(args) * 1000;
		world_tell_time(w);
		client_tick(w->client);
	} else if (strcmp(word, "eof") == 0) {
		w->ended = 1;
	} else if (strcmp(word, "then") == 0) {
		; /* what came before is looked at */
	} else if (strcmp(word, "lost") == 0) {
		world_tell_time(w);
		client_lost(w->client);
	} else if (strcmp(word, "signal") == 0) {
		world_tell_time(w);
		client_signal(w->client);
	} else if (strcmp(word, "hold") == 0) {
		w->held = w->late = 1;
	} else if (strcmp(word, "take") == 0) {
		world_read(w, atoi(args));
	} else if (strcmp(word, "release") == 0) {
		w->held = 0;
	} else if (strcmp(word, "fails") == 0) {
		snprintf(w->fails, sizeof w->fails, "%s", args);
	} else if (strcmp(word, "clog") == 0 || strcmp(word, "unclog") == 0) {
		w->clogged = *word == 'c';
	} else {
		return 0;
	}
	world_pump(w);
	w->late = w->held;
	return 1;
}

/* Checks WORD if it names what came out; 0 where WORD is none of it. */
static int
play_output(struct play *p, const char *word, char *args)
{
	struct world *w = &p->w;
	const char *name;

	if (strcmp(word, "=") == 0) {
		if (!p->record || p->depth > 1)
			expect_wire(p, args);
	} else if (strcmp(word, "!") == 0) {
		if (!p->record || p->depth > 1)
			expect_event(p, args);
	} else if (strcmp(word, "next") == 0) {
		if (!w->next)
			complain(
			    p, "the next target is not tried", NULL, NULL, 0);
		w->next = 0;
	} else if (strcmp(word, "hangup") == 0) {
		if (!w->hangup && (!p->record || p->depth > 1))
			complain(p, "no hangup", NULL, NULL, 0);
		w->hangup = p->record && p->depth == 1 ? w->hangup : 0;
	} else if (strcmp(word, "challenge") == 0) {
		do_challenge(p);
	} else if (strcmp(word, "scram") == 0) {
		do_scram(p, args);
	} else if (strcmp(word, "proof") == 0) {
		do_proof(p, args);
	} else if (strcmp(word, "wants") == 0) {
		do_answer(p, "wants", client_wants_bytes(w->client), args);
	} else if (strcmp(word, "room") == 0) {
		do_answer(p, "room", client_input_room(w->client) > 0, args);
	} else if (strcmp(word, "keeps") == 0) {
		expect_position(p, NULL, args);
	} else if (strcmp(word, "holds") == 0) {
		name = strtok(args, " ");
		expect_position(p, name, args + strlen(name) + 1);
	} else if (strcmp(word, "exit") == 0) {
		if (settled(p))
			do_exit(p, args);
	} else {
		return 0;
	}
	return 1;
}

/* Puts the bytes of ARGS where the client takes them. */
static void
play_bytes(struct play *p, char kind, char *args, int escapes)
{
	struct buf *queue = kind == '<' ? &p->w.sock : &p->w.in;
	struct buf text;
	size_t n;

	buf_init(&text, PLAY_MAX);
	if (!play_expand(&p->vars, args, &text))
		complain(p, "no such variable", args, NULL, 0);
	n = buf_len(&text);
	if (escapes)
		n = play_unescape(buf_str(&text), n);
	buf_add(queue, buf_data(&text), n);
	if (kind == '>' && !escapes)
		buf_addc(queue, '\n');
	buf_clear(&text);
}

/* Sets the variables of a row where it is the one that is played. */
static void
do_with(struct play *p, char *row)
{
	char *next, *value;

	if (++p->rows != p->row)
		return;
	for (; row != NULL; row = next) {
		next = strstr(row, " | ");
		if (next != NULL) {
			*next = '\0';
			next += 3;
		}
		value = strchr(row, '=');
		if (value == NULL)
			complain(p, "this is no row", row, NULL, 0);
		else
			play_set(&p->vars, row, (size_t)(value - row),
			    value + 1, strlen(value + 1));
	}
}

static void play_line(struct play *p, char *line, char before);

static void
do_repeat(struct play *p, char *args, char before)
{
	char *line = strchr(args, ' '), number[16], *copy;
	int i, n = atoi(args);

	for (i = 0; i < n && !p->failed; i++) {
		snprintf(number, sizeof number, "%d", i);
		play_set(&p->vars, "i", 1, number, strlen(number));
		copy = buf_strdup(line + 1);
		play_line(p, copy, i == 0 ? before : *copy);
		free(copy);
	}
}

static void
do_pad(struct play *p, char *args, char before)
{
	size_t n = strtoul(args, &args, 10);
	char *bytes = buf_alloc(n + 1);

	memset(bytes, args[1], n);
	play_set(&p->vars, "pad", 3, bytes, n);
	play_line(p, args + 3, before);
	free(bytes);
}

/* Does one line. BEFORE is how the one before it began: bytes of the same
 * kind go in together. */
static void
play_line(struct play *p, char *line, char before)
{
	size_t n = strcspn(line, " ");
	char *args = line + n + (line[n] == ' '), word[32];
	int escapes;

	snprintf(word, sizeof word, "%.*s", (int)n, line);
	escapes = n == 2 && line[1] == '\\';
	if (*line == '\0' || *line == '#')
		return;
	if (strcmp(word, "play") == 0)
		play_lines(p, args);
	else if (strcmp(word, "with") == 0)
		do_with(p, args);
	else if (strcmp(word, "option") == 0)
		do_option(p, args);
	else if (strcmp(word, "let") == 0)
		play_set(&p->vars, args, strcspn(args, " "),
		    args + strcspn(args, " ") + 1,
		    strlen(args + strcspn(args, " ") + 1));
	else if (strcmp(word, "position") == 0)
		do_position(p, args);
	else if (strcmp(word, "forget") == 0)
		play_unset(&p->vars, args);
	else if (strcmp(word, "repeat") == 0)
		do_repeat(p, args, before);
	else if (strcmp(word, "pad") == 0)
		do_pad(p, args, before);
	else if (strchr("<>", *line) != NULL && (n == 1 || escapes)) {
		if (before == *line || settled(p))
			play_bytes(p, *line, args, escapes);
	} else {
		if (strcmp(word, "=\\") == 0) {
			args[play_unescape(args, strlen(args))] = '\0';
			word[1] = '\0';
		}
		if (!play_output(p, word, args) && settled(p) &&
		    !play_input(p, word, args))
			complain(p, "unknown word", word, NULL, 0);
	}
}

/* How LINE begins, as for play_line; a repeat as what it repeats. */
static char
kind(const char *line)
{
	for (;;) {
		if (strncmp(line, "repeat ", 7) == 0)
			line += 7 + strcspn(line + 7, " ") + 1;
		else if (strncmp(line, "pad ", 4) == 0)
			line += 4 + strcspn(line + 4, " ") + 3;
		else
			return *line;
	}
}

static void
play_lines(struct play *p, const char *name)
{
	const char *file = p->file;
	int number = p->line;
	struct buf text;
	char path[200], *line, *next, before = '\0', now;

	snprintf(
	    path, sizeof path, p->depth == 0 ? "%s" : "t/play/%s.part", name);
	buf_init(&text, PLAY_MAX);
	file_read(path, &text);
	p->file = path;
	p->line = 0;
	p->depth++;
	for (line = buf_str(&text); *line != '\0' && !p->failed; line = next) {
		p->line++;
		next = line + strcspn(line, "\n");
		if (*next == '\n')
			*next++ = '\0';
		now = kind(line);
		if (p->w.started && strchr("<>", now == '\0' ? 'x' : now) &&
		    now != before && !settled(p))
			break;
		if (strchr("<>", before == '\0' ? 'x' : before) != NULL &&
		    now != before)
			world_pump(&p->w);
		if (p->record && p->depth == 1)
			record_input(p, line, now);
		play_line(p, line, now);
		before = now;
	}
	if (strchr("<>", before == '\0' ? 'x' : before) != NULL)
		world_pump(&p->w);
	buf_clear(&text);
	p->depth--;
	p->file = file;
	p->line = number;
}

/*
 * Plays ROW of PATH, from 1, with PIECE bytes at once; whether all was as it
 * should be.
 */
static int
play(struct play *p, const char *path, int row, size_t piece, int record)
{
	memset(p, 0, sizeof *p);
	world_init(&p->w, piece);
	p->file = path;
	p->record = record;
	p->row = row;
	play_lines(p, path);
	p->file = path;
	if (!p->failed && p->w.client != NULL)
		settled(p);
	if (!p->failed && p->w.client == NULL)
		complain(p, "nothing was played", NULL, NULL, 0);
	return !p->failed;
}

static void
play_end(struct play *p)
{
	world_clear(&p->w);
	play_forget(&p->vars);
}

static int
same(struct play *a, struct play *b)
{
	size_t i;

	for (i = 0; i < 3; i++)
		if (!file_same(&a->w.all[i], &b->w.all[i]))
			return 0;
	return 1;
}

/* Returns how many rows there are. */
static int
test_row(const char *path, int row)
{
	static struct play once, again;
	char name[220];

	snprintf(name, sizeof name, row > 1 ? "%s: row %d" : "%s", path, row);
	ok(play(&once, path, row, WORLD_CHUNK, 0), "%s", name);
	play(&again, path, row, WORLD_CHUNK, 0);
	ok(same(&once, &again), "%s: again the same", name);
	play_end(&again);
	ok(play(&again, path, row, 1, 0) && same(&once, &again),
	    "%s: byte by byte the same", name);
	play_end(&again);
	play_end(&once);
	return once.rows;
}

static void
test(const char *path)
{
	int row = 1;

	while (row < test_row(path, row))
		row++;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
test_all(void)
{
	static char *paths[PLAYS_MAX];
	char path[600];
	size_t n = 0, seen = 0, i;
	struct dirent *e;
	DIR *d = opendir("t/play");

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strlen(e->d_name) < 6 ||
		    strcmp(e->d_name + strlen(e->d_name) - 5, ".play") != 0)
			continue;
		seen++;
		if (n == PLAYS_MAX)
			continue;
		snprintf(path, sizeof path, "t/play/%s", e->d_name);
		paths[n++] = buf_strdup(path);
	}
	if (d != NULL)
		closedir(d);
	qsort(paths, n, sizeof *paths, compare);
	for (i = 0; i < n; i++) {
		test(paths[i]);
		free(paths[i]);
	}
	ok(n > 50, "there are plays");
	ok(n == seen, "all %zu plays of t/play were run, not %zu", seen, n);
}

int
main(int argc, char **argv)
{
	static struct play p;
	int i;

	if (argc > 2 && strcmp(argv[1], "--record") == 0) {
		play(&p, argv[2], 1, WORLD_CHUNK, 1);
		play_end(&p);
		return p.failed;
	}
	for (i = 1; i < argc; i++)
		test(argv[i]);
	if (argc == 1)
		test_all();
	return tap_done();
}
