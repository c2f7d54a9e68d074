#!/bin/sh
# examples/page.sh: one web page, whatever is asked for
while IFS= read -r line; do
	[ "$line" = "$(printf '\r')" ] && break # the empty line ends the request
done
page='<!DOCTYPE html><html><body><h1>Bonjour !</h1></body></html>'
printf 'HTTP/1.0 200 OK\r\n'
printf 'Content-Type: text/html; charset=utf-8\r\n'
printf 'Content-Length: %d\r\n\r\n' "${#page}"
printf '%s' "$page"
