# Completion for bash: options and what they take, asked of the program itself,
# so that they cannot differ. For jackline and its scripts.
# shellcheck shell=bash

# _jackline_options COMMAND: `OPTION WHAT` for each, WHAT is what it takes.
_jackline_options()
{
	if [[ ${1##*/} == jackline ]]; then
		"$1" --help
	else
		"$1" </dev/null
	fi 2>&1 | awk '
	/^ +-/ {
		what = ""
		if (match($1 $2, /=[A-Z]+/))
			what = substr($1 $2, RSTART + 1, RLENGTH - 1)
		for (i = 1; $i ~ /^-/; i++) {
			sub(/[,=].*/, "", $i)
			print $i, what
		}
	}
	/jackline-/ {
		while (match($0, /\[-[A-Za-z]+( [A-Z]+)?\]/)) {
			split(substr($0, RSTART + 2, RLENGTH - 3), word, " ")
			for (i = 1; i <= length(word[1]); i++)
				if (!seen[c = substr(word[1], i, 1)]++)
					print "-" c, word[2]
			$0 = substr($0, RSTART + RLENGTH)
			word[2] = ""
		}
	}'
}

_jackline()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local option what takes='' options=''

	# --directory=DIR is three words.
	if [[ $cur == = ]]; then
		cur=''
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	while read -r option what; do
		options+=" $option"
		[[ $option != "$prev" ]] || takes=$what
	done < <(_jackline_options "$1")
	[[ $takes || $cur == -* ]] || case ${1##*/} in
	jackline-ii) takes=DIR ;;
	jackline-bot) takes=COMMAND ;;
	jackline-*) takes=JID ;;
	esac
	COMPREPLY=()
	case $takes in
	DIR)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
	FILE | FIFO | FD)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	COMMAND) mapfile -t COMPREPLY < <(compgen -c -- "$cur") ;;
	'') mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur") ;;
	esac
}

complete -F _jackline jackline jackline-ii jackline-send jackline-bot
