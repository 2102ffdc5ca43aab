#!/bin/sh
# The first start at a terminal, as somebody in a hurry has it, and how long
# any start takes until the prompt is there.
. "$(dirname "$0")/lib-tty.sh"

# answer QUESTION [TEXT]: waits for it, then types.
answer()
{
	ends "$1" "^$1.*: *\$"
	shift
	keys "$@" Enter
}

cr=$(printf '\r')
del=$(printf '\177')
case ${BUILD-} in
*no-omemo*) has_omemo='' ;;
*) has_omemo=yes ;;
esac

server prosody
domain=localhost
tty_shell 100
at=$dir/new/deep

# From nothing to the first message: JID, password, connect, pin, more, OMEMO;
# the port is asked for as nothing listens on the usual one here.
pin=$(pin "$home/certs/server.crt")
run -f "$at"
sees 'what is going to be' '^\* Return takes what is in \[brackets\]'
answer 'your JID, as you@example.org' alice
sees 'no JID' '^\* a JID has an @ in it'
long=$(printf '%01200d' 0)
keys "$long" Home End "$long" "$long" Enter
sees 'more than the screen' '^\* that is too long$'
answer 'your JID' alice@localhost
answer 'password to store' alice-wp
answer 'connect now, to check certificate and password' q
sees 'neither' '^\* y or n is expected'
answer 'connect now'
sees 'nobody there' '^\* localhost port 5222 at .*: Connection refused'
answer 'try again, maybe with another host name or port' y
answer 'host name or address of the server' 127.0.0.1
answer 'port of the server' high
sees 'no number' '^\* a number from 1 to 65535 is expected'
answer 'port of the server' "$c2s"
sees 'a stranger' '^\* the certificate is not from a trusted authority: '
sees 'its names' '^\* it is for localhost '
sees 'its dates' '^\* valid from 20[0-9-]{8} to 20[0-9-]{8}$'
sees 'its hash in groups of eight' \
    "^\* $(printf %s "$pin" | sed 's/......../& /g; s/ $//')\$"
answer 'trust this certificate and no other, y or n'
sees 'no answer is no yes' '^\* an answer is needed'
answer 'trust this certificate' y
sees 'a wrong password' \
    '^\* the server refused the login, the name or the password is'
answer 'password to store' alice-pw
sees 'the right one' "^\\* the server's certificate is trusted, and the pass"
[ ! -e "$dir/new" ]
result $? 'nothing is written before the last answer'
answer 'more questions'
[ -z "$has_omemo" ] || answer 'also encrypt with OMEMO'
sees 'a key is made' '^\* the OTR key has the fingerprint [0-9a-f]{8} '
sees 'what was written' "^\* all is written to $at"
sees 'how to go on' '^/connect connects, '
ends 'and a prompt' '^\(offline\) > *$'
is 'no password is seen' "$(rows | grep -c 'alice-[pw]')" 0
is 'all of them' "$(cd "$at" && echo [a-z]*)" \
    "config.sexp ${has_omemo:+omemo.sexp }otr_dsa.sexp password"
keys Up Enter
sees 'the first Up connects' '\* online'
keys /quit Enter
same 'the first start'
run -f "$at"
ends 'the second asks nothing' '^\(offline\) > *$'
keys C-d
same 'the second'

# What there is, and one thing changed: the command that is told is typed as it
# is seen.
run --configure -f "$at"
sees 'what there is' "^\* $at holds the account alice@localhost/jackline"
sees 'the server' "^\* server: 127.0.0.1, port $c2s"
sees 'the certificate' '^\* trusted certificate: one, SHA-256'
sees 'the password' '^\* password: stored'
answer 'change the certificate, the password, or everything' sesame
sees 'no such change' '^\* certificate, password, everything or nothing is'
answer 'change the certificate' password
answer 'password to store' sesame
answer 'connect now' n
sees 'not yet' '^\* nothing has changed yet: this command'
sees 'how to connect' "^\* jackline -c -f $at connects"
same 'changed'
is 'the password is as it was' "$(cat "$at/password")" alice-pw
run --configure -f "$at"
answer 'change the certificate' password
answer 'password to store' sesame
answer 'connect now' n
sees 'the command' "^  mv $at/password.new $at/password\$"
command=$(rows | grep '^  mv ' | tail -n 1)
ends 'the shell for it' '^sh> *$'
keys "$command" Enter
same 'the command'
is 'is good as printed' "$(cat "$at/password")" sesame
printf alice-pw >"$at/password"

# A script reads what we write, and a person types: no password is seen.
keys "clear; $jackline --configure -f $dir/piped | cat" Enter
sees 'a question for a script' '^ask.*your JID, as you@example.org  *what=jid'
keys alice@localhost Enter
sees 'the secret is asked for where it is seen' \
    '^password to store .*[]]:( |$)'
keys sesame Enter
sees 'and not shown' '^ask.*connect now'
is 'at all' "$(rows | grep -c sesame)" 0
keys C-c
same 'piped'

# Cut short while it looks for a server that does not answer.
cat >"$dir/silent.py" <<'END'
import socket, sys, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(5)
print("port", s.getsockname()[1], flush=True)
time.sleep(3600)
END
start silent python3 "$dir/silent.py"
wait_for "$dir/silent.out" '^port '
silent=$(sed -n 's/^port //p' "$dir/silent.out")
run -f "$dir/slow"
answer 'your JID' alice@localhost
answer 'password to store' pw
answer 'connect now'
answer 'try again' y
answer 'host name or address' 127.0.0.1
answer 'port of the server' "$silent"
sees 'it tries' '^\* connecting as alice@localhost'
keys C-z
same 'Ctrl-Z while connecting'
keys fg Enter
# The shell shows the command, whose last word may have a row of its own; by now
# the server may have been given up.
wait_until last_like '(slow"?|[[]n[]]: *)$'
keys C-c
sees 'nothing was written' 'jackline: interrupted: nothing was written'
same 'Ctrl-C while connecting'
[ ! -e "$dir/slow" ]
result $? 'nothing at all'

# Names of files and programs are completed at Tab. A name that cannot be typed
# is left out.
mkdir -p "$dir/files/deep" "$dir/bin"
cp "$ca" "$dir/files/deep/first.pem"
cp "$ca" "$dir/files/deep/second.pem"
: >"$dir/files/deep/$(printf 'third\033[31m')"
printf '#!/bin/sh\n' >"$dir/bin/tell-me"
chmod +x "$dir/bin/tell-me"
: >"$dir/bin/tell-nothing"
run "PATH=$dir/bin:$PATH" -- -f "$dir/tabs"
answer 'your JID' alice@localhost
answer 'password to store' pw
answer 'connect now' n
ends 'a question with files' '[]]: *$'
keys sy Tab
ends 'the authorities' '[]]: system *$'
keys C-u "$dir/files/" Tab
ends 'a directory' '/files/deep/ *$'
keys Tab
sees 'what is in it' '^first.pem  second.pem *$'
ends 'and the line again' '/files/deep/ *$'
keys Left Right f Tab
ends 'a file' '/files/deep/first.pem *$'
keys Enter
answer 'more questions' y
for question in 'host name or' 'port of' 'host name in' 'trust "system"' \
    priority 'OTR: refuse' 'OTR: use version 3' 'OTR: use version 2' \
    'OTR: end' 'OTR: begin encryption when' 'OTR: begin encryption again'; do
	sees "$question" "^$question"
	ends 'a question' '[]]: *$'
	keys Enter
done
ends 'a program' '^program to run .*: *$'
keys tell- Tab
ends 'that can be run' ': tell-me *$'
keys " $dir/files/de" Tab sec Tab
ends 'and a file for it' 'second.pem *$'
keys Enter
answer 'for the original jackline'
answer 'show at a terminal what your'
answer 'show at a terminal what was'
[ -z "$has_omemo" ] || answer 'also encrypt with OMEMO' n
sees 'all is told' '^/connect connects'
keys C-d
same 'completed'
like 'the file is written' "$dir/tabs/config.sexp" \
    "Trust_anchor $dir/files/deep/first.pem"
like 'and the program' "$dir/tabs/config.sexp" \
    "tell-me $dir/files/deep/second.pem"

# Left in the middle, at each question: after answers that are typed ahead, all
# at once (Ctrl-C), or each at its question (Ctrl-D).
for key in C-c C-d; do
	for n in 0 1 2 3 4 5; do
		[ $n -lt 5 ] || [ -n "$has_omemo" ] || continue
		run -f "$dir/half"
		ends "the first" '^your JID'
		set -- 'your JID' alice@localhost 'password to store' sesame \
		    'connect now' n 'trust "system"' "$pin" 'more questions' n \
		    'also encrypt' x
		i=0
		ahead=
		while [ $((i += 1)) -le $n ]; do
			if [ $key = C-c ]; then
				ahead="$ahead$2$cr"
			else
				wait_until row_like "^$1"
				ends "$1" ': *$'
				keys "$2" Enter
			fi
			shift 2
		done
		[ -z "$ahead" ] || keys -l "$ahead"
		sees "$key: $n" "^$1"
		ends 'and nothing behind it' ': *$'
		is 'no password is seen' "$(rows | grep -c sesame)" 0
		keys $key
		same "$key after $n answers"
		[ ! -e "$dir/half" ]
		result $? 'nothing is written'
	done
done

# Nothing of it is lost, up to the first command; a correction is one as well.
run -f "$dir/ahead"
ends "the first" '^your JID'
keys -l "alice@localhost${cr}sesa_${del}me${cr}n$cr$pin${cr}n$cr"
[ -z "$has_omemo" ] || keys n Enter
keys /info Enter
sees 'all is typed ahead' '\* your priority is 0'
is 'and no password is seen' "$(rows | grep -c 'sesa')" 0
is 'which is as it was meant' "$(cat "$dir/ahead/password")" sesame
keys C-d
same 'typed ahead'

# A directory without a configuration, and what cannot be written to.
mkdir -m 700 "$dir/empty"
run -f "$dir/empty"
ends 'an empty directory' '^your JID, as'
keys C-d
same 'an empty directory'
is 'stays so' "$(ls "$dir/empty")" ''
: >"$dir/file"
run -f "$dir/file/deep"
sees 'no directory is possible' '^jackline: .*/file/deep: '
same 'not possible'
if [ -d /proc/self ]; then
	run -f /proc/self/deep
	sees 'no directory is allowed' '^jackline: /proc/self/deep: '
	same 'not allowed'
fi
tm kill-server

# The best of some starts, without the time for which there was no processor,
# since others work here as well.
cat >"$dir/start.py" <<'END'
import os, pty, select, sys, time
def waited(pid):
    try:
        with open("/proc/%s/schedstat" % pid) as f:
            return int(f.read().split()[1]) / 1e9
    except OSError:
        return 0
best = 1e9
for i in range(100):
    if best <= 50:
        break
    begin = time.perf_counter()
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(sys.argv[1], sys.argv[1:])
    seen = b""
    while b"> " not in seen and select.select([fd], [], [], 20)[0]:
        seen += os.read(fd, 65536)
    took = time.perf_counter() - begin - waited(pid)
    best = min(best, took * 1000)
    os.write(fd, b"\x04")
    try:
        while os.read(fd, 65536):
            pass
    except OSError:
        pass
    os.waitpid(pid, 0)
print("%.0f" % best)
END
anchors=/etc/ssl/certs/ca-certificates.crt
[ -e $anchors ] || anchors=$ca
make-config "$dir/alice" alice@localhost/t 1 "$anchors"
took=$(python3 "$dir/start.py" "$jackline" -f "$dir/alice")
note "prompt after $took ms"
case $build in
*/san) ;;
*) ok 'a prompt within 50 ms' [ "$took" -le 50 ] ;;
esac
end
