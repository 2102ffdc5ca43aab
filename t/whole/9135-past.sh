#!/bin/sh
# Stanzas of others that are too much, as Prosody and ejabberd pass them on:
# live, from offline storage, in a room, by its history, as directed presence.
# Each is one warning, what is before and behind it arrives, and a second start
# goes as the first.
# shellcheck disable=SC2154 # what lib.sh sets
. "$(dirname "$0")/lib-room.sh"

shapes='depth width token body'
[ -x /usr/bin/python3 ] || skip_all 'no python3'

# shape NAME: what makes a stanza too much, to stand within it.
shape()
{
	/usr/bin/python3 - "$1" <<'PY'
import sys
print({
    "depth": "<x xmlns='urn:x'>" + "<y>" * 69 + "</y>" * 69 + "</x>",
    "width": "<x xmlns='urn:x'" +
        "".join(" a%d='1'" % i for i in range(66)) + "/>",
    "token": "<x xmlns='urn:x' a='" + "a" * 66000 + "'/>",
    # Each is six bytes when the server passes it on.
    "body": "<y xmlns='urn:y'>" + "'" * 45000 + "</y>",
}[sys.argv[1]], end="")
PY
}

# send XML-BEGIN SHAPE XML-END: eve sends it.
send()
{
	{
		printf '{"do":"raw","xml":"%s' "$1"
		cat "$dir/$2.shape"
		printf '%s"}\n' "$3"
	} >"$dir/eve.in"
}

# all KIND TO TAG: each shape between good ones, by messages of type KIND.
all()
{
	for s in $shapes; do
		send "<message to='$2' type='$1' id='$3-$s-1'><body>$3-$s-1" \
		    none '</body></message>'
		send "<message to='$2' type='$1' id='$3-$s'><body>x</body>" \
		    "$s" '</message>'
	done
	send "<message to='$2' type='$1' id='$3-last'><body>$3-last" none \
	    '</body></message>'
}

# judge WHAT NAME TAG EVENT: what NAME has of `all ... TAG`, as EVENT.
judge()
{
	ok "$1: what is behind it arrives" seen "$2" "$4$tab.*$tab$3-last$tab"
	for s in $shapes; do
		is "$1: $s is one warning" "$(grep -c \
		    "^warning$tab.*cause=limit.*id=$3-$s\$" \
		    "$dir/$2.out")" 1
		like "$1: $s says whose it was" "$dir/$2.out" \
		    "^warning$tab${at}[a-z@.]*localhost/[a-z]*$tab.*id=$3-$s\$"
		like "$1: what is before it arrives" "$dir/$2.out" \
		    "^$4$tab.*$tab$3-$s-1$tab"
	done
}

# ends WHAT NAME: in peace.
ends()
{
	say "$2" /quit
	finish "$2"
	is "$1: the end is ours" $? 0
}

memory()
{
	awk '/^VmHWM/ { print $2 }' "/proc/$(pid "$1")/status"
}

run()
{
	account alice -o ''
	start eve peer.py carol@localhost/peer carol-pw 127.0.0.1 \
	    "$c2s" "$ca"
	seen eve '.*"got": "online"'

	# Stored, then live, then what comes again at a second start.
	all chat alice@localhost off
	say eve '{"do":"ping","to":"localhost"}'
	seen eve '.*"got": "pong"'
	start alice "$jackline" -c -f "$dir/alice"
	seen alice "state$tab$at$at""online"
	judge "$1, offline" alice off message
	all chat alice@localhost/t live
	judge "$1, live" alice live message
	for s in $shapes; do
		send "<presence to='alice@localhost/t' id='pres-$s'>" "$s" \
		    '</presence>'
		ok "$1: directed presence of $s" seen alice \
		    "warning$tab.*cause=limit.*stanza=presence.*id=pres-$s\$"
	done
	all groupchat "$room" none
	send "<presence to='$room/eve'><x xmlns='$muc'/>" none '</presence>'
	say alice "/join $room"
	seen alice "ok$tab$at$room$tab-${tab}line=1"
	all groupchat "$room" room
	judge "$1, room" alice room room
	note "$1: VmHWM $(memory alice) kB"
	[ "$(memory alice)" -lt 30000 ] || [ -n "${SAN-}" ]
	result $? "$1: memory"
	ends "$1" alice

	# A second start gets the history of the room, and nothing stored.
	start alice "$jackline" -c -f "$dir/alice"
	ok "$1, again: what is behind it" seen alice "room$tab.*room-last$tab"
	like "$1, again: the history is read past" "$dir/alice.out" \
	    "^warning$tab.*cause=limit.*id=room-"
	unlike "$1, again: what was acknowledged is gone" "$dir/alice.out" \
	    'id=(off|live)-'
	ends "$1, again" alice
	say eve '{"do":"quit"}'
	finish eve
	rm -rf "$dir/alice"
}

: >"$dir/none.shape"
for s in $shapes; do
	shape "$s" >"$dir/$s.shape"
done
server prosody
run prosody
server_down
server ejabberd
run ejabberd
end
