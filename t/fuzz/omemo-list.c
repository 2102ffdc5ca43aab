/*
 * Any order of lists, missing bundles, decisions and time, of four bytes each:
 * the bounds hold, and what is printed is read again.
 */
#include "t/fuzz/fuzz-omemo.h"

#ifndef NO_OMEMO

static struct host *a;
static int64_t now;

static void
change_list(const char *name, const uint8_t *step)
{
	uint32_t id[256];
	size_t n = step[1], i;

	for (i = 0; i < n; i++)
		id[i] = (uint32_t)(step[2] + i * (step[3] % 3));
	if (step[3] == 77)
		id[0] = omemo_device_id(a->o);
	omemo_list(a->o, name, id, n, now);
}

static void
take_step(const uint8_t *step)
{
	const char *name = (step[0] & 16) != 0 ? ALICE : BOB;
	char hex[OMEMO_FINGERPRINT];

	memset(hex, '0' + step[1] % 10, sizeof hex - 1);
	hex[sizeof hex - 1] = '\0';
	switch (step[0] & 15) {
	case 0:
	case 1:
		change_list(name, step);
		break;
	case 2:
		omemo_prepare(a->o, &name, 1, now);
		break;
	case 3:
		omemo_bundle(a->o, name, step[1], NULL, now);
		break;
	case 4:
		omemo_trust(
		    a->o, name, hex, (enum omemo_trust)(step[2] % 3), now);
		break;
	case 5:
		omemo_remove(a->o, step[1]);
		break;
	case 6:
		omemo_connected(a->o);
		omemo_online(a->o, now);
		break;
	case 7:
		omemo_answer(a->o, name);
		break;
	case 8:
		omemo_wish(
		    a->o, name, (enum omemo_wish)(step[1] % 4), step[2] % 2);
		break;
	default:
		now += step[1];
		omemo_tick(a->o, now);
		break;
	}
}

/* Reads again what is to be written. */
static void
check_item(const struct omemo_item *i)
{
	struct omemo_contact c;
	struct sexp_error e;

	if (i->type == OMEMO_PUT_LIST && i->len > OMEMO_DEVICES + 1)
		abort();
	if (i->type != OMEMO_STORE || strcmp(i->name, OMEMO_OWN) == 0)
		return;
	if (omemo_contact_parse(&c, i->bytes, i->len, &e) == -1)
		abort();
	omemo_contact_clear(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct omemo_item i;

	if (a == NULL)
		a = pair_new(ALICE);
	now = a->now;
	omemo_load(a->o, ALICE, NULL, 0, NULL);
	omemo_load(a->o, BOB, NULL, 0, NULL);
	for (; size >= 4 && size <= 400; size -= 4, data += 4) {
		take_step(data);
		while (omemo_next(a->o, &i))
			check_item(&i);
	}
	return 0;
}
#endif
