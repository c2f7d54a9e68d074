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


@pytest.fixture(scope="module")
def source():
    """The built manual, with its escapes undone."""
    page = BUILD / "doc" / "nettool.1"
    if not page.is_file():
        pytest.fail(f"{page} was not built")
    text = page.read_text(encoding="utf-8")
    for escape, sign in ((r"\-", "-"), (r"\&", ""), (r"\(aq", "'"), (r"\(dq", '"'), (r"\e", "\\")):
        text = text.replace(escape, sign)
    return text


def section(source, title):
    """The lines of one section of the manual."""
    match = re.search(rf"^\.Sh {title}\n(.*?)(?=^\.Sh |\Z)", source, re.MULTILINE | re.DOTALL)
    assert match, title
    return match.group(1).splitlines()


def items(lines, macro):
    """The first word of each item of the lists: its name without parameters or value."""
    found = [re.match(rf"\.It {macro} (.*)", line) for line in lines]
    return [re.split(r"[:=\[]", match.group(1))[0] for match in found if match]


def called(lines, macro):
    """The words behind "Also called"."""
    found = []
    for before, line in zip(lines, lines[1:]):
        if before == "Also called":
            assert line.startswith(f".{macro} "), line
            found += [word for word in line.split()[1:] if word not in (",", ".")]
    return found


# ---- the manual ---------------------------------------------------------------------------------


def test_every_address_is_in_the_manual_and_no_other(source):
    lines = section(source, "ADDRESSES")
    rows = listed("addresses")
    assert sorted(items(lines, "Ic")) == sorted(row["name"] for row in rows)
    other = [word for row in rows for word in row["words"][1:]]
    assert sorted(called(lines, "Ic")) == sorted(other)


def test_every_option_is_in_the_manual_and_no_other(source):
    lines = section(source, "OPTIONS OF ADDRESSES")
    rows = listed("options")
    assert sorted(items(lines, "Cm")) == sorted(row["name"] for row in rows)
    other = [word for row in rows for word in row["words"][1:]]
    assert sorted(called(lines, "Cm")) == sorted(other)


def test_every_option_of_the_command_line_is_in_the_manual_and_no_other(source):
    lines = section(source, "COMMAND LINE OPTIONS")
    found = [re.match(r"\.It Fl (-?[a-zA-Z0-9?-]+)", line) for line in lines]
    documented = ["-" + match.group(1) for match in found if match]
    assert sorted(documented) == sorted(command_line_options())


def test_the_manual_mentions_no_option_that_does_not_exist(source):
    options = {word for row in listed("options") for word in row["words"]}
    addresses = {word for row in listed("addresses") for word in row["words"]}
    flags = command_line_options()
    # values of options of the command line, and what the section of differences calls missing
    values = {"addresses", "options", "table", "tsv", "json", "mdoc", "plain", "classic",
              "daemon", "d", "h", "?", "...", "0-4", "EXEC", "SYSTEM", "SHELL", "PTY", "READLINE",
              "nettool", "openbsd", "traditional", "ncat", "auto", "always", "never", "text"}
    # values of address options that are words
    for row in listed("options"):
        values |= set(re.findall(r"[a-z]+", row["usage"].partition("=")[2]))
    for line in source.splitlines():
        if not line.startswith("."):
            continue
        words = [word for word in re.split(r"[\s(),]+", line[1:]) if word]
        for macro, word in zip(words, words[1:]):
            if macro == "Cm" and word not in "|.;:":
                name = re.split(r"[=\[]", word)[0]
                assert name in options | addresses | values, line
            if macro == "Fl":
                assert "-" + word in flags or re.fullmatch("d+|d[0-4]|h+", word), line


def test_every_variable_that_is_read_is_in_the_manual(source):
    read = set()
    for path in (ROOT / "src").rglob("*.c"):
        text = path.read_text(encoding="utf-8")
        read |= set(re.findall(r'"((?:SOCAT|NETTOOL)_[A-Z_]*[A-Z])"', text))
        read |= set(re.findall(r'getenv\("([A-Z_]+)"\)', text))
    assert "SOCAT_TRANSFER_WAIT" in read
    for name in sorted(read):
        assert re.search(rf"^\.It Ev .*\b{name}\b", source, re.MULTILINE), name


def examples(source):
    """The commands of the literal displays that call the program; quotes may hold several lines."""
    for display in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", source, re.MULTILINE | re.DOTALL):
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


def test_every_example_of_the_manual_passes_the_check(source, tmp_path):
    shell = shutil.which("bash") or "sh"
    lines = list(examples(source))
    assert len(lines) > 8
    for line in lines:
        command = re.sub(r".*\bnettool ", '"$NETTOOL" --check ', line)
        command = re.sub(r" 3>ready$", " 3>/dev/null", command)
        result = run(shell, "-c", command, cwd=tmp_path, env={**os.environ, "NETTOOL": NETTOOL})
        assert result.returncode == 0, f"{line}\n{result.stderr}"


def test_every_example_of_an_address_passes_the_check(tmp_path):
    for row in listed("addresses"):
        words = ["-u", row["example"], "STALL"] if row["use"] == "r" else (
            ["-U", row["example"], "STALL"] if row["use"] == "w" else [row["example"], "STALL"])
        result = run(NETTOOL, "--check", *words, cwd=tmp_path)
        assert result.returncode == 0, result.stderr


def test_the_page_can_be_read(source):
    mandoc = shutil.which("mandoc")
    if mandoc is None:
        pytest.skip("mandoc is not installed")
    result = run(mandoc, "-T", "utf8", BUILD / "doc" / "nettool.1")
    assert result.returncode == 0, result.stderr
    text = re.sub(r".\x08", "", result.stdout)
    for word in ("NAME", "SYNOPSIS", "TCP-LISTEN:<port>", "so-reuseport", "EXIT STATUS"):
        assert word in text


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
