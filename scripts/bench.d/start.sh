# A start on a directory with 10,000 files in users/, without a server.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

# starts WHAT GOAL OPTION...: the median CPU of eleven starts.
starts()
{
	name=$1 wanted=$2
	shift 2
	: >"$dir/starts"
	for _ in $(seq 11); do
		timed "$jackline" -f "$dir/many" "$@" </dev/null >/dev/null
		echo "$cpu" >>"$dir/starts"
	done
	goal "$name" "$(median "$dir/starts")" ms "$wanted"
}

t/server/server-certs "$dir/certs" localhost
t/server/make-config -o '' "$dir/many" alice@localhost/bench 5222 \
    "$dir/certs/ca.crt"
mkdir -m 700 "$dir/many/users"
seq 10000 | awk -v dir="$dir/many/users/" '{ name = dir "c" $1 "@localhost"
	printf "(1 ((name ()) (bare_jid (c%d localhost)) (groups ()) " \
	    "(preserve_history true) (properties ()) (subscription Both) " \
	    "(otr_fingerprints ()) (otr_custom_config ())))", $1 >name
	close(name) }'
starts '10,000 files in users/, start' 10
starts '10,000 files in users/, start with -t' 10 -t c1@localhost
