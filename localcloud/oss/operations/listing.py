"""ListObjects, ListObjectsV2 and ListObjectVersions.

Source: https://www.alibabacloud.com/help/en/oss/developer-reference/listobjects-v2 (2026-11-23). The
order is that of the keys' UTF-8 bytes; a common prefix counts as one entry.
"""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote

from localcloud.oss.call import Answer, Call, xml_answer
from localcloud.oss.errors import invalid_argument
from localcloud.oss.operations.common import owner_node
from localcloud.oss.signature.faults import iso_time
from localcloud.oss.state import ObjectVersion
from localcloud.oss.xmltext import Node

_LAST = "\U0010ffff"


@dataclass(frozen=True)
class Page:
    """One page of keys and common prefixes, both in order; `next` is None on the last page."""

    keys: list[str]
    prefixes: list[str]
    next: str | None


def paginate(keys: list[str], *, prefix: str, delimiter: str, after: str, limit: int) -> Page:
    """Takes one page.

    Args:
        keys: All keys, sorted.
        prefix: Only keys that begin so.
        delimiter: Groups keys up to its first occurrence behind the prefix; "" for no grouping.
        after: The last entry of the page before, a key or a common prefix.
        limit: Most entries of the page.
    """
    page = Page([], [], None)
    at = bisect_right(keys, after)
    last = after
    while at < len(keys):
        key = keys[at]
        if not key.startswith(prefix):
            if key > prefix:
                break
            at += 1
            continue
        cut = key.find(delimiter, len(prefix)) if delimiter else -1
        entry = key[: cut + len(delimiter)] if cut >= 0 else key
        if cut >= 0 and entry == after:
            # The page before ended with this group.
            at = bisect_right(keys, entry + _LAST, at)
            continue
        if len(page.keys) + len(page.prefixes) >= limit:
            return Page(page.keys, page.prefixes, last)
        last = entry
        if cut >= 0:
            page.prefixes.append(entry)
            at = bisect_right(keys, entry + _LAST, at)
        else:
            page.keys.append(key)
            at += 1
    return page


def url_encoded(call: Call) -> Callable[[str], str]:
    """The function that writes keys the way ``encoding-type`` asks for.

    Raises:
        OssError: InvalidArgument for an unknown encoding.
    """
    match call.parameter("encoding-type"):
        case None | "":
            return str
        case "url":
            return lambda text: quote(text, safe="")
        case other:
            raise invalid_argument("Invalid encoding method specified in request.", "encoding-type", other)


async def list_objects(call: Call) -> Answer:
    """GetBucket (ListObjects), version 1 or, with ``list-type=2``, version 2."""
    return _list_v2(call) if call.parameter("list-type") == "2" else _list_v1(call)


def _list_v1(call: Call) -> Answer:
    marker = call.parameter("marker") or ""
    page, limit = _page(call, marker)
    encode = url_encoded(call)
    result = _head(call, encode, limit, page)
    result.add(("Marker", encode(marker)))
    if page.next is not None:
        result.add(("NextMarker", encode(page.next)))
    return xml_answer(_entries(call, result, page, encode, with_owner=True))


def _list_v2(call: Call) -> Answer:
    token = call.parameter("continuation-token") or ""
    start_after = call.parameter("start-after") or ""
    page, limit = _page(call, _decode_token(token) if token else start_after)
    encode = url_encoded(call)
    result = _head(call, encode, limit, page)
    if start_after:
        result.add(("StartAfter", encode(start_after)))
    if token:
        result.add(("ContinuationToken", token))
    if page.next is not None:
        result.add(("NextContinuationToken", base64.b64encode(page.next.encode()).decode()))
    result.add(("KeyCount", str(len(page.keys) + len(page.prefixes))))
    with_owner = (call.parameter("fetch-owner") or "").lower() == "true"
    return xml_answer(_entries(call, result, page, encode, with_owner=with_owner))


def _page(call: Call, after: str) -> tuple[Page, int]:
    limit = call.number("max-keys", 100, minimum=1, maximum=1000)
    page = paginate(
        call.bucket.keys(),
        prefix=call.parameter("prefix") or "",
        delimiter=call.parameter("delimiter") or "",
        after=after,
        limit=limit,
    )
    return page, limit


def _head(call: Call, encode: Callable[[str], str], limit: int, page: Page) -> Node:
    result = Node(
        "ListBucketResult",
        ("Name", call.bucket.name),
        ("Prefix", encode(call.parameter("prefix") or "")),
        ("MaxKeys", str(limit)),
        ("Delimiter", encode(call.parameter("delimiter") or "")),
        ("IsTruncated", "true" if page.next is not None else "false"),
    )
    if call.parameter("encoding-type"):
        result.add(("EncodingType", "url"))
    return result


def _entries(call: Call, result: Node, page: Page, encode: Callable[[str], str], *, with_owner: bool) -> Node:
    bucket = call.bucket
    for key in page.keys:
        version = bucket.current(key)
        if version is not None:
            node = Node("Contents", *_fields(version, encode))
            result.add(node.add(owner_node(bucket.owner_uid)) if with_owner else node)
    return result.extend(_prefixes(page.prefixes, encode))


async def list_object_versions(call: Call) -> Answer:
    """GetBucketVersions (ListObjectVersions); pages end between keys, not between versions (simplified)."""
    marker = call.parameter("key-marker") or ""
    limit = call.number("max-keys", 100, minimum=1, maximum=1000)
    bucket = call.bucket
    by_key: dict[str, list[tuple[ObjectVersion, bool]]] = {}
    for version, newest in bucket.versions():
        by_key.setdefault(version.key, []).append((version, newest))
    page = paginate(
        list(by_key),
        prefix=call.parameter("prefix") or "",
        delimiter=call.parameter("delimiter") or "",
        after=marker,
        limit=limit,
    )
    encode = url_encoded(call)
    result = Node(
        "ListVersionsResult",
        ("Name", bucket.name),
        ("Prefix", encode(call.parameter("prefix") or "")),
        ("KeyMarker", encode(marker)),
        ("VersionIdMarker", ""),
        ("MaxKeys", str(limit)),
        ("Delimiter", encode(call.parameter("delimiter") or "")),
        ("IsTruncated", "true" if page.next is not None else "false"),
    )
    if call.parameter("encoding-type"):
        result.add(("EncodingType", "url"))
    if page.next is not None:
        result.add(("NextKeyMarker", encode(page.next)))
    for key in page.keys:
        for version, newest in by_key[key]:
            fields = [("VersionId", version.version_id), ("IsLatest", "true" if newest else "false")]
            if version.content is None:
                modified = ("LastModified", iso_time(version.last_modified))
                node = Node("DeleteMarker", ("Key", encode(key)), *fields, modified)
            else:
                node = Node("Version", *_fields(version, encode), *fields)
            result.add(node.add(owner_node(bucket.owner_uid)))
    return xml_answer(result.extend(_prefixes(page.prefixes, encode)))


def _fields(version: ObjectVersion, encode: Callable[[str], str]) -> list[tuple[str, str]]:
    return [
        ("Key", encode(version.key)),
        ("LastModified", iso_time(version.last_modified)),
        ("ETag", f'"{version.etag}"'),
        ("Type", version.type),
        ("Size", str(version.size)),
        ("StorageClass", version.storage_class),
    ]


def _prefixes(prefixes: Iterable[str], encode: Callable[[str], str]) -> list[Node]:
    return [Node("CommonPrefixes", ("Prefix", encode(prefix))) for prefix in prefixes]


def _decode_token(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as fault:
        raise invalid_argument("The continuation token is not valid.", "continuation-token", token) from fault
