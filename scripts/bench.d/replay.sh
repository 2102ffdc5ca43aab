# The archive of an account that got some thousand messages, read page by page
# to its end, on each server, beside python3-slixmpp; Prosody archives the
# receipts, too. It keeps the archive in memory here: its files take longer for
# each page, the more there is before it; so does ejabberd, which gets fewer.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

# read_archive KIND COUNT EXTRA: on such a server, which is ended again.
read_archive()
{
	count=$2
	seq -f '%060.0f' "$count" >"$dir/lines"
	ports=$(t/server/free-port 2)
	port=${ports% *}
	C2S=$port TLS=${ports#* } ACCOUNTS='alice bob' FRIENDS='alice bob' \
	    EXTRA=$3 "t/server/$1-up" "$dir/archive"
	cp "$dir/archive/certs/ca.crt" "$dir/archive.crt"
	for name in alice bob; do
		t/server/make-config -o '' "$dir/archive.$name" \
		    "$name@localhost/bench" "$port" "$dir/archive.crt"
	done
	background filled "$jackline" -ck -f "$dir/archive.alice"
	filled=$pid
	wait_for "$dir/filled.out" '^ok'
	"$jackline" -c -f "$dir/archive.bob" -w 600 -t alice@localhost \
	    <"$dir/lines" >/dev/null
	stop "$filled"
	echo '/replay all' >"$dir/replay"
	timed "$jackline" -c -f "$dir/archive.alice" <"$dir/replay" \
	    >"$dir/replayed"
	row "replay of $count from $1" jackline "$wall" ms
	echo "$1 $count jackline $cpu $peak" >>"$dir/per"
	# Those that came last may be told as offline messages.
	[ "$(grep -c '^message' "$dir/replayed")" -eq "$count" ]
	timed timeout 900 /usr/bin/python3 t/bench/replay.py \
	    alice@localhost/bench alice-pw "$port" "$dir/archive.crt" \
	    >"$dir/replayed" 2>"$dir/slixmpp.err"
	if [ "$(tail -n 1 "$dir/replayed")" = "end $count" ]; then
		row "replay of $count from $1" slixmpp "$wall" ms
		echo "$1 $count slixmpp $cpu $peak" >>"$dir/per"
	else
		echo "(slixmpp has not read it: $(tail -n 1 \
		    "$dir/slixmpp.err"))"
	fi
	t/server/server-down "$dir/archive"
	rm -rf "$dir/archive"
}

: >"$dir/per"
read_archive prosody 10000 'smacks_max_queue_size = 200000
storage = { archive = "memory" }
storage_archive_item_limit = 1000000'
read_archive ejabberd 2000 ''
while read -r kind count who cpu peak; do
	row "replay of $count from $kind, CPU" "$who" "$cpu" ms
done <"$dir/per"
while read -r kind count who cpu peak; do
	row "replay of $count from $kind, memory" "$who" "$peak" KiB
done <"$dir/per"
