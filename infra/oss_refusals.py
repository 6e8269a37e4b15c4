"""What OSS's refusals mean, and what to do about each. Pure."""

from __future__ import annotations

from typing import Any

from infra.errors import CloudError
from infra.regions import region_of_endpoint

_CODES_OF_BAD_CREDENTIALS = frozenset(
    {"InvalidAccessKeyId", "SignatureDoesNotMatch", "SecurityTokenExpired", "InvalidSecurityToken"}
)
_NOTHING_CHANGED = "nothing was changed by this call."


class NoSuchBucketError(CloudError):
    """The bucket does not exist."""


class ForbiddenError(CloudError):
    """These credentials may not do what was asked; the bucket may be somebody else's."""


class BucketNotEmptyError(CloudError):
    """The bucket was to be deleted and holds something."""


def refusal(cause: Any, action: str, *, bucket: str, region: str, attempts: int) -> CloudError:
    """Returns what is said about a refusal.

    Source: https://www.alibabacloud.com/help/en/oss/developer-reference/rm (emptying a bucket, 2026-02-27)

    Args:
        cause: The SDK's ServiceError, which has no types.
        action: What was asked, as policies call it.
        bucket: The bucket's name.
        region: The region whose endpoint was asked.
        attempts: How often OSS is asked at most.
    """
    where = f"(HTTP {cause.status_code} {cause.code}, EC {cause.ec or '-'}, request {cause.request_id})"
    if cause.code == "NoSuchBucket":
        return NoSuchBucketError(
            f"the bucket {bucket} does not exist {where}",
            consequence=_NOTHING_CHANGED,
            fix="pulumi config set oss-proxy:bucketName NAME, with a bucket of yours that exists; or have "
            "the stack make one: pulumi config set oss-proxy:bucketMode managed. (One that it made and that "
            "is gone comes back, empty, with pulumi up --refresh.)",
        )
    if cause.code == "BucketNotEmpty":
        return BucketNotEmptyError(
            f"the bucket {bucket} holds objects, versions of objects or unfinished uploads {where}",
            consequence="OSS does not delete it, and nothing here empties it; nothing was deleted.",
            fix=f"empty it yourself: ossutil rm oss://{bucket} -r --all-versions, then ossutil rm "
            f"oss://{bucket} -r -m. Or keep it: pulumi config set oss-proxy:bucketMode existing, pulumi "
            "config rm oss-proxy:bucketProtection, pulumi up.",
        )
    if endpoint := (cause.error_fileds or {}).get("Endpoint"):
        actual = region_of_endpoint(endpoint)
        return CloudError(
            f"the bucket {bucket} is in {actual}, not in {region} {where}",
            consequence="its internal endpoint is out of reach from there; nothing was changed.",
            fix=f"pulumi config set alicloud:region {actual}, in a new stack.",
        )
    fault = f"OSS refused {action} for the bucket {bucket}: {cause.message} {where}"
    if cause.code in _CODES_OF_BAD_CREDENTIALS:
        fix = "set credentials that are valid, for example ALIBABA_CLOUD_ACCESS_KEY_ID and _SECRET."
        return CloudError(fault, consequence=_NOTHING_CHANGED, fix=fix)
    if cause.status_code == 403:
        return ForbiddenError(
            fault,
            consequence=_NOTHING_CHANGED,
            fix=f"grant {action} on acs:oss:*:*:{bucket} to these credentials (make ram-policy prints all "
            "that they need), or use those of the account that owns the bucket. Bucket names are unique in "
            "all of OSS: where the bucket is somebody else's, choose another name.",
        )
    return CloudError(
        fault,
        consequence=_NOTHING_CHANGED,
        fix=f"OSS was asked {attempts} times at most; wait a minute, then run the command again.",
    )
