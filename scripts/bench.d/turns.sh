# Round trips from connect until a message is under way, as server-proxy counts
# them: it is cut when the recipient, who is not behind it, has the message. A
# way takes so long that nothing more than the flight of the message was sent by
# then. This flight is not counted, nor is the handshake of TCP, which is the
# same for all. The least of three runs, as a server may say something in
# between; mcabber has one.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

# turn_of PORT TARGET COMMAND DIRECTORY: one run through a proxy on PORT; sets
# $turns. COMMAND is called with DIRECTORY, PORT and the text, which is also in
# $dir/turn.text.
turn_of()
{
	set -- "$1" "$2" "turn $((turn += 1))" "$3" "$4"
	rm -f "$dir/turn.in"
	mkfifo "$dir/turn.in"
	exec 3<>"$dir/turn.in"
	: >"$dir/turn.out"
	"$build/t/server/server-proxy" -d 200 -p "$1" "$2" <&3 \
	    >"$dir/turn.out" 2>"$dir/turn.err" &
	proxy=$!
	pids="$pids $proxy"
	wait_for "$dir/turn.out" '^port'
	echo "$3" >"$dir/turn.text"
	"$4" "$5" "$1" "$3" &
	client=$!
	pids="$pids $client"
	wait_for "$dir/bob.out" "$tab$3$tab"
	echo rst >&3
	wait_for "$dir/turn.out" '^end 1'
	turns=$(($(sed -n 's/^end 1 .*turns=//p' "$dir/turn.out") - 1))
	stop $client
	stop $proxy
	exec 3>&-
}

# least PORT TARGET COMMAND DIRECTORY: the least $turns of three runs.
least()
{
	least=99
	for _ in 1 2 3; do
		turn_of "$@"
		[ "$turns" -ge "$least" ] || least=$turns
	done
	turns=$least
}

turn_jackline()
{
	# A new configuration may mean another server: nothing is known of it.
	[ -e "$1/config.sexp" ] || t/server/make-config -o '' "$1" \
	    alice@localhost/bench "$2" "$dir/ca.crt"
	exec "$jackline" -c -f "$1" -t bob@localhost <"$dir/turn.text" \
	    >"$dir/turn-client.out" 2>&1
}
turn_strophe()
{
	exec "$build/t/bench/bench-strophe" alice@localhost/bench alice-pw \
	    "$2" "$dir/ca.crt" bob@localhost 1 "$3" >/dev/null 2>&1
}
turn_go()
{
	exec go-sendxmpp -u alice@localhost -p alice-pw -j "127.0.0.1:$2" \
	    bob@localhost <"$dir/turn.text" >/dev/null 2>&1
}
turn_go_direct()
{
	exec go-sendxmpp -t -u alice@localhost -p alice-pw -j "127.0.0.1:$2" \
	    bob@localhost <"$dir/turn.text" >/dev/null 2>&1
}
turn_mcabber()
{
	rm -rf "$1"
	mkdir -m 700 "$1"
	cat >"$1/rc" <<-END
		set jid = alice@localhost
		set password = alice-pw
		set server = 127.0.0.1
		set port = $2
		set tls = 1
		set ssl_ignore_checks = 1
		set logging = 0
		set hook-post-connect = say_to bob@localhost $3
	END
	chmod 600 "$1/rc"
	tmux -S "$dir/tmux" -f /dev/null new-session -d -x 100 -y 40 \
	    "exec mcabber -f '$1/rc' 2>/dev/null"
	exec sleep 600
}

prosody
turn=0 between=$(t/server/free-port)
background bob "$jackline" -ck -f "$dir/bob"
bob=$pid
wait_for "$dir/bob.out" '^ok'
rm -rf "$dir/turns"
mkdir "$dir/turns"
trips='round trips to a message under way'
turn_of "$between" "$port" turn_jackline "$dir/turns/jackline"
new=$turns
least "$between" "$port" turn_jackline "$dir/turns/jackline"
known=$turns
row "$trips" jackline "$known" ''
row "$trips" 'not known' "$new" ''
least "$between" "$port" turn_strophe "$dir/turns/strophe"
row "$trips" strophe "$turns" ''
if have go-sendxmpp; then
	least "$between" "$port" turn_go "$dir/turns/go"
	row "$trips" go "$turns" ''
fi
if have mcabber && have tmux; then
	turn_of "$between" "$port" turn_mcabber "$dir/turns/mcabber"
	row "$trips" mcabber "$turns" ''
	tmux -S "$dir/tmux" kill-server 2>/dev/null || :
fi
goal "$trips" "$known" '' 6.2

# Port 5223 means TLS from the first byte.
trips='the same, TLS from the first byte'
least 5223 "$tls" turn_jackline "$dir/turns/direct"
row "$trips" jackline "$turns" ''
known=$turns
if have go-sendxmpp; then
	least 5223 "$tls" turn_go_direct "$dir/turns/go"
	row "$trips" go "$turns" ''
fi
goal "$trips" "$known" '' 5.2
stop "$bob"
