"""RAM policies: what is one, and what it says of a request."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.oss.policy.model import Decision, RequestContext
from localcloud.ram.document import POLICY_MAX_CHARACTERS, RamPolicyError, decide, parse

ALLOW, DENY, NONE = Decision.ALLOW, Decision.DENY, Decision.NONE
UID = "9000000000000001"
VPC = f"acs:vpc:cn-hangzhou:{UID}:vpc/vpc-1"
REQUEST = RequestContext(
    action="vpc:DeleteVpc",
    resource=VPC,
    source_ip=ip_address("203.0.113.9"),
    time=datetime(2026, 11, 23, tzinfo=UTC),
    secure=True,
)


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "1", "Statement": statements})


def statement(
    effect: str = "Allow", action: Any = "vpc:*", resource: Any = "*", **more: Any
) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("statements", "decision"),
    [
        ([statement()], ALLOW),
        ([statement(action="*")], ALLOW),
        ([statement(action="vpc:DeleteVpc")], ALLOW),
        ([statement(action="VPC:deletevpc")], ALLOW),
        ([statement(action="vpc:Delete?pc")], ALLOW),
        ([statement(action=["vpc:CreateVpc", "vpc:Delete*"])], ALLOW),
        ([statement(action="vpc:Delete")], NONE),
        ([statement(action="ecs:*")], NONE),
        ([statement(resource=VPC)], ALLOW),
        ([statement(resource=VPC.replace("vpc-1", "VPC-1"))], NONE),
        ([statement(resource=f"acs:vpc:*:{UID}:vpc/*")], ALLOW),
        ([statement(resource="acs:vpc:cn-beijing:*:*")], NONE),
        ([statement(resource=["acs:ecs:*:*:*", "acs:vpc:*:*:*"])], ALLOW),
        ([statement(resource=f"acs:vpc:*:{UID}:vswitch/*")], NONE),
        ([statement("Deny")], DENY),
        ([statement("Deny"), statement()], DENY),
        ([statement(), statement("Deny", resource=VPC)], DENY),
        ([statement(), statement("Deny", action="vpc:CreateVpc")], ALLOW),
        ([{"Effect": "Allow", "NotAction": "ecs:*", "Resource": "*"}], ALLOW),
        ([{"Effect": "Allow", "NotAction": ["ecs:*", "vpc:*"], "Resource": "*"}], NONE),
        ([{"Effect": "Deny", "NotAction": "vpc:Describe*", "Resource": "*"}, statement()], DENY),
        ([statement(Condition={"IpAddress": {"acs:SourceIp": ["203.0.113.0/24"]}})], ALLOW),
        ([statement(Condition={"IpAddress": {"acs:SourceIp": "198.51.100.0/24"}})], NONE),
        ([statement(Condition={"Bool": {"acs:SecureTransport": True}})], ALLOW),
        ([statement(), statement("Deny", Condition={"Bool": {"acs:SecureTransport": "false"}})], ALLOW),
        ([statement(Condition={"DateLessThan": {"acs:CurrentTime": "2026-01-01T00:00:00Z"}})], NONE),
        (
            [
                statement(
                    Condition={
                        "IpAddress": {"acs:SourceIp": "203.0.113.9"},
                        "StringEquals": {"acs:SourceVpc": "vpc-x"},
                    }
                )
            ],
            NONE,
        ),
    ],
)
def test_what_a_policy_says(statements: list[dict[str, Any]], decision: Decision) -> None:
    assert decide(parse(policy(*statements)), REQUEST) is decision
    assert decide(parse(policy(*reversed(statements))), REQUEST) is decision


@pytest.mark.parametrize(("resource", "decision"), [("*", ALLOW), ("acs:*:*:*:*", NONE), (VPC, NONE)])
def test_what_is_for_no_single_resource_needs_them_all(resource: str, decision: Decision) -> None:
    whole = replace(REQUEST, action="ecs:RunInstances", resource="*")
    assert decide(parse(policy(statement(action="*", resource=resource))), whole) is decision


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not valid JSON"),
        ("[]", "JSON object of Version and Statement"),
        ('{"Version": "1", "Version": "1", "Statement": []}', "occurs twice"),
        ('{"Version": "1"}', "Version and Statement"),
        ('{"Version": "2", "Statement": []}', 'Version": "1"'),
        ('{"Version": 1, "Statement": [{}]}', 'Version": "1"'),
        ('{"Version": "1", "Statement": []}', "at least one statement"),
        (policy("all"), "statement must be a JSON object"),  # type: ignore[arg-type]
        (policy(statement(Sid="x")), "Unknown field Sid"),
        (policy(statement(Principal=["*"])), "Unknown field Principal"),
        (policy(statement("allow")), "Allow or Deny"),
        (policy({"Effect": "Allow", "Resource": "*"}), "either Action or NotAction"),
        (policy(statement(NotAction="ecs:*")), "either Action or NotAction"),
        (policy(statement(action=[])), "Action must be a text or a list"),
        (policy(statement(action=[7])), "Invalid Action 7"),
        (policy(statement(action="RunInstances")), "Invalid Action 'RunInstances'"),
        (policy({"Effect": "Allow", "Action": "*"}), "Resource must be"),
        (policy(statement(resource="vpc/vpc-1")), "acs:CODE:REGION:ACCOUNT:RESOURCE"),
        (policy(statement(resource="acs:oss:*:*:${ram:user}/*")), "no policy variables"),
        (policy(statement(Condition={"StringEquals": {"ecs:InstanceType": "x"}})), "condition key ecs:Inst"),
        (policy(statement(Condition={"Looks": {"acs:SourceVpc": "x"}})), "operator Looks"),
        (policy(statement(resource=[f"acs:oss:*:*:{'x' * POLICY_MAX_CHARACTERS}"])), "6144 at most"),
    ],
)
def test_what_is_no_policy(text: str, message: str) -> None:
    with pytest.raises(RamPolicyError, match=message):
        parse(text)


def test_the_size_counts_in_characters() -> None:
    text = policy(statement(resource="acs:oss:*:*:ü"))
    widest = text + " " * (POLICY_MAX_CHARACTERS - len(text))
    assert decide(parse(widest), REQUEST) is NONE
    with pytest.raises(RamPolicyError, match="6145 characters"):
        parse(widest + " ")


ACTIONS = st.sampled_from(["*", "vpc:*", "vpc:DeleteVpc", "vpc:Describe*", "ecs:*"])
RESOURCES = st.sampled_from(["*", VPC, "acs:vpc:*:*:*", "acs:ecs:*:*:*"])
STATEMENTS = st.lists(
    st.builds(statement, st.sampled_from(["Allow", "Deny"]), ACTIONS, RESOURCES), min_size=1, max_size=6
)


def applies(one: dict[str, Any]) -> bool:
    return one["Action"] in ("*", "vpc:*", "vpc:DeleteVpc") and one["Resource"] in ("*", VPC, "acs:vpc:*:*:*")


@given(STATEMENTS)
def test_an_explicit_deny_wins_then_any_allow(statements: list[dict[str, Any]]) -> None:
    effects = {one["Effect"] for one in statements if applies(one)}
    expected = DENY if "Deny" in effects else ALLOW if "Allow" in effects else NONE
    assert decide(parse(policy(*statements)), REQUEST) is expected


@given(STATEMENTS, st.builds(statement, st.just("Deny"), ACTIONS, RESOURCES))
def test_a_further_deny_never_gives_a_right(statements: list[dict[str, Any]], deny: dict[str, Any]) -> None:
    before = decide(parse(policy(*statements)), REQUEST)
    after = decide(parse(policy(*statements, deny)), REQUEST)
    assert after is (DENY if applies(deny) else before)


@given(st.text(max_size=40))
def test_any_text_is_judged(text: str) -> None:
    with pytest.raises(RamPolicyError):
        parse(text)
