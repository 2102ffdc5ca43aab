#!/bin/sh
# The server gave the session up while we were away, and says what it had of
# it: the plain text that it did not have is sent again, in order and once;
# what was encrypted for that session, and what was for a room, has failed.
. "$(dirname "$0")/lib.sh"

server prosody FRIENDS='alice bob' EXTRA='smacks_hibernation_time = 1'
account bob -o ''
account carol -o ''
proxy proxy "$c2s"
make-config -o '' "$dir/alice" "alice@$domain/t" "$port" "$ca"
room=den@conference.$domain bob=bob@$domain/t
start bob "$jackline" -ck -f "$dir/bob"
wait_for "$dir/bob.out" '^ok' || bail 'bob is not online'
start alice "$jackline" -ck -f "$dir/alice"
wait_for "$dir/alice.out" '^ok' || bail 'alice is not online'
say alice '/status away for lunch' '/priority 7' "/join $room/al" \
    "/with $bob /otr start" "/msg $bob secret 0"
wait_for "$dir/alice.out" '^acked.*line=5' || bail 'no encryption'

say proxy silence
wait_for "$dir/proxy.out" '^cut'
say alice "/msg $bob secret 1" "/msg carol@$domain plain 1" "/msg $room said" \
    "/msg carol@$domain plain 2" "/msg $bob secret 2"
wait_for "$dir/alice.out" '^sent.*line=10' || bail 'nothing is sent'
say proxy refuse
say proxy rst
wait_for "$dir/alice.out" '^state.*waiting' || bail 'alice is not cut'
say alice "/msg carol@$domain plain 3"
ok 'the server gives the session up' wait_for "$dir/bob.out" \
    "^presence.*alice@$domain/t.*show=offline"
say proxy accept
ok 'another begins' wait_for "$dir/alice.out" '^acked.*line=11'

# fates LINE: the tags of its fates.
fates()
{
	awk -F '\t' -v line="line=$1" '
	$1 ~ /^(acked|failed|unknown)$/ && $5 == line { print $1 }' \
	    "$dir/alice.out"
}
is 'what was encrypted has failed' "$(fates 6; fates 10)" 'failed
failed'
is 'what was for the room has failed' "$(fates 8)" failed
is 'what was plain is acked' "$(fates 7; fates 9; fates 11)" 'acked
acked
acked'
like 'presence is as it was set' "$dir/bob.out" \
    "^presence.*alice@$domain/t${tab}for lunch${tab}show=away.*was=offline.*=7"
say alice "/msg $room again" "/msg $bob secret 3" "/with $bob /otr start" \
    "/msg $bob secret 4"
ok 'the room is joined again' wait_for "$dir/alice.out" '^acked.*line=12'
ok 'the session is closed for sending' wait_for "$dir/alice.out" \
    "^error.*line=13${tab}cause=policy"
ok 'and another goes on' wait_for "$dir/bob.out" \
    "^message.*${tab}secret 4${tab}enc=otr"
is 'nothing encrypted is sent again' \
    "$(field 4 message "$dir/bob.out" | grep -c secret)" 2
start carol "$jackline" -ck -f "$dir/carol"
wait_for "$dir/carol.out" '^message.*plain 3'
is 'the rest comes in order and once' "$(field 4 message "$dir/carol.out")" \
    'plain 1
plain 2
plain 3'
stop alice
is 'and the status says that some failed' $? 1
stop bob
stop carol
end
