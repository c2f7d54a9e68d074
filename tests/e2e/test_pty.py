"""PTY: a terminal for other programs to open. Where it is, who may, what passes, how it ends."""

import contextlib
import grp
import os
import pwd
import select
import signal
import stat
import termios
import time

import pytest

import tools
from netpeek import children_of, descriptors_of
from terminals import Device, pty_of, rests
from tools import (
    Peer,
    Background,
    is_asleep,
    needs_linux,
    needs_root,
    quiet,
    random_bytes,
    read_exactly,
    same,
    wait_until,
)

MEGABYTE = 1 << 20


@pytest.fixture
def multiplexer():
    """/dev/ptmx belongs to everybody: no option of ours may act on it."""
    before = os.stat("/dev/ptmx")
    yield
    after = os.stat("/dev/ptmx")
    if any(getattr(before, name) != getattr(after, name)
           for name in ("st_mode", "st_uid", "st_gid")):
        os.chmod("/dev/ptmx", stat.S_IMODE(before.st_mode))
        os.chown("/dev/ptmx", before.st_uid, before.st_gid)
        pytest.fail(f"/dev/ptmx was changed: {after}")


def is_link(path):
    return os.path.islink(path)


# ---- where it is ---------------------------------------------------------------------------------


def test_announced(nettool):
    """The line of --ready-fd names a terminal that can be opened at once."""
    process, path = pty_of(nettool, "PTY", "-", endless=True)
    with Device(path) as device:
        assert os.isatty(device.fd)
        assert os.ttyname(device.fd) == path
    assert process.err == b""


def test_notice(both):
    """The path is the last word of the line, as scripts expect."""
    process = both.start("-d", "-d", "PTY", "-", endless=True)
    wait_until(lambda: b"PTY is /" in process.err and b"starting data" in process.err)
    line = next(line for line in process.err.splitlines() if b"PTY is" in line)
    assert stat.S_ISCHR(os.stat(line.split()[-1]).st_mode)


def test_silent_in_a_script(nettool):
    result = nettool("PTY", "-", input=b"")
    assert (result.status, result.out, result.err) == (0, b"", b"")


def test_both_addresses_are_announced(nettool):
    """Two of them: a serial cable between two programs."""
    reader, writer = os.pipe()
    nettool.start(f"--ready-fd={writer}", "PTY,link=left", "PTY,link=right", pass_fds=(writer,),
                  endless=True)
    os.close(writer)
    got = b""
    while got.count(b"\n") < 2:
        got += read_exactly(reader, 1)
    os.close(reader)
    left, right = (line.split()[1].decode() for line in got.splitlines())
    assert os.readlink(nettool.folder / "left") == left
    assert os.readlink(nettool.folder / "right") == right
    with Device(left, raw=True) as one, Device(right, raw=True) as other:
        one.send("à gauche".encode())
        assert other.read(9) == "à gauche".encode()
        other.send("à droite".encode())
        assert one.read(9) == "à droite".encode()


# ---- what passes ---------------------------------------------------------------------------------


def test_both_ways(both):
    process, path = pty_of(both, "PTY", "-", endless=True)
    with Device(path, raw=True) as device:
        device.send("vers la sortie\n".encode())
        process.expect_out(b"vers la sortie\n")
        process.send("de l'entrée\n".encode())
        assert device.read(13) == "de l'entrée\n".encode()


def test_second_address(both):
    process, path = pty_of(both, "-", "PTY", endless=True)
    with Device(path, raw=True) as device:
        device.send(b"out\n")
        process.expect_out(b"out\n")
        process.send(b"in\n")
        assert device.read(3) == b"in\n"


def test_defaults_of_a_terminal(both):
    """Echo, line ends and all: what every fresh pseudo terminal has."""
    process, path = pty_of(both, "PTY", "-", endless=True)
    ours, theirs = os.openpty()
    with Device(path) as device:
        assert termios.tcgetattr(device.fd) == termios.tcgetattr(theirs)
        process.send(b"echo\n")
        process.expect_out(b"echo\r\n")
        assert device.read(5) == b"echo\n"
    os.close(ours)
    os.close(theirs)


def test_settings_stay_between_users(nettool):
    """The settings are the terminal's, and survive the program that has made them."""
    process, path = pty_of(nettool, "PTY,sitout-eio=60", "-", endless=True)
    with Device(path, raw=True) as device:
        device.send(b"one\r")
        process.expect_out(b"one\r")
    with Device(path) as device:
        device.send(b"two\n")
        process.expect_out(b"one\rtwo\n")


def test_line_discipline(nettool):
    """A fresh terminal gives lines, and its keys work: erase, kill, end of file."""
    process, path = pty_of(nettool, "PTY", "-", endless=True)
    with Device(path) as device:
        process.send(b"wrongg\x7f\nkill me\x15yes\nab\x04")
        assert device.read(9) == b"wrong\nyes"
        assert device.read(3) == b"\nab"


def test_what_is_written_before_anybody_opens(both):
    process, path = pty_of(both, "PTY", "-", endless=True)
    process.send(b"early\n")
    process.expect_out(b"early\r\n")  # the echo: it is in the terminal
    with Device(path) as device:
        assert device.read(6) == b"early\n"


@pytest.mark.parametrize("size", [1, 100, 4095])
def test_last_words(nettool, size):
    """What a program wrote just before it closed always arrives."""
    process, path = pty_of(nettool, "PTY", "-")
    data = random_bytes(size)
    with Device(path, raw=True) as device:
        os.write(device.fd, data)
    wait_until(lambda: not process.running)
    assert same(process.wait().out, data)


def test_big_to_the_program(nettool):
    """The terminal's own buffer is small: we go on when it has room."""
    data = random_bytes(MEGABYTE, 1)
    process, path = pty_of(nettool, "-t", "60", "PTY,rawer", "-")
    writing = Background(lambda: (process.send(data), process.end_input()))
    with Device(path) as device:
        assert same(device.read(len(data)), data)
    writing.result()
    assert process.wait().status == 0


def test_big_from_the_program(nettool):
    data = random_bytes(MEGABYTE, 2)
    process, path = pty_of(nettool, "-u", "PTY", "-")
    with Device(path, raw=True) as device:
        device.send(data)
    result = process.wait()
    assert result.status == 0
    assert same(result.out, data)


def test_big_both_ways_at_once(both):
    there, back = random_bytes(MEGABYTE, 3), random_bytes(MEGABYTE, 4)
    process, path = pty_of(both, "PTY", "-", endless=True)
    with Device(path, raw=True) as device:
        reading = Background(device.read, len(there))
        writing = Background(process.send, there)
        device.send(back)
        wait_until(lambda: len(process.out) >= len(back))
        writing.result()
        assert same(reading.result(), there)
        assert same(process.out, back)


def test_slow_reader(nettool):
    """A reader that takes its time holds back the sender, and gets every byte."""
    data = random_bytes(MEGABYTE // 4, 5)
    process, path = pty_of(nettool, "PTY", "-", endless=True)
    with Device(path, raw=True) as device:
        writing = Background(process.send, data)
        wait_until(lambda: is_asleep(process.pid) and select.select([device.fd], [], [], 0)[0])
        assert writing.running
        assert rests(process.pid, 0.5)
        got = b""
        while len(got) < len(data):
            size = min(len(data) - len(got), 1 if len(got) < 50 else 5000)
            got += device.read(size)
        writing.result()
        assert same(got, data)


def test_slow_writer_does_not_stop_the_other_way(nettool):
    """Nobody reads the terminal, and still what it says gets out."""
    process, path = pty_of(nettool, "PTY", "-", endless=True)
    with Device(path, raw=True) as device:
        writing = Background(process.send, random_bytes(MEGABYTE, 6))
        wait_until(lambda: is_asleep(process.pid) and select.select([device.fd], [], [], 0)[0])
        for i in range(100):
            device.send(b"%02d" % i)
        device.send(b"!")
        process.expect_out(b"!")
        assert process.out == b"".join(b"%02d" % i for i in range(100)) + b"!"
        assert writing.running
        process.stop()
        with pytest.raises((BrokenPipeError, ValueError)):  # or closed on our side
            writing.result()


@needs_linux
def test_nobody_at_the_other_end(nettool):
    """Data waits for somebody to come; meanwhile we sleep, and a signal still ends us."""
    process, path = pty_of(nettool, "PTY,rawer", "-")
    writing = Background(process.send, random_bytes(MEGABYTE, 7))
    wait_until(lambda: is_asleep(process.pid))
    assert rests(process.pid)
    assert process.running
    assert process.stop().status == 143
    with pytest.raises((BrokenPipeError, ValueError)):
        writing.result()


def test_one_way_out(nettool):
    """-u: what the terminal says; nothing is typed at it."""
    process, path = pty_of(nettool, "-u", "PTY", "-")
    with Device(path, raw=True) as device:
        process.send(b"never\n")
        device.send(b"said\n")
        process.expect_out(b"said\n")
        assert quiet(device)
    result = process.wait()
    assert (result.status, result.out) == (0, b"said\n")


def test_one_way_in(both):
    """-U: what is typed at it; what it says is lost."""
    process, path = pty_of(both, "-U", "PTY", "-", endless=True)
    with Device(path, raw=True) as device:
        device.send(b"never\n")
        process.send(b"typed\n")
        assert device.read(6) == b"typed\n"
    assert process.out == b""


def test_one_way_in_readers_come_and_go(both):
    """A source of news at a terminal: whoever opens it gets what comes from then on."""
    process, path = pty_of(both, "-u", "-", "PTY", endless=True)
    for i in range(3):
        with Device(path, raw=True) as device:
            process.send(b"news %d\n" % i)
            assert device.read(7) == b"news %d\n" % i
    assert rests(process.pid, 0.3)
    process.send(b"once more\n")
    with Device(path) as device:
        assert device.read(10) == b"once more\n"


def test_dual(nettool):
    """Read from a terminal, write elsewhere."""
    process, path = pty_of(nettool, "PTY!!-", "PIPE")
    with Device(path, raw=True) as device:
        device.send(b"around\n")
        process.expect_out(b"around\n")
    assert process.wait().status == 0


def test_behind_a_listener(listener, tmp):
    """Each connection gets a terminal of its own, which is gone with it."""
    server = listener("TCP-LISTEN:0,bind=127.0.0.1,fork", "PTY,link=line", endless=True)
    for i in range(3):
        with server.connect() as peer:
            wait_until(lambda: is_link(tmp / "line"))
            with Device(tmp / "line", raw=True) as device:
                peer.sendall(b"ring\n")
                assert device.read(5) == b"ring\n"
                device.send(b"%d\n" % i)
                assert read_exactly(peer, 2) == b"%d\n" % i
        wait_until(lambda: not is_link(tmp / "line"))
    wait_until(lambda: not children_of(server.pid))
    assert server.err == b""


# ---- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("option, mode", [
    ("perm=0600", 0o600),
    ("mode=640", 0o640),
    ("perm-late=0606", 0o606),
    ("perm-early=0604", 0o604),
    ("perm-early=0777,perm=0666,perm-late=0600", 0o600),
])
def test_mode(both, multiplexer, option, mode):
    """It is the device that gets it."""
    if option == "perm-early=0604" and isinstance(both, Peer):
        pytest.skip("socat applies it to nothing")
    process, path = pty_of(both, f"PTY,{option},link=line", "-", endless=True)
    wait_until(lambda: stat.S_IMODE(os.stat(path).st_mode) == mode)
    wait_until((both.folder / "line").is_symlink)
    assert stat.S_IMODE(os.lstat(both.folder / "line").st_mode) == 0o777


@needs_root
@pytest.mark.parametrize("who", ["name", "number"])
def test_owner(both, multiplexer, who):
    user, group = pwd.getpwnam("nobody"), grp.getgrnam("daemon")
    words = (user.pw_name, group.gr_name) if who == "name" else (user.pw_uid, group.gr_gid)
    process, path = pty_of(both, f"PTY,user={words[0]},group={words[1]},link=line", "-",
                           endless=True)
    wait_until(lambda: (os.stat(path).st_uid, os.stat(path).st_gid)
               == (user.pw_uid, group.gr_gid))
    assert os.lstat(both.folder / "line").st_uid == os.geteuid()


@needs_root
def test_owner_late(both, multiplexer):
    user, group = pwd.getpwnam("nobody"), grp.getgrnam("daemon")
    process, path = pty_of(both, f"PTY,user-late={user.pw_uid},group-late={group.gr_gid}", "-",
                           endless=True)
    wait_until(lambda: (os.stat(path).st_uid, os.stat(path).st_gid)
               == (user.pw_uid, group.gr_gid))


# ---- the link ------------------------------------------------------------------------------------


def test_link(both, tmp):
    process, path = pty_of(both, "PTY,link=line", "-", endless=True)
    wait_until(lambda: is_link(tmp / "line"))
    assert os.readlink(tmp / "line") == path
    with Device(tmp / "line", raw=True) as device:
        device.send(b"by its name\n")
        process.expect_out(b"by its name\n")


@pytest.mark.parametrize("alias", ["symbolic-link", "link"])
@pytest.mark.parametrize("kind", ["file", "link", "dangling", "fifo"])
def test_link_replaces(nettool, tmp, kind, alias):
    """What has the name gives way; what a link led to stays."""
    (tmp / "kept").write_text("kept")
    if kind == "file":
        (tmp / "line").write_text("old")
    elif kind == "fifo":
        os.mkfifo(tmp / "line")
    else:
        (tmp / "line").symlink_to("kept" if kind == "link" else "nowhere")
    process, path = pty_of(nettool, f"PTY,{alias}=line", "-", endless=True)
    assert os.readlink(tmp / "line") == path
    assert (tmp / "kept").read_text() == "kept"


@pytest.mark.parametrize("where", ["directory", "missing/line", ""])
def test_link_impossible(nettool, tmp, where):
    """One sentence, and nothing is left."""
    (tmp / "directory").mkdir()
    result = nettool("-", f"PTY,link={where}", input=b"x")
    assert result.status in (1, 2)
    assert "link" in result.text or "line" in result.text
    assert len(result.text.splitlines()) <= 3
    assert sorted(os.listdir(tmp)) == ["directory"]


def test_link_removed_at_the_end_of_input(both, tmp):
    process, _ = pty_of(both, "PTY,link=line", "-")
    wait_until(lambda: is_link(tmp / "line"))
    assert process.wait().status == 0
    assert not is_link(tmp / "line")


def test_link_removed_when_the_program_leaves(nettool, tmp):
    process, _ = pty_of(nettool, "PTY,link=line", "-")
    assert is_link(tmp / "line")
    Device(tmp / "line").close()
    wait_until(lambda: not process.running)
    assert not is_link(tmp / "line")
    assert process.wait().status == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_link_removed_by_a_signal(both, tmp, number):
    if number == signal.SIGQUIT and isinstance(both, Peer):
        pytest.skip("socat leaves its link behind")
    process, _ = pty_of(both, "PTY,link=line", "-")
    # the peer makes the link before it knows that it is to be removed
    wait_until(lambda: is_link(tmp / "line") and is_asleep(process.pid))
    assert process.stop(number).status == 128 + number
    assert not is_link(tmp / "line")


def test_link_removed_when_the_other_address_fails(both, tmp):
    process, _ = pty_of(both, "PTY,link=line", "OPEN:missing/file")
    assert process.wait().status == 1
    assert not is_link(tmp / "line")


def test_link_removed_when_the_transfer_fails(nettool, tmp):
    """Nobody takes what the terminal says."""
    reader, writer = os.pipe()
    process, _ = pty_of(nettool, "-u", "PTY,link=line", "-", stdout=writer)
    os.close(writer)
    with Device(tmp / "line", raw=True) as device:
        os.close(reader)
        with contextlib.suppress(OSError):  # it may have heard already that nobody is there
            device.send(b"for nobody\n")
        assert process.wait().status == 1
    assert not is_link(tmp / "line")


def test_link_kept(both, tmp):
    process, path = pty_of(both, "PTY,link=line,unlink-close=0", "-")
    wait_until(lambda: is_link(tmp / "line"))
    assert process.stop().status == 143
    assert os.readlink(tmp / "line") == path


def test_link_in_another_directory(nettool, tmp):
    """chdir counts for the link, and only for it; at the end the same link is removed."""
    (tmp / "inside").mkdir()
    process, path = pty_of(nettool, "PTY,chdir=inside,link=line", "-")
    assert os.readlink(tmp / "inside" / "line") == path
    assert process.wait().status == 0
    assert os.listdir(tmp / "inside") == []


# ---- waiting for somebody ------------------------------------------------------------------------


@pytest.mark.parametrize("options", [
    "wait-slave",
    "pty-wait-slave,pty-interval=0.01",
    "waitslave,openpty",
    "wait-slave,ptmx,pty-intervall=0.05",
])
def test_wait_slave(nettool, tmp, options):
    """The second address is opened only when somebody has opened the terminal."""
    process, path = pty_of(nettool, "-u", f"PTY,{options}", "CREATE:opened")
    wait_until(lambda: is_asleep(process.pid))
    time.sleep(0.3)  # long enough for a program that doesn't wait to give itself away
    assert process.running
    assert not (tmp / "opened").exists()
    with Device(path, raw=True) as device:
        wait_until((tmp / "opened").exists)
        device.send(b"I am here\n")
        wait_until(lambda: (tmp / "opened").read_bytes() == b"I am here\n")
    assert process.wait().status == 0


def test_wait_slave_short_visit(nettool, tmp):
    """Somebody who comes, speaks, and goes between two looks was there."""
    process, path = pty_of(nettool, "-u", "PTY,wait-slave,pty-interval=0.5", "CREATE:said")
    with Device(path, raw=True) as device:
        device.send(b"just passing\n")
    assert process.wait().status == 0
    assert (tmp / "said").read_bytes() == b"just passing\n"


@needs_linux
def test_wait_slave_rests(nettool):
    process, path = pty_of(nettool, "PTY,wait-slave", "-")
    assert rests(process.pid)
    assert process.stop().status == 143


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_wait_slave_signal(nettool, tmp, number):
    process, path = pty_of(nettool, "-u", "PTY,wait-slave,link=line", "CREATE:opened")
    wait_until(lambda: is_link(tmp / "line"))
    assert process.stop(number).status == 128 + number
    assert not is_link(tmp / "line")
    assert not (tmp / "opened").exists()


# ---- when nobody is there any more ---------------------------------------------------------------


@pytest.mark.parametrize("words", [("PTY", "-"), ("-", "PTY"), ("-u", "PTY", "-"),
                                   ("PTY", "PTY,ignoreeof")])
def test_ends_when_the_program_leaves(nettool, words):
    """A terminal that somebody had open and has no more is at its end."""
    process, path = pty_of(nettool, *words)
    with Device(path, raw=True) as device:
        device.send(b"bye\n")
    wait_until(lambda: not process.running)
    assert process.wait().status == 0


def test_sitout_reader_comes_back(nettool):
    process, path = pty_of(nettool, "PTY,sitout-eio=60", "-", endless=True)
    for i in range(3):
        with Device(path, raw=True) as device:
            device.send(b"out %d\n" % i)
            process.expect_out(b"out %d\n" % i)
            process.send(b"in %d\n" % i)
            assert device.read(5) == b"in %d\n" % i
        assert rests(process.pid, 0.3)
        assert process.running


def test_sitout_keeps_what_comes(nettool):
    """What comes while nobody is there waits for the next one."""
    process, path = pty_of(nettool, "PTY,sitout-eio=60", "-", endless=True)
    Device(path, raw=True).close()
    data = random_bytes(MEGABYTE // 2, 8)
    writing = Background(process.send, data)
    wait_until(lambda: is_asleep(process.pid))
    assert rests(process.pid, 0.5)
    with Device(path) as device:
        assert same(device.read(len(data)), data)
    writing.result()


def test_sitout_too_late(nettool):
    process, path = pty_of(nettool, "PTY,sitout-eio=0.3", "-")
    with Device(path, raw=True) as device:
        device.send(b"bye\n")
        process.expect_out(b"bye\n")
    wait_until(lambda: not process.running)  # with its input open
    assert process.wait().status == 0


def test_sitout_too_late_while_somebody_writes(nettool):
    """Writing to a terminal that nobody has open is no sign of life of it."""
    process, path = pty_of(nettool, "PTY,sitout-eio=0.5", "-")
    Device(path, raw=True).close()

    def written():
        try:
            process.send(b".")
        except BrokenPipeError:
            pass
        return not process.running

    wait_until(written)
    assert process.wait().status == 0


@needs_linux
@pytest.mark.parametrize("words", [
    ("PTY,sitout-eio=60", "-"),
    ("-u", "PTY,sitout-eio=60", "-"),
    ("-u", "-", "PTY,sitout-eio=60"),
    ("PTY,sitout-eio=60", "PTY,sitout-eio=60"),
    ("PTY,ignoreeof", "-"),
    ("-u", "PTY,ignoreeof", "-"),
    ("-u", "-", "PTY"),
])
def test_sitting_out_rests(nettool, words):
    """The kernel says again and again that nobody is there; we don't listen again and again."""
    process, path = pty_of(nettool, *words, endless=True)
    Device(path, raw=True).close()
    assert rests(process.pid)
    assert process.running


def test_ignoreeof(both):
    """The end of one visitor is no end; about once a second we look for the next."""
    process, path = pty_of(both, "PTY,ignoreeof", "-", endless=True)
    with Device(path, raw=True) as device:
        device.send(b"one\n")
        process.expect_out(b"one\n")
    with Device(path) as device:
        device.send(b"two\n")
        process.expect_out(b"one\ntwo\n")
        process.send(b"back\n")
        assert device.read(5) == b"back\n"


# ---- the end -------------------------------------------------------------------------------------


@pytest.mark.parametrize("opened", ["never", "once", "still"])
@pytest.mark.parametrize("place", ["first", "second"])
def test_end_of_the_other_side(both, opened, place):
    """-t counts from there on, and all is well."""
    words = ("PTY", "-") if place == "first" else ("-", "PTY")
    process, path = pty_of(both, "-t", "0.1", *words)
    device = None if opened == "never" else Device(path)
    if opened == "once":
        device.close()
    result = process.wait()
    assert result.status == 0
    if device is not None:
        device.close()


def test_the_terminal_has_time_to_answer(nettool):
    """After the end of the other side what the terminal says still gets out, for -t seconds."""
    process, path = pty_of(nettool, "-t", "60", "PTY", "-")
    with Device(path, raw=True) as device:
        process.send(b"question\n")
        process.end_input()
        assert device.read(9) == b"question\n"
        device.send(b"answer\n")
        process.expect_out(b"answer\n")
    result = process.wait()
    assert (result.status, result.out) == (0, b"answer\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_signal(both, number):
    """The program at the other end sees the end, whatever the reason."""
    process, path = pty_of(both, "PTY", "-")
    with Device(path, raw=True) as device:
        assert process.stop(number).status == 128 + number
        assert device.read(1) == b""


def test_inactivity(both):
    process, path = pty_of(both, "-T", "0.2", "PTY", "-")
    with Device(path):
        wait_until(lambda: not process.running)
    assert process.wait().status == 0


def test_readbytes(both):
    process, path = pty_of(both, "-u", "PTY,readbytes=5", "-")
    with Device(path, raw=True) as device:
        device.send(b"12345678")
        wait_until(lambda: not process.running)
    result = process.wait()
    assert (result.status, result.out) == (0, b"12345")


def test_escape(both):
    process, path = pty_of(both, "-u", "PTY,escape=0x1d", "-")
    with Device(path, raw=True) as device:
        device.send(b"before\x1dafter")
        wait_until(lambda: not process.running)
    result = process.wait()
    assert (result.status, result.out) == (0, b"before")


@needs_linux
def test_nothing_is_left(listener, tmp):
    """No descriptor and no terminal, however often."""
    server = listener("TCP-LISTEN:0,bind=127.0.0.1,fork", "PTY,link=line", endless=True)

    def visit():
        with server.connect() as peer:
            wait_until(lambda: is_link(tmp / "line"))
            path = os.readlink(tmp / "line")
            peer.close()
            wait_until(lambda: not is_link(tmp / "line"))
            return path

    visit()
    wait_until(lambda: not children_of(server.pid))
    before = descriptors_of(server.pid)
    for _ in range(10):
        visit()
    wait_until(lambda: not children_of(server.pid))
    assert descriptors_of(server.pid) == before


# ---- when there are no more ----------------------------------------------------------------------


@pytest.fixture
def few_ptys(program, tmp):
    """Runs a program where only so many pseudo terminals can be made: few(count, *args)."""
    unshare = program("unshare")
    probe = unshare("-m", "true")
    if probe.status != 0:
        pytest.skip(f"no mount namespace here: {probe.text.strip()}")
    script = (
        'mount --make-rprivate / && '
        'mount -t devpts -o newinstance,ptmxmode=0666,max="$1" devpts /dev/pts && '
        'mount --bind /dev/pts/ptmx /dev/ptmx || exit 77; shift; exec "$@"'
    )

    def few(count, *args, **more):
        result = unshare("-m", "sh", "-c", script, "sh", count, *args, **more)
        if result.status == 77:
            pytest.skip(f"no new devpts here: {result.text.strip()}")
        return result

    return few


def check_exhausted(result, address):
    assert result.status == 1
    lines = result.text.splitlines()
    assert lines[0] == (f"nettool: {address}: cannot make a pseudo terminal: "
                        "No space left on device"), result
    assert len(lines) <= 2


def test_exhausted(nettool, few_ptys):
    """One clear sentence."""
    check_exhausted(few_ptys(1, tools.NETTOOL, "PTY", "PTY,link=line"), "PTY,link=line")
    assert not is_link(nettool.folder / "line")


def test_exhausted_for_a_program(few_ptys, tmp):
    """The program isn't started."""
    check_exhausted(few_ptys(1, tools.NETTOOL, "PTY", "EXEC:touch started,pty"),
                    "EXEC:touch started,pty")
    assert os.listdir(tmp) == []


def test_enough_again(few_ptys):
    """A terminal that is closed is free for the next."""
    script = 'for i in 1 2 3; do "$0" -u "EXEC:echo $i,pty" - || exit; done'
    result = few_ptys(1, "sh", "-c", script, tools.NETTOOL)
    assert (result.status, result.out) == (0, b"1\r\n2\r\n3\r\n")
