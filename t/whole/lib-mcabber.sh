# mcabber as the other side, in a terminal of its own, beside lib.sh.
# shellcheck shell=sh disable=SC2154 # what lib.sh sets
mcabber_tm()
{
	tmux -S "$dir/tmux.mcabber" "$@"
}

# mcabber_up SETTING...: as bob; its input is a FIFO, its log one of it.
mcabber_up()
{
	rm -rf "$dir/mcabber"
	mkdir -p "$dir/mcabber/otr" "$dir/mcabber/log"
	chmod -R 700 "$dir/mcabber"
	cat >"$dir/mcabber/mcabberrc" <<END
set jid = bob@$domain
set password = bob-pw
set server = 127.0.0.1
set port = $c2s
set tls = 1
set ssl_ignore_checks = 1
set logging = 1
set logging_dir = $dir/mcabber/log/
set fifo_name = $dir/mcabber/fifo
module load fifo
END
	printf '%s\n' "$@" >>"$dir/mcabber/mcabberrc"
	chmod 600 "$dir/mcabber/mcabberrc"
	mcabber_again
}

# mcabber_again: with the settings, keys and logs that it had.
mcabber_again()
{
	mcabber_tm -f /dev/null new-session -d -s m -x 160 -y 50 \
	    "exec env LC_ALL=C.UTF-8 TERM=screen mcabber \
	    -f '$dir/mcabber/mcabberrc' 2>'$dir/mcabber/err'" ||
	    bail 'no tmux'
}

mcabber_ended()
{
	! mcabber_tm has-session -t m 2>/dev/null
}

# mcabber_gone: waits until it has ended.
mcabber_gone()
{
	wait_until mcabber_ended
	rm -f "$dir/mcabber/fifo"
}

# mcabber_killed: at once, with nothing said to anybody.
mcabber_killed()
{
	kill -9 "$(mcabber_tm display-message -p -t m '#{pane_pid}')"
	mcabber_gone
}

# mcabber LINE...: commands for it.
mcabber()
{
	printf '%s\n' "$@" >"$dir/mcabber/fifo"
}

# mcabber_chat NAME: with whom it is to be shown.
mcabber_chat()
{
	mcabber "/roster search $1"
	mcabber_tm send-keys Enter
}

# screen_like PATTERN: what it shows has such a row; kept in $dir/screen.
screen_like()
{
	mcabber_tm capture-pane -p >"$dir/screen" &&
	    grep -qE -e "$1" "$dir/screen"
}

# screen PATTERN: so in the end.
screen()
{
	wait_until screen_like "$1"
}

# shows NAME PATTERN: the test of it.
shows()
{
	screen "$2"
	like "$1" "$dir/screen" "$2"
}
