# What it costs to keep what is said: the CPU of a message received with /log on
# beside one that is not kept.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

# kept WORD: sets $each, microseconds of a message, with /log WORD.
kept()
{
	rm -rf "$dir/flooded/histories"
	printf '/go bob@localhost\n/log %s\n' "$1" |
	    "$jackline" -f "$dir/flooded" >/dev/null
	background kept "$jackline" -ck -f "$dir/flooded"
	begun=$(milliseconds)
	wait_for "$dir/kept.out" "${tab}last$tab"
	waited "$pid" $(($(milliseconds) - begun))
	each=$(each_of "$(cpu "$pid")" $count)
	stop "$pid"
}

count=50000
flood -m $count
kept off
without=$each
kept on
row 'received and kept, CPU of one' jackline "$each" us
row 'received and kept, CPU of one' 'not kept' "$without" us
goal 'CPU of one message kept' \
    "$(echo "$each $without" | awk '{ print $1 - $2 }')" us 5
