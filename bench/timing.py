"""Timing whole commands, and printing what was measured."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HEADER = f"{'seconds':<48} {'min':>8} {'median':>8} {'max':>8}   runs"


@dataclass(frozen=True)
class Sample:
    """The wall-clock times of one thing's runs, in seconds."""

    name: str
    seconds: tuple[float, ...]

    def row(self) -> str:
        """The sample as a line of the table: minimum, median, maximum."""
        low, mid, high = min(self.seconds), statistics.median(self.seconds), max(self.seconds)
        return f"{self.name:<48} {low:8.2f} {mid:8.2f} {high:8.2f}   {len(self.seconds)}"


def timed(action: Callable[[], object]) -> float:
    """Does it once and returns the seconds that it took."""
    began = time.monotonic()
    action()
    return time.monotonic() - began


def run_command(
    command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> None:
    """Runs a command, quiet while all is well.

    Raises:
        RuntimeError: It failed; what it printed is in the message.
    """
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def machine() -> str:
    """One line about the machine, without which no number means anything."""
    models = [
        line.split(": ", 1)[1]
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = models[0] if models else platform.machine()
    return f"{len(models)} x {model}, {memory_gib:.0f} GiB, Linux {platform.release()}"
