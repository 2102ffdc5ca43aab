/* sexp/hex.c: digits of either case and nothing else; there and back. */
#include "sexp/hex.h"
#include "t/unit/tap.h"

#include <string.h>

int
main(void)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	unsigned char all[256];
	char text[2 * sizeof all + 1];
	int i, wrong = 0;

	for (i = -1; i < 256; i++)
		wrong += (hex_value(i) != -1) !=
			 (i > 0 && strchr(digits, i) != NULL);
	ok(wrong == 0, "the digits");
	ok(hex_value('9') == 9 && hex_value('f') == 15 && hex_value('A') == 10,
	    "their values");
	for (i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	hex_write(all, sizeof all, text);
	for (i = 0; i < 256; i++)
		wrong += hex_byte(text + 2 * i) != i;
	ok(wrong == 0 && strlen(text) == 512, "each byte there and back");
	ok(hex_byte("") == -1 && hex_byte("a") == -1 && hex_byte("g0") == -1 &&
		hex_byte("0g") == -1 && hex_byte("Ff") == 255,
	    "what is no byte");
	return tap_done();
}
