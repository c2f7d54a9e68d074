"""The digest matrix: bytes in random pieces through every pair of address families, both ways at
once, with and without the things that switch the zero-copy path on and off. What comes out has to
be what went in, to the byte."""

import os
import socket
import time

import pytest

from tools import (Background, DEADLINE, accept, chunks, digest, name_of, random_bytes, read_all,
                   read_exactly, same, tcp_server, udp_socket, unix_server, wait_until)

MIB = 1 << 20


# ---- the ends ------------------------------------------------------------------------------------


class End:
    """One end of a transfer as the test holds it, and the address that gives nettool the other.

    `address` is what stands on the command line, `pass_fds` what it needs to inherit, `attach()`
    finishes the connection once nettool runs. After that `out` is a descriptor to write to, or
    None, and `into` one to read from, or None; ending `out` is `end()`.
    """

    pass_fds = ()
    popen = {}
    out = into = None
    theirs = ()

    def attach(self, process):
        """Called when nettool runs; the copies that only nettool shall have are closed."""
        for fd in self.theirs:
            os.close(fd)
        self.theirs = ()

    def end(self):
        os.close(self.out)
        self.out = None

    def close(self):
        for fd in {self.out, self.into, *self.theirs} - {None}:
            os.close(fd)
        self.out = self.into = None
        self.theirs = ()


class SocketEnd(End):
    def take(self, peer):
        peer.settimeout(None)
        self.out = self.into = peer.detach()

    def end(self):
        peer = socket.socket(fileno=os.dup(self.out))
        peer.shutdown(socket.SHUT_WR)
        peer.close()
        self.out = None


class Connecting(SocketEnd):
    def __init__(self, folder, side, reads, writes):
        self.server = self.listen(folder / f"s{side}")

    def attach(self, process):
        with self.server:
            self.take(accept(self.server))


class Tcp(Connecting):
    def listen(self, path):
        server = tcp_server()
        self.address = f"TCP:{name_of(server)}"
        return server


class Tcp6(Connecting):
    def listen(self, path):
        try:
            server = tcp_server(socket.AF_INET6)
        except OSError:
            pytest.skip("no IPv6 on the loopback")
        self.address = f"TCP6:{name_of(server)}"
        return server


class Unix(Connecting):
    def listen(self, path):
        self.address = f"UNIX-CONNECT:{path}"
        return unix_server(path)


class Inherited(SocketEnd):
    def __init__(self, folder, side, reads, writes):
        ours, theirs = socket.socketpair()
        self.theirs = (theirs.detach(),)
        self.pass_fds = self.theirs
        self.address = f"FD:{self.pass_fds[0]}"
        self.take(ours)


class PipeDescriptors(End):
    """Two pipes that nettool inherits, as one dual address."""

    def __init__(self, folder, side, reads, writes):
        reader, self.out = os.pipe()
        self.into, writer = os.pipe()
        self.theirs = self.pass_fds = (reader, writer)
        self.address = f"FD:{reader}!!FD:{writer}"


class Stdio(PipeDescriptors):
    """Two pipes again, as standard input and output."""

    def __init__(self, folder, side, reads, writes):
        super().__init__(folder, side, reads, writes)
        self.address = "STDIO"
        self.popen = {"stdin": self.theirs[0], "stdout": self.theirs[1]}
        self.pass_fds = ()


class Fifo(End):
    """Two named pipes; the side that opens waits for the other, so both are opened both ways."""

    def __init__(self, folder, side, reads, writes):
        paths = [folder / f"to{side}", folder / f"from{side}"]
        for path in paths:
            os.mkfifo(path)
        # Kept open by a spare descriptor until nettool has them, so that nobody waits for anybody.
        spare = [os.open(path, os.O_RDWR) for path in paths]
        self.out = os.open(paths[0], os.O_WRONLY)
        self.into = os.open(paths[1], os.O_RDONLY)
        self.spare = spare
        self.address = f"PIPE:{paths[0]}!!OPEN:{paths[1]}"

    def attach(self, process):
        process.expect_err(b"starting data transfer loop")
        for fd in self.spare:
            os.close(fd)


class FileSource(End):
    """A file to be read, and another to be written; nothing is concurrent here."""

    def __init__(self, folder, side, reads, writes):
        self.source, self.sink = folder / f"in{side}", folder / f"out{side}"
        self.address = f"OPEN:{self.source}!!CREATE:{self.sink}"


ENDS = {"tcp": Tcp, "tcp6": Tcp6, "unix": Unix, "fd": Inherited, "pipes": PipeDescriptors,
        "stdio": Stdio, "fifo": Fifo, "file": FileSource}


# ---- moving the bytes ----------------------------------------------------------------------------


def push(end, data, seed, pause=0.0):
    """Writes data to an end in pieces of random size, then ends it."""
    for piece in chunks(data, seed):
        view = memoryview(piece)
        while view:
            view = view[os.write(end.out, view) :]
        if pause:
            time.sleep(pause)
    end.end()


def pull(end, slow=False):
    """Reads an end until it ends; slowly means little by little at first, then the rest."""
    parts = []
    if slow:
        for _ in range(20):
            parts.append(os.read(end.into, 3000))
            time.sleep(0.01)
    parts.append(read_all(end.into))
    return b"".join(parts)


def exchange(start, tmp, kinds, words=(), suffixes=("", ""), sizes=(2 * MIB, 3 * MIB), seed=0,
             slow=False):
    """Joins two ends by nettool and sends through both ways at once; returns what came and went.

    The result is a list of two (came, went), left to right first.
    """
    went = [random_bytes(sizes[0], f"{seed}right"), random_bytes(sizes[1], f"{seed}left")]
    ends = [ENDS[kind](tmp, side, True, True) for side, kind in enumerate(kinds)]
    for end, data in zip(ends, went):
        if isinstance(end, FileSource):
            end.source.write_bytes(data)
    popen = {"stdin": None, "stdout": None}
    for end in ends:
        popen.update(end.popen)
    addresses = [end.address.replace("!!", suffix + "!!") + suffix
                 for end, suffix in zip(ends, suffixes)]
    process = start("-dd", *words, *addresses, **popen,
                    pass_fds=[fd for end in ends for fd in end.pass_fds])
    try:
        for end in ends:
            end.attach(process)
        pushing = [Background(push, end, data, seed)
                   for end, data in zip(ends, went) if end.out is not None]
        pulling = [Background(pull, end, slow) if end.into is not None else None
                   for end in reversed(ends)]
        came = [way.result() if way else None for way in pulling]
        for way in pushing:
            way.result()
        result = process.wait()
        assert result.status == 0, result
    finally:
        for end in ends:
            end.close()
    for way, end in enumerate(reversed(ends)):
        if isinstance(end, FileSource):
            came[way] = end.sink.read_bytes()
    return list(zip(came, went))


def assert_same(transfers):
    for came, went in transfers:
        assert digest(came) == digest(went), same(came, went)


PAIRS = [(left, right) for left in ENDS for right in ENDS if not left == right == "stdio"]


@pytest.mark.parametrize("left,right", PAIRS)
def test_both_ways_at_once(start, tmp, left, right):
    assert_same(exchange(start, tmp, (left, right), seed=f"{left}{right}"))


SOME = [("tcp", "unix"), ("pipes", "tcp"), ("stdio", "fd"), ("fifo", "pipes"), ("unix", "file"),
        ("tcp6", "stdio")]


@pytest.mark.parametrize("left,right", SOME)
@pytest.mark.parametrize("words", [
    ["-b", "100"], ["-b", "4097"], ["-b1000000"], ["-r", "right", "-R", "left"],
], ids=" ".join)
def test_with_filters_and_other_blocks(start, tmp, left, right, words):
    sizes = (300_000, 200_000) if words[1:] == ["100"] else (MIB, MIB + 1)
    transfers = exchange(start, tmp, (left, right), words, sizes=sizes)
    assert_same(transfers)
    if "-r" in words:
        assert digest(tmp / "right") == digest(transfers[0][1])
        assert digest(tmp / "left") == digest(transfers[1][1])


@pytest.mark.parametrize("left,right", SOME)
def test_a_slow_reader_gets_everything(start, tmp, left, right):
    assert_same(exchange(start, tmp, (left, right), slow=True))


@pytest.mark.parametrize("left,right", SOME)
def test_the_same_conversion_on_both_sides_is_none(start, tmp, left, right):
    assert_same(exchange(start, tmp, (left, right), suffixes=(",crnl", ",crnl")))


@pytest.mark.parametrize("left,right", SOME)
def test_conversion_there_and_back(start, tmp, left, right):
    rightward, leftward = exchange(start, tmp, (left, right), suffixes=(",crnl", ""))
    assert same(rightward[0], rightward[1].replace(b"\r", b""))
    assert same(leftward[0], leftward[1].replace(b"\n", b"\r\n"))


@pytest.mark.parametrize("kind", ["tcp", "unix", "fd", "pipes", "fifo"])
@pytest.mark.parametrize("limit", [1, 65535, 65536, 65537, 262_144, 1_500_001])
def test_readbytes_cuts_at_the_byte(start, tmp, kind, limit):
    """The limit falls before, into and behind what the zero-copy path moves."""
    end = ENDS[kind](tmp, 0, True, True)
    data = random_bytes(2 * MIB, kind)
    address = end.address.replace("!!", f",readbytes={limit}!!")
    if "!!" not in address:
        address += f",readbytes={limit}"
    process = start("-dd", "-u", address, "CREATE:out", pass_fds=end.pass_fds)
    try:
        if kind == "fifo":
            process.expect_err(b"starting data transfer loop")
            for fd in end.spare:
                os.close(fd)
        else:
            end.attach(process)

        def send():
            try:
                push(end, data, kind)
            except OSError:
                pass  # nobody reads the rest

        sending = Background(send)
        result = process.wait()
        assert result.status == 0, result
        assert same((tmp / "out").read_bytes(), data[:limit])
    finally:
        end.into and os.close(end.into)
        end.into = None if end.into != end.out else end.into
        sending.result()


# ---- order of events -----------------------------------------------------------------------------


@pytest.mark.parametrize("left,right", SOME[:4])
def test_both_sides_write_much_before_they_read(start, tmp, left, right):
    """Neither reads before it has sent: whoever waited for one direction would wait for ever."""
    ends = [ENDS[kind](tmp, side, True, True) for side, kind in enumerate((left, right))]
    popen = {"stdin": None, "stdout": None}
    for end in ends:
        popen.update(end.popen)
    process = start("-dd", *(end.address for end in ends), **popen,
                    pass_fds=[fd for end in ends for fd in end.pass_fds])
    data = [random_bytes(60_000, side) for side in (0, 1)]
    try:
        for end in ends:
            end.attach(process)
        # As much as kernel buffers and nettool take together, and less than would block us.
        for end, some in zip(ends, data):
            os.write(end.out, some)
        for end, some in zip(reversed(ends), data):
            assert same(read_exactly(end.into, len(some)), some)
        # Then one direction is full to the brim, and the other one runs all the same.
        # More than any kernel buffer grows to.
        much = random_bytes(MIB, "full") * 40
        full = Background(push, ends[0], much, 1)
        for _ in range(50):
            os.write(ends[1].out, b"still moving")
            assert read_exactly(ends[0].into, 12) == b"still moving"
        assert full.running
        assert same(read_all(ends[1].into), much)
        full.result()
        ends[1].end()
        assert read_all(ends[0].into) == b""
        assert process.wait().status == 0
    finally:
        for end in ends:
            end.close()


@pytest.mark.parametrize("left,right", [("tcp", "unix"), ("stdio", "tcp"), ("pipes", "fd")])
def test_an_answer_two_seconds_after_our_end_arrives(start, tmp, left, right):
    ends = [ENDS[kind](tmp, side, True, True) for side, kind in enumerate((left, right))]
    popen = {"stdin": None, "stdout": None}
    for end in ends:
        popen.update(end.popen)
    process = start("-dd", *(end.address for end in ends), **popen,
                    pass_fds=[fd for end in ends for fd in end.pass_fds])
    answer = random_bytes(MIB, "answer")
    try:
        for end in ends:
            end.attach(process)
        os.write(ends[0].out, b"question")
        ends[0].end()
        assert read_all(ends[1].into) == b"question"
        time.sleep(2)
        sending = Background(push, ends[1], answer, 0)
        assert same(read_all(ends[0].into), answer)
        sending.result()
        assert process.wait().status == 0
    finally:
        for end in ends:
            end.close()


@pytest.mark.parametrize("kind", ["tcp", "unix", "stdio", "pipes"])
def test_small_blocks_pass_between_large_ones(start, tmp, kind):
    """In and out of the zero-copy path: bursts, then single bytes that must not wait for more."""
    ends = [ENDS[name](tmp, side, True, True) for side, name in enumerate((kind, "fd"))]
    popen = {"stdin": None, "stdout": None}
    for end in ends:
        popen.update(end.popen)
    process = start("-dd", *(end.address for end in ends), **popen,
                    pass_fds=[fd for end in ends for fd in end.pass_fds])
    try:
        for end in ends:
            end.attach(process)
        for turn in range(6):
            burst = random_bytes(MIB, turn)
            sending = Background(lambda: [os.write(ends[0].out, piece)
                                          for piece in chunks(burst, turn, 60000)])
            assert same(read_exactly(ends[1].into, len(burst)), burst)
            sending.result()
            for _ in range(5):
                os.write(ends[0].out, b".")
                assert read_exactly(ends[1].into, 1) == b"."
                os.write(ends[1].out, b"!")
                assert read_exactly(ends[0].into, 1) == b"!"
        for end in ends:
            end.end()
        assert process.wait().status == 0
    finally:
        for end in ends:
            end.close()


def test_a_peer_that_vanishes_in_the_middle_is_an_error(start, tmp):
    with tcp_server() as server:
        process = start("-u", "OPEN:/dev/zero", f"TCP:{name_of(server)}")
        peer = accept(server)
        assert len(read_exactly(peer, 3 * MIB)) == 3 * MIB
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        peer.close()
        result = process.wait()
        assert result.status == 1 and result.err != b"", result


# ---- children and the peer -----------------------------------------------------------------------


def test_many_connections_at_once_to_a_forking_echo(listener):
    server = listener("TCP-LISTEN:0,bind=127.0.0.1,fork", "PIPE", endless=True)

    def talk(number):
        data = random_bytes(400_000, number)
        with server.connect() as peer:
            peer.settimeout(None)
            sending = Background(lambda: (peer.sendall(data), peer.shutdown(socket.SHUT_WR)))
            came = read_all(peer)
            sending.result()
            return came == data

    talks = [Background(talk, number) for number in range(12)]
    assert all(talk.result() for talk in talks)


@pytest.mark.parametrize("ours_listens", [True, False], ids=["ours listens", "peer listens"])
@pytest.mark.parametrize("family", ["TCP4", "UNIX"])
def test_against_the_peer(nettool, socat, tmp, ours_listens, family):
    data = random_bytes(2 * MIB)
    waiting, calling = (nettool, socat) if ours_listens else (socat, nettool)
    where = "TCP4-LISTEN:0,bind=127.0.0.1" if family == "TCP4" else "UNIX-LISTEN:socket"
    # The peer writes without regard to how much fits, and blocks itself unless blocks are small.
    small = lambda runner: ["-b1024"] if runner is socat else []
    server = waiting.listener(*small(waiting), where, "PIPE")
    target = f"TCP4:{server.address}" if family == "TCP4" else "UNIX-CONNECT:socket"
    result = calling("-t10", *small(calling), "-", target, input=data)
    assert result.status == 0 and same(result.out, data), result.err
    assert server.wait().status == 0


# ---- datagrams -----------------------------------------------------------------------------------

MESSAGES = [b"one", b"", b"three" * 100, b"x" * 8000, b"", b"\0", random_bytes(60_000)]


def receive(sock, count):
    return [sock.recv(70_000) for _ in range(count)]


@pytest.mark.parametrize("count", [1, 3], ids=["once", "thrice"])
def test_datagrams_from_udp_to_unix_and_back(listener, tmp, count):
    with unix_server(tmp / "far", socket.SOCK_DGRAM) as far, udp_socket() as near:
        port = near.getsockname()[1]
        server = listener(f"UDP4-DATAGRAM:127.0.0.1:{port},bind=127.0.0.1:0",
                          f"UNIX-SENDTO:{tmp}/far,bind=mine", endless=True, count=2)
        place = next(where for kind, where in server.announced if kind == "udp")
        target = ("127.0.0.1", int(place.rpartition(":")[2]))
        wait_until((tmp / "mine").exists)
        for _ in range(count):
            for message in MESSAGES:
                near.sendto(message, target)
                assert same(far.recv(70_000), message)
            for message in MESSAGES:
                far.sendto(message, os.fspath(tmp / "mine"))
                assert same(near.recv(70_000), message)


def test_datagrams_keep_their_boundaries_in_a_burst(start):
    ends = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2)]
    for end in ends:
        end[0].settimeout(DEADLINE)
    fds = [end[1].fileno() for end in ends]
    start(*(f"FD:{fd}" for fd in fds), pass_fds=fds, endless=True)
    for (sender, _), (receiver, _) in (ends, ends[::-1]):
        sending = Background(lambda: [sender.send(message) for message in MESSAGES * 20])
        for wanted in MESSAGES * 20:
            assert same(receiver.recv(70_000), wanted)
        sending.result()


def test_seqpackets_keep_their_boundaries(start):
    ends = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(2)]
    fds = [end[1].fileno() for end in ends]
    process = start(*(f"FD:{fd}" for fd in fds), pass_fds=fds)
    for end in ends:
        end[0].settimeout(DEADLINE)
        end[1].close()
    (left, _), (right, _) = ends
    for message in [b"one", b"two" * 1000, b"3"]:
        left.send(message)
        assert right.recv(70_000) == message
    left.close()
    assert right.recv(100) == b""
    right.close()
    assert process.wait().status == 0


def test_a_stream_becomes_datagrams_no_longer_than_a_block(start):
    with udp_socket() as far:
        process = start("-u", "-b", "500", "-", f"UDP-SENDTO:{name_of(far)}")
        data = random_bytes(1700)
        process.send(data)
        process.end_input()
        got = receive(far, 4)
        assert [len(message) for message in got] == [500, 500, 500, 200]
        assert same(b"".join(got), data)
        assert process.wait().status == 0


def test_datagrams_become_a_stream(listener):
    server = listener("-u", "UDP4-RECV:0,bind=127.0.0.1", "-")
    with udp_socket() as near:
        for message in MESSAGES:
            near.sendto(message, ("127.0.0.1", server.port))
    server.expect_out(b"".join(MESSAGES))
    server.stop()


def test_udp_client_and_server_end_each_other(listener, nettool):
    """shut-null is a UDP client's way to end: the server takes the empty datagram for the end."""
    server = listener("-u", "UDP4-LISTEN:0,bind=127.0.0.1", "-")
    assert nettool("-u", "-", f"UDP4:{server.address}", input=b"over UDP").status == 0
    result = server.wait()
    assert (result.status, result.out) == (0, b"over UDP"), result
