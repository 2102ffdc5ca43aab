#include "otr/hash.h"

#include <string.h>

#include "otr/intern.h"

#define LONGEST 64 /* bytes of SHA-512 */

int
hash_hi(const char *hash, const char *password, const void *salt, size_t n,
    uint32_t rounds, unsigned char *out)
{
	static const unsigned char block[4] = {0, 0, 0, 1};
	int id = lib_ready() == -1 ? 0 : gcry_md_map_name(hash);
	size_t size = id == 0 ? 0 : gcry_md_get_algo_dlen(id), i;
	unsigned char u[LONGEST];
	gcry_md_hd_t h = NULL;
	int result = -1;

	if (size == 0 || size > sizeof u ||
	    gcry_md_open(&h, id, GCRY_MD_FLAG_HMAC) != 0 ||
	    gcry_md_setkey(h, password, strlen(password)) != 0)
		goto out;
	gcry_md_write(h, salt, n);
	gcry_md_write(h, block, sizeof block);
	memcpy(u, gcry_md_read(h, 0), size);
	memcpy(out, u, size);
	while (--rounds > 0) {
		/* The key stays set. */
		gcry_md_reset(h);
		gcry_md_write(h, u, size);
		memcpy(u, gcry_md_read(h, 0), size);
		for (i = 0; i < size; i++)
			out[i] ^= u[i];
	}
	buf_wipe(u, sizeof u);
	result = 0;
out:
	gcry_md_close(h);
	return result;
}
