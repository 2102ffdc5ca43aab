/*
 * The files of our own OMEMO device, for --configure, --check and the start,
 * which run no client: omemo.sexp, the identity, and `omemo/@device`. In a
 * build without OMEMO only their form is checked. Pure; owns nothing.
 */
#ifndef LINE_TALK_OMEMO_FILE_H
#define LINE_TALK_OMEMO_FILE_H

#include "omemo/contact.h"
#include "sexp/sexp.h"

#define OMEMO_FILE_SEED	  32	    /* bytes of randomness for an identity */
#define OMEMO_FILE_DEVICE "@device" /* below `omemo/`, where no JID is */

/* Returns 1 if this program was built with OMEMO. */
int omemo_file_is_built(void);
/*
 * Appends a new identity, made of OMEMO_FILE_SEED random bytes at SEED, to OUT
 * and writes its fingerprint to FP. Only in a build with OMEMO.
 */
void omemo_file_make(
    const unsigned char *seed, struct buf *out, char fp[OMEMO_FINGERPRINT]);
/* Returns 0 if the N bytes at P are an identity, else -1 with E. */
int omemo_file_identity(const void *p, size_t n, struct sexp_error *e);
/* The same for the record of our device. */
int omemo_file_device(const void *p, size_t n, struct sexp_error *e);

#endif
