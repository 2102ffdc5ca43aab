#!/bin/sh
# At a terminal a replay is shown under one row: what the active contact and we
# ourselves said meanwhile, elsewhere; of others what is unread; and with whom
# nothing is stored, the end of the server's archive.
. "$(dirname "$0")/lib-tty.sh"

TZ=UTC
export TZ
server prosody FRIENDS='alice bob carol dave' ACCOUNTS='alice bob carol dave'
for name in alice carol dave; do
	account $name -o ''
done
sed -i '$s/)$/ (carbons true) (archive true))/' "$dir/alice/config.sexp"
for name in carol dave; do
	start $name "$jackline" -ce -f "$dir/$name"
	wait_for "$dir/$name.out" "${tab}online"
done
start phone "$jackline" -ce -r phone -f "$dir/alice"
wait_for "$dir/phone.out" "${tab}online"
start bob peer.py bob@localhost/t bob-pw 127.0.0.1 "$c2s" "$ca"
wait_for "$dir/bob.out" online
tty_shell 100

# said WHO TEXT: WHO says TEXT to alice, whose phone gets it.
said()
{
	say "$1" "/msg alice@localhost/phone $2"
	wait_for "$dir/phone.out" "$2"
}

# bob ID TEXT [XML]: what bob says, with another client, to the account; the
# phone gets it. Without TEXT there is no body.
bob()
{
	xml="<message to='alice@localhost' type='chat' id='$1'>${2:+<body>$2\
</body>}${3-}<store xmlns='urn:xmpp:hints'/></message>"
	say bob "{\"do\": \"raw\", \"xml\": \"$xml\"}"
	wait_for "$dir/phone.out" "id=$1(\$|$tab)"
}

# again WHO: WHO has come back online.
again()
{
	[ "$(grep -c "${tab}online" "$dir/$1.out")" -ge 2 ]
}

# answered WHO TEXT: our phone says TEXT to WHO.
answered()
{
	say phone "/msg $1@localhost $2"
	wait_for "$dir/$1.out" "$2"
}

# aged HOURS: what the archive got in the last hour is so old; $day is its day.
aged()
{
	then=$(($(date +%s) - $1 * 3600))
	day=$(date -u -d "@$then" +%Y-%m-%d)
	archive=$(find "$home" -path '*archive/alice.list')
	[ -f "$archive" ] || bail 'no archive'
	THEN=$then perl -pe 's/(\["when"\] = )([0-9.]+)/$1 .
	    ($2 > time - 3600 ? $ENV{THEN} : $2)/e' "$archive" >"$dir/aged"
	cat "$dir/aged" >"$archive"
}

# block PATTERN: the rows from that one on, without their times and the row of
# today; the prompt is no part of it.
block()
{
	rows | sed -n "/$1/,\$p" | sed "\$d; s/^[0-9:]\{8\} //
	    /^$(date -u +%Y-%m-%d)\$/d"
}

bob m0 'long ago'
answered bob 'even then'
run -f "$dir/alice" -c
sees 'nothing of before is told at the first start' 'bob@localhost.*is online'
keys '/go bob@localhost' Enter
sees 'with whom nothing is stored, the archive is shown' 'even then'
is 'its last messages, of both' "$(block 'nothing is stored')" \
"* nothing is stored here; the last messages in the server's archive:
<-- long ago
 -> even then"
keys '/quit' Enter
same 'quit'

# Two days pass.
bob m1 'first'
answered bob 'our answer'
aged 50
first=$day
touch -d '51 hours ago' "$dir/alice/.lock" \
    "$dir/alice/positions/alice@localhost"
bob m2 'secnd'
bob m3 'second' "<replace xmlns='urn:xmpp:message-correct:0' id='m2'/>"
bob m4 '' "<reactions xmlns='urn:xmpp:reactions:0' id='m1'><reaction>x\
</reaction></reactions>"
bob m5 'fallback' "<encrypted xmlns='eu.siacs.conversations.axolotl'>\
<header sid='1'/><payload>AAAA</payload></encrypted>"
said carol 'one'
said carol 'two'
said dave 'three'
answered dave 'four'
aged 26
run -f "$dir/alice" -c -g bob@localhost
sees 'the last row' 'read elsewhere'
is 'a replay is one block' "$(block 'since you left')" \
"* since you left, 2 days ago: 3 messages, 1 reaction, 1 that cannot be \
read here
$first
<-- first
 -> our answer (sent with phone)
$day
<-- second (corrected)
* 2 unread from carol@localhost, 2 more read elsewhere"
ends 'others are unread' '^## bob@localhost'
keys '/go carol@localhost' Enter
sees 'what they said is there' '<-- two$'
keys '/go bob@localhost' Enter
sees 'and ours again' 'our answer'
keys '/quit' Enter
same 'the second time'

# More than a screen: the last of them, and Page Up shows the others.
for i in $(seq 40); do
	echo "/msg alice@localhost/phone line $i"
done >"$dir/carol.in"
wait_for "$dir/phone.out" 'line 40'
run -f "$dir/alice" -c -g carol@localhost
sees 'forty' 'since you left.*: 40 messages; here the last'
is 'are shown, the last' "$(block 'since you left' | tail -n 24 |
    sed -n '1p;$p')" \
'<-- line 17
<-- line 40'
keys C-p
sees 'and a page before' '<-- line 16$'
keys '/quit' Enter
same 'the third time'

# Nothing: no row.
run -f "$dir/alice" -c -g carol@localhost
sees 'online' 'bob@localhost.*is online'
keys '/replay' Enter
sees 'the archive was read' 'all that was said is told'
said carol 'now'
sees 'a live one, or a copy' '<-- now'
rows >"$dir/rows"
unlike 'nothing was said: no row' "$dir/rows" 'since you left'

# The server has started again when we come back: no session is resumed.
keys C-z
ends 'stopped' '^sh> *$'
server_down TERM
server_again FRIENDS='alice bob carol dave' ACCOUNTS='alice bob carol dave'
for name in carol phone; do
	wait_until again "$name"
done
said carol 'meanwhile'
keys fg Enter
sees 'what was said meanwhile' '<-- meanwhile$'
is 'under a row that says why' "$(block 'since the connection' |
    sed 's/less than a minute\|[0-9]* minutes*/TIME/; 2q')" \
"* since the connection was lost, TIME ago: 1 message
<-- meanwhile"
keys '/quit' Enter
same 'the end'
for name in bob carol dave phone; do
	stop $name
done
tm kill-server
end
