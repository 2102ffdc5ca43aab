# Memory over a million messages in either direction, sampled: the
# highest of each quarter of the way, beside the first.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

# sample PID FILE PATTERN: until FILE has it, or it is gone.
sample()
{
	: >"$dir/samples"
	until tail -c 4096 "$2" | grep -qaE "$3"; do
		memory "$1" RssAnon >>"$dir/samples" 2>/dev/null || return 0
		sleep 0.25
	done
}

# quarters WHAT
quarters()
{
	for quarter in 1 2 3 4; do
		row "$1, its own memory" "quarter $quarter" \
		    "$(awk -v q=$quarter '{ all[NR] = $1 } END {
			i = int((q - 1) * NR / 4)
			while (++i <= q * NR / 4)
				if (all[i] > most)
					most = all[i]
			print most }' "$dir/samples")" KiB
	done
}

count=1000000
flood -m $count
background million "$jackline" -ck -f "$dir/flooded"
sample "$pid" "$dir/million.out" "${tab}last$tab"
stop "$pid"
rm "$dir/million.out"
quarters 'a million received'

flood
seq -f '%060.0f' $count | "$jackline" -c -f "$dir/flooded" -t bob@localhost \
    >/dev/null &
pids="$pids $!"
sample $! "$dir/flood.out" "^messages $count "
quarters 'a million sent'
wait $!
