#include "line/errand.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/check.h"
#include "line/command.h"
#include "line/escape.h"
#include "line/filter.h"
#include "line/interview.h"

#define STATUS_OUTPUT 74
#define STATUS_CONFIG 78

#define CHUNK	      65536 /* bytes read at once */

/* Writes all of B to standard output. 0, or STATUS_OUTPUT with WHY. */
static int
write_all(struct buf *b, struct buf *why)
{
	ssize_t n;

	while (buf_len(b) > 0) {
		n = write(STDOUT_FILENO, buf_data(b), buf_len(b));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			buf_addf(why, "standard output: %s", strerror(errno));
			return STATUS_OUTPUT;
		}
		buf_drop(b, (size_t)n);
	}
	return 0;
}

/* --escape and --unescape. */
static int
filter(enum filter_way way, int options, struct buf *why)
{
	static unsigned char chunk[CHUNK];
	struct filter f;
	struct buf out;
	ssize_t n;
	int bad = 0, status = 0;

	filter_init(&f, way, options);
	buf_init(&out, FILTER_MAX(CHUNK));
	do {
		n = read(STDIN_FILENO, chunk, sizeof chunk);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			buf_addf(why, "standard input: %s", strerror(errno));
			return STATUS_OUTPUT;
		}
		bad = n > 0 ? filter_add(&f, chunk, (size_t)n, &out)
			    : filter_end(&f, &out);
		status = write_all(&out, why);
	} while (n != 0 && bad == 0 && status == 0);
	buf_clear(&out);
	if (status == 0 && bad) {
		buf_addf(
		    why, "line %zu, byte %zu: %s", f.line, f.at + 1, f.why);
		status = 1;
	}
	return status;
}

int
errand_print(const struct option_values *v, struct buf *why)
{
	int ascii = v->value[OPTION_ASCII] != NULL ? ESCAPE_ASCII : 0;
	struct buf out;
	int status;

	if (v->value[OPTION_ESCAPE] != NULL)
		return filter(FILTER_ESCAPE, ascii, why);
	if (v->value[OPTION_UNESCAPE] != NULL)
		return filter(FILTER_UNESCAPE, 0, why);
	buf_init(&out, CHUNK);
	if (v->value[OPTION_HELP] != NULL) {
		option_help(&out);
	} else if (v->value[OPTION_VERSION] != NULL) {
		buf_adds(&out, CLIENT_VERSION "\n");
	} else if (v->value[OPTION_EVENTS] != NULL) {
		event_tables(&out);
		command_table(&out);
		option_table(&out);
	} else {
		return -1;
	}
	status = write_all(&out, why);
	buf_clear(&out);
	return status;
}

static int
check(const char *path, struct buf *why)
{
	struct buf out;
	int status, wrong;

	buf_init(&out, (size_t)1 << 30);
	wrong = check_directory(path, &out, why);
	status = write_all(&out, why);
	buf_clear(&out);
	if (status == 0 && wrong > 0)
		buf_addf(why, "%d of the files of %s %s not ok", wrong, path,
		    wrong == 1 ? "is" : "are");
	return status == 0 && wrong != 0 ? STATUS_CONFIG : status;
}

/* Whether a person starts us who has no configuration yet. */
static int
is_first_start(const struct option_values *v, const char *path)
{
	struct buf file;
	int absent;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
	    v->value[OPTION_INPUT] != NULL || v->value[OPTION_RESOURCE] != NULL)
		return 0;
	buf_init(&file, strlen(path) + 16);
	buf_addf(&file, "%s/config.sexp", path);
	absent = access(buf_str(&file), F_OK) == -1 && errno == ENOENT;
	buf_clear(&file);
	return absent;
}

/* The dialogue of --configure, after which the session begins. */
static int
first_start(const struct option_values *v, const char *path, struct buf *why)
{
	static const char hint[] = "/connect connects, /help lists the "
				   "commands, /help keys the keys\n";
	int status = interview(path, v->value[OPTION_ASCII] != NULL, why);

	if (status > 1)
		return status;
	buf_reset(why);
	if (write(STDOUT_FILENO, hint, sizeof hint - 1) == -1 && errno != EINTR)
		return STATUS_OUTPUT;
	return -1;
}

int
errand_directory(
    const struct option_values *v, const char *path, struct buf *why)
{
	if (v->value[OPTION_CHECK] != NULL)
		return check(path, why);
	if (v->value[OPTION_CONFIGURE] != NULL)
		return interview(path, v->value[OPTION_ASCII] != NULL, why);
	if (is_first_start(v, path))
		return first_start(v, path, why);
	return -1;
}

int
errand_password(const char *name, struct buf *out)
{
	char chunk[512], *end;
	long number = strtol(name, &end, 10);
	int fd = *name != '\0' && *end == '\0'
		     ? (int)number
		     : open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	int saved;

	if (fd == -1)
		return -1;
	while ((n = read(fd, chunk, sizeof chunk)) != 0) {
		if (n == -1 && errno != EINTR)
			break;
		if (n == -1 || buf_add(out, chunk, (size_t)n) == 0)
			continue;
		errno = EFBIG;
		n = -1;
		break;
	}
	saved = errno;
	buf_wipe(chunk, sizeof chunk);
	close(fd);
	errno = saved;
	return n == -1 ? -1 : 0;
}
