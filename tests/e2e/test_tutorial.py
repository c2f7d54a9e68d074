"""--tutorial: every lesson is played with real programs, and it can be left at any point.

That nothing runs on afterwards is looked after by conftest.py, for every test.
"""

import fcntl
import os
import re
import signal
import socket

import pytest

from terminals import Window
from tools import BUILDDIR

# what each lesson shows, in its order: its heading, and a line that comes of a program that really ran
LESSONS = [
    (b"1.1  ", b"client ends with status 1\n"),
    (b"1.2  ", b"client shows: salut\n"),
    (b"1.3  ", b"client shows: I am still here\n"),
    (b"1.4  ", b"second server ends with status 1\n"),
    (b"2.1  ", b"ben shows: hello, this is Ben\n"),
    (b"2.2  ", "client shows: Bonjour client, reçu : une question\n".encode()),
    (b"2.3  ", b"client shows: ENCORE\n"),
    (b"2.4  ", b"shell shows: letter=\n"),
    (b"3.1  ", b"client shows: et vous ?\n"),
    (b"3.2  ", b"ana shows: <ben> bonjour Ana\n"),
    (b"3.3  ", b"ben shows: deux\n"),
]
PROMPTS = re.compile(rb"a, b or c\? |\[Enter: go on, q: leave\] ")


@pytest.fixture
def folder(tmp):
    """Where the tutorial may put its files; empty again afterwards. One at a time, as they want one port."""
    place = tmp / "folder"
    place.mkdir()
    with open(__file__) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield {"TMPDIR": place}
    assert not list(place.iterdir())


def test_all_of_it(nettool, folder):
    result = nettool("--tutorial", input=b"a\n\n" * len(LESSONS), env=folder)
    assert result.status == 0
    assert result.err == b""
    place = 0
    for heading, line in LESSONS:
        place = result.out.index(b"\n" + heading, place)
        place = result.out.index(b"\n" + line, place)
    assert result.out.count(b"? Yes: ") + result.out.count(b"? Not quite. It is: ") == len(LESSONS)
    assert b"That was all." in result.out


def test_processes_are_counted(nettool, folder):
    if not os.path.isdir("/proc/self"):
        pytest.skip("no /proc tells of processes")
    result = nettool("--tutorial=2", input=b"a\n\n" * len(LESSONS), env=folder)
    assert re.findall(rb"\(processes of server: (\d)\)", result.out) == [b"3", b"1", b"1"]


@pytest.mark.parametrize("chapter, first", [(1, "1.1"), (2, "2.1"), (3, "3.1")])
def test_a_chapter(nettool, folder, chapter, first):
    result = nettool(f"--tutorial={chapter}", input=b"q\n", env=folder)
    assert result.status == 0
    assert re.findall(r"^(\d\.\d)  ", result.out.decode(), re.MULTILINE) == [first]
    assert result.out.endswith(b"Goodbye.\n")


@pytest.mark.parametrize("chapter", ["0", "4", "-1", "one", ""])
def test_no_such_chapter(nettool, folder, chapter):
    result = nettool(f"--tutorial={chapter}", env=folder)
    assert result.status == 2
    assert "--tutorial" in result.text
    assert result.out == b""


@pytest.mark.parametrize("answer, verdict", [
    (b"b\n", b"Yes: no program listens on port"),
    (b" B \n", b"Yes: no program listens on port"),
    (b"a\n", b"Not quite. It is: no program listens on port"),
    (b"\n", b"It is: no program listens on port"),
    (b"what?\nd\nb\n", b"a, b or c? a, b or c? Yes: no program"),
    (b"\x1b[A\xff\x00\nb\n", b"a, b or c? a, b or c? Yes: no program"),
])
def test_answers(nettool, folder, answer, verdict):
    result = nettool("--tutorial", input=answer, env=folder)
    assert result.status == 0
    assert verdict in result.out.replace(b"\n", b" ")


@pytest.mark.parametrize("prompts, last", [
    (0, b"q\n"), (0, b""), (1, b"Q"), (1, b""), (2, b"q\n"), (4, b""), (6, b"Q\n"), (8, b""), (10, b"q"),
    (12, b""), (14, b"q\n"), (16, b""), (18, b"q\n"), (20, b""), (2 * len(LESSONS) - 2, b"q\n"),
])
def test_it_can_be_left(nettool, folder, prompts, last):
    """At each question, and between two lessons: by q, by q without Enter, by Ctrl-D."""
    answers = b"".join(b"c\n" if i % 2 == 0 else b"\n" for i in range(prompts))
    result = nettool("--tutorial", input=answers + last, env=folder)
    assert result.status == 0
    assert result.err == b""
    assert len(PROMPTS.findall(result.out)) == prompts + 1
    assert result.out.endswith(b"\nGoodbye.\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("place", [b"a, b or c? ", b"ana$", b"ana shows", b"ben types", b"ana$ nettool"])
def test_it_is_ended(nettool, folder, number, place):
    """Whoever is playing, and whoever is asked."""
    process = nettool.start("--tutorial=2", env=folder)
    process.expect_out(place)
    assert process.stop(number).status == 128 + number


def test_a_screen_that_goes_away(nettool, folder):
    reader, writer = os.pipe()
    process = nettool.start("--tutorial=2", env=folder, stdout=writer)
    os.close(writer)
    assert b"tutorial" in os.read(reader, 4000)
    os.close(reader)
    result = process.wait()
    assert result.status == 1
    assert "standard output" in result.text


def test_port_in_use(nettool, folder):
    """Somebody else's server is left in peace, and all texts name the other port."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind(("127.0.0.1", 9090))
        server.listen()
    except OSError:
        pass  # somebody else has it, which is as good
    with server:
        result = nettool("--tutorial", input=b"a\n\n" * len(LESSONS), env=folder)
    assert result.status == 0
    assert b"That was all." in result.out
    assert b"9090" not in result.out


def test_no_folder(nettool):
    result = nettool("--tutorial", input=b"q\n", env={"TMPDIR": "/nowhere"})
    assert result.status == 1
    assert "cannot make folder /nowhere/nettool-" in result.text


def test_at_a_terminal(nettool, folder):
    """Colours, a line that is typed, Ctrl-C."""
    with Window() as window:
        process = window.start(nettool, "--tutorial", env=folder)
        window.expect(r"a, b or c\? ")
        assert b"\x1b[1m" in window.text
        window.type("b\r")
        window.expect("Yes: ")
        window.expect("Enter: go on")
        window.type("\r")
        window.expect(r"1\.2  ")
        window.type("\x03")
        assert process.wait().status == 130
        assert window.is_as_found()


def test_without_colours(nettool, folder):
    with Window() as window:
        process = window.start(nettool, "--color=never", "--tutorial", env=folder)
        window.expect(r"a, b or c\? ")
        window.type("\x04")
        assert process.wait().status == 0
        assert b"\x1b[" not in window.text


@pytest.mark.skipif(not (BUILDDIR / "locale" / "fr").exists(), reason="built without translations")
def test_in_french(nettool, folder):
    """All of it; what people type and programs are called stays."""
    env = {**folder, "LC_ALL": "fr_FR.UTF-8", "NETTOOL_LOCALEDIR": BUILDDIR / "locale"}
    result = nettool("--tutorial", input=b"b\n\n" * len(LESSONS), env=env)
    text = result.out.decode()
    assert (result.status, result.err) == (0, b"")
    assert re.findall(r"^\d\.\d  ", text, re.MULTILINE) == [h.decode() for h, _ in LESSONS]
    assert "client$ nettool - TCP:127.0.0.1:" in text and "client affiche : salut" in text
    for english in ("shows:", "types:", "ends with", "a, b or c", "[Enter", "Yes:", "Not quite", "the "):
        assert english not in text, english
