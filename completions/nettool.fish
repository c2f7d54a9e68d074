# Completion of nettool for fish: the program itself is asked for candidates.

# Prints candidates for the word before the cursor, each with its summary behind a tab. Where the program
# says that a file name stands behind the first part of the word, the names are looked up here.
function __nettool_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    # An open quote keeps the word from being unescaped; then it is asked for as it stands.
    set -l plain (string unescape -- $word)
    or set plain (string replace -r '^["\']' '' -- $word)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    for line in (command $program --complete $words[2..-1] "$plain" 2>/dev/null)
        set -l parts (string split -m 1 \t -- $line)
        if test "$parts[2]" != '<file>'
            printf '%s\n' $line
            continue
        end
        set -l head $parts[1]
        set -l typed (string sub -s (math (string length -- "$head") + 1) -- "$plain")
        set -l home (string replace -r '^~/' "$HOME/" -- "$typed")
        for path in $home*
            set -l shown $path
            test "$home" = "$typed"
            or set shown (string replace -- "$HOME/" '~/' $path)
            test -d $path
            and set shown $shown/
            printf '%s%s\n' "$head" $shown
        end
    end
end

complete -c nettool -f -a '(__nettool_complete)'
