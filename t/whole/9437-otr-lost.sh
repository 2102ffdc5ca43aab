#!/bin/sh
# A peer dies in an encrypted session and comes back under the same name: what
# it cannot read any more is not sent, both sides learn of it, and the command
# that is printed makes a new session. Nothing encrypted waits for somebody who
# is offline, and nothing that waited is shown raw.
. "$(dirname "$0")/lib-otr.sh"

# killed NAME: at once, with nothing said to anybody.
killed()
{
	kill -9 "$(pid "$1")"
	finish "$1" 2>"$dir/killed" || :
}

# does NAME WHO: what the last warning or error of WHO says is to be done.
does()
{
	line=$(cut -f4 "$dir/$2.out" | grep -oE '(/with [^ ]* )?/otr start' |
	    tail -n 1)
	[ -n "$line" ]
	result $? "$1: a command is named"
	say "$2" "$line"
}

restarted()
{
	up alice
	up bob
	say alice '/go bob@localhost' '/otr start' 'first' '/wait delivered'
	sees "$kind: a session" bob '^message~.*~first~enc=otr'
	killed bob
	up bob
	sees "$kind: the session is closed" alice '^otr~.*~finished'
	sees "$kind: the peer is back" alice '^presence~.*~show=online'
	say alice "$(canary lost)"
	refused "$kind: no text into the lost session" alice lost
	say alice '/otr info'
	sees "$kind: /otr info says so" alice '^info~.*closed'
	does "$kind: for the sender" alice
	sees "$kind: a new session" alice '^otr~.*~encrypted'
	say alice 'second'
	sees "$kind: which can be read" bob '^message~.*~second~enc=otr'
	say alice '/otr start' 'third'
	sees "$kind: another by the same command" alice '^otr~.*~encrypted'
	sees "$kind: which can be read" bob '^message~.*~third~enc=otr'
	unlike "$kind: nobody asked for a success" "$dir/alice.out" '^success'
	# The other way round: we are killed, they go on.
	killed alice
	up alice
	sees "$kind: closed with them, too" bob '^otr~.*~finished'
	say bob '/go alice@localhost' "$(canary back)"
	refused "$kind: they send nothing either" bob back
	say bob '/otr stop' 'in the clear'
	sees "$kind: but what they want to" alice \
	    '^message~.*in the clear~enc=none'
	down bob 1
	down alice
}

# Their presence is not known to alice: nothing tells that bob was away.
unseen()
{
	up carol
	up bob
	say bob '/msg carol@localhost/t hi'
	sees "$kind: they know each other" carol '^message~.*~hi'
	say carol '/go bob@localhost/t' '/otr start' 'first' '/wait delivered'
	sees "$kind: a session with a stranger" bob '^message~.*~first~enc=otr'
	killed bob
	up bob
	# Who may not see us is not answered.
	say carol 'second'
	sees "$kind: unreadable, not raw" bob \
	    '^warning~.*/with carol@.* /otr start.*~cause=unreadable~enc=otr'
	say bob '/msg carol@localhost/t hello'
	sees "$kind: bob says something" carol '^message~.*~hello'
	say carol 'third' 'fourth' 'fifth'
	sees "$kind: again" bob '^warning~.*~cause=unreadable~enc=otr'
	sees "$kind: again" bob '^warning~.*~cause=unreadable~enc=otr'
	sees "$kind: again" bob '^warning~.*~cause=unreadable~enc=otr'
	sees "$kind: whom bob wrote to is told" carol '^warning~.*no encrypted'
	sees "$kind: and told what to do" carol '^info~.*/otr start'
	say carol "$(canary dead)"
	refused "$kind: nothing more goes into it" carol dead
	does "$kind: for the sender" carol
	sees "$kind: a new session" carol '^otr~.*~encrypted'
	say carol 'sixth' '/wait delivered'
	sees "$kind: which can be read" bob '^message~.*~sixth~enc=otr'
	is "$kind: told once a minute" \
	    "$(grep -c '^warning.*no encrypted' "$dir/carol.out")" 1
	down bob
	down carol 1
}

offline()
{
	up alice
	up bob
	say alice '/go bob@localhost' '/otr start' 'first' '/wait delivered'
	sees "$kind: a session" bob '^message~.*~first~enc=otr'
	killed bob
	account bob2 -o ''
	sed 's/bob2@/bob@/' "$dir/bob2/config.sexp" >"$dir/config"
	cat "$dir/config" >"$dir/bob2/config.sexp"
	cp "$dir/bob/password" "$dir/bob2/password"
	up bob2
	down bob2
	sees "$kind: offline" alice '^presence~.*~show=offline'
	sees "$kind: and closed" alice '^otr~.*~finished'
	say alice "$(canary offline)" '/otr start' '/otr stop'
	refused "$kind: no text" alice offline
	sees "$kind: no query either" alice \
	    '^error~.*offline.*~cause=recipient-unavailable'
	sees "$kind: no end" alice '^otr~.*~plaintext'
	down alice 1
	up bob
	say bob '/contacts' '/wait ok - line=1'
	sees "$kind: nothing waited" bob '^ok~.*line=1'
	unlike "$kind: nor was it shown" "$dir/bob.out" '^(message|warning)'
	down bob
}

kind=prosody
server prosody FRIENDS='alice bob' STANZAS=1
account alice -o ''
account bob -o ''
account carol -o ''
restarted
unseen
offline
unlike 'no canary is on the wire' "$home/server.log" 'canary of'

end
