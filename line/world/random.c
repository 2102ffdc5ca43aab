#include "line/world/random.h"

#include <sys/random.h>

#include <errno.h>

int
random_bytes(void *p, size_t n)
{
	unsigned char *at = p;
	ssize_t got;

	while (n > 0) {
		got = getrandom(at, n, 0);
		if (got == -1 && errno != EINTR)
			return -1;
		if (got > 0) {
			at += got;
			n -= (size_t)got;
		}
	}
	return 0;
}
