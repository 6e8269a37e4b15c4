"""What a policy says about a request: an explicit Deny wins, then any Allow, else nothing.

Who is meant by ``*``: without a condition everyone but the bucket's owner, with one everyone, owner
and anonymous included; so a Deny with a condition can lock the owner out. A RAM user of the owner's
account is not the owner (inferred).
Source: https://www.alibabacloud.com/help/en/oss/user-guide/oss-bucket-policy/ (2026-11-23).
"""

from __future__ import annotations

from localcloud.oss.policy.conditions import holds
from localcloud.oss.policy.model import Decision, Policy, RequestContext, Statement
from localcloud.oss.policy.wildcard import matches


def evaluate(policy: Policy, request: RequestContext) -> Decision:
    """Judges a request; the order of the statements makes no difference."""
    decision = Decision.NONE
    for statement in policy.statements:
        if not applies(statement, request):
            continue
        if statement.effect == "Deny":
            return Decision.DENY
        decision = Decision.ALLOW
    return decision


def applies(statement: Statement, request: RequestContext) -> bool:
    """Whether principal, action, resource and all conditions fit."""
    return (
        _names_principal(statement, request)
        # Actions compare without case (inferred from RAM), resources with it.
        and any(matches(action, request.action, ignore_case=True) for action in statement.actions)
        and any(matches(resource, request.resource) for resource in statement.resources)
        and all(holds(condition, request) for condition in statement.conditions)
    )


def _names_principal(statement: Statement, request: RequestContext) -> bool:
    for principal in statement.principals:
        if principal == "*":
            if statement.conditions or not request.is_owner:
                return True
        elif principal.startswith("arn:"):
            if request.principal_arn is not None and matches(principal, request.principal_arn):
                return True
        elif principal == request.principal_id:
            return True
    return False
