#include "line/world/route.h"

#include <string.h>

#include "line/text/escape.h"
#include "sexp/buf.h"

int
route_jid(struct field f, char jid[JID_SIZE])
{
	struct buf plain;
	const char *why;
	size_t at;
	int is_jid;

	buf_init(&plain, JID_SIZE - 1);
	is_jid = f.p != NULL && escape_read(&plain, f.p, f.n, &why, &at) == 1;
	if (is_jid)
		memcpy(jid, buf_str(&plain), buf_len(&plain) + 1);
	buf_clear(&plain);
	return is_jid ? 0 : -1;
}

/* Returns 1 if an event TAG about KNOWN makes a directory for its JID. */
static int
makes_folder(enum event_tag tag, enum client_known known, int is_asked)
{
	switch (tag) {
	case EVENT_MESSAGE:
		return known == CLIENT_CONTACT;
	case EVENT_ROOM:
	case EVENT_TOPIC:
	case EVENT_MEMBER:
	case EVENT_SENT:
	case EVENT_OWN:
		return 1;
	case EVENT_OK: /* Somebody who has a directory asked for it. */
		return is_asked;
	default:
		return 0;
	}
}

enum route
route_event(enum event_tag tag, const char *jid, enum client_known known,
    int has_own, int is_asked)
{
	int is_talk =
	    tag == EVENT_ROOM || tag == EVENT_TOPIC || tag == EVENT_MEMBER;

	if (has_own && !is_talk)
		return ROUTE_FULL;
	/* An occupant is somebody else than the room. */
	if (known == CLIENT_ROOM && !is_talk && jid_resource(jid) != NULL) {
		if (tag == EVENT_SENT)
			return ROUTE_FULL_NEW;
		if (tag == EVENT_MESSAGE)
			return ROUTE_TOP;
	}
	if (known == CLIENT_SELF)
		return ROUTE_BARE;
	return makes_folder(tag, known, is_asked) ? ROUTE_BARE_NEW : ROUTE_BARE;
}
