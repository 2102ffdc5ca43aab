# For the tests at a terminal (9[67]*.sh): jackline inside tmux. Read first by
# each, which reads lib.sh: . "$(dirname "$0")/lib-tty.sh".
# shellcheck shell=sh
# shellcheck disable=SC2034 # what only the tests use
. "$(dirname "$0")/lib.sh"
command -v tmux >/dev/null || bail 'no tmux'

LC_ALL=C.UTF-8
export LC_ALL
unset NO_COLOR COLORTERM TMUX INSIDE_EMACS

tm()
{
	tmux -S "$dir/tmux" -f /dev/null "$@"
}

# keys KEY...: as if typed.
keys()
{
	tm send-keys -t t "$@"
}

# rows: what is on the screen, without the empty rows.
rows()
{
	tm capture-pane -t t -p | grep -v '^$'
}

# row_like PATTERN, last_like PATTERN, paint_like PATTERN: some row, the last
# that is not empty, and some row with its colours, ESC written \e, matches now.
row_like()
{
	rows >"$dir/rows" && grep -qE -e "$1" "$dir/rows"
}

last_like()
{
	rows | tail -n 1 >"$dir/rows" && grep -qE -e "$1" "$dir/rows"
}

paint_like()
{
	tm capture-pane -t t -p -e | sed "s/$esc/\\\\e/g" >"$dir/rows" &&
	    grep -qE -e "$1" "$dir/rows"
}
esc=$(printf '\033')

# sees NAME PATTERN: some row matches (grep -E) in the end.
sees()
{
	wait_until row_like "$2"
	result $? "$1" || diag "no row is like $2:" "$(cat "$dir/rows")"
}

# ends NAME PATTERN: the last row that is not empty does.
ends()
{
	wait_until last_like "$2"
	result $? "$1" || diag "the last is not like $2:" "$(rows)"
}

# has_columns TTY COLUMNS: it is that wide.
has_columns()
{
	[ "$(stty size <"$1")" = "30 $2" ]
}

# resize COLUMNS: and wait until the terminal knows; tmux takes its time.
resize()
{
	tm resize-window -t t -x "$1" -y 30
	tty=$(tm display-message -p -t t '#{pane_tty}')
	wait_until has_columns "$tty" "$1" || bail 'no other size'
}

# run [NAME=VALUE... --] OPTION...: jackline as alice; its process is $alice.
run()
{
	env=
	case " $* " in
	*' -- '*)
		while [ "$1" != -- ]; do
			env="$env $1"
			shift
		done
		shift ;;
	esac
	rm -f "$dir/alice.pid"
	keys "clear;$env sh -c 'echo \$\$ >$dir/alice.pid; exec $jackline $*'" \
	    Enter
	wait_for "$dir/alice.pid" '^[0-9]'
	alice=$(cat "$dir/alice.pid")
}

settings=-g # as stty tells them
# same NAME: the shell is back, and the terminal is as it was.
same()
{
	ends "$1: the shell is back" '^sh> *$'
	rm -f "$dir/after"
	keys "clear; stty $settings >$dir/stty; mv $dir/stty $dir/after" Enter
	wait_for "$dir/after" .
	cmp "$dir/before" "$dir/after" >"$dir/cmp"
	result $? "$1: the terminal is as it was" ||
	    diag "$(diff "$dir/before" "$dir/after")"
}

# tty_shell [COLUMNS]: the shell that jackline is started from. What ends by a
# sanitizer is noted: on the screen nobody looks for that.
tty_shell()
{
	mkdir -p "$dir/sh"
	tm new-session -d -s t -x "${1:-80}" -y 30 "env -u ENV HOME=$dir/sh \
	    PS1='\$([ \$? != 99 ] || : >\$TMPDIR/sanitizer)sh> ' sh -i" ||
	    bail 'no tmux'
	rm -f "$dir/before"
	keys "stty $settings >$dir/stty; mv $dir/stty $dir/before" Enter
	wait_for "$dir/before" .
}

# tty_chat [FRIEND...]: the shell, and beside it bob, online; we are alice.
tty_chat()
{
	server prosody FRIENDS="alice bob${*:+ $*}"
	account alice -o ''
	account bob -o ''
	tty_shell
	start bob "$jackline" -ce -f "$dir/bob"
	wait_for "$dir/bob.out" "${tab}online"
}

# paints NAME PATTERN: as sees, in the rows with their colours.
paints()
{
	wait_until paint_like "$2"
	result $? "$1" || diag "no row is like $2:" "$(cat "$dir/rows")"
}
