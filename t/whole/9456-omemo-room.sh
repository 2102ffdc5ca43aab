#!/bin/sh
# OMEMO in a room that only members enter and that shows who they are, with a
# foreign client; and a room that is neither, which is refused.
. "$(dirname "$0")/lib.sh"
. "$here/lib-omemo.sh"

room=quiet@conference.localhost

# configure_room: bob makes the room, for members, who are alice and bob.
configure_room()
{
	owner=http://jabber.org/protocol/muc#owner
	admin=http://jabber.org/protocol/muc#admin
	muc=http://jabber.org/protocol/muc
	set -- "<field var='FORM_TYPE'><value>$muc#roomconfig</value></field>"
	for field in membersonly=1 whois=anyone persistentroom=1; do
		set -- "$1<field var='muc#roomconfig_${field%=*}'>\
<value>${field#*=}</value></field>"
	done
	iq="{\"do\":\"iq\",\"type\":\"set\",\"to\":\"$room\",\"xml\":\"<query"
	form="<x xmlns='jabber:x:data' type='submit'>$1</x>"
	say bob "$iq xmlns='$owner'>$form</query>\"}"
	for member in alice carol; do
		say bob "$iq xmlns='$admin'><item affiliation='member' \
jid='$member@localhost'/></query>\"}"
	done
	wait_until more bob '"got": "iq"' 3
}

# more NAME PATTERN COUNT: so many lines of NAME match.
more()
{
	[ "$(grep -cE -e "$2" "$dir/$1.out")" -ge "$3" ]
}

for kind in ${SERVERS:-prosody ejabberd}; do
	server "$kind" FRIENDS='alice bob'
	account alice
	rm -f "$dir/bob.state"
	foreign bob bob@localhost/peer bob.state
	say bob "{\"do\":\"join\",\"room\":\"$room\",\"nick\":\"bob\"}"
	wait_for "$dir/bob.out" '"do": "join"'
	configure_room
	start alice "$jackline" -ck -f "$dir/alice"
	wait_for "$dir/alice.out" '^ok'
	say alice '/omemo publish' "/join $room/alice" "/go $room" \
	    '/encryption omemo' 'for members'
	ok "$kind: sent" wait_for "$dir/alice.out" \
	    "^sent.*${tab}for members${tab}.*enc=omemo"
	ok "$kind: the other member reads it" wait_for "$dir/bob.out" \
	    '"text": "for members", "type": "groupchat"'
	ok "$kind: we see it ourselves" wait_for "$dir/alice.out" \
	    "^room.*${tab}for members${tab}mine=yes.*enc=omemo"
	ok "$kind: and know its fate" wait_for "$dir/alice.out" '^acked'
	ok "$kind: a member without devices is named" wait_for \
	    "$dir/alice.out" "^warning.*carol@localhost has no OMEMO device"
	say alice 'again'
	ok "$kind: another" wait_for "$dir/bob.out" '"text": "again"'
	is "$kind: who is named once" "$(grep -c 'carol@localhost has no' \
	    "$dir/alice.out")" 1
	say bob "{\"do\":\"room\",\"to\":\"$room\",\"text\":\"well said\",\
\"members\":[\"alice@localhost\"]}"
	ok "$kind: theirs is read" wait_for "$dir/alice.out" \
	    "^room.*$room/bob${tab}well said${tab}mine=no.*enc=omemo"
	unlike "$kind: nothing in the clear" "$dir/bob.out" \
	    '"got": "plain".*(for members|again)'
	said=$(field 6 sent "$dir/alice.out" | sed -n '$s/id=//p')
	say alice '/correct again, mended'
	ok "$kind: a correction is encrypted, too, and names what we said" \
	    wait_for "$dir/bob.out" "\"replaces\": \"$said\",.*\
\"text\": \"again, mended\""
	ok "$kind: so we show it" wait_for "$dir/alice.out" "^room.*\
${tab}again, mended${tab}mine=yes.*${tab}replaces=$said($tab|\$)"
	theirs=$(sed -n 's/.*"got": "sent", "id": "\([^"]*\)".*/\1/p' \
	    "$dir/bob.out" | tail -n 1)
	say bob "{\"do\":\"room\",\"to\":\"$room\",\"replaces\":\"$theirs\",\
\"text\":\"well mended\",\"members\":[\"alice@localhost\"]}"
	ok "$kind: theirs is one" wait_for "$dir/alice.out" "^room.*$room/bob\
${tab}well mended${tab}mine=no.*${tab}replaces=$theirs($tab|\$)"
	say alice '/encryption omemo verified' 'for the verified'
	ok "$kind: no key is verified" wait_for "$dir/alice.out" \
	    "^error.*${tab}line=9${tab}cause=policy"
	say alice "/with bob@localhost /fingerprint $(sed -n \
	    's/.*"fp": "\([0-9a-f]*\)", "got": "online".*/\1/p' \
	    "$dir/bob.out")" 'now verified'
	ok "$kind: then one is" wait_for "$dir/bob.out" '"text": "now verified"'
	unlike "$kind: nothing before" "$dir/bob.out" 'for the verified'
	say alice '/join open@conference.localhost/alice' \
	    '/go open@conference.localhost' '/encryption omemo' 'for nobody'
	ok "$kind: a room for everybody is refused" wait_for \
	    "$dir/alice.out" "^error.*members enter.*; /with \
open@conference.localhost /encryption none .*cause=policy"
	stop alice
	printf '(1 (x))' >"$dir/alice/omemo/open@conference.localhost"
	chmod 600 "$dir/alice/omemo/open@conference.localhost"
	start alice "$jackline" -ck -f "$dir/alice"
	say alice '/join open@conference.localhost/alice' \
	    '/msg open@conference.localhost in the clear?'
	ok "$kind: a damaged record allows no clear text" wait_for \
	    "$dir/alice.out" "^error.*record of this room in omemo/ is \
damaged.*line=2${tab}cause=policy"
	stop alice
	stop bob
	server_down
	rm -rf "$dir/alice"
done
end
