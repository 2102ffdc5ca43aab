#!/bin/sh
# A login and ten messages each way, cut after byte K of either way by RST, by
# FIN and by silence: all is acked and comes, once and in order; or, where the
# first login did not get through, nothing was sent. One K of STEP from FROM
# on, in JOBS processes; `make soak` takes each.
. "$(dirname "$0")/lib.sh"

step=${STEP:-1000} jobs=${JOBS:-2} quiet=${QUIET:-300}
case $build in
*/san) quiet=${QUIET:-1000} ;;
esac
from=${FROM:-$(((step + 1) / 2))}
note "FROM=$from STEP=$step"

accounts='bob calm'
for job in $(seq "$jobs"); do
	accounts="$accounts alice$job"
done
# What a session that is cut while it ends did not acknowledge is not to come
# to the next.
server prosody ACCOUNTS="$accounts" MAM=0 EXTRA='
smacks_max_queue_size = 200000
modules_disabled = { "s2s", "s2s_auth_certs", "offline" }'
direct=$c2s
account bob -o ''
start bob "$jackline" -ck -f "$dir/bob"
wait_for "$dir/bob.out" '^ok' || bail 'bob is not online'
tail -n +1 -f --pid="$(pid bob)" "$dir/bob.out" |
    while IFS=$tab read -r tag _ peer text _; do
	[ "$tag" != message ] || printf '/msg %s re %s\n' "$peer" "$text"
done >"$dir/bob.in" &

# lines TAG: what alice says.
lines()
{
	for i in 1 2 3 4 5 6 7 8 9 10; do
		echo "/msg bob@$domain/t $1 $i"
	done
	for i in 1 2 3 4 5 6 7 8 9 10; do
		echo "/wait message bob@$domain/t 36000"
	done
}

# run NAME TAG: one run; says what is wrong. Where the login got through, TAG
# is added to NAME.tags; else there was a cut. No time is skipped before that.
run()
{
	lines "$2" >"$dir/$1.lines"
	env LD_PRELOAD="$build/t/preload/skip.so" QUIET="$quiet" \
	    QUIET_IF="$dir/$1.cut" timeout 300 \
	    "$jackline" -c -w 36000 -f "$dir/$1" <"$dir/$1.lines" \
	    >"$dir/$1.out" 2>"$dir/$1.err"
	status=$? cut=0
	[ ! -e "$dir/$1.cut" ] || cut=1
	awk -F '\t' -v status=$status -v tag="$2" -v tags="$dir/$1.tags" \
	    -v cut=$cut '
	$1 == "state" && $4 == "online" { online = 1 }
	$1 == "sent" && $4 == tag " " ++sent { open[$6] = 1; next }
	$1 == "acked" && $6 in open { delete open[$6]; acked++; next }
	$1 == "message" && $4 == "re " tag " " ++came { next }
	$1 ~ /^(sent|acked|failed|unknown|message|error)$/ && online {
		print tag ": " $0
	}
	END {
		if (online)
			print tag >>tags
		if (status != (online ? 0 : 69))
			print tag ": exit status " status
		if (online && (sent != 10 || acked != 10 || came != 10))
			print tag ": sent " sent ", acked " acked ", came " came
		if (!online && sent > 0)
			print tag ": sent, though not online"
		if (!online && !cut)
			print tag ": not online, though not cut"
	}' "$dir/$1.out"
}

# How long all is where nothing is cut.
proxy proxy_calm "$direct"
c2s=$port
account calm -o ''
run calm 'down silence 00000' >"$dir/calm.wrong"
is 'where nothing is cut, all comes' "$(cat "$dir/calm.wrong")" ''
wait_for "$dir/proxy_calm.out" '^end' || bail 'the connection has no end'
up=$(sed -n 's/^end.*up=\([0-9]*\).*/\1/p' "$dir/proxy_calm.out")
down=$(sed -n 's/^end.*down=\([0-9]*\).*/\1/p' "$dir/proxy_calm.out")
note "$up bytes up, $down down"

# work JOB: its share of the cuts.
work()
{
	k=$((from + $1 * step - step)) runs=0
	while [ $k -le "$up" ] || [ $k -le "$down" ]; do
		for way in up down; do
			[ "$way" = up ] && [ $k -gt "$up" ] && continue
			[ "$way" = down ] && [ $k -gt "$down" ] && continue
			for how in rst fin silence; do
				rm -f "$dir/alice$1.cut"
				say "proxy_alice$1" \
				    "next $way $k $how $dir/alice$1.cut"
				run "alice$1" "$way $how $k"
				runs=$((runs + 1))
			done
		done
		echo $k >"$dir/at.$1"
		k=$((k + jobs * step))
	done >"$dir/wrong.$1"
	echo "$runs" >"$dir/alice$1.runs"
}
for job in $(seq "$jobs"); do
	proxy "proxy_alice$job" "$direct"
	c2s=$port
	account "alice$job" -o ''
done
workers=
for job in $(seq "$jobs"); do
	work "$job" &
	workers="$workers $!"
	pids="$pids $!"
done
# shellcheck disable=SC2086 # processes
wait $workers

is 'each is accounted for' "$(cat "$dir"/wrong.* | head -n 20)" ''
cat "$dir"/alice*.tags >"$dir/tags"
field 4 message "$dir/bob.out" | awk '
FILENAME ~ /tags$/ { wanted[$0] = 10; next }
{ tag = $1 " " $2 " " $3 }
!(tag in wanted) { print "not to come: " $0 }
$4 != ++came[tag] { print "out of order or twice: " $0 }
END {
	for (tag in wanted)
		if (came[tag] != 10)
			print "not all came: " tag
}' "$dir/tags" "$dir/calm.tags" - >"$dir/bob.wrong"
is 'what came is that' "$(head -n 20 "$dir/bob.wrong")" ''
cuts=$(cat "$dir"/proxy_alice*.out | grep -c '^cut')
runs=$(awk '{ runs += $1 } END { print runs }' "$dir"/alice*.runs)
note "$runs runs, $cuts cuts;" \
    "$(wc -l <"$dir/tags") times the login got through"
# The last bytes are not always as many.
ok 'nearly each was cut' [ "$cuts" -gt $((runs * 9 / 10)) ]
stop bob
end
