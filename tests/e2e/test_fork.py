"""Servers with fork: sessions of their own, limits, children that come and go, and who survives whom."""

import os
import re
import signal
import socket
import struct

import pytest

from netpeek import children_of, descriptors_of, state_of
from tools import (
    DEADLINE,
    Background,
    accept,
    name_of,
    needs_linux,
    quiet,
    read_all,
    read_exactly,
    tcp_server,
    wait_until,
)

ECHO = ("TCP4-LISTEN:0,bind=127.0.0.1,fork", "PIPE")


def talk(server, word=b"x"):
    """One short session with an echo server."""
    with server.connect() as peer:
        peer.sendall(word)
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == word


def listens(server):
    """Whether somebody still listens on the server's port."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        return any(line.split()[1].endswith(f":{server.port:04X}") and line.split()[3] == "0A"
                   for line in list(table)[1:])


def gone(pid):
    return state_of(pid) in ("", "Z")


def test_sessions_run_side_by_side(both):
    server = both.listener(*ECHO, endless=True)
    peers = [server.connect() for _ in range(10)]
    for turn in range(3):
        for i, peer in enumerate(peers):
            peer.sendall(b"%d.%d" % (i, turn))
        for i, peer in reversed(list(enumerate(peers))):
            assert read_exactly(peer, 3) == b"%d.%d" % (i, turn)
    for peer in peers:
        peer.close()
    wait_until(lambda: not children_of(server.pid))
    assert server.running


@needs_linux
def test_500_sessions_leave_nothing(listener):
    """No zombie, no descriptor, and the last is served like the first."""
    server = listener(*ECHO, endless=True)
    talk(server)
    wait_until(lambda: not children_of(server.pid))
    before = descriptors_of(server.pid)
    for i in range(500):
        talk(server, b"%d" % i)
    wait_until(lambda: not children_of(server.pid))
    wait_until(lambda: descriptors_of(server.pid) == before)
    assert server.err == b""


@needs_linux
def test_refused_connections_leave_nothing(listener):
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork,range=127.0.0.2/32", "PIPE", endless=True)
    before = descriptors_of(server.pid)
    for _ in range(200):
        with server.connect() as peer:
            assert read_all(peer) == b""
    wait_until(lambda: descriptors_of(server.pid) == before)
    wait_until(lambda: server.err.count(b"refusing connection") == 200)


@needs_linux
def test_resets_leave_nothing(listener):
    server = listener(*ECHO, endless=True)
    talk(server)
    wait_until(lambda: not children_of(server.pid))
    before = descriptors_of(server.pid)
    for _ in range(50):
        peer = server.connect()
        peer.sendall(b"x" * 100)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
    talk(server)
    wait_until(lambda: not children_of(server.pid))
    wait_until(lambda: descriptors_of(server.pid) == before)
    assert server.running


def test_max_children(both):
    """Those who wait are served when a child ends, none is turned away."""
    server = both.listener("TCP4-LISTEN:0,bind=127.0.0.1,fork,max-children=2", "PIPE",
                           endless=True)
    inside = [server.connect() for _ in range(2)]
    for peer in inside:
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
    waiting = [server.connect() for _ in range(3)]
    for peer in waiting:
        peer.sendall(b"y")
    assert quiet(waiting[0])
    assert len(children_of(server.pid)) == 2
    for peer in inside:
        peer.close()
    for peer in waiting:
        assert read_exactly(peer, 1) == b"y"
        assert len(children_of(server.pid)) <= 2
        peer.close()


def test_max_children_says_that_it_waits(listener):
    server = listener("-d", "-d", "TCP4-LISTEN:0,bind=127.0.0.1,fork,max-children=1", "PIPE",
                      endless=True)
    with server.connect() as peer:
        server.expect_err(b"maxchildren are active, waiting")
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
    talk(server)
    wait_until(lambda: server.err.count(b"forked off child process") == 2)
    wait_until(lambda: server.err.count(b"maxchildren are active, waiting") >= 2)


@pytest.mark.parametrize("address", ["TCP-LISTEN:0", "UNIX-LISTEN:room", "UDP-LISTEN:0",
                                     "UDP-RECVFROM:0"])
def test_max_children_needs_fork(nettool, tmp, address):
    result = nettool(f"{address},max-children=2", "CREATE:made")
    assert result.status == 2 and "max-children" in result.text and "fork" in result.text
    assert list(tmp.iterdir()) == []


def test_parent_ends_children_stay(both):
    """SIGTERM to the server ends the server alone; sessions run to their own end."""
    server = both.listener(*ECHO)
    with server.connect() as peer:
        peer.sendall(b"before")
        assert read_exactly(peer, 6) == b"before"
        (child,) = children_of(server.pid)
        server.ended_on_purpose = True
        server.send_signal(signal.SIGTERM)
        server.popen.wait(DEADLINE)
        assert server.popen.returncode in (143, -15)
        with socket.socket() as late:
            assert late.connect_ex(("127.0.0.1", server.port)) != 0
        peer.sendall(b"after")
        assert read_exactly(peer, 5) == b"after"
        assert not gone(child)
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == b""
    wait_until(lambda: gone(child))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_child_ends_parent_stays(listener, number):
    server = listener(*ECHO, endless=True)
    with server.connect() as peer:
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
        (child,) = children_of(server.pid)
        os.kill(child, number)
        try:
            assert read_all(peer) == b""
        except ConnectionResetError:
            pass
    wait_until(lambda: not children_of(server.pid))
    talk(server)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_while_full(listener, number):
    """A server that is not accepting hears signals all the same."""
    server = listener("-d", "-d", "TCP4-LISTEN:0,bind=127.0.0.1,fork,max-children=1", "PIPE")
    with server.connect() as peer:
        server.expect_err(b"maxchildren are active, waiting")
        server.ended_on_purpose = True
        server.send_signal(number)
        server.popen.wait(DEADLINE)
        assert server.popen.returncode == 128 + number
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == b""


@needs_linux
def test_accept_timeout_waits_for_children(listener):
    """The time without new connections is over, the session is not: status 0 after its end."""
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork,accept-timeout=2", "PIPE")
    with server.connect() as peer:
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
        wait_until(lambda: not listens(server))
        assert server.running
        peer.sendall(b"still here")
        assert read_exactly(peer, 10) == b"still here"
    result = server.wait()
    assert result.status == 0 and "accept: Connection timed out" in result.text


def test_a_failing_child_is_its_own_business(listener):
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork", "OPEN:no/such/file", endless=True)
    for _ in range(5):
        with server.connect() as peer:
            assert read_all(peer) == b""
    wait_until(lambda: server.err.count(b"No such file") == 5)
    assert server.running


@pytest.mark.parametrize("shutup, seen", [("", b"no/such/file"), (",children-shutup", b"warning"),
                                          (",children-shutup=1", b"warning"),
                                          (",child-shutup=1", b"warning")])
def test_children_shutup(listener, shutup, seen):
    """The error of a child loses a level: it becomes a warning, which shows by default."""
    server = listener(f"TCP4-LISTEN:0,bind=127.0.0.1,fork{shutup}", "OPEN:no/such/file",
                      endless=True)
    with server.connect() as peer:
        assert read_all(peer) == b""
    server.expect_err(b"No such file")
    wait_until(lambda: not children_of(server.pid))
    assert seen in server.err
    assert (b"warning" in server.err) == bool(shutup)


def test_children_shutup_altogether(listener):
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork,children-shutup=2", "OPEN:no/such/file",
                      endless=True)
    for _ in range(3):
        with server.connect() as peer:
            assert read_all(peer) == b""
    wait_until(lambda: not children_of(server.pid))
    assert server.err == b""


def test_second_address_is_opened_per_session(listener, nettool, tmp):
    server = listener("-u", "TCP4-LISTEN:0,bind=127.0.0.1,fork", "OPEN:log,creat,append",
                      endless=True)
    assert not (tmp / "log").exists()
    log = tmp / "log"
    for word in (b"one ", b"two ", b"three"):
        assert nettool("-u", "-", f"TCP:{server.address}", input=word).status == 0
        wait_until(lambda: log.exists() and log.read_bytes().endswith(word))
    assert log.read_bytes() == b"one two three"


def test_relay_of_connections(nettool, listener):
    """The classic: a forwarder, every connection through it has its own."""
    back = listener(*ECHO, endless=True)
    front = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork", f"TCP4:{back.address}", endless=True)
    for i in range(5):
        result = nettool("-", f"TCP:{front.address}", input=b"%d" % i)
        assert (result.status, result.out) == (0, b"%d" % i)


def test_variables_of_a_session(listener, tmp):
    server = listener("-r", "$SOCAT_PEERADDR.$NETTOOL_PEERPORT.$SOCAT_SOCKADDR.$SOCAT_SOCKPORT."
                      "$SOCAT_PID.$NETTOOL_PPID", *ECHO, endless=True)
    with server.connect() as peer:
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
        (child,) = children_of(server.pid)
        port = peer.getsockname()[1]
        name = f"127.0.0.1.{port}.127.0.0.1.{server.port}.{child}.{server.pid}"
        assert [path.name for path in tmp.iterdir()] == [name]


def test_variables_with_the_name_of_the_program(listener, tmp):
    server = listener("-lp", "mytool", "-u", "-r", "p$MYTOOL_PEERPORT",
                      "TCP4-LISTEN:0,bind=127.0.0.1", "-")
    with server.connect() as peer:
        peer.sendall(b"x")
        port = peer.getsockname()[1]
    assert server.wait().out == b"x"
    assert (tmp / f"p{port}").read_bytes() == b"x"


def test_variables_without_fork(listener, tmp):
    server = listener("-u", "-r", "p.$SOCAT_PID.$SOCAT_PPID", "TCP4-LISTEN:0,bind=127.0.0.1", "-")
    with server.connect() as peer:
        peer.sendall(b"x")
    assert server.wait().out == b"x"
    assert (tmp / f"p.{server.pid}.{server.pid}").read_bytes() == b"x"


# ---- clients that fork --------------------------------------------------------------------------


def test_client_with_fork_connects_again_and_again(both):
    server = tcp_server()
    process = both.start("-u", f"TCP4:{name_of(server)},fork,interval=0.05", "-", endless=True)
    for i in range(4):
        peer = accept(server)
        peer.sendall(b"%d" % i)
        peer.close()
        process.expect_out(b"%d" % i)
    assert process.running


def test_client_with_fork_ends_with_the_server(nettool):
    server = tcp_server()
    process = nettool.start("-u", f"TCP4:{name_of(server)},fork,interval=0.02", "-")
    peer = accept(server)
    server.close()
    peer.sendall(b"last")
    peer.close()
    result = process.wait()
    assert result.status == 1 and result.out == b"last"
    assert "Connection refused" in result.text or "Connection reset" in result.text


def test_client_with_fork_and_a_limit(nettool):
    server = tcp_server()
    process = nettool.start("-u", f"TCP4:{name_of(server)},fork,interval=0.01,max-children=2", "-",
                            endless=True)
    peers = [accept(server) for _ in range(2)]
    assert quiet(server)
    assert len(children_of(process.pid)) == 2
    peers[0].close()
    peers.append(accept(server))
    wait_until(lambda: len(children_of(process.pid)) == 2)
    for peer in peers:
        peer.close()


def test_signal_between_connections(nettool):
    server = tcp_server()
    process = nettool.start("-u", f"TCP4:{name_of(server)},fork,interval=3600", "-")
    peer = accept(server)
    peer.close()
    # the end of the child cuts the interval short, the next one then waits
    peer = accept(server)
    process.send_signal(signal.SIGTERM)
    process.popen.wait(DEADLINE)
    peer.close()  # its child, if there is one already, still has our pipes
    assert process.wait().status == 143


def test_children_do_not_try_again(listener):
    """Retry belongs to the address that has it; one failed session is one message."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server = listener("-d", "-d", "TCP4-LISTEN:0,bind=127.0.0.1,fork",
                          f"TCP4:{name_of(probe)}", endless=True)
        with server.connect() as peer:
            assert read_all(peer) == b""
        server.expect_err(b"opening connection to")
        wait_until(lambda: not children_of(server.pid))
        assert server.err.count(b"opening connection to") == 1


def test_reaped_at_once(listener):
    server = listener("-T0.05", *ECHO, endless=True)
    peers = [server.connect() for _ in range(5)]
    for peer in peers:
        assert read_all(peer) == b""  # ended by -T
    wait_until(lambda: not children_of(server.pid))
    assert server.running


def test_log_of_a_forking_server(both):
    server = both.listener("-d", "-d", *ECHO, endless=True)
    talk(server)
    found = server.expect_err(re.compile(rb"forked off child process (\d+)"))
    assert int(found[1]) != server.pid
    there = Background(lambda: talk(server))
    there.result()
