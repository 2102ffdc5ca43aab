#!/bin/sh
# jackline-send, -bot and -notify: under dash beside Prosody, under bash beside
# ejabberd; what jackline-send says became of it, under busybox as well.
# shellcheck disable=SC2154,SC2016 # of lib.sh; as they stand
. "$(dirname "$0")/lib.sh"

JACKLINE=$jackline
export JACKLINE
scripts=$root/scripts

hostile=$(printf 'a\\n/quit\n/msg x@y z\n\n $(touch pwned) `x` %%s\n \\e')

# run NAME ARGUMENT...: a script of ours by the shell.
run()
{
	script=$1
	shift
	$shell "$scripts/jackline-$script" "$@"
}

# gone COMMAND: no such process is there.
gone()
{
	! pgrep -f "$1" >/dev/null
}

# answered TEXT: alice says TEXT to the bot, which may not be there yet, until
# it answers.
answered()
{
	say alice "/msg bob@localhost/t $1"
	grep -q "^message.*$1" "$dir/alice.out"
}

# sends NAME STATUS ARGUMENT...: jackline-send ends so; what it says of itself
# is in $dir/err, its lines in $dir/whom without what is behind the JID.
sends()
{
	claim=$1 wanted=$2
	shift 2
	run send "$@" 2>"$dir/err" </dev/null
	is "$shell: $claim" $? "$wanted"
	cut -d' ' -f1,2 "$dir/err" >"$dir/whom"
}

# one_line NAME PATTERN: all that it said, of itself, is one line like that.
one_line()
{
	is "$shell: $1, one line" "$(grep -cE -e "$2" "$dir/err")/$(wc -l \
	    <"$dir/err" | tr -d ' ')" 1/1
}

# came TEXT: bob has that message.
came()
{
	ok "$shell: it came" wait_for "$dir/bob.out" "^message.*${tab}$1$tab"
}

# says_what_became: of each JID, and where it could not even begin.
says_what_became()
{
	sends 'to four, of whom two fail' 1 -f "$dir/alice" -m "four $n" \
	    bob@localhost nobody@localhost bob@localhost/t \
	    'nobody2@localhost/a\sb'
	is "$shell: a line for each that failed" "$(tr '\n' ' ' <"$dir/whom")" \
	    'jackline-send: nobody@localhost: '\
'jackline-send: nobody2@localhost/a\sb: '
	came "four $n"
	sends 'a bad JID' 64 -f "$dir/alice" -m "bad $n" bob@localhost \
	    a@b@c 'a\q@localhost'
	is "$shell: is named, and the other" "$(tr '\n' ' ' <"$dir/whom")" \
	    'jackline-send: a@b@c: jackline-send: a\q@localhost: '
	sends 'delivered' 0 -D -f "$dir/alice" -m "receipt $n" bob@localhost
	is "$shell: says nothing" "$(cat "$dir/err")" ''
	unlike "$shell: nothing went beside a bad JID" "$dir/bob.out" \
	    "${tab}bad $n"
	JACKLINE=$dir/short
	sends 'no receipt' 75 -D -f "$dir/alice" -m "receipt $n" \
	    carol@localhost bob@localhost
	JACKLINE=$jackline
	one_line 'for whom' '^jackline-send: carol@localhost: no receipt'
	sends 'a subject' 0 -f "$dir/alice" -u "a \\n $n" -m hi bob@localhost
	ok "$shell: it came" wait_for "$dir/bob.out" \
	    "${tab}subject=a.s..n.s$n$tab"
	sends 'a subject that XML cannot carry' 64 -u "$(printf 'a\033')" \
	    -f "$dir/alice" -m "no subject $n" bob@localhost x@localhost
	is "$shell: says so for each" "$(tr '\n' ' ' <"$dir/whom")" \
	    'jackline-send: bob@localhost: jackline-send: x@localhost: '
	sends 'which is spelled out' 0 -S -u "$(printf 'a\033')" \
	    -f "$dir/alice" -m "spelled $n" bob@localhost
	ok "$shell: it came" wait_for "$dir/bob.out" \
	    "${tab}spelled $n$tab.*${tab}subject=a..x1b"
	unlike "$shell: and nothing without it" "$dir/bob.out" "no subject $n"
	sends 'no subject where all is encrypted' 64 -s -u x -m x bob@localhost
	one_line 'why' '^jackline-send: a subject is not encrypted'
	sends 'a subject for whom all is encrypted' 1 -f "$dir/strict" -u x \
	    -m x bob@localhost
	one_line 'why' '^jackline-send: bob@localhost: .*(subject|encrypted)'
	printf 'raw\033\351\000 %s' "$n" | run send -f "$dir/alice" \
	    bob@localhost 2>"$dir/err"
	is "$shell: what XML cannot carry" $? 1
	one_line 'why' '^jackline-send: bob@localhost: .*in XML.*; -S sends it'
	printf 'raw\033\351\000 %s' "$n" | run send -S -f "$dir/alice" \
	    bob@localhost 2>"$dir/err"
	is "$shell: spelled out" "$?$(cat "$dir/err")" 0
	came "raw..x1b..xe9 $n"
	sends 'to oneself' 1 -f "$dir/alice" -m x alice@localhost
	one_line 'why' '^jackline-send: alice@localhost: .*your own account'
	for safe in -s -t; do
		sends "nor with $safe where clear text will do" 1 $safe \
		    -f "$dir/clear" -m "hidden $n" alice@localhost
		one_line 'why' '^jackline-send: alice@localhost: .*your own acc'
	done
	sends 'to oneself, in the clear by /encryption' 0 -f "$dir/clear" \
	    -m "myself $n" alice@localhost
	ok "$shell: it came" wait_for "$dir/self.out" \
	    "^message.*${tab}myself $n${tab}enc=none"
	unlike "$shell: nothing else did" "$dir/self.out" "${tab}hidden $n"
	JACKLINE=$dir/late
	export REAL="$jackline"
	rm -f "$dir"/late.*
	sends 'a session that begins late' 0 -s -m x late@h
	is "$shell: is no failure" "$(cat "$dir/err")" ''
	rm -f "$dir"/late.*
	sends 'and one that never does' 1 -s -m x late@h never@h
	one_line 'for whom' '^jackline-send: never@h: no session \(timeout\)'
	is "$shell: tried three times" "$(grep -c never@h \
	    "$dir/late.lines")$(grep -c late@h "$dir/late.lines")" 32
	JACKLINE=$jackline
	sends 'a wrong password' 77 -f "$dir/wrong" -m x bob@localhost \
	    x@localhost
	one_line 'why' '^jackline: the server refused the login'
	sends 'no configuration' 78 -f "$dir/nothing" -m x bob@localhost
	one_line 'why' '^jackline: .*nothing: there is no such directory'
	sends 'no server' 69 -f "$dir/down" -m x bob@localhost x@localhost
	one_line 'why' '^jackline: .*refused'
	run bot -f "$dir/wrong" cat 2>"$dir/err"
	is "$shell: bot: a wrong password" $? 77
	one_line 'why' '^jackline: the server refused the login'
}

server prosody FRIENDS='alice bob'
account alice -o ''
account bob -o ''
cp -R "$dir/alice" "$dir/clear"
printf '%s\n' /connect '/with alice@localhost /encryption none keep' |
    "$jackline" -f "$dir/clear" >"$dir/clear.out"
make-config -o REQUIRE_ENCRYPTION "$dir/strict" alice@localhost/t "$c2s" "$ca"
make-config -p wrong "$dir/wrong" alice@localhost/t "$c2s" "$ca"
free_port
make-config "$dir/down" alice@localhost/t "$port" "$ca"
printf '#!/bin/sh\nexec "%s" "$@" -w 1\n' "$jackline" >"$dir/short"
# One whose peer begins a session at the second time only, and does not answer
# the other at all.
cat >"$dir/late" <<'END'
#!/bin/sh
case $* in
*escape) exec "$REAL" "$@" ;;
*--only*) lines=$(grep '/msg ') ;;
*) exit 0 ;;
esac
printf '%s\n' "$lines" >>"$0.lines"
printf 'hello\tT\ta@h\tx\tlines=1\n'
printf '%s\n' "$lines" | while read -r _ label _ jid _; do
	if [ "$jid" = late@h ] && [ -e "$0.once" ]; then
		printf 'acked\tT\t%s\t-\tline=1\tid=i\tlabel=%s\n' \
		    "$jid" "$label"
	else
		printf 'error\tT\t%s\tno session\tline=1\t%s\tlabel=%s\n' \
		    "$jid" cause=timeout "$label" "$jid" cause=policy "$label"
	fi
done
[ ! -e "$0.once" ] || ! printf '%s\n' "$lines" | grep -vq late@h || exit 1
[ -e "$0.once" ] || { : >"$0.once" && exit 1; }
END
chmod +x "$dir/short" "$dir/late"
start bob "$jackline" -c -f "$dir/bob"
start self "$jackline" -c -f "$dir/alice"
wait_for "$dir/bob.out" "${tab}online"
wait_for "$dir/self.out" "${tab}online"
# The line for cron of the manual, for what a job says that knows no UTF-8.
mkdir -p "$dir/home/.config" "$dir/path"
ln -s "$dir/alice" "$dir/home/.config/ocaml-xmpp-client"
ln -s "$jackline" "$scripts/jackline-send" "$dir/path"
printf '#!/bin/sh\nprintf "\\033[31mfa\\351\\n"\n' >"$dir/path/backup"
chmod +x "$dir/path/backup"
HOME=$dir/home PATH=$dir/path:$PATH sh -c "$(sed -n 's/^\.Dl 0 5 \* \* \* //p' \
    "$root/man/jackline-send.1" | sed 's/example\.org/localhost/')" \
    >"$dir/said" 2>&1
is 'cron: the line of the manual' "$?$(cat "$dir/said")" 0
ok 'cron: it came, encrypted' wait_for "$dir/bob.out" \
    "^message.*${tab}..x1b\[31mfa..xe9${tab}enc=otr"

n=0
for shell in dash bash 'busybox sh'; do
	n=$((n + 1))
	says_what_became
done
stop self
stop bob
server_down
rm -rf "$dir/alice" "$dir/bob"

for pair in dash:prosody bash:ejabberd; do
	shell=${pair%:*} kind=${pair#*:}
	server "$kind"
	account alice -o ''
	account bob -o ''

	# Beside a jackline that runs on the same directory.
	start alice "$jackline" -c -f "$dir/alice"
	start bob "$jackline" -c -f "$dir/bob"
	start strange "$jackline" -c -f "$dir/bob" -r '$(touch pwned) "x'
	wait_for "$dir/alice.out" "${tab}online"
	wait_for "$dir/bob.out" "${tab}online"
	ok "$kind: a hostile resource" wait_for "$dir/strange.out" \
	    "${tab}online"
	printf '%s\n' "$hostile" | run send -f "$dir/alice" \
	    bob@localhost 2>"$dir/err"
	is 'send: from a pipe' $? 0
	ok 'send: it arrives' wait_for "$dir/bob.out" \
	    "^message.*alice@localhost/send"
	is 'send: whole, newlines kept' "$(field 4 message "$dir/bob.out" |
	    tr -d '\n' | "$jackline" --unescape)" "$hostile"
	run send -f "$dir/alice" -m hello bob@localhost bob@localhost/t
	is 'send: an argument to two' $? 0
	ok 'send: both' wait_for "$dir/bob.out" "^message.*hello$tab"
	run send -f "$dir/alice" 'bob@localhost/$(touch\spwned)\s"x' \
	    -- two '*  -m'
	is 'send: words' $? 0
	ok 'send: as they are, to a hostile resource' \
	    wait_for "$dir/strange.out" "^message.*${tab}two \*  -m$tab"
	unlike 'send: and to no other' "$dir/bob.out" "${tab}two "
	run send -m x bob@localhost -- y 2>"$dir/err"
	is 'send: not both' $? 64
	printf 'one\n\n' | run send -f "$dir/alice" bob@localhost/t
	ok 'send: one newline is the shell its own' wait_for "$dir/bob.out" \
	    "^message.*${tab}one\\\\n$tab"
	printf '\n' | run send -f "$dir/nothing" bob@localhost 2>"$dir/err"
	is 'send: nothing to say is nothing to send' $? 0
	run send -f "$dir/alice" -m '' bob@localhost 2>"$dir/err"
	is 'send: but no empty message' $? 64
	run send -f "$dir/alice" -m hi nobody@localhost 2>"$dir/err"
	is 'send: to nobody' $? 1
	is 'send: and why, in one line' "$(cat "$dir/err")" 'jackline-send: '\
'nobody@localhost: the message came back (service-unavailable)'
	run send -s -f "$dir/alice" -m hi nobody@localhost 2>"$dir/err"
	is 'send: nor encrypted' $? 1
	like 'send: and why, at once' "$dir/err" \
	    '^jackline-send: nobody@localhost: the query came back'
	run send -f "$dir/alice" 2>"$dir/err"
	is 'send: no JID' $? 64
	run send -f "$dir/alice" -m x '' 2>"$dir/err"
	is 'send: an empty one' "$? $(cat "$dir/err")" \
	    '64 jackline-send: an empty JID'
	run send -f "$dir/alice" bob@localhost -m x 2>"$dir/err" </dev/null
	is 'send: an option behind a JID' $? 64
	run send -m x "$(printf 'a@b\n/quit')" 2>"$dir/err"
	is 'send: no JID but more lines' $? 64
	# Who never wrote to us is not answered by OTR unasked.
	say bob '/msg alice@localhost/t hi'
	wait_for "$dir/bob.out" '^acked'
	run send -t -f "$dir/alice" -m secret bob@localhost \
	    2>"$dir/err"
	is 'send: never to a key that is not verified' $? 1
	run send -s -f "$dir/alice" -m quiet bob@localhost/t \
	    2>"$dir/err"
	is 'send: encrypted' $? 0
	ok 'send: it is' wait_for "$dir/bob.out" \
	    "^message.*${tab}quiet${tab}enc=otr"
	unlike 'send: nothing else is' "$dir/bob.out" "${tab}secret$tab"
	stop bob
	stop alice
	stop strange

	# What waits for alice is not for jackline-send.
	start bob "$jackline" -c -f "$dir/bob"
	say bob '/msg alice@localhost while you were away'
	wait_for "$dir/bob.out" '^acked'
	run send -f "$dir/alice" -m 'from a job' bob@localhost/t
	is 'send: while others wrote' $? 0
	start alice "$jackline" -c -f "$dir/alice"
	ok 'send: what they wrote is there' wait_for "$dir/alice.out" \
	    "^message.*${tab}while you were away$tab"
	stop alice
	stop bob

	# The bot answers each in turn; its command sees who said what.
	cat >"$dir/command" <<'END'
	body=$(cat && echo x)
	case $body in
	kill*) sh -c 'kill $$; exit 1'; echo "ended $?" && exit ;;
	loud*) head -c 1000000 /dev/zero | tr '\0' x && exit ;;
	fail*) exit 3 ;;
	slow*) until [ -e "$0.go" ]; do sleep 0.1; done ;;
	esac
	printf '%s %s: %s' "$JACKLINE_PEER" "$JACKLINE_ENC" "${body%x}"
END
	start bot env --default-signal=HUP setsid "$shell" \
	    "$scripts/jackline-bot" -f "$dir/bob" \
	    sh "$dir/command"
	start alice "$jackline" -ce -f "$dir/alice"
	wait_for "$dir/alice.out" "${tab}online"
	escaped=$(printf %s "$hostile" | "$jackline" --escape)
	wait_until answered ping
	printf '/msg bob@localhost/t %s\n' "$escaped" >"$dir/alice.in"
	ok 'bot: an answer' wait_for "$dir/alice.out" \
	    "^message.*${tab}alice@localhost/t none: ping$tab"
	ok 'bot: hostile text' wait_for "$dir/alice.out" \
	    '^message.*none: a.*pwned'
	is 'bot: comes back as it was' "$(field 4 message "$dir/alice.out" |
	    grep pwned | tr -d '\n' | "$jackline" --unescape)" \
	    "alice@localhost/t none: $hostile"
	say alice '/with bob@localhost/t /otr start' \
	    '/msg bob@localhost/t hidden' '/wait message bob@localhost' \
	    '/with bob@localhost/t /otr stop' '/msg bob@localhost/t open' \
	    '/wait message bob@localhost' '/msg bob@localhost/t as ever'
	ok 'bot: an encrypted answer' wait_for "$dir/alice.out" \
	    "^message.*none: hidden${tab}enc=otr|otr: hidden${tab}enc=otr"
	ok 'bot: who has ended the session is answered again' wait_for \
	    "$dir/alice.out" "^message.*none: as ever${tab}enc=none"
	say alice '/msg bob@localhost/t loud' '/msg bob@localhost/t fail' \
	    '/msg bob@localhost/t kill'
	ok 'bot: a command ends as ever, loud ones and failing ones before it' \
	    wait_for "$dir/alice.out" "^message.*${tab}ended 143$tab"
	ok 'bot: what was too long is told at once' wait_for "$dir/bot.err" \
	    '^jackline-bot: alice@localhost/t: .*\(too-long\)'
	start strange "$jackline" -c -f "$dir/alice" \
	    -r '$(touch pwned) `"x'
	say strange '/msg bob@localhost/t who am I'
	ok 'bot: a hostile resource' wait_for "$dir/strange.out" \
	    'alice@localhost/\$\(touch\\\\spwned\).*none: who am I'
	stop strange
	# A slow command is for its contact alone, who is answered in order.
	account carol -o ''
	start carol "$jackline" -c -f "$dir/carol"
	say alice '/msg bob@localhost/t slow' '/msg bob@localhost/t next'
	say carol '/msg bob@localhost/t quick'
	ok 'bot: a slow command holds up nobody else' wait_for \
	    "$dir/carol.out" "^message.*carol@localhost/t none: quick$tab"
	unlike 'bot: but its own contact' "$dir/alice.out" \
	    '^message.*none: (slow|next)'
	: >"$dir/command.go"
	ok 'bot: who is answered then' wait_for "$dir/alice.out" \
	    "^message.*none: next$tab"
	is 'bot: in order' "$(field 4 message "$dir/alice.out" | tail -n 2 |
	    sed 's/.*: //' | tr '\n' ' ')" 'slow next '
	stop carol
	# As a terminal that is closed does it: all of them hear of it.
	say alice '/msg bob@localhost/t last'
	ok 'bot: it answers' wait_for "$dir/alice.out" \
	    "^message.*none: last$tab"
	kill -s HUP -- "-$(pid bot)"
	finish bot
	is 'bot: ends as told, an answer was too long' $? 1
	like 'bot: and says so' "$dir/bot.err" '^jackline: too-long'
	start bot "$shell" "$scripts/jackline-bot" -f "$dir/bob" \
	    sh "$dir/command"
	wait_until answered again
	kill -KILL "$(pid bot)"
	finish bot
	say alice '/msg bob@localhost/t any'
	ok 'bot: who kills it ends all' \
	    wait_until gone "jackline -cen --sanitize -f $dir/bob"
	wait_until gone "jackline-bot -f $dir/bob"
	rm -rf "${TMPDIR:?}"/* # what it could not take away
	stop alice
	[ ! -e pwned ]
	result $? 'nothing was run'
	server_down
	rm -rf "$dir/alice" "$dir/bob" "$dir/carol" "$dir/command.go"
done

# notify NAME=VALUE... WORD...: under both; alone on the desktop.
mkdir "$dir/bin"
cat >"$dir/bin/notify-send" <<'END'
#!/bin/sh
{ printf '<%s>' "$@" && echo; } >>"$0.called"
END
chmod +x "$dir/bin/notify-send"
notify()
{
	env -i PATH="$dir/bin:$PATH" "$@"
}
for shell in dash bash; do
	set -- $shell "$scripts/jackline-notify" a@b/c connected_notifications
	is "$shell: notify: a bell" "$(notify "$@" notify_contact)" \
	    "$(printf '\a')"
	is "$shell: notify: seen, or nothing" "$(notify "$@" notify_contact \
	    clear_all_notifications && notify "$@" connect && notify "$@")" ''
	is "$shell: notify: a desktop" "$(notify DISPLAY=:0 \
	    JACKLINE_PEER='-`touch pwned`$(touch pwned)@d' "$@" \
	    notify_contact && cat "$dir/bin/notify-send.called" &&
	    rm "$dir/bin/notify-send.called")" \
	    '<--><jackline><news from -`touch pwned`$(touch pwned)@d>'
done
[ ! -e pwned ]
result $? 'nothing was run'

end
