/*
 * The commands about encryption: sessions, keys, policies, verification.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/command.h"
#include "line/encrypt.h"
#include "line/job.h"
#include "line/keep.h"
#include "line/message.h"
#include "line/muc.h"

#define OTR_SECONDS 30 /* for a session to begin */
#define DAY	    86400

static const struct {
	unsigned bit;
	const char *word;
} policies[] = {{OTR_REQUIRE_ENCRYPTION, "require_encryption"},
    {OTR_SEND_WHITESPACE_TAG, "send_whitespace_tag"},
    {OTR_WHITESPACE_START_AKE, "whitespace_start_ake"},
    {OTR_ERROR_START_AKE, "error_start_ake"}, {OTR_REVEAL_MACS, "reveal_macs"}};

static const struct {
	unsigned bit;
	const char *word;
} versions[] = {{OTR_V2, "v2"}, {OTR_V3, "v3"}};

#define COUNT(a) (sizeof(a) / sizeof *(a))

/*
 * The active contact if there can be OTR with it: NULL after the line was
 * answered, because it is ourselves, or there is no key.
 */
static const char *
partner(struct client *c)
{
	const char *jid = command_active(c);

	if (jid == NULL)
		return NULL;
	if (client_is_self(c, jid))
		job_error(c, jid, "policy", "that is our own account");
	else if (muc_find(c, jid) != NULL)
		job_error(c, jid, "policy", "there is no OTR in rooms");
	else if (c->otr == NULL)
		job_error(c, jid, "config", "there is no OTR key");
	else
		return jid;
	return NULL;
}

static void
otr_error(struct client *c, const char *jid)
{
	enum otr_cause cause = otr_cause(c->otr);

	job_error(c, jid, otr_cause_token(cause), otr_cause_words(cause));
}

/* Whether there is a session with JID already, or NULL: whose trust it has. */
static const char *
session_trust(struct client *c, const char *jid)
{
	struct otr_info info;
	char to[JID_SIZE];

	message_address(c, jid, to);
	otr_info(c->otr, to, &info);
	return info.state == OTR_ENCRYPTED
		   ? encrypt_trust(c, to, info.fingerprint)
		   : NULL;
}

static void
start(struct client *c, int verified)
{
	const char *jid = client_active(c), *trust;
	struct job *job;

	/* However this ends, clear text is refused until /otr stop. */
	if (jid != NULL && !client_is_self(c, jid)) {
		client_chat(c, jid)->encrypt_only = 1;
		client_chat(c, jid)->verified_only |= verified;
	}
	jid = partner(c);
	if (jid == NULL || !command_online(c))
		return;
	client_chat(c, jid)->spoken = 1;
	trust = session_trust(c, jid);
	if (trust != NULL && verified && strcmp(trust, "verified") != 0) {
		job_error(c, jid, "policy",
		    "the key of this session is not verified");
		return;
	}
	if (trust != NULL) {
		job_ok(c, jid, "the session is encrypted already");
		return;
	}
	job = job_wait(c, JOB_OTR, !c->options.no_wait, OTR_SECONDS);
	job->subject = buf_strdup(jid);
	job->verified = verified;
	encrypt_begin(c, job);
}

/* The lines that wait for a session with JID wait no more. */
static void
give_up(struct client *c, const char *jid)
{
	struct job *j, *next;

	for (j = c->jobs; j != NULL; j = next) {
		next = j->next;
		if (j->kind == JOB_OTR && jid_same_bare(j->subject, jid))
			job_failed(c, j, "opposite", "/otr stop was given");
	}
}

static void
stop(struct client *c)
{
	const char *jid = client_active(c);
	struct otr_peer peer;
	char to[JID_SIZE];

	if (jid != NULL) {
		client_chat(c, jid)->encrypt_only = 0;
		client_chat(c, jid)->verified_only = 0;
	}
	jid = partner(c);
	if (jid == NULL)
		return;
	give_up(c, jid);
	message_address(c, jid, to);
	encrypt_peer(c, to, &peer);
	otr_stop(c->otr, &peer);
	encrypt_flush(c);
	job_ok(c, jid, NULL);
}

/* Our own key, as others see it. */
static void
own_fingerprint(struct client *c)
{
	char bare[JID_SIZE];

	jid_bare(c->jid, bare);
	if (c->otr == NULL) {
		job_error(c, bare, "config", "there is no OTR key");
		return;
	}
	event_begin(&c->event, EVENT_FINGERPRINT, bare, c->fingerprint,
	    strlen(c->fingerprint));
	event_end(&c->event);
	job_ok(c, bare, NULL);
}

static void
info(struct client *c)
{
	const char *jid = client_active(c);
	static const char *const states[] = {"not encrypted", "encrypted",
	    "ended by the other side: clear text is refused"};
	struct otr_info now;
	char to[JID_SIZE], text[128];

	if (jid == NULL || client_is_self(c, jid)) {
		own_fingerprint(c);
		return;
	}
	jid = partner(c);
	if (jid == NULL)
		return;
	message_address(c, jid, to);
	otr_info(c->otr, to, &now);
	client_info(c, to, states[now.state]);
	if (now.state == OTR_ENCRYPTED) {
		snprintf(text, sizeof text,
		    "version %d, session %s, key %s, %s", now.version, now.ssid,
		    now.fingerprint, encrypt_trust(c, to, now.fingerprint));
		client_info(c, to, text);
	}
	if (client_chat(c, jid)->encrypt_only && now.state != OTR_ENCRYPTED)
		client_info(c, to,
		    "clear text is refused until /otr stop, as /otr start "
		    "was given");
	job_ok(c, to, NULL);
}

void
command_otr(struct client *c, const char *args)
{
	if (strcmp(args, "start") == 0)
		start(c, 0);
	else if (strcmp(args, "start verified") == 0)
		start(c, 1);
	else if (strcmp(args, "stop") == 0)
		stop(c);
	else if (strcmp(args, "info") == 0)
		info(c);
	else
		command_usage(c, "otr");
}

static void
date_text(int64_t date, char out[32])
{
	event_time(date / DAY * DAY * 1000, out);
	out[10] = '\0';
}

/* One key of the contact BARE; its dates are days. */
static void
fingerprint_event(struct client *c, const char *bare,
    const struct user_fingerprint *f, const char *in_use)
{
	char since[32], first[32], last[32];
	size_t i;

	event_begin(
	    &c->event, EVENT_FINGERPRINT, bare, f->data, strlen(f->data));
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
	const struct user *u = keep_find(c, jid);
	struct otr_info now;
	char to[JID_SIZE], bare[JID_SIZE];
	size_t i;

	message_address(c, jid, to);
	otr_info(c->otr, to, &now);
	jid_bare(jid, bare);
	for (i = 0; u != NULL && i < u->fingerprint_count; i++)
		fingerprint_event(
		    c, bare, &u->fingerprints[i], now.fingerprint);
	job_ok(c, bare, NULL);
}

/* Hexadecimal digits only: no locale has a say. */
static char
lower(char c)
{
	return c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
}

/*
 * The key of the contact JID that WORDS names, blanks and case aside; NULL
 * after an answer.
 */
static struct user_fingerprint *
find_key(struct client *c, const char *jid, const char *words)
{
	struct user *u = keep_find(c, jid);
	struct user_fingerprint *f = NULL;
	char digits[41];
	size_t n = 0;

	for (; *words != '\0' && n < 40; words++)
		if (*words != ' ')
			digits[n++] = lower(*words);
	digits[n] = '\0';
	if (*words != '\0' || n != 40 ||
	    strspn(digits, "0123456789abcdef") != 40) {
		job_error(
		    c, jid, "usage", "a fingerprint is 40 hexadecimal digits");
		return NULL;
	}
	if (u != NULL && u->kind == USER_CONTACT)
		f = user_fingerprint(u, digits);
	if (f == NULL)
		job_error(c, jid, "no-fingerprint", NULL);
	return f;
}

/* Says the word about a key that its owner asked for. */
static void
success(struct client *c, const char *jid, const char *text)
{
	event_begin(&c->event, EVENT_SUCCESS, jid, text, strlen(text));
	event_set_number(&c->event, "line", (long long)c->line);
	event_end(&c->event);
}

void
command_fingerprint(struct client *c, const char *args)
{
	const char *jid = client_active(c);
	struct user_fingerprint *f;

	if (*args == '\0' && (jid == NULL || client_is_self(c, jid))) {
		own_fingerprint(c);
		return;
	}
	jid = partner(c);
	if (jid == NULL)
		return;
	if (*args == '\0') {
		list_fingerprints(c, jid);
		return;
	}
	f = find_key(c, jid, args);
	if (f == NULL)
		return;
	user_verify(f, USER_MANUAL, c->wall / 1000);
	keep_changed(c, keep_find(c, jid));
	success(c, jid, "the key is verified");
	job_ok(c, jid, NULL);
}

void
command_revoke(struct client *c, const char *args)
{
	const char *jid = partner(c);
	struct user_fingerprint *f;

	if (jid == NULL)
		return;
	f = find_key(c, jid, args);
	if (f == NULL)
		return;
	user_revoke(f, c->wall / 1000);
	keep_changed(c, keep_find(c, jid));
	success(c, jid, "the key is revoked: nothing is sent to it");
	job_ok(c, jid, NULL);
}

/* The policies and versions that hold, as /otrpolicy takes them. */
static void
print_policy(struct client *c, const char *jid)
{
	unsigned p = c->options.otr_policies, v = c->options.otr_versions;
	struct buf text;
	size_t i;

	if (jid != NULL)
		encrypt_policy(c, jid, &p, &v);
	buf_init(&text, 256);
	for (i = 0; i < COUNT(policies); i++)
		buf_addf(&text, "%c%s ", p & policies[i].bit ? '+' : '-',
		    policies[i].word);
	for (i = 0; i < COUNT(versions); i++)
		buf_addf(&text, "%s%c%s", i > 0 ? " " : "",
		    v & versions[i].bit ? '+' : '-', versions[i].word);
	client_info(c, jid, buf_str(&text));
	buf_clear(&text);
	job_ok(c, jid, NULL);
}

/* Reads one `+word` or `-word` into P and V; -1: there is none such. */
static int
read_policy(const char *word, size_t n, unsigned *p, unsigned *v)
{
	unsigned *at = NULL, bit = 0;
	size_t i;

	if (n < 2 || (*word != '+' && *word != '-'))
		return -1;
	for (i = 0; i < COUNT(policies); i++) {
		if (strlen(policies[i].word) != n - 1 ||
		    memcmp(policies[i].word, word + 1, n - 1) != 0)
			continue;
		at = p;
		bit = policies[i].bit;
	}
	for (i = 0; i < COUNT(versions); i++) {
		if (strlen(versions[i].word) != n - 1 ||
		    memcmp(versions[i].word, word + 1, n - 1) != 0)
			continue;
		at = v;
		bit = versions[i].bit;
	}
	if (at == NULL)
		return -1;
	*at = *word == '+' ? *at | bit : *at & ~bit;
	return 0;
}

void
command_otrpolicy(struct client *c, const char *args)
{
	const char *jid = client_active(c), *remark = NULL;
	unsigned p, v;
	struct user *u;
	size_t n;

	if (*args == '\0') {
		print_policy(c, jid);
		return;
	}
	jid = partner(c);
	if (jid == NULL)
		return;
	encrypt_policy(c, jid, &p, &v);
	if (strstr(args, "-reveal_macs") != NULL)
		remark = "kept; but MAC keys are always revealed";
	for (; *args != '\0'; args += n) {
		args += strspn(args, " ");
		n = strcspn(args, " ");
		if (n > 0 && read_policy(args, n, &p, &v) == -1) {
			command_usage(c, "otrpolicy");
			return;
		}
	}
	u = keep_need(c, jid);
	u->has_custom = 1;
	u->policies = p;
	u->versions = v;
	keep_changed(c, u);
	job_ok(c, jid, remark);
}

/* Answers the current line for what an SMP call returned. */
static void
smp_answered(struct client *c, const char *to, int result)
{
	if (result == -1)
		otr_error(c, to);
	else
		job_ok(c, to, NULL);
	encrypt_flush(c);
}

/* The secret is asked for: the next line is the answer to it. */
static void
ask_secret(struct client *c, const char *to, const char *question)
{
	static const char text[] = "the secret that answers this question";
	struct otr_info now;
	struct job *job;

	otr_info(c->otr, to, &now);
	if (now.state != OTR_ENCRYPTED) {
		job_error(c, to, "not-encrypted", NULL);
		return;
	}
	if (c->ask != NULL) {
		job_error(c, to, "usage", "another question is open");
		return;
	}
	event_begin(&c->event, EVENT_ASK, to, text, sizeof text - 1);
	event_set(&c->event, "what", "smp");
	event_set(&c->event, "secret", "yes");
	event_set_number(&c->event, "line", (long long)c->line);
	event_end(&c->event);
	job = job_wait(c, JOB_ASK, 0, 0);
	job->subject = buf_strdup(to);
	job->wait = buf_strdup(question);
	c->ask = job;
}

void
command_answer(struct client *c, const char *line)
{
	struct job *job = c->ask;
	struct otr_peer peer;

	job_ok(c, job->subject, NULL);
	encrypt_peer(c, job->subject, &peer);
	if (otr_smp_start(c->otr, &peer, job->wait, line) == -1)
		job_failed(c, job, otr_cause_token(otr_cause(c->otr)),
		    otr_cause_words(otr_cause(c->otr)));
	else
		job_done(c, job, NULL);
	encrypt_flush(c);
}

/* Does WORD of /smp with TEXT, a secret or question, for the session TO. */
static void
smp(struct client *c, const char *to, const char *word, const char *text)
{
	struct otr_peer peer;

	encrypt_peer(c, to, &peer);
	if (strcmp(word, "shared") == 0)
		smp_answered(c, to, otr_smp_start(c->otr, &peer, NULL, text));
	else if (strcmp(word, "answer") == 0)
		smp_answered(c, to, otr_smp_answer(c->otr, &peer, text));
	else if (strcmp(word, "abort") == 0)
		smp_answered(c, to, otr_smp_abort(c->otr, &peer));
	else
		ask_secret(c, to, text);
}

void
command_smp(struct client *c, const char *args)
{
	static const char *const words[] = {
	    "shared", "question", "answer", "abort"};
	size_t n = strcspn(args, " "), i;
	char to[JID_SIZE], *text;
	const char *jid;

	for (i = 0; i < COUNT(words); i++)
		if (strlen(words[i]) == n && memcmp(words[i], args, n) == 0)
			break;
	args += n + (args[n] == ' ');
	if (i == COUNT(words) ||
	    (*args == '\0') != (strcmp(words[i], "abort") == 0)) {
		command_usage(c, "smp");
		return;
	}
	jid = partner(c);
	if (jid == NULL || !command_online(c))
		return;
	message_address(c, jid, to);
	text = command_text(c, args);
	if (text != NULL)
		smp(c, to, words[i], text);
	buf_free_secret(text);
}
