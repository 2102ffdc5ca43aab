/*
 * The same work by libstrophe, for scripts/bench: XEP-0198 on, the certificate
 * checked, as jackline does it.
 *
 *     bench-strophe [-r] JID PASSWORD PORT CA.pem [TO COUNT [TEXT]]
 *
 * With -r it asks for the receipts of XEP-0184, waits for them all, and sends
 * those that it is asked for.
 *
 * With TO it sends COUNT messages of TEXT or 60 bytes there, and ends with the
 * answer to a ping that follows them. Without, it prints the body of each
 * message that comes, a line each, until it is killed. 0; 1 where it was not
 * let in or the connection was lost.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <strophe.h>

#define AHEAD 100 /* stanzas in its queue */

static struct {
	const char *to, *text;
	unsigned long count, sent, received; /* messages; receipts of them */
	int receipts;			     /* -r */
	int done;
} b;

static void
finish(xmpp_conn_t *conn)
{
	b.done = 1;
	xmpp_disconnect(conn);
}

/* Adds an element NAME of XEP-0184 to X; ID is that of the message, or NULL. */
static void
add_receipt(xmpp_stanza_t *x, xmpp_ctx_t *ctx, const char *name, const char *id)
{
	xmpp_stanza_t *child = xmpp_stanza_new(ctx);

	xmpp_stanza_set_name(child, name);
	xmpp_stanza_set_ns(child, "urn:xmpp:receipts");
	if (id != NULL)
		xmpp_stanza_set_id(child, id);
	xmpp_stanza_add_child(x, child);
	xmpp_stanza_release(child);
}

/* Sends the receipt of X if it asks for one, and counts it if it is one. */
static void
take_receipt(xmpp_conn_t *conn, xmpp_ctx_t *ctx, xmpp_stanza_t *x)
{
	const char *id = xmpp_stanza_get_id(x);
	xmpp_stanza_t *answer;

	if (xmpp_stanza_get_child_by_name_and_ns(
		x, "request", "urn:xmpp:receipts") != NULL &&
	    id != NULL) {
		answer = xmpp_message_new(
		    ctx, "chat", xmpp_stanza_get_from(x), NULL);
		add_receipt(answer, ctx, "received", id);
		xmpp_send(conn, answer);
		xmpp_stanza_release(answer);
	}
	if (xmpp_stanza_get_child_by_name_and_ns(
		x, "received", "urn:xmpp:receipts") != NULL &&
	    ++b.received == b.count)
		finish(conn);
}

static int
on_message(xmpp_conn_t *conn, xmpp_stanza_t *x, void *data)
{
	xmpp_stanza_t *body = xmpp_stanza_get_child_by_name(x, "body");
	char *text = body == NULL ? NULL : xmpp_stanza_get_text(body);

	if (b.receipts)
		take_receipt(conn, data, x);
	if (text != NULL) {
		puts(text);
		fflush(stdout);
	}
	xmpp_free(data, text);
	return 1;
}

static int
on_pong(xmpp_conn_t *conn, xmpp_stanza_t *x, void *data)
{
	(void)x;
	(void)data;
	finish(conn);
	return 0;
}

static void
send_ping(xmpp_conn_t *conn, xmpp_ctx_t *ctx)
{
	xmpp_stanza_t *iq = xmpp_iq_new(ctx, "get", "ping");
	xmpp_stanza_t *ping = xmpp_stanza_new(ctx);

	xmpp_stanza_set_name(ping, "ping");
	xmpp_stanza_set_ns(ping, "urn:xmpp:ping");
	xmpp_stanza_add_child(iq, ping);
	xmpp_stanza_release(ping);
	xmpp_id_handler_add(conn, on_pong, "ping", ctx);
	xmpp_send(conn, iq);
	xmpp_stanza_release(iq);
}

/* Called in each turn of the loop: some more messages. */
static int
on_turn(xmpp_conn_t *conn, void *data)
{
	xmpp_ctx_t *ctx = data;
	xmpp_stanza_t *x;
	char id[32], text[80];

	while (b.sent < b.count && xmpp_conn_send_queue_len(conn) < AHEAD) {
		snprintf(id, sizeof id, "m%lu", ++b.sent);
		snprintf(text, sizeof text, "%060lu", b.sent);
		x = xmpp_message_new(ctx, "chat", b.to, id);
		xmpp_message_set_body(x, b.text != NULL ? b.text : text);
		if (b.receipts)
			add_receipt(x, ctx, "request", NULL);
		xmpp_send(conn, x);
		xmpp_stanza_release(x);
	}
	if (b.sent < b.count)
		return 1;
	if (!b.receipts)
		send_ping(conn, ctx);
	return 0;
}

static void
on_connection(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
    xmpp_stream_error_t *why, void *data)
{
	xmpp_ctx_t *ctx = data;
	xmpp_stanza_t *x;

	(void)error;
	(void)why;
	if (event != XMPP_CONN_CONNECT) {
		xmpp_stop(ctx);
		return;
	}
	xmpp_handler_add(conn, on_message, NULL, "message", NULL, ctx);
	x = xmpp_presence_new(ctx);
	xmpp_send(conn, x);
	xmpp_stanza_release(x);
	if (b.to != NULL)
		xmpp_timed_handler_add(conn, on_turn, 0, ctx);
}

int
main(int argc, char **argv)
{
	xmpp_ctx_t *ctx;
	xmpp_conn_t *conn;

	if (argc > 1 && strcmp(argv[1], "-r") == 0) {
		b.receipts = 1;
		argc--;
		argv++;
	}
	if (argc < 5 || argc == 6 || argc > 8)
		return 64;
	if (argc >= 7) {
		b.text = argv[7];
		b.to = argv[5];
		b.count = strtoul(argv[6], NULL, 10);
	}
	signal(SIGPIPE, SIG_IGN);
	xmpp_initialize();
	ctx = xmpp_ctx_new(NULL, NULL);
	conn = xmpp_conn_new(ctx);
	xmpp_conn_set_flags(conn, XMPP_CONN_FLAG_MANDATORY_TLS);
	xmpp_conn_set_cafile(conn, argv[4]);
	xmpp_conn_set_jid(conn, argv[1]);
	xmpp_conn_set_pass(conn, argv[2]);
	if (xmpp_connect_client(conn, "127.0.0.1",
		(unsigned short)atoi(argv[3]), on_connection, ctx) == XMPP_EOK)
		xmpp_run(ctx);
	xmpp_conn_release(conn);
	xmpp_ctx_free(ctx);
	xmpp_shutdown();
	return b.done ? 0 : 1;
}
