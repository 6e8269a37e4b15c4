"""Bucket policy, its status, and Block Public Access."""

from __future__ import annotations

from localcloud.oss.call import Answer, Call, xml_answer
from localcloud.oss.errors import OssError, access_denied, invalid_policy, malformed_xml
from localcloud.oss.operations.common import check_body_md5
from localcloud.oss.policy.model import Policy, PolicyError
from localcloud.oss.policy.parse import parse_policy
from localcloud.oss.policy.public import is_public
from localcloud.oss.xmltext import Node, parse, text_of


async def put_bucket_policy(call: Call) -> Answer:
    """PutBucketPolicy: replaces the whole document, without any condition."""
    body = await call.body()
    check_body_md5(call, body)
    bucket = call.bucket
    try:
        policy = parse_policy(body, bucket=bucket.name, owner_uid=bucket.owner_uid)
    except PolicyError as fault:
        raise invalid_policy(str(fault), fault.ec) from fault
    if bucket.block_public_access and is_public(policy):
        raise access_denied("Put public bucket policy is not allowed")
    bucket.policy_text, bucket.policy = body, policy
    return Answer()


async def get_bucket_policy(call: Call) -> Answer:
    """GetBucketPolicy: the text as it was put, byte for byte."""
    text = call.bucket.policy_text
    if text is None:
        # Source: https://help.aliyun.com/zh/oss/user-guide/0030-00000006 (2026-11-23)
        raise OssError(
            404,
            "NoSuchBucketPolicy",
            "The bucket policy does not exist",
            "0030-00000006",
            details={"BucketName": call.bucket.name},
        )
    return Answer(headers={"Content-Type": "application/json"}, body=text)


async def delete_bucket_policy(call: Call) -> Answer:
    """DeleteBucketPolicy: 204, whether there was one or not."""
    bucket = call.bucket
    bucket.policy_text, bucket.policy = None, Policy(())
    return Answer(status=204)


async def get_bucket_policy_status(call: Call) -> Answer:
    """GetBucketPolicyStatus; false without a policy."""
    return xml_answer(Node("PolicyStatus", ("IsPublic", _boolean(is_public(call.bucket.policy)))))


async def put_public_access_block(call: Call) -> Answer:
    """PutBucketPublicAccessBlock."""
    root = parse(await call.body(), "PublicAccessBlockConfiguration")
    value = (text_of(root, "BlockPublicAccess") or "false").lower()
    if value not in ("true", "false"):
        raise malformed_xml()
    call.bucket.block_public_access = value == "true"
    return Answer()


async def get_public_access_block(call: Call) -> Answer:
    """GetBucketPublicAccessBlock."""
    value = _boolean(call.bucket.block_public_access)
    return xml_answer(Node("PublicAccessBlockConfiguration", ("BlockPublicAccess", value)))


async def delete_public_access_block(call: Call) -> Answer:
    """DeleteBucketPublicAccessBlock: Block Public Access is off afterwards."""
    call.bucket.block_public_access = False
    return Answer(status=204)


def _boolean(value: bool) -> str:
    return "true" if value else "false"
