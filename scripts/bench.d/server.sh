# Through a real server, from one account to the other, with the receipt of each
# message. Prosody's own work, for which it has one processor, is what the speed
# comes from.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

prosody
server=$(cat "$dir/server/pid")
count=5000
seq -f '%060.0f' $count >"$dir/lines"
background bob "$jackline" -ck -f "$dir/bob"
bob=$pid
wait_for "$dir/bob.out" '^ok'
before=$(cpu "$bob") server_before=$(cpu "$server")
timed "$jackline" -c -f "$dir/alice" -t bob@localhost <"$dir/lines" >/dev/null
wait_for "$dir/bob.out" "$tab$(tail -n 1 "$dir/lines")$tab"
wall=$(($(milliseconds) - begun))
row 'through Prosody, a second' jackline \
    "$(echo "$count $wall" | awk '{ print $1 * 1000 / $2 }')" ''
echo "$cpu $(cpu "$bob") $before $(cpu "$server") $server_before $count" |
    awk '{ print $1 * 1000 / $6, ($2 - $3) * 1000 / $6,
	($4 - $5) * 1000 / $6 }' >"$dir/per"
read -r sender receiver server <"$dir/per"
: >"$dir/per"
row 'through Prosody, CPU of one' sender "$sender" us
row 'through Prosody, CPU of one' receiver "$receiver" us
row 'through Prosody, CPU of one' Prosody "$server" us
stop "$bob"
