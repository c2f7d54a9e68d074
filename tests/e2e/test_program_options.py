"""Options of programs: how they are joined to us, what they become, and what they get to see."""

import contextlib
import fcntl
import grp
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from netpeek import children_of, state_of
from tools import (
    DEADLINE,
    Peer,
    needs_linux,
    needs_root,
    quiet,
    read_all,
    read_exactly,
    read_until,
    same,
    wait_until,
)

PYTHON = f"{sys.executable} -I -S"
F_GETPIPE_SZ = 1032

LINKS = {"socketpair": "", "pipes": ",pipes", "pty": ",pty,raw,echo=0"}
link = pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
ending_link = pytest.mark.parametrize("link", list(LINKS.values())[:2], ids=list(LINKS)[:2])


def descriptors(pid):
    """What a process has open: its numbers, and where they lead; {} when it is gone."""
    found = {}
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for name in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(FileNotFoundError):  # closed since it was listed
                found[int(name)] = os.readlink(f"/proc/{pid}/fd/{name}")
    return found


def runs(pid, program):
    """Whether a process has become that program."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().startswith(program.encode())
    except OSError:
        return False


def program_of(process, name):
    """The process id of the program that a relay has started, once it runs."""
    def there():
        return next((pid for pid in children_of(process.pid) if runs(pid, name)), None)

    return wait_until(there, what=f"{name} to run")


def has_only(pid, *numbers):
    """Waits until a program has these descriptors alone; for its libraries it opens some first."""
    wait_until(lambda: sorted(descriptors(pid)) == sorted(numbers),
               what=lambda: f"the descriptors {numbers} alone: {descriptors(pid)}")


def status_of(pid, field):
    """The numbers of one line of /proc/PID/status."""
    text = Path(f"/proc/{pid}/status").read_text()
    return [int(word, 8 if field == "Umask" else 10)
            for word in re.search(rf"^{field}:\s*(.*)$", text, re.M)[1].split()]


# ---- the link ------------------------------------------------------------------------------------


@needs_linux
@pytest.mark.parametrize("option, kind", [
    ("", "socket:"), (",pipes", "pipe:"), (",pty", "/dev/pts/"), (",openpty", "/dev/pts/"),
    (",ptmx", "/dev/pts/"), (",socktype=2", "socket:"), (",pipes=0", "socket:"),
])
def test_link(nettool, option, kind):
    process = nettool.start("-", f"EXEC:cat{option}")
    there = descriptors(program_of(process, "cat"))
    assert there[0].startswith(kind) and there[1].startswith(kind)
    assert not there[2].startswith("/dev/pts/")
    process.stop()


@needs_linux
def test_stderr_of_the_program(nettool):
    """With stderr it is the same as the output, without it is the caller's."""
    process = nettool.start("-", "EXEC:cat,stderr")
    there = descriptors(program_of(process, "cat"))
    assert there[1] == there[2]
    process.stop()


@needs_linux
@link
def test_nothing_else_is_inherited(listener, link):
    """Log and copies, lock, listener and connections stay ours: the program has 0, 1 and 2."""
    server = listener("-lf", "log", "-d4", "-r", "left", "-R", "right", "-L", "lock",
                      "TCP4-LISTEN:0,bind=127.0.0.1,fork", f"EXEC:cat{link}", endless=True)
    with server.connect() as peer, server.connect() as other:
        for each in (peer, other):
            each.sendall(b"x")
            assert read_exactly(each, 1) == b"x"
        for session in children_of(server.pid):
            (program,) = children_of(session)
            has_only(program, 0, 1, 2)


@needs_linux
@pytest.mark.parametrize("first", ["OPEN:file,ignoreeof", "PIPE:fifo", "PTY", "PTY,link=terminal",
                                   "UDP4-DATAGRAM:127.0.0.1:9,bind=127.0.0.1:0", "PIPE", "-"])
def test_the_other_address_is_not_inherited(nettool, tmp, first):
    (tmp / "file").write_bytes(b"")
    for link in LINKS.values():
        process = nettool.start(first, f"EXEC:cat{link}")
        program = program_of(process, "cat")
        has_only(program, 0, 1, 2)
        process.stop()


@needs_linux
def test_program_of_the_left_is_closed_to_the_right(nettool):
    """Two programs: neither holds the other's link, so that both see the end of data."""
    process = nettool.start("EXEC:cat", "EXEC:cat,pipes")
    wait_until(lambda: len(children_of(process.pid)) == 2)
    for pid in children_of(process.pid):
        wait_until(lambda: runs(pid, "cat"))
        has_only(pid, 0, 1, 2)
    process.stop()


@needs_linux
def test_inherited_descriptors_of_addresses(nettool, tmp):
    """A descriptor that an address names is ours and not the program's."""
    reader, writer = os.pipe()
    process = nettool.start("-u", f"FD:{reader}", "EXEC:cat", pass_fds=(reader,))
    os.close(reader)
    try:
        has_only(program_of(process, "cat"), 0, 1, 2)
    finally:
        os.close(writer)
    assert process.wait().status == 0


@ending_link
@pytest.mark.parametrize("numbers", [*zip(range(21), range(1, 22)), (1, 0), (20, 0), (0, 20),
                                     (2, 1), (17, 3), (3, 17), (5, 4), (1000, 999)])
def test_descriptors_of_the_program(nettool, tmp, numbers, link):
    """Any numbers will do, whatever we use them for ourselves."""
    fdin, fdout = numbers
    # file descriptors beyond 9 take a shell that knows them; the output is moved out of the way
    command = f"exec 40>&{fdout} 0<&{fdin} 1>&40; tr a-z A-Z"
    result = nettool("-", f"EXEC:\"bash -c '{command}'\",fdin={fdin},fdout={fdout}{link}",
                     input=b"mots")
    assert (result.status, result.out, result.err) == (0, b"MOTS", b"")


@needs_linux
@ending_link
def test_descriptors_of_the_program_are_the_only_ones(nettool, link):
    """fdin and fdout come to 0, 1 and 2, which stay the caller's; nothing in between is there."""
    null = os.open("/dev/null", os.O_RDWR)
    process = nettool.start("-", f"EXEC:sleep 1000,fdin=9,fdout=14{link}", endless=True)
    os.close(null)
    program = program_of(process, "sleep")
    has_only(program, 0, 1, 2, 9, 14)
    assert descriptors(program)[0] == descriptors(process.pid)[0]
    assert descriptors(program)[1] == descriptors(process.pid)[1]


def test_one_descriptor_for_both(nettool):
    """A socket pair can have one number for both directions."""
    for number in (0, 1, 3, 7):
        result = nettool("-", f"SYSTEM:cat <&{number} >&{number},fdin={number},fdout={number}",
                         input=b"x\n")
        assert (result.status, result.out, result.err) == (0, b"x\n", b"")


@pytest.mark.parametrize("options, command", [
    ("fdin=3", "cat <&3"), ("fdout=4", "cat >&4"), ("fdin=0", "cat"), ("fdout=1", "cat"),
])
def test_one_descriptor_moved(both, options, command):
    result = both("-t2", "-", f"SYSTEM:\"{command}\",{options}", input=b"mot\n")
    assert (result.status, result.out) == (0, b"mot\n")


@link
def test_stderr_in_the_data(both, link):
    result = both("-t2", "-", f"SYSTEM:echo out; echo err >&2{link},stderr")
    assert (result.status, result.out, result.err) == (0, b"out\nerr\n", b"")


def test_stderr_beside_the_data(both):
    result = both("-t2", "-", "SYSTEM:echo out; echo err >&2")
    assert (result.status, result.out, result.err) == (0, b"out\n", b"err\n")


@pytest.mark.parametrize("options", ["stderr", "stderr,pipes", "stderr,pty,raw,echo=0",
                                     "stderr,setsid,setpgid=0"])
def test_messages_are_never_data(both, options):
    """Not even those of the child before it runs the program."""
    if isinstance(both, Peer) and "setpgid" in options:
        options = "stderr,setsid"
    result = both("-t1", "-d", "-d", "-d", "-d", "-",
                  f"SYSTEM:head -c 4; echo err >&2,{options}", input=b"data")
    assert (result.status, result.out) == (0, b"dataerr\n")
    assert b"starting data transfer loop" in result.err and b"dataerr" not in result.err


@needs_linux
def test_pipe_size(nettool):
    """f-setpipe-sz holds for the pipes in both directions."""
    for option in ("f-setpipe-sz=131072", "pipesz=131072"):
        process = nettool.start("-", f"EXEC:cat,pipes,{option}")
        program = program_of(process, "cat")
        for number in (0, 1):
            fd = os.open(f"/proc/{program}/fd/{number}", os.O_RDWR)
            size = fcntl.fcntl(fd, F_GETPIPE_SZ)
            os.close(fd)
            assert size == 131072
        process.stop()


def test_socket_options_of_the_link(nettool):
    """The socket pair takes the options of sockets."""
    result = nettool("-", "EXEC:cat,so-sndbuf=65536,so-rcvbuf=65536", input=b"x")
    assert (result.status, result.out) == (0, b"x")


# ---- what the program is -------------------------------------------------------------------------


@needs_linux
@pytest.mark.parametrize("option", ["login", "dash"])
def test_login(both, option):
    result = both("-t2", "-", f"EXEC:cat /proc/self/cmdline,{option}")
    assert (result.status, result.out) == (0, b"-cat\0/proc/self/cmdline\0")


def test_login_of_a_path(nettool):
    """login(1) says -sh and not -/bin/sh."""
    result = nettool("-", "EXEC:/bin/cat /proc/self/cmdline,login")
    assert result.out.startswith(b"-cat\0")
    result = nettool("-", "SYSTEM:cat /proc/$$/cmdline,login")
    assert result.out.startswith(b"-sh\0-c\0")


def test_login_shell_reads_its_profile(nettool, tmp):
    (tmp / ".profile").write_text("echo profile of $0\n")
    result = nettool("-", "SHELL,login,shell=/bin/sh", env={"HOME": tmp}, input=b"echo $0\n")
    assert (result.status, result.out) == (0, b"profile of -sh\n-sh\n")


def test_path(both, tmp):
    """path replaces PATH, for the search and for the program."""
    (tmp / "bin").mkdir()
    tool = tmp / "bin" / "outil"
    tool.write_text("#!/bin/sh\necho mine with $PATH\n")
    tool.chmod(0o755)
    result = both("-t2", "-", f"EXEC:outil,path={tmp}/bin")
    assert (result.status, result.out) == (0, b"mine with %s/bin\n" % os.fsencode(tmp))


def test_path_with_several_directories(nettool, tmp):
    for name in ("a", "b"):
        (tmp / name).mkdir()
        (tmp / name / f"tool-{name}").write_text(f"#!/bin/sh\necho {name}\n")
        (tmp / name / f"tool-{name}").chmod(0o755)
    for name in ("a", "b"):
        result = nettool("-", f"EXEC:tool-{name},path='{tmp}/a:{tmp}/b'")
        assert (result.status, result.out) == (0, name.encode() + b"\n")


def test_path_leaves_ours_alone(nettool, tmp):
    result = nettool("SYSTEM:echo $PATH,path=/nowhere", "SYSTEM:cat >&2; echo $PATH >&2",
                     env={"PATH": os.environ["PATH"] + ":/here"})
    assert (result.status, result.err) == (0, f"/nowhere\n{os.environ['PATH']}:/here\n".encode())


def test_shell_option(nettool, program):
    program("bash")
    bash = shutil.which("bash")
    for kind in ("SYSTEM", "SHELL"):
        result = nettool("-", f"{kind}:echo $0 $SHELL $BASH_VERSION,shell={bash}",
                         env={"SHELL": "/bin/nothing"})
        name, shell, version = result.printed.split()
        assert (name, shell) == ("bash", bash) and version[0].isdigit()


def test_shell_of_the_user(nettool, tmp):
    """SHELL asks the variable; SYSTEM doesn't."""
    mine = tmp / "mine"
    mine.write_text("#!/bin/sh\necho \"$@\"\n")
    mine.chmod(0o755)
    assert nettool("-", "SHELL:a b", env={"SHELL": mine}).out == b"-c a b\n"
    assert nettool("-", "SHELL", env={"SHELL": mine}).out == b"\n"
    assert nettool("-", "SYSTEM:echo $SHELL", env={"SHELL": mine}).printed == f"{mine}\n"


def test_shell_without_a_command(nettool):
    """It is talked to."""
    result = nettool("-", "SHELL", env={"SHELL": "/bin/sh"}, input="echo ça va; exit 0\n".encode())
    assert (result.status, result.out) == (0, "ça va\n".encode())


# ---- sessions and groups -------------------------------------------------------------------------


def groups_of(pid):
    """Process group, session and terminal of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[2]), int(fields[3]), int(fields[4])


@needs_linux
@link
@pytest.mark.parametrize("option, leads", [
    ("", (False, False)), (",setsid", (True, True)), (",setsid=0", (False, False)),
    (",setpgid=0", (True, False)), (",setpgid=1", (True, False)), (",pgid=0", (True, False)),
    (",setsid,setpgid=0", (True, True)),
])
def test_sessions_and_groups(nettool, link, option, leads):
    """The program's own, and we stay where we were."""
    process = nettool.start("-", f"EXEC:cat{link}{option}")
    program = program_of(process, "cat")
    group, session, terminal = groups_of(program)
    assert (group == program, session == program) == leads
    if not leads[0]:
        assert group == process.pid
    if not leads[1]:
        assert session == process.pid
    assert terminal == 0
    assert groups_of(process.pid) == (process.pid, process.pid, 0)
    process.stop()
    wait_until(lambda: state_of(program) in ("", "Z"))


@needs_linux
def test_group_of_somebody_else(nettool, program):
    """A group of the same session may be joined, and its other members hear nothing of our end."""
    script = 'set -m; sleep 1000 >/dev/null 2>&1 & echo $!; exec "$@,setpgid=$!"'
    process = program("bash", "-c", script, "bash", *nettool.program).start("-", "EXEC:cat")
    process.expect_out(b"\n")
    other = int(process.out)
    try:
        assert groups_of(program_of(process, "cat"))[0] == other
        process.stop()
        assert state_of(other) not in ("", "Z")
    finally:
        os.kill(other, signal.SIGTERM)


def test_group_of_another_session(nettool):
    result = nettool("-", "EXEC:cat,setpgid=%d" % os.getpgid(0), input=b"x")
    assert (result.status, result.out) == (1, b"")
    assert "cannot join process group" in result.text and result.text.count("\n") == 1


@needs_linux
def test_the_whole_group_is_told_to_end(nettool, tmp):
    """Where the program leads a group, its children hear it as well."""
    for option in ("setsid", "setpgid=0"):
        process = nettool.start("-t0.1", "-", "SYSTEM:echo ready; sleep 1000; true," + option)
        process.expect_out(b"ready")
        (shell,) = children_of(process.pid)
        sleep = wait_until(lambda: children_of(shell))[0]
        assert process.wait().status == 0
        wait_until(lambda: state_of(sleep) in ("", "Z"))


@pytest.mark.parametrize("options", ["pty,setsid,ctty", "pty,ctty,setsid,stderr", "ptmx,sid,ctty"])
def test_controlling_terminal(both, options):
    result = both("-t1", "-", f"SYSTEM:echo bonjour >/dev/tty,{options},raw,echo=0")
    assert (result.status, result.out) == (0, b"bonjour\n")


def test_no_controlling_terminal(both):
    result = both("-t1", "-", "SYSTEM:echo bonjour >/dev/tty,pty,setsid,raw,echo=0,stderr")
    assert result.status == 1 or b"/dev/tty" in result.out
    assert b"bonjour\n" not in result.out.splitlines(True)


@needs_linux
def test_setsid_of_another_address_is_ours(nettool):
    """On an address without a program it is we who lead a session."""
    process = nettool.start("EXEC:cat", "PIPE,setsid")
    program = program_of(process, "cat")
    assert groups_of(program)[0] == process.pid
    process.stop()


# ---- users ---------------------------------------------------------------------------------------


def some_user():
    """An ordinary user of this machine, one with supplementary groups if there is any."""
    members = {name for group in grp.getgrall() for name in group.gr_mem}
    users = [user for user in pwd.getpwall() if user.pw_uid != 0]
    return ([user for user in users if user.pw_name in members] or users)[0]


def groups_of_user(user):
    return sorted(set(os.getgrouplist(user.pw_name, user.pw_gid)))


WHO = "id -u; id -g; id -G; echo $USER:$LOGNAME:$HOME:$SHELL; read x"


def who(process):
    """What WHO says."""
    process.expect_out(b":")
    wait_until(lambda: process.out.count(b"\n") == 4)
    user, group, groups, names = process.out.decode().splitlines()
    return int(user), int(group), sorted(map(int, groups.split())), names.split(":")


@needs_root
@pytest.mark.parametrize("option", ["su", "substuser", "su-d", "substuser-delayed"])
@link
def test_another_user(nettool, option, link):
    """The program is that user altogether, and we are who we were."""
    user = some_user()
    process = nettool.start("-", f"SYSTEM:\"{WHO}\",{option}={user.pw_name}{link}")
    assert who(process) == (user.pw_uid, user.pw_gid, groups_of_user(user),
                            [user.pw_name, user.pw_name, user.pw_dir, user.pw_shell])
    assert status_of(process.pid, "Uid") == [0] * 4 and status_of(process.pid, "Gid") == [0] * 4
    process.send(b"\n")
    assert process.wait().status == 0


@needs_root
def test_another_user_by_number(nettool):
    user = some_user()
    process = nettool.start("-", f"SYSTEM:{WHO},su={user.pw_uid}")
    assert who(process)[0] == user.pw_uid
    assert process.wait().status in (0, 1)


@needs_root
@pytest.mark.parametrize("options, uid, gid", [
    ("setuid=65534", 65534, 0), ("setgid=65534", 0, 65534),
    ("setgid=65534,setuid=65534", 65534, 65534),
    ("setuid=nobody", None, 0), ("setuid=12345,setgid=54321", 12345, 54321),
])
def test_ids(both, options, uid, gid):
    """In whatever order they are written, the group comes first."""
    if uid is None:
        uid = pwd.getpwnam("nobody").pw_uid
    if isinstance(both, Peer) and options.startswith("setuid") and gid:
        pytest.skip("socat tries them in the order in which they stand, and fails")
    process = both.start("-t2", "-", f"SYSTEM:id -u; id -g; read x,{options}")
    process.expect_out(b"%d\n%d\n" % (uid, gid))
    assert status_of(process.pid, "Uid")[0] == 0
    process.send(b"\n")
    process.wait()


@needs_root
def test_users_of_two_programs(nettool):
    """Each side has its own."""
    result = nettool("SYSTEM:id -u,setuid=12345", "SYSTEM:cat >&2; id -u >&2,setuid=12346")
    assert (result.status, result.err) == (0, b"12345\n12346\n")


@needs_root
def test_early_options_are_for_us_too(nettool):
    process = nettool.start("-", "SYSTEM:id -u; read x,setuid-early=12345")
    process.expect_out(b"12345\n")
    assert status_of(process.pid, "Uid") == [12345] * 4
    process.send(b"\n")
    assert process.wait().status == 0


@needs_root
def test_every_session_becomes_the_user(listener):
    """The listener stays root and can do it again."""
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork", "SYSTEM:id -u,setuid=12345",
                      endless=True)
    for _ in range(3):
        with server.connect() as peer:
            assert read_all(peer) == b"12345\n"
    assert status_of(server.pid, "Uid") == [0] * 4


def make_root(folder, *programs):
    """A directory tree in which the programs run: with their libraries."""
    for path in programs:
        text = subprocess.run(["ldd", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              check=False).stdout.decode()
        for file in [path, *re.findall(r"(/\S+) \(0x", text)]:
            target = folder / file.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(os.path.realpath(file), target)
    (folder / "ici").mkdir()
    return folder


@needs_root
@pytest.mark.parametrize("option", ["chroot", "chroot-early"])
def test_chroot(nettool, tmp, option):
    if shutil.which("ldd") is None:
        pytest.skip("no ldd to find the libraries of sh")
    make_root(tmp / "root", "/bin/sh")
    # there is no /proc in there for the search for leaks of a build with sanitizers
    process = nettool.start("-", f"SYSTEM:echo /i*; pwd; read x,{option}={tmp}/root",
                            env={"ASAN_OPTIONS": "detect_leaks=0:exitcode=86"})
    process.expect_out(b"/ici\n/\n")
    ours = os.readlink(f"/proc/{process.pid}/root")
    assert ours == ("/" if option == "chroot" else f"{tmp}/root")
    process.send(b"\n")
    assert process.wait().status == 0


@needs_root
def test_chroot_and_users(nettool, tmp):
    """su-d looks the user up outside, where it is known; su inside, where it isn't."""
    if shutil.which("ldd") is None:
        pytest.skip("no ldd to find the libraries of sh")
    make_root(tmp / "root", "/bin/sh", shutil.which("id"))
    (tmp / "root").chmod(0o755)
    tmp.chmod(0o755)
    user = some_user()
    result = nettool("-", f"SYSTEM:id -u; echo $HOME,chroot={tmp}/root,su-d={user.pw_name}")
    assert result.printed.split() == [str(user.pw_uid), user.pw_dir]
    result = nettool("-", f"SYSTEM:id -u,chroot={tmp}/root,su={user.pw_name}")
    assert result.status == 1 and user.pw_name in result.text and result.out == b""


# ---- surroundings --------------------------------------------------------------------------------


def test_directory(nettool, tmp):
    """Of the program alone: the other side is opened where we were."""
    (tmp / "sub").mkdir()
    for option in ("chdir", "cd"):
        result = nettool("-u", f"SYSTEM:pwd; echo x >made,{option}=sub", "CREATE:out")
        assert result.status == 0
        assert (tmp / "out").read_text() == f"{tmp}/sub\n"
        assert (tmp / "sub" / "made").exists() and not (tmp / "sub" / "out").exists()
        (tmp / "sub" / "made").unlink()
        result = nettool("-u", "OPEN:in,creat", f"SYSTEM:pwd >../where; cat,{option}=sub")
        assert result.status == 0 and (tmp / "where").read_text() == f"{tmp}/sub\n"


def test_program_found_from_its_directory(nettool, tmp):
    """A relative path is meant from there."""
    (tmp / "sub").mkdir()
    (tmp / "sub" / "here").write_text("#!/bin/sh\necho found\n")
    (tmp / "sub" / "here").chmod(0o755)
    assert nettool("-", "EXEC:./here,chdir=sub").out == b"found\n"


def test_umask(nettool, tmp):
    """Of the program alone, too."""
    result = nettool("-u", "SYSTEM:umask,umask=027", "CREATE:out", preexec_fn=lambda: os.umask(0o022))
    assert result.status == 0 and (tmp / "out").read_bytes() in (b"0027\n", b"027\n")
    assert stat.S_IMODE((tmp / "out").stat().st_mode) == 0o644


@needs_root
@needs_linux
def test_network_namespace(nettool, program, tmp):
    """The program lives in the other one, and we stay."""
    outside = os.readlink("/proc/self/ns/net")
    mount = ("mkdir -p /run/netns && mount -t tmpfs none /run/netns && touch /run/netns/autre && "
             "unshare --net=/run/netns/autre true && exec \"$@\"")
    run = program("unshare", "-m", "sh", "-c", mount, "sh", *nettool.program)
    result = run("-", "SYSTEM:readlink /proc/self/ns/net; readlink /proc/$PPID/ns/net,netns=autre")
    if "unshare" in result.text or "mount" in result.text:
        pytest.skip("no namespaces to be made here: " + result.text.strip())
    inside, ours = result.printed.split()
    assert (result.status, ours) == (0, outside) and inside != outside


# ---- nofork --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["EXEC:\"sh -c 'echo $$; read x; echo $x'\"",
                                  "SYSTEM:echo $$; read x; echo $x"])
def test_nofork(nettool, kind):
    """We become the program, which talks to the first address itself."""
    process = nettool.start("-", f"{kind},nofork")
    process.expect_out(b"%d\n" % process.pid)
    process.send("fin là\n".encode())
    result = process.wait()
    assert (result.status, result.out.split(b"\n", 1)[1]) == (0, "fin là\n".encode())


@pytest.mark.parametrize("kind", ["EXEC", "SYSTEM"])
@pytest.mark.parametrize("status", [0, 3, 77])
def test_nofork_status(both, kind, status):
    """The program's status is the status."""
    command = f"'sh -c \"exit {status}\"'" if kind == "EXEC" else f"exit {status}"
    assert both("-", f"{kind}:{command},nofork").status == status


def test_nofork_signal(nettool):
    process = nettool.start("-", "EXEC:sleep 1000,nofork")
    wait_until(lambda: runs(process.pid, "sleep"))
    assert process.stop(signal.SIGINT).signal == signal.SIGINT


@needs_linux
def test_nofork_has_three_descriptors(nettool, listener, tmp):
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1", "EXEC:cat,nofork")
    with server.connect() as peer:
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
        has_only(server.pid, 0, 1, 2)
        there = descriptors(server.pid)
        assert there[0] == there[1] and there[0].startswith("socket:")
    assert server.wait().status == 0


@pytest.mark.parametrize("words, input_is, output_is", [
    (("-u", "OPEN:in", "{}"), "in", None),
    (("-U", "CREATE:out", "{}"), None, "out"),
    (("-u", "-", "{}"), None, None),
    (("OPEN:in,rdonly!!CREATE:out", "{}"), "in", "out"),
])
def test_nofork_in_one_direction(both, tmp, words, input_is, output_is):
    """Only the descriptor that is meant is replaced; the other one stays the caller's."""
    (tmp / "in").write_bytes(b"from the file\n")
    result = both(*[word.format("SYSTEM:cat,nofork") for word in words], input=b"from the caller\n")
    expected = b"from the file\n" if input_is else b"from the caller\n"
    assert result.status == 0
    assert (result.out, (tmp / "out").read_bytes() if output_is else b"") == (
        (b"", expected) if output_is else (expected, b""))


@needs_linux
def test_nofork_behind_a_listener(both):
    """Each session becomes the program."""
    server = both.listener("TCP4-LISTEN:0,bind=127.0.0.1,fork",
                           "EXEC:\"sh -c 'echo $$; exec cat'\",nofork", endless=True)
    for _ in range(3):
        with server.connect() as peer:
            pid = int(read_until(peer, b"\n"))
            assert children_of(server.pid) == [pid]
            peer.sendall(b"mot")
            assert read_exactly(peer, 3) == b"mot"
        wait_until(lambda: not children_of(server.pid))


def test_nofork_variables(listener):
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,fork",
                      "SYSTEM:echo $SOCAT_PEERPORT $NETTOOL_PID $$,nofork", endless=True)
    with server.connect() as peer:
        port, pid, ours = read_all(peer).split()
        assert int(port) == peer.getsockname()[1] and pid == ours


@needs_linux
def test_nofork_waits_on_its_descriptors(listener, tmp):
    """A socket that never blocked for us blocks for the program."""
    (tmp / "wait.py").write_text("import os\nos.write(1, os.read(0, 100) + b'!')\n")
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1", f"EXEC:{PYTHON} wait.py,nofork")
    with server.connect() as peer:
        wait_until(lambda: runs(server.pid, sys.executable))
        assert quiet(peer, 0.1)
        peer.sendall(b"enfin")
        assert read_all(peer) == b"enfin!"
    assert server.wait().status == 0


def test_nofork_large_data(listener, nettool):
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1", "EXEC:cat,nofork")
    data = os.urandom(1 << 20)
    result = nettool("-", f"TCP4:{server.address}", input=data)
    assert result.status == 0 and same(result.out, data)
    assert server.wait().status == 0


def test_nofork_with_other_options(nettool, tmp):
    """What the program becomes it becomes here too."""
    (tmp / "sub").mkdir()
    result = nettool("-", "SYSTEM:pwd; umask; echo $PATH; echo err >&2,nofork,chdir=sub,umask=077,"
                          f"path=/bin:/usr/bin:{tmp},stderr".replace(":/usr", "\\:/usr")
                          .replace(f":{tmp}", f"\\:{tmp}"))
    assert result.status == 0
    assert result.printed.split() == [f"{tmp}/sub", "0077", f"/bin:/usr/bin:{tmp}", "err"]


def test_nofork_removes_nothing_of_the_peer(listener, tmp, program):
    """A socket's entry is removed, for nobody will be here to do it later."""
    server = listener("UNIX-LISTEN:room", "EXEC:cat,nofork")
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(DEADLINE)
        peer.connect(os.fspath(tmp / "room"))
        peer.sendall(b"x")
        assert read_exactly(peer, 1) == b"x"
        assert not (tmp / "room").exists()
    assert server.wait().status == 0
