"""What is played for the pictures: people at terminals, with the real program.

A scene yields its steps. What differs from run to run is replaced before a screen is looked at: numbers
of ports and processes, and in the scene of a transfer the rate and the times, which follow from the limit
that it is given. All else is as the program wrote it.
"""

import contextlib
import os
import re
import socket
from pathlib import Path

import pyte

from netpeek import children_of
from terminals import Window
from tools import (DEADLINE, NETTOOL, Runner, accept, dead_port, is_asleep, read_until,
                   tcp_server, wait_until)

PORT = 9093  # of the room, in the pictures
PORTS = 40000  # and of those who come: the next ones
PROCESS = 4711

ROOM = "TCP-LISTEN:{port},bind=127.0.0.1,hub,names"
PEER = "TCP:localhost:{port}"
SHOPPING = "du pain\ndes pommes\nune bougie\n"


class Seat(Window):
    """A terminal that somebody sits at, and what it shows with other numbers."""

    def __init__(self, ports, columns=76, rows=28):
        super().__init__(columns, rows)
        self.ports = ports  # real number -> number in the pictures; all seats of a scene share it
        self.others = []  # what else is replaced: (pattern, by what)

    def sit(self, runner, *args, **more):
        env = {"XDG_STATE_HOME": str(runner.folder), "INPUTRC": "/dev/null", "LOGNAME": "claire",
               "COLUMNS": None, "LINES": None, **more.pop("env", {})}
        return self.start(runner, *args, env=env, **more)

    def told(self):
        """What came, with the numbers that it has in the pictures."""

        def renumber(match):
            number = int(match[2])
            if b"127" in match[1]:
                self.ports.setdefault(number, PORTS + len(self.ports))
            return match[1] + b"%d" % self.ports.get(number, number)

        text = re.sub(rb"(127\.0\.0\.1:|localhost:|LISTEN:|port )(\d+)", renumber, bytes(self.text))
        for pattern, replacement in self.others:
            text = re.sub(pattern, replacement, text)
        # pyte knows no faint letters, but grey ones
        return text.replace(b"\033[2m", b"\033[90;22m")

    def look(self):
        """The screen as it was when it was last waited for: a pyte.Screen."""
        screen = pyte.Screen(self.screen_of.columns, self.screen_of.lines)
        pyte.ByteStream(screen).feed(self.told())
        return screen

    def await_line(self, above, typed=""):
        """Waits until the cursor stands behind what is typed, and `above` is on the line above."""

        def there():
            self.pump()
            screen, cursor = self.screen_of, self.screen_of.cursor
            last = "".join(cells(screen, cursor.y)[: cursor.x])
            before = "".join(cells(screen, max(0, cursor.y - 1))).rstrip()
            return last == typed and re.fullmatch(above, before)

        wait_until(there, None, lambda: f"{above!r} above {typed!r} on\n{self}")

    def await_end(self, text):
        """Waits until `text` is all the way down, and the terminal has been given back."""
        self.wait_for(lambda screen: screen.endswith(text) and self.is_as_found() and
                      self.screen_of.cursor.y == screen.count("\n") + 2)


def cells(screen, row):
    """The letters of a row, one for each column; behind a wide one there is an empty one."""
    return [screen.buffer[row][column].data for column in range(screen.columns)]


class Step:
    """One step of the scene: what is done, who looks, and what there is to be seen then."""

    def __init__(self, words, title, screen, picture=None):
        self.words, self.title, self.screen = words, title, screen
        self.picture = picture  # the name of the file that shows it, if one does



# ---- a conversation ----------------------------------------------------------------------------------


def open_room(runner, seat):
    """Claire opens the room -> (her nettool, the port)."""
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb", buffering=0) as lines:
        try:
            claire = seat.sit(runner, f"--ready-fd={writer}", ROOM.format(port=0), "CHAT",
                              pass_fds=(writer,), stderr=seat.slave)
        finally:
            os.close(writer)
        port = int(read_until(lines, b"\n").rpartition(b":")[2])
    seat.ports[port] = PORT
    return claire, port


def conversation(runner):
    """Claire, Ana and Bruno talk -> the steps. If it is cut short, what still runs is the runner's to end."""
    ports = {}
    with Seat(ports) as hers, Seat(ports) as anas:
        yield from conversation_at(runner, hers, anas)


def conversation_at(runner, hers, anas):
    """The same, with the two terminals that are looked at: Claire's and Ana's."""
    (Path(runner.folder) / "courses.txt").write_text(SHOPPING, "utf-8")
    room, peer = f"nettool {ROOM.format(port=PORT)} CHAT", PEER.format(port=PORT)

    def step(words, above, typed="", picture=None):
        hers.await_line(above, typed)
        return Step(words, room, hers.look(), picture)

    claire, port = open_room(runner, hers)
    yield step("Claire opens a room and sits down in it.", r"\* you are claire; .*")

    ana = anas.sit(runner, "CHAT,nick=ana", PEER.format(port=port))
    yield step(f"Ana comes in: nettool CHAT,nick=ana {peer}", r"\* \S+ is now ana")

    bruno = runner.start("-", PEER.format(port=port))
    hers.await_line(r"\* 127\S+ joined")
    bruno.send(b"/nick bruno\n")
    yield step(f"Bruno comes in, without an editor: nettool - {peer}\nHe types: /nick bruno",
               r"\* \S+ is now bruno")

    anas.await_line(r"\* \S+ is now bruno")
    anas.type("Bonjour à tous ! 你好 😀\r")
    yield step("Ana says something. Some letters are two columns wide.", "<ana> Bonjour .*")

    half = "On commence à neuf heures, et Zoë"
    hers.type(half)
    yield step("Claire is typing; she hasn't pressed Enter yet.", "<ana> Bonjour .*", half)

    bruno.send("Je suis là.\n".encode())
    hers.await_line("<bruno> Je suis là.", half)
    anas.await_line("<bruno> Je suis là.")
    anas.type("Qui apporte le café ?\r")
    yield step("Bruno and Ana speak meanwhile. What they say comes above her line, which stays.",
               "<ana> Qui .*", half)

    bruno.send("\033[2J\033[31mJ'efface tout ?\n".encode())
    yield step("Bruno sends what would clear a screen and make it red: it is shown, not obeyed.",
               "<bruno> .*J'efface .*", half, picture="chat.svg")

    rest = " apporte le café."
    hers.type(f"{rest}\r")
    yield step("Claire types on, and presses Enter.", re.escape(half + rest))

    hers.type("/who\r")
    yield step("She asks who is here.", r"\* here: .*")

    hers.type("/send courses.txt\r")
    yield step("She sends a file of three lines.", r"-- courses\.txt is sent: .*")

    last = SHOPPING.splitlines()[-1]
    anas.await_line(f"<claire> {last}")
    yield Step("This is what Ana sees now.", f"nettool CHAT,nick=ana {peer}", anas.look())

    anas.type("/quit\r")
    yield step("Ana leaves: /quit", r"\* ana left")
    ana.wait()

    hers.type(b"\x04")
    hers.await_line("-- you have ended .*")
    bruno.send("À demain !\n".encode())
    yield step("Claire presses Ctrl-D: she says no more, and still hears Bruno.", "<bruno> À .*")

    hers.type(b"\x04")
    claire.wait()
    bruno.wait()
    hers.await_end("* this room closes")
    yield Step("She presses Ctrl-D again, and the room closes. Her terminal is as it was before.",
               room, hers.look())


# ---- at a shell ---------------------------------------------------------------------------------------


def shell(runner, seat):
    """A shell at the terminal, that finds nettool -> the process."""
    folder = Path(runner.folder)
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin" / "nettool").symlink_to(os.path.abspath(NETTOOL))
    process = seat.sit(Runner(["/bin/sh"], runner.folder), "-i", stderr=seat.slave,
                       env={"PS1": "$ ", "ENV": None, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"})
    seat.wait_for(lambda screen: screen == "$")
    return process


def command(seat, text):
    """Types a command, and waits for the next prompt."""
    before = bytes(seat.text).count(b"$ ")
    seat.type(f"{text}\r")
    wait_until(lambda: seat.pump() or bytes(seat.text).count(b"$ ") > before and
               bytes(seat.text).endswith(b"$ "), None, lambda: str(seat))


def leave(seat, process):
    """Ends the shell."""
    seat.type("\x04")
    process.wait()


def mistakes(runner):
    """What a wrong word and its kin are answered with."""
    dead, taken = dead_port(), runner.listener("TCP-LISTEN:0,bind=127.0.0.1,fork", "-", endless=True)
    ports = {dead: 9091, int(taken.port): 9090}
    with Seat(ports, 92, 20) as seat:
        seat.others.append((rb"%d" % taken.pid, b"%d" % PROCESS))
        process = shell(runner, seat)
        command(seat, "nettool TCP-LISTEN:9090,fork,reuseadr SYSTEM:date")
        command(seat, "nettool TCP-LISTEN:9090, fork SYSTEM:date")
        command(seat, f"nettool - TCP:localhost:{dead}")
        command(seat, f"nettool TCP-LISTEN:{taken.port},bind=127.0.0.1 SYSTEM:date")
        yield Step("Four mistakes, each answered by what is wrong, why, and what to do.", "sh", seat.look(),
                   "mistakes.svg")
        leave(seat, process)
    taken.stop()


def short_port():
    """A free port of four digits, so that what stands behind it keeps its column."""
    for port in range(9000, 10000):
        with socket.socket() as server, contextlib.suppress(OSError):
            server.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("there is no free port between 9000 and 9999")


def tracing(runner):
    """A server under --trace: somebody calls, says a line and leaves."""
    port = short_port()
    with Seat({port: 9090}, 132, 36) as seat:
        process = shell(runner, seat)
        seat.type(f"nettool --trace TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr -\r")
        seat.expect(r"listen\(\d.*?\n")
        with socket.create_connection(("127.0.0.1", port), DEADLINE) as peer:
            seat.expect(r"accept4\(.*?\n")
            server = children_of(process.pid)[0]
            wait_until(lambda: is_asleep(server))
            peer.sendall(b"bonjour\n")
            seat.expect(r"write\(1, .*?\n")
            wait_until(lambda: is_asleep(server))
            seat.type("\x04")
            seat.expect(r"shutdown\(.*?\n")
            wait_until(lambda: is_asleep(server))
        seat.expect(r"\$ ")
        yield Step("A server's calls, as they happen: socket, bind, listen, accept, and a line that somebody says.",
                   "sh", seat.look(), "trace.svg")
        leave(seat, process)


def moving(runner):
    """A file on its way: how far it is, and afterwards what the bytes were."""
    size, sent = 1 << 20, 393216
    ports = {}
    (Path(runner.folder) / "photo.png").write_bytes(bytes(size))
    with tcp_server() as server, Seat(ports, 108, 12) as seat:
        port = server.getsockname()[1]
        ports[port] = 9090
        # what depends on the time: the rate is the limit, and the time follows from it
        seat.others += [(rb"\d+(\.\d)? ([KMG]i)?B/s", b"1.0 MiB/s"),
                        (rb"ETA \S+", b"ETA 0:00:01"), (rb"  \d:\d\d:\d\d", b"  0:00:01")]
        process = shell(runner, seat)
        command(seat, "nettool -u --progress --digest --rate=1Mi OPEN:photo.png CREATE:copy.png")
        seat.type(f"nettool -u --progress --rate=1Mi --size=1Mi TCP:localhost:{port} CREATE:photo2.png\r")
        with accept(server) as peer:
            peer.sendall(bytes(sent))
            seat.wait_for(lambda screen: "37%" in screen)
            yield Step("One file has arrived, its digest is told; another one is on its way.", "sh", seat.look(),
                       "progress.svg")
            peer.sendall(bytes(size - sent))
        seat.wait_for(lambda screen: screen.endswith("\n$"))
        leave(seat, process)


SCENES = (conversation, mistakes, tracing, moving)
