/*
 * DNS queries by c-ares, used by dial.c alone: the SRV records of a domain,
 * then the addresses of one host after the other. Owns the channel and its
 * sockets; never blocks. The caller reads the results in the struct.
 */
#ifndef XMPP_LOOKUP_H
#define XMPP_LOOKUP_H

#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>

#include "xmpp/srv.h"

#define LOOKUP_FDS	 16  /* bound of the descriptors to watch */
#define LOOKUP_RECORDS	 128 /* SRV records kept; more are dropped */
#define LOOKUP_ADDRESSES 8   /* addresses kept of one family of a host */

struct ares_channeldata;

/* The query for one SRV service. */
struct lookup_service {
	struct lookup *lookup;
	int direct, pending;
	/* The domain has a record with the target `.`: no such service. */
	int absent;
};

/* The addresses of one family, complete with the port. */
struct lookup_family {
	struct lookup *lookup;
	int name; /* AF_INET6 or AF_INET */
	int port, pending;
	size_t count;
	struct sockaddr_storage list[LOOKUP_ADDRESSES];
};

struct lookup {
	struct ares_channeldata *channel;  /* NULL unless open */
	struct lookup_service services[2]; /* _xmpps-client, _xmpp-client */
	struct srv records[LOOKUP_RECORDS];
	size_t count;			  /* of records, which are not sorted */
	struct lookup_family families[2]; /* IPv6, IPv4 */
	int status; /* ARES_* code: why there is no address */
};

/* Makes an idle lookup; opens nothing. */
void lookup_init(struct lookup *l);
/* Ends all queries and closes all sockets; keeps the results. */
void lookup_clear(struct lookup *l);
/*
 * Prepares for queries to SERVERS ("IP:PORT,..."; NULL: those of the system).
 * If SEARCH is 1, names without a dot are searched in the system's domains.
 * Returns NULL, or the reason of a failure, static.
 */
const char *lookup_open(struct lookup *l, const char *servers, int search);
/* Queries both SRV records of DOMAIN (RFC 6120 3.2.1, XEP-0368 3). */
void lookup_srv(struct lookup *l, const char *domain);
/* Returns 1 while an SRV answer is missing. */
int lookup_srv_pending(const struct lookup *l);
/*
 * Queries the addresses of HOST, and stores them with PORT in `families`. The
 * queries of the former call must have ended. A numeric address needs no query
 * and no lookup_open.
 */
void lookup_addresses(struct lookup *l, const char *host, int port);
/* Explains why there is no address; static. */
const char *lookup_why(const struct lookup *l);
/* Fills at most MAX entries of FDS for poll(2); returns their number. */
size_t lookup_fds(const struct lookup *l, struct pollfd *fds, size_t max);
/* Handles the events that poll found at FD; ignores one that is not ours. */
void lookup_event(struct lookup *l, int fd, short events);
/* Handles timeouts. */
void lookup_tick(struct lookup *l);
/* Returns the milliseconds until lookup_tick is due; -1 if there is no query.
 */
int lookup_timeout(const struct lookup *l);
/*
 * Parses TEXT, an IPv4 address or an IPv6 address with or without brackets,
 * into ADDRESS with port 0. Returns -1 if it is neither.
 */
int lookup_parse(const char *text, struct sockaddr_storage *address);

#endif
