"""May this caller make this call? An account's own key may; a RAM user or a role needs rights.

Sources of the refusals (2026-11-23): of ECS, and inferred from it of VPC,
https://www.alibabacloud.com/help/en/ecs/announcement-of-changes-to-the-authentication-mechanism-for-alibaba-cloud-ecs-query-type-apis
Of CloudMonitor,
https://www.alibabacloud.com/help/en/cms/developer-reference/api-describemonitoringagentaccesskey
Of BSS, the code alone, https://alibabacloud.com/help/en/ram/support/how-to-troubleshoot-an-access-denied-error
(that BSS uses it, and its message, are inferred).
"""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address

from localcloud.accounts import AccessKey
from localcloud.origin import Origin
from localcloud.oss.policy.model import Decision, RequestContext
from localcloud.ram.protocol import RamPolicies, access_denied_detail
from localcloud.ram.rights import Right, rights_for
from localcloud.rpc.errors import ApiError, forbidden
from localcloud.rpc.params import Params

_REFUSALS = {
    "cms": ("AccessForbidden", "User not authorized to operate on the specified resource."),
    "bss": ("NotAuthorized", "This API is not authorized for caller."),
}


class Authorizer:
    """Lets calls pass.

    Args:
        ram: What RAM policies say.
    """

    def __init__(self, ram: RamPolicies) -> None:
        self._ram = ram

    def require_rights(
        self,
        product: str,
        api: str,
        params: Params,
        *,
        key: AccessKey,
        region_id: str | None,
        origin: Origin,
        now: datetime,
    ) -> None:
        """Lets a call pass.

        Args:
            product: For example ``vpc``.
            api: The call's name, for example ``CreateVpc``.
            params: The call's parameters.
            key: Whose call it is.
            region_id: The region that it is about, if any.
            origin: Where it came from.
            now: The service's clock.

        Raises:
            ApiError: The product's own refusal: a right is missing or denied.
        """
        if key.is_account:
            return
        rights = rights_for(product, api, params, region_id=region_id, account_uid=key.account_uid)
        for right in rights:
            request = _context(right, key, origin, now)
            decision = self._ram.decide(key, request)
            self._ram.note(key, request, allowed=decision is Decision.ALLOW)
            if decision is not Decision.ALLOW:
                raise _refusal(product, key, right.action, explicit=decision is Decision.DENY)


def _context(right: Right, key: AccessKey, origin: Origin, now: datetime) -> RequestContext:
    return RequestContext(
        action=right.action,
        resource=right.resource,
        source_ip=ip_address(origin.source_ip),
        time=now,
        principal_id=key.principal_id,
        principal_arn=key.sts_arn,
        source_vpc=origin.vpc_id,
        secure=origin.secure,
        values={"acs:AccessId": key.id},
    )


def _refusal(product: str, key: AccessKey, action: str, *, explicit: bool) -> ApiError:
    code, message = _REFUSALS.get(product, (forbidden().code, forbidden().message))
    detail = access_denied_detail(key, action, explicit=explicit)
    return ApiError(code, message, 403, details={"AccessDeniedDetail": detail})
