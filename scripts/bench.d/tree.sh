# A --tree with 10, 1,000 and 5,000 directories: memory, and CPU for each line
# that is written to a FIFO, sent, and logged. Beside it ii, which has channels
# of IRC instead and polls each of them; it stops at 1,000, as select(2) does.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

# write_lines COUNT PATTERN: 10,000 lines, each by an open of its own, in turn.
write_lines()
{
	perl -e 'my ($count, $form) = @ARGV;
	for my $i (0 .. 9999) {
		open my $in, ">", sprintf $form, 1 + $i % $count or die $!;
		syswrite $in, "one line of some fifty bytes, to be sent\n";
	}' "$1" "$2"
}

# An IRC server that takes all and answers /j.
cat >"$dir/irc" <<'END'
use IO::Socket::INET;
my $l = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1");
$| = 1;
print "port ", $l->sockport, "\n";
my $s = $l->accept;
print $s ":irc 001 bench :welcome\r\n";
my $n = 0;
while (<$s>) {
	print $s ":bench!u\@h JOIN $1\r\n" if /^JOIN (\S+)/;
	print $s ":irc PONG irc\r\n" if /^PING/;
	$n++ if /^PRIVMSG/;
	print "all\n" if $n == 10000;
}
END
: >"$dir/trees"
for count in 10 1000 5000; do
	flood -m 1
	tree=$dir/tree.$count
	mkdir -m 700 "$tree"
	for i in $(seq "$count"); do
		mkdir -m 700 "$tree/c$i@localhost"
	done
	background jackline "$jackline" -ck -f "$dir/flooded" --tree "$tree"
	wait_for "$tree/all" '^message'
	before=$(cpu "$pid")
	write_lines "$count" "$tree/c%d@localhost/in"
	until [ "$(grep -c '^acked' "$tree/all")" -ge 10000 ]; do
		sleep 0.2
	done
	echo "$count jackline $(memory "$pid") $(cpu "$pid") $before" \
	    >>"$dir/trees"
	stop "$pid"
	rm -r "$tree"
	[ "$count" -le 1000 ] || continue
	have ii || continue
	background irc perl "$dir/irc"
	irc=$pid
	wait_for "$dir/irc.out" '^port'
	background ii ii -s 127.0.0.1 -n bench -i "$dir/ii.$count" \
	    -p "$(sed -n 's/^port //p' "$dir/irc.out")"
	until [ -p "$dir/ii.$count/127.0.0.1/in" ]; do sleep 0.1; done
	for i in $(seq "$count"); do
		echo "/j #c$i" >"$dir/ii.$count/127.0.0.1/in"
	done
	until [ -p "$dir/ii.$count/127.0.0.1/#c$count/in" ]; do sleep 0.1; done
	before=$(cpu "$pid")
	write_lines "$count" "$dir/ii.$count/127.0.0.1/#c%d/in"
	wait_for "$dir/irc.out" '^all'
	echo "$count ii $(memory "$pid") $(cpu "$pid") $before" >>"$dir/trees"
	stop "$pid"
	stop "$irc"
done
while read -r count who memory after before; do
	row "a tree of $count, memory" "$who" "$memory" KiB
done <"$dir/trees"
while read -r count who memory after before; do
	row "a tree of $count, CPU for 10,000 lines" "$who" \
	    "$(echo "$after $before" | awk '{ print $1 - $2 }')" ms
done <"$dir/trees"
