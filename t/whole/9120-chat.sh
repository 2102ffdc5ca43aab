#!/bin/sh
# Chatting through both servers: two of us, one of us and a foreign client,
# those who are away, those who do not exist, and hostile text.
. "$(dirname "$0")/lib.sh"

# befriend: alice and bob subscribe to each other's presence, once and for all.
befriend()
{
	start alice "$jackline" -c -f "$dir/alice"
	start bob "$jackline" -c -f "$dir/bob"
	wait_for "$dir/bob.out" "^ok"
	say alice '/add bob@localhost'
	ok "$kind: a request" wait_for "$dir/bob.out" \
	    "^subscription$tab.*${tab}type=subscribe\$"
	say bob '/with alice@localhost /authorization allow' \
	    '/add alice@localhost'
	ok "$kind: and one back" wait_for "$dir/alice.out" \
	    "^subscription$tab.*${tab}type=subscribe\$"
	say alice '/with bob@localhost /authorization allow'
	ok "$kind: both are in the roster" wait_for "$dir/alice.out" \
	    "^roster${tab}[^$tab]*${tab}bob@localhost$tab.*${tab}sub=both"
	ok "$kind: each sees the other" wait_for "$dir/bob.out" \
	    "^presence${tab}[^$tab]*${tab}alice@localhost/t$tab.*show=online"
	eof alice
	finish alice
	is "$kind: all was well" $? 0
	ok "$kind: one sees the other leave" wait_for "$dir/bob.out" \
	    "^presence$tab.*alice@localhost/t$tab.*show=offline"
	eof bob
	finish bob
	is "$kind: for the other as well" $? 0
}

# id WHO TEXT: the id of the message TEXT that WHO sent.
id()
{
	awk -F '\t' -v text="$2" '$1 == "sent" && $4 == text {
		sub("id=", "", $6); print $6 }' "$dir/$1.out"
}

both_ways()
{
	start bob "$jackline" -c -f "$dir/bob"
	wait_for "$dir/bob.out" "^ok"
	start alice "$jackline" -c -f "$dir/alice" -g bob@localhost
	wait_for "$dir/alice.out" "^presence${tab}[^$tab]*${tab}bob@localhost/t"
	say alice 'hello, bob'
	ok "$kind: is sent" wait_for "$dir/alice.out" '^sent'
	ok "$kind: a message" wait_for "$dir/bob.out" \
	    "^message${tab}20[-0-9]*T[0-9:]*\\.[0-9]*Z${tab}alice@localhost/t\
${tab}hello, bob${tab}enc=none${tab}trust=-${tab}src=live${tab}kind=chat\
${tab}id=$(id alice 'hello, bob')(${tab}archived=[^$tab]+)?\$"
	for tag in acked delivered; do
		ok "$kind: $tag" wait_for "$dir/alice.out" \
		    "^$tag${tab}[^$tab]*${tab}bob@localhost(/t)?$tab-\
${tab}line=1${tab}id=$(id alice 'hello, bob')"
	done
	say bob '/msg alice@localhost/t an answer'
	ok "$kind: an answer" wait_for "$dir/alice.out" \
	    "^message.*bob@localhost/t${tab}an answer$tab"
	say alice '/status dnd at work'
	ok "$kind: a status" wait_for "$dir/bob.out" \
	    "^presence.*alice@localhost/t${tab}at work${tab}show=dnd\
${tab}was=online${tab}prio=0"
	say alice '/priority 5'
	ok "$kind: a priority" wait_for "$dir/bob.out" \
	    "^presence.*${tab}at work${tab}show=dnd${tab}was=dnd${tab}prio=5"
	say bob '/contacts'
	ok "$kind: contacts" wait_for "$dir/bob.out" \
	    "^contact${tab}[^$tab]*${tab}alice@localhost${tab}[^$tab]*\
${tab}show=dnd${tab}sub=both${tab}"
	say alice '/label mine /msg bob@localhost labelled'
	ok "$kind: a label" wait_for "$dir/alice.out" \
	    "^delivered.*${tab}label=mine"
	wait_for "$dir/alice.out" "^acked.*${tab}label=mine"
	is "$kind: a label on every event of its line" "$(grep -c \
	    "${tab}label=mine" "$dir/alice.out")" 3
	say alice '/msg nobody@localhost anybody?'
	ok "$kind: nobody is there" wait_for "$dir/alice.out" \
	    "^failed.*nobody@localhost$tab.*${tab}cause=service-unavailable"
	is "$kind: and that is its last fate" "$(grep "id=$(id alice \
	    'anybody?')" "$dir/alice.out" | cut -f1 | tail -n 1)" failed
	is "$kind: one fate each" "$(cut -f1,6 "$dir/alice.out" |
	    grep -E '^(failed|unknown)' | sort | uniq -d)" ''
	stop bob
	is "$kind: SIGTERM is polite" $? 0
	is "$kind: the end is told" "$(tail -n 1 "$dir/bob.out" |
	    cut -f1,4,5)" "state${tab}offline${tab}cause=-"
	eof alice
	finish alice
	is "$kind: a failed message is status 1" $? 1
}

away()
{
	printf 'while you were away\n' | timeout 100 "$jackline" -c \
	    -f "$dir/alice" -t bob@localhost >"$dir/out"
	is "$kind: to one who is away" $? 0
	printf '/wait message 10\n' | timeout 100 "$jackline" -c \
	    -f "$dir/bob" >"$dir/out"
	is "$kind: it waits for them" $? 0
	like "$kind: and says so" "$dir/out" \
	    "^message.*alice@localhost/t${tab}while you were away\
${tab}enc=none${tab}trust=-${tab}src=offline${tab}kind=chat\
${tab}id=[^$tab]+${tab}stamp=20"
	printf 'hello?\n' | timeout 100 "$jackline" -c -f "$dir/alice" \
	    -t nobody@localhost >"$dir/out" 2>"$dir/err"
	is "$kind: to one who does not exist" $? 1
	is "$kind: that bounces" "$(field 7 failed "$dir/out")" \
	    cause=service-unavailable
	like "$kind: with a reason" "$dir/err" '^jackline: '
}

# A client that is not ours: receipts asked and given both ways.
foreigner()
{
	start peer peer.py bob@localhost/peer bob-pw 127.0.0.1 \
	    "$c2s" "$ca"
	wait_for "$dir/peer.out" '"got": "online"'
	start alice "$jackline" -c -f "$dir/alice"
	wait_for "$dir/alice.out" "^presence.*bob@localhost/peer"
	say alice '/msg bob@localhost/peer how do you do'
	ok "$kind: a foreign client gets it" wait_for "$dir/peer.out" \
	    '"body": "how do you do".*"receipt": true'
	wait_for "$dir/alice.out" '^acked'
	unlike "$kind: no receipt, not delivered" "$dir/alice.out" \
	    '^delivered'
	for of in nonsense "$(id alice 'how do you do')"; do
		say peer '{"do":"receipt","to":"alice@localhost/t",'\
"\"id\":\"$of\"}"
	done
	ok "$kind: delivered" wait_for "$dir/alice.out" '^delivered'
	is "$kind: once, and no other" "$(field 6 delivered \
	    "$dir/alice.out")" "id=$(id alice 'how do you do')"
	say peer '{"do":"message","to":"alice@localhost/t","id":"r1",'\
'"body":"well","receipt":true}'
	ok "$kind: and is answered" wait_for "$dir/peer.out" \
	    '"got": "receipt".*"id": "r1"'
	say peer '{"do":"ping","to":"alice@localhost/t"}'
	ok "$kind: a ping is answered" wait_for "$dir/peer.out" '"pong"'
	say peer '{"do":"message","to":"alice@localhost/t","id":"h1",'\
'"body":"news","type":"headline"}'
	ok "$kind: a headline" wait_for "$dir/alice.out" \
	    "^message.*${tab}news$tab.*${tab}kind=headline${tab}id=h1"
	stop peer
	eof alice
	finish alice
	is "$kind: no failure" $? 0
}

# What is said must be one line each and come back to the very same bytes.
hostile_text()
{
	printf '<message/>\t\302\2332J\177\342\200\256hello\nmessage\t' \
	    >"$dir/text"
	printf '2026-11-22T15:23:54.123Z\tboss@x/y\tpay\tenc=otr' >>"$dir/text"
	printf '\ttrust=verified\tsrc=live\tkind=chat\tid=1 \134n\134' \
	    >>"$dir/text"
	text=$("$jackline" --escape <"$dir/text")
	start bob "$jackline" -c -f "$dir/bob"
	wait_for "$dir/bob.out" "^ok"
	{
		echo "/wait presence bob@localhost"
		printf '/status away %s\n' "$text"
		printf '/msg bob@localhost/t %s\n' "$text"
		echo /wait delivered
	} | timeout 100 "$jackline" -cex -f "$dir/alice" >"$dir/out"
	is "$kind: hostile text" $? 0
	ok "$kind: it arrives" wait_for "$dir/bob.out" '^message'
	wait_for "$dir/bob.out" '^presence.*show=offline'
	is "$kind: one line of it" "$(grep -c '^message' "$dir/bob.out")" 1
	like "$kind: of nobody else" "$dir/bob.out" \
	    "^message${tab}[^$tab]*${tab}alice@localhost/t${tab}[^$tab]*\
${tab}enc=none$tab"
	field 4 message "$dir/bob.out" | tr -d '\n' |
	    "$jackline" --unescape | cmp - "$dir/text"
	result $? "$kind: the body is the same bytes"
	awk -F '\t' '/^presence/ && /show=away/ { printf "%s", $4 }' \
	    "$dir/bob.out" | "$jackline" --unescape | cmp - "$dir/text"
	result $? "$kind: the status is the same bytes"
	is "$kind: nothing else came in" "$(grep -vcE \
	    '^(hello|state|ok|presence|message|roster)' "$dir/bob.out")" 0
	is "$kind: nothing controls" "$(tr -d '\n\t' <"$dir/bob.out" |
	    LC_ALL=C tr -cd '\000-\037\177-\237\342' | wc -c)" 0
	eof bob
	finish bob
	is "$kind: no failure of its reader" $? 0
}

# -r beside a running one: it reads, and stores and locks nothing.
beside()
{
	start alice "$jackline" -ck -f "$dir/alice"
	wait_for "$dir/alice.out" "^ok"
	ls -lR --time-style=full-iso "$dir/alice" >"$dir/before"
	printf '/msg alice@localhost/t no\n' | timeout 100 "$jackline" -c \
	    -f "$dir/alice" 2>"$dir/err" >"$dir/out"
	is "$kind: a second one is locked out" $? 78
	printf '/msg bob@localhost hi\n/quit\n' | timeout 100 "$jackline" -c \
	    -r beside -f "$dir/alice" >"$dir/out"
	is "$kind: but not with -r" $? 0
	ls -lR --time-style=full-iso "$dir/alice" >"$dir/after"
	is "$kind: it leaves the directory alone" "$(cat "$dir/after")" \
	    "$(cat "$dir/before")"
	unlike "$kind: the first is still there" "$dir/alice.out" \
	    "^state.*offline"
	# The second is U+FF54, which is prepared to the same.
	for same in t "$(printf '\357\275\224')"; do
		timeout 100 "$jackline" -c -r "$same" -f "$dir/alice" \
		    </dev/null >"$dir/out" 2>"$dir/err"
		is "$kind: -r with the same resource" $? 78
		like "$kind: in words" "$dir/err" '^jackline: -r .*that runs'
		is "$kind: and nothing else" "$(wc -c <"$dir/out")" 0
	done
	unlike "$kind: the first is still there" "$dir/alice.out" \
	    "^state.*offline"
	# From another directory it takes the place of the first.
	cp -r "$dir/alice" "$dir/copy"
	timeout 100 "$jackline" -c -r t -f "$dir/copy" </dev/null >"$dir/out"
	is "$kind: the same resource again" $? 0
	rm -r "$dir/copy"
	finish alice
	is "$kind: the first is thrown out" $? 69
	like "$kind: and told why" "$dir/alice.out" \
	    "offline${tab}cause=stream-conflict"
}

for kind in prosody ejabberd; do
	server "$kind"
	account alice -o ''
	account bob -o ''
	befriend
	both_ways
	away
	foreigner
	hostile_text
	beside
done

end
