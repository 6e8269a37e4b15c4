"""Reading objects: GetObject, HeadObject, GetObjectMeta, GetObjectAcl.

Downloads are forced (``x-oss-force-download`` and an attachment) as for accounts that first used OSS
after 2022-10-09; a disposition that is an attachment already keeps its file name.
Source: https://www.alibabacloud.com/help/en/oss/user-guide/how-do-i-configure-an-object-to-be-previewed-instead-of-downloaded
(2026-11-23). That it holds at internal endpoints too rests on field reports.
"""

from __future__ import annotations

import base64

from localcloud.oss.call import Answer, Call, xml_answer
from localcloud.oss.errors import OssError, invalid_argument, no_such_key, no_such_version
from localcloud.oss.operations.common import http_time, owner_node
from localcloud.oss.preconditions import check
from localcloud.oss.ranges import Slice, resolve_range
from localcloud.oss.state import Bucket, ObjectVersion
from localcloud.oss.xmltext import Node

_OVERRIDES = {
    "response-content-type": "Content-Type",
    "response-content-language": "Content-Language",
    "response-expires": "Expires",
    "response-cache-control": "Cache-Control",
    "response-content-disposition": "Content-Disposition",
    "response-content-encoding": "Content-Encoding",
}


def find_version(bucket: Bucket, key: str, version_id: str | None) -> ObjectVersion:
    """The version a read is about.

    Raises:
        OssError: NoSuchKey or NoSuchVersion; for a delete marker with a header that says so.
    """
    version = bucket.find(key, version_id)
    if version is None:
        if version_id is not None and bucket.find(key) is not None:
            raise no_such_version(key, version_id)
        raise no_such_key(key)
    if version.content is None:
        fault = no_such_key(key)
        fault.headers.update({"x-oss-delete-marker": "true", "x-oss-version-id": version.version_id})
        raise fault
    return version


async def get_object(call: Call) -> Answer:
    """GetObject.

    Raises:
        OssError: Among others InvalidRequest (400) for ``response-*`` on an anonymous request.
            Source: https://www.alibabacloud.com/help/doc-detail/31980.htm (2026-11-23).
    """
    overrides = {
        header: value for name, header in _OVERRIDES.items() if (value := call.parameter(name)) is not None
    }
    if overrides and call.signer is None:
        raise OssError(
            400,
            "InvalidRequest",
            "Request specific response headers cannot be used for anonymous GET requests.",
        )
    for name, value in overrides.items():
        if any(character < " " or character == "\x7f" for character in value):
            raise invalid_argument("A response header must not hold control characters.", name, value)
    bucket = call.bucket
    version = find_version(bucket, call.key, call.parameter("versionId"))
    headers = {**_headers(bucket, version), **overrides}
    if not check(call.headers, etag=version.etag, last_modified=version.last_modified):
        return _not_modified(headers)
    if bucket.forced_download:
        disposition = headers.get("Content-Disposition", "")
        if not disposition.lower().startswith("attachment"):
            headers["Content-Disposition"] = "attachment"
        headers["x-oss-force-download"] = "true"
    standard = call.headers.get("x-oss-range-behavior", "").lower() == "standard"
    part = resolve_range(call.headers.get("range"), version.size, standard=standard)
    if part.partial:
        last = part.offset + part.size - 1
        headers["Content-Range"] = f"bytes {part.offset}-{last}/{version.size}"
    return Answer(status=206 if part.partial else 200, headers=headers, content=version.content, part=part)


async def head_object(call: Call) -> Answer:
    """HeadObject: GetObject's headers for the whole object; ranges count for nothing."""
    bucket = call.bucket
    version = find_version(bucket, call.key, call.parameter("versionId"))
    headers = _headers(bucket, version)
    if not check(call.headers, etag=version.etag, last_modified=version.last_modified):
        return _not_modified(headers)
    if bucket.forced_download:
        headers["x-oss-force-download"] = "true"
        if not headers.get("Content-Disposition", "").lower().startswith("attachment"):
            headers["Content-Disposition"] = "attachment"
    return Answer(headers=headers, content=version.content, part=Slice(0, version.size, partial=False))


async def get_object_meta(call: Call) -> Answer:
    """GetObjectMeta: size, ETag and time only."""
    bucket = call.bucket
    version = find_version(bucket, call.key, call.parameter("versionId"))
    kept = ("ETag", "Last-Modified", "x-oss-hash-crc64ecma", "x-oss-version-id")
    headers = {name: value for name, value in _headers(bucket, version).items() if name in kept}
    return Answer(headers=headers, content=version.content, part=Slice(0, version.size, partial=False))


async def get_object_acl(call: Call) -> Answer:
    """GetObjectAcl."""
    bucket = call.bucket
    version = find_version(bucket, call.key, call.parameter("versionId"))
    return xml_answer(
        Node(
            "AccessControlPolicy",
            owner_node(bucket.owner_uid),
            Node("AccessControlList", ("Grant", version.acl)),
        )
    )


def _headers(bucket: Bucket, version: ObjectVersion) -> dict[str, str]:
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": f'"{version.etag}"',
        "Last-Modified": http_time(version.last_modified),
        "x-oss-object-type": version.type,
        "x-oss-hash-crc64ecma": str(version.crc64),
        "x-oss-storage-class": version.storage_class,
    }
    if version.md5 is not None:
        headers["Content-MD5"] = base64.b64encode(version.md5).decode()
    if bucket.versioning is not None:
        headers["x-oss-version-id"] = version.version_id
    if version.type == "Appendable":
        headers["x-oss-next-append-position"] = str(version.size)
    # There are no objects under KMS; what was there before its rule is not encrypted by it.
    if bucket.sse_algorithm == "AES256":
        headers["x-oss-server-side-encryption"] = bucket.sse_algorithm
    return {**headers, **{_canonical(name): value for name, value in version.headers.items()}}


def _canonical(name: str) -> str:
    return name if name.startswith("x-oss-") else name.title()


def _not_modified(headers: dict[str, str]) -> Answer:
    kept = ("ETag", "Last-Modified", "Cache-Control", "Expires", "x-oss-version-id")
    return Answer(status=304, headers={name: value for name, value in headers.items() if name in kept})
