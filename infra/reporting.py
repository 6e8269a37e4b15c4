"""Shows an operator's fault as its message alone, without a stack trace, in the program and in checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pulumi
from pulumi.dynamic import CheckFailure

from infra.errors import ProgramError


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
