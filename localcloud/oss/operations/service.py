"""Operations at a region's own host."""

from __future__ import annotations

from localcloud.oss.address import region_endpoint
from localcloud.oss.call import Answer, Call, xml_answer
from localcloud.oss.operations.common import owner_node
from localcloud.oss.signature.faults import iso_time
from localcloud.oss.state import Bucket
from localcloud.oss.xmltext import Node


async def list_buckets(call: Call) -> Answer:
    """GetService: the account's buckets in all regions."""
    uid = call.account_uid
    prefix = call.parameter("prefix") or ""
    marker = call.parameter("marker") or ""
    limit = call.number("max-keys", 100, minimum=1, maximum=1000)
    found = [item for item in call.state.owned_by(uid) if item.name.startswith(prefix) and item.name > marker]
    page = found[:limit]
    result = Node("ListAllMyBucketsResult")
    if len(found) > len(page) or prefix or marker:
        result.extend(
            [
                ("Prefix", prefix),
                ("Marker", marker),
                ("MaxKeys", str(limit)),
                ("IsTruncated", _boolean(len(found) > len(page))),
                ("NextMarker", page[-1].name if len(found) > len(page) else ""),
            ]
        )
    result.add(owner_node(uid))
    result.add(Node("Buckets", *(_bucket_node(item) for item in page)))
    return xml_answer(result)


def _bucket_node(bucket: Bucket) -> Node:
    return Node(
        "Bucket",
        ("CreationDate", iso_time(bucket.created)),
        ("ExtranetEndpoint", region_endpoint(bucket.region)),
        ("IntranetEndpoint", region_endpoint(bucket.region, internal=True)),
        ("Location", f"oss-{bucket.region}"),
        ("Name", bucket.name),
        ("Region", bucket.region),
        ("StorageClass", bucket.storage_class),
    )


def _boolean(value: bool) -> str:
    return "true" if value else "false"
