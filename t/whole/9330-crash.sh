#!/bin/sh
# kill -9 at every system call by which the directory changes: each file is old
# or new, --check finds nothing wrong, and the next start finishes the work.
# Then each call fails by one of ERRORS in turn; SOAK=1 by each.
. "$(dirname "$0")/lib.sh"

command -v strace >/dev/null || skip_all 'no strace'
asan_trace
echo word >"$dir/word"
calls='mkdirat fchmod fchmodat write fsync renameat unlinkat'

# work: an old directory is moved, a contact is added, changed and dropped.
work()
{
	printf '%s\n' '/go new@example.org' '/log on' '/go a@example.org' \
	    '/log on' '/go b@example.org' '/log off' |
	    timeout 100 "$@" -f "$dir/d" --fd-password "$dir/word"
}

# fresh: the directory as the original left it.
cp -R "$root/t/samples/legacy-v2" "$dir/old"
chmod -R u+rwX,go= "$dir/old"
sed "s/AA:BB/$(printf %064d 0)/" "$root/t/samples/legacy-v2/config.sexp" \
    >"$dir/old/config.sexp"
fresh()
{
	rm -rf "$dir/d"
	cp -R "$dir/old" "$dir/d"
}

# moved: what the move alone makes of it, in $dir/moved.
fresh
timeout 100 "$jackline" -f "$dir/d" --fd-password "$dir/word" </dev/null \
    >"$dir/out"
is 'the move' $? 0
cp -R "$dir/d" "$dir/moved"
# done: what all of it makes, in $dir/done.
fresh
work "$jackline" >"$dir/out"
is 'all of it' $? 0
cp -R "$dir/d" "$dir/done"
ok 'something is done' [ -e "$dir/done/users/new@example.org" ]

# sums DIRECTORY: of its users' files.
sums()
{
	[ ! -e "$1/users" ] || find "$1/users" -name '[!.]*' -type f \
	    -exec sha256sum {} + | sed 's, .*/, ,'
}
{ sums "$dir/moved" && sums "$dir/done"; } >"$dir/sums"

# whole: says what is neither old nor new.
whole()
{
	sums "$dir/d" | grep -vxF -f "$dir/sums" | sed 's/$/ is torn/'
	if [ -e "$dir/d/users.sexp" ]; then
		cmp "$dir/d/users.sexp" "$root/t/samples/legacy-v2/users.sexp"
	else
		for file in "$dir"/moved/users/*; do
			leaf=${file##*/}
			[ -e "$dir/d/users/$leaf" ] ||
			    [ ! -e "$dir/done/users/$leaf" ] ||
			    echo "$leaf is gone"
		done
	fi
	"$jackline" --check -f "$dir/d" >"$dir/check" ||
	    grep -v "${tab}ok\$" "$dir/check"
}

kills=0 bad=''
for call in $calls; do
	n=0
	while [ $((n += 1)) -le 60 ]; do
		fresh
		work strace -o "$dir/trace" -e trace="$call" \
		    -e inject="$call:signal=KILL:when=$n" "$jackline" \
		    >"$dir/out" 2>"$dir/err"
		[ $? -eq 137 ] || break
		kills=$((kills + 1))
		found=$(whole)
		[ -z "$found" ] || bad="$bad $call $n: $found;"
		work "$jackline" >"$dir/out" 2>"$dir/err" ||
		    bad="$bad $call $n: no start: $(cat "$dir/err");"
		diff -r -x .lock "$dir/d" "$dir/done" >"$dir/diff" 2>&1 ||
		    bad="$bad $call $n: $(head -n 1 "$dir/diff");"
	done
done
is 'each file is old or new, and the next start ends it' "$bad" ''
ok "killed $kills times" [ "$kills" -ge 20 ]

# refuse ERROR CALL N: that one fails. Prints what is then not as it should be:
# an error event by cause=store, every line answered, exit 74, nothing torn.
refuse()
{
	fresh
	work strace -o "$dir/trace" -e trace="$2" \
	    -e inject="$2:error=$1:when=$3" "$jackline" \
	    >"$dir/out" 2>"$dir/err"
	status=$?
	grep -q INJECTED "$dir/trace" || return 1
	if [ "$status" -eq 78 ]; then
		[ ! -s "$dir/out" ] || echo 'events, then no start'
	elif [ "$status" -ne 74 ]; then
		echo "exit $status"
	else
		grep -q "^error$tab.*${tab}line=[-1-6]${tab}cause=store\$" \
		    "$dir/out" || echo 'no error event'
		[ "$(grep -cE "^(ok|error).*${tab}line=[1-6]" \
		    "$dir/out")" -eq 6 ] || echo 'no answer'
	fi
	whole
	return 0
}

errors=0 bad=''
for first in 1 ${SOAK:+2 3}; do
	for call in mkdirat fchmod fsync renameat unlinkat; do
		n=1
		set -- EIO ENOSPC EROFS EIO ENOSPC
		shift $((first - 1))
		while found=$(refuse "$1" $call $n); do
			# The lock holds whatever its mode.
			[ -z "$found" ] || [ "$call $n" = 'fchmod 1' ] ||
			    bad="$bad $1 $call $n: $found;"
			errors=$((errors + 1)) n=$((n + 1))
			set -- "$2" "$3" "$1"
		done
	done
done
least=20
[ -z "${SOAK-}" ] || least=60
note "$kills kills, $errors failures"
is 'each failure is told, and it goes on' "$bad" ''
ok "$errors failures" [ "$errors" -ge "$least" ]
end
