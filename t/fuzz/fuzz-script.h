/*
 * The words of a script of t/fuzz/dialogue.c: few people, rooms and ids that
 * occur in what the server says and in what is typed, so that the one speaks of
 * the other; and forms of stanzas and of lines whose holes a script fills.
 */
#ifndef T_FUZZ_SCRIPT_H
#define T_FUZZ_SCRIPT_H

#include "t/fuzz/fuzz-wire.h"

#define SCRIPT_COUNT(a) (sizeof(a) / sizeof *(a))

/* `$` and the letter stand for the word, both ways. */
static const struct {
	char letter;
	const char *word;
} script_words[] = {
    {'b', "bob@example.org"},
    {'B', "bob@example.org/pad"},
    {'c', "carol@example.org"},
    {'C', "carol@example.org/car"},
    {'e', "eve@evil.example"},
    {'E', "eve@evil.example/x"},
    {'d', "den@chat.example.org"},
    {'D', "den@chat.example.org/bob"},
    {'N', "den@chat.example.org/alice"},
    {'y', "yard@chat.example.org"},
    {'Y', "yard@chat.example.org/alice"},
    {'o', "alice@example.org"},
    {'O', "alice@example.org/desk"},
    {'s', "example.org"},
    {'S', "chat.example.org"},
    {'u', "http://jabber.org/protocol/muc#user"},
    {'t', "http://jabber.org/protocol/muc"},
    {'x', "urn:xmpp:receipts"},
    {'z', "urn:ietf:params:xml:ns:xmpp-stanzas"},
    {'g', "urn:xmpp:sm:3"},
    {'a', "urn:xmpp:mam:2"},
};

/* `=` and the letter; a hole is `%` and the letter of what may fill it, `%/`
 * is what filled `%k`. */
static const struct {
	char letter;
	const char *form;
} script_forms[] = {
    {'m', "<message from='%j' type='%t' id='%i'><body>%x</body></message>"},
    {'q', "<message from='%j' type='%t' id='%i'><body>%x</body>"
	  "<request xmlns='urn:xmpp:receipts'/></message>"},
    {'r', "<message from='%j' type='%t' id='x'>"
	  "<received xmlns='urn:xmpp:receipts' id='%i'/></message>"},
    {'e', "<message from='%j' type='error' id='%i'><error type='%T'>"
	  "<%e xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
	  "<body>%x</body></message>"},
    {'s', "<message from='%j' type='groupchat' id='%i'><subject>%x</subject>"
	  "</message>"},
    {'d', "<message from='%j' type='%t' id='%i'><delay xmlns='urn:xmpp:delay' "
	  "from='%j' stamp='2026-01-0%nT00:00:00Z'/><body>%x</body></message>"},
    {'c', "<message from='%j' type='%t' id='x'><replace "
	  "xmlns='urn:xmpp:message-correct:0' id='%i'/><body>%x</body>"
	  "</message>"},
    {'C', "<message from='%j' to='alice@example.org/desk'><%k "
	  "xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
	  "<message xmlns='jabber:client' from='%j' type='%t' id='%i'><body>%x"
	  "</body></message></forwarded></%/></message>"},
    {'i', "<message from='%j' id='%i'>"
	  "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='%j'>"
	  "<reason>%x</reason></invite></x></message>"},
    {'I', "<message from='%j' id='%i'><x xmlns='jabber:x:conference' "
	  "jid='%j' password='%x'/></message>"},
    {'p', "<presence from='%j' type='%p'><show>%s</show><priority>%n"
	  "</priority><status>%x</status></presence>"},
    {'P', "<presence from='%j' type='%p' id='%i'>"
	  "<x xmlns='http://jabber.org/protocol/muc#user'><item "
	  "affiliation='%a' role='%r' nick='%N'/><status code='%c'/>"
	  "<status code='%c'/></x></presence>"},
    {'E', "<presence from='%j' type='error' id='%i'>"
	  "<x xmlns='http://jabber.org/protocol/muc'/><error type='%T'>"
	  "<%e xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
	  "</presence>"},
    {'R', "<iq from='%j' type='%q' id='%i'/>"},
    {'Q', "<iq from='%j' type='error' id='%i'><error type='%T'>"
	  "<%e xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"},
    {'l', "<iq type='%q' id='%i'><query xmlns='jabber:iq:roster'>"
	  "<item jid='%j' subscription='%S' name='%x'/></query></iq>"},
    {'D', "<iq from='%j' type='%q' id='%i'>"
	  "<query xmlns='http://jabber.org/protocol/disco#%o'>"
	  "<item jid='%j' name='%x'/></query></iq>"},
    {'B', "<iq type='%q' id='%i'><blocklist xmlns='urn:xmpp:blocking'>"
	  "<item jid='%j'/></blocklist></iq>"},
    {'a', "<a xmlns='urn:xmpp:sm:3' h='%h'/>"},
    {'A', "<r xmlns='urn:xmpp:sm:3'/>"},
    {'f', "<failed xmlns='urn:xmpp:sm:3' h='%h'><%e "
	  "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>"},
    {'F', "<resumed xmlns='urn:xmpp:sm:3' previd='token' h='%h'/>"},
    {'n', "<enabled xmlns='urn:xmpp:sm:3' id='token' resume='true'/>"},
    {'X', "<stream:error><%E xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
	  "</stream:error>"},
    {'Z', "</stream:stream>"},
    /* A result of an archive, and the end of a page. */
    {'v', "<message from='%j'><result xmlns='urn:xmpp:mam:2' queryid='%u' "
	  "id='a%n'><forwarded xmlns='urn:xmpp:forward:0'>"
	  "<delay xmlns='urn:xmpp:delay' stamp='2026-01-0%nT00:00:00Z'/>"
	  "<message xmlns='jabber:client' from='%j' type='%t' id='%i'><body>%x"
	  "</body></message></forwarded></result></message>"},
    {'V', "<iq from='%j' type='%q' id='%i'><fin xmlns='urn:xmpp:mam:2' "
	  "complete='%b'><set xmlns='http://jabber.org/protocol/rsm'><first>"
	  "a%n</first><last>a%n</last></set></fin></iq>"},
    /* What nobody asked for, or whom nobody asked: it is never told. */
    {'w', "<message from='%F'><result xmlns='urn:xmpp:mam:2' queryid='%u' "
	  "id='a%n'><forwarded xmlns='urn:xmpp:forward:0'>"
	  "<delay xmlns='urn:xmpp:delay' stamp='2026-01-0%nT00:00:00Z'/>"
	  "<message xmlns='jabber:client' from='%j' type='%t' id='%i'><body>%!"
	  "</body></message></forwarded></result></message>"},
    {'W', "<message><result xmlns='urn:xmpp:mam:2' queryid='none' "
	  "id='a%n'><forwarded xmlns='urn:xmpp:forward:0'>"
	  "<delay xmlns='urn:xmpp:delay' stamp='2026-01-0%nT00:00:00Z'/>"
	  "<message xmlns='jabber:client' from='%j' type='%t' id='%i'><body>%!"
	  "</body></message></forwarded></result></message>"},
    {'K', "<message from='%F'><%k xmlns='urn:xmpp:carbons:2'><forwarded "
	  "xmlns='urn:xmpp:forward:0'>"
	  "<delay xmlns='urn:xmpp:delay' stamp='2026-01-0%nT00:00:00Z'/>"
	  "<message xmlns='jabber:client' from='%j' type='%t' id='%i'><body>%!"
	  "</body></message></forwarded></%/></message>"},
};

/* One byte of the script chooses from those with the letter of the hole. */
static const struct {
	char letter;
	const char *word;
} script_fillings[] = {
    {'t', "chat"},
    {'t', "groupchat"},
    {'t', "normal"},
    {'t', "headline"},
    {'t', "error"},
    {'T', "cancel"},
    {'T', "wait"},
    {'T', "auth"},
    {'e', "item-not-found"},
    {'e', "conflict"},
    {'e', "not-authorized"},
    {'e', "service-unavailable"},
    {'e', "remote-server-timeout"},
    {'e', "not-acceptable"},
    {'e', "feature-not-implemented"},
    {'E', "conflict"},
    {'E', "system-shutdown"},
    {'E', "policy-violation"},
    {'E', "connection-timeout"},
    {'p', "unavailable"},
    {'p', "available"},
    {'p', "subscribe"},
    {'p', "subscribed"},
    {'p', "unsubscribe"},
    {'p', "unsubscribed"},
    {'p', "probe"},
    {'p', ""},
    {'s', "away"},
    {'s', "chat"},
    {'s', "dnd"},
    {'s', "xa"},
    {'s', ""},
    {'a', "owner"},
    {'a', "none"},
    {'a', "outcast"},
    {'a', "member"},
    {'r', "participant"},
    {'r', "none"},
    {'r', "moderator"},
    {'r', "visitor"},
    {'N', "alice"},
    {'N', "bob"},
    {'N', "al"},
    {'N', ""},
    {'c', "110"},
    {'c', "201"},
    {'c', "210"},
    {'c', "301"},
    {'c', "303"},
    {'c', "307"},
    {'c', "321"},
    {'c', "322"},
    {'c', "332"},
    {'c', "333"},
    {'c', "100"},
    {'c', "104"},
    {'q', "result"},
    {'q', "set"},
    {'q', "get"},
    {'q', "error"},
    {'S', "both"},
    {'S', "remove"},
    {'S', "to"},
    {'S', "none"},
    {'o', "items"},
    {'o', "info"},
    {'b', "true"},
    {'b', "false"},
    {'F', "eve@evil.example/x"},
    {'F', "bob@example.org/pad"},
    {'F', "den@chat.example.org/bob"},
    {'F', "alice@example.org/pad"},
    {'F', "chat.example.org"},
    {'F', "example.org"},
    {'k', "sent"},
    {'k', "received"},
    {'n', "0"},
    {'n', "1"},
    {'n', "5"},
    {'n', "-1"},
    {'n', "9"},
};

/* The arguments that a command of `:` may get, one byte for each. */
static const char *const script_arguments[] = {"bob@example.org",
    "bob@example.org/pad", "carol@example.org", "eve@evil.example/x",
    "den@chat.example.org", "den@chat.example.org/alice", "/alice", "/al",
    "yard@chat.example.org", "al", "chat.example.org", "example.org",
    "alice@example.org", "start", "stop", "info", "verified", "on", "off",
    "all", "shared", "question", "answer", "abort", "secret", "allow", "cancel",
    "request", "free", "away", "offline", "online", "+REQUIRE_ENCRYPTION",
    "-REQUIRE_ENCRYPTION", "+WHITESPACE_START_AKE", "+SEND_WHITESPACE_TAG",
    "message", "presence", "delivered", "acked", "room", "member", "otr", "smp",
    "roster", "label=t", "enc=none", "-", "1", "0", "5", "30", "999999",
    "ff885a35cbe296cb2bfd86c0bacfca2b59905cd6",
    "fda69d1d0024e0b71a9b70fce30f118690c208a4", "3f4f54523f", "\\n", "\\e",
    "/otr", "/with", "/msg", "/go", "/join", "/quit", "/disconnect", "$m"};

static const char *const script_commands[] = {
#define COMMAND(name, arguments, what)		    #name,
#define MESSAGE_AS(spelling, name, arguments, what) spelling,
#include "line/command/command.def"
#undef COMMAND
};

static const char *
script_word(char letter)
{
	size_t i;

	for (i = 0; i < SCRIPT_COUNT(script_words); i++)
		if (script_words[i].letter == letter)
			return script_words[i].word;
	return NULL;
}

/* The filling that the byte C chooses for the hole LETTER. */
static const char *
script_filling(char letter, unsigned char c)
{
	size_t i, n = 0;

	for (i = 0; i < SCRIPT_COUNT(script_fillings); i++)
		n += script_fillings[i].letter == letter;
	if (n == 0)
		return "";
	n = c % n;
	for (i = 0; script_fillings[i].letter != letter || n-- > 0; i++)
		;
	return script_fillings[i].word;
}

/* Adds N times TEXT. */
static void
script_repeat(struct buf *out, const char *text, int n)
{
	while (n-- > 0)
		buf_adds(out, text);
}

/* Returns whether C behind OUT would look like the mark of a line. */
static int
ends_mark(const struct buf *out, char c)
{
	size_t n = buf_len(out);

	return c == 'k' && n >= 3 &&
	       memcmp(buf_data(out) + n - 3, "mar", 3) == 0;
}

/*
 * Adds TEXT of N bytes to OUT with its words: `$h` is how many stanzas came,
 * `$0` the last id, `$m` the mark of line LINE, and `$*` much of something.
 */
static void
script_expand(struct buf *out, const char *text, size_t n, const struct wire *w,
    size_t line)
{
	const char *word;
	size_t i;
	char c;

	for (i = 0; i < n; i++) {
		if (text[i] != '$' || i + 1 == n) {
			/* In the fake TLS a NUL has a meaning. */
			if (text[i] != '\0')
				buf_addc(out,
				    ends_mark(out, text[i]) ? 'K' : text[i]);
			continue;
		}
		c = text[++i];
		if (c >= '0' && c < '0' + WIRE_IDS)
			buf_adds(
			    out, w->ids[(w->next_id - 1 - (unsigned)(c - '0')) %
					WIRE_IDS]);
		else if (c == 'h' || c == 'H')
			buf_addf(out, "%llu",
			    (unsigned long long)w->handled + (c == 'H'));
		else if (c == 'm')
			buf_addf(out, "mark%zu.", line);
		else if (c == 'q')
			buf_adds(out, w->query);
		else if (c == '\'')
			script_repeat(out, "&apos;", 12000);
		else if (c == '*')
			script_repeat(out, "0123456789abcdef", 4200);
		else if (c == '(' || c == ')')
			script_repeat(out, c == '(' ? "<a>" : "</a>", 70);
		else if ((word = script_word(c)) != NULL)
			buf_adds(out, word);
		else
			buf_addc(out, c);
	}
}

/* N bytes at P as text that any element may hold. */
static void
script_text(struct buf *out, const char *p, size_t n)
{
	for (; n > 0; n--, p++)
		if (*p == '<' || *p == '&' || *p == '\'')
			buf_addf(out, "&#%d;", *p);
		else
			buf_addc(out, *p >= ' ' && *p < 127 ? *p : '?');
}

/* The form that the first byte at P names, filled with those behind it; FORGED
 * is the text of what no client may tell. */
static void
script_fill(struct buf *out, const char *p, size_t n, const struct wire *w,
    const char *forged)
{
	const char *form =
	    script_forms[(unsigned char)*p % SCRIPT_COUNT(script_forms)].form;
	const char *end = p + n, *kind = "";
	unsigned char c;
	size_t i;

	for (i = 0; i < SCRIPT_COUNT(script_forms); i++)
		if (script_forms[i].letter == *p)
			form = script_forms[i].form;
	for (p++; *form != '\0'; form++) {
		if (*form != '%') {
			buf_addc(out, *form);
			continue;
		}
		if (*++form == 'x') {
			script_text(out, p, (size_t)(end - p));
			p = end;
			continue;
		}
		c = p < end && strchr("u!/", *form) == NULL
			? (unsigned char)*p++
			: 0;
		if (*form == 'j' && script_word((char)c) != NULL)
			buf_adds(out, script_word((char)c));
		else if (*form == 'j')
			buf_adds(out, script_words[c % 15].word);
		else if (*form == 'u')
			buf_adds(out, w->query);
		else if (*form == '!')
			buf_adds(out, forged);
		else if (*form == 'i')
			buf_adds(out, w->ids[(w->next_id - 1 - c) % WIRE_IDS]);
		else if (*form == 'h')
			buf_addf(out, "%llu",
			    (unsigned long long)w->handled + c % 4 - c % 3);
		else if (*form == '/')
			buf_adds(out, kind);
		else
			buf_adds(out, script_filling(*form, c));
		if (*form == 'k')
			kind = script_filling('k', c);
	}
}

/* The command that the first byte at P chooses, with an argument for each. */
static void
script_command(
    struct buf *out, const char *p, size_t n, const struct wire *w, size_t line)
{
	const char *word;
	size_t i;

	buf_addf(out, "/%s",
	    script_commands[(unsigned char)*p % SCRIPT_COUNT(script_commands)]);
	for (i = 1; i < n; i++) {
		word = script_arguments[(unsigned char)p[i] %
					SCRIPT_COUNT(script_arguments)];
		buf_addc(out, ' ');
		script_expand(out, word, strlen(word), w, line);
	}
}

#endif
