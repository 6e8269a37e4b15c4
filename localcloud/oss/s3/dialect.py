"""Whether a request speaks S3, and how its words and the service's own stand for each other.

What the compatibility page does not name is refused, never ignored: a header or parameter with a meaning
that is lost would be a silent success. Checksums (``x-amz-checksum-...``) are ignored, which is inferred: no
page names them, and clients that send one beside a plain body are not reported to fail.
Source: https://help.aliyun.com/en/oss/developer-reference/compatibility-with-amazon-s3 (2026-11-24).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, unquote

from localcloud.oss.address import Target
from localcloud.oss.errors import not_implemented

_AMZ, _OSS = "x-amz-", "x-oss-"
_SIGNING_WORDS = ("AWS4-HMAC-SHA256", "AWS ")
# The parameters of presigned URLs, versions 4 and 2.
_SIGNING_PARAMETERS = frozenset({"X-Amz-Algorithm", "AWSAccessKeyId"})

# Names behind `x-amz-` that the service knows by the same name behind `x-oss-`.
_SAME = frozenset(
    {
        "copy-source-if-match",
        "copy-source-if-modified-since",
        "copy-source-if-none-match",
        "copy-source-if-unmodified-since",
        "metadata-directive",
        "request-payer",
        "server-side-encryption",
        "tagging",
    }
)
# About the transfer alone; the signature covers them already.
_IGNORED = frozenset({"content-sha256", "date", "security-token", "sdk-checksum-algorithm", "user-agent"})
_STORAGE_CLASSES = {"STANDARD": "Standard", "STANDARD_IA": "IA"}
_PARAMETER_NAMES = """
acl continuation-token delete delimiter encoding-type fetch-owner key-marker lifecycle list-type location
logging marker max-keys max-parts max-uploads part-number-marker partNumber prefix response-cache-control
response-content-disposition response-content-encoding response-content-language response-content-type
response-expires start-after upload-id-marker uploadId uploads versionId x-id
"""
_PARAMETERS = frozenset(_PARAMETER_NAMES.split())
_ANSWERED = frozenset(
    {"delete-marker", "request-id", "server-side-encryption", "storage-class", "version-id"}
)


def speaks_s3(host: str, authorization: str | None, query: str) -> bool:
    """Whether a request is to be read, and answered, as S3's.

    Args:
        host: The Host header.
        authorization: The Authorization header, or None.
        query: The query as it was on the wire.
    """
    labels = host.lower().split(".")
    if "s3" in labels[:2] or (authorization or "").startswith(_SIGNING_WORDS):
        return True
    return any(part.partition("=")[0] in _SIGNING_PARAMETERS for part in query.split("&"))


def to_native(method: str, target: Target, headers: Mapping[str, str]) -> dict[str, str]:
    """Puts a request's headers into the service's own words.

    Args:
        method: The HTTP method.
        target: What the request line said.
        headers: Names in lower case. Those that begin with ``x-oss-`` are dropped: S3's signature need not
            cover them.

    Raises:
        OssError: NotImplemented, for what has no counterpart.
    """
    for name, _ in target.query:
        if name not in _PARAMETERS and not name.startswith("X-Amz-"):
            raise not_implemented(f"{name} of S3")
    if method not in ("GET", "HEAD") and ("if-match" in headers or "if-none-match" in headers):
        # The service's own writes know no such condition.
        raise not_implemented("a conditional write of S3")
    native = {name: value for name, value in headers.items() if not name.startswith((_AMZ, _OSS))}
    for name, value in headers.items():
        if name.startswith(_AMZ):
            native.update(_header(name.removeprefix(_AMZ), value, of_object=bool(target.key)))
    # In S3 a range that ends beyond the object is cut to it (inferred for this endpoint).
    native[f"{_OSS}range-behavior"] = "standard"
    return native


def _header(name: str, value: str, *, of_object: bool) -> dict[str, str]:
    if name in _IGNORED or name.startswith("checksum-"):
        return {}
    if name == "acl":
        return {f"{_OSS}object-acl" if of_object else f"{_OSS}acl": value}
    if name == "storage-class":
        value = _STORAGE_CLASSES.get(value, value)
    elif name == "copy-source":
        # Some clients encode its slashes too.
        value = quote(unquote(value.partition("?")[0]), safe="/") + "".join(value.partition("?")[1:])
    elif name not in _SAME and not name.startswith("meta-"):
        raise not_implemented(f"{_AMZ}{name}")
    return {_OSS + name: value}


def from_native(headers: Mapping[str, str]) -> dict[str, str]:
    """Puts an answer's headers into S3's words; ``x-oss-ec`` and others without a counterpart stay.

    Source: the answers in https://github.com/Altinity/clickhouse-backup/issues/877 (2026-11-24).
    """
    names = {value: name for name, value in _STORAGE_CLASSES.items()}
    answered = {}
    for name, value in headers.items():
        plain = name.removeprefix(_OSS)
        if name.startswith(_OSS) and (plain in _ANSWERED or plain.startswith("meta-")):
            answered[_AMZ + plain] = names.get(value, value) if plain == "storage-class" else value
        else:
            answered[name] = value
    return answered
