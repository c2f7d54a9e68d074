"""--messages: connections told of in the words of the netcats, beside them and alone.

Side by side each program does the same thing once, and what both have said must be equal, once the
ports are names and what is about the program itself (its version, its statistics) is left out.
"""

import re
import socket

import pytest
import tools

# What the program is called in its messages, and the file it lives in.
NAMES = {"openbsd": "nc", "traditional": "nc", "ncat": "Ncat"}
PROGRAMS = {"openbsd": "nc.openbsd", "traditional": "nc.traditional", "ncat": "ncat"}
STYLES = sorted(NAMES)

LISTENS = re.compile(rb"(?:[Ll]istening|Bound) on [^\n]*\n")
NO_SUCH_HOST = "a..b"  # no name server is ever asked for it


def in_style(style, level="-dd"):
    return [level, f"--messages={style}", "-lp", NAMES.get(style, "nettool")]


def said(result, **ports):
    """The lines of stderr, with names instead of ports."""
    text = result.text.replace("nc.openbsd:", "nc:").replace("nc.traditional:", "nc:")
    text = re.sub(r"(?m)^Ncat: (Version|\d+ bytes sent).*\n", "", text)
    for name, port in ports.items():
        text = re.sub(rf"(?<!\d){port}(?!\d)", name, text)
    return [line for line in text.splitlines() if line]


@pytest.fixture
def hosts(runners, tmp, program):
    """Runs programs in a world of their own where /etc/hosts says this; only root may."""
    program("unshare")
    if not tools.ROOT:
        pytest.skip("only root may do this")
    (tmp / "hosts").write_text(
        "127.0.0.1 localhost\n127.0.0.3 serveur.exemple serveur\n::1 double\n127.0.0.1 double\n"
    )
    inside = 'mount --bind hosts /etc/hosts && ip link set lo up && exec "$@"'
    prefix = ["unshare", "-mn", "sh", "-c", inside, "sh"]
    if runners(tools.Runner, prefix)("true").status != 0:
        pytest.skip("no namespaces here")
    return lambda *command: runners(tools.Runner, [*prefix, *command])


# ---- listening -----------------------------------------------------------------------------------

LISTENERS = [
    ("openbsd", ["-v", "-n", "-l", "127.0.0.1", "{port}"], "TCP4-LISTEN:{port},bind=127.0.0.1,numeric"),
    ("openbsd", ["-v", "-n", "-l", "{port}"], "TCP4-LISTEN:{port},numeric"),
    ("openbsd", ["-v", "-n", "-6", "-l", "{port}"], "TCP6-LISTEN:{port},numeric,ipv6only=0"),
    ("openbsd", ["-v", "-n", "-l", "::1", "{port}"], "TCP6-LISTEN:{port},bind=[::1],numeric"),
    ("openbsd", ["-vv", "-n", "-l", "127.0.0.1", "{port}"], "TCP4-LISTEN:{port},bind=127.0.0.1,numeric"),
    ("openbsd", ["-v", "-n", "-u", "-l", "127.0.0.1", "{port}"], "UDP4-LISTEN:{port},bind=127.0.0.1,numeric"),
    ("openbsd", ["-v", "-l", "-U", "./salle"], "UNIX-LISTEN:./salle"),
    ("traditional", ["-v", "-n", "-l", "-p", "{port}"], "TCP4-LISTEN:{port},numeric"),
    ("traditional", ["-v", "-n", "-l", "-s", "127.0.0.1", "-p", "{port}"],
     "TCP4-LISTEN:{port},bind=127.0.0.1,numeric"),
    ("traditional", ["-v", "-n", "-u", "-l", "-p", "{port}"], "UDP4-LISTEN:{port},numeric"),
    ("ncat", ["-v", "-l", "127.0.0.1", "{port}"], "TCP4-LISTEN:{port},bind=127.0.0.1"),
    ("ncat", ["-v", "-4", "-l", "{port}"], "TCP4-LISTEN:{port}"),
    ("ncat", ["-v", "-l", "::1", "{port}"], "TCP6-LISTEN:{port},bind=[::1]"),
    ("ncat", ["-v", "-u", "-l", "127.0.0.1", "{port}"], "UDP4-LISTEN:{port},bind=127.0.0.1"),
]


def visitor(address, port):
    """A socket that has said hello to who listens there, and its own port."""
    family = socket.AF_INET6 if "::1" in address else socket.AF_INET
    peer = socket.socket(socket.AF_UNIX if "UNIX" in address else family,
                         socket.SOCK_DGRAM if "UDP" in address else socket.SOCK_STREAM)
    return peer, "::1" if family == socket.AF_INET6 else "127.0.0.1"


def told_of_a_visit(process, address, port, tmp):
    """Lets somebody come and go. Returns what was said."""
    peer, host = visitor(address, port)
    with peer:
        process.expect_err(LISTENS)
        if "UNIX" in address:
            process.expect_err(b"Listening on")
            peer.connect(str(tmp / "salle"))
        else:
            peer.connect((host, port))
        peer.sendall("là\n".encode())
        process.expect_out("là\n".encode())
        come_from = "-" if "UNIX" in address else peer.getsockname()[1]
    result = process.stop() if "UDP" in address else process.wait()
    return said(result, PORT=port, COMER=come_from)


@pytest.mark.parametrize("style, words, address", LISTENERS)
def test_a_visit_is_told_as_the_netcat_tells_it(nettool, program, tmp, style, words, address):
    kind = socket.SOCK_DGRAM if "UDP" in address else socket.SOCK_STREAM
    port = tools.free_port(kind)
    theirs = program(PROGRAMS[style]).start(*(word.format(port=port) for word in words))
    expected = told_of_a_visit(theirs, address, port, tmp)
    (tmp / "salle").unlink(missing_ok=True)
    port = tools.free_port(kind)
    ours = nettool.start(*in_style(style), address.format(port=port), "-")
    assert told_of_a_visit(ours, address, port, tmp) == expected


VISITS = {
    "openbsd": ["Listening on 127.0.0.1 PORT", "Connection received on 127.0.0.1 COMER"],
    "traditional": ["listening on [127.0.0.1] PORT ...",
                    "connect to [127.0.0.1] from (UNKNOWN) [127.0.0.1] COMER"],
    "ncat": ["Ncat: Listening on 127.0.0.1:PORT", "Ncat: Connection from 127.0.0.1.",
             "Ncat: Connection from 127.0.0.1:COMER."],
}


@pytest.mark.parametrize("style", STYLES)
def test_nothing_else_is_said_of_a_visit(listener, style):
    server = listener(*in_style(style), "TCP4-LISTEN:0,bind=127.0.0.1,numeric,fork", "PIPE", endless=True)
    with server.connect() as peer:
        peer.sendall(b"x")
        assert peer.recv(1) == b"x"
        come_from = peer.getsockname()[1]
    assert said(server.stop(), PORT=server.port, COMER=come_from) == VISITS[style]


@pytest.mark.parametrize("style", STYLES)
def test_the_steps_bring_our_own_notices_back(listener, style):
    server = listener(*in_style(style, "-ddd"), "TCP4-LISTEN:0,bind=127.0.0.1,numeric", "PIPE")
    server.connect().close()
    lines = said(server.wait(), PORT=server.port)
    assert VISITS[style][0] in lines
    assert any("starting data transfer loop" in line for line in lines)


@pytest.mark.parametrize("style", STYLES)
def test_without_notices_a_visit_is_silent(listener, style):
    server = listener(*in_style(style, "-d"), "TCP4-LISTEN:0,bind=127.0.0.1", "PIPE")
    server.connect().close()
    assert server.wait().text == ""


def test_our_own_words_are_what_they_are_without_the_option(listener):
    server = listener("-dd", "--messages=nettool", "TCP4-LISTEN:0,bind=127.0.0.1", "PIPE")
    with server.connect() as peer:
        come_from = peer.getsockname()[1]
    assert said(server.wait(), PORT=server.port, COMER=come_from)[:2] == [
        "nettool: listening on AF=2 127.0.0.1:PORT",
        "nettool: accepting connection from AF=2 127.0.0.1:COMER on AF=2 127.0.0.1:PORT",
    ]


def test_a_unix_socket_is_escaped(start, tmp):
    server = start(*in_style("openbsd"), "UNIX-LISTEN:./é\x1b[31m", "PIPE")
    server.expect_err("Listening on ./é".encode())
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(tmp / "é\x1b[31m"))
    result = server.wait()
    assert b"\x1b" not in result.err and "Connection received on ./é" in result.text


def test_a_unix_socket_in_the_words_of_ncat(start, tmp):
    server = start(*in_style("ncat"), "UNIX-LISTEN:./salle", "PIPE")
    server.expect_err(b"Listening on ./salle\n")
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(tmp / "salle"))
    assert said(server.wait()) == [
        "Ncat: Listening on ./salle", "Ncat: Connection from a client on Unix domain socket."]


@pytest.mark.parametrize("style, line", [
    ("openbsd", "Connection received on ./salle"), ("ncat", "Ncat: Connection from ./moi.")])
def test_a_packet_of_a_unix_socket(start, tmp, style, line):
    server = start(*in_style(style), "-u", "UNIX-RECVFROM:./salle", "STDOUT")
    server.expect_err(LISTENS)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as peer:
        peer.bind(str(tmp / "moi"))
        (tmp / "moi").rename(tmp / "là")
        peer.sendto(b"x", str(tmp / "salle"))
    lines = said(server.wait())
    assert lines[-1].replace(str(tmp), ".") == line


def test_somebody_who_is_turned_away(listener):
    for style, line in (("ncat", "Ncat: New connection denied: not allowed"),
                        ("traditional", "invalid connection to [127.0.0.1] from (UNKNOWN) "
                                        "[127.0.0.1] COMER"),
                        ("openbsd", "nc: refusing connection from AF=2 127.0.0.1:COMER due to "
                                    "range option")):
        server = listener(*in_style(style), "TCP4-LISTEN:0,bind=127.0.0.1,range=127.0.0.9/32,numeric",
                          "PIPE")
        with server.connect() as peer:
            assert peer.recv(1) == b""
            come_from = peer.getsockname()[1]
        assert said(server.stop(), PORT=server.port, COMER=come_from) == [*VISITS[style], line]


def test_nobody_comes(nettool):
    run = lambda style: said(nettool(*in_style(style, "-d"), "TCP4-LISTEN:0,accept-timeout=0.05", "PIPE"))
    assert run("traditional") == ["no connection : Connection timed out"]
    assert run("openbsd") == ["nc: accept: Connection timed out"]


# ---- connecting ----------------------------------------------------------------------------------

CONNECTIONS = [
    ("openbsd", ["-v", "-n", "127.0.0.1", "{port}"], "TCP:127.0.0.1:{port},numeric"),
    ("openbsd", ["-v", "-n", "::1", "{port}"], "TCP:[::1]:{port},numeric"),
    ("openbsd", ["-v", "localhost", "{port}"], "TCP4:localhost:{port}"),
    ("openbsd", ["-v", "-n", "-u", "127.0.0.1", "{port}"], "UDP:127.0.0.1:{port},numeric"),
    ("openbsd", ["-v", "-U", "./salle"], "UNIX:./salle"),
    ("traditional", ["-v", "-n", "127.0.0.1", "{port}"], "TCP:127.0.0.1:{port},numeric"),
    ("traditional", ["-v", "-n", "-u", "127.0.0.1", "{port}"], "UDP:127.0.0.1:{port},numeric"),
    ("ncat", ["-v", "127.0.0.1", "{port}"], "TCP:127.0.0.1:{port}"),
    ("ncat", ["-v", "::1", "{port}"], "TCP:[::1]:{port}"),
    ("ncat", ["-v", "-u", "127.0.0.1", "{port}"], "UDP:127.0.0.1:{port}"),
    ("ncat", ["-v", "-U", "./salle"], "UNIX:./salle"),
]


def told_of_connecting(run, words, server, port):
    """Starts a program that connects to server, and ends it once it has. Returns what was said."""
    process = run.start(*(word.format(port=port) for word in words))
    if server.type == socket.SOCK_DGRAM:
        process.send(b"x")
        while server.recv(64) != b"x":
            pass
        return said(process.stop(), PORT=port)
    with tools.accept(server) as peer:
        peer.sendall(b"x")
        process.expect_out(b"x")
    process.end_input()
    return said(process.wait(), PORT=port)


@pytest.mark.parametrize("style, words, address", CONNECTIONS)
def test_a_connection_is_told_as_the_netcat_tells_it(nettool, program, tmp, style, words, address):
    family = socket.AF_INET6 if "::1" in address else socket.AF_INET
    if "UNIX" in address:
        server, port = tools.unix_server(tmp / "salle"), 0
    else:
        server = tools.udp_socket(family) if "UDP" in address else tools.tcp_server(family)
        port = server.getsockname()[1]
    with server:
        theirs = told_of_connecting(program(PROGRAMS[style]), words, server, port)
        ours = told_of_connecting(nettool, [*in_style(style), "-", address], server, port)
    assert ours == theirs


@pytest.mark.parametrize("style, line", [
    ("openbsd", "Connection to 127.0.0.1 PORT port [tcp/*] succeeded!"),
    ("traditional", "(UNKNOWN) [127.0.0.1] PORT (?) open"),
    ("ncat", "Ncat: Connected to 127.0.0.1:PORT."),
])
def test_nothing_else_is_said_of_a_connection(nettool, style, line):
    with tools.tcp_server() as server:
        port = server.getsockname()[1]
        address = f"TCP:127.0.0.1:{port},numeric"
        assert told_of_connecting(nettool, [*in_style(style), "-", address], server, port) == [line]


def test_the_service_has_its_name(nettool):
    try:
        service = socket.getservbyport(9, "udp")
    except OSError:
        pytest.skip("port 9 has no name here")
    words = ["-u", "/dev/null", "UDP:127.0.0.1:9"]
    assert said(nettool(*in_style("openbsd"), *words)) == [
        f"Connection to 127.0.0.1 9 port [udp/{service}] succeeded!"]
    assert said(nettool(*in_style("openbsd"), *words[:2], words[2] + ",numeric")) == [
        "Connection to 127.0.0.1 9 port [udp/*] succeeded!"]
    assert said(nettool(*in_style("traditional"), *words[:2], words[2] + ",numeric")) == [
        f"(UNKNOWN) [127.0.0.1] 9 ({service}) open"]


@pytest.mark.parametrize("style, addresses, pattern", [
    ("traditional", "- {}", r" sent 5, rcvd 2\n"),
    ("traditional", "{} -", r" sent 5, rcvd 2\n"),
    ("ncat", "- {}", r"Ncat: 5 bytes sent, 2 bytes received in \d+\.\d\d seconds\.\n"),
])
def test_how_much_has_passed(start, style, addresses, pattern):
    with tools.tcp_server() as server:
        process = start(*in_style(style, "-d"), "--statistics",
                        *addresses.format(f"TCP:{tools.name_of(server)}").split())
        with tools.accept(server) as peer:
            process.send(b"12345")
            peer.sendall(b"12")
            assert tools.read_exactly(peer, 5) == b"12345"
        result = process.wait()
    assert re.fullmatch(pattern, result.text)


def test_ncat_counts_in_the_same_words(nettool, program):
    with tools.tcp_server() as server:
        lines = []
        for run, words in ((program("ncat"), ["-v", "127.0.0.1", server.getsockname()[1]]),
                           (nettool, [*in_style("ncat"), "--statistics", "-",
                                      f"TCP:{tools.name_of(server)}"])):
            process = run.start(*words)
            with tools.accept(server) as peer:
                process.send(b"12345")
                assert tools.read_exactly(peer, 5) == b"12345"
            lines.append(re.sub(r"[\d.]+ seconds", "N seconds",
                                process.wait().text.splitlines()[-1]))
    assert lines[0] == lines[1] == "Ncat: 5 bytes sent, 0 bytes received in N seconds."


# ---- failures ------------------------------------------------------------------------------------

# {dead}: a port where nobody listens; {taken}: one that is in use.
FAILURES = [
    ("openbsd", ["-v", "-n", "127.0.0.1", "{dead}"], ["-", "TCP:127.0.0.1:{dead},numeric"]),
    ("openbsd", ["-v", "-n", "::1", "{dead}"], ["-", "TCP:[::1]:{dead},numeric"]),
    ("openbsd", ["-v", "localhost", "{dead}"], ["-", "TCP4:localhost:{dead}"]),
    ("openbsd", ["127.0.0.1", "{dead}"], ["-", "TCP:127.0.0.1:{dead}"]),
    ("openbsd", ["-v", NO_SUCH_HOST, "80"], ["-", f"TCP:{NO_SUCH_HOST}:80"]),
    ("openbsd", ["-v", "-U", "./nulle part"], ["-", "UNIX:'./nulle part'"]),
    ("openbsd", ["-U", "./nulle part"], ["-", "UNIX:'./nulle part'"]),
    ("openbsd", ["-v", "-n", "-l", "127.0.0.1", "{taken}"], ["TCP4-LISTEN:{taken},bind=127.0.0.1", "-"]),
    ("openbsd", ["-l", "-U", "./rien/salle"], ["UNIX-LISTEN:./rien/salle", "-"]),
    ("openbsd", ["-n", "-s", "127.0.0.1", "-p", "{taken}", "127.0.0.1", "{dead}"],
     ["-", "TCP:127.0.0.1:{dead},bind=127.0.0.1:{taken}"]),
    ("traditional", ["-v", "-n", "127.0.0.1", "{dead}"], ["-", "TCP:127.0.0.1:{dead},numeric"]),
    ("traditional", ["127.0.0.1", "{dead}"], ["-", "TCP:127.0.0.1:{dead}"]),
    ("traditional", [NO_SUCH_HOST, "80"], ["-", f"TCP:{NO_SUCH_HOST}:80"]),
    ("traditional", ["-v", "-n", "-l", "-s", "192.0.2.1", "-p", "{dead}"],
     ["TCP4-LISTEN:{dead},bind=192.0.2.1", "-"]),
    ("ncat", ["-v", "127.0.0.1", "{dead}"], ["-", "TCP:127.0.0.1:{dead}"]),
    ("ncat", ["127.0.0.1", "{dead}"], ["-", "TCP:127.0.0.1:{dead}"]),
    ("ncat", ["-v", NO_SUCH_HOST, "80"], ["-", f"TCP:{NO_SUCH_HOST}:80"]),
    ("ncat", ["-v", "-U", "./nulle part"], ["-", "UNIX:'./nulle part'"]),
    ("ncat", ["-v", "-l", "127.0.0.1", "{taken}"], ["TCP4-LISTEN:{taken},bind=127.0.0.1", "-"]),
    ("ncat", ["-l", "-U", "./rien/salle"], ["UNIX-LISTEN:./rien/salle", "-"]),
]


@pytest.mark.parametrize("style, words, ours", FAILURES)
def test_a_failure_is_told_as_the_netcat_tells_it(nettool, program, style, words, ours):
    with tools.tcp_server() as taken:
        ports = {"dead": tools.dead_port(), "taken": taken.getsockname()[1]}
        theirs = program(PROGRAMS[style])(*(word.format(**ports) for word in words))
        level = "-dd" if "-v" in words else "-d"
        result = nettool(*in_style(style, level), *(word.format(**ports) for word in ours))
    assert said(result, **ports) == said(theirs, **ports)
    assert theirs.status != 0 and result.status == 1


@pytest.mark.parametrize("style, option, line", [
    ("openbsd", "-w1", "nc: connect to 127.0.0.1 port PORT (tcp) timed out: Operation now in progress"),
    ("traditional", "-w1", "(UNKNOWN) [127.0.0.1] PORT (?) : Connection timed out"),
    ("ncat", "-w1", "Ncat: TIMEOUT."),
])
@tools.needs_linux
def test_a_connection_that_takes_too_long(nettool, program, style, option, line):
    waiting = []
    with socket.socket() as server:
        # A queue that is full lets nobody in, and turns nobody away either.
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        port = server.getsockname()[1]
        for _ in range(4):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(("127.0.0.1", port))
        tools.wait_until(lambda: sum(map(is_connected, waiting)) >= 1, what="a queue that is full")
        theirs = program(PROGRAMS[style])("-v", "-n", option, "127.0.0.1", port)
        ours = nettool(*in_style(style), "-", f"TCP:127.0.0.1:{port},connect-timeout=0.2,numeric")
        for peer in waiting:
            peer.close()
    assert said(ours, PORT=port) == said(theirs, PORT=port) == [line]


def is_connected(peer):
    try:
        peer.getpeername()
        return True
    except OSError:
        return False


@pytest.mark.parametrize("style, line", [
    ("openbsd", "nc: Address already in use"),
    ("traditional", "Can't grab 127.0.0.1:PORT with bind : Address already in use"),
    ("ncat", "Ncat: bind to 127.0.0.1:PORT: Address already in use. QUITTING."),
])
def test_a_port_that_is_in_use(nettool, style, line):
    with tools.tcp_server() as taken:
        port = taken.getsockname()[1]
        result = nettool(*in_style(style, "-d"), f"TCP4-LISTEN:{port},bind=127.0.0.1", "-")
    assert (said(result, PORT=port), result.status) == ([line], 1)


@pytest.mark.parametrize("style, line", [
    ("openbsd", "nc: Address already in use"),
    ("ncat", "Ncat: bind to ./salle: Address already in use. QUITTING."),
])
def test_a_name_that_is_taken(nettool, tmp, style, line):
    (tmp / "salle").touch()
    assert said(nettool(*in_style(style, "-d"), "UNIX-LISTEN:./salle", "-")) == [line]


def test_where_the_notices_are_not_shown_openbsd_is_silent_about_refusals(nettool):
    address = f"TCP:127.0.0.1:{tools.dead_port()}"
    result = nettool(*in_style("openbsd", "-d"), "-", address)
    assert (result.text, result.status) == ("", 1)
    # The retries are told one by one.
    result = nettool(*in_style("openbsd"), "-", f"{address},retry=2,interval=0.01")
    assert result.text.count("failed: Connection refused\n") == 3


def test_a_name_is_shown_without_obeying_it(nettool):
    result = nettool(*in_style("ncat"), "-", "TCP:a\x1b..b:80")
    assert b"\x1b" not in result.err and b"Could not resolve hostname" in result.err


def test_words_that_nobody_uses(nettool):
    result = nettool("--messages=busybox", "-", "-")
    assert result.status == 2
    assert "nettool|openbsd|traditional|ncat is allowed" in result.text


# ---- names of hosts ------------------------------------------------------------------------------


def test_a_host_with_two_addresses(hosts):
    tell = lambda style: said(hosts(tools.NETTOOL)(*in_style(style), "-", "TCP:double:9"))
    assert sorted(tell("openbsd")) == [
        "nc: connect to double (127.0.0.1) port 9 (tcp) failed: Connection refused",
        "nc: connect to double (::1) port 9 (tcp) failed: Connection refused",
    ]
    assert tell("ncat")[1:] == ["Ncat: Trying next address...", "Ncat: Connection refused."]
    assert re.fullmatch(r"Ncat: Connection to (::1|127.0.0.1) failed: Connection refused.",
                        tell("ncat")[0])
    assert len(tell("traditional")) == 1


def test_a_host_with_two_addresses_beside_the_netcats(hosts, program):
    for style in ("openbsd", "ncat"):
        program(PROGRAMS[style])
        theirs = hosts(PROGRAMS[style])("-v", "double", "9")
        assert said(hosts(tools.NETTOOL)(*in_style(style), "-", "TCP:double:9")) == said(theirs)


def test_names_come_from_the_table_of_hosts(hosts):
    run = hosts(tools.NETTOOL)
    tell = lambda style, address: said(run(*in_style(style), "-", address))
    assert tell("traditional", "TCP:127.0.0.3:54321") == [
        "serveur.exemple [127.0.0.3] 54321 (?) : Connection refused"]
    assert tell("traditional", "TCP:127.0.0.3:54321,numeric") == [
        "(UNKNOWN) [127.0.0.3] 54321 (?) : Connection refused"]
    assert tell("traditional", "TCP:127.0.0.4:54321") == [
        "(UNKNOWN) [127.0.0.4] 54321 (?) : Connection refused"]
    server = run.start(*in_style("openbsd"), "TCP4-LISTEN:2001,bind=127.0.0.3,fork", "PIPE")
    server.expect_err(b"Listening on serveur.exemple 2001\n")
    server.stop()
