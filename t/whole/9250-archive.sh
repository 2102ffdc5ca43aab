#!/bin/sh
# The archive under load: a contact and another client of ours write while a
# consumer is killed at random moments and started again. Everything is told, in
# order; a repeat has the same archived= and is next to a kill; with --queue a
# consumer that records archived= with its work deals with each exactly once.
# COUNT messages of each sender, KILLS, SEED for when; `make soak` asks more.
. "$(dirname "$0")/lib.sh"

count=${COUNT:-150} kills=${KILLS:-6} seed=${SEED:-1}
most=${SECONDS_MAX:-300}
note "SEED=$seed COUNT=$count KILLS=$kills"

# Not faster than that much of it is under way at each kill.
feed()
{
	seq -f "$1%g" "$count" |
	    awk '{ print } NR % 5 == 0 { fflush(); system("sleep 0.04") }'
}

# write_load: bob and our phone write to each other's.
write_load()
{
	feed b | timeout "$most" "$jackline" -c -w "$most" -f "$dir/bob" \
	    -t "alice@$domain" >"$dir/bob.out" 2>&1 &
	load1=$!
	feed p | timeout "$most" "$jackline" -c -w "$most" -f "$dir/phone" \
	    -t "bob@$domain" >"$dir/phone.out" 2>&1 &
	load2=$!
	pids="$pids $load1 $load2"
}

# disorder: how many in standard input come behind a later one of their sender.
disorder()
{
	awk '{ who = substr($1, 1, 1); n = substr($1, 2) + 0
	    if (n < last[who])
		bad++
	    else
		last[who] = n } END { print bad + 0 }'
}

# repeats: how many in standard input are told again though a run between the
# two came past them: what a kill makes come again, comes in the next run that
# lives so long.
repeats()
{
	awk '$4 != "archive" { next }
	    !($2 in at) { at[$2] = ++n }
	    $2 in run {
		for (r = run[$2] + 1; r < $1; r++)
			bad += top[r] >= at[$2]
	    }
	    { run[$2] = $1 }
	    at[$2] > top[$1] { top[$1] = at[$2] }
	    END { print bad + 0 }'
}

for kind in ${SERVER:-prosody ejabberd}; do
	server "$kind" 'EXTRA=smacks_max_queue_size = 200000'
	rm -rf "$dir/alice"
	account alice -o ''
	account bob -o ''
	make-config -o '' -p alice-pw "$dir/phone" "alice@$domain/phone" \
	    "$c2s" "$ca"
	# The first time sets the position, and tells nothing.
	printf '%s\n' /connect /replay >"$dir/lines"
	exits "$kind: a first replay" 0 "$jackline" -f "$dir/alice" \
	    <"$dir/lines"
	for mode in replay queue; do
		queue=
		[ $mode = replay ] || queue="--queue work"
		if [ $mode = queue ]; then
			printf '%s\n' /connect '/wait replay' >"$dir/lines"
			# shellcheck disable=SC2086 # two words
			exits "$kind: a first start of a queue" 0 \
			    "$jackline" -f "$dir/alice" $queue <"$dir/lines"
		fi
		write_load
		# shellcheck disable=SC2086 # two words
		timeout "$most" python3 "$here/consume.py" $mode "$kills" \
		    "$seed" $((2 * count)) "$dir/$mode" "$jackline" -ck \
		    -f "$dir/alice" $queue 2>"$dir/err"
		is "$kind, $mode: it ends" $? 0
		wait $load1 $load2
		# Prosody sends back what a session had that was killed: the
		# message was archived all the same.
		is "$kind: all was sent" "$(cat "$dir/bob.out" \
		    "$dir/phone.out" | grep -E '^(acked|failed)' |
		    cut -f 6 | sort -u | wc -l)" $((2 * count))
		note "$kind, $mode: $(tail -n 1 "$dir/$mode") runs"
		sed '$d' "$dir/$mode" >"$dir/told"
		if [ $mode = queue ]; then
			twice=$(cut -d ' ' -f 2 "$dir/told" | sort |
			    uniq -d | wc -l)
			# ejabberd archives twice what has to be sent again.
			if [ "$kind" = ejabberd ]; then
				note "$kind: $twice have two ids"
			else
				is "$kind: each is dealt with exactly once" \
				    "$twice" 0
			fi
			is "$kind: and all are" "$(
			    cut -d ' ' -f 2 "$dir/told" | sort -u | wc -l)" \
			    $((2 * count))
			cut -d ' ' -f 2 "$dir/told" >"$dir/order"
		else
			is "$kind: all is told" "$(
			    cut -d ' ' -f 3 "$dir/told" | sort -u | wc -l)" \
			    $((2 * count))
			again=$(repeats <"$dir/told")
			if [ "$kind" = ejabberd ]; then
				note "$kind: $again came again later"
			else
				is "$kind: a repeat is next to a kill" \
				    "$again" 0
			fi
			twice=$(awk '$3 in id && id[$3] != $2 { bad++ }
			    { id[$3] = $2 }
			    END { print bad + 0 }' "$dir/told")
			# As above.
			if [ "$kind" = ejabberd ]; then
				note "$kind: $twice have two ids"
			else
				is "$kind: and has the same archived=" \
				    "$twice" 0
			fi
			is "$kind: within a run nothing is told twice" "$(
			    cut -d ' ' -f 1-3 "$dir/told" | sort | uniq -d |
				wc -l)" 0
			note "$kind: $(cut -d ' ' -f 2 "$dir/told" | sort |
			    uniq -d | wc -l) were told twice"
			# What came before /replay has been told already.
			awk '$4 == "archive" && !($3 in seen) {
			    seen[$3] = 1; print $3 }' "$dir/told" >"$dir/order"
		fi
		late=$(disorder <"$dir/order")
		# ejabberd leaves results out of its pages while others write:
		# those are told when the last minute is read again.
		if [ "$kind" = ejabberd ]; then
			note "$kind, $mode: $late were told late"
		else
			is "$kind, $mode: in the order of each sender" \
			    "$late" 0
		fi
	done
	is "$kind: the files are right" "$("$jackline" --check -f "$dir/alice" |
	    grep -c '^positions/.*ok$')" 2
	server-down "$home"
done
end
