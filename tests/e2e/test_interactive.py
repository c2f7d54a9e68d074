"""Programs at a pseudo terminal, used by a person: shells with job control, editors, windows that
change, lines to other machines; and what is left of the person's own terminal afterwards."""

import os
import re
import signal
import socket
import termios
from pathlib import Path

import pytest

import tools
from netpeek import children_of
from terminals import Device, Window, gone, pty_of, rests, session_of
from tools import (
    Background,
    Peer,
    dead_port,
    needs_linux,
    needs_root,
    random_bytes,
    read_until,
    same,
    wait_until,
)

BASH = "bash --norc --noprofile -i"
AT_TERMINAL = "pty,ctty,setsid,stderr"
RAW = "-,raw,echo=0,escape=0x1d"


@pytest.fixture
def window():
    with Window() as window:
        yield window


@pytest.fixture
def bash(program):
    """Skips the test where there is no bash."""
    program("bash")


def sit(window, runner, *words, prompt=True, env=None, **more):
    """Starts a shell at the window, and waits for its prompt -> the process."""
    process = window.start(runner, *(words or (RAW, f"EXEC:{BASH},{AT_TERMINAL}")),
                           env={"PS1": "pr> ", "HISTFILE": None, **(env or {})}, **more)
    if prompt:
        window.expect("pr> ")
    return process


def say(window, command, answer):
    """Types a command, waits for a line of its answer, and for the next prompt."""
    window.type(command + "\r")
    window.expect(rf"[\r\n]{answer}\r")
    window.expect("pr> ")


def shell_of(process):
    """The process id of the program that nettool has started."""
    return wait_until(lambda: children_of(process.pid))[0]


def leave(window, process):
    """Says goodbye to the shell; everything is as it was."""
    window.type("exit 0\r")
    result = process.wait()
    assert (result.status, result.err) == (0, b"")
    assert window.is_as_found()


# ---- what the program sees -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pty", "openpty", "ptmx"])
@pytest.mark.parametrize("address", ["EXEC:tty", "SYSTEM:tty"])
def test_program_has_a_terminal(both, address, kind):
    result = both("-t", "10", "-", f"{address},pty,{kind}" if kind != "pty" else f"{address},pty")
    assert result.status == 0
    assert re.fullmatch(rb"/dev/pts/\d+\r\n", result.out)


@pytest.mark.parametrize("address", ["EXEC:tty,openpty", "SYSTEM:tty,ptmx"])
def test_the_other_words_for_pty(nettool, address):
    result = nettool("-t", "10", "-", address)
    assert (result.status, result.out[:9]) == (0, b"/dev/pts/")


def test_shell_with_a_terminal(nettool):
    result = nettool("-t", "10", "-", "SHELL:tty,pty", env={"SHELL": "/bin/sh"})
    assert (result.status, result.out[:9]) == (0, b"/dev/pts/")


@pytest.mark.parametrize("options, answer", [
    ("pty", b"terminal terminal file"),
    ("pty,stderr", b"terminal terminal terminal"),
    ("stderr", b"file file file"),
])
def test_which_of_the_three_are_terminals(both, options, answer):
    word = "if test -t $n; then echo -n 'terminal '; else echo -n 'file '; fi"
    result = both("-t", "10", "-", f'SYSTEM:"for n in 0 1 2; do {word}; done",{options}')
    assert (result.status, result.out.strip()) == (0, answer)


def test_one_way_is_half_a_terminal(both):
    """With -u the program keeps the caller's input."""
    result = both("-u", "SYSTEM:'cat; test -t 1 && echo terminal',pty", "-", input=b"ours, ")
    assert (result.status, result.out) == (0, b"ours, terminal\r\n")


def test_controlling_terminal(both, program):
    """A session of its own, with the terminal at its head."""
    program("ps")
    script = "echo $$ $(ps -o pid= -o sid= -o tpgid= -o tty= -p $$)"
    result = both("-t", "10", "-", f"EXEC:\"sh -c '{script}'\",pty,setsid,ctty")
    me, pid, sid, foreground, name = result.out.split()
    assert result.status == 0
    assert pid == sid == foreground
    assert name.startswith(b"pts/")


def test_no_controlling_terminal_without_ctty(both):
    result = both("-t", "10", "-", 'SYSTEM:"true < /dev/tty || echo none",pty,setsid')
    assert (result.status, result.out) == (0, b"none\r\n")


def test_ctty_needs_a_session(nettool):
    result = nettool("-", "EXEC:true,pty,ctty")
    assert result.status == 2
    assert "ctty" in result.text and "setsid" in result.text


def test_ctty_needs_a_terminal(nettool):
    result = nettool("-", "EXEC:true,setsid,ctty")
    assert result.status == 2
    assert "pty" in result.text


def test_no_terminal_is_inherited(nettool, window):
    """With setsid and without ctty the program can't reach our terminal either."""
    process = window.start(nettool, "-u", 'SYSTEM:"true < /dev/tty || echo none",setsid', "-")
    window.expect("none")
    assert process.wait().status == 0


@pytest.mark.parametrize("options, answer", [
    ("mode=0604", b"604"),
    ("perm-late=0640", b"640"),
])
def test_mode_of_the_terminal_of_a_program(nettool, options, answer):
    """It is the device that the program has, and never the master's entry, which all share."""
    before = os.stat("/dev/ptmx").st_mode
    result = nettool("-t", "10", "-", f"EXEC:stat -L -c %a /proc/self/fd/0,pty,{options}")
    assert (result.status, result.out.strip()) == (0, answer)
    assert os.stat("/dev/ptmx").st_mode == before


def test_link_to_the_terminal_of_a_program(nettool, tmp):
    """Others may join in at the program's own terminal."""
    process = nettool.start("-", "EXEC:cat,pty,rawer,link=line")
    wait_until(lambda: os.path.islink(tmp / "line"))
    with Device(tmp / "line") as device:
        device.send(b"seen by all\n")
        process.expect_out(b"seen by all\n")
    assert process.wait().status == 0
    assert not os.path.lexists(tmp / "line")


@pytest.mark.parametrize("address", ["EXEC:stty -a", "SYSTEM:stty -a"])
def test_raw_is_there_before_the_program(both, address):
    """Options act before the program looks."""
    result = both("-t", "10", "-", f"{address},pty,raw,echo=0")
    assert result.status == 0
    for word in (b"-icanon", b"-isig", b"-echo", b"-opost"):
        assert word in re.split(rb"[\s;]+", result.out)


def test_last_words_of_a_program(both):
    """What it wrote before it ended arrives, and it is a lot."""
    result = both("-u", 'SYSTEM:"seq 60000",pty,raw', "-")
    assert result.status == 0
    assert same(result.out, b"".join(b"%d\n" % i for i in range(1, 60001)))


def test_a_megabyte_each_way(nettool):
    """Through cat at a raw terminal, and every byte comes back."""
    data = random_bytes(1 << 20, 11)
    process = nettool.start("-", "EXEC:cat,pty,rawer", endless=True)
    writing = Background(process.send, data)
    wait_until(lambda: len(process.out) >= len(data))
    writing.result()
    assert same(process.out, data)


def test_end_of_input_has_no_word_for_a_terminal(both):
    """A pty tells no end: the program is ended after -t."""
    process = both.start("-t", "0.2", "-", "EXEC:cat,pty,raw,echo=0")
    shell = shell_of(process)
    process.send("déjà\n".encode())
    process.expect_out("déjà\n".encode())
    assert process.wait().status in (0, 1)
    wait_until(lambda: gone(shell))


def test_key_for_the_end_of_input(both):
    """Ctrl-D does what it does at every terminal."""
    process = both.start("-", "EXEC:cat,pty,echo=0")
    process.send(b"a line\n\x04")
    wait_until(lambda: not process.running)
    result = process.wait()
    assert (result.status, result.out) == (0, b"a line\r\n")


@pytest.mark.parametrize("words", [
    ("-u", "-", "EXEC:tee copy,pty,raw,echo=0"),
    ("-U", "SYSTEM:'exec cat > copy',pty,raw,echo=0", "-"),
])
def test_one_way_to_a_program(nettool, tmp, words):
    """Nothing is read from it, and still its end is ours."""
    process = nettool.start(*words)
    process.send(b"one way\n")
    wait_until(lambda: (tmp / "copy").exists() and (tmp / "copy").read_bytes() == b"one way\n")
    program = shell_of(process)
    os.kill(program, signal.SIGTERM)
    wait_until(lambda: not process.running)
    process.wait()


# ---- the size of the window ----------------------------------------------------------------------


@pytest.mark.parametrize("address", ["EXEC:stty size", "SYSTEM:stty size"])
@pytest.mark.parametrize("order", ["last", "first"])
def test_size_from_the_start(nettool, address, order):
    """A program that looks only once sees it as well."""
    with Window(91, 33) as window:
        words = ["-", f"{address},pty,stderr"]
        process = window.start(nettool, *(words if order == "last" else reversed(words)))
        window.expect(r"33 91\r")
        assert process.wait().status == 0


def test_size_with_terminal_on_output_only(nettool, window):
    process = window.start(nettool, "-u", "EXEC:stty size,pty", "-")
    window.expect(r"24 80\r")
    assert process.wait().status == 0


def test_size_for_a_dual_address(nettool, window):
    process = window.start(nettool, "STDIN!!STDOUT", "EXEC:stty size,pty")
    window.expect(r"24 80\r")
    assert process.wait().status == 0


@pytest.mark.parametrize("words", [
    (RAW, f"EXEC:{BASH},{AT_TERMINAL}"),
    (f"EXEC:{BASH},{AT_TERMINAL}", RAW),
    (RAW, f"SYSTEM:exec {BASH},{AT_TERMINAL},follow-winsize"),
    (RAW, f"EXEC:{BASH},{AT_TERMINAL},winsz=91:33,follow-winsize=1"),
])
def test_size_follows(nettool, bash, window, words):
    process = sit(window, nettool, *words)
    say(window, "stty size", r"24 80")
    for columns, rows in ((100, 30), (20, 5), (300, 100)):
        window.resize(columns, rows)
        wait_until(lambda: size_of(process) == (columns, rows))
        window.type("\r")
        say(window, "stty size", rf"{rows} {columns}")
    leave(window, process)


def size_of(process):
    """Columns and rows of the terminal of the program that nettool has started."""
    path = os.readlink(f"/proc/{shell_of(process)}/fd/0")
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        return tuple(os.get_terminal_size(fd))
    finally:
        os.close(fd)


def test_program_is_told(nettool, window):
    """Not only can it ask: it gets SIGWINCH."""
    process = window.start(nettool, RAW, "SYSTEM:\"trap 'echo size $(stty size)' WINCH; "
                           f"echo ready; while :; do sleep 0.1; done\",{AT_TERMINAL}")
    window.expect("ready")
    window.resize(77, 22)
    window.expect("size 22 77")
    window.type("\x1d")
    process.wait()


@pytest.mark.parametrize("options, size", [
    ("follow-winsize=0", "0 0"),
    ("winsz=100:30", "30 100"),
    ("tiocswinsz=100:30", "30 100"),
    ("winsz=100:30,follow-winsize=0", "30 100"),
])
def test_size_does_not_follow(nettool, bash, window, options, size):
    process = sit(window, nettool, RAW, f"EXEC:{BASH},{AT_TERMINAL},{options}")
    say(window, "stty size", rf"{size}")
    window.resize(120, 40)
    say(window, "stty size", rf"{size}")
    leave(window, process)


def test_size_given_without_a_window(both):
    result = both("-t", "10", "-", "EXEC:stty size,pty,tiocswinsz=100:30")
    if isinstance(both, Peer) and b"unknown option" in result.err:
        pytest.skip("this socat doesn't know tiocswinsz")
    assert (result.status, result.out) == (0, b"30 100\r\n")


def test_size_of_a_pty_follows(nettool, window):
    """A PTY that somebody else opens has the size of our window, too."""
    process, path = pty_of(_at(window, nettool), RAW, "PTY,rawer")
    with Device(path) as device:
        wait_until(lambda: tuple(os.get_terminal_size(device.fd)) == (80, 24))
        window.resize(50, 10)
        wait_until(lambda: tuple(os.get_terminal_size(device.fd)) == (50, 10))
        window.type("\x1d")
        assert process.wait().status == 0
    assert window.is_as_found()


class _at:
    """A runner whose programs sit at a window."""

    def __init__(self, window, runner):
        self.window, self.runner = window, runner

    def start(self, *args, **more):
        return self.window.start(self.runner, *args, **more)


# ---- a shell, and what one does with it ----------------------------------------------------------


@pytest.mark.parametrize("address", [
    f"EXEC:{BASH}",
    f"SYSTEM:exec {BASH}",
    f"SHELL:exec {BASH}",
    "SHELL",
])
def test_job_control(nettool, bash, window, tmp, address):
    """Ctrl-Z, jobs, bg, fg, Ctrl-C: each hits the job, none the shell."""
    shell = "/bin/sh"
    if address == "SHELL":  # bash as it is where nobody has set it up
        shell = tmp / "shell"
        shell.write_text(f"#!/bin/sh\nexec {BASH}\n")
        shell.chmod(0o755)
    process = sit(window, nettool, RAW, f"{address},{AT_TERMINAL}", env={"SHELL": shell})
    window.type("sleep 1000\r")
    wait_until(lambda: _foreground(process) == "sleep")
    window.type("\x1a")
    window.expect(r"\[1\]\+\s+Stopped\s+sleep 1000")
    window.expect("pr> ")
    say(window, "jobs", r"\[1\]\+ +Stopped +sleep 1000")
    say(window, "bg", r"\[1\]\+ sleep 1000 &")
    say(window, "jobs", r"\[1\]\+ +Running +sleep 1000 &")
    window.type("fg\r")
    wait_until(lambda: _foreground(process) == "sleep")
    window.type("\x03")
    window.expect("pr> ")
    say(window, "echo status=$?", r"status=130")
    say(window, "jobs; echo none=$?", r"none=0")
    assert b"job control" not in window.text
    assert b"cannot set terminal process group" not in window.text
    leave(window, process)


def _foreground(process):
    """The name of the job that has the program's terminal in the foreground."""
    return _foreground_at(shell_of(process))


def _foreground_at(shell):
    """The same for a shell by its process id."""
    words = Path(f"/proc/{shell}/stat").read_text().rpartition(")")[2].split()
    try:
        return Path(f"/proc/{words[5]}/comm").read_text().strip()
    except OSError:
        return ""


def test_keys_that_kill(nettool, bash, window):
    """Ctrl-C and Ctrl-\\ end the job in the foreground; neither we nor the shell mind."""
    process = sit(window, nettool)
    for key, status in (("\x03", 130), ("\x1c", 131)):
        window.type("cat\r")
        wait_until(lambda: _foreground(process) == "cat")
        window.type(key)
        window.expect("pr> ")
        say(window, "echo status=$?", rf"status={status}")
    window.type("\x03\x03\x1a\x1c\r")  # at the prompt they do nothing
    say(window, "echo still here", r"still here")
    leave(window, process)


def test_line_editing(nettool, bash, window):
    """Arrows, erase, kill, history: the line is edited where it is shown."""
    process = sit(window, nettool)
    window.type("echo wrld")
    window.wait_for("pr> echo wrld")
    window.type("\x1b[D\x1b[D\x1b[Do")  # three to the left
    window.wait_for("pr> echo world")
    window.type("\r")
    window.expect(r"[\r\n]world\r")
    window.expect("pr> ")
    window.type("\x1b[A")
    window.wait_for(lambda screen: screen.splitlines()[-1] == "pr> echo world")
    window.type("\x7f\x7f\x7f\x7f\x7f")
    window.type("élève\r")
    window.expect(r"[\r\n]élève\r")
    window.type("never sent\x15\r")
    window.expect("pr> ")
    window.type("ech\t")  # completion adds a blank
    window.type("done\r")
    window.expect(r"[\r\n]done\r")
    leave(window, process)


def test_screen(nettool, bash, window):
    """Colours and cursor movements pass as they are."""
    process = sit(window, nettool)
    window.type(r"clear; printf '\033[5;10Hici\033[10;20Hlà\033[1;1H'; read -s; clear" + "\r")
    window.wait_for(lambda screen: len(screen.splitlines()) == 10)
    lines = window.screen.splitlines()
    assert lines[4] == " " * 9 + "ici"
    assert lines[9] == " " * 19 + "là"
    window.type("\r")
    window.wait_for("pr>")
    leave(window, process)


def test_password(nettool, bash, window):
    """A program that switches echo off for a moment."""
    process = sit(window, nettool)
    window.type("read -s -p 'secret? ' word\r")
    window.expect("secret\\? ")
    window.type("mot de passe\r")
    window.expect("pr> ")
    assert b"mot de passe" not in window.text
    say(window, "echo =$word=", r"=mot de passe=")
    leave(window, process)


def test_long_output(nettool, bash, window):
    process = sit(window, nettool)
    window.type("seq 1 20000; echo -n fin; echo ished\r")
    window.expect("finished")
    assert b"".join(b"%d\r\n" % i for i in range(1, 20001)) in window.text
    window.expect("pr> ")
    leave(window, process)


def test_output_that_is_stopped(nettool, bash, window):
    """Ctrl-C ends a flood, and the prompt is back."""
    process = sit(window, nettool)
    window.type("yes flood\r")
    window.expect("flood\r\nflood\r\n")
    window.type("\x03")
    window.wait_for(lambda screen: screen.splitlines()[-1] == "pr>")
    window.looked = len(window.text)
    say(window, "echo quiet", r"quiet")
    leave(window, process)


def test_pasted_text(nettool, bash, window, tmp):
    """A person who pastes is faster than any shell."""
    process = sit(window, nettool)
    window.type("cat > pasted\r")
    wait_until(lambda: _foreground(process) == "cat")
    lines = "".join(f"ligne {i}: à é ü 猫\n" for i in range(500))
    typing = Background(window.type, lines.replace("\n", "\r") + "\x04")
    window.expect("ligne 499.*pr> ")
    typing.result()
    assert (tmp / "pasted").read_text() == lines
    leave(window, process)


@needs_linux
def test_nothing_happens_meanwhile(nettool, bash, window):
    """While the person thinks, we sleep."""
    process = sit(window, nettool)
    assert rests(process.pid)
    leave(window, process)


@pytest.fixture
def vi(program):
    """The command line of an editor like vi, without anybody's own settings."""
    for name, options in (("vim", "-u NONE -i NONE -n -N"), ("vim.tiny", "-u NONE -i NONE -n"),
                          ("nvi", "-F"), ("busybox", "vi")):
        try:
            found = program(name)
        except pytest.skip.Exception:
            continue
        if name != "busybox" or b"vi," in found("--list").out.replace(b"\n", b","):
            return f"{name} {options}"
    pytest.skip("no vi is installed: neither vim, vim.tiny, nvi nor busybox")


def test_vi(nettool, window, tmp, vi):
    """Text typed into an editor is in its file; a window that grows is filled."""
    (tmp / "text").write_text("".join(f"line {i}\n" for i in range(1, 101)))
    process = window.start(nettool, RAW, f"EXEC:{vi} text,{AT_TERMINAL}")
    window.wait_for(lambda screen: "line 1\nline 2" in screen and "line 23" in screen)
    assert "line 24" not in window.screen
    window.resize(60, 40)
    window.wait_for("line 39")
    window.resize(60, 10)
    window.wait_for(lambda screen: "line 9" in screen and "line 10" not in screen)
    window.type("ggOune ligne de texte, à la main\x1b")
    window.wait_for(lambda screen: screen.startswith("une ligne de texte, à la main\nline 1\n"))
    window.type("jdd:wq\r")
    result = process.wait()
    assert (result.status, result.err) == (0, b"")
    assert window.is_as_found()
    lines = (tmp / "text").read_text().splitlines()
    assert lines[:2] == ["une ligne de texte, à la main", "line 2"]
    assert len(lines) == 100


def test_vi_in_a_shell(nettool, bash, window, tmp, vi):
    """Stopped, called back, left: the shell has its terminal again each time."""
    process = sit(window, nettool)
    window.type(f"{vi} notes\r")
    window.wait_for("~\n~")
    window.type("iun, deux\x1b")
    window.wait_for("un, deux")
    window.type("\x1a")
    window.expect("Stopped")
    window.expect("pr> ")
    say(window, "echo shell again", r"shell again")
    window.type("fg\r")
    window.wait_for(lambda screen: screen.startswith("un, deux\n~"))
    window.type("A, trois\x1b:x\r")
    window.expect("pr> ")
    assert (tmp / "notes").read_text() == "un, deux, trois\n"
    leave(window, process)


def test_pexpect(bash, tmp):
    """The same as others see it: a driver of terminals that isn't ours."""
    pexpect = pytest.importorskip("pexpect")
    child = pexpect.spawn(tools.NETTOOL, [RAW, f"EXEC:{BASH},{AT_TERMINAL}"], cwd=str(tmp),
                          env=tools.environment({"PS1": "pr> ", "TERM": "dumb"}),
                          timeout=tools.DEADLINE, dimensions=(31, 99), encoding="utf-8")
    try:
        child.expect_exact("pr> ")
        child.sendline("stty size; echo à bientôt")
        child.expect("31 99\r\nà bientôt\r\n")
        child.setwinsize(20, 60)
        child.expect_exact("pr> ")
        child.sendline("until stty size | grep '20 60'; do sleep 0.1; done")
        child.expect("\n20 60\r")
        child.expect_exact("pr> ")
        # the key throws away what was typed behind it: it has to come while a program runs
        child.sendline("sleep 1000")
        wait_until(lambda: _foreground(child) == "sleep")
        child.sendcontrol("c")
        child.expect_exact("pr> ")
        child.sendline("exit 0")
        child.expect(pexpect.EOF)
        child.wait()
        assert (child.exitstatus, child.signalstatus) == (0, None)
    finally:
        child.close(force=True)


# ---- how it ends, and what is left ---------------------------------------------------------------


@pytest.mark.parametrize("status", [0, 3])
def test_end_by_exit(nettool, bash, window, status):
    process = sit(window, nettool)
    shell = shell_of(process)
    assert not window.is_as_found()
    window.type(f"exit {status}\r")
    result = process.wait()
    assert result.status == (1 if status else 0)
    assert (f"exited with status {status}" in result.text) == bool(status)
    assert window.is_as_found()
    assert gone(shell)


def test_end_by_end_of_input(nettool, bash, window):
    """Ctrl-D goes to the shell, which leaves."""
    process = sit(window, nettool)
    window.type("\x04")
    assert process.wait().status == 0
    assert window.is_as_found()


@pytest.mark.parametrize("busy", [None, "sleep 1000", "yes"])
def test_end_by_escape(nettool, bash, window, busy):
    """Ctrl-] ends at once, whatever the program is at; nothing of it stays."""
    process = sit(window, nettool)
    shell = shell_of(process)
    if busy:
        window.type(busy + "\r")
        wait_until(lambda: window.pump() or _foreground(process) == busy.split()[0])
    members = session_of(shell)
    window.type("\x1d")
    wait_until(lambda: window.pump() or not process.running)
    assert process.wait().status == 0
    assert window.is_as_found()
    wait_until(lambda: all(gone(pid) for pid in members))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_end_by_a_signal(nettool, bash, window, number):
    process = sit(window, nettool)
    shell = shell_of(process)
    window.type("sleep 1000\r")
    wait_until(lambda: _foreground(process) == "sleep")
    members = session_of(shell)
    assert len(members) == 2
    assert process.stop(number).status == 128 + number
    assert window.is_as_found()
    wait_until(lambda: all(gone(pid) for pid in members))


def test_end_of_the_program_by_a_signal(nettool, bash, window):
    process = sit(window, nettool)
    os.kill(shell_of(process), signal.SIGKILL)
    result = process.wait()
    assert result.status == 1
    assert "exited on signal 9" in result.text
    assert window.is_as_found()


@pytest.mark.parametrize("words", [
    (RAW, "EXEC:/nowhere/at/all,pty"),
    (RAW, "OPEN:missing/file"),
    (RAW, "TCP:127.0.0.1:{port}"),
    ("-,rawer", "EXEC:true,pty,su=nobodyatall"),
    ("-,raw,echo=0,winsz=a", "PIPE"),
    ("-,cfmakeraw", "UNIX-CONNECT:missing"),
])
def test_end_by_the_other_address(nettool, window, words):
    port = dead_port()
    process = window.start(nettool, *(word.format(port=port) for word in words))
    result = process.wait()
    assert result.status in (1, 2)
    assert result.err != b""
    assert window.is_as_found()


@pytest.mark.parametrize("words", [
    ("OPEN:missing/file",),
    ("EXEC:no-such-program-here,pty",),
    ("-d", "-d", "EXEC:true,pty"),
    ("-d", "-d", "-lu", "EXEC:true,pty"),
])
def test_messages_in_a_raw_terminal(nettool, words):
    """They don't run down the screen like a staircase."""
    with Window(200, 24) as window:
        process = window.start(nettool, *words[:-1], RAW, words[-1], stderr=window.slave)
        process.wait()
        lines = window.screen.splitlines()
        assert lines
        for line in lines:
            assert re.match(r"nettool: |  hint: |\d{4}/", line), window.screen


def test_end_by_the_window(nettool, bash, window):
    """Somebody closes the window: the shell and its jobs are gone."""
    process = sit(window, nettool)
    shell = shell_of(process)
    say(window, "sleep 1000 & echo job", r"job")
    members = session_of(shell)
    assert len(members) == 2
    window.hang_up()
    assert process.wait().status in (1, 128 + signal.SIGHUP)
    wait_until(lambda: all(gone(pid) for pid in members))


@needs_linux
@pytest.mark.parametrize("stopped", [False, True])
@pytest.mark.parametrize("words", [
    ("-u", "SYSTEM:yes", "-"),
    ("-", "SYSTEM:yes,pty"),
    ("-,raw,echo=0", f"SYSTEM:yes,{AT_TERMINAL}"),
])
def test_end_while_nobody_looks(nettool, window, words, stopped):
    """The window takes no more, or its user has typed Ctrl-S: we wait, and a signal ends us."""
    if stopped and "raw" in words[0]:
        pytest.skip("in a raw terminal Ctrl-S stops nothing")
    process = window.start(nettool, *words)
    wait_until(lambda: window.pump(4096) or b"y" in window.text)
    if stopped:
        window.type("\x13")
    wait_until(lambda: rests(process.pid, 0.3))
    assert process.stop().status == 143
    assert window.is_as_found()


def test_sessions_that_share_a_terminal(nettool, window):
    """A raw terminal in front of many clients: only the last one to go puts it back."""
    process = window.start(nettool, "-d", "-d", "-,raw,echo=0",
                           "TCP-LISTEN:0,bind=127.0.0.1,fork")
    port = int(process.expect_err(re.compile(rb"listening on .*:(\d+)\n"))[1])
    assert not window.is_as_found()
    for i in range(2):
        with socket.create_connection(("127.0.0.1", port), tools.DEADLINE) as peer:
            peer.sendall(b"client %d\n" % i)
            window.expect(f"client {i}\n")
        wait_until(lambda: not children_of(process.pid))
        assert not window.is_as_found()
    assert process.stop().status == 143
    assert window.is_as_found()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_end_while_the_other_address_waits(nettool, window, number):
    """The terminal is raw already when we wait for somebody to connect."""
    process = window.start(nettool, "-d", "-d", RAW, "TCP-LISTEN:0,bind=127.0.0.1")
    process.expect_err(b"listening on")
    assert not window.is_as_found()
    assert process.stop(number).status == 128 + number
    assert window.is_as_found()


def test_settings_of_both_descriptors(nettool, window):
    """Input and output are one terminal: what was kept for the first of them is what counts."""
    process = window.start(nettool, "-d", "-d", "STDIN,raw!!STDOUT,echo=0", "PIPE")
    process.expect_err(b"starting data transfer")
    window.type("x")
    window.expect("x")
    window.type("\x04\x03")
    window.expect("\x04\x03")
    assert process.stop().status == 143
    assert window.is_as_found()


def test_unusual_settings_are_put_back(nettool, window):
    """As it was, not as it usually is."""
    settings = termios.tcgetattr(window.slave)
    settings[0] ^= termios.IXANY | termios.ISTRIP
    settings[3] &= ~termios.ECHOE
    settings[6][termios.VERASE] = b"\x08"
    termios.tcsetattr(window.slave, termios.TCSANOW, settings)
    window.found = window.settings()
    process = window.start(nettool, "-d", "-d", RAW, "PIPE")
    process.expect_err(b"starting data transfer")
    window.type("é")
    window.expect("é")
    window.type("\x1d")
    assert process.wait().status == 0
    assert window.is_as_found()


def test_terminal_options_are_for_their_address_only(nettool, bash, window):
    """The other one's terminal stays as it is."""
    process = window.start(nettool, "-,escape=0x1d", "EXEC:stty -a,pty,raw,echo=0,stderr")
    assert window.is_as_found()
    assert process.wait().status == 0
    assert window.is_as_found()


def test_interrupt_of_a_cooked_terminal(nettool, window):
    """Without raw, Ctrl-C at our terminal is for us; the program ends with us."""
    process = window.start(nettool, "-", "EXEC:cat,pty,setsid,ctty")
    window.type("line\r")
    window.expect("line.*line")
    program = shell_of(process)
    window.type("\x03")
    assert process.wait().status == 130
    wait_until(lambda: gone(program))
    assert window.is_as_found()


def test_interrupt_that_is_passed_on(nettool, window):
    """sigint: it is for the program, and its answer still arrives."""
    process = window.start(nettool, "-", "SYSTEM:\"trap 'echo caught; exit 0' INT; echo ready; "
                           "while :; do sleep 0.1; done\",pty,setsid,ctty,sigint")
    window.expect("ready")
    window.type("\x03")
    window.expect("caught")
    assert process.wait().status == 0


def test_in_a_shell_of_ours(nettool, program, bash, window):
    """nettool as a job of a shell: afterwards the shell has a terminal that works."""
    outer = window.start(program("bash", "--norc", "--noprofile", "-i"),
                         env={"PS1": "outer> ", "INNER": "pr> "}, stderr=window.slave)
    window.expect("outer> ")
    found = window.settings()
    inner = f"{tools.NETTOOL} {RAW} 'EXEC:{BASH},{AT_TERMINAL}'"
    for way in ("exit\r", "\x1d", "\x04"):
        window.type(f"PS1=$INNER {inner}\r")
        window.expect("pr> ")
        window.type("echo inside\r")
        window.expect(r"[\r\n]inside\r")
        window.expect("pr> ")
        window.type(way)
        window.expect("outer> ")
        window.type("echo status=$?\r")
        window.expect(r"[\r\n]status=0\r")
        window.expect("outer> ")
    assert window.settings() == found
    window.type("exit\r")
    assert outer.wait().status == 0


def test_stopped_and_called_back(nettool, program, bash, window):
    """A shell stops us by kill, and calls us back by fg."""
    outer = window.start(program("bash", "--norc", "--noprofile", "-i"),
                         env={"PS1": "outer> ", "INNER": "pr> "}, stderr=window.slave)
    window.expect("outer> ")
    window.type(f"PS1=$INNER {tools.NETTOOL} {RAW} 'EXEC:{BASH},{AT_TERMINAL}'\r")
    window.expect("pr> ")
    ours = shell_of(outer)
    os.kill(ours, signal.SIGTSTP)
    window.expect("Stopped")
    window.expect("outer> ")
    window.type("echo outside\r")
    window.expect(r"[\r\n]outside\r")
    window.expect("outer> ")
    window.resize(99, 31)  # nobody tells a process that isn't in the foreground
    window.type("fg\r")
    window.expect("ctty")  # the shell says what it goes on with
    window.type("echo in\"\"side\r")
    window.expect(r"[\r\n]inside\r")
    window.expect("pr> ")
    say(window, "until stty size | grep '^31 99'; do sleep 0.1; done", "31 99")
    window.type("exit\r")
    window.expect("outer> ")
    window.type("exit\r")
    assert outer.wait().status == 0


# ---- who one is ----------------------------------------------------------------------------------


@needs_root
def test_su(nettool, program, bash, window):
    """Another user's shell, by su, at a terminal of its own."""
    program("su")
    process = sit(window, nettool, RAW,
                  f"EXEC:su -s /bin/sh nobody,{AT_TERMINAL}")
    say(window, "id -un", r"nobody")
    say(window, "tty", r"/dev/pts/\d+")
    leave(window, process)


@needs_root
def test_su_option(nettool, bash, window):
    """The same with socat's option; the terminal is the new user's as far as it is open."""
    process = sit(window, nettool, RAW, f"EXEC:{BASH},{AT_TERMINAL},su=nobody")
    say(window, "id -un", r"nobody")
    say(window, "echo > /dev/tty; echo tty=$?", r"tty=0")
    leave(window, process)


@needs_root
def test_login(program, window):
    """login, which is choosy about its terminal. What it writes down is for the test only."""
    program("login")
    unshare = program("unshare", "-m")
    if unshare("sh", "-c", "mount -t tmpfs none /var/log").status != 0:
        pytest.skip("no mount namespace here")
    script = "mount -t tmpfs none /var/log; exec login -f nobody"
    process = window.start(unshare, tools.NETTOOL, RAW, f'SYSTEM:"{script}",{AT_TERMINAL}')
    window.expect("not available")  # nobody's shell is nologin
    result = process.wait()
    assert result.status in (0, 1)
    assert window.is_as_found()


# ---- lines ---------------------------------------------------------------------------------------


@pytest.fixture
def cable(nettool, tmp):
    """Two devices that lead to each other, as by a null modem: one/two in the test's folder."""
    process = nettool.start("-d", "-d", "PTY,link=one,rawer,sitout-eio=600",
                            "PTY,link=two,rawer,sitout-eio=600", endless=True)
    process.expect_err(b"starting data transfer")
    return tmp / "one", tmp / "two"


def speed_of(path):
    with Device(path) as device:
        return termios.tcgetattr(device.fd)[4]


def test_serial_line(nettool, cable):
    """Two stations, each with the line's settings; every byte passes as it is."""
    words = "b9600,raw,echo=0"
    left = nettool.start("-d", "-d", "-", f"OPEN:{cable[0]},{words}", endless=True)
    right = nettool.start("-d", "-d", f"OPEN:{cable[1]},{words}", "-", endless=True)
    for station in (left, right):
        station.expect_err(b"starting data transfer")
    assert speed_of(cable[0]) == speed_of(cable[1]) == termios.B9600
    data = bytes(range(256)) * 40
    left.send(data)
    right.expect_out(data)
    right.send("réponse\r\n".encode() + data[::-1])
    left.expect_out("réponse\r\n".encode() + data[::-1])
    assert same(right.out, data)


def test_serial_line_is_put_back(nettool, cable):
    """A line that was opened is left with the settings it had."""
    with Device(cable[0]) as device:
        before = termios.tcgetattr(device.fd)
        station = nettool.start("-d", "-d", "-", f"OPEN:{cable[0]},b115200,sane")
        station.expect_err(b"starting data transfer")
        assert termios.tcgetattr(device.fd)[4] == termios.B115200
        assert station.wait().status == 0
        assert termios.tcgetattr(device.fd) == before


def test_serial_line_to_the_network(nettool, listener, cable):
    """A device on one machine, a program on another: the line through TCP."""
    server = listener("TCP-LISTEN:0,bind=127.0.0.1,fork,max-children=1",
                      f"OPEN:{cable[1]},b19200,rawer", endless=True)
    with Device(cable[0]) as station:
        for i in range(3):
            with server.connect() as peer:
                peer.sendall(b"AT+%d\r" % i)
                assert station.read(5) == b"AT+%d\r" % i
                station.send(b"OK\r\n")
                assert read_until(peer, b"OK\r\n") == b"OK\r\n"
            wait_until(lambda: not children_of(server.pid))


def test_modem_program(nettool, cable, window, bash):
    """A person at a raw terminal talks to whatever is at the line."""
    process = window.start(nettool, "-d", "-d", RAW, f"GOPEN:{cable[0]},b38400,raw,echo=0")
    process.expect_err(b"starting data transfer")
    with Device(cable[1]) as modem:
        window.type("ATZ\r")
        assert modem.read(4) == b"ATZ\r"
        modem.send("\r\nPRÊT\r\n".encode())
        window.wait_for("PRÊT")
        window.type("\x1d")
        assert process.wait().status == 0
    assert window.is_as_found()


# ---- a shell on another machine ------------------------------------------------------------------


@pytest.fixture
def remote(listener, bash):
    """A server that gives everybody a shell."""
    return listener("TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr", f"EXEC:{BASH},{AT_TERMINAL}",
                    env={"PS1": "pr> ", "HISTFILE": None}, endless=True)


def remote_shells(server):
    """The process ids of the shells of all sessions."""
    return [pid for session in children_of(server.pid) for pid in children_of(session)]


def test_remote_shell(nettool, remote, window):
    process = sit(window, nettool, RAW, f"TCP:{remote.address}")
    assert b"job control" not in window.text
    window.type("sleep 1000\r")
    wait_until(lambda: len(session_of(remote_shells(remote)[0])) == 2)
    window.type("\x1a")
    window.expect("Stopped")
    window.expect("pr> ")
    window.type("fg\r")
    wait_until(lambda: _foreground_at(remote_shells(remote)[0]) == "sleep")
    window.type("\x03")
    window.expect("pr> ")
    say(window, "tty", r"/dev/pts/\d+")
    window.type("exit\r")
    assert process.wait().status == 0
    assert window.is_as_found()
    wait_until(lambda: not children_of(remote.pid))


def test_remote_shell_left_in_a_flood(nettool, remote, window):
    """Ctrl-] gets one out, though the other side has no end."""
    process = sit(window, nettool, RAW, f"TCP:{remote.address}")
    window.type("yes\r")
    window.expect("y\r\ny\r\n")
    window.type("\x1d")
    wait_until(lambda: window.pump() or not process.running)
    assert process.wait().status == 0
    assert window.is_as_found()
    wait_until(lambda: not children_of(remote.pid))


def test_escape_in_a_script_is_an_end_of_input(nettool):
    """No person, no hurry: the answer is waited for, as long as it goes on."""
    process = nettool.start("-,escape=0x1d", "SYSTEM:'cat; for i in 1 2 3 4; do sleep 0.3; "
                            "echo $i; done'")
    process.send(b"question\n\x1d")
    wait_until(lambda: not process.running)
    assert process.wait().out == b"question\n1\n2\n3\n4\n"


@pytest.mark.parametrize("way", ["killed", "reset", "escape", "terminated"])
def test_remote_client_vanishes(nettool, remote, window, way):
    """The shell and its jobs get SIGHUP and are gone, as when a telephone line breaks."""
    if way == "reset":
        peer = remote.connect()
        assert read_until(peer, b"pr> ").endswith(b"pr> ")
        peer.sendall(b"sleep 1000 & sleep 2000\n")
    else:
        process = sit(window, nettool, RAW, f"TCP:{remote.address}")
        window.type("sleep 1000 & sleep 2000\r")
    shell = remote_shells(remote)[0]
    wait_until(lambda: len(session_of(shell)) == 3)
    members = session_of(shell)
    if way == "reset":
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        peer.close()
    elif way == "escape":
        window.type("\x1d")
        assert process.wait().status == 0
    else:
        process.stop(signal.SIGKILL if way == "killed" else signal.SIGTERM)
    wait_until(lambda: all(gone(pid) for pid in members))
    wait_until(lambda: not children_of(remote.pid))
    assert remote.running


def test_remote_shells_side_by_side(remote):
    """Each has its own terminal, and one that leaves disturbs nobody."""
    peers = [remote.connect() for _ in range(5)]
    names = set()
    for peer in peers:
        read_until(peer, b"pr> ")
        peer.sendall(b"tty\n")
        got = read_until(peer, b"pr> ")
        names.add(re.search(rb"/dev/pts/\d+", got)[0])
    assert len(names) == 5
    peers[2].close()
    wait_until(lambda: len(children_of(remote.pid)) == 4)
    for peer in (peers[0], peers[4]):
        peer.sendall("echo é\n".encode())
        assert "\ré\r" in read_until(peer, b"pr> ").decode()
    for peer in peers:
        peer.close()
    wait_until(lambda: not children_of(remote.pid))


@needs_linux
def test_server_is_ended(remote):
    """The listener goes; who is connected stays, and is served until he leaves."""
    with remote.connect() as peer:
        read_until(peer, b"pr> ")
        shell = remote_shells(remote)[0]
        assert remote.stop().status == 143
        peer.sendall(b"echo still here\n")
        assert b"\rstill here\r" in read_until(peer, b"pr> ")
        peer.sendall(b"exit\n")
        read_until(peer, b"exit\r\n")
        wait_until(lambda: gone(shell))


def test_reverse_shell_like_line(nettool, bash, window):
    """The shell's side connects, the person's side listens: it works the same."""
    person = window.start(nettool, "-d", "-d", RAW, "TCP-LISTEN:0,bind=127.0.0.1")
    port = person.expect_err(re.compile(rb"listening on .*:(\d+)\n"))[1].decode()
    machine = nettool.start(f"TCP:127.0.0.1:{port}", f"EXEC:{BASH},{AT_TERMINAL}",
                            env={"PS1": "pr> ", "HISTFILE": None})
    window.expect("pr> ")
    say(window, "echo à distance", "à distance")
    window.type("exit\r")
    assert person.wait().status == 0
    assert machine.wait().status == 0
    assert window.is_as_found()
