"""``python -m bench fleet``: plays the days, prints, and with ``--write`` renews docs/sizing.*."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from bench.fleet import plot, report
from bench.fleet.scenarios import SCENARIOS, play

DOCS = Path(__file__).resolve().parents[2] / "docs"


def run(*, seeds: int, write: bool, docs: Path = DOCS) -> None:
    """Plays every day, a few seconds in all.

    Args:
        seeds: How many days of other chance to judge too.
        write: Whether to write the plot and the page's table.
        docs: The folder of both.

    Raises:
        RuntimeError: It is to write, and there is no matplotlib.
    """
    if write and find_spec("matplotlib") is None:
        raise RuntimeError("there is no matplotlib. Run: make bench-fleet")
    rows = [(scenario, *play(scenario)) for scenario in SCENARIOS]
    print(*report.lines(rows), sep="\n", flush=True)
    print(f"\nseeds 1 to {seeds}", flush=True)
    for scenario in SCENARIOS:
        verdicts = [play(scenario, seed)[1] for seed in range(1, seeds + 1)]
        starved, flapped = (sum(one.starved for one in verdicts), sum(one.flapped for one in verdicts))
        print(f"{scenario.name:<40} starves {starved:>3}  flaps {flapped:>3}  of {seeds}", flush=True)
    if write:
        page = docs / "sizing.md"
        page.write_text(report.with_block(page.read_text(), report.block(rows)))
        plot.draw(rows, docs / "sizing.svg")
        print(f"\nwritten: {page}, {docs / 'sizing.svg'}")
