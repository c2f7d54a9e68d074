#!/usr/bin/env python3
"""A long day in a hub: guests join, talk, flood, fall asleep, vanish and leave, in any order.

    tests/soak/hub.py [SECONDS [SEED]]      300 seconds unless said otherwise

The program is ./nettool, or what the variable NETTOOL names. Two residents talk to each other all the
time, one in a TCP room and one in a UNIX room that is joined to it: what they say has to arrive, whole
and in order. At the end, when all guests have left, the hub has as many descriptors as before, about as
much memory as after the first minutes (or the first third, of a short day), and rests. Where it has more, perhaps
because a crowded machine left no time for much, the day begins again, but not for ever. The last line
says how it was; the exit status is 1 if something was wrong.
"""

import os
import random
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

NETTOOL = os.path.abspath(os.environ.get("NETTOOL", "./nettool"))
PATIENCE = float(os.environ.get("NETTOOL_PATIENCE", "1"))
GUESTS = 60
QUEUE = 2 << 20
BATCH = 40  # things that guests do between two looks at the residents
GROWTH = 4096  # kilobytes of memory that may be more at the end than once everything had happened
ROUNDS = 4  # so often it may turn out that not everything had happened: a leak grows each time

WHOLE = re.compile(rb"\* [^\0-\x1f]+|<[^ <>\0-\x1f]{1,128}> .*", re.DOTALL)


class Failure(Exception):
    """Something that must not be."""


def reset(peer):
    """Vanishes without a farewell."""
    if peer.family != socket.AF_UNIX:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


class Resident:
    """Says numbered lines, and hears those of the other one, each once and in order."""

    def __init__(self, peer, name):
        self.peer, self.name = peer, name
        self.other = None
        self.said = self.heard = self.lines = 0
        self.named = False
        self.buffer = b""
        self.moved = time.monotonic()
        peer.setblocking(False)
        self.send(b"/nick " + name + b"\n")

    def fileno(self):
        return self.peer.fileno()

    def send(self, data):
        """Says something short, for which there is always room."""
        if self.peer.send(data) != len(data):
            raise Failure(f"no room for what {self.name} says")

    def talk(self):
        """Says a line, unless the other one has yet to hear many."""
        if self.said - self.other.heard < 20:
            self.send(b"mot n\xc2\xba %d\n" % self.said)
            self.said += 1

    def listen(self):
        """Takes what is there and looks at every line."""
        while True:
            try:
                data = self.peer.recv(1 << 20)
            except BlockingIOError:
                break
            if not data:
                raise Failure(f"{self.name} was sent away, after {self.buffer[-200:]!r}")
            *lines, self.buffer = (self.buffer + data).split(b"\n")
            self.lines += len(lines)
            for line in lines:
                self.check(line)
        if time.monotonic() - self.moved > 60 * PATIENCE and self.other.said > self.heard:
            raise Failure(f"{self.name} has heard nothing of the other for a minute")

    def check(self, line):
        """A line is whole, and if it is the other resident's, the next one."""
        if not WHOLE.fullmatch(line):
            raise Failure(f"{self.name} heard {line[:200]!r}")
        if line.startswith(b"<" + self.other.name + b"> "):
            if line != b"<%s> mot n\xc2\xba %d" % (self.other.name, self.heard):
                raise Failure(f"{self.name} heard {line[:200]!r} instead of number {self.heard}")
            self.heard += 1
            self.moved = time.monotonic()
        elif line == b"* you are now " + self.name:
            self.named = True
        elif line.startswith(b"<" + self.name + b"> "):
            raise Failure(f"{self.name} heard itself")


class Guest:
    """Somebody who does anything; never waits."""

    def __init__(self, peer, chance):
        self.peer, self.chance = peer, chance
        self.deaf = chance.random() < 0.2
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
        peer.setblocking(False)

    def act(self):
        """Does something, and returns whether the guest stays."""
        if not self.deaf:
            self.listen()
        elif self.chance.random() < 0.95:  # asleep
            return True
        what = self.chance.randrange(14)
        try:
            if what < 4:
                self.peer.send(b"bonjour\n")
            elif what == 4:
                self.peer.send(b"une moiti")
            elif what == 5:
                self.peer.send(b"/nick \xc3\xa9l\xc3\xa8ve%d\n" % self.chance.randrange(40))
            elif what == 6:
                self.peer.send(b"/who\n/nick\n/nick \x1b[2J\n/nick a b\n")
            elif what == 7:
                self.peer.send((b"flot" * 20 + b"\n") * self.chance.randrange(300))
            elif what == 8:
                self.peer.send(b"x" * self.chance.randrange(200000))
            elif what == 9:
                self.peer.send(self.chance.randbytes(self.chance.randrange(300)))
            elif what == 10:
                self.deaf = not self.deaf
            elif what == 11:
                self.peer.close()
            elif what == 12:
                reset(self.peer)
            elif what == 13:
                self.peer.shutdown(socket.SHUT_WR)
                self.peer.close()
        except BlockingIOError:
            pass
        except OSError:  # it was sent away
            self.peer.close()
        return self.peer.fileno() >= 0

    def listen(self):
        """Hears what there is."""
        try:
            while self.peer.recv(1 << 20):
                pass
        except OSError:
            pass


class Hub:
    """The server under test."""

    def __init__(self, folder):
        self.folder = folder
        reader, writer = os.pipe()
        self.errors = open(os.path.join(folder, "errors"), "w+b")
        # with small buffers everybody who floods has to wait until he was heard
        room = f"hub,names,hub-queue={QUEUE},rcvbuf=16384"
        self.process = subprocess.Popen(
            [NETTOOL, f"--ready-fd={writer}", f"TCP4-LISTEN:0,bind=127.0.0.1,{room}",
             f"UNIX-LISTEN:room,{room}"], cwd=folder, pass_fds=[writer], stderr=self.errors,
            env={**os.environ, "LC_ALL": "C.UTF-8"})
        os.close(writer)
        announced = b""
        with open(reader, "rb", buffering=0) as ready:
            while announced.count(b"\n") < 2:
                if not select.select([ready], [], [], 20 * PATIENCE)[0]:
                    raise Failure("the hub doesn't listen")
                data = ready.read(1000)
                if not data:
                    raise Failure("the hub didn't start")
                announced += data
        self.port = int(announced.split(b"\n")[0].rpartition(b":")[2])

    def join(self, local=False):
        """A new connection."""
        peer = socket.socket(socket.AF_UNIX if local else socket.AF_INET)
        peer.settimeout(20 * PATIENCE)
        peer.connect(os.path.join(self.folder, "room") if local else ("127.0.0.1", self.port))
        return peer

    def descriptors(self):
        """How many it has."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory(self):
        """Kilobytes that it has for itself."""
        with open(f"/proc/{self.process.pid}/smaps_rollup", encoding="ascii") as rollup:
            return sum(int(line.split()[1]) for line in rollup if line.startswith("Private_"))

    def processor(self):
        """What it has used of the processor, in seconds."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii", errors="replace") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        """Ends it, and returns what it had to say."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(20 * PATIENCE)
        self.errors.seek(0)
        said = self.errors.read()
        if status != -signal.SIGTERM and status != 128 + signal.SIGTERM:
            raise Failure(f"the hub ended with {status}: {said[-2000:]!r}")
        return said

    def close(self):
        """Ends it the hard way, if it is still there."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.errors.close()


def keeps_memory():
    """Whether a sanitizer keeps what was freed, to look for those who use it still."""
    with open(NETTOOL, "rb") as program:
        return b"__asan_" in program.read()


def wait_for(predicate, residents, what):
    """Lets the residents talk until something is true."""
    limit = time.monotonic() + 30 * PATIENCE
    while not predicate():
        if time.monotonic() > limit:
            raise Failure(f"waited in vain for {what}")
        select.select(residents, [], [], 0.01)
        for resident in residents:
            resident.listen()


class Day:
    """All that happens between morning and evening."""

    def __init__(self, hub, chance):
        self.hub, self.chance = hub, chance
        self.guests = []
        self.joined = 0
        self.residents = [Resident(hub.join(local), name)
                          for local, name in ((False, b"ana"), (True, "andré".encode()))]
        for resident, other in zip(self.residents, reversed(self.residents)):
            resident.other = other
        self.poll = select.poll()
        for resident in self.residents:
            self.poll.register(resident.peer, select.POLLIN)

    def meet(self):
        """The residents hear what there is and answer it."""
        self.poll.poll(5)
        for resident in self.residents:
            resident.listen()
            resident.talk()

    def pass_time(self, seconds):
        """Anything happens for so long."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            for _ in range(BATCH):
                if len(self.guests) < GUESTS and self.chance.random() < 0.3:
                    self.guests.append(Guest(self.hub.join(self.chance.random() < 0.5), self.chance))
                    self.joined += 1
                if self.guests:
                    at = self.chance.randrange(len(self.guests))
                    if not self.guests[at].act():
                        self.guests[at] = self.guests[-1]
                        self.guests.pop()
                for resident in self.residents:  # nobody is slow but who wants to be
                    resident.listen()
            self.meet()

    def empty(self, descriptors):
        """All guests leave."""
        for guest in self.guests:
            self.chance.choice((reset, socket.socket.close))(guest.peer)
        self.guests = []
        wait_for(lambda: self.hub.descriptors() == descriptors, self.residents,
                 f"{descriptors} descriptors")
        wait_for(lambda: all(one.heard == one.other.said for one in self.residents),
                 self.residents, "the last words")


def rest(hub, residents):
    """The hub does nothing when nothing is to be done."""
    limit = time.monotonic() + 30 * PATIENCE
    while time.monotonic() < limit:
        for resident in residents:
            resident.listen()
        before = hub.processor()
        time.sleep(0.5)
        if hub.processor() - before < 0.1:
            return
    raise Failure("the hub never rests")


def run(seconds, chance, folder):
    """The whole day. Returns how it was."""
    hub = Hub(folder)
    try:
        day = Day(hub, chance)
        wait_for(lambda: all(resident.named for resident in day.residents), day.residents,
                 "the residents")
        descriptors = hub.descriptors()
        warm = min(seconds / 3, 60)
        day.pass_time(warm)
        day.empty(descriptors)
        for _ in range(ROUNDS):
            before = hub.memory()
            day.pass_time(seconds - warm)
            day.empty(descriptors)
            rest(hub, day.residents)
            after = hub.memory()
            if after <= before + GROWTH or keeps_memory():
                break
        else:
            raise Failure(f"{before} kB became {after} kB, and it has grown like that {ROUNDS} times")
        said = hub.end()
        strange = [line for line in said.splitlines()
                   if b"too slow" not in line and b"exiting on signal" not in line]
        if strange:
            raise Failure(f"the hub said {strange[:5]}")
        return (f"soak/hub: {day.joined} joined, {said.count(b'too slow')} were too slow, "
                f"{sum(resident.lines for resident in day.residents)} lines heard, "
                f"{sum(resident.heard for resident in day.residents)} of the residents', "
                f"{descriptors} descriptors, {before} kB became {after} kB")
    finally:
        hub.close()


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 300
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 30)
    folder = tempfile.mkdtemp(prefix="nt-")
    try:
        print(run(seconds, random.Random(seed), folder))
        return 0
    except (Failure, OSError) as failure:
        print(f"soak/hub: seed {seed}: {failure}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
