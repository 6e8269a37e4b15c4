"""AssumeRole: temporary credentials for a role that trusts the caller.

Source: the SDK's models (alibabacloud_sts20150401 1.2.0) and, for who is refused,
https://www.alibabacloud.com/help/doc-detail/42775.htm (2026-11-24).
"""

from __future__ import annotations

import re
from datetime import timedelta

from localcloud.accounts import AccessKey
from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import ApiError, invalid_parameter, not_modelled
from localcloud.rpc.params import Params
from localcloud.services.context import Call, Handler
from localcloud.services.ids import to_seconds

_ROLE_ARN = re.compile(r"acs:ram::(?P<uid>\d+):role/(?P<name>.+)")
_SESSION_NAME = re.compile(r"[A-Za-z0-9.@_-]{2,64}")
_SHORTEST_S, _DEFAULT_S = 900, 3600


def with_role(params: Params) -> Params:
    """Adds the role's name to the parameters of a call that names a role by its ARN, for RAM to judge."""
    match = _ROLE_ARN.fullmatch(params.text("RoleArn"))
    return params if match is None else Params({**params.as_dict(), "RoleName": match["name"]})


async def assume_role(call: Call) -> Answer:
    """Gives out credentials for a role.

    Raises:
        ApiError: ``InvalidParameter.*``, ``NoPermission`` or ``EntityNotExist.Role``.
    """
    params = call.params
    match = _ROLE_ARN.fullmatch(params.require("RoleArn"))
    if match is None:
        raise ApiError("InvalidParameter.RoleArn", "The parameter RoleArn is wrongly formed.")
    name = params.require("RoleSessionName")
    if not _SESSION_NAME.fullmatch(name):
        raise ApiError("InvalidParameter.RoleSessionName", "The parameter RoleSessionName is wrongly formed.")
    if params.text("Policy"):
        raise not_modelled("Policy", "give the role the policies that it needs")
    if call.key.is_account:
        raise ApiError("NoPermission", "Roles may not be assumed by root accounts.", 403)
    role = call.env.state.ram.roles.get((match["uid"], match["name"]))
    if role is None:
        raise ApiError("EntityNotExist.Role", f"The specified Role not exists: {match['name']}.", 404)
    if not role.trusts("RAM", *_principals(call.key)):
        message = "You are not authorized to do this action. You should be authorized by RAM."
        raise ApiError("NoPermission", message, 403)
    seconds = params.integer("DurationSeconds", min(_DEFAULT_S, role.session_s_max))
    if not _SHORTEST_S <= seconds <= role.session_s_max:
        raise invalid_parameter("DurationSeconds")
    key = call.env.sessions.issue(role, name, timedelta(seconds=seconds))
    assert key.session is not None  # noqa: S101 - they are temporary
    return {
        "AssumedRoleUser": {"Arn": key.arn, "AssumedRoleId": key.principal_id},
        "Credentials": {
            "AccessKeyId": key.id,
            "AccessKeySecret": key.secret,
            "SecurityToken": key.session.token,
            "Expiration": to_seconds(key.session.expires),
        },
    }


def _principals(key: AccessKey) -> list[str]:
    account = f"acs:ram::{key.account_uid}"
    if key.session is not None:
        return [f"{account}:root", f"{account}:role/{key.session.role_name}"]
    return [f"{account}:root", f"{account}:user/{key.user_name}"]


ACTIONS: dict[str, Handler] = {"AssumeRole": assume_role}
