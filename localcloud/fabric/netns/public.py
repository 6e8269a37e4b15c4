"""The public side: backbone, the operator's host, a client host on the Internet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from localcloud.fabric.netns import namespaces
from localcloud.fabric.netns.naming import (
    ACME_ADDRESS,
    API_ADDRESS,
    BACKBONE_ADDRESS,
    HOST_LINK,
    INTERNET_ADDRESS,
    OPERATOR_ADDRESS,
    PUBLIC_DNS_ADDRESS,
    PUBLIC_OSS_ADDRESS,
    UPLINK_BACKBONE_ADDRESS,
    Names,
)


def backbone_commands() -> list[str]:
    """Returns the ``ip`` batch for the addresses of the backbone and its public services."""
    addresses = (
        BACKBONE_ADDRESS,
        API_ADDRESS,
        PUBLIC_OSS_ADDRESS,
        ACME_ADDRESS,
        PUBLIC_DNS_ADDRESS,
        UPLINK_BACKBONE_ADDRESS,
    )
    own = [f"address replace {address}/32 dev lo" for address in addresses]
    # Told at once that there is no way, a client need not wait for a time-out.
    return [*own, "route replace unreachable default metric 1000"]


def client_link_commands(link: str, client: str, address: str) -> list[str]:
    """Returns the ``ip`` batch, for the backbone, that links a client host.

    Args:
        link: Name of the backbone's end.
        client: The client's namespace.
        address: The client's address.
    """
    return [
        f"link add name {link} type veth peer name {HOST_LINK} netns {client}",
        f"link set {link} up",
        f"route replace {address}/32 dev {link} src {BACKBONE_ADDRESS}",
    ]


def client_commands(address: str) -> list[str]:
    """Returns the ``ip`` batch for a client host."""
    return [
        f"address replace {address}/32 dev {HOST_LINK}",
        f"link set {HOST_LINK} up",
        f"route replace default via {BACKBONE_ADDRESS} dev {HOST_LINK} onlink",
    ]


async def make_public_side(names: Names, make: Callable[..., Awaitable[None]]) -> None:
    """Makes the three namespaces of the public side.

    Args:
        names: Their names.
        make: Makes a recorded namespace: ``make(name, router=...)``.
    """
    await make(names.backbone, router=True)
    await namespaces.batch(names.backbone, backbone_commands())
    for client, link, address in (
        (names.operator, "operator", OPERATOR_ADDRESS),
        (names.internet, "internet", INTERNET_ADDRESS),
    ):
        await make_client_host(names, make, client, link, address)


async def make_client_host(
    names: Names, make: Callable[..., Awaitable[None]], client: str, link: str, address: str
) -> None:
    """Makes a host on the Internet that serves nobody.

    Args:
        names: Names of the namespaces.
        make: Makes a recorded namespace.
        client: The host's namespace.
        link: Name of the backbone's end of its link.
        address: Its address.
    """
    await make(client)
    await namespaces.batch(names.backbone, client_link_commands(link, client, address))
    await namespaces.batch(client, client_commands(address))
