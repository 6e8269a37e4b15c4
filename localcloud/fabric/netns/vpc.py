"""One VPC: a router in a namespace of its own, with a link to each host and one to the backbone.

Each host has a link of its own and a route to its one address; the router answers for all others. So
every packet between two hosts crosses the router's rules, also within one vSwitch.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping
from dataclasses import replace

from localcloud.fabric.netns import namespaces
from localcloud.fabric.netns.firewall import HostPort, render
from localcloud.fabric.netns.naming import (
    HOST_LINK,
    METADATA_ADDRESS,
    MIRROR_ADDRESS,
    UPLINK,
    UPLINK_BACKBONE_ADDRESS,
    UPLINK_VPC_ADDRESS,
    VPC_DNS_ADDRESSES,
    interface_name,
)
from localcloud.fabric.protocol import SecurityPolicy, VpcSpec, VSwitchSpec
from localcloud.regions import OSS_VIP_RANGES


def service_addresses(region_id: str) -> tuple[str, ...]:
    """Returns the addresses and networks at which a VPC's router serves its hosts."""
    return (METADATA_ADDRESS, MIRROR_ADDRESS, *VPC_DNS_ADDRESSES, *OSS_VIP_RANGES.get(region_id, ()))


def router_commands(region_id: str) -> list[str]:
    """Returns the ``ip`` batch that gives a router its service addresses and its way out."""
    own = [f"route replace local {address} dev lo" for address in service_addresses(region_id)]
    return [
        f"address replace {UPLINK_VPC_ADDRESS}/32 dev {UPLINK}",
        f"link set {UPLINK} up",
        f"route replace default via {UPLINK_BACKBONE_ADDRESS} dev {UPLINK} onlink",
        *own,
    ]


def host_link_commands(interface: str, namespace: str, mac: str, ip: str) -> list[str]:
    """Returns the ``ip`` batch, for the router, that links a host.

    The neighbour entry is fixed: no answer of another host can take the address over.
    """
    return [
        f"link add name {interface} type veth peer name {HOST_LINK} address {mac} netns {namespace}",
        f"link set {interface} up",
        f"route replace {ip}/32 dev {interface}",
        f"neighbour replace {ip} lladdr {mac} dev {interface} nud permanent",
    ]


def host_commands(ip: str, vswitch_cidr: str) -> list[str]:
    """Returns the ``ip`` batch for a host: its address, and the vSwitch's gateway."""
    return [
        f"address replace {ip}/{vswitch_cidr.partition('/')[2]} dev {HOST_LINK}",
        f"link set {HOST_LINK} up",
        f"route replace default via {gateway(vswitch_cidr)} dev {HOST_LINK}",
    ]


def gateway(vswitch_cidr: str) -> str:
    """Returns a vSwitch's gateway, the third address from the end.

    Source: https://www.alibabacloud.com/help/en/vpc/user-guide/create-and-manage-a-vswitch (2026-02).
    """
    return str(ipaddress.ip_network(vswitch_cidr)[-3])


class VpcNetwork:
    """The network of one VPC.

    Args:
        spec: The VPC.
        namespace: Name of its router's namespace.
        backbone: Name of the backbone's namespace.
    """

    def __init__(self, spec: VpcSpec, namespace: str, backbone: str) -> None:
        self.spec = spec
        self.namespace = namespace
        self.vswitches: dict[str, VSwitchSpec] = {}
        self.down: Mapping[str, str] = {}
        self._backbone = backbone
        self._uplink = interface_name("v", spec.vpc_id)
        self._hosts: dict[str, HostPort] = {}
        self._eips: dict[str, tuple[str, int]] = {}
        self._lock = asyncio.Lock()

    @property
    def addresses(self) -> set[str]:
        """The private addresses that hosts have."""
        return {host.ip for host in self._hosts.values()}

    @property
    def eips(self) -> dict[str, str]:
        """Public address -> private address."""
        return {eip: ip for eip, (ip, _) in self._eips.items()}

    async def make(self) -> None:
        """Links the router, whose namespace is there, to the backbone, with its rules in force first."""
        async with self._lock:
            await self._apply_rules()
            if not await namespaces.has_link(self.namespace, UPLINK):
                await namespaces.batch(
                    self._backbone,
                    [
                        f"link add name {self._uplink} type veth peer name {UPLINK} netns {self.namespace}",
                        f"link set {self._uplink} up",
                    ],
                )
            await namespaces.batch(self.namespace, router_commands(self.spec.region_id))
            await namespaces.run(
                "tc", "-n", self.namespace, *f"qdisc replace dev {UPLINK} root handle 1: htb".split()
            )

    async def add_host(self, key: str, namespace: str, host: HostPort, vswitch_cidr: str) -> None:
        """Links a host, whose namespace is there."""
        async with self._lock:
            self._hosts[key] = host
            await self._apply_rules()
            commands = host_link_commands(host.interface, namespace, host.mac, host.ip)
            if await namespaces.has_link(self.namespace, host.interface):
                commands = commands[1:]
            await namespaces.batch(self.namespace, commands)
            await namespaces.batch(namespace, host_commands(host.ip, vswitch_cidr))
            # The gateway is an address of the router itself: it answers for it also without proxy ARP.
            await namespaces.batch(self.namespace, [f"address replace {gateway(vswitch_cidr)}/32 dev lo"])

    async def remove_host(self, key: str) -> None:
        """Forgets a host; its link went with its namespace."""
        async with self._lock:
            if self._hosts.pop(key, None) is not None:
                await self._apply_rules()

    async def set_security(self, key: str, policy: SecurityPolicy) -> None:
        """Puts other rules in force for a host; one that is not linked is none of ours."""
        async with self._lock:
            if key in self._hosts:
                self._hosts[key] = replace(self._hosts[key], security=policy)
                await self._apply_rules()

    async def put_down(self, down: Mapping[str, str]) -> None:
        """Lets nothing answer at the service addresses of a mapping, and the others answer."""
        async with self._lock:
            self.down = down
            await self._apply_rules()

    async def bind_eip(self, eip: str, ip: str, bandwidth_mbps: int) -> None:
        """Makes a public address lead to a private one, and back out at most so fast."""
        async with self._lock:
            self._eips[eip] = (ip, bandwidth_mbps)
            rate = (
                "classid",
                self._traffic_class(eip),
                "htb",
                "rate",
                f"{bandwidth_mbps}mbit",
                "burst",
                "256k",
            )
            await namespaces.run(
                *("tc", "-n", self.namespace, "class", "replace", "dev", UPLINK, "parent", "1:", *rate)
            )
            await self._apply_rules()
            route = f"route replace {eip}/32 via {UPLINK_VPC_ADDRESS} dev {self._uplink} onlink"
            await namespaces.batch(self._backbone, [route])

    async def unbind_eip(self, eip: str) -> None:
        """Takes a public address away."""
        async with self._lock:
            if eip not in self._eips:
                return
            await namespaces.batch(self._backbone, [f"route del {eip}/32 dev {self._uplink}"])
            traffic_class = self._traffic_class(eip)
            del self._eips[eip]
            await self._apply_rules()
            await namespaces.run(
                *("tc", "-n", self.namespace, "class", "del", "dev", UPLINK, "classid", traffic_class)
            )

    def _traffic_class(self, eip: str) -> str:
        # Any number that two public addresses of one cloud do not share: the last two bytes.
        third, fourth = (int(byte) for byte in eip.split(".")[2:])
        return f"1:{(third << 8 | fourth) or 1:x}"

    async def _apply_rules(self) -> None:
        await namespaces.nft(
            self.namespace,
            render(
                list(self._hosts.values()),
                self.eips,
                service_addresses(self.spec.region_id),
                {ip: self._traffic_class(eip) for eip, (ip, _) in self._eips.items()},
                self.down,
            ),
        )
