# A session that goes on against a login: bytes and round trips, as the proxy
# counts them until it is cut, once online and with what was said next. The
# flight that ends it is no round trip.
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
each 'flights, connect to lost again' 3 ''
goal 'round trips, resumed' "$(awk 'NR == 2 { print $3 - 1 }' "$dir/counts")" \
    '' 6.2
