#include "line/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/escape.h"
#include "line/setup.h"
#include "store/colours.h"
#include "store/log.h"
#include "store/user.h"

#define WHY_MAX 8192

struct check {
	struct setup setup;
	struct buf *out;
	int wrong;
};

/* Writes the line about NAME; FORMAT NULL: it is ok. */
__attribute__((format(printf, 3, 4))) static void
tell(struct check *k, const char *name, const char *format, ...)
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

/* The line about NAME by what reading it in setup.c led to. */
static void
tell_setup(struct check *k, const char *name, int status)
{
	if (status == -1)
		tell(k, name, "%s", buf_str(&k->setup.why));
	else if (status == 1)
		tell(k, name, NULL);
}

static void
tell_place(struct check *k, const char *name, const struct sexp_error *e)
{
	tell(k, name, "line %d, column %d: %s", e->line, e->column, e->why);
}

/* Reads NAME; 1 where it is there, else what there is to say was said. */
static int
read_file(struct check *k, const char *name, struct buf *text)
{
	int found;

	buf_init(text, DIR_FILE);
	found = dir_read(k->setup.dir, name, DIR_FILE, text);
	if (found == -1)
		tell(k, name, "%s", dir_why(k->setup.dir));
	return found;
}

static void
check_account(struct check *k)
{
	struct setup *s = &k->setup;
	int found;

	tell_setup(k, "config.sexp", setup_config(s, NULL) == -1 ? -1 : 1);
	if (s->config.dsa == NULL)
		tell_setup(k, "otr_dsa.sexp", setup_key(s) == -1 ? -1 : 1);
	else if (setup_key(s) == -1)
		tell_setup(k, "config.sexp", -1);
	if (s->config.password != NULL)
		return;
	found = setup_password(s);
	if (found == 1 && setup_password_trim(s) == -1)
		found = -1;
	tell_setup(k, "password", found);
}

static void
check_colours(struct check *k)
{
	static const char name[] = "colours.sexp";
	struct sexp_error e;
	struct colours c;
	struct buf text;

	if (read_file(k, name, &text) == 1) {
		if (colours_parse(&c, buf_data(&text), buf_len(&text), &e) ==
		    -1)
			tell_place(k, name, &e);
		else
			tell(k, name, NULL);
	}
	buf_clear(&text);
}

static void
check_old_users(struct check *k)
{
	static const char name[] = "users.sexp";
	struct user *list = NULL;
	struct sexp_error e;
	struct buf text;
	size_t i, count = 0;

	if (read_file(k, name, &text) == 1) {
		if (user_parse_list(&list, &count, buf_data(&text),
			buf_len(&text), &e) != 0)
			tell_place(k, name, &e);
		else
			tell(k, name, NULL);
	}
	for (i = 0; i < count; i++)
		user_clear(&list[i]);
	free(list);
	buf_clear(&text);
}

/* Whether A and B, as files and their contents spell them, are the same. */
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

	if (read_file(k, name, &text) == 1) {
		if (user_parse(&u, buf_data(&text), buf_len(&text), &e) == -1)
			tell_place(k, name, &e);
		else if (!same_jid(leaf, u.jid))
			tell(k, name, "what is inside is about another JID: %s",
			    u.jid);
		else
			tell(k, name, NULL);
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
		tell(k, name, "%s", dir_why(k->setup.dir));
		return;
	}
	why = history_why(h, &offset);
	if (why != NULL)
		tell(k, name,
		    "damaged in %zu places, the first at byte %" PRIu64 ": %s",
		    history_torn(h), offset + 1, why);
	else
		tell(k, name, NULL);
	history_free(h);
}

/* Each file of the subdirectory SUB. */
static void
check_all(struct check *k, const char *sub,
    void (*check)(struct check *, const char *, const char *))
{
	char **names;
	struct buf name;
	size_t i, count = 0;

	if (dir_list(k->setup.dir, sub, &names, &count) == -1) {
		tell(k, sub, "%s", dir_why(k->setup.dir));
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

	if (setup_directory(&k.setup, path, DIR_READ_ONLY) == -1) {
		buf_adds(why, buf_str(&k.setup.why));
		k.wrong = -1;
	} else {
		check_account(&k);
		check_colours(&k);
		check_old_users(&k);
		check_all(&k, "users", check_user);
		check_all(&k, "histories", check_history);
	}
	setup_clear(&k.setup);
	return k.wrong;
}
