/* Bundles, broken in all ways that were thought of; none builds a session. */
#ifdef NO_OMEMO
#include "t/unit/skip-omemo.h"
#else
#include "t/unit/omemo-pair.h"

#define ALICE "alice@example.org"
#define BOB   "bob@example.org"

static struct host *a, *b;

/* A bundle that may be changed. */
struct broken {
	struct omemo_bundle b;
	unsigned char identity[34], signed_key[34], signature[65];
	unsigned char key[OMEMO_MAX_PREKEYS + 1][34];
	struct omemo_prekey pre[OMEMO_MAX_PREKEYS + 1];
};

static void
copy_bytes(struct omemo_bytes *to, unsigned char *at, struct omemo_bytes from)
{
	to->data = memcpy(at, from.data, from.len);
	to->len = from.len;
}

static void
copy_good(struct broken *x)
{
	size_t i;

	memset(x, 0, sizeof *x);
	x->b = b->b;
	copy_bytes(&x->b.identity, x->identity, b->b.identity);
	copy_bytes(&x->b.signed_key, x->signed_key, b->b.signed_key);
	copy_bytes(&x->b.signature, x->signature, b->b.signature);
	for (i = 0; i < b->b.prekeys; i++) {
		x->pre[i].id = b->pre[i].id;
		copy_bytes(&x->pre[i].key, x->key[i], b->pre[i].key);
	}
	x->b.prekey = x->pre;
}

/* Gives X to Alice, who asks for it; returns 1 if a session was built. */
static int
builds(const struct omemo_bundle *x)
{
	const char *name = BOB;

	omemo_connected(a->o);
	omemo_online(a->o, a->now);
	pair_ready(a, BOB);
	omemo_prepare(a->o, &name, 1, a->now);
	while (omemo_next(a->o, &(struct omemo_item){0}))
		;
	a->notes = 0;
	omemo_bundle(a->o, BOB, b->id, x, a->now);
	pair_pull(a);
	return omemo_find(a->o, BOB)->device[0].session != NULL;
}

enum how {
	SIGNATURE_WRONG,
	SIGNATURE_EMPTY,
	SIGNATURE_SHORT,
	SIGNATURE_LONG,
	SIGNATURE_MISSING,
	IDENTITY_OTHER,
	IDENTITY_MISSING,
	IDENTITY_TOP,
	IDENTITY_WEAK,
	SIGNED_MISSING,
	SIGNED_WEAK,
	SIGNED_ID,
	KEYS_32,
	TYPE_6,
	NO_PREKEYS,
	PREKEYS_GARBAGE,
	PREKEYS_SHORT,
	PREKEYS_WEAK,
	PREKEYS_IDS,
	TOO_MANY,
	EMPTY,
	HOWS
};

static void
break_prekeys(struct broken *x, enum how how)
{
	size_t i;

	for (i = 0; i < x->b.prekeys; i++)
		switch (how) {
		case KEYS_32:
			x->pre[i].key.data++;
			x->pre[i].key.len--;
			break;
		case TYPE_6:
			x->key[i][0] = 6;
			break;
		case PREKEYS_GARBAGE:
			x->pre[i].key.data = NULL;
			x->pre[i].key.len = 0;
			break;
		case PREKEYS_SHORT:
			x->pre[i].key.len = 32;
			break;
		case PREKEYS_WEAK:
			memset(x->key[i] + 1, 0xff, 31);
			x->key[i][1] = (unsigned char)(0xec + i);
			x->key[i][32] = i % 2 == 0 ? 0x7f : 0xff;
			break;
		case PREKEYS_IDS:
			x->pre[i].id |= 0x80000000u;
			break;
		default:
			break;
		}
}

static void
break_bundle(struct broken *x, enum how how)
{
	struct omemo_bundle *y = &x->b;

	copy_good(x);
	if (how == PREKEYS_WEAK)
		y->prekeys = 20;
	break_prekeys(x, how);
	switch (how) {
	case SIGNATURE_WRONG:
		x->signature[9] ^= 1;
		break;
	case SIGNATURE_EMPTY:
		y->signature.len = 0;
		break;
	case SIGNATURE_SHORT:
		y->signature.len = 63;
		break;
	case SIGNATURE_LONG:
		y->signature.len = 65;
		break;
	case SIGNATURE_MISSING:
		y->signature.data = NULL;
		break;
	case IDENTITY_OTHER:
		y->identity = a->b.identity;
		break;
	case IDENTITY_MISSING:
		memset(&y->identity, 0, sizeof y->identity);
		break;
	case IDENTITY_TOP:
		x->identity[32] |= 0x80;
		break;
	case IDENTITY_WEAK:
		memset(x->identity + 1, 0, 32);
		break;
	case SIGNED_MISSING:
		memset(&y->signed_key, 0, sizeof y->signed_key);
		break;
	case SIGNED_WEAK:
		memset(x->signed_key + 1, 0, 32);
		x->signed_key[1] = 1;
		break;
	case SIGNED_ID:
		y->signed_id = 0xffffffffu;
		break;
	case KEYS_32:
		y->identity.data++;
		y->identity.len--;
		y->signed_key.data++;
		y->signed_key.len--;
		break;
	case TYPE_6:
		x->identity[0] = x->signed_key[0] = 6;
		break;
	case NO_PREKEYS:
		y->prekeys = 0;
		break;
	case TOO_MANY:
		y->prekeys = OMEMO_MAX_PREKEYS + 1;
		break;
	case EMPTY:
		memset(y, 0, sizeof *y);
		break;
	default:
		break;
	}
}

static void
all_broken(void)
{
	struct broken x;
	int how;

	for (how = 0; how < HOWS; how++) {
		break_bundle(&x, (enum how)how);
		ok(!builds(&x.b) && pair_noted(a, OMEMO_NOTE_BUNDLE) == 1,
		    "broken bundle %d builds nothing", how);
	}
	ok(!builds(NULL) && pair_noted(a, OMEMO_NOTE_BUNDLE) == 1,
	    "no bundle at all neither");
	ok(pair_say(a, BOB, "x") == -1 &&
		omemo_cause(a->o) == OMEMO_REFUSED_NO_SESSION,
	    "and nothing is sent");
	ok(omemo_prepare(a->o, (const char *const[]){BOB}, 1, a->now) == 0,
	    "nor asked for at once");
	ok(omemo_prepare(
	       a->o, (const char *const[]){BOB}, 1, a->now + OMEMO_RETRY) == 1,
	    "but after a minute");
	pair_pull(a);
}

/* One good prekey among garbage is found. */
static void
mixed(void)
{
	struct broken x;
	size_t i;

	copy_good(&x);
	for (i = 1; i < x.b.prekeys; i++)
		x.pre[i].key.len = i % 3;
	ok(builds(&x.b) && a->devices == 1 && a->device.is_new,
	    "one good prekey is enough");
	ok(pair_say(a, BOB, "found") == 0, "and it can be used");
	pair_deliver();
	ok(strcmp(pair_said(b), "found") == 0, "as he says");
}

/* Another key for a known device is refused, well signed or not. */
static void
other_identity(void)
{
	struct host *mallory;
	struct omemo_message m = {0};
	uint32_t id = b->id;

	pair_drop();
	mallory = pair_new("mallory@example.org");
	pair_meet();
	pair_say(mallory, ALICE, "it is me, Bob");
	m = pair_wire[0].m;
	m.sid = id;
	a->notes = 0;
	pair_ready(a, BOB);
	omemo_receive(a->o, BOB, &m, 1, a->now);
	pair_pull(a);
	ok(pair_noted(a, OMEMO_NOTE_KEY) == 1, "a message under another key");
	/* Bob's session is lost, and Mallory answers in his place. */
	pair_ready(b, ALICE);
	omemo_connected(a->o);
	omemo_online(a->o, a->now);
	m = pair_wire[0].m;
	m.sid = id;
	pair_drop();
	pair_say(b, ALICE, "to be broken");
	pair_wire[0].data[pair_wire[0].key[0].data.len - 1] ^= 1;
	pair_ready(a, BOB);
	omemo_receive(a->o, BOB, &pair_wire[0].m, 1, a->now);
	pair_pull(a);
	pair_ready(a, BOB);
	omemo_answer(a->o, BOB);
	while (omemo_next(a->o, &(struct omemo_item){0}))
		;
	a->notes = 0;
	omemo_bundle(a->o, BOB, id, &mallory->b, a->now);
	pair_pull(a);
	ok(pair_noted(a, OMEMO_NOTE_KEY) == 1, "a bundle with another key");
	pair_drop();
	ok(pair_say(a, BOB, "still you?") == 0, "the session stays his");
	pair_deliver();
	ok(strcmp(pair_said(b), "still you?") == 0, "as he says");
}

int
main(void)
{
	a = pair_new(ALICE);
	b = pair_new(BOB);
	pair_meet();
	all_broken();
	mixed();
	other_identity();
	pair_end();
	return tap_done();
}
#endif
