/*
 * The commands that send bytes as they are, written in hexadecimal: /raw and
 * /rawenc, for those who debug OTR. No gate is left open for them.
 */
#include <stdlib.h>
#include <string.h>

#include "line/command.h"
#include "line/job.h"
#include "line/message.h"
#include "line/wait.h"

/* The value of the hexadecimal digit C, or -1; no locale has a say. */
static int
digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)((at - digits) % 16);
}

/* Appends the bytes that HEX means to OUT; blanks may stand between them. */
static int
read_hex(const char *hex, struct buf *out)
{
	int high, low;

	for (; *hex != '\0'; hex += 2) {
		hex += strspn(hex, " ");
		if (*hex == '\0')
			break;
		high = digit(hex[0]);
		low = high == -1 ? -1 : digit(hex[1]);
		if (low == -1)
			return -1;
		buf_addc(out, (char)(high * 16 + low));
	}
	return buf_len(out) == 0 ? -1 : 0;
}

/* Whether BYTES can go in FORM; 0 after the line was answered. */
static int
can_go(struct client *c, const char *jid, const struct buf *bytes,
    enum message_form form)
{
	const char *p = (const char *)buf_data(bytes);
	size_t n = buf_len(bytes);

	if (form == MESSAGE_RAW)
		return command_check(c, p, n) == 0;
	if (memchr(p, '\0', n) == NULL)
		return 1;
	job_error(c, jid, "bad-char", "OTR ends a text at its first NUL byte");
	return 0;
}

static void
send_hex(struct client *c, const char *hex, enum message_form form)
{
	const char *jid = command_active(c);
	struct buf bytes;

	buf_init(&bytes, INPUT_LINE_MAX);
	if (jid == NULL) {
		wait_reset(c, NULL);
	} else if (read_hex(hex, &bytes) == -1) {
		job_error(c, jid, "usage",
		    "HEX is an even number of hexadecimal digits");
		wait_reset(c, NULL);
	} else if (!can_go(c, jid, &bytes, form)) {
		wait_reset(c, NULL);
	} else {
		message_send(c, jid, (const char *)buf_data(&bytes),
		    buf_len(&bytes), form);
	}
	buf_clear(&bytes);
}

void
command_raw(struct client *c, const char *args)
{
	send_hex(c, args, MESSAGE_RAW);
}

void
command_rawenc(struct client *c, const char *args)
{
	send_hex(c, args, MESSAGE_ENCRYPTED);
}
