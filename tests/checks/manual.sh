#!/bin/sh
# The built manual, in both languages: complete, and without a complaint from mandoc or groff.

doc=${NETTOOL_BUILDDIR:-.}/doc
pages='nettool.1 nettool-nc.1 nettool-socat.1 nettool-addresses.7 nettool-options.7'
groff=$(command -v groff) || groff=
number=0

# Says whether what was just tried went well.
result() {
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}

skipped() {
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

# Whether the page was built, and every table found its place.
is_whole() {
	[ -f "$1" ] || { echo "# $1 was not built"; return 1; }
	! grep -n '@ADDRESSES\|@OPTIONS\|@VERSION@' "$1" || {
		echo '# a mark was left: the program could not tell its catalogue when the manual was built'
		return 1
	}
}

# groff is silent about a page that it understands; a long example may stand out of the text.
formats() {
	complaints=$("$groff" -man -mdoc -K utf8 -T utf8 -ww -W break -z "$1" 2>&1)
	[ -z "$complaints" ] || {
		printf '%s\n' "$complaints" | sed 's/^/# /'
		return 1
	}
}

echo 1..30
for folder in "$doc" "$doc/fr"; do
	for name in $pages; do
		page=$folder/$name
		is_whole "$page"
		result $? "$page is complete"
		if [ -z "$MANDOC" ]; then
			skipped "$page: mandoc lint" 'mandoc is not installed'
		else
			"$MANDOC" -T lint -W warning "$page"
			result $? "$page: mandoc lint"
		fi
		if [ -z "$groff" ] || ! "$groff" -mdoc -T utf8 -z /dev/null 2>/dev/null; then
			skipped "$page: groff" 'groff is not installed'
		else
			formats "$page"
			result $? "$page: groff"
		fi
	done
done
