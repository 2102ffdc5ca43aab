/*
 * Types at a program's terminal while lines arrive, for scripts/bench.
 *
 *     bench-type LAST COMMAND...
 *
 * COMMAND is run at a terminal of 80 columns and 24 rows. Keys are struck, one
 * when the one before is on the screen, until LAST is there or 60 s are over.
 * It prints, in milliseconds: from exec to the first key on the screen; how
 * many keys there were until LAST, the median and the worst of them; the time
 * to LAST; the CPU that COMMAND took until then; and its memory, KiB. Then
 * COMMAND is killed.
 */
#define _XOPEN_SOURCE 700
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define KEYS	20000
#define LETTERS 32 /* of Cyrillic: nothing else on the screen has them */
#define PATIENT 60000
#define TAIL	64 /* bytes kept for what is cut by two reads */

static struct {
	int fd;
	pid_t pid;
	char seen[TAIL + 65536 + 1]; /* of the last read, and what was before */
	size_t len;
	int over; /* LAST came */
	const char *last;
	double begun;
} b;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "bench-type: %s\n", what);
	if (b.pid > 0)
		kill(b.pid, SIGKILL);
	exit(1);
}

static void
start(char **command)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	const char *name;

	b.fd = posix_openpt(O_RDWR | O_NOCTTY);
	if (b.fd == -1 || grantpt(b.fd) == -1 || unlockpt(b.fd) == -1)
		fail("no terminal");
	name = ptsname(b.fd);
	b.begun = now();
	b.pid = fork();
	if (b.pid == 0) {
		setsid();
		ioctl(b.fd, TIOCSWINSZ, &size);
		close(b.fd);
		for (int i = 0; i < 3; i++)
			close(i);
		/* The lowest descriptor is free: this is 0, and ours. */
		if (open(name, O_RDWR) != 0 || dup(0) != 1 || dup(0) != 2)
			_exit(127);
		execvp(*command, command);
		_exit(127);
	}
}

/* Reads for MS milliseconds at most; whether WORD is in what came. */
static int
comes(const char *word, int ms)
{
	struct pollfd p = {b.fd, POLLIN, 0};
	ssize_t n;

	if (poll(&p, 1, ms) != 1)
		return 0;
	if (b.len > TAIL) {
		memmove(b.seen, b.seen + b.len - TAIL, TAIL);
		b.len = TAIL;
	}
	n = read(b.fd, b.seen + b.len, sizeof b.seen - 1 - b.len);
	if (n <= 0)
		fail("the program ended");
	b.len += (size_t)n;
	b.seen[b.len] = '\0';
	for (size_t i = 0; i < b.len; i++)
		if (b.seen[i] == '\0')
			b.seen[i] = ' ';
	b.over |= strstr(b.seen, b.last) != NULL;
	return strstr(b.seen, word) != NULL;
}

/* Strikes letter I of the line; milliseconds until it is on the screen. */
static double
strike(int i)
{
	char letter[3] = {(char)0xd0, (char)(0x90 + i), '\0'};
	double at = now();

	/* Rows shown before do not count. */
	b.len = 0;
	if (write(b.fd, letter, 2) != 2)
		fail("cannot type");
	while (!comes(letter, 1000))
		if (now() - at > PATIENT)
			fail("a key was lost");
	return now() - at;
}

static int
smaller(const void *a, const void *z)
{
	double x = *(const double *)a, y = *(const double *)z;

	return x < y ? -1 : x > y;
}

/* CPU of the child in milliseconds, all of it. */
static double
cpu(void)
{
	unsigned long user, system;
	char path[64];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%ld/stat", (long)b.pid);
	f = fopen(path, "r");
	if (f == NULL || fscanf(f,
			     "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u "
			     "%*u %lu %lu",
			     &user, &system) != 2)
		fail("no /proc");
	fclose(f);
	return (double)(user + system) * 1e3 / (double)sysconf(_SC_CLK_TCK);
}

/* Resident memory of the child in KiB. */
static unsigned long
memory(void)
{
	unsigned long kib = 0;
	char path[64], line[128];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%ld/status", (long)b.pid);
	f = fopen(path, "r");
	if (f == NULL)
		fail("no /proc");
	while (kib == 0 && fgets(line, sizeof line, f) != NULL)
		sscanf(line, "VmRSS: %lu", &kib);
	fclose(f);
	return kib;
}

int
main(int argc, char **argv)
{
	static double keys[KEYS];
	struct termios mode;
	double first, took;
	size_t n = 0;

	if (argc < 3)
		return 64;
	b.last = argv[1];
	start(argv + 2);
	/* Until it reads keys itself the terminal would echo them. */
	while (tcgetattr(b.fd, &mode) == 0 && (mode.c_lflag & ECHO))
		comes(b.last, 1);
	strike(0);
	first = now() - b.begun;
	while (!b.over && n < KEYS && now() - b.begun < PATIENT) {
		if ((n + 1) % LETTERS == 0 && write(b.fd, "\025", 1) != 1)
			fail("cannot type");
		keys[n] = strike((int)((n + 1) % LETTERS));
		n++;
		/* A person's fingers, if fast. */
		comes(b.last, 5);
	}
	took = now() - b.begun;
	printf("start %.1f keys %zu", first, n);
	qsort(keys, n, sizeof *keys, smaller);
	if (n > 0)
		printf(" median %.2f worst %.2f", keys[n / 2], keys[n - 1]);
	printf(" end %.1f cpu %.0f rss %lu\n", took, cpu(), memory());
	kill(b.pid, SIGKILL);
	waitpid(b.pid, NULL, 0);
	return b.over ? 0 : 1;
}
