#include "line/render_contact.h"

#include <string.h>

/* The letter of a presence, as /status takes it. */
static const char *
letter(struct field show)
{
	static const char *const words[][2] = {{"online", "o"}, {"free", "f"},
	    {"away", "a"}, {"dnd", "d"}, {"xa", "x"}};
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (field_is(show, words[i][0]))
			return words[i][1];
	return "_";
}

static int
has(const struct fields *f, const char *key, const char *value)
{
	return field_is(fields_get(f, key), value);
}

/* ` (BEFORE VALUE AFTER)`, where KEY has a value. */
static void
remark(struct rows *r, const struct fields *f, const char *key,
    const char *before, const char *after)
{
	struct field value = fields_get(f, key);

	if (value.p == NULL)
		return;
	rows_text(r, " (");
	rows_text(r, before);
	rows_field(r, value);
	rows_text(r, after);
	rows_text(r, ")");
}

/* Whether the number KEY is above N, which has one digit. */
static int
above(const struct fields *f, const char *key, char n)
{
	struct field value = fields_get(f, key);

	return value.p != NULL && (value.n > 1 || *value.p > n);
}

/* `*` something unread, `+` more than is listed. */
static const char *
mark(const struct fields *f)
{
	if (above(f, "unread", '0'))
		return "*";
	if (has(f, "expanded", "yes"))
		return " ";
	return has(f, "kind", "room") || above(f, "sessions", '1') ? "+" : " ";
}

static void
put_contact(struct rows *r, const struct fields *f)
{
	static const char *const subs[][3] = {{"both", "[", "]"},
	    {"from", "F", "F"}, {"to", "T", "T"}, {"remove", "R", "R"}};
	const char *left = "?", *right = "?";
	size_t i;

	for (i = 0; i < sizeof subs / sizeof *subs; i++)
		if (has(f, "sub", subs[i][0])) {
			left = subs[i][1];
			right = subs[i][2];
		}
	if (has(f, "kind", "self")) {
		left = "{";
		right = "}";
	}
	rows_text(r, left);
	rows_text(r, letter(fields_get(f, "show")));
	rows_text(r, right);
	rows_text(r, " ");
	rows_field(r, f->peer);
	if (f->text.p != NULL)
		rows_text(r, " - ");
	rows_field(r, f->text);
}

static void
put_room(struct rows *r, const struct fields *f)
{
	int none = f->text.p == NULL || field_is(f->text, "\\e");

	rows_text(r, letter(fields_get(f, "show")));
	rows_text(r, "(");
	rows_field(r, fields_get(f, "sessions"));
	rows_text(r, ") ");
	rows_field(r, f->peer);
	rows_text(r, " - ");
	rows_field(r, none ? field_of("no topic") : f->text);
}

static void
put_remarks(struct rows *r, const struct fields *f)
{
	if (above(f, "unread", '0'))
		remark(r, f, "unread", "", " unread");
	if (has(f, "enc", "otr"))
		remark(r, f, "trust", "otr, ", "");
	if (has(f, "logging", "yes"))
		rows_text(r, " (logged)");
}

/* What stands behind the bare JID, or the bare JID where nothing does. */
static struct field
resource(struct field peer)
{
	struct field bare = field_bare(peer);

	if (peer.p == NULL || peer.n <= bare.n + 1)
		return bare;
	peer.p += bare.n + 1;
	peer.n -= bare.n + 1;
	return peer;
}

/* ` o pad`, or ` om nick` of an occupant, with `m p v n` for the role. */
static void
put_session(struct rows *r, const struct fields *f)
{
	struct field role = fields_get(f, "role");

	rows_text(r, " ");
	rows_text(r, letter(fields_get(f, "show")));
	if (role.p != NULL)
		rows_add(r, role.p, 1);
	rows_text(r, " ");
	rows_field(r, resource(f->peer));
	if (has(f, "best", "yes"))
		rows_text(r, " (best)");
	if (has(f, "active", "yes"))
		rows_text(r, " (active)");
	remark(r, f, "prio", "", "");
	remark(r, f, "receipts", "receipts ", "");
	remark(r, f, "affiliation", "affiliation ", "");
	remark(r, f, "jid", "", "");
	put_remarks(r, f);
	if (f->text.p != NULL)
		rows_text(r, " - ");
	rows_field(r, f->text);
}

static void
put_subscription(struct rows *r, const struct fields *f)
{
	static const char *const words[][2] = {
	    {"subscribe", "asks to see our presence (/authorization allow, or "
			  "cancel)"},
	    {"subscribed", "lets us see their presence"},
	    {"unsubscribe", "gives up seeing our presence"},
	    {"unsubscribed", "does not let us see their presence"}};
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (has(f, "type", words[i][0]))
			rows_text(r, words[i][1]);
	if (f->text.p != NULL)
		rows_text(r, " - ");
	rows_field(r, f->text);
}

static void
put_roster(struct rows *r, const struct fields *f)
{
	struct field rest = f->rest, a;

	if (has(f, "sub", "remove")) {
		rows_text(r, "is no longer in the roster");
		return;
	}
	rows_text(r, "is in the roster");
	remark(r, f, "sub", "subscription ", "");
	if (has(f, "pending", "yes"))
		rows_text(r, " (pending)");
	if (has(f, "approved", "yes"))
		rows_text(r, " (approved)");
	while ((a = fields_next(&rest)).p != NULL) {
		if (a.n < 6 || memcmp(a.p, "group=", 6) != 0)
			continue;
		rows_text(r, " (group ");
		rows_add(r, a.p + 6, a.n - 6);
		rows_text(r, ")");
	}
	if (f->text.p != NULL)
		rows_text(r, " - ");
	rows_field(r, f->text);
}

int
render_contact(struct rows *r, const struct fields *f)
{
	switch (f->tag) {
	case EVENT_CONTACT:
		rows_text(r, mark(f));
		if (has(f, "kind", "room"))
			put_room(r, f);
		else
			put_contact(r, f);
		put_remarks(r, f);
		break;
	case EVENT_SESSION:
		put_session(r, f);
		break;
	case EVENT_SUBSCRIPTION:
		put_subscription(r, f);
		break;
	case EVENT_ROSTER:
		put_roster(r, f);
		break;
	default:
		return 0;
	}
	return 1;
}

int
render_contact_secret(const struct fields *f)
{
	if (has(f, "kind", "room") || has(f, "kind", "self") ||
	    fields_get(f, "role").p != NULL || has(f, "show", "offline"))
		return -1;
	return has(f, "enc", "otr");
}
