/* Histories on the disk: appended, repaired, their end found. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/log.h"
#include "t/file.h"
#include "t/tap.h"

#define JID "bob@jl.test"

static char root[256];
static char path[512];

static int
add(struct dir *d, const char *text, int number)
{
	struct history_message m = {0};

	m.direction = HISTORY_TO;
	m.jid = (char *)JID;
	m.id = (char *)"id";
	m.timestamp = number;
	m.text = (char *)text;
	m.text_len = strlen(text);
	return log_append(d, JID, &m, 0);
}

static long
size_of(void)
{
	struct stat st;

	return stat(path, &st) == -1 ? -1 : (long)st.st_size;
}

/* Adds N bytes of TEXT by other means. */
static void
damage(const char *text, size_t n)
{
	int fd = open(path, O_WRONLY | O_APPEND);

	if (fd == -1 || write(fd, text, n) != (ssize_t)n || close(fd) == -1)
		printf("Bail out! cannot write %s\n", path);
}

static void
test_repair(struct dir *d)
{
	struct history *h;
	int64_t torn = 1;
	long size;

	ok(log_repair(d, JID, &torn) == 0 && torn == 0,
	    "without a history there is nothing to repair");
	h = log_last(d, JID, 5);
	ok(h != NULL && history_count(h) == 0, "nor anything last");
	history_free(h);
	ok(add(d, "one", 1) == 0 && add(d, "two words", 2) == 0,
	    "two are appended");
	size = size_of();
	damage("(3(((direction(From", 19);
	ok(log_repair(d, JID, &torn) == 1 && torn == 19 && size_of() == size,
	    "a torn end is set aside");
	ok(log_repair(d, JID, &torn) == 0, "and then all is well");
	damage("(3(((dir", 8);
	add(d, "three", 3);
	h = log_check(d, JID);
	ok(h != NULL && history_total(h) == 3 && history_torn(h) == 1 &&
		history_tail(h) == 0,
	    "a whole check finds what is torn between");
	history_free(h);
	h = log_last(d, JID, 2);
	ok(h != NULL && history_count(h) == 2 &&
		strcmp(history_message(h, 0)->text, "two words") == 0 &&
		strcmp(history_message(h, 1)->text, "three") == 0,
	    "the last two");
	history_free(h);
}

static void
test_long(struct dir *d)
{
	struct history *h;
	int64_t torn;
	char text[32];
	int i;

	for (i = 0; i < 20000; i++) {
		snprintf(text, sizeof text, "message %d", i);
		add(d, text, i);
	}
	h = log_last(d, JID, 10);
	ok(h != NULL && history_count(h) == 10 && history_total(h) < 1000 &&
		strcmp(history_message(h, 0)->text, "message 19990") == 0 &&
		strcmp(history_message(h, 9)->text, "message 19999") == 0,
	    "the last ten of 20000, without reading the others");
	history_free(h);
	h = log_last(d, JID, 15000);
	ok(h != NULL && history_count(h) == 15000 &&
		strcmp(history_message(h, 0)->text, "message 5000") == 0,
	    "the last 15000");
	history_free(h);
	h = log_last(d, JID, 30000);
	ok(h != NULL && history_count(h) == 20003, "all of them");
	history_free(h);
	damage("(3(((direction(From", 19);
	ok(log_repair(d, JID, &torn) == 1 && torn == 19,
	    "the torn end of a long one");
}

int
main(void)
{
	struct dir *d = dir_new();
	char command[300];

	file_temporary(root);
	if (mkdtemp(root) == NULL || dir_open(d, root, 0) != 1)
		printf("Bail out! no directory\n");
	snprintf(path, sizeof path, "%s/histories/" JID, root);
	test_repair(d);
	test_long(d);
	ok(log_last(d, "../x", 1) == NULL && log_check(d, "a/b") == NULL &&
		log_repair(d, "", &(int64_t){0}) == -1,
	    "no history beside the directory");
	dir_free(d);
	snprintf(command, sizeof command, "rm -rf %s", root);
	if (system(command) != 0)
		printf("# %s is left\n", root);
	return tap_done();
}
