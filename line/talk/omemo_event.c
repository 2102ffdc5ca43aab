#include "line/talk/omemo_event.h"

#include <stdio.h>
#include <string.h>

#include "line/core/answer.h"
#include "line/talk/delay.h"
#include "line/talk/duplicate.h"
#include "line/talk/message.h"
#include "line/talk/omemo_xml.h"

#define DAY 86400

const char *
omemo_event_trust(enum omemo_trust trust)
{
	static const char *const names[] = {
	    "unverified", "verified", "revoked"};

	return names[trust];
}

void
omemo_event_device(struct client *c, const struct omemo_item *item)
{
	static const char ours[] =
	    "your account has a new OMEMO device; if it is not yours, somebody "
	    "else has your password";
	char number[16], words[MESSAGE_WORDS];

	snprintf(number, sizeof number, "%lu", (unsigned long)item->device);
	event_begins(&c->event, EVENT_DEVICE, item->name, number);
	event_set(&c->event, "trust",
	    *item->fingerprint == '\0' ? NULL : omemo_event_trust(item->trust));
	event_set(&c->event, "fp",
	    *item->fingerprint == '\0' ? NULL : item->fingerprint);
	event_set(&c->event, item->is_new ? "new" : "gone", "yes");
	event_end(&c->event);
	if (!item->is_new || item->trust == OMEMO_VERIFIED)
		return;
	if (!item->beside && !client_is_self(c, item->name))
		return;
	snprintf(words, sizeof words,
	    "POSSIBLE BREAKIN ATTEMPT: a new OMEMO device, whose key is not "
	    "one that you have verified; it gets nothing before /with %s "
	    "/fingerprint %s verifies it",
	    item->name, *item->fingerprint == '\0' ? "FP" : item->fingerprint);
	event_begins(
	    &c->event, EVENT_WARNING, item->name, item->beside ? words : ours);
	event_set(&c->event, "cause", "new-key");
	event_set(&c->event, "fp", item->fingerprint);
	event_end(&c->event);
}

void
omemo_event_warning(struct client *c, const struct omemo_task *t,
    const char *name, const char *cause, const char *why)
{
	event_begins(
	    &c->event, EVENT_WARNING, t->m != NULL ? t->m->from : name, why);
	event_set(&c->event, "cause", cause);
	event_set(&c->event, "enc", "omemo");
	if (t->m != NULL) {
		event_set(&c->event, "id", stanza_get(t->m->x, "id"));
		incoming_set_sender(c, t->m);
	}
	event_end(&c->event);
}

/* Returns 1 if the <encrypted/> of T carries only a key. */
static int
is_only_key(const struct omemo_task *t)
{
	const struct stanza *s = stanza_child(t->m->x, "encrypted", NS_OMEMO);

	return stanza_child(s, "payload", NS_OMEMO) == NULL;
}

int
omemo_event_is_in_room(const struct omemo_task *t)
{
	const char *type = stanza_get(t->m->x, "type");

	return type != NULL && strcmp(type, "groupchat") == 0;
}

/* Warns that a message was read before, unless it may well have come again. */
static void
tell_repeat(struct client *c, const struct omemo_task *t)
{
	if (c->options.queue != NULL && t->m->way == INCOMING_ARCHIVE &&
	    !is_only_key(t)) {
		omemo_event_warning(c, t, NULL, "unreadable",
		    "an encrypted message could not be read again: a run "
		    "without this queue has read it");
		return;
	}
	/* The history of a room comes again with each entry. */
	if (is_only_key(t) || omemo_event_is_in_room(t) || c->link.replaying ||
	    t->m->delay.offline ||
	    duplicate_is_possible(c, t->m->delay.offline))
		return;
	omemo_event_warning(c, t, NULL, "unreadable",
	    "an encrypted message could not be read: it uses a key that was "
	    "used before, so they may have restored old data");
}

void
omemo_event_note(
    struct client *c, const struct omemo_item *item, const struct omemo_task *t)
{
	char why[300];

	switch (item->cause) {
	case OMEMO_NOTE_STORE:
		answer_no_line(c, item->name, "store",
		    "an OMEMO record could not be written");
		break;
	case OMEMO_NOTE_UNREADABLE:
		if (!is_only_key(t))
			omemo_event_warning(c, t, item->name, "unreadable",
			    "an encrypted message could not be read: it is of "
			    "no session that jackline has, or damaged");
		break;
	case OMEMO_NOTE_DUPLICATE:
		tell_repeat(c, t);
		break;
	case OMEMO_NOTE_NOT_FOR_US:
		if (!is_only_key(t))
			omemo_event_warning(c, t, item->name, "unreadable",
			    "an encrypted message could not be read: it was "
			    "not encrypted for this device");
		break;
	case OMEMO_NOTE_KEY:
		snprintf(why, sizeof why,
		    "POSSIBLE BREAKIN ATTEMPT: OMEMO device %lu has another "
		    "key than before; it is refused",
		    (unsigned long)item->device);
		omemo_event_warning(c, t, item->name, "new-key", why);
		break;
	case OMEMO_NOTE_SKIPPED:
		snprintf(why, sizeof why,
		    "OMEMO device %lu gets no messages: its keys are missing "
		    "or not valid",
		    (unsigned long)item->device);
		omemo_event_warning(c, t, item->name, "no-bundle", why);
		break;
	case OMEMO_NOTE_MANY:
		omemo_event_warning(c, t, item->name, "limit",
		    "there are more than 64 OMEMO devices; the others get "
		    "nothing");
		break;
	case OMEMO_NOTE_TAKEN:
		omemo_event_warning(c, t, item->name, "conflict",
		    "another client of yours takes this device off your list "
		    "again and again; nobody encrypts for it meanwhile");
		break;
	default:
		break;
	}
}

/* Writes the day of DATE, in seconds since 1970, as the attribute KEY. */
static void
set_date(struct client *c, const char *key, int64_t date)
{
	char text[32];

	if (date == 0)
		return;
	event_time(date / DAY * DAY * 1000, text);
	text[10] = '\0';
	event_set(&c->event, key, text);
}

void
omemo_event_key(
    struct client *c, const char *name, const struct omemo_info *info)
{
	event_begins(&c->event, EVENT_FINGERPRINT, name,
	    *info->fingerprint == '\0' ? NULL : info->fingerprint);
	event_set(&c->event, "trust",
	    *info->fingerprint == '\0' ? NULL : omemo_event_trust(info->trust));
	if (info->trust == OMEMO_VERIFIED)
		event_set(&c->event, "how", "manual");
	set_date(c, "since", info->date);
	set_date(c, "first", info->first);
	event_set(&c->event, "active", info->active ? "yes" : NULL);
	event_set(&c->event, "enc", "omemo");
	if (info->id != 0)
		event_set_number(&c->event, "device", info->id);
	event_end(&c->event);
}
