"""What the network tests look with: into the sockets of another process, and from namespaces.

    sockets_of(process)          duplicates of the sockets that a process holds (pidfd_getfd)
    option_of(process, ...)      one socket option of the socket that fits
    children_of(pid)             the process ids of its children
    descriptors_of(pid)          how many descriptors it holds
    has_ipv6                     a mark: the test needs ::1
"""

import ctypes
import os
import socket
from pathlib import Path

import pytest

PIDFD_OPEN, PIDFD_GETFD = 434, 438

libc = ctypes.CDLL(None, use_errno=True)


def _ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


has_ipv6 = pytest.mark.skipif(not _ipv6(), reason="this machine has no ::1")


def sockets_of(process):
    """Duplicates of the sockets that a process holds; the caller closes them."""
    pid = process if isinstance(process, int) else process.pid
    handle = libc.syscall(PIDFD_OPEN, pid, 0)
    if handle < 0:
        pytest.skip(f"pidfd_open: {os.strerror(ctypes.get_errno())}")
    found = []
    try:
        for name in sorted(os.listdir(f"/proc/{pid}/fd"), key=int):
            try:
                if not os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:"):
                    continue
            except OSError:
                continue
            fd = libc.syscall(PIDFD_GETFD, handle, int(name), 0)
            if fd >= 0:
                found.append(socket.socket(fileno=fd))
            elif ctypes.get_errno() != 9:  # a descriptor that was closed meanwhile
                pytest.skip(f"pidfd_getfd: {os.strerror(ctypes.get_errno())}")
    finally:
        os.close(handle)
    return found


def option_of(process, level, name, length=0, listening=False, family=None):
    """A socket option of the first IP or UNIX socket of the process that is, or isn't, listening."""
    found = sockets_of(process)
    try:
        for sock in found:
            if sock.family not in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
                continue
            if family is not None and sock.family != family:
                continue
            listens = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
            if bool(listens) != listening:
                continue
            return sock.getsockopt(level, name, length) if length else sock.getsockopt(level, name)
        pytest.fail(f"no such socket among {found}")
    finally:
        for sock in found:
            sock.close()


def children_of(pid):
    """The process ids of the children of a process, zombies included."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def descriptors_of(pid):
    """How many descriptors a process holds."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def state_of(pid):
    """The state letter of a process, "Z" for a zombie; "" when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
