#!/bin/sh
# Each call is interrupted or cut short as the system likes (rough.c): what
# goes in and what comes out is the same. SEED for the likes.
. "$(dirname "$0")/lib.sh"

seed=${SEED:-1}
note "SEED=$seed"

# rough COMMAND...: on a rough system, another each time.
rough()
{
	seed=$((seed + 1))
	timeout 300 env LD_PRELOAD="$build/t/preload/rough.so" \
	    ROUGH_SEED=$seed "$@"
}

# The filters and what is printed.
{
	awk 'BEGIN { for (i = 0; i < 3000; i++) print i, "\t\\ \303\266" }'
	noise "$seed" 20000
} >"$dir/text"
rough "$jackline" --escape <"$dir/text" | cat >"$dir/escaped"
rough "$jackline" --unescape <"$dir/escaped" | cat >"$dir/again"
"$jackline" --escape <"$dir/text" | cmp - "$dir/escaped"
result $? '--escape'
"$jackline" --unescape <"$dir/escaped" | cmp - "$dir/again"
result $? '--unescape'
"$jackline" --events >"$dir/events"
rough "$jackline" --events | cat | cmp - "$dir/events"
result $? '--events'
rough "$jackline" -f "$dir/none" -c </dev/null 2>&1 | cat >"$dir/err"
like 'a reason is whole' "$dir/err" '^jackline: .*none.*$'

# The server is not what is tested here: it takes what comes in pieces.
install -m 755 "$build/t/preload/eager.so" "$dir"
server "${SERVER:-prosody}" LD_PRELOAD="$dir/eager.so"
account alice -o ''
account bob -o ''

# A chat, both ways, through pipes, a FIFO and a file, with histories.
printf 'alice-pw\n' >"$dir/word"
rm "$dir/alice/password"
mkfifo "$dir/bob.fifo" "$dir/pipe"
cat "$dir/pipe" >"$dir/bob.out" &
pids="$pids $!"
rough "$jackline" -ck -f "$dir/bob" -g "alice@$domain" \
    -i "$dir/bob.fifo" >"$dir/pipe" 2>"$dir/bob.err" &
bob=$!
pids="$pids $bob"
start alice env LD_PRELOAD="$build/t/preload/rough.so" ROUGH_SEED="$seed" \
    "$jackline" -ck -f "$dir/alice" -g "bob@$domain" \
    --fd-password "$dir/word"
wait_for "$dir/bob.out" '^ok' || bail 'bob is not online'
wait_for "$dir/alice.out" '^ok' || bail 'alice is not online'
for who in alice bob; do
	awk -v who=$who 'BEGIN {
		for (i = 1; i <= 500; i++) {
			x = x "\303\244"
			print who, i, i % 7 ? "" : x
		}
	}' >"$dir/$who.text"
done
say alice '/log on'
cat "$dir/alice.text" >"$dir/alice.in" &
cat "$dir/bob.text" >"$dir/bob.fifo"
wait $!
last=$(tail -n 1 "$dir/bob.text")
ok 'the last of bob comes' wait_for "$dir/alice.out" "${tab}$last$tab"
last=$(tail -n 1 "$dir/alice.text")
ok 'the last of alice comes' wait_for "$dir/bob.out" "${tab}$last$tab"
for who in alice bob; do
	other=bob
	[ $who = alice ] || other=alice
	ok "$who: all acked" wait_for "$dir/$who.out" \
	    "^acked.*${tab}line=50$([ $who = alice ] && echo 1 || echo 0)$tab"
	field 4 sent "$dir/$who.out" | cmp - "$dir/$who.text"
	result $? "$who: sent as it was typed"
	field 4 message "$dir/$other.out" | cmp - "$dir/$who.text"
	result $? "$who: came as it was sent"
	is "$who: one fate each" "$(field 5 acked "$dir/$who.out" |
	    sort -u | wc -l)" 500
	is "$who: no failure" "$(grep -E '^(error|failed|unknown)' \
	    "$dir/$who.out")" ''
	is "$who: whole events" "$(awk -F '\t' 'NF < 4' "$dir/$who.out")" ''
done
say alice '/history 1500' /quit
finish alice
is 'alice ends' $? 0
echo /quit >"$dir/bob.fifo"
wait $bob
is 'bob ends' $? 0
{
	sed 's/^/out /' "$dir/alice.text"
	sed 's/^/in /' "$dir/bob.text"
} | sort >"$dir/wanted"
awk -F '\t' '$1 == "history" { sub(/dir=/, "", $5); print $5, $4 }' \
    "$dir/alice.out" | sort | cmp - "$dir/wanted"
result $? 'the history is whole'
end
