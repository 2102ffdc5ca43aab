/* Bodies of a peer, one a line; `!` sends, starts, stops; byte 0: policies. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "otr/otr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct privkey *key;
	struct otr_peer p = {.name = "peer@x.example/1", .answer = 1};
	struct otr_item i;
	struct otr *o = otr_new(key = key == NULL ? privkey_generate() : key);
	char *all, *line, *rest = NULL;

	p.policies = size > 0 ? data[0] & 31u : 0;
	p.versions = size > 0 ? data[0] >> 5 & 3u : 0;
	all = buf_memdup(data, size);
	line = size > 0 ? strtok_r(all + 1, "\n", &rest) : NULL;
	for (; line != NULL; line = strtok_r(NULL, "\n", &rest), p.now += 9999)
		if (strcmp(line, "!start") == 0)
			otr_start(o, &p);
		else if (strcmp(line, "!stop") == 0)
			otr_stop(o, &p);
		else if (*line == '!')
			otr_send(o, &p, 1, line);
		else
			otr_receive(o, &p, line);
	while (otr_next(o, &i))
		if (i.type == OTR_TEXT && i.encrypted)
			abort(); /* no session can be made here */
	otr_free(o);
	free(all);
	return 0;
}
