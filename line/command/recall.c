/*
 * The commands about what is kept of a conversation: /history and /log.
 */
#include <string.h>

#include "line/command/args.h"
#include "line/command/command.h"
#include "line/disk/users.h"

#define COUNT	  20 /* of /history without N */

#define COUNT_MAX 100000

void
command_log(struct client *c, const char *args)
{
	const char *remark, *jid;
	struct user *u;
	char bare[JID_SIZE];
	int on = strcmp(args, "on") == 0;

	if (!on && strcmp(args, "off") != 0) {
		args_usage(c);
		return;
	}
	jid = args_active(c);
	if (jid == NULL)
		return;
	jid_bare(jid, bare);
	if (!args_is_other(c, bare))
		return;
	remark = c->options.read_only ? NULL
		 : on		      ? "what is said is kept from now on"
				      : "nothing more is kept";
	u = users_need(c, bare);
	if (u->preserve == on) {
		answer_ok(c, bare, remark);
		return;
	}
	u->preserve = on;
	users_line(c, bare, on ? ANSWER_LOG : ANSWER_STORE, NULL, remark);
}

void
command_history(struct client *c, const char *args)
{
	long n = args_count(args, COUNT, COUNT_MAX);
	char name[USERS_NAME];
	struct answer *job;
	const char *jid;

	if (n == -1) {
		args_usage(c);
		return;
	}
	jid = args_active(c);
	if (jid == NULL)
		return;
	job = answer_wait(c, ANSWER_HISTORY, 1, 0);
	job->subject = buf_alloc(JID_SIZE);
	jid_bare(jid, job->subject);
	users_name(c, "histories", jid, name);
	users_read(c, name, (size_t)n, USERS_READING_LINE);
}
