"""The one base of the faults that an operator can mend.

Pure: the program turns them into Pulumi's own plain error where they leave it (``infra.reporting``).
"""

from __future__ import annotations

NOTHING_CHANGED = "nothing was created or changed."


class ProgramError(Exception):
    """A fault with its consequence and the way out; the message holds all three.

    Args:
        fault: What is wrong, as one sentence.
        consequence: What did not happen because of it.
        fix: What to do next, best a command.
    """

    def __init__(self, fault: str, *, consequence: str = NOTHING_CHANGED, fix: str) -> None:
        super().__init__(f"{fault}\n  Consequence: {consequence}\n  Fix: {fix}")
        self.fault = fault
        self.consequence = consequence
        self.fix = fix


class CloudError(ProgramError):
    """The cloud refused a call, or did not answer it."""
