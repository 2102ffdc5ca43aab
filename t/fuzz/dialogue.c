/*
 * A whole life of the client below TLS: a script of what the server says, what
 * is typed, how time passes, and how connections, the reader, the socket and
 * the files fail. Whatever the script is, the laws of fuzz-laws.h and those
 * of the world hold, the wire is what fuzz-wire.h takes, there is no storm
 * of dials or deadlines, it comes to an end, and byte by byte it is the same.
 *
 * A script is lines; the first byte says what a line is (words and forms:
 * fuzz-script.h).
 *
 *     -LETTERS  options, at the very front; see start()
 *     <XML      the server says it, with words
 *     =FORM     the server says the form, filled
 *     ,         the server answers all that it was asked
 *     >LINE     is typed, with words; `:BYTES` is a command and its arguments
 *     ~C        time passes: C quarters of a second, 1 s where there is no C
 *     !         the connection is lost
 *     +C        the dial ends, in the way C; see dialled()
 *     ^         dials that nobody answers fail at once from now on, or no more
 *     |         the reader stops, or goes on; `/` reads one line
 *     #         the socket is full, or no more
 *     %         files cannot be written, or can again
 *     oC        bob's OTR does C; see peer()
 *     OC        bob's OMEMO does C; see bob_step()
 *     *         a signal
 *     z         the machine sleeps for a minute
 *     @         the input ends
 */
#define _GNU_SOURCE
#include "store/entry.h"
#include "t/fuzz/fuzz-libgcrypt.h"
#include "t/fuzz/fuzz-laws.h"
#include "t/fuzz/fuzz-script.h"
#include "t/fuzz/fuzz-peer.h"
#include "t/fuzz/fuzz-bob.h"

/* Deadlines that may come at once, and in each second. */
#define TICKS	       60
#define TICKS_A_SECOND 20
#define STEPS	       120
#define SCRIPT	       8192
/* Messages in each archive, and in one of its pages. */
#define ARCHIVED 5
#define PAGE	 2
/* Milliseconds after which all is over, with no input and no server. */
#define END (30 * 60 * 1000)

struct life {
	struct world w;
	struct wire wire;
	struct laws laws;
	struct peer peer;
	int refuses, signals;
	int limited;   /* something was too large */
	int connected; /* when it was looked at last */
	int raw;       /* the server said XML of no form on this connection */
	int archived;  /* messages of our archive that were told */
	size_t unsent; /* bytes that were left when a connection ended */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fault(struct life *l, const char *why)
{
	if (l->w.fault[0] == '\0')
		snprintf(l->w.fault, sizeof l->w.fault, "%s", why);
}

/* Bytes that a lost connection did not take may stay, and nothing is added. */
static void
look_at_unsent(struct life *l)
{
	size_t n = 0;

	if (!l->w.connected) {
		client_wire_buf(l->w.client, &n);
		if (!l->connected && n > l->unsent)
			fault(l, "bytes for a connection that is not there");
	}
	l->connected = l->w.connected;
	l->unsent = n;
}

/* Looks at all that came out. */
static void
look(struct life *l)
{
	wire_read(&l->wire, &l->w.wire);
	l->limited |= strstr(buf_str(&l->w.text), "=limit") != NULL;
	laws_read(&l->laws, &l->w.text);
	if (l->w.fault[0] != '\0')
		return;
	if (l->wire.fault != NULL)
		fault(l, l->wire.fault);
	if (l->laws.fault[0] != '\0')
		fault(l, l->laws.fault);
	look_at_unsent(l);
}

static void
pump(struct life *l)
{
	if (l->w.fault[0] == '\0')
		world_pump(&l->w);
	look(l);
	l->w.late = l->w.held;
}

static void
say(struct life *l, const char *xml)
{
	buf_adds(&l->w.sock, xml);
	pump(l);
}

/* Answers the presence X, which is sent to a room. */
static void
answer_presence(struct life *l, const struct wire_asked *x)
{
	int available = x->child[0] == '\0';

	buf_addf(&l->w.sock,
	    "<presence from='%s'%s%s%s>"
	    "<x xmlns='http://jabber.org/protocol/muc#user'>"
	    "<item affiliation='none' role='participant'/>"
	    "<status code='110'/></x></presence>",
	    x->to, available ? "" : " type='", x->child, available ? "" : "'");
	if (available)
		buf_addf(&l->w.sock,
		    "<message from='%.*s' type='groupchat'><subject/>"
		    "</message>",
		    (int)strcspn(x->to, "/"), x->to);
}

/* Answers a query to an archive: there are ARCHIVED messages, PAGE at a time.
 */
static void
answer_archive(struct life *l, const struct wire_asked *x)
{
	const char *of = x->to[0] == '\0' ? "alice@example.org" : x->to;
	struct buf *sock = &l->w.sock;
	int i, n = l->archived;

	for (i = 0; i < PAGE && n < ARCHIVED; i++)
		buf_addf(sock,
		    "<message from='%s'><result xmlns='urn:xmpp:mam:2' "
		    "queryid='%s' id='a%d'><forwarded xmlns='urn:xmpp:"
		    "forward:0'><delay xmlns='urn:xmpp:delay' stamp='2026-01-"
		    "01T0%d:00:00Z'/><message xmlns='jabber:client' "
		    "from='bob@example.org/pad' type='chat'><body>told</body>"
		    "</message></forwarded></result></message>",
		    of, l->wire.query, n, n),
		    n++;
	buf_addf(sock,
	    "<iq type='result' id='%s' from='%s'><fin xmlns='urn:xmpp:mam:2' "
	    "complete='%s'><set xmlns='http://jabber.org/protocol/rsm'>",
	    x->id, of, n == ARCHIVED ? "true" : "false");
	if (i > 0)
		buf_addf(sock, "<first>a%d</first><last>a%d</last>",
		    l->archived, n - 1);
	buf_adds(sock, "</set></fin></iq>");
	l->archived = n;
}

static void
answer_iq(struct life *l, const struct wire_asked *x)
{
	static const char roster[] =
	    "<query xmlns='jabber:iq:roster'>"
	    "<item jid='bob@example.org' subscription='both'/>"
	    "<item jid='carol@example.org' subscription='both'/></query>";
	static const char info[] =
	    "<query xmlns='http://jabber.org/protocol/disco#info'>"
	    "<identity category='conference' type='text'/>"
	    "<feature var='muc_nonanonymous'/><feature var='muc_membersonly'/>"
	    "<feature var='urn:xmpp:mam:2'/></query>";
	const char *from = x->to[0] == '\0' ? "example.org" : x->to;

	buf_addf(&l->w.sock, "<iq type='result' id='%s'%s%s%s>", x->id,
	    x->to[0] == '\0' ? "" : " from='", x->to[0] == '\0' ? "" : from,
	    x->to[0] == '\0' ? "" : "'");
	if (strcmp(x->child, "bind") == 0)
		buf_adds(&l->w.sock,
		    "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
		    "<jid>alice@example.org/desk</jid></bind>");
	else if (strcmp(x->child, "query") == 0 && x->to[0] == '\0')
		buf_adds(&l->w.sock, roster);
	else if (strcmp(x->child, "query") == 0)
		buf_adds(&l->w.sock, info);
	else if (strcmp(x->to, "bob@example.org") == 0 &&
		 (strcmp(x->child, "list") == 0 ||
		     strcmp(x->child, "bundle") == 0))
		bob_answer(&l->w.sock, x->child);
	buf_adds(&l->w.sock, "</iq>");
}

/* Answers <resume/>, in the way HOW. */
static void
answer_resume(struct life *l, char how)
{
	unsigned long long h = l->wire.handled;

	if (how == 'f')
		buf_addf(&l->w.sock,
		    "<failed xmlns='urn:xmpp:sm:3' h='%llu'><item-not-found "
		    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
		    h);
	else if (how == 'F')
		buf_adds(&l->w.sock, "<failed xmlns='urn:xmpp:sm:3'/>");
	else
		buf_addf(&l->w.sock,
		    "<resumed xmlns='urn:xmpp:sm:3' previd='token' h='%llu'/>",
		    h + (how == 'w'));
}

static void
answer(struct life *l, const struct wire_asked *x, char how)
{
	if (how == 'a' && strcmp(x->child, "archive") == 0)
		return;
	if (strcmp(x->child, "archive") == 0) {
		answer_archive(l, x);
	} else if (strcmp(x->name, "iq") == 0) {
		answer_iq(l, x);
	} else if (strcmp(x->name, "presence") == 0) {
		answer_presence(l, x);
	} else if (strcmp(x->name, "message") == 0) {
		buf_addf(&l->w.sock,
		    "<message from='%s/alice' type='groupchat' id='%s'>"
		    "<body>",
		    x->to, x->id);
		script_text(&l->w.sock, buf_str(x->body), buf_len(x->body));
		buf_adds(&l->w.sock, "</body></message>");
	} else if (strcmp(x->name, "r") == 0) {
		buf_addf(&l->w.sock, "<a xmlns='urn:xmpp:sm:3' h='%llu'/>",
		    (unsigned long long)l->wire.handled);
	} else if (strcmp(x->name, "enable") == 0) {
		buf_adds(&l->w.sock, "<enabled xmlns='urn:xmpp:sm:3' "
				     "id='token' resume='true'/>");
	} else {
		answer_resume(l, how);
	}
}

/* Answers all that was asked, and what is asked in turn. */
static void
answer_all(struct life *l, char how)
{
	int round;
	size_t i;

	for (round = 0; round < 4 && l->wire.asking > 0; round++) {
		for (i = 0; i < l->wire.asking; i++)
			answer(l, &l->wire.asked[i], how);
		wire_forget(&l->wire);
		pump(l);
	}
}

/* Says what a server says behind TLS, of the kind HOW; see dialled(). */
static void
log_in(struct life *l, char how)
{
	static const char header[] =
	    "<stream:stream xmlns='jabber:client' version='1.0' "
	    "xmlns:stream='http://etherx.jabber.org/streams'>";

	buf_addf(&l->w.sock,
	    "%s<stream:features><mechanisms xmlns='urn:ietf:params:"
	    "xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>"
	    "</stream:features><success xmlns='urn:ietf:params:xml:ns:xmpp-"
	    "sasl'/>%s<stream:features><bind xmlns='urn:ietf:params:xml:ns:"
	    "xmpp-bind'/>%s</stream:features>",
	    header, header, how == 'n' ? "" : "<sm xmlns='urn:xmpp:sm:3'/>");
	pump(l);
	answer_all(l, how);
}

/*
 * The dial ends: by `r` refused, `d` no such name, `t` time; else with a
 * connection: `-` silent, `s` silent behind TLS, `n` without XEP-0198, `f`
 * what is to be resumed is gone, `F` the same without its `h`, `w` the server
 * claims to have more than there was, `a` archives are silent; other letters:
 * all is well.
 */
static void
dialled(struct life *l, char how)
{
	const char *cause = how == 'r'	 ? "refused"
			    : how == 'd' ? "dns"
			    : how == 't' ? "timeout"
					 : NULL;

	if (!l->w.dial)
		return;
	wire_connected(&l->wire);
	l->raw = 0;
	world_dialled(&l->w, 1, cause, cause);
	look(l);
	if (cause == NULL && how != '-')
		say(l, FAKE_TLS_HELLO);
	if (cause == NULL && how != '-' && how != 's')
		log_in(l, how);
}

/* The same, and what every script begins with comes at once. */
static void
dialled_at_once(struct life *l, char how)
{
	size_t piece = l->w.piece;

	l->w.piece = WORLD_CHUNK;
	dialled(l, how);
	l->w.piece = piece;
}
/* Milliseconds pass, from deadline to deadline. */
static void
live(struct life *l, int64_t milliseconds)
{
	int64_t end = l->w.now + milliseconds, at, begun = l->w.now;
	int64_t ticks = 0;

	while (l->w.fault[0] == '\0' && l->w.now < end) {
		at = client_deadline(l->w.client);
		at = at < 0 || at - WORLD_MONO > end ? end : at - WORLD_MONO;
		world_pass(&l->w, at > l->w.now ? at - l->w.now : 0);
		look(l);
		if (++ticks >
		    TICKS + (l->w.now - begun) * TICKS_A_SECOND / 1000)
			fault(l, "a deadline comes again and again");
		if (l->refuses && l->w.dial)
			dialled(l, 'r');
	}
}

static void
lose(struct life *l)
{
	if (l->w.fault[0] != '\0')
		return;
	world_hang_up(&l->w);
	world_tell_time(&l->w);
	client_lost(l->w.client);
	pump(l);
}

static void
type(struct life *l, const char *p, size_t n, int form)
{
	struct laws *laws = &l->laws;
	struct buf line;

	if (laws->typed == WIRE_LINES - 1 || l->w.ended)
		return;
	buf_init(&line, (size_t)1 << 20);
	if (form && n > 0)
		script_command(&line, p, n, &l->wire, laws->typed + 1);
	else
		script_expand(&line, p, n, &l->wire, laws->typed + 1);
	laws->lines[++laws->typed] = buf_strdup(buf_str(&line));
	buf_addc(&line, '\n');
	buf_add(&l->w.in, buf_data(&line), buf_len(&line));
	buf_clear(&line);
	pump(l);
}

static void
raise_signal(struct life *l)
{
	l->signals++;
	world_tell_time(&l->w);
	client_signal(l->w.client);
	pump(l);
}

/* A step of the script, but for those of step_world. */
static void
step(struct life *l, const char *p, size_t n)
{
	switch (*p) {
	case '<':
		l->raw = 1;
		script_expand(&l->w.sock, p, n, &l->wire, 0);
		break;
	case '=':
		/* What is forged might be the text of what was begun before. */
		if (n > 1)
			script_fill(&l->w.sock, p + 1, n - 1, &l->wire,
			    l->raw ? "" : l->laws.forged);
		break;
	case ',':
		answer_all(l, 'm');
		break;
	case '>':
	case ':':
		type(l, p + 1, n - 1, *p == ':');
		break;
	case '~':
		live(l, n > 1 ? (int64_t)(unsigned char)p[1] * 250 : 1000);
		break;
	case '!':
		lose(l);
		break;
	case '+':
		dialled_at_once(l, n > 1 ? p[1] : 'm');
		break;
	case 'O':
		if (n > 1 && l->w.options.omemo_key != NULL)
			bob_step(&l->w.sock, p + 1, n - 1);
		break;
	case 'o':
		peer_step(
		    &l->peer, &l->wire.peer, &l->w.sock, n > 1 ? p[1] : 's');
		break;
	}
}

static void
step_world(struct life *l, char kind)
{
	switch (kind) {
	case '^':
		l->refuses = !l->refuses;
		break;
	case '|':
		l->w.held = !l->w.held;
		l->w.late = 1;
		break;
	case '/':
		if (l->w.held)
			world_read(&l->w, 1);
		break;
	case '#':
		l->w.clogged = !l->w.clogged;
		break;
	case '%':
		l->w.store_why =
		    l->w.store_why == NULL ? "no space is left" : NULL;
		break;
	case '*':
		raise_signal(l);
		break;
	case 'z':
		l->w.slept += 60000;
		world_tell_time(&l->w);
		client_tick(l->w.client);
		break;
	case '@':
		l->w.ended += l->w.ended == 0;
		break;
	}
}

/* Says hello, and unless told otherwise logs in. */
static void
start(struct life *l, const char *p, size_t n)
{
	struct client_options *o = &l->w.options;
	int online = 1;

	o->connect = 1;
	o->otr_versions = OTR_V2 | OTR_V3;
	for (; n > 0; n--, p++) {
		o->connect ^= *p == 'c';
		online ^= *p == 'c' || *p == 'd';
		o->stay ^= *p == 'k';
		o->no_wait ^= *p == 'n';
		o->stop ^= *p == 'x';
		o->escaped ^= *p == 'e';
		o->terminal ^= *p == 't';
		o->ascii ^= *p == 'a';
		o->read_only ^= *p == 'r';
		o->log ^= *p == 'l';
		o->torn ^= *p == 'T';
		o->archive ^= *p == 'M';
		o->bookmarks ^= *p == 'b';
		o->carbons ^= *p == 'C';
		o->otr_policies ^= *p == 'R' ? OTR_REQUIRE_ENCRYPTION : 0;
		o->otr_policies ^= *p == 'W' ? OTR_SEND_WHITESPACE_TAG : 0;
		o->otr_policies ^= *p == 'A' ? OTR_WHITESPACE_START_AKE : 0;
		o->otr_policies ^= *p == 'E' ? OTR_ERROR_START_AKE : 0;
		if (*p == '0')
			o->otr_versions = 0;
		if (*p == '5')
			o->muc_max_stanzas = 5;
		if (*p == '1')
			o->wait = 1;
		if (*p == 'g')
			o->go = "bob@example.org";
		if (*p == 'O' && o->omemo_key == NULL)
			bob_begin(&l->w);
		if (*p == 'q')
			o->queue = "work";
		if (*p == 'p')
			buf_adds(
			    &world_position(&l->w, "alice@example.org")->bytes,
			    "a0 1767225600\n");
	}
	l->laws.overtaking = o->no_wait || o->terminal;
	world_start(&l->w);
	look(l);
	if (online)
		dialled_at_once(l, 'm');
}

/* Every line of a position that was written is one. */
static void
look_at_positions(struct life *l)
{
	struct entry_line line;
	const char *p, *why;
	size_t i, n, left;

	for (i = 0; i < WORLD_POSITIONS; i++) {
		if (strncmp(l->w.positions[i].name, "omemo/", 6) == 0)
			continue;
		p = buf_str(&l->w.positions[i].bytes);
		left = buf_len(&l->w.positions[i].bytes);
		for (; left > 0; p += n, left -= n) {
			n = entry_read(&line, p, left, &why);
			if (n == 0 || why != NULL) {
				fault(l, "a position that is none");
				return;
			}
		}
	}
}

/* Nothing comes any more: it ends, and what it owes is there. */
static void
finish(struct life *l)
{
	const struct client_options *o = &l->w.options;
	const char *why;
	int64_t passed;
	int all, status, quit = 0;
	size_t i;

	l->w.held = l->w.clogged = 0;
	l->w.store_why = NULL;
	l->w.late = 1;
	l->refuses = 1;
	l->w.ended += l->w.ended == 0;
	pump(l);
	for (passed = 0;
	     passed < END && l->w.fault[0] == '\0' && !client_done(l->w.client);
	     passed += 10000) {
		if (o->stay && passed > END / 2 && l->signals == 0)
			raise_signal(l);
		live(l, 10000);
	}
	if (l->w.fault[0] != '\0')
		return;
	if (!client_done(l->w.client)) {
		fault(l, "it does not end");
		return;
	}
	status = client_status(l->w.client, &why);
	for (i = 1; i <= l->laws.typed; i++)
		quit |= strstr(l->laws.lines[i], "/quit") != NULL;
	all = l->signals == 0 && !quit && !o->stop && status < 69;
	laws_end(&l->laws, all, status != 75 && l->signals < 2);
	laws_clear(&l->laws, &l->wire);
	look_at_positions(l);
	look(l);
}

static void
live_script(struct life *l, const char *p, size_t n, size_t piece)
{
	const char *end = p + n, *lf;
	int steps = 0;

	libgcrypt_begin();
	laws_begin(&l->laws);
	snprintf(l->laws.forged, sizeof l->laws.forged, "forged%016llx",
	    (unsigned long long)siphash(p, n));
	wire_init(&l->wire);
	peer_init(&l->peer);
	l->refuses = l->signals = l->connected = l->limited = 0;
	l->raw = l->archived = 0;
	l->unsent = 0;
	world_init(&l->w, piece);
	lf = n == 0 ? NULL : memchr(p, '\n', n);
	if (n > 0 && *p == '-' && lf != NULL) {
		start(l, p + 1, (size_t)(lf - p) - 1);
		p = lf + 1;
	} else {
		start(l, "", 0);
	}
	for (; p < end && l->w.fault[0] == '\0' && steps++ < STEPS;
	     p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (lf == NULL)
			lf = end;
		if (lf == p)
			continue;
		if (client_done(l->w.client))
			break;
		step(l, p, (size_t)(lf - p));
		step_world(l, *p);
		pump(l);
	}
	if (l->w.fault[0] == '\0')
		finish(l);
	if (l->w.fault[0] != '\0') {
		fprintf(stderr, "fault: %s\n", l->w.fault);
		abort();
	}
}

static void
end(struct life *l)
{
	laws_forget(&l->laws);
	wire_clear(&l->wire);
	peer_clear(&l->peer);
	world_clear(&l->w);
}

/* Says where A and B part, and gives up, unless they are the same. */
static void
compare(const struct buf *a, const struct buf *b)
{
	const unsigned char *p = buf_data(a), *q = buf_data(b);
	size_t i, n = buf_len(a) < buf_len(b) ? buf_len(a) : buf_len(b), from;

	if (file_same(a, b))
		return;
	for (i = 0; i < n && p[i] == q[i]; i++)
		;
	from = i < 100 ? 0 : i - 100;
	fprintf(stderr,
	    "fault: not the same byte by byte: %.*s\n"
	    "not: %.*s\n",
	    (int)(buf_len(a) - from > 300 ? 300 : buf_len(a) - from), p + from,
	    (int)(buf_len(b) - from > 300 ? 300 : buf_len(b) - from), q + from);
	abort();
}

/* An event's line, its tag, and its JID behind a time of 24 characters. */
struct row {
	const char *line, *jid;
	int tag_len, jid_len;
	size_t i;
};

static int
by_tag_and_jid(const void *a, const void *b)
{
	const struct row *p = a, *q = b;
	size_t n = (size_t)(p->tag_len < q->tag_len ? p->tag_len : q->tag_len);
	int d = memcmp(p->line, q->line, n);

	d = d != 0 ? d : p->tag_len - q->tag_len;
	n = (size_t)(p->jid_len < q->jid_len ? p->jid_len : q->jid_len);
	d = d != 0 ? d : memcmp(p->jid, q->jid, n);
	d = d != 0 ? d : p->jid_len - q->jid_len;
	return d != 0 ? d : (p->i > q->i) - (p->i < q->i);
}

/* Sorts the EVENTS by their tags and JIDs and leaves in place what is alike. */
static void
sort_events(struct buf *events)
{
	struct row *rows = calloc(buf_len(events) + 1, sizeof *rows);
	struct buf sorted;
	const char *p = buf_str(events), *lf;
	size_t i, n = 0;

	for (; (lf = strchr(p, '\n')) != NULL; p = lf + 1, n++) {
		rows[n].line = p;
		rows[n].tag_len = (int)strcspn(p, "\t\n");
		rows[n].jid = p + rows[n].tag_len;
		if (lf - rows[n].jid > 26)
			rows[n].jid += 26;
		rows[n].jid_len = (int)strcspn(rows[n].jid, "\t\n");
		rows[n].i = n;
	}
	qsort(rows, n, sizeof *rows, by_tag_and_jid);
	buf_init(&sorted, buf_len(events));
	for (i = 0; i < n; i++)
		buf_add(&sorted, rows[i].line, strcspn(rows[i].line, "\n") + 1);
	free(rows);
	buf_clear(events);
	*events = sorted;
}

/* Counts the streams that the client has ended: one that is to be ended is not
 * where the server's own end comes in the same piece, and may be resumed. */
static size_t
count_ends(struct buf *wire)
{
	const char *p = buf_str(wire);
	size_t n = 0;

	while ((p = strstr(p, "</stream:stream>")) != NULL)
		n++, p++;
	return n;
}

/* Byte by byte takes three times as long: one script of 16, by its bytes. */
static int
is_sixteenth(const uint8_t *data, size_t size)
{
	unsigned sum = 0;

	while (size-- > 0)
		sum += *data++;
	return sum % 16 == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct life once, again;

	if (size > SCRIPT)
		return 0;
	live_script(&once, (const char *)data, size, WORLD_CHUNK);
	/* libgcrypt has its own randomness; a limit is hit at a piece, and what
	 * is not stored is told behind one. */
	if (once.peer.otr == NULL && !once.limited && !once.w.unstored &&
	    is_sixteenth(data, size)) {
		live_script(&again, (const char *)data, size, 1);
		if (!again.limited && !again.w.unstored &&
		    count_ends(&once.w.all[0]) == count_ends(&again.w.all[0])) {
			compare(&once.w.all[0], &again.w.all[0]);
			/* A line that waits for the server may go on behind
			 * what came with its answer. */
			if (!file_same(&once.w.all[1], &again.w.all[1])) {
				sort_events(&once.w.all[1]);
				sort_events(&again.w.all[1]);
			}
			compare(&once.w.all[1], &again.w.all[1]);
			compare(&once.w.all[2], &again.w.all[2]);
		}
		end(&again);
	}
	end(&once);
	return 0;
}
