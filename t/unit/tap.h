/*
 * The Test Anything Protocol for the unit tests. Included by one .c file that
 * is a whole test: ok(condition, format...) for each claim, tap_done() last.
 */
#ifndef T_TAP_H
#define T_TAP_H

#include <stdarg.h>
#include <stdio.h>

static int tap_count, tap_failed;

/* One claim; returns whether it holds. A failure is told on standard error too,
 * which prove shows. */
__attribute__((format(printf, 4, 5), unused)) static int
tap_ok(int good, const char *file, int line, const char *format, ...)
{
	va_list args;

	printf("%s %d - ", good ? "ok" : "not ok", ++tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	if (!good) {
		tap_failed = 1;
		fprintf(stderr, "# %s:%d: not ok %d - ", file, line, tap_count);
		va_start(args, format);
		vfprintf(stderr, format, args);
		va_end(args);
		fprintf(stderr, "\n");
	}
	fflush(stdout);
	return good;
}

#define ok(good, ...) tap_ok(!!(good), __FILE__, __LINE__, __VA_ARGS__)

/* The plan and the exit status; the last thing that main does. */
__attribute__((unused)) static int
tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed;
}

#endif
