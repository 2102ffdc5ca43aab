#include "line/command/habit.h"

#include <string.h>

#include "sexp/buf.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct {
	const char *word, *ours, *hint;
} habits[] = {
#define HABIT(word, ours, hint) {word, ours, hint},
#include "line/command/habit.def"
#undef HABIT
};

/* Returns the index in the table of habits of WORD, COUNT(habits): none. */
static size_t
find_habit(const char *word, size_t n)
{
	size_t i;

	for (i = 0; i < COUNT(habits); i++)
		if (strlen(habits[i].word) == n &&
		    memcmp(habits[i].word, word, n) == 0)
			break;
	return i;
}

int
habit_line(const char *word, size_t n, const char *args, struct buf *out)
{
	size_t i = find_habit(word, n);
	const char *ours = i < COUNT(habits) ? habits[i].ours : NULL;
	const char *at = ours == NULL ? NULL : strstr(ours, "%s");

	if (ours == NULL)
		return 0;
	/* `/whois` of nobody means the active contact. */
	if (at != NULL && *args == '\0' && at[2] == ' ') {
		buf_adds(out, at + 3);
	} else if (at == NULL) {
		buf_adds(out, ours);
	} else {
		buf_add(out, ours, (size_t)(at - ours));
		buf_adds(out, args);
		buf_adds(out, at + 2);
	}
	while (buf_len(out) > 0 && buf_str(out)[buf_len(out) - 1] == ' ')
		buf_cut(out, buf_len(out) - 1);
	return 1;
}

const char *
habit_hint(const char *word, size_t n)
{
	size_t i = find_habit(word, n);

	return i < COUNT(habits) ? habits[i].hint : NULL;
}
