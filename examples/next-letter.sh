#!/bin/sh
# examples/next-letter.sh: answers each line with the letters that follow: a -> b, z -> a
while IFS= read -r line; do
	printf '%s\n' "$line" | tr a-zA-Z b-zaB-ZA
done
