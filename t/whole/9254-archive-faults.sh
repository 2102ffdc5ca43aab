#!/bin/sh
# Replays through a bad network while the server is ended and started again,
# politely and by kill -9: a contact and another client of ours write to each
# other's account, and all that the server acknowledged is told, once. COUNT
# messages of each, RESTARTS, SEED, BYTES between two faults, SERVER, SQL where
# the archive is to be in SQLite; `make soak` asks more.
. "$(dirname "$0")/lib.sh"

count=${COUNT:-200} restarts=${RESTARTS:-2} bytes=${BYTES:-60000}
seed=${SEED:-1} most=${SECONDS_MAX:-300} kind=${SERVER:-prosody}
note "SEED=$seed COUNT=$count RESTARTS=$restarts BYTES=$bytes"

extra='smacks_max_queue_size = 200000
storage_archive_item_limit = 1000000'
SQL=${SQL:-0}
export SQL
server "$kind" EXTRA="$extra" FRIENDS='alice bob'
account bob -o ''
make-config -o '' -p alice-pw "$dir/phone" "alice@$domain/phone" "$c2s" "$ca"
server_port=$c2s
# ejabberd cannot read a stream header in pieces.
slow='-d 20 -b 500'
[ "$kind" = prosody ] || slow=
# shellcheck disable=SC2086 # words
proxy bad -r "$seed" -u "$bytes" -s "$bytes" $slow -c rst -c fin "$server_port"
c2s=$port
account alice -o ''
c2s=$server_port

# online NAME OPTION...: NAME, who waits for no attempt to connect.
online()
{
	who=$1
	shift
	start "$who" env LD_PRELOAD="$build/t/preload/skip.so" QUIET=2000 \
	    QUIET_IF="$dir/none" "$jackline" -ck -f "$dir/$who" "$@"
	wait_for "$dir/$who.out" '^ok' || bail "$who is not online"
}
online alice
say alice '/carbons on' /replay
wait_for "$dir/alice.out" "^replay.*state=done"
online bob -g "alice@$domain"
online phone -g "bob@$domain"
# feed NAME: its COUNT lines, not far ahead of what alice was told.
feed()
{
	python3 "$here/feed.py" "$1" "$count" "${WINDOW:-100}" \
	    "$dir/alice.out" >"$dir/$1.in" &
	pids="$pids $!"
}
feed bob
feed phone

# restart SIGNAL: the server ends, and is there again.
restart()
{
	server_down "$1"
	server_again EXTRA="$extra" FRIENDS='alice bob'
}

for n in $(seq "$restarts"); do
	wait_for "$dir/bob.out" \
	    "^sent.*${tab}bob $((count * n / (restarts + 1)))$tab" "$most"
	case $((n % 2)) in
	0) restart KILL ;;
	*) restart TERM ;;
	esac
done

# acked NAME: the texts of NAME that the server acknowledged.
acked()
{
	awk -F '\t' '$1 == "sent" { text[$6] = $4 }
	    $1 == "acked" && $6 in text { print text[$6] }' "$dir/$1.out"
}

# told: the texts that alice was told.
told()
{
	awk -F '\t' '$1 == "message" || $1 == "own" { print $4 }' \
	    "$dir/alice.out"
}

# over: all has its fate, and what was acked was told.
over()
{
	for name in bob phone; do
		[ "$(grep -cE '^(acked|failed|unknown)' "$dir/$name.out")" -ge \
		    "$count" ] || return
	done
	{ acked bob; acked phone; } | LC_ALL=C sort -u >"$dir/acked"
	told | LC_ALL=C sort -u >"$dir/told"
	LC_ALL=C comm -23 "$dir/acked" "$dir/told" >"$dir/lost"
	[ ! -s "$dir/lost" ]
}
tries=$most
until over || [ $((tries -= 1)) -le 0 ]; do
	sleep 1
done
ok 'all has its fate' [ -e "$dir/lost" ]
is 'what was acked was told' "$(head -n 5 "$dir/lost")" ''
is 'nothing was told twice' "$(told | LC_ALL=C sort | uniq -d |
    head -n 5)" ''
# ejabberd gives what comes within a microsecond the same id, and leaves results
# out of its pages while others write: those are told late.
twice=$(sed -n "/^message$tab/p; /^own$tab/p" "$dir/alice.out" |
    grep -o "archived=[^$tab]*" | sort | uniq -d)
if [ "$kind" = ejabberd ]; then
	note "$(printf %s "$twice" | grep -c .) ids of two messages"
else
	is 'nor has one id two messages' "$twice" ''
fi
for name in bob phone; do
	late=$(told | sed -n "s/^$name //p" |
	    awk '$1 < last { print last, $1; next } { last = $1 }')
	if [ "$kind" = ejabberd ]; then
		note "$name: $(printf %s "$late" | grep -c .) were told late"
	else
		is "$name: in order" "$(printf '%s\n' "$late" | head -n 5)" ''
	fi
done
note "$(grep -c . "$dir/acked") acked, $(told | grep -c .) told," \
    "$(grep -c 'via=archive' "$dir/alice.out") of them by the archive alone" \
    "$(grep -c 'state=started' "$dir/alice.out") replays," \
    "$(grep -c 'resumed=yes' "$dir/alice.out") resumed," \
    "$(grep -c '^cut' "$dir/bad.out") cuts"
for name in alice bob phone; do
	kill -TERM "$(pid $name)"
	finish $name
done
stop bad
server_down
end
