#!/bin/sh
# The contract: every tag, attribute, command, cause and option of the line
# protocol is in the program and in the manual, and the manual knows of no
# others. The lists here are the promise: lines are added, none is changed.
. "$(dirname "$0")/lib.sh"

lines7=$root/man/jackline-lines.7
jackline1=$root/man/jackline.1
"$jackline" --events >"$dir/events"
server-certs "$dir/certs" localhost
make-config "$dir/alice" alice@localhost/t 1 "$dir/certs/ca.crt"
printf '/help\n/help keys\n' | "$jackline" -f "$dir/alice" >"$dir/help"

# words FILE KIND COLUMN: a column of the table KIND of --events.
words()
{
	awk -F '\t' -v kind="$2" -v n="$3" '$1 == kind { print $n }' "$1"
}

# has NAME WORDS WANTED: WANTED are all among WORDS.
has()
{
	missing=
	for word in $3; do
		case " $2 " in
		*" $word "*) ;;
		*) missing="$missing $word" ;;
		esac
	done
	is "$1" "$missing" ''
}

tags=
while IFS='|' read -r tag fixed further; do
	tags="$tags $tag"
	got=$(awk -F '\t' -v tag="$tag" '$1 == "tag" && $2 == tag {
	    print $3 "|" $4 }' "$dir/events")
	is "$tag: what is always there" "${got%%|*}" "${fixed:--}"
	has "$tag: what may be there" "${got#*|}" "$further"
	sed -n "/^\.It Cm \(.* \)\{0,1\}$tag\( .*\)\{0,1\}$/,/^\.It/p" \
	    "$lines7" >"$dir/item"
	ok "$tag: is in the manual" [ -s "$dir/item" ]
	for key in $fixed $further; do
		grep -q "$key=" "$dir/item" || echo "$key"
	done >"$dir/missing"
	is "$tag: so are its attributes" "$(cat "$dir/missing")" ''
done <<'END'
hello|lines|
state|cause|host port addr tls cipher cert sasl resumed in
ok|line|label
error|line cause|label
ask|what secret|
info|line|
warning|line|
success|line|
message|enc trust src kind id|fp stamp replaces dup
sent|line id enc trust|fp label
acked|line id|label
delivered|line id|label
failed|line id cause|label
unknown|line id cause|label
room|mine src id|stamp
topic||stamp told
member|show role affiliation|jid code nick entering told
invite|room|password
presence|show was prio|
roster|sub|pending approved group
subscription|type|
otr|trust fp|ssid version new
smp|state|
device|trust fp|new gone
mark|type of|id stamp archived via to
own|enc trust src kind id|stamp archived via from
replay|state count|after since cause
contact|show sub unread enc trust|kind active sessions logging expanded
session|show prio enc trust|best receipts active role affiliation jid
fingerprint|trust|how since first last sessions resource active
history|dir enc received stamp|id kind
help||
END
for tag in $(words "$dir/events" tag 2); do
	case " $tags " in *" $tag "*) ;; *) echo "$tag" ;; esac
done >"$dir/more"
is 'no tag beside them' "$(cat "$dir/more")" ''
for tag in $tags; do
	for other in $tags; do
		case $other in "$tag") ;; "$tag"*) echo "$tag $other" ;; esac
	done
done >"$dir/begin"
is 'none begins with another' "$(cat "$dir/begin")" ''

commands=
while IFS='~' read -r name arguments; do
	commands="$commands $name"
	is "/$name: its arguments" "$(awk -F '\t' -v name="/$name" \
	    '$1 == "command" && $2 == name { print $3 }' "$dir/events")" \
	    "${arguments:--}"
	like "/$name: /help" "$dir/help" "^help${tab}[^$tab]*$tab-$tab/$name "
	like "/$name: jackline-lines(7)" "$lines7" \
	    "^\.It Ic (.* )?/$name( .*)?$"
	like "/$name: jackline(1)" "$jackline1" \
	    "^\.(It )?Ic (.* )?/$name( .*)?$"
done <<'END'
connect~
disconnect~
quit~
help~?COMMAND|keys
go~JID
expand~
encryption~?auto|otr|omemo|none ?verified ?keep
msg~JID TEXT
say~TEXT
with~JID LINE
label~TOKEN LINE
contacts~?all
wait~TAG ?JID|- ?KEY=VALUE... ?SECONDS
add~JID
remove~
authorization~allow|cancel|request|request_unsubscribe ?JID
block~JID
unblock~JID
blocked~
status~free|away|dnd|xa|offline|online ?MESSAGE
priority~N
info~
clear~
log~on|off
history~?N
filter~?TEXT
ignore_presence~
logheight~N
buddywidth~N
otr~start ?verified | stop | info
otrpolicy~?(+|-)POLICY...
fingerprint~?FP
revoke~FP
smp~shared SECRET | question QUESTION | answer SECRET | abort
join~?ROOM?/NICK ?PASSWORD
leave~?REASON
rooms~SERVER
topic~TEXT
subject~TEXT
nick~NICK
invite~JID ?REASON
raw~HEX
rawenc~HEX
archive~?N
archiving~?always|roster|never
carbons~on|off
done~ID
omemo~info|publish|remove DEVICE
replay~?ROOM ?after=ID|all
correct~TEXT
correct-id~ID TEXT
END
for name in $(words "$dir/events" command 2); do
	case " $commands " in *" ${name#/} "*) ;; *) echo "$name" ;; esac
done >"$dir/more"
is 'no command beside them' "$(cat "$dir/more")" ''
is '/help keys is answered' "$(grep -c "^ok$tab" "$dir/help")" 2

has 'the causes' "$(words "$dir/events" cause 2 | tr '\n' ' ')" \
    'usage unknown-command not-connected bad-jid bad-utf8 bad-escape bad-char
    too-long no-contact policy not-encrypted timeout dns refused tls-untrusted
    tls-name tls-expired tls-pin tls-version tls-injected no-starttls
    auth-refused no-mechanism server-proof downgrade protocol limit
    stream-conflict connection-lost bounced store locked config'
for cause in $(words "$dir/events" cause 2); do
	grep -q -- "$cause" "$lines7" || echo "$cause"
done >"$dir/missing"
is 'are in the manual' "$(cat "$dir/missing")" ''

"$jackline" --help >"$dir/options"
for option in a c e h k n x V d f g i r t w; do
	like "-$option: --help" "$dir/options" "^  -$option, --[a-z-]*[= ]"
	like "-$option: jackline(1)" "$jackline1" \
	    "^\.It Fl ${option}([ ,].*)?$"
done
for option in configure check events escape unescape fd-gui fd-nfy fd-password
do
	like "--$option: --help" "$dir/options" "^      --${option}[= ]"
	like "--$option: jackline(1)" "$jackline1" "Fl -$option"
done

end
