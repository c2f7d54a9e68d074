"""TCP: every address and alias, addresses that are tried in turn, limits, refusals, messages."""

import os
import re
import signal
import socket
import subprocess
import struct
import time

import pytest

from netpeek import has_ipv6, option_of, sockets_of
from tools import (
    DEADLINE,
    free_port,
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
    unix_server,
    wait_until,
)

CONNECT = ["TCP", "TCP-CONNECT", "INET", "TCP4", "TCP4-CONNECT", "INET4", "tcp", "tcp4-connect"]
CONNECT6 = ["TCP6", "TCP6-CONNECT", "INET6", "tcp6"]
LISTEN = ["TCP-LISTEN", "TCP-L", "INET-L", "INET-LISTEN", "TCP4-LISTEN", "TCP4-L", "INET4-L",
          "INET4-LISTEN", "tcp-l"]
LISTEN6 = ["TCP6-LISTEN", "TCP6-L", "INET6-L", "INET6-LISTEN"]


def full_server():
    """A listener whose queue is full, and those who fill it: the next one waits in vain."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(0)
    crowd = []
    for _ in range(4):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(server.getsockname())
        crowd.append(one)
    return server, crowd


def reset(peer):
    """Closes a connection by RST."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


# ---- clients and servers ------------------------------------------------------------------------


@pytest.mark.parametrize("keyword", CONNECT)
def test_connect(nettool, keyword):
    server = tcp_server()
    data = random_bytes(100_000, 1)

    def serve():
        peer = accept(server)
        got = read_all(peer)
        peer.sendall(got[::-1])
        peer.close()
        return got

    there = Background(serve)
    result = nettool("STDIO", f"{keyword}:{name_of(server)}", input=data)
    assert (result.status, result.err) == (0, b"")
    assert same(result.out, data[::-1]) and same(there.result(), data)


@has_ipv6
@pytest.mark.parametrize("keyword", CONNECT6 + ["TCP"])
def test_connect_ipv6(nettool, keyword):
    server = tcp_server(socket.AF_INET6)
    there = Background(lambda: accept(server).sendall(b"six"))
    result = nettool("-u", f"{keyword}:{name_of(server)}", "STDOUT")
    there.result()
    assert (result.status, result.out) == (0, b"six")


@pytest.mark.parametrize("keyword", LISTEN)
def test_listen(listener, keyword):
    server = listener(f"{keyword}:0,bind=127.0.0.1", "PIPE")
    assert server.announced[0][0] == "tcp"
    with server.connect() as peer:
        peer.sendall(b"bonjour \xc3\xa9t\xc3\xa9\n")
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == b"bonjour \xc3\xa9t\xc3\xa9\n"
    assert server.wait().status == 0


@has_ipv6
@pytest.mark.parametrize("keyword", LISTEN6)
def test_listen_ipv6(listener, keyword):
    server = listener(f"{keyword}:0,bind=[::1]", "PIPE")
    with server.connect() as peer:
        peer.sendall(b"six")
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == b"six"
    assert server.wait().status == 0


def test_listener_closes_its_socket_after_one_connection(listener):
    server = listener("TCP-LISTEN:0,bind=127.0.0.1", "PIPE")
    with server.connect() as peer:
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
        with socket.socket() as second:
            assert second.connect_ex(("127.0.0.1", server.port)) != 0
    assert server.wait().status == 0


def test_half_close_reaches_the_peer(both):
    """The end of our input is told, the answer still comes."""
    server = tcp_server()

    def serve():
        peer = accept(server)
        got = read_all(peer)
        peer.sendall(b"%d bytes" % len(got))
        peer.close()

    there = Background(serve)
    result = both("-", f"TCP4:{name_of(server)}", input=b"x" * 12345)
    there.result()
    assert (result.status, result.out, result.err) == (0, b"12345 bytes", b"")


def test_two_listeners_meet(both):
    """A gender changer: the second address listens once the first one has its connection."""
    process = both.start("-d", "-d", "TCP4-LISTEN:0,bind=127.0.0.1", "TCP4-LISTEN:0,bind=127.0.0.1")
    pattern = rb"listening on .*127\.0\.0\.1:(\d+)"
    process.expect_err(re.compile(pattern))
    ports = lambda: re.findall(pattern, process.err)
    left = socket.create_connection(("127.0.0.1", int(ports()[0])), 20)
    wait_until(lambda: len(ports()) == 2)
    right = socket.create_connection(("127.0.0.1", int(ports()[1])), 20)
    left.sendall(b"to the right")
    left.shutdown(socket.SHUT_WR)
    assert read_all(right) == b"to the right"
    right.sendall(b"to the left")
    right.close()
    assert read_all(left) == b"to the left"
    left.close()
    assert process.wait().status == 0


def test_one_mebibyte_each_way(listener, nettool):
    data = random_bytes(1 << 20, 3)
    server = listener("TCP-LISTEN:0,bind=127.0.0.1", "PIPE")
    result = nettool("-", f"TCP:{server.address}", input=data)
    assert result.status == 0 and same(result.out, data)
    assert server.wait().status == 0


def test_second_address_is_untouched_while_the_first_waits(start, tmp):
    process = start("-dd", "TCP-LISTEN:0,bind=127.0.0.1", "CREATE:made")
    process.expect_err(b"listening on")
    assert not (tmp / "made").exists()
    assert process.stop().status == 143
    assert not (tmp / "made").exists()


# ---- every address of a name --------------------------------------------------------------------


def with_hosts(program, tmp, nettool, text):
    """A runner of nettool that sees a hosts file of its own, and no name service."""
    if not os.path.exists("/etc/hosts") or subprocess.run(["unshare", "-m", "true"], check=False,
                                                          stderr=subprocess.DEVNULL).returncode:
        pytest.skip("no mount namespaces here, or nothing to mount over")
    (tmp / "hosts").write_text(text)
    (tmp / "nsswitch").write_text("hosts: files\nservices: files\n")
    script = ('mount --bind "$1/hosts" /etc/hosts && mount --bind "$1/nsswitch" /etc/nsswitch.conf'
              ' || exit 99; shift; exec "$@"')
    return program("unshare", "-m", "sh", "-c", script, "sh", str(tmp), *nettool.program)


@needs_root
@has_ipv6
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
@pytest.mark.parametrize("prefer", ["-4", "-6", "-0"])
def test_every_address_is_tried(nettool, program, tmp, family, prefer):
    run = with_hosts(program, tmp, nettool, "127.0.0.1 twin\n::1 twin\n")
    server = tcp_server(family)
    there = Background(lambda: accept(server).sendall(b"found"))
    result = run("-d", "-d", "-u", prefer, f"TCP:twin:{server.getsockname()[1]}", "-")
    if result.status == 99:
        pytest.skip("no mount namespaces here")
    there.result()
    assert (result.status, result.out) == (0, b"found")
    assert b"opening connection to" in result.err


@needs_root
@has_ipv6
@pytest.mark.parametrize("env, first", [("4", "AF=2"), ("6", "AF=10")])
@pytest.mark.parametrize("how", ["variable", "option"])
def test_preferred_family_goes_first(nettool, program, tmp, env, first, how):
    run = with_hosts(program, tmp, nettool, "127.0.0.1 twin\n::1 twin\n")
    with socket.socket(socket.AF_INET6) as probe:
        probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        probe.bind(("::", 0))  # nobody listens there, in either family
        more = [f"-{env}"] if how == "option" else []
        result = run("-d", "-d", *more, f"TCP:twin:{probe.getsockname()[1]}", "-",
                     env={"SOCAT_PREFERRED_RESOLVE_IP": env} if how == "variable" else None)
    if result.status == 99:
        pytest.skip("no mount namespaces here")
    tried = re.findall(r"opening connection to (AF=\d+)", result.text)
    assert result.status == 1
    assert tried[0] == first and sorted(tried) == ["AF=10", "AF=2"]


@needs_root
def test_name_not_found(nettool, program, tmp):
    run = with_hosts(program, tmp, nettool, "127.0.0.1 localhost\n")
    result = run("TCP:nosuch.invalid:9", "-")
    if result.status == 99:
        pytest.skip("no mount namespaces here")
    assert result.status == 1 and result.out == b""
    assert "nosuch.invalid" in result.text and "Name or service not known" in result.text
    assert result.text.count("\n") == 1


def test_bind_of_the_other_family_skips_an_address(nettool):
    server = tcp_server()
    result = nettool(f"TCP:{name_of(server)},bind=[::1]", "-")
    assert result.status == 1 and result.text.count("\n") == 1


# ---- what fails ---------------------------------------------------------------------------------


def test_connection_refused(both):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        result = both(f"TCP4:{name_of(probe)}", "-", input=b"x")
    assert (result.status, result.out) == (1, b"")
    assert b"Connection refused" in result.err


def test_refusal_names_the_address_once(nettool):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        where = name_of(probe)
        result = nettool(f"TCP:{where}", "-")
    assert result.text.count("\n") == 1
    assert f"TCP:{where}" in result.text and "cannot connect" in result.text


@needs_root
def test_network_unreachable(nettool, program):
    """In a network namespace of its own, where nothing is up."""
    run = program("unshare", "-n", *nettool.program)
    result = run("TCP4:192.0.2.1:9", "-")
    if "unshare" in result.text:
        pytest.skip(result.text)
    assert result.status == 1 and "Network is unreachable" in result.text


def test_port_in_use(both):
    server = tcp_server()
    result = both(f"TCP4-LISTEN:{server.getsockname()[1]},bind=127.0.0.1", "-")
    assert result.status == 1 and result.out == b""
    assert b"Address already in use" in result.err


@needs_root
def test_privileged_port(nettool, program):
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as file:
        if int(file.read()) < 1024:
            pytest.skip("every port is free for everybody here")
    run = program("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *nettool.program)
    result = run("TCP-LISTEN:81,bind=127.0.0.1", "-", cwd="/")
    if "setpriv" in result.text:
        pytest.skip(result.text)
    assert result.status == 1 and "Permission denied" in result.text


def test_foreign_bind_address(both):
    result = both("TCP4-LISTEN:0,bind=192.0.2.1", "-")
    assert result.status == 1 and b"Cannot assign requested address" in result.err


@pytest.mark.parametrize("text", ["TCP:localhost", "TCP:a:b:c", "TCP", "TCP-LISTEN",
                                  "TCP-LISTEN:1:2", "TCP:localhost:", "TCP-LISTEN:",
                                  "TCP:localhost:70000", "TCP-LISTEN:0,max-children=-1",
                                  "TCP-LISTEN:0,range=127.0.0.1", "TCP:h:1,fork=x",
                                  "TCP:h:1,range=1.2.3.4/8", "TCP:h:1,pf=rot13",
                                  "TCP4:h:1,ipv6-v6only=1"])
def test_wrong_words_are_usage_errors(nettool, text):
    """Refused before anything is opened: the other side's file does not come to be."""
    result = nettool("CREATE:made", text)
    assert result.status == 2 and result.out == b"" and result.err != b""
    assert not os.path.exists(nettool.folder / "made")


def test_unknown_service(nettool):
    result = nettool("TCP:127.0.0.1:no-such-service", "-")
    assert result.status in (1, 2) and "no-such-service" in result.text


@pytest.mark.skipif(not os.path.exists("/etc/services"), reason="no services database here")
def test_service_name(nettool, listener):
    """A word where a port belongs is looked up in the services database."""
    result = nettool("-d", "-d", "TCP:127.0.0.1:tcpmux,connect-timeout=5", "-")
    assert "127.0.0.1:1" in result.text


# ---- connect-timeout, retry ---------------------------------------------------------------------


@needs_linux
def test_connect_timeout(both):
    server, crowd = full_server()
    result = both(f"TCP4:{name_of(server)},connect-timeout=0.2", "-")
    assert result.status == 1 and result.out == b"" and result.err != b""
    del crowd


@needs_linux
def test_connect_timeout_counts_for_each_attempt(nettool):
    server, crowd = full_server()
    result = nettool("-d", "-d", f"TCP:{name_of(server)},connect-timeout=0.1,retry=2,interval=0.01",
                     "-")
    assert result.status == 1
    assert result.text.count("opening connection to") == 3
    assert "connect-timeout" in result.text.splitlines()[-2] + result.text.splitlines()[-1]
    del crowd


@pytest.mark.parametrize("extra, attempts", [("", 1), (",retry=0", 1), (",retry=3", 4),
                                             (",retry", 2)])
def test_retry_makes_so_many_attempts(nettool, extra, attempts):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        result = nettool("-d", "-d", f"TCP:{name_of(probe)},interval=0.01{extra}", "-")
    assert result.status == 1
    assert result.text.count("opening connection to") == attempts
    assert result.text.count("cannot connect") == 1


@pytest.mark.parametrize("option", ["forever", "retry=100000"])
def test_retry_until_somebody_listens(nettool, option):
    server = socket.socket()
    server.settimeout(DEADLINE)
    server.bind(("127.0.0.1", 0))
    process = nettool.start("-d", "-d", "-d", f"TCP:{name_of(server)},{option},interval=0.02", "-")
    wait_until(lambda: process.err.count(b"opening connection") >= 3)
    server.listen()
    peer = accept(server)
    peer.sendall(b"at last")
    peer.close()
    process.end_input()
    result = process.wait()
    assert (result.status, result.out) == (0, b"at last")


def test_retry_of_a_listener(nettool):
    """A port in use is tried again as well."""
    taken = tcp_server()
    process = nettool.start("-d", "-d", "-d", "-u",
                            f"TCP-LISTEN:{taken.getsockname()[1]},bind=127.0.0.1,forever,"
                            "interval=0.02", "-")
    process.expect_err(b"trying again")
    where = taken.getsockname()
    taken.close()
    process.expect_err(b"listening on")
    with socket.create_connection(where, 20) as peer:
        peer.sendall(b"mine")
    assert process.wait().out == b"mine"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("where", ["accept", "connect", "retry"])
def test_signals_act_at_once(nettool, number, where):
    crowd = []
    if where == "accept":
        process = nettool.start("-d", "-d", "TCP-LISTEN:0,bind=127.0.0.1", "-")
        process.expect_err(b"listening on")
    elif where == "connect":
        server, crowd = full_server()
        process = nettool.start("-d", "-d", f"TCP:{name_of(server)}", "-")
        process.expect_err(b"opening connection")
    else:
        server = socket.socket()
        server.bind(("127.0.0.1", 0))
        process = nettool.start("-d", "-d", "-d", f"TCP:{name_of(server)},forever,interval=3600",
                                "-")
        process.expect_err(b"trying again")
    result = process.stop(number)
    assert result.status == 128 + number
    assert b"exiting on signal %d" % number in result.err
    del crowd


# ---- accept-timeout -----------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["accept-timeout", "listen-timeout"])
def test_accept_timeout_is_status_0(both, option):
    result = both("TCP4-LISTEN:0,bind=127.0.0.1," + option + "=0.1", "-", stdin=None)
    assert result.status == 0


def test_accept_timeout_says_so(nettool):
    result = nettool("TCP-LISTEN:0,bind=127.0.0.1,accept-timeout=0.05", "CREATE:made")
    assert result.status == 0 and "accept: Connection timed out" in result.text
    assert not (nettool.folder / "made").exists()


def test_accept_timeout_ends_the_port(listener):
    server = listener("TCP-LISTEN:0,bind=127.0.0.1,accept-timeout=0.05", "PIPE")
    assert server.wait().status == 0
    with socket.socket() as peer:
        assert peer.connect_ex(("127.0.0.1", server.port)) != 0


# ---- IP versions --------------------------------------------------------------------------------


@has_ipv6
@pytest.mark.parametrize("args, env, address, wanted", [
    ([], {}, "TCP-LISTEN:0", "0.0.0.0"),
    (["-4"], {}, "TCP-LISTEN:0", "0.0.0.0"),
    (["-6"], {}, "TCP-LISTEN:0", "[::]"),
    (["-0"], {}, "TCP-LISTEN:0", "[::]"),
    ([], {"SOCAT_DEFAULT_LISTEN_IP": "6"}, "TCP-LISTEN:0", "[::]"),
    ([], {"SOCAT_DEFAULT_LISTEN_IP": "4"}, "TCP-LISTEN:0", "0.0.0.0"),
    (["-4"], {"SOCAT_DEFAULT_LISTEN_IP": "6"}, "TCP-LISTEN:0", "0.0.0.0"),
    (["-6"], {}, "TCP-LISTEN:0,pf=ip4", "0.0.0.0"),
    (["-4"], {}, "TCP-LISTEN:0,pf=ip6", "[::]"),
    ([], {}, "TCP-LISTEN:0,pf=10", "[::]"),
    ([], {}, "TCP-LISTEN:0,pf=2", "0.0.0.0"),
    (["-6"], {}, "TCP4-LISTEN:0", "0.0.0.0"),
    (["-4"], {}, "TCP6-LISTEN:0", "[::]"),
    (["-6"], {}, "TCP-LISTEN:0,bind=127.0.0.1", "127.0.0.1"),
    (["-0"], {}, "TCP-LISTEN:0,bind=127.0.0.1", "127.0.0.1"),
    ([], {}, "TCP-LISTEN:0,bind=[::1]", "[::1]"),
    (["-6"], {}, "TCP-LISTEN:0,bind=[::1]", "[::1]"),
    ([], {}, "TCP-LISTEN:0,bind=127.0.0.1:0", "127.0.0.1"),
    ([], {}, "TCP-LISTEN:0,bind=localhost", "127.0.0.1"),
])
def test_which_version_listens(nettool, args, env, address, wanted):
    server = nettool.listener(*args, address, "-", env=env)
    assert server.announced[0][1].rpartition(":")[0] == wanted
    assert server.port != 1
    server.stop()


@has_ipv6
@pytest.mark.parametrize("only", [0, 1])
def test_ipv6only(listener, only):
    server = listener(f"TCP6-LISTEN:0,ipv6-v6only={only}", "PIPE")
    with socket.socket() as peer:
        refused = peer.connect_ex(("127.0.0.1", server.port)) != 0
        assert refused == bool(only)
    server.stop()


@has_ipv6
def test_a_listener_without_version_takes_both(listener):
    server = listener("-0", "TCP-LISTEN:0,fork", "PIPE", endless=True)
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as peer:
            peer.settimeout(DEADLINE)
            peer.connect((host, server.port))
            peer.sendall(b"me")
            assert read_exactly(peer, 2) == b"me"


@has_ipv6
@pytest.mark.parametrize("options, wanted", [("pf=ip6", "AF=10"), ("pf=ip4", "AF=2"),
                                             ("pf=ip6,ai-v4mapped", "AF=10"),
                                             ("ai-addrconfig=0,pf=ip4", "AF=2"),
                                             ("ai-passive=0,pf=ip4", "AF=2"),
                                             ("ai-all,ai-v4mapped,pf=ip6", "AF=10")])
def test_family_of_a_client(nettool, options, wanted):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        result = nettool("-d", "-d", f"TCP:localhost:{probe.getsockname()[1]},{options}", "-")
    tried = re.findall(r"opening connection to (AF=\d+)", result.text)
    assert result.status == 1
    assert set(tried) <= {wanted}


# ---- the local end ------------------------------------------------------------------------------


def local_end(runner, options, server):
    """Connects and returns where the connection came from."""

    def serve():
        peer = accept(server)
        where = peer.getpeername()
        peer.close()
        return where

    there = Background(serve)
    result = runner("-u", f"TCP4:{name_of(server)},{options}", "-")
    assert result.status == 0, result
    return there.result()


@pytest.mark.parametrize("option", ["sourceport", "sp"])
def test_sourceport_of_a_client(both, option):
    port = free_port()
    assert local_end(both, f"{option}={port}", tcp_server())[1] == port


def test_bind_of_a_client(both):
    assert local_end(both, "bind=127.0.0.2", tcp_server())[0] == "127.0.0.2"


def test_bind_of_a_client_with_port(both):
    port = free_port()
    assert local_end(both, f"bind=127.0.0.3:{port}", tcp_server()) == ("127.0.0.3", port)


def test_bind_of_a_client_with_port_alone(both):
    port = free_port()
    assert local_end(both, f"bind=:{port}", tcp_server())[1] == port


@has_ipv6
def test_bind_of_an_ipv6_client(nettool):
    server = tcp_server(socket.AF_INET6)
    port = free_port()
    there = Background(lambda: accept(server).getpeername())
    result = nettool("-u", f"TCP:{name_of(server)},bind=[::1]:{port}", "-")
    assert result.status == 0
    assert there.result()[:2] == ("::1", port)


@needs_root
def test_lowport(both):
    assert 640 <= local_end(both, "lowport", tcp_server())[1] <= 1023


def test_sourceport_and_bind_together(nettool):
    port = free_port()
    assert local_end(nettool, f"bind=127.0.0.2,sourceport={port}", tcp_server()) == (
        "127.0.0.2", port)


# ---- vanished peers -----------------------------------------------------------------------------


def test_reset_before_accept_is_no_failure(listener):
    server = listener("TCP-LISTEN:0,bind=127.0.0.1,fork", "PIPE", endless=True)
    for _ in range(20):
        reset(socket.create_connection(("127.0.0.1", server.port), 20))
    with server.connect() as peer:
        peer.sendall(b"still there")
        assert read_exactly(peer, 11) == b"still there"
    assert server.running


def test_reset_in_a_session_is_a_failure_of_that_session(start):
    """A connection that the peer resets ends the process with status 1 (socat: since 1.8)."""
    server = tcp_server()
    process = start("-", f"TCP4:{name_of(server)}")
    peer = accept(server)
    peer.sendall(b"hello")
    process.expect_out(b"hello")
    reset(peer)
    result = process.wait()
    assert result.status == 1 and b"Connection reset by peer" in result.err


def test_cool_write_forgives_a_gone_reader(nettool):
    server = tcp_server()
    process = nettool.start("-u", "-", f"TCP:{name_of(server)},cool-write")
    peer = accept(server)
    process.send(b"x")
    assert read_exactly(peer, 1) == b"x"
    reset(peer)
    limit = time.monotonic() + 20
    try:
        while process.running and time.monotonic() < limit:
            process.send(b"x" * 1000)
            time.sleep(0.005)
    except OSError:
        pass
    assert process.wait().status == 0


# ---- GOPEN is elsewhere; inherited listeners ----------------------------------------------------


@pytest.mark.parametrize("keyword", ["ACCEPT-FD", "ACCEPT", "accept-fd"])
def test_accept_fd(start, keyword):
    server = tcp_server()
    process = start(f"{keyword}:{server.fileno()}", "PIPE", pass_fds=[server.fileno()])
    with socket.create_connection(server.getsockname(), 20) as peer:
        peer.sendall(b"inherited")
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == b"inherited"
    assert process.wait().status == 0


def test_accept_fd_announces(listener):
    server = tcp_server()
    process = listener(f"ACCEPT-FD:{server.fileno()}", "PIPE", pass_fds=[server.fileno()])
    assert process.announced == [("tcp", name_of(server))]
    process.stop()


def test_accept_fd_forks_and_exports(start, tmp):
    server = tcp_server()
    start("-r", "$SOCAT_PEERADDR-$SOCAT_PEERPORT-$SOCAT_SOCKPORT",
          f"ACCEPT-FD:{server.fileno()},fork", "PIPE", pass_fds=[server.fileno()], endless=True)
    for _ in range(3):
        with socket.create_connection(server.getsockname(), 20) as peer:
            peer.sendall(b"mine")
            assert read_exactly(peer, 4) == b"mine"
            copy = tmp / f"127.0.0.1-{peer.getsockname()[1]}-{server.getsockname()[1]}"
            assert copy.read_bytes() == b"mine"


def test_accept_fd_of_a_unix_socket(start, tmp):
    server = unix_server(tmp / "s")
    process = start(f"ACCEPT-FD:{server.fileno()}", "PIPE", pass_fds=[server.fileno()])
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(DEADLINE)
        peer.connect(str(tmp / "s"))
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
    assert process.wait().status == 0
    assert (tmp / "s").exists()  # not ours to remove


def test_accept_fd_range(start):
    server = tcp_server()
    process = start(f"ACCEPT-FD:{server.fileno()},range=127.0.0.2/32", "PIPE",
                    pass_fds=[server.fileno()])
    with socket.create_connection(server.getsockname(), 20) as peer:
        assert read_all(peer) == b""
    with socket.create_connection(server.getsockname(), 20, ("127.0.0.2", 0)) as peer:
        peer.sendall(b"in")
        assert read_exactly(peer, 2) == b"in"
    result = process.wait()
    assert result.status == 0 and "due to range option" in result.text


@pytest.mark.parametrize("number, words", [("0", "descriptor 0"), ("77", "descriptor 77"),
                                           ("x", "x")])
def test_accept_fd_of_something_else(nettool, number, words):
    result = nettool(f"ACCEPT-FD:{number}", "PIPE")
    assert result.status in (1, 2) and words in result.text


def test_accept_fd_of_a_socket_that_does_not_listen(nettool):
    with socket.socket() as plain:
        result = nettool(f"ACCEPT-FD:{plain.fileno()}", "PIPE", pass_fds=[plain.fileno()])
    assert result.status == 1 and "does not listen" in result.text


# ---- reuse of ports -----------------------------------------------------------------------------


@needs_linux
@pytest.mark.parametrize("option, wanted", [("", 1), (",reuseaddr", 1), (",reuseaddr=1", 1),
                                            (",so-reuseaddr=0", 0), (",reuseaddr=", 0)])
def test_reuseaddr_of_a_listener(listener, option, wanted):
    server = listener(f"TCP-LISTEN:0,bind=127.0.0.1{option}", "-")
    assert option_of(server, socket.SOL_SOCKET, socket.SO_REUSEADDR, listening=True) == wanted
    server.stop()


def test_restart_on_the_same_port(nettool):
    """The port of a connection in TIME-WAIT can be listened on again at once."""
    server = nettool.listener("-u", "TEXT:bye", "TCP-LISTEN:0,bind=127.0.0.1")
    with server.connect() as peer:
        assert read_all(peer) == b"bye"  # the server closed first: it has the TIME-WAIT
    assert server.wait().status == 0
    again = nettool.listener(f"TCP-LISTEN:{server.port},bind=127.0.0.1", "-")
    again.stop()


def test_reuseport(nettool):
    first = nettool.listener("TCP-LISTEN:0,bind=127.0.0.1,reuseport", "-")
    second = nettool.listener(f"TCP-LISTEN:{first.port},bind=127.0.0.1,so-reuseport", "-")
    third = nettool(f"TCP-LISTEN:{first.port},bind=127.0.0.1", "-")
    assert third.status == 1
    assert first.port == second.port
    first.stop()
    second.stop()


@needs_linux
def test_backlog(listener):
    """With a queue of one, the second of those who wait is not let in yet."""
    server = listener("TCP-LISTEN:0,bind=127.0.0.1,backlog=1,fork,max-children=1", "PIPE",
                      endless=True)
    with server.connect() as inside:
        inside.sendall(b"x")
        assert read_exactly(inside, 1) == b"x"
        waiting = [socket.socket() for _ in range(6)]
        for peer in waiting:
            peer.setblocking(False)
            peer.connect_ex(("127.0.0.1", server.port))
        state = lambda peer: peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        wait_until(lambda: any(state(peer) == 1 for peer in waiting))
        assert any(state(peer) == 2 for peer in waiting)  # SYN-SENT
        for peer in waiting:
            peer.close()


# ---- log lines that scripts look for ------------------------------------------------------------


def test_log_of_a_connection(both):
    process = both.start("-d", "-d", "TCP4-LISTEN:0,bind=127.0.0.1", "PIPE")
    port = int(process.expect_err(re.compile(rb"listening on .*AF=2 127\.0\.0\.1:(\d+)\n"))[1])
    with socket.create_connection(("127.0.0.1", port), 20) as peer:
        process.expect_err(b"accepting connection from")
        local = peer.getsockname()[1]
    result = process.wait()
    assert result.status == 0
    assert re.search(rf"accepting connection from (LEN=16 )?AF=2 127\.0\.0\.1:{local} on "
                     rf"(LEN=16 )?AF=2 127\.0\.0\.1:{port}", result.text)
    assert "starting data transfer loop with FDs" in result.text
    assert "exiting with status 0" in result.text


def test_log_of_a_client(both):
    server = tcp_server()
    there = Background(lambda: accept(server).getpeername())
    result = both("-d", "-d", "-u", f"TCP4:{name_of(server)}", "-")
    local = there.result()
    assert re.search(rf"opening connection to (LEN=16 )?AF=2 {name_of(server)}", result.text)
    assert re.search("successfully connected from local address (LEN=16 )?"
                     rf"AF=2 {local[0]}:{local[1]}", result.text)


def test_silence_by_default(nettool, listener):
    server = listener("TCP-LISTEN:0,bind=127.0.0.1", "PIPE")
    result = nettool("-", f"TCP:{server.address}", input=b"x")
    assert (result.status, result.out, result.err) == (0, b"x", b"")
    assert server.wait().err == b""


@needs_linux
def test_sockets_are_not_inherited(listener):
    server = listener("TCP-LISTEN:0,bind=127.0.0.1", "-")
    with server.connect() as peer:
        peer.sendall(b"x")
        server.expect_out(b"x")
        found = sockets_of(server)
        assert len(found) == 1  # the listening one is closed by now
        for sock in found:
            sock.close()
    assert server.wait().status == 0
