"""Timing whole commands, and printing what was measured."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sample:
    """The wall-clock times of one command's runs, in seconds."""

    name: str
    seconds: tuple[float, ...]

    def row(self) -> str:
        """The sample as a line of the table: minimum, median, maximum."""
        low, mid, high = min(self.seconds), statistics.median(self.seconds), max(self.seconds)
        return f"{self.name:<48} {low:8.2f} {mid:8.2f} {high:8.2f}   {len(self.seconds)}"


HEADER = f"{'seconds':<48} {'min':>8} {'median':>8} {'max':>8}   runs"


def measure(
    name: str,
    command: Sequence[str],
    *,
    runs: int,
    warm_up: int = 0,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Sample:
    """Runs a command `warm_up` times uncounted, then `runs` times counted.

    Raises:
        RuntimeError: A run failed; its output is in the message.
    """
    for _ in range(warm_up):
        _run(command, cwd, env)
    return Sample(name, tuple(_run(command, cwd, env) for _ in range(runs)))


def machine() -> str:
    """One line about the machine, without which no number means anything."""
    models = [
        line.split(": ", 1)[1]
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{len(models)} x {models[0] if models else platform.machine()}, {memory_gib:.0f} GiB, Linux {platform.release()}"


def _run(command: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None) -> float:
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False
    )
    elapsed = time.monotonic() - began
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return elapsed
