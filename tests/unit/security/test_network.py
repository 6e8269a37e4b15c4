"""The proxy's own network."""

from __future__ import annotations

from ipaddress import IPv4Network

from tests.unit.recorder import Deployment
from tests.unit.security.catalogue import enforces


@enforces(
    "InfraGuard vpc-cidr-required", "InfraGuard vswitch-cidr-required", "InfraGuard vswitch-zone-required"
)
def test_the_network_is_private_small_and_said(made: Deployment) -> None:
    vpc, vswitch = (IPv4Network(made[name].inputs["cidrBlock"]) for name in ("proxy-vpc", "proxy-vswitch"))
    assert vpc.is_private
    assert vswitch.subnet_of(vpc)
    assert made["proxy-vswitch"].inputs["zoneId"]


@enforces()
def test_no_other_way_leads_in_or_out(made: Deployment) -> None:
    types = {one.type for one in made.registrations if one.type.startswith("alicloud:")}
    assert types == {
        "alicloud:vpc/network:Network",
        "alicloud:vpc/switch:Switch",
        "alicloud:ecs/securityGroup:SecurityGroup",
        "alicloud:ecs/securityGroupRule:SecurityGroupRule",
        "alicloud:ecs/eipAddress:EipAddress",
        "alicloud:ecs/eipAssociation:EipAssociation",
        "alicloud:ecs/instance:Instance",
    }
