/*
 * Waits for a line of a file that grows, or for the end of a process, without
 * a process for each look.
 *
 *     await FILE PATTERN SECONDS [LINE]
 *     await PID SECONDS
 *
 * The first ends with 0 and the number of the first line behind LINE (0 unless
 * told) that PATTERN (regcomp, extended) matches; with 1 where nothing was
 * added for SECONDS, or after ten times as long, so that a busy machine does
 * not matter; with 64 where it was called in another way. The last line counts
 * before its end has come, as with grep; a file that is not there yet, or
 * another one, is read from its beginning. The second ends with 0 where there
 * is no such process or only its parent still has to notice, and with 1 after
 * SECONDS.
 */
#define _DEFAULT_SOURCE /* syscall */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define PAUSE 100 /* ms between two looks where nobody tells of changes */

/* The part of the file that is being read. */
struct source {
	FILE *file; /* NULL: not there */
	struct stat st;
	char *line;
	size_t size, len; /* of the line, as far as it has come */
	long number;	  /* of it, from 1 */
};

/* Opens PATH, again where the name stands for another file by now. */
static void
look(struct source *s, const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return;
	if (s->file != NULL && st.st_ino == s->st.st_ino &&
	    st.st_size >= s->st.st_size) {
		s->st = st;
		return;
	}
	if (s->file != NULL)
		fclose(s->file);
	s->file = fopen(path, "r");
	s->st = st;
	s->len = 0;
	s->number = 1;
}

/* The line so far and what has come of it since; whether it is another text. */
static int
read_on(struct source *s)
{
	char *more = NULL;
	size_t size = 0;
	ssize_t n;

	if (s->len > 0 && s->line[s->len - 1] == '\n') {
		s->len = 0;
		s->number++;
	}
	clearerr(s->file);
	n = getline(&more, &size, s->file);
	if (n > 0) {
		s->line = realloc(s->line, s->len + (size_t)n + 1);
		if (s->line == NULL)
			exit(71);
		memcpy(s->line + s->len, more, (size_t)n + 1);
		s->len += (size_t)n;
	}
	free(more);
	return n > 0;
}

static int
matches(struct source *s, const regex_t *pattern)
{
	int whole = s->line[s->len - 1] == '\n', found;

	if (whole)
		s->line[s->len - 1] = '\0';
	found = regexec(pattern, s->line, 0, NULL, 0) == 0;
	if (whole)
		s->line[s->len - 1] = '\n';
	return found;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Tells of changes in the directory of PATH; -1: look from time to time. */
static int
watch(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = slash == NULL ? strdup(".") : strdup(path);
	int fd = inotify_init1(IN_NONBLOCK);

	if (directory == NULL)
		exit(71);
	if (slash != NULL)
		directory[slash - path + 1] = '\0';
	inotify_add_watch(fd, directory, IN_MODIFY | IN_CREATE | IN_MOVED_TO);
	free(directory);
	return fd;
}

/* Waits until something has changed, or for PAUSE; never less than 3 ms. */
static void
rest(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char events[4096];

	if (poll(&p, 1, PAUSE) == 1 && poll(NULL, 0, 3) == 0)
		while (read(fd, events, sizeof events) > 0)
			continue;
}

/* Returns the exit status of `await PID SECONDS`. */
static int
await_end(const char *pid, const char *seconds)
{
	struct pollfd p = {.events = POLLIN};
	long fd = syscall(SYS_pidfd_open, (pid_t)strtol(pid, NULL, 10), 0);

	if (fd == -1)
		return errno == ESRCH ? 0 : 71;
	p.fd = (int)fd;
	return poll(&p, 1, (int)(strtod(seconds, NULL) * 1000)) == 1 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	static struct source s;
	static regex_t pattern;
	double patience, end, last;
	long behind;
	int changes;

	setlocale(LC_ALL, "");
	if (argc == 3)
		return await_end(argv[1], argv[2]);
	if (argc < 4 || argc > 5 ||
	    regcomp(&pattern, argv[2], REG_EXTENDED | REG_NOSUB) != 0)
		return 64;
	patience = strtod(argv[3], NULL);
	last = now() + 10 * patience;
	end = now() + patience;
	behind = argc == 5 ? strtol(argv[4], NULL, 10) : 0;
	changes = watch(argv[1]);
	for (;;) {
		look(&s, argv[1]);
		while (s.file != NULL && read_on(&s)) {
			if (s.number > behind && matches(&s, &pattern)) {
				printf("%ld\n", s.number);
				return 0;
			}
			end = now() + patience;
		}
		if (now() > (end < last ? end : last))
			return 1;
		rest(changes);
	}
}
