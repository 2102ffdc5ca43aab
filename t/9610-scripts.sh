#!/bin/sh
# The scripts that are installed. shellcheck disable=SC2154 # of lib.sh
. "$(dirname "$0")/lib.sh"

JACKLINE=$jackline
export JACKLINE
scripts=$root/scripts
# shellcheck disable=SC2016 # on purpose
hostile=$(printf 'a\\n/quit\n/msg x@y z\n\n $(touch pwned) `x` %%s\n \\e')

server prosody
account alice -o ''
account bob -o ''

# Beside a jackline that runs on the same directory.
start alice "$jackline" -c -f "$dir/alice"
start bob "$jackline" -c -f "$dir/bob"
wait_for "$dir/alice.out" "${tab}online"
wait_for "$dir/bob.out" "${tab}online"
printf '%s\n' "$hostile" | "$scripts/jackline-send" -f "$dir/alice" \
    bob@localhost 2>"$dir/err"
is 'send: from a pipe' $? 0
ok 'send: it arrives' wait_for "$dir/bob.out" "^message.*alice@localhost/send"
is 'send: whole, newlines kept' "$(field 4 message "$dir/bob.out" |
    tr -d '\n' | "$jackline" --unescape)" "$hostile"
"$scripts/jackline-send" -f "$dir/alice" -m hello bob@localhost bob@localhost/t
is 'send: an argument to two' $? 0
ok 'send: both' wait_for "$dir/bob.out" "^message.*hello$tab"
"$scripts/jackline-send" -f "$dir/alice" -m hi nobody@localhost 2>"$dir/err"
is 'send: to nobody' $? 1
like 'send: and why' "$dir/err" '^jackline: '
"$scripts/jackline-send" -f "$dir/alice" 2>"$dir/err"
is 'send: no JID' $? 64
"$scripts/jackline-send" -m x "$(printf 'a@b\n/quit')" 2>"$dir/err"
is 'send: no JID but more lines' $? 64
# Who never wrote to us is not answered by OTR unasked.
say bob '/msg alice@localhost/t hi'
wait_for "$dir/bob.out" '^acked'
"$scripts/jackline-send" -t -f "$dir/alice" -m secret bob@localhost \
    2>"$dir/err"
is 'send: never to a key that is not verified' $? 1
"$scripts/jackline-send" -s -f "$dir/alice" -m quiet bob@localhost/t \
    2>"$dir/err"
is 'send: encrypted' $? 0
ok 'send: it is' wait_for "$dir/bob.out" "^message.*${tab}quiet${tab}enc=otr"
unlike 'send: nothing else is' "$dir/bob.out" "${tab}secret$tab"
stop bob
stop alice

# The bot answers each in turn; its command sees what was said, and by whom.
cat >"$dir/command" <<'END'
printf '%s %s: ' "$JACKLINE_PEER" "$JACKLINE_ENC"
cat
END
start bot "$scripts/jackline-bot" -f "$dir/bob" sh "$dir/command"
start alice "$jackline" -ce -f "$dir/alice"
wait_for "$dir/alice.out" "${tab}online"
escaped=$(printf %s "$hostile" | "$jackline" --escape)
tries=0
until grep -q '^message' "$dir/alice.out" || [ $((tries += 1)) -gt 50 ]; do
	say alice '/msg bob@localhost/t ping'
	sleep 0.1
done
printf '/msg bob@localhost/t %s\n' "$escaped" >"$dir/alice.in"
ok 'bot: an answer' wait_for "$dir/alice.out" \
    "^message.*${tab}alice@localhost/t none: ping$tab"
ok 'bot: hostile text' wait_for "$dir/alice.out" '^message.*none: a.*pwned'
is 'bot: comes back as it was' "$(field 4 message "$dir/alice.out" |
    grep pwned | tr -d '\n' | "$jackline" --unescape)" \
    "alice@localhost/t none: $hostile"
stop alice
stop bot
is 'bot: ends as told' $? 0
[ ! -e pwned ]
result $? 'nothing was run'

is 'notify: a bell' "$(DISPLAY='' WAYLAND_DISPLAY='' \
    "$scripts/jackline-notify" a@b/c connected_notifications notify_contact \
    d@e)" "$(printf '\a')"
is 'notify: nothing else' "$("$scripts/jackline-notify" a@b/c connected \
    connect)" ''

end
