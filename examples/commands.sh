#!/bin/sh
# examples/commands.sh: answers hello, time, and get FILE
while read -r word file; do
	case $word in
	hello) echo "hello, ${NETTOOL_PEERADDR:-you}" ;;
	time) date +%H:%M:%S ;;
	get)
		case $file in
		'' | */* | .*) echo "no: a name without slash, please" ;;
		*) if [ -f "$file" ]; then cat "./$file"; else echo "no: there is no $file"; fi ;;
		esac ;;
	*) echo "I know: hello, time, get FILE" ;;
	esac
done
