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
#define TIME_TOR     45000 /* for it through Tor, which builds circuits first */
#define TIME_SECOND  50	   /* to wait for AAAA after A, RFC 8305 3 */
#define TIME_ATTEMPT 250   /* between attempts, RFC 8305 5 */
#define TIME_STALL   5000  /* from the last attempt to the next target */
#define TIME_OTHER   500   /* for the second SRV answer, after targets */
#define TIME_NONE    2500  /* for it, if the first had no targets */

#define WHY	     1000 /* bytes of the list of failed attempts */

#if LOOKUP_FDS + RACE_MAX > DIAL_FDS
#error "DIAL_FDS cannot hold what is watched"
#endif

enum stage {
	STAGE_SRV,    /* waiting for the two SRV queries */
	STAGE_TARGET, /* looking up and connecting to targets, in order */
	STAGE_TOR,    /* torsocks looks up and connects */
	STAGE_WON,    /* a socket was handed out; more are left to try */
	STAGE_OVER
};

struct dial {
	enum stage stage;
	uint32_t random;
	int64_t now, deadline, wake;
	struct tor *tor;
	struct lookup lookup;
	size_t count, target; /* records of `lookup`: number, current */
	size_t tried[2];      /* addresses used of each family */
	int v4_next;	      /* the next attempt is with IPv4 */
	int64_t second; /* wait for AAAA until then; -1: not yet waiting */
	int64_t ready;	/* the next attempt is due then */
	int64_t stall;	/* the last attempt has time for itself until then */
	int64_t other;	/* wait for the second SRV answer until then; 0: not
			 * yet waiting */
	struct race race;
	struct racer again[RACE_MAX]; /* attempts that the winner ended */
	size_t again_count, won;      /* index of the target that won */
	char won_address[INET6_ADDRSTRLEN];
	char *servers; /* as in the options */
	int search;    /* as for lookup_open */
	int reached;   /* 1: some target had an address */
	struct buf why;
	struct tor_result through;
	struct dial_result result;
	int told; /* the result was returned */
};

/* Adds TEXT to the list of failed attempts, unless it is full. */
static void
note_text(struct dial *d, const char *text)
{
	if (buf_len(&d->why) + strlen(text) + 2 > WHY)
		return;
	if (buf_len(&d->why) > 0)
		buf_adds(&d->why, "; ");
	buf_adds(&d->why, text);
}

/* Adds the failed attempt R, for the reason WHAT, to that list. */
static void
note_racer(struct dial *d, const struct racer *r, const char *what)
{
	const struct srv *target = &d->lookup.records[r->tag];
	char text[SRV_HOST + 200];

	snprintf(text, sizeof text, "%s port %d at %s: %s", target->host,
	    target->port, r->address, what);
	note_text(d, text);
}

/* Ends everything that is under way. */
static void
finish_dial(struct dial *d)
{
	race_clear(&d->race);
	lookup_clear(&d->lookup);
	tor_free(d->tor);
	d->tor = NULL;
	d->stage = STAGE_OVER;
}

static void
fail_dial(struct dial *d, const char *cause, const char *why)
{
	if (why != NULL)
		note_text(d, why);
	d->result.cause = cause;
	finish_dial(d);
}

/* Returns the number of targets and addresses that are left to try. */
static size_t
count_more(const struct dial *d)
{
	const struct lookup_family *f = d->lookup.families;
	size_t n = d->again_count;

	if (d->target < d->count)
		n += d->count - d->target - 1 + f[0].count - d->tried[0] +
		     f[1].count - d->tried[1];
	return n;
}

/* Hands out the socket of R and closes the others, which may be tried later. */
static void
finish_with_winner(struct dial *d, struct racer *r)
{
	const struct srv *target = &d->lookup.records[r->tag];
	size_t i;

	d->result.fd = r->fd;
	d->result.host = target->host;
	d->result.port = target->port;
	d->result.direct = target->direct;
	d->won = r->tag;
	memcpy(d->won_address, r->address, sizeof d->won_address);
	d->result.address = d->won_address;
	r->fd = -1;
	d->again_count = 0;
	for (i = 0; i < RACE_MAX; i++)
		if (d->race.list[i].fd != -1)
			d->again[d->again_count++] = d->race.list[i];
	finish_dial(d);
	d->result.more = count_more(d);
	if (d->result.more > 0)
		d->stage = STAGE_WON;
}

static void
lower_wake(int64_t *wake, int64_t at)
{
	if (at < *wake)
		*wake = at;
}

/*
 * Returns 1 if NAME is an onion service, which must not be sent to a name
 * server (RFC 7686 2).
 */
static int
is_onion(const char *name)
{
	size_t n = strlen(name);

	return n >= 6 && strcasecmp(name + n - 6, ".onion") == 0;
}

/* Sets the only target, unless SRV records replace it. */
static void
set_target(struct dial *d, const char *host, int port)
{
	struct srv *target = &d->lookup.records[0];

	if (strlen(host) >= sizeof target->host) {
		fail_dial(d, "dns", "the host's name is too long");
		return;
	}
	snprintf(target->host, sizeof target->host, "%s", host);
	target->port = (uint16_t)(port > 0 ? port : PORT_STARTTLS);
	target->direct = port == PORT_DIRECT || port == PORT_HTTPS;
	d->count = 1;
}

/* Starts to look up the addresses of the current target. */
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
 * Returns 1 to wait for an SRV answer: for the first in any case, but for the
 * second only a while, as some name servers never answer it.
 */
static int
awaits_srv(struct dial *d)
{
	const struct lookup_service *s = d->lookup.services;

	if (!lookup_srv_pending(&d->lookup))
		return 0;
	if (s[0].pending && s[1].pending)
		return 1;
	if (d->other == 0)
		d->other =
		    d->now + (d->lookup.count > 0 ? TIME_OTHER : TIME_NONE);
	lower_wake(&d->wake, d->other);
	return d->now < d->other;
}

/*
 * Ends the SRV queries. If there are no targets, the domain itself is the host
 * (RFC 6120 3.2.1, 3.2.2), unless it declares that it has no such service.
 */
static void
end_srv(struct dial *d)
{
	if (d->lookup.count > 0) {
		d->count = d->lookup.count;
		srv_sort(d->lookup.records, d->count, d->random);
	} else if (d->lookup.services[1].absent) {
		fail_dial(
		    d, "dns", "the domain declares that it serves no clients");
	} else {
		d->lookup.count = d->count; /* late records follow it */
	}
	if (d->stage != STAGE_OVER)
		ask_addresses(d);
}

/* Returns the next address, alternating between IPv6 and IPv4; or NULL. */
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

/* Returns 1 while the addresses of some family are missing. */
static int
awaits_more_addresses(const struct dial *d)
{
	return d->lookup.families[0].pending || d->lookup.families[1].pending;
}

/*
 * Returns 1 to wait for more addresses: for the first in any case, and 50 ms
 * for AAAA if A came first (RFC 8305 3).
 */
static int
awaits_first_address(struct dial *d)
{
	const struct lookup_family *v6 = &d->lookup.families[0];
	const struct lookup_family *v4 = &d->lookup.families[1];

	if (!v6->pending)
		return v6->count == 0 && v4->pending;
	if (v4->count == 0)
		return 1;
	if (d->second == -1)
		d->second = d->now + TIME_SECOND;
	lower_wake(&d->wake, d->second);
	return d->now < d->second;
}

/* Returns how long the last attempt may take, to leave time for the others. */
static int64_t
stall_time(const struct dial *d)
{
	int64_t left =
	    d->target < d->count ? (int64_t)(d->count - d->target) : 1;
	int64_t ms = (d->deadline - d->now) / (2 * left);

	if (ms > TIME_STALL)
		return TIME_STALL;
	return ms < TIME_ATTEMPT ? TIME_ATTEMPT : ms;
}

/* Returns 1 if there is room for one more attempt; ends a stalled oldest one.
 */
static int
has_room_for_racer(struct dial *d)
{
	struct racer *oldest;

	if (race_count(&d->race) < RACE_MAX)
		return 1;
	if (d->now < d->stall) {
		lower_wake(&d->wake, d->stall);
		return 0;
	}
	oldest = race_oldest(&d->race);
	note_racer(d, oldest, "no answer");
	race_stop(oldest);
	return 1;
}

/* Starts the attempts that are due. Returns 0 if no address is left. */
static int
start_attempts(struct dial *d)
{
	const struct sockaddr_storage *address;
	struct racer *r;

	while (d->now >= d->ready && has_room_for_racer(d)) {
		if ((address = next_address(d)) == NULL)
			return awaits_more_addresses(d);
		r = race_start(&d->race, address, d->target);
		if (r->fd == -1) {
			note_racer(d, r, strerror(r->error));
			continue;
		}
		d->ready = d->now + TIME_ATTEMPT;
		d->stall = d->now + stall_time(d);
	}
	if (d->now < d->ready)
		lower_wake(&d->wake, d->ready);
	return 1;
}

/* Goes on to the next target, if any. */
static void
next_target(struct dial *d)
{
	if (d->lookup.families[0].count + d->lookup.families[1].count == 0) {
		char text[SRV_HOST + 200];

		snprintf(text, sizeof text, "%s: %s",
		    d->lookup.records[d->target].host, lookup_why(&d->lookup));
		note_text(d, text);
	} else {
		d->reached = 1;
	}
	if (++d->target < d->count)
		ask_addresses(d);
}

/* Works on the targets. Returns 1 if it should be called again at once. */
static int
work_target(struct dial *d)
{
	if (d->target == d->count && d->lookup.count > d->count) {
		srv_sort(d->lookup.records + d->count,
		    d->lookup.count - d->count, d->random);
		d->count = d->lookup.count;
		ask_addresses(d);
	} else if (d->target == d->count) {
		if (race_count(&d->race) == 0 &&
		    !lookup_srv_pending(&d->lookup))
			fail_dial(d, d->reached ? "refused" : "dns", NULL);
		return 0;
	}
	if (awaits_first_address(d) || start_attempts(d))
		return 0;
	if (race_count(&d->race) > 0 && d->now < d->stall) {
		if (d->target + 1 < d->count)
			lower_wake(&d->wake, d->stall);
		else
			next_target(d);
		return 0;
	}
	next_target(d);
	return 1;
}

/* Finishes the dial if torsocks has succeeded or failed. */
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
		finish_dial(d);
		return;
	}
	snprintf(text, sizeof text, "%s port %d through torsocks: %s",
	    target->host, target->port, d->through.why);
	fail_dial(d, d->through.found ? "refused" : "dns", text);
}

/* Lets torsocks look up the only target and connect. */
static void
start_tor(struct dial *d)
{
	d->tor = tor_new(d->lookup.records[0].host, d->lookup.records[0].port);
	d->stage = STAGE_TOR;
	if (d->tor == NULL)
		fail_dial(d, "refused", "no thread for torsocks");
}

/* Returns 1 if there is a result, good or bad. */
static int
has_result(const struct dial *d)
{
	return d->stage == STAGE_WON || d->stage == STAGE_OVER;
}

/* Fails for lack of time, and lists the attempts under way as well. */
static void
expire_dial(struct dial *d)
{
	size_t i;

	for (i = 0; i < RACE_MAX; i++)
		if (d->race.list[i].fd != -1)
			note_racer(d, &d->race.list[i], "no answer");
	if (buf_len(&d->why) == 0)
		note_text(d, d->stage == STAGE_TOR
				 ? "no answer through torsocks"
				 : "no answer from the name servers");
	fail_dial(d, "timeout", NULL);
}

/* Does everything possible now, and computes when it is due next. */
static void
step_dial(struct dial *d)
{
	int again, left;

	do {
		again = 0;
		d->wake = d->deadline;
		if (d->stage == STAGE_SRV) {
			again = !awaits_srv(d);
			if (again)
				end_srv(d);
		} else if (d->stage == STAGE_TARGET) {
			again = work_target(d);
		} else if (d->stage == STAGE_TOR) {
			work_tor(d);
		}
	} while (again);
	if ((left = lookup_timeout(&d->lookup)) != -1)
		lower_wake(&d->wake, d->now + left);
}

/* Starts with HOST, the configured one or the domain. */
static void
begin_dial(struct dial *d, const struct dial_options *o, const char *host)
{
	struct sockaddr_storage numeric;
	const char *why = NULL;

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
		why = lookup_open(&d->lookup, d->servers, d->search);
	if (why != NULL)
		fail_dial(d, "dns", why);
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
	d->servers = buf_strdup(o->servers);
	d->search = o->host != NULL && strchr(o->host, '.') == NULL;
	race_init(&d->race);
	lookup_init(&d->lookup);
	buf_init(&d->why, WHY);
	begin_dial(d, o, o->host != NULL ? o->host : o->domain);
	step_dial(d);
	return d;
}

void
dial_free(struct dial *d)
{
	if (d == NULL)
		return;
	finish_dial(d);
	buf_clear(&d->why);
	free(d->servers);
	free(d);
}

void
dial_next(struct dial *d, const char *why, int64_t now)
{
	const struct srv *target = &d->lookup.records[d->won];
	char text[SRV_HOST + 200];
	struct racer *r;
	size_t i;

	if (d->stage != STAGE_WON)
		return;
	snprintf(text, sizeof text, "%s port %d at %s: %s", target->host,
	    target->port, d->won_address, why);
	note_text(d, text);
	memset(&d->result, 0, sizeof d->result);
	d->result.fd = -1;
	d->stage = STAGE_TARGET;
	d->reached = 1;
	d->told = 0;
	d->now = now;
	d->ready = d->stall = 0;
	d->deadline = now + TIME_ALL;
	/* If it fails, numeric addresses still work and names report it. */
	if (lookup_open(&d->lookup, d->servers, d->search) != NULL)
		lookup_clear(&d->lookup);
	for (i = 0; i < d->again_count; i++) {
		r = race_start(&d->race, &d->again[i].to, d->again[i].tag);
		if (r->fd == -1)
			note_racer(d, r, strerror(r->error));
	}
	d->stall = now + stall_time(d);
	step_dial(d);
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
	if (d->stage == STAGE_WON)
		return -1;
	return d->stage == STAGE_OVER ? d->now : d->wake;
}

/* Handles EVENTS that poll found at FD. */
static void
handle_event(struct dial *d, int fd, short events)
{
	struct racer *r = race_find(&d->race, fd);
	int end;

	if (r == NULL) {
		lookup_event(&d->lookup, fd, events);
		return;
	}
	end = race_check(r);
	if (end == 1)
		finish_with_winner(d, r);
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

	if (d->stage == STAGE_WON && d->told)
		return 0;
	d->now = now;
	for (i = 0; i < n && !has_result(d); i++)
		if (fds[i].revents != 0)
			handle_event(d, fds[i].fd, fds[i].revents);
	lookup_tick(&d->lookup);
	if (!has_result(d))
		step_dial(d);
	if (!has_result(d) && now >= d->deadline)
		expire_dial(d);
	if (!has_result(d))
		return 0;
	if (d->result.cause != NULL)
		d->result.why = buf_str(&d->why);
	*result = d->result;
	d->told = 1;
	return 1;
}
