#include "store/features.h"

#include <stddef.h>
#include <string.h>

#include "store/record.h"

static const char *const mechanisms[] = {"SCRAM-SHA-512-PLUS",
    "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-512", "SCRAM-SHA-256",
    "SCRAM-SHA-1", "PLAIN", NULL};
static const char *const features[] = {"ver", "sm", "session", NULL};

static int
read_version(void *object, const struct sexp *v, struct sexp_error *e)
{
	(void)object;
	return record_is(v, "1") ? 0 : record_fail(v, "version 1", e);
}

static int
read_mechanisms(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct features *f = object;
	unsigned order;

	return record_set(v, mechanisms, &f->mechanisms, &order, e);
}

static int
read_stream(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct features *f = object;
	unsigned order;

	return record_set(v, features, &f->stream, &order, e);
}

static const struct record_field fields[] = {
    RECORD_READ("version", RECORD_REQUIRED, read_version),
    RECORD_READ("mechanisms", RECORD_REQUIRED, read_mechanisms),
    RECORD("tls-unique", RECORD_BOOL, features, unique),
    RECORD_READ("stream", RECORD_REQUIRED, read_stream),
};

int
features_parse(
    struct features *f, const void *p, size_t n, struct sexp_error *e)
{
	struct sexp_tree *t = sexp_parse(p, n, e);
	int status = -1;

	memset(f, 0, sizeof *f);
	if (t != NULL)
		status = record_read(sexp_root(t), f, fields,
		    sizeof fields / sizeof *fields, NULL, e);
	if (status == -1)
		memset(f, 0, sizeof *f);
	sexp_free(t);
	return status;
}

int
features_print(const struct features *f, struct buf *out)
{
	struct sexp_tree *t = sexp_new();
	struct sexp *list = sexp_list(t);
	int status;

	record_put(t, list, "version", record_number(t, 1));
	record_put(t, list, "mechanisms",
	    record_words(t, mechanisms, f->mechanisms, 0));
	record_put(t, list, "tls-unique", record_bool(t, f->unique));
	record_put(t, list, "stream", record_words(t, features, f->stream, 0));
	status = sexp_hum(list, out);
	sexp_free(t);
	return status;
}
