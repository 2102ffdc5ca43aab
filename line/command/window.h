/*
 * Settings of the terminal that commands change: the terminal looks
 * here when it shows an event, and after each answer. Owned by window.c.
 */
#ifndef LINE_COMMAND_WINDOW_H
#define LINE_COMMAND_WINDOW_H

struct client;

struct window {
	char *filter;	      /* TEXT of /filter as events spell it, or NULL */
	int hides_presence;   /* /ignore_presence */
	unsigned long clears; /* how often /clear was done */
	unsigned long helps;  /* how often /help keys was asked for */
};

/* Returns the wishes of the person, borrowed as long as C lives. */
const struct window *window_wishes(struct client *c);
/* Notes a /help keys. */
void window_helps(struct client *c);
/* Drops /filter and /ignore_presence, since another contact is active. */
void window_turn(struct client *c);
/* Frees what C holds of this. */
void window_free(struct client *c);

#endif
