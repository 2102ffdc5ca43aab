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
./usr/share/fish/vendor_completions.d/jackline-bot.fish
./usr/share/fish/vendor_completions.d/jackline-ii.fish
./usr/share/fish/vendor_completions.d/jackline-notify.fish
./usr/share/fish/vendor_completions.d/jackline-send.fish
./usr/share/fish/vendor_completions.d/jackline.fish
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

# deps, for somebody who is not root and has no sudo.
mkdir "$dir/poor"
printf '#!/bin/sh\necho 1000\n' >"$dir/poor/id"
printf '#!/bin/sh\nexit 1\n' >"$dir/poor/dpkg-query"
chmod 755 "$dir/poor/id" "$dir/poor/dpkg-query"
# poor WORD...: what deps says to them.
poor()
{
	(cd "$root" && PATH=$dir/poor SERVER=ejabberd scripts/deps "$@" 2>&1)
}
is 'deps: one command' "$(poor build check | tail -n 1)" \
    'deps: this needs root: sudo scripts/deps build check'
is 'deps: for the server of the demo' "$(poor build demo | tail -n 1)" \
    'deps: this needs root: sudo SERVER=ejabberd scripts/deps build demo'
ok 'deps: clang for CC=clang' [ "$(command make -s -C "$root" -n CC=clang-14 \
    DEPS=echo deps | grep -c 'echo build *$')$(command make -s -C "$root" -n \
    CC=/usr/bin/clang DEPS=echo deps | grep -c 'clang$')" = 11 ]

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
    '-D -S -f -m -s -t -u '
like 'as its usage has them' "$root/scripts/jackline-send" \
    'usage: jackline-send \[-DSst\] \[-f DIR\] \[-m TEXT\] \[-u SUBJECT\] JID'
is 'bash: jackline-ii' "$(completes jackline-ii -)" "$(cat "$dir/options")"
is 'bash: tags' "$(completes jackline --only message,ac)" message,acked
is 'bash: jackline-bot' "$(completes jackline-bot mkfif)" mkfifo
is 'bash: behind its -f' "$(completes jackline-bot -f x mkfif)" mkfifo
is 'bash: what its command is given' \
    "$(completes jackline-bot mkfifo "$dir/de")" "$dir/dest"
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
	is 'zsh: it completes' "$(timeout 100 zsh -f "$dir/pty.zsh" "$share")" \
	    found
else
	skip 4 'no zsh'
fi
# fish WORDS: what it makes of the last one.
fishes()
{
	HOME=$dir/home.fish fish --no-config -c '
		source "$argv[1]/fish/vendor_completions.d/jackline.fish"
		complete -C "$argv[2]"' "$share" "$1" | cut -f1 | LC_ALL=C sort
}
if command -v fish >/dev/null; then
	mkdir "$dir/home.fish"
	# A single dash gives the short ones, two give the long ones.
	is 'fish: the options' "$({ fishes 'jackline -' && fishes 'jackline --'
	    } | sed 's/=$//' | LC_ALL=C sort -u)" "$(cat "$dir/options")"
	is 'fish: jackline-send' "$(fishes 'jackline-send -' | tr '\n' ' ')" \
	    '-D -S -f -m -s -t -u '
	is 'fish: tags' "$(fishes 'jackline --only message,ac')" message,acked
	for options in '' '-f x '; do
		is "fish: jackline-bot $options" \
		    "$(fishes "jackline-bot ${options}mkfif")" mkfifo
	done
else
	skip 5 'no fish'
fi

# The unit, and its lines by hand.
unit=$dir/usr/lib/systemd/user/jackline.service
if command -v systemd-analyze >/dev/null; then
	mkdir "$dir/run.systemd"
	XDG_RUNTIME_DIR=$dir/run.systemd timeout 100 systemd-analyze verify \
	    --user --man=no "$unit" >"$dir/verify" 2>&1
	is 'systemd takes it' "$?$(cat "$dir/verify")" 0
else
	skip 1 'no systemd-analyze'
fi
command="$(sed -n 's/^ExecStart[^=]*=//p' "$unit" | sed 's/\$\$/$/g' |
    sed "s,%t,$dir/run,g")"
is 'one command' "$(printf '%s\n' "$command" | wc -l)" 1
server prosody
for name in alice bob; do
	account $name -o '' -n jackline-notify
	mkdir -p "$dir/home.$name/.config"
	mv "$dir/$name" "$dir/home.$name/.config/ocaml-xmpp-client"
done
mkdir -p "$dir/run/jackline"
HOME=$dir/home.bob
export HOME
start unit sh -c "exec $command </dev/null >/dev/null"
ok 'it is online' wait_for "$dir/run/jackline/all" 'online'
echo /nonsense >"$dir/run/jackline/in"
ok 'takes lines' wait_for "$dir/run/jackline/out" '^error'
like 'and is not tried again in vain' "$unit" \
    '^RestartPreventExitStatus=64 76 77 78$'

# The scripts, under HOME.
HOME=$dir/home.alice
is 'jackline-send' "$(echo all is made |
    jackline-send bob@localhost; echo $?)" 0
ok 'jackline-send: it came' wait_for "$dir/run/jackline/all" \
    "${tab}all is made$tab"
jackline-ii "$HOME/chat" >"$dir/ii.out" 2>&1 &
ii=$!
pids="$pids $ii"
ok 'jackline-ii' wait_for "$HOME/chat/out" '^state.*online'
echo '/msg bob@localhost hello' >"$HOME/chat/in"
ok 'a line' wait_for "$dir/run/jackline/all" "^message.*${tab}hello$tab"
ok 'its log' wait_for "$HOME/chat/bob@localhost/out" '^sent'
echo /quit >"$HOME/chat/in"
ok 'it ends' wait_for "$HOME/chat/out" '^state.*offline'
wait "$ii"
start bot jackline-bot tr a-z A-Z
bot_answers()
{
	echo '/msg alice@localhost/t any body' >"$dir/run/jackline/in"
	grep -q 'ANY BODY' "$dir/run/jackline/all"
}
wait_until bot_answers
like 'jackline-bot' "$dir/run/jackline/all" \
    "^message.*${tab}ANY BODY$tab"
stop bot
is 'jackline-notify, as its manual has it' \
    "$(sed -n 's/^\.Dl \((notification_callback.*\)/\1/p' \
	"$root/man/jackline-notify.1")" \
    "$(grep -o '(notification_callback[^)]*))' \
    "$HOME/.config/ocaml-xmpp-client/config.sexp" | tr -d '"')"
stop unit
make uninstall PREFIX="$dir/usr"
is 'nothing is left there' "$(find "$dir/usr" ! -type d)" ''

end
