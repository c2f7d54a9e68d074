"""UDP in its six roles: who hears whom, which packet belongs to which session, how an end is told."""

import re
import socket

import pytest

from netpeek import children_of, descriptors_of, has_ipv6, option_of
from tools import (
    DEADLINE,
    free_port,
    Background,
    name_of,
    needs_linux,
    needs_root,
    quiet,
    random_bytes,
    same,
    udp_socket,
    wait_until,
)


def sender(where, host="127.0.0.1"):
    """A UDP socket connected to where, with a deadline."""
    peer = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    peer.settimeout(DEADLINE)
    peer.bind((host, 0))
    peer.connect(where)
    return peer


def place(server):
    """Host and port of a Listener."""
    host, _, port = server.address.rpartition(":")
    return host.strip("[]"), int(port)


# ---- CONNECT ------------------------------------------------------------------------------------


@pytest.mark.parametrize("keyword", ["UDP", "UDP-CONNECT", "UDP4", "UDP4-CONNECT", "udp"])
def test_connect(start, keyword):
    server = udp_socket()
    process = start("-", f"{keyword}:{name_of(server)}")
    process.send(b"question")
    data, peer = server.recvfrom(100)
    assert data == b"question"
    server.sendto(b"answer", peer)
    process.expect_out(b"answer")
    process.end_input()
    assert server.recvfrom(100)[0] == b""  # the end of our input is an empty packet
    assert process.wait().status == 0


@has_ipv6
@pytest.mark.parametrize("keyword", ["UDP", "UDP6", "UDP6-CONNECT"])
def test_connect_ipv6(start, keyword):
    server = udp_socket(socket.AF_INET6)
    process = start("-", f"{keyword}:{name_of(server)}")
    process.send(b"six")
    assert server.recvfrom(100)[0] == b"six"
    process.end_input()
    assert process.wait().status == 0


def test_connect_hears_nobody_else(both):
    server, stranger = udp_socket(), udp_socket()
    process = both.start("-", f"UDP4:{name_of(server)}")
    process.send(b"x")
    peer = server.recvfrom(100)[1]
    stranger.sendto(b"stranger", peer)
    server.sendto(b"friend", peer)
    process.expect_out(b"friend")
    assert process.out == b"friend"
    process.end_input()
    assert process.wait().status == 0


def test_shut_none_keeps_the_end_to_itself(start):
    server = udp_socket()
    process = start("-t0.05", "-", f"UDP:{name_of(server)},shut-none")
    process.send(b"x")
    assert server.recvfrom(100)[0] == b"x"
    process.end_input()
    assert process.wait().status == 0
    assert quiet(server)


def test_nobody_there(start):
    """The ICMP error of a connected socket is a failure, not a spin."""
    with udp_socket() as gone:
        where = name_of(gone)
    process = start("-", f"UDP:{where}")
    process.send(b"x")
    result = process.wait()
    assert result.status == 1 and "Connection refused" in result.text


# ---- LISTEN -------------------------------------------------------------------------------------


@pytest.mark.parametrize("keyword", ["UDP-LISTEN", "UDP-L", "UDP4-LISTEN", "UDP4-L", "udp-l"])
def test_listen(listener, keyword):
    server = listener(f"{keyword}:0,bind=127.0.0.1", "PIPE")
    assert server.announced[0][0] == "udp"
    peer = sender(place(server))
    for word in (b"one", b"two", b"three"):
        peer.send(word)
        assert peer.recv(100) == word
    peer.send(b"")
    assert server.wait().status == 0


@has_ipv6
@pytest.mark.parametrize("keyword", ["UDP6-LISTEN", "UDP6-L"])
def test_listen_ipv6(listener, keyword):
    server = listener(f"{keyword}:0,bind=[::1]", "PIPE")
    peer = sender(place(server), "::1")
    peer.send(b"six")
    assert peer.recv(100) == b"six"
    peer.send(b"")
    assert server.wait().status == 0


def test_client_and_server(listener, nettool):
    """The end of the client's input ends the server."""
    server = listener("-u", "UDP-LISTEN:0,bind=127.0.0.1", "-")
    result = nettool("-u", "-", f"UDP:{server.address}", input=b"whole message\n")
    assert result.status == 0
    result = server.wait()
    assert (result.status, result.out) == (0, b"whole message\n")


def test_listen_takes_one_sender(both):
    process = both.start("-d", "-d", "-u", "UDP4-LISTEN:0,bind=127.0.0.1", "-")
    where = process.expect_err(re.compile(rb"listening on .*127\.0\.0\.1:(\d+)\n"))
    first, second = (sender(("127.0.0.1", int(where[1]))) for _ in range(2))
    first.send(b"first")
    process.expect_out(b"first")
    try:
        second.send(b"second")
    except ConnectionRefusedError:
        pass
    first.send(b" again")
    process.expect_out(b"first again")
    first.send(b"")
    assert process.wait().out == b"first again"


def test_port_in_use(nettool):
    taken = udp_socket()
    for role in ("LISTEN", "RECV", "RECVFROM"):
        result = nettool("-u", f"UDP-{role}:{taken.getsockname()[1]},bind=127.0.0.1", "-")
        assert result.status == 1 and "Address already in use" in result.text, role


def test_fork_keeps_sessions_apart(listener):
    """Each session has its own sender's packets, all of them, in order."""
    server = listener("UDP-LISTEN:0,bind=127.0.0.1,fork", "PIPE", endless=True)
    peers = [sender(place(server)) for _ in range(8)]
    for i, peer in enumerate(peers):  # the first packets, all before the first answer
        peer.send(b"%d hello" % i)
    for turn in range(20):
        for i, peer in enumerate(peers):
            peer.send(b"%d says %d" % (i, turn))
    for i, peer in enumerate(peers):
        wanted = b"".join([b"%d hello" % i] + [b"%d says %d" % (i, turn) for turn in range(20)])
        got = b""
        while len(got) < len(wanted):  # the pipe may join packets
            got += peer.recv(1000)
        assert got == wanted
    for peer in peers:
        peer.send(b"")
    wait_until(lambda: not children_of(server.pid))


@needs_linux
def test_fork_with_packets_queued_before_the_session(start, tmp):
    """A burst of several senders while the server sleeps is sorted as well."""
    process = start("-dd", "-r", "from-$SOCAT_PEERPORT", "-u", "UDP-LISTEN:0,bind=127.0.0.1,fork",
                    "OPEN:/dev/null,wronly", endless=True)
    port = int(process.expect_err(re.compile(rb"listening on .*:(\d+)\n"))[1])
    process.send_signal(19)
    wait_until(lambda: "T" in open(f"/proc/{process.pid}/stat").read().split(") ")[1][:1])
    peers = [sender(("127.0.0.1", port)) for _ in range(4)]
    for turn in range(10):
        for peer in peers:
            peer.send(b"%d." % turn)
    process.send_signal(18)
    wanted = b"".join(b"%d." % turn for turn in range(10))
    copies = [tmp / f"from-{peer.getsockname()[1]}" for peer in peers]
    wait_until(lambda: all(copy.exists() and copy.stat().st_size == len(wanted)
                           for copy in copies),
               what=lambda: {str(c): c.read_bytes() for c in copies if c.exists()})
    assert all(copy.read_bytes() == wanted for copy in copies)
    assert len(list(tmp.iterdir())) == len(peers)


def test_fork_serves_the_same_sender_again(listener):
    server = listener("UDP-LISTEN:0,bind=127.0.0.1,fork", "PIPE", endless=True)
    peer = sender(place(server))
    for turn in range(3):
        peer.send(b"turn %d" % turn)
        assert peer.recv(100) == b"turn %d" % turn
        peer.send(b"")
        wait_until(lambda: not children_of(server.pid))


@needs_linux
def test_fork_leaves_no_descriptors(listener):
    server = listener("UDP-LISTEN:0,bind=127.0.0.1,fork", "PIPE", endless=True)

    def session():
        peer = sender(place(server))
        peer.send(b"x")
        assert peer.recv(100) == b"x"
        peer.send(b"")
        peer.close()

    session()
    wait_until(lambda: not children_of(server.pid))
    before = descriptors_of(server.pid)
    for _ in range(40):
        session()
    wait_until(lambda: not children_of(server.pid))
    wait_until(lambda: descriptors_of(server.pid) == before)


def test_fork_with_a_limit(listener):
    server = listener("UDP-LISTEN:0,bind=127.0.0.1,fork,max-children=1", "PIPE", endless=True)
    first, second = sender(place(server)), sender(place(server))
    first.send(b"first")
    assert first.recv(100) == b"first"
    second.send(b"second")
    assert quiet(second)
    first.send(b"")
    assert second.recv(100) == b"second"
    second.send(b"")


def test_fork_with_the_wildcard_answers_from_the_right_address(listener):
    """A peer that writes to 127.0.0.2 is answered from there, on a server bound to all."""
    server = listener("UDP-LISTEN:0,fork", "PIPE", endless=True)
    for host in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
        peer = sender((host, server.port))
        for word in (b"one", b"two"):
            peer.send(word)
            assert peer.recv(100) == word
        peer.send(b"")


@pytest.mark.parametrize("option", ["reuseaddr=0", "reuseaddr=", "reuseaddr", "reuseport"])
def test_listen_whatever_reuse_says(listener, option):
    server = listener(f"UDP-LISTEN:0,bind=127.0.0.1,{option}", "PIPE")
    peer = sender(place(server))
    peer.send(b"x")
    assert peer.recv(100) == b"x"
    peer.send(b"")
    assert server.wait().status == 0


def test_idle_timeout_ends_a_session(listener):
    server = listener("-T0.1", "UDP-LISTEN:0,bind=127.0.0.1,fork", "PIPE", endless=True)
    peer = sender(place(server))
    peer.send(b"x")
    assert peer.recv(100) == b"x"
    wait_until(lambda: not children_of(server.pid))
    assert server.running


def test_accept_timeout(nettool):
    result = nettool("UDP-LISTEN:0,bind=127.0.0.1,accept-timeout=0.05", "PIPE")
    assert result.status == 0 and "accept: Connection timed out" in result.text


def test_refused_sender_does_not_count(listener):
    server = listener("UDP-LISTEN:0,bind=127.0.0.1,range=127.0.0.2/32", "PIPE")
    wrong, right = sender(place(server)), sender(place(server), "127.0.0.2")
    wrong.send(b"wrong")
    right.send(b"right")
    assert right.recv(100) == b"right"
    right.send(b"")
    result = server.wait()
    assert result.status == 0
    assert "refusing connection from" in result.text and "range option" in result.text
    assert quiet(wrong, 0.05)


# ---- SENDTO -------------------------------------------------------------------------------------


@pytest.mark.parametrize("keyword", ["UDP-SENDTO", "UDP-SEND", "UDP4-SENDTO", "UDP4-SEND"])
def test_sendto(start, keyword):
    """It hears the one it sends to, and no other port of that host."""
    server, stranger = udp_socket(), udp_socket()
    process = start("-", f"{keyword}:{name_of(server)}")
    process.send(b"question")
    data, peer = server.recvfrom(100)
    assert data == b"question"
    stranger.sendto(b"stranger", peer)
    server.sendto(b"answer", peer)
    process.expect_out(b"answer")
    assert process.out == b"answer"
    process.end_input()
    assert process.wait().status == 0
    assert quiet(server, 0.05)  # no empty packet at the end


@has_ipv6
@pytest.mark.parametrize("keyword", ["UDP6-SENDTO", "UDP6-SEND", "UDP-SENDTO"])
def test_sendto_ipv6(start, keyword):
    server = udp_socket(socket.AF_INET6)
    process = start("-u", "-", f"{keyword}:{name_of(server)}")
    process.send(b"six")
    assert server.recv(100) == b"six"
    process.end_input()
    assert process.wait().status == 0


def test_sendto_keeps_packets_apart(nettool):
    """What one read brings is one packet, and an empty packet passes."""
    server = udp_socket()
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    process = nettool.start("-u", f"FD:{right.fileno()}", f"UDP-SENDTO:{name_of(server)}",
                            pass_fds=[right.fileno()])
    for word in (b"a", b"bb", b"c" * 3000):
        left.send(word)
    assert [server.recv(4000) for _ in range(3)] == [b"a", b"bb", b"c" * 3000]
    process.stop()


@pytest.mark.parametrize("role", ["SENDTO", "DATAGRAM"])
def test_shut_null_tells_the_end(nettool, role):
    server = udp_socket()
    result = nettool("-u", "-", f"UDP-{role}:{name_of(server)},shut-null", input=b"all")
    assert result.status == 0
    assert [server.recv(100) for _ in range(2)] == [b"all", b""]


@pytest.mark.parametrize("role", ["SENDTO", "DATAGRAM"])
def test_null_eof(start, role):
    """With null-eof an empty packet is the end; without, it is nothing."""
    server = udp_socket()
    process = start("-", f"UDP-{role}:{name_of(server)},null-eof")
    process.send(b"x")
    peer = server.recvfrom(100)[1]
    server.sendto(b"last words", peer)
    server.sendto(b"", peer)
    process.expect_out(b"last words")
    process.end_input()
    assert process.wait().status == 0


@pytest.mark.parametrize("role", ["SENDTO", "DATAGRAM"])
def test_empty_packets_are_nothing_without_null_eof(start, role):
    server = udp_socket()
    process = start("-", f"UDP-{role}:{name_of(server)}")
    process.send(b"x")
    peer = server.recvfrom(100)[1]
    server.sendto(b"", peer)
    server.sendto(b"after", peer)
    process.expect_out(b"after")
    process.end_input()
    assert process.wait().status == 0


def test_sendto_with_sourceport_and_bind(both):
    server = udp_socket()
    port = free_port(socket.SOCK_DGRAM)
    result = both("-u", "-", f"UDP4-SENDTO:{name_of(server)},bind=127.0.0.2,sourceport={port}",
                  input=b"x")
    assert result.status == 0
    assert server.recvfrom(100) == (b"x", ("127.0.0.2", port))


def test_bind_with_port(both):
    server = udp_socket()
    port = free_port(socket.SOCK_DGRAM)
    result = both("-u", "-", f"UDP4-DATAGRAM:{name_of(server)},bind=127.0.0.2:{port}", input=b"x")
    assert result.status == 0
    assert server.recvfrom(100) == (b"x", ("127.0.0.2", port))


@needs_root
@pytest.mark.parametrize("role", ["SENDTO", "DATAGRAM", "CONNECT"])
def test_lowport(nettool, role):
    server = udp_socket()
    result = nettool("-u", "-", f"UDP4-{role}:{name_of(server)},lowport", input=b"x")
    assert result.status == 0
    assert 640 <= server.recvfrom(100)[1][1] <= 1023


# ---- RECV, RECVFROM -----------------------------------------------------------------------------


@pytest.mark.parametrize("keyword", ["UDP-RECV", "UDP4-RECV"])
def test_recv(listener, keyword):
    server = listener("-u", f"{keyword}:0,bind=127.0.0.1", "-")
    for word in (b"one ", b"two ", b"", b"three"):
        sender(place(server)).send(word)
    server.expect_out(b"one two three")
    assert server.stop().status == 143


@has_ipv6
def test_recv_ipv6(listener):
    server = listener("-u", "UDP6-RECV:0,bind=[::1]", "-")
    sender(place(server), "::1").send(b"six")
    server.expect_out(b"six")
    server.stop()


def test_recv_with_null_eof_ends(listener):
    server = listener("-u", "UDP-RECV:0,bind=127.0.0.1,null-eof", "-")
    peer = sender(place(server))
    peer.send(b"x")
    peer.send(b"")
    result = server.wait()
    assert (result.status, result.out) == (0, b"x")


def test_recv_refuses_by_range(listener):
    server = listener("-u", "UDP-RECV:0,bind=127.0.0.1,range=127.0.0.2/32", "-")
    sender(place(server)).send(b"wrong")
    sender(place(server), "127.0.0.2").send(b"right")
    server.expect_out(b"right")
    assert server.stop().out == b"right"


def test_recv_refuses_by_sourceport(listener):
    right = udp_socket()
    server = listener("-u", f"UDP-RECV:0,bind=127.0.0.1,sourceport={right.getsockname()[1]}", "-")
    sender(place(server)).send(b"wrong")
    right.sendto(b"right", place(server))
    server.expect_out(b"right")
    result = server.stop()
    assert result.out == b"right" and "wrong sourceport" in result.text


@pytest.mark.parametrize("keyword", ["UDP-RECVFROM", "UDP4-RECVFROM"])
def test_recvfrom(listener, keyword):
    """One packet, its answer, and the end."""
    server = listener(f"{keyword}:0,bind=127.0.0.1", "PIPE")
    peer = sender(place(server))
    peer.send(b"echo this")
    assert peer.recv(100) == b"echo this"
    assert server.wait().status == 0


@has_ipv6
def test_recvfrom_ipv6(listener):
    server = listener("UDP6-RECVFROM:0,bind=[::1]", "PIPE")
    peer = sender(place(server), "::1")
    peer.send(b"six")
    assert peer.recv(100) == b"six"
    assert server.wait().status == 0


def test_recvfrom_fork_answers_the_right_sender(listener):
    server = listener("UDP-RECVFROM:0,bind=127.0.0.1,fork", "PIPE", endless=True)
    peers = [sender(place(server)) for _ in range(10)]
    for i, peer in enumerate(peers):
        peer.send(b"I am %d" % i)
    for i, peer in enumerate(peers):
        assert peer.recv(100) == b"I am %d" % i
    wait_until(lambda: not children_of(server.pid))


def test_recvfrom_fork_makes_one_child_per_packet(listener, tmp):
    server = listener("-dd", "-u", "UDP-RECVFROM:0,bind=127.0.0.1,fork", "GOPEN:packets",
                      endless=True)
    peer = sender(place(server))
    for i in range(25):
        peer.send(b"%02d\n" % i)
    wait_until(lambda: server.err.count(b"forked off child process") == 25)
    wait_until(lambda: not children_of(server.pid))
    assert server.err.count(b"forked off child process") == 25
    assert sorted((tmp / "packets").read_bytes().split()) == [b"%02d" % i for i in range(25)]


def test_recvfrom_fork_when_the_second_address_fails(listener):
    server = listener("-dd", "-u", "UDP-RECVFROM:0,bind=127.0.0.1,fork", "OPEN:no/such/file",
                      endless=True)
    peer = sender(place(server))
    for i in range(5):
        peer.send(b"%d" % i)
    wait_until(lambda: server.err.count(b"No such file") == 5)
    wait_until(lambda: not children_of(server.pid))
    assert server.err.count(b"forked off") == 5 and server.running


@needs_linux
def test_recvfrom_fork_leaves_no_descriptors(listener):
    server = listener("UDP-RECVFROM:0,bind=127.0.0.1,fork", "PIPE", endless=True)

    def packet():
        peer = sender(place(server))
        peer.send(b"x")
        assert peer.recv(100) == b"x"
        peer.close()

    packet()
    wait_until(lambda: not children_of(server.pid))
    before = descriptors_of(server.pid)
    for _ in range(40):
        packet()
    wait_until(lambda: not children_of(server.pid))
    wait_until(lambda: descriptors_of(server.pid) == before)


def test_recvfrom_fork_without_children_left(listener):
    server = listener("UDP-RECVFROM:0,bind=127.0.0.1,fork,max-children=1", "PIPE", endless=True)
    peers = [sender(place(server)) for _ in range(5)]
    for i, peer in enumerate(peers):
        peer.send(b"%d" % i)
    for i, peer in enumerate(peers):
        assert peer.recv(100) == b"%d" % i


def test_recvfrom_with_an_empty_packet(listener):
    server = listener("-u", "UDP-RECVFROM:0,bind=127.0.0.1", "-")
    sender(place(server)).send(b"")
    result = server.wait()
    assert (result.status, result.out) == (0, b"")


def test_recvfrom_names_the_sender(listener, tmp):
    server = listener("-u", "-r", "$SOCAT_PEERADDR-$NETTOOL_PEERPORT",
                      "UDP-RECVFROM:0,bind=127.0.0.1", "-")
    peer = sender(place(server))
    peer.send(b"me")
    assert server.wait().out == b"me"
    assert (tmp / f"127.0.0.1-{peer.getsockname()[1]}").read_bytes() == b"me"


# ---- DATAGRAM -----------------------------------------------------------------------------------


@pytest.mark.parametrize("keyword", ["UDP-DATAGRAM", "UDP-DGRAM", "UDP4-DATAGRAM", "UDP4-DGRAM"])
def test_datagram_hears_everybody(start, keyword):
    server, stranger = udp_socket(), udp_socket()
    process = start("-", f"{keyword}:{name_of(server)}")
    process.send(b"x")
    peer = server.recvfrom(100)[1]
    stranger.sendto(b"stranger ", peer)
    process.expect_out(b"stranger ")
    server.sendto(b"friend", peer)
    process.expect_out(b"stranger friend")
    process.end_input()
    assert process.wait().status == 0


@has_ipv6
@pytest.mark.parametrize("keyword", ["UDP6-DATAGRAM", "UDP6-DGRAM", "UDP-DATAGRAM"])
def test_datagram_ipv6(start, keyword):
    server = udp_socket(socket.AF_INET6)
    process = start("-", f"{keyword}:{name_of(server)}")
    process.send(b"x")
    server.sendto(b"six", server.recvfrom(100)[1])
    process.expect_out(b"six")
    process.end_input()
    assert process.wait().status == 0


def test_datagram_range(both):
    server, stranger = udp_socket(), udp_socket()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as friend:
        friend.bind(("127.0.0.2", 0))
        process = both.start("-", f"UDP4-DATAGRAM:{name_of(server)},range=127.0.0.2/32")
        process.send(b"x")
        peer = server.recvfrom(100)[1]
        stranger.sendto(b"stranger", peer)
        friend.sendto(b"friend", peer)
        process.expect_out(b"friend")
    process.end_input()
    result = process.wait()
    assert (result.status, result.out) == (0, b"friend")


def test_datagram_sourceport_is_our_own(start):
    """Sourceport is where we send from; who answers may have another port."""
    server = udp_socket()
    port = free_port(socket.SOCK_DGRAM)
    process = start("-", f"UDP4-DATAGRAM:{name_of(server)},sourceport={port}")
    process.send(b"x")
    peer = server.recvfrom(100)[1]
    assert peer[1] == port
    server.sendto(b"answer", peer)
    process.expect_out(b"answer")
    process.end_input()
    assert process.wait().status == 0


@needs_linux
def test_broadcast(nettool):
    """Without the option the kernel refuses the address; with it the packet goes out."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.settimeout(DEADLINE)
    receiver.bind(("0.0.0.0", 0))
    port = receiver.getsockname()[1]
    result = nettool("-u", "-", f"UDP-DATAGRAM:127.255.255.255:{port}", input=b"x")
    assert result.status == 1 and "Permission denied" in result.text
    result = nettool("-u", "-", f"UDP-DATAGRAM:127.255.255.255:{port},broadcast", input=b"all")
    assert result.status == 0
    assert receiver.recv(100) == b"all"


# ---- multicast on the loopback ------------------------------------------------------------------


@needs_linux
@pytest.mark.parametrize("what", ["127.0.0.1", "lo", "1"])
@pytest.mark.parametrize("option", ["ip-add-membership", "add-membership", "membership"])
def test_multicast(nettool, what, option):
    server = nettool.listener("-u", f"UDP4-RECV:0,reuseaddr,{option}=224.1.2.3:{what}", "-")
    result = nettool("-u", "-", f"UDP4-DATAGRAM:224.1.2.3:{server.port},ip-multicast-if=127.0.0.1,"
                     "ip-multicast-loop=1,ip-multicast-ttl=1", input=b"group")
    assert result.status == 0, result
    server.expect_out(b"group")
    server.stop()


@needs_linux
def test_multicast_answer(nettool):
    """A member answers the sender, who hears it from a unicast address."""
    member = nettool.listener("UDP4-RECVFROM:0,ip-add-membership=224.1.2.4:127.0.0.1", "PIPE")
    process = nettool.start("-", f"UDP4-DATAGRAM:224.1.2.4:{member.port},ip-multicast-if=127.0.0.1,"
                            "bind=127.0.0.1")
    process.send(b"who is there")
    process.expect_out(b"who is there")
    process.end_input()
    assert process.wait().status == 0
    assert member.wait().status == 0


@needs_linux
def test_multicast_of_one_source(nettool):
    server = nettool.listener("-u", "UDP4-RECV:0,ip-add-source-membership="
                              "232.1.2.3:127.0.0.1:127.0.0.2", "-")
    for host in ("127.0.0.1", "127.0.0.2"):
        result = nettool("-u", "-", f"UDP4-DATAGRAM:232.1.2.3:{server.port},bind={host},"
                         "ip-multicast-if=127.0.0.1", input=host.encode())
        assert result.status == 0, result
    server.expect_out(b"127.0.0.2")
    assert server.stop().out == b"127.0.0.2"


@needs_linux
@has_ipv6
@pytest.mark.parametrize("what", ["lo", "1"])
def test_multicast_ipv6(nettool, what):
    server = nettool.listener("-u", f"UDP6-RECV:0,ipv6-join-group=[ff11::7]:{what}", "-")
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as peer:
        peer.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, 1)
        try:
            peer.sendto(b"six", ("ff11::7", server.port, 0, 1))
        except OSError as error:
            server.stop()
            pytest.skip(f"no multicast on lo: {error}")
    server.expect_out(b"six")
    server.stop()


# ---- what comes beside the data -----------------------------------------------------------------


ANCILLARY = [
    ("so-timestamp", "SCM_TIMESTAMP: timestamp=", "TIMESTAMP", r".*, \d{6} usecs"),
    ("ip-recvttl", "IP_TTL: ttl=64", "IP_TTL", "64"),
    ("ip-recvtos", "IP_TOS: tos=0", "IP_TOS", "0"),
    ("ip-pktinfo", "IP_PKTINFO: dstaddr=127.0.0.1", "IP_DSTADDR", "127.0.0.1"),
    ("ip-pktinfo", "IP_PKTINFO: locaddr=127.0.0.1", "IP_LOCADDR", "127.0.0.1"),
    ("ip-pktinfo", "IP_PKTINFO: if=lo", "IP_IF", "lo"),
]


@needs_linux
@pytest.mark.parametrize("option, line, variable, value", ANCILLARY)
def test_ancillary(listener, tmp, option, line, variable, value):
    server = listener("-d", "-d", "-d", "-u", "-r", f"v=$SOCAT_{variable}",
                      f"UDP4-RECVFROM:0,bind=127.0.0.1,{option}", "-")
    sender(place(server)).send(b"x")
    result = server.wait()
    assert (result.status, result.out) == (0, b"x")
    assert f"ancillary message: {line}" in result.text
    (name,) = [path.name for path in tmp.iterdir()]
    assert re.fullmatch("v=" + value, name)


ANCILLARY6 = [
    ("ipv6-recvpktinfo", "IPV6_PKTINFO: if=lo", "IPV6_IF", "lo"),
    ("ipv6-recvpktinfo", "IPV6_PKTINFO: dstaddr=[0000:0000:0000:0000:0000:0000:0000:0001]",
     "IPV6_DSTADDR", r"\[0000:0000:0000:0000:0000:0000:0000:0001\]"),
    ("ipv6-recvhoplimit", "IPV6_HOPLIMIT: hoplimit=64", "IPV6_HOPLIMIT", "64"),
    ("ipv6-recvtclass", "IPV6_TCLASS: tclass=x00000000", "IPV6_TCLASS", "x00000000"),
]


@needs_linux
@has_ipv6
@pytest.mark.parametrize("option, line, variable, value", ANCILLARY6)
def test_ancillary_ipv6(listener, tmp, option, line, variable, value):
    server = listener("-d", "-d", "-d", "-u", "-r", f"v=$NETTOOL_{variable}",
                      f"UDP6-RECVFROM:0,bind=[::1],{option}", "-")
    sender(place(server), "::1").send(b"x")
    result = server.wait()
    assert (result.status, result.out) == (0, b"x")
    assert f"ancillary message: {line}" in result.text
    (name,) = [path.name for path in tmp.iterdir()]
    assert re.fullmatch("v=" + value, name)


@needs_linux
@pytest.mark.parametrize("role", ["RECV", "RECVFROM"])
def test_ancillary_beside_the_peer(both, role):
    """The log lines are those of socat."""
    port = free_port(socket.SOCK_DGRAM)
    process = both.start("-d", "-d", "-d", "-d", "-u",
                         f"UDP4-{role}:{port},bind=127.0.0.1,ip-recvttl,ip-pktinfo", "-")
    process.expect_err(re.compile(rb"bind\(\d+, .*\n"))
    peer = sender(("127.0.0.1", port))

    def heard():
        try:
            peer.send(b"x")
        except ConnectionRefusedError:
            pass
        return b"x" in process.out

    wait_until(heard)
    process.stop()
    for line in (b"IP_TTL: ttl=64\n", b"IP_PKTINFO: if=lo\n", b"IP_PKTINFO: dstaddr=127.0.0.1\n"):
        assert b"ancillary message: " + line in process.err


def test_received_packets_are_logged(listener):
    server = listener("-d", "-d", "-u", "UDP-RECV:0,bind=127.0.0.1", "-")
    server.expect_err(b"bound to AF=2 127.0.0.1:%d\n" % server.port)
    peer = sender(place(server))
    peer.send(b"12345")
    server.expect_err(b"received packet with 5 bytes from AF=2 127.0.0.1:%d"
                      % peer.getsockname()[1])
    server.stop()


# ---- size ---------------------------------------------------------------------------------------


def test_largest_packet(listener):
    data = random_bytes(65507, 9)
    server = listener("-u", "UDP-RECV:0,bind=127.0.0.1", "-")
    sender(place(server)).send(data)
    wait_until(lambda: len(server.out) >= len(data))
    assert same(server.stop().out, data)


def test_block_size_cuts_a_packet(listener):
    server = listener("-b", "10", "-u", "UDP-RECV:0,bind=127.0.0.1", "-")
    peer = sender(place(server))
    peer.send(b"0123456789abcdef")
    peer.send(b"next")
    server.expect_out(b"0123456789next")
    assert server.stop().out == b"0123456789next"


@needs_linux
def test_options_of_a_session(listener):
    """What is set on the listener holds for the sessions."""
    server = listener("UDP4-LISTEN:0,bind=127.0.0.1,tos=16,ttl=5", "PIPE")
    peer = sender(place(server))
    peer.send(b"x")
    assert peer.recv(10) == b"x"
    assert option_of(server, socket.IPPROTO_IP, socket.IP_TOS) == 16
    assert option_of(server, socket.IPPROTO_IP, socket.IP_TTL) == 5
    peer.send(b"")
    assert server.wait().status == 0


def test_vanished_peer_never_ends_a_server(listener):
    """The ICMP error of one sender who went away is no matter for the others."""
    server = listener("-T3", "UDP-LISTEN:0,bind=127.0.0.1,fork", "PIPE", endless=True)
    for _ in range(10):
        gone = sender(place(server))
        gone.send(b"answer this")
        gone.close()
    peer = sender(place(server))
    peer.send(b"me")
    assert peer.recv(100) == b"me"
    peer.send(b"")
    assert server.running
    wait_until(lambda: not children_of(server.pid))


def test_recvfrom_survives_vanished_peers(listener):
    server = listener("UDP-RECVFROM:0,bind=127.0.0.1,fork", "PIPE", endless=True)
    for _ in range(10):
        gone = sender(place(server))
        gone.send(b"answer this")
        gone.close()
    peer = sender(place(server))
    peer.send(b"me")
    assert peer.recv(100) == b"me"
    there = Background(lambda: peer.send(b"again"))
    there.result()
    assert peer.recv(100) == b"again"
    assert server.running
