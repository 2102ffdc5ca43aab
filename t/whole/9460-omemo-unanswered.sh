#!/bin/sh
# OMEMO with a foreign client and COUNT messages each way that nobody answers:
# in one chain of the ratchet, read by a client that was away meanwhile. None
# is lost, none unreadable, and they still understand each other afterwards.
# 9459 does the same with few messages of our own; this one is in `make soak`.
. "$(dirname "$0")/lib.sh"
. "$here/lib-omemo.sh"
[ -n "${COUNT-}" ] || skip_all 'COUNT=1000 sends so many, as make soak does'
count=$COUNT

# bob: the foreign client, which sends no key by itself.
bob()
{
	start bob peer-omemo-xmpp.py bob@localhost/peer bob-pw 127.0.0.1 \
	    "$c2s" "$ca" "$dir/bob.state"
	say bob '{"do":"mute"}'
	wait_for "$dir/bob.out" '"got": "online"' || bail 'no foreign client'
}

# told FILE: the numbers of bob's messages that alice has told in FILE.
told()
{
	field 4 message "$1" | sed -n 's/^to you \([0-9]*\)$/\1/p' | sort -nu
}

# theirs: the numbers of alice's messages that bob has read.
theirs()
{
	sed -n 's/.*"got": "message".*"text": "from us \([0-9]*\)".*/\1/p' \
	    "$dir/bob.out" | sort -nu
}

server prosody FRIENDS='alice bob'
account alice
bob
printf '%s\n' '/omemo publish' '/msg bob@localhost hello' |
    timeout 300 "$jackline" -c -f "$dir/alice" >"$dir/out"
is 'both are ready' $? 0
ok 'bob has read a first one' wait_for "$dir/bob.out" '"text": "hello"'
eof bob
stop bob

seq -f '/msg bob@localhost from us %g' "$count" |
    timeout 600 "$jackline" -c -w 300 -f "$dir/alice" >"$dir/sent"
is 'alice sends to bob, who is away' $? 0
is 'all are acked' "$(grep -c ^acked "$dir/sent")" "$count"
bob
ok 'bob reads the last' wait_for "$dir/bob.out" \
    "\"text\": \"from us $count\"" 600
is 'and all others' "$(theirs)" "$(seq "$count")"

say bob "$(seq -f '{"do":"send","to":"alice@localhost","text":"to you %g"}' \
    "$count")"
ok 'bob sends to alice, who is away' \
    wait_for "$dir/bob.out" "\"text\": \"to you $count\"" 600
start alice "$jackline" -ck -f "$dir/alice"
ok 'alice reads the last' wait_for "$dir/alice.out" \
    "^message.*${tab}to you $count${tab}enc=omemo" 600
is 'and all others' "$(told "$dir/alice.out")" "$(seq "$count")"
unlike 'none is unreadable' "$dir/alice.out" unreadable

say alice '/msg bob@localhost answered'
ok 'an answer is read' wait_for "$dir/bob.out" '"text": "answered"'
say bob '{"do":"send","to":"alice@localhost","text":"and yours"}'
ok 'and one to it' wait_for "$dir/alice.out" "${tab}and yours${tab}enc=omemo"
unlike 'bob saw no error' "$dir/bob.out" '"got": "error"|"errors": \["'
eof alice
stop alice
stop bob
server_down
end
