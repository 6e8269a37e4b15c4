"""What is refused before the program registers anything, although it knows neither state nor VPC."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.errors import ProgramError
from infra.policy import POLICY_MAX_BYTES, UNKNOWN_VPC
from infra.policy_merge import PolicyTooLargeError
from infra.policy_plan import plan, require_plan
from tests.unit.policies import DENY, FOREIGN, HTTPS_ALONE, OWN, document, ours, statement


def draft(vpc_id: str) -> str:
    return ours(vpc_id=vpc_id)


def only_from(vpc_id: str) -> dict[str, Any]:
    return {**DENY, "Condition": {"StringNotEquals": {"acs:SourceVpc": [vpc_id]}}}


OURS_OF_BEFORE = statement(ours("before/", vpc_id="vpc-bp1ours"))
OTHER_STACKS = statement(ours("other/", vpc_id="vpc-bp1other"))


@pytest.mark.parametrize(
    "statements",
    [
        [],
        [FOREIGN],
        # The VPC that the Deny lets in may be the one of this stack.
        [OURS_OF_BEFORE, only_from("vpc-bp1ours")],
        [OTHER_STACKS, OURS_OF_BEFORE, only_from("vpc-bp1ours")],
        # So it may where that statement allowed, or did not yet allow, reading older versions.
        [{**OURS_OF_BEFORE, "Action": ["oss:GetObject", "oss:GetObjectVersion"]}, only_from("vpc-bp1ours")],
        [{**OURS_OF_BEFORE, "Action": "oss:GetObject"}, only_from("vpc-bp1ours")],
    ],
)
def test_what_has_room(statements: list[dict[str, Any]]) -> None:
    require_plan(document(*statements), draft)
    require_plan(None, draft)


@pytest.mark.parametrize(
    "statements",
    [
        [DENY],
        [only_from("vpc-bp1office")],
        [OURS_OF_BEFORE, DENY],
        [OTHER_STACKS, OURS_OF_BEFORE, only_from("vpc-bp1office")],
        # Not of the form of this program's statements, so not one of its own.
        [{**OURS_OF_BEFORE, "Action": ["oss:*"]}, only_from("vpc-bp1ours")],
        [{**OURS_OF_BEFORE, "Condition": "malformed"}, only_from("vpc-bp1ours")],
    ],
)
def test_a_deny(statements: list[dict[str, Any]]) -> None:
    with pytest.raises(ProgramError, match="denies the proxy's reads"):
        require_plan(document(*statements), draft)


def test_a_deny_of_plain_http() -> None:
    require_plan(document(HTTPS_ALONE), draft, secure=True)
    with pytest.raises(ProgramError, match="ossOverHttps true"):
        require_plan(document(HTTPS_ALONE), draft)


def filled(*statements: dict[str, Any]) -> str:
    """A document that leaves no room."""
    empty = len(json.dumps(json.loads(document(*statements, {"Action": ""})), separators=(",", ":")))
    return document(*statements, {"Action": "x" * (POLICY_MAX_BYTES - empty)})


def test_a_statement_that_may_be_this_stacks_own_makes_room_for_the_new_one() -> None:
    require_plan(filled(OURS_OF_BEFORE, OWN), draft)
    with pytest.raises(PolicyTooLargeError):
        plan(filled(OURS_OF_BEFORE, OWN), draft("vpc-bp1third"))
    with pytest.raises(PolicyTooLargeError):
        require_plan(filled(FOREIGN), draft)


def test_the_plan_is_the_document_that_will_be() -> None:
    planned = json.loads(plan(document(FOREIGN, OURS_OF_BEFORE), ours(), [ours("before/", "vpc-bp1ours")]))
    assert planned["Statement"] == [FOREIGN, OWN]
    assert UNKNOWN_VPC in plan(None, draft(UNKNOWN_VPC))
