#!/bin/sh
# At a terminal: the half-typed line under a flood, in windows that change,
# with characters of every width; pastes; no bell.
. "$(dirname "$0")/lib-tty.sh"

tty_chat
run -c -f "$dir/alice" -g bob@localhost
ends 'up' '^bob@localhost \[o\] clear> *$'
# Every byte that is written from here on.
tm pipe-pane -t t -o "cat >$dir/raw"

# joined: the prompt and the line as one, the last rows of the screen from the
# prompt on; tmux leaves out blanks at the end of a row.
joined()
{
	rows | sed -n '/^bob.*> /,$p' | tr -d '\n '
}

# line_is TEXT: the line is TEXT now, but for blanks.
line_is()
{
	joined | sed 's/^[^>]*> *//' | grep -qxF -e "$1"
}

# whole NAME TEXT: the line is TEXT, whatever rows it takes.
whole()
{
	want=$(printf %s "$2" | tr -d ' ')
	wait_until line_is "$want"
	result $? "$1" || diag "the line is not $want:" "$(rows)"
}

# A line of several rows, wide and combining characters at their ends.
long='日本語の長い行です、一二三四五六七八九十 naïve é👍 '
long="$long${long}end"
keys "$long"
whole 'a long line' "$long"
say bob '/msg alice@localhost/t above'
sees 'a message above it' "^[0-9:]{8} <-- above$"
whole 'and it is whole' "$long"
is 'and once' "$(rows | grep -c 'end$')" 1
keys Home X C-e Y
whole 'edited at both ends' "X${long}Y"
i=0
for columns in 79 41 20 21 22 80; do
	resize $columns
	say bob "/msg alice@localhost/t w$columns"
	sees "$columns columns" "^[0-9:]{8} <-- w$columns$"
	whole "$columns: it is whole" "X${long}Y"
done
is 'and once again' "$(rows | grep -c 'X日本')" 1
keys Enter
wait_for "$dir/bob.out" "^message.*${tab}X"
is 'is sent as it was typed' "$(field 4 message "$dir/bob.out" | tail -n 1)" \
    "X${long}Y"
keys C-l

# Marks belong to the letter before them.
acute=$(printf '\314\201')
keys "ae$acute${acute}x" Left Left X
ends 'Left goes before a letter with its marks' "clear> aXe$acute${acute}x\$"
is 'and the cursor is there' "$(tm display-message -p -t t '#{cursor_x}')" 27
keys Right Y BSpace
ends 'Right behind them' "clear> aXe$acute${acute}x\$"
keys Left DC
ends 'Delete takes both' 'clear> aXx$'
keys C-c "${acute}x"
ends 'a mark alone has a circle' "clear> ◌${acute}x\$"
keys C-c

# A line that is taller than the window is seen where the cursor is.
tall=$(printf 'w%04d ' $(seq 1 500))
keys "$tall"
ends 'the end of it' ' w0499 w0500$'
sees 'behind the prompt' '^bob@localhost \[o\] clear> \.\.\.'
more=$(printf 'z%04d ' $(seq 1 100))
keys Home End "$more"
ends 'more of it' ' z0099 z0100$'
tall=$tall$more
say bob '/msg alice@localhost/t above a tall line'
sees 'a message above it' '^[0-9:]{8} <-- above a tall line$'
keys Home X
sees 'its begin' '^bob@localhost \[o\] clear> Xw0001 w0002 '
ends 'it goes on' '\.\.\.$'
keys C-Right C-Right Y
sees 'is edited' '> Xw0001 w0002Y w0003 '
for columns in 100 60 80; do
	resize $columns
	say bob "/msg alice@localhost/t tall, $columns"
	sees "$columns columns: a message" "^[0-9:]{8} <-- tall, $columns$"
	sees "$columns columns: its begin" '> Xw0001 w0002Y w0003 '
done
keys End Enter
wait_for "$dir/bob.out" "^message.*${tab}Xw0001"
is 'it is sent in whole' "$(field 4 message "$dir/bob.out" | tail -n 1)" \
    "$(printf %s "X$tall" | sed 's/w0002/&Y/')"
keys C-l

# Keys where the line ended before the window became narrower than it.
for columns in 40 41 42 43; do
	line=$(printf '%041d' 0)1
	keys "$line"
	whole 'typed' "$line"
	for width in $columns 80; do
		resize "$width"
		whole "$width columns" "$line"
		keys x
		line=${line}x
		whole 'and a key' "$line"
	done
	keys C-c
	ends 'cleared' 'clear> *$'
done

# Pastes.
printf 'one\ntwo\n\033[31mthree\n\n' | tm load-buffer -
tm paste-buffer -p -t t
sees 'a paste is counted' '\* 3 lines: Return sends'
keys C-c
ends 'and dropped' 'clear> *$'
tm paste-buffer -p -t t
sees 'a paste is counted again' '\* 3 lines: Return sends'
say bob '/msg alice@localhost/t during it'
sees 'something comes' '<-- during it'
keys '!' Enter
wait_for "$dir/bob.out" "^message.*two"
is 'it is one message' "$(field 4 message "$dir/bob.out" | tail -n 1)" \
    'one\ntwo\n[31mthree!'
printf '/quit' | tm load-buffer -
tm paste-buffer -p -t t
ends 'one line is only inserted' 'clear> /quit$'
keys C-c
printf '/quit\n/quit\n' | tm load-buffer -
tm paste-buffer -p -t t
sees 'several that look like commands' '\* 2 lines'
keys Enter
wait_for "$dir/bob.out" "^message.*quit"
is 'are a message' "$(field 4 message "$dir/bob.out" | tail -n 1)" \
    '/quit\n/quit'
ends 'and nothing is run' '^bob@localhost \[o\] clear> *$'

# A flood as fast as it can be drawn, for as long as somebody types and the
# window changes.
keys C-d
ends 'the shell' '^sh> *$'
server-certs "$dir/certs" "$domain"
start flood "$build/t/server/server-flood" -m 10000 -u "$dir/typed" \
    "$dir/certs"
wait_for "$dir/flood.out" '^port '
make-config -o '' "$dir/flooded" alice@localhost/t \
    "$(sed -n 's/^port //p' "$dir/flood.out")" "$dir/certs/ca.crt"
keys "clear; $jackline -c -f $dir/flooded -g bob@localhost" Enter
sees 'a flood begins' '<-- 0+[0-9]+$'
typed=
i=0
while [ $((i += 1)) -le 40 ]; do
	keys "$i日 "
	typed="$typed$i日 "
	case $i in
	10) tm resize-window -t t -x 60 -y 20 ;;
	20) tm resize-window -t t -x 33 -y 25 ;;
	30) tm resize-window -t t -x 80 -y 30 ;;
	esac
done
rows >"$dir/rows"
unlike 'it was typed while it came' "$dir/rows" '<-- last$'
like 'and lines came' "$dir/rows" '<-- 0+[0-9]+$'
: >"$dir/typed"
sees 'all of it is shown' '<-- last$'
whole 'and no key was lost' "$typed"
keys Enter
sees 'it is sent' '\?-> 1日'
is 'nor a letter' "$(rows | sed -n '/?-> 1日/,/^bob/p' | grep -v '^bob' |
    tr -d ' \n' | sed 's/.*?->//')" "$(printf %s "$typed" | tr -d ' ')"

# Nothing rings, not even keys that lead nowhere.
keys Left BSpace Up Up Up Up Up Up Up Up Up Up Up Down Down C-q M-c Tab
keys C-c /nonsense Tab C-c C-c C-d
same 'the end'
[ -s "$dir/raw" ]
result $? 'bytes were kept'
LC_ALL=C grep -q "$(printf '\a')" "$dir/raw"
is 'none of them rings' $? 1
grep -q "$(printf '\033\\][0-9]')" "$dir/raw"
is 'nor sets a title' $? 1
stop bob
stop flood
tm kill-server
end
