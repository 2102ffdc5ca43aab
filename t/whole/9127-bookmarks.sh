#!/bin/sh
# Bookmarks of rooms on both servers: what one client of ours has entered,
# another one knows, and enters only when it is told to (XEP-0402).
. "$(dirname "$0")/lib.sh"

# seen WHO NAME PATTERN: WHO has such an event, in the end.
seen()
{
	ok "$kind: $2" wait_for "$dir/$1.out" "$3"
}

# kept DIRECTORY: bookmarks are kept by it.
kept()
{
	sed '$s/)$/ (bookmarks true))/' "$dir/$1/config.sexp" >"$dir/config"
	cat "$dir/config" >"$dir/$1/config.sexp"
}

room=conference.localhost
for kind in prosody ejabberd; do
	server $kind
	rm -rf "$dir/alice" "$dir/other"
	account alice -o ''
	cp -R "$dir/alice" "$dir/other"
	kept alice
	kept other
	start alice "$jackline" -ce -f "$dir/alice"
	wait_for "$dir/alice.out" '^ok'
	say alice "/rooms $room" "/join one@$room" "/join two@$room/ali" \
	    "/join three@$room" "/with three@$room /leave"
	seen alice 'rooms are entered' "^ok$tab.*${tab}line=5\$"
	eof alice
	finish alice
	if [ "$kind" = ejabberd ]; then
		# Its nodes hold one item, so it refuses, and nothing is lost.
		like "$kind: the server refuses, and that is told" \
		    "$dir/alice.out" "^warning$tab.*bookmark of a room"
		server_down
		continue
	fi
	unlike "$kind: the server takes them" "$dir/alice.out" \
	    '^(warning|error)'
	start other "$jackline" -ce -r other -f "$dir/other"
	wait_for "$dir/other.out" '^ok'
	# What the server is asked is answered behind the bookmarks.
	say other /blocked '/contacts all' "/join two@$room"
	seen other 'another client' "^ok$tab.*${tab}line=3\$"
	is "$kind: knows all three" "$(sed -n "s/^contact${tab}[^$tab]*$tab\
\([a-z]*\)@.*${tab}show=offline$tab.*kind=room.*/\1/p" "$dir/other.out" |
	    sort | tr '\n' ' ')" 'one three two '
	like "$kind: and the nick" "$dir/other.out" \
	    "^member${tab}[^$tab]*${tab}two@$room/ali$tab.*code=110"
	unlike "$kind: it has entered no other" "$dir/other.out" \
	    "^member.*(one|three)@"
	eof other
	finish other
	is "$kind: all was well" $? 0
	# Without a wish for it nobody asks.
	cp -R "$dir/alice" "$dir/third"
	rm -rf "$dir/third/users"
	sed -i 's/ (bookmarks true)//' "$dir/third/config.sexp"
	printf '/contacts all\n' | "$jackline" -c -f "$dir/third" >"$dir/out"
	unlike "$kind: nor does a script know them" "$dir/out" 'kind=room'
	server_down
done
end
