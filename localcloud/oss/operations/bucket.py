"""A bucket's own life: create, describe, delete, ACL."""

from __future__ import annotations

from localcloud.oss.address import is_bucket_name, region_endpoint
from localcloud.oss.call import Answer, Call, xml_answer
from localcloud.oss.errors import OssError, wrong_endpoint
from localcloud.oss.operations.common import bucket_acl, owner_node, refuse_public, storage_class
from localcloud.oss.signature.faults import iso_time
from localcloud.oss.state import Bucket
from localcloud.oss.xmltext import Node, parse, text_of

_HEADERS_NOT_SUPPORTED = ("x-oss-server-side-encryption-key-id", "x-oss-server-side-data-encryption")


async def put_bucket(call: Call) -> Answer:
    """PutBucket, in the region of the endpoint.

    A bucket made by API has Block Public Access on, and so refuses a public ACL.
    Source: https://www.alibabacloud.com/help/doc-detail/32029.html (2026-11-23).
    """
    name, uid = call.endpoint.bucket or "", call.account_uid
    if not is_bucket_name(name):
        raise OssError(400, "InvalidBucketName", "The specified bucket is not valid.")
    settings = await _settings(call)
    bucket = call.state.find(name)
    if bucket is not None and bucket.owner_uid != uid:
        raise OssError(
            409,
            "BucketAlreadyExists",
            "The requested bucket name is not available. The bucket namespace is shared by all users of the "
            "system. Please select a different name and try again.",
            "0015-00000104",
            details={"BucketName": name},
        )
    if bucket is not None and bucket.region != call.endpoint.region:
        raise wrong_endpoint(name, region_endpoint(bucket.region))
    acl = call.headers.get("x-oss-acl")
    if bucket is None:
        bucket = Bucket(
            name=name,
            region=call.endpoint.region,
            owner_uid=uid,
            created=call.now.replace(microsecond=0),
            forced_download=call.forced_download,
            storage_class=settings["StorageClass"],
            redundancy=settings["DataRedundancyType"],
        )
        bucket.sse_algorithm = _encryption(call)
        new_acl = bucket_acl(acl or "private")
        refuse_public(bucket, new_acl, "bucket")
        bucket.acl = new_acl
        call.state.add(bucket)
    elif acl:
        new_acl = bucket_acl(acl)
        refuse_public(bucket, new_acl, "bucket")
        bucket.acl = new_acl
    return Answer(headers={"Location": f"/{name}"})


async def delete_bucket(call: Call) -> Answer:
    """DeleteBucket; only without objects, versions and uploads."""
    bucket = call.bucket
    if not bucket.is_empty:
        raise OssError(
            409,
            "BucketNotEmpty",
            "The bucket has objects. Please delete them first.",
            "0015-00000301",
            details={"BucketName": bucket.name},
        )
    call.state.remove(bucket.name)
    return Answer(status=204)


async def get_bucket_info(call: Call) -> Answer:
    """GetBucketInfo."""
    bucket = call.bucket
    node = Node(
        "Bucket",
        ("AccessMonitor", "Disabled"),
        ("BlockPublicAccess", "true" if bucket.block_public_access else "false"),
        ("Comment", ""),
        ("CreationDate", iso_time(bucket.created)),
        ("CrossRegionReplication", "Disabled"),
        ("DataRedundancyType", bucket.redundancy),
        ("ExtranetEndpoint", region_endpoint(bucket.region)),
        ("IntranetEndpoint", region_endpoint(bucket.region, internal=True)),
        ("Location", f"oss-{bucket.region}"),
        ("Name", bucket.name),
        ("ResourceGroupId", ""),
        ("StorageClass", bucket.storage_class),
        ("TransferAcceleration", "Disabled"),
        owner_node(bucket.owner_uid),
        Node("AccessControlList", ("Grant", bucket.acl)),
        Node("ServerSideEncryptionRule", ("SSEAlgorithm", bucket.sse_algorithm or "None")),
        Node("BucketPolicy", ("LogBucket", ""), ("LogPrefix", "")),
    )
    if bucket.versioning:
        node.add(("Versioning", bucket.versioning))
    return xml_answer(Node("BucketInfo", node))


async def get_bucket_location(call: Call) -> Answer:
    """GetBucketLocation."""
    return xml_answer(Node.of_text("LocationConstraint", f"oss-{call.bucket.region}"))


async def get_bucket_stat(call: Call) -> Answer:
    """GetBucketStat, exact and up to date (the cloud's lags behind by an hour)."""
    bucket = call.bucket
    objects = [version for version, _ in bucket.versions() if version.content is not None]
    size = str(sum(version.size for version in objects))
    return xml_answer(
        Node(
            "BucketStat",
            ("Storage", size),
            ("ObjectCount", str(len(objects))),
            ("MultipartUploadCount", str(len(bucket.uploads))),
            ("LastModifiedTime", str(int(call.now.timestamp()))),
            ("StandardStorage", size),
            ("StandardObjectCount", str(len(objects))),
        )
    )


async def get_bucket_acl(call: Call) -> Answer:
    """GetBucketAcl."""
    bucket = call.bucket
    return xml_answer(
        Node(
            "AccessControlPolicy",
            owner_node(bucket.owner_uid),
            Node("AccessControlList", ("Grant", bucket.acl)),
        )
    )


async def put_bucket_acl(call: Call) -> Answer:
    """PutBucketAcl."""
    bucket = call.bucket
    acl = bucket_acl(call.headers.get("x-oss-acl", ""))
    refuse_public(bucket, acl, "bucket")
    bucket.acl = acl
    return Answer()


async def _settings(call: Call) -> dict[str, str]:
    body = await call.body()
    root = parse(body, "CreateBucketConfiguration") if body.strip() else None
    wanted = text_of(root, "StorageClass") if root is not None else None
    redundancy = text_of(root, "DataRedundancyType") if root is not None else None
    if redundancy not in (None, "", "LRS", "ZRS"):
        raise OssError(400, "InvalidDataRedundancyType", "The data redundancy type is not valid.")
    return {
        "StorageClass": storage_class(wanted, "Standard"),
        "DataRedundancyType": redundancy or "LRS",
    }


def _encryption(call: Call) -> str | None:
    wanted = call.headers.get("x-oss-server-side-encryption")
    if wanted not in (None, "AES256") or any(name in call.headers for name in _HEADERS_NOT_SUPPORTED):
        raise OssError(501, "NotImplemented", "Only server-side encryption AES256 is implemented.")
    return wanted
