"""System calls as strace and nettool show them, brought into one form so that they can be compared.

A call is (name, arguments, result), three strings in nettool's own notation. What strace writes
otherwise (sendto with NULL for send, clone for fork ...) becomes that; what both can't know alike is
left out: addresses of memory, sizes of control data, remarks.
"""

import re
import struct

# What --trace shows, by the name that it uses.
SHOWN = set(
    "accept accept4 bind chdir chmod chown chroot close connect copy_file_range dup2 "
    "epoll_create1 epoll_ctl epoll_wait execvp fchdir fchmod fchown fcntl flock fork ftruncate "
    "getpeername getsockname getsockopt ioctl kill link listen lseek mkfifo open pipe pipe2 poll "
    "pwritev2 read recv recvmsg send sendfile sendmsg sendto setgid setgroups setns setpgid setsid "
    "setsockopt setuid shutdown socket socketpair splice symlink tcsetattr umask unlink unlockpt "
    "posix_openpt waitpid write".split()
)

# The leak sanitizer can't work in a process that strace follows.
FOLLOWED = {"ASAN_OPTIONS": "detect_leaks=0:exitcode=86"}

STRING = re.compile(r'@?"(?:\\.|[^"\\])*"(?:\.\.\.)?')
TRACE_FD = re.compile(r"fcntl\(2, F_DUPFD_CLOEXEC, 100\)\s+= (\d+)")


def _data(text):
    """A C string of either program as hexadecimal digits, so that escapes don't matter."""
    def byte(match):
        escape = match.group(1)
        if escape[0] == "x":
            return chr(int(escape[1:], 16))
        if escape[0].isdigit():
            return chr(int(escape, 8))
        return {"n": "\n", "t": "\t", "r": "\r", "v": "\v", "f": "\f", "a": "\a", "b": "\b"}.get(
            escape, escape
        )

    at, cut = text.startswith("@"), text.endswith("...")
    inner = text[2 if at else 1 : -4 if cut else -1]
    raw = inner.encode("utf-8").decode("latin-1")
    raw = re.sub(r"\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|.)", byte, raw, flags=re.DOTALL)
    return ("@" if at else "") + "<" + raw.encode("latin-1").hex() + ">" + ("..." if cut else "")


def _flags(text):
    """Flags in the order of the alphabet."""
    return re.sub(
        r"\b[A-Z][A-Z0-9_]*(?:\|[A-Z0-9][A-Za-z0-9_]*)+",
        lambda match: "|".join(sorted(set(match.group(0).split("|")) - {"O_LARGEFILE"})),
        text,
    )


def _common(text):
    return _flags(re.sub(r"\s+", " ", text).strip())


def _split(text):
    """The arguments of a call, split at the commas between them."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    rest = text[start:].strip()
    return [*parts, rest] if rest or parts else []


# ---- what nettool shows --------------------------------------------------------------------------


def told(text):
    """The calls in what --trace has written: {pid or None: [call ...]}."""
    result = {}
    for line in text.splitlines():
        match = re.match(r"(?:\[(\d+)\] )?(\w+\(.*)$", line)
        if not match or match.group(2).split("(")[0] not in SHOWN:
            continue
        call = _told_call(match.group(2))
        if call:
            result.setdefault(match.group(1) and int(match.group(1)), []).append(call)
    return result


def _told_call(line):
    line = STRING.sub(lambda match: _data(match.group(0)), line)
    line = re.sub(r"\s+# [^#]*$", "", line)
    name, rest = line.split("(", 1)
    match = re.match(r"(.*?)\) = (.*)$", rest) or re.match(r"(.*)\)()$", rest)
    arguments = re.sub(r", msg_controllen=\d+", "", match.group(1))
    if name == "execvp":
        arguments = _base(arguments)
    answer = match.group(2).strip()
    if name == "tcsetattr":
        arguments = ", ".join([*_split(arguments)[:2], *_local_flags(arguments)])
    if name == "fork" and answer == "0":
        return None
    return name, _common(arguments), _common(answer)


def _local_flags(text):
    """The flags of a terminal that matter most, in any of the two notations."""
    found = re.search(r"c_lflag=([A-Z0-9x|]*)", text)
    return sorted(set(found.group(1).split("|")) & {"ICANON", "ECHO", "ISIG", "IEXTEN"})


# ---- what strace shows ---------------------------------------------------------------------------


def straced(text, marker=TRACE_FD):
    """The same of a file that strace -f -o has written: ({pid: [call ...]}, first pid).

    What came before the line that `marker` finds is the start of the program; a marker with a group
    tells the descriptor of the trace itself.
    """
    lines, unfinished, first = [], {}, None
    for line in text.splitlines():
        match = re.match(r"(\d+)\s+(.*)$", line)
        if not match:
            continue
        pid, rest = int(match.group(1)), match.group(2)
        first = first or pid
        if rest.endswith("<unfinished ...>"):
            unfinished[pid] = (len(lines), rest[: -len("<unfinished ...>")])
            lines.append((pid, ""))
            continue
        resumed = re.match(r"<\.\.\. \w+ resumed>(.*)$", rest)
        if resumed:
            place, begun = unfinished.pop(pid)
            lines[place] = (pid, begun.rstrip() + " " + resumed.group(1).lstrip())
            continue
        lines.append((pid, rest))
    return _straced_calls(lines, marker), first


def _straced_calls(lines, marker):
    result, begun, hidden, gone = {}, marker is None, {100}, set()
    known, threads = set(), {}  # our own processes; what programs start is theirs
    for pid, line in lines:
        found = None if begun else marker.search(line)
        if found:
            begun = True
            if found.re is TRACE_FD:
                continue
        if not begun or pid in gone:
            continue
        call = _straced_call(line)
        if call is None or (known and pid not in known):
            continue
        if not known:
            known.add(pid)
        if call[0] == "fork" and call[2].isdigit():
            known.add(int(call[2]))
        name, arguments, answer = call
        fd = re.match(r"(\d+)(?:,|$)", arguments)
        if name == "open" and _is_of_libraries(arguments):
            if answer.isdigit():
                hidden.add(int(answer))
            continue
        if fd and int(fd.group(1)) in hidden and name not in ("kill", "waitpid"):
            if name == "close":
                hidden.discard(int(fd.group(1)))
            continue
        if name == "execvp":
            if answer != "0":
                continue
            gone.add(pid)
            arguments, answer = _base(arguments), ""
        if name == "fork" and "CLONE_THREAD" in line:
            threads[int(answer)] = pid
            continue
        if name == "socket" and "AF_UNIX" in arguments and "SOCK_NONBLOCK" not in arguments:
            hidden.add(int(answer))  # the C library asks for the names of interfaces
            continue
        result.setdefault(threads.get(pid, pid), []).append((name, arguments, answer))
    return result


def _base(arguments):
    """The program without its folder: execvp looks for it in PATH."""
    file, rest = arguments.split(">", 1)
    name = bytes.fromhex(file[1:]).rpartition(b"/")[2]
    return "<" + name.hex() + ">" + rest


def _is_of_libraries(arguments):
    """Files that the C library or a sanitizer looks into."""
    path = bytes.fromhex(re.match(r"<([0-9a-f]*)>", arguments).group(1)).decode("utf-8", "replace")
    return path.startswith(("/etc/", "/usr/", "/lib", "/proc/self/maps", "/proc/self/task", "/sys/"))


def _straced_call(line):
    match = re.match(r"(\w+)\((.*)\)\s+= (.*)$", line)
    if not match:
        return None
    name = match.group(1)
    arguments = STRING.sub(lambda found: _data(found.group(0)), match.group(2))
    answer = STRING.sub(lambda found: _data(found.group(0)), match.group(3))
    name, arguments, answer = _renamed(name, _shape(arguments), answer)
    if name not in SHOWN:
        return None
    answer = re.sub(r"^\? ERESTART\w* \(.*\)$", "-1 EINTR (Interrupted system call)", answer)
    answer = answer.replace(" (Timeout)", "").replace(" ([{", " [{").replace("}])", "}]")
    answer = re.sub(r"^\w+ \(flags ([A-Z_|]+)\)$", r"\1", answer)
    if answer.startswith("-1"):
        nothing = {"epoll_wait": "[]", "recv": "<>"}.get(name, "{}")
        arguments = re.sub(r"\b0x[0-9a-f]{6,}\b", nothing, arguments)
    return name, _common(arguments), _common(answer)


def _shape(text):
    """Addresses, lengths and levels as nettool writes them."""
    text = re.sub(
        r"\{sa_family=AF_INET, sin_port=htons\((\d+)\), sin_addr=inet_addr\(<([0-9a-f]+)>\)\}",
        lambda m: "{%s:%s}" % (bytes.fromhex(m.group(2)).decode(), m.group(1)), text)
    text = re.sub(
        r"\{sa_family=AF_INET6, sin6_port=htons\((\d+)\), sin6_flowinfo=htonl\(0\), "
        r"inet_pton\(AF_INET6, <([0-9a-f]+)>, &sin6_addr\), sin6_scope_id=(\w+)\}",
        lambda m: "{[%s]:%s}" % (bytes.fromhex(m.group(2)).decode(), m.group(1)), text)
    text = re.sub(r"\{sa_family=AF_UNIX, sun_path=(@?<[0-9a-f]*>)\}", r"{\1}", text)
    text = text.replace("{sa_family=AF_UNIX}", "{AF_UNIX}")
    text = re.sub(r"\[\d+ => (\d+)\]", r"[\1]", text)
    for level in ("IP", "TCP", "UDP", "IPV6"):
        text = re.sub(rf"\bSOL_{level}\b", f"IPPROTO_{level}", text)
    text = re.sub(r"\{iov_base=(<[0-9a-f]*>(?:\.\.\.)?), iov_len=(\d+)\}", r"{\1, \2}", text)
    text = re.sub(r"\b(SO_(?:RCV|SND)TIMEO)(?:_OLD)?, <([0-9a-f]{32})>", _time, text)
    text = re.sub(r"\b(SO_(?:RCV|SND)TIMEO)_OLD\b", r"\1", text)
    return re.sub(r"data=\{u32=(\d+), u64=\d+\}", r"data=\1", text)


def _time(match):
    """A time that strace 6.1 doesn't know for one."""
    seconds, rest = struct.unpack("@qq", bytes.fromhex(match.group(2)))
    return "%s, {tv_sec=%d, tv_usec=%d}" % (match.group(1), seconds, rest)


def _renamed(name, arguments, answer):
    """The call as nettool makes it: what the C library turns into something else is turned back."""
    parts = _split(arguments)
    if name in ("openat", "unlinkat", "mknodat", "fchmodat", "symlinkat") and "AT_FDCWD" in parts:
        parts = [part for part in parts if part != "AT_FDCWD"]
        name = {"openat": "open", "unlinkat": "unlink", "mknodat": "mkfifo", "fchmodat": "chmod",
                "symlinkat": "symlink"}[name]
    if name == "mkfifo":
        parts[1] = parts[1].replace("S_IFIFO|", "")
    if name == "open" and parts[0] == "<" + b"/dev/ptmx".hex() + ">":
        name, parts = "posix_openpt", parts[1:]
    elif name == "recvfrom" and parts[4:] == ["NULL", "NULL"]:
        name, parts = "recv", parts[:4]
    elif name == "sendto" and parts[4] == "NULL":
        name, parts = "send", parts[:4]
    elif name in ("clone", "clone3", "vfork"):
        name, parts = "fork", []
    elif name == "execve":
        name, parts = "execvp", parts[:2]
    elif name == "wait4":
        name, parts = "waitpid", parts[:3]
        exited = re.match(r"\[\{WIFEXITED\(s\) && WEXITSTATUS\(s\) == (\d+)\}\]", parts[1])
        killed = re.match(r"\[\{WIFSIGNALED\(s\) && WTERMSIG\(s\) == (\w+)\}\]", parts[1])
        parts[1] = (f"[exit {exited.group(1)}]" if exited
                    else f"[killed by {killed.group(1)}]" if killed else "[]")
    elif name == "recvmsg" or name == "sendmsg":
        parts[1] = _message(parts[1], answer)
    elif name == "ioctl":
        name, parts = _control(parts)
    elif name == "fcntl" and parts[1] == "F_SETFD" and parts[2] == "0":
        parts[2] = "0"
    return name, ", ".join(parts), answer


def _message(text, answer):
    """The parts of a message that nettool shows."""
    if answer.startswith("-1"):
        return "{}"
    name = re.search(r"msg_name=(NULL|\{[^}]*\})", text).group(1)
    parts = re.search(r"msg_iov=(\[.*?\]), msg_iovlen", text).group(1)
    return "{msg_name=%s, msg_iov=%s}" % (name, parts)


def _control(parts):
    """ioctl by another name, where the C library has one for it."""
    actions = {"TCSETS": "TCSANOW", "TCSETSW": "TCSADRAIN", "TCSETSF": "TCSAFLUSH",
               "SNDCTL_TMR_START or TCSETS": "TCSANOW", "SNDCTL_TMR_STOP or TCSETSW": "TCSADRAIN"}
    if parts[1] in actions:
        return "tcsetattr", [parts[0], actions[parts[1]], *_local_flags(", ".join(parts[2:]))]
    if parts[1] == "TIOCSPTLCK":
        return "unlockpt", parts[:1]
    if parts[1].startswith(("TCGETS", "SNDCTL_TMR_TIMEBASE", "TIOCGPTN", "TCSBRK")):
        return "-", parts
    if parts[1] in ("TIOCSWINSZ", "TIOCGWINSZ"):
        size = re.search(r"ws_row=\d+, ws_col=\d+", parts[2])
        return "ioctl", [parts[0], parts[1], "{%s}" % size.group(0) if size else parts[2]]
    return "ioctl", parts


def without_messages(calls):
    """Leaves out what the program writes about itself: to standard error, and from signal handlers."""
    return [
        call for call in calls
        if not (call[0] == "write" and call[1].startswith("2, "))
        and not (call[0] == "write" and re.match(r"4, <00>, 1$", call[1]))
        and not (call[0] == "ioctl" and call[1].startswith("2, "))
    ]
