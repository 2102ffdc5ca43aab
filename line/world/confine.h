/*
 * Confines the process at the end of start-up, when it has opened all that it
 * needs for good, to its directory, the configuration of the system's name
 * lookups, TCP and its terminal (jackline(1), CONFINEMENT). What the kernel
 * does not have is left out. Touches the world.
 */
#ifndef LINE_WORLD_CONFINE_H
#define LINE_WORLD_CONFINE_H

#include "sexp/buf.h"

/* The parts of the world that the process goes on using; zero it first. */
struct confine_options {
	const char *directory; /* the configuration directory, or NULL: none */
	int directory_fd;      /* the same, open */
	int read_only;	       /* -r: only omemo/ in it is written */
	int queue;	       /* --queue: with -r, positions/ as well */
	const char *tree;      /* the directory of --tree, or NULL: none */
	int tree_fd;	       /* the same, open */
	int terminal; /* the process stops its process group (Ctrl-Z) */
	int tor;      /* torsocks is loaded, which needs more calls */
};

/*
 * Confines this process, for good, as O says, and appends to PARTS the parts of
 * the confinement that hold and those that do not, in words. It does not fail:
 * what the system refuses is left out. To be called once, by a process without
 * further threads.
 */
void confine_process(const struct confine_options *o, struct buf *parts);

#endif
