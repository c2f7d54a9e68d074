"""The address options that the netcats have as switches: numeric (-n), telnet (-t), crlf-out (-C),
allow, deny and their files (--allow, --deny), and hub=star (ncat -k with somebody at the server)."""

import itertools
import os
import re
import shutil
import signal
import socket

import pytest

from crowds import Member, rests
from netpeek import has_ipv6
from tools import (
    DEADLINE,
    Background,
    accept,
    quiet,
    random_bytes,
    read_all,
    read_exactly,
    same,
    tcp_server,
    udp_socket,
    wait_until,
)

LISTEN = "TCP4-LISTEN:0,bind=127.0.0.1"
STAR = f"{LISTEN},hub=star"
NOBODY = "192.0.2.1"


# ---- numeric -------------------------------------------------------------------------------------


@pytest.mark.parametrize("address, name", [
    ("TCP:localhost:80,numeric", "localhost"),
    ("TCP4:localhost:80,numeric", "localhost"),
    ("TCP:127.0.0.1:http,numeric", "http"),
    ("TCP:été.example:80,numeric=1", "été.example"),
    ("TCP-LISTEN:http,numeric", "http"),
    ("UDP:localhost:9,numeric", "localhost"),
    ("UDP-SENDTO:localhost:9,numeric", "localhost"),
    ("UDP-LISTEN:tftp,numeric", "tftp"),
])
def test_a_name_is_refused_before_anything_is_opened(nettool, address, name):
    result = nettool("CREATE:made", address)
    assert result.status == 2 and f'"{name}" is a name' in result.text
    assert "numeric" in result.text
    assert not os.path.exists(nettool.folder / "made")


@pytest.mark.parametrize("option", ["bind=localhost", "range=localhost/8", "allow=localhost",
                                    "deny=localhost", "bind=127.0.0.1:http"])
def test_names_in_options_are_refused_too(nettool, option):
    result = nettool(f"TCP4-LISTEN:0,numeric,accept-timeout=0.1,{option}", "STALL")
    assert result.status in (1, 2) and "is a name" in result.text


@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("[::1]", marks=has_ipv6)])
def test_numbers_are_taken(nettool, listener, host):
    server = listener(f"TCP{'6' if '[' in host else '4'}-LISTEN:0,bind={host},numeric", "PIPE")
    result = nettool("-", f"TCP:{host}:{server.port},numeric", input=b"chiffres")
    assert (result.status, result.out) == (0, b"chiffres")
    assert server.wait().status == 0


def test_switched_off_names_are_looked_up(nettool):
    result = nettool("--check", "TCP:localhost:http,numeric,numeric=0", "-")
    assert result.status == 0


# ---- telnet --------------------------------------------------------------------------------------

IAC = b"\xff"
WILL, WONT, DO, DONT = b"\xfb", b"\xfc", b"\xfd", b"\xfe"


@pytest.mark.parametrize("side", ["client", "server"])
def test_negotiation_is_refused_and_is_no_data(start, listener, side):
    if side == "server":
        process = listener(f"{LISTEN},telnet", "-")
        peer = process.connect()
    else:
        with tcp_server() as server:
            process = start("-", f"TCP:127.0.0.1:{server.getsockname()[1]},telnet")
            peer = accept(server)
    with peer:
        peer.sendall(b"log" + IAC + DO + b"\x01" + b"in" + IAC + WILL + b"\x0a" + b": ")
        assert read_exactly(peer, 6) == IAC + WONT + b"\x01" + IAC + DONT + b"\x0a"
        process.expect_out(b"login: ")
        peer.sendall(IAC + IAC + IAC + WONT + b"\x01" + IAC + DONT + b"\x03"
                     + IAC + b"\xfa\x18\x01" + IAC + b"\xf0" + IAC + b"\xf1" + b"\nfin")
        process.expect_out(b"login: \xff\nfin")
        process.send(b"ana\n\xff")
        assert read_exactly(peer, 5) == b"ana\n\xff"
        assert quiet(peer, 0.05)
    assert process.wait().status == 0


def test_sequences_come_in_pieces(listener):
    process = listener(f"{LISTEN},telnet", "-")
    with process.connect() as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i, byte in enumerate(b"a" + IAC + DO + b"\x18" + b"b" + IAC + IAC + b"c"):
            peer.sendall(bytes([byte]))
            process.expect_out([b"a", b"a", b"a", b"a", b"ab", b"ab", b"ab\xff", b"ab\xffc"][i])
            if i == 3:
                assert read_exactly(peer, 3) == IAC + WONT + b"\x18"
    assert process.wait().out == b"ab\xffc"


@pytest.mark.parametrize("words", [("-u",), ("-",)])
def test_answers_without_anything_to_send(start, words):
    """Nobody types: the direction to the peer isn't used, or has ended without a half-close."""
    with tcp_server() as server:
        address = f"TCP:127.0.0.1:{server.getsockname()[1]},telnet,shut-none"
        if words == ("-u",):
            process = start("-u", address, "-")
        else:
            process = start(address, "-")
            process.end_input()
        with accept(server) as peer:
            wait_until(lambda: process.running)
            for option in (b"\x01", b"\x03", b"\x1f"):
                peer.sendall(IAC + DO + option)
                assert read_exactly(peer, 3) == IAC + WONT + option
            peer.sendall(b"ok")
        result = process.wait()
    assert (result.status, result.out) == (0, b"ok")


def test_a_peer_that_takes_no_answers(listener):
    """It asks much and reads nothing: it has to wait until it does, then all is answered."""
    process = listener(f"{LISTEN},telnet,so-sndbuf=4096,so-rcvbuf=4096", "-")
    asked = (IAC + DO + b"\x01") * 400000
    with socket.socket() as peer:
        for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            peer.setsockopt(socket.SOL_SOCKET, buffer, 4096)
        peer.settimeout(DEADLINE)
        peer.connect(("127.0.0.1", process.port))
        sender = Background(peer.sendall, asked)
        rests(process)
        assert sender.running
        answers = 0
        while answers < len(asked):
            data = peer.recv(1 << 16)
            assert data and set(data) <= {0xFF, 0xFC, 1}
            answers += len(data)
        sender.result()
        assert answers == len(asked)
    assert process.wait().out == b""


def test_data_passes_between_two_with_telnet(nettool, listener):
    """They propose nothing, so neither talks; what is not 0xff arrives."""
    data = random_bytes(300000).replace(b"\xff", b"")
    server = listener("-u", f"{LISTEN},telnet", "CREATE:got")
    result = nettool("-u", "-", f"TCP:{server.address},telnet", input=data)
    assert result.status == 0 and server.wait().status == 0
    assert same((nettool.folder / "got").read_bytes(), data)


def test_datagrams(start):
    with udp_socket() as peer:
        process = start("-", f"UDP:127.0.0.1:{peer.getsockname()[1]},telnet")
        process.send(b"salut")
        data, where = peer.recvfrom(100)
        assert data == b"salut"
        peer.sendto(IAC + DO + b"\x01", where)
        assert peer.recvfrom(100)[0] == IAC + WONT + b"\x01"
        peer.sendto(b"a" + IAC + IAC, where)
        process.expect_out(b"a\xff")
    assert process.wait().out == b"a\xff"


def test_telnet_with_many_connections(listener):
    server = listener(f"{LISTEN},telnet,poll", "PIPE", endless=True)
    peers = [server.connect() for _ in range(5)]
    for i, peer in enumerate(peers):
        peer.sendall(b"%d" % i + IAC + WILL + bytes([i]))
    for i, peer in enumerate(peers):
        got = read_exactly(peer, 4)
        # Data and answer go there by different ways.
        assert got in (b"%d" % i + IAC + DONT + bytes([i]), IAC + DONT + bytes([i]) + b"%d" % i)
        peer.close()


@pytest.mark.parametrize("word", ["lines", "bytes"])
def test_telnet_in_a_hub(listener, word):
    server = listener(f"{LISTEN},telnet,hub={word}", "-", endless=True)
    ana, ben = Member(server.connect()), Member(server.connect())
    ana.say(b"ici")
    server.expect_out(b"ici\n")
    ben.say(b"l" + IAC + DO + b"\x0a" + b"\xc3\xa0")
    server.expect_out(b"ici\nl\xc3\xa0\n")
    assert ben.hear(b"\x0a") in (IAC + WONT + b"\x0a", b"ici\n")
    ana.skip_to("là".encode())
    ana.close()
    ben.close()


# ---- crlf-out ------------------------------------------------------------------------------------


def test_only_what_is_written_gets_crlf(start):
    with tcp_server() as server:
        process = start("-", f"TCP:127.0.0.1:{server.getsockname()[1]},crlf-out")
        with accept(server) as peer:
            process.send(b"un\ndeux\r\n\n\rtrois")
            wanted = b"un\r\ndeux\r\n\r\n\rtrois"
            assert read_exactly(peer, len(wanted)) == wanted
            peer.sendall(b"a\nb\r\nc\r")
            process.expect_out(b"a\nb\r\nc\r")
            process.send(b"\r")
            assert read_exactly(peer, 1) == b"\r"
            process.send(b"\n")
            assert read_exactly(peer, 1) == b"\n"
            assert quiet(peer, 0.05)
    assert process.wait().out == b"a\nb\r\nc\r"


def test_crlf_out_as_nc_has_it(nettool, program):
    nc = program("nc.openbsd")
    data = b"a\nb\r\n\nc\n\n\r\n\rd"
    got = []
    for run in (lambda port: nettool("-u", "-", f"TCP:127.0.0.1:{port},crlf-out", input=data),
                lambda port: nc("-C", "-N", "127.0.0.1", port, input=data)):
        with tcp_server() as server:
            reader = Background(lambda: read_all(accept(server)))
            run(server.getsockname()[1])
            got.append(reader.result())
    assert got[0] == got[1] == b"a\r\nb\r\n\r\nc\r\n\r\n\r\n\rd"


def test_crlf_out_beside_other_line_ends(nettool):
    """crlf writes CR LF already; of the other side it is the reading that counts."""
    result = nettool("-u", "-", "STDOUT,crlf,crlf-out", input=b"a\nb\n")
    assert result.out == b"a\r\nb\r\n"
    result = nettool("-u", "-,crlf-out", "STDOUT", input=b"a\n")
    assert result.out == b"a\n"


def test_crlf_out_in_a_hub(listener):
    server = listener(f"{LISTEN},hub,crlf-out", "-", endless=True)
    with Member(server.connect()) as member:
        member.say(b"salut")
        server.expect_out(b"salut\n")
        server.send(b"bonjour\n")
        assert member.hear() == b"bonjour\r\n"


# ---- allow, deny ---------------------------------------------------------------------------------


def knock(server, source="127.0.0.1"):
    """Whether a peer from there is let in."""
    with socket.create_connection(("127.0.0.1", server.port), 20, (source, 0)) as peer:
        try:
            peer.sendall(b"toc")
            return read_exactly(peer, 3) == b"toc"
        except ConnectionError:
            return False


@pytest.mark.parametrize("options, guests, others", [
    ("allow=127.0.0.1", "1", "23"),
    ("allow=127.0.0.2/31", "23", "1"),
    ("allow=127.0.0.1,allow=127.0.0.3", "13", "2"),
    ('allow="127.0.0.1,127.0.0.3"', "13", "2"),
    ('allow="127.0.0.1 127.0.0.3"', "13", "2"),
    ("allow=127.0.0.2:255.255.255.254", "23", "1"),
    ("allow=localhost,allow=::1", "1", "23"),
    (f"allow={NOBODY}", "", "123"),
    ("deny=127.0.0.2", "13", "2"),
    ("deny=127.0.0.2,deny=127.0.0.3", "1", "23"),
    ('deny="127.0.0.2,[fe80::]/10",deny=127.0.0.3', "1", "23"),
    ("deny=127.0.0.0/8", "", "123"),
    ("allow=127.0.0.0/8,deny=127.0.0.2", "13", "2"),
    ("deny=127.0.0.2,allow=127.0.0.0/30", "13", "2"),
    ("allow=127.0.0.0/8,range=127.0.0.2/31", "23", "1"),
])
@pytest.mark.parametrize("way", ["fork", "poll"])
def test_who_is_let_in(listener, options, guests, others, way):
    server = listener(f"{LISTEN},{way},{options}", "PIPE", endless=True)
    for last in guests:
        assert knock(server, f"127.0.0.{last}")
    for last in others:
        assert not knock(server, f"127.0.0.{last}")
    refusals = re.compile(rb"refusing connection from AF=2 127\.0\.0\.(\d)")
    wait_until(lambda: len(refusals.findall(server.err)) >= len(others))
    assert refusals.findall(server.err) == [last.encode() for last in others]


def test_the_refusal_names_peer_and_option(listener):
    server = listener(f"{LISTEN},fork,allow=127.0.0.0/30,deny=127.0.0.2", "PIPE", endless=True)
    assert not knock(server, "127.0.0.2") and not knock(server, "127.0.0.9")
    for words in (rb"2:\d+ due to deny option", rb"9:\d+ due to allow option"):
        server.expect_err(re.compile(rb"refusing connection from AF=2 127\.0\.0\." + words))


def test_a_refused_peer_does_not_end_the_listener(listener):
    server = listener(f"{LISTEN},allow=127.0.0.2", "PIPE")
    assert not knock(server)
    assert knock(server, "127.0.0.2")
    assert server.wait().status == 0


@has_ipv6
def test_ipv6_and_mapped_peers(listener):
    server = listener('TCP6-LISTEN:0,bind=[::],ipv6only=0,fork,allow="::1,127.0.0.2"', "PIPE",
                      endless=True)
    assert knock(server, "127.0.0.2") and not knock(server, "127.0.0.1")
    with socket.create_connection(("::1", server.port), 20) as peer:
        peer.sendall(b"toc")
        assert read_exactly(peer, 3) == b"toc"


@pytest.mark.parametrize("address", ["UDP4-LISTEN:0,bind=127.0.0.1,fork",
                                     "UDP4-RECVFROM:0,bind=127.0.0.1,fork",
                                     "UDP4-RECV:0,bind=127.0.0.1"])
def test_datagrams_of_the_uninvited_are_dropped(listener, address):
    words = ("-u", f"{address},allow=127.0.0.0/29,deny=127.0.0.3", "-")
    server = listener(*words, endless=True)
    for last in (9, 3, 2):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind((f"127.0.0.{last}", 0))
            peer.sendto(b"de %d\n" % last, ("127.0.0.1", server.port))
    server.expect_out(b"de 2\n")
    assert server.out == b"de 2\n"
    server.expect_err(b"due to allow option")
    server.expect_err(b"due to deny option")


@pytest.mark.parametrize("options, word", [
    ("allow=127.0.0.1/33", "0 to 32"),
    ("allow=", "a host or a network"),
    ('deny=","', "a host or a network"),
    ('deny="127.0.0.1,[127.0.0.1]"', "IPv6"),
    ("deny=127.0.0.1:80", "mask"),
    ("allow", "value"),
])
def test_wrong_lists_are_usage_errors(nettool, options, word):
    result = nettool("CREATE:made", f"TCP-LISTEN:0,{options}")
    assert result.status == 2 and word in result.text
    assert not os.path.exists(nettool.folder / "made")


def test_only_listeners_choose(nettool):
    for option in ("allow=127.0.0.1", "deny=127.0.0.1", "allow-file=x", "deny-file=x"):
        assert nettool("--check", f"TCP:127.0.0.1:1,{option}", "-").status == 2


def test_files(listener, tmp):
    (tmp / "amis").write_text("# les amis\n127.0.0.1 127.0.0.2 # chez nous\n\n\t127.0.0.4/30\r\n")
    (tmp / "autres").write_text("127.0.0.2,127.0.0.5")
    server = listener(f"{LISTEN},fork,allow-file=amis,deny-file={tmp}/autres,allow=127.0.0.9",
                      "PIPE", endless=True)
    for last, welcome in ((1, True), (2, False), (3, False), (4, True), (5, False), (9, True)):
        assert knock(server, f"127.0.0.{last}") == welcome


def test_an_empty_list_lets_nobody_in(listener, tmp):
    (tmp / "amis").write_text("# personne\n")
    server = listener(f"{LISTEN},fork,allow-file=amis", "PIPE", endless=True)
    assert not knock(server)


def test_a_list_that_can_be_read_only_once(listener):
    """A pipe, as shells make it of <(command)."""
    reader, writer = os.pipe()
    os.write(writer, b"127.0.0.2\n")
    os.close(writer)
    server = listener(f"{LISTEN},fork,allow-file=/dev/fd/{reader}", "PIPE", endless=True,
                      pass_fds=[reader])
    os.close(reader)
    assert knock(server, "127.0.0.2") and not knock(server)


@pytest.mark.parametrize("text, words", [
    (None, ["list", "No such file"]),
    ("127.0.0.1\n127.0.0.0/40\n", ["list:2", "0 to 32"]),
])
@pytest.mark.parametrize("option", ["allow-file", "deny-file"])
def test_wrong_files(nettool, tmp, option, text, words):
    if text is not None:
        (tmp / "list").write_text(text)
    result = nettool(f"{LISTEN},{option}=list", "STALL")
    assert result.status in (1, 2) and option in result.text
    for word in words:
        assert word in result.text


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_nobody_can_connect_before_the_list_is_read(nettool, program, tmp):
    strace = program("strace", "-f", "-e", "trace=listen,bind,openat,open", "-o", "calls")
    result = strace(nettool.program[0], f"{LISTEN},deny-file=missing", "STALL",
                    env={"ASAN_OPTIONS": "detect_leaks=0"})
    if b"ptrace" in result.err:
        pytest.skip("strace may not trace here")
    calls = (tmp / "calls").read_text()
    assert "missing" in calls and "listen(" not in calls


# ---- hub=star ------------------------------------------------------------------------------------


@pytest.fixture
def star(listener):
    def open_star(*words, **more):
        return listener(*(words or (STAR, "-")), endless=True, **more)

    return open_star


def settle(server, members):
    """Waits until all are in: each says something that the middle hears."""
    before = len(server.out)
    for member in members:
        member.socket.sendall(b".")
    wait_until(lambda: len(server.out) == before + len(members))


@pytest.mark.parametrize("address", [STAR, "UNIX-LISTEN:{}/etoile,hub=star",
                                     f"{STAR},hub-slow=drop"])
def test_each_talks_with_the_middle_alone(star, tmp, address):
    server = star(address.format(tmp), "-")
    members = [Member(server.connect()) for _ in range(3)]
    settle(server, members)
    server.send(b"\x00pas une ligne\xff")
    for member in members:
        assert read_exactly(member.socket, 15) == b"\x00pas une ligne\xff"
    for i, member in enumerate(members):
        member.socket.sendall(b"<%d" % i)
        server.expect_out(b"<%d" % i)
    for member in members:
        assert quiet(member.socket, 0.05)
        member.close()
    assert server.err == b""


def test_members_come_and_go(star):
    server = star()
    stays = Member(server.connect())
    settle(server, [stays])
    for i in range(3):
        guest = Member(server.connect())
        settle(server, [stays, guest])
        server.send(b"%d\n" % i)
        guest.expect(b"%d" % i)
        stays.expect(b"%d" % i)
        guest.socket.sendall(b"adieu")
        guest.socket.shutdown(socket.SHUT_WR)
        assert guest.hear() == b""
        guest.close()
        wait_until(lambda: server.out.count(b"adieu") == i + 1)


def test_bytes_arrive_unchanged(star, tmp):
    data = random_bytes(500000)
    (tmp / "data").write_bytes(data)
    server = star(f"{STAR},hub-slow=block", "OPEN:data,rdonly!!CREATE:got")
    members = [server.connect()]
    assert same(read_exactly(members[0], len(data)), data)
    members[0].sendall(data)
    wait_until(lambda: os.path.getsize(tmp / "got") == len(data))
    assert same((tmp / "got").read_bytes(), data)
    members[0].close()


def test_a_file_waits_for_the_first_member(star, tmp):
    """As with ncat -lk < file: what the middle has to say is kept until somebody is there."""
    (tmp / "texte").write_text("bienvenue\n")
    with open(tmp / "texte", "rb") as file:
        server = star(STAR, "-", stdin=file)
    rests(server)
    first = Member(server.connect())
    first.expect(b"bienvenue")
    second = Member(server.connect())
    settle(server, [first, second])
    assert second.hears_nothing(0.05)
    first.close()
    second.close()


def test_what_is_said_to_nobody_waits(star):
    server = star()
    server.send(b"un\n")
    rests(server)
    first = Member(server.connect())
    first.expect(b"un")
    first.socket.sendall(b"au revoir")
    server.expect_out(b"au revoir")
    first.close()
    rests(server)
    server.send(b"deux\n")
    rests(server)
    second = Member(server.connect())
    second.socket.sendall(b"re")
    server.expect_out(b"au revoirre")
    wait_until(lambda: not second.hears_nothing(0.02))
    second.expect(b"deux")
    second.close()


@pytest.mark.parametrize("when", ["before", "while"])
def test_the_room_goes_on_when_stdin_has_ended(star, when):
    """As ncat -lk < /dev/null does."""
    server = star()
    if when == "before":
        server.end_input()
    members = [Member(server.connect()) for _ in range(2)]
    settle(server, members)
    if when == "while":
        server.send(b"fin\n")
        server.end_input()
        for member in members:
            member.expect(b"fin")
    for turn, member in itertools.product(range(3), members):
        member.socket.sendall(b"%d" % turn)
        server.expect_out(b"%d" % turn)
    for member in members:
        member.close()
    rests(server)
    late = Member(server.connect())
    late.socket.sendall(b"encore")
    server.expect_out(b"encore")
    late.close()
    assert server.running
    assert server.stop().status == 128 + signal.SIGTERM


@pytest.mark.parametrize("flag", ["-u", "-U"])
def test_one_way(star, flag):
    server = star(flag, STAR, "-")
    members = [Member(server.connect()) for _ in range(2)]
    if flag == "-u":
        settle(server, members)
        server.send(b"personne n'entend\n")
        assert all(member.hears_nothing(0.05) for member in members)
    else:
        first = members[0]
        server.send(b"a")
        assert read_exactly(first.socket, 1) == b"a"
        first.socket.sendall(b"personne n'entend\n")
        server.send(b"b\n")
        first.expect(b"b")
        assert members[1].hear().endswith(b"b\n") and members[1].hears_nothing(0.05)
        assert server.out == b""
    for member in members:
        member.close()


@pytest.mark.parametrize("words", [
    (f"{STAR},names", "-"),
    (STAR,),
    (STAR, f"{LISTEN},hub"),
    (f"{LISTEN},hub", STAR),
    (f"{STAR},fork", "-"),
    ("-", STAR),
])
def test_what_a_star_cannot_be(nettool, words):
    result = nettool("--check", *words)
    assert result.status == 2 and result.err != b""


@pytest.mark.skipif(shutil.which("ncat") is None, reason="ncat is not installed")
def test_ncat_talks_with_the_middle(star, program):
    server = star(STAR, "-")
    ncat = program("ncat")
    clients = [ncat.start("127.0.0.1", server.port, endless=True) for _ in range(2)]
    for i, client in enumerate(clients):
        client.send(b"client %d\n" % i)
        server.expect_out(b"client %d\n" % i)
    server.send(b"serveur\n")
    for client in clients:
        client.expect_out(b"serveur\n")
        assert client.out == b"serveur\n"
        client.stop()
