#!/bin/sh
# OMEMO with a contact who has ten devices, two of them a foreign client's: all
# read what is sent; one of them has a broken bundle, one is taken off the list
# and comes back, and one is not verified beside nine that are.
. "$(dirname "$0")/lib.sh"
. "$here/lib-omemo.sh"

# The devices of bob: ours have numbers for names.
ours='1 2 3 4 5 6 7 8' foreign='pad phone'

# online NAME: one of ours, whose first line is answered.
online()
{
	start "$1" "$jackline" -ck -f "$dir/$1"
	wait_for "$dir/$1.out" '^ok' || bail "$1 is not online"
}

# publish NAME: its OMEMO device is made.
publish()
{
	say "$1" '/label made /omemo publish'
	wait_for "$dir/$1.out" '^ok.*label=made$' || bail "$1 has no OMEMO"
}

# read_by TEXT NAME...: each of them reads it.
read_by()
{
	text=$1
	shift
	for who; do
		case $who in
		[0-9]) wait_for "$dir/$who.out" \
		    "^message.*${tab}$text${tab}enc=omemo" ;;
		*) wait_for "$dir/$who.out" "\"text\": \"$text\"" ;;
		esac || return
	done
}

# knows COUNT: alice has heard of so many devices of bob.
knows()
{
	looked=$((looked + 1))
	say alice "/label look$looked /with bob@localhost /omemo info"
	wait_for "$dir/alice.out" "^ok.*label=look$looked\$" &&
	    [ "$(grep -c "^fingerprint.*active=yes.*label=look$looked\$" \
	        "$dir/alice.out")" -eq "$1" ]
}
looked=0

# info KEY DEVICE: what alice was last told of that device: KEY is fp or trust.
info()
{
	grep "^fingerprint.*device=$2$tab" "$dir/alice.out" | tail -n 1 |
	    if [ "$1" = fp ]; then
		    cut -f 4
	    else
		    cut -f 5
	    fi
}

# device NAME: the number of the device NAME.
device()
{
	case $1 in
	[0-9]) sed -n 's/.*(device \([0-9]*\)).*/\1/p' \
	    "$dir/$1/omemo/@device" ;;
	*) sed -n 's/.*"device": \([0-9]*\),.*"got": "online".*/\1/p' \
	    "$dir/$1.out" ;;
	esac
}

for kind in ${SERVERS:-prosody}; do
	server "$kind" FRIENDS='alice bob'
	account alice
	online alice
	publish alice
	for who in $ours; do
		make-config -p bob-pw "$dir/$who" "bob@localhost/$who" \
		    "$c2s" "$ca"
		online "$who"
		publish "$who"
	done
	for who in $foreign; do
		foreign "$who" "bob@localhost/$who" "$who.state"
	done
	say pad '{"do":"bundle","break":"signature"}'
	wait_for "$dir/pad.out" '"kind": "signature"'
	ok "$kind: ten devices are known" wait_until knows 10

	# shellcheck disable=SC2086 # names
	set -- $ours
	say alice '/msg bob@localhost to nine'
	ok "$kind: nine of them read it" read_by 'to nine' "$@" phone
	is "$kind: the other is named once" "$(grep -c "^warning.*cause=no-\
bundle" "$dir/alice.out")" 1
	say pad '{"do":"bundle","break":"good"}'
	wait_for "$dir/pad.out" '"kind": "good"'
	say alice /disconnect /connect '/msg bob@localhost to ten'
	ok "$kind: with its keys mended all ten do" read_by 'to ten' "$@" \
	    pad phone
	like "$kind: they are not verified" "$dir/alice.out" \
	    "^sent.*${tab}to ten${tab}.*${tab}trust=unverified"

	gone=$(device 8)
	eof 8
	stop 8
	say 1 "/label off /omemo remove $gone"
	wait_for "$dir/1.out" '^ok.*label=off$'
	ok "$kind: one is off the list" wait_until knows 9
	like "$kind: which is told" "$dir/alice.out" \
	    "^device${tab}.*bob@localhost${tab}$gone${tab}.*gone=yes"
	say alice '/msg bob@localhost without it'
	ok "$kind: the others read on" read_by 'without it' \
	    1 2 3 4 5 6 7 pad phone
	online 8
	ok "$kind: it puts itself on the list again" wait_until knows 10
	say alice '/msg bob@localhost with it'
	ok "$kind: and reads again" read_by 'with it' "$@" pad phone
	unlike "$kind: but not what came meanwhile" "$dir/8.out" 'without it'

	say alice /disconnect
	for who in 1 2 3 4 5 6 7 8 pad; do
		say alice "/label v$who /with bob@localhost /fingerprint \
$(info fp "$(device $who)")"
		ok "$kind: $who is verified" wait_for "$dir/alice.out" \
		    "^ok.*label=v$who\$"
	done
	eof alice
	stop alice
	JACKLINE=$jackline exits "$kind: jackline-send -t" 0 \
	    "$root/scripts/jackline-send" -t -f "$dir/alice" \
	    -m 'for the verified' bob@localhost
	ok "$kind: the nine read it" read_by 'for the verified' "$@" pad
	JACKLINE=$jackline exits "$kind: jackline-send -s" 0 \
	    "$root/scripts/jackline-send" -s -f "$dir/alice" \
	    -m 'encrypted is enough' bob@localhost
	ok "$kind: with -s, too" read_by 'encrypted is enough' "$@" pad
	unlike "$kind: the tenth reads neither" "$dir/phone.out" \
	    '(for the verified|encrypted is enough)'
	for who in "$@" $foreign; do
		stop "$who"
	done
	server_down
	rm -rf "$dir/alice" "$dir"/[0-9] "$dir"/*.state
done
end
