"""The versions of a custom policy: five at most, and one of them holds.

Source: the SDK's models (alibabacloud_ram20150501 1.3.0, 2026-11-24) and the calls of the alicloud provider
(v1.285.0).
"""

from __future__ import annotations

from typing import Any

from localcloud.ram.document import RamPolicyError
from localcloud.ram.roles import ManagedPolicy, PolicyVersion
from localcloud.rpc.answer import Answer
from localcloud.services.context import Call, Handler
from localcloud.services.ids import to_seconds
from localcloud.services.ram.errors import malformed, no_version, too_many_versions, version_holds
from localcloud.services.ram.records import own_policy

VERSIONS_MAX = 5
_ROTATE = "DeleteOldestNonDefaultVersionWhenLimitExceeded"


async def create_policy_version(call: Call) -> Answer:
    """Adds a version; the oldest that does not hold makes room where the call says so."""
    policy, params = own_policy(call), call.params
    rotates = params.choice("RotateStrategy", ("None", _ROTATE), "None") == _ROTATE
    full = len(policy.versions) >= VERSIONS_MAX
    if full and not rotates:
        raise too_many_versions()
    try:
        version = policy.add(
            params.require("PolicyDocument"), call.env.now(), holds=params.flag("SetAsDefault")
        )
    except RamPolicyError as fault:
        raise malformed(str(fault)) from fault
    if full:
        oldest = next(one for one in policy.versions if one not in (policy.default, version.version_id))
        del policy.versions[oldest]
    return {"PolicyVersion": version_view(policy, version)}


async def get_policy_version(call: Call) -> Answer:
    """Shows a version."""
    policy = own_policy(call)
    return {"PolicyVersion": version_view(policy, _named(call, policy))}


async def list_policy_versions(call: Call) -> Answer:
    """Lists a policy's versions, the newest first."""
    policy = own_policy(call)
    rows = [version_view(policy, version) for version in reversed(policy.versions.values())]
    return {"PolicyVersions": {"PolicyVersion": rows}}


async def set_default_policy_version(call: Call) -> Answer:
    """Lets another version hold."""
    policy = own_policy(call)
    policy.default, policy.changed = _named(call, policy).version_id, call.env.now()
    return {}


async def delete_policy_version(call: Call) -> Answer:
    """Removes a version that does not hold."""
    policy = own_policy(call)
    version = _named(call, policy)
    if version.version_id == policy.default:
        raise version_holds(version.version_id)
    del policy.versions[version.version_id]
    return {}


def version_view(policy: ManagedPolicy, version: PolicyVersion) -> dict[str, Any]:
    """Returns a version as answers show it."""
    return {
        "VersionId": version.version_id,
        "IsDefaultVersion": version.version_id == policy.default,
        "PolicyDocument": version.document,
        "CreateDate": to_seconds(version.created),
    }


def _named(call: Call, policy: ManagedPolicy) -> PolicyVersion:
    version_id = call.params.require("VersionId")
    version = policy.versions.get(version_id)
    if version is None:
        raise no_version(version_id)
    return version


ACTIONS: dict[str, Handler] = {
    "CreatePolicyVersion": create_policy_version,
    "GetPolicyVersion": get_policy_version,
    "ListPolicyVersions": list_policy_versions,
    "SetDefaultPolicyVersion": set_default_policy_version,
    "DeletePolicyVersion": delete_policy_version,
}
