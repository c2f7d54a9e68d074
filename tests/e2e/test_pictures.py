"""What the README's pictures and doc/chat.txt show is what the program does: doc/pictures.py plays it again."""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

import tools
from tools import DEADLINE, PATIENCE, Runner

pytest.importorskip("pyte")

DOC = tools.SRCDIR / "doc"
PICTURES = ("chat.svg", "mistakes.svg", "trace.svg", "progress.svg")
FILES = (*PICTURES, "chat.txt")


def missing():
    """What this nettool was built without and the scenes need, or nothing."""
    said = subprocess.run([tools.NETTOOL, "-V"], capture_output=True, check=False).stdout.decode()
    return [part for part in ("READLINE", "OPENSSL") if f"-{part}" in said]


pytestmark = pytest.mark.skipif(bool(missing()), reason=f"nettool was built without {missing()}")


@pytest.fixture
def pictures(runners):
    """doc/pictures.py, with the program that is tested."""
    run = runners(Runner, [sys.executable, str(DOC / "pictures.py")])

    def call(*args):
        # it has deadlines of its own, and ends what it has started once one of them is over
        return run(*args, timeout=10 * DEADLINE / PATIENCE,
                   env={"NETTOOL": tools.NETTOOL, "NETTOOL_SRCDIR": tools.SRCDIR,
                        "NETTOOL_BUILDDIR": tools.BUILDDIR, "NETTOOL_PATIENCE": PATIENCE,
                        "PYTHONDONTWRITEBYTECODE": "1"})

    return call


def test_the_pictures_are_true(pictures):
    result = pictures()
    assert (result.status, result.out) == (0, b""), result.out.decode() + result.err.decode()


def test_a_picture_that_lies_is_found_and_made_again(pictures, tmp):
    for name in FILES:
        text = (DOC / name).read_text("utf-8")
        (tmp / name).write_text(text.replace("Je suis", "Je ne suis pas"), "utf-8")
    result = pictures(f"--folder={tmp}")
    assert result.status == 1
    for text in (b"--- chat.txt", b"--- chat.svg", b"Je ne suis pas l", b"Je suis l"):
        assert text in result.out
    assert pictures("--write", f"--folder={tmp}").status == 0
    for name in FILES:
        assert (tmp / name).read_bytes() == (DOC / name).read_bytes()


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_can_be_read_by_all(name):
    """It is XML, needs no other file, and says in words what it is."""
    text = (DOC / name).read_text("utf-8")
    assert f"(doc/{name})" in (tools.SRCDIR / "README.md").read_text("utf-8")
    svg = ElementTree.fromstring(text)
    names = {child.tag.rpartition("}")[2]: child for child in svg}
    assert svg.get("role") == "img"
    for label in ("title", "desc"):
        assert names[label].text
        assert names[label].get("id") in svg.get("aria-labelledby").split()
    assert "href" not in text and "url(" not in text
