#!/bin/sh
# The first message of a new device: it is encrypted whether the account has
# other devices or not, and in whatever order the server tells of devices.
. "$(dirname "$0")/lib.sh"
. "$here/lib-omemo.sh"

server "${SERVER:-prosody}" FRIENDS='alice bob'
device bob
account alice -o ''
cp -a "$dir/alice" "$dir/new"
for others in none one two; do
	rm -r "$dir/alice"
	cp -a "$dir/new" "$dir/alice"
	printf '%s\n' '/omemo publish' "/msg bob@localhost beside $others" |
	    timeout 300 "$jackline" -c -f "$dir/alice" >"$dir/out"
	is "other devices: $others" $? 0
	like "$others: it is encrypted" "$dir/out" \
	    "^sent${tab}.*${tab}beside $others${tab}.*enc=omemo"
done
timeout 300 "$jackline" -cw 1 -f "$dir/bob" </dev/null >"$dir/out"
is 'all of it is read' "$(grep -c "^message.*enc=omemo$tab" "$dir/out")" 3
end
