"""Stops a preview or update that would go on from what an interrupted one left. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from infra.errors import NOTHING_CHANGED, ProgramError
from infra.naming import Naming
from infra.recovery.found import KINDS, Found, is_leftover, orphans
from infra.recovery.state import State

COMMAND = "python -m infra.recovery --stack {stack}"


class UnsettledError(ProgramError):
    """The state and the cloud are not what the engine takes them for."""


def require_settled(
    state: State, listed: Sequence[Found] | None, naming: Naming, *, records: Sequence[Found] = ()
) -> None:
    """Refuses to go on beside orphans, or from a state in which something was interrupted.

    Args:
        state: The stack's state.
        listed: What the cloud lists of the stack, or None where that is not known.
        naming: Tells the stack from every other one.
        records: DNS records of the stack that its state does not know.

    Raises:
        UnsettledError: It names the orphans, and the one command that deletes them and settles the rest.
    """
    command = COMMAND.format(stack=naming.stack)
    if found := [*records, *orphans(listed or [], state.ids, naming)]:
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
    gone = [] if listed is None or state.complete else _gone(state, listed)
    if gone:
        raise UnsettledError(
            f"the state of the stack {naming.stack} has what the cloud does not list any more: "
            f"{', '.join(gone)}",
            consequence=f"a destroy of it was left half done; {NOTHING_CHANGED}",
            fix=f"{command}, which makes the state true again; then run this command again. "
            "See docs/recovery.md.",
        )


def missing(state: State, listed: Sequence[Found], naming: Naming) -> list[str]:
    """Returns a warning where a complete stack's state has resources that the cloud does not list any more.

    No more than that: with ``--refresh`` the engine learns of it by itself, and shows its program the state
    of before.
    """
    if not (gone := _gone(state, listed)):
        return []
    return [
        f"The state has resources that the cloud does not list with the tags of the stack {naming.stack}: "
        f"{', '.join(gone)}. Where they are gone: {COMMAND.format(stack=naming.stack)}, then this command "
        "again."
    ]


def _gone(state: State, listed: Sequence[Found]) -> list[str]:
    seen = {one.id for one in listed}
    return [id_ for id_ in state.ids_of({kind.pulumi_type for kind in KINDS}) if id_ not in seen]


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
