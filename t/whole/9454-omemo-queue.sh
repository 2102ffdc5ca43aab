#!/bin/sh
# OMEMO and --queue: what was read and not done is read again from the archive
# by the next run, whether the last one was killed or ended; what was done is
# not. What another run has read is told as unreadable, and not left out.
. "$(dirname "$0")/lib.sh"
. "$here/lib-omemo.sh"

# run NAME OPTION...: alice, online.
run()
{
	name=$1
	shift
	start "$name" "$jackline" -ck -f "$dir/alice" "$@"
	wait_for "$dir/$name.out" '^ok'
}

# seen NAME TEXT: the run NAME is told that message.
seen()
{
	ok "$kind: $1 is told: $2" wait_for "$dir/$1.out" \
	    "^message.*${tab}$2${tab}enc=omemo${tab}.*archived="
}

# archived NAME TEXT: the id of that message.
archived()
{
	sed -n "s/^message.*$tab$2$tab.*archived=\([^$tab]*\).*/\1/p" \
	    "$dir/$1.out"
}

# sends TEXT: bob, whose message the server has.
sends()
{
	printf '/msg alice@localhost %s\n' "$1" |
	    timeout 300 "$jackline" -c -f "$dir/bob" >"$dir/sent"
	is "$kind: bob sends: $1" $? 0
}

for kind in ${SERVERS:-prosody ejabberd}; do
	server "$kind" FRIENDS='alice bob'
	for name in alice bob; do
		account "$name"
		printf '/omemo publish\n' |
		    timeout 300 "$jackline" -c -f "$dir/$name" >"$dir/out"
		is "$kind: $name has OMEMO" $? 0
	done
	run first --queue work
	wait_for "$dir/first.out" '^replay.*state=done'
	for text in one two three; do
		sends $text
		seen first $text
	done
	kill -KILL "$(pid first)"
	finish first
	run second --queue work
	for text in one two three; do
		seen second $text
	done
	say second "/label two /done $(archived second two)"
	wait_for "$dir/second.out" '^ok.*label=two$'
	eof second
	stop second
	run third --queue work
	seen third three
	unlike "$kind: what was done is not told again" "$dir/third.out" \
	    "^message.*$tab(one|two)$tab"
	say third "/label three /done $(archived third three)"
	wait_for "$dir/third.out" '^ok.*label=three$'
	eof third
	stop third
	run other
	sends four
	seen other four
	eof other
	stop other
	run fourth --queue work
	sends five
	seen fourth five
	like "$kind: what another run has read is not left out" \
	    "$dir/fourth.out" "^warning.*cause=unreadable${tab}enc=omemo.*\
archived=$(archived other four)"
	cat "$dir/first.out" "$dir/second.out" "$dir/third.out" >"$dir/all"
	unlike "$kind: nothing else is unreadable" "$dir/all" unreadable
	eof fourth
	stop fourth
	server_down
	rm -rf "$dir/alice" "$dir/bob"
done
end
