#!/bin/sh
# A queue is killed at each call that changes a file (t/preload/fail.c), or that
# call fails: the directory is right, the next start tells what was not done,
# and what was done and written is told no more.
. "$(dirname "$0")/lib.sh"

[ -z "${SAN-}" ] || skip_all 'the sanitizer has memory of its own'

fail=$build/t/preload/fail.so
server prosody FRIENDS='alice carol'
account alice -o ''
account carol -o ''
echo /quit | "$jackline" -c --queue shop -f "$dir/alice" >"$dir/out"
is 'the queue begins' $? 0

# sends TEXT...: to alice, of whom the server has them then; the last is $last.
sends()
{
	printf '%s\n' "$@" >>"$dir/sent"
	last=$(tail -n 1 "$dir/sent")
	printf '/msg alice@localhost %s\n/wait acked\n' "$@" |
	    timeout 100 "$jackline" -cx -f "$dir/carol" >"$dir/out" ||
	    bail 'not sent'
}

# works [NAME=VALUE...]: alice works each message, says so, and ends behind the
# last. Her status is in $dir/status.
works()
{
	rm -f "$dir/in"
	mkfifo "$dir/in"
	exec 3<>"$dir/in"
	{
		timeout -k 5 100 env "$@" "$jackline" -c -i "$dir/in" \
		    --queue shop --only message -f "$dir/alice" 2>"$dir/err"
		echo $? >"$dir/status"
	} | while IFS=$tab read -r tag _ _ text rest; do
		[ "$tag" = message ] || continue
		echo "$text" >>"$dir/worked"
		echo "$rest" | tr '\t' '\n' | sed -n 's,^archived=,/done ,p' >&3
		[ "$text" != "$last" ] || echo /quit >&3
	done
	exec 3>&-
}

# refuse KIND STATUS [NAME=VALUE...]: at each place; what fits STATUS may come.
refuse()
{
	kind=$1 wanted=$2 bad='' hit=0
	shift 2
	sends "$kind.list.one" "$kind.list.two"
	rm -f "$dir/list"
	truncate -s 4M "$dir/list"
	works LD_PRELOAD="$fail" FAIL_CALLS=1 FAIL_LIST="$dir/list"
	is "$kind: as it should be" "$(cat "$dir/status")" 0
	tr -d '\000' <"$dir/list" | grep -E " $changes *\$" | sort \
	    >"$dir/places"
	count=$(wc -l <"$dir/places")
	places=$(cut -d' ' -f1 "$dir/places")
	for place in $places; do
		sends "$kind.$place.one" "$kind.$place.two"
		truncate -s 0 "$dir/list"
		truncate -s 64 "$dir/list"
		works LD_PRELOAD="$fail" FAIL_CALLS=1 FAIL_LIST="$dir/list" \
		    FAIL_AT="$place" "$@"
		! grep -q failed "$dir/list" || hit=$((hit + 1))
		grep -qxE "0|$wanted" "$dir/status" ||
		    bad="$bad $place: $(cat "$dir/status" "$dir/err");"
		"$jackline" --check -f "$dir/alice" >"$dir/check" ||
		    bad="$bad $place: $(grep -v "${tab}ok\$" "$dir/check");"
		grep -qx 0 "$dir/status" && continue
		sends "$kind.$place.next"
		works
		grep -qx 0 "$dir/status" || bad="$bad $place: not the next;"
	done
	note "$kind: $count places, $hit hit"
	is "$kind: the end and the directory" "$bad" ''
	ok "$kind: it was hit" [ "$hit" -gt 0 ]
}

changes='(write|pwrite|fsync|ftruncate|fchmod|mkdirat|unlinkat|renameat|linkat)'
: >"$dir/sent"
: >"$dir/worked"
refuse kill 137 FAIL_KILL=1
refuse fail '7[1-8]'
sort -u "$dir/worked" >"$dir/each"
is 'each message was worked' "$(sort "$dir/sent" | comm -3 - "$dir/each")" ''
is 'none more than twice' "$(sort "$dir/worked" | uniq -c |
    awk '$1 > 2 { print $2 }')" ''
ok 'most once' [ "$(sort "$dir/worked" | uniq -u | wc -l)" -ge \
    $(($(wc -l <"$dir/sent") / 2)) ]
end
