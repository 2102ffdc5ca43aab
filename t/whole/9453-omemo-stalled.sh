#!/bin/sh
# OMEMO and a reader that stops: COUNT messages come that nobody reads, more
# than keys are kept for, and the process is killed in it, again and again. All
# that came is told in the end. What was told before a kill and comes again
# cannot always be read: libomemo-c keeps five chains of a session, and we
# answer so often that there are more; then it is told as unreadable.
. "$(dirname "$0")/lib.sh"
. "$here/lib-omemo.sh"
count=${COUNT:-1300} kills=${KILLS:-1}
# Each message is on the disk before it is told, and disks may be slow.
patience=$((patience * 4))

# ids TAG FILE: the ids of the messages that such events are about.
ids()
{
	grep "^$1$tab" "$2" | grep -o "${tab}id=[^$tab]*" | LC_ALL=C sort -u
}

# stalled: nothing more can be written to the pipe of alice's events.
stalled()
{
	/usr/bin/python3 -IS -c 'import os, select, sys
p = select.poll()
p.register(os.open(sys.argv[1], os.O_WRONLY | os.O_NONBLOCK), select.POLLOUT)
sys.exit(1 if p.poll(0) else 0)' "$dir/events"
}

# kept: alice has as many keys of messages that are not told as there may be.
kept()
{
	[ -n "$(find "$dir/alice/omemo/bob@localhost" -size +109k)" ]
}

# stall: alice, online, who is read up to the first event and then no more.
stall()
{
	rm -f "$dir/events"
	mkfifo "$dir/events"
	"$jackline" -ck -f "$dir/alice" -i "$dir/lines" >"$dir/events" \
	    2>"$dir/err" &
	alice=$!
	pids="$pids $alice"
	exec 8<"$dir/events"
}

for kind in ${SERVERS:-prosody}; do
	server "$kind" 'EXTRA=smacks_max_queue_size = 200000' \
	    FRIENDS='alice bob'
	device alice
	device bob
	rm -f "$dir/lines"
	mkfifo "$dir/lines"
	: >"$dir/told"
	# The first stop is while they come, the others when they come again.
	stall
	seq -f '/msg alice@localhost m %g' "$count" |
	    timeout 600 "$jackline" -c -w 300 -f "$dir/bob" >"$dir/sent"
	is "$kind: bob sends" $? 0
	is "$kind: all are acked" "$(grep -c ^acked "$dir/sent")" "$count"
	for i in $(seq "$kills"); do
		[ "$i" -eq 1 ] || stall
		ok "$kind: the reader stops, $i" wait_until stalled
		[ "$i" -gt 1 ] ||
		    ok "$kind: and in the end no more is read" wait_until kept
		kill -KILL $alice
		wait $alice 2>/dev/null
		cat <&8 >>"$dir/told"
		exec 8<&-
		# The last line may be half a line, which tells nothing.
		echo >>"$dir/told"
	done
	start alice "$jackline" -ck -f "$dir/alice"
	ok "$kind: the last is told" wait_for "$dir/alice.out" \
	    "^message.*${tab}m $count${tab}enc=omemo"
	eof alice
	stop alice
	cat "$dir/alice.out" >>"$dir/told"
	is "$kind: and so are all" "$(told "$dir/told" m | wc -l)" "$count"
	ids message "$dir/told" >"$dir/readable"
	ids warning "$dir/told" >"$dir/unreadable"
	is "$kind: what is unreadable was told before" "$(LC_ALL=C comm -13 \
	    "$dir/readable" "$dir/unreadable")" ''
	server_down
	rm -rf "$dir/alice" "$dir/bob"
done
end
