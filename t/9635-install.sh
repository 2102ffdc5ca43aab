#!/bin/sh
# What `make install` puts where, and whether it works from there: completion,
# the unit, and the examples of README.
# shellcheck disable=SC2154,SC2016 # of lib.sh; as they stand
. "$(dirname "$0")/lib.sh"

san=''
[ "$build" != "$root/build/san" ] || san=SAN=1
unset MAKEFLAGS MFLAGS

# make TARGET VARIABLE...: of the Makefile.
make()
{
	command make -s -C "$root" DEPS=: $san "$@" >"$dir/make.out" 2>&1 ||
	    diag "$(tail -n 5 "$dir/make.out")"
}

# files: what is below $dir/dest.
files()
{
	(cd "$dir/dest" && find . ! -type d | LC_ALL=C sort)
}

make install DESTDIR="$dir/dest" PREFIX=/usr
cat >"$dir/wanted" <<'END'
./usr/bin/jackline
./usr/bin/jackline-bot
./usr/bin/jackline-ii
./usr/bin/jackline-notify
./usr/bin/jackline-send
./usr/lib/systemd/user/jackline.service
./usr/share/bash-completion/completions/jackline
./usr/share/bash-completion/completions/jackline-bot
./usr/share/bash-completion/completions/jackline-ii
./usr/share/bash-completion/completions/jackline-notify
./usr/share/bash-completion/completions/jackline-send
./usr/share/man/man1/jackline-bot.1
./usr/share/man/man1/jackline-ii.1
./usr/share/man/man1/jackline-notify.1
./usr/share/man/man1/jackline-send.1
./usr/share/man/man1/jackline.1
./usr/share/man/man7/jackline-lines.7
./usr/share/zsh/vendor-completions/_jackline
END
is 'all that is installed' "$(files)" "$(cat "$dir/wanted")"
is 'can be run' "$(cd "$dir/dest" && find . -type f -perm 755)" \
    "$(cd "$dir/dest" && find . -path './usr/bin/*')"
is 'the rest is text' "$(cd "$dir/dest" && find . -type f ! -perm 755 \
    ! -perm 644)" ''
is 'every link leads somewhere' "$(find -L "$dir/dest" -type l)" ''
like 'the unit knows where' \
    "$dir/dest/usr/lib/systemd/user/jackline.service" \
    '^ExecStart=.*/usr/bin/jackline -ck'
make uninstall DESTDIR="$dir/dest" PREFIX=/usr
is 'nothing is left' "$(files)" ''

make install PREFIX="$dir/usr"
PATH=$dir/usr/bin:$PATH
export PATH
share=$dir/usr/share

# Completion: of all options, and of nothing else.
jackline --events | awk -F '\t' '$1 == "option" {
	for (i = 2; i <= NF; i++)
		if ($i ~ /^-[-a-zA-Z]/) {
			sub(/[=, ].*/, "", $i)
			print $i
		}
}' | LC_ALL=C sort >"$dir/options"
ok 'there are options' test -s "$dir/options"
cat >"$dir/complete.bash" <<'END'
. "$1/bash-completion/completions/$2" || exit
shift
complete -p "$1" >/dev/null || exit
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_jackline "$1"
printf '%s\n' "${COMPREPLY[@]}"
END
# completes WORD...: what bash makes of the last one.
completes()
{
	bash "$dir/complete.bash" "$share" "$@" | LC_ALL=C sort -u
}
is 'bash: the options' "$(completes jackline -)" "$(cat "$dir/options")"
is 'bash: of what they begin with' "$(completes jackline --un)" --unescape
is 'bash: a directory' "$(completes jackline -f "$dir/de")" "$dir/dest"
is 'bash: behind =' "$(completes jackline --directory = "$dir/de")" "$dir/dest"
is 'bash: no files' "$(completes jackline -w '')" ''
is 'bash: jackline-send' "$(completes jackline-send - | tr '\n' ' ')" \
    '-f -m -s -t '
is 'bash: jackline-ii' "$(completes jackline-ii - | tr '\n' ' ')" '-e -f '
is 'bash: jackline-bot' "$(completes jackline-bot mkfif)" mkfifo
if command -v zsh >/dev/null; then
	ok 'zsh: it can be read' zsh -n "$share/zsh/site-functions/_jackline"
	# What it hands to zsh's own function.
	zsh -f -c '_arguments() { print -rl -- "$@" }
	    _call_program() { shift; "$@" }
	    words=(jackline) service=jackline
	    . "$1/zsh/site-functions/_jackline"' - "$share" >"$dir/zsh.out"
	is 'zsh: the options' "$(sed -n 's/^([^)]*)//; s/=*\[.*//p' \
	    "$dir/zsh.out" | LC_ALL=C sort)" "$(cat "$dir/options")"
	like 'zsh: a directory' "$dir/zsh.out" '^\(-f\)--directory=.*_files -/$'
	cat >"$dir/pty.zsh" <<'END'
zmodload zsh/zpty
zpty t zsh -f -i
zpty -w t "fpath=($1/zsh/site-functions \$fpath); autoload -U compinit"
zpty -w t "compinit -D -u; PS1='ready> '"
zpty -r -m t line '*ready> *' || exit
zpty -w -n t $'jackline --unesc\t'
zpty -r -m t line '*--unescape*' && print found
END
	is 'zsh: it completes' "$(timeout 20 zsh -f "$dir/pty.zsh" "$share")" \
	    found
else
	skip 4 'no zsh'
fi

# The unit, and its lines by hand.
unit=$dir/usr/lib/systemd/user/jackline.service
if command -v systemd-analyze >/dev/null; then
	mkdir "$dir/run.systemd"
	XDG_RUNTIME_DIR=$dir/run.systemd timeout 20 systemd-analyze verify \
	    --user --man=no "$unit" >"$dir/verify" 2>&1
	is 'systemd takes it' "$?$(cat "$dir/verify")" 0
else
	skip 1 'no systemd-analyze'
fi
command="$(sed -n 's/^ExecStart[^=]*=//p' "$unit" | sed 's/\$\$/$/g' |
    sed "s,%t,$dir/run,g")"
is 'two commands' "$(printf '%s\n' "$command" | wc -l)" 2
server prosody
for name in alice bob; do
	account $name -o '' -n jackline-notify
	mkdir -p "$dir/home.$name/.config"
	mv "$dir/$name" "$dir/home.$name/.config/ocaml-xmpp-client"
done
mkdir -p "$dir/run/jackline"
HOME=$dir/home.bob
export HOME
sh -c "$(printf '%s\n' "$command" | head -n 1)"
start unit sh -c "exec $(printf '%s\n' "$command" | tail -n 1)"
cat "$dir/run/jackline/out" >"$dir/bob.out" &
pids="$pids $!"
ok 'it is online' wait_for "$dir/bob.out" 'online'
echo /nonsense >"$dir/run/jackline/in"
ok 'takes lines' wait_for "$dir/bob.out" '^error'
like 'and is not tried again in vain' "$unit" \
    '^RestartPreventExitStatus=64 76 77 78$'

# README, under HOME: each line as it stands, but for the domain.
HOME=$dir/home.alice
readme()
{
	sed -n 's/^    //p' "$root/README.md" | sed 's/ *#.*//
	    s/example\.org/localhost/g' | grep -e "$1"
}
is 'README: jackline-send' "$(sh -c "make() { echo all is made; }
    $(readme 'jackline-send'); echo \$?")" 0
ok 'README: it came' wait_for "$dir/bob.out" "${tab}all is made$tab"
sh -c "$(readme jackline-ii) wait" >"$dir/ii.out" 2>&1 &
ii=$!
pids="$pids $ii"
ok 'README: jackline-ii' wait_for "$HOME/chat/out" ' online'
sh -c "$(readme 'chat/in' | sed 's/;.*//')"
ok 'README: a line' wait_for "$dir/bob.out" "^message.*${tab}hello$tab"
ok 'README: its log' wait_for "$HOME/chat/bob@localhost/out" ' --> '
echo /quit >"$HOME/chat/in"
ok 'README: it ends' wait_for "$HOME/chat/out" 'state .* offline'
wait "$ii"
start bot sh -c "exec $(readme jackline-bot)"
tries=0
until grep -q 'ANY BODY' "$dir/bob.out" || [ $((tries += 1)) -gt 100 ]; do
	echo '/msg alice@localhost/t any body' >"$dir/run/jackline/in"
	sleep 0.1
done
like 'README: jackline-bot' "$dir/bob.out" "^message.*${tab}ANY BODY$tab"
stop bot
is 'README: jackline-notify' "$(readme jackline-notify)" \
    "$(grep -o '(notification_callback[^)]*))' \
    "$HOME/.config/ocaml-xmpp-client/config.sexp" | tr -d '"')"
stop unit
make uninstall PREFIX="$dir/usr"
is 'nothing is left there' "$(find "$dir/usr" ! -type d)" ''

end
