#!/bin/sh
# OMEMO and a server that refuses what we publish or ask for of ours, whatever
# it says: it is told, the line is answered, nothing is repeated without end,
# and the next login makes up for it.
. "$(dirname "$0")/lib.sh"
. "$here/lib-omemo.sh"

# Prosody answers by the error that the file REQUEST-NODE holds, where there is
# one, as if all was well if it says so, or never; and writes down each request.
mkdir -p "$dir/modules" "$dir/orders"
chmod 755 "$dir/modules" "$dir/orders"
cat >"$dir/modules/mod_refuse.lua" <<END
local st = require "util.stanza";

module:hook("iq/bare", function (event)
	local pubsub = event.stanza.tags[1];
	local what = pubsub and pubsub.tags[1];
	local node = what and what.attr.node;
	if not node or not node:find("axolotl", 1, true) then return; end
	local word = what.name .. (node:find("bundles", 1, true) and "-bundle"
	    or "-list");
	local log = io.open("$dir/orders/log", "a");
	log:write(word, "\n");
	log:close();
	local order = io.open("$dir/orders/" .. word);
	if not order then return; end
	local condition = order:read("*l");
	order:close();
	if condition == "silence" then return true; end
	event.origin.send(condition == "well" and st.reply(event.stanza) or
	    st.error_reply(event.stanza, "cancel", condition));
	return true;
end, 1000);
END

# alice_up [NAME=VALUE...]: a new run, which switches OMEMO on.
alice_up()
{
	: >"$dir/orders/log"
	chmod 666 "$dir/orders/log"
	start alice env "$@" "$jackline" -ck -f "$dir/alice"
	wait_for "$dir/alice.out" '^ok'
	say alice '/label made /omemo publish'
}

# refuse CONDITION WORD...: from now on these requests get it.
refuse()
{
	condition=$1
	shift
	for word; do
		echo "$condition" >"$dir/orders/$word"
	done
}

# told CONDITION: a warning and the answer of the line have it.
told()
{
	ok "$1: the line is answered" wait_for "$dir/alice.out" \
	    "^error.*cause=$1${tab}label=made"
	like "$1: there is a warning" "$dir/alice.out" \
	    "^warning.*alice@localhost${tab}.*OMEMO.*cause=$1"
}

# asked WORD: so often it was requested in this run.
asked()
{
	grep -c "^$1\$" "$dir/orders/log"
}

# makes_up NAME: the next login publishes both by itself.
makes_up()
{
	stop alice
	rm -f "$dir/orders"/*-*
	: >"$dir/orders/log"
	start alice "$jackline" -ck -f "$dir/alice"
	for word in publish-bundle publish-list; do
		ok "$1: $word at the next login" wait_for "$dir/orders/log" \
		    "^$word\$"
	done
	stop alice
	rm -rf "$dir/alice"
	account alice
}

server prosody EXTRA="plugin_paths = { \"$dir/modules\" }
VirtualHost \"localhost\"
modules_enabled = { \"refuse\" }"
account alice

# Without our list there is no number for our device.
refuse internal-server-error items-list
alice_up
told internal-server-error
is 'nothing is published without the list' \
    "$(asked publish-list)$(asked publish-bundle)" 00
rm "$dir/orders/items-list"
say alice '/label again /omemo publish' '/label own /omemo info'
ok 'asked again, it is published' wait_for "$dir/alice.out" '^ok.*label=again'
ok 'with a number' wait_for "$dir/alice.out" \
    "^fingerprint.*device=[1-9][0-9]*.*label=own"
stop alice
rm -rf "$dir/alice"
account alice

# What cannot be published is told at once.
refuse policy-violation publish-list publish-bundle
alice_up
told policy-violation
makes_up policy-violation

# Other settings are changed, a few times, and not if that is refused.
refuse conflict publish-list publish-bundle
refuse well configure-list configure-bundle
alice_up
told conflict
ok 'conflict: a bounded number of times' [ "$(asked publish-bundle)" -le 8 ]
ok 'conflict: the settings, too' [ "$(asked configure-bundle)" -ge 1 ]
makes_up conflict
refuse conflict publish-list publish-bundle
refuse not-allowed configure-bundle configure-list
alice_up
told not-allowed
is 'not-allowed: once' "$(asked publish-bundle)" 1
makes_up not-allowed

# As ejabberd says while another client makes the node.
refuse item-not-found publish-list publish-bundle
alice_up
told item-not-found
ok 'item-not-found: a bounded number of times' \
    [ "$(asked publish-bundle)" -le 8 ]
makes_up item-not-found

# What is never answered holds a line for 30 s, which pass soon while there is a
# file for it, and no further one.
account bob
start bob "$jackline" -ck -f "$dir/bob"
say bob '/omemo publish'
wait_for "$dir/bob.out" "^ok.*${tab}line=1\$"
alice_up LD_PRELOAD="$build/t/preload/skip.so" QUIET=2000 \
    QUIET_IF="$dir/orders/soon"
wait_for "$dir/alice.out" '^ok.*label=made'
refuse silence items-list
: >"$dir/orders/soon"
say alice '/label l1 /msg bob@localhost no list'
ok 'no list: timeout' wait_for "$dir/alice.out" \
    "^error.*bob@localhost.*cause=timeout${tab}label=l1"
rm "$dir/orders/items-list" "$dir/orders/soon"
refuse silence items-bundle
: >"$dir/orders/soon"
say alice '/label l2 /msg bob@localhost no keys'
ok 'no keys: timeout' wait_for "$dir/alice.out" \
    "^error.*bob@localhost.*cause=timeout${tab}label=l2"
rm "$dir/orders/soon"
say alice '/label l3 /msg bob@localhost without keys'
ok 'no keys: refused at once' wait_for "$dir/alice.out" \
    "^error.*bob@localhost.*cause=policy${tab}label=l3"
rm "$dir/orders/items-bundle"
say alice /disconnect /connect '/msg bob@localhost with keys'
ok 'on the next connection it is encrypted' wait_for "$dir/bob.out" \
    "^message.*${tab}with keys${tab}enc=omemo"
unlike 'nothing else arrived' "$dir/bob.out" '(no list|no keys|without keys)'
stop alice
stop bob
server_down
end
