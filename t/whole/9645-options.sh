#!/bin/sh
# --only, --sanitize and --delivered as a script uses them.
# shellcheck disable=SC2016 # programs of awk
. "$(dirname "$0")/lib.sh"

server prosody
account alice -o ''
account bob

exits 'an unknown tag is wrong usage' 64 "$jackline" -f "$dir/alice" --only mess
exits 'so is none' 64 "$jackline" -f "$dir/alice" --only ''
printf '%s\n' '/connect' '/msg bob@localhost hello' '/nonsense' '/wait acked' |
    "$jackline" -f "$dir/alice" --only sent,acked >"$dir/out"
is 'an error that is not shown counts' $? 1
is 'only these, and hello' "$(cut -f1 "$dir/out" | tr '\n' ' ')" \
    'hello sent acked '
printf '%s\n' '/connect' '/nonsense' '/msg bob@localhost hello' |
    "$jackline" -x -f "$dir/alice" --only ask,sent >"$dir/out"
is '-x sees it, too' "$(cut -f1 "$dir/out" | tr '\n' ' ')" 'hello '

# Each line is there at once, and whole, although the reader is slow.
start bob "$jackline" -c -f "$dir/bob" --only message
printf '/msg bob@localhost one\n/msg bob@localhost %s\n' \
    "$(head -c 60000 /dev/zero | tr '\0' x)" |
    "$jackline" -ct bob@localhost -f "$dir/alice" >"$dir/out" 2>"$dir/err"
ok 'a line at once' wait_for "$dir/bob.out" 'one'
wait_for "$dir/bob.out" 'xxx.enc='
ok 'a long line whole' awk -F '\t' 'length($4) > 60000 { found = 1 }
    END { exit !found }' "$dir/bob.out"
is 'and nothing else' "$(cut -f1 "$dir/bob.out" | sort -u | tr '\n' ' ')" \
    'hello message '
if command -v mawk >/dev/null; then
	mkfifo "$dir/lines"
	"$jackline" -c -r mawk -f "$dir/bob" --only message,state \
	    <"$dir/lines" |
	    mawk -W interactive -F '\t' '{ print $1 " " $4; fflush() }' \
	    >"$dir/mawk.out" &
	exec 8>"$dir/lines"
	wait_for "$dir/mawk.out" '^state online'
	printf '/msg bob@localhost/mawk two\n' |
	    "$jackline" -c -f "$dir/alice" >"$dir/out"
	ok 'mawk shows a line at once' wait_for "$dir/mawk.out" '^message two$'
	exec 8>&-
	wait $!
else
	skip 1 'no mawk'
fi

# What XML cannot carry.
printf 'a\033[1mb\351\n' >"$dir/log"
exits 'one ESC is refused' 1 "$jackline" -c -t bob@localhost \
    -f "$dir/alice" <"$dir/log"
exits 'but with --sanitize' 0 "$jackline" -c -t bob@localhost \
    --sanitize -f "$dir/alice" <"$dir/log"
ok 'it arrives spelled out' wait_for "$dir/bob.out" \
    'a\\\\x1b\[1mb\\\\xe9'

# Receipts: bob sends none to whom he does not know.
printf '/msg bob@localhost hello\n' >"$dir/log"
exits 'no receipt in two seconds' 75 "$jackline" -c --delivered -w 2 \
    -f "$dir/alice" <"$dir/log"
like 'an event says what there was' "$dir/out" '^acked'
say bob '/add alice@localhost' '/with alice@localhost /authorization allow'
printf '%s\n' '/add bob@localhost' '/with bob@localhost /authorization allow' \
    '/wait subscription bob@localhost type=subscribed' |
    "$jackline" -c -f "$dir/alice" >"$dir/out"
wait_for "$dir/bob.out" x >/dev/null
stop bob
start bob "$jackline" -c -f "$dir/bob" --only message
wait_for "$dir/bob.out" hello
printf '%s\n' '/wait presence bob@localhost show=online' \
    '/msg bob@localhost hello' >"$dir/log"
exits 'a receipt ends the wait' 0 "$jackline" -c --delivered -w 60 \
    -f "$dir/alice" <"$dir/log"
like 'and is seen' "$dir/out" '^delivered'
stop bob
end
