#!/bin/sh
# OMEMO with many messages that nobody answers, each way, and with kill -9 at
# system calls of a process that reads one message and sends another: nothing
# is lost that was acked, nothing is unreadable, and no key is used twice. COUNT
# messages; KILLS calls of all that there are, SOAK=1 at each of them.
. "$(dirname "$0")/lib.sh"
. "$here/lib-omemo.sh"
count=${COUNT:-400} kills=${KILLS:-10}
[ -z "${SOAK-}" ] || kills=100000

# begin NAME: online and with OMEMO on.
begin()
{
	start "$1" "$jackline" -ck -f "$dir/$1"
	wait_for "$dir/$1.out" '^ok'
	say "$1" '/omemo publish'
	wait_for "$dir/$1.out" '^ok.*your OMEMO keys are published' ||
	    bail "$1 has no OMEMO"
}

# many FROM TO: TO is away meanwhile.
many()
{
	seq -f "/msg $2@localhost from $1 %g" "$count" |
	    timeout 600 "$jackline" -c -w 300 -f "$dir/$1" >"$dir/sent"
	is "$1 sends to $2, who is away" $? 0
	is 'all are acked' "$(grep -c ^acked "$dir/sent")" "$count"
	start "$2" "$jackline" -ck -f "$dir/$2"
	ok 'the last is read' wait_for "$dir/$2.out" \
	    "^message.*${tab}from $1 $count${tab}enc=omemo"
	is 'and so are all' "$(told "$dir/$2.out" "from $1" | wc -l)" "$count"
	unlike 'none is unreadable' "$dir/$2.out" unreadable
	eof "$2"
	stop "$2"
}

server prosody FRIENDS='alice bob'
account alice
account bob
for name in alice bob; do
	begin "$name"
	eof "$name"
	stop "$name"
done
many alice bob
many bob alice
for name in alice bob; do
	"$jackline" --check -f "$dir/$name" >"$dir/check"
	is "$name: --check" $? 0
done
if ! command -v strace >/dev/null; then
	skip 6 'no strace'
	server_down
	end
fi

asan_trace
# On a disk that takes 20 ms for each fsync(2) the server is heard between the
# messages, else it would be taken for lost in the end.
seq -f '/msg bob@localhost slowly %g' 60 | timeout 300 strace -o /dev/null \
    -e trace=fsync -e inject=fsync:delay_enter=20000 \
    "$jackline" -c -f "$dir/alice" >"$dir/slow"
is 'a slow disk' $? 0
ok 'the server is heard meanwhile' [ "$(cut -f 1 "$dir/slow" |
    grep -n acked | head -n 1 | cut -d : -f 1)" -lt "$(cut -f 1 "$dir/slow" |
    grep -n sent | tail -n 1 | cut -d : -f 1)" ]

# What alice does in each run: she reads what waits, and sends one message.
start bob "$jackline" -ck -f "$dir/bob"
wait_for "$dir/bob.out" '^ok'
: >"$dir/alice.told"
: >"$dir/alice.acked"
run=0
turn()
{
	run=$((run + 1))
	say bob "/label b$run /msg alice@localhost to alice $run"
	wait_for "$dir/bob.out" "^acked.*label=b$run\$"
	printf '%s\n' "/wait message - text=to\\salice\\s$run 60" \
	    "/msg bob@localhost to bob $run" '/wait acked' |
	    timeout 300 "$@" -c -f "$dir/alice" >"$dir/alice.one" 2>&1
	status=$?
	cat "$dir/alice.one" >>"$dir/alice.told"
	! grep -q ^acked "$dir/alice.one" || echo $run >>"$dir/alice.acked"
	return $status
}
turn strace -o "$dir/trace" "$jackline"
is 'a run under strace' $? 0
# Each call by its name, and which one of that name it is.
sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' "$dir/trace" |
    awk '$1 != "execve" { print $1 ":" ++n[$1] }' >"$dir/calls"
calls=$(wc -l <"$dir/calls")
[ "$kills" -lt "$calls" ] || kills=$calls
killed=0 i=0
while [ $((i += 1)) -le "$kills" ]; do
	call=$(sed -n "$((calls * i / kills))p" "$dir/calls")
	turn strace -o /dev/null -e trace="${call%:*}" \
	    -e inject="${call%:*}:signal=KILL:when=${call#*:}" "$jackline"
	[ $? -ne 137 ] || killed=$((killed + 1))
done
note "killed at $killed of $calls calls"
ok 'killed' [ "$killed" -ge $((kills / 2)) ]
turn "$jackline"
is 'a whole run' $? 0
ok 'the last is read' wait_for "$dir/bob.out" \
    "^message.*${tab}to bob $run${tab}enc=omemo"
is 'alice has read them all' "$(told "$dir/alice.told" 'to alice')" \
    "$(seq $run)"
told "$dir/bob.out" 'to bob' >"$dir/bob.told"
is 'bob has read what was acked' \
    "$(grep -vxF -f "$dir/bob.told" "$dir/alice.acked")" ''
cat "$dir/bob.out" "$dir/alice.told" >"$dir/all"
unlike 'and nothing is unreadable' "$dir/all" unreadable
"$jackline" --check -f "$dir/alice" >"$dir/check"
is '--check' $? 0
stop bob
server_down
end
