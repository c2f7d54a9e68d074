"""TLS: OPENSSL and OPENSSL-LISTEN against openssl, ncat, curl, Python, socat, and each other.

certificates.py has the certificates and the ends of connections whose every byte a test decides.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading

import pytest

import calls
from capture import Capture
from certificates import Server, Speaker, authority, client_context, connect, fingerprint, server_context
from crowds import memory_of, reset, rests
from netpeek import has_ipv6
from terminals import Window
from test_trace import listens, names, traced  # noqa: F401
from tools import (
    DEADLINE,
    NETTOOL,
    Background,
    accept,
    dead_port,
    digest,
    environment,
    free_port,
    is_asleep,
    name_of,
    needs_linux,
    needs_root,
    needs_socat,
    quiet,
    random_bytes,
    read_all,
    read_exactly,
    same,
    tcp_server,
    wait_until,
)

LOCAL = "OPENSSL-LISTEN:0,bind=127.0.0.1"
UNTRUSTED = "cannot trust the other side: "
FAILED = "the TLS handshake failed: "
BROKEN = "the TLS connection failed: "
CUT = "the connection was cut off without a goodbye of TLS: something may be missing"
BIG = 20 * 1024 * 1024


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


def trusting(ca, port, options="", host="localhost"):
    """Our client for a server on this machine; the name is looked up with version 4 only."""
    return f"OPENSSL:{host}:{port},pf=ip4,cafile={ca.root}{options}"


def ends_with(result, sentence):
    """True when there is one message, and it ends with the sentence."""
    return len(result.text.splitlines()) == 1 and result.text.rstrip("\n").endswith(f": {sentence}")


# ---- who talks to whom ---------------------------------------------------------------------------


def by_s_client(program, ca, port, data):
    client = program("openssl", "s_client", "-quiet", "-no_ign_eof", "-verify_return_error").start(
        "-connect", f"localhost:{port}", "-4", "-servername", "localhost", "-CAfile", ca.root)
    client.send(data)
    client.expect_out(data)
    return client.wait().out


def by_ncat(program, ca, port, data):
    client = program("ncat", "-4", "--ssl-verify", "--ssl-trustfile", ca.root).start("localhost", port)
    client.send(data)
    client.expect_out(data)
    client.end_input()
    return client.stop().out  # some go on after the end of their input


def by_socat(program, ca, port, data):
    result = program("socat", "-t", "20")("-", f"OPENSSL:localhost:{port},pf=ip4,cafile={ca.root}", input=data)
    assert result.status == 0, result
    return result.out


def by_python(program, ca, port, data):
    with Speaker(socket.create_connection(("127.0.0.1", port), DEADLINE), client_context()) as peer:
        peer.send(data)
        peer.goodbye()
        return peer.everything()


@pytest.mark.parametrize("keyword", ["OPENSSL-LISTEN", "SSL-L", "OPENSSL-L", "SSL-LISTEN", "TLS-L", "TLS-LISTEN", "ssl-l"])
@pytest.mark.parametrize("client", [by_s_client, by_ncat, by_socat, by_python])
def test_clients_of_all_makes(serve, program, ca, keyword, client):
    server = serve(place=f"{keyword}:0,bind=127.0.0.1")
    data = "de l'été à l'hiver\n".encode() * 50
    assert client(program, ca, server.port, data) == data
    if client is by_ncat:  # it hangs up without a goodbye
        assert server.wait().status == 1
        assert ends_with(server.wait(), CUT)
    else:
        assert server.wait().status == 0
        assert server.err == b""


@contextlib.contextmanager
def s_server(program, ca, name="server", *more):
    """The openssl command as server: what comes is its output, and what it hears it sends."""
    server = program("openssl", "s_server", "-naccept", "1").start(
        "-accept", "127.0.0.1:0", "-cert", ca.crt(name), "-key", ca.key(name), *more)
    found = server.expect_err(re.compile(rb"")) and wait_until(
        lambda: re.search(rb"ACCEPT 127\.0\.0\.1:(\d+)", server.out), what="ACCEPT")
    yield server, int(found.group(1))


def at_s_server(program, ca):
    with s_server(program, ca) as (server, port):
        yield port
        server.send(b"answer\n")
        server.expect_out(b"question\n")
        yield None
        # our goodbye ends it; an end of its input would, too, and leave that unread: a reset
        server.popen.wait(DEADLINE)
        assert server.wait().status == 0


def at_ncat(program, ca):
    port = free_port()
    server = program("ncat", "-lv", "--ssl", "--ssl-cert", ca.crt("server"), "--ssl-key",
                     ca.key("server")).start("127.0.0.1", port)
    server.expect_err(b"Listening on")
    yield port
    server.send(b"answer\n")
    server.expect_out(b"question\n")
    yield None
    server.popen.wait(DEADLINE)
    assert server.wait().status == 0


def at_socat(program, ca):
    server = program("socat", "-dd").start(
        f"{LOCAL},reuseaddr,verify=0,cert={ca.pem('server')}", "SYSTEM:read x; echo $x; echo answer")
    found = server.expect_err(re.compile(rb"listening on AF=2 127\.0\.0\.1:(\d+)"))
    yield int(found.group(1))
    yield None
    assert server.wait().status == 0


def at_python(program, ca):
    def answer(peer):
        assert peer.exactly(9) == b"question\n"
        peer.send(b"answer\n")
        assert peer.everything() == b""
        peer.goodbye()

    server = Server(answer)
    yield server.port
    yield None
    server.result()


@pytest.mark.parametrize("keyword", ["OPENSSL", "SSL", "OPENSSL-CONNECT", "SSL-CONNECT", "TLS", "TLS-CONNECT", "ssl"])
@pytest.mark.parametrize("server", [at_s_server, at_ncat, at_socat, at_python])
def test_servers_of_all_makes(start, program, ca, keyword, server):
    steps = server(program, ca)
    port = next(steps)
    client = start("-d", "-d", "-", f"{keyword}:localhost:{port},pf=ip4,cafile={ca.root}")
    client.send(b"question\n")
    next(steps)
    client.expect_out(b"answer\n")
    client.end_input()
    client.expect_err(b"is at EOF")
    wait_until(lambda: not client.running or is_asleep(client.pid))
    list(steps)
    assert client.wait().status == 0


@pytest.mark.parametrize("data", [b"", b"x", "très court\n".encode(), random_bytes(100_000)],
                         ids=["nothing", "one", "line", "100k"])
def test_ours_to_ours(nettool, serve, ca, data):
    server = serve()
    result = nettool("-", trusting(ca, server.port), input=data)
    assert (result.status, result.err) == (0, b"")
    assert same(result.out, data)
    assert server.wait().status == 0


def test_a_page_for_curl(serve, program, ca, tmp):
    (tmp / "page").write_bytes(b"HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nol\xc3\xa9 !\n"[:-1])
    server = serve("SYSTEM:cat page; cat >request")
    result = program("curl", "-sS", "-4")("--cacert", ca.root, f"https://localhost:{server.port}/x")
    assert (result.status, result.printed) == (0, "olé !")
    assert server.wait().status == 0
    assert (tmp / "request").read_bytes().startswith(b"GET /x HTTP/1.1\r\n")


def test_a_page_from_curls_server(nettool, ca):
    """As taught: a request by hand. The server says goodbye, and only then it is over."""
    def answer(peer):
        got = b""
        while not got.endswith(b"\r\n\r\n"):
            got += peer.recv()
        peer.send(b"HTTP/1.0 200 OK\r\n\r\nbonjour\n")
        peer.goodbye()
        return got

    server = Server(answer)
    result = nettool("-", trusting(ca, server.port, ",crnl"), input=b"GET / HTTP/1.0\n\n")
    assert (result.status, result.out) == (0, b"HTTP/1.0 200 OK\n\nbonjour\n")
    assert server.result() == b"GET / HTTP/1.0\r\n\r\n"


def test_both_addresses(nettool, serve, ca):
    """A relay that decrypts on one side and encrypts on the other."""
    last = serve()
    middle = serve(trusting(ca, last.port))
    result = nettool("-", trusting(ca, middle.port), input=random_bytes(300_000))
    assert (result.status, result.err) == (0, b"")
    assert same(result.out, random_bytes(300_000))
    assert (middle.wait().status, last.wait().status) == (0, 0)


def test_a_listener_as_second_address(start, listener, ca):
    server = listener("STDIO", f"{LOCAL},verify=0,cert={ca.pem('server')}")
    with connect(server) as peer:
        server.send(b"from us\n")
        assert peer.exactly(8) == b"from us\n"
        peer.send(b"from you\n")
        server.expect_out(b"from you\n")
        peer.goodbye()
        server.end_input()
        assert peer.everything() == b""
    assert server.wait().status == 0


@has_ipv6
@pytest.mark.parametrize("host, options", [("[::1]", ""), ("localhost", ",pf=ip6")])
def test_version_6(nettool, serve, ca, host, options):
    server = serve(place="OPENSSL-LISTEN:0,pf=ip6,bind=[::1]")
    result = nettool("-", f"OPENSSL:{host}:{server.port},cafile={ca.root}{options}", input=b"six")
    assert (result.status, result.out, result.err) == (0, b"six", b"")
    assert server.wait().status == 0


def test_the_same_line_for_socat(socat, nettool, ca):
    """Each is the other's server, and each the other's client."""
    for server_side, client_side in ((nettool, socat), (socat, nettool)):
        server = server_side.listener(f"{LOCAL},verify=0,cert={ca.pem('server')}", "PIPE")
        result = client_side("-t", "20", "-", trusting(ca, server.port), input=b"one line\n")
        assert (result.status, result.out) == (0, b"one line\n"), result
        assert server.wait().status == 0


# ---- who is trusted ------------------------------------------------------------------------------

# (certificate of the server, options of the client, host, what is said; "" means trusted)
NOBODY = UNTRUSTED + "its certificate comes from an issuer we don't know"
ITSELF = UNTRUSTED + "its certificate is signed by nobody but itself"
SERVERS = [
    ("server", "cafile={root}", "localhost", ""),
    ("server", "cafile={root}", "127.0.0.1", ""),
    ("server", "capath={folder}/hashed", "localhost", ""),
    ("server", "cafile={folder}/stranger.crt,capath={folder}/hashed", "localhost", ""),
    ("server", "", "localhost", NOBODY),
    ("server", "cafile={folder}/stranger.crt", "localhost", NOBODY),
    ("server", "cafile={folder}/stranger.crt,verify=0", "localhost", ""),
    ("server", "verify=0", "localhost", ""),
    ("server", "verify=1", "localhost", NOBODY),
    ("server", "openssl-verify=0", "localhost", ""),
    ("server", "cafile={folder}/server.crt", "localhost", NOBODY),
    ("cn", "cafile={root}", "localhost", ""),
    ("cn", "cafile={root}", "127.0.0.1", UNTRUSTED + "its certificate isn't for 127.0.0.1"),
    ("alone", "cafile={root}", "localhost", ITSELF),
    ("alone", "cafile={folder}/alone.crt", "localhost", ""),
    ("alone", "verify=0", "localhost", ""),
    ("foreign", "cafile={root}", "localhost", NOBODY),
    ("foreign", "cafile={folder}/stranger.crt", "localhost", ""),
    ("both", "cafile={root}", "localhost",
     UNTRUSTED + "its certificate comes from an issuer we don't trust"),
    ("expired", "cafile={root}", "localhost", UNTRUSTED + "its certificate has expired"),
    ("expired", "cafile={root},verify=0", "localhost", ""),
    ("future", "cafile={root}", "localhost", UNTRUSTED + "its certificate isn't valid yet"),
    ("revoked", "cafile={root}", "localhost", ""),
    ("revoked", "cafile={folder}/with_list.crt", "localhost",
     UNTRUSTED + "its certificate has been revoked"),
    ("server", "cafile={folder}/with_list.crt", "localhost", ""),
    ("foreign", "cafile={folder}/mixed.crt", "localhost",
     UNTRUSTED + "there is no revocation list of its issuer"),
    ("visitor", "cafile={root},commonname=", "localhost",
     UNTRUSTED + "its certificate is meant for another purpose"),
    # the chain
    ("chain", "cafile={root}", "localhost", NOBODY),
    ("whole", "cafile={root}", "localhost", ""),
    ("chain", "cafile={folder}/between-and-root.crt", "localhost", ""),
    # names
    ("other", "cafile={root}", "localhost",
     UNTRUSTED + "its certificate is for other.example, not for localhost"),
    ("other", "cafile={root},commonname=other.example", "localhost", ""),
    ("other", "cafile={root},cn=other.example", "127.0.0.1", ""),
    ("other", "cafile={root},openssl-commonname=OTHER.EXAMPLE", "localhost", ""),
    ("other", "cafile={root},commonname=", "localhost", ""),
    ("other", "cafile={root},verify=0", "localhost", ""),
    ("server", "cafile={root},commonname=other.example", "localhost",
     UNTRUSTED + "its certificate is for localhost, not for other.example"),
    ("server", "cafile={root},commonname=127.0.0.1", "localhost", ""),
    ("server", "cafile={root},commonname=::1", "localhost", ""),
    ("server", "cafile={root},commonname=127.0.0.2", "localhost",
     UNTRUSTED + "its certificate is for localhost, not for 127.0.0.2"),
    ("address", "cafile={root}", "127.0.0.1", ""),
    ("address", "cafile={root}", "localhost", UNTRUSTED + "its certificate isn't for localhost"),
    ("wild", "cafile={root},commonname=www.example.org", "localhost", ""),
    ("wild", "cafile={root},commonname=example.org", "localhost",
     UNTRUSTED + "its certificate is for *.example.org, not for example.org"),
    ("wild", "cafile={root},commonname=a.b.example.org", "localhost",
     UNTRUSTED + "its certificate is for *.example.org, not for a.b.example.org"),
    ("partial", "cafile={root},commonname=www.example.org", "localhost",
     UNTRUSTED + "its certificate is for w*.example.org, not for www.example.org"),
    ("many", "cafile={root},commonname=99.example", "localhost", ""),
    ("many", "cafile={root}", "localhost", UNTRUSTED + "its certificate is for 1.example, 2.example, "
     "3.example, 4.example, 5.example, ..., not for localhost"),
]


@pytest.fixture(scope="module")
def more_files():
    """Files that are made of others, in the authority's folder."""
    made = authority()
    folder = made.folder
    if not (folder / "hashed").exists():
        (folder / "whole.pem").write_bytes(b"".join(
            (folder / name).read_bytes() for name in ("chain.crt", "between.crt", "chain.key")))
        (folder / "between-and-root.crt").write_bytes(
            made.crt("between").read_bytes() + made.root.read_bytes())
        (folder / "both.pem").write_bytes(b"".join(
            (folder / name).read_bytes() for name in ("foreign.crt", "stranger.crt", "foreign.key")))
        (folder / "mixed.crt").write_bytes(
            made.with_list.read_bytes() + made.crt("stranger").read_bytes())
        made.issue("several", "/C=FR/O=Cours/O=Filiale/CN=localhost",
                   "DNS:localhost,DNS:autre.example,IP:127.0.0.1,IP:::1")
        made.issue("many", "/CN=1.example", ",".join(f"DNS:{i}.example" for i in range(1, 100)))
        made.issue("odd", "/CN=odd", "DNS:bad\x1b]0;title\x07name")
        made.issue("partial", "/CN=w*.example.org", "DNS:w*.example.org")
        (folder / "hashed").mkdir()
        shutil.copy(made.root, folder / "hashed")
        made.run("rehash", "hashed")
    return folder


@pytest.mark.parametrize("name, options, host, sentence", SERVERS)
def test_which_servers_are_trusted(nettool, listener, ca, more_files, name, options, host, sentence):
    """Who isn't trusted gets no byte of ours, and his own go nowhere."""
    options = options.format(root=ca.root, folder=ca.folder)
    server = listener(f"{LOCAL},verify=0,cert={ca.folder}/{name}.pem", "SYSTEM:echo his; cat >heard")
    result = nettool("-", f"OPENSSL:{host}:{server.port},pf=ip4{',' if options else ''}{options}",
                     input=b"mine\n", env={"SSL_CERT_FILE": "/dev/null", "SSL_CERT_DIR": "/"})
    ended = server.wait()
    if sentence:
        assert (result.status, result.out) == (1, b"")
        assert ends_with(result, sentence), result
        assert ended.status == 1
        assert not (nettool.folder / "heard").exists()
        assert len(ended.text.splitlines()) == 1
    else:
        assert (result.status, result.out, result.err) == (0, b"his\n", b"")
        assert (ended.status, ended.err) == (0, b"")
        assert (nettool.folder / "heard").read_bytes() == b"mine\n"


def test_names_are_printed_and_not_obeyed(nettool, serve, ca, more_files):
    """A certificate may have anything for a name, and our message goes to a terminal."""
    server = serve(name="odd")
    window = Window(columns=300)
    assert window.start(nettool, "-", trusting(ca, server.port), stderr=window.slave).wait().status == 1
    window.pump()
    assert b"its certificate is for bad\\1B]0;title\\07name, not for localhost" in window.text
    assert b"\x1b]0;" not in window.text and b"\x07" not in window.text
    window.close()
    assert server.wait().status == 1


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_the_system_knows_whom_to_trust(nettool, serve, ca, more_files, variable):
    """Without cafile and capath it is whom the machine trusts; OpenSSL has variables for that."""
    server = serve()
    value = ca.root if variable == "SSL_CERT_FILE" else more_files / "hashed"
    result = nettool("-", f"OPENSSL:localhost:{server.port},pf=ip4", input=b"x", env={variable: value})
    assert (result.status, result.out) == (0, b"x"), result
    assert server.wait().status == 0


# (certificate of the client, options of the server, what the server says, what the client)
CLIENTS = [
    ("client", "cafile={root}", "", ""),
    ("client", "capath={folder}/hashed", "", ""),
    ("client", "cafile={root},verify=1", "", ""),
    ("", "verify=0", "", ""),
    ("alone", "verify=0", "", ""),
    ("", "cafile={root}", FAILED + "the client has shown no certificate",
     "the other side wants a certificate of us"),
    ("", "", FAILED + "the client has shown no certificate", "the other side wants a certificate of us"),
    ("client", "", UNTRUSTED + "its certificate comes from an issuer we don't trust",
     "the other side doesn't trust our certificate"),
    ("alone", "cafile={root}", ITSELF, "the other side doesn't trust our certificate"),
    ("foreign", "cafile={root}", NOBODY, "the other side doesn't trust our certificate"),
    ("expired", "cafile={root}", UNTRUSTED + "its certificate has expired",
     "the other side finds that our certificate has expired"),
    ("future", "cafile={root}", UNTRUSTED + "its certificate isn't valid yet",
     "the other side doesn't trust our certificate"),
    ("revoked", "cafile={folder}/with_list.crt", UNTRUSTED + "its certificate has been revoked",
     "the other side finds that our certificate has been revoked"),
    ("client", "cafile={root},commonname=ana", "", ""),
    ("visitor", "cafile={root},commonname=ana", "", ""),
    ("client", "cafile={root},commonname=", "", ""),
    ("client", "cafile={root},commonname=ben", UNTRUSTED + "its certificate isn't for ben",
     "the other side doesn't trust our certificate"),
    ("whole", "cafile={root}", "", ""),
    ("chain", "cafile={root}", NOBODY, "the other side doesn't trust our certificate"),
]


@pytest.mark.parametrize("version", ["TLS1.2", "TLS1.3"])
@pytest.mark.parametrize("name, options, ours, theirs", CLIENTS)
def test_which_clients_are_trusted(nettool, listener, ca, more_files, name, options, ours, theirs, version):
    """For who isn't trusted nothing is started, and nothing of his passes."""
    options = options.format(root=ca.root, folder=ca.folder)
    server = listener(f"{LOCAL},cert={ca.pem('server')}{',' if options else ''}{options}",
                      "SYSTEM:echo his; cat >heard",
                      env={"SSL_CERT_FILE": "/dev/null", "SSL_CERT_DIR": "/"})
    mine = f",cert={ca.folder}/{name}.pem" if name else ""
    result = nettool("-", trusting(ca, server.port, f",method={version}{mine}"), input=b"mine\n")
    ended = server.wait()
    if ours:
        assert (result.status, result.out) == (1, b"")
        # of an older version the handshake ends only when the server is content
        if version == "TLS1.3":
            assert ends_with(result, BROKEN + theirs), result
        else:
            assert FAILED in result.text
        assert ended.status == 1
        assert ends_with(ended, ours), ended
        assert not (nettool.folder / "heard").exists()
    else:
        assert (result.status, result.out, result.err) == (0, b"his\n", b"")
        assert (ended.status, ended.err) == (0, b"")
        assert (nettool.folder / "heard").read_bytes() == b"mine\n"


@pytest.mark.parametrize("kind", ["program", "target"])
def test_nobody_is_bothered_for_a_stranger(both, ca, tmp, kind):
    """The same with socat: the second address is opened only for a client that is trusted."""
    with tcp_server() as target:
        second = "SYSTEM:touch started" if kind == "program" else f"TCP:{name_of(target)}"
        server = both.listener(f"{LOCAL},cert={ca.pem('server')},cafile={ca.root}", second)
        with server.connect() as peer:
            speaker = Speaker(peer, client_context(), shake=False)
            with pytest.raises((ssl.SSLError, OSError)):
                speaker.shake()
                speaker.send(b"for nobody")
                while speaker.recv():
                    pass
                raise OSError("turned away")
        assert server.wait().status == 1
        assert not (tmp / "started").exists()
        assert quiet(target, 0)


@pytest.mark.parametrize("name", ["alone", "expired", "other"])
def test_socat_refuses_the_same(both, ca, name):
    """A server that isn't trusted hears nothing, from us and from socat."""
    def answer(peer):
        with pytest.raises((ssl.SSLError, OSError)):
            peer.shake()
            if peer.everything() == b"":
                raise OSError("nothing was said")

    with tcp_server() as server:
        def run():
            with accept(server) as peer:
                answer(Speaker(peer, server_context(name), server=True, shake=False))

        served = Background(run)
        result = both("-", trusting(ca, server.getsockname()[1]), input=b"for nobody")
        served.result()
    assert result.status != 0
    assert result.out == b""


def test_with_verify_0_a_client_may_show_anything(listener, ca):
    """And is asked for nothing: verify=0 sends no request for a certificate."""
    server = listener(f"{LOCAL},cert={ca.pem('server')},verify=0", "PIPE")
    with connect(server, client_context(name="alone")) as peer:
        peer.send(b"x")
        assert peer.exactly(1) == b"x"
        peer.goodbye()
    assert server.wait().status == 0


IN_SOCATS_WORDS = [
    ("alone", "cafile={ca}/root.crt"),
    ("expired", "cafile={ca}/root.crt"),
    ("other", "cafile={ca}/root.crt"),
    ("", "verify=0"),
    ("server", "cafile={ca}/absent"),
    ("server", "verify=0,cert={ca}/absent"),
    ("server", "verify=0,cert={ca}/server.crt,key={ca}/client.key"),
]


@pytest.mark.parametrize("name, options", IN_SOCATS_WORDS)
def test_the_face_of_socat_says_it_as_socat(nettool, socat, ca, name, options):
    """OpenSSL's own words, behind the same call, with the same status."""
    options = options.format(ca=ca.folder)
    said = []
    for run in (socat, lambda *words, **more: nettool("socat", *words, **more)):
        def answer(peer):
            with contextlib.suppress(OSError):
                if name:
                    Speaker(peer, server_context(name), server=True).recv()
                else:
                    peer.sendall(b"220 bonjour\r\n")
                    read_all(peer)

        server = Server(answer, plain=True)
        result = run("-", f"OPENSSL:localhost:{server.port},pf=ip4,{options}", input=b"")
        if "absent" in options or "key=" in options:
            socket.create_connection(("127.0.0.1", server.port), DEADLINE).close()
        server.result()
        assert result.status == 1 and len(result.text.splitlines()) == 1, result
        said.append(result.text.rstrip("\n").partition(" E ")[2])
    theirs, ours = said
    assert theirs and ours.endswith(f": {theirs}"), said


# ---- our certificate, and its key ----------------------------------------------------------------


@pytest.fixture
def files(tmp, ca, more_files):
    """Files that are right and wrong, in the test's folder."""
    for name in ("server.crt", "server.key", "server.pem", "client.key", "whole.pem", "rsa.pem"):
        shutil.copy(ca.folder / name, tmp / name)
    (tmp / "reversed.pem").write_bytes(ca.key("server").read_bytes() + ca.crt("server").read_bytes())
    (tmp / "empty.pem").touch()
    (tmp / "text.pem").write_text("rien de tel\n")
    (tmp / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nMII!\n-----END CERTIFICATE-----\n")
    ca.run("ec", "-in", str(ca.key("server")), "-aes256", "-passout", "pass:geheim", "-out",
           str(tmp / "locked.key"))
    (tmp / "dh.pem").write_text(DH_PARAMETERS)
    (tmp / "with-dh.pem").write_bytes(ca.pem("rsa").read_bytes() + DH_PARAMETERS.encode())
    (tmp / "folder").mkdir()
    return tmp


# ffdhe2048, RFC 7919
DH_PARAMETERS = """-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
"""


@pytest.mark.parametrize("options", [
    "cert=server.pem", "certificate=server.pem", "openssl-certificate=server.pem",
    "cert=server.crt,key=server.key", "cert=server.crt,openssl-key=server.key",
    "cert=server.crt,key=server.pem", "cert=reversed.pem", "cert=whole.pem",
    "cert=rsa.pem", "cert=server.pem,dhparams=dh.pem", "cert=with-dh.pem",
])
def test_our_certificate(nettool, listener, files, ca, options):
    server = listener(f"{LOCAL},verify=0,{options}", "PIPE")
    result = nettool("-", trusting(ca, server.port), input=b"x")
    assert (result.status, result.out) == (0, b"x"), result
    assert (server.wait().status, server.err) == (0, b"")


PART = "it has no such part in PEM form (-----BEGIN ...)"
REFUSED = [
    ("cert=absent.pem", "cannot use the certificate in absent.pem: No such file or directory"),
    ("cert=folder", "cannot use the certificate in folder: *"),
    ("cert=empty.pem", f"cannot use the certificate in empty.pem: {PART}"),
    ("cert=text.pem", f"cannot use the certificate in text.pem: {PART}"),
    ("cert=server.key", f"cannot use the certificate in server.key: {PART}"),
    ("cert=broken.pem", "cannot use the certificate in broken.pem: *"),
    ("cert=server.crt", f"cannot use the key in server.crt: {PART}"),
    ("cert=server.crt,key=absent.key", "cannot use the key in absent.key: No such file or directory"),
    ("cert=server.crt,key=text.pem", f"cannot use the key in text.pem: {PART}"),
    ("cert=server.crt,key=client.key",
     "the key in client.key does not belong to the certificate in server.crt"),
    ("cert=server.pem,cafile=absent.pem",
     "cannot use the certificates in absent.pem: No such file or directory"),
    ("cert=server.pem,cafile=text.pem", f"cannot use the certificates in text.pem: {PART}"),
    ("cert=server.pem,dhparams=absent.pem",
     "cannot use the parameters in absent.pem: No such file or directory"),
    ("cert=server.pem,dhparam=text.pem", f"cannot use the parameters in text.pem: {PART}"),
    ("cert=server.pem,cipher=NONSENSE", "cannot use these ciphers: no cipher match"),
    ("cert=server.pem,min-version=DTLS1.2", "this OpenSSL doesn't speak DTLS1.2 here"),
]


@pytest.mark.parametrize("options, sentence", REFUSED)
def test_refused_before_anybody_comes(nettool, files, options, sentence):
    """Nothing listens, nothing is started."""
    reader, writer = os.pipe()
    result = nettool(f"--ready-fd={writer}", f"{LOCAL},{options}", "SYSTEM:touch started", pass_fds=[writer])
    os.close(writer)
    announced = read_all(reader)
    os.close(reader)
    assert result.status == 1
    start, star, _ = sentence.partition("*")
    assert f": {start}" in result.text and (star or ends_with(result, sentence)), result
    assert len(result.text.splitlines()) == 1
    assert announced == b""
    assert not (files / "started").exists()


@pytest.mark.parametrize("options, sentence", [row for row in REFUSED if "dhparam" not in row[0]])
def test_refused_before_anybody_is_called(nettool, files, options, sentence):
    with tcp_server() as server:
        result = nettool("-", f"OPENSSL:127.0.0.1:{name_of(server).rpartition(':')[2]},{options}")
        assert quiet(server, 0)
    assert result.status == 1
    start, star, _ = sentence.partition("*")
    assert f": {start}" in result.text and (star or ends_with(result, sentence)), result


@needs_socat
@pytest.mark.parametrize("options", [options for options, _ in REFUSED if "server.pem" not in options])
def test_socat_refuses_the_same_files(socat, files, options):
    result = socat(f"{LOCAL},{options}", "SYSTEM:touch started")
    assert result.status != 0
    assert not (files / "started").exists()


def test_a_key_with_a_password(nettool, files):
    """Nobody is there to be asked: the key is refused at once, and standard input is data as ever."""
    result = nettool(f"{LOCAL},cert=server.crt,key=locked.key", "-", input=b"geheim\n")
    assert result.status == 1
    assert ends_with(result, "the key in locked.key has a password, and there is no terminal to ask for it")


def test_a_password_is_asked_for(files, ca):
    """At a terminal."""
    spawn = pytest.importorskip("pexpect").spawn
    child = spawn(NETTOOL, ["-d", "-d", f"{LOCAL},verify=0,cert=server.crt,key=locked.key", "PIPE"], cwd=files,
                  env=environment(), timeout=DEADLINE)
    child.expect("Enter PEM pass phrase:")
    child.sendline("geheim")
    child.expect(r"listening on AF=2 127\.0\.0\.1:(\d+)")
    with socket.create_connection(("127.0.0.1", int(child.match.group(1))), DEADLINE) as raw:
        peer = Speaker(raw, client_context())
        peer.send(b"x")
        assert peer.exactly(1) == b"x"
        peer.goodbye()
        assert peer.everything() == b""
    child.expect("exiting with status 0")
    child.close()


@needs_root
def test_files_of_others(nettool, files):
    (files / "server.pem").chmod(0o600)
    files.chmod(0o755)
    program = files / "program"
    shutil.copy(nettool.program[0], program)
    nettool.program = [str(program)]
    result = nettool(f"{LOCAL},cert=server.pem", "PIPE", user=65534, group=65534, extra_groups=[])
    assert result.status == 1
    assert ends_with(result, "cannot use the certificate in server.pem: Permission denied")


def test_a_weak_key_is_named(nettool, ca):
    result = nettool(f"{LOCAL},cert={ca.pem('small')}", "PIPE")
    assert result.status == 1
    assert ends_with(result, f"cannot use the certificate in {ca.pem('small')}: a key or a signature is too weak")


def test_a_certificate_is_made_up(listener, nettool):
    """Its fingerprint is told, and is what the client sees; it is for this machine."""
    server = listener(f"{LOCAL},verify=0", "PIPE")
    told = server.expect_err(re.compile(
        rb"no certificate was given \(option cert\), so one was made up for this run; its SHA-256 "
        rb"fingerprint is ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})\n")).group(1).decode()
    with connect(server, client_context(trusts=False)) as peer:
        der = peer.ssl.getpeercert(binary_form=True)
        assert fingerprint(der) == told
        (nettool.folder / "made-up.crt").write_text(ssl.DER_cert_to_PEM_cert(der))
        peer.goodbye()
    assert server.wait().status == 0
    details = subprocess.run(["openssl", "x509", "-in", nettool.folder / "made-up.crt", "-noout", "-ext",
                              "subjectAltName"], capture_output=True, check=True).stdout
    assert b"DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1" in details


def test_what_was_made_up_can_be_trusted(listener, nettool, tmp):
    """Who has the certificate may trust it, and each run has one of its own."""
    seen = set()
    for _ in range(2):
        server = listener(f"{LOCAL},verify=0,fork", "PIPE", endless=True)
        with connect(server, client_context(trusts=False)) as peer:
            der = peer.ssl.getpeercert(binary_form=True)
            peer.goodbye()
        seen.add(fingerprint(der))
        (tmp / "seen.crt").write_text(ssl.DER_cert_to_PEM_cert(der))
        for host in ("localhost", "127.0.0.1"):
            result = nettool("-", f"OPENSSL:{host}:{server.port},pf=ip4,cafile=seen.crt", input=b"x")
            assert (result.status, result.out) == (0, b"x"), result
    assert len(seen) == 2


def test_the_face_of_socat_warns_in_its_words(listener, nettool):
    server = nettool.start("socat", "-d", "-d", f"{LOCAL},verify=0", "PIPE")
    found = server.expect_err(re.compile(rb"listening on AF=2 127\.0\.0\.1:(\d+)"))
    assert b'W no certificate given; consider option "cert"' in server.err
    with socket.create_connection(("127.0.0.1", int(found.group(1))), DEADLINE) as raw:
        peer = Speaker(raw, client_context(trusts=False))
        peer.goodbye()
        assert peer.everything() == b""
    assert server.wait().status == 0


@pytest.mark.parametrize("cipher, options", [
    ("DHE-RSA-AES256-GCM-SHA384", ""), ("DHE-RSA-AES256-GCM-SHA384", ",dhparams=dh.pem"),
    ("DHE-RSA-AES256-GCM-SHA384", ",cert=with-dh.pem"), ("DHE-RSA-AES256-GCM-SHA384", ",dh=dh.pem"),
])
def test_diffie_hellman(listener, files, ca, cipher, options):
    """With parameters of the option, of the certificate's file, or the library's own."""
    server = listener(f"{LOCAL},verify=0,cert=rsa.pem,max-version=TLS1.2{options}", "PIPE")
    context = client_context()
    context.set_ciphers(cipher)
    with connect(server, context) as peer:
        assert peer.ssl.cipher()[0] == cipher
        peer.goodbye()
        assert peer.everything() == b""
    assert server.wait().status == 0


# ---- the server's name in the handshake ----------------------------------------------------------


@pytest.mark.parametrize("host, options, name", [
    ("localhost", "", "localhost"),
    ("localhost", ",verify=0", "localhost"),
    ("127.0.0.1", "", None),
    ("localhost", ",nosni", None),
    ("localhost", ",no-sni", None),
    ("localhost", ",openssl-no-sni=1", None),
    ("localhost", ",nosni=0", "localhost"),
    ("localhost", ",snihost=autre.example", "autre.example"),
    ("localhost", ",openssl-snihost=autre.example", "autre.example"),
    ("127.0.0.1", ",snihost=localhost", "localhost"),
    ("127.0.0.1", ",commonname=localhost", "localhost"),
    ("localhost", ",commonname=127.0.0.1", None),
    ("localhost", ",commonname=", "localhost"),
    ("localhost", ",snihost=", None),
])
def test_the_name_that_is_asked_for(nettool, ca, host, options, name):
    seen = []
    server = Server(lambda peer: (peer.everything(), peer.goodbye()), seen=seen)
    result = nettool("-", trusting(ca, server.port, options, host), input=b"")
    server.result()
    assert (result.status, result.err) == (0, b"")
    assert seen == [name]


@has_ipv6
def test_no_name_for_version_6(nettool, ca):
    seen = []
    server = Server(lambda peer: (peer.everything(), peer.goodbye()), seen=seen,
                    family=socket.AF_INET6)
    result = nettool("-", f"OPENSSL:[::1]:{server.port},cafile={ca.root}", input=b"")
    server.result()
    assert result.status == 0
    assert seen == [None]


@pytest.mark.parametrize("options, name", [
    ("", "localhost"), (",nosni", None), (",snihost=autre.example", "autre.example"),
    (",verify=0,commonname=other.example", "other.example"),
])
def test_the_name_as_socat_sends_it(both, ca, options, name):
    seen = []
    server = Server(lambda peer: (peer.everything(), peer.goodbye()), seen=seen)
    assert both("-", trusting(ca, server.port, options), input=b"").status == 0
    server.result()
    assert seen == [name]


def test_a_server_without_that_name(nettool, ca):
    """It sends an alert, and we have words for it."""
    def refuse(connection, wanted, context):
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    context = server_context()
    context.sni_callback = refuse
    with tcp_server() as server:
        def run():
            with accept(server) as peer, pytest.raises(ssl.SSLError):
                Speaker(peer, context, server=True)

        served = Background(run)
        result = nettool("-", trusting(ca, server.getsockname()[1]), input=b"x")
        served.result()
    assert (result.status, result.out) == (1, b"")
    assert ends_with(result, FAILED + "the server has no such name"), result


# ---- versions, ciphers, protocols, sizes ---------------------------------------------------------

WEAK = ",cipher=DEFAULT:@SECLEVEL=0"
NO_VERSION = FAILED + "we have no version of TLS in common"


@pytest.mark.parametrize("ours, theirs, version", [
    ("", "", "TLSv1.3"),
    (",max-version=TLS1.2", "", "TLSv1.2"),
    ("", ",max-proto-version=TLSv1.2", "TLSv1.2"),
    (",openssl-max-proto-version=tls1.2", ",openssl-min-proto-version=TLS1.2", "TLSv1.2"),
    (",min-version=TLS1.3", "", "TLSv1.3"),
    (",min-proto-version=TLS1.2,max-version=TLS1.3", "", "TLSv1.3"),
    ("", ",method=TLS1.2", "TLSv1.2"),
    ("", ",openssl-method=TLS1.3", "TLSv1.3"),
    (WEAK + ",min-version=TLS1", WEAK + ",method=TLS1.0", "TLSv1"),
    (WEAK + ",method=TLS1.1", WEAK + ",min-version=TLS1.0", "TLSv1.1"),
    (",min-version=TLS1.3", ",max-version=TLS1.2", None),
    (",method=TLS1.2", ",min-version=TLS1.3", None),
])
def test_versions(nettool, serve, ca, ours, theirs, version):
    server = serve("SYSTEM:echo $NETTOOL_OPENSSL_PROTO_VERSION", options=ours)
    result = nettool("-", trusting(ca, server.port, theirs), input=b"")
    ended = server.wait()
    if version:
        assert (result.status, result.printed, result.err) == (0, f"{version}\n", b"")
        assert ended.status == 0
    else:
        assert (result.status, result.out) == (1, b"")
        assert (ended.status, ended.out) == (1, b"")
        assert ends_with(result, NO_VERSION) and ends_with(ended, NO_VERSION), (result, ended)


@pytest.mark.parametrize("option", ["min-version=TLS9", "max-version=TLS", "method=SSLv23x",
                                    "openssl-min-proto-version=1.2"])
def test_a_version_that_is_none(nettool, option):
    name, value = option.split("=")
    result = nettool("-", f"OPENSSL:localhost:{dead_port()},{option}")
    assert result.status == 2
    assert f"option '{name}' has the bad value '{value}'" in result.text
    assert "a version such as TLS1.2 or DTLS1.2 is needed" in result.text


def test_versions_that_exclude_each_other(nettool, ca):
    with tcp_server() as server:
        result = nettool("-", f"OPENSSL:127.0.0.1:{server.getsockname()[1]},min-version=TLS1.3,"
                              "max-version=TLS1.2")
    assert result.status == 1
    assert "we have no version of TLS in common" in result.text or "this OpenSSL" in result.text


@pytest.mark.parametrize("option", ["cipher", "ciphers", "cipherlist", "openssl-cipherlist"])
def test_ciphers(nettool, serve, ca, option):
    wanted = "ECDHE-ECDSA-CHACHA20-POLY1305"
    server = serve("SYSTEM:echo $NETTOOL_OPENSSL_CIPHER")
    result = nettool("-", trusting(ca, server.port, f",{option}={wanted},max-version=TLS1.2"))
    assert (result.status, result.printed) == (0, wanted + "\n")
    assert server.wait().status == 0


@pytest.mark.parametrize("ciphers, suites", [
    ("TLS_CHACHA20_POLY1305_SHA256", {"TLS_CHACHA20_POLY1305_SHA256"}),
    ("HIGH:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256",
     {"TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"}),
    ("ECDHE-ECDSA-AES128-SHA256", {"TLS_AES_256_GCM_SHA384"}),
])
def test_ciphers_of_version_1_3(nettool, serve, ca, ciphers, suites):
    """They have a list of their own, which those of older versions leave alone."""
    server = serve("SYSTEM:echo $NETTOOL_OPENSSL_CIPHER")
    result = nettool("-", trusting(ca, server.port, f",cipher={ciphers},min-version=TLS1.3"))
    assert result.status == 0 and result.printed.strip() in suites
    assert server.wait().status == 0


def test_a_key_alone_is_told(nettool, ca):
    result = nettool("OPENSSL-LISTEN:0,accept-timeout=0.01,key=key.pem", "PIPE")
    assert b"option key has no effect without option cert" in result.err


def test_a_folder_is_no_certificate(nettool, tmp):
    result = nettool("OPENSSL-LISTEN:0,cert=.", "PIPE")
    assert (result.status, result.out) == (1, b"")
    assert ends_with(result, "cannot use the certificate in .: Is a directory")


def test_no_cipher_in_common(nettool, serve, ca):
    server = serve(options=",max-version=TLS1.2,cipher=ECDHE-ECDSA-AES128-SHA256")
    result = nettool("-", trusting(ca, server.port, ",cipher=ECDHE-ECDSA-AES256-SHA384"), input=b"x")
    ended = server.wait()
    assert (result.status, ended.status) == (1, 1)
    assert ends_with(result, FAILED + "the other side finds nothing that both of us would accept")
    assert ends_with(ended, FAILED + "we have no cipher in common")


def test_the_server_chooses_the_cipher(listener, ca):
    server = listener(f"{LOCAL},verify=0,cert={ca.pem('server')},max-version=TLS1.2,"
                      "cipher=ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA256", "PIPE")
    context = client_context()
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384")
    with connect(server, context) as peer:
        assert peer.ssl.cipher()[0] == "ECDHE-ECDSA-AES256-SHA384"
        peer.goodbye()
    assert server.wait().status == 0


@pytest.mark.parametrize("offered, chosen", [(["http/1.1"], "http/1.1"), (["http/1.1", "h2"], "h2"),
                                             (["spdy", "h2"], "h2"), ([], None)])
def test_a_server_chooses_a_protocol(listener, ca, offered, chosen):
    """The first of ours that the client speaks; a client that asks for none gets none."""
    server = listener(f"{LOCAL},verify=0,cert={ca.pem('server')},alpn=h2:http/1.1",
                      "SYSTEM:echo protocol=$NETTOOL_OPENSSL_ALPN")
    context = client_context()
    if offered:
        context.set_alpn_protocols(offered)
    with connect(server, context) as peer:
        assert peer.ssl.selected_alpn_protocol() == chosen
        assert peer.line().decode() == f"protocol={chosen or ''}\n"
        peer.goodbye()
        assert peer.everything() == b""
    assert server.wait().status == 0


@pytest.mark.parametrize("known, chosen", [(["http/1.1"], "http/1.1"), (["http/1.1", "h2"], "http/1.1"),
                                           (["spdy"], ""), ([], "")])
def test_a_client_offers_protocols(nettool, ca, known, chosen):
    """A server of Python's chooses by its own order, and takes no offence at the unknown."""
    def answer(peer):
        return peer.everything(), peer.goodbye(), peer.ssl.selected_alpn_protocol()

    server = Server(answer, alpn=known)
    result = nettool(trusting(ca, server.port, ",alpn=h2:http/1.1"), "SYSTEM:echo $SOCAT_OPENSSL_ALPN")
    assert result.status == 0, result
    said, _, selected = server.result()
    assert said.decode() == chosen + "\n"
    assert (selected or "") == chosen


def test_no_protocol_in_common(nettool, serve, ca):
    server = serve(options=",alpn=irc")
    result = nettool("-", trusting(ca, server.port, ",alpn=h2:http/1.1"), input=b"x")
    ended = server.wait()
    assert (result.status, ended.status) == (1, 1)
    for one in (result, ended):
        assert ends_with(one, FAILED + "no protocol of option alpn is in common"), one


@pytest.mark.parametrize("value", ["", ":", "h2:", "h2::irc", "x" * 256])
def test_names_of_protocols(nettool, value):
    result = nettool("-", f"OPENSSL:localhost:{dead_port()},alpn={value}")
    assert result.status == 2
    assert "names of 1 to 255 bytes with ':' between them are needed" in result.text


@pytest.mark.parametrize("size", [512, 1024, 2048, 4096])
@pytest.mark.parametrize("version", ["TLS1.2", "TLS1.3"])
def test_a_client_asks_for_small_pieces(nettool, serve, ca, tmp, size, version):
    """Our server obeys. A relay between records what passes, and knows no TLS."""
    data = random_bytes(30_000)
    server = serve()
    between = nettool.listener("-r", "sent", "-R", "got", "TCP-LISTEN:0,bind=127.0.0.1",
                               f"TCP:127.0.0.1:{server.port}")
    result = nettool("-", trusting(ca, between.port, f",maxfraglen={size},method={version}"), input=data)
    assert result.status == 0
    assert same(result.out, data)
    assert (between.wait().status, server.wait().status) == (0, 0)
    for name in ("sent", "got"):
        sizes = records((tmp / name).read_bytes())
        assert sum(sizes) > len(data)
        assert max(sizes) <= size + 256  # what encryption adds


def records(wire):
    """The sizes of the records with data in what passed in one direction."""
    peer = Speaker.__new__(Speaker)
    peer.wire = wire
    return peer.records()


@pytest.mark.parametrize("side", ["client", "server"])
@pytest.mark.parametrize("size", [512, 1000, 16384])
def test_sent_in_small_pieces(nettool, listener, ca, side, size):
    data = random_bytes(60_000)
    if side == "client":
        def answer(peer):
            return peer.everything(), peer.records()

        server = Server(answer)
        result = nettool("-u", "-", trusting(ca, server.port, f",maxsendfrag={size}"), input=data)
        got, sizes = server.result()
        assert result.status == 0
    else:
        server = listener("-U", f"{LOCAL},verify=0,cert={ca.pem('server')},maxsendfrag={size}", "-")
        server.send(data)
        server.end_input()
        with connect(server) as peer:
            got = peer.everything()
            peer.goodbye()
            sizes = peer.records()
        assert server.wait().status == 0
    assert same(got, data)
    assert max(sizes) <= size + 256
    assert sum(sizes) > len(data)


@pytest.mark.parametrize("option, status", [
    ("maxfraglen=513", 2), ("maxfraglen=big", 2), ("maxsendfrag=511", 2), ("maxsendfrag=16385", 2),
    ("maxsendfrag=few", 2), ("compress=gzip", 2), ("verify=perhaps", 2), ("handshake-timeout=-1", 2),
    ("handshake-timeout=soon", 2),
])
def test_values_that_are_none(nettool, option, status):
    """Refused before anything is opened, and by --check."""
    for words in ((), ("--check",)):
        result = nettool(*words, "-", f"OPENSSL:localhost:{dead_port()},{option}")
        assert result.status == status
        assert option.split("=")[0] in result.text


@pytest.mark.parametrize("options", [",compress=none", ",compress=auto", ",openssl-compress=none",
                                     ",egd=/nowhere", ",pseudo", ",openssl-pseudo=0"])
def test_options_without_effect(nettool, serve, ca, options):
    server = serve()
    result = nettool("-", trusting(ca, server.port, options), input=b"x" * 100_000)
    assert result.status == 0
    assert same(result.out, b"x" * 100_000)
    assert server.wait().status == 0
    warned = b"egd and pseudo have no effect" in result.err
    assert warned == ("egd" in options or options == ",pseudo")


def test_fips_is_there_or_not(nettool, serve, ca):
    """Either all goes on with what FIPS allows, or nothing begins."""
    with tcp_server() as plain:
        result = nettool("-", f"OPENSSL:127.0.0.1:{plain.getsockname()[1]},fips,handshake-timeout=0.1")
    assert result.status == 1
    assert "cannot switch to FIPS" in result.text or "handshake-timeout" in result.text


# ---- what programs are told ----------------------------------------------------------------------

ENVIRONMENT = "SYSTEM:env | LC_ALL=C sort | grep _OPENSSL_; true"
NEVER = {name: "stale" for name in ("SOCAT_OPENSSL_X509_SUBJECT", "NETTOOL_OPENSSL_X509_SUBJECT",
                                    "SOCAT_OPENSSL_X509_COMMONNAME")}


def told(output, prefix):
    """The variables that begin with a prefix, by the rest of their names."""
    return dict(line[len(prefix) :].split("=", 1) for line in output.splitlines()
                if line.startswith(prefix))


SEVERAL = {
    "X509_SUBJECT": "C = FR, O = Cours, O = Filiale, CN = localhost",
    "X509_ISSUER": "C = FR, O = Cours, CN = root authority",
    "X509_COUNTRYNAME": "FR",
    "X509_ORGANIZATIONNAME": "Cours // Filiale",
    "X509_COMMONNAME": "localhost",
    "X509V3_SUBJECTALTNAME_DNS": "localhost // autre.example",
    "X509V3_SUBJECTALTNAME_IPADD": "127.0.0.1 // ::1",
    "PROTO_VERSION": "TLSv1.2",
    "CIPHER": "ECDHE-ECDSA-AES256-GCM-SHA384",
}
EXACTLY = ",max-version=TLS1.2,cipher=ECDHE-ECDSA-AES256-GCM-SHA384"


def test_a_servers_program_knows_the_client(listener, nettool, ca, more_files):
    server = listener(f"{LOCAL},cert={ca.pem('server')},cafile={ca.root}{EXACTLY}", ENVIRONMENT, env=NEVER)
    result = nettool("-", trusting(ca, server.port, f",cert={more_files}/several.pem"), input=b"")
    assert (result.status, server.wait().status) == (0, 0), server.err
    assert told(result.printed, "NETTOOL_OPENSSL_") == SEVERAL
    assert told(result.printed, "SOCAT_OPENSSL_") == SEVERAL


def test_a_clients_program_knows_the_server(listener, nettool, ca, more_files):
    server = listener(f"{LOCAL},verify=0,cert={more_files}/several.pem", "-")
    result = nettool(trusting(ca, server.port, EXACTLY), ENVIRONMENT, env=NEVER)
    server.end_input()
    ended = server.wait()
    assert (result.status, ended.status) == (0, 0)
    assert told(ended.printed, "NETTOOL_OPENSSL_") == SEVERAL
    assert told(ended.printed, "SOCAT_OPENSSL_") == SEVERAL


@needs_socat
def test_as_socat_tells_it(listener, socat, ca, more_files):
    """The same words for the same certificate; ours are more only in what it leaves out."""
    theirs = socat.listener(f"{LOCAL},cert={ca.pem('server')},cafile={ca.root}{EXACTLY}", ENVIRONMENT)
    context = client_context()
    context.load_cert_chain(more_files / "several.crt", more_files / "several.key")
    with connect(theirs, context) as peer:
        peer.goodbye()
        said = told(peer.everything().decode(), "SOCAT_OPENSSL_")
    assert theirs.wait().status == 0
    assert said["X509_SUBJECT"] and said["PROTO_VERSION"]
    assert {name: SEVERAL.get(name) for name in said} == said


def test_accents_stay_accents(listener, nettool, ca):
    server = listener(f"{LOCAL},cert={ca.pem('server')},cafile={ca.root}", ENVIRONMENT)
    result = nettool("-", trusting(ca, server.port, f",cert={ca.pem('client')}"), input=b"")
    assert (result.status, server.wait().status) == (0, 0)
    said = told(result.printed, "NETTOOL_OPENSSL_")
    assert said["X509_ORGANIZATIONNAME"] == "Étudiants"
    assert said["X509_SUBJECT"] == "C = FR, O = Étudiants, CN = ana"


def test_of_a_client_without_certificate_nothing_is_told(serve, nettool, ca):
    """And what somebody else has put there is gone."""
    server = serve(ENVIRONMENT, env=NEVER)
    result = nettool("-", trusting(ca, server.port), input=b"")
    assert (result.status, server.wait().status) == (0, 0)
    for prefix in ("NETTOOL_OPENSSL_", "SOCAT_OPENSSL_"):
        assert set(told(result.printed, prefix)) == {"PROTO_VERSION", "CIPHER"}


def test_each_connection_has_its_own_facts(listener, nettool, ca):
    server = listener(f"{LOCAL},cert={ca.pem('server')},cafile={ca.root},fork",
                      "SYSTEM:echo $NETTOOL_OPENSSL_X509_COMMONNAME", endless=True)
    for name, common in (("client", "ana"), ("other", "other.example"), ("client", "ana")):
        result = nettool("-", trusting(ca, server.port, f",cert={ca.pem(name)}"), input=b"")
        assert (result.status, result.printed) == (0, common + "\n")


# ---- what passes ---------------------------------------------------------------------------------


def test_the_client_ends_first(nettool, ca):
    """The server hears of the end, and goes on all the same; everything arrives."""
    data = random_bytes(1_000_000)

    def answer(peer):
        heard = peer.everything()
        peer.send(data)
        peer.goodbye()
        return heard

    server = Server(answer)
    result = nettool("-", trusting(ca, server.port), input=b"that was all")
    assert server.result() == b"that was all"
    assert (result.status, result.err) == (0, b"")
    assert same(result.out, data)


def test_the_server_ends_first(start, ca):
    """Our client goes on; what it says behind that is heard."""
    said = threading.Event()

    def answer(peer):
        peer.send(b"my last word")
        peer.goodbye()
        said.set()
        return peer.everything()

    server = Server(answer)
    client = start("-d", "-d", "-", trusting(ca, server.port))
    client.expect_out(b"my last word")
    client.expect_err(b"socket 2 (fd 5) is at EOF")
    client.send(random_bytes(1_000_000))
    client.end_input()
    assert client.wait().status == 0
    assert same(server.result(), random_bytes(1_000_000))


def test_a_client_of_our_server_ends_first(serve):
    """What the program says after the end of its input comes to the client that has said goodbye."""
    server = serve("SYSTEM:cat >/dev/null; sleep 0.2; echo later; sleep 0.2; echo last")
    with connect(server) as peer:
        peer.send(b"that was all")
        peer.goodbye()
        assert peer.everything() == b"later\nlast\n"
    assert (server.wait().status, server.err) == (0, b"")


def test_our_server_ends_first(listener, ca):
    """Its input has ended, and it hears what the client goes on to say."""
    server = listener("-t", "20", f"{LOCAL},verify=0,cert={ca.pem('server')}", "-")
    with connect(server) as peer:
        server.send(b"my last word")
        server.end_input()
        assert peer.everything() == b"my last word"
        peer.send(b"no, wait: ")
        server.expect_out(b"no, wait: ")
        peer.send(random_bytes(300_000))
        peer.goodbye()
    result = server.wait()
    assert result.status == 0
    assert same(result.out, b"no, wait: " + random_bytes(300_000))


@needs_socat
def test_half_closes_between_ours_and_socats(nettool, socat, ca, tmp):
    """Each direction ends for itself, in both roles."""
    (tmp / "answer").write_bytes(random_bytes(500_000))
    words = (f"{LOCAL},verify=0,cert={ca.pem('server')}", "SYSTEM:cat >heard; cat answer")
    for ours, theirs in ((nettool, socat), (socat, nettool)):
        server = ours.listener("-t", "20", *words)
        result = theirs("-t", "20", "-", trusting(ca, server.port), input=random_bytes(400_000))
        assert (result.status, server.wait().status) == (0, 0)
        assert same(result.out, random_bytes(500_000))
        assert same((tmp / "heard").read_bytes(), random_bytes(400_000))


@pytest.mark.parametrize("size", [0, 1, BIG])
@pytest.mark.parametrize("way", ["-u from the client", "-U to the client", "-u to the client",
                                 "-U from the client"])
def test_one_way(nettool, ca, tmp, size, way):
    """Complete files, in either direction, whichever side has the word."""
    data = random_bytes(size)
    (tmp / "in").write_bytes(data)
    option, _, end = way.split(" ", 2)
    to_client = end == "the client" and "to" in way
    place = f"{LOCAL},verify=0,cert={ca.pem('server')}"
    if to_client:
        server_words = ("-u", "OPEN:in", place)
    else:
        server_words = ("-u", place, "CREATE:out")
    if option == "-U":
        server_words = ("-U", *reversed(server_words[1:]))
    server = nettool.listener(*server_words)
    address = trusting(ca, server.port)
    client_words = ("-u", address, "CREATE:out") if to_client else ("-u", "OPEN:in", address)
    result = nettool(*client_words, timeout=60)
    assert (result.status, result.err) == (0, b"")
    assert (server.wait(60).status, server.err) == (0, b"")
    assert (tmp / "out").stat().st_size == size
    assert digest(tmp / "out") == digest(data)


def test_big_both_ways_at_once(nettool, serve, ca):
    """20 MB there and back, while both sides write and read."""
    data = random_bytes(BIG)
    server = serve()
    result = nettool("-", trusting(ca, server.port), input=data, timeout=120)
    assert (result.status, result.err) == (0, b"")
    assert same(result.out, data)
    assert server.wait().status == 0


@pytest.mark.parametrize("server_name", ["openssl", "socat"])
@pytest.mark.parametrize("sent", [b"\xa7", b""], ids=["one byte", "nothing"])
def test_short_messages_again_and_again(nettool, program, ca, sent, server_name):
    """These servers send tickets that nobody reads, which must not cost what was sent."""
    if server_name == "openssl":
        server = program("openssl", "s_server").start(
            "-accept", "127.0.0.1:0", "-cert", ca.crt("server"), "-key", ca.key("server"), endless=True)
        port = wait_until(lambda: re.search(rb"ACCEPT 127\.0\.0\.1:(\d+)", server.out))[1].decode()
    else:
        server = program("socat", "-dd", "-u").start(
            f"{LOCAL},fork,verify=0,cert={ca.pem('server')}", "STDOUT", endless=True)
        port = server.expect_err(re.compile(rb"listening on AF=2 127\.0\.0\.1:(\d+)"))[1].decode()
    for turn in range(100):
        result = nettool("-u", "-", trusting(ca, port), input=sent)
        assert (result.status, result.out, result.err) == (0, b"", b""), turn
    wait_until(lambda: server.out.count(b"\xa7") >= 100 * len(sent))
    assert server.out.count(b"\xa7") == 100 * len(sent)
    server.stop()


def test_a_short_answer_again_and_again(nettool, serve, ca):
    """A server of ours says one word, doesn't listen, and is over; the client has said things nobody reads."""
    server = serve("SYSTEM:echo word", options=",fork", endless=True)
    for turn in range(60):
        result = nettool("-", trusting(ca, server.port), input=b"unread" * 1000)
        assert result.out == b"word\n", (turn, result)


@needs_linux
@pytest.mark.parametrize("role", ["client", "server"])
def test_a_slow_reader(nettool, listener, ca, tmp, role):
    """While nobody reads we wait, and don't hoard; then everything arrives."""
    with open(tmp / "big", "wb") as file:
        file.truncate(200 * 1024 * 1024)
        file.seek(-3, 2)
        file.write(b"end")
    ready, go = threading.Event(), threading.Event()

    def read(peer):
        ready.set()
        assert go.wait(DEADLINE)
        total, last = 0, b""
        while piece := peer.recv():
            total, last = total + len(piece), piece
        return total, last[-3:]

    if role == "client":
        server = Server(read)
        process = nettool.start("-u", "OPEN:big", trusting(ca, server.port))
        reader = server
    else:
        process = nettool.listener("-u", "OPEN:big", f"{LOCAL},verify=0,cert={ca.pem('server')}")
        peer = connect(process)
        reader = Background(read, peer)
    assert ready.wait(DEADLINE)
    rests(process)
    if os.environ.get("NETTOOL_ASAN") != "yes":  # which keeps what was freed
        assert memory_of(process.pid) * 1024 < 20 * 1024 * 1024  # a tenth of what there is
    go.set()
    assert reader.result(60) == (200 * 1024 * 1024, b"end")
    if role == "server":
        peer.close()
    assert process.wait().status == 0


@pytest.mark.parametrize("how", ["records", "segments"])
def test_byte_by_byte(listener, ca, how):
    """A peer that sends a record for each byte, or a packet for each byte of each record."""
    data = random_bytes(2000)
    server = listener("-u", f"{LOCAL},verify=0,cert={ca.pem('server')}", "-")
    raw = server.connect()
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with Speaker(raw, client_context()) as peer:
        for i in range(len(data) if how == "records" else 1):
            if how == "records":
                peer.send(data[i : i + 1])
            else:
                peer.send(data, size=1)
        peer.goodbye()
        result = server.wait()
    assert (result.status, result.err) == (0, b"")
    assert same(result.out, data)


def test_what_comes_with_the_end_of_the_handshake(serve):
    """A client's last word of the handshake and its first of the data in one packet: nothing wakes the server again."""
    server = serve()
    with server.connect() as raw:
        peer = Speaker(raw, client_context(), shake=False)
        while True:
            try:
                peer.ssl.do_handshake()
                break
            except ssl.SSLWantReadError:
                peer.flush()
                peer._more()
        peer.ssl.write(b"salut")
        peer.flush()
        assert peer.exactly(5) == b"salut"
        peer.goodbye()
        peer.everything()
    assert server.wait().status == 0


def test_records_at_once(listener, ca):
    """Many records in one packet, with the goodbye: more than is read at once, and no wake-up between."""
    data = random_bytes(200_000)
    server = listener("-u", f"{LOCAL},verify=0,cert={ca.pem('server')}", "-")
    with connect(server) as peer:
        for i in range(0, len(data), 1000):
            peer.ssl.write(data[i : i + 1000])
        peer.goodbye()
        result = server.wait()
    assert (result.status, result.err) == (0, b"")
    assert same(result.out, data)


def test_data_with_the_end_of_the_handshake(serve):
    """The first words come in the packet that ends the handshake, and nothing after them."""
    server = serve()
    with connect(server, shake=False) as peer:
        while True:
            try:
                peer.ssl.do_handshake()
                break
            except ssl.SSLWantReadError:
                peer.flush()
                peer._more()
        peer.ssl.write(b"at once")
        peer.flush()
        assert peer.exactly(7) == b"at once"
        peer.goodbye()
        assert peer.everything() == b""
    assert server.wait().status == 0


def test_cut_off(nettool, ca):
    """What came is there, but it may not be all: that is a failure."""
    def answer(peer):
        peer.send(b"the first half")
        peer.peer.shutdown(socket.SHUT_WR)
        return peer.peer.recv(1)

    server = Server(answer)
    result = nettool("-u", trusting(ca, server.port), "-")
    server.result()
    assert (result.status, result.out) == (1, b"the first half")
    assert ends_with(result, CUT), result


def test_a_client_that_is_cut_off(serve):
    server = serve("SYSTEM:cat >heard")
    with connect(server) as peer:
        peer.send(b"the first half")
    result = server.wait()
    assert result.status == 1
    assert ends_with(result, CUT), result


def test_cut_off_behind_our_goodbye(nettool, ca):
    """Who has heard ours may just hang up: so do many."""
    server = Server(lambda peer: (peer.send(b"answer"), peer.everything()))
    result = nettool("-", trusting(ca, server.port), input=b"question")
    assert server.result()[1] == b"question"
    assert (result.status, result.out, result.err) == (0, b"answer", b"")


def test_reset(nettool, ca):
    def answer(peer):
        peer.send(b"the first half")
        peer.exactly(5)
        reset(peer.peer)

    server = Server(answer)
    client = nettool.start("-", trusting(ca, server.port))
    client.expect_out(b"the first half")
    client.send(b"hello")
    server.result()
    assert client.popen.wait(DEADLINE) == 1
    result = client.wait()
    assert result.out == b"the first half"
    assert "Connection reset by peer" in result.text


@pytest.mark.parametrize("options, status", [("", 1), (",cool-write", 0)])
def test_nobody_takes_it_any_more(start, ca, options, status):
    """A connection that is gone while we write is a failure, unless cool-write says otherwise."""
    def answer(peer):
        peer.exactly(3)
        reset(peer.peer)

    server = Server(answer)
    client = start("-u", "-", trusting(ca, server.port, options))
    client.send(b"one")
    server.result()
    with contextlib.suppress(BrokenPipeError):
        while client.running:
            client.send(b"two")
    assert client.popen.wait(DEADLINE) == status
    result = client.wait()
    assert (result.err == b"") == (status == 0), result


def test_goodbye_right_after_the_handshake(nettool, serve, ca):
    server = Server(lambda peer: peer.goodbye())
    result = nettool("-u", trusting(ca, server.port), "-")
    server.result()
    assert (result.status, result.out, result.err) == (0, b"", b"")
    server = serve("SYSTEM:cat >heard")
    with connect(server) as peer:
        peer.goodbye()
        assert peer.everything() == b""
    assert (server.wait().status, server.err) == (0, b"")
    assert (nettool.folder / "heard").read_bytes() == b""


def test_cut_off_right_after_the_handshake(nettool, ca):
    server = Server(lambda peer: None)
    result = nettool("-u", trusting(ca, server.port), "-")
    server.result()
    assert (result.status, result.out) == (1, b"")
    assert CUT in result.text or "Connection reset by peer" in result.text


def test_behind_a_changed_record(listener, ca):
    """A bit on the way is changed: what came before is there, and nothing behind it."""
    server = listener("-u", f"{LOCAL},verify=0,cert={ca.pem('server')}", "-")
    with connect(server) as peer:
        peer.send(b"before")
        server.expect_out(b"before")
        peer.ssl.write(b"behind")
        record = bytearray(peer.outgoing.read())
        record[-1] ^= 1
        peer.peer.sendall(record)
        result = server.wait()
    assert (result.status, result.out) == (1, b"before")
    assert BROKEN in result.text


# ---- who doesn't speak TLS -----------------------------------------------------------------------

PLAIN = FAILED + "the other side doesn't speak TLS"
HUNG_UP = FAILED + "the other side has hung up"


@pytest.mark.parametrize("sent, sentence", [
    (b"GET / HTTP/1.0\r\n\r\n", PLAIN),
    (b"bonjour, vous m'entendez ?\n", PLAIN),
    (b"CONNECT a:1 HTTP/1.0\r\n\r\n", PLAIN),
    (bytes(100), None),
    (random_bytes(1000), None),
    (b"\x16\x03\x01\x00\x05", HUNG_UP),
    (b"\x16\x03\x01", HUNG_UP),
    (b"", HUNG_UP),
    (b"\x15\x03\x01\x00\x02\x02\x28", PLAIN),
], ids=["http", "text", "connect", "zeros", "garbage", "truncated", "header", "nothing", "alert"])
def test_a_client_without_tls(serve, tmp, sent, sentence):
    server = serve("SYSTEM:touch started")
    with server.connect() as peer:
        peer.sendall(sent)
        peer.shutdown(socket.SHUT_WR)
        result = server.wait()
    assert result.status == 1
    assert FAILED in result.text and len(result.text.splitlines()) == 1
    assert sentence is None or ends_with(result, sentence), result
    assert not (tmp / "started").exists()


@pytest.mark.parametrize("said, sentence", [
    (b"220 mail.example ESMTP\r\n", PLAIN),
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", PLAIN),
    (b"SSH-2.0-OpenSSH_9.2\r\n", PLAIN),
    (b"", HUNG_UP),
    (b"\x16\x03\x03\x00\x7a\x02", HUNG_UP),
    (random_bytes(500), None),
], ids=["mail", "http", "ssh", "nothing", "truncated", "garbage"])
def test_a_server_without_tls(nettool, said, sentence):
    def answer(peer):
        peer.sendall(said)
        peer.shutdown(socket.SHUT_WR)
        return read_all(peer)

    server = Server(answer, plain=True)
    result = nettool("-", f"OPENSSL:127.0.0.1:{server.port}", input=b"secret")
    heard = server.result()
    assert b"secret" not in heard
    assert (result.status, result.out) == (1, b"")
    assert FAILED in result.text and len(result.text.splitlines()) == 1
    assert sentence is None or ends_with(result, sentence), result


def test_an_echo_of_ours_without_tls(nettool, listener):
    server = listener("TCP-LISTEN:0,bind=127.0.0.1", "PIPE")
    result = nettool("-", f"OPENSSL:127.0.0.1:{server.port}", input=b"secret")
    assert result.status == 1
    assert ends_with(result, PLAIN), result
    server.wait()


def test_tcp_to_a_server_of_ours(nettool, serve):
    """The other way round: who speaks plain TCP to it gets an alert, no data, and is told nothing."""
    server = serve("SYSTEM:echo secret")
    result = nettool("-", f"TCP:127.0.0.1:{server.port}", input=b"hello\n")
    assert b"secret" not in result.out
    assert (server.wait().status, ends_with(server.wait(), PLAIN)) == (1, True)


@pytest.mark.parametrize("option", ["handshake-timeout=0.3", "rcvtimeo=0.3", "so-rcvtimeo=0.3"])
@pytest.mark.parametrize("role", ["client", "server"])
def test_a_mute_peer(nettool, listener, ca, option, role):
    """It accepts, or connects, and says nothing."""
    sentence = FAILED + "no answer within handshake-timeout"
    if role == "client":
        with tcp_server() as server:
            result = nettool("-", f"OPENSSL:127.0.0.1:{server.getsockname()[1]},{option}", input=b"x")
    else:
        server = listener(f"{LOCAL},verify=0,cert={ca.pem('server')},{option}", "SYSTEM:touch started")
        with server.connect():
            result = server.wait()
        assert not (nettool.folder / "started").exists()
    assert result.status == 1
    assert ends_with(result, sentence), result


def test_no_time_limit_of_the_socket(nettool, serve, ca):
    """rcvtimeo=0 is the kernel's word for none."""
    server = serve(options=",rcvtimeo=0")
    result = nettool("-", trusting(ca, server.port, ",rcvtimeo=0"), input=b"x")
    assert (result.status, result.out) == (0, b"x"), result
    assert server.wait().status == 0


def test_a_peer_that_stops_in_the_middle(nettool, ca):
    """The time runs from the beginning, whatever comes meanwhile."""
    with tcp_server() as server:
        def run():
            with accept(server) as peer:
                peer.sendall(b"\x16\x03\x03\x00\x7a\x02")
                return read_all(peer)

        served = Background(run)
        result = nettool("-", f"OPENSSL:127.0.0.1:{server.getsockname()[1]},handshake-timeout=0.3")
        served.result()
    assert result.status == 1
    assert ends_with(result, FAILED + "no answer within handshake-timeout")


# ---- signals -------------------------------------------------------------------------------------

SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("role", ["client", "server"])
def test_a_signal_in_the_handshake(start, listener, ca, number, role):
    if role == "client":
        with tcp_server() as server:
            process = start("-", f"OPENSSL:127.0.0.1:{server.getsockname()[1]}")
            with accept(server) as peer:
                read_exactly(peer, 5)
                process.send_signal(number)
                assert process.wait().status == 128 + number
    else:
        process = listener("-d", "-d", f"{LOCAL},verify=0,cert={ca.pem('server')}", "PIPE")
        with process.connect() as peer:
            process.expect_err(b"accepting connection from")
            process.send_signal(number)
            assert process.wait().status == 128 + number
            assert peer.recv(1) == b""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_in_the_transfer(start, ca, number):
    """The other side isn't left in doubt: it hears a goodbye, or that it was cut off; and not for long."""
    def answer(peer):
        peer.send(b"hello")
        try:
            return peer.everything()
        except ssl.SSLError:
            return b""

    server = Server(answer)
    process = start("-", trusting(ca, server.port))
    process.expect_out(b"hello")
    process.send_signal(number)
    assert process.wait().status == 128 + number
    assert server.result() == b""


# ---- many clients --------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["fork", "poll"])
def test_a_silent_client_holds_up_nobody(listener, ca, option):
    """It is greeted by itself, while others come, are served and go."""
    server = listener(f"{LOCAL},verify=0,cert={ca.pem('server')},{option}", "PIPE", endless=True)
    silent = [server.connect() for _ in range(5)]
    others = [connect(server) for _ in range(5)]
    for i, peer in enumerate(reversed(others)):
        peer.send(b"%d" % i)
        assert peer.exactly(1) == b"%d" % i
        peer.goodbye()
        assert peer.everything() == b""
        peer.close()
    # and it may speak later
    late = Speaker(silent[2], client_context())
    late.send(b"at last")
    assert late.exactly(7) == b"at last"
    late.goodbye()
    for peer in silent:
        peer.close()


@pytest.mark.parametrize("option", ["fork", "poll", "hub"])
def test_who_is_turned_away_is_only_told(listener, ca, tmp, option):
    """The server goes on, and says in one line each what was wrong."""
    server = listener(f"{LOCAL},cert={ca.pem('server')},cafile={ca.root},handshake-timeout=3,{option}",
                      "PIPE" if option != "hub" else "OPEN:log,creat,append", endless=True)
    mute = server.connect()
    with server.connect() as peer:
        peer.sendall(b"GET / HTTP/1.0\r\n\r\n")
        read_all(peer)
    stranger = Speaker(server.connect(), client_context(name="alone"), shake=False)
    with pytest.raises((ssl.SSLError, OSError)):
        stranger.shake()
        while stranger.recv():
            pass
        raise OSError("turned away")
    stranger.close()
    server.expect_err(PLAIN.encode())
    server.expect_err(ITSELF.encode())
    server.expect_err(b"no answer within handshake-timeout")
    mute.close()
    with connect(server, client_context(name="client")) as peer:
        peer.send(b"hello\n")
        if option != "hub":
            assert peer.exactly(6) == b"hello\n"
        else:
            wait_until(lambda: (tmp / "log").read_bytes() == b"hello\n")
        peer.goodbye()
    assert len(server.err.splitlines()) == 3


def test_children_that_greet_are_children(listener, ca):
    """max-children counts who hasn't even said hello; a time limit makes room again."""
    server = listener(f"{LOCAL},verify=0,cert={ca.pem('server')},fork,max-children=1,handshake-timeout=3",
                      "PIPE", endless=True)
    with server.connect():
        with connect(server) as peer:  # waits until the mute one was sent away
            assert b"no answer within handshake-timeout" in server.err
            peer.send(b"x")
            assert peer.exactly(1) == b"x"
            peer.goodbye()


@pytest.mark.parametrize("option", ["fork", "poll"])
def test_fifty_clients(listener, ca, option):
    server = listener(f"{LOCAL},verify=0,cert={ca.pem('server')},{option}", "PIPE", endless=True)
    context = client_context()
    peers = [connect(server, context) for _ in range(50)]
    for i, peer in enumerate(peers):
        peer.send(b"number %d\n" % i)
    for i, peer in enumerate(peers):
        assert peer.line() == b"number %d\n" % i
        peer.goodbye()
    for peer in peers:
        assert peer.everything() == b""
        peer.close()
    assert server.err == b""


@needs_linux
def test_no_zombies_and_no_descriptors(listener, ca):
    """A long series of good and bad clients leaves a server as it was."""
    server = listener(f"{LOCAL},verify=0,cert={ca.pem('server')},poll", "PIPE", endless=True)
    with connect(server) as peer:
        peer.goodbye()
        peer.everything()
    count = len(os.listdir(f"/proc/{server.pid}/fd"))
    for i in range(40):
        if i % 2:
            with connect(server) as peer:
                peer.send(b"x" * 1000)
                peer.exactly(500)
        else:
            with server.connect() as peer:
                peer.sendall(b"nonsense\n")
                read_all(peer)
    wait_until(lambda: len(os.listdir(f"/proc/{server.pid}/fd")) <= count)


def hears(peer, word):
    """The line that somebody hears with a word in it."""
    while word not in (line := peer.line()):
        assert line, f"{word} wasn't heard"
    return line


def test_a_hub(listener, ca):
    """Members over TLS hear each other, by names; somebody without TLS isn't let in."""
    server = listener(f"{LOCAL},verify=0,cert={ca.pem('server')},hub,names", endless=True)
    ana = connect(server)
    hears(ana, b"you are")
    ana.send(b"/nick ana\n")
    ben = connect(server)
    ben.send(b"/nick ben\n")
    hears(ana, b"ben")
    with server.connect() as stranger:
        stranger.sendall(b"let me in, it is cold outside\n")
        read_all(stranger)
    ben.send("bonjour à tous\n".encode())
    assert hears(ana, "bonjour à tous".encode()) == "<ben> bonjour à tous\n".encode()
    ana.send(b"salut\n")
    assert hears(ben, b"salut") == b"<ana> salut\n"
    ana.goodbye()
    assert hears(ben, b"ana") == b"* ana left\n"
    assert PLAIN.encode() in server.err
    assert b"cold" not in ana.rest + ben.rest
    ana.close()
    ben.close()


def test_a_hub_has_a_client_of_ours(listener, start, ca):
    """Our client is a member as well."""
    server = listener(f"{LOCAL},verify=0,cert={ca.pem('server')},hub", endless=True)
    one, other = (start("-", trusting(ca, server.port)) for _ in range(2))
    with connect(server) as peer:
        for member in (one, other):
            member.send(b"here I am\n")
            assert peer.line() == b"here I am\n"
        peer.send(b"hello\n")
        one.expect_out(b"hello\n")
        other.expect_out(b"hello\n")
        peer.goodbye()
    one.end_input()
    assert one.wait().status == 0
    other.stop()


def test_a_slow_member_of_a_hub(listener, ca):
    """Who doesn't read has to go, and the others go on."""
    server = listener(f"{LOCAL},verify=0,cert={ca.pem('server')},hub,hub-queue=65536,hub-slow=close",
                      endless=True)
    slow, quick, speaker = (connect(server) for _ in range(3))
    line = b"x" * 999 + b"\n"
    reader = Background(lambda: [quick.line() for _ in range(20_000)][-1])
    for _ in range(20_000):
        speaker.send(line)
    assert reader.result(60) == line
    for peer in (slow, quick, speaker):
        peer.close()


def test_a_client_that_is_tried_again(nettool, ca):
    """A handshake that fails is a failure as a connection that is refused: retry counts for it."""
    context = server_context()
    with tcp_server() as server:
        def run():
            for _ in range(2):
                accept(server).close()
            with accept(server) as peer:
                speaker = Speaker(peer, context, server=True)
                speaker.send(b"third time lucky")
                speaker.goodbye()
                return speaker.everything()

        served = Background(run)
        result = nettool("-", trusting(ca, server.getsockname()[1], ",retry=2,interval=0.05"), input=b"hi")
        assert served.result() == b"hi"
    assert (result.status, result.out) == (0, b"third time lucky")


def test_tried_again_in_vain(nettool, ca):
    with tcp_server() as server:
        def run():
            for _ in range(3):
                accept(server).close()
            server.settimeout(0.5)
            with pytest.raises(TimeoutError):
                accept(server)

        served = Background(run)
        result = nettool("-", trusting(ca, server.getsockname()[1], ",retry=2,interval=0.05"), input=b"hi")
        served.result()
    assert result.status == 1
    assert HUNG_UP in result.text or "Connection reset by peer" in result.text


def test_forever(start, ca):
    """A client may be there first; it comes through once the server is."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    client = start("-d", "-d", "-d", trusting(ca, server.getsockname()[1], ",forever,interval=0.02"), "-")
    wait_until(lambda: client.err.count(b"Connection refused") >= 2)
    server.listen(1)
    server.settimeout(DEADLINE)
    with server, accept(server) as peer:
        speaker = Speaker(peer, server_context(), server=True)
        speaker.send(b"here")
        client.expect_out(b"here")
        speaker.goodbye()
        client.end_input()
        assert speaker.everything() == b""
    assert client.wait().status == 0


@pytest.mark.parametrize("option", ["fork", "poll"])
def test_who_may_come_is_asked_before_the_handshake(listener, ca, option):
    """range= is about addresses: the others hear not one byte of TLS."""
    server = listener(f"{LOCAL},verify=0,cert={ca.pem('server')},range=127.0.0.2/32,{option}", "PIPE",
                      endless=True)
    with server.connect() as peer:
        try:
            peer.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
            assert peer.recv(1) == b""
        except ConnectionResetError:
            pass
    allowed = socket.socket()
    allowed.settimeout(DEADLINE)
    allowed.bind(("127.0.0.2", 0))
    allowed.connect(("127.0.0.1", server.port))
    with Speaker(allowed, client_context()) as peer:
        peer.send(b"x")
        assert peer.exactly(1) == b"x"
        peer.goodbye()


def test_options_of_tcp(listener, nettool, ca):
    """What TCP takes TLS takes as well."""
    server = listener(f"{LOCAL},reuseaddr,backlog=3,nodelay,keepalive,verify=0,cert={ca.pem('server')},"
                      "accept-timeout=20", "SYSTEM:echo $NETTOOL_PEERPORT $SOCAT_PEERADDR")
    port = free_port()
    result = nettool("-", trusting(ca, server.port, f",sp={port},bind=127.0.0.1,nodelay,connect-timeout=20"))
    assert (result.status, result.printed) == (0, f"{port} 127.0.0.1\n")
    assert server.wait().status == 0


def test_nobody_came(nettool, ca):
    result = nettool(f"{LOCAL},verify=0,cert={ca.pem('server')},accept-timeout=0.2", "PIPE")
    assert result.status == 0
    assert "timed out" in result.text


def test_connection_refused(nettool, ca):
    result = nettool("-", trusting(ca, dead_port()))
    assert result.status == 1
    assert result.text.rstrip().endswith("Connection refused")


# ---- with the other features ---------------------------------------------------------------------


def test_dumps_show_what_was_said(nettool, serve, ca):
    server = serve("SYSTEM:read x; echo reply to $x", options="")
    result = nettool("-v", "-", trusting(ca, server.port), input=b"clear text\n")
    assert (result.status, result.out) == (0, b"reply to clear text\n")
    assert re.search(r"^> .* length=11 .*\nclear text\n", result.text, re.M), result
    assert re.search(r"^< .* length=20 .*\nreply to clear text\n", result.text, re.M), result
    assert server.wait().status == 0


def test_hexadecimal_dumps(nettool, serve, ca):
    server = serve()
    result = nettool("-x", "-", trusting(ca, server.port), input=b"AB\n")
    assert result.status == 0
    assert result.text.count(" 41 42 0a") == 2
    assert server.wait().status == 0


def test_raw_dumps(nettool, serve, ca, tmp):
    server = serve()
    result = nettool("-r", "there", "-R", "back", "-", trusting(ca, server.port), input=b"raw\0data")
    assert result.status == 0
    assert (tmp / "there").read_bytes() == (tmp / "back").read_bytes() == b"raw\0data"
    assert server.wait().status == 0


def test_captures_show_what_was_said(nettool, serve, ca, tmp):
    """Wireshark sees the words, though they were encrypted on the way."""
    server = serve()
    data = "en clair, à lire\n".encode()
    result = nettool("--pcap=passed.pcapng", "-", trusting(ca, server.port), input=data)
    assert (result.status, result.out) == (0, data)
    capture = Capture((tmp / "passed.pcapng").read_bytes())
    ours = [packet for packet in capture.packets if server.port in (packet.source[1], packet.target[1])]
    assert [packet.data for packet in ours if packet.data] == [data, data]
    assert server.wait().status == 0


def test_digests_are_of_what_was_said(nettool, serve, ca):
    server = serve()
    data = random_bytes(100_000)
    result = nettool("--digest=sha256", "-", trusting(ca, server.port), input=data)
    assert (result.status, result.out) == (0, data)
    assert len(re.findall(digest(data), result.text)) == 2
    assert server.wait().status == 0


def test_statistics(nettool, serve, ca):
    """They count what was said, not what encryption made of it."""
    server = serve()
    result = nettool("--statistics=json", "-", trusting(ca, server.port), input=bytes(12345))
    assert (result.status, len(result.out)) == (0, 12345)
    assert result.text.count("12345") >= 2
    assert server.wait().status == 0


def test_line_ends(nettool, serve, ca):
    server = serve("SYSTEM:cat >heard; printf 'a\\r\\nb\\r\\n'")
    result = nettool("-", trusting(ca, server.port, ",crnl"), input=b"x\ny\n")
    assert (result.status, result.out) == (0, b"a\nb\n")
    assert server.wait().status == 0
    assert (nettool.folder / "heard").read_bytes() == b"x\r\ny\r\n"


@pytest.mark.parametrize("options", ["rate=1M", "chop=7", "delay=0.05", "rate=1M,chop=1000,delay=0.01"])
def test_weather(nettool, serve, ca, options):
    data = random_bytes(20_000)
    server = serve()
    result = nettool("-", trusting(ca, server.port, "," + options), input=data)
    assert (result.status, result.err) == (0, b"")
    assert same(result.out, data)
    assert server.wait().status == 0


def test_so_many_bytes(nettool, ca):
    def answer(peer):
        peer.send(b"1234567890")
        try:
            peer.everything()
        except (ssl.SSLError, OSError):
            pass

    server = Server(answer)
    result = nettool("-u", trusting(ca, server.port, ",readbytes=4"), "-")
    server.result()
    assert (result.status, result.out) == (0, b"1234")


def test_escape(start, ca):
    server = Server(lambda peer: (peer.everything(), peer.goodbye())[0])
    client = start("-,escape=0x0f", trusting(ca, server.port))
    client.send(b"said\x0fnot said")
    assert client.popen.wait(DEADLINE) == 0
    assert server.result() == b"said"


def test_the_end_is_overlooked(start, ca):
    """With ignoreeof a goodbye of the other side doesn't end ours."""
    def answer(peer):
        peer.send(b"one")
        peer.goodbye()
        return peer.everything()

    server = Server(answer)
    client = start("-", trusting(ca, server.port, ",ignoreeof"))
    client.expect_out(b"one")
    client.send(b"two")
    client.end_input()
    assert client.wait().status == 0
    assert server.result() == b"two"


def test_no_goodbye_with_shut_none(start, ca):
    """The server doesn't hear of the end of our input before all ends."""
    heard = []

    def answer(peer):
        heard.append(peer.exactly(4))
        peer.send(b"what?")
        try:
            heard.append(peer.everything())
        except ssl.SSLError as error:
            heard.append(error.reason)
        return heard

    server = Server(answer)
    client = start("-t", "2", "-", trusting(ca, server.port, ",shut-none"))
    client.send(b"said")
    client.end_input()
    assert client.wait().status == 0
    assert client.out == b"what?"
    assert server.result()[0] == b"said"


def test_goodbye_with_shut_down(nettool, ca):
    server = Server(lambda peer: (peer.everything(), peer.goodbye())[0])
    result = nettool("-", trusting(ca, server.port, ",shut-down"), input=b"said")
    assert result.status == 0
    assert server.result() == b"said"


def test_shut_down_cuts_nothing_off(nettool, serve, ca):
    data = random_bytes(700_000)
    server = serve()
    result = nettool("-", trusting(ca, server.port, ",shut-down"), input=data)
    assert result.status == 0 and same(result.out, data)
    assert server.wait().status == 0


def test_inactivity(nettool, ca):
    """-T ends it; the other side hears a goodbye."""
    server = Server(lambda peer: peer.everything())
    client = nettool.start("-T", "0.3", "-", trusting(ca, server.port))
    assert client.popen.wait(DEADLINE) == 0
    assert server.result() == b""


def test_end_close(listener, nettool, ca):
    """Nothing is said at the end: who shares the connection may go on."""
    def answer(peer):
        got = peer.exactly(4)
        try:
            return got, peer.peer.recv(100)
        except ConnectionResetError:  # by the kernel, for what nobody has read
            return got, b""

    server = Server(answer)
    result = nettool("-u", "-", trusting(ca, server.port, ",end-close,shut-none"), input=b"said")
    assert result.status == 0
    assert server.result() == (b"said", b"")


def test_a_connection_that_waits_for_somebody(listener, nettool, ca):
    """The first address is open, handshake and all, before anybody comes to the second."""
    server = Server(lambda peer: peer.exactly(3))
    middle = nettool.listener(trusting(ca, server.port), "TCP-LISTEN:0,bind=127.0.0.1")
    with middle.connect() as peer:
        peer.sendall(b"one")
        assert server.result() == b"one"
    middle.stop()


def test_a_client_that_forks(start, listener, ca):
    """Each connection has a child of its own, and the parent, which goes on, spoils none of them."""
    context = server_context()
    with tcp_server() as server:
        client = start(trusting(ca, server.getsockname()[1], ",fork,interval=0.05,max-children=3"),
                       "SYSTEM:read x; echo got $x", endless=True)
        peers = [Speaker(accept(server), context, server=True) for _ in range(3)]
        for i, peer in enumerate(peers):
            peer.send(b"%d\n" % i)
            assert peer.everything() == b"got %d\n" % i
            peer.goodbye()
            peer.close()
        client.stop()


def test_a_program_gets_no_encrypted_descriptor(listener, nettool, ca):
    """nofork would hand it the bare socket: that is refused, and the program isn't started."""
    server = listener(f"{LOCAL},verify=0,cert={ca.pem('server')}", "EXEC:touch started,nofork")
    nettool("-u", trusting(ca, server.port), "-")
    result = server.wait()
    assert result.status == 1
    assert "nofork needs a first address that is a plain descriptor" in result.text
    assert not (nettool.folder / "started").exists()


def test_nobody_gets_an_encrypted_descriptor(nettool, serve, ca):
    """--pass-fd, as ssh would use it."""
    server = serve()
    ours, theirs = socket.socketpair()
    with ours:
        result = nettool("--pass-fd", trusting(ca, server.port), stdout=theirs)
        theirs.close()
        assert ours.recvmsg(10, 1000)[:2] == (b"", [])
    assert result.status == 1
    assert "there is no single descriptor that could be passed on" in result.text
    server.wait()


# ---- before anything happens ---------------------------------------------------------------------

ADDRESSES = ["OPENSSL:127.0.0.1:{port},cafile={root}", "OPENSSL-LISTEN:{port},cert={pem}",
             "OPENSSL-LISTEN:{port},cert={pem},verify=0,fork",
             "OPENSSL-DTLS-CLIENT:127.0.0.1:{port},cafile={root}", "OPENSSL-DTLS-SERVER:{port},cert={pem}"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_check(nettool, ca, address):
    words = address.format(port=dead_port(), root=ca.root, pem=ca.pem("server"))
    result = nettool("--check", words, "-")
    assert (result.status, result.err) == (0, b"")
    assert address.split(":")[0] in result.printed


def test_check_names_what_is_wrong(nettool):
    result = nettool("--check", "OPENSSL:localhost:4433,cafille=x", "-")
    assert result.status == 2
    assert "cafille" in result.text


@pytest.mark.parametrize("address", ADDRESSES)
def test_explain(program, ca, tmp, address):
    """It tells of the handshake, and nothing is opened: neither socket, nor certificate, nor library."""
    words = address.format(port=dead_port(), root=ca.root, pem=ca.pem("server"))
    strace = program("strace", "-f", "-e", "trace=openat,bind,listen,connect,accept,accept4", "-o",
                     "strace.txt", NETTOOL, "--explain")
    if program("strace", "-o", "probe.txt", NETTOOL)("-V", env=calls.FOLLOWED).status != 0:
        pytest.skip("strace may not trace here")
    result = strace(words, "-", env=calls.FOLLOWED)
    assert (result.status, result.err) == (0, b"")
    assert "TLS: both sides agree on keys" in result.printed
    seen = (tmp / "strace.txt").read_text()
    assert str(ca.folder) not in seen
    assert not re.search(r"\b(bind|listen|connect|accept4?)\(", seen)
    assert "libssl" not in seen


def test_without_tls_there_is_no_library(program, tmp):
    """Who doesn't speak TLS doesn't load it."""
    strace = program("strace", "-f", "-e", "trace=openat", "-o", "strace.txt", NETTOOL)
    if program("strace", "-o", "probe.txt", NETTOOL)("-V", env=calls.FOLLOWED).status != 0:
        pytest.skip("strace may not trace here")
    assert strace("/dev/null", "/dev/null", env=calls.FOLLOWED).status == 0
    assert "libssl" not in (tmp / "strace.txt").read_text()


def hide(folder, path):
    """Takes the reading of certificates, which is OpenSSL's own business, out of what strace has seen."""
    path.write_text(path.read_text().replace(str(folder), "/usr/tls"))


def test_the_calls_of_a_client(traced, serve, ca, tmp):
    """--trace shows what TLS does to the socket, encrypted as it is, as strace sees it."""
    server = serve()
    client = traced("-", trusting(ca, server.port, host="127.0.0.1"))
    client.send(b"hello")
    assert client.wait().out == b"hello"
    assert server.wait().status == 0
    hide(ca.folder, tmp / "strace.txt")
    order = names(client.compare())
    places = [order.index(name) for name in ("socket", "connect", "send", "recv", "close")]
    assert places == sorted(places)


def test_the_calls_of_a_server(traced, ca, tmp):
    server = traced(f"{LOCAL},reuseaddr,verify=0,cert={ca.pem('server')}", "PIPE")
    with socket.create_connection(("127.0.0.1", listens(server)), DEADLINE) as raw:
        peer = Speaker(raw, client_context())
        peer.send("été\n".encode())
        assert peer.line().decode() == "été\n"
        peer.goodbye()
        assert peer.everything() == b""
    assert server.wait().status == 0
    hide(ca.folder, tmp / "strace.txt")
    order = names(server.compare())
    places = [order.index(name) for name in ("socket", "bind", "listen", "accept4", "recv", "send")]
    assert places == sorted(places)
    assert not re.search(rb"(?:send|recv)\(.*\xc3\xa9", server.err)


# ---- what happens later in a connection ----------------------------------------------------------


def test_new_keys_that_the_client_wants(serve, program, ca):
    """s_client: K changes its keys and asks us for new ones. Then it goes on."""
    server = serve()
    client = program("openssl", "s_client", "-tls1_3", "-no_ign_eof").start(
        "-connect", f"127.0.0.1:{server.port}", "-CAfile", ca.root)
    client.expect_out(b"Verify return code: 0")
    for turn in range(3):
        client.send(b"K\n")
        wait_until(lambda: client.err.count(b"KEYUPDATE") > turn)
        client.send(b"word %d\n" % turn)
        client.expect_out(b"word %d\n" % turn)
    client.end_input()
    client.wait()
    assert (server.wait().status, server.err) == (0, b"")


@pytest.mark.parametrize("version, command", [("-tls1_3", b"K\n"), ("-tls1_3", b"k\n"), ("-tls1_2", b"r\n")])
def test_new_keys_that_the_server_wants(start, program, ca, version, command):
    """s_server: K and k change keys, r shakes hands once more. Ours goes along with that."""
    with s_server(program, ca, "server", version) as (server, port):
        client = start("-", trusting(ca, port))
        client.send(b"first\n")
        server.expect_out(b"first\n")
        for turn in range(3):
            server.send(command)
            client.send(b"word %d\n" % turn)
            server.expect_out(b"word %d\n" % turn)
            server.send(b"answer %d\n" % turn)
            client.expect_out(b"answer %d\n" % turn)
        client.end_input()
        assert client.wait().status in (0, 1)  # s_server may hang up without a goodbye
        server.wait()
    assert client.out == b"answer 0\nanswer 1\nanswer 2\n"


def test_a_client_may_not_begin_again(serve, program, ca):
    """Renegotiation costs a server more than the client; ours refuses, and lives on."""
    server = serve(options=",fork,max-version=TLS1.2", endless=True)
    client = program("openssl", "s_client", "-tls1_2", "-no_ign_eof").start(
        "-connect", f"127.0.0.1:{server.port}", "-CAfile", ca.root)
    client.expect_out(b"Verify return code: 0")
    client.send(b"R\n")
    client.expect_err(b"RENEGOTIATING")
    client.end_input()
    client.wait()
    with connect(server) as peer:
        peer.send(b"x")
        assert peer.exactly(1) == b"x"
        peer.goodbye()


@pytest.mark.parametrize("block", ["1", "10", "16384", "100000", "1Mi"])
def test_blocks_of_all_sizes(nettool, serve, ca, block):
    data = random_bytes(3000 if len(block) < 3 else 3_000_000)
    server = serve(flags=("-b", block))
    result = nettool("-b", block, "-", trusting(ca, server.port), input=data)
    assert (result.status, result.err) == (0, b"")
    assert same(result.out, data)
    assert server.wait().status == 0


def test_a_mute_server_behind_a_relay(listener, ca):
    """One process serves all (poll), and each of its own clients shakes hands by itself."""
    context = server_context()
    with tcp_server() as target:
        relay = listener("TCP-LISTEN:0,bind=127.0.0.1,poll", trusting(ca, target.getsockname()[1]), endless=True)
        first = relay.connect()
        mute = accept(target)
        second = relay.connect()
        speaker = Speaker(accept(target), context, server=True)
        second.sendall(b"question")
        assert speaker.exactly(8) == b"question"
        speaker.send(b"answer")
        assert read_exactly(second, 6) == b"answer"
        speaker.goodbye()
        assert read_all(second) == b""
        late = Speaker(mute, context, server=True)
        late.send(b"at last")
        assert read_exactly(first, 7) == b"at last"
        for one in (first, mute, second, speaker):
            one.close()


def test_a_chat(nettool, listener, ca):
    """Two at terminals chat over TLS, with a hub of ours between them."""
    if b"CHAT" not in nettool("--list=addresses").out:
        pytest.skip("built without readline")
    server = listener(f"{LOCAL},verify=0,cert={ca.pem('server')},hub,names", endless=True)
    home = {"XDG_STATE_HOME": str(nettool.folder / "state"), "NO_COLOR": "1", "INPUTRC": "/dev/null"}
    windows, processes = [Window(), Window()], []
    for name, window in zip(("ana", "ben"), windows):
        processes.append(window.start(nettool, f"CHAT,nick={name}", trusting(ca, server.port), env=home))
        window.wait_for(f"* you are now {name}")
    windows[0].type("ça va ?\r")
    windows[1].wait_for("<ana> ça va ?")
    windows[1].type("très bien\r")
    windows[0].wait_for("<ben> très bien")
    for process, window in zip(processes, windows):
        window.type("/quit\r")
        assert process.wait().status == 0
        window.close()
