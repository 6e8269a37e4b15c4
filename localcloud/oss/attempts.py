"""From a request to what somebody tries to do with it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Literal

from localcloud.oss.authorize import Attempt
from localcloud.oss.call import Call
from localcloud.oss.errors import access_denied, denied_by_ram
from localcloud.oss.operations.operation import Operation
from localcloud.oss.policy.model import Decision, RequestContext
from localcloud.oss.state import Bucket
from localcloud.ram.protocol import RamPolicies, access_denied_detail


def require_account(call: Call, operation: Operation, ram: RamPolicies) -> None:
    """Lets only accounts and their RAM users pass, for operations that need no bucket yet.

    Raises:
        OssError: AccessDenied for anonymous requests, and for RAM users without the right.
            Source: https://help.aliyun.com/en/oss/user-guide/0003-00000202 (2026-11-23).
    """
    if call.signer is None:
        raise access_denied("Anonymous access is forbidden for this operation.")
    key = call.signer.access_key
    if key.is_account:
        return
    request = RequestContext(
        action=operation.action,
        resource=f"acs:oss:{call.endpoint.region}:{key.account_uid}:{call.endpoint.bucket or '*'}",
        source_ip=ip_address(call.origin.source_ip),
        time=call.now,
        principal_id=key.principal_id,
        principal_arn=key.sts_arn,
        source_vpc=call.origin.vpc_id,
        secure=call.origin.secure,
        values={"acs:AccessId": key.id},
    )
    decision = ram.decide(key, request)
    ram.note(key, request, allowed=decision is Decision.ALLOW)
    if decision is not Decision.ALLOW:
        explicit = decision is Decision.DENY
        detail = access_denied_detail(key, operation.action, explicit=explicit)
        raise denied_by_ram(detail, explicit=explicit)


def of_operation(call: Call, operation: Operation) -> Attempt:
    """The attempt that a request as a whole is."""
    version_id = call.parameter("versionId") if call.key else None
    action = operation.action
    if version_id is not None and operation.version_action is not None:
        action = operation.version_action
    return make_attempt(call, call.bucket, action, call.key, version_id, operation.data)


def make_attempt(
    call: Call,
    bucket: Bucket,
    action: str,
    key: str,
    version_id: str | None,
    data: Literal["read", "write"] | None,
) -> Attempt:
    """An attempt of this request's caller on any object, or with an empty key on a bucket."""
    version = bucket.find(key, version_id) if key and data == "read" else None
    return Attempt(
        bucket=bucket,
        action=action,
        key=key,
        access_key=call.signer.access_key if call.signer else None,
        origin=call.origin,
        now=call.now,
        values=_condition_values(call, bucket),
        data=data,
        object_acl=version.acl if version is not None else "default",
    )


def _condition_values(call: Call, bucket: Bucket) -> dict[str, str]:
    values = {
        "acs:UserAgent": call.headers.get("user-agent"),
        "oss:x-oss-acl": call.headers.get("x-oss-acl"),
        "oss:x-oss-object-acl": call.headers.get("x-oss-object-acl"),
        "oss:Prefix": call.parameter("prefix"),
        "oss:Delimiter": call.parameter("delimiter"),
        **{f"oss:BucketTag/{key}": value for key, value in bucket.tags.items()},
    }
    return {key: value for key, value in values.items() if value is not None}
