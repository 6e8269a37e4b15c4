"""Addresses of the internal OSS endpoints, which can be moved, go down and come back while a cloud runs.

Each region has whole ranges of addresses, and OSS answers at every one of them in each of the region's VPCs.
Which of them its name leads to, and which are down, is the operator's to say, as in the cloud it is OSS's.
Source: https://help.aliyun.com/zh/oss/user-guide/regions-and-endpoints (2026-02-05): the addresses behind the
names change within the ranges.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from localcloud.dns import NameServiceFails, internal_addresses
from localcloud.errors import LocalcloudError
from localcloud.regions import OSS_VIP_RANGES

Down = Literal["refuses", "silent"]


class InternalEndpoints:
    """What the internal OSS names lead to.

    Args:
        put_down: Makes the addresses of a mapping down in every VPC, and no others; None where there is no
            VPC with a network.
    """

    def __init__(self, put_down: Callable[[Mapping[str, Down]], Awaitable[None]] | None) -> None:
        self._put_down = put_down
        self._moved: dict[str, list[str]] = {}
        self._down: dict[str, Down] = {}

    def addresses(self, region_id: str) -> list[str]:
        """Returns the addresses that a region's internal names have now.

        Raises:
            NameServiceFails: They cannot be told, by order.
        """
        addresses = self._moved.get(region_id)
        if addresses is None:
            return internal_addresses(region_id)
        if not addresses:
            raise NameServiceFails(region_id)
        return addresses

    async def answer(self, command: str, request: Mapping[str, Any]) -> Any:
        """Answers a command of the CLI: ``show``, ``move``, ``down``, ``up``.

        Raises:
            LocalcloudError: It makes no sense.
        """
        if command == "move":
            self._move(str(request["region"]), request["addresses"], request["dns_fails"])
        elif command == "down":
            address = str(request["address"])
            _region_of(address)
            await self._put({**self._down, address: "silent" if request["silent"] else "refuses"})
        elif command == "up":
            address = str(request["address"])
            if address not in self._down:
                raise LocalcloudError(f"{address} is not down. See: localcloud endpoint show")
            await self._put({one: how for one, how in self._down.items() if one != address})
        return {
            "addresses": {
                region: self._moved.get(region, internal_addresses(region)) for region in OSS_VIP_RANGES
            },
            "down": self._down,
        }

    def _move(self, region_id: str, addresses: list[str], dns_fails: bool) -> None:
        if region_id not in OSS_VIP_RANGES:
            raise LocalcloudError(f"There is no region {region_id}. There are: {', '.join(OSS_VIP_RANGES)}")
        for address in addresses:
            if _region_of(address) != region_id:
                raise LocalcloudError(
                    f"{address} is none of {region_id}'s. It has {', '.join(OSS_VIP_RANGES[region_id])}"
                )
        if addresses or dns_fails:
            self._moved[region_id] = list(addresses)
        else:
            self._moved.pop(region_id, None)

    async def _put(self, down: dict[str, Down]) -> None:
        if self._put_down is None:
            raise LocalcloudError(
                "Only the API services run, without networks, so no address can go down. "
                "Start the whole cloud as root: localcloud down, sudo localcloud up."
            )
        await self._put_down(down)
        self._down = down


def _region_of(address: str) -> str:
    try:
        asked = ipaddress.ip_address(address)
    except ValueError:
        raise LocalcloudError(f"{address!r} is no address") from None
    for region_id, networks in OSS_VIP_RANGES.items():
        if any(asked in ipaddress.ip_network(network) for network in networks):
            return region_id
    raise LocalcloudError(f"{address} is no address of an internal endpoint. See: localcloud endpoint show")
