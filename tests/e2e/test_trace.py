"""--trace: the same calls as strace sees in the same run, in the same order, in words."""

import os
import re
import socket

import pytest

import calls
import tools
from terminals import Window


@pytest.fixture
def traced(program, tmp):
    """traced(*args, **how) starts nettool --trace under strace; .compare() at the end."""
    strace = program("strace", "-f", "-s32", "-o", "strace.txt", tools.NETTOOL, "--trace")
    probe = program("strace", "-o", "probe.txt", tools.NETTOOL)("-V", env=calls.FOLLOWED)
    if probe.status != 0:
        pytest.skip("strace may not trace here")

    def start(*args, **how):
        process = strace.start(*args, env=calls.FOLLOWED, **how)
        process.compare = lambda **how: compare(process, tmp / "strace.txt", **how)
        return process

    return start


def compare(process, path, threads=False):
    """Both programs must have seen the same, process by process. Returns what they have seen.

    Calls of two threads have no order among them.
    """
    seen, first = calls.straced(path.read_text())
    told = calls.told(process.err.decode("utf-8"))
    told.setdefault(first, [])
    told[first] = told.pop(None, []) + told[first]
    for pid in seen:
        wanted, got = (calls.without_messages(side.get(pid, [])) for side in (seen, told))
        if threads:
            wanted, got = sorted(wanted), sorted(got)
        for number, (one, other) in enumerate(zip(wanted, got)):
            assert one == other, f"call {number} of {pid}: strace {one}, --trace {other}"
        assert len(wanted) == len(got), f"{pid}: strace {wanted[-3:]}, --trace {got[-3:]}"
    assert set(told) <= set(seen)
    return told


def names(told):
    return [call[0] for pid in sorted(told) for call in told[pid]]


def port_of(process):
    """The port that the first socket got, as the trace tells."""
    return int(process.expect_err(re.compile(rb"getsockname\(\d+, \{127\.0\.0\.1:([1-9]\d*)\}")
                                  ).group(1))


def listens(process):
    process.expect_err(re.compile(rb"\nlisten\(\d+, \d+\) = 0"))
    return port_of(process)


def test_a_student_sees_socket_bind_listen_accept(traced):
    server = traced("TCP-LISTEN:0,bind=127.0.0.1,reuseaddr", "PIPE")
    with socket.create_connection(("127.0.0.1", listens(server)), tools.DEADLINE) as client:
        client.sendall("été\n".encode())
        assert tools.read_exactly(client, 6) == "été\n".encode()
        client.shutdown(socket.SHUT_WR)
        assert tools.read_all(client) == b""
    assert server.wait().status == 0
    order = names(server.compare())
    places = [order.index(name) for name in ("socket", "bind", "listen", "accept4", "recv", "send")]
    assert places == sorted(places)
    assert 'recv(6, "été\\n", ' in server.err.decode()


def test_tcp_client(traced, listener):
    server = listener("TCP-LISTEN:0,bind=127.0.0.1", "PIPE")
    client = traced("STDIO", f"TCP:127.0.0.1:{server.port},nodelay,keepalive,linger=3,rcvtimeo=1.5")
    client.send(b"hello")
    assert client.wait().out == b"hello"
    assert server.wait().status == 0
    order = names(client.compare())
    assert "connect" in order and "shutdown" in order
    text = client.err.decode()
    assert "setsockopt(5, IPPROTO_TCP, TCP_NODELAY, [1], 4) = 0" in text
    assert "{l_onoff=1, l_linger=3}" in text
    assert "option nodelay" in text
    assert "EINPROGRESS" in text


def test_tcp6(traced, listener):
    server = listener("TCP6-LISTEN:0,bind=[::1]", "PIPE")
    client = traced("STDIO", f"TCP6:[::1]:{server.port}")
    client.send(b"hello")
    assert client.wait().out == b"hello"
    assert server.wait().status == 0
    client.compare()
    assert f"{{[::1]:{server.port}}}" in client.err.decode()


def test_each_child_is_told_apart(traced):
    server = traced("TCP-LISTEN:0,bind=127.0.0.1,fork", "PIPE", endless=True)
    port = listens(server)
    for _ in range(2):
        with socket.create_connection(("127.0.0.1", port), tools.DEADLINE) as client:
            client.sendall(b"x")
            client.shutdown(socket.SHUT_WR)
            assert tools.read_all(client) == b"x"
    tools.wait_until(lambda: server.err.count(b"[exit 0], WNOHANG) = ") == 2)
    tracee = tools.wait_until(
        lambda: open(f"/proc/{server.pid}/task/{server.pid}/children").read().split())
    os.kill(int(tracee[0]), 15)
    assert server.wait().status == 143
    told = server.compare()
    assert len(told) == 3
    assert sum(call[0] == "fork" for call in told[min(told)]) == 2


def test_udp(traced):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(tools.DEADLINE)
        client = traced("STDIO", f"UDP:127.0.0.1:{peer.getsockname()[1]}")
        client.send(b"ping")
        data, sender = peer.recvfrom(100)
        peer.sendto(b"pong", sender)
        client.expect_out(b"pong")
        assert client.wait().status == 0
    assert data == b"ping"
    client.compare()


@pytest.mark.parametrize("address", ["UDP-SENDTO", "UDP-DATAGRAM"])
def test_udp_without_connection(traced, address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(tools.DEADLINE)
        client = traced("STDIO", f"{address}:127.0.0.1:{peer.getsockname()[1]}")
        client.send(b"ping")
        data, sender = peer.recvfrom(100)
        peer.sendto(b"pong", sender)
        client.expect_out(b"pong")
        assert client.wait().status == 0
    told = client.compare()
    assert "sendto" in names(told) and "recvmsg" in names(told)


@pytest.mark.parametrize("address", ["UDP-LISTEN:0", "UDP-RECVFROM:0", "UDP-RECV:0"])
def test_udp_server(traced, address):
    server = traced("-T", "1", "-u", f"{address},bind=127.0.0.1", "STDOUT")
    if "RECV:" in address:
        server.expect_err(re.compile(rb"bind\("))
    port = port_of(server)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", port))
        client.send(b"hello")
        server.expect_out(b"hello")
    assert server.wait().status == 0
    server.compare()


def test_unix_stream(traced, tmp):
    server = traced("UNIX-LISTEN:a.sock,mode=600,unlink-early", "PIPE")
    server.expect_err(re.compile(rb"\nlisten\("))
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp / "a.sock"))
        client.sendall(b"x")
        client.shutdown(socket.SHUT_WR)
        assert tools.read_all(client) == b"x"
    assert server.wait().status == 0
    order = names(server.compare())
    assert {"unlink", "chmod", "bind", "listen", "accept4"} <= set(order)


def test_unix_client_tries_the_kinds_of_sockets(traced, tmp):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as peer:
        peer.bind(str(tmp / "d.sock"))
        peer.settimeout(tools.DEADLINE)
        client = traced("-u", "STDIN", "UNIX-CLIENT:d.sock,bind=me.sock")
        client.send(b"hello")
        assert peer.recv(100) == b"hello"
        assert client.wait().status == 0
    client.compare()
    assert "EPROTOTYPE" in client.err.decode()


def test_abstract_name(traced):
    name = f"nettool-{os.getpid()}"
    server = traced(f"ABSTRACT-LISTEN:{name}", "PIPE")
    server.expect_err(re.compile(rb"\nlisten\("))
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("\0" + name)
        client.shutdown(socket.SHUT_WR)
        assert tools.read_all(client) == b""
    assert server.wait().status == 0
    server.compare()
    assert f'{{@"{name}"}}' in server.err.decode()


@pytest.mark.parametrize("options", ["", ",pipes", ",pty,rawer", ",setsid", ",fdin=3,fdout=4,pipes"])
def test_program(traced, options):
    command = "cat" if "fdin" not in options else "/bin/sh -c 'cat <&3 >&4'"
    client = traced("STDIO", f"EXEC:{command}{options}" if "'" not in command
                    else f"EXEC:\"/bin/sh -c 'cat <&3 >&4'\"{options}")
    client.send(b"hello\n")
    client.expect_out(b"hello")
    assert client.wait().status in (0, 1)
    told = client.compare()
    assert {"fork", "dup2", "execvp"} <= set(names(told)) or "fdin" in options
    assert len(told) == 2


def test_shell_command(traced):
    client = traced("-U", "STDOUT", "SYSTEM:echo été")
    assert client.wait().out == "été\n".encode()
    client.compare()
    assert re.search(r'execvp\("/bin/sh", \["sh", "-c", "echo été"\]\)', client.err.decode())


def test_files_and_locks(traced, tmp):
    client = traced("-W", "lock", "-u", "STDIN", "OPEN:out,creat,append,mode=640,flock-ex,seek-end=0")
    client.send(b"hello")
    assert client.wait().status == 0
    assert (tmp / "out").read_bytes() == b"hello"
    told = client.compare()
    assert {"link", "flock", "unlink", "lseek"} <= set(names(told))
    assert "O_WRONLY|O_CREAT|O_APPEND|O_CLOEXEC, 0640" in client.err.decode()


def test_fifo(traced, tmp):
    client = traced("-u", "STDIN", "PIPE:fifo,mode=600", endless=True)
    reader = tools.wait_until(lambda: (tmp / "fifo").exists() and os.open(tmp / "fifo", os.O_RDONLY))
    try:
        client.send(b"hello")
        client.end_input()
        assert tools.read_all(reader) == b"hello"
        assert client.wait().status == 0
    finally:
        os.close(reader)
    assert "mkfifo" in names(client.compare(threads=True))


def test_pseudo_terminal_with_a_link(traced, tmp):
    client = traced("-u", "STDIN", "PTY,link=tty,rawer,perm=600")
    client.expect_err(b"symlink(")
    assert client.wait().status == 0
    told = client.compare()
    assert {"posix_openpt", "unlockpt", "symlink", "tcsetattr", "unlink"} <= set(names(told))


def test_nobody_listens(traced):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        client = traced("STDIO", f"TCP:127.0.0.1:{bound.getsockname()[1]}")
        assert client.wait().status == 1
    client.compare()
    assert "SO_ERROR, [ECONNREFUSED]" in client.err.decode()


def test_address_in_use(traced):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        server = traced(f"TCP-LISTEN:{port},bind=127.0.0.1", "PIPE")
        assert server.wait().status == 1
    server.compare()
    assert "= -1 EADDRINUSE (" in server.err.decode()


def test_one_loop_for_many(traced):
    server = traced("TCP-LISTEN:0,bind=127.0.0.1,poll", "PIPE", endless=True)
    port = listens(server)
    with socket.create_connection(("127.0.0.1", port), tools.DEADLINE) as client:
        client.sendall(b"x")
        assert tools.read_exactly(client, 1) == b"x"
    tools.wait_until(lambda: server.err.count(b"EPOLL_CTL_DEL") >= 1)
    tracee = open(f"/proc/{server.pid}/task/{server.pid}/children").read().split()
    os.kill(int(tracee[0]), 15)
    assert server.wait().status == 143
    told = server.compare()
    assert {"epoll_create1", "epoll_ctl", "epoll_wait"} <= set(names(told))


def test_the_kernel_moves_much(traced, listener, tmp):
    (tmp / "in").write_bytes(tools.random_bytes(3 << 20))
    server = listener("-u", "TCP-LISTEN:0,bind=127.0.0.1", "CREATE:out")
    client = traced("-u", "OPEN:in", f"TCP:127.0.0.1:{server.port}")
    assert client.wait().status == 0
    assert server.wait().status == 0
    assert tools.same((tmp / "out").read_bytes(), (tmp / "in").read_bytes())
    assert "sendfile" in names(client.compare())


def test_options_are_named(traced, tmp):
    (tmp / "sub").mkdir()
    server = traced("TCP-LISTEN:0,bind=127.0.0.1,reuseaddr,backlog=2,accept-timeout=0.1,cd=sub",
                    "SYSTEM:exit,setsid")
    assert server.wait().status == 0
    server.compare()
    for call, option in (("setsockopt", "reuseaddr"), ("listen", "backlog"), ("chdir", "cd")):
        assert re.search(rf"^{call}\(.* # option {option}: \w", server.err.decode(), re.MULTILINE)


# ---- without strace ------------------------------------------------------------------------------


def test_data_reaches_a_terminal_escaped(nettool):
    result = nettool("--trace", "-u", "STDIN", "CREATE:/dev/null", input=b'\033[2J"\\\0\xff\r\n' * 9)
    assert b"\033" not in result.err
    assert rb'read(0, "\x1b[2J\"\\\x00\xff\r\n' in result.err


def test_standard_error_of_a_program_stays_its_own(nettool):
    result = nettool("--trace", "-U", "STDOUT", "SYSTEM:echo out; echo err >&2,stderr")
    assert (result.status, result.out) == (0, b"out\nerr\n")
    assert b"execvp(" in result.err


def test_data_is_the_same_as_without(nettool):
    data = tools.random_bytes(200000)
    result = nettool("--trace", "STDIO", "EXEC:cat", input=data)
    assert tools.same(result.out, data)


FRENCH = tools.BUILDDIR / "locale" / "fr" / "LC_MESSAGES" / "nettool.mo"


@pytest.mark.skipif(not FRENCH.exists(), reason="built without translations")
def test_remarks_in_french(nettool):
    env = {"LC_ALL": None, "LANG": "fr_FR.UTF-8", "NETTOOL_LOCALEDIR": FRENCH.parents[2]}
    english = nettool("--trace", "-u", "OPEN:missing,rdonly", "STDOUT")
    french = nettool("--trace", "-u", "OPEN:missing,rdonly", "STDOUT", env=env)
    assert english.status == french.status == 1
    assert "les signaux arrivent ici" not in english.text
    assert "les signaux arrivent ici" in french.text
    assert "pipe2([3, 4], O_NONBLOCK|O_CLOEXEC) = 0 " in french.text


@pytest.mark.skipif(not FRENCH.exists(), reason="built without translations")
def test_explained_in_french(nettool):
    env = {"LC_ALL": None, "LANG": "fr_FR.UTF-8", "NETTOOL_LOCALEDIR": FRENCH.parents[2]}
    english = nettool("--explain", "TCP-LISTEN:9090,nodelay", "PIPE").printed
    french = nettool("--explain", "TCP-LISTEN:9090,nodelay", "PIPE", env=env).printed
    calls_of = lambda text: re.findall(r"^ +(\w+\(.*?) +#", text, re.MULTILINE)
    assert calls_of(english) == calls_of(french)
    assert "une socket pour TCP sur IPv4" in french


def test_colours_only_where_they_are_wanted(nettool):
    plain = nettool("--trace", "-u", "OPEN:missing", "STDOUT")
    colored = nettool("--color=always", "--trace", "-u", "OPEN:missing", "STDOUT")
    assert b"\033[" not in plain.err
    assert b"\033[31mopen(" in colored.err
    assert plain.status == colored.status == 1


def test_above_the_line_that_is_typed(nettool, tmp):
    server = tools.tcp_server()
    with Window(columns=160, rows=50) as window:
        env = {"XDG_STATE_HOME": str(tmp / "state"), "NO_COLOR": "1", "INPUTRC": "/dev/null"}
        process = window.start(nettool, "--trace", "CHAT", f"TCP:{tools.name_of(server)}", env=env,
                               stderr=window.slave)
        peer = tools.accept(server)
        window.type(b"bonj")
        window.wait_for("bonj")
        peer.sendall("été\n".encode())
        window.wait_for(lambda screen: 'recv(' in screen and screen.rstrip().endswith("bonj"))
        window.type(b"our\r")
        assert tools.read_exactly(peer, 8) == b"bonjour\n"
        window.wait_for(', "bonjour\\n", 8, MSG_DONTWAIT|MSG_NOSIGNAL) = 8')
        window.type(b"/quit\r")
        assert process.wait().status == 0
        peer.close()
    server.close()


def test_a_scan_is_shown_too(nettool):
    server = tools.tcp_server()
    result = nettool("--trace", "--scan", f"TCP:{tools.name_of(server)}")
    assert (result.status, b"open" in result.out) == (0, True)
    assert re.search(rb"connect\(\d+, \{127\.0\.0\.1:\d+\}, 16\) = -1 EINPROGRESS", result.err)
    server.close()


def test_without_standard_error_nothing_gets_into_the_files(program, tmp):
    """The file that is opened then gets its number for a moment."""
    program("/bin/sh", "-c", 'exec "$0" --trace -u TEXT:abc CREATE:copy 2>&-', tools.NETTOOL)()
    assert (tmp / "copy").read_bytes() == b"abc"


def test_a_reader_of_the_trace_that_goes_away_ends_nothing(nettool, tmp):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        process = nettool.start("--trace", "-u", "TEXT:abc", "CREATE:copy", stderr=writer)
    finally:
        os.close(writer)
    assert process.wait().status == 0
    assert (tmp / "copy").read_bytes() == b"abc"
