"""Signature Version 4 as S3's clients make it.

The region in the scope is the client's affair: clients sign for ``us-east-1`` or ``aws-global`` as well and
are let in. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, and for
the region https://help.aliyun.com/en/oss/developer-reference/use-aws-sdks-to-access-oss (2026-11-24).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from localcloud.accounts import AccessKey, Accounts
from localcloud.oss.errors import OssError, access_denied, invalid_argument, not_implemented
from localcloud.oss.signature.faults import (
    check_expiry,
    check_skew,
    check_token,
    mismatch,
    no_date,
    unknown_key,
)
from localcloud.oss.signature.model import CLOCK_SKEW_MAX, SignedRequest, Signer

ALGORITHM = "AWS4-HMAC-SHA256"
EXPIRES_MAX_S = 604800
UNSIGNED = "UNSIGNED-PAYLOAD"
# Source: https://help.aliyun.com/en/oss/user-guide/0002-00000429 (2026-11-24)
EC_MISMATCH = "0002-00000429"
_HASH_HEADER = "x-amz-content-sha256"
_STREAMING = "STREAMING-"
_SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


@dataclass(frozen=True, kw_only=True)
class _Claim:
    access_key_id: str
    scope: str
    timestamp: str
    signed_headers: str
    signature: str
    payload: str


def verify_s3(request: SignedRequest, accounts: Accounts) -> Signer | None:
    """Returns who signed the request, or None for an anonymous one.

    Raises:
        OssError: The signature is malformed, out of time, of an unknown key, wrong, or of version 2; or the
            body comes in chunks that are not signed.
    """
    signer = _signer(request, accounts)
    _refuse_chunks(request)
    return signer


def check_payload(request: SignedRequest, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Returns the body's chunks, at whose end the hash is compared where the request signed one.

    The comparison raises XAmzContentSHA256Mismatch, S3's code; that it is the cloud's too is inferred.
    """
    wanted = request.headers.get(_HASH_HEADER, UNSIGNED)
    return chunks if wanted == UNSIGNED else _checked(chunks, wanted)


async def _checked(chunks: AsyncIterator[bytes], wanted: str) -> AsyncIterator[bytes]:
    digest = hashlib.sha256()
    async for chunk in chunks:
        digest.update(chunk)
        yield chunk
    if wanted != digest.hexdigest():
        raise OssError(
            400,
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )


def _signer(request: SignedRequest, accounts: Accounts) -> Signer | None:
    authorization = request.headers.get("authorization")
    if authorization is not None:
        if authorization.startswith("AWS "):
            raise not_implemented("S3's signature version 2")
        claim = _header_claim(request, authorization)
        check_skew(_time_of(claim.timestamp), request.now)
        return Signer(_check(request, accounts, claim), "header")
    if request.parameter("AWSAccessKeyId") is not None:
        raise not_implemented("S3's signature version 2")
    if request.parameter("X-Amz-Algorithm") is None:
        return None
    claim = _query_claim(request)
    signed_at = _time_of(claim.timestamp)
    expires = request.parameter("X-Amz-Expires") or ""
    if not expires.isascii() or not expires.isdigit() or not 0 < int(expires[:12]) <= EXPIRES_MAX_S:
        raise invalid_argument("Invalid expires.", "X-Amz-Expires", expires)
    if signed_at > request.now + CLOCK_SKEW_MAX:
        check_skew(signed_at, request.now)
    check_expiry(signed_at + timedelta(seconds=int(expires)), request.now)
    return Signer(_check(request, accounts, claim), "query")


def _refuse_chunks(request: SignedRequest) -> None:
    """Refuses a body in S3's own chunks, by which newer clients send a checksum behind it.

    Chunks with a signature each are accepted by the cloud, and not implemented here.
    Source: https://help.aliyun.com/en/oss/user-guide/0017-00000804 (2026-11-24), also
    https://github.com/apache/polaris/issues/3346.
    """
    encoding, payload = request.headers.get("content-encoding", ""), request.headers.get(_HASH_HEADER, "")
    if "aws-chunked" not in encoding and not payload.startswith(_STREAMING):
        return
    if payload == _SIGNED_CHUNKS:
        raise not_implemented("aws-chunked with a signature for each chunk")
    raise invalid_argument(
        "aws-chunked encoding is not supported with the specified x-amz-content-sha256 value.",
        "Content-Encoding",
        encoding or "aws-chunked",
        "0017-00000804",
    )


def _header_claim(request: SignedRequest, authorization: str) -> _Claim:
    fault = invalid_argument("Authorization header is invalid.", "Authorization", authorization)
    if not authorization.startswith(ALGORITHM + " "):
        raise fault
    parts = {}
    for part in authorization.removeprefix(ALGORITHM).split(","):
        name, _, value = part.strip().partition("=")
        parts[name] = value
    if not all(parts.get(name) for name in ("Credential", "SignedHeaders", "Signature")):
        raise fault
    if _HASH_HEADER not in request.headers:
        raise invalid_argument("Missing required header for this request.", _HASH_HEADER, "")
    return _claim(
        parts["Credential"],
        request.headers.get("x-amz-date", ""),
        parts["SignedHeaders"],
        parts["Signature"],
        request.headers[_HASH_HEADER],
    )


def _query_claim(request: SignedRequest) -> _Claim:
    algorithm = request.parameter("X-Amz-Algorithm") or ""
    if algorithm != ALGORITHM:
        raise not_implemented(f"signature version {algorithm}")
    credential, timestamp, headers, signature = (
        request.parameter(f"X-Amz-{name}") or ""
        for name in ("Credential", "Date", "SignedHeaders", "Signature")
    )
    return _claim(credential, timestamp, headers, signature, request.headers.get(_HASH_HEADER, UNSIGNED))


def _claim(credential: str, timestamp: str, signed_headers: str, signature: str, payload: str) -> _Claim:
    access_key_id, _, scope = credential.partition("/")
    parts = scope.split("/")
    if len(parts) != 4 or parts[0] != timestamp[:8] or parts[2:] != ["s3", "aws4_request"]:
        raise invalid_argument("The credential's scope is invalid.", "Credential", credential)
    if "host" not in signed_headers.split(";"):
        raise access_denied("There were headers present in the request which were not signed.")
    return _Claim(
        access_key_id=access_key_id,
        scope=scope,
        timestamp=timestamp,
        signed_headers=signed_headers,
        signature=signature,
        payload=payload,
    )


def _check(request: SignedRequest, accounts: Accounts, claim: _Claim) -> AccessKey:
    unsigned = {name for name in request.headers if name.startswith("x-amz-")}
    if unsigned - set(claim.signed_headers.split(";")):
        raise access_denied("There were headers present in the request which were not signed.")
    key = accounts.find(claim.access_key_id)
    if key is None:
        raise unknown_key(claim.access_key_id)
    token = request.headers.get("x-amz-security-token") or request.parameter("X-Amz-Security-Token")
    check_token(key, token, request.now)
    canonical = _canonical_request(request, claim)
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    text = "\n".join([ALGORITHM, claim.timestamp, claim.scope, digest])
    derived = ("AWS4" + key.secret).encode()
    for part in claim.scope.split("/"):
        derived = hmac.new(derived, part.encode(), hashlib.sha256).digest()
    expected = hmac.new(derived, text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), claim.signature.encode("utf-8", "surrogateescape")):
        raise mismatch(key.id, claim.signature, f"{text}\n{canonical}", EC_MISMATCH)
    return key


def _canonical_request(request: SignedRequest, claim: _Claim) -> str:
    pairs = sorted(
        (quote(name, safe=""), quote(value, safe=""))
        for name, value in request.query
        if name != "X-Amz-Signature"
    )
    headers = request.headers
    return "\n".join(
        [
            request.method,
            "/" + quote(request.key, safe="/"),
            "&".join(f"{name}={value}" for name, value in pairs),
            "".join(
                f"{name}:{' '.join(headers.get(name, '').split())}\n"
                for name in claim.signed_headers.split(";")
            ),
            claim.signed_headers,
            claim.payload,
        ]
    )


def _time_of(timestamp: str) -> datetime:
    try:
        return datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise no_date() from None
