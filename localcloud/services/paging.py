"""Cutting lists into pages: by number, or by token."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar

from localcloud.rpc.errors import invalid_parameter
from localcloud.rpc.params import Params

_Item = TypeVar("_Item")


def page(
    items: Sequence[_Item], params: Params, *, default: int = 10, largest: int = 100
) -> tuple[Sequence[_Item], dict[str, Any]]:
    """Returns one page and the fields that describe it.

    ``MaxResults`` or ``NextToken`` ask for paging by token, else ``PageNumber`` and ``PageSize`` count.

    Args:
        items: The whole list.
        params: The request's parameters.
        default: The page size when none is asked for.
        largest: The largest page size that may be asked for.

    Raises:
        ApiError: ``InvalidParameter`` for sizes, numbers or tokens that make no sense.
    """
    if params.text("MaxResults") or params.text("NextToken"):
        size = params.integer("MaxResults", default, low=1, high=largest)
        start = _position(params.text("NextToken"))
        following = start + size
        token = _token(following) if following < len(items) else ""
        return items[start:following], {"NextToken": token, "TotalCount": len(items)}
    number = params.integer("PageNumber", 1, low=1)
    size = params.integer("PageSize", default, low=1, high=largest)
    start = (number - 1) * size
    fields = {"PageNumber": number, "PageSize": size, "TotalCount": len(items)}
    return items[start : start + size], fields


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(f"at:{position}".encode()).decode()


def _position(token: str) -> int:
    if not token:
        return 0
    try:
        mark, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        if mark == "at" and number.isdigit():
            return int(number)
    except (binascii.Error, UnicodeDecodeError):
        pass
    raise invalid_parameter("NextToken")
