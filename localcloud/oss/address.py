"""What a request addresses: region, bucket and key, from the Host header and the raw request target.

The path is decoded exactly once, from the bytes on the wire: ``%2F`` becomes a slash of the key, ``+``
stays a plus, ``//`` and dot segments stay as they are.
Source: https://help.aliyun.com/zh/oss/user-guide/access-oss-via-bucket-domain-name (2026-11-23).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from localcloud.oss.errors import OssError, second_level_domain

KEY_MAX_BYTES = 1023
DOMAIN = "aliyuncs.com"

_HOST = re.compile(
    r"(?:(?P<bucket>(?!s3\.)[^.]+)\.)?(?:s3\.)?"
    r"oss-(?P<region>[a-z]{2}(?:-[a-z0-9]+)+?)(?P<internal>-internal)?\.aliyuncs\.com"
)
# Source: https://www.alibabacloud.com/help/en/oss/user-guide/bucket-naming-conventions (2026-11-23)
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """What the Host header says.

    Attributes:
        host: The header's value, lower case, without a port.
        region: For example ``cn-hangzhou``.
        internal: Whether the name is that of the internal endpoint.
        bucket: The bucket's name, or None at the service's own host.
    """

    host: str
    region: str
    internal: bool
    bucket: str | None


@dataclass(frozen=True, kw_only=True)
class Target:
    """What the request line says.

    Attributes:
        key: The object's key, or the empty string for the bucket itself.
        query: The query's names and values in order, decoded; a name without ``=`` has the value "".
    """

    key: str
    query: tuple[tuple[str, str], ...]


def region_endpoint(region: str, *, internal: bool = False) -> str:
    """The endpoint of a region, for example ``oss-cn-hangzhou-internal.aliyuncs.com``."""
    return f"oss-{region}{'-internal' if internal else ''}.{DOMAIN}"


def is_bucket_name(name: str) -> bool:
    """Whether a name keeps the rules: 3 to 63 of lower case, digits and hyphens, no hyphen at the ends."""
    return _BUCKET_NAME.fullmatch(name) is not None


def parse_host(host: str) -> Endpoint:
    """Reads the Host header.

    Raises:
        OssError: The name is none of this service's (an address, another domain).
    """
    name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
    name = name.lower()
    match = _HOST.fullmatch(name)
    if match is None:
        raise OssError(
            400, "InvalidHost", "The specified host is none of the service's; send a bucket's or a region's."
        )
    return Endpoint(
        host=name, region=match["region"], internal=match["internal"] is not None, bucket=match["bucket"]
    )


def parse_target(raw_target: str) -> Target:
    """Reads the request target as it was on the wire.

    Args:
        raw_target: Origin form (``/key?query``) or absolute form (``http://host/key?query``).

    Raises:
        OssError: The key is not UTF-8 or is longer than 1023 bytes, or the query is not UTF-8.
    """
    if not raw_target.startswith("/"):
        _, separator, rest = raw_target.partition("://")
        raw_target = "/" + rest.partition("/")[2] if separator else "/"
    path, _, query = raw_target.partition("?")
    key = _decode(path[1:], "InvalidObjectName", "The specified object is not valid: it is not UTF-8.")
    if len(key.encode()) > KEY_MAX_BYTES:
        raise OssError(
            400,
            "InvalidObjectName",
            "The length of object name must be less than 1024.",
            details={"ObjectName": key},
        )
    return Target(key=key, query=tuple(_pairs(query)))


def require_virtual_host(endpoint: Endpoint, target: Target) -> None:
    """Refuses a bucket in the path.

    Raises:
        OssError: SecondLevelDomainForbidden.
    """
    if endpoint.bucket is None and target.key:
        raise second_level_domain(target.key.partition("/")[0])


def _decode(text: str, code: str, message: str) -> str:
    try:
        # The HTTP parser hands over undecodable bytes as surrogates; they are bytes again here.
        return unquote_to_bytes(text.encode("utf-8", "surrogateescape")).decode()
    except UnicodeDecodeError as fault:
        raise OssError(400, code, message) from fault


def _pairs(query: str) -> list[tuple[str, str]]:
    pairs = []
    for part in query.split("&"):
        if not part:
            continue
        name, _, value = part.partition("=")
        pairs.append(
            (
                _decode(name, "InvalidArgument", "The query is not UTF-8."),
                _decode(value, "InvalidArgument", "The query is not UTF-8."),
            )
        )
    return pairs
