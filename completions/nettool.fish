# Completion of nettool for fish: the program itself is asked for candidates.
#
# A link of another name, such as nc, is completed too once it is told of:
#     complete -c nc -w 'nettool nc'

# Prints candidates for the word before the cursor, each with its summary behind a tab.
function __nettool_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    # A quote that is open keeps the word from being unescaped; then it is closed first.
    set -l plain
    for close in '' "'" '"'
        if set plain (string unescape -- $word$close)
            break
        end
    end
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    command $program --complete $words[2..-1] "$plain" 2>/dev/null
end

complete -c nettool -f -a '(__nettool_complete)'
