#include "line/room/own_texts.h"

#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"

/* Takes T out of O. */
static void
unlink_text(struct own_texts *o, struct own_text *t)
{
	*(t->before == NULL ? &o->first : &t->before->next) = t->next;
	*(t->next == NULL ? &o->last : &t->next->before) = t->before;
	map_remove(&o->by_id, t->id);
	o->count--;
	o->bytes -= strlen(t->text);
}

void
own_text_free(struct own_text *t)
{
	if (t == NULL)
		return;
	free(t->room);
	free(t->id);
	buf_free_secret(t->text);
	free(t);
}

void
own_texts_keep(struct own_texts *o, const char *room, const char *id,
    const char *text, const char *trust)
{
	struct own_text *t = buf_alloc(sizeof *t), *oldest;

	t->room = buf_strdup(room);
	t->id = buf_strdup(id);
	t->text = buf_strdup(text);
	t->trust = trust;
	t->before = o->last;
	*(o->last == NULL ? &o->first : &o->last->next) = t;
	o->last = t;
	map_add(&o->by_id, id, t);
	o->count++;
	o->bytes += strlen(text);
	while (o->count > OWN_TEXTS || o->bytes > OWN_BYTES) {
		oldest = o->first;
		unlink_text(o, oldest);
		own_text_free(oldest);
	}
}

struct own_text *
own_texts_take(struct own_texts *o, const char *room, const char *id)
{
	struct own_text *t = id == NULL ? NULL : map_find(&o->by_id, id);

	/* Another room must not have it shown as said there. */
	if (t == NULL || strcmp(t->room, room) != 0)
		return NULL;
	unlink_text(o, t);
	return t;
}

void
own_texts_clear(struct own_texts *o)
{
	struct own_text *t;

	while ((t = o->first) != NULL) {
		unlink_text(o, t);
		own_text_free(t);
	}
	map_clear(&o->by_id);
}
