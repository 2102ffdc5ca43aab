# A room of 5,000 and of 10,000, on server-flood: joining it, and memory.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

: >"$dir/rooms"
for occupants in 500 5000 10000; do
	flood -o $occupants -m 0
	rm -f "$dir/room.in"
	mkfifo "$dir/room.in"
	exec 3<>"$dir/room.in"
	background room "$jackline" -ck --no-rooms -i "$dir/room.in" \
	    -f "$dir/flooded"
	wait_for "$dir/room.out" '^ok'
	before=$(cpu "$pid") own=$(memory "$pid" RssAnon) begun=$(milliseconds)
	echo '/join room@conference.localhost/me' >&3
	wait_for "$dir/room.out" "^ok.*line=1$tab*"
	wall=$(($(milliseconds) - begun))
	waited "$pid" $wall
	echo "$occupants $wall $(cpu "$pid") $before $(memory "$pid" RssAnon)" \
	    "$own" | awk '{ printf "%d\t%s\t%.3f\t%.3f\n", $1, $2,
		($3 - $4) * 1000 / $1, ($5 - $6) * 1024 / $1 }' >>"$dir/rooms"
	stop "$pid"
	exec 3>&-
done
while IFS=$tab read -r occupants wall each bytes; do
	row 'joining a room' "of $occupants" "$wall" ms
done <"$dir/rooms"
while IFS=$tab read -r occupants wall each bytes; do
	row 'joining a room, CPU of an occupant' "of $occupants" "$each" us
done <"$dir/rooms"
while IFS=$tab read -r occupants wall each bytes; do
	row 'a room, memory of an occupant' "of $occupants" "$bytes" B
done <"$dir/rooms"
