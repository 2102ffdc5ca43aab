/*
 * What a server may say after the login, to the whole machine below TLS: no
 * crash, and every line that comes out is an event of LINES.md.
 */
#include "t/fake-tls.h"
#include "t/play-world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w;

	world_init(&w, WORLD_CHUNK);
	w.options.connect = w.options.stay = 1;
	world_start(&w);
	world_login(&w);
	buf_adds(&w.in, "/msg bob@example.org hello\n/wait message\n");
	buf_add(&w.sock, data, size);
	world_pump(&w);
	if (w.fault[0] == '\0')
		world_pass(&w, 100000);
	if (w.fault[0] != '\0')
		abort();
	world_clear(&w);
	return 0;
}
