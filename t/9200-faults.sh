#!/bin/sh
# Two of us write to each other through networks that are cut after random
# numbers of bytes. Each message has one fate, the true one; what was acked
# came, once and in order. Prosody 0.12 cannot go on with a session cut within
# a stanza as it read it, and ends it: then some are unknown. COUNT
# messages each way, SEED for the cuts, BYTES
# between two of them at most; `make soak` asks for more than `make check`.
. "$(dirname "$0")/lib.sh"

count=${COUNT:-3000} bytes=${BYTES:-60000}
seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
diag "SEED=$seed COUNT=$count BYTES=$bytes"

server "${SERVER:-prosody}" 'EXTRA=smacks_max_queue_size = 200000'
server_port=$c2s
for who in alice bob; do
	proxy "proxy_$who" -r "$seed" -u "$bytes" -s "$bytes" "$server_port"
	seed=$((seed + 1))
	c2s=$port
	account $who -o ''
done

# Nobody waits for real between two attempts to connect.
chat()
{
	start "$1" env LD_PRELOAD="$build/t/skip.so" "$jackline" -ck \
	    -f "$dir/$1" -g "$2@$domain/t"
}
chat alice bob
chat bob alice
for who in alice bob; do
	wait_for "$dir/$who.out" '^ok' || bail "$who is not online"
	# As fast as the whole queue is not on each connection again.
	awk -v who=$who -v count="$count" 'BEGIN {
		for (i = 1; i <= count; i++) {
			print who, i
			if (i % 20 == 0) {
				fflush()
				system("sleep 0.02")
			}
		}
	}' >"$dir/$who.in" &
	pids="$pids $!"
done

# all_done FROM TO: all of it has its fate, and what was acked came.
all_done()
{
	fates=$(grep -cE '^(acked|failed|unknown)' "$dir/$1.out")
	[ "$fates" -ge "$count" ] &&
	    [ "$(grep -c '^message' "$dir/$2.out")" -ge \
		"$(grep -c '^acked' "$dir/$1.out")" ]
}
tries=$((${SECONDS_MAX:-120} * 5))
until { all_done alice bob && all_done bob alice; } ||
    [ $((tries -= 1)) -eq 0 ]; do
	sleep 0.2
done
say proxy_alice calm
say proxy_bob calm

# settled NAME: the last that is known of its connection is that it is there.
settled()
{
	field 4 state "$dir/$1.out" | tail -n 1 | grep -q online
}
until { settled alice && settled bob; } || [ $((tries -= 1)) -le 0 ]; do
	sleep 0.2
done
for who in alice bob; do
	kill -TERM "$(pid $who)"
done
for who in alice bob; do
	finish $who
	status=$?
	[ "$status" -eq "$(grep -c -m 1 '^unknown' "$dir/$who.out")" ]
	result $? "$who: exit status $status"
done

# account_of FROM TO: what went in, what the events said, what came out.
account_of()
{
	awk -F '\t' -v from="$1" -v count="$count" '
	FILENAME ~ /sent$/ && $1 == "sent" {
		if ($4 != from " " ++n)
			print "sent out of order: " $0
		number[substr($6, 4)] = n
		next
	}
	FILENAME ~ /sent$/ && $1 ~ /^(acked|failed|unknown)$/ {
		id = substr($6, 4)
		if (!(id in number) || id in fate)
			print "a fate too many: " $0
		fate[id] = $1
		fates[$1]++
		next
	}
	FILENAME ~ /came$/ && $1 == "message" {
		id = substr($9, 4)
		if ($4 != from " " number[id])
			print "not what was sent: " $0
		if (number[id] in came)
			print "twice: " $0
		else if (number[id] < last)
			print "out of order: " $0
		came[number[id]] = 1
		last = number[id]
		next
	}
	END {
		for (id in number) {
			if (!(id in fate))
				print "no fate: " number[id]
			else if (fate[id] == "acked" && !(number[id] in came))
				print "lost: " number[id]
			else if (fate[id] == "failed" && number[id] in came)
				print "failed, but came: " number[id]
		}
		printf "%d sent, %d acked, %d failed, %d unknown\n", n,
		    fates["acked"], fates["failed"], fates["unknown"]
	}' "$dir/$1.sent" "$dir/$2.came"
}
for who in alice bob; do
	ln "$dir/$who.out" "$dir/$who.sent"
	ln "$dir/$who.out" "$dir/$who.came"
done
# explained NAME: nothing is unknown but where the server forgot the session.
explained()
{
	[ "$(grep -c '^unknown' "$dir/$1.out")" -eq 0 ] ||
	    [ "$(grep -c 'resumed=no$' "$dir/$1.out")" -gt 1 ]
}
for who in alice bob; do
	other=bob
	[ $who = alice ] || other=alice
	account_of $who $other >"$dir/account"
	diag "from $who: $(tail -n 1 "$dir/account")"
	is "from $who to $other: all is accounted for" \
	    "$(sed '$d' "$dir/account" | head -n 20)" ''
	like 'all was sent' "$dir/account" \
	    "^$count sent, [0-9]* acked, 0 failed"
	ok 'what is unknown, the server forgot' explained $who
done
for who in alice bob; do
	stop "proxy_$who"
	diag "$who: $(grep -c '^cut' "$dir/proxy_$who.out") cuts," \
	    "$(grep -c 'resumed=yes' "$dir/$who.out") resumed"
done
end
