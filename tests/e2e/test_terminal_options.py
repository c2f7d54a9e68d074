"""Options of terminals (group TERMIOS), on pseudo terminals of the test's own.

What an option does to the settings is compared with what the peer makes of them, word by word, for
two terminals to begin with: one as the kernel makes it, and one with nearly everything the other
way round. What the peer does otherwise on purpose or by the fault of a library has a test of its
own.
"""

import fcntl
import os
import re
import signal
import struct
import termios
from pathlib import Path

import pytest

from tools import (dead_port, needs_linux, needs_peer, random_bytes, read_exactly, read_until,
                   same)

pytestmark = pytest.mark.skipif(not os.path.exists("/dev/ptmx"), reason="no pseudo terminals here")

RUNNING = b"starting data transfer loop"
CHARACTERS = 6  # where tcgetattr() has the control characters

BOOL = ["", "=0", "=2"]
CONST = [""]
BYTE = ["", "=0x1f", "=255"]

FLAGS = """brkint icrnl ignbrk igncr ignpar imaxbel inlcr inpck istrip iuclc ixany ixoff ixon
    parmrk bsdly ffdly nldly ocrnl ofdel ofill olcuc onlcr onlret onocr opost vtdly
    clocal crtscts cstopb hupcl parodd echo echoctl echoe echok echoke echonl echoprt
    flusho icanon iexten isig noflsh pendin tostop xcase""".split()
CONSTANTS = """bs0 bs1 cr0 cr1 cr2 cr3 ff0 ff1 nl0 nl1 tab0 tab1 tab2 tab3 xtabs vt0 vt1 cs8 raw
    termios-cfmakeraw cfmakeraw sane b0""".split()
KEYS = """vdiscard veof veol veol2 verase vintr vkill vlnext vmin vquit vreprint vstart vstop vsusp
    vswtc vtime vwerase""".split()
OTHER_FLAG_NAMES = "tandem hup ctlecho crterase crtkill prterase".split()
OTHER_KEY_NAMES = """discard eof eol eol2 erase intr kill lnext min quit reprint rprnt start stop
    susp swtc swtch time werase""".split()
RATES = """50 75 110 134 150 200 300 600 1200 1800 2400 4800 9600 19200 38400 57600 115200 230400
    460800 500000 576000 921600 1000000 1152000 1500000 2000000 2500000 3000000 3500000
    4000000""".split()

VALUES = {
    **{name: BOOL for name in FLAGS},
    **{name: CONST for name in CONSTANTS},
    **{name: BYTE for name in KEYS},
    **{name: ["=0"] for name in OTHER_FLAG_NAMES + OTHER_KEY_NAMES},
    **{f"b{rate}": CONST for rate in RATES},
    "crdly": ["", "=0", "=1", "=2", "=3"],
    "tabdly": ["", "=0", "=1", "=2", "=3"],
    "csize": ["=3"],
    "parenb": ["=0"],
    "cread": ["", "=1"],
    "ispeed": ["=0", "=1", "=13", "=4098"],
    "ospeed": ["=0", "=1", "=13", "=4098"],
}

# What a single comparison of the peer's settings with ours can't show; each has a test below.
TESTED_APART = """cs5 cs6 cs7 termios-rawer rawer termios-setflags setflags tiocswinsz winsz
    tiocsctty ctty vdsusp dsusp b900 b3600 b7200""".split()


class Terminal:
    """A pseudo terminal: `master` is the wire or the person, `device` and `name` the terminal."""

    def __init__(self):
        self.master, self.device = os.openpty()
        self.name = os.ttyname(self.device)

    @property
    def settings(self):
        return termios.tcgetattr(self.device)

    @settings.setter
    def settings(self, new):
        termios.tcsetattr(self.device, termios.TCSANOW, new)

    @property
    def size(self):
        """Columns and rows."""
        size = fcntl.ioctl(self.device, termios.TIOCGWINSZ, bytes(8))
        rows, columns = struct.unpack("HHHH", size)[:2]
        return columns, rows

    def turn_round(self):
        """Sets nearly everything the other way round."""
        settings = self.settings
        settings[0] ^= 0o17777
        settings[1] ^= 0o177777
        settings[2] ^= termios.CLOCAL | termios.HUPCL | termios.CSTOPB | termios.PARODD
        settings[3] ^= 0o177777
        settings[3] &= ~termios.TOSTOP
        settings[CHARACTERS] = [bytes([65 + i]) for i in range(len(settings[CHARACTERS]))]
        self.settings = settings

    def close(self):
        for fd in (self.master, self.device):
            os.close(fd)


@pytest.fixture
def terminals():
    """Makes terminals and closes them afterwards."""
    made = []

    def make():
        made.append(Terminal())
        return made[-1]

    yield make
    for terminal in made:
        terminal.close()


@pytest.fixture
def terminal(terminals):
    return terminals()


def run_on(runner, terminal, *args):
    """Starts a program with the terminal as its input and output, and waits until it runs."""
    process = runner.start("-d", "-d", *args, stdin=terminal.device, stdout=terminal.device,
                           endless=True)
    process.expect_err(RUNNING)
    return process


def words(settings):
    """Settings in a form in which the difference is easy to see."""
    names = ("input", "output", "control", "local", "ispeed", "ospeed")
    found = {name: oct(value) for name, value in zip(names, settings)}
    for index, byte in enumerate(settings[CHARACTERS]):
        found[f"c_cc[{index}]"] = byte if isinstance(byte, bytes) else bytes([byte])
    return found


# ---- each option, beside the peer ----------------------------------------------------------------


@pytest.mark.parametrize("name", VALUES)
def test_settings_beside_the_peer(nettool, socat, terminals, name):
    cases = []
    for value in VALUES[name]:
        for turned in (False, True):
            for runner in (nettool, socat):
                terminal = terminals()
                if turned:
                    terminal.turn_round()
                process = runner.start("-d", "-d", f"-,{name}{value}", "PIPE", endless=True,
                                       stdin=terminal.device, stdout=terminal.device)
                cases.append((f"{name}{value}", turned, process, terminal))
    for _, _, process, _ in cases:
        process.expect_err(RUNNING)
    found = [(case, turned, words(terminal.settings)) for case, turned, _, terminal in cases]
    for ours, theirs in zip(found[::2], found[1::2]):
        assert ours == theirs


def test_every_word_of_the_peer_is_known_and_tested(nettool, socat):
    theirs = {}
    for found in re.finditer(r"^\s+(\S+)\s+groups=TERMIOS\s+phase=(\S+)", socat("-hhh").printed,
                             re.MULTILINE):
        theirs[found[1]] = found[2]
    ours = {}
    for line in nettool("--list=options", "--format=tsv").printed.splitlines()[1:]:
        name, aliases, _, _, phase, groups, *_ = line.split("\t")
        if groups == "TERMIOS":
            ours.update((word, phase) for word in [name, *filter(None, aliases.split(","))])
    assert len(theirs) > 100
    assert theirs.items() <= ours.items()
    assert set(theirs) <= set(VALUES) | set(TESTED_APART)
    assert set(ours) <= set(VALUES) | set(TESTED_APART)


@pytest.mark.parametrize("options", [
    "raw,echo=0",
    "rawer,opost,echo",
    "sane,raw",
    "raw,sane",
    "cfmakeraw,isig,intr=7",
    "icanon=0,min=4,time=3",
    "min=4,raw",
    "echo=0,echo=1",
    "tab3,tab0,cr2",
    "b300,b9600",
    "sane,icanon=0,echo=0,ixon=0,opost=0",
])
def test_options_act_in_their_order(nettool, socat, terminals, options):
    found = []
    for runner in (nettool, socat):
        terminal = terminals()
        process = run_on(runner, terminal, f"-,{options}", "PIPE")
        settings = terminal.settings
        # the speed, with which the peer's rawer does something else
        if "rawer" in options:
            settings[2] = settings[4] = settings[5] = 0
        found.append(words(settings))
        process.stop()
    assert found[0] == found[1]


# ---- options that a comparison can't show --------------------------------------------------------


@pytest.mark.parametrize("name", ["rawer", "termios-rawer"])
def test_rawer_keeps_the_line(nettool, terminal, name):
    """The peer's rawer takes the speed away, which hangs a line up."""
    terminal.turn_round()
    before = terminal.settings
    process = run_on(nettool, terminal, f"-,{name}", "PIPE")
    after = terminal.settings
    process.stop()
    assert after[0] == after[1] == after[3] == 0
    assert after[2] == before[2] and after[4:6] == before[4:6]
    assert after[CHARACTERS][termios.VMIN] == 1 and after[CHARACTERS][termios.VTIME] == 0


@pytest.mark.parametrize("name", ["raw", "rawer", "cfmakeraw", "sane"])
def test_modes_leave_the_receiver_on(nettool, terminal, name):
    process = run_on(nettool, terminal, f"-,{name}", "PIPE")
    control = terminal.settings[2]
    process.stop()
    assert control & termios.CREAD and control & termios.CSIZE == termios.CS8


@pytest.mark.parametrize("option, rate", [
    ("ispeed=9600", termios.B9600), ("ospeed=9600", termios.B9600),
    ("ispeed=115200", termios.B115200), ("ospeed=1200,ospeed=50", termios.B50),
    (f"ospeed={termios.B19200}", termios.B19200),
])
def test_speeds_are_rates(nettool, terminal, option, rate):
    process = run_on(nettool, terminal, f"-,{option}", "PIPE")
    ispeed, ospeed = terminal.settings[4:6]
    process.stop()
    assert (ispeed if option.startswith("i") else ospeed) == rate


def test_whole_words(nettool, terminal):
    before = terminal.settings
    process = run_on(nettool, terminal, "-,setflags=0:0x41,setflags=1:1,termios-setflags=3:010",
                     "PIPE")
    after = terminal.settings
    process.stop()
    assert after[:4] == [0x41, 1, before[2], 0o10]


@pytest.mark.parametrize("address", ["-,{}", "STDIN,{}", "OPEN:{name},noctty,{}", "{name},{}"])
@pytest.mark.parametrize("option", ["winsz", "tiocswinsz"])
def test_window_size(nettool, terminal, address, option):
    address = address.format(f"{option}=132:43", name=terminal.name)
    process = run_on(nettool, terminal, "-u", address, "OPEN:/dev/null,wronly")
    assert terminal.size == (132, 43)
    process.stop()


def test_whole_words_and_window_size_beside_the_peer(both, terminal):
    needs_peer(both, "1.8.1")
    process = run_on(both, terminal, "-,setflags=0:0x41,winsz=132:43", "PIPE")
    assert (terminal.settings[0], terminal.size) == (0x41, (132, 43))
    process.stop()


@needs_linux
def test_controlling_terminal(nettool, terminal):
    """A session leader without a terminal gets one."""
    process = nettool.start("-d", "-d", f"OPEN:{terminal.name},noctty,ctty", "PIPE")
    process.expect_err(RUNNING)
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    assert int(fields[4]) == os.stat(terminal.name).st_rdev
    process.stop()


@needs_linux
def test_no_controlling_terminal(nettool, terminal):
    process = nettool.start("-d", "-d", f"OPEN:{terminal.name},noctty,ctty=0", "PIPE")
    process.expect_err(RUNNING)
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    assert int(fields[4]) == 0
    process.stop()


# ---- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize("option", [
    "echo=0", "raw", "rawer", "cfmakeraw", "sane", "b9600", "ispeed=9600", "cs8", "csize=3",
    "crdly=1", "eof=4", "setflags=0:0", "winsz=80:24", "ctty",
])
def test_not_a_terminal(nettool, tmp, option):
    (tmp / "file").write_bytes(b"x")
    result = nettool("-u", f"OPEN:file,{option}", "STDOUT")
    assert (result.status, result.out) == (1, b"")
    assert f"OPEN:file,{option}: {option}: this is not a terminal" in result.text


@pytest.mark.parametrize("option", ["echo=0", "raw", "b9600", "cs8", "eof=4"])
def test_not_a_terminal_beside_the_peer(both, option):
    result = both("-u", f"OPEN:/dev/null,{option}", "STDOUT")
    assert result.status == 1


def test_which_descriptor_is_no_terminal(nettool, terminal):
    result = nettool("-,raw", "PIPE", stdin=terminal.device)
    assert result.status == 1
    assert "-,raw: raw: descriptor 1 is not a terminal" in result.text


def test_sloppy_goes_on_without(nettool):
    result = nettool("-u", "-s", "STDIN,raw", "STDOUT", input=b"data")
    assert (result.status, result.out) == (0, b"data")
    assert "raw: descriptor 0 is not a terminal" in result.text


@needs_linux
@pytest.mark.parametrize("option, symbol", [
    ("cs5", "CS5"), ("cs6", "CS6"), ("cs7", "CS7"), ("csize=0", "CSIZE"), ("csize", "CSIZE"),
    ("parenb", "PARENB"), ("cread=0", "CREAD"),
])
def test_device_cannot(nettool, terminal, option, symbol):
    """A pseudo terminal has bytes of 8 bits without parity; that it has nothing else is told."""
    before = terminal.settings
    result = nettool("-u", f"OPEN:{terminal.name},noctty,raw,{option}", "STDOUT")
    assert (result.status, result.out) == (1, b"")
    assert f"{option}: cannot set {symbol}: the device doesn't support this" in result.text
    assert terminal.settings == before


@pytest.mark.parametrize("option, message", [
    ("echo=x", "missing numerical value"),
    ("echo=", "missing numerical value"),
    ("echo=1x", "trailing garbage"),
    ("csize=4", "0 to 3 is allowed"),
    ("crdly=-1", "0 to 3 is allowed"),
    ("tabdly=4", "0 to 3 is allowed"),
    ("min=256", "0 to 255 is allowed"),
    ("time=-1", "0 to 255 is allowed"),
    ("eof=^D", "missing numerical value"),
    ("intr=", "missing numerical value"),
    ("cs8=1", "takes no value"),
    ("raw=0", "takes no value"),
    ("b9600=1", "takes no value"),
    ("ispeed=77", "no such speed; there are 0, 50, 75, 110, 134, 150"),
    ("ospeed=fast", "missing numerical value"),
    ("setflags=4:0", "no word 4, 0 to 3 are allowed"),
    ("setflags=1", "<word>:<bits> is needed"),
    ("winsz=80", "<columns>:<rows> is needed"),
    ("winsz=80:70000", "0 to 65535 is allowed"),
])
def test_wrong_values_are_usage_errors(nettool, tmp, option, message):
    result = nettool(f"OPEN:made,creat,{option}", "PIPE")
    assert result.status == 2
    assert message in result.text
    assert not (tmp / "made").exists()


@needs_linux
@pytest.mark.parametrize("option, symbol", [
    ("vdsusp=25", "VDSUSP"), ("dsusp=25", "VDSUSP"), ("b900", "B900"), ("b3600", "B3600"),
    ("b7200", "B7200"),
])
def test_words_of_other_systems(nettool, option, symbol):
    result = nettool(f"-,{option}", "PIPE")
    assert result.status == 2
    assert f"is not built in: this system has no {symbol}" in result.text


@pytest.mark.parametrize("address", ["TCP:127.0.0.1:1", "UNIX-CONNECT:x", "CREATE:x", "PIPE:x"])
def test_addresses_that_are_no_terminals(nettool, tmp, address):
    result = nettool(f"{address},echo=0", "-")
    assert result.status == 2
    assert "option 'echo' is not supported with this address type" in result.text
    assert not (tmp / "x").exists()


def test_misspelt(nettool):
    result = nettool("-,icannon=0", "PIPE")
    assert result.status == 2
    assert "did you mean icanon?" in result.text


# ---- the settings at work ------------------------------------------------------------------------


@pytest.mark.parametrize("options", ["b9600,raw,echo=0,cs8,parenb=0", "rawer", "cfmakeraw",
                                     "b115200,rawer,crtscts=0,clocal"])
def test_serial_line_is_binary_clean(both, terminal, options):
    every = bytes(range(256))
    process = both.start("-d", "-d", f"OPEN:{terminal.name},noctty,{options}", "-")
    process.expect_err(RUNNING)
    for data in (every, every[::-1], random_bytes(2000)):
        process.send(data)
        assert same(read_exactly(terminal.master, len(data)), data)
        os.write(terminal.master, data)
        process.expect_out(data)
    process.stop()
    assert process.out == every + every[::-1] + random_bytes(2000)


def test_two_serial_lines(both, terminals):
    left, right = terminals(), terminals()
    process = both.start("-d", "-d", f"OPEN:{left.name},noctty,rawer,b19200",
                         f"OPEN:{right.name},noctty,rawer,b1200")
    process.expect_err(RUNNING)
    data = random_bytes(3000)
    os.write(left.master, data)
    assert same(read_exactly(right.master, len(data)), data)
    os.write(right.master, data[::-1])
    assert same(read_exactly(left.master, len(data)), data[::-1])
    process.stop()


def test_typing(both, terminal):
    """Lines are edited and echoed, until options say otherwise."""
    process = both.start("-d", "-d", "-u", f"OPEN:{terminal.name},noctty,erase=0x23,eof=0x1d",
                         "STDOUT")
    process.expect_err(RUNNING)
    os.write(terminal.master, "déjeunerr#\n".encode())
    process.expect_out("déjeuner\n".encode())
    assert "déjeunerr".encode() in read_until(terminal.master, b"\n")
    os.write(terminal.master, b"\x1d")
    assert process.wait().status == 0


def test_keys_are_data_without_icanon(both, terminal):
    process = both.start("-d", "-d", "-u",
                         f"OPEN:{terminal.name},noctty,icanon=0,isig=0,echo=0,icrnl=0", "STDOUT")
    process.expect_err(RUNNING)
    os.write(terminal.master, b"\x03\x04\r\x7f")
    process.expect_out(b"\x03\x04\r\x7f")
    process.stop()


def test_options_of_one_address_leave_the_other_alone(nettool, terminals):
    left, right = terminals(), terminals()
    before = right.settings
    process = nettool.start("-d", "-d", f"OPEN:{left.name},noctty,rawer",
                            f"OPEN:{right.name},noctty")
    process.expect_err(RUNNING)
    assert left.settings[3] == 0
    assert right.settings == before
    process.stop()


# ---- afterwards all is as it was -----------------------------------------------------------------

PLACES = ["-,{}", "OPEN:{name},noctty,{}", "{name},noctty,{}", "FD:0,{}", "STDIN,{}!!STDOUT"]
CHANGES = "raw,echo=0,b300,min=7,erase=5,tab3,hupcl"


def changed(terminal, before):
    assert terminal.settings[3] != before[3] and terminal.settings[4] == termios.B300


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_restored_after_a_signal(nettool, terminal, place, number):
    before = terminal.settings
    process = run_on(nettool, terminal, place.format(CHANGES, name=terminal.name), "PIPE")
    changed(terminal, before)
    assert process.stop(number).status == 128 + number
    assert words(terminal.settings) == words(before)


@pytest.mark.parametrize("place", PLACES)
def test_restored_after_the_end(nettool, terminal, place):
    before = terminal.settings
    reader, writer = os.pipe()
    process = nettool.start("-d", "-d", "-t", "0.1", place.format(CHANGES, name=terminal.name),
                            f"FD:{reader}!!OPEN:/dev/null,wronly", pass_fds=(reader,),
                            stdin=terminal.device, stdout=terminal.device)
    os.close(reader)
    process.expect_err(RUNNING)
    changed(terminal, before)
    os.close(writer)
    assert process.wait().status == 0
    assert words(terminal.settings) == words(before)


@pytest.mark.parametrize("place", PLACES)
def test_restored_after_an_error_of_the_other_address(nettool, terminal, place):
    before = terminal.settings
    result = nettool(place.format(CHANGES, name=terminal.name), f"TCP:127.0.0.1:{dead_port()}",
                     stdin=terminal.device, stdout=terminal.device)
    assert result.status == 1
    assert words(terminal.settings) == words(before)


@needs_linux
@pytest.mark.parametrize("place", PLACES)
def test_restored_after_an_option_failed(nettool, terminal, place):
    before = terminal.settings
    result = nettool(place.format(CHANGES + ",cs7", name=terminal.name), "PIPE",
                     stdin=terminal.device, stdout=terminal.device)
    assert result.status == 1
    assert words(terminal.settings) == words(before)


def test_both_sides_restored(nettool, terminals):
    left, right = terminals(), terminals()
    before = left.settings, right.settings
    process = nettool.start("-d", "-d", f"OPEN:{left.name},noctty,rawer",
                            f"OPEN:{right.name},noctty,raw,echo=0")
    process.expect_err(RUNNING)
    assert left.settings != before[0] and right.settings != before[1]
    process.stop()
    assert (left.settings, right.settings) == before


def test_changes_of_others_stay_where_no_option_was_given(nettool, terminal):
    """What the program didn't touch isn't its to put back."""
    process = run_on(nettool, terminal, "-", "PIPE")
    terminal.turn_round()
    between = terminal.settings
    process.stop()
    assert words(terminal.settings) == words(between)
