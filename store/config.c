#include "store/config.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/hex.h"
#include "store/record.h"

#define CURRENT	     3
#define DEFAULT_PORT 5222
#define PRINT_MAX    ((size_t)-1 / 2)
#define COUNT(a)     (sizeof(a) / sizeof *(a))

static int
read_version(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct config *c = object;
	int64_t n;

	if (record_int(v, 0, CURRENT, &n, e) == -1)
		return -1;
	c->version = (int)n;
	return 0;
}

/* Reads the JID, which must have a resource, as in the OCaml jackline. */
static int
read_jid(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct config *c = object;
	size_t local, bare;

	if (record_string(v, &c->jid, e) == -1)
		return -1;
	local = strcspn(c->jid, "@/");
	bare = strcspn(c->jid, "/");
	if (local == 0 || bare <= local + 1 || c->jid[bare] == '\0' ||
	    c->jid[bare + 1] == '\0')
		return record_fail(v, "USER@HOST/RESOURCE", e);
	return 0;
}

/* Reads an optional number from LEAST to MOST. Returns 1, 0 for none, or -1. */
static int
read_number(const struct sexp *v, int64_t least, int64_t most, int *n,
    struct sexp_error *e)
{
	int64_t wide;

	if (record_option(v, &v, e) == -1)
		return -1;
	if (v == NULL)
		return 0;
	if (record_int(v, least, most, &wide, e) == -1)
		return -1;
	*n = (int)wide;
	return 1;
}

/* Reads the port, an option; before version 3 a number, 5222 meaning none. */
static int
read_port(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct config *c = object;
	int64_t n;

	if (c->version >= 3)
		return read_number(v, 1, 65535, &c->port, e) == -1 ? -1 : 0;
	if (record_int(v, 1, 65535, &n, e) == -1)
		return -1;
	if (n != DEFAULT_PORT)
		c->port = (int)n;
	return 0;
}

static int
read_priority(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct config *c = object;
	int found = read_number(v, -128, 127, &c->priority, e);

	c->has_priority = found == 1;
	return found == -1 ? -1 : 0;
}

static int
read_muc_max_stanzas(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct config *c = object;
	int found = read_number(v, 0, 2147483647, &c->muc_max_stanzas, e);

	return found == -1 ? -1 : 0;
}

static int
read_password(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct config *c = object;

	if (c->version >= 3)
		return record_fail(v,
		    "no password here from version 3 on: it stands in the "
		    "file `password`",
		    e);
	return record_string(v, &c->password, e);
}

static int
read_authenticator(void *object, const struct sexp *v, struct sexp_error *e)
{
	static const char what[] = "(Fingerprint HEX) or (Trust_anchor PATH)";
	struct config *c = object;

	if (c->version < 2)
		return record_fail(v, "no authenticator before version 2", e);
	if (v->text != NULL || v->len != 2)
		return record_fail(v, what, e);
	if (record_is(v->first, "Fingerprint"))
		return record_string(v->last, &c->fingerprint, e);
	if (record_is(v->first, "Trust_anchor"))
		return record_string(v->last, &c->trust_anchor, e);
	return record_fail(v->first, what, e);
}

static int
read_trust_anchor(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct config *c = object;

	if (c->version > 1)
		return record_fail(v, "no trust_anchor from version 2 on", e);
	if (c->version == 1 && record_option(v, &v, e) == -1)
		return -1;
	return v == NULL ? 0 : record_string(v, &c->trust_anchor, e);
}

static int
read_tls_fingerprint(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct config *c = object;

	if (c->version != 1)
		return record_fail(v, "tls_fingerprint in version 1 only", e);
	if (record_option(v, &v, e) == -1)
		return -1;
	return v == NULL ? 0 : record_string(v, &c->fingerprint, e);
}

static int
read_policies(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct config *c = object;

	return record_set(
	    v, record_policies, &c->policies, &c->policies_order, e);
}

static int
read_versions(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct config *c = object;

	return record_set(
	    v, record_versions, &c->versions, &c->versions_order, e);
}

static int
read_dsa(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct config *c = object;
	struct buf text;

	(void)e;
	buf_init(&text, PRINT_MAX);
	sexp_mach(v, &text);
	buf_free_secret(c->dsa);
	c->dsa = buf_strdup(buf_str(&text));
	buf_clear(&text);
	return 0;
}

static int
read_otr_config(void *object, const struct sexp *v, struct sexp_error *e)
{
	static const struct record_field fields[] = {
	    RECORD_READ("policies", RECORD_REQUIRED, read_policies),
	    RECORD_READ("versions", RECORD_REQUIRED, read_versions),
	    RECORD_READ("dsa", 0, read_dsa),
	};

	return record_read(v, object, fields, COUNT(fields), NULL, e);
}

#define OPTIONAL(name, type, member)                                           \
	{                                                                      \
		name, type, offsetof(struct config, member), 0, NULL           \
	}

static const struct record_field fields[] = {
    RECORD_READ("version", RECORD_REQUIRED, read_version),
    RECORD_READ("jid", RECORD_REQUIRED, read_jid),
    OPTIONAL("hostname", RECORD_OPTION, hostname),
    RECORD_READ("port", 0, read_port),
    RECORD_READ("priority", 0, read_priority),
    RECORD_READ("password", 0, read_password),
    RECORD_READ("trust_anchor", 0, read_trust_anchor),
    RECORD_READ("tls_fingerprint", 0, read_tls_fingerprint),
    RECORD_READ("authenticator", 0, read_authenticator),
    RECORD_READ("otr_config", RECORD_REQUIRED, read_otr_config),
    OPTIONAL("certificate_hostname", RECORD_OPTION, certificate_hostname),
    OPTIONAL("notification_callback", RECORD_OPTION, notification_callback),
    OPTIONAL("log_top", RECORD_BOOL, log_top),
    RECORD_READ("muc_max_stanzas", 0, read_muc_max_stanzas),
    OPTIONAL("carbons", RECORD_BOOL, carbons),
    OPTIONAL("archive", RECORD_BOOL, archive),
    OPTIONAL("bookmarks", RECORD_BOOL, bookmarks),
};

static int
read_config(struct config *c, const struct sexp *s, struct sexp_error *e)
{
	const struct sexp *version = record_find(s, "version");

	/* The version decides how the other fields are read. */
	if (version != NULL && read_version(c, version, e) == -1)
		return -1;
	c->muc_max_stanzas = -1;
	if (record_read(s, c, fields, COUNT(fields), NULL, e) == -1)
		return -1;
	if (c->fingerprint == NULL && c->trust_anchor == NULL)
		return record_fail(s,
		    "a certificate authority or a "
		    "fingerprint to know the server by",
		    e);
	if (c->fingerprint != NULL && c->trust_anchor != NULL)
		return record_fail(s,
		    "either a certificate authority or a "
		    "fingerprint, not both",
		    e);
	return 0;
}

int
config_parse(struct config *c, const void *p, size_t n, int *line, int *column,
    char why[160])
{
	struct sexp_error e = {1, 1, ""};
	struct sexp_tree *t = sexp_parse(p, n, &e);
	int status = -1;

	memset(c, 0, sizeof *c);
	if (t != NULL)
		status = read_config(c, sexp_root(t), &e);
	sexp_free(t);
	if (status == 0)
		return 0;
	config_clear(c);
	*line = e.line;
	*column = e.column;
	snprintf(why, sizeof e.why, "%s", e.why);
	return -1;
}

static struct sexp *
build_authenticator(struct sexp_tree *t, const struct config *c)
{
	struct sexp *s = sexp_list(t);
	const char *path = c->trust_anchor == NULL ? "" : c->trust_anchor;

	if (c->fingerprint != NULL) {
		sexp_append(s, sexp_string(t, "Fingerprint"));
		return sexp_append(s, sexp_string(t, c->fingerprint));
	}
	sexp_append(s, sexp_string(t, "Trust_anchor"));
	return sexp_append(s, sexp_string(t, path));
}

/* Builds the OTR policy. The OCaml jackline lists version 3 first. */
static struct sexp *
build_otr_config(struct sexp_tree *t, const struct config *c)
{
	struct sexp *s = sexp_list(t);
	unsigned order = c->versions_order == 0 ? 2 : c->versions_order;

	record_put(t, s, "policies",
	    record_words(t, record_policies, c->policies, c->policies_order));
	record_put(t, s, "versions",
	    record_words(t, record_versions, c->versions, order));
	return s;
}

static struct sexp *
build_number(struct sexp_tree *t, int present, int value)
{
	return record_some(t, present ? record_number(t, value) : NULL);
}

void
config_print(const struct config *c, struct buf *out)
{
	struct sexp_tree *t = sexp_new();
	struct sexp *s = sexp_list(t);

	record_put(t, s, "version", record_number(t, CURRENT));
	record_put(t, s, "jid", sexp_string(t, c->jid));
	record_put(t, s, "hostname", record_optional(t, c->hostname));
	record_put(t, s, "port", build_number(t, c->port > 0, c->port));
	record_put(
	    t, s, "priority", build_number(t, c->has_priority, c->priority));
	record_put(t, s, "authenticator", build_authenticator(t, c));
	record_put(t, s, "otr_config", build_otr_config(t, c));
	record_put(t, s, "certificate_hostname",
	    record_optional(t, c->certificate_hostname));
	record_put(t, s, "notification_callback",
	    record_optional(t, c->notification_callback));
	record_put(t, s, "log_top", record_bool(t, c->log_top));
	record_put(t, s, "muc_max_stanzas",
	    build_number(t, c->muc_max_stanzas >= 0, c->muc_max_stanzas));
	/* The OCaml jackline has none of these. */
	if (c->carbons)
		record_put(t, s, "carbons", record_bool(t, 1));
	if (c->archive)
		record_put(t, s, "archive", record_bool(t, 1));
	if (c->bookmarks)
		record_put(t, s, "bookmarks", record_bool(t, 1));
	sexp_hum(s, out);
	sexp_free(t);
}

void
config_clear(struct config *c)
{
	free(c->jid);
	free(c->hostname);
	free(c->fingerprint);
	free(c->trust_anchor);
	free(c->certificate_hostname);
	free(c->notification_callback);
	buf_free_secret(c->password);
	buf_free_secret(c->dsa);
	memset(c, 0, sizeof *c);
}

int
config_fingerprint(const char *text, unsigned char out[32])
{
	int colons = text[0] != '\0' && text[1] != '\0' && text[2] == ':';
	int i, byte;

	for (i = 0; i < 32; i++) {
		if (i > 0 && colons && *text++ != ':')
			return -1;
		if ((byte = hex_byte(text)) == -1)
			return -1;
		out[i] = (unsigned char)byte;
		text += 2;
	}
	return *text == '\0' ? 0 : -1;
}
