"""UNIX sockets, by path and in the abstract name space: every role, and what becomes of the entry."""

import os
import re
import signal
import socket
import stat

import pytest

from netpeek import children_of, option_of
from tools import (
    DEADLINE,
    Background,
    accept,
    needs_linux,
    needs_root,
    quiet,
    random_bytes,
    read_all,
    read_exactly,
    same,
    unix_server,
    wait_until,
)

counter = iter(range(1, 1 << 30))


def abstract(word="nt"):
    """A name that nobody else has."""
    return f"{word}-{os.getpid()}-{next(counter)}"


def connect(where, kind=socket.SOCK_STREAM):
    peer = socket.socket(socket.AF_UNIX, kind)
    peer.settimeout(DEADLINE)
    peer.connect(where)
    return peer


# ---- streams ------------------------------------------------------------------------------------


@pytest.mark.parametrize("keyword", ["UNIX-CONNECT", "UNIX-CLIENT", "UNIX", "unix-connect",
                                     "GOPEN"])
def test_connect(both, tmp, keyword):
    server = unix_server(tmp / "room")
    data = random_bytes(300_000, 2)

    def serve():
        peer = accept(server)
        got = read_all(peer)
        peer.sendall(got)
        peer.close()

    there = Background(serve)
    result = both("-t10", "-", f"{keyword}:{tmp}/room", input=data)
    there.result()
    assert result.status == 0 and same(result.out, data)
    assert (tmp / "room").exists()


@pytest.mark.parametrize("keyword", ["UNIX-LISTEN", "UNIX-L", "unix-l"])
def test_listen(listener, tmp, keyword):
    server = listener(f"{keyword}:room", "PIPE")
    assert stat.S_ISSOCK((tmp / "room").stat().st_mode)
    with connect(str(tmp / "room")) as peer:
        peer.sendall("été".encode())
        assert read_exactly(peer, 5) == "été".encode()
        assert (tmp / "room").exists()  # until the process ends
    assert server.wait().status == 0
    assert not (tmp / "room").exists()


@needs_linux
@pytest.mark.parametrize("name", ["plain", "with blank", "été", "a/b"])
@pytest.mark.parametrize("client", ["ABSTRACT-CONNECT", "ABSTRACT-CLIENT", "ABSTRACT"])
def test_abstract(listener, nettool, tmp, name, client):
    name = abstract(name)
    server = listener(f"ABSTRACT-LISTEN:{name}", "PIPE")
    assert server.announced[0][0] == "unix"
    with connect("\0" + name) as peer:  # the whole name and nothing behind it
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
    assert server.wait().status == 0
    there = listener(f"ABSTRACT-LISTEN:{name}", "PIPE")
    result = nettool("-", f"{client}:{name}", input=b"hello")
    assert (result.status, result.out) == (0, b"hello")
    assert there.wait().status == 0
    assert list(tmp.iterdir()) == []


@needs_linux
def test_abstract_name_with_nul(listener):
    name = abstract()
    server = listener(f"ABSTRACT-LISTEN:{name}\\0tail", "PIPE")
    with connect(f"\0{name}\0tail") as peer:
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
    assert server.wait().status == 0


@needs_linux
def test_loose_socket_length(listener):
    """With unix-tightsocklen=0 an abstract name is filled up with NUL bytes."""
    name = abstract()
    server = listener(f"ABSTRACT-LISTEN:{name},unix-tightsocklen=0", "PIPE")
    whole = ("\0" + name).ljust(108, "\0")
    with connect(whole) as peer:
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
    assert server.wait().status == 0


@needs_linux
def test_a_path_of_the_same_name_does_not_matter(listener, tmp):
    name = abstract()
    (tmp / name).write_text("file")
    server = listener(f"ABSTRACT-LISTEN:{name}", "PIPE")
    connect("\0" + name).close()
    assert server.wait().status == 0
    assert (tmp / name).read_text() == "file"


@pytest.mark.parametrize("keyword", ["UNIX-CONNECT", "UNIX-CLIENT"])
def test_seqpacket(nettool, tmp, keyword):
    """With socktype=5 every write is a packet, and the end is told."""
    server = unix_server(tmp / "room", socket.SOCK_SEQPACKET)

    def serve():
        peer = accept(server)
        got = []
        while True:
            data = peer.recv(100)
            if not data:
                break
            got.append(data)
            peer.send(data.upper())
        peer.close()
        return got

    there = Background(serve)
    process = nettool.start("-", f"{keyword}:room,socktype=5")
    for word in (b"one", b"two"):
        process.send(word)
        process.expect_out(word.upper())
    result = process.wait()
    assert result.status == 0 and there.result() == [b"one", b"two"]


def test_seqpacket_listener(listener, nettool, tmp):
    server = listener("UNIX-LISTEN:room,so-type=5", "PIPE")
    result = nettool("-", "UNIX-CLIENT:room", input=b"found out by itself")
    assert (result.status, result.out) == (0, b"found out by itself")
    assert server.wait().status == 0
    assert not (tmp / "room").exists()


# ---- datagrams ----------------------------------------------------------------------------------


@pytest.mark.parametrize("keyword", ["UNIX-SENDTO", "UNIX-SEND", "UNIX-CLIENT"])
def test_sendto(both, tmp, keyword):
    server = unix_server(tmp / "room", socket.SOCK_DGRAM)
    result = both("-u", "-", f"{keyword}:{tmp}/room", input=b"packet")
    assert result.status == 0
    assert server.recv(100) == b"packet"


def test_sendto_gets_answers_when_bound(both, tmp):
    server = unix_server(tmp / "room", socket.SOCK_DGRAM)
    process = both.start("-", f"UNIX-SENDTO:{tmp}/room,bind={tmp}/me")
    process.send(b"question")
    data, peer = server.recvfrom(100)
    assert (data, peer) == (b"question", f"{tmp}/me")
    server.sendto(b"answer", peer)
    process.expect_out(b"answer")
    assert process.wait().status == 0
    assert not (tmp / "me").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_bound_client_removes_its_name_on_a_signal(start, tmp, number):
    server = unix_server(tmp / "room", socket.SOCK_DGRAM)
    process = start("-", "UNIX-SENDTO:room,bind=me")
    process.send(b"x")
    assert server.recvfrom(10)[0] == b"x"
    assert process.stop(number).status == 128 + number
    assert not (tmp / "me").exists()


def test_bind_of_a_stream_client(start, tmp):
    server = unix_server(tmp / "room")
    process = start("-", "UNIX-CONNECT:room,bind=me")
    peer, name = server.accept()
    assert os.path.basename(name) == "me" and (tmp / "me").exists()
    peer.close()
    assert process.wait().status == 0
    assert not (tmp / "me").exists()


def test_unlink_close_0_keeps_the_client_name(start, tmp):
    server = unix_server(tmp / "room")
    process = start("-", "UNIX-CONNECT:room,bind=me,unlink-close=0")
    server.accept()[0].close()
    assert process.wait().status == 0
    assert (tmp / "me").exists()


@pytest.mark.parametrize("template, pattern", [("", "/tmp/"), ("=t.XXXXXX.x", r"t\.......\.x$")])
def test_bind_tempname(start, tmp, template, pattern):
    server = unix_server(tmp / "room", socket.SOCK_DGRAM)
    seen = []
    for _ in range(2):
        process = start("-", f"UNIX-SENDTO:{tmp}/room,bind-tempname{template}")
        process.send(b"question")
        data, peer = server.recvfrom(100)
        assert data == b"question" and re.search(pattern, peer) and "XXXXXX" not in peer
        path = tmp / peer
        assert stat.S_ISSOCK(path.stat().st_mode)
        server.sendto(b"answer", str(path))
        process.expect_out(b"answer")
        assert process.wait().status == 0
        assert not path.exists()
        seen.append(peer)
    assert seen[0] != seen[1]


def test_bind_tempname_of_concurrent_children(nettool, tmp):
    """Children choose after the fork, so each has its own name."""
    echo = nettool.listener("UNIX-RECVFROM:room,fork", "PIPE", endless=True)
    front = nettool.listener("TCP-LISTEN:0,bind=127.0.0.1,fork",
                             "UNIX-SENDTO:room,unix-bind-tempname=c.XXXXXX", endless=True)
    peers = [front.connect() for _ in range(5)]
    for i, peer in enumerate(peers):
        peer.sendall(b"%d" % i)
    for i, peer in enumerate(peers):
        assert read_exactly(peer, 1) == b"%d" % i
        peer.close()
    wait_until(lambda: not children_of(front.pid) and not children_of(echo.pid))
    wait_until(lambda: [p.name for p in tmp.iterdir()] == ["room"])


@needs_linux
def test_bind_tempname_abstract(start):
    name = abstract()
    server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.settimeout(DEADLINE)
    server.bind("\0" + name)
    process = start("-", f"ABSTRACT-SENDTO:{name},bind-tempname=c-XXXXXX")
    process.send(b"x")
    peer = server.recvfrom(10)[1]
    assert peer.startswith(b"\0c-") and len(peer) == 9
    server.sendto(b"answer", peer)
    process.expect_out(b"answer")
    assert process.wait().status == 0


@pytest.mark.parametrize("options", ["bind-tempname=noplace", "bind=me,bind-tempname=c.XXXXXX"])
def test_bind_tempname_usage(nettool, tmp, options):
    unix_server(tmp / "room", socket.SOCK_DGRAM)
    result = nettool("-", f"UNIX-SENDTO:room,{options}", input=b"x")
    assert result.status in (1, 2) and result.err != b""
    assert [path.name for path in tmp.iterdir()] == ["room"]


def test_recv(listener, tmp):
    server = listener("-u", "UNIX-RECV:room", "-")
    for word in (b"one ", b"", b"two ", b"three"):
        connect(str(tmp / "room"), socket.SOCK_DGRAM).send(word)
    server.expect_out(b"one two three")
    assert server.stop().status == 143
    assert not (tmp / "room").exists()


def test_recvfrom(listener, tmp):
    server = listener("UNIX-RECVFROM:room", "PIPE")
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    peer.settimeout(DEADLINE)
    peer.bind(str(tmp / "me"))
    peer.sendto(b"echo", str(tmp / "room"))
    assert peer.recv(100) == b"echo"
    assert server.wait().status == 0
    assert not (tmp / "room").exists()


def test_recvfrom_fork(listener, tmp):
    server = listener("UNIX-RECVFROM:room,fork", "PIPE", endless=True)
    peers = []
    for i in range(6):
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        peer.settimeout(DEADLINE)
        peer.bind(str(tmp / f"me{i}"))
        peer.sendto(b"I am %d" % i, str(tmp / "room"))
        peers.append(peer)
    for i, peer in enumerate(peers):
        assert peer.recv(100) == b"I am %d" % i
    wait_until(lambda: not children_of(server.pid))
    assert (tmp / "room").exists()


def test_recvfrom_of_a_nameless_sender(listener, tmp):
    """There is nobody to answer: the data arrives all the same."""
    server = listener("-u", "-r", "from-$SOCAT_PEERADDR", "UNIX-RECVFROM:room", "-")
    connect(str(tmp / "room"), socket.SOCK_DGRAM).send(b"anonymous")
    result = server.wait()
    assert (result.status, result.out) == (0, b"anonymous")
    assert (tmp / "from-<anon>").read_bytes() == b"anonymous"


@needs_linux
@pytest.mark.parametrize("role", ["RECV", "RECVFROM"])
def test_abstract_receivers(listener, nettool, role):
    name = abstract()
    server = listener("-u", f"ABSTRACT-{role}:{name}", "-")
    assert nettool("-u", "-", f"ABSTRACT-SENDTO:{name}", input=b"x").status == 0
    server.expect_out(b"x")
    if role == "RECV":
        server.stop()
    assert server.wait().out == b"x"


@needs_linux
def test_abstract_socket_bound_to_its_own_target(start):
    name = abstract()
    process = start("-", f"ABSTRACT-SENDTO:{name},bind={name}")
    process.send(b"myself")
    process.expect_out(b"myself")
    assert process.wait().status == 0


def test_datagrams_keep_their_bounds(nettool, tmp):
    server = nettool.listener("-u", "UNIX-RECV:room", "UNIX-SENDTO:sink")
    sink = unix_server(tmp / "sink", socket.SOCK_DGRAM)
    peer = connect(str(tmp / "room"), socket.SOCK_DGRAM)
    for word in (b"a", b"bb" * 1000, b"", b"ccc"):
        peer.send(word)
    assert [sink.recv(4000) for _ in range(3)] in (
        [b"a", b"bb" * 1000, b"ccc"], [b"a", b"bb" * 1000, b""])
    server.stop()


# ---- the entry ----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("options", ["", ",fork"])
def test_entry_goes_on_a_signal(listener, tmp, number, options):
    server = listener(f"UNIX-LISTEN:room{options}", "PIPE")
    assert (tmp / "room").exists()
    assert server.stop(number).status == 128 + number
    assert not (tmp / "room").exists()


def test_children_never_remove_the_entry(both, tmp):
    server = both.start("-d", "-d", f"UNIX-LISTEN:{tmp}/room,fork", "PIPE", endless=True)
    server.expect_err(b"listening on")
    for _ in range(3):
        with connect(str(tmp / "room")) as peer:
            peer.sendall(b"x")
            assert read_exactly(peer, 1) == b"x"
        wait_until(lambda: not children_of(server.pid))
        assert (tmp / "room").exists()
    with connect(str(tmp / "room")) as peer:
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
        (child,) = children_of(server.pid)
        os.kill(child, signal.SIGTERM)
        wait_until(lambda: not children_of(server.pid))
        assert (tmp / "room").exists()


@pytest.mark.parametrize("keyword", ["UNIX-LISTEN", "UNIX-RECV", "UNIX-RECVFROM"])
@pytest.mark.parametrize("what", ["file", "folder", "socket", "link"])
def test_something_is_there_already(nettool, tmp, keyword, what):
    path = tmp / "room"
    if what == "file":
        path.write_text("precious")
    elif what == "folder":
        path.mkdir()
    elif what == "socket":
        unix_server(path).close()  # stale
    else:
        path.symlink_to("nowhere")
    result = nettool("-u", f"{keyword}:room,reuseaddr", "-")
    assert result.status == 1 and '"room" exists' in result.text
    assert result.text.count("\n") == 1
    assert path.is_symlink() or path.exists()
    assert what != "file" or path.read_text() == "precious"
    assert not (tmp / "nowhere").exists()


@pytest.mark.parametrize("option", ["unlink-early", "unlink", "new"])
def test_stale_socket_with_unlink_early(listener, tmp, option):
    unix_server(tmp / "room").close()
    server = listener(f"UNIX-LISTEN:room,{option}", "PIPE")
    connect(str(tmp / "room")).close()
    assert server.wait().status == 0


def test_unlink_early_of_nothing_is_silent(listener, tmp):
    server = listener("UNIX-LISTEN:room,unlink-early", "PIPE")
    connect(str(tmp / "room")).close()
    assert server.wait().err == b""


def test_unlink_close_0(listener, tmp):
    server = listener("UNIX-LISTEN:room,unlink-close=0", "PIPE")
    connect(str(tmp / "room")).close()
    assert server.wait().status == 0
    assert (tmp / "room").exists()


@pytest.mark.parametrize("options, mode", [("mode=600", 0o600), ("perm=0751", 0o751),
                                           ("umask=077", 0o700), ("umask=0,perm=700", 0o700)])
def test_mode(both, tmp, options, mode):
    server = both.start("-d", "-d", f"UNIX-LISTEN:{tmp}/room,{options}", "PIPE")
    server.expect_err(b"listening on")
    assert stat.S_IMODE((tmp / "room").stat().st_mode) == mode
    connect(str(tmp / "room")).close()
    assert server.wait().status == 0


@needs_root
@pytest.mark.parametrize("keyword", ["UNIX-LISTEN", "UNIX-RECV", "UNIX-RECVFROM"])
def test_owner(nettool, tmp, keyword):
    server = nettool.listener("-u", f"{keyword}:room,user=65534,group=nogroup", "-")
    status = (tmp / "room").stat()
    assert (status.st_uid, status.st_gid) == (65534, 65534)
    server.stop()


@needs_root
@needs_linux
def test_owner_of_an_abstract_socket_is_no_failure(listener):
    name = abstract()
    server = listener(f"ABSTRACT-LISTEN:{name},mode=600,user=65534", "PIPE")
    connect("\0" + name).close()
    assert server.wait().status == 0


def test_umask_holds_for_one_address_alone(nettool, tmp):
    result = nettool("-u", "UNIX-LISTEN:room,umask=0777,accept-timeout=0.02", "-")
    assert result.status == 0
    server = nettool.listener("-u", "UNIX-LISTEN:room,umask=0577", "CREATE:out", umask=0o022)
    connect(str(tmp / "room")).close()
    assert server.wait().status == 0
    assert stat.S_IMODE((tmp / "out").stat().st_mode) == 0o644


def test_chdir_holds_for_one_address_alone(listener, tmp):
    (tmp / "deep").mkdir()
    server = listener("-u", "UNIX-LISTEN:room,chdir=deep", "CREATE:out")
    connect(str(tmp / "deep" / "room")).close()
    assert server.wait().status == 0
    assert (tmp / "out").exists() and not (tmp / "deep" / "out").exists()
    assert not (tmp / "deep" / "room").exists()


# ---- what fails ---------------------------------------------------------------------------------


@pytest.mark.parametrize("keyword", ["UNIX-CONNECT", "UNIX-CLIENT"])
@pytest.mark.parametrize("what", ["missing", "file", "folder", "stale"])
def test_failing_access_is_one_line(nettool, tmp, keyword, what):
    path = tmp / "room"
    if what == "file":
        path.write_text("")
    elif what == "folder":
        path.mkdir()
    elif what == "stale":
        unix_server(path).close()
    result = nettool("-", f"{keyword}:room", input=b"x")
    assert (result.status, result.out) == (1, b"")
    assert result.text.count("\n") == 1 and "room" in result.text


@pytest.mark.parametrize("keyword, kind", [("UNIX-CONNECT", socket.SOCK_DGRAM),
                                           ("UNIX-CONNECT", socket.SOCK_SEQPACKET),
                                           ("UNIX-SENDTO", socket.SOCK_STREAM)])
def test_wrong_kind_of_socket(nettool, tmp, keyword, kind):
    server = unix_server(tmp / "room", kind)
    result = nettool("-u", "-", f"{keyword}:room", input=b"x")
    assert result.status == 1 and result.text.count("\n") == 1
    server.close()


def test_sendto_nobody(nettool):
    result = nettool("-u", "-", "UNIX-SENDTO:room", input=b"x")
    assert result.status == 1 and "No such file" in result.text


@needs_root
def test_permission(nettool, program, tmp):
    server = unix_server(tmp / "room")
    os.chmod(tmp / "room", 0o600)
    os.chmod(tmp, 0o755)
    run = program("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *nettool.program)
    result = run("-", f"UNIX-CONNECT:{tmp}/room")
    if "setpriv" in result.text:
        pytest.skip(result.text)
    assert result.status == 1 and "Permission denied" in result.text
    server.close()


@pytest.mark.parametrize("keyword", ["UNIX-CONNECT", "UNIX-LISTEN", "UNIX-RECV", "UNIX-CLIENT",
                                     "UNIX-SENDTO", "ABSTRACT-LISTEN", "ABSTRACT-CONNECT"])
def test_name_too_long(nettool, tmp, keyword):
    result = nettool("-u", "CREATE:made" if "RECV" not in keyword else "-", f"{keyword}:{'n' * 120}")
    assert result.status == 2 and "n" * 120 in result.text
    assert list(tmp.iterdir()) == []


@pytest.mark.parametrize("length", [107, 108])
def test_longest_name(nettool, tmp, length):
    """107 bytes always fit."""
    name = "n" * length
    server = nettool.start("-d", "-d", "-u", f"UNIX-LISTEN:{name}", "-")
    wait_until(lambda: b"listening" in server.err or not server.running)
    if length == 107:
        assert [path.name for path in tmp.iterdir()] == [name]
    elif not server.running:
        assert server.wait().status == 2
        return
    server.stop()
    assert list(tmp.iterdir()) == []


@pytest.mark.parametrize("keyword", ["UNIX-LISTEN", "UNIX-RECV", "UNIX-RECVFROM",
                                     "ABSTRACT-LISTEN", "ABSTRACT-RECVFROM"])
def test_bind_on_a_passive_address(nettool, tmp, keyword):
    result = nettool("-u", f"{keyword}:room,bind=other", "-")
    assert result.status == 2 and "bind" in result.text
    assert list(tmp.iterdir()) == []


def test_bind_never_follows_a_dangling_link(nettool, tmp):
    server = unix_server(tmp / "room")
    (tmp / "me").symlink_to("target")
    result = nettool("-", "UNIX-CONNECT:room,bind=me")
    assert result.status == 1
    assert not (tmp / "target").exists()
    server.close()


def test_failed_listener_leaves_no_entry(nettool, tmp):
    result = nettool("-u", "UNIX-LISTEN:room,setsockopt-listen=1:999999:1", "-")
    assert result.status == 1 and list(tmp.iterdir()) == []


def test_accept_timeout(nettool, tmp):
    result = nettool("-u", "UNIX-LISTEN:room,accept-timeout=0.02", "-")
    assert result.status == 0 and list(tmp.iterdir()) == []


# ---- addresses in variables and messages --------------------------------------------------------


@needs_linux
def test_peer_in_the_environment(listener, tmp):
    name, mine = abstract(), abstract("me")
    server = listener("-u", "-r", "$SOCAT_PEERADDR.$NETTOOL_SOCKADDR", f"ABSTRACT-LISTEN:{name}",
                      "-")
    with socket.socket(socket.AF_UNIX) as peer:
        peer.bind("\0" + mine)
        peer.connect("\0" + name)
        peer.sendall(b"x")
    assert server.wait().status == 0
    (path,) = tmp.iterdir()
    assert mine in path.name and name in path.name


def test_nameless_peer_in_the_environment(listener, tmp):
    server = listener("-u", "-r", "p-$SOCAT_PEERADDR-$SOCAT_SOCKADDR", "UNIX-LISTEN:room", "-")
    with connect(str(tmp / "room")) as peer:
        peer.sendall(b"x")
    assert server.wait().status == 0
    assert (tmp / "p-<anon>-room").read_bytes() == b"x"


def test_log_lines(both, tmp):
    server = both.start("-d", "-d", f"UNIX-LISTEN:{tmp}/room", "PIPE")
    server.expect_err(b'listening on')
    connect(str(tmp / "room")).close()
    result = server.wait()
    assert f'AF=1 "{tmp}/room"' in result.text
    assert 'accepting connection from' in result.text


@needs_linux
def test_options_hold_for_the_connection(listener, tmp):
    server = listener("UNIX-LISTEN:room,so-passcred,rcvbuf=30000", "PIPE")
    with connect(str(tmp / "room")) as peer:
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
        assert option_of(server, socket.SOL_SOCKET, socket.SO_PASSCRED) in (0, 1)
        assert quiet(peer, 0.01)
    assert server.wait().status == 0
