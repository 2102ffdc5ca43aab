#!/bin/sh
# What leaves and what is answered when encryption cannot be had, or somebody
# asks for it who may not; that files come before events; and the examples of
# the manual that need encryption.
. "$(dirname "$0")/lib-otr.sh"

# Asked for before it can be had: nothing leaves in the meantime.
too_early()
{
	up bob
	run alice "$jackline" -c -n -f "$dir/alice"
	say alice '/go bob@localhost' '/otr start' "$(canary hurry)" \
	    '/wait otr' 'without any hurry' '/wait delivered'
	refused '-n does not wait' alice hurry
	sees 'but in the end' alice '^sent~.*~without any hurry~.*~enc=otr'
	is 'the line is answered once' \
	    "$(grep -cE "^(ok|error).*${tab}line=2(\$|$tab)" \
		"$dir/alice.out")" 1
	down alice 1
	down bob
	run alice "$jackline" -f "$dir/alice"
	say alice '/go bob@localhost' '/otr start' '/connect' \
	    "$(canary offline)" '/otr stop' 'after all'
	sees 'offline' alice '^error~.*~line=2~cause=not-connected'
	refused 'it was asked for all the same' alice offline
	sees 'until /otr stop' alice '^sent~.*~after all~.*~enc=none'
	sees 'and arrives' alice '^acked'
	down alice 1
	up alice -n
	say alice '/go bob@localhost' '/otr start' '/otr stop' 'not after all'
	sees '/otr stop ends what waits' alice '^error~.*~line=2~'
	sees 'and clear text leaves' alice '^sent~.*~enc=none'
	down alice 1
}

# Eve may not see alice's presence.
stranger()
{
	up alice
	up eve -n
	say eve '/go alice@localhost/t' '/otr start'
	sees 'a stranger is not answered' alice '^warning~.*~eve@localhost/t~'
	say alice '/msg eve@localhost/t hello' \
	    '/with eve@localhost /otr start'
	sees 'before we write to them' eve '^message~.*~hello~enc=none'
	like 'and that comes first' "$home/server.log" \
	    "to='eve@localhost/t'.*<body>hello</body>"
	is 'on the wire' "$(grep -E "RECV: <message [^>]*to='eve@" \
	    "$home/server.log" | head -n 1 | grep -c '>hello<')" 1
	sees 'nor are we by them' eve '^otr~.*~alice@localhost/t~encrypted'
	sees 'to a bare JID' alice '^otr~.*~eve@localhost/t~encrypted'
	sees 'with whoever answers' alice '^ok~.*~eve@localhost~.*~line=2$'
	say alice '/msg eve@localhost by the bare JID'
	sees 'and to there' eve '^message~.*~by the bare JID~enc=otr'
	wire 'the query went to the bare JID' \
	    "to='eve@localhost'.*<body>.OTRv23.</body>"
	down eve
	sees 'it ends' alice '^otr~.*~eve@localhost/t~finished'
	say alice "/msg eve@localhost $(canary bare)"
	refused 'and nothing more is sent' alice bare
	down alice 1
}

# Started again, bob cannot read what is meant for the one before.
lost()
{
	up alice
	up bob
	say alice '/go bob@localhost' '/otr start' one
	sees 'a session' bob '^message~.*~one~enc=otr'
	kill -KILL "$(pid bob)"
	finish bob
	up bob
	sees 'the session is closed' alice '^otr~.*~finished'
	sees 'the peer is back' alice '^presence~.*~show=online'
	say alice "$(canary lost)"
	refused 'a lost session' alice lost
	say alice '/otr stop' '/otr start' three '/wait delivered'
	sees 'before a new one' alice '^delivered'
	is 'is there' "$(grep -c '^delivered' "$dir/alice.out")" 2
	down bob
	down alice 1
}

# The files are there before the event that relies on them is told.
in_order()
{
	rm "$dir/alice/users/bob@localhost"
	up bob
	asan_trace
	printf '%s\n' '/go bob@localhost/t' '/otr start' 'traced' |
	    timeout 300 strace -qq -s 100 -o "$dir/trace" \
		-e trace=write,rename,renameat,renameat2 \
		"$jackline" -c -f "$dir/alice" >"$dir/out"
	is 'traced' $? 0
	like 'by OTR' "$dir/out" '^sent.*enc=otr'
	is 'users/ comes before the event' "$(sed -n \
	    -e 's/^rename.*bob@localhost.*/file/p' \
	    -e 's/^write(1, "\(.*\\n\)*otr\\t.*/event/p' "$dir/trace" |
	    head -n 2 | tr '\n' ' ')" 'file event '
	down bob
}

# A script and a bot, both of the manual.
examples()
{
	mkfifo "$dir/in"
	cat >"$dir/bot" <<'EOF'
while IFS=$(printf '\t') read -r tag time peer text enc rest; do
	[ "$tag $enc" = 'message enc=otr' ] &&
	    printf '/msg %s %s\n' "$peer" "$text" >in
done
while IFS=$(printf '\t') read -r tag time peer text enc rest; do
	[ "$tag $enc" = 'message enc=otr' ] &&
	    printf '/msg %s %s\n' "$peer" "$text" >in
done
EOF
	(cd "$dir" && "$jackline" -ce -i in -f bob 2>bob.err | sh bot) &
	bot=$!
	pids="$pids $bot"
	run alice "$jackline" -c -e -f "$dir/alice"
	sees 'the bot is there' alice '^presence~.*~bob@localhost/t~.*=online'
	say alice '/go bob@localhost' 'in the clear' '/otr start' \
	    'hello\n/go boss@localhost\nmessage\tenc=none \\n \u{202e}' \
	    '/wait message'
	sees 'what the bot was told' alice '^sent~.*~enc=otr'
	sees 'comes back' alice '^message~.*~enc=otr'
	is 'the very same' "$(last message alice | cut -f4)" \
	    "$(last sent alice | cut -f4)"
	down alice
	is 'and nothing else' "$(grep -c '^message' "$dir/alice.out")" 1
	printf '/connect\n/go bob@localhost/t\n/otr start\nsecret\n'\
'/wait delivered\n' | timeout 300 "$jackline" -x -d "$dir/log" \
	    -f "$dir/alice" >"$dir/out"
	is 'a secret by a script' $? 0
	like 'went encrypted' "$dir/out" '^sent.*secret.*enc=otr'
	like 'the debug log has it' "$dir/log" '<body>.OTR:'
	unlike 'as it went' "$dir/log" 'secret'
	printf '/otr start verified\n%s\n' "$(canary -x)" |
	    timeout 300 "$jackline" -cx -g bob@localhost/t -f "$dir/alice" \
		>"$dir/out" 2>/dev/null
	is 'not to an unverified key' $? 1
	unlike 'and -x stops there' "$dir/out" "line=2"
	printf '/quit\n' >"$dir/in"
	wait "$bot"
}

# What is no live talk between two never meets libotr.
not_live()
{
	hostile server <<'EOF'
login alice@localhost/t
recv jabber:iq:roster
recv >
send <iq type='result' id='\i'><query xmlns='jabber:iq:roster'>
send <item jid='bob@localhost' subscription='both'/>
send <item jid='dan@localhost' subscription='to'/></query></iq>
recv <presence
send <message from='bob@localhost/1' type='error' id='x'>
send <body>?OTRv3?</body></message>
send <message from='bob@localhost/2' type='chat'><body>?OTRv3?</body>
send <delay xmlns='urn:xmpp:delay' stamp='2026-01-02T03:04:05Z'/></message>
send <message from='bob@localhost/3' type='chat'><body>?OTRv3?</body>
send <delay xmlns='urn:xmpp:delay' stamp='nonsense'/></message>
send <message from='bob@localhost/4' type='groupchat'>
send <body>?OTRv3?</body></message>
send <message from='bob@localhost/5' type='headline'>
send <body>?OTRv3?</body></message>
send <message from='dan@localhost/6' type='chat'>
send <body>?OTRv3?</body></message>
send <message from='bob@localhost.example/7' type='chat'>
send <body>?OTRv3?</body></message>
send <message from='bob@localhost/live' type='chat'>
send <body>?OTRv3?</body></message>
recv <message
recv to='bob@localhost/live'
recv <body>?OTR:
recv </stream:stream
send </stream:stream>
close
EOF
	account alice -o ''
	up alice -k
	sees 'neither what is late' alice '^warning~.*/2~.*not answered'
	sees 'nor announced' alice '^warning~.*/5~.*not answered'
	sees 'nor of somebody who may not see us' alice '^warning~.*dan@'
	sees 'nor of a stranger' alice '^warning~.*localhost.example/7~'
	wait_for "$dir/server.out" '^< .*OTR:'
	stop alice
	finish server
	is 'but what is live' $? 0
	is 'is answered, once' \
	    "$(grep -oE '\?OTR' "$dir/server.out" | wc -l)" \
	    "$(($(grep -c '^> .*OTRv3' "$dir/server.out") + 1))"
}

server prosody FRIENDS='alice bob' STANZAS=1 \
    ACCOUNTS='alice bob carol eve'
for name in alice bob eve; do
	account $name -o 'WHITESPACE_START_AKE ERROR_START_AKE'
done
too_early
stranger
lost
in_order
examples
unlike 'no canary is on the wire' "$home/server.log" 'canary of'
not_live

end
