# As fast as the client can, on t/server/server-flood: XEP-0198 on, but for
# go-sendxmpp, which lacks it. CPU is of the whole process, login included.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

# per COUNT: rows of $wall and $cpu for as many messages of $who.
per()
{
	per_second=$(echo "$1 $wall" | awk '{ print $1 * 1000 / $2 }')
	per_message=$(echo "$1 $cpu" | awk '{ print $2 * 1000 / $1 }')
	echo "$who $per_second $per_message" >>"$dir/per"
}

# table WHAT: the rows that `per` has gathered.
table()
{
	while read -r who per_second per_message; do
		row "$1, a second" "$who" "$per_second" ''
	done <"$dir/per"
	while read -r who per_second per_message; do
		row "$1, CPU of one" "$who" "$per_message" us
	done <"$dir/per"
	: >"$dir/per"
}

# receive COMMAND...: until it has printed the last message.
receive()
{
	background receive "$@"
	begun=$(milliseconds)
	wait_for "$dir/receive.out" 'last'
	wall=$(($(milliseconds) - begun))
	cpu=$(cpu "$pid")
	stop "$pid"
}

count=50000
seq -f '%060.0f' $count >"$dir/lines"
: >"$dir/per"
strophe=$build/t/bench/bench-strophe

flood
who=jackline
timed "$jackline" -c -f "$dir/flooded" -t bob@localhost <"$dir/lines" \
    >/dev/null
per $count
who=strophe
timed "$strophe" alice@localhost/bench alice-pw "$flood" \
    "$dir/certs/ca.crt" bob@localhost $count >/dev/null
per $count
if have go-sendxmpp; then
	who=go
	# The program ends with a complaint that its input has ended.
	timed go-sendxmpp -i -u alice@localhost -p alice-pw \
	    -j "127.0.0.1:$flood" bob@localhost <"$dir/lines" \
	    >/dev/null 2>"$dir/go.err"
	per $count
fi
table 'sent'
# In the order in which they came and went.
line=0
for who in jackline strophe; do
	line=$((line + 1))
	row 'sent, TLS records of 100' "$who" "$(grep '^messages' \
	    "$dir/flood.out" | awk -v line=$line -v count=$count \
	    'NR == line { print $6 * 100 / count }')" ''
done

for mode in '' -w; do
	what_came=received
	[ -z "$mode" ] || what_came='received one by one'
	# shellcheck disable=SC2086 # an option, or none
	flood $mode -m $count
	who=jackline
	receive "$jackline" -ck -f "$dir/flooded"
	per $count
	who=strophe
	receive "$strophe" alice@localhost/bench alice-pw "$flood" \
	    "$dir/certs/ca.crt"
	per $count
	# go-sendxmpp acknowledges nothing, so it gets them all at once.
	if [ -z "$mode" ] && have go-sendxmpp; then
		who=go
		receive go-sendxmpp -l -u alice@localhost -p alice-pw \
		    -j "127.0.0.1:$flood"
		per $count
	fi
	table "$what_came"
done
