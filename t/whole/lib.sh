# The Test Anything Protocol and the surroundings for the tests of the whole
# program. Read first by each: . "$(dirname "$0")/lib.sh". A test that ends in
# any other way than by `end` has failed. KEEP=1 leaves its directory behind.
# shellcheck shell=sh
# shellcheck disable=SC2034 # what only the tests use
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$(dirname "$here")")
# What scripts/deps has installed, before what else may bear its names.
PATH=/usr/bin:/bin:$root/t/server:$root/t/peer:$PATH
export PATH
build=$root/${BUILD:-build}
jackline=$build/jackline
tab=$(printf '\t')
domain=localhost
dir=$(mktemp -d)
PORTS=$build/ports
export PORTS
mkdir -p "$PORTS"
# Servers run as another user where the test is root.
chmod 711 "$dir"
# What is made elsewhere is made here, and seen by `end`.
mkdir "$dir/tmp"
chmod 1777 "$dir/tmp"
TMPDIR=$dir/tmp
PYTHONDONTWRITEBYTECODE=1
export TMPDIR PYTHONDONTWRITEBYTECODE
# Or Python writes each word of a line by itself, and who waits sees the first.
unset PYTHONUNBUFFERED
# A sanitizer's verdict must not look like an exit status of ours. Leaks are
# not looked for under ptrace: a test that traces says asan_trace first.
# t/preload/skip.so comes before the sanitizer where a test wants it.
ASAN_OPTIONS=exitcode=99:detect_leaks=1:verify_asan_link_order=0
UBSAN_OPTIONS=exitcode=99:print_stacktrace=1
export ASAN_OPTIONS UBSAN_OPTIONS
asan_trace()
{
	ASAN_OPTIONS=exitcode=99:detect_leaks=0:verify_asan_link_order=0
}

# What the libraries themselves never free is no leak of ours: libedit 3.1 the
# names of functions it was given and, where a test says asan_libotr, libotr
# 4.1.1 a number with each SMP (t/unit/otr-pair.h).
echo 'leak:wcsdup' >"$dir/leaks"
LSAN_OPTIONS=suppressions=$dir/leaks:print_suppressions=0
export LSAN_OPTIONS
asan_libotr()
{
	printf 'leak:otrl_sm_step1\nleak:otrl_sm_step2a\n' >>"$dir/leaks"
	ASAN_OPTIONS=$ASAN_OPTIONS:fast_unwind_on_malloc=0
}

tests=0 failed=0 pids='' servers='' ports=''

# ours PID: it is a child of this shell, which may have ended: numbers of those
# that were waited for are given away again, after some ten thousand others.
ours()
{
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return
	stat=${stat##*) ? }
	[ "${stat%% *}" = $$ ]
}

# clean: ends everything that was started here and takes everything away.
clean()
{
	trap - EXIT HUP INT TERM
	case $build in
	*/coverage) # What is killed does not say what it has executed.
		for pid in $pids; do
			ours "$pid" && kill "$pid" 2>/dev/null
		done
		for pid in $pids; do
			ours "$pid" && "$build/t/whole/await" "$pid" 30
		done
		;;
	esac
	for pid in $pids; do
		ours "$pid" && kill -KILL "$pid" 2>/dev/null
	done
	for socket in "$dir"/tmux*; do
		[ ! -S "$socket" ] || tmux -S "$socket" kill-server 2>/dev/null
	done
	for server in $servers; do
		server-down "$server"
	done
	for port in $ports; do
		rmdir "$PORTS/$port" 2>/dev/null
	done
	if [ -n "${KEEP-}" ]; then
		echo "# kept: $dir"
	else
		rm -rf "$dir"
	fi
}
trap clean EXIT
trap 'clean; exit 1' HUP INT TERM

# note TEXT...: remarks for whoever looks, and for all where the test fails.
note()
{
	printf '%s\n' "$@" | sed 's/^/# /' | tee -a "$dir/notes"
}

# diag TEXT...: why a test failed; prove shows it.
diag()
{
	printf '%s\n' "$@" | sed "s,^,# ${0##*/}: ," >&2
}

# result STATUS NAME: one claim, which holds where STATUS is 0.
result()
{
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
		return 0
	fi
	failed=$((failed + 1))
	echo "not ok $tests - $2"
	diag "not ok $tests - $2"
	return 1
}

# ok NAME COMMAND...: COMMAND ends with 0.
ok()
{
	name=$1
	shift
	"$@"
	result $? "$name"
}

# is NAME GOT WANTED: the same text.
is()
{
	[ "$2" = "$3" ]
	result $? "$1" || {
		diag "got:    $2" "wanted: $3"
		return 1
	}
}

# patience: the seconds that a wait lasts where nothing else is said. What the
# rest of a failed test waits for will hardly come: it waits 5 s for each.
patience=${PATIENCE:-60}
impatient()
{
	[ "$patience" -le 5 ] || patience=5
	return 1
}

# exits NAME WANTED COMMAND...: its exit status; 300 s at most. Its output is in
# $dir/out: a caller that redirects it would redirect the result as well.
exits()
{
	name=$1 wanted=$2
	shift 2
	timeout -k 5 300 "$@" >"$dir/out"
	is "$name" $? "$wanted"
}

# like NAME FILE PATTERN: some line of FILE matches (grep -E), now or at last:
# what one client was told to do shows late with another, on a busy machine.
like()
{
	grep -qE -e "$3" "$2" 2>"$dir/like.err" ||
	    "$build/t/whole/await" "$2" "$3" "$patience" >/dev/null || impatient
	result $? "$1" || {
		diag "no line of $2 matches $3; it ends:" \
		    "$(tail -n 20 "$2")"
		return 1
	}
}

# unlike NAME FILE PATTERN: FILE is there and no line of it matches.
unlike()
{
	grep -E -e "$3" "$2" >"$dir/unlike.out"
	[ $? -eq 1 ]
	result $? "$1" || {
		diag "matches $3 in $2:" "$(head -n 5 "$dir/unlike.out")"
		return 1
	}
}

# skip_all WHY: nothing can be tested here.
skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

# skip COUNT WHY: so many claims cannot be tested here, and it can be seen.
skip()
{
	for _ in $(seq "$1"); do
		tests=$((tests + 1))
		echo "ok $tests # SKIP $2"
	done
}

# end: the last line of each test. Nothing may be left in $TMPDIR.
end()
{
	is 'nothing is left behind' "$(ls -A "$dir/tmp")" ''
	echo "1..$tests"
	[ "$tests" -gt 0 ] && [ "$failed" -eq 0 ]
	status=$?
	[ $status -eq 0 ] || [ ! -e "$dir/notes" ] || diag "$(cat "$dir/notes")"
	clean
	exit $status
}

# bail WHY: this test cannot go on; others can.
bail()
{
	result 1 "$1"
	exit 1
}

# noise SEED COUNT: so many bytes of any value, the same for the same SEED.
noise()
{
	perl -e 'srand shift; print chr int rand 256 for 1 .. shift' "$1" "$2"
}

# field N TAG [FILE]: column N of each event line that begins with TAG.
field()
{
	awk -F '\t' -v n="$1" -v tag="$2" '$1 == tag { print $n }' "${3:--}"
}

# running PID: it is there, and not only waiting for its parent to notice.
running()
{
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return
	case ${stat##*)} in
	' Z'*) return 1 ;;
	esac
}

# wait_for FILE PATTERN [SECONDS]: until a line of FILE matches (grep -E); 1
# and a remark where nothing was added for SECONDS, $patience unless told.
wait_for()
{
	"$build/t/whole/await" "$1" "$2" "${3:-$patience}" >/dev/null || {
		diag "no $2 in $1, which ends:" "$(tail -n 20 "$1" 2>&1)"
		impatient
	}
}

# wait_until COMMAND...: looks again and again until COMMAND ends with 0, for
# some $patience s; 1 then. What has a file to be read is waited for by
# wait_for, which costs no process for each look.
wait_until()
{
	looks=0
	until "$@"; do
		[ $((looks += 1)) -lt $((patience * 10)) ] || {
			impatient
			return
		}
		if [ $looks -lt 10 ]; then
			sleep 0.02
		else
			sleep 0.1
		fi
	done
}

# start NAME COMMAND...: in the background, with $dir/NAME.out, $dir/NAME.err
# and the FIFO $dir/NAME.in as its input, which has no end until `eof`.
start()
{
	name=$1
	shift
	rm -f "$dir/$name.in" "$dir/$name.out" "$dir/$name.err"
	mkfifo "$dir/$name.in"
	# Opened here, so that the first to write is never the last. It reads as
	# well: writing to what has died does not block.
	exec 9<>"$dir/$name.in"
	sleep 3600 <&9 9<&- >/dev/null 2>&1 &
	eval "holder_$name=$!"
	pids="$pids $!"
	"$@" <"$dir/$name.in" >"$dir/$name.out" 2>"$dir/$name.err" 9<&- &
	eval "pid_$name=$!"
	pids="$pids $!"
	exec 9<&-
}

# say NAME LINE...: lines for what was started as NAME.
say()
{
	name=$1
	shift
	printf '%s\n' "$@" >"$dir/$name.in"
}

# pid NAME: the process started as NAME.
pid()
{
	eval "echo \$pid_$1"
}

# eof NAME: the end of its input.
eof()
{
	eval "ours \$holder_$1 && kill \$holder_$1 && wait \$holder_$1"
} 2>/dev/null

# finish NAME [SECONDS]: waits for its end and returns its exit status; killed,
# and so 137, after SECONDS, $patience unless told.
finish()
{
	eval "pid=\$pid_$1"
	if ours "$pid"; then
		"$build/t/whole/await" "$pid" "${2:-$patience}" ||
		    kill -KILL "$pid" 2>/dev/null
	fi
	eof "$1"
	wait "$pid" 2>/dev/null
}

# stop NAME: SIGTERM, then as finish.
stop()
{
	ours "$(pid "$1")" && kill "$(pid "$1")"
	finish "$1"
}

# free_port [N]: a loopback port, or N with blanks between them, of our own
# until the end of the test, in $port.
free_port()
{
	port=$(free-port "$@") || bail 'no port'
	ports="$ports $port"
}

# server prosody|ejabberd|jabberd2 [NAME=VALUE...]: starts one; the variables
# are those of t/server/prosody-up and its like. Sets $c2s and $tls, its ports,
# $ca, the file of its authority, $home, its directory. $domain, where set
# before, is its domain. One of a kind at a time.
server()
{
	kind=$1 home=$dir/$1
	shift
	free_port 2
	tls=${port% *} c2s=${port#* }
	servers="$servers $home"
	server_again "$@"
}

# server_again [NAME=VALUE...]: starts the last one again, on the same ports.
server_again()
{
	env C2S="$c2s" TLS="$tls" DOMAIN="$domain" CERTS="$build/certs" "$@" \
	    "$kind-up" "$home" ||
	    bail "no $kind"
	cp "$home/certs/ca.crt" "$dir/ca.crt"
	ca=$dir/ca.crt
}

# server_down [SIGNAL]: ends the last one, by SIGKILL unless told.
server_down()
{
	SIGNAL=${1:-KILL} server-down "$home"
}

# account NAME [OPTION...]: a configuration directory $dir/NAME for the account
# NAME on the last server, by t/server/make-config and its options.
account()
{
	name=$1
	shift
	make-config "$@" "$dir/$name" "$name@$domain/t" \
	    "$c2s" "$ca" ||
	    bail 'no configuration'
}

# proxy NAME OPTION... TARGET: starts server-proxy.c; its port is in $port.
proxy()
{
	proxy=$1
	shift
	start "$proxy" "$build/t/server/server-proxy" "$@"
	wait_for "$dir/$proxy.out" '^port ' || bail 'no proxy'
	port=$(sed -n 's/^port //p' "$dir/$proxy.out")
}

# pin FILE: the SHA-256 of the first certificate in FILE.
pin()
{
	openssl x509 -in "$1" -outform DER | sha256sum | cut -d' ' -f1
}

# hostile NAME: plays the script on standard input by server-hostile.c, with
# a certificate for $domain. Sets $port, $ca and $c2s for `account`.
hostile()
{
	hostile=$1
	cat >"$dir/$hostile.script"
	server-certs "$dir/certs" "$domain"
	start "$hostile" "$build/t/server/server-hostile" \
	    "$dir/certs/server.crt" "$dir/certs/server.key" \
	    "$dir/$hostile.script"
	wait_for "$dir/$hostile.out" '^port ' || bail 'no hostile server'
	port=$(sed -n 's/^port //p' "$dir/$hostile.out")
	c2s=$port
	ca=$dir/certs/ca.crt
}
