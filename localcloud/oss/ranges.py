"""The Range header, the way OSS reads it.

By default a range that is malformed, multiple, or reaches beyond the object is ignored: 200 and the
whole object. With ``x-oss-range-behavior: standard`` an end beyond the object is cut to it (206), and
a beginning beyond it is refused (416). That several ranges are ignored rather than cut to the first
is how the page of 2026-03-20 is read here; the older page 39571 says the first one is served.
Source: https://www.alibabacloud.com/help/doc-detail/31980.htm and
https://help.aliyun.com/document_detail/39571.htm (2026-11-23).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from localcloud.oss.errors import OssError

_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.ASCII)


@dataclass(frozen=True)
class Slice:
    """The bytes to send: first offset, number, and whether that is less than was there (206)."""

    offset: int
    size: int
    partial: bool


def resolve_range(header: str | None, size: int, *, standard: bool) -> Slice:
    """Decides which bytes answer a request.

    Args:
        header: The Range header's value, or None.
        size: The object's length in bytes.
        standard: Whether ``x-oss-range-behavior: standard`` was sent.

    Raises:
        OssError: InvalidRange (416), only with the standard behaviour.
    """
    whole = Slice(0, size, partial=False)
    match = _RANGE.fullmatch(header.strip()) if header is not None else None
    if match is None or not (match[1] or match[2]):
        return whole
    if not match[1]:
        first, last = size - int(match[2]), size - 1
        satisfiable = int(match[2]) > 0 and size > 0
        exceeds = first < 0
        first = max(first, 0)
    else:
        first, last = int(match[1]), int(match[2]) if match[2] else size - 1
        if match[2] and last < first:
            return whole
        satisfiable = first < size
        exceeds = last >= size
        last = min(last, size - 1)
    if satisfiable and not (exceeds and not standard):
        return Slice(first, last - first + 1, partial=True)
    if not standard:
        return whole
    raise OssError(
        416,
        "InvalidRange",
        "The requested range cannot be satisfied.",
        details={"ActualObjectSize": str(size), "RangeRequested": header or ""},
        headers={"Content-Range": f"bytes */{size}"},
    )
