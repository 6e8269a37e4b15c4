"""The engine as a process: killed at a call, and whom it takes along."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# They end at once; this is for a machine that is busy.
SURVIVORS_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Process:
    """A process that a handle holds on to, so that its id cannot become another's."""

    pid: int
    handle: int
    line: str


def first_to_end(
    processes: list[subprocess.Popen[bytes]], timeout_s: float
) -> subprocess.Popen[bytes] | None:
    """Waits for the end of any of some processes; None when none ended in time."""
    with contextlib.ExitStack() as handles:
        of = {}
        for process in processes:
            handle = os.pidfd_open(process.pid)
            handles.callback(os.close, handle)
            of[handle] = process
        ready, _, _ = select.select(list(of), [], [], timeout_s)
    return of[ready[0]] if ready else None


def kill(engine: subprocess.Popen[bytes]) -> list[str]:
    """Kills an engine alone, without a word to anybody.

    Returns:
        The command lines of those processes that it had started and that did not end with it.
    """
    with contextlib.ExitStack() as handles:
        started = []
        for process in _descendants(engine.pid):
            handles.callback(os.close, process.handle)
            started.append(process)
        engine.send_signal(signal.SIGKILL)
        engine.wait()
        survivors = [
            one for one in started if not select.select([one.handle], [], [], SURVIVORS_TIMEOUT_S)[0]
        ]
        for one in survivors:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(one.handle, signal.SIGKILL)
    return [one.line for one in survivors]


def _descendants(pid: int) -> Iterator[Process]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                line = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                yield Process(child, os.pidfd_open(child), line)
                yield from _descendants(child)
