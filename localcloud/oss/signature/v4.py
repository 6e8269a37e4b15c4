"""Signature V4: HMAC-SHA256 over a canonical request, with a key bound to day, region and service.

Host is covered only when it is listed among the additional headers.
Source: https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls and the
signer of https://github.com/aliyun/alibabacloud-oss-python-sdk-v2 (2026-11-23).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from localcloud.accounts import AccessKey
from localcloud.oss.errors import invalid_argument
from localcloud.oss.signature.faults import no_date
from localcloud.oss.signature.model import SignedRequest

ALGORITHM = "OSS4-HMAC-SHA256"
EXPIRES_MAX_S = 604800
_TERMINATOR = "aliyun_v4_request"
_ALWAYS_SIGNED = frozenset({"content-type", "content-md5"})


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a request says about its own signature.

    Attributes:
        access_key_id: Who claims to have signed.
        scope: ``DATE/REGION/oss/aliyun_v4_request``.
        timestamp: ``x-oss-date``, for example ``20261123T100000Z``; or the text of the Date header,
            which aliyun-oss-go-sdk 2.2.9 (and so the alicloud provider) signs instead.
        signed_at: The same as a time.
        additional_headers: Names in lower case, in order.
        signature: The signature, in hexadecimal.
    """

    access_key_id: str
    scope: str
    timestamp: str
    signed_at: datetime
    additional_headers: tuple[str, ...]
    signature: str


def make_claim(
    request: SignedRequest, *, credential: str, timestamp: str, additional: str, signature: str
) -> Claim:
    """Checks the parts of a claim against the request.

    Raises:
        OssError: A malformed credential or date, a scope of another day, region or service, or an
            additional header with an underscore.
    """
    access_key_id, _, scope = credential.partition("/")
    signed_at = _time_of(timestamp)
    if signed_at is None:
        raise no_date()
    parts = scope.split("/")
    if len(parts) != 4 or parts[0] != signed_at.strftime("%Y%m%d") or parts[2:] != ["oss", _TERMINATOR]:
        raise invalid_argument("The credential's scope is invalid.", "Credential", credential)
    if parts[1] != request.region:
        raise invalid_argument(
            f"Invalid signing region in Authorization header. Expected {request.region}.", "region", parts[1]
        )
    names = tuple(name.strip().lower() for name in additional.split(";") if name.strip())
    for name in names:
        # Source: https://alibabacloud.com/help/en/oss/support/0002-00000078 (2026-11-23)
        if "_" in name:
            raise invalid_argument(
                "Invalid additional header.", "AdditionalHeaders", additional, "0002-00000078"
            )
    return Claim(
        access_key_id=access_key_id,
        scope=scope,
        timestamp=timestamp,
        signed_at=signed_at,
        additional_headers=tuple(sorted(names)),
        signature=signature,
    )


def _time_of(timestamp: str) -> datetime | None:
    try:
        if timestamp.endswith("Z"):
            return datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        when = parsedate_to_datetime(timestamp)
    except ValueError:
        return None
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def canonical_request(request: SignedRequest, claim: Claim) -> str:
    """The canonical request; the signature's own parameter is not part of it."""
    path = f"/{request.bucket}/{request.key}" if request.bucket else "/"
    pairs = sorted(
        (quote(name, safe=""), quote(value, safe=""))
        for name, value in request.query
        if name != "x-oss-signature"
    )
    signed = sorted(
        (name, value.strip())
        for name, value in request.headers.items()
        if name.startswith("x-oss-") or name in _ALWAYS_SIGNED or name in claim.additional_headers
    )
    return "\n".join(
        [
            request.method,
            quote(path, safe="/"),
            "&".join(f"{name}={value}" if value else name for name, value in pairs),
            "".join(f"{name}:{value}\n" for name, value in signed),
            ";".join(claim.additional_headers),
            request.headers.get("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
        ]
    )


def string_to_sign(claim: Claim, canonical: str) -> str:
    """The text that is signed."""
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    return "\n".join([ALGORITHM, claim.timestamp, claim.scope, digest])


def signature(key: AccessKey, claim: Claim, text: str) -> str:
    """The signature, in hexadecimal."""
    derived = ("aliyun_v4" + key.secret).encode()
    for part in claim.scope.split("/"):
        derived = hmac.new(derived, part.encode(), hashlib.sha256).digest()
    return hmac.new(derived, text.encode(), hashlib.sha256).hexdigest()
