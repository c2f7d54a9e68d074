#!/bin/sh
# C files are formatted as .clang-format says; with FIX=yes ("make format") they are made so. Only
# from version 14 on does clang-format read all of that file.

srcdir=${NETTOOL_SRCDIR:-$(dirname "$0")/../..}
format=${CLANG_FORMAT:-clang-format}

# Is the file one of those that .clang-format-ignore leaves alone?
ignored() {
	while read -r pattern; do
		case $pattern in '' | '#'*) continue ;; esac
		# shellcheck disable=SC2254 # it is a pattern
		case $1 in $pattern) return 0 ;; esac
	done <.clang-format-ignore
	return 1
}

if ! command -v "$format" >/dev/null 2>&1; then
	echo 'clang-format is not installed'
	exit 77
fi
major=$("$format" --version | sed -n 's/.*version \([0-9][0-9]*\).*/\1/p')
if [ "${major:-0}" -lt 14 ]; then
	echo "clang-format has version ${major:-unknown}, 14 or newer is needed"
	exit 77
fi
cd "$srcdir" || exit 1
set --
for file in $(find src tests fuzz bench -type f \( -name '*.c' -o -name '*.h' \) 2>/dev/null | sort); do
	ignored "$file" || set -- "$@" "$file"
done
[ $# -gt 0 ] || exit 0
if [ "${FIX:-no}" = yes ]; then
	exec "$format" -i "$@"
fi
"$format" --dry-run --Werror --ferror-limit=1 "$@" 2>&1
status=$?
[ $status = 0 ] || echo '"make format" puts it right'
exit $status
