/*
 * Any bytes as a JID: what is accepted is UTF-8, prepares to itself, is put
 * together again from its parts, and its domain has A-labels or is too long.
 */
#include "sexp/utf8.h"
#include "xmpp/jid.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char jid[JID_SIZE], again[JID_SIZE], local[JID_SIZE], domain[JID_SIZE];
	char ascii[256], built[3 * JID_SIZE];
	const char *tail;

	if (jid_parse((const char *)data, size, jid, NULL) == -1)
		return 0;
	if (utf8_valid(jid, strlen(jid)) != strlen(jid) ||
	    jid_parse(jid, strlen(jid), again, NULL) != 0 ||
	    strcmp(jid, again) != 0 || !jid_same_bare(jid, again))
		abort();
	jid_local(jid, local);
	jid_domain(jid, domain);
	tail = jid_resource(jid);
	snprintf(built, sizeof built, "%s%s%s%s%s", local,
	    local[0] != '\0' ? "@" : "", domain, tail != NULL ? "/" : "",
	    tail != NULL ? tail : "");
	if (strcmp(built, jid) != 0 ||
	    (jid_ascii_domain(domain, ascii) != 0 && strlen(domain) < 64))
		abort();
	return 0;
}
