/*
 * The dialogue of --configure as a machine: questions, what holds where an
 * answer is empty, the checks of each answer. Knows nothing of lines, files or
 * the network; who drives it reads the file of CA certificates and looks at
 * the server's certificate when told so.
 */
#ifndef LINE_CONFIGURE_H
#define LINE_CONFIGURE_H

#include "store/config.h"
#include "xmpp/tls.h"

/* The system's CA certificates, where none are named. */
#define CONFIGURE_CA "/etc/ssl/certs/ca-certificates.crt"

/* What there is to be asked for. */
#define CONFIGURE_NO_CONFIG   0x1u
#define CONFIGURE_NO_PASSWORD 0x2u

enum configure_step {
	CONFIGURE_ASK,	 /* an answer is due: configure_answer */
	CONFIGURE_READ,	 /* the file trust_anchor: configure_read */
	CONFIGURE_FETCH, /* the server's certificate: configure_fetched */
	CONFIGURE_DONE	 /* all is known */
};

struct configure_question {
	const char *what; /* one word, static */
	const char *text; /* with what holds for an empty answer in [] */
	int secret;
};

struct configure;

/* Asks for what is MISSING. The caller frees. */
struct configure *configure_new(unsigned missing);
/* Wipes and frees; NULL is accepted. */
void configure_free(struct configure *c);
/* What is to be done next. */
enum configure_step configure_step(const struct configure *c);
/* The open question; borrowed until the next call on C. */
void configure_question(struct configure *c, struct configure_question *q);

/*
 * The answer to it, N bytes of LINE. -1 with *WHY, a sentence borrowed until
 * the next call: the same question is asked again.
 */
int configure_answer(
    struct configure *c, const char *line, size_t n, const char **why);
/*
 * CONFIGURE_READ was done: N bytes of PEM at P, or not (P NULL). -1 with *WHY
 * where they are no use: another file is asked for.
 */
int configure_read(
    struct configure *c, const void *p, size_t n, const char **why);
/*
 * CONFIGURE_FETCH was done: N bytes of the certificate DER with the hash PIN;
 * DER NULL: the fingerprint is asked for again. configure_remark tells of it,
 * and the question is whether to trust it.
 */
void configure_fetched(struct configure *c, const unsigned char *der, size_t n,
    const unsigned char pin[TLS_PIN]);
/* What is known of the certificate fetched; borrowed; NULL: nothing new. */
const char *configure_remark(struct configure *c);

/* What is known so far, all with CONFIGURE_DONE; borrowed from C. */
const struct config *configure_config(const struct configure *c);
/* The password, NULL where there is none to be stored; borrowed from C. */
const char *configure_password(const struct configure *c);

#endif
