#!/bin/sh
# The unit as systemd runs it: by a user manager of our own, where this is root
# and there is one. It thinks that it is alone: it has mounts and a control
# group of its own, as it would move all processes of the one that it is in. As
# it makes a control group, only SYSTEMD=1, which make soak says, runs it. 9635
# runs the ExecStart of the unit by itself, always.
# shellcheck disable=SC2154 # of lib.sh
. "$(dirname "$0")/lib.sh"
[ -n "${SYSTEMD-}" ] || skip_all 'SYSTEMD=1 runs a user manager of systemd'

manager=/lib/systemd/systemd
groups=/sys/fs/cgroup/systemd
[ ! -e /sys/fs/cgroup/cgroup.controllers ] || groups=/sys/fs/cgroup
group=$groups/jackline.$$
{ [ "$(id -u)" = 0 ] && [ -x $manager ] && command -v nsenter &&
    unshare -m -C mount -t tmpfs tmpfs /run && mkdir "$group"; } \
    >"$dir/out" 2>&1 || skip_all 'no user manager of systemd can be run'
before=$(cat /proc/1/cgroup /proc/$$/cgroup)

cat >"$dir/alone" <<'END'
echo $$ >"$1/cgroup.procs" && exec unshare -m -C sh -c '
	mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system &&
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		mount -t cgroup2 cgroup2 /sys/fs/cgroup
	else
		mount -t tmpfs tmpfs /sys/fs/cgroup &&
		mkdir /sys/fs/cgroup/systemd &&
		mount -t cgroup -o none,name=systemd cgroup \
		    /sys/fs/cgroup/systemd
	fi && exec "$1" --user' - "$2"
END

# user WORD...: systemctl, as the manager's user.
user()
{
	nsenter -m -C -t "$(pid manager)" systemctl --user "$@" 2>"$dir/err"
}

# property NAME: of the unit.
property()
{
	user show -P "$1" jackline
}

# is_up: the manager takes commands.
is_up()
{
	user is-system-running >"$dir/out"
	grep -qE 'running|degraded|starting' "$dir/out"
}

# again COUNT: so often it was started anew.
again()
{
	[ "$(property NRestarts)" = "$1" ]
}

# failed: it has, and is not to be started again.
failed()
{
	[ "$(property ActiveState)" = failed ]
}

# sees COUNT: so often it was online.
sees()
{
	[ "$(grep -c "^state.*${tab}online" "$tree/all")" = "$1" ]
} 2>/dev/null

server prosody FRIENDS='alice bob'
account alice -o ''
account bob -o ''
HOME=$dir/home XDG_RUNTIME_DIR=$dir/run
export HOME XDG_RUNTIME_DIR
unset XDG_CONFIG_HOME XDG_STATE_HOME
units=$HOME/.config/systemd/user tree=$dir/run/jackline
mkdir -p "$units/jackline.service.d" "$XDG_RUNTIME_DIR" "$dir/bin"
chmod 700 "$XDG_RUNTIME_DIR"
ln -s "$dir/bob" "$HOME/.config/ocaml-xmpp-client"
ln -s "$jackline" "$dir/bin/jackline"
sed "s,@BINDIR@,$dir/bin," "$root/scripts/jackline.service" \
    >"$units/jackline.service"
printf '[Service]\nRestartSec=1ms\n' >"$units/jackline.service.d/soon.conf"
start manager sh "$dir/alone" "$group" $manager
wait_until is_up || bail 'no manager'

user start jackline
is 'it starts' $? 0
ok 'it is online' wait_until sees 1
echo '/msg alice@localhost/t from the unit' >"$tree/in"
start alice "$jackline" -c -f "$dir/alice"
ok 'a line in' wait_for "$dir/alice.out" "^message.*from the unit"
say alice '/msg bob@localhost nobody reads this yet'
ok 'an event' wait_for "$tree/all" 'nobody reads this yet'
kill -KILL "$(property MainPID)"
ok 'killed, it is started again' wait_until again 1
ok 'and online again' wait_until sees 2
like 'what was there is there' "$tree/all" 'nobody reads this yet'
echo /nonsense >"$tree/in"
wait_for "$tree/out" '^error.*unknown-command'
user stop jackline
is 'a line that was wrong is no failure of the unit' \
    "$(property Result)$(property ActiveState)" successinactive
echo wrong >"$dir/bob/password"
user start jackline
ok 'a refused password is one' wait_until failed
is 'and is not tried again' "$(property NRestarts)" 0
is 'by its status' "$(property ExecMainStatus)" 77
stop alice
stop manager
is 'nothing else was moved' "$(cat /proc/1/cgroup /proc/$$/cgroup)" "$before"
find "$group" -depth -type d -exec rmdir {} +
end
