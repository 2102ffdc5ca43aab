# Through a real server, from one account to the other, CPU of each side with
# jackline at the other. Jackline asks for receipts, which cost a stanza and an
# event for each message on both sides, and answers those that it is asked for.
# So does `receipts`, which is libstrophe, too, and which the goals are beside;
# `strophe` and go-sendxmpp do neither, so that they do less. Logins are
# included. Prosody's own work, for which it has one processor, is what the
# speed comes from.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

# sender WHO COMMAND...: a row of $dir/senders; jackline receives.
sender()
{
	who=$1
	shift
	server_before=$(cpu "$server")
	timed "$@" <"$dir/lines" >/dev/null 2>"$dir/sender.err"
	wait_for "$dir/bob.out" "$tab$last"
	echo "$who $(each_of "$cpu" $count)" >>"$dir/senders"
	: >"$dir/bob.out"
	[ "$who" = jackline ] || return 0
	row 'through Prosody, a second' jackline \
	    "$(over "${count}000" "$wall")" ''
	row 'through Prosody, CPU of one' Prosody "$(echo "$(cpu "$server")" \
	    "$server_before $count" | awk '{ print ($1 - $2) * 1000 / $3 }')" us
}

# recipient WHO COMMAND...: a row of $dir/recipients; jackline sends.
recipient()
{
	who=$1
	shift
	background "to-$who" "$@"
	to=$pid
	until_ready "$who"
	before=$(cpu "$to") begun=$(milliseconds)
	"$jackline" -c -w 600 -f "$dir/alice" -t bob@localhost <"$dir/lines" \
	    >/dev/null
	wait_for "$dir/to-$who.out" "$last"
	waited "$to" $(($(milliseconds) - begun))
	echo "$who $(echo "$(cpu "$to") $before $count" |
	    awk '{ print ($1 - $2) * 1000 / $3 }')" >>"$dir/recipients"
	stop "$to"
}

# until_ready WHO: it has received a message.
until_ready()
{
	until echo ready | "$jackline" -c -f "$dir/alice" -t bob@localhost \
	    >/dev/null && tail -n 5 "$dir/to-$1.out" | grep -q ready; do
		sleep 0.1
	done
}

# what_of FILE WHO
what_of()
{
	awk -v who="$2" '$1 == who { print $2 }' "$1"
}

prosody
server=$(cat "$dir/server/pid")
count=5000
seq -f '%060.0f' $count >"$dir/lines"
last=$(tail -n 1 "$dir/lines")
strophe=$build/t/bench/bench-strophe
: >"$dir/senders"
: >"$dir/recipients"
background bob "$jackline" -ck -f "$dir/bob"
bob=$pid
wait_for "$dir/bob.out" '^ok'
sender jackline "$jackline" -c -w 600 -f "$dir/alice" -t bob@localhost
sender strophe "$strophe" alice@localhost/bench alice-pw "$port" \
    "$dir/ca.crt" bob@localhost $count
sender receipts "$strophe" -r alice@localhost/bench alice-pw "$port" \
    "$dir/ca.crt" bob@localhost $count
if have go-sendxmpp; then
	sender go go-sendxmpp -i -u alice@localhost -p alice-pw \
	    -j "127.0.0.1:$port" bob@localhost
fi
stop "$bob"
recipient jackline "$jackline" -ck -f "$dir/bob"
recipient strophe "$strophe" bob@localhost/bench bob-pw "$port" "$dir/ca.crt"
recipient receipts "$strophe" -r bob@localhost/bench bob-pw "$port" \
    "$dir/ca.crt"
if have go-sendxmpp; then
	recipient go go-sendxmpp -l -u bob@localhost -p bob-pw \
	    -j "127.0.0.1:$port"
fi
while read -r who each; do
	row 'through Prosody, CPU of one sent' "$who" "$each" us
done <"$dir/senders"
goal 'of one sent, beside libstrophe' "$(over \
    "$(what_of "$dir/senders" jackline)" \
    "$(what_of "$dir/senders" receipts)")" '' 0.55
while read -r who each; do
	row 'through Prosody, CPU of one received' "$who" "$each" us
done <"$dir/recipients"
goal 'of one received, beside libstrophe' "$(over \
    "$(what_of "$dir/recipients" jackline)" \
    "$(what_of "$dir/recipients" receipts)")" '' 0.85
