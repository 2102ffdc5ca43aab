/* Any text as a file of users/: what is read is kept word for word. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/user.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sexp_error e;
	struct user *list, u, v;
	struct buf once, twice;
	size_t count;

	user_parse_list(&list, &count, data, size, &e);
	while (count > 0)
		user_clear(&list[--count]);
	free(list);
	if (user_parse(&u, data, size, &e) == -1)
		return 0;
	buf_init(&once, (size_t)1 << 24);
	buf_init(&twice, (size_t)1 << 24);
	if (user_print(&u, &once) == -1 ||
	    user_parse(&v, buf_data(&once), buf_len(&once), &e) == -1 ||
	    user_print(&v, &twice) == -1 ||
	    strcmp(buf_str(&once), buf_str(&twice)) != 0)
		abort();
	user_clear(&u);
	user_clear(&v);
	buf_clear(&once);
	buf_clear(&twice);
	return 0;
}
