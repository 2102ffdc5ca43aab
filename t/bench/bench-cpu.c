/*
 * Runs a program and measures it, for scripts/bench.
 *
 *     bench-cpu FILE COMMAND [ARGUMENT...]
 *
 * FILE gets a line with four numbers, of milliseconds: how long COMMAND took,
 * the CPU of it and of the children that it waited for, and how long it waited
 * for a processor, its main thread only; and the KiB that were resident of it,
 * or of one of those children, at most. Ends with the status of COMMAND.
 */
#define _DEFAULT_SOURCE /* wait4 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Returns the time, in milliseconds. */
static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Returns how long PID, which has ended, waited for a processor; -1. */
static double
delay_of(pid_t pid)
{
	unsigned long long ran, waited;
	char path[64];
	FILE *file;
	int n = 0;

	snprintf(path, sizeof path, "/proc/%ld/schedstat", (long)pid);
	file = fopen(path, "r");
	if (file == NULL)
		return -1;
	n = fscanf(file, "%llu %llu", &ran, &waited);
	fclose(file);
	return n == 2 ? (double)waited / 1e6 : -1;
}

static double
milliseconds(const struct timeval *t)
{
	return (double)t->tv_sec * 1e3 + (double)t->tv_usec / 1e3;
}

int
main(int argc, char **argv)
{
	double begun = now(), waited;
	struct rusage used;
	siginfo_t info;
	int status;
	FILE *out;
	pid_t pid;

	if (argc < 3)
		return 64;
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	/* Its scheduler's figures are there until it is waited for. */
	if (pid == -1 || waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT))
		return 71;
	waited = delay_of(pid);
	begun = now() - begun;
	if (wait4(pid, &status, 0, &used) != pid)
		return 71;
	out = fopen(argv[1], "w");
	if (out == NULL)
		return 74;
	fprintf(out, "%.3f %.3f %.3f %ld\n", begun,
	    milliseconds(&used.ru_utime) + milliseconds(&used.ru_stime), waited,
	    used.ru_maxrss);
	fclose(out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
