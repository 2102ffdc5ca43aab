#include "line/command.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/escape.h"
#include "line/job.h"
#include "line/message.h"
#include "line/session.h"
#include "line/wait.h"
#include "sexp/utf8.h"

static const struct {
	const char *name, *arguments, *help;
	void (*run)(struct client *, const char *);
} commands[] = {
#define COMMAND(name, arguments, help) {#name, arguments, help, command_##name},
#include "line/command.def"
#undef COMMAND
};

#define PREFIXES_MAX 16 /* before one line */
#define COMMANDS     (sizeof commands / sizeof *commands)

void
command_table(struct buf *out)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		buf_addf(out, "command\t/%s\t%s\t%s\n", commands[i].name,
		    *commands[i].arguments == '\0' ? "-"
						   : commands[i].arguments,
		    commands[i].help);
}

/*
 * The index of the command called by the N bytes of NAME, at a terminal by a
 * prefix that no other has; COMMANDS where there is none.
 */
static size_t
find(const struct client *c, const char *name, size_t n)
{
	size_t i, found = COMMANDS, matches = 0;

	for (i = 0; i < COMMANDS; i++) {
		if (strncmp(commands[i].name, name, n) != 0)
			continue;
		if (commands[i].name[n] == '\0')
			return i;
		found = i;
		matches++;
	}
	return c->options.terminal && n > 0 && matches == 1 ? found : COMMANDS;
}

/* No command is called by the N bytes of NAME; at a terminal: which could be.
 */
static void
unknown(struct client *c, const char *name, size_t n)
{
	struct buf why;
	size_t i, matches = 0;

	buf_init(&why, 1024);
	buf_adds(&why, "several commands begin so:");
	for (i = 0; i < COMMANDS; i++)
		if (strncmp(commands[i].name, name, n) == 0) {
			buf_addf(&why, " /%s", commands[i].name);
			matches++;
		}
	job_error(c, NULL, "unknown-command",
	    c->options.terminal && n > 0 && matches > 1 ? buf_str(&why) : NULL);
	buf_clear(&why);
}

void
command_usage(struct client *c, const char *command)
{
	size_t i = find(c, command, strlen(command));
	char why[200] = "usage: /";

	strncat(why, commands[i].name, 32);
	if (*commands[i].arguments != '\0')
		strncat(why, " ", 2);
	strncat(why, commands[i].arguments, 100);
	job_error(c, NULL, "usage", why);
}

const char *
command_active(struct client *c)
{
	const char *jid = client_active(c);

	if (jid == NULL)
		job_error(c, NULL, "no-contact", NULL);
	return jid;
}

int
command_online(struct client *c)
{
	if (c->link != LINK_ONLINE)
		job_error(c, NULL, "not-connected", NULL);
	return c->link == LINK_ONLINE;
}

int
command_jid(struct client *c, const char *word, size_t n, char jid[JID_SIZE])
{
	const char *why = "no JID is given";
	struct buf plain;
	int result = -1;
	size_t at;

	buf_init(&plain, INPUT_LINE_MAX);
	if (escape_read(&plain, word, n, &why, &at) == 1)
		result = jid_parse(
		    (const char *)buf_data(&plain), buf_len(&plain), jid, &why);
	if (result == -1)
		job_error(c, NULL, "bad-jid", why);
	buf_clear(&plain);
	return result;
}

int
command_check(struct client *c, const char *text, size_t n)
{
	uint32_t cp;
	size_t i, len;

	for (i = 0; i < n; i += len) {
		if ((unsigned char)text[i] >= ' ' &&
		    (unsigned char)text[i] < 0x7f) {
			len = 1;
			continue;
		}
		len = utf8_decode(text + i, n - i, &cp);
		if (len == 0) {
			job_error(c, NULL, "bad-utf8", NULL);
			return -1;
		}
		if (!utf8_is_xml(cp)) {
			job_error(c, NULL, "bad-char", NULL);
			return -1;
		}
	}
	return 0;
}

/* Unescapes TEXT into PLAIN, and looks at what came out; -1: answered. */
static int
unescape(struct client *c, struct buf *plain, const char *text, size_t n)
{
	const char *why = "`-` stands for no text at all; write \\-";
	size_t at;

	if (escape_read(plain, text, n, &why, &at) != 1) {
		job_error(c, NULL, "bad-escape", why);
		return -1;
	}
	if (buf_len(plain) > INPUT_LINE_MAX) {
		job_error(c, NULL, "too-long", NULL);
		return -1;
	}
	return command_check(c, (const char *)buf_data(plain), buf_len(plain));
}

/* Sends TEXT as it was typed to JID. */
static void
send_text(struct client *c, const char *jid, const char *text, size_t n)
{
	struct buf plain;

	if (!c->options.escaped) {
		message_send(c, jid, text, n, MESSAGE_TEXT);
		return;
	}
	buf_init(&plain, INPUT_RAW_MAX);
	/* An empty line is an empty text, as -t wants it. */
	if (n == 0 || unescape(c, &plain, text, n) == 0)
		message_send(c, jid, (const char *)buf_data(&plain),
		    buf_len(&plain), MESSAGE_TEXT);
	else
		wait_reset(c, NULL); /* no /wait may mean the message before */
	buf_clear(&plain);
}

/* What begins like `/me ` or a comment is text, as in the original. */
static int
is_command(const char *line)
{
	return line[0] == '/' && strcmp(line, "/me") != 0 &&
	       strncmp(line, "/me ", 4) != 0 && strncmp(line, "/*", 2) != 0 &&
	       strncmp(line, "// ", 3) != 0;
}

static void
run(struct client *c, const char *line, size_t n)
{
	size_t len = strcspn(line, " ");
	const char *jid;
	size_t i;

	if (n == 0) {
		job_ok(c, NULL, NULL);
	} else if (!is_command(line)) {
		jid = command_active(c);
		if (jid != NULL)
			send_text(c, jid, line, n);
		else
			wait_reset(c, NULL);
	} else {
		i = find(c, line + 1, len - 1);
		if (i == COMMANDS) {
			unknown(c, line + 1, len - 1);
			return;
		}
		len += line[len] == ' ';
		/* Whoever writes `/remove JID` does not mean the active one. */
		if (*commands[i].arguments == '\0' && line[len] != '\0')
			command_usage(c, commands[i].name);
		else
			commands[i].run(c, line + len);
	}
}

char *
command_text(struct client *c, const char *text)
{
	struct buf plain;
	char *copy = NULL;

	if (!c->options.escaped || *text == '\0')
		return buf_strdup(text);
	buf_init(&plain, INPUT_RAW_MAX);
	if (unescape(c, &plain, text, strlen(text)) == 0)
		copy = buf_strdup(buf_str(&plain));
	buf_clear(&plain);
	return copy;
}

/* The line is what an `ask` wants to know. */
static void
answer(struct client *c, const char *line)
{
	char *text = command_text(c, line);

	if (text != NULL)
		command_answer(c, text);
	buf_free_secret(text);
}

void
command_line(struct client *c, const char *line, size_t n)
{
	char *copy = buf_memdup(line, n);

	c->answered = 0;
	c->prefixes = 0;
	if (n > (c->options.escaped ? c->input.max : INPUT_LINE_MAX)) {
		wait_reset(c, NULL);
		job_error(c, NULL, "too-long", NULL);
	} else if (command_check(c, copy, n) == -1)
		wait_reset(c, NULL); /* answered */
	else if (c->ask != NULL)
		answer(c, copy);
	else if (c->options.text_to != NULL)
		send_text(c, c->options.text_to, copy, n);
	else
		run(c, copy, n);
	buf_free_secret(copy);
	free(c->label);
	c->label = NULL;
	c->event.label = NULL;
}

void
command_connect(struct client *c, const char *args)
{
	(void)args;
	session_connect(c);
}

void
command_disconnect(struct client *c, const char *args)
{
	(void)args;
	if (c->link == LINK_OFFLINE) {
		job_ok(c, NULL, "not connected");
		return;
	}
	job_wait(c, JOB_DISCONNECT, 1, 0);
	if (c->link == LINK_ONLINE) {
		c->closing = 1;
		c->link_deadline = c->mono + c->options.wait * 1000;
	} else if (c->link != LINK_CLOSING) {
		session_end(c, NULL, NULL);
	}
}

void
command_quit(struct client *c, const char *args)
{
	(void)args;
	job_ok(c, NULL, NULL);
	c->read_ended = 1;
}

static void
help(struct client *c, size_t i)
{
	char text[400] = "/";

	strncat(text, commands[i].name, 32);
	strncat(text, " ", 2);
	strncat(text, commands[i].arguments, 100);
	if (*commands[i].arguments != '\0')
		strncat(text, " ", 2);
	strncat(text, "- ", 3);
	strncat(text, commands[i].help, 200);
	event_begin(&c->event, EVENT_HELP, NULL, text, strlen(text));
	event_end(&c->event);
}

void
command_help(struct client *c, const char *args)
{
	size_t i;

	if (*args == '/')
		args++;
	if (strcmp(args, "keys") == 0) {
		job_ok(c, NULL,
		    c->options.terminal ? NULL
					: "there are keys only at a terminal");
		return;
	}
	if (*args != '\0') {
		i = find(c, args, strlen(args));
		if (i == COMMANDS) {
			unknown(c, args, strlen(args));
			return;
		}
		help(c, i);
	} else {
		for (i = 0; i < COMMANDS; i++)
			help(c, i);
	}
	job_ok(c, NULL, NULL);
}

/* Whether more /with and /label stand before a line than anybody means. */
static int
is_nested(struct client *c)
{
	if (c->prefixes++ < PREFIXES_MAX)
		return 0;
	wait_reset(c, NULL);
	job_error(c, NULL, "usage", "too many /with and /label before a line");
	return 1;
}

void
command_label(struct client *c, const char *args)
{
	size_t n = strcspn(args, " ");

	if (n == 0) {
		command_usage(c, "label");
		return;
	}
	if (is_nested(c))
		return;
	free(c->label);
	c->label = buf_memdup(args, n);
	c->event.label = c->label;
	args += n + (args[n] == ' ');
	run(c, args, strlen(args));
}

void
command_with(struct client *c, const char *args)
{
	size_t n = strcspn(args, " ");
	const char *before = c->with;
	char jid[JID_SIZE];

	if (n == 0) {
		command_usage(c, "with");
		return;
	}
	if (is_nested(c))
		return;
	if (command_jid(c, args, n, jid) == -1) {
		wait_reset(c, NULL);
		return;
	}
	c->with = jid;
	args += n + (args[n] == ' ');
	run(c, args, strlen(args));
	c->with = before;
}

void
command_msg(struct client *c, const char *args)
{
	size_t n = strcspn(args, " ");
	char jid[JID_SIZE];

	/* It was to be a message: the one before is not the last any more. */
	wait_reset(c, NULL);
	if (n == 0 || args[n] == '\0')
		command_usage(c, "msg");
	else if (command_jid(c, args, n, jid) == 0)
		send_text(c, jid, args + n + 1, strlen(args + n + 1));
}

void
command_say(struct client *c, const char *args)
{
	const char *jid = command_active(c);

	wait_reset(c, NULL);
	if (jid == NULL)
		return;
	if (*args == '\0')
		command_usage(c, "say");
	else
		send_text(c, jid, args, strlen(args));
}

void
command_wait(struct client *c, const char *args)
{
	wait_command(c, args);
}

/* Tells what was set: now, or when the connection is back. */
static void
tell_presence(struct client *c)
{
	if (c->link == LINK_ONLINE)
		session_presence(c);
	else
		c->untold = 1;
}

void
command_status(struct client *c, const char *args)
{
	static const struct {
		const char *word, *letter;
		enum roster_show show;
	} words[] = {{"free", "f", SHOW_FREE}, {"away", "a", SHOW_AWAY},
	    {"dnd", "d", SHOW_DND}, {"xa", "x", SHOW_XA},
	    {"offline", "_", SHOW_OFFLINE}, {"online", "o", SHOW_ONLINE}};
	size_t n = strcspn(args, " "), i;
	char *status, now[64];

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if ((strlen(words[i].word) == n &&
			memcmp(words[i].word, args, n) == 0) ||
		    (n == 1 && *words[i].letter == *args))
			break;
	if (i == sizeof words / sizeof *words) {
		command_usage(c, "status");
		return;
	}
	status = command_text(c, args + n + (args[n] == ' '));
	if (status == NULL)
		return;
	c->show = words[i].show;
	free(c->status);
	c->status = *status == '\0' ? NULL : buf_strdup(status);
	free(status);
	tell_presence(c);
	/* In a pipe nobody needs to be told what they said. */
	snprintf(
	    now, sizeof now, "our presence is %s", roster_show_name(c->show));
	job_ok(c, NULL,
	    c->link != LINK_ONLINE ? "told when connected"
	    : c->options.terminal  ? now
				   : NULL);
}

void
command_priority(struct client *c, const char *args)
{
	char *end;
	long n = strtol(args, &end, 10);

	if (*args == '\0' || *args == ' ' || *end != '\0' || n < -128 ||
	    n > 127) {
		command_usage(c, "priority");
		return;
	}
	c->priority = (int)n;
	if (c->show != SHOW_OFFLINE)
		tell_presence(c);
	job_ok(c, NULL, c->link == LINK_ONLINE ? NULL : "told when connected");
}
