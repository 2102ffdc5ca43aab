#!/bin/sh
# Hostile nicks, topics, statuses, reasons and invitations in rooms: what
# Prosody and ejabberd let through, and what only a server could say. Nothing
# is forged and nothing moved.
# shellcheck disable=SC2154 # what lib.sh sets
. "$(dirname "$0")/lib-room.sh"

# What would be an event if it began a line, in XML and in bytes.
evil='&lt;x/&gt;&#9;&#155;2J&#127;&#8238;&#10;ok&#9;2026-11-22T15:23:54.123Z'\
'&#9;boss@x&#9;pay&#9;line=1&#10;/go boss@x&#10;'
printf '<x/>\t\302\2332J\177\342\200\256\nok\t2026-11-22T15:23:54.123Z' \
    >"$dir/evil"
printf '\tboss@x\tpay\tline=1\n/go boss@x\n' >>"$dir/evil"
long=$(printf '%01023d' 0 | tr 0 n)

tags='hello state ok error info warning member room topic invite message
sent acked contact session failed presence'

# whole WHAT NAME: all lines are events, none of them forged.
whole()
{
	is "$1: whole lines" "$(awk -F '\t' 'NF < 4 ||
	    $2 !~ /^20[0-9-]+T[0-9:]+\.[0-9]+Z$/ || $3 == "" || $4 == "" ||
	    index(" " tags " ", " " $1 " ") == 0' tags="$(echo "$tags" |
	    tr '\n' ' ')" \
	    "$dir/$2.out")" ''
	is "$1: nothing controls" "$(tr -d '\n\t' <"$dir/$2.out" |
	    LC_ALL=C tr -cd '\000-\037\177' | wc -c)" 0
	unlike "$1: nor does a C1 or a bidi mark" "$dir/$2.out" \
	    "$(printf '\302\233|\342\200\256')"
	unlike "$1: nobody forges" "$dir/$2.out" \
	    "^[a-z]+${tab}[^$tab]*${tab}boss|${tab}line=1${tab}.*pay"
	like "$1: the longest nick" "$dir/$2.out" \
	    "^member$tab$at$room/$long$tab"
	like "$1: the active contact is who it was" "$dir/$2.out" \
	    "^contact$tab$at$room${tab}.*kind=room${tab}active=yes"
	is "$1: and the only one" "$(grep -c 'active=yes' "$dir/$2.out")" 1
}

# decodes WHAT NAME TAG COLUMN: such a column is the evil text, all of it.
decodes()
{
	field "$4" "$3" "$dir/$2.out" | grep -F 'boss' | head -n 1 |
	    tr -d '\n' | sed 's/^[a-z]*=//' | "$jackline" --unescape |
	    cmp - "$dir/evil"
	result $? "$1: $3 tells it as it is"
}

# What mallory does in the room, by `act TO XML`.
deeds()
{
	act "$room" "<message type='groupchat'><subject>$evil</subject>\
</message>"
	act "$room" "<message type='groupchat'><body>$evil</body></message>"
	for nick; do
		act "$room/$nick" '<presence/>'
		act "$room" "<message type='groupchat' id='$evil'>\
<body>as another</body></message>"
	done
	act "$room/alice" "<message type='chat'><body>$evil</body></message>"
	act "$room" "<message><x xmlns='$muc#user'><invite to='alice@localhost'\
><reason>$evil</reason></invite></x></message>"
	act alice@localhost/t "<message><x xmlns='jabber:x:conference' \
jid='cave@conference.localhost' reason='$evil' password='$evil'/></message>"
	act alice@localhost/t "<message><x xmlns='$muc#user'><invite \
from='boss@x'><reason>$evil</reason></invite></x></message>"
	act "$room" "<iq type='set' id='k'><query xmlns='$muc#admin'>\
<item nick='bob' role='none'><reason>$evil</reason></item></query></iq>"
	act "$room" "<message type='groupchat'><body>the last</body></message>"
}

# judge WHAT: what alice and bob have seen of it.
judge()
{
	ok "$1: all came" seen alice "room$tab$at$room/.*${tab}the last$tab"
	ok "$1: who is thrown out too" seen bob "warning$tab$at$room/bob\
${tab}was kicked by"
	say alice /contacts
	seen alice "ok$tab$at-$tab-${tab}line=[34]"
	whole "$1" alice
	decodes "$1" alice member 4
	decodes "$1" alice topic 4
	decodes "$1" alice room 4
	decodes "$1" alice message 4
	decodes "$1" alice invite 4
	unlike "$1: no invitation by who did not write it" "$dir/alice.out" \
	    "^invite$tab${at}boss"
	for who in alice bob; do
		say "$who" /quit
		finish "$who"
		is "$1: $who says good-bye" $? 0
	done
}

arrive()
{
	account alice -o ''
	account bob -o ''
	start alice "$jackline" -c -f "$dir/alice"
	start bob "$jackline" -c -f "$dir/bob"
	say bob "/join $room"
	seen bob "ok$tab$at$room$tab-${tab}line=1"
	say alice "/join $room" "/go $room"
	seen alice "ok$tab$at$room$tab-${tab}line=2"
}

prosody()
{
	crowd
	account carol -o ''
	start carol "$jackline" -ce -f "$dir/carol"
	act()
	{
		to=$(printf '%b' "$1" | od -An -v -tx1 | tr -d ' \n')
		printf '/msg people.localhost as %s %s\n' "$to" "$2" \
		    >"$dir/carol.in"
	}
	act "$room/mallory" "<presence><status>$evil</status>\
<x xmlns='$muc'/></presence>"
	seen carol "message$tab$at.*${tab}done"
	arrive
	deeds 'a\tb\nok\tc' 'a b' ' ' - '\\\\-' 'alice@localhost/t' \
	    '\0342\0200\0256gab' 'p\0302\0233\0177q' "$long" "${long}n" \
	    "$room" '\0314\0201mark' last
	judge prosody
	say carol /quit
	finish carol
	server_down
	rm -rf "$dir/alice" "$dir/bob"
}

ejabberd()
{
	server ejabberd
	start owner peer.py carol@localhost/peer carol-pw 127.0.0.1 \
	    "$c2s" "$ca"
	seen owner '.*"got": "online"'
	act()
	{
		say owner "$(printf '%s' "$2" |
		    sed "s|^<[a-z]*|& to='$1'|; s/\\\\/\\\\\\\\/g
			s/.*/{\"do\":\"raw\",\"xml\":\"&\"}/")"
	}
	act "$room/mallory" "<presence><status>$evil</status>\
<x xmlns='$muc'/></presence>"
	seen owner ".*$room/mallory"
	arrive
	# It ends the stream of who sends to what is no JID.
	deeds 'a b' - '\\-' 'alice@localhost/t' "$long" "$room" last
	judge ejabberd
	stop owner
	server_down
	rm -rf "$dir/alice" "$dir/bob"
}

# One that is in league with mallory.
enemy()
{
	x="<x xmlns='$muc#user'>"
	hostile enemy <<END
login alice@localhost/t
recv jabber:iq:roster
recv >
send <iq type='result' id='\\i'/>
recv <presence
recv to='$room/alice'
recv >
send <presence from='$room/$evil'>$x<item role='none'/></x></presence>
send <presence from='$room/$long'>$x<item/></x></presence>
send <presence from='$room/n$long'>$x<item/></x></presence>
send <presence from='$room/bob'><status>$evil</status>$x
send <item role='$evil' affiliation='$evil' jid='$evil'/><status code='$evil'/>
send <status code='110&#10;'/></x></presence>
send <presence from='$room/alice'>$x<item role='visitor'/>
send <status code='110'/><status code='100'/></x></presence>
send <message from='$room' type='groupchat'><subject>$evil</subject></message>
send <message from='$room/-' type='groupchat' id='$evil'><body>$evil</body>
send <delay xmlns='urn:xmpp:delay' stamp='$evil'/></message>
send <message from='$room/bob' type='chat'><body>$evil</body></message>
send <presence from='$room/bob' type='unavailable'>$x<item nick='$evil'
send  role='none'/><status code='303'/></x></presence>
send <message from='cave@conference.localhost'>$x<invite from='$evil'><reason>
send $evil</reason></invite><password>$evil</password></x></message>
send <message from='cave@conference.localhost'><x xmlns='jabber:x:conference'
send  jid='cave@conference.localhost' reason='$evil' password='$evil'/>
send </message>
send <message from='$room'>$x<decline from='$room/x'><reason>$evil</reason>
send </decline></x></message>
send <presence from='$room/alice' type='unavailable'>$x<item nick='$evil'
send  role='none'/><status code='303'/></x></presence>
send <message from='$room/bob' type='groupchat'><body>the last</body></message>
recv </stream:stream>
close
END
	account alice -o ''
	start alice "$jackline" -c -f "$dir/alice"
	say alice "/join $room" "/go $room"
	ok 'enemy: all came' seen alice "room$tab$at$room/.*${tab}the last$tab"
	say alice /contacts
	seen alice "ok$tab$at-$tab-${tab}line=3"
	whole enemy alice
	for tag in member topic room message; do
		decodes enemy alice "$tag" 4
	done
	decodes enemy alice invite 4
	decodes enemy alice invite 6
	is 'enemy: nicks that are none are told' \
	    "$(grep -c 'came from an invalid JID' "$dir/alice.out")" 2
	stop alice
}

prosody
ejabberd
enemy
end
