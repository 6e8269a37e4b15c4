"""What instances go through: booting, stopping, being released."""

from __future__ import annotations

import asyncio
import logging

from localcloud.fabric.protocol import FabricError, InstanceSpec
from localcloud.services.assistant import runner
from localcloud.services.context import Environment
from localcloud.services.ecs.models import Instance
from localcloud.services.ecs.security import enforce, policy_of
from localcloud.services.vpc.bindings import release_from_instance

_log = logging.getLogger("localcloud.services")


async def boot_new(env: Environment, instance: Instance) -> None:
    """Takes a new instance from Pending to Running, and tells its groups' members."""
    await asyncio.sleep(env.delays.instance_s)
    instance.status = "Starting"
    await boot(env, instance)


async def boot(env: Environment, instance: Instance) -> None:
    """Takes an instance that is Starting to Running; through Stopping to Stopped when that failed."""
    spec = _spec(env, instance)
    try:
        await env.fabric.start_instance(spec)
    except FabricError as fault:
        _log.error("%s could not be started and will be Stopped: %s", instance.instance_id, fault)
        instance.status = "Stopping"
        await asyncio.sleep(env.delays.failed_start_s)
        instance.status = "Stopped"
        return
    instance.status = "Running"
    instance.started = env.now()
    instance.security = spec.security
    await _tell_peers(env, instance)


async def shut_down(env: Environment, instance: Instance, *, force: bool) -> bool:
    """Takes an instance that is Stopping to Stopped; False, and Running again, when that failed."""
    await runner.stop_on(env, instance.instance_id, released=False)
    try:
        await env.fabric.stop_instance(instance.instance_id, force=force)
    except FabricError as fault:
        _log.error("%s could not be stopped and runs on: %s", instance.instance_id, fault)
        instance.status = "Running"
        return False
    instance.status = "Stopped"
    return True


async def restart(env: Environment, instance: Instance, *, force: bool) -> None:
    """Stops an instance that is Stopping and starts it again."""
    if await shut_down(env, instance, force=force):
        instance.status = "Starting"
        await boot(env, instance)


async def release(env: Environment, instance: Instance) -> None:
    """Removes an instance for good, with its disk; its EIP is taken away and stays the caller's."""
    await runner.stop_on(env, instance.instance_id, released=True)
    try:
        eip = env.state.eip_of(instance.instance_id)
        if eip is not None:
            await release_from_instance(env, eip)
        await env.fabric.delete_instance(instance.instance_id)
    except FabricError as fault:
        _log.error("%s could not be released and is Stopped: %s", instance.instance_id, fault)
        instance.status, instance.releasing = "Stopped", False
        return
    del env.state.instances[instance.instance_id]
    del env.state.disks[instance.system_disk_id]
    await _tell_peers(env, instance)


async def _tell_peers(env: Environment, instance: Instance) -> None:
    """Puts rules in force that name groups of this instance; for itself, those that changed in between."""
    others = [item for item in env.state.instances.values() if item.vpc_id == instance.vpc_id]
    try:
        await enforce(env, others)
    except FabricError as fault:
        _log.error("security groups are not in force everywhere in %s: %s", instance.vpc_id, fault)


def _spec(env: Environment, instance: Instance) -> InstanceSpec:
    switch = env.state.vswitches[instance.vswitch_id]
    return InstanceSpec(
        instance_id=instance.instance_id,
        account_uid=instance.account_uid,
        region_id=instance.region_id,
        zone_id=instance.zone_id,
        vpc_id=instance.vpc_id,
        vswitch_id=instance.vswitch_id,
        vswitch_cidr=str(switch.cidr),
        private_ip=instance.private_ip,
        mac=instance.mac,
        hostname=instance.hostname,
        image_id=instance.image_id,
        instance_type=instance.instance_type,
        user_data=instance.user_data,
        http_tokens_required=instance.http_tokens == "required",
        security=policy_of(instance, env.state),
    )
