#!/bin/sh
# A server whose administrator has put the certificates into its file in the
# wrong order, one twice, and one that does not belong there.
. "$(dirname "$0")/lib.sh"

# by ISSUER NAME SUBJECT EXTENSION...: NAME.crt, for the key NAME.key.
by()
{
	issuer=$1 name=$2 subject=$3
	shift 3
	printf '%s\n' "$@" >ext
	openssl req -new -key "$name.key" -subj "/CN=$subject" -out csr &&
	    openssl x509 -req -in csr -CA "$issuer.crt" -CAkey "$issuer.key" \
		-CAcreateserial -sha256 -days 30 -extfile ext -out "$name.crt"
}

# What prosody-up finds there it leaves alone.
certs=$dir/prosody/certs
mkdir -p "$certs"
server-certs "$certs" localhost
server-certs "$dir/foreign" localhost
(
	cd "$certs" &&
	    openssl ecparam -name prime256v1 -genkey -noout -out inter.key &&
	    by ca inter 'In between' basicConstraints=critical,CA:TRUE &&
	    by inter server localhost subjectAltName=DNS:localhost \
		basicConstraints=CA:FALSE && mv server.crt leaf.crt &&
	    cat leaf.crt ca.crt "$dir/foreign/ca.crt" inter.crt inter.crt \
		>mixed.crt && cat leaf.crt ca.crt "$dir/foreign/ca.crt" \
		>lacking.crt && cp mixed.crt server.crt
) >"$dir/openssl.out" 2>&1 || bail "openssl: $(cat "$dir/openssl.out")"

server prosody
account alice -o ''
openssl s_client -connect "127.0.0.1:$tls" -showcerts -tls1_2 </dev/null \
    >"$dir/shown" 2>/dev/null
is 'the server sends all five' \
    "$(grep -c 'BEGIN CERTIFICATE' "$dir/shown")" 5
printf '/connect\n/help quit\n' | timeout 60 "$jackline" -f "$dir/alice" \
    >"$dir/out"
is 'login' $? 0
like 'the fingerprint is that of its own' "$dir/out" \
    "^state.*${tab}online$tab.*${tab}cert=$(pin "$certs/leaf.crt")$tab"
make-config "$dir/foreigner" alice@localhost/t "$c2s" \
    "$dir/foreign/ca.crt"
timeout 60 "$jackline" -c -f "$dir/foreigner" </dev/null >"$dir/out" 2>&1
is 'not for who trusts the stray alone' $? 76
like 'and says so' "$dir/out" "^state.*${tab}cause=tls-untrusted"

server_down
cp "$certs/lacking.crt" "$certs/server.crt"
server_again
timeout 60 "$jackline" -c -f "$dir/alice" </dev/null >"$dir/out" 2>&1
is 'nor without the one in between' $? 76
like 'and says so, too' "$dir/out" "^state.*${tab}cause=tls-untrusted"

end
