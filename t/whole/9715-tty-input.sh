#!/bin/sh
# At a terminal: what is pasted is text wherever it comes, a key that means
# nothing types nothing, nothing that was typed is left out in silence, and a
# window that is closed is the end.
. "$(dirname "$0")/lib-tty.sh"

tty_chat
run -c -f "$dir/alice" -g bob@localhost
ends 'up' '^bob@localhost \[o\] clear> *$'

# paste FORMAT: as a terminal does it that marks what is pasted.
paste()
{
	# shellcheck disable=SC2059 # that is meant
	printf "$1" >"$dir/paste"
	tm load-buffer "$dir/paste"
	tm paste-buffer -p -r -t t
}

# What stands above several lines stays.
i=0
while [ $((i += 1)) -le 6 ]; do
	echo "/msg alice@localhost/t row $i."
done >"$dir/lines"
cat "$dir/lines" >"$dir/bob.in"
sees 'six rows' '<-- row 6\.$'
paste 'p1\np2\np3\np4'
sees 'several lines' '\* 4 lines: Return sends them as one message'
is 'the rows above are there' "$(rows | grep -c '<-- row [1-6]\.$')" 6
ends 'so are all of them' 'p4$'
keys C-c

# While another line is looked for, and where a key was to be taken as it is.
keys 'first words' Enter
sees 'sent' '(-->|\?->) first words$'
block='one\n/priority 5\n/msg bob@localhost run\n/quit\ntwo'
for before in 'C-r f i r' Escape C-v M-x 'C-r n o n e' 'Escape Escape'; do
	keys C-l
	ends "$before: an empty screen" '^bob@localhost \[o\] clear> *$'
	# shellcheck disable=SC2086 # several keys
	keys $before
	paste "$block"
	sees "$before: what is pasted" '\* 5 lines: Return sends them'
	ends "$before: is there" 'two'
	keys C-c
	ends "$before: and dropped" 'clear> *$'
done
keys 'x' Enter
wait_for "$dir/bob.out" "^message.*${tab}x$tab"
unlike 'nothing of it was done' "$dir/bob.out" "${tab}run$tab|prio=5"

# raw FORMAT: bytes, as a terminal sends them.
raw()
{
	# shellcheck disable=SC2059 # that is meant
	printf "$1" >"$dir/paste"
	tm load-buffer "$dir/paste"
	tm paste-buffer -r -t t
}

# A paste that begins and never ends gives the keyboard back.
raw '\033[200~hello'
ends 'what came of it is on the line' 'clear> hello$'
sees 'and it is said' 'the end of what is pasted has not come'
keys ' you' Enter
sees 'keys are keys again' '(-->|\?->) hello you$'
raw '\033[200~/priority 5\r'
given_up()
{
	keys C-c
	row_like '\* what was pasted is dropped'
}
wait_until given_up
result $? 'Ctrl-C drops it'
ends 'and nothing is on the line' 'clear> *$'
raw '\033[200~x'
ends 'one more' 'clear> x$'
raw '/priority 5\r\033[201~'
ends 'the rest of it that comes late is pasted too' 'clear> x/priority 5$'
keys C-c

# A mark of the end in what is pasted does not end it.
raw '\033[200~one\033[201~/priority 5\r\033[201~'
ends 'a mark within a line' 'clear> one/priority 5$'
keys C-c
mark='\033[201~\r/priority 5\r'
raw "\033[200~one$mark\033[201~$mark\033[200~/quit\r\033[201~"
sees 'many marks' '\* 5 lines: Return sends them'
ends 'all of it is there' '^.*/quit$'
keys C-c
raw '\033[200~half\033[2'
raw '01~ a mark'
ends 'a mark in two pieces' 'clear> half a mark$'
keys Enter
sees 'and it is sent' '(-->|\?->) half a mark$'
keys C-l 'pr' Enter
wait_for "$dir/bob.out" "^message.*${tab}pr$tab"
unlike 'nothing of all that was done' "$dir/bob.out" 'prio=5'

# Keys that end the search do what they do.
keys C-r fir Right Right X
ends 'Right' 'clear> fiXrst words$'
keys C-c C-r fir End X
ends 'End' 'clear> first wordsX$'
keys C-c C-r fir F12
sees 'F12' '\* shown: the active contact'
ends 'and the line is whole' 'clear> first words$'
keys F12 F12 C-c

# None of ours, and ours as .editrc has them.
printf '\033%.0s' $(seq 60) >"$dir/escapes"
printf '[A\033[%060dA' 1 >>"$dir/escapes"
tm load-buffer "$dir/escapes"
tm paste-buffer -r -t t
keys x C-c
ends 'not even sixty ESC' 'clear> *$'
keys F6 F7 F8 S-Up M-Up M-Left S-F5 C-F12 a F9 c
ends 'keys that mean nothing' 'clear> ac$'
keys C-c

# Bytes that are no character are shown, and refused.
paste 'caf\351 and \360\237'
ends 'they are seen' 'clear> caf.U\+DCE9 and .U\+DCF0.U\+DC9F$'
keys Enter
sees 'and not sent' '\* .*UTF-8'
paste 'ab\302\205\302\205\302\205c'
i=0
while [ $((i += 1)) -le 3 ]; do
	say bob "/msg alice@localhost/t more $i."
	sees "a message above $i" "<-- more $i\\.$"
done
is 'and no row of it is lost' "$(rows | grep -c '<-- more [1-3]\.$')" 3
keys C-c

# Wide characters make room for others.
keys 'one two 日本 three.four' C-Left A C-Left C-Left B C-Right C
ends 'as they are' 'clear> one two B日本C Athree\.four$'
keys C-c C-d
same 'the end'

# Where the locale knows no character beyond ASCII, what is typed is sent.
run LC_ALL=C -- -c -f "$dir/alice" -g bob@localhost
ends 'LC_ALL=C' '^bob@localhost \[o\] clear> *$'
keys 'naïve' Enter
ok 'as it was typed' wait_for "$dir/bob.out" "^message.*${tab}naïve$tab"
keys C-d
same 'LC_ALL=C'

# What others may have a part in begins no row, at the end neither.
resize 40
run -i '/such/a/directory/as/there/has/never/been/one'
sees 'the reason of the end' '^jackline: -i'
sees 'is indented where it goes on' '^  [^ ].*No such file'
resize 80

# A window that is closed: we go, and nobody waits for us to come back.
run -c -r window -f "$dir/alice"
sees 'online' '\* online'
ok 'there' wait_for "$dir/bob.out" \
    "^presence.*alice@localhost/window.*show=online"
# The shell passes on the SIGHUP that its terminal has sent: they are no second
# signal, by which we would go without a word to the server.
perl -e 'for $i (1 .. 50) { kill HUP => $ARGV[0] }' "$alice"
ok 'gone at once' wait_for "$dir/bob.out" \
    "^presence.*alice@localhost/window.*show=offline"
same 'several SIGHUP'
run -c -r closed -f "$dir/alice"
sees 'online again' '\* online'
ok 'there again' wait_for "$dir/bob.out" \
    "^presence.*alice@localhost/closed.*show=online"
tm kill-server
ok 'and gone at once' wait_for "$dir/bob.out" \
    "^presence.*alice@localhost/closed.*show=offline"
stop bob
end
