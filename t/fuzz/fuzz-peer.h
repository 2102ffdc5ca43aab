/*
 * The OTR of the contact bob@example.org/pad in a script: another machine of
 * otr/otr.h, which reads what was sent to him and answers through the server.
 */
#ifndef T_FUZZ_PEER_H
#define T_FUZZ_PEER_H

#include "otr/otr.h"
#include "t/unit/file.h"
#include "t/unit/libotr-leaks.h"

#define PEER_BODIES 40 /* at a step */

struct peer {
	struct otr *otr; /* NULL until it has done something */
	struct otr_peer alice;
};

static void
peer_init(struct peer *p)
{
	memset(p, 0, sizeof *p);
	p->alice = (struct otr_peer){.name = "alice@example.org/desk",
	    .versions = OTR_V2 | OTR_V3,
	    .answer = 1};
}

static void
peer_clear(struct peer *p)
{
	otr_free(p->otr);
	p->otr = NULL;
}

/* The OTR of a client that has just started. */
static void
peer_open(struct peer *p)
{
	static struct privkey *key;
	char why[160];
	struct buf b;

	if (key == NULL) {
		buf_init(&b, 65536);
		file_read("t/samples/gen-full/otr_dsa.sexp", &b);
		key = privkey_parse(buf_data(&b), buf_len(&b), why);
		buf_clear(&b);
		if (key == NULL)
			abort();
	}
	otr_free(p->otr);
	p->otr = otr_new(key);
	otr_account(p->otr, "bob@example.org/pad");
}

/* Puts into SOCK all that it has to send. */
static void
peer_pull(struct peer *p, struct buf *sock)
{
	struct otr_item i;
	const char *c;

	while (otr_next(p->otr, &i)) {
		if (i.type != OTR_WIRE)
			continue;
		buf_adds(sock, "<message from='bob@example.org/pad' "
			       "type='chat'><body>");
		for (c = i.text; *c != '\0'; c++)
			if (*c == '<' || *c == '&')
				buf_addf(sock, "&#%d;", *c);
			else
				buf_addc(sock, *c);
		buf_adds(sock, "</body></message>");
	}
}

/*
 * Does WHAT: `r` reads the bodies BOX, and answers; `s` starts, `x` stops, `t`
 * says something, `q` verifies, `a` answers that, `f` is started again, without
 * its sessions. What was not read is in BOX still.
 */
static void
peer_step(struct peer *p, struct buf *box, struct buf *sock, char what)
{
	int bodies = 0;
	size_t n;
	char *body;

	if (p->otr == NULL || what == 'f')
		peer_open(p);
	if (what == 's')
		otr_start(p->otr, &p->alice);
	else if (what == 'x')
		otr_stop(p->otr, &p->alice);
	else if (what == 't')
		otr_send(p->otr, &p->alice, 1, "hello <b>there</b>");
	else if (what == 'q')
		otr_smp_start(p->otr, &p->alice, "why?", "secret");
	else if (what == 'a')
		otr_smp_answer(p->otr, &p->alice, "secret");
	peer_pull(p, sock);
	while (what == 'r' && buf_len(box) > 0 && bodies++ < PEER_BODIES) {
		body = buf_strdup(buf_str(box));
		n = strlen(body) + 1;
		otr_receive(p->otr, &p->alice, body);
		buf_drop(box, n);
		free(body);
		peer_pull(p, sock);
	}
}

#endif
