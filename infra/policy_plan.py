"""What becomes of the bucket's policy, judged before anything is written. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from infra.access.grants import could_be_granted
from infra.errors import ProgramError
from infra.policy import READ_ACTIONS, UNKNOWN_VPC, fingerprint
from infra.policy_deny import require_allowed
from infra.policy_merge import Statement, merge, statements_of


def plan(found: str | None, own: str, former: Sequence[str] = (), *, secure: bool = False) -> str:
    """Returns the bucket's document with this stack's statements in it.

    Args:
        found: The bucket's document, or None where it has none.
        own: The document that holds this stack's statements alone.
        former: Such documents of before.
        secure: Whether the proxy reads over HTTPS.

    Raises:
        ProxyDeniedError: When a statement of others would keep the proxy out.
        PolicyTooLargeError: When the result is larger than OSS accepts.
        UnreadablePolicyError: When the bucket's document cannot be read.
    """
    require_allowed(found, own, secure=secure)
    return merge(found, own, former)


def require_plan(seen: str | None, policy_for: Callable[[str], str], *, secure: bool = False) -> None:
    """Refuses a bucket's policy that this stack's statements cannot be put into, whatever its VPC.

    This is for the program, which knows neither the stack's state nor its VPC before it registers
    anything. So a statement of the same form as this stack's own may be its own of before: its VPC may
    be this stack's, and its bytes do not count; nor do those of statements that its grants may have become
    before. Where there is none, the VPC is yet to be made.

    Args:
        seen: The bucket's document, or None where it has none.
        policy_for: Makes the document that holds this stack's statements alone, for a VPC's id.
        secure: Whether the proxy reads over HTTPS.

    Raises:
        ProxyDeniedError: As ``plan``, likewise PolicyTooLargeError and UnreadablePolicyError.
    """
    draft, *_ = statements_of(policy_for(UNKNOWN_VPC))
    similar = [one for one in statements_of(seen) if _form(one) == _form(draft)]
    granted = [one for one in statements_of(seen) if could_be_granted(one)]
    faults: list[ProgramError] = []
    for vpc_id in [_vpc_of(one) for one in similar] or [UNKNOWN_VPC]:
        try:
            plan(seen, policy_for(vpc_id), [_alone(one) for one in (*similar, *granted)], secure=secure)
        except ProgramError as fault:
            faults.append(fault)
        else:
            return
    raise faults[0]


def _form(statement: Statement) -> str | None:
    """Returns what all statements of this program have in common, None for one of another form."""
    try:
        condition = {operator: sorted(keys) for operator, keys in statement["Condition"].items()}
        _vpc_of(statement)
        actions = statement["Action"]
        if not set([actions] if isinstance(actions, str) else actions) <= READ_ACTIONS:
            return None
    except (LookupError, TypeError, AttributeError, ValueError):
        return None
    return fingerprint({**statement, "Action": [], "Resource": [], "Condition": {"form": condition}})


def _vpc_of(statement: Statement) -> str:
    value = statement["Condition"]["StringEquals"]["acs:SourceVpc"]
    (vpc_id,) = value if isinstance(value, list) else [value]
    return str(vpc_id)


def _alone(statement: Statement) -> str:
    return json.dumps({"Statement": [statement]})
