"""Stops a preview or update that would go on from what an interrupted one left."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from infra.errors import NOTHING_CHANGED, ProgramError
from infra.naming import Naming
from infra.recovery.found import Found, is_leftover, orphans
from infra.recovery.state import State

COMMAND = "python -m infra.recovery --stack {stack}"


class UnsettledError(ProgramError):
    """The state and the cloud are not what the engine takes them for."""


def require_settled(state: State, listed: Sequence[Found], naming: Naming) -> None:
    """Refuses to go on beside orphans, or from a state in which something was interrupted.

    Args:
        state: The stack's state.
        listed: What the cloud lists of the stack.
        naming: Tells the stack from every other one.

    Raises:
        UnsettledError: It names the orphans, and the one command that deletes them and settles the rest.
    """
    command = COMMAND.format(stack=naming.stack)
    if found := orphans(listed, state.ids, naming):
        require_leftovers(found, state.ids, naming)
        raise UnsettledError(
            f"resources of the stack {naming.stack} are not in its state: {', '.join(map(str, found))}",
            consequence="an update that was interrupted made them, and this one would make them a second "
            f"time; {NOTHING_CHANGED}",
            fix=f"{command}, which shows them again, asks, and deletes them; then run this command again. "
            "See docs/recovery.md.",
        )
    if state.interrupted:
        raise UnsettledError(
            f"an update of the stack {naming.stack} was interrupted while {', '.join(state.interrupted)}",
            consequence=f"how far it came is not in the state; {NOTHING_CHANGED}",
            fix=f"{command}, which finds out; then run this command again. See docs/recovery.md.",
        )


def require_leftovers(found: Sequence[Found], known: Collection[str], naming: Naming) -> None:
    """Refuses resources that no interrupted update of this state can have left.

    Raises:
        UnsettledError: It names them; they are not to be deleted.
    """
    strangers = [one for one in found if not is_leftover(one, known)]
    if strangers:
        raise UnsettledError(
            f"resources with the tags of the stack {naming.stack} are in use and not in its state: "
            f"{', '.join(map(str, strangers))}",
            consequence="they belong to a stack of the same name whose state is elsewhere, which this one "
            f"would be mixed up with; {NOTHING_CHANGED}",
            fix="`pulumi login` to where that state is, or give this stack another name. If that state is "
            "lost, delete them by hand.",
        )
