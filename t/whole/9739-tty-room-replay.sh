#!/bin/sh
# At a terminal, what was said in a room while we were away: after a restart and
# after a lost session it is there once, in order; our own lines, from another
# client, are ours; of a room that is not active only what names us is shown.
# It is unread, but for what comes before our own words on another client.
. "$(dirname "$0")/lib-tty.sh"

room=den@conference.localhost
hall=hall@conference.localhost
TZ=UTC
export TZ

# entered WHO ROOM: WHO is in ROOM.
entered()
{
	wait_for "$dir/$1.out" "^topic$tab.*$tab$2" ||
	    bail "$1 does not enter $2"
}

# said WHO ROOM TEXT: WHO says TEXT in ROOM, which shows it.
said()
{
	say "$1" "/msg $2 $3"
	wait_for "$dir/$1.out" \
	    "^room$tab.*$tab$2/[a-z]*$tab$3${tab}mine=yes" ||
	    bail "$1 does not say $3"
}

# gone N: our phone was told N times that alice is not there any more.
gone()
{
	[ "$(grep -c "^presence$tab.*${tab}alice@$domain/t$tab.*show=offline" \
	    "$dir/phone.out")" -ge "$1" ]
}

# block PATTERN: the rows from that one on, without their times, the prompt and
# when a line was said.
block()
{
	rows | sed -n "/$1/,\$p" | sed '$d; s/^[0-9:]\{8\} //
	    s/ ([0-9:]\{8\})$//'
}

for kind in prosody ejabberd; do
	# No session is resumed.
	server $kind ROOM_MAM=1 SMACKS=0 FRIENDS='alice bob'
	rm -rf "$dir/alice" "$dir/bob" "$dir/phone"
	proxy proxy "$c2s"
	say proxy calm
	own=$c2s
	c2s=$port account alice -o ''
	c2s=$own
	account bob -o ''
	make-config -o '' -p alice-pw "$dir/phone" "alice@$domain/phone" \
	    "$c2s" "$ca"
	sed -i '$s/)$/ (carbons true) (archive true))/' \
	    "$dir/alice/config.sexp"
	for who in bob phone; do
		start $who "$jackline" -ck -f "$dir/$who" --no-rooms
	done
	say bob "/join $room/bob" "/join $hall/bob"
	entered bob $room
	entered bob $hall
	say phone "/join $room/alice" "/join $hall/alice"
	entered phone $room
	entered phone $hall
	tty_shell 100
	run -f "$dir/alice" -c
	sees "$kind: online" 'bob@localhost.* is online'
	keys "/join $hall/alice" Enter
	sees "$kind: in the first room" "$hall . you are in this room"
	keys "/join $room/alice" Enter
	sees "$kind: in the second" "$room . you are in this room"
	keys "/go $room" Enter
	ends "$kind: which is active" "^$room .*> *$"
	said bob $room 'live'
	sees "$kind: a live line" '<-- bob: live$'
	keys '/quit' Enter
	same "$kind: quit"

	# The one room is active then, the other has our answer.
	said bob $room 'missed one'
	said phone $room 'ours by phone'
	said bob $room 'missed two, alice'
	said bob $hall 'hall one'
	said bob $hall 'alice, hall two'
	said phone $hall 'answered'
	said bob $hall 'hall three'
	run -f "$dir/alice" -c -g $room
	sees "$kind: all is read" "$room, since you left"
	sees "$kind: of the other, too" "$hall, since you left"
	is "$kind: once, in order, ours is ours" "$(block 'missed one' |
	    grep -v "hall@\|online")" \
"<-- bob: missed one
--> alice: ours by phone
<-- bob: missed two, alice
* $room, since you left: 2 lines, 1 of them names you"
	is "$kind: of the other what names us" "$(rows |
	    grep 'hall@.*\(<--\|, since\)' |
	    sed 's/^[0-9:]* //; s/ ([0-9:]*)$//')" \
"$hall <-- bob: alice, hall two
* $hall, since you left: 3 lines, 1 of them names you"
	keys /contacts Enter
	sees "$kind: unread is what was said behind our answer" \
	    "\*o(.*) $hall.*(1 unread)"
	keys "/go $hall" Enter
	sees "$kind: all of it is there" '<-- bob: hall three'
	is "$kind: once" "$(rows | grep -c '<-- bob: hall one')" 1
	keys "/go $room" Enter
	ends "$kind: back" "^$room .*> *$"

	# A lost connection.
	keys C-z
	ends "$kind: stopped" '^sh> *$'
	say proxy rst
	wait_until gone 2 || bail 'it is not cut'
	said bob $room 'cut one'
	said phone $room 'ours again'
	said bob $hall 'alice: cut two'
	said bob $room 'cut three'
	keys fg Enter
	sees "$kind: back again" "$hall, since the connection was lost"
	sees "$kind: in both" "$room, since the connection was lost"
	is "$kind: what was said meanwhile" "$(block 'cut one' |
	    grep -v "hall@\|online")" \
"<-- bob: cut one
--> alice: ours again
<-- bob: cut three
* $room, since the connection was lost: 2 lines"
	is "$kind: and names us" "$(rows | grep -c \
	    "$hall <-- bob: alice: cut two")" 1
	said bob $room 'goes on'
	sees "$kind: a live line again" '<-- bob: goes on$'
	is "$kind: nothing twice" "$(rows | grep -- '<-- bob\|--> alice' |
	    sed 's/^[0-9:]* //' | sort | uniq -d)" ''
	keys '/quit' Enter
	same "$kind: the end"
	tm kill-server
	for who in bob phone proxy; do
		stop $who
	done
	server_down
done
end
