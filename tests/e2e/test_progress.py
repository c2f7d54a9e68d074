"""How far a transfer has come, and what programs read of it: --progress, --size, --statistics=json,
--log-format=json, --color, and units behind numbers.
"""

import contextlib
import json
import os
import re
import signal
import socket
import struct

import pytest

from terminals import Window
from tools import accept, name_of, tcp_server, wait_until

AMOUNT = r"\d+(\.\d)? ([KMGT]i)?B"
LINE = rf"{AMOUNT}  {AMOUNT}/s  \d+:\d\d:\d\d"


@contextlib.contextmanager
def fed(runner, *options, sink="OPEN:out,creat", window=None, **more):
    """A transfer whose source we are -> (Process, socket to write to)."""
    server = tcp_server()
    args = ("-u", *options, f"TCP:{name_of(server)}", sink)
    if window is not None:
        process = window.start(runner, *args, stderr=window.slave, **more)
    else:
        process = runner.start(*args, **more)
    peer = accept(server)
    try:
        yield process, peer
    finally:
        peer.close()
        server.close()


def lines_of(window):
    """The lines of a screen that aren't empty."""
    return [line for line in window.screen.split("\n") if line]


# ---- lines ---------------------------------------------------------------------------------------


def test_a_line_at_the_end(nettool, tmp):
    (tmp / "data").write_bytes(b"x" * 5000)
    result = nettool("-u", "--progress=always", "OPEN:data", "OPEN:out,creat")
    assert result.status == 0
    assert re.fullmatch(rf"4\.9 KiB  {AMOUNT}/s  0:00:\d\d  100%\n", result.text), result
    assert (tmp / "out").read_bytes() == b"x" * 5000


def test_a_line_now_and_then(nettool):
    with fed(nettool, "--progress=always", "--size=1000") as (process, peer):
        peer.sendall(b"x" * 370)
        process.expect_err(re.compile(rf"^370 B  {AMOUNT}/s  0:00:\d\d  37%  ETA \S+\n".encode()))
        assert process.running
        peer.sendall(b"x" * 630)
        peer.close()
        result = process.wait()
    assert result.status == 0
    assert re.fullmatch(rf"1000 B  {AMOUNT}/s  \d:\d\d:\d\d  100%", result.text.split("\n")[-2])


def test_both_directions(nettool):
    result = nettool("--progress=always", "-", "PIPE", input=b"12345")
    assert re.fullmatch(rf"> 5 B  {AMOUNT}/s  < 5 B  {AMOUNT}/s  \d:\d\d:\d\d\n", result.text), result


def test_the_other_direction_alone(nettool):
    server = tcp_server()
    process = nettool.start("--progress=always", "--size=2k", f"TCP:{name_of(server)}", "-")
    process.end_input()
    with accept(server) as peer:
        peer.sendall(b"x" * 1000)
    result = process.wait()
    server.close()
    assert re.fullmatch(rf"1000 B  {AMOUNT}/s  \d:\d\d:\d\d  50%\n", result.text), result


@pytest.mark.parametrize("options", [["--progress"], ["--progress=auto"], ["--progress=never"],
                                     ["--progress=never", "--size=5"]])
def test_without_a_terminal_nothing_is_shown(nettool, options):
    result = nettool(*options, "-", "PIPE", input=b"12345")
    assert (result.status, result.out, result.err) == (0, b"12345", b"")


@pytest.mark.parametrize("source,percent", [
    ("OPEN:data", "100%"),
    ("OPEN:data,seek=4000", "100%"),
    ("OPEN:data,readbytes=10", "100%"),
    ("OPEN:data,seek=5000", None),  # nothing is left
    ("OPEN:data,crlf", None),  # it is read as fewer bytes than it has
    ("TEXT:hello", None),
])
def test_where_the_size_is_known(nettool, tmp, source, percent):
    (tmp / "data").write_bytes(b"x\n" * 2500)
    result = nettool("-u", "--progress=always", source, "OPEN:out,creat")
    assert result.status == 0
    last = result.text.split("\n")[-2]
    assert re.match(LINE, last), result
    assert last.endswith(percent) if percent else "%" not in last, result


def test_a_file_goes_by_the_kernel_all_the_same(nettool, tmp):
    """The relay doesn't turn to slower ways for being watched."""
    if " SPLICE" not in nettool("-V").out.decode().replace("-SPLICE", ""):
        pytest.skip("built without splice")
    server = tcp_server()
    with fed(nettool, "-dddd", "--progress=always", sink=f"TCP:{name_of(server)}") as (process, peer):
        sink = accept(server)
        peer.setblocking(False)
        sink.setblocking(False)
        left, got = 16 << 20, 0

        def move():
            nonlocal left, got
            with contextlib.suppress(BlockingIOError):
                while left > 0:
                    left -= peer.send(bytes(min(left, 1 << 20)))
            with contextlib.suppress(BlockingIOError):
                got += len(sink.recv(1 << 20))
            return left == 0 and got == 16 << 20

        wait_until(move)
        peer.close()
        result = process.wait()
        sink.close()
    server.close()
    assert "splice through a pipe" in result.text
    assert re.search(r"^16\.0 MiB  ", result.text, re.M), result.text[-500:]


def test_a_transfer_that_fails_ends_with_its_line(nettool):
    result = nettool("-u", "--progress=always", "-", "OPEN:/dev/full", input=b"12345")
    assert result.status == 1
    first, second, rest = result.text.split("\n")
    assert "No space left on device" in first
    assert re.fullmatch(LINE, second) and rest == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_with_a_line(nettool, number):
    with fed(nettool, "--progress=always") as (process, peer):
        peer.sendall(b"12345")
        wait_until(lambda: os.path.exists(nettool.folder / "out") and
                   os.path.getsize(nettool.folder / "out") == 5)
        result = process.stop(number)
    assert result.status == 128 + number
    assert re.match(rf"5 B  {AMOUNT}/s  \d:\d\d:\d\d\n", result.text), result


def test_as_json_where_messages_are(nettool):
    result = nettool("--progress=always", "--log-format=json", "-", "PIPE", input=b"12345")
    message = json.loads(result.err)
    assert message["level"] == "notice" and message["message"].startswith("> 5 B")


@pytest.mark.parametrize("words,message", [
    (["--progress", "TCP-LISTEN:0,fork", "PIPE"], b"fork"),
    (["--progress=always", "TCP-LISTEN:0,poll", "PIPE"], b"poll"),
    (["--progress", "TCP-LISTEN:0,hub"], b"hub"),
    (["--progress", "TCP-LISTEN:0", "EXEC:cat,nofork"], b"nofork"),
    (["--progress", "--pass-fd", "OPEN:/dev/null"], b"--pass-fd"),
    (["--progress=often", "-", "PIPE"], b"auto|always|never"),
    (["--progress=", "-", "PIPE"], b"auto|always|never"),
    (["--size=5", "-", "PIPE"], b"--progress"),
    (["--progress", "--size=0", "-", "PIPE"], b"1 to "),
    (["--progress", "--size=5x", "-", "PIPE"], b"Mi"),
    (["--progress", "--size"], b"needs a value"),
    (["--statistics=xml", "-", "PIPE"], b"text|json"),
    (["--color=blue", "-", "PIPE"], b"auto|always|never"),
    (["--log-format=xml", "-", "PIPE"], b"plain|classic|json"),
])
def test_what_is_refused(nettool, words, message):
    result = nettool(*words)
    assert result.status == 2 and message in result.err, result


def test_never_is_allowed_everywhere(nettool):
    assert nettool("--check", "--progress=never", "TCP-LISTEN:0,fork", "PIPE").status == 0


# ---- on a terminal -------------------------------------------------------------------------------


def test_on_a_terminal_one_line_is_drawn_in_place(nettool):
    with Window() as window, fed(nettool, "--progress", "--size=1000", window=window) as (
            process, peer):
        peer.sendall(b"x" * 370)
        window.wait_for(lambda screen: re.fullmatch(rf"370 B  {AMOUNT}/s  0:00:\d\d  37%  ETA \S+",
                                                    screen))
        peer.sendall(b"x" * 130)
        window.wait_for(lambda screen: screen.startswith("500 B") and "50%" in screen)
        assert len(lines_of(window)) == 1
        peer.close()
        assert process.wait().status == 0
        assert re.fullmatch(rf"500 B  {AMOUNT}/s  \d:\d\d:\d\d  50%", window.screen)
        assert (window.screen_of.cursor.x, window.screen_of.cursor.y) == (0, 1)


@pytest.mark.parametrize("columns", [1, 4, 10, 20, 30, 40])
def test_it_fits_the_window(nettool, columns):
    with Window(columns=columns) as window, fed(
            nettool, "--progress", "--size=1000000", window=window) as (process, peer):
        peer.sendall(b"x" * 123456)
        if columns > 9:
            window.wait_for("120.6 KiB")
        peer.close()
        assert process.wait().status == 0
        window.pump()
        for line in bytes(window.text).replace(b"\n", b"\r").split(b"\r"):
            assert len(line) < columns or line == b"", window
        if columns >= 20:
            assert "12%" in window.screen


def test_another_size_of_the_window(nettool):
    with Window(columns=60) as window, fed(nettool, "--progress", "--size=1000", window=window) as (
            process, peer):
        peer.sendall(b"x" * 370)
        window.wait_for("ETA")
        window.resize(16, 24)
        window.wait_for(lambda screen: screen == "370 B  37%")
        window.resize(60, 24)
        window.wait_for(lambda screen: re.search(r"370 B  .*/s  .*37%  ETA", screen))
        peer.close()
        assert process.wait().status == 0


def test_it_comes_back_after_a_stop(nettool):
    with Window() as window, fed(nettool, "--progress", window=window) as (process, peer):
        peer.sendall(b"x" * 370)
        window.wait_for("370 B")
        process.send_signal(signal.SIGSTOP)
        os.write(window.slave, b"\r\nstopped\r\n")
        window.wait_for("stopped")
        process.send_signal(signal.SIGCONT)
        window.wait_for(lambda screen: re.fullmatch(
            rf"{LINE}\nstopped\n{LINE}", screen))
        peer.close()
        assert process.wait().status == 0


def test_messages_dont_tear_the_line(nettool):
    with Window() as window, fed(nettool, "--progress", "--size=1000", window=window) as (
            process, peer):
        peer.sendall(b"x" * 370)
        window.wait_for("370 B")
        process.send_signal(signal.SIGUSR1)
        window.wait_for(lambda screen: len(lines_of(window)) == 2)
        first, second = lines_of(window)
        assert re.fullmatch(r"nettool: STATISTICS: left to right: 1 packets\(s\), 370 byte\(s\)",
                            first)
        assert re.match(LINE, second)
        peer.close()
        assert process.wait().status == 0
        assert len(lines_of(window)) == 2


def test_a_dump_doesnt_tear_the_line(nettool):
    with Window() as window, fed(nettool, "--progress", "-v", window=window) as (process, peer):
        peer.sendall(b"hello\n")
        window.wait_for("6 B  ")
        peer.sendall(b"again\n")
        window.wait_for("12 B  ")
        peer.close()
        assert process.wait().status == 0
        lines = lines_of(window)
    assert len(lines) == 5, lines
    assert lines[0].startswith(">") and lines[1] == "hello"
    assert lines[2].startswith(">") and lines[3] == "again"
    assert re.fullmatch(LINE, lines[4])


@pytest.mark.parametrize("how", ["write", "read"])
def test_a_failure_ends_the_line(nettool, how):
    sink = "OPEN:/dev/full" if how == "write" else "OPEN:out,creat"
    with Window() as window, fed(nettool, "--progress", window=window, sink=sink) as (
            process, peer):
        if how == "read":
            peer.sendall(b"12345")
            window.wait_for("5 B  ")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()
        else:
            window.wait_for("0 B  ")
            peer.sendall(b"12345")
        assert process.wait().status == 1
        error, *hint, last = lines_of(window)
        assert error.startswith("nettool: ") and ("reset" in error or "No space" in error)
        assert re.fullmatch(LINE, last)
        assert window.screen_of.cursor.x == 0


def test_ctrl_c(nettool):
    with Window() as window, fed(nettool, "--progress", window=window) as (process, peer):
        peer.sendall(b"12345")
        window.wait_for("5 B  ")
        window.type("\x03")
        assert process.wait().status == 128 + signal.SIGINT
        assert re.fullmatch(LINE, window.screen)
        assert window.is_as_found()


def test_data_on_the_same_terminal(nettool):
    """Where the data is shown no line is drawn over it; who insists gets lines."""
    for option, shown in (("--progress", False), ("--progress=always", True)):
        with Window() as window, fed(nettool, option, window=window, sink="-") as (process, peer):
            peer.sendall(b"what is said\n")
            window.wait_for("what is said")
            peer.close()
            assert process.wait().status == 0
            lines = lines_of(window)
        assert lines[0] == "what is said"
        assert [bool(re.fullmatch(LINE, line)) for line in lines[1:]] == [True] * shown


@pytest.mark.parametrize("options", [[], ["--progress=never"]])
def test_nothing_is_drawn_unasked(nettool, options):
    with Window() as window, fed(nettool, *options, window=window) as (process, peer):
        peer.sendall(b"12345")
        peer.close()
        assert process.wait().status == 0
        assert window.screen == ""


def test_while_a_chat_has_the_terminal(nettool):
    server = tcp_server()
    with Window() as window:
        process = window.start(nettool, "--progress", f"CHAT,history={os.devnull}",
                               f"TCP:{name_of(server)}", stderr=window.slave)
        with accept(server) as peer:
            peer.sendall("salut à tous\n".encode())
            window.wait_for("salut à tous")
            window.type("half a line")
            window.wait_for(lambda screen: "half a line" in screen and
                            re.search(rf"\n{LINE}\n", screen))
            assert lines_of(window)[-1].endswith("half a line")
            window.type("\x15\x04\x04")
            assert process.wait().status == 0
        assert window.is_as_found()
    server.close()


# ---- statistics for programs ---------------------------------------------------------------------


def test_statistics_as_json(nettool):
    result = nettool("--statistics=json", "-", "PIPE", input=b"12345")
    found = json.loads(result.err)
    assert list(found) == ["left_to_right", "right_to_left", "seconds"]
    for way in ("left_to_right", "right_to_left"):
        assert (found[way]["bytes"], found[way]["blocks"]) == (5, 1)
        assert found[way]["rate"] > 0
    assert found["seconds"] > 0


def test_statistics_as_json_at_any_time(nettool):
    with fed(nettool, "--statistics=json") as (process, peer):
        peer.sendall(b"12345")
        wait_until(lambda: (nettool.folder / "out").exists() and
                   (nettool.folder / "out").stat().st_size == 5)
        process.send_signal(signal.SIGUSR1)
        process.expect_err(b"\n")
        peer.sendall(b"678")
        peer.close()
        result = process.wait()
    first, second = map(json.loads, result.text.splitlines())
    assert first["left_to_right"]["bytes"] == 5 and second["left_to_right"]["bytes"] == 8
    assert second["right_to_left"] == {"bytes": 0, "blocks": 0, "rate": 0}
    assert second["seconds"] >= first["seconds"]


def test_statistics_as_json_of_a_hub(listener):
    server = listener("--statistics=json", "TCP-LISTEN:0,bind=127.0.0.1,hub", endless=True)
    result = server.stop(signal.SIGINT)
    assert json.loads(result.err) == {"hub": {"lines": 0, "bytes": 0, "members": 0}}


def test_statistics_as_text(nettool):
    words = [nettool(option, "-", "PIPE", input=b"12345").text
             for option in ("--statistics", "--statistics=text")]
    assert words[0] == words[1] and words[0].count("STATISTICS: ") == 2


# ---- messages for programs -----------------------------------------------------------------------

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"


def test_a_message_as_json(nettool):
    with nettool.start("--log-format=json", "OPEN:missing", "PIPE") as process:
        result = process.wait()
    message = json.loads(result.err)
    assert result.status == 1 and result.text.count("\n") == 1
    assert re.fullmatch(STAMP, message["time"])
    assert (message["level"], message["program"]) == ("error", "nettool")
    assert message["pid"] == process.popen.pid
    assert "missing" in message["message"] and "No such file" in message["message"]


def test_a_place_in_the_command_line_as_json(nettool):
    result = nettool("--log-format=json", "TCP-LISTEN:0,reuseadr", "PIPE")
    message = json.loads(result.err)
    assert result.status == 2 and result.text.count("\n") == 1
    assert message["text"] == "TCP-LISTEN:0,reuseadr"
    start = message["column"]
    assert message["text"][start : start + message["width"]] == "reuseadr"
    assert "reuseaddr" in message["hint"]


@pytest.mark.parametrize("name,shown", [
    ("é€😀", "é€😀"),
    ("a\udcffb", "a\\xffb"),
    ("a\udcc3", "a\\xc3"),
    ("tab\there", "tab\there"),
    ("line\nline", "line\nline"),
    ("\x1b[31m\x7f\x01", "\x1b[31m\x7f\x01"),
    ("a\u202eb", "a\u202eb"),
    ("\udced\udca0\udc80", "\\xed\\xa0\\x80"),  # half a surrogate pair
])
def test_any_bytes_are_valid_json(nettool, name, shown):
    result = nettool("--log-format=json", f"OPEN:missing{name}", "PIPE")
    message = json.loads(result.err.decode("utf-8"))
    assert f"missing{shown}" in message["message"], result
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", result.err)


def test_quotes_and_backslashes_are_valid_json(nettool):
    result = nettool("--log-format=json", "-lp", 'a"b\\c', "OPEN:missing", "PIPE")
    assert json.loads(result.err)["program"] == 'a"b\\c'


def test_each_message_is_an_object(nettool, tmp):
    result = nettool("-dddd", "--log-format=json", "-lf", "log", "-", "PIPE", input=b"12345")
    assert (result.status, result.err) == (0, b"")
    messages = [json.loads(line) for line in (tmp / "log").read_text().splitlines()]
    assert {"notice", "info"} <= {message["level"] for message in messages}
    assert all(re.fullmatch(STAMP, message["time"]) for message in messages)
    assert messages[-1]["message"] == "exiting with status 0"


def test_a_command_line_that_is_wrong_later(nettool):
    result = nettool("--log-format=json", "--progres", "-", "PIPE")
    message = json.loads(result.err)
    assert message["text"] == "--progres" and "--progress" in message["hint"]


# ---- colours -------------------------------------------------------------------------------------

RED = b"\033[1;31m"
WRONG = ("TCP-LISTEN:0,reuseadr", "PIPE")


@pytest.mark.parametrize("options,env,colored", [
    ([], {"TERM": "xterm"}, True),
    ([], {"TERM": "xterm", "NO_COLOR": ""}, True),
    ([], {"TERM": "xterm", "NO_COLOR": "1"}, False),
    ([], {"TERM": "dumb"}, False),
    ([], {"TERM": None}, False),
    (["--color=auto"], {"TERM": "xterm"}, True),
    (["--color=never"], {"TERM": "xterm"}, False),
    (["--color=always"], {"TERM": "dumb", "NO_COLOR": "1"}, True),
    (["--log-format=classic"], {"TERM": "xterm"}, False),
    (["--log-format=json", "--color=always"], {"TERM": "xterm"}, False),
])
def test_colours_on_a_terminal(nettool, options, env, colored):
    with Window() as window:
        process = window.start(nettool, *options, *WRONG, env=env, stderr=window.slave)
        assert process.wait().status == 2
        assert "reuseadr" in window.screen
        assert (RED in window.text) == colored and (b"\033" in window.text) == colored
        if colored:
            # what is drawn doesn't move: the mark stands below what is wrong
            first, second, third = window.screen.split("\n")
            assert second[third.index("^"):] == "reuseadr"


@pytest.mark.parametrize("option,colored", [("--color=auto", False), ("--color=always", True),
                                            ("--color=never", False)])
def test_colours_elsewhere(nettool, option, colored):
    result = nettool(option, *WRONG, env={"TERM": "xterm"})
    assert (b"\033" in result.err) == colored
    if colored:
        plain = nettool("--color=never", *WRONG)
        assert re.sub(rb"\033\[[0-9;]*m", b"", result.err) == plain.err


# ---- units ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("value,blocks", [("1k", 5), ("1Ki", 5), ("10k", 1), ("0x3e8", 5),
                                          ("1000", 5), ("1M", 1), ("2.5K", 2)])
def test_blocks_with_units(nettool, tmp, value, blocks):
    (tmp / "data").write_bytes(b"x" * 5000)
    result = nettool("-u", "-x", "-b", value, "--statistics=json", "OPEN:data", "OPEN:out,creat")
    assert result.status == 0
    assert json.loads(result.text.splitlines()[-1])["left_to_right"]["blocks"] == blocks


@pytest.mark.parametrize("value", ["0.1", "100ms", "100000us", ".1s"])
def test_times_with_units(start, value):
    assert start("-T", value, "-", "PIPE").wait().status == 0


@pytest.mark.parametrize("words,message", [
    (["-b", "2G"], "1 to 1073741823"),
    (["-b", "0k"], "1 to 1073741823"),
    (["-b", "5x"], "Mi"),
    (["-b", ""], "missing numerical value"),
    (["-t", "5x"], "ms, s, m"),
    (["-T", "1 s"], "ms, s, m"),
])
def test_errors_name_what_is_allowed(nettool, words, message):
    result = nettool(*words, "-", "PIPE")
    assert result.status == 2 and message in result.text, result
