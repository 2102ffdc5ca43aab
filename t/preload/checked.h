/*
 * For t/preload: the checked names of calls, which the program makes where the
 * length of an array is known (_FORTIFY_SOURCE). They lead to the plain names,
 * those of the library that includes this, or else of libc.
 */
#ifndef T_PRELOAD_CHECKED_H
#define T_PRELOAD_CHECKED_H

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* read(2); SIZE, the bytes of the array, is not used. */
ssize_t __read_chk(int fd, void *p, size_t n, size_t size);
/* recv(2), likewise. */
ssize_t __recv_chk(int fd, void *p, size_t n, size_t size, int flags);
/* poll(2), likewise. */
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size);

ssize_t
__read_chk(int fd, void *p, size_t n, size_t size)
{
	(void)size;
	return read(fd, p, n);
}

ssize_t
__recv_chk(int fd, void *p, size_t n, size_t size, int flags)
{
	(void)size;
	return recv(fd, p, n, flags);
}

int
__poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size)
{
	(void)size;
	return poll(fds, n, timeout);
}

#endif
