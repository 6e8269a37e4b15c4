"""What grants become in a bucket's policy, and what they never become."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.access.grants import ACTIONS, Grant, could_be_granted, statements
from infra.addresses import PRIVATE_RANGES
from infra.oss_names import WHOLE_BUCKET
from infra.policy import POLICY_MAX_BYTES, PolicyError, build, proxys_part, same_meaning
from infra.policy_merge import merge, remove, statements_of
from localcloud.oss.policy.parse import parse_policy
from localcloud.oss.policy.public import is_public
from tests.unit.golden_files import expected
from tests.unit.policies import FOREIGN, document

OWNER = "1234567890123456"
BUCKET = "oss-proxy-dev"
ROLE = f"arn:sts::{OWNER}:assumed-role/app/*"

READERS = Grant(
    name="readers",
    vpc_id="vpc-bp1aevy8sofi8mh1qabcd",
    networks=(IPv4Network("10.0.2.0/24"), IPv4Network("10.0.1.5/32")),
    permissions=("read", "list"),
    prefixes=("public/", "图片/"),
)
WRITERS = Grant(
    name="writers",
    vpc_id="vpc-bp1other0000000000000",
    networks=(IPv4Network("192.168.7.9/32"),),
    permissions=("list", "read", "write"),
    prefixes=("incoming/",),
    principals=("203456789012345677", ROLE),
)


def make(*grants: Grant, vpc_id: str = "vpc-bp1example", prefixes: tuple[str, ...] = ("public/",)) -> str:
    return build(
        owner_uid=OWNER,
        bucket=BUCKET,
        prefixes=prefixes,
        private_ips=[IPv4Address("172.16.0.1")],
        vpc_id=vpc_id,
        grants=grants,
    )


def granted(grant: Grant) -> list[dict[str, Any]]:
    return statements(grant, owner_uid=OWNER, bucket=BUCKET)


def grants() -> st.SearchStrategy[Grant]:
    networks = st.tuples(st.sampled_from(PRIVATE_RANGES), st.integers(0, 2**20 - 1), st.integers(16, 32)).map(
        lambda one: IPv4Network((int(one[0].network_address) + one[1] % one[0].num_addresses, one[2]), False)
    )
    prefixes = st.lists(st.sampled_from(["a/", "b/c/", "图片/"]), min_size=1, max_size=3, unique=True)
    return st.builds(
        Grant,
        name=st.just("any"),
        vpc_id=st.sampled_from(["vpc-bp1aaaaaaaa", "vpc-bp1bbbbbbbb"]),
        networks=st.lists(networks, min_size=1, max_size=3, unique=True).map(tuple),
        permissions=st.lists(
            st.sampled_from(["read", "list", "write"]), min_size=1, max_size=3, unique=True
        ).map(tuple),
        prefixes=st.one_of(st.just((WHOLE_BUCKET,)), prefixes.map(tuple)),
        principals=st.sampled_from([("203456789012345677",), (ROLE,), ("*",)]),
    )


def test_the_text_of_two_grants_is_exactly_this() -> None:
    text = make(READERS, WRITERS)
    assert text == expected("policy-grants.json", text)


def test_the_proxys_part_is_the_same_bytes_whatever_is_granted() -> None:
    assert proxys_part(make()) == proxys_part(make(READERS, WRITERS)) == make()


def test_without_grants_the_policy_is_the_proxys_alone() -> None:
    assert len(json.loads(make())["Statement"]) == 1
    assert json.loads(make(READERS))["Statement"][0] == json.loads(make())["Statement"][0]


@given(grants())
def test_a_grant_is_tied_to_its_vpc_and_addresses_and_never_public(grant: Grant) -> None:
    made = granted(grant)
    assert made
    for one in made:
        assert one["Effect"] == "Allow"
        assert one["Principal"] == list(grant.principals)
        assert one["Condition"]["StringEquals"] == {"acs:SourceVpc": [grant.vpc_id]}
        assert {IPv4Network(text) for text in one["Condition"]["IpAddress"]["acs:SourceIp"]} == set(
            grant.networks
        )
        assert set(one["Action"]) <= ACTIONS
        assert could_be_granted(one)
    # The stand-in judges Block Public Access as the cloud documents it.
    assert not is_public(parse_policy(make(grant).encode(), bucket=BUCKET, owner_uid=OWNER))


@given(grants())
def test_a_grant_allows_what_it_names_where_it_names_it(grant: Grant) -> None:
    made = granted(grant)
    actions = {action for one in made for action in one["Action"]}
    assert ("oss:GetObject" in actions) == ("read" in grant.permissions)
    assert ("oss:ListObjects" in actions) == ("list" in grant.permissions)
    assert ("oss:PutObject" in actions) == ("write" in grant.permissions)
    assert not any("Delete" in action or "Acl" in action or "*" in action for action in actions)
    patterns = ["*"] if grant.prefixes == (WHOLE_BUCKET,) else [f"{prefix}*" for prefix in grant.prefixes]
    for one in made:
        if one["Action"] == ["oss:ListObjects"]:
            assert one["Resource"] == [f"acs:oss:*:{OWNER}:{BUCKET}"]
            limit = one["Condition"].get("StringLike")
            assert limit == (None if patterns == ["*"] else {"oss:Prefix": patterns})
        else:
            assert one["Resource"] == [f"acs:oss:*:{OWNER}:{BUCKET}/{pattern}" for pattern in patterns]


@given(st.lists(grants(), max_size=3), st.lists(grants(), max_size=3))
def test_a_grant_that_goes_takes_its_statements_and_no_others(
    before: list[Grant], after: list[Grant]
) -> None:
    original = document(FOREIGN, {**FOREIGN, "Resource": ["y"]})
    old, new = make(*before), make(*after)
    held = merge(original, old)
    changed = merge(held, new, [old])
    assert [one for one in statements_of(changed) if one in statements_of(original)] == statements_of(
        original
    )
    ours = [one for one in statements_of(changed) if one not in statements_of(original)]
    assert ours == statements_of(new)
    assert remove(changed, new, original) == original


def test_the_order_of_grants_is_no_change() -> None:
    assert same_meaning(make(READERS, WRITERS), make(WRITERS, READERS))
    assert not same_meaning(make(READERS), make(READERS, WRITERS))


def test_a_grant_to_the_proxy_itself_is_refused() -> None:
    mine = {"name": "mine", "vpc_id": "vpc-bp1example", "permissions": ("read",), "prefixes": ("a/",)}
    with pytest.raises(PolicyError, match=r"names 172\.16\.0\.1 in vpc-bp1example, which is the"):
        make(Grant(networks=(IPv4Network("172.16.0.0/24"),), **mine))
    make(Grant(networks=(IPv4Network("172.16.0.4/32"),), **mine))
    make(Grant(networks=(IPv4Network("172.16.0.0/24"),), **mine), vpc_id="vpc-bp1another")


def test_more_than_the_cloud_accepts_is_refused_with_the_setting_to_shorten() -> None:
    many = tuple(f"{number:0>900}/" for number in range(20))
    with pytest.raises(PolicyError, match=f"OSS accepts {POLICY_MAX_BYTES}(.|\n)*accessGrants"):
        make(Grant(**{**vars(READERS), "prefixes": many}))


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Deny"},
        {"Effect": "Allow", "Condition": "odd"},
        {"Effect": "Allow", "Condition": {"IpAddress": 1}},
        {**granted(READERS)[0], "Effect": "Deny"},
        {**granted(READERS)[0], "Action": ["oss:*"]},
        {**granted(READERS)[0], "Action": "oss:DeleteObject"},
        {**granted(READERS)[0], "Condition": {"StringEquals": {"acs:SourceVpc": ["vpc-1"]}}},
    ],
)
def test_what_no_grant_becomes(statement: dict[str, Any]) -> None:
    assert not could_be_granted(statement)
