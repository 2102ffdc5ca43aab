/*
 * Sorts SRV records into the order in which they are tried (RFC 2782). The
 * records of both services of XEP-0368 are one list. Pure; makes no queries.
 */
#ifndef XMPP_SRV_H
#define XMPP_SRV_H

#include <stddef.h>
#include <stdint.h>

#define SRV_HOST 254 /* bytes of a name in text and its NUL */

/* One record. */
struct srv {
	char host[SRV_HOST]; /* without the dot at the end */
	uint16_t port, priority, weight;
	int direct; /* 1: _xmpps-client, TLS from the first byte */
};

/*
 * Sorts N records by priority and, within one, at random by weight (RFC 2782,
 * "Weight"). RANDOM is the seed: the same number gives the same order.
 */
void srv_sort(struct srv *records, size_t n, uint32_t random);

#endif
