#!/bin/sh
# examples/web.sh: the files of the folder www, and a sum at /api/somme?a=1&b=2
read -r _ target _
while IFS= read -r line && [ "$line" != "$(printf '\r')" ]; do :; done
reply() { # status, type, length; the page comes on standard input
	printf 'HTTP/1.0 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n' "$1" "$2" "$3"
	cat
}
say() { printf '%s\n' "$2" | reply "$1" 'text/plain; charset=utf-8' $((${#2} + 1)); }
number() { printf '%s\n' "$target" | sed -n "s/.*[?&]$1=\([0-9]\{1,9\}\)\(&.*\)\{0,1\}$/\1/p"; }
case $target in
/) printf 'HTTP/1.0 302 Found\r\nLocation: /index.html\r\nContent-Length: 0\r\n\r\n' ;;
/api/somme\?*)
	a=$(number a) b=$(number b)
	if [ "$a" ] && [ "$b" ]; then say '200 OK' $((a + b)); else say '400 Bad Request' 'a and b?'; fi ;;
*..*) say '403 Forbidden' no ;;
/*)
	if [ -f "www$target" ]; then
		case $target in *.html) type='text/html; charset=utf-8' ;; *) type=application/octet-stream ;; esac
		reply '200 OK' "$type" "$(wc -c <"www$target")" <"www$target"
	else say '404 Not Found' "no $target"; fi ;;
*) say '400 Bad Request' what ;;
esac
