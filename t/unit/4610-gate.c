/*
 * The one decision how a text leaves (line/talk/gate.h), over all that counts:
 * each rule by itself, and for every combination what must never happen.
 */
#include "line/talk/gate.h"

#include <string.h>

#include "line/core/state.h"
#include "line/disk/omemo_facts.h"
#include "line/disk/wishes.h"
#include "line/talk/chat.h"
#include "line/talk/encrypt.h"
#include "line/talk/omemo_pep.h"
#include "tap.h"

/* The facts that gate_text asks for, instead of the modules with them. */
static struct {
	struct omemo_facts facts;
	struct wish wish;
	struct chat chat;
	int knows, chats, devices, self, room, otr, omemo;
} world;

const struct omemo_facts *
omemo_facts_find(const struct client *c, const char *jid)
{
	(void)c, (void)jid;
	return world.knows ? &world.facts : NULL;
}

const struct wish *
wishes_find(const struct client *c, const char *jid)
{
	(void)c, (void)jid;
	return &world.wish;
}

struct chat *
chat_find(const struct client *c, const char *jid)
{
	(void)c, (void)jid;
	return world.chats ? &world.chat : NULL;
}

int
omemo_pep_has_devices(const struct client *c, const char *jid)
{
	(void)c, (void)jid;
	return world.devices;
}

int
client_is_self(const struct client *c, const char *jid)
{
	(void)c, (void)jid;
	return world.self;
}

int
client_is_room(const struct client *c, const char *jid)
{
	(void)c, (void)jid;
	return world.room;
}

int
encrypt_has_session(const struct client *c, const char *jid)
{
	(void)c, (void)jid;
	return world.otr;
}

int
omemo_task_is_on(const struct client *c)
{
	(void)c;
	return world.omemo;
}

static const char *const names[] = {"refused", "otr", "omemo", "clear"};

/* The facts of a row, in words; each sets one. */
static const struct {
	const char *words;
	enum gate want;
} rows[] = {
    {"", GATE_OTR},
    {"on", GATE_OMEMO},
    {"on none", GATE_OTR},
    {"on some", GATE_OMEMO},
    {"on some otr-up", GATE_OTR},
    {"on some otr-up used", GATE_OTR},
    {"used", GATE_REFUSED},
    {"on used none", GATE_REFUSED},
    {"on used", GATE_OMEMO},
    {"on damaged some", GATE_REFUSED},
    {"damaged", GATE_REFUSED},
    {"wish-otr on some used", GATE_OTR},
    {"wish-none on some used", GATE_CLEAR},
    {"wish-none otr-up", GATE_OTR},
    {"wish-omemo", GATE_REFUSED},
    {"wish-omemo on", GATE_OMEMO},
    {"wish-omemo on some", GATE_OMEMO},
    {"wish-omemo on none", GATE_REFUSED},
    {"self", GATE_REFUSED},
    {"self on", GATE_OMEMO},
    {"self on none", GATE_REFUSED},
    {"self on wish-none", GATE_CLEAR},
    {"self on otr-up", GATE_REFUSED},
    {"self wish-none otr-up", GATE_REFUSED},
    {"room", GATE_CLEAR},
    {"room on some", GATE_CLEAR},
    {"room on used", GATE_REFUSED},
    {"room used", GATE_REFUSED},
    {"room damaged", GATE_REFUSED},
    {"room verified", GATE_REFUSED},
    {"room on verified some", GATE_REFUSED},
    {"room wish-none used damaged", GATE_CLEAR},
    {"room wish-omemo on verified some", GATE_OMEMO},
    {"room wish-omemo", GATE_REFUSED},
    {"room wish-omemo on some", GATE_OMEMO},
};

static int
has(const char *words, const char *word)
{
	size_t n = strlen(word);
	const char *at = words;

	while ((at = strstr(at, word)) != NULL) {
		if ((at == words || at[-1] == ' ') &&
		    (at[n] == ' ' || at[n] == '\0'))
			return 1;
		at += n;
	}
	return 0;
}

static void
test_rows(void)
{
	struct gate_facts f;
	const char *why, *w;
	enum gate got;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		w = rows[i].words;
		memset(&f, 0, sizeof f);
		f.has_omemo = has(w, "on");
		f.is_self = has(w, "self");
		f.is_room = has(w, "room");
		f.wants_otr = has(w, "otr-up");
		f.used = has(w, "used");
		f.unreadable = has(w, "damaged");
		f.verified = has(w, "verified");
		f.list = has(w, "none")	  ? GATE_LIST_NONE
			 : has(w, "some") ? GATE_LIST_SOME
					  : GATE_LIST_UNKNOWN;
		f.wish = has(w, "wish-otr")	? OMEMO_WISH_OTR
			 : has(w, "wish-omemo") ? OMEMO_WISH_OMEMO
			 : has(w, "wish-none")	? OMEMO_WISH_NONE
						: OMEMO_WISH_AUTO;
		got = gate_choose(&f, &why);
		ok(got == rows[i].want, "%s: %s", *w == '\0' ? "nothing" : w,
		    names[got]);
		ok((why != NULL) == (got == GATE_REFUSED), "%s: a reason",
		    *w == '\0' ? "nothing" : w);
	}
}

/* Sets the facts by the bits of N. */
static void
set_facts(struct gate_facts *f, unsigned n)
{
	f->is_self = (n & 1) != 0;
	f->is_room = (n & 2) != 0;
	f->wants_otr = (n & 4) != 0;
	f->has_omemo = (n & 8) != 0;
	f->used = (n & 16) != 0;
	f->unreadable = (n & 32) != 0;
	f->wish = (enum omemo_wish)(n >> 6 & 3);
	f->verified = (n & 256) != 0;
	f->list = (enum gate_list)(n >> 9);
}

static void
test_all(void)
{
	int clear = 0, off = 0, open = 0, self = 0;
	struct gate_facts f;
	const char *why;
	enum gate got;
	unsigned n;

	for (n = 0; n < 3 << 9; n++) {
		set_facts(&f, n);
		got = gate_choose(&f, &why);
		if (got == GATE_CLEAR && f.wish != OMEMO_WISH_NONE &&
		    (!f.is_room || f.used || f.unreadable || f.verified))
			clear++;
		if (got == GATE_OMEMO && !f.has_omemo)
			off++;
		/* Without a session OTR may send clear text. */
		if (got == GATE_OTR && (f.used || f.unreadable) &&
		    !f.wants_otr && f.wish != OMEMO_WISH_OTR)
			open++;
		if (got == GATE_OTR && f.is_self)
			self++;
	}
	ok(clear == 0, "clear text only where the user said so");
	ok(off == 0, "no OMEMO where it is off");
	ok(open == 0, "nothing weaker once OMEMO was used");
	ok(self == 0, "no OTR with ourselves");
}

/* The facts come from where they are known. */
static void
test_text(void)
{
	static const struct {
		const char *words;
		enum gate want;
	} texts[] = {
	    {"", GATE_OTR},
	    {"on", GATE_OMEMO},
	    {"on some", GATE_OMEMO},
	    {"on none", GATE_OTR},
	    {"on some otr-up", GATE_OTR},
	    {"on some otr-up wish-omemo", GATE_OMEMO},
	    {"otr-up wish-omemo", GATE_REFUSED},
	    {"on some chat otr-only wish-omemo", GATE_OTR},
	    {"on some wish-otr", GATE_OTR},
	    {"on some chat", GATE_OMEMO},
	    {"on some chat otr-only", GATE_OTR},
	    {"known", GATE_OTR},
	    {"known used", GATE_REFUSED},
	    {"known used on", GATE_OMEMO},
	    {"wish-used", GATE_REFUSED},
	    {"damaged", GATE_REFUSED},
	    {"damaged wish-none", GATE_CLEAR},
	    {"self on wish-none", GATE_CLEAR},
	    {"self", GATE_REFUSED},
	    {"room", GATE_CLEAR},
	    {"room verified", GATE_REFUSED},
	};
	const char *why, *w;
	size_t i;

	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		w = texts[i].words;
		memset(&world, 0, sizeof world);
		world.knows = has(w, "known");
		world.facts.used = has(w, "used");
		world.chats = has(w, "chat");
		world.chat.encrypt_only = has(w, "otr-only");
		world.devices = has(w, "some") ? 1 : has(w, "none") ? 0 : -1;
		world.self = has(w, "self");
		world.room = has(w, "room");
		world.otr = has(w, "otr-up");
		world.omemo = has(w, "on");
		world.wish.used = has(w, "wish-used");
		world.wish.unreadable = has(w, "damaged");
		world.wish.verified_only = has(w, "verified");
		world.wish.how = has(w, "wish-none")	? OMEMO_WISH_NONE
				 : has(w, "wish-omemo") ? OMEMO_WISH_OMEMO
				 : has(w, "wish-otr")	? OMEMO_WISH_OTR
							: OMEMO_WISH_AUTO;
		ok(gate_text(NULL, "bob@example.org", &why) == texts[i].want &&
			(why != NULL) == (texts[i].want == GATE_REFUSED),
		    "a text, %s", *w == '\0' ? "nothing known" : w);
	}
}

static void
test_trust(void)
{
	memset(&world, 0, sizeof world);
	ok(gate_trust(NULL, "a@b") == NULL, "no trust where nothing is known");
	world.knows = 1;
	ok(gate_trust(NULL, "a@b") == NULL, "nor without a device");
	world.facts.devices = 1;
	ok(strcmp(gate_trust(NULL, "a@b"), "unverified") == 0, "unverified");
	world.facts.is_verified = 1;
	ok(strcmp(gate_trust(NULL, "a@b"), "verified") == 0, "verified");
}

int
main(void)
{
	test_text();
	test_trust();
	test_rows();
	test_all();
	return tap_done();
}
