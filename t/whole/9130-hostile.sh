#!/bin/sh
# A server that is our enemy, below what the real ones let through: hostile
# text wherever text can be, stanzas in the name of others, nonsense. One line
# each, every byte decodable, nobody believed who may not say so.
. "$(dirname "$0")/lib.sh"

# The text, as the script of the hostile server has it, in XML.
evil='&lt;message/&gt;&#9;\xc2\x9b2J\x7f\xe2\x80\xaehello&#10;message&#9;'\
'2026-11-22T15:23:54.123Z&#9;boss@x/y&#9;pay&#9;enc=otr&#9;trust=verified'
printf '<message/>\t\302\2332J\177\342\200\256hello\nmessage\t' >"$dir/evil"
printf '2026-11-22T15:23:54.123Z\tboss@x/y\tpay\tenc=otr\ttrust=verified' \
    >>"$dir/evil"
# As attribute, where the LF and TAB would be blanks if written raw.
# In a resource U+009B, DEL and U+202E have no place: RFC 6122 forbids them.
begin='login alice@localhost/it
recv jabber:iq:roster
recv >'
roster="send <iq type='result' id='\\i'><query xmlns='jabber:iq:roster'>\
<item jid='bob@localhost' subscription='both' name='$evil'>\
<group>$evil</group></item></query></iq>
recv <presence"

# decoded NAME ESCAPED: what ESCAPED stands for is the evil text.
decoded()
{
	printf %s "$2" | "$jackline" --unescape | cmp - "$dir/evil"
	result $? "$1"
}

# attribute KEY LINE: the value of KEY in the event LINE.
attribute()
{
	printf '%s\n' "$2" | tr '\t' '\n' | sed -n "s/^$1=//p"
}

# evil_lines FILE: there are no events but of these tags, and nothing forged.
evil_lines()
{
	is "$1: whole lines" "$(awk -F '\t' 'NF < 4 ||
	    $2 !~ /^20[0-9-]+T[0-9:]+\.[0-9]+Z$/' "$dir/$1.out")" ''
	is "$1: nothing controls" "$(tr -d '\n\t' <"$dir/$1.out" |
	    LC_ALL=C tr -cd '\000-\037\177-\237\342' | wc -c)" 0
	unlike "$1: nobody forges" "$dir/$1.out" \
	    "(^[a-z]+${tab}[^$tab]*${tab}boss|^[^m].*${tab}trust=verified)"
}

hostile server <<END
$begin
$roster
send <message from='bob@localhost/r' id='$evil' type='chat'>
send <body>$evil</body></message>
send <presence from='bob@localhost/r'><status>$evil</status></presence>
send <presence from='bob@localhost/r' type='subscribe'>
send <status>$evil</status></presence>
send <iq type='set' id='p1'><query xmlns='jabber:iq:roster'><item
send  jid='bob@localhost' subscription='both' name='$evil'>
send <group>$evil</group></item></query></iq>
send <message from='bob@localhost/&lt;a b="\\xc3\\xb6"&gt;&apos;\\\\n'>
send <body>resource</body></message>
send <message from='bob@localhost/$evil'><body>bad</body></message>
send <message from='bob@localhost/r' type='$evil'><body>type</body></message>
send <message from='bob@localhost/r'><body>stamp</body>
send <delay xmlns='urn:xmpp:delay' from='x@y' stamp='$evil'/></message>
send <presence from='bob@localhost/r' type='$evil'/>
send <message from='bob@localhost/r' type='error' id='$evil'>
send <error type='cancel'><bad-request
send  xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
send <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>$evil</text>
send </error></message>
send <message from='bob@localhost/r'><body>last</body></message>
recv </stream:stream
send </stream:stream>
close
END
account alice -o ''
start alice "$jackline" -ck -f "$dir/alice"
ok 'it came to the end' wait_for "$dir/alice.out" "^message.*${tab}last$tab"
say alice '/contacts all' '/quit'
finish alice
is 'and went well' $? 0
finish server
is 'the script was played' $? 0
evil_lines alice
line=$(grep "^message.*${tab}kind=chat" "$dir/alice.out")
decoded 'a body' "$(printf '%s\n' "$line" | cut -f4)"
decoded 'an id' "$(attribute id "$line")"
decoded 'a status' "$(field 4 presence "$dir/alice.out" | head -n 1)"
decoded 'a request' "$(field 4 subscription "$dir/alice.out")"
line=$(grep '^roster' "$dir/alice.out")
decoded 'a name in a push' "$(printf '%s\n' "$line" | cut -f4)"
decoded 'a group in a push' "$(attribute group "$line")"
line=$(grep '^contact.*kind=user' "$dir/alice.out")
decoded 'a name in the roster' "$(printf '%s\n' "$line" | cut -f4)"
line=$(grep "^warning.*${tab}cause=bad-request" "$dir/alice.out")
decoded "the words of an error" "$(printf '%s\n' "$line" | cut -f4 |
    sed 's/^an error came back: //')"
decoded 'the id of an error' "$(attribute id "$line")"
line=$(grep '^warning.*invalid JID' "$dir/alice.out")
is 'the text of an impossible sender' "$(attribute body "$line")" bad
attribute from "$line" | tr -d '\n' | "$jackline" --unescape >"$dir/from"
{
	printf 'bob@localhost/'
	cat "$dir/evil"
} | cmp - "$dir/from"
result $? 'and his name'
is 'a resource' "$(awk -F '\t' '$4 == "resource" { print $3 }' \
    "$dir/alice.out")" 'bob@localhost/<a\sb="ö">'\''\\n'
like 'an absurd type is normal' "$dir/alice.out" \
    "^message.*${tab}type$tab.*${tab}kind=normal"
unlike 'an absurd time is dropped' "$dir/alice.out" "${tab}stamp$tab.*stamp="

# Who may say what.
hostile server <<END
$begin
$roster
send <iq type='set' id='f1' from='eve@localhost'><query
send  xmlns='jabber:iq:roster'><item jid='eve@localhost'
send  subscription='both'/></query></iq>
recv id='f1'
recv </iq>
send <iq type='set' id='f2' from='alice@localhost.evil'><query
send  xmlns='jabber:iq:roster'><item jid='eve@localhost'
send  subscription='both'/></query></iq>
recv id='f2'
recv </iq>
send <iq type='get' id='f3' from='eve@localhost/x'><ping
send  xmlns='urn:xmpp:ping'/></iq>
recv id='f3'
recv service-unavailable
send <iq type='get' id='f4' from='bob@localhost/x'><query
send  xmlns='jabber:iq:version'/></iq>
recv id='f4'
recv service-unavailable
send <message from='eve@localhost/x' id='f5' type='chat'><body>hi</body>
send <request xmlns='urn:xmpp:receipts'/></message>
send <message from='alice@localhost'><received xmlns='urn:xmpp:carbons:2'>
send <forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'
send  from='bob@localhost/x' to='alice@localhost/it' type='chat'>
send <body>unasked</body></message></forwarded></received></message>
send <message from='bob@localhost/x'><body>asked</body></message>
recv <body>one
recv </message>
send <message from='eve@localhost/x'><received xmlns='urn:xmpp:receipts'
send  id='\\i'/></message>
send <message from='eve@localhost/x' type='error' id='\\i'><error
send  type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
send </error></message>
recv urn:xmpp:ping
recv >
send <iq type='result' id='\\i' from='eve@localhost/x'/>
send <iq type='result' id='\\i'/>
recv urn:xmpp:ping
recv >
send <iq type='result' id='\\i'/>
recv </stream:stream
send </stream:stream>
close
END
account alice -o ''
start alice "$jackline" -c -f "$dir/alice"
ok 'asked' wait_for "$dir/alice.out" "^message.*${tab}asked$tab"
say alice '/msg bob@localhost one'
ok 'sent' wait_for "$dir/alice.out" '^acked'
say alice '/contacts all' /quit
finish alice
is 'no failure' $? 0
finish server
is 'the script was played: nobody else is answered' $? 0
unlike 'no receipt for a stranger' "$dir/server.out" "^<.*id=.f5"
unlike 'no contact by a push of others' "$dir/alice.out" \
    "^(roster.*eve@|contact.*eve@.*sub=both)"
unlike 'no copy that was not asked for' "$dir/alice.out" unasked
unlike 'no receipt and no bounce by others' "$dir/alice.out" \
    '^(delivered|failed)'

# broken NAME CAUSE: what is no XML of a stream, from standard input, twice in a
# session and once before one. In a session it is a loss, and the session is
# regained by way of the backoff; before, it ends all for CAUSE.
broken()
{
	cat >"$dir/bad"
	lost=$(printf '%s\n' "$begin" "$roster"; cat "$dir/bad"; echo wait)
	hostile server <<END
$lost
accept
$lost
accept
$begin
$roster
send <message from='bob@localhost/r'><body>good</body></message>
recv </stream:stream
send </stream:stream>
close
END
	account alice -o ''
	start alice "$jackline" -ck -f "$dir/alice"
	ok "$1: it goes on" wait_for "$dir/alice.out" "^message.*${tab}good$tab"
	say alice /quit
	finish alice
	is "$1: status" $? 0
	finish server
	is "$1: the script was played" $? 0
	is "$1: states" "$(field 4 state "$dir/alice.out" | tr '\n' ' ')" \
	    "connecting online waiting connecting online waiting connecting \
online offline "
	is "$1: at once, then after a while" "$(sed -n \
	    "s/^state.*waiting$tab\\(.*\\)in=[1-9][0-9]*\$/\\1later/p
	    s/^state.*waiting$tab\\(.*\\)in=0\$/\\1now/p" "$dir/alice.out" |
	    tr '\n' ' ')" "cause=protocol${tab}now cause=protocol${tab}later "

	{
		echo 'recv <stream:stream'
		echo 'recv >'
		cat "$dir/bad"
		echo wait
	} >"$dir/script"
	hostile server <"$dir/script"
	account alice -o ''
	timeout 100 "$jackline" -ck -f "$dir/alice" </dev/null >"$dir/out" \
	    2>"$dir/err"
	is "$1, before a session: status" $? 76
	like "$1, before a session: cause" "$dir/out" \
	    "^state.*offline${tab}cause=$2"
	stop server
}

broken 'a DOCTYPE' protocol <<'END'
send <!DOCTYPE x [<!ENTITY y "z">]>
END
broken 'a comment' protocol <<'END'
send <!-- hello -->
END
broken 'a processing instruction' protocol <<'END'
send <?php x?>
END
broken 'no XML' protocol <<'END'
send <message></iq>
END
broken 'no UTF-8' protocol <<'END'
send <message><body>\xff</body></message>
END
# No stanza of anybody, but an element of the server's own.
broken 'a stanza with a long name' limit <<END
send <$(head -c 300000 /dev/zero | tr '\0' x)/>
END

# many FORMAT COUNT: of 1 to COUNT, in one line.
many()
{
	seq -f "$1" "$2" | tr -d '\n'
}

# past NAME WARNING: what is too much, from standard input, between good
# messages: one warning with its sender, kind and id, and nothing else; it is
# read past in constant memory.
past()
{
	{
		echo "$begin"
		echo "$roster"
		echo "send <message from='bob@localhost/r'><body>before</body>"
		echo 'send </message>'
		cat
		echo "send <message from='bob@localhost/r'><body>behind</body>"
		echo 'send </message>'
		echo 'recv </stream:stream'
		echo 'send </stream:stream>'
		echo close
	} >"$dir/script"
	hostile server <"$dir/script"
	account alice -o ''
	start alice "$jackline" -ck -f "$dir/alice"
	ok "$1: what is behind it" wait_for "$dir/alice.out" \
	    "^message.*${tab}behind$tab" 300
	memory=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' \
	    "/proc/$(pid alice)/status")
	note "$1: VmHWM $memory kB"
	[ "$memory" -lt 12000 ] || [ -n "${SAN-}" ]
	result $? "$1: memory"
	say alice /quit
	finish alice
	is "$1: status" $? 0
	finish server
	is "$1: the script was played" $? 0
	is "$1: told once, and no loss" "$(sed -n "
	    s/^message.*$tab\(before\|behind\)$tab.*/\1/p
	    s/^state.*${tab}waiting.*/lost/p
	    s/^warning${tab}[^$tab]*$tab\([^$tab]*\)$tab.*cause=limit$tab/\1 /p
	    " "$dir/alice.out" | tr '\t\n' ' ,')" "before,$2,behind,"
}

# What is large is written to the script once: 4 MB of it.
x=$(head -c 300000 /dev/zero | tr '\0' x)
bob=bob@localhost/r
big="from='$bob' id='big'"
past 'deep' "$bob stanza=message id=big" <<END
send <message $big>$(many '<a%g>' 100)
send $(many '</a%g>' 100)</message>
END
past 'a million elements deep' "$bob stanza=message id=big" <<END
send <message $big>$(head -c 1000000 /dev/zero | sed 's/\x00/<a>/g')
send $(head -c 1000000 /dev/zero | sed 's/\x00/<\/a>/g')</message>
END
past 'attributes' "$bob stanza=message id=big" <<END
send <message $big $(seq -f "a%g=''" 100 | tr '\n' ' ')/>
END
past '100,000 attributes' "$bob stanza=presence id=big" <<END
send <presence $big $(seq -f "a%.0f=''" 100000 | tr '\n' ' ')/>
END
past 'a large stanza' "$bob stanza=message id=big" <<END
send <message $big><body>$x</body></message>
END
past '4 MB of text' "$bob stanza=message id=big" <<END
send <message $big><body>
$(for _ in $(seq 14); do echo "send $x"; done)
send </body></message>
END
past 'a long name' "$bob stanza=message id=big" <<END
send <message $big><$x/></message>
END
past 'a long attribute' "$bob stanza=message id=big" <<END
send <message $big a='$x'/>
END
past 'a long id' "$bob stanza=message" <<END
send <message from='bob@localhost/r' id='$x'/>
END

# A stanza that never ends is a connection that is lost when it is.
hostile server <<END
$begin
$roster
send <message $big a='$x
send $x
fin
END
account alice -o ''
start alice "$jackline" -ck -w 1 -f "$dir/alice"
ok 'an endless attribute: a loss' wait_for "$dir/alice.out" \
    "^state.*waiting${tab}cause=connection-lost"
stop alice
is 'an endless attribute: for good' $? 69
unlike 'an endless attribute: is no message' "$dir/alice.out" '^(mess|warn)'
stop server

# fatal NAME STATUS CAUSE: what ends the stream, from standard input.
fatal()
{
	{
		echo "$begin"
		echo "$roster"
		cat
		echo wait
	} >"$dir/script"
	hostile server <"$dir/script"
	account alice -o ''
	timeout 100 "$jackline" -ck -f "$dir/alice" </dev/null >"$dir/out" \
	    2>"$dir/err"
	is "$1: status" $? "$2"
	like "$1: cause" "$dir/out" "^state.*offline${tab}cause=$3"
	stop server
}

fatal 'an error of the stream' 69 stream-conflict <<'END'
send <stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>
send </stream:error></stream:stream>
END
# What is no end of the stream is a loss, from which it wants to recover.
for how in fin rst; do
	hostile server <<END
$begin
$roster
$how
END
	account alice -o ''
	start alice "$jackline" -ck -w 1 -f "$dir/alice"
	ok "$how: a loss" wait_for "$dir/alice.out" \
	    "^state.*waiting${tab}cause=connection-lost"
	stop alice
	is "$how: for good" $? 69
	stop server
done

# Before the session: the binding of somebody else, success without proof.
hostile server <<'END'
login eve@localhost/it
wait
END
account alice -o ''
timeout 100 "$jackline" -c -f "$dir/alice" </dev/null >"$dir/out" 2>"$dir/err"
is 'bound as somebody else' $? 76
like 'is a breach' "$dir/out" "offline${tab}cause=protocol"
stop server

end
