#!/bin/sh
# --configure in a pipe: from nothing with each way to trust a server, nonsense,
# what exists and no longer fits, the end of the input, no room on the disk. All
# is written or nothing, and config.sexp, password and the keys stay as they
# are. OMEMO is asked for last, for a new account; scripts that know nothing of
# that question end their input before it, and do not get it.
. "$(dirname "$0")/lib.sh"

case ${BUILD-} in
*no-omemo*) has_omemo='' ;;
*) has_omemo=yes ;;
esac

# configure DIRECTORY [ANSWER...]: $status, $dir/out, $dir/err.
configure()
{
	directory=$1
	shift
	printf '%s\n' "$@" | timeout 300 "$jackline" --configure \
	    -f "$directory" >"$dir/out" 2>"$dir/err"
	status=$?
}

# asked: what was asked for, in one line.
asked()
{
	awk -F '\t' '$1 == "ask" { sub("what=", "", $5); printf "%s ", $5 }' \
	    "$dir/out"
}

# causes TAG: the causes of these events, in one line.
causes()
{
	awk -F '\t' -v tag="$1" '$1 == tag {
		for (i = 5; i <= NF; i++)
			if (sub("cause=", "", $i))
				printf "%s ", $i
	}' "$dir/out"
}

# fits NAME DIRECTORY: a session with it succeeds.
fits()
{
	printf '/connect\n' | timeout 100 "$jackline" -f "$2" >"$dir/session"
	is "$1: a session with it" $? 0
}

# sums DIRECTORY: what is in its three files.
sums()
{
	(cd "$1" && ls -i config.sexp otr_dsa.sexp password &&
	    sha256sum config.sexp otr_dsa.sexp password) 2>/dev/null
}

# grouped HEX: in groups of eight.
grouped()
{
	printf %s "$1" | sed 's/......../& /g; s/ $//'
}

more='hostname port certificate_hostname trust priority require_encryption
otr_v3 otr_v2 send_whitespace_tag whitespace_start_ake error_start_ake
notification_callback log_top carbons archive'
more=$(echo "$more" | tr '\n' ' ')
last=${has_omemo:+omemo }

# The authorities of the system come first. These are those of the test.
for kind in ejabberd prosody; do
	domain=localhost
	server $kind
	SSL_CERT_FILE=$ca
	export SSL_CERT_FILE
	configure "$dir/$kind-new/deep" alice@localhost/pad alice-pw y n y \
	    127.0.0.1 "$c2s" '' '' '' '' '' '' '' '' '' '' '' '' ''
	is "$kind: questions" "$(asked)" \
	    "jid password connect again more $more$last"
	is "$kind: login" "$status" 0
	like "$kind: what was found" "$dir/out" \
	    "^info$tab.*certificate is trusted, and the password is right"
	like "$kind: the authorities are written" \
	    "$dir/$kind-new/deep/config.sexp" "Trust_anchor $ca"
	fits "$kind" "$dir/$kind-new/deep"
	unset SSL_CERT_FILE

	# The way of a stranger to a server that nobody vouches for.
	pin=$(pin "$home/certs/server.crt")
	configure "$dir/$kind-pin" alice@localhost alice-wp y y 127.0.0.1 \
	    "$c2s" y alice-pw n
	is "$kind: a pin and a wrong password" "$(asked)" \
	    "jid password connect again hostname port pin password more $last"
	is "$kind: why" "$(causes warning)" \
	    'refused tls-untrusted auth-refused '
	is "$kind: written" "$status" 0
	like "$kind: names" "$dir/out" "^info$tab.*it is for .*localhost"
	like "$kind: dates" "$dir/out" \
	    "^info$tab.*valid from 20[-0-9]{8} to 20[-0-9]{8}$tab"
	like "$kind: the hash in groups" "$dir/out" \
	    "^info${tab}[^$tab]*$tab-$tab$(grouped "$pin")$tab"
	like "$kind: and for a script" "$dir/out" \
	    "^ask$tab.*what=pin${tab}secret=no${tab}cert=$pin\$"
	like "$kind: the pin is written" "$dir/$kind-pin/config.sexp" "$pin"
	is "$kind: the password to the byte" \
	    "$(od -c "$dir/$kind-pin/password")" "$(printf alice-pw | od -c)"
	fits "$kind: pinned" "$dir/$kind-pin"
	# The same resource elsewhere stays: nothing is bound.
	cp -R "$dir/$kind-pin" "$dir/$kind-other"
	start other "$jackline" -ck -f "$dir/$kind-other"
	wait_for "$dir/other.out" '^ok'
	configure "$dir/$kind-pin" p alice-pw y
	like "$kind: a login" "$dir/out" 'the password is right'
	say other /quit
	finish other
	is "$kind: disturbs no session" $? 0
	unlike "$kind: not for a moment" "$dir/other.out" 'waiting|conflict'
	configure "$dir/$kind-last" alice@localhost alice-wp y y 127.0.0.1 \
	    "$c2s" y alice-pw n
	[ "$kind" = prosody ] || server_down
done
is 'each line is answered' "$(field 5 ok "$dir/out" | tr '\n' ' ')" \
    "$(i=0; while [ $((i += 1)) -le 9 ]; do printf 'line=%s ' "$i"; done)"
is 'hello comes first' "$(head -n 1 "$dir/out" | cut -f 1,3-)" \
    "hello$tab-$tab$("$jackline" -V | head -n 1)${tab}lines=1"
is 'only one kind is secret' \
    "$(grep 'secret=yes' "$dir/out" | cut -f 5 | sort -u)" what=password
unlike 'which is shown nowhere' "$dir/out" 'alice-[pw]'
is 'mode' "$(stat -c '%a %n' "$dir/prosody-pin" "$dir/prosody-pin"/[cop]* |
    sed 's,/.*/,,')" '700 prosody-pin
600 config.sexp
600 otr_dsa.sexp
600 password'
"$jackline" --check -f "$dir/prosody-pin" >"$dir/check"
is '--check' $? 0
is 'of four, with features' "$(wc -l <"$dir/check")" 4
like 'its fingerprint' "$dir/out" "^success$tab.* fingerprint \
[0-9a-f]{8}( [0-9a-f]{8}){4}$tab.*fp=[0-9a-f]{40}\$"
fingerprint=$(sed -n 's/^success.*fp=//p' "$dir/out")

# Nothing leaves without a yes: five answers, and no connection.
configure "$dir/offline" xmpp:alice@localhost secret n "$pin" n
is 'offline' "$status" 0
is 'in five answers' "$(asked)" "jid password connect trust more $last"
like 'a resource is made up' "$dir/offline/config.sexp" \
    'jid alice@localhost/jackline'
configure "$dir/defaults" alice@localhost/pad '' n "$pin" n
is 'what holds without an answer' "$(cat "$dir/defaults/config.sexp")" \
    "((version 3) (jid alice@localhost/pad) (hostname ()) (port ())\
 (priority ())
 (authenticator
  (Fingerprint
   $pin))
 (otr_config
  ((policies
    (REQUIRE_ENCRYPTION SEND_WHITESPACE_TAG WHITESPACE_START_AKE
     ERROR_START_AKE))
   (versions (V3 V2))))
 (certificate_hostname ()) (notification_callback ()) (log_top false)
 (muc_max_stanzas ()) (carbons true) (archive true))"
ok 'no password: no file' [ ! -e "$dir/defaults/password" ]
cp "$ca" "$dir/trusted.pem"
configure "$dir/given" ' Alice@Example.Org/With Space ' "$(printf \
    'p\303\244ss "w\\x')" n "$(grouped "$pin")" y ::1 65535 XMPP.example.org \
    "$dir/trusted.pem" -128 n n Y no N yes '/bin/notify me' y n y
is 'what is given stands there' "$(tr -s '\n ' ' ' \
    <"$dir/given/config.sexp")" "((version 3) \
(jid \"alice@example.org/With Space\") (hostname (::1)) (port (65535)) \
(priority (-128)) (authenticator (Trust_anchor $dir/trusted.pem)) \
(otr_config ((policies (ERROR_START_AKE)) (versions (V2)))) \
(certificate_hostname (xmpp.example.org)) \
(notification_callback (\"/bin/notify me\")) (log_top true) \
(muc_max_stanzas ()) (archive true))"
is 'and the password to the byte' "$(cat "$dir/given/password")" \
    "$(printf 'p\303\244ss "w\\x')"

# Nonsense is told and asked for again.
long=$(head -c 70000 /dev/zero | tr '\0' x)
long_word=$(head -c 5000 /dev/zero | tr '\0' x)
configure "$dir/wrong" '' nobody @ a@ 'a@b c' "$(printf 'a@b/\377')" "$long" \
    alice@localhost ' x' "$(printf 'x\t')" "$(printf 'a\177')" "$long_word" \
    "$(printf '\302\255')" pw maybe n x 00 relative.pem "$dir/none.pem" \
    "$root/Makefile" "$dir" "$pin" 2 y 'x y' x@y x/y '*.example.org' \
    .example.org localhost 0 -1 65536 5222x 0x10 +5 99999999999999999999 1 \
    '*.example.org' . '' '' 128 -129 x 1.5 127 2 y n n y '' '' '' '' '' '' ''
is 'nonsense' "$status" 1
like 'why' "$dir/err" '^jackline: all is written'
is 'each told, with a reason' "$(field 4 error "$dir/out" | grep -c '^[^-]')" \
    "$(field 5 error "$dir/out" | wc -l)"
is 'so often' "$(causes error | wc -w)" 40
is 'by usage' "$(causes error | tr ' ' '\n' | sort -u | tr -d '\n')" usage
"$jackline" --check -f "$dir/wrong" >"$dir/check"
is 'and at last all is well' $? 0

# Of a version of OTR that is given up the other must be taken.
sed 's/(V3 V2)/(V3)/' "$dir/defaults/config.sexp" >"$dir/defaults/new"
chmod 600 "$dir/defaults/new"
mv "$dir/defaults/new" "$dir/defaults/config.sexp"
configure "$dir/defaults" everything '' '' n '' y '' '' '' '' '' '' n '' y \
    '' '' '' '' '' '' ''
is 'no version of OTR at all' "$(causes error)" 'usage '
like 'is not what is written' "$dir/defaults/config.sexp.new" 'versions .V2.'

# OMEMO: yes, no, by default yes, and nonsense.
omemo()
{
	rm -rf "$dir/omemo"
	configure "$dir/omemo" alice@localhost pw n "$pin" n "$@"
	is "OMEMO: $*" "$status" "$(($# > 1))"
	ls "$dir/omemo" >"$dir/list"
}
if [ -n "$has_omemo" ]; then
	for answer in n N no; do
		omemo "$answer"
		unlike 'no identity is made' "$dir/list" omemo
	done
	for answer in '' y Yes; do
		omemo "$answer"
		is 'the last question' "$(asked)" \
		    'jid password connect trust more omemo '
		is 'an identity' "$(stat -c '%a %h' "$dir/omemo/omemo.sexp")" \
		    '600 1'
		like 'its fingerprint' "$dir/out" "^success$tab.*OMEMO key has \
the fingerprint [0-9a-f]{8}( [0-9a-f]{8}){7}$tab.*fp=[0-9a-f]{64}\$"
		"$jackline" --check -f "$dir/omemo" >"$dir/check"
		is '--check' $? 0
		like '--check: of it' "$dir/check" "^omemo.sexp${tab}ok\$"
	done
	omemo maybe y
	is 'is asked again' "$(causes error)" 'usage '
	sum=$(sha256sum "$dir/omemo/omemo.sexp")
	configure "$dir/omemo" everything '' '' n '' n
	is 'what exists is not asked for' "$(asked)" \
	    'change jid password connect trust more '
	rm "$dir/omemo/config.sexp"
	configure "$dir/omemo" alice@localhost pw n "$pin" n
	is 'nor with a new configuration' "$(asked)" \
	    'jid password connect trust more '
	is 'and stays' "$(sha256sum "$dir/omemo/omemo.sexp")" "$sum"
fi

# Bytes behind the last answer are left to whoever reads next.
is 'nothing is read ahead' "$(printf '%s\n' alice@localhost pw n "$pin" n \
    ${last:+n} next | (
	"$jackline" --configure -f "$dir/ahead" >"$dir/out"
	cat
))" next

# What exists: shown, and changed beside it.
at=$dir/prosody-last
before=$(sums "$at")
configure "$at" ''
is 'nothing is to change' "$status" 0
is 'one question' "$(asked)" 'change '
like 'what there is' "$dir/out" "^info$tab.*$at holds the account alice@"
like 'the server' "$dir/out" "^info$tab.*server: 127.0.0.1, port $c2s"
like 'the trust' "$dir/out" "^info$tab.*$(grouped "$pin")"
like 'the fingerprint' "$dir/out" "fp=$fingerprint"
timeout 100 "$jackline" --configure -f "$at" </dev/null >"$dir/out"
is 'no answer changes nothing' $? 0
is 'nothing has changed' "$(sums "$at")" "$before"
configure "$at" password other n
is 'a new password' "$(asked)" 'change password connect '
is 'is written beside' "$(cat "$at/password.new")" other
is 'closed to others' "$(stat -c %a "$at/password.new")" 600
is 'the old ones stay' "$(sums "$at")" "$before"
like 'how to put it in place' "$dir/out" \
    "^info${tab}[^$tab]*$tab-${tab}mv $at/password.new $at/password$tab"
ok 'the configuration is the same' [ ! -e "$at/config.sexp.new" ]
configure "$at" p alice-pw y
is 'the same password: nothing' "$status" 0
like 'it says so' "$dir/out" "^info$tab.*nothing is changed"

# The server gets another certificate, the account another password.
server_down
rm -r "$home/certs"
server_again CERTS=
pin=$(pin "$home/certs/server.crt")
printf '/connect\n' | timeout 100 "$jackline" -f "$at" >"$dir/session" \
    2>"$dir/err"
is 'another certificate' $? 76
like 'the reason names --configure' "$dir/err" \
    "^jackline: .*; jackline --configure -f $at can change"
printf wrong >"$dir/word"
printf '/connect\n' | timeout 100 "$jackline" -f "$dir/prosody-new/deep" \
    --fd-password "$dir/word" >"$dir/session" 2>"$dir/err"
configure "$at" certificate y y
is 'it is shown and pinned' "$(asked)" 'change connect pin '
is 'beside the old one' "$status $(sums "$at")" "0 $before"
command=$(field 4 info "$dir/out" | grep '^mv ')
ok 'the command' sh -c "$command"
fits 'the new certificate' "$at"
is 'the rest is as it was' "$(sed "s/$pin/P/" "$at/config.sexp")" \
    "$(sed 's/[0-9a-f]\{64\}/P/' "$dir/prosody-pin/config.sexp" |
	sed "s/(port ([0-9]*))/(port ($c2s))/")"
printf alice-wp >"$at/password"
printf '/connect\n' | timeout 100 "$jackline" -f "$at" >"$dir/session" \
    2>"$dir/err"
is 'another password' $? 77
like 'the error names --configure' "$dir/session" \
    "^error$tab.*; jackline --configure -f $at can change"
configure "$at" password alice-qq y alice-pw
is 'a wrong one is asked for again' "$(asked)" \
    'change password connect password '
command=$(field 4 info "$dir/out" | grep '^mv ')
ok 'the command' sh -c "$command"
fits 'the new password' "$at"

# Both at once, in a directory that a shell could misread.
mv "$at" "$dir/it's \$a\\b"
at="$dir/it's \$a\\b"
configure "$at" everything '' new n "$ca" n
is 'everything' "$(asked)" 'change jid password connect trust more '
is 'one command' "$(field 4 info "$dir/out" | grep -c '^mv ')" 1
ok 'is good' sh -c "$(field 4 info "$dir/out" | grep '^mv ' |
    "$jackline" --unescape)"
is 'moves both' "$(cat "$at/password") $(grep -c Trust_anchor \
    "$at/config.sexp")" 'new 1'

# A trust anchor that has gone, and a configuration that cannot be read.
mv "$ca" "$ca.away"
"$jackline" -f "$at" </dev/null >"$dir/out" 2>"$dir/err"
is 'a trust anchor that has gone' $? 78
like 'names the way' "$dir/err" '; jackline --configure -f .* can change it'
printf alice-pw >"$at/password"
configure "$at" c y y
is 'the way' "$(asked)" 'change connect pin '
mv "$ca.away" "$ca"
fingerprint=$("$jackline" --configure -f "$at" </dev/null |
    sed -n 's/^success.*fp=//p')
echo '((version 3) (jid' >"$at/config.sexp"
before=$(sums "$at")
configure "$at" alice@localhost '' n "$pin" n
is 'a configuration that cannot be read' "$status" 0
like 'where' "$dir/out" "^warning$tab.*config.sexp: line 2, column 1"
is 'stays' "$(sums "$at")" "$before"
like 'the key too' "$dir/out" "fp=$fingerprint"
ok 'the command' sh -c "$(field 4 info "$dir/out" | grep '^mv ' |
    "$jackline" --unescape)"
"$jackline" --check -f "$at" >"$dir/check"
is 'is replaced by a good one' $? 0

# What is missing is made.
rm "$at/otr_dsa.sexp"
configure "$at" ''
is 'a key is missing' "$status" 0
ok 'and made' [ -s "$at/otr_dsa.sexp" ]
unlike 'another one' "$dir/out" "$fingerprint"
rm "$at/password"
configure "$at" password first n
is 'a password is made at once' "$(cat "$at/password")" first

# Of an old directory, where all is inside config.sexp, nothing is missing.
cp -R "$root/t/samples/legacy-v0" "$dir/old"
chmod -R u+rwX,go= "$dir/old"
sed "s,/etc/[a-z/-]*\.pem,$ca," "$root/t/samples/legacy-v0/config.sexp" \
    >"$dir/old/config.sexp"
key=$(sed -n 's/^config: own fingerprint //p' \
    "$root/t/samples/legacy-v0.expected.txt")
configure "$dir/old" ''
is 'an old directory' "$status" 0
like 'has a key' "$dir/out" "fp=$key"
is 'and gets no new one' "$(ls "$dir/old")" 'config.sexp
histories
users.sexp'
configure "$dir/old" password newer n
ok 'a new password for it' sh -c "$(field 4 info "$dir/out" | grep '^mv ')"
is 'is a file' "$(cat "$dir/old/password")" newer
configure "$dir/old" ''
like 'the key is the same' "$dir/out" "fp=$key"

# A certificate for another name, and one that has expired.
server_down
rm -r "$home/certs"
server-certs "$home/certs" other.example
make-config "$dir/name" alice@localhost/t "$c2s" \
    "$home/certs/ca.crt"
server_again
cp "$home/certs/ca.crt" "$ca"
make-config "$dir/name" alice@localhost/t "$c2s" "$ca"
configure "$dir/name" c y n other.example
is 'a certificate for another name' "$(asked)" \
    'change connect pin certificate_hostname '
is 'why' "$(causes warning)" 'tls-name '
like 'which name' "$dir/out" "^info$tab.*it is for other.example"
is 'that name will do' "$status" 0
like 'it is written' "$dir/name/config.sexp.new" \
    'certificate_hostname .other.example.'
server_down
(cd "$home/certs" && {
	openssl req -new -key server.key -subj /CN=localhost -out new.csr
	printf 'subjectAltName = DNS:localhost\n' >new.ext
	openssl x509 -req -in new.csr -CA ca.crt -CAkey ca.key -CAcreateserial \
	    -days -1 -extfile new.ext -out server.crt
	cat ca.crt >>server.crt
}) >"$dir/openssl.log" 2>&1
server_again
configure "$dir/name" c y y
is 'a certificate that has expired' "$(causes warning)" 'tls-expired '
is 'can be pinned' "$status" 0
like 'it is' "$dir/name/config.sexp.new" "$(pin "$home/certs/server.crt")"

# Nobody there, no name, nobody who answers.
server_down
free_port
configure "$dir/nobody" alice@localhost pw y y 127.0.0.1 "$port" n n
is 'nobody listens' "$(causes warning)" 'refused refused '
is 'which a script can see' "$status" 1
like 'in words' "$dir/err" '^jackline: all is written, but the login failed'
ok 'and all is written' [ -s "$dir/nobody/config.sexp" ]
configure "$dir/nowhere" alice@nowhere.invalid pw y n n
is 'no such name' "$(causes warning)" 'dns '
ok 'and all is written' [ -s "$dir/nowhere/config.sexp" ]

# The end of the input, a file in the way, no room: nothing is written.
for n in 0 1 2 3 4; do
	printf '%s\n' alice@localhost pw n "$pin" n | head -n $n |
	    timeout 100 "$jackline" --configure -f "$dir/cut" >"$dir/out" \
		2>"$dir/err"
	is "the input ends after $n" $? 78
	like 'why' "$dir/err" '^jackline: the input ended.*nothing was written'
	ok 'not even a directory' [ ! -e "$dir/cut" ]
done
printf '%s\n' p other | timeout 100 "$jackline" --configure -f "$dir/name" \
    >"$dir/out" 2>"$dir/err"
is 'in a change as well' $? 78
ok 'nothing is written' [ ! -e "$dir/name/password.new" ]
"$jackline" --configure -f "$dir/offline" >/dev/full 2>"$dir/err"
is 'nobody reads' $? 74
if command -v strace >/dev/null; then
	asan_trace
	for call in link linkat fsync; do
		for n in 1 2 3 4; do
			rm -rf "$dir/full"
			printf '%s\n' alice@localhost/pad pw n "$pin" n \
			    ${last:+y} | timeout 100 strace -o /dev/null \
				-e trace=$call \
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
	# However it ends, what was there is neither opened for writing nor
	# renamed nor removed.
	printf '%s\n' everything alice@localhost/x other n "$pin" n |
	    timeout 100 strace -f -o "$dir/trace" -e trace=file \
		"$jackline" --configure -f "$dir/name" >"$dir/out"
	is 'traced' $? 0
	grep -E '"(config.sexp|password|otr_dsa.sexp)"' "$dir/trace" |
	    grep -Ev 'O_RDONLY|newfstatat|access' >"$dir/touched"
	is 'the three files are only read' "$(cat "$dir/touched")" ''
	ok 'and the new ones written' \
	    [ -s "$dir/name/config.sexp.new" ]
fi
end
