#!/bin/sh
# A bot: what it answers and what not, by events that are played to it; and in a
# room, where another client of its account is with its nick.
# shellcheck disable=SC2154,SC2016 # of lib.sh; as they stand
. "$(dirname "$0")/lib-room.sh"

# The program as the bot sees it: events out of a file, and lines into another.
cat >"$dir/played" <<'END'
#!/bin/sh
case $1 in
--*escape) exec "$REAL" "$@" ;;
esac
cat "$PLAY.events"
while IFS= read -r line && [ "$line" != /quit ]; do
	printf '%s\n' "$line"
done >"$PLAY.lines"
END
# Each answers with its peer; one contact is slow until all others are answered.
cat >"$dir/command" <<'END'
body=$(cat)
case $body in
slow*) while [ -e "$PLAY.slow" ]; do sleep 0.1; done ;;
silent*) exit ;;
bytes*) printf 'a\033\351\000\\z\n\n'; exit ;;
esac
printf '%s %s' "$JACKLINE_TRUST" "$body"
END
chmod +x "$dir/played" "$dir/command"
# event TAG PEER TEXT ATTRIBUTES
event()
{
	printf '%s\t2026-11-30T00:00:00.000Z\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4"
}
message="enc=none${tab}trust=-${tab}src=live${tab}kind=chat${tab}id=i"
otr="enc=otr${tab}trust=verified${tab}src=live${tab}kind=chat${tab}id=a=="
long=$(printf %0250d 0)
{
	event hello bot@h/r jackline lines=1
	event message a@h/r slow "$otr"
	event message a@h/r 'next \\ $(x)' "$otr"
	event message b@h/r bytes "$message"
	event message bot@h/phone self "$message"
	event message c@h/r copy "$message${tab}to=bot@h/x${tab}via=carbon"
	event message c@h/r archive "$message${tab}via=archive"
	event own c@h/r own "$message"
	event room room@h/n room "mine=no${tab}src=live${tab}id=i"
	event message 'c@h/a\sb' via=carbon "$message"
	event otr d@h/r finished "trust=verified${tab}fp=-"
	event otr e@h/r finished "trust=verified${tab}fp=-"
	event otr e@h/r encrypted "trust=verified${tab}fp=-"
	event message d@h/r ended "$message"
	event message e@h/r again "$message"
	event message "$long@h/r" long "$message"
	event message f@h/r silent "$message"
	event error - 'too long' "line=3${tab}cause=too-long"
	event failed x@h 'came back' "line=4${tab}id=i${tab}cause=bounced"
	# More contacts at a time than most would think of.
	for i in $(seq 18); do
		event message "g$i@h/r" "slow $i" "$message"
	done
	event message last@h/r last "$message"
} >"$dir/events"
cat >"$dir/wanted" <<END
/msg $long@h/r - long
/msg a@h/r verified next \\\\ \$(x)
/msg a@h/r verified slow
/msg b@h/r a\\x1b\\xe9\\\\z
/msg c@h/a\\sb - via=carbon
/msg d@h/r - ended
/msg e@h/r - again
$(for i in $(seq 18); do echo "/msg g$i@h/r - slow $i"; done | LC_ALL=C sort)
/msg last@h/r - last
/with d@h/r /otr stop
END
# all_said: as many lines as are wanted.
all_said()
{
	[ "$(wc -l <"$PLAY.lines")" -ge "$(wc -l <"$dir/wanted")" ]
}
for shell in dash bash 'busybox sh'; do
	command -v "${shell% *}" >/dev/null || {
		skip 6 "$shell is not installed"
		continue
	}
	PLAY=$dir/play.${shell%% *}
	cp "$dir/events" "$PLAY.events"
	: >"$PLAY.slow"
	# shellcheck disable=SC2086
	PLAY=$PLAY REAL=$jackline JACKLINE=$dir/played start bot \
	    $shell "$root/scripts/jackline-bot" sh "$dir/command"
	ok "$shell: nobody waits for others" wait_for "$PLAY.lines" last@h/r
	unlike "$shell: not even for eighteen" "$PLAY.lines" slow
	like "$shell: what failed is told at once" "$dir/bot.err" \
	    '^jackline-bot: x@h: came back \(bounced\)$'
	rm "$PLAY.slow"
	wait_for "$PLAY.lines" 'verified next'
	wait_until all_said
	stop bot
	is "$shell: ends well" $? 0
	is "$shell: answers, as they are" \
	    "$(LC_ALL=C sort "$PLAY.lines")" "$(cat "$dir/wanted")"
	is "$shell: in order" "$(grep -o 'verified [a-z]*\|stop\|ended' \
	    "$PLAY.lines" | tr '\n' ' ')" \
	    'stop ended verified slow verified next '
done

server prosody
account alice -o ''
account bob -o ''
start alice "$jackline" -c -f "$dir/alice"
say alice "/join $room/Cy"
seen alice "ok$tab$at$room$tab-${tab}line=1"
stop alice
start bob "$jackline" -c -f "$dir/bob"
say bob "/join $room" "/go $room"
seen bob "topic$tab$at$room"
# shellcheck disable=SC2016 # the command's own
JACKLINE=$jackline start bot "$root/scripts/jackline-bot" -f "$dir/alice" \
    sh -c 'printf "answer to "; cat'
ok 'the bot comes' seen bob "member$tab$at$room/Cy.*show=online"
start other peer.py alice@localhost/peer alice-pw 127.0.0.1 \
    "$c2s" "$ca"
seen other '.*"got": "online"'
say other "$(printf '{"do":"raw","xml":"%s"}' \
    "<presence to='$room/Cy'><x xmlns='$muc'/></presence>")"
seen other '.*"got": "presence", "from": "'"$room/Cy"
say other "$(printf '{"do":"message","to":"%s","body":"%s"}' \
    "$room/Cy" 'to myself')" "$(printf \
    '{"do":"message","to":"%s","type":"groupchat","body":"%s"}' \
    "$room" 'to the room')"
seen other '.*"body": "to myself"'
seen bob "room$tab$at$room/Cy${tab}to the room"
say bob "/msg $room/Cy question"
ok 'it answers others' seen bob \
    "message$tab$at$room/Cy${tab}answer to question"
unlike 'and never itself' "$dir/other.out" 'answer to to myself'
unlike 'nor the room' "$dir/bob.out" 'answer to to'
stop bot
stop bob
end
