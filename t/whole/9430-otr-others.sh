#!/bin/sh
# Encryption with two implementations that are not ours, through a real server:
# python3-potr, and mcabber with libotr. Both ways, verification both ways, the
# end from each side, texts unchanged.
. "$(dirname "$0")/lib-otr.sh"
. "$(dirname "$0")/lib-mcabber.sh"

text='<b>a</b> & &lt; "q" ü \n'\''s'
# mcabber decodes what comes, but does not escape what it sends: its tags are
# lost, with us as with itself.
plain='a < b > c & "q" ü'
json='<b>a</b> & &lt; \"q\" ü \\n'\''s'

# peer OBJECT...: tells python3-potr, with its JID for @.
peer()
{
	for object; do
		say potr "$(printf %s "$object" |
		    sed 's|@|"to":"alice@localhost/t"|')"
	done
}

with_potr()
{
	run potr peer-otr.py bob@localhost/potr bob-pw 127.0.0.1 \
	    "$c2s" "$ca"
	wait_for "$dir/potr.out" '"got": "online"' || bail 'no potr'
	up alice
	say alice '/go bob@localhost' '/otr start' "$text"
	sees 'potr: a session' alice '^otr~.*~encrypted~trust=un.*~version=2'
	is 'potr: its key' "$(attribute fp otr alice)" \
	    "$(sed -n 's/.*"own", "fingerprint": "\(.*\)"}/\1/p' \
		"$dir/potr.out")"
	sees 'potr: it knows ours' potr '"encrypted", "fingerprint": "[0-9a-f]'
	sees 'potr: a text, unchanged' potr \
	    '"body": "<b>a</b> & &lt; \\"q\\" .u00fc .*s", "encrypted": true'
	peer '{"do":"text",@,"body":"'"$json"'"}'
	sees 'potr: and back' alice '^message~.*~enc=otr'
	is 'potr: unchanged as well' "$(last message alice | cut -f4)" \
	    "$(printf %s "$text" | "$jackline" --escape)"
	say alice '/smp question colour & <b>?' 'blue'
	sees 'potr: is asked' potr '"asked", "question": "colour & <b>\?"'
	peer '{"do":"answer",@,"secret":"blue"}'
	sees 'potr: answers' alice '^smp~.*~state=succeeded'
	sees 'potr: has it too' potr '"smp", "state": "succeeded"'
	peer '{"do":"smp",@,"question":"size?","secret":"big"}'
	sees 'potr: asks' alice '^smp~.*~size\?~state=asked'
	say alice '/smp answer big'
	sees 'potr: is answered' potr '"smp", "state": "succeeded"'
	sees 'potr: both have it' alice '^smp~.*~state=succeeded'
	peer '{"do":"smp",@,"question":"age?","secret":"8"}'
	sees 'potr: asks again' alice '^smp~.*~age\?~state=asked'
	say alice '/smp answer 9'
	sees 'potr: that is wrong' potr '"smp", "state": "failed"'
	say alice '/otr stop' 'in the clear'
	sees 'potr: we stop' potr '"state": "finished"'
	sees 'potr: and speak openly' potr '"in the clear", "encrypted": false'
	peer '{"do":"stop",@}' '{"do":"start",@}'
	sees 'potr: starts' alice '^otr~.*~encrypted~trust=verified'
	sees 'potr: and has it' potr '"state": "encrypted"'
	peer '{"do":"stop",@}'
	sees 'potr: it stops' alice '^otr~.*~finished'
	say alice "$(canary potr)"
	refused 'potr: that closes the gate' alice potr
	down alice 1
	stop potr
}

with_mcabber()
{
	log=$dir/mcabber/log/alice@localhost
	up alice
	sees 'mcabber: is there' alice '^presence~.*/mcabber[^~]*~.*=online'
	say alice '/go bob@localhost' '/otr start' "$text"
	sees 'mcabber: a session' alice '^otr~.*~encrypted~.*~version=3~new'
	sees 'mcabber: a text' alice '^sent~.*~enc=otr'
	wait_for "$log" '^MR .*<b>a'
	is 'mcabber: unchanged' "$(sed -n 's/^MR [^ ]* [0-9]* //p' "$log")" \
	    "$text"
	mcabber_chat alice
	mcabber "/say_to alice@localhost $plain"
	shows 'mcabber: says that it is encrypted' 'OTR: channel established'
	sees 'mcabber: and back' alice '^message~.*~enc=otr'
	is 'mcabber: unchanged as well' "$(last message alice | cut -f4)" \
	    "$plain"
	say alice '/smp question colour & shape?' 'blue'
	shows 'mcabber: is asked' 'Received SMP Initiation'
	shows 'mcabber: the very question' 'colour & shape\?'
	mcabber '/otr smpr alice@localhost blue'
	sees 'mcabber: answers' alice '^smp~.*~state=succeeded'
	shows 'mcabber: has it too' 'Protocol: Success!'
	mcabber '/otr smpq alice@localhost red'
	sees 'mcabber: asks, as it can, without a question' alice \
	    '^smp~.*~-~state=asked'
	say alice '/smp answer green'
	sees 'mcabber: that is wrong' alice '^smp~.*~state=failed'
	shows 'mcabber: which it finds, too' 'Protocol: Failure'
	say alice '/otrpolicy -v3' '/otr stop' 'in the clear'
	sees 'mcabber: we stop' alice '^otr~.*~plaintext'
	wait_for "$log" '^MR .*in the clear'
	mcabber '/otr stop alice@localhost' '/otr start alice@localhost'
	sees 'mcabber: starts' alice \
	    '^otr~.*~encrypted~trust=verified~.*~version=2'
	mcabber '/otr stop alice@localhost'
	sees 'mcabber: stops' alice '^otr~.*~finished'
	say alice "$(canary mcabber)"
	refused 'mcabber: that closes the gate' alice mcabber
	down alice 1
	mcabber /quit
}

server prosody FRIENDS='alice bob' STANZAS=1
account alice -o 'WHITESPACE_START_AKE'
mcabber_up 'set otr = 1' "set otr_dir = $dir/mcabber/otr" \
    'otrpolicy default manual'
with_mcabber
rm -r "$dir/alice/users"
with_potr
unlike 'no canary is on the wire' "$home/server.log" 'canary of'

end
