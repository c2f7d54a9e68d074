"""hub: one conversation of all connections, and of the second address."""

import operator
import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
import termios
import time

import pytest

from crowds import Member, descriptors, limited, memory_of, processor_time, rests
from netpeek import children_of, descriptors_of, has_ipv6
from terminals import Window
from tools import (
    DEADLINE,
    NETTOOL,
    SRCDIR,
    Background,
    is_asleep,
    needs_linux,
    needs_root,
    quiet,
    random_bytes,
    read_exactly,
    read_until,
    same,
    tcp_server,
    udp_socket,
    unix_client,
    wait_until,
)

LISTEN = "TCP4-LISTEN:0,bind=127.0.0.1"
ROOM = f"{LISTEN},hub"
NAMED = f"{LISTEN},hub,names"


@pytest.fixture
def room(listener):
    """Opens a hub, by default one that nobody sits at."""

    def open_room(*words, **more):
        return listener(*(words or (ROOM,)), endless=True, **more)

    return open_room


def join(server, count=None):
    """A member, or so many, of whom the hub knows."""
    if count is None:
        return Member(server.connect())
    members = [Member(server.connect()) for _ in range(count)]
    settle(members)
    return members


def settle(members):
    """Waits until all members of a room without names are in: the first one is heard by all others."""
    if len(members) < 2:
        return
    missing = set(members[1:])
    limit = time.monotonic() + DEADLINE
    while missing:
        members[0].say(b"anybody here?")
        for member in list(missing):
            if not member.hears_nothing(0.01):
                missing.discard(member)
        assert time.monotonic() < limit, f"{len(missing)} members are deaf"
    members[0].say(b"all are here.")
    for member in members[1:]:
        member.skip_to(b"all are here.")


def enter(server, others=()):
    """A member of a room with names, behind its welcome; the others have heard of it."""
    member = Member(server.connect())
    welcome = member.hear()
    assert welcome == (b"* you are %s; /nick NAME gives you another name, /who says who is here\n"
                       % member.name)
    for other in others:
        other.expect(b"* %s joined" % member.name)
    return member


def company(server, *names):
    """Members with these names, each of whom has heard of nothing."""
    members = []
    for name in names:
        member = enter(server, members)
        member.say(b"/nick " + name)
        member.expect(b"* you are now " + name)
        for other in members:
            other.expect(b"* %s is now %s" % (member.name, name))
        members.append(member)
    return members


# ---- who is there --------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [
    ROOM,
    "TCP-LISTEN:0,hub",
    f"{LISTEN},hub=lines",
    pytest.param("TCP6-LISTEN:0,bind=[::1],hub", marks=has_ipv6),
    "UNIX-LISTEN:{}/room,hub",
])
def test_everybody_hears_everybody_else(room, tmp, address):
    server = room(address.format(tmp))
    members = join(server, 4)
    for i, member in enumerate(members):
        member.say(b"%d says" % i, b"", "Hé, ça va ?".encode())
    for i, member in enumerate(members):
        lines = [member.hear() for _ in range(9)]
        for j in range(4):
            there = b"%d says\n" % j in lines
            assert there == (i != j)
        assert lines.count(b"\n") == 3 and lines.count("Hé, ça va ?\n".encode()) == 3
        assert member.hears_nothing(0.02)
        member.close()
    assert server.err == b""


def test_inherited_listener(start):
    with tcp_server() as listening:
        server = start(f"ACCEPT-FD:{listening.fileno()},hub", endless=True,
                       pass_fds=[listening.fileno()])
        members = [Member(socket.create_connection(listening.getsockname(), DEADLINE))
                   for _ in range(3)]
        settle(members)
        members[2].say(b"salut")
        members[0].expect(b"salut")
        members[1].expect(b"salut")
        for member in members:
            member.close()
        assert server.running


def test_abstract(start):
    name = f"nettool-hub-{os.getpid()}"
    server = start(f"ABSTRACT-LISTEN:{name},hub", endless=True)
    members = []
    for _ in range(2):
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(DEADLINE)
        wait_until(lambda: peer.connect_ex("\0" + name) == 0)
        members.append(Member(peer))
    settle(members)
    members[1].say(b"salut")
    members[0].expect(b"salut")
    for member in members:
        member.close()
    assert server.running


def test_sequenced_packets(room, tmp):
    """Each line arrives as a message."""
    server = room("UNIX-LISTEN:room,socktype=5,hub")
    peers = []
    for _ in range(3):
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        peer.settimeout(DEADLINE)
        peer.connect(str(tmp / "room"))
        peers.append(peer)
    rests(server)
    peers[0].send(b"un\ndeux\ntr")
    peers[0].send(b"ois\n")
    for peer in peers[1:]:
        assert [peer.recv(100) for _ in range(3)] == [b"un\n", b"deux\n", b"trois\n"]
    peers[0].close()
    peers[1].send(b"au revoir\n")
    assert peers[2].recv(100) == b"au revoir\n"
    for peer in peers:
        peer.close()


@pytest.mark.parametrize("count", [2, 50, 500])
def test_one_line_for_all(room, count):
    with descriptors(count + 200):
        server = room()
        members = join(server, count)
        members[-1].say(b"bonjour " + b"%d" % count)
        for member in members[:-1]:
            member.expect(b"bonjour %d" % count)
        assert members[-1].hears_nothing()
        for member in members:
            member.close()
    rests(server)


def test_echo(room):
    """With hub-echo one hears oneself, too, in the order in which all hear it."""
    server = room(f"{ROOM},hub-echo")
    one, other = join(server), join(server)
    settle([one, other])
    one.skip_to(b"all are here.")
    one.say(b"moi")
    one.expect(b"moi")
    other.expect(b"moi")
    alone = room(f"{ROOM},hub-echo")
    with join(alone) as member:
        member.say(b"hello?")
        member.expect(b"hello?")


def test_nobody_else(room):
    server = room()
    with join(server) as member:
        member.say(*[b"x" * 1000] * 1000)
        rests(server)
        assert member.hears_nothing()


# ---- lines ---------------------------------------------------------------------------------------


def test_half_lines_never_mix(room):
    server = room()
    one, two, ear = join(server, 3)
    one.socket.sendall(b"mi")
    two.socket.sendall(b"no")
    one.socket.sendall(b"di")
    two.say(b"uveau")
    ear.expect(b"nouveau")
    assert ear.hears_nothing()
    one.say(b"")
    ear.expect(b"midi")
    two.expect(b"midi")


def test_byte_by_byte(room):
    """Several at once who send a byte at a time; each line is one's own."""
    server = room()
    *talkers, ear = join(server, 5)
    lines = [b"%d:" % i + bytes([65 + i]) * 60 + b"\n" for i in range(4)]
    for i in range(len(lines[0])):
        for talker, line in zip(talkers, lines):
            talker.socket.sendall(line[i : i + 1])
    assert sorted(ear.hear() for _ in lines) == lines


def test_bytes_as_they_come(room):
    server = room(f"{LISTEN},hub=bytes")
    one, other = join(server, 2)
    one.socket.sendall(b"no end")
    assert read_exactly(other, 6) == b"no end"
    data = random_bytes(300000)
    writer = Background(one.socket.sendall, data)
    assert same(read_exactly(other, len(data)), data)
    writer.result()


def test_any_bytes(room):
    """Without names every byte passes unchanged."""
    server = room()
    one, other, more = join(server, 3)
    strange = [bytes(range(0, 10)) + bytes(range(11, 256)), b"\0" * 5000, b"\xff\xfe\xc3", b"\r",
               b"\x1b[2J\x1b]0;x\x07", b"/who", b"/nick x", b"\xe2\x80"]
    one.say(*strange)
    for line in strange:
        assert other.hear() == line + b"\n"
        assert more.hear() == line + b"\n"


@pytest.mark.parametrize("size", [65534, 65535, 65536, 65537, 131071, 131072, 1 << 20])
def test_long_lines(room, size):
    """A line of a mebibyte comes in parts, and nothing of it is lost or added."""
    server = room(f"{ROOM},hub-queue=8000000")
    one, other = join(server, 2)
    line = random_bytes(size, 7).replace(b"\n", b"\r") + b"\n"
    writer = Background(one.socket.sendall, line)
    assert same(read_exactly(other, len(line)), line)
    writer.result()
    other.say(b"merci")
    one.expect(b"merci")


def test_several_long_lines_at_once(room):
    """Parts are at most so long, and only whole parts are mixed."""
    server = room(f"{ROOM},hub-queue=8000000")
    *talkers, ear = join(server, 4)
    size = 200000
    writers = [Background(talker.socket.sendall, bytes([65 + i]) * size + b"\n")
               for i, talker in enumerate(talkers)]
    got = read_exactly(ear, 3 * (size + 1))
    for writer in writers:
        writer.result()
    for i in range(3):
        assert got.count(bytes([65 + i])) == size
    runs = re.findall(rb"A+|B+|C+", got)
    assert len(runs) <= 3 * (size // 65536 + 1)


def test_unfinished_line_at_the_end(room):
    """What was said is passed on, and the next one's words begin on a line of their own."""
    server = room()
    one, two, ear = join(server, 3)
    one.socket.sendall(b"au rev")
    one.socket.shutdown(socket.SHUT_WR)
    ear.expect(b"au rev")
    two.expect(b"au rev")
    two.say(b"adieu")
    ear.expect(b"adieu")
    assert one.hears_the_end()


def test_whole_line_at_the_end(room):
    server = room()
    one, ear = join(server, 2)
    one.say(b"fini")
    one.close()
    ear.expect(b"fini")
    assert ear.hears_nothing()


@pytest.mark.parametrize("option, end, said, lines", [
    ("crnl", b"\r\n", b"un\r\ndeux\r\n", [b"un", b"deux"]),
    ("crnl", b"\r\n", b"un\ndeux\n", [b"un", b"deux"]),
    ("cr", b"\r", b"un\rdeux\r", [b"un", b"deux"]),
    ("cr", b"\r", b"un\r\ndeux\n", [b"un", b"", b"deux"]),
])
def test_line_ends(room, option, end, said, lines):
    """As the members of old terminals want them; inside a line ends in LF."""
    server = room(f"{ROOM},{option}")
    one, other = join(server), join(server)
    wait_until(lambda: (one.socket.sendall(b"?" + end), not other.hears_nothing(0.01))[1])
    one.socket.sendall(b"!" + end + said)
    while other.hear(end) != b"!" + end:
        pass
    for line in lines:
        assert other.hear(end) == line + end
    assert other.hears_nothing(0.02)


def test_line_ends_are_each_doors_own(room, tmp):
    """CR LF in one room and LF in the other."""
    server = room(f"{ROOM},crnl", "UNIX-LISTEN:room,hub", count=2)
    with join(server) as net, Member(socket.socket(socket.AF_UNIX)) as local:
        local.socket.settimeout(DEADLINE)
        local.socket.connect(str(tmp / "room"))
        wait_until(lambda: (local.say(b"?"), not net.hears_nothing(0.01))[1])
        local.say(b"!")
        while (heard := net.hear()) == b"?\r\n":
            pass
        assert heard == b"!\r\n"
        net.socket.sendall(b"salut\r\n")
        local.expect(b"salut")


def test_only_line_ends_are_no_empty_packet(room, tmp):
    """An empty packet would mean the end."""
    server = room("UNIX-LISTEN:room,socktype=5,hub=bytes,crnl")
    peers = []
    for _ in range(2):
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        peer.settimeout(DEADLINE)
        peer.connect(str(tmp / "room"))
        peers.append(peer)
    rests(server)
    peers[0].send(b"\r")
    peers[0].send(b"\n")
    assert peers[1].recv(100) == b"\r\n"
    for peer in peers:
        peer.close()


# ---- order, and nothing lost ---------------------------------------------------------------------


def hear_all(members, lines, wanted, deadline=120):
    """Says each member's lines and hears what all are told, at the same time; returns it by member."""
    heard = {member: bytearray() for member in members}
    waiting = {member: memoryview(b"".join(lines[i])) for i, member in enumerate(members)}
    poll = select.epoll()
    by_number = {}
    for member in members:
        member.socket.setblocking(False)
        by_number[member.fileno()] = member
        poll.register(member.fileno(), select.EPOLLIN | select.EPOLLOUT)
    limit = time.monotonic() + max(deadline, DEADLINE)
    missing = set(members)
    while missing:
        assert time.monotonic() < limit, f"{len(missing)} members haven't heard all"
        for number, events in poll.poll(1):
            member = by_number[number]
            if events & select.EPOLLOUT:
                try:
                    sent = member.socket.send(waiting[member][:20000])
                    waiting[member] = waiting[member][sent:]
                except BlockingIOError:
                    pass
                if not waiting[member]:
                    poll.modify(number, select.EPOLLIN)
            if events & (select.EPOLLIN | select.EPOLLHUP):
                data = member.socket.recv(1 << 18)
                assert data, "a member was sent away"
                heard[member] += data
                if len(heard[member]) >= wanted:
                    missing.discard(member)
    poll.close()
    return heard


@needs_linux
@pytest.mark.parametrize("address", [f"{ROOM},hub-queue=200000000",
                                     f"{ROOM},hub-slow=block,hub-queue=5000"])
def test_200_members_200_lines(room, address):
    """Everybody hears every line of everybody else once, whole, and in the order of its speaker."""
    count = 200
    with descriptors(count + 200):
        server = room(address)
        members = join(server, count)
        lines = [[b"%03d %03d %s\n" % (i, j, b"x" * (j % 7)) for j in range(count)]
                 for i in range(count)]
        everything = b"".join(b"".join(one) for one in lines)
        speaker = operator.itemgetter(slice(0, 3))
        heard = hear_all(members, lines, len(everything) - len(b"".join(lines[0])))
        for i, member in enumerate(members):
            wanted = [line for j in range(count) if j != i for line in lines[j]]
            got = bytes(heard[member]).splitlines(True)
            # sorting keeps the order of what is equal: of each speaker's lines
            assert sorted(got, key=speaker) == wanted, f"member {i}"
            member.close()
    assert server.err == b""


# ---- members that vanish -------------------------------------------------------------------------


@needs_linux
def test_coming_and_going_leaves_nothing(room):
    server = room()
    with join(server) as stays:
        stays.say(b"x")
        wait_until(lambda: descriptors_of(server.pid) > 0)
        rests(server)
        before = descriptors_of(server.pid)
        for i in range(300):
            member = join(server)
            member.say(b"%d" % i)
            if i % 3 == 0:
                member.reset()
            elif i % 3 == 1:
                member.close()
            else:
                member.socket.shutdown(socket.SHUT_WR)
                while member.hear():
                    pass
                member.close()
            if i % 3:
                stays.skip_to(b"%d" % i)
        wait_until(lambda: descriptors_of(server.pid) == before)
        rests(server)


@needs_linux
@pytest.mark.parametrize("address", [ROOM, NAMED])
def test_gone_before_the_welcome(room, address):
    """Members who are gone again before they were told anything, many at a time."""
    server = room(address)
    first = join(server)
    rests(server)
    before = descriptors_of(server.pid)
    for _ in range(5):
        crowd = [server.connect() for _ in range(60)]
        for peer in crowd:
            Member(peer).reset()
    wait_until(lambda: descriptors_of(server.pid) == before)
    rests(server)
    with join(server) as second:
        second.say(b"?")
        while not first.hear().endswith(b"?\n"):
            pass


def test_reset_in_the_middle_of_a_line(room):
    """Half a line of who vanished does no harm to the lines of the others."""
    server = room()
    one, two, ear = join(server, 3)
    one.socket.sendall(b"never fin")
    rests(server)
    one.reset()
    two.say(b"alone now")
    lines = [ear.hear()]
    if lines[0] != b"alone now\n":
        lines.append(ear.hear())
    assert lines[-1] == b"alone now\n"
    assert lines[:-1] in ([], [b"never fin\n"])


def test_all_vanish_at_once(room):
    """Each of those who are told of the others' end is gone, too."""
    server = room(NAMED)
    for _ in range(5):
        members = [join(server) for _ in range(40)]
        for member in members:
            member.say(b"x" * 5000)
        for member in members:
            member.reset()
    member = join(server)
    member.say(b"/who")
    wait_until(lambda: member.hear() == b"* here: %s\n" % member.name
               or not member.say(b"/who"))
    rests(server)


def test_number_of_who_left_is_anothers(room):
    """A new member never hears what waited for the one whose place it has."""
    server = room(f"{NAMED},hub-queue=100000000")
    talker = enter(server)
    for i in range(10):
        old = join(server)
        old.hear()
        talker.skip_to(b"* %s joined" % old.name)
        talker.say(*[b"for the old %d " % i + b"x" * 1000] * 3000, b"/who")
        assert old.name in here(talker)
        old.reset()
        talker.skip_to(b"* %s left" % old.name)
        new = join(server)
        assert new.hear().startswith(b"* you are " + new.name)
        talker.expect(b"* %s joined" % new.name)
        talker.say(b"for the new %d" % i)
        new.expect(b"<%s> for the new %d" % (talker.name, i))
        new.close()
        talker.expect(b"* %s left" % new.name)


# ---- slow members --------------------------------------------------------------------------------


def flood(member, lines, size=1000):
    """Says numbered lines of a size, until it is told to stop."""
    for i in range(lines):
        member.socket.sendall(b"%08d " % i + b"y" * (size - 10) + b"\n")


def paced(member, lines, size=1000, batch=20):
    """Says numbered lines, a few at a time, and yields their numbers: for a listener who keeps up."""
    for start in range(0, lines, batch):
        member.say(*[b"%08d " % i + b"y" * (size - 10) for i in range(start, start + batch)])
        yield from range(start, start + batch)


def with_small_buffers(server, size=4096):
    """A member whose side of the connection holds little."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)
    peer.settimeout(DEADLINE)
    peer.connect(("127.0.0.1", server.port))
    return Member(peer)


@pytest.mark.parametrize("options", ["", ",hub-slow=close", ",hub-queue=100000"])
def test_slow_member_is_closed(room, options):
    """It has to go, all others hear of it and everything else, and it heard whole lines only."""
    server = room(f"{NAMED},sndbuf=16384{options}")
    slow = with_small_buffers(server)
    slow.hear()
    talker = enter(server, [])
    ear = enter(server, [talker])
    lines = 20000
    told = 0
    for i in paced(talker, lines):
        line = ear.hear()
        if line == b"* %s left: too slow\n" % slow.name:
            told += 1
            line = ear.hear()
        assert line.startswith(b"<%s> %08d " % (talker.name, i))
    assert told == 1
    server.expect_err(b"too slow")
    assert server.err.count(b"too slow") == 1
    talker.skip_to(b"* %s left: too slow" % slow.name)
    got = read_to_end(slow)
    whole = got[: got.rindex(b"\n") + 1].splitlines()
    spoken = [line for line in whole if line.startswith(b"<")]
    assert len(spoken) < lines
    for i, line in enumerate(spoken):
        assert line.startswith(b"<%s> %08d y" % (talker.name, i))
    assert talker.hears_nothing() and ear.hears_nothing()


def read_to_end(member):
    """All that a member still hears, however it ends."""
    got = member.heard
    try:
        while data := member.socket.recv(1 << 16):
            got += data
    except ConnectionResetError:
        pass
    return got


def test_slow_member_misses_lines(room):
    """With drop whole lines are left out, it may stay, and hears again when it listens again."""
    server = room("-d", "-d", f"{ROOM},sndbuf=16384,hub-slow=drop,hub-queue=100000")
    talker, ear = join(server, 2)
    slow = with_small_buffers(server)
    wait_until(lambda: (talker.say(b"?"), not slow.hears_nothing(0.01))[1])
    talker.say(b"all are here.")
    ear.skip_to(b"all are here.")
    lines = 20000
    for i in paced(talker, lines):
        assert ear.hear().startswith(b"%08d y" % i)
    slow.skip_to(b"all are here.")
    talker.say(b"the end")
    got = []
    while True:
        if not got or slow.hears_nothing(0.5):
            talker.say(b"the end")
        line = slow.hear()
        if line == b"the end\n":
            break
        assert len(line) == 1000, line
        got.append(int(line[:8]))
    assert got == sorted(set(got)) and 0 < len(got) < lines
    slow.close()
    found = server.expect_err(re.compile(rb"(\d+) lines were left out for a slow member"))
    assert int(found[1]) >= lines - len(got)


def with_one_who_does_not_listen(room):
    """A room that waits for its slowest member: it, somebody who says lines, and somebody who hears."""
    server = room(f"{ROOM},sndbuf=16384,rcvbuf=16384,hub-slow=block,hub-queue=20000")
    talker = with_small_buffers(server, 16384)
    slow, ear = with_small_buffers(server, 16384), join(server)
    settle([talker, slow, ear])
    return server, slow, talker, ear


def test_all_wait_for_a_slow_member(room):
    """With block nothing is lost: whoever speaks has to wait until the slow one has listened."""
    server, slow, talker, ear = with_one_who_does_not_listen(room)
    lines = 3000
    writer = Background(flood, talker, lines)
    reader = Background(lambda: [ear.hear() for _ in range(lines)])
    rests(server)
    assert writer.running
    for i in range(lines):
        assert slow.hear().startswith(b"%08d y" % i)
    writer.result()
    for i, line in enumerate(reader.result()):
        assert line.startswith(b"%08d y" % i)
    assert server.err == b""


@pytest.mark.parametrize("how", ["reset", "close", "half"])
def test_slow_member_vanishes_while_all_wait(room, how):
    """Whoever was waited for is gone: the others go on, and nothing of theirs is lost."""
    server, slow, talker, ear = with_one_who_does_not_listen(room)
    lines = 3000
    writer = Background(flood, talker, lines)
    reader = Background(lambda: [ear.hear() for _ in range(lines)])
    rests(server)
    assert writer.running
    if how == "half":
        slow.socket.shutdown(socket.SHUT_WR)
        rests(server)
        slow.reset()
    else:
        getattr(slow, how)()
    writer.result()
    for i, line in enumerate(reader.result()):
        assert line.startswith(b"%08d y" % i)


@needs_linux
def test_stopped_member(room, program):
    """A process that was stopped is slow, and disturbs nobody."""
    server = room(f"{ROOM},hub-queue=100000,sndbuf=16384")
    stopped = program("nc").start("127.0.0.1", str(server.port), endless=True)
    talker, ear = join(server, 2)
    wait_until(lambda: (talker.say(b"?"), stopped.out != b"")[1])
    talker.say(b"all are here.")
    ear.skip_to(b"all are here.")
    stopped.send_signal(signal.SIGSTOP)
    try:
        for i in paced(talker, 20000):
            assert ear.hear().startswith(b"%08d y" % i)
        server.expect_err(b"too slow")
    finally:
        stopped.send_signal(signal.SIGCONT)
    stopped.stop()


def test_flooding_member(room):
    """One says as much as it can; the others hear each other all the same."""
    server = room(f"{ROOM},hub-queue=200000000")
    noisy, one, other = join(server, 3)
    noise = Background(noisy.say, *[b"noise" * 2000] * 4000)
    for i in range(50):
        one.say(b"question %d" % i)
        other.skip_to(b"question %d" % i)
        other.say(b"answer %d" % i)
        one.skip_to(b"answer %d" % i)
    noise.result()
    noisy.say(b"enough")
    for member in (one, other):
        assert set(member.skip_to(b"enough")) <= {b"noise" * 2000} | {
            b"%s %d" % (word, i) for word in (b"question", b"answer") for i in range(50)}


# ---- names ---------------------------------------------------------------------------------------


def test_names(room):
    """Welcome, prefix, arrivals and departures."""
    server = room(NAMED)
    ana = enter(server)
    bo = enter(server, [ana])
    ana.say(b"salut")
    bo.expect(b"<%s> salut" % ana.name)
    ana.say(b"/nick ana")
    ana.expect(b"* you are now ana")
    bo.expect(b"* %s is now ana" % ana.name)
    ana.say(b"", b"c'est moi")
    bo.expect(b"<ana> ", b"<ana> c'est moi")
    assert ana.hears_nothing()
    bo.say(b"/who")
    assert bo.hear() in (b"* here: ana, %s\n" % bo.name, b"* here: %s, ana\n" % bo.name)
    assert ana.hears_nothing()
    ana.close()
    bo.expect(b"* ana left")
    bo.say(b"/who")
    bo.expect(b"* here: " + bo.name)
    ana = enter(server, [bo])
    ana.say(b"/nick ana")
    ana.expect(b"* you are now ana")


def test_names_and_echo(room):
    server = room(f"{NAMED},hub-echo")
    ana = enter(server)
    ana.say(b"salut")
    ana.expect(b"<%s> salut" % ana.name)


@pytest.mark.parametrize("name, answer", [
    (b"", b"missing"),
    (b"   ", b"missing"),
    (b"deux mots", b"blank"),
    (b"<ana>", b"<"),
    (b"*", b"begin"),
    (b"/ana", b"begin"),
    (b"a\x1b[31m", b"seen"),
    (b"a\x07", b"seen"),
    (b"a\0b", b"seen"),
    (b"a\tb", b"seen"),
    (b"\xff\xfe", b"seen"),
    (b"\xc3", b"seen"),
    ("ana\u202ebo".encode(), b"seen"),
    ("ana\u200b".encode(), b"seen"),
    ("ana\u00a0".encode(), b"seen"),
    ("ana\u3000cy".encode(), b"seen"),
    (b"\xc2\x85", b"seen"),
    (b"x" * 33, b"32"),
    ("é".encode() * 33, b"32"),
    (b"x" * 60000, b"32"),
    (b"bo", b"taken"),
    (b"Bo", b"taken"),
    (b"BO", b"taken"),
])
def test_names_that_cannot_be(room, name, answer):
    """One line to that member alone, and it keeps the name it had."""
    server = room(NAMED)
    ana, bo = company(server, b"ana", b"bo")
    ana.say(b"/nick " + name)
    line = ana.hear()
    assert line.startswith(b"* ") and answer in line and line.count(b"\n") == 1
    assert not re.search(rb"[\0-\x09\x0b-\x1f\x7f]", line)
    line.decode()
    ana.say(b"encore moi")
    bo.expect(b"<ana> encore moi")
    assert ana.hears_nothing(0.02)


@pytest.mark.parametrize("name", [
    "é", "山田太郎", "😀", "l'hiver", "x" * 32, "é" * 32, "😀" * 32, "127.0.0.1:1", "-2", "a/b*c",
])
def test_names_that_can_be(room, name):
    server = room(NAMED)
    ana, bo = company(server, b"ana", b"bo")
    ana.say(b"/nick " + name.encode())
    ana.expect(b"* you are now " + name.encode())
    bo.expect(b"* ana is now " + name.encode())
    ana.say(b"salut")
    bo.expect(b"<%s> salut" % name.encode())


@pytest.mark.parametrize("line", [b"/nick  ana", b"/nick ana  ", b"/nick ana\r", b"/nick ana \r"])
def test_blanks_around_a_name(room, line):
    """As people type it, and as telnet sends it."""
    server = room(NAMED)
    with enter(server) as member:
        member.say(line)
        member.expect(b"* you are now ana")


def test_own_name_again(room):
    server = room(NAMED)
    ana, bo = company(server, b"ana", b"bo")
    ana.say(b"/nick Ana")
    ana.expect(b"* you are now Ana")
    bo.expect(b"* ana is now Ana")
    ana.say(b"x")
    bo.expect(b"<Ana> x")


@pytest.mark.parametrize("line", [b"/nickname x", b"/whoami", b"/help", b"/", b"//who", b" /who",
                                  b"x /who", b"/NICK x", b"/who\tx", b"/\0who"])
def test_lines_that_are_no_commands(room, line):
    """What the hub doesn't know is a line like any other."""
    server = room(NAMED)
    ana, bo = company(server, b"ana", b"bo")
    ana.say(line)
    bo.expect(b"<ana> " + line)
    assert ana.hears_nothing(0.02)


def test_commands_need_names(room):
    server = room()
    one, other = join(server, 2)
    one.say(b"/who", b"/nick x")
    other.expect(b"/who", b"/nick x")
    assert one.hears_nothing()


def test_name_fight(room):
    """However many want a name at once, one gets it."""
    server = room(NAMED)
    members = [Member(server.connect()) for _ in range(40)]
    for member in members:
        member.hear()
    for member in members:
        member.say(b"/nick champion")
    won = lost = 0
    for member in members:
        while True:
            line = member.hear()
            if line == b"* you are now champion\n":
                won += 1
                break
            if line == b"* the name champion is taken\n":
                lost += 1
                break
            assert line.startswith(b"* "), line
    assert (won, lost) == (1, 39)


def test_users_of_a_unix_room(room, tmp):
    """They are called by their user; the second one has a number, though somebody wanted that name."""
    server = room(f"UNIX-LISTEN:{tmp}/room,hub,names")
    user = b"uid%d" % os.getuid()
    first = join(server)
    assert first.hear().startswith(b"* you are %s;" % user)
    second = join(server)
    assert second.hear().startswith(b"* you are %s-2;" % user)
    first.expect(b"* %s-2 joined" % user)
    first.say(b"/nick %s-3" % user)
    first.expect(b"* you are now %s-3" % user)
    second.expect(b"* %s is now %s-3" % (user, user))
    third, fourth = join(server), None
    assert third.hear().startswith(b"* you are %s;" % user)
    fourth = join(server)
    assert fourth.hear().startswith(b"* you are %s-4;" % user)
    for member in (first, second, third, fourth):
        member.close()


def test_names_of_many(room):
    """/who names all, each once."""
    with descriptors(600):
        server = room(NAMED)
        members = [Member(server.connect()) for _ in range(300)]
        for member in members:
            member.hear()
        members[7].say(b"/who")
        while not (line := members[7].hear()).startswith(b"* here: "):
            pass
        names = line[8:-1].split(b", ")
        assert sorted(names) == sorted(member.name for member in members)
        for member in members:
            member.close()


def test_random_names(room):
    """Whatever bytes somebody wants to be called: the names that there are can always be shown."""
    server = room(NAMED)
    ana, bo = company(server, b"ana", b"bo")
    chance = random.Random(3)
    for _ in range(300):
        name = bytes(chance.choice((*range(256), *b"abc \xc3\xa9\xe2\x80")) for _ in range(
            chance.randrange(1, 12))).replace(b"\n", b"")
        ana.say(b"/nick " + name)
        line = ana.hear()
        assert line.startswith(b"* "), line
        assert line.decode()[:-1].isprintable(), line
    bo.say(b"/who")
    while not (line := bo.hear()).startswith(b"* here: "):
        assert line.decode()[:-1].isprintable(), line
    assert line.decode()[:-1].isprintable()
    assert len(line[8:-1].split(b", ")) == 2


@pytest.mark.parametrize("data", [
    b"\0" * 3000, b"\xff" * 3000, b"\x1b[2J", b"\r", b"\xc3", b"* bo left", b"<bo> not me",
])
def test_words_of_a_member_with_a_name(room, data):
    """Only the prefix is added; what was said is passed on as it is."""
    server = room(NAMED)
    ana, bo = company(server, b"ana", b"bo")
    ana.say(data)
    assert bo.hear() == b"<ana> " + data + b"\n"


@pytest.mark.parametrize("size", [65536, 65537, 131072, 300000])
def test_long_line_with_a_name(room, size):
    """Each part is a line with the name, so that nobody's words pass for another's."""
    server = room(f"{NAMED},hub-queue=8000000")
    ana, bo, cy = company(server, b"ana", b"bo", b"cy")
    ana.socket.sendall(b"x" * size)
    cy.say(b"between")
    bo.say(b"/who")
    got = b""
    while len(got) < size // 65536 * 65536:
        line = bo.hear()
        if line.startswith(b"<ana> "):
            assert set(line[6:-1]) == {120}
            got += line[6:-1]
        else:
            assert line == b"<cy> between\n" or line.startswith(b"* here: ")
    ana.say(b"<cy> I have lost.")
    while not (line := bo.hear()).endswith(b"<cy> I have lost.\n"):
        assert line.startswith((b"<ana> ", b"<cy> between", b"* here: ")), line
    assert line.startswith(b"<ana> ")


def test_long_line_that_begins_like_a_command(room):
    server = room(f"{NAMED},hub-queue=8000000")
    ana, bo = company(server, b"ana", b"bo")
    ana.say(b"/nick " + b"x" * 70000)
    assert bo.hear() == b"<ana> /nick " + b"x" * 65530 + b"\n"
    assert bo.hear() == b"<ana> " + b"x" * 4470 + b"\n"
    assert ana.hears_nothing()
    ana.say(b"/who")
    assert b"ana" in ana.hear()


def test_long_line_that_ends_with_its_part(room):
    """What is left is nothing but the end of the line: no empty line is made of it."""
    server = room(f"{NAMED},hub-queue=8000000")
    ana, bo = company(server, b"ana", b"bo")
    for end in (lambda: ana.say(b""), ana.close):
        ana.socket.sendall(b"x" * 65536)
        assert bo.hear() == b"<ana> " + b"x" * 65536 + b"\n"
        end()
    bo.expect(b"* ana left")


def test_last_words(room):
    """The end of what one says is the end of one's membership, but answers still come."""
    server = room(NAMED)
    ana, bo = company(server, b"ana", b"bo")
    ana.socket.sendall(b"bye\n/who\nunfin")
    ana.socket.shutdown(socket.SHUT_WR)
    assert b"here" in ana.hear()
    assert ana.hears_the_end()
    bo.expect(b"<ana> bye", b"<ana> unfin", b"* ana left")


def test_command_without_its_line_end(room):
    server = room(NAMED)
    ana, bo = company(server, b"ana", b"bo")
    ana.socket.sendall(b"/nick cy")
    ana.socket.shutdown(socket.SHUT_WR)
    ana.expect(b"* you are now cy")
    assert ana.hears_the_end()
    bo.expect(b"* ana is now cy", b"* cy left")


# ---- datagrams -----------------------------------------------------------------------------------


def sender(server):
    """A UDP socket that talks to a UDP listener."""
    peer = udp_socket()
    peer.connect(("127.0.0.1", server.port))
    return peer


def test_udp_members(room):
    """A line is a datagram; half lines wait for their other half."""
    server = room("UDP4-LISTEN:0,bind=127.0.0.1,hub")
    peers = [sender(server) for _ in range(4)]
    for i, peer in enumerate(peers):
        peer.send(b"%d is here\n" % i)
    wait_until(lambda: (peers[0].send(b"?\n"), not quiet(peers[3], 0.01))[1])
    peers[0].send(b"!\n")
    for peer in peers[1:]:
        while peer.recv(1000) != b"!\n":
            pass
    while not quiet(peers[0], 0.05):
        peers[0].recv(1000)
    peers[1].send(b"un\ndeux\ntr")
    peers[2].send(b"entier\n")
    peers[1].send(b"ois\n")
    got = [peers[0].recv(1000) for _ in range(4)]
    assert [line for line in got if line != b"entier\n"] == [b"un\n", b"deux\n", b"trois\n"]
    assert b"entier\n" in got
    for peer in peers:
        peer.close()


def test_udp_members_with_names(room):
    server = room("UDP4-LISTEN:0,bind=127.0.0.1,hub,names")
    one, other = sender(server), sender(server)
    one.send(b"salut\n")
    assert one.recv(1000).startswith(b"* you are 127.0.0.1:%d;" % one.getsockname()[1])
    other.send(b"/who\n")
    assert other.recv(1000).startswith(b"* you are 127.0.0.1:%d;" % other.getsockname()[1])
    while not (line := other.recv(1000)).startswith(b"* here: "):
        assert line == b"<127.0.0.1:%d> salut\n" % one.getsockname()[1]
    assert one.recv(1000) == b"* 127.0.0.1:%d joined\n" % other.getsockname()[1]
    other.send(b"")  # an empty packet is a farewell
    assert one.recv(1000) == b"* 127.0.0.1:%d left\n" % other.getsockname()[1]
    one.close()
    other.close()


@needs_linux
def test_udp_members_that_are_gone(room):
    """The kernel tells that nobody is there any more; silence does with -T."""
    server = room("-T0.3", "UDP4-LISTEN:0,bind=127.0.0.1,hub")
    before = descriptors_of(server.pid)
    for _ in range(20):
        with sender(server) as peer:
            peer.send(b"bye\n")
    wait_until(lambda: descriptors_of(server.pid) == before)
    rests(server)


def test_tcp_and_udp_in_one_conversation(room):
    server = room(ROOM, "UDP4-LISTEN:0,bind=127.0.0.1,hub", count=2)
    member = join(server)
    with udp_socket() as peer:
        peer.connect(("127.0.0.1", int(server.announced[1][1].rpartition(":")[2])))
        peer.send(b"par UDP\n")
        member.expect(b"par UDP")
        member.say(b"par TCP")
        assert peer.recv(100) == b"par TCP\n"
    member.close()


# ---- two rooms -----------------------------------------------------------------------------------


def test_bridge(room, tmp):
    """A TCP room and a UNIX room: all hear all."""
    server = room(NAMED, "UNIX-LISTEN:room,hub,names", count=2)
    user = b"uid%d" % os.getuid()
    ana = enter(server)
    local = Member(socket.socket(socket.AF_UNIX))
    local.socket.settimeout(DEADLINE)
    local.socket.connect(str(tmp / "room"))
    assert local.hear().startswith(b"* you are " + user)
    ana.expect(b"* %s joined" % user)
    local.say(b"/nick ana", b"/nick bo", b"salut")
    local.expect(b"* you are now ana")
    ana.expect(b"* %s is now ana" % user)
    local.expect(b"* you are now bo")
    ana.expect(b"* ana is now bo", b"<bo> salut")
    ana.say(b"salut bo")
    local.expect(b"<%s> salut bo" % ana.name)
    local.close()
    ana.expect(b"* bo left")
    assert server.stop().status == 143
    assert not (tmp / "room").exists()


@pytest.mark.parametrize("first, second", [(",names", ""), ("", ",names")])
def test_bridge_with_names_on_one_side(room, tmp, first, second):
    """Who has a name speaks with it, and who has none without."""
    server = room(f"{ROOM}{first}", f"UNIX-LISTEN:{tmp}/room,hub{second}", count=2)
    net = join(server)
    if first:
        net.hear()
    local = Member(socket.socket(socket.AF_UNIX))
    local.socket.settimeout(DEADLINE)
    local.socket.connect(str(tmp / "room"))
    named, plain = (net, local) if first else (local, net)
    if second:
        local.hear()
    wait_until(lambda: (plain.say(b"?"), not named.hears_nothing(0.01))[1])
    plain.say(b"sans nom")
    assert b"sans nom" in named.skip_to(b"sans nom") + [b"sans nom"]
    name = net.name if first else b"uid%d" % os.getuid()
    named.say(b"avec nom", b"/who")
    plain.skip_to(b"<%s> avec nom" % name)
    assert named.hear() == b"* here: %s\n" % name
    plain.say(b"/who")
    named.expect(b"/who")
    local.close()
    net.close()


def test_ends_of_a_bridge(room, tmp):
    """max-children and range are each door's own."""
    server = room(f"{ROOM},max-children=1", "UNIX-LISTEN:room,hub,max-children=2", count=2)
    first = join(server)
    locals_ = []
    for _ in range(3):
        member = Member(socket.socket(socket.AF_UNIX))
        member.socket.settimeout(DEADLINE)
        member.socket.connect(str(tmp / "room"))
        locals_.append(member)
    second = join(server)
    wait_until(lambda: (first.say(b"?"), not locals_[1].hears_nothing(0.01))[1])
    rests(server)
    assert second.hears_nothing() and locals_[2].hears_nothing()
    locals_[0].close()
    wait_until(lambda: (first.say(b"?"), not locals_[2].hears_nothing(0.01))[1])
    assert second.hears_nothing()
    first.close()
    wait_until(lambda: (locals_[1].say(b"?"), not second.hears_nothing(0.01))[1])
    for member in (second, *locals_):
        member.close()


# ---- who sits at the second address --------------------------------------------------------------


def test_standard_streams(room):
    """Who sits at the server types lines that all hear, and reads what all say."""
    server = room(ROOM, "STDIO")
    one, other = join(server, 2)
    server.send(b"bienvenue\nhalf")
    one.expect(b"bienvenue")
    other.expect(b"bienvenue")
    one.say(b"merci")
    other.expect(b"merci")
    server.expect_out(b"merci\n")
    assert one.hears_nothing()
    server.end_input()
    one.expect(b"half")
    other.expect(b"half")
    # the room stays open
    one.say(b"still here")
    other.expect(b"still here")
    server.expect_out(b"still here\n")
    rests(server)
    third = join(server)
    wait_until(lambda: (third.say(b"?"), not one.hears_nothing(0.01))[1])
    assert server.running


def test_standard_streams_with_names(room):
    server = room(NAMED, "-", env={"LOGNAME": "hôte"})
    ana = enter(server)
    server.expect_out(b"* %s joined\n" % ana.name)
    server.send(b"bonjour\n/who\n/nick maison\n")
    ana.expect("<hôte> bonjour".encode(), "* hôte is now maison".encode())
    server.expect_out(b"* you are now maison\n")
    ana.say(b"salut", b"/nick maison")
    server.expect_out(b"<%s> salut\n" % ana.name)
    ana.expect(b"* the name maison is taken")
    ana.close()
    server.expect_out(b"left\n")


def test_output_that_is_gone(start):
    """The reader of standard output leaves; the room stays."""
    reader, writer = os.pipe()
    announce, ready = os.pipe()
    server = start(f"--ready-fd={ready}", ROOM, "-", stdout=writer, pass_fds=[ready],
                   endless=True)
    os.close(writer)
    os.close(ready)
    port = int(read_until(announce, b"\n").rpartition(b":")[2])
    os.close(announce)
    members = [Member(socket.create_connection(("127.0.0.1", port), DEADLINE)) for _ in range(2)]
    settle(members)
    os.close(reader)
    for i in range(10):
        members[0].say(b"%d" % i)
        members[1].expect(b"%d" % i)
    rests(server)
    for member in members:
        member.close()


BOT = """
import sys
for line in sys.stdin:
    if line.rstrip().endswith("!ping"):
        print("pong à", line.split(">")[0].strip("<"), flush=True)
"""


@needs_linux
def test_program_as_a_member(room, tmp):
    """A bot hears all and answers all."""
    (tmp / "bot.py").write_text(BOT, encoding="utf-8")
    server = room(NAMED, f"EXEC:{sys.executable} bot.py")
    ana, bo = company(server, b"ana", b"bo")
    ana.say(b"!ping")
    name = ana.hear()
    assert re.fullmatch("<EXEC> pong à ana\n".encode(), name)
    bo.expect(b"<ana> !ping", name[:-1])
    bo.say(b"/who")
    assert sorted(bo.hear()[8:-1].split(b", ")) == sorted([b"ana", b"bo", name[1:name.index(b">")]])
    assert server.stop().status == 143


def test_calculator(room, program):
    program("bc")
    server = room(f"{ROOM},hub-echo", "EXEC:bc -q")
    one, other = join(server, 2)
    one.skip_to(b"all are here.")
    one.say(b"6*7")
    for member in (one, other):
        member.skip_to(b"42")


@pytest.mark.parametrize("second", ["PIPE", "EXEC:cat", "EXEC:cat,pipes", "SYSTEM:cat",
                                    "EXEC:cat,pty,rawer"])
def test_mirror(room, second):
    """What comes back from the second address is for all, the one who said it included."""
    server = room(ROOM, second)
    one, other = join(server), join(server)
    wait_until(lambda: (one.say(b"?"), not other.hears_nothing(0.01))[1])
    one.say(b"miroir")
    assert one.skip_to(b"miroir") is not None
    other.skip_to(b"miroir")
    other.skip_to(b"miroir")


@needs_linux
def test_program_that_ends(room):
    """Its place is empty, the room stays, and no zombie."""
    server = room(NAMED, "SYSTEM:while read x; do case $x in *allez) echo fini; exit;; esac; done")
    ana = enter(server)
    ana.say(b"allez")
    assert ana.hear().endswith(b"> fini\n")
    wait_until(lambda: not children_of(server.pid))
    bo = enter(server)
    ana.say(b"un", b"deux")
    bo.skip_to(b"<%s> un" % ana.name)
    rests(server)
    ana.say(b"trois", b"/who")
    bo.skip_to(b"<%s> trois" % ana.name)
    assert sorted(here(ana)) == sorted([ana.name, bo.name])


@needs_linux
def test_program_and_the_end_of_the_room(room, tmp):
    """The program is told, too."""
    server = room(ROOM, "SYSTEM:trap 'echo told >told; exit' TERM; >ready; "
                  "while :; do sleep 0.02; done")
    wait_until(lambda: (tmp / "ready").exists())
    assert server.stop().status == 143
    wait_until(lambda: (tmp / "told").exists())


@pytest.mark.parametrize("words", [(ROOM, "GOPEN:log"), ("-u", ROOM, "OPEN:log,creat,append"),
                                   ("-u", ROOM, "CREATE:log"), (ROOM, "./log")])
def test_log_of_all(room, tmp, words):
    server = room(*words)
    one, other = join(server), join(server)
    one.say(b"un")
    other.say(b"deux")
    one.say(b"trois")
    log = tmp / "log"
    wait_until(lambda: log.exists() and log.read_bytes().count(b"\n") == 3)
    assert sorted(log.read_bytes().splitlines()) == [b"deux", b"trois", b"un"]
    rests(server)


def test_file_that_is_read_out(room, tmp):
    """What the second address says before anybody is there nobody hears; its end ends nothing."""
    (tmp / "words").write_text("un\ndeux\n")
    server = room(ROOM, "OPEN:words,rdonly")
    one, other = join(server, 2)
    one.say(b"salut")
    other.expect(b"salut")
    rests(server)


def test_room_behind_a_room(room):
    """The second address of a hub is a member of another."""
    back = room()
    front = room(ROOM, f"TCP4:{back.address}")
    far, near = join(back), join(front)
    wait_until(lambda: (far.say(b"?"), not near.hears_nothing(0.01))[1])
    far.say(b"de loin")
    near.skip_to(b"de loin")
    near.say(b"de pres")
    far.skip_to(b"de pres")
    far.close()
    near.close()


def test_dual_second_address(room, tmp):
    """One half is heard, the other tells."""
    os.mkfifo(tmp / "in")
    server = room(ROOM, "PIPE:in!!CREATE:out")
    member = join(server)
    with open(tmp / "in", "wb", buffering=0) as words:
        wait_until(lambda: (words.write(b"?\n"), not member.hears_nothing(0.01))[1])
        words.write(b"par la\n")
        member.skip_to(b"par la")
    member.say(b"par ici")
    wait_until(lambda: (tmp / "out").read_bytes() == b"par ici\n")


@pytest.mark.parametrize("second", ["TCP4:127.0.0.1:1", "OPEN:no/such/file", "EXEC:no-such-thing"])
def test_second_address_that_cannot_be_opened(nettool, second):
    result = nettool(ROOM, second)
    assert result.status == 1
    assert second in result.text


# ---- an operator while all wait for a slow member -----------------------------------------------


def has_editor():
    """Whether this nettool was built with a line editor."""
    return b"CHAT" in subprocess.run([NETTOOL, "--list=addresses"], capture_output=True,
                                     check=False).stdout


needs_editor = pytest.mark.skipif(not has_editor(), reason="nettool was built without readline")


@pytest.fixture
def window():
    with Window() as window:
        yield window


@pytest.fixture
def stuck(nettool, window, tmp):
    """Begins a room that waits for a slow member -> (process of the operator, slow one, talker)."""
    members = []

    def begin(own=True):
        address = "UNIX-LISTEN:room,sndbuf=4096,rcvbuf=4096,hub,hub-slow=block,hub-queue=3000"
        env = {"XDG_STATE_HOME": str(tmp), "NO_COLOR": "1", "INPUTRC": "/dev/null"}
        process = window.start(nettool, address, "CHAT", own=own, env=env)
        wait_until(lambda: not window.settings()[3] & termios.ICANON)
        for _ in range(2):
            members.append(Member(socket.socket(socket.AF_UNIX)))
            members[-1].socket.settimeout(DEADLINE)
            members[-1].socket.connect(str(tmp / "room"))
        talker = members[1].socket
        talker.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        talker.setblocking(False)
        wait_until(lambda: nobody_takes(talker, window, process), what="a room that waits")
        return process, *members

    yield begin
    for member in members:
        member.close()


def nobody_takes(talker, window, process):
    """Says lines as long as somebody takes them; true once that, and what the window shows, is over.

    A process that is only kept from running is not asleep.
    """
    try:
        while True:
            talker.sendall(b"x" * 99 + b"\n")
    except BlockingIOError:
        pass
    window.pump()
    seen = len(window.text)
    if select.select([], [talker], [], 0.2)[1] or not is_asleep(process.pid):
        return False
    window.pump()
    return len(window.text) == seen


def shows_typed(window, text, above=""):
    """Waits until the line that one types is this, and the one above it ends so."""
    def is_shown(_):
        row = window.screen_of.cursor.y
        lines = window.screen_of.display[row - 1 : row + 1]
        return lines[1].rstrip() == text and lines[0].rstrip().endswith(above)

    window.wait_for(is_shown)


@needs_editor
def test_operator_types_while_all_wait(window, stuck):
    """He sees and edits his line, which is said as soon as the slow member has listened."""
    process, slow, _ = stuck()
    window.type("un mot")
    shows_typed(window, "un mot")
    window.type(b"\x7f" * 3 + "été\r".encode())
    shows_typed(window, "", "un été")
    window.type("encore")
    shows_typed(window, "encore")
    assert b"".join(slow.skip_to("un été".encode())).strip(b"x") == b""
    window.type(" un\r")
    slow.skip_to(b"encore un")
    window.type("/quit\r")
    assert process.wait().status == 0
    assert window.is_as_found()


@needs_editor
@pytest.mark.parametrize("keys", [("/quit\r",), ("\x04", "\x04"), ("\x03",),
                                  ("not heard\r", "/quit\r")])
def test_operator_leaves_while_all_wait(window, stuck, keys):
    process, slow, _ = stuck()
    for key in keys[:-1]:
        window.type(key)
        window.wait_for("leaves" if key == "\x04" else key.rstrip())
    assert process.running
    window.type(keys[-1])
    assert process.wait().status == 0
    assert window.is_as_found()
    assert set(read_to_end(slow)) == set(b"x\n")


@needs_editor
@needs_linux
def test_operator_vanishes_while_all_wait(window, stuck):
    """What he said last is passed on, and the room goes on without him."""
    process, slow, talker = stuck(own=False)
    window.type("adieu\r")
    shows_typed(window, "", "adieu")
    window.hang_up()
    rests(process)
    slow.skip_to(b"adieu")
    talker.socket.settimeout(DEADLINE)
    speaking = Background(talker.say, b"", b"encore")
    slow.skip_to(b"encore")
    speaking.result()
    rests(process)
    assert process.stop().status == 143


# ---- one way -------------------------------------------------------------------------------------


def test_only_the_second_address_hears(room):
    server = room("-u", ROOM, "-")
    one, other = join(server), join(server)
    one.say(b"un")
    server.expect_out(b"un\n")
    other.say(b"deux")
    server.expect_out(b"deux\n")
    assert one.hears_nothing() and other.hears_nothing()
    assert server.out == b"un\ndeux\n"


def test_only_the_second_address_speaks(room):
    server = room("-U", ROOM, "-")
    one, other = join(server), join(server)
    wait_until(lambda: (server.send(b"?\n"), not one.hears_nothing(0.01),
                        not other.hears_nothing(0.01))[1:] == (True, True))
    server.send(b"ecoutez\n")
    for member in (one, other):
        member.skip_to(b"ecoutez")
    one.say(b"moi aussi")
    rests(server)
    assert other.hears_nothing()
    assert server.out == b""


# ---- what is told about it -----------------------------------------------------------------------


def test_dump(room):
    server = room("-v", ROOM, "-")
    one, other = join(server), join(server)
    wait_until(lambda: (one.say(b"?"), not other.hears_nothing(0.01))[1])
    one.say(b"vu")
    other.skip_to(b"vu")
    server.expect_err(b"vu\n")
    assert re.search(rb"(?m)^> ", server.err)
    server.send(b"par moi\n")
    server.expect_err(b"par moi\n")
    assert re.search(rb"(?m)^< ", server.err)


def test_copies(room, tmp):
    server = room("-r", "rightward", "-R", "leftward", NAMED, "-", env={"LOGNAME": "hote"})
    ana = enter(server)
    ana.say(b"salut")
    server.send(b"bonjour\n")
    ana.expect(b"<hote> bonjour")
    wait_until(lambda: (tmp / "rightward").read_bytes() == b"<%s> salut\n" % ana.name)
    wait_until(lambda: (tmp / "leftward").read_bytes() == b"<hote> bonjour\n")


def test_statistics(listener):
    server = listener("--statistics", ROOM)
    one, other = join(server), join(server)
    wait_until(lambda: (one.say(b"?"), not other.hears_nothing(0.01))[1])
    one.say(b"!")
    questions = len(other.skip_to(b"!"))
    other.say(b"12345")
    one.expect(b"12345")
    server.send_signal(signal.SIGUSR1)
    wanted = b"hub: %d line(s), %d byte(s), 2 member(s)" % (questions + 2, 2 * questions + 8)
    server.expect_err(wanted)
    one.close()
    other.close()
    wait_until(lambda: descriptors_of(server.pid) < 9)
    assert wanted.replace(b"2 member", b"0 member") in server.stop().err


# ---- limits --------------------------------------------------------------------------------------


def test_silent_members_leave(room):
    """-T is the silence of a member; who talks stays, and so does who sits at the second address."""
    server = room("-T2", NAMED, "-")
    chatty, silent = company(server, b"chatty", b"silent")
    while silent.hears_nothing(0.05) or silent.hear():
        chatty.say(b"bla")
    chatty.expect(b"* silent left")
    chatty.say(b"seule")
    server.expect_out(b"<chatty> seule\n")
    assert chatty.hears_the_end()
    server.send(b"personne?\n")
    last = enter(server)
    server.send(b"si\n")
    while not last.hear().endswith(b"> si\n"):
        pass


@needs_linux
def test_silent_member_that_does_not_listen(room):
    """Neither its queue nor the clock keeps the hub busy, and in the end it is gone."""
    server = room("-T3", f"{ROOM},sndbuf=16384,hub-queue=50000000")
    silent = with_small_buffers(server)
    talker = join(server)
    wait_until(lambda: (talker.say(b"?"), not silent.hears_nothing(0.01))[1])
    before = descriptors_of(server.pid)
    for _ in range(100):
        talker.say(b"x" * 10000)

    def gone():
        talker.say(b"y")
        return descriptors_of(server.pid) < before

    rests_while(server, talker)
    wait_until(gone)
    silent.close()


def rests_while(server, talker):
    """The server does little while one says a word now and then."""
    limit = time.monotonic() + 1.5
    before = processor_time(server.pid)
    while time.monotonic() < limit:
        talker.say(b"z")
        time.sleep(0.05)
    used = processor_time(server.pid) - before
    assert used < os.sysconf("SC_CLK_TCK") / 2, f"{used} ticks"


def test_max_children(room):
    server = room(f"{NAMED},max-children=2")
    one = enter(server)
    two = enter(server, [one])
    late = join(server)
    assert late.hears_nothing()
    two.close()
    one.expect(b"* %s left" % two.name)
    assert late.hear().startswith(b"* you are ")
    one.expect(b"* %s joined" % late.name)


def test_range(room):
    server = room(f"{NAMED},range=127.0.0.2/32")
    with join(server) as stranger:
        assert stranger.hears_the_end()
    server.expect_err(b"refusing connection")
    friend = Member(socket.create_connection(("127.0.0.1", server.port), DEADLINE,
                                             ("127.0.0.2", 0)))
    assert friend.hear().startswith(b"* you are 127.0.0.2:")
    friend.close()


def test_accept_timeout(listener):
    """The doors close; when the last member has left, so does the hub, with status 0."""
    server = listener(f"{ROOM},accept-timeout=2")
    members = join(server), join(server)
    server.expect_err(b"accept: Connection timed out")
    members[0].say(b"encore la")
    members[1].expect(b"encore la")
    assert server.running
    for member in members:
        member.close()
    assert server.wait().status == 0


@needs_linux
def test_out_of_descriptors(room):
    """Those who are in talk on; those who aren't come in when somebody leaves."""
    server = room(preexec_fn=limited(20))
    one, other = join(server, 2)
    crowd = [join(server) for _ in range(30)]
    server.expect_err(b"Too many open files")
    one.say(b"toujours la")
    other.skip_to(b"toujours la")
    rests(server)
    for member in crowd[:20]:
        member.close()
    wait_until(lambda: (one.say(b"?"), not crowd[29].hears_nothing(0.01))[1])
    assert server.err.count(b"Too many open files") < 30
    for member in crowd:
        member.close()


@needs_linux
def test_10000_members(room, tmp):
    """At rest they cost nothing but a little memory, and one of them is heard by all."""
    count = 10000
    with descriptors(count + 200):
        server = room(f"UNIX-LISTEN:{tmp}/room,hub,backlog=10000")
        members = [Member(unix_client(server.announced[0][1])) for _ in range(count)]
        wait_until(lambda: descriptors_of(server.pid) > count)
        rests(server)
        used = memory_of(server.pid)
        assert used < count * 3, f"{used} kB for {count} members"
        members[5000].say(b"bonjour")
        for i, member in enumerate(members):
            if i != 5000:
                member.expect(b"bonjour")
        rests(server)
        assert server.stop().status == 143
        for member in members:
            member.close()


@needs_linux
@pytest.mark.parametrize("second", [
    None, "STDIO", "TEXT:bonjour", "PIPE", "PIPE:fifo", "STALL", "EXEC:cat", "EXEC:cat,pipes",
    "EXEC:cat,pty,rawer", "EXEC:true", "SYSTEM:exec >&-; cat >/dev/null", "OPEN:words", "GOPEN:log",
    "CREATE:log", "/dev/null", "OPEN:/dev/null,rdonly", "SOCKETPAIR", "EXEC:true,pty",
    "UDP4:127.0.0.1:9", "STDIN!!STDOUT",
])
@pytest.mark.parametrize("options", ["", ",names,crnl,hub-slow=block"])
def test_idle_rooms_cost_nothing(room, tmp, second, options):
    """Whatever sits at the second address, whether it has ended or not; whatever the members do."""
    (tmp / "words").write_text("un\ndeux\n")
    server = room("-T3600", f"{ROOM},sndbuf=16384,hub-queue=50000{options}",
                  *[second] if second else ())
    members = [with_small_buffers(server) for _ in range(4)]
    rests(server)
    server.end_input()
    members[0].say(b"salut", b"x" * 40000, b"x" * 40000)
    members[1].socket.shutdown(socket.SHUT_WR)
    rests(server)
    members[2].reset()
    rests(server)
    assert server.running
    for member in members:
        member.close()


# ---- the end -------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_room_closes(listener, tmp, number):
    server = listener(f"UNIX-LISTEN:{tmp}/room,hub,names")
    members = [join(server) for _ in range(3)]
    for member in members:
        member.hear()
    members[0].say(b"/who")
    while b"here" not in members[0].hear():
        pass
    server.ended_on_purpose = True
    server.send_signal(number)
    assert server.wait().status == 128 + number
    for member in members:
        lines = [member.hear() for _ in range(3)]
        assert b"* this room closes\n" in lines
        assert lines[lines.index(b"* this room closes\n") + 1] == b""
    assert not (tmp / "room").exists()


def test_the_end_without_names(listener):
    server = listener(ROOM)
    one, other = join(server, 2)
    assert server.stop().status == 143
    assert one.hears_the_end() and other.hears_the_end()


def test_what_waits_is_told_before_the_end(listener):
    """A member that reads gets all that waited for it, though that takes a while."""
    server = listener("-t60", f"{NAMED},sndbuf=16384,hub-queue=20000000")
    slow = with_small_buffers(server)
    slow.hear()
    talker = enter(server)
    lines = 2000
    flood(talker, lines)
    rests(server)
    server.ended_on_purpose = True
    server.send_signal(signal.SIGTERM)
    got = read_to_end(slow)
    assert server.wait().status == 143
    told = [line for line in got.splitlines() if line.startswith(b"<")]
    assert len(told) == lines
    assert got.endswith(b"* this room closes\n")


@pytest.mark.parametrize("option", [(), ("-t0.1",), ("-t0",)])
def test_who_does_not_listen_delays_no_end(listener, option):
    server = listener(*option, f"{NAMED},sndbuf=16384,hub-queue=20000000")
    slow = with_small_buffers(server)
    slow.hear()
    talker = enter(server)
    flood(talker, 2000)
    rests(server)
    assert server.stop().status == 143
    slow.close()


def test_signal_while_all_wait(listener):
    """A room that waits for a slow member can be closed."""
    server = listener(f"{ROOM},sndbuf=16384,hub-slow=block,hub-queue=20000")
    slow = with_small_buffers(server)
    talker = join(server)
    wait_until(lambda: (talker.say(b"?"), not slow.hears_nothing(0.01))[1])
    writer = Background(lambda: flooded(talker))
    rests(server)
    assert server.stop().status == 143
    writer.result()
    slow.close()


def flooded(talker):
    """Says lines until nobody takes them any more."""
    try:
        flood(talker, 20000)
    except OSError:
        pass


@needs_root
@pytest.mark.parametrize("second", [(), ("STDIO",)])
def test_user(room, second):
    server = room(f"{ROOM},su=nobody", *second)
    one, other = join(server, 2)
    with open(f"/proc/{server.pid}/status", encoding="ascii", errors="replace") as status:
        (line,) = [line for line in status if line.startswith("Uid:")]
    assert line.split()[1:] == ["65534"] * 4
    one.close()
    other.close()


# ---- members of all kinds ------------------------------------------------------------------------


@pytest.mark.parametrize("name, words", [
    ("nc", ("127.0.0.1", "{port}")),
    ("ncat", ("127.0.0.1", "{port}")),
    ("socat", ("-", "TCP4:127.0.0.1:{port}")),
    ("nettool", ("-", "TCP4:127.0.0.1:{port}")),
])
def test_peers(room, program, nettool, name, words):
    """The programs that people have."""
    server = room(NAMED)
    runner = nettool if name == "nettool" else program(name)
    peer = runner.start(*[word.format(port=server.port) for word in words], endless=True)
    peer.expect_out(b"* you are ")
    ana = enter(server)
    peer.expect_out(b"* %s joined\n" % ana.name)
    peer.send(b"/nick ami\nbonjour\n")
    peer.expect_out(b"* you are now ami\n")
    ana.skip_to(b"<ami> bonjour")
    ana.say("été".encode())
    peer.expect_out(b"<%s> \xc3\xa9t\xc3\xa9\n" % ana.name)
    peer.stop()
    ana.expect(b"* ami left")


def test_two_programs_and_no_socket_of_ours(room, program):
    server = room()
    one = program("nc").start("127.0.0.1", str(server.port), endless=True)
    other = program("socat").start("-", f"TCP4:127.0.0.1:{server.port}", endless=True)
    wait_until(lambda: (one.send(b"?\n"), b"?\n" in other.out)[1])
    other.send(b"reponse\n")
    one.expect_out(b"reponse\n")


# ---- in any order --------------------------------------------------------------------------------


def test_anything_goes(room):
    """Joins, leaves, resets, floods, half lines and renames; two who stay hear each other's lines."""
    server = room(f"{NAMED},hub-queue=500000000")
    ana, bo = company(server, b"ana", b"bo")
    over = []

    def guest(seed):
        chance = random.Random(seed)
        while not over:
            member = Member(server.connect(1))
            try:
                for _ in range(chance.randrange(6)):
                    what = chance.randrange(6)
                    if what == 0:
                        member.say(b"/nick guest%d" % chance.randrange(3))
                    elif what == 1:
                        member.socket.sendall(b"half")
                    elif what == 2:
                        member.say(*[b"many %d" % seed] * chance.randrange(100))
                    elif what == 3:
                        member.say(b"x" * chance.choice((10, 1000, 70000)))
                    elif what == 4:
                        member.socket.recv(1 << 16)
                    else:
                        member.say(b"/who", b"/nick \xff", b"\0\0")
                how = chance.randrange(3)
                if how == 0:
                    member.reset()
                elif how == 1:
                    member.socket.shutdown(socket.SHUT_WR)
                    member.socket.recv(100)
            except OSError:
                pass
            finally:
                member.close()

    guests = [Background(guest, seed) for seed in range(4)]
    whole = re.compile(rb"\* .*\n|<[^ <>]{1,64}> [^\n]*\n")
    try:
        for i in range(100):
            ana.say(b"a %d" % i)
            for line in iter(bo.hear, b"<ana> a %d\n" % i):
                assert whole.fullmatch(line), line
                assert not line.startswith(b"<ana>"), line
            bo.say(b"b %d" % i)
            for line in iter(ana.hear, b"<bo> b %d\n" % i):
                assert whole.fullmatch(line), line
                assert not line.startswith(b"<bo>"), line
    finally:
        over.append(True)
    for one in guests:
        one.result()
    rests(server)
    ana.say(b"/who")
    while not (line := ana.hear()).startswith(b"* here: "):
        pass
    wait_until(lambda: (ana.say(b"/who"), sorted(here(ana)) == [b"ana", b"bo"])[1])
    assert server.running


def here(member):
    """Whom the next answer to /who names."""
    while not (line := member.hear()).startswith(b"* here: "):
        pass
    return line[8:-1].split(b", ")


@needs_linux
def test_soak(program):
    """A short one of tests/soak/hub.py, where everything happens at once for a while."""
    soak = SRCDIR / "tests" / "soak" / "hub.py"
    result = program(sys.executable, soak)("5", env={"NETTOOL": NETTOOL}, timeout=120)
    assert result.status == 0, result.printed
    assert "too slow" in result.printed


# ---- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("words, phrase", [
    ((f"{LISTEN},hub,fork", "CREATE:made"), "only one of"),
    ((f"{LISTEN},hub,poll", "CREATE:made"), "only one of"),
    (("TCP:127.0.0.1:9,hub", "CREATE:made"), "listen"),
    (("UNIX-CONNECT:x,hub", "CREATE:made"), "hub"),
    (("PIPE,hub", "CREATE:made"), "hub"),
    (("CREATE:made", ROOM), "first"),
    (("STDIO", NAMED), "first"),
    ((f"{LISTEN},fork", ROOM), "first"),
    ((f"{LISTEN},poll", ROOM), "listen"),
    ((ROOM, "TCP:127.0.0.1:9,fork"), "fork"),
    ((ROOM, f"{LISTEN},fork"), "fork"),
    ((ROOM, "EXEC:cat,nofork"), "become a program"),
    ((ROOM, "STDIO,escape=0x1d"), "readpackets, ends-all and pause are not for"),
    ((ROOM, "STDIO,readbytes=4"), "readpackets, ends-all and pause are not for"),
    ((f"{ROOM},escape=4", "STDIO"), "are not for the members of a hub"),
    ((f"{ROOM},readbytes=4", "STDIO"), "are not for the members of a hub"),
    ((f"{ROOM},ignoreeof", "STDIO"), "are not for the members of a hub"),
    (("UDP4-RECVFROM:0,hub", "STDIO"), "takes one datagram"),
    (("UNIX-RECVFROM:made,hub", "STDIO"), "takes one datagram"),
    ((f"{LISTEN},hub=words", "CREATE:made"), "lines, bytes"),
    ((f"{LISTEN},hub=bytes,names", "CREATE:made"), "lines"),
    ((f"{LISTEN},names", "CREATE:made"), "needs option hub"),
    ((f"{LISTEN},hub-echo", "CREATE:made"), "needs option hub"),
    ((f"{LISTEN},hub-queue=10", "CREATE:made"), "needs option hub"),
    ((f"{LISTEN},fork,hub-slow=drop", "CREATE:made"), "needs option hub"),
    ((f"{ROOM},hub-slow=away", "CREATE:made"), "close, drop, block"),
    ((f"{ROOM},hub-queue=0", "CREATE:made"), "hub-queue"),
    ((f"{ROOM},hub-queue=much", "CREATE:made"), "hub-queue"),
    ((f"{ROOM}!!STDOUT", "CREATE:made"), "dual"),
    ((f"STDIN!!{ROOM}", "CREATE:made"), "dual"),
    ((LISTEN,), "2 addresses"),
    ((ROOM, "STDIN!!CREATE:made", "CREATE:made"), "addresses"),
])
def test_refused_combinations(nettool, tmp, words, phrase):
    """Status 2, a sentence, and nothing was opened."""
    for more in ((), ("--check",)):
        result = nettool(*more, *words)
        assert result.status == 2, result
        assert phrase in result.text
        assert list(tmp.iterdir()) == []
