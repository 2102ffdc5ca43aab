#!/bin/sh
# What the archive tells once more, since /replay all asks for it, is neither
# stored in the history a second time nor unread; what nobody has told before
# is, in one-to-one and in a room.
. "$(dirname "$0")/lib-room.sh"

# stored NAME: what alice's history with NAME holds, a line for each.
stored()
{
	grep -o '(message[^)]*)' "$dir/alice/histories/$1" |
	    sed 's/(message *"\{0,1\}//; s/"\{0,1\})//'
}

# counted PEER N LINE: /contacts, which is LINE, says that N are unread.
counted()
{
	say alice '/contacts all'
	seen alice "ok.*line=$3" || bail 'no contacts'
	is "$kind: $2 unread from $1" "$(grep "^contact$tab$at$1$tab" \
	    "$dir/alice.out" | sed -n "\$s/.*unread=\([0-9]*\).*/\1/p")" "$2"
}

# all_acked: the server has all that bob has said.
all_acked()
{
	[ "$(grep -c ^acked "$dir/bob.out")" -ge 5 ]
}

for kind in prosody ejabberd; do
	server "$kind" ROOM_MAM=1 FRIENDS='alice bob'
	rm -rf "$dir/alice" "$dir/bob"
	account alice -o ''
	account bob -o ''
	start bob "$jackline" -ck -f "$dir/bob"
	say bob "/join $room/bob" "/msg alice@$domain early"
	seen bob 'acked' || bail 'bob does not speak'
	start alice "$jackline" -ck -f "$dir/alice"
	seen alice "message.*${tab}early$tab" || bail 'it does not come'
	say alice '/log on' "/go bob@$domain" '/log on' "/join $room/alice" \
	    "/go $room" '/log on' "/go bob@$domain" /replay "/replay $room"
	seen alice 'ok.*line=9' || bail 'no replay'
	say bob "/msg alice@$domain one" "/msg $room two"
	seen alice "message.*${tab}one$tab" || bail 'one does not come'
	seen alice "room.*${tab}two$tab" || bail 'two does not come'
	say alice "/go $room" "/go bob@$domain" "/go $room" '/replay all' \
	    "/replay $room all" "/go nobody@$domain" \
	    '/replay all' "/replay $room all"
	seen alice 'ok.*line=17' || bail 'not all'
	is "$kind: all is told three times" "$(grep -c "${tab}one$tab" \
	    "$dir/alice.out") $(grep -c "${tab}two$tab" \
	    "$dir/alice.out")" '3 3'
	counted "bob@$domain" 0 18
	counted "$room" 0 19
	is "$kind: and stored once" "$(stored "bob@$domain")" one
	is "$kind: in the room, too" "$(stored "$room")" two
	stop alice
	say bob "/msg alice@$domain three" "/msg $room four"
	wait_until all_acked || bail 'bob does not speak'
	start alice "$jackline" -ck -f "$dir/alice" --no-rooms
	say alice '/carbons on' '/replay all'
	seen alice 'ok.*line=2' || bail 'not all'
	counted "bob@$domain" 1 3
	is "$kind: what is new is stored" "$(stored "bob@$domain")" "one
three"
	start phone "$jackline" -c -k -r phone -f "$dir/alice"
	say phone "/msg bob@$domain by phone"
	seen alice "own.*${tab}by phone$tab" || bail 'no copy comes'
	say alice '/replay all'
	seen alice 'ok.*line=4' || bail 'not all'
	is "$kind: a copy is told again, too" \
	    "$(grep -c "^own.*${tab}by phone$tab" "$dir/alice.out")" 2
	stop phone
	stop alice
	stop bob
	server_down
done
end
