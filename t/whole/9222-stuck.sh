#!/bin/sh
# Readers that go or stop, and writers that are faster than the network, with
# stream management on: what was not written out is not lost, nothing grows,
# and nobody waits for ever. STUCK seconds of a reader that stops; `make soak`
# takes longer than any timeout.
. "$(dirname "$0")/lib.sh"

stuck=${STUCK:-2}
server "${SERVER:-prosody}" 'EXTRA=smacks_max_queue_size = 200000'
account alice -o ''
account bob -o ''
more=0
case $build in
*/san) more=100000 ;;
esac

rss()
{
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"
}

# A reader that goes behind the first message: what it did not read comes again.
mkfifo "$dir/lines" "$dir/events"
sleep 600 <>"$dir/lines" >/dev/null &
pids="$pids $!"
timeout 300 "$jackline" -ck -f "$dir/bob" <"$dir/lines" >"$dir/events" \
    2>"$dir/err" &
bob=$!
pids="$pids $bob"
sh -c 'while read -r tag rest; do
	printf "%s\n" "$tag$(printf "\t")$rest"
	[ "$tag" != message ] || exit 0
done' <"$dir/events" >"$dir/read" &
pids="$pids $!"
wait_for "$dir/read" '^ok' || bail 'bob is not online'
# More than a pipe holds.
long()
{
	awk -v n="$1" 'BEGIN { for (i = 0; i < 5000; i++) x = x "x"
	    for (i = 1; i <= n; i++) print i, x }'
}
long 50 >"$dir/text"
timeout 300 "$jackline" -c -f "$dir/alice" -t "bob@$domain" <"$dir/text" \
    >"$dir/out"
is 'long messages to one whose reader goes' $? 0
wait $bob
is 'he ends with it' $? 74
like 'and says why' "$dir/err" '^jackline: standard output: '
start bob "$jackline" -ck -f "$dir/bob"
ok 'the rest comes to the next' wait_for "$dir/bob.out" \
    "^message.*${tab}50 x*$tab"
field 4 message "$dir/bob.out" >"$dir/again"
tail -n "$(wc -l <"$dir/again")" "$dir/text" | cmp - "$dir/again"
result $? 'in order, with no gap'
is 'all of it in doubt' "$(grep -c '^message.*src=offline.*dup=maybe' \
    "$dir/bob.out")" "$(wc -l <"$dir/again")"
stop bob

# `| head -1`
timeout 300 "$jackline" -ck -f "$dir/bob" <"$dir/lines" 2>"$dir/err" |
    head -n 1 >"$dir/out"
like 'head -n 1' "$dir/out" '^hello'
like 'and the reason' "$dir/err" '^jackline: standard output: '

# rest PID: until it sleeps and uses no more time.
rest()
{
	tries=1500 before='' same=0
	while [ "$same" -lt 5 ]; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		now=$(cut -d' ' -f3,14,15 "/proc/$1/stat") || return
		[ "$now" = "$before" ] && [ "${now%% *}" = S ] || same=-1
		same=$((same + 1)) before=$now
		sleep 0.2
	done
}

lately_has()
{
	tail -n 1500 "$1" | grep -qE -e "$2"
}

# lately FILE PATTERN: wait_for, in the end of a long FILE.
lately()
{
	wait_until lately_has "$1" "$2"
}

reader=''

# Two who write to each other as fast as they can, and nobody reads either.
long 600 >"$dir/text"
for who in alice bob; do
	other=bob
	[ $who = alice ] || other=alice
	mkfifo "$dir/$who.events"
	sh -c 'while read -r tag rest; do
		printf "%s\n" "$tag$(printf "\t")$rest"
		[ "$tag" != ok ] || kill -STOP $$
		[ "$tag" != ok ] || exec cat
	done' <"$dir/$who.events" >"$dir/$who.read" &
	eval "reader_$who=$!"
	pids="$pids $!"
	start $who sh -c 'exec "$@" >'"$dir/$who.events" - "$jackline" \
	    -ck -f "$dir/$who" -g "$other@$domain/t"
done
for who in alice bob; do
	wait_for "$dir/$who.read" '^ok' || bail "$who is not online"
done
for who in alice bob; do
	idle=$(rss "$(pid $who)")
	eval "idle_$who=$idle"
	cat "$dir/text" >"$dir/$who.in" &
	pids="$pids $!"
done
for who in alice bob; do
	ok "$who comes to rest" rest "$(pid $who)"
done
sleep "$stuck"
for who in alice bob; do
	eval "idle=\$idle_$who; reader=\$reader_$who"
	held=$(($(rss "$(pid $who)") - idle))
	ok "$who holds no more than promised" [ $held -lt $((30000 + more)) ]
	note "$held KiB"
	kill -CONT "$reader"
done
for who in alice bob; do
	ok "$who misses nothing" lately "$dir/$who.read" \
	    "^message.*${tab}600 x*$tab"
	ok "$who: all is acked" lately "$dir/$who.read" \
	    "^acked.*${tab}line=600$tab"
	field 4 message "$dir/$who.read" | cmp - "$dir/text"
	result $? "$who: in order, once"
	is "$who: the connection held" \
	    "$(grep -c '^state.*waiting' "$dir/$who.read")" 0
done
for who in alice bob; do
	say $who /quit
	finish $who
	is "$who ends well" $? 0
done

# The reader is the writer: a robot that answers each message.
mkfifo "$dir/bot"
cat >"$dir/bot.sh" <<'END'
exec 3<>"$1"
tab=$(printf '\t')
while IFS=$tab read -r tag time peer text rest; do
	[ "$tag" != message ] || printf '/msg %s %s\n' "$peer" "$text" >&3
	[ "$text" != last ] || printf '%s\n' /quit >&3
done
END
timeout 300 "$jackline" -ce -f "$dir/bob" -i "$dir/bot" |
    timeout 300 dash "$dir/bot.sh" "$dir/bot" &
bot=$!
pids="$pids $bot"
start alice "$jackline" -ck -f "$dir/alice" -g "bob@$domain"
wait_for "$dir/alice.out" '^ok' || bail 'alice is not online'
seq 300 >"$dir/words"
echo last >>"$dir/words"
cat "$dir/words" >"$dir/alice.in"
ok 'a robot answers' wait_for "$dir/alice.out" "^message.*${tab}last$tab" 300
field 4 message "$dir/alice.out" | cmp - "$dir/words"
result $? 'to each, in order'
stop alice
is 'alice ends well' $? 0
wait $bot
is 'the robot too' $? 0
end
