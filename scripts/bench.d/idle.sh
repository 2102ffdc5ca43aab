# A minute in which nothing happens: memory, CPU, wake-ups. The one wake-up is
# the ping that finds a dead link.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

# idle WHO PID: rows of its next minute.
idle()
{
	slept=$(memory "$2" voluntary_ctxt_switches) before=$(cpu "$2")
	sleep 60
	slept=$(($(memory "$2" voluntary_ctxt_switches) - slept))
	before=$(echo "$(cpu "$2") $before" | awk '{ print $1 - $2 }')
	echo "$1 $(memory "$2") $(memory "$2" RssAnon) $slept $before" \
	    >>"$dir/idle"
}

prosody
: >"$dir/idle"
background bob "$jackline" -ck -f "$dir/bob"
wait_for "$dir/bob.out" '^ok'
idle jackline "$pid"
stop "$pid"
background strophe "$build/t/bench/bench-strophe" bob@localhost/bench bob-pw \
    "$port" "$dir/ca.crt"
sleep 1
idle strophe "$pid"
stop "$pid"
if have tmux; then
	tmux -S "$dir/tmux" -f /dev/null new-session -d -x 80 -y 24 \
	    "exec '$jackline' -c -f '$dir/bob'"
	pid=$(tmux -S "$dir/tmux" list-panes -F '#{pane_pid}')
	sleep 1
	idle terminal "$pid"
	tmux -S "$dir/tmux" kill-server 2>/dev/null || :
fi
while read -r who memory own slept cpu; do
	row 'idle, resident memory' "$who" "$memory" KiB
done <"$dir/idle"
while read -r who memory own slept cpu; do
	row 'idle, of it its own' "$who" "$own" KiB
done <"$dir/idle"
goal 'idle, its own memory' "$(awk '$1 == "jackline" { print $3 / 1024 }' \
    "$dir/idle")" MiB 0.4
while read -r who memory own slept cpu; do
	row 'idle, wake-ups a minute' "$who" "$slept" ''
done <"$dir/idle"
while read -r who memory own slept cpu; do
	row 'idle, CPU a minute' "$who" "$cpu" ms
done <"$dir/idle"
