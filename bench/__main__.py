"""``python -m bench [NAME...]``: all benchmarks but those of nginx, `cold` and `fleet` when none is named."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

from bench import change, cold, preview, unit, up
from bench.fleet import command as fleet
from bench.nginx import command, network
from bench.timing import HEADER, Sample, machine

BENCHES: dict[str, Callable[[], Iterable[Sample | change.Figure]]] = {
    "up": up.run,
    "change": change.run,
    "preview": preview.run,
    "unit": unit.run,
    "cold": cold.run,
}
NGINX = ["nginx", "nginx-memory"]
FLEET = "fleet"
ALL = [*BENCHES, *NGINX, FLEET]
DEFAULT = ["up", "change", "preview", "unit"]


def main() -> None:
    """Runs the named benchmarks and prints one table for each."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*ALL, []], metavar="|".join(ALL))
    nginx = parser.add_argument_group("nginx and fleet")
    nginx.add_argument(
        "--rounds", type=int, default=command.ROUNDS, help="turns of each setup; seeds of fleet (%(default)s)"
    )
    nginx.add_argument("--seconds", type=int, default=command.SECONDS, help="length of a turn (%(default)s)")
    nginx.add_argument(
        "--write",
        action="store_true",
        help="write docs/performance.* and the README's ratios; with fleet docs/sizing.*",
    )
    options = parser.parse_args()
    for name in options.names or DEFAULT:
        numbers = [f"--rounds={options.rounds}", f"--seconds={options.seconds}"]
        if name in NGINX and network.elsewhere([name, *numbers, *(["--write"] if options.write else [])]):
            continue
        print(f"{machine()}\n\n{name}", flush=True)
        if name == "nginx":
            command.run(rounds=options.rounds, seconds=options.seconds, write=options.write)
        elif name == "nginx-memory":
            command.memory()
        elif name == FLEET:
            fleet.run(seeds=options.rounds, write=options.write)
        else:
            print(HEADER, flush=True)
            for sample in BENCHES[name]():
                print(sample.row(), flush=True)


main()
