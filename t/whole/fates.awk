# What a sender's events said against what its receiver's say came: all that
# is wrong, a line each, then a line of figures.
#
#     awk -F '\t' -f fates.awk from=NAME to=JID theirs=0 SENDER.wire
#         [SENDER.accepted SENDER.kills] SENDER.out RECEIVER.out
#
# The texts are NAME and a number from 1 up. The wire has the answers to
# <resume/>, in their order, and what was wrong; `accepted` the id of each message that the server
# took; `kills` two numbers for each time that it was killed: the last message
# that had come before, and the last that was sent before it was there again.
# Of those between it may have forgotten what it had acked. theirs=1: what comes
# twice or out of order is only counted, as the server is known for it.

# What is unknown was under way on a session that the server then refused to go
# on with, by its own word and without saying what it has.
function unknown(id)
{
	if (!waiting)
		print "unknown, but the connection is there: " $0
	if (session[id] < since)
		print "unknown, but of another session: " $0
	in_doubt++
}

function online(resumed)
{
	if (resumed && answer[++answers] !~ /resumed/)
		print "resumed, but the wire said: " answer[answers]
	if (resumed && in_doubt > 0)
		print "unknown, but the session went on: line " FNR
	if (!resumed && sessions > 0) {
		refused++
		if (answer[++answers] !~ /failed/)
			print "a new session, but the wire said: " answer[answers]
		if (in_doubt > 0 && answer[answers] ~ / h=/)
			print "unknown, but the server said what it has: line " FNR
	}
	if (!resumed)
		sessions++
	# What the server has not, by its word, goes on with the next session.
	if (!resumed && answer[answers] !~ / h=/) {
		if (n_fates != n)
			print n - n_fates " are neither unknown nor known"
		since = sessions
	}
	in_doubt = waiting = 0
}

FILENAME ~ /\.wire$/ && /^wrong/ { print; next }

FILENAME ~ /\.wire$/ {
	answer[++n_answers] = $0
	next
}

FILENAME ~ /\.accepted$/ {
	witness = 1
	accepted[$1] = 1
	next
}

FILENAME ~ /\.kills$/ {
	split($0, kill, " ")
	for (i = kill[1] + 1; i <= kill[2]; i++)
		forgotten[i] = 1
	next
}

# The sender's events come first.
!receiver && sender && FILENAME != sender { receiver = FILENAME }
!sender { sender = FILENAME }

!receiver && $1 == "state" {
	if ($4 == "waiting")
		waiting = 1
	if ($4 == "online")
		online($NF == "resumed=yes")
}

!receiver && $1 == "sent" {
	id = substr($6, 4)
	if ($4 != from " " ++n || $3 != to)
		print "sent out of order: " $0
	number[id] = n
	session[id] = sessions
}

!receiver && $1 ~ /^(acked|failed|unknown)$/ {
	id = substr($6, 4)
	if (!(id in number) || id in fate)
		print "a fate too many: " $0
	fate[id] = $1
	fates[$1]++
	n_fates++
	if ($1 == "unknown")
		unknown(id)
}

receiver && $1 == "message" {
	id = substr($9, 4)
	if ($3 !~ "^" from "@" || $4 != from " " number[id])
		print "not what was sent: " $0
	if (theirs) {
		twice += number[id] in came
		out_of_order += number[id] < last && !(number[id] in came)
	} else if (number[id] in came)
		print "twice: " $0
	else if (number[id] < last)
		print "out of order: " $0
	if ($0 ~ /\tdup=/)
		print "perhaps twice: " $0
	came[number[id]] = 1
	last = number[id]
	n_came++
}

END {
	for (id in number) {
		if (!(id in fate)) {
			print "no fate: " number[id]
		} else if (fate[id] == "acked" && !(number[id] in came)) {
			lost++
			if (!(number[id] in forgotten))
				print "lost: " number[id]
		} else if (fate[id] == "failed" && number[id] in came) {
			print "failed, but came: " number[id]
		}
	}
	for (id in number)
		if (witness && fate[id] == "acked" && !(id in accepted))
			print "acked, but the server never took it: " number[id]
	printf "%d sent, %d acked, %d failed, %d unknown, %d came, ", n,
	    fates["acked"], fates["failed"], fates["unknown"], n_came
	printf "%d lost, %d sessions refused", lost, refused
	if (theirs)
		printf "; by the server %d twice, %d out of order", twice,
		    out_of_order
	print ""
}
