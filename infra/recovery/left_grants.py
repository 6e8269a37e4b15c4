"""Takes grants out of a bucket's policy that an interrupted update brought in and no state knows.

The proxy's own statement needs no such care: it names a VPC of this stack alone. A grant names the VPCs of
others, who would keep what the settings no longer give them.
"""

from __future__ import annotations

from infra import sdk
from infra.policy_merge import held, without
from infra.policy_writer import take_out
from infra.recovery.state import State


def take_out_left_grants(state: State) -> int:
    """Takes out the statements of grants that interrupted operations brought in beyond what the state has.

    Args:
        state: The stack's state, with what was interrupted.

    Returns:
        The number of buckets that held such statements.

    Raises:
        ProgramError: As ``policy_writer.take_out``.
    """
    count = 0
    for attempt in state.attempted_policies():
        if (left := without(attempt.policy, state.policy)) is None:
            continue
        client = sdk.BucketClient(attempt.region, attempt.bucket)
        try:
            found = client.policy()
        except sdk.NoSuchBucketError:
            continue
        if held(found, left) is not None:
            take_out(client, left, None)
            count += 1
    return count
