"""--scan: which ports are open, told in order, each in one line."""

import json
import os
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys

import pytest

import tools
from crowds import is_full
from tools import (
    DEADLINE,
    Background,
    accept,
    dead_port,
    free_port,
    is_asleep,
    name_of,
    needs_linux,
    quiet,
    read_all,
    tcp_server,
    udp_socket,
    unix_server,
    wait_until,
)


@pytest.fixture
def sockets():
    """Keeps sockets until the end of the test."""
    kept = []

    def keep(one):
        kept.append(one)
        return one

    yield keep
    for one in kept:
        one.close()


@pytest.fixture
def server(sockets):
    """A listening TCP socket of the loopback, with room for all who come and whom nobody accepts."""
    server = sockets(tcp_server())
    server.listen(64)
    return server


@pytest.fixture
def deaf(sockets):
    """A listener whose queue is full, so that who asks gets no answer."""
    listener = sockets(socket.socket())
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    for _ in range(8):
        guest = sockets(socket.socket())
        guest.settimeout(0.3)
        try:
            guest.connect(listener.getsockname())
        except TimeoutError:
            if is_full(listener):
                return listener
    pytest.skip("a full queue still answers here")


def port_of(one):
    return one.getsockname()[1]


def neighbours(sockets, pattern):
    """The first of several neighbouring ports, and the listeners on those where there is an 'o'."""
    while True:
        base = free_port()
        made = []
        try:
            for offset, sign in enumerate(pattern):
                one = socket.socket()
                made.append(one)
                one.settimeout(DEADLINE)
                one.bind(("127.0.0.1", base + offset))
                if sign == "o":
                    one.listen(64)
        except OSError:
            for one in made:
                one.close()
            continue
        for one, sign in zip(made, pattern):
            if sign == "o":
                sockets(one)
            else:
                one.close()
        return base, [one for one, sign in zip(made, pattern) if sign == "o"]


# ---- what is said -------------------------------------------------------------------------------


def test_an_open_port_has_a_line(nettool, server):
    result = nettool("--scan", f"TCP:{name_of(server)}")
    line = f"127.0.0.1 {port_of(server)}/tcp open\n"
    assert (result.status, result.printed, result.err) == (0, line, b"")
    with accept(server) as peer:
        assert read_all(peer) == b""


def test_a_closed_port_is_only_told_when_asked(nettool):
    port = dead_port()
    result = nettool("--scan", f"TCP:127.0.0.1:{port}")
    assert (result.status, result.out, result.err) == (1, b"", b"")
    for more in (["-v"], ["-d", "-d"], ["-dd"]):
        result = nettool("--scan", *more, f"TCP:127.0.0.1:{port}")
        assert (result.status, result.printed) == (1, f"127.0.0.1 {port}/tcp refused\n")


def test_a_range_is_told_in_its_order(nettool, sockets):
    base, _ = neighbours(sockets, "xooxo")
    result = nettool("--scan", f"TCP4:127.0.0.1:{base}-{base + 4}")
    lines = [f"127.0.0.1 {base + offset}/tcp open" for offset in (1, 2, 4)]
    assert (result.status, result.printed.splitlines()) == (0, lines)
    result = nettool("--scan", "-v", f"TCP4:127.0.0.1:{base}-{base + 4}")
    words = [line.split(" ", 2)[2] for line in result.printed.splitlines()]
    assert (result.status, words) == (0, ["refused", "open", "open", "refused", "open"])


def test_addresses_are_told_in_their_order(nettool, sockets):
    base, _ = neighbours(sockets, "oo")
    result = nettool("--scan", f"TCP:127.0.0.1:{base + 1}", f"TCP:127.0.0.1:{base}")
    lines = [f"127.0.0.1 {base + 1}/tcp open", f"127.0.0.1 {base}/tcp open"]
    assert (result.status, result.printed.splitlines()) == (0, lines)


def test_silence_is_told_from_refusal(nettool, deaf):
    address = f"TCP:{name_of(deaf)},connect-timeout=0.2"
    result = nettool("--scan", "-v", address)
    assert (result.status, result.printed) == (1, f"127.0.0.1 {port_of(deaf)}/tcp silent\n")
    result = nettool("--scan", address)
    assert (result.status, result.out) == (1, b"")


def test_what_is_behind_a_silent_port_waits_for_its_turn(nettool, deaf, server):
    result = nettool("--scan", "-v", f"TCP:{name_of(deaf)},connect-timeout=0.3",
                     f"TCP:{name_of(server)}")
    words = [line.split()[-1] for line in result.printed.splitlines()]
    assert (result.status, words) == (0, ["silent", "open"])


def test_ip6(nettool, sockets):
    try:
        server = sockets(tcp_server(socket.AF_INET6))
    except OSError:
        pytest.skip("no IPv6 here")
    for keyword in ("TCP", "TCP6"):
        result = nettool("--scan", f"{keyword}:[::1]:{port_of(server)}")
        assert (result.status, result.printed) == (0, f"::1 {port_of(server)}/tcp open\n")


def test_a_name_that_nobody_knows_does_not_keep_the_others(nettool, server):
    unknown = "TCP:nobody.invalid:80"
    result = nettool("--scan", unknown, f"TCP:{name_of(server)}")
    assert (result.status, result.printed.count("open")) == (0, 1)
    assert f"{unknown}: cannot look up nobody.invalid" in result.text
    result = nettool("--scan", unknown)
    assert (result.status, result.out) == (1, b"")
    assert "cannot look up nobody.invalid" in result.text


# ---- UDP ----------------------------------------------------------------------------------------


def test_udp_that_answers_is_open(nettool, sockets):
    server = sockets(udp_socket())

    def answer():
        data, sender = server.recvfrom(100)
        server.sendto("présent".encode(), sender)
        return data

    answering = Background(answer)
    result = nettool("--scan", f"UDP:{name_of(server)},connect-timeout={DEADLINE / 2}")
    line = f"127.0.0.1 {port_of(server)}/udp open\n"
    assert (result.status, result.printed) == (0, line)
    assert answering.result() == b""


def test_udp_without_an_answer_may_be_open(nettool, sockets):
    server = sockets(udp_socket())
    result = nettool("--scan", f"UDP4:{name_of(server)},connect-timeout=0.3")
    line = f"127.0.0.1 {port_of(server)}/udp no answer (open or filtered)\n"
    assert (result.status, result.printed) == (0, line)
    server.setblocking(False)
    got = []
    while not quiet(server, 0):
        got.append(server.recv(100))
    assert 1 <= len(got) <= 4
    assert set(got) == {b""}


def test_udp_that_is_refused(nettool):
    port = free_port(socket.SOCK_DGRAM)
    result = nettool("--scan", "-v", f"UDP:127.0.0.1:{port},connect-timeout={DEADLINE / 2}")
    assert (result.status, result.printed) == (1, f"127.0.0.1 {port}/udp refused\n")


# ---- UNIX sockets -------------------------------------------------------------------------------


def test_unix_sockets(nettool, sockets, tmp):
    for name, kind in (("flux", socket.SOCK_STREAM), ("séquence", socket.SOCK_SEQPACKET),
                       ("messages", socket.SOCK_DGRAM)):
        sockets(unix_server(tmp / name, kind))
    result = nettool("--scan", "-v", "UNIX:flux", "UNIX-CONNECT:./flux", "UNIX:séquence",
                     "UNIX:messages", "UNIX-CONNECT:messages", "UNIX:absent")
    assert result.status == 0
    assert result.printed.splitlines() == [
        "flux open",
        "./flux open",
        "séquence open",
        "messages open",
        "messages failed: Protocol wrong type for socket",
        "absent failed: No such file or directory",
    ]


def test_unix_without_a_listener_is_refused(nettool, tmp):
    unix_server(tmp / "left").close()
    result = nettool("--scan", "-v", "UNIX:left")
    assert (result.status, result.printed) == (1, "left refused\n")


def test_unix_with_a_full_queue_is_silent(nettool, sockets, tmp):
    server = sockets(socket.socket(socket.AF_UNIX))
    server.bind(os.fspath(tmp / "busy"))
    server.listen(0)
    for _ in range(64):
        guest = sockets(socket.socket(socket.AF_UNIX))
        guest.setblocking(False)
        try:
            guest.connect(os.fspath(tmp / "busy"))
        except BlockingIOError:
            break
    else:
        pytest.skip("a full queue still answers here")
    result = nettool("--scan", "-v", "UNIX:busy,connect-timeout=0.1")
    assert (result.status, result.printed) == (1, "busy silent\n")


@needs_linux
def test_abstract_sockets(nettool, sockets, tmp):
    server = sockets(socket.socket(socket.AF_UNIX))
    server.bind(f"\0{tmp.name}")
    server.listen(1)
    result = nettool("--scan", "-v", f"ABSTRACT:{tmp.name}", f"ABSTRACT:{tmp.name}-nobody")
    assert (result.status, result.printed) == (
        0, f"@{tmp.name} open\n@{tmp.name}-nobody refused\n")


# ---- options ------------------------------------------------------------------------------------


def test_bind_and_sourceport_act(nettool, sockets):
    base, servers = neighbours(sockets, "oxo")
    source = free_port()
    result = nettool("--scan", f"TCP:127.0.0.1:{base}-{base + 2},bind=127.0.0.1:{source}")
    assert (result.status, result.printed.count("open")) == (0, 2), result
    for server in servers:
        peer, name = server.accept()
        peer.close()
        assert name == ("127.0.0.1", source)


def test_a_local_address_that_is_not_ours_is_told_once(nettool, server):
    address = f"TCP:127.0.0.1:{port_of(server)},bind=192.0.2.1"
    result = nettool("--scan", address)
    assert (result.status, result.out) == (1, b"")
    assert result.text.startswith(f"nettool: {address}: cannot bind 192.0.2.1:0: ")
    assert result.text.count("\n") == 1


def test_a_random_order_is_that_of_the_report(nettool):
    address = f"TCP:127.0.0.1:{free_port()}-"
    low = int(address.rpartition(":")[2][:-1])
    address += str(low + 59)
    plain = nettool("--scan", "-v", address)
    mixed = nettool("--scan", "-v", "--scan-random", address)
    ports = [int(re.match(r"127\.0\.0\.1 (\d+)/tcp ", line)[1])
             for line in mixed.printed.splitlines()]
    assert sorted(ports) == list(range(low, low + 60))
    assert ports != sorted(ports)
    assert len(plain.printed.splitlines()) == 60


def test_a_pause_means_one_after_the_other(start, nettool, deaf, server):
    words = [f"TCP:{name_of(deaf)},connect-timeout={3 * DEADLINE}", f"TCP:{name_of(server)}"]
    patient = start("--scan", "--scan-pause=0", *words)
    wait_until(lambda: is_asleep(patient.pid))
    assert quiet(server)
    assert patient.stop().out == b""
    hasty = start("--scan", *words)
    with accept(server) as peer:
        assert read_all(peer) == b""
    assert hasty.stop().printed == f"127.0.0.1 {port_of(server)}/tcp open\n"
    base = dead_port()
    result = nettool("--scan", "-v", "--scan-pause=0.01", f"TCP:127.0.0.1:{base}-{base + 4}")
    assert len(result.printed.splitlines()) == 5


def test_the_scan_options_need_a_scan(nettool):
    for word in ("--scan-pause=1", "--scan-random"):
        result = nettool(word, "PIPE", "PIPE")
        assert result.status == 2
        assert f"option {word.partition('=')[0]} needs option --scan" in result.text


# ---- many ports, few descriptors ----------------------------------------------------------------


def far_ports(sockets):
    """A thousand ports where no other test listens, which would get a visitor; and three listeners there."""
    low = random.SystemRandom().randrange(10000, 14000)  # below those of free_port
    servers = []
    while len(servers) < 3:
        one = sockets(socket.socket())
        try:
            one.bind(("127.0.0.1", random.SystemRandom().randrange(low, low + 1000)))
        except OSError:
            continue
        one.listen(8)
        servers.append(one)
    return range(low, low + 1000), servers


def test_a_thousand_ports_with_few_descriptors(nettool, sockets):
    ports, servers = far_ports(sockets)
    low = ports[0]
    words = ["--scan", "-v", f"TCP:127.0.0.1:{low}-{low + 999},connect-timeout={DEADLINE}"]
    for few in (20, 40):
        result = nettool(*words, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_NOFILE, (few, few)))
        assert (result.status, result.err) == (0, b"")
        found = [re.match(r"127\.0\.0\.1 (\d+)/tcp (\w+)", line).groups()
                 for line in result.printed.splitlines()]
        assert [int(port) for port, _ in found] == list(ports)
        opened = {int(port) for port, word in found if word == "open"}
        assert {port_of(one) for one in servers} <= opened


# Leaves a program two descriptors less than it counts on.
CROWD = """
import os, resource, sys
while (last := os.dup(0)) < 15:
    os.set_inheritable(last, True)
os.close(last)
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_descriptors_that_others_have_taken(program, sockets):
    base, _ = neighbours(sockets, "xooxoxxxoo")
    crowded = program(sys.executable, "-c", CROWD, tools.NETTOOL)
    result = crowded("--scan", "-v", f"TCP:127.0.0.1:{base}-{base + 9}")
    assert (result.status, result.err) == (0, b"")
    words = [line.split()[2] for line in result.printed.splitlines()]
    assert "".join(word[0] for word in words) == "roororrroo"


# ---- what ends it -------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_what_is_known_is_told(start, sockets, deaf, number):
    first, last = sockets(tcp_server()), sockets(tcp_server())
    scan = start("--scan", f"TCP:{name_of(first)}",
                 f"TCP:{name_of(deaf)},connect-timeout={3 * DEADLINE}", f"TCP:{name_of(last)}")
    scan.expect_out(f"127.0.0.1 {port_of(first)}/tcp open\n".encode())
    with accept(last) as peer:
        assert read_all(peer) == b""  # the scan has closed it
    assert scan.running
    assert b"%d/tcp" % port_of(last) not in scan.out
    result = scan.stop(number)
    assert result.status == 128 + number
    assert [line.split()[1] for line in result.printed.splitlines()] == [
        f"{port_of(one)}/tcp" for one in (first, last)]


@needs_linux
def test_a_signal_ends_it_while_nobody_reads_the_report(start, server):
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 512)
    except BlockingIOError:
        pass
    os.set_blocking(writer, True)
    scan = start("--scan", f"TCP:{name_of(server)}", stdout=writer)
    os.close(writer)
    accept(server).close()
    wait_until(lambda: is_asleep(scan.pid))
    assert scan.running
    assert scan.stop().status == 128 + signal.SIGTERM
    os.close(reader)


def test_a_report_that_nobody_takes(nettool, server):
    reader, writer = os.pipe()
    os.close(reader)
    result = nettool("--scan", f"TCP:{name_of(server)}", stdout=writer)
    os.close(writer)
    assert result.status == 1
    assert "cannot write the report: Broken pipe" in result.text


# ---- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("address, said, marked", [
    ("TCP:h:30-20", "this range of ports ends before it begins", "30-20"),
    ("TCP:h:0-70000", "port 0 is nobody's", "0-70000"),
    ("TCP:h:1-70000", "port 70000: out of range", "1-70000"),
    ("UDP:h:0", "port 0 is nobody's", "0"),
    ("TCP:h:a-b", 'unknown service "a"', "a-b"),
    ("TCP:h:20-", "the port is empty", "20-"),
    ("TCP:h:-20", "the port is empty", "-20"),
    ("TCP:h:1-2-3", 'trailing garbage "-3"', "1-2-3"),
    ("TCP:h:", "the port is empty", ""),
    ("TCP:h", "wrong number of parameters", "TCP:h"),
    ("TCPx:h:1", 'unknown device/address "TCPx"', "TCPx"),
    ("TCP-LISTEN:80", "TCP-LISTEN cannot be scanned", "TCP-LISTEN:80"),
    ("UDP-SENDTO:h:80", "UDP-SENDTO cannot be scanned", "UDP-SENDTO:h:80"),
    ("TCP:h:80!!TCP:h:81", "a dual address cannot be scanned", "TCP:h:80!!TCP:h:81"),
    ("TCP:h:80,fork", "option 'fork' would never act: a scan transfers nothing", "fork"),
    ("TCP:h:80,crnl", "option 'crnl' would never act", "crnl"),
    ("TCP:h:80,bibd=x", "TCP-CONNECT has no option 'bibd'", "bibd"),
    ("UNIX:/x,bind=/y", "takes no name of its own", "UNIX:/x,bind=/y"),
])
def test_a_wrong_address_is_shown_before_anything_is_tried(nettool, server, address, said, marked):
    result = nettool("--scan", f"TCP:{name_of(server)}", address)
    assert (result.status, result.out) == (2, b"")
    assert said in result.text
    text, line = result.text.splitlines()[1:3]
    assert text == f"  {address}"
    line = re.match(r" *\^+", line)[0]
    column = len(line) - line.count("^")
    assert text[column:].startswith(marked)
    assert line.count("^") == max(1, len(marked))
    assert quiet(server, 0)


def test_a_scan_of_nothing(nettool):
    result = nettool("--scan")
    assert (result.status, result.out) == (2, b"")
    assert "option --scan needs an address" in result.text


def test_check_opens_nothing(nettool, server):
    words = [f"TCP:127.0.0.1:{port_of(server)}", "TCP:nobody.invalid:ssh-telnet", "UNIX:/nowhere"]
    for options in (["--check", "--scan"], ["--scan", "--check"]):
        result = nettool(*options, *words)
        assert (result.status, result.printed.splitlines()) == (0, words)
    assert quiet(server, 0)
    assert nettool("--check", "--scan", "TCP:h:9-8").status == 2


def test_completion_offers_more_addresses(nettool):
    words = ["TCP:h:1", "TCP:h:2", "TCP4"]
    assert "TCP4:" in nettool("--complete", "--scan", *words).printed
    assert nettool("--complete", *words).out == b""


# ---- in the words of the netcats ---------------------------------------------------------------

# how much to tell: what a netcat is told, and what we are
LEVELS = [([], []), (["-v"], ["-dd"]), (["-vv"], ["-dd", "-v"])]


@pytest.fixture(params=["openbsd", "traditional"])
def both_say(request, nettool, program):
    """Runs a netcat and a scan, more and more verbose; they say the same, with the same status."""
    name = f"nc.{request.param}"
    netcat = program(name)

    def compare(theirs, ours, levels=LEVELS):
        for level, own in levels:
            there = netcat("-z", *level, *theirs)
            here = nettool("--scan", f"--messages={request.param}", "-lp", name, *own, *ours)
            got, wanted = ((one.status, one.printed, one.text) for one in (here, there))
            assert got == wanted, level

    return compare


def test_netcats_tell_what_is_open(both_say, server):
    port = port_of(server)
    both_say(["127.0.0.1", port], [f"TCP4:127.0.0.1:{port}"])


def test_netcats_tell_names(both_say, server):
    port = port_of(server)
    both_say(["localhost", port], [f"TCP4:localhost:{port}"])
    both_say(["-n", "127.0.0.1", port], [f"TCP4:127.0.0.1:{port},numeric"])


def test_netcats_tell_what_is_refused(both_say):
    port = dead_port()
    both_say(["127.0.0.1", port], [f"TCP4:127.0.0.1:{port}"])


def test_netcats_tell_a_range(both_say, sockets):
    base, _ = neighbours(sockets, "oxo")
    both_say(["127.0.0.1", f"{base}-{base + 2}"], [f"TCP4:127.0.0.1:{base}-{base + 2}"])
    both_say(["127.0.0.1", base + 1, base], [f"TCP4:127.0.0.1:{base + 1}",
                                             f"TCP4:127.0.0.1:{base}"])


def test_netcats_tell_silence(both_say, deaf):
    both_say(["-w", 1, "127.0.0.1", port_of(deaf)], [f"TCP4:{name_of(deaf)},connect-timeout=1"])


def test_netcats_tell_udp(both_say, sockets):
    server = sockets(udp_socket())
    both_say(["-u", "-w", 1, "127.0.0.1", port_of(server)],
             [f"UDP4:{name_of(server)},connect-timeout=1"], LEVELS[1:2])
    port = free_port(socket.SOCK_DGRAM)
    # without -v OpenBSD's doesn't look, and calls a port open that isn't
    both_say(["-u", "-w", 1, "127.0.0.1", port], [f"UDP4:127.0.0.1:{port}"], LEVELS[1:])


@pytest.mark.parametrize("both_say", ["openbsd"], indirect=True)
def test_netcats_tell_of_unix_sockets(both_say):
    both_say(["-U", "absent"], ["UNIX-CONNECT:absent"])


@pytest.mark.parametrize("both_say", ["openbsd"], indirect=True)
def test_netcats_tell_of_a_host_that_is_not_known(both_say):
    both_say(["nobody.invalid", 80], ["TCP:nobody.invalid:http"], LEVELS[:1])


def test_ncat_tells_of_a_port(nettool, program, server):
    ncat = program("ncat")
    took = re.compile(r"in [\d.]+ seconds")
    head = re.compile(r"\ANcat: Version .*\n")
    for port in (port_of(server), dead_port()):
        for level, own in LEVELS[:2]:
            there = ncat("-z", *level, "127.0.0.1", port)
            here = nettool("--scan", "--messages=ncat", "-lp", "Ncat", *own, f"TCP4:127.0.0.1:{port}")
            wanted = took.sub("in a while", head.sub("", there.text))
            assert (here.status, took.sub("in a while", here.text)) == (there.status, wanted)


# ---- in a network of its own --------------------------------------------------------------------

# Runs scans in a network where every port is free, with listeners as they are asked for.
DRIVER = r"""
import fcntl, json, os, socket, struct, subprocess, sys

with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up
given = json.loads(sys.argv[1])
if given["hosts"]:
    with open("hosts", "w") as table:
        table.write(given["hosts"])
    subprocess.run(["mount", "--bind", "hosts", "/etc/hosts"], check=True)
kept = []
for host, port, kind in given["listeners"]:
    one = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
    if ":" in host:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    one.bind((host, port))
    if kind == socket.SOCK_STREAM:
        one.listen(16)
    kept.append(one)
results = []
for command in given["commands"]:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=given["deadline"])
    results.append([done.returncode, done.stdout.decode(), done.stderr.decode()])
print(json.dumps(results))
"""


@pytest.fixture
def network(tmp):
    """network(commands, listeners, hosts) runs commands in a network namespace of their own."""
    unshare = shutil.which("unshare")
    for prefix in (["-mn"], ["-rmn"]):
        if unshare and subprocess.run([unshare, *prefix, "true"], capture_output=True,
                                      check=False).returncode == 0:
            break
    else:
        pytest.skip("unshare -mn is not possible here")

    def run(commands, listeners=(), hosts=None):
        given = {"commands": commands, "listeners": listeners, "hosts": hosts,
                 "deadline": 6 * DEADLINE}  # all ports are many
        done = subprocess.run(
            [unshare, *prefix, sys.executable, "-c", DRIVER, json.dumps(given)], cwd=tmp,
            capture_output=True, text=True, timeout=20 * DEADLINE, env=tools.environment(),
            check=False)
        if "mount" in done.stderr:
            pytest.skip("mounting is not possible here")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


TCP, UDP = int(socket.SOCK_STREAM), int(socket.SOCK_DGRAM)


def scan(*words):
    return [tools.NETTOOL, "--scan", *words]


def test_services(network):
    results = network(
        [scan("TCP:127.0.0.1:ssh"), scan("-v", "TCP:127.0.0.1:ssh-telnet"),
         scan("TCP:127.0.0.1:1-1023"), scan("UDP:127.0.0.1:domain,connect-timeout=0.1")],
        [["127.0.0.1", 22, TCP], ["127.0.0.1", 80, TCP], ["127.0.0.1", 53, UDP]])
    if results[0][0] == 2:
        pytest.skip("no table of services here")
    assert results == [
        [0, "127.0.0.1 22/tcp open ssh\n", ""],
        [0, "127.0.0.1 22/tcp open ssh\n127.0.0.1 23/tcp refused\n", ""],
        [0, "127.0.0.1 22/tcp open ssh\n127.0.0.1 80/tcp open http\n", ""],
        [0, "127.0.0.1 53/udp no answer (open or filtered)\n", ""],
    ]


def test_nobody_finds_himself(network):
    ports = "1024-65535"
    results = network([scan(f"TCP:127.0.0.1:{ports}")])
    assert results == [[1, "", ""]]
    status, out, err = network([scan("-v", "UDP:127.0.0.1:32768-60999,connect-timeout=0.5")])[0]
    assert re.search(r"^127\.0\.0\.1 32768/udp ", out)
    assert not re.search("/udp open", out)
    assert err == ""


def test_an_unreachable_host(network):
    results = network([scan("-v", "TCP:192.0.2.1:80")])
    assert results == [[1, "192.0.2.1 80/tcp unreachable: Network is unreachable\n", ""]]


def test_every_address_of_a_name_is_tried(network):
    hosts = "::1 zwei\n127.0.0.1 zwei\n"
    listeners = [["127.0.0.1", 1001, TCP], ["::1", 1002, TCP], ["127.0.0.1", 1003, TCP],
                 ["::1", 1003, TCP]]
    results = network([scan("-v", "-4", "TCP:zwei:1001-1004"), scan("TCP6:zwei:1001-1004"),
                       scan("-6", "TCP:zwei:1001-1004")], listeners, hosts)
    assert results[0] == [0, "127.0.0.1 1001/tcp open\n"
                             "127.0.0.1 1002/tcp refused\n::1 1002/tcp open\n"
                             "127.0.0.1 1003/tcp open\n"
                             "127.0.0.1 1004/tcp refused\n::1 1004/tcp refused\n", ""]
    assert results[1] == [0, "::1 1002/tcp open\n::1 1003/tcp open\n", ""]
    assert results[2] == [
        0, "127.0.0.1 1001/tcp open\n::1 1002/tcp open\n::1 1003/tcp open\n", ""]
