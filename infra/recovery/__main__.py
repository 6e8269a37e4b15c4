"""``python -m infra.recovery``: deletes what an interrupted update left, and mends the state.

It shows what it would delete and asks. It never touches what the state knows, what does not carry the
stack's three tags (or, where the kill came before the tags, exactly its name), or what is in use.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from infra.errors import ProgramError
from infra.guard import require_same_account
from infra.naming import Naming
from infra.recovery import commands, dns
from infra.recovery.check import require_leftovers
from infra.recovery.found import Found, orphans
from infra.recovery.left_grants import take_out_left_grants
from infra.recovery.listing import list_resources
from infra.recovery.removal import delete
from infra.recovery.state import State, settled


def main(words: Sequence[str], ask: Callable[[str], str] = input) -> int:
    """Runs the command.

    Args:
        words: The command line's words.
        ask: Asks the person at the terminal.

    Returns:
        The exit status: 0, or 1 when something is left to be done, or 2 for words that make no sense.
    """
    parser = argparse.ArgumentParser(
        prog="python -m infra.recovery",
        description="After an update that was interrupted: deletes what it left in the cloud without the "
        "state knowing, and corrects the state. Shows what it would delete, and asks.",
    )
    parser.add_argument("--stack", help="the stack's name (default: the selected one)")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    arguments = parser.parse_args(words)
    try:
        with commands.PendingState(arguments.stack) as pending:
            known = pending.result()
        return _recover(known, None if arguments.yes else ask)
    except ProgramError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _recover(known: State, ask: Callable[[str], str] | None) -> int:
    # Everything is made after the guard: without it there is nothing.
    if not known.guard:
        print("The stack's state holds nothing yet, and nothing can have been made.")
        return 0
    naming = Naming(project=known.project, stack=known.stack)
    region = known.guard["region"]
    require_same_account(dict(known.guard), "what was left would not be found; nothing was deleted.")
    records = dns.left(known, region, naming, commands.settings_of(known.stack))
    resources = orphans(list_resources(region, naming), known.ids, naming)
    require_leftovers(resources, known.ids, naming)
    found = [*records, *resources]
    for orphan in found:
        print(f"not in the state: {orphan}")
    for operation in known.interrupted:
        print(f"interrupted while {operation}")
    if found and ask is not None and not _agreed(found, ask):
        print("Nothing was deleted. With --yes it is, without asking.")
        return 1
    dns.delete(records, region, print)
    delete(resources, region, naming, print)
    if take_out_left_grants(known):
        print("taken out of the bucket's policy: what accessGrants gave in the interrupted update")
    if known.interrupted:
        commands.replace(settled(known.deployment), known.stack)
    # Always: an update that was refused made the engine forget which deletions were interrupted.
    return commands.refresh(known.stack)


def _agreed(found: Sequence[Found], ask: Callable[[str], str]) -> bool:
    many = "this resource" if len(found) == 1 else f"these {len(found)} resources"
    try:
        return ask(f"Delete {many}? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        # Nobody is there to ask.
        print()
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
