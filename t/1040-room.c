/* xmpp/room.c: who is in a room, by what the room says. */
#include "t/tap.h"
#include "xmpp/room.h"
#include "xmpp/xml.h"

#include <string.h>

#define HEADER                                                                 \
	"<stream:stream xmlns='jabber:client' "                                \
	"xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
#define X "<x xmlns='http://jabber.org/protocol/muc#user'>"

/* One presence of NICK: attributes, what is inside; borrowed by CHANGE. */
static void
presence(struct xml *xml, struct room *r, const char *nick, const char *attrs,
    const char *inside, struct room_change *change)
{
	struct buf text;

	buf_init(&text, 65536);
	buf_addf(&text, "<presence %s>%s</presence>", attrs, inside);
	xml_feed(xml, buf_data(&text), buf_len(&text));
	buf_clear(&text);
	if (!ok(xml_next(xml) == XML_STANZA, "it is XML: %s", inside))
		return;
	room_presence(r, nick, xml_stanza(xml), change);
	xml_next(xml);
}

static void
test_join(struct xml *xml, struct room *r, struct room_change *c)
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
	ok(c->code_count == 2 && room_has_code(c, 201), "codes are numbers");
	ok(*c->jid == '\0' && c->affiliation == AFFILIATION_NONE,
	    "nonsense is none");
	presence(xml, r, "me", "", X "<item role='visitor'/></x>", c);
	ok(c->self && !c->joined, "in only once");
	ok(r->occupants.count == 2, "two are there");
}

static void
test_nick(struct xml *xml, struct room *r, struct room_change *c)
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
	presence(xml, r, "myself", "", X "<item/></x>", c);
	ok(c->self && !c->joined && r->occupants.count == 2, "still in");
	presence(xml, r, "Given", "", X "<item/><status code='110'/></x>", c);
	ok(strcmp(r->nick, "Given") == 0, "the room may choose it");
	r->nick[0] = 'g';
	presence(xml, r, "Given", "type='unavailable'", X "<item/></x>", c);
	ok(!c->self && r->joined, "case matters");
}

static void
test_out(struct xml *xml, struct room *r, struct room_change *c)
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
	struct room_change c;
	struct room r;
	char nick[16];
	int i;

	room_init(&r, "hall@rooms", "me");
	xml_feed(xml, "<presence/>", 11);
	xml_next(xml);
	for (i = 0; i < ROOM_OCCUPANTS + 100; i++) {
		snprintf(nick, sizeof nick, "n%d", i);
		room_presence(&r, nick, xml_stanza(xml), &c);
	}
	ok(r.occupants.count == ROOM_OCCUPANTS, "there is a bound");
	room_clear(&r);
}

int
main(void)
{
	struct xml *xml = xml_new();
	struct room_change c;
	struct room r;

	xml_feed(xml, HEADER, sizeof HEADER - 1);
	ok(xml_next(xml) == XML_OPEN, "a stream");
	xml_next(xml);
	room_init(&r, "den@rooms", "me");
	test_join(xml, &r, &c);
	test_nick(xml, &r, &c);
	test_out(xml, &r, &c);
	room_clear(&r);
	test_many(xml);
	xml_free(xml);
	ok(strcmp(room_refusal("forbidden", 0), room_refusal("?", 0)) != 0,
	    "refusals have words");
	ok(room_code_words(307) != NULL && room_code_words(110) == NULL,
	    "codes have words");
	return tap_done();
}
