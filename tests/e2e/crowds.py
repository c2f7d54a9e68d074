"""What the tests of many connections in one process share.

    Member                somebody in a hub: says lines, hears lines
    spins(process)        whether a process that has nothing to do is busy all the same
    reset(peer)           closes a connection so that the other side gets a RST
    memory_of(pid)        kilobytes that a process has for itself
    descriptors(number)   lets this process have so many descriptors, or skips the test
    limited(number)       lets a program have no more (preexec_fn)
    NameServer            answers questions on a UDP port: at once, late, or never
    rests(process)        waits until it doesn't
    full(path), full_tcp  a listener whose queue is full, so that connecting takes for ever
"""

import contextlib
import os
import resource
import select
import socket
import struct
import threading
import time

import pytest

from tools import DEADLINE, PATIENCE, name_of, wait_until


def processor_time(pid):
    """What a process has used of the processor, in clock ticks."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def spins(process, seconds=0.4):
    """True when a process that has nothing to do uses the processor for a good part of a while."""
    before = processor_time(process.pid)
    time.sleep(seconds)
    return processor_time(process.pid) - before > seconds * os.sysconf("SC_CLK_TCK") / 4


def reset(peer):
    """Closes a connection without a farewell: the other side is told that it is gone."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


@contextlib.contextmanager
def descriptors(number):
    """Lets this process have so many descriptors for a while; skips the test where it may not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < number:
        pytest.skip(f"this test needs {number} descriptors, and {hard} are allowed")
    if soft != resource.RLIM_INFINITY and soft < number:
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def limited(number, hard=None):
    """For preexec_fn: the program may have so many descriptors."""
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard or number))


def memory_of(pid):
    """Kilobytes of memory that a process has for itself (Linux)."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
        return sum(int(line.split()[1]) for line in rollup if line.startswith("Private_"))


@contextlib.contextmanager
def full(path):
    """A UNIX listener that has room for one who waits, and somebody who does: others can't get in."""
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as first:
        server.settimeout(DEADLINE)
        server.bind(os.fspath(path))
        server.listen(0)
        first.connect(os.fspath(path))
        yield server


def is_full(server):
    """Whether as many stand before a listening TCP socket as it has room for; True where nobody can tell."""
    if not hasattr(socket, "TCP_INFO"):
        return True
    waiting, most = struct.unpack_from("2I", server.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 24)
    return waiting > most


@contextlib.contextmanager
def full_tcp():
    """A TCP listener whose queue is full: a connection to it hangs, as one to a dead machine does."""
    with socket.socket() as server, contextlib.ExitStack() as waiting:
        server.settimeout(DEADLINE)
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(8):
            peer = waiting.enter_context(socket.socket())
            peer.setblocking(False)
            peer.connect_ex(server.getsockname())
            if not select.select([], [peer], [], 0.2)[1] and is_full(server):
                yield server
                return
        pytest.skip("a listener that is full still takes connections here")


class NameServer:
    """Says of every name that it is 127.0.0.1, as long as it is there.

    With `silent` it hears the questions and says nothing until speak() is called; with `unknown`
    it says that there is no such name. `asked` counts the questions.
    """

    def __init__(self, silent=False, unknown=False):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = name_of(self.socket)
        self.silent, self.unknown = silent, unknown
        self.asked = 0
        self._waiting = []
        self._over = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        self.socket.settimeout(0.05)
        while not self._over:
            try:
                self._waiting.append(self.socket.recvfrom(512))
                self.asked += 1
            except socket.timeout:
                pass
            while self._waiting and not self.silent:
                question, sender = self._waiting.pop(0)
                self.socket.sendto(self._answer(question), sender)

    def _answer(self, question):
        end = 12
        while question[end]:
            end += question[end] + 1
        end += 5
        (kind,) = struct.unpack(">H", question[end - 4 : end - 2])
        record = b""
        if kind == 1 and not self.unknown:
            record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + bytes([127, 0, 0, 1])
        flags = 0x8183 if self.unknown else 0x8180
        return (question[:2] + struct.pack(">HHHHH", flags, 1, 1 if record else 0, 0, 0)
                + question[12:end] + record)

    def speak(self):
        """Answers what was asked so far, and from now on."""
        self.silent = False

    def close(self):
        """Is gone from now on."""
        self._over = True
        self._thread.join(DEADLINE)
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def rests(process):
    """Waits until a process that has nothing to do does nothing."""
    wait_until(lambda: not spins(process), what=f"rest of {process.args}")


class Member:
    """Somebody in a hub, on a connected socket: says lines and hears lines, all of them bytes."""

    def __init__(self, peer):
        self.socket = peer
        self.heard = b""
        self.poll = select.poll()
        self.poll.register(peer, select.POLLIN)
        #: What the hub calls it at first: address and port.
        self.name = b""
        if peer.family != socket.AF_UNIX:
            self.name = f"{peer.getsockname()[0]}:{peer.getsockname()[1]}".encode()

    def fileno(self):
        return self.socket.fileno()

    def say(self, *lines):
        """Says whole lines, given without their ends."""
        self.socket.sendall(b"".join(line + b"\n" for line in lines))

    def hear(self, end=b"\n", deadline=None):
        """The next line with its end; what came before the end of input, if that comes first."""
        limit = time.monotonic() + (DEADLINE if deadline is None else deadline * PATIENCE)
        while end not in self.heard:
            left = limit - time.monotonic()
            if left <= 0 or not self.poll.poll(left * 1000):
                pytest.fail(f"no line came by the deadline, only {self.heard[-2000:]!r}")
            try:
                data = self.socket.recv(1 << 16)
            except ConnectionResetError:
                data = b""
            if not data:
                rest, self.heard = self.heard, b""
                return rest
            self.heard += data
        line, found, self.heard = self.heard.partition(end)
        return line + found

    def expect(self, *lines):
        """Hears exactly these lines, given without their ends."""
        for line in lines:
            heard = self.hear()
            assert heard == line + b"\n", f"{heard!r} instead of {line!r}"

    def skip_to(self, line):
        """Hears lines until this one, and returns those before it."""
        before = []
        while (heard := self.hear()) != line + b"\n":
            assert heard, f"the end came before {line!r}, after {before[-5:]!r}"
            before.append(heard[:-1])
        return before

    def hears_nothing(self, seconds=0.1):
        """True when nothing comes for a while."""
        return not self.heard and not self.poll.poll(seconds * 1000)

    def hears_the_end(self):
        """True when nothing more comes but the end."""
        return self.hear() == b""

    def close(self):
        self.socket.close()

    def reset(self):
        """Vanishes without a farewell."""
        reset(self.socket)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
