#!/bin/sh
# The process is confined (jackline(1), CONFINEMENT): what somebody could do who
# has taken it over, who is played by t/preload/intruder.c, and what goes on
# working for us. shellcheck disable=SC2154
. "$(dirname "$0")/lib.sh"

server prosody
account alice -o '' -n "cat /proc/\$\$/status >$dir/callback;"
account bob -o ''
"$jackline" -V >"$dir/version"
case $(cat "$dir/version") in
*'confined: nothing'*) skip_all 'built with CONFINE=no' ;;
esac
like '-V says how it is confined' "$dir/version" \
    '^confined: no new privileges, '
grep -q ', seccomp' "$dir/version"
calls=$?
grep -q ', Landlock' "$dir/version"
files=$?
# The sanitizers read what they report on.
[ $files -eq 0 ] && ! grep -q 'read anywhere' "$dir/version"
reads=$?

# The status that the kernel gives of it, and of the helper.
start alice "$jackline" -c -f "$dir/alice" -g bob@localhost -d "$dir/log"
wait_for "$dir/alice.out" "${tab}online"
main=$(pid alice)
read -r helper <"/proc/$main/task/$main/children"
like 'no new privileges' "/proc/$main/status" '^NoNewPrivs:.1$'
like 'those of the helper are not taken' "/proc/$helper/status" \
    '^NoNewPrivs:.0$'
if [ $calls -eq 0 ]; then
	like 'a filter of system calls' "/proc/$main/status" '^Seccomp:.2$'
else
	skip 1 'no seccomp in this build or kernel'
fi
like 'none for the helper' "/proc/$helper/status" '^Seccomp:.0$'
ok 'nor for the callback' wait_for "$dir/callback" '^Seccomp:.0$'
like 'which may be any program' "$dir/callback" '^NoNewPrivs:.0$'
is 'the debug log says it, too' "$(head -n 1 "$dir/log")" \
    "= $(tail -n 1 "$dir/version")"
stop alice
printf '/go a@b\n' | (
	asan_trace
	timeout 100 strace -qq -o "$dir/trace" -e trace=prctl,process \
	    "$jackline" -f "$dir/bob" >"$dir/out"
)
is 'and it cannot be dumped, as far as sanitizers do not need it' \
    "$(grep -c 'PR_SET_DUMPABLE, SUID_DUMP_DISABLE) = 0' "$dir/trace")" \
    "$(grep -c 'not dumpable' "$dir/version")"
sed '1,/NO_NEW_PRIVS/d' "$dir/trace" >"$dir/later"
is 'it never forks after the helper' "$(grep 'clone\|exec' "$dir/later")" ''

# play NAME [EARLY]: the intruder does the deed NAME, with EARLY unconfined.
# What it says is in $dir/deed.
play()
{
	chmod -R u+w "$dir/victim" "$dir/ours" 2>/dev/null
	rm -rf "$dir/victim" "$dir/ours"
	mkdir -p "$dir/victim/.ssh"
	echo secret >"$dir/victim/.ssh/id"
	echo old >"$dir/victim/old"
	cp -Rp "$dir/bob" "$dir/ours"
	timeout 100 env LD_PRELOAD="$build/t/preload/intruder.so" DEED="$1" \
	    ${2:+EARLY=1} VICTIM="$dir/victim" OURS="$dir/ours" \
	    "$jackline" ${resource:+"-r$resource"} -f "$dir/ours" \
	    </dev/null >"$dir/out" 2>"$dir/deed"
}

# refused PART WHY NAME...: unconfined each can be done; confined, by PART, 0
# if it holds here, none, and the program goes on.
refused()
{
	part=$1 why=$2
	shift 2
	for deed in "$@"; do
		if [ "$part" -ne 0 ]; then
			skip 2 "$deed: not in this build or kernel"
			continue
		fi
		play "$deed" early
		like "$deed: unconfined" "$dir/deed" "^$deed: done\$"
		play "$deed"
		is "$deed: confined" "$? $(sed "s/: \($why\)\$/: refused/" \
		    "$dir/deed")" "0 $deed: refused"
	done
}

# ended NAME...: confined, each of them is the end.
ended()
{
	for deed in "$@"; do
		if [ $calls -ne 0 ]; then
			skip 1 "$deed: no seccomp in this build or kernel"
			continue
		fi
		play "$deed"
		is "$deed ends it by SIGSYS" $? 159
	done
}

# Sockets that somebody listens at, by a path and by an abstract name.
mkdir "$dir/victim"
start unix python3 -c 'import socket, sys
servers = []
for name in (sys.argv[1], "\0" + sys.argv[1]):
    s = socket.socket(socket.AF_UNIX)
    s.bind(name)
    s.listen()
    servers.append(s)
print("ready", flush=True)
sys.stdin.read()' "$dir/victim/../s"
wait_for "$dir/unix.out" ready

denied='EACCES\|EPERM\|EXDEV'
refused $reads "$denied" read_secret list_directory read_process
refused $files "$denied" write_secret make_file make_directory remove_file \
    truncate_file rename_in rename_out link_in make_link make_socket \
    write_memory bind_port signal_parent
[ "$(cat "$dir/victim/.ssh/id")" = secret ]
result $? 'the secret is as it was'
refused $calls EPERM change_mode change_owner change_time make_process \
    connect_path connect_abstract make_pair listen_port ask_kernel map_code \
    make_code be_dumpable allow_core
ended run_program run_descriptor trace_parent read_other load_bpf use_ring \
    use_keys mount_system leave_namespace change_user call_x32
if [ $calls -eq 0 ]; then
	play type_key
	is 'no key is typed' "$(cat "$dir/deed")" 'type_key: EPERM'
	play call_new
	is 'a call of a later kernel is as in an older one' \
	    "$(cat "$dir/deed")" 'call_new: ENOSYS'
else
	skip 2 'no seccomp in this build or kernel'
fi
for deed in read_names write_ours make_ours use_internet; do
	play $deed
	is "$deed can be done" "$? $(cat "$dir/deed")" "0 $deed: done"
done
eof unix
finish unix

# With -r the directory is read, and omemo/ in it written.
resource=pen
mkdir -m 700 "$dir/bob/omemo"
refused $files "$denied" write_ours make_ours
for deed in read_ours write_omemo; do
	play $deed
	is "$deed can be done with -r" "$? $(cat "$dir/deed")" "0 $deed: done"
done

# A directory that is removed and made again: it is not that which we have, and
# that is said.
account eve -o ''
start eve "$jackline" -f "$dir/eve"
say eve '/with carol@localhost /otrpolicy +require_encryption'
ok 'a setting is stored' wait_for "$dir/eve.out" '^ok.*line=1'
[ -e "$dir/eve/users/carol@localhost" ]
result $? 'in the directory'
rm -rf "$dir/eve"
account eve -o ''
say eve '/with dan@localhost /otrpolicy +require_encryption'
ok 'the directory was made again: an error' wait_for "$dir/eve.out" \
    "^error.*$dir/eve.* the directory was removed while .*line=2.*cause=store"
is 'nothing is in the new one' "$(echo "$dir/eve"/*)" \
    "$dir/eve/config.sexp $dir/eve/otr_dsa.sexp $dir/eve/password"
stop eve

# The directory is on another file system; the servers for names change while it
# runs, where /etc/resolv.conf is a symbolic link to a file that is replaced.
if unshare -mn true 2>/dev/null; then
	mkdir "$dir/mnt" "$dir/etc" "$dir/run"
	for file in ld.so.cache passwd hosts nsswitch.conf; do
		[ ! -e "/etc/$file" ] || cp "/etc/$file" "$dir/etc"
	done
	ln -s "$dir/run/resolv.conf" "$dir/etc/resolv.conf"
	echo 'nameserver 127.0.0.2' >"$dir/run/resolv.conf"
	make-config -h - "$dir/dave" dave@example.org/t - "$ca"
	cat >"$dir/inside" <<-END
	mount --bind $dir/etc /etc && mount -t tmpfs none $dir/mnt &&
	cp -Rp $dir/dave $dir/mnt/dave &&
	strace -f -qq -o $dir/trace -e trace=connect \
	    $jackline -f $dir/mnt/dave
	ls $dir/mnt/dave/users >$dir/users
	END
	asan_trace
	start dave unshare -mn sh "$dir/inside"
	say dave '/with carol@localhost /otrpolicy +require_encryption' /connect
	ok 'no server' wait_for "$dir/dave.out" '^error.*line=2.*cause=dns'
	like 'a server for names was asked' "$dir/trace" \
	    'htons\(53\).*"127\.0\.0\.2"'
	echo 'nameserver 127.0.0.3' >"$dir/run/new"
	mv "$dir/run/new" "$dir/run/resolv.conf"
	say dave /connect
	ok 'nor now' wait_for "$dir/dave.out" '^error.*line=3.*cause=dns'
	like 'the new server for names was asked' "$dir/trace" \
	    'htons\(53\).*"127\.0\.0\.3"'
	eof dave
	finish dave
	is 'and what was stored is on the other file system' \
	    "$(cat "$dir/users")" carol@localhost
else
	skip 5 'no namespaces for mounts'
fi

end
