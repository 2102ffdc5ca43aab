#include "xmpp/occupants.h"

#include <stdlib.h>
#include <string.h>

static const char *const roles[] = {
    "none", "visitor", "participant", "moderator"};
static const char *const affiliations[] = {
    "none", "outcast", "member", "admin", "owner"};

#define COUNT(a) (sizeof(a) / sizeof *(a))

void
occupants_init(struct occupants *r, const char *jid, const char *nick)
{
	memset(r, 0, sizeof *r);
	r->jid = buf_strdup(jid);
	r->nick = buf_strdup(nick);
}

static void
occupant_free(struct occupant *o)
{
	if (o == NULL)
		return;
	free(o->nick);
	free(o->status);
	free(o->jid);
	free(o);
}

/* Returns the bytes that O takes, without its status. */
static size_t
occupant_bytes(const struct occupant *o)
{
	/* Each also has an entry in the map, with its key. */
	return sizeof *o + 64 + 2 * strlen(o->nick) +
	       (o->jid == NULL ? 0 : strlen(o->jid));
}

static size_t
status_bytes(const struct occupant *o)
{
	return o->status == NULL ? 0 : strlen(o->status);
}

/* Subtracts O, which may be NULL, from the sizes of R. */
static void
uncount_occupant(struct occupants *r, const struct occupant *o)
{
	if (o == NULL)
		return;
	r->bytes -= occupant_bytes(o) + status_bytes(o);
	r->statuses -= status_bytes(o);
}

/* Removes the occupant NICK of R, if there is one. */
static void
drop_occupant(struct occupants *r, const char *nick)
{
	struct occupant *o = map_remove(&r->occupants, nick);

	uncount_occupant(r, o);
	occupant_free(o);
}

void
occupants_leave(struct occupants *r)
{
	void **all = map_values(&r->occupants);
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		occupant_free(all[i]);
	free(all);
	map_clear(&r->occupants);
	r->bytes = r->statuses = 0;
	free(r->topic);
	r->topic = NULL;
	r->joined = r->settled = 0;
	memset(r->features, 0, sizeof r->features);
}

void
occupants_clear(struct occupants *r)
{
	occupants_leave(r);
	free(r->jid);
	free(r->nick);
	free(r->occupant_id);
	memset(r, 0, sizeof *r);
}

size_t
occupants_codes(const struct stanza *x, int codes[OCCUPANTS_CODES])
{
	const struct stanza *user = stanza_child(x, "x", NS_MUC_USER), *s;
	const char *code;
	size_t n = 0;

	for (s = user == NULL ? NULL : user->child; s != NULL; s = s->next) {
		code = stanza_get(s, "code");
		if (!stanza_is(s, "status", NS_MUC_USER) || code == NULL ||
		    strlen(code) != 3 || strspn(code, "0123456789") != 3 ||
		    n == OCCUPANTS_CODES)
			continue;
		codes[n++] = (int)strtol(code, NULL, 10);
	}
	return n;
}

int
occupants_has_code(const struct occupants_change *change, int code)
{
	size_t i;

	for (i = 0; i < change->code_count; i++)
		if (change->codes[i] == code)
			return 1;
	return 0;
}

/* Returns the index of TEXT among the N WORDS; 0 if it is NULL or unknown. */
static size_t
word_index(const char *const words[], size_t n, const char *text)
{
	size_t i;

	for (i = 0; text != NULL && i < n; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	return 0;
}

static void
read_item(const struct stanza *item, struct occupants_change *change)
{
	const char *jid = stanza_get(item, "jid");
	const struct stanza *actor;

	change->role = (enum occupant_role)word_index(
	    roles, COUNT(roles), stanza_get(item, "role"));
	change->affiliation = (enum occupant_affiliation)word_index(
	    affiliations, COUNT(affiliations), stanza_get(item, "affiliation"));
	if (jid != NULL)
		jid_parse(jid, strlen(jid), change->jid, NULL);
	change->new_nick = stanza_get(item, "nick");
	change->reason = stanza_child_text(item, "reason");
	actor = stanza_child(item, "actor", NS_MUC_USER);
	change->actor = stanza_get(actor, "nick");
	if (change->actor == NULL)
		change->actor = stanza_get(actor, "jid");
}

/* Notes in CHANGE what it says that is not known of O, which may be NULL. */
static void
note_news(const struct occupant *o, struct occupants_change *change)
{
	const char *status = o == NULL ? NULL : o->status;

	change->new_presence =
	    o == NULL || o->show != change->show ||
	    (status == NULL) != (change->status == NULL) ||
	    (status != NULL && strcmp(status, change->status) != 0);
	change->new_rank =
	    o == NULL || o->role != change->role ||
	    o->affiliation != change->affiliation ||
	    (*change->jid != '\0' &&
		(o->jid == NULL || strcmp(o->jid, change->jid) != 0));
}

/*
 * Records the occupant that CHANGE describes. If R has no room for all of it,
 * its status is left out, or the whole occupant.
 */
static void
keep_occupant(struct occupants *r, struct occupants_change *change)
{
	size_t status = change->status == NULL ? 0 : strlen(change->status);
	struct occupant *o = map_find(&r->occupants, change->nick);

	note_news(o, change);
	if (o == NULL) {
		if (r->occupants.count >= OCCUPANTS_MAX)
			return;
		o = buf_alloc(sizeof *o);
		o->nick = buf_strdup(change->nick);
		map_add(&r->occupants, change->nick, o);
	} else {
		uncount_occupant(r, o);
	}
	free(o->status);
	o->status = NULL;
	o->show = change->show;
	o->role = change->role;
	o->affiliation = change->affiliation;
	if (*change->jid != '\0') {
		free(o->jid);
		o->jid = buf_strdup(change->jid);
	}
	if (r->bytes + occupant_bytes(o) > OCCUPANTS_BYTES) {
		occupant_free(map_remove(&r->occupants, change->nick));
		return;
	}
	r->bytes += occupant_bytes(o);
	if (r->statuses + status > OCCUPANTS_STATUSES ||
	    r->bytes + status > OCCUPANTS_BYTES)
		return;
	o->status = buf_strdup(change->status);
	r->bytes += status;
	r->statuses += status;
}

/* Records our occupant-id (XEP-0421) from X, our own presence. */
static void
note_occupant_id(struct occupants *r, const struct stanza *x)
{
	const char *id =
	    stanza_get(stanza_child(x, "occupant-id", NS_OCCUPANT_ID), "id");

	free(r->occupant_id);
	r->occupant_id =
	    id == NULL || strlen(id) > OCCUPANTS_ID ? NULL : buf_strdup(id);
}

/* Applies a presence of our own. */
static void
apply_self(struct occupants *r, struct occupants_change *change)
{
	const char *nick = change->nick;

	if (change->show == SHOW_OFFLINE && change->new_nick == NULL) {
		occupants_leave(r);
		return;
	}
	if (change->show == SHOW_OFFLINE) {
		nick = change->new_nick;
	} else {
		change->joined = !r->joined;
		r->joined = 1;
	}
	if (strcmp(r->nick, nick) != 0) {
		free(r->nick);
		r->nick = buf_strdup(nick);
	}
}

/*
 * Status codes about features of the room (XEP-0045 15.6.2), by the index of
 * the feature: anonymity, unavailable members, logging.
 */
static const struct {
	int code;
	size_t feature;
	const char *words;
} features[] = {{100, 0, "not anonymous"}, {172, 0, "not anonymous"},
    {173, 0, "semi anonymous"}, {174, 0, "anonymous"},
    {102, 1, "unavailable shown"}, {103, 1, "unavailable not shown"},
    {170, 2, "logged"}, {171, 2, "not logged"}};

/* Records the features that the N CODES tell. */
static void
note_features(struct occupants *r, const int codes[], size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < COUNT(features); j++)
			if (features[j].code == codes[i])
				r->features[features[j].feature] = codes[i];
}

void
occupants_presence(struct occupants *r, const char *nick,
    const struct stanza *x, struct occupants_change *change)
{
	const struct stanza *user = stanza_child(x, "x", NS_MUC_USER);
	const struct stanza *destroy =
	    stanza_child(user, "destroy", NS_MUC_USER);
	const char *type = stanza_get(x, "type");

	memset(change, 0, sizeof *change);
	change->nick = nick;
	change->status = stanza_child_text(x, "status");
	change->show = type == NULL ? roster_show(x) : SHOW_OFFLINE;
	change->code_count = occupants_codes(x, change->codes);
	read_item(stanza_child(user, "item", NS_MUC_USER), change);
	if (!occupants_has_code(change, 303))
		change->new_nick = NULL;
	change->self =
	    occupants_has_code(change, 110) || strcmp(nick, r->nick) == 0;
	if (destroy != NULL && type != NULL && change->self) {
		change->destroyed = 1;
		change->reason = stanza_child_text(destroy, "reason");
		change->venue = stanza_get(destroy, "jid");
	}
	if (type == NULL)
		keep_occupant(r, change);
	else
		drop_occupant(r, nick);
	if (change->self && type == NULL)
		note_occupant_id(r, x);
	if (change->self)
		apply_self(r, change);
	if (change->self && r->joined)
		note_features(r, change->codes, change->code_count);
}

const char *
occupants_feature(const struct occupants *r, size_t i)
{
	size_t j;

	for (j = 0; j < COUNT(features); j++)
		if (features[j].code == r->features[i])
			return features[j].words;
	return NULL;
}

const char *
occupants_code_words(int code)
{
	static const struct {
		int code;
		const char *words;
	} all[] = {{100, "everybody here can see your full JID"},
	    {101, "your affiliation was changed while you were away"},
	    {102, "the room now shows members that are unavailable"},
	    {103, "the room no longer shows members that are unavailable"},
	    {104, "the configuration of the room was changed"},
	    {170, "what is said here is logged in public"},
	    {171, "what is said here is no longer logged in public"},
	    {172, "the room now shows everybody's full JID to everybody"},
	    {173, "the room now shows JIDs to moderators only"},
	    {174, "the room now shows JIDs to nobody"},
	    {201, "the room was created"}, {210, "the room chose the nick"},
	    {301, "was banned"}, {307, "was kicked"},
	    {321, "was removed by a change of affiliation"},
	    {322, "was removed because the room is now for members only"},
	    {332, "was removed because the service shuts down"},
	    {333, "was removed because of an error"}};
	size_t i;

	for (i = 0; i < COUNT(all); i++)
		if (all[i].code == code)
			return all[i].words;
	return NULL;
}

const char *
occupants_refusal(const char *condition, int inside)
{
	static const char *const nicks[][2] = {
	    {"conflict", "the nick is taken"},
	    {"not-acceptable", "nicks cannot be changed here"},
	    {"jid-malformed", "that is not a valid nick"}};
	static const char *const entries[][2] = {
	    {"not-authorized",
		"the room wants a password, or the password is wrong"},
	    {"registration-required", "the room is for members only"},
	    {"forbidden", "you are banned from the room"},
	    {"conflict", "the nick is taken"},
	    {"service-unavailable",
		"the room is full, or there is no such room"},
	    {"resource-constraint", "the room is full"},
	    {"item-not-found", "there is no such room, or it is locked"},
	    {"not-allowed", "you may not enter or make a room there"},
	    {"not-acceptable", "the room wants the nick that is registered"},
	    {"jid-malformed", "that is not a valid nick"},
	    {"remote-server-not-found", "there is no such server"},
	    {"remote-server-timeout", "the server does not answer"}};
	const char *const(*all)[2] = inside ? nicks : entries;
	size_t i, n = inside ? COUNT(nicks) : COUNT(entries);

	for (i = 0; i < n; i++)
		if (strcmp(all[i][0], condition) == 0)
			return all[i][1];
	return "the room refused it";
}

const char *
occupant_role_name(enum occupant_role role)
{
	return roles[role];
}

const char *
occupant_affiliation_name(enum occupant_affiliation affiliation)
{
	return affiliations[affiliation];
}
