"""The manual and the README say what is true: every word of the catalogue, and no other."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("NETTOOL_SRCDIR") or Path(__file__).resolve().parents[2])
BUILD = Path(os.environ.get("NETTOOL_BUILDDIR") or ROOT)
NETTOOL = os.environ.get("NETTOOL") or str(BUILD / "nettool")
PATIENCE = float(os.environ.get("NETTOOL_PATIENCE", "1"))
DEADLINE = 60 * PATIENCE


def run(*words, **more):
    return subprocess.run(
        [str(word) for word in words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
        **more,
    )


def listed(what):
    """The rows of the catalogue; "words" are all the names of one."""
    rows = json.loads(run(NETTOOL, f"--list={what}", "--format=json").stdout)
    assert len(rows) > 1
    for row in rows:
        row["words"] = [row["name"], *row["aliases"]]
    return rows


def command_line_options():
    """The options that -h names, without their values."""
    text = run(NETTOOL, "-h").stdout
    part = text[text.index("\nOptions:") :]
    names = [re.match(r"  (--[a-z-]+|-[a-zA-Z0-9?]{1,2})", line) for line in part.splitlines()]
    found = {match.group(1) for match in names if match}
    assert {"-u", "-lf", "--list", "-?"} <= found
    return found


# The documents are the same for every build, and tell of what only OpenSSL brings.
complete = pytest.mark.skipif("-OPENSSL" in run(NETTOOL, "-V").stdout.split(), reason="built without OpenSSL")

PAGES = ["nettool.1", "nettool-nc.1", "nettool-socat.1", "nettool-addresses.7", "nettool-options.7"]
LANGUAGES = ["en", "fr"]
SECTIONS_FR = {
    "COMMAND LINE OPTIONS": "OPTIONS DE LA LIGNE DE COMMANDE",
    "ADDRESSES": "ADRESSES",
}


def page(name, language="en"):
    """A built page, with its escapes undone and its broken lines as they are."""
    path = BUILD / "doc" / ("" if language == "en" else language) / name
    if not path.is_file():
        pytest.fail(f"{path} was not built")
    text = path.read_text(encoding="utf-8")
    for escape, sign in ((r"\-", "-"), (r"\&", ""), (r"\(aq", "'"), (r"\(dq", '"'), (r"\ ", " "),
                         (r"\e", "\\")):
        text = text.replace(escape, sign)
    return text


@pytest.fixture(scope="module")
def source():
    return page("nettool.1")


def section(source, title):
    """The lines of one section of the manual."""
    match = re.search(rf"^\.Sh {title}\n(.*?)(?=^\.Sh |\Z)", source, re.MULTILINE | re.DOTALL)
    assert match, title
    return match.group(1).splitlines()


class Item:
    """What the catalogue says of an address or an option in section 7."""

    def __init__(self, text, macro):
        head, *lines = text.splitlines()
        self.name = re.split(r"[:=\[]", head)[0]
        self.aliases = []
        self.example = None
        for line in lines:
            if line.startswith(f".{macro} ") and not self.aliases and self.example is None:
                self.aliases = [word for word in line.split()[1:] if word not in (",", ".")]
            if line.startswith(".Dl ") and self.example is None:
                self.example = line[4:]


def items(source, macro):
    """The items that stand in the generated lists: each has an example behind it."""
    found = re.split(rf"^\.It {macro} ", source, flags=re.MULTILINE)[1:]
    return [Item(text, macro) for text in found if re.search(r"^\.Dl ", text.split("\n.El")[0], re.M)]


# ---- the manual ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what, macro", [("addresses", "Ic"), ("options", "Cm")])
def test_the_catalogue_is_in_the_manual_and_nothing_else(what, macro, language):
    rows = {row["name"]: row for row in listed(what)}
    shown = items(page(f"nettool-{what}.7", language), macro)
    assert sorted(item.name for item in shown) == sorted(rows)
    for item in shown:
        assert item.aliases == rows[item.name]["aliases"], item.name
        assert item.example == rows[item.name]["example"], item.name


@pytest.mark.parametrize("what, macro", [("addresses", "Ic"), ("options", "Cm")])
def test_the_sentences_of_the_catalogue_are_french_in_french(what, macro):
    if not (ROOT / "po" / "fr.po").is_file():
        pytest.skip("there is no po/fr.po")
    text = " ".join(page(f"nettool-{what}.7", "fr").split())
    english = " ".join(page(f"nettool-{what}.7").split())
    rows = listed(what)
    for row in rows:
        sentence = row["summary"][0].upper() + row["summary"][1:] + "."
        assert sentence in english
        assert sentence not in text, row["name"]
    for words in ("Also called", "Groups:", "It acts", "To the kernel it is"):
        assert f" {words} " not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_option_of_the_command_line_is_in_the_manual_and_no_other(language):
    title = "COMMAND LINE OPTIONS"
    lines = section(page("nettool.1", language), title if language == "en" else SECTIONS_FR[title])
    found = [re.match(r"\.It Fl (-?[a-zA-Z0-9?-]+)", line) for line in lines]
    documented = ["-" + match.group(1) for match in found if match]
    assert sorted(documented) == sorted(command_line_options())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_option_of_the_netcats_is_in_their_manual_and_no_other(language):
    table = (ROOT / "src" / "face" / "netcat_table.c").read_text(encoding="utf-8")
    rows = re.findall(r"^\t\{ (?:'(.)'|NO_LETTER), (?:\"([a-z-]+)\"|NULL), ", table, re.M)
    known = [(letter, word) for letter, word in rows if letter or word]
    assert ("l", "listen") in known and ("", "broker") in known
    lines = section(page("nettool-nc.1", language), "OPTIONS")
    shown = [re.findall(r"Fl (\S+)", line) for line in lines if line.startswith(".It Fl")]
    documented = []
    for words in shown:
        letter = words[0] if len(words[0]) == 1 else ""
        long = [word[1:] for word in words if word.startswith("-")]
        documented.append((letter, long[0] if long else ""))
    assert sorted(documented) == sorted(known)


@complete
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_the_manual_mentions_no_option_that_does_not_exist(name, language):
    options = {word for row in listed("options") for word in row["words"]}
    addresses = {word for row in listed("addresses") for word in row["words"]}
    flags = command_line_options()
    if name == "nettool-nc.1":
        flags |= set(re.findall(r"--?[a-zA-Z-]+", run(NETTOOL, "nc", "-h").stdout))
        flags |= set(re.findall(r"--?[a-zA-Z-]+", run(NETTOOL, "ncat", "-h").stdout))
        flags |= {"-S", "-V", "--lua-exec", "-4", "-6", "-lk"}
    # values of options of the command line, and what the section of differences calls missing
    values = {"addresses", "options", "table", "tsv", "json", "mdoc", "plain", "classic",
              "daemon", "d", "h", "?", "...", "0-4", "EXEC", "SYSTEM", "SHELL", "PTY", "READLINE",
              "nettool", "openbsd", "traditional", "ncat", "auto", "always", "never", "text"}
    # values that are words, of address options and of the command line
    for row in listed("options"):
        values |= set(re.findall(r"[a-z]+", row["usage"].partition("=")[2]))
    for usage in re.findall(r"^  --[a-z-]+\[?=(\S+)", run(NETTOOL, "-h").stdout, re.M):
        values |= set(re.findall(r"[a-z0-9]+", usage))
    for line in page(name, language).splitlines():
        if not line.startswith("."):
            continue
        words = [word for word in re.split(r"[\s(),]+", line[1:]) if word]
        for macro, word in zip(words, words[1:]):
            if macro == "Cm" and word not in "|.;:":
                first = re.split(r"[=\[]", word)[0]
                assert first in options | addresses | values, line
            if macro == "Fl":
                assert "-" + word in flags or re.fullmatch("d+|d[0-4]|h+", word), line


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_variable_that_is_read_is_in_the_manual(language):
    read = set()
    for path in (ROOT / "src").rglob("*.c"):
        text = path.read_text(encoding="utf-8")
        read |= set(re.findall(r'"((?:SOCAT|NETTOOL)_[A-Z_]*[A-Z])"', text))
        read |= set(re.findall(r'getenv\("([A-Z_]+)"\)', text))
    assert "SOCAT_TRANSFER_WAIT" in read
    source = page("nettool.1", language)
    for name in sorted(read):
        assert re.search(rf"^\.It Ev .*\b{name}\b", source, re.MULTILINE), name


def displays(source):
    """The literal displays of a page, without those of the catalogue."""
    return re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", source, re.MULTILINE | re.DOTALL)


def examples(source):
    """The commands of the literal displays that call the program; quotes may hold several lines."""
    for display in displays(source):
        command = ""
        for line in display.splitlines():
            command = f"{command}\n{line}" if command else line
            try:
                shlex.split(command)
            except ValueError:
                continue
            if "nettool " in command:
                yield command
            command = ""


@complete
def test_every_example_of_the_manual_passes_the_check(tmp_path):
    shell = shutil.which("bash") or "sh"
    lines = [line for name in PAGES for line in examples(page(name))]
    assert len(lines) > 20
    for line in lines:
        if re.match(r"nettool (nc|ncat) --translate ", line):
            command = line.replace("nettool ", '"$NETTOOL" ', 1)
        else:
            command = re.sub(r".*\bnettool (socat )?", r'"$NETTOOL" \1--check ', line)
        command = re.sub(r" 3>ready$", " 3>/dev/null", command)
        result = run(shell, "-c", command, cwd=tmp_path, env={**os.environ, "NETTOOL": NETTOOL})
        assert result.returncode == 0, f"{line}\n{result.stderr}"


def test_what_netcats_stand_for_is_what_the_manual_says():
    pairs = [display.splitlines() for display in displays(page("nettool-nc.1"))
             if display.startswith("nc ")]
    assert len(pairs) >= 4
    for theirs, ours in pairs:
        result = run(NETTOOL, "nc", "--translate", *shlex.split(theirs)[1:])
        assert result.stdout.strip().replace("-lp nc --messages=openbsd ", "") == ours, theirs


# The whole of each example is checked in the direction in which its address can be used.
@pytest.mark.parametrize("what", ["addresses", "options"])
def test_every_example_of_the_catalogue_passes_the_check(what, tmp_path):
    for row in listed(what):
        tries = []
        for words in (["-u", row["example"], "STALL"], ["-U", row["example"], "STALL"],
                      [row["example"], "STALL"], ["STALL", row["example"]]):
            result = run(NETTOOL, "--check", *words, cwd=tmp_path)
            tries.append(result)
            if result.returncode == 0:
                break
        assert tries[-1].returncode == 0, tries[0].stderr
        assert any(word in row["example"] for word in row["words"]) or what == "addresses", row


def test_help_shows_the_same_example():
    for row in listed("options")[::7] + listed("addresses")[::5]:
        assert f"\n  {row['example']}\n" in run(NETTOOL, "--help", row["name"]).stdout, row["name"]


def test_help_of_an_address_shows_each_option_once_and_its_own_first():
    out = run(NETTOOL, "--help", "TCP-LISTEN", env={**os.environ, "LC_ALL": "C"}).stdout
    words = re.findall(r"^  ((?:[a-z0-9-]+ ?)+)$", out[out.index("Its options"):], re.M)
    words = " ".join(words).split()
    assert len(words) == len(set(words)) > 100
    places = [words.index(word) for word in ("backlog", "range", "tcp-nodelay", "ip-ttl", "so-sndbuf",
                                             "cloexec", "chdir", "tcp-paws")]
    assert places == sorted(places)
    groups = {"FD", "SOCKET", "IP4", "IP6", "TCP", "LISTEN", "CHILD", "RANGE", "RETRY", "(all)", "APPL",
              "PROCESS"}
    assert set(words) == {row["name"] for row in listed("options")
                          if groups & set(row["groups"].split(","))}


def structure(text):
    """What has to be the same in every language: the order of the parts, the items and the commands."""
    found = []
    literal = False
    for line in text.splitlines():
        literal = (literal or line.startswith(".Bd -literal")) and not line.startswith(".Ed")
        if literal and not line.startswith("."):
            found.append(line)
        elif re.match(r"\.It (Fl|Ic|Cm|Ev|Dv) ", line):
            found.append(re.sub(r" Ar .*| Oo .*| No .*", "", line))
        elif line.startswith((".Dl ", ".Bl", ".El", ".It", ".Bd", ".Ed")):
            found.append(line.split()[0])
        elif line.startswith((".Sh", ".Ss")):
            found.append(line.split()[0])
    return found


@pytest.mark.parametrize("name", PAGES)
def test_the_french_page_has_the_same_parts(name):
    def comparable(text):
        # in the table of quoting the first column is a word of the language, and so is "or"
        parts = [re.sub(r"^\S.{0,18}(?= {2}|(?<= )')", "", part) for part in structure(text)]
        return [re.sub(r"(?<=[> ])(or|ou) ", "or ", part) for part in parts]

    english, french = comparable(page(name)), comparable(page(name, "fr"))
    for ours, theirs in zip(english, french):
        assert ours == theirs
    assert len(english) == len(french)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_the_page_can_be_read(name, language):
    mandoc = shutil.which("mandoc")
    if mandoc is None:
        pytest.skip("mandoc is not installed")
    folder = BUILD / "doc" / ("" if language == "en" else language)
    result = run(mandoc, "-T", "utf8", folder / name)
    assert result.returncode == 0, result.stderr
    text = re.sub(r".\x08", "", result.stdout)
    assert "SYNOPSIS" in text
    assert ("VOIR AUSSI" if language == "fr" else "SEE ALSO") in text
    if name == "nettool.1":  # one reads it in one sitting
        assert text.count("\n") < 900


def test_the_installed_manual_is_found_in_both_languages(tmp_path):
    make, man = shutil.which("make"), shutil.which("man")
    if man is None or "man" not in run(man, "--version").stdout:
        pytest.skip("man-db is not installed")
    if make is None or not (BUILD / "Makefile").is_file():
        pytest.skip("there is nothing to install from")
    result = run(make, "-C", BUILD, "install-data", f"DESTDIR={tmp_path}")
    assert result.returncode == 0, result.stderr
    folders = list(tmp_path.rglob("man1"))
    assert sorted(folder.parent.name for folder in folders) == ["fr", "man"]
    path = next(folder.parent for folder in folders if folder.parent.name == "man")
    environment = {**os.environ, "MANPATH": str(path), "MANWIDTH": "78", "PAGER": "cat",
                   "MANPAGER": "cat", "LC_ALL": "C.UTF-8"}
    for name in PAGES:
        stem, number = name.split(".")
        for language, word in (("en", "SEE ALSO"), ("fr", "VOIR AUSSI")):
            shown = run(man, number, stem, env={**environment, "LANGUAGE": language})
            assert shown.returncode == 0, shown.stderr
            assert word in re.sub(r".\x08|\x1b\[[0-9;]*m", "", shown.stdout), (name, language)


# ---- the README ---------------------------------------------------------------------------------

README = ROOT / "README.md"


def console_blocks():
    """What the README shows: a list of blocks, each a list of (command, expected output)."""
    for block in re.findall(r"^```console\n(.*?)^```", README.read_text("utf-8"), re.M | re.S):
        steps = []
        for line in block.splitlines(keepends=True):
            if line.startswith("$ "):
                steps.append([line[2:].strip(), ""])
            else:
                steps[-1][1] += line
        yield steps


# Runs in a network namespace of its own, where every port is free. A command that prints nothing and
# listens is a server: it stays until the end, and the next command starts once its port is bound.
DRIVER = r"""
import fcntl, json, re, signal, socket, struct, subprocess, sys, time

with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up
steps, deadline = json.loads(sys.argv[1]), time.monotonic() + float(sys.argv[2])
servers, results = [], []

def listens(port):
    with open("/proc/net/tcp") as table:
        return any(re.search(rf":{port:04X} [0-9A-F:]+ 0A ", line) for line in table)

try:
    for command, expected in steps:
        if "-LISTEN:" in command and not expected:
            server = subprocess.Popen(["exec " + command], shell=True, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            servers.append(server)
            port = int(re.search(r"-LISTEN:(\d+)", command).group(1))
            while not listens(port) and server.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            results.append([command, server.poll() is None and listens(port), ""])
            continue
        for server in servers:  # a server of one connection ends before its file is looked at
            if command.startswith("cmp") and not re.search(",(fork|hub)", server.args[0]):
                server.wait(max(0.1, deadline - time.monotonic()))
        done = subprocess.run(command, shell=True, stdin=subprocess.DEVNULL, timeout=60,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        results.append([command, True, done.stdout.decode()])
finally:
    for server in servers:
        if server.poll() is None:
            server.send_signal(signal.SIGTERM)
        server.wait(30)
        server.stdout.close()
print(json.dumps(results))
"""


def in_namespace():
    """A command prefix that gives a network of one's own, or a skip."""
    unshare = shutil.which("unshare")
    for words in (["-n"], ["-rn"]):
        if unshare and run(unshare, *words, "true").returncode == 0:
            return [unshare, *words]
    pytest.skip("unshare -n is not possible here, and the README uses fixed ports")


def test_the_console_of_the_readme_is_real(tmp_path):
    prefix = in_namespace()
    (tmp_path / "nettool").symlink_to(Path(NETTOOL).resolve())
    shutil.copy(README, tmp_path / "README.md")
    steps = [step for block in console_blocks() for step in block]
    assert len(steps) >= 5
    result = run(*prefix, sys.executable, "-c", DRIVER, json.dumps(steps), DEADLINE / 2,
                 cwd=tmp_path, env={**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": ""})
    assert result.returncode == 0, result.stderr
    for (command, expected), (ran, good, output) in zip(steps, json.loads(result.stdout)):
        assert (ran, good) == (command, True)
        assert output == expected, command


def test_the_two_commands_of_the_readme(tmp_path):
    text = README.read_text("utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
    assert [block.split(" && ")[0] for block in blocks] == ["./bootstrap"] * 2
    assert blocks[1] == "./bootstrap && make check\n"
    (tmp_path / "nettool").symlink_to(Path(NETTOOL).resolve())
    command = blocks[0].removeprefix("./bootstrap && ")
    result = run("sh", "-c", command, cwd=tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "le serveur répond : bonjour\n", "")


@complete
def test_the_readme_names_addresses_that_exist():
    table = [line for line in README.read_text("utf-8").splitlines() if line.startswith("| ")]
    known = {word for row in listed("addresses") for word in row["words"]}
    named = set()
    for line in table[2:]:
        named |= set(re.findall(r"`([A-Z][A-Z0-9-]*)`(?!\.\.\.)", line.split("|")[2]))
        prefixes = re.findall(r"`([A-Z][A-Z0-9-]*)`\.\.\.", line.split("|")[2])
        assert all(any(word.startswith(prefix) for word in known) for prefix in prefixes), line
    assert len(named) > 15
    assert named <= known


def test_the_files_that_the_documents_point_to_exist():
    for name in ("README.md", "HACKING.md"):
        text = (ROOT / name).read_text("utf-8")
        for target in re.findall(r"\]\(([^):]+)\)", text):
            assert (ROOT / target).exists(), f"{name}: {target}"
        for target in re.findall(r"`((?:src|tests|fuzz|doc)/[\w./]+\.\w+)`", text):
            if "NAME" not in target and "zero" not in target:
                assert (ROOT / target).exists(), f"{name}: {target}"
