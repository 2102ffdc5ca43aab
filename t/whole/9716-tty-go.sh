#!/bin/sh
# At a terminal: a /go that fails leaves nobody active; the text that is then
# refused returns to the line, and goes to whom the next /go names.
. "$(dirname "$0")/lib-tty.sh"

tty_chat carol
account carol -o ''
start carol "$jackline" -ce -f "$dir/carol"
wait_for "$dir/carol.out" "${tab}online"
run -c -f "$dir/alice" -g carol@localhost
ends 'up' '^carol@localhost.*> *$'

keys '/go bob' Enter
sees 'a word is questioned' 'did you mean bob@localhost\?'
sees 'and nobody is active' '\* with nobody'
ends 'nor in the prompt' '^> *$'
keys 'for bob only' Enter
sees 'text is refused' 'no active contact'
ends 'and is in the line again' '^> for bob only$'
keys C-c '/go bob@localhost' Enter
ends 'now there is somebody' '^bob@localhost.*> *$'
keys 'really for bob' Enter
wait_for "$dir/bob.out" 'really for bob'
is 'bob has what is his' \
    "$(field 4 message "$dir/bob.out")" 'really for bob'

keys '/go @@' Enter
ends 'no JID at all' '^> *$'
keys '/me waves' Enter
ends 'what looks like a command and is text returns, too' '^> /me waves$'
keys C-c '/go xmpp:localhost' Enter
ends 'a server that is meant' '^localhost.*> *$'
keys '/Go bob@localhost' Enter
ends 'a command that is none' '^> *$'
keys '/g carol@localhost' Enter
ends 'carol' '^carol@localhost.*> *$'
keys 'for carol' Enter
wait_for "$dir/carol.out" 'for carol'
is 'carol has had nothing else' \
    "$(field 4 message "$dir/carol.out")" 'for carol'
keys '/quit' Enter
same 'at the end'
stop bob
stop carol
tm kill-server
end
