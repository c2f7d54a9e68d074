"""The fixtures of the end-to-end tests; tools.py holds what they are made of.

    tmp         the test's own folder (a Path), short enough for UNIX socket names
    nettool     nettool(*args, input=b"", ...) runs the binary to its end -> Result
    start       start(*args, ...) runs it in the background -> Process
    listener    listener(*args, ...) the same, waits for --ready-fd -> Listener (.address, .port)
    socat       the peer: socat(...), socat.start(...), socat.listener(...); skips where it is not
    both        parametrized: the test runs once with nettool and once with the peer
    program     program("name", ...) a runner of any other program, with the same manners; skips
                the test where it is not installed
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, os.path.dirname(__file__))

import tools  # noqa: E402


def pytest_configure(config):
    """Says at once, and once, when there is nothing to test."""
    if not os.access(tools.NETTOOL, os.X_OK):
        raise pytest.UsageError(f"no nettool at {tools.NETTOOL}; set NETTOOL to the built binary")
    tools.NETTOOL = os.path.abspath(tools.NETTOOL)


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
