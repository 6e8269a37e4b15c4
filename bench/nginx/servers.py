"""Starting a server, and reading what it uses."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.nginx import await_listening

SAMPLE_S = 0.25


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        port: Where it listens.
        pid: Its first process.
        folder: Where all that it writes is.
    """

    port: int
    pid: int
    folder: Path

    def processes(self) -> list[int]:
        """The first process and its children, as they are now."""
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
        """What it holds of memory now in MB, pages that are shared counted once."""
        return sum(_number(process, "smaps_rollup", "Pss") for process in self.processes()) * 1024 / 1e6

    def written_bytes(self) -> int:
        """What all its processes have written to files so far, the log included."""
        return sum(_number(process, "io", "write_bytes") for process in self.processes())

    @contextmanager
    def watched(self) -> Iterator[Peak]:
        """Looks at its memory all the while."""
        peak = Peak()
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(SAMPLE_S):
                peak.memory_mb = max(peak.memory_mb, self.memory_mb())

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield peak
        finally:
            ended.set()
            watcher.join()
            peak.memory_mb = max(peak.memory_mb, self.memory_mb())


@dataclass
class Peak:
    """The most that was seen of a server's memory, in MB."""

    memory_mb: float = 0.0


@contextmanager
def serving(
    command: Sequence[str], folder: Path, port: int, env: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Runs a server until the end of the block; what it prints goes to a file in its folder.

    Raises:
        RuntimeError: It does not listen; what it printed is in the message.
    """
    printed = folder / "output.log"
    with printed.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **(env or {})}, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        await_listening(port, process)
    except AssertionError as error:
        raise RuntimeError(f"{command[0]} does not listen:\n{printed.read_text()}") from error
    try:
        yield Server(port, process.pid, folder)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _number(process: int, file: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{process}/{file}").read_text(), re.MULTILINE)
    if found is None:
        raise ValueError(f"/proc/{process}/{file} has no {name}")
    return int(found[1])
