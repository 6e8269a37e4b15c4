"""``python -m bench nginx``: measures, prints, and with ``--write`` renews page, plot and README."""

from __future__ import annotations

import datetime
import os
import re
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from bench.nginx import network, plot, report
from bench.nginx.cases import CASES, OBJECTS, SECURE_CASES
from bench.nginx.goals import goals
from bench.nginx.measure import Row, measured
from bench.nginx.memory import streaming
from bench.nginx.secure_setups import SECURE_SETUPS
from bench.nginx.setups import SETUPS, nginx_command
from bench.nginx.stand import standing, standing_secure
from bench.timing import machine

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
SECONDS = 5


def run(
    *, rounds: int, seconds: int, write: bool, docs: Path = ROOT / "docs", readme: Path | None = None
) -> None:
    """Measures everything, about 25 minutes by default.

    Args:
        rounds: How many turns each setup has under each load.
        seconds: How long a turn is.
        write: Whether to write the page, the plot and the README's table.
        docs: The folder of page and plot.
        readme: The README, or None for the project's.
    """
    if write and find_spec("matplotlib") is None:
        # Before minutes are spent on what can't be drawn.
        raise RuntimeError("there is no matplotlib. Run: make bench-nginx")
    where = network.prepared()
    before = os.getloadavg()[0]
    rows: list[Row] = []
    for stand, setups, cases in (
        (standing, SETUPS, CASES),
        (standing_secure, SECURE_SETUPS, SECURE_CASES),
    ):
        with stand(setups, OBJECTS) as servers:
            for row in measured(servers, cases, rounds=rounds, seconds=seconds):
                if not rows or rows[-1].case != row.case:
                    print(report.head(row.case.name), flush=True)
                rows.append(row)
                print(report.line(row), flush=True)
    facts = report.Facts(
        machine(), where, _nginx_version(), _today(), before, os.getloadavg()[0], rounds, seconds
    )
    print("\nslow readers and a large object", flush=True)
    streamed = streaming()
    print(*streamed.lines(), sep="\n", flush=True)
    wanted = list(goals(rows, streamed))
    print("\ngoals", *(f"{goal.name:<88} {goal.value:>18}  {goal.answer}" for goal in wanted), sep="\n")
    if write:
        _write(
            docs,
            readme or ROOT / "README.md",
            report.page(facts, rows, wanted, streamed.lines()),
            facts,
            rows,
        )


def memory() -> None:
    """Only the slow readers and the large object, about a minute."""
    network.prepared()
    streamed = streaming()
    print(*streamed.lines(), *(f"{goal.name}: {goal.answer}" for goal in goals([], streamed)), sep="\n")


def _write(docs: Path, readme: Path, page: str, facts: report.Facts, rows: Sequence[Row]) -> None:
    (docs / "performance.md").write_text(page)
    plot.draw(rows, docs / "performance.svg")
    readme.write_text(report.with_block(readme.read_text(), report.readme_block(facts, rows)))
    print(f"\nwritten: {docs / 'performance.md'}, {docs / 'performance.svg'}, {readme}")


def _nginx_version() -> str:
    binary = nginx_command(Path("nginx.conf"))[0]
    said = subprocess.run([binary, "-v"], capture_output=True, text=True, check=True).stderr
    found = re.search(r"nginx/([\d.]+)", said)
    return found[1] if found else "unknown"


def _today() -> str:
    return datetime.datetime.now(tz=datetime.UTC).date().isoformat()
