"""Shows an operator's fault as its message alone, without a stack trace, in the program and in checks."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pulumi
from pulumi.dynamic import CheckFailure, ResourceProvider

from infra.errors import ProgramError

_FAILED_LOOKUP = re.compile(
    r"invoke of (?P<token>\S+?:(?P<lookup>\w+)) failed: (?:.*?invoking (?P=token): )?(?P<reason>.*)",
    re.DOTALL,
)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turns a ``ProgramError`` into ``pulumi.RunError``, which the engine prints without a trace.

    Raises:
        pulumi.RunError: When the body raised a ``ProgramError``; other errors pass unchanged.
    """
    try:
        yield
    except ProgramError as error:
        raise pulumi.RunError(str(error)) from error


class LookupFailedError(ProgramError):
    """The provider could not look something up."""


@contextmanager
def plain_lookups() -> Iterator[None]:
    """Turns the failure of a provider's lookup into a ``ProgramError``; other errors pass unchanged.

    Raises:
        LookupFailedError: When a lookup failed.
    """
    try:
        yield
    except Exception as error:
        # Pulumi has no class of its own for it, and names the lookup several times over.
        told = _FAILED_LOOKUP.match(str(error))
        if told is None:
            raise
        raise LookupFailedError(
            f"the provider could not look up {told['lookup']}: {told['reason'].strip()}",
            fix="where it names a missing right, grant it; else check the network, wait a minute and run "
            "the command again.",
        ) from error


def check_failures(property_: str, look: Callable[[], None]) -> list[CheckFailure]:
    """Returns what a dynamic resource's ``check`` answers: a fault that ``look`` raises, or none.

    A check is the one call of a dynamic resource whose refusal the engine prints without a trace.

    Args:
        property_: The input that the fault is told under.
        look: Raises a ``ProgramError`` to refuse.
    """
    try:
        look()
    except ProgramError as error:
        return [CheckFailure(property_, str(error))]
    return []


class PlainProvider(ResourceProvider):
    """A provider of a dynamic resource, whose faults of the operator's are shown without a stack trace."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name in ("create", "update", "read", "delete", "diff"):
            if name in vars(cls):
                setattr(cls, name, _without_trace(vars(cls)[name]))


def _without_trace(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def told(*args: Any) -> Any:
        try:
            return method(*args)
        except ProgramError as error:
            # Pulumi makes its message from a whole stack trace. The process serves dynamic resources only.
            sys.tracebacklimit = 0
            raise error from None

    return told
