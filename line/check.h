/*
 * What --check does: reads every file of the configuration directory and says
 * of each whether it is as it should be. Changes nothing and takes no lock, so
 * that it may be used beside a running jackline.
 */
#ifndef LINE_CHECK_H
#define LINE_CHECK_H

#include "sexp/buf.h"

/*
 * Appends to OUT one line per file of the directory PATH: its name, escaped as
 * in events, a tab, and `ok` or what is wrong and where. Returns how many are
 * not ok (a needed one that is missing is one of them); -1 with a sentence in
 * WHY where the directory itself cannot be read.
 */
int check_directory(const char *path, struct buf *out, struct buf *why);

#endif
