"""The two request signatures of Alibaba Cloud's RPC APIs, as pure functions.

Source: https://help.aliyun.com/en/sdk/product-overview/rpc-mechanism (V1) and
https://help.aliyun.com/en/sdk/product-overview/v3-request-structure-and-signature (V3), 2026-11-23;
checked against the official SDKs' own signers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from localcloud.rpc.request import V3_ALGORITHM

_AUTHORIZATION = re.compile(
    rf"{V3_ALGORITHM}\s+Credential=(?P<key>[^,]+),\s*"
    r"SignedHeaders=(?P<headers>[^,]+),\s*Signature=(?P<signature>[0-9a-f]+)"
)


@dataclass(frozen=True, kw_only=True)
class Authorization:
    """The parts of a V3 ``Authorization`` header.

    Attributes:
        access_key_id: Who signed.
        signed_headers: The names of the headers that the signature covers, in order.
        signature: The signature, hexadecimal.
    """

    access_key_id: str
    signed_headers: tuple[str, ...]
    signature: str


def parse_authorization(header: str) -> Authorization | None:
    """Takes a V3 ``Authorization`` header apart; None when it has another form."""
    match = _AUTHORIZATION.fullmatch(header)
    if match is None:
        return None
    return Authorization(
        access_key_id=match["key"],
        signed_headers=tuple(match["headers"].split(";")),
        signature=match["signature"],
    )


def encode(text: str) -> str:
    """Percent-encodes everything but letters, digits and ``-_.~``."""
    return quote(text, safe="~")


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Returns the parameters encoded and joined in the order of their names."""
    return "&".join(f"{encode(name)}={encode(parameters[name])}" for name in sorted(parameters))


def v1_string_to_sign(method: str, parameters: Mapping[str, str]) -> str:
    """Returns what a V1 signature covers: method and all parameters but the signature itself."""
    covered = {name: value for name, value in parameters.items() if name != "Signature"}
    return f"{method}&%2F&{encode(canonical_query(covered))}"


def v1_signature(secret: str, string_to_sign: str) -> str:
    """Returns a V1 signature: HMAC-SHA1 in Base64."""
    return base64.b64encode(hmac.digest(f"{secret}&".encode(), string_to_sign.encode(), "sha1")).decode()


def v3_canonical_request(
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    signed_headers: Iterable[str],
    payload_sha256: str,
) -> str:
    """Returns what a V3 signature covers.

    Args:
        method: The HTTP method.
        path: The path as sent.
        query: The decoded query parameters.
        headers: All headers, names in lower case.
        signed_headers: The names of those that are covered, in order.
        payload_sha256: The body's SHA-256, hexadecimal.
    """
    names = tuple(signed_headers)
    lines = "".join(f"{name}:{headers.get(name, '')}\n" for name in names)
    return "\n".join((method, path or "/", canonical_query(query), lines, ";".join(names), payload_sha256))


def v3_string_to_sign(canonical_request: str) -> str:
    """Returns the algorithm's name and the canonical request's hash."""
    return f"{V3_ALGORITHM}\n{hashlib.sha256(canonical_request.encode()).hexdigest()}"


def v3_signature(secret: str, canonical_request: str) -> str:
    """Returns a V3 signature: HMAC-SHA256, hexadecimal."""
    return hmac.digest(secret.encode(), v3_string_to_sign(canonical_request).encode(), "sha256").hex()
