"""TLS: OPENSSL and OPENSSL-LISTEN against openssl, ncat, curl, Python, socat, and each other.

certificates.py has the certificates and the ends of connections whose every byte a test decides.
"""

import contextlib
import json
import os
import re
import select
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time

import pytest

import calls
from capture import Capture
from certificates import Server, Speaker, authority, client_context, connect, fingerprint, server_context
from crowds import Member, memory_of, reset, rests
from netpeek import children_of, has_ipv6
from tools import (
    BUILDDIR,
    DEADLINE,
    Background,
    accept,
    dead_port,
    digest,
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


@pytest.fixture
def ca():
    return authority()


@pytest.fixture
def serve(listener, ca):
    """Starts a server of ours that takes any client; by default it echoes."""

    def start(*words, options="", name="server", place=LOCAL, **more):
        return listener(f"{place},verify=0,cert={ca.pem(name)}{options}", *(words or ("PIPE",)), **more)

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


@pytest.mark.parametrize("keyword", ["OPENSSL-LISTEN", "SSL-L", "OPENSSL-L", "ssl-l"])
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


@pytest.mark.parametrize("keyword", ["OPENSSL", "SSL", "OPENSSL-CONNECT", "ssl"])
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


@needs_socat
def test_socats_client_to_the_face(program, listener, socat, ca, nettool):
    """The same lines on both sides: socat's, and `nettool socat`'s."""
    for server_side, client_side in ((nettool, socat), (socat, nettool)):
        words = [f"{LOCAL},verify=0,cert={ca.pem('server')}", "PIPE"]
        if server_side is nettool:
            server = server_side.listener(*words)
        else:
            server = server_side.listener(*words)
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
    ("client", "", UNTRUSTED + "its certificate comes from an issuer we don't trust", "the other side doesn't trust our certificate"),
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


@pytest.mark.parametrize("options, sentence", REFUSED)
def test_refused_before_anybody_is_called(nettool, files, options, sentence):
    if "dhparam" in options:
        pytest.skip("of a client's options the parameters are none")
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
    """Nobody is there to be asked: the key is refused at once."""
    result = nettool(f"{LOCAL},cert=server.crt,key=locked.key", "PIPE")
    assert result.status == 1
    assert "cannot use the key in locked.key: " in result.text


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
    assert "cannot use the certificate in " in result.text


def test_a_certificate_is_made_up(listener, nettool):
    """Its fingerprint is told, and is what the client sees; it is for this machine."""
    authority()
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
    authority()
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
    authority()
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
