"""What the signature algorithms see of a request, and what they find out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from localcloud.accounts import AccessKey

# Source: EC 0002-00000504, https://help.aliyun.com/en/oss/user-guide/0002-00000504 (2026-11-23)
CLOCK_SKEW_MAX = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class SignedRequest:
    """A request as it was received.

    Attributes:
        method: The HTTP method.
        bucket: The bucket of the Host header, or None.
        key: The key, decoded once, or "".
        query: The query's names and values, decoded, in order.
        headers: The headers, names in lower case, repeated ones joined by a comma.
        region: The region of the endpoint.
        now: The service's clock.
    """

    method: str
    bucket: str | None
    key: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    region: str
    now: datetime

    def parameter(self, name: str) -> str | None:
        """The first value of a query parameter, or None."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(frozen=True)
class Signer:
    """Who signed a request, and where the signature stood."""

    access_key: AccessKey
    place: Literal["header", "query"]
