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

server prosody
domain=localhost
tty_shell 100
at=$dir/new/deep

run -f "$at"
sees 'what is going to be' '^\* some questions; Return alone takes'
answer 'JID, as USER@HOST/RESOURCE' alice
sees 'no JID' '^\* USER@HOST/RESOURCE is expected'
answer 'JID, as' alice@localhost
answer priority high
sees 'no number' '^\* a number from -128 to 127 is expected'
answer priority
answer 'name or address of the server' 127.0.0.1
answer 'port of the server' "$c2s"
answer 'password, to be stored' alice-pw
answer 'the same again' alice-wp
sees 'a slip' '^\* these two are not the same'
answer 'password, to be stored' alice-pw
answer 'the same again' alice-pw
answer 'trust certificate authorities' q
sees 'neither' '^\* y or n is expected'
answer 'trust certificate authorities' y
answer 'file of CA certificates' "$dir/none.pem"
sees 'no file' '^\* there is no such file'
answer 'file of CA certificates' "$ca"
answer 'name that the certificate must hold'
for question in 'OTR version 3' 'OTR version 2' 'OTR: send nothing' \
    'OTR: show by blanks' 'OTR: such blanks' 'OTR: errors'; do
	answer "$question"
done
[ ! -e "$dir/new" ]
result $? 'nothing is written before the last answer'
answer 'program to run'
answer 'log above the chat'
sees 'a key is made' '^\* making the OTR key'
sees 'it was' '^\* the fingerprint of our OTR key is [0-9a-f]{40}'
sees 'what was written' "^\* all is written to $at"
sees 'how to go on' '^/connect connects, /help lists'
ends 'and a prompt' '^\(offline\) > *$'
is 'all three' "$(cd "$at" && echo [a-z]*)" \
    'config.sexp otr_dsa.sexp password'
keys Up Enter
sees 'the first Up connects' '\* online'
keys /quit Enter
same 'the first start'
run -f "$at"
ends 'the second asks nothing' '^\(offline\) > *$'
keys C-d
same 'the second'

# Left in the middle, at each question.
for n in 0 1 4 9 14; do
	run -f "$dir/half"
	answer 'JID, as' alice@localhost
	i=0
	while [ $((i += 1)) -le $n ]; do
		keys Enter
	done
	keys C-c
	same "Ctrl-C after $n answers"
	[ ! -e "$dir/half" ]
	result $? 'nothing is written'
done

# A directory without a configuration, and what cannot be written to.
mkdir -m 700 "$dir/empty"
run -f "$dir/empty"
ends 'an empty directory' '^JID, as'
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

# The best of some starts, since others work here as well.
cat >"$dir/start.py" <<'END'
import os, pty, select, sys, time
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
    best = min(best, (time.perf_counter() - begin) * 1000)
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
"$here/make-config" "$dir/alice" alice@localhost/t 1 "$anchors"
took=$(python3 "$dir/start.py" "$jackline" -f "$dir/alice")
note "prompt after $took ms"
case $build in
*/san) ;;
*) ok 'a prompt within 50 ms' [ "$took" -le 50 ] ;;
esac
end
