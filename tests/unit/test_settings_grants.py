"""The rules of accessGrants, part by part, and what is said when one is broken."""

from __future__ import annotations

import json
from ipaddress import IPv4Network
from typing import Any

import pytest

from infra.access.grants import Grant
from infra.setting_faults import Fault, SettingsError
from infra.settings import parse
from tests.unit.bad_values import GRANT
from tests.unit.raw import raw

KEY = "oss-proxy:accessGrants[0]"


def faults(values: dict[str, str], **changes: Any) -> list[Fault]:
    given = {key: value for key, value in {**GRANT, **changes}.items() if value is not None}
    with pytest.raises(SettingsError) as caught:
        parse({**values, "accessGrants": raw([given])})
    return list(caught.value.faults)


def test_a_grant_is_for_everybody_on_its_hosts_and_for_the_proxys_objects(values: dict[str, str]) -> None:
    assert parse(values).access_grants == ()
    (grant,) = parse({**values, "accessGrants": raw([GRANT])}).access_grants
    assert grant == Grant(
        name="app",
        vpc_id="vpc-bp1aevy8sofi8mh1qabcd",
        networks=(IPv4Network("10.0.1.5/32"), IPv4Network("10.0.2.0/24")),
        permissions=("read", "list"),
        prefixes=("public/",),
        principals=("*",),
    )
    assert grant.anonymous


def test_a_grant_with_prefixes_and_principals_of_its_own(values: dict[str, str]) -> None:
    role = "arn:sts::1234567890123456:assumed-role/app-role/*"
    more = {"prefixes": ["in/"], "permissions": ["write"], "principals": [203456789012345677, role]}
    (grant,) = parse({**values, "accessGrants": raw([{**GRANT, **more}])}).access_grants
    # All digits of a UID that Pulumi kept as a number.
    assert grant.principals == ("203456789012345677", role)
    assert (grant.prefixes, grant.permissions, grant.anonymous) == (("in/",), ("write",), False)


@pytest.mark.parametrize("part", ["name", "vpc", "cidrs", "permissions"])
def test_a_part_that_is_missing(values: dict[str, str], part: str) -> None:
    (fault,) = faults(values, **{part: None})
    assert (fault.key, fault.rule) == (f"{KEY}.{part}", "is missing")
    assert fault.fix.startswith(f"pulumi config set --path '{KEY}.{part}")


@pytest.mark.parametrize(
    ("part", "value", "place", "rule"),
    [
        ("name", "", "name", "1 to 32 lower-case letters"),
        ("name", "My App", "name", "1 to 32 lower-case letters"),
        ("vpc", "vpc-*", "vpc", "the id of one VPC"),
        ("vpc", "*", "vpc", "the id of one VPC"),
        ("vpc", "vsw-bp1aevy8sofi8mh1qabcd", "vpc", "the id of one VPC"),
        ("cidrs", [], "cidrs", "must not be empty"),
        ("cidrs", ["10.0.1.5", "10.0.1.5/32"], "cidrs", "more than once"),
        ("cidrs", ["203.0.113.7"], "cidrs[0]", "must lie inside one of 10.0.0.0/8"),
        ("cidrs", ["0.0.0.0/0"], "cidrs[0]", "must lie inside one of"),
        ("cidrs", ["10.0.1.5", "100.64.0.1"], "cidrs[1]", "must lie inside one of"),
        ("cidrs", ["10.0.1.5/24"], "cidrs[0]", "has host bits set; the network is 10.0.1.0/24"),
        ("cidrs", ["fd00::1"], "cidrs[0]", "must be an IPv4 network in CIDR form"),
        ("permissions", [], "permissions", "must not be empty"),
        ("permissions", ["read", "read"], "permissions", "more than once"),
        ("permissions", ["delete"], "permissions[0]", "'read', 'list' or 'write'"),
        ("permissions", ["write"], "principals", "must be UIDs or roles where write is granted"),
        ("prefixes", [], "prefixes", "is required"),
        ("prefixes", ["*", "a/"], "prefixes", "must hold nothing else"),
        ("prefixes", ["a"], "prefixes[0]", "must end with `/`"),
        ("prefixes", ["a*/"], "prefixes[0]", "'*'"),
        ("principals", [], "principals", "must not be empty"),
        ("principals", ["*", "203456789012345677"], "principals", "must hold nothing else"),
        ("principals", ["acs:ram::1234567890123456:user/app"], "principals[0]", "the UID of an account"),
        ("principals", ["acs:ram::1234567890123456:role/app"], "principals[0]", "arn:sts::UID:assumed-role"),
        ("principals", ["arn:sts::*:assumed-role/app/*"], "principals[0]", "arn:sts::UID:assumed-role"),
        ("principals", ["arn:sts::1234567890123456:assumed-role/*/*"], "principals[0]", "arn:sts::UID"),
        ("principals", [2.5], "principals[0]", "valid string"),
        ("principals", [True], "principals[0]", "valid string"),
        ("delete", True, "delete", "is no part of this setting; those are name, vpc, cidrs"),
    ],
)
def test_a_broken_rule_is_told_at_its_place(
    values: dict[str, str], part: str, value: object, place: str, rule: str
) -> None:
    (fault,) = faults(values, **{part: value})
    assert fault.key == f"{KEY}.{place}"
    assert rule in fault.rule
    assert f"--path '{KEY}.{place}" in fault.fix
    assert fault.value is not None


def test_what_is_no_object(values: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as caught:
        parse({**values, "accessGrants": json.dumps(["app"])})
    (fault,) = caught.value.faults
    assert "must be an object of name, vpc, cidrs, permissions" in fault.rule
    assert fault.fix == f"pulumi config set --path '{KEY}.name' app"


def test_all_faults_of_a_grant_are_told_together(values: dict[str, str]) -> None:
    told = faults(values, name=None, vpc="x", cidrs=["8.8.8.8", "10.0.0.1/8"])
    assert [fault.key for fault in told] == [
        f"{KEY}.{place}" for place in ("name", "vpc", "cidrs[0]", "cidrs[1]")
    ]
