#include "line/tty/render_contact.h"

#include <string.h>

/* Returns the letter for SHOW that /status takes. */
static const char *
show_letter(struct field show)
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
has_value(const struct fields *f, const char *key, const char *value)
{
	return field_is(fields_get(f, key), value);
}

/* Adds ` (BEFORE VALUE AFTER)` if F has a value for KEY. */
static void
add_remark(struct rows *r, const struct fields *f, const char *key,
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

/* Returns whether the value of KEY is a number above the digit N. */
static int
is_above(const struct fields *f, const char *key, char n)
{
	struct field value = fields_get(f, key);

	return value.p != NULL && (value.n > 1 || *value.p > n);
}

/* Returns `*` if something is unread, `+` if F has more than is listed. */
static const char *
list_mark(const struct fields *f)
{
	if (is_above(f, "unread", '0'))
		return "*";
	if (has_value(f, "expanded", "yes"))
		return " ";
	return has_value(f, "kind", "room") || is_above(f, "sessions", '1')
		   ? "+"
		   : " ";
}

static void
put_contact(struct rows *r, const struct fields *f)
{
	static const char *const subs[][3] = {{"both", "[", "]"},
	    {"from", "F", "F"}, {"to", "T", "T"}, {"remove", "R", "R"}};
	const char *left = "?", *right = "?";
	size_t i;

	for (i = 0; i < sizeof subs / sizeof *subs; i++)
		if (has_value(f, "sub", subs[i][0])) {
			left = subs[i][1];
			right = subs[i][2];
		}
	if (has_value(f, "kind", "self")) {
		left = "{";
		right = "}";
	}
	rows_text(r, left);
	rows_text(r, show_letter(fields_get(f, "show")));
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

	rows_text(r, show_letter(fields_get(f, "show")));
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
	if (is_above(f, "unread", '0'))
		add_remark(r, f, "unread", "", " unread");
	if (has_value(f, "enc", "otr"))
		add_remark(r, f, "trust", "otr, ", "");
	if (has_value(f, "logging", "yes"))
		rows_text(r, " (logged)");
}

/* Returns the resource of PEER, or its bare JID if it has none. */
static struct field
resource_of(struct field peer)
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
	rows_text(r, show_letter(fields_get(f, "show")));
	if (role.p != NULL)
		rows_add(r, role.p, 1);
	rows_text(r, " ");
	rows_field(r, resource_of(f->peer));
	if (has_value(f, "best", "yes"))
		rows_text(r, " (best)");
	if (has_value(f, "active", "yes"))
		rows_text(r, " (active)");
	add_remark(r, f, "prio", "", "");
	add_remark(r, f, "receipts", "receipts ", "");
	if (!has_value(f, "affiliation", "none"))
		add_remark(r, f, "affiliation", "", "");
	add_remark(r, f, "jid", "", "");
	put_remarks(r, f);
	if (f->text.p != NULL)
		rows_text(r, " - ");
	rows_field(r, f->text);
}

static void
put_subscription(struct rows *r, const struct fields *f)
{
	static const char *const words[][2] = {
	    {"subscribe", "asks to see when you are online"},
	    {"subscribed", "lets you see their presence"},
	    {"unsubscribe", "gives up seeing your presence"},
	    {"unsubscribed", "does not let you see their presence"}};
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (has_value(f, "type", words[i][0]))
			rows_text(r, words[i][1]);
	if (f->text.p != NULL)
		rows_text(r, " - ");
	rows_field(r, f->text);
	if (!has_value(f, "type", "subscribe"))
		return;
	rows_text(r, "; /authorization allow ");
	rows_field(r, field_bare(f->peer));
	rows_text(r, " lets them, /authorization cancel ");
	rows_field(r, field_bare(f->peer));
	rows_text(r, " does not");
}

static void
put_roster(struct rows *r, const struct fields *f)
{
	static const char *const words[][2] = {
	    {"both", "is a contact: you see each other's presence"},
	    {"to", "is a contact: you see their presence, not they yours"},
	    {"from", "is a contact: they see your presence, not you theirs"},
	    {"none", "is a contact: you do not see each other's presence"},
	    {"remove", "is no longer a contact"}};
	struct field rest = f->rest, a;
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (has_value(f, "sub", words[i][0]))
			rows_text(r, words[i][1]);
	if (has_value(f, "pending", "yes"))
		rows_text(r, "; they have not answered yet");
	if (has_value(f, "approved", "yes"))
		rows_text(r, "; they may see yours as soon as they ask");
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
		rows_text(r, list_mark(f));
		if (has_value(f, "kind", "room"))
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
	if (has_value(f, "kind", "room") || has_value(f, "kind", "self") ||
	    fields_get(f, "role").p != NULL || has_value(f, "show", "offline"))
		return -1;
	return has_value(f, "enc", "otr") && !has_value(f, "trust", "revoked");
}
