/*
 * OMEMO (XEP-0384 0.3.0) in one-to-one talk and rooms: messages that came are
 * read by tasks and told, and what is due is done. Lines to be encrypted are
 * omemo_line.h's, the user's commands omemo_device.h's; if text may go in
 * clear is decided by gate.h.
 */
#ifndef LINE_TALK_OMEMO_TALK_H
#define LINE_TALK_OMEMO_TALK_H

#include "line/core/state.h"
#include "line/talk/message.h"
#include "omemo/contact.h"

/* The feature that asks for notifications of device lists (XEP-0163 4.2). */
#define OMEMO_FEATURE "eu.siacs.conversations.axolotl.devicelist+notify"

/* The rooms above, which are told of what was read. */
struct omemo_talk_calls {
	/* Takes each message that was deferred; TOLD: it made an event. */
	void (*took)(struct client *c, const struct incoming *m, int told);
	/* Tells TEXT, which M brought from a room. */
	void (*group)(struct client *c, const struct incoming *m,
	    const struct message_in *text);
	/* OMEMO was off and is on now. */
	void (*made)(struct client *c);
};

/* Makes C ready. CALLS is static. */
void omemo_talk_init(struct client *c, const struct omemo_talk_calls *calls);
/* Frees all. */
void omemo_talk_clear(struct client *c);
/*
 * Returns 1 if so many messages were read and not dealt with that no other may
 * be taken: the server has to wait.
 */
int omemo_talk_is_full(const struct client *c);
/* Returns 1 if a message that came could not be kept: the program ends. */
int omemo_talk_failed(const struct client *c);
/* Begins with a new session of the stream. */
void omemo_talk_online(struct client *c);
/* Begins with a new identity, which was just made. */
void omemo_talk_made(struct client *c);
/*
 * Takes the message M, if it is of OMEMO or about devices, and returns 1; else
 * 0. Its events may come later, see omemo_task_is_busy.
 */
int omemo_talk_message(struct client *c, const struct incoming *m);
/*
 * Takes the encrypted message M that the owner of JID, who is known, said in a
 * room. Returns 0 if OMEMO is off.
 */
int omemo_talk_group_message(
    struct client *c, const struct incoming *m, const char *jid);
/*
 * Returns 1 if the events of the last message come later, with
 * omemo_talk_calls.took.
 */
int omemo_talk_deferred(struct client *c);
/*
 * Notes that messages of an earlier run may still come: a replay is under way,
 * or held up.
 */
void omemo_talk_replays(struct client *c);
/* Does what is due by now. */
void omemo_talk_tick(struct client *c);
/* Returns when omemo_talk_tick is wanted, monotonic; -1: never. */
int64_t omemo_talk_deadline(const struct client *c);

#endif
