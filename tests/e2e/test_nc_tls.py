"""TLS under the names of the netcats: ncat's options --ssl and its kin, which all of the names know.

What an option is in nettool's words stands in a table. What comes of it is tried beside the real ncat, which is the
other side, or which gets the same command line. certificates.py has the certificates and Python's side.
"""

import hashlib
import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import threading

import pytest

from certificates import Server, Speaker, authority, client_context, is_built_in
from netpeek import has_ipv6
from tools import (
    DEADLINE,
    NETTOOL,
    Runner,
    accept,
    environment,
    free_port,
    random_bytes,
    same,
    tcp_server,
    wait_until,
)

NAMES = ("nc", "netcat", "ncat", "nc.openbsd", "nc.traditional")
LO = "127.0.0.1"
HEADS = {
    "nc": ["-lp", "nc", "--messages=openbsd"],
    "nc.traditional": ["-lp", "nc.traditional", "--messages=traditional"],
    "ncat": ["-lp", "Ncat", "--messages=ncat"],
}
QUIET = "shut-said,ends-soon"
BIG = random_bytes(3_000_000, seed=443)


@pytest.fixture
def ca():
    return authority()


@pytest.fixture
def faces(runners):
    """Runners of ours under a name."""
    def make(name):
        return runners(Runner, [NETTOOL, name])

    return make


@pytest.fixture
def makes(faces, program):
    """A runner of "ours" or of the real "ncat"."""
    return lambda make: faces("ncat") if make == "ours" else program("ncat")


def keys(ca, name="server"):
    return ["--ssl-cert", ca.crt(name), "--ssl-key", ca.key(name)]


def serve(runner, *words, host=LO, kind="Listening on", **more):
    """Starts a server of whatever make at a free port; returns it and the port."""
    port = free_port()
    server = runner.start("-l", "-v", *words, host, port, **more)
    server.expect_err(re.compile(kind.encode()))
    return server, port


def trusting(ca):
    return ["--ssl-trustfile", ca.root]


class Once(Server):
    """Python's server for one client: says something and goodbye, and waits for the other's."""

    def __init__(self, name="server", says=b"", asks=lambda peer: None, **how):
        def answer(peer):
            peer.send(says)
            found = asks(peer)
            peer.goodbye()
            try:
                peer.everything()
            except (ssl.SSLError, OSError):  # ncat says no goodbye
                pass
            return found

        super().__init__(answer, name, **how)

    def over(self):
        """Waits for the end of a client that may have refused to go on."""
        try:
            self.result()
        except (ssl.SSLError, OSError):
            pass


# ---- the words ----------------------------------------------------------------------------------

# What is written, and what follows the head of the line.
LINES = [
    ("ncat --ssl h 443", ["-", "OPENSSL:h:443,verify=0,ends-soon"]),
    ("ncat --ssl h", ["-", "OPENSSL:h:31337,verify=0,ends-soon"]),
    ("nc --ssl h 443", ["-", f"OPENSSL:h:443,verify=0,{QUIET}"]),
    ("nc.traditional --ssl h 443", ["-", f"OPENSSL:h:443,verify=0,{QUIET}"]),
    ("ncat --ssl-verify h 443", ["-", "OPENSSL:h:443,ends-soon"]),
    ("ncat --ssl --ssl-verify h 443", ["-", "OPENSSL:h:443,ends-soon"]),
    ("ncat --ssl-trustfile ca h 443", ["-", "OPENSSL:h:443,cafile=ca,ends-soon"]),
    ("ncat --ssl-cert c --ssl-key k h 443", ["-", "OPENSSL:h:443,verify=0,cert=c,key=k,ends-soon"]),
    ("ncat --ssl-ciphers HIGH:!MD5 h 443", ["-", "OPENSSL:h:443,verify=0,cipher='HIGH:!MD5',ends-soon"]),
    ("ncat --ssl-servername n h 443", ["-", "OPENSSL:h:443,verify=0,snihost=n,ends-soon"]),
    ("ncat --ssl-verify --ssl-servername n h 443", ["-", "OPENSSL:h:443,snihost=n,commonname=n,ends-soon"]),
    ("ncat --ssl-alpn h2 h 443", ["-", "OPENSSL:h:443,verify=0,alpn=h2,ends-soon"]),
    ("ncat --ssl-alpn h2,http/1.1 h 443", ["-", "OPENSSL:h:443,verify=0,alpn='h2:http/1.1',ends-soon"]),
    ("ncat --ssl -4 h 443", ["-", "OPENSSL:h:443,verify=0,pf=ip4,ends-soon"]),
    ("ncat --ssl -6 h 443", ["-", "OPENSSL:h:443,verify=0,pf=ip6,ends-soon"]),
    ("ncat --ssl -w 3 h 443",
     ["-", "OPENSSL:h:443,verify=0,connect-timeout=3,handshake-timeout=3,ends-soon"]),
    ("nc --ssl -w 3 h 443",
     ["-T", "3", "-", f"OPENSSL:h:443,verify=0,connect-timeout=3,handshake-timeout=3,{QUIET}"]),
    ("ncat --ssl -i 3 h 443", ["-T", "3", "--timeout-fails", "-", "OPENSSL:h:443,verify=0,ends-soon"]),
    ("ncat --ssl --no-shutdown h 443", ["-", "OPENSSL:h:443,verify=0,shut-none,ends-soon"]),
    ("ncat --ssl --send-only h 443", ["-u", "-", "OPENSSL:h:443,verify=0"]),
    ("ncat --ssl --recv-only h 443", ["-U", "-", "OPENSSL:h:443,verify=0,ends-all"]),
    ("ncat --ssl -C h 443", ["-", "OPENSSL:h:443,verify=0,crlf-out,ends-soon"]),
    ("ncat --ssl -e /bin/cat h 443", ["OPENSSL:h:443,verify=0", "EXEC:/bin/cat,ends-all"]),
    ("nc --ssl -e /bin/cat h 443", ["OPENSSL:h:443,verify=0", "EXEC:/bin/cat,ends-all"]),
    ("ncat --ssl -z h 443", ["-u", "/dev/null", "OPENSSL:h:443,verify=0"]),
    ("nc --ssl-verify -z -w 2 h 443",
     ["-u", "/dev/null", "OPENSSL:h:443,connect-timeout=2,handshake-timeout=2"]),
    ("ncat --ssl -zu h 443", ["-u", "/dev/null", "OPENSSL-DTLS-CLIENT:h:443,verify=0"]),
    ("ncat --ssl --sctp h 443", ["-", "OPENSSL:h:443,verify=0,prototype=132,ends-soon"]),
    ("ncat --ssl -u h 443", ["-", "OPENSSL-DTLS-CLIENT:h:443,verify=0,ends-soon"]),
    # servers ask nobody for a certificate
    ("ncat -l --ssl 443", ["-0", "-", f"OPENSSL-LISTEN:443,verify=0,{QUIET}"]),
    ("ncat -l --ssl-cert c --ssl-key k 443", ["-0", "-", f"OPENSSL-LISTEN:443,verify=0,cert=c,key=k,{QUIET}"]),
    ("ncat -l --ssl-verify --ssl-trustfile ca --ssl-servername n 443",
     ["-0", "-", f"OPENSSL-LISTEN:443,verify=0,{QUIET}"]),
    ("ncat -l --ssl -w 3 443", ["-0", "-", f"OPENSSL-LISTEN:443,verify=0,{QUIET}"]),
    ("ncat -l --ssl --ssl-alpn h2,h3 443", ["-0", "-", f"OPENSSL-LISTEN:443,verify=0,alpn='h2:h3',{QUIET}"]),
    ("nc -l --ssl ::1 443", ["-", f"OPENSSL-LISTEN:443,verify=0,pf=ip6,bind=[::1],{QUIET}"]),
    ("ncat -4 -l --ssl 443", ["-", f"OPENSSL-LISTEN:443,verify=0,pf=ip4,{QUIET}"]),
    ("ncat -lk --ssl 443", ["-0", "OPENSSL-LISTEN:443,verify=0,hub=star", "-"]),
    ("nc -lk --ssl 443",
     [f"OPENSSL-LISTEN:443,verify=0,fork,children=term,max-children=1,{QUIET}", "-"]),
    ("nc -lk --ssl -c date 443",
     ["OPENSSL-LISTEN:443,verify=0,fork,children=term", "SYSTEM:date,ends-all"]),
    ("ncat -l --ssl --broker 443",
     ["-0", "OPENSSL-LISTEN:443,verify=0,hub=bytes", "STDIN!!OPEN:/dev/null"]),
    ("ncat -l --ssl --chat 443",
     ["-0", "OPENSSL-LISTEN:443,verify=0,hub,names", "STDIN!!OPEN:/dev/null"]),
    ("ncat -lu --ssl 443", ["-0", "-", f"OPENSSL-DTLS-SERVER:443,verify=0,{QUIET}"]),
    ("ncat -l --ssl --allow 10.0.0.0/8 443",
     ["-0", "-", f"OPENSSL-LISTEN:443,verify=0,allow=10.0.0.0/8,{QUIET}"]),
    ("ncat -6 -l --ssl 443", ["-", f"OPENSSL-LISTEN:443,verify=0,pf=ip6,ipv6only,{QUIET}"]),
]


@pytest.mark.parametrize(("line", "words"), LINES, ids=[line for line, _ in LINES])
def test_words(nettool, line, words):
    name, *rest = line.split()
    result = nettool(name, "--translate", *rest)
    assert (result.status, result.err) == (0, b"")
    found = shlex.split(result.printed)
    assert found == ["nettool", *HEADS[name], *words]
    if is_built_in():
        result = nettool("--check", *found[1:])
        assert (result.status, result.err) == (0, b"")


@pytest.mark.parametrize("name", NAMES)
def test_help_names_them_all(nettool, name):
    text = nettool(name, "--help").printed
    for word in ("", "-verify", "-cert <file>", "-key <file>", "-trustfile <file>", "-ciphers <list>",
                 "-servername <name>", "-alpn <list>"):
        assert f"--ssl{word} " in text


MISTAKES = [
    ("--ssl-cert c h 1", "option --ssl-cert needs option --ssl-key"),
    ("--ssl-key k h 1", "option --ssl-key needs option --ssl-cert"),
    ("-l --ssl --ssl-cert c 1", "option --ssl-cert needs option --ssl-key"),
    ("-U --ssl h", "options -U and --ssl exclude each other"),
    ("-lU --ssl-verify h", "options -U and --ssl exclude each other"),
    ("--vsock --ssl 1 99", "options --vsock and --ssl exclude each other"),
    ("--ssl-trustfile", "option --ssl-trustfile needs a value: <file>"),
    ("--ssl=1 h 1", "option --ssl takes no value"),
    ("--proxy p --ssl h 1", "options --proxy and --ssl exclude each other"),
    ("-Z --ssl h 1", "options -Z and --ssl exclude each other"),
    ("-F --ssl h 1", "options -F and --ssl exclude each other"),
    ("--ssl-alpn h2,,h3 h 1", None),
    ("--ssl --ssl-c x h 1", 'option "--ssl-c" may be --ssl-cert or --ssl-ciphers'),
]
OURS_ALONE = ("-Z", "-F", "--proxy", "--ssl=1", "--ssl --ssl-c")  # ncat has no such thing, or no such rule


@pytest.mark.parametrize("face", ["nc", "ncat"])
@pytest.mark.parametrize(("line", "message"), MISTAKES, ids=[line for line, _ in MISTAKES])
def test_mistakes(faces, line, message, face):
    result = faces(face)(*line.split())
    assert (result.status, result.out) == (2 if face == "ncat" else 1, b"")
    assert message is None or message in result.text


@pytest.mark.parametrize("line", [line for line, _ in MISTAKES if not line.startswith(OURS_ALONE)])
def test_ncat_refuses_them_too(program, line):
    result = program("ncat")(*line.split())
    assert (result.status, result.out) == (2, b"")


@pytest.mark.skipif(is_built_in(), reason="OpenSSL is built in")
@pytest.mark.parametrize("face", NAMES)
@pytest.mark.parametrize("line", ["--ssl h 1", "-l --ssl 1", "-lu --ssl-verify 1", "-z --ssl h 1"])
def test_without_openssl(faces, line, face):
    result = faces(face)(*line.split())
    assert (result.status, result.out) == (2 if face == "ncat" else 1, b"")
    assert "not built in" in result.text or "isn't built in" in result.text


# ---- what passes --------------------------------------------------------------------------------

MIXES = [("ours", "ours"), ("ours", "ncat"), ("ncat", "ours")]  # who serves, who comes


@pytest.mark.parametrize(("server", "client"), MIXES)
def test_a_file_to_the_server(makes, ca, server, client):
    server, port = serve(makes(server), "--recv-only", *keys(ca))
    result = makes(client)(*trusting(ca), "--send-only", "localhost", port, "-4", input=BIG)
    assert (result.status, result.out, result.err) == (0, b"", b"")
    result = server.wait()
    assert result.status == 0
    assert same(result.out, BIG)


@pytest.mark.parametrize(("server", "client"), MIXES)
def test_a_file_from_the_server(makes, ca, server, client):
    server, port = serve(makes(server), "--send-only", *keys(ca))
    sender = threading.Thread(target=lambda: (server.send(BIG), server.end_input()))
    sender.start()
    result = makes(client)(*trusting(ca), "--recv-only", "localhost", port, "-4")
    sender.join()
    assert (result.status, result.err) == (0, b"")
    assert same(result.out, BIG)
    assert server.wait().status == 0


@pytest.mark.parametrize(("server", "client"), MIXES)
def test_both_ways(makes, ca, server, client):
    server, port = serve(makes(server), *keys(ca), "-c", "read -r x; echo \"$x, adieu\"")
    client = makes(client).start("--ssl", LO, port)
    client.send("été\n".encode())
    client.expect_out("été, adieu\n".encode())
    result = client.wait()
    assert (result.status, result.err) == (0, b"")
    assert server.wait().status == 0


@pytest.mark.parametrize("client", ["ours", "ncat"])
def test_who_has_ended_hears_the_answer(makes, ca, client):
    """ncat's own server hangs up on whoever has nothing more to say."""
    server, port = serve(makes("ours"), *keys(ca), "-c", "cat; echo adieu")
    result = makes(client)("--ssl", LO, port, input="été\n".encode())
    assert (result.status, result.printed) == (0, "été\nadieu\n")
    assert server.wait().status == 0


@pytest.mark.parametrize("option", ["-e", "-c", "--exec", "--sh-exec"])
@pytest.mark.parametrize(("role", "face"), [("client", "ncat"), ("client", "nc"), ("server", "nc.traditional")])
def test_programs(faces, makes, ca, role, face, option):
    """A program talks through TLS; it never has the socket itself."""
    ours, other = faces(face), makes("ours")
    port = free_port()
    words = [option, "/bin/cat"]
    server = (ours if role == "server" else other).listener(
        "-l", "-p", port, *keys(ca), *(words if role == "server" else []))
    client = (ours if role == "client" else other).start(
        "--ssl", LO, port, *(words if role == "client" else []))
    speaker, echo = (client, server) if role == "server" else (server, client)
    speaker.send("écho\n".encode())
    speaker.expect_out("écho\n".encode())
    speaker.end_input()
    assert (speaker.wait().status, echo.wait().status) == (0, 0)


@pytest.mark.parametrize("face", NAMES)
@pytest.mark.parametrize("role", ["client", "server"])
def test_under_every_name(faces, makes, ca, face, role):
    ours = "ours"
    runners_of = {"client": (makes(ours), faces(face)), "server": (faces(face), makes(ours))}[role]
    port = free_port()
    server = runners_of[0].listener("-l", "-p", port, *keys(ca), "-c", "cat; echo bye",
                                    *(["-s", LO] if runners_of[0].program[1] != "nc.traditional" else []))
    result = runners_of[1]("--ssl-trustfile", ca.root, "localhost", port, input=b"hi\n")
    assert (result.status, result.out, result.err) == (0, b"hi\nbye\n", b"")
    assert server.wait().status == 0


@pytest.mark.parametrize("row", [
    ["--ssl"], ["--ssl-verify", "--ssl-trustfile", "ROOT"], ["--ssl-ciphers", "HIGH"],
    ["--ssl-servername", "localhost"], ["--ssl-alpn", "a,b"], ["--ssl", "-6"], ["--ssl", "-w", "20"],
], ids=" ".join)
def test_the_words_do_the_same(nettool, faces, ca, row):
    """What --translate prints does what the command line does."""
    if "-6" in row and not has_ipv6():
        pytest.skip("no IPv6 here")
    row = [ca.root if word == "ROOT" else word for word in row]
    host = "::1" if "-6" in row else LO
    for translated in (False, True):
        server, port = serve(faces("ncat"), "-c", "cat; echo end", *keys(ca), host=host)
        if translated:
            line = nettool("ncat", "--translate", *row, host, port).printed
            result = nettool(*shlex.split(line)[1:], input=b"said\n")
        else:
            result = nettool("ncat", *row, host, port, input=b"said\n")
        assert (result.status, result.out, result.err) == (0, b"said\nend\n", b"")
        assert server.wait().status == 0


@pytest.mark.parametrize("make", ["ours", "ncat"])
@pytest.mark.parametrize("face", ["ncat", "nc"])
def test_keep_open_with_a_program(faces, makes, ca, make, face):
    """Several clients at once, each with a program of its own."""
    server, port = serve(faces(face), "-k", *keys(ca), "-c", "read -r x; echo \"got $x\"", endless=True)
    clients = [makes(make).start("--ssl", LO, port) for _ in range(4)]
    for number, client in reversed(list(enumerate(clients))):
        client.send(b"%d\n" % number)
        client.expect_out(b"got %d\n" % number)
    for client in clients:
        assert client.wait().status == 0
    assert server.running


def test_keep_open_one_after_the_other(faces, makes, ca):
    """nc -lk prints what each says, and outlives them all, also those who don't speak TLS."""
    server, port = serve(faces("nc"), "-k", *keys(ca), endless=True)
    for word in (b"one\n", b"two\n"):
        assert makes("ours")("--ssl", "--send-only", LO, port, input=word).status == 0
        server.expect_out(word)
    with server_socket(port) as peer:
        peer.sendall(b"GET / HTTP/1.0\r\n\r\n")
        server.expect_err(b"the other side doesn't speak TLS")
    assert makes("ours")("--ssl", "--send-only", LO, port, input=b"three\n").status == 0
    server.expect_out(b"one\ntwo\nthree\n")


def server_socket(port):
    peer = socket.create_connection((LO, port), DEADLINE)
    peer.settimeout(DEADLINE)
    return peer


@pytest.mark.parametrize("make", ["ours", "ncat"])
def test_keep_open_at_the_keyboard(faces, makes, ca, make):
    """ncat -lk: what is typed goes to all, what they say is printed."""
    server, port = serve(faces("ncat"), "-k", *keys(ca), endless=True)
    clients = [makes(make).start("--ssl", LO, port) for _ in range(3)]
    for number, client in enumerate(clients):
        client.send(b"here %d\n" % number)
        server.expect_out(b"here %d\n" % number)
    server.send("à tous\n".encode())
    for client in clients:
        client.expect_out("à tous\n".encode())
        client.stop()


@pytest.mark.parametrize(("server", "makers"), [("ours", ("ours", "ncat", "ours")), ("ncat", ("ours", "ours", "ours"))])
def test_broker(makes, ca, server, makers):
    server, port = serve(makes(server), "--broker", *keys(ca), endless=True)
    clients = [makes(make).start("--ssl", LO, port) for make in makers]
    # whoever is heard by everybody is in, and so are they
    for client in clients:
        others = [other for other in clients if other is not client]
        wait_until(lambda: said(client, others), what="everybody to be heard")
    for client in clients:
        client.stop()
    server.stop()


def said(client, others):
    client.send(b"from %d\n" % client.pid)
    return all(b"from %d\n" % client.pid in other.out for other in others)


def test_chat(makes, ca):
    server, port = serve(makes("ours"), "--chat", *keys(ca), endless=True)
    ana = makes("ours").start("--ssl", LO, port)
    ana.expect_out(b"\n")
    ben = makes("ncat").start("--ssl", LO, port)
    ben.expect_out(b"\n")
    ana.send("bonjour Zoé\n".encode())
    ben.expect_out("bonjour Zoé\n".encode())
    ben.send(b"salut\n")
    ana.expect_out(b"salut\n")
    assert b"bonjour" not in ana.out
    ana.stop()
    ben.stop()
    assert server.running


def test_a_silent_guest_keeps_nobody_waiting(faces, ca):
    """Somebody who connects and never speaks TLS doesn't stop the others."""
    server, port = serve(faces("ncat"), "-k", "--broker", *keys(ca), endless=True)
    with server_socket(port):
        one, two = (faces("ncat").start("--ssl", LO, port) for _ in range(2))
        wait_until(lambda: said(one, [two]), what="the other one to hear")
        one.stop()
        two.stop()


# ---- DTLS ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ["ours", "ncat"])
def test_datagrams(makes, ca, make):
    """ncat has DTLS for clients only; our server serves both."""
    server, port = serve(makes("ours"), "-u", *keys(ca))
    client = makes(make).start("--ssl", "-u", LO, port)
    client.send(b"question\n")
    server.expect_out(b"question\n")
    server.send(b"answer\n")
    client.expect_out(b"answer\n")
    server.end_input()
    client.end_input()
    assert (client.stop().out, server.stop().out) == (b"answer\n", b"question\n")


def test_datagrams_end_by_themselves(makes, ca):
    server, port = serve(makes("ours"), "-u", *keys(ca), "-c", "read -r x; echo \"got $x\"")
    result = makes("ours")(*trusting(ca), "-u", "-4", "localhost", port, input=b"datagram\n")
    assert (result.status, result.out, result.err) == (0, b"got datagram\n", b"")
    assert server.wait().status == 0


@pytest.mark.parametrize("face", ["ncat", "nc"])
def test_datagrams_of_many(faces, ca, face):
    server, port = serve(faces(face), "-uk", *keys(ca), "-c", "read -r x; echo \"got $x\"", endless=True,
                         kind="Listening on" if face == "ncat" else "Bound on")
    clients = [faces("ncat").start("--ssl", "-u", LO, port) for _ in range(3)]
    for number, client in enumerate(clients):
        client.send(b"%d\n" % number)
        client.expect_out(b"got %d\n" % number)
    for client in clients:
        assert client.wait().status == 0


def test_datagrams_among_many(makes, ca):
    """What one says all others hear, in a process that has a conversation by DTLS with each."""
    server, port = serve(makes("ours"), "-u", "--broker", *keys(ca), endless=True)
    clients = [makes(make).start("--ssl", "-u", LO, port) for make in ("ours", "ncat", "ours")]
    for client in clients:
        others = [other for other in clients if other is not client]
        wait_until(lambda: said(client, others), what="everybody to be heard")
    for client in clients:
        client.stop()


def test_datagrams_are_looked_at_too(makes, ca):
    server, port = serve(makes("ours"), "-u", *keys(ca, "foreign"))
    result = makes("ours")(*trusting(ca), "-u", "-4", "localhost", port)
    assert (result.status, result.out) == (1, b"")
    assert "cannot trust the other side: its certificate comes from an issuer we don't know" in result.text
    assert server.wait().status == 1


# ---- who is trusted -----------------------------------------------------------------------------

# The certificate, the client's words, and what is said; "" means trusted.
TRUST = [
    ("server", "--ssl localhost", ""),
    ("foreign", "--ssl localhost", ""),
    ("expired", "--ssl localhost", ""),
    ("server", "--ssl-verify localhost", "its certificate comes from an issuer we don't know"),
    ("server", "--ssl-verify --ssl-trustfile ROOT localhost", ""),
    ("server", "--ssl-trustfile ROOT localhost", ""),
    ("server", "--ssl-trustfile ROOT 127.0.0.1", ""),
    ("foreign", "--ssl-trustfile ROOT localhost", "its certificate comes from an issuer we don't know"),
    ("alone", "--ssl-trustfile ROOT localhost", "its certificate is signed by nobody but itself"),
    ("expired", "--ssl-trustfile ROOT localhost", "its certificate has expired"),
    ("other", "--ssl-trustfile ROOT localhost", "its certificate is for other.example, not for localhost"),
    ("other", "--ssl-trustfile ROOT --ssl-servername other.example localhost", ""),
    ("other", "--ssl-servername nobody.example localhost", ""),
    ("server", "--ssl-trustfile ROOT --ssl-servername other.example localhost",
     "its certificate is for localhost, not for other.example"),
]


@pytest.mark.parametrize("make", ["ours", "ncat"])
@pytest.mark.parametrize(("name", "line", "sentence"), TRUST)
def test_trust(makes, ca, make, name, line, sentence):
    """The sentence is ours; ncat agrees about who is let in."""
    server = Once(name, b"secret\n")
    words = line.replace("ROOT", str(ca.root)).split()
    result = makes(make)("-4", *words, server.port)
    if sentence:
        server.over()
        assert result.status == 1 or (make == "ncat" and result.status == 2)
        assert result.out == b""
        assert make == "ncat" or f"cannot trust the other side: {sentence}" in result.text
    elif make == "ncat" and "127.0.0.1" in words:
        pytest.skip("ncat knows certificates for names alone")
    else:
        server.result()
        assert (result.status, result.out) == (0, b"secret\n")


@pytest.mark.parametrize("make", ["ours", "ncat"])
@pytest.mark.parametrize("name", [None, "client", "foreign"])
def test_a_server_takes_anybody(makes, ca, make, name):
    """So it is with ncat, whatever is said of trust."""
    server, port = serve(makes(make), "--ssl-verify", "--ssl-trustfile", ca.root, *keys(ca))
    context = client_context(name=name)
    with Speaker(server_socket(port), context) as peer:
        peer.send(b"let in\n")
        server.expect_out(b"let in\n")
    server.stop()


@pytest.mark.parametrize("make", ["ours", "ncat"])
def test_a_client_shows_its_certificate(makes, ca, make):
    def who(peer):
        return dict(pair[0] for pair in peer.ssl.getpeercert()["subject"])["commonName"]

    server = Once(says=b"go\n", asks=who, trusts=ca.root)
    result = makes(make)("-4", *trusting(ca), *keys(ca, "client"), "localhost", server.port)
    assert (result.status, result.out) == (0, b"go\n")
    assert server.result() == "ana"


@pytest.mark.parametrize("make", ["ours", "ncat"])
def test_the_name_that_is_asked_for(makes, ca, make):
    seen = []
    server = Once("wild", seen=seen)
    result = makes(make)("--ssl-servername", "www.example.org", "-4", "localhost", server.port)
    server.result()
    assert (result.status, seen) == (0, ["www.example.org"])


@pytest.mark.parametrize("make", ["ours", "ncat"])
@pytest.mark.parametrize(("offered", "chosen"), [("h2,http/1.1", "http/1.1"), ("http/1.1", "http/1.1"), ("x", None)])
def test_protocols(makes, ca, make, offered, chosen):
    server = Once(asks=lambda peer: peer.ssl.selected_alpn_protocol(), alpn=["imap", "http/1.1"])
    result = makes(make)("--ssl-alpn", offered, LO, server.port)
    assert server.result() == chosen
    assert result.status == 0


def test_a_server_chooses_the_protocol(faces, ca):
    """ncat leaves that to clients."""
    server, port = serve(faces("ncat"), "--ssl-alpn", "h2,http/1.1", *keys(ca))
    context = client_context()
    context.set_alpn_protocols(["ftp", "http/1.1"])
    with Speaker(server_socket(port), context) as peer:
        assert peer.ssl.selected_alpn_protocol() == "http/1.1"
        peer.goodbye()
    assert server.wait().status == 0


@pytest.mark.parametrize("make", ["ours", "ncat"])
@pytest.mark.parametrize("cipher", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"])
def test_ciphers(makes, ca, make, cipher):
    server, port = serve(makes(make), "--ssl-ciphers", cipher, *keys(ca))
    context = client_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with Speaker(server_socket(port), context) as peer:
        assert peer.ssl.cipher()[0] == cipher
    server.stop()


FILES = [
    (["--ssl-trustfile", "{}/none"], "cannot use the certificates in {}/none: No such file or directory"),
    (["--ssl-trustfile", "{}/prose"], "cannot use the certificates in {}/prose"),
    (["--ssl-cert", "{}/none", "--ssl-key", "KEY"], "cannot use the certificate in {}/none: No such file"),
    (["--ssl-cert", "{}/prose", "--ssl-key", "KEY"], "cannot use the certificate in {}/prose"),
    (["--ssl-cert", "CRT", "--ssl-key", "{}/none"], "cannot use the key in {}/none: No such file"),
    (["--ssl-cert", "CRT", "--ssl-key", "{}/prose"], "cannot use the key in {}/prose"),
    (["--ssl-cert", "CRT", "--ssl-key", "OTHER"], "does not belong to the certificate in"),
    (["--ssl-ciphers", "NONSENSE"], "cannot use these ciphers: no cipher match"),
]


@pytest.mark.parametrize("make", ["ours", "ncat"])
@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize(("words", "sentence"), FILES, ids=[" ".join(words) for words, _ in FILES])
def test_files(makes, ca, tmp, make, role, words, sentence):
    """Nobody is bothered where a file is missing or is something else."""
    if role == "server" and words[0] == "--ssl-trustfile":
        pytest.skip("a server doesn't read it")
    (tmp / "prose").write_text("Il était une fois\n")
    known = {"KEY": ca.key("server"), "CRT": ca.crt("server"), "OTHER": ca.key("client")}
    words = [known.get(word, str(word).format(tmp)) for word in words]
    with tcp_server() as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        place = [LO, port] if role == "client" else ["-l", LO, free_port()]
        result = makes(make)("--ssl", *words, *place)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert result.status == (1 if make == "ours" else 2)
    assert make == "ncat" or result.out == b""
    assert make == "ncat" or sentence.format(tmp) in result.text


def test_a_server_reads_no_trustfile(makes, ca, tmp):
    for make in ("ours", "ncat"):
        server, port = serve(makes(make), *keys(ca), "--ssl-trustfile", tmp / "none", "-c", "echo let in")
        client = makes("ours").start("--ssl", LO, port)
        client.expect_out(b"let in\n")
        assert client.wait().status == 0
        assert server.wait().status == 0


# ---- how long -----------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ["ours", "ncat"])
@pytest.mark.parametrize("words", [["-w", "300ms"], ["-z", "-w", "300ms"]], ids=" ".join)
def test_waiting_is_for_the_handshake_too(makes, ca, make, words):
    with tcp_server() as server:
        process = makes(make).start("--ssl", *words, LO, server.getsockname()[1])
        with accept(server):
            result = process.wait()
    assert (result.status, result.out) == (1, b"")
    if "-z" not in words:
        assert result.text == "Ncat: TIMEOUT.\n"


def test_waiting_of_the_others(faces, ca):
    with tcp_server() as server:
        process = faces("nc").start("--ssl", "-w", "0.3", LO, server.getsockname()[1])
        with accept(server):
            result = process.wait()
    assert (result.status, result.out) == (1, b"")
    assert "the TLS handshake failed: no answer within handshake-timeout" in result.text


@pytest.mark.parametrize("role", ["client", "server"])
def test_idle(faces, ca, role):
    patient, hasty = faces("ncat"), faces("ncat")
    idle = ["-i", "3s"]  # longer than a handshake on a crowded machine
    server, port = serve(hasty if role == "server" else patient, *keys(ca), *(idle if role == "server" else []))
    client = (hasty if role == "client" else patient).start("--ssl", LO, port, *(idle if role == "client" else []))
    client.send(b"hello\n")
    server.expect_out(b"hello\n")
    ended, other = (client, server) if role == "client" else (server, client)
    ended.popen.wait(DEADLINE)
    result = ended.wait()
    assert result.status == 1
    assert "Idle timeout expired (3000 ms)." in result.text
    other.stop()


# ---- -z -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ["ours", "ncat"])
@pytest.mark.parametrize("line", ["--ssl -z", "--ssl-trustfile ROOT -z"])
def test_zero(makes, ca, make, line):
    """A handshake and not a word more."""
    server, port = serve(makes("ours"), "-k", *keys(ca), "-c", "cat", endless=True)
    result = makes(make)(*line.replace("ROOT", str(ca.root)).split(), "-4", "localhost", port, input=b"unsaid\n")
    assert (result.status, result.out, result.err) == (0, b"", b"")


@pytest.mark.parametrize("make", ["ours", "ncat"])
def test_zero_at_somebody_without_tls(makes, ca, make):
    def hang_up(peer):
        peer.recv(9)
        peer.sendall(b"220 ready\r\n")

    server = Server(hang_up, plain=True)
    result = makes(make)("--ssl", "-z", LO, server.port)
    server.result()
    assert (result.status, result.out) == (1, b"")


def test_zero_at_several_ports(faces, ca):
    """One that answers is enough for nc."""
    server, port = serve(faces("nc"), "-k", *keys(ca), "-c", "cat", endless=True)
    dead = free_port()
    result = faces("nc")("--ssl-trustfile", ca.root, "-zv", LO, dead, port)
    assert result.status == 0
    assert f"port {dead} (tcp) failed: Connection refused" in result.text
    assert f"SSL connection to {LO}:{port}." in result.text
    assert faces("nc")("--ssl", "-z", LO, dead).status == 1


# ---- what is told -------------------------------------------------------------------------------


def talk(text, port):
    """Lines of ncat's without what is its own: its version, its counts."""
    lines = text.replace(str(port), "PORT").splitlines()
    return [line for line in lines if not re.match(r"Ncat: (Version|\d+ bytes sent)", line)]


@pytest.mark.parametrize(("name", "line"), [
    ("cn", "--ssl"), ("alone", "--ssl"), ("server", "--ssl-trustfile ROOT"), ("rsa", "--ssl"),
    ("client", "--ssl-trustfile ROOT --ssl-servername ana"), ("expired", "--ssl"),
    ("chain", "--ssl-trustfile ROOT"), ("foreign", "--ssl-verify"),
])
def test_clients_tell_the_same(makes, ca, name, line):
    """With -v: who the server is, and why its certificate could not be trusted."""
    found = []
    for make in ("ours", "ncat"):
        server = Once(name)
        result = makes(make)("-v", "-4", *line.replace("ROOT", str(ca.root)).split(), "localhost", server.port)
        server.over()
        lines = talk(result.text, server.port)
        # a failure is told in words of our own
        found.append((result.status, lines[:-1] if result.status else lines))
    assert found[0] == found[1]
    assert any("SHA-1 fingerprint: " in line for line in found[0][1])


def test_a_name_is_shown_as_it_is(makes, ca):
    """Where ncat writes \\xC3\\xA9."""
    server = Once("client")
    result = makes("ours")("-v", "--ssl", LO, server.port)
    server.result()
    assert "Ncat: Subject: C=FR, O=Étudiants, CN=ana\n" in result.text


def test_a_certificate_is_made_up(makes, ca):
    """In silence, unless -v asks for words; so it is with ncat, whose key is another one."""
    told = {}
    for make in ("ours", "ncat"):
        server, port = serve(makes(make), "--ssl", "-c", "echo in")
        der = []
        with Speaker(server_socket(port), client_context(trusts=False)) as peer:
            der.append(peer.ssl.getpeercert(binary_form=True))
            assert peer.exactly(3) == b"in\n"
        server.wait()
        told[make] = server.err.decode()
        digest = hashlib.sha1(der[0]).hexdigest().upper()
        shown = " ".join(digest[i : i + 4] for i in range(0, 40, 4))
        assert f"Ncat: SHA-1 fingerprint: {shown}\n" in told[make]
        assert "Use --ssl-key and --ssl-cert to use a permanent one.\n" in told[make]
    assert "Ncat: Generating a temporary 256-bit EC key." in told["ours"]
    port = free_port()
    server = makes("ours").listener("-l", "--ssl", "-c", "echo in", LO, port)
    assert makes("ours")("--ssl", LO, port).out == b"in\n"
    assert (server.wait().status, server.err) == (0, b"")


@pytest.mark.parametrize("make", ["ours", "ncat"])
def test_who_has_failed(makes, ca, make):
    """The server says who it was, and its status is 1."""
    server, port = serve(makes(make), *keys(ca))
    with server_socket(port) as peer:
        peer.sendall(b"hello, is there anybody?\n")
        server.expect_err(b"Ncat: Failed SSL connection from 127.0.0.1: ")
    assert server.wait().status == 1


def test_connected_only_with_tls(makes, ca):
    """To ncat nothing is connected before the handshake."""
    server = Server(lambda peer: peer.recv(9) and None, plain=True)
    result = makes("ours")("-v", "--ssl", LO, server.port)
    server.result()
    assert result.status == 1
    assert "Connected to" not in result.text and "SSL connection to" not in result.text


def test_told_under_the_other_names(faces, ca):
    server, port = serve(faces("nc"), *keys(ca), "-c", "echo in")
    result = faces("nc")("-v", "--ssl-trustfile", ca.root, "-4", "localhost", port)
    assert result.status == 0
    assert re.search(r"Connection to localhost \(127\.0\.0\.1\) \d+ port \[tcp/.*\] succeeded!\n"
                     rf"SSL connection to 127\.0\.0\.1:{port}\. Cours", result.text)
    assert server.wait().status == 0


# ---- the same everywhere ------------------------------------------------------------------------


def test_variables_for_programs(faces, ca):
    """A program hears what is known of the encryption."""
    server, port = serve(faces("ncat"), *keys(ca), "-c", "echo $NCAT_OPENSSL_PROTO_VERSION")
    result = faces("ncat")("--ssl", LO, port)
    assert (result.status, result.out) == (0, b"TLSv1.3\n")
    assert server.wait().status == 0


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
@pytest.mark.parametrize(("words", "host", "works"), [
    ([], "::1", True), ([], LO, True), (["-6"], "::1", True), (["-4"], LO, True), (["-6"], LO, False),
    (["-4"], "::1", False),
])
def test_versions_of_ip(faces, ca, words, host, works):
    """ncat listens by both unless it is told otherwise."""
    port = free_port()
    server = faces("ncat").listener("-l", "--ssl", *keys(ca), *words, "-c", "echo in", port)
    result = faces("ncat")("--ssl", host, port)
    assert (result.status, result.out) == ((0, b"in\n") if works else (1, b""))
    if not works:
        server.stop()
    assert server.wait().status in (0, 128 + signal.SIGTERM)


def test_only_who_may(faces, ca):
    server, port = serve(faces("ncat"), "-k", *keys(ca), "--deny", "127.0.0.0/8", "-c", "echo in", endless=True)
    result = faces("ncat")("--ssl", LO, port)
    assert (result.status, result.out) == (1, b"")


def test_copies_are_of_what_was_said(faces, ca, tmp):
    """--output and --hex-dump have the data, not what is on the wire."""
    server, port = serve(faces("ncat"), *keys(ca), "-c", "read -r x; echo reply")
    result = faces("ncat")("--ssl", "-o", tmp / "copy", "-x", tmp / "hex", LO, port, input=b"words\n")
    assert (result.status, result.out) == (0, b"reply\n")
    assert (tmp / "copy").read_bytes() == b"words\nreply\n"
    assert b"77 6f 72 64 73 0a" in (tmp / "hex").read_bytes()
    assert server.wait().status == 0


# ---- completion ---------------------------------------------------------------------------------


def offered(name, *words):
    out = subprocess.run([NETTOOL, "--complete", name, *words], capture_output=True, check=True,
                         env=environment(), stdin=subprocess.DEVNULL).stdout
    return out.decode()


@pytest.mark.parametrize("name", NAMES)
def test_completion_of_options(name):
    out = offered(name, "--ssl")
    for word in ("--ssl", "--ssl-verify", "--ssl-cert", "--ssl-key", "--ssl-trustfile", "--ssl-ciphers",
                 "--ssl-servername", "--ssl-alpn"):
        assert re.search(rf"(?m)^{word}\b", out) or re.search(rf"\b{word}\b", out), out


@pytest.mark.parametrize("option", ["--ssl-cert", "--ssl-key", "--ssl-trustfile"])
def test_completion_of_files(tmp, option):
    (tmp / "autorité.pem").touch()
    assert f"{tmp}/autorité.pem" in offered("nc", option, f"{tmp}/aut")
    assert f"{tmp}/autorité.pem" in offered("nc", f"{option}={tmp}/aut")


def test_completion_of_hosts_and_ports():
    assert offered("nc", "--ssl", "localhost", "") == offered("nc", "localhost", "")


def test_everything_under_translate_is_for_a_shell(nettool, tmp):
    line = nettool("nc", "--translate", "--ssl-trustfile", "l'été, $HOME.crt", "h", "1").printed
    assert "cafile=" in shlex.split(line)[-1]
    assert os.listdir(tmp) == []
