#!/bin/sh
# The first messages of two people with the default policy: text without a
# session starts one and comes back to the line; /encryption says otherwise,
# for good; who is offline is told to be so.
. "$(dirname "$0")/lib-tty.sh"

server prosody FRIENDS='alice bob carol dave'
policies="REQUIRE_ENCRYPTION SEND_WHITESPACE_TAG WHITESPACE_START_AKE"
policies="$policies ERROR_START_AKE"
account alice -o "$policies"
account bob -o "$policies"
account carol -o "$policies"
tty_shell
start bob "$jackline" -ce -f "$dir/bob"
wait_for "$dir/bob.out" "${tab}online"

run -c -f "$dir/alice" -g bob@localhost
ends 'up' '^bob@localhost \[o\] clear> *$'
keys 'hello bob' Enter
sees 'the session is told, and what to do' 'not sent yet: an encrypted session'
sees 'it begins' 'otr: encrypted, the key is new and unverified'
ends 'the text is on the line' '^bob@localhost \[o\] otr unverified> hello bob$'
keys Enter
wait_for "$dir/bob.out" '^message.*hello bob'
is 'encrypted, and once' "$(field 4,5 message "$dir/bob.out" |
    cut -f 1)" 'hello bob'
like 'it is' "$dir/bob.out" "^message.*${tab}hello bob${tab}enc=otr"
ends 'and the line is empty' 'otr unverified> *$'

# Who is not there.
keys '/go carol@localhost' Enter
ends 'carol' '^carol@localhost \[_\] clear> *$'
keys 'hello carol' Enter
sees 'she is offline' 'not sent: encryption is required, and they are offline'
ends 'the text is on the line, too' '^carol@localhost \[_\] clear> hello carol$'
sees 'a way is named' '/with carol@localhost /encryption none allows'
keys C-c '/with carol@localhost /encryption none' Enter
sees 'it is done' '\* none: text is sent in the clear$'
keys Up Up Enter
sees 'and works' '^[0-9:]{8} \?->? *hello carol|--> hello carol'
keys '/quit' Enter
sees 'why the status is not 0' \
    '^jackline: something failed in this session: not sent yet: an encrypted'
same 'the end'

# It lasts, until it is taken back.
grep -q '(encryption none)' "$dir/alice/omemo/carol@localhost"
result $? 'it is stored'
printf '/connect\n/msg carol@localhost again\n' >"$dir/lines"
exits 'in a later run' 0 "$jackline" -f "$dir/alice" <"$dir/lines"
like 'it is sent in the clear' "$dir/out" \
    "^sent.*${tab}again${tab}.*${tab}enc=none"
printf '%s\n' '/with carol@localhost /encryption auto keep' \
    '/with carol@localhost /encryption none' '/connect' \
    '/msg carol@localhost in the clear' '/with carol@localhost /encryption' \
    >"$dir/lines"
exits 'without keep' 0 "$jackline" -f "$dir/alice" <"$dir/lines"
like 'it holds for this run' "$dir/out" "^sent.*${tab}in the clear${tab}"
printf '/connect\n/msg carol@localhost no\n' >"$dir/lines"
exits 'and no longer' 1 "$jackline" -f "$dir/alice" <"$dir/lines"
like 'it is refused' "$dir/out" "^error.*cause=policy"

# A record that OMEMO has used refuses clear text, and keeps what else it holds.
mkdir -p "$dir/alice/omemo"
device='((id 7)(active true)(first 0)(latest 0)(key"")(session""))'
record='((encryption auto)(verified false)(used true)'
record="$record(devices($device))(keys())(kept()))"
sum=$(printf %s "$record" | sha256sum | cut -c 1-32)
printf '(1 %s %s)' "$sum" "$record" >"$dir/record"
install -m 600 "$dir/record" "$dir/alice/omemo/bob@localhost"
printf '%s\n' /connect '/msg bob@localhost no' \
    '/with bob@localhost /encryption none keep' '/msg bob@localhost yes' \
    >"$dir/lines"
exits 'with a contact of OMEMO' 1 "$jackline" -f "$dir/alice" <"$dir/lines"
is 'one is refused, one is sent' "$(field 4 sent "$dir/out")" yes
like 'and why' "$dir/out" "^error.*OMEMO was used.*cause=policy"
tr -d '\n' <"$dir/alice/omemo/bob@localhost" >"$dir/now"
like 'the rest of the record is as it was' "$dir/now" \
    '\(encryption none\).*\(used true\).*\(id 7\)'
echo damaged >"$dir/alice/omemo/bob@localhost"
printf '%s\n' /connect '/msg bob@localhost no' \
    '/with bob@localhost /encryption none keep' >"$dir/lines"
exits 'a damaged one' 74 "$jackline" -f "$dir/alice" <"$dir/lines"
like 'is told' "$dir/out" '^warning.*omemo/bob@localhost is left alone'
is 'and nothing is sent' "$(grep -c '^sent' "$dir/out")" 0
is 'nor is it written over' "$(cat "$dir/alice/omemo/bob@localhost")" damaged

# With -r it holds for the run, and nothing is stored.
printf '%s\n' '/with dave@localhost /encryption none' /connect \
    '/msg dave@localhost one' '/with dave@localhost /encryption auto keep' \
    >"$dir/lines"
exits 'with -r' 1 "$jackline" -r other -f "$dir/alice" <"$dir/lines"
is 'one is sent' "$(field 4 sent "$dir/out")" one
like 'the other is refused' "$dir/out" '^error.*line=4.*cause=store'
[ ! -e "$dir/alice/omemo/dave@localhost" ]
result $? 'and not stored'
stop bob
tm kill-server
end
