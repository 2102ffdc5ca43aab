#!/bin/sh
# The demonstration: in a pipe it ends by itself, at a terminal in a chat; and
# nothing of it is left behind, however one leaves. SERVER: prosody unless told.
. "$(dirname "$0")/lib-tty.sh"
asan_libotr

# All that the demonstration makes is below this.
BUILD=${BUILD:-build}
export BUILD
cd "$root" || bail 'no root'
server=${SERVER:-prosody}

# nobody: no process works there or was started with something from there.
nobody()
{
	! find /proc/[0-9]*/cwd -maxdepth 0 -lname "$dir/tmp*" 2>/dev/null |
	    grep -q . && ! grep -aqsF "$dir/tmp" /proc/[0-9]*/cmdline
}

# is_clean: no process and no file is there.
is_clean()
{
	[ -z "$(ls "$dir/tmp")" ] && nobody
}

# clean_end NAME: so in the end.
clean_end()
{
	wait_until is_clean
	result $? "$1: nothing is left" || diag "$(ls "$dir/tmp")" "$(ps ax)"
}

# demo: in the shell of the terminal.
demo()
{
	keys "clear; scripts/demo $server; echo exit \$?" Enter
}

# In a pipe.
timeout 60 scripts/demo "$server" </dev/null >"$dir/pipe.out" 2>"$dir/pipe.err"
is 'in a pipe' $? 0
like 'an echo' "$dir/pipe.out" "^alice${tab}message$tab.*enc=otr.*=verified"
if [ "${BUILD#*no-omemo}" = "$BUILD" ]; then
	like 'a message by OMEMO to one who is away' "$dir/pipe.out" \
	    "^alice${tab}sent$tab.*see you on Friday$tab.*enc=omemo"
	like 'who reads it later' "$dir/pipe.out" \
	    "^carol$tab.*\"text\": \"see you on Friday\""
else
	skip 2 'built without OMEMO'
fi
unlike 'no chat' "$dir/pipe.out" 'I say what you say|/quit'
is 'no word of error' "$(cat "$dir/pipe.err")" ''
clean_end 'in a pipe'

# At a terminal.
tty_shell 100
demo
sees 'a session with a verified key' '\* otr: encrypted, the key is verified'
sees 'what to try' '<O- I say what you say. Try '
ends 'the prompt' '^bob@localhost \[o\] otr verified> *$'
keys 'is it you?' Enter
sees 'sent encrypted, and delivered' '^[0-9:]{8} -O> is it you\?$'
sees 'and back' '^[0-9:]{8} <O- is it you\?$'
keys '/fingerprint' Enter
sees 'one of the things to try' '\* fingerprint .* verified'
keys '/smp question Where?' Enter
ends 'a question' '^[^>]*: *$'
keys 'the library'
keys Enter
sees 'whose answer was right' '\* smp.*succeeded|\* .*verified.*smp|succeeded'
is 'and is not seen' "$(rows | grep -c 'the library')" 0
keys '/nonsense' Enter
sees 'mistakes may be made' '\* there is no such command: .*; see /help'
keys /quit Enter
sees 'it ends well' '^exit 0$'
same '/quit'
clean_end '/quit'

# Its end while it is still on its own, and a window that is closed.
demo
sees 'it begins' '^alice and bob chat through'
keys C-c
# The echo of the key may be all that stands before it.
sees 'Ctrl-C ends it' '^(\^C)?exit [1-9]'
same 'Ctrl-C'
clean_end 'Ctrl-C'
demo
sees 'the chat' '<O- I say what you say'
keys 'half'
ends 'typed' '> half$'
tm kill-server
clean_end 'a closed window'
end
