"""The RAM roles of instances: which have one, and the credentials that they have by it.

Source: https://help.aliyun.com/document_detail/54244.html (AttachInstanceRamRole) and
https://www.alibabacloud.com/help/doc-detail/54245.html (DetachInstanceRamRole), both 2026-11-24. Inferred are
the codes of single instances' refusals and of a role that ECS may not take on.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from localcloud.ram.roles import SERVICE_ECS, Role
from localcloud.ram.sessions import Sessions
from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import ApiError, missing_parameter, not_modelled
from localcloud.services.context import Call, Handler
from localcloud.services.ecs import errors
from localcloud.services.ecs.instances import named_instances
from localcloud.services.ecs.models import Instance
from localcloud.services.ids import to_seconds
from localcloud.services.paging import page
from localcloud.services.state import State


class InstanceRoles:
    """What the metadata service may ask.

    Args:
        state: All records.
        sessions: Gives temporary credentials out.
    """

    def __init__(self, state: State, sessions: Sessions) -> None:
        self._state = state
        self._sessions = sessions

    def roles(self) -> list[dict[str, Any]]:
        """Returns all roles with their policies and instances, each as JSON can hold it."""
        return [
            {
                "name": role.name,
                "account": role.account_uid,
                "policies": list(role.attached),
                "instances": [
                    instance.instance_id
                    for instance in self._state.instances.values()
                    if (instance.account_uid, instance.ram_role_name) == at
                ],
                "tags": role.tags,
            }
            for at, role in self._state.ram.roles.items()
        ]

    def policies(self) -> list[dict[str, Any]]:
        """Returns all custom policies, each as JSON can hold it."""
        return [
            {
                "name": policy.name,
                "account": policy.account_uid,
                "document": policy.versions[policy.default].document,
                "tags": policy.tags,
            }
            for policy in self._state.ram.policies.values()
        ]

    def role_of(self, instance: Instance) -> str | None:
        """Returns the name of an instance's role, or None; a role that was deleted since is none."""
        role = self._role(instance)
        return None if role is None else role.name

    def credentials(self, instance: Instance) -> str | None:
        """Returns the credentials of an instance's role in JSON, or None without one."""
        role = self._role(instance)
        if role is None:
            return None
        key = self._sessions.of_instance(instance.instance_id, role)
        assert key.session is not None  # noqa: S101 - they are temporary
        return json.dumps(
            {
                "AccessKeyId": key.id,
                "AccessKeySecret": key.secret,
                "Expiration": to_seconds(key.session.expires),
                "SecurityToken": key.session.token,
                "LastUpdated": to_seconds(key.session.issued),
                "Code": "Success",
            }
        )

    def _role(self, instance: Instance) -> Role | None:
        role = self._state.ram.roles.get((instance.account_uid, instance.ram_role_name))
        return role if role is not None and role.trusts("Service", SERVICE_ECS) else None


def find_instance_role(call: Call) -> Role:
    """Returns the caller's role that the parameter RamRoleName names.

    Raises:
        ApiError: ``MissingParameter``, ``InvalidRamRole.NotFound`` or ``InvalidRamRole.NotEcsRole``.
    """
    role = call.env.state.ram.roles.get((call.key.account_uid, call.params.require("RamRoleName")))
    if role is None:
        raise ApiError("InvalidRamRole.NotFound", "The specified RamRoleName does not exist.", 404)
    if not role.trusts("Service", SERVICE_ECS):
        message = "The specified ram role is not authorized for ecs, please check your role policy."
        raise ApiError("InvalidRamRole.NotEcsRole", message, 403)
    return role


async def attach_instance_ram_role(call: Call) -> Answer:
    """Gives instances a role, each that has none."""
    if call.params.text("Policy"):
        raise not_modelled("Policy", "give the role the policies that it needs")
    role = find_instance_role(call)

    def attach(instance: Instance) -> tuple[str, str] | None:
        if instance.ram_role_name:
            return "InvalidInstance.RamRoleExisted", "The specified instance already has a ram role."
        instance.ram_role_name = role.name
        return None

    return _for_each(call, "AttachInstanceRamRole", role.name, attach)


async def detach_instance_ram_role(call: Call) -> Answer:
    """Takes instances their role, or the one that is named."""
    name = call.params.text("RamRoleName")

    def detach(instance: Instance) -> tuple[str, str] | None:
        if not instance.ram_role_name or name not in ("", instance.ram_role_name):
            return "InvalidRamRole.NotFound", "The specified RamRoleName does not exist."
        instance.ram_role_name = ""
        return None

    return _for_each(call, "DetachInstanceRamRole", name, detach)


async def describe_instance_ram_role(call: Call) -> Answer:
    """Shows the roles of instances, or the instances of a role."""
    params = call.params
    if params.text("InstanceIds"):
        found = named_instances(call)
    elif params.text("RamRoleName"):
        found = call.visible(call.env.state.instances.values())
    else:
        raise missing_parameter("InstanceIds")
    name = params.text("RamRoleName")
    having = [item for item in found if item.ram_role_name and name in ("", item.ram_role_name)]
    shown, fields = page(having, params, largest=50)
    return {
        **fields,
        "RegionId": call.region or "",
        "InstanceRamRoleSets": {
            "InstanceRamRoleSet": [_pair(item.instance_id, item.ram_role_name) for item in shown]
        },
    }


def _for_each(
    call: Call, action: str, name: str, change: Callable[[Instance], tuple[str, str] | None]
) -> Answer:
    wanted = call.params.json_items("InstanceIds")
    if not wanted:
        raise missing_parameter("InstanceIds")
    found = {item.instance_id: item for item in named_instances(call)}
    if len(found) < len(set(wanted)):
        raise errors.instance_not_found()
    results = []
    for instance_id, instance in found.items():
        role_name = name or instance.ram_role_name
        fault = change(instance)
        code, message = fault or ("200", "Success")
        results.append(
            {
                "Code": code,
                "Message": message,
                "InstanceId": instance_id,
                "Success": fault is None,
                "InstanceRamRoleSets": {"InstanceRamRoleSet": [_pair(instance_id, role_name)]},
            }
        )
    failed = sum(not result["Success"] for result in results)
    return {
        "RamRoleName": name,
        "TotalCount": len(results),
        "FailCount": failed,
        f"{action}Results": {f"{action}Result": results},
    }


def _pair(instance_id: str, role_name: str) -> dict[str, Any]:
    return {"InstanceId": instance_id, "RamRoleName": role_name}


ACTIONS: dict[str, Handler] = {
    "AttachInstanceRamRole": attach_instance_ram_role,
    "DetachInstanceRamRole": detach_instance_ram_role,
    "DescribeInstanceRamRole": describe_instance_ram_role,
}
