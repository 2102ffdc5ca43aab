/*
 * libotr fails, at each call in turn and in several ways; and a canary in
 * every state: a text is encrypted, or clear by the rules, or refused.
 */
#define _GNU_SOURCE
#include <dlfcn.h>

#include <libotr/proto.h>
#include <libotr/message.h>

/* libotr's own, where it is made to fail in the middle. */
#define PAIR_LEAKS "leak:libotr.so\nleak:libgcrypt.so"
#include "t/unit/otr-pair.h"

enum mode { ERROR, NOTHING, EMPTY, ECHO, MODES };

static unsigned calls, fail_at;
static enum mode mode;
static int armed, create_only;
static int rotating; /* libotr closes keys twice where this fails: OOM only */

static int
fails(int create)
{
	if (!armed || (!create && (create_only || mode != ERROR)))
		return 0;
	return ++calls == fail_at;
}

/* The library's own function NAME, in F. */
static void
real(const char *name, void *f)
{
	void *p = dlsym(RTLD_NEXT, name);

	memcpy(f, &p, sizeof p);
}

gcry_error_t
otrl_proto_create_data(char **message, ConnContext *c, const char *text,
    const OtrlTLV *tlvs, unsigned char flags, unsigned char *extra)
{
	gcry_error_t (*f)(char **, ConnContext *, const char *, const OtrlTLV *,
	    unsigned char, unsigned char *);

	if (!fails(1)) {
		real("otrl_proto_create_data", &f);
		return f(message, c, text, tlvs, flags, extra);
	}
	*message = mode == EMPTY  ? strdup("")
		   : mode == ECHO ? strdup(text)
				  : NULL;
	return mode == ERROR ? gcry_error(GPG_ERR_GENERAL) : 0;
}

gcry_error_t
otrl_proto_accept_data(char **text, OtrlTLV **tlvs, ConnContext *c,
    const char *message, unsigned char *flags, unsigned char *extra)
{
	gcry_error_t (*f)(char **, OtrlTLV **, ConnContext *, const char *,
	    unsigned char *, unsigned char *);

	gcry_error_t r;

	if (!fails(0)) {
		real("otrl_proto_accept_data", &f);
		rotating = 1;
		r = f(text, tlvs, c, message, flags, extra);
		rotating = 0;
		return r;
	}
	*text = NULL;
	*tlvs = NULL;
	*flags = 0;
	return gcry_error(GPG_ERR_CONFLICT);
}

gcry_error_t
otrl_auth_start_v23(OtrlAuthInfo *a, int version)
{
	gcry_error_t (*f)(OtrlAuthInfo *, int);

	if (fails(0))
		return gcry_error(GPG_ERR_GENERAL);
	real("otrl_auth_start_v23", &f);
	return f(a, version);
}

gcry_error_t
otrl_auth_handle_commit(OtrlAuthInfo *a, const char *message, int version)
{
	gcry_error_t (*f)(OtrlAuthInfo *, const char *, int);

	if (fails(0))
		return gcry_error(GPG_ERR_GENERAL);
	real("otrl_auth_handle_commit", &f);
	return f(a, message, version);
}

gcry_error_t
otrl_auth_handle_key(
    OtrlAuthInfo *a, const char *message, int *have, OtrlPrivKey *key)
{
	gcry_error_t (*f)(OtrlAuthInfo *, const char *, int *, OtrlPrivKey *);

	if (fails(0))
		return gcry_error(GPG_ERR_GENERAL);
	real("otrl_auth_handle_key", &f);
	return f(a, message, have, key);
}

gcry_error_t
otrl_auth_handle_revealsig(OtrlAuthInfo *a, const char *message, int *have,
    OtrlPrivKey *key, gcry_error_t (*done)(const OtrlAuthInfo *, void *),
    void *data)
{
	gcry_error_t (*f)(OtrlAuthInfo *, const char *, int *, OtrlPrivKey *,
	    gcry_error_t (*)(const OtrlAuthInfo *, void *), void *);

	if (fails(0))
		return gcry_error(GPG_ERR_GENERAL);
	real("otrl_auth_handle_revealsig", &f);
	return f(a, message, have, key, done, data);
}

gcry_error_t
otrl_auth_handle_signature(OtrlAuthInfo *a, const char *message, int *have,
    gcry_error_t (*done)(const OtrlAuthInfo *, void *), void *data)
{
	gcry_error_t (*f)(OtrlAuthInfo *, const char *, int *,
	    gcry_error_t (*)(const OtrlAuthInfo *, void *), void *);

	if (fails(0))
		return gcry_error(GPG_ERR_GENERAL);
	real("otrl_auth_handle_signature", &f);
	return f(a, message, have, done, data);
}

gcry_error_t
otrl_dh_session(DH_sesskeys *keys, const DH_keypair *pair, gcry_mpi_t y)
{
	gcry_error_t (*f)(DH_sesskeys *, const DH_keypair *, gcry_mpi_t);

	if (!rotating && fails(0)) {
		otrl_dh_session_blank(keys); /* as the real one does first */
		return gcry_error(GPG_ERR_GENERAL);
	}
	real("otrl_dh_session", &f);
	return f(keys, pair, y);
}

static int bad; /* breaches of the rules, over a whole run */

#define CANARY "CANARYcanary"

/* Returns 1 if the wire of S holds the canary, as it is or in base64. */
static int
leaked(struct side *s)
{
	static const char *const phase[] = {
	    "Q0FOQVJZY2FuYXJ5", "NBTkFSWWNhbmFye", "DQU5BUlljYW5hcn"};
	size_t i;

	for (i = 0; i < 3; i++)
		if (strstr(buf_str(&s->wire), phase[i]) != NULL)
			return 1;
	return strstr(buf_str(&s->wire), CANARY) != NULL;
}

/* S says the canary, which may only leave encrypted. */
static void
say(struct side *s, struct side *other)
{
	static unsigned long tag;
	struct otr_item i;
	int wires = 0, r = otr_send(s->o, &s->peer, ++tag, CANARY);

	while (otr_next(s->o, &i)) {
		if (i.type == OTR_WIRE && i.tag == tag) {
			wires++;
			bad += !i.encrypted || strncmp(i.text, "?OTR:", 5) != 0;
		}
		side_item(s, other, &i);
	}
	bad += wires != (r == 0);
	bad += !pair_run();
}

static void
scenario(int smp)
{
	armed = !smp;
	alice.peer.policies = bob.peer.policies = OTR_REQUIRE_ENCRYPTION;
	say(&alice, &bob);
	say(&bob, &alice);
	bob.peer.now = OTR_AUTOMATIC;
	otr_start(alice.o, &alice.peer);
	bad += !pair_run();
	armed = 1;
	say(&alice, &bob);
	say(&bob, &alice);
	if (smp) {
		otr_smp_start(alice.o, &alice.peer, "q", "x");
		bad += !pair_run();
		otr_smp_answer(bob.o, &bob.peer, "x");
		bad += !pair_run();
		otr_smp_abort(alice.o, &alice.peer);
		bad += !pair_run();
	} else {
		otr_start(bob.o, &bob.peer);
		bad += !pair_run();
	}
	say(&alice, &bob);
	say(&bob, &alice);
	otr_stop(bob.o, &bob.peer);
	bad += !pair_run();
	say(&alice, &bob);
	say(&bob, &alice);
	armed = 0;
}

/* Fails each call of the scenario in turn; returns how many there were. */
static unsigned
all_calls(enum mode how, int smp)
{
	unsigned n;

	bad = 0;
	mode = how;
	create_only = smp;
	for (n = 1;; n++) {
		pair_open();
		calls = 0;
		fail_at = n;
		scenario(smp);
		bad += leaked(&alice) + leaked(&bob);
		if (calls < n) {
			pair_close();
			return n - 1;
		}
		/* Whatever broke, a new beginning mends it. */
		otr_stop(alice.o, &alice.peer);
		otr_stop(bob.o, &bob.peer);
		pair_run();
		alice.peer.policies = bob.peer.policies = 0;
		if (!pair_start()) {
			printf("# no new session after failure %u\n", n);
			bad++;
		}
		pair_close();
	}
}

/* Brings a fresh pair into one of the states; how many there are: 7. */
static void
bring(int state)
{
	pair_open();
	if (state == 1) { /* a query is out */
		otr_start(alice.o, &alice.peer);
		side_pull(&alice, NULL);
	} else if (state == 2) { /* in the middle of the handshake */
		otr_start(bob.o, &bob.peer);
		side_pull(&bob, &alice);
		side_take(&alice, &bob);
		side_forget(&bob);
	} else if (state >= 3) {
		otr_start(state == 6 ? bob.o : alice.o,
		    state == 6 ? &bob.peer : &alice.peer);
		pair_run();
	}
	if (state == 4 || state == 6) {
		otr_stop(bob.o, &bob.peer);
		pair_run();
	}
	if (state == 5)
		alice.peer.name = "bob@b.example/elsewhere";
}

static void
canary(void)
{
	unsigned policies, versions, sent = 0, refused = 0;
	int state, r, wish, clear;
	struct otr_info info;
	struct otr_item i;

	bad = 0;
	for (state = 0; state < 7; state++) {
		bring(state);
		otr_info(alice.o, alice.peer.name, &info);
		wish = info.wish;
		for (policies = 0; policies < 32; policies++)
			for (versions = 0; versions < 4; versions++) {
				alice.peer.policies = policies;
				alice.peer.versions = versions;
				alice.peer.now += OTR_AUTOMATIC;
				r = otr_send(alice.o, &alice.peer, 1, CANARY);
				clear = 0;
				while (otr_next(alice.o, &i))
					if (i.type == OTR_WIRE &&
					    strstr(i.text, CANARY) != NULL)
						clear = 1;
				sent += r == 0;
				refused += r == -1;
				/* The first and the third: no session. */
				bad +=
				    clear !=
				    ((state == 0 || state == 2) && !wish &&
					!(policies & OTR_REQUIRE_ENCRYPTION));
				bad += r == 0 && !clear &&
				       info.state != OTR_ENCRYPTED;
			}
		pair_close();
	}
	ok(bad == 0, "a canary in 7 states: %u sent, %u refused", sent,
	    refused);
}

int
main(void)
{
	static const char *const name[] = {"an error", "success and nothing",
	    "success and the empty string", "success and the text itself"};
	unsigned n;
	int m;

	for (m = 0; m < MODES; m++) {
		n = all_calls((enum mode)m, 0);
		ok(bad == 0 && n >= (m == ERROR ? 20 : 5),
		    "each of %u calls fails with %s", n, name[m]);
	}
	for (m = 0; m < 2; m++) {
		n = all_calls((enum mode)m, 1);
		ok(bad == 0 && n >= 7, "each of %u calls beside SMP: %s", n,
		    name[m]);
	}
	canary();
	return tap_done();
}
