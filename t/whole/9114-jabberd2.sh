#!/bin/sh
# A server without XEP-0198, which ends the session for whatever comes before
# the result of the binding: login, messages both ways, and to nobody's session.
. "$(dirname "$0")/lib.sh"

# jabberd2 names a session by the file descriptor of its connection and gives
# that number to the next one at once; its session manager writes to a file
# before it confirms the end of the old one. Who comes meanwhile is thrown out
# with <internal-server-error/>. So nobody comes in while an end is not yet
# confirmed: it is ended, and another has had an answer since, which went
# through the same parts in the same order.
#
# ended NAME: NAME's session is.
ended()
{
	wait_for "$home/sm.log" "session ended: jid=$1@localhost/t"
}

server jabberd2
account alice -o ''
account bob -o ''

start bob "$jackline" -c -f "$dir/bob"
ok 'bob is there' wait_for "$dir/bob.out" "^ok.*${tab}line=0"
printf '/connect\n/help quit\n' | timeout 60 "$jackline" \
    -f "$dir/alice" >"$dir/out" 2>"$dir/err"
is 'login: status' $? 0
is 'login: nothing on standard error' "$(cat "$dir/err")" ''
[ $failed -eq 0 ] || bail 'no login'
is 'login: the states' "$(field 4,5 state "$dir/out" | tr '\n' ' ')" \
    'connecting online offline '
like 'login: with the password, inside TLS' "$dir/out" \
    "^state.*${tab}online$tab.*${tab}tls=1.2$tab.*${tab}sasl=PLAIN$tab"

ended alice
say bob '/msg alice@localhost come back'
ok 'kept for alice' wait_for "$dir/bob.out" "^acked.*${tab}line=1$tab"
start alice "$jackline" -c -f "$dir/alice"
ok 'alice is there' wait_for "$dir/alice.out" "^ok.*${tab}line=0"
ok 'alice reads it' wait_for "$dir/alice.out" \
    "^message.*${tab}bob@localhost/t${tab}come back$tab.*src=offline"
say alice '/msg bob@localhost are you there?'
ok 'bob reads it' wait_for "$dir/bob.out" \
    "^message.*${tab}alice@localhost/t${tab}are you there\\?$tab"
ok 'and alice knows' wait_for "$dir/alice.out" "^acked.*${tab}line=1$tab"
say bob '/msg alice@localhost I am'
ok 'alice reads the answer' wait_for "$dir/alice.out" \
    "^message.*${tab}bob@localhost/t${tab}I am$tab"
say bob /quit
finish bob
is 'bob leaves: status' $? 0
ended bob
say alice '/msg bob@localhost for later'
ok 'kept by the server' wait_for "$dir/alice.out" "^acked.*${tab}line=2$tab"

start bob "$jackline" -c -f "$dir/bob"
ok 'bob is back, and reads it' wait_for "$dir/bob.out" \
    "^message.*${tab}for later$tab.*src=offline"
say alice /quit
finish alice
is 'alice leaves: status' $? 0
server_down TERM
ok 'the server leaves' wait_for "$dir/bob.out" "^state.*${tab}waiting$tab"
server_again
ok 'and is back' wait_for "$dir/bob.out" \
    "^state.*${tab}online$tab.*${tab}resumed=no"
say bob '/msg alice@localhost after it'
ok 'with all that a message needs' wait_for "$dir/bob.out" \
    "^acked.*${tab}line=1$tab"
say bob /quit
finish bob
is 'bob leaves: status' $? 0

end
