"""EIPs in use: leading them to instances and away again."""

from __future__ import annotations

from localcloud.fabric.protocol import FabricError
from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import ApiError, not_modelled
from localcloud.services.context import Call, Environment, Handler
from localcloud.services.vpc import errors
from localcloud.services.vpc.eips import find_eip
from localcloud.services.vpc.models import Eip

_BINDABLE = ("Running", "Stopped")


async def associate_eip_address(call: Call) -> Answer:
    """Leads an available EIP to an instance that has none.

    Source: https://help.aliyun.com/en/eip/developer-reference/api-vpc-2016-04-28-associateeipaddress-eips
    (2026-11-23).
    """
    params, env = call.params, call.env
    eip = find_eip(call)
    if params.text("InstanceType", "EcsInstance") != "EcsInstance":
        raise not_modelled("InstanceType", "only EcsInstance can have an EIP")
    instance = env.state.instances.get(params.require("InstanceId"))
    if instance is None or instance.account_uid != eip.account_uid:
        raise ApiError("InvalidInstanceId.NotFound", "Specified instance does not exist.", 404)
    if instance.region_id != eip.region_id:
        raise ApiError(
            "InvalidParameter.Mismatch",
            "Specified elastic IP address and ECS instance are not in the same region.",
        )
    if eip.status != "Available":
        raise errors.eip_busy()
    if instance.status not in _BINDABLE:
        raise ApiError("IncorrectInstanceStatus", "Current instance status does not support this operation.")
    if env.state.eip_of(instance.instance_id) is not None:
        raise ApiError("InvalidAssociation.Duplicated", "Specified instance already is associated.")
    eip.status = "Associating"
    eip.instance_id = instance.instance_id
    try:
        await env.fabric.bind_eip(eip.address, instance.instance_id, eip.bandwidth_mbps)
    except FabricError:
        _clear(eip)
        raise

    def finish() -> None:
        if eip.status == "Associating":
            eip.status = "InUse"

    env.background.later(env.delays.eip_s, finish)
    return {}


async def unassociate_eip_address(call: Call) -> Answer:
    """Takes an EIP away from its instance."""
    eip = find_eip(call)
    wanted = call.params.text("InstanceId")
    if eip.status != "InUse":
        raise errors.eip_busy()
    if wanted and wanted != eip.instance_id:
        raise ApiError("InvalidAssociation.NotFound", "Specified instance is not associated.")
    await release_from_instance(call.env, eip)
    return {}


async def release_from_instance(env: Environment, eip: Eip) -> None:
    """Takes an EIP away from its instance, whatever its state; afterwards it is Unassociating.

    Raises:
        FabricError: It could not be taken away; it stays where it was.
    """
    before = eip.status
    if before == "Unassociating":
        return
    eip.status = "Unassociating"
    try:
        await env.fabric.unbind_eip(eip.address)
    except FabricError:
        eip.status = before
        raise
    env.background.later(env.delays.eip_s, lambda: _clear(eip))


def _clear(eip: Eip) -> None:
    eip.status = "Available"
    eip.instance_id = ""


ACTIONS: dict[str, Handler] = {
    "AssociateEipAddress": associate_eip_address,
    "UnassociateEipAddress": unassociate_eip_address,
}
