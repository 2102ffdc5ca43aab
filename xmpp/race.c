#include "xmpp/race.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
race_init(struct race *race)
{
	size_t i;

	memset(race, 0, sizeof *race);
	for (i = 0; i < RACE_MAX; i++)
		race->list[i].fd = -1;
}

void
race_stop(struct racer *r)
{
	if (r->fd != -1)
		close(r->fd);
	r->fd = -1;
}

void
race_clear(struct race *race)
{
	size_t i;

	for (i = 0; i < RACE_MAX; i++)
		race_stop(&race->list[i]);
}

size_t
race_count(const struct race *race)
{
	size_t i, n = 0;

	for (i = 0; i < RACE_MAX; i++)
		n += race->list[i].fd != -1;
	return n;
}

struct racer *
race_oldest(struct race *race)
{
	struct racer *oldest = NULL, *r;

	for (r = race->list; r < race->list + RACE_MAX; r++)
		if (r->fd != -1 && (oldest == NULL || r->turn < oldest->turn))
			oldest = r;
	return oldest;
}

struct racer *
race_find(struct race *race, int fd)
{
	size_t i;

	for (i = 0; i < RACE_MAX; i++)
		if (race->list[i].fd == fd)
			return &race->list[i];
	return NULL;
}

struct racer *
race_start(struct race *race, const struct sockaddr_storage *to, size_t tag)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)to;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)to;
	int is_v4 = to->ss_family == AF_INET, on = 1;
	struct racer *r = race_find(race, -1);

	if (r == NULL)
		return NULL;
	r->tag = tag;
	r->to = *to;
	r->turn = race->turns++;
	r->error = 0;
	inet_ntop(to->ss_family,
	    is_v4 ? (const void *)&v4->sin_addr : (const void *)&v6->sin6_addr,
	    r->address, sizeof r->address);
	r->fd = socket(
	    to->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (r->fd != -1)
		setsockopt(r->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (r->fd == -1 || (connect(r->fd, (const struct sockaddr *)to,
				is_v4 ? sizeof *v4 : sizeof *v6) == -1 &&
			       errno != EINPROGRESS)) {
		r->error = errno;
		race_stop(r);
	}
	return r;
}

int
race_check(struct racer *r)
{
	struct sockaddr_storage peer;
	socklen_t peer_len = sizeof peer, error_len = sizeof r->error;

	if (getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &r->error, &error_len) ==
	    -1)
		r->error = errno;
	if (r->error != 0) {
		race_stop(r);
		return -1;
	}
	/* No error may also mean that the attempt is still under way. */
	return getpeername(r->fd, (struct sockaddr *)&peer, &peer_len) == 0;
}

size_t
race_fds(const struct race *race, struct pollfd *fds, size_t max)
{
	size_t i, n = 0;

	for (i = 0; i < RACE_MAX && n < max; i++)
		if (race->list[i].fd != -1)
			fds[n++] =
			    (struct pollfd){race->list[i].fd, POLLOUT, 0};
	return n;
}
