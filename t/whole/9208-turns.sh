#!/bin/sh
# Round trips of a login: three fewer to a server that is known from the last
# one. On both servers, through a proxy that counts them.
. "$(dirname "$0")/lib.sh"

# sent: logs in and sends a message; the turns are in $turns.
sent()
{
	count=$(grep -c '^end' "$dir/proxy.out")
	printf '%s\n' /connect '/msg bob@localhost hi' '/wait acked' |
	    "$jackline" -x -f "$dir/alice" >"$dir/out" 2>"$dir/err" || return 1
	wait_for "$dir/proxy.out" "^end $((count + 1)) " || return 1
	turns=$(sed -n "s/^end $((count + 1)) .*turns=//p" "$dir/proxy.out")
}

# fewest KIND: of three logins, since servers may say something in between;
# KIND is `new` where the server is not known.
fewest()
{
	least=99
	for _ in 1 2 3; do
		[ "$1" != new ] || rm -f "$dir/alice/features"
		sent || return 1
		[ "$turns" -ge "$least" ] || least=$turns
	done
	note "$kind, $1: $least turns"
}

turns()
{
	account bob -o ''
	proxy proxy "$c2s"
	make-config -o '' "$dir/alice" "alice@$domain/t" "$port" "$ca"
	ok "$kind: a server that is not known" fewest new
	new=$least
	ok "$kind: the same, known" fewest known
	is "$kind: three turns fewer" "$least" $((new - 3))
	is "$kind: on one connection each" \
	    "$(grep -c '^open' "$dir/proxy.out")" 6
	cp "$dir/alice/features" "$dir/features"

	# The server offers something else than the last time.
	sed 's/SCRAM-SHA-1 //' "$dir/features" >"$dir/alice/features"
	ok "$kind: another offer" sent
	is "$kind: costs one more connection" \
	    "$(grep -c '^open' "$dir/proxy.out")" 8
	ok "$kind: and is remembered" cmp "$dir/alice/features" "$dir/features"

	# A file that cannot be read.
	echo '((version 1' >"$dir/alice/features"
	exits "$kind: a broken file is reported" 78 \
	    "$jackline" --check -f "$dir/alice"
	ok "$kind: by name" grep -q '/features.*line' "$dir/out"
	ok "$kind: does no harm" sent
	ok "$kind: and is mended" cmp "$dir/alice/features" "$dir/features"
	rm "$dir/alice/features"
	printf '%s\n' /connect |
	    "$jackline" -r other -f "$dir/alice" >"$dir/out" 2>&1
	ok "$kind: -r writes none" [ ! -e "$dir/alice/features" ]
	stop proxy
}

server prosody
turns
server_down
server ejabberd
turns
end
