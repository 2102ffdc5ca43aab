#include "line/talk/content.h"

#include <string.h>

#include "line/talk/mark.h"

#define NS_XML	   "http://www.w3.org/XML/1998/namespace"
#define NS_EME	   "urn:xmpp:eme:0"
#define NS_OOB	   "jabber:x:oob"
#define NS_ROSTERX "http://jabber.org/protocol/rosterx"
#define NS_FORM	   "jabber:x:data"
#define WORDS	   ((size_t)2048) /* bytes of words that others choose */

static int
has_language(const struct stanza *s)
{
	const struct stanza_attr *a;

	for (a = s->attrs; a != NULL; a = a->next)
		if (strcmp(a->name, "lang") == 0 && a->ns != NULL &&
		    strcmp(a->ns, NS_XML) == 0)
			return 1;
	return 0;
}

/* Returns the child NAME of X without xml:lang, else the first, or NULL. */
static const struct stanza *
choose_language(const struct stanza *x, const char *name)
{
	const struct stanza *s, *first = NULL;

	for (s = x->child; s != NULL; s = s->next) {
		if (!stanza_is(s, name, NS_CLIENT))
			continue;
		if (!has_language(s))
			return s;
		if (first == NULL)
			first = s;
	}
	return first;
}

const struct stanza *
content_body(const struct stanza *x)
{
	return choose_language(x, "body");
}

const char *
content_subject(const struct stanza *x)
{
	const struct stanza *s = choose_language(x, "subject");

	return s == NULL || s->text_len == 0 ? NULL : s->text;
}

const char *
content_url(const struct stanza *x, const char *body)
{
	const char *url =
	    stanza_child_text(stanza_child(x, "x", NS_OOB), "url");

	return url == NULL || *url == '\0' ||
		       (body != NULL && strstr(body, url) != NULL)
		   ? NULL
		   : url;
}

static int
is_omemo(const char *ns)
{
	return strcmp(ns, "eu.siacs.conversations.axolotl") == 0 ||
	       strncmp(ns, "urn:xmpp:omemo:", 15) == 0;
}

/* Returns a word for the encryption of the namespace NS, else NS itself. */
static const char *
encryption_word(const char *ns)
{
	if (is_omemo(ns))
		return "omemo";
	if (strncmp(ns, "urn:xmpp:openpgp:", 17) == 0 ||
	    strcmp(ns, "jabber:x:encrypted") == 0)
		return "openpgp";
	return strncmp(ns, "urn:xmpp:otr:", 13) == 0 ? "otr" : ns;
}

/* Returns 1 if S is of OMEMO and has no payload: it says nothing to a person.
 */
static int
is_key_transport(const struct stanza *s)
{
	return strcmp(s->name, "encrypted") == 0 && is_omemo(s->ns) &&
	       stanza_child(s, "payload", s->ns) == NULL;
}

/* Returns a word for the encryption that the child S of a message is of, or
 * NULL. */
static const char *
encryption_of(const struct stanza *s)
{
	const char *ns = NULL;

	if (stanza_is(s, "encryption", NS_EME))
		ns = stanza_get(s, "namespace");
	else if (is_key_transport(s))
		return NULL;
	else if (strcmp(s->name, "encrypted") == 0 ||
		 strcmp(s->name, "openpgp") == 0 ||
		 stanza_is(s, "x", "jabber:x:encrypted"))
		ns = s->ns;
	return ns == NULL || *ns == '\0' ? NULL : encryption_word(ns);
}

const char *
content_encryption(const struct stanza *x)
{
	const struct stanza *s;
	const char *enc = NULL;

	for (s = x->child; s != NULL && enc == NULL; s = s->next)
		enc = encryption_of(s);
	return enc;
}

int
content_is_unreadable(const struct stanza *x)
{
	const struct stanza *body = content_body(x), *s;
	const char *enc = content_encryption(x);

	for (s = x->child; s != NULL && body == NULL; s = s->next)
		if (is_key_transport(s))
			return 0;
	/* OTR puts its text into the body. */
	return enc != NULL && (body == NULL || strcmp(enc, "otr") != 0);
}

int
content_unreadable(struct client *c, const struct incoming *m)
{
	static const char why[] =
	    "an encrypted message came that cannot be read here";
	const struct stanza *body = content_body(m->x);

	if (!content_is_unreadable(m->x))
		return 0;
	event_begins(&c->event, EVENT_WARNING, m->from, why);
	event_set(&c->event, "cause", "unreadable");
	event_set(&c->event, "enc", content_encryption(m->x));
	event_set(&c->event, "id", stanza_get(m->x, "id"));
	event_set(&c->event, "body", body == NULL ? NULL : body->text);
	incoming_set_sender(c, m);
	event_end(&c->event);
	return 1;
}

/* Payloads that say something; `name` NULL: any element of the namespace. */
static const struct {
	const char *ns, *name, *kind, *words;
} known[] = {
    {"urn:xmpp:jingle-message:0", "propose", "call", "calls"},
    {"urn:xmpp:jingle-message:0", "retract", "call", "gave up the call"},
    {"urn:xmpp:jingle-message:0", "reject", "call", "refused the call"},
    {"urn:xmpp:jingle-message:0", NULL, "call", "says something of a call"},
    {"urn:xmpp:call-invites:0", NULL, "call", "calls"},
    {"urn:xmpp:sfs:0", NULL, "file", "sends a file"},
    {"urn:xmpp:reference:0", NULL, "file", "refers to a file"},
    {NS_OOB, NULL, "link", "sends a link"},
    {NS_ROSTERX, NULL, "contact", "recommends contacts"},
    {NS_FORM, NULL, "form", "sends a form"},
    {"jabber:x:conference", NULL, "invite", "invites to what is no room"},
    {"urn:xmpp:attention:0", NULL, "attention", "wants attention"},
    {"http://jabber.org/protocol/geoloc", NULL, "location", "tells a place"},
    {"http://jabber.org/protocol/xhtml-im", NULL, "html",
	"says something in HTML alone"},
};

/* Namespaces of payloads that say nothing to a person. */
static const char *const silent[] = {"http://jabber.org/protocol/chatstates",
    NS_RECEIPTS, NS_MARKERS, NS_REACTIONS, NS_RETRACT, NS_RETRACT_OLD,
    NS_FASTEN, "urn:xmpp:hints", NS_DELAY, "jabber:x:delay", "urn:xmpp:sid:0",
    "urn:xmpp:message-correct:0", "urn:xmpp:carbons:2", "urn:xmpp:forward:0",
    "urn:xmpp:mam:2", "urn:xmpp:mam:tmp", /* the id of ejabberd's archive */
    "http://jabber.org/protocol/pubsub#event",
    "http://jabber.org/protocol/muc#user", "jabber:x:event", "jabber:x:signed",
    "vcard-temp:x:update", "http://jabber.org/protocol/nick", NS_CAPS,
    "http://jabber.org/protocol/address", "http://jabber.org/protocol/amp",
    "urn:xmpp:idle:1", NS_CLIENT, NS_EME, NS_REPLY, NS_FALLBACK,
    "urn:xmpp:occupant-id:0", "urn:xmpp:mds:displayed:0", "urn:xmpp:csi:0",
    NS_STANZAS};

static int
is_silent(const struct stanza *s)
{
	size_t i;

	for (i = 0; i < sizeof silent / sizeof *silent; i++)
		if (strcmp(s->ns, silent[i]) == 0)
			return 1;
	return is_key_transport(s);
}

/* Returns the first text of an element NAME at or below S, or if ATTR is not
 * NULL the value of its attribute; or NULL. */
static const char *
find_below(const struct stanza *s, const char *name, const char *attr)
{
	const struct stanza *at;
	const char *found = NULL, *value;

	if (strcmp(s->name, name) == 0) {
		value = attr == NULL ? s->text : stanza_get(s, attr);
		if (value != NULL && *value != '\0')
			return value;
	}
	for (at = s->child; at != NULL && found == NULL; at = at->next)
		found = find_below(at, name, attr);
	return found;
}

/* Returns the address in the payload S, or NULL. */
static const char *
address_of(const struct stanza *s)
{
	const char *url = find_below(s, "url-data", "target");

	if (url == NULL)
		url = find_below(s, "url", NULL);
	return url != NULL ? url : find_below(s, "reference", "uri");
}

/* Adds to TEXT the words of the payload S of KIND: names, titles, emoji. */
static void
add_details(struct buf *text, const struct stanza *s, const char *kind)
{
	const struct stanza *at;
	const char *word = NULL;
	const char *separator = ": ";

	if (strcmp(kind, "file") == 0)
		word = find_below(s, "name", NULL);
	else if (strcmp(kind, "form") == 0)
		word = find_below(s, "title", NULL);
	else if (strcmp(kind, "link") == 0)
		word = find_below(s, "desc", NULL);
	else if (strcmp(kind, "invite") == 0)
		word = stanza_get(s, "reason");
	else if (strcmp(kind, "attention") != 0)
		word = s->text_len == 0 ? NULL : s->text;
	if (strcmp(kind, "contact") == 0)
		for (at = s->child; at != NULL; at = at->next) {
			word = stanza_get(at, "jid");
			/* A word that does not fit is left out. */
			if (word == NULL ||
			    buf_len(text) + strlen(word) + 2 > WORDS)
				break;
			buf_adds(text, separator);
			buf_adds(text, word);
			separator = " ";
			word = NULL;
		}
	else if (word != NULL && strlen(word) < WORDS) {
		buf_adds(text, separator);
		buf_adds(text, word);
	}
}

/* Writes the `info` about the payload S of the message M. */
static void
payload_event(
    struct client *c, const struct incoming *m, const struct stanza *s)
{
	const char *kind = "other", *words = "says something that is not known "
					     "here";
	struct buf text;
	size_t i;

	for (i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i].ns, s->ns) == 0 &&
		    (known[i].name == NULL ||
			strcmp(known[i].name, s->name) == 0)) {
			kind = known[i].kind;
			words = known[i].words;
			break;
		}
	buf_init(&text, 2 * WORDS);
	buf_adds(&text, words);
	if (i < sizeof known / sizeof *known)
		add_details(&text, s, kind);
	event_begin(
	    &c->event, EVENT_INFO, m->from, buf_data(&text), buf_len(&text));
	event_set(&c->event, "kind", kind);
	event_set(&c->event, "url", address_of(s));
	event_set(&c->event, "of", stanza_get(s, "id"));
	event_set(
	    &c->event, "ns", i < sizeof known / sizeof *known ? NULL : s->ns);
	event_set(&c->event, "id", stanza_get(m->x, "id"));
	incoming_set_sender(c, m);
	event_end(&c->event);
	buf_clear(&text);
}

void
content_tell(struct client *c, const struct incoming *m)
{
	const char *subject = content_subject(m->x);
	const struct stanza *s;

	if (subject != NULL) {
		event_begins(&c->event, EVENT_INFO, m->from, subject);
		event_set(&c->event, "kind", "subject");
		event_set(&c->event, "id", stanza_get(m->x, "id"));
		incoming_set_sender(c, m);
		event_end(&c->event);
		return;
	}
	for (s = m->x->child; s != NULL; s = s->next)
		if (!is_silent(s)) {
			payload_event(c, m, s);
			return;
		}
}
