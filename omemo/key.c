/* Key pairs of Curve25519, and signatures by our identity, by libomemo-c. */
#include <string.h>

#include <curve.h>

#include "omemo/intern.h"

int
key_public(const unsigned char *secret, unsigned char *public)
{
	ec_private_key *private = NULL;
	ec_public_key *point = NULL;
	signal_buffer *serial = NULL;
	int r = -1;

	if (curve_decode_private_point(&private, secret, OMEMO_KEY, NULL) ==
		0 &&
	    curve_generate_public_key(&point, private) == 0 &&
	    ec_public_key_serialize(&serial, point) == 0) {
		memcpy(public, signal_buffer_data(serial) + 1, OMEMO_KEY);
		r = 0;
	}
	signal_buffer_free(serial);
	SIGNAL_UNREF(point);
	SIGNAL_UNREF(private);
	return r;
}

void
key_pair(struct omemo *o, unsigned char *secret, unsigned char *public)
{
	crypto_random(o, secret, OMEMO_KEY);
	/* RFC 7748 5 */
	secret[0] &= 248;
	secret[31] = (unsigned char)((secret[31] & 127) | 64);
	key_public(secret, public);
}

int
key_sign(struct omemo *o, struct prekey *k)
{
	unsigned char serial[SERIAL] = {5};
	ec_private_key *private = NULL;
	signal_buffer *signature = NULL;
	int r = -1;

	memcpy(serial + 1, k->public, OMEMO_KEY);
	if (curve_decode_private_point(
		&private, o->secret, OMEMO_KEY, o->context) == 0 &&
	    curve_calculate_signature(
		o->context, &signature, private, serial, sizeof serial) == 0) {
		memcpy(k->signature, signal_buffer_data(signature), SIGNATURE);
		r = 0;
	}
	signal_buffer_free(signature);
	SIGNAL_UNREF(private);
	return r;
}
