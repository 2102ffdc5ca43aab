#!/bin/sh
# At a terminal: what is encrypted looks so, in the rows and in the prompt;
# Alt-c leads there; a secret is asked for and not shown.
. "$(dirname "$0")/lib-tty.sh"
asan_libotr

server prosody FRIENDS='alice bob carol'
account alice -o ''
account bob -o ''
tty_shell
start bob "$jackline" -ce -f "$dir/bob"
wait_for "$dir/bob.out" "${tab}online"
keys 'TERM=tmux-256color; export TERM' Enter
run -c -f "$dir/alice" -g bob@localhost
ends 'the prompt' '^bob@localhost \[o\] clear> *$'
keys 'half typed'
ends 'typed' 'clear> half typed$'
say bob '/with alice@localhost/t /otr start'
paints 'encrypted: green, and that the key is not known: red' \
    '\[o\] .e.38;5;28motr.e.39m .e.31munverified.e.39m> half typed$'
paints 'the event is green' '38;5;28m.*\* otr: encrypted'
keys C-c 'a word' Enter
sees 'and delivered' '^[0-9:]{8} -O> a word$'
kill -STOP "$(pid bob)"
keys 'on its way' Enter
sees 'sent, and not delivered' '^[0-9:]{8} \?O> on its way$'
kill -CONT "$(pid bob)"
sees 'and then it is' '^[0-9:]{8} -O> on its way$'
is 'in place' "$(rows | grep -c 'on its way')" 1
say bob '/msg alice@localhost/t another'
sees 'received' '^[0-9:]{8} <O- another$'

# A narrow window.
resize 40
ends 'in 40 columns' '^bob oO\?> *$'
resize 80
ends 'in 80' '^bob@localhost \[o\] otr unverified> *$'

# From another contact.
keys '/go carol@localhost' Enter
ends 'to carol' '^carol@localhost \[_\] clear> *$'
keys 'for carol' M-c
ends 'Alt-c' '^bob@localhost \[o\] otr unverified> *$'
keys M-c
ends 'there is no other' '^bob@localhost \[o\] otr unverified> *$'
keys C-x
ends 'what was half typed' '^carol@localhost \[_\] clear> for carol$'
keys C-c C-x
ends 'and back' '^bob@localhost'

# Secrets.
say bob '/with alice@localhost/t /smp shared plover'
sees 'they ask' 'smp: they ask'
keys '/smp answer plover' Enter
paints 'verified: green' \
    'bob@localhost \[o\] .e.38;5;28motr.e.39m .e.38;5;28mverified.e.39m> *'
resize 40
ends 'verified, in 40 columns' '^bob oO> *$'
resize 80
sees 'whose key it is' '\* otr: encrypted, the key is'
keys /fingerprint Enter
sees 'in groups of eight' '\* fingerprint( [0-9a-f]{8}){5} '
key=$(rows | grep -oE 'fingerprint( [0-9a-f]{8}){5}' | cut -c 13- | tail -n 1)
keys "/revoke $key" Enter
ends 'revoked' '^bob@localhost \[o\] otr revoked> *$'
keys "/fingerprint $key" Enter
ends 'and verified' '^bob@localhost \[o\] otr verified> *$'
keys '/smp question which bird?' Enter
ends 'a question' '^[^>]*: *$'
keys swallow
say bob '/msg alice@localhost/t meanwhile'
sees 'something comes' '<O- meanwhile$'
rows | grep -q swallow
is 'what is answered is not shown' $? 1
keys Enter
wait_for "$dir/bob.out" '^smp.*which bird'
keys C-l
ends 'a screen' '^bob@localhost'
say bob '/with alice@localhost/t /smp answer swallow'
sees 'and is right' 'smp: succeeded'
keys Up
ends 'nor kept' '> /smp question which bird\?$'
keys C-c

# What is pasted is what was copied; keys that edit elsewhere are none of it.
keys '/smp question what now?' Enter
ends 'another question' '^[^>]*: *$'
printf 'swal\003low\n' | tm load-buffer -
tm paste-buffer -p -t t
keys Left Up F1 F5 Home NPage C-Left 'X' BSpace C-z
ends 'Ctrl-Z: the shell' '^sh> *$'
keys 'clear; fg' Enter
ends 'asked again' '^[^>]*: *$'
keys Enter
wait_for "$dir/bob.out" '^smp.*what now'
say bob '/with alice@localhost/t /smp answer swallow'
wait_for "$dir/bob.out" '^success.*swallow|^smp.*state=(succeeded|failed)'
sees 'a pasted secret is right' 'smp: (succeeded|failed)'
unlike 'not wrong' "$dir/rows" 'smp: failed'

# One that is pasted, with the end of its line, among keys that edit nothing.
keys C-l '/smp question which other?' Enter
ends 'a question again' '^[^>]*: *$'
keys Left F12 sp
printf 'arrow\n' | tm load-buffer -
tm paste-buffer -p -t t
keys s BSpace Enter
wait_for "$dir/bob.out" '^smp.*which other'
say bob '/with alice@localhost/t /smp answer sparrow'
sees 'what was pasted is right' 'smp: (succeeded|failed)'
like 'and nothing else is in it' "$dir/rows" 'smp: succeeded'

# Who gives none asks nothing.
keys C-l '/smp question any?' Enter
ends 'one more question' '^[^>]*: *$'
keys half C-c
sees 'Ctrl-C' '\* no secret was given: nothing was sent'
ends 'and that is all' '^bob@localhost'
unlike 'bob was not asked' "$dir/bob.out" '^smp.*any'

# Its end.
say bob '/with alice@localhost/t /otr stop'
paints 'finished: red' 'bob@localhost \[o\] .e.31mfinished.e.39m> *'
keys 'not in clear' Enter
sees 'nothing leaves' '\* not sent: the contact has ended'
keys C-c C-d
same 'the end'
stop bob
unlike 'nothing left in the clear' "$dir/bob.out" 'not in clear'
tm kill-server
end
