#!/bin/sh
# Histories and secrets over whole sessions with a server: what was said is on
# the disk before it is shown, survives a kill, and the three files that are
# written once are never opened for writing.
. "$(dirname "$0")/lib.sh"

server prosody FRIENDS='alice bob'
account alice -o ''
account bob -o ''
past=$dir/alice/histories/bob@localhost

# meet [COMMAND...]: alice comes, by way of COMMAND, and sees bob.
meet()
{
	start alice "$@" "$jackline" -c -f "$dir/alice" -g bob@localhost
	wait_for "$dir/alice.out" "^presence.*bob@localhost/t${tab}" ||
	    bail 'alice'
}

start bob "$jackline" -c -f "$dir/bob" -g alice@localhost
wait_for "$dir/bob.out" '^ok' || bail 'bob'
meet
say alice 'not kept' '/log on' 'first \ ("two") ö' /info
ok 'a message' wait_for "$dir/bob.out" "${tab}first "
say bob 'second'
ok 'an answer' wait_for "$dir/alice.out" "${tab}second${tab}"
like 'logging=yes' "$dir/alice.out" "^contact$tab.*${tab}logging=yes"
wait_for "$dir/alice.out" '^delivered.*line=3'
say alice '/history' '/log off' 'third'
ok 'and no more' wait_for "$dir/bob.out" "${tab}third${tab}"
say alice '/history 1'
ok '/history' wait_for "$dir/alice.out" "^ok$tab.*${tab}line=8\$"
eof alice
finish alice
is 'all is well' $? 0
is 'what was said is told' "$(field 4 history "$dir/alice.out")" \
    'first \\ ("two") ö
second
second'
like 'out' "$dir/alice.out" "^history${tab}[^${tab}]*${tab}alice@localhost\
${tab}first.*${tab}dir=out${tab}enc=none${tab}received=yes${tab}stamp=20"
like 'in' "$dir/alice.out" "^history${tab}[^${tab}]*${tab}bob@localhost/t${tab}\
second${tab}dir=in${tab}enc=none${tab}received=yes${tab}stamp=20[-0-9]*T"
cat >"$dir/wanted" <<'END'
(3(((direction(To((Full((bob localhost)t))ID)))(encrypted false)
(received true )(timestamp T)(message"first \\ (\"two\") \195\182")
(kind Chat))))
(3(((direction(From(Full((bob localhost)t))))(encrypted false)
(received true)(timestamp T)(message second)(kind Chat))))
END
sed 's/timestamp [0-9.]*/timestamp T/g; s/)t))[A-Za-z0-9_-]*)))/)t))ID)))/' \
    "$past" >"$dir/groups"
is 'as the original writes them' "$(cat "$dir/groups")" \
    "$(tr -d '\n' <"$dir/wanted")"
is 'mode' "$(stat -c %a "$past" "$dir/alice/histories")" '600
700'
ok 'nobody has a file for nothing' [ ! -e "$dir/alice/users/bob@localhost" ]
ok 'nothing of the other side' [ ! -e "$dir/bob/histories" ]

# A torn end is set aside, before it can swallow what follows.
printf '/go bob@localhost\n/log on\n' | "$jackline" -f "$dir/alice" >"$dir/out"
printf '(3(((direction(From(Ba' >>"$past"
meet
say alice 'after the tear'
ok 'goes on' wait_for "$dir/bob.out" "${tab}after the tear${tab}"
like 'a warning' "$dir/alice.out" "^warning$tab.*histories/bob@localhost: 22 \
bytes at its end are no whole record"
is 'is kept' "$(cat "$dir/alice/histories/.bob@localhost.torn")" \
    '(3(((direction(From(Ba'
say alice '/history'
ok 'the others are all there' wait_for "$dir/alice.out" \
    "^history.*${tab}after the tear$tab"
is 'all of them' "$(field 4 history "$dir/alice.out" | wc -l)" 3

# Killed in the middle of a flood: what was shown is there.
i=0
while [ $((i += 1)) -le 300 ]; do
	echo "flood $i"
done >"$dir/flood"
cat "$dir/flood" >"$dir/bob.in" &
pids="$pids $!"
wait_for "$dir/alice.out" "${tab}flood 50${tab}"
kill -KILL "$(pid alice)"
finish alice
"$jackline" --check -f "$dir/alice" >"$dir/out"
is 'after a kill: --check' $? 0
printf '/go bob@localhost\n/history 1000\n' |
    "$jackline" -f "$dir/alice" >"$dir/out"
field 4 message "$dir/alice.out" >"$dir/shown"
grep '^history.*flood' "$dir/out" | cut -f4 >"$dir/kept"
head -n "$(wc -l <"$dir/shown")" "$dir/kept" | cmp -s - "$dir/shown"
is 'after a kill: what was shown is on the disk' $? 0
ok 'after a kill: there is something' [ -s "$dir/shown" ]

# With -t only the record of the recipient is read, and that of whoever writes:
# carol is kept, and what is wrong with the others is not seen.
printf '/go carol@localhost\n/log on\n' |
    "$jackline" -f "$dir/alice" >"$dir/out"
echo '(1' >"$dir/alice/users/dave@localhost"
start alice "$jackline" -c -f "$dir/alice" -t bob@localhost
wait_for "$dir/alice.out" '^ok' || bail 'alice with -t'
account carol -o ''
printf '%s\n' /connect "/msg alice@localhost/t from carol" |
    "$jackline" -f "$dir/carol" >"$dir/carol.out" 2>&1
ok '-t: another writes' wait_for "$dir/alice.out" "${tab}from carol$tab"
ok '-t: and is kept' grep -q '(message"from carol")' \
    "$dir/alice/histories/carol@localhost"
unlike '-t: nobody else is read' "$dir/alice.out" '^warning'
eof alice
finish alice
is '-t: ends well' $? 0
"$jackline" -c -f "$dir/alice" </dev/null >"$dir/out"
like 'else all are, to log in' "$dir/out" \
    "^warning$tab.*users/dave@localhost is left alone: line 2, column"
rm "$dir/alice/users/dave@localhost"

# Over a whole session the three secrets are not opened for writing.
if command -v strace >/dev/null; then
	asan_trace
	sha256sum "$dir"/alice/[cop]* >"$dir/sums"
	meet strace -f -e trace=file,desc -o "$dir/trace"
	say alice '/log off' '/log on' 'traced' '/log off'
	ok 'traced: a session' wait_for "$dir/bob.out" "${tab}traced${tab}"
	eof alice
	finish alice
	is 'traced: ends well' $? 0
	for file in config.sexp otr_dsa.sexp password; do
		like "$file is read" "$dir/trace" "open[a-z0-9]*\(.*$file"
		grep -E "\"[^\"]*$file\"" "$dir/trace" |
		    grep -vE 'O_RDONLY|stat|access' >"$dir/changes"
		is "$file is opened for nothing else" \
		    "$(cat "$dir/changes")" ''
	done
	like 'the trace would show it' "$dir/trace" \
	    '(unlink|rename).*"bob@localhost"'
	sha256sum -c "$dir/sums" >"$dir/out" 2>&1
	is 'they are what they were' $? 0
fi
end
