"""Shows an operator's fault as its message alone, without a stack trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pulumi

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
