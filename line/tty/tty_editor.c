#include "line/tty/tty_editor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
tty_editor_is_possible(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term != NULL &&
	       *term != '\0' && strcmp(term, "dumb") != 0 &&
	       strcmp(term, "unknown") != 0;
}

void
tty_editor_free(EditLine *el, FILE *nowhere)
{
	if (el == NULL)
		return;
	/* el_end sets the terminal of its input, which drops what was typed
	 * ahead for what comes next. */
	el_set(el, EL_SETFP, 0, nowhere);
	el_end(el);
}

EditLine *
tty_editor_new(FILE *nowhere)
{
	static const char *const names[] = {NULL, "xterm", "vt100", "ansi"};
	EditLine *el = NULL;
	char *up = NULL;
	size_t i = 0;

	if (nowhere != NULL)
		el = el_init("jackline", stdin, stdout, nowhere);
	while (el != NULL && el_set(el, EL_TERMINAL, names[i]) == -1)
		if (++i == sizeof names / sizeof *names)
			break;
	if (el != NULL && (el_get(el, EL_GETTC, "up", &up) == -1 ||
			      up == NULL || *up == '\0')) {
		el_end(el);
		el = NULL;
	}
	return el;
}
