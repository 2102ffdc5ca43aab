#!/bin/sh
# --tree, by the name jackline-ii: a FIFO and a log for each contact and room.
# shellcheck disable=SC2154,SC2016 # of lib.sh; programs of awk
. "$(dirname "$0")/lib.sh"

room=den@conference.localhost
hostile='/say a\n/quit $(touch pwned) `touch pwned` %s%n "x'"'"' \e * ~'
JACKLINE=$jackline
export JACKLINE

# begin [COMMAND...]: a tree for alice in $ii.
begin()
{
	start ii "$@" "$root/scripts/jackline-ii" -f "$dir/alice" "$ii"
	wait_until online || bail 'not online'
}

# online: as often as it was started.
online()
{
	[ "$(grep -c "^state.*${tab}online" "$ii/all")" -gt "$onlines" ]
} 2>/dev/null

# to NAME LINE...: by its `in`.
to()
{
	at=$ii/$1/in
	shift
	printf '%s\n' "$@" >"$at"
}

# killed: with no time for anything.
killed()
{
	onlines=$(grep -c "^state.*${tab}online" "$ii/all")
	kill -KILL "$(pid ii)"
	finish ii
}

talk()
{
	to . '/msg bob@localhost hello'
	ok "$shell: from the top" wait_for "$dir/bob.out" '^message.*hello'
	ok "$shell: its answer in the top" wait_for "$ii/out" \
	    "^sent.*${tab}hello${tab}line=1.*in=\\."
	ok "$shell: a directory" wait_for "$ii/bob@localhost/out" \
	    "^sent.*${tab}hello$tab"
	to bob@localhost "$hostile$shell"
	ok "$shell: a line for him" wait_for "$dir/bob.out" \
	    "^message.*pwned.*~$shell"
	is "$shell: as it was written" "$(field 4 message "$dir/bob.out" |
	    tail -n 1 | "$jackline" --unescape)" "${hostile#/say }$shell"
	say bob "/msg alice@localhost/t $hostile"
	ok "$shell: what he says" wait_for "$ii/bob@localhost/out" \
	    '^message.*pwned'
	to bob@localhost /info '' /nonsense '/go bob@localhost' \
	    'heard?' '/wait acked' '/wait message 0'
	ok "$shell: its answers in its own order" wait_for \
	    "$ii/bob@localhost/out" "^error.*line=8$tab.*in=bob@localhost"
	is "$shell: each once" "$(awk -F '\t' '$1 ~ /^(ok|error|sent)$/ &&
	    $NF == "in=bob@localhost" { print $1 substr($5, 6) }' \
	    "$ii/bob@localhost/out" | tr '\n' ' ')" \
	    'sent1 ok2 ok3 error4 error5 sent6 ok7 error8 '
	to bob@localhost "$(printf 'bad \377 utf8')" '/smp question who?'
	ok "$shell: a bad line" wait_for "$ii/bob@localhost/out" \
	    "^error${tab}[^$tab]*${tab}bob@localhost$tab.*cause=bad-utf8"
	say carol '/msg alice@localhost psst'
	ok "$shell: strangers are in the top" wait_for "$ii/out" \
	    "^message.*carol.*psst"
	[ ! -e "$ii/carol@localhost" ]
	result $? "$shell: and have no directory"
	mkdir "$ii/carol@localhost"
	ok "$shell: but one made by hand" wait_until test -p \
	    "$ii/carol@localhost/in"
	say carol '/msg alice@localhost again'
	ok "$shell: is used" wait_for "$ii/carol@localhost/out" again
	wait_for "$ii/all" again
	is "$shell: all has every event" "$(for log in "$ii/out" "$ii"/*/out; do
		cat "$log"
	done | LC_ALL=C sort -u | cksum)" "$(LC_ALL=C sort -u "$ii/all" |
	    cksum)"
}

rooms()
{
	nick=Al${shell%% *}
	say bob "/join $room/..\\s/In" "/go $room"
	wait_for "$dir/bob.out" "^ok.*${tab}$room$tab"
	to . "/j $room/Al"
	ok "$shell: a room, as ii has it" wait_for "$ii/$room/out" \
	    "^member.*/Al"
	to "$room" 'anybody here?'
	ok "$shell: what we say there" wait_for "$dir/bob.out" \
	    "^room.*$room/Al${tab}anybody here"
	to "$room" '/t a topic' "/n $nick" "/wait member $room/$nick"
	ok "$shell: topic" wait_for "$ii/$room/out" "^error.*cause=forbidden"
	ok "$shell: nick" wait_for "$dir/bob.out" "^member.*$room/$nick"
	say bob "/msg $room/$nick private"
	ok "$shell: an occupant is a stranger" wait_for "$ii/out" \
	    "^message.*$room/..*private"
	to . "/msg $room/..\\s/In answer"
	ok "$shell: until we write" wait_for \
	    "$ii/$room\\x2f..\\s\\x2fIn/out" "^sent.*answer"
	to "$room\\x2f..\\s\\x2fIn" 'more'
	ok "$shell: alone" wait_for "$dir/bob.out" \
	    "^message.*$room/$nick${tab}more"
	to "$room" '/l bye'
	ok "$shell: we leave" wait_for "$dir/bob.out" \
	    "^member.*$room/$nick.*show=offline"
	to . "/j dave@localhost" "/j dave@conference.localhost"
	ok "$shell: a person whom we do not know, as ii has it" wait_for \
	    "$ii/dave@localhost/out" "^ok${tab}.*${tab}a person, and no room"
	ok "$shell: and a room" wait_for "$ii/dave@conference.localhost/out" \
	    "^member.*/alice"
	to . "/j carol@localhost how are you?" '/j nobody@nowhere.example'
	ok "$shell: with a text for a person" wait_for "$dir/carol.out" \
	    "^message.*how are you"
	ok "$shell: a domain that nobody knows" wait_for "$ii/out" \
	    "^error.*nobody@nowhere.*cause=not-allowed.*in=\\."
	to . '/a gone fishing' '/a' '/wait presence - 0' /nothing
	ok "$shell: away" wait_for "$ii/out" "^error.*in=\\."
	[ ! -e pwned ]
	result $? "$shell: nothing was run"
}

# What is moved, removed, or put in the place of something.
moved()
{
	mv "$ii/bob@localhost/out" "$ii/bob@localhost/old"
	mv "$ii/all" "$ii/all.1"
	to bob@localhost 'after rotation'
	ok 'a log that was renamed' wait_for "$ii/bob@localhost/out" \
	    "^sent.*after rotation"
	ok 'and all' wait_for "$ii/all" "^sent.*after rotation"
	rm -r "$ii/carol@localhost"
	say carol '/msg alice@localhost homeless'
	ok 'a directory that was removed' wait_for "$ii/all" homeless
	rm "$ii/bob@localhost/in"
	echo text >"$ii/bob@localhost/in"
	ok 'a file in place of a FIFO' wait_for "$ii/bob@localhost/out" \
	    "^warning.*no FIFO"
	is 'is left alone' "$(cat "$ii/bob@localhost/in")" text
	rm "$ii/bob@localhost/in"
	ok 'and without it there is one again' wait_until test -p \
	    "$ii/bob@localhost/in"
	to bob@localhost 'back again'
	ok 'that works' wait_for "$ii/bob@localhost/out" "^sent.*back again"
	mkdir "$dir/elsewhere"
	ln -s "$dir/elsewhere" "$ii/link@localhost"
	ok 'a link is told' wait_for "$ii/out" '^warning.*link@localhost'
	to . '/msg link@localhost hi'
	ok 'and not followed' wait_for "$ii/out" "^sent.*link@localhost"
	is 'in no way' "$(ls -A "$dir/elsewhere")" ''
	if [ "$(id -u)" = 0 ]; then
		mkdir "$ii/other@localhost"
		chown 65534 "$ii/other@localhost"
		ok 'another owner' wait_for "$ii/out" \
		    '^warning.*other@localhost'
		rmdir "$ii/other@localhost"
	else
		skip 1 'only root can give a directory away'
	fi
	mkdir -m 777 "$ii/open@localhost"
	chmod 777 "$ii/open@localhost"
	ok 'open to others' wait_for "$ii/out" '^warning.*open@localhost'
	exits 'a second one' 78 "$root/scripts/jackline-ii" -f "$dir/alice" \
	    "$ii" 2>"$dir/err"
	exits 'or of another account' 64 "$root/scripts/jackline-ii" \
	    -f "$dir/carol2" "$ii" 2>"$dir/err"
	like 'is refused' "$dir/err" 'another jackline uses it'
}

# A line that waits when the program is killed.
lost()
{
	to bob@localhost 'before' '/wait message text=never 600' 'held\back' \
	    '/quit'
	ok 'the first is answered' wait_for "$ii/bob@localhost/out" \
	    "^sent.*${tab}before$tab"
	killed
	printf 'torn' >>"$ii/bob@localhost/out"
	begin
	ok 'those that were not are told' wait_for "$ii/bob@localhost/out" \
	    "^warning.*line=5$tab.*input=held..back$"
	is 'each of them, once' "$(grep -c "^warning.*input=" \
	    "$ii/bob@localhost/out")" 3
	unlike 'nothing is torn' "$ii/bob@localhost/out" '^torn|.torn'
	killed
	begin
	is 'told once' "$(grep -c "^warning.*input=" \
	    "$ii/bob@localhost/out")" 3
	to bob@localhost 'the end'
	ok 'and not done' wait_for "$dir/bob.out" "^message.*the end"
	unlike 'never' "$dir/bob.out" '^message.*held'
}

# ticks: what the CPU has done for the tree, in hundredths of a second.
ticks()
{
	read -r stat <"/proc/$(pid ii)/stat"
	# shellcheck disable=SC2086
	set -- ${stat##*) }
	echo $((${12} + ${13}))
}

# A disk that fills up, and has room again.
full()
{
	mkdir "$dir/small"
	if [ "$(id -u)" != 0 ] ||
	    ! mount -t tmpfs -o size=256k tmpfs "$dir/small" 2>/dev/null; then
		skip 7 'no small file system can be mounted'
		return
	fi
	chmod 700 "$dir/small"
	ii=$dir/small onlines=0
	start ii "$jackline" -ck -f "$dir/alice" --tree "$ii"
	wait_until online || bail 'not online'
	to . '/msg bob@localhost first'
	wait_for "$ii/bob@localhost/out" '^acked'
	dd if=/dev/zero of="$ii/.fill" bs=1k 2>/dev/null
	long=$(printf '%05000d' 0)
	say bob "/msg alice@localhost one $long" \
	    "/msg alice@localhost two $long"
	wait_for "$dir/bob.out" "^acked.*$(field 5 sent "$dir/bob.out" |
	    tail -n 1)"
	ok 'standard output says so' wait_for "$dir/ii.out" \
	    '^warning.*No space left on device; events wait'
	ok 'and has what waits' wait_for "$dir/ii.out" "two 0*${tab}enc"
	unlike 'nothing is torn while it is full' "$ii/all" 'one 0*$'
	kill -0 "$(pid ii)"
	result $? 'it goes on'
	used=$(ticks)
	sleep 2
	[ $(($(ticks) - used)) -lt 10 ]
	result $? 'and sleeps meanwhile'
	truncate -s -8k "$ii/.fill"
	ok 'a line for which there is room is written' wait_until grep -q \
	    "one 0*${tab}enc" "$ii/all" "$ii/bob@localhost/out"
	rm "$ii/.fill"
	ok 'then everything is there' wait_for "$ii/all" \
	    "two 0*${tab}enc"
	is 'whole' "$(awk -F '\t' 'NF < 4 || $1 !~ /^[a-z]+$/' "$ii/all" \
	    "$ii/out" "$ii/bob@localhost/out")" ''
	stop ii
	umount "$dir/small"
}

server prosody FRIENDS='alice bob'
account alice -o ''
account bob -o ''
account carol -o ''
cp -r "$dir/carol" "$dir/carol2"
start bob "$jackline" -c -f "$dir/bob"
start carol "$jackline" -c -f "$dir/carol"
wait_for "$dir/bob.out" "${tab}online"
wait_for "$dir/carol.out" "${tab}online"
for shell in dash bash 'busybox sh'; do
	command -v "${shell% *}" >/dev/null || {
		skip 25 "$shell is not installed"
		continue
	}
	ii="$dir/ii $shell" onlines=0
	# shellcheck disable=SC2086
	begin $shell
	talk
	rooms
	stop ii
	is "$shell: errors are the status" $? 1
	rm -rf "$dir/bob.out.1" "$dir/alice/users"
done
ii=$dir/tree onlines=0
begin
to . '/msg bob@localhost hello'
wait_until test -p "$ii/bob@localhost/in"
mkdir "$ii/carol@localhost"
wait_until test -p "$ii/carol@localhost/in"
moved
lost
stop ii
full
stop bob
stop carol
server_down
end
