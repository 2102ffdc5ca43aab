#!/bin/sh
# An encrypted session outlives a connection that is lost and resumed: what the
# server says again then, with a delay of its own, is read as ever.
. "$(dirname "$0")/lib-otr.sh"

for kind in prosody ejabberd; do
	server "$kind" FRIENDS='alice bob'
	direct=$c2s
	proxy proxy "$direct"
	c2s=$port
	account alice -o ''
	c2s=$direct
	account bob -o ''
	up alice
	up bob
	say alice '/msg bob@localhost/t hi'
	sees "$kind: they know each other" bob '^message~.*~hi~'
	say bob '/go alice@localhost/t' '/otr start' first '/wait delivered'
	sees "$kind: encrypted" alice '^message~.*~first~enc=otr'
	say proxy refuse rst
	sees "$kind: lost" alice '^state~.*~waiting~'
	say bob 'while away 1' 'while away 2'
	sees "$kind: the server has both" bob '^acked~.*~line=5~'
	say proxy accept
	sees "$kind: resumed" alice '^state~.*~online~.*~resumed=yes'
	sees "$kind: the first" alice \
	    '^message~.*~while away 1~enc=otr~trust=[a-z]*~src=live'
	sees "$kind: the second" alice '^message~.*~while away 2~enc=otr'
	say bob 'and then'
	sees "$kind: and what follows" alice '^message~.*~and then~enc=otr'
	unlike "$kind: nothing as it is on the wire" "$dir/alice.out" '.OTR'
	say bob '/smp question where?'
	sees "$kind: a question" bob '^ask~'
	kill "$(pid bob)"
	sees "$kind: is answered at the end" bob '^error~.*~line=8~cause=usage'
	finish bob
	is "$kind: which makes the status" $? 1
	down alice
	stop proxy
	server_down
	rm -rf "$dir/alice" "$dir/bob"
done

end
