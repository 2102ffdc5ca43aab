# At a terminal: from exec to a key on the screen, and from each key to the
# screen while lines arrive: one by one, and as fast as they can be drawn, with
# 10,000 contacts besides. t/bench/bench-type.c strikes them.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

# type_at WHAT OPTION...: 10,000 lines of a flood.
type_at()
{
	lines=$1
	shift
	flood -m 10000 "$@"
	TERM=xterm-256color "$build/t/bench/bench-type" last \
	    "$jackline" -c -f "$dir/flooded" >"$dir/type.out"
	# As they are printed: start keys median worst end cpu rss.
	read -r _ start _ _ _ median _ worst _ _ _ cpu _ memory \
	    <"$dir/type.out"
	row "$lines: exec to first key" terminal "$start" ms
	row "$lines: key to screen, median" terminal "$median" ms
	row "$lines: key to screen, worst" terminal "$worst" ms
	row "$lines: CPU of one" terminal \
	    "$(echo "$cpu" | awk '{ print $1 / 10 }')" us
	row "$lines: resident memory" terminal "$memory" KiB
}

type_at 'lines one by one' -w
type_at 'lines at once' -c 10000
