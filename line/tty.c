#include "line/tty.h"

#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Reads bytes up to LF; -1 where none comes, also because of a signal. */
static int
read_line(struct buf *out)
{
	char c;

	for (;;) {
		if (read(STDIN_FILENO, &c, 1) != 1)
			return -1;
		if (c == '\n' || c == '\r')
			return 0;
		if (buf_addc(out, c) == -1)
			return -1;
	}
}

int
tty_secret(const char *question, struct buf *out)
{
	struct termios before, quiet;
	int result;

	if (tcgetattr(STDIN_FILENO, &before) == -1)
		return -1;
	quiet = before;
	quiet.c_lflag &= (tcflag_t) ~(ECHO | ECHONL);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == -1)
		return -1;
	result =
	    write(STDOUT_FILENO, question, strlen(question)) == -1 ? -1 : 0;
	if (result == 0)
		result = read_line(out);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	if (write(STDOUT_FILENO, "\n", 1) == -1)
		result = -1;
	return result;
}
