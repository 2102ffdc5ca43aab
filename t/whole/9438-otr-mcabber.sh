#!/bin/sh
# mcabber dies in an encrypted session and is started again under the same
# resource, and so are we: what nobody can read is refused or answered, never
# taken for delivered in silence, and the command that is printed makes a new
# session. On both servers.
. "$(dirname "$0")/lib-otr.sh"
. "$(dirname "$0")/lib-mcabber.sh"

up_mcabber()
{
	mcabber_up 'set otr = 1' 'set resource = m' \
	    'set disable_random_resource = 1' \
	    "set otr_dir = $dir/mcabber/otr" 'otrpolicy default manual'
}

# killed NAME: at once, with nothing said to anybody.
killed()
{
	kill -9 "$(pid "$1")"
	finish "$1" 2>"$dir/killed" || :
}

# hint NAME: the last warning or error of alice names a command that can be
# typed as it stands; it is in $line.
hint()
{
	line=$(cut -f4 "$dir/alice.out" | grep -oE '(/with [^ ]* )?/otr start' |
	    tail -n 1)
	[ -n "$line" ]
	result $? "$1"
}

# friends: alice and bob see each other.
friends()
{
	account bob -o ''
	up alice
	up bob
	say alice '/add bob@localhost'
	sees 'bob is asked' bob \
	    '^subscription~.*~alice@localhost~.*~type=subscribe$'
	say bob '/authorization allow alice@localhost' '/add alice@localhost'
	sees 'and asks' alice \
	    '^subscription~.*~bob@localhost~.*~type=subscribe$'
	say alice '/authorization allow bob@localhost'
	sees 'friends' alice '^roster~.*~bob@localhost~.*~sub=both'
	sees 'friends' bob '^roster~.*~alice@localhost~.*~sub=both'
	down bob
	down alice
}

restarted()
{
	up_mcabber
	up alice
	sees "$kind: mcabber is there" alice '^presence~.*/m~.*=online'
	say alice '/go bob@localhost' '/otr start' 'first' '/wait delivered'
	sees "$kind: a session" alice '^otr~.*~encrypted'
	sees "$kind: which is read" alice '^delivered'
	mcabber_killed
	mcabber_again
	sees "$kind: the session is closed" alice '^otr~.*~finished'
	sees "$kind: mcabber is back" alice '^presence~.*/m~.*=online'
	say alice "$(canary lost)"
	refused "$kind: no text into the lost session" alice lost
	hint "$kind: a command is named"
	say alice "$line" 'second' '/wait delivered'
	sees "$kind: it makes a new session" alice '^otr~.*~encrypted'
	sees "$kind: which is read" alice '^delivered'
	wait_for "$dir/mcabber/log/alice@localhost" '^MR .*second'
	result $? "$kind: by mcabber"
}

# We are killed, and mcabber writes on.
we_restarted()
{
	killed alice
	up alice
	sees "$kind: mcabber sees us" alice '^presence~.*/m~.*=online'
	mcabber_chat alice
	mcabber '/say_to alice@localhost are you there'
	sees "$kind: what we cannot read is a warning" alice \
	    '^warning~.*~bob@localhost/m~.*~cause=unreadable~enc=otr'
	unlike "$kind: and no message" "$dir/alice.out" '^message'
	shows "$kind: mcabber is told" 'otr error: There is no encrypted'
	hint "$kind: a command is named"
	say alice "$line" '/msg bob@localhost third'
	sees "$kind: it makes a new session" alice '^otr~.*~encrypted'
	sees "$kind: which is read" alice '^delivered'
	mcabber '/say_to alice@localhost and back'
	sees "$kind: both ways" alice '^message~.*~and back~enc=otr'
	mcabber /quit
	down alice
	mcabber_gone
}

server prosody FRIENDS='alice bob'
account alice -o ''
restarted
we_restarted
server_down
server ejabberd
account alice -o ''
friends
restarted
we_restarted

end
