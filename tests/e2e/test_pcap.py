"""--pcap: what passes as a capture that Wireshark reads. capture.py looks at every byte of it; tshark
looks too, where it is installed."""

import os
import re
import signal
import socket
import threading
from pathlib import Path

import pytest

from capture import TCP, UDP, Capture
from crowds import reset
from netpeek import has_ipv6
from tools import (
    NETTOOL,
    Background,
    accept,
    name_of,
    needs_linux,
    needs_root,
    random_bytes,
    read_all,
    read_exactly,
    same,
    tcp_server,
    udp_socket,
    unix_client,
    unix_server,
    wait_until,
)

LISTEN = "TCP-LISTEN:0,bind=127.0.0.1"
INVENTED_OURS, INVENTED_FIRST, INVENTED_SECOND = "198.51.100.", "192.0.2.1", "192.0.2.2"


@pytest.fixture
def file(tmp):
    return tmp / "passed.pcapng"


@pytest.fixture
def tshark(program):
    """tshark(file, *args): what it prints; it looks at the checksums, too."""
    run = program("tshark")

    def look(file, *args):
        result = run("-n", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
                     "-o", "ip.check_checksum:TRUE", "-r", file, *args, timeout=60)
        assert result.status == 0, result
        return result.printed

    return look


def read(file):
    return Capture(file.read_bytes())


def is_whole(file):
    """Whether what is there is a capture; it may be read at any time."""
    Capture(file.read_bytes())
    return True


def exchange(nettool, file, *options, sent=b"hello\n", answer=b"world\n", family=socket.AF_INET):
    """Our standard input and output against a server that answers; what both have seen, and its place."""
    with tcp_server(family) as server:
        def serve():
            with accept(server) as peer:
                got = read_all(peer)
                peer.sendall(answer)
                return got, peer.getpeername()[:2]

        served = Background(serve)
        result = nettool(f"--pcap={file}", *options, "-", f"TCP:{name_of(server)}", input=sent)
        got, client = served.result()
        assert (result.status, result.out, result.err) == (0, answer, b""), result
        assert got == sent
        return client, server.getsockname()[:2]


def test_a_connection_with_its_real_addresses(nettool, file):
    client, server = exchange(nettool, file)
    capture = read(file)
    assert capture.interfaces == ["-", f"TCP:127.0.0.1:{server[1]}"]
    ours = [talk for talk in capture.conversations() if talk.interface == 1]
    assert len(ours) == 1
    assert (ours[0].first, ours[0].second) == (client, server)
    assert ours[0].data == {client: b"hello\n", server: b"world\n"}
    assert sorted(ours[0].ended) == sorted([client, server]) and ours[0].reset is None
    assert ours[0].comments == []


@has_ipv6
def test_a_connection_of_ipv6(nettool, file):
    client, server = exchange(nettool, file, family=socket.AF_INET6)
    ours = next(talk for talk in read(file).conversations() if talk.interface == 1)
    assert (ours.first, ours.second) == (client, server) and server[0] == "::1"
    assert ours.data == {client: b"hello\n", server: b"world\n"}


@has_ipv6
def test_ipv4_in_ipv6_clothes_is_ipv4(listener, file):
    server = listener(f"--pcap={file}", "TCP6-LISTEN:0,ipv6only=0", "PIPE")
    with socket.create_connection(("127.0.0.1", server.port), 20) as peer:
        peer.sendall(b"echo")
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == b"echo"
        client = peer.getsockname()
    assert server.wait().status == 0
    talk = next(talk for talk in read(file).conversations() if talk.interface == 0)
    assert (talk.first, talk.second) == (client, ("127.0.0.1", server.port))


def test_what_has_no_address_gets_an_invented_one_that_says_so(nettool, file):
    exchange(nettool, file)
    talk = next(talk for talk in read(file).conversations() if talk.interface == 0)
    theirs, ours = talk.end(INVENTED_FIRST), talk.end(INVENTED_OURS)
    assert talk.data == {theirs: b"hello\n", ours: b"world\n"}
    assert talk.comments == ["- has no IP address: those of this conversation are invented"]


def test_a_unix_socket_is_named_by_its_path(nettool, file, tmp):
    with unix_server(tmp / "place") as server:
        def serve():
            with accept(server) as peer:
                return read_all(peer)

        served = Background(serve)
        result = nettool("-u", f"--pcap={file}", "-", f"UNIX:{tmp}/place", input=b"words")
        assert (result.status, result.err) == (0, b"")
        assert served.result() == b"words"
    talk = next(talk for talk in read(file).conversations() if talk.interface == 1)
    assert talk.data[talk.end(INVENTED_OURS)] == b"words"
    assert talk.comments == [
        f"UNIX:{tmp}/place has no IP address: those of this conversation are invented"]


def test_whoever_was_connected_to_gets_the_first_packet(listener, file):
    server = listener(f"--pcap={file}", LISTEN, "PIPE")
    with server.connect() as peer:
        client = peer.getsockname()
        peer.sendall(b"echo")
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == b"echo"
    assert server.wait().status == 0
    talk = next(talk for talk in read(file).conversations() if talk.interface == 0)
    assert (talk.first, talk.second) == (client, ("127.0.0.1", server.port))
    assert [packet.inbound for packet in talk.packets[:2]] == [True, False]


def test_large_data_is_cut_into_segments_and_the_numbers_wrap(nettool, file):
    sent, answer = random_bytes(700_000, 1), random_bytes(300_000, 2)
    client, server = exchange(nettool, file, "-b", "400000", sent=sent, answer=answer)
    talk = next(talk for talk in read(file).conversations() if talk.interface == 1)
    assert same(talk.data[client], sent) and same(talk.data[server], answer)
    assert talk.wrapped
    assert max(map(len, talk.messages[client])) < 65536


def test_each_side_shows_what_was_on_its_own_wire(listener, file):
    server = listener(f"--pcap={file}", f"{LISTEN},crlf", "-")
    with server.connect() as peer:
        client = peer.getsockname()
        peer.sendall(b"in\r\n")
        server.expect_out(b"in\n")
        server.send(b"out\n")
        assert read_exactly(peer, 5) == b"out\r\n"
    assert server.wait().status == 0
    wire, inside = read(file).conversations()
    assert wire.data == {client: b"in\r\n", ("127.0.0.1", server.port): b"out\r\n"}
    assert inside.data == {inside.end(INVENTED_SECOND): b"out\n",
                           inside.end(INVENTED_OURS): b"in\n"}


def test_packets_stay_packets(nettool, file):
    with udp_socket() as peer:
        def serve():
            first, client = peer.recvfrom(65536)
            second, _ = peer.recvfrom(65536)
            peer.sendto(b"answer", client)
            return [first, second], client

        served = Background(serve)
        result = nettool(f"--pcap={file}", "-t2", "SYSTEM:printf one; sleep 0.2; printf two; sleep 0.2",
                         f"UDP:{name_of(peer)}")
        messages, client = served.result()
        assert result.status == 0 and messages == [b"one", b"two"]
        talk = next(talk for talk in read(file).conversations() if talk.interface == 1)
        assert talk.protocol == UDP
        # the empty one is how the end of input is told
        assert talk.messages == {client: [b"one", b"two", b""], peer.getsockname(): [b"answer"]}


def test_every_sender_of_packets_has_his_own_address(listener, file):
    server = listener(f"--pcap={file}", "-u", "UDP-RECV:0,bind=127.0.0.1", "STDOUT")
    senders = [udp_socket() for _ in range(3)]
    for i, sender in enumerate(senders):
        sender.sendto(b"from %d\n" % i, ("127.0.0.1", server.port))
        server.expect_out(b"from %d\n" % i)
    assert server.stop().status == 143
    talks = [talk for talk in read(file).conversations() if talk.interface == 0]
    assert [(talk.first, talk.data[talk.first]) for talk in talks] == [
        (sender.getsockname(), b"from %d\n" % i) for i, sender in enumerate(senders)]
    assert {talk.second for talk in talks} == {("127.0.0.1", server.port)}
    for sender in senders:
        sender.close()


def test_an_unbound_socket_shows_the_address_that_packets_left_from(nettool, file):
    with udp_socket() as peer:
        result = nettool("-u", f"--pcap={file}", "-", f"UDP-SENDTO:{name_of(peer)}", input=b"hello")
        assert result.status == 0
        data, client = peer.recvfrom(100)
        talk = next(talk for talk in read(file).conversations() if talk.interface == 1)
        assert (talk.first, talk.second, data) == (client, peer.getsockname(), b"hello")


def test_the_longest_message_of_a_unix_socket_is_cut_and_says_so(nettool, file):
    source, reader = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    source.send(bytes(66_000))
    source.close()
    result = nettool("-u", "-b", "70000", f"--pcap={file}", f"FD:{reader.fileno()}", "FILE:/dev/null",
                     pass_fds=[reader.fileno()])
    reader.close()
    assert result.status == 0
    talk = next(talk for talk in read(file).conversations() if talk.protocol == UDP)
    assert talk.comments[0] == "message of 66000 bytes, cut"


@pytest.mark.parametrize("place", [0, 1])
def test_a_connection_that_breaks_ends_with_a_reset(listener, file, place):
    server = listener(f"--pcap={file}", *((LISTEN, "-") if place == 0 else ("-", LISTEN)))
    peer = server.connect()
    client = peer.getsockname()
    peer.sendall(b"and then")
    server.expect_out(b"and then")
    reset(peer)
    wait_until(lambda: not server.running)
    assert server.wait().status == 1
    talk = next(talk for talk in read(file).conversations() if talk.interface == place)
    assert talk.reset == client and talk.data[client] == b"and then"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_file_is_whole_after_a_signal(listener, file, number):
    server = listener(f"--pcap={file}", LISTEN, "-")
    with server.connect() as peer:
        client = peer.getsockname()
        peer.sendall(b"so far")
        server.expect_out(b"so far")
        server.stop(number)
    talk = next(talk for talk in read(file).conversations() if talk.interface == 0)
    assert talk.data[client] == b"so far"
    # who is killed has no time for a farewell
    assert bool(talk.ended) == (number != signal.SIGKILL)


def test_the_file_is_whole_at_any_moment(start, file):
    busy = start(f"--pcap={file}", "--rate=4M", "-u", "FILE:/dev/zero", "FILE:/dev/null",
                 endless=True)
    wait_until(lambda: file.exists() and file.stat().st_size > 100_000)
    for _ in range(10):
        assert is_whole(file)
        size = file.stat().st_size
        wait_until(lambda: file.stat().st_size > size)
    busy.kill()
    assert is_whole(file)


def crowd(server, count, size):
    """So many clients at once send something and hear it again. Who they were: {address: data}."""
    sent = {}

    def client(seed):
        data = random_bytes(size, seed)
        with server.connect() as peer:
            writer = threading.Thread(target=lambda: (peer.sendall(data),
                                                      peer.shutdown(socket.SHUT_WR)))
            writer.start()
            assert same(read_all(peer), data)
            writer.join()
            sent[peer.getsockname()] = data

    for task in [Background(client, seed) for seed in range(count)]:
        task.result()
    return sent


@pytest.mark.parametrize("option", ["fork", "poll"])
def test_many_connections_share_a_file(listener, file, option):
    server = listener(f"--pcap={file}", f"{LISTEN},{option}", "PIPE", endless=True)
    sent = crowd(server, 8, 200_000)

    def ended():
        return [talk for talk in read(file).conversations() if len(talk.ended) == 2 and
                talk.interface == 0]

    wait_until(lambda: len(ended()) == 8)
    place = ("127.0.0.1", server.port)
    assert {talk.first: talk.data[talk.first] for talk in ended()} == sent
    assert {talk.first: talk.data[place] for talk in ended()} == sent
    assert server.stop().status == 143
    assert is_whole(file)


def test_the_members_of_a_hub(listener, file):
    server = listener(f"--pcap={file}", f"{LISTEN},hub")
    with server.connect() as ana, server.connect() as bob:
        ana.sendall(b"hello\n")
        assert read_exactly(bob, 6) == b"hello\n"
        names = ana.getsockname(), bob.getsockname()
        place = ana.getpeername()
        server.stop()
    talks = {talk.first: talk.data for talk in read(file).conversations()}
    assert talks == {names[0]: {names[0]: b"hello\n", place: b""},
                     names[1]: {names[1]: b"", place: b"hello\n"}}


def test_a_dual_address_has_an_interface_for_each_half(nettool, file, tmp):
    (tmp / "in").write_bytes(b"read")
    result = nettool(f"--pcap={file}", f"OPEN:{tmp}/in!!CREATE:{tmp}/out", "SYSTEM:cat; echo written")
    assert (result.status, result.err) == (0, b"")
    capture = read(file)
    assert capture.interfaces == [f"OPEN:{tmp}/in", f"CREATE:{tmp}/out", "SYSTEM:cat; echo written"]
    data = {talk.interface: b"".join(talk.data.values()) for talk in capture.conversations()}
    assert data == {0: b"read", 1: b"readwritten\n", 2: b"readreadwritten\n"}


def test_the_file_is_new_and_nobody_elses(nettool, file):
    file.write_bytes(b"something old, and longer than a capture" * 1000)
    file.unlink()
    assert nettool(f"--pcap={file}", "/dev/null", "/dev/null").status == 0
    assert file.stat().st_mode & 0o777 == 0o600
    size = file.stat().st_size
    assert nettool(f"--pcap={file}", "/dev/null", "/dev/null").status == 0
    assert file.stat().st_size == size and is_whole(file)


def test_standard_output_if_nobody_else_has_it(nettool, tmp):
    (tmp / "data").write_bytes(b"data")
    result = nettool("--pcap=-", "-u", f"OPEN:{tmp}/data", f"CREATE:{tmp}/copy")
    assert (result.status, result.err) == (0, b"")
    assert {b"".join(talk.data.values()) for talk in Capture(result.out).conversations()} == {b"data"}


@pytest.mark.parametrize("addresses", [
    ("-", "PIPE"), ("PIPE", "STDOUT"), ("PIPE", "FD:1"), ("STDIN!!STDOUT", "PIPE")])
def test_not_on_standard_output_among_the_data(nettool, tmp, addresses):
    result = nettool("--pcap=-", f"CREATE:{tmp}/made", *addresses[1:]) if addresses[0] == "PIPE" \
        else nettool("--pcap=-", *addresses)
    assert result.status == 2 and result.out == b""
    assert "has standard output already" in result.text
    assert not (tmp / "made").exists()


def test_a_pipe_gets_packets_that_fit_into_one_write(start, tmp):
    os.mkfifo(tmp / "fifo")
    (tmp / "data").write_bytes(random_bytes(100_000))
    ours = start(f"--pcap={tmp}/fifo", "-u", f"OPEN:{tmp}/data", "FILE:/dev/null")
    fd = os.open(tmp / "fifo", os.O_RDONLY)
    data = read_all(fd)
    os.close(fd)
    assert ours.wait().status == 0
    capture = Capture(data)
    assert max(len(packet.data) for packet in capture.packets) < 4096
    assert same(next(b"".join(talk.data.values()) for talk in capture.conversations()),
                random_bytes(100_000))


def test_children_share_a_pipe(listener, tmp):
    os.mkfifo(tmp / "fifo")
    reader = Background(lambda: read_fifo(tmp / "fifo"))
    server = listener(f"--pcap={tmp}/fifo", f"{LISTEN},fork,children=term", "PIPE", endless=True)
    sent = crowd(server, 6, 100_000)
    server.stop()
    talks = [talk for talk in Capture(reader.result()).conversations() if talk.interface == 0]
    assert {talk.first: talk.data[talk.first] for talk in talks} == sent


def read_fifo(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        return read_all(fd)
    finally:
        os.close(fd)


def test_a_reader_that_goes_away_is_told_of_and_no_failure(start, tmp):
    os.mkfifo(tmp / "fifo")
    ours = start(f"--pcap={tmp}/fifo", "-", f"CREATE:{tmp}/copy")
    fd = os.open(tmp / "fifo", os.O_RDONLY)
    ours.send(b"first\n")
    wait_until(lambda: (tmp / "copy").exists() and (tmp / "copy").read_bytes() == b"first\n")
    os.close(fd)
    ours.send(b"second\n")
    wait_until(lambda: (tmp / "copy").read_bytes() == b"first\nsecond\n")
    ours.send(b"third\n")
    result = ours.wait()
    assert (tmp / "copy").read_bytes() == b"first\nsecond\nthird\n"
    assert result.status == 0
    assert result.text.count("cannot write the capture") == 1


@needs_linux
def test_a_full_disk_ends_the_capture_and_fails(nettool, tmp):
    (tmp / "data").write_bytes(random_bytes(200_000))
    result = nettool("--pcap=/dev/full", "-u", f"OPEN:{tmp}/data", f"CREATE:{tmp}/copy")
    assert same((tmp / "copy").read_bytes(), random_bytes(200_000))
    assert result.status == 1
    assert result.text.count("cannot write the capture, which ends here: No space left on device") == 1


@needs_linux
@needs_root
def test_what_fits_on_a_full_disk_is_whole(program, tmp):
    """A file system of 256 KiB, of which nobody else sees anything."""
    (tmp / "data").write_bytes(random_bytes(900_000))
    unshare = program("unshare", "-m")
    if unshare("true").status != 0:
        pytest.skip("no mount namespaces here")
    (tmp / "disk").mkdir()
    result = unshare("sh", "-c", f"mount -t tmpfs -o size=256k none {tmp}/disk || exit 77; "
                     f"{NETTOOL} --pcap={tmp}/disk/file -u OPEN:{tmp}/data CREATE:{tmp}/copy; "
                     f"status=$?; cp {tmp}/disk/file {tmp}/kept; exit $status")
    if result.status == 77:
        pytest.skip("mounting is not allowed here")
    assert result.status == 1
    capture = read(tmp / "kept")
    assert len(capture.packets) > 6
    assert random_bytes(900_000).startswith(
        b"".join(p.data for p in capture.packets if p.interface == 0))
    assert same((tmp / "copy").read_bytes(), random_bytes(900_000))


def test_explaining_makes_no_file(nettool, file):
    result = nettool("--explain", f"--pcap={file}", "--rate=1k", "-", "TCP:127.0.0.1:9")
    assert result.status == 0 and f'open("{file}", ' in result.printed
    assert not file.exists()


def test_a_file_that_cannot_be_made_opens_nothing(nettool, tmp):
    result = nettool(f"--pcap={tmp}/no/file", "-", f"CREATE:{tmp}/made", input=b"data")
    assert result.status == 1 and "cannot open" in result.text
    assert not (tmp / "made").exists()


@pytest.mark.parametrize("words", [("--pass-fd", "PIPE"), ("PIPE", "EXEC:cat,nofork")])
def test_refused_where_nothing_passes_by(nettool, tmp, words):
    ours, theirs = socket.socketpair()
    result = nettool(f"--pcap={tmp}/file", *words, stdout=theirs)
    ours.close()
    theirs.close()
    assert result.status == 2 and "--pcap sees no data" in result.text
    assert not (tmp / "file").exists()


def test_programs_do_not_inherit_it(nettool, file):
    result = nettool(f"--pcap={file}", "-u", "EXEC:readlink /proc/self/fd/3 /proc/self/fd/4 "
                     "/proc/self/fd/5 /proc/self/fd/6 /proc/self/fd/7", "STDOUT")
    assert b"pcapng" not in result.out


# ---- what tshark says ----------------------------------------------------------------------------


def followed(text):
    """What -z follow,tcp,raw prints: the two ends, and the data of both."""
    nodes = re.findall(r"^Node (\d): (.*)$", text, re.M)
    lines = re.findall(r"^(\t?)([0-9a-f]+)$", text, re.M)
    return dict(nodes), [bytes.fromhex("".join(data for tab, data in lines if bool(tab) == second))
                         for second in (False, True)]


def test_tshark_follows_the_stream(nettool, tshark, file):
    sent, answer = random_bytes(150_000, 3), random_bytes(100_000, 4)
    client, server = exchange(nettool, file, sent=sent, answer=answer)
    nodes, data = followed(tshark(file, "-q", "-z", "follow,tcp,raw,1"))
    assert nodes == {"0": f"{client[0]}:{client[1]}", "1": f"{server[0]}:{server[1]}"}
    assert same(data[0], sent) and same(data[1], answer)


def test_tshark_finds_nothing_to_complain_of(nettool, tshark, file):
    exchange(nettool, file, sent=random_bytes(300_000, 5), answer=random_bytes(300_000, 6))
    assert tshark(file, "-Y", "tcp.checksum.status == 0 || ip.checksum.status == 0 || _ws.malformed "
                  "|| tcp.analysis.flags || tcp.connection.rst") == ""
    said = tshark(file, "-q", "-z", "expert,warn")
    assert "Error" not in said and "Warn" not in said
    assert set(tshark(file, "-T", "fields", "-e", "frame.interface_name").split()) == {
        "-", *(name for name in read(file).interfaces if name != "-")}


def test_tshark_reads_packets_of_udp(listener, tshark, file):
    server = listener(f"--pcap={file}", "UDP-LISTEN:0,bind=127.0.0.1", "PIPE", endless=True)
    with udp_socket() as peer:
        peer.connect(("127.0.0.1", server.port))
        for word in (b"one", b"three"):
            peer.send(word)
            assert peer.recv(100) == word
        port = peer.getsockname()[1]
    server.stop()
    assert tshark(file, "-Y", "udp.checksum.status == 0 || _ws.malformed") == ""
    assert tshark(file, "-Y", f"udp.port == {server.port}", "-T", "fields", "-e", "udp.srcport",
                  "-e", "udp.length").splitlines() == [
        f"{port}\t11", f"{server.port}\t11", f"{port}\t13", f"{server.port}\t13"]


def test_tshark_sees_the_sessions_of_children(listener, tshark, file):
    server = listener(f"--pcap={file}", f"{LISTEN},fork", "PIPE", endless=True)
    crowd(server, 5, 50_000)
    wait_until(lambda: sum(len(talk.ended) == 2 and talk.interface == 0
                           for talk in read(file).conversations()) == 5)
    server.stop()
    assert tshark(file, "-Y", "tcp.analysis.flags || _ws.malformed") == ""
    rows = tshark(file, "-q", "-z", "conv,tcp").splitlines()
    assert sum(f"127.0.0.1:{server.port} " in row for row in rows) == 5


@pytest.mark.parametrize("file, addresses", [
    ("f", ("OPEN:f", "-")),
    ("./f", ("OPEN:f", "-")),
    ("new", ("-", "CREATE:new")),
    ("f", ("-", "OPEN:f,append")),
    ("f", ("STDIN!!OPEN:f", "-")),
])
def test_a_capture_of_itself(nettool, tmp, file, addresses):
    """It would grow for ever, or overwrite what is to be sent."""
    (tmp / "f").write_bytes(b"precious")
    result = nettool(f"--pcap={file}", *addresses)
    assert result.status == 2
    assert f"--pcap={file}: that is the file of " in result.text
    assert (tmp / "f").read_bytes() == b"precious"
    assert not (tmp / "new").exists()


def test_a_capture_without_a_name(nettool):
    result = nettool("--pcap=", "TEXT:a", "-")
    assert (result.status, result.text) == (2, "nettool: option --pcap needs the name of a file\n")
