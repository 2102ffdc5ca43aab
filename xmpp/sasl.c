#include "xmpp/sasl.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <stringprep.h>

#include "xmpp/base64.h"
#include "xmpp/scram.h"

#define ROUNDS_MIN  4096    /* RFC 7677 section 4 */
#define ROUNDS_MAX  1000000 /* takes about a second; more is an attack */
#define USER_MAX    1023    /* bytes of a local part, RFC 7622 3.3 */
#define MESSAGE_MAX 4096    /* bytes of a challenge */
#define AUTH_MAX    16384   /* two challenges and three names fit */

enum state {
	STATE_NEW,    /* nothing sent */
	STATE_FIRST,  /* client-first sent */
	STATE_FINAL,  /* client-final sent */
	STATE_PROVEN, /* the server proved that it knows the password, or the
		       * mechanism has no such proof */
	STATE_DONE
};

struct sasl {
	enum state state;
	char *user, *password; /* prepared by SASLprep; NULL if that failed */
	char nonce[25];
	const br_hash_class *hash;
	sasl_hi *hi;		  /* or NULL */
	struct sasl_salted *kept; /* or NULL */
	struct buf bare;	  /* client-first-message-bare */
	struct buf binding;	  /* gs2-header and the data bound to */
	unsigned char signature[SCRAM_HASH];
	const char *cause, *why;
};

static const struct mechanism {
	unsigned bit;
	const char *name;
	const br_hash_class *hash;
} mechanisms[] = {
    {SASL_SCRAM_SHA_512_PLUS, "SCRAM-SHA-512-PLUS", &br_sha512_vtable},
    {SASL_SCRAM_SHA_256_PLUS, "SCRAM-SHA-256-PLUS", &br_sha256_vtable},
    {SASL_SCRAM_SHA_1_PLUS, "SCRAM-SHA-1-PLUS", &br_sha1_vtable},
    {SASL_SCRAM_SHA_512, "SCRAM-SHA-512", &br_sha512_vtable},
    {SASL_SCRAM_SHA_256, "SCRAM-SHA-256", &br_sha256_vtable},
    {SASL_SCRAM_SHA_1, "SCRAM-SHA-1", &br_sha1_vtable},
    {SASL_PLAIN, "PLAIN", NULL},
};

/* Both reasons look the same to us: the login is refused. */
static const char not_offered[] =
    "the server has channel binding, but offered none: either a man in the "
    "middle took it from the offer, or the server's administrator switched "
    "off the -PLUS mechanisms; try another network, and if it is the same "
    "there ask the administrator to offer them again";

/* Values of server-error (RFC 5802 7) with a sentence of their own. */
static const struct {
	const char *name, *cause, *why;
} errors[] = {
    {"invalid-proof", "auth-refused", "the password is wrong"},
    {"unknown-user", "auth-refused", "the server knows no such user"},
    {"no-resources", "auth-refused", "the server has no resources to log in"},
    {"channel-bindings-dont-match", "auth-refused",
	"the server sees another TLS connection than jackline does"},
    {"server-does-support-channel-binding", "downgrade", not_offered},
};

static int
fail_sasl(struct sasl *s, const char *cause, const char *why)
{
	s->cause = cause;
	s->why = why;
	return -1;
}

unsigned
sasl_mechanism(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
		if (strcmp(mechanisms[i].name, name) == 0)
			return mechanisms[i].bit;
	return 0;
}

/*
 * Returns TEXT prepared by SASLprep (RFC 4013) as a query, on the heap; NULL if
 * it is prohibited or empty. Printable ASCII does not change, and does not go
 * through libidn, which frees memory without wiping it.
 */
static char *
saslprep(const char *text)
{
	const char *p = text;
	char *copy, *prepared = NULL;

	while (*p >= 0x20 && *p <= 0x7e)
		p++;
	if (*text == '\0')
		return NULL;
	if (*p == '\0')
		return buf_strdup(text);
	if (stringprep_profile(text, &prepared, "SASLprep", 0) != STRINGPREP_OK)
		return NULL;
	copy = *prepared != '\0' ? buf_strdup(prepared) : NULL;
	buf_free_secret(prepared);
	return copy;
}

struct sasl *
sasl_new(const char *user, const char *password, const char nonce[24])
{
	struct sasl *s = buf_alloc(sizeof *s);

	buf_init(&s->bare, AUTH_MAX);
	buf_init(&s->binding, AUTH_MAX);
	memcpy(s->nonce, nonce, sizeof s->nonce - 1);
	s->user = saslprep(user);
	s->password = saslprep(password);
	if (s->user == NULL)
		fail_sasl(s, "bad-char", "the user name is not valid in SASL");
	else if (strlen(s->user) > USER_MAX)
		fail_sasl(s, "too-long", "the user name is too long");
	else if (s->password == NULL)
		fail_sasl(s, "bad-char",
		    "the password is empty or not valid in SASL");
	return s;
}

void
sasl_hash_by(struct sasl *s, sasl_hi *hi, struct sasl_salted *kept)
{
	s->hi = hi;
	s->kept = kept;
}

void
sasl_free(struct sasl *s)
{
	if (s == NULL)
		return;
	free(s->user);
	buf_free_secret(s->password);
	buf_clear(&s->bare);
	buf_clear(&s->binding);
	buf_wipe(s, sizeof *s);
	free(s);
}

/* Returns the best mechanism that may be used; NULL with a cause. */
static const struct mechanism *
choose_mechanism(struct sasl *s, unsigned offered, int bind, unsigned seen)
{
	unsigned usable = offered;
	size_t i;

	if (!bind)
		usable &= ~SASL_PLUS;
	if (((offered | seen) & SASL_SCRAM) != 0)
		usable &= ~SASL_PLAIN;
	for (i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
		if ((mechanisms[i].bit & usable) != 0)
			return &mechanisms[i];
	if ((offered & SASL_PLAIN) != 0 && (offered & SASL_SCRAM) == 0)
		fail_sasl(s, "downgrade",
		    "the server offers only PLAIN, and offered a better login "
		    "before");
	else
		fail_sasl(s, "no-mechanism",
		    "the server offers no login mechanism that is supported");
	return NULL;
}

static int
start_plain(struct sasl *s, struct buf *out)
{
	s->state = STATE_PROVEN;
	return buf_addc(out, '\0') == -1 || buf_adds(out, s->user) == -1 ||
		       buf_addc(out, '\0') == -1 ||
		       buf_adds(out, s->password) == -1
		   ? -1
		   : 0;
}

static int
start_scram(struct sasl *s, const char *header, const unsigned char *binding,
    struct buf *out)
{
	s->state = STATE_FIRST;
	/* The name has a bound, so both fit. */
	buf_adds(&s->binding, header);
	if (binding != NULL)
		buf_add(&s->binding, binding, SASL_BINDING);
	scram_write_first(&s->bare, s->user, s->nonce);
	return buf_adds(out, header) == -1 ||
		       buf_add(out, buf_data(&s->bare), buf_len(&s->bare)) == -1
		   ? -1
		   : 0;
}

const char *
sasl_start(struct sasl *s, unsigned offered, const unsigned char *binding,
    int types, unsigned *seen, struct buf *out)
{
	int bind = binding != NULL && types, r;
	unsigned before = *seen;
	const struct mechanism *m;
	size_t held = buf_len(out);

	*seen |= offered;
	if (bind && (offered & SASL_PLUS) != 0)
		*seen |= SASL_BINDS;
	if (s->cause != NULL)
		return NULL;
	if (s->state != STATE_NEW) {
		fail_sasl(s, "protocol", "the login has already begun");
		return NULL;
	}
	if (!types && (before & SASL_BINDS) != 0) {
		fail_sasl(s, "downgrade",
		    "the server no longer offers the channel binding that it "
		    "offered before: a man in the middle may have removed it");
		return NULL;
	}
	if ((m = choose_mechanism(s, offered, bind, before)) == NULL)
		return NULL;
	s->hash = m->hash;
	if (m->hash == NULL)
		r = start_plain(s, out);
	else if ((m->bit & SASL_PLUS) != 0)
		r = start_scram(s, "p=tls-unique,,", binding, out);
	else
		r = start_scram(s, bind ? "y,," : "n,,", NULL, out);
	if (r == -1) {
		buf_cut(out, held);
		fail_sasl(s, "limit", "the login does not fit");
		return NULL;
	}
	return m->name;
}

/* Appends client-final-message-without-proof. */
static int
write_client_final(
    struct sasl *s, const struct scram_first *first, struct buf *out)
{
	return buf_adds(out, "c=") == -1 ||
		       base64_encode(out, buf_data(&s->binding),
			   buf_len(&s->binding)) == -1 ||
		       buf_adds(out, ",r=") == -1 ||
		       buf_add(out, first->nonce, first->nonce_len) == -1
		   ? -1
		   : 0;
}

/* Computes SaltedPassword by s->hi if that succeeds, else by scram_hi. */
static void
hash_password(const struct sasl *s, const char *hash,
    const struct scram_first *first, unsigned char salted[SCRAM_HASH])
{
	br_hmac_key_context key;

	if (s->hi != NULL && s->hi(hash, s->password, first->salt,
				 first->salt_len, first->rounds, salted) == 0)
		return;
	br_hmac_key_init(&key, s->hash, s->password, strlen(s->password));
	scram_hi(&key, first->salt, first->salt_len, first->rounds, salted);
	buf_wipe(&key, sizeof key);
}

/* Finds SaltedPassword in s->kept, or computes it and keeps it there. */
static void
find_salted(const struct sasl *s, const struct scram_first *first,
    unsigned char salted[SCRAM_HASH])
{
	const char *hash = s->hash == &br_sha1_vtable	  ? "SHA1"
			   : s->hash == &br_sha256_vtable ? "SHA256"
							  : "SHA512";
	struct sasl_salted *kept = s->kept;

	if (kept != NULL && kept->hash != NULL &&
	    strcmp(kept->hash, hash) == 0 && kept->rounds == first->rounds &&
	    kept->salt_len == first->salt_len &&
	    memcmp(kept->salt, first->salt, first->salt_len) == 0) {
		memcpy(salted, kept->key, SCRAM_HASH);
		return;
	}
	memset(salted, 0, SCRAM_HASH);
	hash_password(s, hash, first, salted);
	if (kept == NULL)
		return;
	kept->hash = hash;
	kept->rounds = first->rounds;
	kept->salt_len = first->salt_len;
	memcpy(kept->salt, first->salt, first->salt_len);
	memcpy(kept->key, salted, SCRAM_HASH);
}

/* Appends the proof for the AuthMessage AUTH; keeps the expected signature. */
static int
write_proof(struct sasl *s, const struct scram_first *first,
    const struct buf *auth, struct buf *out)
{
	unsigned char salted[SCRAM_HASH], proof[SCRAM_HASH];
	int r;

	find_salted(s, first, salted);
	scram_proof(s->hash, salted, auth, proof, s->signature);
	r = buf_adds(out, ",p=");
	if (r == 0)
		r = base64_encode(out, proof, scram_hash_size(s->hash));
	buf_wipe(salted, sizeof salted);
	buf_wipe(proof, sizeof proof);
	return r;
}

/* Answers server-first-message; checks all of it before hashing anything. */
static int
answer_server_first(struct sasl *s, const char *p, size_t n, struct buf *out)
{
	size_t held = buf_len(out), nonce_len = strlen(s->nonce);
	struct scram_first first;
	const char *why;
	struct buf auth;
	int r;

	if ((why = scram_read_first(&first, p, n)) != NULL)
		return fail_sasl(s, "protocol", why);
	if (first.nonce_len <= nonce_len ||
	    !scram_equal(first.nonce, s->nonce, nonce_len))
		return fail_sasl(s, "protocol",
		    "the server's nonce does not extend that of jackline");
	if (first.rounds < ROUNDS_MIN)
		return fail_sasl(s, "limit",
		    "the server asks for fewer than 4096 iterations");
	if (first.rounds > ROUNDS_MAX)
		return fail_sasl(s, "limit",
		    "the server asks for more than 1000000 iterations");
	/* All parts have bounds, so the AuthMessage fits. */
	buf_init(&auth, AUTH_MAX);
	buf_add(&auth, buf_data(&s->bare), buf_len(&s->bare));
	buf_addc(&auth, ',');
	buf_add(&auth, p, n);
	buf_addc(&auth, ',');
	write_client_final(s, &first, &auth);
	r = write_client_final(s, &first, out) == -1 ||
	    write_proof(s, &first, &auth, out) == -1;
	buf_clear(&auth);
	if (r) {
		buf_cut(out, held);
		return fail_sasl(s, "limit", "the login does not fit");
	}
	s->state = STATE_FINAL;
	return 0;
}

/* Fails with the cause of the server-error in FINAL. */
static int
fail_with_server_error(struct sasl *s, const struct scram_final *final)
{
	size_t i;

	for (i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strlen(errors[i].name) == final->error_len &&
		    memcmp(errors[i].name, final->error, final->error_len) == 0)
			return fail_sasl(s, errors[i].cause, errors[i].why);
	return fail_sasl(s, "auth-refused", "the server refused the login");
}

/* Checks server-final-message. */
static int
check_server_final(struct sasl *s, const char *p, size_t n)
{
	struct scram_final final;
	const char *why;

	if ((why = scram_read_final(&final, p, n)) != NULL)
		return fail_sasl(s, "server-proof", why);
	if (final.error != NULL)
		return fail_with_server_error(s, &final);
	if (final.signature_len != scram_hash_size(s->hash) ||
	    !scram_equal(final.signature, s->signature, final.signature_len))
		return fail_sasl(
		    s, "server-proof", "the server does not know the password");
	s->state = STATE_PROVEN;
	return 0;
}

int
sasl_challenge(struct sasl *s, const void *p, size_t n, struct buf *out)
{
	const char *message = n > 0 ? p : "";

	if (s->cause != NULL)
		return -1;
	if (n > MESSAGE_MAX)
		return fail_sasl(s, "limit", "the challenge is too long");
	if (s->state == STATE_FIRST)
		return answer_server_first(s, message, n, out);
	/* RFC 6120 6.3.10: the last message may come before <success/>. */
	if (s->state == STATE_FINAL)
		return check_server_final(s, message, n);
	return fail_sasl(s, "protocol", "a challenge came when none was due");
}

int
sasl_success(struct sasl *s, const void *p, size_t n)
{
	if (s->cause != NULL)
		return -1;
	if (n > MESSAGE_MAX)
		return fail_sasl(
		    s, "limit", "the server's last message is too long");
	if (s->state == STATE_FINAL && n > 0 &&
	    check_server_final(s, p, n) == -1)
		return -1;
	if (s->state == STATE_NEW || s->state == STATE_DONE)
		return fail_sasl(
		    s, "protocol", "success came when none was due");
	if (s->state != STATE_PROVEN)
		return fail_sasl(s, "server-proof",
		    "the server did not prove that it knows the password");
	s->state = STATE_DONE;
	return 0;
}

const char *
sasl_not_offered(const struct sasl *s)
{
	return s->state == STATE_FIRST && *buf_data(&s->binding) == 'y'
		   ? not_offered
		   : NULL;
}

const char *
sasl_cause(const struct sasl *s)
{
	return s->cause;
}

const char *
sasl_why(const struct sasl *s)
{
	return s->why;
}
