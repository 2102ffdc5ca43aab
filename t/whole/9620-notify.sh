#!/bin/sh
# The notification callback, --fd-nfy and --fd-gui. shellcheck disable=SC2154
. "$(dirname "$0")/lib.sh"

server prosody
account bob -o ''

# The callback is a program: its arguments, one line each call.
cat >"$dir/call back" <<'END'
#!/bin/sh
{ printf '<%s>' "$@"; echo; } >>"$(dirname "$0")/called"
env >>"$(dirname "$0")/environment"
echo noise; echo noise >&2
END
chmod +x "$dir/call back"
account alice -o '' -n "$dir/call back"
mkfifo "$dir/gui"
SECRET=x start alice "$jackline" -c -f "$dir/alice" -g bob@localhost \
    --fd-nfy "$dir/words" --fd-gui "$dir/gui"
start bob "$jackline" -c -f "$dir/bob"
wait_for "$dir/bob.out" "${tab}online"
ok 'connect' wait_for "$dir/called" \
    '^<alice@localhost/t><connected><connect>$'
is 'the first call of all' "$(head -n 1 "$dir/called")" \
    '<alice@localhost/t><disconnected><disconnect>'
say bob '/msg alice@localhost/t seen at once'
ok 'a message that was seen: four words' wait_for "$dir/called" \
    '<connected><notify_contact><clear_all_notifications>$'
echo 'gui_focus false' >"$dir/gui"
# The focus is read by itself: messages until it is.
focus_lost()
{
	# shellcheck disable=SC2016 # on purpose
	say bob '/msg alice@localhost/t $(touch x) "`touch x`'
	grep -q 'notify_contact$' "$dir/words"
}
wait_until focus_lost
ok 'a message' wait_for "$dir/called" \
    '^<alice@localhost/t><connected_notifications><notify_contact>$'
like 'from whom is in the environment' "$dir/environment" \
    '^JACKLINE_PEER=bob@localhost$'
like 'and of what kind it is' "$dir/environment" '^JACKLINE_KIND=chat$'
room=den@conference.localhost
say bob "/join $room" '/wait topic'
wait_for "$dir/bob.out" '^topic'
say alice "/join $room"
wait_for "$dir/alice.out" "^topic${tab}.*$room"
say bob "/msg $room hello" "/msg $room Alice, look" '/go '"$room" \
    '/invite alice@localhost come'
for kind in room mention invite; do
	ok "a call of the kind $kind" wait_for "$dir/environment" \
	    "^JACKLINE_KIND=$kind\$"
done
say alice "/go $room" '/go bob@localhost'
echo 'gui_focus true' >"$dir/gui"
ok 'which was seen' wait_for "$dir/called" \
    '^<alice@localhost/t><connected><clear_all_notifications>$'
ok 'the same words in a file' wait_for "$dir/words" \
    '^connected clear_all_notifications$'
say alice '/add carol@localhost'
ok 'a change of the contacts' wait_for "$dir/environment" \
    '^JACKLINE_PEER=carol@localhost$'
wait_for "$dir/alice.out" '^roster.*pending=yes'
say alice '/go carol@localhost' /remove
ok 'that was seen' wait_for "$dir/alice.out" '^roster.*sub=remove'
eof alice
finish alice
is 'it ends well' $? 0
is 'the last two' "$(tail -n 2 "$dir/called" | tr '\n' ' ')" \
    "$(printf '<alice@localhost/t><%s> ' \
    'connected><clear_all_notifications' 'quit><quit')"
is 'all of them' "$(cut -d '>' -f 2- "$dir/called" | tr -d '<' | tr '>' ' ' |
    sed 's/ $//')" "$(cat "$dir/words")"
unlike 'nothing of the message' "$dir/called" 'touch|seen at once'
unlike 'a scrubbed environment' "$dir/environment" SECRET
unlike 'its output is dropped' "$dir/alice.out" noise
is 'nor elsewhere' "$(cat "$dir/alice.err")" ''

# Descriptors by their numbers, and none.
printf 'gui_focus false\n' >"$dir/focus"
timeout 100 "$jackline" -f "$dir/alice" --fd-nfy 5 --fd-gui=6 </dev/null \
    >"$dir/out" 5>"$dir/words" 6<"$dir/focus"
is 'by number' $? 0
is 'the same words' "$(cat "$dir/words")" "$(printf \
    'disconnected disconnect\nquit quit')"
for bad in 'nfy 55' 'gui 55' 'nfy 6' 'nfy 4294967301' "gui $dir/none" \
    "nfy $dir/none/x"; do
	# shellcheck disable=SC2086 # two words
	timeout 100 "$jackline" -f "$dir/alice" --fd-$bad </dev/null \
	    >"$dir/out" 5>"$dir/words" 6<"$dir/focus" 2>"$dir/err"
	is "no --fd-$bad" $? 64
	like 'in words' "$dir/err" "^jackline: --fd-$bad: "
done

# What is no program is for the shell, our words are its arguments.
rm -rf "$dir/alice" "$dir/called"
account alice -o '' -n "printf '%s\n' >>$dir/called one"
timeout 100 "$jackline" -c -f "$dir/alice" </dev/null >"$dir/out"
is 'a line of shell' $? 0
is 'gets them as arguments' "$(head -n 4 "$dir/called" | tr '\n' ' ')" \
    'one alice@localhost/t disconnected disconnect '

# A name is looked for in PATH, never where we happen to be.
rm -rf "$dir/alice"
account alice -o '' -n 'call-back'
mkdir "$dir/here" "$dir/bin"
for at in here bin; do
	printf '#!/bin/sh\necho %s >>%s/named\n' "$at" "$dir" \
	    >"$dir/$at/call-back"
	chmod +x "$dir/$at/call-back"
done
(cd "$dir/here" && PATH=$dir/bin:$PATH exec timeout 100 "$jackline" -c \
    -f "$dir/alice" </dev/null >"$dir/out")
is 'a name is one of PATH' "$(sort -u "$dir/named")" bin

# Whoever starts us may ignore SIGCHLD and block signals; each is called all the
# same.
rm -rf "$dir/alice" "$dir/called"
account alice -o '' -n "printf '%s\n' >>$dir/called"
timeout 100 python3 -c 'import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
os.execv(sys.argv[1], sys.argv[1:])' "$jackline" -c -f "$dir/alice" \
    </dev/null >"$dir/out"
is 'SIGCHLD ignored, all signals blocked' $? 0
is 'all calls' "$(grep -cE '^(disconnect|connect|quit)$' "$dir/called")" 4
start blocked python3 -c 'import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
os.execv(sys.argv[1], sys.argv[1:])' "$jackline" -c -f "$dir/alice"
wait_for "$dir/blocked.out" '^ok'
stop blocked
is 'a signal that was blocked' $? 0

# One that cannot be started is told once.
rm -rf "$dir/alice"
printf '#!/bin/sh\n' >"$dir/plain"
for callback in "$dir/missing" "$dir/plain"; do
	rm -rf "$dir/alice"
	account alice -o '' -n "$callback"
	timeout 25 "$jackline" -c -f "$dir/alice" </dev/null >"$dir/out"
	is "callback ${callback##*/}" $? 0
	is 'told once' "$(grep -c '^warning.*could not be started' \
	    "$dir/out")" 1
done

# One that is not there, fails, hangs or floods harms nobody.
for callback in "$dir/missing" 'exit 3;' 'sleep 60;' \
    'while :; do echo noise; done;' 'head -c 1000000 /dev/zero >&2;'; do
	rm -rf "$dir/alice"
	account alice -o '' -n "$callback"
	printf '/msg bob@localhost/t hi\n' | timeout 25 "$jackline" -c \
	    -f "$dir/alice" >"$dir/out" 2>"$dir/err"
	is "callback $callback" $? 0
	like 'the message went out' "$dir/out" '^acked'
done

# The helper that runs it: a process in a session of its own, with no descriptor
# and no secret of ours; it was forked before the password was read.
rm -rf "$dir/alice" "$dir/called"
account alice -o '' -n "printf '%s\n' >>$dir/called"
start alice "$jackline" -c -f "$dir/alice" --fd-nfy 7 7>"$dir/words"
ok 'it is called' wait_for "$dir/called" '^connect$'
main=$(pid alice)
read -r helper <"/proc/$main/task/$main/children"
is 'the only child' "$(echo "$helper" | wc -w)" 1
is 'standard descriptors that lead nowhere' \
    "$(readlink "/proc/$helper/fd/0" "/proc/$helper/fd/1" \
    "/proc/$helper/fd/2" | sort -u)" /dev/null
is 'and besides, a socket and the pipe of its signals' \
    "$(readlink /proc/"$helper"/fd/* | sed 's/:.*//' | sort | uniq -c |
    tr -s ' \n' ' ')" ' 3 /dev/null 2 pipe 1 socket '
is 'its session' "$(ps -o sid= -p "$helper" | tr -d ' ')" "$helper"
password=$(cat "$dir/alice/password")
key=$(sed 's/.*(x \([0-9]*\)).*/\1/' "$dir/alice/otr_dsa.sexp")
[ ${#key} -ge 40 ]
result $? 'a key'
printf '%s\n' "$password" "$key" >"$dir/secrets"
python3 "$here/memory.py" "$main" <"$dir/secrets" >"$dir/found"
is 'both are in the memory of jackline' "$(sort "$dir/found")" \
    "$(sort "$dir/secrets")"
is 'and not in that of the helper' \
    "$(python3 "$here/memory.py" "$helper" <"$dir/secrets")" ''
kill -TERM "$helper"
kill -INT "$helper"
kill -HUP "$helper"
say alice '/wait presence bob@localhost 0'
wait_for "$dir/alice.out" '^error'
running "$helper"
result $? 'signals do not end it'
kill -KILL "$helper"
ok 'its death is told' wait_for "$dir/alice.out" \
    '^warning.*callback is not run any more: .* has ended'
! [ -e "/proc/$helper" ]
result $? 'it leaves no zombie'
server_down
ok 'the connection is lost' wait_for "$dir/alice.out" "${tab}waiting"
stop alice
is 'it ends as ever' $? 69
is 'told once' "$(grep -c '^warning.*callback' "$dir/alice.out")" 1
is 'and the words are all in the file' "$(tail -n 1 "$dir/words")" 'quit quit'
kind=prosody
server_again

# It ends with jackline, however that ends, and so does a program that hangs.
rm -rf "$dir/alice"
cat >"$dir/hang" <<END
#!/bin/sh
echo \$\$ >$dir/hung.new && mv $dir/hung.new $dir/hung
exec sleep 600
END
chmod +x "$dir/hang"
helper_gone()
{
	! running "$helper" && ! running "$(cat "$dir/hung")"
}
for how in KILL TERM; do
	account alice -o '' -n "$dir/hang"
	start alice "$jackline" -f "$dir/alice"
	ok "hangs until SIG$how" wait_for "$dir/hung" .
	main=$(pid alice)
	read -r helper <"/proc/$main/task/$main/children"
	kill -s "$how" "$main"
	finish alice
	ok 'all of it has ended' wait_until helper_gone
	rm -rf "$dir/alice" "$dir/hung"
done

# A lost connection is reported; a callback that hangs is ended after 30 s of
# a clock that skips what it can, and the next one is run. The clock skips after
# three idle seconds, in which that next one must have begun.
rm -rf "$dir/alice"
cat >"$dir/hang" <<END
#!/bin/sh
echo "\$*" >>$dir/calls
[ "\$3" = connect ] || exit 0
echo \$\$ >$dir/hung
exec sleep 600
END
chmod +x "$dir/hang"
account alice -o '' -n "$dir/hang"
start alice env LD_PRELOAD="$build/t/preload/skip.so" IDLE=3000 "$jackline" -c \
    -f "$dir/alice"
ok 'it hangs' wait_for "$dir/hung" .
server_down
"$build/t/whole/await" "$dir/calls" . "$patience" 2 >/dev/null
is 'a lost connection, when it was killed' "$(tail -n 1 "$dir/calls")" \
    'alice@localhost/t disconnected disconnect'
! running "$(cat "$dir/hung")"
result $? 'it is gone'
kill -KILL "$(pid alice)"
finish alice
stop bob

# At a terminal a BEL passes, and nothing else of it.
cat >"$dir/bell.sh" <<'END'
if [ $3 != "connect" ]; then printf '\a'; fi
head -c 1000000 /dev/zero; echo noise; printf '\033[31m'
END
chmod +x "$dir/bell.sh"
rm -rf "$dir/alice"
account alice -o '' -n "$dir/bell.sh" # without #!
# libedit does not free its keys.
asan_trace
TERM=xterm start terminal python3 -c \
    'import pty, sys; pty.spawn(sys.argv[1:])' "$jackline" -f "$dir/alice"
ok 'a bell' wait_for "$dir/terminal.out" "$(printf '\a')"
say terminal /quit
finish terminal
unlike 'and no noise' "$dir/terminal.out" "noise|$(printf '\033\\[31m')"

end
