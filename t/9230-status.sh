#!/bin/sh
# The end: said in TLS too.
. "$(dirname "$0")/lib.sh"

begin='login alice@localhost/it
recv jabber:iq:roster
recv >
send <iq type="result" id="\i"/>
recv <presence'

hostile polite <<END
$begin
recv </stream:stream
send </stream:stream>
closed
END
account alice
timeout 30 "$jackline" -c -f "$dir/alice" </dev/null >"$dir/out" 2>"$dir/err"
is 'a polite end' $? 0
finish polite
is 'with close_notify' $? 0
hostile rude <<END
$begin
send <a/>
recv </stream:stream
closed
END
account alice
timeout 30 "$jackline" -ck -f "$dir/alice" </dev/null >"$dir/out" 2>"$dir/err"
is 'a server that breaks the protocol' $? 76
finish rude
is 'is left politely' $? 0
diag "$(cat "$dir/rude.err")"
end
