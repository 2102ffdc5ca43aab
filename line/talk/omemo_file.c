#include "line/talk/omemo_file.h"

#include "omemo/omemo.h"

int
omemo_file_is_built(void)
{
	return 1;
}

void
omemo_file_make(
    const unsigned char *seed, struct buf *out, char fp[OMEMO_FINGERPRINT])
{
	struct omemo *o = omemo_new(seed, "");
	struct sexp_error e;
	struct buf file;

	buf_init(&file, FORM_MAX);
	omemo_generate(o, &file);
	omemo_identity(o, buf_data(&file), buf_len(&file), &e);
	omemo_fingerprint(o, fp);
	buf_add(out, buf_data(&file), buf_len(&file));
	buf_clear(&file);
	omemo_free(o);
}

/* Reads N bytes at P by a machine of its own, which needs no randomness. */
static int
check_file(const void *p, size_t n, struct sexp_error *e,
    int (*read)(struct omemo *, const void *, size_t, struct sexp_error *))
{
	static const unsigned char seed[OMEMO_SEED];
	struct omemo *o = omemo_new(seed, "");
	int status = read(o, p, n, e);

	omemo_free(o);
	return status;
}

int
omemo_file_identity(const void *p, size_t n, struct sexp_error *e)
{
	return check_file(p, n, e, omemo_identity);
}

static int
read_device(struct omemo *o, const void *p, size_t n, struct sexp_error *e)
{
	return omemo_load_own(o, p, n, 0, e);
}

int
omemo_file_device(const void *p, size_t n, struct sexp_error *e)
{
	return check_file(p, n, e, read_device);
}
