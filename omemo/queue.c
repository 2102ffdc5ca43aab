#include <stdlib.h>
#include <string.h>

#include "omemo/intern.h"
#include "sexp/siphash.h"

static const char *const causes[] = {
    [OMEMO_OK] = "nothing is wrong",
    [OMEMO_REFUSED_NOT_LOADED] =
	"not sent: the OMEMO record of the contact could not be read or "
	"written",
    [OMEMO_REFUSED_OWN] =
	"not sent: your OMEMO device is not made yet; it is when jackline "
	"connects without -r",
    [OMEMO_REFUSED_RECORD] = "the OMEMO record is damaged",
    [OMEMO_REFUSED_LONG] = "the text is too long",
    [OMEMO_REFUSED_NO_DEVICES] =
	"not sent: the contact has no device that reads OMEMO",
    [OMEMO_REFUSED_NO_SESSION] =
	"not sent: no device of the contact has published usable OMEMO keys",
    [OMEMO_REFUSED_TRUST] =
	"not sent: no device of the contact has a key that may be used; "
	"/omemo info shows the keys, /fingerprint FP verifies one",
    [OMEMO_REFUSED_KEY] = "there is no such OMEMO key",
    [OMEMO_REFUSED_FAILED] = "not sent: the message could not be encrypted",
    [OMEMO_REFUSED_FULL] = "too many contacts",
    [OMEMO_REFUSED_KEPT] =
	"too many encrypted messages are read and not dealt with",
    [OMEMO_NOTE_STORE] =
	"the OMEMO record could not be written: nothing was sent or read",
    [OMEMO_NOTE_UNREADABLE] =
	"an encrypted message could not be read: it is lost; the next ones "
	"can be read when a new session is built, which happens by itself",
    [OMEMO_NOTE_DUPLICATE] = "an encrypted message came a second time",
    [OMEMO_NOTE_NOT_FOR_US] =
	"an encrypted message could not be read: it was not encrypted for "
	"this device",
    [OMEMO_NOTE_KEY] =
	"a device of the contact has another key than before: somebody may "
	"pretend to be this device, and nothing is exchanged with it",
    [OMEMO_NOTE_BUNDLE] =
	"the keys that a device of the contact has published are missing or "
	"not valid",
    [OMEMO_NOTE_SKIPPED] =
	"a device of the contact gets no messages: it has not published "
	"usable OMEMO keys",
    [OMEMO_NOTE_MANY] =
	"the contact has too many OMEMO devices: the rest gets no messages",
    [OMEMO_NOTE_TAKEN] =
	"another client removes this device from the account's OMEMO devices "
	"again and again: contacts do not encrypt for it",
};

const char *
omemo_cause_words(enum omemo_cause cause)
{
	return causes[cause];
}

void
queue_begin(struct omemo *o)
{
	o->cause = OMEMO_OK;
	o->op++;
}

int
queue_refuse(struct omemo *o, enum omemo_cause cause)
{
	o->cause = cause;
	return -1;
}

enum omemo_cause
omemo_cause(const struct omemo *o)
{
	return o->cause;
}

struct item *
queue_item(struct omemo *o, enum omemo_type type, const char *name)
{
	struct item *i = buf_alloc(sizeof *i);

	i->op = o->op;
	i->pub.type = type;
	i->pub.name = i->name = buf_strdup(name);
	if (o->first == NULL)
		o->first = i;
	else
		o->last->next = i;
	o->last = i;
	return i;
}

void
queue_cause(
    struct omemo *o, const char *name, uint32_t device, enum omemo_cause cause)
{
	struct item *i = queue_item(o, OMEMO_NOTE, name);

	i->pub.device = device;
	i->pub.cause = cause;
	i->pub.text = omemo_cause_words(cause);
}

static void
item_free(struct item *i)
{
	if (i == NULL)
		return;
	if (i->bytes != NULL)
		buf_wipe(i->bytes, i->size);
	free(i->name);
	free(i->bytes);
	free(i->key);
	free(i->prekey);
	free(i->ids);
	free(i->data);
	free(i);
}

/*
 * Drops the record of NAME that an earlier call has queued, unless something
 * behind it may rely on that.
 */
static void
drop_earlier(struct omemo *o, const char *name)
{
	struct item **at = &o->first, *i;

	for (i = o->first; i != NULL && i->op != o->op; i = i->next)
		if (i->pub.type != OMEMO_STORE)
			return;
	while ((i = *at) != NULL && i->op != o->op) {
		if (strcmp(i->name, name) == 0) {
			*at = i->next;
			item_free(i);
		} else
			at = &i->next;
	}
}

/* Returns where the next record of this call belongs; drops one of NAME. */
static struct item **
find_store(struct omemo *o, const char *name)
{
	struct item **at = &o->first, *i;

	drop_earlier(o, name);
	while (*at != NULL && (*at)->op != o->op)
		at = &(*at)->next;
	while ((i = *at) != NULL && i->pub.type == OMEMO_STORE) {
		if (strcmp(i->name, name) == 0) {
			*at = i->next;
			item_free(i);
		} else
			at = &i->next;
	}
	return at;
}

void
queue_store(struct omemo *o, const char *name, const struct buf *b)
{
	struct item **at = find_store(o, name), *i = buf_alloc(sizeof *i);

	i->op = o->op;
	i->pub.type = OMEMO_STORE;
	i->pub.name = i->name = buf_strdup(name);
	i->pub.len = i->size = buf_len(b);
	i->pub.bytes = i->bytes =
	    (unsigned char *)buf_memdup(buf_data(b), buf_len(b));
	i->next = *at;
	*at = i;
	for (o->last = i; o->last->next != NULL; o->last = o->last->next)
		;
}

void
queue_record(struct omemo *o, struct peer *p)
{
	struct buf out;

	/* Cannot fail: the bounds of a contact are below that of a record. */
	buf_init(&out, FORM_MAX);
	omemo_contact_print(&p->contact, &out);
	siphash_128(buf_data(&out), buf_len(&out), p->sum);
	queue_store(o, p->name, &out);
	buf_clear(&out);
}

int
omemo_next(struct omemo *o, struct omemo_item *item)
{
	item_free(o->lent);
	if ((o->lent = o->first) == NULL)
		return 0;
	o->first = o->lent->next;
	*item = o->lent->pub;
	return 1;
}

/* Drops what belongs to the call OP and relies on its records. */
static void
drop_op(struct omemo *o, unsigned long op)
{
	struct item **at = &o->first, *i, *last = NULL;

	while ((i = *at) != NULL) {
		if (i->op == op) {
			*at = i->next;
			item_free(i);
		} else {
			last = i;
			at = &i->next;
		}
	}
	o->last = last;
}

void
omemo_store_failed(struct omemo *o)
{
	struct item *lent = o->lent;
	struct peer *p;

	if (lent == NULL || lent->pub.type != OMEMO_STORE)
		return;
	/* Others of the same call, too, may be ahead of their files now. */
	drop_op(o, lent->op);
	o->own.loaded = 0;
	for (p = o->peer; p != NULL; p = p->next)
		p->loaded = 0;
	queue_cause(o, lent->name, 0, OMEMO_NOTE_STORE);
}

void
queue_empty(struct omemo *o)
{
	struct omemo_item item;

	while (omemo_next(o, &item))
		;
}
