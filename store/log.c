#include "store/log.h"

#include <string.h>

#define FIRST (64u << 10) /* bytes read at first; then eight times more */
#define PIECE (1u << 20)  /* bytes read at once by log_check */

/* Sets NAME to the file of the history of JID. dir.c refuses one too long. */
static void
set_file_name(const char *jid, struct buf *name)
{
	buf_init(name, 4096);
	buf_adds(name, "histories/");
	buf_adds(name, jid);
}

/*
 * Reads the last WINDOW bytes of the file NAME, and sets *SIZE to the size of
 * the whole file. Returns NULL if it cannot be read.
 */
static struct history *
read_end(
    struct dir *d, const char *name, size_t window, size_t keep, int64_t *size)
{
	struct history *h = NULL;
	struct buf in;

	*size = 0;
	buf_init(&in, window);
	if (dir_read_part(d, name, -(int64_t)window, window, &in, size) != -1) {
		h = history_new(
		    strchr(name, '/') + 1, keep, *size > (int64_t)window);
		history_feed(h, buf_data(&in), buf_len(&in));
		history_end(h);
	}
	buf_clear(&in);
	return h;
}

/* Reads the end of the history of JID, as much of it as has N messages. */
static struct history *
read_end_with(
    struct dir *d, const char *jid, size_t n, size_t keep, int64_t *size)
{
	struct history *h = NULL;
	size_t window = FIRST;
	struct buf name;

	set_file_name(jid, &name);
	for (;;) {
		h = read_end(d, buf_str(&name), window, keep, size);
		if (h == NULL || history_total(h) >= n ||
		    *size <= (int64_t)window || window >= LOG_WINDOW)
			break;
		history_free(h);
		window *= 8;
		if (window > LOG_WINDOW)
			window = LOG_WINDOW;
	}
	buf_clear(&name);
	return h;
}

int
log_repair(struct dir *d, const char *jid, int64_t *torn)
{
	int64_t size;
	struct history *h = read_end_with(d, jid, 1, 0, &size);
	struct buf name;
	int status = 0;

	*torn = 0;
	if (h == NULL)
		return -1;
	*torn = (int64_t)history_tail(h);
	history_free(h);
	if (*torn == 0)
		return 0;
	set_file_name(jid, &name);
	status = dir_set_aside(d, buf_str(&name), size - *torn);
	buf_clear(&name);
	return status == 0 ? 1 : -1;
}

struct history *
log_last(struct dir *d, const char *jid, size_t n)
{
	int64_t size;

	return read_end_with(d, jid, n, n, &size);
}

struct history *
log_check(struct dir *d, const char *jid)
{
	struct history *h = history_new(jid, 0, 0);
	int64_t offset = 0;
	struct buf name, in;
	size_t n = 1;
	int status = 1;

	set_file_name(jid, &name);
	buf_init(&in, PIECE);
	while (status == 1 && n > 0) {
		buf_reset(&in);
		status =
		    dir_read_part(d, buf_str(&name), offset, PIECE, &in, NULL);
		n = buf_len(&in);
		offset += (int64_t)n;
		history_feed(h, buf_data(&in), n);
	}
	history_end(h);
	buf_clear(&in);
	buf_clear(&name);
	if (status == -1) {
		history_free(h);
		return NULL;
	}
	return h;
}
