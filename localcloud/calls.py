"""The calls that were made, in order: what a program did to the cloud, and with what outcome.

Only calls that an identity was established for are here, an anonymous one among them; a request with a wrong
signature never became a call.
"""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

# The oldest calls go first: a long run of a proxy makes millions of reads.
REMEMBERED_CALLS = 10_000

# What an operation's name begins with when it changes nothing. Names are verbs followed by what they act on,
# in RPC as in OSS (`DescribeVpcs`, `GetCallerIdentity`, `HeadObject`).
_READING = ("Describe", "Get", "Head", "List", "Query", "Check", "Options", "Select")


@dataclass(kw_only=True)
class CallRecord:
    """One call.

    Attributes:
        number: Its number since the cloud was started, from 1.
        service: The service, for example ``ecs``.
        action: The operation, for example ``RunInstances``.
        mutating: Whether it may change something.
        outcome: ``OK``, the code of the error, ``answer lost``, or empty while it is under way.
    """

    number: int
    service: str
    action: str
    mutating: bool
    outcome: str = ""


class CallLog:
    """Remembers the newest calls."""

    def __init__(self) -> None:
        self._calls: deque[CallRecord] = deque(maxlen=REMEMBERED_CALLS)
        self._numbers = itertools.count(1)

    def begin(self, service: str, action: str) -> CallRecord:
        """Notes a call; its outcome is the caller's to fill in."""
        record = CallRecord(
            number=next(self._numbers), service=service, action=action, mutating=is_mutating(action)
        )
        self._calls.append(record)
        return record

    def since(self, number: int = 0) -> list[dict[str, Any]]:
        """Returns the calls that came after the one with a number, each as JSON can hold it."""
        return [asdict(record) for record in self._calls if record.number > number]


def is_mutating(action: str) -> bool:
    """Tells by its name whether an operation may change something."""
    return not action.startswith(_READING)
