"""``fault``: makes calls of a running cloud fail, to see what a program makes of it."""

from __future__ import annotations

import argparse
from typing import Any

from localcloud import control
from localcloud.cli.listing import listing
from localcloud.errors import LocalcloudError
from localcloud.home import Home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own commands and options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    add = verbs.add_parser("add", help="order a fault")
    add.add_argument(
        "--action",
        required=True,
        help="the operation: RunCommand, ecs:RunCommand, oss:GetBucketPolicy; or assistant:Agent (there is "
        "no agent in the instance) and assistant:Command (the command fails), both with --kind error",
    )
    add.add_argument(
        "--kind",
        required=True,
        choices=("throttle", "error", "forbidden", "delay", "lost-answer", "hold"),
        help="refused as too many, as the service's failure, or as not allowed; carried out late; "
        "carried out and never answered; or carried out and answered only when it is released",
    )
    add.add_argument(
        "--code",
        default="",
        help="with --kind error: the code to refuse with, for example OperationDenied.NoStock",
    )
    add.add_argument(
        "--status", type=int, default=0, help="with --code: the HTTP status, if not the usual one"
    )
    add.add_argument("--times", type=int, default=1, help="how many calls it strikes (default: 1)")
    add.add_argument("--after", type=int, default=0, help="how many calls it lets pass first (default: 0)")
    add.add_argument("--delay", type=float, default=5.0, metavar="SECONDS", help="of delay (default: 5)")
    listing = verbs.add_parser("list", help="show the faults and how often they struck")
    listing.add_argument("--json", action="store_true", help="for programs")
    wait = verbs.add_parser("wait", help="wait until a fault has struck, and a held call was carried out")
    wait.add_argument("id", type=int)
    wait.add_argument(
        "--timeout", type=float, default=60.0, metavar="SECONDS", help="then fail (default: 60)"
    )
    release = verbs.add_parser("release", help="let the answers go that a fault of the kind hold keeps back")
    release.add_argument("id", type=int)
    verbs.add_parser("clear", help="forget all faults, and let every answer go that is kept back")


def run(home: Home, arguments: argparse.Namespace) -> int:
    """Carries the command out.

    Raises:
        LocalcloudError: No cloud runs, the fault makes no sense, or it did not strike in time.
    """
    home.require_running()
    if arguments.verb == "add":
        added = control.ask(
            home.control,
            "fault-add",
            action=arguments.action,
            kind=arguments.kind,
            times=arguments.times,
            after=arguments.after,
            delay_s=arguments.delay,
            code=arguments.code,
            status=arguments.status,
        )
        print(_line(added))
    elif arguments.verb == "wait":
        struck = control.ask(
            home.control,
            "fault-wait",
            id=arguments.id,
            seconds=arguments.timeout,
            timeout_s=arguments.timeout + control.TIMEOUT_S,
        )
        if not struck:
            raise LocalcloudError(f"Fault {arguments.id} has not struck within {arguments.timeout:g} s.")
    elif arguments.verb == "release":
        control.ask(home.control, "fault-release", id=arguments.id)
    elif arguments.verb == "clear":
        print(f"Cleared {control.ask(home.control, 'fault-clear')}.")
    else:
        faults: list[dict[str, Any]] = control.ask(home.control, "fault-list")
        print(listing(faults, _line, as_json=arguments.json))
    return 0


def _line(fault: dict[str, Any]) -> str:
    struck = f"struck {fault['struck']} of {fault['times']}"
    passing = f", lets {fault['after']} pass first" if fault["after"] else ""
    code = f" {fault['code']}" if fault["code"] else ""
    return f"{fault['id']}  {fault['kind']}{code}  {fault['action']}  {struck}{passing}"
