/*
 * The OMEMO of bob@example.org in a script: his device, its bundle and some
 * messages to ours are made once. What he says is as he made it, or with a
 * letter changed. Without OMEMO he says nothing.
 */
#ifndef T_FUZZ_BOB_H
#define T_FUZZ_BOB_H

#define OMEMO_SAID 4 /* messages; their texts are `omemo 0.` and so on */

#ifdef NO_OMEMO
static void
bob_begin(struct world *w)
{
	(void)w;
}

static void
bob_answer(struct buf *sock, const char *child)
{
	(void)sock, (void)child;
}

static void
bob_step(struct buf *sock, const char *p, size_t n)
{
	(void)sock, (void)p, (void)n;
}
#else
#include "t/unit/omemo-element.h"

#define OMEMO_ALICE "alice@example.org"
#define OMEMO_BOB   "bob@example.org"

static struct {
	struct omemo *machine;
	struct buf list, bundle, said[OMEMO_SAID];
	struct buf identity, device; /* our files */
} omemo_bob;

/* Makes a machine of ACCOUNT with the identity that is put into FILE. */
static struct omemo *
omemo_made(const char *account, struct buf *file)
{
	unsigned char seed[OMEMO_SEED] = {(unsigned char)*account};
	struct omemo *o = omemo_new(seed, account);
	struct sexp_error e;

	buf_init(file, 65536);
	omemo_generate(o, file);
	if (omemo_identity(o, buf_data(file), buf_len(file), &e) == -1 ||
	    omemo_load(o, account, NULL, 0, &e) == -1 ||
	    omemo_load_own(o, NULL, 0, WORLD_WALL / 1000, &e) == -1)
		abort();
	omemo_online(o, WORLD_WALL / 1000);
	return o;
}

/* Takes what bob's has queued: his bundle, and his messages to us. */
static void
omemo_take_his(size_t *said)
{
	struct omemo_item i;

	while (omemo_next(omemo_bob.machine, &i)) {
		if (i.type == OMEMO_PUT_BUNDLE)
			element_write(
			    &omemo_bob.bundle, NULL, i.bundle, NULL, 0);
		else if (i.type == OMEMO_WIRE && i.tag != 0)
			element_write(&omemo_bob.said[(*said)++], i.message,
			    NULL, NULL, 0);
	}
}

/* Bob gets the bundle B of our device ID, once. */
static void
omemo_meet(uint32_t id, const struct omemo_bundle *b, size_t *said)
{
	const char *const names[] = {OMEMO_ALICE};
	struct omemo *his = omemo_bob.machine;
	struct sexp_error e;

	if (omemo_find(his, OMEMO_ALICE) != NULL)
		return;
	if (omemo_load(his, OMEMO_ALICE, NULL, 0, &e) == -1)
		abort();
	omemo_list(his, OMEMO_ALICE, &id, 1, WORLD_WALL / 1000);
	omemo_take_his(said);
	omemo_prepare(his, names, 1, WORLD_WALL / 1000);
	omemo_take_his(said);
	omemo_bundle(his, OMEMO_ALICE, id, b, WORLD_WALL / 1000);
	omemo_take_his(said);
}

/* Takes what our machine has queued: its record, and its bundle for bob. */
static void
omemo_take_ours(struct omemo *ours, size_t *said)
{
	struct omemo_item i;

	buf_init(&omemo_bob.device, 1 << 20);
	while (omemo_next(ours, &i)) {
		if (i.type == OMEMO_STORE && strcmp(i.name, OMEMO_OWN) == 0) {
			buf_reset(&omemo_bob.device);
			buf_add(&omemo_bob.device, i.bytes, i.len);
		} else if (i.type == OMEMO_PUT_BUNDLE) {
			omemo_meet(omemo_device_id(ours), i.bundle, said);
		}
	}
}

static void
omemo_prepare_all(void)
{
	const char *const names[] = {OMEMO_ALICE};
	struct omemo_text t = {.tag = 1, .name = names, .names = 1};
	struct omemo *ours;
	struct buf unused;
	size_t i, said = 0;
	uint32_t id;
	char text[20];

	omemo_bob.machine = omemo_made(OMEMO_BOB, &unused);
	buf_clear(&unused);
	buf_init(&omemo_bob.list, 65536);
	buf_init(&omemo_bob.bundle, 65536);
	id = omemo_device_id(omemo_bob.machine);
	element_write(&omemo_bob.list, NULL, NULL, &id, 1);
	omemo_take_his(&said);
	ours = omemo_made(OMEMO_ALICE, &omemo_bob.identity);
	omemo_take_ours(ours, &said);
	omemo_free(ours);
	omemo_take_his(&said);
	for (i = 0; i < OMEMO_SAID; i++) {
		snprintf(text, sizeof text, "omemo %zu.", i);
		t.text = text;
		t.len = strlen(text);
		buf_init(&omemo_bob.said[i], 65536);
		if (omemo_send(omemo_bob.machine, &t) == -1)
			abort();
		omemo_take_his(&said);
	}
	if (said != OMEMO_SAID || buf_len(&omemo_bob.bundle) == 0 ||
	    buf_len(&omemo_bob.device) == 0)
		abort();
}

/* W has our device. */
static void
bob_begin(struct world *w)
{
	if (omemo_bob.machine == NULL)
		omemo_prepare_all();
	w->options.omemo_key = buf_str(&omemo_bob.identity);
	w->options.omemo_key_len = buf_len(&omemo_bob.identity);
	buf_add(&world_position(w, "omemo/" OMEMO_OWN)->bytes,
	    buf_data(&omemo_bob.device), buf_len(&omemo_bob.device));
}

/* Says what bob has, of the kind CHILD, as the item that was asked for. */
static void
bob_answer(struct buf *sock, const char *child)
{
	struct buf *b =
	    strcmp(child, "list") == 0 ? &omemo_bob.list : &omemo_bob.bundle;

	if (omemo_bob.machine != NULL)
		buf_addf(sock,
		    "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items>"
		    "<item>%s</item></items></pubsub>",
		    buf_str(b));
}

/*
 * Does what the N bytes at P say: a digit is one of his messages, `f` the first
 * from somebody else; `l` is a notification of his list, `e` of an empty one.
 * Two further bytes are a place in it and what stands there instead.
 */
static void
bob_step(struct buf *sock, const char *p, size_t n)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
	size_t i = (unsigned char)*p % OMEMO_SAID, at;
	int is_list = *p == 'l' || *p == 'e';
	struct buf *b = is_list ? &omemo_bob.list : &omemo_bob.said[i];
	char *text;

	if (omemo_bob.machine == NULL)
		return;
	text =
	    buf_strdup(*p == 'e' ? "<list xmlns='" NS_OMEMO "'/>" : buf_str(b));
	if (n > 2) {
		at = (unsigned char)p[1] * strlen(text) / 256;
		if (strchr(letters, text[at]) != NULL)
			text[at] =
			    letters[(unsigned char)p[2] % (sizeof letters - 1)];
	}
	buf_addf(sock, "<message from='%s' type='%s' id='said%zu'>",
	    *p == 'f' ? "eve@evil.example/x"
	    : is_list ? OMEMO_BOB
		      : OMEMO_BOB "/pad",
	    is_list ? "headline" : "chat", i);
	if (is_list)
		buf_addf(sock,
		    "<event xmlns='http://jabber.org/protocol/pubsub#event'>"
		    "<items node='" NS_OMEMO ".devicelist'><item>%s</item>"
		    "</items></event></message>",
		    text);
	else
		buf_addf(sock, "%s<body>unreadable</body></message>", text);
	free(text);
}
#endif

#endif
