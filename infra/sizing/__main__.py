"""Tells how many instances and how much bandwidth it takes, and what is full first. Asks no cloud."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.errors import ProgramError
from infra.sizing import capacity, units
from infra.sizing.demand import PEAK, demand
from infra.sizing.errors import SizingError
from infra.sizing.instance_types import TYPES, instance_type
from infra.sizing.limits import EIP_MBPS
from infra.sizing.plan import LOAD, Terms, plan
from infra.sizing.report import report

PERFORMANCE = Path(__file__).resolve().parents[2] / "docs/performance.md"
DEFAULT_TYPE, DEFAULT_REGION = "ecs.e-c1m2.large", "cn-hangzhou"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command.

    Args:
        argv: The arguments; those of the process when not given.

    Returns:
        The exit status: 0, or 1 when there is no answer.
    """
    arguments = _parser().parse_args(argv)
    try:
        print(_answer(arguments))
    except ProgramError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.sizing", description=__doc__)
    asked = parser.add_argument_group("what clients ask for, two of the first three")
    asked.add_argument("--requests", "--objects", metavar="N", help="in the busiest second")
    asked.add_argument("--size", metavar="SIZE", help="the mean answer: 64KiB, 1.5MiB, 200000")
    asked.add_argument("--gb-month", metavar="GB", help="what goes out in 30 days")
    asked.add_argument("--peak", metavar="N", help=f"the busiest second over the month's mean ({PEAK:g})")
    asked.add_argument("--client-mbps", default="20", metavar="N", help="what a client takes (%(default)s)")
    asked.add_argument("--cache-hits", default="0", metavar="SHARE", help="by the instances' caches, 0 to 1")
    asked.add_argument(
        "--sequential-names", action="store_true", help="objects' names begin with dates or counters"
    )
    given = parser.add_argument_group("what serves it")
    given.add_argument("--region", default=DEFAULT_REGION, help="(%(default)s)")
    given.add_argument("--type", default=DEFAULT_TYPE, metavar="TYPE", help="(%(default)s)")
    given.add_argument("--cores", metavar="N", help="its vCPUs, when it is not in the table")
    given.add_argument("--memory-gib", metavar="N", help="its memory, likewise")
    given.add_argument("--network-gbps", metavar="N", help="its baseline network bandwidth")
    given.add_argument("--billing", choices=EIP_MBPS, default="PayByTraffic", help="of the EIP (%(default)s)")
    given.add_argument("--cpu-us", metavar="REQUEST,MIB", help="your own measured processor time of nginx")
    given.add_argument("--load", default=str(LOAD), metavar="SHARE", help="how full to plan (%(default)s)")
    return parser


def _answer(arguments: argparse.Namespace) -> str:
    wanted = demand(
        requests=_number(arguments, "requests"),
        size=None if arguments.size is None else units.size(arguments.size),
        gb_month=_number(arguments, "gb_month"),
        peak=_number(arguments, "peak", smallest=1, largest=1000, zero=True),
    )
    cores = _number(arguments, "cores", largest=512)
    if cores is not None and not cores.is_integer():
        raise SizingError(f"--cores is {arguments.cores!r}", fix="give a whole number of vCPUs.")
    machine = instance_type(
        arguments.type,
        cores=None if cores is None else int(cores),
        memory_gib=_number(arguments, "memory_gib", largest=65_536),
        network_gbps=_number(arguments, "network_gbps", largest=1000),
    )
    terms = Terms(
        region=arguments.region,
        billing=arguments.billing,
        cost=capacity.given(arguments.cpu_us) if arguments.cpu_us else _measured(),
        client_mbps=units.number("--client-mbps", arguments.client_mbps, largest=100_000),
        cache_hits=units.number("--cache-hits", arguments.cache_hits, largest=1, zero=True),
        sequential=arguments.sequential_names,
        load=units.number("--load", arguments.load, largest=1),
    )
    others = [plan(wanted, other, terms) for other in TYPES.values()]
    return report(wanted, terms, plan(wanted, machine, terms), others)


def _number(
    arguments: argparse.Namespace, name: str, *, smallest: float = 0, largest: float = 1e9, zero: bool = False
) -> float | None:
    text = getattr(arguments, name)
    option = f"--{name.replace('_', '-')}"
    return None if text is None else units.number(option, text, smallest=smallest, largest=largest, zero=zero)


def _measured() -> capacity.Cost:
    try:
        page = PERFORMANCE.read_text()
    except OSError:
        page = ""
    return capacity.measured(page)


if __name__ == "__main__":
    sys.exit(main())
