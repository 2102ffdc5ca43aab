/*
 * Any bytes as the answer of a name server for each service: what is kept is
 * bounded and can be dialled, and sorting keeps all of it. The first byte says
 * how many of the bytes behind it are the first answer.
 */
#include "xmpp/lookup.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>

#include <ares.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *answers;
static size_t lengths[2];
static int asked;

/* In the place of c-ares' own: the answer is there at once. */
void
ares_query(ares_channel channel, const char *name, int class, int type,
    ares_callback tell, void *arg)
{
	unsigned char *answer = malloc(lengths[asked] + 1);

	(void)channel, (void)name, (void)class, (void)type;
	if (answer == NULL)
		abort();
	memcpy(answer, answers, lengths[asked]);
	answers += lengths[asked];
	tell(arg, ARES_SUCCESS, 0, answer, (int)lengths[asked]);
	asked++;
	free(answer);
}

static void
check(struct srv *records, size_t n, uint32_t seed)
{
	unsigned long before = 0, after = 0;
	size_t i;

	if (n > LOOKUP_RECORDS)
		abort();
	for (i = 0; i < n; i++) {
		if (records[i].host[0] == '\0' || records[i].port == 0 ||
		    memchr(records[i].host, '\0', SRV_HOST) == NULL)
			abort();
		before += records[i].port * 7u + records[i].weight;
	}
	srv_sort(records, n, seed);
	for (i = 0; i < n; i++) {
		if (i > 0 && records[i].priority < records[i - 1].priority)
			abort();
		after += records[i].port * 7u + records[i].weight;
	}
	if (before != after)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct lookup l;

	if (size < 1)
		return 0;
	lookup_init(&l);
	answers = data + 1;
	lengths[0] = data[0] < size - 1 ? data[0] : size - 1;
	lengths[1] = size - 1 - lengths[0];
	asked = 0;
	lookup_srv(&l, "example.org");
	if (lookup_srv_pending(&l))
		abort();
	check(l.records, l.count, (uint32_t)size);
	lookup_clear(&l);
	return 0;
}
