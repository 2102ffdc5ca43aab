#!/bin/sh
# Rooms that break down, connections that are lost meanwhile, and words of our
# own that come back in every way. shellcheck disable=SC2154
. "$(dirname "$0")/lib-room.sh"

# out NAME: prints what NAME wrote.
out()
{
	cat "$dir/$1.out"
}

# waits_again N: alice has waited for a connection more than N times.
waits_again()
{
	[ "$(out alice | grep -c "^state.*${tab}waiting")" -gt "$1" ]
}

# cut_off LINE...: alice loses the connection, bob says each LINE, she is back.
cut_off()
{
	states=$(out alice | grep -c "^state.*${tab}waiting")
	say proxy refuse rst
	wait_until waits_again "$states"
	say bob "$@"
	for line; do
		seen bob "room$tab$at$room/bob$tab$line${tab}mine=yes"
	done
	say proxy accept
}

lost()
{
	proxy proxy "$c2s"
	say proxy calm
	c2s=$port account alice -o ''
	start bob "$jackline" -c -f "$dir/bob"
	say bob "/join $room" "/go $room"
	seen bob "topic$tab$at$room"
	start alice "$jackline" -c -f "$dir/alice"
	say alice "/join $room/Al" "/msg $room before" '/wait acked'
	seen alice "acked$tab$at$room"
	say bob 'heard live'
	seen alice "room.*heard live${tab}mine=no${tab}src=live"
	cut_off 'missed, Al!' 'missed too'
	ok "$kind: what was missed" seen alice \
	    "room$tab$at$room/bob${tab}missed, Al!${tab}mine=no\
${tab}src=history.*${tab}mention=yes"
	ok "$kind: all of it" seen alice \
	    "room.*missed too${tab}mine=no${tab}src=history"
	say alice "/contacts all" "/msg $room after"
	ok "$kind: the room goes on" seen alice \
	    "room.*${tab}after${tab}mine=yes${tab}src=live"
	ok "$kind: it is unread" seen alice "contact$tab$at$room.*unread=3"
	is "$kind: nothing is told twice" "$(field 4 room "$dir/alice.out" |
	    sort | uniq -d)" ''
	say alice "/go $room" '/leave' "/join" '/wait topic'
	ok "$kind: in the whole history ours are ours" seen alice "room$tab$at\
$room/Al${tab}before${tab}mine=yes${tab}src=history"
	ok "$kind: and others not" seen alice "room$tab$at\
$room/bob${tab}missed too${tab}mine=no${tab}src=history"
	stop alice
	start alice "$jackline" -c -f "$dir/alice"
	ok "$kind: in the next run, too" seen alice "room$tab$at\
$room/Al${tab}before${tab}mine=yes${tab}src=history"
	say alice "/join $room/Cy" "/go $room" 'as Cy'
	ok "$kind: another nick" seen alice "acked$tab$at$room$tab-${tab}line=3"
	unlike "$kind: from the first word" "$dir/bob.out" \
	    "^room.*/Al${tab}as Cy"
	ok "$kind: nobody sees it twice" seen bob "room.*/Cy${tab}as Cy$tab"
}

# The room breaks down, and its ids are lost: Prosody only.
broken()
{
	say bob '/msg break.localhost clear '"$room 332"
	ok 'shutdown: it is told' seen alice \
	    "info$tab$at$room${tab}it is entered"
	ok 'shutdown: and entered again' wait_for "$dir/bob.out" \
	    "^member$tab$at$room/Cy${tab}.*show=online" 60
	say alice 'in again'
	ok 'shutdown: we talk' seen alice "room.*${tab}in again${tab}mine=yes"
	ok 'shutdown: with all' seen bob "room.*${tab}in again${tab}mine=no"
	say bob '/msg break.localhost ids'
	seen bob "message.*${tab}ids done$tab"
	say alice 'without id' 'without id'
	ok 'no ids: ours' seen alice \
	    "room.*without id${tab}mine=yes${tab}src=live${tab}id=-"
	say alice '/wait acked'
	ok 'no ids: acked' seen alice 'ok.*line=7'
	say bob '/msg break.localhost clear '"$room 307"
	ok 'a kick is a kick' seen alice \
	    "warning$tab$at$room/Cy${tab}was kicked"
	say alice 'hello?'
	ok 'and final' seen alice 'error.*line=8.*cause=not-acceptable'
}

for server in prosody ejabberd; do
	if [ $server = prosody ]; then
		mkdir "$dir/plugins"
		cp "$root/t/server/mod_break.lua" "$dir/plugins"
		chmod 755 "$dir/plugins"
		chmod 644 "$dir/plugins/mod_break.lua"
		server prosody SMACKS=0 EXTRA="plugin_paths = \
{ \"$dir/plugins\" }
Component \"break.localhost\" \"break\""
	else
		server ejabberd SMACKS=0
	fi
	account bob -o ''
	lost
	[ $server = ejabberd ] || broken
	stop alice
	stop bob
	stop proxy
	server_down
done
end
