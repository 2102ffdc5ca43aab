#!/bin/sh
# Many lines, long lines, large rosters, readers that are slow, stop or go,
# and servers that fall silent: nothing is lost, nothing grows, nothing hangs.
. "$(dirname "$0")/lib.sh"

# Sanitizers take and keep more, for themselves.
more=0
case $build in
*/san) more=100000 ;;
esac

# rss PID: its resident memory in KiB.
rss()
{
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"
}

# settled PID: until it sleeps and uses no more time; its memory in $rss.
settled()
{
	tries=300 before=
	until now=$(cut -d' ' -f3,14,15 "/proc/$1/stat") &&
	    [ "$now" = "$before" ] && [ "${now%% *}" = S ]; do
		before=$now
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.2
	done
	rss=$(rss "$1")
}

free_port
"$here/server-certs" "$dir/certs" localhost
"$here/make-config" "$dir/me" me@localhost/t "$port" "$dir/certs/ca.crt"
start calm "$jackline" -f "$dir/me"
wait_for "$dir/calm.out" '^hello'
idle=$(rss "$(pid calm)")
stop calm

# A writer who never ends and a reader who stops.
mkfifo "$dir/lines" "$dir/events"
yes /help >"$dir/lines" 2>/dev/null &
yes=$!
sh -c 'read -r line && kill -STOP $$; exec cat >/dev/null' \
    <"$dir/events" &
reader=$!
"$jackline" -f "$dir/me" <"$dir/lines" >"$dir/events" 2>"$dir/err" &
me=$!
pids="$pids $yes $reader $me"
ok 'yes /help comes to rest' settled $me
first=$rss
ok 'and stays so' settled $me
is 'its memory is flat' "$rss" "$first"
ok 'and not large' [ $((rss - idle)) -lt $((20000 + more)) ]
note "idle $idle KiB, under pressure $rss KiB"
ok 'it is there' running $me
kill -CONT $reader
tries=3000
moved=$(cut -d' ' -f14 /proc/$me/stat)
until [ "$(cut -d' ' -f14 /proc/$me/stat)" -gt $((moved + 5)) ] ||
    [ $((tries -= 1)) -eq 0 ]; do
	sleep 0.02
done
ok 'it goes on when the reader does' [ $tries -gt 0 ]
kill -KILL $reader
wait $me
is 'and ends with it' $? 74

# The reader is the writer: two events for each line, a line for each event.
mkfifo "$dir/bot"
cat >"$dir/bot.sh" <<'END'
exec 3<>"$1"
n=0
while IFS= read -r line; do
	n=$((n + 1))
	if [ $n -le 100000 ]; then
		printf '%s\n' '/help quit' >&3
	elif [ $n -eq 100001 ]; then
		printf '%s\n' /quit >&3
	fi
done
echo "$line$n"
END
timeout 400 "$jackline" -f "$dir/me" -i "$dir/bot" |
    timeout 400 dash "$dir/bot.sh" "$dir/bot" >"$dir/count"
is 'a bot that writes 100,000 lines to itself' "$(cat "$dir/count")" 200002

in_one_pipe()
{
	start bob "$jackline" -ck -f "$dir/bob"
	wait_for "$dir/bob.out" '^ok'
	seq -f 'line %05g' 10000 >"$dir/text"
	timeout 400 "$jackline" -c -f "$dir/alice" -t bob@localhost \
	    <"$dir/text" >"$dir/alice.out"
	is "$kind: 10,000 lines in one pipe" $? 0
	field 4 sent "$dir/alice.out" | cmp - "$dir/text"
	result $? "$kind: all sent, in order"
	seq -f 'line=%.0f' 10000 >"$dir/numbers"
	field 5 acked "$dir/alice.out" | cmp - "$dir/numbers"
	result $? "$kind: all acked, in order"
	ok "$kind: the last arrives" wait_for "$dir/bob.out" \
	    "${tab}line 10000$tab"
	field 4 message "$dir/bob.out" | cmp - "$dir/text"
	result $? "$kind: all arrived, in order"
	stop bob
	is "$kind: the reader was well" $? 0
}

# What comes while nobody reads is held, by us as far as we promise, and not
# lost; pings are answered.
slow_reader()
{
	mkfifo "$dir/slow"
	sh -c 'read -r line && read -r line && kill -STOP $$; exec cat' \
	    <"$dir/slow" >"$dir/slow.out" &
	reader=$!
	"$jackline" -ck -f "$dir/bob" >"$dir/slow" <"$dir/lines" &
	me=$!
	pids="$pids $me $reader"
	sleep 100 >"$dir/lines" &
	pids="$pids $!"
	awk 'BEGIN { for (i = 0; i < 1000; i++) x = x "x"
	    for (i = 1; i <= 8000; i++) print i, x }' >"$dir/text"
	tries=1000
	until grep -q T "/proc/$reader/stat" || [ $((tries -= 1)) -eq 0 ]; do
		sleep 0.02
	done
	timeout 400 "$jackline" -c -f "$dir/alice" -t bob@localhost/t \
	    <"$dir/text" >"$dir/alice.out"
	is "$kind: 8 MB to one whose reader sleeps" $? 0
	ok "$kind: he comes to rest" settled $me
	note "idle $idle KiB, holding $rss KiB"
	ok "$kind: and holds no more than promised" \
	    [ $((rss - idle)) -lt $((30000 + more)) ]
	kill -CONT $reader
	ok "$kind: the reader wakes up" wait_for "$dir/slow.out" \
	    "${tab}8000 x*$tab" 60
	field 4 message "$dir/slow.out" | cmp - "$dir/text"
	result $? "$kind: and misses nothing"
	kill -KILL $reader
	wait $me
	is "$kind: a lost reader in mid-session" $? 74
}

# A server that falls silent while a message is under way.
silence()
{
	proxy proxy "$c2s"
	"$here/make-config" -o '' "$dir/cut" alice@localhost/t "$port" "$ca"
	for how in once twice end; do
		start cut "$jackline" -c -w 1 -f "$dir/cut"
		wait_for "$dir/cut.out" '^ok'
		say proxy silence
		wait_for "$dir/proxy.out" '^cut'
		say cut '/msg bob@localhost hello?'
		wait_for "$dir/cut.out" '^sent'
		case $how in
		once) kill "$(pid cut)" ;;
		twice) kill "$(pid cut)" && kill "$(pid cut)" ;;
		end) eof cut ;;
		esac
		finish cut 10
		is "$kind: silence, and the end ($how)" $? 75
		: >"$dir/proxy.out"
	done
	stop proxy
}

for kind in prosody ejabberd; do
	server "$kind" MAM=0
	account alice -o ''
	account bob -o ''
	in_one_pipe
	if [ "$kind" = prosody ]; then
		slow_reader
		silence
	fi
done

# A roster of 10,000 contacts.
kind=prosody home=$dir/prosody2
free_port
c2s=$port
free_port
tls=$port
servers="$servers $home"
mkdir -p "$home/data/localhost/roster"
{
	echo 'return {'
	echo '[false] = { version = 1; pending = {}; };'
	seq 10000 |
	    seq 10000 | sed 's/.*/["c&@localhost"] = { subscription = "both";'\
'groups = { ["Group"] = true; }; name = "Contact &"; };/'
	echo '}'
} >"$home/data/localhost/roster/alice.dat"
server_again ACCOUNTS=alice
account alice -o ''
echo '/contacts all' >"$dir/lines.in"
timeout 60 "$jackline" -c -f "$dir/alice" <"$dir/lines.in" >"$dir/out"
is 'a roster of 10,000 contacts' $? 0
is 'they are all there' "$(field 3 contact "$dir/out" | grep -c '^c')" \
    10000
like 'with their names' "$dir/out" \
    "^contact.*${tab}c9999@localhost${tab}Contact 9999$tab.*sub=both"

end
