#include <stdlib.h>
#include <string.h>

#include "otr/intern.h"

static const struct {
	const char *token, *words;
} causes[] = {
    [OTR_OK] = {"none", "nothing is wrong"},
    [OTR_REFUSED_POLICY] = {"policy",
	"not sent: encryption is required, and a session is being started; "
	"send the text again when it is up; /encryption none allows clear "
	"text"},
    [OTR_REFUSED_ASKED] = {"policy",
	"not sent: they have not yet answered the request for an encrypted "
	"session; /otr start asks again; /encryption none allows clear text"},
    [OTR_REFUSED_AWAY] = {"policy",
	"not sent: encryption is required, and they are offline; wait until "
	"they are online; /encryption none allows clear text"},
    [OTR_REFUSED_FINISHED] = {"policy",
	"not sent: the contact has ended the encrypted session; /otr start "
	"begins a new one, /otr stop allows clear text"},
    [OTR_REFUSED_CLOSED] = {"policy",
	"not sent: the contact may have lost the encrypted session; /otr start "
	"begins a new one when they are online; /otr stop ends it"},
    [OTR_REFUSED_OFFLINE] = {"recipient-unavailable",
	"nothing was sent: the contact is offline; /otr start begins a session "
	"when they are online"},
    [OTR_REFUSED_PLACE] = {"policy",
	"not sent: the encrypted session is with another resource of this "
	"contact; /otr start begins one with this resource"},
    [OTR_REFUSED_FAILED] = {"not-encrypted",
	"not sent: the message could not be encrypted"},
    [OTR_REFUSED_MARK] = {"policy",
	"not sent: a message in the clear must not contain ?OTR"},
    [OTR_REFUSED_LONG] = {"too-long", "the text is too long"},
    [OTR_REFUSED_VERSIONS] = {"policy",
	"no version of OTR is allowed for this contact"},
    [OTR_REFUSED_SESSION] = {"not-encrypted", "there is no encrypted session"},
    [OTR_REFUSED_BUSY] = {"usage", "a verification is already under way"},
    [OTR_REFUSED_EMPTY] = {"usage", "no secret was given: nothing was sent"},
    [OTR_REFUSED_UNASKED] = {"usage",
	"there is no verification to answer or to abort"},
    [OTR_REFUSED_FULL] = {"limit", "too many conversations"},
    [OTR_REFUSED_RAW] = {"policy",
	"not sent: raw text is sent in the clear, which is not allowed here"},
    [OTR_NOTE_CLEAR] = {"not-encrypted",
	"the next message was not encrypted, although it should have been"},
    [OTR_NOTE_UNREADABLE] = {"unreadable",
	"an encrypted message could not be read: wrong keys, damaged on the "
	"way, or replayed; /otr start begins a new session"},
    [OTR_NOTE_NO_SESSION] = {"unreadable",
	"an encrypted message could not be read: there is no session; "
	"/otr start begins one"},
    [OTR_NOTE_MALFORMED] = {"unreadable",
	"an OTR message could not be understood"},
    [OTR_NOTE_SETUP] = {"otr", "the handshake has failed"},
    [OTR_NOTE_REFLECTED] = {"otr",
	"your own handshake came back: this is your own account, or an attack"},
    [OTR_NOTE_INSTANCE] = {"unreadable",
	"an encrypted message could not be read: it was meant for another "
	"client of this account, or for this one before a restart; "
	"/otr start begins a new session"},
    [OTR_NOTE_ERROR] = {"otr", "the contact reports an error"},
    [OTR_NOTE_OFTEN] = {"otr",
	"the contact asks for another session within a minute: it is answered "
	"when the minute is over; /otr start begins one at once"},
    [OTR_NOTE_VERSION] = {"otr",
	"the contact uses a version of OTR that is not allowed"},
    [OTR_NOTE_IGNORED] = {"otr",
	"an OTR message was ignored: it belongs to no handshake, or there are "
	"too many of them"},
    [OTR_NOTE_STRANGER] = {"otr",
	"they asked for an encrypted session and are not answered, as they may "
	"not see that you are online; /otr start begins one"},
};

const char *
otr_cause_token(enum otr_cause cause)
{
	return causes[cause].token;
}

const char *
otr_cause_words(enum otr_cause cause)
{
	return causes[cause].words;
}

struct otr_item *
queue_push(
    struct otr *o, enum otr_type type, const char *name, const char *text)
{
	struct item *i = buf_alloc(sizeof *i);

	i->pub.type = type;
	i->pub.peer = i->peer = buf_strdup(name);
	i->pub.text = i->text = buf_strdup(text);
	if (o->first == NULL)
		o->first = i;
	else
		o->last->next = i;
	o->last = i;
	o->queued++;
	return &i->pub;
}

void
queue_drop(struct otr *o)
{
	if (o->first != NULL)
		o->last->dropped = 1;
}

void
queue_note(struct otr *o, const char *name, enum otr_cause cause)
{
	queue_push(o, OTR_NOTE, name, otr_cause_words(cause))->cause = cause;
}

void
queue_state(struct otr *o, const struct talk *t)
{
	struct otr_item *i = queue_push(o, OTR_STATE, t->name, NULL);

	i->state = t->state;
	i->version = t->version;
	memcpy(i->fingerprint, t->fingerprint, sizeof i->fingerprint);
	memcpy(i->ssid, t->ssid, sizeof i->ssid);
}

struct otr_item *
queue_smp(
    struct otr *o, const struct talk *t, enum otr_smp smp, const char *question)
{
	struct otr_item *i = queue_push(o, OTR_SMP, t->name, question);

	i->smp = smp;
	memcpy(i->fingerprint, t->fingerprint, sizeof i->fingerprint);
	return i;
}

static void
item_free(struct item *i)
{
	if (i == NULL)
		return;
	free(i->peer);
	buf_free_secret(i->text);
	free(i);
}

int
otr_next(struct otr *o, struct otr_item *item)
{
	int dropped;

	do {
		item_free(o->lent);
		if ((o->lent = o->first) == NULL)
			return 0;
		o->first = o->lent->next;
		o->queued--;
		dropped = o->lent->dropped;
	} while (dropped);
	*item = o->lent->pub;
	return 1;
}

void
queue_clear(struct otr *o)
{
	struct otr_item item;

	while (otr_next(o, &item))
		;
}
