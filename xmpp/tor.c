#include "xmpp/tor.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sexp/buf.h"

/*
 * Shared by the thread and the caller. Each says under the lock that it is done
 * with it: the thread by `over`, tor_free by `gone`. The second of them frees.
 */
struct tor {
	pthread_mutex_t lock;
	int over, gone;
	int notice[2]; /* the thread writes one byte when it is over */
	char *host;
	char port[8];
	struct tor_result result;
};

int
tor_used(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload != NULL && strstr(preload, "torsocks") != NULL;
}

static void
destroy_tor(struct tor *t)
{
	if (t->result.fd != -1)
		close(t->result.fd);
	close(t->notice[0]);
	close(t->notice[1]);
	pthread_mutex_destroy(&t->lock);
	free(t->host);
	free(t);
}

/* Returns a socket that is connected to A, or -1 with the reason in R. */
static int
connect_to(const struct addrinfo *a, struct tor_result *r)
{
	int fd, flags, on = 1;

	if (getnameinfo(a->ai_addr, a->ai_addrlen, r->address,
		sizeof r->address, NULL, 0, NI_NUMERICHOST) != 0)
		r->address[0] = '\0';
	fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || connect(fd, a->ai_addr, a->ai_addrlen) == -1 ||
	    (flags = fcntl(fd, F_GETFL)) == -1 ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1) {
		snprintf(r->why, sizeof r->why, "%s", strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

/* Looks up the host and tries its addresses in turn. Blocks. */
static void
connect_to_host(const struct tor *t, struct tor_result *r)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL, *a;
	int error = getaddrinfo(t->host, t->port, &hints, &list);

	if (error != 0) {
		snprintf(r->why, sizeof r->why, "%s", gai_strerror(error));
		return;
	}
	r->found = 1;
	for (a = list; a != NULL && r->fd == -1; a = a->ai_next)
		r->fd = connect_to(a, r);
	freeaddrinfo(list);
}

/* The thread. */
static void *
run_thread(void *arg)
{
	struct tor_result result = {.fd = -1};
	struct tor *t = arg;
	int gone;

	connect_to_host(t, &result);
	pthread_mutex_lock(&t->lock);
	t->result = result;
	t->over = 1;
	gone = t->gone;
	if (!gone)
		while (write(t->notice[1], "", 1) == -1 && errno == EINTR)
			;
	pthread_mutex_unlock(&t->lock);
	if (gone)
		destroy_tor(t);
	return NULL;
}

/*
 * Starts the thread with all signals blocked, so that they interrupt the poll
 * loop and not the thread. Returns -1 if there is none.
 */
static int
start_thread(struct tor *t)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all, old;
	int error;

	if (pthread_attr_init(&attributes) != 0)
		return -1;
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&thread, &attributes, run_thread, t);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	return error == 0 ? 0 : -1;
}

struct tor *
tor_new(const char *host, int port)
{
	struct tor *t = buf_alloc(sizeof *t);

	t->result.fd = -1;
	if (pipe(t->notice) == -1) {
		free(t);
		return NULL;
	}
	fcntl(t->notice[0], F_SETFD, FD_CLOEXEC);
	fcntl(t->notice[1], F_SETFD, FD_CLOEXEC);
	pthread_mutex_init(&t->lock, NULL);
	t->host = buf_strdup(host);
	snprintf(t->port, sizeof t->port, "%d", port);
	if (start_thread(t) == -1) {
		destroy_tor(t);
		return NULL;
	}
	return t;
}

void
tor_free(struct tor *t)
{
	int over;

	if (t == NULL)
		return;
	pthread_mutex_lock(&t->lock);
	t->gone = 1;
	over = t->over;
	pthread_mutex_unlock(&t->lock);
	if (over)
		destroy_tor(t);
}

int
tor_fd(const struct tor *t)
{
	return t->notice[0];
}

int
tor_take(struct tor *t, struct tor_result *result)
{
	int over;

	pthread_mutex_lock(&t->lock);
	over = t->over;
	if (over) {
		*result = t->result;
		t->result.fd = -1;
	}
	pthread_mutex_unlock(&t->lock);
	return over;
}
