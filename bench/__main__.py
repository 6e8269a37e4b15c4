"""``python -m bench [NAME...]``: all benchmarks but `nginx` and `cold` when none is named."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

from bench import change, cold, nginx, preview, unit, up
from bench.timing import HEADER, Sample, machine

BENCHES: dict[str, tuple[str, Callable[[], Iterable[Sample | change.Figure | nginx.Row]]]] = {
    "up": (HEADER, up.run),
    "change": (HEADER, change.run),
    "preview": (HEADER, preview.run),
    "unit": (HEADER, unit.run),
    "nginx": (nginx.HEADER, nginx.run),
    "cold": (HEADER, cold.run),
}
DEFAULT = ["up", "change", "preview", "unit"]


def main() -> None:
    """Runs the named benchmarks and prints one table for each."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], metavar="|".join(BENCHES))
    names = parser.parse_args().names or DEFAULT
    print(machine(), flush=True)
    for name in names:
        header, run = BENCHES[name]
        print(f"\n{name}\n{header}", flush=True)
        for sample in run():
            print(sample.row(), flush=True)


main()
