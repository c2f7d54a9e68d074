"""The person at the keyboard: what is typed, what is shown, and what is left of the terminal."""

import os
import re
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

import pytest

import tools
from netpeek import children_of
from terminals import Device, Window, rests
from tools import (
    DEADLINE,
    accept,
    name_of,
    needs_linux,
    needs_root,
    quiet,
    read_all,
    read_exactly,
    read_until,
    tcp_server,
    udp_socket,
    wait_until,
)

CTRL = {letter: bytes([ord(letter) & 0x1F]) for letter in "ACDEHKPRUWZ"}
PASTE, PASTED = b"\033[200~", b"\033[201~"


def has_editor():
    """Whether this nettool was built with a line editor."""
    said = subprocess.run([tools.NETTOOL, "--list=addresses"], capture_output=True, check=False)
    return b"CHAT" in said.stdout


pytestmark = pytest.mark.skipif(not has_editor(), reason="nettool was built without readline")


def at_terminal(window):
    """Waits until the editor has the terminal."""
    wait_until(lambda: not window.settings()[3] & termios.ICANON)


@pytest.fixture
def window():
    with Window() as window:
        yield window


@pytest.fixture
def home(tmp):
    """Where the history goes to, far from that of whoever runs the tests."""
    return {"XDG_STATE_HOME": str(tmp / "state"), "NO_COLOR": "1", "INPUTRC": "/dev/null",
            "LOGNAME": "operator"}


class Talk:
    """Somebody at a terminal, and the other end of his connection in our hands."""

    def __init__(self, window, process, peer):
        self.window, self.process, self.peer = window, process, peer

    def type(self, keys):
        self.window.type(keys)

    def say(self, text):
        """The other side says something."""
        self.peer.sendall(text if isinstance(text, bytes) else text.encode())

    def hears(self, wanted):
        """What was typed comes out at the other side."""
        wanted = wanted if isinstance(wanted, bytes) else wanted.encode()
        assert read_exactly(self.peer, len(wanted)) == wanted

    def shows(self, *lines):
        """The screen is this, from its first line to its last; the last one is where one types."""
        wanted = "\n".join(lines)
        self.window.wait_for(lambda screen: screen == wanted)

    def cursor(self):
        self.window.pump()
        return self.window.screen_of.cursor.x, self.window.screen_of.cursor.y

    def ends(self, status=0, err=b""):
        """It comes to its end by itself, and the terminal is as it was."""
        result = self.process.wait()
        assert (result.status, result.err) == (status, err)
        self.window.pump()
        assert self.window.is_as_found()

    def leave(self):
        self.type("/quit\r")
        self.ends()


@pytest.fixture
def talk(nettool, window, home):
    """Starts CHAT, or another address, against a socket of ours."""
    opened = []

    def begin(address="CHAT", window=window, env=None, tight=False):
        server = tcp_server()
        if tight:  # next to nothing is on its way
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        process = window.start(nettool, address,
                               f"TCP:{name_of(server)}{',sndbuf=4096' if tight else ''}",
                               env={**home, **(env or {})})
        peer = accept(server)
        server.close()
        opened.append(peer)
        made = Talk(window, process, peer)
        at_terminal(window)
        return made

    yield begin
    for peer in opened:
        peer.close()


# ---- one line is typed, others come in ------------------------------------------------------------


@pytest.mark.parametrize("address", ["CHAT", "READLINE"])
def test_a_line_is_typed(talk, address):
    one = talk(address)
    one.type("bonjour à tous\r")
    one.hears("bonjour à tous\n")
    one.say("salut, ça va ?\n")
    one.shows("bonjour à tous", "salut, ça va ?")
    one.type("oui\r")
    one.hears("oui\n")
    one.shows("bonjour à tous", "salut, ça va ?", "oui")
    one.type(CTRL["C"])
    one.ends()


@pytest.mark.parametrize("address", ["CHAT", "READLINE"])
def test_what_comes_in_leaves_the_line(talk, address):
    one = talk(address)
    one.type("half a line")
    one.shows("half a line")
    one.type("\033[D\033[D")
    wait_until(lambda: one.cursor() == (9, 0))
    one.say("first\nsecond\n")
    one.shows("first", "second", "half a line")
    assert one.cursor() == (9, 2)
    one.type("X")
    one.shows("first", "second", "half a liXne")
    one.type("\r")
    one.hears("half a liXne\n")
    one.peer.close()
    one.ends()


def test_editing(talk):
    one = talk()
    one.type("the quick brown fox")
    one.type(CTRL["W"] + CTRL["A"] + b"so " + CTRL["E"] + b"dog\x7f\x7ft")
    one.shows("so the quick brown dt")
    one.type(CTRL["U"] + b"new\r")
    one.hears("new\n")
    one.leave()


def test_line_longer_than_the_window(talk):
    one = talk()
    line = "".join(f"{i:04d} " for i in range(40))  # 200 columns
    one.type(line.rstrip())
    one.shows(line[:80].rstrip(), line[80:160].rstrip(), line[160:].rstrip())
    one.say("in between\n")
    one.shows("in between", line[:80].rstrip(), line[80:160].rstrip(), line[160:].rstrip())
    one.type(CTRL["A"])
    wait_until(lambda: one.cursor() == (0, 1))
    one.say("again\n")
    one.shows("in between", "again", line[:80].rstrip(), line[80:160].rstrip(),
              line[160:].rstrip())
    assert one.cursor() == (0, 2)
    one.type("\r")
    one.hears(line.rstrip() + "\n")
    one.leave()


def test_twenty_columns(talk, nettool):
    with Window(20, 10) as narrow:
        one = talk(window=narrow)
        one.type("abcdefghijklmnopqrstuvwxyz")
        one.shows("abcdefghijklmnopqrst", "uvwxyz")
        one.say("0123456789" * 3 + "\n")
        one.shows("01234567890123456789", "0123456789", "abcdefghijklmnopqrst", "uvwxyz")
        assert one.cursor() == (6, 3)
        one.type("\r")
        one.hears("abcdefghijklmnopqrstuvwxyz\n")
        one.leave()


def test_wide_and_combining_characters(talk):
    with Window(20, 10) as narrow:
        one = talk(window=narrow)
        one.type("日本語を話す人々が好")  # 20 columns
        one.type("きx")
        wait_until(lambda: one.cursor() == (3, 1))
        one.say("été e\u0301 日本 😀\n")
        wait_until(lambda: one.cursor() == (3, 2))
        shown = [line.rstrip() for line in narrow.screen_of.display]
        assert shown[0].replace("e\u0301", "é") == "été é 日本 😀"
        assert shown[1:3] == ["日本語を話す人々が好", "きx"]
        one.type("\x7f\x7f\x7f")
        wait_until(lambda: one.cursor() in ((18, 1), (17, 1)))
        one.type("e\u0301\r")
        one.hears("日本語を話す人々がe\u0301\n")
        one.leave()


def test_window_is_resized(talk, window):
    one = talk()
    one.type("x" * 50)
    one.shows("x" * 50)

    def resize(columns, rows):
        window.pump()
        window.looked = len(window.text)
        window.resize(columns, rows)
        window.expect("x{50}")

    resize(40, 20)
    one.say("hello\n")
    window.wait_for(lambda screen: screen.endswith("hello\n" + "x" * 40 + "\n" + "x" * 10))
    resize(100, 30)
    one.say("there\n")
    window.wait_for(lambda screen: screen.endswith("there\n" + "x" * 50))
    one.type("\r")
    one.hears("x" * 50 + "\n")
    one.leave()


def test_flood_loses_no_key(talk, window):
    """200 messages a second come in while a line is typed."""
    one = talk()
    line = "Portez ce vieux whisky au juge blond qui fume, déjà vu à Noël: œuf."
    over = threading.Event()

    def flood():
        number = 0
        while not over.is_set() or number < 200:
            number += 1
            one.say(f"message {number}\n")
            time.sleep(0.005)
        return number

    floods = tools.Background(flood)
    try:
        for key in line:
            one.type(key)
            window.pump()
            time.sleep(0.01)
    finally:
        over.set()
    last = f"message {floods.result()}"
    window.wait_for(lambda screen: screen.endswith(f"{last}\n{line}"))
    shown = window.screen.split("\n")[:-1]
    numbers = [int(text.removeprefix("message ")) for text in shown]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    one.type("\r")
    one.hears(line + "\n")
    one.leave()


def test_no_terminal_means_plain_lines(nettool, home, tmp):
    server = tcp_server()
    process = nettool.start("CHAT", f"TCP:{name_of(server)}", env=home)
    peer = accept(server)
    process.send("déjà\n/quit\n".encode())
    assert read_exactly(peer, 13) == "déjà\n/quit\n".encode()
    peer.sendall(b"one\x1b[2Jtwo\n")
    process.expect_out(b"one\x1b[2Jtwo\n")
    process.end_input()
    assert read_all(peer) == b""
    peer.close()
    assert process.wait().status == 0
    server.close()


def test_dumb_terminal(talk):
    one = talk(env={"TERM": "dumb", "NO_COLOR": None})
    one.type("half")
    one.say("<ana> hello\n")
    one.window.wait_for(lambda screen: screen.split("\n")[-1] == "half" and
                        "<ana> hello" in screen)
    one.type(" line\r")
    one.hears("half line\n")
    one.type("/clear\r")
    one.leave()
    assert b"\033" not in one.window.text


# ---- nothing from the network is obeyed -----------------------------------------------------------

EVIL = [
    (b"\x1b[2J\x1b[1;1H", r"\x1b[2J\x1b[1;1H"),
    (b"\x1b]0;title\x07", r"\x1b]0;title\a"),
    (b"\x9b31m", r"\x9b31m"),
    ("\u009b31m".encode(), r"\xc2\x9b31m"),
    ("a\u202eb".encode(), r"a\xe2\x80\xaeb"),
    ("a\u2066b".encode(), r"a\xe2\x81\xa6b"),
    (b"a\bb\x00c\x7fd", r"a\bb\x00c\x7fd"),
    (b"over\rwrite", r"over\rwrite"),
    (b"\xff\xfe", r"\xff\xfe"),
    (b"\x0e\x0f\x05", r"\x0e\x0f\x05"),
]


@pytest.mark.parametrize("address", ["CHAT", "CHAT,color", "READLINE", "READLINE,noprompt"])
def test_nothing_is_obeyed(talk, address):
    one = talk(address)
    one.type("typed")
    for evil, _ in EVIL:
        one.say(evil + b"\n")
    one.shows(*[shown for _, shown in EVIL], "typed")
    # as a line without end, which stands in front of what is typed, or above it
    one.say(EVIL[0][0])
    one.window.wait_for(lambda screen: screen.count(EVIL[0][1]) == 2)
    one.type(CTRL["C"] + CTRL["C"])
    one.ends()
    for evil, _ in EVIL:
        assert evil not in one.window.text


def test_tabs_are_shown(talk):
    one = talk()
    one.say("a\tb\n")
    one.shows("a       b")
    one.leave()


def test_names_that_would_be_obeyed_are_not_completed(talk, window):
    one = talk()
    one.say(b"<x\x1b[2J> hello\n<xavier> hi\n")
    window.wait_for("xavier")
    one.type("x\t")
    window.wait_for(lambda screen: screen.split("\n")[-1] == "xavier")
    one.type(CTRL["C"])
    one.leave()


# ---- locales --------------------------------------------------------------------------------------


@pytest.fixture
def latin1(tmp):
    """The environment of a locale with Latin-1."""
    if shutil.which("localedef") is None:
        pytest.skip("localedef is not installed")
    made = subprocess.run(["localedef", "-c", "-i", "fr_FR", "-f", "ISO-8859-1",
                           str(tmp / "fr_FR")], capture_output=True, check=False)
    if not (tmp / "fr_FR" / "LC_CTYPE").exists():
        pytest.skip(f"no locale can be made here: {made.stderr!r}")
    return {"LOCPATH": str(tmp), "LC_ALL": "fr_FR"}


def test_latin1(talk, latin1, window):
    one = talk(env=latin1)
    one.type("déjà".encode("latin-1") + b"\r")
    one.hears("déjà\n".encode("latin-1"))
    one.say("ça va\n".encode("latin-1"))
    window.expect("ça va".encode("latin-1"))
    one.say(b"\x9b31m\n")
    window.expect(rb"\\x9b31m")
    one.type("½é\x7f\r".encode("latin-1"))
    one.hears("½\n".encode("latin-1"))
    one.leave()


def test_c_locale(talk, window):
    """Without a locale nothing but ASCII is shown as it is; all of it is sent as it was typed."""
    one = talk(env={"LC_ALL": "C"})
    one.type("déjà\r")
    one.hears("déjà\n")
    one.say("ça va\n")
    window.expect(rb"\\xc3\\xa7a va")
    one.leave()


def test_bytes_that_are_no_text_are_sent_unchanged(talk, window):
    one = talk()
    for text in (b"a\xff\xe9z", b"\xc3", b"x\xe2\x82", "é€😀".encode(), b"\xf0\x9f\x98\xc3\xa9"):
        one.type(text + b"\r")
        one.hears(text + b"\n")
    # a letter that comes in pieces is one
    for byte in "é€😀".encode():
        one.type(bytes([byte]))
        window.pump()
        time.sleep(0.01)
    one.type("\x7f\r")
    one.hears("é€\n")
    one.leave()


# ---- history --------------------------------------------------------------------------------------


def history_of(tmp):
    return tmp / "state" / "nettool" / "history"


def test_history(talk, tmp, window):
    one = talk()
    one.type("first\r second\rthird\r")
    one.hears("first\n second\nthird\n")
    one.type("\033[A")
    window.wait_for(lambda screen: screen.count("third") == 2)
    one.type("\033[A\r")
    one.hears("first\n")
    one.leave()
    assert history_of(tmp).read_bytes() == b"first\nthird\nfirst\n/quit\n"
    assert stat.S_IMODE(history_of(tmp).stat().st_mode) == 0o600
    assert stat.S_IMODE(history_of(tmp).parent.stat().st_mode) == 0o700
    # another time
    with Window() as later:
        two = talk(window=later)
        two.type(CTRL["P"] * 3 + b"\r")
        two.hears("third\n")
        two.leave()


def test_history_of_several_sessions(talk, tmp):
    with Window() as one_window, Window() as two_window:
        one, two = talk(window=one_window), talk(window=two_window)
        for number in range(20):
            one.type(f"one {number} {'é' * 50}\r")
            two.type(f"two {number} {'ü' * 50}\r")
            one_window.pump()
            two_window.pump()
        wait_until(lambda: history_of(tmp).read_bytes().count(b"\n") == 40)
        one.leave()
        two.leave()
    lines = history_of(tmp).read_text().splitlines()
    assert [line for line in lines if line.startswith("one")] == [
        f"one {number} {'é' * 50}" for number in range(20)]
    assert [line for line in lines if line.startswith("two")] == [
        f"two {number} {'ü' * 50}" for number in range(20)]


@pytest.mark.parametrize("address", ["CHAT", "READLINE"])
def test_history_in_another_file(talk, tmp, address):
    one = talk(f"{address},history={tmp}/mine")
    one.type("kept\r")
    one.hears("kept\n")
    one.type(CTRL["C"])
    one.ends()
    assert (tmp / "mine").read_bytes() == b"kept\n"
    assert stat.S_IMODE((tmp / "mine").stat().st_mode) == 0o600
    assert not history_of(tmp).exists()


def test_long_history_is_no_burden(talk, tmp):
    """Of a long file only the end is read, and from a whole line on."""
    (tmp / "long").write_text("".join(f"line {i:07d}\n" for i in range(200000)) + "last\n")
    one = talk(f"CHAT,history={tmp}/long")
    one.type(CTRL["P"] + CTRL["P"] + b"\r")
    one.hears("line 0199999\n")
    one.leave()


# ---- completion -----------------------------------------------------------------------------------


def test_commands_are_completed(talk, window):
    one = talk()
    one.type("/ni\t")
    window.wait_for(lambda screen: screen.endswith("/nick"))
    assert one.cursor() == (6, 0)
    one.type("ana\r")
    window.wait_for("-- you are now ana")
    one.type("hello\r")
    one.hears("<ana> hello\n")
    one.leave()


def test_names_are_completed(talk, window):
    one = talk()
    one.say("* béatrice joined\n<anatole> hi\n* here: operator, 127.0.0.1:4000, célestin\n")
    window.wait_for("célestin")
    for typed, name in (("an", "anatole"), ("bé", "béatrice"), ("12", "127.0.0.1:4000"),
                        ("ask cé", "ask célestin"), ("B", "béatrice")):
        one.type(f"{typed}\t")
        window.wait_for(lambda screen: screen.split("\n")[-1] == name)
        one.type("!\r")
        one.hears(f"{name} !\n")
    one.leave()


def test_many_names_ask_nothing(talk, window):
    one = talk()
    one.say("".join(f"<user{i:03d}> hi\n" for i in range(150)))
    window.wait_for("<user149> hi")
    one.type("us\t\t")
    window.wait_for("user148")
    one.say("and on\n")
    window.wait_for(lambda screen: screen.endswith("and on\nuser"))
    one.type("\r")
    one.hears("user\n")
    one.leave()


# ---- commands -------------------------------------------------------------------------------------


def test_help_time_who(talk, window):
    one = talk()
    one.type("/help\r")
    window.wait_for("/send FILE")
    one.type("/time\r")
    window.expect(r"-- it is \d\d:\d\d:\d\d\r\n")
    one.type("/who\r")
    window.wait_for("-- names heard so far: none")
    one.say("<ana> hi\n<bob> hi\n")
    window.wait_for("<bob> hi")
    one.type("/who\r")
    window.wait_for("-- names heard so far: ana, bob")
    one.type("/nick two words\r")
    window.wait_for("a name without blanks")
    one.type("/nonsense\r")
    window.wait_for("there is no command /nonsense")
    one.type("//help\r")
    one.hears("/help\n")
    one.leave()


def test_clear(talk, window):
    one = talk()
    one.say("some\nlines\n")
    window.wait_for("lines")
    one.type("/clear\r")
    window.wait_for(lambda screen: screen == "")
    one.type("on")
    one.shows("on")
    one.type("\r")
    one.leave()


def test_readline_has_no_commands(talk):
    one = talk("READLINE")
    one.type("/quit\r")
    one.hears("/quit\n")
    one.type(CTRL["C"])
    one.ends()


def test_send_file(talk, window, tmp):
    data = tools.random_bytes(3 << 20)
    (tmp / "big.bin").write_bytes(data)
    one = talk()
    one.type("before\r/send big.b\t\rafter\rtyped")
    one.hears("before\n")
    window.expect(r"\[sending big\.bin:\s+\d+%\] ")
    assert tools.same(read_exactly(one.peer, len(data)), data)
    one.hears("after\n")
    window.wait_for(f"-- big.bin is sent: {len(data)} bytes")
    window.wait_for(lambda screen: screen.split("\n")[-1] == "typed")
    drawn = re.findall(rb"\[sending big\.bin:.{0,9}?%\]", bytes(window.text))
    assert len({len(line) for line in drawn}) == 1
    assert 2 < len(drawn) <= 110
    one.type(CTRL["C"])
    one.leave()


def test_send_what_cannot_be_sent(talk, window, tmp):
    one = talk()
    one.type("/send missing\r")
    window.wait_for("-- cannot send missing: No such file or directory")
    one.type("/send .\r")
    window.wait_for("-- cannot send .: it is no regular file")
    one.type("/send\r")
    window.wait_for("-- which file?")
    (tmp / "empty").touch()
    one.type("/send empty\r")
    window.wait_for("-- empty is sent: 0 bytes")
    one.leave()


def test_sending_is_stopped(talk, window, tmp):
    (tmp / "big").write_bytes(bytes(1 << 20))
    one = talk(tight=True)
    one.type("/send big\r")
    window.expect(r"\[sending big:")
    one.type(CTRL["C"])
    window.wait_for("-- big is not sent on: ")
    one.type(CTRL["C"])
    one.ends()


# ---- what it looks like ---------------------------------------------------------------------------


def color_of(window, text):
    """The colours of a text on the screen."""
    window.pump()
    for y, line in enumerate(window.screen_of.display):
        x = line.find(text)
        if x >= 0:
            return {window.screen_of.buffer[y][x + i].fg for i in range(len(text))}
    pytest.fail(f"{text} isn't on the screen\n{window}")


def test_colors(talk, window):
    one = talk(env={"NO_COLOR": None})
    one.say("<ana> one\n<bob> two\n<ana> three\nplain\n")
    window.wait_for("plain")
    ana = color_of(window, "<ana>")
    assert len(ana) == 1 and ana != {"default"}
    assert color_of(window, "<ana> three"[:5]) == ana
    assert color_of(window, "<bob>") != {"default"}
    assert color_of(window, "three") == {"default"}
    assert color_of(window, "plain") == {"default"}
    one.leave()


@pytest.mark.parametrize("address,env", [("CHAT", {"NO_COLOR": "1"}),
                                         ("CHAT,color=0", {"NO_COLOR": None}),
                                         ("CHAT", {"NO_COLOR": None, "TERM": "dumb"})])
def test_no_colors(talk, window, address, env):
    one = talk(address, env=env)
    one.say("<ana> one\n")
    window.wait_for("one")
    assert color_of(window, "<ana> one") == {"default"}
    assert b"\033[1;3" not in window.text
    one.leave()


def test_empty_no_color_is_no_objection(talk, window):
    one = talk(env={"NO_COLOR": ""})
    one.say("<ana> one\n")
    window.wait_for("one")
    assert color_of(window, "<ana>") != {"default"}
    one.leave()


def test_timestamps(talk, window):
    one = talk("CHAT,timestamps")
    one.say("hello\n")
    window.expect(r"\d\d:\d\d:\d\d hello\r\n")
    one.leave()


def test_bell(talk, window):
    one = talk("CHAT,bell")
    one.type("/help\r")
    window.wait_for("/send FILE")
    assert b"\a" not in window.text
    one.say("one\ntwo\n")
    window.wait_for("two")
    assert window.text.count(b"\a") == 2
    one.leave()
    with Window() as silent:
        two = talk(window=silent)
        two.say("one\n")
        silent.wait_for("one")
        assert b"\a" not in silent.text
        two.leave()


def test_transcript(talk, window, tmp):
    one = talk(f"CHAT,transcript={tmp}/talk.txt,nick=ana")
    one.type("bonjour\r")
    one.hears("<ana> bonjour\n")
    one.say("<béa> ça va ?\r\n\x1b[2J\n")
    window.wait_for("x1b")
    one.type("oui\r/time\r")
    one.hears("<ana> oui\n")
    one.leave()
    assert (tmp / "talk.txt").read_text() == (
        "> bonjour\n< <béa> ça va ?\n< \\x1b[2J\n> oui\n")
    assert stat.S_IMODE((tmp / "talk.txt").stat().st_mode) == 0o600


def test_transcript_that_cannot_be_written(nettool, window, home, tmp):
    process = window.start(nettool, f"CHAT,transcript={tmp}/no/where", "PIPE", env=home)
    result = process.wait()
    assert result.status == 1
    assert f"cannot open {tmp}/no/where: No such file or directory" in result.text
    assert window.is_as_found()


def test_prompt(talk, window):
    one = talk("CHAT,prompt=moi> ")
    one.shows("moi>")
    one.say("hello\n")
    one.shows("hello", "moi>")
    one.type("hi\r")
    one.hears("hi\n")
    one.shows("hello", "moi> hi", "moi>")
    one.leave()


def test_warnings_stay_above_the_line(nettool, window, home):
    """Messages of the program's own, on the same terminal."""
    server = tcp_server()
    process = window.start(nettool, "CHAT", f"TCP:{name_of(server)}", env=home,
                           stderr=window.slave)
    peer = accept(server)
    one = Talk(window, process, peer)
    at_terminal(window)
    one.type("being typed")
    one.shows("being typed")
    process.send_signal(signal.SIGUSR1)
    window.wait_for(lambda screen: "STATISTICS: right to left" in screen and
                    screen.split("\n")[-1] == "being typed")
    assert all(line.startswith("nettool: STATISTICS")
               for line in window.screen.split("\n")[:-1])
    one.type(CTRL["C"])
    one.type("/quit\r")
    process.wait()
    assert window.is_as_found()
    peer.close()
    server.close()


def test_dumps_stay_above_the_line(nettool, window, home):
    """What -v shows, on the same terminal."""
    server = tcp_server()
    process = window.start(nettool, "-v", "CHAT", f"TCP:{name_of(server)}", env=home,
                           stderr=window.slave)
    with accept(server) as peer:
        one = Talk(window, process, peer)
        at_terminal(window)
        one.type("being typed")
        one.shows("being typed")
        one.say("\x1b[2Jbonjour\n")
        window.wait_for(lambda screen: screen.count("bonjour") == 2 and
                        screen.split("\n")[-1] == "being typed")
        lines = [line for line in window.screen.split("\n") if line.startswith("< ")]
        assert len(lines) == 1 and lines[0].endswith("length=12 from=0 to=11")
        one.type("\r")
        one.hears("being typed\n")
        window.wait_for(lambda screen: screen.count("being typed") == 2)
        one.type("/quit\r")
        process.wait()
        assert window.is_as_found()
    server.close()


@pytest.mark.parametrize("address", ["READLINE", "CHAT"])
@pytest.mark.parametrize("options, above", [("", True), (",pty", True), (",stderr=0", False)])
def test_errors_of_a_program_stay_above_the_line(nettool, window, home, address, options, above):
    """What a program complains of is part of the talk, where it would go to the same terminal."""
    process = window.start(nettool, address,
                           f"SYSTEM:'while read l; do echo \"no $l\" >&2; done'{options}",
                           env=home, stderr=window.slave)
    at_terminal(window)
    window.type("one\rtw")
    if above:
        window.wait_for(lambda screen: screen.endswith("\nno one\ntw"))
    else:
        window.wait_for(lambda screen: "no one" in screen)
    window.type("o\r\x04\x04")
    process.wait()
    assert window.is_as_found()


# ---- pasting --------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["CHAT", "READLINE"])
@pytest.mark.parametrize("marked", [True, False], ids=["bracketed", "as keys"])
@pytest.mark.parametrize("ending", ["\r", "\n"], ids=["cr", "lf"])
def test_200_lines_are_pasted(talk, address, marked, ending):
    one = talk(address)
    lines = [f"line {i}: l'été, {'x' * (i % 90)}" for i in range(200)]
    data = ending.join(lines).encode()
    if marked:
        data = PASTE + data + PASTED
    typing = tools.Background(one.type, data)
    wait_until(lambda: one.window.pump() or not typing.running)
    typing.result()
    one.window.wait_for(lambda screen: screen.split("\n")[-1].endswith("x" * (199 % 90 % 80)))
    wanted = "\n".join(lines[:-1]) + "\n"
    one.hears(wanted)
    # the last one has no end yet
    assert quiet(one.peer, 0.1)
    one.type("!\r")
    one.hears(lines[-1] + "!\n")
    one.type(CTRL["C"])
    one.ends()


def test_pasted_text_is_no_command_key(talk, window):
    """Tabs complete nothing, control characters edit nothing; they are sent as they are."""
    one = talk()
    one.say("<anatole> hi\n")
    window.wait_for("anatole")
    one.type(PASTE + b"an\tx\x03y\x15z\x04" + PASTED + b"!\r")
    one.hears(b"an\tx\x03y\x15z\x04!\n")
    one.type(b"a" + PASTE + b"b\r\nc\r\n" + PASTED + b"d\r")
    one.hears("ab\nc\nd\n")
    one.leave()


def test_paste_is_shown_like_typed_lines(talk):
    one = talk("CHAT,prompt=> ")
    one.type(b"a" + PASTE + b"b\rc\x1b[2J\rd" + PASTED)
    one.shows("> ab", "> c\\x1b[2J", "> d")
    one.hears(b"ab\nc\x1b[2J\n")
    one.say("hello\n")
    one.shows("> ab", "> c\\x1b[2J", "hello", "> d")
    one.type("\r")
    one.hears("d\n")
    one.leave()


def test_paste_in_the_midst_of_the_talk(talk, window):
    """A paste that takes its time hides nobody's words."""
    one = talk()
    one.type(PASTE + b"one\rtwo")
    one.hears("one\n")
    one.say("hello\n")
    one.shows("one", "hello")
    one.type(b" more" + PASTED)
    one.shows("one", "hello", "two more")
    one.type("\r")
    one.hears("two more\n")
    one.leave()


@pytest.mark.parametrize("marked", [True, False], ids=["pasted", "typed"])
def test_1_mib_line_is_sent_whole(talk, window, marked):
    one = talk("READLINE")
    line = bytes(97 + i % 26 for i in range(1 << 20))
    got = tools.Background(read_exactly, one.peer, len(line) + 1, 60)
    typing = tools.Background(one.type, (PASTE + line + PASTED if marked else line) + b"\r")
    while typing.running or got.running:
        # nobody looks at a screen of 13000 lines
        while tools.select.select([window.master], [], [], 0.01)[0]:
            os.read(window.master, 65536)
    assert tools.same(got.result(), line + b"\n")
    one.peer.close()
    result = tools.Background(one.process.wait)
    while result.running:
        if tools.select.select([window.master], [], [], 0.01)[0]:
            os.read(window.master, 65536)
    assert result.result().status == 0


@pytest.mark.parametrize("address", ["CHAT", "READLINE"])
def test_1_mib_line_is_shown_whole(talk, window, address):
    one = talk(address)
    line = bytes(97 + i % 26 for i in range(1 << 20))
    sending = tools.Background(one.say, line + b"\nend\n")
    got = b""
    limit = time.monotonic() + DEADLINE
    while line + b"\r\n" not in got or b"end\r\n" not in got:
        assert time.monotonic() < limit, got[-200:]
        if tools.select.select([window.master], [], [], 0.05)[0]:
            got += os.read(window.master, 65536)
    sending.result()
    one.type(CTRL["C"])
    one.ends()


# ---- passwords and prompts ------------------------------------------------------------------------


def test_password_is_not_shown(talk, window, tmp):
    one = talk(f"READLINE,noecho=[Pp]assword,history={tmp}/history")
    one.say("login: ")
    one.shows("login:")
    one.type("ana\r")
    one.hears("ana\n")
    one.say("Password: ")
    one.shows("login: ana", "Password:")
    one.type("sécret\x7f\x7fet")
    wait_until(lambda: one.cursor() == (10, 1))
    one.say("\n(hurry)\nPassword: ")
    one.shows("login: ana", "Password:", "(hurry)", "Password:")
    one.type("\r")
    one.hears("sécret\n")
    one.say("welcome\n$ ")
    one.shows("login: ana", "Password:", "(hurry)", "Password:", "welcome", "$")
    one.type("\033[A")
    window.wait_for(lambda screen: screen.endswith("$ ana"))
    one.type(CTRL["C"] + b"ls\r")
    one.hears("ls\n")
    one.type(CTRL["C"])
    one.ends()
    assert b"cret" not in window.text
    assert (tmp / "history").read_bytes() == b"ana\nls\n"


def test_pasted_password_is_not_shown(talk, window, tmp):
    one = talk(f"READLINE,noecho=assword,history={tmp}/history")
    one.say("Password: ")
    one.shows("Password:")
    one.type(PASTE + b"secret\r" + PASTED)
    one.hears("secret\n")
    one.type(CTRL["C"])
    one.ends()
    assert b"secret" not in window.text
    assert (tmp / "history").read_bytes() == b""


def test_prompt_comes_from_the_other_side(talk):
    one = talk("READLINE")
    one.say("one\ntwo> ")
    one.shows("one", "two>")
    one.type("xyz")
    one.shows("one", "two> xyz")
    one.say("more> ")  # the unfinished line goes on
    one.shows("one", "two> more> xyz")
    one.type("\r")
    one.hears("xyz\n")
    one.say("> ")
    one.shows("one", "two> more> xyz", ">")
    one.type(CTRL["C"])
    one.ends()


def test_noprompt_and_prompt(talk):
    one = talk("READLINE,noprompt,prompt=me: ")
    one.say("login: ")
    one.shows("login:", "me:")
    one.type("ana\r")
    one.hears("ana\n")
    one.shows("login:", "me: ana", "me:")
    one.type(CTRL["C"])
    one.ends()


def test_long_unfinished_line_leaves_room(talk):
    """Of a line without end its end is shown."""
    one = talk("READLINE")
    one.say("".join(f"{i:04d} " for i in range(100)) + "> ")
    one.window.wait_for(lambda screen: screen.endswith(" 0099 >"))
    assert len(one.window.screen.split("\n")[-1]) < 80
    one.type("x")
    one.window.wait_for(lambda screen: screen.endswith(" 0099 > x"))
    one.type(CTRL["C"] + CTRL["C"])
    one.ends()


def test_last_words_without_newline_stay(talk, window):
    one = talk("READLINE")
    one.say("bye")
    one.shows("bye")
    one.peer.close()
    one.ends()
    assert window.screen == "bye"


def test_wrong_noecho(nettool, window, home):
    process = window.start(nettool, "READLINE,noecho=[", "PIPE", env=home)
    result = process.wait()
    assert result.status in (1, 2)
    assert "noecho=[" in result.text
    assert window.is_as_found()


# ---- how it ends ----------------------------------------------------------------------------------


def test_terminal_options_of_readline(talk, window):
    """They hold for the terminal as socat's do, and are taken back at the end."""
    one = talk("READLINE,echok=0,ixon=0")
    one.type("hello\r")
    one.hears("hello\n")
    one.type(CTRL["D"] + CTRL["D"])
    one.ends()


def test_end_of_input(talk, window):
    """The first Ctrl-D ends what we say, and we go on listening; the second one leaves."""
    one = talk()
    one.type("last\r" + CTRL["D"].decode())
    one.hears("last\n")
    assert one.peer.recv(1) == b""
    window.wait_for("-- you have ended what you say; another Ctrl-D leaves")
    one.say("still there?\n")
    window.wait_for("still there?")
    one.type("hello\r")
    window.wait_for("this is not sent")
    one.type(CTRL["D"])
    one.ends()


def test_end_of_input_twice_at_once(talk):
    one = talk()
    one.type(CTRL["D"] + CTRL["D"])
    one.ends()


def test_end_of_input_deletes_in_a_line(talk):
    one = talk()
    one.type(b"abc" + CTRL["A"] + CTRL["D"] + b"\r")
    one.hears("bc\n")
    one.leave()


def test_interrupt(talk, window):
    """Ctrl-C clears the line; on an empty one it leaves."""
    one = talk()
    one.type("oops")
    one.shows("oops")
    one.type(CTRL["C"])
    one.shows("")
    one.type("fine\r")
    one.hears("fine\n")
    one.type(CTRL["C"])
    one.ends()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
@pytest.mark.parametrize("address", ["CHAT", "READLINE"])
def test_terminal_after_a_signal(talk, window, number, address):
    one = talk(address)
    one.type("half a line")
    one.shows("half a line")
    result = one.process.stop(number)
    assert result.status == 128 + number
    assert window.is_as_found()
    assert window.screen == ""


def test_terminal_after_quit_key(talk, window):
    one = talk()
    one.type("\x1c")
    assert one.process.wait().status == 128 + signal.SIGQUIT
    assert window.is_as_found()


def test_terminal_after_the_peer_has_gone(talk, window):
    one = talk()
    one.type("half")
    one.shows("half")
    one.say("bye\n")
    one.peer.close()
    one.ends()
    assert window.screen == "bye\n-- the other side has ended"


def test_terminal_after_a_reset(talk, window):
    one = talk()
    one.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    one.peer.close()
    result = one.process.wait()
    assert result.status == 1 and "Connection reset" in result.text
    assert window.is_as_found()


def test_terminal_after_an_error_at_opening(nettool, window, home):
    process = window.start(nettool, "CHAT", f"TCP:127.0.0.1:{tools.dead_port()}", env=home)
    result = process.wait()
    assert result.status == 1 and "Connection refused" in result.text
    window.pump()
    assert window.is_as_found() and window.text == b""


def test_waiting_for_the_other_side_is_interrupted(nettool, window, home):
    """While nobody is there Ctrl-C is what it is everywhere."""
    process = window.start(nettool, "CHAT", "TCP-LISTEN:0,bind=127.0.0.1", env=home,
                           stderr=subprocess.PIPE)
    wait_until(lambda: tools.is_asleep(process.pid))
    window.type(CTRL["C"])
    assert process.wait().status == 128 + signal.SIGINT
    assert window.is_as_found()


def test_terminal_after_the_program_was_killed(nettool, window, home):
    process = window.start(nettool, "READLINE", "EXEC:cat", env=home)
    at_terminal(window)
    window.type("one\r")
    window.wait_for("one\none")
    os.kill(wait_until(lambda: children_of(process.pid))[0], signal.SIGKILL)
    assert process.wait().status != 0
    assert window.is_as_found()


def test_hang_up(talk, window):
    one = talk()
    one.type("half")
    one.shows("half")
    window.hang_up()
    assert one.process.wait().status in (1, 128 + signal.SIGHUP)
    assert one.peer.recv(10) == b""


def test_terminal_that_vanishes_when_nobody_reads(nettool, window, home):
    """Where no signal tells it, poll does, again and again: once is enough."""
    server = tcp_server()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    process = window.start(nettool, "CHAT", f"TCP:{name_of(server)},sndbuf=4096", env=home,
                           own=False)
    peer = accept(server)
    at_terminal(window)
    sent = tools.Background(window.type, PASTE + (b"x" * 79 + b"\r") * 2000 + PASTED)
    wait_until(lambda: window.pump() or not sent.running)
    window.hang_up()
    wait_until(lambda: rests(process.pid), what="a loop that waits")
    assert process.running
    while peer.recv(65536):
        pass
    assert process.wait().status == 1
    peer.close()
    server.close()


def test_leaving_when_nobody_reads(talk, window):
    """What was said waits for a peer who doesn't take it; whoever wants to go, goes."""
    one = talk(tight=True)
    sent = tools.Background(one.type, PASTE + (b"x" * 79 + b"\r") * 2000 + PASTED)
    wait_until(lambda: window.pump() or not sent.running)
    one.type("/quit\r")
    result = tools.Background(one.process.wait)
    wait_until(lambda: window.pump() or not result.running)
    assert result.result().status == 0
    assert window.is_as_found()


def test_stop_and_back(nettool, window, home, program):
    """Ctrl-Z under a shell with job control, and fg."""
    server = tcp_server()
    bash = program("bash", "--norc", "--noprofile", "-i")
    process = window.start(bash, env={**home, "PS1": "pr> ", "HISTFILE": None}, stderr=window.slave)
    window.expect("pr> ")
    before = window.settings()
    window.type(f"{tools.NETTOOL} CHAT TCP:{name_of(server)}\r")
    peer = accept(server)
    window.expect(r"\r\n")
    at_terminal(window)
    window.type("half a")
    window.expect("half a")
    window.type(CTRL["Z"])
    window.expect("Stopped.*pr> ")
    window.type("stty -a | grep -c '^isig icanon'\r")
    window.expect(r"[\r\n]1\r\n.*pr> ")
    peer.sendall(b"meanwhile\n")
    window.type("fg\r")
    window.wait_for(lambda screen: screen.endswith("\nmeanwhile\nhalf a"))
    window.type(" line\r")
    assert read_exactly(peer, 12) == b"half a line\n"
    # a second time, then the end
    window.type(CTRL["Z"])
    window.expect("Stopped.*pr> ")
    window.type("fg\r")
    window.expect(r"CHAT TCP")
    window.type("x\r")
    assert read_exactly(peer, 2) == b"x\n"
    window.type("/quit\r")
    window.expect("pr> ")
    # stopped, and ended while it is
    window.type(f"{tools.NETTOOL} CHAT TCP:{name_of(server)}\r")
    second = accept(server)
    at_terminal(window)
    second.sendall(b"you are in\n")
    window.expect("you are in")
    window.type(CTRL["Z"])
    window.expect("Stopped.*pr> ")
    window.type("kill %1\r")
    assert second.recv(1) == b""
    window.type("\r")
    window.expect("pr> ")
    # A shell that hasn't heard yet that its stopped job has ended leaves when asked again.
    window.type("exit\rexit\r")
    process.wait()
    assert window.settings() == before or window.is_as_found()
    for one in (peer, second, server):
        one.close()


# ---- turns ----------------------------------------------------------------------------------------


def test_turns(talk, window):
    """The side that connects begins; then one line each."""
    one = talk("CHAT,turns")
    one.shows("your turn>")
    one.type("first\r")
    one.hears("first\n")
    one.shows("your turn> first", "(not your turn)")
    one.type("second\rthird\r")
    window.wait_for(lambda screen: screen.count("-- your line is kept until it is your turn") == 2)
    assert quiet(one.peer, 0.2)
    one.say("answer\n")
    one.hears("second\n")
    assert quiet(one.peer, 0.2)
    one.say("answer 2\n")
    one.hears("third\n")
    one.say("answer 3\n")
    window.wait_for(lambda screen: screen.endswith("answer 3\nyour turn>"))
    one.leave()


def test_turns_at_the_listener(nettool, window, home):
    reader, writer = os.pipe()
    process = window.start(nettool, f"--ready-fd={writer}", "TCP-LISTEN:0,bind=127.0.0.1",
                           "CHAT,turns", env=home, pass_fds=(writer,))
    os.close(writer)
    port = int(read_until(reader, b"\n").split(b":")[-1])
    os.close(reader)
    peer = socket.create_connection(("127.0.0.1", port), DEADLINE)
    one = Talk(window, process, peer)
    one.shows("(not your turn)")
    one.say("hello\n")
    one.shows("hello", "your turn>")
    one.type("hi\r")
    one.hears("hi\n")
    one.leave()
    peer.close()


def test_both_wait(talk, window):
    one = talk("CHAT,turns=wait")
    window.wait_for("the other side waits too")
    assert window.screen.endswith("\n(not your turn)")
    one.say("hello\n")
    window.wait_for(lambda screen: screen.endswith("\nhello\nyour turn>"))
    one.leave()


def test_both_begin(talk, window):
    one = talk("CHAT,turns=begin")
    one.say("I begin\n")
    window.wait_for("the other side has spoken out of turn: did both begin?")
    one.leave()


def two_chats(nettool, home, first, second, address_of, options=()):
    """CHAT at a listener and CHAT that connects to it -> (windows, processes)."""
    windows = [Window(), Window()]
    reader, writer = os.pipe()
    server = windows[0].start(nettool, f"--ready-fd={writer}", address_of(None), first, *options,
                              env=home, pass_fds=(writer,))
    os.close(writer)
    where = read_until(reader, b"\n").split()[2].decode()
    os.close(reader)
    client = windows[1].start(nettool, second, address_of(where), env=home)
    for window in windows:
        at_terminal(window)
    return windows, [server, client]


@pytest.mark.parametrize("kind", ["TCP", "UNIX"])
def test_two_chats(nettool, home, tmp, kind):
    def address(where):
        if kind == "TCP":
            return f"TCP:{where}" if where else "TCP-LISTEN:0,bind=127.0.0.1"
        return f"UNIX-CONNECT:{tmp}/s" if where else f"UNIX-LISTEN:{tmp}/s"

    windows, processes = two_chats(nettool, home, "CHAT,nick=ana", "CHAT,nick=béa", address)
    windows[1].type("bonjour ana\r")
    windows[0].wait_for("<béa> bonjour ana")
    windows[0].type("bon")
    windows[1].type("tu es là ?\r")
    windows[0].wait_for(lambda screen: screen == "<béa> bonjour ana\n<béa> tu es là ?\nbon")
    windows[0].type("jour béa\r")
    windows[1].wait_for(
        lambda screen: screen == "bonjour ana\ntu es là ?\n<ana> bonjour béa")
    windows[1].type("/quit\r")
    for process, window in zip(processes, windows):
        assert process.wait().status == 0
        assert window.is_as_found()
        window.close()


@pytest.mark.parametrize("role", ["turns=wait", "turns=begin"])
def test_two_chats_in_one_role(nettool, home, role):
    windows, processes = two_chats(
        nettool, home, f"CHAT,{role}", f"CHAT,{role}",
        lambda where: f"TCP:{where}" if where else "TCP-LISTEN:0,bind=127.0.0.1")
    if role == "turns=wait":
        for window in windows:
            window.wait_for("the other side waits too")
    else:
        for window in windows:
            window.wait_for("your turn>")
        windows[0].type("I begin\r")
        windows[1].wait_for("did both begin?")
    for process, window in zip(processes, windows):
        window.type("/quit\r")
        assert process.wait().status in (0, 1)
        assert window.is_as_found()
        window.close()


def test_two_chats_in_turns(nettool, home):
    windows, processes = two_chats(
        nettool, home, "CHAT,turns", "CHAT,turns",
        lambda where: f"TCP:{where}" if where else "TCP-LISTEN:0,bind=127.0.0.1")
    windows[0].wait_for("(not your turn)")
    for number in range(3):
        windows[1].wait_for(lambda screen: screen.endswith("your turn>"))
        windows[1].type(f"question {number}\r")
        windows[0].wait_for(lambda screen: screen.endswith(f"question {number}\nyour turn>"))
        windows[0].type(f"answer {number}\r")
        windows[1].wait_for(lambda screen: screen.endswith(f"answer {number}\nyour turn>"))
    windows[0].type("/quit\r")
    for process, window in zip(processes, windows):
        assert process.wait().status == 0
        assert window.is_as_found()
        window.close()


# ---- all kinds of partners ------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["nc"], ["ncat"], ["socat", "-"]], ids=lambda words: words[0])
def test_against_peers(nettool, program, window, home, words):
    peer = program(words[0])
    reader, writer = os.pipe()
    process = window.start(nettool, f"--ready-fd={writer}", "TCP-LISTEN:0,bind=127.0.0.1", "CHAT",
                           env=home, pass_fds=(writer,))
    os.close(writer)
    port = read_until(reader, b"\n").strip().split(b":")[-1].decode()
    os.close(reader)
    where = [f"TCP:127.0.0.1:{port}"] if words[0] == "socat" else ["127.0.0.1", port]
    other = peer.start(*words[1:], *where)
    other.send("bonjour\n".encode())
    window.wait_for("bonjour")
    window.type("ça va ?\r")
    other.expect_out("ça va ?\n".encode())
    window.type("/quit\r")
    assert process.wait().status == 0
    assert window.is_as_found()
    other.stop()


@pytest.mark.parametrize("address", ["READLINE", "CHAT"])
def test_bc(nettool, program, window, home, address):
    program("bc")
    process = window.start(nettool, address, "EXEC:bc -q", env=home)
    at_terminal(window)
    window.type("6*8\x7f7\r")
    window.wait_for("6*7\n42")
    window.type("\033[A\r")
    window.wait_for("6*7\n42\n6*7\n42")
    window.type("quit\r")
    assert process.wait().status == 0
    assert window.is_as_found()


def test_sqlite(nettool, program, window, home):
    program("sqlite3")
    process = window.start(nettool, "READLINE", "EXEC:sqlite3 -interactive", env=home)
    window.wait_for("sqlite>")
    window.type("select 'été', 6*7;\r")
    window.wait_for(lambda screen: screen.endswith("\nété|42\nsqlite>"))
    window.type(".quit\r")
    assert process.wait().status == 0
    assert window.is_as_found()


def test_python_prompts(nettool, window, home, tmp):
    """A program of which every prompt is an unfinished line, on a pseudo terminal without echo."""
    (tmp / "ask.py").write_text(
        "import sys\n"
        "name = input('name? ')\n"
        "word = input('password? ')\n"
        "print('hello', name, len(word))\n"
    )
    process = window.start(nettool, "READLINE,noecho=^password",
                           f"EXEC:{sys.executable} {tmp}/ask.py,pty,echo=0,stderr", env=home)
    window.wait_for("name?")
    window.type("ana\r")
    window.wait_for("password?")
    window.type("1234\r")
    window.wait_for("hello ana 4")
    assert process.wait().status == 0
    assert window.screen == "name? ana\npassword?\nhello ana 4"
    assert window.is_as_found()


def test_pty(nettool, window, home, tmp):
    process = window.start(nettool, "CHAT", f"PTY,link={tmp}/tty,rawer", env=home)
    at_terminal(window)
    with Device(wait_until(lambda: (tmp / "tty").exists() and tmp / "tty")) as device:
        window.type("bonjour\r")
        assert device.read(8) == b"bonjour\n"
        device.send("salut\n".encode())
        window.wait_for("bonjour\nsalut")
        window.type("/quit\r")
        assert process.wait().status == 0
    assert window.is_as_found()


def test_udp(nettool, window, home):
    """Each line is a datagram."""
    with udp_socket() as peer:
        process = window.start(nettool, "CHAT", f"UDP:{name_of(peer)}", env=home)
        at_terminal(window)
        window.type(PASTE + "un\rdeux\rtrois\r".encode() + PASTED)
        for line in (b"un\n", b"deux\n", b"trois\n"):
            data, address = peer.recvfrom(100)
            assert data == line
        peer.sendto(b"quatre", address)  # without an end
        window.wait_for("trois\nquatre")
        window.type("/quit\r")
        assert process.wait().status == 0
    assert window.is_as_found()


# ---- rooms ----------------------------------------------------------------------------------------


@pytest.fixture
def room(nettool, window, home):
    """A hub with an operator at the window -> (process, port)."""
    def begin(*options, chat="CHAT"):
        reader, writer = os.pipe()
        process = window.start(nettool, f"--ready-fd={writer}",
                               ",".join(["TCP-LISTEN:0,bind=127.0.0.1,hub", *options]), chat,
                               env=home, pass_fds=(writer,))
        os.close(writer)
        port = int(read_until(reader, b"\n").split(b":")[-1])
        os.close(reader)
        at_terminal(window)
        return process, port

    return begin


def test_operator_of_a_room(nettool, window, room):
    process, port = room("names", chat="CHAT,nick=chef")
    window.wait_for("* you are operator;")
    window.wait_for("* you are now chef")
    with socket.create_connection(("127.0.0.1", port), DEADLINE) as peer:
        assert b"* you are 127.0.0.1:" in read_until(peer, b"\n")
        window.wait_for("joined")
        window.type("/who\r")
        window.wait_for("* here: ")
        window.type("half")
        peer.sendall("/nick ana\nsalut à tous\n".encode())
        assert read_until(peer, b"\n") == b"* you are now ana\n"
        window.wait_for(lambda screen: screen.endswith("<ana> salut à tous\nhalf"))
        window.type(" a line\r")
        assert read_until(peer, b"\n") == b"<chef> half a line\n"
        window.type("an\t, hello\r")
        assert read_until(peer, b"\n") == b"<chef> ana , hello\n"
        window.type("/quit\r")
        assert read_until(peer, b"\n") == b"* this room closes\n"
        assert peer.recv(10) == b""
    assert process.wait().status == 0
    assert window.is_as_found()


def test_operator_ends_and_goes_on_listening(window, room):
    process, port = room()
    with socket.create_connection(("127.0.0.1", port), DEADLINE) as peer:
        window.type("hi\r")
        peer.sendall(b"one\n")
        window.wait_for("one")
        window.type(CTRL["D"])
        window.wait_for("another Ctrl-D leaves")
        peer.sendall(b"two\n")
        window.wait_for("two")
        window.type(CTRL["D"])
        assert process.wait().status == 0
    assert window.is_as_found()


def test_twenty_in_a_room(nettool, home):
    """Twenty at terminals, each hears the nineteen others, and his own line stays."""
    server = nettool.listener("TCP-LISTEN:0,bind=127.0.0.1,hub,names", endless=True)
    windows = [Window(60, 60) for _ in range(20)]
    processes = []
    for number, window in enumerate(windows):
        processes.append(window.start(nettool, f"CHAT,nick=user{number:02d}",
                                      f"TCP:{server.address}", env=home))
        window.wait_for(f"* you are now user{number:02d}")
        window.type("/clear\r")
    for window in windows:
        window.wait_for(lambda screen: screen == "" or "you are" not in screen)
        window.type("typing")
    for number, window in enumerate(windows):
        window.type(CTRL["U"] + f"line of {number:02d}\r".encode() + b"typing on")
    for number, window in enumerate(windows):
        wanted = {f"<user{other:02d}> line of {other:02d}" for other in range(20)
                  if other != number}
        window.wait_for(lambda screen: wanted <= set(screen.split("\n")) and
                        screen.split("\n")[-1] == "typing on")
    for process, window in zip(processes, windows):
        window.type(CTRL["C"] + b"/quit\r")
    for process, window in zip(processes, windows):
        assert process.wait().status == 0
        assert window.is_as_found()
        window.close()


# ---- the library ----------------------------------------------------------------------------------


@needs_linux
@needs_root
def test_without_the_library(nettool, window, home, tmp, program):
    """Where GNU readline is missing, only those who need it hear of it."""
    program("unshare")
    found = [str(path) for folder in ("/lib", "/usr/lib", "/lib64", "/usr/local/lib")
             for path in Path(folder).rglob("libreadline.so*")] if os.path.isdir("/lib") else []
    if not found:
        pytest.skip("no libreadline.so to hide")
    hide = " && ".join(f"mount --bind /dev/null '{path}'"
                       for path in sorted({os.path.realpath(path) for path in found}))
    shell = program("unshare", "-m", "sh", "-c")
    if shell(f"{hide} && true").status != 0:
        pytest.skip("no mount namespaces here")
    process = window.start(shell, f"{hide} && exec {tools.NETTOOL} CHAT PIPE", env=home)
    result = process.wait()
    assert result.status == 1
    assert re.fullmatch(r"nettool: CHAT: the line editor needs GNU readline: \S+ cannot be "
                        r"loaded\n", result.text)
    assert window.is_as_found()
    assert shell(f"{hide} && exec {tools.NETTOOL} /dev/null /dev/null").status == 0
    assert shell(f"{hide} && echo hello | exec {tools.NETTOOL} -t 10 CHAT PIPE").out == b"hello\n"


@needs_linux
def test_library_is_loaded_on_demand(nettool, program, talk):
    ldd = program("ldd")
    assert b"readline" not in ldd(tools.NETTOOL).out
    server = nettool.listener("TCP-LISTEN:0,bind=127.0.0.1", "PIPE")
    assert "readline" not in Path(f"/proc/{server.pid}/maps").read_text()
    server.stop()
    one = talk()
    assert "readline" in Path(f"/proc/{one.process.pid}/maps").read_text()
    one.leave()


def instructions(program, binary, tmp):
    """How many instructions it takes to move nothing from nowhere to nowhere."""
    log = tmp / "callgrind"
    done = program("valgrind", "--tool=callgrind", f"--callgrind-out-file={log}")(
        binary, "-t", "0", "/dev/null", "/dev/null", timeout=120)
    assert done.status == 0, done
    return int(re.search(r"Collected : (\d+)", done.text)[1])


def test_readline_costs_nobody_else_anything(program, tmp, nettool):
    """A build without it is no faster, by more than 2 percent, where nobody sits at a keyboard."""
    if b"readline" in program("ldd")(tools.NETTOOL).out:
        pytest.fail("readline is linked")
    without = os.environ.get("NETTOOL_WITHOUT_READLINE")
    if without is None:
        pytest.skip("NETTOOL_WITHOUT_READLINE names no build without readline to compare with")
    here, there = (instructions(program, binary, tmp) for binary in (tools.NETTOOL, without))
    assert here <= there * 1.02, (here, there)


def test_terminal_that_is_only_looked_at(nettool, window, home):
    """What is typed comes from a pipe, what is shown goes to a terminal: which obeys nothing."""
    server = tcp_server()
    process = nettool.start("CHAT", f"TCP:{name_of(server)}", env=home, stdout=window.slave)
    peer = accept(server)
    for evil, _ in EVIL:
        peer.sendall(evil + b"\n")
    window.wait_for(lambda screen: screen == "\n".join(shown for _, shown in EVIL))
    for byte in "été\r\n€ 😀".encode():
        peer.sendall(bytes([byte]))
    peer.sendall(b" \xf0\x9f")
    process.send(b"hello\n")
    process.end_input()
    assert read_all(peer) == b"hello\n"
    peer.close()
    assert process.wait().status == 0
    assert window.screen.endswith("\nété\n€ 😀 \\xf0\\x9f")
    assert window.is_as_found()
    server.close()
