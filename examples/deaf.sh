#!/bin/sh
# examples/deaf.sh: a chat that reads the keyboard, then the network, in turn; both should be polled
while read -r mine; do
	echo "$mine" >&4
	read -r theirs <&3 || break
	echo "$theirs"
done
