"""The service's errors, as clients see them: HTTP status, code, message and EC.

An EC is given only where a source names it; elsewhere the answer has none, which no client minds.
Source: https://help.aliyun.com/zh/oss/user-guide/<EC>, one page for each (2026-11-23).
"""

from __future__ import annotations

from collections.abc import Mapping


class OssError(Exception):
    """An answer that is not a success.

    Attributes:
        status: HTTP status.
        code: The text of ``Code`` in the XML body.
        message: The text of ``Message``.
        ec: The fine-grained error code, for example ``0003-00000101``, or None when no source names it.
        details: Further elements of the body, by name; each a text, or elements of its own.
        headers: Further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        ec: str | None = None,
        *,
        details: Mapping[str, str | Mapping[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.ec = ec
        self.details = dict(details or {})
        self.headers = dict(headers or {})


def access_denied(
    message: str, ec: str | None = None, *, details: Mapping[str, str] | None = None
) -> OssError:
    """A 403 ``AccessDenied``."""
    return OssError(403, "AccessDenied", message, ec, details=details)


def denied_by_ram(detail: Mapping[str, str], *, explicit: bool) -> OssError:
    """A RAM policy denies it, or none allows it and nothing else does.

    Sources: EC 0003-00000201 (with its message as it is documented) and EC 0003-00000202; the message of the
    latter is inferred from EC 0003-00000001, which shows it for a RAM user without oss:GetBucketInfo.

    Args:
        detail: What the refusal tells of itself.
        explicit: Whether a policy denies it.
    """
    message, ec = (
        ("Access denied by bucket policy.", "0003-00000201")
        if explicit
        else ("The bucket you access does not belong to you.", "0003-00000202")
    )
    return OssError(403, "AccessDenied", message, ec, details={"AccessDeniedDetail": detail})


def denied_by_policy() -> OssError:
    """An explicit Deny of the bucket policy. Source: EC 0003-00000101."""
    return access_denied("Access denied by bucket policy.", "0003-00000101")


def denied_by_acl() -> OssError:
    """No policy decided, and the bucket's ACL does not allow it. Source: EC 0003-00000001."""
    return access_denied("You have no right to access this object because of bucket acl.", "0003-00000001")


def denied_by_object_acl() -> OssError:
    """No policy decided, and the object's own ACL does not allow it. Source: EC 0003-00000005."""
    return access_denied("You have no right to access this object.", "0003-00000005")


def not_owner() -> OssError:
    """A bucket-level request of somebody without a grant. Source: EC 0003-00000905."""
    return access_denied("The bucket you access does not belong to you.", "0003-00000905")


def wrong_endpoint(bucket: str, endpoint: str) -> OssError:
    """The bucket lives in another region; the body names its endpoint. Source: EC 0003-00001403."""
    return access_denied(
        "The bucket you are attempting to access must be addressed using the specified endpoint. "
        "Please send all future requests to this endpoint.",
        "0003-00001403",
        details={"Bucket": bucket, "Endpoint": endpoint},
    )


def second_level_domain(bucket: str) -> OssError:
    """The bucket stands in the path instead of the host. Source: EC 0003-00001401."""
    return OssError(
        403,
        "SecondLevelDomainForbidden",
        "Please use virtual hosted style to access.",
        "0003-00001401",
        details={"Bucket": bucket},
    )


def no_such_bucket(bucket: str) -> OssError:
    """Source: EC 0015-00000101."""
    return OssError(
        404,
        "NoSuchBucket",
        "The specified bucket does not exist.",
        "0015-00000101",
        details={"BucketName": bucket},
    )


def no_such_key(key: str) -> OssError:
    """Source: EC 0026-00000001."""
    return OssError(
        404, "NoSuchKey", "The specified key does not exist.", "0026-00000001", details={"Key": key}
    )


def no_such_version(key: str, version_id: str) -> OssError:
    """The key exists, that version of it does not."""
    return OssError(
        404,
        "NoSuchVersion",
        "The specified version does not exist.",
        details={"Key": key, "VersionId": version_id},
    )


def invalid_argument(message: str, name: str, value: str, ec: str | None = None) -> OssError:
    """A 400 ``InvalidArgument`` that names the argument."""
    return OssError(
        400, "InvalidArgument", message, ec, details={"ArgumentName": name, "ArgumentValue": value}
    )


def invalid_policy(message: str, ec: str = "0030-00000005") -> OssError:
    """A bucket policy that breaks the grammar. The code's name is inferred, the EC is documented."""
    return OssError(400, "InvalidPolicyDocument", message, ec)


def malformed_xml() -> OssError:
    """The body is not the XML that the operation takes."""
    return OssError(
        400,
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema.",
    )


def not_implemented(what: str) -> OssError:
    """The stand-in does not do this; the cloud may."""
    return OssError(
        501,
        "NotImplemented",
        f"A header or query you provided requests a function that is not implemented: {what}.",
    )


def throttled() -> OssError:
    """The account sends more requests than it may.

    Source: https://help.aliyun.com/zh/oss/support/http-status-code-503 (2026-11-23).
    """
    return OssError(503, "TotalQpsLimitExceeded", "Max total qps limit is exceeded.")


def service_unavailable() -> OssError:
    """The service is too busy for the moment.

    Source: https://help.aliyun.com/zh/oss/support/http-status-code-503 (2026-11-23).
    """
    return OssError(503, "ServiceUnavailable", "Thread pool is almost full, please retry later.")


def precondition_failed(condition: str) -> OssError:
    """A 412 that names the header."""
    return OssError(
        412,
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold.",
        details={"Condition": condition},
    )
