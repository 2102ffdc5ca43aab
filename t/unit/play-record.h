/*
 * The part of 3000-play.c that writes a play down: what came out, with the
 * random ids given names.
 */
#ifndef T_PLAY_RECORD_H
#define T_PLAY_RECORD_H

#define RECORD_ID 24 /* characters of an id */

/* Once for a play: what came after the first fault says nothing. */
static int
complain(struct play *p, const char *what, const char *want, const char *got,
    size_t n)
{
	if (p->failed)
		return 0;
	p->failed = 1;
	printf("# %s:%d: %s\n", p->file, p->line, what);
	if (want != NULL)
		printf("#   expected: %s\n", want);
	if (got != NULL)
		printf("#   got:      %.*s\n", n > 2000 ? 2000 : (int)n, got);
	return 0;
}

/* Gives the id of each of our stanzas in XML a name: $m1, $ping2, ... */
static void
record_name(struct play *p, const char *xml)
{
	const char *id = strstr(xml, " id='"), *ns, *child;
	char name[40], what[24] = "m";

	if (id == NULL || strcspn(id + 5, "'") != RECORD_ID)
		return;
	child = strchr(xml + 1, '<');
	if (strncmp(xml, "<iq", 3) == 0 && child != NULL) {
		ns = strncmp(child, "<query xmlns='jabber:iq:", 24) == 0
			 ? child + 24
			 : child + 1;
		snprintf(
		    what, sizeof what, "%.*s", (int)strcspn(ns, " '/>"), ns);
	}
	snprintf(name, sizeof name, "%s%d", what, ++p->names);
	play_set(&p->vars, name, strlen(name), id + 5, RECORD_ID);
}

/* TEXT with names for what has one; a dollar doubled; escaped where needed. */
static void
record_text(struct play *p, const char *text, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < p->vars.count; j++)
			if (strlen(p->vars.all[j].value) == RECORD_ID &&
			    n - i >= RECORD_ID &&
			    memcmp(text + i, p->vars.all[j].value, RECORD_ID) ==
				0)
				break;
		if (j < p->vars.count) {
			printf("$%s", p->vars.all[j].name);
			i += RECORD_ID - 1;
		} else if (text[i] == '$') {
			printf("$$");
		} else {
			putchar(text[i]);
		}
	}
}

static void
record_escaped(struct play *p, const char *text, size_t n)
{
	struct buf b;

	buf_init(&b, PLAY_MAX);
	for (; n > 0; n--, text++)
		if (*text == '\n')
			buf_adds(&b, "\\n");
		else if (*text == '\t')
			buf_adds(&b, "\\t");
		else if (*text == '\\')
			buf_adds(&b, "\\\\");
		else
			buf_addc(&b, *text);
	record_text(p, buf_str(&b), buf_len(&b));
	buf_clear(&b);
}

/* The length of the first element (or start of a stream) at P. */
static size_t
record_element(const char *p, size_t n)
{
	const char *at = p, *end = p + n, *tag;
	int depth = 0;

	while (at < end) {
		tag = at;
		at = memchr(at, '>', (size_t)(end - at));
		if (at++ == NULL)
			return n;
		tag = memchr(tag, '<', (size_t)(at - tag));
		if (tag == NULL)
			return n;
		if (strncmp(tag, "<stream:stream", 14) == 0 || tag[1] == '?')
			break;
		if (tag[1] == '/')
			depth--;
		else if (at[-2] != '/')
			depth++;
		if (depth <= 0)
			break;
	}
	return (size_t)(at - p);
}

static void
record_wire(struct play *p)
{
	const char *text = buf_str(&p->w.wire);
	size_t left = buf_len(&p->w.wire), n;
	char *one;

	for (; left > 0; left -= n, text += n) {
		n = record_element(text, left);
		one = buf_memdup(text, n);
		record_name(p, one);
		if (memchr(one, '\n', n) != NULL) {
			printf("=\\ ");
			record_escaped(p, one, n);
		} else {
			printf("= ");
			record_text(p, one, n);
		}
		putchar('\n');
		free(one);
	}
	buf_reset(&p->w.wire);
}

static void
record_events(struct play *p)
{
	const char *text = buf_str(&p->w.text), *end;
	size_t n;
	int column;

	for (; *text != '\0'; text++) {
		printf("! ");
		for (column = 0; *text != '\n'; column++, text += n) {
			end = text + strcspn(text, "\t\n");
			n = (size_t)(end - text);
			if (column > 0)
				printf(column < 5 ? " | " : " ");
			if (n > 400)
				printf("$*");
			else if (column != 1)
				record_text(p, text, n);
			n += *end == '\t';
			if (column == 0) {
				text += n;
				n = strcspn(text, "\t") + 1;
				column++;
			}
		}
		puts(column < 5 ? " |" : "");
	}
	buf_reset(&p->w.text);
}

static void
record_output(struct play *p)
{
	if (p->depth > 1)
		return;
	record_wire(p);
	record_events(p);
	if (p->w.hangup)
		puts("hangup");
	p->w.hangup = 0;
}

/* A line of the play: what was expected is left out, the rest is kept. */
static void
record_input(struct play *p, const char *line, char now)
{
	if (now == '=' || now == '!' || strncmp(line, "exit", 4) == 0 ||
	    strcmp(line, "hangup") == 0)
		return;
	/* The parts about archives name the ids of our queries. */
	if (p->w.client != NULL && strncmp(line, "play archive", 12) != 0 &&
	    strncmp(line, "let", 3) != 0 && strncmp(line, "scram", 5) != 0 &&
	    strncmp(line, "proof", 5) != 0)
		record_output(p);
	puts(line);
	fflush(stdout);
}

#endif
