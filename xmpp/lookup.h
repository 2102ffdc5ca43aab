/*
 * Names looked up by c-ares, for dial.c alone: SRV records of a domain, then
 * addresses of one host after the other. Owns the channel and its sockets;
 * never blocks. Decides nothing: what came lies in the struct to be read.
 */
#ifndef XMPP_LOOKUP_H
#define XMPP_LOOKUP_H

#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>

#include "xmpp/srv.h"

#define LOOKUP_FDS	 16 /* descriptors watched at most */
#define LOOKUP_RECORDS	 32 /* SRV records kept; further ones are dropped */
#define LOOKUP_ADDRESSES 8  /* addresses kept of each family of a host */

struct ares_channeldata;

/* The query for one SRV service. */
struct lookup_service {
	struct lookup *lookup;
	int direct, pending;
	int absent; /* 1: the domain says that it has no such service */
};

/* The addresses of one family, with the port. */
struct lookup_family {
	struct lookup *lookup;
	int name; /* AF_INET6 or AF_INET */
	int port, pending;
	size_t count;
	struct sockaddr_storage list[LOOKUP_ADDRESSES];
};

struct lookup {
	struct ares_channeldata *channel;  /* NULL: none */
	struct lookup_service services[2]; /* _xmpps-client, _xmpp-client */
	struct srv records[LOOKUP_RECORDS];
	size_t count;			  /* of records, in no order */
	struct lookup_family families[2]; /* IPv6, IPv4 */
	int status;			  /* why there is no address */
};

/* An idle lookup; opens nothing. */
void lookup_init(struct lookup *l);
/* Ends all queries and closes all sockets; what was found stays. */
void lookup_clear(struct lookup *l);
/*
 * Makes ready for queries to SERVERS ("IP:PORT,..."; NULL: the system's). With
 * SEARCH names without a dot are searched in the system's domains. NULL, or
 * why not, static.
 */
const char *lookup_open(struct lookup *l, const char *servers, int search);
/* Asks for both SRV records of DOMAIN (RFC 6120 3.2.1, XEP-0368 3). */
void lookup_srv(struct lookup *l, const char *domain);
/* 1 while an SRV answer is missing. */
int lookup_srv_pending(const struct lookup *l);
/*
 * Asks for the addresses of HOST, to be used with PORT; the answers to the
 * former such call must be complete. A numeric address is its own answer and
 * needs no lookup_open.
 */
void lookup_addresses(struct lookup *l, const char *host, int port);
/* Why there is no address, in words, static. */
const char *lookup_why(const struct lookup *l);
/* Fills up to MAX entries of FDS with what to watch; returns how many. */
size_t lookup_fds(const struct lookup *l, struct pollfd *fds, size_t max);
/* Works on what poll found at FD, which may be of somebody else. */
void lookup_event(struct lookup *l, int fd, short events);
/* Works on what is due by time alone. */
void lookup_tick(struct lookup *l);
/* Milliseconds from now until lookup_tick is due; -1: nothing is awaited. */
int lookup_timeout(const struct lookup *l);
/*
 * Turns TEXT, an IPv4 address or an IPv6 address with or without brackets, into
 * ADDRESS with port 0. -1 where it is none.
 */
int lookup_parse(const char *text, struct sockaddr_storage *address);

#endif
