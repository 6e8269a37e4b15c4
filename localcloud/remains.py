"""What a killed run leaves on the machine, and its removal: only what the cloud's ledger names."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
from pathlib import Path

from localcloud import linux
from localcloud.errors import LocalcloudError
from localcloud.home import Home
from localcloud.instances.machine import end_cgroup
from localcloud.ledger import Ledger

_NAMESPACES = Path("/run/netns")
_KILL_TIMEOUT_S = 10.0


def clean(home: Home) -> list[str]:
    """Removes what an earlier run of this cloud left; the daemon must not be running.

    Returns:
        What was removed, for people to read.
    """
    ledger = Ledger(home.ledger)
    removed = []
    for name in ledger.entries("cgroup"):
        removed += [f"process {pid}" for pid in end_cgroup(name)]
        ledger.remove("cgroup", name)
    for name in ledger.entries("namespace"):
        if (_NAMESPACES / name).exists():
            done = subprocess.run(
                ["ip", "netns", "delete", name], capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise LocalcloudError(
                    f"The namespace {name} of an earlier run cannot be removed: {done.stderr.strip()}"
                )
            removed.append(f"namespace {name}")
        ledger.remove("namespace", name)
    for folder in ledger.entries("mount"):
        release_folder(Path(folder))
        ledger.remove("mount", folder)
    if home.instances.exists():
        # The records of these disks were the daemon's: nobody can start them again.
        shutil.rmtree(home.instances)
    home.forget_running()
    home.control.unlink(missing_ok=True)
    return removed


def foreign_namespaces(home: Home) -> list[str]:
    """Returns namespaces that have this cloud's prefix and are not recorded as its own."""
    if not _NAMESPACES.is_dir():
        return []
    own = Ledger(home.ledger).entries("namespace")
    return sorted(
        path.name
        for path in _NAMESPACES.iterdir()
        if path.name.startswith(home.prefix) and path.name not in own
    )


def end_process(
    pid: int, started: int, *, timeout_s: float = _KILL_TIMEOUT_S, first: int = signal.SIGKILL
) -> bool:
    """Ends the one process that has this id and began at this time.

    Args:
        pid: Its id.
        started: When it began, in clock ticks since boot.
        timeout_s: How long it may take to end by itself before it is killed.
        first: The signal to begin with.

    Returns:
        Whether there was such a process.
    """
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        # The handle holds on to the process, so the check cannot be of one and the signal to another.
        if linux.start_time(pid) != started:
            return False
        for number in (first, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, number)
            ready, _, _ = select.select([handle], [], [], timeout_s)
            if ready:
                break
        return True
    finally:
        os.close(handle)


def release_folder(folder: Path) -> None:
    """Unmounts the folder of namespaces if this cloud caused its mount and nobody uses it."""
    if folder.is_mount() and not any(folder.iterdir()):
        subprocess.run(["umount", str(folder)], capture_output=True, check=False)
