#!/bin/sh
# The surroundings of the tests themselves: lib.sh, the private servers, and
# the independent peer on both.
. "$(dirname "$0")/lib.sh"

is 'is' a a
exits 'exits' 3 sh -c 'echo word; exit 3'
is 'exits keeps the output' "$(cat "$dir/out")" word
is 'field' "$(printf 'a\tb\tc\nab\tx\ty\n' | field 3 a)" c

start cat cat
say cat 'hello' '/x \n y'
ok 'wait_for sees a line' wait_for "$dir/cat.out" '^/x'
is 'lines go in as they stand' "$(tail -n 1 "$dir/cat.out")" '/x \n y'
like 'like' "$dir/cat.out" '^hello$'
unlike 'unlike' "$dir/cat.out" '^helo$'
eof cat
finish cat
is 'eof ends it' $? 0
start sleeper sleep 100
# A shell loses a signal that comes before its child runs the command.
wait_until grep -q sleep "/proc/$(pid sleeper)/cmdline"
stop sleeper
is 'stop ends it' $? 143
start sleeper sleep 100
finish sleeper 1
is 'finish does not wait for ever' $? 137
free_port
first=$port
free_port
ok 'two ports differ' [ "$first" -ne "$port" ]

# login NAME [PORT]: the peer NAME on the last server.
login()
{
	start "$1" peer.py "$1@$domain/peer" "$1-pw" \
	    127.0.0.1 "${2:-$c2s}" "$ca"
	ok "$kind: $1 is online" wait_for "$dir/$1.out" '"got": "online"'
}

domain=chat.example
for kind in prosody ejabberd; do
	server $kind
	login alice
	login bob
	say alice '{"do":"presence","type":"subscribe","to":"bob@chat.example"}'
	ok "$kind: a request" wait_for "$dir/bob.out" '"type": "subscribe"'
	say bob '{"do":"presence","type":"subscribed",'\
'"to":"alice@chat.example"}'
	ok "$kind: granted" wait_for "$dir/alice.out" '"type": "subscribed"'
	say bob '{"do":"presence","show":"away","status":"\u2603\tx"}'
	ok "$kind: presence" wait_for "$dir/alice.out" '"show": "away"'
	like "$kind: status" "$dir/alice.out" '"status": "\\u2603\\tx"'
	say alice '{"do":"message","to":"bob@chat.example/peer","id":"one",'\
'"body":"a\tb\\\nc \ud83d\ude00","receipt":true}'
	ok "$kind: message" wait_for "$dir/bob.out" '"id": "one"'
	like "$kind: body" "$dir/bob.out" \
	    '"body": "a\\tb\\\\\\nc \\ud83d\\ude00"'
	say bob '{"do":"receipt","to":"alice@chat.example/peer","id":"one"}'
	ok "$kind: receipt" wait_for "$dir/alice.out" '"got": "receipt"'
	say alice '{"do":"message","to":"nobody@chat.example","body":"x"}'
	ok "$kind: bounced" wait_for "$dir/alice.out" 'service-unavailable'
	say alice '{"do":"ping","to":"chat.example"}'
	ok "$kind: ping" wait_for "$dir/alice.out" '"pong"'
	proxy proxy -d 5 "$c2s"
	login carol "$port"
	say proxy rst
	ok "$kind: a cut is seen" wait_for "$dir/carol.out" '"offline"'
	stop proxy
	is "$kind: the proxy ends" $? 0
	like "$kind: the account of the proxy" "$dir/proxy.out" \
	    '^end 1 up=[0-9]{4} down=[0-9]{4} turns=[0-9]{1,2}$'
	stop carol
	say bob '{"do":"quit"}'
	finish bob
	is "$kind: quits" $? 0
	server_down
	ok "$kind: its end is seen" wait_for "$dir/alice.out" '"offline"'
	stop alice
done

kind=hostile
hostile hostile <<'END'
login alice@chat.example/it
recv jabber:iq:roster
recv >
send <iq type='result' id='\i'><query xmlns='jabber:iq:roster'/></iq>
recv <presence
send <message from='x@y/\xe2\x98\x83' to='\j' type='chat'><body>\\n</body>
send </message>
recv <body>bye
wait
END
login alice
ok 'hostile: message' wait_for "$dir/alice.out" '"body": "\\\\n"'
like 'hostile: resource' "$dir/alice.out" '"from": "x@y/\\u2603"'
say alice '{"do":"message","to":"x@y","body":"bye"}' '{"do":"quit"}'
finish hostile
is 'hostile: played to the end' $? 0
finish alice

hostile hostile <<'END'
recv no such thing
END
start alice peer.py alice@chat.example pw 127.0.0.1 "$port" "$ca"
wait_for "$dir/hostile.out" '^accept'
stop alice
finish hostile
is 'hostile: tells where the script ends early' $? 1
like 'hostile: and names the line' "$dir/hostile.err" \
    'hostile.script:1: .*no such thing$'

end
