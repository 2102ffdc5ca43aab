/*
 * Describes a certificate for a person, without checking it. BearSSL hands out
 * names only while it validates a chain: the certificate is validated alone,
 * and the verdict is ignored.
 */
#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"
#include "xmpp/tls.h"
#include "xmpp/verify.h"

#define NAMES 32  /* DNS names shown; more are left out */
#define TEXT  256 /* bytes of a name and its NUL; a longer one is left out */

struct names {
	br_x509_minimal_context x509;
	br_name_element elements[NAMES + 1]; /* the common name is the last */
	char text[NAMES + 1][TEXT];
};

/* Reads the names of the certificate of LEN bytes at DER into N. */
static void
read_names(struct names *n, const unsigned char *der, size_t len, uint32_t days,
    uint32_t seconds)
{
	static const unsigned char dns_name[] = {0, 2};
	static const unsigned char common_name[] = {3, 0x55, 0x04, 0x03};
	const br_x509_class **x509 = &n->x509.vtable;
	size_t i;

	for (i = 0; i <= NAMES; i++) {
		n->elements[i].oid = i < NAMES ? dns_name : common_name;
		n->elements[i].buf = n->text[i];
		n->elements[i].len = sizeof n->text[i];
	}
	/* The time is that of its first day: BearSSL stops before the names of
	 * a certificate that has expired. */
	br_x509_minimal_init_full(&n->x509, NULL, 0);
	br_x509_minimal_set_time(&n->x509, days, seconds);
	br_x509_minimal_set_name_elements(&n->x509, n->elements, NAMES + 1);
	(*x509)->start_chain(x509, NULL);
	(*x509)->start_cert(x509, (uint32_t)len);
	(*x509)->append(x509, der, len);
	(*x509)->end_cert(x509);
	(void)(*x509)->end_chain(x509);
}

/* Appends BEFORE and NAME; what is not printable ASCII becomes `?`. */
static void
append_name(struct buf *to, const char *name, const char *before)
{
	const char *p;

	(void)buf_adds(to, before);
	for (p = name; *p != '\0'; p++)
		(void)buf_addc(to, *p > ' ' && *p <= '~' ? *p : '?');
}

int
tls_describe(const unsigned char *der, size_t n, struct buf *names,
    int64_t *not_before, int64_t *not_after)
{
	br_x509_decoder_context decoder;
	struct names *found;
	const char *before = "";
	size_t i;

	br_x509_decoder_init(&decoder, NULL, NULL);
	br_x509_decoder_push(&decoder, der, n);
	if (n > VERIFY_CERT_MAX || br_x509_decoder_last_error(&decoder) != 0)
		return -1;
	*not_before =
	    verify_time(decoder.notbefore_days, decoder.notbefore_seconds);
	*not_after =
	    verify_time(decoder.notafter_days, decoder.notafter_seconds);
	found = buf_alloc(sizeof *found);
	read_names(
	    found, der, n, decoder.notbefore_days, decoder.notbefore_seconds);
	for (i = 0; i < NAMES; i++)
		if (found->elements[i].status == 1) {
			append_name(names, found->text[i], before);
			before = " ";
		}
	if (*before == '\0' && found->elements[NAMES].status == 1)
		append_name(names, found->text[NAMES], before);
	free(found);
	return 0;
}
