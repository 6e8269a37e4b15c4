"""What slow readers and a large object cost the rendered configuration: memory, temporary files, bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.nginx.cases import GIB, MIB
from bench.nginx.servers import Server
from bench.nginx.setups import DIRECT, OURS, SETUPS
from bench.nginx.stand import standing

READERS = 1000
SECONDS = 30
LARGE = "5GiB"
LARGE_GIB = 5
CHUNK = 4 * MIB


@dataclass(frozen=True)
class Streaming:
    """What was seen.

    Attributes:
        readers: How many slow readers there were.
        seconds: For how long they read.
        memory_mb: The most that nginx held meanwhile, in MB.
        temporary_mb: What it had in temporary files at the end, those without a name included, in MB.
        cut_off: Readers whose answer ended before its time.
        object_gib: The size of the large object.
        object_memory_mb: The most that nginx held while it passed.
        intact: Whether every byte of it came.
    """

    readers: int
    seconds: int
    memory_mb: float
    temporary_mb: float
    cut_off: int
    object_gib: int
    object_memory_mb: float
    intact: bool

    def lines(self) -> list[str]:
        """The figures in words."""
        return [
            f"{self.readers:,} slow readers of 1 GiB, {self.seconds} s: {self.memory_mb:.0f} MB of memory, "
            f"{self.temporary_mb:.1f} MB in temporary files, {self.cut_off} cut off",
            f"{self.object_gib} GiB object: {'intact' if self.intact else 'damaged'}, "
            f"{self.object_memory_mb:.0f} MB of memory",
        ]


def streaming(*, readers: int = READERS, seconds: int = SECONDS) -> Streaming:
    """Has many slow readers read at once, then one quick reader a large object."""
    ours = [setup for setup in SETUPS if setup.name == OURS]
    with standing(ours, {"1GiB": GIB, LARGE: LARGE_GIB * GIB}) as servers:
        server = servers[OURS]
        with server.watched() as slow_peak:
            ended, temporary = _slow_readers(server, readers, seconds)
        large = servers[DIRECT].folder / "objects/public" / LARGE
        _mark(large)
        with server.watched() as large_peak:
            url = f"http://127.0.0.1:{server.port}/public/{LARGE}"
            with urllib.request.urlopen(url) as answer:
                seen = _digest(answer.read)
        with large.open("rb") as file:
            intact = seen == _digest(file.read)
    return Streaming(
        readers, seconds, slow_peak.memory_mb, temporary / 1e6, ended, LARGE_GIB, large_peak.memory_mb, intact
    )


def _slow_readers(server: Server, readers: int, seconds: int) -> tuple[int, int]:
    command = [sys.executable, "-m", "bench.nginx.slow_client", str(server.port), "/public/1GiB"]
    client = subprocess.Popen(
        [*command, str(readers), str(seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    if client.stdout is None or client.stdout.readline() != "started\n":
        client.kill()
        raise RuntimeError("the slow readers did not start")
    ended = int(client.stdout.readline())
    temporary = _temporary_bytes(server)
    # Until now it has kept its connections.
    client.communicate("end\n", timeout=60)
    return ended, temporary


def _temporary_bytes(server: Server) -> int:
    """Nginx removes the name of a temporary file at once and keeps it open."""
    total = 0
    for process in server.processes():
        for handle in Path(f"/proc/{process}/fd").iterdir():
            target = str(handle.readlink())
            if target.startswith(str(server.folder)) and not target.endswith(".log"):
                total += handle.stat().st_blocks * 512
    return total


def _mark(path: Path) -> None:
    """Puts bytes that are not to be guessed at the beginning, the end, and where 32 bits overflow."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        for offset in (0, 2 * GIB - MIB // 2, 4 * GIB - MIB // 2, size - MIB):
            file.seek(offset)
            file.write(os.urandom(MIB))


def _digest(read: Callable[[int], bytes]) -> tuple[int, bytes]:
    digest, length = hashlib.sha256(), 0
    while data := read(CHUNK):
        digest.update(data)
        length += len(data)
    return length, digest.digest()
