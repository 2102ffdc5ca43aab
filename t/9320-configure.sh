#!/bin/sh
# --configure in a pipe: every branch, against a server whose certificate is
# looked at; what it writes serves for a session; all is written or nothing.
. "$(dirname "$0")/lib.sh"

domain=localhost
server prosody
account alice

# configure DIRECTORY [ANSWER...]: $status, $dir/out, $dir/err.
configure()
{
	directory=$1
	shift
	printf '%s\n' "$@" | timeout 60 "$jackline" --configure \
	    -f "$directory" >"$dir/out" 2>"$dir/err"
	status=$?
}

# asked: what was asked for, in one line.
asked()
{
	awk -F '\t' '$1 == "ask" { sub("what=", "", $5); printf "%s ", $5 }' \
	    "$dir/out"
}

first='jid priority hostname port password trust'
last="certificate_hostname otr_v3 otr_v2 require_encryption \
send_whitespace_tag whitespace_start_ake error_start_ake \
notification_callback log_top "

# A CA, and what holds without an answer.
configure "$dir/new/deep" alice@localhost/pad '' 127.0.0.1 "$c2s" alice-pw \
    '' "$ca" '' '' '' n n n n '' ''
is 'a new directory' "$status" 0
is 'hello comes first' "$(head -n 1 "$dir/out" | cut -f 1,3-)" \
    "hello$tab-$tab$("$jackline" -V)${tab}lines=1"
is 'the questions of the original' "$(asked)" \
    "$first trust_anchor $last"
is 'each answered' "$(field 5 ok "$dir/out" | tr '\n' ' ')" \
    "$(i=0; while [ $((i += 1)) -le 16 ]; do printf 'line=%s ' $i; done)"
is 'only one of them is secret' \
    "$(grep "secret=yes\$" "$dir/out" | cut -f 5)" what=password
unlike 'which is shown nowhere' "$dir/out" 'alice-pw'
like 'a default is shown' "$dir/out" '^ask.*\[localhost\]'
is 'mode' "$(stat -c '%a %n' "$dir/new/deep" "$dir/new/deep"/[cop]* |
    sed 's,/.*/,,')" '700 deep
600 config.sexp
600 otr_dsa.sexp
600 password'
is 'the password to the byte' "$(od -c "$dir/new/deep/password")" \
    "$(printf alice-pw | od -c)"
"$jackline" --check -f "$dir/new/deep" >"$dir/check"
is '--check' $? 0
is 'of three' "$(wc -l <"$dir/check")" 3
like 'its fingerprint' "$dir/out" \
    "^success$tab.*key is [0-9a-f]{40}$tab.*${tab}fp=[0-9a-f]{40}\$"
fingerprint=$(sed -n 's/^success.*fp=//p' "$dir/out")
printf '/connect\n/fingerprint\n' |
    timeout 30 "$jackline" -f "$dir/new/deep" >"$dir/session"
is 'a session with it' $? 0
like 'has that fingerprint' "$dir/session" "$fingerprint"

# What is there stays; what is missing is made.
sha256sum "$dir/new/deep"/[cop]* >"$dir/sums"
configure "$dir/new/deep"
is 'nothing is missing' "$status" 0
is 'nothing is asked for' "$(asked)" ''
like 'the fingerprint is told' "$dir/out" "$fingerprint"
sha256sum -c "$dir/sums" >"$dir/checked" 2>&1
is 'nothing was changed' $? 0
rm "$dir/new/deep/password"
configure "$dir/new/deep" other
is 'a password is missing' "$(asked)" 'password '
is 'and made' "$(cat "$dir/new/deep/password")" other
rm "$dir/new/deep/otr_dsa.sexp" "$dir/new/deep/password"
configure "$dir/new/deep" ''
is 'a key is missing' "$status" 0
ok 'and made' [ -s "$dir/new/deep/otr_dsa.sexp" ]
unlike 'another one' "$dir/out" "$fingerprint"
ok 'no password: no file' [ ! -e "$dir/new/deep/password" ]
like 'the configuration stayed' "$dir/sums" \
    "^$(sha256sum <"$dir/new/deep/config.sexp" | cut -d' ' -f1)"

# Of an old directory, where all is inside config.sexp, nothing is missing.
cp -R "$here/samples/legacy-v0" "$dir/old"
chmod -R u+rwX,go= "$dir/old"
sed "s,/etc/[a-z/-]*\.pem,$ca," "$here/samples/legacy-v0/config.sexp" \
    >"$dir/old/config.sexp"
configure "$dir/old"
is 'an old directory' "$status" 0
is 'has all' "$(asked)" ''
is 'the key too' "$(sed -n 's/^success.*fp=//p' "$dir/out")" \
    "$(sed -n 's/^config: own fingerprint //p' \
	"$here/samples/legacy-v0.expected.txt")"
is 'and gets no new one' "$(ls "$dir/old")" 'config.sexp
histories
users.sexp'

# The server's certificate is looked at, and pinned.
pin=$(pin "$home/certs/server.crt")
configure "$dir/pinned" alice@localhost/pad '' 127.0.0.1 "$c2s" alice-pw \
    n '' y '' '' '' n n n n '' ''
is 'pinned' "$status" 0
is 'by these questions' "$(asked)" "$first fingerprint pin $last"
like 'what was seen is told' "$dir/out" \
    "^info$tab.*$pin for .*localhost.*valid from 20[-0-9]* to 20[-0-9]*$tab"
like 'is what the configuration has' "$dir/pinned/config.sexp" "$pin"
printf '/connect\n' | timeout 30 "$jackline" -f "$dir/pinned" >"$dir/session"
is 'a session with it' $? 0
like 'shows the same' "$dir/session" "cert=$pin"
unlike 'the server heard of no login' "$home/server.log" 'auth.*alice.*fail'
configure "$dir/direct" alice@localhost/pad '' 127.0.0.1 "$c2s" '' \
    n '' n n "$pin" '' '' '' n n n n '' ''
is 'not trusted: asked again' "$(asked)" \
    "$first fingerprint pin trust fingerprint $last"
is 'and given by hand' "$status" 0

# Wrong answers are told and asked for again.
free_port
configure "$dir/wrong" nobody alice@localhost/pad 1000 5 'x y' 127.0.0.1 0 \
    "$port" ' x' '' z n 12 '' "$pin" '' '' '' '' '' '' '' '' ''
is 'wrong answers' "$status" 1
like 'why' "$dir/err" '^jackline: all is written'
is 'each told' "$(field 5 error "$dir/out" | tr '\n' ' ')" \
    'line=1 line=3 line=5 line=7 line=9 line=11 line=13 line=14 '
is 'by usage' "$(field 6 error "$dir/out" | sort -u)" 'cause=refused
cause=usage'
like 'nobody listens there' "$dir/out" "^error$tab.*${tab}line=14$tab"
"$jackline" --check -f "$dir/wrong" >"$dir/check"
is 'and at last all is well' $? 0
openssl genpkey -algorithm ED25519 -out "$dir/key.pem" 2>/dev/null
configure "$dir/wrong-ca" alice@localhost/pad '' '' '' '' y \
    "$dir/none.pem" "$here/make-config" "$dir/new" "$dir/key.pem" relative.pem \
    "$ca" '' '' '' '' '' '' '' '' ''
is 'files that are no use' \
    "$(field 5 error "$dir/out" | tr '\n' ' ')" \
    'line=7 line=8 line=9 line=10 line=11 '
ok 'then a good one' [ -s "$dir/wrong-ca/config.sexp" ]

# The end of the input, a file in the way, no room: nothing is written.
configure "$dir/cut" alice@localhost/pad '' '' ''
is 'the input ends' "$status" 78
like 'why' "$dir/err" '^jackline: the input ended.*nothing was written'
ok 'not even a directory' [ ! -e "$dir/cut" ]
mkdir -m 700 "$dir/way"
echo '((version 3) (jid' >"$dir/way/config.sexp"
chmod 600 "$dir/way/config.sexp"
configure "$dir/way" ''
is 'a configuration that cannot be read' "$status" 78
like 'where' "$dir/err" 'config.sexp: line 2, column 1'
ok 'is not made good by a key' [ ! -e "$dir/way/otr_dsa.sexp" ]
if command -v strace >/dev/null; then
	asan_trace
	for call in link linkat fsync; do
		for n in 1 2 3; do
			rm -rf "$dir/full"
			printf '%s\n' alice@localhost/pad '' '' '' pw n \
			    "$pin" '' '' '' '' '' '' '' '' '' |
			    timeout 60 strace -o /dev/null -e trace=$call \
				-e inject=$call:error=ENOSPC:when=$n \
				"$jackline" --configure -f "$dir/full" \
				>"$dir/out" 2>"$dir/err"
			status=$?
			[ $status -ne 0 ] || continue
			is "no room at $call $n" $status 74
			is "nothing is left of it at $call $n" \
			    "$(find "$dir/full" -type f ! -name .lock)" ''
		done
	done
fi
end
