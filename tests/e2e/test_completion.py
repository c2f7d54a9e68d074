"""What TAB offers: the program's own candidates, and the completions inside the real shells."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

pexpect = pytest.importorskip("pexpect")

ROOT = Path(os.environ.get("NETTOOL_SRCDIR") or Path(__file__).resolve().parents[2])
NETTOOL = os.environ.get("NETTOOL") or shutil.which("nettool") or "nettool"
DEADLINE = 30 * float(os.environ.get("NETTOOL_PATIENCE", "1"))
COMPLETIONS = ROOT / "completions"


def need(shell):
    """The path of a shell, or a skip."""
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed")
    return path


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


def ask(*words):
    """The candidates that the program prints, with their summaries."""
    result = run(NETTOOL, "--complete", *words)
    assert (result.returncode, result.stderr) == (0, "")
    pairs = [line.split("\t") for line in result.stdout.splitlines()]
    assert all(len(pair) == 2 for pair in pairs), result.stdout
    return dict(pairs)


def listed(what):
    """The rows of the catalogue."""
    lines = run(NETTOOL, f"--list={what}", "--format=tsv").stdout.splitlines()
    names = lines[0].split("\t")
    return [dict(zip(names, line.split("\t"))) for line in lines[1:]]


@pytest.fixture
def home(tmp_path):
    """A home folder where nettool is the program under test."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "nettool").symlink_to(Path(NETTOOL).resolve())
    env = {
        "PATH": f"{folder}:{os.environ.get('PATH', '/usr/bin:/bin')}",
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "ZDOTDIR": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "TERM": "vt100",
    }
    (tmp_path / "été.txt").write_text("bonjour\n")
    (tmp_path / "notes").mkdir()
    return tmp_path, env


# ---- the program --------------------------------------------------------------------------------


def test_every_address_is_a_candidate():
    candidates = ask("")
    for row in listed("addresses"):
        assert {row["name"], row["name"] + ":"} & set(candidates), row["name"]


def test_every_option_of_an_address_is_a_candidate():
    candidates = ask("TCP-LISTEN:9090,")
    groups = set("FD SOCKET IP4 IP6 TCP LISTEN CHILD RANGE RETRY APPL PROCESS (all)".split())
    for row in listed("options"):
        names = {f"TCP-LISTEN:9090,{row['name']}", f"TCP-LISTEN:9090,{row['name']}="}
        fits = bool(groups & set(row["groups"].split(",")))
        assert bool(names & set(candidates)) == fits, row["name"]


def test_keywords_in_either_case_and_by_their_other_names():
    assert "TCP-LISTEN:" in ask("tcp-l")
    assert "TCP-L:" in ask("TCP-L")
    assert "UDP-LISTEN:" not in ask("tcp-l")


def test_other_names_of_options_once_they_are_begun():
    assert "TCP:localhost:9090,nodelay=" in ask("TCP:localhost:9090,nod")
    assert "TCP:localhost:9090,nodelay=" not in ask("TCP:localhost:9090,")


def test_the_second_half_of_a_dual_address():
    assert set(ask("STDIN!!CREA")) == {"STDIN!!CREATE:", "STDIN!!CREAT:"}
    assert "STDIN!!CREATE:x,append" in ask("STDIN!!CREATE:x,app")
    assert ask("STDIN,ignoreeof!!TEX") != {}


def test_values():
    assert set(ask("--list=")) >= {"--list=addresses", "--list=options"}
    assert "--format=json" in ask("--format=j")
    assert set(ask("TCP-LISTEN:9090,fork=")) == {"TCP-LISTEN:9090,fork=0", "TCP-LISTEN:9090,fork=1"}
    assert "TCP:localhost:9090,pf=ip6" in ask("TCP:localhost:9090,pf=")


@pytest.mark.parametrize(
    "words, head",
    [
        (["./no"], ""),
        (["/tm"], ""),
        (["notes/é"], ""),
        (["OPEN:"], "OPEN:"),
        (["OPEN:/tmp/x,creat", "UNIX-LISTEN:/ru"], "UNIX-LISTEN:"),
        (["STDIN!!./no"], "STDIN!!"),
        (["TCP-LISTEN:9090,lockfile=/ru"], "TCP-LISTEN:9090,lockfile="),
        (["-r", ""], ""),
        (["-u", "-lf", "lo"], ""),
        (["-lflo"], "-lf"),
        (["-v", "--dump-to=/tm"], "--dump-to="),
        (["-v", "--dump-to", ""], ""),
    ],
)
def test_names_of_files_are_left_to_the_shell(words, head):
    assert ask(*words) == {head: "<file>"}


def test_where_nothing_can_stand():
    assert ask("-", "PIPE", "") == {}
    assert ask("-t", "") == {}
    assert ask("TCP:local") == {}
    assert ask("NOSUCH:1,") == {}


def test_options_of_the_command_line_stand_in_front_of_addresses():
    assert "-u" in ask("-")
    assert "--statistics" in ask("-t", "3", "--sta")
    assert "--statistics" not in ask("PIPE", "--sta")


# ---- bash ---------------------------------------------------------------------------------------

BASH = """
source "$1"
COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=(nettool) COMP_CWORD=0
_nettool nettool
for reply in "${COMPREPLY[@]}"; do printf '%s\\n' "$reply"; done
"""


def bash_replies(home, line):
    """What the function hands to readline: the part behind the last word break."""
    folder, env = home
    result = run(
        need("bash"), "--norc", "-c", BASH, "bash", COMPLETIONS / "nettool.bash", line,
        env=env, cwd=folder,
    )
    assert (result.returncode, result.stderr) == (0, "")
    return set(result.stdout.splitlines())


@pytest.mark.parametrize(
    "line, expected",
    [
        ("nettool STAL", {"STALL"}),
        ("nettool - STAL", {"STALL"}),
        ("nettool tcp4-conn", {"TCP4-CONNECT:"}),
        # behind ':' and '=' readline starts a new word
        ("nettool TCP-LISTEN:9090,for", {"9090,fork", "9090,forever"}),
        ("nettool TCP-LISTEN:9090,bind=localhost,max-c", {"localhost,max-children="}),
        ("nettool TCP-LISTEN:9090,fork=", {"0", "1"}),
        ("nettool --list=a", {"addresses"}),
        # inside quotes it doesn't, but at the quote
        ("nettool 'TCP-LISTEN:9090,max-c", {"TCP-LISTEN:9090,max-children="}),
        ('nettool TCP-LISTEN:"9090,max-c', {"9090,max-children="}),
        # files
        ("nettool ./ét", {"./été.txt"}),
        ("nettool OPEN:ét", {"été.txt"}),
        ("nettool OPEN:./no", {"./notes"}),
        ("nettool -r ét", {"été.txt"}),
        ("nettool STDIN!!./no", {"STDIN!!./notes/"}),
        ("nettool TCP:localhost:9090,lockfile=ét", {"été.txt"}),
    ],
)
def test_bash_function(home, line, expected):
    assert bash_replies(home, line) == expected


class Shell:
    """A shell at a terminal, which types into a line and reads back what stands there."""

    def __init__(self, home, command, arguments, prompt="ready> "):
        folder, env = home
        self.prompt = prompt
        self.child = pexpect.spawn(
            command, arguments, env=env, cwd=str(folder), encoding="utf-8",
            dimensions=(40, 200), timeout=DEADLINE, echo=True,
        )
        self.folder = folder

    def line(self, keys):
        """Types keys, then has the shell itself write the finished words to a file."""
        mark = self.folder / "words"
        mark.unlink(missing_ok=True)
        # The line becomes: nettool ...; its words are caught by a function of that name.
        self.child.send(keys)
        self.child.send("\r")
        end = time.monotonic() + DEADLINE
        while not mark.exists() and time.monotonic() < end:
            time.sleep(0.02)
        assert mark.exists(), "the line was never run"
        return mark.read_text()

    def close(self):
        self.child.close(force=True)


CATCH = 'nettool() { printf "<%s>" "$@" > words.new; mv words.new words; }'


@pytest.fixture
def bash(home):
    folder, env = home
    (folder / "rc").write_text(
        "PS1='ready> '\n"
        "bind 'set enable-bracketed-paste off' 2>/dev/null\n"
        f"source '{COMPLETIONS}/nettool.bash'\n" + CATCH + "\n"
    )
    # The function above takes the run, the completion asks the program by its path.
    shell = Shell(home, need("bash"), ["--noprofile", "--rcfile", str(folder / "rc"), "-i"])
    shell.child.expect_exact("ready> ")
    yield shell
    shell.close()


def bash_types(bash, keys):
    bash.child.send("complete -p nettool\r")
    bash.child.expect_exact("_nettool nettool")
    bash.child.expect_exact("ready> ")
    return bash.line(keys)


def test_bash_at_a_terminal_adds_a_space_behind_what_is_complete(bash):
    assert bash_types(bash, "nettool STAL\tend") == "<STALL><end>"


def test_bash_at_a_terminal_adds_no_space_behind_a_colon(bash):
    assert bash_types(bash, "nettool tcp4-conn\tend") == "<TCP4-CONNECT:end>"


def test_bash_at_a_terminal_adds_no_space_behind_an_equals_sign(bash):
    assert bash_types(bash, "nettool TCP-LISTEN:9090,max-ch\tend") == (
        "<TCP-LISTEN:9090,max-children=end>"
    )


def test_bash_at_a_terminal_completes_files_behind_a_colon(bash):
    assert bash_types(bash, "nettool OPEN:./ét\tend") == "<OPEN:./été.txt><end>"
    assert bash_types(bash, "nettool OPEN:./no\tend") == "<OPEN:./notes/end>"


def test_bash_at_a_terminal_inside_quotes(bash):
    # bash closes the quote, and the word goes on behind it
    assert bash_types(bash, "nettool 'TCP-LISTEN:9090,max-ch\t5") == (
        "<TCP-LISTEN:9090,max-children=5>"
    )


# ---- zsh ----------------------------------------------------------------------------------------


@pytest.fixture
def zsh(home):
    folder, env = home
    path = need("zsh")
    (folder / ".zshrc").write_text(
        "PROMPT='ready> '\n"
        "unsetopt zle_bracketed_paste 2>/dev/null\n"
        "unset zle_bracketed_paste\n"
        "setopt no_beep\n"
        f"fpath=('{COMPLETIONS}' $fpath)\n"
        f"autoload -Uz compinit && compinit -u -D -d '{folder}/dump'\n" + CATCH + "\n"
        "print loaded\n"
    )
    shell = Shell(home, path, ["-d", "-i"])
    shell.child.expect_exact("loaded")
    shell.child.expect_exact("ready> ")
    yield shell
    shell.close()


@pytest.mark.parametrize(
    "keys, words",
    [
        ("nettool STAL\tend", "<STALL><end>"),
        ("nettool tcp4-conn\tend", "<TCP4-CONNECT:end>"),
        ("nettool TCP-LISTEN:9090,max-ch\tend", "<TCP-LISTEN:9090,max-children=end>"),
        ("nettool TCP-LISTEN:9090,bind=localhost,max-ch\tend",
         "<TCP-LISTEN:9090,bind=localhost,max-children=end>"),
        ("nettool OPEN:./ét\tend", "<OPEN:./été.txt><end>"),
        ("nettool -r ./ét\tend", "<-r><./été.txt><end>"),
        ("nettool --list=a\tend", "<--list=addresses><end>"),
    ],
)
def test_zsh_at_a_terminal(zsh, keys, words):
    assert zsh.line(keys) == words


# ---- fish ---------------------------------------------------------------------------------------


def fish_candidates(home, line):
    folder, env = home
    script = f"source '{COMPLETIONS}/nettool.fish'; complete -C $argv[1]"
    result = run(need("fish"), "--no-config", "-c", script, line, env=env, cwd=folder)
    assert (result.returncode, result.stderr) == (0, "")
    return {text.split("\t")[0]: text.split("\t")[1:] for text in result.stdout.splitlines()}


@pytest.mark.parametrize(
    "line, expected",
    [
        ("nettool STAL", {"STALL"}),
        ("nettool - STAL", {"STALL"}),
        ("nettool TCP4-CONN", {"TCP4-CONNECT:"}),
        ("nettool TCP-LISTEN:9090,max-c", {"TCP-LISTEN:9090,max-children="}),
        ("nettool TCP-LISTEN:9090,fork=", {"TCP-LISTEN:9090,fork=0", "TCP-LISTEN:9090,fork=1"}),
        ("nettool --list=a", {"--list=addresses"}),
        ("nettool OPEN:./ét", {"OPEN:./été.txt"}),
        ("nettool ./no", {"./notes/"}),
        ("nettool STDIN!!./no", {"STDIN!!./notes/"}),
        ("nettool - PIPE ", set()),
    ],
)
def test_fish(home, line, expected):
    assert set(fish_candidates(home, line)) == expected


def test_fish_shows_summaries(home):
    summary = ask("STALL")["STALL"]
    assert fish_candidates(home, "nettool STAL")["STALL"] == [summary]
