#!/bin/sh
# What is stored of a contact is there when one turns to it, after a start.
. "$(dirname "$0")/lib-tty.sh"

server prosody FRIENDS='alice bob carol'
account alice -o ''
account bob -o ''
account carol -o ''
tty_shell
for name in bob carol; do
	start $name "$jackline" -ce -f "$dir/$name"
	wait_for "$dir/$name.out" "${tab}online"
done

run -c -f "$dir/alice" -g bob@localhost
sees 'online' 'carol@localhost/t \* is online'
keys '/log on' Enter
keys '/me waves' Enter
sees 'by our own name' '^[0-9:]{8} --> \* alice waves$'
say bob '/msg alice@localhost old word' '/msg alice@localhost old end'
sees 'an answer' '^[0-9:]{8} <-- old end$'
keys '/go carol@localhost' Enter '/log on' Enter
ends 'to another' '^carol@localhost \[o\] clear> *$'
i=0
while [ $((i += 1)) -le 12 ]; do
	echo "/msg alice@localhost line $i"
done >"$dir/carol.in"
sees 'who writes more' '^[0-9:]{8} <-- line 12$'
keys /quit Enter
same 'the first time'

# The active contact's lines come with the start, others' when turned to.
run -c -f "$dir/alice" -g bob@localhost
sees 'online again' 'carol@localhost/t \* is online'
like 'our own line' "$dir/rows" '^[0-9:]{8} --> \* alice waves$'
like 'theirs' "$dir/rows" '^[0-9:]{8} <-- old end$'
unlike 'nobody else' "$dir/rows" '<-- line'
say carol '/msg alice@localhost new'
sees 'another writes' 'carol@localhost.* <-- new$'
keys half C-q
ends 'one turns to it' '^carol@localhost \[o\] clear> *$'
sees 'with what came before' '^[0-9:]{8} <-- line 12$'
rows | sed -n '/with carol/,$p' | sed -n 's/.*<-- //p' >"$dir/got"
is 'the last ten, in order, each once' "$(tr '\n' ' ' <"$dir/got")" \
    'line 4 line 5 line 6 line 7 line 8 line 9 line 10 line 11 line 12 new '
keys C-p
sees 'a page before them' '<-- line 1$'
keys C-l C-x
ends 'back to the first, and its half line' '^bob@localhost .*> half$'
sees 'is shown again' '<-- old end$'
is 'once' "$(rows | grep -c 'old end')" 1
keys C-c '/history 1' Enter
sees 'and /history is as it was' '<-- old end$'
keys C-d
same 'the end'
for name in bob carol; do
	stop $name
done
tm kill-server
end
