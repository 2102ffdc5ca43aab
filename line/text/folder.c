#include "line/text/folder.h"

#include <string.h>

#include "line/text/address.h"
#include "line/text/escape.h"
#include "sexp/buf.h"

/* Returns 1 if the N bytes at NAME are those of a file of every directory. */
static int
is_taken(const char *name, size_t n)
{
	return (n == 2 && memcmp(name, "in", n) == 0) ||
	       (n == 3 && memcmp(name, "out", n) == 0) ||
	       (n == 3 && memcmp(name, "all", n) == 0);
}

int
folder_name(const char *jid, char name[FOLDER_NAME])
{
	struct buf plain, out;
	size_t i, n;
	char *p;

	buf_init(&plain, (size_t)16 * JID_SIZE);
	buf_init(&out, (size_t)64 * JID_SIZE);
	escape_write(&plain, jid, strlen(jid), ESCAPE_VALUE);
	p = buf_str(&plain);
	n = buf_len(&plain);
	for (i = 0; i < n; i++)
		if (p[i] == '/' || (i == 0 && (p[i] == '.' || is_taken(p, n))))
			buf_addf(&out, "\\x%02x", p[i]);
		else
			buf_addc(&out, p[i]);
	n = buf_len(&out);
	if (n < FOLDER_NAME)
		memcpy(name, buf_str(&out), n + 1);
	buf_clear(&plain);
	buf_clear(&out);
	return n < FOLDER_NAME ? 0 : -1;
}

int
folder_jid(const char *name, char jid[JID_SIZE])
{
	const char *why;

	if (*name == '.' || is_taken(name, strlen(name)) ||
	    address_is_bare_word(name, strlen(name)))
		return -1;
	return address_read(name, strlen(name), jid, &why);
}
