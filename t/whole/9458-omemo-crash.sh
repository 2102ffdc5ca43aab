#!/bin/sh
# OMEMO and kill -9, again and again while messages come and go: every message
# that came is told at least once, and no key of a ratchet is used twice, which
# the foreign client would report as an error.
. "$(dirname "$0")/lib.sh"
. "$here/lib-omemo.sh"
count=${COUNT:-40}

# more FILE PATTERN COUNT: so many lines of FILE match.
more()
{
	[ "$(grep -cE -e "$2" "$1")" -ge "$3" ]
}

# came COUNT: so many came since the start, or all that there are.
came()
{
	more "$dir/alice.out" '^message' "$1" ||
	    [ "$(cat "$dir/told" "$dir/alice.out" | grep '^message' |
	        grep -o "to you [0-9]*$tab" | sort -u | wc -l)" -eq "$count" ]
}

# lost TEXT FILE: the numbers of the texts that no message in FILE has.
lost()
{
	for i in $(seq "$count"); do
		grep -q "^message.*${tab}$1$i$tab" "$2" || echo "$i"
	done
}

server prosody FRIENDS='alice bob'
account alice
foreign bob bob@localhost/peer bob.state
printf '%s\n' '/omemo publish' '/msg bob@localhost hello' |
    timeout 300 "$jackline" -c -f "$dir/alice" >"$dir/out"
is 'both are ready' $? 0

for i in $(seq "$count"); do
	say bob '{"do":"send","to":"alice@localhost","text":"'"to you $i"'"}'
done
: >"$dir/told"
kills=0
while [ $kills -lt 10 ] && [ -n "$(lost 'to you ' "$dir/told")" ]; do
	start alice "$jackline" -ck -f "$dir/alice"
	wait_for "$dir/alice.out" '^hello'
	wait_until came $((kills % 4 + 1))
	kill -KILL "$(pid alice)"
	finish alice
	cat "$dir/alice.out" >>"$dir/told"
	kills=$((kills + 1))
done
wait_until more "$dir/bob.out" '"got": "sent"' "$count"
start alice "$jackline" -ck -f "$dir/alice"
all_told()
{
	cat "$dir/told" "$dir/alice.out" >"$dir/all"
	[ -z "$(lost 'to you ' "$dir/all")" ]
}
ok 'each message is told' wait_until all_told
stop alice
unlike 'none was unreadable' "$dir/all" 'cause=unreadable'

for kills in 1 2 3 4 5 6; do
	start alice "$jackline" -ck -f "$dir/alice"
	for i in $(seq "$count"); do
		say alice "/msg bob@localhost from us $kills.$i"
	done
	wait_for "$dir/alice.out" '^hello'
	wait_until more "$dir/alice.out" '^sent' $((kills * 3))
	kill -KILL "$(pid alice)"
	finish alice
done
printf '%s\n' '/msg bob@localhost the last' |
    timeout 300 "$jackline" -c -f "$dir/alice" >"$dir/out"
is 'one more' $? 0
ok 'it is read' wait_for "$dir/bob.out" '"text": "the last"'
unlike 'and all that arrived' "$dir/bob.out" '"got": "error"'
stop bob
server_down
end
