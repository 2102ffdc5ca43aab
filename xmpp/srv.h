/*
 * The order in which the targets of SRV records are tried: RFC 2782, with the
 * two services of XEP-0368 in one space of priorities. A pure function; knows
 * neither names nor how records are found.
 */
#ifndef XMPP_SRV_H
#define XMPP_SRV_H

#include <stddef.h>
#include <stdint.h>

#define SRV_HOST 254 /* bytes of a name in text and its NUL */

/* One record. */
struct srv {
	char host[SRV_HOST]; /* without the last dot */
	uint16_t port, priority, weight;
	int direct; /* 1: of _xmpps-client, TLS from the first byte */
};

/*
 * Puts N records into the order in which they are to be tried: by priority,
 * within one at random by weight (RFC 2782 "Weight"). RANDOM decides: the same
 * number gives the same order.
 */
void srv_sort(struct srv *records, size_t n, uint32_t random);

#endif
