#!/bin/sh
# Servers that cannot be reached because something hangs: a name server that
# never answers, a full backlog, nobody who speaks. Each is given up within
# 60 s, which pass at once here (t/preload/skip.c), with the right status.
. "$(dirname "$0")/lib.sh"

cat >"$dir/silent.py" <<'END'
"""Says the ports: of a name server and of a server that never speak, and of
one whose backlog is full."""
import socket, sys
names = socket.socket(type=socket.SOCK_DGRAM)
names.bind(("127.0.0.1", 0))
mute, full = socket.socket(), socket.socket()
mute.bind(("127.0.0.1", 0))
mute.listen()
full.bind(("127.0.0.1", 0))
full.listen(0)
others = []
for i in range(3):
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(full.getsockname())
    others.append(s)
print(*(s.getsockname()[1] for s in (names, mute, full)), flush=True)
sys.stdin.read()
END
start silent python3 "$dir/silent.py"
wait_for "$dir/silent.out" .
read -r names mute full <"$dir/silent.out"
server-certs "$dir/certs" localhost
preload=$build/t/preload/skip.so:$build/t/preload/names.so

# in_vain NAME CAUSE MOST HOST PORT [OPTION...]: within MOST seconds.
in_vain()
{
	what=$1 cause=$2 most=$3
	make-config -h "$4" "$dir/me" alice@example.org/t "$5" \
	    "$dir/certs/ca.crt"
	shift 5
	echo '/help quit' | timeout 300 env LD_PRELOAD="$preload" QUIET=20 \
	    NAMES="$names" "$jackline" -f "$dir/me" "$@" \
	    >"$dir/out" 2>"$dir/err"
	is "$what: status" $? 69
	like "$what: state" "$dir/out" "^state.*offline${tab}cause=$cause"
	like "$what: the line of -c" "$dir/out" \
	    "^error.*${tab}line=0${tab}cause=$cause"
	like "$what: reason" "$dir/err" '^jackline: .'
	took=$(field 2 state "$dir/out" | sed 's/.*T//; s/Z//' |
	    awk -F : '{ t = $1 * 3600 + $2 * 60 + $3 } NR == 1 { first = t }
	    END { if (t < first) t += 86400; printf "%.0f\n", t - first }')
	note "$took s"
	ok "$what: within $most s" [ "$took" -le "$most" ]
	ok "$what: and not at once" [ "$took" -ge 3 ]
}

in_vain 'DNS hangs, a domain' dns 60 - - -c
in_vain 'DNS hangs, a host' dns 60 xmpp.example.org 5222 -c
in_vain 'DNS hangs, with -k' dns 60 - - -ck
in_vain 'a full backlog' timeout 60 127.0.0.1 "$full" -c
in_vain 'nobody speaks' timeout 60 127.0.0.1 "$mute" -c
end
