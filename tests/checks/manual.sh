#!/bin/sh
# The built manual: complete, and without a complaint from mandoc.

page=${NETTOOL_BUILDDIR:-.}/doc/nettool.1

echo '1..2'
if [ ! -f "$page" ]; then
	echo "# $page was not built"
	echo 'not ok 1 - the manual has both tables'
elif grep -n '@ADDRESSES@\|@OPTIONS@\|@VERSION@' "$page"; then
	echo '# a mark was left: the program could not tell its catalogue when the manual was built'
	echo 'not ok 1 - the manual has both tables'
else
	echo 'ok 1 - the manual has both tables'
fi
if [ -z "$MANDOC" ]; then
	echo 'ok 2 - mandoc lint # SKIP mandoc is not installed'
elif "$MANDOC" -T lint -W warning "$page"; then
	echo 'ok 2 - mandoc lint'
else
	echo 'not ok 2 - mandoc lint'
fi
