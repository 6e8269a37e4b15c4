"""Finds the signature of a request, if it has one, and checks it.

Security tokens are covered by the signature like any other header or parameter.
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta

from localcloud.accounts import AccessKey, Accounts
from localcloud.oss.errors import OssError, invalid_argument, not_implemented
from localcloud.oss.signature import v1, v4
from localcloud.oss.signature.faults import (
    EC_HEADER_MISMATCH,
    EC_QUERY_MISMATCH,
    check_expiry,
    check_skew,
    check_token,
    mismatch,
    no_date,
    unknown_key,
)
from localcloud.oss.signature.model import CLOCK_SKEW_MAX, SignedRequest, Signer

_V1_HEADER = re.compile(r"OSS ([^:\s]+):(\S+)")


def verify(request: SignedRequest, accounts: Accounts) -> Signer | None:
    """Returns who signed the request, or None for an anonymous one.

    Raises:
        OssError: The signature is malformed, out of time, of an unknown key or wrong. Such a request
            fails even where an anonymous one would be allowed.
    """
    authorization = request.headers.get("authorization")
    is_query_v1 = (
        request.parameter("OSSAccessKeyId") is not None or request.parameter("Signature") is not None
    )
    is_query_v4 = request.parameter("x-oss-signature-version") is not None
    if authorization is not None and (is_query_v1 or is_query_v4):
        # Documented as impossible; the answer's form is inferred.
        raise invalid_argument(
            "Only one auth mechanism allowed; only the query or the Authorization header.",
            "Authorization",
            authorization,
        )
    if authorization is not None:
        if authorization.startswith("OSS "):
            return _header_v1(request, accounts, authorization)
        if authorization.startswith(v4.ALGORITHM + " "):
            return _header_v4(request, accounts, authorization)
        if authorization.startswith("OSS2 "):
            raise not_implemented("signature version 2")
        raise _bad_authorization(authorization)
    if is_query_v4:
        return _query_v4(request, accounts)
    if is_query_v1:
        return _query_v1(request, accounts)
    return None


def _header_v1(request: SignedRequest, accounts: Accounts, authorization: str) -> Signer:
    match = _V1_HEADER.fullmatch(authorization)
    if match is None:
        raise _bad_authorization(authorization)
    key = _find(request, accounts, match[1])
    date = v1.header_date(request)
    if date is None:
        raise no_date()
    check_skew(date[1], request.now)
    text = v1.string_to_sign(request, date[0])
    _compare(v1.signature(key, text), match[2], key, text, EC_HEADER_MISMATCH)
    return Signer(key, "header")


def _query_v1(request: SignedRequest, accounts: Accounts) -> Signer:
    provided = request.parameter("Signature")
    key_id = request.parameter("OSSAccessKeyId")
    expires = request.parameter("Expires")
    if not provided or not key_id or not expires:
        raise OssError(
            403,
            "AccessDenied",
            "Query-string authentication requires the Signature, Expires and OSSAccessKeyId parameters.",
        )
    if not expires.isascii() or not expires.isdigit() or len(expires) > 12:
        raise invalid_argument("Invalid expires.", "Expires", expires, "0002-00000070")
    check_expiry(_from_epoch(int(expires)), request.now)
    key = _find(request, accounts, key_id)
    text = v1.string_to_sign(request, expires)
    _compare(v1.signature(key, text), provided, key, text, EC_QUERY_MISMATCH)
    return Signer(key, "query")


def _header_v4(request: SignedRequest, accounts: Accounts, authorization: str) -> Signer:
    parts = {}
    for part in authorization.removeprefix(v4.ALGORITHM).split(","):
        name, _, value = part.strip().partition("=")
        parts[name] = value
    if not parts.get("Credential") or not parts.get("Signature"):
        raise _bad_authorization(authorization)
    claim = v4.make_claim(
        request,
        credential=parts["Credential"],
        timestamp=request.headers.get("x-oss-date") or request.headers.get("date", ""),
        additional=parts.get("AdditionalHeaders", ""),
        signature=parts["Signature"],
    )
    check_skew(claim.signed_at, request.now)
    return Signer(_check_v4(request, accounts, claim, EC_HEADER_MISMATCH), "header")


def _query_v4(request: SignedRequest, accounts: Accounts) -> Signer:
    version = request.parameter("x-oss-signature-version") or ""
    if version != v4.ALGORITHM:
        raise not_implemented(f"signature version {version}")
    expires = request.parameter("x-oss-expires") or ""
    if not expires.isascii() or not expires.isdigit() or not 0 < int(expires[:12]) <= v4.EXPIRES_MAX_S:
        raise invalid_argument("Invalid expires.", "x-oss-expires", expires, "0002-00000070")
    claim = v4.make_claim(
        request,
        credential=request.parameter("x-oss-credential") or "",
        timestamp=request.parameter("x-oss-date") or "",
        additional=request.parameter("x-oss-additional-headers") or "",
        signature=request.parameter("x-oss-signature") or "",
    )
    if claim.signed_at > request.now + CLOCK_SKEW_MAX:
        check_skew(claim.signed_at, request.now)
    check_expiry(claim.signed_at + timedelta(seconds=int(expires)), request.now)
    return Signer(_check_v4(request, accounts, claim, EC_QUERY_MISMATCH), "query")


def _check_v4(request: SignedRequest, accounts: Accounts, claim: v4.Claim, ec: str) -> AccessKey:
    key = _find(request, accounts, claim.access_key_id)
    canonical = v4.canonical_request(request, claim)
    text = v4.string_to_sign(claim, canonical)
    _compare(v4.signature(key, claim, text), claim.signature, key, f"{text}\n{canonical}", ec)
    return key


def _find(request: SignedRequest, accounts: Accounts, access_key_id: str) -> AccessKey:
    key = accounts.find(access_key_id)
    if key is None:
        raise unknown_key(access_key_id)
    token = (
        request.headers.get("x-oss-security-token")
        or request.parameter("x-oss-security-token")
        or request.parameter("security-token")
    )
    check_token(key, token, request.now)
    return key


def _compare(expected: str, provided: str, key: AccessKey, text: str, ec: str) -> None:
    if not hmac.compare_digest(expected.encode(), provided.encode("utf-8", "surrogateescape")):
        raise mismatch(key.id, provided, text, ec)


def _from_epoch(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError):
        return datetime.max.replace(tzinfo=UTC)


def _bad_authorization(authorization: str) -> OssError:
    return invalid_argument("Authorization header is invalid.", "Authorization", authorization)
