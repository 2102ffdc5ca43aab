/*
 * Two OTR machines joined by memory, each with a box of bodies on their way
 * to it. Nothing waits: pair_run delivers until both boxes are empty, and a
 * conversation that does not come to an end within a bound is a failure.
 */
#ifndef T_OTR_PAIR_H
#define T_OTR_PAIR_H

#include "otr/otr.h"
#include "t/unit/file.h"
#include "t/unit/tap.h"

/*
 * Memory that libotr 4.1.1 itself never frees (its frames have no frame
 * pointers): a number with each SMP, a key with each message that it cannot
 * read.
 */
#ifndef PAIR_LEAKS
#define PAIR_LEAKS ""
#endif
/* Asked by AddressSanitizer: whole stacks, without frame pointers. */
const char *__asan_default_options(void);
/* Asked by LeakSanitizer: what is not ours to free. */
const char *__lsan_default_suppressions(void);

const char *
__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}

const char *
__lsan_default_suppressions(void)
{
	return "leak:otrl_sm_step1\nleak:otrl_sm_step2a\n" PAIR_LEAKS;
}

#define BOX  64
#define HOPS 200

struct side {
	struct otr *o;
	struct otr_peer peer; /* the other side, as this one sees it */
	char *box[BOX];	      /* bodies on their way to this side */
	size_t boxed;
	/* The items that this side has been told, the last of each. */
	char text[OTR_MAX_TEXT + 1], from[41], error[200];
	int texts, encrypted, notes, states, smps, proves, version, wires;
	unsigned long tag; /* of the last wire item that has one */
	enum otr_state state;
	enum otr_smp smp;
	enum otr_cause note;
	char question[200], fingerprint[41], ssid[17];
	struct buf wire; /* all that this side ever sent */
};

static struct side alice, bob;

/* Returns 1 if the user of O wants encryption with the contact of the peer
 * NAME. */
__attribute__((unused)) static int
pair_wish(const struct otr *o, const char *name)
{
	struct otr_info info;

	otr_info(o, name, &info);
	return info.wish;
}

__attribute__((unused)) static struct privkey *
pair_key(const char *dir)
{
	struct privkey *k;
	struct buf b;
	char path[80], why[160];

	buf_init(&b, 65536);
	snprintf(path, sizeof path, "t/samples/%s/otr_dsa.sexp", dir);
	file_read(path, &b);
	k = privkey_parse(buf_data(&b), buf_len(&b), why);
	buf_clear(&b);
	if (k == NULL) {
		printf("Bail out! no key: %s\n", why);
		exit(1);
	}
	return k;
}

static void
side_open(struct side *s, const char *dir, const char *own, const char *peer)
{
	struct privkey *k = pair_key(dir);

	memset(s, 0, sizeof *s);
	s->o = otr_new(k);
	privkey_free(k);
	otr_account(s->o, own);
	s->peer.name = peer;
	s->peer.versions = OTR_V2 | OTR_V3;
	s->peer.answer = 1;
	buf_init(&s->wire, 64 << 20);
}

/* Loses what is on its way to S. */
static void
side_forget(struct side *s)
{
	while (s->boxed > 0)
		free(s->box[--s->boxed]);
}

static void
side_close(struct side *s)
{
	side_forget(s);
	otr_free(s->o);
	buf_clear(&s->wire);
	s->o = NULL;
}

__attribute__((unused)) static void
pair_open(void)
{
	side_open(&alice, "gen-full", "alice@a.example/pad", "bob@b.example/1");
	side_open(&bob, "gen-min", "bob@b.example/1", "alice@a.example/pad");
}

__attribute__((unused)) static void
pair_close(void)
{
	side_close(&alice);
	side_close(&bob);
}

static void
side_item(struct side *s, struct side *other, const struct otr_item *i)
{
	switch (i->type) {
	case OTR_WIRE:
		s->wires++;
		buf_adds(&s->wire, i->text);
		buf_addc(&s->wire, '\n');
		if (i->tag != 0)
			s->tag = i->tag;
		if (other != NULL && other->boxed < BOX)
			other->box[other->boxed++] = buf_strdup(i->text);
		break;
	case OTR_TEXT:
		s->texts++;
		s->encrypted = i->encrypted;
		snprintf(s->text, sizeof s->text, "%s", i->text);
		snprintf(s->from, sizeof s->from, "%s", i->fingerprint);
		break;
	case OTR_STATE:
		s->states++;
		s->state = i->state;
		s->version = i->version;
		memcpy(s->fingerprint, i->fingerprint, sizeof s->fingerprint);
		memcpy(s->ssid, i->ssid, sizeof s->ssid);
		break;
	case OTR_SMP:
		s->smps++;
		s->smp = i->smp;
		s->proves = i->proves;
		snprintf(s->question, sizeof s->question, "%s",
		    i->text == NULL ? "-" : i->text);
		break;
	case OTR_NOTE:
		s->notes++;
		s->note = i->cause;
		snprintf(s->error, sizeof s->error, "%s", i->text);
		break;
	}
}

/* Takes all items of S; its wire goes to OTHER (NULL: is lost). */
static void
side_pull(struct side *s, struct side *other)
{
	struct otr_item i;

	while (otr_next(s->o, &i))
		side_item(s, other, &i);
}

/* Gives S the body that waited longest for it. */
static void
side_take(struct side *s, struct side *other)
{
	char *body = s->box[0];

	s->boxed--;
	memmove(s->box, s->box + 1, s->boxed * sizeof *s->box);
	otr_receive(s->o, &s->peer, body);
	free(body);
	side_pull(s, other);
}

/* Delivers until nothing is on its way; 0 where that does not come. */
__attribute__((unused)) static int
pair_run(void)
{
	int hops;

	side_pull(&alice, &bob);
	side_pull(&bob, &alice);
	for (hops = 0; hops < HOPS; hops++) {
		if (alice.boxed > 0)
			side_take(&alice, &bob);
		if (bob.boxed > 0)
			side_take(&bob, &alice);
		if (alice.boxed + bob.boxed == 0)
			return 1;
	}
	return 0;
}

__attribute__((unused)) static int
side_say(struct side *s, const char *text)
{
	static unsigned long tag;

	return otr_send(s->o, &s->peer, ++tag, text);
}

/* Returns 1 if TEXT gets from FROM to TO, decrypted or (ENCRYPTED 0) clear. */
__attribute__((unused)) static int
pair_says(struct side *from, struct side *to, const char *text, int encrypted)
{
	int before = to->texts;

	return side_say(from, text) == 0 && pair_run() &&
	       to->texts == before + 1 && to->encrypted == encrypted &&
	       strcmp(to->text, text) == 0;
}

/* Returns 1 if both talk encrypted, by the same session, both ways. */
__attribute__((unused)) static int
pair_encrypted(int version)
{
	struct otr_info a, b;

	otr_info(alice.o, alice.peer.name, &a);
	otr_info(bob.o, bob.peer.name, &b);
	return a.state == OTR_ENCRYPTED && b.state == OTR_ENCRYPTED &&
	       a.version == version && b.version == version &&
	       a.ssid[0] != '\0' && strcmp(a.ssid, b.ssid) == 0 &&
	       strcmp(a.fingerprint,
		   "ff885a35cbe296cb2bfd86c0bacfca2b59905cd6") == 0 &&
	       strcmp(b.fingerprint,
		   "fda69d1d0024e0b71a9b70fce30f118690c208a4") == 0 &&
	       pair_says(&alice, &bob, "there & <back>", 1) &&
	       pair_says(&bob, &alice, "and\nagain", 1) &&
	       pair_says(&alice, &bob, "?OTRv23?", 1) &&
	       pair_says(&bob, &alice, "?OTR: x", 1);
}

__attribute__((unused)) static int
pair_start(void)
{
	return otr_start(alice.o, &alice.peer) == 0 && pair_run() &&
	       pair_encrypted(3);
}

/* Returns 1 if what S has sent holds TEXT, as it is or as base64 of any phase.
 */
__attribute__((unused)) static int
side_leaked(struct side *s, const char *text)
{
	return strstr(buf_str(&s->wire), text) != NULL;
}

#endif
