#!/bin/sh
# What needs no server: options that print and exit, the codec as a filter,
# configurations that are refused, lines without a connection, and that
# nothing at all goes to the network before it is asked for.
. "$(dirname "$0")/lib.sh"

here_config() # DIR: a configuration that is good but for its server
{
	make-config "$dir/$1" me@example.invalid/t "$port" \
	    "$dir/certs/ca.crt"
}

# refused NAME STATUS PATTERN ARGUMENT...: jackline ends so and says why; $input
# is its input.
input=/dev/null
refused()
{
	name=$1 wanted=$2 pattern=$3
	shift 3
	timeout 100 "$jackline" "$@" <"$input" >"$dir/out" 2>"$dir/err"
	is "$name: status" $? "$wanted"
	like "$name: reason" "$dir/err" "^jackline: .*$pattern"
	is "$name: one line" "$(wc -l <"$dir/err")" 1
	is "$name: no event" "$(wc -c <"$dir/out")" 0
}

free_port
server-certs "$dir/certs" example.invalid
here_config me

# Options that print and exit.
is '-V' "$("$jackline" -V | head -n 1)" \
    "$(sed -n 's/^VERSION *= */jackline /p' "$root/Makefile")"
"$jackline" --help >"$dir/help"
is '--help exits' $? 0
is '--help fits 80 columns' "$(awk 'length > 80' "$dir/help")" ''
for option in -a -c -d -e -f -g -h -i -k -n -r -t -V -w -x --events \
    --escape --unescape --fd-password; do
	like "--help tells $option" "$dir/help" "(^|[ ,])$option([ ,=]|\$)"
done
is '-h is --help' "$("$jackline" -h)" "$(cat "$dir/help")"
"$jackline" --events >"$dir/events"
is '--events exits' $? 0
for tag in hello state ok error message sent acked delivered failed unknown \
    presence roster subscription otr smp contact session fingerprint help; do
	like "--events tells $tag" "$dir/events" "^[a-z]+$tab$tag($tab|\$)"
done
like '--events tells /connect' "$dir/events" "^command$tab/connect$tab"
refused 'an unknown option' 64 -Z -Z
refused 'an option without its argument' 64 -g -g
refused 'an argument that is none' 64 . -f "$dir/me" word
refused 'a bad JID' 64 '@@' -f "$dir/me" -g '@@'
refused 'a bad number' 64 -w -f "$dir/me" -w x
refused 'no FIFO' 64 FIFO -f "$dir/me" -i "$dir/me/password"
mkfifo -m 644 "$dir/fifo"
for mode in 664 646 622 666; do
	chmod $mode "$dir/fifo"
	refused "a FIFO of mode $mode" 64 "$dir/fifo: .*chmod" -f "$dir/me" \
	    -i "$dir/fifo"
done
chmod 644 "$dir/fifo"
echo /quit >"$dir/quit"
# Opened to read as well, so that nobody waits.
exec 8<>"$dir/fifo"
cat "$dir/quit" >&8
exits 'a FIFO as mkfifo makes it' 0 "$jackline" -f "$dir/me" -i "$dir/fifo"
if [ "$(id -u)" = 0 ]; then
	chown nobody "$dir/fifo"
	refused 'a FIFO of somebody else' 64 "$dir/fifo: .*somebody else" \
	    -f "$dir/me" -i "$dir/fifo"
	chown root "$dir/fifo"
else
	skip 4 'only root can give a FIFO away'
fi
exec 8<&-

# A password is no line and a line no password.
printf 'pw\n' >"$dir/lines"
input=$dir/lines
for option in password gui; do
	for from in 0 /dev/stdin "$dir/lines"; do
		refused "--fd-$option $from, which is the input" 64 \
		    "--fd-$option $from: " -f "$dir/me" --fd-$option "$from"
	done
done
refused '--fd-nfy, which is the input' 64 '--fd-nfy .*: ' -f "$dir/me" \
    --fd-nfy "$dir/lines"
refused '--fd-password, which is the FIFO' 64 '--fd-password .*: ' \
    -f "$dir/me" -i "$dir/fifo" --fd-password "$dir/fifo"
for option in password gui; do
	printf pw | timeout 100 "$jackline" -c -f "$dir/me" --fd-$option 0 \
	    >"$dir/out" 2>"$dir/err"
	is "--fd-$option 0, a pipe" $? 64
	like 'in words' "$dir/err" "^jackline: --fd-$option 0: "
	is 'and no event' "$(wc -c <"$dir/out")" 0
done
exec 8<>"$dir/fifo"
cat "$dir/quit" >&8
printf pw | timeout 100 "$jackline" -f "$dir/me" -i "$dir/fifo" \
    --fd-password 0 >"$dir/out"
is 'the password from a pipe, lines from a FIFO' $? 0
exec 8<&-
exits '/dev/null is many things' 0 "$jackline" -f "$dir/me" \
    --fd-nfy /dev/null --fd-gui /dev/null </dev/null
input=/dev/null

# A password that nobody can have.
here_config word
number=0
for word in '' '\n' ' \n\t ' 'a\000b' 'p\344ss' 'a\177' '\302\255' \
    '\303\244\001'; do
	# shellcheck disable=SC2059 # its escapes
	printf "$word" >"$dir/word/password"
	number=$((number + 1))
	refused "bad password $number in a file" 78 password -f "$dir/word" -c
	refused "bad password $number by a descriptor" 78 password \
	    -f "$dir/me" -c --fd-password "$dir/word/password"
done
printf 'p\303\244ss "w\134' >"$dir/word/password"
exits 'one that can be' 0 "$jackline" -f "$dir/word" </dev/null
head -c 5000 /dev/zero | tr '\0' x >"$dir/word/password"
refused 'a password that is too long' 78 password -f "$dir/word" -c

# A password that does not come holds up no signal.
start waits "$jackline" -c -f "$dir/me" -i "$dir/fifo" --fd-password 0
opened()
{
	find "/proc/$(pid waits)/fd" -lname "$dir/fifo" 2>/dev/null |
	    grep -q .
}
wait_until opened
stop waits
is 'a signal while the password is waited for' $? 78
like 'and why' "$dir/waits.err" '^jackline: password from 0: '

# The debug log.
: >"$dir/secret"
for mode in 604 640 620 602 644; do
	chmod $mode "$dir/secret"
	refused "a log of mode $mode" 64 "-d $dir/secret: others" \
	    -f "$dir/me" -d "$dir/secret"
done
chmod 600 "$dir/secret"
ln -s "$dir/secret" "$dir/linked"
ln -s "$dir/nothing" "$dir/dangling"
refused 'a log that is a link' 64 'symbolic link' -f "$dir/me" \
    -d "$dir/linked"
refused 'a log that is a link to nothing' 64 'symbolic link' -f "$dir/me" \
    -d "$dir/dangling"
ok 'nothing was made' [ ! -e "$dir/nothing" ]
refused 'a log that is a directory' 64 "-d $dir/me: " -f "$dir/me" -d "$dir/me"
refused 'a log that is a device' 64 '-d /dev/null: ' -f "$dir/me" -d /dev/null
umask 0
exits 'a new log' 0 "$jackline" -f "$dir/me" -d "$dir/fresh" </dev/null
umask 022
is 'is ours alone' "$(stat -c %a "$dir/fresh")" 600
if [ "$(id -u)" = 0 ]; then
	chown nobody "$dir/secret"
	refused 'a log of somebody else' 64 "-d $dir/secret: others" \
	    -f "$dir/me" -d "$dir/secret"
else
	skip 4 'only root can give a file away'
fi
is 'usage comes before the configuration' \
    "$(timeout 100 "$jackline" -f "$dir/none" -w x 2>&1 >&-; echo $?)" \
    "$(timeout 100 "$jackline" -f "$dir/me" -w x 2>&1 >&-; echo $?)"

# The codec.
noise 1 100000 >"$dir/random"
"$jackline" --escape <"$dir/random" >"$dir/escaped"
is '--escape exits' $? 0
printf %s "$(cat "$dir/escaped")" | "$jackline" --unescape >"$dir/back"
ok 'any bytes survive the codec' cmp "$dir/random" "$dir/back"
is 'they become one line' "$(wc -l <"$dir/escaped")" 1
is 'nothing that controls comes out but LF' \
    "$(tr -d '\n' <"$dir/escaped" | LC_ALL=C tr -cd '\000-\037\177' |
	wc -c)" 0
is 'the same in every locale' "$(LC_ALL=C "$jackline" --escape \
    <"$dir/random" | cksum)" "$(cksum <"$dir/escaped")"
is '-a leaves ASCII' "$("$jackline" -a --escape <"$dir/random" |
    LC_ALL=C tr -d '\n -~' | wc -c)" 0

# codec OPTION INPUT OUTPUT: both as printf's %b reads them.
codec()
{
	is "$1 of $(printf %s "$2" | tr '\134' /)" \
	    "$(printf %b "$2" | "$jackline" "$1" | od -An -v -tx1)" \
	    "$(printf %b "$3" | od -An -v -tx1)"
}
codec --escape '' '\\e\n'
codec --escape '-' '\\-\n'
codec --escape '-\n' '-\\n\n'
codec --escape '\n' '\\n\n'
codec --escape 'a\nb' 'a\\nb\n'
codec --escape 'two words\n\n' 'two words\\n\\n\n'
codec --escape '\0342\0202\0303\0251\0377' '\\xe2\\x82\0303\0251\\xff\n'
codec --unescape '' ''
codec --unescape '\n\n' '\n\n'
codec --unescape 'a' 'a'
codec --unescape '-\n\\e\n\\-\n-' '\n\n-\n'
codec --unescape 'a\\eb\n--\n- \n' 'ab\n--\n- \n'
codec --unescape '\0377\t\r\n\\x00\n' '\0377\t\r\n\0000\n'

# wrong INPUT WHERE BEFORE: an escape that is none; what stands before its line
# is written.
wrong()
{
	printf %b "$1" | "$jackline" --unescape >"$dir/out" 2>"$dir/err"
	is "--unescape: $2: status" $? 1
	is "--unescape: $2" "$(cat "$dir/err")" "jackline: $2"
	is "--unescape: $2: the lines before are written" \
	    "$(od -An -tx1 <"$dir/out")" "$(printf %b "$3" | od -An -tx1)"
}
wrong 'ok\nab\\qc\n' 'line 2, byte 3: unknown escape' 'ok\n'
wrong 'ok\n\n\\n.\0134' 'line 3, byte 4: unfinished escape' 'ok\n\n'
wrong '\\x4\n1' 'line 1, byte 1: unfinished escape' ''
wrong '\n\n-\n\\u{d800}' 'line 4, byte 1: \\u{} names no character' '\n\n\n'

# Each line is there as soon as it is whole.
start filter "$jackline" --unescape
say filter 'a\nb'
printf rest >"$dir/filter.in"
wait_for "$dir/filter.out" '^b$'
is '--unescape waits for the end of a line' "$(wc -l <"$dir/filter.out")" 2
eof filter
finish filter
is '--unescape exits' $? 0
is '--unescape writes line by line' "$(cat "$dir/filter.out")" "a
b
rest"
head -c 67108864 /dev/zero | "$jackline" --escape | wc -c >"$dir/out"
is '--escape takes 64 MiB' "$(cat "$dir/out")" 268435457
head -c 67108865 /dev/zero | "$jackline" --escape >"$dir/out" 2>"$dir/err"
is '--escape takes no more' $? 1
like '--escape says so' "$dir/err" '^jackline: .*64 MiB'
is '--escape writes nothing then' "$(wc -c <"$dir/out")" 0

# Configurations.
refused 'no directory' 78 "$dir/none" -f "$dir/none"
mkdir -m 700 "$dir/empty"
refused 'no config.sexp' 78 "$dir/empty/config\\.sexp" -f "$dir/empty"
here_config open
chmod 770 "$dir/open"
refused 'a directory that others write' 78 "$dir/open" -f "$dir/open"
here_config pw
chmod 640 "$dir/pw/password"
refused 'a password that others read' 78 "$dir/pw/password" -f "$dir/pw"
here_config link
mv "$dir/link/password" "$dir/word"
ln -s "$dir/word" "$dir/link/password"
refused 'a password that is a link' 78 "$dir/link/password" -f "$dir/link"
make-config -p - "$dir/nopw" me@example.invalid/t "$port" \
    "$dir/certs/ca.crt"
refused 'no password' 78 "$dir/nopw/password" -f "$dir/nopw" -c
here_config bad
sed 's/(log_top false)/(log_top perhaps)/' "$dir/me/config.sexp" \
    >"$dir/bad/config.sexp"
refused 'a value that is none' 78 \
    "$dir/bad/config\\.sexp: line [0-9]+, column [0-9]+: .*true or false" \
    -f "$dir/bad"
line=$(grep -n log_top "$dir/bad/config.sexp" | cut -d: -f1)
like 'and its line is right' "$dir/err" "line $line,"
printf '((version 3)' >"$dir/bad/config.sexp"
refused 'a file that ends early' 78 "$dir/bad/config\\.sexp: line 1" \
    -f "$dir/bad"
sed 's/version 3/version 4/' "$dir/me/config.sexp" >"$dir/bad/config.sexp"
refused 'a version to come' 78 "$dir/bad/config\\.sexp: line 1, .*0 to 3" \
    -f "$dir/bad"
make-config "$dir/anchor" me@example.invalid/t "$port" "$dir/nobody"
refused 'no trust anchor' 78 "$dir/nobody" -f "$dir/anchor"
make-config "$dir/anchor" me@example.invalid/t "$port" \
    "$dir/certs/ca.key"
refused 'a trust anchor without a certificate' 78 "$dir/certs/ca.key" \
    -f "$dir/anchor"
make-config "$dir/anchor" me@example.invalid/t "$port" abcd
refused 'a short fingerprint' 78 'config\.sexp: .*64' -f "$dir/anchor"
mkdir -p "$dir/home/.config"
cp -a "$dir/me" "$dir/home/.config/ocaml-xmpp-client"
is 'the directory of the original, by default' \
    "$(HOME=$dir/home timeout 100 "$jackline" </dev/null | cut -f1,3)" \
    "hello${tab}me@example.invalid/t"

# Lines without a connection: one answer each, in order, with its number.
printf '%s\n' '' hello '/msg a@b hello' /nonsense '/msg' '/go @@' \
    '/go a@b' hello /contacts '/wait' /help '/me is text' >"$dir/lines"
printf 'last, without an end' >>"$dir/lines"
timeout 100 "$jackline" -f "$dir/me" <"$dir/lines" >"$dir/out" 2>"$dir/err"
is 'errors give status 1' $? 1
like 'and a reason' "$dir/err" '^jackline: .'
is 'each line is answered once, in order' \
    "$(grep -oE "${tab}line=[0-9]+" <"$dir/out" | grep -o '[0-9]*$' |
	uniq | tr '\n' ' ')" '1 2 3 4 5 6 7 8 9 10 11 12 13 '
is 'the causes' "$(sed -n "s/^error.*${tab}cause=\\([a-z-]*\\).*/\\1/p" \
    "$dir/out" | tr '\n' ' ')" "no-contact not-connected unknown-command \
usage bad-jid not-connected usage not-connected not-connected "
like 'hello first' "$dir/out" "^hello$tab.*${tab}lines=1"
is 'hello is first' "$(head -n 1 "$dir/out" | cut -f1)" hello
is 'at least four columns, none empty' "$(awk -F '\t' \
    'NF < 4 { print } { for (i = 1; i <= NF; i++) if ($i == "") print }' \
    "$dir/out")" ''
printf '/help\n\n/status away\n' |
    timeout 100 "$jackline" -f "$dir/me" >"$dir/out"
is 'no error gives status 0' $? 0
printf '%s\n' /quit '/msg a@b not answered' |
    timeout 100 "$jackline" -f "$dir/me" >"$dir/out"
is 'nothing is answered after /quit' "$(field 5 error "$dir/out")" ''
printf '\377\n\001\n%s\n' "$(head -c 65537 /dev/zero | tr '\0' x)" |
    timeout 100 "$jackline" -f "$dir/me" -t a@b >"$dir/out" 2>/dev/null
is 'bytes that cannot be sent' "$(field 6 error "$dir/out" |
    tr '\n' ' ')" 'cause=bad-utf8 cause=bad-char cause=too-long '
printf '\\q\n\\x01\n\\xff\n\\\n' |
    timeout 100 "$jackline" -f "$dir/me" -et a@b >"$dir/out" 2>/dev/null
is 'escapes that cannot be sent' "$(field 6 error "$dir/out" |
    tr '\n' ' ')" \
    'cause=bad-escape cause=bad-char cause=bad-utf8 cause=bad-escape '
head -c 1048576 /dev/zero | tr '\0' x |
    timeout 100 "$jackline" -f "$dir/me" -t a@b >"$dir/out" 2>/dev/null
is '1 MB without a newline is one line' \
    "$(field 5,6 error "$dir/out" | tr '\n' ' ')" 'line=1 '
like 'refused as too long' "$dir/out" "${tab}cause=too-long"

# The end.
start me "$jackline" -f "$dir/me"
wait_for "$dir/me.out" '^hello'
refused 'a locked directory' 78 "$dir/me" -f "$dir/me"
stop me
is 'SIGTERM is /quit' $? 0
start me "$jackline" -f "$dir/me" -k
wait_for "$dir/me.out" '^hello'
eof me
ok '-k stays' running "$(pid me)"
stop me
is '-k ends by SIGTERM' $? 0
start me "$jackline" -f "$dir/me" -i "$dir/fifo"
wait_for "$dir/me.out" '^hello'
eof me
printf '/help quit\n' >"$dir/fifo"
ok '-i reads' wait_for "$dir/me.out" '^ok'
printf '/quit\n' >"$dir/fifo"
finish me
is '-i has no end but /quit' $? 0

# Standard output.
timeout 100 "$jackline" -f "$dir/me" </dev/null >&- 2>"$dir/err"
is 'standard output closed at start' $? 74
like 'and a reason' "$dir/err" '^jackline: .*output'
timeout 100 "$jackline" -f "$dir/me" </dev/null >/dev/full 2>"$dir/err"
is 'standard output full' $? 74
{
	timeout 100 "$jackline" -f "$dir/me" -k <"$dir/fifo" 2>"$dir/err"
	echo $? >"$dir/status"
} | head -n 1 >"$dir/out" &
sleep 60 >"$dir/fifo" &
pids="$pids $!"
ok 'a lost reader is noticed at once' wait_for "$dir/status" .
is 'and is 74' "$(cat "$dir/status")" 74
timeout 100 "$jackline" -f "$dir/me" <&- >"$dir/out" 2>&-
is 'standard input closed is an end' $? 0

# Not one packet.
asan_trace
printf '/go a@b\nhello\n/contacts\n/info\n' |
    timeout 100 strace -f -qq -o "$dir/trace" -e trace=network \
	"$jackline" -f "$dir/me" >"$dir/out" 2>/dev/null
like 'lines were answered' "$dir/out" '^error'
# The pair that leads to the helper reaches no further.
is 'nothing asks for another socket' \
    "$(sed 's/^[0-9]* *//; s/\[.*//' "$dir/trace")" \
    'socketpair(AF_UNIX, SOCK_STREAM, 0, '
printf '/connect\n' |
    timeout 100 strace -f -qq -o "$dir/trace" -e trace=network \
	"$jackline" -f "$dir/me" >"$dir/out" 2>/dev/null
like 'and strace would tell' "$dir/trace" 'connect\('
like 'to the address of the configuration alone' "$dir/trace" \
    "connect\\(.*htons\\($port\\).*127\\.0\\.0\\.1"
is 'once' "$(grep -c 'connect(' "$dir/trace")" 1

end
