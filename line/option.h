/*
 * The options of the command line (LINES.md 4), by the table option.def. Pure;
 * the values point into argv.
 */
#ifndef LINE_OPTION_H
#define LINE_OPTION_H

#include "sexp/buf.h"
#include "xmpp/jid.h"

enum option_id {
#define OPTION(id, letter, name, argument, help) OPTION_##id,
#include "line/option.def"
#undef OPTION
	OPTIONS
};

/* What was given: NULL, or the argument ("" where the option takes none). */
struct option_values {
	const char *value[OPTIONS];
};

/*
 * Reads ARGV, ARGC of them, the program's name first. -1 with WHY, a clause of
 * at most 199 bytes: an unknown option, an argument missing or too many.
 */
int option_parse(struct option_values *v, int argc, char **argv, char why[200]);
/*
 * Reads TEXT, a JID escaped as PEER is written, so that a script can hand it
 * on, into JID; -1 with *WHY.
 */
int option_jid(const char *text, char jid[JID_SIZE], const char **why);
/* The seconds in TEXT, at most 1,000,000; NULL: OTHERWISE; -1: no number. */
int option_seconds(const char *text, int otherwise);
/* Appends what --help prints. */
void option_help(struct buf *out);
/* Appends the table of options for --events. */
void option_table(struct buf *out);

#endif
