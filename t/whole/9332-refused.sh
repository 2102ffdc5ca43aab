#!/bin/sh
# The system refuses once, memory or a call, wherever a session asks for it: at
# each place (t/preload/fail.c) of a session with a login, OTR, OMEMO, two
# messages, the history and the archive; and the session is killed where it
# would change a file. Whatever comes of it, the status is true, the directory
# is right, nothing is in the clear, and the next session begins with what the
# last one left. PLACES of each kind; SOAK=1 all.
. "$(dirname "$0")/lib.sh"

[ -z "${SAN-}" ] || skip_all 'the sanitizer has memory of its own'
case ${BUILD-} in
*no-omemo*) skip_all 'built without OMEMO' ;;
esac

fail=$build/t/preload/fail.so
server "${SERVER:-prosody}" STANZAS=1 FRIENDS='alice bob carol'
account alice -o ''
account carol -o ''
printf '/omemo publish\n' | timeout 300 "$jackline" -c -f "$dir/carol" \
    >"$dir/out"
is 'one who is away has OMEMO' $? 0
cp -a "$dir/alice" "$dir/fresh"
start bob peer-otr.py bob@localhost/b bob-pw 127.0.0.1 "$c2s" "$ca"
wait_for "$dir/bob.out" '"got": "online"' || bail 'no foreign client'

# session [NAME=VALUE...]: all of it, in $dir/out and $dir/err; its status.
session()
{
	printf '%s\n' '/omemo publish' '/msg carol@localhost canary by OMEMO' \
	    '/go bob@localhost' '/log on' '/otr start' 'canary by OTR' \
	    '/history 9' '/go carol@localhost' '/archive 9' |
	    timeout -k 5 300 env "$@" "$jackline" -c \
	    -f "$dir/alice" >"$dir/out" 2>"$dir/err"
}

# begin_anew: alice has her account and nothing else.
begin_anew()
{
	rm -r "$dir/alice"
	cp -a "$dir/fresh" "$dir/alice"
}

# judge STATUS: says what of the last session is not as it should be.
judge()
{
	told=$(grep -cE "^(error|failed|unknown)$tab" "$dir/out")
	acked=$(grep -c "^acked$tab" "$dir/out")
	case $1 in
	0) [ "$told $acked" = '0 2' ] || echo "exit 0, but $told $acked" ;;
	1) [ "$told" -gt 0 ] || echo 'exit 1, but no error' ;;
	69 | 7[1-8] | 137) ;;
	*) echo "exit $1" ;;
	esac
	[ "$1" -eq 0 ] || [ "$1" -eq 137 ] || [ -s "$dir/err" ] ||
	    echo "exit $1 without a reason"
	"$jackline" --check -f "$dir/alice" >"$dir/check" ||
	    grep -v "${tab}ok\$" "$dir/check"
}

# refuse KIND PATTERN [NAME=VALUE...]: at the places of that kind, where the
# name of what is called matches.
refuse()
{
	kind=$1 pattern=$2
	shift 2
	truncate -s 4M "$dir/list"
	session LD_PRELOAD="$fail" FAIL_LIST="$dir/list" "$@"
	is "$kind: the session" "$? $(judge 0)" '0 '
	tr -d '\000' <"$dir/list" | grep -E " $pattern *\$" | sort \
	    >"$dir/places"
	count=$(wc -l <"$dir/places")
	step=1
	[ -n "${SOAK-}" ] || step=$((count / ${PLACES:-10} + 1))
	bad='' refused=0
	: >"$dir/ends"
	# libgcrypt would not survive that there is no randomness.
	some=$(awk -v step=$step 'NR % step == 0 || $2 == "getentropy" {
		print $1
	}' "$dir/places")
	for place in $some; do
		rm "$dir/list"
		truncate -s 64 "$dir/list"
		[ "$kind" != kill ] || begin_anew
		# Nobody need wait for an answer that will not come.
		session LD_PRELOAD="$fail:$build/t/preload/skip.so" QUIET=3000 \
		    FAIL_LIST="$dir/list" FAIL_AT="$place" "$@"
		status=$?
		echo $status >>"$dir/ends"
		! grep -q failed "$dir/list" || refused=$((refused + 1))
		found=$(judge $status)
		if [ "$kind" = kill ] && [ -z "$found" ]; then
			session
			found=$(judge $?)
		fi
		[ -z "$found" ] ||
		    bad="$bad $(grep "$place" "$dir/places"): $found;"
	done
	note "$kind: $count places, $refused failed;" \
	    "$(sort "$dir/ends" | uniq -c | tr '\n' ',')"
	is "$kind: the end is as it should be" "$bad" ''
	ok "$kind: it failed" [ "$refused" -gt 0 ]
}

refuse memory '.*'
refuse call '.*' FAIL_CALLS=1
changes='(write|pwrite|fsync|ftruncate|fchmod|mkdirat|unlinkat|renameat|linkat)'
[ -n "${PLACES-}" ] || PLACES=5
begin_anew
refuse kill "$changes" FAIL_CALLS=1 FAIL_KILL=1
session
is 'and all goes on' "$? $(judge 0)" '0 '
like 'what passed the server is known' "$home/server.log" '\?OTR'
unlike 'nothing went in the clear' "$home/server.log" canary
stop bob

# The plays: wherever memory is refused, it ends or goes on, and never crashes.
[ -n "${SOAK-}" ] || end
cd "$root" || exit
bad=''
for play in t/play/*.play; do
	rm "$dir/list"
	truncate -s 4M "$dir/list"
	env LD_PRELOAD="$fail" FAIL_LIST="$dir/list" \
	    "$build/t/unit/3000-play" "$play" >"$dir/out" 2>"$dir/err"
	tr -d '\000' <"$dir/list" | sort >"$dir/places"
	touch "$dir/known"
	some=$(comm -23 "$dir/places" "$dir/known" | cut -d' ' -f1)
	for place in $some; do
		env LD_PRELOAD="$fail" FAIL_AT="$place" \
		    "$build/t/unit/3000-play" "$play" >"$dir/out" 2>"$dir/err"
		status=$?
		[ $status -eq 0 ] || [ $status -eq 71 ] ||
		    bad="$bad $play $place: $status;"
	done
	sort -u -o "$dir/known" "$dir/places" "$dir/known"
done
note "plays: $(wc -l <"$dir/known") places"
is 'no play ends in another way' "$bad" ''
end
