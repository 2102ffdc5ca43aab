#!/bin/sh
# Many lines, long lines, large rosters, readers that are slow, stop or go,
# and servers that fall silent: nothing is lost, nothing grows, nothing hangs.
# LINES_ALONE by a bot to itself, MANY in one pipe; `make soak` asks for more.
. "$(dirname "$0")/lib.sh"

lines=${LINES_ALONE:-10000} many=${MANY:-3000}

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
	tries=1500 before='' same=0
	while [ "$same" -lt 5 ]; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		now=$(cut -d' ' -f3,14,15 "/proc/$1/stat") || return
		[ "$now" = "$before" ] && [ "${now%% *}" = S ] || same=-1
		same=$((same + 1)) before=$now
		sleep 0.2
	done
	rss=$(rss "$1")
}

free_port
server-certs "$dir/certs" localhost
make-config "$dir/me" me@localhost/t "$port" "$dir/certs/ca.crt"
start calm "$jackline" -f "$dir/me"
wait_for "$dir/calm.out" '^hello'
idle=$(rss "$(pid calm)")
stop calm

# Lines that wait for an answer are not read ahead for nothing.
hostile silent <<'END'
recv what no client says
END
make-config -o '' "$dir/waits" me@localhost/t "$port" "$ca"
{
	echo /connect
	yes /help | head -n 500000
} >"$dir/much"
"$jackline" -f "$dir/waits" <"$dir/much" >"$dir/waits.out" &
me=$!
pids="$pids $me"
wait_for "$dir/silent.out" '^<'
ok 'a large input waits for its first line' settled $me
read=$(sed -n 's/^pos:[^0-9]*//p' "/proc/$me/fdinfo/0")
ok 'of which 64 KiB are read' [ "$read" -ge 65536 -a "$read" -le 65600 ]
note "$read bytes were read"
kill $me
wait $me
stop silent

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
# ticks MORE: it has used more than that, of time.
ticks()
{
	[ "$(cut -d' ' -f14 "/proc/$me/stat")" -gt "$1" ]
}
moved=$(cut -d' ' -f14 /proc/$me/stat)
kill -CONT $reader
ok 'it goes on when the reader does' wait_until ticks $((moved + 5))
kill -KILL $reader
wait $me
is 'and ends with it' $? 74

# The reader is the writer: three events for each line, a line for each event.
mkfifo "$dir/bot"
cat >"$dir/bot.sh" <<'END'
exec 3<>"$1"
n=0
while IFS= read -r line; do
	n=$((n + 1))
	if [ $n -le "$2" ]; then
		printf '%s\n' '/help quit' >&3
	elif [ $n -eq $(($2 + 1)) ]; then
		printf '%s\n' /quit >&3
	fi
done
echo "$line$n"
END
timeout 400 "$jackline" -f "$dir/me" -i "$dir/bot" |
    timeout 400 dash "$dir/bot.sh" "$dir/bot" "$lines" >"$dir/count"
is "a bot that writes $lines lines to itself" "$(cat "$dir/count")" \
    $((3 * lines + 2))

in_one_pipe()
{
	start bob "$jackline" -ck -f "$dir/bob"
	wait_for "$dir/bob.out" '^ok'
	seq -f 'line %05g' "$many" >"$dir/text"
	timeout 400 "$jackline" -c -f "$dir/alice" -t bob@localhost \
	    <"$dir/text" >"$dir/alice.out"
	is "$kind: $many lines in one pipe" $? 0
	field 4 sent "$dir/alice.out" | cmp - "$dir/text"
	result $? "$kind: all sent, in order"
	seq -f 'line=%.0f' "$many" >"$dir/numbers"
	field 5 acked "$dir/alice.out" | cmp - "$dir/numbers"
	result $? "$kind: all acked, in order"
	ok "$kind: the last arrives" wait_for "$dir/bob.out" \
	    "${tab}line 0*$many$tab"
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
	awk 'BEGIN { for (i = 0; i < 5000; i++) x = x "x"
	    for (i = 1; i <= 1600; i++) print i, x }' >"$dir/text"
	wait_until grep -q '^State:.T' "/proc/$reader/status"
	timeout 400 "$jackline" -c -f "$dir/alice" -t bob@localhost/t \
	    <"$dir/text" >"$dir/alice.out"
	is "$kind: 8 MB to one whose reader sleeps" $? 0
	ok "$kind: he comes to rest" settled $me
	note "idle $idle KiB, holding $rss KiB"
	ok "$kind: and holds no more than promised" \
	    [ $((rss - idle)) -lt $((30000 + more)) ]
	kill -CONT $reader
	ok "$kind: the reader wakes up" wait_for "$dir/slow.out" \
	    "${tab}1600 x*$tab"
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
	make-config -o '' "$dir/cut" alice@localhost/t "$port" "$ca"
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
		finish cut
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
free_port 2
c2s=${port% *} tls=${port#* }
servers="$servers $home"
mkdir -p "$home/data/localhost/roster"
{
	echo 'return {'
	echo '[false] = { version = 1; pending = {}; };'
	seq 10000 | sed 's/.*/["c&@localhost"] = { subscription = "none";'\
'groups = { ["Group"] = true; }; name = "Contact &"; };/'
	echo '}'
} >"$home/data/localhost/roster/alice.dat"
server_again ACCOUNTS=alice
account alice -o ''
echo '/contacts all' >"$dir/lines.in"
timeout 300 "$jackline" -c -f "$dir/alice" <"$dir/lines.in" >"$dir/out"
is 'a roster of 10,000 contacts' $? 0
is 'they are all there' "$(field 3 contact "$dir/out" | grep -c '^c')" \
    10000
like 'with their names' "$dir/out" \
    "^contact.*${tab}c9999@localhost${tab}Contact 9999$tab.*sub=none"

end
