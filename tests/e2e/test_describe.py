"""What scripts ask of filan and procan: --describe-fds and --system-limits."""

import os
import re
import resource
import socket
import struct

import pytest

from tools import needs_linux


def facts(line):
    """A line of --describe-fds: number, kind, and the words of the form name=value."""
    head, _, name = line.partition(" name=")
    number, kind, *words = head.split()
    found = dict(word.split("=", 1) for word in words)
    if name:
        found["name"] = name
    return int(number), kind, found


def described(result):
    """number -> (kind, facts)."""
    assert (result.status, result.err) == (0, b""), result
    rows = [facts(line) for line in result.printed.splitlines()]
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    return {number: (kind, found) for number, kind, found in rows}


def of(nettool, fd):
    """The facts of one descriptor that is passed on."""
    rows = described(nettool(f"--describe-fds={fd}-{fd}", pass_fds=[fd]))
    assert list(rows) == [fd]
    return rows[fd]


@needs_linux
def test_all_open_descriptors_are_listed_and_no_other(nettool):
    first, second = os.pipe()
    try:
        rows = described(nettool("--describe-fds", pass_fds=[first, second]))
    finally:
        os.close(first)
        os.close(second)
    assert {0, 1, 2, first, second} == set(rows)
    assert rows[first][0] == rows[second][0] == "pipe"
    assert (rows[first][1]["access"], rows[second][1]["access"]) == ("r", "w")


@needs_linux
def test_range_of_descriptors(nettool):
    first, second = os.pipe()
    low, high = sorted((first, second))
    try:
        from_low = described(nettool(f"--describe-fds={low}", pass_fds=[first, second]))
        one = described(nettool("--describe-fds=1-1"))
    finally:
        os.close(first)
        os.close(second)
    assert set(from_low) == {low, high}
    assert set(one) == {1}


@pytest.mark.parametrize("value", ["x", "1-x", "3-2", "-1", "1-2-3"])
def test_wrong_range(nettool, value):
    result = nettool(f"--describe-fds={value}")
    assert result.status == 2 and result.out == b"" and "--describe-fds" in result.text, result


@needs_linux
def test_regular_file(nettool, tmp):
    path = tmp / "déjà vu"
    path.write_bytes(b"0123456789")
    path.chmod(0o640)
    fd = os.open(path, os.O_RDWR | os.O_APPEND)
    try:
        os.lseek(fd, 4, os.SEEK_SET)
        kind, found = of(nettool, fd)
    finally:
        os.close(fd)
    status = path.stat()
    assert kind == "file"
    assert found["device"] == f"{os.major(status.st_dev)}:{os.minor(status.st_dev)}"
    assert (found["inode"], found["mode"]) == (str(status.st_ino), "0640")
    assert (found["size"], found["offset"]) == ("10", "4")
    assert (found["access"], found["status"]) == ("rw", "append")
    assert found["name"] == os.path.realpath(path)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["mtime"])


@needs_linux
def test_pipe_says_what_waits_in_it(nettool):
    reader, writer = os.pipe()
    try:
        os.write(writer, b"hello")
        kind, found = of(nettool, reader)
    finally:
        os.close(reader)
        os.close(writer)
    assert (kind, found["readable"]) == ("pipe", "5")
    assert int(found["pipesize"]) > 0 and "in" in found["poll"].split(",")


@needs_linux
def test_tcp_socket(nettool):
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 7))
            kind, found = of(nettool, client.fileno())
            assert (kind, found["domain"], found["type"]) == ("socket", "inet", "stream")
            assert found["local"] == "127.0.0.1:%d" % client.getsockname()[1]
            assert found["peer"] == "127.0.0.1:%d" % server.getsockname()[1]
            assert (found["TCP_NODELAY"], found["SO_ACCEPTCONN"]) == ("1", "0")
            assert found["SO_LINGER"] == "1:7"
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 0, 0))
        kind, found = of(nettool, server.fileno())
        assert found["SO_ACCEPTCONN"] == "1" and "peer" not in found


@needs_linux
def test_unix_socket(nettool, tmp):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(str(tmp / "socket"))
        _, found = of(nettool, bound.fileno())
    assert (found["domain"], found["type"]) == ("unix", "dgram")
    assert found["local"] == str(tmp / "socket") and "TCP_NODELAY" not in found


@needs_linux
def test_terminal(nettool):
    master, slave = os.openpty()
    try:
        kind, found = of(nettool, slave)
        name = os.ttyname(slave)
    finally:
        os.close(master)
        os.close(slave)
    assert (kind, found["tty"], found["name"]) == ("chrdev", name, name)
    assert (found["icanon"], found["echo"]) == ("1", "1")
    assert {"rows", "columns", "cflag", "vmin"} <= set(found)


# ---- --system-limits -----------------------------------------------------------------------------


def limits(result):
    assert (result.status, result.err) == (0, b""), result
    pairs = [line.split(": ", 1) for line in result.printed.splitlines()]
    assert all(len(pair) == 2 and pair[1] for pair in pairs)
    assert len({pair[0] for pair in pairs}) == len(pairs), "no name twice"
    return dict(pairs)


def test_limits_of_the_process(nettool):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    found = limits(nettool("--system-limits"))
    word = lambda value: "unlimited" if value == resource.RLIM_INFINITY else str(value)
    assert found["RLIMIT_NOFILE soft"] == word(soft)
    assert found["RLIMIT_NOFILE hard"] == word(hard)
    assert {"RLIMIT_CPU soft", "RLIMIT_CORE hard", "RLIMIT_STACK soft"} <= set(found)


def test_lowered_limit_and_umask_are_shown(program, nettool):
    script = 'ulimit -S -n 77; umask 0137; exec "$0" --system-limits'
    found = limits(program("sh")("-c", script, nettool.program[0]))
    assert found["RLIMIT_NOFILE soft"] == "77" and found["umask"] == "0137"


def test_ids_of_the_process(start):
    process = start("--system-limits")
    pid = process.pid
    found = limits(process.wait())
    assert found["process id"] == str(pid)
    assert found["parent process id"] == str(os.getpid())
    assert found["session id"] == found["process group id"] == str(pid)
    assert found["controlling terminal"] == "none"
    assert found["effective user id"] == str(os.geteuid())
    assert found["group id"] == str(os.getgid())


def test_constants_and_types(nettool):
    found = limits(nettool("--system-limits"))
    assert found["PIPE_BUF"] == str(os.pathconf("/", "PC_PIPE_BUF"))
    assert found["sysconf(_SC_CLK_TCK)"] == str(os.sysconf("SC_CLK_TCK"))
    assert found["sizeof(long)"] == str(struct.calcsize("l"))
    assert found["sizeof(void *)"] == str(struct.calcsize("P"))
    assert found["byte order"].split()[0] == ("little" if struct.pack("=h", 1)[0] else "big")
    assert found["SOMAXCONN"] == str(socket.SOMAXCONN)
    assert found["char"] in ("signed", "unsigned") and found["system"] == os.uname().sysname
