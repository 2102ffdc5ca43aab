#!/bin/sh
# The recipes of jackline-lines(7), as printed there: each is taken out of the
# manual and run under dash, bash and busybox, with example.org as localhost.
# shellcheck disable=SC2154,SC2016,SC2086 # of lib.sh; as they stand; words
. "$(dirname "$0")/lib.sh"

mkdir "$dir/recipes" "$dir/bin"
sed -n '/^\.Sh RECIPES/,/^\.Sh EXIT/p' "$root/man/jackline-lines.7" |
    awk -v dir="$dir/recipes/" '
	/^\.Ss / { name = substr($0, 5); sub(/,.*/, "", name) }
	/^\.Ed/ { printing = 0 }
	printing { print >(dir name) }
	/^\.Bd/ { printing = 1 }'
for recipe in "$dir"/recipes/*; do
	sed -i 's/\\e/\\/g; s/\\&//g; s/example\.org/localhost/g' "$recipe"
done
is 'ten recipes' "$(find "$dir/recipes" -type f | wc -l)" 10
# What a line of a crontab(5) runs.
like 'a crontab' "$dir/recipes/Alert from cron" '^0 5 \* \* \* '
sed -i 's/^0 5 \* \* \* //' "$dir/recipes/Alert from cron"

# What they call.
ln -s "$jackline" "$root/scripts/jackline-send" "$dir/bin"
printf '#!/bin/sh\nprintf "\\033[31mfa\\351 %%s\\n" $SHELL_NAME\n' \
    >"$dir/bin/backup"
printf '#!/bin/sh\n: >deployed\n' >"$dir/bin/deploy"
printf '#!/bin/sh\necho cc broke; echo %s >&2; exit 2\n' \
    '"$SHELL_NAME"' >"$dir/bin/make"
# One piece of work fails at the first time.
cat >"$dir/bin/work" <<'END'
#!/bin/sh
[ "$2" != fragile ] || [ -e broken ] || { : >broken && exit 1; }
echo "$1 $2" >>worked
END
chmod +x "$dir"/bin/*
PATH=$dir/bin:$PATH
export PATH

# runs NAME: to its end, 100 s at most. Output in out, errors in err.
runs()
{
	(cd "$work" && HOME=$dir/home && export HOME && exec timeout 100 \
	    $shell "$dir/recipes/$1" >out 2>err </dev/null)
}

# begins NAME: in the background, with a process group of its own.
begins()
{
	(cd "$work" && HOME=$dir/home && export HOME && exec setsid \
	    $shell "$dir/recipes/$1" >out 2>err </dev/null) &
	group=$!
	pids="$pids $group"
}

# ended: what was begun last has, by itself; its status.
ended()
{
	"$build/t/whole/await" "$group" "$patience" ||
	    kill -s KILL -- "-$group"
	wait "$group" 2>/dev/null
}

# ends [SIGNAL]: all of what was begun last, so that nothing holds the lock of
# the directory any longer.
ends()
{
	kill -s "${1:-TERM}" -- "-$group"
	wait "$group" 2>/dev/null
	wait_until gone
}
gone()
{
	for pid in $(pgrep -g "$group"); do
		! running "$pid" || return
	done
}

# hears TEXT: bob has a message with that.
hears()
{
	wait_for "$dir/bob.out" "^message.*$1"
}

# here, left: bob sees that alice came, or went, since the last `mark`.
mark()
{
	seen=$(wc -l <"$dir/bob.out")
}
here()
{
	tail -n "+$((seen + 1))" "$dir/bob.out" |
	    grep -q "^presence.*alice@localhost/t.*was=offline"
}

# logged: something that is said in the log of the tailer again and again.
logged()
{
	echo "INFO nothing $shell" >>"$work/app.log"
	printf 'ERROR \033 %s\n' "$shell" >>"$work/app.log"
	grep -q "^message.*ERROR ..x1b $shell" "$dir/bob.out"
}

alone()
{
	runs 'Alert from cron'
	is "$shell: cron: status" $? 0
	ok "$shell: cron: it came" hears "x1b.31mfa..xe9 $SHELL_NAME"

	begins 'Log tailer'
	ok "$shell: tailer: what matters comes" wait_until logged
	ends
	unlike "$shell: tailer: nothing else" "$dir/bob.out" nothing

	runs 'Build notifier' && unverified=sent || unverified=$?
	is "$shell: build: nothing to a key that is not verified" \
	    "$unverified" 1
	printf '/with bob@localhost %s\n' '/otr start' "/fingerprint $fp" |
	    "$jackline" -c -f "$dir/alice" >"$dir/out"
	runs 'Build notifier'
	is "$shell: build: status" $? 0
	ok "$shell: build: it came, encrypted" hears \
	    "make: status 2.ncc broke.n$SHELL_NAME${tab}enc=otr"
	# As it was, for the next: no session, and no key that is verified.
	say bob '/with alice@localhost /otr stop'
	rm -r "$dir/alice/users"
}

approval()
{
	rm -f "$work/deployed"
	say carol '/msg alice@localhost yes'
	begins 'Approval by yes or no'
	wait_until asked 1 || bail 'not asked'
	say carol '/msg alice@localhost yes' '/wait acked' '/status away'
	wait_for "$dir/carol.out" '^ok'
	say bob '/msg alice@localhost no'
	ended
	is "$shell: approval: no" $? 1
	[ ! -e "$work/deployed" ]
	result $? "$shell: approval: it does not go on"
	begins 'Approval by yes or no'
	wait_until asked 2
	say bob '/msg alice@localhost yes'
	ended
	is "$shell: approval: yes" $? 0
	ok "$shell: approval: it goes on" test -e "$work/deployed"
}

# asked N: bob was, so many times.
asked()
{
	[ "$(grep -c "deploy 1.4" "$dir/bob.out")" -ge "$1" ]
}

rooms()
{
	begins 'Room logger'
	ok "$shell: logger: it comes" wait_for "$dir/bob.out" \
	    "^member.*$den/logger.*show=online"
	say bob "/msg $den hello \\\\n $SHELL_NAME"
	ok "$shell: logger: what is said" wait_for "$work/den.log" \
	    "Z <bob> hello .* $SHELL_NAME$"
	ends

	begins 'Bridge between two rooms'
	for room in "$den" "$hall"; do
		wait_for "$dir/bob.out" "^member.*$room/bridge.*show=online"
	done
	say bob "/msg $den over $SHELL_NAME" "/msg $hall"' back \$(id)'
	ok "$shell: bridge: over" wait_for "$dir/bob.out" \
	    "^room.*$hall/bridge$tab<bob> over $SHELL_NAME$tab"
	ok "$shell: bridge: and back" wait_for "$dir/bob.out" \
	    "^room.*$den/bridge$tab<bob> back ...\(id\)$tab"
	say bob "/msg $den more"
	wait_for "$dir/bob.out" "^room.*$hall/bridge$tab<bob> more$tab"
	unlike "$shell: bridge: in no circle" "$dir/bob.out" '<bridge>'
	ends
}

watcher()
{
	begins 'Presence watcher'
	ok "$shell: presence: is here" wait_for "$work/bob.log" 'bob is here'
	: | "$jackline" -c -r second -f "$dir/bob" >"$dir/out"
	ok "$shell: presence: left" wait_for "$work/bob.log" 'bob left'
	ends
}

# worked COUNT: so many pieces of work are done.
worked()
{
	[ "$(wc -l <"$work/worked")" -ge "$1" ]
} 2>/dev/null

# stored: that the first piece is done is on the disk, behind where it began.
stored()
{
	[ "$(wc -l <"$dir/alice/positions/shop:alice@localhost")" -ge 2 ]
} 2>/dev/null

queue()
{
	rm -rf "$dir/alice/positions"
	mark
	begins 'Queue consumer'
	wait_until here
	say bob '/msg alice@localhost first'
	ok "$shell: queue: a message" wait_until worked 1
	wait_until stored
	ends KILL
	say bob '/msg alice@localhost fragile'
	wait_for "$dir/bob.out" "^acked.*id=$(field 6 sent "$dir/bob.out" |
	    tail -n 1 | cut -c4-)"
	runs 'Queue consumer'
	ok "$shell: queue: work that fails ends it" test -e "$work/broken"
	begins 'Queue consumer'
	ok "$shell: queue: it is done next time" wait_until worked 2
	ends
	is "$shell: queue: each once" "$(tr '\n' ' ' <"$work/worked")" \
	    'bob@localhost/t first bob@localhost/t fragile '
}

writers()
{
	runs 'Several writers with labels'
	is "$shell: writers: status" $? 0
	# To bob's resource, where something of his came in between.
	is "$shell: writers: each has its fate" "$(sed 's,/t$,,' "$work/out" |
	    LC_ALL=C sort | tr '\t\n' '  ')" \
	    "acked bob@localhost acked bob@localhost "
	ok "$shell: writers: both" hears 'one is done'
	ok "$shell: writers: came" hears 'two is done'
}

server prosody FRIENDS='alice bob'
for name in alice bob carol; do
	account $name -o ''
done
mkdir -p "$dir/home/.config"
ln -s "$dir/alice" "$dir/home/.config/ocaml-xmpp-client"
den=den@conference.localhost hall=hall@conference.localhost
for shell in dash bash 'busybox sh'; do
	command -v "${shell% *}" >/dev/null || {
		skip 24 "$shell is not installed"
		continue
	}
	SHELL_NAME=${shell%% *} work=$dir/work.${shell%% *}
	export SHELL_NAME
	mkdir "$work"
	start carol "$jackline" -c -f "$dir/carol" --no-rooms
	start bob "$jackline" -c -f "$dir/bob" --no-rooms
	say bob /fingerprint "/join $den/bob" "/join $hall/bob"
	wait_for "$dir/bob.out" "^ok.*$hall"
	wait_for "$dir/carol.out" "${tab}online"
	fp=$(field 4 fingerprint "$dir/bob.out" | head -n 1)
	alone
	approval
	rooms
	watcher
	queue
	writers
	runs 'Monitoring of delivery'
	is "$shell: delivery" "$?$(cat "$work/out")" '0OK: delivered'
	stop bob
	stop carol
done
shell=dash
runs 'Monitoring of delivery'
is 'delivery: nobody there' "$?$(cat "$work/out")" \
    '1WARNING: the server has it, bob does not'
server_down
runs 'Monitoring of delivery'
is 'delivery: no server' "$?$(cut -d: -f1,2 "$work/out")" \
    '2CRITICAL: status 69'

end
