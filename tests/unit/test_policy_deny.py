"""Which statements of others keep the proxy out: a truth table, element by element."""

from __future__ import annotations

import json
from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infra import policy
from infra.policy_deny import ProxyDeniedError, denies, require_allowed
from infra.wildcards import matches, overlap

BUCKET = "acs:oss:*:1234567890123456:oss-proxy-dev"
NEW = policy.UNKNOWN_VPC


def own(vpc_id: str = "vpc-bp1ours", *addresses: str) -> str:
    return policy.build(
        owner_uid="1234567890123456",
        bucket="oss-proxy-dev",
        prefixes=["public/", "media/"],
        private_ips=[IPv4Address(one) for one in addresses or ("172.16.0.1",)],
        vpc_id=vpc_id,
    )


def denied(vpc_id: str = "vpc-bp1ours", *addresses: str, secure: bool = False, **changes: Any) -> bool:
    deny = {"Effect": "Deny", "Principal": ["*"], "Action": ["oss:*"], "Resource": [f"{BUCKET}/*"], **changes}
    (allow,) = json.loads(own(vpc_id, *addresses))["Statement"]
    return denies(deny, allow, secure=secure)


def condition(
    operator: str, key: str, *values: Any, vpc_id: str = "vpc-bp1ours", secure: bool = False
) -> bool:
    return denied(vpc_id, secure=secure, Condition={operator: {key: list(values)}})


@pytest.mark.parametrize(
    ("effect", "expected"), [("Deny", True), ("Allow", False), ("deny", True), (None, True)]
)
def test_effect(effect: Any, expected: bool) -> None:
    assert denied(Effect=effect) is expected


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (["*"], True),
        ("*", True),
        ([], True),
        (None, True),
        ({"any": "thing"}, True),
        (["1234567890123456", "*"], True),
        (["1234567890123456"], False),
        (["arn:sts::1234567890123456:assumed-role/reader/*"], False),
    ],
)
def test_principal(principal: Any, expected: bool) -> None:
    assert denied(Principal=principal) is expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (["oss:GetObject"], True),
        ("oss:GetObject", True),
        ("oss:getobject", True),
        ("oss:Get*", True),
        ("oss:?etObject", True),
        ("*", True),
        (None, True),
        (["oss:PutObject", "oss:GetObject"], True),
        (["oss:PutObject", "oss:DeleteObject"], False),
        (["oss:GetObjectAcl"], False),
        (["oss:List*"], False),
        ([], False),
    ],
)
def test_action(action: Any, expected: bool) -> None:
    assert denied(Action=action) is expected


def test_a_deny_of_older_versions_counts_where_they_are_read() -> None:
    deny = {"Effect": "Deny", "Principal": ["*"], "Action": ["oss:GetObjectVersion"], "Resource": ["*"]}
    (allow,) = json.loads(own())["Statement"]
    assert not denies(deny, allow)
    assert denies(deny, {**allow, "Action": ["oss:GetObject", "oss:GetObjectVersion"]})


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (f"{BUCKET}/*", True),
        ("*", True),
        ("acs:oss:*:*:*", True),
        ("acs:oss:*:*:oss-proxy-*/*", True),
        (f"{BUCKET}/public/*", True),
        (f"{BUCKET}/public/one.txt", True),
        (f"{BUCKET}/pub*", True),
        (f"{BUCKET}/*.txt", True),
        ([f"{BUCKET}/private/*", f"{BUCKET}/media/a/*"], True),
        (None, True),
        (f"{BUCKET}/private/*", False),
        (f"{BUCKET}/public-drafts/*", False),
        (BUCKET, False),
        ("acs:oss:*:1234567890123456:another/*", False),
    ],
)
def test_resource(resource: Any, expected: bool) -> None:
    assert denied(Resource=resource) is expected


@pytest.mark.parametrize("malformed", [None, [], "text", {"IpAddress": "text"}, {}])
def test_no_condition_or_one_that_is_not_understood(malformed: Any) -> None:
    assert denied(Condition=malformed)


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("IpAddress", ["172.16.0.1"], True),
        ("IpAddress", ["172.16.0.0/24"], True),
        ("IpAddress", ["10.0.0.0/8", "172.16.0.1"], True),
        ("IpAddress", ["10.0.0.0/8", "203.0.113.0/24"], False),
        ("IpAddress", ["2001:db8::/32"], False),
        ("IpAddress", ["no address"], True),
        ("IpAddressIncludeBorder", ["10.0.0.0/8"], False),
        ("NotIpAddress", ["10.0.0.0/8"], True),
        ("NotIpAddress", ["10.0.0.0/8", "172.16.0.0/28"], False),
        ("SomeNewOperator", ["10.0.0.0/8"], True),
        ("IpAddress", [1], True),
    ],
)
def test_source_address(operator: str, values: list[Any], expected: bool) -> None:
    assert condition(operator, "acs:SourceIp", *values) is expected


def test_one_of_several_addresses_is_enough() -> None:
    only_the_second = {"IpAddress": {"acs:SourceIp": ["172.16.0.2"]}}
    assert denied("vpc-bp1ours", "172.16.0.1", "172.16.0.2", Condition=only_the_second)
    all_but_the_second = {"NotIpAddress": {"acs:SourceIp": ["172.16.0.2"]}}
    assert denied("vpc-bp1ours", "172.16.0.1", "172.16.0.2", Condition=all_but_the_second)


@pytest.mark.parametrize(
    ("operator", "value", "of_ours", "of_a_new_one"),
    [
        ("StringEquals", "vpc-bp1ours", True, False),
        ("StringEquals", "vpc-bp1theirs", False, False),
        ("StringEqualsIgnoreCase", "VPC-BP1OURS", True, False),
        ("StringNotEquals", "vpc-bp1ours", False, True),
        ("StringNotEquals", "vpc-bp1theirs", True, True),
        ("StringNotEqualsIgnoreCase", "VPC-BP1OURS", False, True),
        ("StringLike", "vpc-*", True, True),
        ("StringLike", "*", True, True),
        ("StringLike", "vpc-bp1o*", True, True),
        ("StringLike", "vpc-bp1t*", False, True),
        ("StringLike", "", False, False),
        ("StringNotLike", "vpc-*", False, False),
        ("StringNotLike", "*", False, False),
        ("StringNotLike", "vpc-bp1o*", False, True),
        ("StringNotLike", "vpc-bp1t*", True, True),
        ("SomeNewOperator", "vpc-bp1theirs", True, True),
    ],
)
def test_source_vpc(operator: str, value: str, of_ours: bool, of_a_new_one: bool) -> None:
    assert condition(operator, "acs:SourceVpc", value) is of_ours
    assert condition(operator, "acs:SourceVpc", value, vpc_id=NEW) is of_a_new_one


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        # It does not sign, so it has no key id.
        ("StringEquals", "acs:AccessId", "LTAIexample", False),
        ("StringLike", "acs:AccessId", "LTAI*", False),
        ("StringLike", "acs:AccessId", "*", True),
        ("StringNotEquals", "acs:AccessId", "LTAIexample", True),
        # What depends on the client or the object may be.
        ("StringNotLike", "acs:UserAgent", "curl*", True),
        ("StringEquals", "oss:ExistingObjectTag/secret", "yes", True),
        ("DateGreaterThan", "acs:CurrentTime", "2020-01-01T00:00:00+08:00", True),
        ("StringEquals", "acs:SomeNewKey", "x", True),
    ],
)
def test_other_keys(operator: str, key: str, value: Any, expected: bool) -> None:
    assert condition(operator, key, value) is expected


@pytest.mark.parametrize(
    ("operator", "values", "over_http", "over_https"),
    [
        ("Bool", ["false"], True, False),
        ("Bool", [False], True, False),
        ("Bool", ["False"], True, False),
        ("Bool", ["true"], False, True),
        ("Bool", [True], False, True),
        ("Bool", ["true", "false"], True, True),
        ("Bool", ["perhaps"], True, True),
        ("Bool", ["false", "perhaps"], True, True),
        ("Bool", [], True, True),
        ("StringEquals", ["false"], True, True),
    ],
)
def test_secure_transport(operator: str, values: list[Any], over_http: bool, over_https: bool) -> None:
    assert condition(operator, "acs:SecureTransport", *values) is over_http
    assert condition(operator, "acs:SecureTransport", *values, secure=True) is over_https


@pytest.mark.parametrize(
    ("secure", "wanted", "how"), [(False, "true", "plain HTTP"), (True, "false", "HTTPS")]
)
def test_the_setting_that_helps_is_named(secure: bool, wanted: str, how: str) -> None:
    condition = {"Condition": {"Bool": {"acs:SecureTransport": [str(secure).lower()]}}}
    deny = {"Effect": "Deny", "Principal": ["*"], "Action": ["oss:*"], "Resource": [f"{BUCKET}/*"]}
    found = json.dumps({"Version": "1", "Statement": [{**deny, **condition}]})
    with pytest.raises(ProxyDeniedError, match=f"over {how} inside the VPC") as caught:
        require_allowed(found, own(), secure=secure)
    assert caught.value.fix == f"let nginx ask OSS the other way: pulumi config set ossOverHttps {wanted}"
    require_allowed(found, own(), secure=not secure)
    # Where it would not help it is not named.
    with pytest.raises(ProxyDeniedError) as caught:
        require_allowed(json.dumps({"Version": "1", "Statement": [deny]}), own(), secure=secure)
    assert "ossOverHttps" not in str(caught.value)


def test_all_conditions_have_to_hold() -> None:
    # The documented pair for "only this network of my VPC": neither denies the proxy inside it.
    assert not denied(Condition={"StringNotEquals": {"acs:SourceVpc": ["vpc-bp1ours"]}})
    assert not denied(
        Condition={
            "StringEquals": {"acs:SourceVpc": ["vpc-bp1ours"]},
            "NotIpAddress": {"acs:SourceIp": ["172.16.0.0/24"]},
        }
    )
    assert denied(
        Condition={
            "StringEquals": {"acs:SourceVpc": ["vpc-bp1ours"]},
            "NotIpAddress": {"acs:SourceIp": ["172.16.1.0/24"]},
        }
    )


def test_the_message_names_the_statement() -> None:
    harmless = {"Effect": "Allow", "Principal": ["1"], "Action": ["oss:*"], "Resource": ["*"]}
    deny = {"Effect": "Deny", "Principal": ["*"], "Action": ["oss:*"], "Resource": [f"{BUCKET}/*"]}
    with pytest.raises(ProxyDeniedError, match="statement 2 of the bucket's policy denies") as caught:
        require_allowed(json.dumps({"Version": "1", "Statement": [harmless, deny]}), own())
    assert json.dumps(deny, indent=2) in str(caught.value)
    require_allowed(None, own())
    require_allowed(own(), own())


PATTERNS = st.text("ab*?", max_size=6)


@given(PATTERNS, st.text("ab", max_size=6))
@example("a*b*a", "abba")
@example("*", "")
def test_a_wildcard_matches_what_a_regular_expression_does(pattern: str, text: str) -> None:
    import re

    expression = "".join({"*": ".*", "?": "."}.get(char, char) for char in pattern)
    assert matches(pattern, text) is bool(re.fullmatch(expression, text))
    assert overlap(pattern, text) is matches(pattern, text)


@given(PATTERNS, PATTERNS, st.text("ab", max_size=6))
@example("a*", "*b", "ab")
def test_patterns_that_match_one_text_overlap(one: str, other: str, text: str) -> None:
    assert overlap(one, other) is overlap(other, one)
    if matches(one, text) and matches(other, text):
        assert overlap(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("a*", "b*"), ("*a", "*b"), ("a?", "a"), ("", "a*"), ("a*b", "b*a")]
)
def test_patterns_without_a_common_text(one: str, other: str) -> None:
    assert not overlap(one, other)
