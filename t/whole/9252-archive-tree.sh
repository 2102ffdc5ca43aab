#!/bin/sh
# --tree reads the archive by itself where the configuration says so: what was
# said while the program was not running is in the logs of whom it is from,
# once, and nothing where the configuration does not say so.
. "$(dirname "$0")/lib.sh"

ii=$dir/tree
JACKLINE=$jackline
export JACKLINE

# online COUNT: the tree has been online so often.
online()
{
	[ "$(grep -c "^state.*${tab}online" "$ii/all")" -ge "$1" ]
} 2>/dev/null

# tree COUNT: starts it, for the COUNT-th time.
tree()
{
	start ii "$root/scripts/jackline-ii" -f "$dir/alice" "$ii"
	wait_until online "$1" || bail 'not online'
}

# count_is COUNT PATTERN: so many events match.
count_is()
{
	[ "$(grep -cE "$2" "$ii/all")" -eq "$1" ]
}

for kind in prosody ejabberd; do
	server $kind FRIENDS='alice bob'
	account alice -o ''
	account bob -o ''
	rm -rf "$dir/alice/positions" "$ii"
	sed -i '$s/)$/ (carbons true) (archive true))/' \
	    "$dir/alice/config.sexp"
	start bob "$jackline" -c -f "$dir/bob"
	start phone "$jackline" -c -r phone -f "$dir/alice"
	wait_for "$dir/bob.out" "${tab}online"
	wait_for "$dir/phone.out" "${tab}online"
	tree 1
	ok "$kind: a replay begins by itself" wait_for "$ii/all" \
	    "^replay.*state=started"
	ok "$kind: and ends" wait_for "$ii/all" "^replay.*state=done"
	printf '/msg bob@localhost hello\n' >"$ii/in"
	ok "$kind: a directory" wait_for "$ii/bob@localhost/out" '^acked'
	stop ii
	say bob '/msg alice@localhost/phone while it was away'
	wait_for "$dir/phone.out" 'while it was away'
	say phone '/msg bob@localhost from the phone'
	wait_for "$dir/phone.out" "^acked"
	tree 2
	ok "$kind: what bob said is in his log" wait_for \
	    "$ii/bob@localhost/out" "^message.*while it was away.*via=archive"
	ok "$kind: and what the phone said" wait_for \
	    "$ii/bob@localhost/out" "^own.*from the phone.*via=archive"
	say bob '/msg alice@localhost/phone a copy'
	ok "$kind: then copies" wait_for \
	    "$ii/bob@localhost/out" "^message.*a copy.*via=carbon"
	id=$(sed -n "s/^message.*a copy.*archived=\([^$tab]*\).*/\1/p" \
	    "$ii/bob@localhost/out")
	ok "$kind: its place is stored" wait_for \
	    "$dir/alice/positions/alice@localhost" "^$id "
	kill -KILL "$(pid ii)"
	finish ii
	say bob '/msg alice@localhost/phone while it was dead'
	wait_for "$dir/phone.out" 'while it was dead'
	tree 3
	ok "$kind: after a kill it goes on" wait_for \
	    "$ii/bob@localhost/out" "^message.*while it was dead.*via=archive"
	ok "$kind: to the end" wait_until count_is 3 "^replay.*state=done"
	is "$kind: what was said is told once" "$(awk -F '\t' '
	    $1 == "message" || $1 == "own" { print $4 }' \
	    "$ii/bob@localhost/out" | sort | uniq -c | tr -s ' \n' ' ')" \
	    "$(printf ' 1 %s' 'a copy' 'from the phone' 'while it was away' \
		'while it was dead') "
	stop ii

	# Nothing of that where the configuration does not say so.
	sed -i 's/ (carbons true) (archive true)//' "$dir/alice/config.sexp"
	say bob '/msg alice@localhost/phone unread'
	wait_for "$dir/phone.out" 'unread'
	tree 4
	say bob '/msg alice@localhost/t the end'
	ok "$kind: a live message" wait_for "$ii/bob@localhost/out" 'the end'
	unlike "$kind: no archive unasked" "$ii/bob@localhost/out" 'unread'
	ok "$kind: and no replay" count_is 3 "^replay.*state=started"
	stop ii
	stop bob
	stop phone
	server_down
done
end
