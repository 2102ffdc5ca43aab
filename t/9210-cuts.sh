#!/bin/sh
# A login and ten messages, cut after byte K of either way, by RST and by FIN:
# what was sent is acked and came, once and in order, or nothing was sent. STEP
# bytes from one K to the next: `make soak` takes each.
. "$(dirname "$0")/lib.sh"

step=${STEP:-700}
server prosody 'EXTRA=smacks_max_queue_size = 200000'
account bob -o ''
start bob "$jackline" -ck -f "$dir/bob"
wait_for "$dir/bob.out" '^ok' || bail 'bob is not online'
direct=$c2s

# cut WAY HOW K: one run; says what is wrong.
cut()
{
	proxy proxy "-$1" "$3" -c "$2" -n 1 "$direct"
	"$here/make-config" -o '' "$dir/alice" "alice@$domain/t" "$port" "$ca"
	for i in 1 2 3 4 5 6 7 8 9 10; do
		echo "$1 $2 $3 $i"
	done >"$dir/lines"
	env LD_PRELOAD="$build/t/skip.so" timeout 60 "$jackline" -c \
	    -f "$dir/alice" -t "bob@$domain/t" <"$dir/lines" \
	    >"$dir/alice.out" 2>"$dir/alice.err"
	status=$?
	stop proxy
	if grep -q '^state.*online' "$dir/alice.out"; then
		runs=$((runs + 1))
		[ "$status" -eq 0 ] || echo "$1 $2 $3: exit $status"
		[ "$(grep -c '^acked' "$dir/alice.out")" -eq 10 ] ||
			echo "$1 $2 $3: not all acked"
		field 4 message "$dir/bob.out" | grep "^$1 $2 $3 " |
		    cmp -s - "$dir/lines" || echo "$1 $2 $3: not what came"
	else
		[ "$status" -eq 69 ] || echo "$1 $2 $3: exit $status"
	fi
}

runs=0
for how in rst fin; do
	for way in u s; do
		k=1
		while [ $k -lt 7000 ]; do
			cut $way $how $k
			k=$((k + step))
		done
	done
done >"$dir/wrong"
is 'each is accounted for' "$(head -n 20 "$dir/wrong")" ''
ok 'most were online before the cut, or got there' [ "$runs" -gt 10 ]
stop bob
end
