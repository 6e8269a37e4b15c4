"""What is wanted of the rendered configuration, and whether it was met."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bench.nginx.cases import Case
from bench.nginx.measure import Row
from bench.nginx.memory import Streaming
from bench.nginx.setups import CACHED, OURS

VENDOR_SHARE = 1.0
DIRECT_SHARE = 0.9
SLOW_READERS_MB = 200


@dataclass(frozen=True)
class Goal:
    """One goal.

    Attributes:
        name: What is wanted.
        value: What was measured, with its unit.
        met: Whether it is as wanted.
    """

    name: str
    value: str
    met: bool

    @property
    def answer(self) -> str:
        """The word for it."""
        return "met" if self.met else "not met"


def goals(rows: Iterable[Row], streaming: Streaming | None) -> Iterator[Goal]:
    """Judges what was measured, in the order of the cases."""
    by_setup: dict[tuple[str, Case], Row] = {(row.setup, row.case): row for row in rows}
    for name, base, wanted in (
        (OURS, "the vendor's form", VENDOR_SHARE),
        (CACHED, "direct", DIRECT_SHARE),
    ):
        for (setup, case), row in by_setup.items():
            if setup == name:
                share = statistics.median(row.of_vendor if name == OURS else row.of_direct)
                # As it is shown, so that no goal is missed by less than what is told.
                yield Goal(
                    f"{case.name}: {name}, at least {wanted:g} of {base}",
                    f"{share:.2f}",
                    round(share, 2) >= wanted,
                )
    if streaming is not None:
        yield Goal(
            f"{streaming.readers:,} slow readers of 1 GiB: under {SLOW_READERS_MB} MB of memory",
            f"{streaming.memory_mb:.0f} MB",
            streaming.memory_mb < SLOW_READERS_MB,
        )
        yield Goal(
            f"{streaming.readers:,} slow readers of 1 GiB: nothing in temporary files, none cut off",
            f"{streaming.temporary_mb:.1f} MB, {streaming.cut_off} cut off",
            streaming.temporary_mb == 0 and streaming.cut_off == 0,
        )
        yield Goal(
            f"{streaming.object_gib} GiB object: intact",
            "intact" if streaming.intact else "damaged",
            streaming.intact,
        )
