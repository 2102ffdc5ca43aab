#!/bin/sh
# /raw and /rawenc through a real server: made for those who debug OTR, and no
# way around any gate.
. "$(dirname "$0")/lib-otr.sh"

hex()
{
	printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}

server prosody FRIENDS='alice bob' STANZAS=1
account alice -o ''
account bob -o ''
up alice
up bob
say alice '/go bob@localhost' "/raw $(hex 'a plain word')"
sees 'a body, and nothing of OTR' bob \
    '^message~.*~a plain word~enc=none~trust=-~src=live'
sees 'with its fate' alice '^delivered~.*~line=2~'
say alice "/raw $(hex '?OTRv3?')"
sees 'a query made by hand begins a session' alice '^otr~.*~encrypted~'
sees 'on both sides' bob '^otr~.*~encrypted~'
say alice "/raw $(hex "$(canary raw)")"
refused 'nothing goes raw in a session' alice raw
say alice "/rawenc $(hex '1 &lt; 2<br/>bold')ff"
sees 'bytes inside it' alice '^sent~.*~enc=otr~'
is 'are shown as they are' "$(last sent alice | cut -f4)" \
    '1 &lt; 2<br/>bold\xff'
sees 'the other takes them for HTML' bob '^message~.*~1 < 2\\nbold[^~]+~enc=otr'
say alice '/otr stop' '/otr start' "/raw $(hex "$(canary again)")"
sees 'again' alice '^otr~.*~encrypted~'
refused 'nor in the next' alice again
say bob '/with alice@localhost /otr stop'
sees 'which the other ends' alice '^otr~.*~finished~'
say alice "/raw $(hex "$(canary finished)")"
refused 'nor after its end' alice finished
say alice '/otrpolicy +require_encryption' '/otr stop' \
    "/raw $(hex "$(canary required)")" "/rawenc $(hex "$(canary none)")"
refused 'nor where encryption is required' alice required
sees 'and there is none' alice '^error~.*~cause=not-encrypted'
stop alice
stop bob
unlike 'no canary was on the wire' "$home/server.log" \
    'canary|63616e617279|Y2FuYXJ5'

end
