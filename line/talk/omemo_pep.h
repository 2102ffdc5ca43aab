/*
 * Device lists and bundles of OMEMO on the servers (XEP-0384 0.3.0 4.2 to 4.4,
 * XEP-0163): asked for, taken from notifications, and published as ours. Owns
 * how much of that is known on this connection.
 */
#ifndef LINE_TALK_OMEMO_PEP_H
#define LINE_TALK_OMEMO_PEP_H

#include "line/core/state.h"
#include "line/talk/omemo_task.h"

/* Says what the device list of a contact is on this connection. */
enum omemo_list {
	OMEMO_LIST_UNKNOWN, /* not asked for */
	OMEMO_LIST_ASKED,   /* the answer is still to come, or to be stored */
	OMEMO_LIST_KNOWN,
	OMEMO_LIST_NONE,  /* the server says that there is none */
	OMEMO_LIST_FAILED /* it could not be fetched; see omemo_pep_why */
};

/* Makes C ready. */
void omemo_pep_init(struct client *c);
/* Frees what is known. */
void omemo_pep_clear(struct client *c);
/* Forgets what was known on the last connection, and asks for our list. */
void omemo_pep_online(struct client *c);
/* Returns the state of the list of the bare part of JID. */
enum omemo_list omemo_pep_list(const struct client *c, const char *jid);
/*
 * Returns 1 if the contact of JID has devices, 0 if it has none, -1 if that is
 * not known yet.
 */
int omemo_pep_has_devices(const struct client *c, const char *jid);
/*
 * Returns the cause of OMEMO_LIST_FAILED, static; *WHY becomes it in words,
 * borrowed.
 */
const char *omemo_pep_why(
    const struct client *c, const char *jid, const char **why);
/*
 * Returns 1 if our device is still to be made, which is when our own list
 * comes: before, no other list can be taken. What comes unasked then stays
 * OMEMO_LIST_UNKNOWN.
 */
int omemo_pep_awaits_device(const struct client *c);
/* Asks for the list of the bare part of JID, unless that is under way. */
void omemo_pep_ask(struct client *c, const char *jid);
/* Has the list of JID be asked for anew the next time. */
void omemo_pep_forget(struct client *c, const char *jid);
/*
 * Gives up what was asked for of the bare part of JID and not answered in time:
 * the list is asked for anew the next time, a bundle counts as missing.
 */
void omemo_pep_give_up(struct client *c, const char *jid);
/* Returns how many bundles of the bare part of JID are awaited. */
unsigned omemo_pep_bundles(const struct client *c, const char *jid);
/* Asks for the bundle of DEVICE of the bare JID, unless that is under way. */
void omemo_pep_fetch(struct client *c, const char *jid, uint32_t device);
/* Publishes our bundle B. */
void omemo_pep_put_bundle(struct client *c, const struct omemo_bundle *b);
/* Publishes our list of COUNT devices at ID. */
void omemo_pep_put_list(struct client *c, const uint32_t *id, size_t count);
/*
 * Has our list and bundle be published even if they seem to be there. The lines
 * that wait for ANSWER_OMEMO about ourselves are answered when they are.
 */
void omemo_pep_publish(struct client *c);
/*
 * Returns 1 if the message X from FROM is a notification of a device list,
 * which is then taken.
 */
int omemo_pep_event(struct client *c, const char *from, const struct stanza *x);

#endif
