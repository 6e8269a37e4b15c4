"""The few system calls of namespaces that Python 3.11 does not wrap, and facts of ``/proc``.

Only the standard library: every command of the CLI imports this.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000

_MS_BIND = 4096
_MS_REC = 16384
_MS_PRIVATE = 1 << 18
_MS_SLAVE = 1 << 19
_PR_SET_PDEATHSIG = 1
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1
_IFF_RUNNING = 0x40

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def setns(fd: int, kind: int) -> None:
    """Moves the calling thread into the namespace that a file descriptor stands for.

    Raises:
        OSError: The kernel refused.
    """
    _check(_libc.setns(fd, kind), "setns")


def unshare(flags: int) -> None:
    """Gives the calling thread namespaces of its own.

    Raises:
        OSError: The kernel refused, for example because user namespaces are switched off.
    """
    _check(_libc.unshare(flags), "unshare")


def bind_mount(source: Path, target: Path) -> None:
    """Lays one file or folder over another.

    Raises:
        OSError: The kernel refused.
    """
    _check(_libc.mount(os.fsencode(source), os.fsencode(target), None, _MS_BIND, None), f"mount on {target}")


def keep_mounts_private(*, slave: bool = False) -> None:
    """Cuts this mount namespace off, so that mounts made in it never show outside.

    Args:
        slave: Still see what is mounted outside later.

    Raises:
        OSError: The kernel refused.
    """
    flags = _MS_REC | (_MS_SLAVE if slave else _MS_PRIVATE)
    _check(_libc.mount(None, b"/", None, flags, None), "mount --make-rprivate /")


def die_with_parent(signal_number: int) -> None:
    """Has the kernel send this process a signal when the thread that started it ends."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0), "prctl")


def become_root_of_user_namespace() -> None:
    """Makes a user namespace in which the caller is root, without any right outside it.

    Raises:
        OSError: The kernel refused.
    """
    uid, gid = os.geteuid(), os.getegid()
    unshare(CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1")


def bring_up_loopback() -> None:
    """Switches the loopback interface of the calling thread's network namespace on.

    Raises:
        OSError: The kernel refused.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        request = struct.pack("16sH22x", b"lo", _IFF_UP | _IFF_RUNNING)
        fcntl.ioctl(handle, _SIOCSIFFLAGS, request)


def start_time(pid: int) -> int | None:
    """Returns when a process began, in clock ticks since boot, or None when there is none.

    A process id alone is reused; with its start time it names one process for good.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command's name is in parentheses and may itself hold spaces and parentheses.
    state, *rest = stat.rpartition(")")[2].split()
    return None if state in "ZX" else int(rest[18])


def namespace_of(pid: int, kind: str) -> str | None:
    """Returns what names the namespace that a process is in, or None when there is no such process.

    Args:
        pid: The process.
        kind: For example ``net`` or ``pid``.
    """
    try:
        return str(Path(f"/proc/{pid}/ns/{kind}").readlink())
    except OSError:
        return None


def children(pid: int) -> list[int]:
    """Returns the ids of a process's children, oldest first."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found.extend(int(child) for child in task.read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found
