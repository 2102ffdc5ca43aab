#include "line/world/append.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/*
 * Cuts off what does not end with a line, of a run that was killed, at the end
 * of FD, which has *SIZE bytes.
 */
static int
cut_torn(int fd, off_t *size)
{
	char tail[4096];
	ssize_t n, i;
	off_t at;

	while (*size > 0) {
		at =
		    *size > (off_t)sizeof tail ? *size - (off_t)sizeof tail : 0;
		n = pread(fd, tail, (size_t)(*size - at), at);
		if (n <= 0)
			return -1;
		for (i = n; i > 0 && tail[i - 1] != '\n'; i--)
			;
		if (i == n)
			return 0;
		*size = at + i;
		if (ftruncate(fd, *size) == -1)
			return -1;
		if (i > 0)
			return 0;
	}
	return 0;
}

/*
 * Returns 0 if the file system of FD has no room for LEN bytes: then nothing is
 * written, so that a reader never sees half a line.
 */
static int
has_room(int fd, size_t len)
{
	struct statvfs v;

	return fstatvfs(fd, &v) == -1 || v.f_blocks == 0 ||
	       len / v.f_frsize + 1 <= v.f_bavail;
}

int
append_lines(
    int at, const char *name, const void *text, size_t len, int *is_whole)
{
	const unsigned char *p = text;
	struct stat st;
	size_t done = 0;
	ssize_t n;
	int error = 0, fd = openat(at, name,
			   O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW |
			       O_NONBLOCK | O_CLOEXEC,
			   0600);

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1)
		error = errno;
	else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		error = EACCES;
	else if (!*is_whole && cut_torn(fd, &st.st_size) == -1)
		error = errno;
	else if (!has_room(fd, len))
		error = ENOSPC;
	else
		*is_whole = 1;
	while (error == 0 && done < len) {
		n = write(fd, p + done, len - done);
		if (n > 0)
			done += (size_t)n;
		else if (n == -1 && errno != EINTR)
			error = errno;
	}
	/* A line that did not fit, for a quota or for what others wrote at the
	 * same time, must not be half there. */
	if (done > 0 && done < len && ftruncate(fd, st.st_size) == -1)
		*is_whole = 0;
	close(fd);
	errno = error;
	return error == 0 ? 0 : -1;
}

int
append_may_pass(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EMFILE ||
	       error == ENFILE || error == EIO || error == ENOMEM ||
	       error == EFBIG || error == EROFS;
}
