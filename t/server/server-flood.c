/*
 * An XMPP server for figures: as fast as it can it sends what it is told to,
 * and takes what comes, so that what is measured is the client.
 *
 *     server-flood [-c CONTACTS] [-m MESSAGES] [-o OCCUPANTS] [-p PRESENT]
 *         [-u FILE] [-w] DIR
 *
 * It says `port N` first and listens on loopback, with the certificate of
 * server-certs in DIR; one connection at a time, for ever. It takes any
 * password (PLAIN) and has XEP-0198. The roster has CONTACTS, PRESENT
 * of them online. After the first presence come MESSAGES, each of 60 bytes, the
 * last one `last`; with -u they go on until FILE is there; with -w one by one,
 * each after the answer to a ping, so that each has a wake-up of its own. A
 * room that is joined has OCCUPANTS. At the end of each connection it says on
 * one line what came and went.
 */
#include "t/unit/tls-server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xmpp/xml.h"

#define NS_SM	"urn:xmpp:sm:3"
#define NS_BIND "urn:ietf:params:xml:ns:xmpp-bind"
#define NS_TLS	"urn:ietf:params:xml:ns:xmpp-tls"
#define AHEAD	65536 /* bytes of messages made before they are wanted */
#define ASKED	100   /* messages between two <r/> */

static struct {
	unsigned long contacts, messages, occupants, present;
	int one_by_one;
	const char *until; /* or NULL */
	int fd, secure, authenticated, over;
	struct server *tls;
	struct xml *xml;
	struct buf out;
	unsigned long told; /* messages */
	int told_all;
	int telling;
	uint32_t handled;
	unsigned long came, records, reads, acks, read_bytes, written;
} f;

static void
say(const char *text)
{
	buf_adds(&f.out, text);
}

static void
say_header(void)
{
	say("<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
	    "xmlns:stream='http://etherx.jabber.org/streams' id='s' "
	    "from='localhost' version='1.0'><stream:features>");
	if (!f.secure)
		say("<starttls xmlns='" NS_TLS "'><required/></starttls>");
	else if (!f.authenticated)
		say("<mechanisms xmlns='" NS_SASL
		    "'><mechanism>PLAIN</mechanism></mechanisms>");
	else
		say("<bind xmlns='" NS_BIND "'/><sm xmlns='" NS_SM "'/>");
	say("</stream:features>");
}

static void
say_present(void)
{
	unsigned long i;

	for (i = 0; i < f.present; i++)
		buf_addf(&f.out,
		    "<presence from='contact%lu@localhost/phone'><priority>5"
		    "</priority><c xmlns='http://jabber.org/protocol/caps' "
		    "hash='sha-1' node='n' ver='v'/></presence>",
		    i);
}

static void
say_room(const char *room, const char *nick)
{
	static const char end[] =
	    "'><x xmlns='http://jabber.org/protocol/muc#user'><item "
	    "affiliation='none' role='participant'/>";
	unsigned long i;

	for (i = 0; i < f.occupants; i++)
		buf_addf(&f.out, "<presence from='%s/nick%lu%s</x></presence>",
		    room, i, end);
	buf_addf(&f.out,
	    "<presence from='%s/%s%s<status code='110'/></x></presence>"
	    "<message from='%s' type='groupchat'><subject/></message>",
	    room, nick, end, room);
}

static void
on_presence(const struct stanza *x)
{
	const char *to = stanza_get(x, "to");
	char room[1024];

	if (to == NULL && !f.telling) {
		f.telling = 1;
		say_present();
	} else if (to != NULL && strchr(to, '/') != NULL &&
		   strlen(to) < sizeof room) {
		snprintf(room, sizeof room, "%.*s", (int)strcspn(to, "/"), to);
		say_room(room, strchr(to, '/') + 1);
	}
}

static void
say_roster(void)
{
	unsigned long i;

	say("<query xmlns='jabber:iq:roster'>");
	for (i = 0; i < f.contacts; i++)
		buf_addf(&f.out,
		    "<item jid='contact%lu@localhost' name='Contact %lu' "
		    "subscription='both'><group>Friends</group></item>",
		    i, i);
	say("</query>");
}

static void
on_iq(const struct stanza *x)
{
	const char *type = stanza_get(x, "type");

	if (type == NULL || (strcmp(type, "get") != 0 && *type != 's'))
		return;
	buf_addf(&f.out, "<iq type='result' id='%s'>", stanza_get(x, "id"));
	if (stanza_child(x, "bind", NS_BIND) != NULL)
		say("<bind xmlns='" NS_BIND
		    "'><jid>alice@localhost/bench</jid></bind>");
	else if (stanza_child(x, "query", NS_ROSTER) != NULL && *type == 'g')
		say_roster();
	say("</iq>");
}

static void
on_element(const struct stanza *x)
{
	const char *name = x->name;
	int stanza = strcmp(x->ns, NS_CLIENT) == 0;

	f.handled += (uint32_t)stanza;
	f.came += strcmp(name, "message") == 0;
	if (strcmp(name, "r") == 0)
		buf_addf(&f.out, "<a xmlns='" NS_SM "' h='%" PRIu32 "'/>",
		    f.handled);
	else if (strcmp(name, "a") == 0)
		f.acks++;
	else if (strcmp(name, "presence") == 0)
		on_presence(x);
	else if (strcmp(name, "iq") == 0)
		on_iq(x);
	else if (strcmp(name, "starttls") == 0)
		say("<proceed xmlns='" NS_TLS "'/>");
	else if (strcmp(name, "auth") == 0)
		say("<success xmlns='" NS_SASL "'/>");
	else if (strcmp(name, "enable") == 0)
		say("<enabled xmlns='" NS_SM "' id='i' resume='true'/>");
	if (strcmp(name, "enable") == 0)
		f.handled = 0;
	if (strcmp(name, "auth") == 0)
		f.authenticated = 1;
}

/* Reads what the parser was fed; whether TLS begins. */
static int
parse(void)
{
	enum xml_item item;
	int restart = 0;

	while ((item = xml_next(f.xml)) != XML_MORE) {
		if (item == XML_OPEN)
			say_header();
		if (item == XML_CLOSED)
			say("</stream:stream>");
		if (item == XML_CLOSED || item == XML_BROKEN)
			f.over = 1;
		if (f.over)
			return 0;
		if (item != XML_STANZA)
			continue;
		on_element(xml_stanza(f.xml));
		restart = strcmp(xml_stanza(f.xml)->name, "starttls") == 0 ||
			  strcmp(xml_stanza(f.xml)->name, "auth") == 0;
		if (restart) {
			xml_restart(f.xml);
			return !f.secure;
		}
	}
	return 0;
}

/* Returns 1 if the next message is the last. */
static int
is_last(void)
{
	if (f.told + 1 < f.messages)
		return 0;
	return f.until == NULL || access(f.until, F_OK) == 0;
}

/* Makes messages, some way ahead of what the socket takes. */
static void
tell(void)
{
	static const char form[] =
	    "<message from='bob@localhost/phone' to='alice@localhost/bench' "
	    "type='chat' id='m%lu'><body>%060lu</body></message>";
	static const char ask[] = "<r xmlns='" NS_SM "'/>";

	while (f.telling && !f.told_all && f.messages > 0 &&
	       buf_len(&f.out) < AHEAD) {
		if (f.one_by_one && f.acks < f.told)
			return;
		f.told_all = is_last();
		f.told++;
		if (f.told_all)
			say("<message from='bob@localhost/phone' type='chat' "
			    "id='last'><body>last</body></message>");
		else
			buf_addf(&f.out, form, f.told, f.told);
		if (f.one_by_one || f.told % ASKED == 0 || f.told_all)
			say(ask);
	}
}

static void
write_some(const void *p, size_t n, size_t *done)
{
	ssize_t sent = send(f.fd, p, n, MSG_NOSIGNAL);

	*done = sent > 0 ? (size_t)sent : 0;
	f.written += *done;
	if (sent == -1 && errno != EAGAIN && errno != EINTR)
		f.over = 1;
}

static ssize_t
read_some(void *p, size_t n)
{
	ssize_t got = recv(f.fd, p, n, 0);

	if (got == 0 || (got == -1 && errno != EAGAIN && errno != EINTR))
		f.over = 1;
	if (got > 0) {
		f.reads++;
		f.read_bytes += (unsigned long)got;
	}
	return got;
}

static void
turn_clear(void)
{
	unsigned char bytes[4096];
	ssize_t got = read_some(bytes, sizeof bytes);
	size_t done;
	int tls;

	if (got <= 0)
		return;
	xml_feed(f.xml, bytes, (size_t)got);
	tls = parse();
	write_some(buf_data(&f.out), buf_len(&f.out), &done);
	buf_drop(&f.out, done);
	if (tls) {
		f.secure = 1;
		br_ssl_server_reset(&f.tls->ctx);
	}
}

/* One step of the engine; 0 where it has to wait for the socket. */
static int
step(void)
{
	br_ssl_engine_context *eng = &f.tls->ctx.eng;
	unsigned state = br_ssl_engine_current_state(eng);
	unsigned char *p;
	size_t n, done;
	ssize_t got;

	if (state & BR_SSL_CLOSED) {
		f.over = 1;
	} else if (state & BR_SSL_RECVAPP) {
		p = br_ssl_engine_recvapp_buf(eng, &n);
		f.records++;
		xml_feed(f.xml, p, n);
		parse();
		br_ssl_engine_recvapp_ack(eng, n);
		return 1;
	}
	tell();
	if ((state & BR_SSL_SENDAPP) && buf_len(&f.out) > 0) {
		done = server_send(f.tls, buf_data(&f.out), buf_len(&f.out));
		buf_drop(&f.out, done);
		if (done > 0)
			return 1;
	}
	if (state & BR_SSL_SENDREC) {
		p = br_ssl_engine_sendrec_buf(eng, &n);
		write_some(p, n, &done);
		if (done > 0)
			br_ssl_engine_sendrec_ack(eng, done);
		if (done > 0)
			return 1;
	}
	if (state & BR_SSL_RECVREC) {
		p = br_ssl_engine_recvrec_buf(eng, &n);
		got = read_some(p, n);
		if (got > 0)
			br_ssl_engine_recvrec_ack(eng, (size_t)got);
		return got > 0;
	}
	return 0;
}

static void
serve(void)
{
	struct pollfd p = {f.fd, POLLIN, 0};
	unsigned state;

	while (!f.over) {
		state = f.secure ? br_ssl_engine_current_state(&f.tls->ctx.eng)
				 : BR_SSL_RECVREC;
		p.events = (short)((state & BR_SSL_RECVREC ? POLLIN : 0) |
				   (state & BR_SSL_SENDREC ? POLLOUT : 0));
		poll(&p, 1, -1);
		if (!f.secure)
			turn_clear();
		else
			while (!f.over && step())
				;
	}
	/* The farewell, as far as it goes. */
	if (f.secure && server_send(f.tls, buf_data(&f.out), buf_len(&f.out)))
		buf_reset(&f.out);
	f.over = 0;
	while (f.secure && !f.over &&
	       (br_ssl_engine_current_state(&f.tls->ctx.eng) & BR_SSL_SENDREC))
		step();
	printf("messages %lu told %lu records %lu reads %lu bytes %lu "
	       "written %lu acks %lu\n",
	    f.came, f.told, f.records, f.reads, f.read_bytes, f.written,
	    f.acks);
	fflush(stdout);
}

/* Takes the next connection from LISTENER, with all as at the beginning. */
static void
take(int listener)
{
	int one = 1;

	f.fd = accept(listener, NULL, NULL);
	if (f.fd == -1)
		exit(1);
	fcntl(f.fd, F_SETFL, O_NONBLOCK);
	setsockopt(f.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	f.secure = f.authenticated = f.over = f.telling = f.told_all = 0;
	f.told = f.came = f.records = f.reads = f.acks = 0;
	f.read_bytes = f.written = 0;
	buf_reset(&f.out);
	f.xml = xml_new();
	serve();
	close(f.fd);
	xml_free(f.xml);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof a;
	int c, listener;

	while ((c = getopt(argc, argv, "c:m:o:p:u:w")) != -1) {
		if (c == 'c')
			f.contacts = strtoul(optarg, NULL, 10);
		else if (c == 'm')
			f.messages = strtoul(optarg, NULL, 10);
		else if (c == 'o')
			f.occupants = strtoul(optarg, NULL, 10);
		else if (c == 'p')
			f.present = strtoul(optarg, NULL, 10);
		else if (c == 'u')
			f.until = optarg;
		else if (c == 'w')
			f.one_by_one = 1;
		else
			return 64;
	}
	if (argc - optind != 1)
		return 64;
	snprintf(cert_dir, sizeof cert_dir, "%s", argv[optind]);
	f.tls = server_new("server.crt", "server.key");
	buf_init(&f.out, (size_t)64 << 20);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&a, len) == -1 ||
	    listen(listener, 16) == -1 ||
	    getsockname(listener, (struct sockaddr *)&a, &len) == -1)
		return 1;
	printf("port %d\n", ntohs(a.sin_port));
	fflush(stdout);
	for (;;)
		take(listener);
}
