#!/bin/sh
# OMEMO with a foreign client, python-omemo, on both servers: our device made
# and published, by --configure or by /omemo publish, text both ways, to those
# who are away, and after both sides were killed.
. "$(dirname "$0")/lib.sh"
. "$here/lib-omemo.sh"

# peer NAME ACCOUNT STATE: the foreign client.
peer()
{
	foreign "$1" "$2@localhost/peer-$1" "$3"
}

# of_peer NAME: the fingerprint that its device shows.
of_peer()
{
	sed -n 's/.*"fp": "\([0-9a-f]*\)", "got": "online".*/\1/p' \
	    "$dir/$1.out"
}

made()
{
	start alice "$jackline" -ck -f "$dir/alice"
	wait_for "$dir/alice.out" '^ok'
	say alice '/omemo info' '/omemo publish' '/omemo info'
	ok "$kind: OMEMO is off at first" wait_for "$dir/alice.out" \
	    "^error.*${tab}line=1${tab}cause=config"
	ok "$kind: then published" wait_for "$dir/alice.out" \
	    "^ok.*${tab}line=2\$"
	ok "$kind: our fingerprint" wait_for "$dir/alice.out" \
	    "^fingerprint.*alice@localhost${tab}[0-9a-f]{64}$tab.*enc=omemo"
	ok "$kind: the identity is a file" test -s "$dir/alice/omemo.sexp"
	ok "$kind: so is the device" test -s "$dir/alice/omemo/@device"
}

# An account that --configure has set up: the first message goes by OMEMO. What
# runs beside it, or before it, with -r, makes no device.
configured()
{
	printf '%s\n' carol@localhost/new carol-pw n "$ca" y 127.0.0.1 "$c2s" \
	    '' '' '' '' '' '' '' '' '' '' '' '' '' y |
	    timeout 100 "$jackline" --configure -f "$dir/carol" >"$dir/out"
	is "$kind: --configure" $? 0
	printf '%s\n' '/encryption omemo' 'too early' |
	    timeout 100 "$jackline" -c -f "$dir/carol" -r early \
		-g alice@localhost >"$dir/out"
	is "$kind: with -r there is no device yet" $? 1
	like "$kind: which is said" "$dir/out" "^error.*your OMEMO device is \
not made yet.*${tab}line=2${tab}cause=config"
	ok "$kind: none is made" [ ! -e "$dir/carol/omemo/@device" ]
	printf '/msg alice@localhost configured\n' |
	    timeout 100 "$jackline" -c -f "$dir/carol" >"$dir/out"
	is "$kind: without" $? 0
	ok "$kind: the first message is read" wait_for "$dir/alice.out" \
	    "^message.*carol@localhost/new${tab}configured${tab}enc=omemo"
	printf 'in time\n' | timeout 100 "$jackline" -c -f "$dir/carol" \
	    -r beside -g alice@localhost >"$dir/out"
	is "$kind: then with -r, too" $? 0
	ok "$kind: and that is read" wait_for "$dir/alice.out" \
	    "^message.*${tab}in time${tab}enc=omemo"
	"$jackline" --check -f "$dir/carol" >"$dir/out"
	is "$kind: --check" $? 0
	like "$kind: of the device, too" "$dir/out" "^omemo/@device${tab}ok\$"
	like "$kind: and the contact" "$dir/out" \
	    "^omemo/alice@localhost${tab}ok\$"
}

both_ways()
{
	peer bob bob bob.state
	say alice '/msg bob@localhost first of all'
	ok "$kind: sent" wait_for "$dir/alice.out" \
	    "^sent.*${tab}first of all${tab}.*${tab}enc=omemo\
${tab}trust=unverified"
	ok "$kind: read by the foreign client" wait_for "$dir/bob.out" \
	    '"got": "message".*"text": "first of all"'
	ok "$kind: acked" wait_for "$dir/alice.out" '^acked'
	unlike "$kind: nothing in the clear" "$dir/bob.out" \
	    '"got": "plain".*first of all'
	say bob '{"do":"send","to":"alice@localhost","text":"an answer"}'
	ok "$kind: their answer" wait_for "$dir/alice.out" \
	    "^message.*bob@localhost/peer-bob${tab}an answer${tab}enc=omemo\
${tab}trust=unverified${tab}src=live${tab}kind=chat${tab}.*\
fp=$(of_peer bob)"
	ok "$kind: a receipt for it" wait_for "$dir/bob.out" \
	    '"got": "receipt"'
	say alice "/with bob@localhost /fingerprint $(of_peer bob)"
	ok "$kind: verified" wait_for "$dir/alice.out" '^success'
	say alice '/msg bob@localhost the second' '/msg bob@localhost third'
	ok "$kind: to a verified key" wait_for "$dir/alice.out" \
	    "^sent.*${tab}third${tab}.*${tab}trust=verified"
	ok "$kind: which reads it" wait_for "$dir/bob.out" \
	    '"got": "message".*"text": "third"'
}

# Beside the one that runs, as from cron.
scripted()
{
	JACKLINE=$jackline exits "$kind: jackline-send -t" 0 \
	    "$root/scripts/jackline-send" -t -f "$dir/alice" -m 'by cron' \
	    bob@localhost
	ok "$kind: it is read" wait_for "$dir/bob.out" '"text": "by cron"'
	say alice '/msg bob@localhost after that'
	ok "$kind: and the ratchet goes on" wait_for "$dir/bob.out" \
	    '"text": "after that"'
}

killed()
{
	for i in 1 2 3; do
		kill -KILL "$(pid alice)" "$(pid bob)"
		finish alice
		finish bob
		start alice "$jackline" -ck -f "$dir/alice"
		wait_for "$dir/alice.out" '^ok'
		say alice "/msg bob@localhost/x while away $i"
		wait_for "$dir/alice.out" '^acked'
		peer bob bob bob.state
		ok "$kind: read when it comes back, $i" wait_for \
		    "$dir/bob.out" "\"text\": \"while away $i\""
		say bob '{"do":"send","to":"alice@localhost",'\
"\"text\":\"back $i\"}"
		ok "$kind: and answers, $i" wait_for "$dir/alice.out" \
		    "^message.*${tab}back $i${tab}enc=omemo${tab}trust=verified"
	done
}

for kind in ${SERVERS:-prosody ejabberd}; do
	server "$kind" FRIENDS='alice bob'
	account alice
	rm -f "$dir/bob.state"
	made
	configured
	both_ways
	scripted
	eof alice
	stop alice
	like "$kind: no key of a message is left" \
	    "$dir/alice/omemo/bob@localhost" '\(kept \(\)\)'
	start alice "$jackline" -ck -f "$dir/alice"
	wait_for "$dir/alice.out" '^ok'
	killed
	eof alice
	stop alice
	stop bob
	server_down
	rm -rf "$dir/alice" "$dir/carol"
done
end
