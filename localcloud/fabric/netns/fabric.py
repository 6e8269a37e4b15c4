"""The fabric of the full mode: networks are namespaces, instances are systems that boot."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from localcloud.errors import LocalcloudError
from localcloud.fabric.netns import namespaces
from localcloud.fabric.netns.firewall import HostPort
from localcloud.fabric.netns.naming import Names, interface_name
from localcloud.fabric.netns.vpc import VpcNetwork
from localcloud.fabric.protocol import (
    FabricError,
    InstanceSpec,
    SecurityPolicy,
    VpcSpec,
    VSwitchSpec,
)
from localcloud.instances.disk import trust_authority
from localcloud.instances.machine import REBOOT_STATUS, Machine
from localcloud.instances.metadata import Guest
from localcloud.ledger import Ledger

_log = logging.getLogger("localcloud.fabric")


class VpcServices(Protocol):
    """Who serves a VPC's internal addresses."""

    async def open_vpc(self, vpc: VpcSpec, namespace: str) -> None:
        """Begins to serve a VPC whose router's namespace is there."""

    async def close_vpc(self, vpc_id: str) -> None:
        """Ends serving it."""


class NetnsFabric:
    """Makes networks and instances; see `localcloud.fabric.protocol.Fabric`.

    Args:
        names: Names of the namespaces.
        ledger: Where everything is recorded before it is made.
        folder: Where the instances' disks are.
        rootfs: The root file system that instances boot from.
        authority: The certificate, as PEM, that instances are to trust.
        services: Who serves the VPCs' internal addresses.
    """

    def __init__(
        self, names: Names, ledger: Ledger, folder: Path, rootfs: Path, authority: bytes, services: VpcServices
    ) -> None:
        self._names = names
        self._ledger = ledger
        self._folder = folder
        self._rootfs = rootfs
        self._authority = authority
        self._services = services
        self._vpcs: dict[str, VpcNetwork] = {}
        self._specs: dict[str, InstanceSpec] = {}
        self._machines: dict[str, Machine] = {}
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._eips: dict[str, str] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    # --- networks -----------------------------------------------------------------------------------

    async def make_namespace(self, name: str, *, router: bool = False) -> None:
        """Makes a namespace and records it."""
        self._ledger.add("namespace", name)
        await namespaces.make(name, router=router)

    async def remove_namespace(self, name: str) -> None:
        """Removes a namespace and its record."""
        await namespaces.remove(name)
        self._ledger.remove("namespace", name)

    async def create_vpc(self, vpc: VpcSpec) -> None:
        """Makes the VPC's router with its internal services."""
        async with self._lock(vpc.vpc_id):
            if vpc.vpc_id in self._vpcs:
                return
            name = self._names.vpc(vpc.vpc_id)
            await self.make_namespace(name, router=True)
            network = VpcNetwork(vpc, name, self._names.backbone)
            await network.make()
            await self._services.open_vpc(vpc, name)
            self._vpcs[vpc.vpc_id] = network
            _log.info("VPC %s (%s) is there", vpc.vpc_id, vpc.cidr)

    async def delete_vpc(self, vpc_id: str) -> None:
        """Removes the VPC's router."""
        async with self._lock(vpc_id):
            network = self._vpcs.pop(vpc_id, None)
            if network is None:
                return
            await self._services.close_vpc(vpc_id)
            await self.remove_namespace(network.namespace)
            _log.info("VPC %s is gone", vpc_id)

    async def create_vswitch(self, vswitch: VSwitchSpec) -> None:
        """Makes the subnet known to its VPC."""
        self.vpc(vswitch.vpc_id).vswitches[vswitch.vswitch_id] = vswitch

    async def delete_vswitch(self, vswitch_id: str) -> None:
        """Forgets the subnet."""
        for network in self._vpcs.values():
            network.vswitches.pop(vswitch_id, None)

    def vpc(self, vpc_id: str) -> VpcNetwork:
        """Returns a VPC's network.

        Raises:
            FabricError: There is none.
        """
        try:
            return self._vpcs[vpc_id]
        except KeyError as error:
            raise FabricError(f"The VPC {vpc_id} has no network. Create the VPC first.") from error

    def vpcs(self) -> list[VpcNetwork]:
        """Returns the networks of all VPCs."""
        return list(self._vpcs.values())

    # --- instances ----------------------------------------------------------------------------------

    async def start_instance(self, instance: InstanceSpec) -> None:
        """Boots the instance; returns when its first process runs."""
        async with self._lock(instance.instance_id):
            self._specs[instance.instance_id] = instance
            machine = self._machine(instance.instance_id)
            if machine.running:
                return
            namespace = self._names.instance(instance.instance_id)
            await self.make_namespace(namespace)
            await self.vpc(instance.vpc_id).add_host(
                instance.instance_id,
                namespace,
                HostPort(
                    interface=interface_name("i", instance.instance_id),
                    ip=instance.private_ip,
                    mac=instance.mac,
                    security=instance.security,
                ),
                instance.vswitch_cidr,
            )
            if not machine.disk.exists():
                await asyncio.to_thread(trust_authority, self._rootfs, machine.disk, self._authority)
            self._ledger.add("cgroup", namespace)
            await self._boot(instance, machine)
            self._watchers[instance.instance_id] = asyncio.create_task(self._watch(instance.instance_id, machine))
            _log.info("instance %s (%s) boots", instance.instance_id, instance.private_ip)

    async def _boot(self, instance: InstanceSpec, machine: Machine) -> None:
        try:
            await machine.start(instance.hostname)
        except LocalcloudError as error:
            raise FabricError(str(error)) from error

    async def _watch(self, instance_id: str, machine: Machine) -> None:
        """Boots a system again that restarts from inside, until it is shut down."""
        while await machine.wait() == REBOOT_STATUS:
            _log.info("instance %s restarts", instance_id)
            await machine.stop()
            await self._boot(self._specs[instance_id], machine)
        _log.info("instance %s has shut down", instance_id)

    async def stop_instance(self, instance_id: str, *, force: bool = False) -> None:
        """Shuts the system down, or cuts its power; keeps the disk."""
        async with self._lock(instance_id):
            await self._stop(instance_id, force=force)

    async def _stop(self, instance_id: str, *, force: bool) -> None:
        if instance_id not in self._specs:
            return
        watcher = self._watchers.pop(instance_id, None)
        if watcher is not None:
            watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError, FabricError):
                await watcher
        await self._machine(instance_id).stop(force=force)
        namespace = self._names.instance(instance_id)
        self._ledger.remove("cgroup", namespace)
        network = self._vpcs.get(self._specs[instance_id].vpc_id)
        if network is not None:
            await network.remove_host(instance_id)
        await self.remove_namespace(namespace)
        _log.info("instance %s is stopped", instance_id)

    async def delete_instance(self, instance_id: str) -> None:
        """Removes the instance with its disk."""
        async with self._lock(instance_id):
            await self._stop(instance_id, force=True)
            self._specs.pop(instance_id, None)
            self._machines.pop(instance_id, None)
            await asyncio.to_thread(shutil.rmtree, self._folder / instance_id, ignore_errors=True)

    async def update_instance(self, instance: InstanceSpec) -> None:
        """Takes over what may change while an instance runs: metadata options, user data, host name."""
        self._specs[instance.instance_id] = instance

    async def set_security(self, instance_id: str, policy: SecurityPolicy) -> None:
        """Puts the security groups' rules in force."""
        spec = self._specs.get(instance_id)
        if spec is not None:
            self._specs[instance_id] = replace(spec, security=policy)
            await self.vpc(spec.vpc_id).set_security(instance_id, policy)

    async def run_command(
        self, instance_id: str, argv: Sequence[str], stdin: bytes, timeout_s: float
    ) -> tuple[int, bytes]:
        """Runs a command inside the instance as its root."""
        try:
            return await self._machine(instance_id).run(argv, stdin, timeout_s)
        except LocalcloudError as error:
            raise FabricError(str(error)) from error

    # --- public addresses ---------------------------------------------------------------------------

    async def bind_eip(self, eip: str, instance_id: str, bandwidth_mbps: int) -> None:
        """Makes a public address lead to the instance."""
        spec = self._specs.get(instance_id)
        if spec is None:
            raise FabricError(f"The instance {instance_id} is not there, so no public address can lead to it.")
        if self._eips.get(eip, instance_id) != instance_id:
            await self.unbind_eip(eip)
        await self.vpc(spec.vpc_id).bind_eip(eip, spec.private_ip, bandwidth_mbps)
        self._eips[eip] = instance_id

    async def unbind_eip(self, eip: str) -> None:
        """Takes the public address away."""
        self._eips.pop(eip, None)
        for network in self._vpcs.values():
            await network.unbind_eip(eip)

    # --- what others ask ----------------------------------------------------------------------------

    def find_guest(self, vpc_id: str, ip: str) -> Guest | None:
        """Returns the instance with a private address in a VPC, or None."""
        for spec in self._specs.values():
            if spec.vpc_id == vpc_id and spec.private_ip == ip and vpc_id in self._vpcs:
                eip = next((eip for eip, owner in self._eips.items() if owner == spec.instance_id), None)
                return Guest(spec=spec, vpc_cidr=self._vpcs[vpc_id].spec.cidr, eip=eip)
        return None

    def running_instances(self) -> list[InstanceSpec]:
        """Returns the instances whose system runs, the newest last."""
        return [spec for spec in self._specs.values() if self._machine(spec.instance_id).running]

    def instances(self) -> list[tuple[InstanceSpec, bool, str | None]]:
        """Returns every instance with whether it runs and its public address."""
        owners = {owner: eip for eip, owner in self._eips.items()}
        return [
            (spec, self._machine(spec.instance_id).running, owners.get(spec.instance_id))
            for spec in self._specs.values()
        ]

    def leader(self, instance_id: str) -> int:
        """Returns the id, on the host, of the first process of an instance's system.

        Raises:
            LocalcloudError: It is not running.
        """
        if instance_id not in self._specs:
            raise LocalcloudError(f"There is no instance {instance_id}. See `localcloud status`.")
        return self._machine(instance_id).leader

    async def close(self) -> None:
        """Shuts every instance down, all at once, and removes every network."""
        await asyncio.gather(*(self.stop_instance(instance_id) for instance_id in list(self._specs)))
        for vpc_id in list(self._vpcs):
            await self.delete_vpc(vpc_id)

    def _machine(self, instance_id: str) -> Machine:
        if instance_id not in self._machines:
            namespace = self._names.instance(instance_id)
            self._machines[instance_id] = Machine(
                self._folder / instance_id, self._rootfs, namespaces.FOLDER / namespace, namespace
            )
        return self._machines[instance_id]

    def _lock(self, key: str) -> asyncio.Lock:
        return self._locks.setdefault(key, asyncio.Lock())
