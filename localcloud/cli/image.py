"""``image``: system images that come out while a cloud runs."""

from __future__ import annotations

import argparse

from localcloud import control
from localcloud.home import Home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own commands and options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    publish = verbs.add_parser("publish", help="let a system image come out, in every region")
    publish.add_argument("name", help="for example debian_13_3_x64_20G_alibase_20261120.vhd")


def run(home: Home, arguments: argparse.Namespace) -> int:
    """Carries the command out.

    Raises:
        LocalcloudError: No cloud runs, or the name is none.
    """
    home.require_running()
    print(f"Published {control.ask(home.control, 'image-publish', name=arguments.name)}.")
    return 0
