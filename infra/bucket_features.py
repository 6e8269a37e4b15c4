"""Settings of a bucket that keep anonymous requests out whatever its policy allows. Pure.

The proxy does not sign, so it reads as anybody would. Objects may differ from their bucket's defaults:
what is certain for every request is refused, what depends on the object or the client is a warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from infra.errors import ProgramError

_ARCHIVE_CLASSES = frozenset({"Archive", "ColdArchive", "DeepColdArchive"})


class BucketFeatureError(ProgramError):
    """The bucket is set up so that OSS refuses the proxy's requests."""


@dataclass(frozen=True, kw_only=True)
class BucketFeatures:
    """What a bucket's settings mean for requests without a signature.

    Attributes:
        sse_algorithm: The server-side encryption of new objects, such as ``AES256`` or ``KMS``; empty
            where there is none.
        storage_class: The storage class of new objects, such as ``Standard``.
        requester_pays: Whether the requester pays, None where that could not be read.
        referer_rules: Whether hotlink protection is on, None where that could not be read.
    """

    sse_algorithm: str
    storage_class: str
    requester_pays: bool | None
    referer_rules: bool | None


@dataclass(frozen=True, kw_only=True)
class BucketInfo:
    """What the bucket says of itself.

    Attributes:
        owner_uid: The UID of the account that owns it.
        region: Its region, without OSS's own ``oss-`` in front.
        internal_endpoint: The host of its internal endpoint, without the bucket's name.
        features: What its settings mean for requests without a signature.
    """

    owner_uid: str
    region: str
    internal_endpoint: str
    features: BucketFeatures


def require_readable(bucket: str, features: BucketFeatures) -> Sequence[str]:
    """Refuses a bucket where OSS answers no request of the proxy.

    Sources: https://help.aliyun.com/en/oss/user-guide/0003-00000701 (no anonymous requests where the
    requester pays), https://www.alibabacloud.com/help/en/oss/user-guide/server-side-encryption (reading
    under SSE-KMS needs a right to use the key; that nobody without a signature has it is inferred; both
    2026-11-23).

    Returns:
        Warnings, a sentence or two each, about what may keep some requests out.

    Raises:
        BucketFeatureError: When nothing could be read.
    """
    if features.sse_algorithm == "KMS":
        raise BucketFeatureError(
            f"the bucket {bucket} encrypts new objects with a key of KMS (SSE-KMS)",
            consequence="OSS gives such objects to nobody without a signature, so not to the proxy; "
            "nothing was created or changed.",
            fix="use a bucket with the encryption AES256 or none, or set this one's default to AES256 and "
            "copy its objects onto themselves.",
        )
    if features.requester_pays:
        raise BucketFeatureError(
            f"in the bucket {bucket} the requester pays",
            consequence="OSS refuses every request without a signature there (EC 0003-00000701), so the "
            "proxy's; nothing was created or changed.",
            fix="set its payer to BucketOwner, or use another bucket.",
        )
    return [sentence for sentence, told in _warnings(bucket, features) if told]


def _warnings(bucket: str, features: BucketFeatures) -> Sequence[tuple[str, bool]]:
    """Pairs each warning with whether it is to be told.

    Sources: https://www.alibabacloud.com/help/en/oss/user-guide/overview-53 (archive classes, 2026-11-23),
    https://www.alibabacloud.com/help/en/oss/user-guide/hotlink-protection (2025-11-04).
    """
    return [
        (
            f"The storage class of the bucket {bucket} is {features.storage_class}: an object of an archive "
            "class answers 403 until it is restored or real-time access is on.",
            features.storage_class in _ARCHIVE_CLASSES,
        ),
        (
            f"The bucket {bucket} has hotlink protection: OSS judges the Referer that a client sends through "
            "the proxy, and answers 403 where its rules keep it out.",
            features.referer_rules is True,
        ),
        (
            f"Who pays for requests to the bucket {bucket} could not be read (oss:GetBucketRequestPayment): "
            "where the requester does, the proxy's are refused.",
            features.requester_pays is None,
        ),
        (
            f"The hotlink protection of the bucket {bucket} could not be read (oss:GetBucketReferer): "
            "it may keep some of the proxy's requests out.",
            features.referer_rules is None,
        ),
    ]
