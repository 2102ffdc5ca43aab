/*
 * In place of xmpp/tls.c in a test binary: the same symbols, no encryption, so
 * that transcripts enter below TLS and the program itself has no mode without
 * it. Each side opens with FAKE_TLS_HELLO, and clear bytes follow as they are.
 * From the server
 *
 *     TLS-FAIL cause;	instead of its hello ends the handshake with that cause
 *     a NUL		later on is its close_notify
 */
#ifndef T_FAKE_TLS_H
#define T_FAKE_TLS_H

#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"
#include "xmpp/tls.h"

#define FAKE_TLS_HELLO	"TLS-HELLO;"
#define FAKE_TLS_FAIL	"TLS-FAIL "
#define FAKE_TLS_UNIQUE "tls-unique12"
#define FAKE_TLS_RECORD ((size_t)16384) /* clear bytes held at most */

struct tls {
	struct buf in, clear, wire;
	int ready, closed;
	const char *cause;
	unsigned char pin[TLS_PIN];
};

struct tls *
tls_new(const struct tls_options *options)
{
	struct tls *t;
	size_t i;

	if (options->name == NULL || *options->name == '\0' ||
	    options->seed == NULL)
		return NULL;
	t = buf_alloc(sizeof *t);
	buf_init(&t->in, 64);
	buf_init(&t->clear, FAKE_TLS_RECORD);
	buf_init(&t->wire, (size_t)64 << 20);
	buf_adds(&t->wire, FAKE_TLS_HELLO);
	for (i = 0; i < sizeof t->pin; i++)
		t->pin[i] = (unsigned char)i;
	return t;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	buf_clear(&t->in);
	buf_clear(&t->clear);
	buf_clear(&t->wire);
	free(t);
}

/* The cause of N bytes at NAME, static as those of tls.c are. */
static const char *
fake_tls_cause(const char *name, size_t n)
{
	static const char *const causes[] = {"tls-untrusted", "tls-name",
	    "tls-expired", "tls-pin", "tls-version", "connection-lost"};
	size_t i;

	for (i = 0; i < sizeof causes / sizeof *causes; i++)
		if (strlen(causes[i]) == n && memcmp(causes[i], name, n) == 0)
			return causes[i];
	return "protocol";
}

/* One byte of the server's first words. */
static void
fake_tls_shake(struct tls *t, char byte)
{
	size_t prefix = strlen(FAKE_TLS_FAIL);
	const char *said;

	buf_addc(&t->in, byte);
	if (byte != ';')
		return;
	said = buf_str(&t->in);
	if (strcmp(said, FAKE_TLS_HELLO) == 0)
		t->ready = 1;
	else if (strncmp(said, FAKE_TLS_FAIL, prefix) == 0)
		t->cause =
		    fake_tls_cause(said + prefix, strlen(said) - prefix - 1);
	else
		t->cause = "protocol";
}

size_t
tls_recv(struct tls *t, const void *p, size_t n)
{
	const char *from = p;
	size_t i;

	if (t->closed || t->cause != NULL)
		return n;
	for (i = 0; i < n && t->cause == NULL; i++) {
		if (!t->ready) {
			fake_tls_shake(t, from[i]);
			continue;
		}
		if (from[i] == '\0')
			t->cause = "connection-lost";
		else if (buf_addc(&t->clear, from[i]) == -1)
			break;
	}
	return t->cause == NULL ? i : n;
}

const unsigned char *
tls_wire_buf(struct tls *t, size_t *len)
{
	*len = buf_len(&t->wire);
	return *len == 0 ? NULL : buf_data(&t->wire);
}

void
tls_wire_done(struct tls *t, size_t n)
{
	buf_drop(&t->wire, n);
}

const unsigned char *
tls_clear_buf(struct tls *t, size_t *len)
{
	*len = buf_len(&t->clear);
	return *len == 0 ? NULL : buf_data(&t->clear);
}

void
tls_clear_done(struct tls *t, size_t n)
{
	buf_drop(&t->clear, n);
}

size_t
tls_send(struct tls *t, const void *p, size_t n)
{
	if (!t->ready || t->closed || t->cause != NULL)
		return 0;
	return buf_add(&t->wire, p, n) == -1 ? 0 : n;
}

void
tls_flush(struct tls *t)
{
	(void)t;
}

void
tls_close(struct tls *t)
{
	t->closed = 1;
}

int
tls_ready(const struct tls *t)
{
	return t->ready && t->cause == NULL;
}

const char *
tls_cause(const struct tls *t)
{
	return t->cause;
}

const char *
tls_why(const struct tls *t)
{
	return t->cause == NULL ? NULL : "as the test wants it";
}

const unsigned char *
tls_pin(const struct tls *t)
{
	return t->ready || t->cause != NULL ? t->pin : NULL;
}

const unsigned char *
tls_leaf(const struct tls *t, size_t *len)
{
	*len = sizeof t->pin;
	return tls_pin(t);
}

const char *
tls_version(const struct tls *t)
{
	return t->ready ? "1.2" : NULL;
}

const char *
tls_cipher(const struct tls *t)
{
	return t->ready ? "NONE" : NULL;
}

const unsigned char *
tls_unique(const struct tls *t)
{
	return t->ready ? (const unsigned char *)FAKE_TLS_UNIQUE : NULL;
}

#endif
