# The start with 10,000 contacts, all offline and all online, on server-flood.
# mcabber takes minutes where all are online.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

# figures WHO: rows of what is running as $pid, ready after $wall.
figures()
{
	printf '%s\t' "$1" "$wall" "$(cpu "$pid")" >>"$dir/contacts"
	memory "$pid" RssAnon >>"$dir/contacts"
}

: >"$dir/contacts"
for present in 0 10000; do
	flood -c 10000 -m 1 -p $present
	begun=$(milliseconds)
	background jackline "$jackline" -ck -f "$dir/flooded"
	wait_for "$dir/jackline.out" "${tab}last$tab"
	wall=$(($(milliseconds) - begun))
	if [ $present = 0 ]; then
		figures jackline
		own=$(memory "$pid" RssAnon)
	else
		figures 'all online'
	fi
	stop "$pid"
done
flood -c 10000 -m 1

# mcabber needs a terminal. It is ready when it takes no CPU any more.
if have mcabber && have tmux; then
	mkdir -m 700 "$dir/mcabber"
	cat >"$dir/mcabber/rc" <<-END
		set jid = alice@localhost
		set password = alice-pw
		set server = 127.0.0.1
		set port = $flood
		set tls = 1
		set ssl_ignore_checks = 1
		set logging = 0
	END
	chmod 600 "$dir/mcabber/rc"
	begun=$(milliseconds)
	tmux -S "$dir/tmux" -f /dev/null new-session -d -x 100 -y 40 \
	    "exec mcabber -f '$dir/mcabber/rc' 2>/dev/null"
	pid=$(tmux -S "$dir/tmux" list-panes -F '#{pane_pid}')
	before='' now=-
	until [ "$before" = "$now" ] && [ "${now%.*}" -gt 100 ]; do
		before=$now
		wall=$(($(milliseconds) - begun))
		sleep 0.5
		now=$(cpu "$pid")
	done
	figures mcabber
	stop "$pid"
	tmux -S "$dir/tmux" kill-server 2>/dev/null || :
fi
while IFS=$tab read -r who wall cpu memory; do
	row '10,000 contacts, start to all known' "$who" "$wall" ms
done <"$dir/contacts"
while IFS=$tab read -r who wall cpu memory; do
	row '10,000 contacts, CPU' "$who" "$cpu" ms
done <"$dir/contacts"
while IFS=$tab read -r who wall cpu memory; do
	row '10,000 contacts, its own memory' "$who" "$memory" KiB
done <"$dir/contacts"
goal '10,000 contacts, its own memory' "$(over "$own" 1024)" MiB 3
