/*
 * The commands about OMEMO devices and their keys.
 */
#include <stdlib.h>
#include <string.h>

#include "line/command/args.h"
#include "line/command/command.h"
#include "line/command/devices.h"
#include "line/core/answer.h"
#include "line/talk/omemo_device.h"
#include "line/talk/omemo_task.h"

/* Returns 1 if OMEMO is on; 0 after an answer. */
static int
is_on(struct client *c)
{
	if (!omemo_task_is_on(c))
		answer_error(c, NULL, "config",
		    "OMEMO is off; /omemo publish switches it on");
	return omemo_task_is_on(c);
}

static void
publish_device(struct client *c)
{
	if (!args_online(c))
		return;
	if (c->options.read_only)
		answer_error(c, NULL, "store",
		    "with -r the device is made and published by the jackline "
		    "that has the directory");
	else
		omemo_device_publish(c);
}

static void
list_devices(struct client *c)
{
	const char *jid = client_active(c);

	if (is_on(c))
		omemo_device_list(c, jid == NULL ? c->self.jid : jid);
}

static void
remove_device(struct client *c, const char *number)
{
	size_t n = strspn(number, "0123456789");
	unsigned long id = strtoul(number, NULL, 10);

	if (n == 0 || n > 10 || number[n] != '\0' || id == 0 || id > 0x7fffffff)
		args_usage(c);
	else if (is_on(c) && args_online(c))
		omemo_device_remove(c, (uint32_t)id);
}

void
command_omemo(struct client *c, const char *args)
{
	if (strcmp(args, "publish") == 0)
		publish_device(c);
	else if (strcmp(args, "info") == 0)
		list_devices(c);
	else if (strncmp(args, "remove ", 7) == 0)
		remove_device(c, args + 7);
	else
		args_usage(c);
}

/* Returns the value of a hexadecimal digit, or -1. */
static int
digit_of(char d)
{
	static const char digits[] = "0123456789abcdef";
	const char *at;

	if (d >= 'A' && d <= 'F')
		d = (char)(d - 'A' + 'a');
	at = d == '\0' ? NULL : strchr(digits, d);
	return at == NULL ? -1 : (int)(at - digits);
}

int
devices_fingerprint(const char *words, char out[DEVICES_DIGITS + 1])
{
	size_t n = 0;
	int d;

	for (; *words != '\0'; words++) {
		if (*words == ' ' || *words == ':')
			continue;
		d = digit_of(*words);
		if (d == -1 || n == DEVICES_DIGITS)
			return -1;
		out[n++] = "0123456789abcdef"[d];
	}
	out[n] = '\0';
	return n == DEVICES_DIGITS ? 0 : -1;
}

/* Returns the digits behind the next `omemo-sid-N=` of the URI AT, or NULL. */
static const char *
next_key(const char *at)
{
	static const char word[] = "omemo-sid-";

	at = strstr(at, word);
	return at == NULL ? NULL : strchr(at, '=');
}

int
devices_is_uri(const char *words)
{
	return strncmp(words, "xmpp:", 5) == 0 && next_key(words) != NULL;
}

/* Records TRUST in the keys DIGITS, 64 each, of JID; answers the line. */
static void
record_trust(struct client *c, const char *jid, const char *digits,
    enum omemo_trust trust)
{
	if (c->options.read_only)
		answer_error(c, jid, "store",
		    "nothing is stored with -r: the trust of a key stays as "
		    "it is");
	else if (*digits == '\0' || strlen(digits) % DEVICES_DIGITS != 0)
		answer_error(c, jid, "usage",
		    "an OMEMO fingerprint is 64 hexadecimal digits");
	else
		omemo_device_decide(c, jid, digits, trust,
		    trust == OMEMO_VERIFIED
			? "the key is verified"
			: "the key is revoked: nothing is sent to it");
}

void
devices_decide(struct client *c, const char *jid, const char *words,
    enum omemo_trust trust)
{
	char digits[DEVICES_DIGITS + 1];

	if (!is_on(c))
		return;
	if (devices_fingerprint(words, digits) == -1)
		*digits = '\0';
	record_trust(c, jid, digits, trust);
}

void
devices_decide_uri(struct client *c, const char *uri, enum omemo_trust trust)
{
	const char *at = uri;
	char jid[JID_SIZE];
	struct buf digits;
	size_t n;

	if (!is_on(c) || args_jid(c, uri, jid) == NULL)
		return;
	buf_init(&digits, (size_t)OMEMO_DEVICES * DEVICES_DIGITS);
	while ((at = next_key(at)) != NULL) {
		n = strspn(++at, "0123456789abcdefABCDEF");
		/* A cut or longer number makes the whole refused. */
		buf_add(&digits, at, n == DEVICES_DIGITS ? n : 1);
	}
	record_trust(c, jid, buf_str(&digits), trust);
	buf_clear(&digits);
}
