/*
 * The commands /raw and /rawenc, which send bytes written in hexadecimal, for
 * debugging OTR. The rules about text in the clear hold for them, too.
 */
#include <stdlib.h>
#include <string.h>

#include "line/command/args.h"
#include "line/command/command.h"
#include "line/command/send.h"
#include "line/core/answer.h"
#include "sexp/hex.h"

/*
 * Appends the bytes that HEX stands for to OUT; blanks may separate them.
 * Returns -1 where it is not hexadecimal, or empty.
 */
static int
read_hex(const char *hex, struct buf *out)
{
	int byte;

	for (; *hex != '\0'; hex += 2) {
		hex += strspn(hex, " ");
		if (*hex == '\0')
			break;
		byte = hex_byte(hex);
		if (byte == -1)
			return -1;
		buf_addc(out, byte);
	}
	return buf_len(out) == 0 ? -1 : 0;
}

/* Returns 1 where BYTES can be sent in FORM; 0 after the line was answered. */
static int
check_bytes(struct client *c, const char *jid, const struct buf *bytes,
    enum message_form form)
{
	const char *p = (const char *)buf_data(bytes);
	size_t n = buf_len(bytes);

	const char *cause = NULL, *why = NULL;

	if (form == MESSAGE_RAW) {
		cause = args_check(p, n);
	} else if (memchr(p, '\0', n) != NULL) {
		cause = "bad-char";
		why = "OTR ends a text at its first NUL byte";
	}
	if (cause != NULL)
		answer_error(c, jid, cause, why);
	return cause == NULL;
}

static void
send_hex(struct client *c, const char *hex, enum message_form form)
{
	const char *jid = args_active(c);
	struct buf bytes;

	buf_init(&bytes, INPUT_LINE_MAX);
	if (jid != NULL && read_hex(hex, &bytes) == -1)
		answer_error(c, jid, "usage",
		    "HEX is an even number of hexadecimal digits");
	else if (jid != NULL && check_bytes(c, jid, &bytes, form))
		message_send(c, jid, (const char *)buf_data(&bytes),
		    buf_len(&bytes), form);
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
