#!/bin/sh
# The machine sleeps, or only we do: it is noticed at once, and a server that is
# there is not taken for lost. STOPPED seconds; `make soak` takes more than any
# timeout.
. "$(dirname "$0")/lib.sh"

server "${SERVER:-prosody}"
proxy proxy "$c2s"
make-config -o '' "$dir/alice" "alice@$domain/t" "$port" "$ca"
account bob -o ''
mkfifo "$dir/slept"
start bob "$jackline" -ck -f "$dir/bob"
start alice env LD_PRELOAD="$build/t/preload/asleep.so" SLEEP="$dir/slept" \
    "$jackline" -ck -f "$dir/alice" -d "$dir/log"
wait_for "$dir/alice.out" '^ok' || bail 'alice is not online'
wait_for "$dir/bob.out" '^ok' || bail 'bob is not online'

# pings: how often the server was asked so far. A machine that is too busy to
# let us run asks, too.
pings()
{
	grep -c '^> .*urn:xmpp:ping' "$dir/log"
}

# asks SECONDS: slept for so long, we ask once more, in 40 s at most: sooner
# than without a reason.
asks()
{
	before=$(pings) tries=2000
	echo "$1" 1<>"$dir/slept" # does not wait for a reader
	until [ "$(pings)" -gt "$before" ]; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.02
	done
}
ok 'after a sleep the server is asked' asks 7200
say alice /info
wait_for "$dir/alice.out" "^ok.*line=1"
time=$(field 2 ok "$dir/alice.out" | tail -n 1)
ok 'two hours later' [ $(($(date -d "$time" +%s) - $(date +%s))) -gt 7100 ]
ok 'and when the clock is set back' asks -3600

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

# behind N PATTERN: the last line behind the first N that matches is in $line.
behind()
{
	tries=3000
	until line=$(tail -n "+$(($1 + 1))" "$dir/alice.out" |
	    grep -E "$2" | tail -n 1) && [ -n "$line" ]; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.02
	done
}

# seconds: when $line was written.
seconds()
{
	date -d "$(printf '%s\n' "$line" | cut -f 2)" +%s
}

# at_once: a sleep ends a long wait, by the times of the events, so that a slow
# machine does not matter. 2 where we were too slow to see it.
at_once()
{
	lines=$(wc -l <"$dir/alice.out")
	behind "$lines" '^state.*waiting.*in=([7-9]|[1-9][0-9])' || return 1
	since=$(seconds) in=${line##*in=}
	lines=$(wc -l <"$dir/alice.out")
	echo 7200 1<>"$dir/slept"
	behind "$lines" '^state.*connecting' || return 1
	late=$(($(seconds) - since - 7200))
	note "waited $late of $in s"
	[ "$late" -ge 0 ] || return 2
	[ "$late" -lt $((in - 1)) ]
}
for _ in 1 2 3; do
	at_once
	late=$?
	[ $late -eq 2 ] || break
done
is 'at once after a sleep' "$late" 0
stop alice
is 'and it stays lost' $? 69
stop bob
end
