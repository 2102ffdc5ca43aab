#!/bin/sh
# At a terminal: what is shown of what, how, and in which colours.
. "$(dirname "$0")/lib-tty.sh"

server prosody FRIENDS='alice bob carol'
account alice -o ''
account bob -o ''
account carol -o ''
tty_shell
start bob "$jackline" -ce -f "$dir/bob"
start carol "$jackline" -ce -f "$dir/carol"
wait_for "$dir/bob.out" "${tab}online"
wait_for "$dir/carol.out" "${tab}online"
now='[0-9][0-9]:[0-9][0-9]:[0-9][0-9]'

# A terminal of 256 colours: tmux says so.
keys 'TERM=tmux-256color; export TERM' Enter
hours=$(TZ=XYZ-9 date +%H)
run TZ=XYZ-9 -- -c -f "$dir/alice" -g bob@localhost
ends 'the prompt' '^bob@localhost \[o\] clear> *$'
hours="$hours|$(TZ=XYZ-9 date +%H)"
is 'local time, from the first row on' "$(rows | sed -n 's/^\(..\):.*/\1/p' |
    grep -cvxE "$hours")" 0
sees 'the date, where a day begins' '^20[0-9]{2}-[0-9]{2}-[0-9]{2}$'
is 'once' "$(rows | grep -c '^20..-..-..$')" 1
paints 'what happened is gray' '38;5;243m\* connecting'
paints 'being online is green' '38;5;28m\* online'
paints 'presence is gray' '38;5;243mbob@localhost/t \* is online'
say bob '/status online late' '/status online later' '/status online'
sees 'other words are news' 'is online: later'
ends 'shown as they are' '^bob@localhost \[o\] clear> *$'
is 'each once' "$(rows | grep -c 'is online: late')" 2
paints 'no encryption is red' 'bob@localhost \[o\] .e.31mclear.e.39m>'
keys /log Space on Enter
paints 'logging inverts the prompt' '^\\e\[7m(\\e\[39m)?bob@localhost\\e\[0m'
keys /log Space off Enter
paints 'and no longer' '^(\\e\[[0-9;]*m)*bob@localhost \[o\]'
say carol '/msg alice@localhost/t psst'
paints 'unread is yellow' '^\\e\[38;5;100m##\\e\[39m bob@'
keys /lo Tab
ends 'typed' '## bob@localhost \[o\] clear> /log *$'
keys C-c C-q
ends 'read' '^carol@localhost \[o\] clear> *$'
keys C-x
ends 'back' '^bob@localhost \[o\] clear> *$'

# Receipts.
keys one Enter
paints 'sent and delivered: white, in place' "^(.e.39m)?$now --> one\$"
keys C-l
kill -STOP "$(pid bob)"
keys two Enter three Enter
sees 'on the way' "^$now \?-> three"
paints 'which is grayer' "38;5;243m\?-> two"
kill -CONT "$(pid bob)"
sees 'two are delivered' "^$now --> three"
is 'both in place' "$(rows | grep -cE -e '(-->|\?->) (two|three)')" 2
kill -STOP "$(pid bob)"
keys 'four and something that is long, so long that it takes more than' \
    ' a row of this terminal' Enter
sees 'on its way' "^$now \?-> four"
say carol '/msg alice@localhost/t between'
sees 'something is between' "^$now carol@localhost/t <-- between"
kill -CONT "$(pid bob)"
paints 'late: one dim row' \
    "^(.e.39m)?$now .e.2m--> delivered: four and something .*~"
is 'and the message is where it was' "$(rows | grep -c -e '?-> four')" 1
keys /clear Enter
ends '/clear' '^## bob@localhost'
is 'the screen is empty' "$(rows | wc -l)" 1

# Backlog.
keys C-q
ends 'to carol' '^carol@'
i=0
while [ $((i += 1)) -le 70 ]; do
	echo "/msg alice@localhost/t line $i."
done >"$dir/lines"
cat "$dir/lines" >"$dir/carol.in"
sees 'seventy lines' '<-- line 70\.$'
keys C-l C-p
sees 'Ctrl-p' '^[0-9:]{8} \* the last lines'
ends 'the prompt is below' '^carol@localhost \[o\] clear> *$'
is 'a page of them' "$(rows | grep -o 'line .*' | sed -n '1p;$p' |
    tr '\n' ' ')" 'line 45. line 70. '
keys C-p
sees 'again' '^[0-9:]{8} \* earlier'
is 'the page before it' "$(rows | grep -o 'line .*' | tail -n 26 |
    sed -n '1p;$p' | tr '\n' ' ')" 'line 19. line 44. '
keys C-l C-PageUp C-PageUp C-PageUp
sees 'Ctrl-PgUp: the first page' '<-- psst'
say carol '/msg alice@localhost/t line 71.'
sees 'another line' 'line 71\.'
keys C-PageUp
sees 'the end of it' 'nothing earlier is here'
keys C-l C-PageDown
sees 'Ctrl-PgDn' 'line 19\.'
is 'is the page behind' "$(rows | grep -o 'line .*' | sed -n '1p;$p' |
    tr '\n' ' ')" 'line 19. line 44. '
keys C-n C-n
sees 'Ctrl-n: the last' 'the last lines'
sees 'to the end' 'line 71\.'
# Messages of several rows: none of them is left out between two pages.
for i in 1 2 3 4 5 6 7 8 9; do
	say carol "/msg alice@localhost/t tall $i.\\nb\\nc\\nd\\ne"
done
sees 'tall ones' '<-- tall 9\.'
keys C-l C-p
sees 'a page' 'the last lines'
rows >"$dir/pages"
keys C-p
sees 'and one before it' '\* earlier'
rows >>"$dir/pages"
is 'all of them are there' "$(grep -o 'tall [0-9]' "$dir/pages" | sort -u |
    wc -l)" 9
keys C-n C-l
i=0
while [ $((i += 1)) -le 10 ]; do
	echo "/msg alice@localhost/t line 7$i."
done >"$dir/lines"
cat "$dir/lines" >"$dir/carol.in"
sees 'the last line' 'line 710\.'
keys C-l C-x
ends 'to bob' '^bob@'
sees 'with what was said' "^$now --> four and"
is 'nothing of others' "$(rows | grep -c line)" 0
keys C-x
ends 'and to carol' '^carol@'
is 'the last ten' "$(rows | grep -c -e '<-- line')" 10

# What is shown.
keys F12
sees 'F12' 'shown: the active contact'
say bob '/msg alice@localhost/t not to be seen'
ends 'only counted' '^## carol@'
unlike 'not shown' "$dir/rows" 'not to be seen'
keys F12 F12
sees 'F12: everything' 'shown: everything'
keys '/filter 7' Enter C-l
say carol '/msg alice@localhost/t six' '/msg alice@localhost/t seven 7' \
    '/status away gone' '/msg alice@localhost/t 77'
sees 'a filter' '<-- 77'
is 'holds what it holds' "$(rows | grep -c -e '<--')" 2
sees 'others are shown' 'carol@localhost/t \* is away: gone'
keys C-l C-p
sees 'the backlog too' '<-- line 67\.'
is 'is filtered' "$(rows | grep -e '<--' | grep -vc 7)" 0
keys /ignore_presence Enter
keys C-l
say carol '/status dnd' '/msg alice@localhost/t 777'
sees 'no presence' '<-- 777'
unlike 'is shown' "$dir/rows" 'dnd'
keys '/filter a\b' Enter C-l 'of ours' Enter
wait_for "$dir/carol.out" 'of ours'
say carol '/msg alice@localhost/t a\\b' '/msg alice@localhost/t ab' \
    '/msg alice@localhost/t a\\b, the end'
sees 'a filter with a backslash' '<-- a\\\\b, the end'
is 'holds what has one' "$(rows | grep -c -e '<--')" 2
unlike 'nothing of ours' "$dir/rows" 'of ours'
keys C-q
ends 'another contact' '^bob@'
say carol '/status free' '/msg alice@localhost/t six again'
sees 'ends the filter' '<-- six again'
sees 'and the other' 'carol@localhost/t \* is free'

# Our nick.
say bob '/join tea@conference.localhost/Bo'
wait_for "$dir/bob.out" 'tea.*code=110'
keys '/join tea@conference.localhost/Al' Enter
sees 'in a room' \
    'tea@conference.localhost \* you are in this room as Al; with you: Bo'
say bob '/with tea@conference.localhost Also, alas' \
    '/with tea@conference.localhost it is for AL, not us' \
    '/with tea@conference.localhost /me calls'
sees 'three' 'Bo calls'
paints 'the one that calls us' \
    '^.e.1;4m.* <-- Bo: it is for AL|e.1;4mtea@.*<-- Bo: it is for AL'
is 'no other' "$(grep -c '1;4m' "$dir/rows")" 1
keys C-d
same 'leave'

# Colours of other terminals, and our own.
printf '%s\n' '((Presence "rgb 5 0 1") (Info "gray 3") (Chat lightblue))' \
    >"$dir/alice/colours.sexp"
colour()
{
	ends "$2: the shell" '^sh> *$'
	keys "clear; $1" Enter
	run -c -f "$dir/alice" -g bob@localhost
	ends "$2: the prompt" '^bob@localhost \[o\] clear> *$'
	say bob '/msg alice@localhost/t chat'
	sees "$2: a message" '<-- chat'
}
colour 'TERM=tmux-256color' '256 colours'
paints '256: rgb' '38;5;197mbob@localhost/t \* is online'
paints '256: gray' '38;5;235m\* connecting'
paints '256: named' '94m<-- chat'
keys C-d
colour 'TERM=screen' '16 colours'
paints '16: rgb' '91mbob@localhost/t \* is online'
paints '16: gray' '30m\* connecting'
paints '16: named' '94m<-- chat'
keys C-d
colour 'TERM=vt220' 'monochrome'
unlike 'no colours' "$dir/rows" 'e\[(3[0-8]|9[0-7])'
keys C-d
colour 'TERM=tmux-256color NO_COLOR=1; export NO_COLOR' 'NO_COLOR'
paints 'no' '<-- chat'
unlike 'colours' "$dir/rows" 'e\[(3[0-8]|9[0-7])'
keys C-d
same 'colours'
stop bob
stop carol
tm kill-server
end
