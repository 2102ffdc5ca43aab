#include "line/tty/tty_sequence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
tty_sequence_length(const unsigned char *p, size_t n)
{
	size_t i = 2;
	int rest;

	if (n < 2)
		return -1;
	if (p[1] == TTY_ESC) {
		rest = tty_sequence_length(p + 1, n - 1);
		return rest <= 0 ? rest : rest < TTY_SEQUENCE ? rest + 1 : 0;
	}
	if (p[1] != '[' && p[1] != 'O')
		return p[1] > ' ' && p[1] < 0x7f ? 2 : 0;
	if (n > 2 && p[1] == '[' && p[2] == '[')
		i++; /* F1 to F5 of Linux */
	while (i < n && i < TTY_SEQUENCE && p[i] >= ' ' && p[i] <= '?')
		i++;
	if (i >= TTY_SEQUENCE)
		return 0;
	if (i == n)
		return -1;
	return p[i] >= '@' && p[i] <= '~' ? (int)i + 1 : 0;
}

int
tty_sequence_is_vi(const struct tty *t)
{
	const char *editor = NULL;

	return el_get(t->el, EL_EDITOR, &editor) == 0 && editor != NULL &&
	       strcmp(editor, "vi") == 0;
}

/* Binds KEY to NAME; in vi's mode also among the commands, if COMMAND. */
static void
bind_key(struct tty *t, const char *key, const char *name, int command)
{
	el_set(t->el, EL_BIND, key, name, NULL);
	if (command && tty_sequence_is_vi(t))
		el_set(t->el, EL_BIND, "-a", key, name, NULL);
}

void
tty_sequence_bind(struct tty *t, const char *key, const char *name, int always)
{
	int is_sequence = *key == '\033';
	char copy[16];

	snprintf(copy, sizeof copy, "%s", key);
	if (is_sequence && tty_sequence_is_vi(t)) {
		if (key[2] == '\0')
			return;
		*copy = TTY_LEAD;
	}
	bind_key(t, copy, name, always || is_sequence);
}

/*
 * Returns the name of what libedit has bound to KEY, text of .editrc with its
 * quotes; NULL if nothing. The caller frees. libedit has no function that
 * tells it: it only prints it, for a person.
 */
static char *
print_binding(struct tty *t, const char *key)
{
	static const char arrow[] = "->";
	char *text = NULL, *name = NULL, *end;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		return NULL;
	el_set(t->el, EL_SETFP, 1, f);
	el_set(t->el, EL_SETFP, 2, f);
	el_set(t->el, EL_BIND, key, NULL);
	el_set(t->el, EL_SETFP, 1, t->nowhere);
	el_set(t->el, EL_SETFP, 2, t->nowhere);
	if (fclose(f) == 0 && text != NULL)
		name = strstr(text, arrow);
	if (name != NULL) {
		name += sizeof arrow - 1;
		name += strspn(name, " \t");
		end = name + strcspn(name, "\n");
		name = buf_memdup(name, (size_t)(end - name));
	}
	free(text);
	return name;
}

int
tty_sequence_is_bound(struct tty *t, const char *key, const char *name)
{
	char *bound = print_binding(t, key);
	int is_bound = bound != NULL && strcmp(bound, name) == 0;

	free(bound);
	return is_bound;
}

enum tty_bound
tty_sequence_bound(struct tty *t, const char *key)
{
	enum tty_bound bound = TTY_BOUND;
	char copy[80], *to = copy, *name;

	/* libedit parses KEY as in .editrc. */
	for (; *key != '\0' && to < copy + sizeof copy - 2; key++) {
		if (*key == '\\' || *key == '^')
			*to++ = '\\';
		*to++ = *key;
	}
	*to = '\0';
	name = print_binding(t, copy);
	if (name != NULL && *name == '"')
		bound = TTY_MACRO;
	*copy = TTY_LEAD;
	if (name == NULL && tty_sequence_is_vi(t))
		name = print_binding(t, copy);
	else if (name != NULL && bound == TTY_BOUND)
		bind_key(t, copy, name, 1);
	if (name == NULL || strcmp(name, "ed-unassigned") == 0)
		bound = TTY_UNBOUND;
	free(name);
	return bound;
}
