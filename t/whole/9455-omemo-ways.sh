#!/bin/sh
# OMEMO where things are not as they should be, with a foreign client: broken
# bundles, forged lists, strangers, other devices of ours and of theirs, a list
# that another client takes over, lost sessions; and two of us with each other.
. "$(dirname "$0")/lib.sh"
. "$here/lib-omemo.sh"

# peer NAME ACCOUNT: the foreign client.
peer()
{
	foreign "$1" "$2@localhost/peer-$1" "$1.state"
}

# of_peer NAME KEY: what its `online` says.
of_peer()
{
	grep '"got": "online"' "$dir/$1.out" |
	    sed -n "s/.*\"$2\": \"*\\([0-9a-f]*\\)\"*, .*/\\1/p"
}

# ours NAME: one of us, online and with OMEMO on.
one_of_us()
{
	start "$1" "$jackline" -ck -f "$dir/$1"
	wait_for "$dir/$1.out" '^ok'
	say "$1" '/omemo publish'
	wait_for "$dir/$1.out" "^ok.*${tab}line=1\$"
}

# Each broken bundle of the only device of bob is skipped, nothing is sent, and
# a whole one makes up for it on the next connection.
bundles()
{
	start alice "$jackline" -ck -f "$dir/alice"
	wait_for "$dir/alice.out" '^ok'
	peer bob bob
	n=0
	for break in signature signature-empty signature-short \
	    signature-missing keys-32 type-6 no-prekeys prekey-garbage zero \
	    identity-missing empty; do
		say bob "{\"do\":\"bundle\",\"break\":\"$break\"}"
		wait_for "$dir/bob.out" "\"kind\": \"$break\""
		n=$((n + 3))
		say alice /disconnect /connect "/msg bob@localhost x $break"
		ok "$kind: refused: $break" wait_for "$dir/alice.out" \
		    "^error.*${tab}line=$n${tab}cause=policy"
	done
	say bob '{"do":"bundle","break":"good"}'
	wait_for "$dir/bob.out" '"kind": "good"'
	say alice /disconnect /connect '/msg bob@localhost whole again'
	ok "$kind: a whole one" wait_for "$dir/bob.out" \
	    '"text": "whole again"'
	unlike "$kind: nothing else arrived" "$dir/bob.out" '"text": "x '
	unlike "$kind: nor in the clear" "$dir/bob.out" '"got": "plain"'
	stop alice
}

# A stranger may write, and is read; no bundle of theirs is fetched, and a list
# in the name of somebody else counts for nothing.
strangers()
{
	one_of_us alice
	peer carol carol
	say carol '{"do":"send","to":"alice@localhost","text":"psst"}'
	ok "$kind: a stranger is read" wait_for "$dir/alice.out" \
	    "^message.*carol@localhost/peer-carol${tab}psst${tab}enc=omemo"
	say carol "{\"do\":\"raw\",\"xml\":\"<message to='alice@localhost'>\
<event xmlns='http://jabber.org/protocol/pubsub#event'><items \
node='eu.siacs.conversations.axolotl.devicelist'><item id='current'>\
<list xmlns='eu.siacs.conversations.axolotl'><device id='7'/></list>\
</item></items></event></message>\"}"
	say carol '{"do":"send","to":"alice@localhost","text":"still here"}'
	wait_for "$dir/alice.out" "^message.*${tab}still here"
	say alice '/with carol@localhost /omemo info'
	wait_for "$dir/alice.out" "^ok.*${tab}line=2\$"
	unlike "$kind: a forged list is not taken" "$dir/alice.out" \
	    "^fingerprint.*device=7\$"
	unlike "$kind: a stranger is not answered" "$dir/carol.out" \
	    '"got": "(key|receipt)"'
	stop carol
	stop alice
}

# Another device of ours gets what we send, and what we send to ourselves; one
# of theirs that is new beside a verified one gets nothing before it is.
devices()
{
	one_of_us alice
	peer phone alice
	ok "$kind: the list has both" wait_for "$dir/phone.out" \
	    '"got": "list", "ids": \[[0-9]+, [0-9]+\], "of": "alice'
	say alice '/msg bob@localhost for two'
	ok "$kind: bob reads it" wait_for "$dir/bob.out" '"text": "for two"'
	say alice '/msg alice@localhost note to self'
	ok "$kind: our other device reads what is for us" wait_for \
	    "$dir/phone.out" '"text": "note to self"'
	say phone '{"do":"send","to":"alice@localhost","text":"and back"}'
	ok "$kind: and writes" wait_for "$dir/alice.out" \
	    "^message.*alice@localhost/peer-phone${tab}and back${tab}enc=omemo"
	JACKLINE=$jackline "$root/scripts/jackline-send" -t -f "$dir/alice" \
	    -m 'verified only' alice@localhost 2>"$dir/err"
	is "$kind: jackline-send -t to a key that is not verified" $? 1
	like "$kind: says why, for both ways" "$dir/err" \
	    '^jackline-send: alice@localhost: by OMEMO: .*; by OTR: '
	JACKLINE=$jackline "$root/scripts/jackline-send" -s -f "$dir/alice" \
	    -m 'encrypted only' alice@localhost
	is "$kind: -s sends" $? 0
	ok "$kind: it comes" wait_for "$dir/phone.out" '"text": "encrypted o'
	unlike "$kind: nothing else did" "$dir/phone.out" 'verified only'
	say alice "/with bob@localhost /fingerprint $(of_peer bob fp)"
	wait_for "$dir/alice.out" '^success'
	peer other bob
	wait_for "$dir/other.out" '"ids": \[[0-9]+, [0-9]+\], "of": "bob'
	say alice '/wait device 5' '/msg bob@localhost for one'
	ok "$kind: a verified device reads on" wait_for "$dir/bob.out" \
	    '"text": "for one"'
	ok "$kind: a new one is warned of" wait_for "$dir/alice.out" \
	    "^warning.*POSSIBLE BREAKIN ATTEMPT.*fp=$(of_peer other fp)"
	ok "$kind: with what verifies it" wait_for "$dir/alice.out" \
	    "before /with bob@localhost /fingerprint $(of_peer other fp) ver"
	say alice "$(sed -n 's/^warning.* before \(\/with .*\) ver.*/\1/p' \
	    "$dir/alice.out")" '/msg bob@localhost for both'
	ok "$kind: once verified it reads" wait_for "$dir/other.out" \
	    '"text": "for both"'
	unlike "$kind: and nothing before" "$dir/other.out" 'for one'
	say alice "/with bob@localhost /revoke $(of_peer other fp)" \
	    '/msg bob@localhost without it'
	ok "$kind: a revoked key reads no more" wait_for "$dir/bob.out" \
	    '"text": "without it"'
	say other '{"do":"send","to":"alice@localhost","text":"hear me"}'
	ok "$kind: but is heard" wait_for "$dir/alice.out" \
	    "^message.*${tab}hear me${tab}enc=omemo${tab}trust=revoked"
	unlike "$kind: it did not read that" "$dir/other.out" 'without it'
	stop other
	stop phone
}

# more NAME PATTERN COUNT: so many lines of NAME match.
more()
{
	[ "$(grep -cE -e "$2" "$dir/$1.out")" -ge "$3" ]
}

# last_list NAME IDS: the last list of our devices that NAME has seen.
last_list()
{
	grep -E '("of": "alice|"do": "list")' "$dir/$1.out" | tail -n 1 |
	    grep -qE "\\[$2\\]"
}

# Another client of ours takes us off the list: we come back, thrice.
taken()
{
	peer phone alice
	for i in 1 2 3; do
		say phone '{"do":"list","ids":["own"]}'
		wait_until more phone '"do": "list"' "$i"
		ok "$kind: the list is repaired, $i" wait_until \
		    last_list phone '[0-9]+, [0-9]+'
	done
	say phone '{"do":"list","ids":["own"]}'
	ok "$kind: then it is only told" wait_for "$dir/alice.out" \
	    "^warning.*cause=conflict"
	# Both have seen that list before they look for the next one.
	wait_until more phone '"do": "list"' 4
	wait_until last_list phone '[0-9]+'
	wait_until last_list bob '[0-9]+'
	say alice /disconnect /connect
	ok "$kind: the next login repairs it again" wait_until \
	    last_list phone '[0-9]+, [0-9]+'
	wait_until last_list bob '[0-9]+, [0-9]+'
	stop phone
}

# Sessions that the other side has lost are healed, and what was lost is told.
healed()
{
	say bob '{"do":"forget","of":"alice@localhost"}'
	wait_for "$dir/bob.out" '"do": "forget"'
	say alice '/msg bob@localhost cannot be read'
	ok "$kind: it cannot be read there" wait_for "$dir/bob.out" \
	    '"got": "error"'
	say bob '{"do":"key","to":"alice@localhost"}'
	wait_for "$dir/bob.out" '"do": "key"'
	say bob '{"do":"send","to":"alice@localhost","text":"again"}'
	wait_for "$dir/alice.out" "^message.*${tab}again"
	say alice '/msg bob@localhost can be read'
	ok "$kind: and then again" wait_for "$dir/bob.out" \
	    '"text": "can be read"'
	stop alice
	rm "$dir/alice/omemo/bob@localhost"
	start alice "$jackline" -ck -f "$dir/alice"
	wait_for "$dir/alice.out" '^ok'
	keys=$(grep -c '"got": "key"' "$dir/bob.out")
	say bob '{"do":"send","to":"alice@localhost","text":"lost"}'
	ok "$kind: what we cannot read is told" wait_for "$dir/alice.out" \
	    "^warning.*bob@localhost.*cause=unreadable"
	ok "$kind: and healed by an empty message" wait_until more bob \
	    '"got": "key"' $((keys + 1))
	say bob '{"do":"send","to":"alice@localhost","text":"found"}'
	ok "$kind: so that the next is read" wait_for "$dir/alice.out" \
	    "^message.*${tab}found${tab}enc=omemo"
	stop alice
	stop bob
}

# Two of us.
each_other()
{
	one_of_us alice
	one_of_us carol
	say carol '/msg alice@localhost from us'
	ok "$kind: between two of us" wait_for "$dir/alice.out" \
	    "^message.*carol@localhost/t${tab}from us${tab}enc=omemo"
	say alice '/msg carol@localhost to us'
	ok "$kind: and back" wait_for "$dir/carol.out" \
	    "^message.*alice@localhost/t${tab}to us${tab}enc=omemo"
	ok "$kind: with a receipt" wait_for "$dir/alice.out" '^delivered'
	id=$(sed -n "s/^sent.*${tab}to us${tab}.*id=\\([^$tab]*\\).*/\\1/p" \
	    "$dir/alice.out")
	say alice '/with carol@localhost /correct to you'
	ok "$kind: a correction" wait_for "$dir/carol.out" \
	    "^message.*${tab}to you${tab}enc=omemo.*${tab}replaces=$id($tab|\$)"
	shared
	latest
	stop carol
	stop alice
}

# A key is verified by its URI, and what runs beside alice only sends.
shared()
{
	start beside "$jackline" -ck -f "$dir/alice" -r beside
	wait_for "$dir/beside.out" '^ok'
	set -- "$(sed -n "s/^device.*carol@localhost$tab\\([0-9]*\\)$tab.*\
fp=\\([0-9a-f]*\\).*/omemo-sid-\\1=\\2/p" "$dir/alice.out" | head -n 1)"
	say alice "/fingerprint xmpp:carol@localhost?$1" \
	    '/msg carol@localhost by its URI'
	ok "$kind: a key is verified by its URI" wait_for "$dir/alice.out" \
	    "^sent.*${tab}by its URI$tab.*enc=omemo${tab}trust=verified"
	say beside '/msg carol@localhost from beside'
	ok "$kind: which holds beside" wait_for "$dir/beside.out" \
	    "^sent.*${tab}from beside$tab.*enc=omemo${tab}trust=verified"
	seen_in carol alice 'from beside' omemo beside
	say carol '/msg alice@localhost to both'
	seen_in alice carol 'to both' omemo
	ok "$kind: what comes cannot be read with -r" wait_for \
	    "$dir/beside.out" "^warning.*carol@localhost/t$tab.*\
${tab}cause=unreadable${tab}enc=omemo"
	unlike "$kind: nor is it" "$dir/beside.out" '^message'
	say alice "/revoke xmpp:carol@localhost?$1" \
	    '/msg carol@localhost to nobody'
	ok "$kind: a key is revoked by its URI" wait_for "$dir/alice.out" \
	    '^error.*carol@localhost.*no device.*key that may be.*=policy'
	say alice "/fingerprint xmpp:carol@localhost?$1"
	stop beside
}

# Of /otr start and /encryption the later counts, whatever session is up.
latest()
{
	say carol '/go alice@localhost/t' '/otr start' 'by a session' \
	    '/encryption omemo' 'by devices' '/label otr /otr start' \
	    'by another session' '/encryption otr' 'by that session'
	seen_in alice carol 'by a session' otr
	seen_in alice carol 'by devices' omemo
	seen_in alice carol 'by another session' otr
	seen_in alice carol 'by that session' otr
	# The session of carol is no wish of alice, but counts where she has
	# none.
	say alice '/go carol@localhost/t' 'as the session is up'
	seen_in carol alice 'as the session is up' otr
	say alice '/encryption omemo' 'all the same'
	seen_in carol alice 'all the same' omemo
}

# seen_in NAME FROM TEXT ENC [RESOURCE]: the text came, so encrypted.
seen_in()
{
	ok "$kind: $3" wait_for "$dir/$1.out" \
	    "^message.*$2@localhost/${5-t}${tab}$3${tab}enc=$4$tab"
}

for kind in ${SERVERS:-prosody ejabberd}; do
	server "$kind" FRIENDS='alice bob'
	account alice
	account carol
	rm -f "$dir"/*.state
	one_of_us alice
	stop alice
	bundles
	strangers
	devices
	taken
	healed
	each_other
	server_down
	rm -rf "$dir/alice" "$dir/carol"
done
end
