"""Starting nginx, loading it with wrk, and reading what that cost."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.nginx import await_listening

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass(frozen=True)
class Server:
    """A running nginx.

    Attributes:
        port: Where it listens.
        pid: Its master process.
    """

    port: int
    pid: int

    def processes(self) -> list[int]:
        """The master and its children, as they are now."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]

    def cpu_seconds(self) -> float:
        """What all its processes have used so far, in user and kernel."""
        ticks = 0
        for process in self.processes():
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """What it holds of memory now, shared pages counted once."""
        kb = 0
        for process in self.processes():
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            (pss,) = re.findall(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
            kb += int(pss)
        return kb / 1024


@contextmanager
def serving(binary: str, folder: Path, port: int, conf: str) -> Iterator[Server]:
    """Runs an nginx with this configuration."""
    path = folder / "nginx.conf"
    path.write_text(conf)
    process = subprocess.Popen(
        [binary, "-c", str(path), "-e", str(folder / "error.log"), "-g", "daemon off;"],
        stderr=subprocess.PIPE,
    )
    try:
        await_listening(port, process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=30)


@dataclass(frozen=True)
class Load:
    """What wrk saw.

    Attributes:
        requests: How many answers it got.
        per_second: The same in a second.
        p50, p99: Latencies in seconds.
        failed: Answers that were no 2xx or 3xx, and socket errors.
    """

    requests: int
    per_second: float
    p50: float
    p99: float
    failed: int


def load(url: str, *, connections: int, seconds: int) -> Load:
    """Asks for one URL over kept connections for a while."""
    command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", url]
    return parsed(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def parsed(text: str) -> Load:
    """Reads wrk's report."""
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    return Load(
        requests=int(_found(r"(\d+) requests in", text)),
        per_second=float(_found(r"Requests/sec:\s+([\d.]+)", text)),
        p50=_seconds(_found(r"^\s+50%\s+(\S+)", text)),
        p99=_seconds(_found(r"^\s+99%\s+(\S+)", text)),
        failed=int(failed[1] if failed else 0) + sum(map(int, errors.groups() if errors else ())),
    )


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise ValueError(f"wrk reports no {pattern!r}:\n{text}")
    return match[1]


def _seconds(text: str) -> float:
    match = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    if match is None:
        raise ValueError(f"{text!r} is no time of wrk")
    return float(match[1]) * _UNITS[match[2]]
