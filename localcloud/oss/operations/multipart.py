"""Multipart uploads. Completing one is instant: the parts' files become the object's, in order.

Source: https://www.alibabacloud.com/help/en/oss/developer-reference/completemultipartupload
(2026-11-23). The ETag is the MD5 of the parts' MD5s and their number (inferred).
"""

from __future__ import annotations

import hashlib
import secrets
from itertools import pairwise

from localcloud.oss.blobs import Content
from localcloud.oss.call import Answer, Call, xml_answer
from localcloud.oss.checksums import combine_crc64
from localcloud.oss.errors import OssError, malformed_xml, not_implemented
from localcloud.oss.operations.common import owner_node, storage_class
from localcloud.oss.operations.listing import url_encoded
from localcloud.oss.operations.received import (
    check_overwrite,
    check_writable,
    discarding,
    kept_headers,
    new_object_acl,
    receive,
)
from localcloud.oss.signature.faults import iso_time
from localcloud.oss.state import ObjectVersion, Part, Upload
from localcloud.oss.xmltext import Node, parse, text_of

PART_NUMBER_MAX = 10000
PART_MIN_BYTES = 100 * 1024


async def initiate(call: Call) -> Answer:
    """InitiateMultipartUpload."""
    check_writable(call)
    bucket = call.bucket
    check_overwrite(call, bucket)
    upload = Upload(
        id=secrets.token_hex(16).upper(),
        key=call.key,
        started=call.now,
        headers=kept_headers(call.headers),
        acl=new_object_acl(call, bucket),
        storage_class=storage_class(call.headers.get("x-oss-storage-class"), bucket.storage_class),
    )
    bucket.uploads[upload.id] = upload
    encode = url_encoded(call)
    result = Node("InitiateMultipartUploadResult")
    if call.parameter("encoding-type"):
        result.add(("EncodingType", "url"))
    result.extend([("Bucket", bucket.name), ("Key", encode(call.key)), ("UploadId", upload.id)])
    return xml_answer(result)


async def upload_part(call: Call) -> Answer:
    """UploadPart; the same number again replaces the part."""
    if "x-oss-copy-source" in call.headers:
        raise not_implemented("UploadPartCopy")
    number = call.number("partNumber", 0, minimum=1, maximum=PART_NUMBER_MAX)
    _find(call)
    blob, digest = await receive(call)
    with discarding(blob):
        upload = _find(call)
        part = Part(number=number, blob=blob, md5=digest.md5, crc64=digest.crc, last_modified=call.now)
        old = upload.parts.get(number)
        upload.parts[number] = part
        blob.acquire()
        if old is not None:
            old.blob.release()
    return Answer(headers={"ETag": f'"{digest.md5.hex().upper()}"', "x-oss-hash-crc64ecma": str(digest.crc)})


async def complete(call: Call) -> Answer:
    """CompleteMultipartUpload, with a list of parts or ``x-oss-complete-all: yes``."""
    body = await call.body()
    bucket, upload = call.bucket, _find(call)
    check_overwrite(call, bucket)
    parts = _chosen(call, upload, body)
    crc = 0
    for part in parts:
        crc = combine_crc64(crc, part.crc64, part.blob.size)
    names = hashlib.md5(b"".join(part.md5 for part in parts), usedforsecurity=False)
    version = ObjectVersion(
        key=upload.key,
        version_id=bucket.next_version_id(),
        content=Content(part.blob for part in parts),
        last_modified=call.now.replace(microsecond=0),
        etag=f"{names.hexdigest().upper()}-{len(parts)}",
        crc64=crc,
        type="Multipart",
        headers=upload.headers,
        acl=upload.acl,
        storage_class=upload.storage_class,
    )
    bucket.put(version)
    del bucket.uploads[upload.id]
    upload.discard()
    encode = url_encoded(call)
    result = Node("CompleteMultipartUploadResult")
    if call.parameter("encoding-type"):
        result.add(("EncodingType", "url"))
    scheme = "https" if call.origin.secure else "http"
    result.extend(
        [
            ("Location", f"{scheme}://{call.endpoint.host}/{encode(upload.key)}"),
            ("Bucket", bucket.name),
            ("Key", encode(upload.key)),
            ("ETag", f'"{version.etag}"'),
        ]
    )
    answer = xml_answer(result)
    answer.headers.update({"ETag": f'"{version.etag}"', "x-oss-hash-crc64ecma": str(crc)})
    if bucket.versioning is not None:
        answer.headers["x-oss-version-id"] = version.version_id
    return answer


async def abort(call: Call) -> Answer:
    """AbortMultipartUpload."""
    upload = _find(call)
    del call.bucket.uploads[upload.id]
    upload.discard()
    return Answer(status=204)


async def list_parts(call: Call) -> Answer:
    """ListParts."""
    upload = _find(call)
    limit = call.number("max-parts", 1000, minimum=1, maximum=1000)
    marker = call.number("part-number-marker", 0, minimum=0, maximum=PART_NUMBER_MAX)
    rest = sorted(number for number in upload.parts if number > marker)
    encode = url_encoded(call)
    result = Node(
        "ListPartsResult",
        ("Bucket", call.bucket.name),
        ("Key", encode(upload.key)),
        ("UploadId", upload.id),
        ("StorageClass", upload.storage_class),
        ("PartNumberMarker", str(marker)),
        ("NextPartNumberMarker", str(rest[:limit][-1]) if rest else ""),
        ("MaxParts", str(limit)),
        ("IsTruncated", "true" if len(rest) > limit else "false"),
    )
    if call.parameter("encoding-type"):
        result.add(("EncodingType", "url"))
    for number in rest[:limit]:
        part = upload.parts[number]
        result.add(
            Node(
                "Part",
                ("PartNumber", str(number)),
                ("LastModified", iso_time(part.last_modified)),
                ("ETag", f'"{part.md5.hex().upper()}"'),
                ("HashCrc64ecma", str(part.crc64)),
                ("Size", str(part.blob.size)),
            )
        )
    return xml_answer(result)


async def list_uploads(call: Call) -> Answer:
    """ListMultipartUploads, without grouping by delimiter."""
    if call.parameter("delimiter"):
        raise not_implemented("ListMultipartUploads with a delimiter")
    bucket = call.bucket
    prefix = call.parameter("prefix") or ""
    after = (call.parameter("key-marker") or "", call.parameter("upload-id-marker") or "\U0010ffff")
    limit = call.number("max-uploads", 1000, minimum=1, maximum=1000)
    found = sorted(
        (upload.key, upload.id)
        for upload in bucket.uploads.values()
        if upload.key.startswith(prefix) and (upload.key, upload.id) > after
    )
    page, truncated = found[:limit], len(found) > limit
    encode = url_encoded(call)
    result = Node(
        "ListMultipartUploadsResult",
        ("Bucket", bucket.name),
        ("KeyMarker", encode(after[0])),
        ("UploadIdMarker", call.parameter("upload-id-marker") or ""),
        ("NextKeyMarker", encode(page[-1][0]) if truncated else ""),
        ("NextUploadIdMarker", page[-1][1] if truncated else ""),
        ("Delimiter", ""),
        ("Prefix", encode(prefix)),
        ("MaxUploads", str(limit)),
        ("IsTruncated", "true" if truncated else "false"),
    )
    if call.parameter("encoding-type"):
        result.add(("EncodingType", "url"))
    for _, upload_id in page:
        upload = bucket.uploads[upload_id]
        node = Node("Upload", ("Key", encode(upload.key)), ("UploadId", upload.id))
        result.add(
            node.extend([("StorageClass", upload.storage_class), ("Initiated", iso_time(upload.started))])
        )
    return xml_answer(result.add(owner_node(bucket.owner_uid)))


def _find(call: Call) -> Upload:
    upload = call.bucket.uploads.get(call.parameter("uploadId") or "")
    if upload is None or upload.key != call.key:
        raise OssError(
            404,
            "NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
            "aborted or completed.",
            details={"UploadId": call.parameter("uploadId") or ""},
        )
    return upload


def _chosen(call: Call, upload: Upload, body: bytes) -> list[Part]:
    if call.headers.get("x-oss-complete-all", "").lower() == "yes":
        parts = [upload.parts[number] for number in sorted(upload.parts)]
    else:
        parts = []
        for item in parse(body, "CompleteMultipartUpload").iterfind("Part"):
            parts.append(_listed(upload, text_of(item, "PartNumber"), text_of(item, "ETag")))
    if not parts:
        raise malformed_xml()
    if any(first.number >= second.number for first, second in pairwise(parts)):
        raise OssError(400, "InvalidPartOrder", "The list of parts was not in ascending order.")
    if any(part.blob.size < PART_MIN_BYTES for part in parts[:-1]):
        raise OssError(400, "EntityTooSmall", "Your proposed upload smaller than the minimum allowed size.")
    return parts


def _listed(upload: Upload, number: str | None, etag: str | None) -> Part:
    part = upload.parts.get(int(number)) if number and number.isascii() and number.isdigit() else None
    if part is None or (etag or "").strip('"').upper() != part.md5.hex().upper():
        raise OssError(
            400,
            "InvalidPart",
            "One or more of the specified parts could not be found or the specified entity tag might not "
            "have matched the part's entity tag.",
            details={"PartNumber": number or "", "ETag": etag or ""},
        )
    return part
