"""Deletes orphans. Nothing here decides what is one.

An orphan may be protected from deletion, where the settings ask for that: its creation did so, and nobody
has used it since. So the protection is lifted first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.errors import CloudError
from infra.naming import Naming
from infra.recovery import found
from infra.recovery.found import Found
from infra.recovery.listing import list_resources
from infra.sdk_rpc import ECS, VPC, Api, ApiError, RpcClient

TIMEOUT_S = 300.0
PAUSE_S = 2.0
# How the codes begin that the cloud answers with while a resource is on its way into a lasting status.
_PASSING = ("Incorrect", "InvalidInstanceStatus", "InvalidStatus", "OperationConflict", "TaskConflict")

Params = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """How a kind of resource is deleted.

    Attributes:
        api: The API.
        action: The action.
        id_keys: The parameters that name the resource, one for each part of its id.
        more: Further parameters.
        unprotect: The action that lifts a protection from deletion; empty where the kind has none.
        unprotect_id_key: Its parameter that names the resource.
        unprotect_more: Its further parameters.
    """

    api: Api
    action: str
    id_keys: tuple[str, ...]
    more: Params = field(default_factory=dict)
    unprotect: str = ""
    unprotect_id_key: str = ""
    unprotect_more: Params = field(default_factory=dict)


# Sources: https://help.aliyun.com/en/ecs/developer-reference/api-ecs-2014-05-26-deleteinstance (Force for a
# running one), .../api-ecs-2014-05-26-modifyinstanceattribute, .../api-ecs-2014-05-26-deletesecuritygroup,
# https://help.aliyun.com/en/vpc/developer-reference/api-vpc-2016-04-28-releaseeipaddress-eips,
# .../api-vpc-2016-04-28-unassociateeipaddress-eips,
# .../api-vpc-2016-04-28-deletionprotection, .../api-vpc-2016-04-28-deletevswitch and
# .../api-vpc-2016-04-28-deletevpc (2026-11-23).
DELETIONS: Mapping[str, Deletion] = {
    found.BINDING.role: Deletion(
        api=VPC,
        action="UnassociateEipAddress",
        id_keys=("AllocationId", "InstanceId"),
        more={"InstanceType": "EcsInstance"},
    ),
    found.INSTANCE.role: Deletion(
        api=ECS,
        action="DeleteInstance",
        id_keys=("InstanceId",),
        more={"Force": True},
        unprotect="ModifyInstanceAttribute",
        unprotect_id_key="InstanceId",
        unprotect_more={"DeletionProtection": False},
    ),
    found.EIP.role: Deletion(
        api=VPC,
        action="ReleaseEipAddress",
        id_keys=("AllocationId",),
        unprotect="DeletionProtection",
        unprotect_id_key="InstanceId",
        unprotect_more={"Type": "EIP", "ProtectionEnable": False},
    ),
    found.GROUP.role: Deletion(api=ECS, action="DeleteSecurityGroup", id_keys=("SecurityGroupId",)),
    found.VSWITCH.role: Deletion(api=VPC, action="DeleteVSwitch", id_keys=("VSwitchId",)),
    found.VPC.role: Deletion(api=VPC, action="DeleteVpc", id_keys=("VpcId",)),
}


def delete(
    orphans: Sequence[Found],
    region: str,
    naming: Naming,
    tell: Callable[[str], None],
    *,
    timeout_s: float = TIMEOUT_S,
    pause_s: float = PAUSE_S,
) -> None:
    """Deletes resources one after the other, and waits until the cloud does not list them any more.

    Args:
        orphans: The resources, in an order in which they can be deleted.
        region: Their region.
        naming: Tells the stack from every other one.
        tell: Is told each deletion.
        timeout_s: How long one may take, a resource's way into a lasting status included.
        pause_s: How long to wait before asking again.

    Raises:
        CloudError: When one is not deleted; those before it are.
    """
    clients = {api: RpcClient(api, region) for api in (ECS, VPC)}
    for one in orphans:
        deadline = time.monotonic() + timeout_s
        while not _try_to_delete(clients[DELETIONS[one.role].api], one):
            _wait(one, deadline, pause_s)
        while any(other.id == one.id for other in list_resources(region, naming)):
            _wait(one, deadline, pause_s)
        tell(f"deleted {one}")


def _try_to_delete(client: RpcClient, one: Found) -> bool:
    how = DELETIONS[one.role]
    try:
        if one.protected and how.unprotect:
            client.call(how.unprotect, {how.unprotect_id_key: one.id, **how.unprotect_more})
        ids = dict(zip(how.id_keys, one.id.split(":"), strict=True))
        client.call(how.action, {**ids, **how.more})
    except ApiError as error:
        if ".NotFound" in error.code:
            return True
        if error.code.startswith(_PASSING):
            return False
        raise
    return True


def _wait(one: Found, deadline: float, pause_s: float) -> None:
    if time.monotonic() > deadline:
        raise CloudError(
            f"{one} is still there",
            consequence="it was not deleted, nor was anything that comes after it.",
            fix="wait a minute, then run the command again.",
        )
    time.sleep(pause_s)
