# shellcheck shell=bash
# Completion of nettool for bash: the program itself is asked for candidates.
#
# A link of another name, such as nc, is completed too once it is told of:
#     source .../bash-completion/completions/nettool && complete -F _nettool nc

# Takes a command line apart as the shell would: the unquoted words into the array words. The variable fixed
# gets what of the last word readline does not replace, because it stands in front of a quote or of one of the
# characters in COMP_WORDBREAKS; quote is the quote behind which the rest stands, and open whether it is still
# open.
_nettool_words()
{
	local line=$1 word='' started='' c i
	local breaks=${COMP_WORDBREAKS//[\'\"[:space:]]/}

	words=() fixed='' quote='' open=''
	for ((i = 0; i < ${#line}; i++)); do
		c=${line:i:1}
		if [[ $open = "'" && $c != "'" ]]; then
			word+=$c
		elif [[ $c = "\\" && $open != "'" ]]; then
			c=${line: ++i:1}
			[[ -z $open || $c = [\"\\\$\`] ]] || word+="\\"
			word+=$c started=1
		elif [[ -n $open ]]; then
			if [[ $c = "$open" ]]; then open=''; else word+=$c; fi
		elif [[ $c = [\'\"] ]]; then
			open=$c quote=$c started=1 fixed=$word
		elif [[ $c = [[:space:]] ]]; then
			[[ -z $word$started ]] || words+=("$word")
			word='' started='' fixed='' quote=''
		else
			word+=$c
			[[ $breaks != *"$c"* ]] || fixed=$word quote=''
		fi
	done
	words+=("$word")
}

# Writes a candidate into the variable reply, as the quote in which it stands asks for.
_nettool_quote()
{
	local text=$1 special="\\ \"'\$\`!&|;<>()[{*?~"$'\t' c i

	reply=''
	case $quote in
	\') special="'" ;;
	\") special="\\\"\$\`" ;;
	esac
	# a tilde at the beginning stays the shell's
	if [[ -z $quote$fixed && $text = [~]/* ]]; then
		reply=\~/ text=${text:2}
	fi
	if [[ $text != *["$special"]* ]]; then
		reply+=$text
		return
	fi
	for ((i = 0; i < ${#text}; i++)); do
		c=${text:i:1}
		if [[ $special != *"$c"* ]]; then
			reply+=$c
		elif [[ $quote = "'" ]]; then
			reply+="'\\''"
		else
			reply+="\\$c"
		fi
	done
}

# Candidates are whole words, and readline replaces what stands behind $fixed.
_nettool()
{
	local words fixed quote open line word reply program

	COMPREPLY=()
	_nettool_words "${COMP_LINE:0:COMP_POINT}"
	# readline takes a quote away that has been closed before the cursor
	[[ -n $open ]] || quote=''
	program=${words[0]/#\~\//$HOME/}
	while IFS= read -r line; do
		word=${line%%$'\t'*}
		[[ $word != *[:=/] ]] || compopt -o nospace 2>/dev/null
		_nettool_quote "${word#"$fixed"}"
		COMPREPLY+=("$reply")
	done < <(command "$program" --complete "${words[@]:1}" 2>/dev/null)
}

complete -F _nettool nettool
