/* xmpp/roster.c: contacts, their resources, who is best, who may see us. */
#include "xmpp/roster.h"
#include "t/unit/tap.h"

#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct roster roster;

/* An <item/>; NULL leaves an attribute out. */
static struct stanza *
item(struct stanza *query, const char *jid, const char *name, const char *sub)
{
	struct stanza *s = stanza_add(&arena, query, "item", NS_ROSTER);

	if (jid != NULL)
		stanza_add_attr(&arena, s, "jid", NULL, jid);
	if (name != NULL)
		stanza_add_attr(&arena, s, "name", NULL, name);
	if (sub != NULL)
		stanza_add_attr(&arena, s, "subscription", NULL, sub);
	return s;
}

static void
test_items(void)
{
	struct stanza *x = item(NULL, "Bob@Example.ORG", "Bob", "both"), *g;
	struct contact *c;

	g = stanza_add(&arena, x, "group", NS_ROSTER);
	stanza_add_text(&arena, g, "Friends", 7);
	stanza_add_attr(&arena, x, "ask", NULL, "subscribe");
	c = roster_item(&roster, x);
	ok(c != NULL && strcmp(c->jid, "bob@example.org") == 0 &&
		strcmp(c->name, "Bob") == 0 && c->sub == SUB_BOTH &&
		c->pending && !c->approved && c->in_roster &&
		c->group_count == 1 && strcmp(c->groups[0], "Friends") == 0,
	    "an item, its JID prepared");
	ok(roster_find(&roster, "bob@example.org/any") == c,
	    "found by a full JID");
	ok(roster_item(&roster, item(NULL, "bob@example.org", NULL, NULL)) ==
		    c &&
		c->name == NULL && c->sub == SUB_NONE && !c->pending &&
		c->group_count == 0,
	    "a new item takes all of the old one's place");
	ok(roster_item(&roster, item(NULL, NULL, NULL, "both")) == NULL &&
		roster_item(&roster, item(NULL, "@@", NULL, "both")) == NULL &&
		roster_item(&roster, item(NULL, "a@b/c", NULL, "both")) ==
		    NULL &&
		roster_item(&roster, NULL) == NULL,
	    "no JID, a bad one, a full one: no item");
	ok(roster_item(&roster, item(NULL, "x@y", NULL, "odd"))->sub ==
		SUB_NONE,
	    "a subscription of no known kind is none");
}

static void
test_subscriptions(void)
{
	static const struct {
		const char *sub;
		int may;
	} subs[] = {{"none", 0}, {"to", 0}, {"from", 1}, {"both", 1},
	    {"remove", 0}, {NULL, 0}, {"", 0}};
	size_t i;

	for (i = 0; i < sizeof subs / sizeof *subs; i++) {
		roster_item(&roster, item(NULL, "s@y", NULL, subs[i].sub));
		ok(roster_may_see(&roster, "s@y/z") == subs[i].may,
		    "may see us: %s",
		    subs[i].sub == NULL ? "nothing said" : subs[i].sub);
	}
	ok(!roster_may_see(&roster, "s@y.evil") &&
		!roster_may_see(&roster, "es@y") &&
		!roster_may_see(&roster, "y"),
	    "nobody else may");
}

static void
test_replace(void)
{
	struct stanza *q = stanza_add(&arena, NULL, "query", NS_ROSTER);

	roster_item(&roster, item(NULL, "old@y", "Old", "both"));
	item(q, "new@y", "New", "both");
	stanza_add_attr(&arena, q, "ver", NULL, "v7");
	roster_replace(&roster, q);
	ok(roster_may_see(&roster, "new@y") &&
		!roster_may_see(&roster, "old@y") &&
		strcmp(roster.version, "v7") == 0,
	    "an answer takes the place of all");
	roster_replace(&roster, NULL);
	ok(roster_may_see(&roster, "new@y") &&
		strcmp(roster.version, "v7") == 0,
	    "no query: nothing has changed");
}

static void
test_presence(void)
{
	enum roster_show was;
	struct contact *c;

	roster_presence(&roster, "new@y/a", SHOW_AWAY, 1, "lunch", &was);
	ok(was == SHOW_OFFLINE, "it was offline");
	roster_presence(&roster, "new@y/a", SHOW_XA, 1, NULL, &was);
	ok(was == SHOW_AWAY &&
		roster_resource(&roster, "new@y/a")->status == NULL,
	    "was away; the status is gone");
	roster_presence(&roster, "new@y/b", SHOW_DND, 1, NULL, &was);
	c = roster_find(&roster, "new@y");
	ok(strcmp(roster_best(c)->name, "a") == 0, "xa before dnd");
	roster_presence(&roster, "new@y/c", SHOW_ONLINE, 1, NULL, &was);
	roster_presence(&roster, "new@y/d", SHOW_FREE, 1, NULL, &was);
	ok(strcmp(roster_best(c)->name, "c") == 0, "free is no more");
	roster_presence(&roster, "new@y/b", SHOW_DND, 2, NULL, &was);
	ok(strcmp(roster_best(c)->name, "b") == 0 &&
		roster_shows(c) == SHOW_DND,
	    "priority first");
	roster_presence(&roster, "new@y/b", SHOW_OFFLINE, 0, NULL, &was);
	ok(was == SHOW_DND && roster_resource(&roster, "new@y/b") == NULL,
	    "one goes");
	roster_offline(&roster);
	ok(roster_shows(c) == SHOW_OFFLINE && roster_best(c) == NULL &&
		roster_best(NULL) == NULL,
	    "all go");
}

/* A hundred contacts with 256 sessions, each with a status of 8 kB. */
static void
test_statuses(void)
{
	static char words[8194];
	struct stanza *q = stanza_add(&arena, NULL, "query", NS_ROSTER);
	enum roster_show was;
	size_t i, j;
	char jid[40];

	memset(words, 'w', sizeof words - 1);
	for (i = 0; i < 100; i++) {
		snprintf(jid, sizeof jid, "f%zu@y", i);
		roster_item(&roster, item(q, jid, NULL, "both"));
		for (j = 0; j < 256; j++) {
			snprintf(jid, sizeof jid, "f%zu@y/%zu", i, j);
			roster_presence(
			    &roster, jid, SHOW_AWAY, 0, words + 1, &was);
		}
	}
	ok(roster.online == 25600 && roster.words == (size_t)16 << 20,
	    "of all statuses 16 MiB are kept");
	ok(roster_resource(&roster, "f99@y/255")->status == NULL,
	    "the session is, without");
	roster_presence(&roster, "f0@y/0", SHOW_AWAY, 0, "short", &was);
	roster_presence(&roster, "f99@y/255", SHOW_AWAY, 0, "short", &was);
	ok(strcmp(roster_resource(&roster, "f99@y/255")->status, "short") == 0,
	    "there is room where one goes");
	roster_offline(&roster);
	ok(roster.online == 0 && roster.words == 0, "all go");
	roster_presence(&roster, "f0@y/0", SHOW_AWAY, 0, words, &was);
	ok(roster.words == 0, "one of more than 8 kB is not kept");
	roster_offline(&roster);
}

static void
test_strangers(void)
{
	size_t before = roster.contacts.count, i;
	enum roster_show was;
	char jid[40], words[1026] = "";

	roster_presence(&roster, "eve@z/x", SHOW_ONLINE, 0, "here", &was);
	ok(roster.contacts.count == before + 1 &&
		strcmp(roster_resource(&roster, "eve@z/x")->status, "here") ==
		    0,
	    "a stranger is noted");
	memset(words, 'w', sizeof words - 1);
	roster_presence(&roster, "eve@z/x", SHOW_ONLINE, 0, words, &was);
	ok(roster_resource(&roster, "eve@z/x")->status == NULL,
	    "but not a long tale");
	roster_presence(&roster, "eve@z/x", SHOW_OFFLINE, 0, NULL, &was);
	ok(roster.contacts.count == before, "and forgotten");
	for (i = 0; i < 1000; i++) {
		snprintf(jid, sizeof jid, "eve@z/%zu", i);
		roster_presence(&roster, jid, SHOW_ONLINE, 0, NULL, &was);
	}
	ok(roster_resource(&roster, "eve@z/255") != NULL &&
		roster_resource(&roster, "eve@z/256") == NULL,
	    "256 resources of one are kept");
	for (i = 0; i < 30000; i++) {
		snprintf(jid, sizeof jid, "eve%zu@z/x", i);
		roster_presence(&roster, jid, SHOW_ONLINE, 0, NULL, &was);
	}
	ok(roster.strangers == 20000 &&
		roster.contacts.count == before + 1 + 20000 - 256,
	    "20,000 of all strangers");
	roster_presence(&roster, "new@y/x", SHOW_ONLINE, 0, NULL, &was);
	ok(roster_resource(&roster, "new@y/x") != NULL,
	    "not those of who is in the roster");
	roster_presence(&roster, "eve0@z/x", SHOW_OFFLINE, 0, NULL, &was);
	roster_presence(&roster, "eve29999@z/x", SHOW_ONLINE, 0, NULL, &was);
	ok(roster.strangers == 20000 &&
		roster_resource(&roster, "eve29999@z/x") != NULL,
	    "who goes makes room");
	roster_offline(&roster);
	ok(roster.strangers == 0 && roster.contacts.count == before,
	    "none stays without a connection");
}

int
main(void)
{

	test_items();
	test_subscriptions();
	test_replace();
	test_presence();
	test_statuses();
	test_strangers();
	roster_clear(&roster);
	arena_clear(&arena);
	return tap_done();
}
