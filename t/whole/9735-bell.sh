#!/bin/sh
# Nothing rings and no title changes unless it is configured; what a callback
# says is dropped, but a BEL is heard at a terminal, and nowhere else.
. "$(dirname "$0")/lib-tty.sh"

# In the first window, also where another one is looked at.
keys()
{
	tm send-keys -t t:0 "$@"
}

rows()
{
	tm capture-pane -t t:0 -p | grep -v '^$'
}

# rang: whether tmux heard a BEL since its window was looked away from.
rang()
{
	[ "$(tm display-message -p -t t:0 '#{window_bell_flag}')" = 1 ]
}

# hears NAME: a bell, in the end.
hears()
{
	wait_until rang
	result $? "$1"
}

cat >"$dir/bell.sh" <<'END'
#!/bin/sh
echo 'noise that nobody sees'
printf '\033]2;a title\033\\'
if [ $3 != "connect" ]; then printf '\a'; fi
echo "$*" >>"${0%/*}/calls"
END
chmod 755 "$dir/bell.sh"
server prosody FRIENDS='alice bob'
account bob -o ''
start bob "$jackline" -ce -f "$dir/bob"
wait_for "$dir/bob.out" "${tab}online"
tty_shell
tm set -g monitor-bell on
tm set -g bell-action any
tm new-window -d -t t:1 'sleep 1000'
title=$(tm display-message -p -t t:0 '#{pane_title}')

# Without a callback.
account alice -o ''
run -c -f "$dir/alice" -g bob@localhost
sees 'online' 'bob@localhost/t \* is online'
tm select-window -t t:1
say bob '/msg alice@localhost/t quiet'
sees 'a message' '<-- quiet$'
! rang
result $? 'does not ring'
tm select-window -t t:0
keys /quit Enter
same 'without a callback'

# With one.
account alice -o '' -n "$dir/bell.sh"
tm select-window -t t:1
run -c -f "$dir/alice" -g bob@localhost
wait_for "$dir/calls" 'alice@localhost.* connected connect$'
sees 'online' 'bob@localhost/t \* is online'
say bob '/msg alice@localhost/t loud'
sees 'a message' '<-- loud$'
ok 'is told to the callback' wait_for "$dir/calls" notify_contact
hears 'whose bell is heard'
is 'nothing else of it' "$(rows | grep -c noise)" 0
is 'no title either' "$(tm display-message -p -t t:0 '#{pane_title}')" "$title"
ends 'the prompt is as it was' '^bob@localhost \[o\] clear> *$'
tm select-window -t t:0
keys /quit Enter
same 'with a callback'

# In a pipe it is not heard.
rm "$dir/calls"
start alice "$jackline" -ce -f "$dir/alice"
wait_for "$dir/alice.out" "${tab}online"
say bob '/msg alice@localhost/t piped'
ok 'in a pipe: called' wait_for "$dir/calls" notify_contact
eof alice
finish alice
bell=$(printf '\007')
unlike 'and not heard' "$dir/alice.out" "$bell|noise"
tm kill-server
end
