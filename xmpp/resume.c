#include "xmpp/resume.h"

#include <stdlib.h>
#include <string.h>

/* The stanzas up to RECEIVED are handled when the output up to MARK is written.
 */
struct resume_mark {
	uint64_t mark, received;
};

void
resume_clear(struct resume *r)
{
	free(r->token);
	buf_clear(&r->queue);
	buf_clear(&r->marks);
	memset(r, 0, sizeof *r);
}

void
resume_begin(struct resume *r)
{
	resume_clear(r);
	buf_init(&r->queue, RESUME_HELD);
	buf_init(&r->marks, RESUME_HELD);
	r->state = RESUME_ASKED;
}

void
resume_enabled(struct resume *r, const char *token)
{
	r->state = RESUME_ON;
	free(r->token);
	r->token = buf_strdup(token);
}

void
resume_off(struct resume *r)
{
	r->state = RESUME_OFF;
	resume_forget(r);
	r->acked = r->sent;
	buf_clear(&r->queue);
}

void
resume_forget(struct resume *r)
{
	free(r->token);
	r->token = NULL;
}

int
resume_can(const struct resume *r)
{
	return r->state == RESUME_ON && r->token != NULL;
}

/* Returns the end of the element at P, or NULL if it is incomplete. */
static const char *
element_end(const char *p, const char *end)
{
	const char *gt;
	int depth = 0;

	while (p < end && (p = memchr(p, '<', (size_t)(end - p))) != NULL) {
		gt = memchr(p, '>', (size_t)(end - p));
		if (gt == NULL)
			return NULL;
		/* A struct writer escapes any other `>` in a tag. */
		if (p[1] == '/')
			depth--;
		else if (gt[-1] != '/')
			depth++;
		p = gt + 1;
		if (depth <= 0)
			return p;
	}
	return NULL;
}

/* Returns 1 if the element of N bytes at P is a stanza (RFC 6120 8). */
static int
is_stanza(const char *p, size_t n)
{
	static const char *const names[] = {"<message", "<presence", "<iq"};
	size_t i, len;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		len = strlen(names[i]);
		if (n > len && memcmp(p, names[i], len) == 0 &&
		    strchr(" />", p[len]) != NULL)
			return 1;
	}
	return 0;
}

/* Counts the stanza of N bytes at P, and keeps it unless R is off. */
static int
keep_stanza(struct resume *r, const void *p, size_t n)
{
	r->sent++;
	if (r->state == RESUME_OFF) {
		r->acked = r->sent;
		return 0;
	}
	if (buf_len(&r->queue) + sizeof n + n > RESUME_HELD)
		return -1;
	r->bytes += n;
	buf_add(&r->queue, &n, sizeof n);
	return buf_add(&r->queue, p, n);
}

long
resume_keep_sent(struct resume *r, const void *p, size_t n)
{
	const char *at = p, *end = at + n, *next;

	for (; at < end; at = next) {
		next = element_end(at, end);
		if (next == NULL)
			break;
		if (is_stanza(at, (size_t)(next - at)) &&
		    keep_stanza(r, at, (size_t)(next - at)) == -1)
			return -1;
	}
	return at - (const char *)p;
}

size_t
resume_whole_elements(const void *p, size_t n, size_t max)
{
	const char *first = p, *end = first + n, *next;
	size_t whole = 0;

	while (whole < n && (next = element_end(first + whole, end)) != NULL) {
		if (whole > 0 && (size_t)(next - first) > max)
			break;
		whole = (size_t)(next - first);
	}
	return whole == 0 ? n : whole;
}

/* Returns the length of the stanza at offset AT of the queue. */
static size_t
stanza_length(const struct resume *r, size_t at)
{
	size_t n;

	memcpy(&n, buf_data(&r->queue) + at, sizeof n);
	return n;
}

int
resume_ack(struct resume *r, uint32_t h)
{
	uint32_t more = h - (uint32_t)r->acked;

	if (more > r->sent - r->acked)
		return -1;
	for (r->acked += more; more > 0; more--)
		buf_drop(&r->queue, sizeof(size_t) + stanza_length(r, 0));
	return 0;
}

const void *
resume_walk(const struct resume *r, size_t *at, size_t *len)
{
	const unsigned char *p;

	if (*at >= buf_len(&r->queue))
		return NULL;
	p = buf_data(&r->queue) + *at + sizeof *len;
	*len = stanza_length(r, *at);
	*at += sizeof *len + *len;
	return p;
}

void
resume_drop(struct resume *r, uint64_t number)
{
	size_t at = 0, len, from = 0;
	uint64_t n = r->acked;
	unsigned char *p;

	do {
		from = at;
		if (resume_walk(r, &at, &len) == NULL)
			return;
	} while (++n < number);
	p = r->queue.data + r->queue.off;
	memmove(p + from, p + at, buf_len(&r->queue) - at);
	buf_cut(&r->queue, buf_len(&r->queue) - (at - from));
	r->sent--;
}

int
resume_send_again(const struct resume *r, struct buf *out, const char *ask)
{
	size_t at = 0, len, since = 0, before = buf_len(out);
	int asked = 0, failed = 0;
	const void *p;

	while (!failed && (p = resume_walk(r, &at, &len)) != NULL) {
		failed = buf_add(out, p, len) == -1;
		since += len;
		if (ask == NULL || since < RESUME_STRIDE)
			continue;
		failed |= buf_adds(out, ask) == -1;
		since = 0;
		asked++;
	}
	if (!failed)
		return asked;
	buf_cut(out, before);
	return -1;
}

void
resume_reset_attempts(struct resume *r)
{
	r->attempts = 0;
}

void
resume_resumed(struct resume *r)
{
	r->repeats = r->received - r->offered;
	r->attempts = 0;
}

int
resume_is_repeat(struct resume *r)
{
	if (r->repeats == 0)
		return 0;
	r->repeats--;
	return 1;
}

void
resume_received(struct resume *r, uint64_t mark)
{
	struct resume_mark m = {mark, ++r->received}, last;
	size_t n = buf_len(&r->marks);

	if (n > 0) {
		memcpy(
		    &last, buf_data(&r->marks) + n - sizeof last, sizeof last);
		if (last.mark == mark)
			buf_cut(&r->marks, n - sizeof last);
	}
	buf_add(&r->marks, &m, sizeof m);
}

void
resume_written(struct resume *r, uint64_t mark)
{
	struct resume_mark m;

	while (buf_len(&r->marks) > 0) {
		memcpy(&m, buf_data(&r->marks), sizeof m);
		if (m.mark > mark)
			return;
		r->handled = m.received;
		buf_drop(&r->marks, sizeof m);
	}
}

void
resume_asked(struct resume *r, int64_t now)
{
	if (!r->is_asked)
		r->answer_by = now + RESUME_PATIENT;
	r->is_asked = 1;
	r->asked_received = r->received;
}

int
resume_answer_due(struct resume *r, int64_t now)
{
	if (!r->is_asked ||
	    (r->handled < r->asked_received && now < r->answer_by))
		return 0;
	r->is_asked = 0;
	return 1;
}

uint32_t
resume_attempt(struct resume *r)
{
	r->offered = r->handled;
	r->attempts++;
	return (uint32_t)r->offered;
}

uint32_t
resume_h(const struct resume *r)
{
	return (uint32_t)r->handled;
}
