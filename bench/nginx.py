"""nginx as it is rendered, against other ways to do the same, on one machine and in one run.

Each round asks every setup in turn, so that what the machine does beside hits all of them. Ratios to `direct`
of the same round say more than the numbers; client, proxy and origin share the processors.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.nginx_load import Load, Server, load, serving
from bench.nginx_setups import SETUPS, origin_conf
from tests.support.debian_nginx import unpacked
from tests.support.nginx import free_port, nginx_binary

ROUNDS = 3
SECONDS = 5
OBJECTS = {"4 KiB": 4 * 1024, "1 MiB": 1024 * 1024}
CONNECTIONS = (64, 1000)
DIRECT = "direct to the origin"

_COLUMNS = (("req/s", 9), ("of direct", 9), ("p50 ms", 8), ("p99 ms", 9), ("CPU us/req", 10), ("MB", 6))
HEADER = f"{'':<34}" + "".join(f" {title:>{width}}" for title, width in _COLUMNS) + "   failed"


@dataclass(frozen=True)
class Row:
    """One setup under one load: the medians of its rounds.

    Attributes:
        name: The load and the setup.
        loads: What wrk saw in each round.
        of_direct: Requests per second as a share of the direct ones of the same round, in each round.
        cpu_us: Processor time of the proxy's own processes for a request in each round, in microseconds.
        memory_mb: What the proxy held at the end of each round.
    """

    name: str
    loads: tuple[Load, ...]
    of_direct: tuple[float, ...]
    cpu_us: tuple[float, ...]
    memory_mb: tuple[float, ...]

    def row(self) -> str:
        """The row as a line of the table."""
        middle = statistics.median
        values = (
            f"{middle(one.per_second for one in self.loads):.0f}",
            f"{middle(self.of_direct):.2f}",
            f"{1000 * middle(one.p50 for one in self.loads):.2f}",
            f"{1000 * middle(one.p99 for one in self.loads):.2f}",
            f"{middle(self.cpu_us):.1f}",
            f"{max(self.memory_mb):.0f}",
        )
        cells = "".join(f" {value:>{width}}" for value, (_, width) in zip(values, _COLUMNS, strict=True))
        return f"{self.name:<34}{cells} {sum(one.failed for one in self.loads):8}"


def run(*, rounds: int = ROUNDS, seconds: int = SECONDS) -> Iterator[Row]:
    """Measures every setup under every load, and yields the rows of a load when it is done.

    Raises:
        RuntimeError: There is no wrk or no nginx.
    """
    if shutil.which("wrk") is None:
        raise RuntimeError("there is no wrk. Install it: apt-get install wrk")
    binary = str(unpacked()) if unpacked().exists() else nginx_binary()
    if binary is None:
        raise RuntimeError("there is no nginx. Run: make setup")
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="oss-proxy-bench-")))
        servers = _started(stack, root, binary)
        for label in OBJECTS:
            for connections in CONNECTIONS:
                yield from _measured(servers, label, connections, rounds, seconds)


def _started(stack: ExitStack, root: Path, binary: str) -> dict[str, Server]:
    origin_port = free_port()
    origin = root / "origin"
    (origin / "objects" / "public").mkdir(parents=True)
    for label, size in OBJECTS.items():
        (origin / "objects" / "public" / _file(label)).write_bytes(b"x" * size)
    conf = origin_conf(origin, origin_port)
    servers = {DIRECT: stack.enter_context(serving(binary, origin, origin_port, conf))}
    for number, setup in enumerate(SETUPS):
        folder = root / str(number)
        folder.mkdir()
        port = free_port()
        conf = setup.conf(folder, port, origin_port)
        servers[setup.name] = stack.enter_context(serving(binary, folder, port, conf))
    return servers


def _measured(
    servers: dict[str, Server], label: str, connections: int, rounds: int, seconds: int
) -> Iterator[Row]:
    loads: dict[str, list[Load]] = {name: [] for name in servers}
    cpu: dict[str, list[float]] = {name: [] for name in servers}
    memory: dict[str, list[float]] = {name: [] for name in servers}
    for server in servers.values():
        load(_url(server, label), connections=connections, seconds=1)
    for _ in range(rounds):
        for name, server in servers.items():
            before = server.cpu_seconds()
            seen = load(_url(server, label), connections=connections, seconds=seconds)
            loads[name].append(seen)
            cpu[name].append((server.cpu_seconds() - before) / max(seen.requests, 1) * 1e6)
            memory[name].append(server.memory_mb())
    for name in servers:
        yield Row(
            name=f"{label}, {connections}: {name}",
            loads=tuple(loads[name]),
            of_direct=tuple(
                one.per_second / direct.per_second
                for one, direct in zip(loads[name], loads[DIRECT], strict=True)
            ),
            cpu_us=tuple(cpu[name]),
            memory_mb=tuple(memory[name]),
        )


def _file(label: str) -> str:
    return label.replace(" ", "")


def _url(server: Server, label: str) -> str:
    return f"http://127.0.0.1:{server.port}/public/{_file(label)}"
