#include "line/encrypt.h"

#include <stdlib.h>
#include <string.h>

#include "line/job.h"
#include "line/keep.h"
#include "line/message.h"
#include "line/receive.h"
#include "otr/key.h"

#define NS_ENCRYPTION "urn:xmpp:eme:0" /* XEP-0380 */
#define NS_OTR	      "urn:xmpp:otr:0"
#define NS_HINTS      "urn:xmpp:hints"	   /* XEP-0334 */
#define NS_CARBONS    "urn:xmpp:carbons:2" /* XEP-0280 4.1, by XEP-0364 */

/* The one text under way, as it is called in items. */
#define TAG 1

static const char breakin[] =
    "POSSIBLE BREAKIN ATTEMPT: this key is new, and it is not the one that "
    "you have verified; trust nothing before you have verified it again";

void
encrypt_init(struct client *c)
{
	struct key *key;
	char why[160];

	buf_init(&c->otr_body, TEXT_MAX);
	if (c->options.otr_key == NULL)
		return;
	key = key_parse(c->options.otr_key, c->options.otr_key_len, why);
	if (key == NULL)
		return;
	memcpy(c->fingerprint, key_fingerprint(key), sizeof c->fingerprint);
	c->otr = otr_new(key);
	key_free(key);
}

void
encrypt_clear(struct client *c)
{
	otr_free(c->otr);
	c->otr = NULL;
	buf_clear(&c->otr_body);
}

void
encrypt_online(struct client *c)
{
	if (c->otr != NULL)
		otr_account(c->otr, c->jid);
}

void
encrypt_policy(const struct client *c, const char *jid, unsigned *policies,
    unsigned *versions)
{
	const struct user *u = keep_find(c, jid);

	*policies = c->options.otr_policies;
	*versions = c->options.otr_versions;
	if (u != NULL && u->kind == USER_CONTACT && u->has_custom) {
		*policies = u->policies;
		*versions = u->versions;
	}
}

void
encrypt_peer(const struct client *c, const char *jid, struct otr_peer *peer)
{
	const struct chat *chat;
	char bare[JID_SIZE];

	jid_bare(jid, bare);
	chat = map_find(&c->chats, bare);
	peer->name = jid;
	peer->answer = receive_may_answer(c, jid);
	peer->now = c->mono;
	encrypt_policy(c, jid, &peer->policies, &peer->versions);
	/* From the command on: the query may have to wait. */
	if (chat != NULL && chat->encrypt_only)
		peer->policies |= OTR_REQUIRE_ENCRYPTION;
}

const char *
encrypt_trust(const struct client *c, const char *jid, const char *fingerprint)
{
	static const char *const names[] = {
	    "unverified", "verified", "revoked"};
	const struct user *u = keep_find(c, jid);
	const struct user_fingerprint *f;

	f = u == NULL ? NULL : user_fingerprint(u, fingerprint);
	return names[f == NULL ? USER_UNVERIFIED : f->trust];
}

void
encrypt_set(struct client *c, const char *jid)
{
	struct otr_info info = {0};

	if (c->otr != NULL && jid != NULL)
		otr_info(c->otr, jid, &info);
	event_set(
	    &c->event, "enc", info.state == OTR_ENCRYPTED ? "otr" : "none");
	if (info.state == OTR_ENCRYPTED)
		event_set(&c->event, "trust",
		    encrypt_trust(c, jid, info.fingerprint));
}

const char *
encrypt_place(const struct client *c, const char *bare)
{
	return c->otr == NULL ? NULL : otr_encrypted(c->otr, bare);
}

/*
 * An OTR message of the protocol itself, or a text with the same hints; JOB
 * (NULL: none) waits for what comes of it.
 */
static void
send_wire(struct client *c, const struct otr_item *item, struct job *job)
{
	char id[NONCE_ID + 1];
	struct writer w;

	if (c->link != LINK_ONLINE)
		return;
	nonce_id(c->nonce, id);
	writer_init(&w, stream_out(c->stream));
	writer_open(&w, "message", NULL);
	writer_attr(&w, "to", item->peer);
	writer_attr(&w, "type", "chat");
	writer_attr(&w, "id", id);
	writer_leaf(&w, "body", NULL, item->text);
	encrypt_hints(&w);
	writer_end(&w);
	if (job == NULL)
		return;
	free(job->wait);
	job->wait = buf_strdup(id);
	free(job->place);
	job->place = buf_strdup(item->peer);
}

void
encrypt_hints(struct writer *w)
{
	writer_open(w, "encryption", NS_ENCRYPTION);
	writer_attr(w, "namespace", NS_OTR);
	writer_close(w);
	writer_leaf(w, "no-store", NS_HINTS, NULL);
	writer_leaf(w, "no-copy", NS_HINTS, NULL);
	writer_leaf(w, "private", NS_CARBONS, NULL);
}

/* An event of the machine's own accord: no line caused it. */
static void
tell(struct client *c, enum event_tag tag, const char *peer, const char *cause,
    const char *text)
{
	event_begin(&c->event, tag, peer, text, strlen(text));
	event_set(&c->event, "cause", cause);
	event_end(&c->event);
	if (tag == EVENT_ERROR)
		job_note_error(c, cause, text);
}

/* The lines that wait for a session with PEER have it. */
static void
answer_started(struct client *c, const char *peer, const char *trust)
{
	struct job *j, *next;

	for (j = c->jobs; j != NULL; j = next) {
		next = j->next;
		if (j->kind != JOB_OTR || !jid_same_bare(j->subject, peer))
			continue;
		if (j->verified && strcmp(trust, "verified") != 0)
			job_failed(c, j, "policy",
			    "the key of this session is not verified");
		else
			job_done(c, j, NULL);
	}
}

static void
on_encrypted(struct client *c, const struct otr_item *item)
{
	struct user *u = keep_need(c, item->peer);
	int known = user_fingerprint(u, item->fingerprint) != NULL;
	int strange = user_has_verified(u, item->fingerprint);
	const struct user_fingerprint *f;
	const char *trust;

	f = user_use(
	    u, item->fingerprint, jid_resource(item->peer), c->wall / 1000);
	strange = strange && f->trust != USER_VERIFIED;
	keep_changed(c, u);
	trust = encrypt_trust(c, item->peer, item->fingerprint);
	if (strange)
		tell(c, EVENT_ERROR, item->peer, "new-key", breakin);
	event_begin(&c->event, EVENT_OTR, item->peer, "encrypted", 9);
	event_set(&c->event, "trust", trust);
	event_set(&c->event, "fp", item->fingerprint);
	event_set(&c->event, "ssid", item->ssid);
	event_set_number(&c->event, "version", item->version);
	event_set(&c->event, "new", known ? NULL : "yes");
	event_end(&c->event);
	answer_started(c, item->peer, trust);
}

static void
on_state(struct client *c, const struct otr_item *item)
{
	const char *word =
	    item->state == OTR_FINISHED ? "finished" : "plaintext";

	if (item->state == OTR_ENCRYPTED) {
		on_encrypted(c, item);
		return;
	}
	event_begin(&c->event, EVENT_OTR, item->peer, word, strlen(word));
	event_end(&c->event);
}

static void
on_smp(struct client *c, const struct otr_item *item)
{
	static const char *const words[] = {[OTR_SMP_STARTED] = "started",
	    [OTR_SMP_ASKED] = "asked",
	    [OTR_SMP_SUCCEEDED] = "succeeded",
	    [OTR_SMP_FAILED] = "failed",
	    [OTR_SMP_ABORTED] = "aborted"};
	struct user_fingerprint *f = NULL;
	struct user *u;

	if (item->smp == OTR_SMP_NONE || item->smp == OTR_SMP_ANSWERED)
		return;
	if (item->smp == OTR_SMP_SUCCEEDED && item->proves) {
		u = keep_need(c, item->peer);
		f = user_fingerprint(u, item->fingerprint);
		if (f != NULL) {
			user_verify(f, USER_SMP, c->wall / 1000);
			keep_changed(c, u);
		}
	}
	event_begin(&c->event, EVENT_SMP, item->peer, item->text,
	    item->text == NULL ? 0 : strlen(item->text));
	event_set(&c->event, "state", words[item->smp]);
	event_end(&c->event);
	if (item->smp == OTR_SMP_SUCCEEDED && !item->proves)
		client_info(c, item->peer,
		    "they have verified us; ask a question of your own to "
		    "verify them");
}

/* What came in the message X, or was never to be encrypted. */
static void
on_text(struct client *c, const struct otr_item *item, const struct stanza *x)
{
	struct receive_text text = {
	    .text = item->text, .len = strlen(item->text)};

	if (item->encrypted) {
		text.fingerprint = item->fingerprint;
		text.trust = encrypt_trust(c, item->peer, item->fingerprint);
	}
	if (x != NULL)
		receive_text(c, item->peer, x, &text);
}

/* What went wrong; the words of the other side must not pass for ours. */
static void
on_note(struct client *c, const struct otr_item *item)
{
	const char *token = otr_cause_token(item->cause);
	struct buf b;

	if (item->cause != OTR_NOTE_ERROR) {
		tell(c, EVENT_WARNING, item->peer, token, item->text);
		return;
	}
	buf_init(&b, STANZA_MAX);
	buf_adds(&b, otr_cause_words(item->cause));
	if (*item->text != '\0')
		buf_addf(&b, ": %s", item->text);
	tell(c, EVENT_WARNING, item->peer, token, buf_str(&b));
	buf_clear(&b);
}

/*
 * Does all that the queue of otr/ holds; X is the message that caused it, or
 * JOB, whose query is the first that is sent. Returns how many texts there
 * were.
 */
static int
pump(struct client *c, const struct stanza *x, struct job *job)
{
	struct otr_item item;
	int texts = 0;

	while (c->otr != NULL && otr_next(c->otr, &item)) {
		switch (item.type) {
		case OTR_WIRE:
			if (item.tag != TAG)
				send_wire(c, &item, job);
			job = NULL;
			break;
		case OTR_TEXT:
			on_text(c, &item, x);
			texts++;
			break;
		case OTR_STATE:
			on_state(c, &item);
			break;
		case OTR_SMP:
			on_smp(c, &item);
			break;
		case OTR_NOTE:
			on_note(c, &item);
			break;
		}
	}
	return texts;
}

void
encrypt_flush(struct client *c)
{
	pump(c, NULL, NULL);
}

int
encrypt_receive(struct client *c, const char *from, const struct stanza *x,
    const char *text)
{
	struct receive_text plain = {.text = text, .len = strlen(text)};
	struct otr_peer peer;

	if (c->otr == NULL) {
		receive_text(c, from, x, &plain);
		return 1;
	}
	encrypt_peer(c, from, &peer);
	otr_receive(c->otr, &peer, text);
	return pump(c, x, NULL);
}

static int
refused(struct encrypt_result *result, const char *cause, const char *why)
{
	result->cause = cause;
	result->why = why;
	return -1;
}

/* Rules about the key itself, before anything is made of the text. */
static int
check_key(const struct client *c, const char *to, struct encrypt_result *result)
{
	struct otr_info info;
	struct chat *chat;
	char bare[JID_SIZE];

	otr_info(c->otr, to, &info);
	if (info.state == OTR_ENCRYPTED) {
		memcpy(result->fingerprint, info.fingerprint,
		    sizeof result->fingerprint);
		result->trust = encrypt_trust(c, to, info.fingerprint);
		if (strcmp(result->trust, "revoked") == 0)
			return refused(result, "policy",
			    "not sent: the key of this session is revoked");
	}
	jid_bare(to, bare);
	chat = map_find(&c->chats, bare);
	if (chat != NULL && chat->verified_only &&
	    (result->trust == NULL || strcmp(result->trust, "verified") != 0))
		return refused(result, "policy",
		    "not sent: only a verified key will do since /otr start "
		    "verified");
	return 0;
}

/* Takes the form of the text out of the queue; the rest stays for the pump. */
static int
take_wire(struct client *c, struct encrypt_result *result)
{
	struct otr_item item;

	/* The text's own item comes first: nothing else is due by then. */
	if (!otr_next(c->otr, &item) || item.type != OTR_WIRE ||
	    item.tag != TAG)
		return refused(result, "not-encrypted", NULL);
	buf_reset(&c->otr_body);
	buf_adds(&c->otr_body, item.text);
	result->body = buf_str(&c->otr_body);
	result->len = buf_len(&c->otr_body);
	result->encrypted = item.encrypted;
	if (!item.encrypted) {
		result->trust = NULL;
		*result->fingerprint = '\0';
	}
	return 0;
}

/* N bytes of TEXT may go to P only where none need be encrypted. */
static int
without_key(const struct otr_peer *p, const char *text, size_t n,
    struct encrypt_result *result)
{
	result->body = text;
	result->len = n;
	if (otr_gate(OTR_PLAINTEXT, 0, 0, p->policies, 0) == OTR_GATE_CLEAR)
		return 0;
	return refused(result, "policy",
	    "not sent: encryption is required, but there is no key");
}

int
encrypt_text(struct client *c, const char *to, const char *text, size_t n,
    struct encrypt_result *result)
{
	struct otr_peer peer;
	char *copy;
	int sent;

	memset(result, 0, sizeof *result);
	encrypt_peer(c, to, &peer);
	/* Stored for later it begins nothing, and its blanks show. */
	if (roster_resource(&c->roster, to) == NULL)
		peer.policies &= ~OTR_SEND_WHITESPACE_TAG;
	if (c->otr == NULL)
		return without_key(&peer, text, n, result);
	if (n >= 4 && memcmp(text, "?OTR", 4) == 0)
		return refused(result, "policy",
		    "not sent: what begins with ?OTR is not for people");
	if (check_key(c, to, result) == -1)
		return -1;
	copy = buf_memdup(text, n);
	sent = otr_send(c->otr, &peer, TAG, copy);
	buf_wipe(copy, n);
	free(copy);
	if (sent == -1)
		return refused(result, otr_cause_token(otr_cause(c->otr)),
		    otr_cause_words(otr_cause(c->otr)));
	return take_wire(c, result);
}

int
encrypt_raw(struct client *c, const char *to, const char *bytes, size_t n,
    int encrypted, struct encrypt_result *result)
{
	struct otr_peer peer;
	char *copy;
	int sent;

	memset(result, 0, sizeof *result);
	encrypt_peer(c, to, &peer);
	if (c->otr == NULL && encrypted)
		return refused(result, "not-encrypted", "there is no OTR key");
	if (c->otr == NULL)
		return without_key(&peer, bytes, n, result);
	if (check_key(c, to, result) == -1)
		return -1;
	copy = buf_memdup(bytes, n);
	sent = otr_send_raw(c->otr, &peer, TAG, copy, encrypted);
	buf_wipe(copy, n);
	free(copy);
	if (sent == -1)
		return refused(result, otr_cause_token(otr_cause(c->otr)),
		    otr_cause_words(otr_cause(c->otr)));
	return take_wire(c, result);
}

/* What is between us and the presence of JID, which decides where to ask. */
static int
presence_is_due(const struct client *c, const struct job *job)
{
	const struct contact *contact = roster_find(&c->roster, job->subject);

	if (contact == NULL || contact->resources != NULL)
		return 0;
	if (contact->sub != SUB_TO && contact->sub != SUB_BOTH)
		return 0;
	return c->mono < c->online_since + PRESENCE_DUE;
}

void
encrypt_begin(struct client *c, struct job *job)
{
	char to[JID_SIZE];
	struct otr_peer peer;

	if (c->link != LINK_ONLINE || presence_is_due(c, job)) {
		job->until = c->online_since + PRESENCE_DUE;
		return;
	}
	job->until = 0;
	message_address(c, job->subject, to);
	encrypt_peer(c, to, &peer);
	if (otr_start(c->otr, &peer) == -1) {
		job_failed(c, job, otr_cause_token(otr_cause(c->otr)),
		    otr_cause_words(otr_cause(c->otr)));
		job = NULL;
	}
	pump(c, NULL, job);
}

/* The line whose query ID, back from the JID FROM, went there; or NULL. */
static struct job *
asker(const struct client *c, const char *from, const char *id)
{
	char bare[JID_SIZE];
	struct job *j;

	for (j = c->jobs; id != NULL && j != NULL; j = j->next) {
		if (j->kind != JOB_OTR || j->wait == NULL ||
		    strcmp(j->wait, id) != 0)
			continue;
		jid_bare(j->place, bare);
		if (strcmp(from, j->place) == 0 || strcmp(from, bare) == 0)
			return j;
	}
	return NULL;
}

int
encrypt_bounced(struct client *c, const char *from, const struct stanza *x)
{
	struct job *job = asker(c, from, stanza_get(x, "id"));
	const char *text = stanza_error_text(x);
	struct buf why;

	if (job == NULL)
		return 0;
	buf_init(&why, STANZA_MAX);
	buf_adds(&why, "the query came back");
	if (text != NULL)
		buf_addf(&why, ": %s", text);
	job_failed(c, job, stanza_condition(x), buf_str(&why));
	buf_clear(&why);
	return 1;
}

void
encrypt_presence(struct client *c, const char *jid)
{
	struct job *j, *next;

	for (j = c->jobs; j != NULL; j = next) {
		next = j->next;
		if (j->kind == JOB_OTR && j->until != 0 &&
		    jid_same_bare(j->subject, jid))
			encrypt_begin(c, j);
	}
}

void
encrypt_end(struct client *c)
{
	if (c->otr == NULL)
		return;
	otr_end(c->otr);
	encrypt_flush(c);
}

void
encrypt_tick(struct client *c)
{
	struct job *j, *next;

	if (c->otr == NULL)
		return;
	for (j = c->jobs; j != NULL; j = next) {
		next = j->next;
		if (j->kind == JOB_OTR && j->until != 0 &&
		    j->until <= c->mono && c->link == LINK_ONLINE)
			encrypt_begin(c, j);
	}
	if (otr_deadline(c->otr) >= 0 && otr_deadline(c->otr) <= c->mono) {
		otr_tick(c->otr, c->mono);
		encrypt_flush(c);
	}
}

int64_t
encrypt_deadline(const struct client *c)
{
	const struct job *j;
	int64_t at = c->otr == NULL ? -1 : otr_deadline(c->otr);

	for (j = c->jobs; j != NULL; j = j->next)
		if (j->kind == JOB_OTR && j->until != 0 &&
		    (at < 0 || j->until < at))
			at = j->until;
	return at;
}
