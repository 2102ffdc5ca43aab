#!/bin/sh
# At a terminal, with the default policy: each command that a row names is typed
# as it stands there, and does what the row says; a command that succeeds says
# so in one row; commands of other clients; /help, and each of its examples.
. "$(dirname "$0")/lib-tty.sh"
asan_libotr

rooms=conference.localhost
server prosody FRIENDS='alice bob'
policies='REQUIRE_ENCRYPTION WHITESPACE_START_AKE ERROR_START_AKE'
account alice -o "$policies"
account bob -o "$policies"
account carol
tty_shell
start bob "$jackline" -ce -f "$dir/bob"
wait_for "$dir/bob.out" "${tab}online"
run -c -f "$dir/alice"
ends 'up' '^> *$'

# hint NAME PATTERN: waits for the command that some row names and types it. A
# row that is folded is put together first.
hint()
{
	wait_until hint_is_there "$2"
	result $? "$1: is named" || diag "$(rows)"
	keys C-c
	keys -l "$(cat "$dir/hint")"
	keys Enter
}

hint_is_there()
{
	tm capture-pane -t t -p | sed 's/ *$//' |
	    awk '/^             / { sub(/^ +/, " "); printf "%s", $0; next }
	    { printf "\n%s", $0 } END { print "" }' >"$dir/folded"
	grep -oE -e "$1" "$dir/folded" | tail -n 1 >"$dir/hint"
	[ -s "$dir/hint" ]
}

# Somebody asks.
printf '%s\n' /connect '/add alice@localhost' >"$dir/asks"
exits 'carol asks' 0 "$jackline" -f "$dir/carol" <"$dir/asks"
hint 'a subscription' '/authorization allow carol@localhost'
sees 'is allowed' 'carol@localhost \* sees your presence from now on'
keys '/authorization allow dave@localhost' Enter
sees 'who has not asked' 'dave@localhost \* has not asked in this run'

# Text, a session, and whose key it is.
keys C-l '/query bob@localhost' Enter
ends 'another word for /go' '^bob@localhost \[o\] clear> *$'
keys 'hello' Enter
sees 'it begins' 'otr: encrypted, the key is new and unverified'
hint 'a new key' '/with bob@localhost /smp question QUESTION'
ends 'the secret is asked for' '^[^>]*: *$'
keys 'plover' Enter
wait_for "$dir/bob.out" "^smp.*${tab}QUESTION${tab}state=asked"
say bob '/with alice@localhost/t /smp answer plover'
sees 'the key is verified' 'smp: succeeded'
say bob '/with alice@localhost/t /smp question which bird?' SECRET
hint 'a question' '/with bob@localhost /smp answer SECRET'
wait_for "$dir/bob.out" '^smp.*state=succeeded.*trust=verified'
result $? 'is answered by it'
say bob '/with alice@localhost/t /smp shared plover'
sees 'they ask again' 'smp: they ask for the secret that you share'
keys C-c '/with bob@localhost /smp answer' Enter
ends 'without a secret it is asked for' '^[^>]*: *$'
keys 'plover' Enter
sees 'and not shown' 'they have verified you|smp: succeeded'
unlike 'nowhere' "$dir/bob.out" '^message.*plover'

# The ends of a session, and the way out.
say bob '/with alice@localhost/t /otr stop'
sees 'it ends' 'otr: they ended the encrypted session'
keys C-l 'more' Enter
hint 'text is refused' '/with bob@localhost /otr start'
sees 'a new session' 'otr: encrypted, the key is verified'
keys C-c '/otr info' Enter
sees 'a fingerprint in groups' 'key [0-9a-f]{8}( |$)'
keys C-l C-c '/with carol@localhost hi' Enter
hint 'who is offline' '/with carol@localhost /encryption none'
sees 'may have clear text' 'carol@localhost \* none: text is sent in the clear$'

# A room.
say bob "/join den@$rooms" "/with den@$rooms /invite alice@localhost come in"
hint 'an invitation' "/join den@$rooms"
sees 'one row for all' 'you are in this room as alice; with you:'
is 'and none for each' "$(rows | grep -c 'bob is online, ')" 0
keys C-l "/join den@$rooms" Enter
sees 'entered twice' 'you are in this room already; '
hint 'where to talk' "/go den@$rooms"
ends 'there' "^den@$rooms \\[o\\] room> *\$"
keys 'hello all' Enter
wait_for "$dir/bob.out" "^room${tab}.*${tab}hello all$tab"
result $? 'all hear it'
keys C-l '/status away at tea' Enter
sees 'our presence' '\* your presence is away'
keys '/status free' Enter
sees 'and back' '\* your presence is free'
say bob "/with den@$rooms here"
sees 'the room goes on' '<-- bob: here$'
is 'your presence is told once' "$(rows | grep -cE 'alice is (away|free)')" 0
keys C-l "/with den@$rooms /names" Enter
sees 'who is there' ' om bob'
keys '/part' Enter
sees 'out again' 'alice left'
# A room without a topic has no row for it.
keys C-l "/join den@$rooms" Enter
sees 'in once more' 'you are in this room as alice; with you: bob$'
say bob "/with den@$rooms /topic plain words"
sees 'a topic' '\* topic: plain words$'
is 'is the second row' "$(rows | grep -cE '^[0-9:]{8} \*')" 2
keys C-l /leave Enter
sees 'and out' 'alice left'

# One row each.
one()
{
	keys C-l C-c
	ends "$1: nothing else" '> *$'
	keys -l "$1"
	keys Enter
	sees "$1: is done" "$2"
	is "$1: in one row" "$(rows | grep -cE '^[0-9:]{8} ')" 1
}
keys '/go bob@localhost' Enter
ends 'bob' '^bob@localhost'
one '/block eve@localhost' 'eve@localhost \* is blocked'
one '/unblock eve@localhost' 'eve@localhost \* is no longer blocked'
# once COMMAND PATTERN: the rows of COMMAND are this one, before that of the
# answer to a request which the server takes behind it.
once()
{
	keys C-l C-c
	ends "$1: nothing else" '> *$'
	keys -l "$1"
	keys Enter
	sees "$1: is done" "$2"
	keys /blocked Enter
	sees "$1: all is told" '\* nobody is blocked'
	is "$1: in one row" "$(rows | grep -cE '^[0-9:]{8} ')" 2
}
# From now on the server tells us of each change, and not only answers.
one '/blocked' '\* nobody is blocked'
one '/block eve@localhost' 'eve@localhost \* is blocked'
once '/unblock eve@localhost' 'eve@localhost \* is no longer blocked'
once '/unblock eve@localhost' 'eve@localhost \* is no longer blocked'
once '/add zoe@localhost' 'zoe@localhost \* is in the roster, and is asked'
once '/add zoe@localhost' 'zoe@localhost \* is in the roster; asked again'
once '/otr stop' '\* otr: you have left the encrypted session'
once '/otr stop' '\* there is no session now'
once '/fingerprint zz' '40 hexadecimal digits \(OTR\) or 64 \(OMEMO\)$'
once '/block @' '\* the JID is not valid: empty local part$'
once "/with den@$rooms /topic x" '\* you are not in that room$'
one '/log on' '\* what is said is kept from now on'
one '/log off' '\* nothing more is kept'
one '/priority 3' '\* your priority is 3'
one '/priority 300' '\* usage: /priority N, which is from -128 to 127'
one '/otrpolicy +v2' '\* \+require_encryption'
one '/encryption auto' '\* auto: text is encrypted by OTR'
one '/filter x' '\* only messages with that text are shown'
one '/filter' '\* all messages are shown'
one '/ignore_presence' '\* presence is not shown'
one '/ignore_presence' '\* presence is shown'
one '/away for lunch' '\* your presence is away'
one '/back' '\* your presence is online'
one '/carbons on' '\* what your other clients say and get is shown here'
one '/carbons off' '\* what your other clients say and get is not shown'
one '/archiving' '\* the server keeps messages: '
one '/with eve@localhost /archive' '\* the archive has no such messages'
case ${BUILD-} in
*no-omemo*) skip 6 'built without OMEMO' ;;
*)
	one '/omemo publish' '\* your OMEMO keys are published'
	one '/omemo info' '\* no OMEMO device of theirs is known' ;;
esac
one '/xyzzy' '\* there is no such command: /xyzzy; see /help$'
one '/kick bob' '\* there is no such command: /kick; another client must'
one '/log' '\* usage: /log on\|off$'
one '/topic' '\* usage: /topic TEXT$'
one '/status' '\* usage: /status free\|away\|dnd\|xa\|offline\|online \[ME'
one '/block eve' '\* did you mean eve@localhost\? If eve is a server, write'

# A command is typed at once behind a text that was refused, which stands on
# the line again: the command is done, and the text comes back once more.
keys C-l C-c /disconnect Enter
ends 'offline' '^\(offline\) bob@localhost .*> *$'
keys 'see you' Enter
sees 'a text is refused' '\* there is no connection; /connect makes one'
ends 'and on the line' '> see you$'
keys /frob
ends 'a command takes its place' '> /frob$'
keys Enter
sees 'and is done' '\* there is no such command: /frob; see'
ends 'the text is back' '> see you$'
keys ' /' BSpace BSpace !
ends 'one that is edited is text' '> see you!$'
keys C-c Up Up
ends 'Up has it too' '> see you$'
keys C-c 'no more' Enter
ends 'one more' '> no more$'
keys / C-c
ends 'Ctrl-C drops both' '> *$'
keys '/go' Enter
sees 'it is not there' '\* usage: /go JID'
ends 'any more' '> *$'
keys /connect Enter
sees 'online' '\* online '

# /help is a screen.
keys C-l C-c /help Enter
sees 'the groups' '\* encryption: /encryption /otr '
[ "$(rows | wc -l)" -le 24 ]
result $? 'in 24 rows'
for group in start people encryption rooms files screen scripts; do
	keys C-l "/help $group" Enter
	sees "/help $group" '\* /[a-z_]+ .*- '
	[ "$(rows | wc -l)" -le 24 ]
	result $? "$group: in 24 rows"
done
keys C-l '/help /add' Enter
sees 'one of them' '\* /add JID - '
sees 'with an example' '\* for example: /add bob@example\.org$'
keys C-c /quit Enter
same 'the end'

# No command is in no group.
for group in start people encryption rooms files screen scripts; do
	echo "/help $group"
done | "$jackline" -f "$dir/alice" | grep -o "${tab}/[a-z_-]*" |
    tr -d "$tab" | sort -u >"$dir/grouped"
"$jackline" --events | awk -F '\t' '$1 == "command" { print $2 }' |
    sort >"$dir/commands"
is 'each command is in a group' "$(comm -13 "$dir/grouped" "$dir/commands")" ''

# The examples, as lines of a pipe; the last ones leave.
"$jackline" --events | awk -F '\t' '$1 == "command" { print "/help " $2 }' |
    "$jackline" -f "$dir/alice" | sed -n 's/.*for example: \([^\t]*\).*/\1/p' |
    sed "s/rooms\.example\.org/$rooms/g; s/example\.org/localhost/g" \
	>"$dir/examples"
[ "$(wc -l <"$dir/examples")" -gt 40 ]
result $? 'there are examples'
{
	printf '%s\n' /connect "/join den@$rooms" "/go bob@localhost"
	grep -vE '^/(connect|quit|disconnect)$|/leave|/remove|/smp' \
	    "$dir/examples"
	grep -E '/leave|/remove' "$dir/examples"
	printf '%s\n' /disconnect /connect /quit
} >"$dir/lines"
timeout 300 "$jackline" -e -f "$dir/alice" <"$dir/lines" >"$dir/out"
grep -E "^error" "$dir/out" | cut -f 3-6 >"$dir/errors"
unlike 'none is no command, or wants another argument' "$dir/out" \
    '^error.*cause=(usage|unknown-command|bad-jid|no-contact|not-connected)'
note "$(cat "$dir/errors")"
eof bob
finish bob
tm kill-server
end
