/*
 * The text of plays: variables, escapes and patterns. In every text
 *
 *     $name, ${name}	the value that was captured or set
 *     $$		a dollar
 *
 * and in what is expected besides
 *
 *     $name	what has no value yet takes the word that stands there: all
 *		up to a quote, angle bracket, blank, TAB or LF
 *     $_	some such word
 *     $*	anything up to the end of the line
 */
#ifndef T_PLAY_TEXT_H
#define T_PLAY_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"

#define PLAY_VARIABLES 600
#define PLAY_MAX       ((size_t)1 << 28) /* bytes of anything in a play */

struct play_variable {
	char *name, *value;
};

struct play_variables {
	struct play_variable all[PLAY_VARIABLES];
	size_t count;
};

static const char *
play_get(const struct play_variables *v, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < v->count; i++)
		if (strlen(v->all[i].name) == n &&
		    memcmp(v->all[i].name, name, n) == 0)
			return v->all[i].value;
	return NULL;
}

static void
play_set(struct play_variables *v, const char *name, size_t n,
    const char *value, size_t len)
{
	size_t i;

	for (i = 0; i < v->count; i++)
		if (strlen(v->all[i].name) == n &&
		    memcmp(v->all[i].name, name, n) == 0)
			break;
	if (i == PLAY_VARIABLES)
		abort();
	if (i == v->count) {
		v->all[i].name = buf_memdup(name, n);
		v->count++;
	} else {
		free(v->all[i].value);
	}
	v->all[i].value = buf_memdup(value, len);
}

static void
play_forget(struct play_variables *v)
{
	size_t i;

	for (i = 0; i < v->count; i++) {
		free(v->all[i].name);
		free(v->all[i].value);
	}
	v->count = 0;
}

/* Takes the value of NAME away, where it has one. */
static void
play_unset(struct play_variables *v, const char *name)
{
	size_t i;

	for (i = 0; i < v->count; i++) {
		if (strcmp(v->all[i].name, name) != 0)
			continue;
		free(v->all[i].name);
		free(v->all[i].value);
		v->all[i] = v->all[--v->count];
		return;
	}
}

/* The name behind the `$` at P; *LEN is of all that stands for it. */
static const char *
play_name(const char *p, size_t *n, size_t *len)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyz0123456789";

	if (p[1] == '{') {
		*n = strcspn(p + 2, "}");
		*len = *n + 3;
		return p + 2;
	}
	*n =
	    p[1] == '$' || p[1] == '_' || p[1] == '*' ? 1 : strspn(p + 1, word);
	*len = *n + 1;
	return p + 1;
}

/* TEXT with the values put in; 0 where one has none. */
static int
play_expand(const struct play_variables *v, const char *text, struct buf *out)
{
	const char *name, *value;
	size_t n, len;

	for (; *text != '\0'; text += len) {
		len = strcspn(text, "$");
		buf_add(out, text, len);
		if (len > 0)
			continue;
		name = play_name(text, &n, &len);
		value = n == 1 && *name == '$' ? "$" : play_get(v, name, n);
		if (value == NULL) {
			printf("# no value: %.*s\n", (int)len, text);
			return 0;
		}
		buf_adds(out, value);
	}
	return 1;
}

/* The escapes of C (\n \r \t \\ \xHH) in TEXT taken back, in place. */
static size_t
play_unescape(char *text, size_t n)
{
	char *to = text, *from = text, *end = text + n, hex[3] = "";

	while (from < end) {
		if (*from != '\\') {
			*to++ = *from++;
			continue;
		}
		switch (from[1]) {
		case 'x':
			memcpy(hex, from + 2, 2);
			*to++ = (char)strtol(hex, NULL, 16);
			from += 2;
			break;
		case 'n':
			*to++ = '\n';
			break;
		case 'r':
			*to++ = '\r';
			break;
		case 't':
			*to++ = '\t';
			break;
		default:
			*to++ = from[1];
		}
		from += 2;
	}
	return (size_t)(to - text);
}

/* How much of TEXT, N bytes, PATTERN takes from its start; -1: it does not. */
static long
play_match(
    struct play_variables *v, const char *pattern, const char *text, size_t n)
{
	const char *name, *value;
	size_t at = 0, len, word;
	long rest;

	for (; *pattern != '\0'; pattern += len) {
		len = 1;
		if (*pattern != '$') {
			if (at == n || text[at++] != *pattern)
				return -1;
			continue;
		}
		name = play_name(pattern, &word, &len);
		if (word == 1 && *name == '*') {
			for (; at <= n; at++) {
				rest = play_match(
				    v, pattern + len, text + at, n - at);
				if (rest >= 0)
					return (long)at + rest;
				if (at < n && text[at] == '\n')
					break;
			}
			return -1;
		}
		value =
		    word == 1 && *name == '$' ? "$" : play_get(v, name, word);
		if (value != NULL) {
			if (strlen(value) > n - at ||
			    memcmp(value, text + at, strlen(value)) != 0)
				return -1;
			at += strlen(value);
			continue;
		}
		rest = (long)at;
		while (at < n && strchr("'<> \t\n", text[at]) == NULL)
			at++;
		if (at == (size_t)rest)
			return -1;
		if (*name != '_')
			play_set(v, name, word, text + rest, at - (size_t)rest);
	}
	return (long)at;
}

#endif
