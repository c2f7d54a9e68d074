"""--explain: what would happen, in the order and with the arguments of a real run, and nothing of it done."""

import json
import os
import re
import socket
import subprocess

import pytest

import calls
import tools

# The first call of nettool itself: the pipe of its signals.
FIRST = re.compile(r"pipe2\(\[\d+, \d+\], O_NONBLOCK\|O_CLOEXEC\)")


def processes(text, end="Transfer"):
    """The calls of each process that --explain tells of, up to the transfer, in order of their start."""
    result, depths, over = [[]], [0], set()
    for line in text.splitlines():
        blank = len(line) - len(line.lstrip(" "))
        if re.match(rf" *\d+\. {end}$", line):
            over.add(depths[-1])
        if line.startswith("    - the parent waits"):
            over.add(0)
        match = re.match(r" +(\w+\(.*)$", line)
        if not match or match.group(1).split("(")[0] not in calls.SHOWN:
            continue
        depth = blank // 4 - 1
        while depths and depths[-1] > depth:
            depths.pop()
        if match.group(1).startswith("fork() = 0"):
            result.append([])
            depths.append(depth)
            owner[depth] = len(result) - 1
            over.discard(depth)
            continue
        call = calls._told_call(match.group(1))
        if depth == 0:
            owner.setdefault(0, 0)
        if call and depth not in over:
            result[owner.get(depth, 0)].append(call)
    return result


owner = {}


@pytest.fixture(autouse=True)
def fresh():
    owner.clear()


def alike(call):
    """A call without what depends on others: who connects, which port and pid the system gives."""
    name, arguments, answer = call
    if name in ("getsockname", "getpeername", "accept4", "recvmsg", "getsockopt"):
        arguments = re.sub(r"\{(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):\d+\}", "{somebody}", arguments)
        arguments = re.sub(r"\{AF_UNIX\}, \[\d+\]", "{somebody}, [N]", arguments)
    if name == "recvmsg" and not answer.startswith("-1"):
        arguments, answer = re.sub(r"<[0-9a-f]*>", "<>", arguments), "N"
    if name == "recvmsg":
        arguments = re.sub(r"\{@?<[0-9a-f]*>\}", "{somebody}", arguments)
    if name == "bind":
        arguments = re.sub(r"(\{127\.0\.0\.1:)[1-9]\d*\}", r"\g<1>PORT}", arguments)
        arguments = arguments.replace("{127.0.0.1:0}", "{127.0.0.1:PORT}")
    if name == "connect":
        arguments = re.sub(r"\{\d+\.\d+\.\d+\.\d+:\d\d{3,}\}", "{somebody}", arguments)
    arguments = re.sub(r"<2f6465762f7074732f(4e|3\d+)>", "<TERMINAL>", arguments)
    if name in ("poll", "fork", "setsid"):
        answer = "N"
    if name == "poll":  # how long is left of a time limit
        arguments = re.sub(r"\], (\d+), \d+$", r"], \1, N", arguments)
    return name, arguments, answer


def compare(explained, path):
    """Every call that was explained has been made, and no other between them."""
    seen, first = calls.straced(path.read_text(), marker=FIRST)
    real = [seen[first], *(seen[pid] for pid in seen if pid != first)]
    told = processes(explained)
    assert told[0]
    assert len(told) <= len(real)
    for one, other in zip(told, real):
        one = [alike(call) for call in calls.without_messages(one)]
        other = [alike(call) for call in calls.without_messages(other)]
        for number, (a, b) in enumerate(zip(one, other)):
            assert a == b, f"call {number}: --explain {a}, strace {b}"
        assert len(one) <= len(other)


@pytest.fixture
def strace(program, tmp):
    run = program("strace", "-f", "-s32", "-o", "strace.txt", tools.NETTOOL)
    probe = program("strace", "-o", "probe.txt", tools.NETTOOL)("-V", env=calls.FOLLOWED)
    if probe.status != 0:
        pytest.skip("strace may not trace here")
    followed = lambda *args, **how: run(*args, env=calls.FOLLOWED, **how)
    followed.start = lambda *args, **how: run.start(*args, env=calls.FOLLOWED, **how)
    return followed


def explain(nettool, *args, status=0):
    result = nettool("--explain", *args)
    assert (result.status, result.err) == (status, b""), result
    return result.printed


# ---- the same as a real run ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "PIPE",
        "SOCKETPAIR",
        "OPEN:new,creat,mode=640",
        "OPEN:new,creat,append,flock-ex",
        "CREATE:new",
        "OPEN:old,unlink-early,creat",
        "GOPEN:old",
        "PTY,link=tty,rawer",
        "EXEC:true",
        "EXEC:true,pipes",
        "EXEC:true,pty,setsid,ctty,rawer",
        "EXEC:true,stderr,setpgid=0",
        "SYSTEM:exit",
        "UNIX-RECV:r.sock,mode=600",
        "UDP-RECV:0,bind=127.0.0.1,rcvbuf=10000",
        "CREATE:new,umask=077,chdir=sub",
        "STDOUT",
    ],
)
def test_explained_is_done(nettool, strace, tmp, address):
    (tmp / "old").write_text("old")
    (tmp / "sub").mkdir()
    way = ["-T", "0.2"]
    way += ["-u", address, "STDOUT"] if "RECV" in address else ["-u", "STDIN", address]
    explained = explain(nettool, *way)
    assert strace(*way).status == 0
    compare(explained, tmp / "strace.txt")


def test_a_client_is_explained(nettool, strace, tmp):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        args = ["-u", "STDIN", f"TCP:127.0.0.1:{server.getsockname()[1]},nodelay,sndbuf=20000,"
                "bind=127.0.0.1,keepalive,sndtimeo=2"]
        explained = explain(nettool, *args)
        assert strace(*args).status == 0
    compare(explained, tmp / "strace.txt")
    assert "option nodelay:" in explained and "option bind:" in explained


@pytest.mark.parametrize("address", ["UDP", "UDP-SENDTO", "UDP-DATAGRAM"])
def test_a_sender_is_explained(nettool, strace, tmp, address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        args = ["-u", "STDIN", f"{address}:127.0.0.1:{server.getsockname()[1]},ttl=3"]
        explained = explain(nettool, *args)
        assert strace(*args).status == 0
    compare(explained, tmp / "strace.txt")


@pytest.mark.parametrize("address", ["UNIX-CONNECT", "UNIX-CLIENT"])
def test_a_unix_client_is_explained(nettool, strace, tmp, address):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp / "s.sock"))
        server.listen()
        args = ["-u", "STDIN", f"{address}:s.sock,bind=me.sock"]
        explained = explain(nettool, *args)
        assert strace(*args).status == 0
    compare(explained, tmp / "strace.txt")


@pytest.mark.parametrize("options", ["", ",fork", ",reuseport,backlog=3,keepalive"])
def test_a_server_is_explained(nettool, strace, tmp, options):
    args = [f"TCP-LISTEN:0,bind=127.0.0.1{options}", "EXEC:cat"]
    explained = explain(nettool, *args)
    server = strace.start(*args, endless=True)
    port = tools.wait_until(lambda: port_in(tmp / "strace.txt"))
    with socket.create_connection(("127.0.0.1", port), tools.DEADLINE) as client:
        client.sendall(b"x")
        client.shutdown(socket.SHUT_WR)
        assert tools.read_all(client) == b"x"
    if "fork" in options:
        tracee = open(f"/proc/{server.pid}/task/{server.pid}/children").read().split()
        os.kill(int(tracee[0]), 15)
    server.wait()
    compare(explained, tmp / "strace.txt")


def port_in(path):
    """The port of the listening socket, once strace has seen it listen."""
    text = path.read_text() if path.exists() else ""
    found = re.search(r"listen\(.*getsockname\(\d+, \{sa_family=AF_INET, sin_port=htons\((\d+)\)",
                      text, re.DOTALL)
    return found and int(found.group(1))


def test_a_unix_server_is_explained(nettool, strace, tmp):
    args = ["UNIX-LISTEN:s.sock,mode=600,unlink-early", "PIPE"]
    explained = explain(nettool, *args)
    server = strace.start(*args)
    with socket.socket(socket.AF_UNIX) as client:
        tools.wait_until(lambda: client.connect_ex(str(tmp / "s.sock")) == 0)
        client.shutdown(socket.SHUT_WR)
        assert tools.read_all(client) == b""
    assert server.wait().status == 0
    compare(explained, tmp / "strace.txt")


@pytest.mark.parametrize("address", ["UDP-LISTEN", "UDP-RECVFROM"])
def test_a_datagram_server_is_explained(nettool, strace, tmp, address):
    args = ["-T", "1", "-u", f"{address}:0,bind=127.0.0.1", "STDOUT"]
    explained = explain(nettool, *args)
    server = strace.start(*args)

    def bound():
        text = (tmp / "strace.txt").read_text() if (tmp / "strace.txt").exists() else ""
        return re.search(r"getsockname\(\d+, \{sa_family=AF_INET, sin_port=htons\((\d+)\)", text)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", int(tools.wait_until(bound).group(1))))
        client.send(b"hello")
        server.expect_out(b"hello")
    assert server.wait().status == 0
    compare(explained, tmp / "strace.txt")


# ---- nothing is done -----------------------------------------------------------------------------

TOUCHES = re.compile(
    r"\b(socket|bind|connect|listen|accept4?|sendto|sendmsg|recvmsg|unlink(at)?|mknod(at)?|mkdir|"
    r"f?chmod(at)?|f?chown(at)?|(sym)?link(at)?|rename|setsid|setuid|setgid|setns|chroot|kill|"
    r"ftruncate|flock|truncate)\("
)


def made_calls(path):
    """What strace has written, without strings (but for /dev/null) and without the search for users."""
    text = path.read_text().replace('"/dev/null"', "null")
    text = re.sub(r".*socket\(AF_UNIX.*\n.*nscd.*\n", "", text)
    return calls.STRING.sub('""', text)


@pytest.mark.parametrize(
    "args",
    [
        ["TCP-LISTEN:PORT,bind=127.0.0.1,fork,reuseaddr", "SYSTEM:touch made"],
        ["-u", "UNIX-LISTEN:old,unlink-early,mode=600,user=nobody", "CREATE:made"],
        ["-W", "old", "PTY,link=made,perm=666", "OPEN:old,trunc,append"],
        ["-u", "STDIN", "OPEN:old,unlink-early,creat,ftruncate=0"],
        ["PIPE:made", "UDP-LISTEN:PORT,fork"],
        ["EXEC:touch made,chroot=sub,su=nobody,pty,setsid", "TCP:127.0.0.1:PORT,retry=9,forever"],
        ["UDP-DATAGRAM:224.1.2.3:PORT,ip-add-membership=224.1.2.3:127.0.0.1,bind=:PORT", "STDIO"],
        ["UNIX-RECVFROM:made", "TEXT:x,chdir=sub"],
        ["TCP-LISTEN:PORT,poll", "EXEC:touch made"],
        ["TCP-LISTEN:PORT,hub"],
        ["-lf", "made", "--ready-fd=1", "TCP-LISTEN:PORT", "STALL"],
        ["-ly", "TCP-LISTEN:PORT", "STALL"],
    ],
)
def test_nothing_is_touched(strace, tmp, args):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    (tmp / "old").write_text("old")
    (tmp / "sub").mkdir()
    os.chmod(tmp / "old", 0o644)
    result = strace("--explain", *[arg.replace("PORT", str(port)) for arg in args])
    assert (result.status, result.err) == (0, b"")
    text = made_calls(tmp / "strace.txt")
    assert not TOUCHES.search(text)
    assert len(re.findall(r"\bexecve\(", text)) == 1
    opened = [line for line in text.splitlines() if re.search(r"\bopen(at)?\(", line)]
    assert not [line for line in opened
                if re.search(r"O_CREAT|O_TRUNC|O_WRONLY", line)]
    assert text.count("O_RDWR") == text.count("null, O_RDWR")
    assert sorted(set(os.listdir(tmp)) - {"strace.txt", "probe.txt"}) == ["old", "sub"]
    assert (tmp / "old").read_text() == "old"


def test_names_are_not_asked_for(strace, tmp):
    result = strace("--explain", "STDIO", "TCP:www.example.org:80")
    assert (result.status, result.err) == (0, b"")
    assert 'getaddrinfo("www.example.org"' in result.printed
    assert "192.0.2.1" in result.printed
    assert not re.search(r"\b(socket|connect|sendto)\(", made_calls(tmp / "strace.txt"))


def test_terminal_stays_as_it_is(nettool):
    master, slave = os.openpty()
    try:
        import termios

        before = termios.tcgetattr(slave)
        process = nettool.start("--explain", "STDIO,rawer,echo=0", "STALL", stdin=slave)
        assert process.wait().status == 0
        assert termios.tcgetattr(slave) == before
        assert b"tcsetattr(0, " in process.out
    finally:
        os.close(master)
        os.close(slave)


# ---- what is said --------------------------------------------------------------------------------


def test_who_ends_first(nettool):
    text = explain(nettool, "STDIO", "TCP:127.0.0.1:9")
    assert "shutdown(5, SHUT_WR)" in text
    assert "if TCP:127.0.0.1:9 ends first, STDIO may go on until it ends" in text
    text = explain(nettool, "-t", "3", "STDIO", "TCP:127.0.0.1:9")
    assert "or is silent for 3 seconds" in text
    text = explain(nettool, "-T", "2.5", "STDIO", "UDP:127.0.0.1:9")
    assert "2.5 seconds" in text
    text = explain(nettool, "-u", "OPEN:/dev/null,ignoreeof", "STDOUT")
    assert "the end of OPEN:/dev/null is ignored" in text


def test_fork_is_explained_once(nettool):
    text = explain(nettool, "TCP-LISTEN:9090,fork", "EXEC:date")
    assert text.count("accept4(") == 1
    assert "the parent waits for the next connection" in text
    assert len(re.findall(r"^ +fork\(\) = 0 ", text, re.MULTILINE)) == 2
    assert re.search(r'^ {12}execvp\("date"', text, re.MULTILINE)


def test_what_would_fail(nettool, tmp):
    text = explain(nettool, "STDIO", "OPEN:missing")
    assert 'open("missing", O_RDWR|O_CLOEXEC) = -1 ENOENT' in text
    assert "here it fails: OPEN:missing: cannot open missing" in text
    assert "status 1" in text
    text = explain(nettool, "STDIO", "EXEC:no-such-program")
    assert 'execvp("no-such-program", ["no-such-program"]) = -1 ENOENT' in text
    assert "here it fails: EXEC:no-such-program: cannot run no-such-program" in text
    text = explain(nettool, "STDIO", "EXEC:cat,chroot=missing")
    assert "        - here it fails: cannot make missing the root directory" in text
    (tmp / "s").write_text("")
    assert "EEXIST" in explain(nettool, "-L", "s", "STDIO", "PIPE")


def test_never_ending_options_end(nettool, tmp):
    (tmp / "lock").write_text("")
    text = explain(nettool, "STDIO", "UNIX-LISTEN:lock,forever,interval=1000")
    assert "it would be tried again" in text
    assert "every second" in explain(nettool, "-W", "lock", "STDIO", "PIPE")
    explain(nettool, "STDIO", "PTY,wait-slave")


def test_the_rules_of_admission_are_told(nettool):
    text = explain(nettool, "TCP-LISTEN:9090,range=10.0.0.0/8", "PIPE")
    assert "option range:" in text and "hung up on" in text


def test_escapes(nettool):
    text = explain(nettool, "STDIO", "OPEN:\033[2Jété\n,creat")
    assert "\033" not in text and "\\x1b[2Jété\\n" in text


def test_wrong_command_lines(nettool):
    result = nettool("--explain=picture", "STDIO", "PIPE")
    assert (result.status, result.out) == (2, b"")
    assert b"text|mermaid" in result.err
    for args in (["STDIO", "NONSENSE:1"], ["STDIO"], ["STDIO", "PIPE,nonsense"]):
        result = nettool("--explain", *args)
        assert (result.status, result.out) == (2, b"") and result.err


def catalogue(what="addresses"):
    listed = subprocess.run([tools.NETTOOL, f"--list={what}", "--format=json"],
                            stdout=subprocess.PIPE, check=True, timeout=tools.DEADLINE)
    return json.loads(listed.stdout)


@pytest.mark.parametrize("part", range(8))
def test_every_option_of_the_catalogue(nettool, tmp, part):
    rows = [row for row in catalogue("options") if row.get("example")]
    assert len(rows) > 300
    for row in rows[part::8]:
        example = row["example"]
        for args in (["STDIO", example], ["-u", example, "STDOUT"], ["-u", "STDIN", example]):
            result = nettool("--explain", *args)
            if result.status == 0:
                break
        assert result.status == 0, (row["name"], result)
        fails = "here it fails" in result.printed
        acts = re.search(r"option [\w-]+: ", result.printed)
        assert acts or fails or row["phase"] == "OPEN" or "O_" in result.printed, row["name"]
    assert os.listdir(tmp) == []


def test_every_address_of_the_catalogue(nettool, tmp):
    rows = catalogue()
    assert len(rows) > 30
    for row in rows:
        example = row["example"].replace("/tmp/", f"{tmp}/")
        if not re.match(row["name"], example):
            example = row["name"] + ":" + example.split(":", 1)[1] if ":" in example else example
        attempts = [[example, "STALL"], ["-u", example, "CREATE:/dev/null"], ["-u", "STDIN", example]]
        for args in attempts:
            result = nettool("--explain", *args)
            if result.status == 0:
                break
        assert result.status == 0, (row["name"], result)
        assert result.printed.count("(") > 1
        again = nettool("--explain=mermaid", *args)
        assert again.status == 0
        check_chart(again.printed)
    assert os.listdir(tmp) == []


# ---- mermaid -------------------------------------------------------------------------------------

LABEL = r'"(?:[^"#<>\[\]{}`\\|;&]|#\d+;|<br/>)*"'
NODE = re.compile(rf"    (\w+)(?:\[{LABEL}\]|\({LABEL}\)|\(\[{LABEL}\]\))$")
ARROW = re.compile(rf"    (\w+) (?:-->|-\.->)(?:\|{LABEL}\|)? (\w+)$")


def check_chart(text):
    """A small and strict reader of flowcharts."""
    first, *lines = text.splitlines()
    assert first == "flowchart TD"
    nodes, arrows = [], []
    for line in lines:
        node, arrow = NODE.match(line), ARROW.match(line)
        assert node or arrow, line
        if node:
            nodes.append(node.group(1))
        else:
            arrows.append(arrow.groups())
    assert len(nodes) == len(set(nodes)) > 2
    assert {name for arrow in arrows for name in arrow} == set(nodes)
    reached = {nodes[0]}
    for _ in nodes:
        reached |= {to for source, to in arrows if source in reached}
    assert reached == set(nodes)
    return nodes, arrows


def test_mermaid(nettool):
    result = nettool("--explain=mermaid", "TCP-LISTEN:9090,fork", 'EXEC:"echo \\"[été]#1;`|{}<b>&amp;\\""')
    assert (result.status, result.err) == (0, b"")
    _, arrows = check_chart(result.printed)
    assert '|"child"|' in result.printed and '|"parent"|' in result.printed
    assert "#91;été#93;#35;1" in result.printed
    assert len(arrows) > 20


def test_mermaid_of_a_wrong_command_line_is_no_chart(nettool):
    result = nettool("--explain=mermaid", "STDIO", "PIPE:")
    assert result.status in (0, 2)
    result = nettool("--explain=mermaid", "STDIO", "NONSENSE:1")
    assert (result.status, result.out) == (2, b"")


@pytest.mark.parametrize("place", ["-", "/dev/full", "fifo"])
def test_a_capture_for_a_pipe_is_explained(nettool, tmp, place):
    """What would be written there in pieces is told, each piece once."""
    os.mkfifo(tmp / "fifo")
    text = explain(nettool, f"--pcap={place}", "TEXT:été", "PIPE")
    assert 1 <= text.count("packets for the capture") < 60
    assert "End" in text


@pytest.mark.parametrize("kind", ["TCP-LISTEN:9090,fork", "ABSTRACT-LISTEN:x,fork", "UDP-LISTEN:9090,fork"])
@pytest.mark.parametrize("turned", [False, True])
def test_a_connection_that_would_fail_is_explained_once(nettool, kind, turned):
    pair = [f"{kind},verase=8", "PIPE"]
    text = explain(nettool, "-g", *(reversed(pair) if turned else pair))
    assert text.count("verase=8: this is not a terminal") == 1
    assert "the parent waits for the next connection" in text


@pytest.mark.parametrize("how", ["text", "mermaid"])
def test_an_explanation_that_cannot_be_written_fails(tmp, program, how):
    shell = program("/bin/sh", "-c", f'exec "$0" --explain={how} TEXT:a PIPE >/dev/full',
                    tools.NETTOOL)
    result = shell()
    assert result.status == 1
    assert result.err == b"nettool: cannot write standard output: No space left on device\n"
