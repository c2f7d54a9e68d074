"""Every example of quoting in the manual does what the manual says.

The section QUOTING of nettool-addresses(7) shows addresses as they are typed in a shell, and below each one the words that
--check shows. They are checked, and run: the arguments that programs get are those words.
"""

import random
import re
import shlex

import pytest

import tools

ESCAPES = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}


def section():
    """The source of the section, with the escapes of the manual undone."""
    text = (tools.SRCDIR / "doc" / "nettool-addresses.7.in").read_text("utf-8")
    text = re.search(r"^\.Sh QUOTING\n(.*?)^\.S[sh] ", text, re.MULTILINE | re.DOTALL)[1]
    return text.replace(r"\(aq", "'").replace(r"\(dq", '"').replace(r"\e", "\\")


def displays():
    return re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", section(), re.MULTILINE | re.DOTALL)


def table():
    """The rows of the tables: (what it is about, the address as it is typed, what --check shows)."""
    rows = []
    for display in displays():
        lines = display.splitlines()
        if "nettool" in display:
            continue
        assert len(lines) % 2 == 0, display
        for typed, shown in zip(lines[::2], lines[1::2]):
            about, address = re.fullmatch(r"(\S.*?)  +('[A-Z]+:.*')", typed).groups()
            rows.append((about, address, shown.strip()))
    return rows


def words_shown(line):
    """The words of a line that --check shows."""
    words = []
    for word in re.findall(r"\[((?:\\.|(?!\](?: \[|$)).)*)\](?: |$)", line):
        words.append(re.sub(
            r"\\(x[0-9a-f]{2}|.)",
            lambda match: ESCAPES.get(match[1], match[1]) if len(match[1]) == 1
            else chr(int(match[1][1:], 16)), word))
    return words


ROWS = table()
EXEC_ROWS = [row for row in ROWS if row[1].startswith("'EXEC:")]
SHELL_ROWS = [row for row in ROWS if row[1].startswith("'SYSTEM:")]


def by_about(rows):
    return pytest.mark.parametrize("address, shown", [row[1:] for row in rows],
                                   ids=[row[0] for row in rows])


def test_the_tables_are_found():
    assert len(EXEC_ROWS) >= 14
    assert len(SHELL_ROWS) >= 3
    assert len(EXEC_ROWS) + len(SHELL_ROWS) == len(ROWS)
    assert words_shown("[a] [b c] [] [s/[a-z]/\\\\n/] [x\\] [y\\n]") == [
        "a", "b c", "", "s/[a-z]/\\n/", "x] [y\n"]


@by_about(ROWS)
def test_check_shows_what_the_manual_shows(program, address, shown):
    result = program("sh")("-c", f'"$0" --check {address} -', tools.NETTOOL)
    assert (result.status, result.err) == (0, b"")
    assert result.out.decode().splitlines()[1].strip() == shown


@by_about(EXEC_ROWS)
def test_the_program_gets_these_words(program, tmp, address, shown):
    words = words_shown(shown)
    script = tmp / words[0]
    script.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
    script.chmod(0o755)
    result = program("sh")("-c", f'PATH=. exec "$0" -u {address} STDOUT', tools.NETTOOL)
    assert (result.status, result.err) == (0, b"")
    assert result.out.decode().split("\0")[:-1] == words[1:]


@by_about(SHELL_ROWS)
def test_the_shell_gets_this_command(program, address, shown):
    shell = program("sh")
    words = words_shown(shown)
    assert words[:2] == ["/bin/sh", "-c"]
    expected = shell("-c", words[2])
    assert expected.out
    result = shell("-c", f'exec "$0" -u {address} STDOUT', tools.NETTOOL)
    assert (result.status, result.err) == (0, b"")
    assert result.out == expected.out


def test_the_commands_of_the_section(program, tmp):
    """The displays that call the program, and what each of their commands prints."""
    expected = iter([b"10:30, sharp\n", b"10:30\n", b"un, deux\n",
                     b"hello, Ana\nhello, Zoe\n"])
    (tmp / "one, two.txt").write_bytes(b"un, deux\n")
    (tmp / "nettool").symlink_to(tools.NETTOOL)
    shell = program("sh")
    for display in displays():
        if "nettool" not in display:
            continue
        command = ""
        for line in display.splitlines():
            command += line + "\n"
            try:
                shlex.split(command)
            except ValueError:
                continue  # the quotes go on
            assert command.startswith("nettool -u ")
            result = shell("-c", "./" + command.replace("/tmp/", "./"))
            assert (result.status, result.err) == (0, b"")
            assert result.out == next(expected)
            command = ""
        assert not command
    assert next(expected, None) is None


def recipe(words):
    """The address that the manual's three steps make of some words, as it is typed."""
    command = " ".join(
        '\\"' + word.replace("\\", "\\\\\\\\").replace('"', '\\\\\\"') + '\\"'
        if re.search(r"[ ']", word) or not word else
        word.replace("\\", "\\\\\\\\").replace('"', '\\\\\\"')
        for word in words)
    return "'" + f'EXEC:"{command}"'.replace("'", "'\\''") + "'"


def test_the_recipe_of_the_manual(program, tmp):
    """The three steps work for all words without brackets; apostrophes stand behind letters."""
    script = tmp / "args"
    script.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
    script.chmod(0o755)
    assert recipe(["a b", "c\\d"]) == "'EXEC:\"\\\"a b\\\" c\\\\\\\\d\"'"
    chance = random.Random(5)
    shell = program("sh")
    for _ in range(40):
        words = ["".join(chance.choice([*"abé  :,!\\$*\"|;=", "l'", "é'"])
                         for _ in range(chance.randrange(7)))
                 for _ in range(chance.randrange(1, 5))]
        command = f'exec "$0" -u {recipe(["./args", *words])} STDOUT'
        result = shell("-c", command, tools.NETTOOL)
        assert result.status == 0, (words, result)
        assert result.out.decode().split("\0")[:-1] == words, command


def test_the_example_of_the_readme(program):
    text = (tools.SRCDIR / "README.md").read_text("utf-8")
    command = re.search(r"`nettool ('EXEC:[^`]*)`", text)[1]
    result = program("sh")("-c", f'"$0" --check {command}', tools.NETTOOL)
    assert (result.status, result.err) == (0, b"")
    assert result.out.decode().splitlines()[1].strip() == "[grep] [-i] [deux mots]"
