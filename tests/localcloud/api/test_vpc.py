"""VPCs, vSwitches, route tables and their tags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_vpc20160428 import models

from localcloud.fabric.protocol import VpcSpec, VSwitchSpec
from tests.localcloud.api.harness import AT_LEISURE, REGION, ZONE, Cloud, Site


def show_vpc(cloud: Cloud, vpc_id: str) -> Any:
    request = models.DescribeVpcAttributeRequest(region_id=REGION, vpc_id=vpc_id)
    return cloud.vpc.describe_vpc_attribute(request).body


def show_vswitch(cloud: Cloud, vswitch_id: str) -> Any:
    request = models.DescribeVSwitchAttributesRequest(region_id=REGION, v_switch_id=vswitch_id)
    return cloud.vpc.describe_vswitch_attributes(request).body


@pytest.mark.parametrize("delays", [AT_LEISURE], ids=["at leisure"])
def test_a_vpc_is_pending_then_available(cloud: Cloud) -> None:
    let_go = cloud.hold("create_vswitch")  # held: proves that only the VPC's own delay counts
    request = models.CreateVpcRequest(region_id=REGION, cidr_block="192.168.0.0/16", vpc_name="net")
    made = cloud.vpc.create_vpc(request).body
    assert show_vpc(cloud, made.vpc_id).status == "Pending"
    cloud.settle()
    shown = show_vpc(cloud, made.vpc_id)
    let_go()
    assert (shown.status, shown.vpc_name, shown.cidr_block) == ("Available", "net", "192.168.0.0/16")
    assert shown.vrouter_id == made.vrouter_id
    assert cloud.fabric.named("create_vpc") == [
        (VpcSpec(vpc_id=made.vpc_id, region_id=REGION, cidr="192.168.0.0/16"),)
    ]


@pytest.mark.parametrize("delays", [AT_LEISURE], ids=["at leisure"])
def test_a_pending_vpc_takes_no_vswitch(cloud: Cloud, refused: Callable[..., Any]) -> None:
    vpc_id = cloud.vpc.create_vpc(models.CreateVpcRequest(region_id=REGION)).body.vpc_id
    refused("IncorrectVpcStatus", 400, cloud.make_vswitch, vpc_id)


@pytest.mark.parametrize("cidr", ["10.0.0.0/7", "10.0.0.0/29", "8.8.0.0/16", "10.0.0.1/16", "all"])
def test_vpc_ranges_are_checked(cloud: Cloud, refused: Callable[..., Any], cidr: str) -> None:
    refused("InvalidCidrBlock.Malformed", 400, cloud.make_vpc, cidr)
    assert cloud.fabric.calls == []


def test_each_vpc_has_a_system_route_table(cloud: Cloud) -> None:
    made = cloud.vpc.create_vpc(models.CreateVpcRequest(region_id=REGION)).body
    request = models.DescribeRouteTableListRequest(region_id=REGION, vpc_id=made.vpc_id)
    (table,) = cloud.vpc.describe_route_table_list(request).body.router_table_list.router_table_list_type
    assert (table.route_table_id, table.route_table_type) == (made.route_table_id, "System")


def test_a_vpc_can_be_renamed(cloud: Cloud) -> None:
    vpc_id = cloud.make_vpc(vpc_name="old", description="text")
    request = models.ModifyVpcAttributeRequest(region_id=REGION, vpc_id=vpc_id, vpc_name="new")
    cloud.vpc.modify_vpc_attribute(request)
    shown = show_vpc(cloud, vpc_id)
    assert (shown.vpc_name, shown.description) == ("new", "text")


@pytest.mark.parametrize("delays", [AT_LEISURE], ids=["at leisure"])
def test_a_vswitch_is_pending_then_available(cloud: Cloud) -> None:
    vpc_id = cloud.make_vpc()
    request = models.CreateVSwitchRequest(
        region_id=REGION, vpc_id=vpc_id, cidr_block="10.0.1.0/29", zone_id=ZONE
    )
    vswitch_id = cloud.vpc.create_vswitch(request).body.v_switch_id
    assert show_vswitch(cloud, vswitch_id).status == "Pending"
    cloud.settle()
    shown = show_vswitch(cloud, vswitch_id)
    assert (shown.status, shown.available_ip_address_count) == ("Available", 4)
    assert cloud.fabric.named("create_vswitch") == [
        (VSwitchSpec(vswitch_id=vswitch_id, vpc_id=vpc_id, zone_id=ZONE, cidr="10.0.1.0/29"),)
    ]


@pytest.mark.parametrize(
    ("cidr", "zone", "status", "code"),
    [
        ("10.0.1.0/30", ZONE, 400, "InvalidCidrBlock.Malformed"),
        ("10.0.1.1/24", ZONE, 400, "InvalidCidrBlock.Malformed"),
        ("10.1.0.0/24", ZONE, 400, "InvalidParameter"),
        ("10.0.0.128/25", ZONE, 400, "InvalidCidrBlock.Overlapped"),
        ("10.0.1.0/24", "cn-beijing-k", 404, "InvalidZoneId.NotFound"),
    ],
)
def test_vswitches_are_checked(
    cloud: Cloud, refused: Callable[..., Any], cidr: str, zone: str, status: int, code: str
) -> None:
    vpc_id = cloud.make_vpc("10.0.0.0/16")
    cloud.make_vswitch(vpc_id, "10.0.0.0/24")
    refused(code, status, lambda: cloud.make_vswitch(vpc_id, cidr, zone_id=zone))


def test_what_is_in_use_cannot_be_deleted(cloud: Cloud, site: Site, refused: Callable[..., Any]) -> None:
    instance_id = cloud.make_instance(site.vswitch, site.group)
    drop_vpc = models.DeleteVpcRequest(region_id=REGION, vpc_id=site.vpc)
    drop_vswitch = models.DeleteVSwitchRequest(region_id=REGION, v_switch_id=site.vswitch)
    refused("DependencyViolation", 400, cloud.vpc.delete_vswitch, drop_vswitch)
    refused("DependencyViolation.VSwitch", 400, cloud.vpc.delete_vpc, drop_vpc)

    cloud.delete_instance(instance_id)
    cloud.vpc.delete_vswitch(drop_vswitch)
    refused("DependencyViolation.SecurityGroup", 400, cloud.vpc.delete_vpc, drop_vpc)

    cloud.delete_group(site.group)
    cloud.vpc.delete_vpc(drop_vpc)
    refused("InvalidVpcId.NotFound", 404, cloud.vpc.delete_vpc, drop_vpc)
    assert cloud.fabric.named("delete_vswitch") == [(site.vswitch,)]
    assert cloud.fabric.named("delete_vpc") == [(site.vpc,)]


def test_a_network_that_could_not_be_removed_stays(
    cloud: Cloud, site: Site, refused: Callable[..., Any]
) -> None:
    cloud.fabric.fails.add("delete_vswitch")
    request = models.DeleteVSwitchRequest(region_id=REGION, v_switch_id=site.vswitch)
    refused("InternalError", 400, cloud.vpc.delete_vswitch, request)
    assert show_vswitch(cloud, site.vswitch).status == "Available"


def test_a_dry_run_makes_nothing(cloud: Cloud, refused: Callable[..., Any]) -> None:
    request = models.CreateVpcRequest(region_id=REGION, dry_run=True)
    refused("DryRunOperation", 400, cloud.vpc.create_vpc, request)
    assert cloud.fabric.calls == []


def test_tags_are_added_listed_filtered_and_removed(cloud: Cloud, refused: Callable[..., Any]) -> None:
    tagged, other = cloud.make_vpc("10.0.0.0/16"), cloud.make_vpc("10.1.0.0/16")
    where = {"region_id": REGION, "resource_type": "VPC"}
    tags = [
        models.TagResourcesRequestTag(key="env", value="dev"),
        models.TagResourcesRequestTag(key="team", value=""),
    ]
    cloud.vpc.tag_resources(models.TagResourcesRequest(**where, resource_id=[tagged], tag=tags))

    def having(key: str, value: str | None) -> list[str]:
        tag = models.DescribeVpcsRequestTag(key=key, value=value)
        body = cloud.vpc.describe_vpcs(models.DescribeVpcsRequest(region_id=REGION, tag=[tag])).body
        return [vpc.vpc_id for vpc in body.vpcs.vpc]

    assert having("env", "dev") == [tagged]
    assert having("env", "prod") == []
    assert having("team", None) == [tagged]
    listing = models.ListTagResourcesRequest(**where, resource_id=[tagged, other])
    rows = cloud.vpc.list_tag_resources(listing).body.tag_resources.tag_resource
    assert [(row.resource_id, row.tag_key, row.tag_value) for row in rows] == [
        (tagged, "env", "dev"),
        (tagged, "team", ""),
    ]
    gone = models.UnTagResourcesRequest(**where, resource_id=[tagged], tag_key=["env"])
    cloud.vpc.un_tag_resources(gone)
    assert [(tag.key, tag.value) for tag in show_vpc(cloud, tagged).tags.tag] == [("team", "")]
    wrong = models.TagResourcesRequest(**where, resource_id=["vpc-none"], tag=tags)
    refused("InvalidResourceId.NotFound", 404, cloud.vpc.tag_resources, wrong)


@pytest.mark.parametrize("key", ["", "acs:mine", "aliyun", "http://x", "k" * 129])
def test_tag_keys_are_checked(cloud: Cloud, refused: Callable[..., Any], key: str) -> None:
    tag = models.CreateVpcRequestTag(key=key, value="v")
    refused("InvalidTagKey.Malformed", 400, lambda: cloud.make_vpc(tag=[tag]))


def test_a_resource_has_twenty_tags_at_most(cloud: Cloud, refused: Callable[..., Any]) -> None:
    tags = [models.CreateVpcRequestTag(key=f"k{n}", value="v") for n in range(21)]
    vpc_id = cloud.make_vpc(tag=tags[:20])
    more = models.TagResourcesRequest(
        region_id=REGION,
        resource_type="VPC",
        resource_id=[vpc_id],
        tag=[models.TagResourcesRequestTag(key="k20", value="v")],
    )
    refused("NumberExceed.Tags", 400, cloud.vpc.tag_resources, more)
    refused("NumberExceed.Tags", 400, lambda: cloud.make_vpc(tag=tags))
