"""What is public, and what holds for every policy."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.oss.policy.evaluate import evaluate
from localcloud.oss.policy.model import Decision, PolicyError, RequestContext
from localcloud.oss.policy.parse import parse_policy
from localcloud.oss.policy.public import is_public, without_public
from localcloud.oss.policy.wildcard import matches

from .policies import ANONYMOUS, BUCKET, INTERNET, OWNER, ROOT, VPC, policy, statement


@pytest.mark.parametrize(
    ("fields", "public"),
    [
        ({}, True),
        ({"Principal": ["2001"]}, False),
        ({"Principal": ["2001", "*"]}, True),
        ({"Condition": {"StringEquals": {"acs:SourceVpc": [VPC]}}}, False),
        ({"Condition": {"StringLike": {"acs:SourceVpc": ["vpc-*"]}}}, True),
        ({"Condition": {"StringNotEquals": {"acs:SourceVpc": [VPC]}}}, True),
        (
            {
                "Condition": {
                    "IpAddress": {"acs:SourceIp": "203.0.113.9"},
                    "StringLike": {"acs:SourceVpc": "*"},
                }
            },
            False,
        ),
        (
            {"Condition": {"IpAddress": {"acs:SourceIp": "0.0.0.0/1"}, "StringLike": {"acs:SourceVpc": "*"}}},
            True,
        ),
        ({"Condition": {"Bool": {"acs:SecureTransport": "true"}}}, True),
        ({"Effect": "Deny"}, False),
    ],
)
def test_what_is_public(fields: dict[str, Any], public: bool) -> None:
    judged = policy({**statement(), **fields})
    assert is_public(judged) is public
    assert is_public(policy({**statement(), **fields}, statement(Principal=["1"]))) is public
    assert not is_public(without_public(judged))


EFFECTS = st.sampled_from(["Allow", "Deny"])
STATEMENTS = st.builds(
    lambda effect, principal, action, condition: statement(
        effect, Principal=principal, Action=action, Condition=condition
    ),
    EFFECTS,
    st.sampled_from([[], ["*"], ["2001"], [OWNER]]),
    st.sampled_from([["oss:*"], ["oss:GetObject"], ["oss:PutObject", "oss:Get*"]]),
    st.sampled_from(
        [
            {},
            {"StringEquals": {"acs:SourceVpc": VPC}},
            {"StringNotEquals": {"acs:SourceVpc": VPC}},
            {"Bool": {"acs:SecureTransport": "true"}},
        ]
    ),
)
REQUESTS = st.sampled_from([ANONYMOUS, INTERNET, ROOT, replace(INTERNET, principal_id="2001", secure=True)])


@settings(max_examples=60)
@given(st.lists(STATEMENTS, min_size=1, max_size=5), REQUESTS, st.randoms())
def test_deny_wins_in_any_order(
    statements: list[dict[str, Any]], request_: RequestContext, random: Any
) -> None:
    alone = [evaluate(policy(item), request_) for item in statements]
    together = evaluate(policy(*statements), request_)
    if Decision.DENY in alone:
        assert together is Decision.DENY
    elif Decision.ALLOW in alone:
        assert together is Decision.ALLOW
    else:
        assert together is Decision.NONE
    shuffled = list(statements)
    random.shuffle(shuffled)
    assert evaluate(policy(*shuffled), request_) is together


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
FIELDS = st.sampled_from(["Effect", "Action", "Principal", "Resource", "Condition", "Sid"])


@settings(max_examples=80)
@given(
    JSON
    | st.fixed_dictionaries(
        {"Version": st.just("1"), "Statement": st.lists(st.dictionaries(FIELDS, JSON), max_size=2)}
    )
    | st.builds(
        lambda operator, key, value: {
            "Version": "1",
            "Statement": [statement(Condition={operator: {key: value}})],
        },
        st.sampled_from(["IpAddress", "StringLike", "Bool", "DateLessThan", "NumericEquals", "Null"]),
        st.sampled_from(["acs:SourceVpc", "acs:CurrentTime", "acs:SecureTransport", "oss:Prefix", "x"]),
        JSON,
    )
)
def test_any_json_parses_or_is_refused_and_what_parses_can_be_evaluated(document: Any) -> None:
    try:
        parsed = parse_policy(json.dumps(document).encode(), bucket=BUCKET, owner_uid=OWNER)
    except PolicyError:
        return
    for request_ in (ANONYMOUS, INTERNET, ROOT):
        assert evaluate(parsed, request_) in Decision
    assert is_public(parsed) in (True, False)


@given(st.binary(max_size=64))
def test_any_bytes_are_refused_with_an_ec(text: bytes) -> None:
    with pytest.raises(PolicyError) as refused:
        parse_policy(text, bucket=BUCKET, owner_uid=OWNER)
    assert refused.value.ec.startswith("0030-")


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("*", "", True),
        ("a*c", "abbc", True),
        ("a*c", "abcd", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("**a**", "bab", True),
        ("a[b]", "a[b]", True),
        ("", "x", False),
        ("a*" * 30 + "b", "a" * 3000, False),
    ],
)
def test_wildcards(pattern: str, text: str, fits: bool) -> None:
    assert matches(pattern, text) is fits
