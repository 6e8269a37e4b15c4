"""All VPCs of a cloud, with the hosts in them that are no instances."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from localcloud.fabric.netns import namespaces
from localcloud.fabric.netns.firewall import HostPort
from localcloud.fabric.netns.naming import Names, interface_name
from localcloud.fabric.netns.probes import probe_mac, probe_place, stranger_vpc_id
from localcloud.fabric.netns.vpc import VpcNetwork
from localcloud.fabric.protocol import FabricError, InstanceSpec, VpcSpec
from localcloud.ledger import Ledger

_log = logging.getLogger("localcloud.fabric")


class VpcServices(Protocol):
    """Who serves a VPC's internal addresses."""

    async def open_vpc(self, vpc: VpcSpec, namespace: str) -> None:
        """Begins to serve a VPC whose router's namespace is there."""

    async def close_vpc(self, vpc_id: str) -> None:
        """Ends serving it."""


class Networks:
    """Makes and removes networks, recorded before they are made.

    Args:
        names: Names of the namespaces.
        ledger: The record.
        services: Who serves the VPCs' internal addresses.
    """

    def __init__(self, names: Names, ledger: Ledger, services: VpcServices) -> None:
        self._names = names
        self._ledger = ledger
        self._services = services
        self._vpcs: dict[str, VpcNetwork] = {}
        # VPC -> private address -> namespace, of hosts that are no instances.
        self._probes: dict[str, dict[str, str]] = {}
        # Likewise those that were asked for by their address.
        self._hosts: dict[str, dict[str, str]] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._down: Mapping[str, str] = {}

    async def make_namespace(self, name: str, *, router: bool = False) -> None:
        """Makes a namespace and records it."""
        self._ledger.add("namespace", name)
        if not namespaces.FOLDER.is_mount():
            # The first namespace of a machine makes `ip` mount the folder; the last one takes that back.
            self._ledger.add("mount", str(namespaces.FOLDER))
        await namespaces.make(name, router=router)

    async def remove_namespace(self, name: str) -> None:
        """Removes a namespace and its record."""
        await namespaces.remove(name)
        self._ledger.remove("namespace", name)

    async def create_vpc(self, vpc: VpcSpec) -> None:
        """Makes a VPC's router with its internal services; one that is there is kept."""
        async with self._lock(vpc.vpc_id):
            if vpc.vpc_id in self._vpcs:
                return
            name = self._names.vpc(vpc.vpc_id)
            await self.make_namespace(name, router=True)
            network = VpcNetwork(vpc, name, self._names.backbone)
            network.down = self._down
            await network.make()
            await self._services.open_vpc(vpc, name)
            self._vpcs[vpc.vpc_id] = network
            _log.info("VPC %s (%s) is there", vpc.vpc_id, vpc.cidr)

    async def delete_vpc(self, vpc_id: str) -> None:
        """Removes a VPC's router and probe hosts, and its stranger; one that is gone is fine."""
        async with self._lock(vpc_id):
            network = self._vpcs.pop(vpc_id, None)
            if network is None:
                return
            for hosts in (self._probes.pop(vpc_id, {}), self._hosts.pop(vpc_id, {})):
                for name in hosts.values():
                    await self.remove_namespace(name)
            await self._services.close_vpc(vpc_id)
            await self.remove_namespace(network.namespace)
            _log.info("VPC %s is gone", vpc_id)
        await self.delete_vpc(stranger_vpc_id(vpc_id))

    async def put_down(self, down: Mapping[str, str]) -> None:
        """Lets nothing answer at service addresses, in every VPC of now and later; all others answer.

        Args:
            down: Address -> ``refuses`` or ``silent``.
        """
        self._down = dict(down)
        for network in self.all():
            await network.put_down(self._down)

    def find(self, vpc_id: str) -> VpcNetwork | None:
        """Returns a VPC's network, or None."""
        return self._vpcs.get(vpc_id)

    def get(self, vpc_id: str) -> VpcNetwork:
        """Returns a VPC's network.

        Raises:
            FabricError: There is none.
        """
        network = self._vpcs.get(vpc_id)
        if network is None:
            raise FabricError(f"The VPC {vpc_id} has no network. Create the VPC first.")
        return network

    def all(self) -> list[VpcNetwork]:
        """Returns the networks of all VPCs."""
        return list(self._vpcs.values())

    async def probe_beside(self, vpc_id: str) -> str:
        """Makes, or finds, a host that is no instance in a VPC; returns its namespace.

        Raises:
            FabricError: There is no such VPC, or no address is free.
        """
        async with self._lock(vpc_id):
            network, present = self.get(vpc_id), self._probes.get(vpc_id, {})
            if present:
                return next(iter(present.values()))
            subnets = [vswitch.cidr for vswitch in network.vswitches.values()]
            place = probe_place(network.spec.cidr, subnets, network.addresses)
            if place is None:
                raise FabricError(f"Every address of {vpc_id} is taken, so no probe host fits in.")
            return await self._make_probe(network, *place, self._probes)

    async def host_at(self, vpc_id: str, address: str) -> str:
        """Makes, or finds, a host that is no instance at an address of a vSwitch; returns its namespace.

        Raises:
            FabricError: There is no such VPC, none of its vSwitches holds the address, or a host has it.
        """
        async with self._lock(vpc_id):
            network, present = self.get(vpc_id), self._hosts.get(vpc_id, {})
            if address in present:
                return present[address]
            subnets = [one.cidr for one in network.vswitches.values() if _holds(one.cidr, address)]
            if not subnets:
                raise FabricError(f"No vSwitch of {vpc_id} has {address} among what its hosts can have.")
            if address in network.addresses:
                raise FabricError(f"Another host of {vpc_id} has {address}.")
            return await self._make_probe(network, address, subnets[0], self._hosts)

    async def probe_elsewhere(self, instance: InstanceSpec) -> str:
        """Makes, or finds, a host in a stranger's VPC with the same address as an instance.

        Returns:
            Its namespace.
        """
        vpc = self.get(instance.vpc_id).spec
        other = replace(vpc, vpc_id=stranger_vpc_id(vpc.vpc_id))
        await self.create_vpc(other)
        async with self._lock(other.vpc_id):
            present = self._probes.get(other.vpc_id, {})
            if instance.private_ip in present:
                return present[instance.private_ip]
            network = self.get(other.vpc_id)
            return await self._make_probe(network, instance.private_ip, instance.vswitch_cidr, self._probes)

    async def _make_probe(
        self, network: VpcNetwork, ip: str, subnet: str, kept: dict[str, dict[str, str]]
    ) -> str:
        key = f"{network.spec.vpc_id}/{ip}"
        namespace = self._names.probe(key)
        await self.make_namespace(namespace)
        port = HostPort(interface=interface_name("p", key), ip=ip, mac=probe_mac(key))
        await network.add_host(key, namespace, port, subnet)
        kept.setdefault(network.spec.vpc_id, {})[ip] = namespace
        return namespace

    def _lock(self, vpc_id: str) -> asyncio.Lock:
        return self._locks.setdefault(vpc_id, asyncio.Lock())


def _holds(cidr: str, address: str) -> bool:
    # The first address and the last three of a vSwitch are the cloud's.
    network = ipaddress.ip_network(cidr)
    try:
        number = int(ipaddress.ip_address(address))
    except ValueError:
        return False
    return int(network.network_address) < number < int(network.broadcast_address) - 2
