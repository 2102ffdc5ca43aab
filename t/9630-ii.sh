#!/bin/sh
# jackline-ii: under dash beside Prosody, under bash beside ejabberd, and with
# events that no server makes. shellcheck disable=SC2154 # of lib.sh
. "$(dirname "$0")/lib.sh"

room=den@conference.localhost
# shellcheck disable=SC2016 # on purpose
hostile='/say a\n/quit $(touch pwned) `touch pwned` %s%n "x'"'"' \e * ~'

# begin: jackline-ii for alice on $ii.
begin()
{
	start ii "$shell" "$root/scripts/jackline-ii" -f "$dir/alice" "$ii"
}

# up: it is there.
up()
{
	wait_for "$ii/out" ' state .* online' && wait_for "$ii/out" ' ok '
}

# to NAME LINE...: by its `in`.
to()
{
	at=$ii/$1/in
	shift
	printf '%s\n' "$@" >"$at"
}

# gone: all processes of a run are, jackline too: it holds the lock.
gone()
{
	tries=3000
	while [ -n "$(pgrep -f "jackline.* -f $dir/alice")" ]; do
		[ $((tries -= 1)) -gt 0 ] || return
		sleep 0.02
	done
}

# bodies: what bob heard, as it was said.
bodies()
{
	field 4 message "$dir/bob.out" | "$jackline" --unescape
}

talk()
{
	begin
	ok "$kind: online" up
	to . '/msg bob@localhost hello'
	ok "$kind: from the top" wait_for "$dir/bob.out" '^message.*hello'
	ok "$kind: its answer in the top" wait_for "$ii/out" \
	    'Z --> bob@localhost hello'
	ok "$kind: a directory" wait_for "$ii/bob@localhost/out" \
	    'Z --> bob@localhost hello'
	to bob@localhost "$hostile"
	ok "$kind: a line for him" wait_for "$dir/bob.out" '^message.*pwned'
	is "$kind: as it was written" "$(bodies | tail -n 1)" \
	    "${hostile#/say }"
	say bob "/msg alice@localhost/t $hostile" \
	    '/msg alice@localhost/t x\n2026-11-22T00:00:00.000Z <-- you y'
	ok "$kind: what he says" wait_for "$ii/bob@localhost/out" \
	    'Z <-- bob@localhost/t x'
	is "$kind: on one line each" \
	    "$(grep -c ' <-- ' "$ii/bob@localhost/out")" 2
	to bob@localhost 'heard?'
	ok "$kind: its fate" wait_for "$ii/bob@localhost/out" \
	    "Z delivered bob@localhost -${tab}line=3$tab"
	to bob@localhost '/info' '' '/nonsense' '/smp question who?'
	ok "$kind: commands for him" wait_for "$ii/bob@localhost/out" \
	    'Z error .*unknown-command'
	ok "$kind: but no questions" wait_for "$ii/bob@localhost/out" \
	    'Z error .*cause=policy'
	to bob@localhost '/me has read about smp, a good question'
	ok "$kind: but words about them" wait_for "$dir/bob.out" \
	    '^message.*smp, a good question'
	to bob@localhost "$(printf 'bad \377 utf8')" "$(printf 'bad \002 xml')"
	ok "$kind: a bad line is answered where it was written" \
	    wait_for "$ii/bob@localhost/out" 'Z error .*cause=bad-char'
	like "$kind: each" "$ii/bob@localhost/out" 'Z error .*cause=bad-utf8'
}

rooms()
{
	say bob "/join $room/..\\s/In" "/go $room"
	wait_for "$dir/bob.out" "^ok.*${tab}$room$tab"
	to . "/join $room/Al"
	ok "$kind: a room" wait_for "$ii/$room/out" 'Z member Al '
	to "$room" 'is anybody here?'
	ok "$kind: what we say there" wait_for "$dir/bob.out" \
	    "^room.*$room/Al${tab}is anybody here"
	say bob "yes! $hostile"
	ok "$kind: who says what" wait_for "$ii/$room/out" \
	    'Z <-- \.\.\\s/In yes! '
	say bob "/msg $room/Al psst"
	private=$ii/$room%2f..%5cs%2f%49n
	ok "$kind: an occupant is somebody else" wait_for "$private/out" \
	    'Z <-- \.\.\\s/In psst'
	to "$room%2f..%5cs%2f%49n" 'answer'
	ok "$kind: and is answered alone" wait_for "$dir/bob.out" \
	    "^message.*$room/Al${tab}answer"
	unlike "$kind: not before all" "$dir/bob.out" "^room.*${tab}answer"
	is "$kind: nothing anywhere else" "$(find "$ii" ! -path '*/.*' |
	    wc -l)" 12
	[ ! -e pwned ]
	result $? "$kind: nothing was run"
}

# write FILE: lines of 1, 4 and 40 KB.
write()
{
	awk 'BEGIN { for (i = 1; i <= 36; i++) {
		n = i % 12 ? (i % 3 ? 1000 : 4500) : 40000
		s = sprintf("'"$1"' %d ", i)
		while (length(s) < n)
			s = s "abcdefghij"
		print s "."
	} }'
}

# Nobody's line is cut by another's; then a few while nobody listens.
load()
{
	for to in . bob@localhost "$room"; do
		prefix=''
		[ $to != . ] || prefix='/msg bob@localhost '
		write "$kind$to" >"$dir/lines$to"
		cat "$dir/lines$to" >>"$dir/wanted"
		sed "s,^,$prefix," "$dir/lines$to" >"$ii/$to/in" &
		writers="$writers $!"
	done
	for writer in $writers; do
		wait "$writer"
	done
	for to in . bob@localhost "$room"; do
		wait_for "$dir/bob.out" "$kind$to 36 .*\\." 120
	done
	awk -F '\t' -v kind="$kind" '($1 == "message" || $1 == "room") &&
	    index($4, kind) == 1 { print $4 }' \
	    "$dir/bob.out" | sort >"$dir/got"
	sort "$dir/wanted" | cmp - "$dir/got"
	result $? "$kind: long lines of three writers, each whole and once"
}

# hung_up: the terminal is closed: all processes hear of it, and still a
# message has its fate.
hung_up()
{
	rm -rf "$ii"
	start ii setsid "$shell" "$root/scripts/jackline-ii" \
	    -f "$dir/alice" "$ii"
	up
	kill -STOP "$(cat "$home/pid")"
	to . '/msg bob@localhost late'
	ok "$kind: a server that is slow" wait_for \
	    "$ii/bob@localhost/out" 'Z --> bob@localhost late'
	kill -s HUP -- "-$(pid ii)"
	kill -CONT "$(cat "$home/pid")"
	finish ii
	is "$kind: hung up" $? 0
	like "$kind: each message has its fate" "$ii/bob@localhost/out" \
	    'Z acked bob@localhost '
}

ends()
{
	kill "$(pid ii)"
	finish ii
	is "$kind: errors are the status" $? 1
	is "$kind: nothing is left to do" "$(find "$ii" -path '*/.*/*')" ''
	is "$kind: nobody is left" "$(gone; pgrep -f \
	    "jackline-ii -f $dir/alice")" ''
	is "$kind: and no word" "$(cat "$dir/ii.err")" \
	    'jackline: unknown-command: there is no such command; see /help'
	# A writer waits at a FIFO of an earlier run.
	to bob@localhost 'waited' &
	pids="$pids $!"
	begin
	ok "$kind: who waited is heard" wait_for "$dir/bob.out" \
	    "^message.*${tab}waited$tab"
	for victim in ii feeder router jackline; do
		if [ $victim = ii ]; then
			kill -KILL "$(pid ii)"
			finish ii
		elif [ $victim = feeder ]; then
			# Who has no children.
			for feeder in $(pgrep -P "$(pid ii)"); do
				pgrep -P "$feeder" >/dev/null && continue
				kill -KILL "$feeder"
				break
			done
			finish ii
			is "$kind: it cannot go on" $? 71
		elif [ $victim = router ]; then
			# Whose children the readers are.
			for router in $(pgrep -P "$(pid ii)"); do
				pgrep -P "$router" -f "jackline-ii -f" \
				    >/dev/null && kill -KILL "$router"
			done
			finish ii
			is "$kind: standard output is gone" $? 74
		else
			pkill -KILL -f "^$jackline -c -f $dir/alice\$"
			finish ii
			is "$kind: which is its status" $? 137
		fi
		ok "$kind: kill -9 of $victim ends all" gone
		to bob@localhost "after $victim" &
		pids="$pids $!"
		begin
		ok "$kind: the next run sends it" wait_for "$dir/bob.out" \
		    "^message.*${tab}after $victim$tab"
	done
	"$shell" "$root/scripts/jackline-ii" -f "$dir/alice" "$ii" \
	    >"$dir/out" 2>&1
	is "$kind: no second one" $? 78
	to bob@localhost 'still there'
	ok "$kind: the first does not mind" wait_for "$dir/bob.out" \
	    "^message.*${tab}still there$tab"
	stop ii
}

# twelve: the lines are there.
twelve()
{
	tries=3000
	until [ "$(wc -l <"$dir/heard")" = 12 ]; do
		[ $((tries -= 1)) -gt 0 ] || return
		sleep 0.02
	done
} 2>/dev/null

# Names that no server would have, from a jackline that only says so, and
# answers nothing. It is told by whom each line is.
names()
{
	ii=$dir/names
	cat >"$dir/fake" <<'END'
#!/bin/sh
printf 'hello\tT\t-\t-\tlines=1\n'
for jid in in out in/x IN .hidden -rf . .. bob@example.org/A bob@example.org \
    'b%6fb@x' 'a\\xffb' "$(printf '\303\251@x')" "$long" "${long}a"; do
	printf 'sent\tT\t%s\thi\tline=0\tid=-\tenc=none\ttrust=-\n' "$jid"
done
while IFS= read -r line && [ "$line" != /quit ]; do
	printf '%s\n' "$line"
done >"$heard"
END
	chmod +x "$dir/fake"
	long=$(printf '%0199d@' 0) heard=$dir/heard
	export long heard JACKLINE
	JACKLINE=$dir/fake
	begin
	wait_for "$ii/out" "T --> ${long}a"
	is "$shell: names" "$(cd "$ii" && printf '%s ' *)" "$(LC_ALL=C printf \
	    '%s\n' %2drf %2e %2e. %2ehidden %69n %49%4e %6fut "$long" \
	    a%5c%5cxffb b%256fb@x bob@example.org %c3%a9@x in out |
	    LC_ALL=C sort | tr '\n' ' ')"
	like "$shell: and for one too long the top" "$ii/out" "${long}a hi"
	for at in "$ii"/*/; do
		echo hello >"$at/in"
	done
	twelve
	is "$shell: each stands for its JID" "$(sort "$dir/heard")" \
	    "$(printf '/with %s hello\n' in out IN .hidden -rf . .. \
	    bob@example.org 'b%6fb@x' 'a\\xffb' "$(printf '\303\251@x')" \
	    "$long" | sort)"
	pkill -KILL -f "^/bin/sh $dir/fake"
	finish ii
	mv "$dir/heard" "$dir/first"
	is "$shell: they wait for the next run" "$(cd "$ii/.sent" && echo *)" \
	    '1 10 11 12 2 3 4 5 6 7 8 9'
	begin
	twelve
	is "$shell: no answer: sent again, once" "$(sort "$dir/heard")" \
	    "$(sort "$dir/first")"
	pkill -KILL -f "^/bin/sh $dir/fake"
	finish ii
	rm -rf "$ii"
}

# A jackline that ends at once, before the script looks for it.
cat >"$dir/locked" <<'END'
#!/bin/sh
exit 78
END
chmod +x "$dir/locked"
echo "trap 'sleep 0.2' DEBUG" >"$dir/slow"
JACKLINE=$dir/locked BASH_ENV=$dir/slow bash "$root/scripts/jackline-ii" \
    "$dir/ii" >"$dir/out" 2>&1
is 'bash: slower than jackline' "$?$(cat "$dir/out")" 78

for shell in dash bash; do
	names
done
for pair in ${PAIRS:-dash:prosody bash:ejabberd}; do
	shell=${pair%:*} kind=${pair#*:} ii=$dir/ii-$kind writers=''
	JACKLINE=$jackline
	export JACKLINE
	: >"$dir/wanted"
	server "$kind"
	account alice -o ''
	account bob -o ''
	start bob "$jackline" -c -f "$dir/bob"
	wait_for "$dir/bob.out" "${tab}online"
	talk
	rooms
	[ "$kind" = ejabberd ] || load
	ends
	[ "$kind" = ejabberd ] || hung_up
	stop bob
	server_down
	rm -rf "$dir/alice" "$dir/bob"
done
end
