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
	timeout 30 "$jackline" -ck -f "$dir/alice" </dev/null >"$dir/out" \
	    2>"$dir/err"
	is "$1: status" $? "$2"
	like "$1: cause" "$dir/out" "^state.*offline${tab}cause=$3"
	stop server
}

fatal 'a DOCTYPE' 76 protocol <<'END'
send <!DOCTYPE x [<!ENTITY y "z">]>
END
fatal 'a comment' 76 protocol <<'END'
send <!-- hello -->
END
fatal 'a processing instruction' 76 protocol <<'END'
send <?php x?>
END
fatal 'no XML' 76 protocol <<'END'
send <message></iq>
END
fatal 'no UTF-8' 76 protocol <<'END'
send <message><body>\xff</body></message>
END
fatal 'deep' 76 limit <<END
send $(seq -f '<a%g>' 100 | tr -d '\n')
END
fatal 'attributes' 76 limit <<END
send <message $(seq -f "a%g=''" 100 | tr '\n' ' ')/>
END
fatal 'a large stanza' 76 limit <<END
send <message><body>$(head -c 300000 /dev/zero | tr '\0' x)</body></message>
END
fatal 'an endless name' 76 limit <<END
send <$(head -c 300000 /dev/zero | tr '\0' x)
END
fatal 'an endless attribute' 76 limit <<END
send <message a='$(head -c 300000 /dev/zero | tr '\0' x)
END
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
timeout 30 "$jackline" -c -f "$dir/alice" </dev/null >"$dir/out" 2>"$dir/err"
is 'bound as somebody else' $? 76
like 'is a breach' "$dir/out" "offline${tab}cause=protocol"
stop server

end
