#!/bin/sh
# Kinds of terminals, and what is none: what is sent to each, and that it
# serves.
. "$(dirname "$0")/lib-tty.sh"

free_port # where nobody listens
server-certs "$dir/certs" localhost
make-config "$dir/alice" alice@localhost/t "$port" \
    "$dir/certs/ca.crt"
tty_shell
prompt='^\(offline\) > *$'

# log FILE: all that is sent to the terminal from now on.
log()
{
	rm -f "$1"
	tm pipe-pane -t t "exec cat >$1"
}

# strange FILE: the sequences in it that are none of a plain ANSI terminal's:
# CSI with numbers and one of A B C D G H J K P @ m, as each of its descriptions
# has, CR, LF, BEL, NUL to wait, and the mark of pastes, which others skip.
strange()
{
	perl -0777 -ne '
		s/.*?(?=jackline 1)//s;
		s/\e\[\?2004[hl]//g;
		s/\e\[[0-9;]*[ABCDGHJKP\@m]//g;
		s/[\r\n\a\b\t\0]//g;
		print unpack("H*", $1), "\n" while /([\x00-\x1f\x7f].{0,8})/gs
	' "$1"
}

for term in linux xterm vt100; do
	infocmp $term >/dev/null 2>&1 || continue
	log "$dir/$term"
	run TERM=$term -- -f "$dir/alice"
	ends "$term: the prompt" "$prompt"
	keys 'half' Left Left X
	ends "$term: it edits" '> haXlf$'
	keys C-a C-k '/nonsense' Enter
	sees "$term: it answers" '\* there is no such command: .*; see /help'
	keys C-d
	same "$term"
	tm pipe-pane -t t
	is "$term: nothing that it does not know" "$(strange "$dir/$term")" ''
done
! grep -q "${esc}\[[0-9;]*3[0-7]" "$dir/vt100"
result $? 'vt100: no colour'

# One that is too new for this system, as over ssh, is taken for an ANSI one.
long='one two three four five six seven eight nine ten eleven twelve thirteen'
run TERM=vte-of-tomorrow -- -f "$dir/alice"
ends 'a new one: the prompt' "$prompt"
unlike 'a new one: nothing is said of it' "$dir/rows" entry
keys "$long" Home X
sees 'a new one: it edits' '^\(offline\) > Xone two '
is 'a new one: in its place' "$(rows | grep -c 'one two')" 1
keys C-e C-u /nonsense Enter
paints 'a new one: in colour' 'e.31m\* there is no such command'
keys C-d
same 'a new one'

# -a, and a locale that has only ASCII.
for way in -a C; do
	log "$dir/ascii"
	if [ $way = C ]; then
		run LC_ALL=C -- -f "$dir/alice" -g 'büb@localhost'
	else
		run -a -f "$dir/alice" -g 'büb@localhost'
	fi
	ends "$way: the prompt" '^\(offline\) b.*b@localhost .*> *$'
	keys 'half' Enter
	sees "$way: an answer" '\* .*(offline|not-online|connect)'
	# The text that was not sent is on the line again.
	keys C-u C-d
	same "$way"
	tm pipe-pane -t t
	# Behind the command line, which the shell repeats.
	is "$way: nothing but ASCII" "$(perl -0777 -ne \
	    's/.*?(?=jackline 1)//s; print tr/\x80-\xff//' "$dir/ascii")" 0
done

# What cannot move its cursor, or has no name, has plain lines.
printf 'paper|what prints,\n\tam, cols#80, cr=^M, cud1=^J, ind=^J,\n' \
    >"$dir/paper"
tic -o "$dir/terminfo" "$dir/paper" || bail 'no paper'
for term in dumb unknown '' paper; do
	run "TERM=$term" "TERMINFO=$dir/terminfo" -- -f "$dir/alice"
	sees "'$term': plain lines" '^hello +20.*alice@localhost/t +jackline'
	keys '/nonsense' Enter
	sees "'$term': an answer" '^error .*there is no such command'
	log "$dir/plain"
	keys C-d
	same "'$term'"
	tm pipe-pane -t t
done

# One end is no terminal: a filter.
rm -f "$dir/alice.pid"
keys "clear; $jackline -f $dir/alice | cat" Enter
sees 'output in a pipe' '^hello +20'
keys '/nonsense' Enter
sees 'answers' '^error '
keys C-d
same 'output in a pipe'
echo /nonsense >"$dir/lines"
keys "clear; $jackline -f $dir/alice <$dir/lines" Enter
sees 'input from a file' '^error .*there is no such command'
sees 'its end is the end' '^jackline: unknown-command: there is'
same 'input from a file'
"$jackline" -f "$dir/alice" </dev/null >"$dir/out"
! grep -q "$esc" "$dir/out"
result $? 'nothing is painted in a pipe'

# Inside of script, which is a terminal.
if command -v script >/dev/null; then
	keys "clear; script -qc '$jackline -f $dir/alice' /dev/null" Enter
	ends 'script: the prompt' "$prompt"
	keys 'half' Left X
	ends 'script: it edits' '> halXf$'
	keys C-a C-k C-d
	same 'script'
fi
tm kill-server
end
