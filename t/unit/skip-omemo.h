/* The whole of a test that needs OMEMO, where the build has none. */
#include <stdio.h>

int
main(void)
{
	puts("1..0 # SKIP built with OMEMO=no");
	return 0;
}
