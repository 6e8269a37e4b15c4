"""What cannot be sized. Pure."""

from __future__ import annotations

from infra.errors import ProgramError


class SizingError(ProgramError):
    """The question has no answer as it was asked.

    Args:
        fault: What is wrong, as one sentence.
        fix: What to ask instead.
    """

    def __init__(self, fault: str, *, fix: str) -> None:
        super().__init__(fault, consequence="nothing was sized.", fix=fix)
