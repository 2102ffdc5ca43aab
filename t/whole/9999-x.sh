#!/bin/sh
# OMEMO and a connection that is lost: a request for keys that was under way, a
# session of the stream that cannot be resumed and one that can, with what went
# and came meanwhile; copies, the archive and the history.
. "$(dirname "$0")/lib.sh"

case ${BUILD-} in
*no-omemo*) skip_all 'built without OMEMO' ;;
esac

# one_of_us NAME [OPTION...]: online and with OMEMO on.
one_of_us()
{
	name=$1
	shift
	start "$name" "$jackline" -ce -f "$dir/$name" "$@"
	wait_for "$dir/$name.out" '^ok'
	say "$name" '/omemo publish'
	wait_for "$dir/$name.out" "^ok.*${tab}line=1\$"
}

# Prosody loses the first request for a bundle together with the connection.
mkdir -p "$dir/modules"
chmod 755 "$dir/modules"
cat >"$dir/modules/mod_lose.lua" <<'END'
local lost = false;
module:hook("iq/bare", function (event)
	local get = event.stanza:get_child("pubsub",
	    "http://jabber.org/protocol/pubsub");
	local items = get and get:get_child("items");
	if lost or event.stanza.attr.type ~= "get" or not items or
	    not items.attr.node:find("bundles:", 1, true) then
		return;
	end
	lost = true;
	event.origin:close();
	return true;
end, 1000);
END

# A request that is lost with the connection is made again on the next one.
for beside in ""; do
	server prosody EXTRA="plugin_paths = { \"$dir/modules\" }
VirtualHost \"localhost\"
modules_enabled = { \"lose\" }"
	account alice
	account bob
	one_of_us bob
	start alice "$jackline" -c -d "$dir/alice.log" -f "$dir/alice"
	wait_for "$dir/alice.out" '^ok'
	say alice '/omemo publish'
	wait_for "$dir/alice.out" "^ok.*${tab}line=1\$"
	if [ -n "$beside" ]; then
		eof alice
		finish alice
		# shellcheck disable=SC2086 # two words
		start alice "$jackline" -c -d "$dir/alice.log" -f "$dir/alice" $beside
	fi
	say alice '/msg bob@localhost in spite of that'
	ok "${beside:-alone}: the connection was lost" wait_for \
	    "$dir/alice.out" '^state.*waiting'
	ok "${beside:-alone}: the message goes on the next one" wait_for \
	    "$dir/bob.out" "^message.*${tab}in spite of that${tab}enc=omemo"
	eof alice
	finish alice
	is "${beside:-alone}: all was well" $? 0
	eof bob
	finish bob
	server_down
	rm -rf "$dir/alice" "$dir/bob"
done
end
