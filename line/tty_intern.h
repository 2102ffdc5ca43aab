/*
 * What the files of the terminal share: tty.c (the way in and out),
 * tty_mode.c (its settings, questions), tty_screen.c (what is seen),
 * tty_page.c (what was seen before), tty_input.c (what is typed), tty_key.c
 * (what the keys do).
 */
#ifndef LINE_TTY_INTERN_H
#define LINE_TTY_INTERN_H

#include <histedit.h>
#include <wchar.h>

#include "line/prompt.h"
#include "line/render.h"
#include "line/tty.h"
#include "line/view.h"
#include "sexp/map.h"

#define TTY_LINE ((size_t)1024 * 1024) /* bytes typed or pasted, at most */

/* What libedit gets of what is not a character. */
#define TTY_LEAD  28	 /* a key's sequence begins with it, not with ESC */
#define TTY_PASTE 29	 /* something was pasted */
#define TTY_RAW	  0xdc00 /* and a byte that is of no character */

/* Why libedit was left. */
enum tty_why { TTY_END, TTY_QUIT, TTY_TYPED, TTY_GO, TTY_CLEARED };

#define SHOWN_LAST 10  /* lines of a contact that one turns to */
#define RECALLED   100 /* of those that are stored, for paging */

/* What is stored of the active contact. */
enum tty_recall { RECALL_NOT, RECALL_DUE, RECALL_ASKED };

/* What libedit has for a sequence: a function, or something of .editrc. */
enum tty_bound { TTY_UNBOUND, TTY_BOUND, TTY_MACRO };

struct tty {
	EditLine *el;
	struct view *view;
	struct render_style style;
	struct colours colours;
	struct map histories; /* HistoryW by contact */
	struct client *client;
	int (*turn)(void *);
	void *data;
	int rows;		/* of the terminal */
	int ascii;		/* its locale is not UTF-8 */
	int text_only;		/* -t */
	int vi;			/* the mode that .editrc chose */
	unsigned char in[4096]; /* typed, not yet taken */
	size_t in_at, in_len;
	size_t in_sequence; /* bytes of it that are a key's */
	int is_pasting;	    /* between the marks of a paste */
	wchar_t *paste;	    /* what was pasted; NULL: nothing is to be */
	size_t paste_len, paste_matched; /* of the mark of its end */
	int paste_keys;		/* how often libedit may still be told of it */
	unsigned long lines;	/* given to the machine */
	int drawn;		/* the prompt and the line are to be seen */
	int drawn_columns;	/* in a terminal of this width */
	ptrdiff_t drawn_length; /* so many characters of it at once */
	int over;		/* nothing more is typed */
	int lost, hung_up;	/* nobody sees anything; SIGHUP said so */
	int due, hurries; /* a line was given, one turn is without waiting */
	enum tty_why why;
	struct buf line; /* what was typed, or whom to turn to */
	struct buf out;	 /* rows to be written */
	wchar_t prompt[512];
	int prompt_width;
	struct buf question; /* of an `ask`; empty: none */
	char *self;	     /* our own JID, when `hello` said it */
	int secret;	     /* its answer is not shown */
	/* The `sent` lines whose rows are the last, each with its LF; before
	 * it a `+` where its receipt came. */
	struct buf tail;
	int tail_rows;
	enum tty_recall recall;
	unsigned long go; /* the line by which a key turns to another contact,
			   * until it is answered; 0: none does */
	int turned;	  /* to another contact: its half-typed line is due */
	size_t seen;  /* lines of the active contact, since one turned to it */
	int at_top;   /* it was said that nothing is above */
	size_t page;  /* its last lines below those paged to; 0: none were */
	size_t paged; /* lines of that page */
};

/* The terminal that EL belongs to. */
struct tty *tty_of(EditLine *el);
/* Takes the prompt and the line away; the cursor is where they began. */
void tty_erase(struct tty *t);
/* Writes the rows that wait, above the line. */
void tty_flush(struct tty *t);
/* Shows the prompt and the line, unless they are there. */
void tty_draw(struct tty *t);
/* Has the screen be cleared, behind the rows that wait. */
void tty_wipe(struct tty *t);
/* Notes that they are there. */
void tty_drawn(struct tty *t);
/* The half-typed line of the contact that one turned to is to be seen. */
void tty_bring_back(struct tty *t);
/* Has words of our own wait to be written. */
void tty_words(struct tty *t, enum history_kind kind, const char *text);
/* Has COUNT lines of the active contact's wait, the last SKIP left out. */
void tty_backlog(struct tty *t, size_t count, size_t skip);
/* Has a page of them wait, BACK or forth of the last one; 0: there is none. */
int tty_page(struct tty *t, int back);
/* Measures the terminal. */
void tty_measure(struct tty *t);
/* Fills the style from the environment. */
void tty_style(struct tty *t);
/* The prompt, as libedit asks for it. */
wchar_t *tty_prompt(EditLine *el);
/* Adds N wide characters of P to OUT in UTF-8. */
void tty_narrow(const wchar_t *p, size_t n, struct buf *out);
/* N bytes of UTF-8 as wide characters; ROOM of them with the NUL, at most. */
void tty_widen(const char *p, size_t n, wchar_t *out, size_t room);
/* Returns one character of what was typed, after as many turns as it takes. */
int tty_get(EditLine *el, wchar_t *wc);
/* What was pasted is over. */
void tty_paste_free(struct tty *t);
/* What KEY, which begins with ESC, is bound to; so is TTY_LEAD in its place. */
enum tty_bound tty_binding(struct tty *t, const char *key);
/* Binds all keys. */
void tty_bind(struct tty *t);
/* Whether Return is bound as by that; `bind -v` and `bind -e` unbind all. */
int tty_is_bound(struct tty *t);
/* What `/help keys` says; static. */
extern const char tty_keys[];
/* The lines typed to the active contact. */
HistoryW *tty_history(struct tty *t);
/* Gives the machine the line of N bytes at TEXT, which may hold LF. */
void tty_feed(struct tty *t, const char *text, size_t n);
/*
 * Gives the terminal back to the shell until it is ours again; the whole GROUP
 * of processes is stopped, or we alone.
 */
void tty_suspend(struct tty *t, int group);

/*
 * Keeps the terminal's settings, which are put back at exit, on crashes, and
 * by the functions below. From now on signals.h has those of job control. An
 * EDITOR has pastes marked. -1: this is no terminal.
 */
int tty_mode_keep(int editor);
/* Notes the settings of now as those that tty_mode_again sets. */
void tty_mode_mark(void);
/* Sets them again. -1 where that is not to be: in the background. */
int tty_mode_again(void);
/* It takes no more bytes: what is written from now on is dropped. */
void tty_mode_mute(void);
/* Puts the settings back, for a signal's handler too. */
void tty_mode_restore(void);
/* The same, and job control is the system's again. */
void tty_mode_leave(void);
/*
 * The same, and stops us, or the whole GROUP; returns when we have the terminal
 * again, or a signal waits.
 */
void tty_mode_stop(int group);

#endif
