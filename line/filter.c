#include "line/filter.h"

#include <string.h>

void
filter_init(struct filter *f, enum filter_way way, int options)
{
	memset(f, 0, sizeof *f);
	f->way = way;
	f->column.options = options;
	f->line = 1;
}

/* Each of the two does what it can of part and returns how much that was; why
 * is set where it failed. LAST: nothing will follow. */

static size_t
escape_part(struct filter *f, struct buf *out, int last)
{
	size_t n = f->len;

	if (escape_write_some(&f->column, out, f->part, &n, last) == -1) {
		f->why = "too long";
		return 0;
	}
	f->at += n;
	return n;
}

static size_t
unescape_part(struct filter *f, struct buf *out, int last)
{
	const unsigned char *p = f->part, *end = p + f->len, *feed;
	size_t n;

	while (p < end) {
		feed = memchr(p, '\n', (size_t)(end - p));
		n = (size_t)((feed == NULL ? end : feed) - p);
		if (escape_read_some(&f->column, out, p, &n,
			last || feed != NULL, &f->why) == -1) {
			f->at += n;
			break;
		}
		f->why = NULL;
		f->at += n;
		p += n;
		if (feed == NULL)
			break;
		if (buf_addc(out, '\n') == -1) {
			f->why = "too long";
			break;
		}
		p++;
		f->line++;
		f->at = 0;
		memset(&f->column, 0, sizeof f->column);
	}
	return (size_t)(p - f->part);
}

static int
run(struct filter *f, struct buf *out, int last)
{
	size_t done;

	done = f->way == FILTER_ESCAPE ? escape_part(f, out, last)
				       : unescape_part(f, out, last);
	if (f->why != NULL)
		return -1;
	f->len -= done;
	memmove(f->part, f->part + done, f->len);
	return 0;
}

int
filter_add(struct filter *f, const void *p, size_t n, struct buf *out)
{
	const unsigned char *from = p;
	size_t some;

	if (f->why != NULL)
		return -1;
	while (n > 0) {
		some = sizeof f->part - f->len;
		if (some > n)
			some = n;
		memcpy(f->part + f->len, from, some);
		f->len += some;
		from += some;
		n -= some;
		if (run(f, out, 0) == -1)
			return -1;
	}
	return 0;
}

int
filter_end(struct filter *f, struct buf *out)
{
	if (f->why != NULL || run(f, out, 1) == -1)
		return -1;
	if (f->way == FILTER_ESCAPE && buf_addc(out, '\n') == -1) {
		f->why = "too long";
		return -1;
	}
	return 0;
}
