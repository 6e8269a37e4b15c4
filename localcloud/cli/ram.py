"""``ram``: RAM users of the operator's account, to try what a policy is enough for."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from localcloud import control
from localcloud.cli.listing import listing
from localcloud.errors import LocalcloudError
from localcloud.home import Home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own commands and options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    user = verbs.add_parser("user", help="make a user with a policy, or give one another policy")
    user.add_argument("name", metavar="NAME")
    user.add_argument("--policy", required=True, metavar="FILE", help="a RAM policy in JSON; - for stdin")
    listing = verbs.add_parser("list", help="show the users")
    listing.add_argument("--json", action="store_true", help="for programs")
    remove = verbs.add_parser("rm", help="remove a user and its key")
    remove.add_argument("name", metavar="NAME")


def run(home: Home, arguments: argparse.Namespace) -> int:
    """Carries the command out.

    Raises:
        LocalcloudError: No cloud runs, or the user or the policy makes no sense.
    """
    home.require_running()
    if arguments.verb == "user":
        policy = _read(arguments.policy)
        made = control.ask(home.control, "ram-user", name=arguments.name, policy=policy)
        print(f"user        {arguments.name}  {made['user_id']}")
        print(f"key         {made['access_key_id']}  {made['access_key_secret']}")
        print(f"Try: localcloud run --from operator --as {arguments.name} -- COMMAND ...")
    elif arguments.verb == "rm":
        control.ask(home.control, "ram-rm", name=arguments.name)
        print(f"Removed {arguments.name}.")
    else:
        users: list[dict[str, Any]] = control.ask(home.control, "ram-list")
        print(listing(users, _line, as_json=arguments.json))
    return 0


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise LocalcloudError(f"The policy {name} cannot be read: {error}") from error


def _line(user: dict[str, Any]) -> str:
    return f"{user['name']}  {user['user_id']}  {user['access_key_id']}  {user['statements']} statements"
