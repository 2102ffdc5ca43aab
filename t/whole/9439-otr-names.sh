#!/bin/sh
# Contacts whose names can be no file begin OTR with us, and it works: they are
# told once, nothing of them is stored, and nothing ends. A `/` in a resource is
# no part of the name.
. "$(dirname "$0")/lib-otr.sh"

long=$(printf '%0210d' 7)
server prosody ACCOUNTS="alice bob .. $long"
account alice -o ''
i=0
for jid in ..@localhost/t "$long@localhost/t" 'bob@localhost/../b c'; do
	i=$((i + 1))
	make-config -o '' "$dir/peer$i" "$jid" "$c2s" "$ca"
done

# session PEER JID: they write and begin; once more; SMP; JID is as a pattern.
session()
{
	up "$1" -n
	say "$1" '/go alice@localhost/t' 'hello'
	sees "$1: they write" alice '^message~.*~hello~enc=none'
	say alice "/msg $(last message alice | cut -f3) hi"
	sees "$1: and we do" "$1" '^message~.*~hi~enc=none'
	say "$1" '/otr start' '/wait otr' "by $1" '/otr start' '/wait otr' \
	    'again' '/smp shared x'
	sees "$1: a session" alice "^otr~.*~$2~encrypted"
	sees "$1: which is read" alice "^message~.*~by $1~enc=otr"
	sees "$1: another" alice "^otr~.*~$2~encrypted"
	sees "$1: which is read" alice '^message~.*~again~enc=otr'
	sees "$1: SMP" alice '^smp~.*~state=asked'
	say alice "/with $(last smp alice | cut -f3) /smp answer x"
	sees "$1: succeeds" "$1" '^smp~.*~state=succeeded~trust=verified'
}

up alice
session peer1 '\.\.@localhost/t'
session peer2 "$long@localhost/t"
session peer3 'bob@localhost/\.\./b\\sc'
is 'each is told once' \
    "$(grep -c '^warning.*nothing is stored: .*name of a file' \
	"$dir/alice.out")" 2
is 'nothing of them is stored' "$(ls -A "$dir/alice/users")" bob@localhost
down alice
for name in peer1 peer2 peer3; do
	down $name
done

end
