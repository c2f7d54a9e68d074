"""The command line: every option of nettool -h, its messages, its exit status, its promise to
open nothing when a word is wrong."""

import json
import os
import re
import signal
import socket
import time

import pytest

from tools import DEADLINE, NETTOOL, accept, dead_port, name_of, read_exactly, tcp_server, wait_until


def lines(data):
    return data.decode("utf-8", "replace").splitlines()


# ---- help, version, catalogue --------------------------------------------------------------------


@pytest.mark.parametrize("word", ["-h", "-?", "--help", "-hh", "-hhh", "-??"])
def test_help(nettool, word):
    result = nettool(word)
    assert result.status == 0 and result.err == b"", result
    assert "Usage: nettool [options] <address> <address>" in result.printed
    for option in ("-u", "-b <bytes>", "-d", "--ready-fd=<fd>", "--list=addresses|options"):
        assert any(line.startswith("  " + option) for line in lines(result.out)), option


def test_deeper_help_adds_the_catalogue(nettool):
    first, second, third = (nettool(word).out for word in ("-h", "-hh", "-hhh"))
    assert len(first) < len(second) < len(third)
    assert b"\nTCP-LISTEN:<port>" in second and b"\nTCP-LISTEN:<port>" not in first
    assert b"\nreuseaddr" in third.replace(b"so-reuseaddr", b"reuseaddr")


@pytest.mark.parametrize("word", ["-V", "--version"])
def test_version(nettool, word):
    result = nettool(word)
    assert result.status == 0 and result.err == b"", result
    assert re.fullmatch(r"nettool \d+\.\d+\.\d+\S*", lines(result.out)[0])
    assert any(line.startswith("built in:") for line in lines(result.out))


@pytest.mark.parametrize("what", ["addresses", "options"])
def test_list_json_is_json_and_agrees_with_tsv_and_table(nettool, what):
    rows = json.loads(nettool(f"--list={what}", "--format=json").out)
    tsv = [line.split("\t") for line in lines(nettool(f"--list={what}", "--format=tsv").out)]
    table = lines(nettool(f"--list={what}").out)
    head = tsv.pop(0)
    assert head[:2] == ["name", "aliases"] and "summary" in head
    assert all(len(row) == len(head) for row in tsv), "every row has every column"
    assert [row["name"] for row in rows] == [row[0] for row in tsv]
    assert all(set(row) == set(head) for row in rows), "the same columns"
    assert len(set(row["name"] for row in rows)) == len(rows), "no name twice"
    for row, columns in zip(rows, tsv):
        assert columns[1] == ",".join(row["aliases"])
        assert row["summary"] and not row["summary"].endswith(".")
    assert len(table) == len(rows)
    assert nettool(f"--list={what}", "--format=table").out == nettool(f"--list={what}").out


def test_list_value_in_the_next_word(nettool):
    assert nettool("--list", "options", "--format", "tsv").out == nettool(
        "--format=tsv", "--list=options").out


def test_help_lists_every_option_that_is_taken(nettool):
    names = re.findall(r"(?m)^  (--?[A-Za-z0-9?][a-z-]*)", nettool("-h").printed)
    assert len(set(names)) > 30
    # The name alone is either complete, or wants its value or its addresses: never unknown.
    for name in set(names):
        assert "unknown option" not in nettool(name).text, name


def test_every_example_of_the_catalogue_passes_the_check(nettool):
    for row in json.loads(nettool("--list=addresses", "--format=json").out):
        way = {"r": ["-u", row["example"], "PIPE"], "w": ["-u", "PIPE", row["example"]]}
        words = way.get(row["use"], [row["example"], "PIPE"])
        result = nettool("--check", *words)
        assert result.status == 0, (row["example"], result)


# ---- --check -------------------------------------------------------------------------------------

SPECIMENS = [
    ("-", "STDIO"),
    ("0", "FD:0"),
    ("./a b", "GOPEN:./a b"),
    ("tcp:localhost:80,reuseaddr", "TCP:localhost:80,reuseaddr"),
    ("text:'a b,c'", r"TEXT:a b\,c"),
    (r"text:\"\\n\x\0", r"TEXT:\"\\nx\0"),
    ("TEXT:[a:b,c]", r"TEXT:\[a\:b\,c\]"),
    ("TCP6:[::1]:80", r"TCP6:\[\:\:1\]:80"),
    ("pipe,,nonblock,", "PIPE,nonblock"),
    ("stdin!!stdout", "STDIN!!STDOUT"),
    ("TEXT:'a!!b'", r"TEXT:a\!\!b"),
    ("text:évènement", "TEXT:évènement"),
]


@pytest.mark.parametrize("text,canonical", SPECIMENS)
def test_check_shows_the_canonical_text_which_is_a_fixpoint(nettool, tmp, text, canonical):
    first = nettool("--check", text, "PIPE")
    assert (first.status, first.printed) == (0, canonical + "\nPIPE\n"), first
    again = nettool("--check", lines(first.out)[0], "PIPE")
    assert (again.status, again.out) == (0, first.out), again
    assert list(tmp.iterdir()) == []


def test_check_opens_nothing(nettool, tmp):
    result = nettool("--check", "CREATE:created", "TCP:127.0.0.1:1,retry=3", "-u")
    assert result.status == 2, "options come first"
    result = nettool("-u", "--check", "TCP:127.0.0.1:1,forever", f"CREATE:{tmp}/created")
    assert result.status == 0, result
    assert not (tmp / "created").exists()


# ---- wrong command lines -------------------------------------------------------------------------

WRONG = [
    ([], b"exactly 2 addresses required (there are 0)"),
    (["PIPE"], b"exactly 2 addresses required (there are 1)"),
    (["PIPE", "PIPE", "PIPE"], b"exactly 2 addresses required (there are 3)"),
    (["-q", "FILE", "PIPE"], b'unknown option "-q"'),
    (["-lq", "FILE", "PIPE"], b'unknown option "-lq"'),
    (["-vx", "FILE", "PIPE"], b'use "-v -x" instead of "-vx"'),
    (["-uU", "FILE", "PIPE"], b'use "-u -U" instead of "-uU"'),
    (["-u", "-U", "FILE", "PIPE"], b"-u and -U exclude each other"),
    (["-d5", "FILE", "PIPE"], b"-d5"),
    (["-dx", "FILE", "PIPE"], b"-dx"),
    (["-d12", "FILE", "PIPE"], b"-d12"),
    (["-b", "x", "FILE", "PIPE"], b"missing numerical value"),
    (["-b", "12q", "FILE", "PIPE"], b"trailing garbage"),
    (["-b0", "FILE", "PIPE"], b"out of range"),
    (["-b", "99999999999999999999", "FILE", "PIPE"], b"-b"),
    (["-t", "x", "FILE", "PIPE"], b"missing numerical value"),
    (["-t", "1x", "FILE", "PIPE"], b"trailing garbage"),
    (["-T", "", "FILE", "PIPE"], b"missing numerical value"),
    (["-S", "0y", "FILE", "PIPE"], b"trailing garbage"),
    (["-L", "lock", "-W", "lock", "FILE", "PIPE"], b"only one of -L and -W"),
    (["-L", "lock", "-L", "lock", "FILE", "PIPE"], b"only one of -L and -W"),
    (["-L"], b"-L needs a value"),
    (["--list"], b"--list needs a value"),
    (["--list=foo"], b"addresses|options"),
    (["--list=options", "--format=xml"], b"json"),
    (["--log-format=loud", "FILE", "PIPE"], b"plain|classic"),
    (["--ready-fd=x", "FILE", "PIPE"], b"missing numerical value"),
    (["--check=1", "FILE", "PIPE"], b"takes no value"),
    (["--statistics=3", "FILE", "PIPE"], b""),
    (["-lynonsense", "FILE", "PIPE"], b"syslog facility"),
    (["-h1"], b"unknown option"),
    (["FILE", "NOSUCH:1"], b'unknown device/address "NOSUCH"'),
    (["FILE", "notes.txt"], b'unknown device/address "notes.txt"'),
    (["FILE", ""], b"unknown device/address"),
    (["FILE", "TCP:a"], b"wrong number of parameters"),
    (["FILE", "TCP:a:1:2"], b"wrong number of parameters"),
    (["FILE", "STDIO:1"], b"wrong number of parameters"),
    (["FILE", "PIPE,nosuchoption"], b"nosuchoption"),
    (["FILE", "PIPE,so-reuseaddr"], b"not supported with this address type"),
    (["FILE", "PIPE,nonblock="], b"missing numerical value"),
    (["FILE", "PIPE,nonblock=x"], b"missing numerical value"),
    (["FILE", "PIPE,pipesz=4q"], b"trailing garbage"),
    (["FILE", "OPEN:victim,perm"], b"missing numerical value"),
    (["FILE", 'TEXT:"a'], b"unexpected end"),
    (["FILE", "TEXT:a\\"], b"unexpected end"),
    (["FILE", "PIPE!!PIPE!!PIPE"], b"two halves"),
    (["FILE", "PIPE!!"], b"unknown device/address"),
    (["FILE", "OPEN:"], b"path is empty"),
    (["FILE", "OPEN:a\\0b"], b"NUL"),
    (["FILE", "FD:x"], b"missing numerical value"),
    (["FILE", "TCP-LISTEN:0,max-children=2"], b"max-children"),
    (["FILE", "TCP-LISTEN:0,fork!!PIPE"], b"fork"),
]


@pytest.mark.parametrize("words,message", WRONG, ids=lambda value: None)
def test_a_wrong_command_line_is_2_and_opens_nothing(nettool, tmp, words, message):
    words = ["OPEN:victim,creat" if word == "FILE" else word for word in words]
    result = nettool(*words)
    assert result.status == 2, result
    assert result.out == b"" and result.err.startswith(b"nettool: "), result
    assert message in result.err, result
    assert list(tmp.iterdir()) == [], "something was created"


@pytest.mark.parametrize("words", [
    ["-q", "FILE", "PIPE"], ["FILE"], ["FILE", "NOSUCH:1"], ["FILE", "TCP:a"],
    ["FILE", "PIPE,nosuchoption"], ["FILE", "PIPE,nonblock=x"], ["-b12q", "FILE", "PIPE"],
    ["-vx", "FILE", "PIPE"], ["-u", "-U", "FILE", "PIPE"],
], ids=lambda value: " ".join(value))
def test_what_is_wrong_for_us_is_wrong_for_the_peer(nettool, socat, words):
    words = ["OPEN:victim,creat" if word == "FILE" else word for word in words]
    assert nettool(*words).status == 2
    assert socat(*words).status == 1


def test_both_addresses_are_checked_before_a_socket_is_bound(nettool, tmp):
    result = nettool("UNIX-LISTEN:socket", "TCP:localhost:1,reuseadr")
    assert result.status == 2 and not (tmp / "socket").exists(), result


def caret_of(text):
    """The columns that the line of carets marks in the line above it: (marked text, hint)."""
    rows = text.splitlines()
    for above, row in zip(rows, rows[1:]):
        found = re.fullmatch(r"(  +)(\^+) ?(.*)", row)
        if found:
            start = len(found[1])
            return above[start : start + len(found[2])], found[3]
    pytest.fail(f"no caret in {text!r}")


@pytest.mark.parametrize("address,marked,hint", [
    ("TCP-LISTEN:9090,fork,reuseadr", "reuseadr", "reuseaddr"),
    ("OPEN:é,creatt", "creatt", "creat"),
    ("TPC:localhost:80", "TPC", "TCP"),
    ("UNIX-LISTN:a", "UNIX-LISTN", "UNIX-LISTEN"),
    ("PIPE,nonblock=x", "x", ""),
    ("PIPE!!PIPE,nonblok", "nonblok", "nonblock"),
    ('TEXT:"abc', '"', ""),
    ("PIPE,so-reuseaddr", "so-reuseaddr", ""),
    ("TCP-LISTEN:1,max-children=x,fork", "x", ""),
    ("TEXT:'a,b',readbyte=3", "readbyte", "readbytes"),
])
def test_the_caret_stands_below_the_wrong_word(nettool, address, marked, hint):
    result = nettool(address, "PIPE")
    assert result.status == 2, result
    got, said = caret_of(result.text)
    assert got == marked, result.text
    if hint:
        assert f"did you mean {hint}?" in said, result.text


def test_the_caret_counts_the_columns_of_wide_characters(nettool):
    rows = nettool("OPEN:東京,creatt", "PIPE").text.splitlines()
    # Each of the two takes two columns of the screen.
    assert rows[1] == "  OPEN:東京,creatt" and rows[2].startswith(" " * 12 + "^^^^^^ "), rows


def test_a_long_option_gets_a_suggestion(nettool):
    result = nettool("--reayd-fd=3", "PIPE", "PIPE")
    assert result.status == 2 and "did you mean --ready-fd?" in result.text, result


def test_known_but_not_built_in_is_told_apart_from_unknown(nettool):
    built = {name.upper()
             for row in json.loads(nettool("--list=addresses", "--format=json").out)
             for name in [row["name"], *row["aliases"]]}
    everything = ["EXEC:a", "OPENSSL:a:1", "DCCP:a:1", "SCTP:a:1", "TUN", "VSOCK:1:1", "PTY",
                  "READLINE", "UDPLITE:a:1", "POSIXMQ-SEND:/a", "SOCKS5:a:b:1"]
    absent = [text for text in everything if text.split(":")[0] not in built]
    if not absent:
        pytest.skip("this build has every address")
    for text in absent:
        result = nettool(text, "PIPE")
        assert result.status == 2, result
        assert f"address {text.split(':')[0]} is not built in" in result.text, result
        assert "unknown device/address" not in result.text


def test_options_of_an_address_are_checked_unless_g(nettool, tmp):
    assert nettool("--check", "PIPE,so-reuseaddr", "PIPE").status == 2
    assert nettool("--check", "-g", "PIPE,so-reuseaddr", "PIPE").status == 0


def test_untrusted_bytes_never_reach_the_terminal(nettool):
    result = nettool("NO\x1b[31mSUCH", "PIPE")
    assert result.status == 2 and b"\x1b" not in result.err, result


# ---- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [
    ["-t0.5"], ["-t", "0.5"], ["-t", "1e-1"], ["-t.1"], ["-t", "0"], ["-T5"], ["-T", "5"],
    ["-b100"], ["-b", "0x64"], ["-b", "0144"], ["-S32768"], ["-S", "0x8000"], ["-s"], ["-g"],
    ["-4"], ["-6"], ["-0"], ["-ls"], ["-lu"], ["-lh"], ["-lpname"], ["-lp", "name"],
    ["-d"], ["-d0"], ["-d1"], ["--experimental"], ["--log-format=plain"],
    ["--log-format", "classic"], ["-rright"], ["-r", "right"], ["-Rleft"], ["-R", "left"],
    ["-Llock"], ["-L", "lock"], ["-Wlock"], ["-W", "lock"], ["-lflog"], ["-lf", "log"],
], ids=lambda words: " ".join(words))
def test_an_option_takes_its_value_attached_or_apart(nettool, words):
    result = nettool(*words, "-", "PIPE", input=b"data\n")
    assert (result.status, result.out, result.err) == (0, b"data\n", b""), result


def test_a_lone_dash_with_options_is_an_address(nettool):
    result = nettool("-,ignoreeof=0", "PIPE", input=b"x")
    assert (result.status, result.out) == (0, b"x"), result
    result = nettool("-!!OPEN:o,creat", "PIPE", input=b"x")
    assert result.status == 0 and (result.out, result.err) == (b"", b""), result


def test_b_limits_one_read(nettool):
    result = nettool("-b", "3", "-x", "-u", "-", "PIPE", input=b"abcdefgh")
    assert re.findall(r"length=(\d+)", result.text) == ["3", "3", "2"], result


def test_b_limits_a_datagram(nettool, tmp):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ours.send(b"0123456789")
    result = nettool("-u", "-b4", "-T0.2", f"FD:{theirs.fileno()}", "-",
                     pass_fds=[theirs.fileno()])
    assert (result.status, result.out) == (0, b"0123"), result


# ---- log -----------------------------------------------------------------------------------------

CLASSIC = r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?P<micros>\.\d{6})?(?P<host> \S+)? (?P<name>\S+)\[(?P<pid>\d+)\] (?P<level>[FEWNID]) (?P<text>.*)"


def test_a_clean_run_says_nothing(both):
    result = both("-", "PIPE", input=b"x")
    assert (result.status, result.out, result.err) == (0, b"x", b"")


@pytest.mark.parametrize("words,notices", [
    ([], False), (["-d"], False), (["-dd"], True), (["-d", "-d"], True), (["-ddd"], True),
    (["-dddd"], True),
], ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_levels_like_the_peer(both, words, notices):
    test_levels(both, words, notices)


@pytest.mark.parametrize("words,notices", [
    ([], False), (["-d0"], False), (["-d"], False), (["-d1"], False), (["-dd"], True),
    (["-d", "-d"], True), (["-d2"], True), (["-ddd"], True), (["-d3"], True), (["-d4"], True),
    (["-dddd"], True), (["-dd", "-d0"], False),
], ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_levels(nettool, words, notices):
    result = nettool(*words, "-", "PIPE", input=b"x")
    assert (result.status, result.out) == (0, b"x"), result
    assert (b"starting data transfer loop" in result.err) == notices, result
    assert (b"socket 1 (fd 0) is at EOF" in result.err) == notices, result
    assert (b"exiting with status 0" in result.err) == notices, result


def test_d0_hides_warnings(nettool):
    assert b"warning" in nettool("-", "STDIN").err
    assert nettool("-d0", "-", "STDIN").err == b""


@pytest.mark.parametrize("words,micros,host,name", [
    ([], False, False, "PROGRAM"), (["-lu"], True, False, "PROGRAM"),
    (["-lh"], False, True, "PROGRAM"), (["-lu", "-lh", "-lp", "chose"], True, True, "chose"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_the_classic_layout_is_the_peers(both, words, micros, host, name):
    ours = "nettool" in both.program[0]
    process = both.start(*(["--log-format=classic"] if ours else []), "-dd", *words, "-", "PIPE",
                         env={"HOSTNAME": "machine"})
    result = process.wait()
    got = [re.fullmatch(CLASSIC, line) for line in result.text.splitlines()]
    assert all(got) and len(got) >= 3, result
    for match in got:
        assert bool(match["micros"]) == micros
        assert match["host"] == (" machine" if host else None)
        assert match["name"] == name.replace("PROGRAM", "nettool" if ours else "socat")
        assert match["pid"] == str(process.pid)
    assert got[-1]["level"] == "N" and got[-1]["text"] == "exiting with status 0"


def test_lp_names_the_messages(nettool):
    assert nettool("-lp", "chose", "NOSUCH", "PIPE").err.startswith(b"chose: ")


def test_lf_appends_to_a_file_and_leaves_stderr_empty(both, tmp):
    (tmp / "log").write_text("before\n")
    result = both("-dd", "-lf", "log", "-", "PIPE")
    text = (tmp / "log").read_text()
    assert (result.status, result.err) == (0, b""), result
    assert text.startswith("before\n") and "exiting with status 0" in text


def test_lf_gets_the_errors(nettool, tmp):
    result = nettool("-lflog", "OPEN:missing", "PIPE")
    assert (result.status, result.err) == (1, b""), result
    assert "missing" in (tmp / "log").read_text()


def test_a_log_file_that_cannot_be_opened(nettool):
    result = nettool("-lf", "no/such/folder/log", "-", "OPEN:victim,creat")
    assert result.status == 1 and b"no/such/folder/log" in result.err, result
    assert not (nettool.folder / "victim").exists()


def test_ls_returns_to_stderr(nettool, tmp):
    result = nettool("-lf", "log", "-ls", "-dd", "-", "PIPE")
    assert b"exiting with status 0" in result.err and not (tmp / "log").exists()


# ---- dumps ---------------------------------------------------------------------------------------

# Blocks are separate reads, so that both programs cut at the same places.
DUMPED = "bonjour\n\téè \\ \0\x01\x1b\x7f\r\nà bientôt, longue ligne qui dépasse seize\nfin".encode()


def without_stamps(data):
    return re.sub(rb"(?m)([<>]) \d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6,9}  ", rb"\1 STAMP  ", data)


@pytest.mark.parametrize("words", [["-v"], ["-x"], ["-v", "-x"], ["-x", "-v"]],
                         ids=lambda words: "".join(words))
@pytest.mark.parametrize("way", [["-u"], []], ids=["one way", "echo"])
def test_dumps_look_like_the_peers(nettool, socat, words, way):
    ours = nettool(*words, *way, "-", "PIPE", input=DUMPED)
    theirs = socat(*words, *way, "-", "PIPE", input=DUMPED)
    assert ours.out == theirs.out and ours.status == theirs.status == 0
    assert b"STAMP  length=" in without_stamps(ours.err)
    assert without_stamps(ours.err) == without_stamps(theirs.err)


def test_dump_offsets_go_on(nettool):
    result = nettool("-x", "-u", "-b4", "-", "PIPE", input=b"0123456789")
    heads = re.findall(r"> \S+ \S+\.\d{6}  length=(\d+) from=(\d+) to=(\d+)", result.text)
    assert heads == [("4", "0", "3"), ("4", "4", "7"), ("2", "8", "9")], result


def test_r_and_R_copy_the_data(both, tmp):
    (tmp / "right").write_bytes(b"old ")
    result = both("-r", "right", "-R", "left", "-", "PIPE", input=b"hello")
    assert (result.status, result.out) == (0, b"hello"), result
    assert (tmp / "right").read_bytes() == b"old hello"
    assert (tmp / "left").read_bytes() == b"hello"


def test_the_copies_are_made_even_if_nothing_flows(both, tmp):
    assert both("-r", "right", "-R", "left", "-", "PIPE").status == 0
    assert sorted(path.name for path in tmp.iterdir()) == ["left", "right"]


def test_the_copy_shows_data_after_the_conversion(both, tmp):
    result = both("-u", "-r", "copy", "-", "CREATE:sink,crnl", input=b"a\nb\n")
    assert result.status == 0, result
    assert (tmp / "sink").read_bytes() == (tmp / "copy").read_bytes() == b"a\r\nb\r\n"


def test_names_of_copies_hold_variables(nettool, tmp):
    process = nettool.start("-lp", "moi", "-r", "$PROGNAME-$$-${MOT}x-$NICHTS.$TIMESTAMP.$MICROS",
                            "-", "PIPE", env={"MOT": "été"})
    process.send(b"x")
    assert process.wait().status == 0
    [path] = tmp.iterdir()
    assert re.fullmatch(rf"moi-{process.pid}-étéx-\.\d{{8}}T\d{{6}}\.\d{{6}}", path.name), path


def test_each_session_child_has_its_own_copy(listener, tmp):
    server = listener("-r", "$$", "TCP-LISTEN:0,bind=127.0.0.1,fork", "PIPE", endless=True)
    for _ in range(3):
        with server.connect() as peer:
            peer.sendall(b"mine")
            assert read_exactly(peer, 4) == b"mine"
    wait_until(lambda: len(list(tmp.iterdir())) == 3, what="three files")
    wait_until(lambda: all(path.read_bytes() == b"mine" for path in tmp.iterdir()))


def test_a_copy_that_cannot_be_opened_is_an_error(nettool):
    result = nettool("-r", "no/folder/copy", "-", "PIPE")
    assert result.status == 1 and b"no/folder/copy" in result.err, result


# ---- statistics, descriptors ---------------------------------------------------------------------


def test_statistics_at_the_end(nettool):
    result = nettool("-d0", "--statistics", "-", "PIPE", input=b"12345")
    assert re.search(r"STATISTICS: left to right: +1 packets\(s\), +5 byte\(s\)", result.text)
    assert re.search(r"STATISTICS: right to left: +1 packets\(s\), +5 byte\(s\)", result.text)


def test_statistics_of_one_way(nettool):
    result = nettool("-u", "--statistics", "-", "PIPE", input=b"12345")
    assert "left to right" in result.text and "right to left" not in result.text, result


def test_usr1_prints_statistics_and_the_transfer_goes_on(start):
    process = start("-", "PIPE")
    process.send(b"12345")
    process.expect_out(b"12345")
    process.send_signal(signal.SIGUSR1)
    process.expect_err(re.compile(rb"left to right: +1 packets\(s\), +5 byte\(s\)"))
    process.send(b"678")
    process.expect_out(b"12345678")
    assert process.wait().status == 0


def test_usr1_before_the_transfer_does_not_end_a_listener(listener):
    server = listener("TCP-LISTEN:0,bind=127.0.0.1", "PIPE")
    server.send_signal(signal.SIGUSR1)
    with server.connect() as peer:
        peer.sendall(b"still there")
        peer.shutdown(socket.SHUT_WR)
        assert read_exactly(peer, 11) == b"still there"
    assert server.wait().status == 0


def test_D_describes_the_descriptors(nettool):
    result = nettool("-D", "OPEN:/dev/null", "PIPE")
    rows = [line for line in result.text.splitlines() if re.search(r"\b(pipe|chrdev)\b", line)]
    assert result.status == 0 and len(rows) == 4, result


# ---- readiness -----------------------------------------------------------------------------------


@pytest.mark.parametrize("address,kind", [
    ("TCP-LISTEN:0,bind=127.0.0.1", "tcp"), ("TCP4-LISTEN:0", "tcp"),
    ("TCP6-LISTEN:0,bind=[::1]", "tcp"), ("UNIX-LISTEN:socket", "unix"),
    ("UDP4-RECV:0,bind=127.0.0.1", "udp"), ("UDP-LISTEN:0,bind=127.0.0.1", "udp"),
    ("UNIX-RECV:socket", "unix"),
])
def test_ready_fd_announces_where(listener, address, kind):
    server = listener("-u", address, "-")
    assert len(server.announced) == 1 and server.announced[0][0] == kind, server.announced
    where = server.announced[0][1]
    if kind == "unix":
        assert where == "socket"
    else:
        assert int(where.rpartition(":")[2]) > 0
    server.stop()


@pytest.mark.parametrize("name", ["{tmp}/notify", "@nettool-notify-{port}"])
def test_service_manager_is_told(listener, tmp, name):
    """READY=1 goes to NOTIFY_SOCKET once the listener is bound."""
    name = name.format(tmp=tmp, port=dead_port())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name.replace("@", "\0"))
        manager.settimeout(DEADLINE)
        server = listener("TCP4-LISTEN:0,bind=127.0.0.1", "PIPE", env={"NOTIFY_SOCKET": name})
        assert manager.recv(100) == b"READY=1"
        server.stop()


def test_service_manager_that_is_gone(listener, tmp):
    """That nobody hears it is worth a warning, and no more."""
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1", "PIPE",
                      env={"NOTIFY_SOCKET": str(tmp / "nobody")})
    with server.connect() as peer:
        peer.sendall(b"hello")
        peer.shutdown(socket.SHUT_WR)
        assert read_exactly(peer, 5) == b"hello"
    result = server.wait()
    assert result.status == 0
    assert b"that we are ready" in result.err


def test_ready_fd_on_both_sides(listener):
    # The receivers are told in the order in which they are opened.
    server = listener("-u", "UDP4-RECV:0,bind=127.0.0.1", "UNIX-LISTEN:socket", count=2)
    assert [kind for kind, _ in server.announced] == ["udp", "unix"]
    server.stop()


# ---- locks ---------------------------------------------------------------------------------------


def test_L_holds_a_lock_with_the_pid_and_removes_it(both, tmp):
    process = both.start("-L", "lock", "-", "PIPE")
    wait_until(lambda: (tmp / "lock").exists() and (tmp / "lock").read_bytes())
    # Version 1.7 of the peer writes no newline.
    assert (tmp / "lock").read_text().rstrip("\n") == str(process.pid)
    second = both("-L", "lock", "-", "OPEN:victim,creat")
    assert second.status == 1 and b'could not obtain lock "lock"' in second.err, second
    assert not (tmp / "victim").exists()
    assert (tmp / "lock").exists(), "the lock of somebody else stays"
    assert process.wait().status == 0
    assert not (tmp / "lock").exists()


def test_the_lock_goes_with_a_signal(both, tmp):
    process = both.start("-L", "lock", "-", "PIPE")
    wait_until(lambda: (tmp / "lock").exists() and (tmp / "lock").read_bytes())
    assert process.stop(signal.SIGTERM).status == 143
    assert not (tmp / "lock").exists()


def test_W_waits_for_the_lock(both, tmp):
    (tmp / "lock").write_text("1\n")
    process = both.start("-dd", "-W", "lock", "-", "PIPE")
    process.expect_err(b'waiting for lock "lock"')
    assert process.running
    (tmp / "lock").unlink()
    process.send(b"now")
    process.expect_out(b"now")
    assert process.wait().status == 0
    assert not (tmp / "lock").exists()


def test_a_signal_ends_the_waiting_for_a_lock(start, tmp):
    (tmp / "lock").write_text("1\n")
    process = start("-dd", "-W", "lock", "-", "PIPE")
    process.expect_err(b"waiting for lock")
    assert process.stop(signal.SIGTERM).status == 143
    assert (tmp / "lock").read_text() == "1\n"


# ---- signals and broken pipes --------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_ends_with_128_and_cleans_up(listener, tmp, number):
    process = listener("-dd", "-L", "lock", "UNIX-LISTEN:socket,fork", "PIPE")
    assert sorted(path.name for path in tmp.iterdir()) == ["lock", "socket"]
    process.send_signal(number)
    result = process.wait()
    assert result.status == 128 + number, result
    assert f"exiting on signal {number:d}" in result.text, result
    assert list(tmp.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_the_transfer_prints_statistics(start, number):
    process = start("--statistics", "-", "PIPE")
    process.send(b"12345")
    process.expect_out(b"12345")
    process.send_signal(number)
    result = process.wait()
    assert result.status == 128 + number and "left to right" in result.text, result


def test_S_takes_signals_out_of_the_set(start):
    # Without TERM in the mask its default action ends the process: no message, same status.
    process = start("-dd", f"-S{1 << signal.SIGINT}", "-", "PIPE")
    process.expect_err(b"starting data transfer loop")
    result = process.stop(signal.SIGTERM)
    assert result.signal == signal.SIGTERM and b"exiting on signal" not in result.err, result


def test_S_adds_a_signal(start):
    process = start("-dd", f"-S{1 << signal.SIGALRM}", "-", "PIPE")
    process.expect_err(b"starting data transfer loop")
    result = process.stop(signal.SIGALRM)
    assert result.signal is None and result.status == 128 + signal.SIGALRM, result
    assert f"exiting on signal {signal.SIGALRM:d}" in result.text


def test_a_reader_that_is_gone_is_an_error(both):
    reader, writer = os.pipe()
    process = both.start("-u", "OPEN:/dev/zero", "-", stdout=writer)
    os.close(writer)
    assert read_exactly(reader, 1) == b"\0"
    os.close(reader)
    result = process.wait()
    assert result.status == 1 and result.signal is None, result
    assert b"Broken pipe" in result.err, result


def test_a_reader_that_is_gone_before_the_first_byte(nettool):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        result = nettool("-u", "-", "STDOUT", input=b"data", stdout=writer)
    finally:
        os.close(writer)
    assert result.status == 1 and b"Broken pipe" in result.err, result


def test_a_listing_into_a_broken_pipe(nettool):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        result = nettool("-hhh", stdout=writer)
    finally:
        os.close(writer)
    # SIGPIPE ends it in silence, as it ends every program in front of head.
    assert result.status != 0 and result.err == b"", result


# ---- one way, timeouts, failures -----------------------------------------------------------------


def test_u_and_U(both, tmp):
    (tmp / "in").write_bytes(b"data")
    result = both("-u", "OPEN:in", "-", input=b"ignored")
    assert (result.status, result.out) == (0, b"data"), result
    result = both("-U", "CREATE:out", "-", input=b"taken")
    assert (result.status, result.out) == (0, b""), result
    assert (tmp / "out").read_bytes() == b"taken"


def test_T_ends_a_silent_transfer_with_0(both, tmp):
    os.mkfifo(tmp / "fifo")
    result = both("-dd", "-T", "0.2", "PIPE:fifo", "PIPE")
    assert result.status == 0 and b"inactivity timeout triggered" in result.err, result


def test_t_ends_the_other_direction(both):
    # The server takes the end of input and never answers.
    with tcp_server() as server:
        process = both.start("-t", "0.2", "-", f"TCP:{name_of(server)}")
        with accept(server) as peer:
            process.send(b"x")
            process.end_input()
            assert read_exactly(peer, 2) == b"x"
            assert process.wait().status == 0


def test_without_t_the_other_direction_runs_until_it_ends(start):
    with tcp_server() as server:
        process = start("-", f"TCP:{name_of(server)}")
        with accept(server) as peer:
            process.end_input()
            assert read_exactly(peer, 1) == b""
            time.sleep(1)  # longer than the half second that the peer would wait
            assert process.running
            peer.sendall(b"late")
        result = process.wait()
        assert (result.status, result.out) == (0, b"late"), result


def test_the_second_address_waits_for_the_first(both, tmp):
    result = both("OPEN:missing", "OPEN:victim,creat")
    assert result.status == 1 and b"missing" in result.err, result
    assert not (tmp / "victim").exists()


def test_a_refused_connection_is_1_and_named(nettool):
    result = nettool("-", f"TCP:127.0.0.1:{dead_port()}")
    assert result.status == 1 and b"TCP:127.0.0.1:" in result.err, result
    assert b"Connection refused" in result.err


def test_the_name_of_the_program_is_left_alone(start):
    process = start("-", "PIPE")
    process.send(b"x")
    process.expect_out(b"x")
    words = open(f"/proc/{process.pid}/cmdline", "rb").read().split(b"\0")
    assert words[1:3] == [b"-", b"PIPE"]
    assert process.wait().status == 0


def test_low_descriptors_are_not_taken_for_granted(nettool):
    # With 0, 1 and 2 closed nothing of ours may land there and be taken for a standard stream.
    result = nettool("-u", "TEXT:x", "OPEN:out,creat,append", preexec_fn=lambda: os.closerange(0, 3))
    assert result.status == 0 and (nettool.folder / "out").read_bytes() == b"x", result


def test_many_descriptors_are_open_already(nettool):
    def many():
        import resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (3000, resource.getrlimit(7)[1]))
        spare = os.open("/dev/null", os.O_RDONLY)
        for fd in range(20, 2500):
            os.dup2(spare, fd)

    result = nettool("-", "PIPE", input=b"x", preexec_fn=many, close_fds=False)
    assert (result.status, result.out) == (0, b"x"), result


# ---- one word's page ------------------------------------------------------------------------------


def test_every_word_has_its_page(nettool):
    """--help WORD tells of each address and each option, by all their names."""
    for what in ("addresses", "options"):
        for row in json.loads(nettool(f"--list={what}", "--format=json").out):
            page = nettool("--help", row["name"])
            assert page.status == 0 and page.err == b""
            assert row["summary"] in page.out.decode()
    for alias in ("tcp-l", "TCP-L", "reuseaddr", "-"):
        assert nettool("--help", alias).out == nettool(f"--help={alias}").out != b""
    assert nettool("-h", "TCP-LISTEN").out == nettool("--help", "TCP-LISTEN").out


@pytest.mark.parametrize("word, hint", [
    ("reusaddr", "did you mean reuseaddr?"), ("TCP-LISTN", "did you mean TCP-LISTEN"),
])
def test_page_of_an_unknown_word(nettool, word, hint):
    result = nettool("--help", word)
    assert result.status == 2 and result.out == b""
    assert f'there is no address and no option called "{word}"' in result.text
    assert hint in result.text


@pytest.mark.parametrize("words", ["--help", "-hhh", "--list=options", "--list=addresses", "-V",
                                   "--system-limits", "--check TEXT:a PIPE"])
def test_what_cannot_be_printed_fails_and_says_so(program, words):
    result = program("/bin/sh", "-c", f'exec "$0" {words} >/dev/full', NETTOOL)()
    assert result.status == 1
    assert result.err == b"nettool: cannot write standard output: No space left on device\n"


@pytest.mark.parametrize("words", ["--help", "--explain TEXT:a PIPE"])
def test_whoever_has_read_enough_hears_no_complaint(program, words):
    result = program("/bin/sh", "-c", f'"$0" {words} | true', NETTOOL)()
    assert result.err == b""
