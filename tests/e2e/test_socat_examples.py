"""The examples that come with socat, under nettool called socat.

What Debian installs, the EXAMPLES file and the examples of the manual page, is read when the tests
run: a shell takes the lines apart, with a `socat` on its path that writes down the words it gets
and does nothing. Each command line must be known to the table below, which says how it is run:
with which peers, and what stands in the place of its hosts, ports, paths and users. Those that
need what no test can have, a modem, a foreign host, somebody else's server, are checked with
--check. An address that isn't built in skips its examples with our own message, and they begin to
count once it is there.
"""

import gzip
import html
import os
import pty
import re
import shutil
import socket
import stat
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from test_socat_face import ask, connects, dial, face, is_bound, place_of  # noqa: F401
from tools import (
    DEADLINE,
    ROOT,
    Background,
    accept,
    free_port,
    read_all,
    read_exactly,
    read_until,
    tcp_server,
    udp_socket,
    unix_server,
    wait_until,
)

FOLDER = Path("/usr/share/doc/socat")

# ---- finding the examples ------------------------------------------------------------------------

# The documents mean a shell whose echo knows -e.
SHELL = shutil.which("bash") or "/bin/sh"
RECORDER = """#!/bin/sh
{ printf '%s\\0' $#; for word in "$@"; do printf '%s\\0' "$word"; done; } >>"$RECORD"
"""


def of_the_file():
    """The lines of the EXAMPLES file that call socat; a line that goes on is taken as one."""
    path = FOLDER / "EXAMPLES.gz"
    if not path.exists():
        return []
    lines = gzip.open(path, "rt", encoding="utf-8", errors="replace").read().splitlines()
    found = []
    for number, line in enumerate(lines):
        if line.startswith("//") or not re.search(r"(^|[ ;|/])socat ", line):
            continue
        line = re.sub(r"\s+//.*$", "", line)
        if re.match(r"/\w", line):  # the second half of a quoted text
            line = lines[number - 1] + "\n" + line
        found.append(line)
    return found


def of_the_manual():
    """The headings of the manual's examples."""
    path = FOLDER / "socat.html"
    if not path.exists():
        return []
    page = path.read_text(encoding="utf-8", errors="replace")
    part = page[page.index('name="EXAMPLES"') : page.index('name="DIAGNOSTICS"')]
    blocks = (html.unescape(re.sub(r"<[^>]*>", "", block)).strip()
              for block in re.findall(r"<dt>(.*?)<dd>", part, re.S))
    return [block for block in blocks if "socat" in block]


def words_of(line):
    """The words that a shell gives to socat for a line; other programs are not found there."""
    line = re.sub(r"^(?:\w*[$#]|ProxyCommand) ", "", line).replace("sudo ", "")
    line = re.sub(r"&\s*$", "", line)
    with tempfile.TemporaryDirectory(prefix="nt-") as folder:
        recorder = Path(folder) / "socat"
        recorder.write_text(RECORDER)
        recorder.chmod(0o755)
        record = Path(folder) / "words"
        record.touch()
        subprocess.run([SHELL, "-c", line], cwd=folder, timeout=DEADLINE,
                       env={"PATH": folder, "RECORD": str(record), "HOME": "/root"},
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        words = record.read_text().split("\0")
    return words[1 : 1 + int(words[0])] if words[0] else []


def examples():
    """Every command line once: (name, words)."""
    found = {}
    for line in of_the_file() + of_the_manual():
        words = words_of(line)
        found.setdefault(" ".join(words) or line, words)
    return list(found.items())


EXAMPLES = examples()

# ---- what stands for what ------------------------------------------------------------------------

# In every example: people and places that other machines have.
PLACES = {
    "su=sandbox": "su=nobody",
    "su-d=sandbox": "su-d=nobody",
    "user=user1": "user=nobody",
    "group=floppy": "group=daemon",
    ":www": ":80",
    "/tmp/": "{tmp}/",
    "/root/": "{tmp}/",
    "/home/sandbox": "/",
    "/usr/sbin/sendmail -bs": "cat",
    "%h:%p": "localhost:22",
}


@dataclass
class Example:
    """How a command line of the documents is run."""

    like: str  # a regular expression for all of it
    run: object = None  # None: it is only checked
    why: str = ""  # it isn't run
    put: dict = field(default_factory=dict)
    root: bool = False
    broken: str = ""  # what socat's own example has wrong, in words of the message
    needs: str = ""  # a program


@dataclass
class Stage:
    """What a run has at hand."""

    face: object
    tmp: Path
    words: list

    def put(self, **places):
        words = self.words
        for name, value in places.items():
            words = [word.replace("{" + name + "}", str(value)) for word in words]
        return words


def echo(stage, data=b"h\xc3\xa9llo\n"):
    result = stage.face(*stage.words, input=data)
    assert (result.status, result.out) == (0, data), result


def echo_until_seen(stage):
    """Ends nowhere by itself: what is typed comes back."""
    process = stage.face.start(*stage.words)
    process.send(b"hello\n")
    process.expect_out(b"hello\n")
    process.stop()


def to_a_server(said=b"to the server\n", answer=b"from it\n", heard=None):
    """Standard input and output against a server of ours on {port}."""

    def run(stage):
        with tcp_server() as server:

            def serve():
                with accept(server) as peer:
                    got = read_all(peer)
                    peer.sendall(answer)
                    return got

            served = Background(serve)
            result = stage.face(*stage.put(port=server.getsockname()[1],
                                           own=free_port()), input=said)
            assert served.result() == (heard or said)
            assert (result.status, result.out) == (0, answer.replace(b"\r", b"")), result

    return run


def as_a_server(said, answer, where=None, ends=False):
    """A client of ours says something and gets the answer; standard input stays open."""

    def run(stage):
        process = stage.face.start("-d", "-d", *stage.put(own=free_port()))
        place = str(stage.tmp / where) if where else place_of(process)
        if where:
            wait_until(lambda: (stage.tmp / where).is_socket())
        with dial(place) as peer:
            peer.sendall(said)
            peer.shutdown(socket.SHUT_WR)
            got = read_all(peer)
        assert re.fullmatch(answer, got, re.S), got
        result = process.wait() if ends else process.stop()
        assert result.status == (0 if ends else 143), result

    return run


def forwards(where=None, listens=True):
    """A client of ours, the program, a server of ours on {port}."""

    def run(stage):
        with tcp_server() as server:

            def serve():
                with accept(server) as peer:
                    got = read_all(peer)
                    peer.sendall(b"<" + got + b">")

            served = Background(serve)
            process = stage.face.start("-d", "-d", *stage.put(port=server.getsockname()[1],
                                                              own=free_port()))
            if where:
                wait_until(lambda: (stage.tmp / where).is_socket())
            place = str(stage.tmp / where) if where else place_of(process)
            assert ask(b"request")(place) == [b"<request>"]
            served.result()
            process.stop()

    return run


def writes(name, data=b"data\n", mode=None, before=None, owner=None):
    """What it gets ends in a file."""

    def run(stage):
        path = stage.tmp / name
        if before is not None:
            path.write_bytes(before)
        result = stage.face(*stage.words, input=data)
        assert result.status == 0, result
        with open(path, "rb") as file:  # perhaps a very large one with a hole
            file.seek(-len(data), os.SEEK_END)
            assert file.read() == data
        assert mode is None or stat.S_IMODE(path.stat().st_mode) == mode
        assert owner is None or path.stat().st_uid == owner

    return run


def makes(name, mode):
    def run(stage):
        assert stage.face(*stage.words).status == 0
        status = (stage.tmp / name).stat()
        assert (status.st_size, stat.S_IMODE(status.st_mode)) == (0, mode)

    return run


def follows(from_the_start):
    """As tail -f."""

    def run(stage):
        path = stage.tmp / "log"
        path.write_bytes(b"old\n")
        process = stage.face.start("-dd", *stage.words)
        process.expect_err(b"starting data transfer loop")
        if from_the_start:
            process.expect_out(b"old\n")
        with open(path, "ab") as log:
            log.write(b"new\n")
        process.expect_out(b"new\n")
        assert process.out == (b"old\nnew\n" if from_the_start else b"new\n")
        process.stop()

    return run


def unix_both_ways(stage):
    """The listener of this example, and the client of the next one."""
    process = stage.face.start(*stage.words)
    process.send(b"from the listener")
    wait_until(lambda: (stage.tmp / "mysocket").is_socket())
    with dial(str(stage.tmp / "mysocket")) as peer:
        assert read_exactly(peer, 17) == b"from the listener"
        peer.sendall(b"from the client")
        process.expect_out(b"from the client")
    assert process.wait().status == 0


def to_a_unix_server(name):
    def run(stage):
        with unix_server(stage.tmp / name) as server:

            def serve():
                with accept(server) as peer:
                    got = read_all(peer)
                    peer.sendall(b"back")
                    return got

            served = Background(serve)
            result = stage.face(*stage.words, input=b"there")
            assert (served.result(), result.status, result.out) == (b"there", 0, b"back"), result

    return run


def to_a_udp_server(stage):
    with udp_socket() as server:
        process = stage.face.start(*stage.put(port=server.getsockname()[1]))
        process.send(b"there")
        data, peer = server.recvfrom(100)
        assert data == b"there"
        server.sendto(b"back", peer)
        process.expect_out(b"back")
        process.stop()


def to_itself(kind):
    """A socket that is connected to its own address."""

    def run(stage):
        process = stage.face.start(*stage.put(port=free_port(kind)))
        process.send(b"hello")
        process.expect_out(b"hello")
        process.stop()

    return run


def takes_datagrams(stage):
    port = free_port(socket.SOCK_DGRAM)
    process = stage.face.start(*stage.put(port=port))
    wait_until(lambda: is_bound(port))
    with dial(("127.0.0.1", port), socket.SOCK_DGRAM) as peer:
        peer.send(b"one")
        process.expect_out(b"one")
        peer.send(b"two")
        process.expect_out(b"onetwo")
    process.stop()


def takes_one_datagram(stage):
    """The program of the other side sees the variables of the packet."""
    port = free_port(socket.SOCK_DGRAM)
    process = stage.face.start(*stage.put(port=port))
    wait_until(lambda: is_bound(port))
    with dial(("127.0.0.1", port), socket.SOCK_DGRAM) as peer:
        peer.send(b"packet")
        result = process.wait()
    for name in ("PEERADDR", "PEERPORT", "TIMESTAMP", "IP_TTL", "IP_TOS", "IP_DSTADDR", "IP_IF"):
        assert f"SOCAT_{name}=".encode() in result.out, (name, result)
    assert b"SOCAT_PEERADDR='127.0.0.1'" in result.out, result


def talks_to(answer, said=b"said\n"):
    """A program at a terminal of its own."""

    def run(stage):
        process = stage.face.start(*stage.words)
        process.send(said)
        process.expect_out(answer)
        process.stop()

    return run


def prints(pattern, status=0):
    def run(stage):
        result = stage.face(*stage.words)
        assert result.status == status and re.search(pattern, result.out), result

    return run


def ends_by_itself(stage):
    result = stage.face(*stage.words)
    assert (result.status, result.out, result.err) == (0, b"", b""), result


def converts(said, written):
    def run(stage):
        result = stage.face(*stage.words, input=said)
        assert (result.status, result.out) == (0, written), result

    return run


def copies_to_a_file(stage):
    """Both the terminal's and the file's bytes: what is in the file comes out, input goes in."""
    path = stage.tmp / "outfile1"
    path.write_bytes(b"old\n")
    process = stage.face.start(*stage.words)
    process.expect_out(b"old\n")
    process.send(b"new\n")
    process.expect_out(b"old\nnew\n")
    process.stop()
    assert path.read_bytes() == b"old\nnew\n"


def between_two_servers(stage):
    with tcp_server() as one, tcp_server() as two:
        process = stage.face.start(*stage.put(port=one.getsockname()[1],
                                              other=two.getsockname()[1]))
        with accept(one) as left, accept(two) as right:
            left.sendall(b"from the left")
            assert read_exactly(right, 13) == b"from the left"
            right.sendall(b"and back")
            assert read_exactly(left, 8) == b"and back"
        assert process.wait().status == 0


def between_two_clients(stage):
    """A double server: the second address listens when somebody is at the first."""
    second = free_port()
    process = stage.face.start("-d", "-d", *stage.put(other=second))
    with dial(place_of(process)) as left:
        process.expect_err(f"listening on AF=2 0.0.0.0:{second}\n".encode())
        with dial(("127.0.0.1", second)) as right:
            left.sendall(b"from the left")
            assert read_exactly(right, 13) == b"from the left"
            right.sendall(b"and back")
            assert read_exactly(left, 8) == b"and back"
    process.stop()


def tees_both_ways(stage):
    """Copies of both directions by tee, and a socat of ours inside the command."""
    with tcp_server() as server:

        def serve():
            with accept(server) as peer:
                got = read_all(peer)
                peer.sendall(b"answer")
                return got

        served = Background(serve)
        process = stage.face.start("-d", "-d", *stage.put(
            port=server.getsockname()[1], socat=stage.face.program[0]), cwd=stage.tmp)
        got = ask(b"request")(place_of(process))
        assert (got, served.result()) == ([b"answer"], b"request")
        process.stop()
    assert (stage.tmp / "l2r").read_bytes() == b"request"
    assert (stage.tmp / "r2l").read_bytes() == b"answer"


def hears_from_a_server(stage):
    """The server's connection stays for the next client: end-close."""
    with tcp_server() as server:
        process = stage.face.start("-d", "-d", *stage.put(port=server.getsockname()[1]))
        with accept(server) as sink:
            place = place_of(process)
            for text in (b"one", b"two"):
                with dial(place) as peer:
                    peer.sendall(text)
                assert read_exactly(sink, 3) == text
            process.stop()


def logs_clients(stage):
    process = stage.face.start("-d", "-d", *stage.words)
    place = place_of(process)
    for text in (b"one\n", b"two\n"):
        assert ask(text)(place) == [b""]
    wait_until(lambda: (stage.tmp / "in.log").read_bytes() == b"one\ntwo\n")
    process.stop()


def at_a_terminal(said, times=1, file=None):
    """Standard input and output are a terminal, which shows `hello` so many times."""

    def run(stage):
        terminal, slave = pty.openpty()
        with tcp_server() as server:
            try:
                process = stage.face.start("-d", "-d", *stage.put(port=server.getsockname()[1]),
                                           stdin=slave, stdout=slave)
                process.expect_err(b"starting data transfer loop")
                os.write(terminal, said)
                if "{port}" in str(stage.words):
                    with accept(server) as peer:
                        peer.sendall(read_exactly(peer, len(said)))
                for _ in range(times):
                    assert read_until(terminal, b"hello").endswith(b"hello")
                process.stop()
            finally:
                os.close(terminal)
                os.close(slave)
        assert file is None or (stage.tmp / file).read_bytes() == said

    return run


def serves_a_terminal(stage):
    """What is typed with line editing reaches a client of ours, and the other way round."""
    terminal, slave = pty.openpty()
    try:
        process = stage.face.start("-d", "-d", *stage.words, stdin=slave, stdout=slave)
        with dial(place_of(process)) as peer:
            peer.sendall(b"EHLO\r\n")
            assert read_until(terminal, b"EHLO").endswith(b"EHLO")
            os.write(terminal, b"250 hello\r")
            assert read_until(peer, b"\n") == b"250 hello\r\n"
        process.stop()
    finally:
        os.close(terminal)
        os.close(slave)


HTTP = rb"HTTP/1.0 200.*Content-Type: text/plain\r\n\r\nGET / HTTP/1.0\r\n\r\n"
HTTP_LONG = rb".*HTTP/1.0 200 OK.*server:127.0.0.1:\d+.*client: 127.0.0.1:\d+.*GET /\r\n.*"
MODEM = "a modem is needed"
HOST = "a foreign host is needed"
ANY_PORT = {":2023": ":0", ":25,": ":0,", ":8000,": ":0,", ":10081,": ":0,", ":80,": ":0,",
            ":5555": ":0", ":7777": ":0", ":3334,": ":0,", ":8888,": ":0,", ":10022,": ":0,",
            ":2022,": ":0,"}

TABLE = [
    # what standard input and output may look like
    Example(r"echo (-|STDIO|.*!!.*)", echo),
    Example(r"- (PIPE|EXEC:/bin/cat|SYSTEM:/bin/cat)", echo),
    Example(r"- PIPE:/tmp/pipi(,nonblock!!/tmp/pipi)?", echo),
    Example(r"-u - -", echo),
    Example(r"-u - -,crlf", converts(b"a\nb\n", b"a\r\nb\r\n")),
    Example(r"-u -,cr -", converts(b"a\rb\r", b"a\nb\n")),
    Example(r"-T 0.1 pipe pipe", ends_by_itself),
    Example(r"-(,\w+(=\d)?)+ tcp:(172|target).*", at_a_terminal(b"hello"),
            put={"172.16.181.130:2023": "localhost:{port}", "target:5555": "localhost:{port}"}),
    Example(r"-(,\w+(=\d)?)+ exec:ssh server,pty.*", at_a_terminal(b"hello\n", 2),
            put={"ssh server": "cat"}),
    Example(r"-,echo=0 open:/tmp/myfile.*", at_a_terminal(b"hello\n", file="myfile")),
    Example(r"readline TCP-LISTEN:25,crlf", serves_a_terminal, put={":25,": ":0,"}),
    Example(r"readline(,history=\S+)? exec:nslookup.*|READLINE,noecho=\S+ EXEC:ftp .*",
            at_a_terminal(b"hello\r", 2),
            put={"nslookup": "cat", "ftp ftp.server.com": "cat", "history=": "history={tmp}/"}),
    Example(r"-d -d READLINE,history=\S+ TCP4:.*", why=HOST),
    Example(r"readline TCP6:.*", why=HOST),
    # files
    Example(r"- /tmp/hugo,trunc,ignoreeof!!/tmp/hugo", echo_until_seen,
            put={",trunc": ",trunc,creat"}),
    Example(r"-u FILE:/var/log/\S+,ignoreeof -", follows(True),
            put={"/var/log/syslog.debug": "{tmp}/log"}),
    # without a value seek-end goes to one byte behind the end, here as there
    Example(r"-u FILE:/var/log/\S+,ignoreeof,seek-end -", follows(False),
            put={"/var/log/syslog.debug": "{tmp}/log", "seek-end": "seek-end=0"}),
    Example(r"-u /tmp/readdata,seek-end=0,ignoreeof -", follows(False),
            put={"/tmp/readdata": "{tmp}/log"}),
    Example(r"-u - CREATE:/tmp/outfile1.*", writes("outfile1", mode=0o640), root=True),
    Example(r"-u - FILE:/tmp/outfile1.*", writes("outfile1", before=b"", owner=4321), root=True),
    Example(r"- FILE:/tmp/outfile1,ignoreeof!!.*", copies_to_a_file),
    Example(r"-u /dev/null creat:/tmp/tempfile,perm=0600", makes("tempfile", 0o600)),
    Example(r"-u /dev/null creat:/tmp/tempfile,user=.*", makes("tempfile", 0o600), root=True),
    Example(r"-u - file:/tmp/bigfile,create,largefile,seek=100000000000", writes("bigfile"),
            put={"100000000000": "10000000000"}),
    Example(r"-u - file:/usr/bin/squid.exe,seek=0x00074420", writes("squid", before=b"MZ"),
            put={"/usr/bin/squid.exe": "{tmp}/squid"}),
    # clients
    Example(r"- TCP4?:(10\.1\.1\.1|www\.domain\.org):80", to_a_server(),
            put={"10.1.1.1:80": "127.0.0.1:{port}", "www.domain.org:80": "localhost:{port}"}),
    Example(r"- TCP:loopback:7", to_a_server(), put={"loopback:7": "localhost:{port}"}),
    Example(r"- UDP:loopback:7", to_a_udp_server, put={"loopback:7": "localhost:{port}"}),
    Example(r"- UDP:loopback:2000,bind=:2000", to_itself(socket.SOCK_DGRAM),
            put={"loopback": "127.0.0.1", "2000": "{port}"}),
    Example(r"- TCP:loopback:2000,bind=:2000", to_itself(socket.SOCK_STREAM),
            put={"loopback": "127.0.0.1", "2000": "{port}"}),
    Example(r"- tcp:www\.blackhat\.org:31337,readbytes=1000",
            to_a_server(answer=b"x" * 1000), put={"www.blackhat.org:31337": "localhost:{port}"}),
    Example(r".* -t 3600 - tcp:proxy:8080,crlf",
            to_a_server(said=b"CONNECT\n", heard=b"CONNECT\r\n", answer=b"HTTP/1.0 200\r\n"),
            put={"proxy:8080": "localhost:{port}"}),
    Example(r"-d TCP:localhost:23 TCP:extclient:10023", between_two_servers,
            put={"localhost:23": "localhost:{port}", "extclient:10023": "localhost:{other}"}),
    Example(r".*tcp:localhost:25,crlf,nodelay exec:/usr/sbin/chat .*",
            why="chat of the ppp package is needed"),
    Example(r"EXEC:mail\.sh .*", why=HOST),
    # servers
    Example(r"- TCP-LISTEN:25,crlf", as_a_server(b"EHLO\r\n", b"", ends=True), put=ANY_PORT),
    Example(r"tcp-l:2023,reuseaddr,fork exec:/bin/login,.*",
            as_a_server(b"echo $((6 * 7))\nexit\n", rb".*\b42\b.*"),
            put={"/bin/login": "/bin/sh", **ANY_PORT}),
    Example(r"TCP-LISTEN:5555 SYSTEM:tee l2r .*", tees_both_ways,
            put={"socat -": "{socat} -", "remote:5555": "localhost:{port}", **ANY_PORT}),
    Example(r"TCP-LISTEN:8000,crlf SYSTEM:echo HTTP.*",
            as_a_server(b"GET / HTTP/1.0\r\n\r\n", HTTP, ends=True), put=ANY_PORT),
    Example(r"-T 1 -d -d (tcp-l|TCP-L):10081,\S+ (system|SYSTEM):echo -e .*(?s:.*)",
            as_a_server(b"GET /\r\n", HTTP_LONG), put=ANY_PORT),
    Example(r"TCP-LISTEN:80,reuseaddr,fork,su=nobody TCP:www\.dmz.*", forwards(), root=True,
            put={"www.dmz.mydomain.org:80": "localhost:{port}", **ANY_PORT}),
    Example(r"-lm -d -d TCP-LISTEN:25,bind=fw\.dmz.*", forwards(), root=True,
            put={"bind=fw.dmz.mydomain.org": "bind=127.0.0.1",
                 "range=smtp.dmz.mydomain.org": "range=localhost",
                 "smtp.intra.mydomain.org:25": "localhost:{port}", **ANY_PORT}),
    Example(r"-d -d -lmlocal2 TCP4-LISTEN:80,bind=myaddr1.*", forwards(), root=True,
            put={"bind=myaddr1": "bind=127.0.0.1", "range=10.": "range=127.",
                 "www.domain.org:80,bind=myaddr2": "localhost:{port},bind=127.0.0.1", **ANY_PORT}),
    Example(r"TCP4-LISTEN:www TCP4:www\.domain\.org:www", forwards(),
            put={"TCP4-LISTEN:www": "TCP4-LISTEN:0", "www.domain.org:www": "localhost:{port}"}),
    Example(r"-d -d TCP-L:80,bind=fw-addr\d,(su=nobody,)?fork TCP:dmz-www\d:80", forwards(),
            root=True, put={"bind=fw-addr": "bind=127.0.0.", **ANY_PORT,
                            **{f"dmz-www{n}:80": "localhost:{port}" for n in (1, 2, 3)}}),
    Example(r"-u TCP4-LISTEN:3334,reuseaddr,fork OPEN:/tmp/in\.log.*", logs_clients, put=ANY_PORT),
    Example(r"-U TCP:target:9999,end-close TCP-L:8888.*", hears_from_a_server,
            put={"target:9999": "localhost:{port}", **ANY_PORT}),
    Example(r"-d TCP-LISTEN:10023,range=localhost(,fork)? TCP-LISTEN:20023.*",
            between_two_clients, broken="mask", put={
                "10023": "0", "20023": "{other}", "range=localhost": "range=localhost/32"}),
    Example(r"tcp-l:7777,setsockopt-(string=1:25:eth0|bin=1:25:x6574683000) pipe",
            as_a_server(b"echo", rb"echo", ends=True), root=True,
            put={"25:eth0": "25:lo", "x6574683000": "x6c6f00", **ANY_PORT}),
    Example(r"tcp-l:7777,reuseaddr,fork system:filan .*,nofork", as_a_server(b"", rb""),
            put=ANY_PORT, needs="filan"),
    # programs
    Example(r"TCP-LISTEN:25,fork,ip-ttl=4,ip-tos=7,tcp-maxseg=576 EXEC:.*,nofork",
            as_a_server(b"QUIT\n", rb"QUIT\n"), put=ANY_PORT),
    Example(r"- EXEC:filan(,nofork|,pipes|,pipes,stderr|,pty)?|- SYSTEM:filan,pipes",
            prints(rb"(?m)^ +0: \w+\s.*\n(?s:.*)^ +1: \w+\s"), needs="filan"),
    Example(r"-d -d - EXEC:/bin/sh,chroot=/home/sandbox,su=sandbox,pty",
            talks_to(b"nobody", b"id -un\nexit\n"), root=True),
    Example(r"-lm -d -d TCP-LISTEN:5555,fork EXEC:/bin/myscript,.*",
            as_a_server(b"", rb"nobody\r\n"), root=True,
            put={"/bin/myscript": "id -un", **ANY_PORT}),
    Example(r"TCP4-LISTEN:5555,fork,tcpwrap=script EXEC:/bin/myscript,.*",
            as_a_server(b"", rb"nobody\r\n"), root=True,
            put={"/bin/myscript": "id -un", **ANY_PORT}),
    Example(r"- (exec|EXEC):ssh (-l user )?server,pty.*", talks_to(b"said"),
            put={"ssh server": "cat", "ssh -l user server": "cat"}),
    Example(r"-d -d -ly - EXEC:ssh .*", talks_to(b"said"),
            put={"ssh -c 3des -l USER cf.sourceforge.net": "cat"}),
    Example(r"-d -d EXEC:ssh target socat - UNIX:\S+ TCP-LISTEN:6030", why=HOST),
    Example(r"-d -d exec:ssh www\.dest-unreach\.org .*", why=HOST),
    Example(r"PTY,link=\S+,rawer,wait-slave EXEC:\"ssh modemserver.*", why=MODEM),
    # UNIX sockets
    Example(r"UNIX-LISTEN:/tmp/mysocket -", unix_both_ways),
    Example(r"UNIX:/tmp/mysocket -", to_a_unix_server("mysocket")),
    Example(r"- /tmp/postoffice", to_a_unix_server("postoffice")),
    Example(r"UNIX-LISTEN:/tmp/postoffice,fork,perm-early=0666 EXEC:.*",
            as_a_server(b"QUIT\n", rb"QUIT\n", where="postoffice")),
    Example(r"UNIX-LISTEN:/tmp/.X11-unix/X1,fork TCP:host\.victim.*", forwards(where="X1"),
            put={"/tmp/.X11-unix/X1": "{tmp}/X1",
                 "host.victim.org:6000,sp=20": "localhost:{port},sp={own}"}),
    # datagrams
    Example(r"-u udp-recv:7777,setsockopt-int=1:2:1 -", takes_datagrams, put={"7777": "{port}"}),
    Example(r"-d -d UDP4-RECVFROM:9999,.*!!- SYSTEM:.*", takes_one_datagram,
            put={"9999": "{port}", "export; sleep 1": "export"}),
    Example(r".*(udp-datagram|UDP4?-DATAGRAM):(224|239|192)\..*", why="a network is needed"),
    # other people's servers, devices, and addresses that are not built in everywhere
    Example(r"(.* )?/dev/ttyS0,.*", why=MODEM),
    Example(r"/dev/cdrom,.*", why="a drive is needed"),
    Example(r".*\bSOCKS4?:.*", why="a SOCKS server is needed"),
    Example(r".*\bPROXY:.*", why="a proxy is needed"),
    Example(r".*\b(SSL:|OPENSSL-LISTEN:).*", why="certificates are needed"),
    Example(r"- VSOCK-CONNECT:31:4321,bind:5555", why="a virtual machine is needed",
            broken="parameters"),
    Example(r"VSOCK-LISTEN:3333,reuseaddr,fork VSOCK-CONNECT:42,3333",
            why="a virtual machine is needed", broken="parameters"),
    Example(r"(?i:.*\bvsock-(connect|listen):.*)", why="a virtual machine is needed"),
    Example(r".*\b(IP:|IP4-DATAGRAM:|TUN:|INTERFACE:|SOCKET-DATAGRAM:).*",
            why="a network is needed"),
]


def known(name):
    """The row of the table for a command line."""
    return next((row for row in TABLE if re.fullmatch(row.like, name, re.S)), None)


def adapted(words, places):
    """The words with what the table puts in the place of what it says."""
    for old, new in places.items():
        words = [word.replace(old, new) for word in words]
    return words


needs_documents = pytest.mark.skipif(not EXAMPLES, reason="socat's documents are not installed")


@needs_documents
def test_all_examples_are_known():
    names = [name for name, words in EXAMPLES]
    assert len(names) > 50
    assert [name for name in names if known(name) is None] == []


@needs_documents
def test_every_row_is_used_if_all_documents_are_there():
    if not (FOLDER / "EXAMPLES.gz").exists() or not (FOLDER / "socat.html").exists():
        pytest.skip("only some of socat's documents are installed")
    used = {id(known(name)) for name, _ in EXAMPLES}
    assert [row.like for row in TABLE if id(row) not in used] == []


@needs_documents
@pytest.mark.parametrize("name, words", EXAMPLES or [("none", [])],
                         ids=[name[:60] for name, _ in EXAMPLES] or ["none"])
def test_example(face, tmp, name, words):
    row = known(name)
    assert row is not None and words, name
    if row.broken:  # as it stands there, socat refuses it too
        result = face("--check", *words)
        if "not built in" not in result.text:
            assert result.status == 1 and row.broken in result.text, result
    words = adapted(words, {**row.put, **PLACES})
    words = [word.replace("{tmp}", str(tmp)) for word in words]
    checked = [word if word[0] == "-" else re.sub(r"\{(port|own|other)\}", "9", word)
               for word in words]
    result = face("--check", *checked)
    if "is not built in" in result.text:
        pytest.skip(result.text.rpartition(" E ")[2].strip())
    if row.broken and row.run is None:
        return
    assert (result.status, result.err) == (0, b"") and result.out.count(b"\n") >= 2, result
    if row.run is None:
        return
    if row.root and not ROOT:
        pytest.skip("checked; only root may run it")
    if row.needs and shutil.which(row.needs) is None:
        pytest.skip(f"checked; {row.needs} is not installed")
    row.run(Stage(face, tmp, words))


def test_check_of_the_face_opens_nothing(face, tmp):
    result = face("--check", "-u", f"UNIX-LISTEN:{tmp}/s", f"CREATE:{tmp}/f")
    assert (result.status, result.err) == (0, b"")
    assert sorted(os.listdir(tmp)) == ["bin"]
