/* Histories on the disk: appended, repaired, their end found. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/log.h"
#include "t/unit/file.h"
#include "t/unit/tap.h"

#define JID "bob@jl.test"

static char root[256];
static char path[512];

static int
append(struct dir *d, const struct history_message *m)
{
	struct buf record;
	int status;

	buf_init(&record, 65536);
	if (history_print(m, &record) == -1)
		printf("Bail out! a record is too long\n");
	status = dir_append(
	    d, "histories/" JID, buf_data(&record), buf_len(&record), 0);
	buf_clear(&record);
	return status;
}

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
	return append(d, &m);
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

/* A receipt: five bytes of its record, and nothing else, ever. */
static void
test_received(struct dir *d)
{
	static char name[] = "histories/" JID;
	struct history_message m = {.direction = HISTORY_TO,
	    .jid = (char[]){JID "/(received false)"},
	    .id = (char[]){"id7"},
	    .text = (char[]){"mine (received false)"},
	    .text_len = 21,
	    .timestamp = 9};
	struct buf was, with;
	struct history *h;
	int64_t at, size;
	size_t n;

	ok(append(d, &m) == 0, "one of ours");
	at = dir_appended(d);
	size = size_of();
	buf_init(&was, 4096);
	buf_init(&with, 4096);
	ok(history_front(&m, 0, &was) == 0 && history_front(&m, 1, &with) == 0,
	    "its front");
	n = buf_len(&was);
	ok(n == buf_len(&with) && at + (int64_t)n < size, "as long as before");
#define OVERWRITE(at)                                                          \
	dir_overwrite(d, name, at, buf_data(&was), buf_data(&with), n)
	ok(OVERWRITE(at - 1) == 0 && OVERWRITE(at + 1) == 0 &&
		OVERWRITE(size) == 0 && OVERWRITE(size + 4096) == 0 &&
		dir_overwrite(d, "histories/none@x", 0, buf_data(&was),
		    buf_data(&with), n) == 0,
	    "elsewhere nothing is done");
	h = log_last(d, JID, 1);
	ok(h != NULL && !history_message(h, 0)->received, "nor was it");
	history_free(h);
	ok(OVERWRITE(at) == 0 && size_of() == size, "it is, in its place");
	h = log_last(d, JID, 1);
	ok(h != NULL && history_message(h, 0)->received &&
		strcmp(history_message(h, 0)->text, m.text) == 0,
	    "it was received");
	history_free(h);
	ok(OVERWRITE(at) == 0 && size_of() == size, "once");
	damage("(3(((direction(From", 19);
	ok(append(d, &m) == 0 && dir_overwrite(d, name, dir_appended(d),
				     buf_data(&was), buf_data(&with), n) == 0,
	    "behind a torn one");
	h = log_last(d, JID, 2);
	ok(h != NULL && history_count(h) == 2 &&
		history_message(h, 1)->received,
	    "it is found there, too");
	history_free(h);
	ok(dir_overwrite(
	       d, "password", 0, buf_data(&was), buf_data(&with), n) == -1,
	    "never a secret");
	buf_clear(&was);
	buf_clear(&with);
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
	ok(h != NULL && history_count(h) == 20005, "all of them");
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
	test_received(d);
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
