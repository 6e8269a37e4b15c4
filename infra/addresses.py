"""Arithmetic with IPv4 networks: what a VPC and a vSwitch may be, and who may reach the proxy. Pure.

Every function takes values that already are networks or addresses and raises ``ValueError`` with the
broken rule as its message.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

# Source: https://www.alibabacloud.com/help/en/vpc/vpc-and-vswitch (2025-11-04), and the provider's pages of
# both resources: https://github.com/aliyun/terraform-provider-alicloud website/docs/r (v1.285.0)
PRIVATE_RANGES = (IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"), IPv4Network("192.168.0.0/16"))
VPC_MASK_BITS = (8, 28)
VSWITCH_MASK_BITS = (16, 29)

# The first and the last three addresses of a vSwitch belong to the cloud.
# Source: https://www.alibabacloud.com/help/en/vpc/api-610154 (2024-03-22)
RESERVED_AT_START = 1
RESERVED_AT_END = 3

# A wider network than this is as good as the whole Internet and needs the owner's word for it.
WIDEST_MASK_BITS_WITHOUT_PUBLIC = 8


def require_vpc(network: IPv4Network) -> None:
    """Checks a VPC's own network.

    Raises:
        ValueError: When it is not inside a private range or its mask is out of bounds.
    """
    if not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        ranges = ", ".join(str(private) for private in PRIVATE_RANGES)
        raise ValueError(
            f"must lie inside one of {ranges} (100.64.0.0/10 holds the cloud's own services, OSS among them)"
        )
    _require_mask(network, VPC_MASK_BITS)


def require_vswitch(network: IPv4Network, vpc: IPv4Network) -> None:
    """Checks the network of the proxy's own vSwitch.

    Raises:
        ValueError: When it is not inside the VPC's network or its mask is out of bounds.
    """
    if not network.subnet_of(vpc):
        raise ValueError(f"must lie inside the VPC's network {vpc}")
    _require_mask(network, VSWITCH_MASK_BITS)


def _require_mask(network: IPv4Network, bounds: tuple[int, int]) -> None:
    shortest, longest = bounds
    if not shortest <= network.prefixlen <= longest:
        raise ValueError(f"must have a mask from /{shortest} to /{longest}")


def usable_range(vswitch: IPv4Network) -> tuple[IPv4Address, IPv4Address]:
    """Returns the first and the last address that an instance in the vSwitch can have."""
    return (
        vswitch.network_address + RESERVED_AT_START,
        vswitch.broadcast_address - RESERVED_AT_END,
    )


def require_usable(address: IPv4Address, vswitch: IPv4Network) -> None:
    """Checks an instance's private address.

    Raises:
        ValueError: When it is outside the vSwitch, or one of those that the cloud keeps for itself.
    """
    first, last = usable_range(vswitch)
    if address not in vswitch:
        raise ValueError(f"must lie inside the vSwitch's network {vswitch}, from {first} to {last}")
    if not first <= address <= last:
        raise ValueError(
            f"is reserved by the cloud (the first and the last three of {vswitch}); use {first} to {last}"
        )


def is_wide(network: IPv4Network) -> bool:
    """Whether a network of clients is as good as the whole Internet."""
    return network.prefixlen < WIDEST_MASK_BITS_WITHOUT_PUBLIC


def require_client_network(network: IPv4Network, *, public: bool) -> None:
    """Checks a network whose hosts may reach the proxy.

    Raises:
        ValueError: When it is wider than a /8 and the owner did not say that the proxy is public.
    """
    if is_wide(network) and not public:
        raise ValueError(
            f"is wider than /{WIDEST_MASK_BITS_WITHOUT_PUBLIC}: whoever reaches the proxy reads every "
            "allowed object, so a network this wide needs `public: true`"
        )
