/*
 * Keeps what a person at a terminal can see again: the lines of each contact,
 * half-typed ones too; and decides which events are shown. Pure.
 * Asks the machine who is active and what the person wants to see; learns no
 * state of a contact from events. JIDs are escaped, as PEER has them.
 */
#ifndef LINE_TTY_VIEW_H
#define LINE_TTY_VIEW_H

#include "line/core/door.h"
#include "line/tty/replayed.h"
#include "line/tty/scrollback.h"

/* Contacts whose lines are remembered; at one more all but the active one's
 * are forgotten. */
#define VIEW_CONTACTS 5000

struct view;

enum view_show { VIEW_ALL, VIEW_ACTIVE, VIEW_RAW };

/* Makes a view in which nobody is active. With ASCII events are ASCII (-a). */
struct view *view_new(int ascii);
/* Frees V; NULL is accepted. */
void view_free(struct view *v);
/* Notes when the program ended the last time (ms since 1970; 0: not known). */
void view_left(struct view *v, int64_t left);
/* Has V ask C, which is borrowed, from now on. */
void view_begin(struct view *v, struct client *c);
/*
 * Turns to the contact that is active in the machine. Returns whether it is
 * another than before. To be called after each answer.
 */
int view_turn(struct view *v);
/* Returns TEXT as events spell it; FLAGS are of escape_write, ESCAPE_VALUE for
 * a JID. The caller frees. */
char *view_spell(const struct view *v, const char *text, int flags);
/* Takes note of the event F; returns whether it is to be shown. */
int view_event(struct view *v, const struct fields *f);
/*
 * Returns whether the last event ended a replay: the rows of view_replay_rows
 * are to be shown, then view_replay_end is to be called. What a replay of our
 * account brings is not shown before.
 */
int view_is_replayed(const struct view *v);
/* Returns whether LINE was brought by that replay. */
int view_line_is_replayed(
    const struct view *v, const struct scrollback_line *line);
/*
 * Appends to ABOVE the row that stands above its LINES lines of the active
 * contact, and to BELOW the row about all others; NOW is the time (ms since
 * 1970). Either may be empty.
 */
void view_replay_rows(struct view *v, size_t lines, int64_t now,
    struct buf *above, struct buf *below);
/* The replay was shown: a crash from now on brings none of it again. */
void view_replay_end(struct view *v);
/* Returns the contact that V has turned to; absent: nobody. Borrowed until it
 * turns again. */
struct field view_active(const struct view *v);
/* Returns the contact before that, or NULL; borrowed as long. */
const char *view_last(const struct view *v);
/* Returns whether the last event is among the active contact's lines. */
int view_is_new(const struct view *v);
/*
 * Returns the `sent` line that the last event is the receipt for: a
 * `delivered`, or a message of ours that a room shows us. NULL if none is
 * remembered. Borrowed until the next event.
 */
const char *view_receipt(const struct view *v);
/*
 * Returns the line of the message that the last event, a `mark`, is about; NULL
 * if none is remembered. Borrowed until the next event.
 */
const char *view_marked(const struct view *v);
/* Returns whether F corrects LINE: its sender's message, by its id. */
int view_corrects(
    const struct view *v, const struct fields *f, const struct fields *line);
/*
 * Returns how the event F is to look: that of its message if F is a `history`
 * line of one that was sent in this run.
 */
enum render_as view_look(const struct view *v, const struct fields *f);
/* Returns whether view_recall is to be given what is stored of the contact. */
int view_forgot(const struct view *v);
/* Takes the `history` lines of TEXT as older lines of the active contact. */
void view_recall(struct view *v, const char *text);
/* Returns what is shown. */
enum view_show view_show(const struct view *v);
/* Goes on to the next, which is returned. */
enum view_show view_show_next(struct view *v);
/*
 * Gathers the remembered lines of the active contact, of that session only if
 * it is a full JID; returns how many.
 */
size_t view_lines(struct view *v);
/* Returns the I-th of them, the oldest first; NULL past the last. Borrowed
 * until the next event. */
const struct scrollback_line *view_line(const struct view *v, size_t i);
/* Keeps N bytes of TEXT as the half-typed line of the active contact. */
void view_draft_set(struct view *v, const char *text, size_t n);
/* Returns the half-typed line of the active contact; empty if none. */
const char *view_draft(const struct view *v);

/* Returns whether PEER is somebody in a room, for VIEW. */
int view_occupant(void *view, struct field peer);

#endif
