/*
 * In place of the files that need libomemo-c, where the program is built
 * without it: OMEMO is always off.
 */
#include "line/core/answer.h"
#include "line/talk/omemo_device.h"
#include "line/talk/omemo_file.h"
#include "line/talk/omemo_forget.h"
#include "line/talk/omemo_line.h"
#include "line/talk/omemo_pep.h"
#include "line/talk/omemo_talk.h"

#ifdef NO_OMEMO

int
omemo_file_is_built(void)
{
	return 0;
}

void
omemo_file_make(
    const unsigned char *seed, struct buf *out, char fp[OMEMO_FINGERPRINT])
{
	(void)seed;
	(void)out;
	*fp = '\0';
}

int
omemo_file_identity(const void *p, size_t n, struct sexp_error *e)
{
	const struct sexp *record;
	struct sexp_tree *t = form_parse(p, n, &record, e);

	sexp_free(t);
	return t == NULL ? -1 : 0;
}

int
omemo_file_device(const void *p, size_t n, struct sexp_error *e)
{
	return omemo_file_identity(p, n, e);
}

void
omemo_talk_init(struct client *c, const struct omemo_talk_calls *calls)
{
	(void)c;
	(void)calls;
}

void
omemo_talk_clear(struct client *c)
{
	(void)c;
}

int
omemo_task_is_on(const struct client *c)
{
	(void)c;
	return 0;
}

int
omemo_task_is_busy(const struct client *c)
{
	(void)c;
	return 0;
}

int
omemo_talk_is_full(const struct client *c)
{
	(void)c;
	return 0;
}

void
omemo_talk_replays(struct client *c)
{
	(void)c;
}

int
omemo_task_is_tired(const struct client *c)
{
	(void)c;
	return 0;
}

int
omemo_talk_failed(const struct client *c)
{
	(void)c;
	return 0;
}

void
omemo_task_stored(struct client *c, const char *why)
{
	(void)c;
	(void)why;
}

void
omemo_talk_online(struct client *c)
{
	(void)c;
}

int
omemo_talk_message(struct client *c, const struct incoming *m)
{
	(void)c;
	(void)m;
	return 0;
}

int
omemo_talk_deferred(struct client *c)
{
	(void)c;
	return 0;
}

void
omemo_task_file(struct client *c, const void *p, size_t n)
{
	(void)c;
	(void)p;
	(void)n;
}

/* Answers the current line by an error about JID. */
static void
refuse_line(struct client *c, const char *jid)
{
	answer_error(c, jid, "config", "this jackline was built without OMEMO");
}

const char *
omemo_line_replaces(const struct client *c)
{
	(void)c;
	return NULL;
}

void
omemo_line_send(struct client *c, const char *jid, const char *text, size_t n,
    const char *replaces,
    void (*again)(struct client *c, const char *jid, const char *text))
{
	(void)text;
	(void)n;
	(void)replaces;
	(void)again;
	refuse_line(c, jid);
}

void
omemo_line_send_group(struct client *c, const char *jid, const char *names,
    const char *text, const char *replaces,
    void (*now)(struct client *c, const char *jid, const char *text))
{
	(void)names;
	(void)text;
	(void)replaces;
	(void)now;
	refuse_line(c, jid);
}

const struct omemo_message *
omemo_line_out(const struct client *c, const char **trust)
{
	(void)c;
	*trust = NULL;
	return NULL;
}

int
omemo_talk_group_message(
    struct client *c, const struct incoming *m, const char *jid)
{
	(void)c;
	(void)m;
	(void)jid;
	return 0;
}

int
omemo_pep_has_devices(const struct client *c, const char *jid)
{
	(void)c;
	(void)jid;
	return -1;
}

void
omemo_forget_written(struct client *c)
{
	(void)c;
}

void
omemo_talk_tick(struct client *c)
{
	(void)c;
}

int64_t
omemo_talk_deadline(const struct client *c)
{
	(void)c;
	return -1;
}

void
omemo_device_publish(struct client *c)
{
	refuse_line(c, c->self.jid);
}

void
omemo_device_remove(struct client *c, uint32_t device)
{
	(void)device;
	refuse_line(c, c->self.jid);
}

void
omemo_device_decide(struct client *c, const char *jid, const char *fingerprint,
    enum omemo_trust trust, const char *words)
{
	(void)fingerprint;
	(void)trust;
	(void)words;
	refuse_line(c, jid);
}

void
omemo_device_list(struct client *c, const char *jid)
{
	refuse_line(c, jid);
}

#endif
