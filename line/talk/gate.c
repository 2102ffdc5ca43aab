#include "line/talk/gate.h"

#include "line/disk/omemo_facts.h"
#include "line/disk/wishes.h"
#include "line/talk/chat.h"
#include "line/talk/encrypt.h"
#include "line/talk/omemo_pep.h"

static enum gate
refuse_text(const char **why, const char *words)
{
	*why = words;
	return GATE_REFUSED;
}

/* Decides for a text that is to be encrypted by OMEMO and nothing else. */
static enum gate
choose_omemo(const struct gate_facts *f, const char **why)
{
	if (!f->has_omemo && f->is_self)
		return refuse_text(why,
		    "not sent: that is your own account; /encryption none lets "
		    "text go in the clear to your other clients");
	if (!f->has_omemo)
		return refuse_text(why,
		    f->used ? "not sent: OMEMO was used with this contact and "
			      "is off here; /omemo publish switches it on, "
			      "/encryption none allows clear text"
			    : "not sent: OMEMO is off here; /omemo publish "
			      "switches it on");
	if (f->unreadable)
		return refuse_text(why,
		    "not sent: the record of this contact in omemo/ is "
		    "damaged, so its keys are not known; /encryption none "
		    "allows clear text");
	if (f->list == GATE_LIST_NONE)
		return refuse_text(why,
		    f->is_self ? "not sent: your account has no other OMEMO "
				 "device; /encryption none allows clear text"
			       : "not sent: this contact has no OMEMO devices; "
				 "/encryption none allows clear text");
	return GATE_OMEMO;
}

/* Decides where the user has said nothing. */
static enum gate
choose_freely(const struct gate_facts *f, const char **why)
{
	if (f->used || f->unreadable)
		return choose_omemo(f, why);
	if (!f->has_omemo || f->list == GATE_LIST_NONE)
		return GATE_OTR;
	return GATE_OMEMO;
}

/* Decides for a text to everybody in a room. */
static enum gate
choose_room(const struct gate_facts *f, const char **why)
{
	if (f->wish == OMEMO_WISH_OMEMO)
		return choose_omemo(f, why);
	if (f->wish == OMEMO_WISH_NONE)
		return GATE_CLEAR;
	if (f->unreadable)
		return refuse_text(why,
		    "not sent: the record of this room in omemo/ is damaged, "
		    "so OMEMO may have been used here; /encryption none allows "
		    "clear text");
	if (f->used)
		return refuse_text(why,
		    "not sent: OMEMO was used in this room; /encryption omemo "
		    "encrypts by it, /encryption none allows clear text");
	if (f->verified)
		return refuse_text(why,
		    "not sent: only verified keys will do in this room, and "
		    "nothing says how to encrypt; /encryption omemo verified "
		    "says so, /encryption none allows clear text");
	return GATE_CLEAR;
}

enum gate
gate_choose(const struct gate_facts *f, const char **why)
{
	*why = NULL;
	if (f->is_room)
		return choose_room(f, why);
	if (f->is_self && f->wants_otr)
		return refuse_text(why,
		    "not sent: only a session of OTR will do, and there is "
		    "none with your own account; /encryption auto takes that "
		    "back");
	if (f->is_self)
		return f->wish == OMEMO_WISH_NONE ? GATE_CLEAR
						  : choose_omemo(f, why);
	if (f->wants_otr || f->wish == OMEMO_WISH_OTR)
		return GATE_OTR;
	if (f->wish == OMEMO_WISH_NONE)
		return GATE_CLEAR;
	return f->wish == OMEMO_WISH_OMEMO ? choose_omemo(f, why)
					   : choose_freely(f, why);
}

enum gate
gate_text(const struct client *c, const char *jid, const char **why)
{
	const struct omemo_facts *known = omemo_facts_find(c, jid);
	const struct wish *wish = wishes_find(c, jid);
	const struct chat *chat = chat_find(c, jid);
	int devices = omemo_pep_has_devices(c, jid);
	struct gate_facts f = {.is_self = client_is_self(c, jid),
	    .is_room = client_is_room(c, jid),
	    .wants_otr =
		(chat != NULL && chat->encrypt_only) ||
		(wish->how != OMEMO_WISH_OMEMO && encrypt_has_session(c, jid)),
	    .has_omemo = omemo_task_is_on(c)};

	f.list = devices == 1	? GATE_LIST_SOME
		 : devices == 0 ? GATE_LIST_NONE
				: GATE_LIST_UNKNOWN;
	f.wish = wish->how;
	f.used = wish->used || (known != NULL && known->used);
	f.unreadable = wish->unreadable;
	f.verified = wish->verified_only;
	return gate_choose(&f, why);
}

const char *
gate_trust(const struct client *c, const char *jid)
{
	const struct omemo_facts *f = omemo_facts_find(c, jid);

	if (f == NULL || f->devices == 0)
		return NULL;
	return f->is_verified ? "verified" : "unverified";
}
