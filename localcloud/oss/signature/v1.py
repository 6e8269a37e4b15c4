"""Signature V1: HMAC-SHA1 over method, MD5, type, date, ``x-oss-`` headers and the resource.

Source: https://www.alibabacloud.com/help/doc-detail/100669.htm (2026-11-23); the list of subresources
is the union of those that oss2 2.19, alibabacloud-oss-v2 1.4 and aliyun-oss-go-sdk 2.2.9 sign.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from localcloud.accounts import AccessKey
from localcloud.oss.signature.model import SignedRequest

# Parameters that are part of the signed resource; all others are left out of it.
_SUBRESOURCE_NAMES = """
accessmonitor accessPoint accessPointPolicy acl append asyncFetch bucketArchiveDirectRead bucketInfo
callback callback-var cloudboxes cname comp continuation-token cors delete encryption endTime group
httpsConfig img inventory inventoryId lifecycle link live location logging metaQuery objectInfo
objectMeta overwriteConfig partNumber policy policyStatus position publicAccessBlock qos qosInfo
qosRequester quota redundancyTransition referer regionList replication replicationLocation
replicationProgress requesterQosInfo requestPayment resourceGroup resourcePool resourcePoolBuckets
resourcePoolInfo response-cache-control response-content-disposition response-content-encoding
response-content-language response-content-type response-expires restore rtc security-token sequential
startTime stat status style styleName symlink tagging transferAcceleration udf udfApplication
udfApplicationLog udfId udfImage udfImageDesc udfName uploadId uploads versionId versioning versions vod
website withHashContext worm wormExtend wormId x-oss-ac-forward-allow x-oss-ac-source-ip
x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-access-point-name x-oss-async-process x-oss-enable-md5
x-oss-enable-sha1 x-oss-enable-sha256 x-oss-hash-ctx x-oss-md5-ctx x-oss-process
x-oss-redundancy-transition-taskid x-oss-request-payer x-oss-target-redundancy-type x-oss-traffic-limit
x-oss-write-get-object-response
"""
SUBRESOURCES = frozenset(_SUBRESOURCE_NAMES.split())


def string_to_sign(request: SignedRequest, date: str) -> str:
    """The text that is signed.

    Args:
        request: The request.
        date: The Date (or x-oss-date) header's value, or the ``Expires`` parameter of a presigned URL.
    """
    headers = request.headers
    own = sorted((name, value) for name, value in headers.items() if name.startswith("x-oss-"))
    lines = [request.method, headers.get("content-md5", ""), headers.get("content-type", ""), date]
    lines += [f"{name}:{value}" for name, value in own]
    return "\n".join([*lines, _resource(request)])


def signature(key: AccessKey, text: str) -> str:
    """The signature, in Base64."""
    digest = hmac.new(key.secret.encode(), text.encode("utf-8", "surrogateescape"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def header_date(request: SignedRequest) -> tuple[str, datetime] | None:
    """The date that a header signature covers, as text and as a time, or None when it is unreadable."""
    text = request.headers.get("x-oss-date") or request.headers.get("date", "")
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    return text, when if when.tzinfo else when.replace(tzinfo=UTC)


def _resource(request: SignedRequest) -> str:
    path = f"/{request.bucket}/{request.key}" if request.bucket else "/"
    signed = sorted((name, value) for name, value in request.query if name in SUBRESOURCES)
    if not signed:
        return path
    return path + "?" + "&".join(f"{name}={value}" if value else name for name, value in signed)
