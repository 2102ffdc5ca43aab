#!/bin/sh
# Under torsocks, through a SOCKS proxy on loopback: login works, the proxy
# resolves the name, and no lookup and no connection passes beside it.
. "$(dirname "$0")/lib.sh"
command -v torsocks >/dev/null || skip_all 'torsocks is not installed'

cat >"$dir/socks.py" <<'END'
"""SOCKS 5 with Tor's RESOLVE; all there is, is at 127.0.0.1. Prints requests.
"""
import socket, socketserver, sys, threading


class Handler(socketserver.StreamRequestHandler):
    rbufsize = 0

    def take(self, n):
        data = b""
        while len(data) < n:
            more = self.request.recv(n - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def handle(self):
        self.take(self.take(2)[1])
        self.request.sendall(b"\5\0")
        _, command, _, kind = self.take(4)
        name = (socket.inet_ntoa(self.take(4)) if kind == 1
                else self.take(self.take(1)[0]).decode())
        port = int.from_bytes(self.take(2), "big")
        print("connect" if command == 1 else "resolve", name, port, flush=True)
        self.request.sendall(b"\5\0\0\1\012\1\2\3\0\0")
        if command != 1:
            return
        server = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        threading.Thread(target=pump, args=(server, self.request),
                         daemon=True).start()
        pump(self.request, server)


def pump(a, b):
    try:
        while data := a.recv(65536):
            b.sendall(data)
        b.shutdown(socket.SHUT_WR)
    except OSError:
        pass


socketserver.ThreadingTCPServer.daemon_threads = True
server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
print("port", server.server_address[1], flush=True)
server.serve_forever()
END

server prosody
start socks python3 "$dir/socks.py" "$c2s"
wait_for "$dir/socks.out" '^port ' || bail 'no proxy'
port=$(sed -n 's/^port //p' "$dir/socks.out")
printf 'TorAddress 127.0.0.1\nTorPort %s\n' "$port" >"$dir/torsocks.conf"
export TORSOCKS_CONF_FILE="$dir/torsocks.conf" TORSOCKS_LOG_LEVEL=1
# torsocks comes before the sanitizer, and leaks itself.
ASAN_OPTIONS=exitcode=99:detect_leaks=0:verify_asan_link_order=0
make-config -o '' -h chat.example "$dir/alice" alice@localhost/t \
    "$c2s" "$ca"
printf '/msg bob@localhost through Tor\n' |
    timeout 100 strace -f -qq -s 100 -e trace=connect,sendto,sendmsg,sendmmsg \
	-o "$dir/trace" torsocks "$jackline" -c -f "$dir/alice" \
	>"$dir/out" 2>"$dir/err"
is 'login and a message under torsocks' $? 0
like 'it is acked' "$dir/out" '^acked'
like 'online tells where' "$dir/out" "online$tab.*${tab}host=chat\\.example"
is 'the proxy was asked' "$(grep -v ^port "$dir/socks.out" |
    sed 's/^\(resolve.*\) .*/\1/')" \
    "resolve chat.example
connect 10.1.2.3 $c2s"
is 'nothing was connected but the proxy' "$(grep 'connect(' "$dir/trace" |
    grep -vc "htons($port).*127\\.0\\.0\\.1")" 0
like 'strace tells of that' "$dir/trace" "connect\\(.*htons\\($port\\)"
unlike 'no datagram' "$dir/trace" 'send(to|msg|mmsg)\(.*htons\('

end
