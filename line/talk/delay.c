#include "line/talk/delay.h"

#include <stdio.h>
#include <string.h>

#include "line/text/fields.h"

static int
two_digits(const char *p)
{
	return (p[0] - '0') * 10 + p[1] - '0';
}

/* Returns 1 if TEXT is a time zone of XEP-0082, `+hh:mm` or `-hh:mm`. */
static int
is_offset(const char *text)
{
	static const char digits[] = "0123456789";

	return (*text == '+' || *text == '-') && strlen(text) == 6 &&
	       strspn(text + 1, digits) == 2 && text[3] == ':' &&
	       strspn(text + 4, digits) == 2 && two_digits(text + 1) < 24 &&
	       two_digits(text + 4) < 60;
}

/* Returns 1 if TEXT begins with a day that exists: no 31st of February. */
static int
is_date(const char *text)
{
	char day[32], same[32];

	snprintf(day, sizeof day, "%.10sT00:00:00Z", text);
	event_time(field_time(field_of(day)), same);
	return strncmp(day, same, 10) == 0;
}

/*
 * Returns 1 if TEXT is a date and time of XEP-0082 that is not absurd: between
 * 1998, before which there was no XMPP, and tomorrow.
 */
static int
is_stamp(const struct client *c, const char *text)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd";
	char now[32];
	size_t i, fraction;

	for (i = 0; form[i] != '\0'; i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9'
				   : text[i] != form[i])
			return 0;
	if (text[i] == '.') {
		fraction = strspn(text + i + 1, "0123456789");
		if (fraction == 0)
			return 0;
		i += 1 + fraction;
	}
	if (strcmp(text + i, "Z") != 0 && !is_offset(text + i))
		return 0;
	if (two_digits(text + 5) < 1 || two_digits(text + 5) > 12 ||
	    two_digits(text + 8) < 1 || two_digits(text + 8) > 31 ||
	    two_digits(text + 11) > 23 || two_digits(text + 14) > 59 ||
	    two_digits(text + 17) > 60)
		return 0;
	event_time(c->clock.wall + 86400000, now);
	return strncmp(text, "1998", 4) >= 0 && strncmp(text, now, 19) <= 0 &&
	       is_date(text);
}

int
delay_is(const struct stanza *d)
{
	return stanza_is(d, "delay", NS_DELAY) ||
	       stanza_is(d, "x", "jabber:x:delay");
}

/* Writes the stamp TEXT to OUT, in UTC with `Z`. */
static void
to_utc(const char *text, char out[DELAY_STAMP])
{
	size_t n = strlen(text);
	char whole[24], sign;
	int64_t t;

	if (text[n - 1] == 'Z') {
		snprintf(out, DELAY_STAMP, "%.60s", text);
		return;
	}
	snprintf(whole, sizeof whole, "%.19sZ", text);
	text += n - 6;
	sign = *text;
	t = field_time(field_of(whole));
	t += (sign == '+' ? -1 : 1) *
	     ((int64_t)two_digits(text + 1) * 60 + two_digits(text + 4)) *
	     60000;
	event_time(t, out);
	memcpy(out + 19, "Z", 2);
}

/*
 * Writes the stamp of the delay D to OUT, in UTC. It has the form of XEP-0203
 * or the older one of XEP-0091, CCYYMMDDThh:mm:ss. Returns 0 if it makes no
 * sense.
 */
static int
read_stamp(
    const struct client *c, const struct stanza *d, char out[DELAY_STAMP])
{
	const char *stamp = stanza_get(d, "stamp");
	char now[32];
	char text[64];

	if (stamp == NULL || strlen(stamp) > 60)
		return 0;
	snprintf(text, sizeof text, "%s", stamp);
	if (strcmp(d->name, "x") == 0 && strlen(stamp) == 17)
		snprintf(text, sizeof text, "%.4s-%.2s-%.2s%.9sZ", stamp,
		    stamp + 4, stamp + 6, stamp + 8);
	if (!is_stamp(c, text))
		return 0;
	to_utc(text, out);
	event_time(c->clock.wall + 86400000, now);
	return strncmp(out, "1998", 4) >= 0 && strncmp(out, now, 19) <= 0;
}

const char *
delay_stamp(const struct client *c, const struct stanza *x, struct delay *d)
{
	char stamp[DELAY_STAMP], jid[JID_SIZE];
	const struct stanza *s;
	const char *from, *claim = NULL;

	d->offline = 0;
	for (s = x->child; s != NULL; s = s->next) {
		if (!delay_is(s) || !read_stamp(c, s, stamp))
			continue;
		from = stanza_get(s, "from");
		if (from != NULL &&
		    jid_parse(from, strlen(from), jid, NULL) == 0 &&
		    client_is_home(c, jid)) {
			d->offline = !c->link.replaying;
			return memcpy(d->text, stamp, sizeof stamp);
		}
		if (claim == NULL)
			claim = memcpy(d->text, stamp, sizeof stamp);
	}
	return claim;
}
