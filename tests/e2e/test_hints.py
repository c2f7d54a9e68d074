"""Every mistake is answered with what went wrong and, at a terminal, with one thing that helps."""

import shutil
import socket
from pathlib import Path

import pytest

import tools
from terminals import Window
from tools import name_of, needs_root, tcp_server, unix_server

#: Command line, what the message says, what the hint says. {...} is filled in by the test.
SITUATIONS = [
    # words of the command line
    ("- TPC:localhost:80", 'unknown device/address "TPC"', "did you mean TCP?"),
    ("- localhost:80", 'unknown device/address "localhost"', "did you mean TCP:localhost:80?"),
    ("- notes", 'unknown device/address "notes"', "a file needs a slash: ./notes"),
    ("- TCP:localhost", "wrong number of parameters (1 instead of 2)", "usage: TCP:<host>:<port>"),
    ("- TCP:::1:80", "wrong number of parameters", "an IPv6 address stands in brackets"),
    ("- TCP:localhost:htpp", 'unknown service "htpp"', "did you mean http?"),
    ("- TCP:localhost:", "the port is empty", "a number or a service name"),
    ("- TCP:localhost:70000", "port 70000", "65535"),
    ("TCP-LISTEN:0,reuseadr -", "TCP-LISTEN has no option 'reuseadr'", "did you mean reuseaddr?"),
    ("OPEN:f,reuseaddr -", "not supported with this address type", "OPEN takes no options of"),
    ("TCP-LISTEN:80, reuseaddr -", "exactly 2 addresses required (there are 3)",
     "an address has no blank: TCP-LISTEN:80,reuseaddr"),
    ("-", "exactly 2 addresses required (there are 1)", '"-h" for help'),
    ("--chekc - -", 'unknown option "--chekc"', "did you mean --check?"),
    ("-q - -", 'unknown option "-q"', '"-h" for help'),
    ("-vx - -", "Do not merge single character options", '"-v -x"'),
    ("-t", "option -t needs a value", "<seconds>"),
    ("--log-format=pretty - -", "--log-format=pretty", "plain|classic"),
    ("-b 1y - -", "option -b 1y", "trailing garbage"),
    ("TCP-LISTEN:0,hub-echo -", "option hub-echo needs option hub", "TCP-LISTEN"),
    ("TCP-LISTEN:0,fork,poll -", "only one of the options fork, poll and hub", "TCP-LISTEN"),
    ("- EXEC:\"cat", "unexpected end of address", '" is never closed'),
    # files
    ("OPEN:{tmp}/missing -", "No such file or directory", "option creat makes a new file"),
    ("OPEN:{tmp}/nots -", "No such file or directory", "did you mean {tmp}/notes?"),
    ("- OPEN:{tmp}/none/f,creat", "No such file or directory",
     "the folder {tmp}/none does not exist"),
    ("- OPEN:{tmp}", "Is a directory", "a folder holds no data itself"),
    ("OPEN:{tmp}/notes/f -", "Not a directory", "is a file, no folder"),
    ("- OPEN:{tmp}/notes,creat,excl", "File exists", "option excl wants it to be new"),
    # programs
    ("- EXEC:nosuchprogram", "No such file or directory", "no directory of PATH has a program"),
    ("- EXEC:{tmp}/notes", "Permission denied", "chmod +x"),
    # TCP and UDP
    ("- TCP:127.0.0.1:{dead}", "Connection refused",
     "nothing listens on port {dead} of 127.0.0.1; start the server first"),
    ("TCP4-LISTEN:{taken},bind=127.0.0.1,reuseaddr=0 -", "Address already in use",
     "port {taken} is held by"),
    ("TCP4-LISTEN:0,bind=192.0.2.1 -", "Cannot assign requested address",
     "no interface of this machine has the address 192.0.2.1"),
    ("UDP4-RECV:{udp} -", "Address already in use", "port {udp} is held by"),
    # UNIX
    ("- UNIX:{tmp}/none", "No such file or directory", "start the server first"),
    ("- UNIX:{tmp}/stale", "Connection refused", "left over from a server that has ended"),
    ("- UNIX:{tmp}/notes", "Connection refused", "that is no socket; OPEN:{tmp}/notes opens it"),
    ("- ABSTRACT:nobody-{dead}", "Connection refused", "nobody listens under that name"),
    ("UNIX-LISTEN:{tmp}/stale -", "exists", "unlink-early"),
    ("UNIX-LISTEN:{tmp}/none/s -", "No such file or directory", "the folder"),
]


@pytest.fixture
def facts(tmp):
    """What the situations need: files, ports in use, and a port of nobody."""
    (tmp / "notes").write_text("rien\n")
    stale = unix_server(tmp / "stale")
    stale.close()
    taken = tcp_server()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("0.0.0.0", 0))
    yield {
        "tmp": tmp,
        "dead": tools.dead_port(),
        "taken": name_of(taken).rpartition(":")[2],
        "udp": udp.getsockname()[1],
    }
    taken.close()
    udp.close()


@pytest.mark.parametrize("line, message, hint", SITUATIONS, ids=[row[0] for row in SITUATIONS])
def test_hint(nettool, facts, line, message, hint):
    """The message names what the user wrote; the hint stands in it or below it."""
    window = Window(columns=240)
    words = [word.format(**facts) for word in line.split(" ")]
    process = window.start(nettool, *words, stderr=window.slave, env={"NO_COLOR": "1"})
    assert process.wait().status in (1, 2)
    window.pump()
    text = bytes(window.text).decode().replace("\r\n", "\n")
    assert text.startswith("nettool: ")
    assert message.format(**facts) in text
    assert hint.format(**facts) in text
    assert len(text.split("\n")) <= 4, text
    window.close()


def test_no_hints_for_programs(nettool, facts):
    """Whoever reads messages from a pipe gets one line."""
    result = nettool("-", f"TCP:127.0.0.1:{facts['dead']}")
    assert result.status == 1
    assert result.err.count(b"\n") == 1
    assert b"hint" not in result.err


@needs_root
def test_a_port_for_root(nettool, tmp):
    """Ports below 1024, for somebody who isn't root."""
    limit = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    if limit.exists() and int(limit.read_text()) <= 81:
        pytest.skip("here every port is for everybody")
    # whoever it is run for has to reach it
    shutil.copy(tools.NETTOOL, tmp / "nettool")
    tmp.chmod(0o755)
    window = Window(columns=240)
    process = window.start(nettool, "-",
                           "EXEC:\"./nettool TCP4-LISTEN:81\\,bind=127.0.0.1 STALL\","
                           "pty,setsid,ctty,stderr,setuid=65534,setgid=65534",
                           stderr=window.slave, env={"NO_COLOR": "1"})
    window.expect("ports below 1024 are for root")
    process.wait()
    window.close()
