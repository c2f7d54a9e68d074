"""DTLS: OPENSSL-DTLS-CLIENT and OPENSSL-DTLS-SERVER against openssl, socat, and each other.

Python knows no DTLS; so the ends that tests hold are plain UDP sockets, behind a nettool on either
side, and Between, a machine on the way that loses, doubles or changes packets.
"""

import select
import signal
import socket
import threading
from pathlib import Path

import pytest

from certificates import authority
from tools import (
    DEADLINE,
    dead_port,
    digest,
    free_port,
    quiet,
    random_bytes,
    same,
    udp_socket,
    wait_until,
)

LOCAL = "OPENSSL-DTLS-SERVER:0,bind=127.0.0.1"
UNTRUSTED = "cannot trust the other side: "
FAILED = "the TLS handshake failed: "


@pytest.fixture(autouse=True)
def ca():
    """The certificates; without TLS there is nothing to test."""
    return authority()


@pytest.fixture
def serve(listener, ca):
    """Starts a server of ours that takes any client; by default it echoes."""

    def start(*words, options="", name="server", place=LOCAL, flags=(), **more):
        return listener(*flags, f"{place},verify=0,cert={ca.pem(name)}{options}", *(words or ("PIPE",)),
                        **more)

    return start


def trusting(ca, port, options="", keyword="OPENSSL-DTLS-CLIENT"):
    return f"{keyword}:localhost:{port},cafile={ca.root}{options}"


def ends_with(result, sentence):
    """True when there is one message, and it ends with the sentence."""
    return len(result.text.splitlines()) == 1 and result.text.rstrip("\n").endswith(f": {sentence}")


class Between:
    """Stands between a client and a server: packet(number, data, up) returns what goes on, a list.

    `number` counts the packets of each direction from 1; `up` is the client's.
    """

    def __init__(self, port, packet):
        self.outside, self.inside = udp_socket(), udp_socket()
        self.inside.connect(("127.0.0.1", port))
        self.port = self.outside.getsockname()[1]
        self.packet, self.counts, self.over = packet, {True: 0, False: 0}, False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        client = None
        while not self.over:
            for ready in select.select([self.outside, self.inside], [], [], 0.02)[0]:
                up = ready is self.outside
                try:
                    data, sender = ready.recvfrom(65536)
                except OSError:
                    continue
                client = sender if up else client
                self.counts[up] += 1
                for piece in self.packet(self.counts[up], data, up):
                    try:
                        if up:
                            self.inside.send(piece)
                        else:
                            self.outside.sendto(piece, client)
                    except OSError:
                        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join(DEADLINE)
        self.outside.close()
        self.inside.close()


# ---- who talks to whom ---------------------------------------------------------------------------


def by_ours(program, nettool, ca, port):
    return nettool.start("-", trusting(ca, port))


def by_s_client(program, nettool, ca, port):
    return program("openssl", "s_client", "-dtls", "-quiet", "-no_ign_eof", "-verify_return_error").start(
        "-connect", f"127.0.0.1:{port}", "-CAfile", ca.root)


def by_socat(program, nettool, ca, port):
    return program("socat", "-t", "20").start("-", trusting(ca, port, ",pf=ip4"))


@pytest.mark.parametrize("keyword", ["OPENSSL-DTLS-SERVER", "DTLS-L", "DTLS-LISTEN", "DTLS-SERVER",
                                     "OPENSSL-DTLS-LISTEN", "dtls-l"])
@pytest.mark.parametrize("client", [by_ours, by_s_client, by_socat])
def test_clients_of_all_makes(serve, program, nettool, ca, keyword, client):
    server = serve(place=f"{keyword}:0,bind=127.0.0.1")
    process = client(program, nettool, ca, server.port)
    for line in ("un été\n", "deux\n"):
        process.send(line.encode())
        process.expect_out(line.encode())
    process.end_input()
    assert process.wait().status == 0
    assert (server.wait().status, server.err) == (0, b"")


def at_s_server(program, ca):
    port = free_port(socket.SOCK_DGRAM)
    server = program("openssl", "s_server", "-dtls", "-naccept", "1").start(
        "-accept", f"127.0.0.1:{port}", "-cert", ca.crt("server"), "-key", ca.key("server"))
    server.expect_out(b"ACCEPT")
    yield port
    server.expect_out(b"question\n")
    server.send(b"answer\n")
    yield None
    server.end_input()
    server.wait()


def at_socat(program, ca):
    port = free_port(socket.SOCK_DGRAM)
    server = program("socat", "-dd", "-t", "20").start(
        f"OPENSSL-DTLS-SERVER:{port},bind=127.0.0.1,verify=0,cert={ca.pem('server')}",
        "SYSTEM:read x; echo $x; echo answer; cat >/dev/null")

    def bound():
        # to try and bind it, too, would be in the peer's way
        return f":{port:04X} 00000000:0000" in Path("/proc/net/udp").read_text()

    wait_until(bound, what="socat on its port")
    yield port
    yield None
    assert server.wait().status == 0


@pytest.mark.parametrize("keyword", ["OPENSSL-DTLS-CLIENT", "DTLS", "DTLS-C", "DTLS-CLIENT", "DTLS-CONNECT",
                                     "OPENSSL-DTLS-CONNECT", "dtls"])
@pytest.mark.parametrize("server", [at_s_server, at_socat])
def test_servers_of_all_makes(start, program, ca, keyword, server):
    steps = server(program, ca)
    port = next(steps)
    client = start("-", trusting(ca, port, keyword=keyword))
    client.send(b"question\n")
    next(steps)
    client.expect_out(b"answer\n")
    client.end_input()
    assert client.wait().status == 0
    assert client.err == b""
    list(steps)


@pytest.mark.parametrize("data", [b"", b"x", "très court\n".encode(), random_bytes(8000)],
                         ids=["nothing", "one", "line", "8k"])
def test_ours_to_ours(nettool, serve, ca, data):
    server = serve()
    result = nettool("-", trusting(ca, server.port), input=data)
    assert (result.status, result.err) == (0, b"")
    assert same(result.out, data)
    assert server.wait().status == 0


def test_a_program_is_told(nettool, serve, ca):
    server = serve("SYSTEM:echo $NETTOOL_OPENSSL_PROTO_VERSION $SOCAT_OPENSSL_CIPHER $SOCAT_PEERADDR")
    result = nettool("-", trusting(ca, server.port, ",cipher=ECDHE-ECDSA-AES128-GCM-SHA256"))
    assert (result.status, result.printed) == (0, "DTLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256 127.0.0.1\n")
    assert server.wait().status == 0


# ---- datagrams -----------------------------------------------------------------------------------


@pytest.fixture
def line(listener, serve, ca):
    """Two UDP sockets with DTLS between them: what one sends comes out at the other, both ways."""
    made = []

    def open_line(options="", server_options="", port=lambda port: port):
        far, near = udp_socket(), udp_socket()
        made.extend((far, near))
        server = serve(f"UDP:127.0.0.1:{far.getsockname()[1]}", options=server_options, endless=True)
        client = listener("UDP-LISTEN:0,bind=127.0.0.1", trusting(ca, port(server.port), options),
                          endless=True)
        near.connect(("127.0.0.1", client.port))
        near.send(b"first")
        data, sender = far.recvfrom(100)
        assert data == b"first"
        far.connect(sender)
        return near, far, client, server

    yield open_line
    for peer in made:
        peer.close()


SIZES = [1, 2, 100, 1000, 1399, 1400, 1401, 1472, 1500, 4000, 8192]


def test_boundaries_are_kept(line):
    """What was one message is one message, in both directions, and none is lost or joined."""
    near, far, _, _ = line()
    for one, other in ((near, far), (far, near)):
        for size in SIZES:
            one.send(random_bytes(size))
            assert same(other.recv(65536), random_bytes(size))
        for i in range(20):
            one.send(b"%d" % i)
        assert [other.recv(100) for _ in range(20)] == [b"%d" % i for i in range(20)]


@pytest.mark.parametrize("size", [8193, 16384])
def test_with_a_larger_block(nettool, serve, ca, size):
    """-b says how large a message may be that comes from a stream."""
    far = udp_socket()
    server = serve(f"UDP-SENDTO:127.0.0.1:{far.getsockname()[1]}", flags=("-u", "-b", "16384"))
    result = nettool("-u", "-b", "16384", "-", trusting(ca, server.port), input=random_bytes(size))
    assert result.status == 0
    assert same(far.recv(65536), random_bytes(size))
    assert server.wait().status == 0
    far.close()


@pytest.mark.parametrize("way", ["there", "back"])
def test_a_message_that_is_too_big(start, listener, serve, ca, way):
    """A record has 16384 bytes: what is larger is refused, and never cut to pieces."""
    far = udp_socket()
    server = serve(f"UDP-SENDTO:127.0.0.1:{far.getsockname()[1]}", flags=("-u",), endless=True)
    client = listener("-u", "-b", "65536", "UDP-RECV:0,bind=127.0.0.1", trusting(ca, server.port))
    near = udp_socket()
    if way == "there":
        near.sendto(random_bytes(16385), ("127.0.0.1", client.port))
    else:
        near.sendto(random_bytes(60000), ("127.0.0.1", client.port))
    result = client.wait()
    assert result.status == 1
    assert "Message too long" in result.text
    assert quiet(far, 0)
    near.close()
    far.close()


def test_a_file(nettool, serve, ca, tmp):
    """A stream over datagrams: each block is a message. One at a time arrives in order."""
    data = random_bytes(60_000)  # all of it has room where it waits for a server that is kept from running
    server = serve("CREATE:out", flags=("-u",))
    (tmp / "in").write_bytes(data)
    result = nettool("-u", "--rate=2M", "OPEN:in", trusting(ca, server.port))
    assert (result.status, result.err) == (0, b"")
    assert (server.wait().status, server.err) == (0, b"")
    assert digest(tmp / "out") == digest(data)


# ---- the end -------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [b"\xa7", b""], ids=["one byte", "nothing"])
def test_short_messages_again_and_again(nettool, serve, ca, sent):
    server = serve("STDOUT", flags=("-u",), options=",fork", endless=True)
    for turn in range(50):
        result = nettool("-u", "-", trusting(ca, server.port), input=sent)
        assert (result.status, result.out, result.err) == (0, b"", b""), turn
    wait_until(lambda: len(server.out) >= 50 * len(sent))
    assert server.out == sent * 50


@pytest.mark.parametrize("who", ["client", "server"])
def test_a_goodbye_ends_it(nettool, listener, serve, ca, who):
    """Neither side waits for a time limit: the other one has said that it is over."""
    words = ("-t", "1000")
    if who == "client":
        server = serve("SYSTEM:cat >heard; echo over", flags=words)
        result = nettool(*words, "-", trusting(ca, server.port), input=b"hello")
        assert (result.status, result.out) == (0, b"over\n")
        assert (nettool.folder / "heard").read_bytes() == b"hello"
    else:
        server = serve("SYSTEM:echo hello")
        result = nettool("-u", trusting(ca, server.port), "-")
        assert (result.status, result.out) == (0, b"hello\n")
    assert server.wait().status == 0


def test_a_goodbye_that_is_lost(nettool, serve, ca):
    """The server's silence ends our side then, after -t; that of the server is ended by -T."""
    server = serve("SYSTEM:cat", flags=("-T", "2"))

    def lose(number, data, up):
        return [] if data[:1] == b"\x15" else [data]

    with Between(server.port, lose) as between:
        client = nettool.start("-t", "0.3", "-", trusting(ca, between.port))
        client.send(b"hello")
        client.expect_out(b"hello")
        client.end_input()
        assert client.wait().status == 0
        assert server.wait().status == 0


def test_the_last_words_of_who_is_gone(start, serve, ca):
    """Our goodbye finds nobody any more, and what had come before that is read all the same."""
    server = serve("SYSTEM:sleep 0.3; echo my last words")
    client = start("-d", "-d", "-", trusting(ca, server.port))
    client.expect_err(b"starting data transfer loop")
    client.send_signal(signal.SIGSTOP)
    client.end_input()
    assert server.wait().status == 0
    client.send_signal(signal.SIGCONT)
    result = client.wait()
    assert (result.status, result.out) == (0, b"my last words\n")


def test_nobody_is_there(nettool, ca):
    """The kernel tells at once."""
    result = nettool("-", trusting(ca, dead_port()), input=b"x")
    assert result.status == 1
    assert ends_with(result, "Connection refused"), result


@pytest.mark.parametrize("option", ["handshake-timeout=0.3", "rcvtimeo=0.3"])
def test_a_mute_peer(nettool, serve, ca, option):
    mute = udp_socket()
    result = nettool("-", trusting(ca, mute.getsockname()[1], f",{option}"), input=b"secret")
    assert (result.status, result.out) == (1, b"")
    assert ends_with(result, FAILED + "no answer within handshake-timeout")
    assert b"secret" not in mute.recv(65536)
    mute.close()
    server = serve("SYSTEM:touch started", options=f",{option}")
    with udp_socket() as peer:
        peer.sendto(b"bonjour", ("127.0.0.1", server.port))
        ended = server.wait()
    assert ended.status == 1
    assert ends_with(ended, FAILED + "no answer within handshake-timeout")
    assert not (nettool.folder / "started").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals(start, serve, ca, number):
    """In the handshake, and in the transfer; the other side hears a goodbye."""
    with udp_socket() as mute:
        client = start("-", trusting(ca, mute.getsockname()[1]))
        mute.recv(65536)
        client.send_signal(number)
        assert client.wait().status == 128 + number
    server = serve()
    client = start("-", trusting(ca, server.port))
    client.send(b"x")
    client.expect_out(b"x")
    client.send_signal(number)
    assert client.wait().status == 128 + number
    assert server.wait().status == 0


# ---- a bad line ----------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", [{(True, 1)}, {(False, 1)}, {(True, 2)}, {(False, 2)},
                                  {(True, 1), (False, 1), (True, 3), (False, 2)}],
                         ids=["hello", "answer", "second", "last", "many"])
def test_lost_packets_of_the_handshake(nettool, serve, ca, lost):
    """They are sent again."""
    server = serve()
    with Between(server.port, lambda number, data, up: [] if (up, number) in lost else [data]) as between:
        client = nettool.start("-", trusting(ca, between.port))
        client.send(b"through")
        client.expect_out(b"through")
        client.end_input()
        assert client.wait().status == 0
        assert server.wait().status == 0


def test_a_large_certificate_that_is_lost(nettool, serve, ca):
    """It comes in several packets, of which each may be lost; a packet is never larger than the link."""
    whole = nettool.folder / "whole.pem"
    whole.write_bytes(b"".join(ca.crt(name).read_bytes() for name in ("rsa", "root", "stranger", "chain"))
                      + ca.key("rsa").read_bytes())
    server = nettool.listener(f"{LOCAL},verify=0,cert={whole}", "PIPE")
    sizes = []

    def lose(number, data, up):
        sizes.append(len(data))
        return [] if (up, number) == (False, 2) else [data]

    with Between(server.port, lose) as between:
        client = nettool.start("-", trusting(ca, between.port))
        client.send(b"through")
        client.expect_out(b"through")
        client.end_input()
        assert client.wait().status == 0
        assert server.wait().status == 0
    assert max(sizes) <= 1400


def test_doubled_packets(nettool, serve, ca):
    """What comes twice counts once."""
    server = serve("SYSTEM:cat >heard; echo bye")
    with Between(server.port, lambda number, data, up: [data, data]) as between:
        result = nettool("-", trusting(ca, between.port), input=b"once")
        assert (result.status, result.out) == (0, b"bye\n")
        assert server.wait().status == 0
    assert (nettool.folder / "heard").read_bytes() == b"once"


def test_changed_packets(line, serve):
    """What was changed on the way never arrives, and what comes behind it does."""
    bad = threading.Event()

    def change(number, data, up):
        if bad.is_set() and up:
            bad.clear()
            return [data[:-1] + bytes([data[-1] ^ 1])]
        return [data]

    made = []

    def through(port):
        made.append(Between(port, change))
        return made[0].port

    near, far, client, server = line(port=through)
    bad.set()
    near.send(b"changed on the way")
    wait_until(lambda: not bad.is_set())
    near.send(b"unchanged")
    assert far.recv(100) == b"unchanged"
    far.send(b"and back")
    assert near.recv(100) == b"and back"
    with made[0]:
        pass


def test_strangers_packets(line):
    """Garbage that pretends to come from the right place is overlooked; later, forged data too."""
    made = []

    def inject(number, data, up):
        forged = [b"\x17\xfe\xfd\0\0\0\0\0\0\0\0\0\x05hello"] if number > 3 else []
        return [*forged, b"nonsense", data]

    def through(port):
        made.append(Between(port, inject))
        return made[0].port

    near, far, _, _ = line(port=through)
    for i in range(5):
        near.send(b"%d" % i)
        assert far.recv(100) == b"%d" % i
        far.send(b"%d" % i)
        assert near.recv(100) == b"%d" % i
    with made[0]:
        pass


# ---- many clients --------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["fork", "poll"])
def test_many_clients(start, serve, ca, option):
    """Each has a session of its own, at the same time; whoever sends nonsense is in nobody's way."""
    server = serve(options=f",{option}", endless=True)
    with udp_socket() as noise:
        noise.sendto(b"let me in", ("127.0.0.1", server.port))
        clients = [start("-", trusting(ca, server.port)) for _ in range(5)]
        for i, client in enumerate(clients):
            client.send(b"client %d\n" % i)
        for i, client in enumerate(clients):
            client.expect_out(b"client %d\n" % i)
            client.send(b"again %d\n" % i)
            client.expect_out(b"again %d\n" % i)
        for client in reversed(clients):
            client.end_input()
            assert client.wait().status == 0


@pytest.mark.parametrize("option", ["fork", "poll"])
def test_one_after_the_other(nettool, serve, ca, option):
    server = serve(options=f",{option}", endless=True)
    for i in range(10):
        result = nettool("-", trusting(ca, server.port), input=b"client %d" % i)
        assert (result.status, result.out, result.err) == (0, b"client %d" % i, b"")
    assert server.err == b""


@pytest.mark.parametrize("option", ["fork", "poll"])
def test_range(start, serve, ca, option):
    server = serve(options=f",range=127.0.0.2/32,{option}", endless=True)
    refused = start("-", trusting(ca, server.port, ",handshake-timeout=0.5"))
    assert refused.wait().status == 1
    allowed = start("-", trusting(ca, server.port, ",bind=127.0.0.2"))
    allowed.send(b"x")
    allowed.expect_out(b"x")
    allowed.end_input()
    assert allowed.wait().status == 0


# ---- who is trusted, and what is spoken ----------------------------------------------------------

SERVERS = [
    ("server", "cafile={root}", ""),
    ("server", "verify=0", ""),
    ("server", "cafile={folder}/stranger.crt", "its certificate comes from an issuer we don't know"),
    ("alone", "cafile={root}", "its certificate is signed by nobody but itself"),
    ("expired", "cafile={root}", "its certificate has expired"),
    ("future", "cafile={root}", "its certificate isn't valid yet"),
    ("revoked", "cafile={folder}/with_list.crt", "its certificate has been revoked"),
    ("other", "cafile={root}", "its certificate is for other.example, not for localhost"),
    ("other", "cafile={root},commonname=other.example", ""),
]


@pytest.mark.parametrize("name, options, sentence", SERVERS)
def test_which_servers_are_trusted(nettool, serve, ca, name, options, sentence):
    server = serve("SYSTEM:echo his; cat >heard", name=name)
    options = options.format(root=ca.root, folder=ca.folder)
    result = nettool("-", f"DTLS:localhost:{server.port},{options}", input=b"mine\n")
    ended = server.wait()
    if sentence:
        assert (result.status, result.out, ended.status) == (1, b"", 1)
        assert ends_with(result, UNTRUSTED + sentence), result
        assert not (nettool.folder / "heard").exists()
    else:
        assert (result.status, result.out, ended.status) == (0, b"his\n", 0)
        assert (nettool.folder / "heard").read_bytes() == b"mine\n"


CLIENTS = [
    ("client", "", ""),
    ("client", ",commonname=ana", ""),
    ("client", ",commonname=ben", UNTRUSTED + "its certificate isn't for ben"),
    ("", "", FAILED + "the client has shown no certificate"),
    ("alone", "", UNTRUSTED + "its certificate is signed by nobody but itself"),
    ("expired", "", UNTRUSTED + "its certificate has expired"),
]


@pytest.mark.parametrize("name, options, sentence", CLIENTS)
def test_which_clients_are_trusted(nettool, listener, ca, name, options, sentence):
    server = listener(f"{LOCAL},cert={ca.pem('server')},cafile={ca.root}{options}", "SYSTEM:echo his; cat >heard")
    mine = f",cert={ca.pem(name)}" if name else ""
    result = nettool("-", trusting(ca, server.port, mine), input=b"mine\n")
    ended = server.wait()
    if sentence:
        assert (result.status, result.out, ended.status) == (1, b"", 1)
        assert ends_with(ended, sentence), ended
        assert not (nettool.folder / "heard").exists()
    else:
        assert (result.status, result.out, ended.status) == (0, b"his\n", 0)
        assert (nettool.folder / "heard").read_bytes() == b"mine\n"


WEAK = ",cipher=DEFAULT:@SECLEVEL=0"


@pytest.mark.parametrize("ours, theirs, version", [
    ("", "", "DTLSv1.2"),
    (",min-version=DTLS1.2", ",method=DTLS1.2", "DTLSv1.2"),
    (WEAK + ",min-version=DTLS1", WEAK + ",max-version=DTLS1.0,min-version=DTLS1.0", "DTLSv1"),
    (WEAK + ",min-version=DTLS1.2", WEAK + ",method=DTLS1.0", None),
])
def test_versions(nettool, serve, ca, ours, theirs, version):
    server = serve("SYSTEM:echo $NETTOOL_OPENSSL_PROTO_VERSION", options=ours)
    result = nettool("-", trusting(ca, server.port, theirs), input=b"")
    ended = server.wait()
    if version:
        assert (result.status, result.printed, result.err) == (0, f"{version}\n", b"")
        assert ended.status == 0
    else:
        assert (result.status, result.out, ended.status) == (1, b"", 1)
        assert ends_with(ended, FAILED + "we have no version of TLS in common"), ended


@pytest.mark.parametrize("address", ["DTLS:127.0.0.1:1,min-version=TLS1.2", LOCAL + ",method=TLS1.3"])
def test_a_version_of_tls_is_none_of_dtls(nettool, ca, address):
    result = nettool("-", address)
    assert result.status == 1
    assert "this OpenSSL doesn't speak TLS1." in result.text


def test_a_certificate_is_made_up(listener, nettool):
    server = listener(f"{LOCAL},verify=0", "PIPE")
    server.expect_err(b"one was made up for this run; its SHA-256 fingerprint is ")
    result = nettool("-", f"DTLS:localhost:{server.port},verify=0", input=b"x")
    assert (result.status, result.out) == (0, b"x")
    assert server.wait().status == 0


def test_files_are_read_before_anybody_comes(nettool, ca):
    result = nettool(f"{LOCAL},cert=absent.pem", "PIPE")
    assert result.status == 1
    assert ends_with(result, "cannot use the certificate in absent.pem: No such file or directory")


def test_dumps_and_digests(nettool, serve, ca):
    server = serve()
    result = nettool("-v", "--digest=sha256", "--statistics=json", "-", trusting(ca, server.port), input=b"en clair\n")
    assert (result.status, result.out) == (0, b"en clair\n")
    assert result.text.count("en clair\n") == 2
    assert result.text.count(digest(b"en clair\n")) == 4
    assert server.wait().status == 0


def test_protocols(nettool, serve, ca):
    server = serve("SYSTEM:echo $NETTOOL_OPENSSL_ALPN", options=",alpn=coap:irc")
    result = nettool("-", trusting(ca, server.port, ",alpn=irc:coap"), input=b"")
    assert (result.status, result.printed) == (0, "coap\n")
    assert server.wait().status == 0
