"""What the services ask of RAM."""

from __future__ import annotations

from typing import Protocol

from localcloud.accounts import AccessKey
from localcloud.oss.policy.model import Decision, RequestContext


class RamPolicies(Protocol):
    """What the RAM policies of an identity say."""

    def decide(self, key: AccessKey, request: RequestContext) -> Decision:
        """Judges a request of a RAM user or a role."""

    def note(self, key: AccessKey, request: RequestContext, *, allowed: bool) -> None:
        """Remembers what became of a request of a RAM user or a role."""


class NoRamPolicies:
    """RAM users without any policy: only bucket policies and ACLs let them in."""

    def decide(self, key: AccessKey, request: RequestContext) -> Decision:
        """Nothing is said."""
        return Decision.NONE

    def note(self, key: AccessKey, request: RequestContext, *, allowed: bool) -> None:
        """Remembers nothing."""


def access_denied_detail(key: AccessKey, action: str, *, explicit: bool) -> dict[str, str]:
    """Returns what the cloud's refusals tell of themselves, under ``AccessDeniedDetail``.

    Sources: https://help.aliyun.com/en/oss/user-guide/0003-00000201 and https://www.alibabacloud.com/help/
    en/ecs/announcement-of-changes-to-the-authentication-mechanism-for-alibaba-cloud-ecs-query-type-apis
    (2026-11-23).

    Args:
        key: The key of the RAM user or of the role's session.
        action: The action that was refused.
        explicit: Whether a policy denies it; if not, none allows it.
    """
    return {
        "PolicyType": "AccountLevelIdentityBasedPolicy",
        "AuthPrincipalOwnerId": key.account_uid,
        "AuthPrincipalType": "SubUser" if key.session is None else "AssumedRoleUser",
        "AuthPrincipalDisplayName": (
            key.principal_id if key.session is None else f"{key.session.role_name}:{key.session.name}"
        ),
        "NoPermissionType": "ExplicitDeny" if explicit else "ImplicitDeny",
        "AuthAction": action,
    }
