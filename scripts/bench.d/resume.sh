# A session that goes on against a login: bytes and round trips, as the proxy
# counts them, and the time from the first word to `online` where each way takes
# 50 ms.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

# cut_and_count OPTION...: through a proxy, cut once online, and again; leaves
# two lines in $dir/counts, of the login and of the resumption.
cut_and_count()
{
	mkfifo "$dir/cut.in" "$dir/lines.in"
	exec 3<>"$dir/cut.in" 4<>"$dir/lines.in"
	: >"$dir/proxy.out"
	"$build/t/server/server-proxy" "$@" "$port" <&3 >"$dir/proxy.out" &
	proxy=$!
	pids="$pids $proxy"
	wait_for "$dir/proxy.out" '^port'
	t/server/make-config -o '' "$dir/carol" carol@localhost/bench \
	    "$(sed -n 's/^port //p' "$dir/proxy.out")" "$dir/ca.crt"
	: >"$dir/carol.out"
	"$jackline" -c -f "$dir/carol" <&4 >"$dir/carol.out" &
	carol=$!
	pids="$pids $carol"
	wait_for "$dir/carol.out" '^ok'
	echo rst >&3
	wait_for "$dir/carol.out" 'resumed=yes'
	echo rst >&3
	wait_for "$dir/proxy.out" '^end 2'
	grep '^end [12] ' "$dir/proxy.out" |
	    sed 's/^end [12] up=\([0-9]*\) down=\([0-9]*\) turns=/\1 \2 /' \
		>"$dir/counts"
	stop $carol
	stop $proxy
	exec 3>&- 4>&-
	rm "$dir/cut.in" "$dir/lines.in"
}

# each WHAT COLUMN UNIT: of both lines.
each()
{
	row "$1" login "$(awk -v n="$2" 'NR == 1 { print $n }' "$dir/counts")" \
	    "$3"
	row "$1" resumption \
	    "$(awk -v n="$2" 'NR == 2 { print $n }' "$dir/counts")" "$3"
}

prosody
cut_and_count -d 50
each 'bytes sent' 1 B
each 'bytes received' 2 B
# From `connecting` to `online`, as the events say; after a loss the first
# attempt is at once.
awk -F '\t' '$1 == "state" { split(substr($2, 12, 12), t, ":")
	ms = (t[1] * 3600 + t[2] * 60 + t[3]) * 1000
	if ($4 == "connecting") at = ms
	if ($4 == "online") print 0, 0, (ms - at) / 100 }' "$dir/carol.out" \
    >"$dir/counts"
each 'round trips, connect to online' 3 ''
