"""May this caller do this? The documented order, in one place.

Anonymous: bucket policy, then ACL. Signed: RAM policies and bucket policy together, then ACL. An
explicit Deny anywhere wins; an Allow of either ends the matter before the ACL. An account's own key is
allowed on the account's buckets, and RAM gives its users rights on those alone. ACLs count for object data
only, and public-read does not include listing. Public grants count for nothing while Block Public Access is
on.
Source: https://www.alibabacloud.com/help/en/oss/user-guide/authentication and
https://www.alibabacloud.com/help/en/oss/user-guide/block-public-access (2026-11-23). That a policy's
Allow ends the matter for anonymous requests too is inferred.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Literal

from localcloud.accounts import AccessKey
from localcloud.origin import Origin
from localcloud.oss.errors import (
    OssError,
    denied_by_acl,
    denied_by_object_acl,
    denied_by_policy,
    denied_by_ram,
    not_owner,
)
from localcloud.oss.policy.evaluate import evaluate
from localcloud.oss.policy.model import Decision, RequestContext
from localcloud.oss.policy.public import without_public
from localcloud.oss.state import Bucket, ObjectAcl
from localcloud.ram.protocol import RamPolicies, access_denied_detail

# Regions where a request can be tied to its VPC; elsewhere acs:SourceVpc never has a value.
# Source: https://www.alibabacloud.com/help/en/oss/oss-supported-gateway-endpoint-regions (2026-11-23)
SOURCE_VPC_REGIONS = frozenset(
    {
        "cn-hangzhou",
        "cn-shanghai",
        "cn-qingdao",
        "cn-beijing",
        "cn-zhangjiakou",
        "cn-huhehaote",
        "cn-wulanchabu",
        "cn-shenzhen",
        "cn-heyuan",
        "cn-guangzhou",
        "cn-chengdu",
        "cn-hongkong",
        "us-west-1",
        "us-east-1",
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-3",
        "ap-southeast-5",
        "eu-central-1",
        "eu-west-1",
        "me-east-1",
    }
)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What somebody tries to do.

    Attributes:
        bucket: The bucket.
        action: For example ``oss:GetObject``.
        key: The object's key, or "" for the bucket itself.
        access_key: Who signed, or None.
        origin: Where the packets came from.
        now: The service's clock.
        values: Condition keys that come from the request: ``acs:UserAgent``, ``oss:Prefix``...
        data: How an ACL counts: reading or writing object data, or not at all.
        object_acl: The object's own ACL.
    """

    bucket: Bucket
    action: str
    key: str
    access_key: AccessKey | None
    origin: Origin
    now: datetime
    values: Mapping[str, str] = field(default_factory=dict)
    data: Literal["read", "write"] | None = None
    object_acl: ObjectAcl = "default"

    @property
    def ram_user(self) -> AccessKey | None:
        """The key, when it is a RAM user's or a role's."""
        return self.access_key if self.access_key is not None and not self.access_key.is_account else None


def authorize(attempt: Attempt, ram: RamPolicies) -> None:
    """Lets an attempt pass.

    Raises:
        OssError: AccessDenied, with the reason and EC of the rule that decided.
    """
    context, user = policy_context(attempt), attempt.ram_user
    from_ram = ram.decide(user, context) if user is not None else Decision.NONE
    if from_ram is Decision.ALLOW and user is not None and user.account_uid != attempt.bucket.owner_uid:
        from_ram = Decision.NONE
    fault = _fault(attempt, context, from_ram)
    if user is not None and (fault is not None or from_ram is Decision.ALLOW):
        ram.note(user, context, allowed=fault is None)
    if fault is not None:
        raise fault


def _fault(attempt: Attempt, context: RequestContext, from_ram: Decision) -> OssError | None:
    bucket, user = attempt.bucket, attempt.ram_user
    if from_ram is Decision.DENY and user is not None:
        return denied_by_ram(access_denied_detail(user, attempt.action, explicit=True), explicit=True)
    policy = without_public(bucket.policy) if bucket.block_public_access else bucket.policy
    from_policy = evaluate(policy, context)
    if from_policy is Decision.DENY:
        return denied_by_policy()
    if Decision.ALLOW in (from_ram, from_policy) or context.is_owner:
        return None
    if user is not None and attempt.data is None and user.account_uid == bucket.owner_uid:
        return denied_by_ram(access_denied_detail(user, attempt.action, explicit=False), explicit=False)
    return _acl_fault(attempt)


def policy_context(attempt: Attempt) -> RequestContext:
    """What the bucket policy gets to see; address and VPC only from the packets' origin."""
    bucket, key, origin = attempt.bucket, attempt.access_key, attempt.origin
    path = f"{bucket.name}/{attempt.key}" if attempt.key else bucket.name
    return RequestContext(
        action=attempt.action,
        resource=f"acs:oss:{bucket.region}:{bucket.owner_uid}:{path}",
        source_ip=ip_address(origin.source_ip),
        time=attempt.now,
        principal_id=key.principal_id if key else None,
        principal_arn=key.sts_arn if key else None,
        is_owner=key is not None and key.is_account and key.account_uid == bucket.owner_uid,
        source_vpc=origin.vpc_id if bucket.region in SOURCE_VPC_REGIONS else None,
        secure=origin.secure,
        values={**attempt.values, **({"acs:AccessId": key.id} if key else {})},
    )


def _acl_fault(attempt: Attempt) -> OssError | None:
    if attempt.data is None:
        return not_owner()
    own = attempt.object_acl != "default"
    acl = attempt.object_acl if own else attempt.bucket.acl
    if attempt.bucket.block_public_access:
        acl = "private"
    readable = acl in ("public-read", "public-read-write")
    if readable if attempt.data == "read" else acl == "public-read-write":
        return None
    return denied_by_object_acl() if own and attempt.object_acl == "private" else denied_by_acl()
