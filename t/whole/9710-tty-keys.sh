#!/bin/sh
# At a terminal: every key, whom it leads to, what was typed to whom, and what
# Tab offers.
. "$(dirname "$0")/lib-tty.sh"

server prosody FRIENDS='alice bob carol dave'
account alice -o ''
account bob -o ''
account carol -o ''
mkdir -p "$dir/sh"
# The person's own keys, some of which send sequences.
cat >"$dir/sh/.editrc" <<'END'
bind ^T ed-transpose-chars
bind -s ^G greetings
bind ^[[17~ ed-move-to-beg
bind -s ^[[18~ seven
END
tty_shell
start bob "$jackline" -ce -f "$dir/bob"
wait_for "$dir/bob.out" "${tab}online"

# Offline: what is said is that, and the first Up is how to begin.
run -f "$dir/alice"
ends 'an empty prompt' '^\(offline\) > *$'
keys Enter PPage C-q C-x M-c C-p C-n
ends 'nothing to go to' '^\(offline\) > *$'
keys Up
ends 'the first Up' '^\(offline\) > /connect *$'
keys Enter
sees 'connects' '\* online '
ends 'is online' '^> *$'

# Contacts: PgUp, PgDn, F5, Ctrl-q, Ctrl-x.
keys NPage
ends 'PgDn: who is online' '^bob@localhost \[o\] clear> *$'
keys NPage
ends 'there is nobody else' '^bob@localhost \[o\]'
keys F5
sees 'F5' 'PgUp and PgDn go to all contacts'
keys /contacts Enter
sees 'and who is offline is listed' '^[0-9:]{8}  \[_\] dave@localhost'
keys 'for bob' NPage
ends 'PgDn' '^carol@localhost \[_\] clear> *$'
keys 'for carol' NPage
ends 'PgDn again' '^dave@localhost \[_\] clear> *$'
keys NPage
ends 'PgDn, round, with what was half typed' \
    '^bob@localhost \[o\] clear> for bob$'
keys PPage PPage
ends 'PgUp, round' '^carol@localhost \[_\] clear> for carol$'
keys C-x
ends 'Ctrl-x' '^dave@localhost \[_\] clear> *$'
keys C-x
ends 'Ctrl-x, there and back' '^carol@localhost \[_\] clear> for carol$'
keys F5
sees 'F5 again' 'PgUp and PgDn leave out who is offline'
say bob '/msg alice@localhost/t hello'
ends 'something is unread' '^## carol@localhost \[_\] clear> for carol$'
keys C-q
ends 'Ctrl-q' '^bob@localhost \[o\] clear> for bob$'
keys C-q
ends 'Ctrl-q, and all is read' '^bob@localhost \[o\] clear> for bob$'
keys C-c C-l /contacts Enter
sees 'F5 again: the listing' '^[0-9:]{8}  \[o\] bob@localhost'
unlike 'leaves them out' "$dir/rows" 'dave@'

# Return on an empty line.
keys Enter
sees 'Return' '\* messages go to the bare JID'
keys Enter
sees 'and back' 'messages go to the best resource'

# Windows that are not here.
keys F10
sees 'F10' 'there are no windows'
keys C-l
ends 'Ctrl-L' '^bob@localhost'
keys F11
sees 'F11' 'there are no windows'

# The line.
keys 'one two three' C-Left C-Left X
ends 'Ctrl-Left' 'clear> one Xtwo three$'
keys C-Right X
ends 'Ctrl-Right' 'clear> one XtwoX three$'
keys C-c 'one two three' C-Left C-u
ends 'Ctrl-u' 'clear> three$'
keys C-k C-y
ends 'Ctrl-k, Ctrl-y' 'clear> three$'
keys C-a x C-e y C-b C-b C-f z
ends 'Ctrl-a, e, b, f' 'clear> xthreezy$'
keys Home C-d End BSpace
ends 'Home, Ctrl-d, End, Backspace' 'clear> threez$'
keys C-w
ends 'Ctrl-w' 'clear> *$'
keys ab C-t C-g
ends 'keys of .editrc' 'clear> bagreetings$'
keys C-c bc F6 a F7
ends 'which send sequences' 'clear> asevenbc$'
keys C-c
ends 'Ctrl-c' 'clear> *$'

# History, for each contact; search.
keys 'to bob, first' Enter 'to bob, second' Enter
sees 'sent' '(-->|\?->) to bob, second'
keys '/go carol@localhost' Enter
ends 'to carol' '^carol@'
keys C-c Up
ends 'nothing was typed to carol' '^carol@localhost \[_\] clear> *$'
keys C-x
ends 'to bob' '^bob@localhost \[o\] clear> *$'
keys Up
ends 'Up: the line that led away' 'clear> /go carol@localhost$'
keys Up Up
ends 'Up: the first to bob' 'clear> to bob, first$'
keys Down
ends 'Down' 'clear> to bob, second$'
keys C-c C-r 'first'
sees 'Ctrl-r' 'to bob, first$'
keys Escape
keys C-e '!'
ends 'Ctrl-r found it' 'clear> to bob, first!$'
keys C-c

keys C-c Up Up Up C-c
ends 'Ctrl-c' 'clear> *$'
keys half Up
ends 'and Up begins anew' 'clear> /go carol@localhost$'
keys Down
ends 'and leads back' 'clear> half$'
keys C-c

# Whom one writes to is who the prompt names, however short the command was.
keys '/la x /wi bob@localhost /g carol@localhost' Enter
ends '/la, /wi, /g' '^carol@localhost \[_\] clear> *$'
keys C-x
ends 'and back' '^bob@localhost \[o\] clear> *$'
keys C-l '/he keys' Enter
sees '/he keys' '\* PgUp, PgDn'

# Completion.
keys /discon Tab
ends 'Tab: a command' 'clear> /disconnect *$'
keys C-c /auth Tab r Tab
ends 'its word, as far as it goes' 'clear> /authorization request$'
keys Tab
sees 'twice: the list' '\* request request_unsubscribe *$'
keys C-c '/go c' Tab Enter
ends 'a JID, and the blank behind it does not matter' '^carol@'
keys '/status d' Tab
ends 'a presence' 'clear> /status dnd *$'
keys C-c '/otrpolicy -rev' Tab '+req' Tab
ends 'policies' 'clear> /otrpolicy -reveal_macs \+require_encryption *$'
keys C-c '/otr st' Tab
ends 'words' 'clear> /otr sta?$'
keys 'art ' Tab
ends 'the word behind it' 'clear> /otr start verified *$'
keys C-c '/he gone' C-a C-k '/dis' Enter
sees 'a unique prefix runs it' '\* offline'
ends 'offline' '^\(offline\) carol'
keys /co Enter
sees 'one that is none' '\* several commands begin so: /connect /contacts'
keys /conn Enter
sees 'and connects again' '\* online '
start pad "$jackline" -ce -r pad -f "$dir/bob"
wait_for "$dir/pad.out" "${tab}online"
sees 'another session' 'bob@localhost/pad \* is online'
keys '/go bob' Tab
ends 'more may follow' 'clear> /go bob@localhost$'
keys Tab
sees 'the sessions' '\* bob@localhost bob@localhost/pad bob@localhost/t *$'
keys /p Tab Enter
ends 'a full JID' '^bob@localhost/pad \[o\] clear> *$'

# One session, or all of them.
say bob '/msg alice@localhost/t from the desk'
ends 'another session is only unread' '^## bob@localhost/pad'
say pad '/msg alice@localhost/t from the pad'
sees 'this one is shown' '^[0-9:]{8} <-- from the pad'
unlike 'the other is not' "$dir/rows" 'from the desk'
keys C-q
ends 'Ctrl-q leads to both' '^bob@localhost \[o\] clear> *$'
sees 'where it is shown' '<-- from the desk'

# In a room.
start carol "$jackline" -ce -f "$dir/carol"
wait_for "$dir/carol.out" "${tab}online"
say carol '/join tea@conference.localhost/Ann\sLee'
wait_for "$dir/carol.out" 'tea.*code=110'
keys '/join tea@conference.localhost/alice' Enter
sees 'Ann is there' 'Ann Lee(;|$)'
keys '/go t' Tab Enter
ends 'a room' '^tea@conference.localhost \[o\] room> *$'
keys A Tab
ends 'a nick begins the line' 'room> Ann Lee: *$'
keys 'hi to A' C-c 'hi A' Tab
ends 'a nick within the line' 'room> hi Ann Lee *$'
keys C-c 'an' Tab
ends 'a nick in another case' 'room> Ann Lee: *$'
keys C-a C-k '/msg TEA@' Tab 'hi aNN' Tab '!'
ends 'an address in another case, and who is there' \
    'room> /msg tea@conference.localhost hi Ann Lee !$'
keys C-c '/join t' Tab
ends 'a room to enter' 'room> /join tea@conference.localhost *$'
keys C-c
stop pad
stop carol

# Ctrl-C never leaves; Ctrl-D does, on an empty line only.
keys C-c C-c C-c x C-a C-d y C-d
ends 'Ctrl-C, Ctrl-D' 'room> y$'
keys C-c C-d
same Ctrl-D

# A mode that is chosen in .editrc unbinds all keys: ours are there again.
editrc()
{
	printf '%s\n' "$1" >"$dir/sh/.editrc"
	run -c -f "$dir/alice" -g bob@localhost
	ends "$1: up" '^bob@localhost \[o\] clear> *$'
	keys "by $1" Enter
	sees "$1: Return" "^[0-9:]{8} (-->|\?->) by $1\$"
}
editrc 'edit off'
keys C-d
same 'edit off'
editrc 'bind -e'
keys 'one two' C-Left X
ends 'bind -e: keys' 'clear> one Xtwo$'
keys C-c C-d
same 'bind -e'
editrc 'bind -v'
keys F12
sees 'bind -v: F12' 'shown: the active contact'
keys 'one two' Left X
ends 'an arrow leaves the typing as it is' 'clear> one twXo$'
printf ' three\nfour' | tm load-buffer -
keys C-c 'one two'
tm paste-buffer -p -t t
sees 'so does a paste' '\* 2 lines: Return sends'
keys '!' Enter
sees 'which is one message' '^[0-9:]{8} --> one two three\\n$'
sees 'as a whole' '^ {13}four!$'
keys 'one two' Escape 0 x
ends 'ESC: commands' 'clear> ne two$'
# A confined process could not do what v does in libedit; one that is not could.
keys v x
ends 'v starts no editor' 'clear> e two$'
keys C-c C-d
same 'bind -v'
stop bob
tm kill-server
end
