"""What several operations need: times, owners, ACL values, Content-MD5."""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import UTC, datetime
from typing import cast, get_args

from localcloud.oss.call import Call
from localcloud.oss.errors import OssError, access_denied, invalid_argument
from localcloud.oss.state import Bucket, BucketAcl, ObjectAcl
from localcloud.oss.xmltext import Node

STORAGE_CLASSES = frozenset({"Standard", "IA"})


def http_time(when: datetime) -> str:
    """``Mon, 23 Nov 2026 10:00:00 GMT``."""
    return when.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


def owner_node(uid: str) -> Node:
    """The Owner element."""
    return Node("Owner", ("ID", uid), ("DisplayName", uid))


def bucket_acl(value: str) -> BucketAcl:
    """Checks the value of x-oss-acl."""
    if value not in get_args(BucketAcl):
        raise invalid_argument("no such bucket access control exists", "x-oss-acl", value)
    return cast("BucketAcl", value)


def object_acl(value: str) -> ObjectAcl:
    """Checks the value of x-oss-object-acl."""
    if value not in get_args(ObjectAcl):
        raise invalid_argument("no such object access control exists", "x-oss-object-acl", value)
    return cast("ObjectAcl", value)


def refuse_public(bucket: Bucket, acl: str, what: str) -> None:
    """Refuses a public ACL while Block Public Access is on.

    Source: https://www.alibabacloud.com/help/en/oss/user-guide/block-public-access (2026-11-23); the
    wording for object ACLs is inferred from that for buckets.
    """
    if bucket.block_public_access and acl.startswith("public-"):
        raise access_denied(f"Put public {what} acl is not allowed")


def check_md5(call: Call, actual: bytes) -> None:
    """Compares the Content-MD5 header, if there is one, with the MD5 of the body.

    Raises:
        OssError: InvalidDigest for another form or another value.
    """
    wanted = call.headers.get("content-md5")
    if wanted is None:
        return
    try:
        expected = base64.b64decode(wanted, validate=True)
    except binascii.Error:
        expected = b""
    if len(expected) != 16:
        raise OssError(400, "InvalidDigest", "The Content-MD5 you specified is invalid.")
    if expected != actual:
        raise OssError(
            400,
            "InvalidDigest",
            "The Content-MD5 you specified did not match what we received.",
            details={"ClientComputedContentMD5": wanted, "ServerCalculatedContentMD5": _base64(actual)},
        )


def check_body_md5(call: Call, body: bytes) -> None:
    """`check_md5` for a body in memory."""
    check_md5(call, hashlib.md5(body, usedforsecurity=False).digest())


def storage_class(value: str | None, default: str) -> str:
    """Checks a storage class; the archive classes are not implemented."""
    if not value:
        return default
    if value not in STORAGE_CLASSES:
        raise invalid_argument("Only Standard and IA are implemented.", "x-oss-storage-class", value)
    return value


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
