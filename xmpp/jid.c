#include "xmpp/jid.h"

#include "sexp/utf8.h"

#include <arpa/inet.h>
#include <idna.h>
#include <stdlib.h>
#include <string.h>
#include <stringprep.h>

#define PART_MAX 1023 /* bytes of a part (RFC 7622 3.1) */

enum part { LOCAL, DOMAIN, RESOURCE };

static const Stringprep_profile *const profiles[] = {stringprep_xmpp_nodeprep,
    stringprep_nameprep, stringprep_xmpp_resourceprep};

static int
is_ascii(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((unsigned char)p[i] >= 0x80)
			return 0;
	return 1;
}

/* Maps S to lower case, as nodeprep and nameprep do; S is ASCII. */
static void
lower_ascii(char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
}

/*
 * Returns 1 if the ASCII character C is allowed in a prepared PART (RFC 6122
 * A.5, B.5). In a domain, where nameprep forbids nothing, only characters of
 * host names are allowed.
 */
static int
is_allowed(enum part part, char c)
{
	if (c < 0x20 || c == 0x7f)
		return 0;
	if (part == LOCAL)
		return strchr(" \"&'/:<>@", c) == NULL;
	if (part == DOMAIN)
		return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		       c == '-' || c == '_' || c == '.';
	return 1;
}

/*
 * Applies the profile of PART to OUT until nothing changes: libidn composes
 * some sequences only in a second pass (Unicode Public Review Issue 29), and a
 * prepared JID must not change. Unassigned characters are allowed, as servers
 * route them.
 */
static int
stringprep_stable(enum part part, char out[PART_MAX + 1])
{
	char before[PART_MAX + 1];
	int pass, rc;

	for (pass = 0; pass < 4; pass++) {
		strcpy(before, out);
		rc = stringprep(out, PART_MAX + 1, 0, profiles[part]);
		if (rc != STRINGPREP_OK || strcmp(before, out) == 0)
			return rc;
	}
	return STRINGPREP_NFKC_FAILED;
}

/* Replaces the label separators that nameprep leaves by dots (RFC 3490 3.1). */
static void
map_dots(char *domain)
{
	static const char dot[] = "\xe3\x80\x82";
	char *p = domain;

	while ((p = strstr(p, dot)) != NULL) {
		*p++ = '.';
		memmove(p, p + 2, strlen(p + 2) + 1);
	}
}

/* Removes a dot at the end of DOMAIN. Returns 1 if there was one. */
static int
cut_dot(char *domain)
{
	size_t n = strlen(domain);

	if (n == 0 || domain[n - 1] != '.')
		return 0;
	domain[n - 1] = '\0';
	return 1;
}

/* Returns 1 if each label of S is 1 to 63 bytes long. */
static int
labels_fit(const char *s)
{
	size_t n;

	for (;; s += n + 1) {
		n = strcspn(s, ".");
		if (n < 1 || n > 63)
			return 0;
		if (s[n] == '\0')
			return 1;
	}
}

/* Returns 1 if S is an IPv6 address in brackets (RFC 3986 3.2.2). */
static int
is_literal(const char *s)
{
	char address[INET6_ADDRSTRLEN];
	struct in6_addr parsed;
	size_t n = strlen(s);

	if (n < 4 || n - 2 >= sizeof address || s[0] != '[' || s[n - 1] != ']')
		return 0;
	memcpy(address, s + 1, n - 2);
	address[n - 2] = '\0';
	return inet_pton(AF_INET6, address, &parsed) == 1;
}

/* Returns the A-labels of DOMAIN on the heap; NULL if it is not a name. */
static char *
a_labels(const char *domain)
{
	char *ascii = NULL;

	if (idna_to_ascii_8z(domain, &ascii, IDNA_ALLOW_UNASSIGNED) !=
	    IDNA_SUCCESS)
		return NULL;
	if (labels_fit(ascii))
		return ascii;
	free(ascii);
	return NULL;
}

/*
 * Turns each A-label of DOMAIN into its U-label (RFC 7622 3.2), unless nameprep
 * refuses that, as servers do: a label that is read from right to left beside
 * one that is not.
 */
static void
to_u_labels(char domain[PART_MAX + 1])
{
	char *unicode = NULL, prepared[PART_MAX + 1];

	if (strstr(domain, "xn--") == NULL)
		return;
	if (idna_to_unicode_8z8z(domain, &unicode, IDNA_ALLOW_UNASSIGNED) ==
		IDNA_SUCCESS &&
	    strlen(unicode) <= PART_MAX) {
		strcpy(prepared, unicode);
		if (stringprep_stable(DOMAIN, prepared) == STRINGPREP_OK)
			strcpy(domain, prepared);
	}
	free(unicode);
}

/* Returns 1 if the labels of DOMAIN fit into DNS. */
static int
labels_fit_dns(const char *domain)
{
	char *ascii;

	if (is_ascii(domain, strlen(domain)))
		return labels_fit(domain);
	ascii = a_labels(domain);
	free(ascii);
	return ascii != NULL;
}

/* Returns 1 if S has an ASCII character that is not allowed in PART. */
static int
has_forbidden(enum part part, const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x80 && !is_allowed(part, *s))
			return 1;
	return 0;
}

/* Prepares the N bytes at P as PART in OUT; returns NULL or the reason. */
static const char *
prepare_part(enum part part, const char *p, size_t n, char out[PART_MAX + 1])
{
	static const char *const empty[] = {
	    "empty local part", "empty domain", "empty resource"};
	static const char *const large[] = {"local part over 1023 bytes",
	    "domain over 1023 bytes", "resource over 1023 bytes"};
	static const char *const wrong[] = {
	    "character not allowed before the @",
	    "character not allowed in a domain",
	    "character not allowed in a resource"};
	int cut;

	if (n > PART_MAX)
		return large[part];
	memcpy(out, p, n);
	out[n] = '\0';
	cut = part == DOMAIN && cut_dot(out);
	if (is_ascii(out, strlen(out))) {
		if (part != RESOURCE)
			lower_ascii(out);
	} else {
		switch (stringprep_stable(part, out)) {
		case STRINGPREP_OK:
			break;
		case STRINGPREP_TOO_SMALL_BUFFER:
			return large[part];
		default:
			return wrong[part];
		}
	}
	if (part == DOMAIN) {
		map_dots(out);
		if (!cut)
			cut_dot(out);
	}
	if (out[0] == '\0')
		return empty[part];
	if (part == DOMAIN && is_literal(out))
		return NULL;
	if (part == DOMAIN)
		to_u_labels(out);
	if (has_forbidden(part, out))
		return wrong[part];
	return part != DOMAIN || labels_fit_dns(out) ? NULL
						     : "not a domain name";
}

/* Appends N bytes at P, prepared as PART, to OUT. Returns NULL or the reason.
 */
static const char *
append_part(enum part part, const char *p, size_t n, char *out)
{
	char prepared[PART_MAX + 1];
	const char *why;

	why = prepare_part(part, p, n, prepared);
	if (why == NULL)
		strcat(out, prepared);
	return why;
}

static void
copy_part(char *out, const char *p, size_t n)
{
	memcpy(out, p, n);
	out[n] = '\0';
}

/* Returns 1 if C is a letter or digit of ASCII, as prepared. */
static int
is_simple_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static int
is_simple_local(const char *p, const char *end)
{
	const char *start = p;

	while (p < end &&
	       (is_simple_char(*p) || *p == '.' || *p == '-' || *p == '_'))
		p++;
	return p == end && p > start;
}

/* An A-label, which is not as prepared, has `--` in it. */
static int
is_simple_domain(const char *p, const char *end)
{
	const char *start = p;

	for (; p < end && *p != '.'; p++)
		if (!is_simple_char(*p) &&
		    (*p != '-' || (p > start && p[-1] == '-')))
			return 0;
	if (p == start || p - start > 63)
		return 0;
	return p == end || is_simple_domain(p + 1, end);
}

static int
is_simple_resource(const char *p, const char *end)
{
	const char *start = p;

	while (p < end && *p >= 0x20 && *p < 0x7f)
		p++;
	return p == end && p > start;
}

/*
 * Returns 1 if the N bytes at P are a JID that is as prepared already, and so
 * simple that this can be seen at once, as nearly all are. 0: it may be one.
 */
static int
is_simple(const char *p, size_t n)
{
	const char *end = p + n, *slash = memchr(p, '/', n);
	const char *bare = slash == NULL ? end : slash;
	const char *at = memchr(p, '@', (size_t)(bare - p));

	return n <= PART_MAX && (at == NULL || is_simple_local(p, at)) &&
	       is_simple_domain(at == NULL ? p : at + 1, bare) &&
	       (slash == NULL || is_simple_resource(slash + 1, end));
}

/* Does the work of jid_parse. Returns NULL or the reason. */
static const char *
parse_jid(const char *p, size_t n, char *out)
{
	const char *end = p + n, *slash, *at, *why;

	if (n >= JID_SIZE)
		return "longer than any JID";
	if (memchr(p, '\0', n) != NULL || utf8_valid(p, n) != n)
		return "not UTF-8";
	slash = memchr(p, '/', n);
	at = memchr(p, '@', (size_t)((slash == NULL ? end : slash) - p));
	if (at != NULL) {
		why = append_part(LOCAL, p, (size_t)(at - p), out);
		if (why != NULL)
			return why;
		strcat(out, "@");
		p = at + 1;
	}
	why = append_part(
	    DOMAIN, p, (size_t)((slash == NULL ? end : slash) - p), out);
	if (why != NULL || slash == NULL)
		return why;
	strcat(out, "/");
	return append_part(RESOURCE, slash + 1, (size_t)(end - slash) - 1, out);
}

int
jid_parse(const char *p, size_t n, char out[JID_SIZE], const char **why)
{
	const char *reason;

	if (is_simple(p, n)) {
		copy_part(out, p, n);
		return 0;
	}
	out[0] = '\0';
	reason = parse_jid(p, n, out);
	if (reason == NULL)
		return 0;
	out[0] = '\0';
	if (why != NULL)
		*why = reason;
	return -1;
}

size_t
jid_bare_len(const char *jid)
{
	const char *slash = strchr(jid, '/');

	return slash == NULL ? strlen(jid) : (size_t)(slash - jid);
}

/* Returns the length of the local part with its @; 0 if it has none. */
static size_t
local_len(const char *jid)
{
	size_t n = strcspn(jid, "@/");

	return jid[n] == '@' ? n + 1 : 0;
}

void
jid_bare(const char *jid, char out[JID_SIZE])
{
	copy_part(out, jid, jid_bare_len(jid));
}

const char *
jid_resource(const char *jid)
{
	const char *slash = strchr(jid, '/');

	return slash == NULL ? NULL : slash + 1;
}

void
jid_domain(const char *jid, char out[JID_SIZE])
{
	size_t local = local_len(jid);

	copy_part(out, jid + local, jid_bare_len(jid) - local);
}

void
jid_local(const char *jid, char out[JID_SIZE])
{
	size_t local = local_len(jid);

	copy_part(out, jid, local > 0 ? local - 1 : 0);
}

int
jid_has_local(const char *jid)
{
	return local_len(jid) > 0;
}

int
jid_same_bare(const char *a, const char *b)
{
	while (*a == *b && *a != '\0' && *a != '/')
		a++, b++;
	return (*a == '\0' || *a == '/') && (*b == '\0' || *b == '/');
}

int
jid_order(const char *a, const char *b)
{
	size_t m = strcspn(a, "@"), n = strcspn(b, "@");
	int order;

	if (a[m] == '\0' || b[n] == '\0') /* a domain has no local part */
		return a[m] == b[n] ? strcmp(a, b) : a[m] == '\0' ? -1 : 1;
	order = memcmp(a, b, m < n ? m : n);
	if (order != 0)
		return order;
	return m != n ? (m < n ? -1 : 1) : strcmp(a + m, b + n);
}

int
jid_ascii_domain(const char *domain, char out[256])
{
	char *ascii;
	size_t n;

	if (is_literal(domain)) {
		copy_part(out, domain + 1, strlen(domain) - 2);
		return 0;
	}
	ascii = a_labels(domain);
	n = ascii == NULL ? 256 : strlen(ascii);
	if (n < 256)
		copy_part(out, ascii, n);
	free(ascii);
	return n < 256 ? 0 : -1;
}
