/* The tables of contacts and places of otr/otr.h, as they grow and are full. */
#include "otr/intern.h"
#include "t/unit/otr-pair.h"

#define WISHES 2100 /* over a few powers of two */

/* Contact K of N, in an order that is not that of the alphabet. */
static const char *
name_of(unsigned k, unsigned n)
{
	static char name[64];

	snprintf(name, sizeof name, "c%u@x.example/1", k * 1009 % n);
	return name;
}

/* Every contact is found, however many come before and behind it. */
static void
wishes(void)
{
	struct otr_peer p = {.versions = 0};
	unsigned k, n, lost = 0, many = 0;

	pair_open();
	for (k = 0; k < WISHES; k++) {
		p.name = name_of(k, WISHES);
		many += pair_wish(alice.o, p.name) != 0;
		otr_start(alice.o, &p);
		/* At each end of a full table, all of them. */
		for (n = 0; (k & (k + 1)) == 0 && n <= k; n++)
			lost += !pair_wish(alice.o, name_of(n, WISHES));
	}
	for (k = 0; k < WISHES; k++)
		lost += !pair_wish(alice.o, name_of(k, WISHES));
	ok(lost == 0 && many == 0 && alice.o->contacts == WISHES,
	    "%d wishes are found, and no other", WISHES);
	pair_close();
}

/* Entries that others can make are counted: at the bound, and not one more. */
static void
full(void)
{
	struct contact *c;
	char name[64];
	int k, kept = 0;

	pair_open();
	bob.peer.answer = 1;
	for (k = 0; k < OTR_MAX_PLACES + 5; k++) {
		snprintf(name, sizeof name, "alice@a.example/%d", k);
		bob.peer.name = name;
		otr_receive(bob.o, &bob.peer, "?OTRv3?");
		side_pull(&bob, NULL);
		c = contact_find(bob.o, name);
		kept +=
		    c != NULL &&
		    c->talks == (k < OTR_MAX_PLACES ? k + 1 : OTR_MAX_PLACES);
	}
	ok(kept == k, "a contact has %d places and no more", OTR_MAX_PLACES);
	kept = 0;
	for (k = 0; k < OTR_MAX_CONVERSATIONS + 5; k++) {
		bob.peer.name = name_of((unsigned)k, OTR_MAX_CONVERSATIONS + 5);
		otr_receive(bob.o, &bob.peer, "?OTRv3?");
		side_pull(&bob, NULL);
		kept += bob.o->talks <= OTR_MAX_CONVERSATIONS;
	}
	ok(kept == k && bob.o->talks == OTR_MAX_CONVERSATIONS,
	    "%d conversations and no more", OTR_MAX_CONVERSATIONS);
	pair_close();
}

int
main(void)
{
	wishes();
	full();
	return tap_done();
}
