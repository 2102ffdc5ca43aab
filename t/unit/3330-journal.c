/*
 * The journal of an input of --tree: what an earlier run did not answer, and
 * answers noted while the disk was full.
 */
#include <sys/resource.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/world/journal.h"
#include "t/unit/tap.h"

static int at;
static char left[200]; /* numbers of the lines that were not answered */

static void
take_line(void *data, unsigned long line, const char *p, size_t n)
{
	size_t len = strlen(left);

	(void)data;
	snprintf(left + len, sizeof left - len, "%lu %.*s, ", line, (int)n, p);
}

static const char *
recovered(void)
{
	left[0] = '\0';
	journal_recover(at, "-", take_line, NULL);
	return left;
}

/* No file of ours may be larger than N bytes: the disk is full. */
static void
limit_files(rlim_t n)
{
	struct rlimit r = {n, RLIM_INFINITY};

	setrlimit(RLIMIT_FSIZE, &r);
}

static void
add(struct journal *j, const char *lines)
{
	ok(journal_add(j, at, lines, strlen(lines), 1) == 0, "added");
}

static void
answers(void)
{
	struct journal j;

	journal_init(&j);
	add(&j, "one\ntwo\nthree\n");
	ok(strcmp(recovered(), "1 one, 2 two, 3 three, ") == 0, "none: %s",
	    left);
	journal_answered(&j, 2);
	journal_note(&j, at);
	ok(strcmp(recovered(), "1 one, 3 three, ") == 0, "one: %s", left);
	journal_answered(&j, 1);
	journal_answered(&j, 3);
	journal_note(&j, at);
	ok(strcmp(recovered(), "") == 0, "all: %s", left);
	journal_clear(&j);
}

static void
full_disk(void)
{
	struct journal j;
	struct stat st;
	int added;

	journal_init(&j);
	add(&j, "one\ntwo\nthree\nfour\n");
	fstatat(at, ".journal", &st, 0);
	limit_files((rlim_t)st.st_size + 1);
	journal_answered(&j, 1);
	journal_note(&j, at);
	added = journal_add(&j, at, "five\n", 5, 1);
	journal_answered(&j, 2);
	journal_note(&j, at);
	/* Our own output may be a file, too. */
	limit_files(RLIM_INFINITY);
	ok(added == -1, "the disk is full: no more lines");
	ok(strcmp(recovered(), "1 one, 2 two, 3 three, 4 four, ") == 0,
	    "and no notes: %s", left);
	journal_answered(&j, 3);
	journal_note(&j, at);
	ok(strcmp(recovered(), "4 four, ") == 0,
	    "once there is room all notes are there: %s", left);
	journal_answered(&j, 4);
	journal_note(&j, at);
	ok(strcmp(recovered(), "") == 0, "and at last none is left: %s", left);
	journal_clear(&j);
}

int
main(void)
{
	char dir[200];

	const char *tmp = getenv("TMPDIR");

	snprintf(
	    dir, sizeof dir, "%s/journal.XXXXXX", tmp == NULL ? "/tmp" : tmp);
	signal(SIGXFSZ, SIG_IGN);
	if (mkdtemp(dir) == NULL)
		return 1;
	at = open(dir, O_RDONLY | O_DIRECTORY);
	answers();
	full_disk();
	unlinkat(at, ".journal", 0);
	rmdir(dir);
	return tap_done();
}
