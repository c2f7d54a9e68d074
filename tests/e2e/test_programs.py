"""Programs as addresses: what passes between them and us, what their end says, what they are told.

test_program_options.py has the options, test_program_errors.py what can go wrong,
test_program_signals.py the signals.
"""

import os
import re
import signal
import socket
import subprocess
import sys

import pytest

from netpeek import children_of, has_ipv6, state_of
from tools import (
    DEADLINE,
    digest,
    name_of,
    needs_linux,
    quiet,
    random_bytes,
    read_all,
    read_until,
    same,
    udp_socket,
    unix_server,
    wait_until,
)

MIB = 1 << 20
PYTHON = f"{sys.executable} -I -S"

# The ways a program can be joined to us. The first two tell it the end of its input.
LINKS = {"socketpair": "", "pipes": ",pipes", "pty": ",pty,raw,echo=0"}
link = pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
ending_link = pytest.mark.parametrize("link", list(LINKS.values())[:2], ids=list(LINKS)[:2])

# Where the program stands, and in which direction data passes; {} is the program.
PLACES = {
    "right": ("-", "{}"),
    "left": ("{}", "-"),
    "right, one way to it": ("-u", "-", "{}"),
    "left, one way to it": ("-U", "{}", "-"),
    "right, one way from it": ("-U", "-", "{}"),
    "left, one way from it": ("-u", "{}", "-"),
}
place = pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
both_ways_place = pytest.mark.parametrize("place", list(PLACES.values())[:2], ids=list(PLACES)[:2])
TALKING = {name: words for name, words in PLACES.items() if "to it" not in name}
talking_place = pytest.mark.parametrize("place", TALKING.values(), ids=TALKING)


def at(place, address):
    """The words of a command line with a program in that place."""
    return [word.format(address) for word in place]


def script(tmp, name, text, first="#!/bin/sh"):
    """A program of the test's own, to be called ./name."""
    path = tmp / name
    path.write_text(f"{first}\n{text}\n")
    path.chmod(0o755)
    return f"./{name}"


class Endless:
    """What is written into it never ends: a pipe that stays open, or zero bytes for ever."""

    def __init__(self, busy):
        self.reader, self.writer = (os.open("/dev/zero", os.O_RDONLY), -1) if busy else os.pipe()

    def __enter__(self):
        return self.reader

    def __exit__(self, *_):
        os.close(self.reader)
        if self.writer >= 0:
            os.close(self.writer)


# ---- data ----------------------------------------------------------------------------------------


@link
@pytest.mark.parametrize("kind", ["EXEC", "SYSTEM"])
def test_both_ways(both, kind, link):
    result = both("-t1", "-", f"{kind}:cat{link}", input="héhé\n".encode())
    assert (result.status, result.out) == (0, "héhé\n".encode())
    # the shell is told to end; its cat learns it from the terminal, and complains
    assert result.err == b"" or ("pty" in link and b"cat: " in result.err)


@link
def test_shell_both_ways(nettool, link):
    result = nettool("-t1", "-", f"SHELL:cat{link}", input="où ?\n".encode(),
                     env={"SHELL": "/bin/sh"})
    assert (result.status, result.out) == (0, "où ?\n".encode())


@link
def test_dialogue(both, link):
    """Each word is there before the next one is asked for: nothing waits in a buffer of ours."""
    process = both.start("-", f"EXEC:cat{link}")
    for i in range(20):
        process.send(b"mot %d\n" % i)
        process.expect_out(b"mot %d\n" % i)
    assert process.wait().status == 0


@link
@both_ways_place
def test_large_data_through(nettool, place, link):
    """The program ends by itself once it has had everything, so a terminal will do as well."""
    data = random_bytes(3 * MIB)
    result = nettool( *at(place, f"EXEC:head -c {len(data)}{link}"), input=data)
    assert result.status == 0 and same(result.out, data)


@ending_link
def test_large_data_through_beside_socat(both, link):
    data = random_bytes(3 * MIB, 1)
    result = both("-t2", "-", f"EXEC:cat{link}", input=data)
    assert result.status == 0 and same(result.out, data)


@link
def test_large_data_from(both, link):
    result = both("-t2", "-", f"EXEC:head -c {8 * MIB} /dev/zero{link}")
    assert result.status == 0 and same(result.out, bytes(8 * MIB))


@ending_link
def test_large_data_to(both, tmp, link):
    data = random_bytes(8 * MIB)
    result = both("-u", "-", f"SYSTEM:cat >part && mv part whole{link}", input=data)
    wait_until(lambda: (tmp / "whole").exists())
    assert result.status == 0 and digest(tmp / "whole") == digest(data)


@ending_link
@pytest.mark.parametrize("command, output", [
    ("sort", b"a\nb\nc\n"),
    ("wc -c", b"6\n"),
    ("od -An -c", b"   b  \\n   a  \\n   c  \\n\n"),
    ("tail -1", b"c\n"),
])
def test_half_close(both, command, output, link):
    """Programs that say nothing before the end of their input; the answer still arrives."""
    result = both("-t2", "-", f"EXEC:{command}{link}", input=b"b\na\nc\n")
    assert (result.status, result.out, result.err) == (0, output, b"")


@ending_link
def test_half_close_from_the_network(both, link):
    server = both.listener("-t2", "TCP4-LISTEN:0,bind=127.0.0.1", f"EXEC:sort -n{link}")
    with server.connect() as peer:
        peer.sendall(b"10\n9\n8\n")
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == b"8\n9\n10\n"
    assert server.wait().status == 0


@ending_link
def test_no_time_is_too_long(nettool, link):
    """Once its input has ended a program may compute as long as it likes."""
    result = nettool("-", f"SYSTEM:sort; sleep 1.2; echo done{link}", input=b"b\na\n")
    assert (result.status, result.out) == (0, b"a\nb\ndone\n")


@link
@talking_place
def test_last_words(nettool, place, link):
    """What a program writes just before it ends arrives whole, whatever happens to our input."""
    for size in (1, 4096, 70000, 300000) * 5:
        for busy in (None, False, True):
            if busy is None:
                result = nettool(*at(place, f"EXEC:head -c {size} /dev/zero{link}"))
            else:
                with Endless(busy) as stdin:
                    result = nettool(*at(place, f"EXEC:head -c {size} /dev/zero{link}"),
                                     stdin=stdin)
            assert (result.status, result.err) == (0, b"")
            assert same(result.out[:size], bytes(size))


@link
@talking_place
@pytest.mark.parametrize("size", [70000, 250000, 1200000])
def test_slow_reader(nettool, place, link, size):
    """Whoever takes his time over what a program has left behind still gets it all."""
    reader, writer = os.pipe()
    process = nettool.start(*at(place, f"EXEC:head -c {size} /dev/zero{link}"), stdout=writer)
    os.close(writer)
    process.end_input()
    # longer than any silence is tolerated; it isn't silence
    with pytest.raises(subprocess.TimeoutExpired):
        process.popen.wait(1.5)
    assert same(read_all(reader), bytes(size))
    os.close(reader)
    assert process.wait().status == 0


@ending_link
def test_last_words_of_many_sessions(listener, link):
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork", f"EXEC:head -c 100000 /dev/zero{link}",
                      endless=True)
    for turn in range(30):
        with server.connect() as peer:
            if turn % 2:
                peer.shutdown(socket.SHUT_WR)
            assert same(read_all(peer), bytes(100000))
    wait_until(lambda: not children_of(server.pid))
    assert server.err == b""


@ending_link
def test_unread_input_is_no_failure(nettool, link):
    """A program may leave when it has seen enough: its status tells whether that is well."""
    for _ in range(20):
        for words in (("-",), ("-u", "-")):
            with Endless(True) as stdin:
                result = nettool(*words, f"EXEC:head -c 1{link}", stdin=stdin)
            assert (result.status, result.out, result.err) == (0, b"\0", b"")
        result = nettool("-", f"EXEC:echo oui{link}", input=b"unread\n")
        assert (result.status, result.out, result.err) == (0, b"oui\n", b"")


@pytest.mark.parametrize("link", [",pty,raw,echo=0", ",socktype=2", ",socktype=5"])
def test_endless_input_for_a_program_that_has_left(nettool, link):
    for words in (("-",), ("-u", "-")):
        with Endless(True) as stdin:
            result = nettool(*words, f"EXEC:true{link}", stdin=stdin)
        assert (result.status, result.err) == (0, b"")


@pytest.mark.parametrize("link", [*LINKS.values(), ",socktype=2", ",socktype=5"])
def test_end_while_our_input_is_open(nettool, link):
    with Endless(False) as stdin:
        result = nettool("-", f"EXEC:echo fin{link}", stdin=stdin)
    assert (result.status, result.out) == (0, b"fin\n")


@ending_link
def test_output_closed_early(both, tmp, link):
    """A program that has said all it had to say may still listen."""
    process = both.start("-t2", "-", f"SYSTEM:exec >&-; cat >got; mv got all{link}")
    process.send(b"one ")
    wait_until(lambda: (tmp / "got").exists() and (tmp / "got").read_bytes() == b"one ")
    process.send(b"two")
    assert process.wait().status == 0
    assert (tmp / "all").read_bytes() == b"one two"


@ending_link
def test_input_closed_early(nettool, link):
    """A program that wants to hear no more may still talk, and what it is sent is dropped."""
    with Endless(True) as stdin:
        result = nettool("-", f"SYSTEM:exec <&-; sleep 0.2; echo still here{link}", stdin=stdin)
    assert (result.status, result.out, result.err) == (0, b"still here\n", b"")


def test_terminal_without_an_end(nettool):
    """A terminal can't tell the program that we are done: after half a second it is all over."""
    result = nettool("-", "EXEC:cat,pty,raw,echo=0", input=b"sans fin")
    assert (result.status, result.out) == (0, b"sans fin")


@pytest.mark.parametrize("link", ["", ",pipes", ",pty"])
def test_one_way_to_a_program(nettool, tmp, link):
    """One that is only written to gets all of it, and its own output is ours."""
    result = nettool("-u", "-", f"SYSTEM:read a; read b; echo $a-$b; echo $b >file{link}",
                     input=b"un\ndeux\n")
    assert (result.status, result.out, result.err) == (0, b"un-deux\n", b"")
    assert (tmp / "file").read_bytes() == b"deux\n"


@ending_link
def test_one_way_waits_for_the_program(nettool, tmp, link):
    """It is at work until it ends, however long that takes."""
    for words in (("-u", "-", "{}"), ("-U", "{}", "-")):
        result = nettool(*at(words, f"SYSTEM:cat >part; sleep 1.2; mv part whole{link}"),
                         input=b"tout")
        assert (result.status, (tmp / "whole").read_bytes()) == (0, b"tout")
        (tmp / "whole").unlink()


@ending_link
def test_one_way_with_a_time_limit(nettool, tmp, link):
    """-t limits that too: about a second, then SIGTERM."""
    result = nettool("-t0.1", "-u", "-", f"EXEC:{script(tmp, 'slow', STUBBORN)}{link}", input=b"x")
    assert result.status == 0
    wait_until(lambda: (tmp / "told").exists())


STUBBORN = "trap 'echo TERM >told; exit 0' TERM; cat >/dev/null; while :; do sleep 0.05; done"


@pytest.mark.parametrize("place", [("-u", "{}", "-"), ("-U", "-", "{}")], ids=["-u", "-U"])
@link
def test_one_way_from_a_program(both, place, link):
    """One that is only read from has our own input."""
    result = both(*at(place, f"EXEC:sort{link}"), input=b"2\n1\n")
    assert (result.status, result.out) == (0, b"1\n2\n")


@pytest.mark.parametrize("place", [("-u", "-", "{}"), ("-U", "{}", "-")], ids=["-u", "-U"])
def test_output_of_a_program_that_is_only_written_to(both, place):
    result = both(*at(place, "EXEC:od -An -c"), input=b"abc\n")
    assert (result.status, result.out) == (0, b"   a   b   c  \\n\n")


def test_dual_address(both, tmp):
    """The first half is read, the second one written, and each has our own other descriptor."""
    halves = "SYSTEM:echo premier; sleep 0.1; echo fin!!SYSTEM:cat >got; mv got all"
    result = both("-t10", "-", halves, input=b"second")
    assert (result.status, result.out) == (0, b"premier\nfin\n")
    wait_until(lambda: (tmp / "all").exists())
    assert (tmp / "all").read_bytes() == b"second"


def test_dual_address_of_two_programs(nettool):
    """Both programs talk, one of them to us directly."""
    result = nettool("-", "EXEC:echo from the left!!EXEC:sort -r", input=b"a\nb\n")
    assert result.status == 0 and result.err == b""
    assert sorted(result.out.splitlines()) == [b"a", b"b", b"from the left"]
    assert result.out.index(b"b\n") < result.out.index(b"a\n")


def test_dual_address_on_the_left(nettool):
    result = nettool("EXEC:echo question!!EXEC:tr a-z A-Z", "EXEC:cat")
    assert (result.status, result.out, result.err) == (0, b"QUESTION\n", b"")


def test_program_to_program(both):
    result = both("-t10", "EXEC:seq 1000", "SYSTEM:cat >&2")
    assert result.status == 0 and result.err == b"".join(b"%d\n" % i for i in range(1, 1001))


# ---- commands ------------------------------------------------------------------------------------


def test_command_of_many_lines(both):
    """A newline in the text of SYSTEM is a newline for the shell."""
    result = both("-t10", "-", "SYSTEM:while read -r name\ndo\n\techo \\\"salut $name\\\"\ndone\n",
                  input=b"Zo\xc3\xab\nAd\xc3\xa8le\n")
    assert result.status == 0
    assert result.out in (b"salut Zo\xc3\xab\nsalut Ad\xc3\xa8le\n",
                          b'"salut Zo\xc3\xab"\n"salut Ad\xc3\xa8le"\n')


def test_script_in_quotes(nettool):
    """What stands in quotes reaches the shell as it was written, over as many lines as it likes."""
    command = 'set -e\nread -r a b\nprintf "%s, %s; " "$b" "$a"\n# fin'
    result = nettool("-", f"SYSTEM:'\n{command}\n'", input=b"un deux\n")
    assert (result.status, result.out) == (0, b"deux, un; ")


@pytest.mark.parametrize("address, output", [
    ("EXEC:echo a\\:b", b"a:b\n"),
    ("SYSTEM:echo a\\:b", b"a:b\n"),
    ("EXEC:'echo a:b'", b"a:b\n"),
    ("EXEC:\"echo 'a:b  c' d\"", b"a:b  c d\n"),
    ("EXEC:echo  a   b", b"a b\n"),
    ("EXEC:printf %s. '\"un deux\"' trois", b"un deux.trois."),
    ("EXEC:printf %s. \\\"\\\" x", b".x."),
    ("EXEC:echo a\\,b", b"a,b\n"),
    ("SYSTEM:echo a\\,b", b"a,b\n"),
    ("EXEC:echo $HOME '*' ;", b"$HOME * ;\n"),
])
def test_quotes_and_colons(both, address, output):
    """EXEC makes words and asks no shell; quotes or a backslash protect a colon and a comma."""
    result = both("-t10", "-", address)
    assert (result.status, result.out, result.err) == (0, output, b"")


@pytest.mark.parametrize("address, output", [
    ("SYSTEM:echo a:b", b"a:b\n"),
    ("EXEC:echo a:b", b"a:b\n"),
    ("EXEC: echo  a   b ", b"a b\n"),
    ("SYSTEM:printf %s. \"un  deux\" 'a, b:c'", b"un  deux.a, b:c."),
    ("SYSTEM:'sed \"s/^/x : /\"'", b"x : entr\xc3\xa9e\n"),
    ("SYSTEM:sed 's/^/x\\\\t: /'", b"x\\t: entr\xc3\xa9e\n"),
])
def test_kinder_quotes(nettool, address, output):
    """Where socat takes the quotes away before the shell can see them, or wants a colon escaped."""
    result = nettool("-", address, input="entrée\n".encode())
    assert (result.status, result.out, result.err) == (0, output, b"")


def test_packets_to_and_from_a_program(both, tmp):
    """socktype=2: each message is one read and one write, in either direction."""
    (tmp / "echo.py").write_text("import os\n"
                                 "while True:\n"
                                 "    data = os.read(0, 65536)\n"
                                 "    os.write(1, b'%d:' % len(data) + data)\n")
    server = both.start("-d", "-d", "UDP4-LISTEN:0,bind=127.0.0.1",
                        f"EXEC:{PYTHON} echo.py,socktype=2", endless=True)
    port = server.expect_err(re.compile(rb"listening on .*127\.0\.0\.1:(\d+)"))[1]
    with udp_socket() as peer:
        peer.connect(("127.0.0.1", int(port)))
        for size in (1, 7, 1000, 3):
            peer.send(b"x" * size)
        for size in (1, 7, 1000, 3):
            assert peer.recv(65536) == b"%d:" % size + b"x" * size


def test_packets_from_a_program(nettool, tmp):
    """Boundaries survive, the empty message too, and the end of the program is the end."""
    (tmp / "say.py").write_text("import os\nfor w in (b'a', b'bb', b'', b'ccc'): os.write(1, w)\n")
    with udp_socket() as peer:
        for _ in range(10):
            result = nettool("-u", f"EXEC:{PYTHON} say.py,socktype=2",
                             f"UDP4-SENDTO:{name_of(peer)}")
            assert (result.status, result.err) == (0, b"")
            assert [peer.recv(100) for _ in range(4)] == [b"a", b"bb", b"", b"ccc"]


def test_packets_of_a_connection(nettool, tmp):
    """SEQPACKET keeps boundaries and tells its end."""
    (tmp / "say.py").write_text("import os\n"
                                "while data := os.read(0, 100):\n    os.write(1, data[::-1])\n"
                                "os.write(1, b'end')\n")
    with unix_server(tmp / "peer", socket.SOCK_SEQPACKET) as server:
        process = nettool.start("UNIX-CONNECT:peer,socktype=5",
                                f"EXEC:{PYTHON} say.py,socktype=5")
        peer, _ = server.accept()
        with peer:
            peer.settimeout(DEADLINE)
            peer.send(b"abc")
            peer.send(b"de")
            assert [peer.recv(100), peer.recv(100)] == [b"cba", b"ed"]
            peer.shutdown(socket.SHUT_WR)
            assert [peer.recv(100), peer.recv(100)] == [b"end", b""]
    assert process.wait().status == 0


# ---- how it ends ---------------------------------------------------------------------------------


@link
@place
def test_status(nettool, place, link):
    """0 is 0, any other end is 1, whether our input has ended, is open or never stops."""
    for command, status in (("true", 0), ("exit 3", 1), ("kill -9 $$", 1)):
        for _ in range(4):
            results = [nettool(*at(place, f"SYSTEM:{command}{link}"))]
            for busy in (False, True):
                with Endless(busy) as stdin:
                    results.append(nettool(*at(place, f"SYSTEM:{command}{link}"), stdin=stdin))
            assert [result.status for result in results] == [status] * 3, (command, results)


@both_ways_place
def test_status_beside_socat(both, place):
    """In both directions; in one of them alone socat's answer is a matter of luck."""
    assert both("-t10", *at(place, "SYSTEM:exec <&-; sleep 0.1; exit 0")).status == 0
    assert both("-t10", *at(place, "SYSTEM:cat >/dev/null; sleep 0.2")).status == 0
    with Endless(False) as stdin:
        assert both("-t10", *at(place, "SYSTEM:exit 3"), stdin=stdin).status == 1


@link
@pytest.mark.parametrize("command", [
    "exec <&- >&-; sleep 0.05; exit 3",  # the end of data first, its own end later
    "exec >&-; cat >/dev/null; exit 3",
    "exec <&-; sleep 0.05; echo x; exit 3",
    "cat; exit 3",
    "sleep 0.05; kill -9 $$",
])
def test_failure_after_the_end_of_data(nettool, command, link):
    if link.startswith(",pty") and "cat" in command:
        command = command.replace("cat", "head -c 4")
    for _ in range(5):
        result = nettool("-", f"SYSTEM:{command}{link}", input=b"mot\n")
        assert result.status == 1
        assert re.fullmatch(r"nettool: warning: SYSTEM:.*: the program exited "
                            r"(with status 3|on signal 9)\n", result.text, re.S)


@link
def test_failure_too_late_to_matter(nettool, tmp, link):
    """All data has passed and the program does something else: it is told to end, that's all."""
    command = script(tmp, "late", "trap 'echo >told; exit 5' TERM; exec <&- >&-\n"
                                  "while :; do sleep 0.02; done")
    result = nettool("-", f"EXEC:{command}{link}")
    assert (result.status, result.err) == (0, b"")
    wait_until(lambda: (tmp / "told").exists())


@link
@pytest.mark.parametrize("wait, status", [("exit 3", 1), ("true", 0), ("kill $$", 1)])
def test_end_before_the_transfer(nettool, wait, status, link):
    """The program is gone before the first byte is waited for."""
    for words in PLACES.values():
        result = nettool(*at(words, f"SYSTEM:{wait}{link}"), env={"SOCAT_TRANSFER_WAIT": "0.2"})
        assert result.status == status


def test_output_of_one_that_failed_before_the_transfer(nettool):
    result = nettool("-", "SYSTEM:echo adieu; exit 3", env={"SOCAT_TRANSFER_WAIT": "0.2"})
    assert (result.status, result.out) == (1, b"adieu\n")


@link
def test_ignoreeof_ignores_the_status_too(nettool, link):
    assert nettool("-", f"SYSTEM:exit 3{link},ignoreeof").status == 0


def test_the_other_side_ignores_its_end(nettool):
    """ignoreeof on our side; the end of the program is the end."""
    for status in (0, 3):
        result = nettool("-,ignoreeof", f"SYSTEM:sleep 0.1; echo oui; exit {status}")
        assert (result.status, result.out) == (int(status != 0), b"oui\n")


@pytest.mark.parametrize("halves", [("exit 2", "cat >/dev/null"),
                                    ("true", "cat >/dev/null; exit 2")])
def test_status_of_either_half(nettool, halves):
    for _ in range(5):
        result = nettool("-", f"SYSTEM:{halves[0]}!!SYSTEM:{halves[1]}", input=b"x")
        assert result.status == 1
        assert "exited with status 2" in result.text


def test_both_sides_fail(nettool):
    result = nettool("SYSTEM:exit 2", "SYSTEM:exit 3")
    assert result.status == 1
    assert {"2", "3"} == set(re.findall(r"exited with status (\d)", result.text))


def test_a_failing_session_is_its_own_business(listener):
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork", "SYSTEM:echo $$; exit 3",
                      endless=True)
    for _ in range(10):
        with server.connect() as peer:
            assert re.fullmatch(rb"\d+\n", read_all(peer))
    wait_until(lambda: not children_of(server.pid))
    assert server.running


@needs_linux
@link
def test_one_process_for_one_program(nettool, link):
    """EXEC forks once: the program is our child, and the only one."""
    process = nettool.start("-", f"EXEC:cat{link}")
    process.send(b"x")
    process.expect_out(b"x")
    (child,) = children_of(process.pid)
    with open(f"/proc/{child}/cmdline", "rb") as command:
        assert command.read() == b"cat\0"
    assert process.wait().status == 0
    wait_until(lambda: state_of(child) in ("", "Z"))


@link
def test_the_program_is_told_to_end(both, tmp, link):
    """One that still runs when all is over gets SIGTERM."""
    command = script(tmp, "stay", "trap 'echo TERM >told; exit' TERM; echo ready\n"
                                  "while :; do sleep 0.02; done")
    process = both.start("-t0.2", "-", f"EXEC:{command}{link}")
    process.expect_out(b"ready\n" if "pty" not in link else b"ready")
    assert process.wait().status == 0
    wait_until(lambda: (tmp / "told").exists() and (tmp / "told").read_bytes() == b"TERM\n")


@pytest.mark.parametrize("link", ["", ",pipes"])
def test_end_close_leaves_it_running(nettool, tmp, link):
    """With end-close nobody tells the program to end; the test does."""
    command = script(tmp, "stay", "trap '' HUP; trap 'echo TERM >told; exit' TERM\n"
                                  "echo $$ >pid.new; mv pid.new pid; echo ready\n"
                                  "while :; do sleep 0.02; done")
    process = nettool.start("-t0.2", "-", f"EXEC:{command}{link},end-close",
                            stderr=subprocess.DEVNULL)
    process.expect_out(b"ready")
    pid = int((tmp / "pid").read_text())
    try:
        assert process.wait().status == 0
        assert state_of(pid) not in ("", "Z") and not (tmp / "told").exists()
    finally:
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: (tmp / "told").exists() and state_of(pid) in ("", "Z"))


# ---- what the program is told --------------------------------------------------------------------


def variables(data):
    """The variables that `env` printed, as a dictionary."""
    return dict(line.split("=", 1) for line in data.decode().splitlines() if "=" in line)


def session_variables(server, connect=None):
    with connect() if connect else server.connect() as peer:
        here = peer.getsockname()
        peer.shutdown(socket.SHUT_WR)
        return variables(read_all(peer)), here


@pytest.mark.parametrize("kind", ["EXEC:env", "SYSTEM:env", "SHELL:env"])
def test_variables_of_a_tcp_session(listener, kind):
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork", kind, endless=True,
                      env={"SHELL": "/bin/sh"})
    for _ in range(2):
        got, (_, port) = session_variables(server)
        for prefix in ("NETTOOL_", "SOCAT_"):
            assert got[prefix + "PEERADDR"] == "127.0.0.1"
            assert got[prefix + "PEERPORT"] == str(port)
            assert got[prefix + "SOCKADDR"] == "127.0.0.1"
            assert got[prefix + "SOCKPORT"] == str(server.port)
            assert got[prefix + "PPID"] == str(server.pid)
            assert got[prefix + "PID"] not in (str(server.pid), "0")
            assert re.fullmatch(r"\d+(\.\d+)*\S*", got[prefix + "VERSION"])


def test_variables_beside_socat(both):
    """Those that socat sets mean the same."""
    server = both.listener("TCP4-LISTEN:0,bind=127.0.0.1,fork", "EXEC:env", endless=True)
    got, (_, port) = session_variables(server)
    assert got["SOCAT_PEERADDR"] == got["SOCAT_SOCKADDR"] == "127.0.0.1"
    assert (got["SOCAT_PEERPORT"], got["SOCAT_SOCKPORT"]) == (str(port), str(server.port))
    assert got["SOCAT_PPID"] == str(server.pid) != got["SOCAT_PID"]


def test_the_pid_is_that_of_the_session(listener):
    """The parent of the program."""
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork", "SYSTEM:echo $NETTOOL_PID $PPID",
                      endless=True)
    with server.connect() as peer:
        told, parent = read_all(peer).split()
    assert told == parent


@has_ipv6
def test_variables_of_ipv6(listener):
    server = listener("TCP6-LISTEN:0,bind=[::1]", "EXEC:env")
    got, (_, port, *_) = session_variables(server)
    loopback = "[0000:0000:0000:0000:0000:0000:0000:0001]"
    assert got["SOCAT_PEERADDR"] == got["SOCAT_SOCKADDR"] == loopback
    assert (got["SOCAT_PEERPORT"], got["SOCAT_SOCKPORT"]) == (str(port), str(server.port))
    assert server.wait().status == 0


def test_variables_of_a_unix_session(listener, tmp):
    server = listener("UNIX-LISTEN:room", "EXEC:env")
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(DEADLINE)
        peer.bind(os.fspath(tmp / "client"))
        peer.connect(os.fspath(tmp / "room"))
        peer.shutdown(socket.SHUT_WR)
        got = variables(read_all(peer))
    assert got["SOCAT_PEERADDR"] == os.fspath(tmp / "client")
    assert got["SOCAT_SOCKADDR"] == "room"
    assert "SOCAT_PEERPORT" not in got
    assert server.wait().status == 0


def test_variables_of_an_unnamed_unix_peer(listener, tmp):
    server = listener("UNIX-LISTEN:room", "EXEC:env")
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(DEADLINE)
        peer.connect(os.fspath(tmp / "room"))
        peer.shutdown(socket.SHUT_WR)
        assert variables(read_all(peer))["SOCAT_PEERADDR"] in ("<anon>", "")
    assert server.wait().status == 0


@pytest.mark.parametrize("address", ["UDP4-LISTEN:0,bind=127.0.0.1,fork",
                                     "UDP4-RECVFROM:0,bind=127.0.0.1,fork"])
def test_variables_of_udp(listener, address):
    server = listener("-t1", address, "SYSTEM:echo $SOCAT_PEERADDR $NETTOOL_PEERPORT $SOCAT_PPID",
                      endless=True)
    for _ in range(2):
        with udp_socket() as peer:
            peer.sendto(b"x", ("127.0.0.1", server.port))
            port = peer.getsockname()[1]
            assert peer.recv(100) == b"127.0.0.1 %d %d\n" % (port, server.pid)
    wait_until(lambda: not children_of(server.pid), deadline=30)


def test_no_session_no_peer(nettool):
    """A client tells its program of no peer, and of nothing that was there before."""
    result = nettool("-", "EXEC:env", env={"SOCAT_PEERADDR": "1.2.3.4", "NETTOOL_PEERPORT": "7"})
    got = variables(result.out)
    assert got["SOCAT_PID"] == got["SOCAT_PPID"] == got["NETTOOL_PID"] == got["NETTOOL_PPID"]
    assert result.status == 0


@pytest.mark.parametrize("option", [("-lp", "mon-outil"), ("-lpmon-outil",)])
def test_name_of_the_variables(both, option):
    result = both(*option, "-", "EXEC:env")
    got = variables(result.out)
    assert result.status == 0
    assert "MON-OUTIL_PID" in got and "MON-OUTIL_VERSION" in got


def test_variables_reach_no_other_program(listener):
    """Each session has its own, and the listener's environment is no one's."""
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork", "SYSTEM:read x; echo $SOCAT_PEERPORT",
                      endless=True)
    with server.connect() as first, server.connect() as second:
        second.sendall(b"\n")
        first.sendall(b"\n")
        assert read_until(first, b"\n") == b"%d\n" % first.getsockname()[1]
        assert read_until(second, b"\n") == b"%d\n" % second.getsockname()[1]


def test_variables_of_both_sides(nettool):
    """The environment is passed on whole."""
    result = nettool("-", "SYSTEM:echo $CAFÉ$MOT", env={"MOT": "été", "SOCAT_X": "y"})
    assert result.out.endswith("été\n".encode())


@needs_linux
@pytest.mark.parametrize("options", ["", ",pty", ",nofork", ",setsid"])
def test_signals_of_the_program(nettool, program, options):
    """It finds all signals as if it had been started without us."""
    def masks(result):
        return re.findall(r"^Sig(?:Blk|Ign|Cgt):\s+[0-9a-f]+", result.printed, re.M)

    without = masks(program("cat")("/proc/self/status"))
    assert len(without) == 3
    assert masks(nettool("-", f"EXEC:cat /proc/self/status{options}")) == without


def test_descriptors_wait(nettool, tmp):
    """No program expects a standard descriptor that doesn't wait."""
    (tmp / "flags.py").write_text(
        "import fcntl, os\n"
        "print([fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK for fd in (0, 1, 2)])\n")
    for link in LINKS.values():
        result = nettool("-", f"EXEC:{PYTHON} flags.py{link}")
        assert result.out.strip() == b"[0, 0, 0]"


def test_silence_while_it_works(nettool):
    """Nothing but the program talks."""
    process = nettool.start("-", "EXEC:cat")
    assert quiet(process.popen.stdout.fileno(), 0.2)
    assert process.wait().err == b""
