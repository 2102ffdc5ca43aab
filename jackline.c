/*
 * jackline(1): reads the options and the configuration, and runs the poll loop
 * that carries bytes, lines and time between the world and the machine of
 * line/core/door.h.
 */
#include <sys/mman.h>
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

#include "line/start/oneshot.h"
#include "line/start/setup.h"
#include "line/text/escape.h"
#include "line/text/event.h"
#include "line/tty/tty.h"
#include "line/world/callback.h"
#include "line/world/clock.h"
#include "line/world/confine.h"
#include "line/world/heap.h"
#include "line/world/random.h"
#include "line/world/signals.h"
#include "line/world/tree.h"
#include "sexp/memory.h"
#include "sexp/siphash.h"
#include "store/dir.h"
#include "xmpp/tor.h"

#define EXIT_USAGE  64
#define EXIT_SYSTEM 71
#define EXIT_OUTPUT 74
#define EXIT_CONFIG 78

#define CHUNK	    65536 /* bytes read at once */
/* Bytes that a pipe takes, at least, if it polls writable. */
#define PIPE_ROOM 4096

/* The state of the program, from start to end. */
struct program {
	struct option_values options;
	struct setup setup;
	unsigned char seed[32];
	char go[JID_SIZE], text_to[JID_SIZE];
	struct buf command; /* mends the configuration: jackline --configure */
	struct client *client;
	struct dial *dial;
	struct tty *tty; /* NULL if events are written as lines */
	struct callback *callback;
	struct tree *tree; /* --tree, or NULL */
	int64_t wall;	   /* the time that the client was told last */
	struct pollfd dial_fds[DIAL_FDS];
	size_t dial_count;
	int in, socket, log; /* descriptors, or -1 */
	int socket_is_deaf;  /* The socket takes no more bytes. */
	int out_is_file;     /* Writing to standard output never blocks. */
	int in_ended, in_error;
	uint64_t only;	  /* the tags of --only, or all */
	size_t text_left; /* bytes of lines to be written; then the next are
			     looked at */
	size_t shown; /* bytes of events that are written, and not filed yet */
};

/* Writes the reason to standard error and ends the program. */
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
	/* File names and words of the server may have any bytes in them. */
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

/*
 * Opens /dev/null as the standard descriptors that are closed: a file that is
 * opened later must not get the number of one of them.
 */
static void
open_standard_descriptors(void)
{
	if (fcntl(STDIN_FILENO, F_GETFD) == -1 &&
	    open("/dev/null", O_RDONLY) != STDIN_FILENO)
		quit(EXIT_SYSTEM, "standard input is closed");
	if (fcntl(STDOUT_FILENO, F_GETFD) == -1)
		quit(EXIT_OUTPUT, "standard output is closed");
	if (fcntl(STDERR_FILENO, F_GETFD) == -1 &&
	    open("/dev/null", O_WRONLY) != STDERR_FILENO)
		quit(EXIT_SYSTEM, "standard error is closed");
}

/*
 * Ends the program if a one-shot option did its work: STATUS is its exit
 * status, with the reason WHY unless it is 0, or -1 if there was no such
 * option.
 */
static void
leave_after_oneshot(int status, struct buf *why)
{
	if (status > 0)
		quit(status, "%s", buf_str(why));
	if (status == 0)
		exit(0);
}

/* Prepares TEXT, the value of OPTION, as JID. Nothing is done if it is NULL. */
static void
read_jid_option(const char *option, const char *text, char jid[JID_SIZE])
{
	const char *why;

	if (text != NULL && option_jid(text, jid, &why) == -1)
		quit(EXIT_USAGE, "%s %s: %s", option, text, why);
}

/* Reads --only: `hello` and `ask` are always written. */
static void
read_only_option(struct program *p, int terminal)
{
	const char *words = p->options.value[OPTION_ONLY];

	p->only = UINT64_MAX;
	if (words == NULL)
		return;
	if (terminal)
		quit(EXIT_USAGE, "--only: a terminal shows all events");
	if (event_read_tags(words, &p->only) == -1)
		quit(EXIT_USAGE,
		    "--only %s: this is not a tag, or tags with commas between "
		    "them; see jackline --events",
		    words);
	p->only |= UINT64_C(1) << EVENT_HELLO | UINT64_C(1) << EVENT_ASK;
}

/* Opens NAME, the value of OPTION, with FLAGS. Returns -1 if NAME is NULL. */
static int
open_fd_option(const char *option, const char *name, int flags)
{
	int fd = name == NULL ? -1 : callback_open(name, flags);

	if (name != NULL && fd == -1)
		quit(EXIT_USAGE, "%s %s: %s", option, name, strerror(errno));
	return fd;
}

/* Ends the program with the reason in setup if STATUS is -1. */
static void
quit_on_failure(struct program *p, int status)
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

	buf_init(&why, 3 * PATH_MAX);
	buf_init(&p->command, 6 * PATH_MAX);
	find_directory(p, path);
	oneshot_configure_command(&p->options, &p->command);
	p->setup.command = buf_str(&p->command);
	leave_after_oneshot(oneshot_directory(&p->options, path, &why), &why);
	quit_on_failure(p, setup_open(&p->setup, path,
			       resource == NULL ? 0 : DIR_READ_ONLY, resource));
}

/* Reads the password from --fd-password, the file, or the terminal. */
static void
read_password(struct program *p, int terminal)
{
	const char *source = p->options.value[OPTION_FD_PASSWORD];
	struct buf *password = &p->setup.password;
	char question[JID_SIZE + 32];
	int found = 1;
	size_t n;

	if (source != NULL && oneshot_password(source, password) == -1)
		quit(EXIT_CONFIG, "password from %s: %s", source,
		    strerror(errno));
	else if (source == NULL)
		quit_on_failure(p, found = setup_password(&p->setup));
	n = buf_len(password);
	if (source != NULL && n > 0 && buf_str(password)[n - 1] == '\n')
		buf_cut(password, n - 1);
	if (found == 0 && terminal) {
		snprintf(question, sizeof question,
		    "password for %s: ", p->setup.jid);
		found = tty_question(question, 1, NULL, password) == 0;
		tty_question_end();
		if (!found)
			quit(EXIT_CONFIG, "no password was given");
	}
	if (found == 0)
		quit(EXIT_CONFIG,
		    "%s/password: there is no such file; %s makes it, or use "
		    "--fd-password",
		    dir_path(p->setup.dir), buf_str(&p->command));
	quit_on_failure(p, setup_password_check(&p->setup));
	/* Not to be written to swap space, if the limits allow it. */
	mlock(buf_data(password), buf_len(password));
}

/* Opens the input: -i, or standard input. */
static void
open_input(struct program *p)
{
	const char *path = p->options.value[OPTION_INPUT];
	struct stat st;

	p->in = STDIN_FILENO;
	if (path == NULL)
		return;
	/* As we could write to it too, it does not end with its last writer. */
	p->in = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (p->in == -1)
		quit(EXIT_USAGE, "-i %s: %s", path, strerror(errno));
	if (fstat(p->in, &st) == -1 || !S_ISFIFO(st.st_mode))
		quit(EXIT_USAGE, "-i %s: this is no FIFO", path);
	/* Whoever can write to it can act with our account. */
	if (st.st_uid != geteuid() && st.st_uid != 0)
		quit(EXIT_USAGE, "-i %s: it belongs to somebody else", path);
	if ((st.st_mode & 022) != 0)
		quit(EXIT_USAGE,
		    "-i %s: others may write into it; try chmod go-w", path);
}

/*
 * Returns 1 if ST is the file that lines are read from. A device such as
 * /dev/null does not count, as it may be used for several things.
 */
static int
is_input(const struct program *p, const struct stat *st)
{
	struct stat in;

	if (fstat(p->in, &in) == -1 || (S_ISCHR(in.st_mode) && !isatty(p->in)))
		return 0;
	return in.st_dev == st->st_dev && in.st_ino == st->st_ino;
}

/* Ends the program if lines and a password or other words share a file. */
static void
refuse_shared_input(const struct program *p)
{
	static const struct {
		enum option_id id;
		const char *name;
	} others[] = {{OPTION_FD_PASSWORD, "--fd-password"},
	    {OPTION_FD_GUI, "--fd-gui"}, {OPTION_FD_NFY, "--fd-nfy"}};
	const char *value;
	struct stat st;
	size_t i;
	int fd;

	for (i = 0; i < sizeof others / sizeof *others; i++) {
		value = p->options.value[others[i].id];
		if (value != NULL &&
		    (callback_descriptor(value, &fd) ? fstat(fd, &st)
						     : stat(value, &st)) == 0 &&
		    is_input(p, &st))
			quit(EXIT_USAGE, "%s %s: lines are read from there",
			    others[i].name, value);
	}
}

/*
 * Opens the debug log, which has messages in it: others must not be able to
 * read it, and a symbolic link must not lead us to a file of somebody else.
 */
static void
open_log(struct program *p)
{
	const char *path = p->options.value[OPTION_DEBUG];
	struct stat st;

	p->log = -1;
	if (path == NULL)
		return;
	p->log = open(
	    path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (p->log == -1)
		quit(EXIT_USAGE, "-d %s: %s", path,
		    errno == ELOOP ? "this is a symbolic link"
				   : strerror(errno));
	if (fstat(p->log, &st) == -1 ||
	    (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode)))
		quit(EXIT_USAGE, "-d %s: this is no file and no FIFO", path);
	if (st.st_uid != geteuid() || (st.st_mode & 077) != 0)
		quit(EXIT_USAGE,
		    "-d %s: others may read or write it; it must be yours and "
		    "its mode 600",
		    path);
}

/* Opens the directory of --tree. */
static void
open_tree(struct program *p)
{
	const char *path = p->options.value[OPTION_TREE];
	struct buf why;

	if (path == NULL)
		return;
	buf_init(&why, 4096);
	p->tree = tree_open(path, &why);
	if (p->tree == NULL)
		quit(EXIT_USAGE, "--tree %s: %s", path, buf_str(&why));
	buf_clear(&why);
}

/* Tells the client what time it is. */
static void
pass_time(struct program *p)
{
	p->wall = clock_real();
	client_now(p->client, clock_monotonic(), p->wall);
}

static void
fill_randomly(unsigned char *p, size_t n)
{
	if (random_bytes(p, n) == -1)
		quit(EXIT_SYSTEM, "no randomness: %s", strerror(errno));
}

/* Seeds the hash of the tables whose keys are names that others choose. */
static void
seed_tables(void)
{
	unsigned char key[SIPHASH_KEY];

	fill_randomly(key, sizeof key);
	siphash_set_key(key);
	buf_wipe(key, sizeof key);
}

/* Shows rows and a line editor, for a person, instead of event lines. */
static void
open_terminal(struct program *p, struct client_options *o)
{
	struct colours colours;

	quit_on_failure(p, setup_colours(&p->setup, &colours));
	p->tty = tty_open(
	    o->text_to != NULL, o->ascii, setup_left(&p->setup), &colours);
	if (p->tty == NULL)
		return;
	o->ascii |= tty_is_ascii(p->tty);
	signals_catch_resize();
}

/*
 * Confines the process, which has opened all that it needs for good, and writes
 * to the debug log how.
 */
static void
confine_program(struct program *p, int terminal)
{
	struct confine_options o = {.directory = dir_path(p->setup.dir),
	    .directory_fd = dir_fd(p->setup.dir),
	    .read_only = dir_is_read_only(p->setup.dir),
	    .queue = p->options.value[OPTION_QUEUE] != NULL,
	    .tree = p->options.value[OPTION_TREE],
	    .tree_fd = p->tree == NULL ? -1 : tree_top(p->tree),
	    .terminal = terminal,
	    .tor = tor_used()};
	struct buf parts, line;

	buf_init(&parts, 1024);
	buf_init(&line, 1100);
	clock_fd(); /* opened here, and kept */
	confine_process(&o, &parts);
	buf_addf(&line, "= confined: %s\n", buf_str(&parts));
	if (p->log != -1 &&
	    write(p->log, buf_data(&line), buf_len(&line)) == -1)
		p->log = -1;
	buf_clear(&parts);
	buf_clear(&line);
}

/* Reads the configuration and makes the client, by the options. */
static void
start_program(struct program *p)
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
	    .delivered = v[OPTION_DELIVERED] != NULL,
	    .sanitize = v[OPTION_SANITIZE] != NULL,
	    .no_rooms = v[OPTION_NO_ROOMS] != NULL,
	    .queue = v[OPTION_QUEUE],
	    .tree = v[OPTION_TREE] != NULL,
	    .after = v[OPTION_AFTER],
	    .log = v[OPTION_DEBUG] != NULL,
	    .terminal = terminal && v[OPTION_INPUT] == NULL,
	    .wait = option_seconds(v[OPTION_WAIT], 30),
	    .seed = p->seed};
	struct stat st;

	if (o.queue != NULL && !option_is_queue(o.queue))
		quit(EXIT_USAGE, "--queue %s: letters, digits, _ and -",
		    o.queue);
	if (o.queue != NULL && o.after != NULL)
		quit(EXIT_USAGE, "--queue and --after: one of them");
	if (o.wait == -1)
		quit(EXIT_USAGE, "-w %s: no number", v[OPTION_WAIT]);
	read_jid_option("-g", v[OPTION_GO], p->go);
	read_jid_option("-t", v[OPTION_TEXT_TO], p->text_to);
	read_only_option(p, o.terminal);
	open_input(p);
	refuse_shared_input(p);
	open_log(p);
	open_directory(p);
	open_tree(p);
	read_password(p, terminal);
	setup_options(&p->setup, &o);
	o.configure = buf_str(&p->command);
	if (o.terminal)
		open_terminal(p, &o);
	fill_randomly(p->seed, sizeof p->seed);
	p->out_is_file = fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode);
	p->client = client_new(&o);
	setup_forget(&p->setup);
	buf_wipe(p->seed, sizeof p->seed);
	callback_set(p->callback, o.jid,
	    o.read_only ? NULL : p->setup.config.notification_callback,
	    open_fd_option(
		"--fd-nfy", v[OPTION_FD_NFY], O_WRONLY | O_CREAT | O_APPEND),
	    open_fd_option("--fd-gui", v[OPTION_FD_GUI], O_RDONLY), o.terminal);
	pass_time(p);
	quit_on_failure(p, setup_users(&p->setup, p->client));
	quit_on_failure(p, setup_positions(&p->setup, p->client, o.queue));
	if (p->tree != NULL)
		tree_start(p->tree, p->client);
	confine_program(p, o.terminal);
}

static void
hang_up(struct program *p)
{
	const unsigned char *bytes;
	ssize_t done;
	size_t n;

	if (p->socket != -1) {
		/* Sends the end of the stream if that does not block. */
		while (bytes = client_wire_buf(p->client, &n),
		    n > 0 &&
			(done = send(p->socket, bytes, n, MSG_NOSIGNAL)) > 0)
			client_wire_done(p->client, (size_t)done);
		close(p->socket);
	}
	p->socket = -1;
}

static void
end_dial(struct program *p)
{
	dial_free(p->dial);
	p->dial = NULL;
	p->dial_count = 0;
}

/* Performs what the client asks for: stores, hangs up, dials. */
static void
perform_actions(struct program *p)
{
	enum client_action action;

	setup_store(&p->setup, p->client);
	while ((action = client_action(p->client)) != CLIENT_NOTHING) {
		hang_up(p);
		if (action == CLIENT_DIAL_NEXT) {
			dial_next(p->dial, client_dial_why(p->client),
			    clock_monotonic());
			continue;
		}
		end_dial(p);
		if (action == CLIENT_DIAL)
			p->dial =
			    dial_new(client_dial(p->client), clock_monotonic());
	}
}

/* Lets the dial work, and hands its socket or its failure to the client. */
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
	if (result.cause != NULL || result.more == 0)
		end_dial(p);
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
		buf_wipe(chunk, (size_t)n);
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
		/* The read that follows the last bytes received reports the
		 * error. Until then further output is dropped. */
		p->socket_is_deaf = errno != EAGAIN && errno != EINTR;
		if (!p->socket_is_deaf)
			return;
	}
}

/*
 * Returns how many bytes of events are done with when they are written: all, or
 * with --tree those that are in the files.
 */
static size_t
filed_text(struct program *p)
{
	const unsigned char *bytes;
	size_t len;

	bytes = client_text_buf(p->client, &len);
	return p->tree == NULL ? len : tree_file(p->tree, bytes, len);
}

/* Drops the events that are written and filed. */
static void
drop_text(struct program *p)
{
	size_t n = filed_text(p);

	n = p->shown < n ? p->shown : n;
	if (n == 0)
		return;
	p->shown -= n;
	if (p->tree != NULL)
		tree_written(p->tree, n);
	client_text_done(p->client, n);
}

/*
 * Returns how many of the LEN bytes of events may be written now. Those that
 * --only hides are passed over if they come first; 0 is returned then.
 */
static size_t
shown_text(struct program *p, const unsigned char *bytes, size_t len)
{
	int shown;
	size_t n;

	if (p->text_left == 0) {
		n = event_run(bytes, len, p->only, &shown);
		if (n > 0 && !shown) {
			p->shown += n;
			return 0;
		}
		p->text_left = n > 0 ? n : len;
	}
	return len < p->text_left ? len : p->text_left;
}

/* Shows events on the terminal, which takes all or nothing. */
static void
show_text(struct program *p)
{
	size_t filed = filed_text(p), len;

	client_text_buf(p->client, &len);
	p->shown = filed < len ? len : 0;
	if (filed < len)
		return;
	if (p->tree != NULL)
		tree_written(p->tree, len);
	tty_text(p->tty, p->client);
}

/*
 * Writes events as long as that cannot block: a pipe that polls writable takes
 * PIPE_ROOM bytes, a file takes all. A line of at most PIPE_ROOM bytes is
 * written whole.
 */
static void
write_text(struct program *p)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
	const unsigned char *bytes;
	size_t len;
	ssize_t n;

	for (;;) {
		drop_text(p);
		bytes = client_text_buf(p->client, &len);
		if (len == p->shown)
			return;
		bytes += p->shown;
		len = shown_text(p, bytes, len - p->shown);
		if (len == 0)
			continue;
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
		if (n > 0) {
			p->text_left -= (size_t)n;
			p->shown += (size_t)n;
		} else if (n == -1 && errno != EINTR && errno != EAGAIN)
			quit(EXIT_OUTPUT, "standard output: %s",
			    strerror(errno));
		else
			return;
	}
}

/* Writes the debug log. An error ends the log and not the session. */
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
handle_signals(struct program *p)
{
	int number;

	while ((number = signals_take()) != 0)
		if (p->tty == NULL || !tty_signal(p->tty, number))
			client_signal(p->client);
}

enum { FD_SIGNAL, FD_CLOCK, FD_IN, FD_OUT, FD_SOCKET, FD_TREE, FD_DIAL };
#define POLLED (FD_DIAL + DIAL_FDS + CALLBACK_FDS)

/* Returns the milliseconds to the next deadline, or -1 if there is none. */
static int
poll_timeout(const struct program *p)
{
	int64_t at = client_deadline(p->client), left;
	int64_t dial = p->dial == NULL ? -1 : dial_deadline(p->dial);

	if (dial >= 0 && (at < 0 || dial < at))
		at = dial;
	at = callback_deadline(p->callback, at);
	at = tty_deadline(p->tty, at);
	if (p->tree != NULL)
		at = tree_deadline(p->tree, at);
	if (at < 0)
		return -1;
	left = at - clock_monotonic();
	return left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}

/* Waits in poll(2) for input, room for output or the next deadline. */
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
	/* Text that waits only for room on the disk is tree_work's to write. */
	fds[FD_OUT] =
	    (struct pollfd){STDOUT_FILENO, text > p->shown ? POLLOUT : 0, 0};
	if (tty_is_lost(p->tty))
		fds[FD_OUT].fd = -1;
	fds[FD_SOCKET] = (struct pollfd){reads || wire > 0 ? p->socket : -1,
	    (short)((reads ? POLLIN : 0) | (wire > 0 ? POLLOUT : 0)), 0};
	fds[FD_TREE] =
	    (struct pollfd){p->tree == NULL ? -1 : tree_fd(p->tree), POLLIN, 0};
	p->dial_count =
	    p->dial == NULL ? 0 : dial_fds(p->dial, fds + FD_DIAL, DIAL_FDS);
	callback_fds(p->callback, fds + FD_DIAL + p->dial_count);
	if (poll(fds, FD_DIAL + p->dial_count + CALLBACK_FDS,
		poll_timeout(p)) == -1) {
		if (errno != EINTR)
			quit(EXIT_SYSTEM, "poll: %s", strerror(errno));
		for (text = 0; text < FD_DIAL + p->dial_count; text++)
			fds[text].revents = 0;
	}
	memcpy(p->dial_fds, fds + FD_DIAL, p->dial_count * sizeof *p->dial_fds);
}

/* Runs one turn of the poll loop. Returns 0 when the program is to end. */
static int
run_turn(void *data)
{
	struct pollfd fds[POLLED];
	struct program *p = data;
	size_t text;

	perform_actions(p);
	callback_work(p->callback, p->client);
	write_socket(p);
	if (p->tty != NULL)
		show_text(p);
	else
		write_text(p);
	/* Written text releases receipts and acknowledgements. */
	write_socket(p);
	write_log(p);
	client_text_buf(p->client, &text);
	if (client_done(p->client) &&
	    (text == 0 || tty_is_lost(p->tty) || client_hurries(p->client)) &&
	    !callback_lingers(p->callback, clock_monotonic()))
		return 0;
	heap_lock();
	wait_for_world(p, fds);
	if (fds[FD_OUT].revents & (POLLERR | POLLHUP | POLLNVAL)) {
		if (p->tty == NULL)
			quit(
			    EXIT_OUTPUT, "standard output: the reader is gone");
		if (tty_lose(p->tty)) /* The window was closed. */
			client_signal(p->client);
	}
	if (fds[FD_CLOCK].revents)
		clock_heard();
	pass_time(p);
	if (fds[FD_SIGNAL].revents)
		handle_signals(p);
	work_dial(p);
	if (fds[FD_SOCKET].revents & (POLLIN | POLLERR | POLLHUP) &&
	    client_wants_bytes(p->client))
		read_socket(p);
	if (fds[FD_IN].revents)
		read_input(p);
	if (p->tree != NULL)
		tree_work(p->tree, clock_monotonic(), p->wall);
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
	open_standard_descriptors();
	if (option_parse(&p.options, argc, argv, usage) == -1)
		quit(EXIT_USAGE, "%s; see jackline --help", usage);
	buf_init(&text, sizeof usage + 4096);
	leave_after_oneshot(oneshot_print(&p.options, &text), &text);
	memory_init();
	heap_lock();
	p.callback = callback_new();
	if (signals_catch() == -1)
		quit(EXIT_SYSTEM, "no pipe: %s", strerror(errno));
	p.socket = -1;
	seed_tables();
	start_program(&p);
	client_start(p.client);
	if (p.tty != NULL)
		tty_run(p.tty, p.client, run_turn, &p);
	while (run_turn(&p))
		;
	callback_free(p.callback);
	if (p.in_error != 0)
		quit(EXIT_SYSTEM, "input: %s", strerror(p.in_error));
	if (tty_is_lost(p.tty))
		quit(EXIT_OUTPUT, "standard output: the terminal is gone");
	status = client_status(p.client, &why);
	if (status != 0)
		quit(status, "%s", why);
	tty_close(p.tty);
	tree_free(p.tree);
	client_free(p.client);
	hang_up(&p);
	end_dial(&p);
	setup_clear(&p.setup);
	buf_clear(&p.command);
	return 0;
}
