# What the tests of rooms have in common, beside lib.sh.
# shellcheck shell=sh disable=SC2034 # for those who read it
. "$(dirname "$0")/lib.sh"

service=conference.localhost
room=den@$service
muc=http://jabber.org/protocol/muc
at="[^$tab]*$tab"

# seen NAME EVENT: a line of what NAME wrote begins with EVENT.
seen()
{
	wait_for "$dir/$1.out" "^$2"
}

# owner: carol by slixmpp, who can do what jackline cannot.
owner()
{
	start owner peer.py carol@localhost/peer carol-pw 127.0.0.1 \
	    "$c2s" "$ca"
	seen owner '.*"got": "online"'
}

# raw XML: the owner sends it.
raw()
{
	say owner "$(printf '{"do":"raw","xml":"%s"}' "$1")"
}

# enter ROOM: the owner does, the first, so that it is hers.
enter()
{
	raw "<presence to='$1/owner'><x xmlns='$muc'/></presence>"
	seen owner ".*\"got\": \"presence\", \"from\": \"$1/owner\""
}

# configure ROOM FIELD VALUE...: the owner does.
configure()
{
	form=$1
	shift
	fields=
	while [ $# -gt 0 ]; do
		fields="$fields<field var='muc#roomconfig_$1'>\
<value>$2</value></field>"
		shift 2
	done
	raw "<iq type='set' id='c' to='$form'><query xmlns='$muc#owner'>\
<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>\
<value>$muc#roomconfig</value></field>$fields</x></query></iq>"
}

# crowd: a Prosody, at people.localhost of which mod_crowd.lua speaks.
crowd()
{
	mkdir "$dir/plugins"
	cp "$root/t/server/mod_crowd.lua" "$dir/plugins"
	chmod 755 "$dir/plugins"
	chmod 644 "$dir/plugins/mod_crowd.lua"
	server prosody EXTRA="plugin_paths = { \"$dir/plugins\" }
Component \"people.localhost\" \"crowd\""
}
