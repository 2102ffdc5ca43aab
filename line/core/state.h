/*
 * The state of the machine, which its files share; outside of it door.h is all
 * that is known. A group of fields is written by its owner alone, as its
 * comment says and scripts/lint-owners checks; anybody may read it.
 */
#ifndef LINE_CORE_STATE_H
#define LINE_CORE_STATE_H

#include "line/core/debug.h"
#include "line/core/door.h"
#include "line/text/event.h"
#include "line/text/input.h"
#include "sexp/map.h"
#include "xmpp/jid.h"
#include "xmpp/nonce.h"
#include "xmpp/roster.h"
#include "xmpp/stream.h"

#define TEXT_MAX  ((size_t)1024 * 1024 * 1024)
#define TEXT_HELD ((size_t)1024 * 1024)	    /* unread events: no more lines */
#define KEPT_HELD ((size_t)4 * 1024 * 1024) /* unacknowledged: as above */
#define WIRE_HELD ((size_t)1024 * 1024)	    /* unsent bytes: no more lines */
/* Milliseconds after going online by which presence has come. */
#define PRESENCE_DUE 3000
#define SOCKET_HELD  (2 * TEXT_HELD) /* unread, or unsent: no more bytes */

enum link {
	LINK_OFFLINE,
	LINK_WAITING, /* lost, to be regained, see reconnect.c */
	LINK_DIALLING,
	LINK_OPENING, /* connected, not yet bound */
	LINK_ONLINE,
	LINK_CLOSING /* we ended the stream, the server has not */
};

/* The steps of the end of the program, see client.c. */
enum ending_step {
	ENDING_NO,
	ENDING_FATES,	/* waiting until every message has its fate */
	ENDING_BOUNCES, /* one more ping, so that a bounce is seen */
	ENDING_STREAM,	/* the stream is being ended */
	ENDING_DONE
};

struct command_row;
struct answer;
struct room_invitations;
struct room_timers;
struct window;

/* The time, as the caller told it last. Owner: line/client.c. */
struct client_clock {
	int64_t mono; /* monotonic milliseconds */
	int64_t wall; /* milliseconds since 1970 */
};

/* The connection to our server. Owner: line/session/session.c. */
struct client_link {
	enum link state;
	struct stream *stream;
	int regaining;		/* A lost session is sought; lines wait. */
	int closing;		/* /disconnect waits for the fates. */
	int roster_due;		/* We are online; the roster has not come. */
	int has_roster;		/* The server sent the roster once. */
	int64_t online_since;	/* monotonic */
	unsigned long sessions; /* that were begun */
	int resumed;		/* This stream resumed the session before. */
	int replaying;		/* Stanzas may be repeated by the server. */
	const char *cause;	/* of the last failure, or NULL */
	char why[400];		/* the same in words */
};

/* Our JID and our presence. Owner: line/core/state.c. */
struct self {
	char jid[JID_SIZE]; /* full */
	enum roster_show show;
	int priority;
	char *status; /* or NULL */
};

/*
 * An input: standard input, or one more of --tree. Each has an order, numbers,
 * waiting and questions of its own. Owner: line/core/source.c.
 */
struct source {
	struct source *next;	   /* the one made before */
	struct source *next_ready; /* has lines to be executed, too */
	int is_ready;
	char *name;   /* what `in=` says; NULL: standard input */
	char *jid;    /* Its lines are for this JID; NULL: there is /go. */
	char *active; /* the active contact, bare or full, or NULL */
	struct input input;
	/* The last message line was answered where so much text was made. This
	 * and the next four are written by line/core/answer.c alone. */
	uint64_t message_at;
	char sent_id[NONCE_ID + 1]; /* of that message; empty: none was sent */
	char *subject;		    /* of the next message, or NULL */
	struct answer *ask;	    /* The next line answers its question. */
	unsigned long doomed;	    /* Lines below this number are lost. */
	struct waiting *wait;	    /* of wait.c */
};

/* The inputs. Owner: line/core/source.c. */
struct sources {
	struct source *main;  /* standard input */
	struct source *top;   /* the other one that has no JID, or NULL */
	struct source *all;   /* the one made last */
	struct source *ready; /* those that have lines to be executed */
	struct map by_jid;    /* those of a JID */
};

/* The current line and all answers. Owner: line/core/answer.c. */
struct lines {
	unsigned long line; /* being executed or answered; 0: none, or -c */
	char *label;	    /* of it, or NULL */
	int is_message;	    /* The line is a message, or could not be read. */
	struct answer *answers;
	int read_ended; /* -x, /quit, a signal: no line is executed. */
	int had_error;
	char error_why[400]; /* of the first error or failure */
};

/*
 * The command that is being executed.
 * Owner: line/command/command.c.
 */
struct commands {
	const struct command_row *row; /* of the table, for its usage */
	/* The JID of the line's /with, or NULL; client_active() reads it. */
	const char *with;
	struct buf line; /* a copy of the line, empty in between */
};

/* Rooms, see room.c. Owner: line/room/room.c. */
struct rooms {
	struct map by_jid; /* of struct room, by bare JID */
	/* Called when a room lets us in, see room_on_entered; or NULL. */
	void (*entered)(struct client *c, const char *jid, int archive);
};

/* Events that wait to be written. Owner: line/core/state.c. */
struct output {
	struct buf text;
	uint64_t written; /* bytes that the caller has written */
};

/* The machine. A struct that this header only names is private to its owner. */
struct client {
	struct client_options options; /* Owner: line/client.c. */
	struct nonce *nonce;	       /* Owner: line/client.c. */
	struct client_clock clock;
	struct client_link link;
	struct session *session;     /* Owner: line/session/session.c. */
	struct reconnect *reconnect; /* Owner: line/session/reconnect.c. */
	struct link_later *later;    /* Owner: line/core/link.c. */
	struct resume resume;	     /* Owner: xmpp/resume.c. */
	struct roster roster;	     /* Owner: xmpp/roster.c. */
	struct self self;
	/* The input whose line is executed or answered, else standard input.
	 * Owner: line/core/source.c. */
	struct source *source;
	struct sources sources;
	struct lines lines;
	struct commands command;
	struct request *requests; /* Owner: line/core/request.c. */
	/* Wishes of a person at a terminal. Owner: line/command/window.c. */
	struct window *window;
	/* The active contact, bare or full, or NULL. Owner: line/talk/chat.c.
	 */
	char *active;
	struct notices *notices; /* Owner: line/core/notice.c. */
	struct rooms rooms;
	struct room_timers *room_timers; /* Owner: line/room/enter.c. */
	struct own_texts *own_texts;	 /* Owner: line/room/enter.c. */
	/* Owner: line/room/invitation.c. */
	struct room_invitations *invitations;
	struct event_writer event; /* Owner: line/text/event.c. */
	struct output out;
	enum ending_step ending_step;	 /* Owner: line/client.c. */
	struct ending *ending;		 /* Owner: line/client.c. */
	struct archive_queries *archive; /* Owner: line/talk/archive.c. */
	struct bounces *bounces;	 /* Owner: line/talk/bounce.c. */
	struct chats *chats;		 /* Owner: line/talk/chat.c. */
	struct bookmarks *bookmarks;	 /* Owner: line/room/bookmark.c. */
	struct blocks *blocks;		 /* Owner: line/session/block.c. */
	struct copies *copies;		 /* Owner: line/session/copies.c. */
	struct duplicates *duplicates;	 /* Owner: line/talk/duplicate.c. */
	struct encryption *encryption;	 /* Owner: line/talk/encrypt.c. */
	struct fates *fates;		 /* Owner: line/talk/fate.c. */
	struct histories *histories;	 /* Owner: line/disk/histories.c. */
	struct positions *positions;	 /* Owner: line/disk/position.c. */
	struct receipts *receipts;	 /* Owner: line/talk/receipt.c. */
	struct replays *replays;	 /* Owner: line/session/replay.c. */
	struct users *users;		 /* Owner: line/disk/users.c. */
	struct unread *unread;		 /* Owner: line/disk/unread.c. */
	struct map *omemo_facts;	 /* Owner: line/disk/omemo_facts.c. */
	struct omemo_tasks *tasks;	 /* Owner: line/talk/omemo_task.c. */
	struct omemo_pep *pep;		 /* Owner: line/talk/omemo_pep.c. */
	struct omemo_forget *forget;	 /* Owner: line/talk/omemo_forget.c. */
	struct omemo_lines *omemo_lines; /* Owner: line/talk/omemo_line.c. */
	struct omemo_talk *omemo;	 /* Owner: line/talk/omemo_talk.c. */
	struct wishes *wishes;		 /* Owner: line/disk/wishes.c. */
};

/* Makes C's output empty, our presence that of C's options. */
void client_state_init(struct client *c);
/* Frees what client_state_init and the setters below made. */
void client_state_clear(struct client *c);
/* Makes JID, which is full, ours. */
void client_set_jid(struct client *c, const char *jid);
/* Sets our show and STATUS, copied; an empty one is none. Sends nothing. */
void client_set_show(
    struct client *c, enum roster_show show, const char *status);
/* Sets our priority. Sends nothing. */
void client_set_priority(struct client *c, int priority);
/* Returns the JID of /with, else the active contact, or NULL; borrowed. */
const char *client_active(const struct client *c);
/* Returns 1 where a person types the line being executed, else 0. */
int client_is_typed(const struct client *c);
/* Returns 1 if JID is the active contact, whatever its resource, else 0. */
int client_is_active(const struct client *c, const char *jid);
/* Returns 1 where JID is our account, with whatever resource, else 0. */
int client_is_self(const struct client *c, const char *jid);
/* Returns how many bytes of events were ever made. */
uint64_t client_text_total(const struct client *c);
/* Appends LINES, whole event lines that were made elsewhere, to the text. */
void client_text_add(struct client *c, const struct buf *lines);
/* Drops the first N bytes of the text, which were written. */
void client_text_written(struct client *c, size_t n);
/* Drops all events from now on, as C is about to be freed. */
void client_text_end(struct client *c);
/* Returns the sooner of two deadlines, of which -1 is none. */
int64_t client_sooner(int64_t a, int64_t b);
/* Writes the info event TEXT about PEER. */
void client_info(struct client *c, const char *peer, const char *text);
/* Writes `hello`, which is first, once. */
void client_hello(struct client *c);
/* Writes the `warning` event WHY, in words, about JID (NULL: nobody). */
void client_warning(struct client *c, const char *jid, const char *why);
/* Returns 1 where the bare part of JID is a room that we know, else 0. */
int client_is_room(const struct client *c, const char *jid);
/*
 * Returns 1 where JID is our own account or our server, which may always ask,
 * else 0.
 */
int client_is_home(const struct client *c, const char *jid);

#endif
