/*
 * The elements of OMEMO (XEP-0384 0.3.0 4): messages, bundles and device lists,
 * written and read. Knows their form only; omemo/ decides about what is in
 * them. What is read is hostile: it is bounded here, and in an arena that the
 * caller frees.
 */
#ifndef LINE_TALK_OMEMO_XML_H
#define LINE_TALK_OMEMO_XML_H

#include "omemo/omemo.h"
#include "xmpp/stanza.h"

#define NS_OMEMO "eu.siacs.conversations.axolotl"

/* Devices of a list that are read: one more than omemo/ keeps. */
#define OMEMO_XML_DEVICES (OMEMO_DEVICES + 2)

/* Writes <encrypted/>. Returns -1 if the memory of base64 does not suffice. */
int omemo_xml_write_message(struct writer *w, const struct omemo_message *m);
/* Writes <bundle/>, as omemo_xml_write_message. */
int omemo_xml_write_bundle(struct writer *w, const struct omemo_bundle *b);
/* Writes <list/> with COUNT devices. */
void omemo_xml_write_list(struct writer *w, const uint32_t *id, size_t count);

/*
 * Reads the <encrypted/> S into M, whose parts live in A. A key that has no
 * form is left out. -1 if S is no <encrypted/>, has no sender, no <iv/> beside
 * a payload, or more than OMEMO_MAX_KEYS keys.
 */
int omemo_xml_message(
    struct arena *a, const struct stanza *s, struct omemo_message *m);
/*
 * Reads the <bundle/> S into B, whose parts live in A; what is missing or has
 * no form has no bytes, and prekeys above OMEMO_MAX_PREKEYS are left out. -1 if
 * S is no <bundle/>.
 */
int omemo_xml_bundle(
    struct arena *a, const struct stanza *s, struct omemo_bundle *b);
/*
 * Reads the <list/> S into ID, *COUNT numbers of at most OMEMO_XML_DEVICES. -1
 * if S is no <list/>.
 */
int omemo_xml_list(
    const struct stanza *s, uint32_t id[OMEMO_XML_DEVICES], size_t *count);

#endif
