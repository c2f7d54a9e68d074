#!/bin/sh
# Every shell script of the tree passes shellcheck.

if [ -z "$SHELLCHECK" ] || ! command -v "$SHELLCHECK" >/dev/null 2>&1; then
	echo 'shellcheck is not installed'
	exit 77
fi
cd "${NETTOOL_SRCDIR:-$(dirname "$0")/../..}" || exit 1
set -- bootstrap .ci/run
for file in completions/*.bash examples/*.sh $(find tests bench -type f -name '*.sh' 2>/dev/null | sort); do
	[ -f "$file" ] && set -- "$@" "$file"
done
case $(head -n 1 bench/run 2>/dev/null) in
*sh) set -- "$@" bench/run ;;
esac
exec "$SHELLCHECK" "$@"
