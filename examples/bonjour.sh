#!/bin/sh
# examples/bonjour.sh: confirms each line it receives, until "quit"
while IFS= read -r message; do
	[ "$message" = quit ] && exit
	echo "Bonjour client, j'ai bien reçu ton message : $message"
done
