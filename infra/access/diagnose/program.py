"""The order of the checks."""

import argparse
import sys
from typing import Dict, List, Mapping, Optional

from infra.access.diagnose.ask import asked, check_clock, check_proxy, check_signed, check_unsigned, utc_now
from infra.access.diagnose.network import Network
from infra.access.diagnose.place import Place, role_keys, where
from infra.access.diagnose.reach import (
    check_connection,
    check_names,
    check_place,
    check_region,
    opened,
)
from infra.access.diagnose.report import Report
from infra.access.diagnose.target import Target


def diagnosed(target: Target, network: Network, environment: Mapping[str, str], report: Report) -> bool:
    """Makes all checks; returns whether there is a way to the bucket."""
    place = where(network)
    if check_place(place, target, report) or (place is None and not _within_reach(target, network)):
        if place is None:
            report.note(f"{target.host} does not answer from here, as it should not outside its region")
        check_region(network, target, report)
        return bool(target.proxy) and check_proxy(network, target, report)
    addresses = check_names(network, target, report)
    address = check_connection(network, addresses, target, report) if addresses else ""
    if not address:
        check_region(network, target, report)
        return False
    return _answered(target, network, address, _keys(environment, place, network), report)


def _within_reach(target: Target, network: Network) -> bool:
    """Whether the internal endpoint answers a host that is no instance, as over a VPN or CEN."""
    try:
        addresses = network.resolve(target.host)
        return bool(opened(network, [(address, target.port) for address in addresses]))
    except OSError:
        return False


def _answered(
    target: Target, network: Network, address: str, keys: Optional[Dict[str, str]], report: Report
) -> bool:
    answer = asked(network, target, address, report)
    if answer is None:
        return False
    check_clock(answer, utc_now(), report)
    unsigned = check_unsigned(answer, target, report, final=keys is None)
    if keys is None:
        report.note("no keys in OSS_ACCESS_KEY_ID and _SECRET and no RAM role: nothing was signed")
        return unsigned
    return check_signed(network, target, address, keys, report) or (unsigned and not report.faults)


def _keys(
    environment: Mapping[str, str], place: Optional[Place], network: Network
) -> Optional[Dict[str, str]]:
    if environment.get("OSS_ACCESS_KEY_ID"):
        return {
            "id": environment["OSS_ACCESS_KEY_ID"],
            "secret": environment.get("OSS_ACCESS_KEY_SECRET", ""),
            "token": environment.get("OSS_SESSION_TOKEN", ""),
        }
    return role_keys(network) if place else None


def main(
    words: List[str],
    defaults: Dict[str, str],
    environment: Mapping[str, str],
    network: Optional[Network] = None,
) -> int:
    """Runs the command.

    Args:
        words: The command line's words.
        defaults: ``endpoint``, ``bucket``, ``region``, ``key`` and ``proxy`` of the stack.
        environment: Where keys may be.
        network: The ways out of this host.

    Returns:
        The exit status: 0 when there is a way, else 1.
    """
    parser = argparse.ArgumentParser(
        prog="oss-diagnose", description="Tells why this host cannot reach the bucket. Changes nothing."
    )
    for name in ("endpoint", "bucket", "region", "key", "proxy"):
        parser.add_argument("--" + name, default=defaults[name], help=defaults[name] or "none")
    parser.add_argument("--http", action="store_true", help="ask OSS over HTTP instead of HTTPS")
    given = parser.parse_args(words)
    scheme = "http" if given.http else "https"
    target = Target(given.endpoint, given.bucket, given.region, given.key, scheme, given.proxy)
    report = Report(sys.stdout)
    reached = diagnosed(target, network or Network(), environment, report)
    print("\n" + ("There is a way to the bucket." if reached else "This host does not get to the bucket."))
    return 0 if reached else 1
