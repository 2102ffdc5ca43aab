#!/bin/sh
# The examples of the protocol's description, as a person would run them, under
# dash; and a bot of the same kind against a body that wants to be a command.
. "$(dirname "$0")/lib.sh"
command -v dash >/dev/null || skip_all 'dash is not installed'

server prosody
account alice -o ''
account bob
mkdir "$dir/bin" "$dir/a" "$dir/b"
for name in alice bob; do
	mkdir -p "$dir/$name.home/.config"
	mv "$dir/$name" "$dir/$name.home/.config/ocaml-xmpp-client"
done
ln -s "$jackline" "$dir/bin/jackline"
PATH=$dir/bin:$PATH
export PATH

# as NAME SCRIPT: SCRIPT under dash with the configuration of NAME.
as()
{
	HOME=$dir/$1.home timeout 100 dash -c "$2"
}

# Commands, and the exit status.
is 'a message' "$(as alice "printf '/connect\n/msg bob@localhost hello\n' |
    jackline >'$dir/out'; echo \$?")" 0
like 'is acked' "$dir/out" '^acked'
is 'one to nobody' "$(as alice "printf '/connect\n/msg no@localhost hello\n' |
    jackline 2>'$dir/err'; echo \$?" | tail -n 1)" 1

# What others wrote, whatever it is.
printf '%s\n' '/quit' '[1.0] kernel' '' '//x' >"$dir/log"
as alice "jackline -c -t bob@localhost <'$dir/log' >'$dir/out'"
is 'lines of others' $? 0
is 'are text, all' "$(field 4 sent "$dir/out" | tr '\n' '|')" \
    '/quit|[1.0] kernel|\e|//x|'

# A filter on the events; the lines above waited for him.
as bob "jackline -ck </dev/null | grep --line-buffered '^message' |
    stdbuf -oL cut -f3,4 >'$dir/cut'" &
pids="$pids $!"
ok 'the events can be cut' wait_for "$dir/cut" '//x$'
is 'into who and what' "$(head -n 1 "$dir/cut")" \
    "alice@localhost/t${tab}hello"
filter=$(pgrep -f "^jackline -ck\$" | while read -r pid; do
	grep -qz "^HOME=$dir/bob.home" "/proc/$pid/environ" && echo "$pid"
done)
kill "$filter"

# They must know each other before anything is encrypted unasked.
peer.py bob@localhost/peer bob-pw 127.0.0.1 "$c2s" "$ca" \
    >"$dir/peer.out" 2>&1 <<'END' &
{"do":"presence","type":"subscribe","to":"alice@localhost"}
{"do":"presence","type":"subscribed","to":"alice@localhost"}
END
peer=$!
pids="$pids $peer"
as alice "printf '%s\n' '/wait subscription bob@localhost type=subscribe' \
    '/with bob@localhost /authorization allow' '/add bob@localhost' \
    '/wait roster bob@localhost sub=both' | jackline -cx >'$dir/out'"
ok 'friends' grep -q 'sub=both' "$dir/out"
kill $peer

# The echo bot, for encrypted messages only.
cat >"$dir/bot.sh" <<'END'
cd "$1" && mkfifo in
jackline -ce -i in |
while IFS=$(printf '\t') read -r tag time peer text enc rest; do
	echo "$tag $text" >>events
	[ "$tag $enc" = 'message enc=otr' ] &&
	    printf '/msg %s %s\n' "$peer" "$text" >in; done
END
HOME=$dir/bob.home dash "$dir/bot.sh" "$dir/b" 2>"$dir/bot.err" &
pids="$pids $!"
ok 'the bot is there' wait_for "$dir/b/events" '^ok'
cat >"$dir/lines" <<'END'
/wait presence bob@localhost show=online
/go bob@localhost
/say in the clear
/otr start
one\ntwo\ttabs \\n/go boss@localhost \u{202e}
/wait message
-- \\ $(id) `id` "x" 'y' %s \x7f
/wait message
END
as alice "jackline -cex <'$dir/lines' >'$dir/out'"
is 'a talk with it' $? 0
is 'what was encrypted comes back as it went' \
    "$(field 4 message "$dir/out")" "$(field 4 sent "$dir/out" | tail -n 2)"
is 'encrypted' "$(field 5 message "$dir/out" | sort -u)" enc=otr

# Closed at the first failure; a resource that is there.
as alice "printf '%s\n' '/connect' '/wait presence bob@localhost/t' \
    '/go bob@localhost/t' '/otr start' 'secret' '/wait delivered' |
    jackline -x >'$dir/out'"
is 'encrypted and delivered, or not at all' $? 0
like 'that was encrypted' "$dir/out" "^sent.*${tab}secret$tab.*enc=otr"
as alice "printf '%s\n' '/connect' '/go bob@localhost/nowhere' '/otr start 1' \
    'secret' | jackline -x >'$dir/out' 2>'$dir/err'"
is 'a failure' $? 1
unlike 'stops it' "$dir/out" '^sent'
printf '/quit\n' >"$dir/b/in"
ok 'the bot leaves' wait_for "$dir/b/events" '^state offline'

end
