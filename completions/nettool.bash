# shellcheck shell=bash
# Completion of nettool for bash: the program itself is asked for candidates.

# Takes a command line apart as the shell would: the unquoted words into the array words, and into the
# variable fixed what of the last word readline does not replace, because it stands in front of a quote or
# of one of the characters in COMP_WORDBREAKS.
_nettool_words()
{
	local line=$1 word='' quote='' started='' c i
	local breaks=${COMP_WORDBREAKS//[\'\"[:space:]]/}

	words=() fixed=
	for ((i = 0; i < ${#line}; i++)); do
		c=${line:i:1}
		if [[ $quote = "'" && $c != "'" ]]; then
			word+=$c
		elif [[ $c = "\\" && $quote != "'" ]]; then
			c=${line:++i:1}
			[[ -z $quote || $c = [\"\\\$\`] ]] || word+="\\"
			word+=$c started=1
		elif [[ -n $quote ]]; then
			if [[ $c = "$quote" ]]; then quote=''; else word+=$c; fi
		elif [[ $c = [\'\"] ]]; then
			quote=$c started=1 fixed=$word
		elif [[ $c = [[:space:]] ]]; then
			[[ -z $word$started ]] || words+=("$word")
			word='' started='' fixed=''
		else
			word+=$c
			[[ $breaks != *"$c"* ]] || fixed=$word
		fi
	done
	words+=("$word")
}

# Candidates are whole words, and readline replaces what stands behind $fixed.
_nettool()
{
	local words fixed line word path head program

	COMPREPLY=()
	_nettool_words "${COMP_LINE:0:COMP_POINT}"
	program=${words[0]/#\~\//$HOME/}
	while IFS= read -r line; do
		word=${line%%$'\t'*}
		if [[ ${line#*$'\t'} != '<file>' ]]; then
			[[ $word != *[:=] ]] || compopt -o nospace 2>/dev/null
			COMPREPLY+=("${word#"$fixed"}")
			continue
		fi
		# The names of files are the shell's business; they stand behind $word.
		head=${word#"$fixed"}
		path=${words[${#words[@]} - 1]#"$word"}
		[[ -n $head ]] || compopt -o filenames 2>/dev/null
		while IFS= read -r path; do
			if [[ -n $head && -d ${path/#\~\//$HOME/} ]]; then
				path+=/
				compopt -o nospace 2>/dev/null
			fi
			COMPREPLY+=("$head$path")
		done < <(compgen -f -- "$path")
	done < <(command "$program" --complete "${words[@]:1}" 2>/dev/null)
}

complete -F _nettool nettool
