#!/bin/sh
# jackline-send, -bot and -notify: under dash beside Prosody, under bash beside
# ejabberd.
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

# gone COMMAND: no such process is left.
gone()
{
	tries=500
	while pgrep -f "$1" >/dev/null; do
		[ $((tries -= 1)) -gt 0 ] || return
		sleep 0.02
	done
}

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
	like 'send: and why' "$dir/err" '^jackline: '
	run send -s -f "$dir/alice" -m hi nobody@localhost 2>"$dir/err"
	is 'send: nor encrypted' $? 1
	like 'send: and why, at once' "$dir/err" \
	    '^jackline: service-unavailable: the query came back'
	run send -f "$dir/alice" 2>"$dir/err"
	is 'send: no JID' $? 64
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
	start bot setsid "$shell" "$scripts/jackline-bot" -f "$dir/bob" \
	    sh "$dir/command"
	start alice "$jackline" -ce -f "$dir/alice"
	wait_for "$dir/alice.out" "${tab}online"
	escaped=$(printf %s "$hostile" | "$jackline" --escape)
	tries=0
	until grep -q '^message' "$dir/alice.out" ||
	    [ $((tries += 1)) -gt 50 ]; do
		say alice '/msg bob@localhost/t ping'
		sleep 0.1
	done
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
	until grep -q 'again' "$dir/alice.out"; do
		say alice '/msg bob@localhost/t again'
		sleep 0.1
	done
	wait_for "$dir/alice.out" '^message.*again'
	kill -KILL "$(pid bot)"
	finish bot
	say alice '/msg bob@localhost/t any'
	ok 'bot: who kills it ends all' \
	    gone "jackline -cke -i [^ ]*/in -f $dir/bob"
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
