#!/bin/sh
# The end: said in TLS too; and the status of each, whatever the
# options, also when the server dies at the last moment or for good.
. "$(dirname "$0")/lib.sh"

begin='login alice@localhost/it
recv jabber:iq:roster
recv >
send <iq type="result" id="\i"/>
recv <presence'

hostile polite <<END
$begin
recv </stream:stream
send </stream:stream>
closed
END
account alice
timeout 100 "$jackline" -c -f "$dir/alice" </dev/null >"$dir/out" 2>"$dir/err"
is 'a polite end' $? 0
finish polite
is 'with close_notify' $? 0
hostile polite <<END
$begin
recv </stream:stream
send </stream:stream>
closed
END
account alice
timeout 100 "$jackline" -c -f "$dir/alice" </ >"$dir/out" 2>"$dir/err"
is 'an input that cannot be read' $? 71
finish polite
hostile rude <<END
$begin
send <a/>
recv </stream:stream
closed
END
account alice
start alice "$jackline" -ck -f "$dir/alice"
ok 'a server that breaks the protocol is lost' wait_for "$dir/alice.out" \
    "^state.*waiting${tab}cause=protocol${tab}in=0"
finish rude
is 'is left politely, by close_notify too' $? 0
ok 'and sought again' wait_for "$dir/alice.out" \
    "^state.*waiting${tab}cause=refused"
stop alice
is 'and the status is of what was last' $? 69

# row WANTED OPTIONS LINES [STEP...]: alice, once online, says LINES (with \n)
# and comes to the end of her input; the steps of the server follow.
row()
{
	wanted=$1 options=$2 lines=$3
	shift 3
	{
		echo "$begin"
		for step; do
			echo "$step"
		done
	} >"$dir/row"
	hostile server <"$dir/row"
	account alice -o ''
	# A server that is silent need not be waited for.
	quiet=
	[ "$step" != wait ] || quiet=QUIET=1000
	# Where the last step is `fin`, nobody is there afterwards.
	# shellcheck disable=SC2086,SC2059 # words, \n
	printf "$lines" | timeout 100 \
	    env LD_PRELOAD="$build/t/preload/skip.so" \
	    $quiet "$jackline" $options -f "$dir/alice" >"$dir/row.out" \
	    2>"$dir/row.err"
	status=$?
	is "$options, $(printf %s "$lines" | sed 's/.n/; /g')$# steps" \
	    $status "$wanted" ||
		diag "$(tail -n 4 "$dir/row.out")"
	if [ "$wanted" -eq 0 ]; then
		is 'and no reason' "$(cat "$dir/row.err")" ''
	else
		is 'and one reason' "$(grep -c '^jackline: ' \
		    "$dir/row.err")" 1
	fi
	finish server 1
}
close='recv </stream:stream'
msg='/msg bob@localhost x\n'
pong="send <iq type='result' id='\\i'/>"
ping='recv urn:xmpp:ping'
bounce="send <message type='error' from='bob@localhost' id='\\i'><error \
type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
</error></message>"
end='send </stream:stream>'
conflict="send <stream:error><conflict \
xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"

row 0 -c '/help quit\n' "$close" "$end" close
row 1 -c '/nonsense\n' "$close" "$end" close
row 1 -cx '/nonsense\n/nonsense\n' "$close" "$end" close
is '-x stops at the first' "$(grep -c '^error' "$dir/row.out")" 1
# The server dies before, at and behind the last moment.
row 69 '-c -w 1' "$msg" 'recv <body>x' fin
row 69 '-ck -w 1' "$msg" 'recv <body>x' "$conflict"
row 69 '-c -w 1' "$msg" "$ping" 'recv >' "$pong" fin
row 0 -c "$msg" "$ping" 'recv >' "$pong" "$ping" 'recv >' "$pong" "$close" fin
row 0 -c '/help quit\n' "$close" rst
row 0 -c '/help quit\n' "$close" wait
# Messages without a fate, with a bad one, with a bad one after their ack.
row 75 '-c -w 1' "$msg" wait
row 75 '-cx -w 1' "$msg$msg" wait
row 1 -c "$msg" 'recv <message' 'recv >' "$bounce" "$ping" 'recv >' "$pong" \
    "$ping" 'recv >' "$pong" "$close" "$end" close
row 1 -cx "$msg" 'recv <message' 'recv >' "$bounce" "$ping" 'recv >' "$pong" \
    "$ping" 'recv >' "$pong" "$close" "$end" close
# What is worse counts.
row 69 '-c -w 1' "$msg" 'recv <body>x' 'send <nonsense/>'
row 76 '-c -w 1' "$msg" 'recv <body>x' 'send <nonsense/>' wait accept \
    'recv <stream:stream' 'recv >' 'send <oops></nonsense>' close
row 76 '-c -w 1' '/nonsense\n'"$msg" 'recv <body>x' 'send <nonsense/>' \
    wait accept 'recv <stream:stream' 'recv >' 'send <oops></nonsense>' close
row 69 '-c -w 1' '/nonsense\n'"$msg" 'recv <body>x' fin
row 75 '-c -w 1' '/nonsense\n'"$msg" wait
end
