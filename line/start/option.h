/*
 * The options of the command line (jackline(1)), from the table option.def.
 * Pure. The values point into argv.
 */
#ifndef LINE_START_OPTION_H
#define LINE_START_OPTION_H

#include "sexp/buf.h"
#include "xmpp/jid.h"

enum option_id {
#define OPTION(id, letter, name, argument, help) OPTION_##id,
#include "line/start/option.def"
#undef OPTION
	OPTIONS
};

/* The argument of each option, "" if it takes none; NULL if it was not given.
 */
struct option_values {
	const char *value[OPTIONS];
};

/*
 * Reads ARGV, which has ARGC elements and begins with the program's name. -1
 * with a clause in WHY if an option is unknown, or an argument is missing or
 * unexpected.
 */
int option_parse(struct option_values *v, int argc, char **argv, char why[200]);
/*
 * Reads TEXT, a JID in the escaped form of the PEER column, into JID, prepared.
 * -1 with a static clause in *WHY.
 */
int option_jid(const char *text, char jid[JID_SIZE], const char **why);
/*
 * Returns the number of seconds in TEXT, 1,000,000 at most; OTHERWISE if TEXT
 * is NULL; -1 if it is no such number.
 */
int option_seconds(const char *text, int otherwise);
/* Returns 1 if NAME can be that of a queue, as it is part of file names. */
int option_is_queue(const char *name);
/* Appends the text of --help to OUT. */
void option_help(struct buf *out);
/* Appends the table of options to OUT, for --events. */
void option_table(struct buf *out);

#endif
