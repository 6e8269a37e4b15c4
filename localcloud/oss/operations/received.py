"""Object data on its way in: what may be stored, and the record of what was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from localcloud.oss.blobs import Blob
from localcloud.oss.call import Call
from localcloud.oss.checksums import Digest
from localcloud.oss.errors import OssError, invalid_argument, not_implemented
from localcloud.oss.operations.common import check_md5, object_acl, refuse_public
from localcloud.oss.state import Bucket, ObjectAcl

# Source: https://help.aliyun.com/zh/oss/user-guide/limits (2026-11-23)
PUT_MAX_BYTES = 5 * 1024**3

_KEPT = frozenset(
    {
        "content-type",
        "content-disposition",
        "content-encoding",
        "content-language",
        "cache-control",
        "expires",
    }
)
_META = "x-oss-meta-"
META_MAX_BYTES = 8 * 1024
_NOT_SUPPORTED = (
    "x-oss-callback",
    "x-oss-tagging",
    "x-oss-traffic-limit",
    "x-oss-server-side-encryption-key-id",
)


def check_writable(call: Call) -> None:
    """Refuses keys that cannot be written, and headers whose meaning is not implemented.

    Source: https://www.alibabacloud.com/help/en/oss/user-guide/object-naming-conventions (2026-11-23).
    """
    if call.key.startswith(("/", "\\")):
        raise OssError(
            400,
            "InvalidObjectName",
            "The specified object is not valid: it starts with a slash.",
            details={"ObjectName": call.key},
        )
    for name in _NOT_SUPPORTED:
        if name in call.headers:
            raise not_implemented(name)
    encryption = call.headers.get("x-oss-server-side-encryption") or call.bucket.sse_algorithm
    if encryption not in (None, "AES256"):
        raise not_implemented(f"server-side encryption {encryption}")


def check_overwrite(call: Call, bucket: Bucket) -> None:
    """Raises FileAlreadyExists when the caller forbids to overwrite and the key is taken."""
    if call.headers.get("x-oss-forbid-overwrite", "").lower() == "true" and bucket.current(call.key):
        raise OssError(
            409, "FileAlreadyExists", "The object you specified already exists and can not be overwritten."
        )


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that every later download carries.

    Raises:
        OssError: More than 8 KB of user metadata, or a value that is not UTF-8 (inferred).
    """
    kept = {name: value for name, value in headers.items() if name in _KEPT or name.startswith(_META)}
    size = sum(len(name) + len(value) for name, value in kept.items() if name.startswith(_META))
    if size > META_MAX_BYTES:
        raise OssError(400, "InvalidArgument", "The total size of user metadata is larger than 8 KB.")
    for name, value in kept.items():
        if not value.isprintable() and any("\ud800" <= character <= "\udfff" for character in value):
            raise invalid_argument("The header is not encoded in UTF-8.", name, value)
    kept.setdefault("content-type", "application/octet-stream")
    return kept


def new_object_acl(call: Call, bucket: Bucket) -> ObjectAcl:
    """The ACL that the request gives to the new object."""
    value = call.headers.get("x-oss-object-acl")
    if value is None:
        return "default"
    acl = object_acl(value)
    refuse_public(bucket, acl, "object")
    return acl


async def receive(call: Call) -> tuple[Blob, Digest]:
    """Stores the body and checks its length and Content-MD5.

    Raises:
        OssError: MissingContentLength, EntityTooLarge or InvalidDigest; nothing stays behind.
    """
    length = call.headers.get("content-length")
    if length is None and call.headers.get("transfer-encoding", "").lower() != "chunked":
        raise OssError(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
    if length is not None and int(length) > PUT_MAX_BYTES:
        raise OssError(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size.")
    blob, digest = await call.blobs.write(call.chunks())
    with discarding(blob):
        check_md5(call, digest.md5)
    return blob, digest


@contextmanager
def discarding(blob: Blob) -> Iterator[None]:
    """Removes a blob when the block that should make use of it fails."""
    try:
        yield
    except BaseException:
        blob.discard()
        raise
