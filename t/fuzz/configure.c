/*
 * --configure: a directory that holds something or nothing, answers of any
 * bytes, and what the server says to each login. Whatever they are, each
 * question is answered once, the output is event lines without the stored
 * password, a file that is there stays as it is, and what is written can be
 * read; a status that says that nothing was written is right.
 *
 * The first lines may begin with `-`: what the directory holds, `f` all that
 * there can be, `o` what an old version wrote, `n` nothing, else there is none;
 * `a` says -a; and then with `!`: a login, whose outcome the next byte chooses,
 * and the rest is the certificate. Further logins succeed. All else is typed.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <gcrypt.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "line/start/configure.h"
#include "line/start/probe.h"
#include "line/world/signals.h"
#include "t/unit/file.h"
#include "t/unit/play-line.h"

#define SECRET "s3cr et" /* of the password in t/samples/gen-full */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"config.sexp", "password", "otr_dsa.sexp",
    "omemo.sexp", "config.sexp.new", "password.new"};
enum { CONFIG, PASSWORD, KEY, OMEMO, NEW_CONFIG, NEW_PASSWORD, NAMES };

struct tree {
	int is_there; /* the directory itself */
	int has[NAMES];
	struct buf text[NAMES];
};

static char base[256], path[300];
static int in, out;
static struct tree before, after;
static const uint8_t *logins, *logins_end; /* that have no outcome yet */

static void
fault(const char *why, const char *more)
{
	fprintf(stderr, "fault: %s: %s\n", why, more);
	abort();
}

/* Keys are made in no time: all are the same. */
gcry_error_t
gcry_pk_genkey(gcry_sexp_t *key, gcry_sexp_t what)
{
	static gcry_error_t (*real)(gcry_sexp_t *, gcry_sexp_t);
	static gcry_sexp_t made;

	if (real == NULL) {
		*(void **)(&real) = dlsym(RTLD_NEXT, "gcry_pk_genkey");
		if (real(&made, what) != 0)
			abort();
	}
	return gcry_sexp_build(key, NULL, "%S", made);
}

/* Takes the place of line/start/probe.c. */
void
probe_login(struct setup *s, struct probe *p)
{
	static const char *const causes[] = {"refused", "dns", "timeout",
	    "auth-refused", "tls-untrusted", "tls-name", "tls-expired",
	    "tls-pin", "no-mechanism"};
	const uint8_t *lf;

	if (strchr(s->jid, '@') == NULL)
		fault("a login without a JID", s->jid);
	memset(p, 0, sizeof *p);
	buf_init(&p->der, 65536);
	if (logins == logins_end)
		return;
	lf = memchr(logins, '\n', (size_t)(logins_end - logins));
	if (lf - logins > 1) {
		p->cause = causes[logins[1] % 9];
		snprintf(p->why, sizeof p->why, "so it is");
		buf_add(&p->der, logins + 2, (size_t)(lf - logins) - 2);
		memset(p->pin, logins[1], TLS_PIN);
	}
	logins = lf + 1;
}

void
probe_clear(struct probe *p)
{
	buf_clear(&p->der);
}

static void
empty(void)
{
	struct dirent *entry;
	DIR *d = opendir(path);

	while (d != NULL && (entry = readdir(d)) != NULL)
		unlinkat(dirfd(d), entry->d_name, 0);
	if (d != NULL)
		closedir(d);
	rmdir(path);
}

static void
remove_all(void)
{
	char name[300];

	empty();
	snprintf(name, sizeof name, "%s/in", base);
	unlink(name);
	snprintf(name, sizeof name, "%s/out", base);
	unlink(name);
	rmdir(base);
}

static int
make(const char *name)
{
	char file[300];
	int fd;

	snprintf(file, sizeof file, "%s/%s", base, name);
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1)
		fault("cannot be made", file);
	return fd;
}

/* Once: where all of it is done, in memory if it can be. */
static void
prepare(void)
{
	int i;

	for (i = 0; i < NAMES; i++) {
		buf_init(&before.text[i], DIR_FILE);
		buf_init(&after.text[i], DIR_FILE);
	}
	snprintf(base, sizeof base, "/dev/shm/jackline-XXXXXX");
	if (mkdtemp(base) == NULL) {
		file_temporary(base);
		if (mkdtemp(base) == NULL)
			fault("cannot be made", base);
	}
	snprintf(path, sizeof path, "%s/d", base);
	atexit(remove_all);
	in = make("in");
	out = make("out");
	/* "system" is what is trusted unless the answers say otherwise. */
	setenv("SSL_CERT_FILE", "/nowhere/at/all", 1);
	signals_catch();
}

/* Makes NAME of the directory, as it is in the sample OF. */
static void
copy(const char *of, const char *name)
{
	static struct buf text;
	char file[400];
	int fd;

	buf_init(&text, DIR_FILE);
	snprintf(file, sizeof file, "t/samples/%s/%s", of, name);
	file_read(file, &text);
	snprintf(file, sizeof file, "%s/%s", path, name);
	fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (write(fd, buf_data(&text), buf_len(&text)) == -1)
		fault("cannot be written", file);
	close(fd);
	buf_clear(&text);
}

static void
fill(const uint8_t *letters, size_t n, int *ascii)
{
	*ascii = 0;
	for (; n > 0; n--, letters++) {
		if (*letters == 'a')
			*ascii = 1;
		if (strchr("fon", *letters) == NULL || mkdir(path, 0700) == -1)
			continue;
		if (*letters == 'f') {
			copy("gen-full", "config.sexp");
			copy("gen-full", "password");
			copy("gen-full", "otr_dsa.sexp");
		} else if (*letters == 'o') {
			copy("legacy-v2", "config.sexp");
		}
	}
}

static void
look(struct tree *t)
{
	char file[400];
	int i;

	t->is_there = access(path, F_OK) == 0;
	for (i = 0; i < NAMES; i++) {
		snprintf(file, sizeof file, "%s/%s", path, names[i]);
		t->has[i] = access(file, F_OK) == 0;
		buf_reset(&t->text[i]);
		if (t->has[i])
			file_read(file, &t->text[i]);
	}
}

/* Looks at the files, as they are after the exit STATUS. */
static void
check_files(int status)
{
	struct config c;
	char why[160];
	int i, line, column;

	if (status > 1 && after.is_there != before.is_there)
		fault("it is there though nothing was written", path);
	for (i = 0; i < NAMES; i++) {
		if (status > 1 && after.has[i] != before.has[i])
			fault("something was written", names[i]);
		if (before.has[i] &&
		    (!after.has[i] ||
			!file_same(&before.text[i], &after.text[i])))
			fault("it is not what it was", names[i]);
	}
	if (status <= 1 && after.is_there && !after.has[KEY] &&
	    !after.has[CONFIG])
		fault("nothing was written", names[CONFIG]);
	i = after.has[NEW_CONFIG] ? NEW_CONFIG : CONFIG;
	if (status > 1 || !after.has[i])
		return;
	if (config_parse(&c, buf_data(&after.text[i]), buf_len(&after.text[i]),
		&line, &column, why) == -1)
		fault("what was written cannot be read", why);
	config_clear(&c);
}

/* Looks at the output: it is lines, and each question has its answer. */
static void
check_output(int ascii, int typed_secret)
{
	static struct buf text;
	char file[300];
	const char *p, *lf, *why, *attribute;
	unsigned long line = 0;
	int is_asked = 0;

	buf_init(&text, DIR_FILE);
	snprintf(file, sizeof file, "%s/out", base);
	file_read(file, &text);
	if (!typed_secret && strstr(buf_str(&text), SECRET) != NULL)
		fault("the password is told", SECRET);
	for (p = buf_str(&text); *p != '\0'; p = lf + 1) {
		lf = strchr(p, '\n');
		if (lf == NULL)
			fault("half a line", p);
		why = play_line_fault(p, (size_t)(lf - p), ascii);
		if (why != NULL)
			fault(why, p);
		if (strncmp(p, "ask\t", 4) == 0) {
			if (is_asked)
				fault("two questions at once", p);
			is_asked = 1;
		}
		if (strncmp(p, "ok\t", 3) != 0 && strncmp(p, "error\t", 6) != 0)
			continue;
		attribute = strstr(p, "\tline=");
		if (!is_asked || attribute > lf ||
		    strtoul(attribute + 6, NULL, 10) != ++line)
			fault("an answer to nothing", p);
		is_asked = 0;
	}
	buf_clear(&text);
}

/* Runs it, with N bytes at P as its input. */
static int
run(const uint8_t *p, size_t n, int ascii)
{
	int kept[2] = {dup(0), dup(1)}, status;
	struct buf why;

	buf_init(&why, 4096);
	if (ftruncate(in, 0) == -1 || ftruncate(out, 0) == -1 ||
	    pwrite(in, p, n, 0) != (ssize_t)n)
		fault("cannot be written", base);
	lseek(in, 0, SEEK_SET);
	lseek(out, 0, SEEK_SET);
	fflush(stdout);
	dup2(in, 0);
	dup2(out, 1);
	status = configure_directory(path, "", ascii, &why);
	dup2(kept[0], 0);
	dup2(kept[1], 1);
	close(kept[0]);
	close(kept[1]);
	if (status != 0 && buf_len(&why) == 0)
		fault("a status without a reason", buf_str(&why));
	if (strchr("\001\107\112\116", status) == NULL)
		fault("no such status", buf_str(&why));
	buf_clear(&why);
	return status;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *p = data, *end = data + size, *lf;
	int ascii = 0, status;

	if (base[0] == '\0')
		prepare();
	empty();
	lf = size == 0 ? NULL : memchr(p, '\n', size);
	if (lf != NULL && *p == '-') {
		fill(p + 1, (size_t)(lf - p) - 1, &ascii);
		p = lf + 1;
	}
	logins = p;
	while (p < end && *p == '!' &&
	       (lf = memchr(p, '\n', (size_t)(end - p))) != NULL)
		p = lf + 1;
	logins_end = p;
	look(&before);
	status = run(p, (size_t)(end - p), ascii);
	look(&after);
	check_files(status);
	check_output(ascii, memmem(data, size, SECRET, strlen(SECRET)) != NULL);
	return 0;
}
