# A process that sends one message and ends: what a script pays for each.
# go-sendxmpp sends the password itself, waits for no acknowledgement and says
# no farewell.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

send_jackline()
{
	"$jackline" -c -f "$dir/alice" -t bob@localhost >/dev/null
}

send_strophe()
{
	"$build/t/bench/bench-strophe" alice@localhost/bench alice-pw "$port" \
	    "$dir/ca.crt" bob@localhost 1 "$(cat)" >/dev/null
}

send_go()
{
	go-sendxmpp -u alice@localhost -p alice-pw -j "127.0.0.1:$port" \
	    bob@localhost
}

prosody
background bob "$jackline" -ck -f "$dir/bob"
bob=$pid
wait_for "$dir/bob.out" '^ok'
runs=20
clients='jackline strophe'
! have go-sendxmpp || clients="$clients go"
for name in $clients; do
	: >"$dir/$name.walls"
	echo 0 >"$dir/$name.cpu"
done
# Interleaved, so that what else the machine does hits all of them.
for run in $(seq $runs); do
	for name in $clients; do
		start=$(milliseconds)
		echo "$name $run" | "send_$name"
		wait_for "$dir/bob.out" "$tab$name $run$tab"
		awk -F '\t' -v text="$name $run" -v start="$start" '
		    $4 == text { split(substr($2, 12, 12), t, ":")
			print (t[1] * 3600 + t[2] * 60 + t[3]) * 1000 - start
		    }' "$dir/bob.out" >>"$dir/$name.walls"
	done
done
for name in $clients; do
	row 'exec to received, median' "$name" \
	    "$(median "$dir/$name.walls")" ms
done
goal 'exec to received, beside libstrophe' "$(over \
    "$(median "$dir/jackline.walls")" "$(median "$dir/strophe.walls")")" '' 0.5

# cpu_rows WHAT AUTHORITIES: the mean of $runs messages of each.
cpu_rows()
{
	t/server/make-config -o '' "$dir/alice" alice@localhost/bench \
	    "$port" "$2"
	mine=0
	for name in $clients; do
		case $name in
		jackline) set -- "$1" "$2" "$jackline" -c -f "$dir/alice" \
		    -t bob@localhost ;;
		strophe) set -- "$1" "$2" "$build/t/bench/bench-strophe" \
		    alice@localhost/bench alice-pw "$port" "$2" \
		    bob@localhost 1 cpu ;;
		go) set -- "$1" "$2" env SSL_CERT_FILE="$2" go-sendxmpp \
		    -u alice@localhost -p alice-pw -j "127.0.0.1:$port" \
		    bob@localhost ;;
		esac
		# shellcheck disable=SC2016 # for that shell
		timed sh -c 'runs=$1; shift 3
		    while [ $((runs -= 1)) -ge 0 ]; do
			echo cpu | "$@" >/dev/null; done' sh $runs "$@"
		row "$1" "$name" "$(over "$cpu" $runs)" ms
		[ "$name" != jackline ] || mine=$(over "$cpu" $runs)
	done
}

cpu_rows 'CPU of one message, mean' "$dir/ca.crt"
goal 'CPU of one message' "$mine" ms 5.8
system=/etc/ssl/certs/ca-certificates.crt
if [ -r $system ]; then
	cat $system "$dir/ca.crt" >"$dir/all.crt"
	cpu_rows 'with the authorities of the system' "$dir/all.crt"
fi
stop "$bob"
