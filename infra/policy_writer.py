"""Brings a stack's statements into a bucket's policy and out of it, beside others who write it too.

OSS's API replaces the document as a whole, and has no condition on what it replaces. So each change is
read, merge, write, read back, and begins anew from what is there by then when the read shows that
somebody else wrote in between; a last look after a pause notices a writer who read before this write and
wrote after it. Two stacks on one bucket both notice, so the statements of both stay.

What cannot be closed: somebody who does not look again (a person, another tool) loses what they write
between this module's read and its write, some hundredths of a second later; and their write, of a
document that they read before this module's write, takes this stack's statements away when it comes after
the last look. The next `pulumi up` sees that, and puts them back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NoReturn, Protocol

from infra import sdk
from infra.errors import ProgramError
from infra.policy import same_meaning
from infra.policy_merge import contains, held, remove
from infra.policy_plan import plan

# Each round has one winner, so this many writers at the same time all come through.
ROUNDS = 5
READ_BACK_ATTEMPTS = 5
READ_BACK_PAUSE_S = 0.5
# Longer than a call to OSS usually takes: who read before the write has written by then.
LAST_LOOK_PAUSE_S = 1.0


class PolicyNotKeptError(ProgramError):
    """OSS accepted a policy and then showed another one, again and again."""


class PolicyClient(Protocol):
    """The calls that are needed of a bucket."""

    def policy(self) -> str | None:
        """Reads the policy; None where there is none."""

    def put_policy(self, text: str) -> None:
        """Replaces the policy."""

    def delete_policy(self) -> None:
        """Removes the policy."""


def bring_in(
    client: PolicyClient, own: str, former: Sequence[str] = (), *, secure: bool = False
) -> tuple[str, str | None]:
    """Puts this stack's statements into the bucket's policy; those that are there already are adopted.

    Args:
        client: The bucket.
        own: The document that holds this stack's statements alone.
        former: Such documents of before; their statements go.
        secure: Whether the proxy reads over HTTPS.

    Returns:
        The bucket's document afterwards, and that of before: None where there was none, or where it
        held this stack's statements already.

    Raises:
        ProgramError: As ``policy_plan.plan``; nothing was written then.
        sdk.CloudError: When the policy could not be read or written.
        PolicyNotKeptError: When the statements do not stay.
    """
    found = first = client.policy()
    for written in range(ROUNDS + 1):
        merged = plan(found, own, former, secure=secure)
        if found is not None and same_meaning(found, merged):
            return found, None if contains(first, own) else first
        if written < ROUNDS:
            client.put_policy(merged)
            found = _look_again(client, lambda text: contains(text, own))
    _give_up(found)


def take_out(client: PolicyClient, own: str, original: str | None) -> None:
    """Takes this stack's statements out of the bucket's policy, as far as they are there.

    Gone already is fine, with the bucket too.

    Args:
        client: The bucket.
        own: The document that holds this stack's statements alone.
        original: The document of before, as ``bring_in`` returned it.

    Raises:
        UnreadablePolicyError: When the policy is none that this program knows; it was not touched.
        sdk.CloudError: When the policy could not be read or written.
        PolicyNotKeptError: When a statement comes back.
    """
    try:
        found = client.policy()
    except sdk.NoSuchBucketError:
        return
    for written in range(ROUNDS + 1):
        if found is None or held(found, own) is None:
            return
        if written == ROUNDS:
            _give_up(found)
        left = remove(found, own, original)
        if left is None:
            client.delete_policy()
        else:
            client.put_policy(left)
        found = _look_again(client, lambda text: held(text, own) is None)


def _look_again(client: PolicyClient, fine: Callable[[str | None], bool]) -> str | None:
    for _ in range(READ_BACK_ATTEMPTS):
        found = client.policy()
        if fine(found):
            time.sleep(LAST_LOOK_PAUSE_S)
            return client.policy()
        time.sleep(READ_BACK_PAUSE_S)
    return found


def _give_up(found: str | None) -> NoReturn:
    raise PolicyNotKeptError(
        f"the bucket shows another policy than the one just written, {ROUNDS} times:\n{found}",
        consequence="somebody else keeps writing it, or OSS does not show it yet.",
        fix="find out who else writes this bucket's policy, then run the command again.",
    )
