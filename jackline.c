/*
 * jackline: the world around the machine of line/client.h. Options, what is
 * read at start, the poll loop. See jackline(1) and DESIGN.
 */
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/client.h"
#include "line/clock.h"
#include "line/errand.h"
#include "line/escape.h"
#include "line/notify.h"
#include "line/setup.h"
#include "line/signals.h"
#include "line/tty.h"

#define EXIT_USAGE  64
#define EXIT_SYSTEM 71
#define EXIT_OUTPUT 74
#define EXIT_CONFIG 78

#define CHUNK	    65536 /* bytes read at once */
#define PIPE_ROOM   4096  /* what a pipe that polls writable takes, at least */

/* What the program holds, from start to end. */
struct program {
	struct option_values options;
	struct setup setup;
	unsigned char seed[32];
	char go[JID_SIZE], text_to[JID_SIZE];
	struct client *client;
	struct dial *dial;
	struct tty *tty; /* NULL: nobody sits there, or cannot be shown rows */
	struct notify *notify;
	struct pollfd dial_fds[DIAL_FDS];
	size_t dial_count;
	int in, socket, log; /* -1: none */
	int socket_is_deaf;  /* it takes no more bytes */
	int out_is_file;     /* takes everything at once */
	int in_ended, in_error;
};

/* Says REASON in the form that all of them have, and ends. */
__attribute__((format(printf, 2, 3))) static _Noreturn void
quit(int status, const char *format, ...)
{
	struct buf text, escaped;
	char line[1024];
	va_list args;
	ssize_t n;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	tty_restore();
	buf_init(&text, sizeof line * 20);
	buf_init(&escaped, sizeof line * 10);
	/* A file name or a server's words may hold anything. */
	buf_adds(&escaped, "jackline: ");
	escape_write(&escaped, line, strlen(line), 0);
	tty_fold(STDERR_FILENO, buf_str(&escaped), &text);
	while (buf_len(&text) > 0) {
		n = write(STDERR_FILENO, buf_data(&text), buf_len(&text));
		if (n == -1 && errno != EINTR)
			_exit(status);
		buf_drop(&text, n > 0 ? (size_t)n : 0);
	}
	exit(status);
}

/* Nothing of ours may land on a standard descriptor that was left closed. */
static void
keep_descriptors(void)
{
	if (fcntl(STDIN_FILENO, F_GETFD) == -1 &&
	    open("/dev/null", O_RDONLY) != STDIN_FILENO)
		_exit(EXIT_SYSTEM);
	if (fcntl(STDOUT_FILENO, F_GETFD) == -1)
		quit(EXIT_OUTPUT, "standard output is closed");
	if (fcntl(STDERR_FILENO, F_GETFD) == -1 &&
	    open("/dev/null", O_WRONLY) != STDERR_FILENO)
		_exit(EXIT_SYSTEM);
}

/* Ends the program where an errand was run, by its STATUS and WHY. */
static void
leave(int status, struct buf *why)
{
	if (status > 0)
		quit(status, "%s", buf_str(why));
	if (status == 0)
		exit(0);
}

static void
jid_option(const char *option, const char *text, char jid[JID_SIZE])
{
	const char *why;

	if (text != NULL && option_jid(text, jid, &why) == -1)
		quit(EXIT_USAGE, "%s %s: %s", option, text, why);
}

static int
fd_option(const char *option, const char *name, int flags)
{
	int fd = name == NULL ? -1 : notify_open(name, flags);

	if (name != NULL && fd == -1)
		quit(EXIT_USAGE, "%s %s: %s", option, name, strerror(errno));
	return fd;
}

/* Ends where the directory cannot be used; the reason is in setup. */
static void
need(struct program *p, int status)
{
	if (status == -1)
		quit(p->setup.status, "%s", buf_str(&p->setup.why));
}

/* Writes the path of the directory to AT. */
static void
find_directory(const struct program *p, char at[PATH_MAX])
{
	const char *path = p->options.value[OPTION_DIRECTORY];
	const char *home = getenv("HOME");
	int n;

	if (path != NULL)
		n = snprintf(at, PATH_MAX, "%s", path);
	else if (home != NULL && *home != '\0')
		n = snprintf(
		    at, PATH_MAX, "%s/.config/ocaml-xmpp-client", home);
	else
		quit(EXIT_CONFIG, "HOME is not set; use -f DIR");
	if (n >= PATH_MAX)
		quit(EXIT_CONFIG, "the path of the directory is too long");
}

static void
open_directory(struct program *p)
{
	const char *resource = p->options.value[OPTION_RESOURCE];
	char path[PATH_MAX];
	struct buf why;

	buf_init(&why, PATH_MAX + 1024);
	find_directory(p, path);
	leave(errand_directory(&p->options, path, &why), &why);
	need(p, setup_open(&p->setup, path,
		    resource == NULL ? 0 : DIR_READ_ONLY, resource));
}

static void
read_password(struct program *p, int terminal)
{
	const char *source = p->options.value[OPTION_FD_PASSWORD];
	struct buf *password = &p->setup.password;
	char question[JID_SIZE + 32];
	int found = 1;

	if (source != NULL && errand_password(source, password) == -1)
		quit(EXIT_CONFIG, "password from %s: %s", source,
		    strerror(errno));
	else if (source == NULL)
		need(p, found = setup_password(&p->setup));
	if (found == 0 && terminal) {
		snprintf(question, sizeof question,
		    "password for %s: ", p->setup.jid);
		if (tty_question(question, 1, password) == -1)
			quit(EXIT_CONFIG, "no password was given");
		found = 1;
	}
	if (found == 0)
		quit(EXIT_CONFIG,
		    "%s/password: there is no such file; "
		    "write it, or use --fd-password",
		    dir_path(p->setup.dir));
	need(p, setup_password_trim(&p->setup));
}

static void
open_input(struct program *p)
{
	const char *path = p->options.value[OPTION_INPUT];
	struct stat st;

	p->in = STDIN_FILENO;
	if (path == NULL)
		return;
	/* Read-write: so the last writer's leaving is no end. */
	p->in = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (p->in == -1)
		quit(EXIT_USAGE, "-i %s: %s", path, strerror(errno));
	if (fstat(p->in, &st) == -1 || !S_ISFIFO(st.st_mode))
		quit(EXIT_USAGE, "-i %s: this is no FIFO", path);
}

static void
open_log(struct program *p)
{
	const char *path = p->options.value[OPTION_DEBUG];

	p->log = -1;
	if (path == NULL)
		return;
	p->log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (p->log == -1)
		quit(EXIT_USAGE, "-d %s: %s", path, strerror(errno));
}

static void
tell_time(struct program *p)
{
	client_now(p->client, clock_monotonic(), clock_real());
}

/* Somebody sits there: rows and a line editor instead of event lines. */
static void
open_terminal(struct program *p, struct client_options *o)
{
	struct colours colours;

	need(p, setup_colours(&p->setup, &colours));
	p->tty = tty_open(o->text_to != NULL ? o->text_to : o->go,
	    o->text_to != NULL, o->ascii, &colours);
	if (p->tty == NULL)
		return;
	o->ascii |= tty_is_ascii(p->tty);
	signals_catch_resize();
}

static void
start(struct program *p)
{
	const char *const *v = p->options.value;
	int terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	struct client_options o = {.go = v[OPTION_GO] == NULL ? NULL : p->go,
	    .text_to = v[OPTION_TEXT_TO] == NULL ? NULL : p->text_to,
	    .ascii = v[OPTION_ASCII] != NULL,
	    .connect = v[OPTION_CONNECT] != NULL,
	    .escaped = v[OPTION_ESCAPED] != NULL,
	    .stay = v[OPTION_STAY] != NULL,
	    .no_wait = v[OPTION_NO_WAIT] != NULL,
	    .stop = v[OPTION_STOP] != NULL,
	    .log = v[OPTION_DEBUG] != NULL,
	    .terminal = terminal && v[OPTION_INPUT] == NULL,
	    .wait = option_seconds(v[OPTION_WAIT], 30),
	    .seed = p->seed};
	struct stat st;

	if (o.wait == -1)
		quit(EXIT_USAGE, "-w %s: no number", v[OPTION_WAIT]);
	jid_option("-g", v[OPTION_GO], p->go);
	jid_option("-t", v[OPTION_TEXT_TO], p->text_to);
	open_input(p);
	open_log(p);
	open_directory(p);
	read_password(p, terminal);
	setup_options(&p->setup, &o);
	if (o.terminal)
		open_terminal(p, &o);
	if (getrandom(p->seed, sizeof p->seed, 0) != sizeof p->seed)
		quit(EXIT_SYSTEM, "no randomness: %s", strerror(errno));
	p->out_is_file = fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode);
	p->client = client_new(&o);
	buf_wipe(p->seed, sizeof p->seed);
	p->notify = notify_new(o.jid,
	    o.read_only ? NULL : p->setup.config.notification_callback,
	    fd_option(
		"--fd-nfy", v[OPTION_FD_NFY], O_WRONLY | O_CREAT | O_APPEND),
	    fd_option("--fd-gui", v[OPTION_FD_GUI], O_RDONLY), o.terminal);
	tell_time(p);
	need(p, setup_users(&p->setup, p->client));
}

static void
hang_up(struct program *p)
{
	const unsigned char *bytes;
	ssize_t done;
	size_t n;

	if (p->socket != -1) {
		/* The last words, as far as they go without waiting. */
		while (bytes = client_wire_buf(p->client, &n),
		    n > 0 &&
			(done = send(p->socket, bytes, n, MSG_NOSIGNAL)) > 0)
			client_wire_done(p->client, (size_t)done);
		close(p->socket);
	}
	p->socket = -1;
	dial_free(p->dial);
	p->dial = NULL;
	p->dial_count = 0;
}

static void
act(struct program *p)
{
	enum client_action action;

	setup_store(&p->setup, p->client);
	while ((action = client_action(p->client)) != CLIENT_NOTHING) {
		hang_up(p);
		if (action == CLIENT_DIAL)
			p->dial =
			    dial_new(client_dial(p->client), clock_monotonic());
	}
}

static void
work_dial(struct program *p)
{
	struct dial_result result;

	if (p->dial == NULL || !dial_work(p->dial, p->dial_fds, p->dial_count,
				   clock_monotonic(), &result))
		return;
	p->socket = result.cause == NULL ? result.fd : -1;
	p->socket_is_deaf = 0;
	client_dialled(p->client, &result);
	dial_free(p->dial);
	p->dial = NULL;
	p->dial_count = 0;
}

static void
read_input(struct program *p)
{
	static unsigned char chunk[CHUNK];
	size_t room = client_input_room(p->client);
	ssize_t n;

	room = room < sizeof chunk ? room : sizeof chunk;
	if (p->tty != NULL && tty_read(p->tty))
		return;
	n = p->tty != NULL ? 0 : read(p->in, chunk, room);
	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		client_input(p->client, chunk, (size_t)n);
		return;
	}
	p->in_error = n == -1 ? errno : 0;
	p->in_ended = 1;
	client_input_end(p->client);
}

static void
read_socket(struct program *p)
{
	static unsigned char chunk[CHUNK];
	ssize_t n = recv(p->socket, chunk, sizeof chunk, 0);

	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0)
		client_received(p->client, chunk, (size_t)n);
	else
		client_lost(p->client);
}

static void
write_socket(struct program *p)
{
	const unsigned char *bytes;
	ssize_t n;
	size_t len;

	if (p->socket == -1)
		return;
	while (bytes = client_wire_buf(p->client, &len), len > 0) {
		n = p->socket_is_deaf
			? (ssize_t)len
			: send(p->socket, bytes, len, MSG_NOSIGNAL);
		if (n > 0) {
			client_wire_done(p->client, (size_t)n);
			continue;
		}
		/* An error is found by reading, behind what came before;
		 * which may be later, so what goes out goes nowhere. */
		p->socket_is_deaf = errno != EAGAIN && errno != EINTR;
		if (!p->socket_is_deaf)
			return;
	}
}

/*
 * Writes events while that cannot block: what polls writable takes PIPE_ROOM
 * bytes, a file takes all. Lines stay whole where they are not longer.
 */
static void
write_text(struct program *p)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
	const unsigned char *bytes;
	size_t len;
	ssize_t n;

	if (p->tty != NULL) {
		tty_text(p->tty, p->client);
		return;
	}
	while (bytes = client_text_buf(p->client, &len), len > 0) {
		if (!p->out_is_file) {
			if (poll(&out, 1, 0) <= 0)
				return;
			if (len > PIPE_ROOM) {
				len = PIPE_ROOM;
				while (len > 0 && bytes[len - 1] != '\n')
					len--;
				len = len > 0 ? len : PIPE_ROOM;
			}
		}
		n = write(STDOUT_FILENO, bytes, len);
		if (n > 0)
			client_text_done(p->client, (size_t)n);
		else if (n == -1 && errno != EINTR && errno != EAGAIN)
			quit(EXIT_OUTPUT, "standard output: %s",
			    strerror(errno));
		else
			return;
	}
}

/* The debug log must not cost the session: errors are let go. */
static void
write_log(struct program *p)
{
	const unsigned char *bytes;
	size_t len;

	if (p->log == -1)
		return;
	bytes = client_log_buf(p->client, &len);
	if (len > 0 && write(p->log, bytes, len) == -1)
		p->log = -1;
	client_log_done(p->client, len);
}

static void
take_signals(struct program *p)
{
	int number;

	while ((number = signals_take()) != 0)
		if (p->tty == NULL || !tty_signal(p->tty, number))
			client_signal(p->client);
}

enum { FD_SIGNAL, FD_CLOCK, FD_IN, FD_OUT, FD_SOCKET, FD_DIAL };
#define POLLED (FD_DIAL + DIAL_FDS + NOTIFY_FDS)

/* Milliseconds to the earlier of both deadlines, -1: none. */
static int
timeout(const struct program *p)
{
	int64_t at = client_deadline(p->client), left;
	int64_t dial = p->dial == NULL ? -1 : dial_deadline(p->dial);

	if (dial >= 0 && (at < 0 || dial < at))
		at = dial;
	at = notify_deadline(p->notify, at, clock_monotonic());
	if (p->tty != NULL && tty_hurries(p->tty))
		return 0;
	if (at < 0)
		return -1;
	left = at - clock_monotonic();
	return left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}

static void
wait_for_world(struct program *p, struct pollfd fds[POLLED])
{
	int reads = p->socket != -1 && client_wants_bytes(p->client);
	size_t wire = 0, text;

	if (p->socket != -1)
		client_wire_buf(p->client, &wire);
	client_text_buf(p->client, &text);
	fds[FD_SIGNAL] = (struct pollfd){signals_fd(), POLLIN, 0};
	fds[FD_CLOCK] = (struct pollfd){clock_fd(), POLLIN, 0};
	fds[FD_IN] = (struct pollfd){
	    !p->in_ended && client_input_room(p->client) > 0 ? p->in : -1,
	    POLLIN, 0};
	fds[FD_OUT] = (struct pollfd){STDOUT_FILENO, text > 0 ? POLLOUT : 0, 0};
	if (tty_is_lost(p->tty))
		fds[FD_OUT].fd = -1;
	fds[FD_SOCKET] = (struct pollfd){reads || wire > 0 ? p->socket : -1,
	    (short)((reads ? POLLIN : 0) | (wire > 0 ? POLLOUT : 0)), 0};
	p->dial_count =
	    p->dial == NULL ? 0 : dial_fds(p->dial, fds + FD_DIAL, DIAL_FDS);
	notify_fds(p->notify, fds + FD_DIAL + p->dial_count);
	if (poll(fds, FD_DIAL + p->dial_count + NOTIFY_FDS, timeout(p)) == -1) {
		if (errno != EINTR)
			quit(EXIT_SYSTEM, "poll: %s", strerror(errno));
		for (text = 0; text < FD_DIAL + p->dial_count; text++)
			fds[text].revents = 0;
	}
	memcpy(p->dial_fds, fds + FD_DIAL, p->dial_count * sizeof *p->dial_fds);
}

/* One turn of the poll loop; 0: all is over. */
static int
turn(void *data)
{
	struct pollfd fds[POLLED];
	struct program *p = data;
	size_t text;

	act(p);
	notify_work(p->notify, p->client, clock_monotonic());
	write_socket(p);
	write_text(p);
	/* Receipts follow the text that they are for. */
	write_socket(p);
	write_log(p);
	client_text_buf(p->client, &text);
	if (client_done(p->client) && (text == 0 || tty_is_lost(p->tty)) &&
	    !notify_lingers(p->notify, clock_monotonic()))
		return 0;
	wait_for_world(p, fds);
	if (fds[FD_OUT].revents & (POLLERR | POLLHUP | POLLNVAL)) {
		if (p->tty == NULL)
			quit(
			    EXIT_OUTPUT, "standard output: the reader is gone");
		if (tty_lose(p->tty)) /* a window that is closed */
			client_signal(p->client);
	}
	if (fds[FD_CLOCK].revents)
		clock_heard();
	tell_time(p);
	if (fds[FD_SIGNAL].revents)
		take_signals(p);
	work_dial(p);
	if (fds[FD_SOCKET].revents & (POLLIN | POLLERR | POLLHUP) &&
	    client_wants_bytes(p->client))
		read_socket(p);
	if (fds[FD_IN].revents)
		read_input(p);
	client_tick(p->client);
	return 1;
}

int
main(int argc, char **argv)
{
	static struct program p;
	struct rlimit no_core = {0, 0};
	const char *why;
	char usage[200];
	struct buf text;
	int status;

	setrlimit(RLIMIT_CORE, &no_core);
	umask(077);
	keep_descriptors();
	if (option_parse(&p.options, argc, argv, usage) == -1)
		quit(EXIT_USAGE, "%s; see jackline --help", usage);
	buf_init(&text, sizeof usage + 4096);
	leave(errand_print(&p.options, &text), &text);
	if (signals_catch() == -1)
		quit(EXIT_SYSTEM, "no pipe: %s", strerror(errno));
	p.socket = -1;
	start(&p);
	client_start(p.client);
	if (p.tty != NULL)
		tty_run(p.tty, p.client, turn, &p);
	while (turn(&p))
		;
	notify_free(p.notify);
	if (p.in_error != 0)
		quit(EXIT_SYSTEM, "input: %s", strerror(p.in_error));
	if (tty_is_lost(p.tty))
		quit(EXIT_OUTPUT, "standard output: the terminal is gone");
	status = client_status(p.client, &why);
	if (status != 0)
		quit(status, "%s", why);
	tty_close(p.tty);
	client_free(p.client);
	hang_up(&p);
	setup_clear(&p.setup);
	return 0;
}
