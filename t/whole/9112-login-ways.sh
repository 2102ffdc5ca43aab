#!/bin/sh
# Names and passwords as people write them, and a server whose administrator
# has switched channel binding off.
. "$(dirname "$0")/lib.sh"

# comes_in NAME STATUS [OPTION...]: jackline -c of alice ends so.
comes_in()
{
	name=$1 wanted=$2
	shift 2
	timeout 100 "$jackline" -c -f "$dir/alice" "$@" </dev/null \
	    >"$dir/out" 2>"$dir/err"
	is "$name" $? "$wanted"
}

# secret TEXT: what Prosody knows as alice's password.
secret()
{
	printf 'return {\n\t["password"] = "%s";\n};\n' "$1" \
	    >"$home/data/localhost/accounts/alice.dat"
}

# The name in the certificate is in A-labels.
server-certs "$dir/prosody/certs" xn--bcher-kva.example
server prosody
account alice -c xn--bcher-kva.example
comes_in 'certificate_hostname in A-labels' 0
account alice -c bücher.example
comes_in 'certificate_hostname in U-labels' 0
account alice -c bucher.example
comes_in 'another certificate_hostname' 76

# An empty hostname is the domain itself.
account alice -c bücher.example
sed 's/(hostname ([^)]*))/(hostname (""))/' "$dir/alice/config.sexp" \
    >"$dir/config"
cp "$dir/config" "$dir/alice/config.sexp"
timeout 100 "$jackline" -f "$dir/alice" --check >"$dir/out" 2>"$dir/err"
is 'hostname (""): --check' $? 0
comes_in 'hostname (""): login' 0
like 'hostname ("") is the domain' "$dir/out" "${tab}host=localhost$tab"

# Blanks are cut off where they stand in the file, and nowhere else.
secret ' a b '
printf ' a b ' >"$dir/alice/password"
comes_in 'blanks around the password in the file' 77
printf ' a b \n' >"$dir/word"
comes_in 'and from a descriptor' 0 --fd-password 5 5<"$dir/word"
secret 'a b'
comes_in 'the file, trimmed' 0
comes_in 'the descriptor, not' 77 --fd-password 5 5<"$dir/word"

# Younger than Unicode 3.2.
secret 'p😀ẞ'
printf 'p😀ẞ\n' >"$dir/alice/password"
comes_in 'a password with characters that are new' 0

# A name below localhost is ::1 first (RFC 6761 6.3), and there is somebody
# else: one who ends each connection at once, then one who is silent.
account alice -h two.localhost -c bücher.example
secret alice-pw
cat >"$dir/other.py" <<'PY'
import socket, sys, time
s = socket.create_server(("::1", int(sys.argv[1])), family=socket.AF_INET6)
print("ready", flush=True)
kept = []
while True:
    c = s.accept()[0]
    print("came", flush=True)
    if sys.argv[2] == "silent":
        kept.append(c)
    else:
        c.close()
PY
for manner in ending silent; do
	start "$manner" python3 "$dir/other.py" "$c2s" "$manner"
	if wait_for "$dir/$manner.out" ready 20; then
		comes_in "an address with somebody $manner: the next" 0
		like "it was there ($manner)" "$dir/$manner.out" '^came'
		like "it is IPv4 ($manner)" "$dir/out" \
		    "${tab}addr=127.0.0.1$tab"
		stop "$manner"
	else
		skip 3 'no IPv6 here'
	fi
done
server_down

server_again EXTRA='disable_sasl_mechanisms = { "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256-PLUS", "DIGEST-MD5" }'
comes_in 'channel binding switched off' 76
like 'it is a downgrade' "$dir/out" "${tab}offline${tab}cause=downgrade"
like 'it says who may have done it' "$dir/err" \
    'man in the middle.*administrator'
server_down

end
