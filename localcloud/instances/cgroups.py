"""The control groups that a booted system lives in: one folder of its own, on cgroup v1 and v2 alike."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_REMOVE_TIMEOUT_S = 2.0


def hierarchies(root: Path = _ROOT) -> list[Path]:
    """Returns the hierarchies that systemd-nspawn uses: the one of v2, or those of v1's systemd."""
    if (root / "cgroup.controllers").exists():
        return [root]
    return [root / name for name in ("unified", "systemd") if (root / name / "cgroup.procs").exists()]


def folders(name: str) -> list[Path]:
    """Returns where the control group of this name is, or would be, in each hierarchy."""
    return [hierarchy / name for hierarchy in hierarchies()]


def remove(name: str, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Removes a control group with all below it; its processes must have ended.

    Returns:
        Whether it is gone. The kernel may take a moment to let go of a process that has just ended.
    """
    deadline = time.monotonic() + _REMOVE_TIMEOUT_S
    while True:
        left = [folder for folder in folders(name) if not _remove_tree(folder)]
        if not left or time.monotonic() > deadline:
            return not left
        sleep(0.02)


def processes(name: str) -> list[int]:
    """Returns the ids of the processes in a control group and all below it."""
    found: set[int] = set()
    for folder in folders(name):
        for path in folder.rglob("cgroup.procs"):
            try:
                found.update(int(pid) for pid in path.read_text().split())
            except OSError:
                continue
    return sorted(found)


def _remove_tree(folder: Path) -> bool:
    if not folder.exists():
        return True
    try:
        for current, _, _ in os.walk(folder, topdown=False):
            Path(current).rmdir()
    except OSError:
        return False
    return True
