"""The harness of the end-to-end tests: runs the built binary and its peers, waits, compares.

A test takes what it needs from the fixtures in conftest.py (nettool, start, listener, socat, tmp)
and from the plain functions here (wait_until, digest, random_bytes, sockets of Python's own).

    def test_echo(nettool, listener):
        server = listener("TCP-LISTEN:0,bind=127.0.0.1", "PIPE")
        result = nettool("STDIO", f"TCP:{server.address}", input=b"hello")
        assert (result.status, result.out) == (0, b"hello")
        assert server.wait().status == 0

Rules that the harness keeps for everybody:

- Every program is started in the test's own folder (a short path: UNIX socket names have 107
  bytes), in a session of its own, with LC_ALL=C.UTF-8, and with only the descriptors passed on
  purpose.
- Every wait has a deadline, and NETTOOL_PATIENCE=3 stretches them all. A deadline only ends what
  would never end: no test measures time with it.
- A background process that is still there when the test is over is ended by its process id, and
  fails the test unless the test called stop() or kill() itself, or started it with
  `endless=True` (a server that has no end of its own).
- What a sanitizer has to say on stderr fails the test, whatever the test looks at.
"""

import fcntl
import hashlib
import itertools
import os
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

PATIENCE = float(os.environ.get("NETTOOL_PATIENCE", "1"))
SRCDIR = Path(os.environ.get("NETTOOL_SRCDIR") or Path(__file__).resolve().parent.parent.parent)
BUILDDIR = Path(os.environ.get("NETTOOL_BUILDDIR") or os.getcwd())
NETTOOL = os.environ.get("NETTOOL") or str(BUILDDIR / "nettool")
SOCAT = shutil.which("socat")

# Seconds. What a test expects to happen happens within DEADLINE, even on a busy machine.
DEADLINE = 20 * PATIENCE

ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not ROOT, reason="only root may do this")
needs_socat = pytest.mark.skipif(SOCAT is None, reason="socat is not installed")
needs_linux = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="no Linux /proc here")

SANITIZER_WORDS = (b"AddressSanitizer", b"LeakSanitizer", b"runtime error:")


# ---- environment ---------------------------------------------------------------------------------


def environment(env=None):
    """The environment of a program under test; `env` adds to it, a value of None takes away."""
    result = {
        name: value
        for name, value in os.environ.items()
        if name not in ("LANGUAGE", "LANG", "NOTIFY_SOCKET", "NO_COLOR")
        and not name.startswith(("LC_", "SOCAT_", "NETTOOL"))
    }
    result["LC_ALL"] = "C.UTF-8"
    result["TZ"] = "UTC"
    result.setdefault("ASAN_OPTIONS", "detect_leaks=1:exitcode=86")
    result.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1")
    for name, value in (env or {}).items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = str(value)
    return result


# ---- waiting -------------------------------------------------------------------------------------


def wait_until(predicate, deadline=None, what=None):
    """Polls predicate() until it is true and returns its value; fails the test at the deadline.

    `deadline` is in seconds, stretched by NETTOOL_PATIENCE. `what` (text, or a function that
    returns text) names what never came.
    """
    limit = time.monotonic() + (DEADLINE if deadline is None else deadline * PATIENCE)
    pause = 0.002
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > limit:
            text = what() if callable(what) else what
            pytest.fail(f"waited in vain for {text or predicate}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)


def is_asleep(pid):
    """True while process `pid` sleeps with all its threads: what was started has come to rest (Linux)."""
    try:
        return all((thread / "stat").read_text().rpartition(")")[2].split()[0] == "S"
                   for thread in Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return False


# ---- bytes ---------------------------------------------------------------------------------------


def digest(data):
    """SHA-256 of bytes, or of the file that a path names."""
    if isinstance(data, (str, Path)):
        data = Path(data).read_bytes()
    return hashlib.sha256(data).hexdigest()


def random_bytes(size, seed=0):
    """`size` bytes, the same for the same seed, that hold every byte value and no pattern."""
    return random.Random(f"{seed}/{size}").randbytes(size)


def chunks(data, seed=0, largest=70000):
    """Cuts data into pieces of random size; the same pieces for the same seed."""
    source = random.Random(f"chunks/{seed}")
    position = 0
    while position < len(data):
        # Small and large ones alike: the size is spread over the orders of magnitude.
        size = min(largest, 1 + int(2 ** source.uniform(0, 17)))
        yield data[position : position + size]
        position += size


def same(got, wanted):
    """True for equal bytes; on a difference prints sizes and place instead of megabytes."""
    if got == wanted:
        return True
    where = next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b), None)
    if where is None:
        where = min(len(got), len(wanted))
    print(
        f"{len(got)} bytes instead of {len(wanted)}, different at {where}: "
        f"{got[where:where + 40]!r} instead of {wanted[where:where + 40]!r}"
    )
    return False


# ---- descriptors ---------------------------------------------------------------------------------


def is_nonblocking(fd):
    """True when the open file description behind fd has O_NONBLOCK."""
    return bool(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK)


def is_open(fd):
    """True while fd is an open descriptor of this process."""
    try:
        fcntl.fcntl(fd, fcntl.F_GETFD)
        return True
    except OSError:
        return False


def read_all(source, deadline=None):
    """Reads a descriptor or socket to its end of input, by the deadline."""
    fd = source if isinstance(source, int) else source.fileno()
    limit = time.monotonic() + (DEADLINE if deadline is None else deadline * PATIENCE)
    parts = []
    while True:
        data = _read_by(fd, 1 << 16, limit)
        if not data:
            return b"".join(parts)
        parts.append(data)


def read_exactly(source, size, deadline=None):
    """Reads `size` bytes from a descriptor or socket; fewer only at the end of input."""
    fd = source if isinstance(source, int) else source.fileno()
    limit = time.monotonic() + (DEADLINE if deadline is None else deadline * PATIENCE)
    parts = b""
    while len(parts) < size:
        data = _read_by(fd, size - len(parts), limit)
        if not data:
            break
        parts += data
    return parts


def read_until(source, end, deadline=None):
    """Reads byte by byte until what came ends with `end`; returns what came."""
    got = b""
    limit = time.monotonic() + (DEADLINE if deadline is None else deadline * PATIENCE)
    fd = source if isinstance(source, int) else source.fileno()
    while not got.endswith(end):
        data = _read_by(fd, 1, limit)
        if not data:
            break
        got += data
    return got


def _read_by(fd, size, limit):
    """One read from fd; fails the test when nothing came by the limit."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    left = limit - time.monotonic()
    if left <= 0 or not poll.poll(left * 1000):
        pytest.fail(f"nothing more to read from descriptor {fd} by the deadline")
    try:
        return os.read(fd, size)
    except OSError as error:
        if error.errno == 5:  # a pty whose other side is gone
            return b""
        raise


def quiet(source, seconds=0.3):
    """True when nothing can be read from source for a while; to show that nothing comes."""
    return not select.select([source], [], [], seconds)[0]


# ---- results and running processes ---------------------------------------------------------------


class Result:
    """What a program that has ended left: status (128+n for a signal), out and err (bytes)."""

    def __init__(self, args, status, out, err):
        self.args, self.out, self.err = args, out, err
        self.signal = -status if status < 0 else None  # the signal that ended it, if any
        self.status = 128 - status if status < 0 else status

    @property
    def text(self):
        """stderr as text."""
        return self.err.decode("utf-8", "replace")

    @property
    def printed(self):
        """stdout as text."""
        return self.out.decode("utf-8", "replace")

    def __repr__(self):
        short = lambda data: data if len(data) < 2000 else data[:2000] + b" ..."
        return (
            f"Result(status={self.status}, out={short(self.out)!r}, err={short(self.err)!r}, "
            f"args={self.args!r})"
        )


def check_sanitizers(args, err):
    """Fails the test when a sanitizer complained."""
    if any(word in err for word in SANITIZER_WORDS):
        pytest.fail(f"a sanitizer complains about {args}:\n{err.decode('utf-8', 'replace')}")


class Process:
    """A program in the background.

    Its stderr is collected, and so is its stdout unless it was given elsewhere. Its stdin is a
    pipe by default (`self.stdin`, a raw unbuffered file): send() and end_input() write to it and
    close it, so STDIO works as in a shell pipeline.

    `stdin`, `stdout` may be a descriptor or file (as for Popen), or None to inherit a closed or
    null one: see Runner.
    """

    def __init__(self, args, popen, endless=False):
        self.args, self.popen, self.endless = args, popen, endless
        self.pid = popen.pid
        self.stdin = popen.stdin
        self.ended_on_purpose = False
        self._collected = {"out": bytearray(), "err": bytearray()}
        self._threads = []
        for name, stream in (("out", popen.stdout), ("err", popen.stderr)):
            if stream is not None:
                thread = threading.Thread(target=self._collect, args=(name, stream), daemon=True)
                thread.start()
                self._threads.append(thread)

    def _collect(self, name, stream):
        while True:
            try:
                data = os.read(stream.fileno(), 1 << 16)
            except (OSError, ValueError):
                return
            if not data:
                return
            self._collected[name] += data

    @property
    def out(self):
        """What stdout said so far (bytes)."""
        return bytes(self._collected["out"])

    @property
    def err(self):
        """What stderr said so far (bytes)."""
        return bytes(self._collected["err"])

    @property
    def running(self):
        """True until the process has ended."""
        return self.popen.poll() is None

    def send(self, data):
        """Writes all of data to the process's stdin (blocks while nobody reads)."""
        view = memoryview(data)
        while view:
            view = view[self.stdin.write(view) :]

    def end_input(self):
        """Closes the process's stdin."""
        self.stdin.close()

    def expect_out(self, data, deadline=None):
        """Waits until stdout holds data; fails the test at the deadline or when it ended."""
        self._expect("out", data, deadline)

    def expect_err(self, data, deadline=None):
        """Waits until stderr holds data (bytes, or a compiled pattern); returns the match."""
        return self._expect("err", data, deadline)

    def _expect(self, name, data, deadline):
        def there():
            ended = not self.running
            got = bytes(self._collected[name])
            found = data.search(got) if hasattr(data, "search") else data in got
            if not found and ended and not any(thread.is_alive() for thread in self._threads):
                got = bytes(self._collected[name])
                found = data.search(got) if hasattr(data, "search") else data in got
                if not found:
                    pytest.fail(f"{self.args} ended with {self.popen.returncode} without {data!r}"
                                f"\nout: {self.out[-2000:]!r}\nerr: {self.err[-2000:]!r}")
            return found

        return wait_until(there, deadline, lambda: f"{data!r} in std{name} of {self.args}, which "
                          f"says out: {self.out[-2000:]!r}, err: {self.err[-2000:]!r}")

    def send_signal(self, number):
        """Sends it a signal."""
        self.popen.send_signal(number)

    def wait(self, deadline=None):
        """Waits for its end; closes our end of its stdin before; fails when it does not end."""
        if self.stdin and not self.stdin.closed:
            try:
                self.stdin.close()
            except OSError:
                pass
        limit = DEADLINE if deadline is None else deadline * PATIENCE
        try:
            self.popen.wait(limit)
        except subprocess.TimeoutExpired:
            self.kill()
            pytest.fail(f"{self.args} did not end\nout: {self.out[-2000:]!r}\n"
                        f"err: {self.err[-2000:]!r}")
        return self._result()

    def stop(self, number=signal.SIGTERM, deadline=None):
        """Ends it by a signal and returns its result; an end on purpose is no failure."""
        self.ended_on_purpose = True
        if self.running:
            self.popen.send_signal(number)
        return self.wait(deadline)

    def kill(self):
        """Ends it, and its session, the hard way; for teardown."""
        self.ended_on_purpose = True
        if self.running:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except OSError:
                self.popen.kill()
            self.popen.wait()

    def _result(self):
        # Children may hold the pipes a moment longer than the process itself.
        for thread in self._threads:
            thread.join(5 * PATIENCE)
        check_sanitizers(self.args, self.err)
        return Result(self.args, self.popen.returncode, self.out, self.err)

    def finish(self):
        """Teardown: returns what is wrong with how it ended, or None."""
        complaint = None
        if self.running:
            if self.endless:
                self.popen.terminate()
                try:
                    self.popen.wait(DEADLINE)
                except subprocess.TimeoutExpired:
                    complaint = f"{self.args} did not end after SIGTERM"
            else:
                complaint = f"{self.args} was left running\nerr: {self.err[-2000:]!r}"
        self.kill()
        # Children that outlived it are in its session.
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except OSError:
            pass
        for thread in self._threads:
            thread.join(5 * PATIENCE)
        for stream in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            if stream is not None and not stream.closed:
                try:
                    stream.close()
                except OSError:
                    pass
        if any(word in self.err for word in SANITIZER_WORDS):
            complaint = f"a sanitizer complains about {self.args}:\n" + self.err.decode(
                "utf-8", "replace"
            )
        return complaint

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        complaint = self.finish()
        if complaint and kind is None:
            pytest.fail(complaint)


class Listener(Process):
    """A background process that listens somewhere.

    `announced` holds its lines as tuples, ("tcp", "127.0.0.1:43121"); `address` is the first
    one's text, with "0.0.0.0" as 127.0.0.1 and "[::]" as [::1]; `port` its number, if it has one.
    """

    announced = ()

    @property
    def address(self):
        address = self.announced[0][1]
        return re.sub(r"^0\.0\.0\.0:", "127.0.0.1:", address).replace("[::]:", "[::1]:")

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])

    def connect(self, timeout=None):
        """A Python socket connected to it: TCP, or UNIX where the address is a path."""
        kind = self.announced[0][0]
        if kind.startswith("unix"):
            peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            where = self.announced[0][1]
        else:
            host, _, port = self.address.rpartition(":")
            peer = socket.socket(socket.AF_INET6 if "[" in host else socket.AF_INET)
            where = (host.strip("[]"), int(port))
        peer.settimeout(DEADLINE if timeout is None else timeout)
        peer.connect(where)
        return peer


class Runner:
    """Runs one program (nettool, or the peer) for one test; the fixtures hand these out."""

    def __init__(self, program, folder):
        self.program = program if isinstance(program, (list, tuple)) else [program]
        self.folder = folder
        self.processes = []

    def __call__(self, *args, input=b"", timeout=None, env=None, cwd=None, pass_fds=(),
                 stdin=None, stdout=None, stderr=None, **more):
        """Runs it to its end and returns a Result; fails the test when it does not end.

        `input` is what its stdin holds; `stdin`, `stdout` (descriptors or files) replace the
        pipes.
        """
        command = [*self.program, *(os.fspath(arg) if isinstance(arg, Path) else str(arg)
                                    for arg in args)]
        popen = self._popen(command, env, cwd, pass_fds,
                            subprocess.PIPE if stdin is None else stdin,
                            subprocess.PIPE if stdout is None else stdout,
                            subprocess.PIPE if stderr is None else stderr, more)
        limit = DEADLINE if timeout is None else timeout * PATIENCE
        try:
            out, err = popen.communicate(input if stdin is None else None, limit)
        except subprocess.TimeoutExpired:
            os.killpg(popen.pid, signal.SIGKILL)
            out, err = popen.communicate()
            pytest.fail(f"{command} did not end within {limit} s\nout: {out[-2000:]!r}\n"
                        f"err: {(err or b'')[-2000:]!r}")
        check_sanitizers(command, err or b"")
        return Result(command, popen.returncode, out or b"", err or b"")

    def start(self, *args, env=None, cwd=None, pass_fds=(), stdin=subprocess.PIPE,
              stdout=subprocess.PIPE, stderr=subprocess.PIPE, endless=False, kind=Process, **more):
        """Starts it in the background; the fixture's teardown sees to its end.

        `endless` marks a server without an end of its own (fork): teardown ends it by SIGTERM.
        Also usable as context manager, then the end of the block is the end of the process.
        """
        command = [*self.program, *(os.fspath(arg) if isinstance(arg, Path) else str(arg)
                                    for arg in args)]
        popen = self._popen(command, env, cwd, pass_fds, stdin, stdout, stderr, more)
        process = kind(command, popen, endless)
        self.processes.append(process)
        return process

    def listener(self, *args, count=1, pass_fds=(), **more):
        """Starts it with --ready-fd and waits until `count` places are announced.

        Returns a Listener. Standard input is a pipe that stays open, as in start().
        """
        reader, writer = os.pipe()
        try:
            process = self.start(f"--ready-fd={writer}", *args, pass_fds=(*pass_fds, writer),
                                 kind=Listener, **more)
        finally:
            os.close(writer)
        got = b""
        limit = time.monotonic() + DEADLINE
        try:
            while got.count(b"\n") < count:
                data = _read_by(reader, 4096, limit)
                if not data:
                    process.popen.wait(DEADLINE)
                    for thread in process._threads:
                        thread.join(PATIENCE)
                    pytest.fail(f"{process.args} announced {got!r} and ended with "
                                f"{process.popen.returncode}\nerr: {process.err!r}")
                got += data
        finally:
            os.close(reader)
        process.announced = announced(got)
        return process

    def _popen(self, command, env, cwd, pass_fds, stdin, stdout, stderr, more):
        return subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr, bufsize=0,
                                env=environment(env), cwd=cwd or self.folder, pass_fds=pass_fds,
                                start_new_session=True, **more)

    def finish(self):
        """Ends all that was started; returns the complaints."""
        complaints = [process.finish() for process in reversed(self.processes)]
        return [complaint for complaint in complaints if complaint]


class Peer(Runner):
    """Debian's socat, behind the same interface."""

    LISTENING = re.compile(rb"listening on (?:AF=\d+|LEN=\d+ AF=\d+) (.*)")

    def listener(self, *args, count=1, **more):
        """Starts socat -d -d and waits for its "listening on AF=2 0.0.0.0:PORT"."""
        process = self.start("-d", "-d", *args, kind=Listener, **more)
        process.expect_err(re.compile(rb"(?:listening on .*\n[^$]*?){%d}" % count))
        process.announced = [
            ("tcp" if b":" in where else "unix", where.decode().strip('"'))
            for where in self.LISTENING.findall(process.err)
        ]
        return process


_peer_version = []


def needs_peer(runner, version):
    """Skips the run of a test with a peer older than this, ("1.8"); nettool always goes on."""
    if not isinstance(runner, Peer):
        return
    if not _peer_version:
        found = re.search(r"version ([\d.]+\d)", runner("-V").printed)[1]
        _peer_version.extend(int(part) for part in found.split("."))
    if _peer_version < [int(part) for part in version.split(".")]:
        pytest.skip(f"socat {'.'.join(map(str, _peer_version))} is older than {version}")


def announced(data):
    """The lines of --ready-fd as tuples: ("tcp", "127.0.0.1:43121")."""
    return [tuple(line.split(" ", 2)[1:]) for line in data.decode().splitlines()
            if line.startswith("LISTEN ")]


# ---- sockets of Python's own ---------------------------------------------------------------------


def tcp_server(family=socket.AF_INET):
    """A listening TCP socket on the loopback, port chosen by the system."""
    server = socket.socket(family)
    server.settimeout(DEADLINE)
    server.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
    server.listen(8)
    return server


def unix_server(path, kind=socket.SOCK_STREAM):
    """A UNIX socket bound to path, listening if it is a kind that listens."""
    server = socket.socket(socket.AF_UNIX, kind)
    server.settimeout(DEADLINE)
    server.bind(os.fspath(path))
    if kind != socket.SOCK_DGRAM:
        server.listen(8)
    return server


def udp_socket(family=socket.AF_INET):
    """A UDP socket bound on the loopback, port chosen by the system."""
    peer = socket.socket(family, socket.SOCK_DGRAM)
    peer.settimeout(DEADLINE)
    peer.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
    return peer


def name_of(server):
    """host:port of a bound IP socket, as an address text takes it."""
    host, port = server.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def unix_client(path):
    """A connection to whoever listens at a path, or will in a moment: first it is bound, and may be crowded."""
    def reached():
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(DEADLINE)
        try:
            peer.connect(os.fspath(path))
        except (ConnectionRefusedError, FileNotFoundError, BlockingIOError):
            peer.close()
            return None
        return peer

    return wait_until(reached, what=f"somebody who listens at {path}")


def accept(server):
    """Accepts one connection; the socket has the harness's deadline."""
    peer, _ = server.accept()
    peer.settimeout(DEADLINE)
    return peer


def _own_ports():
    """The ports of this worker of xdist, in any order: those below what connections get, a share for each.

    The last of a share are never first: who wants neighbours as well has them.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    number = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0) % workers
    share = (32000 - 15000) // workers
    first = 15000 + number * share
    ports = list(range(first, first + share - 100))
    random.SystemRandom().shuffle(ports)
    return itertools.cycle(ports)


_ports = _own_ports()


def free_port(kind=socket.SOCK_STREAM):
    """A port that nobody has, and that nobody gets in the meantime: no connection, no other worker."""
    for port in _ports:
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                continue
        return port


def dead_port():
    """A TCP port of the loopback where nobody listens."""
    return free_port()


class Background:
    """Runs function(*args) in a thread; result() waits, and raises what it raised."""

    def __init__(self, function, *args, **more):
        self._value = self._error = None

        def run():
            try:
                self._value = function(*args, **more)
            except BaseException as error:  # pytest.fail raises outside of Exception
                self._error = error

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    @property
    def running(self):
        return self._thread.is_alive()

    def result(self, deadline=None):
        self._thread.join(DEADLINE if deadline is None else deadline * PATIENCE)
        if self._thread.is_alive():
            pytest.fail("a helper thread of the test did not end")
        if self._error is not None:
            raise self._error
        return self._value
