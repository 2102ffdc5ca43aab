/*
 * --check: reads every file of the configuration directory and reports on each.
 * Changes nothing and takes no lock, so that it can be used beside a running
 * jackline.
 */
#ifndef LINE_START_CHECK_H
#define LINE_START_CHECK_H

#include "sexp/buf.h"

/*
 * Appends to OUT one line for each file of the directory PATH: its name,
 * escaped as in events, a tab, and `ok` or the fault and its place. Returns the
 * number of files that are not ok, required ones that are missing included; -1
 * with a sentence in WHY if the directory itself cannot be read.
 */
int check_directory(const char *path, struct buf *out, struct buf *why);

#endif
