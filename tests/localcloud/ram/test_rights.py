"""Which rights a call needs."""

from __future__ import annotations

import pytest

from localcloud.ram.rights import rights_for
from localcloud.ram.tables import TABLES
from localcloud.rpc.params import Params
from localcloud.services.cloud import _ACTIONS

UID = "9000000000000001"
ECS = f"acs:ecs:cn-hangzhou:{UID}:"
VPC = f"acs:vpc:cn-hangzhou:{UID}:"


def needed(
    product: str, api: str, region: str | None = "cn-hangzhou", **params: str
) -> list[tuple[str, str]]:
    flat = {name.replace("__", "."): value for name, value in params.items()}
    rights = rights_for(product, api, Params(flat), region_id=region, account_uid=UID)
    return [(right.action, right.resource) for right in rights]


@pytest.mark.parametrize("product", _ACTIONS, ids=lambda product: product.value)
def test_every_call_that_there_is_has_its_rights_written_down(product: str) -> None:
    """A new handler needs a line in `localcloud.ram.tables`, from the vendor's list of RAM actions."""
    missing = _ACTIONS[product].keys() - TABLES.get(product, {}).keys()  # type: ignore[index]
    assert not missing


def test_a_call_on_one_resource() -> None:
    assert needed("vpc", "DeleteVpc", VpcId="vpc-1") == [("vpc:DeleteVpc", VPC + "vpc/vpc-1")]
    assert needed("vpc", "DeleteVpc") == [("vpc:DeleteVpc", VPC + "vpc/*")]
    assert needed("vpc", "DeleteVpc", None, VpcId="vpc-1") == [
        ("vpc:DeleteVpc", f"acs:vpc:*:{UID}:vpc/vpc-1")
    ]


def test_a_call_on_resources_of_two_services() -> None:
    assert needed("ecs", "CreateSecurityGroup", VpcId="vpc-1") == [
        ("ecs:CreateSecurityGroup", ECS + "securitygroup/*"),
        ("ecs:CreateSecurityGroup", VPC + "vpc/vpc-1"),
    ]
    assert needed("vpc", "AssociateEipAddress", AllocationId="eip-1", InstanceId="i-1") == [
        ("vpc:AssociateEipAddress", VPC + "eip/eip-1"),
        ("vpc:AssociateEipAddress", ECS + "instance/i-1"),
    ]


def test_each_of_several_resources_counts() -> None:
    listed = needed("ecs", "DescribeInstances", InstanceIds='["i-1", "i-2"]')
    assert [resource for _, resource in listed] == [ECS + "instance/i-1", ECS + "instance/i-2"]
    numbered = needed("ecs", "RunCommand", InstanceId__1="i-1", InstanceId__2="i-2")
    assert [resource for _, resource in numbered] == [ECS + "instance/i-1", ECS + "instance/i-2"]
    tagged = needed("vpc", "TagResources", ResourceType="VPC", ResourceId__1="a", ResourceId__2="b")
    assert [resource for _, resource in tagged] == [VPC + "vpc/a", VPC + "vpc/b"]


def test_calls_that_are_for_no_single_resource_and_calls_for_everybody() -> None:
    assert needed("ecs", "RunInstances", ImageId="m-1") == [("ecs:RunInstances", "*")]
    assert needed("bss", "QueryAvailableInstances") == [("bssapi:QueryAvailableInstances", "*")]
    assert needed("sts", "GetCallerIdentity") == []
    assert needed("location", "DescribeEndpoints") == []


def test_a_call_that_no_table_names_needs_its_own_name() -> None:
    assert needed("ecs", "BuildTimeMachine") == [("ecs:BuildTimeMachine", "*")]
    assert needed("dns", "AddRecord") == [("dns:AddRecord", "*")]
