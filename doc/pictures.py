#!/usr/bin/env python3
"""Plays the scenes of scenes.py with the real program and keeps what the screens show.

    doc/chat.txt     a conversation step by step, each with the screen as text
    doc/chat.svg     one moment of it, in colour, for the README
    doc/*.svg        the same of the other scenes

    pictures.py --write     makes the files again ("make pictures")
    pictures.py             plays and compares; says what is different, and ends with 1 if anything is

NETTOOL names the program, NETTOOL_SRCDIR the source.
"""

import argparse
import difflib
import itertools
import os
import sys
import tempfile
from html import escape
from pathlib import Path

import pyte

SRCDIR = Path(os.environ.get("NETTOOL_SRCDIR") or Path(__file__).resolve().parent.parent)
sys.path.insert(0, str(SRCDIR / "tests" / "e2e"))

from scenes import SCENES, cells, conversation  # noqa: E402
from tools import NETTOOL, Runner  # noqa: E402

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


def as_picture(step):
    """A window with one step's screen."""
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
        f'<title id="title">nettool: {step.picture.partition(".")[0]}</title>',
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


def played(scene):
    """Plays a scene -> its steps."""
    with tempfile.TemporaryDirectory(prefix="nt-") as folder:
        runner = Runner(os.path.abspath(NETTOOL), folder)
        try:
            steps = list(scene(runner))
        finally:
            complaints = runner.finish()
    if complaints:
        sys.exit("\n".join(complaints))
    return steps


def make():
    """Plays all scenes -> what the files have to hold, by their names."""
    files = {}
    for scene in SCENES:
        steps = played(scene)
        if scene is conversation:
            files["chat.txt"] = as_text(steps)
        files.update((step.picture, as_picture(step)) for step in steps if step.picture)
    return files


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
