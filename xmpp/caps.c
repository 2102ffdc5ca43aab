#include "xmpp/caps.h"

#include <bearssl.h>
#include <string.h>

#include "xmpp/base64.h"

#define NAME "jackline"

/* Sorted by bytes, as XEP-0115 5.1 requires. */
static const char *const features[] = {
    NS_CAPS,
    NS_INFO,
    NS_PING,
    NS_RECEIPTS,
};

#define FEATURES (sizeof features / sizeof *features)

/* Adds the feature NAME to the hash of the version. */
static void
hash_feature(br_sha1_context *sha, const char *name)
{
	br_sha1_update(sha, name, strlen(name));
	br_sha1_update(sha, "<", 1);
}

void
caps_version(const char *more, char out[CAPS_SIZE])
{
	static const char identity[] = "client/console//" NAME "<";
	unsigned char hash[br_sha1_SIZE];
	br_sha1_context sha;
	struct buf text;
	size_t i;

	br_sha1_init(&sha);
	br_sha1_update(&sha, identity, sizeof identity - 1);
	for (i = 0; i < FEATURES; i++) {
		if (more != NULL && strcmp(more, features[i]) < 0) {
			hash_feature(&sha, more);
			more = NULL;
		}
		hash_feature(&sha, features[i]);
	}
	if (more != NULL)
		hash_feature(&sha, more);
	br_sha1_out(&sha, hash);
	buf_init(&text, CAPS_SIZE);
	base64_encode(&text, hash, sizeof hash);
	memcpy(out, buf_str(&text), buf_len(&text) + 1);
	buf_clear(&text);
}

static void
write_feature(struct writer *w, const char *name)
{
	writer_open(w, "feature", NULL);
	writer_attr(w, "var", name);
	writer_close(w);
}

void
caps_write(const char *more, struct writer *w)
{
	size_t i;

	writer_open(w, "identity", NULL);
	writer_attr(w, "category", "client");
	writer_attr(w, "type", "console");
	writer_attr(w, "name", NAME);
	writer_close(w);
	for (i = 0; i < FEATURES; i++)
		write_feature(w, features[i]);
	if (more != NULL)
		write_feature(w, more);
}
