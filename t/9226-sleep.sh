#!/bin/sh
# The machine sleeps, or only we do: it is noticed at once, and a server that is
# there is not taken for lost. STOPPED seconds; `make soak` takes more than any
# timeout.
. "$(dirname "$0")/lib.sh"

server "${SERVER:-prosody}"
proxy proxy "$c2s"
"$here/make-config" -o '' "$dir/alice" "alice@$domain/t" "$port" "$ca"
account bob -o ''
mkfifo "$dir/slept"
start bob "$jackline" -ck -f "$dir/bob"
start alice env LD_PRELOAD="$build/t/asleep.so" SLEEP="$dir/slept" \
    "$jackline" -ck -f "$dir/alice" -d "$dir/log"
wait_for "$dir/alice.out" '^ok' || bail 'alice is not online'
wait_for "$dir/bob.out" '^ok' || bail 'bob is not online'

# pings N: until so many were sent, 20 s at most: sooner than by themselves.
pings()
{
	tries=1000
	until [ "$(grep -c '^> .*urn:xmpp:ping' "$dir/log")" -ge "$1" ]; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.02
	done
}
is 'no ping as long as all is quiet' \
    "$(grep -c '^> .*urn:xmpp:ping' "$dir/log")" 0
echo 7200 >"$dir/slept"
ok 'after a sleep the server is asked' pings 1
say alice /info
wait_for "$dir/alice.out" "^ok.*line=1"
time=$(field 2 ok "$dir/alice.out" | tail -n 1)
ok 'two hours later' [ $(($(date -d "$time" +%s) - $(date +%s))) -gt 7100 ]
echo -3600 >"$dir/slept"
ok 'and when the clock is set back' pings 2

# Not the machine, only we, while the server goes on.
kill -STOP "$(pid alice)"
say bob "/msg alice@$domain/t meanwhile"
wait_for "$dir/bob.out" '^acked'
sleep "${STOPPED:-1}"
kill -CONT "$(pid alice)"
ok 'what came while we were stopped' wait_for "$dir/alice.out" \
    "^message.*${tab}meanwhile$tab"
say alice "/msg bob@$domain/t after"
ok 'and all goes on' wait_for "$dir/alice.out" '^acked'
is 'without a loss' "$(grep -c '^state.*waiting' "$dir/alice.out")" 0

# The connection died meanwhile.
kill -STOP "$(pid alice)"
say proxy rst
wait_for "$dir/proxy.out" '^cut'
kill -CONT "$(pid alice)"
ok 'a connection that died' wait_for "$dir/alice.out" \
    '^state.*online.*resumed=yes'

# While it is sought, at ever longer intervals.
stop proxy
ok 'it is sought' wait_for "$dir/alice.out" \
    '^state.*waiting.*in=([7-9]|[1-9][0-9])'
before=$(grep -c '^state.*connecting' "$dir/alice.out")
echo 7200 >"$dir/slept"
tries=150
until [ "$(grep -c '^state.*connecting' "$dir/alice.out")" -gt "$before" ] ||
    [ $((tries -= 1)) -eq 0 ]; do
	sleep 0.02
done
ok 'at once after a sleep' [ $tries -gt 0 ]
stop alice
is 'and it stays lost' $? 69
stop bob
end
