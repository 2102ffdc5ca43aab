/*
 * For LD_PRELOAD, of a server: its expat reads what there is at once. The one
 * that has CVE-2023-52425 mended puts a torn element off until as much again
 * has come. Prosody 0.12 and ejabberd 23 do not tell it otherwise: they wait
 * for ever on a <starttls/> in two pieces, as nothing may follow that.
 */
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <stddef.h>

/* As expat.h has them; the server's may be another than ours. */
void *XML_ParserCreate(const char *encoding);
void *XML_ParserCreateNS(const char *encoding, char separator);
void *XML_ParserCreate_MM(
    const char *encoding, const void *memory, const char *separator);
unsigned char XML_ParserReset(void *parser, const char *encoding);

/* The servers' modules load it for themselves alone. */
static void *
real(const char *name)
{
	static void *expat;

	if (expat == NULL)
		expat = dlopen("libexpat.so.1", RTLD_LAZY);
	return expat == NULL ? NULL : dlsym(expat, name);
}

static void
hurry(void *parser)
{
	unsigned char (*set)(void *, unsigned char);

	*(void **)(&set) = real("XML_SetReparseDeferralEnabled");
	if (set != NULL) /* an older one knows no other way */
		set(parser, 0);
}

void *
XML_ParserCreate_MM(
    const char *encoding, const void *memory, const char *separator)
{
	void *(*create)(const char *, const void *, const char *), *parser;

	*(void **)(&create) = real("XML_ParserCreate_MM");
	parser = create == NULL ? NULL : create(encoding, memory, separator);
	if (parser != NULL)
		hurry(parser);
	return parser;
}

void *
XML_ParserCreateNS(const char *encoding, char separator)
{
	char text[2] = {separator, '\0'};

	return XML_ParserCreate_MM(encoding, NULL, text);
}

void *
XML_ParserCreate(const char *encoding)
{
	return XML_ParserCreate_MM(encoding, NULL, NULL);
}

unsigned char
XML_ParserReset(void *parser, const char *encoding)
{
	unsigned char (*reset)(void *, const char *), good;

	*(void **)(&reset) = real("XML_ParserReset");
	good = reset == NULL ? 0 : reset(parser, encoding);
	if (good)
		hurry(parser);
	return good;
}
