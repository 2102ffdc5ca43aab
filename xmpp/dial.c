#include "xmpp/dial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "sexp/buf.h"
#include "xmpp/lookup.h"
#include "xmpp/race.h"
#include "xmpp/srv.h"
#include "xmpp/tor.h"

#define PORT_STARTTLS 5222
#define PORT_DIRECT   5223
#define PORT_HTTPS    443

/* Milliseconds. */
#define TIME_ALL     30000 /* for the whole dial */
#define TIME_TOR     45000 /* the same, where Tor builds circuits first */
#define TIME_SECOND  50	   /* for AAAA to come after A, RFC 8305 section 3 */
#define TIME_ATTEMPT 250   /* between attempts, RFC 8305 section 5 */
#define TIME_STALL   5000  /* after the last attempt, to the next target */

#define WHY	     1000 /* bytes */

#if LOOKUP_FDS + RACE_MAX > DIAL_FDS
#error "DIAL_FDS cannot hold what is watched"
#endif

enum stage {
	STAGE_SRV,    /* the two queries for SRV records are out */
	STAGE_TARGET, /* targets are looked up and connected to, in order */
	STAGE_TOR,    /* torsocks does all of it */
	STAGE_OVER
};

struct dial {
	enum stage stage;
	uint32_t random;
	int64_t now, deadline, wake;
	struct tor *tor;
	struct lookup lookup;
	size_t count, target;  /* of lookup's records: how many, whose turn */
	size_t tried[2];       /* how many addresses of each family */
	int v4_next;	       /* which family has the next attempt */
	int64_t second, ready; /* wait until; -1: not yet waiting; 0: now */
	int64_t stall;
	struct race race;
	int reached; /* 1: some address was there to be tried */
	struct buf why;
	struct tor_result through;
	struct dial_result result;
};

/* Appends to what was tried; what does not fit is left out. */
static void
note(struct dial *d, const char *text)
{
	if (buf_len(&d->why) + strlen(text) + 2 > WHY)
		return;
	if (buf_len(&d->why) > 0)
		buf_adds(&d->why, "; ");
	buf_adds(&d->why, text);
}

static void
note_racer(struct dial *d, const struct racer *r, const char *what)
{
	const struct srv *target = &d->lookup.records[r->tag];
	char text[SRV_HOST + 200];

	snprintf(text, sizeof text, "%s port %d at %s: %s", target->host,
	    target->port, r->address, what);
	note(d, text);
}

static void
finish(struct dial *d)
{
	race_clear(&d->race);
	lookup_clear(&d->lookup);
	tor_free(d->tor);
	d->tor = NULL;
	d->stage = STAGE_OVER;
}

static void
fail(struct dial *d, const char *cause, const char *why)
{
	if (why != NULL)
		note(d, why);
	d->result.cause = cause;
	finish(d);
}

/* R has won: its socket leaves, all others are closed. */
static void
succeed(struct dial *d, struct racer *r)
{
	const struct srv *target = &d->lookup.records[r->tag];

	d->result.fd = r->fd;
	d->result.host = target->host;
	d->result.port = target->port;
	d->result.direct = target->direct;
	d->result.address = r->address;
	r->fd = -1;
	finish(d);
}

static void
lower(int64_t *wake, int64_t at)
{
	if (at < *wake)
		*wake = at;
}

/* RFC 7686: such names are never asked of a name server. */
static int
is_onion(const char *name)
{
	size_t n = strlen(name);

	return n >= 6 && strcasecmp(name + n - 6, ".onion") == 0;
}

/* The only target as long as SRV records give no others. */
static void
set_target(struct dial *d, const char *host, int port)
{
	struct srv *target = &d->lookup.records[0];

	if (strlen(host) >= sizeof target->host) {
		fail(d, "dns", "the host's name is too long");
		return;
	}
	snprintf(target->host, sizeof target->host, "%s", host);
	target->port = (uint16_t)(port > 0 ? port : PORT_STARTTLS);
	target->direct = port == PORT_DIRECT || port == PORT_HTTPS;
	d->count = 1;
}

/* Finds the addresses of the target whose turn it is. */
static void
ask_addresses(struct dial *d)
{
	const struct srv *target = &d->lookup.records[d->target];

	d->stage = STAGE_TARGET;
	d->tried[0] = d->tried[1] = 0;
	d->v4_next = 0;
	d->stall = d->ready = 0;
	d->second = -1;
	lookup_addresses(&d->lookup, target->host, target->port);
}

/*
 * Both SRV queries are over. Where neither gave a target, whether by saying so
 * or by no answer at all, the domain itself is the host (RFC 6120 3.2.1 and
 * 3.2.2), unless it declared that it has no service there.
 */
static void
end_srv(struct dial *d)
{
	if (d->lookup.count > 0) {
		d->count = d->lookup.count;
		srv_sort(d->lookup.records, d->count, d->random);
	} else if (d->lookup.services[1].absent) {
		fail(d, "dns", "the domain declares that it serves no clients");
	}
	if (d->stage != STAGE_OVER)
		ask_addresses(d);
}

/* The next address, families alternating, IPv6 first; NULL: none is left. */
static const struct sockaddr_storage *
next_address(struct dial *d)
{
	const struct lookup_family *f = d->lookup.families;
	int i = d->v4_next;

	if (d->tried[i] == f[i].count)
		i = !i;
	if (d->tried[i] == f[i].count)
		return NULL;
	d->v4_next = !i;
	return &f[i].list[d->tried[i]++];
}

/* Whether the answer for some family is still missing. */
static int
is_pending(const struct dial *d)
{
	return d->lookup.families[0].pending || d->lookup.families[1].pending;
}

/*
 * Whether to wait for more addresses: for any at all, and 50 ms for AAAA where
 * A came first (RFC 8305 section 3).
 */
static int
is_waiting(struct dial *d)
{
	const struct lookup_family *v6 = &d->lookup.families[0];
	const struct lookup_family *v4 = &d->lookup.families[1];

	if (!v6->pending)
		return v6->count == 0 && v4->pending;
	if (v4->count == 0)
		return 1;
	if (d->second == -1)
		d->second = d->now + TIME_SECOND;
	lower(&d->wake, d->second);
	return d->now < d->second;
}

/* Starts the attempts that are due. Returns 0 when no address is left. */
static int
start_attempts(struct dial *d)
{
	const struct sockaddr_storage *address;
	struct racer *r;

	while (d->now >= d->ready && race_count(&d->race) < RACE_MAX) {
		if ((address = next_address(d)) == NULL)
			return is_pending(d);
		r = race_start(&d->race, address, d->target);
		if (r->fd == -1) {
			note_racer(d, r, strerror(r->error));
			continue;
		}
		d->ready = d->now + TIME_ATTEMPT;
		d->stall = d->now + TIME_STALL;
	}
	/* With RACE_MAX under way it is the end of one that wakes. */
	if (d->now < d->ready)
		lower(&d->wake, d->ready);
	return 1;
}

/* Turns to the next target; without one, and without hope, fails. */
static void
next_target(struct dial *d)
{
	if (d->lookup.families[0].count + d->lookup.families[1].count == 0) {
		char text[SRV_HOST + 200];

		snprintf(text, sizeof text, "%s: %s",
		    d->lookup.records[d->target].host, lookup_why(&d->lookup));
		note(d, text);
	} else {
		d->reached = 1;
	}
	if (++d->target < d->count)
		ask_addresses(d);
}

/* Goes on with the targets. Returns 1 when it should be called again. */
static int
work_target(struct dial *d)
{
	if (d->target == d->count) {
		if (race_count(&d->race) == 0)
			fail(d, d->reached ? "refused" : "dns", NULL);
		return 0;
	}
	if (is_waiting(d) || start_attempts(d))
		return 0;
	if (race_count(&d->race) > 0 && d->now < d->stall) {
		if (d->target + 1 < d->count)
			lower(&d->wake, d->stall);
		else
			next_target(d);
		return 0;
	}
	next_target(d);
	return 1;
}

/* The end of what torsocks does: no list of attempts, one outcome. */
static void
work_tor(struct dial *d)
{
	const struct srv *target = &d->lookup.records[0];
	char text[SRV_HOST + 200];

	if (!tor_take(d->tor, &d->through))
		return;
	d->result.fd = d->through.fd;
	d->result.host = target->host;
	d->result.port = target->port;
	d->result.direct = target->direct;
	d->result.address = d->through.address;
	if (d->through.fd != -1) {
		finish(d);
		return;
	}
	snprintf(text, sizeof text, "%s port %d through torsocks: %s",
	    target->host, target->port, d->through.why);
	fail(d, d->through.found ? "refused" : "dns", text);
}

static void
start_tor(struct dial *d)
{
	d->tor = tor_new(d->lookup.records[0].host, d->lookup.records[0].port);
	d->stage = STAGE_TOR;
	if (d->tor == NULL)
		fail(d, "refused", "no thread for torsocks");
}

/* Too late: what is still under way is named beside what has failed. */
static void
expire(struct dial *d)
{
	size_t i;

	for (i = 0; i < RACE_MAX; i++)
		if (d->race.list[i].fd != -1)
			note_racer(d, &d->race.list[i], "no answer");
	if (buf_len(&d->why) == 0)
		note(d, d->stage == STAGE_TOR
			    ? "no answer through torsocks"
			    : "no answer of the name servers");
	fail(d, "timeout", NULL);
}

/* Goes as far as is possible at once, and finds out when to be called next. */
static void
step(struct dial *d)
{
	int again, left;

	do {
		again = 0;
		d->wake = d->deadline;
		if (d->stage == STAGE_SRV) {
			again = !lookup_srv_pending(&d->lookup);
			if (again)
				end_srv(d);
		} else if (d->stage == STAGE_TARGET) {
			again = work_target(d);
		} else if (d->stage == STAGE_TOR) {
			work_tor(d);
		}
	} while (again);
	if ((left = lookup_timeout(&d->lookup)) != -1)
		lower(&d->wake, d->now + left);
}

/* Starts on HOST, the configured one or the domain. */
static void
begin(struct dial *d, const struct dial_options *o, const char *host)
{
	struct sockaddr_storage numeric;
	const char *why = NULL;
	int search = o->host != NULL && strchr(host, '.') == NULL;

	set_target(d, host, o->port);
	if (d->stage == STAGE_OVER)
		return;
	if (tor_used()) {
		start_tor(d);
		return;
	}
	if (is_onion(host))
		why = "an onion service is reached through torsocks only";
	else if (lookup_parse(host, &numeric) == -1)
		why = lookup_open(&d->lookup, o->servers, search);
	if (why != NULL)
		fail(d, "dns", why);
	else if (o->host != NULL || o->port != 0 || d->lookup.channel == NULL)
		ask_addresses(d);
	else
		lookup_srv(&d->lookup, host);
}

struct dial *
dial_new(const struct dial_options *o, int64_t now)
{
	struct dial *d = buf_alloc(sizeof *d);

	d->stage = STAGE_SRV;
	d->random = o->random;
	d->now = now;
	d->deadline = now + (tor_used() ? TIME_TOR : TIME_ALL);
	d->result.fd = -1;
	race_init(&d->race);
	lookup_init(&d->lookup);
	buf_init(&d->why, WHY);
	begin(d, o, o->host != NULL ? o->host : o->domain);
	step(d);
	return d;
}

void
dial_free(struct dial *d)
{
	if (d == NULL)
		return;
	finish(d);
	buf_clear(&d->why);
	free(d);
}

size_t
dial_fds(struct dial *d, struct pollfd *fds, size_t max)
{
	size_t n = race_fds(&d->race, fds, max);

	n += lookup_fds(&d->lookup, fds + n, max - n);
	if (d->tor != NULL && n < max)
		fds[n++] = (struct pollfd){tor_fd(d->tor), POLLIN, 0};
	return n;
}

int64_t
dial_deadline(const struct dial *d)
{
	return d->stage == STAGE_OVER ? d->now : d->wake;
}

/* What poll found at FD. */
static void
take_event(struct dial *d, int fd, short events)
{
	struct racer *r = race_find(&d->race, fd);
	int end;

	if (r == NULL) {
		lookup_event(&d->lookup, fd, events);
		return;
	}
	end = race_check(r);
	if (end == 1)
		succeed(d, r);
	if (end == -1) {
		note_racer(d, r, strerror(r->error));
		d->ready = d->now;
	}
}

int
dial_work(struct dial *d, const struct pollfd *fds, size_t n, int64_t now,
    struct dial_result *result)
{
	size_t i;

	d->now = now;
	for (i = 0; i < n && d->stage != STAGE_OVER; i++)
		if (fds[i].revents != 0)
			take_event(d, fds[i].fd, fds[i].revents);
	lookup_tick(&d->lookup);
	if (d->stage != STAGE_OVER)
		step(d);
	if (d->stage != STAGE_OVER && now >= d->deadline)
		expire(d);
	if (d->stage != STAGE_OVER)
		return 0;
	if (d->result.cause != NULL)
		d->result.why = buf_str(&d->why);
	*result = d->result;
	return 1;
}
