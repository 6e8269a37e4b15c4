"""Roles: made, changed, removed and shown.

Source: the SDK's models (alibabacloud_ram20150501 1.3.0, 2026-11-24) and the calls of the alicloud provider
(v1.285.0).
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from localcloud.ram.roles import Role, fault_of_trust
from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import invalid_parameter
from localcloud.services.context import Call, Handler
from localcloud.services.ids import to_seconds
from localcloud.services.ram.errors import bad_name, malformed, role_exists, role_used
from localcloud.services.ram.records import by_marker, own_role
from localcloud.services.ram.tags import given_tags

_NAME = re.compile(r"[A-Za-z0-9.-]{1,64}")
_DESCRIPTION_CHARACTERS = 1024
_SESSION_S, _SESSION_S_MAX = 3600, 43200


async def create_role(call: Call) -> Answer:
    """Makes a role."""
    name = call.params.require("RoleName")
    if not _NAME.fullmatch(name):
        raise bad_name("RoleName")
    at = (call.key.account_uid, name)
    if at in call.env.state.ram.roles:
        raise role_exists(name)
    now = call.env.now()
    role = Role(
        name=name,
        # Roles' ids are numbers of 18 digits that begin with 3.
        role_id=f"3{secrets.randbelow(10**17):017}",
        account_uid=call.key.account_uid,
        trust=_trust(call.params.require("AssumeRolePolicyDocument")),
        created=now,
        changed=now,
        description=_description(call, "Description", ""),
        session_s_max=_session(call, "MaxSessionDuration", _SESSION_S),
        tags=given_tags(call.params),
    )
    call.env.state.ram.roles[at] = role
    return {"Role": role_view(role)}


async def get_role(call: Call) -> Answer:
    """Shows a role."""
    return {"Role": role_view(own_role(call))}


async def update_role(call: Call) -> Answer:
    """Changes trust policy, description and the longest session."""
    role, params = own_role(call), call.params
    trust = params.text("NewAssumeRolePolicyDocument")
    trust = _trust(trust) if trust else role.trust
    description = _description(call, "NewDescription", role.description)
    role.session_s_max = _session(call, "NewMaxSessionDuration", role.session_s_max)
    role.trust, role.description, role.changed = trust, description, call.env.now()
    return {"Role": role_view(role)}


async def delete_role(call: Call) -> Answer:
    """Removes a role that has no policies; credentials that were given out for it have no rights any more."""
    role = own_role(call)
    if role.attached:
        raise role_used(role.name)
    del call.env.state.ram.roles[role.account_uid, role.name]
    return {}


async def list_roles(call: Call) -> Answer:
    """Lists the caller's roles."""
    uid = call.key.account_uid
    shown, fields = by_marker(
        call, [role for role in call.env.state.ram.roles.values() if role.account_uid == uid]
    )
    rows = [role_view(role) for role in shown]
    for row in rows:
        # Only GetRole tells it.
        del row["AssumeRolePolicyDocument"]
    return {**fields, "Roles": {"Role": rows}}


def role_view(role: Role) -> dict[str, Any]:
    """Returns a role as answers show it."""
    return {
        "RoleId": role.role_id,
        "RoleName": role.name,
        "Arn": role.arn,
        "Description": role.description,
        "AssumeRolePolicyDocument": role.trust,
        "MaxSessionDuration": role.session_s_max,
        "CreateDate": to_seconds(role.created),
        "UpdateDate": to_seconds(role.changed),
    }


def _trust(text: str) -> str:
    fault = fault_of_trust(text)
    if fault is not None:
        raise malformed(fault)
    return text


def _description(call: Call, parameter: str, default: str) -> str:
    text = call.params.text(parameter) if call.params.given(parameter) else default
    if len(text) > _DESCRIPTION_CHARACTERS:
        raise invalid_parameter(parameter)
    return text


def _session(call: Call, parameter: str, default: int) -> int:
    return call.params.integer(parameter, default, low=_SESSION_S, high=_SESSION_S_MAX)


ACTIONS: dict[str, Handler] = {
    "CreateRole": create_role,
    "GetRole": get_role,
    "UpdateRole": update_role,
    "DeleteRole": delete_role,
    "ListRoles": list_roles,
}
