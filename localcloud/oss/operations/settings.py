"""Bucket settings: those the stand-in keeps, and those it only knows to be unset.

Kept: versioning, encryption, tags. Where new objects were to be encrypted with KMS, uploads are not
implemented. All others answer as in a bucket where nobody ever set
them; setting one is not implemented, because it would change what the data plane does.
"""

from __future__ import annotations

from localcloud.oss.call import Answer, Call, xml_answer
from localcloud.oss.errors import OssError, malformed_xml, not_implemented
from localcloud.oss.operations.common import check_body_md5
from localcloud.oss.xmltext import Node, parse, text_of


async def get_versioning(call: Call) -> Answer:
    """GetBucketVersioning; no Status where it was never enabled."""
    node = Node("VersioningConfiguration")
    if call.bucket.versioning:
        node.add(("Status", call.bucket.versioning))
    return xml_answer(node)


async def put_versioning(call: Call) -> Answer:
    """PutBucketVersioning."""
    body = await call.body()
    check_body_md5(call, body)
    match text_of(parse(body, "VersioningConfiguration"), "Status"):
        case "Enabled":
            call.bucket.versioning = "Enabled"
        case "Suspended":
            call.bucket.versioning = "Suspended"
        case _:
            raise malformed_xml()
    return Answer()


async def get_encryption(call: Call) -> Answer:
    """GetBucketEncryption."""
    algorithm = call.bucket.sse_algorithm
    if algorithm is None:
        raise OssError(
            404,
            "NoSuchServerSideEncryptionRule",
            "The server side encryption configuration does not exist.",
            details={"BucketName": call.bucket.name},
        )
    default = Node("ApplyServerSideEncryptionByDefault", ("SSEAlgorithm", algorithm))
    return xml_answer(Node("ServerSideEncryptionRule", default))


async def put_encryption(call: Call) -> Answer:
    """PutBucketEncryption: AES256, or KMS with the key that the cloud manages."""
    default = parse(await call.body(), "ServerSideEncryptionRule").find("ApplyServerSideEncryptionByDefault")
    if default is None:
        raise malformed_xml()
    algorithm = text_of(default, "SSEAlgorithm")
    if algorithm not in ("AES256", "KMS"):
        raise not_implemented(f"server-side encryption {algorithm}")
    if text_of(default, "KMSMasterKeyID") or text_of(default, "KMSDataEncryption"):
        raise not_implemented("server-side encryption with a key or algorithm of one's own")
    call.bucket.sse_algorithm = algorithm
    return Answer()


async def delete_encryption(call: Call) -> Answer:
    """DeleteBucketEncryption."""
    call.bucket.sse_algorithm = None
    return Answer(status=204)


async def get_tagging(call: Call) -> Answer:
    """GetBucketTags; an empty set where there are none."""
    tags = (Node("Tag", ("Key", key), ("Value", value)) for key, value in call.bucket.tags.items())
    return xml_answer(Node("Tagging", Node("TagSet", *tags)))


async def put_tagging(call: Call) -> Answer:
    """PutBucketTags: replaces all tags."""
    root = parse(await call.body(), "Tagging")
    tags = {}
    for tag in root.iterfind("TagSet/Tag"):
        key = text_of(tag, "Key")
        if not key:
            raise malformed_xml()
        tags[key] = text_of(tag, "Value") or ""
    call.bucket.tags = tags
    return Answer()


async def delete_tagging(call: Call) -> Answer:
    """DeleteBucketTags."""
    call.bucket.tags = {}
    return Answer(status=204)


async def get_logging(call: Call) -> Answer:
    """GetBucketLogging: off."""
    return xml_answer(Node("BucketLoggingStatus"))


async def get_referer(call: Call) -> Answer:
    """GetBucketReferer: every referer is welcome."""
    return xml_answer(
        Node(
            "RefererConfiguration",
            ("AllowEmptyReferer", "true"),
            ("AllowTruncateQueryString", "true"),
            Node("RefererList"),
        )
    )


async def get_request_payment(call: Call) -> Answer:
    """GetBucketRequestPayment: the owner pays."""
    return xml_answer(Node("RequestPaymentConfiguration", ("Payer", "BucketOwner")))


async def get_access_monitor(call: Call) -> Answer:
    """GetBucketAccessMonitor: off."""
    return xml_answer(Node("AccessMonitorConfiguration", ("Status", "Disabled")))


async def get_resource_group(call: Call) -> Answer:
    """GetBucketResourceGroup: the default one."""
    return xml_answer(Node("BucketResourceGroupConfiguration", ("ResourceGroupId", "")))


async def get_cors(call: Call) -> Answer:
    """GetBucketCors: none."""
    raise OssError(404, "NoSuchCORSConfiguration", "The CORS Configuration does not exist.")


async def get_website(call: Call) -> Answer:
    """GetBucketWebsite: none."""
    raise OssError(
        404, "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration."
    )


async def get_lifecycle(call: Call) -> Answer:
    """GetBucketLifecycle: none."""
    raise OssError(404, "NoSuchLifecycle", "No Row found in Lifecycle Table.")


async def get_transfer_acceleration(call: Call) -> Answer:
    """GetBucketTransferAcceleration: never configured."""
    raise OssError(
        404,
        "NoSuchTransferAccelerationConfiguration",
        "The bucket you specified does not have transfer acceleration configuration.",
    )
