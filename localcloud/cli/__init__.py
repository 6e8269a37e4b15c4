"""The command `localcloud`. Each command imports what it needs when it runs: `run` must be quick."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from localcloud.errors import LocalcloudError
from localcloud.home import DEFAULT_HOME, HOME_VARIABLE, Home


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        argv: The arguments; those of the process when not given.

    Returns:
        The exit status: 0, 1 for an error with a message, 2 for a command line that cannot be understood.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    command: list[str] = []
    # What follows is another program's business, whatever it looks like.
    if "--" in words:
        at = words.index("--")
        words, command = words[:at], words[at + 1 :]
    parser = build_parser(with_oss="oss" in words)
    arguments = parser.parse_args(words)
    arguments.program = command
    if arguments.command == "run" and not command:
        parser.error("run needs a command after --: localcloud run --from operator -- COMMAND ...")
    if arguments.command != "run" and command:
        parser.error(f"{arguments.command} takes nothing after --")
    try:
        return _dispatch(arguments, Home.find(arguments.home))
    except LocalcloudError as error:
        print(f"localcloud: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def build_parser(*, with_oss: bool = True) -> argparse.ArgumentParser:
    """Builds the command line's grammar.

    Args:
        with_oss: Whether to include the commands of ``localcloud oss``, whose client takes a while to
            import.
    """
    parser = argparse.ArgumentParser(
        prog="localcloud", description="A stand-in for the part of Alibaba Cloud that the program uses."
    )
    parser.add_argument("--home", help=f"the cloud's folder (default: ${HOME_VARIABLE}, else {DEFAULT_HOME})")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="start the cloud; nothing happens when it runs")
    up.add_argument(
        "--api-only", action="store_true", help="only the API services: no root, and no instance boots"
    )
    up.add_argument("--account-uid", metavar="UID", help="UID of the operator's account, 16 digits")
    up.add_argument(
        "--operator-env",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="environment of the operator's commands, kept in the home",
    )
    commands.add_parser("down", help="end the cloud and remove all that it made on this machine")
    status = commands.add_parser("status", help="show what runs; fails when the cloud does not")
    status.add_argument("--json", action="store_true", help="for programs")
    run = commands.add_parser("run", help="run a command on a host of the cloud")
    run.add_argument(
        "--from",
        dest="place",
        required=True,
        metavar="PLACE",
        help="operator, internet, vpc (another host of the instance's VPC), other-vpc (a host of a "
        "stranger's VPC with the instance's address), VPC_ID/ADDRESS (a host of that VPC, made when asked "
        "for), or an instance's id",
    )
    run.add_argument(
        "--as",
        dest="user",
        metavar="NAME",
        help="the operator, or VPC_ID/ADDRESS, with a RAM user's key (localcloud ram)",
    )
    commands.add_parser("shell", help="an interactive shell of the operator")
    logs = commands.add_parser("logs", help="show the cloud's log, or an instance's console and logs")
    logs.add_argument("instance", nargs="?", metavar="INSTANCE_ID")
    logs.add_argument("--follow", "-f", action="store_true", help="go on as it grows")
    calls = commands.add_parser("calls", help="show the calls that were made, in order")
    calls.add_argument("--since", type=int, default=0, metavar="NUMBER", help="only those after this one")
    calls.add_argument("--json", action="store_true", help="for programs")
    from localcloud.cli import acme, dns, endpoint, fault, image, ram

    image.add_arguments(commands.add_parser("image", help="let newer system images come out"))
    endpoint.add_arguments(commands.add_parser("endpoint", help="move the addresses of internal OSS names"))
    fault.add_arguments(commands.add_parser("fault", help="make calls fail, to test what programs do then"))
    acme.add_arguments(commands.add_parser("acme", help="a certificate authority like Let's Encrypt"))
    dns.add_arguments(commands.add_parser("dns", help="domains of the account, whose records alidns keeps"))
    ram.add_arguments(commands.add_parser("ram", help="RAM users, to test what a policy is enough for"))
    oss = commands.add_parser("oss", help="the bucket owner's view of object storage")
    if with_oss:
        from localcloud.oss import view

        view.add_arguments(oss)
    return parser


def _dispatch(arguments: argparse.Namespace, home: Home) -> int:
    if arguments.command in ("up", "down"):
        from localcloud.cli import life

        if arguments.command == "down":
            return life.down(home)
        return life.up(
            home,
            mode="api-only" if arguments.api_only else "full",
            account_uid=arguments.account_uid,
            operator_environment=arguments.operator_env,
        )
    if arguments.command in ("status", "logs", "calls"):
        from localcloud.cli import look

        if arguments.command == "calls":
            return look.calls(home, arguments.since, as_json=arguments.json)
        if arguments.command == "status":
            return look.status(home, as_json=arguments.json)
        return look.logs(home, arguments.instance, follow=arguments.follow)
    if arguments.command == "image":
        from localcloud.cli import image

        return image.run(home, arguments)
    if arguments.command == "endpoint":
        from localcloud.cli import endpoint

        return endpoint.run(home, arguments)
    if arguments.command == "fault":
        from localcloud.cli import fault

        return fault.run(home, arguments)
    if arguments.command == "acme":
        from localcloud.cli import acme

        return acme.run(home, arguments)
    if arguments.command == "dns":
        from localcloud.cli import dns

        return dns.run(home, arguments)
    if arguments.command == "ram":
        from localcloud.cli import ram

        return ram.run(home, arguments)
    from localcloud.cli import enter

    if arguments.command == "shell":
        return enter.shell(home)
    if arguments.command == "oss":
        return enter.oss(home, arguments)
    return enter.run(home, arguments.place, arguments.program, user=arguments.user)
