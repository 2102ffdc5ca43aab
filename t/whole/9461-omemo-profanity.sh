#!/bin/sh
# OMEMO with an implementation that is neither ours nor python-omemo: profanity,
# with libsignal-protocol-c, at a terminal of its own. Both ways. (On Prosody
# profanity 0.13 publishes no first device list: it looks for the number 404 in
# the error by which it learns that there is none, and only ejabberd sends it.)
. "$(dirname "$0")/lib.sh"
. "$here/lib-omemo.sh"
command -v profanity >/dev/null || skip_all 'no profanity'
command -v tmux >/dev/null || skip_all 'no tmux'

tm()
{
	tmux -S "$dir/tmux" "$@"
}

# types LINE...: lines for profanity.
types()
{
	for line; do
		tm send-keys -l "$line"
		tm send-keys Enter
	done
}

# screen_like PATTERN: it shows such a row; the screen is kept.
screen_like()
{
	tm capture-pane -p >"$dir/screen" && grep -qE -e "$1" "$dir/screen"
}

# profanity_up: as bob, with a directory of its own.
profanity_up()
{
	mkdir -p "$dir/home/.config/profanity"
	printf '[ui]\nsplash=false\n' >"$dir/home/.config/profanity/profrc"
	tm -f /dev/null new-session -d -x 160 -y 50 \
	    "exec env -i HOME='$dir/home' PATH='$PATH' LC_ALL=C.UTF-8 \
	    TERM=screen profanity 2>'$dir/profanity.err'" || bail 'no tmux'
	wait_until screen_like 'Type ./help'
	types "/connect bob@localhost server 127.0.0.1 port $c2s tls trust"
	wait_until screen_like '[Pp]assword'
	types bob-pw
	wait_until screen_like 'logged in'
	types '/omemo trustmode blind' '/omemo policy always' '/omemo gen'
	wait_until screen_like 'materials generated' || bail 'no keys'
	types '/msg alice@localhost'
}

# knows: alice has heard of the device of bob.
knows()
{
	say alice '/with bob@localhost /omemo info'
	grep -q "^fingerprint.*bob@localhost.*device=" "$dir/alice.out"
}

server ejabberd FRIENDS='alice bob'
account alice
start alice "$jackline" -c -f "$dir/alice"
say alice '/omemo publish'
wait_for "$dir/alice.out" "^ok.*${tab}line=1\$"
profanity_up
wait_until knows
say alice '/msg bob@localhost to profanity'
ok 'profanity reads' wait_until screen_like '~ .*alice.*: to profanity'
ok 'and has it delivered' wait_for "$dir/alice.out" '^delivered'
like 'it was encrypted' "$dir/alice.out" \
    "^sent.*${tab}to profanity$tab.*enc=omemo"
types '/msg alice@localhost from profanity'
ok 'profanity writes' wait_for "$dir/alice.out" \
    "^message.*bob@localhost/.*${tab}from profanity${tab}enc=omemo"
say alice '/msg bob@localhost once more'
ok 'the next turn of the ratchet' wait_until screen_like '~ .*: once more'
types '/msg alice@localhost and back'
ok 'and the next' wait_for "$dir/alice.out" "^message.*${tab}and back${tab}enc"
unlike 'nothing was unreadable' "$dir/alice.out" unreadable
types /quit
eof alice
finish alice
is 'all is well' $? 0
server_down
end
