/*
 * The contents of a message beside its text or instead of it: encryption that
 * we cannot read, subjects, links, files, calls and the like. Nothing that says
 * something is dropped in silence. Owns nothing.
 */
#ifndef LINE_TALK_CONTENT_H
#define LINE_TALK_CONTENT_H

#include "line/talk/incoming.h"

/* Returns the <body/> of X without xml:lang, else the first, or NULL. */
const struct stanza *content_body(const struct stanza *x);
/* Returns the link of X (XEP-0066) unless it stands in BODY; or NULL. */
const char *content_url(const struct stanza *x, const char *body);
/* Returns the <subject/> of X, chosen like the body; NULL if empty or none. */
const char *content_subject(const struct stanza *x);
/*
 * Returns a word for the encryption of X that its body says nothing of, as
 * `omemo`, or NULL; static or of X.
 */
const char *content_encryption(const struct stanza *x);
/* Returns 1 if X is encrypted in a way that we cannot read, else 0. */
int content_is_unreadable(const struct stanza *x);
/*
 * Writes a `warning` and returns 1 if M is encrypted in a way that
 * we cannot read (XEP-0380, XEP-0384, XEP-0373, XEP-0027); its body, if any, is
 * a sentence for old clients. Else returns 0.
 */
int content_unreadable(struct client *c, const struct incoming *m);
/*
 * Writes an `info` about the contents of M, a message without a body;
 * none if it says nothing to a person, like chat states, receipts and PEP.
 */
void content_tell(struct client *c, const struct incoming *m);

#endif
