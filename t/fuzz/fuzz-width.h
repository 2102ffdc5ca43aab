/* The columns of characters, without a locale. */
#ifndef T_FUZZ_WIDTH_H
#define T_FUZZ_WIDTH_H

#include "sexp/utf8.h"

/* Returns what wcwidth(3) does, for some characters of each kind. */
static int
width(uint32_t cp)
{
	if (cp < ' ' || (cp >= 0x7f && cp < 0xa0) || cp > 0x2fff0)
		return -1;
	if (utf8_is_nonspacing(cp))
		return 0;
	return cp >= 0x3000 && cp < 0xa000 ? 2 : 1;
}

#endif
