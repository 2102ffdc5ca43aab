#!/bin/sh
# The debug log holds what was said, and no secret; nobody writes a line of it.
. "$(dirname "$0")/lib.sh"

server prosody
account alice -o ''
account bob -o ''
start bob "$jackline" -c -f "$dir/bob"
wait_for "$dir/bob.out" '^ok'
start alice "$jackline" -c -f "$dir/alice" -d "$dir/log"
wait_for "$dir/alice.out" '^ok'
room=den@conference.$domain
# `passwordprotectedroom`, with `roomsecret`, as an owner does it.
say alice "/join $room/alice hush-1"
wait_for "$dir/alice.out" '^member.*code=110'
say bob "/msg alice@$domain/t $(printf '\302\233[31m') \\ > x" '/help quit'
wait_for "$dir/alice.out" '^message'
say alice "/go $room" "/invite bob@$domain come" "/msg bob@$domain seen"
wait_for "$dir/alice.out" '^acked'
eof alice
finish alice
is 'it ends well' $? 0
stop bob
is 'it begins with how the process is confined' "$(head -n 1 "$dir/log")" \
    "= $("$jackline" -V | tail -n 1)"
like 'the room' "$dir/log" "^> .*<presence to=.$room/alice"
like 'its password is left out' "$dir/log" '<password>\(left out\)</password>'
unlike 'all of them' "$dir/log" 'hush|alice-pw'
like 'what was sent' "$dir/log" '^> .*<body>seen</body>'
like 'what came' "$dir/log" '^< .*\\u\{9b\}\[31m \\\\ '
unlike 'each line is ours' "$dir/log" '^([^<>=]|.[^ ]|$)'
is 'nothing that controls' "$(tr -d '\n' <"$dir/log" |
    LC_ALL=C tr -cd '\000-\037\177' | wc -c)" 0
unlike 'nothing of the login' "$dir/log" 'xmpp-sasl.*>[A-Za-z0-9+/=]{8,}<'
is 'a file of ours' "$(stat -c %a "$dir/log")" 600
end
