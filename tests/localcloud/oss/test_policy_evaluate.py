"""The truth table of bucket policies, without any server."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest

from localcloud.oss.policy.evaluate import evaluate
from localcloud.oss.policy.model import Decision, RequestContext

from .policies import ANONYMOUS, BUCKET, INTERNET, OWNER, ROOT, VPC, policy, statement

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
