#!/bin/sh
# Which secrets are in the memory of a running jackline: the password, which it
# needs to connect again, and no longer the text of the keys, which were read,
# nor what was said by OTR, once it was dealt with.
# shellcheck disable=SC2154
. "$(dirname "$0")/lib-otr.sh"
[ "$(id -u)" -eq 0 ] || skip_all 'not root, who may look into the memory'

server prosody FRIENDS='alice bob'
account alice -o ''
account bob -o ''
printf '%s\n' /connect '/omemo publish' |
    timeout 100 "$jackline" -f "$dir/alice" >"$dir/out"
is 'it has an OMEMO identity' $? 0
key=$(sed 's/.*(x \([0-9]*\)).*/\1/' "$dir/alice/otr_dsa.sexp")
identity=$(sed -n 's/.*(secret \([^ )]*\)).*/\1/p' "$dir/alice/omemo.sexp")
[ ${#key} -ge 40 ] && [ ${#identity} -ge 40 ]
result $? 'two keys'
password=$(cat "$dir/alice/password")
printf '%s\n' "$password" "$key" "$identity" >"$dir/secrets"
start alice "$jackline" -c -f "$dir/alice"
wait_for "$dir/alice.out" "${tab}online"
is 'the password is there, and no text of a key' \
    "$(python3 "$here/memory.py" "$(pid alice)" text <"$dir/secrets")" \
    "$password"
is 'the OTR key is, as a number' \
    "$(printf '%s\n' "$key" | python3 "$here/memory.py" "$(pid alice)")" "$key"
# AddressSanitizer makes mlock(2) do nothing.
[ -n "${SAN-}" ] || is 'neither is where it may be swapped' "$(
	python3 "$here/memory.py" "$(pid alice)" unlocked <"$dir/secrets"
	python3 "$here/memory.py" "$(pid alice)" text unlocked <"$dir/secrets"
)" ''
like 'and cores are off' "/proc/$(pid alice)/limits" \
    '^Max core file size  *0  *0 '
stop alice

# AddressSanitizer keeps what was freed by libraries that do not wipe it.
[ -z "${SAN-}" ] || end
up alice
up bob
say alice '/go bob@localhost' '/otr start' \
    'the first secret of alice' '/wait delivered' \
    'the second secret of alice' '/wait delivered'
sees 'a text is delivered' alice '^delivered~'
sees 'and another' alice '^delivered~'
say bob '/go alice@localhost' 'the first secret of bob' \
    'the second secret of bob' 'the secret of bob'
sees 'and some back' alice '^message~.*the secret of bob~enc=otr'
# What came is kept for a /wait until a further message is sent.
say alice 'the third secret of alice' '/wait delivered' '/otr info'
sees 'some other line is answered' alice '^ok~.*~line=9$'
printf '%s\n' 'first secret of alice' 'second secret of alice' \
    'secret of bob' 'first secret of bob' 'second secret of bob' >"$dir/secrets"
is 'what was said is in memory no longer' \
    "$(python3 "$here/memory.py" "$(pid alice)" text <"$dir/secrets")" ''
down alice
end
