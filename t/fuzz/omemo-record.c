/*
 * Any text as the record of a contact, with and without the right checksum:
 * what is read is printed the same, and libomemo-c survives its sessions.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "omemo/contact.h"
#ifndef NO_OMEMO
#include "t/unit/omemo-pair.h"
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ALICE "alice@example.org"
#define BOB   "bob@example.org"

static void
use_record(const struct buf *file)
{
#ifdef NO_OMEMO
	(void)file;
#else
	static struct host *a;
	const char *name = BOB;
	struct omemo_text t = {1, &name, 1, "x", 1, 0};
	struct omemo_item i;
	struct sexp_error e;

	if (a == NULL)
		a = pair_new(ALICE);
	if (omemo_load(a->o, BOB, buf_data(file), buf_len(file), &e) == -1)
		return;
	omemo_send(a->o, &t);
	while (omemo_next(a->o, &i))
		;
#endif
}

static void
read_record(const void *p, size_t n)
{
	struct omemo_contact c, again;
	struct buf once, twice;
	struct sexp_error e;

	if (omemo_contact_parse(&c, p, n, &e) == -1)
		return;
	buf_init(&once, FORM_MAX);
	buf_init(&twice, FORM_MAX);
	if (omemo_contact_print(&c, &once) == -1 ||
	    omemo_contact_parse(&again, buf_data(&once), buf_len(&once), &e) ==
		-1 ||
	    omemo_contact_print(&again, &twice) == -1 ||
	    strcmp(buf_str(&once), buf_str(&twice)) != 0)
		abort();
	use_record(&once);
	omemo_contact_clear(&c);
	omemo_contact_clear(&again);
	buf_clear(&once);
	buf_clear(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sexp_error e;
	struct sexp_tree *t;
	struct buf file;

	read_record(data, size);
	t = sexp_parse(data, size, &e);
	if (t == NULL)
		return 0;
	buf_init(&file, FORM_MAX);
	if (form_print(t, (struct sexp *)(uintptr_t)sexp_root(t), &file) == 0)
		read_record(buf_data(&file), buf_len(&file));
	buf_clear(&file);
	sexp_free(t);
	return 0;
}
