/*
 * Work with omemo/ and its files. Each task locks the directory `omemo/`, reads
 * the records that it needs, runs, has its records written, acts on what
 * relied on them, and unlocks: so no two processes use one state of a ratchet,
 * and nothing leaves that is not on the disk. While a task is under way no line
 * is executed and no stanza taken. Owns the machine of omemo/ and the tasks.
 */
#ifndef LINE_TALK_OMEMO_TASK_H
#define LINE_TALK_OMEMO_TASK_H

#include "line/core/state.h"
#include "line/talk/incoming.h"
#include "omemo/omemo.h"
#include "xmpp/stanza.h"

struct answer;
struct omemo_task;

/* Does the work of T, with the records loaded into O. */
typedef void omemo_task_run(
    struct client *c, struct omemo *o, struct omemo_task *t);
/* Takes an item of T, once the records before it are on the disk. */
typedef void omemo_task_item(struct client *c, const struct omemo_item *item,
    const struct omemo_task *t);
/* Ends T; WHY is the reason if nothing was done, else NULL. */
typedef void omemo_task_end(
    struct client *c, const struct omemo_task *t, const char *why);

/* A task; omemo_task_new zeroes what it is not given. */
struct omemo_task {
	struct omemo_task *next; /* private to omemo_task.c */
	char *name;		 /* the contact, bare; NULL: only ourselves */
	char **more;		 /* further contacts, owned */
	size_t more_count;
	omemo_task_run *run;
	omemo_task_end *end;	  /* or NULL */
	enum omemo_cause refused; /* set by RUN for END: omemo/ refused it */
	/* For those functions. */
	struct arena arena; /* cleared with the task */
	struct incoming *m; /* that came, in the arena; or NULL */
	char *words;	    /* owned */
	uint32_t device;
	uint32_t ids[OMEMO_DEVICES + 2];
	size_t count;
	struct omemo_bundle bundle; /* in the arena */
	int has_bundle;
	unsigned char (*tokens)[OMEMO_TOKEN]; /* owned */
	unsigned long serial;		      /* of a line */
	char *text;			      /* owned */
};

/*
 * Makes C ready, with our identity if the options have one. ITEM takes what the
 * tasks bring.
 */
void omemo_task_init(struct client *c, omemo_task_item *item);
/* Wipes and frees; no task is ended. */
void omemo_task_clear(struct client *c);
/* Returns 1 if OMEMO is on: we have an identity. */
int omemo_task_is_on(const struct client *c);
/* Returns the machine, borrowed; NULL if OMEMO is off. */
struct omemo *omemo_task_machine(const struct client *c);
/*
 * Makes an identity and asks for omemo.sexp to be created, then DONE is called
 * with NULL, or the reason why not. Not with -r.
 */
void omemo_task_create(
    struct client *c, void (*done)(struct client *c, const char *why));
/*
 * Returns a new task about the bare part of JID (NULL: ourselves), for
 * omemo_task_add or omemo_task_free. END may be NULL.
 */
struct omemo_task *omemo_task_new(
    const char *jid, omemo_task_run *run, omemo_task_end *end);
/*
 * Makes the current line wait, about JID, for at most SECONDS (0: for ever).
 * Returns its answer, whose `until` is a number of its own, for
 * omemo_task.serial.
 */
struct answer *omemo_task_wait(struct client *c, const char *jid, int seconds);
/* Returns the line that waits with SERIAL, or NULL if it was answered. */
struct answer *omemo_task_find(const struct client *c, unsigned long serial);
/* Returns the line that waits for T, or NULL if there is none. */
struct answer *omemo_task_line(
    const struct client *c, const struct omemo_task *t);
/* Frees T, which was not added. */
void omemo_task_free(struct omemo_task *t);
/* Takes T and does it after the others. Frees it at once if OMEMO is off. */
void omemo_task_add(struct client *c, struct omemo_task *t);
/* Has the record of NAME removed at the end of the task that is running. */
void omemo_task_remove(struct client *c, const char *name);
/* Returns 1 while a task is under way or waits. */
int omemo_task_is_busy(const struct client *c);
/*
 * Returns 1 if so many tasks were begun at this time that no line should begin
 * another: each takes several operations on the disk, and the server would wait
 * for an answer meanwhile.
 */
int omemo_task_is_tired(const struct client *c);
/* Returns 1 if the disk is why the task that ends now did nothing. */
int omemo_task_has_failed(const struct client *c);
/* Takes the N bytes at P (NULL: no file) that a task has read. */
void omemo_task_file(struct client *c, const void *p, size_t n);
/* Takes the outcome of an operation of users_omemo; WHY: it failed. */
void omemo_task_stored(struct client *c, const char *why);

#endif
