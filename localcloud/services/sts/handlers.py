"""The actions of STS."""

from __future__ import annotations

from localcloud.rpc.answer import Answer
from localcloud.services.context import Call, Handler
from localcloud.services.sts import assume


async def get_caller_identity(call: Call) -> Answer:
    """Tells the identity behind the access key.

    Source: https://help.aliyun.com/en/ram/developer-reference/api-sts-2015-04-01-getcalleridentity
    (2026-11-23).
    """
    key = call.key
    if key.session is not None:
        return {
            "IdentityType": "AssumedRoleUser",
            "AccountId": key.account_uid,
            "PrincipalId": key.principal_id,
            "RoleId": key.session.role_id,
            "Arn": key.arn,
        }
    return {
        "IdentityType": "Account" if key.is_account else "RAMUser",
        "AccountId": key.account_uid,
        "PrincipalId": key.principal_id,
        "UserId": key.principal_id,
        "Arn": key.arn,
    }


ACTIONS: dict[str, Handler] = {"GetCallerIdentity": get_caller_identity, **assume.ACTIONS}
