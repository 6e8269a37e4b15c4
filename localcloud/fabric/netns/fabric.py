"""The fabric of the full mode: networks are namespaces, instances are systems that boot."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from localcloud.errors import LocalcloudError
from localcloud.fabric.netns import namespaces
from localcloud.fabric.netns.firewall import HostPort
from localcloud.fabric.netns.naming import Names, interface_name
from localcloud.fabric.netns.networks import Networks
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
_AGENT_TIMEOUT_S = 5.0


class NetnsFabric:
    """Makes networks and instances; see `localcloud.fabric.protocol.Fabric`.

    Args:
        names: Names of the namespaces.
        ledger: Where control groups are recorded before they are made.
        networks: The VPCs.
        folder: Where the instances' disks are.
        rootfs: The root file system that instances boot from.
        authority: The certificate, as PEM, that instances are to trust.
    """

    def __init__(
        self, names: Names, ledger: Ledger, networks: Networks, folder: Path, rootfs: Path, authority: bytes
    ) -> None:
        self.networks = networks
        self._names = names
        self._ledger = ledger
        self._folder = folder
        self._rootfs = rootfs
        self._authority = authority
        self._specs: dict[str, InstanceSpec] = {}
        self._machines: dict[str, Machine] = {}
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._eips: dict[str, str] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def create_vpc(self, vpc: VpcSpec) -> None:
        """Makes the VPC's router with its internal services."""
        await self.networks.create_vpc(vpc)

    async def delete_vpc(self, vpc_id: str) -> None:
        """Removes the VPC's router."""
        await self.networks.delete_vpc(vpc_id)

    async def create_vswitch(self, vswitch: VSwitchSpec) -> None:
        """Makes the subnet known to its VPC."""
        self.networks.get(vswitch.vpc_id).vswitches[vswitch.vswitch_id] = vswitch

    async def delete_vswitch(self, vswitch_id: str) -> None:
        """Forgets the subnet."""
        for network in self.networks.all():
            network.vswitches.pop(vswitch_id, None)

    async def start_instance(self, instance: InstanceSpec) -> None:
        """Boots the instance; returns when its first process runs."""
        key = instance.instance_id
        async with self._lock(key):
            self._specs[key] = instance
            machine = self._machine(key)
            if machine.running:
                return
            namespace = self._names.instance(key)
            await self.networks.make_namespace(namespace)
            port = HostPort(
                interface=interface_name("i", key),
                ip=instance.private_ip,
                mac=instance.mac,
                security=instance.security,
            )
            network = self.networks.get(instance.vpc_id)
            await network.add_host(key, namespace, port, instance.vswitch_cidr)
            if not machine.disk.exists():
                await asyncio.to_thread(trust_authority, self._rootfs, machine.disk, self._authority)
            self._ledger.add("cgroup", namespace)
            await self._boot(instance, machine)
            self._watchers[key] = asyncio.create_task(self._watch(key, machine))
            _log.info("instance %s (%s) boots", key, instance.private_ip)

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
        network = self.networks.find(self._specs[instance_id].vpc_id)
        if network is not None:
            await network.remove_host(instance_id)
        await self.networks.remove_namespace(namespace)
        _log.info("instance %s is stopped", instance_id)

    async def delete_instance(self, instance_id: str) -> None:
        """Removes the instance with its disk."""
        async with self._lock(instance_id):
            await self._stop(instance_id, force=True)
            self._specs.pop(instance_id, None)
            self._machines.pop(instance_id, None)
            await asyncio.to_thread(shutil.rmtree, self._folder / instance_id, ignore_errors=True)

    async def set_security(self, instance_id: str, policy: SecurityPolicy) -> None:
        """Puts the security groups' rules in force."""
        spec = self._specs.get(instance_id)
        if spec is not None:
            self._specs[instance_id] = replace(spec, security=policy)
            await self.networks.get(spec.vpc_id).set_security(instance_id, policy)

    async def agent_answers(self, instance_id: str) -> bool:
        """Whether the instance's system has reached the point where services start."""
        if instance_id not in self._specs:
            return False
        check = ["systemctl", "is-active", "--quiet", "basic.target"]
        try:
            code, _ = await self._machine(instance_id).run(check, b"", _AGENT_TIMEOUT_S)
        except (LocalcloudError, TimeoutError):
            return False
        return code == 0

    async def run_command(
        self,
        instance_id: str,
        argv: Sequence[str],
        stdin: bytes,
        timeout_s: float,
        on_output: Callable[[bytes], None] | None = None,
    ) -> tuple[int, bytes]:
        """Runs a command inside the instance as its root."""
        try:
            return await self._machine(instance_id).run(argv, stdin, timeout_s, on_output)
        except LocalcloudError as error:
            raise FabricError(str(error)) from error

    async def bind_eip(self, eip: str, instance_id: str, bandwidth_mbps: int) -> None:
        """Makes a public address lead to the instance."""
        spec = self._specs.get(instance_id)
        if spec is None:
            raise FabricError(f"There is no instance {instance_id}, so no public address can lead to it.")
        if self._eips.get(eip, instance_id) != instance_id:
            await self.unbind_eip(eip)
        await self.networks.get(spec.vpc_id).bind_eip(eip, spec.private_ip, bandwidth_mbps)
        self._eips[eip] = instance_id

    async def unbind_eip(self, eip: str) -> None:
        """Takes the public address away."""
        self._eips.pop(eip, None)
        for network in self.networks.all():
            await network.unbind_eip(eip)

    def find_guest(self, vpc_id: str, ip: str) -> Guest | None:
        """Returns the instance with a private address in a VPC, or None."""
        network = self.networks.find(vpc_id)
        for spec in self._specs.values():
            if network is not None and spec.vpc_id == vpc_id and spec.private_ip == ip:
                eip = next((eip for eip, owner in self._eips.items() if owner == spec.instance_id), None)
                return Guest(spec=spec, vpc_cidr=network.spec.cidr, eip=eip)
        return None

    @property
    def vpc_ids(self) -> list[str]:
        """Ids of the VPCs, those of the probes' strangers too."""
        return [network.spec.vpc_id for network in self.networks.all()]

    def running_instances(self) -> list[InstanceSpec]:
        """Returns the instances whose system runs, the newest last."""
        return [spec for spec in self._specs.values() if self._machine(spec.instance_id).running]

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
        for network in self.networks.all():
            await self.networks.delete_vpc(network.spec.vpc_id)

    def _machine(self, instance_id: str) -> Machine:
        if instance_id not in self._machines:
            namespace = self._names.instance(instance_id)
            self._machines[instance_id] = Machine(
                self._folder / instance_id, self._rootfs, namespaces.FOLDER / namespace, namespace
            )
        return self._machines[instance_id]

    def _lock(self, key: str) -> asyncio.Lock:
        return self._locks.setdefault(key, asyncio.Lock())
