#!/bin/sh
# Reaching and leaving a server, and all that can go wrong, with the exit
# status and the cause of each; on both servers.
. "$(dirname "$0")/lib.sh"

# in_vain NAME STATUS CAUSE DIR [OPTION...]: jackline -c ends so.
in_vain()
{
	name="$kind: $1" wanted=$2 cause=$3 at=$dir/$4
	shift 4
	echo '/help quit' | timeout 100 "$jackline" -c -f "$at" "$@" \
	    >"$dir/out" 2>"$dir/err"
	is "$name: status" $? "$wanted"
	like "$name: state" "$dir/out" \
	    "^state${tab}[^$tab]*${tab}[^$tab]*${tab}offline${tab}cause=$cause"
	is "$name: the line of -c" "$(field 5 error "$dir/out" |
	    head -n 1)" line=0
	like "$name: reason" "$dir/err" "^jackline: .+"
	is "$name: one line of it" "$(wc -l <"$dir/err")" 1
}

for kind in prosody ejabberd; do
	server "$kind"
	account alice -o ''
	account bob -o ''

	printf '/connect\n/help quit\n' | timeout 100 "$jackline" \
	    -f "$dir/alice" >"$dir/out" 2>"$dir/err"
	is "$kind: login" $? 0
	is "$kind: nothing on standard error" "$(cat "$dir/err")" ''
	is "$kind: the states" "$(field 4,5 state "$dir/out" | tr '\n' ' ')" \
	    'connecting online offline '
	grep "^state.*online" "$dir/out" >"$dir/online"
	for attribute in host=127.0.0.1 "port=$c2s" addr=127.0.0.1 tls=1.2 \
	    'cipher=TLS_ECDHE_[A-Z0-9_]*GCM[A-Z0-9_]*' \
	    "cert=$(pin "$home/certs/server.crt")" \
	    'sasl=SCRAM-SHA-[0-9]+-PLUS' resumed=no; do
		like "$kind: online tells $attribute" "$dir/online" \
		    "$tab$attribute($tab|\$)"
	done
	echo 'alice-pw' >"$dir/word"
	timeout 100 "$jackline" -c -f "$dir/alice" -r other --fd-password \
	    "$dir/word" </dev/null >"$dir/out"
	is "$kind: --fd-password by path" $? 0
	like "$kind: -r is the resource" "$dir/out" \
	    "^state${tab}[^$tab]*${tab}alice@localhost/other${tab}online"
	timeout 100 "$jackline" -c -f "$dir/alice" --fd-password 5 \
	    5<"$dir/word" </dev/null >"$dir/out"
	is "$kind: --fd-password by number" $? 0
	make-config "$dir/pinned" alice@localhost/t "$c2s" \
	    "$(pin "$home/certs/server.crt")"
	timeout 100 "$jackline" -c -f "$dir/pinned" </dev/null >"$dir/out"
	is "$kind: the right fingerprint" $? 0

	# What must not go well.
	echo wrong >"$dir/word"
	in_vain 'wrong password' 77 auth-refused alice --fd-password \
	    "$dir/word"
	make-config "$dir/nobody" nobody@localhost/t "$c2s" "$ca"
	in_vain 'no such account' 77 auth-refused nobody
	server-certs "$dir/foreign" localhost
	make-config "$dir/foreigner" alice@localhost/t "$c2s" \
	    "$dir/foreign/ca.crt"
	in_vain 'unknown authority' 76 tls-untrusted foreigner
	like "$kind: and shows the certificate" "$dir/out" \
	    "${tab}cert=$(pin "$home/certs/server.crt")"
	account renamed -c other.example
	in_vain 'wrong name' 76 tls-name renamed
	make-config "$dir/pinned" alice@localhost/t "$c2s" \
	    "$(pin "$dir/foreign/server.crt")"
	in_vain 'wrong fingerprint' 76 tls-pin pinned
	like "$kind: and shows the right one" "$dir/out" \
	    "${tab}cert=$(pin "$home/certs/server.crt")"

	# The server goes in mid-session, and comes again.
	start alice "$jackline" -ck -f "$dir/alice"
	ok "$kind: in session" wait_for "$dir/alice.out" "^ok"
	server_down TERM
	ok "$kind: the server left" wait_for "$dir/alice.out" \
	    "^state.*${tab}waiting${tab}cause=.*in="
	server_again
	say alice '/msg bob@localhost waited'
	ok "$kind: and came back, the line waited" \
	    wait_for "$dir/alice.out" "^acked.*${tab}line=1$tab"
	say alice /quit
	finish alice
	is "$kind: all is well" $? 0

	# It falls silent, and does not come again.
	proxy proxy "$c2s"
	make-config -o '' "$dir/alice" alice@localhost/t "$port" "$ca"
	start alice "$jackline" -c -w 1 -f "$dir/alice"
	ok "$kind: through a proxy" wait_for "$dir/alice.out" "^ok"
	say proxy silence
	wait_for "$dir/proxy.out" '^cut'
	say alice '/msg bob@localhost lost?'
	ok "$kind: sent into silence" wait_for "$dir/alice.out" "^sent"
	stop proxy
	ok "$kind: it waits" wait_for "$dir/alice.out" "^state.*${tab}waiting"
	say alice '/msg bob@localhost after'
	eof alice
	finish alice
	is "$kind: lost: status" $? 69
	like "$kind: the message is unknown" "$dir/alice.out" \
	    "^unknown.*${tab}line=1${tab}id=.*${tab}cause="
	like "$kind: the next line is an error" "$dir/alice.out" \
	    "^error.*${tab}line=2$tab"
	is "$kind: one fate" "$(grep -cE '^(acked|failed|unknown)' \
	    "$dir/alice.out")" 1
	server_down
	make-config "$dir/alice" alice@localhost/t "$c2s" "$ca"
	in_vain 'nobody listens' 69 refused alice
done

kind=none
make-config -h does.not.exist.invalid "$dir/dns" alice@localhost/t \
    "$c2s" "$ca"
in_vain 'no such host' 69 dns dns
make-config -h - "$dir/dns" alice@does.not.exist.invalid/t - "$ca"
in_vain 'no such domain' 69 dns dns
# What answers is no server, or one that offers no TLS.
hostile mute <<'END'
recv <stream:stream
send HTTP/1.0 400 Bad Request\r\n\r\n
wait
END
make-config "$dir/mute" alice@localhost/t "$c2s" "$ca"
in_vain 'no XMPP' 76 protocol mute
stop mute
hostile bare <<'END'
recv <stream:stream
send <?xml version='1.0'?><stream:stream xmlns='jabber:client'
send  xmlns:stream='http://etherx.jabber.org/streams' id='s1'
send  from='localhost' version='1.0'><stream:features>
send <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>
send <mechanism>PLAIN</mechanism></mechanisms></stream:features>
wait
END
make-config "$dir/bare" alice@localhost/t "$c2s" "$ca"
in_vain 'no STARTTLS' 76 no-starttls bare
unlike 'none: no password in the clear' "$dir/bare.out" '^<.*auth'
stop bare
hostile injected <<'END'
recv <stream:stream
send <?xml version='1.0'?><stream:stream xmlns='jabber:client'
send  xmlns:stream='http://etherx.jabber.org/streams' id='s1'
send  from='localhost' version='1.0'><stream:features>
send <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>
recv <starttls
send <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><iq/>
wait
END
make-config "$dir/injected" alice@localhost/t "$c2s" "$ca"
in_vain 'something before TLS' 76 tls-injected injected
stop injected

end
