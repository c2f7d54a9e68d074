"""Hostile surroundings: few descriptors, closed standard streams, peers that hang up, strange names."""

import os
import pty
import resource
import signal
import socket
import time
import tty

import pytest

from tools import (
    Background,
    accept,
    dead_port,
    name_of,
    needs_linux,
    needs_root,
    random_bytes,
    read_all,
    read_exactly,
    same,
    tcp_server,
    unix_server,
    wait_until,
)


def processor_time(pid):
    """What a process has used of the processor, in clock ticks."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def spins(process, seconds=0.5):
    """True when a process that has nothing to do uses the processor for most of a while."""
    before = processor_time(process.pid)
    time.sleep(seconds)
    return processor_time(process.pid) - before > seconds * os.sysconf("SC_CLK_TCK") / 2


# ---- sources that may block ----------------------------------------------------------------------


@pytest.mark.parametrize("size", [4096, 8192, 8192 + 65536, 8192 + 2 * 65536])
def test_inherited_pipe_that_pauses(start, size):
    """A writer that fills a whole read and then waits doesn't stop the other direction."""
    server = tcp_server()
    process = start("-", f"TCP:{name_of(server)}")
    peer = accept(server)
    data = random_bytes(size)
    writer = Background(process.send, data)
    assert same(read_exactly(peer, size), data)
    writer.result()
    peer.sendall(b"pong")
    process.expect_out(b"pong")
    assert process.stop().status == 128 + signal.SIGTERM


def test_inherited_terminal_with_small_blocks(start):
    """Reads that are always full hand nothing over to a call that waits for the next line."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    process = start("-b", "4", "-", "PIPE", stdin=slave)
    os.close(slave)
    wanted = b""
    for words in (b"abcdefgh", b"ijkl", b"mnopqrst", b"uv", b"wxyz"):
        os.write(master, words)
        wanted += words
        process.expect_out(wanted)
    assert process.stop().status == 128 + signal.SIGTERM
    os.close(master)


# ---- sinks that are gone, or shared ---------------------------------------------------------------


@needs_linux
@pytest.mark.parametrize("args", [["-u", "-"], ["-"], ["-,ignoreeof"]])
def test_unix_peer_that_hung_up_costs_nothing(start, tmp, args):
    """poll shows a hang-up at once and for ever: nobody asks it again and again."""
    server = unix_server(tmp / "s")
    process = start(*args, "UNIX:s")
    accept(server).close()
    wait_until(lambda: not process.running or not spins(process), what="rest")
    process.stop()


@needs_linux
def test_stopped_reader_behind_a_peer_that_hung_up(start, tmp):
    server = unix_server(tmp / "s")
    reader, writer = os.pipe()
    process = start("-", "UNIX:s", stdout=writer)
    os.close(writer)
    peer = accept(server)
    data = random_bytes(200000)
    sender = Background(lambda: (peer.sendall(data), peer.close()))
    # the pipe holds a part of it, the queue the rest
    wait_until(lambda: not sender.running, what="the peer's end")
    assert not spins(process)
    assert same(read_all(reader), data)
    os.close(reader)
    assert process.wait().status == 0


def test_both_directions_write_to_the_same_pipe(nettool):
    """The direction that ends first leaves standard output open for the other."""
    data = random_bytes(3000000)
    for _ in range(5):
        result = nettool("-", "-", input=data)
        assert (result.status, len(result.out)) == (0, len(data))


def test_text_beside_an_input_that_ends_at_once(nettool):
    result = nettool("TEXT:" + "é" * 20000, "-")
    assert (result.status, result.printed) == (0, "é" * 20000)


def test_unix_client_with_a_name_finds_a_datagram_socket(nettool, tmp):
    """The name of the attempt before doesn't stand in the way of the next kind of socket."""
    server = unix_server(tmp / "s", socket.SOCK_DGRAM)
    result = nettool("-u", "-", "UNIX-CLIENT:s,bind=me", input=b"salut")
    assert (result.status, result.err) == (0, b"")
    assert server.recvfrom(100) == (b"salut", "me")
    assert not (tmp / "me").exists()


# ---- few descriptors -----------------------------------------------------------------------------


def few_descriptors(number):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (number, number))


def test_child_without_descriptors_says_so(listener):
    """Wherever the limit lies, a session works, or a message tells why it doesn't."""
    data = random_bytes(100)
    served = 0
    for number in range(7, 16):
        server = listener("TCP-LISTEN:0,fork,bind=127.0.0.1", "PIPE", endless=True,
                          preexec_fn=few_descriptors(number))
        peer = server.connect()
        try:
            peer.sendall(data)
            peer.shutdown(socket.SHUT_WR)
        except OSError:  # reset already
            pass
        if number > 7:
            try:
                got = read_all(peer)
            except OSError:
                got = b""
            if got == data:
                served += 1
            else:
                server.expect_err(b"Too many open files")
        else:
            server.expect_err(b"Too many open files")
        peer.close()
        assert server.stop().status == 128 + signal.SIGTERM
    assert served > 0


def test_many_quick_connections(listener):
    """No child is forgotten: the places are free again afterwards."""
    server = listener("TCP-LISTEN:0,fork,max-children=3,bind=127.0.0.1", "PIPE", endless=True)
    for number in range(300):
        peer = server.connect()
        peer.sendall(b"%d" % number)
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == b"%d" % number
        peer.close()
    crowd = [server.connect() for _ in range(30)]
    for peer in crowd:
        peer.close()
    peer = server.connect()
    peer.sendall(b"encore")
    assert read_exactly(peer, 6) == b"encore"
    peer.close()


def test_child_that_ends_during_a_pause_is_counted(listener):
    """Its SIGCHLD is taken by the pause; the listener with one place would wait for it for ever."""
    server = listener("TCP-LISTEN:0,fork,max-children=1,bind=127.0.0.1", "OPEN:/nonexistent",
                      env={"SOCAT_FORK_WAIT": "0.2"}, endless=True)
    for _ in range(4):
        peer = server.connect()
        assert read_all(peer) == b""
        peer.close()


# ---- closed standard streams ---------------------------------------------------------------------


@pytest.mark.parametrize("closed", [[0], [1], [2], [0, 1], [0, 1, 2]])
@pytest.mark.parametrize("more", [[], ["-v"], ["-d", "-d", "-d", "-d"]])
def test_closed_standard_streams(nettool, tmp, closed, more):
    """No file takes the place of a standard stream: what is printed doesn't reach it."""
    data = random_bytes(50000)
    (tmp / "from").write_bytes(data)

    def close():
        for fd in closed:
            os.close(fd)

    assert nettool(*more, "-u", "./from", "CREATE:to", preexec_fn=close).status == 0
    assert same((tmp / "to").read_bytes(), data)


def test_a_closed_standard_input_is_an_error(nettool):
    result = nettool("-u", "-", "CREATE:to", preexec_fn=lambda: os.close(0))
    assert result.status == 1
    assert "cannot use descriptor 0" in result.text


@needs_linux
def test_full_disk(nettool):
    result = nettool("-u", "-", "/dev/full", input=b"x")
    assert result.status == 1
    assert "No space left" in result.text
    with open("/dev/full", "wb") as full:
        assert nettool("--help", stdout=full).status != 0


# ---- strange text --------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [
    "TCP:a\\0b:1", "TCP:localhost:1\\02", "TCP-LISTEN:0\\0", "UDP:127.0.0.1:1\\0", "UDP-RECV:0\\01",
    "FD:0\\01", "ACCEPT-FD:3\\0", "OPEN:a\\0b", "PIPE:a\\0b", "UNIX:a\\0b", "UNIX-LISTEN:a\\0b",
    "GOPEN:a\\0b", "./a\\0b", "TCP-LISTEN:0,bind=127.0.0.1\\0x", "OPEN:x,lockfile=l\\0x",
])
def test_no_parameter_is_cut_at_a_nul(nettool, tmp, address):
    result = nettool("-u", address, "CREATE:to")
    assert result.status == 2
    assert "NUL" in result.text
    assert list(tmp.iterdir()) == []


@pytest.mark.parametrize("bad", ["\x1b[2J", "\x1b]0;title\x07", "\u202e", "\x9b31m", "a\nnettool: b"])
@pytest.mark.parametrize("address", [
    "{}", "./{}", "TCP:{}:1", "TCP:localhost:{}", "UNIX:{}", "TCP-LISTEN:0,{}",
    "TCP-LISTEN:0,bind={}", "TCP-LISTEN:0,range={}", "FD:{}", "OPEN:x,netns={}", "OPEN:x,user={}",
])
def test_messages_hold_no_control_characters(nettool, address, bad):
    for level in ([], ["-d", "-d", "-d", "-d"]):
        result = nettool(*level, "-T", "0.2", "-u", address.format(bad), "-")
        assert result.status in (1, 2)
        assert not any(c in result.text.replace("\n", "") for c in "\x1b\x07\x9b\u202e")
        assert "\nnettool: b" not in result.text


def test_huge_addresses(nettool):
    long = "a" * 100000
    for address in (long, f"TCP:{long}:1", f"TCP:localhost:{long}", f"/{long}", f"UNIX:/{long}",
                    f"TCP-LISTEN:0,bind={long}", "(" * 100000, '"' * 99999, "\\" * 99999,
                    "!!".join(["-"] * 1000), f"TCP:127.0.0.1:{dead_port()}" + ",nodelay" * 10000):
        result = nettool(address, "-")
        assert result.status in (1, 2)
        assert result.text.startswith("nettool: ")


# ---- ends and what they leave --------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
@pytest.mark.parametrize("phase", ["waiting", "relaying"])
def test_a_signal_leaves_no_files(listener, tmp, number, phase):
    server = listener("-L", "lock", f"UNIX-LISTEN:{tmp}/s,lockfile=other", "PIPE")
    assert (tmp / "lock").exists() and (tmp / "other").exists()
    peer = server.connect() if phase == "relaying" else None
    if peer is not None:
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
    assert server.stop(number).status == 128 + number
    assert list(tmp.iterdir()) == []


def test_an_early_signal_leaves_no_files(start, tmp):
    """Whenever the signal comes, the files are gone afterwards."""
    for number in range(40):
        process = start("-L", "lock", "UNIX-LISTEN:s,fork", "PIPE")
        time.sleep(number * 0.0004)
        assert process.stop().status == 128 + signal.SIGTERM
        assert list(tmp.iterdir()) == []


def test_two_locks_of_one_address(nettool, tmp):
    result = nettool("-u", "OPEN:/dev/null,lockfile=a,waitlock=b", "-")
    assert result.status == 2
    assert "lockfile" in result.text
    assert list(tmp.iterdir()) == []


def test_a_copy_into_a_fifo_without_reader(start, tmp):
    """Waiting for the reader ends as everything does that a signal ends."""
    os.mkfifo(tmp / "f")
    process = start("-d", "-d", "-r", "f", "-u", "-", "CREATE:to")
    wait_until((tmp / "to").exists)

    def ended():
        process.send_signal(signal.SIGUSR1)
        process.send_signal(signal.SIGTERM)
        return not process.running

    wait_until(ended, what="the end")
    assert process.stop().status == 128 + signal.SIGTERM


def test_signals_during_a_busy_transfer(start):
    """Statistics that are asked for all the time cost no byte."""
    server = tcp_server()
    data = random_bytes(1 << 20)
    process = start("-u", "-", f"TCP:{name_of(server)}")
    peer = accept(server)

    def feed():
        for _ in range(64):
            process.send(data)
        process.end_input()

    feeder = Background(feed)
    rest = len(data) * 64
    while rest > 0:
        process.send_signal(signal.SIGUSR1)
        got = peer.recv(1 << 20)
        assert got
        rest -= len(got)
    feeder.result()
    assert read_all(peer) == b""
    assert process.wait().status == 0


# ---- dual addresses and forks --------------------------------------------------------------------


def test_two_listeners_in_one_dual_address(start):
    reader, writer = os.pipe()
    process = start(f"--ready-fd={writer}", "TCP-LISTEN:0,bind=127.0.0.1!!TCP-LISTEN:0,bind=127.0.0.1",
                    "PIPE", pass_fds=(writer,))
    os.close(writer)
    ready = os.fdopen(reader, "rb")
    talker = socket.create_connection(("127.0.0.1", int(ready.readline().rpartition(b":")[2])))
    hearer = socket.create_connection(("127.0.0.1", int(ready.readline().rpartition(b":")[2])))
    ready.close()
    talker.sendall(b"bonjour")
    talker.shutdown(socket.SHUT_WR)
    assert read_all(hearer) == b"bonjour"
    talker.close()
    hearer.close()
    assert process.wait().status == 0


@needs_root
@needs_linux
def test_user_and_root_directory(nettool, tmp):
    """What is opened after the change is opened with the rights of the new user."""
    tmp.chmod(0o700)
    (tmp / "from").write_bytes(b"secret")
    for option in ("su=nobody", "setuid=65534", "su-d=nobody"):
        result = nettool("-u", f"OPEN:from,{option}", "CREATE:to")
        assert (result.status, (tmp / "to").exists()) == (1, False)
        assert "Permission denied" in result.text
    # the search for leaks needs /proc
    result = nettool("-u", "OPEN:from,chroot=.", "CREATE:/to",
                     env={"ASAN_OPTIONS": "detect_leaks=0:exitcode=86"})
    assert (result.status, (tmp / "to").read_bytes()) == (0, b"secret")
    assert nettool("-u", "OPEN:from,chroot=/nonexistent", "-").status == 1
