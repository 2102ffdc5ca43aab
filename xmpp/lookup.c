#include "xmpp/lookup.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/select.h>
#include <sys/time.h>

#include <ares.h>

#define TIME_QUERY 2500 /* ms for a server to answer, doubled once */
#define CLASS_IN   1	/* RFC 1035 */
#define TYPE_SRV   33	/* RFC 2782 */

#if ARES_GETSOCK_MAXNUM > LOOKUP_FDS
#error "LOOKUP_FDS is too few"
#endif

void
lookup_init(struct lookup *l)
{
	memset(l, 0, sizeof *l);
}

void
lookup_clear(struct lookup *l)
{
	if (l->channel != NULL)
		ares_destroy(l->channel);
	l->channel = NULL;
}

const char *
lookup_open(struct lookup *l, const char *servers, int search)
{
	char lookups[] = "b"; /* name servers only, see add_from_hosts */
	struct ares_options options = {
	    .timeout = TIME_QUERY, .tries = 2, .lookups = lookups};
	int status = ares_init_options(&l->channel, &options,
	    ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
		(search ? 0 : ARES_OPT_DOMAINS));

	if (status != ARES_SUCCESS) {
		l->channel = NULL;
		return ares_strerror(status);
	}
	if (servers != NULL)
		status = ares_set_servers_ports_csv(l->channel, servers);
	return status == ARES_SUCCESS ? NULL : ares_strerror(status);
}

/* Keeps the records of one answer; the target `.` means none (RFC 2782). */
static void
add_records(struct lookup_service *s, const struct ares_srv_reply *r)
{
	struct lookup *l = s->lookup;

	for (; r != NULL; r = r->next) {
		struct srv *record = &l->records[l->count];

		if (*r->host == '\0' || strcmp(r->host, ".") == 0) {
			s->absent = 1;
			continue;
		}
		if (l->count == LOOKUP_RECORDS || r->port == 0 ||
		    strlen(r->host) >= sizeof record->host)
			continue;
		snprintf(record->host, sizeof record->host, "%s", r->host);
		record->port = r->port;
		record->priority = r->priority;
		record->weight = r->weight;
		record->direct = s->direct;
		l->count++;
	}
}

static void
on_srv(void *arg, int status, int timeouts, unsigned char *answer, int n)
{
	struct lookup_service *s = arg;
	struct ares_srv_reply *records = NULL;

	(void)timeouts;
	s->pending = 0;
	if (status != ARES_SUCCESS ||
	    ares_parse_srv_reply(answer, n, &records) != ARES_SUCCESS)
		return;
	add_records(s, records);
	ares_free_data(records);
}

void
lookup_srv(struct lookup *l, const char *domain)
{
	static const char *const names[2] = {"_xmpps-client", "_xmpp-client"};
	char name[SRV_HOST + 32];
	int i;

	for (i = 0; i < 2; i++) {
		l->services[i] = (struct lookup_service){l, i == 0, 1, 0};
		snprintf(name, sizeof name, "%s._tcp.%s", names[i], domain);
		ares_query(l->channel, name, CLASS_IN, TYPE_SRV, on_srv,
		    &l->services[i]);
	}
}

int
lookup_srv_pending(const struct lookup *l)
{
	return l->services[0].pending || l->services[1].pending;
}

/* Adds ADDRESS, N bytes, to F if it is of that family. */
static void
add_address(struct lookup_family *f, const struct sockaddr *address, size_t n)
{
	struct sockaddr_storage *to = &f->list[f->count];
	in_port_t port = htons((uint16_t)f->port);

	if (f->count == LOOKUP_ADDRESSES || n > sizeof *to ||
	    address->sa_family != f->name)
		return;
	memset(to, 0, sizeof *to);
	memcpy(to, address, n);
	if (f->name == AF_INET)
		((struct sockaddr_in *)to)->sin_port = port;
	else
		((struct sockaddr_in6 *)to)->sin6_port = port;
	f->count++;
}

static void
on_address(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	struct ares_addrinfo_node *node;
	struct lookup_family *f = arg;

	(void)timeouts;
	f->pending = 0;
	/* A failed query is reported rather than a name that does not exist. */
	if (status != ARES_SUCCESS &&
	    (f->lookup->status == ARES_ENODATA ||
		(status != ARES_ENODATA && status != ARES_ENOTFOUND)))
		f->lookup->status = status;
	if (info == NULL)
		return;
	for (node = info->nodes; node != NULL; node = node->ai_next)
		add_address(f, node->ai_addr, node->ai_addrlen);
	ares_freeaddrinfo(info);
}

/* Adds the numeric address TEXT to its family; ignores anything else. */
static void
add_numeric(struct lookup *l, const char *text)
{
	struct sockaddr_storage numeric;
	int i;

	for (i = 0; i < 2 && lookup_parse(text, &numeric) == 0; i++)
		add_address(&l->families[i], (struct sockaddr *)&numeric,
		    sizeof numeric);
}

/*
 * Adds the addresses of HOST in the hosts file. ares_getaddrinfo would also ask
 * a server for the family that the file lacks.
 */
static void
add_from_hosts(struct lookup *l, const char *host)
{
	char text[INET6_ADDRSTRLEN];
	struct hostent *found;
	char **address;
	int i;

	for (i = 0; i < 2; i++) {
		int family = l->families[i].name;

		if (ares_gethostbyname_file(l->channel, host, family, &found) !=
		    ARES_SUCCESS)
			continue;
		for (address = found->h_addr_list; *address != NULL; address++)
			if (inet_ntop(family, *address, text, sizeof text))
				add_numeric(l, text);
		ares_free_hostent(found);
	}
}

/*
 * Returns 1 if HOST is localhost or a name below it: they are this machine and
 * must not be queried (RFC 6761 6.3).
 */
static int
is_localhost(const char *host)
{
	size_t n = strlen(host), len = strlen("localhost");

	return n >= len && strcasecmp(host + n - len, "localhost") == 0 &&
	       (n == len || host[n - len - 1] == '.');
}

void
lookup_addresses(struct lookup *l, const char *host, int port)
{
	struct ares_addrinfo_hints hints = {
	    .ai_flags = ARES_AI_NOSORT, .ai_socktype = SOCK_STREAM};
	struct lookup_family *f = l->families;
	int i;

	l->status = ARES_ENODATA;
	for (i = 0; i < 2; i++) {
		memset(&f[i], 0, sizeof f[i]);
		f[i].lookup = l;
		f[i].name = i == 0 ? AF_INET6 : AF_INET;
		f[i].port = port;
	}
	add_numeric(l, host);
	if (l->channel == NULL || f[0].count + f[1].count > 0)
		return;
	add_from_hosts(l, host);
	if (f[0].count + f[1].count == 0 && is_localhost(host)) {
		add_numeric(l, "::1");
		add_numeric(l, "127.0.0.1");
	}
	if (f[0].count + f[1].count > 0)
		return;
	f[0].pending = f[1].pending = 1;
	for (i = 0; i < 2; i++) {
		hints.ai_family = f[i].name;
		ares_getaddrinfo(
		    l->channel, host, NULL, &hints, on_address, &f[i]);
	}
}

const char *
lookup_why(const struct lookup *l)
{
	return ares_strerror(l->status);
}

size_t
lookup_fds(const struct lookup *l, struct pollfd *fds, size_t max)
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	size_t n = 0;
	unsigned bits = 0;
	int i;

	if (l->channel != NULL)
		bits = (unsigned)ares_getsock(
		    l->channel, sockets, ARES_GETSOCK_MAXNUM);
	/* ARES_GETSOCK_WRITABLE shifts into the sign of an int. */
	for (i = 0; i < ARES_GETSOCK_MAXNUM && n < max; i++) {
		short events = 0;

		if (bits >> i & 1)
			events |= POLLIN;
		if (bits >> (i + ARES_GETSOCK_MAXNUM) & 1)
			events |= POLLOUT;
		if (events != 0)
			fds[n++] = (struct pollfd){sockets[i], events, 0};
	}
	return n;
}

void
lookup_event(struct lookup *l, int fd, short events)
{
	/* A socket with an error is read, so that c-ares notices. */
	if (l->channel != NULL)
		ares_process_fd(l->channel,
		    events & ~POLLOUT ? fd : ARES_SOCKET_BAD,
		    events & POLLOUT ? fd : ARES_SOCKET_BAD);
}

void
lookup_tick(struct lookup *l)
{
	if (l->channel != NULL)
		ares_process_fd(l->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

int
lookup_timeout(const struct lookup *l)
{
	struct timeval left;

	if (l->channel == NULL || ares_timeout(l->channel, NULL, &left) == NULL)
		return -1;
	return (int)(left.tv_sec * 1000 + left.tv_usec / 1000 + 1);
}

int
lookup_parse(const char *text, struct sockaddr_storage *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
	char bare[INET6_ADDRSTRLEN + 2];
	size_t n = strlen(text);

	memset(address, 0, sizeof *address);
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		address->ss_family = AF_INET;
		return 0;
	}
	if (n >= sizeof bare)
		return -1;
	if (n > 2 && text[0] == '[' && text[n - 1] == ']')
		snprintf(bare, sizeof bare, "%.*s", (int)(n - 2), text + 1);
	else
		snprintf(bare, sizeof bare, "%s", text);
	if (inet_pton(AF_INET6, bare, &v6->sin6_addr) != 1)
		return -1;
	address->ss_family = AF_INET6;
	return 0;
}
