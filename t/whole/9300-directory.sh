#!/bin/sh
# The configuration directory as the program uses it, without a server: what
# the original wrote, old forms, hostile content, --check.
. "$(dirname "$0")/lib.sh"

# sample NAME [COPY]: a copy of that sample in $dir/NAME or $dir/COPY, with a
# trust anchor and a callback that are there and a fingerprint that is one.
sample()
{
	rm -rf "${dir:?}/${2-$1}"
	cp -R "$root/t/samples/$1" "$dir/${2-$1}"
	chmod -R u+rwX,go= "$dir/${2-$1}"
	sed "s,/etc/[a-z/-]*\.\(pem\|crt\),$dir/certs/ca.crt,
	    s,/usr/local/bin/notify me,/bin/true,
	    s,AA:BB,$(printf %064d 0)," \
	    "$root/t/samples/$1/config.sexp" >"$dir/${2-$1}/config.sexp"
}

# run DIRECTORY [LINE...]: a session without a server; $dir/out, $dir/err and
# $status.
run()
{
	directory=$1
	shift
	printf '%s\n' "$@" |
	    timeout 100 "$jackline" -f "$directory" --fd-password "$dir/word" \
		>"$dir/out" 2>"$dir/err"
	status=$?
}

# same NAME A B: the same files with the same bytes, but for the lock.
same()
{
	diff -r -x .lock "$2" "$3" >"$dir/diff" 2>&1
	result $? "$1" || diag "$(head -n 20 "$dir/diff")"
}

server-certs "$dir/certs" example.org
echo word >"$dir/word"

# What the original wrote stays as it is.
for was in gen-full gen-min live-alice; do
	sample "$was"
	cp -R "$dir/$was" "$dir/$was.before"
	run "$dir/$was" /info '/contacts all' /quit
	is "$was: a session" "$status" 0
	unlike "$was: no warning" "$dir/out" '^(warning|error)'
	same "$was: nothing changed" "$dir/$was" "$dir/$was.before"
	"$jackline" --check -f "$dir/$was" >"$dir/out" 2>"$dir/err"
	is "$was: --check" $? 0
	like "$was: config.sexp is ok" "$dir/out" "^config.sexp${tab}ok\$"
	is "$was: all are ok" "$(cut -f2 "$dir/out" | sort -u)" ok
	is "$was: a line for each file" "$(wc -l <"$dir/out")" \
	    "$(find "$dir/$was" -type f ! -name '.*' | wc -l)"
	same "$was: --check changes nothing" "$dir/$was" "$dir/$was.before"
done

# A change there and back again leaves the bytes of the original.
cp -R "$root/t/samples/live-alice/users" "$dir/users.before"
run "$dir/live-alice" '/go bob@jl.test' '/log off' /info
is 'logging off' "$status" 0
ok 'is written' grep -q '(preserve_history false)' \
    "$dir/live-alice/users/bob@jl.test"
run "$dir/live-alice" '/go bob@jl.test' '/log on' /info
like 'logging on' "$dir/out" "^contact$tab.*${tab}logging=yes"
same 'is written as the original wrote it' "$dir/live-alice/users" \
    "$dir/users.before"
run "$dir/live-alice" '/go bob@jl.test' '/history 3'
is '/history' "$(field 4 history "$dir/out")" 'bob in room
encrypted again
/me waves'

# users.sexp becomes users/.
for was in legacy-v0 legacy-v2; do
	sample "$was"
	run "$dir/$was" /info
	is "$was: a session" "$status" 0
	ok "$was: users.sexp is gone" [ ! -e "$dir/$was/users.sexp" ]
	cp -R "$dir/$was" "$dir/$was.before"
	run "$dir/$was" /info '/go a@example.org' /info
	unlike "$was: all of users/ can be read" "$dir/out" '^(warning|error)'
	same "$was: and is no longer changed" "$dir/$was" "$dir/$was.before"
	"$jackline" --check -f "$dir/$was" >"$dir/out" 2>&1
	is "$was: --check" $? 0
done
# c@example.org has nothing to keep.
is 'legacy-v2: who is there' "$(ls -A "$dir/legacy-v2/users")" \
    "$(printf 'a@example.org\nb@example.org')"
ok 'legacy-v2: nothing is set aside' [ ! -e "$dir/legacy-v2/.users.sexp.torn" ]
is 'legacy-v0: who is there' "$(ls -A "$dir/legacy-v0/users")" \
    "$(sed -n 's/^user "\([^"]*\)".*/\1/p' \
	"$root/t/samples/legacy-v0.expected.txt" | sort)"
ok 'legacy-v0: what could not be read is set aside' \
    cmp "$dir/legacy-v0/.users.sexp.torn" "$root/t/samples/legacy-v0/users.sexp"

# refused NAME PATTERN: the start is refused so, and so says --check.
refused()
{
	find "$dir/bad" ! -name .lock | sort >"$dir/files"
	run "$dir/bad" /info
	is "$1: exit" "$status" 78
	like "$1: why" "$dir/err" "^jackline: .*$2"
	is "$1: no event" "$(cat "$dir/out")" ''
	timeout 100 "$jackline" --check -f "$dir/bad" >"$dir/out" 2>"$dir/err"
	is "$1: --check" $? 78
	find "$dir/bad" ! -name .lock | sort | cmp -s - "$dir/files"
	is "$1: nothing was made" $? 0
}

# warned NAME FILE PATTERN: FILE is told and left alone, all else goes on. What
# is in users/ is told when it is needed, as here where all are listed.
warned()
{
	rm -rf "$dir/bad.before"
	cp -R "$dir/bad" "$dir/bad.before"
	run "$dir/bad" '/go bob@jl.test' /info '/contacts all'
	is "$1: goes on" "$status" 0
	like "$1: a warning" "$dir/out" "^warning$tab.*$3"
	same "$1: nothing changed" "$dir/bad" "$dir/bad.before"
	timeout 100 "$jackline" --check -f "$dir/bad" >"$dir/out" 2>"$dir/err"
	is "$1: --check" $? 78
	like "$1: --check says so" "$dir/out" "^$2$tab.*"
	like "$1: one is not ok" "$dir/err" '^jackline: 1 of the files'
}

for file in config.sexp otr_dsa.sexp; do
	sample live-alice bad
	rm "$dir/bad/$file"
	refused "no $file" "$file.*--configure"
	ln -s "$dir/live-alice/$file" "$dir/bad/$file"
	refused "$file is a link" "$file"
	rm "$dir/bad/$file"
	mkfifo -m 600 "$dir/bad/$file"
	refused "$file is a FIFO" "$file"
	rm "$dir/bad/$file"
	mkdir -m 700 "$dir/bad/$file"
	refused "$file is a directory" "$file"
	rmdir "$dir/bad/$file"
	cp "$dir/live-alice/$file" "$dir/bad/$file"
	chmod 640 "$dir/bad/$file"
	refused "$file can be read by others" "$file"
	chmod 600 "$dir/bad/$file"
	truncate -s 1G "$dir/bad/$file"
	refused "$file is huge" "$file"
	: >"$dir/bad/$file"
	refused "$file is empty" "$file"
done
# unread NAME: as refused, of the password, which is not asked for here.
unread()
{
	timeout 100 "$jackline" -f "$dir/bad" </dev/null >"$dir/out" \
	    2>"$dir/err"
	is "$1: exit" $? 78
	like "$1: why" "$dir/err" '^jackline: .*password'
	timeout 100 "$jackline" --check -f "$dir/bad" >"$dir/out" 2>/dev/null
	is "$1: --check" $? 78
	like "$1: --check says so" "$dir/out" "^password$tab.*/password"
}

sample live-alice bad
chmod 644 "$dir/bad/password"
unread 'the password can be read by others'
rm "$dir/bad/password"
ln -s "$dir/word" "$dir/bad/password"
unread 'the password is a link'
rm "$dir/bad/password"
mkfifo -m 600 "$dir/bad/password"
unread 'the password is a FIFO'
if [ "$(id -u)" -eq 0 ]; then
	for file in config.sexp otr_dsa.sexp; do
		sample live-alice bad
		chown 65534 "$dir/bad/$file"
		refused "$file is of somebody else" "$file"
	done
	sample live-alice bad
	chown 65534 "$dir/bad"
	refused 'the directory is of somebody else' "$dir/bad"
fi
sample live-alice bad
chmod 777 "$dir/bad"
refused 'others can write to the directory' "$dir/bad"
sample live-alice bad
rm -r "$dir/bad/users"
ln -s "$dir/live-alice/users" "$dir/bad/users"
refused 'users/ is a link' users
sample live-alice bad
ln -s "$dir/live-alice/users/bob@jl.test" "$dir/bad/users/eve@jl.test"
refused 'a link in users/' 'users/eve@jl.test'
rm "$dir/bad/users/eve@jl.test"
mkfifo "$dir/bad/users/eve@jl.test"
refused 'a FIFO in users/' 'users/eve@jl.test'
rm "$dir/bad/users/eve@jl.test"
truncate -s 1G "$dir/bad/users/eve@jl.test"
refused 'a huge file in users/' 'users/eve@jl.test'

sample live-alice bad
cp "$dir/bad/users/bob@jl.test" "$dir/bad/users/eve@jl.test"
warned 'another JID inside' users/eve@jl.test \
    'users/eve@jl.test is left alone: .*another JID'
printf '(1 ((name ())\n (bare_jid (eve jl.test)) oh' \
    >"$dir/bad/users/eve@jl.test"
warned 'no record' users/eve@jl.test \
    'users/eve@jl.test is left alone: line 2, column [0-9]*: '
run "$dir/bad" '/go bob@jl.test' /info
unlike 'who needs only another record is not told' "$dir/out" '^warning'
run "$dir/bad" '/go bob@jl.test' '/with eve@jl.test /log on'
is 'who needs this one: exit' "$status" 74
like 'who needs this one is told' "$dir/out" \
    "^error$tab.*${tab}line=2${tab}cause=store"
rm "$dir/bad/users/eve@jl.test"
nasty=$(printf 'a\nerror\tx@y')
echo '(1 ())' >"$dir/bad/users/$nasty"
warned 'a name with a newline' 'users/a\\nerror\\tx@y' 'users/a\\nerror\\tx@y'
unlike 'makes no line of its own' "$dir/out" '^error'
rm "$dir/bad/users/$nasty"
echo junk >"$dir/bad/users/.x.tmp"
run "$dir/bad" /info
unlike 'a file with a dot is not looked at' "$dir/out" '^warning'
long=$(printf '%0230d@example.org' 0)
run "$dir/bad" "/go $long" '/log on' /info
is 'a JID too long for a file' "$status" 74
like 'is an error' "$dir/out" "^error$tab.*longer than.*${tab}cause=store"
like 'and it goes on' "$dir/out" "^ok$tab.*${tab}line=3\$"

# OMEMO: an identity that is damaged is refused, as text could go in the clear
# without it. The record of a contact keeps that contact from the clear.
sample live-alice bad
record='((encryption omemo)(verified false)(used true)(devices())'
record="$record(keys())(kept()))"
sealed()
{
	printf '(1 %s %s)' \
	    "$(printf %s "$1" | sha256sum | cut -c 1-32)" "$1"
}
for text in '' '(1' '(1 00 ((secret 00)))' \
    "$(sealed '((secret 00)(public 00))')"; do
	printf %s "$text" >"$dir/bad/omemo.sexp"
	chmod 600 "$dir/bad/omemo.sexp"
	case ${BUILD-}$text in
	*no-omemo*secret\ 00\)\(*) continue ;; # which checks the form only
	esac
	refused "an identity: $text" 'omemo.sexp: line 1, column [0-9]+: '
	like "an identity: $text: --check says where" "$dir/out" \
	    "^omemo.sexp$tab.*line 1, column [0-9]+: "
done
rm "$dir/bad/omemo.sexp"
mkdir -m 700 "$dir/bad/omemo"
for text in '' '(1' "(1 00 $record)" "$(sealed '((wish omemo))')"; do
	printf %s "$text" >"$dir/bad/omemo/bob@jl.test"
	chmod 600 "$dir/bad/omemo/bob@jl.test"
	warned "a record: $text" 'omemo/bob@jl.test' 'omemo/bob@jl.test is left'
	like "a record: $text: --check says where" "$dir/out" \
	    "^omemo/bob@jl.test${tab}line 1, column [0-9]+: "
done
rm "$dir/bad/omemo/bob@jl.test"
printf x >"$dir/bad/omemo/@device"
chmod 600 "$dir/bad/omemo/@device"
timeout 100 "$jackline" --check -f "$dir/bad" >"$dir/out" 2>"$dir/err"
is 'our device: --check' $? 78
like 'our device: where' "$dir/out" \
    "^omemo/@device${tab}line 1, column [0-9]+: "
rm "$dir/bad/omemo/@device"
for name in bob@jl.test Bob@jl.test @jl.test; do
	sealed "$record" >"$dir/bad/omemo/$name"
	chmod 600 "$dir/bad/omemo/$name"
done
timeout 100 "$jackline" --check -f "$dir/bad" >"$dir/out" 2>"$dir/err"
is 'a name that is no JID: --check' $? 78
is 'a name that is no JID: which' \
    "$(grep '^omemo/' "$dir/out" | LC_ALL=C sort)" \
    "$(for name in @jl.test Bob@jl.test; do
	printf 'omemo/%s\tthe name is not a bare JID: it is ignored\n' $name
done)
omemo/bob@jl.test${tab}ok"

# Every front of a configuration is refused, none crashes.
sample live-alice bad
size=$(wc -c <"$dir/live-alice/config.sexp")
at=0 odd=''
while [ "$at" -lt "$size" ]; do
	head -c "$at" "$dir/live-alice/config.sexp" >"$dir/bad/config.sexp"
	timeout 100 "$jackline" --check -f "$dir/bad" >"$dir/out" 2>"$dir/err"
	[ $? -eq 78 ] && grep -q '^config.sexp.*line [0-9]*, column' \
	    "$dir/out" || odd="$odd $at"
	at=$((at + 7))
done
is 'a cut configuration is refused by line and column' "$odd" ''

# One at a time, but with -r.
sample live-alice
cp -R "$dir/live-alice" "$dir/live-alice.before2"
start first "$jackline" -f "$dir/live-alice"
wait_for "$dir/first.out" '^hello'
run "$dir/live-alice" /info
is 'locked: exit' "$status" 78
like 'locked: why' "$dir/err" '^jackline: .*lock|another'
printf '/go bob@jl.test\n/log off\n/history 1\n' |
    timeout 100 "$jackline" -r beside -f "$dir/live-alice" >"$dir/out"
is '-r: beside' $? 0
like '-r: reads' "$dir/out" "^history$tab.*/me waves"
"$jackline" --check -f "$dir/live-alice" >"$dir/out"
is '--check: beside' $? 0
eof first
finish first
same '-r: changes nothing' "$dir/live-alice" "$dir/live-alice.before2"

"$jackline" --check -f "$dir/none" >"$dir/out" 2>"$dir/err"
is '--check without a directory' $? 78
like 'says so' "$dir/err" '^jackline: .*none: there is no such directory'
ok 'and makes none' [ ! -e "$dir/none" ]
end
