"""Which address a probe host gets. Pure."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Collection, Sequence

_PROBE_SUBNET_BITS = 28


def probe_place(
    vpc_cidr: str, vswitch_cidrs: Sequence[str], taken: Collection[str]
) -> tuple[str, str] | None:
    """Chooses an address for a probe host, where no later instance is likely to want it.

    Args:
        vpc_cidr: The VPC.
        vswitch_cidrs: Its vSwitches.
        taken: Private addresses in use.

    Returns:
        Address and CIDR of the subnet it is in: one outside every vSwitch from the VPC's far end, else a
        free one of a vSwitch; None when all are taken.
    """
    vpc = ipaddress.ip_network(vpc_cidr)
    vswitches = [ipaddress.ip_network(cidr) for cidr in vswitch_cidrs]
    size = 2 ** (vpc.max_prefixlen - _PROBE_SUBNET_BITS)
    last = int(vpc.broadcast_address) + 1 - size
    for base in range(last, max(int(vpc.network_address) - 1, last - 4096 * size), -size):
        subnet = ipaddress.ip_network((base, _PROBE_SUBNET_BITS))
        if not any(subnet.overlaps(vswitch) for vswitch in vswitches):
            return _free(subnet, taken)
    for vswitch in reversed(vswitches):
        found = _free(vswitch, taken)
        if found:
            return found
    return None


def _free(
    subnet: ipaddress.IPv4Network | ipaddress.IPv6Network, taken: Collection[str]
) -> tuple[str, str] | None:
    # The first address and the last three of a vSwitch are the cloud's.
    for number in range(int(subnet.broadcast_address) - 3, int(subnet.network_address), -1):
        address = str(ipaddress.ip_address(number))
        if address not in taken:
            return address, str(subnet)
    return None


def probe_mac(key: str) -> str:
    """Returns a MAC address of the cloud's own range for a probe host."""
    digest = hashlib.sha256(key.encode()).digest()
    return "00:16:3e:" + ":".join(f"{byte:02x}" for byte in digest[:3])


def stranger_vpc_id(vpc_id: str) -> str:
    """Returns the id of the stranger's VPC that mirrors a VPC."""
    return "vpc-" + hashlib.sha256(vpc_id.encode()).hexdigest()[:21]
