#!/bin/sh
# A --tree with CONTACTS directories under WRITERS writers of LINES lines each,
# and KILLS kill -9: what was answered is in the logs, exactly, and nothing else
# was sent; no log is torn. One flooded directory starves no other, and as many
# directories are read as the system allows. What is put into the tree by others
# does no harm. `make soak` asks for more.
# shellcheck disable=SC2154,SC2016 # of lib.sh; as they stand
. "$(dirname "$0")/lib.sh"

contacts=${CONTACTS:-60} writers=${WRITERS:-8} lines=${LINES:-40}
kills=${KILLS:-3}
note "CONTACTS=$contacts WRITERS=$writers LINES=$lines KILLS=$kills"
onlines=0

# begin [COMMAND...]: a tree for alice in $tree.
begin()
{
	start tree "$@" "$jackline" -ck -f "$dir/alice" --tree "$tree"
	wait_until online || bail 'not online'
	onlines=$((onlines + 1))
}

# online: as often as it was started.
online()
{
	[ "$(grep -c "^state.*${tab}online" "$tree/all")" -gt "$onlines" ]
} 2>/dev/null

# went_on: STEP more lines were sent than BEFORE, or there are no more.
went_on()
{
	[ "$(grep -c '^sent' "$tree/all")" -ge $((before + step)) ] && return
	for who in $(seq "$writers"); do
		eval "running \$writer_$who" && return 1
	done
	return 0
}

# texts TAG FILE...: the column TEXT of those events, sorted.
texts()
{
	tag=$1
	shift
	cat "$@" | field 4 "$tag" | LC_ALL=C sort
}

# directories COUNT: places of bob, whose messages all come to bob.
directories()
{
	for i in $(seq "$1"); do
		mkdir -m 700 "$tree/bob@localhost\\x2fr$i"
	done
}

# Each writer opens the FIFO for each line, as a shell does; while the program
# is not there, it waits for it. They do not write faster than is read, as most
# would be lost with the FIFOs then.
cat >"$dir/writer" <<'END'
my ($tree, $who, $lines, $contacts) = @ARGV;
$SIG{PIPE} = "IGNORE";
for my $i (1 .. $lines) {
	my $n = 1 + ($i * 7 + $who * 13) % $contacts;
	open my $in, ">", "$tree/bob\@localhost\\x2fr$n/in" or die "$n: $!";
	syswrite $in, "w$who-$i\n";
	close $in;
	select undef, undef, undef, 0.02;
}
END

server prosody FRIENDS='alice bob' MAM=0
account alice -o ''
account bob -o ''
start bob "$jackline" -c -f "$dir/bob"
wait_for "$dir/bob.out" "${tab}online"
tree=$dir/tree
mkdir -m 700 "$tree"
directories "$contacts"
begin
for who in $(seq "$writers"); do
	perl "$dir/writer" "$tree" "$who" "$lines" "$contacts" &
	eval "writer_$who=$!"
	pids="$pids $!"
done
# Some come while it is down, and some are cut off by the next kill.
step=$((writers * lines / (kills + 3)))
for _ in $(seq "$kills"); do
	before=$(grep -c '^sent' "$tree/all")
	wait_until went_on
	kill -KILL "$(pid tree)"
	finish tree
	begin
done
good=0
for who in $(seq "$writers"); do
	eval "wait \$writer_$who" && good=$((good + 1))
done
is 'each writer ended well' "$good" "$writers"
echo '/msg bob@localhost the end' >"$tree/in"
ok 'it goes on to the end' wait_for "$dir/bob.out" \
    "^message.*${tab}the end$tab"
# What was in a FIFO when it was killed is lost, and says so nowhere: all else
# is answered, or was read and is told as unanswered.
is 'whole lines, all of them' "$(awk -F '\t' 'NF < 4 || $1 !~ /^[a-z]+$/ ||
    $2 !~ /^[-0-9]+T[0-9:.]+Z$/' "$tree/all" "$tree"/*/out | head)" ''
stop tree
is 'it ends well' $? 0
texts sent "$tree"/*/out | grep -vx 'the end' >"$dir/sent"
cat "$tree"/*/out | sed -n 's/^warning.*input=//p' | LC_ALL=C sort >"$dir/told"
texts message "$dir/bob.out" | grep -vx 'the end' >"$dir/came"
is 'no line is answered twice' "$(uniq -d "$dir/sent")" ''
is 'none came twice' "$(uniq -d "$dir/came")" ''
is 'none is answered and told as unanswered' "$(LC_ALL=C comm -12 "$dir/sent" \
    "$dir/told")" ''
LC_ALL=C sort "$dir/sent" "$dir/told" >"$dir/known"
is 'nothing came but what the logs have' "$(LC_ALL=C comm -13 "$dir/known" \
    "$dir/came")" ''
awk -F '\t' '$1 == "sent" { text[$6] = $4 }
    $1 == "acked" && text[$6] != "the end" { print text[$6] }
    ' "$tree"/*/out | LC_ALL=C sort >"$dir/acked"
is 'all that was acked came' "$(LC_ALL=C comm -23 "$dir/acked" \
    "$dir/came")" ''
# It is written last.
is 'all has nothing else' "$(texts sent "$tree/all" | grep -vx 'the end' |
    LC_ALL=C comm -23 - "$dir/sent")" ''
note "$(wc -l <"$dir/sent") sent, $(wc -l <"$dir/told") told, of" \
    "$((writers * lines))"

# One directory is written to without an end.
tree=$dir/fair onlines=0
mkdir -m 700 "$tree"
directories 3
begin
yes '' >"$tree/bob@localhost\\x2fr1/in" &
flood=$!
pids="$pids $flood"
wait_for "$tree/bob@localhost\\x2fr1/out" "^ok.*line=100$tab"
echo 'through the flood' >"$tree/bob@localhost\\x2fr2/in"
ok 'another is read beside it' wait_for "$dir/bob.out" 'through the flood'
say bob '/msg alice@localhost and back'
ok 'and events come' wait_for "$tree/all" '^message.*and back'
running "$flood"
result $? 'while the flood goes on'
kill "$flood"
stop tree

# Descriptors: the soft limit does not matter, and beyond the hard one there is
# a warning, and all else goes on.
tree=$dir/many onlines=0
mkdir -m 700 "$tree"
directories 150
begin sh -c 'ulimit -S -n 64 && exec "$@"' -
echo 'in the last' >"$tree/bob@localhost\\x2fr150/in"
ok 'more directories than the soft limit' wait_for "$dir/bob.out" 'in the last'
unlike 'without a warning' "$tree/all" '^warning'
stop tree
begin sh -c 'ulimit -n 100 && exec "$@"' -
is 'fewer than the hard limit: one warning' \
    "$(grep -c '^warning.*too many files are open' "$tree/all")" 1
say bob '/msg alice@localhost/t hello'
ok 'events come to all' wait_for "$tree/all" '^message.*hello'
echo '/msg bob@localhost/r77 answer' >"$tree/in"
ok 'lines of the top are read' wait_for "$dir/bob.out" 'answer'
ok 'and each has its log' wait_for "$tree/bob@localhost\\x2fr77/out" answer
stop tree

# Descriptors run out while it runs: nothing is taken for removed, and what was
# written meanwhile is read as soon as there are some again.
tree=$dir/scarce onlines=0
mkdir -m 700 "$tree"
directories 1
begin
scarce=$(pid tree) free=3
while [ -e "/proc/$scarce/fd/$free" ]; do
	free=$((free + 1))
done
prlimit --pid "$scarce" --nofile=$free:
echo 'in need' >"$tree/bob@localhost\\x2fr1/in"
ok 'no descriptor is left: that is told' wait_for "$dir/tree.out" \
    '^warning.*r1/.journal: Too many open files'
# Meanwhile it looks at the directories, which it does each second.
say tree '/wait message 3'
wait_for "$dir/tree.out" '^error.*cause=timeout'
prlimit --pid "$scarce" --nofile=200:
ok 'then there is one: the line is sent' wait_for "$dir/bob.out" \
    "^message.*${tab}in need$tab"
ok 'and its answer in its log' wait_for "$tree/bob@localhost\\x2fr1/out" \
    "^sent.*${tab}in need$tab"
stop tree
unlike 'no directory was taken for removed' "$tree/all" \
    '^warning.*(no directory|is gone|ulimit)'

# What others may put there: names that are none, links, and what is no file.
tree=$dir/hostile onlines=0
mkdir -m 700 "$tree" "$dir/elsewhere"
mkfifo -m 600 "$dir/elsewhere/fifo"
echo precious >"$dir/elsewhere/file"
nl='
'
for name in "a${nl}b@localhost" "$(printf 'a\377@localhost')" 'a@b@c' '@' ... \
    'no-jid' '\x2e\x2e@localhost' '\x2f\x2e\x2e\x2f@localhost' \
    '%s%n@localhost' '$(touch pwned)@localhost' 'a b@localhost' in@localhost; do
	mkdir -m 700 "$tree/$name"
done
for i in 1 2 3 4 5; do
	mkdir -m 700 "$tree/bob@localhost\\x2fr$i"
done
ln -s "$dir/elsewhere/fifo" "$tree/bob@localhost\\x2fr1/in"
ln -s "$dir/elsewhere/file" "$tree/bob@localhost\\x2fr2/out"
mkfifo -m 600 "$tree/bob@localhost\\x2fr3/out"
mkdir "$tree/bob@localhost\\x2fr4/out"
ln -s "$dir/elsewhere/file" "$tree/bob@localhost\\x2fr5/.journal"
begin
like 'a FIFO that is a link is told' "$tree/all" \
    '^warning.*x2fr1/in: this is a symbolic link'
for i in 2 3 4 5; do
	echo "line $i" >"$tree/bob@localhost\\x2fr$i/in"
done
for i in 2 3 4; do
	ok "a log that is none ($i): the line is sent" wait_for \
	    "$dir/bob.out" "^message.*line $i"
	ok "and its answer in the top" wait_for "$tree/out" "^sent.*line $i"
done
ok 'a journal that is a link: the line is not' wait_for "$tree/all" \
    '^warning.*x2fr5/.journal: '
is 'nothing is written elsewhere' "$(cat "$dir/elsewhere/file")" precious
echo hello >"$tree/in@localhost/in"
ok 'a JID that is like a name of ours' wait_for \
    "$tree/in@localhost/out" '^sent.*hello'
[ ! -e pwned ] && [ ! -p "$tree/a@b@c/in" ] && [ ! -p "$tree/no-jid/in" ] &&
    [ ! -p "$tree/a${nl}b@localhost/in" ]
result $? 'what is no JID is left alone'
for name in a@b@c no-jid; do
	ok "$name is told" wait_for "$tree/out" \
	    "^warning.*$name: this is no JID"
done
mkdir "$tree/Bob@localhost\\x2fr1" "$tree/IN@localhost" "$tree/later"
touch "$tree/file@localhost" "$tree/all.1"
ok 'of two for one JID one is used' wait_for \
    "$tree/bob@localhost\\x2fr1/out" \
    '^warning.*Bob@localhost.*another directory is that of this JID'
ok 'whichever it is' wait_for "$tree/in@localhost/out" \
    '^warning.*IN@localhost.*another directory'
ok 'a file is no directory' wait_for "$tree/all" \
    '^warning.*file@localhost: this is no directory'
ok 'a name that is none, made later' wait_for "$tree/all" \
    '^warning.*later: this is no JID'
unlike 'a log that was renamed is no matter' "$tree/all" '^warning.*all\.1'
is 'each is told once' "$(field 4 warning "$tree/all" |
    grep -E 'no JID|no directory|another' | sort | uniq -d)" ''
is 'whole lines' "$(awk -F '\t' 'NF < 4 || $1 !~ /^[a-z]+$/' "$tree/all")" ''
# While it runs, others may write to one for a while.
chmod 777 "$tree/in@localhost"
ok 'a directory that others may write to is told' wait_for "$tree/all" \
    '^warning.*in@localhost/: it must be yours'
chmod 700 "$tree/in@localhost"
# read_again: the FIFO is read, which nothing tells.
read_again()
{
	timeout 1 sh -c 'echo again >"$1"' - "$tree/in@localhost/in" &&
	    grep -q '^sent.*again' "$tree/in@localhost/out"
}
ok 'and used when it is ours again' wait_until read_again
is 'once' "$(grep -c '^warning.*it must be yours' "$tree/all")" 1
stop tree
# At the next start the one that we would have made is used.
begin
echo 'second run' >"$tree/in@localhost/in"
ok 'always the same' wait_for "$tree/in@localhost/out" '^sent.*second run'
[ ! -e "$tree/IN@localhost/in" ]
result $? 'and not the other'
stop tree
stop bob
end
