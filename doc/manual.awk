# Makes a page of the manual of its source NAME.in.
#
# Variables: version; table, a file with what "nettool --list=addresses --format=mdoc" or --list=options wrote; po, a
# file of translations, for a page in another language.
#
#   .\" @OPTIONS word@        gives way to that section of the options
#   .\" @ADDRESSES regexp@    gives way to the addresses whose names match
#   .\" @ADDRESSES@           gives way to those that no mark has had
#   @VERSION@                 gives way to the version
#
# A mark stays where there is no table at all, so that tests/checks/manual.sh finds the hole. Lines of text are
# broken before they are 80 bytes long, which mandoc wants. Runs with LC_ALL=C: a letter like é is two characters.

function unescaped(string,    i, c, result) {
	for (i = 1; i <= length(string); i++) {
		c = substr(string, i, 1)
		if (c == "\\") {
			c = substr(string, ++i, 1)
			c = c == "n" ? "\n" : c == "t" ? "\t" : c
		}
		result = result c
	}
	return result
}

function trimmed(string) {
	gsub(/^[ \n]+|[ \n]+$/, "", string)
	gsub(/\n/, " ", string)
	return string
}

# As catalogue_mdoc_word() writes it.
function mdoc(string) {
	gsub(/\\/, "\\e", string)
	gsub(/-/, "\\-", string)
	gsub(/'/, "\\(aq", string)
	gsub(/"/, "\\(dq", string)
	gsub(/\(\)/, "(\\\\\\&)", string)
	return string
}

# As catalogue_mdoc_sentence() writes it.
function sentence(string,    place) {
	if (substr(string, 1, 1) ~ /[a-z]/)
		return toupper(substr(string, 1, 1)) mdoc(substr(string, 2)) "."
	place = index("éàèêîôçâù", substr(string, 1, 2))
	if (place > 0)
		return substr("ÉÀÈÊÎÔÇÂÙ", place, 2) mdoc(substr(string, 3)) "."
	return mdoc(string) "."
}

function remember(from, to) {
	from = trimmed(unescaped(from))
	to = trimmed(unescaped(to))
	if (from == "" || to == "")
		return
	translation[mdoc(from)] = mdoc(to)
	translation[sentence(from)] = sentence(to)
	translation[mdoc(from) "."] = mdoc(to) "."
}

function quoted(line) {
	sub(/^[^"]*"/, "", line)
	sub(/"[ \r]*$/, "", line)
	return line
}

function read_translations(    line, part, from, to, fuzzy, next_fuzzy) {
	while ((getline line < po) > 0) {
		if (line ~ /^#,.*fuzzy/)
			next_fuzzy = 1
		else if (line ~ /^msgid "/) {
			if (!fuzzy)
				remember(from, to)
			fuzzy = next_fuzzy
			next_fuzzy = 0
			from = quoted(line)
			to = ""
			part = "from"
		} else if (line ~ /^msgstr "/) {
			to = quoted(line)
			part = "to"
		} else if (line ~ /^"/ && part == "from")
			from = from quoted(line)
		else if (line ~ /^"/ && part == "to")
			to = to quoted(line)
		else if (line ~ /^msg/)
			part = ""
	}
	if (!fuzzy)
		remember(from, to)
	close(po)
}

# Takes the table apart: block[] by name, in the order of names[].
function read_table(    line, words, current) {
	while ((getline line < table) > 0) {
		if (line ~ /^\.\\" @(ADDRESS|OPTIONS) .*@$/) {
			split(line, words, /[ @]+/)
			current = words[3]
			names[++count] = current
			continue
		}
		if (line in translation)
			line = translation[line]
		else if (po != "" && line ~ /^\.It Cm /)
			gsub(/ or /, " ou ", line)
		else if (po != "" && line == "(all).")
			line = "(tous)."
		block[current] = block[current] line "\n"
	}
	close(table)
	if (!count)
		print "manual.awk: warning: " table " is empty" > "/dev/stderr"
}

# French has a blank in front of some signs, where no line may end; a macro would leave the blank out.
function spaced(line,    sign) {
	if (line ~ /^\.S[hs] /)
		return unbroken(line)
	if (line !~ /^\.(Ar|Cm|Dv|Em|Ev|Fl|Ic|Li|Nm|Pa|Sx|Xr) .* [:;!?]$/)
		return line
	sign = substr(line, length(line))
	return substr(line, 1, length(line) - 2) " Ns No \\ " sign
}

function unbroken(line) {
	gsub(/ :/, "\\ :", line)
	gsub(/ ;/, "\\ ;", line)
	gsub(/ !/, "\\ !", line)
	gsub(/ \?/, "\\ ?", line)
	gsub(/ »/, "\\ »", line)
	gsub(/« /, "«\\ ", line)
	return line
}

# Prints a line of text as lines of less than 80 bytes. None of them begins like a macro.
function put(line,    i, best) {
	if (po != "" && !literal)
		line = line ~ /^[.']/ ? spaced(line) : unbroken(line)
	if (literal || line ~ /^[.']/) {
		print line
		return
	}
	while (length(line) >= 80) {
		best = 0
		for (i = 2; i < 80 || !best; i++) {
			if (i >= length(line))
				break
			if (substr(line, i, 1) == " " && substr(line, i + 1, 1) !~ /[.' ]/ &&
			    substr(line, i - 1, 1) !~ /[.?!\\]/)
				best = i
		}
		if (!best)
			break
		print substr(line, 1, best - 1)
		line = substr(line, best + 1)
	}
	print line
}

function put_block(name,    lines, i, many) {
	many = split(block[name], lines, "\n")
	for (i = 1; i < many; i++)
		put(lines[i])
	used[name] = 1
}

function put_addresses(pattern,    i, some) {
	for (i = 1; i <= count; i++) {
		if (names[i] in used || names[i] !~ pattern)
			continue
		if (!some++)
			print ".Bl -tag -width Ds"
		put_block(names[i])
	}
	if (some)
		print ".El"
}

BEGIN {
	if (po != "")
		read_translations()
	if (table != "")
		read_table()
}

count && /^\.\\" @OPTIONS .*@$/ {
	split($0, mark, /[ @]+/)
	put_block(mark[3])
	next
}
count && /^\.\\" @ADDRESSES.*@$/ {
	pattern = $0
	sub(/^[^@]*@ADDRESSES ?/, "", pattern)
	sub(/@$/, "", pattern)
	put_addresses(pattern)
	next
}
{
	gsub(/@VERSION@/, version)
	if ($0 ~ /^\.Bd -literal/)
		literal = 1
	put($0)
	if ($0 ~ /^\.Ed/)
		literal = 0
}

END {
	for (i = 1; i <= count; i++) {
		if (!(names[i] in used)) {
			print "manual.awk: warning: no place for " names[i] > "/dev/stderr"
			print ".\\\" @OPTIONS " names[i] "@"
		}
	}
}
