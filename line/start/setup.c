#include "line/start/setup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "line/core/state.h"
#include "line/talk/omemo_file.h"
#include "omemo/contact.h"
#include "otr/otr.h"
#include "sexp/utf8.h"
#include "store/features.h"
#include "store/log.h"

#define STATUS_USAGE  64
#define STATUS_CONFIG 78

/* config.sexp and users/ store the bits that otr/ reads. */
#define SAME_BIT(name)                                                         \
	_Static_assert(CONFIG_##name == OTR_##name, "other bits in otr/otr.h")
SAME_BIT(REQUIRE_ENCRYPTION);
SAME_BIT(SEND_WHITESPACE_TAG);
SAME_BIT(WHITESPACE_START_AKE);
SAME_BIT(ERROR_START_AKE);
SAME_BIT(REVEAL_MACS);
_Static_assert(CONFIG_OTR_V2 == OTR_V2 && CONFIG_OTR_V3 == OTR_V3,
    "other versions in otr/otr.h");

/* Returns the command that makes or mends a configuration. */
static const char *
repair_command(const struct setup *s)
{
	return s->command == NULL ? "jackline --configure" : s->command;
}

/* Keeps the exit status and the reason of a failure. Returns -1. */
__attribute__((format(printf, 3, 4))) static int
setup_fail(struct setup *s, int status, const char *format, ...)
{
	char text[4096 + JID_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	s->status = status;
	buf_clear(&s->why);
	buf_init(&s->why, 2 * sizeof text);
	buf_adds(&s->why, text);
	return -1;
}

static int
fail_dir(struct setup *s)
{
	return setup_fail(s, STATUS_CONFIG, "%s", dir_why(s->dir));
}

int
setup_read(struct setup *s, const char *name, struct buf *text)
{
	int found;

	buf_init(text, DIR_FILE);
	found = dir_read(s->dir, name, DIR_FILE, text);
	if (found != 1)
		buf_clear(text);
	return found == -1 ? fail_dir(s) : found;
}

/* setup_read for a file that must exist. */
static int
read_needed(struct setup *s, const char *name, struct buf *text)
{
	int found = setup_read(s, name, text);

	if (found == 0)
		return setup_fail(s, STATUS_CONFIG,
		    "%s/%s: there is no such file; %s makes it",
		    dir_path(s->dir), name, repair_command(s));
	return found;
}

static int
read_config(struct setup *s)
{
	int line, column, status = 0;
	struct buf text;
	char why[160];

	if (read_needed(s, "config.sexp", &text) == -1)
		return -1;
	if (config_parse(&s->config, buf_data(&text), buf_len(&text), &line,
		&column, why) == -1)
		status = setup_fail(s, STATUS_CONFIG,
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
		why = jid_has_local(s->jid) ? NULL
					    : "USER@HOST/RESOURCE is expected";
	if (why == NULL)
		return 0;
	return setup_fail(s, resource == NULL ? STATUS_CONFIG : STATUS_USAGE,
	    "%s/config.sexp: jid %s: %s", dir_path(s->dir), jid, why);
}

int
setup_trust(struct setup *s)
{
	const char *path = s->config.trust_anchor, *why = NULL;
	struct tls_anchors *anchors = NULL;
	unsigned char pin[TLS_PIN] = {0};
	struct buf pem;
	int found = 1;

	buf_init(&pem, DIR_FILE);
	if (path == NULL) {
		if (config_fingerprint(s->config.fingerprint, pin) == -1)
			why = "64 hexadecimal digits are expected";
		path = s->config.fingerprint;
	} else {
		found = dir_read_path(s->dir, path, DIR_FILE, &pem);
		if (found == 1)
			anchors = tls_anchors_new(
			    buf_data(&pem), buf_len(&pem), &why);
		else if (found == 0)
			why = "there is no such file";
	}
	buf_clear(&pem);
	if (found == -1)
		return fail_dir(s);
	if (why != NULL)
		return setup_fail(s, STATUS_CONFIG, "%s %s: %s",
		    s->config.trust_anchor == NULL ? "fingerprint"
						   : "trust anchor",
		    path, why);
	tls_anchors_free(s->anchors);
	s->anchors = anchors;
	memcpy(s->pin, pin, sizeof s->pin);
	return 0;
}

/* Before version 3 of config.sexp the key is a part of it. */
int
setup_key(struct setup *s)
{
	const char *name =
	    s->config.dsa == NULL ? "otr_dsa.sexp" : "config.sexp: dsa";
	struct buf text;
	char why[160];

	if (s->config.dsa != NULL) {
		buf_init(&text, DIR_FILE);
		buf_adds(&text, s->config.dsa);
	} else if (read_needed(s, "otr_dsa.sexp", &text) == -1) {
		return -1;
	}
	privkey_free(s->key);
	s->key = privkey_parse(buf_data(&text), buf_len(&text), why);
	buf_clear(&text);
	if (s->key == NULL)
		return setup_fail(
		    s, STATUS_CONFIG, "%s/%s: %s", dir_path(s->dir), name, why);
	return 0;
}

int
setup_omemo(struct setup *s)
{
	int found = setup_read(s, "omemo.sexp", &s->omemo);
	struct sexp_error e;

	/* Without it text that was to be encrypted might go in the clear. */
	if (found == 1 && omemo_file_identity(buf_data(&s->omemo),
			      buf_len(&s->omemo), &e) == -1)
		return setup_fail(s, STATUS_CONFIG,
		    "%s/omemo.sexp: line %d, column %d: %s", dir_path(s->dir),
		    e.line, e.column, e.why);
	return found;
}

int
setup_account(struct setup *s, const char *resource)
{
	return read_config(s) == -1 ? -1 : read_jid(s, resource);
}

int
setup_config(struct setup *s, const char *resource)
{
	char why[4096];

	if (setup_account(s, resource) == -1)
		return -1;
	if (setup_trust(s) == 0)
		return 0;
	snprintf(why, sizeof why, "%s", buf_str(&s->why));
	return setup_fail(s, STATUS_CONFIG,
	    "%s/config.sexp: %s; %s can change it", dir_path(s->dir), why,
	    repair_command(s));
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
		return setup_fail(s, STATUS_CONFIG,
		    "%s: there is no such directory; %s makes it", path,
		    repair_command(s));
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
	status = setup_read(s, "colours.sexp", &text);
	if (status == 1 &&
	    colours_parse(c, buf_data(&text), buf_len(&text), &e) == -1)
		status = setup_fail(s, STATUS_CONFIG,
		    "%s/colours.sexp: line %d, column %d: %s", dir_path(s->dir),
		    e.line, e.column, e.why);
	buf_clear(&text);
	return status;
}

int
setup_features(struct setup *s)
{
	struct features f;
	struct sexp_error e;
	struct buf text;
	int status;

	status = setup_read(s, "features", &text);
	if (status == 1 &&
	    features_parse(&f, buf_data(&text), buf_len(&text), &e) == -1)
		status = setup_fail(s, STATUS_CONFIG,
		    "%s/features: line %d, column %d: %s; it may be deleted",
		    dir_path(s->dir), e.line, e.column, e.why);
	if (status == 1) {
		s->offer.mechanisms = f.mechanisms;
		s->offer.types = f.unique;
		s->offer.features = f.stream;
	}
	s->offer_stored = s->offer;
	buf_clear(&text);
	return status;
}

/* Writes S->offer to the file features if it is not there already. */
static void
store_features(struct setup *s)
{
	struct features f = {.mechanisms = s->offer.mechanisms,
	    .unique = s->offer.types,
	    .stream = s->offer.features};
	struct buf text;

	if (memcmp(&s->offer, &s->offer_stored, sizeof s->offer) == 0)
		return;
	s->offer_stored = s->offer;
	if (f.stream == 0 || dir_is_read_only(s->dir))
		return;
	buf_init(&text, DIR_FILE);
	if (features_print(&f, &text) == 0)
		dir_replace(
		    s->dir, "features", buf_data(&text), buf_len(&text));
	buf_clear(&text);
}

/*
 * Refuses RESOURCE if the jackline that runs on the directory has it: the
 * server would end one of the two sessions (RFC 6120 7.7.2.2).
 */
static int
check_resource(struct setup *s, const char *resource)
{
	char jid[JID_SIZE];
	const char *own = s->config.jid, *why;

	if (jid_parse(own, strlen(own), jid, &why) == -1 ||
	    strcmp(jid, s->jid) != 0 || !dir_is_in_use(s->dir))
		return 0;
	return setup_fail(s, STATUS_CONFIG,
	    "-r %s: this is the resource of the jackline that runs on %s",
	    resource, dir_path(s->dir));
}

int
setup_open(struct setup *s, const char *path, int options, const char *resource)
{
	if (setup_directory(s, path, options) == -1 ||
	    setup_config(s, resource) == -1)
		return -1;
	if (resource != NULL && check_resource(s, resource) == -1)
		return -1;
	if (setup_key(s) == -1)
		return -1;
	if (setup_omemo(s) == -1)
		return -1;
	/* A broken one costs a few round trips, and --check reports it. */
	if (setup_features(s) == -1)
		s->status = 0;
	return 0;
}

/* Removes the blanks at both ends of B, as the original does with its file. */
static void
cut_blanks(struct buf *b)
{
	static const char blanks[] = " \t\n\r\f\v";
	const char *p = buf_str(b);
	size_t n;

	buf_drop(b, strspn(p, blanks));
	for (n = buf_len(b), p = buf_str(b);
	     n > 0 && strchr(blanks, p[n - 1]) != NULL; n--)
		;
	buf_cut(b, n);
}

int
setup_password(struct setup *s)
{
	int found;

	if (s->config.password != NULL) {
		if (buf_adds(&s->password, s->config.password) == 0)
			return 1;
		return setup_fail(s, STATUS_CONFIG, "the password is too long");
	}
	found = dir_read(s->dir, "password", SETUP_PASSWORD, &s->password);
	cut_blanks(&s->password);
	return found == -1 ? fail_dir(s) : found;
}

const char *
setup_password_why(const char *password)
{
	struct sasl *login;
	const char *why;

	if (utf8_valid(password, strlen(password)) != strlen(password))
		return "the password is not UTF-8";
	login = sasl_new("user", password, "abcdefghijklmnopqrstuvwx");
	why = sasl_cause(login) == NULL
		  ? NULL
		  : "the password holds a character that none may hold "
		    "(RFC 4013)";
	sasl_free(login);
	return why;
}

int
setup_password_check(struct setup *s)
{
	struct buf *b = &s->password;
	const char *p = buf_str(b), *why;
	size_t n = buf_len(b);

	if (n == 0)
		return setup_fail(s, STATUS_CONFIG,
		    "the password is empty; %s can change it",
		    repair_command(s));
	if (strlen(p) != n)
		return setup_fail(s, STATUS_CONFIG, "the password holds a NUL");
	why = setup_password_why(p);
	return why == NULL ? 0 : setup_fail(s, STATUS_CONFIG, "%s", why);
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
	o->bookmarks = o->terminal || s->config.bookmarks;
	o->bookmarks_kept = s->config.bookmarks && !o->no_rooms;
	o->carbons = (o->terminal || o->tree) && s->config.carbons;
	o->archive = (o->terminal || o->tree) && s->config.archive;
	o->carbons |= o->queue != NULL;
	o->otr_key = s->key;
	o->omemo_key = buf_len(&s->omemo) == 0 ? NULL : buf_str(&s->omemo);
	o->omemo_key_len = buf_len(&s->omemo);
	o->otr_policies = s->config.policies;
	o->otr_versions = s->config.versions;
	o->read_only = dir_is_read_only(s->dir);
	/* With -r and -t few of them are ever read, or none. */
	s->checks_users = !o->read_only && o->text_to == NULL;
	o->torn = dir_was_marked(s->dir);
	o->offer = &s->offer;
}

/* Takes the N bytes at P of the file NAME of a subdirectory. */
typedef void keep_file(
    struct client *c, const char *name, const void *p, size_t n);

/* Gives C the contents of the file NAME of SUB, by KEEP. */
static int
read_one(struct setup *s, struct client *c, const char *sub, const char *name,
    keep_file *keep)
{
	struct buf path, text;
	int found;

	buf_init(&path, 4096);
	buf_addf(&path, "%s/%s", sub, name);
	found = setup_read(s, buf_str(&path), &text);
	if (found == 1)
		keep(c, name, buf_data(&text), buf_len(&text));
	buf_clear(&text);
	buf_clear(&path);
	return found == -1 ? -1 : 0;
}

/* The first part of setup_users: users/ itself; ALL: all is read at once. */
static int
list_users(struct setup *s, struct client *c, int all)
{
	size_t i, count = 0;
	char **names;
	int status = 0;

	if (dir_list(s->dir, "users", &names, &count) == -1)
		return fail_dir(s);
	if (s->checks_users &&
	    dir_check(s->dir, "users", DIR_FILE, names, count) == -1)
		status = fail_dir(s);
	for (i = 0; i < count && status == 0; i++)
		if (client_listed(c, names[i]) || all)
			status = read_one(s, c, "users", names[i], client_keep);
	dir_list_free(names, count);
	return status;
}

/* Gives C the contents of all files of omemo/. */
static int
read_wishes(struct setup *s, struct client *c)
{
	size_t i, count = 0;
	char **names;
	int status = 0;

	if (dir_list(s->dir, "omemo", &names, &count) == -1)
		return fail_dir(s);
	for (i = 0; i < count && status == 0; i++)
		status = read_one(s, c, "omemo", names[i], client_keep_wish);
	dir_list_free(names, count);
	return status;
}

int
setup_users(struct setup *s, struct client *c)
{
	struct buf text;
	int status = setup_read(s, "users.sexp", &text);

	/* Records in users/ are newer than the old file. */
	if (status != -1 && list_users(s, c, status == 1) == -1)
		status = -1;
	if (status == 1)
		client_keep_old(c, buf_data(&text), buf_len(&text));
	buf_clear(&text);
	return status == -1 ? -1 : read_wishes(s, c);
}

/* Gives C the file positions/NAME. */
static int
read_position(struct setup *s, struct client *c, const char *name)
{
	struct buf path, text;
	int found;

	buf_init(&path, 4096);
	buf_addf(&path, "positions/%s", name);
	found = setup_read(s, buf_str(&path), &text);
	if (found == 1)
		client_position(c, name, buf_data(&text), buf_len(&text));
	buf_clear(&text);
	buf_clear(&path);
	return found == -1 ? -1 : 0;
}

int64_t
setup_left(struct setup *s)
{
	int64_t left = dir_time(s->dir, NULL), told;
	char jid[JID_SIZE];
	struct buf path;

	/* One that crashed has left its mark when it was online first. */
	jid_bare(s->jid, jid);
	buf_init(&path, 4096);
	buf_addf(&path, "positions/%s", jid);
	told = dir_time(s->dir, buf_str(&path));
	buf_clear(&path);
	return (told > left ? told : left) * 1000;
}

int
setup_positions(struct setup *s, struct client *c, const char *queue)
{
	char **names, prefix[DIR_NAME + 16];
	size_t i, count = 0;
	int status = 1;

	if (queue != NULL) {
		snprintf(prefix, sizeof prefix, "positions/%s:", queue);
		status = dir_lock_own(s->dir, prefix);
	}
	if (status == 0)
		return setup_fail(s, STATUS_CONFIG,
		    "--queue %s: another jackline uses that queue", queue);
	if (status == -1 || dir_list(s->dir, "positions", &names, &count) == -1)
		return fail_dir(s);
	for (i = 0; i < count && status != -1; i++)
		status = read_position(s, c, names[i]);
	dir_list_free(names, count);
	return status == -1 ? -1 : 0;
}

/*
 * Moves an incomplete record at the end of the history NAME to a file of its
 * own before the first append, so that the next record is not joined to it.
 */
static int
repair_history(struct setup *s, struct client *c, const char *name)
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
append_history(struct setup *s, struct client *c, const struct client_store *x)
{
	if (repair_history(s, c, x->name) == -1)
		return -1;
	if (dir_append(s->dir, x->name, x->bytes, x->len, x->sync) == -1)
		return -1;
	client_appended(c, dir_appended(s->dir));
	return 0;
}

static int
read_history(struct setup *s, struct client *c, const struct client_store *x)
{
	struct history *h =
	    log_last(s->dir, strchr(x->name, '/') + 1, x->count);

	if (h == NULL)
		return -1;
	client_history(c, h);
	history_free(h);
	return 0;
}

/*
 * Does the CLIENT_WISH X. The rest of the record, if there is one, belongs to
 * OMEMO and stays. Returns NULL or the reason of a failure.
 */
static const char *
store_wish(struct setup *s, const struct client_store *x)
{
	struct omemo_contact contact;
	const char *why = NULL;
	struct sexp_error e;
	struct buf text;
	int found;

	if (dir_lock_wait(s->dir, "omemo") == -1)
		return dir_why(s->dir);
	omemo_contact_init(&contact);
	buf_init(&text, DIR_FILE);
	found = dir_read(s->dir, x->name, DIR_FILE, &text);
	if (found == 1 && omemo_contact_parse(&contact, buf_data(&text),
			      buf_len(&text), &e) == -1)
		why = "its file in omemo/ is damaged, and is left alone";
	contact.wish = (enum omemo_wish)x->count;
	contact.verified_only = (int)x->at;
	buf_reset(&text);
	if (found == -1)
		why = dir_why(s->dir);
	else if (why == NULL && omemo_contact_print(&contact, &text) == -1)
		why = "its file in omemo/ would be too large";
	else if (why == NULL && dir_replace(s->dir, x->name, buf_data(&text),
				    buf_len(&text)) == -1)
		why = dir_why(s->dir);
	omemo_contact_clear(&contact);
	buf_clear(&text);
	dir_unlock(s->dir);
	return why;
}

static int
read_file(struct setup *s, struct client *c, const struct client_store *x)
{
	struct buf text;
	int found;

	buf_init(&text, DIR_FILE);
	found = dir_read(s->dir, x->name, DIR_FILE, &text);
	if (found != -1)
		client_file(c, found == 1 ? buf_data(&text) : NULL,
		    found == 1 ? buf_len(&text) : 0);
	buf_clear(&text);
	return found == -1 ? -1 : 0;
}

static int
do_store_action(struct setup *s, struct client *c, const struct client_store *x)
{
	switch (x->what) {
	case CLIENT_REPLACE:
		return dir_replace(s->dir, x->name, x->bytes, x->len);
	case CLIENT_APPEND:
		return append_history(s, c, x);
	case CLIENT_ENTER:
		/* A position that is lost with the power is an older one. */
		return dir_append(s->dir, x->name, x->bytes, x->len,
		    x->sync && strchr(x->name, ':') != NULL);
	case CLIENT_OVERWRITE:
		return dir_overwrite(s->dir, x->name, x->at, x->bytes,
		    x->bytes + x->len / 2, x->len / 2);
	case CLIENT_HISTORY:
		return read_history(s, c, x);
	case CLIENT_REMOVE:
		return dir_remove(s->dir, x->name);
	case CLIENT_SET_ASIDE:
		return dir_set_aside(s->dir, x->name, 0);
	case CLIENT_CREATE:
		return dir_create(s->dir, x->name, x->bytes, x->len);
	case CLIENT_LOCK:
		return dir_lock_wait(s->dir, "omemo");
	case CLIENT_READ:
		return read_file(s, c, x);
	case CLIENT_KEEP:
		return read_one(
		    s, c, "users", strchr(x->name, '/') + 1, client_keep);
	case CLIENT_UNLOCK:
		dir_unlock(s->dir);
		return 0;
	case CLIENT_MARK:
		dir_mark(s->dir, x->count > 0);
		return 0;
	case CLIENT_WISH:
		break;
	}
	return 0;
}

void
setup_store(struct setup *s, struct client *c)
{
	const struct client_store *x;
	const char *why;

	while ((x = client_store(c)) != NULL) {
		why = NULL;
		if (x->what == CLIENT_WISH)
			why = store_wish(s, x);
		else if (do_store_action(s, c, x) == -1)
			why = dir_why(s->dir);
		client_stored(c, why);
	}
	store_features(s);
}

void
setup_forget(struct setup *s)
{
	privkey_free(s->key);
	s->key = NULL;
	buf_clear(&s->omemo);
	buf_free_secret(s->config.password);
	buf_free_secret(s->config.dsa);
	s->config.password = s->config.dsa = NULL;
}

void
setup_clear(struct setup *s)
{
	tls_anchors_free(s->anchors);
	config_clear(&s->config);
	privkey_free(s->key);
	buf_clear(&s->omemo);
	buf_clear(&s->password);
	buf_clear(&s->why);
	map_clear(&s->repaired);
	dir_free(s->dir);
	memset(s, 0, sizeof *s);
}
