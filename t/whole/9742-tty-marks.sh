#!/bin/sh
# At a terminal a correction stands where the message was, and what only marks a
# message is one dim row.
# shellcheck disable=SC2154 # what lib.sh sets
. "$(dirname "$0")/lib-tty.sh"

server prosody FRIENDS='alice bob' ACCOUNTS='alice bob'
account alice -o ''
tty_shell 100
run -c -f "$dir/alice" -g bob@localhost
sees 'online' '\* online'
start bob peer.py bob@localhost/t bob-pw 127.0.0.1 "$c2s" "$ca"
wait_for "$dir/bob.out" online
sees 'bob is there' 'bob@localhost/t \* is online'

# bob ID TEXT [XML]: what bob says; without TEXT there is no body.
bob()
{
	xml="<message to='alice@localhost' type='chat' id='$1'>${2:+<body>$2\
</body>}${3-}</message>"
	say bob "{\"do\": \"raw\", \"xml\": \"$xml\"}"
}

# reacts ID OF [TEXT]: bob reacts to the message OF; without TEXT no longer.
reacts()
{
	bob "$1" '' "<reactions xmlns='urn:xmpp:reactions:0' id='$2'>${3:+\
<reaction>$3</reaction>}</reactions>"
}

bob m1 one
bob m2 secnd
sees 'two messages' '<-- secnd$'
bob m3 second "<replace xmlns='urn:xmpp:message-correct:0' id='m2'/>"
sees 'a correction of the last' '<-- second \(corrected\)$'
is 'stands where that was' "$(rows | sed -n 's/.*<-- //p' |
    tr '\n' ' ')" 'one second (corrected) '
bob m4 won "<replace xmlns='urn:xmpp:message-correct:0' id='m1'/>"
sees 'one of another is a row' '<-- won \(corrected\)$'
is 'of its own' "$(rows | sed -n 's/.*<-- //p' | tr '\n' ' ')" \
    'one second (corrected) won (corrected) '
reacts m5 m1 x
sees 'a reaction, with what it is of' '^[0-9:]{8} \* bob x: won$'
paints 'is dim' '\\e\[2m\* bob x: won'
reacts m6 none y
sees 'one to what is not known' '^[0-9:]{8} \* bob y$'
reacts m7 m1
sees 'one taken back' '^[0-9:]{8} \* bob took the reaction back: won$'
bob m8 '' "<retract xmlns='urn:xmpp:message-retract:1' id='m2'/>"
sees 'a message taken back' '^[0-9:]{8} \* bob took back: second$'
is 'the messages stay' "$(rows | grep -c -e '<-- ')" 3
keys C-d
same 'the end'
end
