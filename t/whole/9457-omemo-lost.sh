#!/bin/sh
# OMEMO and a connection that is lost: a request for keys that was under way, a
# session of the stream that cannot be resumed and one that can, with what went
# and came meanwhile; copies, the archive and the history.
. "$(dirname "$0")/lib.sh"
. "$here/lib-omemo.sh"

# begin NAME [OPTION...]: one of ours, with OMEMO on once published does.
begin()
{
	name=$1
	shift
	start "$name" "$jackline" -ce -f "$dir/$name" "$@"
	say "$name" '/omemo publish'
}

published()
{
	for name; do
		wait_for "$dir/$name.out" "^ok.*your OMEMO keys are " ||
		    bail "$name has no OMEMO"
	done
}

# knows WHO JID COUNT: WHO has heard of so many devices of JID.
knows()
{
	looked=$((looked + 1))
	say "$1" "/label look$looked /with $2 /omemo info"
	wait_for "$dir/$1.out" "^ok.*label=look$looked\$" &&
	    [ "$(grep -c "^fingerprint.*active=yes.*label=look$looked\$" \
	        "$dir/$1.out")" -eq "$3" ]
}
looked=0

# seen WHO NAME PATTERN: WHO has such an event, in the end.
seen()
{
	ok "$kind: $2" wait_for "$dir/$1.out" "$3"
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

# A request that is lost with the connection is made again on the next one, by
# who only sends, too.
kind='prosody, -r'
server prosody EXTRA="plugin_paths = { \"$dir/modules\" }
VirtualHost \"localhost\"
modules_enabled = { \"lose\" }"
account alice
account bob
begin bob
begin alice
published bob alice
start beside "$jackline" -ce -f "$dir/alice" -r beside
say beside '/msg bob@localhost lost' '/msg bob@localhost in spite of that'
seen beside 'what waited for the keys is refused' \
    "^error.*bob@localhost.*cause=connection-lost"
seen bob 'the message goes on the next one' \
    "^message.*${tab}in spite of that${tab}enc=omemo"
for name in beside alice bob; do
	eof $name
	finish $name
done
server_down
rm -rf "$dir/alice" "$dir/bob" "$home"

# What is said while the connection of alice is lost, and resumed.
resumed()
{
	say proxy refuse rst
	seen alice 'the connection is lost' '^state.*waiting'
	say bob "/msg $A while away 1" "/label both /msg $A while away 2"
	seen bob 'the server has both' '^acked.*label=both'
	say alice '/msg bob@localhost/t from away'
	say proxy accept
	seen alice 'it is resumed' '^state.*online.*resumed=yes'
	seen alice 'what came is read' "^message.*${tab}while away 1${tab}enc=\
omemo${tab}trust=unverified${tab}src=live"
	seen alice 'and the next' "^message.*${tab}while away 2${tab}enc=omemo"
	seen bob 'what was written goes out' "^message.*${tab}from away$tab"
}

# The server gives the session up: the same stanzas go out again, and what
# comes back from the archive or from offline storage is read.
expired()
{
	say proxy silence
	wait_for "$dir/proxy.out" '^cut'
	say alice '/msg bob@localhost/t unheard 1' \
	    '/msg bob@localhost/t unheard 2'
	seen alice 'they are sent into nothing' "^sent.*${tab}unheard 2$tab"
	say proxy refuse
	say proxy rst
	seen bob 'the session is given up' \
	    "^presence.*$A$tab.*${tab}show=offline"
	say bob '/label kept /msg alice@localhost while nobody is there'
	seen bob 'the server keeps it' '^acked.*label=kept'
	say proxy accept
	seen alice 'another session begins' '^state.*online.*resumed=no'
	for i in 1 2; do
		seen bob "the message is read, $i" \
		    "^message.*${tab}unheard $i${tab}enc=omemo"
	done
	seen alice 'and so is what was kept' "^message.*${tab}while nobody is \
there${tab}enc=omemo${tab}trust=unverified${tab}src=offline"
	say alice '/msg bob@localhost/t heard'
	seen bob 'it goes on' "^message.*${tab}heard${tab}enc=omemo"
	is "$kind: each once" "$(field 4 message "$dir/bob.out" | sort |
	    uniq -d)" ''
}

# Another device of alice: copies of both sides, live and from the archive.
copied()
{
	say two '/label copies /carbons on'
	seen two 'carbons are on' '^ok.*label=copies'
	say alice '/msg bob@localhost/t a copy of ours'
	seen two 'what we send is copied' "^own.*bob@localhost${tab}a copy of \
ours${tab}enc=omemo${tab}trust=unverified.*${tab}via=carbon"
	say bob "/msg $A a copy of theirs"
	seen two 'what comes is for both' \
	    "^message.*bob@localhost/t${tab}a copy of theirs${tab}enc=omemo"
	eof two
	finish two
	say alice '/msg bob@localhost/t archived by us'
	say bob "/msg $A archived by them"
	seen alice 'the last' "^message.*${tab}archived by them$tab"
	seen bob 'of both' "^message.*${tab}archived by us$tab"
	start two "$jackline" -ce -f "$dir/two"
	say two '/replay all'
	seen two 'our own words from the archive' "^own.*${tab}archived by us\
${tab}enc=omemo.*${tab}via=archive"
	seen two 'and theirs' "^message.*${tab}archived by them${tab}enc=omemo\
.*${tab}via=archive"
	seen two 'the replay ends' '^replay.*state=done'
	is "$kind: what was read before is read no more" \
	    "$(grep -c "^message.*${tab}a copy of theirs$tab" "$dir/two.out")" 0
	eof two
	finish two
}

# The history tells OMEMO from OTR, and what arrived.
logged()
{
	say alice '/label past /with bob@localhost /history 50'
	seen alice 'the history ends' '^ok.*label=past'
	seen alice 'what came was encrypted by OMEMO' "^history.*${tab}while \
away 1${tab}dir=in${tab}enc=omemo"
	seen alice 'what went, too, and arrived' "^history.*${tab}from away\
${tab}dir=out${tab}enc=omemo${tab}received=yes"
}

# meet: alice behind a proxy, bob and, with `two`, another device of alice.
meet()
{
	direct=$c2s
	proxy proxy "$direct"
	c2s=$port
	account alice
	c2s=$direct
	account bob
	[ $# -eq 0 ] || make-config -p alice-pw "$dir/two" alice@localhost/two \
	    "$c2s" "$ca"
	for name in alice bob "$@"; do
		begin "$name"
	done
	published alice bob "$@"
	for name in alice bob "$@"; do
		wait_until knows "$name" alice@localhost $(($# + 1))
	done
	say alice '/with bob@localhost /log on' '/msg bob@localhost/t hello'
	seen bob 'they meet' "^message.*${tab}hello${tab}enc=omemo"
	say bob "/msg $A hello"
	seen alice 'both ways' "^message.*${tab}hello${tab}enc=omemo"
}

# part: all end, and nothing was unreadable.
part()
{
	eof alice
	finish alice
	"$jackline" --check -f "$dir/alice" >"$dir/check"
	is "$kind: --check" $? 0
	eof bob
	finish bob
	is "$kind: all was well" $? 0
	cat "$dir/alice.out" "$dir/bob.out" >"$dir/all"
	unlike "$kind: nothing was unreadable" "$dir/all" unreadable
	stop proxy
	server_down
	rm -rf "$dir/alice" "$dir/bob" "$dir/two" "$home"
}

A=alice@localhost/t
kind=prosody
server prosody FRIENDS='alice bob' 'EXTRA=smacks_hibernation_time = 1'
meet
expired
part
for kind in ${SERVERS:-prosody ejabberd}; do
	server "$kind" FRIENDS='alice bob'
	meet two
	resumed
	copied
	logged
	part
done
end
