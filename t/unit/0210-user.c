/* users/: all forms as the original sees them, rewritten byte for byte. */
#include "store/config.h"
#include "store/user.h"
#include "t/unit/expect.h"
#include "t/unit/tap.h"

#define MAX ((size_t)1 << 20)
#define KEY "28333E49545f6a75808b96a1acb7c2cdd8e3eef9"

static struct buf in, out, want, seen;

static void
list(const char *name, char *const *item, size_t count)
{
	size_t i;

	buf_addf(&seen, "%s=[", name);
	for (i = 0; i < count; i++) {
		if (i > 0)
			buf_adds(&seen, "; ");
		expect_quoted(&seen, item[i], strlen(item[i]));
	}
	buf_adds(&seen, "]");
}

static void
describe_key(const struct user_fingerprint *f)
{
	size_t i;

	buf_addf(&seen, "   fp \"%s\" ", f->data);
	if (f->trust == USER_UNVERIFIED)
		buf_adds(&seen, "Unverified");
	else if (f->trust == USER_REVOKED) {
		buf_adds(&seen, "Revoked ");
		expect_day(&seen, f->revoked);
	} else {
		buf_adds(&seen, "Verified [");
		for (i = 0; i < f->verified_count; i++) {
			buf_addf(&seen, "%s%s ", i > 0 ? "; " : "",
			    f->verified[i].how == USER_SMP ? "SMP" : "Manual");
			expect_day(&seen, f->verified[i].date);
		}
		buf_adds(&seen, "]");
	}
	buf_addf(&seen, " count=%lld ", (long long)f->sessions);
	list("res", f->resources, f->resource_count);
	buf_adds(&seen, " first=");
	expect_day(&seen, f->first);
	buf_adds(&seen, " last=");
	expect_day(&seen, f->last);
	buf_adds(&seen, "\n");
}

static void
describe_properties(const struct user *u)
{
	unsigned order = u->properties_order;

	buf_adds(&seen, " props=[");
	for (; order != 0; order >>= 3)
		buf_addf(&seen, "%s%s",
		    (order & 7) == 1 ? "pending" : "preapproved",
		    order > 7 ? "; " : "");
	buf_adds(&seen, "]");
}

static void
describe(const struct user *u)
{
	static const char *const sub[] = {"none",
	    "from (they see your presence updates)",
	    "to (you see their presence updates)", "both",
	    "removed from roster"};
	size_t i;

	if (u->kind == USER_ROOM) {
		buf_addf(&seen, "room \"%s\" nick=", u->jid);
		expect_quoted(&seen, u->nick, strlen(u->nick));
		buf_addf(&seen, " preserve=%s autojoin=%s password=",
		    u->preserve ? "true" : "false",
		    u->autojoin ? "true" : "false");
		expect_option(&seen, u->password);
		buf_adds(&seen, "\n");
		return;
	}
	buf_addf(&seen, "user \"%s\" name=", u->jid);
	expect_option(&seen, u->name);
	buf_adds(&seen, " ");
	list("groups", u->groups, u->group_count);
	buf_addf(&seen, " sub=%s", sub[u->subscription]);
	describe_properties(u);
	buf_addf(&seen, " preserve=%s custom=", u->preserve ? "true" : "false");
	if (u->has_custom) {
		buf_adds(&seen, "Some ");
		expect_otr(&seen, u->policies_order, u->versions_order);
	} else
		buf_adds(&seen, "None");
	buf_adds(&seen, "\n");
	for (i = 0; i < u->fingerprint_count; i++)
		describe_key(&u->fingerprints[i]);
}

static const char *const prefix[] = {"room ", "user ", "   fp ", NULL};

static void
test_directory(const char *name, const char *const files[])
{
	struct sexp_error e;
	struct user u;
	char path[128];
	int i;

	buf_reset(&seen);
	for (i = 0; files[i] != NULL; i++) {
		snprintf(
		    path, sizeof path, "t/samples/%s/users/%s", name, files[i]);
		file_read(path, &in);
		if (!ok(user_parse(&u, buf_data(&in), buf_len(&in), &e) == 0 &&
			    strcmp(u.jid, files[i]) == 0,
			"%s is read", files[i]))
			continue;
		describe(&u);
		buf_reset(&out);
		ok(user_print(&u, &out) == 0 && file_same(&in, &out),
		    "%s is printed as it was", files[i]);
		ok(user_is_kept(&u), "%s is kept", files[i]);
		user_clear(&u);
	}
	expect_lines(name, prefix, &want);
	ok(buf_len(&want) > 0 && expect_same(&seen, &want),
	    "%s: the values that the original sees", name);
}

static void
test_old(const char *name, int bad)
{
	struct sexp_error e = {0, 0, ""};
	struct user *users, u;
	char path[64];
	size_t count, i;

	snprintf(path, sizeof path, "t/samples/%s/users.sexp", name);
	file_read(path, &in);
	buf_reset(&seen);
	ok(user_parse_list(&users, &count, buf_data(&in), buf_len(&in), &e) ==
		bad,
	    "%s: %d records cannot be read", name, bad);
	if (bad > 0)
		ok(strcmp(e.why,
		       "expected a field (preserve_history ...) in here") == 0,
		    "%s: and it says why: %s", name, e.why);
	for (i = 0; i < count; i++) {
		describe(&users[i]);
		buf_reset(&out);
		user_print(&users[i], &out);
		ok(user_parse(&u, buf_data(&out), buf_len(&out), &e) == 0 &&
			strcmp(u.jid, users[i].jid) == 0,
		    "%s can be moved to a file of its own", users[i].jid);
		user_clear(&u);
		user_clear(&users[i]);
	}
	free(users);
	expect_lines(name, prefix, &want);
	ok(buf_len(&want) > 0 && expect_same(&seen, &want),
	    "%s: the values that the original sees", name);
}

static const char unknown[] =
    "(1\n ((name ()) (bare_jid (a b)) (groups ()) (preserve_history true)\n"
    "  (properties ()) (subscription Both)\n"
    "  (otr_fingerprints\n"
    "   (((data 28333e49545f6a75808b96a1acb7c2cdd8e3eef9) (verified "
    "Unverified)\n"
    "     (resources ()) (session_count 0) (first 0) (last 0) (seen \"a "
    "b\"))))\n"
    "  (otr_custom_config (((policies ()) (versions (V3)) (tag 1)))) lone\n"
    "  (pinned (x (y z))) (muted)))";

static void
test_unknown(void)
{
	struct sexp_error e = {0, 0, ""};
	struct user u;

	buf_reset(&out);
	ok(user_parse(&u, unknown, strlen(unknown), &e) == 0 &&
		user_print(&u, &out) == 0,
	    "fields that we do not know are no error");
	if (!ok(file_is(&out, unknown), "and survive where they belong"))
		printf("# %s\n%s\n", e.why, buf_str(&out));
	user_clear(&u);
}

static void
test_trust(void)
{
	struct user_fingerprint *f;
	struct user u;

	user_init(&u, USER_CONTACT, "a@b");
	ok(!user_is_kept(&u), "a contact with nothing to keep has no file");
	ok(user_fingerprint(&u, KEY) == NULL, "no key yet");
	f = user_use(&u, KEY, "pad", 1795362627);
	ok(u.fingerprint_count == 1 && f->sessions == 1 &&
		f->first == 1795305600 && f->last == 1795305600 &&
		f->trust == USER_UNVERIFIED && f->data[4] == '3' &&
		f->data[5] == 'e',
	    "a new one is noted, in lower case");
	f = user_use(&u, KEY, "phone", 1795362627 + 86400);
	ok(u.fingerprint_count == 1 && f->sessions == 2 &&
		f->resource_count == 2 &&
		strcmp(f->resources[0], "phone") == 0 &&
		f->first == 1795305600 && f->last == 1795305600 + 86400,
	    "used again from elsewhere");
	f = user_use(&u, KEY, "pad", 1795362627 + 86400);
	ok(f->resource_count == 2 && f->sessions == 3, "and from the first");
	ok(user_is_kept(&u) && !user_has_verified(&u, NULL),
	    "kept, not verified");
	user_verify(f, USER_SMP, 1795362627);
	user_verify(f, USER_SMP, 1795362628);
	user_verify(f, USER_MANUAL, 1795362627 + 86400);
	ok(f->trust == USER_VERIFIED && f->verified_count == 2 &&
		f->verified[0].how == USER_MANUAL &&
		f->verified[1].how == USER_SMP &&
		f->verified[1].date == 1795305600,
	    "verified twice, newest first");
	ok(user_has_verified(&u, NULL) && !user_has_verified(&u, KEY) &&
		user_has_verified(&u, "00"),
	    "so that another key is an error");
	f = user_use(&u, "00aa", NULL, 1795362627);
	ok(u.fingerprint_count == 2 && f == &u.fingerprints[0] &&
		f->resource_count == 0 && user_fingerprint(&u, KEY) == f + 1,
	    "a second key stands in front");
	f = user_fingerprint(&u, KEY);
	user_revoke(f, 1795362627);
	ok(f->trust == USER_REVOKED && f->revoked == 1795305600 &&
		!user_has_verified(&u, NULL),
	    "revoked");
	user_verify(f, USER_MANUAL, -1);
	ok(f->trust == USER_VERIFIED && f->verified_count == 1 &&
		f->verified[0].date == -86400,
	    "verified anew, and days before 1970");
	user_clear(&u);
}

/* A contact with ever new keys, resources and long names of them. */
static void
test_bounds(void)
{
	char key[41], resource[300];
	struct user_fingerprint *f;
	struct user u;
	size_t i;

	user_init(&u, USER_CONTACT, "eve@example.org");
	for (i = 0; i < 500; i++) {
		snprintf(key, sizeof key, "%040zx", i);
		snprintf(resource, sizeof resource, "r%zu", i);
		f = user_use(&u, key, resource, (int64_t)(i / 4) * 86400);
		if (i == 3)
			user_verify(f, USER_MANUAL, 0);
		if (i == 5)
			user_revoke(f, 0);
	}
	ok(u.fingerprint_count == USER_FINGERPRINTS + 2, "500 keys: %zu stay",
	    u.fingerprint_count);
	snprintf(key, sizeof key, "%040zx", (size_t)3);
	ok((f = user_fingerprint(&u, key)) != NULL && f->trust == USER_VERIFIED,
	    "the verified one with them");
	snprintf(key, sizeof key, "%040zx", (size_t)5);
	ok((f = user_fingerprint(&u, key)) != NULL && f->trust == USER_REVOKED,
	    "the revoked one, too");
	snprintf(key, sizeof key, "%040zx", (size_t)499 - USER_FINGERPRINTS);
	ok(user_fingerprint(&u, key) == NULL, "the oldest went");
	snprintf(key, sizeof key, "%040zx", (size_t)500 - USER_FINGERPRINTS);
	ok(user_fingerprint(&u, key) != NULL, "not the one behind it");
	/* If there are two keys, the one that is used stays. */
	for (i = 1000; i < 1100; i++) {
		user_use(&u, key, NULL, (int64_t)i * 86400);
		snprintf(resource, sizeof resource, "%040zx", i);
		user_use(&u, resource, NULL, (int64_t)i * 86400);
	}
	ok((f = user_fingerprint(&u, key)) != NULL, "what is used stays");
	for (i = 0; i < 500; i++) {
		snprintf(resource, sizeof resource, "r%zu", i);
		user_use(&u, key, resource, 0);
	}
	memset(resource, 'x', sizeof resource - 1);
	resource[sizeof resource - 1] = '\0';
	f = user_use(&u, key, resource, 0);
	ok(f->resource_count == USER_RESOURCES &&
		strcmp(f->resources[0], "r499") == 0 &&
		strcmp(f->resources[USER_RESOURCES - 1], "r492") == 0,
	    "of 500 resources the last, and none with a long name");
	buf_reset(&out);
	ok(user_print(&u, &out) == 0 && buf_len(&out) < 8192,
	    "the file is small: %zu bytes", buf_len(&out));
	user_clear(&u);
	/* A file of the original may hold more: none of them goes for good. */
	user_init(&u, USER_CONTACT, "eve@example.org");
	u.fingerprint_count = 100;
	u.fingerprints = buf_alloc(100 * sizeof *u.fingerprints);
	for (i = 0; i < 100; i++) {
		snprintf(key, sizeof key, "%040zx", i);
		u.fingerprints[i].data = buf_strdup(key);
	}
	user_use(&u, key, "r", 86400);
	ok(u.fingerprint_count == 100, "more are kept where there were");
	user_use(&u, "ff", "r", 86400);
	ok(u.fingerprint_count == 100 && user_fingerprint(&u, key) != NULL,
	    "but no more than there were");
	user_clear(&u);
}

static void
refuse(const char *text, const char *why)
{
	struct sexp_error e = {0, 0, ""};
	struct user u;

	if (!ok(user_parse(&u, text, strlen(text), &e) == -1 && e.line > 0 &&
		    strcmp(e.why, why) == 0 && u.jid == NULL,
		"%s", why))
		printf("# %d:%d %s\n", e.line, e.column, e.why);
	user_clear(&u);
}

static void
test_errors(void)
{
	refuse("(2 ())", "expected a whole number, 0 to 1");
	refuse("(1)", "expected (VERSION RECORD)");
	refuse("(1 ())", "expected a field (name ...) in here");
	refuse(
	    "(1 ((room_jid (a b))))", "expected a field (my_nick ...) in here");
	refuse("(1 ((room_jid a@b)))", "expected (user host)");
	refuse("(1 ((room_jid (a \"\"))))", "expected (user host) with a host");
	refuse("(1 ((name (a b c))))", "expected () or one value in brackets");
	refuse("(1 ((subscription both)))",
	    "expected None, From, To, Both or Remove");
	refuse("(1 ((otr_fingerprints (((verified Maybe))))))",
	    "expected Unverified, (Verified LIST) or (Revoked DATE)");
	refuse("(1 ((otr_fingerprints (((verified (Revoked x)))))))",
	    "expected a number");
	refuse(
	    "(1 ((name (\"\\000\"))))", "expected a word without a zero byte");
}

static void
test_cut(void)
{
	struct sexp_error e;
	struct user u;
	size_t n;
	int good = 0;

	file_read("t/samples/gen-full/users/alice@example.org", &in);
	for (n = 0; n < buf_len(&in); n++) {
		e.line = 0;
		good +=
		    user_parse(&u, buf_data(&in), n, &e) == -1 && e.line > 0;
		user_clear(&u);
	}
	ok((size_t)good == n, "cut at every byte it is refused");
}

int
main(void)
{
	static const char *const full[] = {"jackline@conference.example.org",
	    "plain@conference.example.org", "secret@conference.example.org",
	    "alice@example.org", "bob@example.org", "carol@example.org",
	    "erin@example.org", "frank@xn--bcher-kva.example", NULL};
	static const char *const live[] = {
	    "room1@conference.jl.test", "bob@jl.test", NULL};

	buf_init(&in, MAX);
	buf_init(&out, MAX);
	buf_init(&want, MAX);
	buf_init(&seen, MAX);
	test_directory("gen-full", full);
	test_directory("live-alice", live);
	test_old("legacy-v0", 1);
	test_old("legacy-v2", 0);
	test_unknown();
	test_trust();
	test_bounds();
	test_errors();
	test_cut();
	buf_clear(&in);
	buf_clear(&out);
	buf_clear(&want);
	buf_clear(&seen);
	return tap_done();
}
