"""What the tables hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from localcloud.oss.call import Answer, Call

Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation.

    Attributes:
        name: Its name in the vendor's reference, for the coverage list.
        action: What policies call it; "" when the handler asks for rights itself.
        handler: Who carries it out.
        data: How an ACL counts for it.
        version_action: What policies call it with a ``versionId``, when that differs.
        needs_bucket: Whether the bucket must exist.
    """

    name: str
    action: str
    handler: Handler
    data: Literal["read", "write"] | None = None
    version_action: str | None = None
    needs_bucket: bool = True
