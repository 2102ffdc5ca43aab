#!/bin/sh
# COUNT archived messages in one replay, whose events a slow reader takes,
# through a bad network, while the server is ended and started again RESTARTS
# times, by kill -9 and politely: each is told once, in order, in memory that
# does not grow. The archive is in SQLite, which is filled by hand; only `make
# soak` installs what that needs, and asks more. SERVER, SEED, BYTES between two
# faults.
. "$(dirname "$0")/lib.sh"

count=${COUNT:-1500} restarts=${RESTARTS:-2} bytes=${BYTES:-300000}
seed=${SEED:-1} most=${SECONDS_MAX:-300}
note "SEED=$seed COUNT=$count RESTARTS=$restarts BYTES=$bytes"
[ "$(dpkg-query -W -f '${db:Status-Status}' lua-dbi-sqlite3 \
    erlang-p1-sqlite3 2>/dev/null)" = installedinstalled ] ||
    skip_all 'no SQLite for the servers'

# again: the server, with its archive.
again()
{
	server_again SQL=1 EXTRA='smacks_max_queue_size = 200000' \
	    FRIENDS='alice bob'
}

# fill: the archive gets COUNT messages from bob, a second apart.
cat >"$dir/fill.py" <<'END'
import sqlite3
import sys
import time

kind, path, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
begin = int(time.time()) - count
base = sqlite3.connect(path)
for n in range(1, count + 1):
    xml = ("<message xmlns='jabber:client' from='bob@localhost/t' "
           "to='alice@localhost' type='chat' id='m%d'><body>line %d</body>"
           "</message>" % (n, n))
    if kind == "prosody":
        base.execute(
            'INSERT INTO prosodyarchive ("host", "user", "store", "key", '
            '"when", "with", "type", "value") VALUES (?,?,?,?,?,?,?,?)',
            ("localhost", "alice", "archive", "key-%d" % n, begin + n,
             "bob@localhost", "xml", xml))
    else:
        base.execute(
            "INSERT INTO archive (username, timestamp, peer, bare_peer, xml, "
            "txt, kind, nick) VALUES (?,?,?,?,?,?,?,?)",
            ("alice", (begin + n) * 1000000, "bob@localhost/t",
             "bob@localhost", xml, "line %d" % n, "chat", ""))
base.commit()
END
fill()
{
	server_down TERM
	python3 "$dir/fill.py" "$kind" "$(find "$home" \
	    -name archive.sqlite)" "$count"
	again
}

# A reader that takes 64 KiB and rests.
cat >"$dir/slow.pl" <<'END'
$| = 1;
while (sysread STDIN, my $text, 65536) {
	print $text;
	select undef, undef, undef, 0.03;
}
END
# Of what runs there is its process and, at its end, the status.
cat >"$dir/slow" <<'END'
dir=$1
shift
{
	sh -c 'echo $$ >"$0"; exec "$@"' "$dir/alice.pid" "$@"
	echo $? >"$dir/status"
} | perl "$dir/slow.pl"
END

# told: the numbers of the messages that alice was told.
told()
{
	awk -F '\t' '$1 == "message" { sub("line ", "", $4); print $4 }' \
	    "$dir/alice.out"
}

for kind in ${SERVER:-prosody ejabberd}; do
	rm -rf "$dir/alice"
	server "$kind" SQL=1 EXTRA='smacks_max_queue_size = 200000' \
	    FRIENDS='alice bob'
	account alice -o ''
	printf '%s\n' /connect /replay >"$dir/lines"
	exits "$kind: an empty archive" 0 "$jackline" -f "$dir/alice" \
	    <"$dir/lines"
	fill
	# ejabberd cannot read a stream header in pieces.
	slow='-d 20 -b 500'
	[ "$kind" = prosody ] || slow=
	own=$c2s
	# shellcheck disable=SC2086 # words
	proxy bad -r "$seed" -u "$bytes" -s "$bytes" $slow -c rst -c fin "$own"
	c2s=$port account alice -o ''
	c2s=$own
	rm -f "$dir/status" "$dir/none"
	start alice env LD_PRELOAD="$build/t/preload/skip.so" QUIET=2000 \
	    QUIET_IF="$dir/none" sh "$dir/slow" "$dir" "$jackline" -k \
	    -f "$dir/alice"
	say alice /connect /replay
	for n in $(seq "$restarts"); do
		wait_for "$dir/alice.out" \
		    "line $((count * n / (restarts + 1)))$tab" "$most" ||
		    bail 'it does not come'
		case $((n % 2)) in
		0) server_down TERM ;;
		*) server_down KILL ;;
		esac
		again
	done
	ok "$kind: the last is told" wait_for "$dir/alice.out" \
	    "^message.*${tab}line $count$tab" "$most"
	ok "$kind: the replay ends" wait_for "$dir/alice.out" \
	    "^replay.*state=done" "$most"
	is "$kind: each is told once, in order" \
	    "$(told | cksum)" "$(seq "$count" | cksum)"
	note "$kind: $(sed -n 's/^VmHWM:[ \t]*//p' \
	    "/proc/$(cat "$dir/alice.pid")/status") at most," \
	    "$(grep -c 'state=started' "$dir/alice.out") replays," \
	    "$(grep -c 'resumed=yes' "$dir/alice.out") resumed," \
	    "$(grep -c '^cut' "$dir/bad.out") cuts"
	kill "$(cat "$dir/alice.pid")"
	finish alice
	is "$kind: and nothing failed but the line that was cut off" \
	    "$(field 6 error "$dir/alice.out" | sort -u)" \
	    "$(field 6 error "$dir/alice.out" | grep '^cause=connection-lost' |
		sort -u)"
	stop bad
	server_down
done
end
