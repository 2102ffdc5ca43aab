#!/bin/sh
# A bot in a room, and another client of its account there with its nick: it
# answers others, and never itself. shellcheck disable=SC2154
. "$(dirname "$0")/lib-room.sh"

server prosody
account alice -o ''
account bob -o ''
start alice "$jackline" -c -f "$dir/alice"
say alice "/join $room/Cy"
seen alice "ok$tab$at$room$tab-${tab}line=1"
stop alice
start bob "$jackline" -c -f "$dir/bob"
say bob "/join $room" "/go $room"
seen bob "topic$tab$at$room"
# shellcheck disable=SC2016 # the command's own
JACKLINE=$jackline start bot "$root/scripts/jackline-bot" -f "$dir/alice" \
    sh -c 'printf "answer to "; cat'
ok 'the bot comes' seen bob "member$tab$at$room/Cy.*show=online"
start other peer.py alice@localhost/peer alice-pw 127.0.0.1 \
    "$c2s" "$ca"
seen other '.*"got": "online"'
say other "$(printf '{"do":"raw","xml":"%s"}' \
    "<presence to='$room/Cy'><x xmlns='$muc'/></presence>")"
seen other '.*"got": "presence", "from": "'"$room/Cy"
say other "$(printf '{"do":"message","to":"%s","body":"%s"}' \
    "$room/Cy" 'to myself')" "$(printf \
    '{"do":"message","to":"%s","type":"groupchat","body":"%s"}' \
    "$room" 'to the room')"
seen other '.*"body": "to myself"'
seen bob "room$tab$at$room/Cy${tab}to the room"
say bob "/msg $room/Cy question"
ok 'it answers others' seen bob \
    "message$tab$at$room/Cy${tab}answer to question"
unlike 'and never itself' "$dir/other.out" 'answer to to myself'
unlike 'nor the room' "$dir/bob.out" 'answer to to'
stop bot
stop bob
end
