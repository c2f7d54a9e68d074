"""Programs that can't be run: one clear sentence, the right status, and nothing left half made."""

import os
import re
import resource
import termios
from pathlib import Path

import pytest

from netpeek import children_of, state_of
from tools import NETTOOL, ROOT, needs_linux, needs_root, read_all, wait_until

LINKS = {"socketpair": "", "pipes": ",pipes", "pty": ",pty"}
link = pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)

NOBODY = 65534

# The search for leaks in a build with sanitizers takes processes and descriptors of its own.
LIMITED = {"ASAN_OPTIONS": "detect_leaks=0:exitcode=86"}


def one_sentence(result, status, *words):
    """Whether it failed with that status and said why, once; a picture of the place may follow."""
    lines = result.text.splitlines()
    said = [line for line in lines if not line.startswith("  ")]
    assert (result.status, len(said)) == (status, 1), result
    assert said[0].startswith("nettool: ") and len(said[0]) < 400
    for word in words:
        assert word in said[0]
    return True


@pytest.fixture
def executable(tmp):
    def make(name, content, mode=0o755):
        (tmp / name).write_text(content)
        (tmp / name).chmod(mode)
        return f"./{name}"

    return make


@pytest.fixture
def as_nobody(nettool, tmp):
    """Runs nettool as a user who may do nothing in particular."""
    def run(*args, limit=None, **more):
        def become():
            if ROOT:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            if limit is not None:
                resource.setrlimit(*limit)

        try:
            return nettool(*args, preexec_fn=become, **more)
        except PermissionError:
            pytest.skip(f"an ordinary user may not run {nettool.program[0]}")

    tmp.chmod(0o755)
    return run


# ---- programs that aren't there ------------------------------------------------------------------


@pytest.mark.parametrize("options", ["", ",pipes", ",pty", ",nofork", ",stderr", ",setsid,stderr"])
@pytest.mark.parametrize("words", [("-", "{}"), ("-u", "-", "{}"), ("-U", "-", "{}"), ("{}", "-")],
                         ids=["right", "to", "from", "left"])
def test_no_such_program(nettool, options, words):
    if words[0] == "{}":
        options = options.replace(",nofork", "")  # which is for the second address
    address = f"EXEC:there-is-no-such-program{options}"
    result = nettool(*[word.format(address) for word in words], input=b"lost")
    assert one_sentence(result, 1, address, "cannot run there-is-no-such-program",
                        "No such file or directory")
    assert result.out == b""


@pytest.mark.parametrize("path, why", [
    ("/there/is/no/such/program", "No such file or directory"),
    ("./missing", "No such file or directory"),
    ("./plain", "Permission denied"),
    ("./folder", "Permission denied"),
    ("./plain/program", "Not a directory"),
    ("./orphan", "No such file or directory"),
    ("./loop", "Too many levels of symbolic links"),
    ("./" + "long" * 100, "File name too long"),
], ids=lambda text: text[:20])
def test_path_that_cannot_be_run(nettool, executable, tmp, path, why):
    executable("plain", "just text\n", 0o644)
    executable("orphan", "#!/there/is/no/interpreter\n")
    (tmp / "folder").mkdir()
    (tmp / "loop").symlink_to("loop")
    lines = nettool("-", f"EXEC:{path}").text.splitlines()
    assert nettool("-", f"EXEC:{path}").status == 1
    assert len(lines) == 1 and lines[0].endswith(f"cannot run {path}: {why}")


def test_endless_name(nettool):
    """What is too long to be said is cut, but not forgotten."""
    result = nettool("-", "EXEC:/" + "d/" * 20000 + "x")
    assert result.status == 1 and result.text.startswith("nettool: EXEC:/d/d/")
    assert result.text.count("\n") == 1


@pytest.mark.parametrize("path, hint", [
    ("no-such-program-here", "PATH"), ("./orphan", "#!"), ("./plain", "chmod +x"),
])
def test_hint_on_a_terminal(nettool, executable, path, hint):
    """Somebody at a terminal gets one line more."""
    executable("orphan", "#!/there/is/no/interpreter\n")
    executable("plain", "just text\n", 0o644)
    master, slave = os.openpty()
    try:
        result = nettool("-", f"EXEC:{path}", stderr=slave)
        os.close(slave)
        assert result.status == 1
        said = ""
        while said.count("\n") < 2:  # a line may come alone
            said += os.read(master, 4096).decode()
    finally:
        os.close(master)
    assert hint in said and said.count("\n") == 2


def test_script_without_a_first_line(both, executable):
    """What isn't a program for the system is one for the shell."""
    executable("simple", "echo run by sh\n")
    assert both("-t2", "-", "EXEC:./simple").out == b"run by sh\n"
    assert both("-t2", "-", "EXEC:./simple,nofork").out == b"run by sh\n"


def test_path_option_is_where_it_is_looked_for(nettool):
    assert one_sentence(nettool("-", "EXEC:cat,path=/there/is/nothing"), 1, "cannot run cat")
    result = nettool("-", "SYSTEM:no-such-tool-here")
    assert result.status == 1 and "exited with status 127" in result.text


@pytest.mark.parametrize("address", ["SYSTEM:true,shell=/no/such/shell",
                                     "SHELL:true,shell=/no/such/shell"])
def test_no_such_shell(nettool, address):
    assert one_sentence(nettool("-", address), 1, address, "cannot run /no/such/shell")


def test_shell_that_the_user_has_not(nettool):
    assert one_sentence(nettool("-", "SHELL:true", env={"SHELL": "/no/such/shell"}), 1,
                        "cannot run /no/such/shell")


# ---- texts that make no sense --------------------------------------------------------------------


@pytest.mark.parametrize("address, words", [
    ("EXEC", ["EXEC", "parameters"]),
    ("SYSTEM", ["SYSTEM", "parameters"]),
    ("EXEC:", ["no words"]),
    ("EXEC:   ", ["no words"]),
    ("EXEC:cat 'a", ["never closed"]),
    ('EXEC:cat "a', ["never closed"]),
    ("SYSTEM:echo 'a", ["never closed"]),
    ("EXEC:cat \\\\", ["backslash"]),
    ("EXEC:cat,ctty,pty", ["ctty", "session"]),
    ("EXEC:cat,raw", ["raw", "terminal"]),
    ("EXEC:cat,echo=0", ["echo", "terminal"]),
    ("EXEC:cat,pipes,rawer", ["rawer", "terminal"]),
    ("EXEC:cat,link=here", ["link", "terminal"]),
    ("EXEC:cat,wait-slave", ["wait-slave", "terminal"]),
    ("EXEC:cat,nofork,pty", ["nofork"]),
    ("EXEC:cat,nofork,pipes", ["nofork"]),
    ("EXEC:cat,nofork!!EXEC:cat", ["nofork"]),
    ("EXEC:cat,fdin=-1", ["fdin", "-1"]),
    ("EXEC:cat,fdin=five", ["fdin", "five"]),
    ("EXEC:cat,fdout=99999", ["fdout", "99999"]),
    ("EXEC:cat,fork", ["fork"]),
    ("EXEC:cat,reuseadr", ["reuseadr"]),
    ("EXEC:cat,shell=/bin/sh", ["shell"]),
    ("SYSTEM:cat,shell=sh", ["sh", "/"]),
    ("SYSTEM:cat,setpgid=-2", ["setpgid"]),
    ("EXEC:cat,su=there-is-no-such-user", ["there-is-no-such-user"]),
    ("EXEC:cat,su-d=there-is-no-such-user", ["there-is-no-such-user"]),
    ("EXEC:cat,setuid=there-is-no-such-user", ["there-is-no-such-user"]),
    ("EXEC:cat,setgid=there-is-no-such-group", ["there-is-no-such-group"]),
    ("SYSTEM:echo un, deux", ["deux"]),
    ("SYSTEM:for i in 1,2; do echo $i; done", ["2; do echo $i; done"]),
])
def test_nonsense(nettool, tmp, address, words):
    """Found before anything is opened: status 2, and the first address isn't touched."""
    assert one_sentence(nettool("OPEN:made,creat", address), 2, *words)
    assert list(tmp.iterdir()) == []


@pytest.mark.parametrize("address", ["SYSTEM:echo un, deux", "SYSTEM:touch made,now",
                                     "SHELL:a,b", "EXEC:a,b"])
def test_a_comma_belongs_to_the_command(nettool, address):
    """Whoever wrote one is told how to."""
    result = nettool("-", address)
    assert result.status == 2 and "\\," in result.text
    assert "comma that belongs to the command" in result.text


def test_nofork_on_the_first_address(nettool):
    assert one_sentence(nettool("EXEC:cat,nofork", "-"), 2, "nofork", "second address")


@pytest.mark.parametrize("words", [("TEXT:abc",), ("-u", "TEXT:abc"), ("PTY",), ("EXEC:cat,pty",)])
def test_nofork_has_nothing_to_give(nettool, tmp, words):
    """Behind the first address there must be a descriptor that the program can do something with."""
    result = nettool(*words, "SYSTEM:touch ran,nofork")
    assert one_sentence(result, 1, "nofork")
    assert not (tmp / "ran").exists()


@pytest.mark.parametrize("value, words", [(None, ["SHELL", "set"]), ("sh", ["sh", "/"]),
                                          ("", ["/"])])
def test_variable_shell(nettool, value, words):
    assert one_sentence(nettool("-", "SHELL:true", env={"SHELL": value}), 2, *words)


@pytest.mark.parametrize("words, option", [
    (("-u", "{}", "CREATE:made"), "fdin"), (("-U", "CREATE:made", "{}"), "fdin"),
    (("-u", "-", "{}"), "fdout"), (("-U", "{}", "-"), "fdout"),
    (("{}!!CREATE:made", "-"), "fdin"), (("-", "TEXT:x!!{}"), "fdout"),
])
def test_descriptor_in_the_other_direction(nettool, tmp, words, option):
    """fdin where nothing is written to the program, fdout where nothing is read from it."""
    result = nettool(*[word.format(f"SYSTEM:touch ran,{option}=3") for word in words])
    assert one_sentence(result, 1, option)
    assert not (tmp / "ran").exists()


# ---- what isn't permitted ------------------------------------------------------------------------


@pytest.mark.parametrize("options", ["su=root", "su-d=root", "setuid=0", "setgid=0", "chroot=/",
                                     "setuid-early=0", "chroot-early=/"])
def test_not_permitted(as_nobody, options):
    for command in ("EXEC:id", "SYSTEM:id"):
        result = as_nobody("-", f"{command},{options}")
        assert one_sentence(result, 1, f"{command},{options}", "Operation not permitted")
        assert result.out == b""


def test_program_of_somebody_else(as_nobody, executable):
    """Executable, but not for everybody."""
    if not ROOT:
        pytest.skip("only root has programs that others may not run")
    executable("private", "#!/bin/sh\necho ran\n", 0o700)
    assert one_sentence(as_nobody("-", "EXEC:./private"), 1, "Permission denied")


def test_directory_of_somebody_else(as_nobody, tmp):
    """A directory of PATH that one may not search has nothing for us, and that's no other failure."""
    if not ROOT:
        pytest.skip("only root has directories that others may not search")
    (tmp / "private").mkdir(mode=0o700)
    (tmp / "bin").mkdir(mode=0o755)
    (tmp / "bin" / "text").write_text("no program")
    path = f"{tmp}/private:/usr/bin:/bin:{tmp}/bin"
    for name, why in (("there-is-no-such-program", "No such file or directory"),
                      ("text", "Permission denied")):
        result = as_nobody("-", f"EXEC:{name}", env={"PATH": path})
        assert one_sentence(result, 1, f"cannot run {name}: {why}")
    assert as_nobody("-", "EXEC:echo là", env={"PATH": path}).out == "là\n".encode()


def test_unreadable_script(as_nobody, executable):
    """The system starts it, its shell can't read it, and says so itself."""
    if not ROOT:
        pytest.skip("only root has programs that others may not read")
    executable("dark", "#!/bin/sh\necho ran\n", 0o711)
    result = as_nobody("-", "EXEC:./dark")
    assert result.status == 1 and result.out == b"" and "Permission denied" in result.text


@pytest.mark.parametrize("options, words", [
    ("chdir=there/is/nothing", ["directory there/is/nothing", "No such file"]),
    ("chdir=file", ["directory file", "Not a directory"]),
    ("netns=there-is-no-such-namespace", ["there-is-no-such-namespace"]),
    ("setpgid=999999999", ["999999999"]),
    ("socktype=77", ["socket pair"]),
    ("pty,link=there/is/nothing", ["link", "there/is/nothing"]),
])
def test_bad_surroundings(nettool, tmp, options, words):
    (tmp / "file").write_bytes(b"")
    result = nettool("-", f"SYSTEM:touch ran,{options}")
    assert one_sentence(result, 1, f"SYSTEM:touch ran,{options}", *words)
    if "link" not in options:
        assert not (tmp / "ran").exists()


@needs_root
def test_no_such_root(nettool, tmp):
    (tmp / "root").mkdir()
    assert one_sentence(nettool("-", "EXEC:cat,chroot=there/is/nothing"), 1, "there/is/nothing")
    assert one_sentence(nettool("-", "EXEC:cat,chroot=root"), 1, "cannot run cat")


# ---- limits --------------------------------------------------------------------------------------


@link
@pytest.mark.parametrize("place", [("-", "{}"), ("{}", "-"), ("-", "{}!!{}")],
                         ids=["right", "left", "two halves"])
def test_few_descriptors(nettool, link, place):
    """With each number of descriptors that one may have it works, or fails and says why."""
    seen = set()
    for most in range(3, 30):
        def limit(most=most):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

        result = nettool(*[word.replace("{}", "EXEC:echo oui" + link) for word in place],
                         preexec_fn=limit, env=LIMITED)
        seen.add(result.status)
        if result.status == 0:
            assert result.out.startswith(b"oui") and result.err == b""
        elif b"shared object" not in result.err:  # not even the loader got a descriptor
            assert one_sentence(result, 1)
            assert "Too many open files" in result.text
    assert 0 in seen and 1 in seen


@pytest.mark.parametrize("options", ["", ",pipes", ",pty", ",setsid"])
def test_no_more_processes(as_nobody, options):
    """fork fails."""
    result = as_nobody("-", f"EXEC:cat{options}", limit=(resource.RLIMIT_NPROC, (0, 0)),
                       env=LIMITED)
    if "cannot make a pseudo terminal: Permission denied" in result.text:
        pytest.skip("an ordinary user gets no pseudo terminal here")
    assert one_sentence(result, 1, f"EXEC:cat{options}", "cannot start a process",
                        "Resource temporarily unavailable")


def test_no_processes_for_sessions(as_nobody, nettool, tmp):
    """A listener that can't fork says so and goes on listening."""
    if not ROOT:
        pytest.skip("other processes of this user are counted too")
    if not all(parent.stat().st_mode & 0o001 for parent in Path(NETTOOL).resolve().parents):
        pytest.skip("the program lies where nobody else may go")

    def become():
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))

    server = nettool.listener("TCP4-LISTEN:0,bind=127.0.0.1,fork", "EXEC:cat", endless=True,
                              preexec_fn=become, env=LIMITED)
    for count in (1, 2):
        with server.connect() as peer:
            assert read_all(peer) == b""
        wait_until(lambda count=count: server.err.count(b"temporarily unavailable") == count)
    assert server.running and children_of(server.pid) == []


@needs_linux
@pytest.mark.parametrize("closed", [(0,), (1,), (0, 1), (0, 1, 2)])
@link
def test_without_standard_descriptors(nettool, tmp, closed, link):
    """Who starts us without them gets no data mixed up, and the program has all it needs."""
    def close():
        for fd in closed:
            os.close(fd)

    (tmp / "in").write_bytes(b"contenu\n")
    result = nettool("OPEN:in,rdonly!!CREATE:out", f"SYSTEM:head -1; echo sorti{link}",
                     preexec_fn=close)
    assert result.status == 0
    out = (tmp / "out").read_bytes().replace(b"\r", b"")
    assert out.endswith(b"contenu\nsorti\n") and out.count(b"sorti") == 1
    assert result.out == b"" and (2 in closed or result.err == b"")
    assert (tmp / "in").read_bytes() == b"contenu\n"


# ---- nothing half made ---------------------------------------------------------------------------


def test_the_second_address_is_not_opened(nettool, tmp):
    nettool("EXEC:there-is-no-such-program", "CREATE:made")
    nettool("EXEC:there-is-no-such-program", "SYSTEM:touch ran")
    assert list(tmp.iterdir()) == []


@pytest.mark.parametrize("first", ["PTY,link=link", "UDP4-RECV:0,lockfile=link",
                                   "UNIX-RECV:link", "EXEC:cat,pty,link=link"])
@pytest.mark.parametrize("options", ["", ",pty", ",nofork"])
def test_what_the_first_address_made_is_removed(nettool, tmp, first, options):
    if first.startswith(("UDP4-RECV", "UNIX-RECV")):
        words = ("-u", first)
    else:
        words = (first,)
    result = nettool("-L", "lock", *words, f"EXEC:there-is-no-such-program{options}")
    assert result.status == 1 and "cannot run" in result.text or "nofork needs" in result.text
    assert list(tmp.iterdir()) == []


@needs_linux
def test_the_program_of_the_first_address_is_told_to_end(nettool, tmp, executable):
    command = executable("stay", "#!/bin/sh\ntrap 'echo >told; exit' TERM\n"
                                 "echo $$ >pid.new; mv pid.new pid; while :; do sleep 0.02; done\n")
    (tmp / "wait").write_text("#!/bin/sh\nwhile [ ! -e pid ]; do sleep 0.02; done\n")
    result = nettool(f"EXEC:{command}", "EXEC:there-is-no-such-program,chdir=.,path=.")
    assert result.status == 1
    # Told before its trap was set, it has just ended; told afterwards, it has left a note.
    pid = int((tmp / "pid").read_text()) if (tmp / "pid").exists() else None
    wait_until(lambda: pid is None or state_of(pid) in ("", "Z") or (tmp / "told").exists())


def test_a_session_that_fails_leaves_nothing(listener):
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork", "EXEC:there-is-no-such-program",
                      endless=True)
    for _ in range(5):
        with server.connect() as peer:
            assert read_all(peer) == b""
    wait_until(lambda: server.err.count(b"cannot run") == 5)
    wait_until(lambda: children_of(server.pid) == [])
    assert server.err.count(b"\n") == 5 and server.running


def test_a_session_that_cannot_become_its_program(listener):
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork", "EXEC:there-is-no-such-program,nofork",
                      endless=True)
    with server.connect() as peer:
        assert read_all(peer) == b""
    server.expect_err(b"cannot run there-is-no-such-program: No such file or directory\n")
    wait_until(lambda: children_of(server.pid) == [])
    assert server.err.count(b"\n") == 1


@pytest.mark.parametrize("second", ["EXEC:there-is-no-such-program", "EXEC:/",
                                    "EXEC:there-is-no-such-program,nofork",
                                    "SYSTEM:exit 3", "EXEC:cat,su=root,fdout=3,fdin=4,chdir=/none"])
def test_our_terminal_is_put_back(nettool, second):
    """It was raw for a program that never came."""
    master, slave = os.openpty()
    try:
        before = termios.tcgetattr(slave)
        result = nettool("-,raw,echo=0", second, stdin=slave, stdout=slave)
        assert result.status == 1
        assert termios.tcgetattr(slave) == before
    finally:
        os.close(master)
        os.close(slave)


def test_errors_of_a_program_that_runs_are_its_own(nettool):
    """What the shell or the program says comes as it is, and we add the status."""
    result = nettool("-", "SYSTEM:cat /there/is/no/such/file")
    assert result.status == 1
    assert re.search(r"^cat: .*No such file", result.text, re.M)
    assert result.text.count("exited with status 1") == 1
