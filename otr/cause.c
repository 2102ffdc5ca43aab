#include "otr/otr.h"

static const struct {
	const char *token, *words;
} causes[] = {
    [OTR_OK] = {"none", "nothing is wrong"},
    [OTR_REFUSED_POLICY] = {"policy",
	"not sent: there is no encrypted session; once it is there, send "
	"the message again"},
    [OTR_REFUSED_FINISHED] = {"policy",
	"not sent: the other side has ended the encrypted session; /otr start "
	"begins a new one, /otr stop allows clear text"},
    [OTR_REFUSED_PLACE] = {"policy",
	"not sent: the encrypted session is with another resource of this "
	"contact"},
    [OTR_REFUSED_FAILED] = {"not-encrypted",
	"not sent: it could not be encrypted"},
    [OTR_REFUSED_MARK] = {"policy",
	"not sent: a message in the clear must not contain ?OTR"},
    [OTR_REFUSED_LONG] = {"too-long", "too long"},
    [OTR_REFUSED_VERSIONS] = {"policy",
	"no version of OTR is allowed for this contact"},
    [OTR_REFUSED_SESSION] = {"not-encrypted", "there is no encrypted session"},
    [OTR_REFUSED_BUSY] = {"usage", "a verification is already under way"},
    [OTR_REFUSED_EMPTY] = {"usage", "no secret was given: nothing was sent"},
    [OTR_REFUSED_UNASKED] = {"usage",
	"there is no verification to answer or to abort"},
    [OTR_REFUSED_FULL] = {"limit", "too many conversations"},
    [OTR_REFUSED_RAW] = {"policy",
	"not sent: what goes raw goes in the clear, which is not allowed here"},
    [OTR_NOTE_CLEAR] = {"not-encrypted",
	"the following message was not encrypted, though it should have "
	"been"},
    [OTR_NOTE_UNREADABLE] = {"unreadable",
	"an encrypted message could not be read: wrong keys, damaged on the "
	"way, or replayed"},
    [OTR_NOTE_NO_SESSION] = {"unreadable",
	"an encrypted message could not be read: there is no session"},
    [OTR_NOTE_MALFORMED] = {"unreadable",
	"an OTR message of no known form was received"},
    [OTR_NOTE_SETUP] = {"otr", "the handshake has failed"},
    [OTR_NOTE_REFLECTED] = {"otr",
	"our own handshake came back to us: this is our own account or an "
	"attack"},
    [OTR_NOTE_INSTANCE] = {"otr",
	"an encrypted message could not be read: it was meant for another "
	"client of ours, or for this one before it was started anew"},
    [OTR_NOTE_ERROR] = {"otr", "the other side reports an error"},
    [OTR_NOTE_VERSION] = {"otr",
	"the other side uses a version of OTR that is not allowed"},
    [OTR_NOTE_IGNORED] = {"otr", "an OTR message was ignored"},
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
