/*
 * The main of a fuzz driver outside libFuzzer: runs it over every file of its
 * corpus, then over mutations of each, the same ones every time; TAP.
 *
 *     build/t/fuzz/NAME [DIRECTORY | FILE]
 *
 * DIRECTORY is t/fuzz/NAME.corpus unless given; FILE is run alone. What is
 * being run stands in build/t/fuzz/NAME.input, which is left there by a crash
 * or a hang, and only then.
 */
#include "sexp/buf.h"
#include "t/unit/tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MUTATIONS 1000	/* of all files together; MUTATIONS says another */
#define SECONDS	  1	/* of processor time for each 1000; then no more */
#define HANG	  60	/* seconds for one input */
#define SIZE	  65536 /* no mutation is larger */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int input = -1;
static size_t mutations = MUTATIONS;
static uint64_t seed;

static void
die(const char *what)
{
	printf("Bail out! %s\n", what);
	exit(1);
}

static size_t
below(size_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return n == 0 ? 0 : (size_t)(seed >> 33) % n;
}

/* Runs on a block of just that size, so that no byte beyond is there to read;
 * what is run is on disk first. */
static void
run(const unsigned char *p, size_t n)
{
	unsigned char *exact = malloc(n > 0 ? n : 1);

	if (exact == NULL)
		die("no memory");
	if (n > 0)
		memcpy(exact, p, n);
	if (ftruncate(input, 0) == -1 || pwrite(input, p, n, 0) != (ssize_t)n)
		die("cannot write the input");
	alarm(HANG);
	LLVMFuzzerTestOneInput(exact, n);
	alarm(0);
	free(exact);
}

static int
load(struct buf *b, const char *path)
{
	unsigned char chunk[4096];
	size_t n;
	FILE *f = fopen(path, "rb");

	buf_reset(b);
	if (f == NULL)
		return -1;
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		if (buf_add(b, chunk, n) == -1)
			break;
	n = (size_t)(ferror(f) || !feof(f));
	fclose(f);
	return n == 0 ? 0 : -1;
}

/* One change of the N bytes at P, of which there is room for SIZE; returns how
 * many they are then. */
static size_t
mutate(unsigned char *p, size_t n)
{
	static const unsigned char telling[] =
	    "\0\t\n\r -/0@<>&\"'\\{}=;:()?AZaz\177\200\277\303\355\360\377";
	size_t at = below(n + 1), some = 1 + below(16), from;

	if (some > n - at)
		some = n - at;
	switch (below(7)) {
	case 0:
		if (at < n)
			p[at] ^= (unsigned char)(1 << below(8));
		return n;
	case 1:
		if (at < n)
			p[at] = telling[below(sizeof telling - 1)];
		return n;
	case 2:
		memmove(p + at, p + at + some, n - at - some);
		return n - some;
	case 3:
		return at;
	case 4:
		from = below(n - some + 1);
		memmove(p + at, p + from, some);
		return n;
	case 5:
		if (n + some > SIZE)
			return n;
		memmove(p + at + some, p + at, n - at);
		return n + some;
	default:
		if (n == SIZE)
			return n;
		memmove(p + at + 1, p + at, n - at);
		p[at] = telling[below(sizeof telling - 1)];
		return n + 1;
	}
}

/* At most COUNT, and until SHARE of all the time is over. */
static void
run_mutations(const struct buf *b, size_t count, double share, const char *name)
{
	static unsigned char p[SIZE];
	size_t i, n, k, whole = buf_len(b) < SIZE ? buf_len(b) : SIZE;
	double seconds = share * SECONDS * (double)mutations / 1000;

	for (i = 0; i < count; i++) {
		if ((double)clock() / CLOCKS_PER_SEC >= seconds)
			break;
		n = whole;
		memcpy(p, buf_data(b), n);
		for (k = 1 + below(4); k > 0; k--)
			n = mutate(p, n);
		run(p, n);
	}
	ok(1, "%s and %zu mutations", name, i);
}

static int
visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void
run_corpus(struct dirent **entries, size_t count, const char *directory)
{
	struct buf b, path;
	const char *name;
	size_t i;

	buf_init(&b, (size_t)1 << 24);
	buf_init(&path, PATH_MAX);
	for (i = 0; i < count; i++) {
		name = entries[i]->d_name;
		buf_reset(&path);
		buf_addf(&path, "%s/%s", directory, name);
		if (ok(load(&b, buf_str(&path)) == 0, "%s is read", name)) {
			run(buf_data(&b), buf_len(&b));
			seed = i;
			run_mutations(&b, mutations / count + 1,
			    (double)(i + 1) / (double)count, name);
		}
		free(entries[i]);
	}
	buf_clear(&b);
	buf_clear(&path);
}

static void
run_file(const char *path)
{
	struct buf b;

	buf_init(&b, (size_t)1 << 24);
	if (ok(load(&b, path) == 0, "%s is read", path)) {
		run(buf_data(&b), buf_len(&b));
		ok(1, "%s", path);
	}
	buf_clear(&b);
}

int
main(int argc, char **argv)
{
	char left[PATH_MAX], corpus[PATH_MAX];
	const char *name = strrchr(argv[0], '/');
	struct dirent **entries = NULL;
	int count;

	name = name == NULL ? argv[0] : name + 1;
	snprintf(left, sizeof left, "%s.input", argv[0]);
	snprintf(corpus, sizeof corpus, "t/fuzz/%s.corpus", name);
	if (getenv("MUTATIONS") != NULL)
		mutations = (size_t)atoi(getenv("MUTATIONS"));
	if (argc > 1)
		snprintf(corpus, sizeof corpus, "%s", argv[1]);
	count = scandir(corpus, &entries, visible, alphasort);
	if (count == -1 && argc > 1 && strcmp(corpus, left) == 0)
		snprintf(left, sizeof left, "%s.again", argv[0]);
	input = open(left, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (input == -1)
		die("cannot write beside the program");
	if (count == -1 && argc > 1)
		run_file(corpus);
	else if (ok(count > 0, "%s has files", corpus))
		run_corpus(entries, (size_t)count, corpus);
	free(entries);
	close(input);
	unlink(left);
	return tap_done();
}
