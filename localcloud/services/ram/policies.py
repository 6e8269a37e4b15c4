"""Custom policies: made, described, removed and shown.

Source: the SDK's models (alibabacloud_ram20150501 1.3.0, 2026-11-24) and the calls of the alicloud provider
(v1.285.0).
"""

from __future__ import annotations

import re
from typing import Any

from localcloud.ram.document import RamPolicyError
from localcloud.ram.roles import ManagedPolicy
from localcloud.rpc.answer import Answer
from localcloud.services.context import Call, Handler
from localcloud.services.ids import to_seconds
from localcloud.services.ram.errors import (
    bad_name,
    malformed,
    policy_exists,
    policy_has_versions,
    policy_used,
)
from localcloud.services.ram.records import by_marker, own_policy
from localcloud.services.ram.tags import given_tags
from localcloud.services.ram.versions import version_view

_NAME = re.compile(r"[A-Za-z0-9-]{1,128}")


async def create_policy(call: Call) -> Answer:
    """Makes a policy with its first version."""
    name = call.params.require("PolicyName")
    if not _NAME.fullmatch(name):
        raise bad_name("PolicyName")
    at = (call.key.account_uid, name)
    if at in call.env.state.ram.policies:
        raise policy_exists(name)
    now = call.env.now()
    policy = ManagedPolicy(
        name=name,
        account_uid=call.key.account_uid,
        created=now,
        changed=now,
        description=call.params.text("Description"),
        tags=given_tags(call.params),
    )
    try:
        policy.add(call.params.require("PolicyDocument"), now, holds=True)
    except RamPolicyError as fault:
        raise malformed(str(fault)) from fault
    call.env.state.ram.policies[at] = policy
    return {"Policy": policy_view(call, policy)}


async def get_policy(call: Call) -> Answer:
    """Shows a policy and the version that holds."""
    policy = own_policy(call)
    version = version_view(policy, policy.versions[policy.default])
    return {"Policy": policy_view(call, policy), "DefaultPolicyVersion": version}


async def update_policy_description(call: Call) -> Answer:
    """Changes a policy's description."""
    policy = own_policy(call)
    policy.description, policy.changed = call.params.text("NewDescription"), call.env.now()
    return {"Policy": policy_view(call, policy)}


async def delete_policy(call: Call) -> Answer:
    """Removes a policy that no role has, and of one version unless it is to go with all."""
    policy = own_policy(call)
    if call.env.state.ram.roles_with(policy):
        raise policy_used(policy.name)
    if len(policy.versions) > 1 and not call.params.flag("CascadingDelete"):
        raise policy_has_versions(policy.name)
    del call.env.state.ram.policies[policy.account_uid, policy.name]
    return {}


async def list_policies(call: Call) -> Answer:
    """Lists the caller's custom policies."""
    uid = call.key.account_uid
    system_only = call.params.choice("PolicyType", ("Custom", "System"), "Custom") == "System"
    found = [policy for policy in call.env.state.ram.policies.values() if policy.account_uid == uid]
    shown, fields = by_marker(call, [] if system_only else found)
    return {**fields, "Policies": {"Policy": [policy_view(call, policy) for policy in shown]}}


def policy_view(call: Call, policy: ManagedPolicy) -> dict[str, Any]:
    """Returns a policy as answers show it."""
    return {
        "PolicyName": policy.name,
        "PolicyType": "Custom",
        "Description": policy.description,
        "DefaultVersion": policy.default,
        "AttachmentCount": len(call.env.state.ram.roles_with(policy)),
        "CreateDate": to_seconds(policy.created),
        "UpdateDate": to_seconds(policy.changed),
    }


ACTIONS: dict[str, Handler] = {
    "CreatePolicy": create_policy,
    "GetPolicy": get_policy,
    "UpdatePolicyDescription": update_policy_description,
    "DeletePolicy": delete_policy,
    "ListPolicies": list_policies,
}
