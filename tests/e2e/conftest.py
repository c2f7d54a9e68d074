"""The fixtures of the end-to-end tests; tools.py holds what they are made of.

    tmp         the test's own folder (a Path), short enough for UNIX socket names
    nettool     nettool(*args, input=b"", ...) runs the binary to its end -> Result
    start       start(*args, ...) runs it in the background -> Process
    listener    listener(*args, ...) the same, waits for --ready-fd -> Listener (.address, .port)
    socat       the peer: socat(...), socat.start(...), socat.listener(...); skips where it is not
    both        parametrized: the test runs once with nettool and once with the peer
    program     program("name", ...) a runner of any other program, with the same manners; skips
                the test where it is not installed

After the last test nothing may be left of what the tests have started: see nothing_left.
"""

import os
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pytest

sys.path.insert(0, os.path.dirname(__file__))

import tools  # noqa: E402

RUN_MARK = "TEST_RUN_OF_NETTOOL"


def pytest_configure(config):
    """Says at once, and once, when there is nothing to test."""
    if not os.access(tools.NETTOOL, os.X_OK):
        raise pytest.UsageError(f"no nettool at {tools.NETTOOL}; set NETTOOL to the built binary")
    tools.NETTOOL = os.path.abspath(tools.NETTOOL)
    # In the environment of whatever is started from here on, and of whatever that starts. Every
    # worker of xdist has a value of its own. (tools.environment() keeps the name, for it doesn't
    # begin like the variables of nettool and its peers.)
    os.environ[RUN_MARK] = f"{os.getpid()}-{secrets.token_hex(8)}"


def _text(pid, name):
    """A file of /proc/PID, "" where it is gone or somebody else's."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def _described(pid, stat, variables):
    """One leftover in words: what it is, who its parent is, and which test it comes from."""
    state, parent = stat.rpartition(")")[2].split()[:2]
    command = _text(pid, "cmdline").replace("\0", " ").strip()[:200]
    command = command or stat.partition("(")[2].rpartition(")")[0]
    test = "PYTEST_CURRENT_TEST="
    tests = [text.removeprefix(test) for text in variables if text.startswith(test)]
    kind = "zombie" if state == "Z" else "process"
    return " ".join([kind, str(pid), f"(parent {parent}):", command, *tests])


def _leftovers():
    """Every process that carries the mark of this run, and every zombie that waits for one of us.

    A program whose environment was emptied (env -i) is found only as a zombie, or not at all.
    """
    mark = f"{RUN_MARK}={os.environ[RUN_MARK]}"
    marked, zombies = {}, {}
    for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))):
        stat = _text(pid, "stat")
        variables = _text(pid, "environ").split("\0")
        if pid == os.getpid() or not stat:
            continue
        if stat.rpartition(")")[2].split()[0] == "Z":
            zombies[pid] = stat
        elif mark in variables:
            marked[pid] = _described(pid, stat, variables)
    for pid, stat in zombies.items():
        if int(stat.rpartition(")")[2].split()[1]) in (*marked, os.getpid()):
            marked[pid] = _described(pid, stat, ())
    return sorted(marked.values())


@pytest.fixture(scope="session", autouse=True)
def nothing_left():
    """Fails after the last test when a process or a zombie is left, once all had time to end."""
    yield
    if not os.path.isdir("/proc/self"):
        return
    limit = time.monotonic() + tools.DEADLINE
    while (left := _leftovers()) and time.monotonic() < limit:
        time.sleep(0.02)
    if left:
        pytest.fail("the tests have left something running:\n" + "\n".join(left), pytrace=False)


@pytest.fixture
def tmp():
    """A folder of the test's own, removed afterwards."""
    folder = tempfile.mkdtemp(prefix="nt-")
    yield Path(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def runners(tmp):
    """Makes runners and ends all that they started when the test is over."""
    made = []

    def make(kind, command):
        runner = kind(command, tmp)
        made.append(runner)
        return runner

    yield make
    complaints = [complaint for runner in reversed(made) for complaint in runner.finish()]
    if complaints:
        pytest.fail("\n".join(complaints))


@pytest.fixture
def nettool(runners):
    return runners(tools.Runner, tools.NETTOOL)


@pytest.fixture
def start(nettool):
    return nettool.start


@pytest.fixture
def listener(nettool):
    return nettool.listener


@pytest.fixture
def socat(runners):
    if tools.SOCAT is None:
        pytest.skip("socat is not installed")
    return runners(tools.Peer, tools.SOCAT)


@pytest.fixture(params=["nettool", "socat"])
def both(request):
    """nettool in one run of the test, the peer in the other: what holds for both."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def program(runners):
    def find(name, *args):
        path = shutil.which(name)
        if path is None:
            pytest.skip(f"{name} is not installed")
        return runners(tools.Runner, [path, *args])

    return find
