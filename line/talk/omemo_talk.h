/*
 * Messages encrypted by OMEMO (XEP-0384 0.3.0): sent when the devices of the
 * contact are known, read, and told; and what the user does with devices and
 * keys. Decides nothing about clear text (gate.h). Owns the keys of messages
 * that are not yet told.
 */
#ifndef LINE_TALK_OMEMO_TALK_H
#define LINE_TALK_OMEMO_TALK_H

#include "line/core/state.h"
#include "line/talk/message.h"
#include "omemo/contact.h"

/* The feature that asks for notifications of device lists (XEP-0163 4.2). */
#define OMEMO_FEATURE "eu.siacs.conversations.axolotl.devicelist+notify"

/* Makes C ready. */
void omemo_talk_init(struct client *c);
/* Frees all. */
void omemo_talk_clear(struct client *c);
/* Returns 1 if OMEMO is on. */
int omemo_talk_is_on(const struct client *c);
/* Returns 1 while something is read or written on the disk, so that neither
 * lines nor stanzas may be taken. */
int omemo_talk_is_busy(const struct client *c);
/*
 * Returns 1 if so many messages were read and not dealt with that no other may
 * be taken: the server has to wait.
 */
int omemo_talk_is_full(const struct client *c);
/* Returns 1 if lines should wait until the server was listened to. */
int omemo_talk_is_tired(const struct client *c);
/* Returns 1 if a message that came could not be kept: the program ends. */
int omemo_talk_failed(const struct client *c);
/* Takes the outcome of an operation of users_omemo; WHY: it failed. */
void omemo_talk_stored(struct client *c, const char *why);
/* Begins with a new session of the stream. */
void omemo_talk_online(struct client *c);
/*
 * Takes the message M, if it is of OMEMO or about devices, and returns 1; else
 * 0. Its events may come later, see omemo_talk_is_busy.
 */
int omemo_talk_message(struct client *c, const struct incoming *m);
/*
 * Returns 1 if the events of the last message come later: DONE of
 * omemo_talk_report is then called.
 */
int omemo_talk_deferred(struct client *c);
/* Has DONE be called with each such message; TOLD is 1 if it made an event. */
void omemo_talk_report(struct client *c,
    void (*done)(struct client *c, const struct incoming *m, int told));
/*
 * Has N bytes of TEXT be sent to the bare part of JID, in the place of the
 * message REPLACES (NULL: none): the current line waits until they are, or are
 * refused. AGAIN does the line anew if it turns out that
 * the contact has no devices.
 */
void omemo_talk_send(struct client *c, const char *jid, const char *text,
    size_t n, const char *replaces,
    void (*again)(struct client *c, const char *jid, const char *text));
/* Returns the id of the message that the line which AGAIN or NOW does corrects,
 * or NULL. */
const char *omemo_talk_replaces(const struct client *c);
/* Returns 1 if the contact of JID has devices, 0 if it has none, -1 if that is
 * not known yet. */
int omemo_talk_has_devices(const struct client *c, const char *jid);
/*
 * Does the same for the room JID, whose members are NAMES, each before a blank.
 * NOW writes the message omemo_talk_out, in answer to the line.
 */
void omemo_talk_send_group(struct client *c, const char *jid, const char *names,
    const char *text, const char *replaces,
    void (*now)(struct client *c, const char *jid, const char *text));
/*
 * Returns the message that is to be written now, borrowed; *TRUST becomes the
 * trust of its keys, static.
 */
const struct omemo_message *omemo_talk_out(
    const struct client *c, const char **trust);
/*
 * Takes the encrypted message M that the owner of JID, who is known, said in a
 * room. Returns 0 if OMEMO is off.
 */
int omemo_talk_group_message(
    struct client *c, const struct incoming *m, const char *jid);
/* Has TELL be called with each of those that could be read. */
void omemo_talk_group(
    struct client *c, void (*tell)(struct client *c, const struct incoming *m,
			  const struct message_in *text));
/*
 * Notes that events were written: keys of what they told are forgotten, unless
 * the position in the archive is still to move behind them.
 */
void omemo_talk_written(struct client *c);
/*
 * Notes that messages of an earlier run may still come: a replay is under way,
 * or held up.
 */
void omemo_talk_replays(struct client *c);
/* Does what is due by now. */
void omemo_talk_tick(struct client *c);
/* Returns when omemo_talk_tick is wanted, monotonic; -1: never. */
int64_t omemo_talk_deadline(const struct client *c);
/*
 * Makes our device if there is none, and publishes it; the current line waits
 * for that. *MADE is called when OMEMO was off and is on now.
 */
void omemo_talk_publish(struct client *c, void (*made)(struct client *c));
/* Takes DEVICE off our list; answers the current line. */
void omemo_talk_remove(struct client *c, uint32_t device);
/*
 * Records TRUST in the keys FINGERPRINT, 64 digits each, of the contact of JID;
 * the current line waits, and is answered after a `success` WORDS for each.
 */
void omemo_talk_decide(struct client *c, const char *jid,
    const char *fingerprint, enum omemo_trust trust, const char *words);
/*
 * Writes a `fingerprint` event for each device of the contact of JID; of our
 * own account with this one first. The current line waits for that.
 */
void omemo_talk_list(struct client *c, const char *jid);

#endif
