"""What netcat is able to do, in nettool's own words: ends-all, readpackets, pause, --dump-to and
--pass-fd."""

import fcntl
import os
import re
import select
import signal
import socket
import threading

import pytest

from netpeek import children_of
from tools import (
    DEADLINE,
    Background,
    accept,
    is_asleep,
    is_nonblocking,
    name_of,
    needs_linux,
    quiet,
    random_bytes,
    read_all,
    read_exactly,
    read_until,
    same,
    tcp_server,
    udp_socket,
    unix_server,
    wait_until,
)

LISTEN = "TCP-LISTEN:0,bind=127.0.0.1"
ENDLESS = 3600  # seconds that no test waits for


def sender(server):
    """A UDP socket that talks to a Listener."""
    peer = udp_socket()
    host, _, port = server.address.rpartition(":")
    peer.connect((host, int(port)))
    return peer


# ---- ends-all -----------------------------------------------------------------------------------


def test_a_listener_ends_with_its_peer(listener):
    server = listener(f"{LISTEN},ends-all", "-")
    with server.connect() as peer:
        server.send(b"bonjour\n")
        assert read_exactly(peer, 8) == b"bonjour\n"
        peer.sendall("adieu, été\n".encode())
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == b""  # our end is told to the peer
    server.popen.wait(DEADLINE)  # although our standard input is still open
    result = server.wait()
    assert (result.status, result.out, result.err) == (0, "adieu, été\n".encode(), b"")


@needs_linux
def test_a_listener_at_a_terminal_ends_with_its_peer(listener):
    """Whatever -t says of a side that cannot tell its end."""
    ours, terminal = os.openpty()
    try:
        server = listener("-t", ENDLESS, f"{LISTEN},ends-all", "-", stdin=terminal)
        with server.connect() as peer:
            os.write(ours, b"typed\n")
            assert read_exactly(peer, 6) == b"typed\n"
            peer.sendall(b"seen")
        result = server.wait()
        assert (result.status, result.out) == (0, b"seen")
    finally:
        os.close(ours)
        os.close(terminal)


def test_without_the_option_the_other_side_goes_on(listener):
    server = listener(LISTEN, "-")
    with server.connect() as peer:
        peer.shutdown(socket.SHUT_WR)
        server.send(b"still here")
        assert read_exactly(peer, 10) == b"still here"
        server.end_input()
        assert read_all(peer) == b""
    assert server.wait().status == 0


def test_ends_all_can_be_switched_off(listener):
    server = listener(f"{LISTEN},ends-all,ends-all=0", "-")
    with server.connect() as peer:
        peer.shutdown(socket.SHUT_WR)
        server.send(b"still here")
        assert read_exactly(peer, 10) == b"still here"
    assert server.wait().status == 0


@needs_linux
def test_all_of_the_side_that_ends_is_written(listener):
    """A reader may be as slow as it likes: -t is not about what this side has said."""
    data = random_bytes(1 << 20)
    reader, writer = os.pipe()
    server = listener("-t", "0", f"{LISTEN},ends-all", "-", stdout=writer)
    os.close(writer)
    with server.connect() as peer:
        sending = Background(peer.sendall, data)
        wait_until(lambda: is_asleep(server.pid))
        got = read_exactly(reader, 1000)
        wait_until(lambda: is_asleep(server.pid))
        got += read_exactly(reader, len(data) - 1000 - 5)
        sending.result()
    assert same(got + read_all(reader), data)
    os.close(reader)
    assert server.wait().status == 0


def test_what_the_other_side_has_said_is_still_delivered(listener):
    data = random_bytes(4 << 20)
    server = listener("-t", ENDLESS, f"{LISTEN},ends-all,sndbuf=8192", "-")
    with socket.socket() as peer:
        peer.settimeout(DEADLINE)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        peer.connect(("127.0.0.1", server.port))
        sending = threading.Thread(target=send_what_goes, args=(server, data), daemon=True)
        sending.start()
        got = read_exactly(peer, 100000)
        peer.shutdown(socket.SHUT_WR)
        # what had been read comes whole and in order, then the end, and no reset
        got += read_all(peer)
        assert data.startswith(got) and len(got) < len(data)
    sending.join(DEADLINE)
    assert server.wait().status == 0


def send_what_goes(server, data):
    """Sends until nobody reads any more."""
    try:
        server.send(data)
    except OSError:
        pass


def test_a_reader_that_takes_nothing_is_not_waited_for(listener):
    """What the other side has said before is given up after the time of -t."""
    server = listener("-t", "0.1", f"{LISTEN},ends-all,sndbuf=8192", "-")
    with socket.socket() as peer:
        peer.settimeout(DEADLINE)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        peer.connect(("127.0.0.1", server.port))
        data = random_bytes(4 << 20)
        sending = threading.Thread(target=send_what_goes, args=(server, data), daemon=True)
        sending.start()
        assert read_exactly(peer, 1000)
        peer.shutdown(socket.SHUT_WR)
        server.popen.wait(DEADLINE)
    sending.join(DEADLINE)
    assert server.wait().status == 0


def test_the_second_address_may_end_all(start):
    with tcp_server() as server:
        process = start("-,ends-all", f"TCP:{name_of(server)}")
        process.send(b"question")
        process.end_input()
        with accept(server) as peer:
            assert read_all(peer) == b"question"
            process.popen.wait(DEADLINE)  # although the server says nothing and stays
    assert process.wait().status == 0


def test_an_early_end_counts(listener):
    server = listener(f"{LISTEN},ends-all,readbytes=5", "-")
    with server.connect() as peer:
        peer.sendall(b"12345678")
        server.popen.wait(DEADLINE)
    result = server.wait()
    assert (result.status, result.out) == (0, b"12345")


def test_a_reader_that_is_gone_is_no_end_of_the_input(start, tmp):
    """The program reads nothing any more, but has more to say."""
    os.mkfifo(tmp / "fifo")
    with tcp_server() as server:
        process = start(f"TCP:{name_of(server)},ends-all",
                        "SYSTEM:exec <&-; echo ready; read word <fifo; echo $word,pipes")
        with accept(server) as peer:
            assert read_exactly(peer, 6) == b"ready\n"
            peer.sendall(b"nobody hears this\n")
            assert quiet(peer, 0.2)
            (tmp / "fifo").write_bytes(b"late\n")
            assert read_all(peer) == b"late\n"
    assert process.wait().status == 0


def test_ends_all_in_one_direction(nettool):
    result = nettool("-u", "STDIO,ends-all", "STDOUT", input=b"through")
    assert (result.status, result.out) == (0, b"through")


@pytest.mark.parametrize("kind", ["fork", "poll"])
def test_each_of_many_connections_ends_alone(listener, kind):
    server = listener(f"{LISTEN},{kind},ends-all", "SYSTEM:cat; sleep 3600", endless=True)
    first, second = server.connect(), server.connect()
    for peer, word in ((first, b"one"), (second, b"two")):
        peer.sendall(word)
        assert read_exactly(peer, 3) == word
    first.shutdown(socket.SHUT_WR)
    assert read_all(first) == b""
    second.sendall(b"more")
    assert read_exactly(second, 4) == b"more"
    first.close()
    second.close()
    wait_until(lambda: not children_of(server.pid), what="the end of the programs")


# ---- UDP and the end ----------------------------------------------------------------------------


def test_a_udp_listener_ends_with_an_empty_packet(listener):
    server = listener("UDP4-LISTEN:0,bind=127.0.0.1,ends-all", "-")
    with sender(server) as peer:
        peer.send(b"bonjour")
        server.expect_out(b"bonjour")
        server.send(b"salut")
        assert peer.recv(100) == b"salut"
        peer.send(b"")
        server.popen.wait(DEADLINE)
    result = server.wait()
    assert (result.status, result.out) == (0, b"bonjour")


def test_a_udp_client_that_does_not_wait_for_answers(start):
    with udp_socket() as server:
        process = start("-t", ENDLESS, "-,ends-all", f"UDP4:{name_of(server)}")
        process.send(b"question")
        assert server.recvfrom(100)[0] == b"question"
        process.end_input()
        assert server.recvfrom(100)[0] == b""
        process.popen.wait(DEADLINE)
    assert process.wait().status == 0


def test_a_udp_client_that_waits_for_answers(start):
    """Each of them starts the time of -t anew, and an empty packet ends it."""
    with udp_socket() as server:
        process = start("-t", ENDLESS, "-", f"UDP4:{name_of(server)}")
        process.send(b"question")
        peer = server.recvfrom(100)[1]
        process.end_input()
        assert server.recvfrom(100)[0] == b""
        for word in (b"one", b"two"):
            server.sendto(word, peer)
            process.expect_out(word)
        server.sendto(b"", peer)
    result = process.wait()
    assert (result.status, result.out) == (0, b"onetwo")


def test_a_udp_listener_without_input(listener):
    """-t says how long the sender may be silent when our own input has ended."""
    server = listener("-t", ENDLESS, "UDP4-LISTEN:0,bind=127.0.0.1", "-")
    server.end_input()
    with sender(server) as peer:
        for word in (b"one", b"two"):
            peer.send(word)
            server.expect_out(word)
        peer.send(b"")
        result = server.wait()
    assert (result.status, result.out) == (0, b"onetwo")


def test_a_silent_udp_sender_is_not_waited_for(listener):
    server = listener("UDP4-LISTEN:0,bind=127.0.0.1", "-")
    server.end_input()
    with sender(server) as peer:
        peer.send(b"only this")
        result = server.wait()
    assert (result.status, result.out) == (0, b"only this")


# ---- readpackets --------------------------------------------------------------------------------


def test_readpackets_counts_datagrams(listener):
    server = listener("-u", "UDP4-RECV:0,bind=127.0.0.1,readpackets=3", "-")
    with sender(server) as peer:
        for word in (b"one", b"two\n", b"three", b"four"):
            peer.send(word)
        result = server.wait()
    assert (result.status, result.out) == (0, b"onetwo\nthree")


def test_readpackets_counts_empty_datagrams(listener):
    server = listener("-u", "UDP4-RECV:0,bind=127.0.0.1,readpackets=2", "-")
    with sender(server) as peer:
        for word in (b"", b"two", b"three"):
            peer.send(word)
        result = server.wait()
    assert (result.status, result.out) == (0, b"two")


def test_readpackets_counts_what_a_stream_brings(listener):
    server = listener(f"{LISTEN},readpackets=2,ends-all", "-")
    with server.connect() as peer:
        peer.sendall(b"one")
        server.expect_out(b"one")
        peer.sendall(b"two")
        server.popen.wait(DEADLINE)
    result = server.wait()
    assert (result.status, result.out) == (0, b"onetwo")


def test_readpackets_leaves_the_other_direction_alone(listener):
    server = listener(f"{LISTEN},readpackets=1", "-")
    with server.connect() as peer:
        for word in (b"a", b"b", b"c"):
            server.send(word)
            assert read_exactly(peer, 1) == word
        peer.sendall(b"last")
        server.expect_out(b"last")
        server.send(b"d")
        assert read_exactly(peer, 1) == b"d"
        server.end_input()
        assert read_all(peer) == b""
    assert server.wait().status == 0


def test_readpackets_of_a_connection_that_rests(listener):
    """One of many in a loop, which forgets what it can while nothing moves, still counts."""
    server = listener(f"{LISTEN},poll,readpackets=2", "PIPE", endless=True)
    with server.connect() as peer:
        peer.sendall(b"one")
        assert read_exactly(peer, 3) == b"one"
        peer.sendall(b"two")
        assert read_exactly(peer, 3) == b"two"
        assert read_all(peer) == b""


@pytest.mark.parametrize("value", ["0", "-1", "", "x", "1x", "99999999999999999999"])
def test_readpackets_wants_a_number(nettool, value):
    result = nettool(f"-,readpackets={value}", "CREATE:never")
    assert result.status == 2 and "readpackets" in result.text, result


# ---- pause --------------------------------------------------------------------------------------


def test_pause_passes_everything(nettool):
    result = nettool("-u", "-,pause=0.02", "STDOUT", input=b"un\ndeux\n\ntrois, sans fin")
    assert (result.status, result.out) == (0, b"un\ndeux\n\ntrois, sans fin")


def test_pause_makes_each_line_a_write(start):
    with udp_socket() as server:
        process = start("-,pause=0.02", f"UDP4:{name_of(server)},shut-none")
        process.send("été\n\nhiver\nreste".encode())
        lines = [server.recvfrom(100)[0] for _ in range(4)]
        assert lines == ["été\n".encode(), b"\n", b"hiver\n", b"reste"]
        process.send(b" et fin\n")
        assert server.recvfrom(100)[0] == b" et fin\n"
    assert process.wait().status == 0


def test_the_next_line_waits_for_its_time(start):
    process = start("-u", f"-,pause={ENDLESS}", "STDOUT")
    process.send(b"one\ntwo\n")
    process.expect_out(b"one\n")
    process.send(b"three\n")
    assert not wait_briefly(lambda: process.out != b"one\n")
    result = process.stop(signal.SIGTERM)  # a pause keeps no signal waiting
    assert (result.status, result.out) == (128 + signal.SIGTERM, b"one\n")


def wait_briefly(predicate):
    """Whether it comes true in a short while; to show that it does not."""
    waiting = threading.Event()
    for _ in range(15):
        if predicate():
            return True
        waiting.wait(0.02)
    return False


def test_a_pause_ends_with_the_silence_that_is_allowed(start):
    process = start("-T", "0.3", f"-,pause={ENDLESS}", "STDOUT")
    process.send(b"one\ntwo\n")
    process.popen.wait(DEADLINE)
    result = process.wait()
    assert (result.status, result.out) == (0, b"one\n")


def test_no_pause_behind_the_last_line(nettool):
    result = nettool("-u", f"-,pause={ENDLESS}", "STDOUT", input=b"only one\n")
    assert (result.status, result.out) == (0, b"only one\n")


def test_a_rest_without_its_end_is_no_line(start):
    process = start("-u", f"-,pause={ENDLESS}", "STDOUT")
    for part in (b"a ", b"slow ", b"line"):
        process.send(part)
        process.expect_out(part)
    process.end_input()
    result = process.wait()
    assert (result.status, result.out) == (0, b"a slow line")


def test_the_opposite_direction_does_not_pause(listener):
    server = listener(LISTEN, f"-,pause={ENDLESS}")
    with server.connect() as peer:
        server.send(b"one\ntwo\n")
        assert read_exactly(peer, 4) == b"one\n"
        for word in (b"a\n", b"b\n", b"c\n"):
            peer.sendall(word)
            server.expect_out(word)
        assert quiet(peer)
    server.stop()


def test_pause_knows_the_line_ends_of_the_other_side(start):
    with udp_socket() as server:
        process = start("-,pause=0.02", f"UDP4:{name_of(server)},cr,shut-none")
        process.send(b"one\ntwo\n")
        assert [server.recvfrom(100)[0] for _ in range(2)] == [b"one\r", b"two\r"]
    assert process.wait().status == 0


def test_who_pauses_hears_that_the_reader_is_gone(start, tmp):
    with unix_server(tmp / "socket") as server:
        process = start("-u", f"-,pause={ENDLESS}", "UNIX-CONNECT:socket")
        with accept(server) as peer:
            process.send(b"one\ntwo\n")
            assert read_exactly(peer, 4) == b"one\n"
        process.popen.wait(DEADLINE)
    result = process.wait()
    assert result.status == 1 and "Broken pipe" in result.text, result


def test_pause_of_many_connections_in_one_loop(listener):
    server = listener(f"{LISTEN},poll,pause={ENDLESS}", "PIPE", endless=True)
    first, second = server.connect(), server.connect()
    for peer in (first, second):
        peer.sendall(b"one\n")
        assert read_exactly(peer, 4) == b"one\n"
    first.sendall(b"two\n")
    assert quiet(first)
    first.close()
    second.close()


@pytest.mark.parametrize("value", ["-1", "x", ""])
def test_pause_wants_a_time(nettool, value):
    result = nettool(f"-,pause={value}", "CREATE:never")
    assert result.status == 2 and "pause" in result.text, result


@pytest.mark.parametrize("option", ["ends-all", "readpackets=1", "pause=1"])
def test_none_of_them_is_for_a_hub(nettool, option):
    for words in ((f"{LISTEN},hub,{option}", "-"), (f"{LISTEN},hub", f"-,{option}")):
        result = nettool(*words)
        assert result.status == 2 and "not for the members of a hub" in result.text, result


# ---- --dump-to ----------------------------------------------------------------------------------


def test_dump_to_a_file(listener, tmp):
    (tmp / "dump").write_bytes(b"what was there before\n" * 100)
    server = listener("-x", "-v", "--dump-to=dump", LISTEN, "-")
    with server.connect() as peer:
        peer.sendall(b"to the right\n")
        server.expect_out(b"to the right\n")
        server.send(b"to the left\n")
        assert read_exactly(peer, 12) == b"to the left\n"
    result = server.wait()
    assert (result.status, result.err) == (0, b"")
    dump = (tmp / "dump").read_text()
    heads = re.findall(r"^([<>]) \S+ \S+  length=(\d+) from=0 to=\d+$", dump, re.MULTILINE)
    assert heads == [(">", "13"), ("<", "12")]
    assert " 74 6f 20 74" in dump and "to the left." in dump
    assert "before" not in dump


def test_dump_to_says_the_same_as_standard_error(nettool, tmp):
    def words(text):
        return re.sub(rb"\d\d:\d\d:\d\d\.\d+|\d+/\d+/\d+", b"", text)

    for flags in (["-v"], ["-x"], ["-v", "-x"]):
        plain = nettool("-u", *flags, "-", "STDOUT", input=b"d\xc3\xa9j\xc3\xa0 vu\n\x00")
        result = nettool("-u", *flags, "--dump-to", "dump", "-", "STDOUT",
                         input=b"d\xc3\xa9j\xc3\xa0 vu\n\x00")
        assert plain.err and result.err == b""
        assert words((tmp / "dump").read_bytes()) == words(plain.err)


def test_dump_to_a_dash_is_standard_error(nettool, tmp):
    result = nettool("-u", "-v", "--dump-to=-", "-", "STDOUT", input=b"seen")
    assert result.status == 0 and b"length=4" in result.err
    assert not (tmp / "-").exists()


@pytest.mark.parametrize("kind", ["fork", "poll", "hub"])
def test_dump_of_many_connections(listener, tmp, kind):
    server = listener("-v", "--dump-to=dump", f"{LISTEN},{kind}",
                      "STALL" if kind == "hub" else "PIPE", endless=True)
    words = [f"le mot {number}\n".encode() for number in range(5)]
    peers = [server.connect() for _ in words]
    for peer, word in zip(peers, words):
        peer.sendall(word)
    wait_until(lambda: all(word in (tmp / "dump").read_bytes() for word in words),
               what=lambda: f"all words in {(tmp / 'dump').read_bytes()}")
    for peer in peers:
        peer.close()
    assert b"length=" not in server.stop().err


def test_a_program_does_not_inherit_the_dump(nettool, tmp):
    result = nettool("-U", "-v", "--dump-to=dump", "STDOUT", "SYSTEM:ls -l /proc/self/fd")
    assert result.status == 0 and str(tmp / "dump").encode() not in result.out, result


def test_dump_to_needs_something_to_dump(nettool, tmp):
    result = nettool("--dump-to=dump", "-", "CREATE:never")
    assert result.status == 2 and "-v or -x" in result.text, result
    assert os.listdir(tmp) == []


def test_dump_to_where_nothing_can_be(nettool, tmp):
    result = nettool("-v", "--dump-to=no/such/dump", "-", "CREATE:never")
    assert result.status == 1 and "no/such/dump" in result.text, result
    assert os.listdir(tmp) == []


def test_a_check_opens_no_dump(nettool, tmp):
    assert nettool("--check", "-v", "--dump-to=dump", "-", "STDOUT").status == 0
    assert nettool("-v", "--dump-to=dump", "-", "NOSUCH:1").status == 2
    assert os.listdir(tmp) == []


def test_a_full_disk_does_not_end_the_transfer(nettool):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    result = nettool("-u", "-v", "--dump-to=/dev/full", "-", "STDOUT", input=b"through")
    assert (result.status, result.out) == (0, b"through")
    assert "cannot write the copy" in result.text


@needs_linux
@pytest.mark.parametrize("kind", ["one", "poll"])
def test_a_signal_while_the_dump_is_held_up(listener, tmp, kind):
    """Nobody reads the fifo: the program waits there, and its loop still hears of the signal."""
    os.mkfifo(tmp / "fifo")
    reader = os.open(tmp / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    try:
        fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)
        words = [LISTEN, "-"] if kind == "one" else [f"{LISTEN},poll", "PIPE"]
        server = listener("-x", "--dump-to=fifo", *words)
        with server.connect() as peer:
            peer.sendall(bytes(10000))
            wait_until(lambda: select.select([reader], [], [], 0)[0] and is_asleep(server.pid))
            result = server.stop()
        assert result.status == 128 + signal.SIGTERM
    finally:
        os.close(reader)


# ---- --pass-fd ----------------------------------------------------------------------------------


def passed(process, ours):
    """The descriptor that the process sends, as a file number; it has ended well then."""
    ours.settimeout(DEADLINE)
    data, descriptors, _flags, _where = socket.recv_fds(ours, 10, 4)
    result = process.wait()
    assert (result.status, result.err) == (0, b""), result
    assert len(data) == 1 and len(descriptors) == 1
    return descriptors[0]


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET])
def test_a_connection_is_passed_on(start, kind):
    ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
    with tcp_server() as server, ours:
        process = start("--pass-fd", f"TCP:{name_of(server)}", stdout=theirs)
        theirs.close()
        fd = passed(process, ours)
        assert not is_nonblocking(fd)
        with accept(server) as peer, socket.socket(fileno=fd) as connection:
            connection.sendall(b"question")
            assert read_exactly(peer, 8) == b"question"
            peer.sendall(b"answer")
            peer.shutdown(socket.SHUT_WR)
            assert read_all(connection) == b"answer"


def test_an_accepted_connection_is_passed_on(listener):
    ours, theirs = socket.socketpair()
    with ours:
        server = listener("--pass-fd", LISTEN, stdout=theirs)
        theirs.close()
        with server.connect() as peer:
            with socket.socket(fileno=passed(server, ours)) as connection:
                connection.sendall(b"bonjour")
                assert read_exactly(peer, 7) == b"bonjour"


def test_a_udp_socket_is_passed_on(start):
    ours, theirs = socket.socketpair()
    with udp_socket() as server, ours:
        process = start("--pass-fd", f"UDP4:{name_of(server)}", stdout=theirs)
        theirs.close()
        with socket.socket(fileno=passed(process, ours)) as connection:
            assert connection.type == socket.SOCK_DGRAM
            connection.send(b"packet")
            assert server.recvfrom(100)[0] == b"packet"


def test_a_file_is_passed_on(start, tmp):
    (tmp / "notes").write_bytes(b"content")
    ours, theirs = socket.socketpair()
    with ours:
        process = start("--pass-fd", "./notes", stdout=theirs)
        theirs.close()
        with open(passed(process, ours), "rb") as file:
            assert file.read() == b"content"


def test_ssh_takes_what_is_passed_on(start, program):
    """A banner is all that it needs to show that it has the connection."""
    ssh = program("ssh")
    with tcp_server() as server:
        client = ssh.start("-F", "none", "-o", "ProxyUseFdpass=yes", "-o",
                           f"ProxyCommand={start.__self__.program[0]} --pass-fd TCP:%h:%p",
                           "-o", "BatchMode=yes", "-p", server.getsockname()[1], "127.0.0.1")
        with accept(server) as peer:
            assert read_until(peer, b"\n").startswith(b"SSH-2.0-")
            peer.sendall(b"no ssh here, sorry\r\n" * 2000)
        assert client.wait().status == 255


def refused(nettool, *words, **more):
    result = nettool("--pass-fd", *words, **more)
    assert result.status == 2, result
    return result.text


@pytest.mark.parametrize("kind", ["pipe", "file", "tcp"])
def test_standard_output_must_be_a_unix_socket(nettool, tmp, kind):
    with tcp_server() as server, socket.socket() as other, open(tmp / "out", "wb") as file:
        other.connect(server.getsockname())
        server.accept()[0].close()
        stdout = {"pipe": None, "file": file, "tcp": other}[kind]
        text = refused(nettool, f"TCP:{name_of(server)}", stdout=stdout)
        assert "standard output is not a UNIX domain socket" in text
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()  # nothing was opened


@pytest.mark.parametrize(
    "words, reason",
    [
        ((), "exactly 1 address"),
        (("STALL", "STALL"), "exactly 1 address"),
        (("PIPE:a!!PIPE:b",), "no single descriptor"),
        (("EXEC:touch never",), "a program would end"),
        (("SYSTEM:touch never",), "a program would end"),
        ((f"{LISTEN},fork",), "fork, poll and hub"),
        ((f"{LISTEN},poll",), "fork, poll and hub"),
        ((f"{LISTEN},hub",), "fork, poll and hub"),
    ],
)
def test_what_cannot_be_passed_on_is_refused_at_once(nettool, tmp, words, reason):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert reason in refused(nettool, *words, stdout=theirs)
        assert quiet(ours, 0.05)
    assert os.listdir(tmp) == []


@pytest.mark.parametrize("address", ["-", "STALL", "UDP4-SENDTO:127.0.0.1:9"])
def test_what_has_no_single_descriptor(nettool, address):
    ours, theirs = socket.socketpair()
    with ours:
        result = nettool("--pass-fd", address, stdout=theirs)
        theirs.close()
        assert result.status == 1, result
        assert f"{address}: there is no single descriptor" in result.text
        assert ours.recv(10) == b""


def test_a_connection_that_fails_is_not_passed_on(nettool, tmp):
    ours, theirs = socket.socketpair()
    with ours:
        result = nettool("--pass-fd", "UNIX-CONNECT:nobody", stdout=theirs)
        theirs.close()
        assert result.status == 1 and "nobody" in result.text, result
        assert ours.recv(10) == b""


def test_nobody_at_the_other_end(nettool):
    ours, theirs = socket.socketpair()
    ours.close()
    with theirs:
        result = nettool("--pass-fd", "STDIN", stdout=theirs, input=b"")
    assert result.status == 1 and "cannot pass the descriptor on" in result.text, result
