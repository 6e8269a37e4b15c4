"""If-Match and its relatives.

If-Match and If-Unmodified-Since answer 412, If-None-Match and If-Modified-Since 304; a date that
cannot be read is ignored.
Source: https://www.alibabacloud.com/help/doc-detail/31980.htm (2026-11-23).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from localcloud.oss.errors import precondition_failed


def check(headers: Mapping[str, str], *, etag: str, last_modified: datetime, prefix: str = "") -> bool:
    """Judges the conditions of a request.

    Args:
        headers: The request's headers, names in lower case.
        etag: The object's ETag without quotation marks.
        last_modified: The object's time, whole seconds.
        prefix: ``x-oss-copy-source-`` for the conditions of a copy.

    Returns:
        Whether the object counts as modified; if not, the answer is 304.

    Raises:
        OssError: PreconditionFailed.
    """
    wanted = headers.get(prefix + "if-match")
    if wanted is not None and not _names(wanted, etag):
        raise precondition_failed("If-Match")
    limit = _time(headers.get(prefix + "if-unmodified-since"))
    if limit is not None and last_modified > limit:
        raise precondition_failed("If-Unmodified-Since")
    unwanted = headers.get(prefix + "if-none-match")
    if unwanted is not None:
        return not _names(unwanted, etag)
    since = _time(headers.get(prefix + "if-modified-since"))
    return since is None or last_modified > since


def _names(value: str, etag: str) -> bool:
    tags = [item.strip().removeprefix("W/").strip('"').upper() for item in value.split(",")]
    return "*" in tags or etag.upper() in tags


def _time(value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
