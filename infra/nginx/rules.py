"""What values may be that end up in nginx's configuration; settings and contexts both ask. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from infra import oss_names
from infra.text import RenderError

_Value = TypeVar("_Value")

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
# Where nginx tells its own numbers, to the instance alone.
STATUS_PORT = 8091
# Serves the instance itself, so that readiness can be asked for before there is a certificate.
LOCAL_PORT = 8089

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


def require_free_port(port: int) -> None:
    """Checks the port that clients use.

    Raises:
        ValueError: When nginx itself uses it on the instance.
    """
    if port in (STATUS_PORT, LOCAL_PORT):
        raise ValueError(
            f"is one of those that nginx uses on the instance itself ({LOCAL_PORT}, {STATUS_PORT}); "
            "use another port"
        )


_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST_NAME = re.compile(rf"(?:\*\.)?(?:{_LABEL}\.)+{_LABEL}")
HOST_NAME_MAX = 253


def is_host_name(name: str) -> bool:
    """Whether a certificate may be for a name, in lower case; the first label may be ``*``."""
    return len(name) <= HOST_NAME_MAX and _HOST_NAME.fullmatch(name) is not None


_ORIGIN = re.compile(r"https?://(?:[a-z0-9-]+\.)*[a-z0-9-]+(?::[0-9]{1,5})?")
ORIGIN_MAX = 255
_INDEX = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
_HEADER_VALUE = re.compile(r"[ !#%-\[\]-~]{0,2000}")


def require_origins(origins: tuple[str, ...]) -> None:
    """Checks the origins whose pages may read.

    Raises:
        ValueError: When one is no origin as browsers send it, or others stand beside ``*``.
    """
    if origins == ("*",):
        return
    if "*" in origins:
        raise ValueError('must hold nothing else when it holds "*"')
    for origin in origins:
        if len(origin) > ORIGIN_MAX or not _ORIGIN.fullmatch(origin):
            raise ValueError(
                f"holds {origin!r}, which is no origin: SCHEME://HOST or SCHEME://HOST:PORT in lower case, "
                'without a path, such as https://app.example.com, or "*" alone for all'
            )


def require_header_value(value: str) -> None:
    """Checks the value of a header that nginx adds.

    Raises:
        ValueError: When it is too long or holds a character that means something to nginx.
    """
    if not _HEADER_VALUE.fullmatch(value):
        raise ValueError('must have at most 2000 characters of printable ASCII, without `"`, `$` and `\\`')


def require_index_document(name: str) -> None:
    """Checks the name that is read for a path that ends with ``/``; empty is none.

    Raises:
        ValueError: When it is no plain file name.
    """
    if name and not _INDEX.fullmatch(name):
        raise ValueError(
            "must be a file's name such as index.html: letters, digits, `.`, `_` and `-`, "
            "not beginning with `.`"
        )


def require_document(key: str, prefixes: Sequence[str]) -> None:
    """Checks the key of a document that stands in for others; empty is none.

    Raises:
        ValueError: When it is no plain key below one of the prefixes.
    """
    if not key:
        return
    try:
        oss_names.require_prefix(f"{key}/")
    except ValueError:
        raise ValueError(
            "must be an object's key such as public/index.html: letters, digits and -_.~+=@, only"
        ) from None
    if tuple(prefixes) != (oss_names.WHOLE_BUCKET,) and not key.startswith(tuple(prefixes)):
        raise ValueError(f"must lie below one of objectPrefixes: {', '.join(prefixes)}")


def checked(rule: Callable[[_Value], None], value: _Value, setting: str) -> None:
    """Asks a rule about a value that is about to reach nginx.

    Raises:
        RenderError: When the value breaks it.
    """
    try:
        rule(value)
    except ValueError as error:
        raise RenderError(f"{value!r} {error}", fix=f"check oss-proxy:{setting}.") from error
