#!/bin/sh
# What comes back from other servers when all was acked: the end waits for it,
# also where it comes seconds later.
. "$(dirname "$0")/lib.sh"

# Nobody listens on port 5269 of these; ours finds that out in its own time,
# after it has acknowledged the message.
EXTRA='modules_disabled = { "s2s_auth_certs" }
s2s_ports = { }
s2s_insecure_domains = { "127.0.0.66"; "127.0.0.67" }'
server prosody EXTRA="$EXTRA"
account alice -o ''

printf '/msg bob@127.0.0.66 hello\n' | timeout 100 "$jackline" -c \
    -f "$dir/alice" >"$dir/out" 2>"$dir/err"
is 'a message to a domain that is not there' $? 1
like 'it was acked' "$dir/out" '^acked'
like 'and came back' "$dir/out" "^failed${tab}[^$tab]*${tab}bob@127.0.0.66$tab"
is 'once' "$(grep -c '^failed' "$dir/out")" 1
like 'with a reason' "$dir/err" '^jackline: '
unlike 'in time' "$dir/out" '^warning'
timeout 100 "$jackline" -c -f "$dir/alice" -t bob@127.0.0.66 >"$dir/out" \
    2>"$dir/err" <<END
one
two
END
is 'two lines of text for it' $? 1
is 'both came back' "$(grep -c '^failed' "$dir/out")" 2
printf '/msg %s x\n' bob@127.0.0.66 bob@127.0.0.67 bob@localhost \
    bob@127.0.0.66/x | timeout 100 "$jackline" -c -f "$dir/alice" \
    >"$dir/out" 2>"$dir/err"
is 'several domains' $? 1
is 'all of them came back' "$(field 3 failed "$dir/out" | sort -u |
    tr '\n' ' ')" 'bob@127.0.0.66 bob@127.0.0.66/x bob@127.0.0.67 '
printf '/msg bob@localhost x\n' | timeout 100 "$jackline" -c -f "$dir/alice" \
    >"$dir/out" 2>"$dir/err"
is 'only our own' $? 0
end
