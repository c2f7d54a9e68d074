#!/usr/bin/env python3
"""Holds the include directions of src/: who may know whom.

The table below is the picture in HACKING.md. A room may always include itself, except where
CLOSED says that its files are strangers to each other.
"""

import os
import re
import sys
from pathlib import Path

# room: what it may include. An entry is a room, or single headers of one ("session/*.h").
MAY_INCLUDE = {
    "base": [],
    "spec": ["base"],
    "option": ["base", "spec"],
    "io": ["base"],
    "filter": ["base", "io"],
    "relay": ["base", "io", "filter"],
    "socket": ["base", "spec", "option", "io"],
    "program": ["base", "spec", "option", "io", "socket"],
    "tls": ["base", "option", "io"],
    "address": ["base", "spec", "option", "io", "socket", "program", "chat", "filter", "tls"],
    "chat": ["base", "io"],
    "scan": ["base", "spec", "option", "io", "socket", "address"],
    "tutorial": ["base", "io"],
    "session": ["base", "spec", "option", "io", "filter", "relay", "socket", "program",
                "address", "chat"],
    "cli": ["base", "spec", "option", "address/address.h", "address/registry.h", "session/*.h",
            "scan/*.h", "tutorial/*.h"],
    "face": ["base", "spec", "option", "address/address.h", "address/registry.h", "session/*.h",
             "cli"],
    "main.c": ["face"],
}

# In these rooms a file may include its own header (x.c and x_*.c have x.h) and these, no more.
CLOSED = {
    "address": ["address/address.h", "address/registry.h"],
}

# Headers of libraries that only one room may know.
ONLY_IN = {
    "readline/": "chat",
}

# The registry lists all the addresses: that is its business.
EXEMPT = {"address/registry.c"}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]')


def allowed_by(entry, header):
    """Does an entry of the tables cover this header?"""
    if entry.endswith("/*.h"):
        return header.startswith(entry[: -len("*.h")])
    return header == entry or header.startswith(entry + "/")


def own_header(name, header):
    """address/exec_pty.c may include address/exec_pty.h and address/exec.h."""
    stem = re.sub(r"\.[ch]$", "", name)
    other = re.sub(r"\.h$", "", header)
    return stem == other or stem.startswith(other + "_")


def complaint(src, name, bracket, header):
    """What is wrong with this include, or None."""
    room = name.split("/")[0]
    if bracket == "<":
        for prefix, only in ONLY_IN.items():
            if header.startswith(prefix) and room != only:
                return f"<{header}> belongs to {only}/ alone"
        if header != "config.h" and (src / header).is_file() and "/" in header:
            return f'write "{header}", it is ours'
        return None
    if not (src / header).is_file():
        return f'"{header}" is no file under src/ (write the room too: "base/error.h")'
    target = header.split("/")[0]
    if target == room:
        if room not in CLOSED or name in EXEMPT or own_header(name, header):
            return None
        if any(allowed_by(entry, header) for entry in CLOSED[room]):
            return None
        return f'"{header}" is another {room} of the same room'
    if room not in MAY_INCLUDE:
        return f"the room {room} is missing from the table in tests/checks/includes.py"
    if any(allowed_by(entry, header) for entry in MAY_INCLUDE[room]):
        return None
    may = ", ".join(MAY_INCLUDE[room]) or "nothing but itself"
    return f'"{header}": {room} may include {may}'


def main():
    root = Path(os.environ.get("NETTOOL_SRCDIR") or Path(__file__).resolve().parents[2])
    src = root / "src"
    wrong = 0
    for path in sorted(src.rglob("*.[ch]")):
        name = path.relative_to(src).as_posix()
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                found = INCLUDE.match(line)
                words = found and complaint(src, name, found.group(1), found.group(2))
                if words:
                    print(f"src/{name}:{number}: {words}")
                    wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
