"""The face of socat: the same command lines under Debian's socat and under nettool called socat.

A command line is a row of a table. Both programs run it, each in a folder of its own and with a
peer of its own, and what they did is compared: standard output, what the peer got, the files they
left, the exit status, and the words of their messages that count. Date, process id and the name of
a function in front of a message are no part of that.

Our reference is socat 1.8.1.1. Where the installed socat differs from it, because it is older or
because we do better on purpose, the row is marked `alone` and runs with ours only: the literal
expectations of a row hold for all who run it.
"""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tools import (
    DEADLINE,
    NETTOOL,
    SOCAT,
    Background,
    Peer,
    accept,
    free_port,
    is_asleep,
    needs_linux,
    needs_root,
    random_bytes,
    read_all,
    read_exactly,
    tcp_server,
    udp_socket,
    unix_server,
    wait_until,
)

HEAD = re.compile(
    r"(?P<date>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)(?P<micros>\.\d{6})? (?:(?P<host>[^ \[]+) )?"
    r"(?P<name>[^ \[]+)\[(?P<pid>\d+)\] (?P<level>[FEWNID]) (?P<text>.*)"
)
WHERE = re.compile(rb"(?:listening on|receiving on|bound to)[^\n]*?AF=\d+ ([^\n]*)\n")


class Messages:
    """The log lines in what a program said on stderr."""

    def __init__(self, err):
        self.text = err.decode("utf-8", "replace")
        self.lines = []
        for line in self.text.splitlines():
            found = HEAD.fullmatch(line)
            if found:
                text = re.sub(r"^[a-z_0-9]+\(\): ", "", found["text"])
                self.lines.append(found["level"] + " " + text)

    def at(self, levels):
        return [line for line in self.lines if line[0] in levels]

    def have(self, wanted):
        """Whether a line holds all of the words; "E words" wants them at that level."""
        level, _, words = wanted.partition(" ")
        for line in self.lines:
            if line[0] in level and all(word in line[2:] for word in words.split(" ... ")):
                return True
        return False


@dataclass
class Row:
    """A command line, and what everybody who runs it must do."""

    name: str
    words: str | list
    input: bytes = b""
    status: int | None = None
    out: bytes | None = None
    says: tuple = ()  # "EW what a line of level E or W contains ... in any order"
    never: tuple = ()  # what no message contains
    files: dict = field(default_factory=dict)  # what is left in the folder
    before: dict = field(default_factory=dict)  # what is in it before
    env: dict = field(default_factory=dict)
    alone: bool = False  # the installed socat does otherwise
    ours: tuple = ()  # like says, for ours only
    quiet: bool = False  # nothing on stderr
    talk: object = None  # what the peer does
    got: object = None  # what the peer got

    def list(self, **places):
        words = self.words.split() if isinstance(self.words, str) else self.words
        for name, value in places.items():
            words = [word.replace("{" + name + "}", str(value)) for word in words]
        return words


@dataclass
class Outcome:
    """What one program made of a row."""

    status: int
    out: bytes
    err: bytes
    got: object = None
    files: dict = field(default_factory=dict)

    @property
    def messages(self):
        return Messages(self.err)


def left_in(folder):
    """The files of a folder and what they hold; of other entries only what they are."""
    left = {}
    for entry in sorted(folder.iterdir()):
        mode = entry.lstat().st_mode
        left[entry.name] = entry.read_bytes() if stat.S_ISREG(mode) else stat.S_IFMT(mode)
    return left


@pytest.fixture
def face(runners, tmp):
    """nettool by the name of socat."""
    (tmp / "bin").mkdir()
    (tmp / "bin" / "socat").symlink_to(NETTOOL)
    return runners(Peer, str(tmp / "bin" / "socat"))


@pytest.fixture
def everybody(face, runners, tmp):
    """All programs that can run a row, each with a folder of its own: [(name, runner, folder)]."""

    def make(alone):
        found = [("ours", face, tmp / "ours")]
        if SOCAT is not None and not alone:
            found.append(("socat", runners(Peer, SOCAT), tmp / "socat"))
        for _, runner, folder in found:
            folder.mkdir()
            runner.folder = folder
        return found

    return make


def rows(table):
    names = [row.name for row in table]
    assert len(set(names)) == len(names), "two rows of one name"
    return pytest.mark.parametrize("row", table, ids=names)


def check(row, everybody, run):
    """Runs a row with everybody and compares."""
    outcomes = {}
    for name, runner, folder in everybody(row.alone):
        for path, data in row.before.items():
            (folder / path).write_bytes(data)
        outcome = run(runner, folder)
        outcome.files = {
            path: data for path, data in left_in(folder).items() if path not in row.before
            or data != row.before[path]
        }
        outcomes[name] = outcome
        messages = outcome.messages
        for wanted in row.says + (row.ours if name == "ours" else ()):
            assert messages.have(wanted), (name, wanted, outcome)
        for word in row.never:
            assert word not in messages.text, (name, word, outcome)
        if row.quiet:
            assert outcome.err == b"", (name, outcome)
        for what in ("status", "out", "got"):
            wanted = getattr(row, what)
            assert wanted is None or getattr(outcome, what) == wanted, (name, what, outcome)
        if row.files:
            assert {path: outcome.files.get(path) for path in row.files} == row.files, (
                name, outcome)
    if "socat" in outcomes:
        ours, theirs = outcomes["ours"], outcomes["socat"]
        assert ours.status == theirs.status, (ours, theirs)
        assert ours.out == theirs.out, (ours, theirs)
        assert ours.got == theirs.got, (ours, theirs)
        assert sorted(ours.files) == sorted(theirs.files), (ours, theirs)
    return outcomes


# ---- plain: standard input to standard output ----------------------------------------------------

USAGE = [
    Row("two-ways-at-once", "-u -U - -", status=1, says=("E -u",)),
    Row("unknown-option", "-q - -", status=1,
        says=('E unknown option "-q"; use option "-h" for help',)),
    Row("unknown-long-option", "--foo - -", status=1,
        says=('E unknown option "--foo"; use option "-h" for help',)),
    Row("end-of-options-is-refused", "-- - -", status=1, says=('E unknown option "--"',)),
    Row("one-address", "-", status=1,
        says=('E exactly 2 addresses required (there are 1); use option "-h" for help',)),
    Row("no-address", "", status=1, says=("E exactly 2 addresses required (there are 0)",)),
    Row("three-addresses", "- - -", status=1,
        says=("E exactly 2 addresses required (there are 3)",)),
    Row("unknown-log-option", "-lz - -", status=1, says=('E "-lz"; use option "-h" for help',)),
    Row("unknown-facility", "-lyfoo - -", status=1, says=("E syslog facility",)),
    Row("b-without-a-value", "-b", status=1, says=("E option -b",)),
    Row("lf-without-a-value", "-lf", status=1, says=("E option -lf",)),
    Row("lp-without-a-value", "-lp", status=1, says=("E option -lp",)),
    Row("r-without-a-value", "-r", status=1, says=("E option -r",)),
    Row("b-is-no-number", "-b abc - -", status=1, says=("E missing numerical value ... -b",)),
    Row("b-with-garbage", "-b 12x - -", status=1, says=("E trailing garbage ... -b",)),
    Row("t-is-no-number", "-t abc - -", status=1, says=("E missing numerical value ... -t",)),
    Row("t-with-garbage", "-t 1x - -", status=1, says=("E trailing garbage ... -t",)),
    Row("T-is-no-number", "-T zz - -", status=1, says=("E missing numerical value ... -T",)),
    Row("S-is-no-number", "-S abc - -", status=1, says=("E missing numerical value ... -S",),
        alone=True),
    Row("two-locks", "-L a -W b - PIPE", status=1, says=("E only one ... -L ... -W",)),
    Row("unknown-address", "BLA -", status=1, says=('E unknown device/address "BLA"',)),
    Row("unknown-address-with-parameter", "- BLA:x", status=1,
        says=('E unknown device/address "BLA"',)),
    Row("a-bare-file-name", "foo -", status=1, says=('E unknown device/address "foo"',)),
    Row("half-a-dual-address", "-!!foo -", status=1, says=('E unknown device/address "foo"',)),
    Row("too-few-parameters", "TCP:1 -", status=1,
        says=("E TCP: wrong number of parameters (1 instead of 2)",),
        ours=("E usage: TCP:<host>:<port>",)),
    Row("too-many-parameters", "TCP:a:b:c -", status=1,
        says=("E TCP: wrong number of parameters (3 instead of 2)",)),
    Row("a-parameter-too-much", "- PTY:x", status=1,
        says=("E PTY: wrong number of parameters (1 instead of 0)",)),
    Row("stdio-has-no-parameter", "- STDIO:x", status=1,
        says=("E STDIO: wrong number of parameters (1 instead of 0)",)),
    Row("unknown-option-of-an-address", "- PIPE,foo=1", status=1, says=('E unknown option "foo"',)),
    Row("option-of-another-group", "- PIPE,raw", status=1,
        says=('E option "raw" not supported with this address type',)),
    Row("g-lets-any-option-pass", "-g - PIPE,keepalive", input=b"x", alone=True),
    Row("a-number-of-an-option-is-none", "- TCP-LISTEN:0,accept-timeout=x", status=1,
        says=("E missing numerical value ... accept-timeout",)),
    Row("a-number-of-an-option-has-garbage", "- TCP-LISTEN:0,backlog=3x", status=1,
        says=("E trailing garbage ... backlog",)),
    Row("a-quote-without-end", ["-", '"PIPE'], status=1, says=("E unexpected end",)),
    Row("max-children-needs-fork", "- TCP-LISTEN:0,max-children=2", status=1,
        says=("E option max-children not allowed without option fork",)),
    Row("a-range-without-mask", "- TCP-LISTEN:0,range=127.0.0.1", status=1, says=("E mask",)),
    Row("nofork-on-the-first-address", "EXEC:cat,nofork -", status=1, says=("E nofork",)),
    Row("empty-port", "- TCP:127.0.0.1:", status=1, says=("E empty",), alone=True),
    Row("unknown-service", "- TCP:127.0.0.1:nosuchport", status=1, says=("E nosuchport",)),
    Row("fdin-that-is-never-used", "-u EXEC:true,fdin=3 -", status=1, says=("E fdin",), alone=True),
]

# What a shell would write as it is written here: every word of the list is one of the command line.
QUOTES = [
    Row("exec-words", ["-u", 'EXEC:echo "a  b" c', "-"], out=b"a b c\n"),
    Row("exec-nested-quotes", ["-u", 'EXEC:"echo \\"a  b\\" c"', "-"], out=b"a  b c\n"),
    Row("exec-quotes-in-quotes", ["-u", "EXEC:'echo \"a  b\" c'", "-"], out=b"a  b c\n"),
    Row("exec-many-blanks", ["-u", "EXEC:echo   a   b", "-"], out=b"a b\n"),
    Row("exec-an-empty-word", ["-u", "EXEC:'printf <%s> a \"\" b'", "-"], out=b"<a><><b>"),
    Row("exec-brackets", ["-u", "EXEC:echo {x:y} (a,b) [c:d,e]", "-"],
        out=b"{x:y} (a,b) [c:d,e]\n"),
    Row("exec-escaped-separators", ["-u", "EXEC:echo a\\:b\\,c\\!!d", "-"], out=b"a:b,c!!d\n"),
    Row("exec-quoted-double", ["-u", "EXEC:'echo x!!y'", "-"], out=b"x!!y\n"),
    Row("exec-a-tab", ["-u", "EXEC:printf a\\tb", "-"]),
    Row("exec-nested-socat-options", ["-u", "EXEC:'sh -c \"echo a:b, c\"'", "-"], out=b"a:b, c\n"),
    Row("system-quotes-are-removed", ["-u", 'SYSTEM:echo "a  b"  c', "-"], out=b"a b c\n"),
    Row("system-nested-quotes", ["-u", "SYSTEM:'echo \"a  b\"  c'", "-"], out=b"a  b c\n"),
    Row("system-escaped-quotes", ["-u", 'SYSTEM:"echo \\"a  b\\"  c"', "-"], out=b"a  b c\n"),
    Row("system-colon-and-comma", ["-u", 'SYSTEM:"echo a:b, c"', "-"], out=b"a:b, c\n"),
    Row("system-escaped-colon", ["-u", "SYSTEM:echo a\\:b", "-"], out=b"a:b\n"),
    Row("system-a-variable", ["-u", "SYSTEM:'x=\"1  2\"; echo \"$x\"'", "-"], out=b"1  2\n"),
    Row("system-accents", ["-u", "SYSTEM:'echo \"d\u00e9j\u00e0  vu\"'", "-"],
        out="d\u00e9j\u00e0  vu\n".encode()),
    Row("empty-options-are-ignored", "- PIPE,,", input=b"x", out=b"x"),
    Row("the-last-of-two-options-counts", "-,readbytes=5,readbytes=2 PIPE", input=b"abcdef",
        out=b"ab"),
    Row("keywords-in-any-case", "StDiO pIpE,NonBlock=1", input=b"x", out=b"x"),
]

TRANSFER = [
    Row("echo", "- PIPE", input=b"hello", out=b"hello", status=0, quiet=True),
    Row("one-way", "-u - STDOUT", input=b"hello", out=b"hello", status=0, quiet=True),
    Row("one-way-backwards", "-U STDOUT -", input=b"hello", out=b"hello", status=0, quiet=True),
    Row("stdio-to-stdio", "- -", input=b"x", out=b"x", status=0, quiet=True),
    Row("stdio-by-descriptors", "0!!1 PIPE", input=b"x", out=b"x", status=0),
    Row("stdio-by-fd", "FD:0!!FD:1 PIPE", input=b"x", out=b"x", status=0),
    Row("stdio-by-halves", "STDIN!!STDOUT PIPE", input=b"x", out=b"x", status=0),
    Row("a-dual-dash", "-!!- PIPE", input=b"x", out=b"x", status=0),
    Row("a-dash-with-an-option", "-,readbytes=3 PIPE", input=b"hello", out=b"hel", status=0),
    Row("escape", "-u -,escape=0x78 -", input=b"abxcd", out=b"ab", status=0),
    Row("crlf-written", "-u - -,crlf", input=b"a\nb\n", out=b"a\r\nb\r\n"),
    Row("cr-written", "-u - -,cr", input=b"a\nb\n", out=b"a\rb\r"),
    Row("cr-read", "-u -,cr -", input=b"a\rb\r", out=b"a\nb\n"),
    Row("crlf-read", "-u -,crnl -", input=b"a\r\nb\r\n", out=b"a\nb\n"),
    Row("the-same-ends-on-both-sides", "-u -,crnl -,crnl", input=b"a\nb\r\n", out=b"a\nb\r\n"),
    Row("T-ends-silence", "-T 0.1 PIPE PIPE", status=0, out=b""),
    Row("T-says-so", "-dd -T 0.1 PIPE PIPE", status=0, says=("N inactivity timeout triggered",)),
    Row("a-negative-T-is-none", "-T -1 - PIPE", input=b"x", out=b"x", status=0, alone=True),
    Row("T-of-zero-ends-at-once", "-T 0 PIPE PIPE", status=0, alone=True),
    Row("t-is-long-enough", ["-t", "5", "-", "SYSTEM:'cat; sleep 0.2; echo x'"], input=b"a",
        out=b"ax\n"),
    Row("t-starts-anew-with-data", ["-t2", "-", "SYSTEM:'cat; sleep 0.8; echo 1; sleep 0.8; "
                                    "echo 2; sleep 0.8; echo 3'"], input=b"a",
        out=b"a1\n2\n3\n"),
    Row("t-is-half-a-second", ["-", "SYSTEM:'cat; sleep 6; echo never'"], input=b"a", out=b"a"),
    Row("t-ends-it-sooner", ["-t0.1", "-", "SYSTEM:'cat; sleep 6; echo never'"], input=b"a",
        out=b"a"),
    Row("t-with-an-exponent", "-t 1e-1 - PIPE", input=b"x", out=b"x"),
    Row("b-limits-a-block", "-b 3 -v -u - STDOUT", input=b"abcdefg", out=b"abcdefg"),
    Row("b-in-hexadecimal", "-b0x4 -u - STDOUT", input=b"abcdefg", out=b"abcdefg"),
    Row("exec", "- EXEC:cat", input=b"hey", out=b"hey", status=0),
    Row("exec-pipes", "- EXEC:cat,pipes", input=b"hey", out=b"hey", status=0),
    Row("exec-pty", "- EXEC:cat,pty,raw,echo=0", input=b"hey", out=b"hey", status=0),
    Row("exec-nofork", "- EXEC:cat,nofork", input=b"hey", out=b"hey", status=0),
    Row("exec-nofork-status", ["-", "SYSTEM:'exit 5',nofork"], status=5),
    Row("exec-fdin-fdout", ["-", "SYSTEM:'cat <&3 >&4',fdin=3,fdout=4"], input=b"hey", out=b"hey"),
    Row("exec-stderr", ["-u", "SYSTEM:'echo a; echo b >&2',stderr", "-"], out=b"a\nb\n",
        quiet=True),
    Row("exec-nothing-of-that-name", "- EXEC:/nonexist/prog", status=1, alone=True,
        says=("E /nonexist/prog ... No such file or directory",)),
    Row("a-child-that-fails", ["-", "SYSTEM:'cat; exit 3'"], input=b"abc", out=b"abc", status=1,
        alone=True, says=("W child ... exited with status 3",)),
    Row("a-child-ended-by-a-signal", ["-", "SYSTEM:'kill -9 $$'"], status=1, alone=True,
        says=("W child ... exited on signal 9",)),
    Row("system-pty-stderr", ["-u", "SYSTEM:'test -t 1 && echo a; test -t 2 && echo b >&2',pty,"
                              "stderr,raw", "-"], out=b"a\nb\n"),
    Row("text", ["-u", 'TEXT:"a\\nb"', "-"], out=b"a\nb", status=0, alone=True),
    Row("stall", "-T 0.2 -u - STALL", input=b"x", status=0, alone=True),
    Row("socketpair", "- SOCKETPAIR", input=b"x", out=b"x", status=0, alone=True),
    Row("s-goes-on-without-a-wrong-option", "-s -u - OPEN:f,creat,nosuchoption", input=b"x",
        status=0, files={"f": b"x"}, says=('E unknown option "nosuchoption"',), alone=True),
    Row("s-goes-on-to-255", "-s - FILE:/nonexist/x", status=255,
        says=('E open("/nonexist/x" ... No such file or directory',)),
    Row("write-error", "-u - OPEN:/dev/full", input=b"x", status=1,
        says=("E No space left on device",)),
    Row("no-second-address-after-a-failed-first", "FILE:/nonexist/x CREATE:made", status=1,
        files={"made": None}),
    Row("experimental-changes-nothing", "--experimental - PIPE", input=b"x", out=b"x", status=0,
        quiet=True, alone=True),
]

FILES = [
    Row("create", "-u - CREATE:out", input=b"hey", files={"out": b"hey"}, status=0),
    Row("create-empties", "-u - CREATE:out", input=b"hey", before={"out": b"longer"},
        files={"out": b"hey"}),
    Row("open-creat", "-u - OPEN:out,creat", input=b"hey", files={"out": b"hey"}),
    Row("open-overwrites-from-the-start", "-u - FILE:out", input=b"hey",
        before={"out": b"longer"}, files={"out": b"heyger"}),
    Row("open-append", "-u - FILE:out,append", input=b"hey", before={"out": b"a"},
        files={"out": b"ahey"}),
    Row("a-path-appends", "-u - ./out", input=b"hey", before={"out": b"a"},
        files={"out": b"ahey"}),
    Row("a-path-creates", "-u - ./out", input=b"hey", files={"out": b"hey"}),
    Row("a-path-is-read", "-u ./in -", before={"in": b"abc"}, out=b"abc"),
    Row("seek", "-u FILE:in,seek=2 -", before={"in": b"abcd"}, out=b"cd"),
    Row("ftruncate", "-u - FILE:out,ftruncate=2", before={"out": b"abcd"},
        files={"out": b"ab"}),
    Row("read-and-append", "- FILE:f!!FILE:f,append", input=b"x", before={"f": b"a"},
        alone=True, status=0),
    Row("a-fifo-of-its-own", "- PIPE:f", input=b"hey", out=b"hey", files={"f": None}),
    Row("open-missing", "- FILE:/nonexist/x", status=1,
        says=('E open("/nonexist/x", 02, 0666): No such file or directory',)),
    Row("create-in-a-missing-folder", "-u - CREATE:/nonexist/x", input=b"x", status=1,
        says=('E "/nonexist/x" ... No such file or directory',)),
    Row("gopen-a-folder", "- GOPEN:/", status=1, says=('E open("/" ... Is a directory',)),
    Row("create-cannot-be-read", "-u CREATE:x -", status=1, alone=True,
        before={"x": b"kept"}, files={}),
    Row("r-and-R", "-r left -R right - PIPE", input=b"xyz",
        files={"left": b"xyz", "right": b"xyz"}),
    Row("r-one-way", "-u -r left -R right - STDOUT", input=b"xyz", files={"left": b"xyz"}),
    Row("r-attached", "-rleft -u - STDOUT", input=b"xyz", files={"left": b"xyz"}),
    Row("r-cannot-be-opened", "-r /nonexist/r - PIPE", status=1,
        says=("E /nonexist/r ... No such file or directory",)),
    Row("r-with-names", "-r $PROGNAME.$COLOUR.$none -u - STDOUT", input=b"x",
        env={"COLOUR": "bleu"}, files={"socat.bleu.": b"x"}, alone=True),
    Row("r-with-braces", "-r a${COLOUR}b -u - STDOUT", input=b"x", env={"COLOUR": "bleu"},
        files={"ableub": b"x"}, alone=True),
    Row("r-with-a-real-dollar", ["-r", "\\$PROGNAME", "-u", "-", "STDOUT"], input=b"x",
        files={"$PROGNAME": b"x"}, alone=True),
    Row("lock-goes-away", "-L lock - PIPE", input=b"x", files={"lock": None}),
    Row("lock-is-there", "-L lock - PIPE", before={"lock": b"1\n"}, status=1,
        says=('E could not obtain lock "lock"',)),
    Row("lock-option-is-there", "- PIPE,lockfile=lock", before={"lock": b"1\n"}, status=1,
        says=('E lock ... "lock"',)),
    Row("lock-in-a-missing-folder", "-L /nonexist/l - PIPE", status=1,
        says=("E /nonexist/l ... No such file or directory",)),
    Row("lf-takes-all-messages", "-lf log -u FILE:/nonexist/x -", status=1, quiet=True),
    Row("lf-attached", "-lflog -u - STDOUT", input=b"x", files={"log": b""}),
    Row("unix-listen-on-an-existing-path", "- UNIX-LISTEN:there", before={"there": b"1"},
        status=1, says=('E "there" exists',)),
    Row("unix-missing", "- UNIX-CONNECT:/nonexist", status=1,
        says=("E No such file or directory",), ours=('W connect( ... AF=1 "/nonexist"',)),
    Row("unix-client-missing", "- UNIX:/nonexist", status=1,
        says=("E /nonexist: No such file or directory",)),
    Row("unix-sendto-missing", "-u - UNIX-SENDTO:/nonexist", input=b"x", status=1,
        says=("E No such file or directory",)),
    Row("unix-bind-in-a-missing-folder", "- UNIX-LISTEN:a/b/c", status=1,
        says=('E bind( ... {AF=1 "a/b/c"} ... No such file or directory',)),
    Row("termios-on-a-file", "-u FILE:in,echo=0 -", before={"in": b"x"}, status=1, alone=True,
        says=("E not a terminal",)),
]

LOGS = [
    Row("quiet-by-default", "-u - STDOUT", input=b"x", quiet=True),
    Row("dd-tells-notices", "-dd -u - STDOUT", input=b"ab",
        says=("N starting data transfer loop with FDs [0,0] and [1,1]",
              "N socket 1 (fd 0) is at EOF", "N exiting with status 0")),
    Row("d-d-is-dd", "-d -d -u - STDOUT", input=b"ab", says=("N exiting with status 0",)),
    Row("d-is-not-enough", "-d -u - STDOUT", input=b"ab", quiet=True),
    Row("ddd-tells-steps", "-ddd -u - STDOUT", input=b"ab",
        says=("I transferred 2 bytes from 0 to 1", "N exiting with status 0")),
    Row("d2-is-dd", "-d2 -u - STDOUT", input=b"ab", says=("N exiting with status 0",), alone=True),
    Row("d0-hides-warnings", ["-d0", "-", "SYSTEM:exit 3"], status=1, quiet=True, alone=True),
    Row("d0-shows-errors", "-d0 - FILE:/nonexist/x", status=1, says=("E open(",), alone=True),
    Row("the-last-d-counts", "-d4 -d0 -u - STDOUT", input=b"x", quiet=True, alone=True),
    Row("d5-is-refused", "-d5 - PIPE", status=1, out=b"", alone=True, says=("E -d5",)),
    Row("two-at-eof", "-dd - PIPE", input=b"x", out=b"x",
        says=("N socket 1 (fd 0) is at EOF", "N socket 2 (fd ... is at EOF")),
    Row("lp-names-the-lines", "-lpfoo -dd -u - STDOUT", input=b"x", says=("N exiting",)),
    Row("mixed-goes-silent", "-lm -dd -u - STDOUT", input=b"x", out=b"x", status=0,
        never=("is at EOF", "exiting with status")),
    Row("mixed-with-a-facility", "-lmlocal3 -u - STDOUT", input=b"x", out=b"x", quiet=True),
    Row("syslog-is-not-stderr", "-lyuser -dd -u - STDOUT", input=b"x", out=b"x", quiet=True),
    Row("ls-undoes-lf", "-lf log -ls -dd -u - STDOUT", input=b"x",
        says=("N exiting with status 0",), alone=True),
    Row("a-pty-is-told", "-dd -t 0.1 - PTY", says=("N PTY is /dev/pts/",)),
    Row("statistics", "--statistics - PIPE", input=b"hello", out=b"hello", alone=True, says=(
        "I STATISTICS: left to right: 1 packets(s), 5 byte(s)",
        "I STATISTICS: right to left: 1 packets(s), 5 byte(s)")),
    Row("statistics-one-way", "--statistics -u - STDOUT", input=b"hello", alone=True,
        says=("I STATISTICS: left to right: 1 packets(s), 5 byte(s)",),
        never=("right to left",)),
    Row("statistics-one-way-back", "--statistics -d0 -U STDOUT -", input=b"hello", alone=True,
        says=("I STATISTICS: right to left: 1 packets(s), 5 byte(s)",),
        never=("left to right",)),
]

NETWORK = [
    Row("refused", "- TCP:127.0.0.1:{dead}", status=1, says=("E Connection refused",),
        ours=("W connect( ... AF=2 127.0.0.1:{dead}, 16): Connection refused",
              "E TCP:127.0.0.1:{dead}: Connection refused")),
    Row("refused-quietly", "-d0 - TCP:127.0.0.1:{dead}", status=1, alone=True,
        says=("E TCP:127.0.0.1:{dead}: Connection refused",), never=(" W ",)),
    Row("refused-with-retries", "-dd - TCP:127.0.0.1:{dead},retry=2,interval=0.1", status=1,
        says=("N opening connection to AF=2 127.0.0.1:{dead}", "E Connection refused")),
    Row("unknown-host", "- TCP:nosuch.invalid:{dead}", status=1,
        says=("E nosuch.invalid ... not known",)),
    Row("unknown-host-udp", "- UDP:nosuch.invalid:{dead}", status=1, says=("E nosuch.invalid",)),
    Row("port-in-use", "TCP-LISTEN:{used} -", status=1,
        says=("E bind( ... {AF=2 0.0.0.0:{used}}, 16): Address already in use",)),
    Row("accept-timeout", "TCP-LISTEN:0,accept-timeout=0.1 -", status=0,
        ours=("W accept: Connection timed out",)),
    Row("accept-timeout-fork", "TCP-LISTEN:0,fork,accept-timeout=0.1 -", status=0,
        ours=("W accept: Connection timed out",)),
    Row("listen-says-where", "-dd TCP-LISTEN:0,accept-timeout=0.1 -", status=0,
        says=("N listening on AF=2 0.0.0.0:",)),
    Row("listen-on-ip6-by-option", "-dd -6 TCP-LISTEN:0,accept-timeout=0.1 -", status=0,
        alone=True, says=("N listening on AF=10 [",)),
    Row("listen-on-ip6-by-variable", "-dd TCP-LISTEN:0,accept-timeout=0.1 -", status=0,
        alone=True, env={"SOCAT_DEFAULT_LISTEN_IP": "6"}, says=("N listening on AF=10 [",)),
    Row("the-option-beats-the-variable", "-dd -4 TCP-LISTEN:0,accept-timeout=0.1 -", status=0,
        env={"SOCAT_DEFAULT_LISTEN_IP": "6"}, says=("N listening on AF=2 0.0.0.0:",)),
    Row("the-name-beats-the-option", "-dd -6 TCP4-LISTEN:0,accept-timeout=0.1 -", status=0,
        says=("N listening on AF=2 0.0.0.0:",)),
    Row("neither-version", "-dd -0 TCP-LISTEN:0,accept-timeout=0.1 -", status=0, alone=True,
        says=("N listening on AF=10 [",)),
    Row("ip4-is-preferred", "-dd - TCP:localhost:{dead}", status=1,
        says=("N opening connection to AF=2 127.0.0.1:{dead}",)),
    Row("udp-recv-says-where", "-dd -u -T 0.1 UDP-RECV:0 -", status=0, alone=True,
        says=("N bound ... AF=2 0.0.0.0:",)),
    Row("a-missing-namespace", "- TCP:127.0.0.1:1,netns=nosuch", status=1, alone=True,
        says=("E nosuch ... No such file or directory",)),
    Row("mixed-option-kinds", "- UDP-SENDTO:127.0.0.1:{dead},nodelay", status=1,
        says=('E option "nodelay" not supported with this address type',)),
]


def fill(row, **places):
    """A row whose expectations name the same places as its words."""
    put = lambda text: _put(text, places)
    return Row(**{**row.__dict__, "words": row.list(**places),
                  "says": tuple(map(put, row.says)), "ours": tuple(map(put, row.ours))})


def _put(text, places):
    for name, value in places.items():
        text = text.replace("{" + name + "}", str(value))
    return text


@rows(USAGE + QUOTES + TRANSFER + FILES + LOGS)
def test_plain(everybody, row):
    check(row, everybody, lambda runner, folder: plainly(runner, folder, row))


def plainly(runner, folder, row):
    env = {"SHELL": "/bin/sh", **row.env}
    result = runner(*row.list(), input=row.input, env=env, cwd=folder)
    return Outcome(result.status, result.out, result.err)


@rows(NETWORK)
def test_network(everybody, row):
    with tcp_server() as used, socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))  # nobody listens there, and nobody else gets it
        row = fill(row, used=used.getsockname()[1], dead=dead.getsockname()[1])
        check(row, everybody, lambda runner, folder: plainly(runner, folder, row))


# ---- the program as a client: a server of ours ---------------------------------------------------


def serve(kind):
    """A server of its own for each program: (socket, what stands for it in the command line)."""

    def make(folder):
        if kind == "tcp":
            server = tcp_server()
            return server, {"port": server.getsockname()[1]}
        if kind == "tcp6":
            server = tcp_server(socket.AF_INET6)
            return server, {"port": server.getsockname()[1]}
        server = unix_server(folder / "sock", {"unix": socket.SOCK_STREAM,
                                               "seqpacket": socket.SOCK_SEQPACKET}[kind])
        return server, {}

    return make


def answer(text):
    """Takes all until the end of input, then answers."""

    def talk(peer):
        got = read_all(peer)
        peer.sendall(text)
        return got

    return talk


def speak_first(text):
    """Says something, ends its own side, and takes the rest."""

    def talk(peer):
        peer.sendall(text)
        peer.shutdown(socket.SHUT_WR)
        return read_all(peer)

    return talk


def just_listen(peer):
    return read_all(peer)


def late_answer(peer):
    got = read_all(peer)
    time.sleep(1.1)
    peer.sendall(b"one ")
    time.sleep(1.1)
    peer.sendall(b"two")
    return got


def hang_up(peer):
    """Resets the connection."""
    got = read_exactly(peer, 1)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    return got


CLIENTS = [
    ("tcp", Row("tcp", "- TCP:127.0.0.1:{port}", input=b"abc", talk=answer(b"xyz"), got=b"abc",
                out=b"xyz", status=0, quiet=True)),
    ("tcp", Row("tcp-by-name", "- TCP-CONNECT:localhost:{port}", input=b"abc", talk=answer(b"xyz"),
                got=b"abc", out=b"xyz", status=0)),
    ("tcp", Row("tcp-in-any-case", "- tcp4:127.0.0.1:{port},NoDelay", input=b"abc",
                talk=answer(b"xyz"), got=b"abc", out=b"xyz")),
    ("tcp6", Row("tcp6", "- TCP6:[::1]:{port}", input=b"abc", talk=answer(b"xyz"), got=b"abc",
                 out=b"xyz", status=0)),
    ("tcp6", Row("tcp-literal-ip6", "- TCP:[::1]:{port}", input=b"abc", talk=answer(b"xyz"),
                 got=b"abc", out=b"xyz", status=0)),
    ("tcp", Row("one-way-out", "-u - TCP:127.0.0.1:{port}", input=b"abc", talk=just_listen,
                got=b"abc", status=0)),
    ("tcp", Row("one-way-in", "-u TCP:127.0.0.1:{port} -", talk=speak_first(b"xyz"), out=b"xyz",
                got=b"", status=0)),
    ("tcp", Row("one-way-back", "-U - TCP:127.0.0.1:{port}", talk=speak_first(b"xyz"), out=b"xyz",
                status=0)),
    ("tcp", Row("slow-answers-are-waited-for", "-t 2 - TCP:127.0.0.1:{port}", input=b"abc",
                talk=late_answer, got=b"abc", out=b"one two", status=0)),
    ("tcp", Row("the-server-ends-first", "- TCP:127.0.0.1:{port}", input=b"abc",
                talk=speak_first(b"xyz"), got=b"abc", out=b"xyz", status=0)),
    ("tcp", Row("crlf", "- TCP:127.0.0.1:{port},crlf", input=b"a\nb\n", talk=answer(b"c\r\nd\r\n"),
                got=b"a\r\nb\r\n", out=b"c\nd\n")),
    ("tcp", Row("exec-to-tcp", "EXEC:cat TCP:127.0.0.1:{port}", talk=speak_first(b"echo"),
                got=b"echo", status=0)),
    ("tcp", Row("dual-with-a-file", "- FILE:in!!TCP:127.0.0.1:{port}", input=b"abc",
                before={"in": b"from the file"}, talk=just_listen, got=b"abc",
                out=b"from the file")),
    ("tcp", Row("a-much-larger-file", "-u FILE:big TCP:127.0.0.1:{port}",
                before={"big": random_bytes(300000)}, talk=just_listen, got=random_bytes(300000),
                status=0)),
    ("tcp", Row("big-without-a-shutdown", "-u FILE:in TCP:127.0.0.1:{port},shut-none",
                before={"in": b"abc"}, talk=just_listen, got=b"abc", status=0)),
    ("tcp", Row("notices-of-a-client", "-dd - TCP:127.0.0.1:{port}", input=b"a", talk=answer(b""),
                got=b"a", status=0, says=(
                    "N opening connection to AF=2 127.0.0.1:",
                    "N successfully connected from local address AF=2 127.0.0.1:",
                    "N starting data transfer loop with FDs [0,1] and [5,5]"))),
    ("tcp", Row("a-reset-is-an-error", "-u TCP:127.0.0.1:{port} -", talk=lambda peer: peer.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"), status=1,
        says=("E Connection reset by peer",), alone=True)),
    ("unix", Row("unix", "- UNIX:sock", input=b"abc", talk=answer(b"xyz"), got=b"abc", out=b"xyz",
                 status=0, quiet=True)),
    ("unix", Row("unix-connect", "- UNIX-CONNECT:sock", input=b"abc", talk=answer(b"xyz"),
                 got=b"abc", out=b"xyz", status=0)),
    ("unix", Row("unix-by-path", "- ./sock", input=b"abc", talk=answer(b"xyz"), got=b"abc",
                 out=b"xyz", status=0)),
    ("unix", Row("unix-bound", "- UNIX-CONNECT:sock,bind=mine", input=b"abc", talk=answer(b"xyz"),
                 got=b"abc", out=b"xyz", files={"mine": None})),
    ("unix", Row("unix-bind-tempname", "- UNIX-CONNECT:sock,bind-tempname=my.XXXXXX", input=b"abc",
                 talk=lambda peer: (re.fullmatch(r"my\.[A-Za-z0-9]{6}", peer.getpeername())
                                    is not None, answer(b"xyz")(peer)),
                 got=(True, b"abc"), out=b"xyz", alone=True)),
    ("unix", Row("unix-bind-tempname-without-a-value", "- UNIX-CONNECT:sock,bind-tempname",
                 input=b"abc", talk=lambda peer: (peer.getpeername()[:5],
                                                  answer(b"xyz")(peer)),
                 got=("/tmp/", b"abc"), out=b"xyz", status=0, alone=True)),
    ("seqpacket", Row("unix-seqpacket", "- UNIX-CONNECT:sock,socktype=5", input=b"abc",
                      talk=answer(b"xyz"), got=b"abc", out=b"xyz", alone=True)),
]


@rows([row for _, row in CLIENTS])
def test_as_client(everybody, row):
    make = serve(next(kind for kind, other in CLIENTS if other is row))

    def run(runner, folder):
        server, places = make(folder)
        with server:

            def one():
                with accept(server) as peer:
                    return row.talk(peer)

            served = Background(one)
            result = runner(*row.list(**places), input=row.input, cwd=folder,
                            env={"SHELL": "/bin/sh", **row.env})
            outcome = Outcome(result.status, result.out, result.err, served.result())
        if server.family == socket.AF_UNIX:
            (folder / "sock").unlink()
        return outcome

    check(row, everybody, run)


# ---- the program as a server: clients of ours ----------------------------------------------------


def place_of(process):
    """Where a program listens, from its log: (host, port), or a path."""
    process.expect_err(WHERE)
    where = WHERE.search(process.err)[1].decode().strip('"')
    host, _, port = where.rpartition(":")
    if not port.isdigit():
        return str(Path(f"/proc/{process.pid}/cwd").resolve() / where)
    host = "::1" if "[" in host else "127.0.0.1" if host == "0.0.0.0" else host
    return host, int(port)


def dial(where, kind=socket.SOCK_STREAM):
    family = socket.AF_UNIX if isinstance(where, str) else (
        socket.AF_INET6 if ":" in where[0] else socket.AF_INET)

    def reached():
        peer = socket.socket(family, kind)
        peer.settimeout(DEADLINE)
        try:
            peer.connect(where)
        except ConnectionRefusedError:  # bound, and about to listen
            peer.close()
            return None
        return peer

    return wait_until(reached, what=f"somebody who listens at {where}")


def ask(*texts, close=True):
    """Clients one after the other: each says its text, ends, and takes the answer."""

    def talk(where):
        got = []
        for text in texts:
            with dial(where) as peer:
                peer.sendall(text)
                peer.shutdown(socket.SHUT_WR)
                got.append(read_all(peer))
        return got

    return talk


def ask_together(*texts):
    """Clients that are all connected before the first of them ends."""

    def talk(where):
        peers = [dial(where) for _ in texts]
        for peer, text in zip(peers, texts):
            peer.sendall(text)
        got = [read_exactly(peer, len(text)) for peer, text in zip(peers, texts)]
        for peer in peers:
            peer.close()
        return got

    return talk


def ask_datagrams(*texts):
    """Datagrams from one socket, each answered before the next."""

    def talk(where):
        got = []
        with dial(where, socket.SOCK_DGRAM) as peer:
            for text in texts:
                peer.send(text)
                got.append(peer.recv(65536))
            peer.send(b"")
        return got

    return talk


def tell_datagrams(*texts):
    def talk(where):
        with dial(where, socket.SOCK_DGRAM) as peer:
            for text in texts:
                peer.send(text)

    return talk


def stays(where):
    """A client that neither speaks nor goes until the program hangs up."""
    with dial(where) as peer:
        return read_all(peer)


ENV = "env | grep -E \"^{prefix}_(PEERADDR|SOCKADDR|SOCKPORT)=\" | sort | sed \"s/[0-9]*$//\""

SERVERS = [
    Row("tcp-listen", "TCP-LISTEN:0,bind=127.0.0.1 -", input=b"xyz", talk=ask(b"abc"),
        got=[b"xyz"], out=b"abc", status=0),
    Row("tcp-listen-echo", "TCP4-LISTEN:0,reuseaddr PIPE", talk=ask(b"abc"), got=[b"abc"],
        status=0),
    Row("tcp-listen-6", "TCP6-LISTEN:0,bind=[::1] PIPE", talk=ask(b"abc"), got=[b"abc"], status=0),
    Row("tcp-l", "tcp-l:0 exec:cat", talk=ask(b"abc"), got=[b"abc"], status=0),
    Row("fork", "TCP-LISTEN:0,fork PIPE", talk=ask(b"abc", b"def", b"g"),
        got=[b"abc", b"def", b"g"], status=143, says=("N forked off child process",
                                                      "W exiting on signal 15")),
    Row("fork-at-once", "TCP-LISTEN:0,fork,backlog=8 EXEC:cat",
        talk=ask_together(b"abc", b"def", b"ghi"), got=[b"abc", b"def", b"ghi"], status=143),
    Row("max-children", "TCP-LISTEN:0,fork,max-children=1 PIPE", talk=ask(b"abc", b"def"),
        got=[b"abc", b"def"], status=143),
    Row("fork-system", ["TCP-LISTEN:0,fork", "SYSTEM:'read a; echo \"<$a>\"'"],
        talk=ask(b"abc\n", b"d e\n"), got=[b"<abc>\n", b"<d e>\n"], status=143),
    Row("the-addresses-in-the-environment",
        ["TCP-LISTEN:0,fork", "SYSTEM:'" + ENV.replace("{prefix}", "SOCAT") + "'"],
        talk=ask(b""), got=[b"SOCAT_PEERADDR=127.0.0.\nSOCAT_SOCKADDR=127.0.0.\n"
                            b"SOCAT_SOCKPORT=\n"], status=143),
    Row("the-prefix-is-lp", ["-lpecho", "TCP-LISTEN:0,fork",
                             "SYSTEM:'" + ENV.replace("{prefix}", "ECHO") + "'"],
        talk=ask(b""), got=[b"ECHO_PEERADDR=127.0.0.\nECHO_SOCKADDR=127.0.0.\n"
                            b"ECHO_SOCKPORT=\n"], status=143),
    Row("the-pids-in-the-environment",
        ["TCP-LISTEN:0,fork", "SYSTEM:'test $SOCAT_PID -gt 1 && test $SOCAT_PPID -gt 1 && "
                              "test $SOCAT_PID != $SOCAT_PPID && echo two'"],
        talk=ask(b""), got=[b"two\n"], status=143),
    Row("ip6-in-the-environment",
        ["TCP6-LISTEN:0,bind=[::1],fork", "SYSTEM:'echo $SOCAT_PEERADDR'"], talk=ask(b""),
        got=[b"[0000:0000:0000:0000:0000:0000:0000:0001]\n"], status=143),
    Row("range-admits", "TCP-LISTEN:0,range=127.0.0.0/8 PIPE", talk=ask(b"abc"), got=[b"abc"],
        status=0),
    Row("range-refuses", "TCP-LISTEN:0,fork,range=10.0.0.0/8 PIPE", talk=stays, got=b"",
        status=143, says=("W refusing connection from ... due to range option",)),
    Row("accepting-is-told", "TCP-LISTEN:0 PIPE", talk=ask(b"x"), got=[b"x"], status=0,
        says=("N listening on AF=2 0.0.0.0:",
              "N accepting connection from AF=2 127.0.0.1: ... on AF=2 127.0.0.1:",
              "N starting data transfer loop with FDs [", "N exiting with status 0")),
    Row("T-limits-a-silent-client", "-T 0.3 TCP-LISTEN:0 PIPE", talk=stays, got=b"", status=0,
        says=("N inactivity timeout triggered",)),
    Row("two-listeners", ["TCP-LISTEN:0", "SYSTEM:cat,pipes"], talk=ask(b"abc"), got=[b"abc"],
        status=0),
    Row("reuseaddr-as-zero", "TCP-LISTEN:0,reuseaddr=0 PIPE", talk=ask(b"x"), got=[b"x"],
        status=0),
    Row("children-with-their-own-dumps", "-r dump.$SOCAT_PEERADDR TCP-LISTEN:0,fork PIPE",
        talk=ask(b"abc"), got=[b"abc"], status=143, files={"dump.127.0.0.1": b"abc"}, alone=True),
    Row("a-lock-is-the-parents", "-L lock TCP-LISTEN:0,fork PIPE", talk=ask(b"abc", b"d"),
        got=[b"abc", b"d"], status=143, files={"lock": None}),
    Row("unix-listen", "UNIX-LISTEN:sock PIPE", talk=ask(b"abc"), got=[b"abc"], status=0,
        files={"sock": None}),
    Row("unix-listen-fork", "UNIX-LISTEN:sock,fork EXEC:cat", talk=ask(b"abc", b"d"),
        got=[b"abc", b"d"], status=143, files={"sock": None}),
    Row("unix-listen-in-the-way", "UNIX-LISTEN:sock,unlink-early,fork PIPE",
        before={"sock": b"in the way"}, talk=ask(b"abc"), got=[b"abc"], status=143),
    Row("unix-listen-perm-early", ["UNIX-LISTEN:sock,perm-early=0600,fork",
                                   "SYSTEM:'stat -c %a sock'"],
        talk=ask(b""), got=[b"600\n"], status=143),
    Row("unix-peer-in-the-environment",
        ["UNIX-LISTEN:sock,fork", "SYSTEM:'echo \"$SOCAT_SOCKADDR\"'"], talk=ask(b""),
        got=[b"sock\n"], status=143),
    Row("udp-listen", "UDP-LISTEN:0 PIPE", talk=ask_datagrams(b"abc", b"de"),
        got=[b"abc", b"de"], status=0),
    Row("udp-recvfrom-answers", ["UDP-RECVFROM:{port}", "SYSTEM:cat"], talk=lambda where:
        ask_one_datagram(where, b"abc"), got=b"abc", status=0),
    Row("udp-recvfrom-fork", ["UDP-RECVFROM:{port},fork", "SYSTEM:'read a; echo \"$a!\"'"],
        talk=lambda where: [ask_one_datagram(where, text) for text in (b"a\n", b"b\n")],
        got=[b"a!\n", b"b!\n"], status=143, alone=True),
    Row("udp-recvfrom-peer", ["UDP-RECVFROM:{port},fork", "SYSTEM:'echo $SOCAT_PEERADDR'"],
        talk=lambda where: ask_one_datagram(where, b"?"), got=b"127.0.0.1\n", status=143,
        alone=True),  # on a busy machine socat loses an answer that comes so early
]


def ask_one_datagram(where, text):
    """One datagram, one answer."""
    with dial(where, socket.SOCK_DGRAM) as peer:
        peer.send(text)
        return peer.recv(65536)


def is_bound(port):
    """Whether somebody has a UDP socket on the port."""
    return f":{port:04X} " in Path("/proc/net/udp").read_text()


def listening(runner, folder, row, places):
    """Starts a row that listens, and waits until it does."""
    process = runner.start("-dd", *row.list(**places), cwd=folder,
                           env={"SHELL": "/bin/sh", **row.env})
    if "port" in places:
        wait_until(lambda: is_bound(places["port"]), what="the port")
        return process, ("127.0.0.1", places["port"])
    return process, place_of(process)


@needs_linux
@rows(SERVERS)
def test_as_server(everybody, row):
    def run(runner, folder):
        places = {"port": free_port(socket.SOCK_DGRAM)} if "{port}" in str(row.words) else {}
        process, where = listening(runner, folder, row, places)
        if row.input:
            process.send(row.input)
            process.end_input()
        got = row.talk(where)
        result = process.stop() if row.status == 143 else process.wait()
        return Outcome(result.status, result.out, result.err, got)

    check(row, everybody, run)


# ---- what is dumped and how lines look -----------------------------------------------------------

ODD = bytes(range(256)) + b"\nline two\n" + b"a longer line of text with \xc3\xa9 and \\ in it\n"


def undated(err):
    """Dumps and log lines without date, and without what differs from run to run."""
    text = re.sub(rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(\.\d+)?", b"DATE", err)
    return re.sub(rb"\[\d+\]", b"[PID]", text)


@pytest.mark.parametrize("words", ["-v", "-x", "-v -x", "-x -v", "-v -lu", "-v -b7", "-x -b 16"])
@pytest.mark.parametrize("way", ["-u - STDOUT", "-U STDOUT -"])
@pytest.mark.parametrize("data", [ODD, b"no end of line", b"\n", random_bytes(20000)],
                         ids=["odd", "short", "newline", "long"])
def test_dumps_are_the_same(everybody, tmp, words, way, data):
    """The same heads, offsets, rows and block lengths, from a file that is there at once."""
    said = []
    for _, runner, _ in everybody(False):
        (tmp / "in").write_bytes(data)
        with open(tmp / "in", "rb") as stdin:
            result = runner(*words.split(), *way.split(), stdin=stdin)
        assert (result.status, result.out) == (0, data), result
        said.append(undated(result.err))
    head = rb"[<>] DATE  length=\d+ from=0 to=\d+\n"
    assert re.match(head, said[0]), said
    if "-b" not in words:
        assert (b"length=%d " % min(len(data), 8192)) in said[0], said
    assert all(other == said[0] for other in said), said


def test_dumps_have_six_digits_behind_the_second(face):
    assert re.match(rb"> \d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6}  length=1 from=0 to=0\nx",
                    face("-v", "-u", "-", "STDOUT", input=b"x").err)


def test_dumps_show_what_is_written(everybody):
    for _, runner, _ in everybody(False):
        result = runner("-x", "-u", "-", "-,crlf", input=b"a\n")
        assert (result.out, b" 61 0d 0a\n" in result.err) == (b"a\r\n", True), result


@pytest.mark.parametrize("words, micros, host, name", [
    ("-dd", False, False, "socat"),
    ("-lu -dd", True, False, "socat"),
    ("-lh -dd", False, True, "socat"),
    ("-lh -lu -lp waiter -dd", True, True, "waiter"),
    ("-lpmaître -dd", False, False, "maître"),
])
def test_the_layout_of_lines(everybody, words, micros, host, name):
    for _, runner, _ in everybody(False):
        result = runner(*words.split(), "-u", "-", "STDOUT", env={"HOSTNAME": "here"})
        lines = result.text.splitlines()
        assert lines
        for line in lines:
            found = HEAD.fullmatch(line)
            assert found, line
            assert (found["micros"] is not None, found["host"], found["name"]) == (
                micros, "here" if host else None, name), line


def test_notices_of_a_transfer_come_in_the_same_order(everybody):
    wanted = ("starting data transfer", "socket 1", "socket 2", "exiting with")
    seen = []
    for _, runner, _ in everybody(False):
        lines = Messages(runner("-dd", "-", "PIPE", input=b"x").err).at("N")
        seen.append([re.sub(r"fd \d+", "fd", line) for line in lines
                     if line[2:].startswith(wanted)])
    assert len(seen[0]) == 4 and all(other == seen[0] for other in seen), seen


def test_a_log_file_is_appended_to(everybody):
    for _, runner, folder in everybody(False):
        for _ in range(2):
            result = runner("-dd", "-lf", "log", "-u", "-", "STDOUT")
            assert result.err == b"", result
        log = Messages((folder / "log").read_bytes())
        assert len([line for line in log.lines if "exiting with status 0" in line]) == 2, log.text


def test_D_describes_the_descriptors(everybody):
    for _, runner, _ in everybody(False):
        result = runner("-D", "-u", "-", "STDOUT", input=b"x")
        assert (result.status, result.out) == (0, b"x"), result
        assert re.search(rb"FD +type", result.err), result
        assert re.search(rb"\b0:? +pipe", result.err) and re.search(rb"\b1:? +pipe", result.err)


# ---- names, version, help ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["socat", "socat1"])
def test_the_name_of_the_link_counts(runners, tmp, name):
    (tmp / name).symlink_to(NETTOOL)
    result = runners(Peer, str(tmp / name))(
        "-dd", "-u", "SYSTEM:env", "-")
    assert Messages(result.err).lines and f" {name}[" in result.text, result
    assert f"{name.upper()}_PID=".encode() in result.out, result


def test_socat_as_the_first_word(runners):
    runner = runners(Peer, [NETTOOL, "socat"])
    result = runner("-dd", "-u", "SYSTEM:env", "-")
    assert " socat[" in result.text and b"SOCAT_VERSION=" in result.out, result
    assert runner("-q").status == 1


def test_the_words_stay_as_they_are(face):
    """Other tools find the process by its command line."""
    words = ["-T", "60", "-lp", "other", "-", "EXEC:'sleep 60',pty"]
    process = face.start(*words)
    wait_until(lambda: is_asleep(process.pid))
    shown = Path(f"/proc/{process.pid}/cmdline").read_bytes().decode().split("\0")[:-1]
    assert shown == [face.program[0], *words]
    assert process.stop().status == 143


FEATURE = re.compile(r" +#(?:define WITH_(\w+) 1|undef WITH_(\w+))|"
                     r" +#define WITH_(?:MSGLEVEL|DEFAULT_IPV) .*")


def test_version(everybody):
    known = []
    for _, runner, _ in everybody(False):
        result = runner("-V")
        lines = result.printed.splitlines()
        assert (result.status, result.err) == (0, b""), result
        assert re.search(r" version \d+\.\d+\.\d+\.\d+ on ", lines[1]), lines
        assert lines[2].lstrip().startswith("running on Linux version"), lines
        assert lines[3] == "features:", lines
        for line in lines[4:]:
            assert FEATURE.fullmatch(line), line
        known.append({name for line in lines[4:] for name in FEATURE.fullmatch(line).groups()})
    # words of the older release that the newer one doesn't have any more
    assert known[-1] - known[0] <= {"EXT2", "EXT3", "EXT4", "FS"}, known


def test_help(face):
    result = face("-h")
    assert (result.status, result.err) == (0, b""), result
    options = re.findall(r"^ +(-[-\w]+)", result.printed, re.M)
    for option in ("-V", "-h", "-hh", "-hhh", "-d0", "-D", "-ls", "-lu", "-r", "-R", "-S", "-0",
                   "-4", "-6", "--experimental", "--statistics"):
        assert any(word.startswith(option) for word in options), option
    addresses = re.findall(r"^      ([A-Z0-9-]+)\S*\t+groups=([A-Z0-9,_]+)$", result.printed, re.M)
    names = [name for name, _ in addresses]
    assert {"EXEC", "TCP-CONNECT", "UNIX-LISTEN", "PIPE"} <= set(names)
    assert names == sorted(names)
    assert "   opts:" not in result.printed


def test_deep_help(face):
    result = face("-hh")
    head, _, options = result.printed.partition("   opts:\n      <opt>{,<opts>}:\n   opt:\n")
    assert head and options and result.status == 0
    row = re.compile(r" +[-\w]+\tgroups=\S+\tphase=[A-Z0-9]+\ttype=\S+")
    assert all(row.fullmatch(line) for line in options.splitlines())
    longer = face("-hhh").printed
    assert re.search(r"^ +TCP is an alias name for TCP-CONNECT$", longer, re.M)
    assert re.search(r"^ +reuseaddr is an alias for so-reuseaddr$", longer, re.M)


@pytest.mark.parametrize("words", ["-vx - -", "-uv - -", "-sg - -", "-xd - -", "-4v - -"])
def test_letters_are_not_merged(everybody, words):
    for _, runner, _ in everybody(False):
        result = runner(*words.split())
        assert (result.status, result.out) == (1, b""), result
        assert "Do not merge single character options" in result.text, result
        assert len(result.text.splitlines()) == 1, result


# ---- signals, locks, waiting ---------------------------------------------------------------------


@pytest.mark.parametrize("number, level", [(signal.SIGTERM, "W"), (signal.SIGHUP, "N"),
                                           (signal.SIGINT, "N"), (signal.SIGQUIT, "E")],
                         ids=["term", "hup", "int", "quit"])
def test_signals(everybody, number, level):
    for name, runner, folder in everybody(number == signal.SIGQUIT):  # which leaves the socket
        process = runner.start("-dd", "UNIX-LISTEN:sock,fork", "PIPE")
        process.expect_err(b"listening on")
        assert (folder / "sock").is_socket()
        result = process.stop(number)
        assert result.status == 128 + number and not (folder / "sock").exists(), result
        found = Messages(result.err).at("FEWN")
        if name == "ours":
            assert f"{level} exiting on signal {int(number)}" in found, result
        assert any(line.endswith(f"exiting on signal {int(number)}") for line in found), result


@pytest.mark.parametrize("mask, number, told", [
    ("0", signal.SIGTERM, False),
    ("0x8000", signal.SIGTERM, True),
    ("32768", signal.SIGTERM, True),
    ("0x8000", signal.SIGINT, False),
    ("0x1000", signal.SIGUSR2, True),
    # bug 14 of the list below
    (hex(1 << 40), signal.Signals(40) if 40 in list(signal.Signals) else 40, True),
])
def test_the_mask_of_signals(face, mask, number, told):
    """Bit n stands for signal n, beyond 31 too; others keep what they do by themselves."""
    process = face.start("-S", mask, "-dd", "-", "PIPE")
    process.expect_err(b"starting data transfer loop")
    result = process.stop(number)
    assert result.status == 128 + number, result
    assert (f"exiting on signal {int(number)}" in result.text) == told, result


def test_usr1_prints_statistics(face):
    process = face.start("-d0", "-", "PIPE")
    process.send(b"hello")
    process.expect_out(b"hello")
    process.send_signal(signal.SIGUSR1)
    process.expect_err(re.compile(rb" I STATISTICS: right to left: 1 packets\(s\), 5 byte\(s\)\n"))
    process.send(b" again")
    process.expect_out(b"hello again")
    assert process.wait().status == 0


def test_usr1_before_the_transfer(face):
    process = face.start("-dd", "TCP-LISTEN:0", "PIPE")
    process.expect_err(b"listening on")
    process.send_signal(signal.SIGUSR1)
    process.expect_err(re.compile(rb" W [^\n]*statistics"))
    assert process.stop().status == 143


def test_the_lock_holds_the_pid(everybody):
    for _, runner, folder in everybody(False):
        process = runner.start("-L", "lock", "-", "PIPE")
        wait_until(lambda: (folder / "lock").exists() and (folder / "lock").read_bytes())
        # older ones leave out the end of the line
        wanted = b"%d\n" % process.pid if runner.folder.name == "ours" else b"%d" % process.pid
        wait_until(lambda: (folder / "lock").read_bytes().startswith(wanted))
        assert process.stop().status == 143
        assert not (folder / "lock").exists()


def test_W_waits_for_the_lock(everybody):
    for _, runner, folder in everybody(False):
        (folder / "lock").write_bytes(b"1\n")
        process = runner.start("-dd", "-W", "lock", "-", "PIPE")
        process.expect_err(re.compile(rb' N waiting for lock "lock'))
        assert process.running and b"starting" not in process.err
        (folder / "lock").unlink()
        process.expect_err(b"starting data transfer loop")
        assert process.wait().status == 0 and not (folder / "lock").exists()


def test_transfer_wait_holds_the_transfer_back(face):
    """Both addresses are open, and nothing is read yet."""
    process = face.start("-", "EXEC:cat", env={"SOCAT_TRANSFER_WAIT": "600"})
    process.send(b"early")
    process.end_input()
    wait_until(lambda: Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())
    wait_until(lambda: is_asleep(process.pid))
    assert process.running and process.out == b""
    assert process.stop().status == 143


def test_a_listener_without_end_is_ended_while_it_waits(everybody):
    for _, runner, _ in everybody(False):
        process = runner.start("-dd", "TCP-LISTEN:0", "-")
        process.expect_err(b"listening on")
        assert process.stop(signal.SIGINT).status == 130


# ---- places and people ---------------------------------------------------------------------------


def test_a_pty_has_a_link_while_it_lives(everybody):
    for _, runner, folder in everybody(False):
        process = runner.start("-", "PTY,link=term,raw,echo=0")
        wait_until(lambda: (folder / "term").is_symlink())
        with open(folder / "term", "r+b", buffering=0) as slave:
            process.send(b"to the terminal")
            assert read_exactly(slave, 15) == b"to the terminal"
            slave.write(b"and back")
            process.expect_out(b"and back")
        assert process.wait().status == 0
        assert not (folder / "term").is_symlink()


@needs_root
@needs_linux
def test_preferred_version_of_names(face, program, tmp):
    """A name with an address of each version, known in a mount namespace of the test's own."""
    (tmp / "hosts").write_text("::1 both\n127.0.0.1 both\n")
    inside = 'mount --bind "$0" /etc/hosts && exec "$@"'
    unshare = program("unshare", "-m", "sh", "-c", inside, tmp / "hosts", *face.program)
    if unshare("-V").status != 0:
        pytest.skip("no mount namespace can be made here")
    with socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))
        where = f"TCP:both:{dead.getsockname()[1]},ai-addrconfig=0"
        for words, env, wanted in (
            ([], {}, ["2", "10"]),
            (["-6"], {}, ["10", "2"]),
            ([], {"SOCAT_PREFERRED_RESOLVE_IP": "6"}, ["10", "2"]),
            (["-4"], {"SOCAT_PREFERRED_RESOLVE_IP": "6"}, ["2", "10"]),
        ):
            result = unshare("-dd", *words, "-", where, env=env)
            tried = re.findall(r"N opening connection to AF=(\d+)", result.text)
            assert (tried, result.status) == (wanted, 1), (words, env, result)
            assert len(Messages(result.err).at("E")) == 1, result


def test_umask_and_chdir_are_of_one_address(face, tmp):
    (tmp / "ours").mkdir()
    (tmp / "ours" / "sub").mkdir()
    result = face("-u", "FILE:in,chdir=sub", "CREATE:out,umask=077", cwd=tmp / "ours")
    assert result.status == 1 and 'open("in"' in result.text, result
    (tmp / "ours" / "sub" / "in").write_bytes(b"x")
    assert face("-u", "FILE:in,chdir=sub", "CREATE:out,umask=077", cwd=tmp / "ours").status == 0
    made = tmp / "ours" / "out"
    assert made.read_bytes() == b"x" and stat.S_IMODE(made.stat().st_mode) == 0o600


@pytest.mark.parametrize("clients", ["unix", "tcp"])
def test_ours_and_theirs_talk_to_each_other(everybody, tmp, clients):
    """Either of the two listens, the other one connects: both files arrive whole."""
    there, back = random_bytes(200000, 1), random_bytes(150000, 2)
    people = everybody(False)
    for _, server, folder in people:
        for _, client, other in people:
            if server is client and len(people) > 1:
                continue
            (folder / "back").write_bytes(back)
            (other / "there").write_bytes(there)
            address = f"UNIX-LISTEN:{tmp}/s" if clients == "unix" else "TCP-LISTEN:0"
            process = server.start("-dd", address, "FILE:back!!CREATE:got", cwd=folder)
            process.expect_err(b"listening on")
            where = f"UNIX:{tmp}/s" if clients == "unix" else (
                f"TCP:127.0.0.1:{place_of(process)[1]}")
            result = client("FILE:there!!CREATE:got", where, cwd=other)
            assert (result.status, process.wait().status) == (0, 0), (result, process.err)
            assert (folder / "got").read_bytes() == there
            assert (other / "got").read_bytes() == back


# ---- what socat itself gets wrong, and we do not ------------------------------------------------
#
# The last section of the list of differences; numbers are those of the list. Message queues (5)
# and the names in certificates (13) belong to addresses with tests of their own.


def test_bug_1_max_children_needs_fork_on_clients_too(face):
    with tcp_server() as server:
        result = face("-", f"TCP:127.0.0.1:{server.getsockname()[1]},max-children=2")
        assert result.status == 1 and "not allowed without option fork" in result.text, result
        server.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody has come
            server.accept()


def test_bug_2_forked_clients_know_their_pid(face):
    with tcp_server() as server:
        process = face.start(
            f"TCP:127.0.0.1:{server.getsockname()[1]},fork,interval=0.01",
            "SYSTEM:'echo $PPID $SOCAT_PID $SOCAT_PPID'", endless=True)
        with accept(server) as peer:
            session, own, first = map(int, read_all(peer).split())
        assert own == session and first == process.pid and own != first


def test_bug_3_braces_in_names_of_copies(face, tmp):
    result = face("-r", "${KIND}-$$.raw", "-u", "-", "STDOUT", input=b"x", env={"KIND": "left"},
                  cwd=tmp)
    assert result.status == 0
    assert [path.name for path in tmp.glob("left-[0-9]*.raw")], list(tmp.iterdir())


@needs_linux
def test_bug_4_a_temporary_name_without_a_value(face, tmp):
    """Everybody can answer a datagram client that asks for a name and doesn't care which."""
    with unix_server(tmp / "sock", socket.SOCK_DGRAM) as server:
        process = face.start("-", f"UNIX-SENDTO:{tmp}/sock,bind-tempname")
        process.send(b"ask")
        data, name = server.recvfrom(100)
        assert data == b"ask" and name.startswith("/tmp/"), name
        server.sendto(b"answer", name)
        process.expect_out(b"answer")
        assert process.wait().status == 0
        assert not os.path.exists(name)


@needs_linux
def test_bug_6_an_inherited_listener_exports_the_ports(face):
    with tcp_server() as server:
        process = face.start(f"ACCEPT-FD:{server.fileno()}",
                             "SYSTEM:'echo $SOCAT_PEERPORT $SOCAT_SOCKPORT'",
                             pass_fds=(server.fileno(),))
        with dial(server.getsockname()) as peer:
            mine = peer.getsockname()[1]
            assert read_all(peer) == b"%d %d\n" % (mine, server.getsockname()[1])
        assert process.wait().status == 0


@needs_linux
def test_bug_7_connect_timeout_says_what_it_was(face):
    """A listener whose queue is full doesn't answer."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = []
        try:
            for _ in range(8):
                peer = socket.socket()
                peer.setblocking(False)
                waiting.append(peer)
                peer.connect_ex(server.getsockname())
            result = face("-", f"TCP:127.0.0.1:{server.getsockname()[1]},connect-timeout=0.3")
        finally:
            for peer in waiting:
                peer.close()
    assert result.status == 1, result
    assert "timed out" in result.text and "in progress" not in result.text, result


def test_bug_8_a_level_that_is_none_ends_it(face):
    result = face("-d5", "-", "PIPE", input=b"x")
    assert (result.status, result.out) == (1, b"") and "-d5" in result.text, result


def test_bug_9_the_usage_of_socketpair(face):
    result = face("-", "SOCKETPAIR:x")
    assert result.status == 1 and result.text.endswith("usage: SOCKETPAIR\n"), result
    assert re.search(r"^      SOCKETPAIR\t", face("-h").printed, re.M)


@pytest.mark.parametrize("address, message", [
    ("TCP:127.0.0.1:{dead},tcp-md5sig", "md5sig"),
    ("TCP:127.0.0.1:{dead},md5sig", "md5sig"),
    ("TCP6:[::1]:{dead},ipv6-flowinfo=1", "refused"),
    ("UDP6:[::1]:{dead},flowinfo=1", None),
])
def test_bug_10_options_that_were_lost(face, address, message):
    with socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))
        result = face("-", address.replace("{dead}", str(dead.getsockname()[1])))
    assert "unknown option" not in result.text, result
    assert message is None or message in result.text, result


@pytest.mark.parametrize("word", ["children-shutup", "child-shutup=1"])
def test_bug_11_children_shut_up(face, word):
    """In the children an error becomes a warning, which -d0 doesn't show."""
    for level, shown in (("-d0", False), ("-d1", True)):
        process = face.start(level, "-lp", "quiet", f"UNIX-LISTEN:sock,unlink-early,fork,{word}",
                             "FILE:/nonexist/x")
        wait_until(lambda: connects(process))
        result = process.stop()
        assert (" E " in result.text, "/nonexist/x" in result.text) == (False, shown), result


def connects(process):
    """Whether a connection to its socket comes about; waits for its end."""
    try:
        with dial(str(Path(f"/proc/{process.pid}/cwd").resolve() / "sock")) as peer:
            return read_all(peer) == b""
    except OSError:
        return False


@pytest.mark.parametrize("words, data", [
    ("-u - OPEN:/dev/full", b"x"),
    ("- TCP:127.0.0.1:{dead}", b""),
    ("- TCP:nosuch.invalid:1", b""),
    ("- FILE:/nonexist/x", b""),
    ("-u FILE:/ -", b""),
    ("- UNIX-LISTEN:a/b", b""),
])
def test_bug_12_errors_hold_no_pointers_and_no_names_of_functions(face, words, data):
    with socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))
        words = words.replace("{dead}", str(dead.getsockname()[1]))
        result = face(*words.split(), input=data)
    assert result.status == 1
    assert not re.search(r"0x[0-9a-f]{5,}|xio|_open", result.text), result
    assert len(Messages(result.err).at("E")) == 1, result


def test_bug_15_children_print_no_statistics(face):
    result = face("--statistics", "-", "SYSTEM:'cat; exec sh -c true'", input=b"abc")
    assert (result.status, result.out) == (0, b"abc"), result
    assert len(re.findall("STATISTICS", result.text)) == 2, result


@pytest.mark.parametrize("words", ["", "-4", "-6", "-0"])
def test_bug_16_bind_decides_the_version(face, words):
    process = face.start("-dd", *words.split(), "TCP-LISTEN:0,bind=[::1]", "PIPE")
    where = place_of(process)
    assert where[0] == "::1"
    assert ask(b"x")(where) == [b"x"]
    assert process.wait().status == 0


@pytest.mark.parametrize("options", ["", ",pipes", ",pty,raw"])
def test_bug_17_a_failed_child_is_never_missed(face, options):
    """Its output ends before it does; the status doesn't depend on who is faster."""
    for _ in range(5):
        result = face("-u", f"SYSTEM:'echo x; exec >&-; sleep 0.02; exit 3'{options}", "-")
        assert (result.status, result.out) == (1, b"x\n"), result
