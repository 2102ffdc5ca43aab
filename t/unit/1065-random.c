/* line/random.c: interrupted, short, and without any randomness at all. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>

static const char *plan; /* i: interrupted; 1, 5: so many bytes; x: refused */

static ssize_t
planned_getrandom(void *p, size_t n, unsigned flags)
{
	size_t give = (size_t)(*plan - '0');

	(void)flags;
	if (*plan == '\0')
		give = n;
	else if (*plan == 'i' || *plan == 'x') {
		errno = *plan++ == 'i' ? EINTR : ENOSYS;
		return -1;
	} else
		plan++;
	give = give < n ? give : n;
	memset(p, 'r', give);
	return (ssize_t)give;
}

#define getrandom planned_getrandom
#include "line/world/random.c"
#include "t/unit/tap.h"

int
main(void)
{
	static const char *const plans[] = {
	    "", "i", "iii", "1", "i1i5i", "5i0"};
	char got[33];
	size_t i;

	for (i = 0; i < sizeof plans / sizeof *plans; i++) {
		memset(got, 0, sizeof got);
		plan = plans[i];
		ok(random_bytes(got, 32) == 0 &&
			strcmp(got, "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr") == 0,
		    "all 32 bytes, with \"%s\"", plans[i]);
	}
	plan = "i5x";
	ok(random_bytes(got, 32) == -1 && errno == ENOSYS, "refused");
	return tap_done();
}
