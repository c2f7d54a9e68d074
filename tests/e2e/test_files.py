"""Standard streams, files, pipes and texts: behaviour of the addresses that need no network, and
of the options that say how they are opened and how data passes."""

import fcntl
import os
import pty
import re
import signal
import socket
import stat
import termios

import pytest

from tools import (DEADLINE, Background, accept, is_nonblocking, name_of, needs_peer, needs_root, quiet, random_bytes,
                   read_all, read_exactly, same, tcp_server, udp_socket, unix_client, unix_server, wait_until)

ACCENTS = "été à Noël\n".encode()


# ---- standard streams and descriptors ------------------------------------------------------------


def test_stdio_both_ways(both):
    result = both("STDIO", "PIPE", input=ACCENTS)
    assert (result.status, result.out, result.err) == (0, ACCENTS, b""), result


@pytest.mark.parametrize("words", [
    ["-u", "STDIN", "STDOUT"], ["-U", "STDOUT", "STDIN"], ["-u", "-", "-"], ["-u", "0", "1"],
    ["-u", "FD:0", "FD:1"], ["-U", "-", "-"], ["-u", "STDIO", "STDIO"],
], ids=" ".join)
def test_one_way_through_the_standard_streams(both, words):
    result = both(*words, input=ACCENTS)
    assert (result.status, result.out, result.err) == (0, ACCENTS, b""), result


def test_stderr(both):
    result = both("-u", "STDIN", "STDERR", input=ACCENTS)
    assert (result.status, result.out, result.err) == (0, b"", ACCENTS), result


def test_an_inherited_socket_by_number(both):
    ours, theirs = socket.socketpair()
    process = both.start("-", f"FD:{theirs.fileno()}", pass_fds=[theirs.fileno()])
    theirs.close()
    process.send(b"out")
    assert read_exactly(ours, 3) == b"out"
    ours.sendall(b"in")
    process.expect_out(b"in")
    ours.close()
    assert process.wait().status == 0


def test_a_descriptor_that_is_not_open(both):
    result = both("-", "FD:77")
    assert result.status == 1 and result.err != b"", result


def test_direction_of_addresses_that_have_one(nettool, tmp):
    # Half of what is asked for: a warning, and the rest works.
    result = nettool("-", "CREATE:out", input=ACCENTS)
    assert result.status == 0 and b"only supports write-only" in result.err, result
    assert (tmp / "out").read_bytes() == ACCENTS
    result = nettool("STDIN", "PIPE", input=ACCENTS)
    assert result.status == 0 and b"only supports read-only" in result.err, result


@pytest.mark.parametrize("words", [
    ["-u", "CREATE:out", "-"], ["-U", "-", "CREATE:out"], ["-u", "-", "STDIN"],
    ["-u", "STDOUT", "-"], ["-U", "STDIN", "-"],
], ids=" ".join)
def test_the_wrong_direction_alone_is_refused(nettool, tmp, words):
    result = nettool(*words)
    assert result.status in (1, 2) and b"can only be" in result.err, result
    assert list(tmp.iterdir()) == []


def test_create_in_read_only_mode_leaves_the_file(both, tmp):
    needs_peer(both, "1.8")
    (tmp / "out").write_bytes(b"precious")
    assert both("-u", "CREATE:out", "-").status != 0
    assert (tmp / "out").read_bytes() == b"precious"


# ---- OPEN, CREATE, GOPEN -------------------------------------------------------------------------


@pytest.mark.parametrize("address,before,after", [
    ("OPEN:f", b"0123456789", b"new3456789"),
    ("FILE:f", b"0123456789", b"new3456789"),
    ("OPEN:f,creat", None, b"new"),
    ("OPEN:f,create", None, b"new"),
    ("OPEN:f,o-creat,o-excl", None, b"new"),
    ("OPEN:f,creat,excl", b"old", None),
    ("OPEN:f", None, None),
    ("OPEN:f,trunc", b"0123456789", b"new"),
    ("OPEN:f,o-trunc=1", b"0123456789", b"new"),
    ("OPEN:f,trunc=0", b"0123456789", b"new3456789"),
    ("OPEN:f,append", b"0123456789", b"0123456789new"),
    ("OPEN:f,o-append", b"0123456789", b"0123456789new"),
    ("OPEN:f,seek=4", b"0123456789", b"0123new789"),
    ("OPEN:f,seek", b"0123456789", b"0new456789"),
    ("OPEN:f,seek-cur=4", b"0123456789", b"0123new789"),
    ("OPEN:f,seek-end=0", b"0123456789", b"0123456789new"),
    ("OPEN:f,seek-end=-2", b"0123456789", b"01234567new"),
    ("OPEN:f,lseek=12", b"0123456789", b"0123456789\0\0new"),
    ("OPEN:f,ftruncate=5", b"0123456789", b"new34"),
    ("OPEN:f,truncate=12", b"0123456789", b"new3456789\0\0"),
    ("OPEN:f,creat,ftruncate=0,seek=2", b"0123456789", b"\0\0new"),
    ("OPEN:f,rdwr", b"0123456789", b"new3456789"),
    ("CREATE:f", b"0123456789", b"new"),
    ("CREAT:f", None, b"new"),
    ("GOPEN:f", b"0123456789", b"0123456789new"),
    ("GOPEN:f", None, b"new"),
    ("./f", b"0123456789", b"0123456789new"),
    ("./f,append=0", b"0123456789", b"new3456789"),
    ("GOPEN:f,trunc", b"0123456789", b"new"),
    ("OPEN:f,nonblock", b"0123456789", b"new3456789"),
    ("OPEN:f,unlink-early,creat", b"0123456789", b"new"),
    ("OPEN:f,o-noatime,cloexec,sync,dsync,noctty,nofollow", b"0123456789", b"new3456789"),
])
def test_what_writing_leaves(both, tmp, address, before, after):
    if address == "./f,append=0":
        needs_peer(both, "1.8")
    if before is not None:
        (tmp / "f").write_bytes(before)
    result = both("-u", "-", address, input=b"new")
    if after is None:
        assert result.status == 1 and result.err != b"", result
        assert not (tmp / "f").exists() if before is None else (tmp / "f").read_bytes() == before
    else:
        assert (result.status, result.err) == (0, b""), result
        assert (tmp / "f").read_bytes() == after


@pytest.mark.parametrize("address,status,got", [
    ("OPEN:f", 0, b"0123456789"), ("GOPEN:f", 0, b"0123456789"), ("./f", 0, b"0123456789"),
    ("OPEN:f,seek=4", 0, b"456789"), ("OPEN:f,seek-end=-3", 0, b"789"),
    ("OPEN:f,readbytes=4", 0, b"0123"), ("OPEN:f,bytes=4,seek=2", 0, b"2345"),
    ("OPEN:f,rdonly", 0, b"0123456789"), ("OPEN:missing", 1, b""), ("./missing", 1, b""),
    ("./", 1, b""), ("OPEN:f,directory", 1, b""), ("OPEN:link,nofollow", 1, b""),
    ("OPEN:f,chdir=folder", 1, b""), ("OPEN:g,chdir=folder", 0, b"inside"),
    ("OPEN:g,cd=folder", 0, b"inside"), ("OPEN:/dev/null", 0, b""),
    ("OPEN:é è", 0, b"accents"), ("OPEN:'a,b:c'", 0, b"quoted"), (r"OPEN:a\,b\:c", 0, b"quoted"),
])
def test_what_reading_gives(both, tmp, address, status, got):
    if "chdir" in address or "cd=" in address or address == "./missing":
        needs_peer(both, "1.8")
    (tmp / "f").write_bytes(b"0123456789")
    (tmp / "link").symlink_to("f")
    (tmp / "folder").mkdir()
    (tmp / "folder" / "g").write_bytes(b"inside")
    (tmp / "é è").write_bytes(b"accents")
    (tmp / "a,b:c").write_bytes(b"quoted")
    result = both("-u", address, "-")
    assert (result.status, result.out) == (status, got), result
    assert (result.err == b"") == (status == 0), result


def test_reading_and_writing_one_file(nettool, tmp):
    # Both directions share the offset: what is there is read, then the new is added.
    (tmp / "f").write_bytes(b"old")
    process = nettool.start("-", "OPEN:f,ignoreeof")
    process.expect_out(b"old")
    process.send(b"+new")
    wait_until(lambda: (tmp / "f").read_bytes() == b"old+new")
    assert process.wait().status == 0


@pytest.mark.parametrize("address,mode", [
    ("OPEN:f,creat", 0o644), ("OPEN:f,creat,perm=600", 0o600), ("OPEN:f,creat,mode=0666", 0o644),
    ("CREATE:f,perm=0777", 0o755), ("GOPEN:f,perm=640", 0o640), ("OPEN:f,creat,umask=077", 0o600),
    ("OPEN:f,creat,umask=0", 0o666), ("OPEN:f,creat,perm=604,umask=0", 0o604),
    ("OPEN:f,creat,perm-late=604", 0o604), ("PIPE:f,perm=600,unlink-close=0", 0o600),
    ("PIPE:f,umask=007,unlink-close=0", 0o660),
])
def test_the_mode_of_what_is_created(both, tmp, address, mode):
    if address.startswith("PIPE"):
        process = both.start("-T0.2", "-", address, preexec_fn=lambda: os.umask(0o022))
    else:
        process = both.start("-u", "-", address, preexec_fn=lambda: os.umask(0o022))
        process.send(b"x")
    assert process.wait().status == 0
    assert stat.S_IMODE((tmp / "f").stat().st_mode) == mode


def test_umask_and_chdir_hold_for_their_address_alone(both, tmp):
    needs_peer(both, "1.8")
    (tmp / "folder").mkdir()
    process = both.start("-u", "OPEN:g,creat,rdwr,chdir=folder,umask=077", "CREATE:f",
                         preexec_fn=lambda: os.umask(0o022))
    assert process.wait().status == 0
    assert stat.S_IMODE((tmp / "folder/g").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp / "f").stat().st_mode) == 0o644


@needs_root
@pytest.mark.parametrize("address", ["OPEN:f,creat,user=1234,group=4321", "CREATE:f,uid=1234,gid=4321",
                                     "OPEN:f,creat,user-late=1234,group-late=4321",
                                     "PIPE:f,user=1234,group=4321,unlink-close=0"])
def test_the_owner_of_what_is_created(both, tmp, address):
    words = ["-T0.2", "-", address] if address.startswith("PIPE") else ["-u", "-", address]
    assert both(*words).status == 0
    status = (tmp / "f").stat()
    assert (status.st_uid, status.st_gid) == (1234, 4321)


@needs_root
def test_the_owner_by_name(nettool, tmp):
    assert nettool("-u", "-", "CREATE:f,user=nobody").status == 0
    import pwd
    assert (tmp / "f").stat().st_uid == pwd.getpwnam("nobody").pw_uid


def test_perm_early(both, tmp):
    (tmp / "f").write_bytes(b"")
    (tmp / "f").chmod(0o644)
    assert both("-u", "-", "OPEN:f,perm-early=600").status == 0
    assert stat.S_IMODE((tmp / "f").stat().st_mode) == 0o600


@pytest.mark.parametrize("address,kept", [
    ("OPEN:f,creat", True), ("OPEN:f,creat,unlink-late", False), ("OPEN:f,creat,unlink-close", False),
    ("OPEN:f,creat,unlink-close=0", True), ("CREATE:f,unlink-late=0", True),
])
def test_what_is_removed_at_the_end(both, tmp, address, kept):
    if "=0" in address:
        needs_peer(both, "1.8")
    assert both("-u", "-", address, input=b"x").status == 0
    assert (tmp / "f").exists() == kept


def test_unlink_late_removes_it_while_it_is_written(start, tmp):
    (tmp / "f").write_bytes(b"")
    process = start("-dd", "-u", "-", "OPEN:f,unlink-late")
    process.expect_err(b"starting data transfer loop")
    assert not (tmp / "f").exists()
    assert process.wait().status == 0


def test_gopen_connects_a_socket(both, tmp):
    with unix_server(tmp / "s") as server:
        process = both.start("-", "./s")
        with accept(server) as peer:
            process.send(b"to the socket")
            assert read_exactly(peer, 13) == b"to the socket"
            peer.sendall(b"and back")
            process.expect_out(b"and back")
        assert process.wait().status == 0


def test_gopen_sends_to_a_datagram_socket(both, tmp):
    with unix_server(tmp / "s", socket.SOCK_DGRAM) as server:
        assert both("-u", "-", "./s", input=b"one message").status == 0
        assert server.recv(100) == b"one message"


def test_a_full_device_is_an_error(both):
    result = both("-u", "-", "OPEN:/dev/full", input=b"x")
    assert result.status == 1 and b"No space left" in result.err, result


@pytest.mark.parametrize("size", [0, 100, 65536, 1_000_001])
def test_a_file_past_the_cache(nettool, tmp, size):
    """With o-direct the kernel wants aligned buffers; whole pages can be written that way too."""
    data = random_bytes(size)
    (tmp / "f").write_bytes(data)
    try:
        os.close(os.open(tmp / "f", os.O_RDONLY | os.O_DIRECT))
    except OSError:
        pytest.skip("this file system has no O_DIRECT")
    result = nettool("-u", "OPEN:f,direct", "-")
    assert result.status == 0 and same(result.out, data), result.err
    (tmp / "f").write_bytes(data[: size // 65536 * 65536])
    result = nettool("-u", "OPEN:f,o-direct", "OPEN:g,creat,direct")
    assert result.status == 0 and same((tmp / "g").read_bytes(), (tmp / "f").read_bytes())


# ---- locks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("option,ours", [
    ("setlk", "record"), ("f-setlk-wr", "record"), ("flock-ex-nb", "flock"), ("flock-nb", "flock"),
])
def test_a_lock_that_is_held_is_an_error(both, tmp, option, ours):
    (tmp / "f").write_bytes(b"")
    with open(tmp / "f", "r+b") as held:
        (fcntl.lockf if ours == "record" else fcntl.flock)(held, fcntl.LOCK_EX)
        result = both("-u", "-", f"OPEN:f,{option}", input=b"x")
        assert result.status == 1 and (tmp / "f").read_bytes() == b"", result
    assert both("-u", "-", f"OPEN:f,{option}", input=b"x").status == 0


@pytest.mark.parametrize("option", ["setlk-rd", "flock-sh-nb"])
def test_shared_locks_get_along(both, tmp, option):
    (tmp / "f").write_bytes(b"data")
    process = both.start("-dd", "-u", f"OPEN:f,{option},ignoreeof", "-")
    process.expect_out(b"data")
    assert both("-u", f"OPEN:f,{option}", "-").out == b"data"
    process.stop()


@pytest.mark.parametrize("option,ours", [("setlkw", "record"), ("lock", "record"),
                                         ("flock", "flock"), ("flock-ex", "flock")])
def test_waiting_for_a_lock(both, tmp, option, ours):
    (tmp / "f").write_bytes(b"")
    lock = fcntl.lockf if ours == "record" else fcntl.flock
    with open(tmp / "f", "r+b") as held:
        lock(held, fcntl.LOCK_EX)
        process = both.start("-u", "-", f"OPEN:f,{option}")
        process.send(b"x")
        # /proc/locks shows a waiter as "-> FLOCK ... PID".
        wait_until(lambda: re.search(rf"-> .* {process.pid} ", open("/proc/locks").read()),
                   what="a process that waits for the lock")
        assert (tmp / "f").read_bytes() == b""
        lock(held, fcntl.LOCK_UN)
        assert process.wait().status == 0
    assert (tmp / "f").read_bytes() == b"x"


def test_a_signal_ends_the_waiting_for_a_lock(start, tmp):
    (tmp / "f").write_bytes(b"")
    with open(tmp / "f", "r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        process = start("-u", "-", "OPEN:f,flock")
        wait_until(lambda: re.search(rf"-> .* {process.pid} ", open("/proc/locks").read()))
        assert process.stop(signal.SIGTERM).status == 143


def test_lockfile(both, tmp):
    process = both.start("-", "PIPE,lockfile=lock")
    wait_until((tmp / "lock").exists)
    second = both("-", "PIPE,lockfile=lock")
    assert second.status == 1 and b"lock" in second.err, second
    assert (tmp / "lock").exists()
    assert process.wait().status == 0
    assert not (tmp / "lock").exists()


def test_waitlock(both, tmp):
    (tmp / "lock").write_text("1\n")
    process = both.start("-dd", "-", "PIPE,waitlock=lock")
    process.expect_err(b'waiting for lock "lock"')
    (tmp / "lock").unlink()
    process.send(b"now")
    process.expect_out(b"now")
    assert process.wait().status == 0
    assert not (tmp / "lock").exists()


# ---- pipes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["PIPE", "ECHO", "FIFO", "pipe", "PIPE,nonblock", "PIPE,pipesz=65536"])
def test_an_unnamed_pipe_echoes(nettool, name):
    data = random_bytes(300_000)
    result = nettool("-", name, input=data)
    assert result.status == 0 and same(result.out, data), result.err


def test_pipe_makes_a_fifo_and_removes_it(both, tmp):
    process = both.start("-u", "PIPE:f", "-")
    wait_until((tmp / "f").exists)
    assert stat.S_ISFIFO((tmp / "f").stat().st_mode)
    with open(tmp / "f", "wb") as fifo:
        fifo.write(ACCENTS)
    result = process.wait()
    assert (result.status, result.out) == (0, ACCENTS), result
    assert not (tmp / "f").exists()


def test_a_fifo_that_was_there_stays(both, tmp):
    os.mkfifo(tmp / "f")
    process = both.start("-u", "-", "PIPE:f")
    process.send(ACCENTS)
    with open(tmp / "f", "rb") as fifo:
        process.end_input()
        assert fifo.read() == ACCENTS
    assert process.wait().status == 0
    assert (tmp / "f").exists()


@pytest.mark.parametrize("words", [["-u", "PIPE:f", "-"], ["PIPE:f", "-"], ["-u", "-", "PIPE:f"]],
                         ids=" ".join)
def test_a_signal_removes_the_fifo(start, tmp, words):
    # Also while nettool still waits for the other end of the fifo.
    process = start(*words)
    wait_until((tmp / "f").exists)
    assert process.stop(signal.SIGTERM).status == 143
    assert not (tmp / "f").exists()


def test_a_fifo_both_ways_echoes(both, tmp):
    process = both.start("-", "PIPE:f")
    process.send(b"round")
    process.expect_out(b"round")
    assert process.wait().status == 0
    assert not (tmp / "f").exists()


def test_a_pipe_over_a_regular_file(both, tmp):
    (tmp / "f").write_bytes(b"plain")
    result = both("-u", "PIPE:f", "-")
    assert (result.status, result.out) == (0, b"plain"), result
    assert (tmp / "f").exists()


def test_nonblock_opens_a_fifo_without_a_writer(both, tmp):
    os.mkfifo(tmp / "f")
    process = both.start("-dd", "-u", "OPEN:f,nonblock,rdonly", "-")
    process.expect_err(b"starting data transfer loop")
    with open(tmp / "f", "wb") as fifo:
        fifo.write(ACCENTS)
    result = process.wait()
    assert (result.status, result.out) == (0, ACCENTS), result


def test_a_fifo_with_nonblock_loses_nothing(both, tmp):
    os.mkfifo(tmp / "f")
    data = random_bytes(500_000)
    reader = os.open(tmp / "f", os.O_RDONLY | os.O_NONBLOCK)
    process = both.start("-u", "-", "OPEN:f,nonblock,wronly")
    sender = Background(lambda: (process.send(data), process.end_input()))
    wait_until(lambda: not quiet(reader, 0))
    assert same(read_all(reader), data)
    sender.result()
    os.close(reader)
    assert process.wait().status == 0


def test_socketpair_echoes_message_by_message(nettool, tmp):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    process = nettool.start(f"FD:{theirs.fileno()}", "SOCKETPAIR", pass_fds=[theirs.fileno()])
    for message in (b"one", b"", b"three", b"x" * 5000):
        ours.send(message)
    wanted = [b"one", b"", b"three", b"x" * 5000]
    ours.settimeout(DEADLINE)
    got = [ours.recv(10000) for _ in wanted]
    assert got == wanted
    process.stop()


def test_socketpair_of_streams(nettool):
    data = random_bytes(300_000)
    result = nettool("-", "SOCKETPAIR,socktype=1", input=data)
    assert result.status == 0 and same(result.out, data), result.err


# ---- texts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text,bytes_", [
    ("bonjour", b"bonjour"), ("'a b, c: d!!'", b"a b, c: d!!"), (r"a\nb\tc\0d\\", b"a\nb\tc\0d\\"),
    ("été", "été".encode()), ("[a,b:c]", b"[a,b:c]"), ('"x(\'y\')"', b"x('y')"), ("", b""),
    ("a,readbytes=1", b"a"), ("'abc',readbytes=2", b"ab"), (r"a\nb,crnl", b"a\nb"),
    ("abc,escape=98", b"a"),
])
def test_text(nettool, text, bytes_):
    result = nettool("-u", f"TEXT:{text}", "-")
    assert (result.status, result.out, result.err) == (0, bytes_, b""), result


def test_text_as_a_sink_is_standard_output(nettool):
    result = nettool("-u", "-", "TEXT:unused", input=b"data")
    assert (result.status, result.out) == (0, b"data") and b"STDOUT" in result.err, result


def test_a_text_answers_a_connection(listener):
    server = listener("TCP-LISTEN:0,bind=127.0.0.1", "TEXT:'bonjour\\n'", stdout=None)
    with server.connect() as peer:
        assert read_all(peer) == b"bonjour\n"
    assert server.wait().status == 0


def test_stall_is_silent_and_takes_nothing(nettool):
    result = nettool("-T0.2", "-", "STALL", input=b"data")
    assert (result.status, result.out) == (0, b""), result
    result = nettool("-u", "-T0.2", "STALL", "-", input=b"data")
    assert (result.status, result.out) == (0, b""), result


# ---- dual addresses ------------------------------------------------------------------------------


def test_a_dual_address_reads_one_and_writes_the_other(both, tmp):
    (tmp / "in").write_bytes(b"question")
    result = both("OPEN:in!!CREATE:out", "-", input=b"answer")
    assert (result.status, result.out, result.err) == (0, b"question", b""), result
    assert (tmp / "out").read_bytes() == b"answer"


def test_the_options_of_a_half_are_its_own(both, tmp):
    (tmp / "in").write_bytes(b"0123456789")
    (tmp / "out").write_bytes(b"0123456789")
    result = both("-", "OPEN:in,seek=5!!OPEN:out,seek=2", input=b"--")
    assert (result.status, result.out) == (0, b"56789"), result
    assert (tmp / "out").read_bytes() == b"01--456789"


@pytest.mark.parametrize("word,out,file", [("-u", b"in", b"kept"), ("-U", b"", b"typed")])
def test_one_way_opens_half_of_a_dual_address(both, tmp, word, out, file):
    (tmp / "in").write_bytes(b"in")
    (tmp / "out").write_bytes(b"kept")
    result = both(word, "OPEN:in!!OPEN:out,trunc", "-", input=b"typed")
    assert (result.status, result.out) == (0, out), result
    assert (tmp / "out").read_bytes() == file


def test_stdin_and_a_file_as_a_pair(both, tmp):
    result = both("-!!CREATE:out", "PIPE", input=b"around")
    assert (result.status, result.out) == (0, b""), result
    assert (tmp / "out").read_bytes() == b"around"


# ---- end of input --------------------------------------------------------------------------------


def test_readbytes_ends_a_source_that_stays_open(both):
    process = both.start("-u", "-,readbytes=5", "-")
    process.send(b"0123456789")
    wait_until(lambda: not process.running)
    result = process.wait()
    assert (result.status, result.out) == (0, b"01234"), result


def test_escape_ends_the_input(both):
    process = both.start("-u", "-,escape=0x1b", "-")
    process.send(b"before\x1bbehind")
    wait_until(lambda: not process.running)
    result = process.wait()
    assert (result.status, result.out) == (0, b"before"), result


def test_escape_is_stronger_than_ignoreeof(both):
    process = both.start("-u", "-,escape=27,ignoreeof", "-")
    process.send(b"a\x1b")
    wait_until(lambda: not process.running)
    assert process.wait().out == b"a"


def test_ignoreeof_follows_a_file(both, tmp):
    (tmp / "f").write_bytes(b"one ")
    process = both.start("-u", "OPEN:f,ignoreeof", "-")
    process.expect_out(b"one ")
    with open(tmp / "f", "ab") as more:
        more.write(b"two")
    process.expect_out(b"one two")
    assert process.running
    process.stop()


def test_ignoreeof_is_over_when_the_other_side_ends(both, tmp):
    (tmp / "f").write_bytes(b"data")
    process = both.start("-", "OPEN:f,ignoreeof")
    process.expect_out(b"data")
    process.end_input()
    result = process.wait()
    assert (result.status, result.out) == (0, b"data"), result


@pytest.mark.parametrize("source,sink,sent,got", [
    ("", ",crnl", b"a\nb\n", b"a\r\nb\r\n"), ("", ",crlf", b"\n\n", b"\r\n\r\n"),
    ("", ",cr", b"a\nb\n", b"a\rb\r"), (",crnl", "", b"a\r\nb\r\n", b"a\nb\n"),
    (",crnl", "", b"a\rb\n", b"ab\n"), (",cr", "", b"a\rb\r", b"a\nb\n"),
    (",crnl", ",crnl", b"a\r\nb\n", b"a\r\nb\n"), (",cr", ",cr", b"a\rb\n", b"a\rb\n"),
    (",cr", ",crnl", b"a\rb\r", b"a\r\nb\r\n"), (",crnl", ",cr", b"a\r\nb", b"a\rb"),
])
def test_line_ends(both, source, sink, sent, got):
    result = both("-u", "-" + source, "STDOUT" + sink, input=sent)
    assert (result.status, result.out) == (0, got), result


def test_line_ends_across_blocks(nettool):
    data = b"line\r\n" * 50_000
    result = nettool("-u", "-b", "7", "-,crnl", "-", input=data)
    assert result.status == 0 and same(result.out, data.replace(b"\r", b""))


@pytest.mark.parametrize("option,ended", [("", True), (",shut-down", True), (",shut-none", False),
                                          (",shut-close", True)])
def test_how_a_socket_hears_of_the_end(both, option, ended):
    if "close" in option:
        needs_peer(both, "1.8")
    with tcp_server() as server:
        process = both.start("-t5", "-", f"TCP:{name_of(server)}{option}")
        with accept(server) as peer:
            process.send(b"x")
            process.end_input()
            assert read_exactly(peer, 1) == b"x"
            if ended:
                assert read_exactly(peer, 1) == b""
            else:
                assert quiet(peer)
        assert process.wait().status == 0


def test_shut_null_sends_an_empty_datagram(both):
    with udp_socket() as server:
        process = both.start("-", f"UDP-SENDTO:{name_of(server)},shut-null")
        process.send(b"x")
        process.end_input()
        assert [server.recv(10), server.recv(10)] == [b"x", b""]
        assert process.wait().status == 0


def test_null_eof_takes_an_empty_datagram_for_the_end(listener):
    server = listener("-u", "UDP4-RECV:0,bind=127.0.0.1,null-eof", "-")
    with udp_socket() as peer:
        for message in (b"data", b""):
            peer.sendto(message, ("127.0.0.1", server.port))
    result = server.wait()
    assert (result.status, result.out) == (0, b"data"), result


def test_without_null_eof_an_empty_datagram_is_nothing(listener):
    server = listener("-u", "UDP4-RECV:0,bind=127.0.0.1", "-")
    with udp_socket() as peer:
        for message in (b"one", b"", b"two"):
            peer.sendto(message, ("127.0.0.1", server.port))
        server.expect_out(b"onetwo")
    assert server.running
    server.stop()


@pytest.mark.parametrize("option,shared", [("end-close,shut-none", True), ("shut-none", False)])
def test_end_close_leaves_a_shared_connection_alone(start, tmp, option, shared):
    # Parent and child have the connection. What the child does at its end is up to the option.
    with tcp_server() as server:
        process = start(f"TCP:{name_of(server)},{option}", "UNIX-LISTEN:s,fork", endless=True)
        with accept(server) as peer:
            with unix_client(tmp / "s") as client:
                client.sendall(b"first")
                assert read_exactly(peer, 5) == b"first"
                client.shutdown(socket.SHUT_WR)
                peer.sendall(b"bye")
                assert read_exactly(client, 3) == b"bye"
            if shared:
                assert quiet(peer)
            else:
                assert read_exactly(peer, 1) == b""
            assert process.running


def test_cool_write(both):
    reader, writer = os.pipe()
    process = both.start("-u", "OPEN:/dev/zero", "STDOUT,cool-write", stdout=writer)
    os.close(writer)
    assert read_exactly(reader, 1) == b"\0"
    os.close(reader)
    result = process.wait()
    assert result.status == 0, result


# ---- inherited descriptors -----------------------------------------------------------------------


def blocking_pair(kind):
    """Two connected ends, (ours, theirs), both blocking."""
    if kind == "pty":
        return pty.openpty()
    if kind == "socket":
        ours, theirs = socket.socketpair()
        return ours.detach(), theirs.detach()
    reader, writer = os.pipe()
    return writer, reader


@pytest.mark.parametrize("kind", ["pipe", "pty", "socket"])
@pytest.mark.parametrize("address", ["-", "STDIN", "FD:0", "-,ignoreeof", "0"])
def test_nonblock_is_never_set_on_an_inherited_input(start, kind, address):
    ours, theirs = blocking_pair(kind)
    process = start("-dd", "-u", address, "CREATE:out", stdin=theirs)
    process.expect_err(b"starting data transfer loop")
    assert not is_nonblocking(theirs)
    os.write(ours, b"data\n")
    wait_until(lambda: (process_folder(process) / "out").read_bytes() == b"data\n")
    assert not is_nonblocking(theirs)
    process.stop()
    assert not is_nonblocking(theirs)
    os.close(ours)
    os.close(theirs)


def process_folder(process):
    from pathlib import Path
    return Path(os.readlink(f"/proc/{process.pid}/cwd"))


@pytest.mark.parametrize("kind", ["pipe", "pty", "socket"])
@pytest.mark.parametrize("size", [1, 400_000])
def test_nonblock_is_never_set_on_an_inherited_output(start, kind, size):
    ours, theirs = blocking_pair(kind)
    if kind == "pipe":
        ours, theirs = theirs, ours
    process = start("-u", "OPEN:/dev/zero,readbytes=%d" % size, "-", stdout=theirs)
    if size > 65536:
        # Nobody reads yet: it has to wait for room, and must do so without O_NONBLOCK.
        wait_until(lambda: not quiet(ours, 0))
        assert process.running
    assert not is_nonblocking(theirs)
    assert len(read_exactly(ours, size)) == size
    assert process.wait().status == 0
    assert not is_nonblocking(theirs)
    os.close(ours)
    os.close(theirs)


def test_a_full_shared_pipe_does_not_stop_the_other_direction(start):
    # Standard output is full and nobody reads it: what comes from standard input still passes.
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    os.set_blocking(writer, True)
    ours, theirs = socket.socketpair()
    process = start("-", f"FD:{theirs.fileno()}", pass_fds=[theirs.fileno()], stdout=writer)
    theirs.close()
    ours.sendall(b"y" * 100_000)
    for _ in range(3):
        process.send(b"onwards")
        assert read_exactly(ours, 7) == b"onwards"
    assert not is_nonblocking(writer)
    os.close(writer)
    ours.shutdown(socket.SHUT_WR)
    process.end_input()
    assert read_all(reader).endswith(b"y" * 100_000)
    os.close(reader)
    ours.close()
    assert process.wait().status == 0


def test_the_settings_of_a_terminal_survive(start):
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    process = start("-dd", "-", "PIPE", stdin=theirs, stdout=theirs)
    process.expect_err(b"starting data transfer loop")
    process.stop(signal.SIGTERM)
    assert termios.tcgetattr(theirs) == before
    os.close(ours)
    os.close(theirs)


def test_opened_descriptors_are_not_inherited(start, tmp):
    """Every descriptor that nettool opened itself has close-on-exec."""
    process = start("-dd", "-r", "copy", "-lf", "log", "-!!OPEN:f,creat", "PIPE")
    wait_until(lambda: (tmp / "log").exists() and "transfer loop" in (tmp / "log").read_text())
    for name in os.listdir(f"/proc/{process.pid}/fdinfo"):
        flags = re.search(r"flags:\s*(\d+)", open(f"/proc/{process.pid}/fdinfo/{name}").read())[1]
        where = os.readlink(f"/proc/{process.pid}/fd/{name}")
        assert int(name) <= 2 or int(flags, 8) & os.O_CLOEXEC, f"descriptor {name} is {where}"
    assert process.wait().status == 0
