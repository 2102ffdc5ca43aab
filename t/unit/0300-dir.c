/* The directory: what is written is there, what is hostile is refused. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/dir.h"
#include "t/unit/file.h"
#include "t/unit/tap.h"

static char root[256];
static struct buf out;

/* The path of NAME in the test's own directory; for two calls. */
static const char *
in(const char *name)
{
	static char path[2][512];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof path[turn], "%s/%s", root, name);
	return path[turn];
}

static struct dir *
open_dir(int options)
{
	struct dir *d = dir_new();

	if (dir_open(d, in("d"), options) != 1)
		printf("Bail out! %s\n", dir_why(d));
	return d;
}

/* Makes the file NAME by other means. */
static void
plant(const char *name, const char *text, mode_t mode)
{
	int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd == -1 || write(fd, text, strlen(text)) == -1 ||
	    fchmod(fd, mode) == -1 || close(fd) == -1)
		printf("Bail out! cannot plant %s\n", name);
}

static int
holds(const char *name, const char *text)
{
	struct buf b;
	int same;

	buf_init(&b, 1 << 20);
	file_read(in(name), &b);
	same = file_is(&b, text);
	buf_clear(&b);
	return same;
}

static int
mode_of(const char *name)
{
	struct stat st;

	return lstat(in(name), &st) == -1 ? -1 : (int)(st.st_mode & 0777);
}

static int
reads(struct dir *d, const char *name)
{
	buf_reset(&out);
	return dir_read(d, name, 4096, &out);
}

/* Returns 1 if the sentence of the last failure has NAME and WHY in it. */
static int
says(struct dir *d, const char *name, const char *why)
{
	if (strstr(dir_why(d), name) != NULL && strstr(dir_why(d), why) != NULL)
		return 1;
	printf("# %s\n", dir_why(d));
	return 0;
}

/* Returns 1 if PATH was marked; leaves it marked or not (-1: as it is). */
static int
marks(const char *path, int options, int on)
{
	struct dir *d = dir_new();
	int was = dir_open(d, in(path), options) == 1 ? dir_was_marked(d) : -1;

	if (on != -1 && dir_mark(d, on) == -1)
		was = -1;
	dir_free(d);
	return was;
}

static void
test_open(void)
{
	struct dir *d = dir_new(), *other;
	struct stat is, named;
	int status = 0;
	pid_t child;

	ok(dir_open(d, in("a/b/d"), 0) == 0, "an absent directory is absent");
	dir_free(d);
	d = dir_new();
	umask(0);
	ok(dir_open(d, in("a/b/d"), DIR_CREATE) == 1 && mode_of("a") == 0700 &&
		mode_of("a/b/d") == 0700 && mode_of("a/b/d/.lock") == 0600,
	    "made with its parents, for us alone");
	ok(strcmp(dir_path(d), in("a/b/d")) == 0 && !dir_is_read_only(d),
	    "it knows its path");
	ok(fstat(dir_fd(d), &is) == 0 && stat(in("a/b/d"), &named) == 0 &&
		is.st_ino == named.st_ino && is.st_dev == named.st_dev,
	    "and its descriptor");
	fflush(stdout);
	if ((child = fork()) == 0) {
		other = dir_new();
		status = dir_open(other, in("a/b/d"), 0) == -1 &&
			 says(other, "a/b/d", "process ");
		dir_free(other);
		other = dir_new();
		status =
		    status && dir_open(other, in("a/b/d"), DIR_READ_ONLY) == 1;
		dir_free(other);
		_exit(status ? 0 : 1);
	}
	waitpid(child, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "another process is locked out, and may read with -r");
	dir_free(d);
	fflush(stdout);
	if ((child = fork()) == 0) {
		other = dir_new();
		_exit(dir_open(other, in("a/b/d"), 0) == 1 ? 0 : 1);
	}
	waitpid(child, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "then it may");
	ok(marks("a/b/d", 0, 1) == 0 && marks("a/b/d", 0, 1) == 1 &&
		marks("a/b/d", DIR_READ_ONLY, -1) == 0 &&
		marks("a/b/d", 0, -1) == 1,
	    "a mark outlives who left it, and -r knows nothing of it");
	ok(marks("a/b/d", 0, 0) == 1 && marks("a/b/d", 0, -1) == 0,
	    "until it is taken away");
	chmod(in("a/b/d/.lock"), 0666);
	ok(marks("a/b/d", 0, -1) == 0 && mode_of("a/b/d/.lock") == 0600,
	    "a lock that all could read is for us alone again");
}

/* In another process: does what TODO says; returns 1 if it could. */
static int
child_can(int (*todo)(struct dir *d), int options)
{
	struct dir *d;
	int status;
	pid_t child;

	fflush(stdout);
	if ((child = fork()) == 0) {
		d = dir_new();
		_exit(
		    dir_open(d, in("share"), options) == 1 && todo(d) ? 0 : 1);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int
can_lock(struct dir *d)
{
	return dir_lock(d, "omemo") == 1 &&
	       dir_replace(d, "omemo/c@d", "new", 3) == 0 &&
	       dir_replace(d, "users/c@d", "new", 3) == -1;
}

static int
is_locked_out(struct dir *d)
{
	return dir_lock(d, "omemo") == 0 &&
	       dir_replace(d, "omemo/c@d", "no", 2) == -1;
}

/* The lock that processes with -r share. */
static void
test_share(void)
{
	struct dir *d = dir_new();

	ok(dir_lock(d, "omemo") == -1, "nothing is locked before dir_open");
	dir_open(d, in("share"), DIR_CREATE);
	dir_unlock(d);
	ok(!child_can(can_lock, DIR_READ_ONLY) &&
		access(in("share/omemo"), F_OK) == -1,
	    "with -r, it is not made");
	ok(dir_lock(d, "omemo") == 1, "without it is");
	dir_unlock(d);
	ok(child_can(can_lock, DIR_READ_ONLY) &&
		holds("share/omemo/c@d", "new"),
	    "with -r, what is locked can be written, and nothing else");
	ok(dir_replace(d, "omemo/c@d", "x", 1) == -1 &&
		says(d, "c@d", "not locked") &&
		dir_remove(d, "omemo/c@d") == -1,
	    "without the lock nobody writes");
	ok(dir_lock(d, "omemo") == 1, "given back when a process ends");
	ok(dir_lock(d, "users") == -1 && says(d, "users", "already"),
	    "one at a time");
	ok(child_can(is_locked_out, DIR_READ_ONLY),
	    "another is locked out, and changes nothing");
	ok(dir_replace(d, "omemo/c@d", "mine", 4) == 0 &&
		holds("share/omemo/c@d", "mine"),
	    "who has the lock writes");
	dir_unlock(d);
	ok(child_can(can_lock, DIR_READ_ONLY), "then it may");
	plant("share/omemo/a@b", "x", 0640);
	ok(reads(d, "omemo/a@b") == -1 && says(d, "a@b", "others can read"),
	    "keys that others can read are refused");
	plant("share/omemo.sexp", "x", 0600);
	ok(dir_replace(d, "omemo.sexp", "y", 1) == -1 &&
		dir_create(d, "omemo.sexp", "y", 1) == -1 &&
		reads(d, "omemo.sexp") == 1,
	    "the identity is never written again");
	chmod(in("share/omemo.sexp"), 0604);
	ok(reads(d, "omemo.sexp") == -1, "nor read where others can read it");
	dir_free(d);
	rename(in("share/omemo"), in("share/away"));
	if (symlink("away", in("share/omemo")) == 0)
		ok(child_can(is_locked_out, 0) == 0, "a link is not followed");
	unlink(in("share/omemo"));
}

static void
test_unsafe(void)
{
	struct dir *d = dir_new();

	mkdir(in("open"), 0700);
	chmod(in("open"), 0720);
	ok(dir_open(d, in("open"), 0) == -1 &&
		says(d, "open", "others can write"),
	    "a directory that the group can write is refused");
	dir_free(d);
	d = dir_new();
	plant("file", "", 0600);
	ok(dir_open(d, in("file"), 0) == -1 &&
		says(d, "file", "Not a directory"),
	    "a file is no directory");
	dir_free(d);
	d = dir_new();
	if (geteuid() == 0) {
		mkdir(in("theirs"), 0700);
		if (chown(in("theirs"), 1, 1) == 0)
			ok(dir_open(d, in("theirs"), 0) == -1 &&
				says(d, "theirs", "another user"),
			    "nor is one that belongs to another");
	} else
		ok(dir_open(d, "/", 0) == -1 && says(d, "/", "another user"),
		    "nor is one that belongs to another");
	dir_free(d);
}

static void
test_files(void)
{
	struct dir *d = open_dir(DIR_CREATE);
	mode_t mask = umask(0777);

	ok(reads(d, "users.sexp") == 0 && reads(d, "users/a@b") == 0,
	    "what is not there is absent");
	ok(dir_replace(d, "users/a@b", "one", 3) == 0 &&
		reads(d, "users/a@b") == 1 && file_is(&out, "one"),
	    "written and read");
	ok(mode_of("d/users") == 0700 && mode_of("d/users/a@b") == 0600,
	    "for us alone, whatever the umask");
	umask(0);
	ok(dir_replace(d, "users/a@b", "", 0) == 0 &&
		reads(d, "users/a@b") == 1 && buf_len(&out) == 0,
	    "replaced by nothing");
	ok(dir_create(d, "users/b@c", "new", 3) == 0 &&
		dir_create(d, "users/b@c", "newer", 5) == -1 &&
		says(d, "users/b@c", "it exists already") &&
		dir_remove(d, "users/b@c") == 0,
	    "created once");
	ok(mode_of("d/users/.new") == -1, "the temporary file is gone");
	plant("d/users/.new", "rest of a crash", 0600);
	ok(dir_replace(d, "users/a@b", "two", 3) == 0 &&
		holds("d/users/a@b", "two"),
	    "one that a crash left does not matter");
	ok(dir_append(d, "histories/a@b", "(1)", 3, 1) == 0 &&
		dir_append(d, "histories/a@b", "(2)", 3, 0) == 0 &&
		holds("d/histories/a@b", "(1)(2)") &&
		mode_of("d/histories/a@b") == 0600,
	    "appended");
	ok(dir_read(d, "histories/a@b", 5, &out) == -1 &&
		says(d, "histories/a@b", "too large") && file_is(&out, ""),
	    "more than allowed is refused");
	ok(dir_read(d, "histories/a@b", 6, &out) == 1 &&
		file_is(&out, "(1)(2)"),
	    "as much as allowed is not");
	ok(dir_remove(d, "users/a@b") == 0 && dir_remove(d, "users/a@b") == 0 &&
		reads(d, "users/a@b") == 0,
	    "removed, and again");
	umask(mask);
	dir_free(d);
}

static void
test_parts(void)
{
	struct dir *d = open_dir(0);
	int64_t size = 0;

	buf_reset(&out);
	ok(dir_read_part(d, "histories/a@b", -4, 9, &out, &size) == 1 &&
		file_is(&out, ")(2)") && size == 6,
	    "the end of a file");
	buf_reset(&out);
	ok(dir_read_part(d, "histories/a@b", -40, 3, &out, NULL) == 1 &&
		file_is(&out, "(1)"),
	    "from its beginning");
	buf_reset(&out);
	ok(dir_read_part(d, "histories/a@b", 2, 3, &out, &size) == 1 &&
		file_is(&out, ")(2"),
	    "its middle");
	buf_reset(&out);
	ok(dir_read_part(d, "histories/a@b", 99, 3, &out, &size) == 1 &&
		file_is(&out, ""),
	    "nothing behind it");
	ok(dir_read_part(d, "histories/c@d", 0, 3, &out, &size) == 0,
	    "nor of what is not there");
	dir_append(d, "histories/a@b", "(3", 2, 0);
	ok(dir_set_aside(d, "histories/a@b", 6) == 0 &&
		holds("d/histories/a@b", "(1)(2)") &&
		holds("d/histories/.a@b.torn", "(3"),
	    "a torn end is set aside");
	dir_append(d, "histories/a@b", "(4", 2, 0);
	ok(dir_set_aside(d, "histories/a@b", 6) == 0 &&
		holds("d/histories/.a@b.torn", "(3(4") &&
		mode_of("d/histories/.a@b.torn") == 0600,
	    "the next behind it");
	plant("d/users.sexp", "all", 0600);
	ok(dir_set_aside(d, "users.sexp", 0) == 0 &&
		holds("d/.users.sexp.torn", "all") &&
		reads(d, "users.sexp") == 0,
	    "a whole file too");
	ok(dir_set_aside(d, "users.sexp", 0) == -1 &&
		says(d, "users.sexp", "does not exist"),
	    "but only once");
	dir_free(d);
}

static void
test_secrets(void)
{
	static const char *const names[] = {
	    "config.sexp", "otr_dsa.sexp", "password"};
	struct dir *d = open_dir(0);
	char text[64];
	int i;

	for (i = 0; i < 3; i++) {
		snprintf(text, sizeof text, "d/%s", names[i]);
		ok(dir_create(d, names[i], "secret", 6) == 0 &&
			mode_of(text) == 0600 && reads(d, names[i]) == 1 &&
			file_is(&out, "secret"),
		    "%s is created", names[i]);
		ok(dir_create(d, names[i], "other", 5) == -1 &&
			says(d, names[i], "exists"),
		    "once");
		ok(dir_replace(d, names[i], "x", 1) == -1 &&
			dir_append(d, names[i], "x", 1, 0) == -1 &&
			dir_remove(d, names[i]) == -1 &&
			dir_set_aside(d, names[i], 0) == -1 &&
			says(d, names[i], "never written again") &&
			holds(text, "secret"),
		    "and never written again");
		chmod(in(text), 0640);
		ok(reads(d, names[i]) == -1 &&
			says(d, names[i], "others can read"),
		    "refused where the group can read it");
		if (geteuid() == 0) {
			chmod(in(text), 0600);
			ok(chown(in(text), 1, 1) == 0 &&
				reads(d, names[i]) == -1 &&
				says(d, names[i], "another user"),
			    "and where it is not ours");
		}
		unlink(in(text));
	}
	dir_free(d);
}

static void
test_hostile(void)
{
	struct dir *d = open_dir(0);

	plant("precious", "precious", 0600);
	(void)!symlink("../../precious", in("d/users/link@b"));
	ok(reads(d, "users/link@b") == -1 &&
		says(d, "users/link@b", "symbolic link"),
	    "a link is not read");
	ok(dir_replace(d, "users/link@b", "x", 1) == -1 &&
		dir_append(d, "users/link@b", "x", 1, 0) == -1 &&
		dir_set_aside(d, "users/link@b", 0) == -1 &&
		holds("precious", "precious"),
	    "nor written through");
	(void)!symlink("../precious", in("d/config.sexp"));
	ok(dir_create(d, "config.sexp", "x", 1) == -1 &&
		reads(d, "config.sexp") == -1 && holds("precious", "precious"),
	    "nor for a secret");
	unlink(in("d/config.sexp"));
	(void)!symlink("../../precious", in("d/users/.new"));
	ok(dir_replace(d, "users/n@b", "new", 3) == 0 &&
		holds("precious", "precious") && holds("d/users/n@b", "new"),
	    "nor where the temporary file would be");
	mkfifo(in("d/users/fifo@b"), 0600);
	ok(reads(d, "users/fifo@b") == -1 &&
		says(d, "users/fifo@b", "not a regular file") &&
		dir_replace(d, "users/fifo@b", "x", 1) == -1 &&
		dir_append(d, "users/fifo@b", "x", 1, 0) == -1,
	    "a FIFO neither blocks nor counts");
	mkdir(in("d/users/dir@b"), 0700);
	ok(reads(d, "users/dir@b") == -1 &&
		says(d, "users/dir@b", "not a regular file") &&
		dir_replace(d, "users/dir@b", "x", 1) == -1 &&
		dir_append(d, "users/dir@b", "x", 1, 0) == -1 &&
		dir_remove(d, "users/dir@b") == -1,
	    "nor does a directory");
	chmod(in("d/users"), 0777);
	ok(reads(d, "users/n@b") == -1 && says(d, "users", "others can write"),
	    "a subdirectory that all can write is refused");
	chmod(in("d/users"), 0700);
	rename(in("d/histories"), in("moved"));
	(void)!symlink("../moved", in("d/histories"));
	ok(dir_append(d, "histories/a@b", "x", 1, 0) == -1 &&
		holds("moved/a@b", "(1)(2)"),
	    "and one that is a link");
	unlink(in("d/histories"));
	rename(in("moved"), in("d/histories"));
	dir_free(d);
}

static void
test_names(void)
{
	static const char *const bad[] = {"", ".", "..", "../x", "users/",
	    "users/.x", "users/..", "users/../x", "users/a/b", "/etc/passwd",
	    "users//x", ".lock"};
	struct dir *d = open_dir(0);
	char name[320] = "users/", path[330];
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(reads(d, bad[i]) == -1 &&
			dir_replace(d, bad[i], "x", 1) == -1 &&
			dir_append(d, bad[i], "x", 1, 0) == -1 &&
			dir_remove(d, bad[i]) == -1 &&
			dir_create(d, bad[i], "x", 1) == -1,
		    "no file is called \"%s\"", bad[i]);
	memset(name + 6, 'a', 300);
	ok(dir_replace(d, name, "x", 1) == -1 &&
		says(d, "aaa", "longer than 200 bytes"),
	    "a JID of 300 bytes has no file");
	name[206] = '\0';
	ok(dir_replace(d, name, "x", 1) == 0 && dir_remove(d, name) == 0 &&
		dir_append(d, name, "x", 1, 0) == 0 &&
		dir_set_aside(d, name, 0) == 0,
	    "one of 200 has");
	snprintf(path, sizeof path, "d/users/.%s.torn", name + 6);
	ok(holds(path, "x"), "and its torn end as well");
	ok(dir_name_why("a@b") == NULL && dir_name_why("a/b") != NULL &&
		dir_name_why("") != NULL && dir_name_why(".a@b") != NULL,
	    "and this can be asked before");
	dir_free(d);
}

static void
test_list(void)
{
	struct dir *d = open_dir(0);
	char **list;
	size_t count;

	dir_remove(d, "users/n@b");
	rmdir(in("d/users/dir@b"));
	unlink(in("d/users/fifo@b"));
	unlink(in("d/users/link@b"));
	dir_replace(d, "users/z@b", "", 0);
	dir_replace(d, "users/b@b.tmp", "", 0);
	plant("d/users/.new", "", 0600);
	plant("d/users/.hidden", "", 0600);
	ok(dir_list(d, "users", &list, &count) == 0 && count == 2 &&
		strcmp(list[0], "b@b.tmp") == 0 && strcmp(list[1], "z@b") == 0,
	    "listed in order, without dot files");
	ok(dir_check(d, "users", 100, list, count) == 0 &&
		dir_check(d, "none", 100, list, count) == 0,
	    "they can be read, and absent ones do not matter");
	dir_remove(d, "users/b@b.tmp");
	ok(dir_check(d, "users", 100, list, count) == 0, "nor what is gone");
	mkfifo(in("d/users/b@b.tmp"), 0600);
	ok(dir_check(d, "users", 100, list, count) == -1 &&
		says(d, "users/b@b.tmp", "not a regular file"),
	    "a FIFO cannot be read");
	unlink(in("d/users/b@b.tmp"));
	ok(symlink("z@b", in("d/users/b@b.tmp")) == 0 &&
		dir_check(d, "users", 100, list, count) == -1 &&
		says(d, "users/b@b.tmp", "symbolic link"),
	    "nor a link");
	unlink(in("d/users/b@b.tmp"));
	plant("d/users/b@b.tmp", "12345", 0600);
	ok(dir_check(d, "users", 5, list, count) == 0 &&
		dir_check(d, "users", 4, list, count) == -1 &&
		says(d, "users/b@b.tmp", "too large"),
	    "nor what is too large");
	ok(dir_check(d, "users", 4, (char *[]){list[1], list[0]}, 2) == -1,
	    "wherever it stands");
	dir_list_free(list, count);
	ok(dir_list(d, "none", &list, &count) == 0 && count == 0 &&
		list == NULL,
	    "an absent one is empty");
	plant("d/plain", "", 0600);
	ok(dir_list(d, "plain", &list, &count) == -1 &&
		says(d, "plain", "Not a directory"),
	    "a file cannot be listed");
	dir_free(d);
}

static void
test_read_only(void)
{
	struct dir *d = open_dir(DIR_READ_ONLY);

	ok(dir_is_read_only(d) && reads(d, "histories/a@b") == 1, "-r reads");
	ok(dir_create(d, "new", "x", 1) == -1 &&
		dir_replace(d, "users/z@b", "x", 1) == -1 &&
		dir_append(d, "histories/a@b", "x", 1, 1) == -1 &&
		dir_remove(d, "users/z@b") == -1 &&
		dir_set_aside(d, "histories/a@b", 1) == -1 &&
		says(d, "histories/a@b", "-r") &&
		holds("d/histories/a@b", "(1)(2)"),
	    "and changes nothing");
	dir_free(d);
}

static void
test_path(void)
{
	struct dir *d = dir_new();

	(void)!symlink("precious", in("bundle"));
	buf_reset(&out);
	ok(dir_read_path(d, in("bundle"), 99, &out) == 1 &&
		file_is(&out, "precious"),
	    "any file is read, through links, without a directory");
	ok(dir_read_path(d, in("no"), 99, &out) == 0, "or is absent");
	buf_reset(&out);
	ok(dir_read_path(d, in("precious"), 7, &out) == -1 &&
		says(d, "precious", "too large") && buf_len(&out) == 0 &&
		dir_read_path(d, in("precious"), 8, &out) == 1,
	    "or is too large");
	ok(dir_read_path(d, in("d"), 99, &out) == -1 &&
		says(d, "/d", "not a regular file"),
	    "a directory is none");
	ok(dir_read(d, "x", 9, &out) == -1, "nothing without a directory");
	dir_free(d);
}

static void
test_gone(void)
{
	struct dir *d = dir_new();

	ok(dir_open(d, in("brief"), DIR_CREATE) == 1, "a directory");
	unlink(in("brief/.lock"));
	rmdir(in("brief"));
	ok(reads(d, "config.sexp") == -1 && says(d, "brief", "gone"),
	    "that vanished: its files are not absent, it is");
	ok(dir_replace(d, "users/a@b", "x", 1) == -1, "nor is it made anew");
	dir_free(d);
}

/* In another process, as who is not root where that can be: makes a file in a
 * subdirectory. */
static int
can_make(void)
{
	uid_t other = geteuid() == 0 ? 65534 : geteuid();
	struct dir *d;
	int status;
	pid_t child;

	mkdir(in("other"), 0700);
	if (chown(in("other"), other, (gid_t)-1) == -1)
		other = geteuid();
	fflush(stdout);
	if ((child = fork()) == 0) {
		umask(0777);
		d = dir_new();
		/* The path to it may be closed to others. */
		_exit(chdir(in("other")) == 0 && seteuid(other) == 0 &&
			      dir_open(d, ".", 0) == 1 &&
			      dir_replace(d, "users/a@b", "x", 1) == 0
			  ? 0
			  : 1);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* What is made can be used, whatever the umask. */
static void
test_umask(void)
{
	struct dir *d = dir_new();
	mode_t mask = umask(0777);

	ok(dir_open(d, in("deep/er"), DIR_CREATE) == 1 &&
		mode_of("deep") == 0700 && mode_of("deep/er") == 0700,
	    "directories are made with a mode of their own");
	umask(mask);
	ok(can_make() && mode_of("other/users") == 0700,
	    "so are those below, for others than root as well");
	ok(dir_lock_wait(d, "omemo") == 0, "a free lock need not be awaited");
	dir_free(d);
}

/* What is written in place, and only where nobody else has been. */
static void
test_overwrite(void)
{
	static const unsigned char was[] = "(1)(2)", new[] = "(1)(3)",
				   other[] = "(9)(2)";
	struct dir *d = open_dir(0);

	ok(dir_overwrite(d, "histories/a@b", 0, other, new, 6) == 0 &&
		dir_overwrite(d, "histories/a@b", 3, was, new, 6) == 0 &&
		dir_overwrite(d, "histories/a@b", 0, was, was, 6) == 0 &&
		holds("d/histories/a@b", "(1)(2)"),
	    "where other bytes are, nothing is written");
	ok(dir_overwrite(d, "histories/a@b", 3, (const unsigned char *)"(2)xyz",
	       (const unsigned char *)"(4)xyz", 6) == 0 &&
		holds("d/histories/a@b", "(1)(2)"),
	    "nor where the file ends");
	ok(dir_overwrite(d, "histories/a@b", 0, was, new, 6) == 0 &&
		holds("d/histories/a@b", "(1)(3)"),
	    "where they are as expected, they are replaced");
	ok(dir_overwrite(d, "histories/a@b", 0, new, was, 6) == 0 &&
		holds("d/histories/a@b", "(1)(2)"),
	    "and again");
	ok(dir_overwrite(d, "histories/no@b", 0, was, new, 6) == 0 &&
		dir_overwrite(d, "nowhere/a@b", 0, was, new, 6) == 0 &&
		access(in("d/nowhere"), F_OK) == -1,
	    "what is absent stays so");
	ok(dir_overwrite(d, "config.sexp", 0, was, new, 6) == -1,
	    "a secret is never changed");
	ok(dir_set_aside(d, "nowhere/a@b", 0) == -1 &&
		says(d, "nowhere/a@b", "does not exist") &&
		dir_remove(d, "nowhere/a@b") == 0,
	    "nor set aside; it is removed already");
	dir_free(d);
}

/* With -r, what our own lock covers can be written. */
static void
test_own(void)
{
	struct dir *d = open_dir(DIR_READ_ONLY);

	ok(dir_lock(d, "none") == 1 && access(in("d/none"), F_OK) == -1 &&
		dir_replace(d, "none/a@b", "x", 1) == -1 &&
		says(d, "none/a@b", "-r"),
	    "what is not there is not made to be locked");
	dir_unlock(d);
	ok(dir_lock_own(d, "users/q") == 1 &&
		dir_replace(d, "users/q@b", "x", 1) == 0 &&
		holds("d/users/q@b", "x"),
	    "our own is written");
	ok(dir_replace(d, "users/z@b", "x", 1) == -1 &&
		says(d, "users/z@b", "-r"),
	    "and no other");
	ok(dir_lock(d, "users") == 1 &&
		dir_replace(d, "users/z@b", "x", 1) == 0 &&
		dir_replace(d, "usersx/z@b", "x", 1) == -1 &&
		dir_replace(d, "user/z@b", "x", 1) == -1,
	    "a lock covers its subdirectory alone");
	dir_remove(d, "users/z@b");
	dir_remove(d, "users/q@b");
	dir_free(d);
}

/* What is written beside what other processes write. */
static void
test_beside(void)
{
	char prefix[DIR_NAME + 7] = "fresh/", rest[DIR_NAME + 32];
	struct dir *d = open_dir(DIR_READ_ONLY);

	memset(prefix + 6, 'p', DIR_NAME);
	umask(0777);
	ok(dir_lock_own(d, prefix) == 1 && mode_of("d/fresh") == 0700,
	    "the directory of our own is made");
	umask(0);
	snprintf(rest, sizeof rest, "d/fresh/.%s.lock", prefix + 6);
	ok(mode_of(rest) == 0600, "and its lock");
	snprintf(rest, sizeof rest, "d/fresh/.%s.new", prefix + 6);
	plant("d/fresh/.new", "another's", 0600);
	plant(rest, "rest of a crash", 0600);
	ok(dir_replace(d, prefix, "x", 1) == 0 && reads(d, prefix) == 1 &&
		file_is(&out, "x") && mode_of(rest) == -1 &&
		holds("d/fresh/.new", "another's"),
	    "what another process writes there is not touched");
	dir_free(d);
}

static void
test_small(void)
{
	struct dir *d = open_dir(0);
	char **list, why[512];
	struct buf small;
	size_t count;

	buf_init(&small, 3);
	ok(dir_read(d, "histories/a@b", 4096, &small) == -1 &&
		buf_len(&small) == 0 && says(d, "a@b", "too large"),
	    "what does not fit is not read in part");
	buf_clear(&small);
	ok(dir_time(d, "histories/a@b") > 1000000000 &&
		dir_time(d, "histories/no@b") == 0 && dir_time(d, "..") == 0 &&
		dir_time(d, "nowhere/a@b") == 0 && mode_of("d/nowhere") == -1 &&
		dir_time(d, NULL) > 1000000000,
	    "the time of a file, and of the last mark");
	ok(dir_take_back(d, "password") == -1 &&
		says(d, "password", "it was there before"),
	    "a secret that was there is not taken back");
	ok(dir_create(d, "password", "x", 1) == 0 &&
		unlink(in("d/password")) == 0 &&
		dir_take_back(d, "password") == -1 &&
		says(d, "password", "cannot remove it: No such file"),
	    "nor is one that was removed meanwhile");
	snprintf(why, sizeof why, "%s/.x: it begins with a dot", in("d"));
	ok(reads(d, "") == -1 && reads(d, ".x") == -1 &&
		strcmp(dir_why(d), why) == 0,
	    "the reason is that of the last failure, and says the whole path");
	dir_free(d);
	d = dir_new();
	ok(dir_list(d, "users", &list, &count) == -1 && count == 0 &&
		strcmp(dir_why(d), "users: the directory is not open") == 0,
	    "nothing is listed without a directory");
	dir_free(d);
}

/* A file of two pieces, and bounds within the second. */
static void
test_pieces(void)
{
	struct dir *d = open_dir(0);
	static unsigned char was[24993], with[24993];
	static char text[25001];
	char *same;
	int64_t size = 0;

	memset(text, 'x', sizeof text - 1);
	plant("d/large", text, 0600);
	buf_reset(&out);
	ok(dir_read(d, "large", 20000, &out) == -1 && buf_len(&out) == 0 &&
		says(d, "large", "too large") &&
		dir_read(d, "large", 24999, &out) == -1 &&
		dir_read(d, "large", 25000, &out) == 1 && file_is(&out, text),
	    "a bound behind the first piece");
	buf_reset(&out);
	ok(dir_read_part(d, "large", 0, 20000, &out, &size) == 1 &&
		buf_len(&out) == 20000 && size == 25000,
	    "no more than is asked for");
	memset(was, 'x', sizeof was);
	memset(with, 'x', sizeof with);
	with[21993] = 'y';
	buf_reset(&out);
	ok(dir_overwrite(d, "large", 7, was, with, sizeof with) == 0 &&
		dir_read_part(d, "large", 21999, 3, &out, NULL) == 1 &&
		file_is(&out, "xyx"),
	    "overwritten behind the first piece");
	with[3] = 'y';
	buf_reset(&out);
	ok(dir_overwrite(d, "large", 7, was, with, sizeof with) == 0 &&
		dir_read_part(d, "large", 9, 3, &out, NULL) == 1 &&
		file_is(&out, "xxx"),
	    "but not where that is other than it was");
	was[21993] = 'y';
	*was = 'z';
	buf_reset(&out);
	ok(dir_overwrite(d, "large", 7, was, with, sizeof with) == 0 &&
		dir_read_part(d, "large", 6, 5, &out, NULL) == 1 &&
		file_is(&out, "xxxxx"),
	    "nor where its first byte is");
	buf_reset(&out);
	ok(dir_overwrite(d, "large", 9, (const unsigned char *)"x",
	       (const unsigned char *)"w", 1) == 0 &&
		dir_read_part(d, "large", 8, 3, &out, NULL) == 1 &&
		file_is(&out, "xwx"),
	    "a single byte is");
	same = buf_memdup("xwx", 2);
	ok(dir_overwrite(d, "large", 8, (unsigned char *)same,
	       (unsigned char *)same, 3) == 0,
	    "and none where all are the same");
	free(same);
	buf_reset(&out);
	ok(dir_read(d, "nowhere/a@b", 100, &out) == 0 &&
		mode_of("d/nowhere") == -1,
	    "what is read makes no directory");
	dir_free(d);
}

static int
is_closed(int fd)
{
	return fcntl(fd, F_GETFD) == -1;
}

/* The descriptor 0 is one like others. */
static void
test_zero(void)
{
	struct dir *d = open_dir(0);
	int kept = dup(0), good;
	int64_t size;
	char **list;
	size_t count;

	plant("d/zero", "12345", 0600);
	buf_reset(&out);
	close(0);
	good = dir_read(d, "zero", 9, &out) == 1 && file_is(&out, "12345");
	good &= dir_time(d, "users/a@b") == 0 && is_closed(0);
	good &= dir_check(d, "users", 9, NULL, 0) == 0 && is_closed(0);
	good &= dir_read_part(d, "zero", 0, 5, &out, &size) == 1 && size == 5;
	good &= dir_overwrite(d, "zero", 1, (const unsigned char *)"23",
		    (const unsigned char *)"ab", 2) == 0 &&
		holds("d/zero", "1ab45");
	good &= dir_list(d, "users", &list, &count) == 0 && count > 0;
	dir_list_free(list, count);
	good &= dir_set_aside(d, "zero", 3) == 0 && is_closed(0) &&
		holds("d/zero", "1ab");
	good &= dup2(kept, 0) == 0 && close(kept) == 0;
	ok(good, "the descriptor 0 is one like others");
	dir_free(d);
}

/* Returns how many descriptors are open. */
static int
count_open(void)
{
	int fd, count = 0;

	for (fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) != -1;
	return count;
}

int
main(void)
{
	char command[300];
	int open_first = count_open();

	file_temporary(root);
	if (mkdtemp(root) == NULL) {
		printf("Bail out! no directory\n");
		return 1;
	}
	buf_init(&out, 1 << 20);
	test_open();
	test_share();
	test_unsafe();
	test_files();
	test_parts();
	test_secrets();
	test_hostile();
	test_names();
	test_umask();
	test_list();
	test_read_only();
	test_path();
	test_overwrite();
	test_own();
	test_beside();
	test_small();
	test_pieces();
	test_zero();
	test_gone();
	ok(count_open() == open_first, "no descriptor is left open");
	buf_clear(&out);
	snprintf(command, sizeof command, "rm -rf %s", root);
	if (system(command) != 0)
		printf("# %s is left\n", root);
	return tap_done();
}
