"""Asking every setup in turn under every load.

In each round each setup is asked for a while, in another order than in the round before, so that what the
machine does beside hits all of them. Ratios are those of one round's speeds; client, proxy and origin share
the processors, so they say more than the numbers.
"""

from __future__ import annotations

import statistics
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bench.nginx.cases import Case
from bench.nginx.load import Load, load
from bench.nginx.servers import Server
from bench.nginx.setups import DIRECT, VENDOR


@dataclass(frozen=True)
class Turn:
    """One setup in one round.

    Attributes:
        load: What wrk saw.
        cpu_seconds: What the setup's own processes used.
        memory_mb: The most that they held.
        written_bytes: What they wrote to files.
    """

    load: Load
    cpu_seconds: float
    memory_mb: float
    written_bytes: int


@dataclass(frozen=True)
class Row:
    """One setup under one load.

    Attributes:
        case: The load.
        setup: The setup's name.
        turns: Its turn in each round.
        of_direct, of_vendor: Its speed as a share of the origin's own and of the vendor's form in the same
            round, for each round.
    """

    case: Case
    setup: str
    turns: tuple[Turn, ...]
    of_direct: tuple[float, ...]
    of_vendor: tuple[float, ...]

    @property
    def failed(self) -> int:
        """Requests that failed, of all rounds."""
        return sum(turn.load.failed for turn in self.turns)

    def median(self, value: Callable[[Turn], float]) -> float:
        """The median of the rounds."""
        return statistics.median(map(value, self.turns))

    def cpu_each(self) -> float:
        """Microseconds of processor time for a request, or for a MiB where bytes count."""
        return self.median(lambda turn: 1e6 * turn.cpu_seconds / max(_units(self.case, turn), 1e-9))

    def written_each(self) -> float:
        """Bytes written for a request, or for a MiB where bytes count."""
        return self.median(lambda turn: turn.written_bytes / max(_units(self.case, turn), 1e-9))


def measured(
    servers: Mapping[str, Server], cases: Iterable[Case], *, rounds: int, seconds: int
) -> Iterator[Row]:
    """Measures every server under every load, and yields the rows of a load when it is done."""
    for case in cases:
        for server in servers.values():
            _warm(case, server)
        turns: dict[str, list[Turn]] = {name: [] for name in servers}
        names = list(servers)
        for number in range(rounds):
            start = number % len(names)
            for name in names[start:] + names[:start]:
                turns[name].append(_turn(case, servers[name], seconds))
        for name in names:
            yield Row(
                case=case,
                setup=name,
                turns=tuple(turns[name]),
                of_direct=_shares(case, turns[name], turns[DIRECT]),
                of_vendor=_shares(case, turns[name], turns[VENDOR]),
            )


def _warm(case: Case, server: Server) -> None:
    # Whole once, so that a cache has it.
    # The certificate is nobody's that curl would trust.
    subprocess.run(["curl", "-skf", "-o", "/dev/null", case.url(server.port)], check=True)
    load(case, server.port, 1)


def _turn(case: Case, server: Server, seconds: int) -> Turn:
    cpu, written = server.cpu_seconds(), server.written_bytes()
    with server.watched() as peak:
        seen = load(case, server.port, seconds)
    return Turn(seen, server.cpu_seconds() - cpu, peak.memory_mb, server.written_bytes() - written)


def _units(case: Case, turn: Turn) -> float:
    return turn.load.transferred / 2**20 if case.unit == "bytes" else turn.load.requests


def _shares(case: Case, turns: list[Turn], base: list[Turn]) -> tuple[float, ...]:
    pairs = zip(turns, base, strict=True)
    return tuple(turn.load.speed(case) / (other.load.speed(case) or 1e-9) for turn, other in pairs)
