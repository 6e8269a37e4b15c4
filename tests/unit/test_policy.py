"""The bucket policy: its exact text, what it allows, and when two of them are the same."""

from __future__ import annotations

import json
from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.policy import POLICY_MAX_BYTES, PolicyError, build, same_meaning
from tests.unit.golden_files import expected

ADDRESSES = st.lists(st.ip_addresses(v=4), min_size=1, max_size=5)
PREFIXES = st.lists(
    st.text("abc/", min_size=1, max_size=8).map(lambda text: f"{text}/"), min_size=1, max_size=5
)


def make(**changes: Any) -> str:
    values: dict[str, Any] = {
        "owner_uid": "1234567890123456",
        "bucket": "oss-proxy-dev",
        "prefixes": ["public/", "图片/"],
        "private_ips": [IPv4Address("172.16.0.2"), IPv4Address("172.16.0.1")],
        "vpc_id": "vpc-bp1example",
    }
    return build(**{**values, **changes})


def test_the_text_is_exactly_this() -> None:
    assert make() == expected("policy.json", make())


@given(ADDRESSES, PREFIXES)
def test_it_never_allows_more_than_reading_to_the_proxy_in_its_vpc(
    private_ips: list[IPv4Address], prefixes: list[str]
) -> None:
    (statement,) = json.loads(make(private_ips=private_ips, prefixes=prefixes))["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == ["oss:GetObject"]
    assert statement["Condition"].keys() == {"IpAddress", "StringEquals"}
    # OSS refuses the address without the VPC, and the VPC must not be a pattern.
    assert statement["Condition"]["StringEquals"] == {"acs:SourceVpc": ["vpc-bp1example"]}
    allowed = statement["Condition"]["IpAddress"]["acs:SourceIp"]
    assert {IPv4Address(one) for one in allowed} == set(private_ips)
    assert [one.partition(":oss-proxy-dev/")[2] for one in statement["Resource"]] == [
        f"{prefix}*" for prefix in prefixes
    ]


def test_the_whole_bucket_is_one_resource() -> None:
    (statement,) = json.loads(make(prefixes=["*"]))["Statement"]
    assert statement["Resource"] == ["acs:oss:*:1234567890123456:oss-proxy-dev/*"]


def test_older_versions_are_an_action_of_their_own() -> None:
    (statement,) = json.loads(make(versions=True))["Statement"]
    assert statement["Action"] == ["oss:GetObject", "oss:GetObjectVersion"]
    assert {**statement, "Action": ["oss:GetObject"]} == json.loads(make())["Statement"][0]


def test_no_instance_is_refused() -> None:
    with pytest.raises(PolicyError, match="would let nobody in"):
        make(private_ips=[])


def test_a_policy_larger_than_the_cloud_accepts_is_refused() -> None:
    prefixes = [f"{number:0>1000}/" for number in range(17)]
    with pytest.raises(PolicyError, match=f"OSS accepts {POLICY_MAX_BYTES}"):
        make(prefixes=prefixes)


@settings(max_examples=25)
@given(ADDRESSES, st.randoms())
def test_the_order_of_the_instances_changes_no_byte(private_ips: list[IPv4Address], random: Any) -> None:
    shuffled = random.sample(private_ips, len(private_ips))
    assert make(private_ips=private_ips) == make(private_ips=shuffled)


class TestSameMeaning:
    def test_white_space_order_and_single_values(self) -> None:
        document = json.loads(make())
        (statement,) = document["Statement"]
        statement["Action"] = "oss:GetObject"
        statement["Resource"].reverse()
        statement["Condition"]["StringEquals"]["acs:SourceVpc"] = "vpc-bp1example"
        assert same_meaning(make(), json.dumps(document, separators=(",", ":")))

    def test_the_order_of_statements(self) -> None:
        one, other = ({"Effect": effect, "Action": ["oss:GetObject"]} for effect in ("Allow", "Deny"))
        assert same_meaning(
            json.dumps({"Version": "1", "Statement": [one, other]}),
            json.dumps({"Version": "1", "Statement": [other, one]}),
        )

    @pytest.mark.parametrize(
        "change",
        [
            {"vpc_id": "vpc-other"},
            {"bucket": "another-bucket"},
            {"prefixes": ["public/"]},
            {"private_ips": [IPv4Address("172.16.0.1")]},
            {"owner_uid": "1"},
        ],
    )
    def test_another_policy(self, change: dict[str, Any]) -> None:
        assert not same_meaning(make(), make(**change))

    def test_a_statement_more(self) -> None:
        document = json.loads(make())
        document["Statement"].append({"Effect": "Deny", "Action": "oss:PutObject"})
        assert not same_meaning(make(), json.dumps(document))

    @pytest.mark.parametrize("text", ["", "{}", "[]", "null", "no json", '{"Statement": [1]}'])
    def test_what_is_no_policy_equals_only_itself(self, text: str) -> None:
        assert same_meaning(text, text)
        assert not same_meaning(text, make())
        assert not same_meaning(make(), text)
