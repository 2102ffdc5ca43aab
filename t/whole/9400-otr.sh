#!/bin/sh
# Encryption between two of us through a real server: how a session begins and
# ends, what leaves in which form meanwhile, keys, verification. The server
# tells what came by the wire.
. "$(dirname "$0")/lib-otr.sh"

# Texts that libotr, HTML and XML could spoil.
nasty='a <b>&amp; "c" </b> &lt; <br/> '\''d'\'' ü☃ ?OTR:x. \n'

by_query()
{
	up alice
	up bob
	say alice '/go bob@localhost' '/otr start' "$nasty" "/wait delivered"
	sees 'a session by query' alice \
	    '^otr~.*~bob@localhost/t~encrypted~trust=unverified~fp='
	like 'its key is new, its version 3' "$dir/alice.out" \
	    "^otr.*${tab}version=3${tab}new=yes"
	sees '/otr start is answered then' alice '^ok~.*~line=2$'
	sees 'the text behind it goes encrypted' alice \
	    '^sent~.*~enc=otr~trust=unverified~fp='
	is 'and is shown as typed' "$(last sent alice | cut -f4)" \
	    "$(printf '%s' "$nasty" | "$jackline" --escape)"
	sees 'and is delivered' alice '^delivered~'
	sees 'the peer is told of the session' bob '^otr~.*~encrypted~'
	is 'the same session' "$(attribute ssid otr bob)" \
	    "$(attribute ssid otr alice)"
	sees 'and of the text' bob \
	    '^message~.*~enc=otr~trust=unverified~src=live~kind=chat'
	is 'which is unchanged' "$(last message bob | cut -f4)" \
	    "$(last sent alice | cut -f4)"
	is 'by the key of the session' "$(attribute fp message bob)" \
	    "$(attribute fp otr bob)"
	say bob /fingerprint
	sees 'our own key' bob '^fingerprint~'
	is 'is the one that the other sees' "$(last fingerprint bob |
	    cut -f4)" "$(attribute fp otr alice)"
	say bob "/msg alice@localhost $nasty"
	sees 'and back' alice '^message~.*~enc=otr~'
	is 'unchanged as well' "$(last message alice | cut -f4)" \
	    "$(last sent bob | cut -f4)"
	say alice '/say ' '/me waves' '/otr info'
	sees '/me goes by the same gate' alice '^sent~.*~/me waves~.*~enc=otr'
	groups=$(attribute fp otr alice | sed 's/......../& /g; s/ $//')
	sees '/otr info' alice "^info~.*key $groups,"
	sees '/otr info is answered' alice '^ok~.*~line=[0-9]*$'
	wire 'hints for other software' '<body>.OTR:.*<encryption [^>]*otr:0'
	wire 'not to be stored' \
	    '<body>.OTR:.*<no-store .*<no-perm.*<no-copy .*<private '
	wire 'the bare query, without a name' '<body>.OTRv23.</body>'
	on_disk alice bob@localhost "$(attribute fp otr alice)"
	say alice '/otr start'
	sees 'a second session, as it is asked for' alice '^otr~.*~encrypted'
	sees 'which is the answer' alice '^ok~'
}

# on_disk WHO JID KEY: users/ of WHO knows the key.
on_disk()
{
	ok 'the key is in users/' grep -q "$3" "$dir/$1/users/$2"
}

by_stop()
{
	say alice '/otrpolicy -send_whitespace_tag' '/otr stop' \
	    'now in the clear'
	sees 'the session is over' alice '^otr~.*~plaintext~'
	sees 'the peer is told' bob '^otr~.*~finished~'
	sees 'clear text leaves again' alice \
	    '^sent~.*~now in the clear~.*~enc=none~trust=-'
	sees 'and arrives' bob '^message~.*~now in the clear~enc=none~trust=-'
	say bob '/go alice@localhost' "$(canary finished)"
	refused 'the peer sends nothing in the clear' bob finished
	say bob '/otr start'
	sees 'but may begin anew' bob '^otr~.*~encrypted~'
	sees 'with the key known' bob '^ok'
	unlike 'not new this time' "$dir/mark" 'new=yes'
	sees 'the other one too' alice '^otr~.*~encrypted~'
	say bob '/otr stop'
	sees 'the other side stops' bob '^otr~.*~plaintext~'
	sees 'and that is told' alice '^otr~.*~finished~'
	say alice "$(canary ended)" '/otr info'
	refused 'nothing leaves after that' alice ended
	sees '/otr info says it' alice '^info~.*ended by the other side'
	say alice '/otr stop' "?OTR $(canary mark)"
	refused 'what looks like OTR is not sent' alice mark
	say alice '/otrpolicy +send_whitespace_tag'
	sees 'and so on' alice '^ok~'
	down alice 1
	down bob 1
}

by_nobody()
{
	up alice
	say alice '/with nobody@localhost /otr start' '/block bob@localhost' \
	    '/with bob@localhost /otr start'
	sees 'nobody is there' alice \
	    '^error~.*~nobody@localhost~the query came back.*~line=1~cause=s'
	# The server says of a blocked contact that it is offline.
	sees 'who is blocked' alice \
	    '^error~.*~bob@localhost~nothing was sent.*~line=3~cause=rec'
	say alice '/unblock bob@localhost'
	down alice 1
}

by_tag()
{
	up alice
	up bob
	say bob '/go alice@localhost' 'with a tag'
	sees 'a tagged text' alice '^message~.*~with a tag~enc=none'
	sees 'begins a session' alice '^otr~.*~bob@localhost/t~encrypted~'
	sees 'on both sides' bob '^otr~.*~alice@localhost/t~encrypted~'
	wire 'the tag is on the wire' '<body>with a tag[ 	]{16}'
	kill "$(pid alice)"
	sees 'SIGTERM ends sessions politely' bob '^otr~.*~finished~'
	say bob "$(canary gone)"
	refused 'clear text is refused' bob gone
	finish alice
	is 'without an error' $? 0
	down bob 1
}

by_policy()
{
	account carol -o 'REQUIRE_ENCRYPTION WHITESPACE_START_AKE'
	up alice
	up carol
	say carol '/go alice@localhost' "$(canary policy)" \
	    '/wait otr' "sent again" '/wait delivered'
	refused 'a policy' carol policy
	sees 'begins a session by itself' carol '^otr~.*~encrypted~'
	sees 'that can be waited for' carol '^ok'
	sees 'to send it again' carol '^sent~.*~sent again~.*~enc=otr'
	sees 'and is delivered' carol '^delivered'
	sees 'once' alice '^message~.*~sent again~enc=otr'
	is 'and what was refused is not sent later' \
	    "$(grep -c '^message' "$dir/alice.out")" 1
	say carol '/otrpolicy' '/otrpolicy -require_encryption -v2' '/otrpolicy'
	sees '/otrpolicy' carol '^info~.*\+require_encryption .*\+v2 \+v3'
	sees 'changed' carol '^info~.*-require_encryption .*-v2 \+v3'
	say carol '/otrpolicy +no_such'
	sees 'with unknown words' carol '^error~.*~cause=usage'
	like 'it is kept' "$dir/carol/users/alice@localhost" 'V3'
	unlike 'with what was taken away' \
	    "$dir/carol/users/alice@localhost" 'REQUIRE_ENC|V2'
	eof carol
	sees 'the end of input ends the session' alice '^otr~.*~finished~'
	finish carol
	is 'after an error' $? 1
	up carol
	say carol '/go alice@localhost' '/otrpolicy'
	sees 'and is read again' carol '^info~.*-require_encryption .*-v2 \+v3'
	down carol
	down alice
}

server prosody FRIENDS='alice bob carol' STANZAS=1 \
    ACCOUNTS='alice bob carol eve'
account alice
account bob
by_query
by_stop
by_nobody
by_tag
by_policy
unlike 'no canary is on the wire' "$home/server.log" 'canary of'

end
