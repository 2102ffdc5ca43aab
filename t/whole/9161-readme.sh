#!/bin/sh
# The ten examples of README.md and some of the manuals, as they are printed
# there but for the names of servers, with the configuration that --configure
# makes by default.
# shellcheck disable=SC2154,SC2016 # of lib.sh; as they stand
. "$(dirname "$0")/lib.sh"
command -v dash >/dev/null || skip_all 'dash is not installed'

server prosody FRIENDS='alice bob carol'
policies='REQUIRE_ENCRYPTION SEND_WHITESPACE_TAG WHITESPACE_START_AKE'
for name in alice bob carol; do
	account $name -o "$policies ERROR_START_AKE"
done
mkdir -p "$dir/bin" "$dir/home/.config"
# Alice has OMEMO, as she who takes every default; the others do not.
printf '%s\n' alice@localhost/t alice-pw n "$ca" n '' |
    "$jackline" --configure -f "$dir/default" >"$dir/out"
is 'all defaults' $? 0
[ ! -e "$dir/default/omemo.sexp" ] || cp "$dir/default/omemo.sexp" "$dir/alice"
cp -R "$dir/alice" "$dir/home/.config/ocaml-xmpp-client"
ln -s "$jackline" "$root/scripts/jackline-send" "$root/scripts/jackline-bot" \
    "$dir/bin"
PATH=$dir/bin:$PATH
export PATH
start bob "$jackline" -ce -f "$dir/bob"
wait_for "$dir/bob.out" "${tab}online"

# The examples, each in a file of its own, with its number.
sed -n '/^```sh$/,/^```$/p' "$root/README.md" |
    sed 's/rooms\.example\.org/conference.localhost/g
	s/example\.org/localhost/g' |
    awk -v dir="$dir" '/^# [0-9]+\. / { n = $2 + 0 }
	n > 0 && !/^(#|```)/ { print >(dir "/example." n) }'
is 'there are ten' "$(find "$dir" -name 'example.*' | wc -l | tr -d ' ')" 10

# block PAGE N: makes example PAGE.N of what the N-th block of EXAMPLES says.
block()
{
	awk -v n="$2" '/^\.Sh/ { here = /EXAMPLES/ }
	    here && /^\.Bd/ { count++ }
	    here && count == n && /^\.Ed/ { exit }
	    here && count == n && !/^\./' "$root/man/$1" | sed 's/\\e/\\/g
	s/example\.org/localhost/g' >"$dir/example.$1.$2"
	[ -s "$dir/example.$1.$2" ] || bail "no example $2 in $1"
}

# example N: does it as alice; its output is in $dir/said.
example()
{
	HOME=$dir/home timeout 100 dash "$dir/example.$1" \
	    >"$dir/said" 2>"$dir/said.err" </dev/null
}

# told TEXT: bob was told TEXT, encrypted.
told()
{
	wait_for "$dir/bob.out" "^message.*${tab}$1${tab}enc=otr"
}

example 1
is '1: the login' "$(tail -n 1 "$dir/said")" 0
example 2
is '2: a message' $? 0
ok '2: is read' told hello
example 3
is '3: what a command writes' $? 0
ok '3: is read' told '.*load average.*'

example 4
is '4: nothing for a key that is not verified' "$?" 1
say bob /fingerprint
wait_for "$dir/bob.out" '^fingerprint'
fp=$(field 4 fingerprint "$dir/bob.out" | tail -n 1)
printf '%s\n' /connect "/with bob@localhost /fingerprint $fp" |
    HOME=$dir/home jackline -x >"$dir/verified"
is '4: it is verified' $? 0
example 4
is '4: and then it is sent' $? 0
ok '4: and read' told 'the door is open'

# The manuals: a letter, and a secret for another client of bob's.
printf 'a letter\n/quit\n' >"$dir/letter"
start pad "$jackline" -ce -r pad -f "$dir/bob"
wait_for "$dir/pad.out" "${tab}online"
for n in 4 2; do
	block jackline-lines.7 $n
	(cd "$dir" && example jackline-lines.7.$n)
	is "jackline-lines, $n" $? 0
done
ok 'a secret for one key and client' wait_for "$dir/pad.out" \
    "^message.*${tab}secret${tab}enc=otr"
stop pad
# letter: it came to either client of bob's.
letter()
{
	grep -qhE "^message.*${tab}a letter.n/quit(.n)?${tab}enc=otr" \
	    "$dir/pad.out" "$dir/bob.out"
}
ok 'a letter is one message' wait_until letter

example 5
is '5: the contacts' "$(grep -c '@localhost show=' "$dir/said")" 3
like '5: with their presence' "$dir/said" '^carol@localhost show=offline$'

example 8
is '8: a room' $? 0
like '8: has said it to us' "$dir/said" '^room.*the build is done.*mine=yes'

example 10
is '10: the configuration is right' $? 0

# begins N: example N goes on by itself, as $pid; its output is in $dir/said.N.
begins()
{
	HOME=$dir/home dash "$dir/example.$1" >"$dir/said.$1" \
	    2>"$dir/said.err" </dev/null &
	pid=$!
	pids="$pids $pid"
}

# ends_it: the jackline that an example has begun gets a SIGTERM.
ends_it()
{
	for process in $(pgrep -x jackline); do
		grep -qz "^HOME=$dir/home" "/proc/$process/environ" &&
		    kill "$process"
	done
	wait $pid
}

# Another client of bob's, which has had no session.
start pen "$jackline" -ce -r pen -f "$dir/bob"
wait_for "$dir/pen.out" "${tab}online"
say pen '/with alice@localhost /otrpolicy -require_encryption'
begins 7
say pen '/wait presence alice@localhost/t show=online 60' \
    '/msg alice@localhost/t a word for you'
wait $pid
is '7: a message ends it' $? 0
is '7: and is printed' "$(cat "$dir/said.7")" 'a word for you'

# The last of them: what it prints goes into a file when it ends.
begins 6
say pen '/wait presence alice@localhost/t show=online 60' \
    '/label said /msg alice@localhost/t more words'
ok '6: a message is delivered' wait_for "$dir/pen.out" \
    '^delivered.*label=said'
ends_it
like '6: sender and text are printed' "$dir/said.6" \
    "^bob@localhost/pen${tab}more words\$"

begins 9
say pen '/wait presence alice@localhost/t show=online 60' \
    '/with alice@localhost/t /otr start' '/msg alice@localhost/t small words'
ok '9: the bot answers' wait_for "$dir/pen.out" \
    "^message.*${tab}SMALL WORDS${tab}enc=otr"
ends_it

# Each line that a command writes, in the clear.
printf '#!/bin/sh\nprintf "%%s\\n" /quit "[1.0] kernel"\n' >"$dir/bin/dmesg"
chmod +x "$dir/bin/dmesg"
block jackline.1 3
example jackline.1.3
is 'each line that a command writes' "$(field 4 sent "$dir/said" |
    tr '\n' '|')" '/quit|[1.0] kernel|'
stop pen
stop bob
end
