/* The elements of OMEMO: written, read, and in forms that others may send. */
#include "t/unit/omemo-element.h"
#include "t/unit/tap.h"

static struct xml *reader;
static struct arena arena;
static struct buf text;

#define BYTES(s)                                                               \
	{                                                                      \
		(const unsigned char *)(s), sizeof(s) - 1                      \
	}

static int
is_bytes(const struct omemo_bytes *b, const char *expected)
{
	return b->data != NULL && b->len == strlen(expected) &&
	       memcmp(b->data, expected, b->len) == 0;
}

static void
message(void)
{
	struct omemo_key key[] = {{7, 1, BYTES("\1\2\3")}, {8, 0, BYTES("k")}};
	struct omemo_message m = {5, key, 2, BYTES("iv"), BYTES("text")}, n;

	ok(element_write(&text, &m, NULL, NULL, 0) == 0, "written");
	ok(strcmp(buf_str(&text),
	       "<encrypted xmlns='eu.siacs.conversations.axolotl'>"
	       "<header sid='5'><key rid='7' prekey='true'>AQID</key>"
	       "<key rid='8'>aw==</key><iv>aXY=</iv></header>"
	       "<payload>dGV4dA==</payload></encrypted>") == 0,
	    "as it must be: %s", buf_str(&text));
	ok(omemo_xml_message(
	       &arena, element_read(reader, buf_str(&text)), &n) == 0 &&
		n.sid == 5 && n.keys == 2 && n.key[0].prekey &&
		!n.key[1].prekey && n.key[1].rid == 8 &&
		is_bytes(&n.key[0].data, "\1\2\3") && is_bytes(&n.iv, "iv") &&
		is_bytes(&n.payload, "text"),
	    "and read");
	memset(&m.payload, 0, sizeof m.payload);
	element_write(&text, &m, NULL, NULL, 0);
	ok(strstr(buf_str(&text), "payload") == NULL, "only a key");
	ok(omemo_xml_message(
	       &arena, element_read(reader, buf_str(&text)), &n) == 0 &&
		n.payload.data == NULL,
	    "and read so");
}

static void
bundle(void)
{
	struct omemo_prekey pre[] = {{9, BYTES("a")}, {10, BYTES("b")}};
	struct omemo_bundle b = {3, BYTES("signed"), BYTES("signature"),
				BYTES("identity"), pre, 2},
			    c;

	ok(element_write(&text, NULL, &b, NULL, 0) == 0, "written");
	ok(strcmp(buf_str(&text),
	       "<bundle xmlns='eu.siacs.conversations.axolotl'>"
	       "<signedPreKeyPublic signedPreKeyId='3'>c2lnbmVk"
	       "</signedPreKeyPublic><signedPreKeySignature>c2lnbmF0dXJl"
	       "</signedPreKeySignature><identityKey>aWRlbnRpdHk="
	       "</identityKey><prekeys><preKeyPublic preKeyId='9'>YQ=="
	       "</preKeyPublic><preKeyPublic preKeyId='10'>Yg=="
	       "</preKeyPublic></prekeys></bundle>") == 0,
	    "as it must be: %s", buf_str(&text));
	ok(omemo_xml_bundle(&arena, element_read(reader, buf_str(&text)), &c) ==
		    0 &&
		c.signed_id == 3 && is_bytes(&c.signed_key, "signed") &&
		is_bytes(&c.signature, "signature") &&
		is_bytes(&c.identity, "identity") && c.prekeys == 2 &&
		c.prekey[1].id == 10 && is_bytes(&c.prekey[1].key, "b"),
	    "and read");
}

static void
list(void)
{
	static const uint32_t ids[] = {1, 2147483647};
	uint32_t id[OMEMO_XML_DEVICES];
	size_t n, i;

	element_write(&text, NULL, NULL, ids, 2);
	ok(strcmp(buf_str(&text),
	       "<list xmlns='eu.siacs.conversations.axolotl'>"
	       "<device id='1'/><device id='2147483647'/></list>") == 0,
	    "as it must be: %s", buf_str(&text));
	ok(omemo_xml_list(element_read(reader, buf_str(&text)), id, &n) == 0 &&
		n == 2 && id[1] == 2147483647,
	    "and read");
	element_write(&text, NULL, NULL, ids, 0);
	ok(omemo_xml_list(element_read(reader, buf_str(&text)), id, &n) == 0 &&
		n == 0,
	    "an empty one");
	buf_reset(&text);
	buf_adds(&text, "<list xmlns='" NS_OMEMO "'>");
	for (i = 0; i < 1000; i++)
		buf_addf(&text, "<device id='%zu'/>", i + 1);
	buf_adds(&text, "</list>");
	ok(omemo_xml_list(element_read(reader, buf_str(&text)), id, &n) == 0 &&
		n == OMEMO_XML_DEVICES,
	    "a very long one");
	ok(omemo_xml_list(NULL, id, &n) == -1, "none");
}

/* Forms of a message, and how many keys are read of it; -1: refused. */
static const struct {
	int keys;
	const char *xml;
} forms[] = {
    {1, "<header sid='5'><key rid='7'>AQID</key><iv>aXY=</iv></header>"},
    {1, "<header sid='5'><key rid='7' prekey='1'>AQ\n ID</key></header>"},
    {0, "<header sid='5'><key>AQID</key></header>"},
    {0, "<header sid='5'><key rid='-7'>AQID</key></header>"},
    {0, "<header sid='5'><key rid='07'>AQID</key></header>"},
    {0, "<header sid='5'><key rid='4294967303'>AQID</key></header>"},
    {0, "<header sid='5'><key rid='2147483648'>AQID</key></header>"},
    {0, "<header sid='5'><key rid='7'>AQI</key></header>"},
    {0, "<header sid='5'><key rid='7'>!</key></header>"},
    {1, "<header sid='5'><key rid='6'>A</key><key rid='7'>AQID</key></header>"},
    {0, "<header sid='5'><key xmlns='other' rid='7'>AQID</key></header>"},
    {0, "<header sid='5'/>"},
    {-1, ""},
    {-1, "<header/>"},
    {-1, "<header sid='x'/>"},
    {-1, "<header sid='5'/><payload>AQID</payload>"},
    {-1, "<header sid='5'><iv>AQID</iv></header><payload>A</payload>"},
    {-1, "<header sid='5'><iv>A</iv></header><payload>AQID</payload>"},
    {0, "<header sid='5'><iv>AQID</iv></header><payload/>"},
};

static void
all_forms(void)
{
	struct omemo_message m;
	struct omemo_bundle b;
	size_t i;
	int n;

	for (i = 0; i < sizeof forms / sizeof *forms; i++) {
		buf_reset(&text);
		buf_adds(&text, "<encrypted xmlns='" NS_OMEMO "'>");
		buf_adds(&text, forms[i].xml);
		buf_adds(&text, "</encrypted>");
		n = omemo_xml_message(
			&arena, element_read(reader, buf_str(&text)), &m) == -1
			? -1
			: (int)m.keys;
		ok(n == forms[i].keys, "form %zu: %d", i, n);
	}
	ok(omemo_xml_message(&arena, NULL, &m) == -1, "no element");
	buf_reset(&text);
	buf_adds(&text, "<encrypted xmlns='" NS_OMEMO "'><header sid='5'>");
	for (i = 0; i <= OMEMO_MAX_KEYS; i++)
		buf_adds(&text, "<key rid='1'>AQID</key>");
	buf_adds(&text, "</header></encrypted>");
	ok(omemo_xml_message(
	       &arena, element_read(reader, buf_str(&text)), &m) == -1,
	    "too many keys");
	ok(omemo_xml_bundle(&arena, NULL, &b) == -1, "no bundle");
	ok(omemo_xml_bundle(&arena,
	       element_read(reader, "<bundle xmlns='" NS_OMEMO "'/>"),
	       &b) == 0 &&
		b.prekeys == 0 && b.identity.data == NULL,
	    "an empty bundle");
	buf_reset(&text);
	buf_adds(&text, "<bundle xmlns='" NS_OMEMO
			"'><signedPreKeyPublic>AQID</signedPreKeyPublic>"
			"<prekeys><preKeyPublic preKeyId='x'>AQID"
			"</preKeyPublic><other/>");
	for (i = 0; i < 2 * OMEMO_MAX_PREKEYS; i++)
		buf_adds(&text, "<preKeyPublic preKeyId='1'>AQID"
				"</preKeyPublic>");
	buf_adds(&text, "</prekeys></bundle>");
	ok(omemo_xml_bundle(&arena, element_read(reader, buf_str(&text)), &b) ==
		    0 &&
		b.prekeys == OMEMO_MAX_PREKEYS && b.signed_key.data == NULL,
	    "a large one, and a key without a number");
}

int
main(void)
{
	buf_init(&text, 1 << 18);
	reader = xml_new();
	message();
	bundle();
	list();
	all_forms();
	xml_free(reader);
	arena_clear(&arena);
	buf_clear(&text);
	return tap_done();
}
