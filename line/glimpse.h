/*
 * A look at the certificate that a server shows, for --configure. Touches the
 * world: the network, clocks, randomness.
 */
#ifndef LINE_GLIMPSE_H
#define LINE_GLIMPSE_H

#include "store/config.h"
#include "xmpp/stream.h"

struct glimpse {
	const unsigned char *der, *pin; /* NULL: nothing was seen */
	size_t n;			/* bytes of der */
	const char *cause;		/* of event.def, why not */
	char why[400];			/* the same as a sentence */
	struct stream *stream;		/* it owns der and pin */
};

/*
 * Connects as far as C says, which has a JID, and breaks off where the
 * certificate has come: no login begins. 30 seconds at most; a signal of
 * signals.h ends it too.
 */
void glimpse_take(const struct config *c, struct glimpse *g);
/* Frees what G owns. */
void glimpse_clear(struct glimpse *g);

#endif
