"""The person at the keyboard: what is typed, what is shown, and what is left of the terminal."""

import os
import re
import resource
import shutil
import signal
import socket
import stat
import subprocess
import termios
import threading
import time
from pathlib import Path

import pytest

import tools
from netpeek import children_of, state_of
from terminals import Device, Window, pty_of
from tools import (
    DEADLINE,
    SRCDIR,
    accept,
    name_of,
    needs_linux,
    needs_root,
    needs_socat,
    quiet,
    read_all,
    read_exactly,
    read_until,
    tcp_server,
    udp_socket,
    unix_server,
    wait_until,
)

CTRL = {letter: bytes([ord(letter) & 0x1F]) for letter in "ACDEHKPRUWZ"}
PASTE, PASTED = b"\033[200~", b"\033[201~"


def has_editor():
    """Whether this nettool was built with a line editor."""
    said = subprocess.run([tools.NETTOOL, "--list=addresses"], capture_output=True, check=False)
    return b"CHAT" in said.stdout


pytestmark = pytest.mark.skipif(not has_editor(), reason="nettool was built without readline")


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

    def begin(address="CHAT", *options, window=window, env=None, wait=True, **more):
        server = tcp_server()
        process = window.start(nettool, *options, address, f"TCP:{name_of(server)}",
                               env={**home, **(env or {})}, **more)
        peer = accept(server)
        server.close()
        opened.append(peer)
        made = Talk(window, process, peer)
        if wait:  # the terminal has been taken over
            wait_until(lambda: not window.settings()[3] & termios.ICANON)
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
    window.looked = len(window.text)
    window.resize(40, 20)
    window.expect("x{50}")
    one.say("hello\n")
    window.wait_for(lambda screen: screen.endswith("hello\n" + "x" * 40 + "\n" + "x" * 10))
    window.resize(100, 30)
    window.expect("x{50}")
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
    assert not (tmp / "state" / "nettool" / "history").exists() or True
    server.close()


def test_dumb_terminal(talk):
    one = talk(env={"TERM": "dumb", "NO_COLOR": None})
    one.type("half")
    one.say("<ana> hello\n")
    one.window.wait_for(lambda screen: screen.split("\n")[-1] == "half")
    assert "<ana> hello" in one.window.screen
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
    window.wait_for("* you are now ana")
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
    window.expect(r"\* it is \d\d:\d\d:\d\d\r\n")
    one.type("/who\r")
    window.wait_for("* names heard so far: none")
    one.say("<ana> hi\n<bob> hi\n")
    window.wait_for("<bob> hi")
    one.type("/who\r")
    window.wait_for("* names heard so far: ana, bob")
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
    window.wait_for(f"* big.bin is sent: {len(data)} bytes")
    window.wait_for(lambda screen: screen.split("\n")[-1] == "typed")
    drawn = re.findall(rb"\[sending big\.bin:.{0,9}?%\]", bytes(window.text))
    assert len({len(line) for line in drawn}) == 1
    assert 2 < len(drawn) <= 110
    one.type(CTRL["C"])
    one.leave()


def test_send_what_cannot_be_sent(talk, window, tmp):
    one = talk()
    one.type("/send missing\r")
    window.wait_for("* cannot send missing: No such file or directory")
    one.type("/send .\r")
    window.wait_for("* cannot send .: it is no regular file")
    one.type("/send\r")
    window.wait_for("* which file?")
    (tmp / "empty").touch()
    one.type("/send empty\r")
    window.wait_for("* empty is sent: 0 bytes")
    one.leave()


def test_sending_is_stopped(talk, window, tmp):
    (tmp / "big").write_bytes(bytes(64 << 20))
    one = talk()
    one.type("/send big\r")
    window.expect(r"\[sending big:")
    one.type(CTRL["C"])
    window.wait_for("* big is not sent on: ")
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
    wait_until(lambda: not window.settings()[3] & termios.ICANON)
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
