"""RAM policies: from a text to statements, and what these say of a request.

An explicit Deny wins, then any Allow, else nothing is said, which refuses. Actions compare without case,
resources with it; ``*`` and ``?`` are wildcards in both. Conditions are those of bucket policies: the same
operators, and of the keys those that localcloud knows.
Source: https://www.alibabacloud.com/help/doc-detail/93738.htm (elements) and
https://www.alibabacloud.com/help/doc-detail/93739.htm (syntax; both 2026-11-23).

Refused here though the cloud takes them, because they would be silently without effect: condition keys
that localcloud does not know, and policy variables.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from localcloud.errors import LocalcloudError
from localcloud.oss.policy.conditions import holds
from localcloud.oss.policy.model import Condition, Decision, PolicyError, RequestContext
from localcloud.oss.policy.parse import no_duplicates, read_conditions
from localcloud.oss.policy.wildcard import matches

# Source: https://www.alibabacloud.com/help/doc-detail/28753.htm (custom policy, 2026-11-23).
POLICY_MAX_CHARACTERS = 6144

_FIELDS = frozenset({"Effect", "Action", "NotAction", "Resource", "Condition"})
_ACTION = re.compile(r"\*|[A-Za-z0-9*?-]+:[A-Za-z0-9*?-]+")
_RESOURCE = re.compile(r"\*|acs:[^:]*:[^:]*:[^:]*:.+")


class RamPolicyError(LocalcloudError):
    """A text that is no RAM policy."""


@dataclass(frozen=True, kw_only=True)
class RamStatement:
    """One rule.

    Attributes:
        effect: What it says of the requests that it is about.
        actions: ``CODE:ACTION`` with wildcards, or ``*``.
        all_but: Whether it is about every action but these (``NotAction``).
        resources: ARNs with wildcards, or ``*``.
        conditions: All of them must hold.
    """

    effect: Literal["Allow", "Deny"]
    actions: tuple[str, ...]
    all_but: bool = False
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class RamPolicy:
    """The statements of a valid policy, in the order of the text."""

    statements: tuple[RamStatement, ...] = ()


def decide(policy: RamPolicy, request: RequestContext) -> Decision:
    """Judges a request; the order of the statements makes no difference."""
    effects = {statement.effect for statement in policy.statements if _applies(statement, request)}
    if "Deny" in effects:
        return Decision.DENY
    return Decision.ALLOW if effects else Decision.NONE


def parse(text: str) -> RamPolicy:
    """Parses and validates a policy.

    Raises:
        RamPolicyError: The first fault found.
    """
    if len(text) > POLICY_MAX_CHARACTERS:
        raise RamPolicyError(
            f"The policy has {len(text)} characters; RAM takes {POLICY_MAX_CHARACTERS} at most."
        )
    try:
        document = json.loads(text, object_pairs_hook=no_duplicates)
    except (ValueError, RecursionError) as fault:
        raise RamPolicyError(f"The policy is not valid JSON: {fault}.") from fault
    if not isinstance(document, dict) or document.keys() != {"Version", "Statement"}:
        raise RamPolicyError("The policy must be a JSON object of Version and Statement.")
    if document["Version"] != "1":
        raise RamPolicyError('The policy needs "Version": "1".')
    statements = document["Statement"]
    if not isinstance(statements, list) or not statements:
        raise RamPolicyError("Statement must be a list of at least one statement.")
    return RamPolicy(tuple(map(_statement, statements)))


def _applies(statement: RamStatement, request: RequestContext) -> bool:
    named = any(matches(action, request.action, ignore_case=True) for action in statement.actions)
    return (
        named is not statement.all_but
        and any(matches(resource, request.resource) for resource in statement.resources)
        and all(holds(condition, request) for condition in statement.conditions)
    )


def _statement(statement: Any) -> RamStatement:
    if not isinstance(statement, dict):
        raise RamPolicyError("A statement must be a JSON object.")
    unknown = statement.keys() - _FIELDS
    if unknown:
        raise RamPolicyError(f"Unknown field {min(unknown)} in a statement.")
    if ("Action" in statement) is ("NotAction" in statement):
        raise RamPolicyError("A statement needs either Action or NotAction.")
    effect: Literal["Allow", "Deny"]
    match statement.get("Effect"):
        case "Allow":
            effect = "Allow"
        case "Deny":
            effect = "Deny"
        case _:
            raise RamPolicyError("Effect must be Allow or Deny.")
    field = "Action" if "Action" in statement else "NotAction"
    try:
        conditions = read_conditions(statement.get("Condition", {}))
    except PolicyError as fault:
        raise RamPolicyError(str(fault)) from fault
    return RamStatement(
        effect=effect,
        actions=_strings(statement, field, _ACTION, "CODE:ACTION"),
        all_but=field == "NotAction",
        resources=_strings(statement, "Resource", _RESOURCE, "acs:CODE:REGION:ACCOUNT:RESOURCE"),
        conditions=conditions,
    )


def _strings(statement: dict[str, Any], field: str, form: re.Pattern[str], shape: str) -> tuple[str, ...]:
    value = statement.get(field)
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values:
        raise RamPolicyError(f"{field} must be a text or a list of texts.")
    for item in values:
        if not isinstance(item, str) or not form.fullmatch(item):
            raise RamPolicyError(f"Invalid {field} {item!r}: write * or {shape}, with wildcards or without.")
        if "${" in item:
            raise RamPolicyError(f"Invalid {field} {item!r}: localcloud knows no policy variables.")
    return tuple(values)
