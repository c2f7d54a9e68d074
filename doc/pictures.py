#!/usr/bin/env python3
"""Plays a conversation with the real program and keeps what the screens show.

    doc/chat.txt    the conversation step by step, each with the screen as text
    doc/chat.svg    one moment of it, in colour, for the README

    pictures.py --write     makes the two files again ("make pictures")
    pictures.py             plays and compares; says what is different, and ends with 1 if anything is

NETTOOL names the program, NETTOOL_SRCDIR the source. What would differ from run to run, the numbers of
ports, is replaced before a screen is looked at; all else is as the program wrote it.
"""

import argparse
import difflib
import itertools
import os
import re
import sys
import tempfile
from html import escape
from pathlib import Path

import pyte

SRCDIR = Path(os.environ.get("NETTOOL_SRCDIR") or Path(__file__).resolve().parent.parent)
sys.path.insert(0, str(SRCDIR / "tests" / "e2e"))

from terminals import Window  # noqa: E402
from tools import NETTOOL, Runner, read_until, wait_until  # noqa: E402

COLUMNS, ROWS = 76, 28
PORT = 9093  # of the room, in the pictures
PORTS = 40000  # and of those who come: the next ones

ROOM = "TCP-LISTEN:{port},bind=127.0.0.1,hub,names"
PEER = "TCP:localhost:{port}"
SHOPPING = "du pain\ndes pommes\nune bougie\n"


# ---- the scene -----------------------------------------------------------------------------------


class Seat(Window):
    """A terminal that somebody sits at, and what it shows with other numbers of ports."""

    def __init__(self, ports):
        super().__init__(COLUMNS, ROWS)
        self.ports = ports  # real number -> number in the pictures; all seats share it

    def sit(self, runner, *args, **more):
        env = {"XDG_STATE_HOME": str(runner.folder), "INPUTRC": "/dev/null", "LOGNAME": "claire",
               "COLUMNS": None, "LINES": None}
        return self.start(runner, *args, env=env, **more)

    def look(self):
        """The screen as it was when it was last waited for: a pyte.Screen."""

        def renumber(match):
            return b"127.0.0.1:%d" % self.ports.setdefault(
                int(match[1]), PORTS + len(self.ports))

        text = re.sub(rb"127\.0\.0\.1:(\d+)", renumber, bytes(self.text))
        # pyte knows no faint letters, but grey ones
        text = text.replace(b"\033[2m", b"\033[90;22m")
        screen = pyte.Screen(COLUMNS, ROWS)
        pyte.ByteStream(screen).feed(text)
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

    def __init__(self, words, title, screen, pictured=False):
        self.words, self.title, self.screen, self.pictured = words, title, screen, pictured


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


def play(runner):
    """Plays the scene -> its steps. If it is cut short, what still runs is the runner's to end."""
    ports = {}
    with Seat(ports) as hers, Seat(ports) as anas:
        yield from play_at(runner, hers, anas)


def play_at(runner, hers, anas):
    """The scene, with the two terminals that are looked at: Claire's and Ana's."""
    (Path(runner.folder) / "courses.txt").write_text(SHOPPING, "utf-8")
    room, peer = f"nettool {ROOM.format(port=PORT)} CHAT", PEER.format(port=PORT)

    def step(words, above, typed="", pictured=False):
        hers.await_line(above, typed)
        return Step(words, room, hers.look(), pictured)

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
               "<bruno> .*J'efface .*", half, pictured=True)

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


# ---- the screen as text --------------------------------------------------------------------------


def used_rows(screen):
    """How many rows from the top hold something; the cursor is something too."""
    return 1 + max(row for row in range(screen.lines)
                   if row == screen.cursor.y or "".join(cells(screen, row)).strip())


def framed(step):
    """A step's screen in a frame of text."""
    screen = step.screen
    title = f" {step.title} "
    yield "┌─" + title + "─" * (screen.columns + 1 - len(title)) + "┐"
    for row in range(used_rows(screen)):
        letters = cells(screen, row)
        if row == screen.cursor.y:
            letters[screen.cursor.x] = "█"
        yield "│ " + "".join(letters) + " │"
    yield "└" + "─" * (screen.columns + 2) + "┘"


def as_text(steps):
    """The whole scene, step by step."""
    lines = ["A conversation with CHAT", "", "█ is the cursor. Made by doc/pictures.py, which plays this",
             "with the real program; only the numbers of ports are others."]
    for number, step in enumerate(steps, 1):
        first, *more = step.words.splitlines()
        lines += ["", f"{number}. {first}", *(f"   {line}" for line in more), "", *framed(step)]
    return "\n".join(lines) + "\n"


# ---- the screen in colour ------------------------------------------------------------------------

CELL, LINE, SIZE = 8.4, 19, 14  # of a letter in pixels: width, height, and size of the font
MARGIN, TITLE = 14, 32  # beside the rows, and above them

BACKGROUND, BAR, EDGE = "#1b212c", "#2b3445", "#75819a"
COLOURS = {
    "default": "#e4e9f2", "white": "#e4e9f2",
    "black": "#9aa5b8", "brightblack": "#9aa5b8",  # grey: nothing is black on this ground
    "red": "#ff8a80", "green": "#8fd68b", "brown": "#e8c66b", "blue": "#82b4ff",
    "magenta": "#dd9cf0", "cyan": "#6fd6d9",
}
FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"


def runs_of(screen, row):
    """The pieces of a row that look alike: (column, columns, text, the first cell)."""
    line = screen.buffer[row]

    def look(column):
        if line[column].data == "":  # the second half of a wide letter
            return look(column - 1)
        wide = column + 1 < screen.columns and line[column + 1].data == ""
        # fonts disagree about the width of wide letters: each gets a place of its own
        return line[column].fg, line[column].bold, column if wide else None

    for _, group in itertools.groupby(range(screen.columns), key=look):
        columns = list(group)
        text = "".join(line[column].data for column in columns)
        before, after = (len(text) - len(cut) for cut in (text.lstrip(), text.rstrip()))
        if text.strip():
            yield (columns[0] + before, len(columns) - before - after, text.strip(),
                   line[columns[0]])


def letters(x, y, columns, text, look):
    """An element with text that takes so many columns, whatever the font."""
    return (f'<text x="{x:g}" y="{y:g}" textLength="{columns * CELL:g}" '
            f'lengthAdjust="spacingAndGlyphs" {look}>{escape(text, quote=False)}</text>')


def as_picture(steps):
    """The moment that is meant for the README: a window with one step's screen."""
    step = next(step for step in steps if step.pictured)
    screen = step.screen
    rows = used_rows(screen)
    width = round(2 * MARGIN + screen.columns * CELL)
    height = TITLE + rows * LINE + 2 * MARGIN

    def place(column, row):
        return round(MARGIN + column * CELL, 1), TITLE + MARGIN + row * LINE

    x, y = place(screen.cursor.x, screen.cursor.y)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" role="img" aria-labelledby="title about"',
        f'     font-family="{FONT}" font-size="{SIZE}" xml:space="preserve">',
        "<title id=\"title\">A conversation with nettool's CHAT</title>",
        f'<desc id="about">{escape(step.words, quote=False)}</desc>',
        f'<rect x="1" y="1" width="{width - 2}" height="{height - 2}" rx="9" '
        f'fill="{BACKGROUND}"/>',
        f'<path d="M1 {TITLE}V10a9 9 0 0 1 9-9H{width - 10}a9 9 0 0 1 9 9V{TITLE}z" '
        f'fill="{BAR}"/>',
        f'<rect x="1" y="1" width="{width - 2}" height="{height - 2}" rx="9" '
        f'fill="none" stroke="{EDGE}" stroke-width="2"/>',
        f'<text x="{width / 2:g}" y="{TITLE - 10}" text-anchor="middle" '
        f'fill="{COLOURS["default"]}">{escape(step.title, quote=False)}</text>',
        f'<rect x="{x:g}" y="{y:g}" width="{CELL}" height="{LINE}" '
        f'fill="{COLOURS["default"]}"/>',
    ]
    for row in range(rows):
        for column, columns, text, cell in runs_of(screen, row):
            look = f'fill="{COLOURS[cell.fg]}"' + (' font-weight="bold"' if cell.bold else "")
            x, y = place(column, row)
            lines.append(letters(x, y + SIZE, columns, text, look))
    return "\n".join([*lines, "</svg>"]) + "\n"


# ---- keeping and comparing -----------------------------------------------------------------------


def make():
    """Plays the scene -> what the files have to hold, by their names."""
    with tempfile.TemporaryDirectory(prefix="nt-") as folder:
        runner = Runner(os.path.abspath(NETTOOL), folder)
        try:
            steps = list(play(runner))
        finally:
            complaints = runner.finish()
    if complaints:
        sys.exit("\n".join(complaints))
    return {"chat.txt": as_text(steps), "chat.svg": as_picture(steps)}


def differences(kept, made):
    """The lines of a diff between the files in a folder and what was made; none if they agree."""
    for name, text in made.items():
        path = kept / name
        found = path.read_text("utf-8") if path.exists() else ""
        yield from difflib.unified_diff(found.splitlines(keepends=True),
                                        text.splitlines(keepends=True),
                                        f"{name} as it is kept", f"{name} as it was played")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="make the files again")
    parser.add_argument("--check", action="store_true", help="compare (without --write)")
    parser.add_argument("--folder", type=Path, default=SRCDIR / "doc", help="where the files are")
    wanted = parser.parse_args()
    made = make()
    if wanted.write:
        for name, text in made.items():
            (wanted.folder / name).write_text(text, "utf-8")
        return 0
    found = list(differences(wanted.folder, made))
    sys.stdout.writelines(found)
    if found:
        print('if the program is right, "make pictures" makes the files again', file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
