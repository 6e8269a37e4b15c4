"""The truth table of bucket policies, without any server."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.oss.policy.evaluate import evaluate
from localcloud.oss.policy.model import Decision, Policy, PolicyError, RequestContext
from localcloud.oss.policy.parse import parse_policy
from localcloud.oss.policy.public import is_public, without_public
from localcloud.oss.policy.wildcard import matches

OWNER = "9000000000000001"
BUCKET = "pictures"
VPC = "vpc-bp1aaaaaaaaaaaaaaaaaa"

ANONYMOUS = RequestContext(
    action="oss:GetObject",
    resource=f"acs:oss:cn-hangzhou:{OWNER}:{BUCKET}/cats/tom.jpg",
    source_ip=ip_address("192.168.0.10"),
    source_vpc=VPC,
    time=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
)
INTERNET = replace(ANONYMOUS, source_ip=ip_address("203.0.113.9"), source_vpc=None)
ROOT = replace(ANONYMOUS, principal_id=OWNER, is_owner=True)


def policy(*statements: dict[str, Any]) -> Policy:
    text = json.dumps({"Version": "1", "Statement": list(statements)})
    return parse_policy(text.encode(), bucket=BUCKET, owner_uid=OWNER)


def statement(effect: str = "Allow", **fields: Any) -> dict[str, Any]:
    return {
        "Effect": effect,
        "Principal": ["*"],
        "Action": ["oss:GetObject"],
        "Resource": [f"acs:oss:*:{OWNER}:{BUCKET}/*"],
        **fields,
    }


PROXY_ONLY = policy(
    statement(
        Condition={
            "IpAddress": {"acs:SourceIp": ["192.168.0.10"]},
            "StringEquals": {"acs:SourceVpc": [VPC]},
        }
    )
)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        pytest.param(ANONYMOUS, Decision.ALLOW, id="the proxy"),
        pytest.param(
            replace(ANONYMOUS, source_ip=ip_address("192.168.0.11")), Decision.NONE, id="other host"
        ),
        pytest.param(replace(ANONYMOUS, source_vpc="vpc-other"), Decision.NONE, id="same ip, other vpc"),
        pytest.param(replace(ANONYMOUS, source_vpc=None), Decision.NONE, id="same ip, no vpc"),
        pytest.param(INTERNET, Decision.NONE, id="internet"),
        pytest.param(replace(ANONYMOUS, action="oss:PutObject"), Decision.NONE, id="put"),
        pytest.param(replace(ANONYMOUS, action="oss:DeleteObject"), Decision.NONE, id="delete"),
        pytest.param(replace(ANONYMOUS, action="oss:GetObjectAcl"), Decision.NONE, id="acl"),
        pytest.param(replace(ANONYMOUS, action="oss:GetObjectVersion"), Decision.NONE, id="version"),
        pytest.param(
            replace(ANONYMOUS, action="oss:ListObjects", resource=f"acs:oss:cn-hangzhou:{OWNER}:{BUCKET}"),
            Decision.NONE,
            id="list",
        ),
    ],
)
def test_the_proxys_policy_lets_exactly_the_proxy_read(request_: RequestContext, expected: Decision) -> None:
    assert evaluate(PROXY_ONLY, request_) is expected


ONLY_ONE_NETWORK = policy(
    statement("Deny", Condition={"StringNotEquals": {"acs:SourceVpc": [VPC]}}),
    statement(
        "Deny",
        Condition={
            "StringEquals": {"acs:SourceVpc": [VPC]},
            "NotIpAddress": {"acs:SourceIp": ["192.168.0.0/24"]},
        },
    ),
)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        pytest.param(ANONYMOUS, Decision.NONE, id="inside: a Deny alone grants nothing"),
        pytest.param(INTERNET, Decision.DENY, id="internet"),
        pytest.param(replace(ANONYMOUS, source_vpc="vpc-other"), Decision.DENY, id="other vpc"),
        pytest.param(
            replace(ANONYMOUS, source_ip=ip_address("192.168.1.10")), Decision.DENY, id="other subnet"
        ),
        pytest.param(replace(INTERNET, principal_id=OWNER, is_owner=True), Decision.DENY, id="owner too"),
    ],
)
def test_two_denies_restrict_to_one_range_of_one_vpc(request_: RequestContext, expected: Decision) -> None:
    assert evaluate(ONLY_ONE_NETWORK, request_) is expected


def test_public_addresses_are_named_by_not_coming_from_a_vpc() -> None:
    public = policy(
        statement(
            Condition={
                "IpAddress": {"acs:SourceIp": ["203.0.113.0/24"]},
                "StringNotLike": {"acs:SourceVpc": "vpc-*"},
            }
        )
    )
    assert evaluate(public, INTERNET) is Decision.ALLOW
    in_vpc = replace(INTERNET, source_vpc=VPC)
    assert evaluate(public, in_vpc) is Decision.NONE


@pytest.mark.parametrize("vpc", [None, VPC])
def test_a_blacklist_holds_whatever_the_network(vpc: str | None) -> None:
    blacklist = policy(
        statement(
            "Deny",
            Condition={
                "IpAddress": {"acs:SourceIp": ["203.0.113.9"]},
                "StringLike": {"acs:SourceVpc": ["*"]},
            },
        )
    )
    assert evaluate(blacklist, replace(INTERNET, source_vpc=vpc)) is Decision.DENY


def test_everyone_without_a_condition_is_everyone_but_the_owner() -> None:
    deny = policy(statement("Deny"))
    assert evaluate(deny, ANONYMOUS) is Decision.DENY
    assert evaluate(deny, ROOT) is Decision.NONE
    ram_user = replace(ROOT, principal_id="2001", is_owner=False)
    assert evaluate(deny, ram_user) is Decision.DENY


def test_everyone_with_a_condition_is_the_owner_too() -> None:
    deny = policy(statement("Deny", Condition={"Bool": {"acs:SecureTransport": ["false"]}}))
    assert evaluate(deny, ROOT) is Decision.DENY
    assert evaluate(deny, replace(ROOT, secure=True)) is Decision.NONE


@pytest.mark.parametrize("principal", ([], ["*"], "*"))
def test_an_empty_principal_list_is_everyone(principal: Any) -> None:
    assert evaluate(policy(statement(Principal=principal)), ANONYMOUS) is Decision.ALLOW


def test_principals_name_ids_and_roles() -> None:
    named = policy(statement(Principal=["2001", f"arn:sts::{OWNER}:assumed-role/Reader/*"]))
    assert evaluate(named, ANONYMOUS) is Decision.NONE
    assert evaluate(named, replace(ANONYMOUS, principal_id="2001")) is Decision.ALLOW
    assert evaluate(named, replace(ANONYMOUS, principal_id="2002")) is Decision.NONE
    arn = f"arn:sts::{OWNER}:assumed-role/Reader/one"
    assert evaluate(named, replace(ANONYMOUS, principal_arn=arn)) is Decision.ALLOW
    assert evaluate(named, replace(ANONYMOUS, principal_arn=arn.replace("Reader", "reader"))) is Decision.NONE


@pytest.mark.parametrize(
    ("condition", "request_", "holds"),
    [
        ({"StringEquals": {"acs:SourceVpc": "vpc-*"}}, ANONYMOUS, False),
        ({"StringLike": {"acs:SourceVpc": "vpc-*"}}, ANONYMOUS, True),
        ({"StringNotLike": {"acs:UserAgent": ["curl/*", "wget*"]}}, ANONYMOUS, True),
        (
            {"StringNotLike": {"acs:UserAgent": ["curl/*", "wget*"]}},
            replace(ANONYMOUS, values={"acs:UserAgent": "wget/1"}),
            False,
        ),
        (
            {"StringEqualsIgnoreCase": {"oss:Prefix": "Cats/"}},
            replace(ANONYMOUS, values={"oss:Prefix": "cats/"}),
            True,
        ),
        ({"StringEquals": {"oss:Delimiter": "/"}}, ANONYMOUS, False),
        ({"DateLessThan": {"acs:CurrentTime": "2026-11-24T00:00:00Z"}}, ANONYMOUS, True),
        ({"DateLessThan": {"acs:CurrentTime": "2026-11-23T20:00:00+08:00"}}, ANONYMOUS, False),
        ({"DateGreaterThan": {"acs:CurrentTime": ["2026-12-01T00:00:00Z"]}}, ANONYMOUS, False),
        ({"Bool": {"acs:SecureTransport": False}}, ANONYMOUS, True),
        (
            {
                "IpAddress": {"acs:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]},
                "StringEquals": {"acs:SourceVpc": ["vpc-x", VPC]},
            },
            ANONYMOUS,
            True,
        ),
        (
            {
                "NotIpAddress": {"acs:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]},
                "StringEquals": {"acs:SourceVpc": [VPC]},
            },
            ANONYMOUS,
            False,
        ),
        (
            {"StringEquals": {"oss:BucketTag/team": "web"}},
            replace(ANONYMOUS, values={"oss:BucketTag/team": "web"}),
            True,
        ),
    ],
)
def test_conditions(condition: dict[str, Any], request_: RequestContext, holds: bool) -> None:
    decision = evaluate(policy(statement(Condition=condition)), request_)
    assert decision is (Decision.ALLOW if holds else Decision.NONE)


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
