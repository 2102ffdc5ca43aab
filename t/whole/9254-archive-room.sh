#!/bin/sh
# What another occupant of a room says while we are away: killed, without a
# connection, while the server is started again. It is told once, in order, as
# news, and what our other client says there is ours; a consumer that is killed
# at random moments deals with each line exactly once. Where the room keeps no
# archive its history has to do. COUNT lines, KILLS, SEED for when.
# shellcheck disable=SC2154
. "$(dirname "$0")/lib-room.sh"

count=${COUNT:-100} kills=${KILLS:-4} seed=${SEED:-1}
note "SEED=$seed COUNT=$count KILLS=$kills"

# said WHO LINE...: WHO says each LINE in the room, which shows it.
said()
{
	who=$1
	shift
	say "$who" "$@"
	for line; do
		seen "$who" "room$tab$at$room/[a-z]*$tab$line${tab}mine=yes" ||
		    bail "$who does not say $line"
	done
}

# last: the archived= of the last line of the room that alice was told.
last()
{
	grep "^room$tab" "$dir/alice.out" | sed -n \
	    "\$s/.*${tab}archived=\([^$tab]*\).*/\1/p"
}

# told LINE...: alice was told LINE, each once, in this order, in this run.
told()
{
	is "$kind: $1 and so on: once, in order" \
	    "$(field 4 room "$dir/alice.out")" "$(printf '%s\n' "$@")"
}

# waits_again NAME N: it has waited for a connection more than N times.
waits_again()
{
	[ "$(grep -c "^state.*${tab}waiting" "$dir/$1.out")" -gt "$2" ]
}

# in_again N: alice was let into the room more than N times.
in_again()
{
	[ "$(grep -c "^topic$tab$at$room" "$dir/alice.out")" -gt "$1" ]
}

# consumer: alice is started, and reads as work.
consumer()
{
	start alice "$jackline" -ck -f "$dir/alice" --queue work
}

# speakers: bob and our phone are in the room.
speakers()
{
	for who in bob phone; do
		start $who "$jackline" -ck -f "$dir/$who" --no-rooms
	done
	say bob "/join $room/bob" "/go $room"
	say phone "/join $room/alice" "/go $room"
	seen bob "topic$tab$at$room" || bail 'bob does not enter'
	seen phone "topic$tab$at$room" || bail 'the phone does not enter'
}

# others FIELD VALUE...: a room so configured with bob and our phone in it.
others()
{
	owner
	enter "$room"
	speakers
	configure "$room" "$@"
	seen bob "info$tab$at$room${tab}the configuration" ||
	    bail 'it is not configured'
	stop owner
}

# killed: while alice is, bob and our phone speak.
killed()
{
	said bob 'before'
	consumer
	say alice "/join $room/alice" "/wait replay $room"
	ok "$kind: the first position is set" seen alice "ok.*line=2"
	said bob 'live'
	seen alice "room.*${tab}live$tab"
	told live
	say alice "/done $(last)"
	ok "$kind: it is done" seen alice 'ok.*line=3'
	kill -KILL "$(pid alice)"
	finish alice
	said bob 'killed one' 'killed two, alice'
	said phone 'from the phone'
	consumer
	say alice "/wait replay $room"
	ok "$kind: what was said is told" seen alice "replay$tab$at$room${tab}\
.*state=done${tab}count=3"
	told 'killed one' 'killed two, alice' 'from the phone'
	like "$kind: by the archive" "$dir/alice.out" \
	    "^room$tab$at$room/bob${tab}killed one${tab}mine=no\
${tab}src=history${tab}.*${tab}via=archive"
	like "$kind: with our nick" "$dir/alice.out" \
	    "^room$tab$at$room/bob${tab}killed two.*${tab}mention=yes"
	like "$kind: and ours is ours" "$dir/alice.out" \
	    "^room$tab$at$room/alice${tab}from the phone${tab}mine=yes"
	say alice '/contacts'
	ok "$kind: it is unread, up to ours" seen alice \
	    "contact$tab$at$room.*unread=0"
}

# lose: while alice has no connection, bob speaks; she goes on with the session.
lose()
{
	states=$(grep -c "^state.*${tab}waiting" "$dir/alice.out")
	say proxy refuse rst
	wait_until waits_again alice "$states" || bail 'it is not cut'
	said bob 'without a connection'
	say proxy accept
	seen alice "room.*${tab}without a connection$tab" || bail 'it is lost'
}

# restarted: the server is; alice, who is stopped, is back after bob has spoken.
# He and our phone start again: all would try a server that is not there at
# longer and longer intervals.
restarted()
{
	topics=$(grep -c "^topic$tab$at$room" "$dir/alice.out")
	kill -STOP "$(pid alice)"
	stop bob
	stop phone
	server_down TERM
	server_again ROOM_MAM=1
	speakers
	said bob 'restarted'
	kill -CONT "$(pid alice)"
	ok "$kind: after the server was started again" seen alice \
	    "room.*${tab}restarted${tab}mine=no${tab}src=history.*via=archive"
	wait_until in_again "$topics" || bail 'alice is not back'
	said bob 'goes on'
	seen alice "room.*${tab}goes on$tab"
	told 'killed one' 'killed two, alice' 'from the phone' \
	    'without a connection' restarted 'goes on'
	say alice "/done $(last)" '/quit'
	finish alice
}

# load: bob speaks all the time, and the consumer is killed.
load()
{
	seq -f "load%g" "$count" |
	    awk '{ print } NR % 5 == 0 { fflush(); system("sleep 0.05") }' \
	    >"$dir/bob.in" &
	timeout 300 python3 "$here/consume.py" queue "$kills" "$seed" \
	    "$count" "$dir/consumed" "$jackline" -ck -f "$dir/alice" \
	    --queue work 2>"$dir/err"
	is "$kind: the consumer ends" $? 0
	wait $!
	note "$kind: $(tail -n 1 "$dir/consumed") runs"
	sed '$d' "$dir/consumed" | cut -d ' ' -f 2 >"$dir/told"
	seq -f "load%g" "$count" >"$dir/wanted"
	is "$kind: each line is dealt with once" "$(sort "$dir/told" |
	    uniq -c | awk '$1 != 1' | wc -l)" 0
	is "$kind: all are" "$(sort "$dir/told" | comm -13 - "$(
	    sort "$dir/wanted" >"$dir/sorted"
	    echo "$dir/sorted")")" ''
}

# history: the room has no archive.
history()
{
	consumer
	say alice "/join $room/alice" "/wait topic $room"
	seen alice 'ok.*line=2' || bail 'alice does not enter'
	said bob 'heard live'
	seen alice "room.*${tab}heard live$tab"
	# Behind the answer its place is stored.
	say alice '/contacts'
	seen alice 'ok.*line=3'
	kill -KILL "$(pid alice)"
	finish alice
	said bob 'missed'
	consumer
	say alice "/wait topic $room" '/contacts'
	ok "$kind: without an archive, its history" seen alice \
	    "room$tab$at$room/bob${tab}missed${tab}mine=no${tab}src=history"
	unlike "$kind: and no archive" "$dir/alice.out" 'via=archive'
	ok "$kind: which is news" seen alice "contact$tab$at$room.*unread=1"
	told missed
}

for kind in ${SERVERS:-prosody ejabberd}; do
	server "$kind" ROOM_MAM=1
	rm -rf "$dir/alice" "$dir/bob" "$dir/phone"
	account bob -o ''
	make-config -o '' -p alice-pw "$dir/phone" "alice@$domain/phone" \
	    "$c2s" "$ca"
	proxy proxy "$c2s"
	say proxy calm
	own=$c2s
	c2s=$port account alice -o ''
	c2s=$own
	others persistentroom 1
	killed
	lose
	restarted
	load
	stop bob
	stop phone
	room=cellar@$service
	rm -rf "$dir/alice/positions"
	# A room of ejabberd has an archive or none; Prosody's all have.
	if [ "$kind" = ejabberd ]; then
		others mam 0
	else
		server_down
		server_again ROOM_MAM=0
		others persistentroom 1
	fi
	history
	stop alice
	stop bob
	stop phone
	stop proxy
	room=den@$service
	server_down
done
end
