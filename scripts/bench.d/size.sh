# Lines of code.
# shellcheck shell=sh disable=SC2154 # by scripts/bench

for name in jackline.c sexp xmpp otr store line; do
	row 'lines of code' "$name" "$(find $name -name '*.[ch]' \
	    -exec cat {} + | wc -l)" ''
done
