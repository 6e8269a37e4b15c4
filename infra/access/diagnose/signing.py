"""A GET that is signed for OSS, version 4.

Source: https://help.aliyun.com/en/oss/developer-reference/recommend-to-use-signature-version-4 (2026-11-24)
"""

import datetime
import hashlib
import hmac
from typing import Dict
from urllib.parse import quote

PAYLOAD = "UNSIGNED-PAYLOAD"


def signed_headers(
    keys: Dict[str, str], region: str, bucket: str, key: str, now: datetime.datetime
) -> Dict[str, str]:
    """Returns the headers of ``GET /KEY`` with a signature.

    Args:
        keys: ``id``, ``secret`` and perhaps ``token``.
        region: The bucket's region.
        bucket: The bucket.
        key: The object's key.
        now: The time, in UTC.
    """
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    headers = {"x-oss-content-sha256": PAYLOAD, "x-oss-date": moment}
    if keys.get("token"):
        headers["x-oss-security-token"] = keys["token"]
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = "\n".join(["GET", quote("/" + bucket + "/" + key), "", lines, "", PAYLOAD])
    scope = "/".join([moment[:8], region, "oss", "aliyun_v4_request"])
    digest = hashlib.sha256(canonical.encode("utf-8")).hexdigest()
    text = "\n".join(["OSS4-HMAC-SHA256", moment, scope, digest])
    secret = ("aliyun_v4" + keys["secret"]).encode("utf-8")
    for part in scope.split("/"):
        secret = _hmac(secret, part)
    credential = "Credential={}/{}".format(keys["id"], scope)
    signature = _hmac(secret, text).hex()
    return dict(headers, Authorization=f"OSS4-HMAC-SHA256 {credential},Signature={signature}")


def _hmac(secret: bytes, text: str) -> bytes:
    return hmac.new(secret, text.encode("utf-8"), hashlib.sha256).digest()
