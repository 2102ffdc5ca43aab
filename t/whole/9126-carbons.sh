#!/bin/sh
# Carbons through both servers: alice is here twice, with /carbons on and as
# `phone`, and talks with bob; who has not asked for copies gets none.
. "$(dirname "$0")/lib.sh"

B='bob@localhost/t' # where each process writes from
P='alice@localhost/phone'

# seen WHO NAME PATTERN: WHO has such an event, in the end.
seen()
{
	ok "$kind: $2" wait_for "$dir/$1.out" "$3"
}

# archived WHO: the id in the archive of what went to the phone.
archived()
{
	sed -n "/^message$tab.*to the phone/s/.*archived=\([^$tab]*\).*/\1/p" \
	    "$dir/$1.out"
}

# copied: what is said on the phone, and what it gets.
copied()
{
	say phone "/msg $B from the phone"
	seen alice 'what the phone says is own' \
	    "^own${tab}[^$tab]*${tab}$B${tab}from the phone$tab.*${tab}src=live\
$tab.*${tab}via=carbon${tab}from=$P\$"
	say bob "/msg $P to the phone"
	seen phone 'it comes there' "^message$tab.*${tab}to the phone$tab"
	seen alice 'and is copied' "^message${tab}[^$tab]*${tab}$B\
${tab}to the phone$tab.*${tab}via=carbon${tab}to=$P\$"
	say phone '/correct from the phone, corrected'
}

for kind in prosody ejabberd; do
	server $kind FRIENDS='alice bob'
	account alice -o ''
	account bob -o ''
	start bob "$jackline" -ce -f "$dir/bob"
	start alice "$jackline" -ce -f "$dir/alice"
	wait_for "$dir/bob.out" '^ok' && wait_for "$dir/alice.out" '^ok'
	say alice '/carbons on'
	seen alice 'carbons are on' "^ok$tab.*${tab}line=1\$"
	start phone "$jackline" -ce -r phone -f "$dir/alice" -g "$B"
	start beside "$jackline" -ce -r beside -f "$dir/alice"
	wait_for "$dir/phone.out" '^ok' && wait_for "$dir/beside.out" '^ok'
	copied
	seen alice 'a correction' "^own$tab.*corrected$tab.*${tab}replaces=\
$(sed -n "s/^sent$tab.*from the phone$tab.*id=\([^$tab]*\).*/\1/p" \
	    "$dir/phone.out" | head -n 1)$tab"
	is "$kind: both have one id in the archive" "$(archived alice)" \
	    "$(archived phone)"

	# A receipt is the phone's to give, and comes once.
	seen bob 'one receipt' "^delivered$tab.*$P$tab"

	# Copies survive a resumption, and a session that is begun anew.
	kill -STOP "$(pid alice)"
	say phone 'while it slept'
	seen phone 'it is acked' "^acked$tab.*${tab}line=3$tab"
	kill -CONT "$(pid alice)"
	seen alice 'a copy waits' "^own$tab.*while it slept$tab"
	say alice '/disconnect' '/connect'
	seen alice 'another session' "^ok$tab.*${tab}line=3\$"
	say phone 'after that'
	seen alice 'has copies, too' "^own$tab.*after that$tab"
	say alice '/carbons off'
	seen alice 'off' "^ok$tab.*${tab}line=4\$"
	say phone 'not copied'
	seen phone 'is sent' "^acked$tab.*${tab}line=4$tab"
	say bob '/msg alice@localhost/t over'
	seen alice 'the last' "^message$tab.*${tab}over$tab"
	unlike "$kind: nothing after off" "$dir/alice.out" 'not copied'

	# Each once; and nothing where nobody has asked.
	is "$kind: each is told once" "$(awk -F '\t' '$1 == "own" ||
	    $1 == "message" { print $4 }' "$dir/alice.out" | sort | uniq -d)" ''
	eof phone
	finish phone
	eof beside
	finish beside
	unlike "$kind: no copy unasked" "$dir/beside.out" '^own|via='
	eof alice
	finish alice
	is "$kind: all was well" $? 0
	eof bob
	finish bob
	server_down
done
end
