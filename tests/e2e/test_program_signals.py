"""Signals and programs: who is told, who ends, who goes on, and what is put back."""

import os
import re
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from netpeek import children_of, descriptors_of, state_of
from tools import (
    DEADLINE,
    NETTOOL,
    Peer,
    needs_linux,
    read_all,
    read_exactly,
    read_until,
    wait_until,
)

LINKS = {"socketpair": "", "pipes": ",pipes", "pty": ",pty,raw,echo=0"}
link = pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]
ending = pytest.mark.parametrize("number", ENDING)

# Writes down the signals it gets, and ends for SIGTERM; says "ready" once it listens to them.
LISTENER = """#!/bin/sh
for name in HUP INT QUIT; do trap "echo $name >>told" $name; done
trap 'echo TERM >>told; exit' TERM
echo ready
while :; do sleep 0.02; done
"""

# Ends for no signal but SIGKILL.
DEAF = """#!/bin/sh
trap '' HUP INT QUIT TERM
echo $$ >pid.new; mv pid.new pid
echo ready
while :; do sleep 0.02; done
"""


@pytest.fixture
def script(tmp):
    def make(text, name="script"):
        (tmp / name).write_text(text)
        (tmp / name).chmod(0o755)
        return f"./{name}"

    return make


def told(tmp):
    """What a LISTENER has written down so far."""
    try:
        return (tmp / "told").read_text().split()
    except OSError:
        return []


def gone(pid):
    return state_of(pid) in ("", "Z")


# ---- a relay that is told to end -----------------------------------------------------------------


@link
@ending
def test_end_of_a_relay(both, script, tmp, link, number):
    """It ends with 128+n, and the program is told by SIGTERM whatever it was."""
    if isinstance(both, Peer) and number == signal.SIGQUIT:
        pytest.skip("for socat that is an error, and it tells nobody")
    process = both.start("-", f"EXEC:{script(LISTENER)}{link}")
    process.expect_out(b"ready")
    (program,) = children_of(process.pid)
    result = process.stop(number)
    assert result.status == 128 + number
    wait_until(lambda: gone(program))
    assert told(tmp) == ["TERM"]


@ending
def test_message_at_the_end(nettool, number):
    """Only what the user may not expect is told without being asked for."""
    levels = {signal.SIGTERM: "nettool: warning: exiting on signal 15\n",
              signal.SIGQUIT: "nettool: exiting on signal 3\n"}
    process = nettool.start("-", "EXEC:echo ready; cat".replace("EXEC", "SYSTEM"))
    process.expect_out(b"ready")
    assert process.stop(number).text == levels.get(number, "")


@ending
def test_end_in_one_direction(nettool, script, tmp, number):
    for words in (("-u", "-", "{}"), ("-u", "{}", "-"), ("-U", "-", "{}"), ("-U", "{}", "-")):
        process = nettool.start(*[word.format(f"EXEC:{script(LISTENER)}") for word in words])
        process.expect_out(b"ready")
        assert process.stop(number).status == 128 + number
        wait_until(lambda: told(tmp) == ["TERM"])
        (tmp / "told").unlink()


def test_end_of_both_halves(nettool, script, tmp):
    """Every program of ours is told."""
    for name in ("a", "b", "c"):
        (tmp / name).mkdir()
    words = [f"EXEC:../{script(LISTENER)},chdir={name}" for name in ("a", "b", "c")]
    process = nettool.start(f"{words[0]}!!{words[1]}", f"{words[2]},stderr")
    wait_until(lambda: len(children_of(process.pid)) == 3)
    process.expect_out(b"ready")
    wait_until(lambda: all(has_traps(pid) for pid in children_of(process.pid)))
    assert process.stop().status == 143
    wait_until(lambda: all(told(tmp / name) == ["TERM"] for name in ("a", "b", "c")))


def has_traps(pid):
    """Whether a process is a shell by now, and has set a trap for SIGTERM."""
    try:
        if os.path.samefile(f"/proc/{pid}/exe", NETTOOL):
            return False
        caught = re.search(r"^SigCgt:\s*(\w+)$", Path(f"/proc/{pid}/status").read_text(), re.M)[1]
    except OSError:
        return False
    return bool(int(caught, 16) & (1 << (signal.SIGTERM - 1)))


@ending
@pytest.mark.parametrize("first, entry", [
    ("UNIX-LISTEN:entry", "entry"), ("PTY,link=entry", "entry"), ("PIPE:entry", "entry"),
    ("PTY,lockfile=entry", "entry"), ("EXEC:cat,pty,link=entry", "entry"),
])
def test_entries_are_removed(nettool, script, tmp, first, entry, number):
    words = ["-L", "lock", first, f"EXEC:{script(LISTENER)}"]
    process = nettool.start(*words)
    path = tmp / entry
    wait_until(lambda: path.is_symlink() or path.exists())
    peer = None
    if first.startswith("UNIX-LISTEN"):
        peer = socket.socket(socket.AF_UNIX)
        # it is there when it is bound, and listens a moment later
        wait_until(lambda: peer.connect_ex(os.fspath(path)) == 0)
    wait_until(lambda: any(has_traps(pid) for pid in children_of(process.pid)))
    assert (tmp / "lock").exists()
    assert process.stop(number).status == 128 + number
    if peer:
        peer.close()
    wait_until(lambda: told(tmp) == ["TERM"])
    assert sorted(path.name for path in tmp.iterdir()) == ["script", "told"]


@ending
def test_a_deaf_program_stops_nobody(nettool, script, tmp, number):
    """One that doesn't end when it is told to stays, and we don't."""
    process = nettool.start("-", f"EXEC:{script(DEAF)}", stderr=subprocess.DEVNULL)
    process.expect_out(b"ready")
    pid = int((tmp / "pid").read_text())
    try:
        assert process.stop(number).status == 128 + number
        assert not gone(pid)
    finally:
        os.kill(pid, signal.SIGKILL)


def test_a_stopped_program_stops_nobody(nettool):
    process = nettool.start("-", "EXEC:cat", stderr=subprocess.DEVNULL)
    process.send(b"x")
    process.expect_out(b"x")
    (program,) = children_of(process.pid)
    os.kill(program, signal.SIGSTOP)
    wait_until(lambda: state_of(program) == "T")
    process.send(b"waits")
    os.kill(program, signal.SIGCONT)
    process.expect_out(b"xwaits")
    os.kill(program, signal.SIGSTOP)
    wait_until(lambda: state_of(program) == "T")
    assert process.stop().status == 143
    os.kill(program, signal.SIGCONT)
    wait_until(lambda: gone(program))


def test_a_stopped_relay_goes_on(nettool):
    process = nettool.start("-", "EXEC:cat")
    process.send(b"a")
    process.expect_out(b"a")
    os.kill(process.pid, signal.SIGSTOP)
    wait_until(lambda: state_of(process.pid) == "T")
    process.send(b"b")
    os.kill(process.pid, signal.SIGCONT)
    process.expect_out(b"ab")
    assert process.wait().status == 0


@link
def test_the_whole_session_gets_ctrl_c(nettool, link):
    """A terminal sends it to everybody; each ends, and nobody complains."""
    process = nettool.start("-", f"SYSTEM:echo ready; cat{link}")
    process.expect_out(b"ready")
    programs = children_of(process.pid)
    process.ended_on_purpose = True
    os.killpg(process.pid, signal.SIGINT)
    result = process.wait()
    assert result.status == 130 and b"waitpid" not in result.err
    wait_until(lambda: all(gone(pid) for pid in programs))


def test_the_program_ends_us(nettool):
    """It knows its parent."""
    for name, status in (("TERM", 143), ("INT", 130)):
        result = nettool("-", f"SYSTEM:kill -{name} $PPID; exec sleep 1000")
        assert result.status == status


def test_killed_the_hard_way(nettool):
    """Nobody can tell the program then, but the end of its input does."""
    process = nettool.start("-", "EXEC:cat")
    process.send(b"x")
    process.expect_out(b"x")
    (program,) = children_of(process.pid)
    assert process.stop(signal.SIGKILL).signal == signal.SIGKILL
    wait_until(lambda: gone(program))


@ending
def test_while_it_waits_for_the_program(nettool, script, tmp, number):
    """All data has passed, and a program that is only written to is still at work."""
    process = nettool.start("-u", "-", f"EXEC:{script(LISTENER)}")
    process.expect_out(b"ready")
    process.end_input()
    wait_until(lambda: state_of(process.pid) == "S")
    assert process.stop(number).status == 128 + number
    wait_until(lambda: told(tmp) == ["TERM"])


@ending
def test_before_the_transfer(nettool, script, tmp, number):
    process = nettool.start("-", f"EXEC:{script(LISTENER)}", env={"SOCAT_TRANSFER_WAIT": "1000"})
    wait_until(lambda: any(has_traps(pid) for pid in children_of(process.pid)))
    assert process.stop(number).status == 128 + number
    wait_until(lambda: told(tmp) == ["TERM"])


def test_our_reader_is_gone(nettool):
    """yes | head: we fail to write, say so, and the program is told to end."""
    reader, writer = os.pipe()
    process = nettool.start("-", "EXEC:yes", stdout=writer)
    os.close(writer)
    assert read_exactly(reader, 2) == b"y\n"
    (program,) = children_of(process.pid)
    os.close(reader)
    process.popen.wait(DEADLINE)
    result = process.wait()
    assert result.status == 1 and "cannot write: Broken pipe" in result.text
    wait_until(lambda: gone(program))


def test_statistics_on_demand(nettool):
    """SIGUSR1 ends nothing, and isn't the program's."""
    process = nettool.start("-", "EXEC:cat")
    process.send(b"abc")
    process.expect_out(b"abc")
    process.send_signal(signal.SIGUSR1)
    process.expect_err(re.compile(rb"STATISTICS: left to right: +1 packets\(s\), +3 byte\(s\)"))
    process.send(b"def")
    process.expect_out(b"abcdef")
    assert process.wait().status == 0


@pytest.mark.parametrize("mask, number", [("0", signal.SIGTERM), ("0x4", signal.SIGTERM),
                                          ("0x8000", signal.SIGINT)])
def test_a_signal_that_the_mask_leaves_out(nettool, mask, number):
    """It ends us as it would end any program, and the program learns it from its input."""
    process = nettool.start("-S", mask, "-", "EXEC:cat")
    process.send(b"x")
    process.expect_out(b"x")
    (program,) = children_of(process.pid)
    result = process.stop(number)
    assert (result.signal, result.err) == (number, b"")
    wait_until(lambda: gone(program))


# ---- signals that are passed on ------------------------------------------------------------------

PASSED = {"sighup": signal.SIGHUP, "sigint": signal.SIGINT, "sigquit": signal.SIGQUIT}
passed = pytest.mark.parametrize("option, number", PASSED.items(), ids=PASSED)


@passed
@link
def test_passed_on(both, script, tmp, option, number, link):
    """The program gets it in our place, and both go on."""
    process = both.start("-", f"EXEC:{script(LISTENER)}{link},{option}")
    process.expect_out(b"ready")
    name = option[3:].upper()
    for count in (1, 2):
        process.send_signal(number)
        wait_until(lambda count=count: told(tmp) == [name] * count)
    assert process.running
    assert process.stop().status == 143
    wait_until(lambda: told(tmp) == [name, name, "TERM"])


@passed
def test_death_of_a_signal_that_was_passed_on(nettool, option, number):
    """What the program does with it decides; here it dies, which is its failure."""
    process = nettool.start("-", f"SYSTEM:echo ready; exec sleep 1000,{option}")
    process.expect_out(b"ready\n")
    wait_until(lambda: b"sleep" in cmdline(children_of(process.pid)[0]))
    process.send_signal(number)
    result = process.wait()
    assert result.status == 1 and f"exited on signal {number}" in result.text


def cmdline(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_only_that_one_is_passed_on(nettool, script, tmp):
    for option, number in (("sigint", signal.SIGHUP), ("sighup", signal.SIGINT),
                           ("sigint,sighup,sigquit", signal.SIGTERM)):
        process = nettool.start("-", f"EXEC:{script(LISTENER)},{option}")
        process.expect_out(b"ready")
        assert process.stop(number).status == 128 + number
        wait_until(lambda: told(tmp) == ["TERM"])
        (tmp / "told").unlink()


def test_passed_on_to_one_of_two(nettool, script, tmp):
    """The one that has the option hears it, the other one doesn't."""
    for name in ("a", "b"):
        (tmp / name).mkdir()
    command = f"EXEC:../{script(LISTENER)}"
    process = nettool.start(f"{command},chdir=a,sigint", f"{command},chdir=b,stderr")
    wait_until(lambda: len([pid for pid in children_of(process.pid) if has_traps(pid)]) == 2)
    process.send_signal(signal.SIGINT)
    wait_until(lambda: told(tmp / "a") == ["INT"])
    assert process.stop().status == 143
    wait_until(lambda: told(tmp / "a") == ["INT", "TERM"] and told(tmp / "b") == ["TERM"])


@passed
def test_passed_on_to_the_group(nettool, script, tmp, option, number):
    """A program that leads a group hears it together with its children."""
    (tmp / "child").mkdir()
    script(LISTENER, "listener")
    leader = script("#!/bin/sh\n(cd child && exec ../listener >/dev/null) &\nexec ./listener\n")
    process = nettool.start("-", f"EXEC:{leader},setsid,{option}")
    process.expect_out(b"ready")
    (program,) = children_of(process.pid)
    wait_until(lambda: all(has_traps(pid) for pid in (program, *children_of(program))[:2]) and
               children_of(program))
    process.send_signal(number)
    name = option[3:].upper()
    wait_until(lambda: told(tmp) == [name])
    # A shell that is started in the background ignores SIGINT and SIGQUIT, and so do its traps.
    if number == signal.SIGHUP:
        wait_until(lambda: told(tmp / "child") == [name])
    assert process.stop().status == 143
    wait_until(lambda: told(tmp) == [name, "TERM"] and "TERM" in told(tmp / "child"))


def test_passed_on_while_it_waits_for_the_program(nettool, script, tmp):
    process = nettool.start("-u", "-", f"EXEC:{script(LISTENER)},sigint")
    process.expect_out(b"ready")
    process.end_input()
    wait_until(lambda: state_of(process.pid) == "S")
    process.send_signal(signal.SIGINT)
    wait_until(lambda: told(tmp) == ["INT"])
    assert process.running
    assert process.stop().status == 143


@passed
def test_passed_on_although_the_mask_leaves_it_out(nettool, script, tmp, option, number):
    """-S says which signals we end for in order; the option asks for one of its own."""
    process = nettool.start("-S", "0x8000", "-", f"EXEC:{script(LISTENER)},{option}")
    process.expect_out(b"ready")
    process.send_signal(number)
    wait_until(lambda: told(tmp) == [option[3:].upper()])
    assert process.running
    assert process.stop().status == 143


@needs_linux
def test_passed_on_in_a_session(listener, script, tmp):
    """It is the session's process that passes it on."""
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork", f"EXEC:{script(LISTENER)},sigint",
                      endless=True)
    with server.connect() as peer:
        assert read_until(peer, b"\n") == b"ready\n"
        (session,) = children_of(server.pid)
        os.kill(session, signal.SIGINT)
        wait_until(lambda: told(tmp) == ["INT"])
        assert not gone(session)
        os.kill(session, signal.SIGTERM)
        assert read_all(peer) == b""
    wait_until(lambda: told(tmp) == ["INT", "TERM"] and not children_of(server.pid))
    assert server.running


# ---- listeners and their sessions ----------------------------------------------------------------


@pytest.mark.parametrize("number", ENDING)
def test_a_listener_ends_alone(both, number):
    """The programs of its sessions run to their own end."""
    server = both.listener("TCP4-LISTEN:0,bind=127.0.0.1,fork", "EXEC:cat")
    with server.connect() as peer:
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
        (session,) = children_of(server.pid)
        (program,) = children_of(session)
        server.ended_on_purpose = True
        server.send_signal(number)
        server.popen.wait(DEADLINE)
        assert server.popen.returncode in (128 + number, -number)
        peer.sendall(b"still here")
        assert read_exactly(peer, 10) == b"still here"
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == b""
    wait_until(lambda: gone(session) and gone(program))


@ending
@pytest.mark.parametrize("options", ["", ",max-children=2"])
def test_a_listener_ends_its_children(listener, script, tmp, number, options):
    """children=term: sessions end, and tell their programs."""
    server = listener(f"TCP4-LISTEN:0,bind=127.0.0.1,fork,children=term{options}",
                      f"EXEC:{script(LISTENER)}")
    with server.connect() as one, server.connect() as two:
        for peer in (one, two):
            assert read_until(peer, b"\n") == b"ready\n"
        sessions = children_of(server.pid)
        programs = [pid for session in sessions for pid in children_of(session)]
        assert (len(sessions), len(programs)) == (2, 2)
        assert server.stop(number).status == 128 + number
        assert read_all(one) == read_all(two) == b""
    wait_until(lambda: all(gone(pid) for pid in (*sessions, *programs)))
    assert told(tmp) == ["TERM", "TERM"]


@pytest.mark.parametrize("children", ["keep", "term"])
def test_children_of_a_client(nettool, tmp, script, children):
    """The same for an address that connects again and again."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(DEADLINE)
        port = server.getsockname()[1]
        process = nettool.start(f"TCP4:127.0.0.1:{port},fork,interval=3600,children={children}",
                                f"EXEC:{script(LISTENER)}")
        peer, _ = server.accept()
        with peer:
            peer.settimeout(DEADLINE)
            assert read_until(peer, b"\n") == b"ready\n"
            (session,) = children_of(process.pid)
            process.ended_on_purpose = True
            process.send_signal(signal.SIGTERM)
            process.popen.wait(DEADLINE)
            assert process.popen.returncode == 143
            if children == "term":
                assert read_all(peer) == b""
                wait_until(lambda: told(tmp) == ["TERM"])
            else:
                assert not gone(session) and told(tmp) == []
                os.kill(session, signal.SIGTERM)
        wait_until(lambda: gone(session) and told(tmp) == ["TERM"])


def test_everybody_gets_ctrl_c(listener):
    """A terminal sends it to the listener, its sessions and their programs alike."""
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork", "EXEC:cat")
    with server.connect() as peer:
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
        (session,) = children_of(server.pid)
        (program,) = children_of(session)
        server.ended_on_purpose = True
        os.killpg(server.pid, signal.SIGINT)
        assert server.wait().status == 130
        try:
            assert read_all(peer) == b""
        except ConnectionResetError:
            pass
    wait_until(lambda: gone(session) and gone(program))


def test_a_session_is_ended(listener, script, tmp):
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork", f"EXEC:{script(LISTENER)}", endless=True)
    for count in (1, 2):
        with server.connect() as peer:
            assert read_until(peer, b"\n") == b"ready\n"
            (session,) = children_of(server.pid)
            os.kill(session, signal.SIGTERM)
            assert read_all(peer) == b""
        wait_until(lambda count=count: told(tmp) == ["TERM"] * count)
        wait_until(lambda: children_of(server.pid) == [])
    assert server.running


def test_a_peer_that_leaves_ends_its_program(listener, script, tmp):
    """Nobody is left to talk to: the program hears that it shall end."""
    server = listener("-t0.1", "TCP4-LISTEN:0,bind=127.0.0.1,fork", f"EXEC:{script(LISTENER)}",
                      endless=True)
    with server.connect() as peer:
        assert read_until(peer, b"\n") == b"ready\n"
    wait_until(lambda: told(tmp) == ["TERM"] and not children_of(server.pid))


# ---- how we were started -------------------------------------------------------------------------


@needs_linux
@link
def test_started_with_children_ignored(nettool, link):
    """A parent that ignores SIGCHLD: it is inherited, and the kernel would reap our programs."""
    def ignore():
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)

    for place in (("-", "{}"), ("-u", "-", "{}")):
        for command, status in (("exit 3", 1), ("true", 0)):
            result = nettool(*[word.format(f"SYSTEM:{command}{link}") for word in place],
                             preexec_fn=ignore)
            assert result.status == status


@needs_linux
@link
def test_started_with_children_blocked(nettool, link):
    """A parent that has SIGCHLD blocked, which is inherited too."""
    def block():
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGUSR1})

    for place in (("-", "{}"), ("-u", "-", "{}")):
        result = nettool(*[word.format(f"SYSTEM:read x; exit 3{link}") for word in place],
                         input=b"x\n", preexec_fn=block)
        assert result.status == 1
    process = nettool.start("-", f"EXEC:cat{link}", preexec_fn=block)
    process.send(b"x\n")
    process.expect_out(b"x")
    process.send_signal(signal.SIGUSR1)
    process.expect_err(b"STATISTICS")
    assert process.stop().status == 143


@needs_linux
def test_nohup(nettool):
    """What was ignored when we started stays ignored, for us and for the program."""
    def ignore():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    process = nettool.start("-", "SYSTEM:grep SigIgn /proc/$$/status; cat", preexec_fn=ignore)
    process.expect_out(b"\n")
    assert int(process.out.split()[1], 16) & 1
    process.send_signal(signal.SIGHUP)
    process.send(b"here")
    process.expect_out(b"here")
    assert process.wait().status == 0


# ---- many children -------------------------------------------------------------------------------


def talk(server, count, failures, over):
    """Short connections, one after the other; `over` gets an entry for each."""
    try:
        for _ in range(count):
            with server.connect(DEADLINE * 3) as peer:
                while peer.recv(1000):
                    pass
            over.append(peer)
    except OSError as error:
        failures.append(error)


@needs_linux
@pytest.mark.parametrize("how, second, count", [
    ("fork", "EXEC:/bin/true", 5000), ("fork", "EXEC:/bin/true,pipes", 500),
    ("fork", "EXEC:/bin/true,nofork", 500), ("fork", "SYSTEM:exit 3", 500),
    ("poll", "EXEC:/bin/true", 1000), ("poll", "SYSTEM:exit 3", 500),
])
def test_no_zombie_after_many_connections(listener, how, second, count):
    """Several clients at a time; children come and go, and nothing of them stays."""
    server = listener("-d0", f"TCP4-LISTEN:0,bind=127.0.0.1,{how},backlog=100", second,
                      endless=True)
    before = descriptors_of(server.pid)
    failures, over = [], []
    clients = [threading.Thread(target=talk, args=(server, count // 5, failures, over))
               for _ in range(5)]
    for client in clients:
        client.start()
    most, seen, limit = 0, 0, time.monotonic() + 3 * DEADLINE
    while any(client.is_alive() for client in clients):
        most = max(most, len(children_of(server.pid)))
        if len(over) > seen:  # however slow the machine is, it goes on
            seen, limit = len(over), time.monotonic() + 3 * DEADLINE
        assert time.monotonic() < limit
        clients[0].join(0.02)
    assert failures == [] and len(over) == count
    assert most < 200, f"{most} children at a time for 5 clients"
    wait_until(lambda: children_of(server.pid) == [])
    wait_until(lambda: descriptors_of(server.pid) == before)
    assert server.running and server.err == b""


@needs_linux
def test_children_that_end_together(listener):
    """A hundred sessions end at the same moment: one SIGCHLD may stand for many."""
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork,backlog=200", "EXEC:cat", endless=True)
    peers = [server.connect() for _ in range(100)]
    try:
        for peer in peers:
            peer.sendall(b"x")
        for peer in peers:
            assert read_exactly(peer, 1) == b"x"
        assert len(children_of(server.pid)) == 100
    finally:
        for peer in peers:
            peer.close()
    wait_until(lambda: children_of(server.pid) == [])


@needs_linux
def test_no_zombie_within_a_session(listener):
    """While one side goes on, the program of the other is reaped."""
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork",
                      "SYSTEM:exec >&-; sleep 0.1; exec <&-!!SYSTEM:cat >/dev/null", endless=True)
    with server.connect() as peer:
        wait_until(lambda: len(children_of(server.pid)) == 1)
        (session,) = children_of(server.pid)
        wait_until(lambda: len(children_of(session)) == 1)
        peer.sendall(b"x")
        assert [state_of(pid) for pid in children_of(session)] != ["Z"]
    wait_until(lambda: children_of(server.pid) == [])
