"""The cookbook: every command of both its languages is run, and what is seen is compared.

sheets.py knows how a sheet is written and plays it.
"""

import ast
import os
import re
import shutil
import subprocess
import sys

import pytest

import sheets
from sheets import read_sheet
from tools import BUILDDIR, DEADLINE, NETTOOL, ROOT, SRCDIR, environment

SHEETS = {"en": SRCDIR / "doc" / "cookbook.md", "fr": SRCDIR / "doc" / "fr" / "recettes.md"}
EXAMPLES = SRCDIR / "examples"
SECTIONS = {language: read_sheet(path.read_text("utf-8")) for language, path in SHEETS.items()}
ALL = [(language, section) for language, sections in SECTIONS.items() for section in sections
       if section.scenes]
LOCALES = BUILDDIR / "locale"
MARKS = re.compile(r"root|needs [\w.-]+")


def namespaces(root):
    """A command prefix that gives a network and processes of one's own, or a skip."""
    unshare = shutil.which("unshare")
    for words in (["-n"],) if root else (["-n"], ["-rn"]):
        prefix = [unshare, *words, "-pf", "--mount-proc", "--kill-child"]
        if unshare and subprocess.run([*prefix, "true"], capture_output=True).returncode == 0:
            return prefix
    pytest.skip("unshare -np is not possible here, and the sheet uses fixed ports")


def surroundings(tmp, language):
    """The folder of somebody who works through the sheet; returns the environment."""
    programs = tmp / ".bin"
    programs.mkdir()
    shutil.copy(NETTOOL, programs / "nettool")
    shutil.copytree(EXAMPLES, tmp / "examples")
    return environment({
        "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(tmp), "TERM": "xterm",
        "NO_COLOR": "1", "USER": "ana", "LOGNAME": "ana", "PYTHONDONTWRITEBYTECODE": "1",
        "LANGUAGE": "fr" if language == "fr" else None, "NETTOOL_LOCALEDIR": LOCALES.resolve(),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    })


@pytest.mark.parametrize(("language", "section"), ALL,
                         ids=[f"{language}-{section.line}" for language, section in ALL])
def test_what_the_sheet_shows_is_what_one_sees(language, section, tmp):
    pytest.importorskip("pyte")
    if "root" in section.marks and not ROOT:
        pytest.skip("only root may do this")
    for mark in section.marks:
        tool = mark.removeprefix("needs ")
        if tool != mark and not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    if language == "fr" and not (LOCALES / "fr").is_dir():
        pytest.skip("nettool speaks no French here: it is built without translations")
    prefix = namespaces("root" in section.marks)
    env = surroundings(tmp, language)
    wrong, _ = sheets.play(prefix, section, tmp, env, DEADLINE)
    if wrong:
        pytest.fail(f"{SHEETS[language]}, {section.title}\n{wrong}", pytrace=False)


WRONG = {
    "another line": ("$ echo bonjour\nbonsoir", "wanted: bonsoir"),
    "a line too many": ("$ echo bonjour", "also seen:\nbonjour"),
    "a line too few": ("$ echo bonjour\nbonjour\nbonsoir", "not seen: bonsoir"),
    "a line in vain behind others": ("$ echo bonjour\n…\nbonsoir", "not seen: bonsoir"),
    "half a line": ("$ echo bonjour\nbon", "wanted: bon"),
    "nobody reads": ("$ true\nbonjour⏎", "nobody reads what is typed: bonjour⏎"),
    "no end": ("$ sleep 100", "does not end: sleep 100"),
    "never seen": ("$ nettool TCP-LISTEN:9090 -\n…\nbonjour", 'still to come: [["see", "…"], ["see", "bonjour"]]'),
    "said later": ("$ nettool TCP-LISTEN:9090 -\nnettool: listening on tcp 0.0.0.0:9090\n```\n"
                   "```console\n$ echo bonjour | nettool - TCP:localhost:9090", "also seen:\nbonjour"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_sheet_that_is_wrong_is_found_out(name, tmp):
    pytest.importorskip("pyte")
    text, message = WRONG[name]
    section = read_sheet(f"### One\n```console\n{text}\n```\n")[0]
    wrong, _ = sheets.play(namespaces(False), section, tmp, surroundings(tmp, "en"), 3)
    assert message in wrong


def test_a_sheet_is_read_as_it_is_written():
    one, two = read_sheet("""
### One
<!-- test: root, needs curl -->
```console
# terminal 2: the client
$ first \\
  second
seen
typed⏎
^D
```
```console
# terminal 3
$ third
```
```console
# terminal 2
```
### Two
```sh
#!/bin/sh
```
""")
    assert one.marks == ["root", "needs curl"]
    assert [[block.terminal for block in scene] for scene in one.scenes] == [["2", "3"], ["2"]]
    assert one.scenes[0][0].items == [["run", "first \\\n  second"], ["see", "seen"],
                                      ["type", "typed⏎"], ["type", "^D"]]
    assert (two.scenes, two.files) == ([], [(20, "sh", "#!/bin/sh\n")])


@pytest.mark.parametrize("language", SHEETS)
def test_the_commands_of_the_table_pass_the_check(language, tmp):
    rows = re.findall(r"^\| `(?:nc|ncat|socat).*", SHEETS[language].read_text("utf-8"), re.M)
    lines = [line for row in rows for line in re.findall(r"`nettool ([^`]+)`", row)]
    assert len(lines) > 12
    for line in lines:
        if "..." in line or "--scan" in line:
            continue
        done = subprocess.run(["sh", "-c", f'"$0" --check {line}', NETTOOL], cwd=tmp, text=True,
                              capture_output=True, env=environment(), timeout=DEADLINE)
        assert done.returncode == 0, f"{line}\n{done.stderr}"


def test_the_languages_have_the_same_commands():
    english, french = (sheets.commands(SECTIONS[language]) for language in ("en", "fr"))
    assert len(english) == len(french) > 5
    for ours, theirs in zip(english, french):
        assert ours == theirs
    for ours, theirs in zip(*SECTIONS.values()):
        assert ours.marks == theirs.marks, theirs.title
        assert [text for _, _, text in ours.files] == [text for _, _, text in theirs.files]


@pytest.mark.parametrize("language", SHEETS)
def test_everything_in_the_sheet_is_run_or_compared(language):
    for section in SECTIONS[language]:
        assert all(MARKS.fullmatch(mark) for mark in section.marks), section.title
        for line, kind, text in section.files:
            assert kind in ("sh", "python", "mermaid"), f"{SHEETS[language]}:{line}"
            if kind != "mermaid":
                name = re.search(r"^# (examples/\S+): ", text, re.M)
                assert name, f"{SHEETS[language]}:{line} doesn't say which file it shows"
                assert text == (SRCDIR / name[1]).read_text("utf-8"), f"line {line}"


def scripts():
    return sorted(path for path in EXAMPLES.iterdir() if path.suffix in (".sh", ".py"))


def test_the_examples_are_short_and_used():
    text = SHEETS["en"].read_text("utf-8")
    assert len(scripts()) > 5
    for path in scripts():
        lines = path.read_text("utf-8").splitlines()
        assert len(lines) < 30, path
        assert lines[1].startswith(f"# examples/{path.name}: "), path
        assert f"examples/{path.name}" in text, path
        if path.suffix == ".sh":
            assert lines[0] == "#!/bin/sh", path
            subprocess.run(["sh", "-n", path], check=True)
            continue
        assert lines[0] == "#!/usr/bin/env python3", path
        for node in ast.walk(ast.parse("\n".join(lines))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else (
                [node.module] if isinstance(node, ast.ImportFrom) else [])
            assert all(name.partition(".")[0] in sys.stdlib_module_names for name in names), path


def test_all_of_it_is_installed():
    text = (SRCDIR / "Makefile.am").read_text("utf-8").replace("\\\n", " ")
    installed = set(text.split())
    for path in (*SHEETS.values(), *scripts()):
        assert str(path.relative_to(SRCDIR)) in installed, path


def test_the_readme_links_both():
    text = (SRCDIR / "README.md").read_text("utf-8")
    for path in SHEETS.values():
        assert f"]({path.relative_to(SRCDIR)})" in text


@pytest.mark.parametrize("language", SHEETS)
def test_what_the_sheet_points_to_exists(language):
    path = SHEETS[language]
    for target in re.findall(r"\]\(([^):#]+)[^):]*\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target
