"""How long the fast tests take, as `make unit` runs them."""

from __future__ import annotations

from bench.timing import Sample, run_command, timed

RUNS = 3


def run() -> list[Sample]:
    """Measures the program's unit tests, once warm."""
    command = ["make", "unit"]
    run_command(command)
    return [Sample("make unit", tuple(timed(lambda: run_command(command)) for _ in range(RUNS)))]
