"""poll: many connections in one process, each with a second address of its own, and none in the way of another."""

import os
import random
import re
import select
import signal
import socket
import subprocess

import pytest

from crowds import NameServer, descriptors, full, full_tcp, limited, memory_of, reset, rests, spins
from netpeek import children_of, descriptors_of, has_ipv6
from tools import (
    DEADLINE,
    Background,
    accept,
    dead_port,
    digest,
    name_of,
    needs_linux,
    needs_root,
    quiet,
    random_bytes,
    read_all,
    read_exactly,
    read_until,
    same,
    tcp_server,
    udp_socket,
    unix_client,
    unix_server,
    wait_until,
)

LISTEN = "TCP4-LISTEN:0,bind=127.0.0.1"
ECHO = (f"{LISTEN},poll", "PIPE")


def talk(server, word=b"x"):
    """One short session with an echo server."""
    with server.connect() as peer:
        peer.sendall(word)
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == word


def echoes(peer, word):
    """Whether what is said comes back."""
    peer.sendall(word)
    return read_exactly(peer, len(word)) == word


def knows_nothing(peer):
    """Whether the connection was ended, in whatever way."""
    try:
        return read_all(peer) == b""
    except ConnectionResetError:
        return True


def sender(server):
    """A UDP socket that talks to a UDP listener."""
    peer = udp_socket()
    peer.connect(("127.0.0.1", server.port))
    return peer


# ---- where they come from ------------------------------------------------------------------------


def crowd_of(server, count=10):
    """Conversations side by side, everybody with everything of his own."""
    peers = [server.connect() for _ in range(count)]
    for turn in range(3):
        for i, peer in enumerate(peers):
            peer.sendall(b"%d.%d " % (i, turn))
        for i, peer in reversed(list(enumerate(peers))):
            assert read_exactly(peer, 4) == b"%d.%d " % (i, turn)
    return peers


@needs_linux
@pytest.mark.parametrize("address", [
    LISTEN + ",poll",
    "TCP-LISTEN:0,poll",
    pytest.param("TCP6-LISTEN:0,bind=[::1],poll", marks=has_ipv6),
    "UNIX-LISTEN:{}/room,poll",
    "UNIX-LISTEN:{}/room,poll,fork=0",
])
def test_side_by_side(listener, tmp, address):
    server = listener(address.format(tmp), "PIPE", endless=True)
    peers = crowd_of(server)
    assert children_of(server.pid) == []
    for peer in peers[1:]:
        peer.close()
    assert echoes(peers[0], b"encore")
    peers[0].close()
    talk(server)
    assert server.err == b""


@needs_linux
def test_abstract(start, listener):
    name = f"nettool-test-{os.getpid()}"
    server = listener(f"ABSTRACT-LISTEN:{name},poll", "PIPE", endless=True)
    peers = []
    for i in range(5):
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(DEADLINE)
        peer.connect("\0" + name)
        peers.append(peer)
        assert echoes(peer, b"%d" % i)
    for i, peer in enumerate(peers):
        assert echoes(peer, b"again %d" % i)
        peer.close()
    assert server.running


def test_inherited_listener(start):
    with tcp_server() as listening:
        server = start(f"ACCEPT-FD:{listening.fileno()},poll", "PIPE", endless=True,
                       pass_fds=[listening.fileno()])
        peers = [socket.create_connection(listening.getsockname(), DEADLINE) for _ in range(5)]
        for i, peer in enumerate(peers):
            assert echoes(peer, b"%d" % i)
        for peer in peers:
            peer.close()
        assert server.stop().status == 143


def test_sequenced_packets(listener, tmp):
    """Every message stays what it is."""
    server = listener("UNIX-LISTEN:room,socktype=5,poll", "SOCKETPAIR", endless=True)
    peers = []
    for _ in range(3):
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        peer.settimeout(DEADLINE)
        peer.connect(str(tmp / "room"))
        peers.append(peer)
    for i, peer in enumerate(peers):
        peer.send(b"un %d" % i)
        peer.send(b"deux %d" % i)
    for i, peer in enumerate(peers):
        assert peer.recv(100) == b"un %d" % i
        assert peer.recv(100) == b"deux %d" % i
        peer.close()
    assert server.running


# ---- UDP: a session for each sender --------------------------------------------------------------


def test_udp_sessions(listener):
    server = listener("UDP4-LISTEN:0,bind=127.0.0.1,poll", "SOCKETPAIR", endless=True)
    peers = [sender(server) for _ in range(30)]
    for turn in range(5):
        for i, peer in enumerate(peers):
            peer.send(b"%d.%d" % (i, turn))
    for turn in range(5):
        for i, peer in enumerate(peers):
            assert peer.recv(100) == b"%d.%d" % (i, turn)
    for peer in peers:
        peer.close()
    assert server.err == b""


@needs_linux
def test_udp_session_ends_by_silence(listener):
    """-T ends a session that says nothing; the next packet of the same sender begins another one."""
    server = listener("-T2", "UDP4-LISTEN:0,bind=127.0.0.1,poll",
                      "SYSTEM:read x; echo $$ $x; exec cat", endless=True)
    silent, chatty = sender(server), sender(server)
    chatty.send(b"un\n")
    chatty.recv(100)
    silent.send(b"salut\n")
    first = silent.recv(100).split()
    wait_until(lambda: (chatty.send(b"x"), chatty.recv(10), len(children_of(server.pid)) == 1)[2])
    silent.send(b"encore\n")
    second = silent.recv(100).split()
    assert first[0] != second[0]
    assert first[1:] == [b"salut"] and second[1:] == [b"encore"]
    silent.close()
    chatty.close()


@needs_linux
def test_udp_empty_packet_ends_a_session(listener):
    server = listener("UDP4-LISTEN:0,bind=127.0.0.1,poll", "SYSTEM:exec cat", endless=True)
    one, other = sender(server), sender(server)
    for peer in (one, other):
        assert peer.send(b"a") and peer.recv(10) == b"a"
    assert len(children_of(server.pid)) == 2
    one.send(b"")
    wait_until(lambda: len(children_of(server.pid)) == 1)
    assert other.send(b"b") and other.recv(10) == b"b"
    one.close()
    other.close()


@needs_linux
def test_udp_sessions_leave_nothing(listener):
    server = listener("-T0.1", "UDP4-LISTEN:0,bind=127.0.0.1,poll", "PIPE", endless=True)
    before = descriptors_of(server.pid)
    for i in range(100):
        with sender(server) as peer:
            peer.send(b"%d" % i)
            assert peer.recv(100) == b"%d" % i
    wait_until(lambda: descriptors_of(server.pid) == before)
    rests(server)


def test_udp_to_tcp(listener):
    with tcp_server() as back:
        server = listener("UDP4-LISTEN:0,bind=127.0.0.1,poll", f"TCP4:{name_of(back)}",
                          endless=True)
        for i in range(3):
            peer = sender(server)
            peer.send(b"question %d" % i)
            there = accept(back)
            assert read_exactly(there, 10) == b"question %d" % i
            there.sendall(b"answer %d" % i)
            assert peer.recv(100) == b"answer %d" % i
            there.close()
            peer.close()


@needs_linux
def test_udp_packets_one_by_one(listener):
    """RECVFROM takes one packet and gives its answer; with poll, of everybody."""
    server = listener("UDP4-RECVFROM:0,bind=127.0.0.1,poll", "SYSTEM:tr a-z A-Z", endless=True)
    before = descriptors_of(server.pid)
    peers = [sender(server) for _ in range(5)]
    for i, peer in enumerate(peers):
        peer.send(b"bonjour %d" % i)
    for i, peer in enumerate(peers):
        assert peer.recv(100) == b"BONJOUR %d" % i
        peer.close()
    wait_until(lambda: descriptors_of(server.pid) == before and not children_of(server.pid))
    rests(server)


# ---- where they go -------------------------------------------------------------------------------


@needs_linux
def test_forwarder(listener):
    """The classic, with a lot of data each way at once, and no descriptor left at the end."""
    back = listener(*ECHO, endless=True)
    front = listener(f"{LISTEN},poll", f"TCP4:{back.address}", endless=True)
    before = descriptors_of(front.pid)
    data = [random_bytes(1 << 20, i) for i in range(6)]

    def exchange(i):
        with front.connect() as peer:
            writer = Background(lambda: (peer.sendall(data[i]), peer.shutdown(socket.SHUT_WR)))
            got = read_all(peer)
            writer.result()
            return got

    there = [Background(exchange, i) for i in range(6)]
    for i in range(6):
        assert same(there[i].result(), data[i])
    wait_until(lambda: descriptors_of(front.pid) == before)
    assert front.err == b"" and back.err == b""
    rests(front)


def test_half_close_each_way(listener):
    """One direction ends, the other goes on; others aren't concerned."""
    with tcp_server() as back:
        server = listener(f"{LISTEN},poll", f"TCP4:{name_of(back)}", endless=True)
        first, second = server.connect(), server.connect()
        there = {}
        for name, peer in ((b"1", first), (b"2", second)):
            peer.sendall(name)
            other = accept(back)
            there[read_exactly(other, 1)] = other
        first.shutdown(socket.SHUT_WR)
        assert read_all(there[b"1"]) == b""
        there[b"2"].shutdown(socket.SHUT_WR)
        assert read_all(second) == b""
        there[b"1"].sendall(b"answer")
        assert read_exactly(first, 6) == b"answer"
        second.sendall(b"question")
        assert read_exactly(there[b"2"], 8) == b"question"
        there[b"1"].close()
        assert read_all(first) == b""
        second.close()
        assert read_all(there[b"2"]) == b""
        there[b"2"].close()
        first.close()


def test_unix(listener, tmp):
    with unix_server(tmp / "back") as back:
        server = listener(f"{LISTEN},poll", "UNIX-CONNECT:back", endless=True)
        for i in range(3):
            with server.connect() as peer:
                there = accept(back)
                peer.sendall(b"%d" % i)
                assert read_exactly(there, 1) == b"%d" % i
                there.close()
                assert read_all(peer) == b""


def test_unix_names_of_our_own(listener, tmp):
    """Each connection is bound to a name of its own, which goes with it."""
    with unix_server(tmp / "back") as back:
        server = listener(f"{LISTEN},poll", "UNIX-CONNECT:back,bind-tempname=me.XXXXXX",
                          endless=True)
        peers = [server.connect() for _ in range(3)]
        there = [accept(back) for _ in peers]
        assert len({other.getpeername() for other in there}) == 3
        assert len(list(tmp.glob("me.*"))) == 3
        peers[0].sendall(b"x")
        (one,) = select.select(there, [], [], DEADLINE)[0]
        peers[0].close()
        one.close()
        wait_until(lambda: len(list(tmp.glob("me.*"))) == 2)
        assert server.stop().status == 143
        assert list(tmp.glob("me.*")) == []
        for sock in (*peers, *there):
            sock.close()


def test_udp(listener):
    with udp_socket() as back:
        server = listener(f"{LISTEN},poll", f"UDP4:{name_of(back)}", endless=True)
        peers = [server.connect() for _ in range(3)]
        for i, peer in enumerate(peers):
            peer.sendall(b"%d" % i)
        for _ in peers:
            data, address = back.recvfrom(100)
            back.sendto(b"answer " + data, address)
        for i, peer in enumerate(peers):
            assert read_exactly(peer, 8) == b"answer %d" % i
            peer.close()


@pytest.mark.parametrize("way", ["fork", "poll"])
@pytest.mark.parametrize("address", ["OPEN:log,creat,append", "GOPEN:log", "./log",
                                     "FILE:log,creat,o-append"])
def test_log_of_all(listener, tmp, address, way):
    """Whole lines of everybody, in a file that each connection opens for itself."""
    server = listener("-u", f"{LISTEN},{way}", address, endless=True)
    assert not (tmp / "log").exists()
    wanted = sorted(b"%d le %d\n" % (i, j) for i in range(5) for j in range(20))
    peers = [server.connect() for _ in range(5)]
    for j in range(20):
        for i, peer in enumerate(peers):
            peer.sendall(b"%d le %d\n" % (i, j))
    for peer in peers:
        peer.close()
    log = tmp / "log"
    wait_until(lambda: log.exists() and log.stat().st_size == sum(map(len, wanted)))
    assert sorted(log.read_bytes().splitlines(True)) == wanted


@pytest.mark.parametrize("way", ["fork", "poll"])
def test_created_anew_each_time(listener, tmp, way):
    server = listener("-u", f"{LISTEN},{way}", "CREATE:made", endless=True)
    for word in (b"a long first word", b"short"):
        with server.connect() as peer:
            peer.sendall(word)
        wait_until(lambda: (tmp / "made").exists() and (tmp / "made").read_bytes() == word)


def test_download_for_all(listener, tmp):
    """Each connection reads the file from its start."""
    data = random_bytes(3000000)
    (tmp / "été").write_bytes(data)
    server = listener("-U", f"{LISTEN},poll", "OPEN:été,rdonly", endless=True)

    def load():
        with server.connect() as peer:
            return digest(read_all(peer))

    there = [Background(load) for _ in range(10)]
    assert {one.result() for one in there} == {digest(data)}
    rests(server)


@needs_linux
@pytest.mark.parametrize("words", [
    ("-u", f"{LISTEN},poll", "OPEN:log,creat,append"),
    (f"{LISTEN},poll", "OPEN:log,creat,append"),
    (f"{LISTEN},poll", "OPEN:log,creat,append,ignoreeof"),
    ("-u", f"{LISTEN},poll", "GOPEN:log"),
    ("-u", f"{LISTEN},poll", "CREATE:log"),
    (f"{LISTEN},poll", "/dev/null"),
    (f"{LISTEN},poll", "OPEN:/dev/null,ignoreeof"),
    (f"{LISTEN},poll", "TEXT:x"),
    (f"{LISTEN},poll", "STALL"),
    (f"{LISTEN},poll", "PIPE:fifo"),
    ("-u", f"{LISTEN},poll", "STDOUT"),
    (f"{LISTEN},poll", "STDIO"),
    (f"{LISTEN},poll", "EXEC:cat"),
    (f"{LISTEN},poll", "EXEC:cat,pipes"),
    (f"{LISTEN},poll", "EXEC:cat,pty,rawer"),
    ("-T3600", f"{LISTEN},poll", "SYSTEM:cat >/dev/null"),
    ("--statistics", f"{LISTEN},poll", "SOCKETPAIR"),
])
def test_idle_connections_cost_nothing(listener, tmp, words):
    """Whatever the second address is, with connections that pause, or have ended in one direction."""
    server = listener(*words, endless=True)
    peers = [server.connect() for _ in range(3)]
    for peer in peers:
        peer.sendall(b"x")
    rests(server)
    peers[0].shutdown(socket.SHUT_WR)
    rests(server)
    reset(peers[1])
    rests(server)
    for peer in peers:
        peer.close()


def test_text_for_all(listener):
    server = listener(f"{LISTEN},poll", "TEXT:bonjour\\n", endless=True)
    for i in range(3):
        with server.connect() as peer:
            assert read_until(peer, b"\n") == b"bonjour\n"
            peer.sendall(b"%d." % i)
            server.expect_out(b"%d." % i)


@pytest.mark.parametrize("second", ["TEXT:x", "STDOUT", "STDIO", "FD:1"])
def test_output_that_is_full(start, second):
    """Several wait for one standard output; when it takes data again, all of them go on."""
    reader, writer = os.pipe()
    announce, ready = os.pipe()
    words = ("-u",) if second in ("STDOUT", "FD:1") else ()
    process = start(*words, f"--ready-fd={ready}", f"{LISTEN},poll", second, stdout=writer,
                    pass_fds=[ready], endless=True)
    os.close(writer)
    os.close(ready)
    port = int(read_until(announce, b"\n").rpartition(b":")[2])
    os.close(announce)
    connect = lambda: socket.create_connection(("127.0.0.1", port), DEADLINE)
    data = random_bytes(500000)
    stuck = [connect() for _ in range(2)]
    writers = [Background(peer.sendall, data) for peer in stuck]
    with connect() as late:  # comes and goes meanwhile
        late.sendall(b"y" * 100)
    wait_until(lambda: not spins(process))
    got = b""
    while len(got) < 2 * len(data) + 100:
        got += read_exactly(reader, 2 * len(data) + 100 - len(got))
    for writer in writers:
        writer.result()
    assert sorted(got) == sorted(2 * data + 100 * b"y")
    for peer in stuck:
        peer.close()
    os.close(reader)


@needs_linux
def test_output_that_is_gone(start):
    """What one connection leaves behind of a shared output is no trouble for those who follow."""
    reader, writer = os.pipe()
    announce, ready = os.pipe()
    process = start(f"--ready-fd={ready}", f"{LISTEN},poll", "STDIO", stdout=writer,
                    pass_fds=[ready], endless=True)
    os.close(writer)
    os.close(ready)
    port = int(read_until(announce, b"\n").rpartition(b":")[2])
    os.close(announce)
    connect = lambda: socket.create_connection(("127.0.0.1", port), DEADLINE)
    first = connect()
    first.sendall(b"one")
    assert read_exactly(reader, 3) == b"one"
    first.shutdown(socket.SHUT_WR)
    wait_until(lambda: not spins(process))
    os.close(reader)
    rests(process)
    peers = [connect() for _ in range(5)]
    rests(process)
    for peer in (first, *peers):
        peer.close()


def test_input_shared_by_all(start, tmp):
    """Each byte of standard input goes to one of them, as with fork."""
    announce, ready = os.pipe()
    process = start("-U", f"--ready-fd={ready}", f"{LISTEN},poll", "STDIN", pass_fds=[ready],
                    endless=True)
    os.close(ready)
    port = int(read_until(announce, b"\n").rpartition(b":")[2])
    os.close(announce)
    with socket.create_connection(("127.0.0.1", port), DEADLINE) as peer:
        process.send(b"hello")
        assert read_exactly(peer, 5) == b"hello"
    with socket.create_connection(("127.0.0.1", port), DEADLINE) as peer:
        rests(process)
        wait_until(lambda: (process.send(b"x"), not quiet(peer, 0.05))[1])


# ---- programs ------------------------------------------------------------------------------------


@needs_linux
@pytest.mark.parametrize("how", ["", ",pipes", ",pty,rawer", ",socktype=5"])
def test_programs_side_by_side(listener, how):
    server = listener(f"{LISTEN},poll", f"EXEC:cat{how}", endless=True)
    peers = crowd_of(server, 6)
    assert len(children_of(server.pid)) == 6
    for peer in peers:
        peer.close()
    wait_until(lambda: not children_of(server.pid))
    talk(server)


@pytest.mark.parametrize("way", ["fork", "poll"])
def test_each_program_has_its_own_environment(listener, way):
    """Peers, and what is told of them, aren't mixed, though they come at the same time."""
    server = listener("-lp", "outil", f"{LISTEN},{way}",
                      "SYSTEM:read x; echo $OUTIL_PEERADDR $OUTIL_PEERPORT $OUTIL_SOCKPORT",
                      endless=True)
    peers = [server.connect() for _ in range(8)]
    for peer in reversed(peers):
        peer.sendall(b"\n")
    for peer in peers:
        port = peer.getsockname()[1]
        assert read_all(peer) == b"127.0.0.1 %d %d\n" % (port, server.port)
        peer.close()


def test_nothing_is_left_in_the_environment(listener, tmp):
    """A connection without an address is told of none, whoever was there before."""
    server = listener("UDP4-RECVFROM:0,bind=127.0.0.1,poll", "SYSTEM:env", endless=True)
    with sender(server) as peer:
        peer.send(b"x")
        first = peer.recv(60000)
        assert b"NETTOOL_PEERPORT=%d\n" % peer.getsockname()[1] in first
        assert b"SOCKADDR" not in first


@pytest.mark.parametrize("way", ["fork", "poll"])
@pytest.mark.parametrize("command, message", [
    ("SYSTEM:read x; exit 3", rb"exited with status 3"),
    ("SYSTEM:read x; kill -9 $$", rb"exited on signal 9"),
    ("EXEC:nettool-has-no-such-program", rb"No such file"),
])
def test_dying_program(listener, way, command, message):
    """Its end is its connection's end, told on stderr, and nobody else's."""
    server = listener(f"{LISTEN},{way}", command, endless=True)
    peers = [server.connect() for _ in range(3)]
    for count, peer in enumerate(peers, 1):
        try:
            peer.sendall(b"\n")
        except OSError:
            pass
        assert knows_nothing(peer)
        wait_until(lambda: len(re.findall(message, server.err)) >= count)
        peer.close()
    assert server.running


@needs_linux
def test_500_programs_leave_nothing(listener):
    server = listener(f"{LISTEN},poll", "EXEC:cat", endless=True)
    before = descriptors_of(server.pid)
    for i in range(0, 500, 10):
        peers = [server.connect() for _ in range(10)]
        for j, peer in enumerate(peers):
            peer.sendall(b"%d" % (i + j))
            peer.shutdown(socket.SHUT_WR)
        for j, peer in enumerate(peers):
            assert read_all(peer) == b"%d" % (i + j)
            peer.close()
    wait_until(lambda: not children_of(server.pid))
    wait_until(lambda: descriptors_of(server.pid) == before)
    assert server.err == b""


def test_program_that_works_on(listener, tmp):
    """It has read everything and isn't done: its place is free when it is, and not before or never."""
    server = listener("-u", f"{LISTEN},poll,max-children=1",
                      "SYSTEM:cat >/dev/null; sleep 0.3; echo x >>done", endless=True)
    peers = []
    for _ in range(3):
        peer = server.connect()
        peer.sendall(b"x")
        peer.shutdown(socket.SHUT_WR)
        peers.append(peer)
    done = tmp / "done"
    for count in range(1, 4):
        wait_until(lambda: done.exists() and done.read_text() == "x\n" * count)
    for peer in peers:
        peer.close()


def test_program_is_told_that_its_client_is_gone(listener, tmp):
    server = listener(f"{LISTEN},poll", "SYSTEM:trap 'echo told >told; exit' TERM HUP; "
                      "echo ready; while :; do sleep 0.02; done", endless=True)
    peer = server.connect()
    assert read_until(peer, b"\n") == b"ready\n"
    reset(peer)
    wait_until(lambda: (tmp / "told").exists() and (tmp / "told").read_text() == "told\n")
    assert server.running


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_programs_are_told_of_the_end(listener, tmp, number):
    """A signal that ends the server ends the programs of all connections."""
    server = listener(f"{LISTEN},poll", "SYSTEM:trap 'echo told >told.$NETTOOL_PEERPORT; exit' "
                      "TERM; echo ready; while :; do sleep 0.02; done")
    peers = [server.connect() for _ in range(4)]
    for peer in peers:
        assert read_until(peer, b"\n") == b"ready\n"
    server.ended_on_purpose = True
    server.send_signal(number)
    assert server.wait().status == 128 + number
    wanted = {f"told.{peer.getsockname()[1]}" for peer in peers}
    wait_until(lambda: {path.name for path in tmp.iterdir()} == wanted)
    for peer in peers:
        assert knows_nothing(peer)
        peer.close()


def test_programs_get_the_usual_limits(listener):
    """The server allows itself many descriptors; a program that counts on few isn't told so."""
    server = listener(f"{LISTEN},poll", "SYSTEM:ulimit -n; ulimit -Hn", endless=True,
                      preexec_fn=limited(77, 500))
    with server.connect() as peer:
        assert read_all(peer) == b"77\n500\n"


# ---- what is stuck -------------------------------------------------------------------------------


@needs_linux
@pytest.mark.parametrize("second", ["UNIX-CONNECT:back", "UNIX:back", "GOPEN:back", "./back"])
def test_full_unix_listener(listener, tmp, second):
    """Those who can't get through yet wait alone; who is through already isn't held up."""
    with unix_server(tmp / "back") as back:
        back.listen(0)
        server = listener(f"{LISTEN},poll", second, endless=True)
        first = server.connect()
        there = accept(back)
        assert echo_through(first, there)
        stuck = [server.connect() for _ in range(4)]
        for i, peer in enumerate(stuck):
            peer.sendall(b"%d" % i)
        assert quiet(stuck[-1], 0.1)
        for word in (b"un", b"deux", b"trois"):
            first.sendall(word)
            assert read_exactly(there, len(word)) == word
            there.sendall(word)
            assert read_exactly(first, len(word)) == word
        rests(server)
        served = []
        for _ in stuck:
            other = accept(back)
            served.append(read_exactly(other, 1))
            other.close()
        assert sorted(served) == [b"0", b"1", b"2", b"3"]
        for sock in (first, there, *stuck):
            sock.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_while_all_are_stuck(listener, tmp, number):
    with full(tmp / "back"):
        server = listener(f"{LISTEN},poll", "GOPEN:back")
        peers = [server.connect() for _ in range(3)]
        assert quiet(peers[0], 0.1)
        server.ended_on_purpose = True
        server.send_signal(number)
        assert server.wait().status == 128 + number
        for peer in peers:
            assert knows_nothing(peer)
            peer.close()


def test_hanging_connect(listener):
    """Some hang in connecting; connect-timeout ends that, one by one, and the server serves on."""
    with full_tcp() as back:
        server = listener(f"{LISTEN},poll", f"TCP4:{name_of(back)},connect-timeout=0.3",
                          endless=True)
        peers = [server.connect() for _ in range(3)]
        for peer in peers:
            assert knows_nothing(peer)
            peer.close()
        wait_until(lambda: server.err.count(b"no answer within connect-timeout") == 3)
        assert server.running


def test_hanging_connect_delays_nobody(listener):
    """Who is connected talks on while others hang; a client that gives up takes its attempt along."""
    with tcp_server() as back:
        back.listen(0)
        server = listener(f"{LISTEN},poll", f"TCP4:{name_of(back)}", endless=True)
        first = server.connect()
        there = accept(back)
        stuck = [server.connect() for _ in range(6)]
        for i in range(5):
            first.sendall(b"%d" % i)
            assert read_exactly(there, 1) == b"%d" % i
        rests(server)
        for peer in stuck[1:]:
            reset(peer)
        assert echo_through(first, there)
        assert server.stop().status == 143
        for sock in (first, there, stuck[0]):
            sock.close()


def echo_through(peer, there):
    """Whether two who are connected hear each other."""
    peer.sendall(b"aller")
    there.sendall(b"retour")
    return read_exactly(there, 5) == b"aller" and read_exactly(peer, 6) == b"retour"


@pytest.mark.parametrize("way", ["fork", "poll"])
def test_refused(listener, way):
    """A message for each, and the next one is tried like the first."""
    server = listener(f"{LISTEN},{way}", f"TCP4:127.0.0.1:{dead_port()}", endless=True)
    for count in range(1, 4):
        with server.connect() as peer:
            assert knows_nothing(peer)
        wait_until(lambda: server.err.count(b"Connection refused") == count)
    assert server.running


@needs_linux
def test_refused_connections_leave_nothing(listener):
    server = listener(f"{LISTEN},poll", f"TCP4:127.0.0.1:{dead_port()}", endless=True,
                      stderr=subprocess.DEVNULL)
    before = descriptors_of(server.pid)
    peers = []
    for _ in range(300):
        peers.append(server.connect())
        if len(peers) == 30:
            for peer in peers:
                assert knows_nothing(peer)
                peer.close()
            peers = []
    wait_until(lambda: descriptors_of(server.pid) == before)
    rests(server)


@pytest.mark.parametrize("options", ["retry=10000,interval=0.01", "forever,interval=0.01"])
def test_trying_again(listener, tmp, options):
    """Who comes before the second address is there is served as soon as it is."""
    server = listener(f"{LISTEN},poll", f"UNIX-CONNECT:back,{options}", endless=True)
    peers = [server.connect() for _ in range(3)]
    for i, peer in enumerate(peers):
        peer.sendall(b"%d" % i)
    assert quiet(peers[0], 0.1)
    with unix_server(tmp / "back") as back:
        there = [accept(back) for _ in peers]
        assert sorted(read_exactly(other, 1) for other in there) == [b"0", b"1", b"2"]
        for sock in (*peers, *there):
            sock.close()


def test_trying_again_has_an_end(listener):
    server = listener("-d", "-d", "-d", f"{LISTEN},poll",
                      f"TCP4:127.0.0.1:{dead_port()},retry=3,interval=0.01", endless=True)
    with server.connect() as peer:
        assert knows_nothing(peer)
    wait_until(lambda: server.err.count(b"Connection refused") == 4)
    assert server.err.count(b"trying again") == 3
    assert not re.search(rb"trying again", server.err[server.err.rindex(b"Connection refused"):])


def test_signal_while_trying_again(listener):
    server = listener(f"{LISTEN},poll", f"TCP4:127.0.0.1:{dead_port()},forever,interval=3600")
    peers = [server.connect() for _ in range(3)]
    assert quiet(peers[0], 0.1)
    assert server.stop().status == 143
    for peer in peers:
        assert knows_nothing(peer)
        peer.close()


@pytest.mark.parametrize("second", ["OPEN:fifo", "PIPE:fifo"])
def test_fifo_without_a_reader(listener, tmp, second):
    """Opening it would wait: that isn't done while others are there."""
    os.mkfifo(tmp / "fifo")
    reader = os.open(tmp / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    server = listener("-u", f"{LISTEN},poll", second, endless=True)
    first = server.connect()
    first.sendall(b"un")
    assert read_exactly(reader, 2) == b"un"
    second_reader = os.open(tmp / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    os.close(reader)
    first.sendall(b"deux")
    assert read_exactly(second_reader, 4) == b"deux"
    os.close(second_reader)
    with server.connect() as peer:
        assert knows_nothing(peer)
    server.expect_err(b"No such device or address")
    assert server.stop().status == 143
    first.close()


# ---- names ---------------------------------------------------------------------------------------


def named(server, name, port, more=""):
    """An address by a name that only that name server knows."""
    return f"{name}:somewhere.example:{port},res-nsaddr={server.address}{more}"


@pytest.mark.parametrize("kind", ["TCP4", "TCP", "UDP4"])
def test_name_is_looked_up_once(listener, kind):
    """At the start; connections neither ask nor wait, and go on when the name server is gone."""
    back = udp_socket() if kind == "UDP4" else tcp_server()
    with NameServer() as names:
        server = listener(f"{LISTEN},poll", named(names, kind, back.getsockname()[1]),
                          endless=True)
        asked = names.asked
        assert asked > 0
        names.silent = True
        for i in range(5):
            with server.connect() as peer:
                peer.sendall(b"%d" % i)
                if kind == "UDP4":
                    assert (back.recv(100) or back.recv(100)) == b"%d" % i
                else:
                    with accept(back) as there:
                        assert read_exactly(there, 1) == b"%d" % i
        assert names.asked == asked
    with server.connect() as peer:
        peer.sendall(b"encore")
        if kind == "UDP4":  # an empty packet is the end of the one before
            assert (back.recv(100) or back.recv(100)) == b"encore"
        else:
            with accept(back) as there:
                assert read_exactly(there, 6) == b"encore"
    back.close()


def test_name_that_is_answered_late(start):
    """Nobody is let in before it is known where to go."""
    with tcp_server() as back, NameServer(silent=True) as names:
        announce, ready = os.pipe()
        server = start(f"--ready-fd={ready}", f"{LISTEN},poll",
                       named(names, "TCP4", back.getsockname()[1], ",res-retrans=30"),
                       pass_fds=[ready], endless=True)
        os.close(ready)
        wait_until(lambda: names.asked > 0)
        assert quiet(announce, 0.1)
        names.speak()
        port = int(read_until(announce, b"\n").rpartition(b":")[2])
        os.close(announce)
        with socket.create_connection(("127.0.0.1", port), DEADLINE) as peer:
            peer.sendall(b"x")
            with accept(back) as there:
                assert read_exactly(there, 1) == b"x"
        assert server.running


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_while_a_name_is_looked_up(start, number):
    with NameServer(silent=True) as names:
        server = start(f"{LISTEN},poll", named(names, "TCP4", 9, ",res-retrans=30"))
        wait_until(lambda: names.asked > 0)
        server.send_signal(number)
        assert server.wait().status == 128 + number


def test_name_that_nobody_knows(nettool):
    with NameServer(unknown=True) as names:
        result = nettool(f"{LISTEN},poll", named(names, "TCP4", 9))
        assert result.status == 1
        assert "somewhere.example" in result.text


# ---- limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [LISTEN, "UNIX-LISTEN:{}/room"])
def test_max_children(listener, tmp, address):
    """Those who wait are served when one leaves; none is turned away."""
    server = listener(f"{address.format(tmp)},poll,max-children=2", "PIPE", endless=True)
    inside = [server.connect() for _ in range(2)]
    for peer in inside:
        assert echoes(peer, b"x")
    waiting = [server.connect() for _ in range(4)]
    for i, peer in enumerate(waiting):
        peer.sendall(b"%d" % i)
    assert quiet(waiting[0])
    rests(server)
    for peer in inside:
        peer.close()
    for i, peer in enumerate(waiting):
        assert read_exactly(peer, 1) == b"%d" % i
        if i < 2:
            assert quiet(waiting[3], 0.05)
        peer.close()


def test_max_children_says_that_it_waits(listener):
    server = listener("-d", "-d", f"{LISTEN},poll,max-children=1", "PIPE", endless=True)
    for count in (1, 2):
        with server.connect() as peer:
            assert echoes(peer, b"x")
            wait_until(lambda: server.err.count(b"maxchildren are active, waiting") == count)


def test_max_children_counts_udp_sessions(listener):
    server = listener("UDP4-LISTEN:0,bind=127.0.0.1,poll,max-children=1", "PIPE", endless=True)
    one, other = sender(server), sender(server)
    one.send(b"1")
    assert one.recv(10) == b"1"
    other.send(b"2")
    assert quiet(other, 0.1)
    rests(server)
    one.send(b"")
    assert other.recv(10) == b"2"
    one.close()
    other.close()


@needs_linux
def test_range(listener):
    server = listener(f"{LISTEN},poll,range=127.0.0.2/32", "PIPE", endless=True)
    before = descriptors_of(server.pid)
    for count in range(1, 4):
        with server.connect() as peer:
            assert knows_nothing(peer)
        wait_until(lambda: server.err.count(b"refusing connection") == count)
    friend = socket.create_connection(("127.0.0.1", server.port), DEADLINE, ("127.0.0.2", 0))
    assert echoes(friend, b"let in")
    friend.close()
    wait_until(lambda: descriptors_of(server.pid) == before)


def test_those_who_are_refused_do_not_count(listener):
    server = listener(f"{LISTEN},poll,max-children=1,range=127.0.0.2/32", "PIPE", endless=True)
    for _ in range(3):
        with server.connect() as peer:
            assert knows_nothing(peer)
    friend = socket.create_connection(("127.0.0.1", server.port), DEADLINE, ("127.0.0.2", 0))
    assert echoes(friend, b"let in")
    friend.close()


def test_silence_ends_one_and_not_the_others(listener):
    """-T is each connection's own."""
    server = listener("-T2", *ECHO, endless=True)
    silent, chatty = server.connect(), server.connect()
    assert echoes(silent, b"x")
    said = 0
    while quiet(silent, 0.02):
        assert echoes(chatty, b"y")
        said += 1
    assert read_all(silent) == b""
    assert said > 1 and echoes(chatty, b"encore")
    assert read_all(chatty) == b""
    silent.close()
    chatty.close()
    talk(server)


def test_linger_after_a_half_close(listener):
    """-t is each connection's own, and the same as with fork, however long it has rested before."""
    for how in ("", ",pipes"):
        server = listener("-t0.2", "--statistics", f"{LISTEN},poll",
                          f"SYSTEM:cat >/dev/null; exec sleep 3600{how}", endless=True)
        peers = [server.connect() for _ in range(2)]
        for peer in peers:
            peer.sendall(b"abc")
        rests(server)
        peers[0].shutdown(socket.SHUT_WR)
        assert read_all(peers[0]) == b""
        assert quiet(peers[1], 0.1)
        server.expect_err(re.compile(rb"left to right: 1 packets\(s\), 3 byte\(s\)"))
        server.expect_err(re.compile(rb"right to left: 0 packets\(s\), 0 byte\(s\)"))
        for peer in peers:
            peer.close()


def test_statistics_of_each(listener):
    server = listener("--statistics", *ECHO, endless=True)
    for size in (3, 70000, 5):
        talk(server, b"x" * size)
        server.expect_err(re.compile(rb"left to right: +\d+ packets\(s\), +%d byte\(s\)" % size))
        server.expect_err(re.compile(rb"right to left: +\d+ packets\(s\), +%d byte\(s\)" % size))
    assert server.err.count(b"left to right") == 3


def test_statistics_of_all_by_signal(listener):
    """Those who rest are counted like those who talk."""
    server = listener(*ECHO, endless=True)
    server.send_signal(signal.SIGUSR1)
    peers = [server.connect() for _ in range(3)]
    for i, peer in enumerate(peers):
        assert echoes(peer, b"x" * (i + 1))
    rests(server)
    for i, peer in enumerate(peers):
        assert echoes(peer, b"y" * 10)
    server.send_signal(signal.SIGUSR1)
    for i in range(3):
        server.expect_err(re.compile(rb"left to right: 2 packets\(s\), %d byte" % (11 + i)))
    for i, peer in enumerate(peers):
        assert echoes(peer, b"still here")
        peer.close()


def test_limits_of_bytes_are_each_ones_own(listener):
    """readbytes counts over pauses."""
    server = listener(f"{LISTEN},poll,readbytes=6", "PIPE", endless=True)
    peers = [server.connect() for _ in range(3)]
    for peer in peers:
        assert echoes(peer, b"abc")
    rests(server)
    for peer in peers:
        peer.sendall(b"defgh")
        assert read_all(peer) == b"def"
        peer.close()


def test_follow_a_file_for_each(listener, tmp):
    """ignoreeof: whoever listens gets what is appended."""
    (tmp / "log").write_bytes(b"un\n")
    server = listener("-U", f"{LISTEN},poll", "OPEN:log,rdonly,ignoreeof", endless=True)
    peers = [server.connect() for _ in range(3)]
    for peer in peers:
        assert read_until(peer, b"\n") == b"un\n"
    rests(server)
    with open(tmp / "log", "ab") as log:
        log.write(b"deux\n")
    for peer in peers:
        assert read_until(peer, b"\n") == b"deux\n"
        peer.close()


@pytest.mark.parametrize("way", ["fork", "poll"])
def test_line_ends(listener, way):
    server = listener(f"{LISTEN},{way},crnl", "SYSTEM:while read -r l; do echo \"<$l>\"; done",
                      endless=True)
    peers = [server.connect() for _ in range(3)]
    for i, peer in enumerate(peers):
        peer.sendall(b"%d\r\n" % i)
    for i, peer in enumerate(peers):
        assert read_until(peer, b"\n") == b"<%d>\r\n" % i
        peer.close()


@pytest.mark.parametrize("way", ["fork", "poll"])
def test_copies_of_each(listener, tmp, way):
    """-r names a file for each connection."""
    server = listener("-r", "copy.$NETTOOL_PEERPORT", f"{LISTEN},{way}", "PIPE", endless=True)
    peers = [server.connect() for _ in range(3)]
    for i, peer in enumerate(peers):
        assert echoes(peer, b"pour %d" % i)
    for i, peer in enumerate(peers):
        copy = tmp / f"copy.{peer.getsockname()[1]}"
        wait_until(lambda: copy.exists() and copy.read_bytes() == b"pour %d" % i)
        peer.close()


def test_dump_of_all(listener):
    server = listener("-v", *ECHO, endless=True)
    with server.connect() as one, server.connect() as other:
        assert echoes(one, b"first\n") and echoes(other, b"second\n")
        server.expect_err(b"> ")
        server.expect_err(b"first\n")
        server.expect_err(b"second\n")


def test_one_way_each(listener, tmp):
    server = listener("-u", f"{LISTEN},poll", "SYSTEM:cat >>log", endless=True)
    with server.connect() as peer:
        peer.sendall(b"seule\n")
        wait_until(lambda: (tmp / "log").exists() and (tmp / "log").read_bytes() == b"seule\n")
        assert quiet(peer, 0.1)
    server = listener("-U", f"{LISTEN},poll", "SYSTEM:echo bonjour; exec cat", endless=True)
    with server.connect() as peer:
        assert read_until(peer, b"\n") == b"bonjour\n"


# ---- many ----------------------------------------------------------------------------------------


@needs_linux
@pytest.mark.parametrize("second", ["PIPE", "TCP"])
def test_500_at_once(listener, second):
    """All of them talk, in any order; nothing is mixed up, and nothing is left."""
    if second == "TCP":
        back = listener(*ECHO, endless=True)
        second = f"TCP4:{back.address}"
    with descriptors(1200):
        server = listener(f"{LISTEN},poll", second, endless=True)
        talk(server)
        rests(server)
        before = descriptors_of(server.pid)
        peers = [server.connect() for _ in range(500)]
        order = list(range(500))
        chance = random.Random(5)
        for turn in range(4):
            chance.shuffle(order)
            for i in order:
                peers[i].sendall(b"%03d/%d" % (i, turn))
            chance.shuffle(order)
            for i in order:
                assert read_exactly(peers[i], 5) == b"%03d/%d" % (i, turn)
        assert children_of(server.pid) == []
        for i in order:
            if i % 3 == 0:
                reset(peers[i])
            else:
                peers[i].close()
        wait_until(lambda: descriptors_of(server.pid) == before)
    talk(server)
    rests(server)


@needs_linux
def test_10000_idle(listener, tmp):
    """One process holds them all, at rest; any of them is heard when it speaks."""
    count = 10000
    with descriptors(count + 200):
        server = listener(f"UNIX-LISTEN:{tmp}/room,poll,backlog=10000", "STALL", endless=True)
        peers = [unix_client(server.announced[0][1]) for _ in range(count)]
        wait_until(lambda: descriptors_of(server.pid) > count)
        rests(server)
        used = memory_of(server.pid)
        # what a connection costs, with all that a process needs anyway left aside
        assert used < count * 3, f"{used} kB for {count} connections"
        for peer in peers[:: count // 20]:
            peer.sendall(b"x")
            peer.shutdown(socket.SHUT_WR)
        assert server.stop().status == 143
        for peer in peers:
            peer.close()


def test_quick_ones_in_any_order(listener):
    """Connections come and go in every way at once; each hears its own words and no others."""
    back = listener(*ECHO, endless=True)
    server = listener(f"{LISTEN},poll", f"TCP4:{back.address}", endless=True)
    mistakes = []

    def visitor(seed):
        chance = random.Random(seed)
        for i in range(60):
            word = b"%d.%d." % (seed, i) * chance.randrange(1, 2000)
            peer = server.connect()
            how = chance.randrange(5)
            try:
                if how == 0:
                    reset(peer)
                    continue
                peer.sendall(word)
                if how == 1:
                    reset(peer)
                    continue
                if how == 2:
                    peer.shutdown(socket.SHUT_WR)
                    got = read_all(peer)
                else:
                    got = read_exactly(peer, len(word))
                if got != word:
                    mistakes.append((seed, i, how, len(got), len(word)))
                peer.close()
            finally:
                peer.close()

    there = [Background(visitor, seed) for seed in range(6)]
    for one in there:
        one.result()
    assert mistakes == []
    talk(server)
    rests(server)


@needs_linux
@pytest.mark.parametrize("second", ["PIPE", "EXEC:cat", "STALL", "TCP"])
def test_out_of_descriptors(listener, second):
    """New ones wait, or are refused with a message; the old ones live, and places come free again."""
    if second == "TCP":
        back = listener(*ECHO, endless=True)
        second = f"TCP4:{back.address}"
    server = listener(f"{LISTEN},poll", second, endless=True, preexec_fn=limited(24))
    first = server.connect()
    assert second == "STALL" or echoes(first, b"first")
    peers = [server.connect() for _ in range(40)]
    wait_until(lambda: b"Too many open files" in server.err)
    rests(server)
    assert server.running
    assert second == "STALL" or echoes(first, b"still there")
    for peer in peers:
        peer.close()
    if second != "STALL":
        wait_until(lambda: can_talk(server))
        assert echoes(first, b"and still")
    first.close()
    # a lasting trouble is not told again and again
    assert server.err.count(b"cannot accept") < 50


def can_talk(server):
    """Whether a new connection is served."""
    with server.connect(5) as peer:
        try:
            peer.sendall(b"x")
            peer.shutdown(socket.SHUT_WR)
            return read_all(peer) == b"x"
        except OSError:
            return False


# ---- the end -------------------------------------------------------------------------------------


@needs_linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_signal_ends_all(listener, tmp, number):
    """Every connection is closed, what was made is removed, and the status tells the signal."""
    server = listener(f"UNIX-LISTEN:{tmp}/room,poll", "PTY,link=device,raw,echo=0"
                      if number == signal.SIGHUP else "PIPE")
    peers = [server.connect() for _ in range(1 if number == signal.SIGHUP else 5)]
    for peer in peers:
        peer.sendall(b"x")
    assert (tmp / "room").exists()
    rests(server)
    server.ended_on_purpose = True
    server.send_signal(number)
    assert server.wait().status == 128 + number
    for peer in peers:
        knows_nothing(peer)
        peer.close()
    assert not (tmp / "room").exists()
    assert not (tmp / "device").is_symlink()


def test_signal_under_load(listener):
    server = listener(*ECHO)
    peers = [server.connect() for _ in range(4)]

    def flood(peer):
        try:
            while True:
                peer.sendall(b"x" * 65536)
        except OSError:
            return True

    writers = [Background(flood, peer) for peer in peers]
    for peer in peers:
        read_exactly(peer, 100000)
    assert server.stop().status == 143
    for writer in writers:
        assert writer.result()
    for peer in peers:
        peer.close()


def test_accept_timeout(listener):
    """When nobody new has come for so long, the doors close; who is inside may stay."""
    server = listener(f"{LISTEN},poll,accept-timeout=2", "PIPE")
    peer = server.connect()
    server.expect_err(b"accept: Connection timed out")
    assert echoes(peer, b"still here")
    with socket.socket() as late:
        late.settimeout(DEADLINE)
        late.connect_ex(("127.0.0.1", server.port))
        assert server.running
        assert echoes(peer, b"encore")
        peer.close()
        assert server.wait().status == 0


def test_accept_timeout_without_anybody(listener):
    server = listener(f"{LISTEN},poll,accept-timeout=0.1", "PIPE")
    result = server.wait()
    assert result.status == 0 and "accept: Connection timed out" in result.text


@needs_linux
def test_resets_leave_nothing(listener):
    server = listener(*ECHO, endless=True)
    before = descriptors_of(server.pid)
    for _ in range(100):
        peer = server.connect()
        peer.sendall(b"x" * 100)
        reset(peer)
    talk(server)
    wait_until(lambda: descriptors_of(server.pid) == before)
    rests(server)


# ---- what the process is -------------------------------------------------------------------------


@needs_root
@pytest.mark.parametrize("way", ["fork", "poll"])
@pytest.mark.parametrize("option", ["su=nobody", "setuid=65534", "su-d=nobody"])
def test_user_of_the_first_address(listener, way, option):
    """The connections are served as that user, although the port was bound by root."""
    server = listener(f"{LISTEN},{way},{option}", "SYSTEM:id -u", endless=True)
    for _ in range(2):
        with server.connect() as peer:
            assert read_all(peer) == b"65534\n"


@needs_root
@pytest.mark.parametrize("way", ["fork", "poll"])
def test_user_of_a_program(listener, way):
    server = listener(f"{LISTEN},{way}", "SYSTEM:id -u,su=nobody", endless=True)
    for _ in range(3):
        with server.connect() as peer:
            assert read_all(peer) == b"65534\n"
    if way == "poll":
        assert uid_of(server.pid) == 0


def uid_of(pid):
    """The user that a process is."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        return int(next(line.split()[1] for line in status if line.startswith("Uid:")))


@pytest.mark.parametrize("way", ["fork", "poll"])
def test_directory_of_the_second_address(listener, tmp, way):
    """cd holds while it connects, also when that takes more than one step, and no longer."""
    (tmp / "sub").mkdir()
    with unix_server(tmp / "sub" / "back") as back:
        server = listener("-r", "copy", f"{LISTEN},{way}", "UNIX-CONNECT:back,cd=sub",
                          endless=True)
        for _ in range(3):
            with server.connect() as peer:
                there = accept(back)
                peer.sendall(b"x")
                assert read_exactly(there, 1) == b"x"
                there.close()
    assert (tmp / "copy").exists() and not (tmp / "sub" / "copy").exists()


@pytest.mark.parametrize("way", ["fork", "poll"])
def test_umask_of_the_second_address(listener, tmp, way):
    server = listener("-u", f"{LISTEN},{way}", "GOPEN:log,umask=077", endless=True)
    with server.connect() as peer:
        peer.sendall(b"x")
        wait_until(lambda: (tmp / "log").exists())
    assert (tmp / "log").stat().st_mode & 0o777 == 0o600


@needs_root
@pytest.mark.parametrize("way", ["fork", "poll"])
def test_root_of_the_second_address(listener, tmp, way):
    """It is changed once, not once more for each connection."""
    (tmp / "sub").mkdir()
    (tmp / "sub" / "file").write_text("inside")
    server = listener("-U", f"{LISTEN},{way}", f"OPEN:/file,rdonly,chroot-early={tmp}/sub",
                      endless=True, env={"ASAN_OPTIONS": "detect_leaks=0"})  # there is no /proc
    for _ in range(3):
        with server.connect() as peer:
            assert read_all(peer) == b"inside"


# ---- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("words, phrase", [
    ((f"{LISTEN},poll,fork", "CREATE:made"), "only one of"),
    ((f"{LISTEN},poll,hub", "CREATE:made"), "only one of"),
    (("TCP:127.0.0.1:9,poll", "CREATE:made"), "listen"),
    (("UNIX-CONNECT:x,poll", "CREATE:made"), "poll"),
    (("PIPE,poll", "CREATE:made"), "poll"),
    (("CREATE:made", f"{LISTEN},poll"), "first address"),
    ((f"{LISTEN},poll", LISTEN), "cannot listen"),
    ((f"{LISTEN},poll", "UDP-RECVFROM:0"), "cannot listen"),
    ((f"{LISTEN},poll", f"{LISTEN},fork"), "cannot listen"),
    ((f"{LISTEN},poll", "EXEC:cat,nofork"), "become a program"),
    ((f"{LISTEN},poll", "TCP:127.0.0.1:9,fork"), "fork"),
    ((f"{LISTEN},poll", "OPEN:made,creat,lockfile=lock"), "lock"),
    ((f"{LISTEN},poll", "OPEN:made,creat,waitlock=lock"), "lock"),
    ((f"{LISTEN},poll", "STDIN!!CREATE:made"), "dual"),
    ((f"{LISTEN},poll!!STDOUT", "CREATE:made"), "dual"),
    ((f"STDIN!!{LISTEN},poll", "CREATE:made"), "dual"),
    ((f"{LISTEN},poll",), "2 addresses"),
    ((f"{LISTEN},poll=maybe", "CREATE:made"), "poll"),
    ((f"{LISTEN},poll,names", "CREATE:made"), "names"),
    (("UDP-RECV:0,poll", "CREATE:made"), "poll"),
])
def test_refused_combinations(nettool, tmp, words, phrase):
    """Status 2, a sentence, and nothing was opened."""
    for more in ((), ("--check",)):
        result = nettool(*more, *words)
        assert result.status == 2, result
        assert phrase in result.text
        assert list(tmp.iterdir()) == []


def test_switched_off(listener):
    """poll=0 is as if it weren't there: one connection, then done."""
    server = listener(f"{LISTEN},poll=0", "PIPE")
    talk(server)
    assert server.wait().status == 0


def test_locked_first_address(listener, nettool, tmp):
    server = listener(f"{LISTEN},poll,lockfile=lock", "PIPE", endless=True)
    assert (tmp / "lock").exists()
    talk(server)
    result = nettool(f"{LISTEN},poll,lockfile=lock", "PIPE")
    assert result.status == 1 and "lock" in result.text
    assert server.stop().status == 143
    assert not (tmp / "lock").exists()
