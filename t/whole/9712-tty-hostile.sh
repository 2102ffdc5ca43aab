#!/bin/sh
# At a terminal: bodies, nicks and statuses that would draw where they should
# not, in windows of three widths; what is half typed under all that.
. "$(dirname "$0")/lib-tty.sh"

tty_chat
run -c -f "$dir/alice" -g bob@localhost
ends 'up' '^bob@localhost \[o\] clear> *$'

many='1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19'
word=$(printf 'x%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20)
word=$word$word$word$word$word$word
blanks=$(printf '%76s' '')
# shellcheck disable=SC2086 # each of them
# What is written to a row that is not theirs ends the test: FORGED.
texts()
{
	printf '%s\n' "x${blanks}FORGED" 'x\nFORGED' 'x\r\nFORGED' 'x\rFORGED' \
	    'x\tFORGED' 'x\u{9b}2J\u{9b}HFORGED' 'x\u{85}FORGED' \
	    'x\u{2028}FORGED' 'x\u{2029}FORGED' 'x\u{202e}DEGROF' \
	    'x\u{2067}\u{200f}FORGED\u{2069}' 'x\u{ad}\u{200b}\u{feff}FORGED' \
	    'x\u{e0041}\u{e007f}FORGED' 'x\u{fff9}FORGED' 'x\u{e000}FORGED' \
	    "$word" "日本語$word" '\u{301}\u{301}\u{301}x' \
	    "x\\u{20dd}$(printf '\\u{30%d}' 1 2 3 4 5 6 7 8 9)y" \
	    "$(printf '日%.0s' $many)" \
	    "$(printf '👨\\u{200d}👩\\u{200d}👧%.0s' 1 2 3 4 5 6 7 8 9 10)" \
	    "$(printf '🇩🇪%.0s' $many)" \
	    "$(printf '❤️%.0s' $many)" \
	    'שלום עולם FORGED' '\u{3164}\u{115f}\u{1160}FORGED' '\u{fdfd}' \
	    "$(printf 'ﷺ%.0s' $many)" \
	    'x\\u{1b}[2J\\x1b[HFORGED' 'x[31mFORGED' '%s%n%d'
}

# all COLUMNS INDENT PROMPT: all of them, in a window of COLUMNS; each row that
# is not ours begins with INDENT blanks, and the PROMPT is whole.
all()
{
	keys C-l
	ends "$1 columns" "$3"
	tm clear-history -t t
	texts >"$dir/texts"
	sed 's,^,/msg alice@localhost/t ,' "$dir/texts" >"$dir/bob.in"
	say bob '/msg alice@localhost/t end'
	sees "$1: all are there" '<-- end$'
	ends "$1: the line is whole" "$3"
	# What was cleared is there too.
	tm capture-pane -t t -p -S - | grep -vE '^ *$|half 日本' >"$dir/rows"
	is "$1: each begins once" \
	    "$(grep -c -E '^..:..:.. <--( |$)' "$dir/rows")" \
	    $(($(wc -l <"$dir/texts") + 1))
	grep -vE "^[0-9]{2}:[0-9]{2}:[0-9]{2} <--( |$)|^ {$2}[^ ]" \
	    "$dir/rows" >"$dir/strange"
	is "$1: no other row is theirs" "$(cat "$dir/strange")" ''
}

keys 'half 日本'
all 80 13 '^bob@localhost \[o\] clear> half 日本 *$'
resize 41
all 41 13 '^bob o-> half 日本 *$'
resize 20
all 20 2 '^bob o-> half 日本 *$'
keys C-c
resize 80

# Statuses and nicks.
keys C-l
say bob '/status away x\nFORGED\u{202e}\u{9b}2J' \
    "/status dnd x${blanks}FORGED" '/status free ok'
sees 'a status' 'is free: ok'
sees 'spelt out' 'is away: x\\n$'
unlike 'and never at the front of a row' "$dir/rows" '^ {0,8}FORGED'
is 'in its row' "$(grep -c FORGED "$dir/rows")" 2
say bob '/join tea@conference.localhost/x\sFORGED\s11:11:11\s<--\sal:\sa'
wait_for "$dir/bob.out" 'tea.*code=110'
keys '/join tea@conference.localhost/Al' Enter
sees 'a room' 'you are in this room as Al; with you: x'
say bob '/with tea@conference.localhost /me does\nFORGED\u{9b}2J' \
    "/with tea@conference.localhost /topic x\n${blanks}FORGED"
sees 'in it' 'topic: x'
unlike 'nothing of it begins a row' "$dir/rows" '^ {0,8}FORGED|^11:11'
like 'a nick has no blanks' "$dir/rows" 'x\\sFORGED\\s11:11:11'
keys C-d
same 'the end'
stop bob
tm kill-server
end
