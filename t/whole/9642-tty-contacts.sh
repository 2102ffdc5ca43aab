#!/bin/sh
# People, rooms and who is in them at a terminal, in the notation of the
# original.
# shellcheck disable=SC2154 # what lib.sh sets
. "$(dirname "$0")/lib-tty.sh"

den=den@conference.localhost
server prosody FRIENDS='alice bob'
account alice -o ''
account bob -o ''
account carol -o ''
# lists_all PATTERN: the list of all contacts has such a row.
lists_all()
{
	keys C-l '/contacts all' Enter
	wait_until row_like '^[0-9:]{8} +[^ ]* bob@localhost'
	row_like "$1"
}

tty_shell 120
run -c -f "$dir/alice"
sees 'online' '\* online'
start bob "$jackline" -c -f "$dir/bob" -r one
start two "$jackline" -c -f "$dir/bob" -r two
wait_for "$dir/two.out" "^state.*${tab}online"
sees 'both are there' 'bob@localhost/two \* is online'
say bob '/status dnd busy' '/priority 5'
sees 'one is busy' 'bob@localhost/one \* is dnd: busy'
keys /contacts Enter
sees 'ourselves' '^[0-9:]{8}  \{o\} alice@localhost$'
sees 'a contact with two sessions' '^[0-9:]{8} \+\[d\] bob@localhost'
keys '/go bob@localhost' Enter
sees 'is turned to' 'with bob@localhost'
keys /expand Enter
sees 'one session' \
    '^[0-9:]{8}  d one \(best\) \(5\) \(receipts unknown\) - busy$'
sees 'the other' '^[0-9:]{8}  o two \(0\) \(receipts unknown\)$'
keys /expand Enter
sees 'and together again' 'go to the best resource'
say two /quit
sees 'one leaves' '/two \* is offline'
keys C-l /contacts Enter
sees 'a contact with one' '^[0-9:]{8}  \[d\] bob@localhost$'
paints 'is red' '\\e\[31m \[d\] bob@localhost'
keys '/otr start' Enter
sees 'encrypted' 'otr: encrypted'
keys /contacts Enter
sees 'and says so' '^[0-9:]{8}  \[d\] bob@localhost \(otr, unverified\)$'
paints 'in green' '\\e\[38;5;28m \[d\] bob@localhost'
keys "/join $den" Enter
sees 'in a room' 'you are in this room, which is new, as alice; nobody'
say bob "/join $den"
sees 'with another' 'bob is dnd, participant'
keys "/go $den" Enter /info Enter
sees 'the room' "^[0-9:]{8} \\+o\\(2\\) $den - no topic$"
sees 'we' '^[0-9:]{8}  om alice \(owner\)'
sees 'they' '^[0-9:]{8}  dp bob \(bob@'
keys C-l /expand Enter /contacts Enter
sees 'nothing more to be listed' "^[0-9:]{8}  o\\(2\\) $den - no topic\$"
keys /expand Enter
keys C-l '/rooms conference.localhost' Enter
sees 'a list of rooms' "^[0-9:]{8} $den \\*\$"
keys /blocked Enter
sees 'nobody is blocked' '^[0-9:]{8} \* nobody is blocked$'
keys '/block eve@localhost' Enter
sees 'somebody is' 'eve@localhost \* is blocked: nothing goes to them'
keys C-l /blocked Enter
sees 'and listed' '^[0-9:]{8} eve@localhost \* is blocked$'
keys '/raw 726177' Enter
sees 'bytes' '^[0-9:]{8} --> raw$'
start carol peer.py carol@localhost/c carol-pw 127.0.0.1 "$c2s" "$ca"
wait_for "$dir/carol.out" '"got": "online"'
say carol '{"do":"presence","to":"alice@localhost","type":"subscribe",'\
'"status":"it is me"}'
sees 'a request' 'carol@localhost \* asks to see when you are online - it is me'
say carol '{"do":"message","to":"alice@localhost","body":"hello?"}'
sees 'a word' 'hello\?'
keys /contacts Enter
sees 'of a stranger, unread' '^[0-9:]{8} \*\?_\? carol@localhost \(1 unread\)$'
keys '/authorization allow carol@localhost' Enter
sees 'allowed' 'carol@localhost \* sees your presence from now on'
wait_until lists_all '^[0-9:]{8} \*F_F carol@localhost'
result $? 'as such, once the server has said so'
keys '/status away lunch' Enter
sees 'what we did is said' '^[0-9:]{8} \* your presence is away$'
keys "/go $den" Enter /leave Enter
ends 'a room that we left' "^## $den \[_\] room> *\$"
keys /quit Enter
same 'at the end'
stop carol
stop bob

end
