"""``python -m bench [up] [preview] [unit] [cold]``: all but `cold` when none is named."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from bench import cold, preview, unit, up
from bench.timing import HEADER, Sample, machine

BENCHES: dict[str, Callable[[], list[Sample]]] = {
    "up": up.run,
    "preview": preview.run,
    "unit": unit.run,
    "cold": cold.run,
}
DEFAULT = ["up", "preview", "unit"]


def main() -> None:
    """Runs the named benchmarks and prints one table for each."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], metavar="|".join(BENCHES))
    names = parser.parse_args().names or DEFAULT
    print(machine(), flush=True)
    for name in names:
        print(f"\n{name}\n{HEADER}", flush=True)
        for sample in BENCHES[name]():
            print(sample.row(), flush=True)


main()
