#!/bin/sh
# Two of us write to each other through networks that are cut after random
# numbers of bytes by RST, by FIN and by silence, that delay and drip. Each
# message has one fate, the true one; what was acked came, once and in order.
# COUNT messages each way, SEED for the faults, BYTES between two of them at
# most, FAULTS that must have been at least; `make soak` asks for more than
# `make check`. MENDED=0 is Prosody 0.12 as it is, which ends a session that
# was cut within a stanza as it read it: then some are unknown. SERVER=ejabberd:
# 23.01 delivers some of what it says, in <resumed/>, that it does not have; so
# what we then send again comes twice, or late. The wire is looked at: we send
# what it lacks, and count what comes.
. "$(dirname "$0")/lib.sh"
. "$here/lib-faults.sh"

count=${COUNT:-4000} bytes=${BYTES:-240000} faults=${FAULTS:-20}
quiet=${QUIET:-1000} mended=${MENDED:-1} cuts=0 slows=0
case $build in
*/san) count=${COUNT:-2000} bytes=${BYTES:-60000} quiet=${QUIET:-2000} ;;
esac
seed=${SEED:-1}
note "SEED=$seed COUNT=$count BYTES=$bytes MENDED=$mended"

mend='' mam=0 theirs=0 drip='-b 500'
if [ "$mended" = 1 ]; then
	mend=$(mended_prosody)
else
	# What came on a session that it ended comes again on the next: the
	# archive gives the ids by which we know that.
	mend='storage = { archive = "memory" }' mam=1
fi
# It waits for ever for the rest of a stream header in two pieces.
[ "${SERVER:-prosody}" = prosody ] || theirs=1 drip=
server "${SERVER:-prosody}" MAM=$mam EXTRA="smacks_max_queue_size = 200000
$mend"
# shellcheck disable=SC2086 # options
bad_networks "$seed" -u "$bytes" -s "$bytes" -d 20 $drip \
    -c rst -c rst -c rst -c fin -c fin -c fin -c silence
chat alice bob
chat bob alice
both
feed alice bob "$count"
feed bob alice "$count"

tries=$((${SECONDS_MAX:-300} * 2))
until { has_account alice bob "$count" && has_account bob alice "$count"; } ||
    [ $((tries -= 1)) -eq 0 ]; do
	sleep 0.5
done
for who in alice bob; do
	say "proxy_$who" calm
	settled $who
	result $? "$who: the connection is there at the end"
done
leave
for who in alice bob; do
	faults $who
done
account_of alice bob "$count"
account_of bob alice "$count"
all="$count sent, $count acked, 0 failed, 0 unknown, $count came, 0 lost"
for who in alice bob; do
	[ "$mended" = 0 ] ||
	    like "$who: nothing is in doubt" "$dir/$who.account" "^$all"
done
note "$cuts cuts, $slows slow connections"
ok "$faults faults or more" [ $((cuts + slows)) -ge "$faults" ]
end
