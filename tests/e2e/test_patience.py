"""Signals that arrive while the program is busy with something that may take for ever."""

import os
import signal
import socket

import pytest

from tools import DEADLINE, needs_linux, wait_until


@needs_linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_name_lookup(start, number):
    """A name server that never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.settimeout(DEADLINE)
        port = silent.getsockname()[1]
        process = start("-", f"TCP:somebody.example:80,res-nsaddr=127.0.0.1:{port},res-retrans=30")
        silent.recv(512)
        process.send_signal(number)
        assert process.wait().status == 128 + number


@needs_linux
@pytest.mark.parametrize("words", [
    ("-u", "OPEN:fifo", "-"),
    ("-u", "-", "OPEN:fifo"),
    ("-u", "PIPE:fifo", "-"),
    ("-r", "fifo", "-u", "TEXT:x", "-"),
])
def test_fifo_without_another_end(start, tmp, words):
    os.mkfifo(tmp / "fifo")
    process = start(*words)
    wait_until(lambda: len(os.listdir(f"/proc/{process.pid}/task")) == 2)
    process.send_signal(signal.SIGTERM)
    assert process.wait().status == 143


def test_descriptor_that_was_not_inherited(nettool):
    """The first number that is free is not taken for one of ours."""
    for number in range(3, 10):
        result = nettool("-u", f"FD:{number}", "-")
        assert result.status == 1
        assert b"descriptor %d is not open" % number in result.err


def test_one_way_to_a_peer_that_hung_up(start, tmp):
    """Nothing waits to be written, and still the way is broken."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(tmp / "room"))
        server.listen()
        process = start("-u", "STALL", "UNIX-CONNECT:room")
        peer, _ = server.accept()
        peer.close()
        result = process.wait()
    assert result.status == 1
    assert b"UNIX-CONNECT:room: cannot write: Broken pipe" in result.err


def test_long_addresses_do_not_flood(nettool):
    result = nettool("A" * 100_000, "-")
    assert result.status == 2
    assert len(result.err) < 5000


@pytest.mark.parametrize("words, reads", [
    (("TERMINAL", "STALL"), True),
    (("-", "STALL"), True),
    (("-u", "STALL", "TERMINAL"), False),
])
def test_terminal_that_vanishes(start, words, reads):
    """Not an end that anybody has meant: a message, and status 1."""
    ours, theirs = os.openpty()
    name = os.ttyname(theirs) + ",noctty"  # or SIGHUP comes as well, perhaps before poll has told
    words = [name if word == "TERMINAL" else word for word in words]
    process = start("-d", "-d", *words, stdin=theirs, stdout=theirs)
    os.close(theirs)
    process.expect_err(b"starting data transfer")
    os.close(ours)
    result = process.wait()
    assert result.status == 1
    what = "read" if reads else "write"
    assert f"cannot {what}: Input/output error" in result.text


@pytest.mark.parametrize("link", ["", ",pipes", ",pty", ",pty,setsid"])
def test_what_a_program_left_behind_does_not_hold_the_session(start, tmp, link):
    """The program has ended, something in the background still has its output open, nobody ends our input."""
    process = start("-", f"SYSTEM:'sleep 1000 & echo $! >left; exit 0'{link}")
    try:
        wait_until(lambda: not process.running)
        assert process.wait().status == 0
    finally:
        os.kill(int((tmp / "left").read_text()), signal.SIGKILL)


def test_what_is_left_behind_is_heard_while_it_speaks(nettool):
    result = nettool("-u", "SYSTEM:'for i in 1 2 3 4 5 6; do sleep 0.2; echo $i; done & exit 3'", "-")
    assert (result.status, result.out) == (1, b"1\n2\n3\n4\n5\n6\n")
