#!/bin/sh
# A room of 500, on Prosody: entered, listed, heard, and left.
# shellcheck disable=SC2154 # what lib.sh sets
. "$(dirname "$0")/lib-room.sh"

many=500

# order TEXT: the people do it.
orders=0
order()
{
	orders=$((orders + 1))
	say alice "/label o$orders /msg people.localhost $1"
	seen alice "sent$tab.*label=o$orders"
	wait_until is_done "$orders" || bail "answer $orders does not come"
}

# is_done N: the Nth answer is there.
is_done()
{
	[ "$(grep -c "^message.*${tab}done" "$dir/alice.out")" -ge "$1" ]
}

# events TAG PATTERN: how many there are so far.
events()
{
	grep "^$1$tab" "$dir/alice.out" | grep -cE -e "$2"
}

# memory: its resident kB.
memory()
{
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' \
	    "/proc/$(pid alice)/status"
}

# milliseconds TIME: of a day, of the TIME column.
milliseconds()
{
	echo "$1" | sed 's/.*T\(..\):\(..\):\(..\)\.\(...\)Z/\1 \2 \3 \4/' |
	    awk '{ print (($1 * 60 + $2) * 60 + $3) * 1000 + $4 }'
}

# time_of TAG PATTERN: when the first such event was.
time_of()
{
	grep "^$1$tab" "$dir/alice.out" | grep -E -e "$2" | head -n 1 |
	    cut -f2
}

crowd
account alice -o ''
start alice "$jackline" -c -f "$dir/alice"
order "seat $room 1 $many"
before=$(memory)
say alice "/join $room" "/go $room"
ok 'we are let in' seen alice "ok$tab$at$room$tab-${tab}line=2"
seen alice "topic$tab$at$room$tab"
after=$(memory)
is 'everybody is told of' "$(events member 'show=online')" $((many + 1))
is 'once' "$(field 3 member "$dir/alice.out" | sort -u | wc -l)" \
    $((many + 1))
begun=$(milliseconds "$(time_of message "${tab}done")")
ended=$(milliseconds "$(time_of ok "$room")")
note "from before the line to its answer: $((ended - begun)) ms;" \
    "resident: $before kB before, $after kB with them"
ok 'in less than 5 s' [ $((ended - begun)) -lt 5000 ]
[ "$build" = "$root/build" ] && # of a sanitizer it says nothing
    ok 'with less than 2 MB more' [ $((after - before)) -lt 2048 ]
say alice /contacts
ok '/contacts counts them' seen alice "contact$tab$at$room${tab}.*\
${tab}kind=room${tab}active=yes${tab}sessions=$((many + 1))"
say alice /expand
ok '/expand' seen alice "ok$tab$at$room${tab}[^$tab]*${tab}line=5"
field 3 session "$dir/alice.out" >"$dir/listed"
is 'lists them' "$(wc -l <"$dir/listed")" $((many + 1))
LC_ALL=C sort "$dir/listed" >"$dir/sorted"
ok 'in order' cmp -s "$dir/listed" "$dir/sorted"
say alice "/go $room/p250" /info "/go $room"
ok '/info on one' seen alice "ok$tab$at$room$tab-${tab}line=8"
is 'tells of nobody else' "$(events session 'den')" $((many + 2))
order "say $room 1 20 hello from all"
is 'who speaks is heard' "$(events room "$room/p[0-9]*${tab}hello from all\
${tab}mine=no${tab}src=live")" 20
say alice 'hello all'
ok 'and so are we' seen alice "acked$tab$at$room$tab-${tab}line=10"
order "leave $room 1 10"
is 'who leaves is told of' "$(events member 'show=offline')" 10
say alice '/with bob@localhost /contacts'
ok 'and counted no more' seen alice "contact$tab$at$room${tab}.*\
sessions=$((many - 9))"
say alice /leave
ok 'we leave' seen alice "ok$tab$at$room$tab-${tab}line=13"
say alice '/contacts all' /quit
finish alice
is 'with no fault' $? 0
ok 'and nobody is known there' seen alice \
    "contact$tab$at$room${tab}.*sessions=0"
end
