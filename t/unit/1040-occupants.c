/* xmpp/room.c: who is in a room, by what the room says. */
#include "t/unit/tap.h"
#include "xmpp/occupants.h"
#include "xmpp/xml.h"

#include <stdlib.h>
#include <string.h>

#define HEADER                                                                 \
	"<stream:stream xmlns='jabber:client' "                                \
	"xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
#define X "<x xmlns='http://jabber.org/protocol/muc#user'>"

/* One presence of NICK: attributes, what is inside; borrowed by CHANGE. */
static void
presence(struct xml *xml, struct occupants *r, const char *nick,
    const char *attrs, const char *inside, struct occupants_change *change)
{
	struct buf text;

	buf_init(&text, 65536);
	buf_addf(&text, "<presence %s>%s</presence>", attrs, inside);
	xml_feed(xml, buf_data(&text), buf_len(&text));
	buf_clear(&text);
	if (!ok(xml_next(xml) == XML_STANZA, "it is XML: %s", inside))
		return;
	occupants_presence(r, nick, xml_stanza(xml), change);
	xml_next(xml);
}

/* The same, where nothing is to be said of it; INSIDE `unavailable`: leaves. */
static void
presence_quietly(struct xml *xml, struct occupants *r, const char *nick,
    const char *inside, struct occupants_change *change)
{
	struct buf text;

	buf_init(&text, 1 << 20);
	if (strcmp(inside, "unavailable") == 0)
		buf_adds(&text, "<presence type='unavailable'/>");
	else
		buf_addf(&text, "<presence>%s</presence>", inside);
	xml_feed(xml, buf_data(&text), buf_len(&text));
	buf_clear(&text);
	if (xml_next(xml) == XML_STANZA)
		occupants_presence(r, nick, xml_stanza(xml), change);
	xml_next(xml);
}

static void
test_join(struct xml *xml, struct occupants *r, struct occupants_change *c)
{
	presence(xml, r, "bob", "",
	    "<show>away</show><status>tea</status>" X
	    "<item affiliation='owner' role='moderator' "
	    "jid='Bob@Example.org/pad'/></x>",
	    c);
	ok(!c->self && !c->joined && !r->joined, "another comes before us");
	ok(c->show == SHOW_AWAY && strcmp(c->status, "tea") == 0, "status");
	ok(c->role == ROLE_MODERATOR && c->affiliation == AFFILIATION_OWNER,
	    "role and affiliation");
	ok(strcmp(c->jid, "bob@example.org/pad") == 0, "real JID, prepared");
	presence(xml, r, "me", "",
	    X "<item affiliation='lord' role='none' jid='@'/>"
	      "<status code='110'/><status code='201'/><status code='x'/>"
	      "<status code='1100'/><status/></x>",
	    c);
	ok(c->self && c->joined && r->joined, "then we are in");
	ok(r->occupant_id == NULL, "there are no ids here");
	ok(c->code_count == 2 && occupants_has_code(c, 201),
	    "codes are numbers");
	ok(*c->jid == '\0' && c->affiliation == AFFILIATION_NONE,
	    "nonsense is none");
	presence(xml, r, "me", "", X "<item role='visitor'/></x>", c);
	ok(c->self && !c->joined, "in only once");
	ok(r->occupants.count == 2, "two are there");
}

static void
test_nick(struct xml *xml, struct occupants *r, struct occupants_change *c)
{
	presence(xml, r, "bob", "type='unavailable'",
	    X "<item nick='rob'/><status code='303'/></x>", c);
	ok(c->new_nick != NULL && strcmp(c->new_nick, "rob") == 0, "new nick");
	presence(xml, r, "rob", "", X "<item nick='evil'/></x>", c);
	ok(c->new_nick == NULL, "a nick without the code is none");
	presence(xml, r, "me", "type='unavailable'",
	    X "<item nick='myself'/><status code='303'/>"
	      "<status code='110'/></x>",
	    c);
	ok(r->joined && strcmp(r->nick, "myself") == 0, "ours");
	presence(xml, r, "myself", "",
	    X "<item/></x><occupant-id xmlns='urn:xmpp:occupant-id:0' "
	      "id='o1'/>",
	    c);
	ok(r->occupant_id != NULL && strcmp(r->occupant_id, "o1") == 0,
	    "the room has an id for us");
	ok(c->self && !c->joined && r->occupants.count == 2, "still in");
	presence(xml, r, "Given", "", X "<item/><status code='110'/></x>", c);
	ok(strcmp(r->nick, "Given") == 0, "the room may choose it");
	r->nick[0] = 'g';
	presence(xml, r, "Given", "type='unavailable'", X "<item/></x>", c);
	ok(!c->self && r->joined, "case matters");
}

static void
test_out(struct xml *xml, struct occupants *r, struct occupants_change *c)
{
	presence(xml, r, "rob", "type='unavailable'",
	    X "<item><actor nick='boss'/><reason>spam</reason></item>"
	      "<status code='307'/></x>",
	    c);
	ok(strcmp(c->actor, "boss") == 0 && strcmp(c->reason, "spam") == 0,
	    "who was kicked by whom and why");
	presence(xml, r, "x", "type='unavailable'",
	    X "<destroy jid='other@rooms'/></x>", c);
	ok(!c->destroyed, "destroyed is what is said to us");
	presence(xml, r, "me", "type='unavailable'",
	    X "<destroy jid='other@rooms'><reason>old</reason></destroy>"
	      "<status code='110'/></x>",
	    c);
	ok(c->destroyed && strcmp(c->venue, "other@rooms") == 0 &&
		strcmp(c->reason, "old") == 0,
	    "destroyed, and where to go");
	ok(!r->joined && r->occupants.count == 0, "nobody is known then");
	presence(xml, r, "void", "", "", c);
	ok(c->role == ROLE_NONE && c->code_count == 0, "no <x/> at all");
}

static void
test_many(struct xml *xml)
{
	struct occupants_change c;
	struct occupants r;
	char nick[16];
	int i;

	occupants_init(&r, "hall@rooms", "me");
	xml_feed(xml, "<presence/>", 11);
	xml_next(xml);
	for (i = 0; i < OCCUPANTS_MAX + 100; i++) {
		snprintf(nick, sizeof nick, "n%d", i);
		occupants_presence(&r, nick, xml_stanza(xml), &c);
	}
	ok(r.occupants.count == OCCUPANTS_MAX, "there is a bound");
	occupants_leave(&r);
	ok(r.bytes == 0 && r.statuses == 0, "nothing is left of it");
	xml_next(xml);
	occupants_clear(&r);
}

/* Counts what R really holds of its occupants' strings. */
static size_t
held(const struct occupants *r, size_t *statuses)
{
	struct occupant **all = (struct occupant **)map_values(&r->occupants);
	size_t i, n = 0;

	*statuses = 0;
	for (i = 0; all[i] != NULL; i++) {
		n += 2 * strlen(all[i]->nick) + sizeof *all[i];
		if (all[i]->jid != NULL)
			n += strlen(all[i]->jid);
		if (all[i]->status != NULL)
			*statuses += strlen(all[i]->status);
	}
	free(all);
	return n + *statuses;
}

/* People with long words, then with long names, in one room. */
static void
test_large(struct xml *xml, int long_status)
{
	const size_t size = long_status ? 2000 : 100;
	char *text = buf_alloc(size + 200), nick[1024];
	size_t statuses;
	struct occupants_change c;
	struct occupants r;
	int i;

	occupants_init(&r, "hall@rooms", "me");
	strcpy(text, "<status>");
	memset(text + 8, 'x', size);
	strcpy(text + 8 + size, "</status>");
	for (i = 0; i < 20000; i++) {
		/* They come, and each says something else later. */
		snprintf(nick, sizeof nick, "%0*d", long_status ? 5 : 1000,
		    i % 15000);
		presence_quietly(xml, &r, nick, text, &c);
	}
	ok(held(&r, &statuses) <= OCCUPANTS_BYTES,
	    "all together are bounded: %zu", held(&r, &statuses));
	ok(statuses <= OCCUPANTS_STATUSES && statuses > 0,
	    "so are the statuses: %zu", statuses);
	ok(long_status ? r.occupants.count == 15000
		       : r.occupants.count > 3000 && r.occupants.count < 9000,
	    "%zu are known", r.occupants.count);
	/* An occupant who leaves makes room. */
	for (i = 0; i < 15000; i++) {
		snprintf(nick, sizeof nick, "%0*d", long_status ? 5 : 1000, i);
		presence_quietly(xml, &r, nick, "unavailable", &c);
	}
	ok(r.occupants.count == 0 && r.bytes == 0 && r.statuses == 0,
	    "and nothing is counted when all have left");
	occupants_clear(&r);
	free(text);
}

int
main(void)
{
	struct xml *xml = xml_new();
	struct occupants_change c;
	struct occupants r;

	xml_feed(xml, HEADER, sizeof HEADER - 1);
	ok(xml_next(xml) == XML_OPEN, "a stream");
	xml_next(xml);
	occupants_init(&r, "den@rooms", "me");
	test_join(xml, &r, &c);
	test_nick(xml, &r, &c);
	test_out(xml, &r, &c);
	occupants_clear(&r);
	test_many(xml);
	test_large(xml, 1);
	test_large(xml, 0);
	xml_free(xml);
	ok(strcmp(occupants_refusal("forbidden", 0),
	       occupants_refusal("?", 0)) != 0,
	    "refusals have words");
	ok(occupants_code_words(307) != NULL &&
		occupants_code_words(110) == NULL,
	    "codes have words");
	return tap_done();
}
