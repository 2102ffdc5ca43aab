#!/bin/sh
# The settings of the terminal, told by stty, before and after each way out of
# each state: the questions, the password, the editor. SOAK=1 for every signal.
. "$(dirname "$0")/lib-tty.sh"
settings=-a

# driver_says WORD: a setting of the terminal.
driver_says()
{
	stty -a <"$(tm display-message -p -t t '#{pane_tty}')" |
	    tr ' ' '\n' | grep -qx -e "$1"
}

# echoes NAME yes|no: whether the terminal echoes now, as its driver says.
echoes()
{
	wanted=-echo
	[ "$2" = no ] || wanted='echo'
	wait_until driver_says "$wanted"
	result $? "$1"
}

# stopped NAME: it is stopped, and the terminal is the shell's.
stopped()
{
	wait_until grep -q '^State:.T' "/proc/$alice/status"
	result $? "$1: stopped"
	same "$1"
}

# gone NAME: it has ended.
gone()
{
	"$build/t/whole/await" "$alice" "$patience"
	result $? "$1"
}

free_port # where nobody listens
server-certs "$dir/certs" localhost
make-config -p - "$dir/asks" alice@localhost/t "$port" \
    "$dir/certs/ca.crt"
make-config "$dir/alice" alice@localhost/t "$port" \
    "$dir/certs/ca.crt"
# Settings that are not the usual ones come back as well.
tty_shell 100
keys "stty quit ^A -ixoff; stty -g >$dir/saved; exec sh -i" Enter
rm -f "$dir/before"
keys "clear; stty $settings >$dir/stty; mv $dir/stty $dir/before" Enter
wait_for "$dir/before" 'quit = \^A'

# A question whose answer is seen, then one whose is not.
jid='^your JID, as you@example.org: *$'
password='^password to store .*: *$'
to_password()
{
	run -f "$dir/new"
	ends "$1: the first question" "$jid"
	keys alice@localhost Enter
	ends "$1: that of the password" "$password"
	echoes "$1: the echo is off" no
}
for key in C-c C-d; do
	run -f "$dir/new"
	ends "$key at a question" "$jid"
	keys $key
	same "$key at a question"
	to_password "$key at a secret"
	keys secret $key $key
	same "$key at a secret"
done
for signal in TERM HUP INT SEGV; do
	run -f "$dir/asks"
	ends "SIG$signal at a password: asked" '^password for alice@.*: *$'
	echoes "SIG$signal at a password: the echo is off" no
	kill -$signal "$alice"
	same "SIG$signal at a password"
done
ok 'nothing was written' [ ! -e "$dir/new" ]

# Stopped at a secret, and back.
for way in C-z TSTP; do
	to_password "$way"
	if [ $way = C-z ]; then
		keys half C-z
	else
		kill -TSTP "$alice"
	fi
	stopped "$way at a secret"
	keys 'clear; fg' Enter
	ends "$way: asked again" "$password"
	echoes "$way: the echo is off again" no
	keys secret Enter
	ends "$way: and on it goes" '^connect now, .*: *$'
	is "$way: it was not seen" "$(rows | grep -c secret)" 0
	keys C-d
	same "$way"
done

# The editor. Real-time signals have no name that every shell knows.
prompt='^\(offline\) > *$'
half='^\(offline\) > half$'
real=$(python3 -c 'import signal; print(int(signal.SIGRTMAX))')
for signal in TERM HUP INT SEGV ABRT PIPE "$real" ${SOAK:+QUIT BUS FPE ILL \
    TRAP SYS USR1 USR2 ALRM VTALRM PROF XCPU XFSZ}; do
	run -f "$dir/alice"
	ends "SIG$signal: up" "$prompt"
	keys half
	ends "SIG$signal: typed" "$half"
	kill -"$signal" "$alice"
	[ "$signal" != PIPE ] || keys C-c /quit Enter
	same "SIG$signal"
done
run -f "$dir/alice"
ends 'up' "$prompt"
keys C-d
same 'Ctrl-D'
for way in C-z TSTP STOP; do
	run -f "$dir/alice"
	ends "$way: up" "$prompt"
	keys half
	ends "$way: typed" "$half"
	if [ $way = C-z ]; then
		keys C-z
	else
		kill -$way "$alice"
	fi
	if [ $way = STOP ]; then
		# Nobody can put anything back then, but the shell.
		sees "$way: the shell" 'sh> *$'
		stty "$(cat "$dir/saved")" \
		    <"$(tm display-message -p -t t '#{pane_tty}')"
		keys C-c
	fi
	stopped "$way"
	keys 'clear; fg' Enter
	ends "$way: and back" "$half"
	keys Left X
	ends "$way: it edits" '> halXf$'
	echoes "$way: the driver does not" no
	keys C-a C-k /quit Enter
	same "$way"
done
# Ended while it is stopped, and in the background.
run -f "$dir/alice"
ends 'stopped and killed: up' "$prompt"
keys C-z
stopped 'stopped and killed'
keys 'clear; bg' Enter
stopped 'in the background'
kill -TERM "$alice"
kill -CONT "$alice"
gone 'stopped and killed'
keys Enter
same 'stopped and killed'

# A terminal that takes nothing any more, as that of a dead ssh, or only a part
# of what it is given: what waits to be written holds nobody who is to end.
cat >"$dir/stuck.py" <<'END'
import array, fcntl, os, pty, select, signal, sys, termios, time
takes = int(sys.argv.pop(1))
ready, go = os.pipe()
pid, fd = pty.fork()
if pid == 0:
    os.read(ready, 1)
    os.environ["TERM"] = "xterm"
    os.execv(sys.argv[1], sys.argv[1:])
before = termios.tcgetattr(fd)
os.write(go, b".")
seen = b""
while b"<-- 0" not in seen and select.select([fd], [], [], 60)[0]:
    seen += os.read(fd, 65536)
def waiting():
    n = array.array("i", [0])
    fcntl.ioctl(fd, termios.FIONREAD, n)
    return n[0]
was = -1
while was != waiting(): # until nothing more comes
    was = waiting()
    time.sleep(0.5)
print("flood" if b"<-- 0" in seen else "none", flush=True)
for i in range(2):
    os.kill(pid, signal.SIGTERM)
    for k in range(1000):
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            print("ended", "as it was" if before == termios.tcgetattr(fd)
                  else "changed")
            sys.exit()
        time.sleep(0.02)
        if k == 10:
            os.read(fd, takes)
os.kill(pid, signal.SIGKILL)
END
start flood "$build/t/server/server-flood" -m 30000 "$dir/certs"
wait_for "$dir/flood.out" '^port '
make-config -o '' "$dir/flooded" alice@localhost/t \
    "$(sed -n 's/^port //p' "$dir/flood.out")" "$dir/certs/ca.crt"
for takes in 0 2000 4000; do
	is "a terminal that hangs, and takes $takes bytes, holds nobody" \
	    "$(python3 "$dir/stuck.py" $takes "$jackline" -c -w 1 \
	    -f "$dir/flooded" -g bob@localhost | tr '\n' ' ')" \
	    'flood ended as it was '
done
stop flood

# The window goes: so do we.
for state in alice asks; do
	run -f "$dir/$state"
	ends "a closed window: up" '> $|: $|>$|:$'
	tm kill-server
	gone 'a closed window'
	tty_shell
done
tm kill-server
end
