"""The faces called nc, ncat and nc.traditional: what a command line of theirs is in nettool's words.

--translate prints the words that are run, for a shell; so it is the words that are compared here, after a shell has
read them. What they do has tests of its own.
"""

import random
import socket
import subprocess
import threading

import pytest

from tools import DEADLINE, NETTOOL, environment

HEADS = {
    "nc": ["-lp", "nc", "--messages=openbsd"],
    "netcat": ["-lp", "netcat", "--messages=openbsd"],
    "nc.openbsd": ["-lp", "nc.openbsd", "--messages=openbsd"],
    "nc.traditional": ["-lp", "nc.traditional", "--messages=traditional"],
    "ncat": ["-lp", "Ncat", "--messages=ncat"],
}
QUIET = "shut-said,ends-soon"


def shell_words(line):
    """The words that a shell makes of a line."""
    script = f"printf '%s\\0' {line}"
    out = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=True).stdout
    return [word.decode() for word in out.split(b"\0")[:-1]]


def translated(nettool, *words):
    """What --translate prints, and the words of the line if it is one."""
    result = nettool(words[0], "--translate", *words[1:])
    assert (result.status, result.err) == (0, b""), result
    line = result.out.decode()
    assert line.endswith("\n")
    return line[:-1], shell_words(line[:-1]) if "; nettool" not in line else None


# ---- the table ----------------------------------------------------------------------------------

# What is written, and what follows the head of the line.
LINES = [
    # who connects
    ("nc h 80", ["-", f"TCP:h:80,{QUIET}"]),
    ("netcat h 80", ["-", f"TCP:h:80,{QUIET}"]),
    ("nc.openbsd h 80", ["-", f"TCP:h:80,{QUIET}"]),
    ("nc.traditional h 80", ["-", f"TCP:h:80,{QUIET}"]),
    ("ncat h 80", ["-", "TCP:h:80,ends-soon"]),
    ("ncat h", ["-", "TCP:h:31337,ends-soon"]),
    ("nc h http", ["-", f"TCP:h:http,{QUIET}"]),
    ("nc -4 h 80", ["-", f"TCP4:h:80,{QUIET}"]),
    ("nc -6 h 80", ["-", f"TCP6:h:80,{QUIET}"]),
    ("nc ::1 80", ["-", f"TCP:[::1]:80,{QUIET}"]),
    ("nc [::1] 80", ["-", f"TCP:[::1]:80,{QUIET}"]),
    ("nc -n 127.0.0.1 80", ["-", f"TCP:127.0.0.1:80,numeric,{QUIET}"]),
    ("nc -v h 80", ["-dd", "-", f"TCP:h:80,{QUIET}"]),
    ("nc h 80 -v", ["-dd", "-", f"TCP:h:80,{QUIET}"]),
    ("nc -vv -- h 80", ["-dd", "-", f"TCP:h:80,{QUIET}"]),
    ("nc -s 10.0.0.1 -p 1234 h 80",
     ["-", f"TCP:h:80,bind=10.0.0.1,sourceport=1234,reuseaddr,{QUIET}"]),
    ("nc -s ::1 h 80", ["-", f"TCP:h:80,bind=[::1],{QUIET}"]),
    # how it ends
    ("nc -N h 80", ["-", "TCP:h:80,ends-soon"]),
    ("nc -q0 h 80", ["-t", "0", "-", "TCP:h:80,ends-soon"]),
    ("nc -q 1.5 h 80", ["-t", "1.5", "-", "TCP:h:80,ends-soon"]),
    ("nc -q -1 h 80", ["-", f"TCP:h:80,{QUIET}"]),
    ("nc -w 3 h 80", ["-T", "3", "-", f"TCP:h:80,connect-timeout=3,{QUIET}"]),
    ("nc.traditional -w 3 h 80", ["-t", "3", "-", f"TCP:h:80,connect-timeout=3,{QUIET}"]),
    ("ncat -w 3 h 80", ["-", "TCP:h:80,connect-timeout=3,ends-soon"]),
    ("ncat --wait=250ms h 80", ["-", "TCP:h:80,connect-timeout=0.25,ends-soon"]),
    ("ncat -w 2m h 80", ["-", "TCP:h:80,connect-timeout=120,ends-soon"]),
    ("ncat -i 1h h 80", ["-T", "3600", "--timeout-fails", "-", "TCP:h:80,ends-soon"]),
    ("ncat --idle-time 3 h 80", ["-T", "3", "--timeout-fails", "-", "TCP:h:80,ends-soon"]),
    ("nc --idle-timeout 3s h 80", ["-T", "3", "--timeout-fails", "-", f"TCP:h:80,{QUIET}"]),
    ("ncat --no-shutdown h 80", ["-", "TCP:h:80,shut-none,ends-soon"]),
    ("nc -W 2 h 80", ["-", "TCP:h:80,readpackets=2,shut-said,ends-all"]),
    # one way
    ("nc -d h 80", ["-U", "-", "TCP:h:80,ends-all"]),
    ("ncat --recv-only h 80", ["-U", "-", "TCP:h:80,ends-all"]),
    ("ncat --send-only h 80", ["-u", "-", "TCP:h:80"]),
    ("nc -dlk 80", ["-u", "TCP-LISTEN:80,fork,children=term,max-children=1,ends-all", "-"]),
    # what is done to the data
    ("nc -C h 80", ["-", f"TCP:h:80,crlf-out,{QUIET}"]),
    ("nc -t h 23", ["-", f"TCP:h:23,telnet,{QUIET}"]),
    ("nc -i 2 h 80", ["-,pause=2", f"TCP:h:80,pause=2,{QUIET}"]),
    ("nc.traditional -i 2 h 80", ["-,pause=2", f"TCP:h:80,{QUIET}"]),
    ("ncat -d 100ms h 80", ["-,pause=0.1", "TCP:h:80,ends-soon"]),
    ("nc -o f h 80", ["-v", "-x", "--dump-to=f", "-", f"TCP:h:80,{QUIET}"]),
    ("nc --hex-dump f h 80", ["-v", "-x", "--dump-to=f", "-", f"TCP:h:80,{QUIET}"]),
    ("ncat -x f h 80", ["-v", "-x", "--dump-to=f", "-", "TCP:h:80,ends-soon"]),
    ("ncat --append-output -o f h 80", ["-r", "f", "-R", "f", "-", "TCP:h:80,ends-soon"]),
    # the socket
    ("nc -I 1000 -O 2000 h 80", ["-", f"TCP:h:80,rcvbuf=1000,sndbuf=2000,{QUIET}"]),
    ("nc -D -b h 80", ["-", f"TCP:h:80,broadcast,debug,{QUIET}"]),
    ("nc -M 3 h 80", ["-", f"TCP:h:80,ttl=3,{QUIET}"]),
    ("nc -6 -M 3 h 80", ["-", f"TCP6:h:80,ipv6-unicast-hops=3,{QUIET}"]),
    ("nc -m 3 h 80", ["-", f"TCP:h:80,setsockopt-socket=0:21:3,{QUIET}"]),
    ("nc -T lowdelay h 80", ["-", f"TCP:h:80,tos=0x10,{QUIET}"]),
    ("nc -T af43 h 80", ["-", f"TCP:h:80,tos=0x98,{QUIET}"]),
    ("nc -T cs7 ::1 80", ["-", f"TCP:[::1]:80,ipv6-tclass=0xe0,{QUIET}"]),
    ("nc -T 0x20 h 80", ["-", f"TCP:h:80,tos=0x20,{QUIET}"]),
    ("nc -T Minimize-Cost h 80", ["-", f"TCP:h:80,tos=0x02,{QUIET}"]),
    ("nc.traditional -k h 80", ["-", f"TCP:h:80,keepalive,{QUIET}"]),
    ("nc -g 127.0.0.5,127.0.0.6 127.0.0.1 80",
     ["-", f"TCP:127.0.0.1:80,ip-options=x830f047f0000057f0000067f00000101,{QUIET}"]),
    ("nc -g 127.0.0.5 -g 127.0.0.6 -G 8 127.0.0.1 80",
     ["-", f"TCP:127.0.0.1:80,ip-options=x830f087f0000057f0000067f00000101,{QUIET}"]),
    ("nc -F h 80", ["--pass-fd", "TCP:h:80"]),
    # who listens
    ("nc -l 80", ["-", f"TCP-LISTEN:80,{QUIET}"]),
    ("nc -l 0", ["-", f"TCP-LISTEN:0,{QUIET}"]),
    ("nc -lvnp 80", ["-dd", "-", f"TCP-LISTEN:80,numeric,{QUIET}"]),
    ("nc -lp80", ["-", f"TCP-LISTEN:80,{QUIET}"]),
    ("nc -l -p 80 127.0.0.1", ["-", f"TCP-LISTEN:80,bind=127.0.0.1,{QUIET}"]),
    ("nc -l 127.0.0.1 80", ["-", f"TCP-LISTEN:80,bind=127.0.0.1,{QUIET}"]),
    ("nc -l -s 127.0.0.1 -p 80", ["-", f"TCP-LISTEN:80,bind=127.0.0.1,{QUIET}"]),
    ("nc -l localhost 80", ["-0", "-", f"TCP-LISTEN:80,bind=localhost,{QUIET}"]),
    ("nc -l ::1 80", ["-", f"TCP6-LISTEN:80,bind=[::1],{QUIET}"]),
    ("nc -6l 80", ["-", f"TCP6-LISTEN:80,{QUIET}"]),
    ("nc.traditional -l 80", ["-", f"TCP-LISTEN:80,{QUIET}"]),
    ("nc.traditional -l -p 80 10.0.0.1", ["-", f"TCP-LISTEN:80,allow=10.0.0.1,{QUIET}"]),
    ("nc.traditional -l -p 80 10.0.0.1 99",
     ["-", f"TCP-LISTEN:80,allow=10.0.0.1,sourceport=99,{QUIET}"]),
    ("nc.traditional -l -w 3 -p 80", ["--timeout-fails", "-t", "3", "-", f"TCP-LISTEN:80,accept-timeout=3,{QUIET}"]),
    ("nc -l -w 3 80", ["-T", "3", "-", f"TCP-LISTEN:80,{QUIET}"]),
    ("ncat -l 80", ["-0", "-", f"TCP-LISTEN:80,{QUIET}"]),
    ("ncat -l", ["-0", "-", f"TCP-LISTEN:31337,{QUIET}"]),
    ("ncat -l 127.0.0.1", ["-", f"TCP-LISTEN:31337,bind=127.0.0.1,{QUIET}"]),
    ("ncat -6 -l 80", ["-", f"TCP6-LISTEN:80,ipv6only,{QUIET}"]),
    ("ncat -4 -l 80", ["-", f"TCP4-LISTEN:80,{QUIET}"]),
    ("ncat -l --ready-fd=7 80", ["--ready-fd=7", "-0", "-", f"TCP-LISTEN:80,{QUIET}"]),
    # many
    ("nc -lk 80", ["TCP-LISTEN:80,fork,children=term,max-children=1,shut-said,ends-soon", "-"]),
    ("ncat -lk 80", ["-0", "TCP-LISTEN:80,hub=star", "-"]),
    ("ncat -lk -m 5 80", ["-0", "TCP-LISTEN:80,hub=star,max-children=5", "-"]),
    ("ncat -l --broker 80", ["-0", "TCP-LISTEN:80,hub=bytes", "STDIN!!OPEN:/dev/null"]),
    ("ncat -l --broker --recv-only 80", ["-0", "TCP-LISTEN:80,hub=bytes"]),
    ("nc -l --chat 80", ["TCP-LISTEN:80,hub,names", "STDIN!!OPEN:/dev/null"]),
    ("ncat -l --allow 10.0.0.0/8,::1 --allow x --deny y --allowfile f --denyfile g 80",
     ["-0", "-", "TCP-LISTEN:80,allow='10.0.0.0/8,::1',allow=x,allow-file=f,deny=y,deny-file=g,"
      + QUIET]),
    # programs
    ("nc -l -e /bin/sh 80", ["TCP-LISTEN:80", "EXEC:/bin/sh,nofork"]),
    ("nc -e /bin/sh h 80", ["TCP:h:80", "EXEC:/bin/sh,nofork"]),
    ("nc -lk -c date 80", ["TCP-LISTEN:80,fork,children=term", "SYSTEM:date,nofork"]),
    ("nc -lC -c date 80", ["TCP-LISTEN:80,crlf-out", "SYSTEM:date,ends-all"]),
    ("nc.traditional -o f -e /bin/cat h 80",
     ["-v", "-x", "--dump-to=f", "TCP:h:80", "EXEC:/bin/cat,ends-all"]),
    ("ncat -l --exec /bin/cat 80", ["-0", "TCP-LISTEN:80", "EXEC:/bin/cat,ends-all"]),
    ("ncat -lk -m 2 --sh-exec date 80",
     ["-0", "TCP-LISTEN:80,fork,children=term,max-children=2", "SYSTEM:date,ends-all"]),
    ("nc -lu -e /bin/cat 80", ["-t", "+inf", "UDP-LISTEN:80", "EXEC:/bin/cat,ends-all"]),
    # UDP
    ("nc -u h 53", ["-t", "+inf", "-", "UDP:h:53,shut-none,ends-all"]),
    ("nc -uN h 53", ["-t", "+inf", "-", "UDP:h:53,ends-all"]),
    ("nc -uq2 h 53", ["-t", "2", "-", "UDP:h:53,shut-none,ends-all"]),
    ("nc -uw1 h 53", ["-T", "1", "-t", "+inf", "-", "UDP:h:53,connect-timeout=1,shut-none,ends-all"]),
    ("ncat -u h 53", ["-", "UDP:h:53,shut-none,ends-all"]),
    ("nc -lu 53", ["-t", "+inf", "-", "UDP-LISTEN:53,ends-all"]),
    ("nc -luk 53", ["-u", "UDP-RECV:53", "-"]),
    ("ncat -lu 53", ["-0", "-t", "+inf", "-", "UDP-LISTEN:53,null-eof=0,ends-all"]),
    ("ncat -luk 53", ["-0", "UDP-LISTEN:53,hub=star", "-"]),
    # UNIX
    ("nc -U /s", ["-", f"UNIX-CONNECT:/s,{QUIET}"]),
    ("nc -U s", ["-", f"UNIX-CONNECT:s,{QUIET}"]),
    ("nc -U @s", ["-", f"ABSTRACT-CONNECT:s,{QUIET}"]),
    ("nc -lU /s", ["-", f"UNIX-LISTEN:/s,{QUIET}"]),
    ("nc -lkU /s", ["UNIX-LISTEN:/s,fork,children=term,max-children=1,shut-said,ends-soon", "-"]),
    ("nc -Uu /s", ["-t", "+inf", "-", "UNIX-CONNECT:/s,socktype=2,bind-tempname,shut-none,ends-all"]),
    ("nc -Uu -s /me /s", ["-t", "+inf", "-", "UNIX-CONNECT:/s,socktype=2,bind=/me,shut-none,ends-all"]),
    ("nc -lUu /s", ["-U", "-", "UNIX-RECV:/s"]),
    # scans
    ("nc -z h 20-30 http", ["--scan", "TCP:h:20-30", "TCP:h:http"]),
    ("nc -zvr -i 1 h 20-30",
     ["-dd", "--scan", "--scan-pause=1", "--scan-random", "TCP:h:20-30"]),
    ("nc -zuw 1 h 53", ["--scan", "UDP:h:53,connect-timeout=1"]),
    ("ncat -z h 80", ["--scan", "TCP:h:80"]),
    # other protocols
    ("nc -Z h 80", ["-", f"DCCP:h:80,{QUIET}"]),
    ("ncat --sctp h 80", ["-", "SCTP:h:80,ends-soon"]),
    ("ncat -l --vsock 80", ["-", f"VSOCK-LISTEN:80,{QUIET}"]),
    ("ncat --vsock 2 80", ["-", "VSOCK-CONNECT:2:80,ends-soon"]),
    # TLS
    ("ncat --ssl h 443", ["-", "OPENSSL:h:443,verify=0,ends-soon"]),
    ("ncat --ssl-verify h 443", ["-", "OPENSSL:h:443,ends-soon"]),
    ("ncat --ssl-trustfile ca --ssl-ciphers HIGH --ssl-servername n --ssl-alpn h2 -6 h 443",
     ["-", "OPENSSL:h:443,cafile=ca,snihost=n,commonname=n,cipher=HIGH,alpn=h2,pf=ip6,ends-soon"]),
    ("ncat -l --ssl --ssl-cert c --ssl-key k 443",
     ["-0", "-", f"OPENSSL-LISTEN:443,verify=0,cert=c,key=k,{QUIET}"]),
    ("ncat -u --ssl h 443", ["-", "OPENSSL-DTLS-CLIENT:h:443,verify=0,ends-soon"]),
    # proxies
    ("nc -x p h 80", ["-", f"SOCKS5-CONNECT:p:1080:h:80,{QUIET}"]),
    ("nc -X 4 -x [::1]:99 h 80", ["-", f"SOCKS4:[::1]:h:80,socksport=99,{QUIET}"]),
    ("nc -X connect -x p:99 -P u:p h 80",
     ["-", f"PROXY:p:h:80,proxyport=99,proxyauth='u:p',{QUIET}"]),
    ("ncat --proxy p h 80", ["-", "PROXY:p:h:80,proxyport=3128,ends-soon"]),
    ("ncat --proxy p --proxy-dns local h 80",
     ["-", "PROXY:p:h:80,proxyport=3128,resolve,ends-soon"]),
    ("ncat --proxy p:99 --proxy-type socks5 --proxy-auth u:p h 80",
     ["-", "SOCKS5-CONNECT:p:99:h:80,socksuser=u,sockspass=p,ends-soon"]),
    ("ncat --proxy p --proxy-type socks4 --proxy-auth u h 80",
     ["-", "SOCKS4A:p:h:80,socksport=1080,socksuser=u,ends-soon"]),
]

NOT_BUILT_IN = ("DCCP", "SCTP", "VSOCK", "OPENSSL", "SOCKS", "PROXY")


@pytest.mark.parametrize(("line", "words"), LINES, ids=[line for line, _ in LINES])
def test_translation(nettool, line, words):
    line = line.split()
    assert translated(nettool, *line)[1] == ["nettool", *HEADS[line[0]], *words]


@pytest.mark.parametrize("line", [line for line, words in LINES
                                  if not any(word.startswith((*NOT_BUILT_IN, "--pass-fd")) for word in words)])
def test_translation_is_a_command_line(nettool, line):
    """nettool accepts every line. (There is no descriptor 7, and none may be passed here.)"""
    words = translated(nettool, *line.split())[1]
    result = nettool("--check", *[word for word in words[1:] if word != "--ready-fd=7"])
    assert (result.status, result.err) == (0, b""), result


def test_ports_are_tried_one_after_the_other(nettool):
    line = translated(nettool, "nc", "-w1", "h", "20-22", "80")[0]
    targets = [shell_words(part)[-1].split(",")[0] for part in line.split("; ")]
    assert targets == ["TCP:h:20", "TCP:h:21", "TCP:h:22", "TCP:h:80"]


def test_ports_in_random_order(nettool):
    line = translated(nettool, "nc", "-r", "h", "20-60")[0]
    targets = [shell_words(part)[-1].split(",")[0] for part in line.split("; ")]
    assert sorted(targets) == [f"TCP:h:{port}" for port in range(20, 61)]
    assert targets != sorted(targets)


def test_output_file_is_emptied_first(nettool, tmp):
    line = translated(nettool, "ncat", "-o", "my $file", "h", "80")[0]
    empty, run = line.split("; ")
    assert empty == ": > 'my $file'"
    assert shell_words(run)[4:] == ["-r", "my \\$file", "-R", "my \\$file", "-",
                                    "TCP:h:80,ends-soon"]
    assert not list(tmp.iterdir())


def test_translation_runs_nothing(nettool, tmp):
    translated(nettool, "nc", "-l", "-e", f"/usr/bin/touch {tmp}/made", "0")
    assert not list(tmp.iterdir())


def test_letters_and_words_that_differ(nettool):
    """A letter with two meanings follows the name of the program; a word is ncat's everywhere."""
    assert translated(nettool, "nc", "-o", "f", "h", "1")[1][4:7] == ["-v", "-x", "--dump-to=f"]
    assert translated(nettool, "nc", "-o", "f", "h", "1")[1] != translated(
        nettool, "nc", "--output", "f", "--append-output", "h", "1")[1]
    assert "setsockopt-socket" in translated(nettool, "nc", "-m", "5", "h", "1")[0]
    assert "max-children=5" in translated(nettool, "ncat", "-l", "-k", "-m", "5", "1")[0]
    assert "-U" in translated(nettool, "nc", "-d", "h", "1")[1]
    assert "-,pause=9" in translated(nettool, "ncat", "-d", "9", "h", "1")[1]
    assert "keepalive" in translated(nettool, "nc.traditional", "-k", "h", "1")[0]


# ---- quotes -------------------------------------------------------------------------------------

ALPHABET = "abn0tré €,:=!'\"()[]{}\\ $`*?~&|;<>#%^-+/@"


def random_texts(seed, count, least=1):
    dice = random.Random(seed)
    return ["".join(dice.choices(ALPHABET, k=dice.randint(least, 14))) for _ in range(count)]


def shown(word):
    """A word as --check shows it."""
    return word.replace("\\", "\\\\").replace("] [", "\\] [")


def checked(nettool, *words):
    """The words of the program that nettool finds in the translation of words."""
    line = translated(nettool, *words)[1]
    result = nettool("--check", *line[1:])
    assert (result.status, result.err) == (0, b""), result
    return result.out.decode().splitlines()[-1]


TEXTS = [
    "echo hi", "echo 'l'\"'\"'hiver'", "a,b", "a:b", "a!!b", "'", '"', "\\", "(", "]", "{,}", "a\\nb", "-", "=",
    "echo \"$HOME\"; echo 'été' | tr a-z A-Z", "x!!y,z:w=\"v\"'u'(t)[s]{r}\\q", "  two  blanks  ", "\t",
    "it's", "''", '""', "\\'", "'\\''", "a] [b", "$(date)", "`date`", "!1",
]


@pytest.mark.parametrize("text", [*TEXTS, *random_texts(6, 60)])
def test_command_reaches_the_shell_as_it_is(nettool, text):
    for face in ("nc", "ncat"):
        found = checked(nettool, face, "-l", "-c", text, "0")
        if "\t" not in text:
            assert found == f"  [/bin/sh] [-c] [{shown(text)}]"


@pytest.mark.parametrize("words", [
    ["/bin/cat"], ["/bin/echo", "a b", "c"], ["/bin/echo", "it's", '"quoted"', "a,b:c", "!!", "\\"],
    ["/bin/echo", "(", "]", "{", "=", "été"],
    *[["/bin/x", *random_texts(seed, 3)] for seed in range(40)],
])
def test_words_of_a_program(nettool, words):
    """ncat splits at blanks, and a backslash takes the meaning off what follows."""
    command = " ".join(
        "".join("\\" + c if c in " \\" else c for c in word) for word in words)
    found = checked(nettool, "ncat", "-l", "-e", command, "0")
    assert found == "  " + " ".join(f"[{shown(word)}]" for word in words)


@pytest.mark.parametrize("path", ["/my programs/cat", "/it's", "/a\\b", "/a,b:c!!d", "/bin/cat -n",
                                  *["/" + text for text in random_texts(9, 20)]])
def test_the_old_netcat_takes_a_file_name(nettool, path):
    found = checked(nettool, "nc.traditional", "-l", "-p", "0", "-e", path)
    assert found == f"  [{shown(path)}]"


@pytest.mark.parametrize("name", ["plain", "a,b", "a:b=c", "l'hiver", 'a"b', "a\\b", "a!!b",
                                  "(a[b]{c}", "a b $HOME", "é€", "-x", "@x"])
def test_paths(nettool, tmp, name):
    """The path of a socket is used letter by letter."""
    server = socket.socket(socket.AF_UNIX)
    server.settimeout(DEADLINE)
    server.bind(str(tmp / name))
    server.listen()

    def answer():
        peer = server.accept()[0]
        with peer:
            peer.sendall(b"answer\n")

    thread = threading.Thread(target=answer)
    thread.start()
    result = nettool("nc", "-U", f"./{name}", cwd=tmp, input=b"")
    thread.join()
    server.close()
    assert (result.status, result.out, result.err) == (0, b"answer\n", b"")


@pytest.mark.parametrize("name", ["plain", "my $HOME", "$$", "a,b:c", "l'hiver", "a\\b"])
def test_output_file(nettool, tmp, name):
    """--output holds both directions and begins empty, in a file with just this name."""
    server = socket.socket()
    server.settimeout(DEADLINE)
    server.bind(("127.0.0.1", 0))
    server.listen()
    (tmp / name).write_bytes(b"old")

    def answer():
        peer = server.accept()[0]
        with peer:
            while peer.recv(999):
                pass
            peer.sendall(b"answer\n")

    thread = threading.Thread(target=answer)
    thread.start()
    port = str(server.getsockname()[1])
    result = nettool("ncat", "--output", name, "127.0.0.1", port, input=b"question\n", cwd=tmp)
    thread.join()
    server.close()
    assert (result.status, result.out, result.err) == (0, b"answer\n", b"")
    assert [path.name for path in tmp.iterdir()] == [name]
    assert (tmp / name).read_bytes() == b"question\nanswer\n"


# ---- what is wrong ------------------------------------------------------------------------------

MISTAKES = [
    ("nc", "the host is missing"),
    ("nc h", "the port is missing"),
    ("nc -l", "the port is missing"),
    ("nc -y", 'unknown option "-y"'),
    ("nc -lvy 80", 'unknown option "-y"'),
    ("nc --keep-opne -l 80", "did you mean --keep-open?"),
    ("nc --ssl-ver h 80", None),
    ("ncat --ssl-c x h 80", 'option "--ssl-c" may be --ssl-cert or --ssl-ciphers'),
    ("nc -w", "option -w needs a value: <seconds>"),
    ("nc -w x h 80", "option -w x: missing numerical value"),
    ("nc -w 3x h 80", "option -w 3x: trailing garbage"),
    ("nc -w -3 h 80", "option -w -3: out of range"),
    ("ncat -w 3y h 80", 'option -w 3y: trailing garbage "y" behind the number, units are'),
    ("ncat --wait=0 h 80", "option --wait 0: out of range"),
    ("nc -M 256 h 80", "option -M 256: out of range, 0 to 255 is allowed"),
    ("nc -T fast h 80", "option -T fast: neither a type of service nor a number"),
    ("nc --listen=1 80", "option --listen takes no value"),
    ("nc h 0", "port 0: out of range, 1 to 65535 is allowed"),
    ("nc h 65536", "port 65536: out of range"),
    ("nc h 1e3", "port 1e3: neither a number nor a service that is known"),
    ("nc h no-such-service", "port no-such-service: neither a number nor a service"),
    ("nc -l 20-30", "20-30: it is one port that is listened on"),
    ("ncat h 20-30", "port 20-30: ncat takes no ranges"),
    ("ncat h 20 30", 'what is "30"?'),
    ("nc -l a 1 2", 'what is "2"?'),
    ("nc -l -p 1 a 2", 'what is "2"?'),
    ("nc -l -s 10.0.0.1 10.0.0.2 80", "option -s 10.0.0.1: 10.0.0.2 is to be listened on"),
    ("nc -U", "the path of the UNIX socket is missing"),
    ("nc -U a b", 'what is "b"?'),
    ("nc -U -p 80 a", "a UNIX socket has no port"),
    ("nc -U -s x a", "only who sends datagrams has a path of its own"),
    ("nc -k h 80", "option -k needs option -l"),
    ("nc --chat h 80", "option --chat needs option -l"),
    ("nc --allow x h 80", "option --allow, --deny needs option -l"),
    ("nc -X 5 h 80", "option -X needs option -x"),
    ("nc -X 6 -x p h 80", "option -X 6: 4|5|connect is allowed"),
    ("ncat --proxy p --proxy-type ftp h 80", "option --proxy-type ftp: http|socks4|socks5"),
    ("nc -x p -P me h 80", "nobody is asked for the password here"),
    ("nc -z -l 80", "options -z and -l exclude each other"),
    ("nc -x p -l 80", "options --proxy and -l exclude each other"),
    ("nc -x p -u h 80", "options --proxy and -u"),
    ("nc -F -U a", "options -F and -U exclude each other"),
    ("nc -c a -e b h 80", "options -c and -e exclude each other"),
    ("ncat --send-only --recv-only h 80", "options --send-only and --recv-only exclude"),
    ("ncat -u --sctp h 80", "option --sctp: another protocol has been chosen already"),
    ("nc -g nohop 127.0.0.1 80", "option -g nohop: at most 8 hosts are allowed"),
    ("nc -g 127.0.0.1 name 80", "the host has to be a number of IPv4, too"),
    ("nc -G 4 h 80", "option -G needs option -g"),
    ("nc -V 1 h 80", "option -V of nc.openbsd has no meaning here"),
    ("nc -S h 80", "option -S of nc.openbsd has no meaning here"),
    ("ncat --lua-exec f h 80", "option --lua-exec of ncat has no meaning here"),
]


@pytest.mark.parametrize(("line", "message"), MISTAKES, ids=[line for line, _ in MISTAKES])
def test_mistakes(nettool, line, message):
    if message is None:
        assert nettool(*line.split(), "--translate").status == 0
        return
    name = line.split()[0]
    result = nettool(*line.split(), input=b"")
    assert (result.status, result.out) == (2 if name == "ncat" else 1, b"")
    assert message in result.text
    assert result.text.startswith("Ncat: " if name == "ncat" else f"{name}: ")


@pytest.mark.parametrize("face", HEADS)
def test_help_and_version(nettool, face):
    for option in ("-h", "--help"):
        result = nettool(face, option)
        assert (result.status, result.err) == (0, b"")
        assert f"Usage: {face} ".encode() in result.out and b"--translate" in result.out
    result = nettool(face, "--version")
    assert (result.status, result.err) == (0, b"")
    assert result.out.startswith(face.encode() + b" ")


def test_help_tells_what_a_letter_means_here(nettool):
    def meaning(face, letter):
        lines = nettool(face, "-h").out.decode().splitlines()
        return next(line for line in lines if line.startswith(f"  -{letter}"))

    assert "don't read standard input" in meaning("nc", "d")
    assert "wait so long after each line" in meaning("ncat", "d")
    assert "go on listening" in meaning("nc", "k")
    assert "keepalive" in meaning("nc.traditional", "k")


def test_face_by_the_name_of_a_link(tmp):
    """The name of the file decides, wherever it lies."""
    (tmp / "ncat").symlink_to(NETTOOL)
    result = subprocess.run([tmp / "ncat", "--translate", "-l", "80"], capture_output=True,
                            env=environment(), check=False)
    assert shell_words(result.stdout.decode())[1:] == [*HEADS["ncat"], "-0", "-",
                                                       f"TCP-LISTEN:80,{QUIET}"]
