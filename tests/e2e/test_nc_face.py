"""The faces nc and ncat: the same command lines under the netcats of Debian and under nettool
called like them.

A command line is a row of a table: whose manners it has, its words, and the scene it is played in,
which is everything around the program (a server of Python's that it dials, clients that visit it,
signals). A row is played twice: beside the netcat whose command line it is, and beside the line
that `--translate` prints, run by a shell with nettool in its PATH. What both did is compared:
standard output, what the peer saw, the files they left, the exit status, and where the row says so
the messages. The literal expectations of a row hold for all who run it.

Where ours does otherwise than a netcat on purpose, or the netcat cannot end by itself, the row is
`alone`, with the reason, and is played beside its translation only. Where only a part of what both
do differs, the row says in `apart` which and why.
"""

import os
import re
import shutil
import signal
import socket
import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from netpeek import has_ipv6, option_of
from tools import (
    DEADLINE,
    NETTOOL,
    Runner,
    accept,
    digest,
    free_port,
    is_asleep,
    needs_linux,
    quiet,
    random_bytes,
    read_all,
    read_exactly,
    read_until,
    tcp_server,
    udp_socket,
    unix_server,
    wait_until,
)

pytestmark = needs_linux  # /proc tells who listens

REAL = {"openbsd": "nc.openbsd", "traditional": "nc.traditional", "ncat": "ncat"}
FACE = {"openbsd": "nc", "traditional": "nc.traditional", "ncat": "ncat"}
NAMES = ("nc", "netcat", "ncat", "nc.openbsd", "nc.traditional")
HELLO = "bonjour, été\n".encode()
ANSWER = b"adieu\n"
LO = "127.0.0.1"
IP_RECVTTL, IP_RECVTOS = 12, 13
NO_SUCH_HOST = "a..b"  # no name server is ever asked for it


# ---- how a row is played -------------------------------------------------------------------------


@dataclass
class Row:
    """A command line, where it is played, and what everybody who runs it must do."""

    name: str
    family: str
    words: str | list
    scene: object
    input: bytes = b""
    stdin: str = "end"  # or "open" until it has ended, or "null"
    ends: object = None  # by which signal; None: by itself
    status: int | None = None
    out: bytes | None = None
    got: object = None  # what the peer saw
    files: dict = field(default_factory=dict)  # what is left in the folder
    before: dict = field(default_factory=dict)  # what is in it before
    said: object = None  # True: the same messages; a tuple: words that stand in all messages
    alone: str = ""  # why the netcat isn't asked
    apart: dict = field(default_factory=dict)  # what the netcat does otherwise, and why
    gap: str = ""  # what ours doesn't do yet; strict, so that it is noticed once it does
    late: bool = False  # refused by nettool, whose status for that is 2
    face: str = ""  # the name of ours, where it isn't that of the family
    wrong: bool = False  # the command line is refused, also by --translate


@dataclass
class Outcome:
    who: str
    status: int
    out: bytes
    err: bytes
    got: object
    files: dict
    said: list


def told(err, places):
    """The lines of stderr, with words instead of ports and of the program's name."""
    text = err.decode("utf-8", "replace")
    text = re.sub(r"(?m)^(nc\.openbsd|nc\.traditional|netcat|nettool|nc): ", "nc: ", text)
    text = re.sub(r"(?m)^Ncat: (Version|\d+ bytes sent|UDP packet sent).*\n", "", text)
    for name, value in places.items():
        if isinstance(value, int):
            text = re.sub(rf"(?<!\d){value}(?!\d)", name.upper(), text)
    text = re.sub(r"(?<!\d)\d{4,5}(?!\d)", "OTHER", text)
    return [line.rstrip() for line in text.splitlines() if line.strip()]


class World:
    """One who plays a row: how it is called, its folder, its ports."""

    def __init__(self, row, runner, folder, translator=None):
        self.row, self.runner, self.folder, self.translator = row, runner, folder, translator
        self.places, self.process, self.extra = {}, None, {}
        folder.mkdir()
        runner.folder = folder
        for path, data in row.before.items():
            (folder / path).write_bytes(data)

    def port(self, name="port", kind=socket.SOCK_STREAM):
        return self.places.setdefault(name, free_port(kind))

    def words(self):
        row = self.row
        words = row.words.split() if isinstance(row.words, str) else list(row.words)
        for name in {name for word in words for name in re.findall(r"{(\w+)}", word)}:
            if name not in self.places:
                self.port(name, socket.SOCK_DGRAM if name.startswith("udp") else socket.SOCK_STREAM)
        for name, value in self.places.items():
            words = [word.replace("{" + name + "}", str(value)) for word in words]
        return words

    def start(self, **more):
        """Starts the program with the row's input; its standard input is left as the row says."""
        words = self.words()
        if self.translator:
            translation = self.translator("--translate", *words, cwd=self.folder)
            assert (translation.status, translation.err) == (0, b""), translation
            line = translation.printed
            assert line.endswith("\n") and line.count("\n") == 1, translation
            words = ["exec " + line if ";" not in line else line]
        if self.row.stdin == "null":
            more["stdin"] = subprocess.DEVNULL
        self.process = self.runner.start(*words, **more)
        if self.row.stdin != "null":
            try:
                self.process.send(self.row.input)
            except BrokenPipeError:
                pass
            if self.row.stdin == "end":
                self.process.end_input()
        return self.process

    def visited(self, kind="tcp", name="port"):
        """Waits until the program listens on its port, and has come to rest: some bind IPv6 first, then IPv4."""
        process, port = self.process, self.places[name]
        wait_until(lambda: is_bound(port, kind) and is_asleep(process.pid) or not process.running,
                   what=lambda: f"a listener: {process.args}, which says {process.err!r}")
        if not process.running:
            pytest.fail(f"nobody listens: {process.wait()}")

    def visitor(self, host=LO, source=None, name="port"):
        """A connection to the program."""
        self.visited(name=name)
        peer = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        peer.settimeout(DEADLINE)
        if source:
            peer.bind((source, 0))
        peer.connect((host, self.places[name]))
        return peer

    def end(self, got=None, peer=None):
        """Waits for the end, which the row or else the peer brings about; says what came of it."""
        process, row = self.process, self.row
        if row.ends is None and peer is not None:
            peer.close()
        if row.ends is not None:
            if row.out:
                process.expect_out(row.out)
            process.ended_on_purpose = True
            process.send_signal(row.ends)
        try:
            process.popen.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            pass  # wait() tells
        result = process.wait(1)
        return self.outcome(result, got)

    def outcome(self, result, got=None):
        files = {entry.name: entry.read_bytes() for entry in sorted(self.folder.iterdir())
                 if entry.is_file() and self.row.before.get(entry.name) != entry.read_bytes()}
        return Outcome(self.folder.name, result.status, result.out, result.err, got, files,
                       told(result.err, self.places))


def is_bound(port, kind="tcp"):
    """Whether somebody listens on a TCP port, or has bound a UDP port."""
    state = "0A" if kind == "tcp" else "07"
    for name in (kind, kind + "6"):
        try:
            lines = Path(f"/proc/net/{name}").read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            if int(words[1].rpartition(":")[2], 16) == port and words[3] == state:
                return True
    return False


def inside(port):
    """How many connections to a TCP port somebody has accepted: only those have an inode."""
    lines = [line.split() for name in ("tcp", "tcp6")
             for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return sum(words[1].endswith(f":{port:04X}") and words[3] == "01" and words[9] != "0"
               for words in lines)


@pytest.fixture
def bin(tmp):
    """A folder for PATH, with ours by all its names."""
    folder = tmp / "bin"
    folder.mkdir()
    for name in (*NAMES, "nettool"):
        (folder / name).symlink_to(NETTOOL)
    return folder


@pytest.fixture
def players(bin, runners, tmp):
    """The worlds of ours and of the other: "real" or "translated"."""

    def make(row, other):
        name = (row.face or FACE[row.family]).split()
        ours = [str(bin / name[0]), *name[1:]]
        found = [World(row, runners(Runner, ours), tmp / "ours")]
        if other == "real":
            path = shutil.which(REAL[row.family])
            if path is None:
                pytest.skip(f"{REAL[row.family]} is not installed")
            found.append(World(row, runners(Runner, path), tmp / "real"))
        else:
            shell = ["env", f"PATH={bin}:{os.environ['PATH']}", "sh", "-c"]
            found.append(World(row, runners(Runner, shell), tmp / "translated",
                               runners(Runner, ours)))
        return found

    return make


def rows(table):
    names = [row.name for row in table]
    assert len(set(names)) == len(names), "two rows of one name"
    return pytest.mark.parametrize("row, other", [
        pytest.param(row, other, id=f"{row.name}-{other}", marks=[
            pytest.mark.xfail(reason=row.gap, strict=True)] if row.gap else [])
        for row in table for other in ("real", "translated")
        if not (other == "real" and row.alone) and not (other == "translated" and row.wrong)])


def check(row, other, players):
    """Plays a row with both and compares."""
    first, second = worlds = players(row, other)
    outcomes = []
    for world in worlds:
        outcome = row.scene(world)
        outcomes.append(outcome)
        apart = row.apart if world.folder.name == "real" else {}
        if row.late and world.translator:
            assert outcome.status == 2, outcome
            outcome.status = row.status
        for what in {"status", "out", "got"} - set(apart):
            wanted = getattr(row, what)
            assert wanted is None or getattr(outcome, what) == wanted, (what, outcome)
        if row.files:
            assert {path: outcome.files.get(path) for path in row.files} == row.files, outcome
        for words in row.said if isinstance(row.said, tuple) else ():
            assert all(word in outcome.err.decode() for word in words.split(" ... ")), (
                words, outcome)
    ours, theirs = outcomes
    for what in {"status", "out", "got", "files"} - set(apart):
        assert getattr(ours, what) == getattr(theirs, what), (what, ours, theirs)
    if row.said is True:
        assert ours.said == theirs.said, (ours, theirs)
    if row.said is None and row.status == 0 and "err" not in apart:
        assert bool(ours.err) == bool(theirs.err), (ours, theirs)
    return outcomes


# ---- scenes --------------------------------------------------------------------------------------


def plain(world):
    """Nobody else is there."""
    world.start()
    return world.end()


def dials(talk, host=LO):
    """The program dials a server, which talks with it."""

    def scene(world):
        with tcp_server(socket.AF_INET6 if ":" in host else socket.AF_INET) as server:
            world.places["port"] = server.getsockname()[1]
            world.start()
            with accept(server) as peer:
                return world.end(talk(world, peer), peer)

    return scene


def listens(talk, host=LO):
    """Somebody visits the program, and talks with it."""

    def scene(world):
        world.port()
        world.start()
        with world.visitor(host) as peer:
            return world.end(talk(world, peer), peer)

    return scene


def listens_somewhere(talk):
    """The kernel chooses the port, and the program says which."""

    def scene(world):
        world.start()
        found = world.process.expect_err(re.compile(rb"[Ll]istening on [^\n]*?[ :](\d{4,5})\b"))
        world.places["port"] = int(found[1])
        with world.visitor() as peer:
            return world.end(talk(world, peer), peer)

    return scene


def in_turn(*talks):
    """Several visit the program, one after the other."""

    def scene(world):
        world.port()
        world.start()
        got = []
        for talk in talks:
            with world.visitor() as peer:
                got.append(talk(world, peer))
        return world.end(got)

    return scene


def dials_unix(talk):
    def scene(world):
        with unix_server(world.folder / "salle") as server:
            world.start()
            with accept(server) as peer:
                got = talk(world, peer)
        return world.end(got)

    return scene


def visit_unix(world, path="salle"):
    """A connection to the UNIX socket on which the program listens."""
    where = os.fspath(world.folder / path)

    def reached():
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(DEADLINE)
        try:
            peer.connect(where)
        except OSError:
            peer.close()
            assert world.process.running, world.process.wait()
            return None
        return peer

    return wait_until(reached, what="somebody who listens on a UNIX socket")


def listens_unix(talk):
    def scene(world):
        world.start()
        with visit_unix(world) as peer:
            got = talk(world, peer)
        return world.end(got)

    return scene


def sends_packets(talk, host=LO):
    """The program sends to a UDP socket: talk(world, socket, the program's address, packet)."""

    def scene(world):
        with udp_socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as server:
            world.places["port"] = server.getsockname()[1]
            if ":" not in host:
                server.setsockopt(socket.IPPROTO_IP, IP_RECVTOS, 1)
                server.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
            world.start()
            data, notes, _, where = server.recvmsg(65536, 1024)
            world.extra = {kind: value[0] for level, kind, value in notes}
            return world.end(talk(world, server, where, data))

    return scene


def takes_packets(talk, host=LO):
    """A UDP socket sends to the program, which has bound its port."""

    def scene(world):
        world.port(kind=socket.SOCK_DGRAM)
        world.start()
        world.visited("udp")
        with udp_socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as peer:
            peer.connect((host, world.places["port"]))
            got = talk(world, peer)
        return world.end(got)

    return scene


# ---- what peers say ------------------------------------------------------------------------------


def hears_all(world, peer):
    """Reads to the end and answers."""
    got = read_all(peer)
    peer.sendall(ANSWER)
    return got


def hears(size, answer=ANSWER):
    """Reads so many bytes, answers and closes."""

    def talk(world, peer):
        got = read_exactly(peer, size)
        peer.sendall(answer)
        return got

    return talk


HEARS_HELLO = hears(len(HELLO))


def says(data):
    """Says something, and closes once the program has printed it."""

    def talk(world, peer):
        peer.sendall(data)
        world.process.expect_out(data)

    return talk


def says_and_hears(data):
    """Says something, ends, and reads to the end."""

    def talk(world, peer):
        peer.sendall(data)
        peer.shutdown(socket.SHUT_WR)
        return read_all(peer)

    return talk


def asks(data, answer):
    """Says something, and closes once the answer has come."""

    def talk(world, peer):
        peer.sendall(data)
        return read_exactly(peer, len(answer))

    return talk


REFUSALS = b"\xff\xfc\x01\xff\xfe\x03"  # of what telnet() wants


def telnet(world, peer):
    """Wants to negotiate, twice, and says something in between."""
    peer.sendall(b"\xff\xfd\x01un\n\xff\xfb\x03")
    got = read_exactly(peer, 6)
    peer.sendall(b"deux\n")
    world.process.expect_out(b"deux\n")
    return got


def silent_until_told(world, peer):
    """Says nothing and waits for the end of the other."""
    return read_all(peer)


def comes_from(world, peer):
    """Where the program comes from."""
    read_exactly(peer, len(HELLO))
    host, port = peer.getpeername()[:2]
    return host, port == world.places.get("own")


def vanishes(world, peer):
    """Leaves with a reset."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def says_and_vanishes(world, peer):
    """Says something, and leaves with a reset once the program has printed it."""
    says(ANSWER)(world, peer)
    vanishes(world, peer)


def socket_says(level, name, listening=False):
    """What the program's socket says of itself, while a connection is there."""

    def talk(world, peer):
        read_exactly(peer, len(HELLO))
        return option_of(world.process, level, name, listening=listening)

    return talk


def packet(world, server, where, data):
    """The first packet, whose sender gets an answer."""
    server.sendto(ANSWER, where)
    if world.row.out:
        world.process.expect_out(world.row.out)
    return data


def packet_only(world, server, where, data):
    return data


def note(kind):
    """What stood in the header of the first packet."""
    return lambda world, server, where, data: world.extra.get(kind)


def one_packet(world, peer):
    """Sends a packet, and reads what comes back."""
    peer.send(HELLO)
    world.process.expect_out(HELLO)
    return peer.recv(65536) if world.row.input else None


# ---- clients -------------------------------------------------------------------------------------

O, T, N = "openbsd", "traditional", "ncat"


# What nc.traditional does otherwise when a signal ends it.
PUNT = {"status": "a signal is a failure to it", "err": "it ends the line"}
# What ncat does otherwise when its peer has ended.
DEAF = {"got": "ends with the input of its peer, and the answer of the program is lost"}
IDLE = "where it listens its status is 2"

CLIENTS = [
    Row("client", O, "127.0.0.1 {port}", dials(HEARS_HELLO), HELLO, status=0, out=ANSWER,
        got=HELLO),
    Row("client-traditional", T, "127.0.0.1 {port}", dials(HEARS_HELLO), HELLO, status=0,
        out=ANSWER, got=HELLO),
    Row("client-ncat", N, "127.0.0.1 {port}", dials(hears_all), HELLO, status=0, out=ANSWER,
        got=HELLO),
    Row("client-by-name", O, "localhost {port}", dials(HEARS_HELLO), HELLO, status=0, out=ANSWER),
    Row("client-4-by-name", O, "-4 localhost {port}", dials(HEARS_HELLO), HELLO, status=0,
        out=ANSWER),
    Row("client-4-by-name-ncat", N, "-4 localhost {port}", dials(hears_all), HELLO, status=0,
        out=ANSWER),
    Row("client-keyboard", O, "127.0.0.1 {port}", dials(HEARS_HELLO), HELLO, "open", status=0,
        out=ANSWER, got=HELLO,
        alone="goes on until standard input ends, although the peer has"),
    Row("client-shuts", O, "-N 127.0.0.1 {port}", dials(hears_all), HELLO, status=0, out=ANSWER,
        got=HELLO),
    Row("client-shuts-empty", O, "-N 127.0.0.1 {port}", dials(hears_all), stdin="null", status=0,
        out=ANSWER, got=b""),
    Row("client-shuts-ipv4", O, "-4N 127.0.0.1 {port}", dials(hears_all), HELLO, status=0,
        out=ANSWER),
    Row("client-no-input", O, "-d 127.0.0.1 {port}", dials(says(ANSWER)), HELLO, status=0,
        out=ANSWER),
    Row("client-null-input", O, "127.0.0.1 {port}", dials(says(ANSWER)), stdin="null", status=0,
        out=ANSWER),
    Row("client-quits", O, "-q 0 127.0.0.1 {port}", dials(silent_until_told), HELLO, status=0,
        out=b"", got=HELLO),
    Row("client-quits-traditional", T, "-q 0 127.0.0.1 {port}", dials(silent_until_told), HELLO,
        status=0, out=b"", got=HELLO),
    Row("client-quits-later", O, "-q 1 127.0.0.1 {port}", dials(HEARS_HELLO), HELLO, status=0,
        out=ANSWER),
    Row("client-crlf", O, "-C -N 127.0.0.1 {port}", dials(hears_all), b"un\ndeux\r\ntrois",
        status=0, got=b"un\r\ndeux\r\ntrois"),
    Row("client-crlf-ncat", N, "-C 127.0.0.1 {port}", dials(hears_all), b"un\ndeux\r\ntrois",
        status=0, got=b"un\r\ndeux\r\ntrois"),
    Row("client-crlf-ncat-word", N, "--crlf 127.0.0.1 {port}", dials(hears_all), b"un\n",
        status=0, got=b"un\r\n"),
    Row("client-crlf-traditional", T, "-C -q 0 127.0.0.1 {port}", dials(silent_until_told),
        b"un\ndeux\n", status=0, got=b"un\r\ndeux\r\n",
        apart={"got": "only the last line of a block gets its CR"}),
    Row("client-slowly", O, "-i 1 -N 127.0.0.1 {port}", dials(hears_all), b"un\ndeux\n", status=0,
        out=ANSWER, got=b"un\ndeux\n"),
    Row("client-slowly-traditional", T, "-i 1 -q 0 127.0.0.1 {port}", dials(silent_until_told),
        b"un\ndeux\n", status=0, got=b"un\ndeux\n"),
    Row("client-delay-ncat", N, "-d 100ms 127.0.0.1 {port}", dials(hears_all), b"un\ndeux\n",
        status=0, out=ANSWER, got=b"un\ndeux\n"),
    Row("client-verbose", O, "-v 127.0.0.1 {port}", dials(HEARS_HELLO), HELLO, status=0, said=True),
    Row("client-verbose-n", O, "-vn 127.0.0.1 {port}", dials(HEARS_HELLO), HELLO, status=0,
        said=True),
    Row("client-verbose-traditional", T, "-vn 127.0.0.1 {port}", dials(HEARS_HELLO), HELLO,
        status=0, said=True),
    Row("client-verbose-ncat", N, "-v 127.0.0.1 {port}", dials(hears_all), HELLO, status=0,
        said=True),
    Row("client-source", O, "-N -s 127.0.0.2 127.0.0.1 {port}", dials(comes_from), HELLO,
        status=0, got=("127.0.0.2", False)),
    Row("client-source-port", O, "-N -p {own} 127.0.0.1 {port}", dials(comes_from), HELLO,
        status=0, got=(LO, True)),
    Row("client-source-both-traditional", T, "-q0 -s 127.0.0.2 -p {own} 127.0.0.1 {port}",
        dials(comes_from), HELLO, status=0, got=("127.0.0.2", True)),
    Row("client-source-both-ncat", N, "-s 127.0.0.2 -p {own} 127.0.0.1 {port}", dials(comes_from),
        HELLO, status=0, got=("127.0.0.2", True)),
    Row("client-source-words-ncat", N, "--source=127.0.0.2 --source-port {own} 127.0.0.1 {port}",
        dials(comes_from), HELLO, status=0, got=("127.0.0.2", True)),
    Row("client-receive-buffer", O, "-I 20000 127.0.0.1 {port}",
        dials(socket_says(socket.SOL_SOCKET, socket.SO_RCVBUF)), HELLO, "open", signal.SIGTERM),
    Row("client-send-buffer", O, "-O 20000 127.0.0.1 {port}",
        dials(socket_says(socket.SOL_SOCKET, socket.SO_SNDBUF)), HELLO, "open", signal.SIGTERM),
    Row("client-least-ttl", O, "-m 5 127.0.0.1 {port}", dials(socket_says(socket.IPPROTO_IP, 21)),
        HELLO, "open", signal.SIGTERM, got=5),
    Row("client-ttl", O, "-M 9 127.0.0.1 {port}",
        dials(socket_says(socket.IPPROTO_IP, socket.IP_TTL)), HELLO, "open", signal.SIGTERM, got=9),
    Row("client-tos", O, "-T throughput 127.0.0.1 {port}",
        dials(socket_says(socket.IPPROTO_IP, socket.IP_TOS)), HELLO, "open", signal.SIGTERM, got=8),
    Row("client-tos-number", O, "-T 0x20 127.0.0.1 {port}",
        dials(socket_says(socket.IPPROTO_IP, socket.IP_TOS)), HELLO, "open", signal.SIGTERM,
        got=0x20),
    Row("client-tos-traditional", T, "-T Maximize-Throughput 127.0.0.1 {port}",
        dials(socket_says(socket.IPPROTO_IP, socket.IP_TOS)), HELLO, "open", signal.SIGTERM, got=8,
        apart=PUNT),
    Row("client-debugs", O, "-D 127.0.0.1 {port}",
        dials(socket_says(socket.SOL_SOCKET, socket.SO_DEBUG)), HELLO, "open", signal.SIGTERM,
        got=1),
    Row("client-keeps-alive-traditional", T, "-k 127.0.0.1 {port}",
        dials(socket_says(socket.SOL_SOCKET, socket.SO_KEEPALIVE)), HELLO, "open", signal.SIGTERM,
        got=1, apart=PUNT),
    Row("client-telnet", O, "-t 127.0.0.1 {port}", dials(telnet), stdin="null", status=0,
        got=REFUSALS, out=b"un\ndeux\n",
        alone="its answers are right, but it prints the commands of its peer too"),
    Row("client-telnet-ncat", N, "-t 127.0.0.1 {port}", dials(telnet), b"", "open", status=0,
        got=REFUSALS, out=b"un\ndeux\n",
        alone="stops looking for commands at the first byte that is none"),
    Row("client-sends-only-ncat", N, "--send-only 127.0.0.1 {port}", dials(silent_until_told),
        HELLO, status=0, out=b"", got=HELLO),
    Row("client-receives-only-ncat", N, "--recv-only 127.0.0.1 {port}", dials(says(ANSWER)),
        HELLO, "open", status=0, out=ANSWER),
    Row("client-idle-ncat", N, "-i 500ms 127.0.0.1 {port}", dials(silent_until_told), b"", "open",
        out=b"", status=1, said=("Idle timeout expired",)),
    Row("client-idle-word-ncat", N, "--idle-timeout 0.5 127.0.0.1 {port}",
        dials(silent_until_told), b"", "open", out=b"", status=1),
    Row("client-no-shutdown-ncat", N, "--no-shutdown 127.0.0.1 {port}", dials(HEARS_HELLO), HELLO,
        status=0, out=ANSWER, got=HELLO),
    Row("client-waits", O, "-w 1 127.0.0.1 {port}", dials(silent_until_told), HELLO, "open",
        out=b"", got=HELLO),
    Row("client-waits-traditional", T, "-w 1 127.0.0.1 {port}", dials(silent_until_told), HELLO,
        out=b"", got=HELLO),
    Row("client-reset", O, "127.0.0.1 {port}", dials(says_and_vanishes), b"",
        "null", status=1, out=ANSWER,
        said=("Connection reset by peer",),
        alone="takes a reset for an end, although something may be lost"),
    Row("client-reset-ncat", N, "127.0.0.1 {port}", dials(says_and_vanishes), b"",
        "null", status=1, out=ANSWER,
        said=("Connection reset by peer",)),
    Row("client-exec-traditional", T, ["-e", "/bin/cat", LO, "{port}"],
        dials(says_and_hears(HELLO)), status=0, out=b"", got=HELLO),
    Row("client-shell-traditional", T, ["-c", "read a; echo $a et moi", LO, "{port}"],
        dials(says_and_hears(b"toi\n")), status=0, out=b"", got=b"toi et moi\n"),
    Row("client-shell-nc", T, ["-c", "read a; echo $a et moi", LO, "{port}"],
        dials(says_and_hears(b"toi\n")), status=0, out=b"", got=b"toi et moi\n", face="nc"),
    Row("client-exec-ncat", N, ["--exec", "/bin/echo l'un \"deux\" trois", LO, "{port}"],
        dials(silent_until_told), status=0, out=b"", got=b"l'un \"deux\" trois\n"),
    Row("client-shell-ncat", N, ["--sh-exec", "echo 'un  deux'; cat", LO, "{port}"],
        dials(asks(b"toi\n", b"un  deux\ntoi\n")), status=0, out=b"", got=b"un  deux\ntoi\n"),
    Row("client-shell-half-closed-ncat", N, ["--sh-exec", "cat", LO, "{port}"],
        dials(says_and_hears(b"toi\n")), status=0, out=b"", got=b"toi\n", apart=DEAF),
    Row("client-several-ports-traditional", T, "-q 0 127.0.0.1 {dead} {port}",
        dials(silent_until_told), HELLO, got=HELLO, status=0,
        alone="forgets -q once a port was closed"),
    Row("netcat-is-a-name", O, "-N 127.0.0.1 {port}", dials(hears_all), HELLO, status=0,
        out=ANSWER, got=HELLO, face="netcat"),
    Row("first-word-nc", O, "-N 127.0.0.1 {port}", dials(hears_all), HELLO, status=0,
        out=ANSWER, got=HELLO, face="nettool nc"),
    Row("first-word-ncat", N, "127.0.0.1 {port}", dials(hears_all), HELLO, status=0,
        out=ANSWER, got=HELLO, face="nettool ncat"),
    Row("cluster", O, "-vnNw3 127.0.0.1 {port}", dials(hears_all), HELLO, status=0, out=ANSWER,
        said=True),
    Row("options-behind", O, "127.0.0.1 {port} -N", dials(hears_all), HELLO, status=0, out=ANSWER,
        got=HELLO),
]


@rows(CLIENTS)
def test_client(row, other, players):
    check(row, other, players)


# ---- servers -------------------------------------------------------------------------------------

SERVERS = [
    Row("server", O, "-l {port}", listens(says_and_hears(HELLO)), ANSWER, status=0, out=HELLO,
        got=ANSWER),
    Row("server-p", O, "-l -p {port}", listens(says(HELLO)), b"", "open", status=0, out=HELLO),
    Row("server-lp", O, "-lp {port}", listens(says(HELLO)), b"", "null", status=0, out=HELLO),
    Row("server-p-traditional", T, "-l -p {port}", listens(says(HELLO)), status=0, out=HELLO),
    Row("server-p-attached", T, ["-lp{port}"], listens(says(HELLO)), status=0, out=HELLO),
    Row("server-p-nc", T, "-l -p {port}", listens(says(HELLO)), status=0, out=HELLO, face="nc"),
    Row("server-open-input", O, "-l {port}", listens(says(HELLO)), b"", "open", status=0,
        out=HELLO),
    Row("server-open-input-traditional", T, "-l -p {port}", listens(says(HELLO)), b"", "open",
        status=0, out=HELLO, alone="waits for its standard input"),
    Row("server-open-input-ncat", N, "-l {port}", listens(says(HELLO)), b"", "open", status=0,
        out=HELLO),
    Row("server-address", O, "-l 127.0.0.1 {port}", listens(says(HELLO)), status=0, out=HELLO),
    Row("server-address-p", O, "-l -p {port} 127.0.0.1", listens(says(HELLO)), status=0,
        out=HELLO, alone="wants no -p beside an address"),
    Row("server-address-ncat", N, "-l 127.0.0.1 {port}", listens(says(HELLO)), status=0, out=HELLO),
    Row("server-address-p-ncat", N, "-l -p {port} 127.0.0.1", listens(says(HELLO)), status=0,
        out=HELLO, alone="forgets the port and listens on 31337"),
    Row("server-ncat", N, "-l {port}", listens(says_and_hears(HELLO)), ANSWER, status=0, out=HELLO,
        got=ANSWER),
    Row("server-word-ncat", N, "--listen {port}", listens(says(HELLO)), status=0, out=HELLO),
    Row("server-source-traditional", T, "-l -s 127.0.0.1 -p {port}", listens(says(HELLO)),
        status=0, out=HELLO),
    Row("server-source", O, "-s 127.0.0.1 -l {port}", listens(says(HELLO)), status=0, out=HELLO,
        alone="wants no -s with -l"),
    Row("server-port-0", O, "-vnl 127.0.0.1 0", listens_somewhere(says(HELLO)), status=0, out=HELLO,
        said=True),
    Row("server-port-0-traditional", T, "-vnl -p 0", listens_somewhere(says(HELLO)), status=0,
        out=HELLO, alone="takes no port 0"),
    Row("server-port-0-ncat", N, "-vl 127.0.0.1 0", listens_somewhere(says(HELLO)), status=0,
        out=HELLO, said=True, alone="says that it listens on port 0"),
    Row("server-verbose", O, "-vn -l 127.0.0.1 {port}", listens(says(HELLO)), status=0, said=True),
    Row("server-verbose-traditional", T, "-vnl -p {port}", listens(says(HELLO)), status=0,
        said=True),
    Row("server-verbose-ncat", N, "-vl 127.0.0.1 {port}", listens(says(HELLO)), status=0,
        said=True),
    Row("server-no-input", O, "-d -l {port}", listens(says(HELLO)), b"x", "open", status=0,
        out=HELLO),
    Row("server-shuts", O, "-N -l {port}", listens(hears_all),
        HELLO, status=0, out=ANSWER, got=HELLO),
    Row("server-quits", O, "-q 0 -l {port}", listens(silent_until_told), HELLO, status=0,
        got=HELLO),
    Row("server-crlf", O, "-C -N -l {port}", listens(hears_all), b"un\ndeux\n", status=0,
        got=b"un\r\ndeux\r\n"),
    Row("server-client-resets", O, "-l {port}", listens(vanishes), b"", "open", status=1, out=b"",
        said=("Connection reset by peer",),
        alone="takes a reset for an end, although something may be lost"),
    Row("server-client-resets-ncat", N, "-l {port}", listens(vanishes), b"", "open", status=1,
        out=b"", apart={"status": "takes a reset for an end where it listens"}),
    Row("server-waits", O, "-w 1 -l {port}", listens(silent_until_told), b"", "open", out=b"",
        got=b""),
    Row("server-in-vain-traditional", T, "-w 1 -l -p {port}", plain, b"", "open", status=1, out=b"",
        said=("no connection : Connection timed out",)),
    Row("server-idle-ncat", N, "-i 1 -l {port}", listens(silent_until_told), b"", "open", out=b"",
        got=b"", apart={"status": IDLE}),
    Row("server-exec-traditional", T, "-l -p {port} -e /bin/cat", listens(says_and_hears(HELLO)),
        status=0, out=b"", got=HELLO),
    Row("server-exec-ncat", N, "-l {port} -e /bin/cat", listens(asks(HELLO, HELLO)), status=0,
        out=b"", got=HELLO),
    Row("server-exec-half-closed-ncat", N, "-l {port} -e /bin/cat", listens(says_and_hears(HELLO)),
        status=0, out=b"", got=HELLO, apart=DEAF),
    Row("server-shell-traditional", T, ["-l", "-p", "{port}", "-c", "read a; echo $a et moi"],
        listens(says_and_hears(b"toi\n")), status=0, got=b"toi et moi\n"),
    Row("server-shell-ncat", N, ["-l", "{port}", "-c", "echo 'un, \"deux\"'; cat"],
        listens(asks(b"toi\n", b'un, "deux"\ntoi\n')), status=0, got=b'un, "deux"\ntoi\n'),
    Row("server-exec-environment-ncat", N, ["-l", LO, "{port}", "-c", "echo $NCAT_REMOTE_ADDR "
        "$NCAT_LOCAL_ADDR $NCAT_PROTO"], listens(silent_until_told), status=0,
        got=b"127.0.0.1 127.0.0.1 TCP\n"),
    Row("server-sends-only-ncat", N, "-l --send-only {port}", listens(silent_until_told), HELLO,
        status=0, out=b"", got=HELLO),
    Row("server-receives-only-ncat", N, "-l --recv-only {port}", listens(says_and_hears(ANSWER)),
        HELLO, "open", status=0, out=ANSWER, got=b""),
    Row("server-peer-traditional", T, "-l -p {port} 127.0.0.1", listens(says(HELLO)), status=0,
        out=HELLO),
]


@rows(SERVERS)
def test_server(row, other, players):
    check(row, other, players)


SIX = [
    Row("client-6", O, "-6 -N ::1 {port}", dials(hears_all, "::1"), HELLO, status=0, out=ANSWER,
        got=HELLO),
    Row("client-6-without-option", O, "-vnN ::1 {port}", dials(hears_all, "::1"), HELLO, status=0,
        out=ANSWER, got=HELLO, said=True),
    Row("client-6-ncat", N, "-6 ::1 {port}", dials(hears_all, "::1"), HELLO, status=0, out=ANSWER,
        got=HELLO),
    Row("client-6-not-4", O, "-4 ::1 {dead}", plain, status=1),
    Row("server-6", O, "-6 -l {port}", listens(says(HELLO), "::1"), status=0, out=HELLO),
    Row("server-6-address", O, "-vnl ::1 {port}", listens(says(HELLO), "::1"), status=0, out=HELLO,
        said=True),
    Row("server-6-ncat", N, "-6 -l {port}", listens(says(HELLO), "::1"), status=0, out=HELLO),
    Row("server-both-ncat-6", N, "-l {port}", listens(says(HELLO), "::1"), status=0, out=HELLO),
    Row("packets-6", O, "-6 -u -q 0 ::1 {port}", sends_packets(packet_only, "::1"), HELLO, status=0,
        got=HELLO),
]


@has_ipv6
@rows(SIX)
def test_ipv6(row, other, players):
    check(row, other, players)


# ---- many visitors -------------------------------------------------------------------------------


def at_once(world):
    """Two are there at the same time; each says something."""
    world.port()
    world.start()
    with world.visitor() as one, world.visitor() as two:
        two.sendall(b"deux\n")
        world.process.expect_out(b"deux\n")
        one.sendall(b"un\n")
        world.process.expect_out(b"un\n")
    return world.end()


def to_all(world):
    """Two are there at the same time, and hear what comes from standard input."""
    world.port()
    world.start()
    with world.visitor() as one, world.visitor() as two:
        for peer, word in ((one, b"un\n"), (two, b"deux\n")):
            peer.sendall(word)
            world.process.expect_out(word)
        world.process.send(HELLO)
        got = [read_exactly(peer, len(HELLO)) for peer in (one, two)]
    return world.end(got)


def programs_at_once(world):
    """Two are there at the same time, each with a program of its own."""
    world.port()
    world.start()
    with world.visitor() as one, world.visitor() as two:
        two.sendall(b"deux\n")
        got = [read_until(two, b"\n")]
        one.sendall(b"un\n")
        got.append(read_until(one, b"\n"))
    return world.end(got)


def around(world):
    """Three are there; two of them hear what the third says, and not what they say themselves."""
    world.port()
    world.start()
    got = []
    with world.visitor() as one, world.visitor() as two, world.visitor() as three:
        everybody = [one, two, three]
        # who has connected may still stand before the door when somebody inside speaks
        wait_until(lambda: inside(world.places["port"]) == len(everybody), what="three inside")
        for speaker in everybody:
            word = f"de {everybody.index(speaker)} a tous\n".encode()
            others = [peer for peer in everybody if peer is not speaker]
            got.append(say_until_heard(speaker, others, word))
    return world.end(got)


def say_until_heard(speaker, others, word):
    """Says a line; what the others hear is that line, perhaps with a name in front of it."""
    speaker.sendall(word)
    heard = []
    for peer in others:
        line = read_until(peer, b"\n")
        while word not in line:  # who has come
            assert line.startswith((b"<announce>", b"*", b"already connected")), line
            line = read_until(peer, b"\n")
        heard.append(re.sub(rb"^<[^>]*> ", b"<NAME> ", line))
    return heard


def by_source(*sources):
    """One after the other comes from these addresses; whoever is turned away hears nothing."""

    def scene(world):
        world.port()
        world.start()
        got = []
        for source in sources:
            with world.visitor(source=source) as peer:
                try:
                    peer.sendall(HELLO)
                    got.append(read_exactly(peer, len(HELLO)))
                except OSError:
                    got.append(b"")
        return world.end(got)

    return scene


def one_at_a_time(world):
    """A second visitor comes while only one is served, and has its turn when the first has gone."""
    world.port()
    world.start()
    got = []
    with world.visitor() as first:
        first.sendall(b"un\n")
        got.append(read_until(first, b"\n"))
        second = world.visitor()
        second.sendall(b"deux\n")
        assert quiet(second)
    with second:
        got.append(read_until(second, b"\n"))
    return world.end(got)


TERM, INT = signal.SIGTERM, signal.SIGINT
ALLOWED = [b"", HELLO]

MANY = [
    Row("k-in-turn", O, "-k -l {port}", in_turn(says(b"un\n"), says(b"deux\n"), says(b"trois\n")),
        stdin="null", ends=TERM, out=b"un\ndeux\ntrois\n"),
    Row("k-in-turn-open-input", O, "-lk {port}", in_turn(says(b"un\n"), says(b"deux\n")),
        stdin="open", ends=TERM, out=b"un\ndeux\n"),
    Row("k-verbose", O, "-vnkl 127.0.0.1 {port}", in_turn(says(b"un\n"), says(b"deux\n")),
        stdin="null", ends=TERM, out=b"un\ndeux\n"),
    Row("k-after-a-reset", O, "-k -l {port}", in_turn(vanishes, says(b"deux\n")), stdin="null",
        ends=TERM, out=b"deux\n"),
    Row("k-ncat-at-once", N, "-lk {port}", at_once, stdin="open", ends=TERM, out=b"deux\nun\n"),
    Row("k-ncat-null", N, "-lk {port}", in_turn(says(b"un\n"), says(b"deux\n")), stdin="null",
        ends=TERM, out=b"un\ndeux\n"),
    Row("k-ncat-word", N, "--listen --keep-open {port}", at_once, stdin="open", ends=TERM,
        out=b"deux\nun\n"),
    Row("k-ncat-to-all", N, "-lk {port}", to_all, stdin="open", ends=TERM, out=b"un\ndeux\n",
        got=[HELLO, HELLO]),
    Row("k-ncat-after-a-reset", N, "-lk {port}", in_turn(vanishes, says(b"deux\n")), stdin="open",
        ends=TERM, out=b"deux\n"),
    Row("k-ncat-exec", N, "-lk {port} -e /bin/cat", programs_at_once, ends=TERM,
        got=[b"deux\n", b"un\n"]),
    Row("k-ncat-shell", N, ["-lk", "{port}", "--sh-exec", "read a; echo $a; cat"],
        programs_at_once, ends=TERM, got=[b"deux\n", b"un\n"]),
    Row("k-ncat-exec-most", N, "-lk -m 1 {port} -e /bin/cat", one_at_a_time, ends=TERM,
        got=[b"un\n", b"deux\n"], alone="turns the second away"),
    Row("broker", N, "-l --broker {port}", around, stdin="null", ends=TERM),
    Row("broker-open-input", N, "-lk --broker {port}", around, stdin="open", ends=TERM),
    Row("chat", N, "-l --chat {port}", around, stdin="null", ends=TERM),
    Row("allow", N, "-lk --allow 127.0.0.2 {port} -e /bin/cat", by_source(LO, "127.0.0.2"),
        ends=TERM, got=ALLOWED),
    Row("allow-net", N, "-lk --allow 127.0.0.2/31 {port} -e /bin/cat",
        by_source("127.0.0.4", "127.0.0.3"), ends=TERM, got=ALLOWED),
    Row("allow-list", N, "-lk --allow 127.0.0.9,127.0.0.2 {port} -e /bin/cat",
        by_source(LO, "127.0.0.2"), ends=TERM, got=ALLOWED),
    Row("deny", N, "-lk --deny 127.0.0.1 {port} -e /bin/cat", by_source(LO, "127.0.0.2"),
        ends=TERM, got=ALLOWED),
    Row("allowfile", N, "-lk --allowfile amis {port} -e /bin/cat", by_source(LO, "127.0.0.2"),
        ends=TERM, got=ALLOWED, before={"amis": b"127.0.0.7\n127.0.0.2\n"}),
    Row("denyfile", N, "-lk --denyfile autres {port} -e /bin/cat", by_source(LO, "127.0.0.2"),
        ends=TERM, got=ALLOWED, before={"autres": b"127.0.0.1 127.0.0.7\n"}),
    Row("allow-once", N, "-l --allow 127.0.0.2 {port} -e /bin/cat", by_source(LO, "127.0.0.2"),
        got=ALLOWED, status=0, alone="stops listening with the first who is turned away"),
]


@rows(MANY)
def test_many_visitors(row, other, players):
    check(row, other, players)


# ---- packets -------------------------------------------------------------------------------------


def two_packets(world, peer):
    """Two packets, one after the other."""
    for word in (b"un\n", b"deux\n"):
        peer.send(word)
        world.process.expect_out(word)


def packets_of_two(world):
    """Two send packets to the same port."""
    world.port(kind=socket.SOCK_DGRAM)
    world.start()
    world.visited("udp")
    for word in (b"un\n", b"deux\n"):
        with udp_socket() as peer:
            peer.sendto(word, (LO, world.places["port"]))
            world.process.expect_out(word)
    return world.end()


PACKETS = [
    Row("packet-out", O, "-u 127.0.0.1 {port}", sends_packets(packet), HELLO, "open", TERM,
        out=ANSWER, got=HELLO),
    Row("packet-out-ends-input", O, "-u 127.0.0.1 {port}", sends_packets(packet), HELLO, "end",
        TERM, out=ANSWER, got=HELLO),
    Row("packet-out-quits", O, "-u -q 1 127.0.0.1 {port}", sends_packets(packet), HELLO, status=0,
        out=ANSWER, got=HELLO, alone="hears nothing more once its input has ended"),
    Row("packet-out-waits", O, "-u -w 1 127.0.0.1 {port}", sends_packets(packet), HELLO,
        out=ANSWER, got=HELLO),
    Row("packet-out-traditional", T, "-u -q 1 127.0.0.1 {port}", sends_packets(packet), HELLO,
        status=0, out=ANSWER, got=HELLO),
    Row("packet-out-waits-traditional", T, "-u -w 1 127.0.0.1 {port}", sends_packets(packet), HELLO,
        out=ANSWER, got=HELLO),
    Row("packet-out-ncat", N, "-u 127.0.0.1 {port}", sends_packets(packet), HELLO, "open", TERM,
        out=ANSWER, got=HELLO),
    Row("packet-out-ncat-sends-only", N, "--send-only -u 127.0.0.1 {port}",
        sends_packets(packet_only), HELLO, status=0, out=b"", got=HELLO),
    Row("packet-out-ncat-idle", N, "-u -i 1 127.0.0.1 {port}", sends_packets(packet), HELLO, "open",
        out=ANSWER, got=HELLO, apart={"status": IDLE}),
    Row("packet-tos", O, "-u -q 0 -T lowdelay 127.0.0.1 {port}", sends_packets(note(socket.IP_TOS)),
        HELLO, status=0, got=0x10),
    Row("packet-ttl", O, "-u -q 0 -M 7 127.0.0.1 {port}", sends_packets(note(socket.IP_TTL)),
        HELLO, status=0, got=7),
    Row("packet-source", O, "-u -q 0 -s 127.0.0.2 -p {udp} 127.0.0.1 {port}",
        sends_packets(lambda world, server, where, data:
                      (where[0], where[1] == world.places["udp"])),
        HELLO, status=0, got=("127.0.0.2", True)),
    Row("packet-in", O, "-u -l {port}", takes_packets(one_packet), ANSWER, "open", TERM,
        out=HELLO, got=ANSWER),
    Row("packet-in-p", O, "-ulp {port}", takes_packets(one_packet), ANSWER, "open", TERM,
        out=HELLO, got=ANSWER),
    Row("packet-in-traditional", T, "-u -l -p {port}", takes_packets(one_packet), ANSWER, "open",
        TERM, out=HELLO, got=ANSWER, apart=PUNT),
    Row("packet-in-ncat", N, "-u -l {port}", takes_packets(one_packet), ANSWER, "open", TERM,
        out=HELLO, got=ANSWER),
    Row("packet-in-address", O, "-u -l 127.0.0.1 {port}", takes_packets(one_packet), b"", "open",
        TERM, out=HELLO),
    Row("packet-in-several", O, "-u -l {port}", takes_packets(two_packets), b"", "open", TERM,
        out=b"un\ndeux\n"),
    Row("packet-in-waits", O, "-u -w 1 -l {port}", takes_packets(one_packet), b"", "open",
        out=HELLO),
    Row("packet-in-counted", O, "-u -W 2 -l {port}", takes_packets(two_packets), b"", "open",
        status=0, out=b"un\ndeux\n"),
    Row("packet-in-counted-alone", O, "-W 1 -u -l {port}", takes_packets(one_packet), b"", "open",
        status=0, out=HELLO),
    Row("packet-in-of-all", O, "-u -k -l {port}", packets_of_two, b"", "open", TERM,
        out=b"un\ndeux\n"),
    Row("packet-in-of-all-null", O, "-u -k -l {port}", packets_of_two, b"", "null", TERM,
        out=b"un\ndeux\n"),
    Row("packet-in-of-all-ncat", N, "-u -k -l {port}", packets_of_two, b"", "open", TERM,
        out=b"un\ndeux\n", alone="takes -k with -u only for programs"),
    Row("packet-exec-ncat", N, "-u -l {port} -e /bin/cat", takes_packets(
        lambda world, peer: (peer.send(HELLO), peer.recv(65536))[1]), ends=TERM, got=HELLO),
    Row("packet-verbose", O, "-vnu -q 1 127.0.0.1 {port}", sends_packets(packet), HELLO, status=0,
        got=HELLO, said=True, alone="sends packets of its own to find out who is there"),
    Row("packet-verbose-server", O, "-vnu -l 127.0.0.1 {port}", takes_packets(one_packet), b"",
        "open", TERM, out=HELLO, said=True),
]


@rows(PACKETS)
def test_packets(row, other, players):
    check(row, other, players)


# ---- UNIX sockets --------------------------------------------------------------------------------


def dials_unix_packets(world):
    """A packet comes from a socket that has a path, and is answered."""
    with unix_server(world.folder / "salle", socket.SOCK_DGRAM) as server:
        world.start()
        data, where = server.recvfrom(65536)
        assert where, "who sends can be answered"
        server.sendto(ANSWER, os.fspath(world.folder / where))
        if world.row.out:
            world.process.expect_out(world.row.out)
    return world.end(data)


def takes_unix_packets(world):
    world.start()
    path = world.folder / "salle"
    wait_until(path.exists)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as peer:
        peer.bind(os.fspath(world.folder / "autre"))
        peer.sendto(HELLO, os.fspath(path))
        world.process.expect_out(HELLO)
    return world.end()


def two_visits_unix(world):
    world.start()
    for word in (b"un\n", b"deux\n"):
        with visit_unix(world) as peer:
            peer.sendall(word)
            world.process.expect_out(word)
    return world.end()


UNIX = [
    Row("unix-client", O, "-N -U salle", dials_unix(hears_all), HELLO, status=0, out=ANSWER,
        got=HELLO),
    Row("unix-client-verbose", O, "-vNU salle", dials_unix(hears_all), HELLO, status=0, said=True),
    Row("unix-client-ncat", N, "-U salle", dials_unix(hears_all), HELLO, status=0, out=ANSWER,
        got=HELLO),
    Row("unix-server", O, "-lU salle", listens_unix(says(HELLO)), b"", "open", status=0, out=HELLO),
    Row("unix-server-verbose", O, "-vlU salle", listens_unix(says(HELLO)), b"", "null", status=0,
        said=True),
    Row("unix-server-ncat", N, "-l -U salle", listens_unix(says(HELLO)), b"", "open", status=0,
        out=HELLO),
    Row("unix-server-keeps", O, "-lkU salle", two_visits_unix, stdin="null", ends=TERM,
        out=b"un\ndeux\n"),
    Row("unix-server-keeps-ncat", N, "-lkU salle", two_visits_unix, stdin="open", ends=TERM,
        out=b"un\ndeux\n"),
    Row("unix-server-exec-ncat", N, "-lU salle -e /bin/cat", listens_unix(asks(HELLO, HELLO)),
        status=0, got=HELLO),
    Row("unix-packet", O, "-uU -w 1 -s moi salle", dials_unix_packets, HELLO, out=ANSWER,
        got=HELLO),
    Row("unix-packet-without-name", O, "-uU -w 1 salle", dials_unix_packets, HELLO, out=ANSWER,
        got=HELLO),
    Row("unix-packet-quits", O, "-uU -q 1 salle", dials_unix_packets, HELLO, status=0, out=ANSWER,
        got=HELLO, alone="hears nothing more once its input has ended"),
    Row("unix-packet-ncat", N, "-uU salle", dials_unix_packets, HELLO, "open", TERM, out=ANSWER,
        got=HELLO),
    Row("unix-packets-in", O, "-luU salle", takes_unix_packets, b"", "open", TERM, out=HELLO),
    Row("unix-packets-in-ncat", N, "-luU salle", takes_unix_packets, b"", "open", TERM, out=HELLO),
    Row("unix-nobody", O, "-U salle", plain, HELLO, status=1, said=("salle ... No such file",)),
    Row("unix-nobody-ncat", N, "-U salle", plain, HELLO, status=1, said=("No such file",)),
]


@rows(UNIX)
def test_unix(row, other, players):
    check(row, other, players)


# ---- scans ---------------------------------------------------------------------------------------


def three_ports():
    """Three ports in a row that nobody has."""
    while True:
        first = free_port()
        try:
            for port in (first + 1, first + 2):
                with socket.socket() as probe:
                    probe.bind(("0.0.0.0", port))
        except OSError:
            continue
        return first


def scans(world):
    """Of three ports in a row the middle one is open."""
    first = three_ports()
    world.places.update(low=first, port=first + 1, high=first + 2)
    with socket.socket() as server:
        server.bind((LO, first + 1))
        server.listen(8)
        world.start()
        outcome = world.end()
    outcome.said.sort()
    return outcome


SCANS = [
    Row("scan-open", O, "-z 127.0.0.1 {port}", scans, status=0, out=b"", said=True),
    Row("scan-closed", O, "-z 127.0.0.1 {low}", scans, status=1, out=b"", said=True),
    Row("scan-open-verbose", O, "-zv 127.0.0.1 {port}", scans, status=0, out=b"", said=True),
    Row("scan-closed-verbose", O, "-zv 127.0.0.1 {low}", scans, status=1, out=b"", said=True),
    Row("scan-range", O, "-z 127.0.0.1 {low}-{high}", scans, status=0, out=b"", said=True),
    Row("scan-range-verbose", O, "-zvn 127.0.0.1 {low}-{high}", scans, status=0, out=b"",
        said=True),
    Row("scan-range-reversed", O, "-zvn 127.0.0.1 {high}-{low}", scans, status=0, out=b"",
        said=True),
    Row("scan-range-random", O, "-zvnr 127.0.0.1 {low}-{high}", scans, status=0, out=b"",
        said=True),
    Row("scan-range-waits", O, "-zvn -w 2 127.0.0.1 {low}-{high}", scans, status=0, out=b"",
        said=True),
    Row("scan-open-traditional", T, "-zvn 127.0.0.1 {port}", scans, status=0, out=b"", said=True),
    Row("scan-closed-traditional", T, "-zvn 127.0.0.1 {low}", scans, status=1, out=b"", said=True),
    Row("scan-range-traditional", T, "-zvn 127.0.0.1 {low}-{high}", scans, status=0, out=b"",
        said=True),
    Row("scan-range-traditional-vv", T, "-zvvn 127.0.0.1 {low}-{high}", scans, status=0, out=b""),
    Row("scan-several-traditional", T, "-zvn 127.0.0.1 {low} {port} {high}", scans, status=0,
        out=b"", said=True),
    Row("scan-open-ncat", N, "-z 127.0.0.1 {port}", scans, status=0, out=b"", said=True),
    Row("scan-closed-ncat", N, "-z 127.0.0.1 {low}", scans, status=1, out=b"", said=True),
    Row("scan-open-ncat-verbose", N, "-zv 127.0.0.1 {port}", scans, status=0, out=b"", said=True),
]


@rows(SCANS)
def test_scan(row, other, players):
    check(row, other, players)


# ---- dumps ---------------------------------------------------------------------------------------

HEX = re.compile(r"(?m)^(?:[<>] [0-9a-f]{8}|\[?[0-9A-Fa-f]{4}\]?)? +((?:[0-9A-Fa-f]{2} {1,3})+)")


def hexed(scene):
    """Each netcat has a form of its own for dumps: what counts is the bytes that stand there."""

    def played(world):
        outcome = scene(world)
        dump = outcome.files["copie"].decode()
        outcome.files["copie"] = bytes.fromhex("".join(HEX.findall(dump)))
        return outcome

    return played


BOTH_WAYS = {"copie": HELLO + ANSWER}

DUMPS = [
    Row("dump-hex-traditional", T, "-o copie 127.0.0.1 {port}", hexed(dials(HEARS_HELLO)), HELLO,
        status=0, out=ANSWER, got=HELLO, files=BOTH_WAYS),
    Row("dump-hex-nc", T, "-o copie 127.0.0.1 {port}", hexed(dials(HEARS_HELLO)), HELLO,
        status=0, out=ANSWER, got=HELLO, files=BOTH_WAYS, face="nc"),
    Row("dump-raw-ncat", N, "-o copie 127.0.0.1 {port}", dials(hears_all), HELLO, status=0,
        out=ANSWER, files={"copie": HELLO + ANSWER}),
    Row("dump-raw-word-ncat", N, "--output copie 127.0.0.1 {port}", dials(hears_all), HELLO,
        status=0, out=ANSWER, files={"copie": HELLO + ANSWER}),
    Row("dump-raw-clobbers-ncat", N, "-o copie 127.0.0.1 {port}", dials(hears_all), HELLO,
        status=0, before={"copie": b"vieux\n"}, files={"copie": HELLO + ANSWER}),
    Row("dump-raw-appends-ncat", N, "--append-output -o copie 127.0.0.1 {port}", dials(hears_all),
        HELLO, status=0, before={"copie": b"vieux\n"},
        files={"copie": b"vieux\n" + HELLO + ANSWER}),
    Row("dump-hex-ncat", N, "-x copie 127.0.0.1 {port}", hexed(dials(hears_all)), HELLO, status=0,
        out=ANSWER, files=BOTH_WAYS),
    Row("dump-server-raw-ncat", N, "-l -o copie {port}", listens(says(HELLO)), b"", "open",
        status=0, out=HELLO, files={"copie": HELLO}),
    Row("dump-odd-name-ncat", N, ["-o", "50% à, moi", LO, "{port}"], dials(hears_all), HELLO,
        status=0, files={"50% à, moi": HELLO + ANSWER}),
]


@rows(DUMPS)
def test_dump(row, other, players):
    check(row, other, players)


# ---- what goes wrong -----------------------------------------------------------------------------


def port_in_use(world):
    """Somebody else listens there."""
    with socket.socket() as server:
        server.bind((LO, 0))
        server.listen(1)
        world.places["port"] = server.getsockname()[1]
        world.start()
        return world.end()


def nobody_answers(world):
    """A listener whose queue is full: the kernel answers no more."""
    with socket.socket() as server:
        server.bind((LO, 0))
        server.listen(0)
        where = server.getsockname()
        world.places["port"] = where[1]
        waiting = []
        try:
            while not waiting or not is_stuck(waiting[-1]):
                waiting.append(socket.socket())
                waiting[-1].setblocking(False)
                waiting[-1].connect_ex(where)
            world.start()
            return world.end()
        finally:
            for peer in waiting:
                peer.close()


def is_stuck(peer):
    """Whether a connection isn't made at once, as it is on the loopback."""
    import select

    return not select.select([], [peer], [], 0.2)[1]


def signalled(number, *, listening):
    """A signal ends a program that listens, or that is connected."""

    def scene(world):
        world.row.ends = number
        if listening:
            world.port()
            world.start()
            world.visited()
            return world.end()
        with tcp_server() as server:
            world.places["port"] = server.getsockname()[1]
            world.start()
            with accept(server) as peer:
                read_exactly(peer, len(HELLO))
                return world.end()

    return scene


QUITS = {"status": "2, as if the command line were wrong"}

FAILURES = [
    Row("refused", O, "127.0.0.1 {dead}", plain, status=1, out=b"", said=True),
    Row("refused-verbose", O, "-v 127.0.0.1 {dead}", plain, status=1, out=b"", said=True),
    Row("refused-verbose-n", O, "-vn 127.0.0.1 {dead}", plain, status=1, said=True),
    Row("refused-traditional", T, "-n 127.0.0.1 {dead}", plain, status=1, said=True),
    Row("refused-verbose-traditional", T, "-nv 127.0.0.1 {dead}", plain, status=1, said=True),
    Row("refused-ncat", N, "127.0.0.1 {dead}", plain, status=1, out=b"", said=True),
    Row("refused-verbose-ncat", N, "-v 127.0.0.1 {dead}", plain, status=1, said=True),
    Row("refused-ports", O, "-vn 127.0.0.1 {dead}-{dead}", plain, status=1, said=True),
    Row("unknown-host", O, f"{NO_SUCH_HOST} {{dead}}", plain, status=1,
        said=(f"{NO_SUCH_HOST} ... Name or service not known",)),
    Row("unknown-host-traditional", T, f"{NO_SUCH_HOST} {{dead}}", plain, status=1,
        said=(NO_SUCH_HOST,)),
    Row("unknown-host-ncat", N, f"{NO_SUCH_HOST} {{dead}}", plain, 
        said=(f"{NO_SUCH_HOST} ... Name or service not known",), apart=QUITS),
    Row("no-name", O, "-n localhost {dead}", plain, status=1, said=("localhost",),
        late=True),
    Row("no-name-traditional", T, "-n localhost {dead}", plain, status=1, said=("localhost",),
        late=True),
    Row("no-name-ncat", N, "-n localhost {dead}", plain, status=2, said=("localhost",)),
    Row("in-use", O, "-l 127.0.0.1 {port}", port_in_use, status=1,
        said=("Address already in use",)),
    Row("in-use-traditional", T, "-l -s 127.0.0.1 -p {port}", port_in_use, status=1,
        alone="grabs the port together with the other, or says it without a reason"),
    Row("in-use-ncat", N, "-l 127.0.0.1 {port}", port_in_use, status=1,
        said=("Address already in use",), apart=QUITS),
    Row("not-our-address", O, "-l 192.0.2.1 {port}", plain, status=1,
        said=("Cannot assign requested address",)),
    Row("not-our-source", O, "-s 192.0.2.1 127.0.0.1 {dead}", plain, status=1),
    Row("nobody-answers", O, "-w 1 127.0.0.1 {port}", nobody_answers, status=1, out=b"",
        said=True),
    Row("nobody-answers-verbose", O, "-vnw 1 127.0.0.1 {port}", nobody_answers, status=1,
        said=True),
    Row("nobody-answers-traditional", T, "-nvw 1 127.0.0.1 {port}", nobody_answers, status=1,
        said=True),
    Row("nobody-answers-ncat", N, "-w 1 127.0.0.1 {port}", nobody_answers, status=1, said=True),
    Row("nobody-answers-ms-ncat", N, "-w 300ms 127.0.0.1 {port}", nobody_answers, status=1,
        said=True),
    Row("nobody-answers-scan", O, "-zvn -w 1 127.0.0.1 {port}", nobody_answers, status=1,
        said=True),
    Row("term-listening", O, "-l {port}", signalled(TERM, listening=True), stdin="open",
        status=143),
    Row("int-listening", O, "-l {port}", signalled(INT, listening=True), stdin="open"),
    Row("term-connected", O, "127.0.0.1 {port}", signalled(TERM, listening=False), HELLO, "open",
        status=143),
    Row("int-connected", O, "127.0.0.1 {port}", signalled(INT, listening=False), HELLO, "open"),
    Row("term-traditional", T, "-l -p {port}", signalled(TERM, listening=True), stdin="open",
        status=143, apart=PUNT),
    Row("int-traditional", T, "-l -p {port}", signalled(INT, listening=True), stdin="open",
        status=130, apart=PUNT),
    Row("term-ncat", N, "-l {port}", signalled(TERM, listening=True), stdin="open"),
    Row("int-ncat", N, "-l {port}", signalled(INT, listening=True), stdin="open"),
    Row("term-keeps-ncat", N, "-lk {port}", signalled(TERM, listening=True), stdin="open"),
    Row("term-scripted-ncat", N, "-lk {port} -e /bin/cat", signalled(TERM, listening=True),
        stdin="open"),
]


@rows(FAILURES)
def test_failure(row, other, players):
    check(row, other, players)


def refused(name, family, words, *said, status=None, alone=""):
    usage = 2 if family == N else 1
    return Row(name, family, words, plain, b"", "null", status=status or usage, out=b"",
               said=said, wrong=True, alone=alone)


WRONG = [
    refused("nothing", O, []),
    refused("nothing-traditional", T, []),
    refused("nothing-ncat", N, [], "host"),
    refused("unknown-letter", O, "-Y 127.0.0.1 1", "option", "Y"),
    refused("unknown-letter-traditional", T, "-Y 127.0.0.1 1", "option", "Y"),
    refused("unknown-letter-ncat", N, "-Y 127.0.0.1 1", "option", "Y"),
    refused("unknown-word", O, "--foo 127.0.0.1 1", "option"),
    refused("unknown-word-ncat", N, "--foo 127.0.0.1 1", "option ... --foo"),
    refused("no-value", O, "127.0.0.1 1 -w", "option", "w"),
    refused("no-value-traditional", T, "127.0.0.1 1 -e", "option", "e"),
    refused("no-value-ncat", N, "127.0.0.1 1 --wait", "option", "wait"),
    refused("no-port", O, LO, "port", "missing"),
    refused("no-port-traditional", T, LO, "port"),
    refused("no-port-listening", O, "-l", "port", "missing"),
    refused("large-port", O, "127.0.0.1 99999", "port", "99999"),
    refused("large-port-ncat", N, "127.0.0.1 99999", "port", "99999"),
    refused("large-port-traditional", T, "127.0.0.1 99999", "port", "99999",
            alone="connects to port 34463"),
    refused("no-such-port", O, "127.0.0.1 abcd", "port", "abcd"),
    refused("no-such-port-traditional", T, "127.0.0.1 abcd", "port", "abcd"),
    refused("no-such-port-ncat", N, "127.0.0.1 abcd", "port", "abcd"),
    refused("port-zero", O, "127.0.0.1 0", "port", "0"),
    refused("port-zero-traditional", T, "127.0.0.1 0", "port", "0"),
    refused("bad-time", O, "-w x 127.0.0.1 1", "x"),
    refused("bad-time-traditional", T, "-w x 127.0.0.1 1", "x"),
    refused("bad-time-ncat", N, "-w 3x 127.0.0.1 1", "3x"),
    refused("range-ncat", N, "127.0.0.1 1-3", "port", "1-3"),
    refused("two-ports-ncat", N, "-l -p 22 127.0.0.1 33", "33"),
    refused("too-many-words", N, "127.0.0.1 22 33", "33"),
    refused("keeps-what", O, "-k 127.0.0.1 1", "-k", "-l"),
    refused("broker-dials", N, "--broker 127.0.0.1 1", "--broker", "-l", alone="forgets --broker"),
    refused("two-ways", N, "--send-only --recv-only 127.0.0.1 1", "send-only", "recv-only",
            alone="takes both"),
    refused("bad-tos", O, "-T nonsense 127.0.0.1 1", "nonsense"),
    refused("bad-size", O, "-I 0 127.0.0.1 1"),
    refused("bad-ttl", O, "-M 300 127.0.0.1 1"),
    refused("bad-proxy", O, "-X 7 -x 127.0.0.1:1 127.0.0.1 1"),
    refused("md5", O, "-S 127.0.0.1 1", "-S", "nc.openbsd", alone="asks the kernel without a key"),
    refused("routing-table", O, "-V 3 127.0.0.1 1", "-V", "nc.openbsd",
            alone="is refused by the kernel"),
    refused("lua", N, "--lua-exec x -l 1", "--lua-exec", "ncat", alone="runs it"),
]


@rows(WRONG)
def test_wrong_command_line(row, other, players):
    check(row, other, players)


@pytest.mark.parametrize("row", WRONG, ids=[row.name for row in WRONG])
def test_translate_refuses_what_the_face_refuses(bin, runners, row):
    words = row.words.split() if isinstance(row.words, str) else row.words
    face = runners(Runner, str(bin / FACE[row.family]))
    plainly, translated = face(*words), face("--translate", *words)
    assert (translated.status, translated.out, translated.err) == (
        plainly.status, b"", plainly.err)


# ---- transfers -----------------------------------------------------------------------------------
#
# A file goes from one to the other, and both end by themselves. Among themselves the real ones
# can't always: nc.openbsd without -N and nc.traditional without -q never tell that the file has
# ended, so both go on for ever; and nc.traditional listening at a terminal, or at a pipe that stays
# open, waits for that after the file has come.

SENDERS = {
    "our-nc": ["nc", LO, "{port}"],
    "our-ncat": ["ncat", LO, "{port}"],
    "nc.openbsd": ["/nc.openbsd", "-N", LO, "{port}"],
    "nc.traditional": ["/nc.traditional", "-q0", LO, "{port}"],
    "ncat": ["/ncat", LO, "{port}"],
    "socat": ["/socat", "-u", "-", "TCP:127.0.0.1:{port}"],
}
RECEIVERS = {
    "our-nc": ["nc", "-l", "{port}"],
    "our-ncat": ["ncat", "-l", "{port}"],
    "nc.openbsd": ["/nc.openbsd", "-l", "{port}"],
    "nc.traditional": ["/nc.traditional", "-l", "-p", "{port}"],
    "ncat": ["/ncat", "-l", "{port}"],
    "socat": ["/socat", "-u", "TCP-LISTEN:{port}", "-"],
}
FILES = {"empty": b"", "a-byte": b"x", "odd": random_bytes((1 << 20) + 4321)}
INPUTS = ["null", "pipe", "terminal"]
MIXES = [(sender, receiver) for sender in SENDERS for receiver in RECEIVERS
         if "our-" in sender or "our-" in receiver]


@pytest.fixture
def somebody(runners, bin):
    """Starts ours, or another program, by the words of a table."""

    def start(words, port, **more):
        words = [word.format(port=port) for word in words]
        path = shutil.which(words[0][1:]) if words[0][0] == "/" else str(bin / words[0])
        return runners(Runner, path).start(*words[1:], **more)

    return start


@pytest.fixture
def receivers_input():
    """What a receiver has as its standard input: nothing, or something that never ends."""
    ends = []

    def make(kind):
        if kind == "null":
            return subprocess.DEVNULL
        pair = os.pipe() if kind == "pipe" else os.openpty()[::-1]
        ends.extend(pair)
        return pair[0]

    yield make
    for fd in ends:
        os.close(fd)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("sender, receiver", MIXES, ids=[f"{a}-to-{b}" for a, b in MIXES])
def test_transfer(somebody, receivers_input, tmp, sender, receiver, kind, name):
    if receiver == "nc.traditional" and kind != "null":
        pytest.skip("nc.traditional waits for its standard input, whoever sends")
    for words in (SENDERS[sender], RECEIVERS[receiver]):
        if words[0][0] == "/" and shutil.which(words[0][1:]) is None:
            pytest.skip(f"{words[0][1:]} is not installed")
    (tmp / "there").write_bytes(FILES[name])
    port = free_port()
    with open(tmp / "here", "wb") as here, open(tmp / "there", "rb") as there:
        receiving = somebody(RECEIVERS[receiver], port, stdin=receivers_input(kind), stdout=here)
        wait_until(lambda: is_bound(port) and is_asleep(receiving.pid) or not receiving.running)
        sending = somebody(SENDERS[sender], port, stdin=there)
        sent, received = sending.wait(), receiving.wait()
    for who, result in ((sender, sent), (receiver, received)):
        if "our-" in who:
            assert (result.status, result.err) == (0, b""), (result, sent, received)
    assert digest(tmp / "here") == digest(tmp / "there"), (sent, received)
    assert sent.out == b""


# ---- what belongs to no table --------------------------------------------------------------------


def played(players, row, other, play):
    """Plays something by hand, with both; returns what came of it."""
    found = []
    for world in players(row, other):
        found.append(play(world))
    return found


PASSES = Row("passes", O, "-F 127.0.0.1 {port}", None, stdin="open")
OTHERS = pytest.mark.parametrize("other", ["real", "translated"])


@OTHERS
def test_a_connection_is_passed_over_standard_output(players, other):
    """As ssh wants it of a ProxyCommand with ProxyUseFdpass."""

    def play(world):
        ours, theirs = socket.socketpair()
        with ours, tcp_server() as server:
            ours.settimeout(DEADLINE)
            world.places["port"] = server.getsockname()[1]
            with theirs:
                world.start(stdout=theirs)
            _, passed, _, _ = socket.recv_fds(ours, 16, 4)
            assert len(passed) == 1
            outcome = world.end()
            with accept(server) as peer, socket.socket(fileno=passed[0]) as connection:
                connection.sendall(HELLO)
                assert read_exactly(peer, len(HELLO)) == HELLO
        return outcome.status, outcome.err

    assert played(players, PASSES, other, play) == [(0, b""), (0, b"")]


BROADCASTS = Row("broadcasts", O, "-b -u 127.0.0.1 {port}", None, HELLO, "open", ends=TERM)


@OTHERS
def test_broadcast_is_allowed(players, other):
    def play(world):
        with udp_socket() as server:
            world.places["port"] = server.getsockname()[1]
            world.start()
            server.recv(100)
            return world.end(option_of(world.process, socket.SOL_SOCKET, socket.SO_BROADCAST)).got

    assert played(players, BROADCASTS, other, play) == [1, 1]


@pytest.mark.parametrize("family", FACE)
def test_help_tells_every_letter_of_the_netcat(bin, runners, program, family):
    """On whatever stream: what its own help lists is listed by ours, and nothing is wrong."""
    ours = runners(Runner, str(bin / FACE[family]))("-h")
    theirs = program(REAL[family])("-h")
    assert (ours.status, ours.err) == (0, b"") and theirs.status == 0
    letters = lambda text: set(re.findall(r"(?m)^\s*(-\w)\b", text))
    refused = {"-S", "-V"}  # these say what they miss when they are used
    assert letters((theirs.out + theirs.err).decode()) - refused <= letters(ours.printed)


def test_help_of_ncat_tells_every_word(bin, runners, program):
    words = lambda text: set(re.findall(r"--[a-z][a-z-]+", text))
    ours = runners(Runner, str(bin / "ncat"))("--help")
    theirs = program("ncat")("--help")
    assert words(theirs.printed) - words(ours.printed) == {"--lua-exec"}


@pytest.mark.parametrize("name", NAMES)
def test_version(bin, runners, name):
    result = runners(Runner, str(bin / name))("--version")
    assert (result.status, result.err) == (0, b"")
    assert re.match(rf"{re.escape(name)} \d", result.printed) or "nettool" in result.printed


@pytest.mark.parametrize("name", NAMES)
def test_translate_runs_nothing(bin, runners, tmp, name):
    with tcp_server() as server:
        port = server.getsockname()[1]
        result = runners(Runner, str(bin / name))("--translate", LO, port, input=HELLO)
        assert (result.status, result.err) == (0, b"")
        assert result.out.startswith(b"nettool ") and str(port).encode() in result.out
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("name", NAMES)
def test_ready_fd(bin, runners, name):
    """An option of ours: scripts needn't guess when somebody listens, nor where."""
    listen = ["-l", "-p", 0] if name == "nc.traditional" else ["-l", LO, 0]
    server = runners(Runner, str(bin / name)).listener(*listen)
    with server.connect() as peer:
        peer.sendall(HELLO)
        server.expect_out(HELLO)
    assert server.wait().status == 0


ODD = [
    "l'été", 'dit "oui"', "a b  c", "a,b:c!d", "(x) [y] {z t}", "$HOME `id` \\ \\\\ %d", "fin\\",
    "*?~#&;|<>", "=",
]


@OTHERS
@pytest.mark.parametrize("family", [T, N])
@pytest.mark.parametrize("text", ODD)
def test_a_shell_command_stays_what_it_is(players, family, text, other):
    quoted = "'" + text.replace("'", "'\\''") + "'"
    row = Row("odd", family, ["-c", f"printf %s {quoted}", LO, "{port}"],
              dials(silent_until_told), got=text.encode(), status=0, out=b"", stdin="null")
    check(row, other, players)


@OTHERS
@pytest.mark.parametrize("text", ODD)
def test_the_path_of_a_socket_stays_what_it_is(players, text, other):
    def scene(world):
        with unix_server(world.folder / text) as server:
            world.start()
            with accept(server) as peer:
                return world.end(hears_all(world, peer), peer)

    check(Row("odd", O, ["-N", "-U", text], scene, HELLO, status=0, out=ANSWER, got=HELLO), other,
          players)
