# Two of us, alice and bob, who write to each other through bad networks, and
# the account of it. Read behind lib.sh; needs the last server's $c2s.
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what the tests use, what lib.sh sets

# What makes Prosody 0.12 read a resumed session by the parser of the new
# connection. It takes the first one's, which may have stopped within a stanza:
# then the server ends the session. And it notes the id of each message that it
# takes, in $home/accepted. A value of EXTRA for t/server/prosody-up.
mended_prosody()
{
	mkdir -p "$dir/modules"
	chmod 755 "$dir/modules"
	cat >"$dir/modules/mod_mended.lua" <<-'END'
		module:hook("smacks-hibernation-end", function (event)
			event.resumed.data = event.origin.data;
		end);
		local file = io.open(prosody.paths.data.."/../accepted", "a");
		file:setvbuf("line");
		module:hook("pre-message/full", function (event)
			file:write(event.stanza.attr.id, "\n");
		end, 1000);
	END
	printf '%s\n' "plugin_paths = { \"$dir/modules\" }" \
	    "VirtualHost \"$domain\"" 'modules_enabled = { "mended" }'
}

# bad_networks SEED OPTION...: a proxy for each, and their accounts behind it.
bad_networks()
{
	bad_seed=$1 server_port=$c2s
	shift
	for who in alice bob; do
		proxy "proxy_$who" -r "$bad_seed" "$@" "$server_port"
		bad_seed=$((bad_seed + 1))
		c2s=$port
		account $who -o ''
	done
	c2s=$server_port
}

# chat NAME PEER: online, on the session that the tests speak of. Nobody waits
# for real between two attempts to connect, nor, once both are there, on a line
# that is silent. Of what is on the wire the answers to <resume/> stay, and what
# was wrong with it, in NAME.wire.
chat()
{
	mkfifo -m 600 "$dir/$1.log"
	python3 "$here/wire.py" "$dir/$1.log" >"$dir/$1.wire" &
	eval "wire_$1=$!"
	pids="$pids $!"
	start "$1" env LD_PRELOAD="$build/t/preload/skip.so" QUIET="$quiet" \
	    QUIET_IF="$dir/both" "$jackline" -ck -d "$dir/$1.log" -f "$dir/$1" \
	    -g "$2@$domain/t"
}

# both: waits until both are there.
both()
{
	for who in alice bob; do
		wait_for "$dir/$who.out" '^ok' || bail "$who is not online"
	done
	: >"$dir/both"
}

# feed NAME PEER COUNT: NAME and a number from 1 up, COUNT lines for PEER.
feed()
{
	python3 "$here/feed.py" "$1" "$3" "${WINDOW:-300}" "$dir/$2.out" \
	    >"$dir/$1.in" &
	pids="$pids $!"
}

# has_account FROM TO COUNT: each has its fate, and what was acked came.
has_account()
{
	fates=$(grep -cE '^(acked|failed|unknown)' "$dir/$1.out")
	[ "$fates" -ge "$3" ] &&
	    [ "$(grep -c '^message' "$dir/$2.out")" -ge \
		"$(grep -c '^acked' "$dir/$1.out")" ]
}

# settled NAME: the server answers it. Where its line is silent that takes two
# attempts, as the first answer is that the connection is lost.
settled()
{
	answers='^(ok|error)' events=$dir/$1.out
	for _ in 1 2 3 4 5; do
		before=$(wc -l <"$events")
		say "$1" /blocked
		at=$("$build/t/whole/await" "$events" "$answers" \
		    "$patience" "$before") || return
		sed -n "${at}p" "$events" | grep -q '^ok' && return
	done
	return 1
}

# leave: both end; the exit status is that of their events.
leave()
{
	for who in alice bob; do
		kill -TERM "$(pid $who)"
	done
	for who in alice bob; do
		finish $who
		status=$?
		wrong=$(grep -c -m 1 -E '^(unknown|failed|error)' \
		    "$dir/$who.out")
		[ "$status" -eq "$wrong" ]
		result $? "$who: exit status $status"
		eval "wait \$wire_$who"
	done
}

# account_of FROM TO COUNT: makes $dir/FROM.account by
# fates.awk, and claims that nothing is wrong in it.
account_of()
{
	from=$1 to=$2 count=$3
	set -- "$dir/$from.wire"
	for fact in accepted kills; do
		[ ! -e "$dir/$from.$fact" ] || set -- "$@" "$dir/$from.$fact"
	done
	awk -F "$tab" -f "$here/fates.awk" "from=$from" "to=$to@$domain/t" \
	    "theirs=${theirs:-0}" "$@" "$dir/$from.out" "$dir/$to.out" \
	    >"$dir/$from.account"
	note "from $from: $(tail -n 1 "$dir/$from.account")"
	is "from $from to $to: all is accounted for" \
	    "$(sed '$d' "$dir/$from.account" | head -n 20)" ''
	like 'all was sent' "$dir/$from.account" "^$count sent, "
}

# faults NAME: how many the proxy of NAME made; says of which kinds.
faults()
{
	stop "proxy_$1"
	for how in rst fin silence; do
		eval "$how=$(grep -c "^cut [0-9]* $how" "$dir/proxy_$1.out")"
	done
	slow=$(grep -c '^open.* delay=[1-9]' "$dir/proxy_$1.out")
	note "$1: cut $rst by RST, $fin by FIN, $silence by silence;" \
	    "$slow slow; $(grep -c 'resumed=yes' "$dir/$1.out") resumed"
	cuts=$((cuts + rst + fin + silence))
	slows=$((slows + slow))
}
