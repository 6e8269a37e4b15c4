"""Writing and deleting objects: PutObject, AppendObject, CopyObject, DeleteObject(s), PutObjectAcl."""

from __future__ import annotations

import base64
from dataclasses import replace
from urllib.parse import unquote

from localcloud.oss.address import region_endpoint
from localcloud.oss.blobs import Content
from localcloud.oss.call import Answer, Call, xml_answer
from localcloud.oss.checksums import combine_crc64
from localcloud.oss.errors import (
    OssError,
    invalid_argument,
    malformed_xml,
    no_such_bucket,
    wrong_endpoint,
)
from localcloud.oss.operations.common import check_body_md5, object_acl, refuse_public, storage_class
from localcloud.oss.operations.listing import url_encoded
from localcloud.oss.operations.read import find_version
from localcloud.oss.operations.received import (
    check_overwrite,
    check_writable,
    discarding,
    kept_headers,
    new_object_acl,
    receive,
)
from localcloud.oss.preconditions import check
from localcloud.oss.signature.faults import iso_time
from localcloud.oss.state import NULL_VERSION, Bucket, ObjectVersion
from localcloud.oss.xmltext import Node, parse, raw_text_of, text_of

DELETE_MAX_KEYS = 1000


async def put_object(call: Call) -> Answer:
    """PutObject: atomic; a download that runs keeps the old bytes."""
    check_writable(call)
    check_overwrite(call, call.bucket)
    blob, digest = await receive(call)
    with discarding(blob):
        bucket = call.bucket
        check_overwrite(call, bucket)
        version = ObjectVersion(
            key=call.key,
            version_id=bucket.next_version_id(),
            content=Content([blob]),
            last_modified=call.now.replace(microsecond=0),
            etag=digest.md5.hex().upper(),
            crc64=digest.crc,
            md5=digest.md5,
            headers=kept_headers(call.headers),
            acl=new_object_acl(call, bucket),
            storage_class=storage_class(call.headers.get("x-oss-storage-class"), bucket.storage_class),
        )
        bucket.put(version)
    return Answer(headers=_written(bucket, version) | {"Content-MD5": base64.b64encode(digest.md5).decode()})


async def append_object(call: Call) -> Answer:
    """AppendObject: only to an appendable object, only at its end."""
    check_writable(call)
    position = call.number("position", -1, minimum=0, maximum=5 * 1024**3)
    blob, digest = await receive(call)
    with discarding(blob):
        bucket = call.bucket
        old = bucket.current(call.key)
        if old is not None and old.type != "Appendable":
            raise OssError(409, "ObjectNotAppendable", "The object is not appendable.")
        size = old.size if old is not None else 0
        if position != size:
            raise OssError(
                409,
                "PositionNotEqualToLength",
                "Position is not equal to file length.",
                headers={"x-oss-next-append-position": str(size)},
            )
        blobs = [*(old.content.blobs if old is not None and old.content is not None else ()), blob]
        version = ObjectVersion(
            key=call.key,
            version_id=bucket.next_version_id(),
            content=Content(blobs),
            last_modified=call.now.replace(microsecond=0),
            etag=digest.md5.hex().upper(),
            crc64=combine_crc64(old.crc64 if old is not None else 0, digest.crc, digest.size),
            type="Appendable",
            headers=old.headers if old is not None else kept_headers(call.headers),
            acl=new_object_acl(call, bucket),
        )
        bucket.put(version)
    return Answer(headers=_written(bucket, version) | {"x-oss-next-append-position": str(version.size)})


async def copy_object(call: Call) -> Answer:
    """CopyObject within a region; needs oss:GetObject on the source as well."""
    check_writable(call)
    source = _copy_source(call)
    bucket = call.bucket
    check_overwrite(call, bucket)
    if not check(
        call.headers, etag=source.etag, last_modified=source.last_modified, prefix="x-oss-copy-source-"
    ):
        raise OssError(304, "NotModified", "The source was not modified.")
    directive = call.headers.get("x-oss-metadata-directive", "COPY").upper()
    if directive not in ("COPY", "REPLACE"):
        raise invalid_argument("Invalid metadata directive.", "x-oss-metadata-directive", directive)
    version = replace(
        source,
        key=call.key,
        version_id=bucket.next_version_id(),
        last_modified=call.now.replace(microsecond=0),
        type="Normal",
        headers=kept_headers(call.headers) if directive == "REPLACE" else source.headers,
        acl=new_object_acl(call, bucket),
        storage_class=storage_class(call.headers.get("x-oss-storage-class"), source.storage_class),
    )
    bucket.put(version)
    modified = ("LastModified", iso_time(version.last_modified))
    answer = xml_answer(Node("CopyObjectResult", ("ETag", f'"{version.etag}"'), modified))
    answer.headers.update(_written(bucket, version))
    return answer


async def delete_object(call: Call) -> Answer:
    """DeleteObject: 204, whether there was one or not."""
    headers = _delete(call.bucket, call, call.key, call.parameter("versionId"))
    return Answer(status=204, headers=headers)


async def delete_objects(call: Call) -> Answer:
    """DeleteMultipleObjects; every key needs the right to delete it."""
    body = await call.body()
    check_body_md5(call, body)
    root = parse(body, "Delete")
    bucket = call.bucket
    wanted = [(raw_text_of(item, "Key"), text_of(item, "VersionId")) for item in root.iterfind("Object")]
    if not 1 <= len(wanted) <= DELETE_MAX_KEYS:
        raise malformed_xml()
    encode = url_encoded(call)
    result = Node("DeleteResult")
    if call.parameter("encoding-type") == "url":
        result.add(("EncodingType", "url"))
    pairs = [(key, version_id or None) for key, version_id in wanted if key]
    for key, version_id in pairs:
        action = "oss:DeleteObjectVersion" if version_id else "oss:DeleteObject"
        call.authorize_object(bucket, action, key, version_id)
    for key, version_id in pairs:
        headers = _delete(bucket, call, key, version_id)
        deleted = Node("Deleted", ("Key", encode(key)))
        if version_id:
            deleted.add(("VersionId", version_id))
        if headers.get("x-oss-delete-marker") == "true":
            deleted.add(("DeleteMarker", "true"))
            deleted.add(("DeleteMarkerVersionId", headers["x-oss-version-id"]))
        result.add(deleted)
    if (text_of(root, "Quiet") or "false").lower() == "true":
        return Answer()
    return xml_answer(result)


async def put_object_acl(call: Call) -> Answer:
    """PutObjectAcl."""
    bucket = call.bucket
    acl = object_acl(call.headers.get("x-oss-object-acl", ""))
    refuse_public(bucket, acl, "object")
    bucket.replace(replace(find_version(bucket, call.key, call.parameter("versionId")), acl=acl))
    return Answer()


def _delete(bucket: Bucket, call: Call, key: str, version_id: str | None) -> dict[str, str]:
    if version_id is not None:
        removed = bucket.remove(key, version_id)
        headers = {"x-oss-version-id": version_id}
        if removed is not None and removed.content is None:
            headers["x-oss-delete-marker"] = "true"
        return headers
    if bucket.versioning is None:
        bucket.remove(key, NULL_VERSION)
        return {}
    marker = ObjectVersion(
        key=key,
        version_id=bucket.next_version_id(),
        content=None,
        last_modified=call.now.replace(microsecond=0),
    )
    bucket.put(marker)
    return {"x-oss-version-id": marker.version_id, "x-oss-delete-marker": "true"}


def _copy_source(call: Call) -> ObjectVersion:
    value = call.headers.get("x-oss-copy-source", "")
    path, _, query = value.partition("?")
    name, _, raw_key = path.lstrip("/").partition("/")
    key = unquote(raw_key)
    version_id = query.removeprefix("versionId=") if query.startswith("versionId=") else None
    if not name or not key:
        raise invalid_argument("Invalid copy source.", "x-oss-copy-source", value)
    bucket = call.state.find(name)
    if bucket is None:
        raise no_such_bucket(name)
    if bucket.region != call.bucket.region:
        raise wrong_endpoint(name, region_endpoint(bucket.region))
    action = "oss:GetObjectVersion" if version_id else "oss:GetObject"
    call.authorize_object(bucket, action, key, version_id)
    return find_version(bucket, key, version_id)


def _written(bucket: Bucket, version: ObjectVersion) -> dict[str, str]:
    headers = {"ETag": f'"{version.etag}"', "x-oss-hash-crc64ecma": str(version.crc64)}
    if bucket.versioning is not None:
        headers["x-oss-version-id"] = version.version_id
    return headers
