"""The operations on a bucket, by subresource and method."""

from __future__ import annotations

from collections.abc import Mapping

from localcloud.oss.operations import bucket, listing, multipart, policy, settings, write
from localcloud.oss.operations.operation import Handler, Operation

_VERBS = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}


def _setting(name: str, suffix: str, handlers: Mapping[str, Handler]) -> dict[str, Operation]:
    return {
        method: Operation(name=_VERBS[method] + name, action=f"oss:{_VERBS[method]}{suffix}", handler=handler)
        for method, handler in handlers.items()
    }


BUCKET_OPERATIONS: dict[str, dict[str, Operation]] = {
    "": {
        "GET": Operation(name="ListObjects", action="oss:ListObjects", handler=listing.list_objects),
        "PUT": Operation(
            name="PutBucket", action="oss:PutBucket", handler=bucket.put_bucket, needs_bucket=False
        ),
        "DELETE": Operation(name="DeleteBucket", action="oss:DeleteBucket", handler=bucket.delete_bucket),
    },
    "versions": {
        "GET": Operation(
            name="ListObjectVersions",
            action="oss:ListObjectVersions",
            handler=listing.list_object_versions,
        )
    },
    "uploads": {
        "GET": Operation(
            name="ListMultipartUploads", action="oss:ListMultipartUploads", handler=multipart.list_uploads
        )
    },
    # Each key of the list is authorised on its own; the operation itself needs no right.
    "delete": {
        "POST": Operation(name="DeleteMultipleObjects", action="", handler=write.delete_objects),
    },
    "acl": _setting("BucketAcl", "BucketAcl", {"GET": bucket.get_bucket_acl, "PUT": bucket.put_bucket_acl}),
    "bucketInfo": _setting("BucketInfo", "BucketInfo", {"GET": bucket.get_bucket_info}),
    "location": _setting("BucketLocation", "BucketLocation", {"GET": bucket.get_bucket_location}),
    "stat": _setting("BucketStat", "BucketStat", {"GET": bucket.get_bucket_stat}),
    "policy": _setting(
        "BucketPolicy",
        "BucketPolicy",
        {
            "GET": policy.get_bucket_policy,
            "PUT": policy.put_bucket_policy,
            "DELETE": policy.delete_bucket_policy,
        },
    ),
    "policyStatus": _setting(
        "BucketPolicyStatus", "BucketPolicyStatus", {"GET": policy.get_bucket_policy_status}
    ),
    "publicAccessBlock": _setting(
        "BucketPublicAccessBlock",
        "BucketPublicAccessBlock",
        {
            "GET": policy.get_public_access_block,
            "PUT": policy.put_public_access_block,
            "DELETE": policy.delete_public_access_block,
        },
    ),
    "versioning": _setting(
        "BucketVersioning",
        "BucketVersioning",
        {"GET": settings.get_versioning, "PUT": settings.put_versioning},
    ),
    "encryption": _setting(
        "BucketEncryption",
        "BucketEncryption",
        {
            "GET": settings.get_encryption,
            "PUT": settings.put_encryption,
            "DELETE": settings.delete_encryption,
        },
    ),
    "tagging": _setting(
        "BucketTags",
        "BucketTagging",
        {"GET": settings.get_tagging, "PUT": settings.put_tagging, "DELETE": settings.delete_tagging},
    ),
    "logging": _setting("BucketLogging", "BucketLogging", {"GET": settings.get_logging}),
    "referer": _setting("BucketReferer", "BucketReferer", {"GET": settings.get_referer}),
    "requestPayment": _setting(
        "BucketRequestPayment", "BucketRequestPayment", {"GET": settings.get_request_payment}
    ),
    "accessmonitor": _setting(
        "BucketAccessMonitor", "BucketAccessMonitor", {"GET": settings.get_access_monitor}
    ),
    "resourceGroup": _setting(
        "BucketResourceGroup", "BucketResourceGroup", {"GET": settings.get_resource_group}
    ),
    "cors": _setting("BucketCors", "BucketCors", {"GET": settings.get_cors}),
    "website": _setting("BucketWebsite", "BucketWebsite", {"GET": settings.get_website}),
    "lifecycle": _setting("BucketLifecycle", "BucketLifecycle", {"GET": settings.get_lifecycle}),
    "transferAcceleration": _setting(
        "BucketTransferAcceleration",
        "BucketTransferAcceleration",
        {"GET": settings.get_transfer_acceleration},
    ),
}
