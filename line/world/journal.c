#include "line/world/journal.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/text/fields.h"

#define NAME  ".journal"
#define FULL  ((size_t)256 * 1024)
#define MOST  ((size_t)16 * 1024 * 1024) /* bytes of a journal that are read */
#define TAIL  ((size_t)1024 * 1024)	 /* of `out`, looked at for answers */
#define LINES ((unsigned long)1 << 20)	 /* of a journal */

void
journal_init(struct journal *j)
{
	memset(j, 0, sizeof *j);
	buf_init(&j->notes, MOST);
}

void
journal_clear(struct journal *j)
{
	buf_clear(&j->notes);
}

static int
open_journal(int at, int flags)
{
	return openat(
	    at, NAME, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
}

/* Appends the N bytes at P to the journal in AT. -1: errno, nothing is. */
static int
append_bytes(struct journal *j, int at, const void *p, size_t n)
{
	int error = 0, fd = open_journal(at, O_WRONLY | O_APPEND | O_CREAT);
	ssize_t done;

	if (fd == -1)
		return -1;
	do
		done = write(fd, p, n);
	while (done == -1 && errno == EINTR);
	if (done == -1)
		error = errno;
	else if ((size_t)done < n)
		error = ENOSPC;
	if (done > 0 && error != 0 && ftruncate(fd, (off_t)j->size) == -1)
		error = errno;
	close(fd);
	errno = error;
	if (error != 0)
		return -1;
	j->size += n;
	return 0;
}

int
journal_add(struct journal *j, int at, const void *p, size_t n, int64_t now)
{
	const char *byte = p, *end = byte + n;
	struct buf record;
	int result;

	buf_init(&record, n + 128);
	buf_addf(&record, "+%lu %zu %lld\n", j->lines + 1, n, (long long)now);
	buf_add(&record, p, n);
	result = append_bytes(j, at, buf_data(&record), buf_len(&record));
	buf_clear(&record);
	if (result == -1)
		return -1;
	j->is_partial = end[-1] != '\n';
	for (; byte < end; byte++)
		j->lines += *byte == '\n';
	return 0;
}

void
journal_answered(struct journal *j, unsigned long line)
{
	j->answered++;
	buf_addf(&j->notes, "-%lu\n", line);
}

void
journal_note(struct journal *j, int at)
{
	if (j->size > 0 && j->answered == j->lines && !j->is_partial) {
		journal_forget(at);
		j->size = 0;
	} else if (j->size > 0 && buf_len(&j->notes) > 0 &&
		   append_bytes(
		       j, at, buf_data(&j->notes), buf_len(&j->notes)) == -1) {
		/* Entries for which the disk has no room are written later. */
		return;
	}
	buf_clear(&j->notes);
}

int
journal_is_full(const struct journal *j)
{
	return j->size > FULL;
}

void
journal_forget(int at)
{
	int fd = open_journal(at, O_WRONLY | O_TRUNC);

	if (fd != -1)
		close(fd);
}

/* The lines of a journal that is read. */
struct lost {
	struct buf bytes;
	unsigned long first; /* number of the first line */
	int64_t since;	     /* when the first was read */
	unsigned char *done; /* of each line: it was answered */
};

/* Appends the file NAME in AT to OUT, of a larger one the last MAX bytes. */
static void
read_file(int at, const char *name, size_t max, struct buf *out)
{
	int fd =
	    openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	static char chunk[65536];
	struct stat st;
	ssize_t n;

	if (fd == -1)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		if (st.st_size > (off_t)max)
			lseek(fd, st.st_size - (off_t)max, SEEK_SET);
		while ((n = read(fd, chunk, sizeof chunk)) > 0)
			buf_add(out, chunk, (size_t)n);
	}
	close(fd);
}

/* Notes that the line of number LINE was answered. */
static void
note_done(struct lost *l, unsigned long line)
{
	if (line >= l->first && line - l->first < LINES)
		l->done[line - l->first] = 1;
}

/* Takes the records of FILE apart. */
static void
read_records(struct lost *l, struct buf *file)
{
	char *p = buf_str(file), *end = p + buf_len(file), *lf;
	unsigned long number;
	long long when;
	size_t n;

	for (; p < end && (lf = memchr(p, '\n', (size_t)(end - p))) != NULL;
	     p = lf + 1) {
		number = strtoul(p + 1, &p, 10);
		if (*p == '\n') {
			note_done(l, number);
			continue;
		}
		n = strtoul(p, &p, 10);
		when = strtoll(p, &p, 10);
		if (l->first == 0) {
			l->first = number;
			l->since = when;
		}
		/* The last record may be torn. */
		n = n < (size_t)(end - lf) ? n : (size_t)(end - lf) - 1;
		buf_add(&l->bytes, lf + 1, n);
		lf += n;
	}
}

/* Looks in `out`, of which TEXT is the end, for answers that were filed. */
static void
read_answers(struct lost *l, struct buf *text, const char *in)
{
	const char *p = buf_str(text), *end = p + buf_len(text), *lf;
	struct field line;
	struct fields e;

	for (; (lf = memchr(p, '\n', (size_t)(end - p))) != NULL; p = lf + 1) {
		if (fields_read(&e, p, (size_t)(lf - p)) == -1 ||
		    (e.tag != EVENT_OK && e.tag != EVENT_ERROR &&
			e.tag != EVENT_SENT) ||
		    e.time < l->since || !field_is(fields_get(&e, "in"), in))
			continue;
		/* Somebody else may have written to the file. */
		line = fields_get(&e, "line");
		if (line.p != NULL)
			note_done(l, strtoul(line.p, NULL, 10));
	}
}

void
journal_recover(int at, const char *in,
    void (*tell)(void *data, unsigned long line, const char *p, size_t n),
    void *data)
{
	struct lost l = {.first = 0};
	struct buf file, out;
	const char *p, *end, *lf;
	unsigned long i;

	buf_init(&file, MOST);
	buf_init(&out, TAIL);
	buf_init(&l.bytes, MOST);
	read_file(at, NAME, MOST, &file);
	if (buf_len(&file) > 0) {
		l.done = buf_alloc(LINES);
		read_records(&l, &file);
		read_file(at, "out", TAIL, &out);
		read_answers(&l, &out, in);
	}
	p = buf_str(&l.bytes);
	end = p + buf_len(&l.bytes);
	for (i = 0; p < end && i < LINES; i++, p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (lf == NULL)
			lf = end;
		if (!l.done[i])
			tell(data, l.first + i, p, (size_t)(lf - p));
	}
	free(l.done);
	buf_clear(&file);
	buf_clear(&out);
	buf_clear(&l.bytes);
}
