# What encryption costs: CPU of a message between two jacklines through Prosody,
# in the clear, by OTR and by OMEMO, for who sends and who receives.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

# sent HOW LINE...: a session that LINE... prepares, then $count messages.
sent_secretly()
{
	how=$1
	shift
	rm -f "$dir/secret.in"
	mkfifo "$dir/secret.in"
	exec 3<>"$dir/secret.in"
	background secret "$jackline" -ck -i "$dir/secret.in" -f "$dir/alice" \
	    -g bob@localhost/bench
	wait_for "$dir/secret.out" '^ok.*line=0'
	[ $# -eq 0 ] || printf '%s\n' "$@" >&3
	echo "begin $how" >&3
	wait_for "$dir/bob.out" "${tab}begin $how$tab"
	before=$(cpu "$pid") bob_before=$(cpu "$bob") begun=$(milliseconds)
	{
		seq -f "$how %g" $count
		echo "end $how"
	} >&3
	wait_for "$dir/bob.out" "${tab}end $how$tab"
	wait_for "$dir/secret.out" \
	    "^(acked|delivered).*line=$((count + $# + 2))$tab"
	waited "$pid" $(($(milliseconds) - begun))
	echo "$how $(cpu "$pid") $before $(cpu "$bob") $bob_before" |
	    awk -v n=$count '{ print $1, ($2 - $3) * 1000 / n,
		($4 - $5) * 1000 / n }' >>"$dir/secrets"
	stop "$pid"
	exec 3>&-
}

prosody
count=1000
: >"$dir/secrets"
background bob "$jackline" -ck -f "$dir/bob"
bob=$pid
wait_for "$dir/bob.out" '^ok'
sent_secretly clear
sent_secretly OTR '/otr start'
stop "$bob"
for name in alice bob; do
	echo '/omemo publish' |
	    "$jackline" -c -f "$dir/$name" >"$dir/publish.out"
done
if grep -q 'built without OMEMO' "$dir/publish.out"; then
	echo '(no OMEMO in this build)'
else
	background bob "$jackline" -ck -f "$dir/bob"
	bob=$pid
	wait_for "$dir/bob.out" '^ok'
	sent_secretly OMEMO '/encryption omemo'
	stop "$bob"
fi
while read -r how sender receiver; do
	row 'CPU of one sent' "$how" "$sender" us
done <"$dir/secrets"
while read -r how sender receiver; do
	row 'CPU of one received' "$how" "$receiver" us
done <"$dir/secrets"
# What follows is in the clear again.
rm -rf "$dir/alice" "$dir/bob"
for name in alice bob; do
	t/server/make-config -o '' "$dir/$name" "$name@localhost/bench" \
	    "$port" "$dir/ca.crt"
done
