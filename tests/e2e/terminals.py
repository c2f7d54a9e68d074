"""What the tests of terminals hold: pseudo terminals that a program made, and one to sit it at.

    pty_of(runner, ...)      starts nettool or its peer, waits for the PTY that it makes
    Device(path)             the other end of such a pseudo terminal, open
    Window(...)              a terminal that a program sits at: keys go in, a screen comes out
    cpu_of(pid)              what a process has used of the processor so far, in clock ticks
    gone(pid)                whether a process has ended
"""

import errno
import fcntl
import os
import re
import select
import struct
import termios
import time
import tty
from pathlib import Path

import pytest

from netpeek import state_of
from tools import DEADLINE, Peer, _read_by, wait_until


def cpu_of(pid):
    """User and system time of a process, in clock ticks."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(words[11]) + int(words[12])


def rests(pid, seconds=1.0):
    """True when a process needs next to no processor for a while, so that no loop of it spins."""
    before = cpu_of(pid)
    time.sleep(seconds)
    return cpu_of(pid) - before < 0.15 * seconds * os.sysconf("SC_CLK_TCK")


def gone(pid):
    """True once a process has ended, reaped or not."""
    return state_of(pid) in ("", "Z")


def session_of(pid):
    """The process ids of all processes of a session."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            words = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[3]) == pid and words[0] != "Z":
            found.append(int(name))
    return found


# ---- the other end of a PTY ----------------------------------------------------------------------


class Device:
    """The device that a PTY announced, open like a program that uses it would have it."""

    def __init__(self, path, raw=False):
        self.path = os.fspath(path)
        self.fd = os.open(self.path, os.O_RDWR | os.O_NOCTTY)
        if raw:
            tty.setraw(self.fd)

    def fileno(self):
        return self.fd

    def send(self, data):
        """Writes all of data, by the deadline."""
        view = memoryview(data)
        limit = time.monotonic() + DEADLINE
        os.set_blocking(self.fd, False)
        while view:
            left = limit - time.monotonic()
            if left <= 0 or not select.select([], [self.fd], [], left)[1]:
                pytest.fail(f"{self.path} takes no more, {len(view)} bytes are left")
            try:
                view = view[os.write(self.fd, view[:4096]) :]
            except BlockingIOError:
                pass

    def read(self, size):
        """Reads `size` bytes; fewer only when the other end is gone."""
        limit = time.monotonic() + DEADLINE
        got = b""
        while len(got) < size:
            data = _read_by(self.fd, size - len(got), limit)
            if not data:
                break
            got += data
        return got

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def pty_of(runner, *args, **more):
    """Starts nettool, or the peer, and waits for its PTY -> (Process, path of the device)."""
    if isinstance(runner, Peer):
        process = runner.start("-d", "-d", *args, **more)
        return process, process.expect_err(re.compile(rb"PTY is (/\S+)\n"))[1].decode()
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as lines:
        try:
            process = runner.start(f"--ready-fd={writer}", *args, pass_fds=(writer,), **more)
        finally:
            os.close(writer)
        got = b""
        limit = time.monotonic() + DEADLINE
        while not got.endswith(b"\n"):
            data = _read_by(lines.fileno(), 1, limit)
            if not data:
                result = process.wait()
                pytest.fail(f"no PTY but {result}")
            got += data
    match = re.fullmatch(rb"PTY (/\S+)\n", got)
    assert match, got
    return process, match[1].decode()


# ---- a terminal to sit at ------------------------------------------------------------------------


class Window:
    """A terminal with a screen, and with a program that has it as its controlling terminal.

        window = Window()
        process = window.start(nettool, "-,raw,echo=0", "EXEC:...", ...)
        window.expect(r"\\$ ")
        window.type("ls\\r")
        window.wait_for(lambda screen: "README" in screen)

    What comes is looked at as text (expect) and as the screen that a person sees (screen). The
    window stays when the program ends.
    """

    def __init__(self, columns=80, rows=24):
        pyte = pytest.importorskip("pyte")
        self.master, self.slave = os.openpty()
        self.screen_of = pyte.Screen(columns, rows)
        self._feed = pyte.ByteStream(self.screen_of)
        self._resize(columns, rows)
        self.found = termios.tcgetattr(self.slave)
        self.text = bytearray()  # all that came
        self.looked = 0  # how much of it expect() has been through

    def _resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        """Makes the window larger or smaller, as a person does with the mouse."""
        self.screen_of.resize(rows, columns)
        self._resize(columns, rows)

    def start(self, runner, *args, own=True, **more):
        """Starts a program at this terminal. Its stderr is collected, unless it is given."""

        def take():
            if own:
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        env = {"TERM": "linux", "PS1": None, **more.pop("env", {})}
        return runner.start(*args, stdin=self.slave, stdout=self.slave, env=env, preexec_fn=take,
                            **more)

    def type(self, text):
        """Keys."""
        data = text if isinstance(text, bytes) else text.encode()
        while data:
            data = data[os.write(self.master, data) :]

    def pump(self, most=1 << 16):
        """Takes in what is there, but no more than so much at once: a flood has no end."""
        while most > 0 and self.master >= 0 and select.select([self.master], [], [], 0)[0]:
            try:
                data = os.read(self.master, 4096)
            except OSError as error:
                if error.errno == errno.EIO:
                    return
                raise
            self.text += data
            self._feed.feed(data)
            most -= len(data)

    def expect(self, pattern):
        """Waits for a pattern in what comes after the last one; returns the match."""
        pattern = re.compile(pattern if isinstance(pattern, bytes) else pattern.encode(), re.S)

        def there():
            self.pump()
            return pattern.search(self.text, self.looked)

        match = wait_until(there, None, lambda: f"{pattern.pattern!r} in\n{self}")
        self.looked = match.end()
        return match

    @property
    def screen(self):
        """The screen as text, with the blanks at the ends of lines cut off."""
        self.pump()
        return "\n".join(line.rstrip() for line in self.screen_of.display).rstrip()

    def wait_for(self, what):
        """Waits until the screen holds a text, or until what(screen) is true."""
        check = what if callable(what) else lambda screen: what in screen
        return wait_until(lambda: check(self.screen), None, lambda: f"{what!r} on\n{self}")

    def settings(self):
        """The settings of the terminal now."""
        return termios.tcgetattr(self.slave)

    def is_as_found(self):
        """Whether the settings are those that the program found."""
        return self.settings() == self.found

    def hang_up(self):
        """The window is closed by its user."""
        os.close(self.slave)
        os.close(self.master)
        self.slave = self.master = -1

    def close(self):
        for fd in (self.master, self.slave):
            if fd >= 0:
                os.close(fd)
        self.master = self.slave = -1

    def __str__(self):
        return f"screen:\n{self.screen}\nall: {bytes(self.text[-3000:])!r}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
