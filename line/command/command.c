#include "line/command/command.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/command/args.h"
#include "line/command/habit.h"
#include "line/command/ii.h"
#include "line/command/send.h"
#include "line/command/table.h"
#include "line/command/window.h"
#include "line/core/answer.h"
#include "line/core/wait.h"
#include "line/session/copies.h"
#include "line/session/session.h"
#include "line/talk/chat.h"
#include "line/text/address.h"
#include "line/text/escape.h"

/* Bytes of a line whose memory is kept for the next one. */
#define LINE_KEPT 4096

/* The functions of the commands, in the order of the table. */
static void (*const functions[])(struct client *c, const char *args) = {
#define COMMAND(name, arguments, help)		    command_##name,
#define MESSAGE_AS(spelling, name, arguments, help) command_##name,
#include "line/command/command.def"
#undef COMMAND
};

#define PREFIXES_MAX 16 /* before one line */

/* Returns the JID of -t, which is for standard input; NULL: there is none. */
static const char *
text_to(const struct client *c)
{
	return c->source->name == NULL ? c->options.text_to : NULL;
}

void
command_disarm(struct client *c, const char *line, size_t n)
{
	if (text_to(c) != NULL || c->source->ask != NULL ||
	    c->source->jid != NULL || !address_is_go(line, n))
		return;
	chat_activate(c, NULL);
}

/*
 * Sends N bytes of TEXT to JID, in the place of the message ORIGINAL (NULL: as
 * one of its own).
 */
static void
send_plain(struct client *c, const char *jid, const char *text, size_t n,
    const char *original)
{
	if (original == NULL)
		message_send(c, jid, text, n, MESSAGE_TEXT);
	else
		message_correct(c, jid, text, n, original);
}

/* Does the same with TEXT as it was typed. */
static void
send_typed(struct client *c, const char *jid, const char *text, size_t n,
    const char *original)
{
	struct buf plain;
	int sends;

	if (!c->options.escaped) {
		send_plain(c, jid, text, n, original);
		return;
	}
	buf_init(&plain, INPUT_RAW_MAX);
	/* An empty line is an empty text, as -t wants it. */
	sends = n == 0 || args_unescape(c, jid, text, n, &plain) == 0;
	if (sends && n > 0 && buf_len(&plain) == 0) {
		answer_error(c, jid, "usage", "an empty message is not sent");
		sends = 0;
	}
	if (sends)
		send_plain(c, jid, (const char *)buf_data(&plain),
		    buf_len(&plain), original);
	buf_clear(&plain);
}

/* Sends TEXT as it was typed to JID. */
static void
send_text(struct client *c, const char *jid, const char *text, size_t n)
{
	send_typed(c, jid, text, n, NULL);
}

/* A line that begins with `/me ` or like a comment is text, as in the original.
 */
static int
is_command(const char *line)
{
	return line[0] == '/' && strcmp(line, "/me") != 0 &&
	       strncmp(line, "/me ", 4) != 0 && strncmp(line, "/*", 2) != 0 &&
	       strncmp(line, "// ", 3) != 0;
}

int
command_is_message(const struct client *c, const char *line)
{
	const struct command_row *row;
	size_t n;

	if (c->options.text_to != NULL)
		return 1;
	while ((n = address_prefix(line, strlen(line))) > 0)
		line += n;
	if (!is_command(line))
		return 1;
	row = command_find(c, line + 1, strcspn(line + 1, " "));
	return row != NULL && row->is_message;
}

/* Returns 1 where ARGS are missing, or too much: `/remove JID` would remove the
 * active contact. */
static int
needs_usage(const struct command_row *row, const char *args)
{
	if (*row->arguments == '\0')
		return *args != '\0';
	return *args == '\0' && *row->arguments != '?' && !row->is_message;
}

static void run_line(struct client *c, const char *line, size_t n);

/*
 * Does what LINE means in other clients, whose first LEN bytes are no command
 * of ours; or answers it by an error.
 */
static void
run_habit(struct client *c, const char *line, size_t len)
{
	const char *args = line + len + (line[len] == ' ');
	struct buf ours;
	int is_known;

	buf_init(&ours, INPUT_RAW_MAX + 32);
	is_known =
	    (c->source->name != NULL && ii_line(c, line, &ours)) ||
	    (client_is_typed(c) && habit_line(line + 1, len - 1, args, &ours));
	if (!is_known)
		command_unknown(c, line + 1, len - 1);
	else if (buf_len(&ours) > 0)
		run_line(c, buf_str(&ours), buf_len(&ours));
	buf_clear(&ours);
}

/*
 * Does the N bytes of LINE, which are checked and stand behind all prefixes or
 * before them.
 */
static void
run_line(struct client *c, const char *line, size_t n)
{
	size_t len = strcspn(line, " ");
	const struct command_row *row;
	const char *jid;

	answer_is_message(c, 0);
	if (n == 0) {
		answer_ok(c, NULL, NULL);
	} else if (!is_command(line)) {
		answer_is_message(c, 1);
		jid = args_active(c);
		if (jid != NULL)
			send_text(c, jid, line, n);
	} else {
		row = command_find(c, line + 1, len - 1);
		if (row == NULL) {
			run_habit(c, line, len);
			return;
		}
		c->command.row = row;
		len += line[len] == ' ';
		answer_is_message(c, row->is_message);
		/* A later /wait also finds the events that follow from these.
		 */
		if (strcmp(row->name, "otr") == 0 ||
		    strcmp(row->name, "smp") == 0)
			answer_look_anew(c);
		if (needs_usage(row, line + len))
			args_usage(c);
		else
			functions[row - command_row(0)](c, line + len);
	}
}

/* The line is what an `ask` wants to know. */
static void
answer_open_question(struct client *c, const char *line)
{
	char *text;

	answer_is_message(c, 0);
	text = args_text(c, line);
	if (text != NULL)
		command_answer(c, text);
	buf_free_secret(text);
}

/* A line that cannot be executed is answered with its label, too. */
static void
note_label(struct client *c, const char *line, size_t n)
{
	if (c->source->ask == NULL && text_to(c) == NULL)
		answer_label(c, address_label(&line, &n));
}

/* Returns 1 if more /with and /label begin LINE than anybody means, else 0. */
static int
has_many_prefixes(const char *line, size_t n)
{
	size_t len;
	int i;

	for (i = 0; i <= PREFIXES_MAX; i++) {
		len = address_prefix(line, n);
		if (len == 0)
			return 0;
		line += len;
		n -= len;
	}
	return 1;
}

static void
refuse_prefixes(struct client *c)
{
	answer_is_message(c, 1);
	answer_error(
	    c, NULL, "usage", "too many /with and /label before a line");
}

/* Returns 1 if the N bytes of LINE, behind all prefixes, are for whoever is
 * active, as far as can be told of a line that cannot be executed. */
static int
is_for_active(const char *line, size_t n)
{
	return n > 0 &&
	       (*line != '/' || (n > 4 && memcmp(line, "/me ", 4) == 0) ||
		   (n > 5 && memcmp(line, "/say ", 5) == 0));
}

/*
 * Returns whom the text in LINE, which cannot be executed, was for, as far as
 * that can be told; it may be in JID. Else NULL.
 */
static const char *
find_recipient(struct client *c, const char *line, size_t n, char jid[JID_SIZE])
{
	const char *active = client_active(c), *found = active;
	const char *end, *word, *why;
	size_t len;

	if (text_to(c) != NULL || c->source->ask != NULL)
		return text_to(c);
	do {
		word = line + (n > 6 && line[1] == 'w' ? 6 : 5);
		end =
		    n > 6 ? memchr(word, ' ', n - (size_t)(word - line)) : NULL;
		if (end != NULL && (memcmp(line, "/with ", 6) == 0 ||
				       memcmp(line, "/msg ", 5) == 0))
			found = address_read(
				    word, (size_t)(end - word), jid, &why) == -1
				    ? NULL
				    : jid;
		len = address_prefix(line, n);
		line += len;
		n -= len;
	} while (len > 0);
	return found == active && !is_for_active(line, n) ? NULL : found;
}

void
command_too_long(struct client *c, const char *line, size_t n)
{
	char jid[JID_SIZE];

	note_label(c, line, n);
	answer_error(c, find_recipient(c, line, n, jid), "too-long", NULL);
	answer_label(c, NULL);
}

void
command_line(struct client *c, const char *line, size_t n)
{
	struct buf *text = &c->command.line;
	const char *cause;
	char *copy, jid[JID_SIZE];

	if (n > (c->options.escaped ? c->source->input.max : INPUT_LINE_MAX)) {
		command_too_long(c, line, n);
		return;
	}
	buf_add(text, line, n);
	args_sanitize(c, text);
	n = buf_len(text);
	copy = buf_str(text);
	note_label(c, copy, n);
	cause = args_check(copy, n);
	if (cause != NULL)
		answer_error(c, find_recipient(c, copy, n, jid), cause, NULL);
	else if (c->source->ask != NULL)
		answer_open_question(c, copy);
	else if (text_to(c) != NULL)
		send_text(c, text_to(c), copy, n);
	else if (has_many_prefixes(copy, n))
		refuse_prefixes(c);
	else
		run_line(c, copy, n);
	buf_wipe(copy, n);
	buf_reset(text);
	if (n > LINE_KEPT)
		buf_clear(text);
	answer_label(c, NULL);
}

void
commands_init(struct client *c)
{
	buf_init(&c->command.line, INPUT_RAW_MAX);
}

void
commands_clear(struct client *c)
{
	buf_clear(&c->command.line);
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
	if (c->link.state == LINK_OFFLINE) {
		answer_ok(c, NULL, "not connected");
		return;
	}
	answer_wait(c, ANSWER_DISCONNECT, 1, 0);
	session_disconnect(c);
}

void
command_quit(struct client *c, const char *args)
{
	(void)args;
	answer_ok(c, NULL, NULL);
	answer_no_more(c);
}

void
command_carbons(struct client *c, const char *args)
{
	int on = strcmp(args, "on") == 0;

	if (!on && strcmp(args, "off") != 0)
		args_usage(c);
	else
		copies_want(c, on);
}

void
command_label(struct client *c, const char *args)
{
	size_t n = strcspn(args, " ");

	if (!address_is_token(args, n)) {
		args_usage(c);
		return;
	}
	answer_label(c, buf_memdup(args, n));
	args += n + (args[n] == ' ');
	run_line(c, args, strlen(args));
}

void
command_with(struct client *c, const char *args)
{
	size_t n = strcspn(args, " ");
	const char *before = c->command.with;
	char jid[JID_SIZE];

	if (n == 0) {
		args_usage(c);
		return;
	}
	answer_is_message(c, 1);
	args = args_person(c, args, jid);
	if (args == NULL)
		return;
	c->command.with = jid;
	run_line(c, args, strlen(args));
	c->command.with = before;
}

void
command_msg(struct client *c, const char *args)
{
	size_t n = strcspn(args, " ");
	const char *text;
	char jid[JID_SIZE];

	if (args[n] == '\0')
		args_usage(c);
	else if ((text = args_person(c, args, jid)) != NULL)
		send_text(c, jid, text, strlen(text));
}

void
command_say(struct client *c, const char *args)
{
	const char *jid = args_active(c);

	if (jid == NULL)
		return;
	if (*args == '\0')
		args_usage(c);
	else
		send_text(c, jid, args, strlen(args));
}

/* Sends TEXT in the place of the message ID (NULL: the last one). */
static void
send_correction(struct client *c, const char *id, const char *text)
{
	static const char why[] = "this client has sent no such message there";
	const char *jid = args_active(c), *found;
	char *original;

	if (jid == NULL)
		return;
	found = chat_original(c, jid, id);
	if (*text == '\0') {
		args_usage(c);
	} else if (found == NULL) {
		answer_error(c, jid, "item-not-found", why);
	} else {
		original = buf_strdup(found);
		send_typed(c, jid, text, strlen(text), original);
		free(original);
	}
}

void
command_correct(struct client *c, const char *args)
{
	send_correction(c, NULL, args);
}

void
command_correct_id(struct client *c, const char *args)
{
	size_t n = strcspn(args, " "), at;
	const char *why;
	struct buf id;

	buf_init(&id, INPUT_LINE_MAX);
	if (args[n] == '\0' || escape_read(&id, args, n, &why, &at) != 1)
		args_usage(c);
	else
		send_correction(c, buf_str(&id), args + n + 1);
	buf_clear(&id);
}

void
command_wait(struct client *c, const char *args)
{
	wait_command(c, args);
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
		args_usage(c);
		return;
	}
	status = args_text(c, args + n + (args[n] == ' '));
	if (status == NULL)
		return;
	session_show(c, words[i].show, status);
	free(status);
	/* In a pipe nobody needs to be told what they said. */
	snprintf(now, sizeof now, "your presence is %s",
	    roster_show_name(c->self.show));
	answer_ok(c, NULL,
	    c->link.state != LINK_ONLINE ? "told when connected"
	    : c->options.terminal	 ? now
					 : NULL);
}

void
command_priority(struct client *c, const char *args)
{
	char *end, now[80];
	long n = strtol(args, &end, 10);

	if (*args == ' ' || *end != '\0' || n < -128 || n > 127) {
		answer_error(c, NULL, "usage",
		    "usage: /priority N, which is from -128 to 127");
		return;
	}
	session_priority(c, (int)n);
	snprintf(now, sizeof now, "your priority is %d%s", (int)n,
	    c->link.state == LINK_ONLINE ? ""
					 : ", which is told when "
					   "connected");
	answer_ok(c, NULL, now);
}
