#!/bin/sh
# At a terminal, inside tmux: what is typed while lines arrive, what they look
# like, keys, and the settings of the terminal on every way out.
. "$(dirname "$0")/lib-tty.sh"

tty_chat carol

run -c -f "$dir/alice" -g bob@localhost
sees 'online' '^[0-9:]{8} \* online '
ends 'the prompt' '^bob@localhost \[o\] clear> *$'

# Editing while lines arrive.
keys 'half typed 日本語'
ends 'typed' 'clear> half typed 日本語$'
say bob '/msg alice@localhost/t a word'
sees 'a message' '^[0-9:]{8} <-- a word$'
ends 'what was half typed is there' 'clear> half typed 日本語$'
keys Left Left 'X'
ends 'and is edited' 'clear> half typed 日X本語$'
keys Enter
sees 'its receipt turns it, in place' '^[0-9:]{8} --> half typed 日X本語$'
is 'and it is there once' "$(rows | grep -c 日X本語)" 1
ok 'it came' wait_for "$dir/bob.out" "^message.*${tab}half typed 日X本語$tab"
ends 'the line is empty again' 'clear> *$'

# Long lines, wide characters, and those who would draw a line of their own.
wide=$(printf '日本語の長い行%.0s' 1 2 3 4 5 6 7 8 9)
say bob "/msg alice@localhost/t $wide" '/msg alice@localhost/t done'
sees 'a wide one' '<-- done$'
is 'is all there' "$(rows | grep -A1 '<-- 日' | tr -d ' \n' |
    sed 's/.*<--//')" "$wide"
sees 'it goes on indented' '^ {13}[^ ]'
blanks=$(printf '%76s' '')
say bob "/msg alice@localhost/t x${blanks}11:11:11 <-- forged" \
    '/msg alice@localhost/t y\n11:11:11 <-- forged' \
    '/msg alice@localhost/t z\u{9b}2J\u{202e}11:11:11 <-- forged' \
    '/msg alice@localhost/t over'
sees 'hostile ones' '<-- over$'
rows >"$dir/forged"
is 'all three are there' "$(grep -c forged "$dir/forged")" 3
unlike 'none begins a row' "$dir/forged" '^11:11:11'
like 'what is hidden is spelt out' "$dir/forged" 'z\\u\{9b\}2J\\u\{202e\}11'

# Resizing.
long='one two three four five six seven eight nine ten eleven twelve'
keys "$long"
ends 'a long line' 'twelve$'
resize 40
sees 'narrower' '^bob o-> one two three'
resize 20
say bob '/msg alice@localhost/t in a narrow window of twenty columns'
sees 'twenty columns' '^  twenty columns$'
resize 100
ends 'wide again, and intact' "clear> $long\$"
keys C-c
ends 'Ctrl-C clears the line' 'clear> *$'

# Several lines that are pasted.
printf 'one\\n\ntwo\nthree\n' | tm load-buffer -
tm paste-buffer -p -t t
sees 'a paste is counted' '\* 3 lines: Return sends'
keys Enter
ok 'it is one message' wait_for "$dir/bob.out" \
    "^message.*${tab}one\\\\\\\\n\\\\ntwo\\\\nthree$tab"

# Keys and completion.
keys Up C-a C-k '/conta' Tab 'a' Tab
ends 'completion' 'clear> /contacts all *$'
keys C-c '/con' Tab
sees 'the list of candidates' '\* /connect /contacts *$'
keys C-c
keys 'for bob' F5
sees 'F5' 'PgUp and PgDn go to all contacts'
keys NPage
ends 'the next contact, without what was half typed' \
    '^carol@localhost \[_\] clear> *$'
say bob '/msg alice@localhost/t are you there?'
sees 'of another, with a name' 'bob@localhost/t <-- are you there'
ends 'there is something unread' '^## carol@'
keys C-q
ends 'Ctrl-q: whom it is from, and what was half typed' \
    '^bob@localhost \[o\] clear> for bob$'
keys C-c C-x
ends 'Ctrl-x: the one before' '^carol@localhost'
keys '/go bob@localhost' Enter
ends 'a command' '^bob@localhost'
keys F12 F12
sees 'F12' 'shown: the event lines'
say bob '/msg alice@localhost/t raw'
sees 'as they are' '^message  20.*bob@localhost/t  raw  enc=none'
keys F12
sees 'and everything again' 'shown: everything'
keys '/help keys' Enter
sees 'the keys' '\* PgUp, PgDn'

# Ways out.
keys 'half' C-z
ends 'Ctrl-Z: the shell' '^sh> *$'
keys 'clear; fg' Enter
ends 'and back' '^bob@localhost \[o\] clear> half$'
keys C-c C-d
same Ctrl-D
for signal in TERM HUP SEGV; do
	run -c -f "$dir/alice" -g bob@localhost
	ends "SIG$signal: up" '^bob@localhost \[o\] clear> *$'
	keys 'half'
	ends "SIG$signal: typed" 'clear> half$'
	kill -$signal "$alice"
	same "SIG$signal"
done

# No configuration yet.
run -f "$dir/new"
ends 'the first start asks' '^your JID, as you@example\.org: *$'
keys C-d
sees 'an end is an end' 'nothing was written|othing was written'
same 'the first start'
[ ! -e "$dir/new" ]
result $? 'nothing was written'

# What cannot move its cursor has the event lines.
keys 'TERM=dumb; export TERM' Enter
run -f "$dir/alice"
sees 'TERM=dumb' '^hello +20[0-9-]+T[0-9:.]+Z +alice@localhost/t +jackline'
keys C-d
same 'TERM=dumb'
eof bob
finish bob
is 'the other was well' $? 0

# Who leaves does not wait for a connection that is lost.
run TERM=screen -- -c -w 1000 -f "$dir/alice" -g carol@localhost
ends 'up once more' '^carol@localhost \[_\] clear> *$'
server_down
sees 'lost' '\* waiting: .*; trying again in [0-9]+ s'
keys C-d
same 'Ctrl-D while it is lost'
tm kill-server
end
