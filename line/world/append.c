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
 * Returns for how many of the LEN bytes of lines at P the file system of FD has
 * room: no more are written, so that a reader never sees half a line.
 */
static size_t
find_room(int fd, const unsigned char *p, size_t len)
{
	struct statvfs v;

	if (fstatvfs(fd, &v) == -1 || v.f_blocks == 0 ||
	    len / v.f_frsize < v.f_bavail)
		return len;
	len = (size_t)(v.f_bavail * v.f_frsize);
	while (len > 0 && p[len - 1] != '\n')
		len--;
	return len;
}

size_t
append_lines(
    int at, const char *name, const void *text, size_t len, int *is_whole)
{
	const unsigned char *p = text;
	struct stat st;
	size_t done = 0, room = 0;
	ssize_t n;
	int error = 0, fd = openat(at, name,
			   O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW |
			       O_NONBLOCK | O_CLOEXEC,
			   0600);

	if (fd == -1)
		return 0;
	if (fstat(fd, &st) == -1)
		error = errno;
	else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		error = EACCES;
	else if (!*is_whole && cut_torn(fd, &st.st_size) == -1)
		error = errno;
	else {
		*is_whole = 1;
		room = find_room(fd, p, len);
	}
	while (error == 0 && done < room) {
		n = write(fd, p + done, room - done);
		if (n > 0)
			done += (size_t)n;
		else if (n == -1 && errno != EINTR)
			error = errno;
	}
	/* A line that did not fit, for a quota or for what others wrote at the
	 * same time, must not be half there. */
	if (done > 0 && done < room && ftruncate(fd, st.st_size) == -1)
		*is_whole = 0;
	close(fd);
	errno = error == 0 && room < len ? ENOSPC : error;
	return done < room ? 0 : room;
}

int
append_may_pass(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EMFILE ||
	       error == ENFILE || error == EIO || error == ENOMEM ||
	       error == EFBIG || error == EROFS;
}
