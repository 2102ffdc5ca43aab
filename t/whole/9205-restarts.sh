#!/bin/sh
# Two of us write to each other through bad networks while the server is ended
# and started again, politely and by kill -9. Each event is true: what is acked
# the server had taken, and it came, but for what was on its way when the server
# was killed; what is unknown was under way on a session that it does not know
# any more, by its own answer; nothing comes twice, or before what was sent
# earlier. COUNT messages each way, RESTARTS, SEED, BYTES, FAULTS as in
# 9200-faults.sh.
. "$(dirname "$0")/lib.sh"
. "$here/lib-faults.sh"

count=${COUNT:-1500} restarts=${RESTARTS:-4} bytes=${BYTES:-100000}
faults=${FAULTS:-5} quiet=${QUIET:-1000} cuts=0 slows=0
case $build in
*/san) count=${COUNT:-1000} restarts=${RESTARTS:-4} quiet=${QUIET:-2000} ;;
esac
seed=${SEED:-1}
note "SEED=$seed COUNT=$count RESTARTS=$restarts BYTES=$bytes"

# The archive gives the ids by which we know what comes a second time.
extra="smacks_max_queue_size = 200000
storage = { archive = \"memory\" }
$(mended_prosody)"
server prosody EXTRA="$extra"
bad_networks "$seed" -u "$bytes" -s "$bytes" -d 20 -b 500 \
    -c rst -c fin -c silence
chat alice bob
chat bob alice
both
feed alice bob "$count"
feed bob alice "$count"

# last TAG NAME: the number of the last `sent` or `message` of NAME's events.
last()
{
	text=$(tail -n 5000 "$dir/$2.out" | field 4 "$1" | tail -n 1)
	[ -n "$text" ] || text=$(field 4 "$1" "$dir/$2.out" | tail -n 1)
	echo "$((${text##* } + 0))"
}

# restart SIGNAL: the server ends, and is there again.
restart()
{
	was_alice=$(last message alice) was_bob=$(last message bob)
	server_down "$1"
	if [ "$1" = KILL ]; then
		echo "$was_bob $(last sent alice)" >>"$dir/alice.kills"
		echo "$was_alice $(last sent bob)" >>"$dir/bob.kills"
	fi
	server_again EXTRA="$extra"
}

for n in $(seq "$restarts"); do
	wait_for "$dir/alice.out" \
	    "^sent.*${tab}alice $((count * n / (restarts + 1)))$tab" \
	    "${SECONDS_MAX:-300}"
	case $((n % 2)) in
	0) restart KILL ;;
	*) restart TERM ;;
	esac
done

# over NAME: all of it has its fate.
over()
{
	[ "$(grep -cE '^(acked|failed|unknown)' "$dir/$1.out")" -ge "$count" ]
}
tries=$((${SECONDS_MAX:-300} * 2))
until { over alice && over bob; } || [ $((tries -= 1)) -le 0 ]; do
	sleep 0.5
done
for who in alice bob; do
	say "proxy_$who" calm
	settled $who
	result $? "$who: the connection is there at the end"
	cp "$home/accepted" "$dir/$who.accepted"
done
leave
for who in alice bob; do
	faults $who
done
account_of alice bob "$count"
account_of bob alice "$count"
note "$restarts restarts, $cuts cuts, $slows slow connections"
ok 'the server was there again each time' \
    [ "$(grep -c . "$dir/alice.kills")" -eq $((restarts / 2)) ]
ok "$faults faults or more" [ $((cuts + slows)) -ge "$faults" ]
end
