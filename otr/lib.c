#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "otr/intern.h"
#include "sexp/memory.h"

/* libgcrypt calls this when it has no memory left, before it would abort(3). */
static void
no_memory(void *data, int code, const char *text)
{
	(void)data, (void)code, (void)text;
	memory_check(NULL);
}

/*
 * Takes a line that libgcrypt logs, with its LF. Behind one that says that the
 * system gave no randomness, or that it has a fault itself, it would abort(3).
 */
__attribute__((format(printf, 3, 0))) static void
take_log(void *data, int level, const char *format, va_list args)
{
	char line[256] = "jackline: ";
	size_t n = strlen(line);

	(void)data;
	if (level != GCRY_LOG_FATAL && level != GCRY_LOG_BUG)
		return;
	vsnprintf(line + n, sizeof line - n, format, args);
	memory_end(line);
}

int
lib_ready(void)
{
	static int state; /* 0: unknown; 1: ready; -1: wrong version */

	if (state == 0) {
		state = -1;
		gcry_set_fatalerror_handler(no_memory, NULL);
		gcry_set_log_handler(take_log, NULL);
		if (otrl_init(OTRL_VERSION_MAJOR, OTRL_VERSION_MINOR,
			OTRL_VERSION_SUB) == 0) {
			gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
			state = 1;
		}
	}
	return state == 1 ? 0 : -1;
}

OtrlPolicy
lib_policy(unsigned versions)
{
	/*
	 * Only the versions: otr.c decides whether to encrypt, tag or start,
	 * and libotr must not decide that as well.
	 */
	return ((versions & OTR_V2) != 0 ? OTRL_POLICY_ALLOW_V2 : 0u) |
	       ((versions & OTR_V3) != 0 ? OTRL_POLICY_ALLOW_V3 : 0u);
}

ConnContext *
lib_context(struct otr *o, const struct talk *t, unsigned tag)
{
	return otrl_context_find(o->us, t->name, OTR_ACCOUNT, OTR_PROTOCOL, tag,
	    0, NULL, NULL, NULL);
}

static int
is_context_of(const ConnContext *c, const struct talk *t)
{
	return strcmp(c->username, t->name) == 0;
}

/*
 * Frees the context C; the children of a master must be freed before it. Works
 * around two faults of libotr: the master keeps pointers to a freed child, and
 * 4.1.1 does not free the private part.
 */
static void
forget_context(ConnContext *c)
{
	ConnContextPriv *priv = c->context_priv;
	ConnContext *m = c->m_context;

	otrl_context_force_plaintext(c);
	if (m != c) {
		if (m->recent_child == c)
			m->recent_child = m;
		if (m->recent_rcvd_child == c)
			m->recent_rcvd_child = m;
		if (m->recent_sent_child == c)
			m->recent_sent_child = m;
	}
	if (otrl_context_forget(c) == 0 && strcmp(otrl_version(), "4.1.1") == 0)
		free(priv);
}

/* Forgets the fingerprints that handshakes have left, except that of KEEP. */
static void
forget_fingerprints(const ConnContext *keep)
{
	Fingerprint *f, *next;

	for (f = keep->m_context->fingerprint_root.next; f != NULL; f = next) {
		next = f->next;
		if (f != keep->active_fingerprint)
			otrl_context_forget_fingerprint(f, 0);
	}
}

void
lib_forget(struct otr *o, const struct talk *t, const ConnContext *keep)
{
	ConnContext *c, *next, *m = NULL;

	for (c = o->us->context_root; c != NULL; c = next) {
		next = c->next;
		if (!is_context_of(c, t) || c == keep)
			continue;
		if (c->m_context == c)
			m = c;
		else
			forget_context(c);
	}
	if (keep != NULL)
		forget_fingerprints(keep);
	if (m != NULL && keep == NULL)
		forget_context(m);
	else if (m != NULL)
		otrl_auth_clear(&m->auth);
}

void
lib_bound(struct otr *o, const struct talk *t, const ConnContext *keep)
{
	ConnContext *c, *oldest;
	int n;

	do {
		n = 0;
		oldest = NULL;
		for (c = o->us->context_root; c != NULL; c = c->next) {
			if (!is_context_of(c, t) || c->m_context == c)
				continue;
			n++;
			if (c != keep && c != t->ctx &&
			    (oldest == NULL ||
				c->context_priv->lastrecv <
				    oldest->context_priv->lastrecv))
				oldest = c;
		}
		if (n > OTR_MAX_INSTANCES && oldest != NULL)
			forget_context(oldest);
	} while (n > OTR_MAX_INSTANCES + 1 && oldest != NULL);
}

void
lib_fragments(struct otr *o, const struct talk *t, size_t n)
{
	ConnContext *c;
	ConnContextPriv *p;

	for (c = o->us->context_root; c != NULL; c = c->next) {
		p = c->context_priv;
		if (!is_context_of(c, t) || p->fragment_len + n <= OTR_MAX_BODY)
			continue;
		free(p->fragment);
		p->fragment = NULL;
		p->fragment_len = 0;
		p->fragment_n = p->fragment_k = 0;
	}
}

/* A handshake that fails late removes the keys, but does not reset msgstate. */
int
lib_alive(const ConnContext *c)
{
	return c->msgstate == OTRL_MSGSTATE_ENCRYPTED &&
	       c->context_priv->their_keyid > 0 &&
	       c->context_priv->sesskeys[0][0].sendenc != NULL &&
	       c->context_priv->sesskeys[1][0].sendenc != NULL;
}

void
lib_scrub(ConnContext *c)
{
	gcry_free(c->context_priv->lastmessage);
	c->context_priv->lastmessage = NULL;
	c->context_priv->may_retransmit = 0;
}
