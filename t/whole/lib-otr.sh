# What the tests of OTR with real servers have in common, beside lib.sh.
# shellcheck shell=sh
. "$(dirname "$0")/lib.sh"

asan_libotr

# run NAME COMMAND...: as start; nothing of it has been seen yet.
run()
{
	eval "mark_$1=0"
	start "$@"
}

# up NAME [ARGUMENT...]: a jackline of the account NAME, online.
up()
{
	up=$1
	shift
	run "$up" "$jackline" -c -f "$dir/$up" "$@"
	wait_for "$dir/$up.out" "^state.*${tab}online" || bail "no $up"
}

# down NAME [STATUS]: the end of its input, and so ends NAME.
down()
{
	eof "$1"
	finish "$1"
	is "the end of $1" $? "${2:-0}"
}

# sees NAME WHO PATTERN: a line of WHO behind the one that was seen last
# matches; ~ stands for TAB. The lines from there on are in $dir/mark.
sees()
{
	pattern=$(printf %s "$3" | sed "s/~/$tab/g") mark=0
	eval "mark=\$mark_$2"
	at=$("$build/t/whole/await" "$dir/$2.out" "$pattern" \
	    "$patience" "$mark")
	found=$?
	[ $found -eq 0 ] || impatient
	tail -n "+$((mark + 1))" "$dir/$2.out" >"$dir/mark"
	result $found "$1" || {
		diag "no further line of $2 matches $3; there are:" \
		    "$(cat "$dir/mark")"
		return 1
	}
	eval "mark_$2=$at"
}

# last TAG WHO: the last event TAG of WHO.
last()
{
	grep "^$1$tab" "$dir/$2.out" | tail -n 1
}

# attribute KEY TAG WHO: its value there.
attribute()
{
	last "$2" "$3" | tr '\t' '\n' | sed -n "s/^$1=//p"
}

# canary WORD: a text that may never be on the wire.
canary()
{
	printf 'canary of %s\n' "$1"
}

# refused NAME WHO WORD: the canary was, for reasons of policy.
refused()
{
	sees "$1" "$2" '^error~.*~cause=policy'
	! grep -qE "^(sent|acked).*$(canary "$3")" "$dir/$2.out"
	result $? "$1: and is not sent"
}

# wire NAME PATTERN: a stanza that passed the server matches.
wire()
{
	like "$1" "$home/server.log" "$2"
}
