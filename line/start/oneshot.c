#include "line/start/oneshot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/command/table.h"
#include "line/start/check.h"
#include "line/start/configure.h"
#include "line/text/escape.h"
#include "line/world/callback.h"
#include "line/world/confine.h"
#include "line/world/signals.h"
#include "sexp/buf.h"
#include "xmpp/tor.h"

#define STATUS_OUTPUT 74
#define STATUS_CONFIG 78

#define CHUNK	      65536 /* bytes read at once */

/*
 * Bytes that --escape reads, and bytes of a line that it can make of them,
 * which is a line that --unescape reads: a byte becomes four at most.
 */
#define INPUT_MAX   ((size_t)64 << 20)
#define ESCAPED_MAX (4 * INPUT_MAX + 1)

/* Writes all of B to standard output. Returns 0, or STATUS_OUTPUT with WHY. */
static int
write_all(struct buf *b, struct buf *why)
{
	ssize_t n;

	while (buf_len(b) > 0) {
		n = write(STDOUT_FILENO, buf_data(b), buf_len(b));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			buf_reset(why);
			buf_addf(why, "standard output: %s", strerror(errno));
			return STATUS_OUTPUT;
		}
		buf_drop(b, (size_t)n);
	}
	return 0;
}

/*
 * Appends the next bytes of standard input to IN. Returns 1; 0 at the end of
 * the input; -1 with *STATUS and WHY if it cannot be read or IN is full.
 */
static int
read_more(struct buf *in, int *status, struct buf *why)
{
	static unsigned char chunk[CHUNK];
	ssize_t n;

	do
		n = read(STDIN_FILENO, chunk, sizeof chunk);
	while (n == -1 && errno == EINTR);
	if (n == -1) {
		buf_addf(why, "standard input: %s", strerror(errno));
		*status = STATUS_OUTPUT;
	} else if (buf_add(in, chunk, (size_t)n) == -1) {
		buf_addf(why, "standard input: a text of more than %zu MiB",
		    in->max >> 20);
		*status = 1;
	}
	return *status != 0 ? -1 : n > 0;
}

/* --escape: the whole input becomes one line. Returns the exit status. */
static int
escape_input(int options, struct buf *why)
{
	struct buf in, out;
	int status = 0;

	buf_init(&in, INPUT_MAX);
	buf_init(&out, ESCAPED_MAX);
	while (read_more(&in, &status, why) == 1)
		;
	if (status == 0) {
		escape_write(&out, buf_data(&in), buf_len(&in), options);
		buf_addc(&out, '\n');
		status = write_all(&out, why);
	}
	buf_clear(&in);
	buf_clear(&out);
	return status;
}

/* Appends the meaning of the escaped line at P, N bytes, to OUT. */
static int
unescape_line(struct buf *out, const unsigned char *p, size_t n, size_t number,
    struct buf *why)
{
	const char *reason;
	size_t at;

	if (escape_read(out, p, n, &reason, &at) != -1)
		return 0;
	buf_addf(why, "line %zu, byte %zu: %s", number, at + 1, reason);
	return 1;
}

/*
 * --unescape: each line is read for itself and written as soon as it is whole;
 * its line feed passes as it is. Returns the exit status.
 */
static int
unescape_input(struct buf *why)
{
	const unsigned char *feed;
	size_t n, number = 1, looked = 0;
	int more, status = 0, written;
	struct buf in, out;

	buf_init(&in, ESCAPED_MAX);
	buf_init(&out, ESCAPED_MAX);
	do {
		more = read_more(&in, &status, why);
		while (
		    status == 0 && (feed = memchr(buf_data(&in) + looked, '\n',
					buf_len(&in) - looked)) != NULL) {
			n = (size_t)(feed - buf_data(&in));
			status = unescape_line(
			    &out, buf_data(&in), n, number++, why);
			if (status == 0)
				buf_addc(&out, '\n');
			buf_drop(&in, n + 1);
			looked = 0;
		}
		looked = buf_len(&in);
		if (status == 0 && more == 0 && looked > 0)
			status = unescape_line(
			    &out, buf_data(&in), looked, number, why);
		written = write_all(&out, why);
		if (written != 0)
			status = written;
	} while (more == 1 && status == 0);
	buf_clear(&in);
	buf_clear(&out);
	return status;
}

/* Appends how a session is confined here, as this process then is. */
static void
add_confinement(struct buf *out)
{
	struct confine_options o = {.tor = tor_used()};
	struct buf parts;

	buf_init(&parts, 1024);
	confine_process(&o, &parts);
	buf_addf(out, "confined: %s\n", buf_str(&parts));
	buf_clear(&parts);
}

int
oneshot_print(const struct option_values *v, struct buf *why)
{
	int ascii = v->value[OPTION_ASCII] != NULL ? ESCAPE_ASCII : 0;
	struct buf out;
	int status;

	if (v->value[OPTION_ESCAPE] != NULL)
		return escape_input(ascii, why);
	if (v->value[OPTION_UNESCAPE] != NULL)
		return unescape_input(why);
	buf_init(&out, CHUNK);
	if (v->value[OPTION_HELP] != NULL) {
		option_help(&out);
	} else if (v->value[OPTION_VERSION] != NULL) {
		buf_adds(&out, CLIENT_VERSION "\n");
		add_confinement(&out);
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
run_check(const char *path, struct buf *why)
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

/* Appends ` -f DIR` to OUT if that option was given. */
static void
add_directory_option(const struct option_values *v, struct buf *out)
{
	if (v->value[OPTION_DIRECTORY] == NULL)
		return;
	buf_adds(out, " -f ");
	configure_quote(out, v->value[OPTION_DIRECTORY]);
}

void
oneshot_configure_command(const struct option_values *v, struct buf *out)
{
	buf_adds(out, "jackline --configure");
	add_directory_option(v, out);
}

static int
run_configure(const struct option_values *v, const char *path, struct buf *why)
{
	struct buf options;
	int status;

	buf_init(&options, CHUNK);
	add_directory_option(v, &options);
	status = configure_directory(
	    path, buf_str(&options), v->value[OPTION_ASCII] != NULL, why);
	buf_clear(&options);
	return status;
}

/* Returns 1 if a person at a terminal starts us without a configuration. */
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

/* Runs the dialogue of --configure. Returns -1 if the session can begin. */
static int
first_start(const struct option_values *v, const char *path, struct buf *why)
{
	static const char hint[] = "/connect connects, /help lists the "
				   "commands, /help keys the keys\n";
	int status = configure_directory(
	    path, NULL, v->value[OPTION_ASCII] != NULL, why);

	if (status > 1)
		return status;
	buf_reset(why);
	if (write(STDOUT_FILENO, hint, sizeof hint - 1) == -1 && errno != EINTR)
		return STATUS_OUTPUT;
	return -1;
}

int
oneshot_directory(
    const struct option_values *v, const char *path, struct buf *why)
{
	if (v->value[OPTION_CHECK] != NULL)
		return run_check(path, why);
	if (v->value[OPTION_CONFIGURE] != NULL)
		return run_configure(v, path, why);
	if (is_first_start(v, path))
		return first_start(v, path, why);
	return -1;
}

/*
 * Waits until FD is readable. -1 with errno, which is EINTR after a signal that
 * ends the program.
 */
static int
await_bytes(int fd)
{
	struct pollfd fds[2] = {{.fd = fd, .events = POLLIN},
	    {.fd = signals_fd(), .events = POLLIN}};

	while (!signals_ending()) {
		if (poll(fds, 2, -1) == -1 && errno != EINTR)
			return -1;
		if (fds[0].revents != 0)
			return 0;
	}
	errno = EINTR;
	return -1;
}

/* Appends all bytes of FD up to its end to OUT. -1 with errno. */
static int
read_all(int fd, struct buf *out)
{
	char chunk[512];
	ssize_t n = 1;

	while (n != 0 && await_bytes(fd) == 0) {
		n = read(fd, chunk, sizeof chunk);
		if (n == -1 && errno != EINTR && errno != EAGAIN)
			break;
		if (n > 0 && buf_add(out, chunk, (size_t)n) == -1) {
			errno = EFBIG;
			break;
		}
	}
	buf_wipe(chunk, sizeof chunk);
	return n == 0 ? 0 : -1;
}

int
oneshot_password(const char *name, struct buf *out)
{
	int fd, status, saved;

	if (!callback_descriptor(name, &fd))
		fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	status = read_all(fd, out);
	saved = errno;
	if (fd > STDERR_FILENO)
		close(fd);
	errno = saved;
	return status;
}
