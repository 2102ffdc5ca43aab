#include "line/world/tree.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/text/escape.h"
#include "line/text/fields.h"
#include "line/text/folder.h"
#include "line/world/append.h"
#include "line/world/clock.h"
#include "line/world/journal.h"
#include "line/world/ready.h"
#include "line/world/route.h"
#include "sexp/map.h"

#define CHUNK	65536 /* bytes of a FIFO read at once: what it holds */
#define FOLDERS 20000 /* at most; events about others go to DIR/out */
#define SCAN	1000  /* milliseconds between two looks at the directory */
#define LOOKS	100   /* FIFOs looked at each time, in turn */
#define PENDING ((size_t)1 << 30)
#define SPARE	64   /* descriptors that are left for all else */
#define TOLD	1000 /* entries of the top that warnings told of, at most */

/* A directory, or the top, whose JID is NULL. */
struct folder {
	char *name; /* relative to the top; `.` */
	char *jid;
	struct source *source;
	int in; /* the FIFO, or -1 */
	dev_t in_dev;
	ino_t in_ino;
	int is_paused; /* Its FIFO is not watched: the machine has enough. */
	int is_gone;   /* The directory was removed. */
	int is_bad;    /* A warning told that it cannot be used. */
	int is_dirty;  /* in the list of those with text */
	int is_whole;  /* `out` ends with a whole line. */
	struct folder *next_dirty;
	struct buf text;  /* events that are not in `out` yet */
	struct buf bytes; /* of the FIFO, not in the journal yet */
	struct journal journal;
};

struct tree {
	int top;  /* the directory */
	int lock; /* the file that is locked */
	struct client *client;
	struct ready *ready;	 /* the FIFOs */
	struct folder root, all; /* `all` has nothing but its text */
	struct map by_jid;	 /* of struct folder */
	struct map told;	 /* names that a warning told of */
	struct folder **folders;
	size_t count, at;  /* of folders; the next to be looked at */
	size_t paused;	   /* FIFOs that are not watched */
	size_t open, most; /* FIFOs that are open, and that may be */
	struct folder *dirty;
	size_t routed, filed; /* of the bytes of tree_file */
	int is_stuck;	      /* Some of the text cannot be written now. */
	int is_full;	      /* A warning told of too many directories. */
	int is_recovering;    /* Told lines are not in their files yet. */
	int64_t scan_at, now;
	int64_t wall; /* the time of the events that lines cause now */
	struct timespec changed; /* the top, when it was read last */
};

/* Writes a warning about F in words, `WHAT: WHY`. */
static void
warn_of_file(
    struct tree *t, const struct folder *f, const char *what, const char *why)
{
	struct buf text;

	buf_init(&text, 4096);
	buf_addf(&text, "%s/%s: %s", f->name, what, why);
	client_warn(t->client, f->jid, buf_str(&text));
	buf_clear(&text);
}

/* The same, once as long as F stays as it is. */
static void
warn_once(struct tree *t, struct folder *f, const char *what, const char *why)
{
	if (!f->is_bad)
		warn_of_file(t, f, what, why);
	f->is_bad = 1;
}

/* The same about the entry NAME of the top, once, which is meant for JID. */
static void
warn_of_entry(
    struct tree *t, const char *name, const char *jid, const char *why)
{
	struct buf text;

	if (t->told.count == TOLD || map_find(&t->told, name) != NULL)
		return;
	map_add(&t->told, name, t);
	buf_init(&text, 4096);
	buf_addf(&text, "%s: %s", name, why);
	client_warn(t->client, jid, buf_str(&text));
	buf_clear(&text);
}

/* Opens the directory of F. Returns its descriptor; -1 with errno. */
static int
open_folder(const struct tree *t, const struct folder *f)
{
	struct stat st;
	int fd = openat(
	    t->top, f->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	    (st.st_mode & 022) == 0)
		return fd;
	close(fd);
	errno = EACCES;
	return -1;
}

/* Returns why ST is no FIFO that only we can write to, or NULL. */
static const char *
fifo_why(const struct stat *st)
{
	if (!S_ISFIFO(st->st_mode))
		return "this is no FIFO; it is not read";
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return "it belongs to somebody else; it is not read";
	if ((st->st_mode & 022) != 0)
		return "others may write into it; it is not read";
	return NULL;
}

/* Stops reading the FIFO of F. */
static void
close_in(struct tree *t, struct folder *f)
{
	if (f->in == -1)
		return;
	if (!f->is_paused)
		ready_remove(t->ready, f->in);
	t->paused -= (size_t)f->is_paused;
	f->is_paused = 0;
	close(f->in);
	f->in = -1;
	t->open--;
}

/* Tells once that there are too many directories: F cannot have a FIFO, too. */
static void
warn_of_many(struct tree *t, struct folder *f)
{
	if (!t->is_full)
		warn_of_file(t, f, "in",
		    "too many files are open (ulimit -n): lines are not read "
		    "here, nor in further directories");
	t->is_full = f->is_bad = 1;
}

/* Opens the FIFO of F, in the directory AT, and makes it if it is absent. */
static void
open_in(struct tree *t, struct folder *f, int at)
{
	const char *why;
	struct stat st;

	if (t->open >= t->most) {
		warn_of_many(t, f);
		return;
	}
	if (mkfifoat(at, "in", 0600) == -1 && errno != EEXIST) {
		warn_once(t, f, "in", strerror(errno));
		return;
	}
	/* As we could write to it too, it does not end with its last writer. */
	f->in = openat(at, "in", O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (f->in == -1 && (errno == EMFILE || errno == ENFILE)) {
		warn_of_many(t, f);
		return;
	}
	if (f->in == -1) {
		warn_once(t, f, "in",
		    errno == ELOOP ? "this is a symbolic link; it is not read"
				   : strerror(errno));
		return;
	}
	why = fstat(f->in, &st) == -1 ? strerror(errno) : fifo_why(&st);
	if (why == NULL && ready_add(t->ready, f->in, f) == -1)
		why = strerror(errno);
	if (why != NULL) {
		close(f->in);
		f->in = -1;
		warn_once(t, f, "in", why);
		return;
	}
	t->open++;
	f->in_dev = st.st_dev;
	f->in_ino = st.st_ino;
	f->is_bad = 0;
}

/*
 * Opens the directory of F and notes if it can be used; tells why not, unless
 * it is absent. Returns its descriptor; -1 with errno.
 */
static int
use_folder(struct tree *t, struct folder *f)
{
	int at = open_folder(t, f), error = errno;

	/* It is still there when the system lacks a descriptor, say. */
	if (at == -1 && append_may_pass(error))
		return -1;
	f->is_gone = at == -1;
	if (at == -1 && error != ENOENT)
		warn_once(t, f, "",
		    error == EACCES
			? "it must be yours, and nobody else may write"
			: "this is no directory");
	errno = error;
	return at;
}

/*
 * Opens the directory and the FIFO of F; MAKE: makes the directory if it is
 * absent. Returns -1 if there is no such directory.
 */
static int
enter_folder(struct tree *t, struct folder *f, int make)
{
	int at;

	if (make && mkdirat(t->top, f->name, 0700) == -1 && errno != EEXIST) {
		warn_once(t, f, "", strerror(errno));
		return -1;
	}
	at = use_folder(t, f);
	if (at == -1)
		return -1;
	if (f->in == -1)
		open_in(t, f, at);
	close(at);
	return 0;
}

static void
init_folder(struct folder *f, const char *name, const char *jid)
{
	f->name = buf_strdup(name);
	f->jid = buf_strdup(jid);
	f->in = -1;
	buf_init(&f->text, PENDING);
	buf_init(&f->bytes, PENDING);
	journal_init(&f->journal);
}

static void
clear_folder(struct folder *f)
{
	if (f->in != -1)
		close(f->in);
	free(f->name);
	free(f->jid);
	buf_clear(&f->text);
	buf_clear(&f->bytes);
	journal_clear(&f->journal);
}

/*
 * Adds the directory NAME of JID, which is made if MAKE and it is absent.
 * Returns NULL if it cannot be used.
 */
static struct folder *
add_folder(struct tree *t, const char *name, const char *jid, int make)
{
	struct folder *f;

	if (t->count == FOLDERS) {
		if (!t->is_full)
			client_warn(t->client, jid,
			    "too many directories; events go to the top one");
		t->is_full = 1;
		return NULL;
	}
	if ((t->count & (t->count - 1)) == 0)
		t->folders = buf_realloc(
		    t->folders, t->count == 0 ? 1 : 2 * t->count, sizeof f);
	f = buf_alloc(sizeof *f);
	init_folder(f, name, jid);
	t->folders[t->count++] = f;
	map_add(&t->by_jid, f->jid, f);
	f->source = client_open(t->client, f->jid, f->jid);
	enter_folder(t, f, make);
	return f;
}

/* Returns the directory of JID if it is there, or NULL. */
static struct folder *
find_folder(const struct tree *t, const char *jid)
{
	struct folder *f = map_find(&t->by_jid, jid);

	return f == NULL || f->is_gone ? NULL : f;
}

/* Returns the directory of JID, which is made; NULL if that cannot be. */
static struct folder *
need_folder(struct tree *t, const char *jid)
{
	struct folder *f = map_find(&t->by_jid, jid);
	char name[FOLDER_NAME];

	if (f == NULL && folder_name(jid, name) == 0)
		f = add_folder(t, name, jid, 1);
	else if (f != NULL && f->is_gone)
		enter_folder(t, f, 1);
	return f == NULL || f->is_gone ? NULL : f;
}

static void
add_text(struct tree *t, struct folder *f, const char *p, size_t n)
{
	buf_add(&f->text, p, n);
	if (f->is_dirty)
		return;
	f->is_dirty = 1;
	f->next_dirty = t->dirty;
	t->dirty = f;
}

/* Returns the directory that the event E is about, or NULL: the top. */
static struct folder *
folder_about(struct tree *t, const struct fields *e, int is_asked)
{
	char jid[JID_SIZE], bare[JID_SIZE];
	struct folder *own;

	if (route_jid(e->peer, jid) == -1)
		return NULL;
	jid_bare(jid, bare);
	own = find_folder(t, jid);
	switch (route_event(e->tag, jid, client_knows(t->client, bare),
	    own != NULL, is_asked)) {
	case ROUTE_FULL:
		return own;
	case ROUTE_FULL_NEW:
		return need_folder(t, jid);
	case ROUTE_BARE:
		return find_folder(t, bare);
	case ROUTE_BARE_NEW:
		return need_folder(t, bare);
	default:
		return NULL;
	}
}

/* Files the event line of N bytes at P, with its LF. */
static void
route_line(struct tree *t, const char *p, size_t n)
{
	struct folder *about, *from = NULL;
	struct field in, number;
	struct fields e;
	char jid[JID_SIZE];

	add_text(t, &t->all, p, n);
	if (fields_read(&e, p, n - 1) == -1) {
		add_text(t, &t->root, p, n);
		return;
	}
	in = e.tag == EVENT_STATE ? field_of(NULL) : fields_get(&e, "in");
	if (field_is(in, "."))
		from = &t->root;
	else if (route_jid(in, jid) == 0)
		from = map_find(&t->by_jid, jid);
	about = folder_about(t, &e, from != NULL);
	if (about == NULL)
		about = &t->root;
	add_text(t, about, p, n);
	if (from == NULL)
		return;
	if (from != about)
		add_text(t, from->is_gone ? &t->root : from, p, n);
	number = fields_get(&e, "line");
	if (number.p != NULL &&
	    (e.tag == EVENT_OK || e.tag == EVENT_ERROR || e.tag == EVENT_SENT))
		journal_answered(&from->journal, strtoul(number.p, NULL, 10));
}

/*
 * Appends the text of F to the file NAME in the directory AT. -1: errno, some
 * of it has to wait.
 */
static int
append_text(struct folder *f, int at, const char *name)
{
	size_t n = append_lines(
	    at, name, buf_data(&f->text), buf_len(&f->text), &f->is_whole);

	buf_drop(&f->text, n);
	if (buf_len(&f->text) > 0)
		return -1;
	buf_clear(&f->text);
	return 0;
}

/* Writes the text of F, whose directory may have been removed. -1: errno. */
static int
write_folder(struct tree *t, struct folder *f)
{
	int at, error, result;

	if (f == &t->all)
		return append_text(f, t->top, "all");
	at = open_folder(t, f);
	if (at == -1 && errno == ENOENT) {
		close_in(t, f);
		enter_folder(t, f, 1);
		at = open_folder(t, f);
	}
	if (at == -1)
		return -1;
	result = append_text(f, at, "out");
	error = errno;
	if (result == 0)
		journal_note(&f->journal, at);
	close(at);
	errno = error;
	return result;
}

/* Tells that the text of F cannot be written now, by ERROR. */
static void
warn_of_waiting(struct tree *t, const struct folder *f, int error)
{
	struct buf text;

	buf_init(&text, 4096);
	buf_addf(&text, "%s%s: %s; events wait until they can be written",
	    f->name, f == &t->all ? "" : "/out", strerror(error));
	client_warn(t->client, f->jid, buf_str(&text));
	buf_clear(&text);
}

/* Writes all text that waits. Returns -1 if some of it has to wait on. */
static int
flush_texts(struct tree *t)
{
	struct folder *f, **at = &t->dirty;
	int error = 0;

	while ((f = *at) != NULL) {
		if (write_folder(t, f) == 0) {
			*at = f->next_dirty;
			f->is_dirty = 0;
			continue;
		}
		error = errno;
		at = &f->next_dirty;
		if (f == &t->root || f == &t->all || append_may_pass(error))
			continue;
		/* Somebody replaced the directory, or `out` in it. */
		warn_once(t, f, "out", strerror(error));
		close_in(t, f);
		f->is_gone = 1;
		*(at = &t->dirty) = f->next_dirty;
		f->is_dirty = 0;
		add_text(t, &t->root, (const char *)buf_data(&f->text),
		    buf_len(&f->text));
		buf_clear(&f->text);
		at = &t->dirty;
	}
	if (t->dirty == NULL) {
		t->is_stuck = 0;
		return 0;
	}
	if (!t->is_stuck)
		warn_of_waiting(t, t->dirty, error);
	t->is_stuck = 1;
	return -1;
}

/* Empties the journals of the earlier run, whose lines are told and filed. */
static void
forget_journals(struct tree *t)
{
	size_t i;
	int at;

	for (i = 0; i <= t->count; i++) {
		at = open_folder(t, i < t->count ? t->folders[i] : &t->root);
		if (at == -1)
			continue;
		journal_forget(at);
		close(at);
	}
	t->is_recovering = 0;
}

size_t
tree_file(struct tree *t, const void *p, size_t len)
{
	const char *at, *end, *lf;
	struct buf lines;

	if (t->dirty != NULL && flush_texts(t) == -1)
		return t->filed;
	/* A warning of ours may move what P points to. */
	buf_init(&lines, PENDING);
	if (len > t->routed)
		buf_add(&lines, (const char *)p + t->routed, len - t->routed);
	at = (const char *)buf_data(&lines);
	for (end = at + buf_len(&lines); at < end; at = lf + 1) {
		lf = memchr(at, '\n', (size_t)(end - at));
		route_line(t, at, (size_t)(lf + 1 - at));
	}
	buf_clear(&lines);
	t->routed = len;
	if (flush_texts(t) == -1)
		return t->filed;
	t->filed = t->routed;
	if (t->is_recovering)
		forget_journals(t);
	return t->filed;
}

void
tree_written(struct tree *t, size_t n)
{
	t->routed -= n;
	t->filed -= n;
}

/* Watches the FIFO of F no more, until the machine wants its lines. */
static void
pause_in(struct tree *t, struct folder *f)
{
	if (f->in == -1 || f->is_paused)
		return;
	ready_remove(t->ready, f->in);
	f->is_paused = 1;
	t->paused++;
}

/* Returns 1 if the machine and the journal take lines of F, else 0. */
static int
takes_lines(const struct tree *t, const struct folder *f)
{
	return !t->is_recovering && buf_len(&f->bytes) == 0 &&
	       client_source_wants(t->client, f->source) &&
	       !journal_is_full(&f->journal);
}

/*
 * Hands the N bytes at P, of the FIFO of F, to the machine, once they are in
 * the journal. Those for which there is no room on the disk wait.
 */
static void
give_lines(struct tree *t, struct folder *f, const char *p, size_t n)
{
	int at = open_folder(t, f), error = at == -1 ? errno : 0;

	if (at != -1 && journal_add(&f->journal, at, p, n, t->wall) == -1)
		error = errno;
	if (at != -1)
		close(at);
	if (error != 0) {
		warn_once(t, f, ".journal",
		    at == -1 && error == ENOENT ? "the directory is gone"
						: strerror(error));
		buf_add(&f->bytes, p, n);
		pause_in(t, f);
		return;
	}
	client_source_input(t->client, f->source, p, n);
}

/* Tries again to hand over the bytes of F that wait. */
static void
give_again(struct tree *t, struct folder *f)
{
	struct buf bytes = f->bytes;

	if (buf_len(&bytes) == 0)
		return;
	buf_init(&f->bytes, PENDING);
	give_lines(t, f, (const char *)buf_data(&bytes), buf_len(&bytes));
	f->is_bad = buf_len(&f->bytes) > 0;
	buf_clear(&bytes);
}

static void
read_in(struct tree *t, struct folder *f)
{
	static char chunk[CHUNK];
	ssize_t n;

	if (!takes_lines(t, f)) {
		pause_in(t, f);
		return;
	}
	n = read(f->in, chunk, sizeof chunk);
	if (n > 0)
		give_lines(t, f, chunk, (size_t)n);
}

/* Watches the FIFO of F again, where its lines are wanted. */
static void
resume_in(struct tree *t, struct folder *f)
{
	if (!f->is_paused || !takes_lines(t, f) ||
	    ready_add(t->ready, f->in, f) == -1)
		return;
	f->is_paused = 0;
	t->paused--;
}

/*
 * Takes the directory NAME for the JID of F if that of F was removed or
 * renamed; else only one of the two is used, and a warning says so.
 */
static void
find_twin(struct tree *t, struct folder *f, const char *name)
{
	struct stat st;

	if (fstatat(t->top, f->name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		warn_of_entry(t, name, f->jid,
		    "another directory is that of this JID; this one is not "
		    "used");
		return;
	}
	close_in(t, f);
	free(f->name);
	f->name = buf_strdup(name);
	f->is_whole = 0;
	enter_folder(t, f, 0);
}

/*
 * Looks at the entry NAME of the top: a directory that somebody made or we did
 * in an earlier run, or what somebody may have thought to be one. OURS: only if
 * it has the name that we would have given it.
 */
static void
find_made(struct tree *t, const char *name, int ours)
{
	char jid[JID_SIZE], made[FOLDER_NAME];
	struct folder *f;
	struct stat st;
	int is_jid = folder_jid(name, jid) == 0;

	if (*name == '.' ||
	    (ours && (!is_jid || folder_name(jid, made) == -1 ||
			 strcmp(name, made) != 0)) ||
	    fstatat(t->top, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return;
	if (!S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode)) {
		/* `all.1` has a dot, too. */
		if (is_jid && strchr(name, '@') != NULL)
			warn_of_entry(t, name, jid, "this is no directory");
		return;
	}
	if (!is_jid) {
		if (S_ISDIR(st.st_mode))
			warn_of_entry(t, name, NULL,
			    "this is no JID; the directory is not used");
		return;
	}
	f = map_find(&t->by_jid, jid);
	if (f == NULL)
		add_folder(t, name, jid, 0);
	else if (strcmp(f->name, name) != 0)
		find_twin(t, f, name);
	else if (f->is_gone)
		enter_folder(t, f, 0);
}

/* Looks for new directories, where the top one has changed. */
static void
read_top(struct tree *t)
{
	struct dirent *entry;
	struct stat st;
	DIR *dir;
	int fd, ours;

	if (fstat(t->top, &st) == -1 ||
	    (st.st_mtim.tv_sec == t->changed.tv_sec &&
		st.st_mtim.tv_nsec == t->changed.tv_nsec))
		return;
	fd = openat(t->top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd == -1 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	/* A directory that is made within one tick of the file system's clock
	 * is seen next time. */
	t->changed = st.st_mtim;
	if (clock_real() - (int64_t)st.st_mtim.tv_sec * 1000 < 3000)
		t->changed.tv_nsec = -1;
	/* Where two directories have one JID, the one that we made is used. */
	for (ours = 1; ours >= 0; ours--) {
		while ((entry = readdir(dir)) != NULL)
			find_made(t, entry->d_name, ours);
		rewinddir(dir);
	}
	closedir(dir);
}

/* Looks if the FIFO of F is the one that we read, and opens the new one. */
static void
look_at_folder(struct tree *t, struct folder *f)
{
	struct stat st;
	int at = use_folder(t, f);

	if (at == -1) {
		if (!append_may_pass(errno))
			close_in(t, f);
		return;
	}
	if (f->in != -1 &&
	    (fstatat(at, "in", &st, AT_SYMLINK_NOFOLLOW) == -1 ||
		st.st_ino != f->in_ino || st.st_dev != f->in_dev))
		close_in(t, f);
	if (f->in == -1)
		open_in(t, f, at);
	close(at);
}

static void
scan_top(struct tree *t)
{
	size_t i;

	t->scan_at = t->now + SCAN;
	read_top(t);
	look_at_folder(t, &t->root);
	give_again(t, &t->root);
	for (i = 0; i < t->count; i++)
		give_again(t, t->folders[i]);
	for (i = 0; i < LOOKS && i < t->count; i++)
		look_at_folder(t, t->folders[t->at++ % t->count]);
}

void
tree_work(struct tree *t, int64_t now, int64_t wall)
{
	void *ready[64];
	int i, n;
	size_t k;

	t->now = now;
	t->wall = wall;
	n = ready_now(t->ready, ready, 64);
	for (i = 0; i < n; i++)
		read_in(t, ready[i]);
	if (t->paused > 0) {
		resume_in(t, &t->root);
		for (k = 0; k < t->count; k++)
			resume_in(t, t->folders[k]);
	}
	if (now >= t->scan_at)
		scan_top(t);
}

int
tree_top(const struct tree *t)
{
	return t->top;
}

int
tree_fd(const struct tree *t)
{
	return ready_fd(t->ready);
}

int64_t
tree_deadline(const struct tree *t, int64_t at)
{
	int64_t scan = t->scan_at;

	/* Without epoll the FIFOs are looked at from time to time. */
	if (ready_fd(t->ready) == -1)
		scan = t->now + 100;
	return at < 0 || scan < at ? scan : at;
}

/* Makes PATH and its parents. Returns 0; -1 with errno. */
static int
make_path(const char *path)
{
	char copy[PATH_MAX], *slash;

	if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (slash = strchr(copy + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0700) == -1 && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return mkdir(copy, 0700) == -1 && errno != EEXIST ? -1 : 0;
}

/* Opens and locks PATH. Returns why that cannot be, or NULL. */
static const char *
open_top(struct tree *t, const char *path)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct stat st;

	if (make_path(path) == -1)
		return strerror(errno);
	t->top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->top == -1 || fstat(t->top, &st) == -1)
		return strerror(errno);
	if (st.st_uid != geteuid() || (st.st_mode & 022) != 0)
		return "it must be yours, and nobody else may write into it";
	t->lock = openat(t->top, ".lock",
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (t->lock == -1)
		return strerror(errno);
	if (fcntl(t->lock, F_SETLK, &lock) == -1)
		return errno == EACCES || errno == EAGAIN
			   ? "another jackline uses it"
			   : strerror(errno);
	return NULL;
}

/*
 * Each directory takes a descriptor: allows as many as there may be. Returns
 * how many FIFOs may be open, so that connections and files find some, too.
 */
static size_t
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return FOLDERS;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 ||
	    limit.rlim_cur > FOLDERS + SPARE)
		return FOLDERS + 1;
	return limit.rlim_cur > 2 * SPARE ? (size_t)limit.rlim_cur - SPARE
					  : (size_t)limit.rlim_cur / 2;
}

struct tree *
tree_open(const char *path, struct buf *why)
{
	struct tree *t = buf_alloc(sizeof *t);
	const char *reason;

	init_folder(&t->root, ".", NULL);
	init_folder(&t->all, "all", NULL);
	t->top = t->lock = -1;
	t->changed.tv_nsec = -1;
	reason = open_top(t, path);
	if (reason == NULL && (t->ready = ready_new()) == NULL)
		reason = strerror(errno);
	if (reason == NULL) {
		t->most = raise_limit();
		return t;
	}
	buf_adds(why, reason);
	tree_free(t);
	return NULL;
}

/* A directory whose journal is read. */
struct recovery {
	struct tree *t;
	struct folder *f;
};

static void
tell_lost(void *data, unsigned long line, const char *p, size_t n)
{
	struct recovery *r = data;

	client_unanswered(r->t->client, r->f->source, line, p, n);
}

/* Tells of the lines in the journal of F. */
static void
recover_journal(struct tree *t, struct folder *f)
{
	struct recovery r = {t, f};
	struct buf name;
	int at = open_folder(t, f);

	if (at == -1)
		return;
	buf_init(&name, (size_t)16 * JID_SIZE);
	if (f->jid == NULL)
		buf_adds(&name, ".");
	else
		escape_write(&name, f->jid, strlen(f->jid), ESCAPE_VALUE);
	journal_recover(at, buf_str(&name), tell_lost, &r);
	buf_clear(&name);
	close(at);
}

void
tree_start(struct tree *t, struct client *c)
{
	size_t i, len;
	const unsigned char *p;

	t->client = c;
	t->root.source = client_open(c, ".", NULL);
	enter_folder(t, &t->root, 0);
	read_top(t);
	recover_journal(t, &t->root);
	for (i = 0; i < t->count; i++)
		recover_journal(t, t->folders[i]);
	t->is_recovering = 1;
	p = client_text_buf(c, &len);
	tree_file(t, p, len);
}

void
tree_free(struct tree *t)
{
	size_t i;

	if (t == NULL)
		return;
	map_clear(&t->told);
	for (i = 0; i < t->count; i++) {
		clear_folder(t->folders[i]);
		free(t->folders[i]);
	}
	free(t->folders);
	map_clear(&t->by_jid);
	clear_folder(&t->root);
	clear_folder(&t->all);
	ready_free(t->ready);
	if (t->top != -1)
		close(t->top);
	if (t->lock != -1)
		close(t->lock);
	free(t);
}
