"""Where the authority runs: on a host of its own on the Internet, or where the API services are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from localcloud.fabric.netns import namespaces
from localcloud.fabric.netns.naming import (
    LOCAL_DNS_ADDRESS,
    PUBLIC_DNS_ADDRESS,
    VALIDATOR_ADDRESS,
    Names,
)
from localcloud.fabric.netns.networks import Networks
from localcloud.fabric.netns.public import make_client_host

T = TypeVar("T")


class InternetHost:
    """A host beside the Internet's client, with an address of its own: it reaches what that one reaches.

    Args:
        names: Names of the namespaces.
        networks: Makes namespaces, and records them.
    """

    resolver = PUBLIC_DNS_ADDRESS

    def __init__(self, names: Names, networks: Networks) -> None:
        self._names = names
        self._networks = networks

    async def make(self) -> None:
        """Makes it; one that is there is kept."""
        if not namespaces.exists(self._names.acme):
            await make_client_host(
                self._names, self._networks.make_namespace, self._names.acme, "acme", VALIDATOR_ADDRESS
            )

    def command(self, program: str) -> list[str]:
        """Returns the command that runs a program there."""
        return ["ip", "netns", "exec", self._names.acme, program]

    def inside(self, work: Callable[[], T]) -> T:
        """Does work there."""
        return namespaces.inside(self._names.acme, work)


class SameHost:
    """The network of a cloud of API services: nothing can be validated, but orders can be made."""

    resolver = LOCAL_DNS_ADDRESS

    async def make(self) -> None:
        """Makes nothing."""

    def command(self, program: str) -> list[str]:
        """Returns the program itself."""
        return [program]

    def inside(self, work: Callable[[], T]) -> T:
        """Does work here."""
        return work()
