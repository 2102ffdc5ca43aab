#include "line/setup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "otr/key.h"
#include "store/log.h"

#define STATUS_USAGE  64
#define STATUS_CONFIG 78

/* Notes why the start fails, with STATUS. Returns -1. */
__attribute__((format(printf, 3, 4))) static int
fail(struct setup *s, int status, const char *format, ...)
{
	char text[4096 + JID_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	s->status = status;
	buf_clear(&s->why);
	buf_init(&s->why, sizeof text);
	buf_adds(&s->why, text);
	return -1;
}

static int
fail_dir(struct setup *s)
{
	return fail(s, STATUS_CONFIG, "%s", dir_why(s->dir));
}

/* Reads the file NAME, which must be there unless OPTIONAL. 1, 0 or -1. */
static int
read_file(struct setup *s, const char *name, int optional, struct buf *text)
{
	int found;

	buf_init(text, DIR_FILE);
	found = dir_read(s->dir, name, DIR_FILE, text);
	if (found != 1)
		buf_clear(text);
	if (found == -1)
		return fail_dir(s);
	if (found == 0 && !optional)
		return fail(s, STATUS_CONFIG,
		    "%s/%s: there is no such file; jackline --configure "
		    "makes it",
		    dir_path(s->dir), name);
	return found;
}

static int
read_config(struct setup *s)
{
	int line, column, status = 0;
	struct buf text;
	char why[160];

	if (read_file(s, "config.sexp", 0, &text) == -1)
		return -1;
	if (config_parse(&s->config, buf_data(&text), buf_len(&text), &line,
		&column, why) == -1)
		status = fail(s, STATUS_CONFIG,
		    "%s/config.sexp: line %d, column %d: %s", dir_path(s->dir),
		    line, column, why);
	buf_clear(&text);
	return status;
}

static int
read_jid(struct setup *s, const char *resource)
{
	char jid[2 * JID_SIZE];
	const char *why;
	int n;

	n = snprintf(jid, sizeof jid, "%s", s->config.jid);
	if (resource != NULL)
		n = snprintf(jid, sizeof jid, "%.*s/%s",
		    (int)jid_bare_len(s->config.jid), s->config.jid, resource);
	if (n >= (int)sizeof jid)
		why = "it is too long";
	else if (jid_parse(jid, strlen(jid), s->jid, &why) == 0)
		why = strchr(s->jid, '@') == NULL
			  ? "USER@HOST/RESOURCE is expected"
			  : NULL;
	if (why == NULL)
		return 0;
	return fail(s, resource == NULL ? STATUS_CONFIG : STATUS_USAGE,
	    "%s/config.sexp: jid %s: %s", dir_path(s->dir), jid, why);
}

/* The trust anchor or fingerprint that the configuration names. */
static int
read_trust(struct setup *s)
{
	const char *path = s->config.trust_anchor, *why;
	struct buf pem;
	int found;

	if (path == NULL) {
		if (config_fingerprint(s->config.fingerprint, s->pin) == 0)
			return 0;
		return fail(s, STATUS_CONFIG,
		    "%s/config.sexp: fingerprint %s: a SHA-256 of 64 "
		    "hexadecimal digits is expected",
		    dir_path(s->dir), s->config.fingerprint);
	}
	buf_init(&pem, DIR_FILE);
	found = dir_read_path(s->dir, path, DIR_FILE, &pem);
	if (found == 1)
		s->anchors =
		    tls_anchors_new(buf_data(&pem), buf_len(&pem), &why);
	buf_clear(&pem);
	if (found == -1)
		return fail_dir(s);
	if (s->anchors == NULL)
		return fail(s, STATUS_CONFIG, "trust anchor %s: %s", path,
		    found == 0 ? "there is no such file" : why);
	return 0;
}

/* Before version 3 the key is inside config.sexp. */
int
setup_key(struct setup *s)
{
	const char *name =
	    s->config.dsa == NULL ? "otr_dsa.sexp" : "config.sexp: dsa";
	struct key *key;
	char why[160];

	if (s->config.dsa != NULL) {
		buf_init(&s->key, DIR_FILE);
		buf_adds(&s->key, s->config.dsa);
	} else if (read_file(s, "otr_dsa.sexp", 0, &s->key) == -1) {
		return -1;
	}
	key = key_parse(buf_data(&s->key), buf_len(&s->key), why);
	if (key == NULL)
		return fail(
		    s, STATUS_CONFIG, "%s/%s: %s", dir_path(s->dir), name, why);
	key_free(key);
	return 0;
}

int
setup_config(struct setup *s, const char *resource)
{
	if (read_config(s) == -1 || read_jid(s, resource) == -1)
		return -1;
	return read_trust(s);
}

int
setup_directory(struct setup *s, const char *path, int options)
{
	buf_init(&s->password, SETUP_PASSWORD);
	s->dir = dir_new();
	switch (dir_open(s->dir, path, options)) {
	case -1:
		return fail_dir(s);
	case 0:
		return fail(s, STATUS_CONFIG,
		    "%s: there is no such directory; jackline --configure "
		    "makes it",
		    path);
	}
	return 0;
}

int
setup_colours(struct setup *s, struct colours *c)
{
	struct sexp_error e;
	struct buf text;
	int status;

	colours_init(c);
	status = read_file(s, "colours.sexp", 1, &text);
	if (status == 1)
		status = colours_parse(c, buf_data(&text), buf_len(&text), &e);
	if (status == -1 && s->status == 0)
		fail(s, STATUS_CONFIG,
		    "%s/colours.sexp: line %d, column %d: %s", dir_path(s->dir),
		    e.line, e.column, e.why);
	buf_clear(&text);
	return status == -1 ? -1 : 0;
}

int
setup_open(struct setup *s, const char *path, int options, const char *resource)
{
	if (setup_directory(s, path, options) == -1 ||
	    setup_config(s, resource) == -1)
		return -1;
	return setup_key(s);
}

int
setup_password(struct setup *s)
{
	int found;

	if (s->config.password != NULL) {
		if (buf_adds(&s->password, s->config.password) == 0)
			return 1;
		return fail(s, STATUS_CONFIG, "the password is too long");
	}
	found = dir_read(s->dir, "password", SETUP_PASSWORD, &s->password);
	return found == -1 ? fail_dir(s) : found;
}

int
setup_password_trim(struct setup *s)
{
	static const char blanks[] = " \t\n\r\f\v";
	struct buf *b = &s->password;
	const char *p = buf_str(b);
	size_t n;

	buf_drop(b, strspn(p, blanks));
	for (n = buf_len(b), p = buf_str(b);
	     n > 0 && strchr(blanks, p[n - 1]) != NULL; n--)
		;
	buf_cut(b, n);
	if (n == 0)
		return fail(s, STATUS_CONFIG, "the password is empty");
	if (strlen(buf_str(b)) != n)
		return fail(s, STATUS_CONFIG, "the password holds a NUL");
	return 0;
}

void
setup_options(struct setup *s, struct client_options *o)
{
	o->jid = s->jid;
	o->password = buf_str(&s->password);
	o->hostname = s->config.hostname;
	o->port = s->config.port;
	o->priority = s->config.priority;
	o->name = s->config.certificate_hostname;
	o->anchors = s->anchors;
	o->pin = s->anchors == NULL ? s->pin : NULL;
	o->muc_max_stanzas = s->config.muc_max_stanzas;
	o->otr_key = buf_str(&s->key);
	o->otr_key_len = buf_len(&s->key);
	o->otr_policies = s->config.policies;
	o->otr_versions = s->config.versions;
	o->read_only = dir_is_read_only(s->dir);
	o->torn = dir_was_marked(s->dir);
}

/* Hands the file users/NAME to C. */
static int
read_user(struct setup *s, struct client *c, const char *name)
{
	struct buf path, text;
	int found;

	buf_init(&path, 4096);
	buf_addf(&path, "users/%s", name);
	found = read_file(s, buf_str(&path), 1, &text);
	if (found == 1)
		client_keep(c, name, buf_data(&text), buf_len(&text));
	buf_clear(&text);
	buf_clear(&path);
	return found == -1 ? -1 : 0;
}

int
setup_users(struct setup *s, struct client *c)
{
	size_t i, count = 0;
	struct buf text;
	char **names;
	int status = 0;

	if (dir_list(s->dir, "users", &names, &count) == -1)
		return fail_dir(s);
	for (i = 0; i < count && status == 0; i++)
		status = read_user(s, c, names[i]);
	dir_list_free(names, count);
	if (status == -1)
		return -1;
	status = read_file(s, "users.sexp", 1, &text);
	if (status == 1)
		client_keep_old(c, buf_data(&text), buf_len(&text));
	buf_clear(&text);
	return status == -1 ? -1 : 0;
}

/* Where the last record is torn, the next one must not be glued to it. */
static int
repair(struct setup *s, struct client *c, const char *name)
{
	const char *jid = strchr(name, '/') + 1;
	char why[640];
	int64_t torn;

	if (map_find(&s->repaired, jid) != NULL)
		return 0;
	switch (log_repair(s->dir, jid, &torn)) {
	case -1:
		return -1;
	case 1:
		snprintf(why, sizeof why,
		    "%.255s: %lld bytes at its end are no whole record; they "
		    "are kept in histories/.%.255s.torn",
		    name, (long long)torn, jid);
		client_warning(c, NULL, why);
	}
	map_add(&s->repaired, jid, s);
	return 0;
}

static int
append(struct setup *s, struct client *c, const struct client_store *x)
{
	if (repair(s, c, x->name) == -1)
		return -1;
	return dir_append(s->dir, x->name, x->bytes, x->len, x->sync);
}

static int
history(struct setup *s, struct client *c, const struct client_store *x)
{
	struct history *h =
	    log_last(s->dir, strchr(x->name, '/') + 1, x->count);

	if (h == NULL)
		return -1;
	client_history(c, h);
	history_free(h);
	return 0;
}

static int
store(struct setup *s, struct client *c, const struct client_store *x)
{
	switch (x->what) {
	case CLIENT_REPLACE:
		return dir_replace(s->dir, x->name, x->bytes, x->len);
	case CLIENT_APPEND:
		return append(s, c, x);
	case CLIENT_HISTORY:
		return history(s, c, x);
	case CLIENT_REMOVE:
		return dir_remove(s->dir, x->name);
	case CLIENT_SET_ASIDE:
		return dir_set_aside(s->dir, x->name, 0);
	case CLIENT_MARK:
		dir_mark(s->dir, x->count > 0);
		return 0;
	}
	return 0;
}

void
setup_store(struct setup *s, struct client *c)
{
	const struct client_store *x;

	while ((x = client_store(c)) != NULL)
		client_stored(c, store(s, c, x) == -1 ? dir_why(s->dir) : NULL);
}

void
setup_clear(struct setup *s)
{
	tls_anchors_free(s->anchors);
	config_clear(&s->config);
	buf_clear(&s->key);
	buf_clear(&s->password);
	buf_clear(&s->why);
	map_clear(&s->repaired);
	dir_free(s->dir);
	memset(s, 0, sizeof *s);
}
