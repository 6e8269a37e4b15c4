"""One fault: what it waits for and what it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from localcloud.refusals import refusal_of

Refusal = Literal["throttle", "error", "forbidden"]
Kind = Literal["throttle", "error", "forbidden", "delay", "lost-answer", "hold"]
KINDS: tuple[Kind, ...] = get_args(Kind)
DEFAULT_DELAY_S = 5.0


@dataclass(kw_only=True)
class Fault:
    """One fault.

    Attributes:
        id: Its number.
        action: The operation it waits for, for example ``RunCommand`` or ``oss:GetBucketPolicy``. What is
            no call, but may fail as well: ``assistant:Agent`` and ``assistant:Command``; see
            `localcloud.services.assistant.runner`.
        kind: ``throttle``, ``error`` or ``forbidden``: the call is refused with the service's own code and
            not carried out; ``delay``: it is carried out late; ``lost-answer``: it is carried out, and
            the connection is closed without an answer; ``hold``: it is carried out, and its answer waits
            until the fault is released or forgotten.
        after: How many calls it lets pass first.
        times: How many calls it strikes after those.
        delay_s: Seconds that ``delay`` takes.
        code: The code by which ``error`` refuses; empty for the service's own.
        status: The HTTP status that goes with the code; 0 for the code's usual one.
        struck: How many calls it has struck.
    """

    id: int
    action: str
    kind: Kind
    after: int
    times: int
    delay_s: float
    code: str = ""
    status: int = 0
    struck: int = 0

    def waits_for(self, service: str, action: str) -> bool:
        """Whether it is meant for an operation of a service, and not used up."""
        return self.struck < self.times and self.action in (action, f"{service}:{action}")


def as_ordered(error: Any, fault: Fault) -> Exception:  # an error of any service: code, message, status
    """Gives a service's refusal the code that the fault names."""
    if fault.code:
        usual = refusal_of(fault.code)
        error.code, error.message, error.status = fault.code, usual.message, fault.status or usual.status
    return cast(Exception, error)
