"""Which of the listed resources are orphans, and which are somebody else's."""

from __future__ import annotations

from typing import Any

import pytest

from infra.naming import Naming
from infra.recovery import found as kinds
from infra.recovery.found import belongs, bindings, is_leftover, orphans, read
from tests.unit.recovery.world import NAMING, TAGS, found

ECS_TAGS = {"Tag": [{"TagKey": "project", "TagValue": "oss-proxy"}]}
VPC_TAGS = {"Tag": [{"Key": "project", "Value": "oss-proxy"}]}


@pytest.mark.parametrize(
    ("kind", "row", "within", "used"),
    [
        (
            kinds.VPC,
            {"VpcId": "a", "VpcName": "n", "Tags": VPC_TAGS, "VSwitchIds": {"VSwitchId": []}},
            [],
            False,
        ),
        (
            kinds.VPC,
            {"VpcId": "a", "VpcName": "n", "Tags": VPC_TAGS, "VSwitchIds": {"VSwitchId": ["v"]}},
            [],
            True,
        ),
        (
            kinds.VSWITCH,
            {"VSwitchId": "a", "VSwitchName": "n", "VpcId": "vpc-1", "Tags": VPC_TAGS},
            ["vpc-1"],
            False,
        ),
        (kinds.EIP, {"AllocationId": "a", "Name": "n", "InstanceId": "", "Tags": VPC_TAGS}, [], False),
        (kinds.EIP, {"AllocationId": "a", "Name": "n", "InstanceId": "i-1", "Tags": VPC_TAGS}, [], True),
        (
            kinds.GROUP,
            {
                "SecurityGroupId": "a",
                "SecurityGroupName": "n",
                "VpcId": "vpc-1",
                "EcsCount": 2,
                "Tags": ECS_TAGS,
            },
            ["vpc-1"],
            True,
        ),
        (
            kinds.INSTANCE,
            {
                "InstanceId": "a",
                "InstanceName": "n",
                "VpcAttributes": {"VSwitchId": "vsw-1"},
                "Tags": ECS_TAGS,
            },
            ["vsw-1"],
            False,
        ),
    ],
)
def test_rows_of_the_lists_are_read(kind: Any, row: dict[str, Any], within: list[str], used: bool) -> None:
    one = read(kind, row)
    assert (one.role, one.id, one.name, one.within, one.used) == (kind.role, "a", "n", within, used)
    assert one.tags == {"project": "oss-proxy"}
    assert not one.protected
    assert read(kind, {**row, "DeletionProtection": True}).protected


@pytest.mark.parametrize(
    ("role", "changes", "belonging"),
    [
        ("vpc", {}, True),
        ("vpc", {"name": "renamed", "tags": {**TAGS, "owner": "somebody", "team": "a"}}, True),
        ("vpc", {"tags": {**TAGS, "stack": "prod"}}, False),
        ("vpc", {"tags": {"project": "oss-proxy", "stack": "dev"}}, False),
        # These are tagged after their creation, and have their name from the beginning.
        ("eip", {"tags": {}}, True),
        ("vswitch", {"tags": {}}, True),
        ("eip", {"tags": {}, "name": "oss-proxy-dev-eip2"}, False),
        ("eip", {"tags": {"team": "a"}}, False),
        # These have their tags from the beginning: without them they are somebody's own.
        ("vpc", {"tags": {}}, False),
        ("instance", {"tags": {}}, False),
    ],
)
def test_what_belongs_to_the_stack(role: str, changes: dict[str, Any], belonging: bool) -> None:
    assert belongs(found(role, "a", **changes), NAMING) is belonging


def test_an_owner_that_was_named_later_does_not_hide_an_orphan() -> None:
    assert belongs(found("vpc", "vpc-1"), Naming(project="oss-proxy", stack="dev", owner="team"))


def test_orphans_are_unknown_to_the_state_and_come_in_the_order_of_their_deletion() -> None:
    listed = [
        found("vpc", "vpc-1"),
        found("vpc", "vpc-2"),
        found("eip", "eip-1"),
        found("instance", "i-1", within=["vsw-1"]),
        found("security-group", "sg-1"),
        found("vswitch", "vsw-2"),
        found("vpc", "vpc-3", tags={"project": "other"}),
    ]
    assert [one.id for one in orphans(listed, {"vpc-1"}, NAMING)] == [
        "i-1",
        "eip-1",
        "sg-1",
        "vsw-2",
        "vpc-2",
    ]


@pytest.mark.parametrize(
    ("one", "leftover"),
    [
        (found("vpc", "vpc-2"), True),
        (found("vpc", "vpc-2", used=True), False),
        (found("vswitch", "vsw-2", within=["vpc-1"]), True),
        (found("vswitch", "vsw-2", within=["vpc-2"]), False),
        (found("instance", "i-2", within=["vsw-1"]), True),
        (found("instance", "i-2", within=["vsw-9"]), False),
        (found("eip", "eip-2", used=True), False),
    ],
)
def test_a_leftover_lies_in_what_the_state_knows_and_nothing_uses_it(one: Any, leftover: bool) -> None:
    assert is_leftover(one, {"vpc-1", "vsw-1"}) is leftover


def test_a_row_of_an_address_tells_the_instance_that_it_leads_to() -> None:
    row = {
        "AllocationId": "eip-1",
        "Name": "n",
        "InstanceId": "i-1",
        "Tags": VPC_TAGS,
        "DeletionProtection": True,
    }
    (one,) = bindings(row)
    assert (one.role, one.id, one.within, one.protected) == (
        "eip-association",
        "eip-1:i-1",
        ["eip-1", "i-1"],
        False,
    )
    assert bindings({**row, "InstanceId": ""}) == []


def test_an_address_that_somebody_led_elsewhere_is_left_alone() -> None:
    ours = found("eip-association", "eip-1:i-1", within=["eip-1", "i-1"])
    elsewhere = found("eip-association", "eip-1:i-9", within=["eip-1", "i-9"])
    assert orphans([ours, elsewhere], {"eip-1", "i-1"}, NAMING) == [ours]
    assert orphans([ours, elsewhere], {"eip-1", "i-1", ours.id}, NAMING) == []


def test_people_read_id_kind_name_and_that_the_tags_are_not_there_yet() -> None:
    assert str(found("security-group", "sg-1")) == "sg-1 (the security group oss-proxy-dev-security-group)"
    assert str(found("eip", "eip-1", tags={})) == "eip-1 (the eip oss-proxy-dev-eip, not tagged yet)"
