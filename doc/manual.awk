# Puts the program's own tables into the manual: the lines .\" @ADDRESSES@ and .\" @OPTIONS@ give way
# to what "nettool --list=... --format=mdoc" wrote into the files named by the variables addresses and
# options; @VERSION@ becomes the variable version. Where a table is empty its mark stays, so that
# tests/checks/manual.sh finds the hole.

function table(file, line, lines) {
	while ((getline line < file) > 0) {
		print line
		lines++
	}
	close(file)
	if (!lines) {
		print "manual.awk: warning: " file " is empty" > "/dev/stderr"
		print $0
	}
}

$0 == ".\\\" @ADDRESSES@" { table(addresses); next }
$0 == ".\\\" @OPTIONS@" { table(options); next }
{ gsub(/@VERSION@/, version); print }
