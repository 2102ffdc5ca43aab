#!/bin/sh
# OMEMO and a disk that fails: reads of the files of omemo/ and writes of them
# fail in turn by EIO, while one message comes and another goes. What came is
# told in the end and what was acked is read, nothing is unreadable, no key is
# used twice, and no file is taken for one that is not there. Each STEP-th call;
# SOAK=1 each of them.
. "$(dirname "$0")/lib.sh"
. "$here/lib-omemo.sh"
step=${STEP:-4}
[ -z "${SOAK-}" ] || step=1
command -v strace >/dev/null || skip_all 'no strace'
asan_trace

# What alice does in each run: she reads what waits, and sends one message.
run=0
turn()
{
	run=$((run + 1))
	say bob "/label b$run /msg alice@localhost to alice $run"
	wait_for "$dir/bob.out" "^acked.*label=b$run\$"
	printf '%s\n' "/wait message - text=to\\salice\\s$run 60" \
	    "/msg bob@localhost to bob $run" '/wait acked' |
	    timeout 300 "$@" -cx -f "$dir/alice" >"$dir/one" 2>"$dir/err"
	status=$?
	cat "$dir/one" >>"$dir/alice.told"
	! grep -q ^acked "$dir/one" || echo $run >>"$dir/alice.acked"
	return $status
}

server prosody FRIENDS='alice bob'
device alice
device bob
start bob "$jackline" -ck -f "$dir/bob"
wait_for "$dir/bob.out" '^ok'
: >"$dir/alice.told"
: >"$dir/alice.acked"
turn "$jackline"
is 'a run' $? 0
errors=0 bad=''
for call in read fsync; do
	n=1
	while :; do
		turn strace -f -o "$dir/trace" -P "$dir/alice/omemo" \
		    -P "$dir/alice/omemo/bob@localhost" \
		    -P "$dir/alice/omemo/alice@localhost" \
		    -P "$dir/alice/omemo/@device" \
		    -P "$dir/alice/omemo/.new" \
		    -e trace=$call -e inject=$call:error=EIO:when=$n \
		    "$jackline"
		status=$?
		n=$((n + step))
		grep -q INJECTED "$dir/trace" || break
		errors=$((errors + 1))
		note "$call $n: $status $(cat "$dir/err")"
		[ $status -ne 0 ] || bad="$bad $call $n: ends well;"
		"$jackline" --check -f "$dir/alice" >"$dir/check" ||
		    bad="$bad $call $n: $(grep -v "${tab}ok$" "$dir/check");"
		# What waits is read, or each run would have more to read.
		turn "$jackline" || bad="$bad $call $n: not the next;"
	done
	is "without a failure of $call" $status 0
done
is 'each failure is told' "$bad" ''
ok "$errors calls failed" [ $errors -ge 5 ]
ok 'the last is read' wait_for "$dir/bob.out" \
    "^message.*${tab}to bob $run${tab}enc=omemo"
is 'alice has read them all' "$(told "$dir/alice.told" 'to alice')" \
    "$(seq $run)"
told "$dir/bob.out" 'to bob' >"$dir/bob.told"
is 'bob has read what was acked' \
    "$(grep -vxF -f "$dir/bob.told" "$dir/alice.acked")" ''
cat "$dir/bob.out" "$dir/alice.told" >"$dir/all"
unlike 'and nothing is unreadable' "$dir/all" unreadable
stop bob
server_down
end
