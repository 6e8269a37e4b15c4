"""What values may be that end up in nginx's configuration; settings and contexts both ask. Pure."""

from __future__ import annotations

# The parameters of GetObject that mean something in an anonymous request.
# Source: https://www.alibabacloud.com/help/en/oss/developer-reference/getobject (2026-11-23)
QUERY_NAMES = ("versionId", "x-oss-process")

# The parameters that sign a URL, versions 1 and 4; one of them is enough for OSS to want a signature.
# Source: https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls (2026-11-23)
SIGNATURE_NAMES = (
    "OSSAccessKeyId",
    "Signature",
    "x-oss-credential",
    "x-oss-signature",
    "x-oss-signature-version",
)
_SIGNED_ONLY = (*SIGNATURE_NAMES, "Expires", "security-token", "x-oss-date", "x-oss-expires")


def require_query_name(name: str) -> None:
    """Checks the name of a query parameter that is to reach OSS.

    Raises:
        ValueError: When OSS would not take it from an anonymous request, or it means another operation.
    """
    if name in QUERY_NAMES:
        return
    if name.startswith("response-"):
        raise ValueError(
            "is refused by OSS in requests without a signature; give out signed URLs that hold it, "
            "and set `presigned: allowed`"
        )
    if name in _SIGNED_ONLY:
        raise ValueError("belongs to signed URLs; set `presigned: allowed`, and they pass as they are")
    raise ValueError(f"must be one of {', '.join(QUERY_NAMES)}")
