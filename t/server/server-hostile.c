/*
 * An XMPP server that says whatever a script tells it to, for the tests.
 *
 *     server-hostile [-p PORT] CHAIN.pem KEY.pem SCRIPT
 *
 * It says `port N` first and listens on loopback; one connection at a time.
 * A line of SCRIPT is one of
 *
 *     accept        the next connection (once before the script by itself)
 *     recv TEXT     wait for TEXT; what stands behind it stays to be read
 *     send TEXT     nothing is added, no line end either
 *     tls           answer a TLS 1.2 handshake
 *     auth          offer PLAIN alone and accept what comes
 *     login JID     all from the stream header to the answer to bind
 *     close         close_notify where TLS is, then the end
 *     fin           the end without close_notify
 *     rst           a reset
 *     wait          until the client closes
 *     closed        the same, and by close_notify
 *     # remark
 *
 * TEXT has the escapes \\ \n \r \t \xHH, \i, the last value of an attribute
 * id in what recv took, and \j, the JID of login. What comes and goes is
 * printed as `< TEXT` (from the client) and `> TEXT`, with `tls` between. At
 * the end of the script it ends with 0; with 1 and the line on standard error
 * where the client does not do as told within 120 s.
 */
#include "sexp/buf.h"

#include <arpa/inet.h>
#include <bearssl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE 120000 /* milliseconds */
#define CHAIN	 8	/* certificates */

static const char login_script[] =
    "recv <stream:stream\n"
    "recv >\n"
    "send <?xml version='1.0'?><stream:stream xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' id='s1' "
    "from='\\d' version='1.0'><stream:features><starttls "
    "xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
    "</stream:features>\n"
    "recv <starttls\n"
    "recv >\n"
    "send <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\n"
    "tls\n"
    "auth\n"
    "recv <stream:stream\n"
    "recv >\n"
    "send <?xml version='1.0'?><stream:stream xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' id='s3' "
    "from='\\d' version='1.0'><stream:features><bind "
    "xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>\n"
    "recv urn:ietf:params:xml:ns:xmpp-bind\n"
    "recv </iq>\n"
    "send <iq type='result' id='\\i'><bind "
    "xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>\\j</jid></bind></iq>\n";

static const char auth_script[] =
    "recv <stream:stream\n"
    "recv >\n"
    "send <?xml version='1.0'?><stream:stream xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' id='s2' "
    "from='\\d' version='1.0'><stream:features><mechanisms "
    "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
    "</mechanisms></stream:features>\n"
    "recv </auth>\n"
    "send <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>\n";

static struct {
	const char *file;
	int line, listener, fd, eof, secure;
	struct buf in;	   /* read, not yet taken by recv */
	char id[256];	   /* \i */
	char jid[4096];	   /* \j */
	char domain[1024]; /* \d */
	br_ssl_server_context tls;
	unsigned char records[BR_SSL_BUFSIZE_BIDI];
	br_x509_certificate chain[CHAIN];
	size_t certificates;
	br_skey_decoder_context key;
} h;

__attribute__((format(printf, 1, 2), noreturn)) static void
die(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", h.file, h.line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* One line that shows N bytes of P. */
static void
show(int sign, const unsigned char *p, size_t n)
{
	printf("%c ", sign);
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\\')
			fputs("\\\\", stdout);
		else if (p[i] == '\n')
			fputs("\\n", stdout);
		else if (p[i] < ' ' || p[i] == 0x7f)
			printf("\\x%02x", p[i]);
		else
			putchar(p[i]);
	}
	putchar('\n');
	fflush(stdout);
}

static void
read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "r");
	char bytes[4096];
	size_t n;

	buf_init(out, 1 << 24);
	if (f == NULL)
		die("cannot read %s", path);
	while ((n = fread(bytes, 1, sizeof bytes, f)) > 0)
		buf_add(out, bytes, n);
	fclose(f);
}

static void
append(void *out, const void *p, size_t n)
{
	buf_add(out, p, n);
}

/* Calls DONE with each object of the PEM file PATH. */
static void
read_pem(const char *path, void (*done)(const char *name, struct buf *der))
{
	br_pem_decoder_context pem;
	struct buf text, der;
	char name[128] = "";

	read_file(path, &text);
	buf_init(&der, 1 << 20);
	br_pem_decoder_init(&pem);
	while (buf_len(&text) > 0) {
		buf_drop(&text,
		    br_pem_decoder_push(&pem, buf_data(&text), buf_len(&text)));
		switch (br_pem_decoder_event(&pem)) {
		case BR_PEM_BEGIN_OBJ:
			snprintf(
			    name, sizeof name, "%s", br_pem_decoder_name(&pem));
			buf_reset(&der);
			br_pem_decoder_setdest(&pem, append, &der);
			break;
		case BR_PEM_END_OBJ:
			done(name, &der);
			break;
		case BR_PEM_ERROR:
			die("%s is no PEM file", path);
		}
	}
	buf_clear(&text);
	buf_clear(&der);
}

static void
on_certificate(const char *name, struct buf *der)
{
	br_x509_certificate *c = &h.chain[h.certificates];

	if (strcmp(name, "CERTIFICATE") != 0 || h.certificates == CHAIN)
		return;
	c->data_len = buf_len(der);
	c->data = (unsigned char *)buf_memdup(buf_data(der), c->data_len);
	h.certificates++;
}

static void
on_key(const char *name, struct buf *der)
{
	if (strstr(name, "PRIVATE KEY") == NULL)
		return;
	br_skey_decoder_init(&h.key);
	br_skey_decoder_push(&h.key, buf_data(der), buf_len(der));
	if (br_skey_decoder_last_error(&h.key) != 0)
		die("no key that can be read");
}

static void
listen_on(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof a;
	int one = 1;

	a.sin_port = htons((uint16_t)port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	h.listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(h.listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(h.listener, (struct sockaddr *)&a, len) == -1 ||
	    listen(h.listener, 16) == -1 ||
	    getsockname(h.listener, (struct sockaddr *)&a, &len) == -1)
		die("cannot listen");
	printf("port %d\n", ntohs(a.sin_port));
	fflush(stdout);
}

static void
hang_up(void)
{
	if (h.fd != -1)
		close(h.fd);
	h.fd = -1;
	h.eof = h.secure = 0;
	buf_reset(&h.in);
}

static void
wait_readable(int fd, const char *for_what)
{
	struct pollfd p = {fd, POLLIN, 0};

	if (poll(&p, 1, PATIENCE) != 1)
		die("waited in vain for %s", for_what);
}

static void
take_connection(void)
{
	hang_up();
	wait_readable(h.listener, "a connection");
	h.fd = accept(h.listener, NULL, NULL);
	printf("accept\n");
	fflush(stdout);
}

static void
write_all(const unsigned char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = send(h.fd, p, n, MSG_NOSIGNAL);

		if (done <= 0)
			die("the client is gone");
		p += done;
		n -= (size_t)done;
	}
}

/* Returns 1 if the engine is in one of STATES. */
static int
in_state(unsigned states)
{
	return (br_ssl_engine_current_state(&h.tls.eng) & states) != 0;
}

static void
read_record(const char *for_what)
{
	size_t n;
	unsigned char *to = br_ssl_engine_recvrec_buf(&h.tls.eng, &n);
	ssize_t got;

	wait_readable(h.fd, for_what);
	got = read(h.fd, to, n);
	if (got > 0)
		br_ssl_engine_recvrec_ack(&h.tls.eng, (size_t)got);
	else
		h.eof = 1;
}

/* Turns the engine until it is in one of STATES, closed, or at the end. */
static void
turn(unsigned states, const char *for_what)
{
	size_t n;

	while (!h.eof && !in_state(BR_SSL_CLOSED)) {
		if (in_state(BR_SSL_SENDREC)) {
			const unsigned char *p =
			    br_ssl_engine_sendrec_buf(&h.tls.eng, &n);

			write_all(p, n);
			br_ssl_engine_sendrec_ack(&h.tls.eng, n);
		} else if (in_state(states)) {
			return;
		} else if (in_state(BR_SSL_RECVAPP)) {
			/* Closing: nobody wants that any more. */
			br_ssl_engine_recvapp_buf(&h.tls.eng, &n);
			br_ssl_engine_recvapp_ack(&h.tls.eng, n);
		} else {
			read_record(for_what);
		}
	}
}

static void
start_tls(void)
{
	const unsigned char seed[32] = "a test needs no better than this";
	int type = br_skey_decoder_key_type(&h.key);

	if (type == BR_KEYTYPE_EC)
		br_ssl_server_init_full_ec(&h.tls, h.chain, h.certificates,
		    BR_KEYTYPE_EC, br_skey_decoder_get_ec(&h.key));
	else
		br_ssl_server_init_full_rsa(&h.tls, h.chain, h.certificates,
		    br_skey_decoder_get_rsa(&h.key));
	br_ssl_engine_set_versions(&h.tls.eng, BR_TLS12, BR_TLS12);
	br_ssl_engine_set_buffer(&h.tls.eng, h.records, sizeof h.records, 1);
	br_ssl_engine_inject_entropy(&h.tls.eng, seed, sizeof seed);
	br_ssl_server_reset(&h.tls);
	if (buf_len(&h.in) > 0)
		die("the client spoke before its handshake");
	turn(BR_SSL_SENDAPP, "the handshake");
	if (!in_state(BR_SSL_SENDAPP))
		die("no handshake, error %d",
		    br_ssl_engine_last_error(&h.tls.eng));
	h.secure = 1;
	printf("tls\n");
	fflush(stdout);
}

static void
send_bytes(const unsigned char *p, size_t n)
{
	show('>', p, n);
	if (!h.secure) {
		write_all(p, n);
		return;
	}
	while (n > 0) {
		unsigned char *to;
		size_t room;

		turn(BR_SSL_SENDAPP, "room");
		to = br_ssl_engine_sendapp_buf(&h.tls.eng, &room);
		if (to == NULL)
			die("the client is gone");
		room = room < n ? room : n;
		memcpy(to, p, room);
		br_ssl_engine_sendapp_ack(&h.tls.eng, room);
		br_ssl_engine_flush(&h.tls.eng, 0);
		p += room;
		n -= room;
	}
	turn(BR_SSL_SENDAPP | BR_SSL_RECVAPP, "the client to read");
}

/* Reads more into h.in; h.eof at the end. */
static void
receive(const char *for_what)
{
	unsigned char bytes[16384];
	size_t n = 0;
	ssize_t got;

	if (h.secure) {
		const unsigned char *p;

		turn(BR_SSL_RECVAPP, for_what);
		p = br_ssl_engine_recvapp_buf(&h.tls.eng, &n);
		if (p == NULL) {
			h.eof = 1;
			return;
		}
		show('<', p, n);
		buf_add(&h.in, p, n);
		br_ssl_engine_recvapp_ack(&h.tls.eng, n);
		return;
	}
	wait_readable(h.fd, for_what);
	got = read(h.fd, bytes, sizeof bytes);
	if (got <= 0) {
		h.eof = 1;
		return;
	}
	show('<', bytes, (size_t)got);
	buf_add(&h.in, bytes, (size_t)got);
}

/* Keeps the value of the last attribute id in the first N bytes of TEXT. */
static void
note_id(const char *text, size_t n)
{
	for (size_t i = 0; i + 5 < n; i++) {
		const char *value = text + i + 5, *end;

		if (strncmp(text + i, " id=", 4) != 0)
			continue;
		end = strchr(value, value[-1]);
		if (end != NULL)
			snprintf(h.id, sizeof h.id, "%.*s", (int)(end - value),
			    value);
	}
}

static void
expect(const char *pattern)
{
	const char *text, *at;

	while (text = buf_str(&h.in), (at = strstr(text, pattern)) == NULL) {
		if (h.eof)
			die("the client closed, not said: %s", pattern);
		receive(pattern);
	}
	note_id(text, (size_t)(at - text) + strlen(pattern));
	buf_drop(&h.in, (size_t)(at - text) + strlen(pattern));
}

static int
hex(int c)
{
	const char *digits = "0123456789abcdef", *at;

	at = c == '\0' ? NULL : strchr(digits, c | 0x20);
	if (at == NULL)
		die("\\x needs two hexadecimal digits");
	return (int)(at - digits);
}

/* Appends what the escaped TEXT stands for. */
static void
unescape(const char *text, struct buf *out)
{
	for (; *text != '\0'; text++) {
		if (*text != '\\') {
			buf_addc(out, *text);
			continue;
		}
		switch (*++text) {
		case 'n':
			buf_addc(out, '\n');
			break;
		case 'r':
			buf_addc(out, '\r');
			break;
		case 't':
			buf_addc(out, '\t');
			break;
		case 'x':
			buf_addc(out, hex(text[1]) * 16 + hex(text[2]));
			text += 2;
			break;
		case 'd':
			buf_adds(out, h.domain);
			break;
		case 'i':
			buf_adds(out, h.id);
			break;
		case 'j':
			buf_adds(out, h.jid);
			break;
		case '\\':
			buf_addc(out, '\\');
			break;
		default:
			die("no such escape");
		}
	}
}

static void
end_connection(int orderly)
{
	struct linger hard = {1, 0};

	if (orderly == 1 && h.secure) {
		br_ssl_engine_close(&h.tls.eng);
		turn(0, "close_notify");
	} else if (orderly == -1) {
		setsockopt(h.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	}
	hang_up();
}

static void
expect_close(void)
{
	while (!h.eof)
		receive("close_notify");
	if (!in_state(BR_SSL_CLOSED) ||
	    br_ssl_engine_last_error(&h.tls.eng) != 0)
		die("the client closed without close_notify");
}

static void play(const char *script);

static void
log_in(const char *jid)
{
	const char *at = strchr(jid, '@');

	if (at == NULL)
		die("login needs a JID");
	at++;
	snprintf(h.jid, sizeof h.jid, "%s", jid);
	snprintf(h.domain, sizeof h.domain, "%.*s", (int)strcspn(at, "/"), at);
	play(login_script);
}

static void
step(const char *verb, const char *text)
{
	struct buf bytes;

	buf_init(&bytes, 1 << 24);
	unescape(text, &bytes);
	if (strcmp(verb, "accept") == 0)
		take_connection();
	else if (strcmp(verb, "recv") == 0)
		expect(buf_str(&bytes));
	else if (strcmp(verb, "send") == 0)
		send_bytes(buf_data(&bytes), buf_len(&bytes));
	else if (strcmp(verb, "tls") == 0)
		start_tls();
	else if (strcmp(verb, "auth") == 0)
		play(auth_script);
	else if (strcmp(verb, "login") == 0)
		log_in(buf_str(&bytes));
	else if (strcmp(verb, "close") == 0)
		end_connection(1);
	else if (strcmp(verb, "fin") == 0)
		end_connection(0);
	else if (strcmp(verb, "rst") == 0)
		end_connection(-1);
	else if (strcmp(verb, "wait") == 0)
		while (!h.eof)
			receive("the end");
	else if (strcmp(verb, "closed") == 0)
		expect_close();
	else
		die("no such step: %s", verb);
	buf_clear(&bytes);
}

/* Plays SCRIPT; only the lines of the outermost one are counted. */
static void
play(const char *script)
{
	static int depth;

	for (depth++; *script != '\0'; script += *script == '\n') {
		size_t n = strcspn(script, "\n");
		char *line = buf_memdup(script, n);
		char *text = line + strcspn(line, " ");

		if (*text != '\0')
			*text++ = '\0';
		h.line += depth == 1;
		if (*line != '\0' && *line != '#')
			step(line, text);
		free(line);
		script += n;
	}
	depth--;
}

int
main(int argc, char **argv)
{
	struct buf script;
	int c, port = 0;

	while ((c = getopt(argc, argv, "p:")) == 'p')
		port = atoi(optarg);
	h.file = "server-hostile";
	h.fd = -1;
	if (c != -1 || argc - optind != 3)
		die("usage: [-p PORT] CHAIN.pem KEY.pem SCRIPT");
	buf_init(&h.in, 1 << 24);
	read_pem(argv[optind], on_certificate);
	read_pem(argv[optind + 1], on_key);
	h.file = argv[optind + 2];
	read_file(h.file, &script);
	listen_on(port);
	take_connection();
	play(buf_str(&script));
	end_connection(1);
	buf_clear(&script);
	buf_clear(&h.in);
	for (size_t i = 0; i < h.certificates; i++)
		free(h.chain[i].data);
	return 0;
}
