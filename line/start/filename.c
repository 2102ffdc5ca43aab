#include "line/start/filename.h"

#include <sys/stat.h>

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sexp/utf8.h"

#define READ_MAX 100000 /* entries of a directory that are looked at */
#define KEPT_MAX 1000	/* names that are kept */
#define LISTED	 100	/* names that are listed */

/* The names that go on like the typed one. */
struct names {
	const char *typed; /* behind the last slash */
	size_t n;	   /* bytes of it */
	int is_program;	   /* Only what can be run fits. */
	char *kept[KEPT_MAX];
	size_t count;
};

/* Returns whether NAME can be shown and typed: it is UTF-8, of characters that
 * are all visible. */
static int
is_plain(const char *name)
{
	size_t n = strlen(name), len;
	uint32_t cp;

	for (; n > 0; name += len, n -= len) {
		len = utf8_decode(name, n, &cp);
		if (len == 0 || cp < ' ' || (cp >= 0x7f && cp < 0xa0) ||
		    utf8_is_hidden(cp))
			return 0;
	}
	return 1;
}

/* Keeps NAME, in the directory DIR, if it fits; those of directories end in a
 * slash. */
static void
offer_name(struct names *s, const char *dir, const char *name)
{
	char path[PATH_MAX];
	struct stat st;
	struct buf b;
	size_t i;

	if (strncmp(name, s->typed, s->n) != 0 || (*name == '.' && s->n == 0) ||
	    !is_plain(name) || s->count == KEPT_MAX)
		return;
	if ((size_t)snprintf(path, sizeof path, "%s/%s", dir, name) >=
		sizeof path ||
	    stat(path, &st) == -1)
		return;
	if (s->is_program && (!S_ISREG(st.st_mode) || access(path, X_OK) == -1))
		return;
	buf_init(&b, PATH_MAX);
	buf_adds(&b, name);
	if (S_ISDIR(st.st_mode))
		buf_addc(&b, '/');
	for (i = 0; i < s->count; i++)
		if (strcmp(s->kept[i], buf_str(&b)) == 0)
			break;
	if (i == s->count)
		s->kept[s->count++] = buf_strdup(buf_str(&b));
	buf_clear(&b);
}

/* Keeps what fits of the entries of DIR. */
static void
offer_directory(struct names *s, const char *dir)
{
	DIR *d = opendir(*dir == '\0' ? "/" : dir);
	struct dirent *entry;
	int i;

	if (d == NULL)
		return;
	for (i = 0; i < READ_MAX && (entry = readdir(d)) != NULL; i++)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			offer_name(s, dir, entry->d_name);
	closedir(d);
}

/* Keeps what fits PATH, which has a slash. */
static void
offer_path(struct names *s, const char *path)
{
	const char *slash = strrchr(path, '/'), *home = getenv("HOME");
	struct buf dir;

	buf_init(&dir, PATH_MAX);
	if (path[0] == '~' && path[1] == '/' && home != NULL) {
		buf_adds(&dir, home);
		path++;
	}
	buf_add(&dir, path, (size_t)(slash - path));
	s->typed = slash + 1;
	s->n = strlen(s->typed);
	offer_directory(s, buf_str(&dir));
	buf_clear(&dir);
}

/* Keeps the programs of PATH that fit WORD. */
static void
offer_programs(struct names *s, const char *word)
{
	const char *path = getenv("PATH");
	struct buf dir;
	size_t n;

	s->typed = word;
	s->n = strlen(word);
	s->is_program = 1;
	buf_init(&dir, PATH_MAX);
	for (; path != NULL && *path != '\0'; path += n + (path[n] == ':')) {
		n = strcspn(path, ":");
		buf_reset(&dir);
		buf_add(&dir, path, n);
		if (n > 0)
			offer_directory(s, buf_str(&dir));
	}
	buf_clear(&dir);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Returns how many bytes all names have in common, of whole characters. */
static size_t
common_length(const struct names *s)
{
	const char *first = s->kept[0], *last = s->kept[s->count - 1];
	size_t n = 0;

	/* The names are sorted. */
	while (first[n] != '\0' && first[n] == last[n])
		n++;
	while (n > 0 && ((unsigned char)first[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* Appends what S has found to INSERT or to LIST, and frees it. */
static void
finish_names(struct names *s, struct buf *insert, struct buf *list)
{
	size_t n, i;

	if (s->count > 0) {
		qsort(s->kept, s->count, sizeof *s->kept, compare_names);
		n = common_length(s);
		if (n > s->n)
			buf_add(insert, s->kept[0] + s->n, n - s->n);
		for (i = 0; n <= s->n && s->count > 1 && i < s->count; i++)
			if (i < LISTED)
				buf_addf(list, "%s%s", i == 0 ? "" : "  ",
				    s->kept[i]);
		if (n <= s->n && s->count > LISTED)
			buf_addf(list, "  and %zu more", s->count - LISTED);
	}
	for (i = 0; i < s->count; i++)
		free(s->kept[i]);
	free(s);
}

void
filename_trust(const char *text, struct buf *insert, struct buf *list)
{
	static const char system[] = "system";
	struct names *s = buf_alloc(sizeof *s);
	size_t n = strlen(text);

	if (strchr(text, '/') != NULL)
		offer_path(s, text);
	else if (n > 0 && strncmp(system, text, n) == 0)
		buf_adds(insert, system + n);
	else if (n == 0)
		buf_adds(list, "system  /");
	finish_names(s, insert, list);
}

void
filename_program(const char *text, struct buf *insert, struct buf *list)
{
	const char *blank = strrchr(text, ' ');
	const char *word = blank == NULL ? text : blank + 1;
	struct names *s = buf_alloc(sizeof *s);

	/* The name of a program may have blanks. */
	if (blank != NULL && strchr(text, '/') != NULL)
		offer_path(s, text);
	if (s->count == 0 && strchr(word, '/') != NULL)
		offer_path(s, word);
	else if (s->count == 0 && word == text && *word != '\0')
		offer_programs(s, word);
	finish_names(s, insert, list);
}
