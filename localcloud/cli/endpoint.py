"""``endpoint``: moves the addresses of internal OSS names, and lets single ones go down."""

from __future__ import annotations

import argparse
import json
from typing import Any

from localcloud import control
from localcloud.errors import LocalcloudError
from localcloud.home import Home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own commands and options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    show = verbs.add_parser(
        "show", help="show the addresses of each region's internal name, and what is down"
    )
    show.add_argument("--json", action="store_true", help="for programs")
    move = verbs.add_parser(
        "move", help="let a region's internal names lead to other addresses of its ranges"
    )
    move.add_argument("region", metavar="REGION", help="for example cn-hangzhou")
    move.add_argument(
        "addresses", nargs="*", metavar="ADDRESS", help="the new ones; none for those of the beginning"
    )
    move.add_argument("--dns-fails", action="store_true", help="instead: no name server can tell them")
    down = verbs.add_parser("down", help="let nothing answer at an address")
    down.add_argument("address", metavar="ADDRESS")
    down.add_argument("--silent", action="store_true", help="packets vanish, instead of being refused")
    up = verbs.add_parser("up", help="let an address that is down answer again")
    up.add_argument("address", metavar="ADDRESS")


def run(home: Home, arguments: argparse.Namespace) -> int:
    """Carries the command out.

    Raises:
        LocalcloudError: No cloud runs, or the command makes no sense.
    """
    home.require_running()
    if arguments.verb == "move" and arguments.addresses and arguments.dns_fails:
        raise LocalcloudError("Name addresses or --dns-fails, not both.")
    names = ("region", "addresses", "dns_fails", "address", "silent")
    values = {name: getattr(arguments, name) for name in names if hasattr(arguments, name)}
    told: dict[str, Any] = control.ask(home.control, f"endpoint-{arguments.verb}", **values)
    if arguments.verb == "show":
        print(json.dumps(told, indent=2) if arguments.json else render(told))
    return 0


def render(told: dict[str, Any]) -> str:
    """Renders what is told for people."""
    lines = [
        f"{region:16} {' '.join(addresses) or 'DNS fails'}" for region, addresses in told["addresses"].items()
    ]
    return "\n".join(lines + [f"down             {one} ({how})" for one, how in told["down"].items()])
