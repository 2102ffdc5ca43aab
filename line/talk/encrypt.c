#include "line/talk/encrypt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/core/link.h"
#include "line/disk/users.h"
#include "line/disk/wishes.h"
#include "line/talk/chat.h"
#include "line/talk/delay.h"
#include "line/talk/receipt.h"

/* The tag of the text being sent, in the items of otr/. */
#define TAG 1

/* The ways in which bytes leave: as text by the policies, or raw. */
enum form { FORM_TEXT, FORM_CLEAR, FORM_ENCRYPTED };

static const char breakin[] =
    "POSSIBLE BREAKIN ATTEMPT: this key is new, and it is not the one that "
    "you have verified; trust nothing before you have verified it again";

static const char not_kept[] =
    "nothing is stored with -r: they know the secret, but their key stays "
    "unverified";

struct encryption {
	struct otr *otr;      /* NULL if there is no key */
	char fingerprint[41]; /* of our key, 40 digits */
	struct buf body;      /* the ciphertext of the text being sent */
	struct map verifying; /* labels of SMP begun here, by full JID */
};

void
encrypt_init(struct client *c)
{
	const struct privkey *key = c->options.otr_key;

	c->encryption = buf_alloc(sizeof *c->encryption);
	buf_init(&c->encryption->body, TEXT_MAX);
	if (key == NULL)
		return;
	memcpy(c->encryption->fingerprint, privkey_fingerprint(key),
	    sizeof c->encryption->fingerprint);
	c->encryption->otr = otr_new(key);
}

void
encrypt_clear(struct client *c)
{
	void **labels = map_values(&c->encryption->verifying);
	size_t i;

	for (i = 0; labels[i] != NULL; i++)
		free(labels[i]);
	free(labels);
	map_clear(&c->encryption->verifying);
	otr_free(c->encryption->otr);
	buf_clear(&c->encryption->body);
	free(c->encryption);
}

struct otr *
encrypt_otr(const struct client *c)
{
	return c->encryption->otr;
}

int
encrypt_own_key(struct client *c)
{
	char bare[JID_SIZE];

	if (c->encryption->otr == NULL)
		return -1;
	jid_bare(c->self.jid, bare);
	event_begins(
	    &c->event, EVENT_FINGERPRINT, bare, c->encryption->fingerprint);
	event_end(&c->event);
	return 0;
}

void
encrypt_online(struct client *c)
{
	if (c->encryption->otr != NULL)
		otr_account(c->encryption->otr, c->self.jid);
}

void
encrypt_policy(const struct client *c, const char *jid, unsigned *policies,
    unsigned *versions)
{
	const struct user *u = users_find(c, jid);

	*policies = c->options.otr_policies;
	*versions = c->options.otr_versions;
	if (u != NULL && u->kind == USER_CONTACT && u->has_custom) {
		*policies = u->policies;
		*versions = u->versions;
	}
}

/*
 * Returns 1 if there is to be no OTR with JID, since /encryption none or
 * /encryption omemo was said and no /otr start after it.
 */
static int
is_unwanted(const struct client *c, const char *jid)
{
	const struct chat *chat = chat_find(c, jid);
	enum omemo_wish how = wishes_find(c, jid)->how;

	return (how == OMEMO_WISH_NONE || how == OMEMO_WISH_OMEMO) &&
	       (chat == NULL || !chat->encrypt_only);
}

/* Returns 1 if JID went offline; if we never saw it, it may be online. */
static int
is_known_offline(const struct client *c, const char *jid)
{
	const struct contact *contact = roster_find(&c->roster, jid);

	return contact != NULL && contact->seen && contact->resources == NULL;
}

void
encrypt_peer(const struct client *c, const char *jid, struct otr_peer *peer)
{
	const struct chat *chat = chat_find(c, jid);
	const struct wish *wish = wishes_find(c, jid);

	peer->name = jid;
	peer->answer = receipt_may_answer(c, jid);
	peer->offline = is_known_offline(c, jid);
	peer->ours = 0;
	peer->now = c->clock.mono;
	encrypt_policy(c, jid, &peer->policies, &peer->versions);
	if (is_unwanted(c, jid)) {
		peer->policies = peer->versions = 0;
		if (wish->how == OMEMO_WISH_NONE)
			return;
	}
	/* After /otr start at once, as the query may wait. */
	if ((chat != NULL && chat->encrypt_only) || wish->verified_only ||
	    wish->how == OMEMO_WISH_OMEMO || wish->used || wish->unreadable)
		peer->policies |= OTR_REQUIRE_ENCRYPTION;
}

void
encrypt_address(const struct client *c, const char *jid, char to[JID_SIZE])
{
	const struct chat *chat = chat_find(c, jid);
	int expanded = chat != NULL && chat->expanded;
	const struct resource *best;
	const char *session = NULL;
	size_t n = strlen(jid);

	memcpy(to, jid, n + 1);
	/* Our other clients each get what goes to our bare JID. */
	if (jid_resource(jid) != NULL || client_is_self(c, jid))
		return;
	best = roster_best(roster_find(&c->roster, jid));
	if (best != NULL && *best->name == '\0')
		best = NULL;
	if (c->encryption->otr != NULL)
		session = otr_encrypted(c->encryption->otr, jid);
	if (session != NULL && (best == NULL || expanded)) {
		memcpy(to, session, strlen(session) + 1);
	} else if (best != NULL && !expanded) {
		to[n] = '/';
		memcpy(to + n + 1, best->name, strlen(best->name) + 1);
	}
}

const char *
encrypt_trust(const struct client *c, const char *jid, const char *fingerprint)
{
	static const char *const names[] = {
	    "unverified", "verified", "revoked"};
	const struct user *u = users_find(c, jid);
	const struct user_fingerprint *f;

	f = u == NULL ? NULL : user_fingerprint(u, fingerprint);
	return names[f == NULL ? USER_UNVERIFIED : f->trust];
}

int
encrypt_is_on(const struct client *c, const char *jid)
{
	return c->encryption->otr != NULL &&
	       otr_encrypted(c->encryption->otr, jid) != NULL;
}

int
encrypt_has_session(const struct client *c, const char *jid)
{
	struct otr_info info = {0};

	if (c->encryption->otr != NULL)
		otr_info(c->encryption->otr, jid, &info);
	return info.state != OTR_PLAINTEXT || info.elsewhere;
}

const char *
encrypt_session(const struct client *c, const char *jid, int *refused)
{
	struct otr_info info = {0};

	if (c->encryption->otr != NULL && jid != NULL)
		otr_info(c->encryption->otr, jid, &info);
	*refused = info.state == OTR_FINISHED ||
		   (info.state == OTR_PLAINTEXT && info.elsewhere);
	return info.state == OTR_ENCRYPTED
		   ? encrypt_trust(c, jid, info.fingerprint)
		   : NULL;
}

void
encrypt_set(struct client *c, const char *jid)
{
	int refused;
	const char *trust = encrypt_session(c, jid, &refused);

	event_set(&c->event, "enc", trust == NULL ? "none" : "otr");
	event_set(&c->event, "trust", trust);
}

/*
 * Sends ITEM, a message of the OTR protocol or a text. JOB (NULL: none) is the
 * line that it is the query of.
 */
static void
send_wire(struct client *c, const struct otr_item *item, struct answer *job)
{
	char id[NONCE_ID + 1];
	struct writer w;

	if (c->link.state != LINK_ONLINE)
		return;
	nonce_id(c->nonce, id);
	message_begin(c, &w, item->peer, "chat", id);
	writer_leaf(&w, "body", NULL, item->text);
	message_hints(&w);
	writer_end(&w);
	if (job == NULL)
		return;
	free(job->wait);
	job->wait = buf_strdup(id);
	free(job->place);
	job->place = buf_strdup(item->peer);
}

/* Answers the lines that wait for a session with PEER, whose key has TRUST. */
static void
answer_started(struct client *c, const char *peer, const char *trust)
{
	struct answer *j, *next;

	for (j = c->lines.answers; j != NULL; j = next) {
		next = j->next;
		if (j->kind != ANSWER_OTR || !jid_same_bare(j->subject, peer))
			continue;
		if (j->verified && strcmp(trust, "verified") != 0)
			answer_failed(c, j, "policy",
			    "the key of this session is not verified");
		else
			users_answer(c, users_need(c, peer), j, NULL);
	}
}

/* Returns the label of the last line that began a handshake with PEER, or NULL.
 */
static const char *
handshake_label(const struct client *c, const char *peer)
{
	const char *label = NULL;
	const struct answer *j;

	for (j = c->lines.answers; j != NULL; j = j->next)
		if (j->kind == ANSWER_OTR && j->until == 0 &&
		    j->store == NULL && jid_same_bare(j->subject, peer))
			label = j->label;
	return label;
}

static void
on_encrypted(struct client *c, const struct otr_item *item)
{
	struct user *u = users_need(c, item->peer);
	int known = user_fingerprint(u, item->fingerprint) != NULL;
	int strange = user_has_verified(u, item->fingerprint);
	const struct user_fingerprint *f;
	const char *trust, *label = c->event.label;

	f = user_use(u, item->fingerprint, jid_resource(item->peer),
	    c->clock.wall / 1000);
	strange = strange && f->trust != USER_VERIFIED;
	users_noted(c, u);
	trust = encrypt_trust(c, item->peer, item->fingerprint);
	if (strange)
		answer_no_line(c, item->peer, "new-key", breakin);
	event_relabel(&c->event, handshake_label(c, item->peer));
	event_begin(&c->event, EVENT_OTR, item->peer, "encrypted", 9);
	event_set(&c->event, "trust", trust);
	event_set(&c->event, "fp", item->fingerprint);
	event_set(&c->event, "ssid", item->ssid);
	event_set_number(&c->event, "version", item->version);
	event_set(&c->event, "new", known ? NULL : "yes");
	event_end(&c->event);
	event_relabel(&c->event, label);
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
	event_begins(&c->event, EVENT_OTR, item->peer, word);
	event_end(&c->event);
}

static void
warn_revoked(struct client *c, const struct otr_item *item)
{
	char bare[JID_SIZE], text[MESSAGE_WORDS];

	jid_bare(item->peer, bare);
	snprintf(text, sizeof text,
	    "the key stays revoked; /with %s /fingerprint %s verifies it again",
	    bare, item->fingerprint);
	client_warning(c, item->peer, text);
}

/* Says that the peer verified our key, and how to verify theirs. */
static void
they_verified(struct client *c, const struct otr_item *item)
{
	const char *trust = encrypt_trust(c, item->peer, item->fingerprint);
	char words[MESSAGE_WORDS];

	encrypt_words(item->peer,
	    strcmp(trust, "unverified") != 0
		? "they have verified you"
		: "they have verified you; /smp question QUESTION verifies "
		  "them",
	    words);
	client_info(c, item->peer, words);
}

static void
on_smp(struct client *c, const struct otr_item *item)
{
	static const char *const words[] = {[OTR_SMP_STARTED] = "started",
	    [OTR_SMP_ASKED] = "asked",
	    [OTR_SMP_SUCCEEDED] = "succeeded",
	    [OTR_SMP_FAILED] = "failed",
	    [OTR_SMP_ABORTED] = "aborted"};
	const char *label = c->event.label;
	struct user_fingerprint *f = NULL;
	enum user_trust was = USER_VERIFIED;
	char *begun;
	struct user *u;

	if (item->smp == OTR_SMP_NONE || item->smp == OTR_SMP_ANSWERED)
		return;
	if (item->smp == OTR_SMP_SUCCEEDED && item->proves) {
		u = users_need(c, item->peer);
		f = user_fingerprint(u, item->fingerprint);
		was = f == NULL ? was : f->trust;
		if (was != USER_REVOKED && f != NULL && !c->options.read_only) {
			user_verify(f, USER_SMP, c->clock.wall / 1000);
			users_noted(c, u);
		}
	}
	begun =
	    item->smp == OTR_SMP_STARTED
		? buf_strdup(map_find(&c->encryption->verifying, item->peer))
		: map_remove(&c->encryption->verifying, item->peer);
	if (begun != NULL && item->smp != OTR_SMP_ASKED)
		event_relabel(&c->event, begun);
	event_begins(&c->event, EVENT_SMP, item->peer, item->text);
	event_set(&c->event, "state", words[item->smp]);
	if (*item->fingerprint != '\0') {
		event_set(&c->event, "trust",
		    encrypt_trust(c, item->peer, item->fingerprint));
		event_set(&c->event, "fp", item->fingerprint);
	}
	event_end(&c->event);
	event_relabel(&c->event, label);
	free(begun);
	if (was == USER_REVOKED)
		warn_revoked(c, item);
	else if (was != USER_VERIFIED && c->options.read_only)
		answer_no_line(c, item->peer, "store", not_kept);
	if (item->smp == OTR_SMP_SUCCEEDED && !item->proves)
		they_verified(c, item);
}

void
encrypt_verifies(struct client *c, const char *jid, const char *label)
{
	free(map_remove(&c->encryption->verifying, jid));
	if (label != NULL)
		map_add(&c->encryption->verifying, jid, buf_strdup(label));
}

/* Writes the event of ITEM, the text of the message M. */
static void
on_text(struct client *c, const struct otr_item *item, const struct incoming *m)
{
	struct message_in text = {
	    .text = item->text, .len = strlen(item->text)};

	if (item->encrypted) {
		text.fingerprint = item->fingerprint;
		text.trust = encrypt_trust(c, item->peer, item->fingerprint);
	}
	if (m != NULL)
		message_tell(c, m, &text);
}

void
encrypt_words(const char *jid, const char *words, char out[MESSAGE_WORDS])
{
	static const char *const commands[] = {
	    "/otr ", "/smp ", "/encryption ", "/fingerprint", "/omemo info"};
	struct buf b;
	char bare[JID_SIZE];
	size_t i;

	jid_bare(jid, bare);
	buf_init(&b, MESSAGE_WORDS - 1);
	for (; *words != '\0'; words++) {
		for (i = 0; i < sizeof commands / sizeof *commands; i++)
			if (strncmp(words, commands[i], strlen(commands[i])) ==
			    0)
				buf_addf(&b, "/with %s ", bare);
		buf_addc(&b, *words);
	}
	snprintf(out, MESSAGE_WORDS, "%s", buf_str(&b));
	buf_clear(&b);
}

/* Writes the warning WORDS by CAUSE about M (NULL: no message) from PEER. */
static void
warn_of(struct client *c, const char *peer, const struct incoming *m,
    const char *cause, const char *words)
{
	event_begins(&c->event, EVENT_WARNING, peer, words);
	event_set(&c->event, "cause", cause);
	if (strcmp(cause, "unreadable") == 0) {
		event_set(&c->event, "enc", "otr");
		event_set(
		    &c->event, "id", m == NULL ? NULL : stanza_get(m->x, "id"));
	}
	if (m != NULL)
		incoming_set_sender(c, m);
	event_end(&c->event);
}

/* Writes the note ITEM. If they are their words, ours stand before them. */
static void
on_note(struct client *c, const struct otr_item *item, const struct incoming *m)
{
	const char *token = otr_cause_token(item->cause);
	char words[MESSAGE_WORDS];
	struct otr_info info;
	struct buf b;

	if (item->cause == OTR_NOTE_VERSION && is_unwanted(c, item->peer)) {
		encrypt_words(item->peer,
		    "they asked for an encrypted session and are not "
		    "answered; /encryption auto allows it",
		    words);
		warn_of(c, item->peer, m, token, words);
		return;
	}
	if (item->cause != OTR_NOTE_ERROR) {
		encrypt_words(item->peer, item->text, words);
		warn_of(c, item->peer, m, token, words);
		return;
	}
	buf_init(&b, STANZA_MAX);
	buf_adds(&b, otr_cause_words(item->cause));
	if (*item->text != '\0')
		buf_addf(&b, ": %s", item->text);
	warn_of(c, item->peer, m, token, buf_str(&b));
	buf_clear(&b);
	otr_info(c->encryption->otr, item->peer, &info);
	if (info.state != OTR_ENCRYPTED && !info.closed)
		return;
	encrypt_words(item->peer,
	    info.closed ? "they may have lost the session, and what was sent "
			  "to them: text is refused; /otr start begins a new "
			  "session, /otr stop ends this"
			: "they may have lost the session, and what was sent "
			  "to them; /otr start begins a new one",
	    words);
	client_info(c, item->peer, words);
}

/*
 * Writes a warning if TEXT, the body of M, a copy or from an archive, is
 * something that somebody said under OTR: what is left of a handshake says
 * nothing to us.
 */
static void
warn_of_copy(struct client *c, const struct incoming *m, const char *text)
{
	static const char why[] =
	    "an encrypted message was for another client, "
	    "whose OTR session it was: it cannot be read";

	if (otr_kind(text) == OTR_KIND_DATA && !otr_is_handshake(text))
		warn_of(c, m->from, m, "unreadable", why);
}

int
encrypt_is_text(struct client *c, const struct incoming *m, const char *text)
{
	const char *cause = "otr", *said = "", *hint, *from = m->from;
	char words[MESSAGE_WORDS], both[256];

	if (m->way != INCOMING_DIRECT && otr_kind(text) != OTR_KIND_TEXT) {
		warn_of_copy(c, m, text);
		return 0;
	}
	hint = client_is_room(c, from)	    ? "there is no OTR in rooms"
	       : client_is_self(c, from)    ? "there is none with yourself"
	       : c->encryption->otr == NULL ? "there is no OTR key"
					    : "/otr start begins a session";
	switch (otr_kind(text)) {
	case OTR_KIND_TEXT:
		return 1;
	case OTR_KIND_DATA:
		said = "an encrypted message could not be read: it is of no "
		       "session that jackline has";
		cause = "unreadable";
		break;
	case OTR_KIND_QUERY:
		said = "they asked for an encrypted session and were not "
		       "answered";
		break;
	case OTR_KIND_ERROR:
		said = "they reported that something encrypted could not be "
		       "read";
		break;
	}
	snprintf(both, sizeof both, "%s; %s", said, hint);
	encrypt_words(from, both, words);
	warn_of(c, from, m, cause, words);
	return 0;
}

/*
 * Takes all items out of the queue of otr/. They were caused by the message M,
 * or by JOB, whose query is the first that is sent. Returns the number of
 * texts.
 */
static int
take_items(struct client *c, const struct incoming *m, struct answer *job)
{
	struct otr_item item;
	int texts = 0;

	while (
	    c->encryption->otr != NULL && otr_next(c->encryption->otr, &item)) {
		switch (item.type) {
		case OTR_WIRE:
			if (item.tag != TAG)
				send_wire(c, &item, job);
			job = NULL;
			break;
		case OTR_TEXT:
			on_text(c, &item, m);
			texts++;
			break;
		case OTR_STATE:
			on_state(c, &item);
			break;
		case OTR_SMP:
			on_smp(c, &item);
			break;
		case OTR_NOTE:
			on_note(c, &item, m);
			break;
		}
	}
	return texts;
}

void
encrypt_flush(struct client *c)
{
	take_items(c, NULL, NULL);
}

/* Returns 1 if X cannot be for another client of our account, else 0. */
static int
is_for_us_alone(const struct client *c, const struct stanza *x)
{
	const char *to = stanza_get(x, "to");
	const struct contact *self = roster_find(&c->roster, c->self.jid);
	const struct resource *s = self == NULL ? NULL : self->resources;
	char jid[JID_SIZE];

	if (to != NULL && jid_parse(to, strlen(to), jid, NULL) == 0 &&
	    strcmp(jid, c->self.jid) == 0)
		return 1;
	for (; s != NULL; s = s->next)
		if (strcmp(s->name, jid_resource(c->self.jid)) != 0)
			return 0;
	return 1;
}

int
encrypt_receive(struct client *c, const struct incoming *m, const char *text)
{
	struct message_in plain = {.text = text, .len = strlen(text)};
	const char *from = m->from;
	struct otr_peer peer;

	/* OTR with ourselves would come back to us. */
	if (c->encryption->otr == NULL || client_is_self(c, from)) {
		if (!encrypt_is_text(c, m, text))
			return 0;
		message_tell(c, m, &plain);
		return 1;
	}
	encrypt_peer(c, from, &peer);
	if (otr_is_plain(c->encryption->otr, &peer, text)) {
		message_tell(c, m, &plain);
		return 1;
	}
	peer.ours = is_for_us_alone(c, m->x);
	otr_receive(c->encryption->otr, &peer, text);
	return take_items(c, m, NULL);
}

/* Fills RESULT with CAUSE and WHY, whose commands are about TO; returns -1. */
static int
refuse(struct message_out *result, const char *to, const char *cause,
    const char *why)
{
	result->cause = cause;
	encrypt_words(to, why, result->why);
	return -1;
}

/* Fills RESULT with the reason why otr/ refused to send to TO; returns -1. */
static int
refuse_by_otr(
    const struct client *c, const char *to, struct message_out *result)
{
	static const char begun[] =
	    "not sent yet: an encrypted session is being started; when it is "
	    "up, Return sends your text; /encryption none allows clear text";
	static const char missing[] =
	    "not sent: they seem to be offline, as no presence of theirs is "
	    "known; an encrypted session was asked for all the same; "
	    "/encryption none allows clear text";
	enum otr_cause cause = otr_cause(c->encryption->otr);
	const char *why = otr_cause_words(cause);

	if (cause == OTR_REFUSED_POLICY && jid_resource(to) == NULL)
		why = missing;
	else if (cause == OTR_REFUSED_POLICY && c->options.terminal)
		why = begun;
	return refuse(result, to, otr_cause_token(cause), why);
}

/*
 * Returns -1 with a cause in RESULT if text to TO needs OMEMO, which there is
 * none of: then no session of OTR is asked for either.
 */
static int
check_wish(const struct client *c, const char *to, struct message_out *result)
{
	const struct wish *wish = wishes_find(c, to);
	const struct chat *chat = chat_find(c, to);

	if (chat != NULL && chat->encrypt_only)
		return 0;
	if (wish->how == OMEMO_WISH_OMEMO)
		return refuse(result, to, "policy",
		    "not sent: /encryption omemo was said for this contact, "
		    "and this jackline has no OMEMO; /otr start begins a "
		    "session of OTR, /encryption none allows clear text");
	if (wish->how == OMEMO_WISH_AUTO && !encrypt_has_session(c, to) &&
	    (wish->used || wish->unreadable))
		return refuse(result, to, "policy",
		    wish->used
			? "not sent: OMEMO was used with this contact, and "
			  "this jackline has none; /otr start begins a session "
			  "of OTR, /encryption none allows clear text"
			: "not sent: the record in omemo/ of this contact "
			  "cannot be read, so OMEMO may have been used; /otr "
			  "start begins a session of OTR, /encryption none "
			  "allows clear text");
	return 0;
}

int
encrypt_in_room(
    const struct client *c, const char *to, struct message_out *result)
{
	const struct wish *wish = wishes_find(c, to);
	unsigned policies, versions;

	if (wish->how == OMEMO_WISH_NONE)
		return 0;
	if (wish->unreadable)
		return refuse(result, to, "policy",
		    "not sent: the record of this room in omemo/ is damaged, "
		    "so OMEMO may have been used there; /encryption none "
		    "allows clear text");
	if (wish->how == OMEMO_WISH_OMEMO || wish->used)
		return refuse(result, to, "policy",
		    jid_resource(to) != NULL
			? "not sent: this room is for OMEMO, which cannot "
			  "encrypt for one occupant alone; /encryption none "
			  "allows clear text"
			: "not sent: OMEMO was used in this room; /encryption "
			  "omemo sends by it, /encryption none allows clear "
			  "text");
	if (wish->verified_only)
		return refuse(result, to, "policy",
		    "not sent: only verified keys will do in this room, and "
		    "text to one occupant cannot be encrypted; /encryption "
		    "none allows clear text");
	encrypt_policy(c, to, &policies, &versions);
	if (jid_resource(to) == NULL ||
	    (policies & OTR_REQUIRE_ENCRYPTION) == 0)
		return 0;
	return refuse(result, to, "policy",
	    "not sent: encryption is required, and there is none for the "
	    "people in a room; /encryption none allows clear text");
}

/* Returns -1 with a cause in RESULT if the key of TO forbids to send. */
static int
check_key(const struct client *c, const char *to, struct message_out *result)
{
	const struct chat *chat = chat_find(c, to);
	struct otr_info info;

	otr_info(c->encryption->otr, to, &info);
	if (info.state == OTR_ENCRYPTED) {
		memcpy(result->fingerprint, info.fingerprint,
		    sizeof result->fingerprint);
		result->trust = encrypt_trust(c, to, info.fingerprint);
		if (strcmp(result->trust, "revoked") == 0)
			return refuse(result, to, "policy",
			    "not sent: the key of this session is revoked");
	}
	if (result->trust != NULL && strcmp(result->trust, "verified") != 0 &&
	    ((chat != NULL && chat->verified_only) ||
		wishes_find(c, to)->verified_only))
		return refuse(result, to, "policy",
		    "not sent: only a verified key will do for this contact, "
		    "and that of this session is not verified; /smp question "
		    "QUESTION verifies it");
	return 0;
}

/* Takes the ciphertext out of the queue; encrypt_flush takes the rest. */
static int
take_wire(struct client *c, struct message_out *result)
{
	struct otr_item item;

	/* The item of the text comes first, as the queue was empty. */
	if (!otr_next(c->encryption->otr, &item) || item.type != OTR_WIRE ||
	    item.tag != TAG)
		return refuse(result, "", "not-encrypted",
		    otr_cause_words(OTR_REFUSED_FAILED));
	buf_reset(&c->encryption->body);
	buf_adds(&c->encryption->body, item.text);
	result->body = buf_str(&c->encryption->body);
	result->len = buf_len(&c->encryption->body);
	result->encrypted = item.encrypted;
	if (!item.encrypted) {
		result->trust = NULL;
		*result->fingerprint = '\0';
	}
	return 0;
}

/* Lets N bytes of TEXT go to P in the clear, unless P requires encryption. */
static int
allow_clear(const struct otr_peer *p, const char *text, size_t n,
    struct message_out *result)
{
	result->body = text;
	result->len = n;
	if (otr_gate(OTR_PLAINTEXT, 0, 0, p->policies, 0) == OTR_GATE_CLEAR)
		return 0;
	return refuse(result, p->name, "policy",
	    "not sent: encryption is required, but there is no OTR key; "
	    "/encryption none allows clear text");
}

/* Does as encrypt_raw, with PEER filled in; FORM TEXT: as encrypt_text. */
static int
encrypt_form(struct client *c, const struct otr_peer *peer, const char *bytes,
    size_t n, enum form form, struct message_out *result)
{
	struct otr *otr = c->encryption->otr;
	const char *to = peer->name;
	char *copy;
	int sent;

	memset(result, 0, sizeof *result);
	if (otr == NULL && form == FORM_ENCRYPTED)
		return refuse(
		    result, to, "not-encrypted", "there is no OTR key");
	if (check_wish(c, to, result) == -1)
		return -1;
	if (otr == NULL)
		return allow_clear(peer, bytes, n, result);
	if (form == FORM_TEXT && n >= 4 && memcmp(bytes, "?OTR", 4) == 0)
		return refuse(result, to, "policy",
		    "not sent: what begins with ?OTR is not for people");
	if (check_key(c, to, result) == -1)
		return -1;
	if (form == FORM_TEXT && otr_sends_clear(otr, peer, bytes, n)) {
		result->body = bytes;
		result->len = n;
		result->trust = NULL;
		*result->fingerprint = '\0';
		return 0;
	}
	copy = buf_memdup(bytes, n);
	if (form == FORM_TEXT)
		sent = otr_send(otr, peer, TAG, copy);
	else
		sent =
		    otr_send_raw(otr, peer, TAG, copy, form == FORM_ENCRYPTED);
	buf_wipe(copy, n);
	free(copy);
	return sent == -1 ? refuse_by_otr(c, to, result) : take_wire(c, result);
}

int
encrypt_text(struct client *c, const char *to, const char *text, size_t n,
    struct message_out *result)
{
	struct otr_peer peer;

	encrypt_peer(c, to, &peer);
	/* A whitespace tag in a message that is stored begins no session, and
	 * its blanks show. */
	if (roster_resource(&c->roster, to) == NULL)
		peer.policies &= ~OTR_SEND_WHITESPACE_TAG;
	return encrypt_form(c, &peer, text, n, FORM_TEXT, result);
}

int
encrypt_raw(struct client *c, const char *to, const char *bytes, size_t n,
    int encrypted, struct message_out *result)
{
	struct otr_peer peer;

	encrypt_peer(c, to, &peer);
	return encrypt_form(c, &peer, bytes, n,
	    encrypted ? FORM_ENCRYPTED : FORM_CLEAR, result);
}

/*
 * Returns 1 if the presence of JOB's contact is still to come, after which we
 * know its resource, else 0.
 */
static int
awaits_presence(const struct client *c, const struct answer *job)
{
	const struct contact *contact = roster_find(&c->roster, job->subject);

	if (contact == NULL || contact->resources != NULL)
		return 0;
	if (contact->sub != SUB_TO && contact->sub != SUB_BOTH)
		return 0;
	return c->clock.mono < c->link.online_since + PRESENCE_DUE;
}

void
encrypt_begin(struct client *c, struct answer *job)
{
	char to[JID_SIZE], words[MESSAGE_WORDS];
	const char *label = c->event.label;
	struct otr_peer peer;

	if (c->link.state != LINK_ONLINE || awaits_presence(c, job)) {
		job->until = c->link.online_since + PRESENCE_DUE;
		return;
	}
	job->until = 0;
	encrypt_address(c, job->subject, to);
	encrypt_peer(c, to, &peer);
	if (otr_start(c->encryption->otr, &peer) == -1) {
		encrypt_words(
		    to, otr_cause_words(otr_cause(c->encryption->otr)), words);
		answer_failed(c, job,
		    otr_cause_token(otr_cause(c->encryption->otr)), words);
		job = NULL;
	}
	if (job != NULL)
		event_relabel(&c->event, job->label);
	take_items(c, NULL, job);
	event_relabel(&c->event, label);
}

/* Returns the line whose query ID went to FROM or its resource, or NULL. */
static struct answer *
find_asker(const struct client *c, const char *from, const char *id)
{
	char bare[JID_SIZE];
	struct answer *j;

	for (j = c->lines.answers; id != NULL && j != NULL; j = j->next) {
		if (j->kind != ANSWER_OTR || j->wait == NULL ||
		    strcmp(j->wait, id) != 0)
			continue;
		jid_bare(j->place, bare);
		if (strcmp(from, j->place) == 0 || strcmp(from, bare) == 0)
			return j;
	}
	return NULL;
}

/* Gives up the handshake that /otr start began with JID. */
static void
end_handshake(struct client *c, const char *jid)
{
	struct otr_peer peer;
	char to[JID_SIZE];

	encrypt_address(c, jid, to);
	encrypt_peer(c, to, &peer);
	otr_give_up(c->encryption->otr, &peer);
	encrypt_flush(c);
}

int
encrypt_bounced(struct client *c, const char *from, const struct stanza *x)
{
	struct answer *job = find_asker(c, from, stanza_get(x, "id"));
	const char *text = stanza_error_text(x);
	struct buf why;

	if (job == NULL)
		return 0;
	buf_init(&why, STANZA_MAX);
	buf_adds(&why, "the query came back");
	if (text != NULL)
		buf_addf(&why, ": %s", text);
	end_handshake(c, job->place);
	answer_failed(c, job, stanza_condition(x), buf_str(&why));
	buf_clear(&why);
	return 1;
}

void
encrypt_give_up(struct client *c, const struct answer *job)
{
	if (c->link.state == LINK_ONLINE)
		end_handshake(c, job->subject);
}

void
encrypt_gone(struct client *c, const char *jid)
{
	if (c->encryption->otr == NULL)
		return;
	otr_gone(c->encryption->otr, jid);
	encrypt_flush(c);
}

void
encrypt_unresumed(struct client *c)
{
	if (c->encryption->otr == NULL)
		return;
	otr_unresumed(c->encryption->otr);
	encrypt_flush(c);
}

void
encrypt_presence(struct client *c, const char *jid)
{
	struct answer *j, *next;

	if (c->encryption->otr != NULL)
		otr_here(c->encryption->otr, jid);
	for (j = answer_next(c, NULL, ANSWER_OTR); j != NULL; j = next) {
		next = answer_next(c, j, ANSWER_OTR);
		if (j->until != 0 && jid_same_bare(j->subject, jid))
			encrypt_begin(c, j);
	}
}

void
encrypt_end(struct client *c)
{
	if (c->encryption->otr == NULL)
		return;
	otr_end(c->encryption->otr);
	encrypt_flush(c);
}

void
encrypt_tick(struct client *c)
{
	struct answer *j, *next;

	if (c->encryption->otr == NULL)
		return;
	for (j = answer_next(c, NULL, ANSWER_OTR); j != NULL; j = next) {
		next = answer_next(c, j, ANSWER_OTR);
		if (j->until != 0 && j->until <= c->clock.mono &&
		    c->link.state == LINK_ONLINE)
			encrypt_begin(c, j);
	}
	if (otr_deadline(c->encryption->otr) >= 0 &&
	    otr_deadline(c->encryption->otr) <= c->clock.mono) {
		otr_tick(c->encryption->otr, c->clock.mono);
		encrypt_flush(c);
	}
}

int64_t
encrypt_deadline(const struct client *c)
{
	const struct answer *j = NULL;
	int64_t at =
	    c->encryption->otr == NULL ? -1 : otr_deadline(c->encryption->otr);

	while (c->link.state == LINK_ONLINE &&
	       (j = answer_next(c, j, ANSWER_OTR)) != NULL)
		if (j->until != 0)
			at = client_sooner(at, j->until);
	return at;
}
