#!/bin/sh
# Every command line that the manuals and README.md print, taken from there, is
# run and does what it says, but for the names of servers; so is every command
# that the program names in its own words. A new one that nobody runs is a
# failure. The ten examples of README.md are in 9161-readme.sh, the recipes of
# jackline-lines(7) in 9162-recipes.sh, the examples of /help in 9741-hints.sh.
# shellcheck disable=SC2154,SC2016 # of lib.sh; as they stand
. "$(dirname "$0")/lib.sh"

room=den@conference.localhost
server prosody MAM=1 FRIENDS='alice bob'
policies='REQUIRE_ENCRYPTION SEND_WHITESPACE_TAG WHITESPACE_START_AKE'
for name in alice bob; do
	account $name -o "$policies ERROR_START_AKE"
done
mkdir -p "$dir/bin" "$dir/home/.config" "$dir/blocks" "$dir/run"
cp -R "$dir/alice" "$dir/home/.config/ocaml-xmpp-client"
ln -s "$jackline" "$root/scripts/jackline-send" "$root/scripts/jackline-bot" \
    "$root/scripts/jackline-ii" "$root/scripts/jackline-notify" "$dir/bin"
PATH=$dir/bin:$PATH XDG_RUNTIME_DIR=$dir/run
export PATH XDG_RUNTIME_DIR
start bob "$jackline" -ce -f "$dir/bob"
wait_for "$dir/bob.out" "${tab}online"

# Each literal block and line of the manuals as a file, what is printed inside
# of the text of FIRST STEPS and README.md, and the commands that strings of the
# program name, each with the words behind it that can be arguments.
cat >"$dir/extract.py" <<'EOF'
import glob, os, re, sys
root, out, c2s = sys.argv[1:]
def plain(text):
    text = text.replace(r"\e", "\\").replace(r"\(dq", '"').replace(r"\&", "")
    text = re.sub(r"(rooms|conference)\.example\.org", "conference.localhost",
        text)
    return text.replace("example.org:5222", "localhost:" + c2s).replace(
        "example.org", "localhost")
def save(page, n, text):
    with open("%s/blocks/%s.%02d" % (out, page, n), "w") as f:
        f.write(plain(text))
for page in sorted(glob.glob(root + "/man/*")):
    n, block, section = 0, None, ""
    for line in open(page, encoding="utf-8"):
        if line.startswith(".Sh "):
            section = line[4:-1]
        if section == "RECIPES":
            continue
        if line.startswith(".Bd -literal"):
            block = ""
        elif line.startswith(".Ed") and block is not None:
            n += 1
            save(os.path.basename(page), n, block)
            block = None
        elif block is not None and not line.startswith("."):
            block += line
        elif line.startswith(".Dl "):
            n += 1
            save(os.path.basename(page), n, line[4:])
steps = open(root + "/man/jackline.1", encoding="utf-8").read()
steps = steps[steps.index(".Sh FIRST STEPS"):steps.index(".Sh COMMANDS")]
lines = re.findall(r"^\.Ic (/.*?)(?: [,.;)]|)$", steps, re.M)
readme = open(root + "/README.md", encoding="utf-8").read()
lines += re.findall(r"`(/[a-z][^`]*)`", " ".join(readme.split("\n")))
with open(out + "/steps", "w") as f:
    for line in dict.fromkeys(plain(x) for x in lines):
        f.write(line + "\n")

names = set(re.findall(r'(?:COMMAND|MESSAGE)\((\w+)',
    open(root + "/line/command/command.def").read()))
words = r"(?: (?:auto|none|omemo|verified|otr|start|stop|info|publish|always|" \
    r"all|allow|cancel|away|online|keys|people|JID|QUESTION|SECRET|N|%s)\b)*"
others = "bin dev etc proc usr var jackline me message".split()
hints = {}
for path in glob.glob(root + "/line/**/*.c", recursive=True):
    text = re.sub(r"/\*.*?\*/", "", open(path).read(), flags=re.S)
    text = re.sub(r'"\s*"', "", text)
    for string in re.findall(r'"((?:[^"\\\n]|\\.)*)"', text):
        for name, rest in re.findall(
            r"(?<![\w/.%])/([a-z_]+)\b(?!/)(" + words + ")", string):
            if name in names and not string.endswith("/" + name + " "):
                hints[name + rest] = 1
            elif name not in names and name not in others and \
                not path.startswith((root + "/line/world/",
                    root + "/line/start/")): # which name files
                print("/%s: %s" % (name, path))
with open(out + "/hints", "w") as f:
    for hint in sorted(hints):
        f.write("/" + hint + "\n")
EOF
python3 "$dir/extract.py" "$root" "$dir" "$c2s" >"$dir/unknown" ||
    bail 'nothing is extracted'
is 'the program names no command that it does not have' \
    "$(cat "$dir/unknown")" ''

# Programs that the examples name, or that this machine lacks. systemctl does
# what the unit says; torsocks itself is for 9150-tor.sh.
program()
{
	cat >"$dir/bin/$1"
	chmod +x "$dir/bin/$1"
}
printf '#!/bin/sh\nprintf "%%s\\n" /quit "[1.0] kernel"\n' | program dmesg
printf '#!/bin/sh\nexec "$@"\n' | program torsocks
# As it writes to a terminal.
printf '#!/bin/sh\nexec stdbuf -oL %s "$@"\n' "$(command -v cut)" | program cut
printf '#!/bin/sh\necho "$*" >>"%s/mails"\ncat >>"%s/mails"\n' "$dir" "$dir" |
    program mail
printf '#!/bin/sh\nprintf "%%s\\n" "$3" >>"%s/works"\n' "$dir" | program work
program systemctl <<EOF
#!/bin/sh
[ "\$*" = '--user enable --now jackline' ] || exit 1
mkdir -m 700 "$dir/run/jackline"
exec=\$(sed -n 's,^ExecStart=@BINDIR@,$dir/bin,p' \
    "$root/scripts/jackline.service" | sed 's,%t,$dir/run,')
\$exec </dev/null >/dev/null 2>&1 &
EOF

# as_alice FILE: runs it as she would; its output is in $dir/said.
as_alice()
{
	(cd "$dir/run" && HOME=$dir/home timeout 100 sh "$1" \
	    >"$dir/said" 2>"$dir/said.err" </dev/null)
}

# is_seen: bob has seen alice come, once more than before.
is_seen()
{
	[ "$(grep -c "^presence.*alice@.*show=online" "$dir/bob.out")" \
	    -gt "$seen" ]
}

# goes_on FILE: begins it.
goes_on()
{
	seen=$(grep -c "^presence.*alice@.*show=online" "$dir/bob.out")
	# shellcheck disable=SC2030 # only there
	(cd "$dir/run" && HOME=$dir/home exec sh "$1" >"$dir/said" \
	    2>"$dir/said.err" </dev/null) &
	pids="$pids $!"
}

# no_more: ends what an example has left running.
no_more()
{
	for process in $(pgrep -x 'jackline|tail'); do
		if grep -qz "^HOME=$dir/home\$" "/proc/$process/environ"; then
			kill "$process" && wait_until is_over "$process"
		fi
	done
} 2>/dev/null

is_over()
{
	! kill -0 "$1" 2>/dev/null
}

# line N FILE: its N-th line, alone.
line()
{
	sed -n "$1p" "$2" >"$dir/line"
	as_alice "$dir/line"
}

# told TEXT: bob is told that, encrypted.
told()
{
	wait_for "$dir/bob.out" "^message.*${tab}$1${tab}enc=otr"
}

# bot FILE TEXT ANSWER: it answers so.
bot()
{
	goes_on "$1"
	wait_until is_seen || bail 'alice is not online'
	say bob '/with alice@localhost/t /otr start' "/msg alice@localhost/t $2"
	ok "$page: a bot answers" told "$3"
	no_more
	say bob '/with alice@localhost/t /otr stop'
}

# elsewhere TEST PATTERN: that test takes it from the page and runs it.
elsewhere()
{
	like "$page: is run by $1" "$root/t/whole/$1" "$2"
}

one_message()
{
	as_alice "$1"
	is "$page: a message" $? 0
	ok "$page: is read" told "$2"
}

# An account, and a first login with it.
first_account()
{
	pin=$(pin "$home/certs/server.crt")
	mkdir "$dir/new"
	{
		printf '%s\n' alice@localhost/new alice-pw n "$pin" y \
		    127.0.0.1 "$c2s"
		yes '' | head -n 40
	} >"$dir/answers"
	sed -n 1p "$1" >"$dir/line"
	HOME=$dir/new sh "$dir/line" <"$dir/answers" >"$dir/said" 2>&1
	is "$page: an account" $? 0
	sed -n 2p "$1" >"$dir/line"
	HOME=$dir/new sh "$dir/line" </dev/null >"$dir/said" 2>&1
	is "$page: and a login" $? 0
}

queue()
{
	mkfifo "$dir/run/in"
	goes_on "$1"
	wait_until has_in || bail 'no queue'
	wait_until is_seen || bail 'alice is not online'
	say bob '/with alice@localhost /encryption none' \
	    '/msg alice@localhost/t an order'
	ok "$page: a consumer works" wait_for "$dir/works" '^an order$'
	say bob '/with alice@localhost /encryption auto'
	no_more
	rm -f "$dir/run/in"
}

has_in()
{
	[ -p "$dir/run/in" ]
}

tree()
{
	line 1 "$1"
	wait_for "$2/all" "^state.*${tab}online"
}

talk_in_tree()
{
	tree "$1" "$dir/home/chat"
	line 2 "$1"
	wait_for "$dir/home/chat/room@conference.localhost/out" '^topic'
	line 4 "$1"
	ok "$page: a room" wait_for \
	    "$dir/home/chat/room@conference.localhost/out" \
	    "^room.*${tab}hello${tab}mine=yes"
	sed -n 3p "$1" | sed 's/ &$//' >"$dir/line"
	goes_on "$dir/line"
	ok "$page: is followed" wait_for "$dir/said" "/me${tab}hello\$"
	no_more
}

unit()
{
	tree "$1" "$dir/run/jackline"
	line 3 "$1"
	ok "$page: a line for the service" wait_for "$dir/run/jackline/out" \
	    '^contact.*bob@localhost'
	sed -n 2p "$1" | sed 's/ &$//' >"$dir/line"
	goes_on "$dir/line"
	ok "$page: it is followed" wait_for "$dir/said" '^contact'
	no_more
}

cuts()
{
	goes_on "$1"
	wait_until is_seen || bail 'alice is not online'
	say bob '/with alice@localhost /encryption none' \
	    "/label $2 /msg alice@localhost/t words of $2"
	wait_for "$dir/bob.out" "^delivered.*label=$2"
	say bob '/with alice@localhost /encryption auto'
	ok "$page: what was said" wait_for "$dir/said" "words of $2"
	no_more
}

# run_block FILE: by what it begins with.
run_block()
{
	page=$(basename "$1")
	case $(cat "$1") in
	'jackline-bot tr a-z A-Z'*) bot "$1" small SMALL ;;
	'jackline-bot sh -c '*) bot "$1" word '.*load average.*' ;;
	'jackline-ii ~/chat &'*) talk_in_tree "$1" ;;
	'$ printf '*)
		sed -n 's/^[$>] //p' "$1" >"$dir/typed"
		one_message "$dir/typed" hello ;;
	'jackline -cek -i in --queue'*) queue "$1" ;;
	'awk -F '*)
		sh "$1" <"$dir/bob.events" >"$dir/said"
		is "$page: what was said" "$(cat "$dir/said")" 'sealed' ;;
	"{${nl}${tab}printf"* | *'/otr start verified'*)
		elsewhere 9161-readme.sh 'block jackline-lines.7' ;;
	'mkfifo in'*)
		bot "$1" 'an echo' 'an echo'
		rm -f "$dir/run/in" ;;
	'(notification_callback'*)
		sed "s/(notification_callback ())/$(cat "$1")/" \
		    "$dir/alice/config.sexp" >"$dir/bob/config.sexp.with"
		like "$page: an entry" "$dir/bob/config.sexp.with" \
		    'jackline-notify'
		mkdir -m 700 "$dir/entry"
		cp "$dir/alice/"[a-z]* "$dir/entry" 2>/dev/null
		cp "$dir/bob/config.sexp.with" "$dir/entry/config.sexp"
		rm "$dir/bob/config.sexp.with"
		exits "$page: is right" 0 "$jackline" --check -f "$dir/entry" ;;
	/with*)
		{ echo /connect && sed s/you@/bob@/ "$1"; } >"$dir/typed"
		HOME=$dir/home jackline -x <"$dir/typed" >"$dir/said"
		is "$page: a setting" $? 0
		echo '/with bob@localhost /encryption auto keep' |
		    HOME=$dir/home jackline >"$dir/said" ;;
	'uptime | '*) one_message "$1" '.*load average.*' ;;
	'0 5 * * *'*) elsewhere 9610-scripts.sh 'man/jackline-send.1' ;;
	'jackline-send -D'*)
		one_message "$1" 'the disk is full'
		stop bob
		cp "$dir/bob.out" "$dir/bob.before"
		as_alice "$1"
		is "$page: or a mail" "$(tr '\n' '|' <"$dir/mails")" \
		    '-s alert bob@localhost|the disk is full|'
		start bob "$jackline" -ce -f "$dir/bob"
		wait_for "$dir/bob.out" "${tab}online" ;;
	'jackline-send -t'*) one_message "$1" 'the door is open' ;;
	'jackline --configure'*) first_account "$1" ;;
	'printf '*"hello |"*) one_message "$1" hello ;;
	"echo '/with"*)
		as_alice "$1"
		is "$page: lines of a command" "$(field 4 sent "$dir/said" |
		    tr '\n' '|')" '/quit|[1.0] kernel|'
		echo '/with bob@localhost /encryption auto keep' |
		    HOME=$dir/home jackline >"$dir/said" ;;
	'jackline -ck </dev/null |'*'cut'*) cuts "$1" one ;;
	'jackline -ck </dev/null |'*) cuts "$1" two ;;
	systemctl*) unit "$1" ;;
	'openssl s_client'*)
		as_alice "$1"
		is "$page: the pin" "$(sed 's/.*=//' "$dir/said" | tr -d : |
		    tr A-F a-f)" "$(pin "$home/certs/server.crt")" ;;
	'#!/bin/sh'*"printf '"?a*)
		is "$page: a bell" "$(sh "$1" jid state notify_contact |
		    od -An -c | tr -d ' ')" '\a'
		is "$page: for nothing else" "$(sh "$1" jid state connect)" ''
		;;
	TORSOCKS*)
		as_alice "$1"
		is "$page: a login" $? 0 ;;
	'* since you left'* | 'jackline-'*': JID: why'*)
		pass "$page: no command" ;;
	*)
		false
		result $? "$page: is run by a test" || diag "$(cat "$1")" ;;
	esac
}
nl='
'
pass()
{
	ok "$1" true
}

# What bob wrote in a session, for a filter; and his key, which is verified.
printf '%s\t%s\t%s\t%s\t%s\t-\n' message 1 bob@localhost/t sealed enc=otr \
    message 1 bob@localhost/t open enc=none message 1 eve@x/t x enc=otr \
    >"$dir/bob.events"
say bob /fingerprint
wait_for "$dir/bob.out" '^fingerprint'
fp=$(field 4 fingerprint "$dir/bob.out" | tail -n 1)
printf '%s\n' /connect '/go bob@localhost' '/otr start' \
    "/with bob@localhost /fingerprint $fp" |
    HOME=$dir/home jackline -x >"$dir/verified"
is 'bob is verified' $? 0
[ "$(find "$dir/blocks" -type f | wc -l)" -gt 20 ]
result $? 'the manuals have examples'
for block in "$dir"/blocks/*; do
	run_block "$block"
done
page='the recipes'
elsewhere 9162-recipes.sh 'sed .*Sh RECIPES'

# FIRST STEPS and README.md. What a step needs that is told in words there
# stands before or behind it.
[ "$(wc -l <"$dir/steps")" -gt 12 ]
result $? 'there are first steps'
{
	printf '%s\n' /connect "/join $room/nick"
	while read -r step; do
		case $step in
		/quit | /leave) continue ;;
		/smp*) printf '%s\n' '/go bob@localhost' '/encryption auto' \
		    '/otr start' ;;
		'/encryption '*) echo '/go bob@localhost' ;;
		esac
		printf '%s\n' "$step"
		case $step in
		'/smp question '*) echo 'where the plover is' ;;
		'/encryption omemo') echo '/encryption none' ;;
		esac
	done <"$dir/steps"
	printf '%s\n' "/with $room /leave"
} >"$dir/lines"
HOME=$dir/home timeout 100 jackline <"$dir/lines" >"$dir/said" 2>"$dir/err"
unlike 'each step is what it says' "$dir/said" \
    '^error.*cause=(usage|unknown-command|bad-jid|no-contact|not-connected)'
note "$(grep '^error' "$dir/said" | cut -f 4-)"
ok 'bob is asked' wait_for "$dir/bob.out" \
    "^smp.*${tab}where did we meet.${tab}state=asked"
like 'a room is entered' "$dir/said" "^member.*$room/nick.*code=110"

# What the program names: as `/with` has it, and each argument a good one.
[ "$(wc -l <"$dir/hints")" -gt 25 ]
result $? 'the program names commands'
{
	printf '%s\n' /connect '/go bob@localhost'
	sed "s/^/\//; s/^\/\//\//
	    s/^\/fingerprint %s/\/fingerprint $fp/
	    s/^\/with %s/\/with bob@localhost/; s/%s/bob@localhost/
	    s/JID/bob@localhost/; s/QUESTION/which bird?/; s/SECRET/plover/
	    s/ N\$/ 5/
	    s/^\/smp question.*/\/otr start\\n&\\nplover/" "$dir/hints" |
	    grep -vE '^/(disconnect|quit)'
} >"$dir/lines"
HOME=$dir/home timeout 200 jackline <"$dir/lines" >"$dir/said" 2>"$dir/err"
unlike 'each is a command' "$dir/said" \
    '^error.*cause=(unknown-command|bad-jid|no-contact|not-connected)'
note "$(grep '^error' "$dir/said" | cut -f 4-)"
stop bob
end
