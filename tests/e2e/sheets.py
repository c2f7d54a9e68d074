"""Runs the sheets: documents in which people read what to type and what they will see.

A sheet is Markdown. What is run stands in blocks like this one:

    ```console
    # terminal 2: the client
    $ nettool - TCP:localhost:9090
    bonjour⏎
    you said: bonjour
    ^D
    ```

    # terminal 2: ...   where it happens; without this line the block has a terminal of its own
    $ ...               a command; a backslash at the end of a line goes on in the next one
    ...⏎                what is typed, the Enter key at the end
    ^C ^D               the key, alone in its line
    anything else       what is seen, compared line by line; … stands for what differs from time to
                        time, and alone in a line for any number of lines

Blocks of different terminals that follow each other are one scene: all of them run at once, and each
goes on as soon as it has seen what stands above. The scene is over when every line has been seen and
typed. A program that is left running stays for the next scenes of its section (### or ##), and ends
by Ctrl-C when its terminal gets another command.

Marks for the tests are comments, which readers don't see: <!-- test: root --> in front of a block or
below the heading, and <!-- test: needs curl -->, for its section.

Every section runs in a network namespace, a process namespace and a folder of its own, where all
ports are free; in a terminal, for what a program says depends on that; and without the rights of
root, unless it is marked. This file is both the part that tests import and, run as a program, the
part inside the namespaces.
"""

import ctypes
import fcntl
import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

ENTER = "⏎"
ANY = "…"
KEYS = {"^C": "\x03", "^D": "\x04"}
SERVING = re.compile(r"-LISTEN|-RECV|-DATAGRAM|CHAT|nc -l|examples/(one_by_one|gateway|sniff)")  # may go on
COLUMNS, ROWS = 300, 400


# ---- reading a sheet -----------------------------------------------------------------------------


@dataclass
class Block:
    """What happens at one terminal: items are ["run", command], ["type", text], ["see", line]."""

    terminal: str
    items: list
    line: int


@dataclass
class Section:
    """What stands below one heading."""

    title: str
    line: int
    marks: list = field(default_factory=list)
    scenes: list = field(default_factory=list)  # lists of Blocks
    files: list = field(default_factory=list)  # (line, language, text) of blocks that show a file


def read_block(lines, number):
    """A console block -> Block."""
    block = Block("", [], number)
    for line in lines:
        where = re.match(r"# terminal (\w+)", line)
        last = block.items[-1] if block.items else None
        if where and not block.items:
            block.terminal = where[1]
        elif last and last[0] == "run" and last[1].endswith("\\"):
            last[1] = last[1] + "\n" + line
        elif line.startswith("$ "):
            block.items.append(["run", line[2:]])
        elif line in KEYS or line.endswith(ENTER):
            block.items.append(["type", line])
        else:
            block.items.append(["see", line])
    return block


def read_sheet(text):
    """A sheet -> its Sections that have something to run or to compare."""
    sections, inside, language, start = [Section("", 1)], None, "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if inside is None:
            heading = re.match(r"###? (.*)", line)
            mark = re.fullmatch(r"<!-- test: (.*) -->", line)
            fence = re.match(r"```(\w*)", line)
            if heading:
                sections.append(Section(heading[1], number))
            elif mark:
                sections[-1].marks += mark[1].split(", ")
            elif fence:
                inside, language, start = [], fence[1], number
        elif line != "```":
            inside.append(line)
        else:
            section, lines, inside = sections[-1], inside, None
            if language != "console":
                section.files.append((start, language, "\n".join(lines) + "\n"))
                continue
            block = read_block(lines, start)
            scene = section.scenes[-1] if section.scenes else None
            taken = {other.terminal for other in scene or ()}
            if scene is None or "" in (block.terminal, *taken) or block.terminal in taken:
                section.scenes.append([block])
            else:
                scene.append(block)
    return [section for section in sections if section.scenes or section.files]


def commands(sections):
    """All that is typed, command or not, with the terminal where it happens: what is the same in
    every language."""
    return [[(block.terminal, item) for scene in section.scenes for block in scene
             for item in block.items if item[0] != "see"] for section in sections]


# ---- playing a section, inside the namespaces ----------------------------------------------------


class Difference(Exception):
    """What is seen isn't what the sheet says."""


def pattern(line):
    """What a line of a sheet matches."""
    parts = line.expandtabs(8).rstrip().split(ANY)
    return re.compile(".*".join(re.escape(part) for part in parts))


def give_up_rights():
    """Whatever is executed from here on is an ordinary program, even if its user is called root."""
    libc = ctypes.CDLL(None)
    for capability in range(64):
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def states_of(pid):
    """The states of the threads of a process; one that is just about to end is busy."""
    try:
        return {(thread / "stat").read_text().rpartition(")")[2].split()[0]
                for thread in Path(f"/proc/{pid}/task").iterdir()}
    except OSError:
        return {"R"}


def session_of(leader):
    """The processes of a session that haven't ended, as {pid: states of its threads}."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[3]) == leader and words[0] != "Z":
            found[int(name)] = states_of(name)
    return found


def is_bound(port):
    """Whether somebody listens on a port, or receives there."""
    for table, state in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        try:
            text = Path(f"/proc/self/net/{table}").read_text()
        except OSError:
            continue
        if re.search(rf"^ *\d+: \w+:{port:04X} \w+:\w+ {state} ", text, re.M):
            return True
    return False


class Terminal:
    """One terminal of a section, with the program that runs there."""

    def __init__(self, name, player):
        self.name, self.player = name, player
        self.master, self.process, self.block = -1, None, None
        self.items, self.command = [], ""
        self.clear()

    def clear(self):
        import pyte

        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.feed = pyte.ByteStream(self.screen)
        self.row = 0  # how many rows have been compared

    # ---- the program ----

    def run(self, command):
        """Starts a command; waits until it has come to rest, or listens, or has ended."""
        self.remember()
        self.finish()
        self.clear()
        self.command = command
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))

        def prepare():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            if not self.player.root:
                give_up_rights()

        self.process = subprocess.Popen(["sh", "-c", command], stdin=slave, stdout=slave,
                                        stderr=slave, preexec_fn=prepare)
        os.close(slave)
        self.settle(starts=True)

    def settle(self, starts=False):
        """Waits until nothing of the program is busy, and as it starts until it listens."""
        port = starts and "netns=" not in self.command and re.search(r"(?:-LISTEN|-RECV|-RECVFROM|nc -l\w* -?p?) ?:?([1-9]\d*)", self.command)
        rest = 0
        while self.player.in_time() and rest < 3 and self.process.poll() is None:
            self.pump()
            states = session_of(self.process.pid)
            quiet = states and set().union(*states.values()) <= {"S", "T"}
            rest = rest + 1 if quiet and (not port or is_bound(int(port[1]))) else 0
            time.sleep(0.01)
        self.pump()

    def remember(self):
        """Keeps what the terminal showed, for whoever writes a sheet."""
        if self.command:
            self.player.shown.append([self.name, self.command, self.rows()])
            self.command = ""

    def finish(self):
        """A person would press Ctrl-C; what doesn't mind that is ended all the same."""
        if self.process is None:
            return
        if self.process.poll() is None:
            os.write(self.master, b"\x03")
            self.wait(3)
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in session_of(self.process.pid):
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    pass
            self.wait(3)
        os.close(self.master)
        self.process = None

    def wait(self, seconds):
        """Waits for the end of the program and of all that it has started."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            self.pump()
            if self.process.poll() is not None and not session_of(self.process.pid):
                return
            time.sleep(0.01)

    def ended(self):
        return self.process is None or self.process.poll() is not None

    def pump(self):
        """Shows what the program has written."""
        while self.process and select.select([self.master], [], [], 0)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            if not data:
                return
            self.feed.feed(data)

    # ---- what is seen ----

    def rows(self):
        """The rows that are complete; once the program has ended, all."""
        ended = self.ended()
        self.pump()
        lines = [self.text_of(number) for number in range(self.screen.cursor.y + ended)]
        while ended and lines and not lines[-1]:
            lines.pop()
        return lines

    def text_of(self, number):
        """One row of the screen; only what was written there is looked at, for the screen is large."""
        cells = self.screen.buffer[number]
        return "".join(cells[column].data for column in range(max(cells, default=-1) + 1)).rstrip()

    def look(self):
        """Compares what has come with the next items; returns whether there was any."""
        moved = False
        while self.items and self.items[0][0] in ("see", "echo"):
            ended, rows = self.ended(), self.rows()
            kind, line = self.items[0]
            if kind == "see" and line == ANY:
                if not self.skip(rows, ended):
                    break
            elif len(rows) <= self.row:
                if ended and line and kind == "see":
                    raise Difference(f"not seen: {line}")
                if not ended:
                    break
                self.items.pop(0)
            elif kind == "echo" and not rows[self.row].endswith(line):
                raise Difference(f"typed: {line}\nseen: {rows[self.row]}")
            elif kind == "see" and not pattern(line).fullmatch(rows[self.row]):
                raise Difference(f"wanted: {line}\nseen:   {rows[self.row]}")
            else:
                self.items.pop(0)
                self.row += 1
            moved = True
        return moved

    def skip(self, rows, ended):
        """An … alone: goes on to what follows it."""
        if len(self.items) == 1 or self.items[1][0] == "run":
            if not ended and len(self.items) > 1:
                return False
            if not ended:
                return self.player.over(self)
            self.row = len(rows)
        elif self.items[1][0] == "type":
            self.settle()
            self.row = len(self.rows())
        else:
            found = [number for number in range(self.row, len(rows))
                     if pattern(self.items[1][1]).fullmatch(rows[number])]
            if not found:
                if ended:
                    raise Difference(f"not seen: {self.items[1][1]}")
                return False
            self.row = found[0]
        self.items.pop(0)
        return True

    # ---- what is done ----

    def act(self):
        """Does the next thing that can be done now; returns whether there was one."""
        if not self.items or self.items[0][0] not in ("run", "type"):
            return False
        kind, text = self.items[0]
        if kind == "run":
            if not self.ended() and not self.first:
                return False
            if self.ended() and self.process and not self.first:
                self.nothing_more()
            self.items.pop(0)
            self.first = False
            self.run(text)
            return True
        if self.process is None or (self.ended() and text not in KEYS):
            raise Difference(f"nobody reads what is typed: {text}")
        self.items.pop(0)
        if text in KEYS:
            os.write(self.master, KEYS[text].encode())
            if text == "^C":
                self.wait(self.player.left())
                self.row = len(self.rows())
        else:
            os.write(self.master, text.removesuffix(ENTER).encode() + b"\r")
            self.items.insert(0, ["echo", text.removesuffix(ENTER)])
        self.settle()
        return True

    def nothing_more(self):
        """Fails when there is more on the screen than the sheet says."""
        more = [line for line in self.rows()[self.row :] if line]
        if more:
            raise Difference("also seen:\n" + "\n".join(more))

    def begin(self, block):
        self.block, self.items, self.first = block, [list(item) for item in block["items"]], True


class Player:
    """Plays the scenes of one section."""

    def __init__(self, scenes, root, seconds):
        self.scenes, self.root = scenes, root
        self.limit, self.seconds = time.monotonic() + seconds, seconds
        self.terminals, self.shown = {}, []

    def left(self):
        return max(0.1, self.limit - time.monotonic())

    def in_time(self):
        return time.monotonic() < self.limit

    def over(self, but):
        """Whether all terminals but one have nothing to do: a last … takes what is there then."""
        others = [actor for actor in self.actors if actor is not but]
        if any(item != ["see", ANY] for actor in others for item in actor.items):
            return False
        but.settle()
        but.row = len(but.rows())
        but.items.pop(0)
        return True

    def play(self):
        """Returns what went wrong, "" if nothing did."""
        try:
            for number, scene in enumerate(self.scenes):
                wrong = self.play_scene(scene) or self.check_rest(self.scenes[number + 1 :])
                if wrong:
                    return wrong
        finally:
            for terminal in self.terminals.values():
                terminal.remember()
                terminal.finish()
        return ""

    def play_scene(self, scene):
        self.actors = []
        for number, block in enumerate(scene):
            name = block["terminal"] or f"line {block['line']}"
            terminal = self.terminals.setdefault(name, Terminal(name, self))
            terminal.begin(block)
            self.actors.append(terminal)
        self.limit = time.monotonic() + self.seconds
        actor = None
        try:
            while any(actor.items for actor in self.actors):
                for actor in self.actors:
                    if actor.look() or actor.act():
                        break
                else:
                    if not self.in_time():
                        return self.stuck()
                    time.sleep(0.01)
            for actor in self.actors:
                self.close(actor)
        except Difference as difference:
            return self.told(actor, str(difference))
        return ""

    def check_rest(self, scenes):
        """Nobody has said more than was told, unless a later block tells the rest."""
        told = {}
        for block in (block for scene in scenes for block in scene):
            told.setdefault(block["terminal"], block["items"][0][0] != "run")
        for name, terminal in self.terminals.items():
            try:
                if terminal.process and not told.get(name):
                    terminal.settle()
                    terminal.nothing_more()
            except Difference as difference:
                return self.told(terminal, str(difference))
        return ""

    def close(self, actor):
        """Only a server and whom somebody talks to may go on, and who has ended has said no more
        than was told."""
        typed = [text for kind, text in actor.block["items"] if kind == "type"]
        serving = SERVING.search(actor.command) or (
            typed and typed[-1] not in KEYS)
        while not serving and not actor.ended() and self.in_time():
            actor.pump()
            time.sleep(0.01)
        if not serving and not actor.ended():
            raise Difference(f"does not end: {actor.command}")
        if actor.ended():
            actor.nothing_more()

    def stuck(self):
        texts = [self.told(actor, "still to come: " + json.dumps(actor.items[:2], ensure_ascii=False))
                 for actor in self.actors if actor.items]
        return "\n".join(texts)

    def told(self, actor, what):
        texts = [f"line {actor.block['line']}, terminal {actor.name}: {what}"]
        for other in self.actors:
            texts.append(f"---- terminal {other.name} at {other.command!r}"
                         f" ({'ended' if other.ended() else 'running'})")
            texts += [line for line in other.rows()]
        return "\n".join(texts)


def lo_up():
    with socket.socket() as any_socket:
        request = struct.pack("16sh14x", b"lo", 0x1 | 0x40)
        fcntl.ioctl(any_socket, 0x8914, request)  # SIOCSIFFLAGS: up, running


def main():
    task = json.load(sys.stdin)
    lo_up()
    if task["root"]:  # what root leaves behind in /run is nobody else's
        subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    player = Player(task["scenes"], task["root"], task["seconds"])
    print(json.dumps([player.play(), player.shown]))


# ---- for the tests -------------------------------------------------------------------------------


def play(prefix, section, folder, env, seconds):
    """Plays a section in the namespaces that `prefix` makes; returns what went wrong, or "", and what was on
    the terminals: [terminal, command, lines]."""
    task = {"scenes": [[asdict(block) for block in scene] for scene in section.scenes],
            "root": "root" in section.marks, "seconds": seconds}
    done = subprocess.run([*prefix, sys.executable, os.path.abspath(__file__)], cwd=folder, env=env,
                          input=json.dumps(task).encode(), capture_output=True,
                          timeout=seconds * (2 + 2 * len(section.scenes)), check=False)
    if done.returncode:
        return done.stderr.decode(), []
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
