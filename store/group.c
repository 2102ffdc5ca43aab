#include "store/group.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "store/record.h"

#define CURRENT	     3
#define CURRENT_TEXT "3"
#define COUNT(a)     (sizeof(a) / sizeof *(a))

static const char *const kinds[] = {"Chat", "GroupChat", "Presence", "Info",
    "Warning", "Error", "Success", "Transit", NULL};

/* A message while it is read. */
struct reading {
	struct history_message m; /* first: records are read into it */
	int version;
	const char *owner; /* the JID of the history */
};

void
group_clear(struct history_message *m)
{
	free(m->jid);
	free(m->id);
	if (m->text != NULL)
		buf_wipe(m->text, m->text_len);
	free(m->text);
	memset(m, 0, sizeof *m);
}

int
group_kind(const struct sexp *s, struct sexp_error *e)
{
	return record_word(s, kinds,
	    "one of Chat GroupChat Presence Info Warning Error Success "
	    "Transit",
	    e);
}

/* Prints `(user host)` of the first N bytes of JID. */
static void
put_address(struct sexp_writer *w, const char *jid, size_t n)
{
	const char *at = memchr(jid, '@', n);
	const char *host = at == NULL ? jid : at + 1;

	sexp_put_open(w);
	sexp_put_atom(w, jid, at == NULL ? 0 : (size_t)(at - jid));
	sexp_put_atom(w, host, n - (size_t)(host - jid));
	sexp_put_close(w);
}

static void
put_jid(struct sexp_writer *w, const char *jid)
{
	size_t bare = strcspn(jid, "/");

	sexp_put_open(w);
	if (jid[bare] == '\0') {
		sexp_put_string(w, "Bare");
		put_address(w, jid, bare);
	} else {
		sexp_put_string(w, "Full");
		sexp_put_open(w);
		put_address(w, jid, bare);
		sexp_put_string(w, jid + bare + 1);
		sexp_put_close(w);
	}
	sexp_put_close(w);
}

static void
put_direction(struct sexp_writer *w, const struct history_message *m)
{
	static const char *const words[] = {"From", "To", "Local"};

	sexp_put_open(w);
	sexp_put_string(w, words[m->direction]);
	if (m->direction == HISTORY_FROM) {
		put_jid(w, m->jid);
	} else {
		sexp_put_open(w);
		put_jid(w, m->jid);
		sexp_put_string(w, m->id == NULL ? "" : m->id);
		sexp_put_close(w);
	}
	sexp_put_close(w);
}

/* Begins the field NAME of a record. */
static void
begin_field(struct sexp_writer *w, const char *name)
{
	sexp_put_open(w);
	sexp_put_string(w, name);
}

static void
put_field(struct sexp_writer *w, const char *name, const void *p, size_t n)
{
	begin_field(w, name);
	sexp_put_atom(w, p, n);
	sexp_put_close(w);
}

static void
put_word(struct sexp_writer *w, const char *name, const char *word)
{
	put_field(w, name, word, strlen(word));
}

int
group_print(const struct history_message *m, struct buf *out)
{
	struct sexp_writer w = {.out = out};
	size_t before = buf_len(out);
	char time[RECORD_REAL];

	record_real(m->timestamp, time);
	sexp_put_open(&w);
	sexp_put_string(&w, CURRENT_TEXT);
	sexp_put_open(&w);
	sexp_put_open(&w);
	begin_field(&w, "direction");
	put_direction(&w, m);
	sexp_put_close(&w);
	put_word(&w, "encrypted", m->encrypted ? "true" : "false");
	put_word(&w, "received", m->received ? "true" : "false");
	put_word(&w, "timestamp", time);
	put_field(&w, "message", m->text, m->text_len);
	put_word(&w, "kind", kinds[m->kind]);
	if (m->omemo)
		put_word(&w, "omemo", "true");
	sexp_put_close(&w);
	sexp_put_close(&w);
	sexp_put_close(&w);
	if (!w.failed)
		return 0;
	buf_cut(out, before);
	return -1;
}

/* Reads `(Bare (user host))`, `(Full ((user host) resource))`, or an atom, as
 * old versions have it. */
static int
read_jid(char **out, const struct sexp *s, struct sexp_error *e)
{
	static const char what[] = "(Bare JID) or (Full (JID RESOURCE))";
	char *resource = NULL;
	struct buf full;

	if (s->text != NULL)
		return record_string(s, out, e);
	if (s->len != 2)
		return record_fail(s, what, e);
	if (record_is(s->first, "Bare"))
		return record_jid(s->last, out, e);
	if (!record_is(s->first, "Full") || s->last->text != NULL ||
	    s->last->len != 2)
		return record_fail(s, what, e);
	if (record_jid(s->last->first, out, e) == -1 ||
	    record_string(s->last->last, &resource, e) == -1)
		return -1;
	buf_init(&full, SEXP_SIZE);
	buf_addf(&full, "%s/%s", *out, resource);
	free(*out);
	*out = buf_strdup(buf_str(&full));
	buf_clear(&full);
	free(resource);
	return 0;
}

/* Reads `(JID ID)`; before version 2 the ID alone, and JID is the owner. */
static int
read_pair(struct reading *r, const struct sexp *s, struct sexp_error *e)
{
	if (s->text != NULL) {
		r->m.jid = buf_strdup(r->owner);
		return record_string(s, &r->m.id, e);
	}
	if (s->len != 2)
		return record_fail(s, "(JID ID)", e);
	if (read_jid(&r->m.jid, s->first, e) == -1)
		return -1;
	return record_string(s->last, &r->m.id, e);
}

static int
read_direction(void *object, const struct sexp *v, struct sexp_error *e)
{
	static const char what[] = "(From JID) or (To (JID ID))";
	struct reading *r = object;

	if (v->text != NULL || v->len != 2)
		return record_fail(v, what, e);
	if (record_is(v->first, "From")) {
		r->m.direction = HISTORY_FROM;
		return read_jid(&r->m.jid, v->last, e);
	}
	if (record_is(v->first, "To"))
		r->m.direction = HISTORY_TO;
	else if (record_is(v->first, "Local"))
		r->m.direction = HISTORY_LOCAL;
	else
		return record_fail(v->first, what, e);
	return read_pair(r, v->last, e);
}

static int
read_timestamp(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct reading *r = object;

	return record_float(v, &r->m.timestamp, e);
}

static int
read_text(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct reading *r = object;

	if (v->text == NULL)
		return record_fail(v, "a word, not a list", e);
	r->m.text = buf_memdup(v->text, v->len);
	r->m.text_len = v->len;
	return 0;
}

static int
read_kind(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct reading *r = object;
	int kind = group_kind(v, e);

	if (kind == -1)
		return -1;
	r->m.kind = (enum history_kind)kind;
	return 0;
}

/* Only a message that was encrypted by OMEMO has this field. */
static int
read_omemo(void *object, const struct sexp *v, struct sexp_error *e)
{
	static const char *const truth[] = {"false", "true", NULL};
	struct reading *r = object;

	r->m.omemo = record_word(v, truth, "true or false", e);
	return r->m.omemo == -1 ? -1 : 0;
}

static int
read_fields(struct reading *r, const struct sexp *s, struct sexp_error *e)
{
	const struct record_field fields[] = {
	    RECORD_READ("direction", RECORD_REQUIRED, read_direction),
	    RECORD("encrypted", RECORD_BOOL, history_message, encrypted),
	    RECORD("received", RECORD_BOOL, history_message, received),
	    RECORD_READ("timestamp", RECORD_REQUIRED, read_timestamp),
	    RECORD_READ("message", RECORD_REQUIRED, read_text),
	    RECORD_READ("kind", r->version >= 3, read_kind),
	    RECORD_READ("omemo", 0, read_omemo),
	};

	return record_read(s, r, fields, COUNT(fields), NULL, e);
}

int
group_message(struct history_message *m, const struct sexp *s, int version,
    const char *owner, struct sexp_error *e)
{
	struct reading r = {0};

	r.version = version;
	r.owner = owner;
	if (read_fields(&r, s, e) == -1) {
		group_clear(&r.m);
		memset(m, 0, sizeof *m);
		return -1;
	}
	*m = r.m;
	return 0;
}

const struct sexp *
group_messages(const struct sexp *s, int *version, struct sexp_error *e)
{
	int64_t n;

	if (s->text != NULL || s->len != 2 || s->last->text != NULL) {
		record_fail(s, "(VERSION (MESSAGE...))", e);
		return NULL;
	}
	if (record_int(s->first, 0, CURRENT, &n, e) == -1)
		return NULL;
	*version = (int)n;
	return s->last;
}

/* Returns 1 if all messages of LIST can be read. */
static int
can_read_all(const struct sexp *list, int version, const char *owner)
{
	struct history_message m;
	struct sexp_error e;
	const struct sexp *i;
	int good = 1;

	for (i = list->first; i != NULL && good; i = i->next) {
		good = group_message(&m, i, version, owner, &e) == 0;
		group_clear(&m);
	}
	return good;
}

/*
 * Returns 1 if the N bytes at P equal AGAIN, the same group as it is printed
 * now. Blanks after `(received true` are passed over: a receipt that came later
 * has left one there, see history_front.
 */
static int
is_as_printed(const unsigned char *p, size_t n, const struct buf *again)
{
	static const char mark[] = "(received true";
	const unsigned char *q = buf_data(again);
	size_t i, k, len = buf_len(again);

	for (i = k = 0; i < n; i++)
		if (k < len && p[i] == q[k])
			k++;
		else if (p[i] != ' ' || k == len || q[k] != ')' ||
			 i < sizeof mark - 1 ||
			 memcmp(p + i - (sizeof mark - 1), mark,
			     sizeof mark - 1) != 0)
			return 0;
	return k == len;
}

int
group_is_canonical(const char *owner, const unsigned char *p, size_t n)
{
	struct sexp_error e;
	struct sexp_tree *t = sexp_parse(p, n, &e);
	const struct sexp *list = NULL;
	struct buf again;
	int version = 0, good;

	buf_init(&again, n);
	good = t != NULL && sexp_mach(sexp_root(t), &again) == 0 &&
	       is_as_printed(p, n, &again);
	if (good)
		list = group_messages(sexp_root(t), &version, &e);
	good = list != NULL && can_read_all(list, version, owner);
	buf_clear(&again);
	sexp_free(t);
	return good;
}
