#!/bin/sh
# A first connection that fails: with -c no line is executed and the status is
# that of the failure, whatever the options; without, lines are still answered.
. "$(dirname "$0")/lib.sh"

server prosody
account alice -o ''
printf 'wrong\n' >"$dir/wrong"
free_port
nobody=$port
make-config -o '' "$dir/down" "alice@$domain/t" "$nobody" "$ca"
# An authority that has not signed this server's certificate.
server-certs "$dir/others" "$domain"
make-config -o '' "$dir/untrusted" "alice@$domain/t" "$c2s" \
    "$dir/others/ca.crt"

# fails NAME WANTED OPTION...: three lines, as a pipe and from a FIFO that never
# ends.
fails()
{
	name=$1 wanted=$2
	shift 2
	for more in '' -k -x -n '-k -n' '-w 0' "-t bob@$domain" "-g bob@$domain"
	do
		# shellcheck disable=SC2086 # words
		printf '/connect\n/help quit\nhello\n' | timeout 100 \
		    "$jackline" -c $more "$@" >"$dir/out" 2>"$dir/err"
		is "$name, -c $more" $? "$wanted"
		is "$name, -c $more: one attempt" \
		    "$(grep -c 'connecting' "$dir/out")" 1
		is "$name, -c $more: no line" \
		    "$(grep -cE "line=[1-9]|^help" "$dir/out")" 0
		is "$name, -c $more: one reason" \
		    "$(grep -c '^jackline: ' "$dir/err")" 1
	done
	start held "$jackline" -c "$@"
	say held /connect /connect
	finish held
	is "$name, where the input does not end" $? "$wanted"
	printf '/connect\n/help quit\n' | timeout 100 "$jackline" "$@" \
	    >"$dir/out" 2>"$dir/err"
	is "$name, without -c" $? "$wanted"
	like "$name, without -c: lines go on" "$dir/out" "^ok.*line=2"
}
fails 'nobody listens' 69 -f "$dir/down"
fails 'a wrong password' 77 -f "$dir/alice" --fd-password "$dir/wrong"
fails 'a certificate of somebody' 76 -f "$dir/untrusted"

# What is worse than the connection, and what is less.
printf '/connect\n/nonsense\n' | timeout 100 "$jackline" -f "$dir/down" \
    >"$dir/out" 2>"$dir/err"
is 'a line that failed is less' $? 69
"$jackline" -c -f "$dir/down" </dev/null >&- 2>"$dir/err"
is 'no standard output is more' $? 74
"$jackline" -c -f "$dir/down" <&- >"$dir/out" 2>"$dir/err"
is 'no standard input is none' $? 69
printf '/connect\n/connect\n' | timeout 100 "$jackline" -f "$dir/alice" \
    >"$dir/out"
is 'a second /connect' $? 0

# A signal while it connects: no failure of the connection.
hostile silent <<END
recv <stream:stream
wait
END
account carol
start carol "$jackline" -c -f "$dir/carol"
say carol '/help quit'
wait_for "$dir/carol.out" 'connecting'
stop carol
is 'a signal while it connects' $? 1
unlike 'and no line' "$dir/carol.out" '^help|line=1'
end
