"""``dns``: domains of the operator's account; their records are made by the API."""

from __future__ import annotations

import argparse
from typing import Any

from localcloud import control
from localcloud.cli.listing import listing
from localcloud.home import Home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own commands and options."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    domain = kinds.add_parser("domain", help="domains: add, list, rm")
    verbs = domain.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, told in (("add", "give the account a domain"), ("rm", "remove a domain with its records")):
        verbs.add_parser(verb, help=told).add_argument("name", metavar="NAME")
    listing = verbs.add_parser("list", help="show the domains and their records")
    listing.add_argument("--json", action="store_true", help="for programs")


def run(home: Home, arguments: argparse.Namespace) -> int:
    """Carries the command out.

    Raises:
        LocalcloudError: No cloud runs, or the domain makes no sense.
    """
    home.require_running()
    if arguments.verb == "add":
        print(f"domain      {control.ask(home.control, 'dns-domain-add', name=arguments.name)}")
    elif arguments.verb == "rm":
        control.ask(home.control, "dns-domain-rm", name=arguments.name)
        print(f"Removed {arguments.name}.")
    else:
        domains: list[dict[str, Any]] = control.ask(home.control, "dns-domain-list")
        print(listing(domains, _lines, as_json=arguments.json))
    return 0


def _lines(domain: dict[str, Any]) -> str:
    records = (
        f"  {record['rr']}  {record['type']}  {record['value']}  {record['ttl']} s"
        + ("" if record["enabled"] else "  off")
        for record in domain["records"]
    )
    return "\n".join([domain["name"], *records])
