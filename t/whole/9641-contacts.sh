#!/bin/sh
# Contacts on both servers, the other side being a client that is not ours:
# who is asked and who allows, presence of several sessions with priorities,
# names and groups set by another client, and everybody removed again. What is
# hostile is in the names, groups, states and resources.
# shellcheck disable=SC2154 # what lib.sh sets
. "$(dirname "$0")/lib-otr.sh"

bob=bob@localhost

# peer NAME JID: a client that is not ours, online.
peer()
{
	run "$1" peer.py "$2" "${2%%@*}-pw" 127.0.0.1 "$c2s" "$ca"
	wait_for "$dir/$1.out" '"got": "online"' || bail "no $1"
}

# does WHO VERB=VALUE...: JSON for it; values hold no quotes.
does()
{
	who=$1 json="{\"do\":\"$2\""
	shift 2
	for pair in "$@"; do
		json="$json,\"${pair%%=*}\":\"${pair#*=}\""
	done
	say "$who" "$json}"
}

# A contact with a record and not in the roster.
keep_zed()
{
	mkdir -p "$dir/alice/users"
	printf '%s' '(1 ((name (Zed)) (bare_jid (zed localhost)) (groups (Old))
 (preserve_history true) (properties ()) (subscription Both)
 (otr_fingerprints ()) (otr_custom_config ())))' \
	    >"$dir/alice/users/zed@localhost"
	chmod 700 "$dir/alice/users"
	chmod 600 "$dir/alice/users/zed@localhost"
}

# From nothing to both.
subscribing()
{
	run alice "$jackline" -f "$dir/alice"
	say alice '/contacts all' /connect '/contacts all'
	sees "$kind: offline, a record is what it was" alice \
	    '^contact~.*~zed@localhost~Zed~show=offline~sub=both~'
	sees "$kind: online" alice '^ok~.*~line=2'
	sees "$kind: we are listed too" alice \
	    '^contact~.*~alice@localhost~-~show=online~.*~kind=self'
	sees "$kind: a record alone is none of the roster" alice \
	    '^contact~.*~zed@localhost~Zed~show=offline~sub=none~.*logging=yes'
	peer bob1 "$bob/one"
	does bob1 presence priority=5
	say alice "/add $bob/one"
	sees "$kind: /add" alice "^roster~.*~$bob~-~sub=none~pending=yes"
	ok "$kind: is answered" wait_for "$dir/alice.out" \
	    "^ok${tab}[^$tab]*$tab$bob$tab-${tab}line=4"
	ok "$kind: and they are asked" wait_for "$dir/bob1.out" \
	    '"from": "alice@localhost", "type": "subscribe"'
	say alice "/with $bob /info"
	sees "$kind: /info: it is pending" alice \
	    "^info~.*~$bob~your request .* waits~line=5"
	does bob1 presence to=alice@localhost type=subscribed
	sees "$kind: they allow it" alice "^roster~.*~$bob~-~sub=to$|\
^subscription~.*~$bob~-~type=subscribed"
	sees "$kind: and are there" alice \
	    "^presence~.*~$bob/one~-~show=online~was=offline~prio=5"
	say bob1 '{"do":"presence","to":"alice@localhost","type":"subscribe",'\
'"status":"me\u0009too\u000a"}'
	sees "$kind: they ask" alice \
	    "^subscription~.*~$bob~me.*~type=subscribe$"
	say alice '/msg bob@localhost/one sync'
	wait_for "$dir/bob1.out" '"body": "sync"'
	unlike "$kind: nothing answers but the user" "$dir/bob1.out" \
	    '"from": "alice@localhost", "type": "subscribed"'
	say alice "/authorization allow $bob/one"
	sees "$kind: who does" alice "^roster~.*~$bob~-~sub=both$"
	ok "$kind: they are told" wait_for "$dir/bob1.out" \
	    '"from": "alice@localhost", "type": "subscribed"'
	ok "$kind: and see us" wait_for "$dir/bob1.out" \
	    '"from": "alice@localhost/t", "type": "available"'
}

# Several sessions of one contact.
sessions()
{
	peer bob2 "$bob/t w\"o<&> \\☃="
	two="$bob/t\\\\sw\"o<&>\\\\s\\\\\\\\☃="
	sees "$kind: a second session" alice \
	    "^presence~.*~$two~-~show=online~was=offline~prio=0"
	say bob2 '{"do":"presence","show":"xa","priority":-5,'\
'"status":"x\u0009y\u000astate\u0009-\u202e"}'
	sees "$kind: its state, in one line" alice "^presence~.*~$two\
~x.*state.*-\\\\u.202e.~show=xa~was=online~prio=-5"
	say alice "/go $bob" /info 'to the best'
	sees "$kind: the best shows" alice \
	    "^contact~.*~$bob~-~show=online~sub=both~unread=0~.*sessions=2"
	sees "$kind: one session" alice \
	    "^session~.*~$bob/one~-~show=online~prio=5~.*best=yes"
	sees "$kind: the other" alice "^session~.*~$two~x.*~show=xa~prio=-5"
	sees "$kind: text goes to the best" alice \
	    "^sent~.*~$bob/one~to the best~"
	ok "$kind: and comes there" wait_for "$dir/bob1.out" \
	    '"body": "to the best"'
	does bob2 message to=alice@localhost/t body=elsewhere
	sees "$kind: the other writes" alice "^message~.*~$two~elsewhere~"
	say alice 'back' 'again'
	sees "$kind: a warning" alice \
	    "^warning~.*~$bob/one~this goes to another"
	sees "$kind: before the message" alice "^sent~.*~$bob/one~back~"
	sees "$kind: once" alice "^sent~.*~$bob/one~again~"
	is "$kind: only" "$(grep -c 'this goes to another' \
	    "$dir/alice.out")" 1
	say alice "/msg $(last message alice | cut -f3) and there"
	ok "$kind: a PEER is a JID for commands" wait_for "$dir/bob2.out" \
	    '"body": "and there"'
	does bob1 presence show=dnd
	sees "$kind: without a priority" alice \
	    "^presence~.*~$bob/one~-~show=dnd~was=online~prio=0"
	say bob2 '{"do":"presence","show":"away","priority":0}'
	sees "$kind: the same for the other" alice \
	    "^presence~.*~$two~-~show=away~was=xa~prio=0"
	say alice 'to who is away'
	sees "$kind: away is nearer than dnd" alice \
	    "^sent~.*~$two~to who is away~"
	say alice /expand 'to all'
	sees "$kind: /expand" alice "^session~.*~$two~.*best=yes"
	sees "$kind: text goes to the bare JID" alice "^sent~.*~$bob~to all~"
	say alice /expand
	stop bob2
	sees "$kind: one is gone" alice \
	    "^presence~.*~$two~.*~show=offline~was=away"
}

# Another client of ours has its say on the roster.
elsewhere()
{
	peer other alice@localhost/other
	ns=jabber:iq:roster
	sees "$kind: our other session" alice \
	    '^presence~.*~alice@localhost/other~-~show=online'
	does other raw "xml=<iq type='set' id='n'><query xmlns='$ns'><item\
 jid='$bob' name='B&#9;ob&#10;sub=none &#x202e;'><group>A B=</group><group>C\
</group></item></query></iq>"
	sees "$kind: a name and groups" alice "^roster~.*~$bob~B.{1,2}ob\
.{1,2}sub=none .u.202e.~sub=both~(group=A.sB=~group=C|group=C~group=A.sB=)$"
	say alice "/with $bob /info"
	sees "$kind: /info tells them" alice \
	    "^contact~.*~$bob~B.{1,2}ob.{1,2}sub=none "
	sees "$kind: group by group" alice "^info~.*~$bob~in a group~.*group="
	sees "$kind: each" alice "^info~.*~$bob~in a group~.*group="
	does other raw "xml=<iq type='set' id='m'><query xmlns='$ns'><item\
 jid='$bob' name='Bob'/></query></iq>"
	sees "$kind: another name, no groups" alice \
	    "^roster~.*~$bob~Bob~sub=both$"
	say alice "/add $bob"
	sees "$kind: /add takes no name away" alice \
	    "^ok~.*~$bob~is in the roster; asked again~"
}

# One after the other takes it back.
removing()
{
	does bob1 raw "xml=<iq type='set' id='r'><query xmlns='$ns'>\
<item jid='alice@localhost' subscription='remove'/></query></iq>"
	sees "$kind: they remove us" alice "^roster~.*~$bob~Bob~sub=none$"
	like "$kind: and say so" "$dir/alice.out" \
	    "^subscription.*$bob$tab-${tab}type=unsubscribed"
	say alice "/authorization request $bob"
	sees "$kind: asked anew" alice \
	    "^roster~.*~$bob~Bob~sub=none~pending=yes"
	ok "$kind: they are" wait_for "$dir/bob1.out" \
	    '"from": "alice@localhost", "type": "subscribe"'
	does bob1 presence to=alice@localhost type=unsubscribed
	sees "$kind: and refuse" alice "^roster~.*~$bob~Bob~sub=none$"
	say alice '/authorization allow carol@localhost'
	peer carol carol@localhost/c
	does carol presence to=alice@localhost type=subscribe
	sees "$kind: a stranger asks, or was approved" alice \
	    '^subscription~.*~carol@localhost~-~type=subscribe$|'\
'^roster~.*~carol@localhost~-~sub=from'
	say alice '/authorization cancel carol@localhost'
	ok "$kind: /authorization cancel" wait_for "$dir/carol.out" \
	    '"from": "alice@localhost", "type": "unsubscribed"'
	does other raw "xml=<iq type='set' id='o'><query xmlns='$ns'>\
<item jid='$bob' subscription='remove'/></query></iq>"
	sees "$kind: removed by our other client" alice \
	    "^roster~.*~$bob~.*~sub=remove$"
	say alice "/with $bob /remove" "/add $bob" \
	    "/label last /with $bob /remove"
	sees "$kind: not there to be removed" alice \
	    "^(error~.*~$bob~.*~cause=item-not-found|ok~.*~$bob)"
	sees "$kind: added again" alice "^roster~.*~$bob~-~sub=none~pending=yes"
	sees "$kind: and removed" alice "^roster~.*~$bob~.*~sub=remove$"
	ok "$kind: as the answer says" wait_for "$dir/alice.out" \
	    "^ok${tab}[^$tab]*$tab$bob$tab-${tab}line=[0-9]*${tab}label=last"
	say alice '/contacts all'
	sees "$kind: with whom we talked is listed" alice \
	    "^contact~.*~$bob~-~show=offline~sub=none~"
	for name in bob1 other carol alice; do
		stop "$name"
	done
}

for kind in prosody ejabberd; do
	server "$kind"
	account alice -o ''
	keep_zed
	subscribing
	sessions
	elsewhere
	removing
	server_down
	rm -rf "$dir/alice"
done

end
