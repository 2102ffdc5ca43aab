#!/bin/sh
# Rooms, and blocking, on both servers: two jacklines, and a client that is
# not ours as the owner of the rooms.
# shellcheck disable=SC2154 # what lib.sh sets
. "$(dirname "$0")/lib-room.sh"

# administer ROOM ITEM: the owner does.
administer()
{
	raw "<iq type='set' id='a' to='$1'><query xmlns='$muc#admin'>\
<item $2><reason>be gone</reason></item></query></iq>"
}

together()
{
	start alice "$jackline" -c -f "$dir/alice"
	say alice "/join $room/Al" "/go $room" 'is anybody here?'
	ok "$kind: joined" seen alice "ok$tab$at$room$tab-${tab}line=1"
	ok "$kind: as member" seen alice "member$tab$at$room/Al$tab-\
${tab}show=online${tab}role=moderator${tab}affiliation=owner"
	ok "$kind: acked by reflection" seen alice \
	    "acked$tab$at$room$tab-${tab}line=3${tab}id="
	ok "$kind: and seen as ours" seen alice \
	    "room$tab$at$room/Al${tab}is anybody here\?${tab}mine=yes\
${tab}src=live${tab}id="
	start bob "$jackline" -c -f "$dir/bob"
	say bob "/join $room" "/go $room"
	ok "$kind: the nick is our name" seen bob \
	    "member$tab$at$room/bob$tab-${tab}show=online${tab}role=participant"
	ok "$kind: history" seen bob \
	    "room$tab$at$room/Al${tab}is anybody here\?${tab}mine=no\
${tab}src=history${tab}id=[^$tab]*${tab}stamp=20"
	ok "$kind: the other sees it" seen alice "member$tab$at$room/bob$tab-\
${tab}show=online"
	say bob '/me waves'
	ok "$kind: /me is text" seen alice "room$tab$at$room/bob$tab/me waves\
${tab}mine=no${tab}src=live"
	say alice '/topic the weather'
	ok "$kind: the topic" seen bob "topic$tab$at$room/Al${tab}the weather"
	ok "$kind: and its answer" seen alice "ok$tab$at$room$tab-${tab}line=4"
	say bob "/topic $kind"
	if [ "$kind" = prosody ]; then
		ok "$kind: who may not is told" seen bob \
		    "error$tab$at$room$tab.*${tab}line=4${tab}cause=forbidden"
	else
		ok "$kind: a topic of another" seen alice \
		    "topic$tab$at$room/bob$tab$kind"
	fi
	say alice '/nick Al ice'
	ok "$kind: another nick" seen bob \
	    "member$tab$at$room/Al${tab}.*show=offline.*code=303\
${tab}nick=Al\\\\sice"
	ok "$kind: under which they are" seen bob \
	    "member$tab$at$room/Al\\\\sice$tab-${tab}show=online"
	ok "$kind: and its answer" seen alice "ok$tab$at$room$tab-${tab}line=5"
	say bob '/nick Al ice'
	ok "$kind: a nick that is taken" seen bob \
	    "error$tab$at$room${tab}the nick is taken.*${tab}line=5\
${tab}cause=conflict"
	say bob "/msg $room/Al\\sice psst"
	ok "$kind: a private word" seen alice "message$tab$at$room/bob\
${tab}psst\
${tab}enc=none${tab}trust=-${tab}src=live${tab}kind=chat"
	say alice "/msg $room/bob yes?"
	ok "$kind: and an answer" seen bob \
	    "message$tab$at$room/Al\\\\sice${tab}yes\?$tab"
	say alice '/otr start'
	ok "$kind: no OTR in rooms" seen alice \
	    "error$tab$at$room${tab}.*${tab}line=7${tab}cause=policy"
	say alice '/status dnd busy' '/contacts' '/expand' "/rooms $service"
	ok "$kind: a status" seen bob \
	    "member$tab$at$room/Al\\\\sice${tab}busy${tab}show=dnd"
	ok "$kind: in /contacts" seen alice "contact$tab$at$room${tab}[^$tab]*\
${tab}show=dnd${tab}sub=none${tab}unread=[01]${tab}enc=none${tab}trust=-\
${tab}kind=room${tab}active=yes${tab}sessions=2"
	ok "$kind: and its members" seen alice \
	    "session$tab$at$room/bob$tab-${tab}show=online.*role=participant"
	ok "$kind: the list of rooms" seen alice "info$tab$at$room$tab.*line=11"
	say alice '/rooms localhost'
	ok "$kind: the list of services" seen alice "info$tab$at$service$tab"
	like "$kind: kept" "$dir/alice/users/$room" 'autojoin true'
}

# The way out and in again.
away()
{
	say bob '/leave that is enough'
	ok "$kind: who leaves" seen alice "member$tab$at$room/bob\
${tab}that is enough${tab}show=offline${tab}role=none"
	ok "$kind: is answered" seen bob "ok$tab$at$room$tab-${tab}line=7"
	like "$kind: and stays out" "$dir/bob/users/$room" 'autojoin false'
	say bob 'hello?'
	ok "$kind: nothing goes there then" seen bob \
	    "error$tab$at$room$tab.*${tab}line=8${tab}cause=not-acceptable"
	say bob "/join /Rob"
	ok "$kind: the active room again" seen bob "ok$tab$at$room$tab-\
${tab}line=9"
	ok "$kind: by another name" seen alice \
	    "member$tab$at$room/Rob$tab-${tab}show=online"
	say bob /quit
	finish bob
	is "$kind: errors are the status" $? 1
	start bob "$jackline" -c -f "$dir/bob"
	ok "$kind: autojoin" seen alice "member$tab$at$room/Rob\
$tab.*show=offline"
	ok "$kind: with the nick kept" seen bob \
	    "member$tab$at$room/Rob$tab-${tab}show=online"
	say alice "/say line one" /quit
	finish alice
	ok "$kind: quitting leaves" seen bob \
	    "member$tab$at$room/Al\\\\sice$tab.*show=offline"
	printf 'from a pipe\n' | timeout 100 "$jackline" -c -f "$dir/alice" \
	    -t "$room" >"$dir/out"
	is "$kind: -t to a room that is kept" $? 0
	ok "$kind: arrives" seen bob "room$tab$at$room/Al\\\\sice\
${tab}from a pipe"
	stop bob
	sed 's/autojoin true/autojoin false/' "$dir/bob/users/$room" \
	    >"$dir/record" && cat "$dir/record" >"$dir/bob/users/$room"
}

# Each way in which a room does not let us in, or sends us out.
refusals()
{
	owner
	start alice "$jackline" -c -f "$dir/alice"
	start bob "$jackline" -c -f "$dir/bob"
	club=club@$service
	enter "$club"
	say alice "/join $club" "/go $club"
	seen alice "ok$tab$at$club$tab-${tab}line=1"
	say bob "/go $club" "/join $club/alice"
	ok "$kind: nick taken" seen bob "error$tab$at$club${tab}the nick is\
 taken.*${tab}line=2${tab}cause=conflict"
	configure "$club" passwordprotectedroom 1 roomsecret sesame
	ok "$kind: a code of the room in words" seen alice \
	    "info$tab$at$club${tab}the configuration of the room was changed"
	say bob "/join $club"
	ok "$kind: password" seen bob "error$tab$at$club${tab}the room wants a\
 password.*${tab}line=3${tab}cause=not-authorized"
	say bob "/join $club/bob sesame" "/leave"
	ok "$kind: with the password" seen bob "ok$tab$at$club$tab-${tab}line=4"
	seen bob "ok$tab$at$club$tab-${tab}line=5"
	like "$kind: which is kept" "$dir/bob/users/$club" sesame
	configure "$club" passwordprotectedroom 0 roomsecret '' membersonly 1
	wait_for "$dir/alice.out" 'members only|show=offline.*code=322'
	say bob "/join $club"
	ok "$kind: members only" seen bob "error$tab$at$club${tab}the room is\
 for members only.*${tab}line=6${tab}cause=registration-required"
	den=cave@$service
	enter "$den"
	say alice "/join $den" "/go $den"
	seen alice "ok$tab$at$den$tab-${tab}line=3"
	say bob "/join $den" "/go $den"
	seen bob "ok$tab$at$den$tab-${tab}line=7"
	# Without which only ejabberd refuses invitations of members.
	if [ "$kind" = ejabberd ]; then
		configure "$den" allowinvites 1
		seen alice "info$tab$at$den${tab}the configuration"
	fi
	say alice '/invite bob@localhost do come'
	ok "$kind: an invitation" seen bob "invite$tab\
$at(alice@localhost/t|$den/alice)\
${tab}do come${tab}room=$den"
	ok "$kind: is answered" seen alice \
	    "ok$tab$at$den${tab}the invitation is on its way${tab}line=5"
	raw "<message to='bob@localhost/t'><x xmlns='jabber:x:conference'\
 jid='$den' reason='straight' password='p w'/></message>"
	ok "$kind: a direct one" seen bob "invite$tab${at}carol@localhost/peer\
${tab}straight${tab}room=$den${tab}password=p\\\\sw"
	administer "$den" "nick='bob' role='none'"
	ok "$kind: kicked" seen bob "member$tab$at$den/bob$tab.*show=offline.*\
code=307"
	ok "$kind: in words" seen bob "warning$tab$at$den/bob\
${tab}was kicked.*: be gone"
	ok "$kind: the others see it" seen alice "info$tab$at$den/bob\
${tab}was kicked"
	say bob "/join $den"
	seen bob "ok$tab$at$den$tab-${tab}line=9"
	administer "$den" "jid='bob@localhost' affiliation='outcast'"
	ok "$kind: banned" seen bob "warning$tab$at$den/bob\
${tab}was banned.*: be gone"
	say bob "/join $den"
	ok "$kind: and refused" seen bob "error$tab$at$den${tab}you are banned\
 from the room.*${tab}line=10${tab}cause=forbidden"
	raw "<iq type='set' id='d' to='$den'><query xmlns='$muc#owner'>\
<destroy jid='$club'><reason>too damp</reason></destroy></query></iq>"
	ok "$kind: destroyed" seen alice "warning$tab$at$den${tab}the room was\
 destroyed: too damp; see $club"
	say alice 'anybody?'
	ok "$kind: nothing goes there" seen alice \
	    "error$tab$at$den$tab.*${tab}line=6${tab}cause=not-acceptable"
	stop alice
	like "$kind: nor do we at the next start" \
	    "$dir/alice/users/$den" 'autojoin false'
	stop bob
	stop owner
}

blocking()
{
	start alice "$jackline" -c -f "$dir/alice"
	start bob "$jackline" -c -f "$dir/bob"
	seen bob "state$tab$at.*online"
	say alice '/block bob@localhost' '/blocked' '/msg bob@localhost hm'
	ok "$kind: who is blocked" seen alice \
	    "info$tab${at}bob@localhost${tab}is blocked${tab}line=2"
	ok "$kind: is not written to" seen alice "failed$tab.*${tab}line=3"
	say bob '/msg alice@localhost/t are you there?'
	seen bob "acked$tab.*${tab}line=1" # which only ejabberd bounces
	say alice '/unblock bob@localhost' '/blocked' '/unblock x@y/z@'
	ok "$kind: not any more" seen alice \
	    "ok$tab$at-${tab}nobody is blocked${tab}line=5"
	is "$kind: is listed once" "$(grep -c '^info.*is blocked' \
	    "$dir/alice.out")" 1
	say bob '/msg alice@localhost/t and now?'
	ok "$kind: and heard again" seen alice "message$tab.*and now\?"
	unlike "$kind: the other was not" "$dir/alice.out" 'are you there'
	stop alice
	stop bob
}

for kind in prosody ejabberd; do
	server "$kind"
	account alice -o ''
	account bob -o ''
	together
	away
	refusals
	blocking
	server_down
	rm -rf "$dir/alice" "$dir/bob"
done

end
