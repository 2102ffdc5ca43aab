#include "line/world/ready.h"

#include <stdlib.h>

#include "sexp/buf.h"

#ifdef __linux__
#include <sys/epoll.h>

#include <unistd.h>

#define READY_MAX 64

struct ready {
	int fd;
};

struct ready *
ready_new(void)
{
	struct ready *r;
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd == -1)
		return NULL;
	r = buf_alloc(sizeof *r);
	r->fd = fd;
	return r;
}

void
ready_free(struct ready *r)
{
	if (r == NULL)
		return;
	close(r->fd);
	free(r);
}

int
ready_add(struct ready *r, int fd, void *data)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = data};

	return epoll_ctl(r->fd, EPOLL_CTL_ADD, fd, &event);
}

void
ready_remove(struct ready *r, int fd)
{
	epoll_ctl(r->fd, EPOLL_CTL_DEL, fd, NULL);
}

int
ready_fd(const struct ready *r)
{
	return r->fd;
}

int
ready_now(struct ready *r, void **data, int max)
{
	struct epoll_event events[READY_MAX];
	int i,
	    n = epoll_wait(r->fd, events, max < READY_MAX ? max : READY_MAX, 0);

	for (i = 0; i < n; i++)
		data[i] = events[i].data.ptr;
	return n < 0 ? 0 : n;
}
#else
#include <poll.h>

struct ready {
	struct pollfd *fds;
	void **data;
	int count, at;
};

struct ready *
ready_new(void)
{
	return buf_alloc(sizeof(struct ready));
}

void
ready_free(struct ready *r)
{
	if (r == NULL)
		return;
	free(r->fds);
	free(r->data);
	free(r);
}

int
ready_add(struct ready *r, int fd, void *data)
{
	size_t n = (size_t)r->count + 1;

	r->fds = buf_realloc(r->fds, n, sizeof *r->fds);
	r->data = buf_realloc(r->data, n, sizeof *r->data);
	r->fds[r->count] = (struct pollfd){fd, POLLIN, 0};
	r->data[r->count++] = data;
	return 0;
}

void
ready_remove(struct ready *r, int fd)
{
	int i;

	for (i = 0; i < r->count && r->fds[i].fd != fd; i++)
		;
	if (i == r->count)
		return;
	r->count--;
	r->fds[i] = r->fds[r->count];
	r->data[i] = r->data[r->count];
}

int
ready_fd(const struct ready *r)
{
	(void)r;
	return -1;
}

int
ready_now(struct ready *r, void **data, int max)
{
	int i, n = 0;

	if (poll(r->fds, (nfds_t)r->count, 0) <= 0)
		return 0;
	/* Each has its turn, however many there are. */
	for (i = 0; i < r->count && n < max; i++, r->at++)
		if (r->fds[r->at % r->count].revents != 0)
			data[n++] = r->data[r->at % r->count];
	return n;
}
#endif
