/*
 * The commands about encryption: sessions, keys, policies, verification.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/command/args.h"
#include "line/command/command.h"
#include "line/command/devices.h"
#include "line/disk/users.h"
#include "line/disk/wishes.h"
#include "line/talk/chat.h"
#include "line/talk/encrypt.h"
#include "line/talk/gate.h"
#include "line/talk/omemo_task.h"

#define OTR_SECONDS 30 /* for a session to begin */
#define DAY	    86400

/* The words of /otrpolicy. */
static const struct policy_word {
	const char *word;
	unsigned bit;
	int is_version;
} policy_words[] = {{"require_encryption", OTR_REQUIRE_ENCRYPTION, 0},
    {"send_whitespace_tag", OTR_SEND_WHITESPACE_TAG, 0},
    {"whitespace_start_ake", OTR_WHITESPACE_START_AKE, 0},
    {"error_start_ake", OTR_ERROR_START_AKE, 0},
    {"reveal_macs", OTR_REVEAL_MACS, 0}, {"v2", OTR_V2, 1}, {"v3", OTR_V3, 1}};

#define POLICY_WORDS (sizeof policy_words / sizeof *policy_words)

/*
 * Returns the active contact if there can be an OTR session with it; NULL after
 * the line was answered.
 */
static const char *
otr_contact(struct client *c)
{
	const char *jid = args_active(c);

	if (jid == NULL || !args_is_other(c, jid))
		return NULL;
	if (client_is_room(c, jid))
		answer_error(c, jid, "policy", "there is no OTR in rooms");
	else if (encrypt_otr(c) == NULL)
		answer_error(c, jid, "config", "there is no OTR key");
	else
		return jid;
	return NULL;
}

/* Answers the current line by the error of the last call of the OTR library. */
static void
otr_error(struct client *c, const char *jid)
{
	enum otr_cause cause = otr_cause(encrypt_otr(c));

	answer_error(c, jid, otr_cause_token(cause), otr_cause_words(cause));
}

/* Does `/otr start`, or with VERIFIED `/otr start verified`. */
static void
start_session(struct client *c, int verified)
{
	const char *jid = client_active(c);
	struct answer *job;

	/* Even if this fails, text in the clear is refused until /otr stop. */
	if (jid != NULL) {
		chat_need(c, jid)->encrypt_only = 1;
		chat_need(c, jid)->verified_only |= verified;
	}
	jid = otr_contact(c);
	if (jid == NULL || !args_online(c))
		return;
	chat_need(c, jid)->spoken = 1;
	job = answer_wait(c, ANSWER_OTR, !c->options.no_wait, OTR_SECONDS);
	job->subject = buf_strdup(jid);
	job->verified = verified;
	job->on_timeout = encrypt_give_up;
	encrypt_begin(c, job);
}

/* Answers the lines that wait for a session with JID by the error WHY. */
static void
fail_waiting(struct client *c, const char *jid, const char *why)
{
	struct answer *j, *next;

	for (j = c->lines.answers; j != NULL; j = next) {
		next = j->next;
		if (j->kind == ANSWER_OTR && jid_same_bare(j->subject, jid))
			answer_failed(c, j, "opposite", why);
	}
}

/*
 * Takes back the wish for a session with JID and ends what there is; lines that
 * wait for it fail with the words WHY. Returns 1 where an event told the end.
 */
static int
end_session(struct client *c, const char *jid, const char *why)
{
	struct otr_peer peer;
	char to[JID_SIZE];
	uint64_t before;

	chat_need(c, jid)->encrypt_only = 0;
	chat_need(c, jid)->verified_only = 0;
	if (encrypt_otr(c) == NULL || client_is_room(c, jid) ||
	    client_is_self(c, jid))
		return 0;
	fail_waiting(c, jid, why);
	encrypt_address(c, jid, to);
	encrypt_peer(c, to, &peer);
	before = client_text_total(c);
	otr_stop(encrypt_otr(c), &peer);
	encrypt_flush(c);
	return client_text_total(c) > before;
}

static void
stop_session(struct client *c)
{
	const char *jid = client_active(c);
	int is_told = 0;

	if (jid != NULL)
		is_told = end_session(c, jid, "/otr stop was given");
	/* At a terminal the row of the `otr` event says as much. */
	is_told = is_told && c->options.terminal;
	jid = otr_contact(c);
	if (jid != NULL)
		answer_ok(c, jid, is_told ? NULL : "there is no session now");
}

/* Writes the fingerprint of our own key. */
static void
list_own_key(struct client *c)
{
	char bare[JID_SIZE];

	jid_bare(c->self.jid, bare);
	if (encrypt_own_key(c) == -1)
		answer_error(c, bare, "config", "there is no OTR key");
	else
		answer_ok(c, bare, NULL);
}

static void
describe_session(struct client *c)
{
	const char *jid = client_active(c);
	static const char *const states[] = {"not encrypted", "encrypted",
	    "ended by the other side: clear text is refused"};
	static const char closed[] =
	    "closed, as they may have lost it: text is refused; /otr start "
	    "begins a new session, /otr stop ends this";
	char to[JID_SIZE], text[160], digits[64] = "", words[MESSAGE_WORDS];
	struct otr_info now;
	const char *key;
	size_t n = 0;

	if (jid == NULL || client_is_self(c, jid)) {
		list_own_key(c);
		return;
	}
	jid = otr_contact(c);
	if (jid == NULL)
		return;
	encrypt_address(c, jid, to);
	otr_info(encrypt_otr(c), to, &now);
	encrypt_words(to, now.closed ? closed : states[now.state], words);
	client_info(c, to, words);
	if (now.state == OTR_ENCRYPTED) {
		for (key = now.fingerprint; *key != '\0'; key++)
			n += (size_t)snprintf(digits + n, sizeof digits - n,
			    "%s%c", (key - now.fingerprint) % 8 == 0 ? " " : "",
			    *key);
		snprintf(text, sizeof text, "version %d, session %s, key%s, %s",
		    now.version, now.ssid, digits,
		    encrypt_trust(c, to, now.fingerprint));
		client_info(c, to, text);
	}
	if (chat_need(c, jid)->encrypt_only && now.state != OTR_ENCRYPTED)
		client_info(c, to,
		    "clear text is refused until /otr stop, as /otr start "
		    "was given");
	answer_ok(c, to, NULL);
}

void
command_otr(struct client *c, const char *args)
{
	if (strcmp(args, "start") == 0)
		start_session(c, 0);
	else if (strcmp(args, "start verified") == 0)
		start_session(c, 1);
	else if (strcmp(args, "stop") == 0)
		stop_session(c);
	else if (strcmp(args, "info") == 0)
		describe_session(c);
	else
		args_usage(c);
}

/* The first words of /encryption. */
static const struct {
	const char *word;
	enum omemo_wish how;
} ways[] = {{"auto", OMEMO_WISH_AUTO}, {"otr", OMEMO_WISH_OTR},
    {"omemo", OMEMO_WISH_OMEMO}, {"none", OMEMO_WISH_NONE}};

#define WAYS (sizeof ways / sizeof *ways)

/* Writes what WISH, which LASTS (words, or ""), says of text to JID to OUT. */
static void
describe_wish(const struct client *c, const char *jid, const struct wish *wish,
    const char *lasts, struct buf *out)
{
	int is_room = client_is_room(c, jid);
	char words[MESSAGE_WORDS];
	unsigned policies, versions;
	const char *why;
	size_t i;

	for (i = 0; i < WAYS - 1 && ways[i].how != wish->how; i++)
		;
	encrypt_policy(c, jid, &policies, &versions);
	buf_addf(out, "%s: text is ", ways[i].word);
	if (wish->how == OMEMO_WISH_OMEMO) {
		buf_addf(out, "encrypted by OMEMO%s%s%s",
		    wish->verified_only ? ", to verified keys only" : "", lasts,
		    omemo_task_is_on(c)
			? ""
			: "; OMEMO is off here, and /omemo publish switches it "
			  "on");
	} else if (is_room && gate_text(c, jid, &why) == GATE_REFUSED) {
		encrypt_words(jid, why, words);
		buf_adds(out, words);
	} else if (wish->how == OMEMO_WISH_NONE || is_room) {
		buf_addf(out, "sent in the clear%s", lasts);
	} else if (wish->how == OMEMO_WISH_AUTO && omemo_task_is_on(c)) {
		buf_addf(out,
		    "encrypted by OMEMO%s where the contact has devices; else "
		    "by OTR as its policy says%s",
		    wish->verified_only ? ", to verified keys only," : "",
		    lasts);
	} else {
		buf_addf(out, "encrypted by OTR%s%s",
		    wish->verified_only ? ", to verified keys only"
		    : (policies & OTR_REQUIRE_ENCRYPTION) != 0
			? ""
			: " once a session is started, and sent in the clear "
			  "before",
		    lasts);
	}
}

/* Writes how text to JID is encrypted. */
static void
show_wish(struct client *c, const char *jid)
{
	const struct chat *chat = chat_find(c, jid);
	const struct wish *wish = wishes_find(c, jid);
	char bare[JID_SIZE];
	struct buf words;

	jid_bare(jid, bare);
	buf_init(&words, MESSAGE_WORDS);
	describe_wish(c, jid, wish, "", &words);
	if (chat != NULL && chat->encrypt_only)
		buf_adds(&words, "; since /otr start only in a session of OTR");
	else if (wish->used && wish->how != OMEMO_WISH_NONE &&
		 (wish->how != OMEMO_WISH_AUTO || !client_is_room(c, jid)))
		buf_adds(&words, "; never in the clear, as OMEMO was used");
	client_info(c, bare, buf_str(&words));
	buf_clear(&words);
	answer_ok(c, bare, NULL);
}

/*
 * Reads ARGS of /encryption into WISH, and into *KEEP if the setting is to be
 * stored. Returns 0; -1 after the line was answered.
 */
static int
read_wish(struct client *c, const char *args, struct wish *wish, int *keep)
{
	size_t n = strcspn(args, " "), i;

	for (i = 0; i < WAYS && !args_is(args, n, ways[i].word); i++)
		;
	for (args += n; i < WAYS && *args != '\0'; args += n) {
		args += strspn(args, " ");
		n = strcspn(args, " ");
		if (args_is(args, n, "verified"))
			wish->verified_only = 1;
		else if (args_is(args, n, "keep"))
			*keep = 1;
		else if (n > 0)
			i = WAYS;
	}
	if (i == WAYS ||
	    (ways[i].how == OMEMO_WISH_NONE && wish->verified_only)) {
		args_usage(c);
		return -1;
	}
	wish->how = ways[i].how;
	return 0;
}

/* Makes WISH what holds for JID, stores it if KEEP, and answers the line. */
static void
make_wish(struct client *c, const char *jid, const struct wish *wish, int keep)
{
	char bare[JID_SIZE];
	struct buf words;

	jid_bare(jid, bare);
	wishes_set(c, jid, wish->how, wish->verified_only);
	/* With ourselves there is no session, only a vain wish for one. */
	if (wish->how == OMEMO_WISH_NONE || wish->how == OMEMO_WISH_OMEMO ||
	    client_is_self(c, jid))
		end_session(c, jid,
		    wish->how == OMEMO_WISH_OMEMO
			? "/encryption omemo was given"
			: "/encryption none was given");
	buf_init(&words, MESSAGE_WORDS);
	describe_wish(c, jid, wish, keep ? "" : ", in this run", &words);
	if (keep)
		wishes_keep(c, bare, buf_str(&words));
	else
		answer_ok(c, bare, buf_str(&words));
	buf_clear(&words);
}

void
command_encryption(struct client *c, const char *args)
{
	const char *jid = args_active(c);
	char words[MESSAGE_WORDS];
	struct wish wish = {0};
	int keep = 0;

	if (jid == NULL)
		return;
	if (*args == '\0') {
		show_wish(c, jid);
		return;
	}
	if (read_wish(c, args, &wish, &keep) == -1)
		return;
	if (client_is_room(c, jid) && wish.how == OMEMO_WISH_OTR) {
		answer_error(c, jid, "policy", "there is no OTR in rooms");
	} else if (client_is_room(c, jid) && wish.how == OMEMO_WISH_AUTO &&
		   wish.verified_only) {
		encrypt_words(jid,
		    "auto sends text in the clear in a room, for which no key "
		    "is verified; /encryption omemo verified encrypts it",
		    words);
		answer_error(c, jid, "policy", words);
	} else if (client_is_self(c, jid) && wish.how == OMEMO_WISH_OTR) {
		answer_error(c, jid, "policy", "there is no OTR with yourself");
	} else if (keep && c->options.read_only) {
		answer_error(c, jid, "store", "nothing is stored with -r");
	} else {
		/* A person means it to last. */
		keep |= c->options.terminal && !c->options.read_only;
		make_wish(c, jid, &wish, keep);
	}
}

/* Writes the day of DATE, in seconds since 1970, to OUT. */
static void
date_text(int64_t date, char out[32])
{
	event_time(date / DAY * DAY * 1000, out);
	out[10] = '\0';
}

/* Writes the event of one key of the contact BARE; IN_USE: the session's. */
static void
fingerprint_event(struct client *c, const char *bare,
    const struct user_fingerprint *f, const char *in_use)
{
	char since[32], first[32], last[32];
	size_t i;

	event_begins(&c->event, EVENT_FINGERPRINT, bare, f->data);
	event_set(&c->event, "trust", encrypt_trust(c, bare, f->data));
	for (i = 0; i < f->verified_count; i++)
		event_set(&c->event, "how",
		    f->verified[i].how == USER_SMP ? "smp" : "manual");
	if (f->verified_count > 0 || f->trust == USER_REVOKED) {
		date_text(
		    f->trust == USER_REVOKED ? f->revoked : f->verified[0].date,
		    since);
		event_set(&c->event, "since", since);
	}
	date_text(f->first, first);
	date_text(f->last, last);
	event_set(&c->event, "first", first);
	event_set(&c->event, "last", last);
	event_set_number(&c->event, "sessions", (long long)f->sessions);
	for (i = 0; i < f->resource_count; i++)
		event_set(&c->event, "resource", f->resources[i]);
	if (strcmp(f->data, in_use) == 0)
		event_set(&c->event, "active", "yes");
	event_end(&c->event);
}

static void
list_fingerprints(struct client *c, const char *jid)
{
	const struct user *u = users_find(c, jid);
	struct otr_info now;
	char to[JID_SIZE], bare[JID_SIZE];
	size_t i;

	encrypt_address(c, jid, to);
	otr_info(encrypt_otr(c), to, &now);
	jid_bare(jid, bare);
	for (i = 0; u != NULL && i < u->fingerprint_count; i++)
		fingerprint_event(
		    c, bare, &u->fingerprints[i], now.fingerprint);
	answer_ok(c, bare, i == 0 ? "no key is known" : NULL);
}

/* Like tolower() for hexadecimal digits, but in every locale. */
static char
lower_digit(char c)
{
	return c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
}

/*
 * Returns the key of the contact JID that WORDS names, in any case and with
 * blanks anywhere; NULL after the line was answered.
 */
static struct user_fingerprint *
find_key(struct client *c, const char *jid, const char *words)
{
	struct user *u = users_find(c, jid);
	struct user_fingerprint *f = NULL;
	char digits[41];
	size_t n = 0;

	for (; *words != '\0' && n < 40; words++)
		if (*words != ' ')
			digits[n++] = lower_digit(*words);
	digits[n] = '\0';
	if (*words != '\0' || n != 40 ||
	    strspn(digits, "0123456789abcdef") != 40) {
		answer_error(c, jid, "usage",
		    "a fingerprint is 40 hexadecimal digits (OTR) or 64 "
		    "(OMEMO)");
		return NULL;
	}
	if (u != NULL && u->kind == USER_CONTACT)
		f = user_fingerprint(u, digits);
	if (f == NULL)
		answer_error(c, jid, "no-fingerprint", NULL);
	return f;
}

/* Returns 1 where the trust of keys can be stored; 0 after an answer. */
static int
may_trust(struct client *c, const char *jid)
{
	if (c->options.read_only)
		answer_error(c, jid, "store",
		    "nothing is stored with -r: the trust of a key stays as "
		    "it is");
	return !c->options.read_only;
}

/* Returns 1 if WORDS are the digits of an OMEMO key. */
static int
is_omemo_key(const char *words)
{
	char digits[DEVICES_DIGITS + 1];

	return devices_fingerprint(words, digits) == 0;
}

void
command_fingerprint(struct client *c, const char *args)
{
	const char *jid = client_active(c);
	struct user_fingerprint *f;

	if (*args == '\0' && (jid == NULL || client_is_self(c, jid))) {
		list_own_key(c);
		return;
	}
	if (devices_is_uri(args)) {
		devices_decide_uri(c, args, OMEMO_VERIFIED);
		return;
	}
	if (jid != NULL && is_omemo_key(args)) {
		devices_decide(c, jid, args, OMEMO_VERIFIED);
		return;
	}
	jid = otr_contact(c);
	if (jid == NULL)
		return;
	if (*args == '\0') {
		list_fingerprints(c, jid);
		return;
	}
	f = find_key(c, jid, args);
	if (f == NULL || !may_trust(c, jid))
		return;
	user_verify(f, USER_MANUAL, c->clock.wall / 1000);
	users_line(c, jid, ANSWER_STORE, "the key is verified", NULL);
}

void
command_revoke(struct client *c, const char *args)
{
	const char *jid = client_active(c);
	struct user_fingerprint *f;

	if (devices_is_uri(args)) {
		devices_decide_uri(c, args, OMEMO_REVOKED);
		return;
	}
	if (jid != NULL && is_omemo_key(args)) {
		devices_decide(c, jid, args, OMEMO_REVOKED);
		return;
	}
	jid = otr_contact(c);
	if (jid == NULL)
		return;
	f = find_key(c, jid, args);
	if (f == NULL || !may_trust(c, jid))
		return;
	user_revoke(f, c->clock.wall / 1000);
	users_line(c, jid, ANSWER_STORE,
	    "the key is revoked: nothing is sent to it", NULL);
}

/* Appends the words of the policies P and versions V to TEXT. */
static void
spell_policy(unsigned p, unsigned v, struct buf *text)
{
	const struct policy_word *w;
	size_t i;

	for (i = 0; i < POLICY_WORDS; i++) {
		w = &policy_words[i];
		buf_addf(text, "%s%c%s", i > 0 ? " " : "",
		    (w->is_version ? v : p) & w->bit ? '+' : '-', w->word);
	}
}

/* Writes the policy for JID (NULL: of the configuration). */
static void
print_policy(struct client *c, const char *jid)
{
	unsigned p = c->options.otr_policies, v = c->options.otr_versions;
	struct buf text;

	if (jid != NULL)
		encrypt_policy(c, jid, &p, &v);
	buf_init(&text, 256);
	spell_policy(p, v, &text);
	client_info(c, jid, buf_str(&text));
	buf_clear(&text);
	answer_ok(c, jid, NULL);
}

/* Reads one `+word` or `-word` into P and V; returns -1 if there is no such. */
static int
read_policy(const char *word, size_t n, unsigned *p, unsigned *v)
{
	unsigned *at;
	size_t i;

	if (n < 2 || (*word != '+' && *word != '-'))
		return -1;
	for (i = 0; i < POLICY_WORDS; i++) {
		if (!args_is(word + 1, n - 1, policy_words[i].word))
			continue;
		at = policy_words[i].is_version ? v : p;
		if (*word == '+')
			*at |= policy_words[i].bit;
		else
			*at &= ~policy_words[i].bit;
		return 0;
	}
	return -1;
}

void
command_otrpolicy(struct client *c, const char *args)
{
	const char *jid = client_active(c);
	struct buf remark;
	int keeps_macs;
	unsigned p, v;
	struct user *u;
	size_t n;

	if (*args == '\0') {
		print_policy(c, jid);
		return;
	}
	jid = otr_contact(c);
	if (jid == NULL)
		return;
	encrypt_policy(c, jid, &p, &v);
	keeps_macs = strstr(args, "-reveal_macs") != NULL;
	for (; *args != '\0'; args += n) {
		args += strspn(args, " ");
		n = strcspn(args, " ");
		if (n > 0 && read_policy(args, n, &p, &v) == -1) {
			answer_error(c, NULL, "usage",
			    "usage: /otrpolicy [(+|-)POLICY...], which is "
			    "require_encryption, send_whitespace_tag, "
			    "whitespace_start_ake, error_start_ake, "
			    "reveal_macs, v2 or v3");
			return;
		}
	}
	u = users_need(c, jid);
	u->has_custom = 1;
	u->policies = p;
	u->versions = v;
	buf_init(&remark, 400);
	spell_policy(p, v, &remark);
	if (keeps_macs)
		buf_adds(&remark, "; but MAC keys are always revealed");
	users_line(c, jid, ANSWER_STORE, NULL, buf_str(&remark));
	buf_clear(&remark);
}

/* Answers the current line for the RESULT of an SMP call about TO. */
static void
answer_smp(struct client *c, const char *to, int result)
{
	if (result == -1)
		otr_error(c, to);
	else
		answer_ok(c, to, NULL);
	encrypt_flush(c);
}

/*
 * Asks for the secret of a verification with TO, which the next line holds:
 * that answers QUESTION, or that both share if it is NULL; with IS_ANSWER that
 * TO asked for.
 */
static void
ask_secret(
    struct client *c, const char *to, const char *question, int is_answer)
{
	const char *text = is_answer ? "the secret that they ask for"
			   : question == NULL
			       ? "the secret that you share"
			       : "the secret that answers this question";
	struct otr_info now;
	struct answer *job;

	otr_info(encrypt_otr(c), to, &now);
	if (now.state != OTR_ENCRYPTED) {
		answer_error(c, to, "not-encrypted", NULL);
		return;
	}
	if (c->source->ask != NULL) {
		answer_error(c, to, "usage", "another question is open");
		return;
	}
	event_begins(&c->event, EVENT_ASK, to, text);
	event_set(&c->event, "what", "smp");
	event_set(&c->event, "secret", "yes");
	event_set_number(&c->event, "line", (long long)c->lines.line);
	event_end(&c->event);
	job = answer_question(c);
	job->subject = buf_strdup(to);
	job->wait = buf_strdup(question);
	job->verified = is_answer;
}

void
command_answer(struct client *c, const char *line)
{
	struct answer *job = c->source->ask;
	struct otr_peer peer;

	answer_ok(c, job->subject, NULL);
	encrypt_peer(c, job->subject, &peer);
	if ((job->verified ? otr_smp_answer(encrypt_otr(c), &peer, line)
			   : otr_smp_start(encrypt_otr(c), &peer, job->wait,
				 line)) == -1) {
		answer_failed(c, job,
		    otr_cause_token(otr_cause(encrypt_otr(c))),
		    otr_cause_words(otr_cause(encrypt_otr(c))));
	} else {
		encrypt_verifies(c, job->subject, job->label);
		answer_done(c, job, NULL);
	}
	encrypt_flush(c);
}

void
command_smp(struct client *c, const char *args)
{
	static const char *const words[] = {
	    "shared", "question", "answer", "abort"};
	enum { SHARED, QUESTION, ANSWER, ABORT, WORDS };
	size_t n = strcspn(args, " "), i;
	char to[JID_SIZE], *text;
	struct otr_peer peer;
	const char *jid;
	int result, asks;

	for (i = 0; i < WORDS && !args_is(args, n, words[i]); i++)
		;
	args += n + (args[n] == ' ');
	/* A person need not show the secret on the screen. */
	asks = *args == '\0' && c->options.terminal &&
	       (i == SHARED || i == ANSWER);
	if (i == WORDS || (*args == '\0' && !asks) != (i == ABORT)) {
		args_usage(c);
		return;
	}
	jid = otr_contact(c);
	if (jid == NULL || !args_online(c) ||
	    (text = args_text(c, args)) == NULL)
		return;
	encrypt_address(c, jid, to);
	encrypt_peer(c, to, &peer);
	if (i == QUESTION || asks) {
		ask_secret(c, to, asks ? NULL : text, i == ANSWER);
	} else {
		if (i == SHARED)
			result =
			    otr_smp_start(encrypt_otr(c), &peer, NULL, text);
		else if (i == ANSWER)
			result = otr_smp_answer(encrypt_otr(c), &peer, text);
		else
			result = otr_smp_abort(encrypt_otr(c), &peer);
		if (i == SHARED && result == 0)
			encrypt_verifies(c, to, c->event.label);
		answer_smp(c, to, result);
	}
	buf_free_secret(text);
}
