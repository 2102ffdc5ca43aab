#!/bin/sh
# Whose key it is: fingerprints, verification by hand and by SMP, keys that are
# revoked or new, and what is kept of it.
. "$(dirname "$0")/lib-otr.sh"

# encrypted: alice and bob are online with a session.
encrypted()
{
	up bob
	up alice
	say bob '/go alice@localhost'
	say alice '/go bob@localhost' '/otr start'
	sees 'a session' alice '^otr~.*~encrypted~'
	sees 'on both sides' bob '^otr~.*~encrypted~'
	sees 'the line is answered' alice '^ok~.*~line=2$'
}

unverified()
{
	encrypted
	say alice '/otr start verified' "$(canary unverified)"
	sees 'only a verified key will do' alice '^error~.*~cause=policy'
	refused 'and nothing is sent' alice unverified
	say alice '/otr start' "$(canary still)"
	sees '/otr start does not take it back' alice '^ok~'
	refused 'so still nothing is sent' alice still
	say alice '/otr stop' '/otr start verified' "$(canary again)"
	sees 'a new session' alice '^otr~.*~encrypted~trust=unverified'
	sees 'is no better' alice '^error~.*~line=8~cause=policy'
	refused 'nothing is sent in it' alice again
	say alice '/otr stop' '/otr start' 'now it goes'
	sees 'until /otr stop' alice '^sent~.*~now it goes~.*~enc=otr'
	sees 'and arrives' bob '^message~.*~now it goes~enc=otr'
}

by_question()
{
	say alice '/smp question' '/smp question which <b>colour</b> & why?'
	sees 'no question' alice '^error~.*~cause=usage'
	sees 'the secret is asked for' alice \
	    '^ask~.*~bob@localhost/t~.*~what=smp~secret=yes~line=[0-9]+'
	say alice 'grün <&>'
	sees 'the answer is answered' alice '^ok~.*~line=15$'
	sees 'then the line that asked' alice '^ok~.*~line=14$'
	like 'a dialogue' "$dir/alice.out" "^smp.*${tab}state=started"
	sees 'the peer is asked' bob '^smp~.*~alice@localhost/t~'\
'which <b>colour</b> & why\?~state=asked'
	say bob '/smp answer grün <&>'
	sees 'and answers' bob '^ok'
	sees 'both have it' alice '^smp~.*~state=succeeded~trust=verified'
	sees 'the other too' bob '^smp~.*~state=succeeded~trust=unverified'
	sees 'with a remark' bob '^info~.*verified you'
	say alice '/fingerprint' 'by a verified key'
	sees 'the key is verified' alice '^fingerprint~.*~trust=verified~'\
'how=smp~since=20.*~first=20.*~last=20.*~sessions=5.*~active=yes'
	sees 'messages say so' alice '^sent~.*~enc=otr~trust=verified'
	like 'users/ says so' "$dir/alice/users/bob@localhost" \
	    '[Vv]erified.*SMP'
	sees 'the peer saw' bob '^message~.*~trust=unverified'
	say bob '/fingerprint'
	sees 'answering proves nothing' bob '^fingerprint~.*~trust=unverified'
}

by_shared()
{
	say bob '/smp shared one'
	sees 'SMP without a question' alice '^smp~.*~-~state=asked'
	say alice '/smp answer other'
	sees 'a wrong secret' alice '^smp~.*~state=failed'
	sees 'fails on both sides' bob '^smp~.*~state=failed'
	say bob '/fingerprint' '/smp shared two' '/smp abort'
	sees 'and proves nothing' bob '^fingerprint~.*~trust=unverified'
	sees 'aborted' bob '^smp~.*~state=aborted'
	sees 'by the peer' alice '^smp~.*~state=aborted'
	say bob '/smp abort' '/smp answer x' 'once more' \
	    '/smp shared three' '/wait smp - state=succeeded' '/fingerprint'
	sees 'nothing to abort' bob '^error~'
	sees 'nothing to answer' bob '^error~'
	sees 'it can be tried again' alice '^smp~.*~state=asked'
	say alice '/smp answer three'
	sees 'and succeeds' alice '^smp~.*~state=succeeded'
	sees 'is waited for' bob '^smp~.*~state=succeeded'
	sees 'and verifies' bob '^fingerprint~.*~trust=verified~how=smp'
	say alice '/fingerprint'
	sees 'a key that was so stays so' alice \
	    '^fingerprint~.*~trust=verified~how=smp'
	say alice "/revoke $(attribute fp otr alice)" '/smp shared four'
	sees 'a revoked key can be asked' bob '^smp~.*~state=asked'
	say bob '/smp answer four'
	sees 'but stays revoked' alice '^smp~.*~state=succeeded~trust=revoked'
	sees 'which is said' alice '^warning~.*stays revoked'
	say alice '/fingerprint' "/fingerprint $(attribute fp otr alice)"
	sees 'and is so' alice '^fingerprint~.*~trust=revoked'
	sees 'until it is verified by hand' alice '^success~'
	down bob 1
	sees 'the peer is gone' alice '^otr~.*~finished'
	say alice '/smp shared x' '/smp question x' "$(canary late)"
	sees 'no SMP without a session' alice '^error~.*~cause=not-encrypted'
	sees 'and no question' alice '^error~.*~cause=not-encrypted'
	refused 'nothing is sent' alice late
	down alice 1
}

verified()
{
	up alice
	up bob
	say alice '/go bob@localhost/t' '/otr start verified' \
	    'only by a verified key' '/wait delivered'
	sees 'verified from the start' alice '^otr~.*~encrypted~trust=verified'
	sees 'is what was asked for' alice '^ok~.*~line=2$'
	sees 'and is sent' alice '^delivered'
	down alice
	sees 'the end of input is polite' bob '^otr~.*~finished'
	down bob
}

# Another key where one is verified.
by_new_key()
{
	cp -a "$dir/bob" "$dir/mallory"
	cp "$dir/carol/otr_dsa.sexp" "$dir/mallory/"
	up alice
	up mallory
	say alice '/go bob@localhost' '/otr start' "it isn't bob"
	sees 'a new key' alice '^error~.*~POSSIBLE BREAKIN ATTEMPT: .*'\
'~line=-~cause=new-key'
	sees 'is not trusted' alice \
	    '^otr~.*~encrypted~trust=unverified~.*~new=yes'
	key=$(attribute fp otr alice)
	say alice '/otr stop' '/otr start verified' "$(canary breakin)"
	sees 'not for who wants a verified one' alice \
	    '^error~.*~cause=(new-key|policy)'
	refused 'nothing is sent' alice breakin
	say alice "/fingerprint $key" 'nor is it'
	sees 'verified by hand' alice '^success~'
	sees 'it is' alice '^sent~.*~trust=verified'
	say alice "/revoke $key" "$(canary revoked)" /fingerprint
	sees 'revoked' alice '^success~.*revoked'
	refused 'nothing is sent to it' alice revoked
	sees 'both are there' alice '^fingerprint~'
	sees 'with their trust' alice '^fingerprint~'
	like 'the one' "$dir/alice.out" \
	    "^fingerprint.*${tab}trust=verified${tab}how=manual"
	like 'and the other' "$dir/alice.out" "^fingerprint.*$tab$key\
${tab}trust=revoked${tab}since=20.*${tab}active=yes"
	say alice '/otr stop' '/otr start' "$(canary once)"
	sees 'revoked for ever' alice '^otr~.*~encrypted~trust=revoked'
	refused 'nothing is sent by a new session' alice once
	say alice '/revoke 1234' "/revoke $(printf %040d 0)" '/revoke'
	sees 'no key' alice '^error~.*~cause=usage'
	sees 'unknown' alice '^error~.*~cause=no-fingerprint'
	sees 'none at all' alice '^error~.*~cause=usage'
	down alice 1
	down mallory
}

server prosody FRIENDS='alice bob' STANZAS=1
account alice
account bob
account carol
unverified
by_question
by_shared
verified
by_new_key
unlike 'no canary is on the wire' "$home/server.log" 'canary of'

end
