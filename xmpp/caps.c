#include "xmpp/caps.h"

#include <bearssl.h>
#include <string.h>

#include "xmpp/base64.h"

#define NAME "jackline"

/* In the order of their bytes, as the verification string wants them. */
static const char *const features[] = {
    NS_CAPS,
    NS_INFO,
    NS_PING,
    NS_RECEIPTS,
};

#define FEATURES (sizeof features / sizeof *features)

void
caps_version(char out[CAPS_SIZE])
{
	static const char identity[] = "client/console//" NAME "<";
	unsigned char hash[br_sha1_SIZE];
	br_sha1_context sha;
	struct buf text;
	size_t i;

	br_sha1_init(&sha);
	br_sha1_update(&sha, identity, sizeof identity - 1);
	for (i = 0; i < FEATURES; i++) {
		br_sha1_update(&sha, features[i], strlen(features[i]));
		br_sha1_update(&sha, "<", 1);
	}
	br_sha1_out(&sha, hash);
	buf_init(&text, CAPS_SIZE);
	base64_encode(&text, hash, sizeof hash);
	memcpy(out, buf_str(&text), buf_len(&text) + 1);
	buf_clear(&text);
}

void
caps_write(struct writer *w)
{
	size_t i;

	writer_open(w, "identity", NULL);
	writer_attr(w, "category", "client");
	writer_attr(w, "type", "console");
	writer_attr(w, "name", NAME);
	writer_close(w);
	for (i = 0; i < FEATURES; i++) {
		writer_open(w, "feature", NULL);
		writer_attr(w, "var", features[i]);
		writer_close(w);
	}
}
