# The tests of OMEMO: devices of ours and the foreign client. Read behind
# lib.sh; skips the test in a build without OMEMO.
# shellcheck shell=sh
# shellcheck disable=SC2154 # what lib.sh sets

case ${BUILD-} in
*no-omemo*) skip_all 'built without OMEMO' ;;
esac

# device NAME: makes the account and its OMEMO device, and publishes that.
device()
{
	account "$1"
	printf '/omemo publish\n' |
	    timeout 300 "$jackline" -c -f "$dir/$1" >"$dir/out" ||
	    bail "$1 has no OMEMO"
}

# foreign NAME JID STATE: starts the foreign client with its state in a file of
# $dir, and waits until it is online.
foreign()
{
	start "$1" peer-omemo-xmpp.py "$2" "${2%%@*}-pw" 127.0.0.1 "$c2s" \
	    "$ca" "$dir/$3"
	wait_for "$dir/$1.out" '"got": "online"' || bail 'no foreign client'
}

# told FILE TEXT: the numbers behind TEXT that the encrypted messages in FILE
# have.
told()
{
	sed -n "s/^message$tab.*$tab$2 \([0-9]*\)${tab}enc=omemo$tab.*/\1/p" \
	    "$1" | sort -nu
}
