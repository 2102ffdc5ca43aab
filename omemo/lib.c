/*
 * libomemo-c: its contexts, its stores, and the calls of it. The library sees
 * one session at a time, that of o->work, and our own keys.
 */
#include <stdlib.h>
#include <string.h>

#include <curve.h>
#include <key_helper.h>
#include <protocol.h>
#include <session_builder.h>
#include <session_cipher.h>

#include "omemo/intern.h"

/* Gives N bytes of P to the library. */
static int
lend_bytes(signal_buffer **out, const void *p, size_t n)
{
	*out = signal_buffer_create(p, n);
	return *out == NULL ? SG_ERR_NOMEM : 0;
}

static int
load_session(signal_buffer **record, signal_buffer **user,
    const signal_protocol_address *address, void *data)
{
	const struct work *w = &((struct omemo *)data)->work;

	(void)address;
	*user = NULL;
	/* A session that was just built is loaded again to be used. */
	if (w->stored != NULL)
		return lend_bytes(record, w->stored, w->stored_len) == 0
			   ? 1
			   : SG_ERR_NOMEM;
	if (w->session == NULL)
		return 0;
	return lend_bytes(record, w->session, w->session_len) == 0
		   ? 1
		   : SG_ERR_NOMEM;
}

static int
store_session(const signal_protocol_address *address, uint8_t *record,
    size_t len, uint8_t *user, size_t user_len, void *data)
{
	struct work *w = &((struct omemo *)data)->work;

	(void)address;
	(void)user;
	(void)user_len;
	if (w->stored != NULL)
		buf_wipe(w->stored, w->stored_len);
	free(w->stored);
	w->stored = (unsigned char *)buf_memdup(record, len);
	w->stored_len = len;
	return 0;
}

static int
contains_session(const signal_protocol_address *address, void *data)
{
	const struct work *w = &((struct omemo *)data)->work;

	(void)address;
	return w->stored != NULL || w->session != NULL;
}

/* Makes the key pair of SECRET and PUBLIC; NULL if there is no memory. */
static ec_key_pair *
make_pair(const unsigned char *secret, const unsigned char *public)
{
	unsigned char serial[SERIAL] = {5};
	ec_private_key *private = NULL;
	ec_public_key *point = NULL;
	ec_key_pair *pair = NULL;

	memcpy(serial + 1, public, OMEMO_KEY);
	if (curve_decode_point(&point, serial, sizeof serial, NULL) == 0 &&
	    curve_decode_private_point(&private, secret, OMEMO_KEY, NULL) == 0)
		ec_key_pair_create(&pair, point, private);
	SIGNAL_UNREF(point);
	SIGNAL_UNREF(private);
	return pair;
}

static int
load_prekey(signal_buffer **record, uint32_t id, void *data)
{
	const struct prekey *k = own_find(data, id, 0);
	session_pre_key *pre = NULL;
	ec_key_pair *pair;
	int r;

	if (k == NULL)
		return SG_ERR_INVALID_KEY_ID;
	pair = make_pair(k->secret, k->public);
	r = pair == NULL ? SG_ERR_NOMEM
			 : session_pre_key_create(&pre, id, pair);
	if (r == 0)
		r = session_pre_key_serialize(record, pre);
	SIGNAL_UNREF(pre);
	SIGNAL_UNREF(pair);
	return r;
}

/* A used prekey stays until its message was told: a crash may bring it again.
 */
static int
remove_prekey(uint32_t id, void *data)
{
	((struct omemo *)data)->work.prekey = id;
	return 0;
}

static int
contains_prekey(uint32_t id, void *data)
{
	return own_find(data, id, 0) != NULL;
}

static int
load_signed(signal_buffer **record, uint32_t id, void *data)
{
	const struct prekey *k = own_find(data, id, 1);
	session_signed_pre_key *pre = NULL;
	ec_key_pair *pair;
	int r;

	if (k == NULL)
		return SG_ERR_INVALID_KEY_ID;
	pair = make_pair(k->secret, k->public);
	r = pair == NULL
		? SG_ERR_NOMEM
		: session_signed_pre_key_create(&pre, id, (uint64_t)k->date,
		      pair, k->signature, SIGNATURE, NULL, 0);
	if (r == 0)
		r = session_signed_pre_key_serialize(record, pre);
	SIGNAL_UNREF(pre);
	SIGNAL_UNREF(pair);
	return r;
}

static int
contains_signed(uint32_t id, void *data)
{
	return own_find(data, id, 1) != NULL;
}

static int
get_identity(signal_buffer **public, signal_buffer **private, void *data)
{
	const struct omemo *o = data;
	unsigned char serial[SERIAL] = {5};

	memcpy(serial + 1, o->public, OMEMO_KEY);
	if (lend_bytes(public, serial, sizeof serial) != 0)
		return SG_ERR_NOMEM;
	return lend_bytes(private, o->secret, OMEMO_KEY);
}

static int
get_registration(void *data, uint32_t *id)
{
	*id = ((struct omemo *)data)->own.id;
	return 0;
}

/*
 * Called before the MAC is checked, so that it must not believe the key: it is
 * pinned when the whole call succeeded.
 */
static int
save_identity(const signal_protocol_address *address, uint8_t *key, size_t len,
    void *data)
{
	(void)address;
	(void)key;
	(void)len;
	(void)data;
	return 0;
}

static int
is_trusted(const signal_protocol_address *address, uint8_t *key, size_t len,
    void *data)
{
	struct work *w = &((struct omemo *)data)->work;
	int same =
	    len == SERIAL &&
	    (w->pinned == NULL || memcmp(key + 1, w->pinned, OMEMO_KEY) == 0);

	(void)address;
	w->other_key = !same;
	return same;
}

void
lib_open(struct omemo *o)
{
	signal_protocol_session_store sessions = {
	    .load_session_func = load_session,
	    .store_session_func = store_session,
	    .contains_session_func = contains_session,
	    .user_data = o};
	signal_protocol_pre_key_store prekeys = {.load_pre_key = load_prekey,
	    .contains_pre_key = contains_prekey,
	    .remove_pre_key = remove_prekey,
	    .user_data = o};
	signal_protocol_signed_pre_key_store signeds = {
	    .load_signed_pre_key = load_signed,
	    .contains_signed_pre_key = contains_signed,
	    .user_data = o};
	signal_protocol_identity_key_store identity = {
	    .get_identity_key_pair = get_identity,
	    .get_local_registration_id = get_registration,
	    .save_identity = save_identity,
	    .is_trusted_identity = is_trusted,
	    .user_data = o};
	signal_crypto_provider provider;

	/* These calls fail only without memory, and leave NULL then. */
	crypto_provider(o, &provider);
	signal_context_create(&o->context, o);
	signal_context_set_crypto_provider(o->context, &provider);
	signal_protocol_store_context_create(&o->store, o->context);
	signal_protocol_store_context_set_session_store(o->store, &sessions);
	signal_protocol_store_context_set_pre_key_store(o->store, &prekeys);
	signal_protocol_store_context_set_signed_pre_key_store(
	    o->store, &signeds);
	signal_protocol_store_context_set_identity_key_store(
	    o->store, &identity);
}

void
lib_close(struct omemo *o)
{
	signal_protocol_store_context_destroy(o->store);
	signal_context_destroy(o->context);
}

/* The library keeps the pointer to the address: it must outlive the call. */
static signal_protocol_address
make_address(const struct omemo *o)
{
	signal_protocol_address a = {
	    o->work.name, strlen(o->work.name), (int32_t)o->work.device};

	return a;
}

int
lib_build(struct omemo *o, const struct omemo_bundle *b, size_t i)
{
	signal_protocol_address address = make_address(o);
	ec_public_key *identity = NULL, *signed_ = NULL, *prekey = NULL;
	session_pre_key_bundle *bundle = NULL;
	session_builder *builder = NULL;
	const struct omemo_bytes *k = &b->prekey[i].key;
	int r;

	r = curve_decode_point(
	    &identity, b->identity.data, b->identity.len, o->context);
	if (r == 0)
		r = curve_decode_point(&signed_, b->signed_key.data,
		    b->signed_key.len, o->context);
	if (r == 0)
		r = curve_decode_point(&prekey, k->data, k->len, o->context);
	if (r == 0)
		r = session_pre_key_bundle_create(&bundle, o->work.device,
		    (int)o->work.device, b->prekey[i].id, prekey, b->signed_id,
		    signed_, b->signature.data, b->signature.len, identity);
	if (r == 0)
		r = session_builder_create(
		    &builder, o->store, &address, o->context);
	if (r == 0)
		r = session_builder_process_pre_key_bundle(builder, bundle);
	if (builder != NULL)
		session_builder_free(builder);
	SIGNAL_UNREF(bundle);
	SIGNAL_UNREF(prekey);
	SIGNAL_UNREF(signed_);
	SIGNAL_UNREF(identity);
	return r;
}

int
lib_encrypt(
    struct omemo *o, const void *p, size_t n, signal_buffer **out, int *prekey)
{
	signal_protocol_address address = make_address(o);
	ciphertext_message *message = NULL;
	session_cipher *cipher = NULL;
	int r;

	*out = NULL;
	r = session_cipher_create(&cipher, o->store, &address, o->context);
	if (r == 0)
		r = session_cipher_encrypt(cipher, p, n, &message);
	if (r == 0) {
		*prekey = ciphertext_message_get_type(message) ==
			  CIPHERTEXT_PREKEY_TYPE;
		*out = signal_buffer_copy(
		    ciphertext_message_get_serialized(message));
		r = *out == NULL ? SG_ERR_NOMEM : 0;
	}
	SIGNAL_UNREF(message);
	if (cipher != NULL)
		session_cipher_free(cipher);
	return r;
}

/* Writes KEY to OUT. -1 if it is weak. */
static int
copy_point(const ec_public_key *key, unsigned char *out)
{
	signal_buffer *serial = NULL;
	int r = -1;

	if (ec_public_key_serialize(&serial, key) == 0 &&
	    signal_buffer_len(serial) == SERIAL) {
		memcpy(out, signal_buffer_data(serial) + 1, OMEMO_KEY);
		r = crypto_is_weak(out) ? -1 : 0;
	}
	signal_buffer_free(serial);
	return r;
}

/* Checks what the library does not, and notes what we want to know of M. */
static int
inspect_message(signal_message *m, struct lib_plain *out)
{
	unsigned char point[OMEMO_KEY];

	if (copy_point(signal_message_get_sender_ratchet_key(m), point) == -1)
		return SG_ERR_INVALID_KEY;
	memcpy(out->ratchet, point, sizeof out->ratchet);
	out->counter = signal_message_get_counter(m);
	return 0;
}

static int
inspect_prekey_message(pre_key_signal_message *m, struct lib_plain *out)
{
	unsigned char point[OMEMO_KEY];

	/* Without a prekey the first message could be replayed for ever. */
	if (!pre_key_signal_message_has_pre_key_id(m))
		return SG_ERR_INVALID_MESSAGE;
	if (copy_point(pre_key_signal_message_get_base_key(m), point) == -1 ||
	    copy_point(pre_key_signal_message_get_identity_key(m),
		out->identity) == -1)
		return SG_ERR_INVALID_KEY;
	/* The same key would have a second fingerprint. */
	if ((out->identity[OMEMO_KEY - 1] & 0x80) != 0)
		return SG_ERR_INVALID_KEY;
	return inspect_message(
	    pre_key_signal_message_get_signal_message(m), out);
}

/* Decrypts K with CIPHER into *PLAIN. */
static int
decrypt_key(struct omemo *o, session_cipher *cipher, const struct omemo_key *k,
    signal_buffer **plain, struct lib_plain *out)
{
	pre_key_signal_message *first = NULL;
	signal_message *m = NULL;
	int r;

	if (k->prekey) {
		r = pre_key_signal_message_deserialize(
		    &first, k->data.data, k->data.len, o->context);
		if (r == 0)
			r = inspect_prekey_message(first, out);
		if (r == 0)
			r = session_cipher_decrypt_pre_key_signal_message(
			    cipher, first, NULL, plain);
	} else {
		r = signal_message_deserialize(
		    &m, k->data.data, k->data.len, o->context);
		if (r == 0)
			r = inspect_message(m, out);
		if (r == 0)
			r = session_cipher_decrypt_signal_message(
			    cipher, m, NULL, plain);
	}
	SIGNAL_UNREF(first);
	SIGNAL_UNREF(m);
	return r;
}

int
lib_decrypt(struct omemo *o, const struct omemo_key *k, struct lib_plain *out)
{
	signal_protocol_address address = make_address(o);
	session_cipher *cipher = NULL;
	signal_buffer *plain = NULL;
	size_t n;
	int r;

	memset(out, 0, sizeof *out);
	r = session_cipher_create(&cipher, o->store, &address, o->context);
	if (r == 0)
		r = decrypt_key(o, cipher, k, &plain, out);
	if (r == 0) {
		n = signal_buffer_len(plain);
		if (n == PAYLOAD || n == PAYLOAD + TAG) {
			memcpy(out->key, signal_buffer_data(plain), n);
			out->len = n;
		} else
			r = SG_ERR_INVALID_MESSAGE;
	}
	signal_buffer_bzero_free(plain);
	if (cipher != NULL)
		session_cipher_free(cipher);
	return r;
}
