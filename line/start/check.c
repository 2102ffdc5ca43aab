#include "line/start/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/start/setup.h"
#include "line/talk/omemo_file.h"
#include "line/text/escape.h"
#include "store/entry.h"
#include "store/log.h"
#include "store/user.h"

#define WHY_MAX 8192

struct check {
	struct setup setup;
	struct buf *out;
	int wrong;
};

/* Writes the line of the file NAME: FORMAT says what is wrong, NULL for `ok`.
 */
__attribute__((format(printf, 3, 4))) static void
report_file(struct check *k, const char *name, const char *format, ...)
{
	char why[WHY_MAX] = "ok";
	va_list args;

	if (format != NULL) {
		va_start(args, format);
		vsnprintf(why, sizeof why, format, args);
		va_end(args);
		k->wrong++;
	}
	escape_write(k->out, name, strlen(name), 0);
	buf_addc(k->out, '\t');
	escape_write(k->out, why, strlen(why), 0);
	buf_addc(k->out, '\n');
}

/*
 * Writes the line of NAME by STATUS, the result of a reader of setup.h: 1 ok, 0
 * absent and no line, -1 wrong.
 */
static void
report_status(struct check *k, const char *name, int status)
{
	if (status == -1)
		report_file(k, name, "%s", buf_str(&k->setup.why));
	else if (status == 1)
		report_file(k, name, NULL);
}

static void
report_error(struct check *k, const char *name, const struct sexp_error *e)
{
	report_file(
	    k, name, "line %d, column %d: %s", e->line, e->column, e->why);
}

/* Reads NAME. Returns 1; 0 if it is absent; -1 after writing its line. */
static int
check_read(struct check *k, const char *name, struct buf *text)
{
	int found = setup_read(&k->setup, name, text);

	if (found == -1)
		report_status(k, name, -1);
	return found;
}

static void
check_account(struct check *k)
{
	struct setup *s = &k->setup;
	int found;

	report_status(k, "config.sexp", setup_config(s, NULL) == -1 ? -1 : 1);
	if (s->config.dsa == NULL)
		report_status(k, "otr_dsa.sexp", setup_key(s) == -1 ? -1 : 1);
	else if (setup_key(s) == -1)
		report_status(k, "config.sexp", -1);
	if (s->config.password != NULL)
		return;
	found = setup_password(s);
	if (found == 1 && setup_password_check(s) == -1)
		found = -1;
	report_status(k, "password", found);
}

static void
check_old_users(struct check *k)
{
	static const char name[] = "users.sexp";
	struct user *list = NULL;
	struct sexp_error e;
	struct buf text;
	size_t i, count = 0;

	if (check_read(k, name, &text) == 1) {
		if (user_parse_list(&list, &count, buf_data(&text),
			buf_len(&text), &e) != 0)
			report_error(k, name, &e);
		else
			report_file(k, name, NULL);
	}
	for (i = 0; i < count; i++)
		user_clear(&list[i]);
	free(list);
	buf_clear(&text);
}

/* Returns 1 if A and B are the same bare JID once prepared (RFC 7622). */
static int
same_jid(const char *a, const char *b)
{
	char x[JID_SIZE], y[JID_SIZE];

	return jid_parse(a, strlen(a), x, NULL) == 0 &&
	       jid_parse(b, strlen(b), y, NULL) == 0 && strcmp(x, y) == 0 &&
	       jid_resource(x) == NULL;
}

static void
check_user(struct check *k, const char *name, const char *leaf)
{
	struct sexp_error e;
	struct buf text;
	struct user u;

	if (check_read(k, name, &text) == 1) {
		if (user_parse(&u, buf_data(&text), buf_len(&text), &e) == -1)
			report_error(k, name, &e);
		else if (!same_jid(leaf, u.jid))
			report_file(k, name,
			    "what is inside is about another JID: %s", u.jid);
		else
			report_file(k, name, NULL);
		user_clear(&u);
	}
	buf_clear(&text);
}

static void
check_history(struct check *k, const char *name, const char *leaf)
{
	struct history *h = log_check(k->setup.dir, leaf);
	uint64_t offset = 0;
	const char *why;

	if (h == NULL) {
		report_file(k, name, "%s", dir_why(k->setup.dir));
		return;
	}
	why = history_why(h, &offset);
	if (why != NULL)
		report_file(k, name,
		    "damaged in %zu places, the first at byte %" PRIu64 ": %s",
		    history_torn(h), offset + 1, why);
	else
		report_file(k, name, NULL);
	history_free(h);
}

static void
check_position(struct check *k, const char *name, const char *leaf)
{
	const char *why = NULL, *at;
	struct entry_line l;
	struct buf text;
	size_t n, len, line = 0;

	(void)leaf;
	if (check_read(k, name, &text) == 1) {
		at = buf_str(&text);
		n = buf_len(&text);
		do {
			len = entry_read(&l, at, n, &why);
			at += len;
			n -= len;
			line++;
		} while (len > 0 && why == NULL);
		if (why == NULL && n > 0)
			why = "the line has no end; it does no harm";
		if (why != NULL)
			report_file(k, name, "line %zu: %s", line, why);
		else
			report_file(k, name, NULL);
	}
	buf_clear(&text);
}

static void
check_omemo(struct check *k, const char *name, const char *leaf)
{
	struct omemo_contact contact;
	struct sexp_error e;
	char jid[JID_SIZE];
	struct buf text;
	int status;

	if (check_read(k, name, &text) == 1) {
		if (strcmp(leaf, OMEMO_FILE_DEVICE) == 0)
			status = omemo_file_device(
			    buf_data(&text), buf_len(&text), &e);
		else
			status = omemo_contact_parse(
			    &contact, buf_data(&text), buf_len(&text), &e);
		if (status == -1)
			report_error(k, name, &e);
		else if (strcmp(leaf, OMEMO_FILE_DEVICE) != 0 &&
			 (jid_parse(leaf, strlen(leaf), jid, NULL) == -1 ||
			     strcmp(jid, leaf) != 0 ||
			     jid_resource(jid) != NULL))
			report_file(k, name,
			    "the name is not a bare JID: it is ignored");
		else
			report_file(k, name, NULL);
		if (status == 0 && strcmp(leaf, OMEMO_FILE_DEVICE) != 0)
			omemo_contact_clear(&contact);
	}
	buf_clear(&text);
}

/* Calls CHECK for each file of the subdirectory SUB. */
static void
check_all(struct check *k, const char *sub,
    void (*check)(struct check *, const char *, const char *))
{
	char **names;
	struct buf name;
	size_t i, count = 0;

	if (dir_list(k->setup.dir, sub, &names, &count) == -1) {
		report_file(k, sub, "%s", dir_why(k->setup.dir));
		return;
	}
	buf_init(&name, 4096);
	for (i = 0; i < count; i++) {
		buf_reset(&name);
		buf_addf(&name, "%s/%s", sub, names[i]);
		check(k, buf_str(&name), names[i]);
	}
	buf_clear(&name);
	dir_list_free(names, count);
}

int
check_directory(const char *path, struct buf *out, struct buf *why)
{
	struct check k = {.out = out};
	struct colours colours;

	if (setup_directory(&k.setup, path, DIR_READ_ONLY) == -1) {
		buf_adds(why, buf_str(&k.setup.why));
		k.wrong = -1;
	} else {
		check_account(&k);
		report_status(
		    &k, "colours.sexp", setup_colours(&k.setup, &colours));
		report_status(&k, "features", setup_features(&k.setup));
		check_old_users(&k);
		check_all(&k, "users", check_user);
		check_all(&k, "histories", check_history);
		check_all(&k, "positions", check_position);
		report_status(&k, "omemo.sexp", setup_omemo(&k.setup));
		check_all(&k, "omemo", check_omemo);
	}
	setup_clear(&k.setup);
	return k.wrong;
}
