"""Which policies a role has.

Source: the SDK's models (alibabacloud_ram20150501 1.3.0, 2026-11-24) and the calls of the alicloud provider
(v1.285.0).
"""

from __future__ import annotations

from localcloud.rpc.answer import Answer
from localcloud.services.context import Call, Handler
from localcloud.services.ids import to_seconds
from localcloud.services.ram.errors import attached_already, not_attached
from localcloud.services.ram.policies import policy_view
from localcloud.services.ram.records import own_policy, own_role
from localcloud.services.ram.roles import role_view


async def attach_policy_to_role(call: Call) -> Answer:
    """Gives a role a policy; it counts at once, also for credentials that are out already."""
    policy, role = own_policy(call), own_role(call)
    call.params.require("PolicyType")
    if policy.name in role.attached:
        raise attached_already(policy.name, role.name)
    role.attached[policy.name] = call.env.now()
    return {}


async def detach_policy_from_role(call: Call) -> Answer:
    """Takes a policy away from a role."""
    policy, role = own_policy(call), own_role(call)
    call.params.require("PolicyType")
    if role.attached.pop(policy.name, None) is None:
        raise not_attached(policy.name, role.name)
    return {}


async def list_policies_for_role(call: Call) -> Answer:
    """Lists a role's policies."""
    role = own_role(call)
    rows = [
        {**policy_view(call, own_policy(call, name)), "AttachDate": to_seconds(attached)}
        for name, attached in role.attached.items()
    ]
    return {"Policies": {"Policy": rows}}


async def list_entities_for_policy(call: Call) -> Answer:
    """Lists who has a policy: roles; users have policies of their own here."""
    policy = own_policy(call)
    rows = [
        {**role_view(role), "AttachDate": to_seconds(role.attached[policy.name])}
        for role in call.env.state.ram.roles_with(policy)
    ]
    return {"Groups": {"Group": []}, "Users": {"User": []}, "Roles": {"Role": rows}, "IsTruncated": False}


ACTIONS: dict[str, Handler] = {
    "AttachPolicyToRole": attach_policy_to_role,
    "DetachPolicyFromRole": detach_policy_from_role,
    "ListPoliciesForRole": list_policies_for_role,
    "ListEntitiesForPolicy": list_entities_for_policy,
}
