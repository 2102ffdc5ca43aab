# That nothing grows: memory over GROWTH messages (100,000 unless told; 1000000
# takes minutes), and CPU of a message beside that of a tenth as many, received
# and sent, and with 10,000 contacts; the last 100 messages of a history of
# 30 MiB beside those of one of 1 MiB.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

# follow PID COMMAND...: notes the memory of PID while COMMAND fails.
follow()
{
	of=$1
	shift
	: >"$dir/samples"
	until "$@"; do
		memory "$of" RssAnon >>"$dir/samples" 2>/dev/null || return 0
		sleep 0.1
	done
}

# grown WHAT COUNT: memory in the last quarter of the samples, beside that in
# the second; the first fills tables that have a bound.
grown()
{
	awk '{ m[++n] = $1 } END {
		for (i = 1; i <= n; i++) {
			q = int((i - 1) * 4 / n) + 1
			if (m[i] > most[q])
				most[q] = m[i]
		}
		for (q = 1; q <= 4; q++)
			printf "%d ", most[q]
		print ""
	}' "$dir/samples" >"$dir/quarters"
	read -r _ second _ fourth <"$dir/quarters"
	[ "${second:-0}" -gt 0 ] || {
		echo "($1: over before its memory could be sampled)"
		return 0
	}
	row "$1, its own memory" 'quarter 2' "$second" KiB
	row "$1, its own memory" 'quarter 4' "$fourth" KiB
	goal "$1, memory grows by" "$(over "$fourth" "$second")" '' 1.1
}

# last_is FILE PATTERN
last_is()
{
	tail -c 4096 "$1" | grep -qaE "$2"
}

# received CONTACTS COUNT: sets $each, microseconds.
received()
{
	flood -c "$1" -m "$2"
	background growth "$jackline" -ck -f "$dir/flooded"
	follow "$pid" last_is "$dir/growth.out" "${tab}last$tab"
	each=$(each_of "$(cpu "$pid")" "$2")
	stop "$pid"
}

# beyond COUNT: $each without the CPU of the login, $login.
beyond()
{
	awk -v each="$each" -v login="$login" -v count="$1" \
	    'BEGIN { print each - login * 1000 / count }'
}

count=${GROWTH:-100000}
received 0 1
login=$(over "$each" 1000)
received 0 $((count / 10))
few=$(beyond $((count / 10)))
received 0 "$count"
each=$(beyond "$count")
grown "$count received"
row 'CPU of one received' "of $((count / 10))" "$few" us
row 'CPU of one received' "of $count" "$each" us
goal 'CPU of one received grows by' "$(over "$each" "$few")" '' 1.1
rm -f "$dir/growth.out"

# The CPU of a login with the contacts is taken off.
without=$each
received 10000 1
login=$(over "$each" 1000)
received 10000 "$count"
with=$(beyond "$count")
each=$without
row 'CPU of one received, 10,000 contacts' jackline "$with" us
row 'CPU of one received, 10,000 contacts' 'none' "$each" us
goal 'with 10,000 contacts it grows by' "$(over "$with" "$each")" '' 1.1
rm -f "$dir/growth.out"

# sends COUNT: sets $each.
sends()
{
	flood
	seq -f '%060.0f' "$1" >"$dir/lines"
	timed "$jackline" -c -f "$dir/flooded" -t bob@localhost <"$dir/lines" \
	    >/dev/null
	each=$(each_of "$cpu" "$1")
}
sends $((count / 10))
few=$each
sends "$count"
row 'CPU of one sent' "of $((count / 10))" "$few" us
row 'CPU of one sent' "of $count" "$each" us
goal 'CPU of one sent grows by' "$(over "$each" "$few")" '' 1.1

# history MESSAGES: sets $cpu, of /history 100.
history()
{
	rm -rf "$dir/flooded/histories"
	mkdir -m 700 "$dir/flooded/histories"
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++)
		printf "(3(((direction(From(Full((bob localhost)t))))" \
		    "(encrypted false)(received true)(timestamp 1709251200)" \
		    "(message %060d)(kind Chat))))", i }' \
	    >"$dir/flooded/histories/bob@localhost"
	printf '/go bob@localhost\n/history 100\n' >"$dir/lines"
	timed "$jackline" -f "$dir/flooded" <"$dir/lines" >/dev/null
	rm -r "$dir/flooded/histories"
}
history 5000
few=$cpu
history 150000
row '/history 100, CPU' 'of 1 MiB' "$few" ms
row '/history 100, CPU' 'of 30 MiB' "$cpu" ms
goal '/history 100 of 30 MiB grows by' "$(over "$cpu" "$few")" '' 1.2
