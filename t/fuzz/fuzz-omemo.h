/* The drivers of omemo/: in a build without it they take every input. */
#ifndef T_FUZZ_OMEMO_H
#define T_FUZZ_OMEMO_H

#include <stdint.h>
#include <stdlib.h>

/* Tries the SIZE bytes at DATA; aborts where a law does not hold. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifdef NO_OMEMO
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)data;
	(void)size;
	return 0;
}
#else
#include "t/unit/omemo-pair.h"

#define ALICE "alice@example.org"
#define BOB   "bob@example.org"
#endif

#endif
