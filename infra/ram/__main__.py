"""Prints a RAM policy, or the list that it is made of."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from infra.ram.policies import FEATURES, ROLES, RamPolicyError, Target, build, rights_of


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command.

    Args:
        argv: The arguments; those of the process when not given.

    Returns:
        The exit status: 0, or 1 when the policy cannot be made.
    """
    parser = argparse.ArgumentParser(
        prog="python -m infra.ram", description="Prints the RAM policy that a stack's user needs."
    )
    parser.add_argument("role", choices=ROLES, help="who it is for: deployer writes, preview only reads")
    parser.add_argument("--account", required=True, metavar="UID", help="the account, 16 digits")
    parser.add_argument("--region", required=True, help="the stack's region, for example cn-hangzhou")
    parser.add_argument("--bucket", required=True, help="the bucket's name")
    parser.add_argument(
        "--with",
        dest="features",
        action="append",
        default=[],
        metavar="FEATURE",
        help=f"a feature that the stack uses, any number of times: {', '.join(FEATURES)}",
    )
    parser.add_argument(
        "--zone", default="", metavar="DOMAIN", help="the setting dnsZone, for the feature dns"
    )
    parser.add_argument("--stack", default="", metavar="NAME", help="the stack, for the feature acme-dns")
    parser.add_argument("--why", action="store_true", help="say what each action is for instead")
    arguments = parser.parse_args(argv)
    target = Target(
        account_uid=arguments.account,
        region=arguments.region,
        bucket=arguments.bucket,
        zone=arguments.zone,
        stack=arguments.stack,
    )
    try:
        policy = build(arguments.role, target, arguments.features)
        rights = rights_of(arguments.role, arguments.features)
    except RamPolicyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if arguments.why:
        print("\n".join(f"{right.action:<46}{right.why}" for right in rights))
    else:
        print(policy)
    return 0


if __name__ == "__main__":
    sys.exit(main())
