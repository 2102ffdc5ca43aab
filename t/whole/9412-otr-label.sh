#!/bin/sh
# The label of a line that began a handshake or a verification is on the events
# of that until it ends, and on no others. With -r no verification is kept.
. "$(dirname "$0")/lib-otr.sh"

server prosody FRIENDS='alice bob'
account alice -o ''
account bob -o ''

# unlabelled NAME WHO PATTERN: as sees, and the line has no label.
unlabelled()
{
	sees "$1" "$2" "$3"
	printf '%s\n' "$(head -n "$((at - mark))" "$dir/mark" | tail -n 1)" \
	    >"$dir/found"
	unlike "$1: without a label" "$dir/found" 'label='
}

handshakes()
{
	say alice '/label who /go bob@localhost' '/label begin /otr start'
	sees 'a handshake' alice '^otr~.*~encrypted~.*~label=begin$'
	sees 'and its answer' alice '^ok~.*~label=begin$'
	unlabelled 'the other side' bob '^otr~.*~encrypted~'
	say bob '/with alice@localhost /otr start'
	unlabelled 'a handshake of theirs' alice '^otr~.*~encrypted~'
	say alice '/otr start'
	unlabelled 'one of a line without label' alice '^otr~.*~encrypted~'
	sees 'its answer' alice '^ok~.*~line=3$'
}

verifications()
{
	say alice '/label ask /smp question which?' 'green'
	sees 'the question for the secret' alice '^ask~.*~label=ask$'
	unlabelled 'the answer to it' alice '^ok~.*~line=5'
	sees 'a verification' alice '^smp~.*~state=started~.*~label=ask$'
	unlabelled 'they are asked' bob '^smp~.*~state=asked'
	say bob '/label reply /with alice@localhost /smp answer green'
	sees 'it succeeds' alice '^smp~.*~state=succeeded~.*~label=ask$'
	unlabelled 'theirs has not begun it' bob '^smp~.*~state=succeeded'
	say bob '/with alice@localhost /smp shared blue'
	unlabelled 'one of theirs' alice '^smp~.*~state=asked'
	say alice '/label other /smp answer red'
	sees 'is answered' alice '^ok~.*~label=other$'
	unlabelled 'and fails' alice '^smp~.*~state=failed'
	unlabelled 'for both' bob '^smp~.*~state=failed'
	say alice '/label two /smp shared blue'
	sees 'one more' alice '^smp~.*~state=started~.*~label=two$'
	sees 'is begun' bob '^smp~.*~state=asked'
	say alice '/label never /smp shared blue'
	sees 'another at once is refused' alice '^error~.*~label=never$'
	say bob '/with alice@localhost /smp abort'
	sees 'they end it' alice '^smp~.*~state=aborted~.*~label=two$'
	say bob '/with alice@localhost /smp shared blue'
	unlabelled 'what follows' alice '^smp~.*~state=asked'
	say bob '/with alice@localhost /smp abort'
	unlabelled 'until it ends' alice '^smp~.*~state=aborted'
	say alice '/label end /otr stop'
	sees 'the end of the session' alice '^otr~.*~plaintext~'
}

# Beside another or alone: trust is not changed, and it is said so.
read_only()
{
	rm -f "$dir/alice/users/bob@localhost"
	up alice -r side
	say alice '/go bob@localhost' '/otr start' '/smp shared blue'
	sees 'with -r' alice '^smp~.*~state=started'
	sees 'they are asked again' bob '^smp~.*~state=asked'
	say bob '/with alice@localhost /smp answer blue'
	sees 'they know the secret' alice '^smp~.*~state=succeeded~'\
'trust=unverified~'
	sees 'and nothing is kept of it' alice '^error~.*~line=-~cause=store$'
	say alice /fingerprint
	sees 'as is shown' alice '^fingerprint~.*~trust=unverified~'
	down alice 1
}

up bob
up alice
handshakes
verifications
down alice 1
read_only
down bob
end
