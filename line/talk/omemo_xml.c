#include "line/talk/omemo_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xmpp/base64.h"

#define BASE64_MAX STANZA_MAX /* characters of one text */

/* Writes the element NAME with the bytes B, and ID as the attribute KEY. */
static int
write_bytes(struct writer *w, const char *name, struct omemo_bytes b,
    const char *key, uint32_t id)
{
	char number[16];
	struct buf text;
	int status;

	buf_init(&text, BASE64_MAX);
	status = base64_encode(&text, b.data, b.len);
	writer_open(w, name, NULL);
	if (key != NULL) {
		snprintf(number, sizeof number, "%lu", (unsigned long)id);
		writer_attr(w, key, number);
	}
	writer_text(w, buf_str(&text), buf_len(&text));
	writer_close(w);
	buf_clear(&text);
	return status;
}

/* Writes <key/>. */
static int
write_key(struct writer *w, const struct omemo_key *k)
{
	char number[16];
	struct buf text;
	int status;

	buf_init(&text, BASE64_MAX);
	status = base64_encode(&text, k->data.data, k->data.len);
	snprintf(number, sizeof number, "%lu", (unsigned long)k->rid);
	writer_open(w, "key", NULL);
	writer_attr(w, "rid", number);
	writer_attr(w, "prekey", k->prekey ? "true" : NULL);
	writer_text(w, buf_str(&text), buf_len(&text));
	writer_close(w);
	buf_clear(&text);
	return status;
}

int
omemo_xml_write_message(struct writer *w, const struct omemo_message *m)
{
	char number[16];
	int status = 0;
	size_t i;

	snprintf(number, sizeof number, "%lu", (unsigned long)m->sid);
	writer_open(w, "encrypted", NS_OMEMO);
	writer_open(w, "header", NULL);
	writer_attr(w, "sid", number);
	for (i = 0; i < m->keys; i++)
		status |= write_key(w, &m->key[i]);
	status |= write_bytes(w, "iv", m->iv, NULL, 0);
	writer_close(w);
	if (m->payload.data != NULL)
		status |= write_bytes(w, "payload", m->payload, NULL, 0);
	writer_close(w);
	return status;
}

int
omemo_xml_write_bundle(struct writer *w, const struct omemo_bundle *b)
{
	int status = 0;
	size_t i;

	/* Others check the order. */
	writer_open(w, "bundle", NS_OMEMO);
	status |= write_bytes(w, "signedPreKeyPublic", b->signed_key,
	    "signedPreKeyId", b->signed_id);
	status |=
	    write_bytes(w, "signedPreKeySignature", b->signature, NULL, 0);
	status |= write_bytes(w, "identityKey", b->identity, NULL, 0);
	writer_open(w, "prekeys", NULL);
	for (i = 0; i < b->prekeys; i++)
		status |= write_bytes(w, "preKeyPublic", b->prekey[i].key,
		    "preKeyId", b->prekey[i].id);
	writer_close(w);
	writer_close(w);
	return status;
}

void
omemo_xml_write_list(struct writer *w, const uint32_t *id, size_t count)
{
	char number[16];
	size_t i;

	writer_open(w, "list", NS_OMEMO);
	for (i = 0; i < count; i++) {
		snprintf(number, sizeof number, "%lu", (unsigned long)id[i]);
		writer_open(w, "device", NULL);
		writer_attr(w, "id", number);
		writer_close(w);
	}
	writer_close(w);
}

/* Reads the attribute NAME of S, a number that is no more than FORM_ID. */
static int
read_number(const struct stanza *s, const char *name, uint32_t *out)
{
	const char *text = stanza_get(s, name);
	char again[16];
	unsigned long n;

	if (text == NULL)
		return -1;
	n = strtoul(text, NULL, 10);
	snprintf(again, sizeof again, "%lu", n);
	if (n > FORM_ID || strcmp(again, text) != 0)
		return -1;
	*out = (uint32_t)n;
	return 0;
}

/*
 * Decodes the text of S, which may be NULL, into A. Some break the lines of
 * base64, so blanks are ignored. No data and no bytes if it has another form.
 */
static struct omemo_bytes
read_bytes(struct arena *a, const struct stanza *s)
{
	struct omemo_bytes b = {NULL, 0};
	struct buf text, bytes;
	size_t i;

	if (s == NULL)
		return b;
	buf_init(&text, BASE64_MAX);
	buf_init(&bytes, BASE64_MAX);
	for (i = 0; i < s->text_len; i++)
		if (strchr(" \t\r\n", s->text[i]) == NULL)
			buf_addc(&text, s->text[i]);
	if (!text.refused &&
	    base64_decode(&bytes, buf_str(&text), buf_len(&text)) == 0) {
		b.len = buf_len(&bytes);
		b.data =
		    memcpy(arena_alloc(a, b.len + 1), buf_data(&bytes), b.len);
	}
	buf_clear(&text);
	buf_clear(&bytes);
	return b;
}

/* Counts the children NAME of S. */
static size_t
count_children(const struct stanza *s, const char *name)
{
	const struct stanza *c;
	size_t n = 0;

	for (c = s->child; c != NULL; c = c->next)
		if (stanza_is(c, name, NS_OMEMO))
			n++;
	return n;
}

static int
is_true(const char *value)
{
	return value != NULL &&
	       (strcmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

/* Reads the keys of HEADER into M. */
static void
read_keys(struct arena *a, const struct stanza *header, size_t room,
    struct omemo_message *m)
{
	struct omemo_key *key = arena_alloc(a, (room + 1) * sizeof *key), *k;
	const struct stanza *c;

	m->key = key;
	for (c = header->child; c != NULL; c = c->next) {
		if (!stanza_is(c, "key", NS_OMEMO))
			continue;
		k = &key[m->keys];
		k->data = read_bytes(a, c);
		k->prekey = is_true(stanza_get(c, "prekey"));
		if (k->data.data != NULL && read_number(c, "rid", &k->rid) == 0)
			m->keys++;
	}
}

int
omemo_xml_message(
    struct arena *a, const struct stanza *s, struct omemo_message *m)
{
	const struct stanza *header, *payload;
	size_t keys;

	memset(m, 0, sizeof *m);
	if (!stanza_is(s, "encrypted", NS_OMEMO))
		return -1;
	header = stanza_child(s, "header", NS_OMEMO);
	payload = stanza_child(s, "payload", NS_OMEMO);
	if (header == NULL || read_number(header, "sid", &m->sid) == -1)
		return -1;
	if ((keys = count_children(header, "key")) > OMEMO_MAX_KEYS)
		return -1;
	read_keys(a, header, keys, m);
	m->iv = read_bytes(a, stanza_child(header, "iv", NS_OMEMO));
	m->payload = read_bytes(a, payload);
	/* Without it the message would be taken for one with only a key. */
	if (payload != NULL && (m->payload.data == NULL || m->iv.data == NULL))
		return -1;
	return 0;
}

int
omemo_xml_bundle(
    struct arena *a, const struct stanza *s, struct omemo_bundle *b)
{
	const struct stanza *signed_, *prekeys, *c;
	struct omemo_prekey *pre;

	memset(b, 0, sizeof *b);
	if (!stanza_is(s, "bundle", NS_OMEMO))
		return -1;
	signed_ = stanza_child(s, "signedPreKeyPublic", NS_OMEMO);
	if (signed_ != NULL &&
	    read_number(signed_, "signedPreKeyId", &b->signed_id) == 0)
		b->signed_key = read_bytes(a, signed_);
	b->signature =
	    read_bytes(a, stanza_child(s, "signedPreKeySignature", NS_OMEMO));
	b->identity = read_bytes(a, stanza_child(s, "identityKey", NS_OMEMO));
	prekeys = stanza_child(s, "prekeys", NS_OMEMO);
	pre = arena_alloc(a, OMEMO_MAX_PREKEYS * sizeof *pre);
	b->prekey = pre;
	for (c = prekeys == NULL ? NULL : prekeys->child;
	     c != NULL && b->prekeys < OMEMO_MAX_PREKEYS; c = c->next) {
		if (!stanza_is(c, "preKeyPublic", NS_OMEMO) ||
		    read_number(c, "preKeyId", &pre[b->prekeys].id) == -1)
			continue;
		pre[b->prekeys].key = read_bytes(a, c);
		b->prekeys += pre[b->prekeys].key.data != NULL;
	}
	return 0;
}

int
omemo_xml_list(
    const struct stanza *s, uint32_t id[OMEMO_XML_DEVICES], size_t *count)
{
	const struct stanza *c;

	*count = 0;
	if (!stanza_is(s, "list", NS_OMEMO))
		return -1;
	for (c = s->child; c != NULL && *count < OMEMO_XML_DEVICES; c = c->next)
		if (stanza_is(c, "device", NS_OMEMO) &&
		    read_number(c, "id", &id[*count]) == 0)
			++*count;
	return 0;
}
