"""Options of sockets: what the kernel says they are, who is let in, and how wrong values are told."""

import re
import socket
import struct
import sys

import pytest

from netpeek import has_ipv6, option_of
from tools import (
    DEADLINE,
    accept,
    free_port,
    name_of,
    needs_linux,
    needs_root,
    read_all,
    read_exactly,
    tcp_server,
    udp_socket,
    wait_until,
)

SOL, TCP, IP = socket.SOL_SOCKET, socket.IPPROTO_TCP, socket.IPPROTO_IP
LITTLE = sys.byteorder == "little"
INT5 = "x05000000" if LITTLE else "x00000005"

# option text, level, name, value that the connection's socket then has
NUMBERS = [
    ("keepalive", SOL, socket.SO_KEEPALIVE, 1),
    ("so-keepalive=1", SOL, socket.SO_KEEPALIVE, 1),
    ("keepalive=0", SOL, socket.SO_KEEPALIVE, 0),
    ("tcp-keepidle=77", TCP, socket.TCP_KEEPIDLE, 77),
    ("keepintvl=33", TCP, socket.TCP_KEEPINTVL, 33),
    ("keepcnt=7", TCP, socket.TCP_KEEPCNT, 7),
    ("nodelay", TCP, socket.TCP_NODELAY, 1),
    ("tcp-nodelay=0", TCP, socket.TCP_NODELAY, 0),
    ("tcp-cork", TCP, socket.TCP_CORK, 1),
    ("syncnt=3", TCP, socket.TCP_SYNCNT, 3),
    ("linger2=9", TCP, socket.TCP_LINGER2, 9),
    ("tos=16", IP, socket.IP_TOS, 16),
    ("ip-tos=0x10", IP, socket.IP_TOS, 16),
    ("ttl=9", IP, socket.IP_TTL, 9),
    ("so-priority=3", SOL, socket.SO_PRIORITY, 3),
    ("oobinline", SOL, socket.SO_OOBINLINE, 1),
    ("dontroute", SOL, socket.SO_DONTROUTE, 1),
    ("rcvlowat=5", SOL, socket.SO_RCVLOWAT, 5),
    ("setsockopt-int=6:4:55", TCP, socket.TCP_KEEPIDLE, 55),
    ("sockopt-int=6:4:55", TCP, socket.TCP_KEEPIDLE, 55),
    ("setsockopt=6:4:i5", TCP, socket.TCP_KEEPIDLE, 5),
    ("setsockopt=6:4:5", TCP, socket.TCP_KEEPIDLE, 5),
    (f"setsockopt-bin=6:4:{INT5}", TCP, socket.TCP_KEEPIDLE, 5),
    (f"setsockopt-socket=6:4:{INT5}", TCP, socket.TCP_KEEPIDLE, 5),
    ("setsockopt-connected=6:4:I5", TCP, socket.TCP_KEEPIDLE, 5),
    ("sockopt-conn=6:4:5", TCP, socket.TCP_KEEPIDLE, 5),
]


@needs_linux
@pytest.mark.parametrize("text, level, name, value", NUMBERS)
def test_option_of_a_client(start, text, level, name, value):
    server = tcp_server()
    process = start("-", f"TCP4:{name_of(server)},{text}")
    peer = accept(server)
    peer.sendall(b"12345678")
    process.expect_out(b"12345678")
    assert option_of(process, level, name) == value
    peer.close()
    assert process.wait().status == 0


@needs_linux
@pytest.mark.parametrize("text, level, name, value",
                         [row for row in NUMBERS if "so-priority" not in row[0]])
def test_option_of_an_accepted_connection(listener, text, level, name, value):
    server = listener(f"TCP4-LISTEN:0,bind=127.0.0.1,{text}", "-")
    with server.connect() as peer:
        peer.sendall(b"12345678")
        server.expect_out(b"12345678")
        assert option_of(server, level, name) == value
    assert server.wait().status == 0


@needs_linux
@pytest.mark.parametrize("text, name", [("rcvbuf=20000", socket.SO_RCVBUF),
                                        ("so-sndbuf=20000", socket.SO_SNDBUF),
                                        ("rcvbuf-late=20000", socket.SO_RCVBUF),
                                        ("sndbuf-late=20000", socket.SO_SNDBUF)])
@pytest.mark.parametrize("side", ["client", "server"])
def test_buffers(nettool, text, name, side):
    """The kernel doubles what it is told."""
    if side == "client":
        server = tcp_server()
        process = nettool.start("-", f"TCP4:{name_of(server)},{text}")
        peer = accept(server)
    else:
        process = nettool.listener(f"TCP4-LISTEN:0,bind=127.0.0.1,{text}", "-")
        peer = process.connect()
    peer.sendall(b"x")
    process.expect_out(b"x")
    assert option_of(process, SOL, name) == 40000
    peer.close()
    assert process.wait().status == 0


@needs_linux
@pytest.mark.parametrize("text, name, wanted", [
    ("linger=7", socket.SO_LINGER, struct.pack("ii", 1, 7)),
    ("so-rcvtimeo=1.5", socket.SO_RCVTIMEO, struct.pack("ll", 1, 500000)),
    ("sndtimeo=2", socket.SO_SNDTIMEO, struct.pack("ll", 2, 0)),
])
def test_structures(start, text, name, wanted):
    server = tcp_server()
    process = start("-", f"TCP4:{name_of(server)},{text}")
    peer = accept(server)
    peer.sendall(b"x")
    process.expect_out(b"x")
    got = option_of(process, SOL, name, len(wanted))
    if name == socket.SO_LINGER:
        assert got == wanted
    else:  # the kernel counts in ticks
        seconds, micros = struct.unpack("ll", got)
        assert abs(seconds * 10**6 + micros - sum(map(int.__mul__, struct.unpack("ll", wanted),
                                                      (10**6, 1)))) < 20000
    peer.close()
    assert process.wait().status == 0


def test_linger_0_resets(start):
    """A connection with linger=0 that is simply closed ends by RST."""
    server = tcp_server()
    process = start("-u", "-", f"TCP4:{name_of(server)},linger=0,end-close,shut-none")
    peer = accept(server)
    process.send(b"x")
    assert read_exactly(peer, 1) == b"x"
    process.end_input()
    with pytest.raises(ConnectionResetError):
        peer.recv(1)
    assert process.wait().status == 0


@needs_linux
@pytest.mark.parametrize("text, wanted", [("setsockopt-listen=1:15:1", 1), ("reuseport", 1),
                                          ("sockopt-listen=1:15:0", 0)])
def test_setsockopt_before_listening(listener, text, wanted):
    server = listener(f"TCP4-LISTEN:0,bind=127.0.0.1,{text}", "-")
    assert option_of(server, SOL, socket.SO_REUSEPORT, listening=True) == wanted
    server.stop()


@needs_linux
@needs_root
@pytest.mark.parametrize("text", ["bindtodevice=lo", "interface=lo", "if=lo",
                                  "setsockopt-string=1:25:lo", "setsockopt=1:25:\\\"lo\\\""])
def test_text_options(start, text):
    server = tcp_server()
    process = start("-", f"TCP4:{name_of(server)},{text}")
    peer = accept(server)
    peer.sendall(b"x")
    process.expect_out(b"x")
    assert option_of(process, SOL, 25, 16).rstrip(b"\0") == b"lo"
    peer.close()
    assert process.wait().status == 0


@needs_linux
@has_ipv6
@pytest.mark.parametrize("text, name, value", [("ipv6-tclass=32", socket.IPV6_TCLASS, 32),
                                               ("ipv6-unicast-hops=5", socket.IPV6_UNICAST_HOPS, 5)])
def test_option_of_an_ipv6_client(start, text, name, value):
    server = tcp_server(socket.AF_INET6)
    process = start("-", f"TCP6:{name_of(server)},{text}")
    peer = accept(server)
    peer.sendall(b"x")
    process.expect_out(b"x")
    assert option_of(process, socket.IPPROTO_IPV6, name) == value
    peer.close()
    assert process.wait().status == 0


@needs_linux
@pytest.mark.parametrize("text, level, name, value", [
    ("ip-multicast-ttl=9", IP, socket.IP_MULTICAST_TTL, 9),
    ("mcloop=0", IP, socket.IP_MULTICAST_LOOP, 0),
    ("broadcast", SOL, socket.SO_BROADCAST, 1),
    ("so-no-check", SOL, 11, 1),
    ("mtudiscover=2", IP, 10, 2),
    ("ip-freebind", IP, 15, 1),
])
def test_option_of_a_datagram_socket(start, text, level, name, value):
    server = udp_socket()
    process = start("-", f"UDP4-DATAGRAM:{name_of(server)},{text}")
    process.send(b"x")
    server.recv(10)
    assert option_of(process, level, name) == value
    assert process.wait().status == 0


@needs_linux
def test_ip_options_add_up(start):
    server = udp_socket()
    process = start("-", f"UDP4-SENDTO:{name_of(server)},ip-options=x01010101,ip-options=x01010101")
    process.send(b"x")
    server.recv(10)
    assert option_of(process, IP, socket.IP_OPTIONS, 40) == b"\1" * 8
    assert process.wait().status == 0


@pytest.mark.parametrize("text", ["setsockopt-int=1:99999:1", "so-sndlowat=1", "so-acceptconn=1",
                                  "setsockopt-int=99:1:1", "tcp-maxseg=1"])
def test_the_kernel_refuses(nettool, text):
    server = tcp_server()
    result = nettool("-", f"TCP4:{name_of(server)},{text}")
    assert result.status == 1 and result.text.count("\n") == 1


@pytest.mark.parametrize("text", ["keepalive=x", "keepalive=", "rcvbuf=-1", "linger=1x",
                                  "setsockopt=1:2", "setsockopt=1:2:x0", "setsockopt-int=1:2:",
                                  "setsockopt=1:2:zz", "ttl=abc", "connect-timeout=-x", "retry=-1",
                                  "sourceport=70000", "interval=x", "max-children=1", "range=1/8",
                                  "ip-add-membership", "reuseadr", "backlog=5"])
def test_wrong_values_are_usage_errors(nettool, text):
    """Some need a value, some another one, some another address; nothing is opened for any."""
    result = nettool("CREATE:made", f"TCP4:127.0.0.1:9,{text}")
    assert result.status == 2, result
    assert text.partition("=")[0] in result.text
    assert not (nettool.folder / "made").exists()


# ---- who is let in ------------------------------------------------------------------------------


def admitted(server, source, target="127.0.0.1", port=0):
    """Whether an echo server serves a connection from there."""
    with socket.socket(socket.AF_INET6 if ":" in source else socket.AF_INET) as peer:
        peer.settimeout(DEADLINE)
        peer.setsockopt(SOL, socket.SO_REUSEADDR, 1)
        peer.bind((source, port))
        peer.connect((target, server.port))
        try:
            peer.sendall(b"x")
            return read_exactly(peer, 1) == b"x"
        except (ConnectionResetError, BrokenPipeError):
            return False


@pytest.mark.parametrize("text, yes, no", [
    ("127.0.0.2/32", "127.0.0.2", "127.0.0.1"),
    ("127.0.0.0/30", "127.0.0.3", "127.0.0.4"),
    ("127.0.0.0:255.255.255.252", "127.0.0.3", "127.0.0.4"),
    ("127.0.0.3/30", "127.0.0.1", "127.0.0.4"),
    ("localhost/32", "127.0.0.1", "127.0.0.2"),
    ("127.1.0.0/16", "127.1.2.3", "127.2.0.1"),
    ("10.0.0.0/0", "127.0.0.9", None),
])
def test_range(nettool, text, yes, no):
    server = nettool.listener(f"TCP-LISTEN:0,bind=127.0.0.1,range={text}", "PIPE")
    if no:
        assert not admitted(server, no)
    assert admitted(server, yes)
    result = server.wait()
    assert result.status == 0
    assert ("due to range option" in result.text) == bool(no)


def test_range_beside_the_peer(both):
    server = both.listener("TCP4-LISTEN:0,bind=127.0.0.1,range=127.0.0.2/32", "PIPE")
    assert not admitted(server, "127.0.0.1")
    assert admitted(server, "127.0.0.2")
    result = server.wait()
    assert result.status == 0
    assert re.search(r"refusing connection from .*127\.0\.0\.1:\d+ due to range option",
                     result.text)


@has_ipv6
@pytest.mark.parametrize("text, wanted", [("[::1]/128", True), ("[::]/0", True),
                                          ("[::2]/128", False), ("[fe80::]/10", False),
                                          ("[::]/64", True)])
def test_range_ipv6(listener, text, wanted):
    server = listener(f"TCP6-LISTEN:0,bind=[::1],range={text},fork", "PIPE", endless=True)
    assert admitted(server, "::1", "::1") == wanted


@has_ipv6
@pytest.mark.parametrize("text, wanted", [("127.0.0.2/32", {"127.0.0.2"}),
                                          ("127.0.0.0/8", {"127.0.0.1", "127.0.0.2"}),
                                          ("[::1]/128", set()),
                                          ("[::ffff:127.0.0.2]/128", {"127.0.0.2"})])
def test_range_of_ipv4_peers_on_an_ipv6_socket(listener, text, wanted):
    server = listener(f"TCP6-LISTEN:0,ipv6-v6only=0,range={text},fork", "PIPE", endless=True)
    assert {host for host in ("127.0.0.1", "127.0.0.2") if admitted(server, host)} == wanted


def test_refused_client_sees_a_clean_end(nettool, listener):
    server = listener("TCP-LISTEN:0,bind=127.0.0.1,range=127.0.0.2/32,fork", "PIPE", endless=True)
    result = nettool("-u", f"TCP:{server.address}", "-")
    assert (result.status, result.out, result.err) == (0, b"", b"")


def test_sloppy_does_not_weaken_the_range(listener):
    server = listener("-s", "TCP-LISTEN:0,bind=127.0.0.1,range=127.0.0.2/32,fork", "PIPE",
                      endless=True)
    assert not admitted(server, "127.0.0.1")


@pytest.mark.parametrize("option", ["sourceport", "sp"])
def test_sourceport_of_peers(both, option):
    port = free_port()
    server = both.listener(f"TCP4-LISTEN:0,bind=127.0.0.1,{option}={port}", "PIPE")
    assert not admitted(server, "127.0.0.1")
    assert admitted(server, "127.0.0.1", port=port)
    result = server.wait()
    assert result.status == 0 and b"refusing connection" in result.err


@needs_root
def test_lowport_of_peers(both):
    server = both.listener("TCP4-LISTEN:0,bind=127.0.0.1,lowport", "PIPE")
    assert not admitted(server, "127.0.0.1")
    for port in range(1023, 600, -1):
        try:
            assert admitted(server, "127.0.0.4", port=port)
            break
        except OSError:
            continue
    result = server.wait()
    assert result.status == 0 and b"refusing connection" in result.err


# ---- TCP wrappers -------------------------------------------------------------------------------


def wrapped(runner, tmp, options, allow, deny):
    if allow is not None:
        (tmp / "hosts.allow").write_text(allow)
    if deny is not None:
        (tmp / "hosts.deny").write_text(deny)
    return runner.listener(f"TCP4-LISTEN:0,bind=127.0.0.1,fork,{options.format(tmp)}", "PIPE",
                           endless=True)


TABLES = ["hosts-allow={0}/hosts.allow,hosts-deny={0}/hosts.deny,tcpwrap=door",
          "allow-table={0}/hosts.allow,deny-table={0}/hosts.deny,tcpwrap=door",
          "tcpwrap-etc={0},tcpwrap=door", "tcpwrap-etc={0},libwrap=door"]


@pytest.mark.parametrize("options", TABLES)
def test_tables(both, tmp, options):
    server = wrapped(both, tmp, options, "door: 127.0.0.2\n", "ALL: ALL\n")
    assert admitted(server, "127.0.0.2")
    assert not admitted(server, "127.0.0.1")
    wait_until(lambda: b"due to tcpwrapper option" in server.err)


@pytest.mark.parametrize("allow, deny, wanted", [
    ("", "", {"127.0.0.1", "127.0.0.2", "127.1.0.1"}),
    ("door: ALL\n", "ALL: ALL\n", {"127.0.0.1", "127.0.0.2", "127.1.0.1"}),
    ("other: ALL\n", "ALL: ALL\n", set()),
    ("", "door: 127.0.0.2\n", {"127.0.0.1", "127.1.0.1"}),
    ("door: 127.0.0.\n", "ALL: ALL\n", {"127.0.0.1", "127.0.0.2"}),
    ("door: 127.0.0.0/255.255.255.0\n", "ALL: ALL\n", {"127.0.0.1", "127.0.0.2"}),
    ("door: ALL EXCEPT 127.0.0.2\n", "ALL: ALL\n", {"127.0.0.1", "127.1.0.1"}),
    ("ALL: 127.0.0.1\n", "door: ALL\n", {"127.0.0.1"}),
])
def test_what_tables_say(both, tmp, allow, deny, wanted):
    server = wrapped(both, tmp, TABLES[0], allow, deny)
    assert {host for host in ("127.0.0.1", "127.0.0.2", "127.1.0.1")
            if admitted(server, host)} == wanted


def test_daemon_is_the_program_by_default(nettool, tmp):
    (tmp / "hosts.allow").write_text("nettool: 127.0.0.1\n")
    (tmp / "hosts.deny").write_text("ALL: ALL\n")
    server = nettool.listener(f"TCP4-LISTEN:0,bind=127.0.0.1,fork,tcpwrap,tcpwrap-etc={tmp}",
                              "PIPE", endless=True)
    assert admitted(server, "127.0.0.1")
    assert not admitted(server, "127.0.0.2")


def test_tables_name_enough(nettool, tmp):
    """A table alone switches the check on."""
    (tmp / "deny").write_text("ALL: 127.0.0.2\n")
    (tmp / "allow").write_text("")
    server = nettool.listener(f"TCP4-LISTEN:0,bind=127.0.0.1,fork,hosts-deny={tmp}/deny,"
                              f"hosts-allow={tmp}/allow", "PIPE", endless=True)
    assert admitted(server, "127.0.0.1")
    assert not admitted(server, "127.0.0.2")


@has_ipv6
def test_tables_with_ipv6(nettool, tmp):
    (tmp / "allow").write_text("door: [::1]\n")
    (tmp / "deny").write_text("ALL: ALL\n")
    server = nettool.listener(f"TCP6-LISTEN:0,bind=[::1],fork,tcpwrap=door,hosts-deny={tmp}/deny,"
                              f"hosts-allow={tmp}/allow", "PIPE", endless=True)
    assert admitted(server, "::1", "::1")


def test_checks_add_up(nettool, tmp):
    (tmp / "deny").write_text("ALL: 127.0.0.2\n")
    (tmp / "allow").write_text("")
    server = nettool.listener(f"TCP4-LISTEN:0,bind=127.0.0.1,fork,hosts-deny={tmp}/deny,"
                              f"hosts-allow={tmp}/allow,range=127.0.0.0/30", "PIPE", endless=True)
    assert {host for host in ("127.0.0.1", "127.0.0.2", "127.0.0.5")
            if admitted(server, host)} == {"127.0.0.1"}


# ---- network namespaces -------------------------------------------------------------------------


@needs_root
def test_missing_network_namespace(nettool):
    result = nettool("-", "TCP4:127.0.0.1:9,netns=no-such-namespace")
    assert result.status in (1, 2)
    assert "no-such-namespace" in result.text or "netns" in result.text


def test_options_of_other_systems_are_taken(nettool):
    """Words of other systems do no harm."""
    server = tcp_server()
    process = nettool.start("-u", "-", f"TCP4:{name_of(server)},tcp-noopt,so-audit,stdurg")
    peer = accept(server)
    process.send(b"x")
    process.end_input()
    assert read_all(peer) == b"x"
    assert process.wait().status == 0
