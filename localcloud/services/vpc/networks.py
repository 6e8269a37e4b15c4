"""VPCs and their route tables."""

from __future__ import annotations

from ipaddress import IPv4Network

from localcloud.fabric.protocol import FabricError, VpcSpec
from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import not_modelled
from localcloud.services.context import Call, Handler
from localcloud.services.ids import DEFAULT_RESOURCE_GROUP_ID, new_id
from localcloud.services.names import read_description, read_name
from localcloud.services.paging import page
from localcloud.services.tags import matches, read_tags
from localcloud.services.vpc import errors
from localcloud.services.vpc.models import RouteTable, Vpc
from localcloud.services.vpc.views import route_table_view, vpc_view

# Source: https://help.aliyun.com/en/vpc/developer-reference/api-vpc-2016-04-28-createvpc (2026-11-23).
DEFAULT_CIDR = "172.16.0.0/12"
_PRIVATE_NETWORKS = tuple(map(IPv4Network, ("192.168.0.0/16", "172.16.0.0/12", "10.0.0.0/8")))
_SHORTEST_PREFIX, _LONGEST_PREFIX = 8, 28
_LARGEST_PAGE = 50


async def create_vpc(call: Call) -> Answer:
    """Makes a VPC; it is Pending until its network is there."""
    params, env = call.params, call.env
    for unsupported in ("Ipv4IpamPoolId", "UserCidr", "Ipv6CidrBlock"):
        if params.text(unsupported):
            raise not_modelled(unsupported, "give the VPC a plain IPv4 CidrBlock")
    if params.flag("EnableIpv6"):
        raise not_modelled("EnableIpv6=true", "networks are IPv4 only")
    region_id = call.region_id
    vpc = Vpc(
        vpc_id=new_id("vpc", region_id),
        account_uid=call.key.account_uid,
        region_id=region_id,
        cidr=_read_cidr(params.text("CidrBlock", DEFAULT_CIDR)),
        router_id=new_id("vrt", region_id),
        route_table=RouteTable(route_table_id=new_id("vtb", region_id)),
        created=env.now(),
        name=read_name(params, "VpcName"),
        description=read_description(params),
        dns_hostname_status="ENABLED" if params.flag("EnableDnsHostname") else "DISABLED",
        tags=read_tags(params),
    )
    call.end_dry_run()
    env.state.vpcs[vpc.vpc_id] = vpc
    try:
        await env.fabric.create_vpc(VpcSpec(vpc_id=vpc.vpc_id, region_id=region_id, cidr=str(vpc.cidr)))
    except FabricError:
        del env.state.vpcs[vpc.vpc_id]
        raise

    def finish() -> None:
        vpc.status = "Available"

    env.background.later(env.delays.vpc_s, finish)
    return {
        "VpcId": vpc.vpc_id,
        "VRouterId": vpc.router_id,
        "RouteTableId": vpc.route_table.route_table_id,
        "ResourceGroupId": DEFAULT_RESOURCE_GROUP_ID,
    }


async def describe_vpcs(call: Call) -> Answer:
    """Lists VPCs by ids (separated by commas), name and tags."""
    params, state = call.params, call.env.state
    ids = set(filter(None, params.text("VpcId").split(",")))
    name = params.text("VpcName")
    found = [
        vpc
        for vpc in call.visible(state.vpcs.values())
        if (not ids or vpc.vpc_id in ids)
        and (not name or vpc.name == name)
        and not params.flag("IsDefault")
        and matches(vpc.tags, params)
    ]
    shown, fields = page(found, params, largest=_LARGEST_PAGE)
    return {**fields, "Vpcs": {"Vpc": [vpc_view(vpc, state) for vpc in shown]}}


async def describe_vpc_attribute(call: Call) -> Answer:
    """Shows one VPC."""
    vpc = find_vpc(call)
    return {
        **vpc_view(vpc, call.env.state),
        "ClassicLinkEnabled": False,
        "Ipv4GatewayId": "",
        "SupportIpv4Gateway": True,
        "AssociatedCens": {"AssociatedCen": []},
        "CloudResources": {"CloudResourceSetType": []},
    }


async def modify_vpc_attribute(call: Call) -> Answer:
    """Changes name, description and host name resolution."""
    vpc, params = find_vpc(call), call.params
    if params.given("CidrBlock") and params.text("CidrBlock") != str(vpc.cidr):
        raise not_modelled("CidrBlock", "a VPC keeps its range; replace the VPC")
    if params.given("VpcName"):
        vpc.name = read_name(params, "VpcName")
    if params.given("Description"):
        vpc.description = read_description(params)
    if params.given("EnableDnsHostname"):
        vpc.dns_hostname_status = "ENABLED" if params.flag("EnableDnsHostname") else "DISABLED"
    return {}


async def delete_vpc(call: Call) -> Answer:
    """Removes a VPC that nothing uses any more."""
    vpc, env = find_vpc(call), call.env
    state = env.state
    if vpc.status != "Available":
        raise errors.vpc_not_ready()
    if any(switch.vpc_id == vpc.vpc_id for switch in state.vswitches.values()):
        raise errors.still_used("VSwitch")
    if any(group.vpc_id == vpc.vpc_id for group in state.security_groups.values()):
        raise errors.still_used("SecurityGroup")
    call.end_dry_run()
    del state.vpcs[vpc.vpc_id]
    try:
        await env.fabric.delete_vpc(vpc.vpc_id)
    except FabricError:
        state.vpcs[vpc.vpc_id] = vpc
        raise
    return {}


async def describe_route_table_list(call: Call) -> Answer:
    """Lists route tables, by VPC, router or id; each VPC has its system table and no other."""
    params, state = call.params, call.env.state
    found = [
        vpc
        for vpc in call.visible(state.vpcs.values())
        if params.text("VpcId") in ("", vpc.vpc_id)
        and params.text("RouterId") in ("", vpc.router_id)
        and params.text("RouteTableId") in ("", vpc.route_table.route_table_id)
        and params.text("RouteTableName") in ("", vpc.route_table.name)
    ]
    shown, fields = page(found, params, largest=_LARGEST_PAGE)
    rows = [route_table_view(vpc, state) for vpc in shown]
    return {**fields, "RouterTableList": {"RouterTableListType": rows}}


async def modify_route_table_attributes(call: Call) -> Answer:
    """Changes a route table's name, description and propagation."""
    params = call.params
    wanted = params.require("RouteTableId")
    for vpc in call.visible(call.env.state.vpcs.values()):
        table = vpc.route_table
        if table.route_table_id == wanted:
            if params.given("RouteTableName"):
                table.name = read_name(params, "RouteTableName")
            if params.given("Description"):
                table.description = read_description(params)
            table.propagation = params.flag("RoutePropagationEnable", table.propagation)
            return {}
    raise errors.route_table_not_found()


def find_vpc(call: Call) -> Vpc:
    """Returns the VPC that the parameter VpcId names.

    Raises:
        ApiError: ``MissingParameter`` or ``InvalidVpcId.NotFound``.
    """
    vpc = call.find(call.env.state.vpcs, call.params.require("VpcId"))
    if vpc is None:
        raise errors.vpc_not_found()
    return vpc


def _read_cidr(text: str) -> IPv4Network:
    try:
        cidr = IPv4Network(text)
    except ValueError:
        raise errors.malformed_cidr() from None
    if not _SHORTEST_PREFIX <= cidr.prefixlen <= _LONGEST_PREFIX:
        raise errors.malformed_cidr()
    if not any(cidr.subnet_of(network) for network in _PRIVATE_NETWORKS):
        raise errors.malformed_cidr()
    return cidr


ACTIONS: dict[str, Handler] = {
    "CreateVpc": create_vpc,
    "DescribeVpcs": describe_vpcs,
    "DescribeVpcAttribute": describe_vpc_attribute,
    "ModifyVpcAttribute": modify_vpc_attribute,
    "DeleteVpc": delete_vpc,
    "DescribeRouteTableList": describe_route_table_list,
    "ModifyRouteTableAttributes": modify_route_table_attributes,
}
