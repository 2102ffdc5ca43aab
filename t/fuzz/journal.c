/*
 * Any bytes as what was left of the input of --tree by an earlier run: the
 * journal, and behind the first 0xff the file `out` beside it. Each line that
 * is told is one line.
 */
#define _GNU_SOURCE
#include "line/world/journal.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/unit/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take_line(void *data, unsigned long line, const char *p, size_t n)
{
	(void)data, (void)line;
	if (n > 0 && memchr(p, '\n', n) != NULL)
		abort();
}

static void
write_file(int at, const char *name, const void *p, size_t n)
{
	int fd = openat(at, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd == -1 || write(fd, p, n) != (ssize_t)n)
		abort();
	close(fd);
}

static char path[256]; /* of a directory of our own */

static void
remove_directory(void)
{
	rmdir(path);
}

static int
make_directory(void)
{
	int fd;

	file_temporary(path);
	if (mkdtemp(path) == NULL ||
	    (fd = open(path, O_RDONLY | O_DIRECTORY)) == -1)
		abort();
	atexit(remove_directory);
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int at = -1;
	const uint8_t *mark = size == 0 ? NULL : memchr(data, 0xff, size);
	size_t n = mark == NULL ? size : (size_t)(mark - data);

	if (at == -1)
		at = make_directory();
	write_file(at, ".journal", data, n);
	write_file(at, "out", mark == NULL ? data : mark + 1,
	    mark == NULL ? 0 : size - n - 1);
	journal_recover(at, "bob@example.org", take_line, NULL);
	unlinkat(at, ".journal", 0);
	unlinkat(at, "out", 0);
	return 0;
}
