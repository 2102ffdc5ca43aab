#!/bin/sh
# kill -9 of both sides at random moments. What sends is started again by a
# script that goes by the event log alone: it feeds the lines that were not
# acked. Nothing is lost; twice comes only what had no fate at the kill, and
# what the receiver had not acknowledged, which is marked dup=maybe. COUNT
# messages, KILLS of each side at most, SEED for when; `make soak` asks more.
. "$(dirname "$0")/lib.sh"

count=${COUNT:-2000} kills=${KILLS:-10}
seed=${SEED:-1}
note "SEED=$seed COUNT=$count KILLS=$kills"
server "${SERVER:-prosody}" 'EXTRA=smacks_max_queue_size = 200000'
account alice -o ''
account bob -o ''

# Directed: behind the event, before the server hears of it.
mkfifo "$dir/never"
sleep 600 <>"$dir/never" >/dev/null &
pids="$pids $!"
env LD_PRELOAD="$build/t/preload/rough.so" ROUGH_LAST="${tab}two$tab" \
    "$jackline" \
    -ck -f "$dir/bob" <"$dir/never" >"$dir/bob.0" 2>"$dir/err" &
bob=$!
pids="$pids $bob"
wait_for "$dir/bob.0" '^ok' || bail 'bob is not online'
printf '%s\n' one two | timeout 300 "$jackline" -c -f "$dir/alice" \
    -t "bob@$domain" >"$dir/out"
is 'two messages to one who dies' $? 0
wait $bob
is 'he does' $? 137
start bob "$jackline" -ck -f "$dir/bob"
ok 'the second comes again' wait_for "$dir/bob.out" "^message.*${tab}two$tab"
like 'and says that it may have come' "$dir/bob.out" \
    "^message.*${tab}two$tab.*${tab}src=offline$tab.*${tab}dup=maybe"
is 'it came once to each' "$(cat "$dir/bob.0" "$dir/bob.out" |
    grep -c "^message.*${tab}two$tab")" 2
stop bob
is 'a proper end' $? 0
echo three | timeout 300 "$jackline" -c -f "$dir/alice" -t "bob@$domain" \
    >"$dir/out"
start bob "$jackline" -ck -f "$dir/bob"
wait_for "$dir/bob.out" "^message.*${tab}three$tab"
like 'after which what was kept is new' "$dir/bob.out" \
    "^message.*${tab}three$tab.*src=offline"
unlike 'and not marked' "$dir/bob.out" 'dup='
stop bob

# Random. The N-th number in [0, M) by SEED.
random()
{
	awk -v seed="$seed" -v n="$1" -v m="$2" 'BEGIN {
		srand(seed * 1000 + n)
		rand()
		print int(rand() * m)
	}'
}

# whole FILE: takes the half line at its end away.
whole()
{
	if [ -s "$1" ] && [ "$(tail -c 1 "$1" | od -An -tx1)" != ' 0a' ]; then
		sed '$d' "$1" >"$1.whole"
		mv "$1.whole" "$1"
		torn=$((torn + 1))
	fi
}
torn=0

# Each again as soon as it is dead, until it is told to stop.
receive()
{
	run=1
	while [ ! -e "$dir/stop" ]; do
		kill=$(($(random $run 120) + 30))
		[ $run -le "$kills" ] || kill=0
		env LD_PRELOAD="$build/t/preload/rough.so" ROUGH_KILL=$kill \
		    "$jackline" -ck -f "$dir/bob" <"$dir/never" \
		    >"$dir/came.$run" 2>>"$dir/bob.err"
		echo $? >>"$dir/bob.ends"
		run=$((run + 1))
	done
} 2>/dev/null
receive &
bob=$!
pids="$pids $bob"

# Not faster than that some of it is under way whenever it ends.
feed()
{
	awk '{ print } NR % 20 == 0 { fflush(); system("sleep 0.01") }' "$1"
}
seq "$count" >"$dir/todo"
run=1
while [ -s "$dir/todo" ] && [ $run -lt $((kills + 10)) ]; do
	kill=$(($(random $((run + 1000)) 200) + 30))
	[ $run -le "$kills" ] || kill=0
	cp "$dir/todo" "$dir/fed.$run"
	feed "$dir/fed.$run" | env LD_PRELOAD="$build/t/preload/rough.so" \
	    ROUGH_KILL=$kill "$jackline" -c -f "$dir/alice" \
	    -t "bob@$domain" >"$dir/sent.$run" 2>>"$dir/alice.err"
	status=$?
	# A server that is too slow: they have no fate, and are sent again.
	! grep -q '^unknown' "$dir/sent.$run" || status=0
	echo $status >>"$dir/alice.ends"
	whole "$dir/sent.$run"
	awk -F '\t' '
	FILENAME ~ /sent/ && $1 == "sent" { text[$6] = $4 }
	FILENAME ~ /sent/ && $1 == "acked" { done[text[$6]] = 1 }
	FILENAME !~ /sent/ && !($0 in done)' \
	    "$dir/sent.$run" "$dir/fed.$run" >"$dir/todo"
	run=$((run + 1))
done 2>/dev/null
is 'all is acked in the end' "$(cat "$dir/todo")" ''
all_came()
{
	[ "$(cat "$dir"/came.* | awk -F '\t' '$1 == "message" && $4 > 0 &&
	    !($4 in came) { came[$4] = 1; n++ } END { print n + 0 }')" = \
	    "$count" ]
}
tries=$((${SECONDS_MAX:-300} * 2))
until all_came || [ $((tries -= 1)) -eq 0 ]; do
	sleep 0.5
done
: >"$dir/stop"
echo /quit >"$dir/never"
wait $bob
for who in alice bob; do
	is "$who ended well or was killed" \
	    "$(grep -vxE '0|137' "$dir/$who.ends")" ''
	note "$who: $(grep -c 137 "$dir/$who.ends") times killed"
done
ok 'the sender was killed' grep -q 137 "$dir/alice.ends"
ok 'the receiver too' grep -q 137 "$dir/bob.ends"
for came in "$dir"/came.*; do
	whole "$came"
done

# What went in, what the events said, what came out.
# shellcheck disable=SC2046 # in the order of the runs
awk -F '\t' -v count="$count" '
FNR == 1 {
	run = FILENAME
	sub(/.*\./, "", run)
}
FILENAME ~ /sent/ && $1 == "sent" { text[$6] = $4 }
FILENAME ~ /sent/ && $1 == "acked" { acked[$6] = 1 }
FILENAME ~ /sent/ && $1 ~ /^(error|failed)$/ { print "no failure: " $0 }
FILENAME ~ /came/ && $1 == "message" {
	if ($9 in text && text[$9] != $4)
		print "not what was sent: " $0
	if ($9 in came) {
		again++
		if (came[$9] == run || !/\tdup=maybe/)
			print "twice: " $0
	} else if ($4 in id) {
		resent++
		if (id[$4] in acked)
			print "sent again though acked: " $0
	} else if ($4 != last + 1) {
		print "not behind " last ": " $0
	}
	if (!($4 in id))
		last = $4
	came[$9] = run
	id[$4] = $9
}
END {
	for (i = 1; i <= count; i++)
		if (!(i in id))
			print "lost: " i
	print again + 0 " came again, " resent + 0 " were sent again"
}' $(ls -v "$dir"/sent.*) $(ls -v "$dir"/came.*) >"$dir/account"
is 'all is accounted for' "$(sed '$d' "$dir/account" | head -n 20)" ''
note "$(tail -n 1 "$dir/account")" "$torn half lines"

end
