#!/bin/sh
# Rooms of both servers beyond 9600-room.sh: full, locked, closed while we
# are in, hidden by our own presence, lost and resumed or entered again; with
# mcabber and slixmpp beside us.
# shellcheck disable=SC2154 # what lib.sh sets
. "$(dirname "$0")/lib-room.sh"
. "$(dirname "$0")/lib-mcabber.sh"

# A room that is in the roster too, as some clients have it. What it says to
# who asks for its presence is no answer to /join.
listed()
{
	start bob "$jackline" -c -f "$dir/bob"
	pit=pit@$service
	say bob "/add $pit" "/join $pit"
	ok "$kind: a room that is in the roster" seen bob \
	    "ok$tab$at$pit$tab-${tab}line=2"
	ok "$kind: which gives no presence" seen bob \
	    "warning$tab$at$pit${tab}an error came back.*item-not-found"
	say bob "/with $pit /leave" "/with $pit /remove" /quit
	finish bob
	is "$kind: all is well" $? 0
}

# Each way in which a room does not let us in that 9600-room.sh has not.
closed()
{
	start bob "$jackline" -c -f "$dir/bob"
	say bob "/join $room" "/go $room"
	seen bob "ok$tab$at$room$tab-${tab}line=2"
	configure "$room" membersonly 1
	ok "$kind: removed when it is for members only" seen bob \
	    "warning$tab$at$room/bob${tab}was removed because the room is now\
 for members only"
	say bob "/msg $room hm"
	ok "$kind: and nothing goes there" seen bob \
	    "error$tab$at$room${tab}.*${tab}line=3${tab}cause=not-acceptable"
	configure "$room" membersonly 0
	say bob '/invite alice@localhost'
	ok "$kind: nor an invitation" seen bob \
	    "error$tab$at$room${tab}.*${tab}line=4${tab}cause=not-acceptable"
	say bob "/join nothing@nowhere.localhost"
	ok "$kind: no such service" seen bob "error$tab${at}nothing@nowhere.\
localhost${tab}.*${tab}line=5${tab}cause=(not-allowed|remote-server-)"
	# The owner has made it, and not said how it is to be.
	if [ "$kind" = prosody ]; then
		raw "<presence to='locked@locked.localhost/o'>\
<x xmlns='$muc'/></presence>"
		seen owner '.*"from": "locked@locked.localhost/o"'
		say bob "/join locked@locked.localhost"
		ok "$kind: locked" seen bob "error$tab${at}locked@locked.\
localhost${tab}.*${tab}line=6${tab}cause=item-not-found"
		say bob "/join mine@closed.localhost"
		ok "$kind: no rooms are made" seen bob "error$tab${at}mine@\
closed.localhost${tab}.*${tab}line=7${tab}cause=not-allowed"
		made
	else
		many
	fi
	stop bob
}

# Destroyed while we talk. What ejabberd drops without a word has a fate soon.
dissolved()
{
	pit=brook@$service
	enter "$pit"
	start bob "$jackline" -c -f "$dir/bob"
	say bob "/join $pit" "/go $pit"
	seen bob "ok$tab$at$pit$tab-${tab}line=2"
	seq -f 'word %g' 600 >"$dir/bob.in"
	raw "<iq type='set' id='d' to='$pit'><query xmlns='$muc#owner'>\
<destroy/></query></iq>"
	seen bob "warning$tab$at$pit${tab}the room was destroyed"
	say bob /quit
	finish bob
	[ $? -le 1 ] # 0: it had shown all of it
	result $? "$kind: destroyed while we talk"
	note "$kind: $(cut -f 1 "$dir/bob.out" | sort | uniq -c |
	    awk '/(sent|acked|failed|unknown|error)$/' | tr '\n' ' ')"
	is "$kind: each message has a fate" \
	    "$(grep -cE '^(acked|failed|unknown)' "$dir/bob.out")" \
	    "$(grep -c '^sent' "$dir/bob.out")"
	unlike "$kind: and not by the end" "$dir/bob.out" 'connection ended'
}

# More rooms than ejabberd lists where nobody asks for pages: then it leaves out
# those that nobody is in.
many()
{
	for i in $(seq 120); do
		raw "<presence to='r$i@$service/o'><x xmlns='$muc'/></presence>"
		configure "r$i@$service" persistentroom 1
		raw "<presence to='r$i@$service/o' type='unavailable'/>"
	done
	seen owner ".*\"from\": \"r120@$service/o\", .*\"unavailable\""
	say bob "/rooms $service" "/rooms none.$service"
	seen bob "error$tab.*${tab}line=7"
	like "$kind: rooms that nobody is in are listed" "$dir/bob.out" \
	    "^info$tab${at}r[0-9]*@$service$tab.*line=6"
}

# A room that bob makes is open to others. Alone in it, another nick is the end
# of it on Prosody, which says nothing.
made()
{
	own=own@locked.localhost
	say bob "/join $own"
	seen bob "ok$tab$at$own$tab-${tab}line=8"
	start two "$jackline" -c -r two -f "$dir/bob"
	say two "/join $own/two" "/with $own /leave"
	ok "$kind: others may come to a room that we made" seen two \
	    "ok$tab$at$own$tab-${tab}line=1"
	seen bob "member$tab$at$own/two$tab.*show=offline"
	stop two
	say bob "/with $own /nick solo" "/with $own hm"
	ok "$kind: a room that is none any more" seen bob \
	    "failed$tab$at$own$tab.*${tab}line=10${tab}.*cause=item-not-found"
	ok "$kind: is entered again" seen bob \
	    "member$tab$at$own/solo$tab.*code=201"
	say bob "/with $own hello" "/with $own /nick sole" "/with $own /leave"
	ok "$kind: and spoken in" seen bob "acked$tab$at$own$tab.*line=11"
	ok "$kind: and left, where it is none" seen bob \
	    "ok$tab$at$own$tab-${tab}line=13"
}

# Our own presence, and the link, as the room has it.
presence()
{
	start bob "$jackline" -c -f "$dir/bob"
	say bob "/join $room"
	seen bob "ok$tab$at$room$tab-${tab}line=1"
	proxy between "$c2s"
	make-config -o '' "$dir/alice" "alice@localhost/t" "$port" \
	    "$ca"
	start alice "$jackline" -c -f "$dir/alice"
	say alice "/join $room" "/go $room"
	seen alice "ok$tab$at$room$tab-${tab}line=2"
	say alice '/status _' '/status o' 'still here'
	ok "$kind: hidden and back at once" seen bob \
	    "room$tab$at$room/alice${tab}still here"
	ok "$kind: it was gone between" seen bob \
	    "member$tab$at$room/alice$tab.*show=offline"
	seen alice "acked$tab.*${tab}line=5"
	unlike "$kind: and nobody complains" "$dir/alice.out" '^(warning|error)'
	if [ "$kind" = ejabberd ]; then # Prosody knows no limit
		start two "$jackline" -c -r two -f "$dir/bob"
		say two "/join $room/two"
		ok "$kind: full" seen two "error$tab$at$room${tab}the room is\
 full.*${tab}line=1${tab}cause=(service-unavailable|resource-constraint)"
		stop two
	fi
	say bob '/quit'
	finish bob
	say between rst
	ok "$kind: lost and resumed" seen alice "state.*resumed=yes"
	say alice 'yes?'
	ok "$kind: and in the room still" seen alice "acked$tab.*${tab}line=6"
	raw "<message to='$room' type='groupchat'><body>so I see</body>\
</message>"
	ok "$kind: where others are heard" seen alice \
	    "room$tab$at$room/owner${tab}so I see${tab}mine=no${tab}src=live"
}

# The server dies, and nothing of the session with it.
anew()
{
	server_down
	server_again "$extra"
	ok "$kind: lost for good and entered again" seen alice \
	    "member$tab$at$room/alice$tab-${tab}show=online.*code=201"
	say alice 'anew'
	ok "$kind: and spoken in" seen alice "acked$tab.*${tab}line=7"
}

# A client that is neither of us.
other()
{
	mcabber_up 'set muc_auto_whois = 0'
	screen 'status has been set' || bail 'no mcabber'
	mcabber "/room join $room mac"
	ok "$kind: mcabber comes" seen alice "member$tab$at$room/mac$tab"
	screen 'You have joined' || bail 'mcabber does not know that it is in'
	mcabber_chat den
	say alice 'hello mac'
	shows "$kind: and hears us" 'alice.*hello mac'
	mcabber '/say hello alice'
	ok "$kind: and we it" seen alice "room$tab$at$room/mac${tab}hello alice\
${tab}mine=no${tab}src=live"
	mcabber '/room privmsg alice psst'
	ok "$kind: alone too" seen alice "message$tab$at$room/mac${tab}psst\
${tab}enc=none"
	say alice "/msg $room/mac yes?"
	shows "$kind: both ways" 'yes\?'
	mcabber '/room leave good-bye'
	ok "$kind: and goes" seen alice \
	    "member$tab$at$room/mac${tab}good-bye${tab}show=offline"
	mcabber /quit
	mcabber_tm kill-server 2>/dev/null
	# With a FIFO that nobody reads any more.
	rm -rf "$dir/mcabber"
}

extra='EXTRA=Component "locked.localhost" "muc"
	muc_room_locking = true
Component "closed.localhost" "muc"
	restrict_room_creation = true'
for kind in prosody ejabberd; do
	server "$kind" CROWD=3 "$extra"
	account bob -o ''
	owner
	enter "$room"
	listed
	closed
	dissolved
	presence
	stop owner
	[ "$kind" = ejabberd ] || anew
	other
	stop alice
	server_down
	rm -rf "$dir/alice" "$dir/bob"
done
end
