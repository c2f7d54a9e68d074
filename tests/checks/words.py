#!/usr/bin/env python3
"""Words that may not stand in the tree, or only in one place.

What a row forbids, it forbids in code: comments and strings of C files are taken out first.
"""

import os
import re
import sys
from pathlib import Path

# (pattern, where it is allowed all the same, why it is forbidden)
IN_CODE = [
    (r"\b(atoi|atol|atoll|atof)\s*\(", [], "the number parser in base/ checks range and rest"),
    (r"\b(strcpy|strcat|sprintf|vsprintf|gets|stpcpy)\s*\(", [], "it knows no size"),
    (r"\b(strtok|alloca)\s*\(", [], "strtok keeps state, alloca knows no limit"),
    (r"\b(tmpnam|tempnam|mktemp)\s*\(", [], "the name may be taken before it is used"),
    (r"\bv?fork\s*\(", ["base/call"], "only io/process.c forks, by call_fork"),
    (r"\bcall_fork\s*\(", ["base/call", "io/"], "only io/ forks"),
    (r"\bsetjmp\b|\blongjmp\b", [], "errors travel up as values"),
    (r"\bsignal\s*\(", ["io/"], "sigaction, in io/, says what happens to the handler"),
    (
        r"\b(pipe2|accept4|getrandom|SOCK_CLOEXEC|SOCK_NONBLOCK)\b",
        ["base/system_flags.c", "base/call_flags.c", "base/call_words.c"],
        "not every system has it: base/system.h does",
    ),
    (
        r"<(linux/|sys/(sendfile|epoll|random|prctl)\.h)",
        ["base/system_flags.c", "io/ancillary_linux.c", "option/apply_inode.c",
         "io/waitset_epoll.c", "option/constants.h", "base/call_splice.c"],
        "a Linux extra is a file of its own, chosen in src/sources.am",
    ),
    (
        r"(?<![\w.>])(socket|socketpair|bind|connect|listen|accept|getsockname|getpeername|"
        r"[gs]etsockopt|shutdown|poll|read|write|send|sendto|sendmsg|recv|recvmsg|splice|sendfile|"
        r"copy_file_range|pwritev2|open|close|pipe|dup2|execvp|waitpid|kill|fcntl|ioctl|flock|"
        r"tcsetattr|unlink|link|symlink|mkfifo|f?chmod|f?chown|chroot|f?chdir|umask|setsid|setpgid|"
        r"setuid|setgid|setgroups|setns|getaddrinfo|posix_openpt)\s*\(",
        # what the program looks up for its own messages, the keyboard, and the tutorial's actors
        ["base/", "chat/", "face/netcat.c", "io/descriptor.c", "io/holder.c", "io/lockfile.c",
         "io/signals.c", "session/limits.c", "session/progress.c", "socket/hosts_access",
         "tutorial/"],
        "base/call.h has it, so that --trace shows it and --explain doesn't do it",
    ),
    (r"\btypedef\s+struct\b", [], "structs are written as struct"),
]

# Anywhere in text files, comments included.
IN_TEXT = [
    (r"^(<{7} |={7}$|>{7} )", "a merge conflict was left behind"),
    (r"(?<![\w.$}/])/(work|root|Users)/[\w.]", "a path of somebody's own machine"),
]

TEXT_SUFFIXES = {".c", ".h", ".py", ".sh", ".am", ".ac", ".m4", ".md", ".in", ".awk", ".bash",
                 ".fish", ".zsh", ""}
FOLDERS = ("src", "tests", "fuzz", "bench", "doc", "completions", "m4", "po", ".ci")
TOP_FILES = ("configure.ac", "Makefile.am", "bootstrap", "README.md", "HACKING.md", "NEWS")

NOISE = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL
)


def code_only(text):
    """The C text with comments and strings blanked out; lines stay where they are."""
    return NOISE.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)


def text_files(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            parts = path.relative_to(root).parts
            if path.suffix not in TEXT_SUFFIXES or not path.is_file():
                continue
            if "corpus" in parts or "finds" in parts or "__pycache__" in parts:
                continue
            yield path
    for name in TOP_FILES:
        if (root / name).is_file():
            yield root / name


def main():
    root = Path(os.environ.get("NETTOOL_SRCDIR") or Path(__file__).resolve().parents[2])
    wrong = 0

    def complain(path, text, match, why):
        nonlocal wrong
        wrong += 1
        line = text.count("\n", 0, match.start()) + 1
        print(f"{path.relative_to(root)}:{line}: {match.group(0).strip()!r}: {why}")

    for path in sorted((root / "src").rglob("*.[ch]")):
        name = path.relative_to(root / "src").as_posix()
        code = code_only(path.read_text(encoding="utf-8"))
        for pattern, places, why in IN_CODE:
            if any(name.startswith(place) for place in places):
                continue
            for match in re.finditer(pattern, code):
                complain(path, code, match, why)
    for path in text_files(root):
        if path == Path(__file__).resolve():
            continue
        data = path.read_bytes()
        if b"\0" in data:
            continue  # a program that lies beside its source
        text = data.decode("utf-8", "replace")
        for pattern, why in IN_TEXT:
            for match in re.finditer(pattern, text, re.MULTILINE):
                complain(path, text, match, why)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
