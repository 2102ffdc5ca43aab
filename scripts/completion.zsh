#compdef jackline jackline-ii jackline-send jackline-bot
# Completion for zsh. The options of jackline are asked of the program itself.

local row what action
local -a specs part

case $service in
jackline)
	# -d <tab> --debug <tab> FILE <tab> what it does
	for row in ${(f)"$(_call_program options $words[1] --help | awk '
	/^ +-/ {
		short = $1 ~ /^-[^-]/ ? substr($1, 1, 2) : ""
		long = short == "" ? $1 : $2
		what = index(long, "=") ? long : ""
		sub(/=.*/, "", long)
		sub(/.*=/, "", what)
		sub(/^ +(-[^-], )?--[^ ]+ +/, "")
		printf "%s\t%s\t%s\t%s\n", short, long, what, $0
	}')"}; do
		part=("${(@s:	:)row}")
		what=$part[3]
		case $what in
		'') action= ;;
		DIR) action=":$what:_files -/" ;;
		FILE|FIFO|FD) action=":$what:_files" ;;
		*) action=":$what: " ;;
		esac
		[[ -z $part[1] ]] ||
		    specs+=("($part[2])$part[1][$part[4]]$action")
		specs+=("${part[1]:+($part[1])}$part[2]${what:+=}[$part[4]]$action")
	done
	_arguments -s $specs ;;
jackline-ii)
	_arguments -s '-e[text in lines is escaped]' \
	    '-f[configuration directory]:DIR:_files -/' ':DIRECTORY:_files -/' ;;
jackline-send)
	_arguments -s '-D[wait for receipts]' \
	    '-S[spell out what XML cannot carry]' \
	    '-s[only encrypted]' '-t[only to a verified key]' \
	    '-f[configuration directory]:DIR:_files -/' \
	    '-m[the message]:TEXT: ' '-u[its subject]:SUBJECT: ' '*:JID: ' ;;
jackline-bot)
	_arguments '-f[configuration directory]:DIR:_files -/' \
	    '(-):COMMAND:_command_names -e' '*::ARGUMENT:_normal' ;;
esac
