"""What TAB offers: the program's own candidates, and the completions inside the real shells."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

pexpect = pytest.importorskip("pexpect")

ROOT = Path(os.environ.get("NETTOOL_SRCDIR") or Path(__file__).resolve().parents[2])
NETTOOL = os.environ.get("NETTOOL") or shutil.which("nettool") or "nettool"
BUILD = os.environ.get("NETTOOL_BUILDDIR")
DEADLINE = 30 * float(os.environ.get("NETTOOL_PATIENCE", "1"))
COMPLETIONS = ROOT / "completions"

# Names that are special to the grammar of addresses, to shells, or to both.
AWKWARD = [
    "été.txt",
    "my notes, v1.txt",
    "it's.txt",
    "a:b.log",
    'say "hi".txt',
    "cost$5.txt",
    "wow!!x.txt",
    "back\\slash.txt",
    "[box] {1}.txt",
    "dash=1.txt",
    "both; & | <x>.txt",
    "(round).txt",
]


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


def ask(*words, **more):
    """The candidates that the program prints, with their summaries."""
    result = run(NETTOOL, "--complete", *words, **more)
    assert (result.returncode, result.stderr) == (0, "")
    pairs = [line.split("\t") for line in result.stdout.splitlines()]
    assert all(len(pair) == 2 for pair in pairs), result.stdout
    assert [pair[0] for pair in pairs] == sorted({pair[0] for pair in pairs}, key=os.fsencode)
    return dict(pairs)


def listed(what):
    """The rows of the catalogue."""
    lines = run(NETTOOL, f"--list={what}", "--format=tsv").stdout.splitlines()
    names = lines[0].split("\t")
    return [dict(zip(names, line.split("\t"))) for line in lines[1:]]


def fill(folder):
    """Makes the files that are completed: those with awkward names, folders, programs, a socket."""
    for name in AWKWARD:
        (folder / name).write_text(f"this is {name}\n")
    (folder / "notes").mkdir()
    (folder / "notes" / "list.txt").write_text("milk\n")
    (folder / ".hidden").write_text("")
    for name in ("greet", "zz say hi"):
        path = folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\necho \"$@\"\n")
        path.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(folder / "notes" / "room.sock"))


@pytest.fixture
def folder(tmp):
    fill(tmp)
    return tmp


# ---- the program --------------------------------------------------------------------------------


def test_every_address_is_a_candidate():
    candidates = ask("")
    for row in listed("addresses"):
        assert {row["name"], row["name"] + ":"} & set(candidates), row["name"]


@pytest.mark.parametrize("address", ["TCP-LISTEN:9090", "OPENSSL:localhost:4433", "OPEN:/tmp/x", "EXEC:true"])
def test_the_options_of_an_address_are_those_that_it_takes(address):
    candidates = ask(f"{address},")
    refused = re.compile("is not supported with|would never act|is not built in|unknown option")
    for row in listed("options"):
        names = {f"{address},{row['name']}", f"{address},{row['name']}="}
        checked = run(NETTOOL, "--check", "-", f"{address},{row['name']}")
        takes = not refused.search(checked.stderr)
        assert bool(names & set(candidates)) == takes, (row["name"], checked.stderr)


def test_every_choice_of_the_catalogue_is_a_candidate():
    """An option whose values are words between bars offers just these."""
    seen = 0
    for row in listed("options"):
        values = row["usage"].partition("=")[2].rstrip("]")
        if not re.fullmatch(r"[a-z0-9]+(\|[a-z0-9]+)+", values):
            continue
        groups = set(row["groups"].split(","))
        for address in listed("addresses"):
            word = address["example"].split()[0].strip("'\"").split(",")[0]
            if groups & set(address["groups"].split(",")) and f"{word},{row['name']}" in [
                name.rstrip("=") for name in ask(f"{word},{row['name']}")
            ]:
                head = f"{word},{row['name']}="
                assert set(ask(head)) == {head + value for value in values.split("|")}
                seen += 1
                break
    assert seen >= 3


# the words behind nettool, the last of them being completed; what is offered, and nothing else
EXACTLY = [
    (["STAL"], {"STALL"}),
    (["tcp-lis"], {"TCP-LISTEN:"}),
    (["STDIN!!CREA"], {"STDIN!!CREATE:", "STDIN!!CREAT:"}),
    (["STDIN!!CREATE:x,app"], {"STDIN!!CREATE:x,append"}),
    (["TCP-LISTEN:9090,fork="], {"TCP-LISTEN:9090,fork=0", "TCP-LISTEN:9090,fork=1"}),
    (["TCP-LISTEN:9090,hub-slow=d"], {"TCP-LISTEN:9090,hub-slow=drop"}),
    (["TCP:localhost:80,pf="], {f"TCP:localhost:80,pf={ip}" for ip in ("ip4", "ip6", "unix")}),
    (["TCP:localhost:80,if=lo"], {"TCP:localhost:80,if=lo"}),
    (["CREATE:x,user=roo"], {"CREATE:x,user=root"}),
    (["TCP:localhost:80,su=roo"], {"TCP:localhost:80,su=root"}),
    (["/dev/ttyS0,ispeed=192"], {"/dev/ttyS0,ispeed=19200"}),
    (["UNIX:/tmp/x,so-type=5"], {"UNIX:/tmp/x,so-type=5"}),
    (["TCP-LISTEN:9090,fork,for"], {"TCP-LISTEN:9090,fork,forever"}),
    (["TCP-LISTEN:9090,fork,fork"], set()),
    (["UDP:[::1]:9090,nodel"], set()),
    (["TCP:[::1]:9090,nodel"], {"TCP:[::1]:9090,nodelay="}),
    (["3,unix-t"], {"3,unix-tightsocklen"}),
    (["EXEC:greet,shel"], set()),
    (["--list=a"], {"--list=addresses"}),
    (["--list", "a"], {"addresses"}),
    (["--format=j"], {"--format=json"}),
    (["--color", "al"], {"always"}),
    (["--messages=tr"], {"--messages=traditional"}),
    (["--log-format=c"], {"--log-format=classic"}),
    (["--progress=ne"], {"--progress=never"}),
    (["--statistics=j"], {"--statistics=json"}),
    (["-lylocal7"], {"-lylocal7"}),
    (["-u", "-d4"], {"-d4"}),
    (["--help", "tcp-nod"], {"tcp-nodelay"}),
    (["--help", "STAL"], {"STALL"}),
    (["--help=stal"], {"--help=STALL"}),
    (["--help", "STALL", ""], set()),
    (["-hh", "STAL"], {"STALL"}),
    (["-", "PIPE", ""], set()),
    (["-t", ""], set()),
    (["NOSUCH:1,"], set()),
    (["PIPE", "--sta"], set()),
    (["TCP-LISTEN:80:"], set()),
    # TLS
    (["openssl-l"], {"OPENSSL-LISTEN:", "OPENSSL-L:"}),
    (["dtls-c"], {"DTLS-C:", "DTLS-CLIENT:", "DTLS-CONNECT:"}),
    (["OPENSSL:localhost:4433,ver"], {"OPENSSL:localhost:4433,verify"}),
    (["OPENSSL:localhost:4433,openssl-ver"], {"OPENSSL:localhost:4433,openssl-verify"}),
    (["OPENSSL:localhost:4433,verify="], {f"OPENSSL:localhost:4433,verify={n}" for n in "01"}),
    (["SSL:localhost:4433,min-version=TLS1."], {f"SSL:localhost:4433,min-version=TLS1.{n}" for n in range(4)}),
    (["DTLS-L:4433,max-version=d"], {"DTLS-L:4433,max-version=DTLS1.0", "DTLS-L:4433,max-version=DTLS1.2"}),
    (["SSL:localhost:4433,compress="], {f"SSL:localhost:4433,compress={word}" for word in ("none", "auto")}),
    (["SSL:localhost:4433,maxfraglen=5"], {"SSL:localhost:4433,maxfraglen=512"}),
    (["SSL-L:4433,cert=notes/l"], {"SSL-L:4433,cert=notes/list.txt"}),
    (["SSL:localhost:4433,cafile=my"], {r"SSL:localhost:4433,cafile=my notes\, v1.txt"}),
    (["SSL:localhost:4433,capath=no"], {"SSL:localhost:4433,capath=notes/"}),
    (["SSL:localhost:4433,capath=notes/"], set()),
    (["SSL:localhost:4433,alpn="], set()),
    (["SSL:localhost:4433,snihost=localhos"], {"SSL:localhost:4433,snihost=localhost"}),
    (["TCP:localhost:4433,openssl-ver"], set()),
    # the netcats and socat
    (["nca"], {"ncat"}),
    (["-u", "nca"], set()),
    (["nc", "--chat", "--sour"], {"--source=", "--source-port="}),
    (["nc", "-l"], {"-l"}),
    (["nc", "-X", ""], {"4", "5", "connect"}),
    (["ncat", "--proxy-type=socks"], {"--proxy-type=socks4", "--proxy-type=socks5"}),
    (["nc", "-4", "localhos"], {"localhost"}),
    (["nc", "-lU", "./no"], {"./notes/"}),
    (["nc", "-U", "notes/"], {"notes/room.sock"}),
    (["nc", "-lv", "-o", "greet", "-e", "gree"], {"greet"}),
    (["nc", "--", "-l"], set()),
    (["nc", "-U", "notes/room.sock", ""], set()),
    (["socat", "--stat"], {"--statistics"}),
    (["socat", "--list"], set()),
    (["socat", "-", "STAL"], {"STALL"}),
    # files
    (["./no"], {"./notes/"}),
    (["notes/"], {"notes/list.txt", "notes/room.sock"}),
    (["OPEN:"], None),
    (["OPEN:no"], {"OPEN:notes/"}),
    (["OPEN:.hid"], {"OPEN:.hidden"}),
    (["UNIX:notes/"], {"UNIX:notes/room.sock"}),
    (["UNIX-LISTEN:notes/"], {"UNIX-LISTEN:notes/list.txt", "UNIX-LISTEN:notes/room.sock"}),
    (["STDIN!!./no"], {"STDIN!!./notes/"}),
    (["TCP-LISTEN:9090,lockfile=no"], {"TCP-LISTEN:9090,lockfile=notes/"}),
    (["OPEN:x,chdir=notes/"], set()),
    (["OPEN:x,chdir=n"], {"OPEN:x,chdir=notes/"}),
    (["-r", "ét"], {"été.txt"}),
    (["-u", "-lf", "ét"], {"été.txt"}),
    (["-lfét"], {"-lfété.txt"}),
    (["--dump-to=no"], {"--dump-to=notes/"}),
    (["-v", "--dump-to", "no"], {"notes/"}),
    (["~/no"], {"~/notes/"}),
    (["OPEN:~/no"], set()),
    # as the grammar of addresses wants them
    (["OPEN:my"], {r"OPEN:my notes\, v1.txt"}),
    (["./my"], {r"./my notes\, v1.txt"}),
    (["-r", "my"], {"my notes, v1.txt"}),
    (["OPEN:'my"], {"OPEN:'my notes, v1.txt'"}),
    (['OPEN:"my'], {'OPEN:"my notes, v1.txt"'}),
    (["OPEN:it"], {r"OPEN:it\'s.txt"}),
    (['OPEN:"it'], {r'''OPEN:"it\'s.txt"'''}),
    (["OPEN:a"], {r"OPEN:a\:b.log"}),
    (["./a"], {r"./a\:b.log"}),
    (["CREATE:x,lockfile=a"], {"CREATE:x,lockfile=a:b.log"}),
    (["OPEN:wow"], {r"OPEN:wow\!!x.txt"}),
    (["OPEN:ba"], {r"OPEN:back\\slash.txt"}),
    (["OPEN:bac\\"], {r"OPEN:back\\slash.txt"}),
    (["OPEN:'bac\\"], {r"OPEN:'back\\slash.txt'"}),
    # commands
    (["EXEC:gree"], {"EXEC:greet"}),
    (["EXEC:zz"], {r"EXEC:zz\\ say\\ hi"}),
    (["EXEC:bin/gr"], {"EXEC:bin/greet"}),
    (["EXEC:notes/l"], set()),
    (["EXEC:cat no"], {"EXEC:cat notes/"}),
    (["EXEC:cat my"], {r"EXEC:cat my\\ notes\,\\ v1.txt"}),
    (["SYSTEM:cat my"], {r"SYSTEM:cat my\\ notes\,\\ v1.txt"}),
    (["SYSTEM:cat <'my"], set()),
    (["EXEC:greet,openp"], {"EXEC:greet,openpty"}),
]


@pytest.mark.parametrize("words, expected", EXACTLY, ids=[" ".join(row[0]) for row in EXACTLY])
def test_candidates(folder, words, expected):
    if re.match("openssl|dtls|ssl", words[0], re.I) and "-OPENSSL" in run(NETTOOL, "-V").stdout.split():
        pytest.skip("built without OpenSSL")
    path = f"{folder}/bin:{os.environ.get('PATH', '/usr/bin:/bin')}"
    env = dict(os.environ, HOME=str(folder), PATH=path, LC_ALL="C.UTF-8")
    candidates = set(ask(*words, cwd=folder, env=env))
    if words == ["EXEC:zz"]:
        # other machines have programs of that beginning too
        candidates = {name for name in candidates if "say" in name}
    if expected is None:
        assert len(candidates) == len(AWKWARD) + 2 and not any("hidden" in c for c in candidates)
    else:
        assert candidates == expected


@pytest.mark.parametrize("name", AWKWARD)
@pytest.mark.parametrize("opening", ["OPEN:", "./", "OPEN:'", 'OPEN:"', "EXEC:cat ", "SYSTEM:cat "])
def test_what_is_offered_for_a_file_leads_to_the_file(folder, name, opening):
    begin = opening + ("" if name[0] in "[(" else name[0])
    lines = [
        run(NETTOOL, "-u", word + ("'" if word.startswith("EXEC:'") else ""), "STDOUT", cwd=folder)
        for word in ask(begin, cwd=folder)
        if not word.endswith("/")
    ]
    assert [line.stdout for line in lines].count(f"this is {name}\n") == 1


def test_files_whose_names_have_line_ends(tmp):
    (tmp / "two\nlines\tand a tab").write_text("here\n")
    assert set(ask("OPEN:two", cwd=tmp)) == {r"OPEN:two\nlines\tand a tab"}
    result = run(NETTOOL, "-u", *ask("OPEN:two", cwd=tmp), "STDOUT", cwd=tmp)
    assert result.stdout == "here\n"
    # outside of addresses there is no way to write it on one line
    assert ask("-r", "two", cwd=tmp) == {}


ODD = [
    "'", '"', "\\", ",", ":", "=", "!!", "!!!!", "a!!b!!c", "TCP::", "TCP:a:b:c", "TCP:a,=",
    "TCP:a,x=", "TCP:a,,", "TCP:a,'", "(", "[", '{"', "EXEC:'", "EXEC:a  b ", 'EXEC:"a b" ',
    "SYSTEM:'a' ", "UDP:,ip-add-membership=", "UDP:,ip-add-membership=a:b:c:d:",
    "UDP6:,ipv6-join-group=[ff02::1]:", "UDP:,setsockopt=1:", "UNIX:a,bind=", "FD:",
    "TCP-LISTEN:80,range=1", "99999999999999999999", "~", "~/", "/", "x/'", "/nowhere/at/all/",
    "OPEN:/dev/null/", b"OPEN:\xff\xfe", "--=", "--help=",
]  # fmt: skip


@pytest.mark.parametrize("word", ODD, ids=repr)
def test_nothing_is_too_odd_to_be_completed(tmp, word):
    for before in ([], ["-"], ["nc"], ["nc", "-l"], ["socat"], ["--help"], ["-r"]):
        result = subprocess.run(
            [NETTOOL, "--complete", *before, word], stdin=subprocess.DEVNULL, cwd=tmp,
            capture_output=True, timeout=DEADLINE, check=False,
        )
        assert (result.returncode, result.stderr) == (0, b""), before
        assert all(line.count(b"\t") == 1 for line in result.stdout.splitlines())


def hosts_of(version):
    """The names in /etc/hosts that have an address of this version."""
    names = set()
    for line in Path("/etc/hosts").read_text().splitlines():
        words = line.partition("#")[0].split()
        if words and (version == 6) == (":" in words[0]):
            names |= set(words[1:])
    return names


@pytest.mark.skipif(not os.path.exists("/etc/hosts"), reason="there is no /etc/hosts")
def test_hosts_of_the_right_version():
    assert set(ask("TCP4:")) == {f"TCP4:{name}:" for name in hosts_of(4)}
    assert set(ask("TCP6:")) == {f"TCP6:{name}:" for name in hosts_of(6)}
    assert set(ask("UDP:")) == {f"UDP:{name}:" for name in hosts_of(4) | hosts_of(6)}


@pytest.mark.skipif(not os.path.exists("/etc/services"), reason="there is no /etc/services")
@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_services_of_the_right_protocol(protocol):
    known = set()
    for line in Path("/etc/services").read_text().splitlines():
        words = line.partition("#")[0].split()
        if len(words) > 1 and words[1].endswith(f"/{protocol}"):
            known.add(words[0])
    head = f"{protocol.upper()}:localhost:"
    offered = {name[len(head):] for name in ask(head)}
    assert {name for name in offered if not name.isdigit()} == known
    assert "80" in offered and "0" not in offered
    assert f"{protocol.upper()}-LISTEN:0" in ask(f"{protocol.upper()}-LISTEN:")


def test_ports_by_number():
    assert ask("TCP:localhost:8")["TCP:localhost:80"] == "http"
    assert "TCP-LISTEN:9090,sp=22" in ask("TCP-LISTEN:9090,sp=2")


def test_our_own_addresses_for_bind():
    assert "TCP4-LISTEN:9090,bind=127.0.0.1" in ask("TCP4-LISTEN:9090,bind=")
    assert not any("[" in name for name in ask("TCP4-LISTEN:9090,bind="))


def test_abstract_sockets_that_are_there():
    name = f"room été {os.getpid()}, the first"
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("\0" + name)
        made.listen()
        escaped = name.replace(",", "\\,")
        assert ask(f"ABSTRACT:room été {os.getpid()}") == {f"ABSTRACT:{escaped}": "socket"}


def test_other_names_of_options_once_they_are_begun():
    assert "TCP:localhost:9090,nodelay=" in ask("TCP:localhost:9090,nod")
    assert "TCP:localhost:9090,nodelay=" not in ask("TCP:localhost:9090,")


def test_options_that_may_be_said_again():
    word = "UDP-RECV:9090,ip-add-membership=224.0.0.1:lo"
    assert f"{word},ip-add-membership=" in ask(f"{word},ip-add")
    assert f"{word}" in ask(word[:-1])


def test_options_of_the_command_line_stand_in_front_of_addresses():
    assert "-u" in ask("-")
    assert "--statistics" in ask("-t", "3", "--sta")


def test_all_options_of_the_netcats(tmp):
    help_text = run(NETTOOL, "nc", "-h").stdout + run(NETTOOL, "nc", "-h").stderr
    words = set(re.findall(r"--([a-z][a-z-]+)", help_text.split("\nWhat")[0]))
    letters = set(re.findall(r"^  (-\w)\b", help_text, re.MULTILINE))
    offered = {name.rstrip("=") for name in ask("nc", "-")}
    assert len(words) > 20 and len(letters) > 30
    assert offered == {f"--{word}" for word in words} | letters


def test_a_link_of_another_name_completes_what_it_is(tmp):
    (tmp / "nc").symlink_to(Path(NETTOOL).resolve())
    result = run(tmp / "nc", "--complete", "--chat", "--sour")
    names = [line.split("\t")[0] for line in result.stdout.splitlines()]
    assert names == ["--source-port=", "--source="]


# ---- the shells ---------------------------------------------------------------------------------

CAUGHT = 'n=$((n + 1)); printf "<%s>" "$@" > words.new; mv words.new words;'

# How each shell is set up: its file, its words, and what it is to read. The line that is typed is
# run; a function in nettool's place writes down the words that have come of it.
SETUP = {
    "bash": (
        "rc",
        ["--noprofile", "--rcfile", "{folder}/rc", "-i"],
        "n=0 PS1='ready$n> '\n"
        "bind 'set enable-bracketed-paste off' 2>/dev/null\n"
        "bind 'set show-all-if-ambiguous on'\n"
        "source '{bash}'; complete -F _nettool nc\n"
        "nettool() {{ {caught} }}\nnc() {{ {caught} }}\n",
    ),
    "zsh": (
        ".zshrc",
        ["-d", "-i"],
        "n=0; setopt prompt_subst no_beep; PROMPT='ready$n> '\n"
        "unset zle_bracketed_paste\n"
        "fpath=('{zsh}' $fpath)\n"
        "autoload -Uz compinit && compinit -u -D -d '{folder}/.dump'\n"
        "compdef _nettool nc\n"
        "nettool() {{ {caught} }}\nnc() {{ {caught} }}\n",
    ),
    "fish": (
        ".fish",
        ["--no-config", "-i", "-C", "source {folder}/.fish"],
        "set -g n 0\nset -g fish_greeting\nset -g fish_autosuggestion_enabled 0\n"
        'function fish_prompt; echo "ready$n> "; end\n'
        "source '{fish}'\ncomplete -c nc -w 'nettool nc'\n"
        "function caught; set n (math $n + 1)\n"
        "printf '<%s>' $argv > words.new; mv words.new words; end\n"
        "function nettool; caught $argv; end\nfunction nc; caught $argv; end\n",
    ),
}


class Shell:
    """A shell at a terminal. It is typed into line after line, and started again when one fails."""

    def __init__(self, name, path, **places):
        self.name = name
        self.path = path
        self.folder = Path(tempfile.mkdtemp(prefix="nt-")).resolve()
        self.child = None
        self.count = 0
        fill(self.folder)
        for link in ("nettool", "nc"):
            (self.folder / "bin" / link).symlink_to(Path(NETTOOL).resolve())
        (self.folder / ".own").mkdir()
        self.env = {
            "PATH": f"{self.folder}/bin:{os.environ.get('PATH', '/usr/bin:/bin')}",
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": f"{self.folder}/.own/config",
            "XDG_DATA_HOME": f"{self.folder}/.own/data",
            "XDG_RUNTIME_DIR": f"{self.folder}/.own",
            "ZDOTDIR": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "TERM": "vt100",
        }
        file, arguments, text = SETUP[name]
        text = text.format(folder=self.folder, caught=CAUGHT, **places)
        self.arguments = [argument.format(folder=self.folder) for argument in arguments]
        (self.folder / file).write_text(text)

    def start(self):
        if self.child is not None:
            return
        self.count = 0
        self.child = pexpect.spawn(
            self.path, self.arguments, env=self.env, cwd=str(self.folder), encoding="utf-8",
            dimensions=(60, 150), timeout=DEADLINE,
        )
        self.child.expect_exact("ready0> ")

    def line(self, keys):
        """Types keys and Enter. Returns the words of the command, each in <>."""
        self.start()
        words = self.folder / "words"
        words.unlink(missing_ok=True)
        self.count += 1
        self.child.send(keys + "\r")
        try:
            self.child.expect_exact(f"ready{self.count}> ")
        except pexpect.TIMEOUT:
            self.end()
            pytest.fail("the line was never run")
        return words.read_text().replace(str(self.folder), "HOME")

    def shows(self, keys, expected):
        """Types keys, and waits until all of the texts stand on the screen."""
        pyte = pytest.importorskip("pyte")
        self.start()
        screen = pyte.Screen(150, 60)
        stream = pyte.Stream(screen)
        self.child.send(keys)
        end = time.monotonic() + DEADLINE
        missing = expected
        while missing and time.monotonic() < end:
            try:
                stream.feed(self.child.read_nonblocking(4096, timeout=0.2))
            except pexpect.TIMEOUT:
                pass
            text = [re.sub(" +", " ", line) for line in screen.display]
            missing = [one for one in expected if not any(one in line for line in text)]
        self.end()
        assert not missing, "\n".join(line for line in text if line.strip())

    def end(self):
        if self.child is not None:
            self.child.close(force=True)
        self.child = None

    def close(self):
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def need(shell):
    """The path of a shell, or a skip."""
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed")
    return path


@pytest.fixture(scope="module", params=list(SETUP))
def shell(request):
    made = Shell(
        request.param, need(request.param), bash=COMPLETIONS / "nettool.bash", zsh=COMPLETIONS,
        fish=COMPLETIONS / "nettool.fish",
    )
    yield made
    made.close()


NOTES = r"<OPEN:my notes\, v1.txt><x>"

# What is typed, and the words that the command gets: the same in all shells, whatever their quotes.
TYPED = [
    # keywords; a blank behind what is finished, none behind what goes on
    ("nettool STAL\tx", "<STALL><x>"),
    ("nettool - STAL\tx", "<-><STALL><x>"),
    ("nettool tcp4-conn\tx", "<TCP4-CONNECT:x>"),
    ("nettool STDIN\\!\\!CREAT\tx:y", "<STDIN!!CREATx:y>"),
    ("nettool STDIN\\!\\!CREATE\tx", "<STDIN!!CREATE:x>"),
    # options and their values
    ("nettool TCP-LISTEN:9090,max-ch\t5", "<TCP-LISTEN:9090,max-children=5>"),
    ("nettool TCP-LISTEN:9090,bind=localhost,max-ch\t5",
     "<TCP-LISTEN:9090,bind=localhost,max-children=5>"),
    ("nettool 'TCP-LISTEN:9090,max-ch\t5'",
     {"": "<TCP-LISTEN:9090,max-children=5>", "bash": None}),
    ("nettool TCP-LISTEN:9090,su=daem\tx", "<TCP-LISTEN:9090,su=daemon><x>"),
    ("nettool CREATE:x,group=daem\tx", "<CREATE:x,group=daemon><x>"),
    ("nettool TCP:localhost:80,if=l\tx", "<TCP:localhost:80,if=lo><x>"),
    ("nettool CHAT,turns=w\tx", "<CHAT,turns=wait><x>"),
    ("nettool TCP:localhost:80,pf=i\t4", "<TCP:localhost:80,pf=ip4>"),
    ("nettool TCP:localhost:80,chdir=no\tx", "<TCP:localhost:80,chdir=notes/x>"),
    # hosts and ports
    ("nettool TCP:localh\t80", "<TCP:localhost:80>"),
    ("nettool TCP:localhost:http-a\tx", "<TCP:localhost:http-alt><x>"),
    ("nettool - UDP:localh\t80", "<-><UDP:localhost:80>"),
    # files, in the quotes of the user
    ("nettool OPEN:./ét\tx", "<OPEN:./été.txt><x>"),
    ("nettool OPEN:my\tx", NOTES),
    ("nettool 'OPEN:my no\tx", NOTES),
    ('nettool "OPEN:my no\tx', NOTES),
    ("nettool OPEN:'my no\tx", NOTES),
    ('nettool OPEN:"my no\tx', NOTES),
    ("nettool OPEN:my\\ no\tx", NOTES),
    ("nettool ./my\tx", r"<./my notes\, v1.txt><x>"),
    ("nettool OPEN:it\tx", r"<OPEN:it\'s.txt><x>"),
    ("nettool 'OPEN:it\tx", r"<OPEN:it\'s.txt><x>"),
    ('nettool "OPEN:it\tx', r"<OPEN:it\'s.txt><x>"),
    ("nettool OPEN:a\tx", r"<OPEN:a\:b.log><x>"),
    ("nettool OPEN:say\tx", r"<OPEN:say \"hi\".txt><x>"),
    ("nettool 'OPEN:say\tx", r"<OPEN:say \"hi\".txt><x>"),
    ("nettool OPEN:cost\tx", "<OPEN:cost$5.txt><x>"),
    ('nettool "OPEN:cost\tx', "<OPEN:cost$5.txt><x>"),
    ("nettool OPEN:wow\tx", r"<OPEN:wow\!!x.txt><x>"),
    ("nettool OPEN:ba\tx", r"<OPEN:back\\slash.txt><x>"),
    ('nettool "OPEN:ba\tx', r"<OPEN:back\\slash.txt><x>"),
    ("nettool OPEN:both\tx", "<OPEN:both; & | <x>.txt><x>"),
    ("nettool OPEN:dash\tx", "<OPEN:dash=1.txt><x>"),
    ("nettool CREATE:x,lockfile=a\tx", "<CREATE:x,lockfile=a:b.log><x>"),
    ("nettool OPEN:no\tli\tx", "<OPEN:notes/list.txt><x>"),
    ("nettool './no\tli\tx", "<./notes/list.txt><x>"),
    ("nettool OPEN:'no'\tli\tx", "<OPEN:notes/list.txt><x>"),
    ("nettool ~/no\tli\tx", "<HOME/notes/list.txt><x>"),
    ("nettool UNIX:notes/\tx", "<UNIX:notes/room.sock><x>"),
    # options of the command line
    ("nettool --stati\tx", "<--statistics><x>"),
    ("nettool --list=a\tx", "<--list=addresses><x>"),
    ("nettool --list a\tx", "<--list><addresses><x>"),
    ("nettool -r my\tx", "<-r><my notes, v1.txt><x>"),
    ("nettool -r it\tx", "<-r><it's.txt><x>"),
    ("nettool -r ~/my\tx", "<-r><HOME/my notes, v1.txt><x>"),
    ("nettool --dump-to=ét\tx", "<--dump-to=été.txt><x>"),
    ("nettool --help tcp-nod\tx", "<--help><tcp-nodelay><x>"),
    # commands
    ("nettool EXEC:gree\tx", "<EXEC:greet><x>"),
    ("nettool 'EXEC:cat my\tx", r"<EXEC:cat my\\ notes\,\\ v1.txt><x>"),
    # the netcats and socat
    ("nettool nca\tx", "<ncat><x>"),
    ("nettool nc --source-po\t80", "<nc><--source-port=80>"),
    ("nettool nc localh\t80", "<nc><localhost><80>"),
    ("nettool nc -U notes/\tx", "<nc><-U><notes/room.sock><x>"),
    ("nc --chat -l --source-po\t80", "<--chat><-l><--source-port=80>"),
    ("nc localh\t80", "<localhost><80>"),
    ("nettool socat --stat\tx", "<socat><--statistics><x>"),
    # where nothing is to be offered nothing changes
    ("nettool - PIPE STAL\tx", "<-><PIPE><STALx>"),
    ("nettool TCP-LISTEN:9090,fork,fork\tx", "<TCP-LISTEN:9090,fork,forkx>"),
]


@pytest.mark.parametrize("keys, words", TYPED, ids=[row[0].replace("\t", "^") for row in TYPED])
def test_in_a_shell(shell, keys, words):
    if isinstance(words, dict):
        words = words.get(shell.name, words[""])
    if words is None:
        pytest.skip(f"{shell.name} closes the quote itself")
    assert shell.line(keys) == words


# What is typed, and what then stands in the list; bash shows no summaries.
SHOWN = [
    ("bin/nettool CHAT,turns=\t", ["begin", "wait"]),
    ("nettool CHAT,turns=\t", ["begin", "wait"]),
    ("nettool --color=\t", ["always", "auto", "never"]),
    ("nettool nc --proxy-type=\t", ["http", "socks4", "socks5"]),
    ("nettool OPEN:notes/\t", ["list.txt", "room.sock"]),
]


@pytest.mark.parametrize("keys, words", SHOWN, ids=[row[0].strip() for row in SHOWN])
def test_what_a_shell_shows(shell, keys, words):
    shell.shows(keys, words)


def test_a_shell_shows_summaries(shell):
    if shell.name == "bash":
        pytest.skip("bash shows no summaries")
    summary = ask("CHAT,turns=")["CHAT,turns=begin"].split(";")[0]
    shell.shows("nettool CHAT,turns=\t", ["begin", summary])


def test_one_completion_starts_one_process(shell):
    program = shell.folder / "bin" / "nettool"
    log = shell.folder / ".own" / "log"
    program.unlink()
    program.write_text(f'#!/bin/sh\necho "$*" >> {log}\nexec {Path(NETTOOL).resolve()} "$@"\n')
    program.chmod(0o755)
    try:
        assert shell.line("nettool - TCP-LISTEN:80,max-ch\t5") == (
            "<-><TCP-LISTEN:80,max-children=5>"
        )
    finally:
        program.unlink()
        program.symlink_to(Path(NETTOOL).resolve())
    assert log.read_text() == "--complete - TCP-LISTEN:80,max-ch\n"
    log.unlink()


def test_zsh_takes_the_blank_away_for_a_comma(shell):
    if shell.name != "zsh":
        pytest.skip("only zsh takes back what it has added")
    assert shell.line("nettool TCP-LISTEN:80,forev\t,bac\t5") == "<TCP-LISTEN:80,forever,backlog=5>"


@pytest.mark.parametrize("breaks", ["", ":=", ":", ":=,!/"])
def test_bash_with_other_word_breaks(shell, breaks):
    if shell.name != "bash":
        pytest.skip("the other shells have no word breaks")
    shell.start()
    shell.child.send(f"COMP_WORDBREAKS=$' \\t\\n\"\\'><;|&({breaks}'\r")
    try:
        assert shell.line("nettool TCP-LISTEN:9090,bind=localhost,max-ch\t5") == (
            "<TCP-LISTEN:9090,bind=localhost,max-children=5>"
        )
        assert shell.line("nettool OPEN:my\tx") == NOTES
        assert shell.line("nettool 'OPEN:my no\tx") == NOTES
        assert shell.line("nettool --list=a\tx") == "<--list=addresses><x>"
        assert shell.line("nettool -r ~/my\tx") == "<-r><HOME/my notes, v1.txt><x>"
    finally:
        shell.end()


@pytest.mark.parametrize("name, file", [("zsh", "_nettool"), ("fish", "nettool.fish")])
def test_the_grammar_of_the_file(name, file):
    result = run(need(name), "-n", COMPLETIONS / file)
    assert (result.returncode, result.stdout + result.stderr) == (0, "")


# ---- installed ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installed():
    """Where `make install` puts the completions, in a root of our own."""
    make = shutil.which("make")
    if make is None or BUILD is None or not os.path.exists(f"{BUILD}/Makefile"):
        pytest.skip("there is no build folder to install from")
    if "GNU Make" not in run(make, "--version").stdout:
        pytest.skip("make is not GNU make")
    root = Path(tempfile.mkdtemp(prefix="nt-")).resolve()
    targets = (
        "install-bashcompletion",
        "install-dist_zshcompletionDATA",
        "install-dist_fishcompletionDATA",
    )
    result = run(
        make, "-s", "-C", BUILD, "-o", "Makefile", f"DESTDIR={root}", "datadir=/share",
        "zshcompletiondir=/share/zsh/site-functions", "ACLOCAL=:", "AUTOCONF=:", "AUTOMAKE=:",
        "AUTOHEADER=:", *targets,
        env={key: value for key, value in os.environ.items() if "MAKE" not in key},
    )
    assert result.returncode == 0, result.stdout + result.stderr
    yield root / "share"
    shutil.rmtree(root)


def test_the_files_are_where_the_shells_look(installed):
    files = [path for path in installed.rglob("*") if path.is_file()]
    assert {str(path.relative_to(installed)) for path in files} == {
        "bash-completion/completions/nettool",
        "zsh/site-functions/_nettool",
        "fish/vendor_completions.d/nettool.fish",
    }


@pytest.mark.parametrize("name", list(SETUP))
def test_they_work_from_there(installed, name):
    made = Shell(
        name, need(name), bash=installed / "bash-completion/completions/nettool",
        zsh=installed / "zsh/site-functions",
        fish=installed / "fish/vendor_completions.d/nettool.fish",
    )
    try:
        assert made.line("nettool OPEN:my\tx") == NOTES
    finally:
        made.close()


def test_fish_finds_its_file_by_itself(installed):
    fish = need("fish")
    home = Path(tempfile.mkdtemp(prefix="nt-"))
    path = f"{home}:{os.environ.get('PATH', '/usr/bin:/bin')}"
    (home / "nettool").symlink_to(Path(NETTOOL).resolve())
    env = {"PATH": path, "HOME": str(home), "XDG_DATA_DIRS": str(installed), "LC_ALL": "C.UTF-8"}
    result = run(fish, "-c", "complete -C 'nettool STAL'", env=env)
    shutil.rmtree(home)
    assert result.stdout == f"STALL\t{ask('STALL')['STALL']}\n"
