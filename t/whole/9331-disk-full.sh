#!/bin/sh
# What cannot be stored: a line is answered by `store`; a message that cannot be
# kept stays with the server, the program ends with 74, and nothing is lost.
. "$(dirname "$0")/lib.sh"

server prosody FRIENDS='alice bob'
account alice -o ''
account bob -o ''
histories=$dir/alice/histories
runs=0

# delivered: how many messages of bob's are.
delivered()
{
	grep -c '^delivered' "$dir/bob.out"
}

# meet [COMMAND...]: alice comes, by way of COMMAND, and bob sees her.
meet()
{
	runs=$((runs + 1))
	start alice "$@" "$jackline" -ck -f "$dir/alice"
	say alice "/status online run$runs"
	wait_for "$dir/bob.out" "^presence.*alice@localhost.*${tab}run$runs" ||
	    bail 'bob does not see alice'
}

has_delivered()
{
	[ "$(delivered)" -ge "$1" ]
}

# waits_for_receipt COUNT: so many messages of bob's are delivered.
waits_for_receipt()
{
	wait_until has_delivered "$1"
}

# comes_again NAME TEXT COUNT: the message of before is told once more and
# kept; then so many of bob's are delivered.
comes_again()
{
	meet
	ok "$1: it comes again" wait_for "$dir/alice.out" "^message.*$tab$2$tab"
	like "$1: as one that may have come" "$dir/alice.out" \
	    "$tab$2$tab.*dup=maybe"
	ok "$1: now it is delivered" waits_for_receipt "$3"
	say alice /quit
	finish alice
	like "$1: and is kept" "$histories/bob@localhost" "(message $2)"
}

start bob "$jackline" -ck -f "$dir/bob"
wait_for "$dir/bob.out" '^ok' || bail 'bob'
printf '/go bob@localhost\n/log on\n' | "$jackline" -f "$dir/alice" >"$dir/out"

# Its history is a directory: no root can write to that either.
mkdir -p "$histories/bob@localhost"
meet
say alice '/msg bob@localhost hello'
finish alice
is 'ours: the program ends' $? 74
like 'ours: an error says so' "$dir/alice.out" \
    "^error$tab.*histories/bob@localhost.*${tab}line=-${tab}cause=store"
like 'ours: its fate is told' "$dir/alice.out" \
    "^unknown$tab.*${tab}cause=store"
like 'ours: one reason' "$dir/alice.err" 'histories/bob@localhost'

meet
say bob '/msg alice@localhost/t theirs'
finish alice
is 'theirs: the program ends' $? 74
like 'theirs: an error says so' "$dir/alice.out" "^error$tab.*cause=store"
is 'theirs: no receipt' "$(delivered)" 0
rmdir "$histories/bob@localhost"
comes_again theirs theirs 1

# A disk that is full, where one may be made.
# shellcheck disable=SC2016 # for the other shell
full='mount -t tmpfs -o size=4k,mode=700 none "$0" && : >"$0/bob@localhost" &&
    { cat /dev/zero >"$0/zeros" 2>/dev/null; exec "$@"; }'
if unshare -m sh -c "$full" "$histories" true 2>"$dir/err"; then
	cp "$histories/bob@localhost" "$dir/before"
	meet unshare -m sh -c "$full" "$histories"
	say bob '/msg alice@localhost/t full'
	finish alice
	is 'full: the program ends' $? 74
	like 'full: an error says so' "$dir/alice.out" \
	    "^error$tab.*No space left.*cause=store"
	is 'full: no receipt' "$(delivered)" 1
	is 'full: what was there is there' "$(cat "$histories/bob@localhost")" \
	    "$(cat "$dir/before")"
	comes_again full full 2
else
	diag "no disk to fill: $(cat "$dir/err")"
fi

# A setting: the line says it, and what holds.
mkdir -p "$dir/alice/users/.new" # where it would be written first
printf '%s\n' '/go carol@localhost' '/log on' /info '/otrpolicy +v3' |
    "$jackline" -f "$dir/alice" >"$dir/out"
is 'a setting: the status' $? 74
like 'a setting: /log on' "$dir/out" \
    "^error$tab.*nothing is kept${tab}line=2${tab}cause=store"
unlike 'a setting: nor does /info say so' "$dir/out" 'logging=yes|is kept in'
like 'a setting: /otrpolicy' "$dir/out" \
    "^error$tab.*holds for this run only${tab}line=4${tab}cause=store"
is 'a setting: each line is answered once' \
    "$(grep -cE '^(ok|error)' "$dir/out")" 4
rmdir "$dir/alice/users/.new"

# Beside a running one nothing is stored: a setting holds, trust does not.
printf '%s\n' '/go bob@localhost' '/log off' \
    '/revoke 0000000000000000000000000000000000000000' |
    "$jackline" -r beside -f "$dir/alice" >"$dir/out"
like '-r: a setting' "$dir/out" \
    "^ok${tab}.*nothing is stored with -r${tab}line=2"
like '-r: trust' "$dir/out" "^error$tab.*${tab}line=3${tab}cause=(store|no-f)"
say bob /quit
finish bob
end
